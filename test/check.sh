# Sourced by scripts of this folder, which are run from the top of the
# repository: another folder of their own, $work, which is gone at the end, and
# verdicts, one line a test. A script ends with status 0 only if no test failed;
# one that starts processes has a clean_up of its own, which ends them.
work=$(mktemp -d)
failed=0 # 1 when a test was
trap 'finish' EXIT
trap 'exit 130' INT TERM

clean_up() { :; }
finish() {
  status=$?
  clean_up
  rm -rf "$work"
  exit $((status != 0 ? status : failed))
}

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

# tell COMMAND…: within five minutes; it writes lines "ok …" and "not ok …"
# itself, and ends with status 0 when all are ok.
tell() { timeout -k 5 300 "$@" || failed=1; }

# A file says nothing.
silent() { ! grep . "$1"; }

# What fuzz/run.sh says, as tests; status 0 when each target passed.
fuzz_tests() {
  awk '/^targets: / { targets = $2 + 0 } /^pass / { good++ }
    sub(/^pass /, "ok ") || sub(/^FAIL /, "not ok ") || /^ /
    END { exit good == 0 || good != targets }'
}
