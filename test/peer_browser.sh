#!/bin/sh
# Two pages in headless Chromium, with JsSIP, on our proxy: they register,
# exchange messages and call each other with media.
. test/peer/common.sh
limit=60 # seconds for the browser

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

printf 'alice:wonder\nbob:builder\n' >"$dir/users"
start_proxy --web "$BUILD/web" --users "$dir/users" --verbose
mkdir "$dir/profile"
timeout -k 5 "$limit" node "$driver/browser.mjs" "http://$address/" \
  "$dir/profile" || echo "not ok the browser's part ended with status $?"

# What the pages did, as the proxy saw it.
for method in MESSAGE INVITE CANCEL ACK BYE; do
  check "the proxy relayed $method" grep -q "^$method .*: relayed" "$dir/proxy.log"
done
stop_proxy
