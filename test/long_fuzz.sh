#!/bin/sh
# Every fuzz target for TIME seconds.
make NO_DEPS=1 fuzz "TIME=${TIME:-60}" |
  sed -n -e 's/^pass /ok /p' -e 's/^FAIL /not ok /p' -e 's/^ /&/p'
