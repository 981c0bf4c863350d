#!/bin/sh
# make bench-tls: handshakes and messages a second over TLS, and how many
# instructions libsipws-tls adds to what mbedTLS needs for the same octets
# (valgrind). BUILD from the Makefile.
BUILD=${BUILD:-build}
bench=$BUILD/test/bench/bench_tls
trap 'exit 130' INT TERM

"$bench" || exit 1

command -v valgrind >/dev/null || {
  echo "valgrind is not here: no instruction counts"
  exit 0
}

# each WORK CODEC FEW MORE: of one piece of work, between few and more
each() {
  sh test/bench/count.sh "$3" $(($3 + $4)) "$bench" "$1" "$2" N
}

echo
printf '%-10s %12s %12s %12s %14s\n' "instr." ws wss mbedtls \
  "added by TLS"
for row in 'handshake 1 4' 'resumed 1 4' 'message 10 100'; do
  set -- $row
  ws=$(each "$1" ws "$2" "$3")
  wss=$(each "$1" wss "$2" "$3")
  bare=$(each "$1" mbedtls "$2" "$3")
  [ "$1" != resumed ] || ws=$(each handshake ws "$2" "$3")
  printf '%-10s %12d %12d %12d %+13.2f%%\n' "$1" "$ws" "$wss" "$bare" \
    "$(awk "BEGIN { print ($wss - $ws - $bare) * 100 / $bare }")"
done
echo "added: wss less ws less mbedtls, relative to mbedtls"
