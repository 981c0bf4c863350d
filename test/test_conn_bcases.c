/* conn: one test for each fault known from other implementations of SIP over
 * WebSocket that shows at this level. The numbers are those of a list kept with
 * the design; a name says what must not happen. */
#include "pair.h"

static struct side side, other;
static struct wire wire;

#define OPTIONS_LOG "OPTIONS sip:a@h SIP/2.0 (39)\n"

static size_t feed_wire(size_t cut) {
  return side_feed(&side, wire.data, wire.len, cut);
}

/* Raw octets into a fresh server (profile opaque); its error, and what it
 * wrote, with the log to look at. */
static int feed_raw(const void *octets, size_t len) {
  side_config(&side, SIDE_CALLBACKS);
  side_adopt(&side, SIPWS_SERVER, "echo");
  (void)side_feed(&side, octets, len, 0);
  return sipws_conn_error(side.conn);
}

static void expect_1002(const void *octets, size_t len) {
  assert_int_equal(feed_raw(octets, len), SIPWS_ERR_PROTOCOL);
  assert_log(&side, "");
  assert_wire(&side, "close 1002\n");
  side_free(&side);
}

static void send_options(struct side *from) {
  assert_int_equal(sipws_conn_send(from->conn, OPTIONS, sizeof OPTIONS - 1, 0,
                                   from->now, NULL),
                   0);
}

/* ---- frames ---- */

static void test_conn_b01_giant_length_never_wraps(void **state) {
  uint8_t head[14] = {0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
  static const struct {
    uint8_t first, rest, last;
    int err;
  } rows[] = {{0xff, 0xff, 0xff, SIPWS_ERR_PROTOCOL},
              {0xff, 0xff, 0xf2, SIPWS_ERR_PROTOCOL},
              {0x80, 0x00, 0x00, SIPWS_ERR_PROTOCOL},
              {0x7f, 0xff, 0xff, SIPWS_ERR_PEER_TOO_BIG},
              {0x7f, 0xff, 0xf2, SIPWS_ERR_PEER_TOO_BIG}};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    memset(head + 2, rows[i].rest, 8);
    head[2] = rows[i].first;
    head[9] = rows[i].last;
    assert_int_equal(feed_raw(head, sizeof head), rows[i].err);
    side_free(&side);
  }
}

static void test_conn_b02_fragment_never_wraps_the_total(void **state) {
  static const uint8_t second[] = {0x80, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 1,    2,    3,    4};
  (void)state;
  wire_clear(&wire);
  wire_frame(&wire, 0x02, 1, "0123456789", 10);
  wire_add(&wire, second, sizeof second);
  assert_int_equal(feed_raw(wire.data, wire.len), SIPWS_ERR_PEER_TOO_BIG);
  assert_wire(&side, "close 1009\n");
  side_free(&side);
}

static void test_conn_b03_buffer_edge_lengths_arrive_whole(void **state) {
  static char octets[65537];
  static const size_t lens[] = {125, 126, 127, 65535, 65536, 65537};
  char line[80];
  size_t i, cut;
  (void)state;
  memset(octets, 'x', sizeof octets);
  for (i = 0; i < ROWS(lens); i++) {
    for (cut = 0; cut < 2; cut++) {
      side_config(&side, SIDE_CALLBACKS);
      side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 65537);
      side_adopt(&side, SIPWS_SERVER, "echo");
      wire_clear(&wire);
      wire_frame(&wire, 0x82, 1, octets, lens[i]);
      assert_int_equal(feed_wire(cut * 4093), wire.len);
      snprintf(line, sizeof line, "message binary UNCHECKED %.40s (%lu)\n",
               octets, (unsigned long)lens[i]);
      assert_log(&side, line);
      side_free(&side);
    }
  }
}

static void test_conn_b04_two_frames_in_one_read_are_two(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x89, 1, "", 0);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  wire_frame(&wire, 0x81, 1, "\r\n\r\n", 4);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)feed_wire(0);
  assert_log(&side, "keepalive ping\nmessage text OK " OPTIONS_LOG
                    "keepalive crlf\nmessage text OK " OPTIONS_LOG);
  side_free(&side);
}

static void test_conn_b05_every_split_is_the_same(void **state) {
  static char octets[300];
  size_t at;
  (void)state;
  memset(octets, 'x', sizeof octets);
  wire_clear(&wire);
  wire_frame(&wire, 0x82, 1, octets, sizeof octets);
  for (at = 1; at < wire.len; at++) {
    side_config(&side, SIDE_CALLBACKS);
    side_adopt(&side, SIPWS_SERVER, "echo");
    (void)side_feed(&side, wire.data, at, 0);
    assert_log(&side, "");
    (void)side_feed(&side, wire.data + at, wire.len - at, 0);
    assert_string_equal(strchr(side.log, '('), "(300)\n");
    side_free(&side);
  }
}

static void test_conn_b06_message_in_many_reads_arrives(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)feed_wire(1); /* 45 reads */
  assert_log(&side, "message text OK " OPTIONS_LOG);
  side_free(&side);
}

static void test_conn_b07_partial_write_never_reframes(void **state) {
  size_t most;
  (void)state;
  for (most = 1; most < 50; most++) {
    side_open(&side, SIPWS_CLIENT);
    send_options(&side);
    send_options(&side);
    wire_clear(&wire);
    wire_take(&wire, &side, most);
    assert_int_equal(wire.len, 2 * (6 + sizeof OPTIONS - 1));
    assert_string_equal(wire_show(&wire),
                        "mask text " OPTIONS_LOG "mask text " OPTIONS_LOG);
    side_free(&side);
  }
}

static void test_conn_b08_pong_between_fragments_stays_apart(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x01, 1, OPTIONS, 20);
  wire_frame(&wire, 0x8a, 1, "pong!", 5);
  wire_frame(&wire, 0x80, 1, &OPTIONS[20], sizeof OPTIONS - 21);
  (void)feed_wire(0);
  assert_log(&side, "keepalive pong\nmessage text OK " OPTIONS_LOG);
  side_free(&side);
}

static void test_conn_b09_unsolicited_pong_is_harmless(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x8a, 1, "", 0);
  wire_frame(&wire, 0x8a, 1, "never asked", 11);
  (void)feed_wire(0);
  assert_log(&side, "keepalive pong\nkeepalive pong\n");
  assert_wire(&side, "");
  side_free(&side);
}

static void test_conn_b10_ping_payload_is_echoed_exactly(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x89, 1, "INVITE sip:x SIP/2.0", 20);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)feed_wire(3);
  assert_log(&side, "keepalive ping\nmessage text OK " OPTIONS_LOG);
  assert_wire(&side, "pong INVITE sip:x SIP/2.0\n");
  side_free(&side);
}

static void test_conn_b11_bad_pings_fail_and_floods_are_bounded(void **state) {
  static const uint8_t long_ping[] = {0x89, 0xfe, 0, 126, 1, 2, 3, 4};
  static const uint8_t cut_ping[] = {0x09, 0x80, 1, 2, 3, 4};
  size_t live;
  int i;
  (void)state;
  expect_1002(long_ping, sizeof long_ping);
  expect_1002(cut_ping, sizeof cut_ping);
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  for (i = 0; i < 1000; i++) {
    wire_frame(&wire, 0x89, 1, "flood", 5);
  }
  (void)feed_wire(0);
  live = side.heap.live;
  side_forget(&side);
  (void)feed_wire(0);
  assert_int_equal(side.heap.live, live);
  assert_int_equal(sipws_conn_queued(side.conn), 512 / 7 * 7);
  side_free(&side);
}

static void test_conn_b12_close_payloads_are_judged(void **state) {
  static const int bad[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000};
  static const int good[] = {1000, 1003, 1007, 1011, 1012, 1014, 3000, 4999};
  char expected[40];
  uint8_t code[2];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(bad) + ROWS(good); i++) {
    int is_bad = i < ROWS(bad);
    int value = is_bad ? bad[i] : good[i - ROWS(bad)];
    code[0] = (uint8_t)(value >> 8);
    code[1] = (uint8_t)value;
    side_open(&side, SIPWS_SERVER);
    wire_clear(&wire);
    wire_frame(&wire, 0x88, 1, code, 2);
    (void)feed_wire(i % 2);
    snprintf(expected, sizeof expected, "close %d\n", is_bad ? 1002 : value);
    assert_wire(&side, expected);
    side_free(&side);
  }
}

/* However the reason is cut: good UTF-8 passes, bad never does. */
static void test_conn_b12_close_reason_is_checked_at_any_cut(void **state) {
  size_t cut;
  (void)state;
  for (cut = 1; cut < 20; cut++) {
    side_open(&side, SIPWS_SERVER);
    wire_clear(&wire);
    wire_frame(&wire, 0x88, 1, "\x03\xe8\xc3\xa9\xe2\x82\xac", 7);
    (void)feed_wire(cut);
    assert_log(&side, "PEER_CLOSES 1000\n");
    assert_wire(&side, "close 1000\n");
    assert_log(&side, "closed PEER_CLOSE 1000 \xc3\xa9\xe2\x82\xac\n");
    side_free(&side);
    side_open(&side, SIPWS_SERVER);
    wire_clear(&wire);
    wire_frame(&wire, 0x88, 1, "\x03\xe8\xc3\xa9\xe2\x82", 6);
    (void)feed_wire(cut);
    assert_wire(&side, "close 1007\n");
    side_free(&side);
  }
}

static void test_conn_b13_silent_peer_never_hangs_the_close(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(sipws_conn_close(side.conn, 1000, NULL, 0, 0, 0), 0);
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)feed_wire(0); /* data may still come, and does not put it off */
  side_tick(&side, 4999);
  assert_log(&side, "message text OK " OPTIONS_LOG);
  side_tick(&side, 5000);
  assert_log(&side, "closed TIMEOUT 1006\n");
  side_free(&side);
}

static void test_conn_b13_closes_may_cross(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_config(&other, SIDE_CALLBACKS);
  pair_open(&side, &other);
  (void)sipws_conn_close(side.conn, 1000, NULL, 0, 0, 0);
  (void)sipws_conn_close(other.conn, 1001, NULL, 0, 0, 0);
  pair_move(&side, &other, 0);
  (void)sipws_conn_eof(side.conn, 0);
  assert_log(&side, "closed OUR_CLOSE 1001\n");
  assert_log(&other, "closed OUR_CLOSE 1000\n");
  side_free(&side);
  side_free(&other);
}

static void test_conn_b14_wrong_masking_fails(void **state) {
  static const uint8_t unmasked[] = {0x81, 0x01, 'a'};
  (void)state;
  expect_1002(unmasked, 2);
  side_open(&side, SIPWS_CLIENT);
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, "a", 1);
  (void)feed_wire(0);
  assert_wire(&side, "mask close 1002\n");
  side_free(&side);
}

static void test_conn_b15_reserved_bits_fail(void **state) {
  uint8_t frame[] = {0, 0x80, 1, 2, 3, 4};
  int bit;
  (void)state;
  for (bit = 0x10; bit <= 0x40; bit <<= 1) {
    frame[0] = (uint8_t)(0x81 | bit);
    expect_1002(frame, sizeof frame);
    frame[0] = (uint8_t)(0x89 | bit);
    expect_1002(frame, sizeof frame);
  }
}

static void test_conn_b16_reserved_opcodes_fail(void **state) {
  uint8_t frame[] = {0, 0x80, 1, 2, 3, 4};
  int opcode;
  (void)state;
  for (opcode = 3; opcode < 16; opcode++) {
    if (opcode < 8 || opcode > 10) {
      frame[0] = (uint8_t)(0x80 | opcode);
      expect_1002(frame, sizeof frame);
    }
  }
}

static void test_conn_b17_fragments_keep_their_order(void **state) {
  (void)state;
  wire_clear(&wire); /* an orphan */
  wire_frame(&wire, 0x80, 1, "a", 1);
  expect_1002(wire.data, wire.len);
  wire_clear(&wire); /* a new one inside */
  wire_frame(&wire, 0x01, 1, "a", 1);
  wire_frame(&wire, 0x81, 1, "b", 1);
  expect_1002(wire.data, wire.len);
  wire_clear(&wire); /* an orphan after a whole one */
  wire_frame(&wire, 0x01, 1, "", 0);
  wire_frame(&wire, 0x00, 1, "", 0);
  wire_frame(&wire, 0x80, 1, "late", 4);
  assert_int_equal(feed_raw(wire.data, wire.len), 0);
  assert_log(&side, "message text UNCHECKED late\n"); /* empty first */
  wire_clear(&wire);
  wire_frame(&wire, 0x80, 1, "", 0);
  (void)feed_wire(0);
  assert_wire(&side, "close 1002\n");
  side_free(&side);
}

static void test_conn_b18_fin_and_opcode_are_read_where_they_are(void **s) {
  (void)s;
  wire_clear(&wire);
  wire_frame(&wire, 0x82, 1, "binary", 6);
  wire_frame(&wire, 0x89, 1, "ping", 4);
  wire_frame(&wire, 0x01, 1, "not ", 4);
  wire_frame(&wire, 0x80, 1, "yet", 3);
  assert_int_equal(feed_raw(wire.data, wire.len), 0);
  assert_log(&side, "message binary UNCHECKED binary\nkeepalive ping\n"
                    "message text UNCHECKED not yet\n");
  side_free(&side);
}

static void test_conn_b19_long_lengths_are_written_right(void **state) {
  static const struct {
    size_t len;
    uint8_t head[10];
    size_t head_len;
  } rows[] = {
      {125, {0x82, 125}, 2},
      {126, {0x82, 126, 0, 126}, 4},
      {256, {0x82, 126, 1, 0}, 4},
      {65535, {0x82, 126, 0xff, 0xff}, 4},
      {65536, {0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}, 10},
      {70000, {0x82, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70}, 10},
  };
  static char octets[70000];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 70000);
    side_adopt(&side, SIPWS_SERVER, "echo");
    assert_int_equal(sipws_conn_send(side.conn, octets, rows[i].len,
                                     SIPWS_SEND_BINARY, 0, NULL),
                     0);
    wire_clear(&wire);
    wire_take(&wire, &side, 0);
    assert_int_equal(wire.len, rows[i].head_len + rows[i].len);
    assert_memory_equal(wire.data, rows[i].head, rows[i].head_len);
    side_free(&side);
  }
}

static void test_conn_b20_length_octets_count_each(void **state) {
  static char octets[0x0102];
  (void)state;
  memset(octets, 'x', sizeof octets);
  wire_clear(&wire);
  wire_frame(&wire, 0x82, 1, octets, 0x0100);
  wire_frame(&wire, 0x82, 1, octets, 0x0101);
  wire_frame(&wire, 0x82, 1, octets, 0x0001);
  assert_int_equal(feed_raw(wire.data, wire.len), 0);
  assert_non_null(strstr(side.log, "(256)\n"));
  assert_non_null(strstr(side.log, "(257)\nmessage binary UNCHECKED x\n"));
  side_free(&side);
}

static void test_conn_b21_giant_length_is_refused_at_once(void **state) {
  static const uint8_t head[] = {0x82, 0xff, 0, 0, 0, 1, 0,
                                 0,    0,    0, 1, 2, 3, 4};
  static const uint8_t padded[] = {0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static const uint8_t small[] = {0x82, 0xfe, 0, 125};
  (void)state;
  assert_int_equal(feed_raw(head, sizeof head), SIPWS_ERR_PEER_TOO_BIG);
  assert_wire(&side, "close 1009\n");
  side_free(&side);
  expect_1002(padded, sizeof padded); /* not the shortest form */
  expect_1002(small, sizeof small);
}

static void test_conn_b22_empty_frames_are_frames(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_adopt(&side, SIPWS_CLIENT, "echo");
  wire_clear(&wire);
  wire_frame(&wire, 0x82, 0, "abc", 3);
  wire_frame(&wire, 0x82, 0, "", 0);
  wire_frame(&wire, 0x81, 0, "", 0);
  (void)feed_wire(1);
  assert_log(&side, "message binary UNCHECKED abc\n"
                    "message binary UNCHECKED \nmessage text UNCHECKED \n");
  assert_int_equal(sipws_conn_send(side.conn, NULL, 0, 0, 0, NULL), 0);
  assert_wire(&side, "mask text\n");
  side_free(&side);
}

/* ---- keep-alives and timers ---- */

static void test_conn_b37_lone_crlf_is_never_answered(void **state) {
  static const struct {
    int first;
    const char *payload;
    const char *log;
    const char *answer;
  } rows[] = {
      {0x81, "\r\n", "keepalive crlf_pong\n", ""},
      {0x82, "\r\n", "keepalive crlf_pong\n", ""},
      {0x81, "\r\n\r\n", "keepalive crlf\n", "text  (2)\n"},
      {0x82, "\r\n\r\n", "keepalive crlf\n", "binary  (2)\n"},
      {0x81, "\r\n\r\n" OPTIONS, "message text NOT_SIP  (43)\n", ""},
  };
  size_t i;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  for (i = 0; i < ROWS(rows); i++) {
    wire_clear(&wire);
    wire_frame(&wire, rows[i].first, 1, rows[i].payload,
               strlen(rows[i].payload));
    (void)feed_wire(0);
    assert_log(&side, rows[i].log);
    assert_wire(&side, rows[i].answer);
  }
  side_free(&side);
}

static void test_conn_b38_keepalives_travel_in_frames(void **state) {
  (void)state;
  side_open(&side, SIPWS_CLIENT);
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 0), 0);
  wire_clear(&wire);
  wire_take(&wire, &side, 0);
  assert_int_equal(wire.len, 10);
  assert_int_equal(wire.data[0], 0x81);
  assert_int_equal(wire.data[1], 0x84);
  side_free(&side);
}

static void test_conn_b39_any_traffic_is_life(void **state) {
  static const struct {
    int first;
    const char *payload;
  } rows[] = {{0x8a, ""}, {0x89, "x"}, {0x81, "\r\n"}, {0x81, OPTIONS}};
  uint64_t now = 0;
  int i;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_IDLE, 900);
  side_adopt(&side, SIPWS_SERVER, "sip");
  for (i = 0; i < 40; i++) {
    now += 899;
    side_tick(&side, now);
    assert_int_equal(sipws_conn_error(side.conn), 0);
    wire_clear(&wire);
    wire_frame(&wire, rows[i % 4].first, 1, rows[i % 4].payload,
               strlen(rows[i % 4].payload));
    (void)feed_wire(0);
    (void)side_show(&side);
  }
  side_tick(&side, now + 900);
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_TIMEOUT);
  side_free(&side);
}

/* ---- messages ---- */

static int free_at_message(struct side *self, int event) {
  if (event == SIPWS_EVENT_MESSAGE) {
    sipws_conn_free(self->conn);
  }
  return 0;
}

static void test_conn_b42_free_with_frames_left_is_safe(void **state) {
  size_t taken;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  side.then = free_at_message;
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   SIPWS_ERR_FREED);
  assert_log(&side, "message text OK " OPTIONS_LOG);
  side.conn = NULL;
  side_free(&side);
}

static void test_conn_b43_content_length_never_rules_the_index(void **state) {
  static const struct {
    const char *tail;
    const char *log;
  } rows[] = {
      {"\r\nbody", "OK M sip:h SIP/2.0 (23)\n"},
      {"l: 99999\r\n\r\nbody", "SHORT_REQUEST M sip:h SIP/2.0 (33)\n"},
      {"l: 2\r\n\r\nbody", "CUT M sip:h SIP/2.0 (27)\n"},
      {"l: 0\r\n\r\nM sip:h SIP/2.0\r\n\r\n", "CUT M sip:h SIP/2.0 (25)\n"},
      {"l: 2\r\n\r\n\xc3\xa9", "OK M sip:h SIP/2.0 (27)\n"},
      {"l: 18446744073709551617\r\n\r\nb", NULL},
      {"l: -1\r\n\r\nbody", "BAD_LENGTH M sip:h SIP/2.0 (30)\n"},
  };
  char text[200];
  char line[200];
  size_t i;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  for (i = 0; i < ROWS(rows); i++) {
    int len =
        snprintf(text, sizeof text, "M sip:h SIP/2.0\r\n%s", rows[i].tail);
    wire_clear(&wire);
    wire_frame(&wire, 0x81, 1, text, (size_t)len);
    (void)feed_wire(0);
    if (rows[i].log != NULL) {
      snprintf(line, sizeof line, "message text %s", rows[i].log);
      assert_log(&side, line);
    } else { /* a number past all limits is either of two, and never an index */
      assert_null(strstr(side.log, " OK "));
      assert_null(strstr(side.log, " CUT "));
      side_forget(&side);
    }
  }
  assert_int_equal(sipws_conn_error(side.conn), 0);
  side_free(&side);
}

static void test_conn_b44_too_big_is_told_never_cut(void **state) {
  static char octets[101];
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 100);
  side_adopt(&side, SIPWS_SERVER, "echo");
  wire_clear(&wire);
  wire_frame(&wire, 0x02, 1, octets, 60);
  wire_frame(&wire, 0x80, 1, octets, 41);
  (void)feed_wire(7);
  assert_log(&side, "");
  assert_wire(&side, "close 1009\n");
  side_free(&side);
}

static void test_conn_b45_big_messages_go_out_whole(void **state) {
  size_t len;
  const char *msg = sip_text(200000, &len);
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 1u << 20);
  side_adopt(&side, SIPWS_SERVER, "sip");
  assert_int_equal(sipws_conn_send(side.conn, msg, len, 0, 0, NULL), 0);
  wire_clear(&wire);
  wire_take(&wire, &side, 0);
  assert_int_equal(wire.len, len + 10);
  assert_memory_equal(wire.data + 10, msg, len);
  side_free(&side);
}

static size_t asked;

static int counting_random(uint8_t *out, size_t len, void *user) {
  (void)user;
  asked += len;
  while (len-- > 0) {
    *out++ = (uint8_t)(asked * 37 + len * 11 + 1);
  }
  return 0;
}

static void test_conn_b46_each_frame_costs_four_random_octets(void **state) {
  int i;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  (void)sipws_config_set_random(side.config, counting_random, NULL);
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
  side_adopt(&side, SIPWS_CLIENT, "sip");
  asked = 0;
  for (i = 0; i < 80; i++) {
    send_options(&side);
  }
  assert_int_equal(asked, 320);
  wire_clear(&wire);
  wire_take(&wire, &side, 0);
  for (i = 1; i < 80; i++) {
    const uint8_t *mask = wire.data + (size_t)i * (6 + sizeof OPTIONS - 1) + 2;
    assert_memory_not_equal(mask, mask - (6 + sizeof OPTIONS - 1), 4);
    assert_memory_not_equal(mask, "\0\0\0\0", 4);
  }
  side_free(&side);
}

static void test_conn_b47_the_callers_buffer_is_left_alone(void **state) {
  char text[] = OPTIONS;
  (void)state;
  side_open(&side, SIPWS_CLIENT);
  assert_int_equal(
      sipws_conn_send(side.conn, text, sizeof text - 1, 0, 0, NULL), 0);
  assert_string_equal(text, OPTIONS);
  assert_int_equal(
      sipws_conn_send(side.conn, text, sizeof text - 1, 0, 0, NULL), 0);
  assert_wire(&side, "mask text " OPTIONS_LOG "mask text " OPTIONS_LOG);
  side_free(&side);
}

static void test_conn_b48_control_never_lands_inside_a_frame(void **state) {
  const uint8_t *data;
  size_t len, at;
  (void)state;
  for (at = 1; at < 80; at++) {
    side_open(&side, SIPWS_CLIENT);
    send_options(&side);
    send_options(&side);
    wire_clear(&wire);
    (void)sipws_conn_pending(side.conn, 0, &data, &len);
    assert_true(at < len);
    {
      static struct wire stream;
      wire_clear(&stream);
      wire_add(&stream, data, at);
      (void)sipws_conn_taken(side.conn, at, 0);
      wire_frame(&wire, 0x89, 0, "x", 1);
      (void)feed_wire(0);
      (void)sipws_conn_ping(side.conn, "y", 1, 0);
      wire_take(&stream, &side, 5);
      assert_string_equal(wire_show(&stream),
                          "mask text " OPTIONS_LOG "mask text " OPTIONS_LOG
                          "mask pong x\nmask ping y\n");
    }
    side_free(&side);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_b01_giant_length_never_wraps),
      cmocka_unit_test(test_conn_b02_fragment_never_wraps_the_total),
      cmocka_unit_test(test_conn_b03_buffer_edge_lengths_arrive_whole),
      cmocka_unit_test(test_conn_b04_two_frames_in_one_read_are_two),
      cmocka_unit_test(test_conn_b05_every_split_is_the_same),
      cmocka_unit_test(test_conn_b06_message_in_many_reads_arrives),
      cmocka_unit_test(test_conn_b07_partial_write_never_reframes),
      cmocka_unit_test(test_conn_b08_pong_between_fragments_stays_apart),
      cmocka_unit_test(test_conn_b09_unsolicited_pong_is_harmless),
      cmocka_unit_test(test_conn_b10_ping_payload_is_echoed_exactly),
      cmocka_unit_test(test_conn_b11_bad_pings_fail_and_floods_are_bounded),
      cmocka_unit_test(test_conn_b12_close_payloads_are_judged),
      cmocka_unit_test(test_conn_b12_close_reason_is_checked_at_any_cut),
      cmocka_unit_test(test_conn_b13_silent_peer_never_hangs_the_close),
      cmocka_unit_test(test_conn_b13_closes_may_cross),
      cmocka_unit_test(test_conn_b14_wrong_masking_fails),
      cmocka_unit_test(test_conn_b15_reserved_bits_fail),
      cmocka_unit_test(test_conn_b16_reserved_opcodes_fail),
      cmocka_unit_test(test_conn_b17_fragments_keep_their_order),
      cmocka_unit_test(test_conn_b18_fin_and_opcode_are_read_where_they_are),
      cmocka_unit_test(test_conn_b19_long_lengths_are_written_right),
      cmocka_unit_test(test_conn_b20_length_octets_count_each),
      cmocka_unit_test(test_conn_b21_giant_length_is_refused_at_once),
      cmocka_unit_test(test_conn_b22_empty_frames_are_frames),
      cmocka_unit_test(test_conn_b37_lone_crlf_is_never_answered),
      cmocka_unit_test(test_conn_b38_keepalives_travel_in_frames),
      cmocka_unit_test(test_conn_b39_any_traffic_is_life),
      cmocka_unit_test(test_conn_b42_free_with_frames_left_is_safe),
      cmocka_unit_test(test_conn_b43_content_length_never_rules_the_index),
      cmocka_unit_test(test_conn_b44_too_big_is_told_never_cut),
      cmocka_unit_test(test_conn_b45_big_messages_go_out_whole),
      cmocka_unit_test(test_conn_b46_each_frame_costs_four_random_octets),
      cmocka_unit_test(test_conn_b47_the_callers_buffer_is_left_alone),
      cmocka_unit_test(test_conn_b48_control_never_lands_inside_a_frame),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
