#!/bin/sh
# `npm test`: installs what is missing, then runs all tests. Arguments are options of `node --test` and the files to run
# instead of all: `npm test -- test/api/*.test.ts`.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh

# Time in ms after which the runner fails a test and goes on. A larger value delays the report of a test that hangs; a
# smaller one fails tests on a loaded machine. test-watchdog.ts ends files that stay open after their tests.
test_timeout_ms=180000
# Test files that run at the same time. End-to-end tests start a desktop and a browser, so that more files than cores
# would disturb each other's measurements. Fewer take longer.
files_at_once=2

has_files=
for argument in "$@"; do
  case $argument in
    -*) ;;
    *) has_files=1 ;;
  esac
done
if [ -z "$has_files" ]; then
  set -- "$@" 'src/**/*.test.ts' 'scripts/**/*.test.ts' 'test/**/*.test.ts' 'bench/**/*.test.ts'
fi
# Compiled modules, for all processes and threads of all tests: most of them load the same modules.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/tmp/compile-cache}"
exec "$NODE" --import ./scripts/test-watchdog.ts --test --test-concurrency=$files_at_once \
  --test-timeout=$test_timeout_ms "$@"
