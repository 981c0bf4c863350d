/* Callbacks that act on their connection, at each event of whole dialogues. */
#include "dialogue.h"

static struct dialogue dialogue;

static long play(int (*act)(struct party *party, int event),
                 void (*check)(const struct dialogue *d)) {
  long tried;
  dialogue.act = act;
  tried = dialogue_play_each(&dialogue, POINT_EVENT, FAULT_ACTS, 0, check);
  dialogue.act = NULL;
  assert_true(tried > 50);
  return tried;
}

static void check_nothing_more(const struct dialogue *d) {
  (void)d;
}

/* ---- what changes nothing ---- */

static int reenter(struct party *party, int event) {
  sipws_conn *conn = party->side.conn;
  uint8_t scratch[512] = {0};
  size_t taken = 0;
  (void)event;
  if (party->side.face == SIDE_CALLBACKS) {
    assert_int_equal(sipws_conn_feed(conn, "x", 1, 0, &taken), SIPWS_ERR_BUSY);
    assert_int_equal(sipws_conn_feed_inplace(conn, scratch, 1, 0, &taken),
                     SIPWS_ERR_BUSY);
    assert_int_equal(taken, 0);
    assert_int_equal(
        sipws_conn_readable(conn, scratch, sizeof scratch, 0, NULL),
        SIPWS_ERR_BUSY);
    assert_int_equal(sipws_conn_writable(conn, 0, NULL), SIPWS_ERR_BUSY);
  }
  return 0;
}

static void test_fail_callback_that_reenters_is_busy(void **state) {
  (void)state;
  (void)play(reenter, dialogue_check_calm);
}

static int stop(struct party *party, int event) {
  (void)party, (void)event;
  return 1;
}

static void test_fail_callback_that_stops_feed_loses_nothing(void **state) {
  (void)state;
  (void)play(stop, dialogue_check_calm);
}

static int pause_it(struct party *party, int event) {
  int err = sipws_conn_pause(party->side.conn, party_now(party));
  assert_true(err == 0 || err == SIPWS_ERR_STATE ||
              event == SIPWS_EVENT_CLOSED);
  return 0;
}

/* It is resumed when all else has been said. */
static void check_all_said(const struct dialogue *d) {
  int role;
  for (role = 0; role < 2; role++) {
    if (d->scene != SCENE_REFUSED) {
      assert_int_equal(d->party[role].error, SIPWS_ERR_CLOSED);
    }
  }
}

static void test_fail_callback_that_pauses_loses_nothing(void **state) {
  (void)state;
  (void)play(pause_it, check_all_said);
}

/* ---- what adds to it ---- */

static int say(struct party *party, int event) {
  (void)event;
  party_say(party, 600);
  assert_true(party->err == 0 || party->err == SIPWS_ERR_STATE ||
              sipws_error_is_fatal(party->err));
  return 0;
}

static void test_fail_callback_that_sends_is_heard(void **state) {
  (void)state;
  (void)play(say, check_all_said);
}

/* ---- what ends it ---- */

static int close_in_order(struct party *party, int event) {
  int err = sipws_conn_close(party->side.conn, 1000, NULL, 0,
                             SIPWS_CLOSE_GRACEFUL, party_now(party));
  assert_true(err == 0 || err == SIPWS_ERR_STATE);
  assert_true(err == 0 || event != SIPWS_EVENT_MESSAGE);
  return 0;
}

/* By a Close, or a 503 before open. */
static void check_closed(const struct dialogue *d) {
  int role;
  for (role = 0; role < 2; role++) {
    int err = d->party[role].error;
    assert_true(err == SIPWS_ERR_CLOSED || err == SIPWS_ERR_REFUSED ||
                err == SIPWS_ERR_EOF);
  }
}

static void test_fail_callback_that_closes_is_obeyed(void **state) {
  (void)state;
  (void)play(close_in_order, check_closed);
}

static int close_at_once(struct party *party, int event) {
  (void)event;
  (void)sipws_conn_close(party->side.conn, 1000, NULL, 0, SIPWS_CLOSE_NOWAIT,
                         party_now(party));
  return 0;
}

static void test_fail_callback_that_does_not_wait_is_obeyed(void **state) {
  (void)state;
  dialogue.may_lose = 1; /* what was on its way here */
  (void)play(close_at_once, check_closed);
  dialogue.may_lose = 0;
}

static int abort_it(struct party *party, int event) {
  assert_int_equal(sipws_conn_abort(party->side.conn, party_now(party)), 0);
  assert_true(event == SIPWS_EVENT_CLOSED ||
              sipws_conn_cause(party->side.conn) != SIPWS_CAUSE_NONE);
  return 0;
}

static int lose_it(struct party *party, int event) {
  (void)event;
  assert_int_equal(sipws_conn_lost(party->side.conn, 5, party_now(party)), 0);
  return 0;
}

static int end_it(struct party *party, int event) {
  (void)event;
  (void)sipws_conn_eof(party->side.conn, party_now(party));
  return 0;
}

static int drain_it(struct party *party, int event) {
  int err = sipws_conn_drain(party->side.conn, 1001, 0, 0, party_now(party));
  (void)event;
  assert_int_equal(err, 0);
  return 0;
}

static void test_fail_callback_that_ends_it_any_way_is_obeyed(void **state) {
  (void)state;
  (void)play(abort_it, check_nothing_more);
  (void)play(lose_it, check_nothing_more);
  (void)play(end_it, check_nothing_more);
  (void)play(drain_it, check_nothing_more);
}

static int free_it(struct party *party, int event) {
  (void)event;
  if (party->side.face == SIDE_CALLBACKS) {
    sipws_conn_free(party->side.conn);
  }
  return 0;
}

/* Nothing was told after, and the other hears of the end. */
static void check_freed(const struct dialogue *d) {
  const struct party *struck = dialogue_struck(d);
  if (struck->side.face == SIDE_CALLBACKS) {
    assert_int_equal(struck->calls[POINT_EVENT], d->fault.at);
    assert_true(struck->peer->was_closed);
  }
}

static void test_fail_callback_that_frees_is_the_last(void **state) {
  long tried;
  (void)state;
  tried = play(free_it, check_freed);
  print_message("at each of %ld events\n", tried);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_callback_that_reenters_is_busy),
      cmocka_unit_test(test_fail_callback_that_stops_feed_loses_nothing),
      cmocka_unit_test(test_fail_callback_that_pauses_loses_nothing),
      cmocka_unit_test(test_fail_callback_that_sends_is_heard),
      cmocka_unit_test(test_fail_callback_that_closes_is_obeyed),
      cmocka_unit_test(test_fail_callback_that_does_not_wait_is_obeyed),
      cmocka_unit_test(test_fail_callback_that_ends_it_any_way_is_obeyed),
      cmocka_unit_test(test_fail_callback_that_frees_is_the_last),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
