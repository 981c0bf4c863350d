#!/bin/sh
# Runs test programs (cmocka), JOBS at a time (1 unless told), and then scripts,
# each bounded in time; one line a suite. Of those that failed: what failed in
# them, and the whole log. At the end a line "failed SUITE: TEST" each, and a
# total. A script counts as the tests it reports with lines "ok …" and "not ok …".
LIMIT=${LIMIT:-600}
JOBS=${JOBS:-1}
color() { [ "$RUN_COLOR" = yes ] && printf '\033[%sm%s\033[0m' "$1" "$2" || printf %s "$2"; }

# What the log has of tests that failed, or that the program did not come out
# of; its end if it names none.
excerpt() {
  case $suite in
  *.sh) awk '/^ok / { show = 0 } /^not ok / { show = 1 } show' "$log" ;;
  *)
    awk '/^\[ RUN / { part = ""; runs = 1 }
      { part = part $0 "\n" }
      /^\[       OK/ { runs = 0 }
      /^\[  FAILED/ && runs { printf "%s", part; runs = 0 }
      END { if (runs) printf "%s", part }' "$log"
    ;;
  esac | grep . || tail -n 20 "$log"
}

# names: of those tests.
names() {
  sed -n -e 's/^not ok //p' -e 's/^\[ RUN      \] //p' "$log.excerpt" |
    grep . || echo "status $status"
}

# Tells of a suite that ran.
tell() {
  if [ "$bad" = 0 ]; then
    printf '%s %-24s %4d tests' "$(color 32 pass)" "$name" "$good"
  else
    printf '%s %-24s %4d passed, %d failed, status %d' "$(color 31 FAIL)" \
      "$name" "$good" "$bad" "$status"
  fi
  [ "$took" -gt 2 ] && printf '  %d s' "$took"
  echo
  [ "$bad" != 0 ] || return 0
  excerpt >"$log.excerpt"
  sed 's/^/    /' "$log.excerpt"
  echo "  whole log of $name:"
  sed 's/^/    /' "$log"
  names | sed "s|^|failed $name: |" >>"$RUN_WORK/failed"
}

run() { # SUITE
  suite=$1
  name=$(basename "$suite" .sh)
  log=$RUN_WORK/$name
  begin=$(date +%s)
  case $suite in
  *.sh) timeout -k 10 "$LIMIT" sh "$suite" >"$log" 2>&1 ;;
  *) # in the foreground, Ctrl-C ends it, too
    timeout --foreground -k 10 "$LIMIT" $WRAPPER "$suite" >"$log" 2>&1 ;;
  esac
  status=$?
  took=$(($(date +%s) - begin))
  [ "$status" != 124 ] || echo "timeout: no end in $LIMIT s" >>"$log"
  case $suite in
  *.sh) good=$(grep -c '^ok ' "$log") bad=$(grep -c '^not ok ' "$log") ;;
  *)
    good=$(grep -c '^\[       OK \]' "$log")
    bad=$(sed -n 's/^.*\[  FAILED  \] \([0-9][0-9]*\) test.*/\1/p' "$log" |
      tail -n 1)
    ;;
  esac
  bad=${bad:-0}
  [ "$status" = 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ "$((good + bad))" -gt 0 ] || bad=1 # a suite that ran no test has failed
  echo "$good $bad $name" >>"$RUN_WORK/counts"
  tell >"$log.told"
  flock "$RUN_WORK" cat "$log.told" # whole, when several run
}

if [ "${1:-}" = --one ]; then
  run "$2"
  exit 0
fi

RUN_WORK=$(mktemp -d)
RUN_COLOR=no
[ ! -t 1 ] || RUN_COLOR=yes
trap 'rm -rf "$RUN_WORK"' EXIT
trap 'exit 130' INT TERM
touch "$RUN_WORK/counts"
for suite in "$@"; do
  case $suite in *.sh) ;; *) echo "$suite" ;; esac
done | RUN_WORK=$RUN_WORK RUN_COLOR=$RUN_COLOR \
  xargs -r -n 1 -P "$JOBS" sh "$0" --one
for suite in "$@"; do
  case $suite in *.sh) run "$suite" ;; esac
done
for suite in "$@"; do
  name=$(basename "$suite" .sh)
  grep -q " $name\$" "$RUN_WORK/counts" ||
    echo "failed $name: did not come to an end" >>"$RUN_WORK/failed"
done
[ ! -f "$RUN_WORK/failed" ] || cat "$RUN_WORK/failed"
awk -v suites=$# '{ passed += $1; failed += $2 }
  END {
    failed += suites - NR # those that never came to an end
    printf "%d passed, %d failed\n", passed, failed
    exit !(failed == 0 && passed > 0)
  }' "$RUN_WORK/counts"
