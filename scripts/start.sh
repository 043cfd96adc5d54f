#!/bin/sh
# `npm start`: sets up what is missing, then becomes the server, so that signals reach it and nothing else.
started_by=${_-}
cd "$(dirname "$0")/.."

# Whether SIGHUP shall not end the server, as under nohup. npm has restored what the signal does by default, and ends
# itself when the terminal closes. src/cli/hangup.ts says by what nohup is still known.
ignores_hangup() {
  grep -qs '^SigIgn:.*[13579bdf]$' /proc/self/status ||
    { [ "${started_by##*/}" = nohup ] && ! grep -qsz '^_=.*nohup$' "/proc/$(parent_of $PPID)/environ"; } ||
    { [ "$(readlink /proc/self/fd/0)" = /dev/null ] && grep -qs '^flags:.*1$' /proc/self/fdinfo/0; }
}
parent_of() { sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null; }

if [ "${npm_lifecycle_event:-}" = start ] && [ -z "${DESKWIRE_IGNORE_HANGUP:-}" ] && ignores_hangup &&
  [ -x "$(command -v setsid)" ]; then
  export DESKWIRE_IGNORE_HANGUP=1
  # In a session without that terminal, nothing that sets up is ended with it either.
  exec setsid sh scripts/start.sh "$@"
fi

purpose=start
. scripts/prepare.sh
# The server ends with npm, also if npm is killed, unless it outlives its terminal. Without npm, it may outlive the
# shell that started it.
if [ "${npm_lifecycle_event:-}" = start ] && [ -z "${DESKWIRE_IGNORE_HANGUP:-}" ] && [ -x "$(command -v setpriv)" ]; then
  exec setpriv --pdeathsig TERM "$NODE" bin/deskwire.mjs serve "$@"
fi
exec "$NODE" bin/deskwire.mjs serve "$@"
