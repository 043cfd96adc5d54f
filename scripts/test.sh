#!/bin/sh
# `npm test`: installs what is missing, then runs all tests. Arguments are options of `node --test` and the files to run
# instead of all: `npm test -- test/api/*.test.ts`. `--once` runs nothing again.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh

# Compiled modules, for all processes and threads of all tests: most of them load the same modules.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/tmp/compile-cache}"
exec "$NODE" scripts/run-tests.ts "$@"
