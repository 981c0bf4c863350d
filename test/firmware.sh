#!/bin/sh
# Builds the library for a Cortex-M3 without an operating system and without
# wslay, as firmware would; used by check_firmware.sh and size.sh. Prints the
# directory of the objects. mbedTLS's headers are the host's: they say the same.
BUILD=${BUILD:-build}
CC=${CC:-cc}
target=$BUILD/cortex-m3
command -v arm-none-eabi-gcc >/dev/null 2>&1 || {
  echo "nothing for a Cortex-M3, which needs arm-none-eabi-gcc: apt-get" \
    "install gcc-arm-none-eabi libnewlib-arm-none-eabi" >&2
  exit 1
}
mkdir -p "$target/include"
for header in mbedtls/md.h psa/crypto.h; do
  path=$(echo "#include <$header>" | ${CC%% *} $CPPFLAGS -M -x c - |
    tr ' ' '\n' | grep "/$header\$") || {
    echo "no <$header>" >&2
    exit 1
  }
  ln -sfn "$(cd "${path%/*}" && pwd)" "$target/include/${header%/*}"
done
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s BUILD="$target" CC="arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb" \
  AR=arm-none-eabi-ar CFLAGS="-Os -fno-pic" LDFLAGS= \
  CPPFLAGS="-idirafter $target/include" HARDEN= WSLAY=0 NO_DEPS=1 \
  WERROR=-Werror \
  "$target/libsipws.a" >&2 || exit 1
echo "$target/lib"
