#!/bin/sh
# Mutation testing of the rooms that judge what comes from the net: at least 300
# mutants each, 90 % of them killed, and the rest explained in
# test/long/survivors.txt.
BUILD=${BUILD:-build}
export BUILD
for room in message handshake sip; do
  log=$BUILD/mutants-$room.log
  if python3 test/long/mutate.py "$room" >"$log"; then
    echo "ok $(tail -n 1 "$log")"
  else
    echo "not ok $(tail -n 1 "$log")"
    sed 's/^/  /' "$log"
  fi
done
