#!/bin/sh
# ua against Kamailio over ws and wss: handshake, digest, OPTIONS, MESSAGE
# through it, pings, closing. Kamailio's part is in test/peer/kamailio.cfg.
. test/peer/common.sh
. test/peer/certs.sh

command -v kamailio >/dev/null || fail "kamailio is installed"
make_ca ca
make_ca other
make_cert ca server "$loopback"

# start_kamailio SCHEME ALGORITHM: sets $url
start_kamailio() {
  port=$(free_port)
  sed -e "s/@PORT@/$port/" -e "s/@ALGORITHM@/$2/" -e "s|@CERTS@|$certs|" \
    test/peer/kamailio.cfg >"$dir/kamailio.cfg"
  mkdir -p "$dir/run"
  define=
  [ "$1" = ws ] || define="-A TLS"
  start kamailio.log kamailio -f "$dir/kamailio.cfg" $define -DD -E -m 32 -M 8 \
    -Y "$dir/run" -w "$dir/run"
  kamailio=$helper
  wait_for "kamailio starts" "$dir/kamailio.log" answers "$port"
  url=$1://127.0.0.1:$port/ws
}

alice="--aor sip:alice@example.com --password wonderland"
bob="--aor sip:bob@example.com --password builder"

# scenario SCHEME ALGORITHM: leaves Kamailio running.
scenario() {
  this="$1, $2"
  start_kamailio "$1" "$2"
  check "$this: ua registers" ua register 0 $alice register
  check "$this: the credentials are in that algorithm" \
    has register "Authorization: .*algorithm=$2,"
  check "$this: a wrong password is refused" \
    ua wrong 1 --aor sip:alice@example.com --password nonsense --brief register
  check "$this: and tried once" appears wrong '--> REGISTER' 2

  listen bob $bob --for 100 --listen-count 1
  check "$this: a MESSAGE goes through, with proxy digest" \
    ua message 0 $alice message sip:bob@example.com 'grüße'
  check "$this: it was asked for" has message '407 Proxy Auth'
  check "$this: bob receives it and unregisters" listened 0
  check "$this: its text is whole" has bob '^  grüße$'
  check "$this: alice closed the connection in order" \
    has message '<-- Close 1000'
  check "$this: bob did, too" has bob '<-- Close 1000'
}

# What has nothing to do with algorithm or TLS.
others() {
  start_kamailio ws MD5
  check "a password is asked for, and there is none" \
    ua none 1 --aor sip:alice@example.com register
  check "the status is told" has none '^REGISTER 401'
  check "OPTIONS is answered by Kamailio" \
    ua options 0 $alice options sip:example.com
  check "OPTIONS to somebody unknown is refused" \
    ua unknown 1 $alice --quiet options sip:nobody@example.com
  check "with 404" has unknown '^OPTIONS 404'

  listen bob $bob --for 100 --brief
  check "OPTIONS is answered by bob" \
    ua options 0 $alice options sip:bob@example.com
  check "who allows MESSAGE" has options 'Allow: .*MESSAGE'
  check "a close by Kamailio ends ua" \
    ua closed 3 $alice message sip:close@example.com ''
  check "with its code" has closed 'code 1000'
  check "bob answered a ping" soon has bob '--> pong'
  sleep 7 # the nonces of Kamailio live 6 s here: unregistering meets a stale one
  check "a signal ends bob" stop "$listener"
  check "bob answered once more when the nonce was stale" \
    appears bob "--> REGISTER" 4

  url=${url%/ws}/other
  check "a refused handshake is told" ua other 3 $alice register
  check "with the HTTP status" has other 'HTTP status 404'
  stop "$kamailio"
  check "nobody there" ua nobody 3 $alice register
}

scenario ws MD5
stop "$kamailio"
scenario ws SHA-256
stop "$kamailio"
others

trust=$certs/ca.crt
scenario wss SHA-256
check "wss: Via says so" has register '^ *Via: SIP/2.0/WSS '
check "wss: OPTIONS is answered by Kamailio" \
  ua options 0 $alice options sip:example.com
trust=$certs/other.crt
check "wss: a certificate of another CA is refused" ua stranger 3 $alice register
check "wss: and the reason told" has stranger 'TLS failed.*CA'
stop "$kamailio"
