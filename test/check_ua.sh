#!/bin/sh
# ua against examples/proxy: what it exits with and what it prints; and the
# demo. WRAPPER may name a checker, such as valgrind.
BUILD=${BUILD:-build}
. test/check.sh
bin=$BUILD/examples
proxy=
bob=

clean_up() {
  for process in $bob $proxy; do
    kill -CONT "$process" 2>/dev/null
    kill "$process" 2>/dev/null
  done
  wait
}

# ends NAME STATUS TEXT ARGUMENTS…: ua ends with STATUS, having written TEXT.
ends() {
  name=$1 status=$2 text=$3
  shift 3
  timeout -k 5 60 $WRAPPER "$bin/ua" "$@" >"$work/out" 2>&1
  [ $? = "$status" ] && grep -qe "$text" "$work/out"
  report $? "$name" "$work/out"
}

# await FILE TEXT: for 30 s at most.
await() {
  tries=0
  until grep -qe "$2" "$1" || [ "$tries" = 300 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

# listen ARGUMENTS…: starts bob.
listen() {
  : >"$work/bob"
  $WRAPPER "$bin/ua" $to --aor sip:bob@example.com --password builder "$@" \
    listen >"$work/bob" 2>&1 &
  bob=$!
  await "$work/bob" '^registered'
}

# listened NAME STATUS TEXT: bob ends so.
listened() {
  wait "$bob"
  status=$?
  bob=
  [ "$status" = "$2" ] && grep -qe "$3" "$work/bob"
  report $? "$1" "$work/bob"
}

# start_proxy ARGUMENTS…: sets $alice, and $to for others.
start_proxy() {
  : >"$work/proxy"
  "$bin/proxy" --listen 127.0.0.1:0 "$@" >"$work/proxy" 2>&1 &
  proxy=$!
  await "$work/proxy" '^listening on'
  to="--server $(sed -n 's/^listening on //p' "$work/proxy")"
  alice="$to --aor sip:alice@example.com --password wonderland"
}

stop_proxy() {
  kill "$proxy"
  wait "$proxy"
  report $? "the proxy ends" "$work/proxy"
  proxy=
}

ends "help" 0 'Exit status' --help
ends "no AOR" 2 'needed' --server ws://h/ register
ends "an HTTP proxy and no server" 2 'as --server ws://' --aor sip:a@b \
  --proxy 127.0.0.1:1 register
ends "no command" 2 'command' --server ws://h/ --aor sip:a@b
ends "a command that is none" 2 'such' --server ws://h/ --aor sip:a@b dance
ends "an argument too few" 2 'number of' --server ws://h/ --aor sip:a@b options
ends "a URL that is none" 2 'URL' --server http://h/ --aor sip:a@b register
ends "one server too many" 2 'too many' --server ws://a/ --server ws://b/ \
  --server ws://c/ --server ws://d/ --server ws://e/ --aor sip:a@b register
ends "a CA file that is none" 2 '/none: ' --server wss://h/ --ca /none \
  --aor sip:a@b register
ends "an AOR that is none" 2 'sip:user@' --server ws://h/ --aor a@b register
ends "a target that is none" 2 'SIP URI' --server ws://h/ --aor sip:a@b \
  options tel:1
ends "a number that is none" 2 'number' --server ws://h/ --aor sip:a@b \
  --for ever listen
echo "urn:uuid:none" >"$work/state"
ends "a state file of another kind" 2 'state holds no urn:uuid:' \
  --server ws://h/ --aor sip:a@b --state "$work/state" register
ends "a state file that cannot be made" 2 'none/state cannot be written' \
  --server ws://h/ --aor sip:a@b --state "$work/none/state" register
ends "nobody there" 3 'connect' --server ws://127.0.0.1:1/ --aor sip:a@b \
  register

printf '%s\n' alice:wonderland bob:builder >"$work/users"
start_proxy --users "$work/users"
ends "register" 0 '^registered sip:alice@example.com' $alice register
ends "register over two flows" 0 'over flow 2, ws:' $alice $to register
ends "a flow to nobody" 3 'flow 2: cannot connect' $alice \
  --server ws://127.0.0.1:1/ register
ends "a wrong password" 1 '^REGISTER 40' $to --aor sip:alice@example.com \
  --password wrong register
listen --quiet
ends "message" 0 '^MESSAGE 200 OK' $alice --brief \
  message sip:bob@example.com "red $(printf '\033[31m\302\233')"
kill "$bob"
listened "a signal ends listening; an escape is not shown" 0 '^  red ?\[31m?$'
[ "$(grep -c '^REGISTER 200' "$work/bob")" = 2 ]
report $? "who listened unregisters" "$work/bob"
! grep -qe '-->' "$work/bob"
report $? "--quiet shows no trace" "$work/bob"
stop_proxy

start_proxy # for everybody
ends "a message over the flow that stands" 1 '^MESSAGE 404' \
  --server ws://127.0.0.1:1/ $alice message sip:nobody@example.com hello
ends "somebody who is not there" 1 '^OPTIONS 4' $alice \
  options sip:nobody@example.com
ends "a text that is too long" 2 'cannot be written' $alice \
  message sip:bob@example.com "$(head -c 65536 /dev/zero | tr '\0' a)"
listen --for 1 --listen-count 1
listened "too few messages" 4 '<-- Close 1000'
listen --brief
ends "options" 0 'Allow: OPTIONS, MESSAGE' $alice options sip:bob@example.com
! grep -q REGISTER "$work/out"
report $? "options does not register" "$work/out"
kill -STOP "$bob"
ends "no response" 4 'no response to OPTIONS' $alice --timeout 1 \
  options sip:bob@example.com
kill -CONT "$bob"
stop_proxy
listened "a proxy that goes away" 3 'the peer closed it: close code 1001'

BUILD=$BUILD sh examples/demo.sh >"$work/demo" 2>&1
report $? "the demo" "$work/demo"
