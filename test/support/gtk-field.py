"""Shows a text area of GTK and writes its text to a file after each change: gtk-field.py VERSION FILE."""

import os
import sys

import gi

version, file = sys.argv[1:]
gi.require_version("Gtk", version)
from gi.repository import GLib, Gtk  # noqa: E402


def write(text):
    with open(file + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(file + ".new", file)


view = Gtk.TextView()
buffer = view.get_buffer()
pending = [False]


def flush():
    pending[0] = False
    write(buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), True))
    return False


def changed(_):
    if not pending[0]:
        pending[0] = True
        GLib.timeout_add(20, flush)


buffer.connect("changed", changed)
if version == "4.0":
    loop = GLib.MainLoop()
    window = Gtk.Window(title="typing")
    window.set_child(view)
else:
    window = Gtk.Window(title="typing")
    window.add(view)
window.set_default_size(600, 400)
window.present() if version == "4.0" else window.show_all()
GLib.idle_add(lambda: write("") or False)
loop.run() if version == "4.0" else Gtk.main()
