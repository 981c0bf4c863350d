#!/bin/sh
# Mutation testing of the rooms that judge what comes from the net: at least 300
# mutants each, 90 % of them killed, and the rest listed with its reason in
# test/long/survivors.txt. Each room has 15 minutes.
BUILD=${BUILD:-build}
export BUILD
. test/check.sh
for room in message handshake sip; do
  mkdir -p "$BUILD"
  log=$BUILD/mutants-$room.log
  python3 test/long/mutate.py --minutes 15 "$room" >"$log"
  report $? "$(tail -n 1 "$log")" "$log"
done
