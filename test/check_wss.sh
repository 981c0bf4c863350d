#!/bin/sh
# wss among our own programs: certificates that hold and that do not, those of
# clients, an exchange that drops nobody, and what is not TLS, or not all of it.
. test/peer/common.sh
. test/peer/certs.sh

make_ca ca
make_ca other
make_cert ca server "$loopback"
make_cert ca renewed "$loopback"
make_cert ca rsa "$loopback" rsa:2048
make_cert ca wrong DNS:other.example
make_cert ca small "$loopback" rsa:1024
make_cert ca expired "$loopback" ec \
  -startdate 20200101000000Z -enddate 20210101000000Z
make_cert ca future "$loopback" ec \
  -startdate 20990101000000Z -enddate 21000101000000Z
make_cert other stranger "$loopback"
make_selfsigned self "$loopback"
make_cert ca phone ""
make_cert other foreigner ""
make_cert ca revoked "$loopback"
make_crl ca revoked
trust=$certs/ca.crt
alice="--aor sip:alice@example.com --brief"
bob="--aor sip:bob@example.com"

# identity NAME: options
identity() { echo "--cert $certs/$1.crt --key $certs/$1.key"; }

# start_echo NAME: echo_server with that certificate; sets $url and $echo.
start_echo() {
  start echo.log "$BUILD/examples/echo_server" $(identity "$1")
  echo=$helper
  wait_for "echo_server starts" "$dir/echo.log" has echo.log '^listening on'
  url=$(sed -n 's/^listening on //p' "$dir/echo.log")
}

# echo_client LOG STATUS ARGUMENTS…: at $url, ends with STATUS.
echo_client() {
  output=$dir/$1 expected=$2
  shift 2
  timeout -k 5 60 "$BUILD/examples/echo_client" "$@" "$url" >"$output" 2>&1
  verdict "$output" "$expected" $?
}

# start_relay PORT MANNER: sets $relay and $url.
start_relay() {
  start relay.log python3 test/peer/relay.py "$1" "$2"
  relay=$helper
  wait_for "the relay starts" "$dir/relay.log" has relay.log '^[0-9]'
  url=wss://127.0.0.1:$(cat "$dir/relay.log")/
}

# ------------------------------------------------------------ what is good

for key in server rsa; do
  start_echo $key
  check "$key: echo_server sends what ua asks back over wss" \
    ua echo 0 $alice options sip:example.com
  stop "$echo"
done

start_proxy $(identity server) --verbose
for host in 127.0.0.1 localhost; do
  url=wss://$host:${address##*:}/
  check "ua registers at $host" ua register 0 $alice register
done
check "over TLS" has proxy.log '^client 127\.0\.0\.1 port [0-9]+ over TLS$'
listen bob $bob --for 100 --listen-count 1
check "a MESSAGE goes through" \
  ua message 0 $alice message sip:bob@example.com 'grüße'
check "bob receives it" listened 0
check "its text is whole" has bob '^  grüße$'
check "all Vias say WSS" appears bob '^ *Via: SIP/2\.0/WS ' 0
check "bob closed in order" has bob '<-- Close 1000'
start_relay "${address##*:}" slow
check "one octet a segment does as well" ua slow 0 $alice register
stop "$relay"
url=wss://$address/
before=$(grep -c ' over TLS$' "$dir/proxy.log")
start client.log "$BUILD/examples/echo_client" --ca "$trust" "$url"
client=$helper
wait_for "echo_client comes" "$dir/client.log" \
  appears proxy.log ' over TLS$' $((before + 1))
trust=
[ ! -e /etc/ssl/certs/ca-certificates.crt ] ||
  check "without --ca the system's CAs are asked, and do not know it" \
    ua system 3 $alice register
check "without verification all is taken" \
  ua insecure 0 $alice --insecure-no-verification register
trust=$certs/ca.crt
stop_proxy
check "echo_client ends well when the proxy says goodbye" ended "$client"

if python3 -c 'import socket; socket.create_server(("::1", 0),
    family=socket.AF_INET6)' 2>/dev/null; then
  start_proxy $(identity server) --listen '[::1]:0'
  check "ua registers at ::1" ua register 0 $alice register
  stop_proxy
fi

# ------------------------------------------------------------- what is bad

# refused NAME WHAT REASON: such a certificate of a server.
refused() {
  start_echo "$1"
  check "$2 is refused" ua "$1" 3 $alice register
  check "$2: ua says why" has "$1" "^ua: TLS failed: .*$3"
  check "$2 is refused by echo_client" \
    echo_client "client-$1" 1 --ca "$trust"
  check "$2: echo_client says why" \
    has "client-$1" "^echo_client: TLS failed: .*$3"
  stop "$echo"
}
refused wrong "a certificate of another name" "names another host"
refused small "a key of 1024 bits" "key is too small"
refused expired "an expired certificate" "has expired"
refused future "a certificate of the future" "not valid yet"
refused stranger "a certificate of an unknown CA" "issuer is not trusted"
refused self "a self-signed certificate" "self-signed"
start_echo self
trust=$certs/self.crt
check "a self-signed certificate is taken as its own CA" \
  ua own 0 $alice options sip:example.com
trust=$certs/ca.crt
stop "$echo"
start_echo revoked
check "a revoked certificate is taken without a CRL" \
  ua unknown 0 $alice options sip:example.com
check "with --crl it is refused" \
  ua revoked 3 $alice --crl "$certs/ca.crl" register
check "ua says why" has revoked '^ua: TLS failed: the certificate was revoked'
stop "$echo"

# unfit WHAT REASON OPTIONS…: echo_server does not start with these.
unfit() {
  what_is=$1 reason=$2
  shift 2
  check "$what_is: echo_server does not start" [ "$(timeout 60 \
    "$BUILD/examples/echo_server" "$@" >"$dir/unfit" 2>&1; echo $?)" = 1 ]
  check "$what_is: it says why" has unfit "$reason"
}
unfit "a key of another certificate" "not the certificate's" \
  --cert "$certs/server.crt" --key "$certs/rsa.key"
unfit "a missing key" "--key" --cert "$certs/server.crt"
unfit "a file that is not there" "cannot be read" \
  --cert "$certs/server.crt" --key "$certs/nothing"
unfit "a CRL without a CA" "--ca" $(identity server) --crl "$certs/ca.crl"
unfit "a CA for a CRL" "ca.crt: there is no certificate in it, or no CRL" \
  $(identity server) --ca "$certs/ca.crt" --crl "$certs/ca.crt"
unfit "a key for a certificate" "no certificate in it" \
  --cert "$certs/server.key" --key "$certs/server.key"
trust=$certs/server.key
check "a CA file without a CA is an error of usage" ua nonsense 2 $alice register
check "ua says so" has nonsense "no certificate in it"
trust=$certs/ca.crt

# --------------------------------------------------- certificates of clients

plain=$(free_port)
start_proxy $(identity server) --ca "$certs/ca.crt" --crl "$certs/ca.crl" \
  --plain "127.0.0.1:$plain" --verbose
url=wss://$address/
check "a client with a certificate is let in" \
  ua phone 0 $alice $(identity phone) register
check "one without is not" ua none 3 $alice register
check "ua says that it is TLS" has none '^ua: TLS failed'
check "the proxy says why" soon has proxy.log 'TLS failed: the peer shows no cert'
check "one of another CA is not" \
  ua foreigner 3 $alice $(identity foreigner) register
# Of mbedTLS 3.6, in TLS 1.3, the alert has the wrong key.
check "ua hears of it by an alert" has foreigner 'alert 48$|-0x7180'
check "the proxy says why" soon has proxy.log 'TLS failed: its issuer is not trusted'
check "one that was revoked is not" \
  ua revoked 3 $alice $(identity revoked) register
check "the proxy says why" soon has proxy.log 'TLS failed: .*was revoked'
check "one that has expired is not" \
  ua expired 3 $alice $(identity expired) register
check "the proxy says why" soon has proxy.log 'TLS failed: .*has expired'

# --------------------------------------------------------- what is not TLS

url=ws://$address/
check "a ws client at the port of wss gets nowhere" ua ws 3 $alice register
check "ua says that it ended" has ws 'transport ended'
check "the proxy says why" soon has proxy.log 'TLS failed: the peer does not speak TLS'
url=wss://127.0.0.1:$plain/
check "a wss client at the port of ws gets nowhere" ua wss 3 $alice register
check "ua says why" has wss 'TLS failed: the peer does not speak TLS'
url=ws://127.0.0.1:$plain/
check "ws at the port of ws is served" ua plain 0 $alice register
stop_proxy

start_proxy $(identity server)
start_relay "${address##*:}" cut
check "a record that is cut is an error" ua cut 3 $alice register
# With TLS 1.3 such a record is part of the handshake yet.
check "ua says that TLS was cut off" \
  has cut '^ua: TLS (was cut off|failed: the transport ended before TLS)'
stop "$relay"
stop_proxy

# ---------------------------------------------------------------- exchange

# serve NAME: the files that the proxy reads are these.
serve() {
  cp "$certs/$1.crt" "$certs/served.crt"
  cp "$certs/$1.key" "$certs/served.key"
}

# shows NAME: a new connection is shown that certificate.
shows() {
  openssl s_client -connect "$address" </dev/null 2>/dev/null |
    openssl x509 -noout -subject | grep -q "CN *= *$1\$"
}

# hears TEXT: bob, who is connected since long, gets a message.
hears() {
  ua hears 0 $alice message sip:bob@example.com "$1" && has bob "^  $1\$"
}

serve server
start_proxy $(identity served)
check "the first certificate is shown" shows server
listen bob $bob --for 200 --listen-count 3
serve renewed
kill -HUP "$proxy"
wait_for "the proxy reads the certificates" "$dir/proxy.log" \
  has proxy.log '^certificates read$'
check "after SIGHUP the new one is shown" shows renewed
check "who was connected still is" hears first
echo nonsense >"$certs/served.crt"
kill -HUP "$proxy"
wait_for "the proxy looks at the certificates" "$dir/proxy.log" \
  has proxy.log '^certificates kept$'
check "the proxy says what is wrong with the next" \
  has proxy.log 'no certificate in it'
check "and goes on with the one before" shows renewed
check "who was connected still is" hears second
serve expired
kill -HUP "$proxy"
wait_for "the proxy reads the certificates again" "$dir/proxy.log" \
  appears proxy.log '^certificates read$' 2
check "one that has expired is refused to those who come" \
  ua late 3 $alice register
trust=
check "who was connected still is" \
  ua third 0 $alice --insecure-no-verification message sip:bob@example.com third
trust=$certs/ca.crt
check "bob was there all the time" listened 0
stop_proxy
