#!/bin/sh
# The registrar and relay of examples/proxy, by scripted clients.
BUILD=${BUILD:-build}
PYTHONDONTWRITEBYTECODE=1 exec timeout -k 5 120 \
  python3 test/peer/proxy.py "$BUILD/examples/proxy"
