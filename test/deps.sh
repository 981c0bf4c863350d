#!/bin/sh
# Makes sure that the Debian packages named are installed: installs them as
# root or through sudo, else says what to install.
missing=
if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "deps: not a Debian system; install what provides: $*" >&2
  echo "deps: (NO_DEPS=1 skips this check)" >&2
  exit 0
fi
for package in "$@"; do
  case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
  "install ok installed") ;;
  *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "deps: missing packages; run this, then make again:" >&2
  echo "  sudo apt-get install$missing" >&2
  echo "deps: (NO_DEPS=1 skips this check)" >&2
  exit 1
fi
echo "deps: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y \
    -o Acquire::Retries=3 --no-install-recommends $missing >"$log" 2>&1
}
install || {
  $as_root apt-get -o Acquire::Retries=3 update >/dev/null 2>&1 && install
} || {
  tail -n 20 "$log" >&2
  echo "deps: apt-get failed; install by hand:$missing" >&2
  exit 1
}
