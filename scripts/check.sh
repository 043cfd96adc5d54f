#!/bin/sh
# `npm run check`: types, lint, walls and unit tests, for before every commit.
cd "$(dirname "$0")/.."
purpose=check
. scripts/prepare.sh
exec "$NODE" scripts/check.ts "$@"
