#!/bin/sh
# The library is fit for firmware: it builds for a Cortex-M3 without a warning,
# wants nothing of others but a few functions of C and the hashes of mbedTLS,
# and holds no data that is written to.
BUILD=${BUILD:-build}
unset MAKEFLAGS MFLAGS MAKELEVEL
. test/check.sh

command -v arm-none-eabi-gcc >/dev/null 2>&1 || {
  echo "ok the Cortex-M3 build (no arm-none-eabi-gcc here: not built)"
  exit 0
}
build() { sh test/firmware.sh >"$work/objects"; }
check "every room builds for a Cortex-M3, without a warning" build
[ "$failed" = 0 ] || exit 1
objects=$(cat "$work/objects")

rooms=$(make -s -f Makefile -f - print-rooms NO_DEPS=1 BUILD="$BUILD" <<'END'
.PHONY: print-rooms
print-rooms:
	@echo $(ROOMS)
END
)
for room in $rooms; do
  [ -f "$objects/sipws_$room.o" ] || echo "$room"
done >"$work/missing"
echo frame_wslay >"$work/allowed"
check "of $(echo "$rooms" | wc -w) rooms frame_wslay alone is left out" \
  diff "$work/allowed" "$work/missing"

# What the objects want that none of them has; __aeabi_ is the compiler's own.
names() { # nm's option, object
  arm-none-eabi-nm "$1" "$2" | awk -v object="${2##*/}" 'NF > 1 { print object, $NF }'
}
for object in "$objects"/*.o; do
  names --defined-only "$object" >>"$work/has"
  names --undefined-only "$object" >>"$work/wants"
done
crypto='mbedtls_(md|md_[a-z_]*|platform_zeroize)'
awk 'NR == FNR { has[$2] = 1; next } !($2 in has)' "$work/has" "$work/wants" |
  grep -Ev -e ' (mem(cpy|move|set|cmp|chr)|str(len|chr)|__aeabi_[a-z0-9]*)$' \
    -e '^sipws_mem.o (realloc|free)$' -e "^sipws_crypto.o $crypto\$" \
    >"$work/strangers"
check "names could be read" grep -q 'sipws_conn.o sipws_client_new' "$work/has"
check "objects want string.h, the allocator in mem, mbedTLS in crypto" \
  silent "$work/strangers"

arm-none-eabi-size "$objects"/*.o |
  awk 'NR > 1 && $2 + $3 > 0 { print $6 ": data " $2 ", bss " $3 }' \
    >"$work/written"
check "data and bss are 0" silent "$work/written"
