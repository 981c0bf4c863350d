/* conn: SIPWS_TIMER_WAIT. What has not begun in time is dropped, and told; each
 * message is settled once. */
#include "pair.h"

static struct side side;
static char letters[1000];

static void open_waiting(uint32_t frame_size) {
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_WAIT, 100);
  side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, frame_size);
  side_adopt(&side, SIPWS_SERVER, "echo");
  side.now = 1000;
}

static void test_conn_wait_expires_what_was_not_begun(void **state) {
  (void)state;
  open_waiting(0);
  (void)side_send(&side, 10, 0);
  (void)side_send(&side, 20, 0);
  assert_int_equal(sipws_conn_ping(side.conn, "p", 1, 1000), 0);
  (void)side_send(&side, 30, 0);
  assert_int_equal(sipws_conn_deadline(side.conn), 1100);
  side_tick(&side, 1099);
  assert_log(&side, "");
  side_tick(&side, 1100);
  assert_log(&side, "EXPIRED 1\n"); /* the mark's own; younger ones later */
  side_tick(&side, 1200);
  assert_log(&side, "EXPIRED 3\n");
  assert_int_equal(sipws_conn_begun_seq(side.conn), 0);
  assert_wire(&side, "ping p\n"); /* ours is no message */
  assert_int_equal(sipws_conn_ping(side.conn, "q", 1, 1200), 0);
  assert_wire(&side, "ping q\n"); /* and its slot is free again */
  side.now = 1300;
  assert_int_equal(side_send(&side, 5, 0), 4);
  assert_wire(&side, "text aaaaa\n");
  assert_log(&side, "sent 4\n");
  assert_int_equal(sipws_conn_sent_seq(side.conn), 4);
  side_free(&side);
}

static void test_conn_wait_expires_nothing_that_was_lent(void **state) {
  const uint8_t *data;
  size_t len;
  uint32_t frame_size;
  (void)state;
  for (frame_size = 0; frame_size <= 1000; frame_size += 500) {
    open_waiting(frame_size);
    (void)side_send(&side, 3000, 0);
    (void)sipws_conn_pending(side.conn, 0, &data, &len);
    (void)side_send(&side, 3000, 0);
    (void)side_send(&side, 3000, 0);
    side_tick(&side, 1200);
    side_tick(&side, 1300);
    side_tick(&side, 1400);
    assert_log(&side, "EXPIRED 3\n");
    assert_int_equal(sipws_conn_begun_seq(side.conn), 1);
    (void)side_send(&side, 7, 0);
    (void)side_show(&side);
    assert_int_equal(sipws_conn_sent_seq(side.conn), 4);
    assert_non_null(strstr(side.log, "sent 4\n"));
    assert_null(strstr(side.log, "sent 3\n"));
    side_free(&side);
  }
}

/* A second gap has to wait until the first has passed, then expires too. */
static void test_conn_wait_expires_behind_an_older_gap(void **state) {
  const uint8_t *data;
  size_t len, first;
  (void)state;
  open_waiting(0);
  (void)side_send(&side, 17000, 0);
  (void)sipws_conn_pending(side.conn, 0, &data, &first);
  (void)side_send(&side, 17000, 0);
  side_tick(&side, 1100);
  side_tick(&side, 1200);
  assert_log(&side, "EXPIRED 2\n");
  (void)side_send(&side, 17000, 0); /* 3 is lent behind the gap */
  (void)sipws_conn_pending(side.conn, first, &data, &len);
  assert_int_equal(sipws_conn_begun_seq(side.conn), 3);
  (void)side_send(&side, 17000, 0);
  side_tick(&side, 1500);
  side_tick(&side, 1600);
  assert_log(&side, "");
  side_take(&side, first); /* 1 leaves; 3 is still lent behind the gap */
  side_take(&side, len);
  assert_log(&side, "sent 1\nsent 3\n");
  side_tick(&side, 1800);
  assert_log(&side, "EXPIRED 4\n");
  assert_int_equal(sipws_conn_queued(side.conn), 0);
  assert_int_equal(sipws_conn_sent_seq(side.conn), 3);
  side_free(&side);
}

static void test_conn_wait_expiry_makes_room(void **state) {
  int fixed;
  (void)state;
  for (fixed = 0; fixed < 2; fixed++) {
    side_config(&side, SIDE_CALLBACKS);
    side_policy(&side, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
    side_timer(&side, SIPWS_TIMER_WAIT, 100);
    side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 4000);
    side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 3900);
    side_adopt(&side, SIPWS_SERVER, "echo");
    (void)side_send(&side, 3000, 0);
    (void)side_send(&side, 3000, SIPWS_ERR_QUEUE_FULL);
    side_tick(&side, 100);
    assert_log(&side, "EXPIRED 1\nwritable\n"); /* no taken will tell it */
    (void)side_send(&side, 3900, 0);
    side_free(&side);
  }
}

static void test_conn_wait_expires_before_open_too(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_WAIT, 100);
  side_client(&side, "ws://h/");
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  side_tick(&side, 100);
  assert_log(&side, "EXPIRED 1\n");
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 100, NULL);
  (void)sipws_conn_abort(side.conn, 150);
  side_forget(&side);
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side_tick(&side, 5000); /* settled by closed, not again */
  assert_log(&side, "");
  assert_int_equal(sipws_conn_begun_seq(side.conn), 0);
  side_free(&side);
}

/* Every message is settled once, whatever is taken, lent and dropped when: it
 * is on the wire, or among those that an EXPIRED told. */
static uint8_t fate[400]; /* 1: dropped, 2: on the wire */

static int note_dropped(struct side *self, int event) {
  const char *line = strstr(self->log, "EXPIRED ");
  uint64_t seq;
  if (event == SIPWS_EVENT_NOTICE && line != NULL) {
    for (seq = strtoul(line + 8, NULL, 10);
         seq > sipws_conn_begun_seq(self->conn) && fate[seq] == 0; seq--) {
      fate[seq] = 1;
    }
  }
  side_forget(self);
  return 0;
}

static void note_sent(const struct wire *stream) {
  size_t at = 0;
  while (at < stream->len) {
    const uint8_t *frame = stream->data + at;
    size_t len = frame[1] & 127;
    size_t head = 2;
    if (len == 126) {
      len = (size_t)frame[2] << 8 | frame[3];
      head = 4;
    }
    if (frame[0] % 16 == SIPWS_BINARY) {
      size_t seq = (size_t)strtoul((const char *)frame + head, NULL, 10);
      assert_int_equal(fate[seq], 0);
      fate[seq] = 2;
    }
    at += head + len;
  }
  assert_int_equal(at, stream->len);
}

static void take_some(struct wire *stream, uint32_t share) {
  const uint8_t *data;
  size_t len;
  (void)sipws_conn_pending(side.conn, 0, &data, &len);
  len = len > share ? len / share : len;
  wire_add(stream, data, len);
  assert_int_equal(sipws_conn_taken(side.conn, len, side.now), 0);
}

static void settle_at_random(uint32_t draw, uint32_t frame_size) {
  static struct wire stream;
  const uint8_t *data;
  size_t len;
  int i;
  open_waiting(frame_size);
  side.then = note_dropped;
  wire_clear(&stream);
  memset(fate, 0, sizeof fate);
  for (i = 0; i < 300; i++) {
    draw = draw * 1664525u + 1013904223u;
    side.now += draw >> 28;
    switch (draw >> 25 & 7) {
    case 0:
    case 1:
    case 2:
      (void)snprintf(letters, sizeof letters, "%6lu ",
                     (unsigned long)sipws_conn_last_seq(side.conn) + 1);
      assert_int_equal(sipws_conn_send(side.conn, letters,
                                       7 + (draw >> 8) % 900, SIPWS_SEND_BINARY,
                                       side.now, NULL),
                       0);
      break;
    case 3:
      (void)sipws_conn_pending(side.conn, (draw >> 8) % 50, &data, &len);
      break;
    case 4:
      take_some(&stream, 2);
      break;
    case 5:
      side_feed_frame(&side, 0x89, "x");
      break;
    default:
      side_tick(&side, side.now + 20);
      break;
    }
    assert_true(sipws_conn_sent_seq(side.conn) <=
                sipws_conn_begun_seq(side.conn));
    assert_true(sipws_conn_begun_seq(side.conn) <=
                sipws_conn_last_seq(side.conn));
  }
  wire_take(&stream, &side, 0);
  note_sent(&stream);
  for (i = 1; (uint64_t)i <= sipws_conn_last_seq(side.conn); i++) {
    assert_int_not_equal(fate[i], 0);
  }
  side_free(&side);
}

static void test_conn_wait_each_is_settled_once(void **state) {
  uint32_t seed;
  (void)state;
  memset(letters, 'a', sizeof letters);
  for (seed = 1; seed < 80; seed++) {
    settle_at_random(seed * 7919, seed % 3 == 0 ? 50 : 0);
  }
}

/* Emptied pieces go back though the frame before them is begun: nothing grows
 * with the number of messages. */
static void
test_conn_wait_gives_memory_back_behind_a_begun_frame(void **state) {
  size_t round, i, most = 0;
  (void)state;
  open_waiting(0);
  (void)side_send(&side, 900, 0);
  side_take(&side, 1); /* begun, and then the peer stalls */
  for (round = 0; round < 20; round++) {
    for (i = 0; i < 4; i++) {
      (void)side_send(&side, 900, 0);
    }
    side.now += 300;
    side_tick(&side, side.now);
    side.now += 300;
    side_tick(&side, side.now);
    if (round == 1) {
      most = side.heap.live;
    }
  }
  assert_true(most > 0 && side.heap.live <= most);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_wait_expires_what_was_not_begun),
      cmocka_unit_test(test_conn_wait_expires_nothing_that_was_lent),
      cmocka_unit_test(test_conn_wait_expires_behind_an_older_gap),
      cmocka_unit_test(test_conn_wait_expiry_makes_room),
      cmocka_unit_test(test_conn_wait_expires_before_open_too),
      cmocka_unit_test(test_conn_wait_each_is_settled_once),
      cmocka_unit_test(test_conn_wait_gives_memory_back_behind_a_begun_frame),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
