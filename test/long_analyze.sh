#!/bin/sh
# What three analyzers say of lib/: nothing. clang-tidy's checks stand in
# .clang-tidy.
CLANG_TIDY=${CLANG_TIDY:-clang-tidy}
. test/check.sh
for file in lib/*.c; do
  check "gcc -fanalyzer $file" gcc -std=c99 -O2 -fanalyzer -Werror -Iinclude \
    -c -o /dev/null "$file"
  check "clang-tidy $file" "$CLANG_TIDY" --quiet "$file" -- -std=c99 -Iinclude
done
check "cppcheck lib" cppcheck --quiet --std=c99 --error-exitcode=1 \
  --enable=warning,performance,portability -Iinclude -Ilib lib
