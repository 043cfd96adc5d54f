#!/bin/sh
# `npm run check`: checks types, lint, floating promises, unused code, walls, sizes and unit tests.
cd "$(dirname "$0")/.."
purpose=check
. scripts/prepare.sh
# As in test.sh.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/tmp/compile-cache}"
exec "$NODE" scripts/check.ts "$@"
