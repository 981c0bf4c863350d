#!/bin/sh
# make bench-many: growth to 15,000 live connections on loopback: what a message
# costs, what a connection holds, what it costs to keep it alive; the library
# beside a raw TCP echo. BUILD from the Makefile; others from whoever runs it:
#   ROUNDS=9    MS=250 of traffic at each count
# Results are kept in build/bench-many.json; MILLION.md is derived from them.
BUILD=${BUILD:-build}
ROUNDS=${ROUNDS:-9}
MS=${MS:-250}
counts=1000,5000,10000,15000
most=${counts##*,}
bench=$BUILD/test/bench
load=$bench/load_many
sipws=$bench/echo_epoll
raw=$bench/echo_raw
json=$BUILD/bench-many.json
rows=$(mktemp)
trap 'rm -f "$rows" "$rows.one"' EXIT
trap 'exit 130' INT TERM

ulimit -n "$((most + 100))" 2>/dev/null || {
  echo "bench-many: $most connections need $((most + 100)) descriptors in each" \
    "of two processes, $(ulimit -Hn) are allowed; as root, or with more in" \
    "/etc/security/limits.conf (nofile):" >&2
  echo "  ulimit -Hn $((most + 100)) && make bench-many" >&2
  exit 1
}

# run SECONDS OPTIONS…: one run, its lines kept
run() {
  limit=$1
  shift
  timeout "$limit" "$load" "$@" >"$rows.one" || {
    echo "bench-many: failed: load_many $*" >&2
    rm -f "$rows.one"
    exit 1
  }
  cat "$rows.one" >>"$rows"
  rm -f "$rows.one"
}

echo "bench-many: about $((70 + ROUNDS * (2500 + 8 * MS) / 1000)) s"
echo "what a connection holds, busy and idle (30 s)"
run 120 --rest 6000 "$MS" "$counts" "$sipws"
run 60 --raw --rest 300 "$MS" "$counts" "$raw"
echo "what keeping it alive costs: pings (30 s)"
run 60 --ping 22000 "$MS" "$most" "$sipws" 7000
run 60 --ping 4000 "$MS" "$most" "$sipws" 1000
echo "what TLS adds"
"$bench/many_tls" >>"$rows" || exit 1
round=0
while [ "$round" -lt "$ROUNDS" ]; do
  round=$((round + 1))
  echo "what a message costs, round $round of $ROUNDS"
  echo "round	$round" >>"$rows"
  # who is first takes turns: the machine drifts
  [ $((round % 2)) = 0 ] || run 60 "$MS" "$counts" "$sipws"
  run 60 --raw "$MS" "$counts" "$raw"
  [ $((round % 2)) = 1 ] || run 60 "$MS" "$counts" "$sipws"
done

awk -F '\t' -v json="$json" -v day="$(date +%Y-%m-%d)" \
  -v kernel="$(uname -r)" -v counts="$counts" \
  -v commit="$(git describe --always --dirty 2>/dev/null)" \
  -v cpu="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" '
function median(list,   count, i, j, x, a) {
  count = split(list, a, " ")
  if (!count) return 0
  for (i = 2; i <= count; i++) {
    x = a[i] + 0
    for (j = i - 1; j > 0 && a[j] + 0 > x; j--) a[j + 1] = a[j]
    a[j + 1] = x
  }
  return count % 2 ? a[(count + 1) / 2] : (a[count / 2] + a[count / 2 + 1]) / 2
}
function row(text) {
  printf "%s\n %s", comma, text > json
  comma = ","
}
# What MILLION.md explains. Octets a connection are GB of a million.
function million(  end, kernel, s, user, tls) {
  end = at[n]
  for (s = 1; s <= slabbed; s++) kernel += of[slabs[s]]
  if (!kernel) kernel = held["raw", end, "idle", 8] / 2
  user = held["sipws", end, "idle", 7]
  tls = idle["wss"] - idle["ws"]
  print "\nA million, by these figures\n"
  printf "  memory of the server, idle      %6.2f GB, of which the library %.2f\n", \
    user / 1000, held["sipws", end, "idle", 6] / 1000
  printf "  memory of the kernel, idle      %6.2f GB\n", kernel / 1000
  printf "  together                        %6.2f GB, with TLS %.1f\n", \
    (user + kernel) / 1000, (user + kernel + tls) / 1000
  printf "  pings every 25 s                40,000 a second, %.2f to %.2f CPUs\n", \
    40000 * ping_ns[2] / 1e9, 40000 * ping_ns[1] / 1e9
  s = median(shake["sipws"])
  printf "  all connect within 60 s         16,667 a second, %.2f CPUs;" \
    " with TLS %.1f, resumed %.2f\n", 16667 * s / 1e9, \
    16667 * (s + hands["wss"] - hands["ws"]) / 1e9, \
    16667 * (s + hands["resumed"] - hands["ws"]) / 1e9
}
BEGIN {
  n = split(counts, at, ",")
  printf "{\"day\": \"%s\", \"commit\": \"%s\", \"cpu\": \"%s\", \"kernel\": \"%s\"," \
    " \"rows\": [", day, commit, cpu, kernel > json
}
$1 == "tls" { fresh[$2] = $3; idle[$2] = $4; hands[$2] = $5; next }
{ name = $2 == "echo_epoll" ? "sipws" : "raw" }
$1 == "round" { round = $2; split("", last) }
$1 == "connect" && round { shake[name] = shake[name] " " $4 }
$1 == "traffic" && round {
  ns[name, $3] = ns[name, $3] " " $5
  last[name, $3] = $5
  if (("raw", $3) in last && ("sipws", $3) in last)
    ratios[$3] = ratios[$3] " " last["sipws", $3] / last["raw", $3]
}
$1 == "memory" { for (i = 5; i <= 9; i++) held[name, $3, $4, i] = $i }
$1 == "slab" && from == "raw" { slabs[++slabbed] = $2; each[$2] = $3; of[$2] = $4 }
$1 == "slab" { next }
$1 == "ping" { pings[++pinged] = $4 * 1000 / $6; ping_ns[pinged] = $5; many = $3 }
{ from = name }
END {
  print "\nCPU time of the server a message of 1200 octets, 500 outstanding" \
    " in all,\non all connections in turn\n"
  printf "%-12s %10s %10s %10s %12s\n", "connections", "raw, ns", \
    "sipws, ns", "sipws/raw", "of the first"
  for (c = 1; c <= n; c++) {
    r = median(ratios[at[c]])
    if (c == 1) first = r
    a = median(ns["raw", at[c]])
    b = median(ns["sipws", at[c]])
    printf "%-12d %10.0f %10.0f %10.2f %12.2f\n", at[c], a, b, r, r / first
    row(sprintf("{\"work\": \"many-%d\", \"raw_ns\": %.0f, \"sipws_ns\": %.0f," \
      " \"of_raw\": %.3f}", at[c], a, b, r))
  }
  print "\nOctets a connection, right after traffic (busy) and 6 s later" \
    " (idle): what the\nlibrary asked of its allocator; the application'"'"'s;" \
    " resident memory of the server;\nthe kernel'"'"'s slabs, for one of the" \
    " two ends\n"
  printf "%-12s %-6s %-6s %8s %12s %9s %7s\n", "connections", "server", \
    "", "library", "application", "resident", "kernel"
  for (c = 1; c <= n; c++)
    for (w = 1; w <= 4; w++) {
      name = w < 3 ? "sipws" : "raw"
      when = w % 2 ? "busy" : "idle"
      printf "%-12d %-6s %-6s %8.0f %12.0f %9.0f %7.0f\n", at[c], name, when, \
        held[name, at[c], when, 6], held[name, at[c], when, 5], \
        held[name, at[c], when, 7], held[name, at[c], when, 8] / 2
      row(sprintf("{\"work\": \"hold-%d-%s\", \"codec\": \"%s\"," \
        " \"heap\": %.0f, \"application\": %.0f, \"resident\": %.0f," \
        " \"kernel\": %.0f}", at[c], when, name, \
        held[name, at[c], when, 6], held[name, at[c], when, 5], \
        held[name, at[c], when, 7], held[name, at[c], when, 8] / 2))
    }
  if (slabbed) {
    print "\nThe kernel'"'"'s, an end, at the last count (caches of one size" \
      " may share a name)\n"
    for (s = 1; s <= slabbed; s++) {
      printf "  %-20s %6.2f objects %6d octets\n", slabs[s], each[slabs[s]], \
        of[slabs[s]]
      row(sprintf("{\"work\": \"slab\", \"name\": \"%s\", \"objects\": %.2f," \
        " \"octets\": %d}", slabs[s], each[slabs[s]], of[slabs[s]]))
    }
  } else print "\n(which slabs those are, root alone may see)"
  print ""
  for (p = 1; p <= pinged; p++) {
    printf "%d idle connections, %.0f pings a second: %.0f ns of CPU each," \
      " %.1f %% of one\n", many, pings[p], ping_ns[p], \
      pings[p] * ping_ns[p] / 1e7
    row(sprintf("{\"work\": \"ping\", \"rate\": %.0f, \"ns\": %.0f}", \
      pings[p], ping_ns[p]))
  }
  printf "accepting one: %.0f ns, with its handshake %.0f ns\n", \
    median(shake["raw"]), median(shake["sipws"])
  row(sprintf("{\"work\": \"accept\", \"raw_ns\": %.0f, \"sipws_ns\": %.0f}", \
    median(shake["raw"]), median(shake["sipws"])))
  print "\nTLS, in memory: heap of a connection, fresh and idle; CPU of the" \
    " server a handshake\n"
  m = split("ws wss resumed", kinds, " ")
  for (k = 1; k <= m; k++) {
    kind = kinds[k]
    printf "  %-8s %6d %6d octets %9d ns\n", kind, fresh[kind], idle[kind], \
      hands[kind]
    row(sprintf("{\"work\": \"tls\", \"kind\": \"%s\", \"fresh\": %d," \
      " \"idle\": %d, \"ns\": %d}", kind, fresh[kind], idle[kind], hands[kind]))
  }
  print "\n]}" > json
  million()
}' "$rows" || exit
echo
BUILD=$BUILD python3 test/bench/page_echo.py many
echo
echo "kept in $json"
