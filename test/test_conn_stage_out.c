/* conn: stages, octets out: what is lent, what is settled by taking it, what is
 * wanted meanwhile. */
#include "stage.h"

static struct side side;
static struct cipher cipher;
static struct prologue prologue;
static struct script script;

/* How many octets pending lends behind |skip|. */
static size_t lent_at(size_t skip) {
  const uint8_t *data;
  size_t len;
  assert_int_equal(sipws_conn_pending(side.conn, skip, &data, &len), 0);
  return len;
}

static void take(size_t n) {
  assert_int_equal(sipws_conn_taken(side.conn, n, side.now), 0);
}

/* ---- what is wanted ---- */

/* A request that waits for the handshake of the stage is no reason to write:
 * the loop would spin. */
static void test_conn_stage_client_wants_no_write_while_it_waits(void **state) {
  static const char *const urls[] = {"ws://h.example/", "wss://h.example/"};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(urls); i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_client(&side, urls[i]);
    cipher_add(&side, &cipher);
    assert_wants(&side, READ | WRITE);
    assert_int_equal(lent_at(0), CIPHER_HEAD + 3);
    assert_wants(&side, READ | WRITE);
    take(CIPHER_HEAD + 2);
    assert_wants(&side, READ | WRITE);
    take(1);
    assert_int_equal(lent_at(0), 0);
    assert_wants(&side, READ);
    side_feed_record(&side, 'H', "two");
    assert_int_equal(sipws_conn_is_secure(side.conn), 1);
    assert_wants(&side, READ | WRITE);
    assert_records(&side, "H three\nGET / HTTP/1.1\n");
    assert_wants(&side, READ);
    side_free(&side);
  }
}

static void test_conn_stage_server_begins_once(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  prologue_add(&side, &prologue, NULL, 1);
  cipher_add(&side, &cipher);
  assert_wants(&side, READ | WRITE);
  assert_int_equal(lent_at(0), 0);
  assert_int_equal(prologue.is_begun, 1);
  assert_int_equal(cipher.is_begun, 0);
  assert_wants(&side, READ);
  side_feed_text(&side, "ok\n");
  assert_int_equal(cipher.is_begun, 1);
  assert_wants(&side, READ);
  side_feed_record(&side, 'H', "one");
  assert_wants(&side, READ | WRITE);
  assert_records(&side, "H two\n");
  assert_wants(&side, READ);
  side_free(&side);
}

/* The stage stays: it has to say that it makes the connection secure. */
static void test_conn_stage_wss_waits_until_it_is_secure(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "wss://h.example/");
  script_add(&side, &script);
  assert_int_equal(lent_at(0), 0);
  assert_wants(&side, READ);
  assert_int_equal(sipws_conn_set_secure(side.conn, 1), 0);
  assert_wants(&side, READ | WRITE);
  assert_wire(&side, "GET / HTTP/1.1\n");
  side_free(&side);
}

/* One that finishes makes nothing secure. */
static void test_conn_stage_wss_behind_a_prologue_is_not_secure(void **state) {
  const uint8_t *data;
  size_t len;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "wss://h.example/");
  prologue_add(&side, &prologue, "hello\n", 1);
  assert_int_equal(lent_at(0), 6);
  take(6);
  assert_int_equal(lent_at(0), 0);
  side_feed_text(&side, "ok\n");
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len),
                   SIPWS_ERR_NOT_SECURE);
  side_free(&side);
}

static void test_conn_stage_deadline_covers_its_handshake(void **state) {
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    side_config(&side, SIDE_CALLBACKS);
    if (role == SIPWS_CLIENT) {
      side_client(&side, "wss://h/");
    } else {
      side_server(&side);
    }
    cipher_add(&side, &cipher);
    (void)side_records(&side);
    assert_int_equal(sipws_conn_deadline(side.conn), 10000);
    side_tick(&side, 9999);
    assert_log(&side, "");
    side_tick(&side, 10000);
    assert_log(&side, "closed TIMEOUT 1006\n");
    assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_HANDSHAKE);
    assert_wants(&side, CLOSE);
    side_free(&side);
    assert_int_equal(cipher.frees, 1);
  }
}

/* ---- what is lent and settled ---- */

static void test_conn_stage_message_is_sent_with_its_last_octet(void **state) {
  size_t all;
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  assert_int_equal(side_send_sip(&side, 2100), 1);
  all = sipws_conn_queued(side.conn);
  assert_in_range(all, 2001, 2999);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 0);
  /* one record, however often it is asked */
  assert_int_equal(lent_at(0), CIPHER_HEAD + 1000);
  assert_int_equal(lent_at(0), CIPHER_HEAD + 1000);
  assert_int_equal(lent_at(1), CIPHER_HEAD + 999);
  assert_int_equal(lent_at(CIPHER_HEAD + 1000), 0);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 1);
  assert_int_equal(sipws_conn_taken(side.conn, CIPHER_HEAD + 1001, 0),
                   SIPWS_ERR_INVALID);
  take(CIPHER_HEAD + 999);
  assert_int_equal(sipws_conn_queued(side.conn), all);
  take(1);
  assert_int_equal(sipws_conn_queued(side.conn), all - 1000);
  assert_int_equal(lent_at(0), CIPHER_HEAD + 1000);
  take(CIPHER_HEAD + 1000);
  assert_int_equal(lent_at(0), CIPHER_HEAD + all - 2000);
  take(CIPHER_HEAD + all - 2001);
  assert_int_equal(sipws_conn_sent_seq(side.conn), 0);
  assert_log(&side, "");
  take(1);
  assert_int_equal(sipws_conn_sent_seq(side.conn), 1);
  assert_log(&side, "sent 1\n");
  assert_int_equal(sipws_conn_queued(side.conn), 0);
  assert_wants(&side, READ);
  side_free(&side);
}

/* What the stage did not take was lent to nobody. */
static void test_conn_stage_begun_is_what_it_took(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_WAIT, 100);
  cipher_open(&side, &cipher, SIPWS_SERVER);
  cipher.piece = 50;
  assert_int_equal(side_send_sip(&side, 10), 1);
  assert_int_equal(side_send_sip(&side, 10), 2);
  assert_int_equal(lent_at(0), CIPHER_HEAD + 50);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 1);
  /* so it can still be dropped, and the first cannot */
  side_tick(&side, 100);
  side_tick(&side, 200);
  assert_log(&side, "EXPIRED 2\n");
  assert_records(&side, "text MESSAGE sip:a@h SIP/2.0 (69)\n");
  assert_log(&side, "sent 1\n");
  side_free(&side);
}

/* A client's request, likewise. */
static void test_conn_stage_request_goes_in_pieces(void **state) {
  size_t pieces = 0;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "ws://h.example/");
  cipher_shake_hands(&side, &cipher);
  cipher.piece = 10;
  while (lent_at(0) > 0) {
    assert_in_range(lent_at(0), CIPHER_HEAD + 1, CIPHER_HEAD + 10);
    take(lent_at(0));
    pieces++;
  }
  assert_in_range(pieces, 10, 30);
  side_free(&side);
}

/* Octets lent keep address and value whatever is called, and what the stage
 * says meanwhile goes behind them. */
static void test_conn_stage_lent_octets_stay(void **state) {
  const uint8_t *data, *again;
  size_t len, len_again;
  uint8_t before[600];
  (void)state;
  cipher_start(&side, &cipher, SIPWS_CLIENT, SIDE_CALLBACKS);
  (void)side_send_sip(&side, 300);
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
  assert_in_range(len, 300, sizeof before);
  memcpy(before, data, len);
  (void)side_send_sip(&side, 3000);
  side_feed_record(&side, 'H', "again");
  side_feed_secret(&side, 0x89, "p");
  side_feed_secret(&side, 0x88, "\x03\xe8");
  side_tick(&side, 100);
  side_feed_record(&side, 'H', "again"); /* too late: nobody listens */
  assert_int_equal(sipws_conn_pending(side.conn, 0, &again, &len_again), 0);
  assert_ptr_equal(again, data);
  assert_memory_equal(again, before, len);
  assert_int_equal(len_again, len + CIPHER_HEAD + 5);
  /* the record alone does not settle the message: all has to leave */
  take(len);
  assert_int_equal(sipws_conn_sent_seq(side.conn), 0);
  take(CIPHER_HEAD + 5);
  assert_int_equal(sipws_conn_sent_seq(side.conn), 1);
  assert_records(&side, "mask text MESSAGE sip:a@h SIP/2.0 (3061)\n"
                        "mask pong p\n"
                        "mask close 1000\n"
                        "E\n");
  side_free(&side);
}

/* A loop over skip fills an iovec, from the stage's octets on into the
 * connection's own when none is in charge any more. */
static void test_conn_stage_skip_spans_stage_and_connection(void **state) {
  static struct wire wire;
  const uint8_t *data;
  size_t len, skip;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "ws://h.example/");
  prologue_add(&side, &prologue, "HELLO\n", 0);
  wire_clear(&wire);
  for (skip = 0; (len = lent_at(skip)) > 0; skip += len) {
    assert_int_equal(sipws_conn_pending(side.conn, skip, &data, &len), 0);
    wire_add(&wire, data, len);
  }
  assert_memory_equal(wire.data, "HELLO\nGET / HTTP/1.1\r\n", 22);
  assert_memory_equal(wire.data + wire.len - 4, "\r\n\r\n", 4);
  assert_int_equal(sipws_conn_taken(side.conn, skip + 1, 0), SIPWS_ERR_INVALID);
  take(3);
  assert_int_equal(lent_at(0), 3);
  take(5); /* over the seam */
  assert_int_equal(lent_at(0), skip - 8);
  take(skip - 8);
  assert_int_equal(lent_at(0), 0);
  side_free(&side);
}

/* The words of two stages in one span. */
static void test_conn_stage_words_of_two_leave_together(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "wss://h.example/");
  prologue_add(&side, &prologue, "HELLO\n", 0);
  cipher_add(&side, &cipher);
  assert_int_equal(lent_at(0), 6 + CIPHER_HEAD + 3);
  take(6);
  assert_records(&side, "H one\n");
  side_feed_record(&side, 'H', "two");
  assert_records(&side, "H three\nGET / HTTP/1.1\n");
  side_free(&side);
  assert_int_equal(prologue.frees, 1);
  assert_int_equal(cipher.frees, 1);
}

/* A pulled body is asked for as the stage takes it. */
static int body_of(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                   void *user) {
  size_t *asked = user;
  (void)off;
  memset(buf, 'x', len);
  *got = len;
  *asked += len;
  return 0;
}

static void test_conn_stage_pulled_body_goes_piece_by_piece(void **state) {
  size_t asked = 0;
  size_t taken = 0;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side.verdict = SIDE_LATER;
  side_server(&side);
  cipher_shake_hands(&side, &cipher);
  side_feed_record(&side, 'D', "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_int_equal(
      sipws_conn_reject_from(side.conn, 200, body_of, 20000, &asked, 0), 0);
  while (sipws_conn_state(side.conn) == SIPWS_STATE_REFUSING &&
         lent_at(0) > 0) {
    taken += lent_at(0);
    assert_true(asked < taken + 5000);
    take(lent_at(0));
  }
  assert_int_equal(asked, 20000);
  assert_true(taken > 20000);
  assert_int_equal(cipher.shuts, 1);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_stage_client_wants_no_write_while_it_waits),
      cmocka_unit_test(test_conn_stage_server_begins_once),
      cmocka_unit_test(test_conn_stage_wss_waits_until_it_is_secure),
      cmocka_unit_test(test_conn_stage_wss_behind_a_prologue_is_not_secure),
      cmocka_unit_test(test_conn_stage_deadline_covers_its_handshake),
      cmocka_unit_test(test_conn_stage_message_is_sent_with_its_last_octet),
      cmocka_unit_test(test_conn_stage_begun_is_what_it_took),
      cmocka_unit_test(test_conn_stage_request_goes_in_pieces),
      cmocka_unit_test(test_conn_stage_lent_octets_stay),
      cmocka_unit_test(test_conn_stage_skip_spans_stage_and_connection),
      cmocka_unit_test(test_conn_stage_words_of_two_leave_together),
      cmocka_unit_test(test_conn_stage_pulled_body_goes_piece_by_piece),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
