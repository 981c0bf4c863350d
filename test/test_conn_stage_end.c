/* conn: stages, every way to the end: Closes and what the stage says behind
 * them, refusals, cut transports, free. */
#include "stage.h"

static struct side side, other;
static struct cipher cipher, other_cipher;
static struct prologue prologue;
static struct wire wire;

/* ---- the closing handshake ---- */

static void test_conn_stage_server_ends_behind_both_closes(void **state) {
  int we_begin;
  (void)state;
  for (we_begin = 0; we_begin < 2; we_begin++) {
    cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
    if (we_begin) {
      side_close(&side);
      assert_records(&side, "close 1000\n");
      assert_wants(&side, READ);
      side_feed_secret(&side, 0x88, "\x03\xe8");
    } else {
      side_feed_secret(&side, 0x88, "\x03\xe8");
      side_forget(&side);
      wire_clear(&wire);
      side_take(&side, CIPHER_HEAD + 4);
    }
    assert_state(&side, SIPWS_STATE_CLOSING);
    assert_wants(&side, READ | WRITE);
    assert_log(&side, "");
    assert_records(&side, "E\n");
    assert_log(&side, we_begin ? "closed OUR_CLOSE 1000\n"
                               : "closed PEER_CLOSE 1000\n");
    assert_wants(&side, SHUT | CLOSE);
    assert_int_equal(cipher.shuts, 1);
    cipher_stop(&side, &cipher);
  }
}

static void test_conn_stage_client_ends_behind_both_closes(void **state) {
  int we_begin;
  (void)state;
  for (we_begin = 0; we_begin < 2; we_begin++) {
    cipher_start(&side, &cipher, SIPWS_CLIENT, SIDE_CALLBACKS);
    if (we_begin) {
      side_close(&side);
      assert_records(&side, "mask close 1000\n");
    }
    side_feed_secret(&side, 0x88, "\x03\xe8");
    side_forget(&side);
    assert_records(&side, we_begin ? "E\n" : "mask close 1000\nE\n");
    assert_log(&side, "");
    assert_wants(&side, READ); /* RFC 6455 7.1.1 */
    /* in due form or not, it was complete */
    if (we_begin) {
      side_feed_record(&side, 'E', "");
    }
    side_eof(&side);
    assert_log(&side, we_begin ? "closed OUR_CLOSE 1000\n"
                               : "closed PEER_CLOSE 1000\n");
    assert_error(&side, SIPWS_ERR_CLOSED);
    cipher_stop(&side, &cipher);
  }
}

static void test_conn_stage_nowait_ends_behind_our_close(void **state) {
  (void)state;
  cipher_start(&side, &cipher, SIPWS_CLIENT, SIDE_CALLBACKS);
  assert_int_equal(
      sipws_conn_close(side.conn, 1001, NULL, 0, SIPWS_CLOSE_NOWAIT, 0), 0);
  assert_records(&side, "mask close 1001\nE\n");
  assert_log(&side, "closed OUR_CLOSE 1006\n");
  assert_wants(&side, SHUT | CLOSE);
  cipher_stop(&side, &cipher);
}

/* The peer may be gone by then: the Closes were exchanged all the same. */
static void test_conn_stage_end_that_cannot_leave_is_no_loss(void **state) {
  int way, role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    for (way = 0; way < 3; way++) {
      cipher_start(&side, &cipher, role, SIDE_CALLBACKS);
      side_close(&side);
      (void)side_records(&side);
      side_feed_secret(&side, 0x88, "\x03\xe8");
      assert_wants(&side, READ | WRITE);
      if (way == 0) {
        (void)sipws_conn_lost(side.conn, 32, 0);
      } else if (way == 1) {
        side_tick(&side, 5000);
      } else {
        side_eof(&side); /* half-closed: it may still read */
        assert_log(&side, "");
        assert_wants(&side, WRITE);
        assert_records(&side, "E\n");
      }
      assert_log(&side, "closed OUR_CLOSE 1000\n");
      cipher_stop(&side, &cipher);
    }
  }
}

/* … but a Close of ours that did not leave is. */
static void test_conn_stage_close_that_cannot_leave_is_a_loss(void **state) {
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  side_feed_secret(&side, 0x88, "\x03\xe8");
  side_forget(&side);
  side_take(&side, CIPHER_HEAD + 3);
  (void)sipws_conn_lost(side.conn, 32, 0);
  assert_log(&side, "closed LOST 1000\n");
  cipher_stop(&side, &cipher);
}

/* Before open there is no Close. A stage that still shakes hands can pass no
 * answer on: it is over at once. */
static void test_conn_stage_close_before_the_handshake(void **state) {
  int has_prologue;
  (void)state;
  for (has_prologue = 0; has_prologue < 2; has_prologue++) {
    side_config(&side, SIDE_CALLBACKS);
    side_server(&side);
    if (has_prologue) {
      prologue_add(&side, &prologue, NULL, 1);
    }
    cipher_add(&side, &cipher);
    (void)side_records(&side);
    side_close(&side);
    assert_records(&side, "");
    side_tick(&side, 0);
    assert_log(&side, "closed OUR_CLOSE 1006\n");
    assert_wants(&side, CLOSE);
    cipher_stop(&side, &cipher);
  }
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  cipher_shake_hands(&side, &cipher);
  side_close(&side);
  assert_records(&side, "HTTP/1.1 503 Service Unavailable\nE\n");
  assert_wants(&side, READ | SHUT);
  side_eof(&side);
  assert_log(&side, "closed OUR_CLOSE 1006\n");
  cipher_stop(&side, &cipher);
}

/* ---- refusals ---- */

static void test_conn_stage_refusal_leaves_before_the_end(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side.verdict = 404;
  side_server(&side);
  cipher_shake_hands(&side, &cipher);
  side_feed_record(&side, 'D', UPGRADE_SIP);
  assert_state(&side, SIPWS_STATE_REFUSING);
  side_take(&side, CIPHER_HEAD + 1); /* all of it, piece by piece */
  assert_wants(&side, READ | WRITE);
  while (cipher.shuts == 0) {
    const uint8_t *data;
    size_t len;
    assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
    assert_true(len > 0);
    side_take(&side, 1);
  }
  assert_records(&side, "E\n");
  assert_wants(&side, READ | SHUT);
  side_feed_record(&side, 'H', "again"); /* ignored */
  assert_records(&side, "");
  side_eof(&side);
  assert_log(&side, "request GET /ws?x=1\nclosed REFUSED 1006\n");
  cipher_stop(&side, &cipher);
}

/* RFC 5246 7.2.1: the side that ends says so, also without a frame. */
static void test_conn_stage_client_that_turns_away_says_so(void **state) {
  static const struct {
    const char *answer, *log;
    int error;
  } cases[] = {{"HTTP/1.1 101 Switching Protocols\r\n\r\n",
                "closed PROTOCOL 1006\n", SIPWS_ERR_HANDSHAKE},
               {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
                "closed REFUSED 1006\n", SIPWS_ERR_REFUSED}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof cases / sizeof *cases; i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_client(&side, "wss://h.example/");
    cipher_shake_hands(&side, &cipher);
    assert_records(&side, "GET / HTTP/1.1\n");
    side_feed_record(&side, 'D', cases[i].answer);
    assert_state(&side, SIPWS_STATE_CLOSING);
    side_forget(&side);
    assert_records(&side, "E\n");
    assert_wants(&side, READ | SHUT);
    side_eof(&side);
    assert_log(&side, cases[i].log);
    assert_error(&side, cases[i].error);
    cipher_stop(&side, &cipher);
  }
}

static void refuse_client(void) {
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "wss://h.example/");
  cipher_shake_hands(&side, &cipher);
  assert_records(&side, "GET / HTTP/1.1\n");
  side_feed_record(&side, 'D', "HTTP/1.1 403 Forbidden\r\n\r\nwh");
  side_feed_record(&side, 'D', "y");
}

/* A body may end with the transport: cut off or not, the status had come. */
static void test_conn_stage_refused_client_takes_any_end(void **state) {
  int is_ended;
  (void)state;
  for (is_ended = 0; is_ended < 2; is_ended++) {
    refuse_client();
    assert_log(&side, "");
    if (is_ended) {
      side_feed_record(&side, 'E', "");
    } else {
      side_eof(&side);
    }
    assert_log(&side, "refused 403 why\nclosed REFUSED 1006\n");
    assert_error(&side, SIPWS_ERR_REFUSED);
    cipher_stop(&side, &cipher);
  }
}

/* ---- the transport's end ---- */

static void test_conn_stage_cut_transport_is_told(void **state) {
  int step;
  (void)state;
  for (step = 0; step < 5; step++) {
    side_config(&side, SIDE_CALLBACKS);
    side.verdict = SIDE_LATER;
    if (step < 3) {
      side_server(&side);
      if (step == 0) {
        cipher_add(&side, &cipher);
      } else {
        cipher_shake_hands(&side, &cipher);
      }
      if (step == 2) { /* nobody will ask for what is kept */
        side_feed_record(&side, 'D', UPGRADE_SIP);
        side_feed_secret(&side, 0x81, OPTIONS);
      }
    } else {
      side.verdict = SIDE_ACCEPT;
      cipher_open(&side, &cipher, SIPWS_CLIENT);
      if (step == 4) {
        side_close(&side);
      }
    }
    side_forget(&side);
    side_eof(&side);
    assert_log(&side, "closed TRUNCATED 1006\n");
    assert_error(&side, SIPWS_ERR_TRUNCATED);
    assert_wants(&side, CLOSE);
    cipher_stop(&side, &cipher);
  }
}

/* What was on its way may still leave: a transport ends one way at a time. */
static void test_conn_stage_cut_transport_lets_a_record_leave(void **state) {
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
  side_take(&side, 1);
  side_eof(&side);
  assert_error(&side, SIPWS_ERR_TRUNCATED);
  assert_log(&side, "");
  assert_wants(&side, WRITE);
  (void)side_output(&side);
  assert_log(&side, "sent 1\nclosed TRUNCATED 1006\n");
  cipher_stop(&side, &cipher);
}

/* The peer's end in due form; what comes behind it is of no account, also when
 * it was kept. */
static void test_conn_stage_end_in_due_form_is_an_end(void **state) {
  size_t taken;
  int is_kept;
  (void)state;
  for (is_kept = 0; is_kept < 2; is_kept++) {
    cipher_start(&side, &cipher, SIPWS_CLIENT, SIDE_CALLBACKS);
    wire_clear(&wire);
    wire_word(&wire, 'E', "");
    wire_put(&wire, "garbage");
    if (is_kept) {
      assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
      wire_clear(&wire);
    }
    assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                     SIPWS_ERR_EOF);
    assert_int_equal(taken, wire.len);
    /* it is answered in kind, and that leaves first */
    assert_int_equal(cipher.shuts, 1);
    assert_log(&side, "");
    assert_wants(&side, WRITE);
    (void)side_output(&side);
    assert_log(&side, "closed EOF 1006\n");
    side_eof(&side);
    cipher_stop(&side, &cipher);
  }
}

/* It waits until what came before was delivered. */
static void test_conn_stage_end_waits_for_messages(void **state) {
  static struct wire plain;
  size_t taken;
  int is_ended;
  (void)state;
  for (is_ended = 0; is_ended < 2; is_ended++) {
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, 512);
    cipher_open(&side, &cipher, SIPWS_CLIENT);
    assert_int_equal(sipws_conn_pause(side.conn, 0), 0);
    wire_clear(&plain);
    while (plain.len < 600) {
      wire_frame(&plain, 0x81, 0, OPTIONS, sizeof OPTIONS - 1);
    }
    wire_clear(&wire);
    wire_record(&wire, 'D', plain.data, plain.len);
    if (is_ended) {
      wire_word(&wire, 'E', "");
    }
    assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                     0);
    assert_int_equal(
        sipws_conn_keep(side.conn, wire.data + taken, wire.len - taken), 0);
    side_eof(&side);
    assert_log(&side, "");
    assert_wants(&side, 0);
    assert_int_equal(sipws_conn_resume(side.conn, 0), 0);
    assert_wants(&side, FEED | READ);
    (void)sipws_conn_feed(side.conn, NULL, 0, 0, &taken);
    (void)side_output(&side);
    assert_int_equal(side.count, 600 / 41 + 1 + 2);
    assert_non_null(strstr(side.log, is_ended ? "closed EOF 1006\n"
                                              : "closed TRUNCATED 1006\n"));
    cipher_stop(&side, &cipher);
  }
}

/* By pulls: a message that is lent stays, those kept come before the end. */
static void test_conn_stage_end_waits_for_pulls(void **state) {
  static struct wire plain;
  size_t taken;
  int event;
  (void)state;
  cipher_start(&side, &cipher, SIPWS_CLIENT, SIDE_PULLS);
  wire_clear(&plain);
  wire_frame(&plain, 0x81, 0, OPTIONS, sizeof OPTIONS - 1);
  wire_clear(&wire);
  wire_record(&wire, 'D', plain.data, plain.len);
  (void)sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken);
  assert_int_equal(sipws_conn_next_event(side.conn, &event), 0);
  assert_int_equal(event, SIPWS_EVENT_MESSAGE);
  wire_word(&wire, 'E', "");
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
  (void)sipws_conn_eof(side.conn, 0);
  side_pull(&side);
  assert_log(&side, "");
  assert_wants(&side, READ | FEED);
  (void)sipws_conn_feed(side.conn, NULL, 0, 0, &taken);
  side_pull(&side);
  (void)side_output(&side);
  side_pull(&side);
  assert_log(&side, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"
                    "closed EOF 1006\n");
  cipher_stop(&side, &cipher);
}

/* Nobody asks any more for what follows a request that awaits its verdict. */
static void test_conn_stage_end_does_not_wait_for_a_verdict(void **state) {
  static const int faces[] = {SIDE_CALLBACKS, SIDE_PULLS};
  size_t i;
  (void)state;
  for (i = 0; i < 2 * ROWS(faces); i++) {
    side_config(&side, faces[i / 2]);
    side.verdict = SIDE_LATER;
    side_server(&side);
    cipher_shake_hands(&side, &cipher);
    wire_clear(&wire);
    wire_record(&wire, 'D', UPGRADE_SIP, sizeof UPGRADE_SIP - 1);
    wire_messages(&wire, 1, 200);
    wire_word(&wire, 'E', "");
    assert_int_equal(side_feed(&side, wire.data, wire.len, i % 2), wire.len);
    (void)side_output(&side);
    assert_log(&side, "request GET /ws?x=1\nclosed EOF 1006\n");
    cipher_stop(&side, &cipher);
  }
}

static void test_conn_stage_prologue_that_fails_is_told(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  prologue_add(&side, &prologue, NULL, 1);
  side_feed_text(&side, "no\n");
  assert_int_equal(side_fed(&side), SIPWS_ERR_PROXY);
  assert_log(&side, "closed PROXY 1006\n");
  side_free(&side);
}

static void test_conn_stage_prologue_that_ends_early_is_told(void **state) {
  int is_begun;
  (void)state;
  for (is_begun = 0; is_begun < 2; is_begun++) {
    side_config(&side, SIDE_CALLBACKS);
    side_server(&side);
    prologue_add(&side, &prologue, NULL, 1);
    if (is_begun) {
      side_feed_text(&side, "o");
    }
    side_eof(&side);
    assert_log(&side, "closed PROXY 1006\n");
    assert_error(&side, SIPWS_ERR_PROXY);
    side_free(&side);
    assert_int_equal(prologue.frees, 1);
  }
}

/* ---- free ---- */

static int free_it(struct side *at, int event) {
  if (event == SIPWS_EVENT_MESSAGE) {
    sipws_conn_free(at->conn);
    assert_int_equal(cipher.frees, 0); /* it is in use */
  }
  return 0;
}

static void test_conn_stage_is_freed_with_the_outer_call(void **state) {
  size_t taken;
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  side.then = free_it;
  wire_clear(&wire);
  wire_messages(&wire, 1, 200);
  wire_put(&wire, "D");
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   SIPWS_ERR_FREED);
  assert_int_equal(taken, wire.len - 1); /* no stage works for the dead */
  assert_int_equal(cipher.frees, 1);
  side.conn = NULL;
  cipher_stop(&side, &cipher);
}

static void test_conn_stage_is_freed_once_whatever_happened(void **state) {
  int way;
  (void)state;
  for (way = 0; way < 6; way++) {
    side_config(&side, SIDE_CALLBACKS);
    side_config(&other, SIDE_CALLBACKS);
    if (way == 0) {
      side_client(&side, "ws://h/");
      cipher_add(&side, &cipher);
      cipher_stop(&side, &cipher);
    } else {
      cipher_pair(&side, &cipher, &other, &other_cipher);
      (void)(way == 1   ? sipws_conn_abort(side.conn, 0)
             : way == 2 ? sipws_conn_lost(side.conn, 1, 0)
             : way == 3 ? sipws_conn_eof(side.conn, 0)
             : way == 4 ? sipws_conn_close(side.conn, 1000, NULL, 0, 0, 0)
                        : 0);
      assert_int_equal(cipher.frees, 0);
      pair_move(&side, &other, 0);
      cipher_stop(&side, &cipher);
    }
    side_free(&other);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_stage_server_ends_behind_both_closes),
      cmocka_unit_test(test_conn_stage_client_ends_behind_both_closes),
      cmocka_unit_test(test_conn_stage_nowait_ends_behind_our_close),
      cmocka_unit_test(test_conn_stage_end_that_cannot_leave_is_no_loss),
      cmocka_unit_test(test_conn_stage_close_that_cannot_leave_is_a_loss),
      cmocka_unit_test(test_conn_stage_close_before_the_handshake),
      cmocka_unit_test(test_conn_stage_refusal_leaves_before_the_end),
      cmocka_unit_test(test_conn_stage_client_that_turns_away_says_so),
      cmocka_unit_test(test_conn_stage_refused_client_takes_any_end),
      cmocka_unit_test(test_conn_stage_cut_transport_is_told),
      cmocka_unit_test(test_conn_stage_cut_transport_lets_a_record_leave),
      cmocka_unit_test(test_conn_stage_end_in_due_form_is_an_end),
      cmocka_unit_test(test_conn_stage_end_waits_for_messages),
      cmocka_unit_test(test_conn_stage_end_waits_for_pulls),
      cmocka_unit_test(test_conn_stage_end_does_not_wait_for_a_verdict),
      cmocka_unit_test(test_conn_stage_prologue_that_fails_is_told),
      cmocka_unit_test(test_conn_stage_prologue_that_ends_early_is_told),
      cmocka_unit_test(test_conn_stage_is_freed_with_the_outer_call),
      cmocka_unit_test(test_conn_stage_is_freed_once_whatever_happened),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
