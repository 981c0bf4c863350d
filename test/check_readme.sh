#!/bin/sh
# The README keeps its word: its program is examples/memory.c, its commands and
# examples exist, every file it links to is there.
BUILD=${BUILD:-build}
. test/check.sh

sed -n '/^```c$/,/^```$/p' README.md | sed '1d;$d' >"$work/program.c"
cmp -s "$work/program.c" examples/memory.c
report $? "the README's program is examples/memory.c"

"$BUILD/examples/memory" | grep -q 'closed with code 1000'
report $? "it runs to a clean close"

bad=
for target in $(grep -oE '`make [a-z-]+|^    make [a-z-]+' README.md |
  sed 's/.*make //' | sort -u); do
  make -n NO_DEPS=1 "$target" >/dev/null 2>&1 || bad="$bad $target"
done
[ -z "$bad" ]
report $? "every make target it names exists$bad"

bad=
for link in $(grep -oE '\]\([^)]*\)' README.md | sed 's/](//;s/)//' |
  grep -v '^http'); do
  [ -e "$link" ] || bad="$bad $link"
done
[ -z "$bad" ]
report $? "every file it links to exists$bad"

bad=
for program in "$BUILD"/examples/*; do
  name=$(basename "$program")
  case $name in *.*) continue ;; esac
  grep -q "\`$name\`" README.md || bad="$bad $name"
done
[ -z "$bad" ]
report $? "every example is described$bad"

grep -n '^## ' README.md | tail -n 1 | grep -q 'Changes$'
report $? "its last part is Changes"
