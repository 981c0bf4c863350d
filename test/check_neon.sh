#!/bin/sh
# The vectors of NEON: what uses them builds for a Cortex-A9 and for AArch64
# without a warning, and its tests pass in an emulated AArch64.
. test/check.sh

# have COMPILER PACKAGE…
have() {
  command -v "$1" >/dev/null 2>&1 || {
    compiler=$1
    shift
    echo "ok NEON by $compiler (not here: apt-get install $*)"
    return 1
  }
}
flags="-O2 -Iinclude -Ilib -DSIPWS_NO_WSLAY"

# build DIRECTORY COMPILER…: an object a room.
build() {
  mkdir "$work/$1"
  for room in octets utf8 frame frame_codec frame_send; do
    "$2" $3 -std=c99 -Wall -Wextra -Wconversion -Werror $flags \
      -c -o "$work/$1/$room.o" "lib/sipws_$room.c" || return
  done
}
if have arm-none-eabi-gcc gcc-arm-none-eabi libnewlib-arm-none-eabi; then
  check "a Cortex-A9" build a9 arm-none-eabi-gcc \
    "-mcpu=cortex-a9 -mfpu=neon -mfloat-abi=hard"
fi
have aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross &&
  have qemu-aarch64-static qemu-user-static || exit 0

# What the tests use of cmocka, which is not to be had for AArch64 here.
cat >"$work/cmocka.h" <<'C'
struct CMUnitTest {
  const char *name;
  void (*run)(void **state);
};
#define cmocka_unit_test(test) { #test, test }
#define cmocka_run_group_tests(tests, before, behind)                          \
  run_tests(tests, sizeof(tests) / sizeof((tests)[0]))
#define cmocka_run_group_tests_name(name, tests, before, behind)               \
  cmocka_run_group_tests(tests, before, behind)
#define fail_msg(...) (printf("not ok AArch64: " __VA_ARGS__), exit(1))
#define assert_true(is)                                                        \
  ((is) ? (void)0 : fail_msg("%s:%d: %s\n", __FILE__, __LINE__, #is))
#define assert_false(is) assert_true(!(is))
#define assert_null(at) assert_true((at) == NULL)
#define assert_non_null(at) assert_true((at) != NULL)
#define assert_ptr_equal(a, b) assert_true((a) == (b))
#define assert_int_equal(a, b)                                                 \
  assert_true((unsigned long long)(a) == (unsigned long long)(b))
#define assert_memory_equal(a, b, len) assert_true(memcmp(a, b, len) == 0)
static inline int run_tests(const struct CMUnitTest *tests, size_t count) {
  void *state = NULL;
  size_t i;
  for (i = 0; i < count; i++) {
    tests[i].run(&state);
    printf("ok AArch64: %s\n", tests[i].name);
  }
  return 0;
}
C
check "AArch64" build aarch64 aarch64-linux-gnu-gcc
check "it is vectors that are tested" sh -c \
  "aarch64-linux-gnu-objdump -d '$work/aarch64/octets.o' | grep -w 'eor.*16b'"
for test in octets utf8 frame; do
  check "test_$test for AArch64" aarch64-linux-gnu-gcc $flags -static -Itest \
    -I"$work" -o "$work/test_$test" "test/test_$test.c" test/support.c \
    "$work"/aarch64/*.o
  tell qemu-aarch64-static "$work/test_$test"
done
