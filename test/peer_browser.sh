#!/bin/sh
# Two pages in headless Chromium, with JsSIP, on our proxy, over ws and wss:
# they register, exchange messages and call each other with media.
. test/peer/common.sh
. test/peer/certs.sh
limit=60 # seconds for the browser, each time

CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser)}
[ -n "$CHROMIUM" ] || fail "chromium is installed"
export CHROMIUM
sh examples/web/build.sh >"$dir/build.log" 2>&1 ||
  fail "the page is bundled" "$dir/build.log"

# The driver is installed beside the build, never in the tree.
driver=$BUILD/peer-src
mkdir -p "$driver"
if ! [ -d "$driver/node_modules/playwright-core" ]; then
  echo '{"private": true}' >"$driver/package.json"
  (cd "$driver" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-audit \
    --no-fund --no-package-lock --ignore-scripts --loglevel=error \
    playwright-core@1.65.1) >"$dir/npm.log" 2>&1 ||
    fail "playwright-core is installed" "$dir/npm.log"
fi
cp test/peer/browser.mjs "$driver"

# browse SCHEME URL [KEY]: the proxy runs; Chromium trusts KEY.
browse() {
  mkdir "$dir/profile-$1"
  timeout -k 5 "$limit" node "$driver/browser.mjs" "$2" "$dir/profile-$1" \
    ${3:+"$3"} || echo "not ok $1: the browser's part ended with status $?"

  # What the pages did, as the proxy saw it.
  for method in MESSAGE INVITE CANCEL ACK BYE; do
    check "$1: the proxy relayed $method" \
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
