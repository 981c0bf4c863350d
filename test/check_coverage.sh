#!/bin/sh
# README's tables "Keeping the RFCs" and "Security" against the tests: each row
# that says done or function, and each threat, names at least one, and whatever is
# named is there: `test_name`, which a test program runs; `script.py: a case of
# it`; `script.sh: what it checks`.
readme=${1:-README.md}
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

bad() {
  echo "not ok $1"
  failed=1
}

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
  }' "$readme" >"$dir/rows"

# Names that stand in a program's list of tests, too.
cat "$here"/test_*.c | grep -o 'test_[a-z0-9_]*' | sort | uniq -d >"$dir/tests"

# named NAME: it is one of the tests.
named() {
  case $1 in
  test_*) grep -qx -- "$1" "$dir/tests" ;;
  *.py": "*) tr _ ' ' <"$here/peer/${1%%: *}" | grep -qF "def ${1#*: }(" ;;
  *.sh": "*) grep -qF -- "${1#*: }" "$here/${1%%: *}" ;;
  *) false ;;
  esac
}

while IFS='|' read -r section line who names; do
  case $who in
  done* | function*) [ -n "$names" ] || bad "line $line: $section has no test" ;;
  yours:*) ;;
  *) bad "line $line: $section is neither done nor function, nor yours: why" ;;
  esac
  echo "$names" | tr '`' '\n' >"$dir/names"
  while read -r name; do
    [ -z "$name" ] || named "$name" || bad "line $line: there is no $name"
  done <"$dir/names"
done <"$dir/rows"

for rfc in 7118 6455 7936 8441 3261 3263 3581 5626 6223 5627 3327 5630 6873 \
  7355 7977 7616 8760; do
  rows=$(grep -c "^$rfc " "$dir/rows")
  [ "$rows" -gt 0 ] && echo "ok RFC $rfc: $rows rows" ||
    bad "RFC $rfc is in the table"
done
rows=$(grep -c "^threat: " "$dir/rows")
[ "$rows" -gt 0 ] && echo "ok security: $rows threats" ||
  bad "README has a table of threats"
exit "$failed"
