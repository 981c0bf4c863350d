#!/bin/sh
# Two pages in headless Chromium, with JsSIP, on our proxy, over ws and wss:
# they register, exchange messages and call each other with media.
. test/peer/common.sh
. test/peer/certs.sh
. test/peer/chromium.sh

# browse SCHEME URL [KEY]: the proxy runs; Chromium trusts KEY.
browse() {
  scheme=$1
  shift
  drive "$scheme" 250 browser.mjs "$@"

  # What the pages did, as the proxy saw it.
  for method in MESSAGE INVITE CANCEL ACK BYE; do
    check "$scheme: the proxy relayed $method" \
      has proxy.log "^$method .*: relayed"
  done
}

printf 'alice:wonder\nbob:builder\n' >"$dir/users"
start_proxy --web "$BUILD/web" --users "$dir/users" --verbose
browse ws "http://$address/"
check "ws: none came over TLS" appears proxy.log '^client .* over TLS$' 0
stop_proxy

make_ca ca
make_cert ca server "$loopback"
key=$(openssl pkey -in "$certs/server.key" -pubout -outform DER |
  openssl dgst -sha256 -binary | base64)
start_proxy --web "$BUILD/web" --users "$dir/users" --verbose \
  --cert "$certs/server.crt" --key "$certs/server.key"
browse wss "https://localhost:${address##*:}/" "$key"
check "wss: the pages came over TLS" has proxy.log '^client .* over TLS$'
check "wss: none came without" appears proxy.log '^client .* over TCP$' 0
stop_proxy
