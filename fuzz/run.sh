#!/bin/sh
# Builds every fuzz target with clang's libFuzzer, ASan and UBSan, and runs each
# for TIME seconds from its corpus. What it finds is left in $BUILD/fuzz-found.
set -eu
BUILD=${BUILD:-build}
TIME=${TIME:-30}
CLANG=${CLANG:-clang}
command -v "$CLANG" >/dev/null || {
  echo "fuzz: needs clang with libFuzzer: apt-get install clang" >&2
  exit 1
}
out=$BUILD/libfuzzer
found=$BUILD/fuzz-found
mkdir -p "$out" "$found"
status=0
for target in fuzz/fuzz_*.c; do
  name=$(basename "$target" .c)
  mkdir -p "$out/corpus/$name"
  $CLANG -std=c99 -g -O1 -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all -Iinclude -Ilib -o "$out/$name" \
    "$target" lib/*.c -lwslay -lmbedtls -lmbedx509 -lmbedcrypto
  echo "$name: $TIME s"
  "$out/$name" -max_total_time="$TIME" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$found/$name-" "$out/corpus/$name" \
    "fuzz/corpus/$name" >"$out/$name.log" 2>&1 || status=1
  grep -E 'stat::number_of_executed_units|ERROR|SUMMARY|Test unit written' \
    "$out/$name.log" || true
done
exit $status
