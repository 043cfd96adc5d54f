#!/bin/sh
# `npm run soak`: sets up what is missing, then loads a server for half an hour, or with `page` uses the page for an hour.
# Further arguments go to soak.ts or soak-page.ts.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh
script=soak.ts
if [ "${1-}" = page ]; then
  script=soak-page.ts
  shift
fi
exec "$NODE" "scripts/$script" "$@"
