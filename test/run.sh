#!/bin/sh
# Runs test programs (cmocka) and scripts, each bounded in time; one line a
# suite, the log of those that failed, and a total at the end. A script counts
# as the tests it reports with lines "ok …" and "not ok …".
LIMIT=${LIMIT:-600}
passed=0
failed=0
color() { [ -t 1 ] && printf '\033[%sm%s\033[0m' "$1" "$2" || printf %s "$2"; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
for suite in "$@"; do
  name=$(basename "$suite" .sh)
  begin=$(date +%s)
  case $suite in
  *.sh) timeout -k 10 "$LIMIT" sh "$suite" >"$log" 2>&1 ;;
  *) timeout -k 10 "$LIMIT" $WRAPPER "$suite" >"$log" 2>&1 ;;
  esac
  status=$?
  took=$(($(date +%s) - begin))
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
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$bad" = 0 ]; then
    printf '%s %-24s %4d tests' "$(color 32 pass)" "$name" "$good"
  else
    printf '%s %-24s %4d passed, %d failed, status %d' "$(color 31 FAIL)" \
      "$name" "$good" "$bad" "$status"
  fi
  [ "$took" -gt 2 ] && printf '  %d s' "$took"
  echo
  [ "$bad" = 0 ] || sed 's/^/    /' "$log"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
