#!/bin/sh
# How much of lib/ the C tests reach, without exclusions: at least 95 % of the
# lines and 90 % of the branches. The report is left in $BUILD/coverage.txt.
BUILD=${BUILD:-build}
. test/check.sh
out=$BUILD/coverage
mkdir -p "$out"
make BUILD="$out" CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage NO_DEPS=1 \
  check-units >"$BUILD/coverage.log" 2>&1 || {
  echo "not ok the tests pass"
  tail -n 5 "$BUILD/coverage.log"
  exit 1
}
gcovr --root . --filter lib/ --object-directory "$out" --print-summary \
  >"$BUILD/coverage.txt" || exit 1

# at_least NAME PERCENT
at_least() {
  line=$(grep "^$1: " "$BUILD/coverage.txt")
  share=$(echo "$line" | sed 's/^[a-z]*: \([0-9]*\)[.%].*/\1/')
  [ "$share" -ge "$2" ]
  report $? "$line, $2 % are asked for" "$BUILD/coverage.txt"
}
at_least lines 95
at_least branches 90
