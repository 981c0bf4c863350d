#!/bin/sh
# Runs the fuzz targets that "make fuzz" built, JOBS at a time, each for TIME
# seconds from its corpus and what earlier runs added in $BUILD/ENGINE/corpus;
# what is found is left in $BUILD/fuzz-found. One line a target. libfuzzer begins
# with DRAWN inputs, too, those of drawn.py for SEED; if TIME is 0, it only replays.
#   sh fuzz/run.sh check ENGINE   tells what is missing
#   sh fuzz/run.sh ENGINE         runs $ONLY, or all
# A file that was found is replayed by build/fuzz/NAME FILE, and tells the property
# that it breaks.
set -u
BUILD=${BUILD:-build}
TIME=${TIME:-30}
JOBS=${JOBS:-2}
DRAWN=${DRAWN:-300}
SEED=${SEED:-1}

fail() {
  echo "make fuzz: $1" >&2
  exit 1
}

if [ "$1" = check ]; then
  case $2 in
  libfuzzer) package=clang ;;
  afl) package=afl++ ;;
  *) fail "ENGINE is libfuzzer or afl" ;;
  esac
  command -v "$CC" >/dev/null || fail "needs $CC: apt-get install $package"
  exit 0
fi

engine=$1
out=$BUILD/$engine
found=$BUILD/fuzz-found
mkdir -p "$out/fuzz" "$found"

# Tells the dictionary of a target, made of its own and those it shares.
dict_of() { # NAME
  case $1 in
  *_handshake | fuzz_stage) shared="http frames" ;;
  fuzz_server | fuzz_client | fuzz_lane) shared=frames ;;
  *) shared= ;;
  esac
  for dict in $shared "$1" "${1#fuzz_}"; do
    [ ! -f "fuzz/dict/$dict.dict" ] || cat "fuzz/dict/$dict.dict"
  done >"$out/$1.dict"
  [ ! -s "$out/$1.dict" ] || echo "$out/$1.dict"
}

run_libfuzzer() { # NAME
  most=4096
  [ "$1" != fuzz_pair ] || most=512 # two octets are a step of both sides
  [ "$1" != fuzz_cert ] || sh fuzz/keys.sh "$out/corpus/$1" || return
  rm -rf "$out/drawn/$1" && mkdir -p "$out/drawn/$1" &&
    nice -n 10 python3 -B fuzz/drawn.py "$1" "$SEED" "$DRAWN" "$most" \
      "$out/drawn/$1" || return
  [ "$TIME" = 0 ] && runs=0 || runs=-1
  nice -n 10 "$out/fuzz/$1" -runs=$runs -max_total_time="$TIME" -max_len="$most" \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 ${dict:+-dict="$dict"} \
    -artifact_prefix="$found/$1-" "$out/corpus/$1" "fuzz/corpus/$1" "$out/drawn/$1"
}
tell_libfuzzer() { # NAME
  awk '/number_of_executed_units/ { runs = $2 }
       /average_exec_per_sec/ { speed = $2 }
       /new_units_added/ { new = $2 }
       END { printf "%10d runs %7d/s %5d new", runs, speed, new }' "$out/$1.log"
}

run_afl() { # NAME
  rm -rf "$out/afl/$1"
  mkdir -p "$out/afl"
  AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_CRASH_README=1 \
    nice -n 10 afl-fuzz -V "$TIME" -m none -t 5000 ${dict:+-x "$dict"} \
    -i "fuzz/corpus/$1" -o "$out/afl/$1" -- "$out/fuzz/$1" || return
  for file in "$out/afl/$1"/default/crashes/id*; do
    [ ! -f "$file" ] ||
      cp "$file" "$found/$1-afl-$(sha1sum "$file" | cut -c 1-16)"
  done
  ! ls "$out/afl/$1"/default/crashes/id* >/dev/null 2>&1
}
tell_afl() { # NAME
  awk '/^execs_done/ { runs = $3 } /^execs_per_sec/ { speed = $3 }
       /^corpus_found/ { new = $3 }
       END { printf "%10d runs %7d/s %5d new", runs, speed, new }' \
    "$out/afl/$1/default/fuzzer_stats"
}

run() { # NAME
  mkdir -p "$out/corpus/$1"
  dict=$(dict_of "$1")
  if run_"$engine" "$1" >"$out/$1.log" 2>&1; then
    echo "pass $(printf '%-24s' "$1")$(tell_"$engine" "$1")"
  else
    echo "FAIL $(printf '%-24s' "$1")$(tell_"$engine" "$1")"
    grep -E 'must hold|ERROR|Error:|SUMMARY|Test unit written|Aborting|\[-\]' \
      "$out/$1.log" | head -n 10 | sed 's/^/    /'
    tell_input "$1" | sed 's/^/    /'
  fi
}

# The input and where it was, for those who have but the log.
tell_input() { # NAME
  grep -E '^ +#[0-9]+ .* in .*(fuzz|lib)/[a-z0-9_]+\.c:' "$out/$1.log" | head -n 12 |
    sed 's/^.* in //'
  file=$(sed -n 's/.*Test unit written to //p' "$out/$1.log" | head -n 1)
  if [ -f "$file" ]; then
    echo "the input, for base64 -di | gunzip:"
    gzip -9 <"$file" | base64
  fi
}

names=${ONLY:-$(for target in fuzz/fuzz_*.c; do basename "$target" .c; done)}
count=$(echo "$names" | wc -w)
echo "targets: $count; $TIME s each, $JOBS at a time, with $engine"
[ "$engine" != libfuzzer ] || echo "drawn inputs: $DRAWN, by SEED=$SEED"
lines=$(mktemp)
children=
trap 'rm -f "$lines"' EXIT
trap 'kill $children 2>/dev/null; exit 130' INT TERM
running=0
for name in $names; do
  run "$name" | tee -a "$lines" &
  children="$children $!"
  running=$((running + 1))
  if [ "$running" = "$JOBS" ]; then
    wait
    running=0
  fi
done
wait
failed=$(grep -c '^FAIL' "$lines")
echo "$(grep -c '^pass' "$lines") passed, $failed failed"
[ "$failed" = 0 ]
