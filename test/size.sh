#!/bin/sh
# Octets of each file of the library: code, constants, data and bss, here as it
# was built, and on a Cortex-M3 (-Os, without wslay) if it can be built for that.
BUILD=${BUILD:-build}
CC=${CC:-cc}
there=$(sh test/firmware.sh) || there=

# sizes SIZE DIRECTORY: "room code constants data bss", one line a room.
sizes() {
  for object in "$2"/sipws_*.o; do
    room=${object##*/sipws_}
    "$1" -A "$object" | awk -v room="${room%.o}" '
      $1 ~ /^\.text/ { code += $2 }
      $1 ~ /^\.(rodata|data\.rel\.ro)/ { constants += $2; next }
      $1 ~ /^\.data/ { data += $2 }
      $1 ~ /^\.bss/ { bss += $2 }
      END { print room, code + 0, constants + 0, data + 0, bss + 0 }'
  done | grep -v '^tls'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sizes size "$BUILD/lib" >"$work/here"
: >"$work/there"
[ -z "$there" ] || sizes arm-none-eabi-size "$there" >"$work/there"
awk -v machine="$(${CC%% *} -dumpmachine)" '
  function row(name, a, b) {
    printf "%-22s %7s %7s %5s %5s   %7s %7s %5s %5s\n", name,
      a[1], a[2], a[3], a[4], b[1], b[2], b[3], b[4]
  }
  FILENAME ~ /there$/ {
    for (i = 1; i <= 4; i++) { there[$1, i] = $(i + 1); sum[i + 4] += $(i + 1) }
    next
  }
  FNR == 1 {
    printf "%-22s %-27s   %s\n", "", machine, "Cortex-M3, -Os, WSLAY=0"
    split("text rodata data bss", names, " ")
    row("", names, names)
  }
  {
    for (i = 1; i <= 4; i++) {
      here[i] = $(i + 1); sum[i] += here[i]
      other[i] = ($1, i) in there ? there[$1, i] : "-"
    }
    row($1, here, other)
  }
  END {
    for (i = 1; i <= 4; i++) {
      here[i] = sum[i]; other[i] = i + 4 in sum ? sum[i + 4] : "-"
    }
    row("all", here, other)
  }' "$work/there" "$work/here"
