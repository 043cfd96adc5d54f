#!/bin/sh
# `npm start`: sets up what is missing, then becomes the server, so that signals reach it and nothing else.
cd "$(dirname "$0")/.."
purpose=start
. scripts/prepare.sh
# The server ends with npm, also if npm is killed. Without npm, it may outlive the shell that started it.
if [ "${npm_lifecycle_event:-}" = start ] && [ -x "$(command -v setpriv)" ]; then
  exec setpriv --pdeathsig TERM "$NODE" bin/deskwire.mjs serve "$@"
fi
exec "$NODE" bin/deskwire.mjs serve "$@"
