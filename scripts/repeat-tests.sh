#!/bin/sh
# `npm run test:repeat`: installs missing tools, then runs the tests several times. Arguments go to repeat-tests.ts.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh
exec "$NODE" scripts/repeat-tests.ts "$@"
