# Connects by Perl's Net::VNC: types a line, clicks, captures the screen, and prints the colours of its pixels.
# Run: perl net-vnc.pl PORT PASSWORD DEPTH 'TEXT' X,Y ...
use strict;
use warnings;
use Net::VNC;

my ($port, $password, $depth, $text, @points) = @ARGV;
my $vnc = Net::VNC->new({ hostname => '127.0.0.1', port => $port, password => $password });
$vnc->depth($depth);
$vnc->login;
$vnc->mouse_move_to(500, 30);
$vnc->mouse_click;
for my $key (split //, $text) {
    $key eq "\n" ? $vnc->send_key_event(0xff0d) : $vnc->send_key_event(ord $key);
}
my $image = $vnc->capture;
print join(',', $image->get_width, $image->get_height), "\n";
for my $point (@points) {
    my ($red, $green, $blue) = $image->query_pixel(split /,/, $point);
    print "$red,$green,$blue\n";
}
