# Sourced by test/peer_*.sh: a folder, a proxy on a free port, and verdicts.
BUILD=${BUILD:-build}
dir=$(mktemp -d)
proxy=
helpers= # other processes to end with us
trap 'clean_up' EXIT
trap 'exit 130' INT TERM

clean_up() {
  for process in $proxy $helpers; do
    kill -9 "$process" 2>/dev/null
  done
  rm -rf "$dir"
}

# fail WHAT [LOG]: what comes next makes no sense without it.
fail() {
  echo "not ok $1"
  [ $# -lt 2 ] || sed 's/^/  /' "$2"
  exit 1
}

# check WHAT COMMAND…
check() {
  what=$1
  shift
  if "$@"; then
    echo "ok $what"
  else
    echo "not ok $what"
  fi
}

# wait_for WHAT LOG COMMAND…: until it succeeds, for some seconds.
wait_for() {
  what=$1
  log=$2
  shift 2
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$@" && return
    sleep 0.25
  done
  fail "$what" "$log"
}

# Sets $address to HOST:PORT.
start_proxy() {
  "$BUILD/examples/proxy" --listen 127.0.0.1:0 "$@" >"$dir/proxy.log" 2>&1 &
  proxy=$!
  wait_for "the proxy starts" "$dir/proxy.log" \
    grep -q '^listening on' "$dir/proxy.log"
  address=$(sed -n 's|^listening on ws://\(.*\)/$|\1|p' "$dir/proxy.log")
}

# It ends by itself, in time, with status 0.
stop_proxy() {
  kill -TERM "$proxy"
  (sleep 5 && kill -9 "$proxy") >/dev/null 2>&1 &
  watch=$!
  wait "$proxy"
  status=$?
  kill "$watch" 2>/dev/null
  proxy=
  check "the proxy ends on SIGTERM with status 0" [ "$status" = 0 ]
}
