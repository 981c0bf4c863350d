# Sourced after common.sh: Chromium and the page of examples/web, driven by
# node programs of test/peer.
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
cp test/peer/*.mjs "$driver"

# drive WHAT SECONDS PROGRAM URL [ARGUMENTS…]: the program's own verdicts, and
# one more if it came to no end. Its profile is one of its own.
drive() {
  what=$1
  seconds=$2
  program=$3
  page=$4
  shift 4
  mkdir "$dir/profile-$what"
  timeout -k 5 "$seconds" node "$driver/$program" "$page" \
    "$dir/profile-$what" "$@" ||
    report 1 "$what: the browser's part ended with status $?"
}
