#!/bin/sh
# Bundles the page and JsSIP into $BUILD/web. npm works in $BUILD/web-src alone.
set -eu
build=${BUILD:-build}
here=$(dirname "$0")
for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || {
    echo "web: $tool is missing; the page needs Node.js and npm to be bundled" >&2
    echo "web: on Debian: sudo apt-get install nodejs npm" >&2
    exit 1
  }
done
work=$build/web-src
mkdir -p "$work" "$build/web"
cp "$here/package.json" "$here/app.js" "$work"
if ! cmp -s "$work/package.json" "$work/installed.json"; then
  echo "web: installing jssip and esbuild into $work"
  (cd "$work" && npm install --no-audit --no-fund --no-package-lock \
    --ignore-scripts --loglevel=error) || {
    echo "web: npm could not install what package.json names" >&2
    exit 1
  }
  cp "$work/package.json" "$work/installed.json"
fi
"$work/node_modules/.bin/esbuild" "$work/app.js" --bundle --minify \
  --target=es2020 --log-level=warning --outfile="$build/web/app.js"
cp "$here/index.html" "$here/style.css" "$build/web"
echo "web: the page is in $build/web"
