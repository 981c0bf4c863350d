#!/bin/sh
# make demo: a SIP proxy on loopback, bob registers over wss and listens, alice
# sends him a message over ws. Shows what went over the wire, checks it, leaves
# nothing running. Each program is bounded in time.
BUILD=${BUILD:-build}
bin=$BUILD/examples
text='Hello Bob, this is SIP over WebSocket.'
dir=$(mktemp -d)
proxy=
bob=

finish() {
  for process in $bob $proxy; do
    kill "$process" 2>/dev/null
  done
  wait
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

[ -t 1 ] && colors=1 || colors=
style() { [ -n "$colors" ] && printf '\033[%sm%s\033[0m' "$1" "$2" ||
  printf %s "$2"; }
title() { printf '\n%s\n' "$(style 1 "$1")"; }
checked() { printf '  %s  %s\n' "$(style 32 ok)" "$1"; }

# fail WHAT LOG
fail() {
  printf '\n%s\n' "$(style '1;31' "make demo failed: $1")"
  sed 's/^/  /' "$2"
  exit 1
}

# await LOG TEXT: for at most 20 seconds
await() {
  for _ in $(seq 200); do
    grep -qs "$2" "$1" && return # its shell may not have made it yet
    sleep 0.1
  done
  return 1
}

# ua NAME URL ARGUMENTS…
ua() {
  name=$1 url=$2
  shift 2
  exec timeout --foreground -k 2 60 "$bin/ua" --server "$url" --ca "$dir/cert" \
    --aor "sip:$name@example.com" --timeout 20 "$@" >"$dir/$name" 2>&1
}

# flow NAME: one line for each message of its trace
flow() {
  awk -v name="$1" '
    / (-->|<--) (HTTP|text), / { start = $1 " " $2; getline
                                 sub(/^ +/, ""); $0 = start " " $0 }
    / (-->|<--) / { printf "  %-6s %s\n", name, $0 }' "$dir/$1"
}

# arrived: the MESSAGE as bob received it
arrived() {
  awk '/ <-- text, / { getline; show = ($1 == "MESSAGE") }
       /^[^ ]/ { show = 0 }
       show' "$dir/bob"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$dir/key" -out "$dir/cert" >"$dir/openssl" 2>&1 ||
  fail "openssl made no certificate" "$dir/openssl"
timeout --foreground -k 2 60 "$bin/proxy" --listen 127.0.0.1:0 \
  --cert "$dir/cert" --key "$dir/key" --plain 127.0.0.1:0 >"$dir/proxy" 2>&1 &
proxy=$!
await "$dir/proxy" '^listening on wss' || fail "the proxy did not start" \
  "$dir/proxy"
ws=$(sed -n 's/^listening on \(ws:[^ ]*\) too$/\1/p' "$dir/proxy")
wss=$(sed -n 's/^listening on \(wss:.*\)/\1/p' "$dir/proxy")

echo "A SIP proxy listens on $ws and, with a certificate made just now, $wss."
echo "bob registers over wss and listens: ua --aor sip:bob@example.com listen"
ua bob "$wss" --listen-count 1 --for 30 listen &
bob=$!
await "$dir/bob" '^registered' || fail "bob did not register" "$dir/bob"
echo "alice, over ws, sends a text:       ua … message sip:bob@example.com …"
(ua alice "$ws" message sip:bob@example.com "$text") ||
  fail "alice's message was not answered 200" "$dir/alice"
wait "$bob" || fail "bob did not get the message" "$dir/bob"
bob=

title "On the wire (--> sent, <-- received)"
{ flow alice; flow bob; } | sort -b -k 2,2

title "The message when it reached bob"
arrived

title "Checked"
for name in alice bob; do
  [ "$(grep -c '^REGISTER 200' "$dir/$name")" = 2 ] ||
    fail "$name did not register and unregister" "$dir/$name"
  grep -q -e '<-- Close 1000' "$dir/$name" ||
    fail "$name's connection was not closed in order" "$dir/$name"
done
grep -q 'Via: SIP/2.0/WSS ' "$dir/bob" || fail "bob did not use wss" "$dir/bob"
grep -q 'Via: SIP/2.0/WS ' "$dir/alice" ||
  fail "alice did not use ws" "$dir/alice"
checked "alice registered over ws, bob over wss, and both unregistered"
grep -q '^MESSAGE 200' "$dir/alice" ||
  fail "alice's message was not answered 200" "$dir/alice"
checked "alice's MESSAGE was answered 200 OK"
grep -qFx "  $text" "$dir/bob" || fail "bob got another text" "$dir/bob"
checked "bob read: $text"
checked "both connections were closed in order (code 1000)"
kill "$proxy"
wait "$proxy" || fail "the proxy did not end well" "$dir/proxy"
proxy=
checked "the proxy ended when told; nothing is left running"

title "Where to go on"
next() { printf '  %-20s %s\n' "$1" "$2"; }
next "ua --help" "the client, in $bin; its parts are examples/ua*.c"
next "make serve" "the proxy, with a page for two browser windows"
next "make check" "the tests"
next "examples/memory.c" "the smallest program; README.md explains it"
