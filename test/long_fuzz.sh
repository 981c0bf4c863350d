#!/bin/sh
# Every fuzz target for TIME seconds by libFuzzer, and for AFL_TIME by AFL++; then
# the builds of the frame room meet what fuzz_lane found.
. test/check.sh
fuzz() { # ENGINE SECONDS
  make NO_DEPS=1 fuzz "ENGINE=$1" "TIME=$2" |
    sed -e "s/^pass /&$1 /" -e "s/^FAIL /&$1 /" | fuzz_tests || failed=1
}
fuzz libfuzzer "${TIME:-60}"
fuzz afl "${AFL_TIME:-10}"
sh test/check_lane.sh || failed=1
