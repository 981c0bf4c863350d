#!/bin/sh
# What three analyzers say of lib/: nothing. clang-tidy's checks stand in
# .clang-tidy.
CLANG_TIDY=${CLANG_TIDY:-clang-tidy}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

# silent NAME COMMAND…: one test; the command says nothing and succeeds.
silent() {
  name=$1
  shift
  if "$@" >"$log" 2>&1; then
    echo "ok $name"
  else
    echo "not ok $name"
    sed 's/^/  /' "$log"
  fi
}
for file in lib/*.c; do
  silent "gcc -fanalyzer $file" gcc -std=c99 -O2 -fanalyzer -Werror -Iinclude \
    -c -o /dev/null "$file"
  silent "clang-tidy $file" "$CLANG_TIDY" --quiet "$file" -- -std=c99 -Iinclude
done
silent "cppcheck lib" cppcheck --quiet --std=c99 --error-exitcode=1 \
  --enable=warning,performance,portability -Iinclude -Ilib lib
