#!/bin/sh
# ua against Kamailio over ws: handshake, digest, OPTIONS, MESSAGE through it,
# pings, closing. Kamailio's part is in test/peer/kamailio.cfg.
. test/peer/common.sh
kamailio=
listener=

# All are told to end, not killed: each has processes of its own to end.
stop_all() {
  for process in $listener $kamailio; do
    kill -TERM "$process" 2>/dev/null
  done
  wait
  clean_up
}
trap stop_all EXIT

command -v kamailio >/dev/null || fail "kamailio is installed"

# A port that is free now; Kamailio cannot choose one itself.
free_port() {
  python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# Somebody listens on that port.
answers() {
  python3 -c "import socket
socket.create_connection(('127.0.0.1', $1), 1)" 2>/dev/null
}

# start_kamailio ALGORITHM: sets $url
start_kamailio() {
  port=$(free_port)
  sed -e "s/@PORT@/$port/" -e "s/@ALGORITHM@/$1/" test/peer/kamailio.cfg \
    >"$dir/kamailio.cfg"
  mkdir -p "$dir/run"
  timeout -k 5 40 kamailio -f "$dir/kamailio.cfg" -DD -E -m 32 -M 8 \
    -Y "$dir/run" -w "$dir/run" >"$dir/kamailio.log" 2>&1 &
  kamailio=$!
  wait_for "kamailio starts" "$dir/kamailio.log" answers "$port"
  url=ws://127.0.0.1:$port/ws
}

stop_kamailio() {
  kill -TERM "$kamailio"
  wait "$kamailio"
  kamailio=
}

# ua LOG STATUS ARGUMENTS…: it ends with STATUS.
ua() {
  log=$dir/$1
  expected=$2
  shift 2
  timeout -k 5 20 "$BUILD/examples/ua" --server "$url" --timeout 5 "$@" \
    >"$log" 2>&1
  verdict "$log" "$expected" $?
}

# verdict LOG EXPECTED STATUS
verdict() {
  [ "$3" = "$2" ] && return
  echo "# status $3:" && sed 's/^/#   /' "$1"
  return 1
}

# listen ARGUMENTS…: starts bob, who is registered then.
listen() {
  timeout -k 5 20 "$BUILD/examples/ua" --server "$url" --timeout 5 $bob \
    listen --for 10 "$@" >"$dir/bob" 2>&1 &
  listener=$!
  wait_for "bob registers" "$dir/bob" has bob '^registered'
}

# listened STATUS: bob ends so.
listened() {
  wait "$listener"
  status=$?
  listener=
  verdict "$dir/bob" "$1" "$status"
}

has() { grep -qE -- "$2" "$dir/$1"; }
appears() { [ "$(grep -cE -- "$2" "$dir/$1")" = "$3" ]; }

alice="--aor sip:alice@example.com --password wonderland"
bob="--aor sip:bob@example.com --password builder"

# scenario ALGORITHM
scenario() {
  start_kamailio "$1"
  check "$1: ua registers" ua register 0 $alice register
  check "$1: the credentials are in that algorithm" \
    has register "Authorization: .*algorithm=$1,"
  check "$1: a wrong password is refused" \
    ua wrong 1 --aor sip:alice@example.com --password nonsense --brief register
  check "$1: and tried once" appears wrong '--> REGISTER' 2

  listen --listen-count 1
  check "$1: a MESSAGE goes through, with proxy digest" \
    ua message 0 $alice message sip:bob@example.com 'grüße'
  check "$1: it was asked for" has message '407 Proxy Auth'
  check "$1: bob receives it and unregisters" listened 0
  check "$1: its text is whole" has bob '^  grüße$'
  check "$1: alice closed the connection in order" has message '<-- Close 1000'
  check "$1: bob did, too" has bob '<-- Close 1000'
  stop_kamailio
}

# What has nothing to do with the algorithm.
others() {
  start_kamailio MD5
  check "a password is asked for, and there is none" \
    ua none 1 --aor sip:alice@example.com register
  check "the status is told" has none '^REGISTER 401'
  check "OPTIONS is answered by Kamailio" \
    ua options 0 $alice options sip:example.com
  check "OPTIONS to somebody unknown is refused" \
    ua unknown 1 $alice --quiet options sip:nobody@example.com
  check "with 404" has unknown '^OPTIONS 404'

  listen --for 4 --brief
  check "OPTIONS is answered by bob" \
    ua options 0 $alice options sip:bob@example.com
  check "who allows MESSAGE" has options 'Allow: .*MESSAGE'
  check "a close by Kamailio ends ua" \
    ua closed 3 $alice message sip:close@example.com ''
  check "with its code" has closed 'code 1000'
  check "bob ends in time" listened 0
  check "bob answered a ping" has bob '--> pong'
  # The nonces of Kamailio live 2 s here, so unregistering meets a stale one.
  check "bob answered once more when the nonce was stale" \
    appears bob "--> REGISTER" 4

  url=${url%/ws}/other
  check "a refused handshake is told" ua other 3 $alice register
  check "with the HTTP status" has other 'HTTP status 404'
  stop_kamailio
  check "nobody there" ua nobody 3 $alice register
}

scenario MD5
scenario SHA-256
others
