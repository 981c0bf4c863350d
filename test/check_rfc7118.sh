#!/bin/sh
# The flows of RFC 7118 section 8, through examples/proxy over wss and UDP.
. test/peer/common.sh
. test/peer/certs.sh
make_ca ca
make_cert ca proxy DNS:proxy.example.com
export PYTHONDONTWRITEBYTECODE=1
tell python3 test/peer/rfc7118.py "$BUILD/examples/proxy" "$certs/proxy.crt" \
  "$certs/proxy.key" "$certs/ca.crt"
