#!/bin/sh
# Under MemorySanitizer, which sees the use of memory never written: the C tests,
# the corpora, and every fuzz target for MSAN_TIME seconds. It has to see all
# writes, so mbedTLS is built from Debian's source package, without assembler,
# and wslay, whose source is not to be had, is left out (WSLAY=0).
BUILD=${BUILD:-build}
CLANG=${CLANG:-clang}
MSAN_TIME=${MSAN_TIME:-20}
. test/check.sh
out=$(mkdir -p "$BUILD/msan" && cd "$BUILD/msan" && pwd)
flags="-O1 -g -fno-omit-frame-pointer -fsanitize=memory"

# The source package, by apt with a state and a list of its own.
fetch() {
  apt=$out/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/parts"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ ! -f "$list" ] || sed -e 's/^Types: *deb *$/Types: deb-src/' \
      -e 's/^deb /deb-src /' "$list" >"$apt/parts/$(basename "$list")"
  done
  set -- -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/parts" \
    -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache"
  apt-get "$@" update || true # a list without sources is no matter
  (cd "$apt" && apt-get "$@" source --download-only mbedtls) &&
    mkdir -p "$out/mbedtls" &&
    tar -xf "$apt"/mbedtls_*.orig.tar.* -C "$out/mbedtls" --strip-components 1
}
build_mbedtls() {
  cd "$out/mbedtls" || return
  for macro in AESNI_C PADLOCK_C HAVE_ASM; do
    python3 scripts/config.py unset "MBEDTLS_$macro" || return
  done
  for macro in THREADING_C THREADING_PTHREAD; do
    python3 scripts/config.py set "MBEDTLS_$macro" || return
  done
  make -C library CC="$CLANG" CFLAGS="$flags" static
}
need() { # WHAT COMMAND…
  what=$1
  shift
  ("$@") >"$out/log" 2>&1 || {
    echo "not ok $what"
    tail -n 5 "$out/log"
    exit 1
  }
}
[ -f "$out/mbedtls/library/libmbedtls.a" ] || {
  need "Debian's source package of mbedTLS" fetch
  need "mbedTLS with MemorySanitizer" build_mbedtls
}

# clang's runtime does not know that getentropy writes.
cat >"$out/entropy.c" <<'END'
#include <stddef.h>
#include <unistd.h>
#include <fcntl.h>
int getentropy(void *out, size_t len) {
  int fd = open("/dev/urandom", O_RDONLY);
  ssize_t got = fd < 0 ? -1 : read(fd, out, len);
  if (fd >= 0) {
    close(fd);
  }
  return got == (ssize_t)len ? 0 : -1;
}
END
need "a source of random octets" $CLANG $flags -c -o "$out/entropy.o" \
  "$out/entropy.c"

make_with() { # WORD…
  make WSLAY=0 MBEDTLS="$out/mbedtls" CC="$CLANG" NO_DEPS=1 "$@"
}
make_with BUILD="$out/units" CFLAGS="$flags" LDFLAGS="$out/entropy.o" \
  check-units >"$out/log" 2>&1
status=$?
grep -A 12 FAIL "$out/log" >"$work/end"
report $status "C tests and corpora: $(grep ' passed, ' "$out/log" |
  tail -n 1)" "$work/end"
need "the fuzz targets" make_with BUILD="$out/libfuzzer" FUZZ_MAIN= \
  CFLAGS="$flags -fsanitize=fuzzer-no-link" \
  LDFLAGS="-fsanitize=fuzzer $out/entropy.o" replays
BUILD=$out TIME=$MSAN_TIME sh fuzz/run.sh libfuzzer | fuzz_tests || failed=1
