#!/bin/sh
# `npm run soak`: sets up what is missing, then loads a server for half an hour. Arguments go to soak.ts.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh
exec "$NODE" scripts/soak.ts "$@"
