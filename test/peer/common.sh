# Sourced by test/peer_*.sh, test/check_wss.sh and others: what test/check.sh
# has, a proxy and other servers on free ports, and ua.
BUILD=${BUILD:-build}
. test/check.sh
dir=$work
proxy=
helpers= # other processes to end with us

# Helpers are told to end, not killed: some have processes of their own to end.
# One may have been stopped.
clean_up() {
  for process in $proxy; do
    kill -9 "$process" 2>/dev/null
  done
  for process in $helpers; do
    kill -TERM "$process" 2>/dev/null
    kill -CONT "$process" 2>/dev/null
  done
  wait
}

# fail WHAT [LOG]: what comes next makes no sense without it.
fail() {
  report 1 "$@"
  exit 1
}

# soon COMMAND…: it succeeds, within half a minute, however busy the machine.
soon() {
  tries=0
  until "$@"; do
    [ "$tries" -lt 300 ] || return 1
    tries=$((tries + 1))
    sleep 0.1
  done
}

# wait_for WHAT LOG COMMAND…: what must come for the rest to make sense.
wait_for() {
  what=$1
  log=$2
  shift 2
  soon "$@" || fail "$what" "$log"
}

# ---------------------------------------------------------------- servers

# A port that is free now, for servers that cannot choose one themselves: below
# those that the system gives away, so that it still is in a moment.
free_port() {
  python3 -c 'import random, socket
while True:
    port = random.randrange(20000, 32000)
    try:
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            socket.socket(type=kind).bind(("127.0.0.1", port))
        break
    except OSError:
        pass
print(port)'
}

# Somebody listens on that port.
answers() {
  python3 -c "import socket
socket.create_connection(('127.0.0.1', $1), 10)" 2>/dev/null
}

# start LOG COMMAND…: in the background, for five minutes at most; sets $helper.
start() {
  output=$dir/$1
  shift
  : >"$output" # so that nobody reads what the last one wrote
  timeout --foreground -k 5 300 "$@" >"$output" 2>&1 &
  helper=$!
  helpers="$helpers $helper"
}

# ended HELPER: waits for its end; its status.
ended() {
  wait "$1" 2>/dev/null # without the shell's word on signals
  set -- "$1" $?
  helpers=$(for process in $helpers; do
    [ "$process" = "$1" ] || printf '%s ' "$process"
  done)
  return "$2"
}

# stop HELPER
stop() {
  kill -TERM "$1"
  ended "$1"
}

# Sets $url, and $address to its HOST:PORT.
start_proxy() {
  : >"$dir/proxy.log"
  "$BUILD/examples/proxy" --listen 127.0.0.1:0 "$@" >"$dir/proxy.log" 2>&1 &
  proxy=$!
  wait_for "the proxy starts" "$dir/proxy.log" \
    grep -q '^listening on [^ ]*$' "$dir/proxy.log"
  url=$(sed -n 's/^listening on \([^ ]*\)$/\1/p' "$dir/proxy.log")
  address=${url#*//}
  address=${address%/}
}

# It ends by itself, in time, with status 0.
stop_proxy() {
  kill -TERM "$proxy"
  (sleep 20 && kill -9 "$proxy") >/dev/null 2>&1 &
  watch=$!
  wait "$proxy"
  status=$?
  kill "$watch" 2>/dev/null
  proxy=
  check "the proxy ends on SIGTERM with status 0" [ "$status" = 0 ]
}

# --------------------------------------------------------------------- ua

trust= # file of the CA to trust, for wss

# ua LOG STATUS ARGUMENTS…: at $url, ends with STATUS.
ua() {
  log=$dir/$1
  expected=$2
  shift 2
  timeout -k 5 60 "$BUILD/examples/ua" --server "$url" ${trust:+--ca "$trust"} \
    --timeout 20 "$@" >"$log" 2>&1
  verdict "$log" "$expected" $?
}

# verdict LOG EXPECTED STATUS
verdict() {
  [ "$3" = "$2" ] && return
  echo "# status $3:" && sed 's/^/#   /' "$1"
  return 1
}

# listen LOG ARGUMENTS…: starts a ua at $url, which is registered then.
listen() {
  listens=$1
  shift
  start "$listens" "$BUILD/examples/ua" --server "$url" \
    ${trust:+--ca "$trust"} --timeout 20 "$@" listen
  listener=$helper
  wait_for "ua registers to listen" "$dir/$listens" has "$listens" '^registered'
}

# listened STATUS: the ua started last by listen ends so.
listened() {
  ended "$listener"
  verdict "$dir/$listens" "$1" $?
}

# has LOG PATTERN; appears LOG PATTERN TIMES
has() { grep -qE -- "$2" "$dir/$1"; }
appears() { [ "$(grep -cE -- "$2" "$dir/$1")" = "$3" ]; }
