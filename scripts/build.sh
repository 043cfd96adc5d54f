#!/bin/sh
# `npm run build`, and before `npm pack`: what the npm package carries, in dist/.
cd "$(dirname "$0")/.."
purpose=build
. scripts/prepare.sh
exec "$NODE" scripts/build.ts "$@"
