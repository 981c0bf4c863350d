#!/bin/sh
# ua over two flows (RFC 5626): against two proxies of ours, of which one is
# killed and comes back, and against scripted servers.
. test/peer/common.sh

# run_proxy NAME [ADDRESS]: sets its process number in $NAME.
run_proxy() {
  : >"$dir/$1"
  "$BUILD/examples/proxy" --listen "${2:-127.0.0.1:0}" >"$dir/$1" 2>&1 &
  eval "$1=\$!"
  proxy="$first $second"
  wait_for "the $1 proxy starts" "$dir/$1" has "$1" '^listening on'
}

# lose NAME: kills that proxy, which tells nobody.
lose() {
  eval "kill -9 \$$1; wait \$$1; $1=" 2>/dev/null
}

# says TEXT: bob does, in time.
says() {
  wait_for "bob says: $1" "$dir/bob" has bob "$1"
}

# reach NAME URL: alice's message from there arrives at bob.
reach() {
  url=$2
  check "a message reaches bob $1" \
    ua alice 0 $alice message sip:bob@example.com "hello $1"
  check "bob shows it" has bob "^  hello $1\$"
}

first= second=
run_proxy first
run_proxy second
here=$(sed -n 's/^listening on //p' "$dir/first")
there=$(sed -n 's/^listening on //p' "$dir/second")
address=${here#ws://}
both="--server $here --server $there"
alice="--aor sip:alice@example.com --brief"

: >"$dir/bob"
"$BUILD/examples/ua" $both --aor sip:bob@example.com --brief --retry 1 \
  --for 300 listen >"$dir/bob" 2>&1 &
bob=$!
helpers=$bob
says '^registered .* over flow 1, '
says '^registered .* over flow 2, '
reach "over flow 1" "$here"
reach "over flow 2" "$there"

lose first
says '^ua: flow 1: tried again in'
reach "over the flow that is left" "$there"
timeout -k 5 60 "$BUILD/examples/ua" $both $alice \
  message sip:bob@example.com "hello by the other" >"$dir/alice" 2>&1
check "alice's message takes her other flow" [ $? = 0 ]
check "it does" has alice '--> \(flow 2\) MESSAGE'
check "bob shows it" has bob '^  hello by the other$'

run_proxy first "${address%/}"
wait_for "flow 1 is registered again" "$dir/bob" \
  appears bob '^registered .* over flow 1, ' 2
reach "over flow 1 again" "$here"

# What was sent and not answered goes over the other flow.
kill -STOP "$bob"
start alice "$BUILD/examples/ua" $both $alice \
  message sip:bob@example.com "hello twice"
wait_for "alice sends" "$dir/alice" has alice '--> \(flow .\) MESSAGE'
case $(sed -n 's/.*--> (flow \(.\)) MESSAGE.*/\1/p' "$dir/alice") in
1) left=2 && lose first ;;
2) left=1 && lose second ;;
esac
wait_for "alice sends over flow $left" "$dir/alice" \
  has alice "--> \(flow $left\) MESSAGE"
kill -CONT "$bob"
check "what was lost with its flow is answered over the other" ended "$helper"
check "bob shows it" has bob '^  hello twice$'

kill -TERM "$bob"
check "a signal ends bob, with one flow left" ended "$bob"
check "that flow is closed in order" has bob "<-- \(flow $left\) Close 1000"

export PYTHONDONTWRITEBYTECODE=1
tell python3 test/peer/flows.py "$BUILD/examples/ua"
