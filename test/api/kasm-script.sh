#!/bin/bash
# A script for KasmVNC's developer API, as its users write them: with curl, and without checking the certificate.
set -eu
base=$1 login=$2

api() { curl -sk -u "$login" "$base/api/$1" "${@:2}"; }

api 'create_user?name=fred&password=123&write=true'; echo
api 'update_user?name=fred&write=false'; echo
api create_user -H 'Content-Type: application/json' -d '[{"user":"student1","password":"password123","write":true}]'; echo
api get_users | grep -o '"user":"[a-z0-9]*"' | sort | tr '\n' ' '; echo
api 'get_screenshot?width=100' -o "$3"
api get_bottleneck_stats | grep -c '::websocket":\[[0-9.]*,[0-9.]*,[0-9.]*,[0-9.]*\]'
code=$(api 'create_user?name=fred&password=1' -o /dev/null -w '%{http_code}'); echo "twice $code"
api send_full_frame; echo
api 'remove_user?name=fred'; echo
api remove_user -d '[{"user":"student1"}]'; echo
