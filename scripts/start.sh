#!/bin/sh
# `npm start`: sets up what is missing, then becomes the server, so that signals reach it and nothing else.
cd "$(dirname "$0")/.."
purpose=start
. scripts/prepare.sh
exec "$NODE" bin/deskwire.mjs serve "$@"
