#!/bin/sh
# Under ThreadSanitizer: connections on many threads share configs and nothing
# else. THREAD_TIME seconds.
BUILD=${BUILD:-build}
CLANG=${CLANG:-clang}
THREAD_TIME=${THREAD_TIME:-20}
. test/check.sh
out=$BUILD/tsan
mkdir -p "$out"
log=$out/threads.log
$CLANG -std=c99 -O1 -g -fsanitize=thread -D_DEFAULT_SOURCE -Iinclude -Itest \
  -o "$out/threads" test/long/threads.c test/certs.c test/support.c lib/*.c -pthread \
  -lcmocka -lwslay -lmbedtls -lmbedx509 -lmbedcrypto || exit 1
# Addresses that ThreadSanitizer of clang 14 cannot map are not drawn.
if TSAN_OPTIONS=halt_on_error=1 setarch -R "$out/threads" "$THREAD_TIME" \
  >"$log" 2>&1; then
  echo "ok no data race: $(cat "$log")"
else
  report 1 "no data race" "$log"
fi
# The check itself: a race is seen when there is one.
cat >"$out/race.c" <<'END'
#include <pthread.h>
static int shared;
static void *work(void *user) {
  int i;
  for (i = 0; i < 100000; i++) {
    shared++;
  }
  return user;
}
int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, work, 0);
  work(0);
  return pthread_join(thread, 0);
}
END
$CLANG -O1 -fsanitize=thread -o "$out/race" "$out/race.c" -pthread || exit 1
! setarch -R "$out/race" >"$log" 2>&1
report $? "a race is seen"
