#!/bin/sh
# Wireshark's dissector looks at what proxy, ua and a scripted client say on
# the loopback interface: it must know each message for SIP and find none
# malformed. Capturing needs root or the right to run dumpcap.
. test/peer/common.sh

for tool in dumpcap tshark python3; do
  command -v "$tool" >/dev/null || fail "$tool is installed"
done

start_proxy
port=${address##*:}
dumpcap -q -i lo -f "tcp port $port" -w "$dir/trace.pcapng" \
  >"$dir/dumpcap.log" 2>&1 &
capture=$!
helpers="$helpers $capture"

# captured WORD: a request with it is in the file, and so is all before it.
captured() {
  python3 test/peer/ask.py "$port" "X-Capture: $1" >"$dir/ask.log"
  grep -qa "^X-Capture: $1" "$dir/trace.pcapng"
}
wait_for "the capture starts" "$dir/dumpcap.log" captured begins

# run_ua LOG USER COMMAND…
run_ua() {
  log=$dir/$1.log
  user=$2
  shift 2
  timeout 60 "$BUILD/examples/ua" --server "ws://$address/" --brief \
    --timeout 20 --aor "sip:$user@example.org" "$@" >"$log" 2>&1
}
run_ua bob bob --listen-count 1 --for 100 listen &
bob=$!
helpers="$helpers $bob"
wait_for "ua registers" "$dir/bob.log" grep -q '^registered' "$dir/bob.log"
check "ua asks for options" run_ua options alice options sip:example.org
check "ua sends a message" run_ua alice alice message sip:bob@example.org 'grüße'
wait "$bob"
check "ua receives it" [ $? = 0 ]

# What ua does not say: a keep-alive, a binary message, two in one segment.
check "a scripted client is answered" env PYTHONDONTWRITEBYTECODE=1 \
  PYTHONPATH=test/peer timeout 60 python3 - "$port" <<'SCRIPT'
import sys
from phone import Phone, Proxy
phone = Phone(Proxy.at(int(sys.argv[1])))
phone.send("\r\n\r\n")
assert phone.receive() == "\r\n"
phone.send(phone.request("OPTIONS").encode())
assert phone.receive().status == 200
SCRIPT
scripted=2 # SIP messages, beside those in the traces of ua

wait_for "the kernel hands over the last packets" "$dir/dumpcap.log" \
  captured ends
kill -INT "$capture"
wait "$capture"
helpers=
stop_proxy

# One line a packet: number, protocols, opcodes, lengths, CSeq methods.
tshark -r "$dir/trace.pcapng" -d "tcp.port==$port,http" -Y websocket -T fields \
  -E occurrence=a -E aggregator=, -e frame.number -e frame.protocols \
  -e websocket.opcode -e websocket.payload_length -e sip.CSeq.method \
  >"$dir/packets" 2>"$dir/tshark.log" ||
  fail "tshark reads the trace" "$dir/tshark.log"
awk -F '\t' '
  {
    protocols = split($2, protocol, ":")
    frames = split($3, opcode, ",")
    split($4, size, ",")
    sip = data = 0
    for (i = 1; i <= protocols; i++) { sip += protocol[i] == "sip" }
    for (i = 1; i <= frames; i++) {
      if (opcode[i] == 1 || opcode[i] == 2) {
        # A keep-alive is CRLF CRLF, or CRLF.
        if (size[i] == 4 || size[i] == 2) { keepalives++ } else { data++ }
      } else if (opcode[i] == 0) { fragments++ }
    }
    if (sip != data || sip != split($5, method, ",")) {
      print "packet " $1 ": " data " messages, " sip " dissected as SIP"
      strange++
    }
    messages += data
  }
  END { print messages + 0, keepalives + 0, fragments + 0, strange + 0 }
' "$dir/packets" >"$dir/counts"
read -r messages keepalives fragments strange <<COUNTS
$(tail -n 1 "$dir/counts")
COUNTS
said=$(cat "$dir"/alice.log "$dir"/bob.log "$dir"/options.log |
  grep -cE '^[0-9:.]+ (-->|<--) .*SIP/2\.0')

check "each message is dissected as SIP ($messages)" [ "$strange" = 0 ]
[ "$strange" = 0 ] || sed '$d' "$dir/counts"
check "the traces of ua are not empty" [ "$said" -gt 0 ]
check "as many were captured as said ($said and $scripted)" \
  [ "$messages" = "$((said + scripted))" ]
check "keep-alives are frames of their own" [ "$keepalives" = 2 ]
check "nothing is fragmented" [ "$fragments" = 0 ]
malformed=$(tshark -r "$dir/trace.pcapng" -d "tcp.port==$port,http" \
  -Y '_ws.malformed || _ws.short' 2>/dev/null)
check "no packet is malformed" [ -z "$malformed" ]
[ -z "$malformed" ] || echo "$malformed"
