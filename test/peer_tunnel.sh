#!/bin/sh
# ua through tinyproxy, which leads to examples/proxy by CONNECT: ws and wss
# inside, credentials, and refusals with their status.
. test/peer/common.sh
. test/peer/certs.sh

command -v tinyproxy >/dev/null || fail "tinyproxy is installed"
make_ca ca
make_ca other
make_cert ca server "$loopback"

ws_port=$(free_port)
start_proxy --cert "$certs/server.crt" --key "$certs/server.key" \
  --plain "127.0.0.1:$ws_port" --verbose
wss=wss://localhost:${address##*:}/
ws=ws://127.0.0.1:$ws_port/
nobody=$(free_port)
tunnel=$(free_port)
sed -e "s/@PORT@/$tunnel/" -e "s/@WS_PORT@/$ws_port/" \
  -e "s/@WSS_PORT@/${address##*:}/" -e "s/@NOBODY_PORT@/$nobody/" \
  test/peer/tinyproxy.conf >"$dir/tinyproxy.conf"
start tinyproxy.log tinyproxy -d -c "$dir/tinyproxy.conf"
tinyproxy=$helper
wait_for "tinyproxy starts" "$dir/tinyproxy.log" answers "$tunnel"

through="--proxy alice:wonderland@127.0.0.1:$tunnel"
alice="--aor sip:alice@example.com"
bob="--aor sip:bob@example.com"
trust=$certs/ca.crt

# scenario SCHEME URL
scenario() {
  url=$2
  listen bob $bob $through --for 100 --listen-count 1
  check "$1: a MESSAGE goes through the tunnel" \
    ua message 0 $alice $through message sip:bob@example.com 'grüße'
  check "$1: bob receives it through another" listened 0
  check "$1: its text is whole" has bob '^  grüße$'
  check "$1: the connections are closed in order" has bob '<-- Close 1000'

  check "$1: a wrong password is refused" ua wrong 3 $alice \
    --proxy "alice:wonderful@127.0.0.1:$tunnel" register
  # tinyproxy's answer is 401 then.
  check "$1: with 401 or 407" has wrong 'proxy.* status 40[17]$'
  check "$1: so is none" ua none 3 $alice --proxy "127.0.0.1:$tunnel" register
  check "$1: with 407" has none 'proxy.* status 407$'
}
scenario ws "$ws"
scenario wss "$wss"
for port in "$ws_port" "${address##*:}"; do
  check "tinyproxy was asked for port $port" \
    has tinyproxy.log "CONNECT .*:$port HTTP/1.1"
done

trust=$certs/other.crt
check "the certificate is checked inside the tunnel" \
  ua stranger 3 $alice $through register
check "and the reason told" has stranger 'TLS failed.*CA'
url=ws://127.0.0.1:$tunnel/
check "a port that it forbids is refused" ua forbidden 3 $alice $through register
check "with 403" has forbidden 'status 403$'
url=ws://127.0.0.1:$nobody/
check "a port where nobody listens is refused" \
  ua nobody 3 $alice $through register
check "with 500" has nobody 'status 500$'
stop_proxy
