#!/bin/sh
# make bench-echo: what CPU time a message costs an echo server, relative to a
# raw TCP echo, for several numbers of connections and of messages outstanding
# on each. The servers take turns; each number is the median of the rounds.
# BUILD from the Makefile; others from whoever runs it:
#   PEERS=dir   every program dir/echo_* that takes a PORT is one more server
#   ROUNDS=5    MS=250 of traffic each    OCTETS=1200
# Results are kept in build/bench-echo.json.
BUILD=${BUILD:-build}
ROUNDS=${ROUNDS:-5}
MS=${MS:-250}
OCTETS=${OCTETS:-1200}
shapes='1x1 1x8 100x1 100x8 1000x1 1000x8'
bench=$BUILD/test/bench
json=$BUILD/bench-echo.json
rows=$(mktemp)
trap 'rm -f "$rows" "$rows.one"' EXIT
trap 'exit 130' INT TERM

ulimit -n 4096 2>/dev/null || [ "$(ulimit -n)" -ge 1100 ] || {
  echo "bench-echo: 1,000 connections need 1,100 descriptors: ulimit -n 1100" >&2
  exit 1
}

servers="$bench/echo_raw $bench/echo_epoll $bench/echo_wslay"
if [ -x "$bench/echo_lws" ]; then
  servers="$servers $bench/echo_lws"
else
  echo "bench-echo: without libwebsockets; apt-get install libwebsockets-dev"
fi
for peer in ${PEERS:+"$PEERS"/echo_*}; do
  [ ! -f "$peer" ] || [ ! -x "$peer" ] || servers="$servers $peer"
done
set -- $servers
echo "bench-echo: $# servers, 6 shapes, $ROUNDS rounds of $MS ms: about" \
  "$(($# * 6 * ROUNDS * (MS + 250) / 1000)) s"

round=0
while [ "$round" -lt "$ROUNDS" ]; do
  round=$((round + 1))
  printf 'round %d:' "$round"
  for shape in $shapes; do
    printf ' %s' "$shape"
    for server in $servers; do
      raw=
      [ "$server" != "$bench/echo_raw" ] || raw=--raw
      timeout 60 "$bench/load_echo" $raw "${shape%x*}" "${shape#*x}" \
        "$OCTETS" "$MS" "$server" >"$rows.one" ||
        echo "bench-echo: $server failed at $shape" >&2
      sed "s/^/$round	/" "$rows.one" >>"$rows"
    done
  done
  echo
done
rm -f "$rows.one"

# Fields of a row: round, server, connections, outstanding, octets, messages,
# CPU ns a message, messages a second, answers a read.
awk -F '\t' -v json="$json" -v octets="$OCTETS" -v rounds="$ROUNDS" \
  -v day="$(date +%Y-%m-%d)" -v kernel="$(uname -r)" \
  -v commit="$(git describe --always --dirty 2>/dev/null)" \
  -v cpu="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" '
function median(list, count,   i, j, x, a) {
  split(list, a, " ")
  for (i = 2; i <= count; i++) {
    x = a[i] + 0
    for (j = i - 1; j > 0 && a[j] + 0 > x; j--) a[j + 1] = a[j]
    a[j + 1] = x
  }
  return count % 2 ? a[(count + 1) / 2] : (a[count / 2] + a[count / 2 + 1]) / 2
}
{
  name = substr($2, 6)
  if (name == "epoll") name = "sipws"
  shape = $3 "x" $4
  if (!(name in known)) { known[name] = 1; names[++servers] = name }
  if (!(shape in seen)) { seen[shape] = 1; shapes[++columns] = shape }
  key = name SUBSEP shape
  if (name == "raw") base[shape, $1] = $7
  count[key]++
  ns[key] = ns[key] " " $7
  rate[key] = rate[key] " " $8
  batch[key] = batch[key] " " $9
  if (base[shape, $1] > 0) {
    paired[key]++
    ratio[key] = ratio[key] " " $7 / base[shape, $1]
  }
}
END {
  if (!servers) exit 1
  printf "\nCPU time of the server a message of %d octets, in ns and relative" \
    " to raw TCP echo;\nconnections x messages outstanding on each\n\n%-10s", \
    octets, ""
  for (c = 1; c <= columns; c++) printf " %13s", shapes[c]
  printf "\n"
  printf "{\"day\": \"%s\", \"commit\": \"%s\", \"cpu\": \"%s\", \"kernel\": \"%s\"," \
    " \"rounds\": %d, \"rows\": [", day, commit, cpu, kernel, rounds > json
  for (s = 1; s <= servers; s++) {
    printf "%-10s", names[s]
    for (c = 1; c <= columns; c++) {
      key = names[s] SUBSEP shapes[c]
      if (!count[key] || !paired[key]) { printf " %13s", "-"; continue }
      n[key] = median(ns[key], count[key])
      r[key] = median(ratio[key], paired[key])
      printf " %7d %5.2f", n[key], r[key]
      printf "%s\n {\"work\": \"echo-%s\", \"codec\": \"%s\", \"octets\": %d," \
        " \"ns\": %.0f, \"of_raw\": %.3f, \"rate\": %.0f," \
        " \"answers_a_read\": %.2f}", comma, shapes[c], names[s], octets, \
        n[key], r[key], median(rate[key], count[key]), \
        median(batch[key], count[key]) > json
      comma = ","
    }
    printf "\n"
  }
  print "\n]}" > json
}' "$rows" || exit
echo
BUILD=$BUILD python3 test/bench/page_echo.py echo
echo
echo "kept in $json"
