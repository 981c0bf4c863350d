#!/bin/sh
# echo_server and echo_client over wss, tried by test/echo_peer.py, which speaks
# ws: haproxy stands between, as TLS client and as TLS server. Every size, many
# fragments, and floods that TLS must hold back as TCP does.
. test/peer/common.sh
command -v haproxy >/dev/null || fail "haproxy is installed"

# start_haproxy BACKEND: sets $ws and $wss, ports that lead there.
start_haproxy() {
  ws=$(free_port) wss=$(free_port) started=$(free_port)
  sed -e "s/@WS_PORT@/$ws/" -e "s/@WSS_PORT@/$wss/" -e "s/@BACKEND@/$1/" \
    -e "s/@STARTED_PORT@/$started/" -e "s|@CERTS@|$certs|" \
    test/peer/haproxy_echo.cfg >"$dir/haproxy.cfg"
  start haproxy.log haproxy -db -f "$dir/haproxy.cfg"
  wait_for "haproxy starts" "$dir/haproxy.log" answers "$started"
}

# Run by echo_peer.py with its URL: echo_client, which gets to it by wss.
if [ $# = 1 ]; then
  start_haproxy "$(echo "$1" | sed 's|.*:\([0-9]*\)/.*|\1|')"
  "$BUILD/examples/echo_client" $options --ca "$certs/ca.crt" \
    "wss://localhost:$wss/any?path"
  exit
fi

. test/peer/certs.sh
make_ca ca
make_cert ca server "$loopback"
cat "$certs/server.crt" "$certs/server.key" >"$certs/server.pem"

# try MODE [OPTIONS]: the server, then the client.
try() {
  mode=$1 options=$2
  start echo.log "$BUILD/examples/echo_server" --cert "$certs/server.crt" \
    --key "$certs/server.key" $options
  echo=$helper
  wait_for "echo_server starts" "$dir/echo.log" has echo.log '^listening on'
  start_haproxy "$(sed -n 's|^listening.*:\([0-9]*\)/$|\1|p' "$dir/echo.log")"
  haproxy=$helper
  tell python3 test/echo_peer.py client "$mode" "ws://127.0.0.1:$ws/"
  stop "$haproxy"
  check "echo_server $mode: ends well" stop "$echo"

  export certs options
  tell python3 test/echo_peer.py server "$mode" sh test/peer_echo.sh
}
try sip ""
try raw --raw
