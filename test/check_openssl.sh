#!/bin/sh
# OpenSSL's s_client against echo_server, its s_server against ua and
# echo_client: versions, suites, ALPN, resumption, how TLS ends.
. test/peer/common.sh
. test/peer/certs.sh

make_ca ca
make_cert ca server "$loopback" rsa:2048 # RSA, for suites with RSA alone
make_cert ca phone ""
trust=$certs/ca.crt
identity="--cert $certs/server.crt --key $certs/server.key"

# ------------------------------------------------- s_client to echo_server

start echo.log "$BUILD/examples/echo_server" --raw $identity
wait_for "echo_server starts" "$dir/echo.log" has echo.log '^listening on'
address=$(sed -n 's|^listening on wss://\(.*\)/$|\1|p' "$dir/echo.log")

# talk LOG [s_client's options…]: asks for a page, which is refused with 426.
talk() {
  log=$dir/$1
  shift
  printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' |
    timeout 60 openssl s_client -connect "$address" -CAfile "$trust" -ign_eof \
      "$@" >"$log" 2>&1
  grep -q '^HTTP/1.1 426 ' "$log"
}

# taken WHAT [OPTIONS…]; refused WHAT ALERT [OPTIONS…]
taken() {
  taking=$1
  shift
  check "$taking is taken" talk talk "$@"
}
refused() {
  refusing=$1 alert=$2
  shift 2
  talk talk "$@"
  check "$refusing is refused" has talk "SSL alert number $alert\$"
}

weak=DEFAULT:@SECLEVEL=0 # OpenSSL would not even ask
refused "TLS 1.0" 70 -tls1 -cipher "$weak"
refused "TLS 1.1" 70 -tls1_1 -cipher "$weak"
taken "TLS 1.2" -tls1_2
check "the certificate holds" has talk 'Verify return code: 0 '
check "the master secret is extended" has talk 'Extended master secret: yes'
check "TLS is not compressed" has talk '^Compression: NONE'

for suite in ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 \
  ECDHE-RSA-CHACHA20-POLY1305; do
  taken "$suite" -tls1_2 -cipher $suite
done
refused "CBC with SHA-1" 40 -tls1_2 -cipher ECDHE-RSA-AES128-SHA
refused "CBC with SHA-256" 40 -tls1_2 -cipher ECDHE-RSA-AES128-SHA256
refused "RSA key exchange" 40 -tls1_2 -cipher AES128-GCM-SHA256
refused "RSA key exchange with CBC" 40 -tls1_2 -cipher AES128-SHA
refused "a curve that nobody uses" 40 -tls1_2 -curves sect283k1

taken "ALPN http/1.1" -alpn http/1.1
check "and agreed" has talk '^ALPN protocol: http/1\.1$'
taken "ALPN with another first" -alpn h2,http/1.1
check "and http/1.1 agreed" has talk '^ALPN protocol: http/1\.1$'
refused "ALPN h2 alone" 120 -alpn h2
taken "no ALPN" -tls1_2
check "and none agreed" has talk '^No ALPN negotiated'

# resumed WHAT [OPTIONS…]: a second connection goes on with the first's session.
resumed() {
  resuming=$1
  shift
  talk first -tls1_2 -sess_out "$dir/session" "$@"
  check "$resuming: the first session is new" has first '^New, TLSv1\.2'
  check "$resuming: the second connection works" \
    talk second -tls1_2 -sess_in "$dir/session" "$@"
  check "$resuming: its session is the first's" has second '^Reused, TLSv1\.2'
}
resumed "by ticket"
check "by ticket: there is one" has first 'TLS session ticket:'
resumed "by id" -no_ticket
check "by id: there is no ticket" appears first 'TLS session ticket:' 0
check "five connections more on one session" talk again -tls1_2 -reconnect
check "all resume it" appears again '^Reused, TLSv1\.2' 5

check "the answer comes" talk end -tls1_2 -msg
check "then close_notify" has end '^<<< .*Alert.*warning close_notify'
check "and no end without it" appears end 'unexpected eof' 0
# s_client ends with its input.
: >"$dir/renegotiation"
(echo R && soon has renegotiation 'no renegotiation') |
  timeout 60 openssl s_client -connect "$address" -tls1_2 \
    >"$dir/renegotiation" 2>&1
check "renegotiation is asked for" has renegotiation '^RENEGOTIATING'
check "and refused" has renegotiation 'no renegotiation'
check "echo_server ends well" stop "$helper"

# ------------------------------------------ s_server to ua and echo_client

mkfifo "$dir/keyboard" # at its end s_server would close

# start_openssl [OPTIONS…]: sets $url and $server
start_openssl() {
  start server.log sh -c 'exec openssl s_server "$@" <>"$0"' "$dir/keyboard" \
    -accept 127.0.0.1:0 -cert "$certs/server.crt" -key "$certs/server.key" "$@"
  server=$helper
  wait_for "s_server starts" "$dir/server.log" has server.log '^ACCEPT .*:'
  url=wss://$(sed -n 's/^ACCEPT //p' "$dir/server.log")/
}
alice="--aor sip:alice@example.com --brief"

# failing WHAT REASON [OPTIONS…]: ua ends so at such a server.
failing() {
  failing=$1 reason=$2
  shift 2
  start_openssl "$@"
  check "$failing ends ua" ua failing 3 $alice register
  check "$failing: it says why" has failing "^ua: TLS failed: .*($reason)"
  stop "$server"
}
refusal='no cipher suite|alert 40$'
old="knows no TLS from version 1\.2|$refusal"
failing "a server of TLS 1.1" "$old" -tls1_1 -cipher "$weak"
failing "a server of TLS 1.0" "$old" -tls1 -cipher "$weak"
failing "a server of CBC alone" "$refusal" -tls1_2 \
  -cipher ECDHE-RSA-AES128-SHA256
failing "a server of RSA key exchange alone" "$refusal" -tls1_2 \
  -cipher AES128-GCM-SHA256
failing "a server of ALPN h2 alone" "another protocol than http/1\.1" -alpn h2
failing "a server that wants a certificate" "$refusal" -tls1_2 \
  -Verify 1 -verify_return_error -CAfile "$trust"

start_openssl -tls1_2 -www
check "a server that answers with a page is refused" ua page 3 $alice register
check "by its status" has page 'HTTP status 200'
stop "$server"

# cut_off PROGRAM STATUS ARGUMENTS…: it ends so when s_server dies.
cut_off() {
  program=$1 expected=$2
  shift 2
  start client.log "$BUILD/examples/$program" --ca "$trust" "$@"
  client=$helper
  wait_for "$program asks" "$dir/server.log" has server.log '^GET / HTTP/1\.1'
  stop "$server"
  ended "$client"
  check "$program ends with a server that dies" \
    verdict "$dir/client.log" "$expected" $?
  check "$program says that TLS was cut off" \
    has client.log "^$program: TLS was cut off"
}
start_openssl -tls1_2 -alpn http/1.1
cut_off ua 3 --server "$url" $alice register
start_openssl -tls1_2
cut_off echo_client 1 "$url"
