#!/bin/sh
# Runs the examples against one another, and the echo pair against a WebSocket
# peer that is not ours. WRAPPER may name a checker, such as valgrind.
BUILD=${BUILD:-build}
. test/check.sh
bin=$BUILD/examples
here=$(dirname "$0")
pids=
export PYTHONDONTWRITEBYTECODE=1

clean_up() {
  for one in $pids; do
    kill "$one" 2>/dev/null
  done
  wait
}

# A program of ours, in the time that it may take.
run() {
  timeout -k 5 60 $WRAPPER "$@"
}

# ends NAME STATUS TEXT COMMAND…: it ends with STATUS and has written TEXT.
ends() {
  name=$1 status=$2 text=$3
  shift 3
  run "$@" >"$work/out" 2>&1
  [ $? = "$status" ] && grep -qF -- "$text" "$work/out"
  report $? "$name" "$work/out"
}

# start COMMAND…: runs a server; sets |url| and |pid|. Not in the foreground,
# timeout would pass a signal on twice.
start() {
  : >"$work/server" # so that nobody reads what the last one wrote
  timeout --foreground -k 5 300 $WRAPPER "$@" >"$work/server" 2>&1 &
  pid=$!
  pids="$pids $pid"
  await "$work/server" "listening on "
  url=$(sed -n 's/^listening on //p' "$work/server")
}

# await FILE TEXT: until it stands there, while |pid| runs, for 30 s at most.
await() {
  tries=0
  until grep -qF -- "$2" "$1" || [ "$tries" = 300 ] || ! kill -0 "$pid"; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

# stop NAME: ends what was started last; that must succeed.
stop() {
  kill "$pid" 2>/dev/null # it may be on its way already
  wait "$pid"
  report $? "$1" "$work/server"
}

ends "memory: a message each way and a close" 0 "closed with code 1000" \
  "$bin/memory"

start "$bin/poll_server" 127.0.0.1:0
ends "poll_client: poll_server answers" 0 "SIP/2.0 200 OK" \
  "$bin/poll_client" "$url"
clients=
for i in 1 2 3 4 5; do
  run "$bin/poll_client" "$url" >"$work/client$i" 2>&1 &
  clients="$clients $!"
done
bad=0
for client in $clients; do
  wait "$client" || bad=1
done
report "$bad" "poll_server: five clients at once"
stop "poll_server: a signal ends it"
ends "poll_client: nobody there" 1 "refused" "$bin/poll_client" "$url"
ends "poll_client: no URL" 1 "URL" "$bin/poll_client" http://127.0.0.1/

start "$bin/echo_server"
ends "echo_server: a request comes back" 0 "OPTIONS sip:" \
  "$bin/poll_client" "$url"
tell python3 "$here/echo_peer.py" client sip "$url"
tell python3 "$here/peer/msrp.py" "$url"
stop "echo_server: a signal ends it"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/key" -out "$work/cert" >"$work/openssl" 2>&1
report $? "openssl makes a certificate" "$work/openssl"
start "$bin/echo_server" --cert "$work/cert" --key "$work/key"
tell python3 "$here/peer/msrp.py" "$url" "$work/cert"
stop "echo_server over wss: a signal ends it"
start "$bin/echo_server" --raw --listen 127.0.0.1:0
tell python3 "$here/echo_peer.py" client raw "$url"
stop "echo_server --raw: a signal ends it"
start "$bin/echo_server" --raw --max-message 100
tell python3 "$here/echo_peer.py" client burst "$url"
tell python3 "$here/echo_peer.py" client goodbye "$url" "$pid"
stop "echo_server: a signal ends it though peers are there"
ends "echo_server: --help" 0 "--max-fragments N" "$bin/echo_server" --help
ends "echo_server: a limit that is none" 2 "1 to 268435456" \
  "$bin/echo_server" --max-message many
ends "echo_server: an address that is none" 1 "HOST:PORT" \
  "$bin/echo_server" --listen nowhere
ends "echo_server: a key without certificate serves no plain ws" 1 "--cert" \
  "$bin/echo_server" --key "$work/none"
ends "echo_server: an option that wants a value" 2 "wants a value" \
  "$bin/echo_server" --listen
ends "proxy: an option that is none" 2 "--bogus: no such option" \
  "$bin/proxy" --bogus it
ends "proxy: an origin that no page has" 2 "https://app.example.com" \
  "$bin/proxy" --listen 127.0.0.1:0 --origins app.example.com
ends "proxy: a folder that is not there" 2 "no folder" \
  "$bin/proxy" --listen 127.0.0.1:0 --web "$work/none"
ends "locate: a name that is no URI" 2 "example.com: not a SIP URI" \
  "$bin/locate" example.com

tell python3 "$here/echo_peer.py" server sip $WRAPPER "$bin/echo_client"
tell python3 "$here/echo_peer.py" server raw $WRAPPER "$bin/echo_client" --raw
ends "echo_client: nobody there" 1 "refused" "$bin/echo_client" "$url"
ends "echo_client: a CA file that is none" 1 "/none: " "$bin/echo_client" \
  --ca /none wss://127.0.0.1/
ends "echo_client: no URL" 2 "usage:" "$bin/echo_client" --raw

WRAPPER= # a checker would look at Python, too
library=$BUILD/libsipws.so
client=$here/../examples/python/sipws_client.py
start "$bin/proxy" --listen 127.0.0.1:0 --web "$here"
proxy=$pid
address=${url#ws://}
address=${address%/}
grep -q "^open http://$address/ in " "$work/server"
report $? "proxy: the page's address is told" "$work/server"
ends "proxy: a port that is taken" 1 "make serve has LISTEN=" \
  "$bin/proxy" --listen "$address"
ends "python: a message to itself" 0 "came: to me" \
  python3 "$client" --lib "$library" --server "$url" \
  --aor sip:carol@example.com --to sip:carol@example.com --text "to me"
timeout --foreground -k 5 60 \
  python3 "$client" --lib "$library" --server "$url" \
  --aor sip:alice@example.com --listen >"$work/alice" 2>&1 &
pid=$!
pids="$pids $pid"
await "$work/alice" "registered: 200"
ends "python: a message is sent" 0 "sent: 200" \
  python3 "$client" --lib "$library" --server "$url" \
  --aor sip:carol@example.com --to sip:alice@example.com --text "to you"
grep -qF "came: to you" "$work/alice"
report $? "python: a message is heard" "$work/alice"
stop "python: a signal ends it"
pid=$proxy
stop "proxy: a signal ends it"
ends "python: nobody there" 1 "Connect call failed" \
  python3 "$client" --lib "$library" --server "$url" --aor sip:a@example.com
