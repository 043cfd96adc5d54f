#!/bin/sh
# `npm test`: sets up what is missing, then runs all tests, or those given: `npm test -- test/api/*.test.ts`.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh

# A test that takes longer than this hangs: it fails, and the run goes on. What then is left open fails its file, by
# test-watchdog.ts.
test_timeout_ms=180000
# Test files at once. End-to-end files each start a desktop and some a browser; more of them than cores would measure
# each other.
files_at_once=2

if [ $# -eq 0 ]; then
  set -- 'src/**/*.test.ts' 'scripts/**/*.test.ts' 'test/**/*.test.ts' 'bench/**/*.test.ts'
fi
exec "$NODE" --import ./scripts/test-watchdog.ts --test --test-concurrency=$files_at_once \
  --test-timeout=$test_timeout_ms "$@"
