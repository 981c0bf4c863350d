# Sourced by scripts of this folder: another one of their own, $work, which is
# gone at the end, and verdicts, one line a test. A script that starts processes
# sets a trap on EXIT of its own, which removes $work, too.
work=$(mktemp -d)
failed=0 # 1 when a test was
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# report STATUS WHAT [LOG]: one test, with the log if it failed.
report() {
  if [ "$1" = 0 ]; then
    echo "ok $2"
  else
    echo "not ok $2"
    failed=1
    [ -z "$3" ] || sed 's/^/  /' "$3"
  fi
}

# check WHAT COMMAND…: one test, with what the command said if it failed.
check() {
  what=$1
  shift
  "$@" >"$work/log" 2>&1
  report $? "$what" "$work/log"
}

# A file says nothing.
silent() { ! grep . "$1"; }

# What fuzz/run.sh says, as tests.
fuzz_tests() {
  sed -n -e 's/^pass /ok /p' -e 's/^FAIL /not ok /p' -e 's/^ /&/p'
}
