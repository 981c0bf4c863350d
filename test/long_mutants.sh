#!/bin/sh
# Mutation testing of the rooms that judge what comes from the net: at least 300
# mutants each, 90 % of them killed, and the rest listed with its reason in
# test/long/survivors.txt. Each room has 15 minutes.
BUILD=${BUILD:-build}
export BUILD
for room in message handshake sip; do
  log=$BUILD/mutants-$room.log
  if python3 test/long/mutate.py --minutes 15 "$room" >"$log"; then
    echo "ok $(tail -n 1 "$log")"
  else
    echo "not ok $(tail -n 1 "$log")"
    sed 's/^/  /' "$log"
  fi
done
