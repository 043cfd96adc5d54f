#!/bin/sh
# `npm run check`: checks types, lint, floating promises, unused code, walls, sizes and unit tests.
cd "$(dirname "$0")/.."
purpose=check
. scripts/prepare.sh
exec "$NODE" scripts/check.ts "$@"
