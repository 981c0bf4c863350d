/* conn: stages between it and its transport: adding them, octets in, and input
 * that waits. */
#include "stage.h"

static struct side side;
static struct cipher cipher, other_cipher;
static struct prologue prologue, more[4];
static struct script script;
static struct wire wire, plain;

/* ---- adding ---- */

static void test_conn_stage_is_added_behind_those_before(void **state) {
  static sipws_stage odd;
  size_t i;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  assert_null(sipws_conn_stage_state(side.conn, &cipher_stage));
  for (i = 0; i < ROWS(more); i++) {
    prologue_add(&side, &more[i], NULL, 1);
  }
  assert_ptr_equal(sipws_conn_stage_state(side.conn, &prologue_stage),
                   &more[0]);
  assert_null(sipws_conn_stage_state(side.conn, &cipher_stage));
  assert_null(sipws_conn_stage_state(NULL, &cipher_stage));
  /* four are there */
  assert_int_equal(sipws_conn_add_stage(side.conn, &cipher_stage, &cipher),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_add_stage(NULL, &cipher_stage, &cipher),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_add_stage(side.conn, NULL, &cipher),
                   SIPWS_ERR_INVALID);
  odd = cipher_stage;
  odd.struct_size++;
  assert_int_equal(sipws_conn_add_stage(side.conn, &odd, &cipher),
                   SIPWS_ERR_INVALID);
  odd = cipher_stage;
  odd.input = NULL;
  assert_int_equal(sipws_conn_add_stage(side.conn, &odd, &cipher),
                   SIPWS_ERR_INVALID);
  cipher.frees = 0;
  side_free(&side);
  for (i = 0; i < ROWS(more); i++) {
    assert_int_equal(more[i].frees, 1);
  }
  assert_int_equal(cipher.frees, 0);
}

/* What may happen to a connection before a stage is added. */
static void before_stays(void) {
  cipher_add(&side, &cipher);
}

static void before_is_begun(void) {
  const uint8_t *data;
  size_t len;
  prologue_add(&side, &prologue, "hello\n", 1);
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
}

static void before_is_done(void) {
  prologue_add(&side, &prologue, NULL, 1);
  side_feed_text(&side, "ok\n");
}

static void before_is_fed(void) {
  side_feed_text(&side, "G");
}

static void before_is_kept(void) {
  assert_int_equal(sipws_conn_keep(side.conn, "G", 1), 0);
}

static void before_is_handed_over(void) {
  assert_int_equal(sipws_conn_take_request(side.conn, "GET", 3, "/", 1, 0), 0);
}

static void before_is_closed(void) {
  (void)sipws_conn_abort(side.conn, 0);
}

static void test_conn_stage_comes_before_the_first_octet(void **state) {
  static void (*const before[])(void) = {
      before_stays,   before_is_begun,       before_is_done,  before_is_fed,
      before_is_kept, before_is_handed_over, before_is_closed};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(before); i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_server(&side);
    before[i]();
    other_cipher.frees = 0;
    assert_int_equal(
        sipws_conn_add_stage(side.conn, &cipher_stage, &other_cipher),
        SIPWS_ERR_STATE);
    side_free(&side);
    assert_int_equal(other_cipher.frees, 0);
  }
}

static void test_conn_stage_is_late_once_a_request_was_lent(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "ws://h/");
  assert_wire(&side, "GET / HTTP/1.1\n");
  assert_int_equal(sipws_conn_add_stage(side.conn, &cipher_stage, &cipher),
                   SIPWS_ERR_STATE);
  side_free(&side);
  side_open(&side, SIPWS_CLIENT);
  assert_int_equal(sipws_conn_add_stage(side.conn, &cipher_stage, &cipher),
                   SIPWS_ERR_STATE);
  side_free(&side);
}

static void test_conn_stage_emit_wants_a_stage(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  assert_int_equal(sipws_stage_emit(NULL, "x", 1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_stage_emit(side.conn, "x", 1), SIPWS_ERR_INVALID);
  script_add(&side, &script);
  assert_int_equal(sipws_stage_emit(side.conn, NULL, 1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_stage_emit(side.conn, NULL, 0), 0);
  assert_wants(&side, READ | WRITE);
  assert_string_equal(side_output(&side), "");
  side_free(&side);
}

/* ---- octets in ---- */

/* A prologue, the cipher's handshake, the request and a message. */
static void put_all(void) {
  wire_clear(&wire);
  wire_put(&wire, "ok\n");
  wire_word(&wire, 'H', "one");
  wire_word(&wire, 'H', "three");
  wire_word(&wire, 'D', UPGRADE_SIP);
  wire_clear(&plain);
  wire_frame(&plain, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  wire_record(&wire, 'D', plain.data, plain.len);
}

static void assert_all(void) {
  assert_log(&side, "request GET /ws?x=1\n"
                    "open sip\n"
                    "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
  assert_records(&side, "H two\nHTTP/1.1 101 Switching Protocols\n");
  assert_ptr_equal(sipws_conn_stage_state(side.conn, &cipher_stage), &cipher);
  assert_ptr_equal(sipws_conn_stage_state(side.conn, &prologue_stage),
                   &prologue);
  side_free(&side);
  assert_int_equal(prologue.frees, 1);
  assert_int_equal(cipher.frees, 1);
}

static void begin_all(int face) {
  side_config(&side, face);
  side_server(&side);
  prologue_add(&side, &prologue, NULL, 1);
  cipher_add(&side, &cipher);
  put_all();
}

/* All in one read, in two, and octet by octet. */
static void test_conn_stage_two_are_in_charge_in_order(void **state) {
  size_t cut;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
    for (cut = 0; cut <= wire.len; cut++) {
      begin_all(face);
      assert_int_equal(side_feed(&side, wire.data, cut, 0), cut);
      assert_int_equal(
          side_feed(&side, wire.data + cut, wire.len - cut, cut == 0 ? 1 : 0),
          wire.len - cut);
      assert_all();
    }
  }
}

/* With its first call the cipher's handshake may be over, and data there. */
static void test_conn_stage_first_read_may_hold_data(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  cipher_add(&side, &cipher);
  wire_clear(&wire);
  wire_word(&wire, 'H', "one");
  wire_word(&wire, 'H', "three");
  wire_word(&wire, 'D', UPGRADE_SIP);
  assert_int_equal(side_feed(&side, wire.data, wire.len, 0), wire.len);
  assert_log(&side, "request GET /ws?x=1\nopen sip\n");
  side_free(&side);
}

/* It may give less than there is room for: it is called until nothing moves. */
static void test_conn_stage_may_give_little_a_call(void **state) {
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  cipher.gives = 7;
  wire_clear(&wire);
  wire_messages(&wire, 2, 200);
  assert_int_equal(side_feed(&side, wire.data, wire.len, 0), wire.len);
  assert_log(&side, MESSAGE_LOG MESSAGE_LOG);
  side_free(&side);
}

/* Octets that were kept pass through all of them, too. */
static void test_conn_stage_kept_octets_go_through_all(void **state) {
  size_t cut, taken;
  (void)state;
  for (cut = 0; cut <= wire.len; cut++) {
    begin_all(SIDE_CALLBACKS);
    assert_int_equal(sipws_conn_keep(side.conn, wire.data, cut), 0);
    assert_int_equal(sipws_conn_kept(side.conn), cut);
    assert_int_equal(sipws_conn_wants(side.conn) & FEED, cut > 0 ? FEED : 0);
    assert_int_equal(
        sipws_conn_feed(side.conn, wire.data + cut, wire.len - cut, 0, &taken),
        0);
    assert_int_equal(taken, wire.len - cut);
    assert_int_equal(sipws_conn_kept(side.conn), 0);
    assert_all();
  }
}

/* Without a stage that stays, what follows is the connection's own. */
static void test_conn_stage_prologue_leaves_the_rest(void **state) {
  static const char input[] = "ok\n" UPGRADE_SIP;
  size_t cut, taken;
  int is_kept;
  (void)state;
  for (cut = 0; cut < sizeof input; cut++) {
    for (is_kept = 0; is_kept < 2; is_kept++) {
      size_t rest = sizeof input - 1 - cut;
      side_config(&side, SIDE_CALLBACKS);
      side_server(&side);
      prologue_add(&side, &prologue, NULL, 1);
      if (is_kept) {
        assert_int_equal(sipws_conn_keep(side.conn, input, cut), 0);
      } else {
        assert_int_equal(side_feed(&side, input, cut, 0), cut);
      }
      assert_int_equal(sipws_conn_feed(side.conn, input + cut, rest, 0, &taken),
                       0);
      assert_int_equal(taken, rest);
      assert_log(&side, "request GET /ws?x=1\nopen sip\n");
      assert_wire(&side, "HTTP/1.1 101 Switching Protocols\n");
      side_feed_frame(&side, 0x89, "p");
      assert_wire(&side, "pong p\n");
      side_free(&side);
    }
  }
}

/* Kept ahead of a stage that finishes without looking at them: in order. */
static void test_conn_stage_kept_octets_pass_an_idle_prologue(void **state) {
  static const char answer[] = "HTTP/1.1 403 Forbidden\r\n"
                               "Content-Length: 2\r\n\r\nno";
  const uint8_t *data;
  size_t len, taken;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "ws://h.example/");
  prologue_add(&side, &prologue, "HELLO\n", 0);
  assert_int_equal(sipws_conn_keep(side.conn, answer, 20), 0);
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
  assert_int_equal(
      sipws_conn_keep(side.conn, answer + 20, sizeof answer - 1 - 20), 0);
  assert_int_equal(sipws_conn_kept(side.conn), sizeof answer - 1);
  (void)sipws_conn_feed(side.conn, NULL, 0, 0, &taken);
  assert_log(&side, "refused 403 no\nclosed REFUSED 1006\n");
  side_free(&side);
}

/* A callback may write out at once, while the stage's input is worked on. */
static int write_out(struct side *at, int event) {
  if (event == SIPWS_EVENT_MESSAGE) {
    (void)side_send_sip(at, 2000);
    assert_records(at, "text MESSAGE sip:a@h SIP/2.0 (2061)\n");
  }
  return 0;
}

static void test_conn_stage_callback_may_write_out(void **state) {
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  side.then = write_out;
  wire_clear(&wire);
  wire_messages(&wire, 2, 200);
  wire_messages(&wire, 1, 200);
  (void)side_feed(&side, wire.data, wire.len, 0);
  assert_log(&side, MESSAGE_LOG "sent 1\n" MESSAGE_LOG "sent 2\n" MESSAGE_LOG
                                "sent 3\n");
  side_free(&side);
}

/* ---- input that waits ---- */

/* Paused, the stage gives until the kept octets are full; the rest waits in the
 * stage, then outside. */
static void test_conn_stage_pause_holds_records(void **state) {
  size_t taken, first;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, 512);
  cipher_open(&side, &cipher, SIPWS_SERVER);
  assert_int_equal(sipws_conn_pause(side.conn, 0), 0);
  wire_clear(&wire);
  wire_messages(&wire, 3, 200);
  first = wire.len;
  wire_messages(&wire, 1, 200);
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   0);
  assert_int_equal(taken, first);
  assert_int_equal(sipws_conn_kept(side.conn), 512);
  assert_wants(&side, 0);
  /* outside, as much again */
  assert_int_equal(
      sipws_conn_keep(side.conn, wire.data + first, wire.len - first), 0);
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, 512),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(sipws_conn_feed(side.conn, "", 0, 0, &taken), 0);
  assert_log(&side, "");
  assert_int_equal(sipws_conn_resume(side.conn, 0), 0);
  assert_wants(&side, READ | FEED);
  assert_int_equal(sipws_conn_feed(side.conn, "", 0, 0, &taken), 0);
  assert_log(&side, MESSAGE_LOG MESSAGE_LOG MESSAGE_LOG MESSAGE_LOG);
  assert_wants(&side, READ);
  assert_int_equal(sipws_conn_kept(side.conn), 0);
  side_free(&side);
}

/* on_message stops feed: the same call goes on behind it. */
static int stop_once(struct side *at, int event) {
  (void)event;
  at->then = NULL;
  return 1;
}

static void test_conn_stage_stopped_feed_goes_on(void **state) {
  size_t taken;
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  wire_clear(&wire);
  wire_messages(&wire, 2, 200);
  side.then = stop_once;
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   SIPWS_ERR_CALLBACK);
  assert_int_equal(taken, wire.len);
  assert_log(&side, MESSAGE_LOG);
  assert_wants(&side, READ | FEED);
  assert_int_equal(sipws_conn_feed(side.conn, "", 0, 0, &taken), 0);
  assert_log(&side, MESSAGE_LOG);
  side_free(&side);
}

/* Octets behind a request that awaits its verdict. */
static void test_conn_stage_verdict_comes_before_what_follows(void **state) {
  size_t taken;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, 512);
  cipher_await_verdict(&side, &cipher);
  wire_clear(&wire);
  wire_messages(&wire, 1, 200);
  assert_int_equal(side_feed(&side, wire.data, wire.len, 1), wire.len);
  assert_int_equal(sipws_conn_kept(side.conn), wire.len - CIPHER_HEAD);
  assert_wants(&side, READ);
  wire_clear(&wire);
  wire_messages(&wire, 1, 200);
  (void)side_feed(&side, wire.data, wire.len, 0);
  assert_int_equal(sipws_conn_kept(side.conn), 512);
  assert_wants(&side, 0); /* full */
  assert_log(&side, "");
  assert_int_equal(sipws_conn_accept(side.conn, NULL, 0, 0), 0);
  assert_wants(&side, READ | WRITE | FEED);
  assert_int_equal(sipws_conn_feed(side.conn, "", 0, 0, &taken), 0);
  assert_log(&side, "open sip\n" MESSAGE_LOG MESSAGE_LOG);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_stage_is_added_behind_those_before),
      cmocka_unit_test(test_conn_stage_comes_before_the_first_octet),
      cmocka_unit_test(test_conn_stage_is_late_once_a_request_was_lent),
      cmocka_unit_test(test_conn_stage_emit_wants_a_stage),
      cmocka_unit_test(test_conn_stage_two_are_in_charge_in_order),
      cmocka_unit_test(test_conn_stage_first_read_may_hold_data),
      cmocka_unit_test(test_conn_stage_may_give_little_a_call),
      cmocka_unit_test(test_conn_stage_kept_octets_go_through_all),
      cmocka_unit_test(test_conn_stage_prologue_leaves_the_rest),
      cmocka_unit_test(test_conn_stage_kept_octets_pass_an_idle_prologue),
      cmocka_unit_test(test_conn_stage_callback_may_write_out),
      cmocka_unit_test(test_conn_stage_pause_holds_records),
      cmocka_unit_test(test_conn_stage_stopped_feed_goes_on),
      cmocka_unit_test(test_conn_stage_verdict_comes_before_what_follows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
