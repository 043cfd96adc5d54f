#!/bin/sh
# `npm run bench`: sets up what is missing, then measures; its arguments go to bench/main.ts.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh
exec "$NODE" bench/main.ts "$@"
