/* front_backoff: how long to wait before connecting again. */
#include "support.h"

#include <sipws/front.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void test_backoff_doubles_up_to_its_bound(void **state) {
  static const struct {
    uint32_t failures, first, max;
    uint32_t least, most; /* what random 0 and 2^32 - 1 give */
  } all[] = {
      {0, 5000, 60000, 0, 0},
      {1, 5000, 60000, 0, 5000}, /* RFC 6455 section 7.2.3 */
      {2, 5000, 60000, 5000, 10000},
      {3, 5000, 60000, 10000, 20000},
      {4, 5000, 60000, 20000, 40000},
      {5, 5000, 60000, 30000, 60000}, /* not 80,000 */
      {6, 5000, 60000, 30000, 60000},
      {1, 5000, 3000, 0, 3000},
      {2, 5000, 3000, 1500, 3000},
      {2, 3, 9, 3, 6},
      {3, 3, 9, 5, 9}, /* half of 9 is not less than half */
      {1, 1, 1, 0, 1},
      {2, 0, 60000, 0, 0},
      {7, 5000, 0, 0, 0},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(all); i++) {
    uint32_t failures = all[i].failures;
    uint32_t first = all[i].first;
    uint32_t max = all[i].max;
    assert_int_equal(sipws_backoff_ms(failures, first, max, 0), all[i].least);
    assert_int_equal(sipws_backoff_ms(failures, first, max, UINT32_MAX),
                     all[i].most);
  }
}

static void test_backoff_never_overflows(void **state) {
  static const uint32_t numbers[] = {
      0, 1, 2, 31, 32, 33, 63, 64, 65535, 0x7fffffff, 0x80000000, UINT32_MAX};
  size_t f, b, m, r;
  (void)state;
  for (f = 0; f < ROWS(numbers); f++) {
    for (b = 0; b < ROWS(numbers); b++) {
      for (m = 0; m < ROWS(numbers); m++) {
        uint32_t last = 0;
        for (r = 0; r < ROWS(numbers); r++) {
          uint32_t ms =
              sipws_backoff_ms(numbers[f], numbers[b], numbers[m], numbers[r]);
          assert_true(ms <= numbers[m]);
          assert_true(ms >= last); /* the more is drawn the longer it takes */
          last = ms;
        }
        if (numbers[f] > 32 && numbers[b] > 0) {
          assert_int_equal(last, numbers[m]);
        }
      }
    }
  }
}

static void test_backoff_is_drawn_evenly(void **state) {
  static uint32_t count[11];
  uint32_t seed = 1;
  size_t i;
  (void)state;
  for (i = 0; i < 100000; i++) {
    uint8_t octets[4];
    uint32_t random;
    (void)test_random(octets, 4, &seed);
    memcpy(&random, octets, 4);
    count[sipws_backoff_ms(1, 10, 10, random)]++;
  }
  assert_in_range(count[0], 4500, 5500); /* the two ends get half a share */
  assert_in_range(count[10], 4500, 5500);
  for (i = 1; i < 10; i++) {
    assert_in_range(count[i], 9000, 11000);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_backoff_doubles_up_to_its_bound),
      cmocka_unit_test(test_backoff_never_overflows),
      cmocka_unit_test(test_backoff_is_drawn_evenly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
