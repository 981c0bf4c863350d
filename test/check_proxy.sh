#!/bin/sh
# The registrar and relay of examples/proxy, by scripted clients on WebSocket
# and UDP, and its log.
BUILD=${BUILD:-build}
. test/check.sh
export PYTHONDONTWRITEBYTECODE=1
for part in proxy proxy_udp proxy_edge proxy_clf; do
  tell python3 "test/peer/$part.py" "$BUILD/examples/proxy"
done
