#!/bin/sh
# README's tables "Keeping the RFCs" and "Security" against the tests: each row
# that says done or function, and each threat, names at least one, and whatever is
# named is there: `test_name`, which a test program runs; `script.py: a case of
# it`; `script.sh: what it checks`.
readme=${1:-README.md}
here=$(dirname "$0")
. test/check.sh

# Lines of RFC, line number, who, names; a line a row, the names parted by "`".
awk -F ' *[|] *' '
  /^## / { here = $0 }
  function row(what, who, names) {
    gsub(/`, `/, "`", names)
    gsub(/^`|`$/, "", names)
    print what "|" NR "|" who "|" names
  }
  here == "## Keeping the RFCs" && /^[|]/ && $2 !~ /^(section|-*|[*].*)$/ {
    row($2, $4, $5)
  }
  here == "## Security" && /^[|]/ && $2 !~ /^(threat|-*)$/ {
    row("threat: " $2, "done", $4)
  }' "$readme" >"$work/rows"

# Names that stand in a program's list of tests, too.
cat "$here"/test_*.c | grep -o 'test_[a-z0-9_]*' | sort | uniq -d >"$work/tests"

# named NAME: it is one of the tests.
named() {
  case $1 in
  test_*) grep -qx -- "$1" "$work/tests" ;;
  *.py": "*) tr _ ' ' <"$here/peer/${1%%: *}" | grep -qF "def ${1#*: }(" ;;
  *.sh": "*) grep -qF -- "${1#*: }" "$here/${1%%: *}" ;;
  *) false ;;
  esac
}

while IFS='|' read -r section line who names; do
  case $who in
  done* | function*) [ -n "$names" ] || report 1 "line $line: $section has no test" ;;
  yours:*) ;;
  *) report 1 "line $line: $section is neither done nor function, nor yours: why" ;;
  esac
  echo "$names" | tr '`' '\n' >"$work/names"
  while read -r name; do
    [ -z "$name" ] || named "$name" || report 1 "line $line: there is no $name"
  done <"$work/names"
done <"$work/rows"

for rfc in 7118 6455 7936 8441 3261 3263 3581 5626 6223 5627 3327 5630 6873 \
  7355 7977 7616 8760; do
  rows=$(grep -c "^$rfc " "$work/rows")
  [ "$rows" -gt 0 ]
  report $? "RFC $rfc: $rows rows"
done
rows=$(grep -c "^threat: " "$work/rows")
[ "$rows" -gt 0 ]
report $? "security: $rows threats"
