#!/bin/sh
# What the build promises: exported names, versions, an installed tree that is
# of use, headers that stand alone, and a core that knows nobody but the few it
# may. From the Makefile: BUILD, CC, LDFLAGS, VERSION, SONAME and TLS_SONAME.
BUILD=${BUILD:-build}
CC=${CC:-cc}
LC_ALL=C
export LC_ALL
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

if [ -z "$VERSION" ] || [ -z "$SONAME" ] || [ -z "$TLS_SONAME" ]; then
  echo "not ok check_build needs VERSION, SONAME and TLS_SONAME, as make check gives them"
  exit 1
fi
. test/check.sh

have() { command -v "$1" >/dev/null 2>&1; }
# Two files say the same; what differs is shown.
same() { diff -u "$1" "$2"; }

for tool in "${CC%% *}" make nm readelf pkg-config; do
  check "$tool is there" have "$tool"
done
[ "$failed" = 0 ] || exit 1

# ------------------------------------------------------ names and versions

# The library, its list of names, its headers.
compare_names() { # LIBRARY LIST HEADER…
  library=$1 list=$2
  shift 2
  nm -D --defined-only "$BUILD/$library.so" | awk '{ print $NF }' | sort \
    >"$work/exported"
  cat "$@" | tr '\n' ' ' | grep -o 'SIPWS_API [a-z0-9_ *]*(' |
    grep -o 'sipws_[a-z0-9_]*(' | tr -d '(' | sort >"$work/declared"
  check "$library exports the names of $list" same "$list" "$work/exported"
  check "$library exports the names that its headers declare" \
    same "$work/declared" "$work/exported"
}
# tls.h is the second library's, the others are the first's.
compare_names libsipws test/exports.txt \
  $(ls include/sipws/*.h | grep -v /tls.h)
compare_names libsipws-tls test/exports-tls.txt include/sipws/tls.h

grep -o '^  SIPWS_\(OK\|ERR_[A-Z0-9_]*\) = ' include/sipws/sipws.h |
  tr -d ' =' | sort >"$work/errors"
grep -o '^  X(SIPWS_[A-Z0-9_]*' lib/sipws_err.c | sed 's/.*(//' | sort \
  >"$work/texts"
check "each error of the header has its row in lib/sipws_err.c" \
  same "$work/errors" "$work/texts"

# Overflows that nobody found end the program, and tables cannot be rewritten.
wants() { nm -D "$1" | grep -q " U $2@"; } # LIBRARY NAME
is_hardened() { # LIBRARY
  readelf -d "$1" | grep -q BIND_NOW && readelf -lW "$1" | grep -q GNU_RELRO &&
    readelf -lW "$1" | grep 'GNU_STACK' | grep -qv E &&
    wants "$1" __stack_chk_fail
}
for library in libsipws.so libsipws-tls.so; do
  check "$library is hardened" is_hardened "$BUILD/$library"
done
# libsipws-tls has no copy whose bounds the compiler knows and cannot prove.
case "$CFLAGS" in
*-O0* | *-fsanitize=*) echo "ok libsipws.so has checked copies (CFLAGS: none)" ;;
*) check "libsipws.so has checked copies" \
  wants "$BUILD/libsipws.so" __memcpy_chk ;;
esac

soname_of() { readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]$/\1/p'; }
macro() {
  sed -n "s/^#define SIPWS_VERSION_$1 \([0-9]*\)\$/\1/p" include/sipws/sipws.h
}
header_version="$(macro MAJOR).$(macro MINOR).$(macro PATCH)"
# before 1.0 each minor version may break the ABI
case $header_version in
0.*) suffix=so.0.$(macro MINOR) ;;
*) suffix=so.$(macro MAJOR) ;;
esac
check "the header's version is $VERSION" [ "$header_version" = "$VERSION" ]
check "SONAME is $SONAME" [ "$(soname_of "$BUILD/libsipws.so")" = "$SONAME" ]
check "TLS_SONAME is $TLS_SONAME" \
  [ "$(soname_of "$BUILD/libsipws-tls.so")" = "$TLS_SONAME" ]
check "both follow the version" \
  [ "$SONAME $TLS_SONAME" = "libsipws.$suffix libsipws-tls.$suffix" ]

# ----------------------------------------------------------------- install

put() { # install or uninstall, PREFIX
  make -s "$1" BUILD="$BUILD" CC="$CC" DESTDIR="$work/root" PREFIX="$2"
}
pc_of() { # PREFIX pkg-config arguments…
  prefix=$1
  shift
  PKG_CONFIG_LIBDIR="$work/root$prefix/lib/pkgconfig" \
    PKG_CONFIG_SYSROOT_DIR="$work/root" PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 \
    PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 pkg-config "$@"
}
check "make install" put install /usr
{
  for header in include/sipws/*.h; do
    echo "./include/sipws/${header##*/}"
  done
  for library in sipws sipws-tls; do
    printf './lib/%s\n' "lib$library.a" "lib$library.so" "lib$library.$suffix" \
      "lib$library.so.$VERSION" "pkgconfig/$library.pc"
  done
} | sort >"$work/planned"
(cd "$work/root/usr" && find . ! -type d | sort) >"$work/installed"
check "install puts these files and no other" \
  same "$work/planned" "$work/installed"
check "pkg-config tells version $VERSION" \
  [ "$(pc_of /usr --modversion sipws sipws-tls)" = "$VERSION
$VERSION" ]
check "pkg-config tells the prefix" \
  grep -x 'prefix=/usr' "$work/root/usr/lib/pkgconfig/sipws.pc"
check "make install elsewhere" put install /opt/sipws
check "pkg-config tells that prefix then" \
  grep -x 'prefix=/opt/sipws' "$work/root/opt/sipws/lib/pkgconfig/sipws.pc"
: >"$work/root/opt/sipws/lib/another.a"
check "make uninstall" put uninstall /opt/sipws
printf '%s\n' . ./include ./lib ./lib/another.a ./lib/pkgconfig >"$work/planned"
(cd "$work/root/opt/sipws" && find . | sort) >"$work/left"
check "uninstall leaves what others put there alone" \
  same "$work/planned" "$work/left"

cat >"$work/use.c" <<'END'
#include <sipws/sip.h>
#include <sipws/sipws.h>

#include <stdio.h>

int main(void) {
  sipws_config *config;
  sipws_conn *conn;
  const uint8_t *data;
  size_t len;
  if (sipws_config_new(NULL, NULL, &config) != 0 ||
      sipws_config_set_random(config, sipws_os_random, NULL) != 0 ||
      sipws_client_new(config, "ws://example.com/", 17, NULL, 0, &conn) != 0 ||
      sipws_conn_pending(conn, 0, &data, &len) != 0 || len == 0) {
    return 1;
  }
  sipws_conn_free(conn);
  sipws_config_free(config);
  printf("%u\n", (unsigned)sipws_version_number());
  return 0;
}
END
cat >"$work/use_tls.c" <<'END'
#include <sipws/tls.h>

#include <stdio.h>

int main(void) {
  sipws_tls_config *tls;
  if (sipws_tls_config_new(SIPWS_CLIENT, NULL, NULL, sipws_os_random, NULL,
                           &tls) != 0) {
    return 1;
  }
  sipws_tls_config_free(tls);
  printf("%u\n", (unsigned)sipws_version_number());
  return 0;
}
END
number=$(($(macro MAJOR) * 65536 + $(macro MINOR) * 256 + $(macro PATCH)))
# CC and the flags are lists of words.
use_shared() { # PROGRAM PACKAGE SONAME
  $CC $LDFLAGS -o "$work/shared" "$work/$1.c" $(pc_of /usr --cflags --libs "$2") \
    -Wl,-rpath-link,"$work/root/usr/lib" &&
    readelf -d "$work/shared" | grep -F "[$3]" &&
    [ "$(LD_LIBRARY_PATH="$work/root/usr/lib" "$work/shared")" = "$number" ]
}
use_static() { # PROGRAM PACKAGE
  $CC $LDFLAGS -o "$work/static" "$work/$1.c" \
    $(pc_of /usr --static --cflags --libs "$2" |
      sed 's/-l\(sipws[a-z-]*\)/-l:lib\1.a/g') &&
    ! readelf -d "$work/static" | grep libsipws &&
    [ "$("$work/static")" = "$number" ]
}
if nm -u "$BUILD/lib/sipws_err.o" | grep -q __asan; then
  echo "ok a program with the installed library (sanitized: not built)"
else
  check "a program with the installed shared library runs" \
    use_shared use sipws "$SONAME"
  check "a program with the installed static library runs" use_static use sipws
  check "a program with the installed shared TLS library runs" \
    use_shared use_tls sipws-tls "$TLS_SONAME"
  check "a program with the installed static TLS library runs" \
    use_static use_tls sipws-tls
fi

# ----------------------------------------------------------------- headers

stands_alone() { # HEADER COMPILER…
  echo "#include <sipws/$1>" >"$work/alone.${lang}"
  shift
  "$@" -Iinclude -pedantic -Wall -Wextra -Werror -fsyntax-only \
    "$work/alone.${lang}"
}
for header in include/sipws/*.h; do
  name=${header##*/}
  for compiler in gcc clang g++ clang++; do
    case $compiler in
    *++) lang=cc std=-std=c++98 ;;
    *) lang=c std=-std=c99 ;;
    esac
    if have "$compiler"; then
      # C++98 has no <stdint.h> of its own, every compiler gives it
      check "$name alone by $compiler $std" \
        stands_alone "$name" "$compiler" "$std" -Wno-long-long
    elif [ "$compiler" = gcc ]; then
      check "$name alone by ${CC%% *} $std" \
        stands_alone "$name" "${CC%% *}" "$std"
    else
      echo "ok $name alone by $compiler (no $compiler here)"
    fi
  done
  grep '^#include' "$header" |
    grep -v '^#include <\(stddef\|stdint\|sipws/sipws\|sipws/sip\).h>$' \
      >"$work/others"
  check "$name includes the library's own and two of C" silent "$work/others"
done

# ---------------------------------------------------------------- the core

# What the objects want of others. Compilers add what hardening needs.
for object in "$BUILD"/lib/sipws_*.o; do
  case ${object##*/} in
  sipws_os.o) own='getentropy' ;;
  sipws_mem.o) own='realloc|free' ;;
  sipws_frame_wslay.o) own='wslay_frame_[a-z_]*' ;;
  sipws_crypto.o) own='mbedtls_[a-z0-9_]*' ;;
  sipws_tls*.o) own='mbedtls_[a-z0-9_]*|psa_crypto_init' ;;
  *) own='sipws_version_number' ;;
  esac
  nm -u "$object" | awk -v object="${object##*/}" '{ print object ": " $NF }' |
    grep -Ev ": (sipws_[a-z0-9_]*|mem(cpy|move|set|cmp|chr)|bcmp|str(len|chr|cmp|str)|$own\
|__mem(cpy|move|set)_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_\
|__(asan|ubsan)_.*)\$"
done >"$work/strangers"
check "objects know string.h, wslay in frame_wslay, mbedTLS in crypto, tls" \
  silent "$work/strangers"

# What is written to; .data.rel.ro is not once the library is loaded.
for object in "$BUILD"/lib/sipws_*.o; do
  readelf -SW "$object" | sed 's/^ *\[ *[0-9]*\]//' |
    awk -v object="${object##*/}" '$7 ~ /W/ && $1 !~ /^\.data\.rel\.ro/ &&
      $1 !~ /asan/ && $5 !~ /^0*$/ { print object ": " $1 " " $5 }'
done >"$work/written"
if nm -u "$BUILD/lib/sipws_err.o" | grep -q __asan; then
  echo "ok objects hold no data to write (sanitized: not looked at)"
else
  check "objects hold no data to write" silent "$work/written"
fi

# ------------------------------------------------------------------- rooms

rooms=$(make -s -f Makefile -f - print-rooms NO_DEPS=1 BUILD="$BUILD" <<'END'
.PHONY: print-rooms
print-rooms:
	@echo $(ROOMS) $(TLS_ROOMS)
END
)
floor_of() { # ROOM: its place in the list, 0 if it is none
  place=0
  for room in $rooms; do
    place=$((place + 1))
    [ "$room" != "$1" ] || { echo "$place" && return; }
  done
  echo 0
}
for file in lib/*.[ch]; do
  own=${file##*/sipws_}
  own=${own%.[ch]}
  [ "$(floor_of "$own")" != 0 ] || echo "$file: no room of the Makefile's"
  for other in $(sed -n 's/^#include "sipws_\(.*\)\.h"$/\1/p' "$file"); do
    [ "$(floor_of "$other")" -le "$(floor_of "$own")" ] ||
      echo "$file includes sipws_$other.h, which comes later in ROOMS"
  done
done >"$work/upward"
for room in $rooms; do
  [ -f "lib/sipws_$room.c" ] || echo "room $room has no lib/sipws_$room.c"
done >>"$work/upward"
check "a room includes rooms below alone" silent "$work/upward"

grep -n '^ *# *include' lib/*.[ch] | grep -v \
  -e '"sipws_[a-z0-9_]*\.h"$' -e '<sipws/[a-z]*\.h>$' \
  -e '<\(string\|stdint\|stddef\)\.h>$' \
  -e '^lib/sipws_frame_wslay\.c:.*<wslay/wslay\.h>$' \
  -e '^lib/sipws_\(crypto\.c\|tls[a-z_]*\.[ch]\):.*<\(mbedtls\|psa\)/[a-z0-9_]*\.h>$' \
  -e '^lib/sipws_\(text_scan\|octets\)\.[ch]:.*<\(emmintrin\|immintrin\|arm_neon\)\.h>$' \
  -e '^lib/sipws_mem\.c:.*<stdlib\.h>$' \
  -e '^lib/sipws_os\.c:.*<\(sys/types\|sys/random\|unistd\)\.h>$' \
  >"$work/includes"
check "lib includes C's three, wslay in frame_wslay, mbedTLS in crypto, tls" \
  silent "$work/includes"
# A word that only some files of lib may mention.
for pair in 'wslay/ sipws_frame_wslay.c' 'mbedtls sipws_crypto.c sipws_tls*.[ch]' \
  'stdlib sipws_mem.c'; do
  check "only these mention it: $pair" \
    [ -z "$(cd lib && grep -l "${pair%% *}" $(ls ${pair#* } /dev/null |
      sed 's/^/--exclude=/') -r .)" ]
done
