#!/bin/sh
# `npm run soak`: sets up what is missing, then loads a server for half an hour, or with `page` uses the page for an hour,
# or with `fleet` kills and stops nodes of a fleet. Further arguments go to soak.ts, soak-page.ts or soak-fleet.ts.
cd "$(dirname "$0")/.."
purpose=test
. scripts/prepare.sh
script=soak.ts
if [ "${1-}" = page ]; then
  script=soak-page.ts
  shift
elif [ "${1-}" = fleet ]; then
  script=soak-fleet.ts
  shift
fi
exec "$NODE" "scripts/$script" "$@"
