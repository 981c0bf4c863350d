/* conn: stages, memory: every allocation fails once; what is idle is given
 * back; output that waits is not encrypted ahead; fixed buffers. */
#include "stage.h"

static struct side side, other;
static struct cipher cipher, other_cipher;
static struct prologue prologue;
static struct wire wire, plain;

/* ---- failing allocations ---- */

/* What a call may return in a connection whose memory fails. */
static void check(int err) {
  assert_true(err == 0 || err == SIPWS_ERR_NOMEM || err == SIPWS_ERR_STATE ||
              err == SIPWS_ERR_QUEUE_FULL ||
              err == sipws_conn_error(side.conn));
}

static int add(const sipws_stage *stage, void *state) {
  int err = sipws_conn_add_stage(side.conn, stage, state);
  assert_true(err == 0 || err == SIPWS_ERR_NOMEM);
  return err;
}

/* The connection of |side|, if memory for it was there. */
static int begin(int role) {
  int err = role == SIPWS_CLIENT
                ? sipws_client_new(side.config, "wss://h.example/ws", 18, &side,
                                   0, &side.conn)
                : sipws_server_new(side.config, &side, 0, &side.conn);
  memset(&prologue, 0, sizeof prologue);
  memset(&cipher, 0, sizeof cipher);
  cipher.is_server = role == SIPWS_SERVER;
  cipher.piece = 700;
  return err == 0 && add(&prologue_stage, &prologue) == 0 &&
         add(&cipher_stage, &cipher) == 0;
}

static void begin_other(int role) {
  side_config(&other, SIDE_CALLBACKS);
  if (role == SIPWS_CLIENT) {
    side_client(&other, "wss://h.example/ws");
  } else {
    side_server(&other);
  }
  cipher_add(&other, &other_cipher);
}

static void send_to(struct side *from, size_t body_len) {
  size_t len;
  const char *text = sip_text(body_len, &len);
  int err = sipws_conn_send(from->conn, text, len, 0, from->now, NULL);
  if (from == &side) {
    check(err);
  }
}

/* Octets that arrive while it is paused, kept outside and inside. */
static void keep_some(void) {
  size_t taken;
  check(sipws_conn_pause(side.conn, side.now));
  send_to(&other, 100);
  wire_clear(&wire);
  wire_take(&wire, &other, 0);
  check(sipws_conn_feed(side.conn, wire.data, wire.len / 2, side.now, &taken));
  check(sipws_conn_keep(side.conn, wire.data + taken, wire.len - taken));
  check(sipws_conn_resume(side.conn, side.now));
  check(sipws_conn_feed(side.conn, NULL, 0, side.now, &taken));
  side_pull(&side);
}

static void run(int role) {
  if (!begin(role)) {
    return;
  }
  begin_other(1 - role);
  pair_move(&side, &other, 300);
  send_to(&side, 3000);
  send_to(&other, 3000);
  pair_move(&side, &other, 300);
  keep_some();
  side_tick(&side, 6000);
  send_to(&side, 100);
  pair_move(&side, &other, 300);
  (void)sipws_conn_close(other.conn, 1000, NULL, 0, 0, 0);
  pair_move(&side, &other, 300);
  check(sipws_conn_eof(side.conn, 6000));
  side_tick(&side, 20000);
  assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSED);
  assert_non_null(strstr(side.log, "closed "));
  side_free(&other);
}

static void test_conn_stage_memory_every_allocation_may_fail(void **state) {
  int row;
  (void)state;
  for (row = 0; row < 8; row++) {
    int role = row & 1;
    long fail_at = 0;
    int more = 1;
    while (more) {
      int is_added;
      side.heap.fail_at = 0;
      side_config(&side, row & 2 ? SIDE_PULLS : SIDE_CALLBACKS);
      side.heap.fail_at = ++fail_at + side.heap.calls;
      side.heap.fail_after = (row & 4) != 0;
      run(role);
      more = side.heap.calls >= side.heap.fail_at;
      is_added = sipws_conn_stage_state(side.conn, &cipher_stage) != NULL;
      side_free(&side);
      assert_int_equal(cipher.frees, is_added);
      assert_true(fail_at < 200);
    }
    assert_true(fail_at > 8);
  }
  side.heap.fail_at = 0;
  side.heap.fail_after = 0;
}

/* ---- what is given back ---- */

static void test_conn_stage_memory_idle_buffers_are_given_back(void **state) {
  size_t idle, taken, len;
  const char *text;
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  side_tick(&side, 5000);
  idle = side.heap.live;
  assert_true(sipws_conn_deadline(side.conn) > 10000);
  /* in through the kept octets, out through the wire */
  text = sip_text(5000, &len);
  wire_clear(&plain);
  wire_frame(&plain, 0x81, 1, text, len);
  wire_clear(&wire);
  wire_record(&wire, 'D', plain.data, plain.len);
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, 1000), 0);
  assert_int_equal(sipws_conn_feed(side.conn, wire.data + 1000, wire.len - 1000,
                                   5000, &taken),
                   0);
  assert_int_equal(taken, wire.len - 1000);
  assert_int_equal(sipws_conn_send(side.conn, text, len, 0, 5000, NULL), 0);
  (void)side_records(&side);
  assert_true(side.heap.live > idle + 4096);
  assert_int_equal(sipws_conn_deadline(side.conn), 10000);
  side_tick(&side, 9999);
  assert_true(side.heap.live > idle + 4096);
  side_tick(&side, 10000);
  assert_int_equal(side.heap.live, idle);
  assert_true(sipws_conn_deadline(side.conn) > 10000);
  side_free(&side);
}

/* Its own buffers too when they alone are idle. */
static void test_conn_stage_memory_idle_stage_is_trimmed_alone(void **state) {
  size_t live, taken;
  int way;
  (void)state;
  for (way = 0; way < 2; way++) {
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, 512);
    cipher_open(&side, &cipher, SIPWS_SERVER);
    side_tick(&side, 5000);
    assert_int_equal(sipws_conn_pause(side.conn, 5000), 0);
    wire_clear(&wire);
    wire_messages(&wire, 1, 200);
    assert_int_equal(
        sipws_conn_feed(side.conn, wire.data, wire.len, 5000, &taken), 0);
    live = side.heap.live; /* the message waits for the resume */
    wire_clear(&wire);
    wire_word(&wire, 'H', way == 0 ? "again" : "");
    if (way == 0) {
      (void)side_feed(&side, wire.data, wire.len, 0);
      assert_records(&side, "H again\n");
    } else {
      wire.len = 1; /* of a record that goes on later */
      assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
      (void)sipws_conn_feed(side.conn, NULL, 0, 5000, &taken);
      assert_int_equal(sipws_conn_kept(side.conn), 264 + 4);
    }
    assert_true(side.heap.live > live);
    assert_int_equal(sipws_conn_deadline(side.conn), 10000);
    side_tick(&side, 10000);
    assert_int_equal(side.heap.live, live);
    side_free(&side);
  }
}

/* What waits stays in the queue: one record of it is encrypted. */
static void test_conn_stage_memory_output_waits_unencrypted(void **state) {
  const uint8_t *data;
  size_t len, before;
  int i;
  (void)state;
  cipher_start(&side, &cipher, SIPWS_SERVER, SIDE_CALLBACKS);
  side_tick(&side, 5000);
  for (i = 0; i < 10; i++) {
    send_to(&side, 10000);
  }
  before = side.heap.live;
  for (i = 0; i < 3; i++) {
    assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
    assert_int_equal(len, CIPHER_HEAD + 1000);
  }
  assert_in_range(side.heap.live, before + 1, before + 2048);
  side_free(&side);
}

static void test_conn_stage_memory_fixed_buffers_carry_it(void **state) {
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    side_config(&side, SIDE_CALLBACKS);
    side_policy(&side, SIPWS_POLICY_FIXED_BUFFERS);
    run(role);
    assert_non_null(strstr(side.log, "message text OK MESSAGE sip:a@h SIP/2.0 "
                                     "(3061)\n"
                                     "message text OK MESSAGE sip:a@h SIP/2.0 "
                                     "(160)\n"
                                     "sent 2\n"
                                     "PEER_CLOSES 1000\n"
                                     "closed PEER_CLOSE 1000\n"));
    side_free(&side);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_stage_memory_every_allocation_may_fail),
      cmocka_unit_test(test_conn_stage_memory_idle_buffers_are_given_back),
      cmocka_unit_test(test_conn_stage_memory_idle_stage_is_trimmed_alone),
      cmocka_unit_test(test_conn_stage_memory_output_waits_unencrypted),
      cmocka_unit_test(test_conn_stage_memory_fixed_buffers_carry_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
