#!/bin/sh
# The builds of the frame room tell the same: lane and wslay, lane alone
# (WSLAY=0), wslay alone (LANE=0), and the lane without vectors. Each is the
# library of $BUILD with its own frame, octets and utf8 rooms linked before it.
# Dialogues are drawn at random, LANE_ROUNDS of them from seed LANE_SEED; the
# corpus of fuzz_lane goes in too, and what "make fuzz" found since.
BUILD=${BUILD:-build}
CC=${CC:-cc}
CFLAGS=${CFLAGS:--O1}
LANE_ROUNDS=${LANE_ROUNDS:-4000}
LANE_SEED=${LANE_SEED:-1}
. test/check.sh

rooms=$(ls lib/sipws_frame*.c lib/sipws_octets.c lib/sipws_utf8.c)
without_wslay=$(echo "$rooms" | grep -v wslay)
wslay=-lwslay

# build PROGRAM "MACROS" "ROOMS" "SOURCES AND LIBRARIES"
build() {
  $CC -std=c99 -D_DEFAULT_SOURCE $CFLAGS $2 -Iinclude -Ilib -Itest \
    -o "$work/$1" $4 $3 "$BUILD/libsipws.a" $5 -lmbedcrypto
}
build_rounds() { # NAME MACROS ROOMS LIBRARIES
  build "$1" "$2" "$3" "fuzz/fuzz_lane.c test/lane_rounds.c" "$4"
}
deliver() { # NAME
  "$work/$1" "$LANE_ROUNDS" "$LANE_SEED" >"$work/$1.told" &&
    "$work/$1" fuzz/corpus/fuzz_lane/* \
      $(ls "$BUILD"/libfuzzer/corpus/fuzz_lane/* 2>/dev/null) \
      >>"$work/$1.told" && [ -s "$work/$1.told" ]
}
same() { diff "$work/$1.told" "$work/$2.told" | head -n 10 | (! grep .); }

check "lane and wslay: built" build_rounds both "" "$rooms" "$wslay"
check "WSLAY=0: built without wslay" \
  build_rounds wslay0 -DSIPWS_NO_WSLAY "$without_wslay" ""
check "LANE=0: built" build_rounds lane0 -DSIPWS_NO_LANE "$rooms" "$wslay"
check "no vectors: built" \
  build_rounds portable -DSIPWS_PORTABLE "$rooms" "$wslay"
for name in both wslay0 lane0 portable; do
  check "$name: every way of feeding tells the same" deliver "$name"
done
for name in wslay0 lane0 portable; do
  check "$name tells what both do ($(wc -l <"$work/both.told") dialogues)" \
    same both "$name"
done

for test in test_octets test_utf8; do
  check "$test without vectors: built" \
    build "$test" -DSIPWS_PORTABLE "$rooms" "test/$test.c test/support.c" \
    "-lcmocka $wslay"
  check "$test without vectors" "$work/$test"
done
