#!/bin/sh
# What hostile inputs make the library work, in instructions (callgrind): each
# at a length and at twice it. Peers' input comes as one feed; as TCP segments
# of 1, 2, 6 and 14 octets, a feed each; and, for servers, in TLS records of one
# octet, with empty ones between, or as long as they may be, many in a feed.
# Then hill climbing from the worst of these for SEARCH seconds, over units,
# sizes, cuts and lengths; the same SEED takes the same steps. TLS handshakes
# are not measured: what they cost is mbedTLS's arithmetic.
#   BOUND   instructions per octet on the wire, where a segment has 40 of IP and
#           TCP beside those fed; ours, without what bare mbedTLS takes for the
#           same records, which is printed
#   SINGLE  instructions per octet fed, however few a segment has
#   RATIO   instructions for an input of twice the length
# All rows are in $BUILD/hostile.txt.
BUILD=${BUILD:-build}
BOUND=${BOUND:-300}
SINGLE=${SINGLE:-1000}
RATIO=${RATIO:-2.1}
ROWS=${ROWS:-12}
SEARCH=${SEARCH:-60}
SEED=${SEED:-1}
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
valgrind -q --tool=callgrind --callgrind-out-file="$work/part" \
  "$BUILD/test/hostile/hostile" "$work/part" "$SEARCH" "$SEED" >"$work/rows"
report $? "every input was worked on to its end"

# Of two lines, a length and twice it, one:
# kind|name|size|cut|octets|ours per octet of wire|of input|mbedTLS's|ratio
awk -F'|' '
  { ours = $8 / $7 }
  NR % 2 { before = ours; next }
  { printf "%s|%s|%s|%s|%d|%.1f|%.1f|%.1f|%.3f\n", $1, $2, $3, $4, $6, ours,
      $8 / $6, $9 / $7, (before > 0 ? 2 * ours / before : 2) }
' "$work/rows" >"$BUILD/hostile.txt"

# worst WHAT AWK-CONDITION COLUMN: the rows with the highest of a column.
worst() {
  printf '\n%8s %8s %8s %7s %5s %7s  %s\n' "of wire" "of input" mbedTLS \
    double cut octets "$1"
  awk -F'|' "$2" "$BUILD/hostile.txt" | sort -t'|' -k"$3,$3nr" |
    head -n "$ROWS" | awk -F'|' '{
      printf "%8.1f %8.1f %8.1f %7.3f %5s %7d  %s\n", $6, $7, $8, $9,
        ($4 > 0 ? $4 : "-"), $5, $2 ($3 >= 0 ? ", size " $3 : "") }'
}
worst "by whole feeds" '$1 == "peer" && $4 == 0' 6
worst "in segments of a few octets" '$1 == "peer" && $4 > 0' 6
worst "in segments, by octets fed" '$1 == "peer" && $4 > 0' 7
worst "in TLS records" '$1 == "wss"' 6
worst "in TLS records, mbedTLS" '$1 == "wss"' 8
worst "functions on text" '$1 == "text"' 6
worst "found by search" '$2 ~ /; found:/' 6
worst "for doubled input" '1' 9
echo

# hold WHAT AWK-CONDITION: one test; what breaks it is named.
hold() {
  awk -F'|' "$2" "$BUILD/hostile.txt" >"$work/broken"
  [ -s "$BUILD/hostile.txt" ] && ! [ -s "$work/broken" ]
  report $? "$1" "$work/broken"
}
hold "by whole feeds, at most $BOUND instructions per octet" \
  "\$1 != \"wss\" && \$4 == 0 && \$6 > $BOUND"
hold "in segments of a few octets, at most $BOUND per octet on the wire" \
  "\$1 == \"peer\" && \$4 > 0 && \$6 > $BOUND"
hold "in segments of a few octets, at most $SINGLE per octet fed" \
  "\$1 == \"peer\" && \$4 > 0 && \$7 > $SINGLE"
hold "in TLS records, at most $BOUND of ours per octet on the wire" \
  "\$1 == \"wss\" && \$6 > $BOUND"
hold "for doubled input, at most $RATIO times" "\$9 > $RATIO"
awk '/; found:/ { found++ }
  END { print NR - found " inputs measured, and " found + 0 " worse ones found" }
' "$BUILD/hostile.txt"
