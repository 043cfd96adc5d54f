# What try-fresh.sh runs in the fresh Debian; see there.

set -eu
cd /srv/deskwire

say() { echo "try-fresh: $*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
used_mb() { du -smx --exclude=/proc --exclude=/dev --exclude=/var/cache/apt / 2>/dev/null | cut -f1; }
now_ms() { date +%s%3N; }

# Starts the server in the background and waits for its ready line, at most $1 seconds; sets $npm and $address.
start() {
  started=$(now_ms)
  # Before the loop below looks for the line of this start.
  : >/root/out
  npm start -- --port 0 --data /root/data >/root/out &
  npm=$!
  until grep -q '^Deskwire ready: ' /root/out; do
    kill -0 $npm 2>/dev/null || fail "npm start ended before it was ready"
    [ $(($(now_ms) - started)) -lt $(($1 * 1000)) ] || fail "not ready after $1 s"
    sleep 0.1
  done
  address=$(sed -n 's/^Deskwire ready: \([^ ]*\) .*/\1/p' /root/out)
  say "ready after $(($(now_ms) - started)) ms: $(tail -1 /root/out)"
}

# The page is there without a password or asks for one; either way it is the server that answers.
look() {
  NODE_TLS_REJECT_UNAUTHORIZED=0 NODE_NO_WARNINGS=1 node -e '
    fetch(process.argv[1]).then(async (answer) => {
      const head = (await answer.text()).slice(0, 60).replaceAll("\n", " ");
      console.error(`try-fresh: ${process.argv[1]} answers ${answer.status}: ${head}`);
      process.exitCode = [200, 401].includes(answer.status) ? 0 : 1;
    })' "$address" || fail "no answer"
}

# Signals npm, as a service manager does, and expects a clean end within 2 s.
stop() {
  stopped=$(now_ms)
  kill -TERM $npm
  code=0
  wait $npm || code=$?
  say "ended with $code after $(($(now_ms) - stopped)) ms"
  [ $code -eq 0 ] || fail "exit code $code"
  [ $(($(now_ms) - stopped)) -lt 2000 ] || fail "took more than 2 s to end"
  # Only this test runs in this name space, so any other process was left behind.
  left=$(for status in /proc/[0-9]*/status; do sed -n 's/^Name:[[:space:]]*//p' "$status" 2>/dev/null; done |
    grep -v -x -e sh -e sed -e grep || :)
  [ -z "$left" ] || fail "left behind: $left"
}

say "node $(node --version), npm $(npm --version 2>/dev/null), $(dpkg-query -W | wc -l) Debian packages"

say "1. a user who cannot install packages"
code=0
setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp npm start >/root/out 2>/root/err || code=$?
[ $code -eq 1 ] || fail "exit code $code"
grep -q 'apt-get install .*xvfb' /root/err || fail "does not say what to install: $(cat /root/err)"
grep '^deskwire\|apt-get' /root/err >&2

say "2. root, from nothing"
used_before=$(used_mb)
start 1200
say "installed $(($(used_mb) - used_before)) MB"
grep -q '^Owner: .*Password: ' /root/out || fail "no owner was shown"
look
stop

say "3. root, everything in place"
start 5
look
stop

if [ "$1" = --test ]; then
  say "4. npm test"
  npm test || fail "npm test"
fi
