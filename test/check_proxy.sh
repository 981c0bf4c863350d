#!/bin/sh
# The registrar and relay of examples/proxy, by scripted clients on WebSocket
# and UDP, and its log.
BUILD=${BUILD:-build}
status=0
for part in proxy proxy_udp proxy_edge proxy_clf; do
  PYTHONDONTWRITEBYTECODE=1 timeout -k 5 300 \
    python3 "test/peer/$part.py" "$BUILD/examples/proxy" || status=1
done
exit $status
