/* Random octets refused and clocks that go wrong, at each call in whole
 * dialogues. */
#include "dialogue.h"

static struct dialogue dialogue;

/* ---- random octets ---- */

/* A ping that cannot be drawn is not sent; all else that needs them ends it. */
static void check_random(const struct dialogue *d) {
  const struct party *struck = dialogue_struck(d);
  if (struck->made != 0) {
    assert_int_equal(struck->made, SIPWS_ERR_RANDOM);
  } else {
    assert_int_equal(struck->error, SIPWS_ERR_RANDOM);
    assert_int_equal(struck->cause, SIPWS_CAUSE_RANDOM);
    assert_non_null(strstr(struck->side.log, "closed RANDOM"));
  }
}

static void test_fail_clock_random_refused_at_every_call_is_told(void **state) {
  int stays;
  (void)state;
  for (stays = 0; stays < 2; stays++) {
    assert_true(dialogue_play_each(&dialogue, POINT_RANDOM, FAULT_FAILS, stays,
                                   check_random) > 30);
  }
}

/* ---- time ---- */

static void test_fail_clock_back_or_still_changes_nothing(void **state) {
  long tried;
  (void)state;
  tried = dialogue_play_each(&dialogue, POINT_CLOCK, FAULT_BACK, 0,
                             dialogue_check_calm) +
          dialogue_play_each(&dialogue, POINT_CLOCK, FAULT_STILL, 1,
                             dialogue_check_calm);
  print_message("%ld readings of a clock went back or stood\n", tried);
  assert_true(tried > 300);
}

/* Timers may have run out, no more than that; and one that lives on still takes
 * and delivers all (dialogue.c). */
static void check_ahead(const struct dialogue *d) {
  int role;
  for (role = 0; role < 2; role++) {
    const struct party *party = &d->party[role];
    assert_true(
        party->error == SIPWS_ERR_TIMEOUT || party->error == SIPWS_ERR_EOF ||
        party->error == SIPWS_ERR_CLOSED ||
        (party->error == SIPWS_ERR_REFUSED && d->scene == SCENE_REFUSED) ||
        (party->error == SIPWS_ERR_PROXY && d->scene == SCENE_FRONT));
  }
}

static void test_fail_clock_days_ahead_runs_timers_alone(void **state) {
  (void)state;
  assert_true(dialogue_play_each(&dialogue, POINT_CLOCK, FAULT_AHEAD, 0,
                                 check_ahead) > 300);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_clock_random_refused_at_every_call_is_told),
      cmocka_unit_test(test_fail_clock_back_or_still_changes_nothing),
      cmocka_unit_test(test_fail_clock_days_ahead_runs_timers_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
