#!/bin/sh
# Writes seeds into fuzz/corpus from real traffic on loopback: ua and proxy, as in
# "make demo"; ua and Kamailio; JsSIP in Chromium and proxy. Needs what "make
# check-peers" installs. The seeds are committed; this is how they were made.
. test/peer/common.sh

python3 fuzz/hand.py && echo "ok seeds made by hand"

# record NAME PORT: what passes through the relay at $relayed goes to $dir/NAME.
record() {
  mkdir -p "$dir/$1"
  start "$1.relay" python3 fuzz/seed.py relay "$2" "$dir/$1"
  relay=$helper
  wait_for "the relay starts" "$dir/$1.relay" has "$1.relay" '^port'
  relayed=$(sed -n 's/^port //p' "$dir/$1.relay")
}

# make_seeds NAME
make_seeds() {
  stop "$relay"
  python3 fuzz/seed.py make "$1" "$dir/$1" && echo "ok seeds of $1"
}

alice="--aor sip:alice@example.com --password wonderland"
bob="--aor sip:bob@example.com --password builder"

# talk: bob listens, alice sends him a message and an OPTIONS
talk() {
  listen bob $bob --for 10 --listen-count 1
  check "$1: a MESSAGE" ua message 0 $alice message sip:bob@example.com 'grüße'
  check "$1: bob got it" listened 0
  check "$1: OPTIONS" ua options 0 $alice options sip:example.com
}

printf 'alice:wonderland\nbob:builder\n' >"$dir/users"
start_proxy --users "$dir/users"
record demo "${address##*:}"
url=ws://127.0.0.1:$relayed/
talk demo
make_seeds demo
stop_proxy

port=$(free_port)
sed -e "s/@PORT@/$port/" -e "s/@ALGORITHM@/SHA-256/" test/peer/kamailio.cfg \
  >"$dir/kamailio.cfg"
mkdir -p "$dir/run"
start kamailio.log kamailio -f "$dir/kamailio.cfg" -DD -E -m 32 -M 8 \
  -Y "$dir/run" -w "$dir/run"
wait_for "kamailio starts" "$dir/kamailio.log" answers "$port"
record kamailio "$port"
url=ws://127.0.0.1:$relayed/ws
talk kamailio
ua close 3 $alice message sip:close@example.com ''
url=ws://127.0.0.1:$relayed/other
ua other 3 $alice register
make_seeds kamailio

. test/peer/chromium.sh
printf 'alice:wonder\nbob:builder\n' >"$dir/users"
start_proxy --web "$BUILD/web" --users "$dir/users"
record jssip "${address##*:}"
drive jssip 90 browser.mjs "http://127.0.0.1:$relayed/"
make_seeds jssip
stop_proxy
