/* os: the system's random octets. */
#include "support.h"

#include <sipws/sipws.h>

static void test_os_fills_all_and_no_more(void **state) {
  static const size_t lengths[] = {1, 8, 16, 255, 256, 257, 512, 1000};
  size_t i, k;
  (void)state;
  for (i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    size_t len = lengths[i];
    uint8_t *out;
    uint8_t seen[1000];
    int round;
    memset(seen, 0, sizeof seen);
    out = test_guarded(seen, len);
    /* an octet is 0 in 16 fills with a chance of 2 to the -128 */
    for (round = 0; round < 16; round++) {
      assert_int_equal(sipws_os_random(out, len, NULL), 0);
      for (k = 0; k < len; k++) {
        seen[k] |= out[k];
      }
    }
    for (k = 0; k < len; k++) {
      assert_int_not_equal(seen[k], 0);
    }
    test_guarded_free(out, len);
  }
}

static void test_os_gives_others_each_time(void **state) {
  uint8_t a[32], b[32];
  (void)state;
  assert_int_equal(sipws_os_random(a, sizeof a, NULL), 0);
  assert_int_equal(sipws_os_random(b, sizeof b, a), 0);
  assert_memory_not_equal(a, b, sizeof a);
}

static void test_os_wrong_arguments_are_told(void **state) {
  (void)state;
  assert_int_equal(sipws_os_random(NULL, 0, NULL), 0);
  assert_int_equal(sipws_os_random(NULL, 1, NULL), SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_os_fills_all_and_no_more),
      cmocka_unit_test(test_os_gives_others_each_time),
      cmocka_unit_test(test_os_wrong_arguments_are_told),
  };
  return cmocka_run_group_tests_name("os", tests, NULL, NULL);
}
