/* conn: stages that fail, with and without a last word, and those that break
 * their contract. */
#include "stage.h"

static struct side side;
static struct cipher cipher;
static struct script script;
static struct wire wire;

/* ---- failing ---- */

/* Four states in which a stage may fail. */
enum scene { SCENE_CONNECTING, SCENE_VERDICT, SCENE_OPEN, SCENE_CLOSING };
#define SCENES 4

static void play(enum scene scene, int face) {
  if (scene >= SCENE_OPEN) {
    cipher_start(&side, &cipher, SIPWS_SERVER, face);
    if (scene == SCENE_CLOSING) {
      side_close(&side);
      (void)side_records(&side);
    }
    return;
  }
  side_config(&side, face);
  if (scene == SCENE_VERDICT) {
    cipher_await_verdict(&side, &cipher);
    return;
  }
  side_server(&side);
  cipher_shake_hands(&side, &cipher);
}

static void feed_bad(int expected) {
  wire_clear(&wire);
  wire_word(&wire, '?', "what");
  wire_put(&wire, "and more");
  assert_int_equal(side_feed(&side, wire.data, wire.len, 0), wire.len);
  assert_int_equal(side_fed(&side), expected);
}

/* An alert still leaves; then the peer's end is awaited, or the deadline. */
static void test_conn_stage_failure_lets_the_alert_leave(void **state) {
  int scene, face, is_timeout;
  (void)state;
  for (scene = 0; scene < SCENES * 4; scene++) {
    face = scene / SCENES % 2;
    is_timeout = scene / SCENES / 2;
    play((enum scene)(scene % SCENES), face);
    if (scene % SCENES == SCENE_OPEN) {
      assert_int_equal(
          sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL),
          0);
    }
    feed_bad(SIPWS_ERR_TLS);
    assert_state(&side, SIPWS_STATE_CLOSING);
    assert_error(&side, SIPWS_ERR_TLS);
    assert_wants(&side, READ | WRITE);
    assert_int_equal(
        sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL),
        SIPWS_ERR_TLS);
    assert_int_equal(sipws_conn_accept(side.conn, NULL, 0, 0), SIPWS_ERR_STATE);
    assert_log(&side, "");
    assert_records(&side, "A bad\n");
    assert_wants(&side, READ | SHUT);
    feed_bad(SIPWS_ERR_TLS);
    assert_records(&side, "");
    if (is_timeout) {
      assert_int_equal(sipws_conn_deadline(side.conn), 5000);
      side_tick(&side, 5000);
    } else {
      side_eof(&side);
    }
    assert_log(&side, "closed TLS 1006\n");
    assert_error(&side, SIPWS_ERR_TLS);
    assert_wants(&side, scene % SCENES == SCENE_CLOSING ? SHUT | CLOSE : CLOSE);
    assert_int_equal(cipher.shuts, 0);
    cipher_stop(&side, &cipher);
  }
}

/* What was kept behind a bad record is dropped with it. */
static void test_conn_stage_failure_forgets_what_was_kept(void **state) {
  size_t taken;
  (void)state;
  play(SCENE_OPEN, SIDE_CALLBACKS);
  wire_clear(&wire);
  wire_word(&wire, '?', "what");
  wire_put(&wire, "and more");
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
  assert_int_equal(sipws_conn_feed(side.conn, NULL, 0, 0, &taken),
                   SIPWS_ERR_TLS);
  assert_int_equal(sipws_conn_kept(side.conn), 0);
  assert_wants(&side, READ | WRITE);
  cipher_stop(&side, &cipher);
}

/* However the octets are cut, and be they pulled: what came before the failure
 * is told before it. */
static void
test_conn_stage_failure_comes_behind_what_came_before(void **state) {
  static const int faces[] = {SIDE_CALLBACKS, SIDE_PULLS, SIDE_PULLS_INPLACE};
  size_t i;
  (void)state;
  for (i = 0; i < 2 * ROWS(faces); i++) {
    size_t cut = i / ROWS(faces);
    side_config(&side, faces[i % ROWS(faces)]);
    side_server(&side);
    cipher_shake_hands(&side, &cipher);
    wire_clear(&wire);
    wire_record(&wire, 'D', UPGRADE_SIP, sizeof UPGRADE_SIP - 1);
    wire_messages(&wire, 2, 200);
    wire_word(&wire, '?', "what");
    assert_int_equal(side_feed(&side, wire.data, wire.len, cut), wire.len);
    assert_log(&side,
               "request GET /ws?x=1\nopen sip\n" MESSAGE_LOG MESSAGE_LOG);
    assert_error(&side, SIPWS_ERR_TLS);
    (void)side_records(&side);
    side_eof(&side);
    assert_log(&side, "closed TLS 1006\n");
    cipher_stop(&side, &cipher);
  }
}

/* A pause holds the failure with the messages before it. */
static void test_conn_stage_failure_waits_for_a_pause_to_end(void **state) {
  size_t taken;
  (void)state;
  play(SCENE_OPEN, SIDE_CALLBACKS);
  assert_int_equal(sipws_conn_pause(side.conn, 0), 0);
  wire_clear(&wire);
  wire_messages(&wire, 2, 200);
  wire_word(&wire, '?', "what");
  (void)sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken);
  assert_int_equal(taken, wire.len);
  assert_log(&side, "");
  assert_error(&side, 0);
  assert_int_equal(sipws_conn_resume(side.conn, 0), 0);
  assert_true((sipws_conn_wants(side.conn) & FEED) != 0);
  (void)sipws_conn_feed(side.conn, NULL, 0, 0, &taken);
  assert_log(&side, MESSAGE_LOG MESSAGE_LOG);
  assert_error(&side, SIPWS_ERR_TLS);
  (void)side_records(&side);
  side_eof(&side);
  assert_log(&side, "closed TLS 1006\n");
  cipher_stop(&side, &cipher);
}

/* The transport's end does not wait, and has its cause. */
static void test_conn_stage_failure_is_told_at_the_end(void **state) {
  size_t taken;
  (void)state;
  play(SCENE_OPEN, SIDE_PULLS);
  cipher.is_mute = 1;
  wire_clear(&wire);
  wire_messages(&wire, 1, 200);
  wire_word(&wire, '?', "what");
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   0);
  assert_int_equal(taken, wire.len);
  assert_error(&side, 0);
  side_eof(&side);
  assert_log(&side, MESSAGE_LOG "closed TLS 1006\n");
  cipher_stop(&side, &cipher);
}

/* The request that awaits its verdict is lent; an alert that is taken frees it
 * no earlier than a verdict would. */
static void test_conn_stage_failure_leaves_the_request_readable(void **state) {
  sipws_request view;
  const char *text;
  size_t len;
  (void)state;
  play(SCENE_VERDICT, SIDE_CALLBACKS);
  view.struct_size = sizeof view;
  assert_int_equal(sipws_conn_request(side.conn, &text, &len, &view), 0);
  feed_bad(SIPWS_ERR_TLS);
  assert_records(&side, "A bad\n");
  assert_span(text, view.path, "/ws");
  cipher_stop(&side, &cipher);
}

static void test_conn_stage_failure_without_a_word_closes(void **state) {
  int scene;
  (void)state;
  for (scene = 0; scene < SCENES; scene++) {
    play((enum scene)scene, SIDE_CALLBACKS);
    cipher.is_mute = 1;
    feed_bad(SIPWS_ERR_TLS);
    assert_log(&side, "closed TLS 1006\n");
    assert_int_equal(sipws_conn_wants(side.conn) & ~(uint32_t)SHUT, CLOSE);
    cipher_stop(&side, &cipher);
  }
}

/* The peer's own alert. */
static void test_conn_stage_alert_of_the_peer_closes(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "wss://h/");
  cipher_add(&side, &cipher);
  assert_records(&side, "H one\n");
  side_feed_record(&side, 'A', "bad");
  assert_int_equal(side_fed(&side), SIPWS_ERR_TLS);
  assert_log(&side, "closed TLS 1006\n");
  cipher_stop(&side, &cipher);
}

/* pending tells it, the alert first; the event comes with the next call that
 * has a time. */
static void test_conn_stage_failure_in_output(void **state) {
  const uint8_t *data;
  size_t len;
  int is_mute;
  (void)state;
  for (is_mute = 0; is_mute < 2; is_mute++) {
    cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
    assert_int_equal(
        sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
    cipher.fails_output = SIPWS_ERR_RANDOM;
    cipher.is_mute = is_mute;
    if (is_mute) {
      assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len),
                       SIPWS_ERR_RANDOM);
      assert_int_equal(len, 0);
      assert_int_equal(sipws_conn_deadline(side.conn), 0);
    } else {
      assert_records(&side, "A bad\n");
      assert_wants(&side, READ | SHUT);
      side_eof(&side);
    }
    side_tick(&side, 0);
    assert_log(&side, "closed RANDOM 1006\n");
    assert_error(&side, SIPWS_ERR_RANDOM);
    cipher_stop(&side, &cipher);
  }
}

/* An error that was told is sticky; how it ends, the cause tells. */
static void test_conn_stage_failure_in_output_keeps_the_error(void **state) {
  int is_mute;
  (void)state;
  for (is_mute = 0; is_mute < 2; is_mute++) {
    side_config(&side, SIDE_CALLBACKS);
    cipher_await_verdict(&side, &cipher);
    side_forget(&side);
    assert_int_equal(sipws_conn_reject(side.conn, 403, NULL, 0, 0), 0);
    assert_error(&side, SIPWS_ERR_REFUSED);
    cipher.fails_output = SIPWS_ERR_RANDOM;
    cipher.is_mute = is_mute;
    if (is_mute) {
      const uint8_t *data;
      size_t len;
      assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len),
                       SIPWS_ERR_REFUSED);
      side_tick(&side, 0);
    } else {
      assert_records(&side, "A bad\n");
      side_eof(&side);
    }
    assert_log(&side, "closed RANDOM 1006\n");
    assert_error(&side, SIPWS_ERR_REFUSED);
    cipher_stop(&side, &cipher);
  }
}

/* A record under way when the stage fails: it leaves whole, and counts. */
static void test_conn_stage_failure_lets_a_record_leave(void **state) {
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
  side_take(&side, 1);
  feed_bad(SIPWS_ERR_TLS);
  assert_int_equal(sipws_conn_send(side.conn, OPTIONS, 1, 0, 0, NULL),
                   SIPWS_ERR_TLS);
  (void)side_output(&side);
  assert_log(&side, "sent 1\n");
  side_eof(&side);
  assert_log(&side, "closed TLS 1006\n");
  cipher_stop(&side, &cipher);
}

/* ---- what a stage may answer, and may not ---- */

static void open_script(void) {
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  script_add(&side, &script);
  side_feed_text(&side, UPGRADE_SIP);
  assert_wire(&side, "HTTP/1.1 101 Switching Protocols\n");
  side_forget(&side);
}

static void test_conn_stage_errors_have_their_causes(void **state) {
  static const struct {
    int answer, err, cause;
  } rows[] = {
      {SIPWS_ERR_TLS, SIPWS_ERR_TLS, SIPWS_CAUSE_TLS},
      {SIPWS_ERR_PROXY, SIPWS_ERR_PROXY, SIPWS_CAUSE_PROXY},
      {SIPWS_ERR_TRUNCATED, SIPWS_ERR_TRUNCATED, SIPWS_CAUSE_TRUNCATED},
      {SIPWS_ERR_NOMEM, SIPWS_ERR_NOMEM, SIPWS_CAUSE_MEMORY},
      {SIPWS_ERR_RANDOM, SIPWS_ERR_RANDOM, SIPWS_CAUSE_RANDOM},
      {SIPWS_ERR_AGAIN, SIPWS_ERR_HOOK, SIPWS_CAUSE_ABORTED},
      {SIPWS_ERR_CLOSED, SIPWS_ERR_HOOK, SIPWS_CAUSE_ABORTED},
      {7, SIPWS_ERR_HOOK, SIPWS_CAUSE_ABORTED},
  };
  size_t i;
  int has_words;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    for (has_words = 0; has_words < 2; has_words++) {
      open_script();
      script.is_wrong = 1;
      script.breach = SCRIPT_INPUT_ANSWERS;
      script.answer = rows[i].answer;
      script.emits = has_words ? "GET / \r\n\r\n" : NULL;
      (void)side_feed(&side, "x", 1, 0);
      assert_int_equal(side_fed(&side), rows[i].err);
      if (has_words) {
        assert_wire(&side, "GET / \n");
        side_eof(&side);
      }
      assert_int_equal(sipws_conn_cause(side.conn), rows[i].cause);
      assert_error(&side, rows[i].err);
      side_free(&side);
      assert_int_equal(script.frees, 1);
    }
  }
}

static void test_conn_stage_that_breaks_its_contract_fails(void **state) {
  static const enum script_breach breaches[] = {
      SCRIPT_INPUT_TAKES_TOO_MUCH, SCRIPT_INPUT_GIVES_TOO_MUCH,
      SCRIPT_INPUT_TAKES_NOTHING,  SCRIPT_INPUT_ANSWERS,
      SCRIPT_OUTPUT_ANSWERS,       SCRIPT_OUTPUT_TAKES_TOO_MUCH,
      SCRIPT_OUTPUT_EMITS_NOTHING, SCRIPT_END_ANSWERS};
  const uint8_t *data;
  size_t i, len;
  (void)state;
  for (i = 0; i < ROWS(breaches); i++) {
    open_script();
    script.is_wrong = 1;
    script.breach = breaches[i];
    script.answer = SIPWS_STAGE_DONE; /* one that stays is never done */
    assert_int_equal(
        sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
    if (breaches[i] < SCRIPT_OUTPUT_ANSWERS) {
      assert_int_equal(side_feed(&side, "x", 1, 0), 1);
      assert_int_equal(side_fed(&side), SIPWS_ERR_HOOK);
    } else if (breaches[i] < SCRIPT_END_ANSWERS) {
      int err = sipws_conn_pending(side.conn, 0, &data, &len);
      assert_int_equal(err == 0 && len > 0 ? SIPWS_ERR_HOOK : err,
                       SIPWS_ERR_HOOK);
    } else {
      side_eof(&side);
    }
    assert_error(&side, SIPWS_ERR_HOOK);
    (void)side_output(&side);
    side_eof(&side);
    side_tick(&side, 0);
    assert_log(&side, "closed ABORTED 1006\n");
    side_free(&side);
    assert_int_equal(script.frees, 1);
  }
}

/* One that has nothing against it lets the transport end. */
static void test_conn_stage_that_takes_any_end(void **state) {
  (void)state;
  open_script();
  side_eof(&side);
  assert_log(&side, "closed EOF 1006\n");
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_stage_failure_lets_the_alert_leave),
      cmocka_unit_test(test_conn_stage_failure_forgets_what_was_kept),
      cmocka_unit_test(test_conn_stage_failure_comes_behind_what_came_before),
      cmocka_unit_test(test_conn_stage_failure_waits_for_a_pause_to_end),
      cmocka_unit_test(test_conn_stage_failure_is_told_at_the_end),
      cmocka_unit_test(test_conn_stage_failure_leaves_the_request_readable),
      cmocka_unit_test(test_conn_stage_failure_without_a_word_closes),
      cmocka_unit_test(test_conn_stage_alert_of_the_peer_closes),
      cmocka_unit_test(test_conn_stage_failure_in_output),
      cmocka_unit_test(test_conn_stage_failure_in_output_keeps_the_error),
      cmocka_unit_test(test_conn_stage_failure_lets_a_record_leave),
      cmocka_unit_test(test_conn_stage_errors_have_their_causes),
      cmocka_unit_test(test_conn_stage_that_breaks_its_contract_fails),
      cmocka_unit_test(test_conn_stage_that_takes_any_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
