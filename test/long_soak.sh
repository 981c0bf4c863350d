#!/bin/sh
# Thousands of connections with mixed traffic, killed and made anew; see
# test/long/soak.c. Progress goes to $BUILD/soak.log.
BUILD=${BUILD:-build}
CONNECTIONS=${SOAK_CONNECTIONS:-5000}
TIME=${SOAK_TIME:-1200}
. test/check.sh
[ -x "$BUILD/test/long/soak" ] || {
  echo "not ok the program is there: make $BUILD/test/long/soak"
  exit 1
}
if told=$("$BUILD/test/long/soak" "$CONNECTIONS" "$TIME" 2>"$BUILD/soak.log"); then
  echo "$told" >>"$BUILD/soak.log"
  echo "ok $TIME s: $told"
else
  tail -n 5 "$BUILD/soak.log" >"$work/end"
  report 1 "$TIME s with $CONNECTIONS connections" "$work/end"
fi
