/* The hooks of the transport at each of their calls in whole dialogues: short
 * counts, would-block, the end, a loss, and answers that are none. */
#include "dialogue.h"

static struct dialogue dialogue;

static long play_both(enum fault_kind kind, int stays,
                      void (*check)(const struct dialogue *d)) {
  return dialogue_play_each(&dialogue, POINT_RECV, kind, stays, check) +
         dialogue_play_each(&dialogue, POINT_SEND, kind, stays, check);
}

static void
test_fail_io_short_counts_and_blocking_change_nothing(void **state) {
  long tried;
  (void)state;
  tried = play_both(FAULT_SHORT, 0, dialogue_check_calm) +
          play_both(FAULT_AGAIN, 0, dialogue_check_calm) +
          play_both(FAULT_SHORT, 1, dialogue_check_calm);
  print_message("%ld calls fell short or would have blocked\n", tried);
  assert_true(tried > 300);
}

/* The end is no error; what had come by then is delivered (dialogue.c), and a
 * closing handshake that was complete stands. */
static void check_eof(const struct dialogue *d) {
  const struct party *struck = dialogue_struck(d);
  switch (struck->cause) {
  case SIPWS_CAUSE_EOF:
    assert_int_equal(struck->error, SIPWS_ERR_EOF);
    break;
  case SIPWS_CAUSE_REFUSED:
    assert_int_equal(struck->error, SIPWS_ERR_REFUSED);
    break;
  case SIPWS_CAUSE_PROXY: /* its header was cut off */
    assert_int_equal(struck->error, SIPWS_ERR_PROXY);
    assert_int_equal(d->scene, SCENE_FRONT);
    break;
  default:
    dialogue_check_calm(d);
  }
}

static void test_fail_io_end_at_every_call_is_told(void **state) {
  (void)state;
  assert_true(
      dialogue_play_each(&dialogue, POINT_RECV, FAULT_EOF, 0, check_eof) > 100);
}

static int reason_of(const struct fault *fault) {
  switch (fault->kind) {
  case FAULT_LOST:
    return SIPWS_ERR_LOST;
  case FAULT_STRANGE:
    return -7777;
  case FAULT_EOF:
    return SIPWS_ERR_EOF;
  default:
    return SIPWS_ERR_HOOK;
  }
}

/* Lost, with the hook's own word for it, or complete before. */
static void check_lost(const struct dialogue *d) {
  const struct party *struck = dialogue_struck(d);
  assert_int_equal(struck->lost_reason, reason_of(&d->fault));
  if (struck->cause == SIPWS_CAUSE_LOST) {
    assert_int_equal(struck->error, SIPWS_ERR_LOST);
  } else if (struck->cause != SIPWS_CAUSE_REFUSED) {
    dialogue_check_calm(d);
  }
}

static void test_fail_io_loss_at_every_call_is_told(void **state) {
  (void)state;
  assert_true(play_both(FAULT_LOST, 0, check_lost) > 100);
}

static void test_fail_io_broken_contract_at_every_call_is_told(void **state) {
  long tried;
  (void)state;
  tried = play_both(FAULT_STRANGE, 0, check_lost) +
          play_both(FAULT_COUNT_NONE, 0, check_lost) +
          play_both(FAULT_COUNT_OVER, 0, check_lost) +
          dialogue_play_each(&dialogue, POINT_SEND, FAULT_EOF, 0, check_lost);
  print_message("%ld calls broke the contract\n", tried);
  assert_true(tried > 300);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_io_short_counts_and_blocking_change_nothing),
      cmocka_unit_test(test_fail_io_end_at_every_call_is_told),
      cmocka_unit_test(test_fail_io_loss_at_every_call_is_told),
      cmocka_unit_test(test_fail_io_broken_contract_at_every_call_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
