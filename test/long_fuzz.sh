#!/bin/sh
# Every fuzz target for TIME seconds by libFuzzer, and for AFL_TIME by AFL++; 3,000
# inputs each drawn anew by SEED, the date unless told; then the builds of the frame
# room meet what fuzz_lane found.
. test/check.sh
fuzz() { # WHAT WORD…
  what=$1
  shift
  make NO_DEPS=1 fuzz "$@" |
    sed -e "s/^pass /&$what /" -e "s/^FAIL /&$what /" | fuzz_tests || failed=1
}
fuzz libfuzzer "TIME=${TIME:-60}"
seed=${SEED:-$(date +%Y%m%d)}
fuzz "drawn by SEED=$seed" TIME=0 DRAWN=3000 "SEED=$seed" \
  "ONLY=$(python3 -B fuzz/drawn.py)"
fuzz afl ENGINE=afl "TIME=${AFL_TIME:-10}"
sh test/check_lane.sh || failed=1
