#!/bin/sh
# A page in headless Chromium, with JsSIP, and SIPp on UDP call each other
# through our proxy. Nobody is asked for passwords: SIPp knows MD5 alone, and
# looks at the first challenge only, which is for SHA-256.
. test/peer/common.sh
. test/peer/chromium.sh
command -v sipp >/dev/null || fail "sipp is installed"

start_proxy --web "$BUILD/web" --udp 127.0.0.1:0 --clf "$dir/clf" --verbose
udp=$(sed -n 's/^listening on udp .*:\([0-9]*\) too$/\1/p' "$dir/proxy.log")
drive sipp 400 browser_udp.mjs "http://$address/" "$dir" "$(free_port)" "$udp"
stop_proxy

# What they did, as the proxy logged it.
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=test/peer python3 - "$dir/clf" \
  >"$dir/records" <<'SCRIPT'
import sys
from clf import read_records
for record in read_records(sys.argv[1]):
    print(record.flags, record.cseq.split()[1], record.status)
SCRIPT
check "the log can be read" [ $? = 0 ]

# passed FROM TO METHOD: as many came as left, and not none.
passed() {
  came=$(grep -c "^RSR$1U $3 " "$dir/records")
  [ "$came" -gt 0 ] && [ "$came" = "$(grep -c "^RSS$2U $3 " "$dir/records")" ]
}
for method in INVITE ACK BYE; do
  check "$method passed from WebSocket to UDP" passed W U $method
  check "$method passed from UDP to WebSocket" passed U W $method
done
