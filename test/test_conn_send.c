/* conn: the output queue. Limits, marks, what is settled when, what is lent. */
#include "pair.h"

static struct side side;
static struct wire wire;

static char letters[4000];

static void open_echo(int role) {
  side_adopt(&side, role, "echo");
}

/* ---- limits ---- */

static void test_conn_send_queue_limit_holds_exactly(void **state) {
  static const uint32_t frame_sizes[] = {0, 1, 7, 100, 299, 300, 301, 5000};
  size_t i, room;
  int fixed;
  (void)state;
  for (i = 0; i < ROWS(frame_sizes); i++) {
    for (fixed = 0; fixed < 2; fixed++) {
      side_config(&side, SIDE_CALLBACKS);
      side_policy(&side, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
      side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 4000);
      side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 3000);
      side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, frame_sizes[i]);
      open_echo(SIPWS_CLIENT);
      (void)side_send(&side, 200, 0);
      room = sipws_conn_room(side.conn);
      assert_true(room > 0 && room <= 3000);
      if (room < 3000) { /* the queue is what limits it */
        (void)side_send(&side, room + 1, SIPWS_ERR_QUEUE_FULL);
      }
      (void)side_send(&side, room, 0);
      assert_true(sipws_conn_queued(side.conn) <= 4000);
      assert_true(sipws_conn_room(side.conn) < room);
      side_free(&side);
    }
  }
}

static void test_conn_send_greatest_message_fits_an_empty_queue(void **state) {
  static const uint32_t frame_sizes[] = {0, 1, 100};
  size_t i;
  int fixed, role;
  (void)state;
  for (i = 0; i < ROWS(frame_sizes); i++) {
    for (fixed = 0; fixed < 2; fixed++) {
      for (role = 0; role < 2; role++) {
        side_config(&side, SIDE_CALLBACKS);
        side_policy(&side, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
        side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 256);
        side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 5000);
        side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, frame_sizes[i]);
        open_echo(role);
        assert_int_equal(sipws_conn_room(side.conn), 5000);
        (void)side_send(&side, 5001, SIPWS_ERR_TOO_BIG);
        (void)side_send(&side, 5000, 0);
        assert_int_equal(sipws_conn_room(side.conn), 0);
        (void)side_send(&side, 0, SIPWS_ERR_QUEUE_FULL);
        (void)side_show(&side);
        assert_log(&side, "sent 1\nwritable\n");
        (void)side_send(&side, 5000, 0);
        side_free(&side);
      }
    }
  }
}

/* Sizes of output fit 32 bits, whatever size_t is: 14 octets are counted around
 * each frame. */
static void test_conn_send_no_message_passes_two_gigaoctets(void **state) {
  static const struct {
    uint32_t message, frame;
    int err;
  } rows[] = {{1u << 30, 0, 0},
              {1u << 30, 15, 0},
              {1u << 30, 14, SIPWS_ERR_TOO_BIG},
              {1u << 30, 1, SIPWS_ERR_TOO_BIG},
              {613566757, 1, SIPWS_ERR_TOO_BIG}, /* a client's: 2^32 + 3 */
              {143165575, 1, 0},
              {143165576, 1, SIPWS_ERR_TOO_BIG}};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    int err = rows[i].err;
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, rows[i].message);
    side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, rows[i].frame);
    assert_int_equal(sipws_server_new(side.config, NULL, 0, &side.conn), err);
    sipws_conn_free(side.conn);
    assert_int_equal(
        sipws_client_new(side.config, "ws://h/", 7, NULL, 0, &side.conn), err);
    sipws_conn_free(side.conn);
    assert_int_equal(sipws_adopt_new(side.config, SIPWS_CLIENT, "sip", 3, NULL,
                                     0, &side.conn),
                     err);
    side_free(&side);
  }
}

static void test_conn_send_room_is_zero_while_none_is_taken(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  (void)sipws_config_add_subprotocol(side.config, "sip", 3, SIPWS_PROFILE_SIP);
  (void)sipws_config_add_subprotocol(side.config, "msrp", 4,
                                     SIPWS_PROFILE_OPAQUE);
  side_client(&side, "ws://h/");
  (void)side_send(&side, 1,
                  SIPWS_ERR_STATE); /* which profile is not known yet */
  assert_int_equal(sipws_conn_room(side.conn), 0);
  (void)sipws_conn_abort(side.conn, 0);
  (void)side_send(&side, 1, SIPWS_ERR_CLOSED);
  assert_int_equal(sipws_conn_room(side.conn), 0);
  side_free(&side);
}

static void test_conn_send_marks_raise_writable_once(void **state) {
  int i;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 2000);
  side_limit(&side, SIPWS_LIMIT_QUEUE_HIGH, 500);
  side_limit(&side, SIPWS_LIMIT_QUEUE_LOW, 250);
  open_echo(SIPWS_SERVER);
  for (i = 0; i < 4; i++) {
    (void)side_send(&side, 98, 0); /* 100 each */
  }
  side_take(&side, 400);
  assert_log(&side, "sent 4\n"); /* the high mark was not reached */
  for (i = 0; i < 5; i++) {
    (void)side_send(&side, 98, 0);
  }
  side_take(&side, 249);
  assert_log(&side, "sent 6\n"); /* 251 left */
  side_take(&side, 1);
  assert_log(&side, "writable\n");
  side_take(&side, 1);
  side_take(&side, 249);
  assert_log(&side, "sent 9\n");
  (void)side_send(&side, 98, 0);
  side_take(&side, 100);
  assert_log(&side, "sent 10\n"); /* armed again only above high */
  side_free(&side);
}

static void test_conn_send_refusal_arms_writable(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 2000);
  side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 5000);
  side_limit(&side, SIPWS_LIMIT_QUEUE_HIGH, 1900);
  open_echo(SIPWS_SERVER);
  (void)side_send(&side, 600, 0);
  (void)side_send(&side, 1900, SIPWS_ERR_QUEUE_FULL);
  side_take(&side, 50);
  assert_log(&side, "");
  side_take(&side, 100); /* a quarter of the queue is the default low mark */
  assert_log(&side, "writable\n");
  side_take(&side, 454);
  assert_log(&side, "sent 1\n");
  side_free(&side);
}

/* ---- settling ---- */

/* Three messages with a pong and a CRLF between them, a fragmented one too. */
static size_t queue_mixture(uint32_t frame_size) {
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, frame_size);
  side_adopt(&side, SIPWS_CLIENT, "sip");
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  (void)sipws_conn_ping_crlf(side.conn, 0);
  side_feed_frame(&side, 0x89, "xy");
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  (void)sipws_conn_ping(side.conn, "ab", 2, 0);
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  assert_int_equal(sipws_conn_last_seq(side.conn), 3);
  side_forget(&side);
  return sipws_conn_queued(side.conn);
}

/* Where in the queue each of the three ends, and begins. */
static void find_ends(size_t whole, size_t ends[3], size_t begins[3]) {
  size_t at = 0;
  size_t count = 0;
  int inside = 0;
  wire_clear(&wire);
  wire_take(&wire, &side, 0);
  assert_int_equal(wire.len, whole);
  while (at < whole) {
    size_t len = wire.data[at + 1] & 127;
    int opcode = wire.data[at] & 15;
    int is_crlf = opcode == 1 && len == 4;
    if (opcode < 8 && !is_crlf) {
      if (!inside) {
        begins[count] = at;
      }
      inside = wire.data[at] >> 7 == 0;
      if (!inside) {
        ends[count++] = at + 6 + len;
      }
    }
    at += 6 + len;
  }
  assert_int_equal(count, 3);
}

static uint64_t count_up_to(const size_t marks[3], size_t at, int inclusive) {
  uint64_t count = 0;
  int i;
  for (i = 0; i < 3; i++) {
    count += inclusive ? marks[i] <= at : marks[i] < at;
  }
  return count;
}

static void test_conn_send_settles_at_every_octet(void **state) {
  static const uint32_t frame_sizes[] = {0, 10, 35};
  size_t ends[3], begins[3];
  size_t whole, at, i;
  uint64_t sent, begun;
  (void)state;
  for (i = 0; i < ROWS(frame_sizes); i++) {
    whole = queue_mixture(frame_sizes[i]);
    find_ends(whole, ends, begins);
    side_free(&side);
    for (at = 0; at <= whole; at++) {
      (void)queue_mixture(frame_sizes[i]);
      if (at > 0) {
        side_take(&side, at);
      }
      sent = count_up_to(ends, at, 1);
      assert_int_equal(sipws_conn_sent_seq(side.conn), sent);
      /* all is lent at once here; so all of it has begun */
      assert_int_equal(sipws_conn_begun_seq(side.conn), at > 0 ? 3 : 0);
      (void)sipws_conn_lost(side.conn, 0, 0);
      assert_int_equal(sipws_conn_sent_seq(side.conn), sent);
      assert_int_equal(sipws_conn_begun_seq(side.conn), at > 0 ? 3 : 0);
      side_free(&side);
      (void)queue_mixture(frame_sizes[i]); /* octet by octet: the same */
      for (begun = 0; begun < at; begun++) {
        side_take(&side, 1);
      }
      assert_int_equal(sipws_conn_sent_seq(side.conn), sent);
      side_free(&side);
    }
  }
}

/* Messages that fill a piece of their own are lent one by one. */
static void test_conn_send_begun_tells_what_was_lent(void **state) {
  const uint8_t *data;
  size_t len, first, second;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  open_echo(SIPWS_SERVER);
  (void)side_send(&side, 17000, 0);
  (void)side_send(&side, 17001, 0);
  (void)side_send(&side, 17002, 0);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 0);
  (void)sipws_conn_pending(side.conn, 0, &data, &first);
  assert_int_equal(first, 17004);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 1);
  (void)sipws_conn_pending(side.conn, first, &data, &second);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 2);
  assert_int_equal(sipws_conn_taken(side.conn, first + 1, 0), 0);
  assert_int_equal(sipws_conn_taken(side.conn, second, 0), SIPWS_ERR_INVALID);
  (void)sipws_conn_pending(side.conn, 0, &data, &len);
  assert_int_equal(len, second - 1);
  (void)sipws_conn_lost(side.conn, 0, 0);
  assert_int_equal(sipws_conn_sent_seq(side.conn), 1);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 2);
  assert_int_equal(sipws_conn_last_seq(side.conn), 3);
  assert_log(&side, "sent 1\nclosed LOST 1006\n");
  side_free(&side);
}

static void test_conn_send_waits_for_the_101(void **state) {
  const uint8_t *data;
  size_t len;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_client(&side, "ws://h/");
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  assert_wire(&side, "GET / HTTP/1.1\n");
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
  assert_int_equal(len, 0);
  assert_int_equal(sipws_conn_wants(side.conn), SIPWS_WANT_READ);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 0);
  assert_true(sipws_conn_queued(side.conn) > 0);
  (void)sipws_conn_eof(side.conn, 0);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 0);
  assert_int_equal(sipws_conn_last_seq(side.conn), 1);
  side_free(&side);
}

/* ---- what is lent ---- */

struct lent {
  const uint8_t *data;
  size_t len;
  uint8_t copy[20000];
};

static struct lent lent[40];

static size_t lend_all(size_t *pieces) {
  size_t skip = 0;
  *pieces = 0;
  for (;;) {
    struct lent *piece = &lent[*pieces];
    assert_int_equal(
        sipws_conn_pending(side.conn, skip, &piece->data, &piece->len), 0);
    if (piece->len == 0) {
      return skip;
    }
    assert_true(piece->len <= sizeof piece->copy);
    memcpy(piece->copy, piece->data, piece->len);
    skip += piece->len;
    (*pieces)++;
    assert_true(*pieces < ROWS(lent));
  }
}

static void check_lent(size_t from, size_t pieces) {
  size_t i;
  for (i = from; i < pieces; i++) {
    assert_memory_equal(lent[i].data, lent[i].copy, lent[i].len);
  }
}

static void test_conn_send_lent_octets_keep_place_and_value(void **state) {
  const uint8_t *data;
  size_t pieces, len, i;
  int fixed, role;
  (void)state;
  for (role = 0; role < 2; role++) {
    for (fixed = 0; fixed < 2; fixed++) {
      side_config(&side, SIDE_CALLBACKS);
      side_policy(&side, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
      side_timer(&side, SIPWS_TIMER_WAIT, 10);
      side_timer(&side, SIPWS_TIMER_TRIM, 20);
      open_echo(role);
      for (i = 0; i < 30; i++) {
        (void)side_send(&side, i * 400, 0);
        side_feed_frame(&side, 0x89, "in between");
      }
      (void)lend_all(&pieces);
      assert_true(pieces > 3);
      for (i = 0; i < 20; i++) {
        (void)side_send(&side, i * 131, 0);
        side_feed_frame(&side, 0x89, "more");
      }
      side_tick(&side, 1000);
      check_lent(0, pieces);
      /* a part of the first piece is taken: the rest stays */
      assert_int_equal(sipws_conn_taken(side.conn, 3, 1000), 0);
      (void)sipws_conn_pending(side.conn, 0, &data, &len);
      assert_ptr_equal(data, lent[0].data + 3);
      assert_memory_equal(data, lent[0].copy + 3, lent[0].len - 3);
      check_lent(1, pieces);
      assert_int_equal(sipws_conn_taken(side.conn, lent[0].len - 3, 1000), 0);
      (void)sipws_conn_close(side.conn, 1000, "bye", 3, SIPWS_CLOSE_GRACEFUL,
                             1000);
      side_feed_frame(&side, 0x89, "last");
      check_lent(1, pieces);
      (void)sipws_conn_lost(side.conn, 1, 1001);
      side_tick(&side, 100000);
      check_lent(1, pieces); /* until free, the end is none */
      side_free(&side);
    }
  }
}

static void test_conn_send_iovec_and_partial_takes_give_one_stream(void **s) {
  static struct wire whole, pieces;
  uint32_t seed = 1;
  size_t i, skip, n;
  const uint8_t *data;
  size_t len;
  int run;
  (void)s;
  for (run = 0; run < 2; run++) {
    side_config(&side, SIDE_CALLBACKS);
    open_echo(SIPWS_CLIENT);
    for (i = 0; i < 40; i++) {
      (void)side_send(&side, i * 61, 0);
    }
    wire_clear(run == 0 ? &whole : &pieces);
    if (run == 0) {
      wire_take(&whole, &side, 0);
      side_free(&side);
      continue;
    }
    while (sipws_conn_queued(side.conn) > 0) {
      seed = seed * 1664525u + 1013904223u;
      for (i = 0, skip = 0; i < 4; i++) {
        assert_int_equal(sipws_conn_pending(side.conn, skip, &data, &len), 0);
        skip += len;
      }
      n = 1 + (seed >> 8) % skip;
      for (skip = 0; skip < n; skip += len) {
        (void)sipws_conn_pending(side.conn, skip, &data, &len);
        len = len < n - skip ? len : n - skip;
        wire_add(&pieces, data, len);
      }
      assert_int_equal(sipws_conn_taken(side.conn, n, 0), 0);
    }
    side_free(&side);
  }
  assert_int_equal(whole.len, pieces.len);
  assert_memory_equal(whole.data, pieces.data, whole.len);
}

static void test_conn_send_more_than_lent_is_refused(void **state) {
  const uint8_t *data;
  size_t len;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  open_echo(SIPWS_SERVER);
  assert_int_equal(sipws_conn_taken(side.conn, 1, 0), SIPWS_ERR_INVALID);
  (void)side_send(&side, 10, 0);
  assert_int_equal(sipws_conn_taken(side.conn, 1, 0), SIPWS_ERR_INVALID);
  (void)sipws_conn_pending(side.conn, 0, &data, &len);
  assert_int_equal(len, 12);
  assert_int_equal(sipws_conn_taken(side.conn, 13, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_taken(side.conn, 12, 0), 0);
  assert_int_equal(sipws_conn_pending(side.conn, 99, &data, &len), 0);
  assert_int_equal(len, 0);
  side_free(&side);
}

/* ---- answers ---- */

static void test_conn_send_flood_of_pings_is_bounded(void **state) {
  char payload[126];
  size_t live = 0;
  int i, fixed;
  (void)state;
  for (fixed = 0; fixed < 2; fixed++) {
    side_config(&side, SIDE_CALLBACKS);
    side_policy(&side, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
    open_echo(SIPWS_SERVER);
    for (i = 0; i < 20000; i++) {
      snprintf(payload, sizeof payload, "%0125d", i);
      if (i % 16 == 0) {
        side_forget(&side);
      }
      side_feed_frame(&side, 0x89, payload);
      if (i == 10) {
        live = side.heap.live;
      }
    }
    assert_int_equal(side.heap.live, live);
    assert_int_equal(sipws_conn_queued(side.conn), 4 * 127);
    wire_clear(&wire);
    wire_take(&wire, &side, 1);
    assert_int_equal(wire.len, 5 * 127);
    assert_memory_equal(wire.data + 3 * 127 + 125, "03", 2);
    snprintf(payload, sizeof payload, "%0125d", 19999);
    assert_memory_equal(wire.data + 4 * 127 + 2, payload, 125); /* the newest */
    side_free(&side);
  }
}

/* The answer that waits has a place of its own. */
static void test_conn_send_pong_without_memory_ends_it(void **state) {
  size_t queued = 0;
  long nth;
  (void)state;
  for (nth = 1; queued < 4 * 127; nth++) {
    char payload[126];
    int i;
    memset(payload, 'p', 125);
    payload[125] = '\0';
    side_config(&side, SIDE_CALLBACKS);
    open_echo(SIPWS_SERVER);
    side.heap.fail_at = side.heap.calls + nth;
    for (i = 0; i < 6 && sipws_conn_error(side.conn) == 0; i++) {
      queued = sipws_conn_queued(side.conn);
      side_feed_frame(&side, 0x89, payload);
    }
    assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_NOMEM);
    side.heap.fail_at = 0;
    (void)sipws_conn_eof(side.conn, 1);
    side_tick(&side, 100000);
    assert_int_equal(sipws_conn_cause(side.conn), SIPWS_CAUSE_MEMORY);
    side_free(&side);
  }
}

/* Those that one read brings, as a conformance suite sends them. */
static void test_conn_send_pings_at_once_are_each_answered(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x89, 1, "one", 3);
  wire_frame(&wire, 0x89, 1, "two", 3);
  wire_frame(&wire, 0x89, 1, "three", 5);
  assert_int_equal(side_feed(&side, wire.data, wire.len, 0), wire.len);
  assert_wire(&side, "pong one\npong two\npong three\n");
  side_free(&side);
}

static void test_conn_send_flood_of_crlf_is_bounded(void **state) {
  int i;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  for (i = 0; i < 1000; i++) {
    wire_frame(&wire, i == 999 ? 0x82 : 0x81, 1, "\r\n\r\n", 4);
  }
  assert_int_equal(side_feed(&side, wire.data, wire.len, 0), wire.len);
  assert_int_equal(sipws_conn_queued(side.conn), 4);
  assert_wire(&side, "text  (2)\nbinary  (2)\n");
  side_free(&side);
}

/* Fixed memory as full as can be: a long piece in its middle of which one octet
 * is left, one piece behind it, one at the beginning, then short ones of |len|
 * octets. Tells how many were taken in. */
static uint64_t fill_arena(size_t len) {
  uint64_t seq = 0;
  side_config(&side, SIDE_CALLBACKS);
  side_policy(&side, SIPWS_POLICY_FIXED_BUFFERS);
  side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 3000);
  side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 3000);
  open_echo(SIPWS_CLIENT);
  (void)side_send(&side, 1500, 0);
  side_take(&side, 1507);
  (void)side_send(&side, 2985, 0);
  side_take(&side, 1 + 2992);
  (void)side_send(&side, 1000, 0);
  (void)side_send(&side, 1000, 0);
  while (sipws_conn_send(side.conn, letters, len, SIPWS_SEND_BINARY, 0, &seq) ==
         0) {
  }
  assert_true(sipws_conn_queued(side.conn) <= 3000);
  return sipws_conn_last_seq(side.conn);
}

/* A full queue delays answers, and leaves room for a Close. */
static void test_conn_send_full_arena_still_closes(void **state) {
  size_t len;
  uint64_t last;
  (void)state;
  for (len = 1; len <= 600; len += 7) {
    last = fill_arena(len);
    side_feed_frame(&side, 0x89, "one");
    side_feed_frame(&side, 0x89, "two");
    (void)sipws_conn_ping(side.conn, letters, 125, 0);
    memset(letters, 'r', 123);
    assert_int_equal(
        sipws_conn_close(side.conn, 1000, letters, 123, SIPWS_CLOSE_NOWAIT, 0),
        0);
    wire_clear(&wire);
    wire_take(&wire, &side, 0);
    assert_int_equal(sipws_conn_sent_seq(side.conn), last);
    assert_int_equal(sipws_conn_our_close_code(side.conn), 1000);
    assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSED);
    side_free(&side);
  }
}

/* What had to wait for fixed memory goes out once there is some. */
static void test_conn_send_full_arena_answers_later(void **state) {
  size_t len;
  (void)state;
  for (len = 1; len <= 600; len += 31) {
    (void)fill_arena(len);
    side_feed_frame(&side, 0x89, "one");
    side_feed_frame(&side, 0x89, "two");
    wire_clear(&wire);
    wire_take(&wire, &side, 400);
    assert_int_equal(sipws_conn_queued(side.conn), 0);
    assert_memory_equal(wire.data + wire.len - 9, "\x8a\x83", 2); /* pong */
    assert_int_equal(wire.data[wire.len - 1] ^ wire.data[wire.len - 5], 'o');
    side_free(&side);
  }
}

/* ---- masks ---- */

static void test_conn_send_masks_are_fresh_and_leave_the_source(void **state) {
  static uint8_t masks[400][4];
  char source[100];
  size_t i, j;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  open_echo(SIPWS_CLIENT);
  memset(source, 's', sizeof source);
  wire_clear(&wire);
  for (i = 0; i < ROWS(masks); i++) {
    assert_int_equal(
        sipws_conn_send(side.conn, source, sizeof source, 0, 0, NULL), 0);
    wire_clear(&wire);
    wire_take(&wire, &side, 0);
    assert_int_equal(wire.data[1], 0x80 | sizeof source);
    memcpy(masks[i], wire.data + 2, 4);
    for (j = 0; j < i; j++) {
      assert_memory_not_equal(masks[i], masks[j], 4);
    }
  }
  for (i = 0; i < sizeof source; i++) {
    assert_int_equal(source[i], 's');
  }
  side_free(&side);
}

static void test_conn_send_without_random_fails(void **state) {
  int role;
  (void)state;
  for (role = 0; role < 2; role++) {
    side_config(&side, SIDE_CALLBACKS);
    (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
    open_echo(role);
    side.random_fails = 1;
    /* a server needs no mask; its jitter fails below */
    (void)side_send(&side, 5, role == SIPWS_CLIENT ? SIPWS_ERR_RANDOM : 0);
    assert_log(&side, role == SIPWS_CLIENT ? "closed RANDOM 1006\n" : "");
    if (role == SIPWS_SERVER) {
      (void)sipws_conn_drain(side.conn, 1001, 0, 10, 0);
      assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_RANDOM);
      assert_wire(&side, "text aaaaa\nclose 1011\n");
      (void)sipws_conn_eof(side.conn, 0);
      assert_log(&side, "sent 1\nclosed RANDOM 1006\n");
    }
    side_free(&side);
  }
}

/* Neither memory nor fixed memory, nor what fits it, nor a mark: while other
 * output waits, and however long it was. */
static void test_conn_send_refused_leaves_no_trace(void **state) {
  static char bad[4000];
  int fixed;
  (void)state;
  memset(bad, 'a', sizeof bad);
  bad[sizeof bad - 1] = '\xff';
  for (fixed = 0; fixed < 2; fixed++) {
    size_t live, room, i;
    side_config(&side, SIDE_CALLBACKS);
    side_policy(&side, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
    side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 8192);
    side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 4000);
    side_adopt(&side, SIPWS_SERVER, "echo");
    (void)side_send(&side, 3000, 0);
    live = side.heap.live;
    room = sipws_conn_room(side.conn);
    for (i = 0; i < 2000; i++) {
      assert_int_equal(sipws_conn_send(side.conn, bad + i, sizeof bad - i,
                                       SIPWS_SEND_TEXT, 0, NULL),
                       SIPWS_ERR_TEXT);
    }
    assert_int_equal(side.heap.live, live);
    assert_int_equal(sipws_conn_room(side.conn), room);
    (void)side_send(&side, 4000, 0);
    side_free(&side);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_send_queue_limit_holds_exactly),
      cmocka_unit_test(test_conn_send_greatest_message_fits_an_empty_queue),
      cmocka_unit_test(test_conn_send_no_message_passes_two_gigaoctets),
      cmocka_unit_test(test_conn_send_room_is_zero_while_none_is_taken),
      cmocka_unit_test(test_conn_send_refused_leaves_no_trace),
      cmocka_unit_test(test_conn_send_marks_raise_writable_once),
      cmocka_unit_test(test_conn_send_refusal_arms_writable),
      cmocka_unit_test(test_conn_send_settles_at_every_octet),
      cmocka_unit_test(test_conn_send_begun_tells_what_was_lent),
      cmocka_unit_test(test_conn_send_waits_for_the_101),
      cmocka_unit_test(test_conn_send_lent_octets_keep_place_and_value),
      cmocka_unit_test(test_conn_send_iovec_and_partial_takes_give_one_stream),
      cmocka_unit_test(test_conn_send_more_than_lent_is_refused),
      cmocka_unit_test(test_conn_send_flood_of_pings_is_bounded),
      cmocka_unit_test(test_conn_send_pong_without_memory_ends_it),
      cmocka_unit_test(test_conn_send_pings_at_once_are_each_answered),
      cmocka_unit_test(test_conn_send_flood_of_crlf_is_bounded),
      cmocka_unit_test(test_conn_send_full_arena_still_closes),
      cmocka_unit_test(test_conn_send_full_arena_answers_later),
      cmocka_unit_test(test_conn_send_masks_are_fresh_and_leave_the_source),
      cmocka_unit_test(test_conn_send_without_random_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
