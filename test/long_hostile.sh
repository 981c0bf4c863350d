#!/bin/sh
# What hostile inputs make the library work, in instructions (callgrind): each at
# a length and at twice it, peers' input by whole feeds and octet by octet. Of
# the inputs, and their sizes, the worst are printed, and held to bounds:
#   BOUND   instructions per octet on the wire, by whole feeds and for texts
#   SINGLE  instructions per octet that comes in a TCP segment of its own, of
#           which IP and TCP make 41 octets on the wire at least
#   RATIO   instructions for an input of twice the length
# All rows are in $BUILD/hostile.txt.
BUILD=${BUILD:-build}
BOUND=${BOUND:-300}
SINGLE=${SINGLE:-1000}
RATIO=${RATIO:-2.1}
ROWS=${ROWS:-12}
. test/check.sh

command -v valgrind >/dev/null || {
  echo "not ok valgrind is here: apt-get install valgrind"
  exit 1
}
[ -x "$BUILD/test/hostile/hostile" ] || {
  echo "not ok the program is there: make $BUILD/test/hostile/hostile"
  exit 1
}
# glibc copies what is long by "rep movsb", of which callgrind counts every
# octet: all copies are to be counted alike.
GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=0x7fffffff
GLIBC_TUNABLES=$GLIBC_TUNABLES:glibc.cpu.x86_rep_stosb_threshold=0x7fffffff
export GLIBC_TUNABLES
echo "measuring; this takes some minutes …" >&2
valgrind -q --tool=callgrind --callgrind-out-file="$work/part" \
  "$BUILD/test/hostile/hostile" >"$work/log" 2>&1
report $? "every input was worked on to its end" "$work/log"

# kind|name|size|cut|octets|instructions of each measurement, in their order; then
# of both lengths together kind|name|size|cut|octets|per octet|ratio.
for part in "$work"/part.*; do
  echo "${part##*.} $part"
done | sort -n | cut -d' ' -f2 | xargs grep -hE \
  '^(desc: Trigger: Client Request|summary): ' |
  sed 's/^desc: Trigger: Client Request: //' |
  awk -F'|' '
    !/^summary/ { label = $0; next }
    label == "" { next }
    { split($0, part, " "); count = split(label, f, "|"); label = "" }
    { key = f[1] "|" f[2] "|" f[3] "|" f[4] }
    !(key in octets) { octets[key] = f[5]; instructions[key] = part[2]; next }
    { printf "%s|%d|%.1f|%.3f\n", key, f[5], part[2] / f[5],
        (part[2] / f[5]) / (instructions[key] / octets[key]) * 2 }
  ' | sort -t'|' -k6,6nr >"$BUILD/hostile.txt"

# worst WHAT AWK-CONDITION COLUMN: the rows with the highest of a column.
worst() {
  printf '\n%-52s %8s %10s %7s\n' "$1" octets "per octet" double
  awk -F'|' "$2" "$BUILD/hostile.txt" | sort -t'|' -k"$3,$3nr" |
    head -n "$ROWS" | awk -F'|' '{
      printf "%-52s %8d %10.1f %7.3f\n", $2 ($3 >= 0 ? ", size " $3 : ""),
        $5, $6, $7 }'
}
worst "by whole feeds" '$1 == "peer" && $4 == 0' 6
worst "octet by octet" '$1 == "peer" && $4 == 1' 6
worst "functions on text" '$1 == "text"' 6
worst "for doubled input" '1' 7
echo

# hold WHAT AWK-CONDITION: one test; what breaks it is named.
hold() {
  awk -F'|' "$2" "$BUILD/hostile.txt" >"$work/broken"
  [ -s "$BUILD/hostile.txt" ] && ! [ -s "$work/broken" ]
  report $? "$1" "$work/broken"
}
hold "by whole feeds, at most $BOUND instructions per octet" \
  "\$4 == 0 && \$6 > $BOUND"
hold "in single octets, at most $SINGLE instructions each" \
  "\$4 == 1 && \$6 > $SINGLE"
hold "for doubled input, at most $RATIO times" "\$7 > $RATIO"
grep -c . "$BUILD/hostile.txt" | sed 's/$/ inputs measured/'
