#!/bin/sh
# `npm test`: sets up what is missing, then runs all tests, or those given: `npm test -- test/api/*.test.ts`.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh

# A test file that takes longer than this hangs: it is ended and reported, and the run goes on.
file_timeout_ms=240000
# Test files at once. End-to-end files each start a desktop and some a browser; more of them than cores would measure
# each other.
files_at_once=2

if [ $# -eq 0 ]; then
  set -- 'src/**/*.test.ts' 'scripts/**/*.test.ts' 'test/**/*.test.ts' 'bench/**/*.test.ts'
fi
exec "$NODE" --test --test-concurrency=$files_at_once --test-timeout=$file_timeout_ms "$@"
