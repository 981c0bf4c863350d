#!/bin/sh
# Every fuzz target for TIME seconds.
. test/check.sh
make NO_DEPS=1 fuzz "TIME=${TIME:-60}" | fuzz_tests || failed=1
