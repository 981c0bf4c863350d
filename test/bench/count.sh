#!/bin/sh
# count.sh FEW MORE PROGRAM WORD…: instructions of one piece of work, from how
# many more MORE of them take than FEW (valgrind). The word N is the number of
# pieces.

# The C library's copy by "rep movsb" would count as an instruction an octet: it
# is told not to use that.
export GLIBC_TUNABLES=glibc.cpu.hwcaps=-ERMS,-FSRM

few=$1
more=$2
shift 2
command -v valgrind >/dev/null || {
  echo "count: install valgrind" >&2
  exit 1
}

# count TIMES PROGRAM WORD…: of the whole program
count() {
  times=$1
  shift
  for word in "$@"; do
    shift
    [ "$word" != N ] || word=$times
    set -- "$@" "$word"
  done
  said=$(valgrind --tool=cachegrind --cache-sim=no \
    --cachegrind-out-file=/dev/null "$@" 2>&1 >/dev/null) || {
    echo "$said" >&2
    return 1
  }
  echo "$said" | sed -n 's/.*I *refs: *//p' | tr -d ,
}

a=$(count "$few" "$@") && b=$(count "$more" "$@") || exit 1
echo $(((b - a + (more - few) / 2) / (more - few)))
