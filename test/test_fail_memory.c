/* The first, second, third … allocation fails in whole dialogues. */
#include "dialogue.h"

static struct dialogue dialogue;

/* Either the connection ended, and says why; or the call that failed was made
 * again, and all went as if nothing had been. */
static void check_once(const struct dialogue *d) {
  const struct party *struck = dialogue_struck(d);
  if (struck->cause == SIPWS_CAUSE_MEMORY) {
    assert_true(struck->error == SIPWS_ERR_NOMEM ||
                struck->error == SIPWS_ERR_REFUSED); /* told before */
    assert_non_null(strstr(struck->side.log, "closed MEMORY"));
  } else {
    dialogue_check_calm(d);
  }
}

static void test_fail_memory_once_is_fatal_or_can_be_repeated(void **state) {
  long tried;
  (void)state;
  dialogue.again = 1;
  tried =
      dialogue_play_each(&dialogue, POINT_ALLOC, FAULT_FAILS, 0, check_once);
  print_message("%ld allocations failed, one at a time\n", tried);
  assert_true(tried > 100);
}

/* Nobody repeats a thing: what was not taken is not sent, and the rest is. */
static void check_nothing_more(const struct dialogue *d) {
  const struct party *struck = dialogue_struck(d);
  if (struck->error == SIPWS_ERR_NOMEM) {
    assert_int_equal(struck->cause, SIPWS_CAUSE_MEMORY);
  }
}

static void test_fail_memory_once_loses_nothing_that_was_taken(void **state) {
  (void)state;
  dialogue.again = 0;
  (void)dialogue_play_each(&dialogue, POINT_ALLOC, FAULT_FAILS, 0,
                           check_nothing_more);
}

static void test_fail_memory_for_good_ends_in_order(void **state) {
  (void)state;
  dialogue.again = 0;
  (void)dialogue_play_each(&dialogue, POINT_ALLOC, FAULT_FAILS, 1,
                           check_nothing_more);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_memory_once_is_fatal_or_can_be_repeated),
      cmocka_unit_test(test_fail_memory_once_loses_nothing_that_was_taken),
      cmocka_unit_test(test_fail_memory_for_good_ends_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
