#!/bin/sh
# Proves what the README promises a newcomer, on a machine that never saw the project: a minimal Debian 12 (bookworm),
# or 13 (trixie) if it is named, in a new folder, with git, Node.js and npm and nothing else, into which the last commit
# is cloned. In it,
#
#   1. `npm start` by a user who cannot install packages says which are missing and how to get them, and exits 1;
#   2. `npm start` by root installs everything, serves the page, and ends on SIGTERM with nothing left behind; it prints
#      how long that took, and how much it has installed;
#   3. `npm start` with everything in place is ready in under 5 s;
#   4. with `--test`, `npm test` passes.
#
#   sudo sh scripts/try-fresh.sh FOLDER [bookworm|trixie] [--test]
#
# Needs root and Debian's debootstrap. The mirror, name servers, certificate authorities and npm's settings are those
# of this machine; so are its Node.js and npm, which must be 20 or newer. Mounts and processes live in name spaces of
# their own and go when the script ends. FOLDER must not exist, and is removed unless something failed.

set -eu
if [ $# -lt 1 ] || [ "$(id -u)" -ne 0 ]; then
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")/.." && pwd)
fresh=$1
shift
release=bookworm
with_tests=
for word in "$@"; do
  case $word in
    --test) with_tests=--test ;;
    *) release=$word ;;
  esac
done

say() { echo "try-fresh: $*" >&2; }

mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
  awk '$3 == "main" && $2 !~ /-/ { print $1; exit }')
say "Debian $release from ${mirror:=http://deb.debian.org/debian/} into $fresh"
mkdir "$fresh"
fresh=$(cd "$fresh" && pwd)
debootstrap --variant=minbase --include=git "$release" "$fresh" "$mirror" >"$fresh.log" 2>&1 || {
  tail -20 "$fresh.log" >&2
  exit 1
}
rm "$fresh.log"

# Copies a file or folder of this machine, if it exists, to the same place there.
bring() {
  for path in "$@"; do
    [ -e "$path" ] || continue
    mkdir -p "$fresh$(dirname "$path")"
    cp -a "$path" "$fresh$(dirname "$path")/"
  done
}
bring /etc/ssl/certs/ca-certificates.crt ${NODE_EXTRA_CA_CERTS:-}
# The package ca-certificates, which setup may install, makes that file anew, with the authorities of this folder too.
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$fresh/usr/local/share/ca-certificates/as-here.crt"
cp -L /etc/resolv.conf /etc/hosts "$fresh/etc/"
apt-config dump | grep -i '^Acquire::.*\(proxy\|Check-\)' >"$fresh/etc/apt/apt.conf.d/99-as-here" || :
install -D "$(node -p process.execPath)" "$fresh/usr/bin/node"
npm_folder=$(npm root -g)/npm
bring "$npm_folder" "$(npm config get globalconfig)" "$(npm config get userconfig)"
ln -sf "$npm_folder/bin/npm-cli.js" "$fresh/usr/bin/npm"
git clone -q --no-hardlinks "$here" "$fresh/srv/deskwire"
cp "$here/scripts/try-fresh-inside.sh" "$fresh/root/"

# The first process of the new process name space: when it ends, the kernel ends all others in there.
result=0
unshare --mount --pid --fork --kill-child sh -eu -c '
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
  exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    sh /root/try-fresh-inside.sh "$2"
' sh "$fresh" "$with_tests" || result=$?
if [ $result -ne 0 ]; then
  say "failed; look into $fresh"
  exit $result
fi
rm -rf --one-file-system "$fresh"
say "all held"
