#!/bin/sh
# nginx and haproxy in front of examples/proxy: TLS ends there, the proxy hears
# of the client by X-Forwarded-For, Forwarded or a PROXY header, believes only
# whom it trusts, and its pings outlive their idle time-out.
. test/peer/common.sh
. test/peer/certs.sh
hop=127.0.0.9 # whence they talk to the proxy; clients are 127.0.0.1

for tool in nginx haproxy; do
  command -v "$tool" >/dev/null || fail "$tool is installed"
done
make_ca ca
make_cert ca server "$loopback"
cat "$certs/server.crt" "$certs/server.key" >"$certs/server.pem"
trust=$certs/ca.crt
alice="--aor sip:alice@example.com"
bob="--aor sip:bob@example.com"

# put FILE NAME=VALUE…: a copy of test/peer/FILE in $dir.
put() {
  file=$1
  shift
  cp "test/peer/$file" "$dir/$file"
  for pair in "HOP=$hop" "CERTS=$certs" "$@"; do
    sed -i "s|@${pair%%=*}@|${pair#*=}|g" "$dir/$file"
  done
}

# start_nginx BACKEND: sets $url
start_nginx() {
  port=$(free_port)
  put nginx.conf "PORT=$port" "BACKEND=$1"
  mkdir -p "$dir/nginx"
  start nginx.log nginx -e stderr -p "$dir/nginx" -c "$dir/nginx.conf"
  nginx=$helper
  wait_for "nginx starts" "$dir/nginx.log" answers "$port"
  url=wss://localhost:$port/ws
}

# start_haproxy: sets $v1, $v2, $ssl, $http, the ports of its listeners.
start_haproxy() {
  v1=$(free_port) v2=$(free_port) ssl=$(free_port) http=$(free_port)
  put haproxy.cfg "V1_PORT=$v1" "V2_PORT=$v2" "SSL_PORT=$ssl" \
    "HTTP_PORT=$http" "BACKEND=${address##*:}"
  start haproxy.log haproxy -db -f "$dir/haproxy.cfg"
  haproxy=$helper
  wait_for "haproxy starts" "$dir/haproxy.log" answers "$v1"
}

# told PATTERN: what the proxy says of the client that came last.
told() {
  last=$(grep '^client ' "$dir/proxy.log" | tail -n 1)
  echo "$last" | grep -qE -- "^client $1\$" && return
  echo "# it says: $last"
  return 1
}

# asked PORT ANSWER [ask.py's options and headers…]: such is the answer.
asked() {
  port=$1 wanted=$2
  shift 2
  answer=$(python3 test/peer/ask.py "$port" "$@")
  case $answer in
  *"$wanted"*) return ;;
  esac
  echo "# the answer is: $answer"
  return 1
}

# exchange WHAT CLIENT: bob listens at $url, alice writes to him; the proxy saw
# her as CLIENT.
exchange() {
  listen bob $bob --for 100 --listen-count 1
  check "$1: a MESSAGE goes through" \
    ua message 0 $alice message sip:bob@example.com 'grüße'
  check "$1: bob receives it" listened 0
  check "$1: its text is whole" has bob '^  grüße$'
  check "$1: the proxy knows the client" told "$2"
}

# idle WHAT: a connection lives on in silence, which they end after 4 s.
idle() {
  listen bob $bob --brief --for 9
  check "$1: pings outlive the idle time-out" listened 0
  check "$1: which bob answered" has bob '--> pong'
}

# idle_without_pings WHAT
idle_without_pings() {
  listen bob $bob --brief --for 100
  check "$1: without pings the idle time-out ends it" listened 3
}

# ------------------------------------------------------------------- nginx

secure="127\.0\.0\.1 port 0 over TLS behind $hop" # headers tell no port
direct='127\.0\.0\.1 port [1-9][0-9]* over TCP'

start_proxy --trust "$hop" --ping 1 --verbose
start_nginx "${address##*:}"
exchange nginx "$secure"
check "nginx: Via says that the client's own hop is TLS" \
  has bob '^ *Via: SIP/2\.0/WSS 127\.'
idle nginx
check "nginx: what a client forwards itself is passed on …" \
  asked "$port" 404 --ca "$trust" 'X-Forwarded-For: 192.0.2.7' \
  'X-Forwarded-Proto: http' 'Forwarded: for=192.0.2.8'
check "… and not believed" told "$secure"
back=${address##*:}
check "what a stranger forwards arrives …" asked "$back" 404 \
  'X-Forwarded-For: 192.0.2.7' 'X-Forwarded-Proto: https'
check "… and is not believed" told "$direct"
check "what the hop forwards arrives …" asked "$back" 404 --from "$hop" \
  'X-Forwarded-For: 192.0.2.9, 192.0.2.7' 'X-Forwarded-Proto: https'
check "… and is believed, up to whom it saw itself" \
  told "192\.0\.2\.7 port 0 over TLS behind $hop"
stop "$nginx"
stop_proxy

start_proxy --trust "$hop" --forwarded --ping 1 --verbose
start_nginx "${address##*:}"
exchange "nginx, Forwarded" "127\.0\.0\.1 port [1-9][0-9]* over TLS behind $hop"
stop "$nginx"
stop_proxy

start_proxy --trust "$hop" --verbose
start_nginx "${address##*:}"
idle_without_pings nginx
stop "$nginx"
stop_proxy

# ----------------------------------------------------------------- haproxy

# by LISTENER WHAT CLIENT: a message through one of haproxy's listeners.
by() {
  url=wss://127.0.0.1:$1/
  exchange "haproxy, $2" "$3"
}

start_proxy --trust "$hop" --ping 1 --verbose
start_haproxy
by "$http" "X-Forwarded-For" "$secure"
idle haproxy
stop "$haproxy"
stop_proxy

start_proxy --trust "$hop" --proxy-header --ping 1 --verbose
start_haproxy
peer='127\.0\.0\.1 port [1-9][0-9]*'
by "$v1" "PROXY version 1" "$peer over TCP behind $hop"
by "$v2" "PROXY version 2" "$peer over TCP behind $hop"
by "$ssl" "PROXY version 2 with TLS" "$peer over TLS behind $hop"
check "haproxy: Via says that the client's own hop is TLS" \
  has bob '^ *Via: SIP/2\.0/WSS 127\.'
back=${address##*:}
line='PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n'
check "a PROXY header of the hop is taken" \
  asked "$back" 404 --from "$hop" --first "$line"
check "… and is believed" told "192\.0\.2\.7 port 4711 over TCP behind $hop"
check "a hop that sends none is refused" asked "$back" nothing --from "$hop"
check "a stranger's PROXY header is refused" \
  asked "$back" 400 --first "$line"
check "a stranger without one is served" asked "$back" 404
check "… and is who he is" told "$direct"
stop "$haproxy"
stop_proxy

start_proxy --trust "$hop" --verbose
start_haproxy
url=wss://127.0.0.1:$http/
idle_without_pings haproxy
stop "$haproxy"
stop_proxy
