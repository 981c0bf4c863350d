#!/bin/sh
# The npm package ws against our conformance cases, as server and as client: all
# that it does otherwise is known (test/conformance/ws_differences.py). And random
# messages between it and the echo pair, which must come back.
. test/peer/common.sh
export PYTHONDONTWRITEBYTECODE=1

# Installed beside the build, never in the tree.
home=$BUILD/peer-ws
mkdir -p "$home"
if ! [ -d "$home/node_modules/ws" ]; then
  echo '{"private": true}' >"$home/package.json"
  (cd "$home" && npm install --no-audit --no-fund --no-package-lock \
    --ignore-scripts --loglevel=error ws@8.23.0) >"$dir/npm.log" 2>&1 ||
    fail "ws is installed" "$dir/npm.log"
fi
cp test/conformance/*.mjs "$home"

# differ ROLE: ws in that role. Those cases that it lets wait take five seconds.
differ() {
  timeout -k 5 500 python3 test/conformance/run.py --role "$1" --transport ws \
    --profile opaque "--$1" "node $home/ws.mjs $1" --waits --seconds 5 \
    --without "noticed in a" >"$dir/$1.log" 2>&1
  grep -q '^all ' "$dir/$1.log" ||
    fail "ws as $1: the driver comes to its end" "$dir/$1.log"
  tell python3 test/conformance/ws_differences.py "$1" "$dir/$1.log"
  sed -n '/^[a-z]* *cases/,$p' "$dir/$1.log"
}
differ server
differ client

# random WHAT ARGUMENTS…
random() {
  what=$1
  shift
  timeout -k 5 200 node "$home/ws_random.mjs" "$@" >"$dir/random.log" 2>&1
  status=$?
  cat "$dir/random.log"
  check "$what" [ "$status" = 0 ]
}
for round in 1 2; do
  for options in "" "--frame-size 1000"; do
    start echo.log "$BUILD/examples/echo_server" --raw --max-message 70000 $options
    echo=$helper
    wait_for "echo_server starts" "$dir/echo.log" has echo.log '^listening on'
    random "ws as client, echo_server $options: random messages, round $round" \
      client "$(sed -n 's/^listening on //p' "$dir/echo.log")"
    stop "$echo"
    random "ws as server, echo_client $options: random messages, round $round" \
      server "$BUILD/examples/echo_client" --raw --max-message 70000 $options
  done
done
