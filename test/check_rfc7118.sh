#!/bin/sh
# The flows of RFC 7118 section 8, through examples/proxy over wss and UDP.
. test/peer/common.sh
. test/peer/certs.sh
make_ca ca
make_cert ca proxy DNS:proxy.example.com
PYTHONDONTWRITEBYTECODE=1 timeout -k 5 300 python3 test/peer/rfc7118.py \
  "$BUILD/examples/proxy" "$certs/proxy.crt" "$certs/proxy.key" "$certs/ca.crt"
