#!/bin/sh
# `npm run fuzz`: sets up what is missing, then searches for inputs that break the product. Arguments go to fuzz.ts.
cd "$(dirname "$0")/.."
purpose=check
. scripts/prepare.sh
exec "$NODE" scripts/fuzz.ts "$@"
