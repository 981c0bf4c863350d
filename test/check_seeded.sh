#!/bin/sh
# What longer tests change in the library to see whether it shows: each change
# still has its place there. "make conformance-faults" and test/long_mutants.sh
# make them.
export PYTHONDONTWRITEBYTECODE=1
. test/check.sh
check "each fault of test/conformance/faults.py stands in one place" \
  python3 test/conformance/seed.py --check
check "each survivor of test/long/survivors.txt is one mutant" \
  python3 test/long/mutate.py --check
