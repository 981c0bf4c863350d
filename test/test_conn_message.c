/* conn: messages in and out, keep-alives, pause; both faces. */
#include "pair.h"

static struct side side, other;
static struct wire wire;

#define SHORT_LEN "Content-Length: 9\r\n\r\nabc"

static void feed_wire(struct side *to) {
  assert_int_equal(side_feed(to, wire.data, wire.len, 0), wire.len);
}

/* ---- verdicts ---- */

static void test_conn_message_verdicts_are_delivered(void **state) {
  static const struct {
    const char *msg;
    const char *log;
    size_t cut;
  } rows[] = {
      {OPTIONS, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n", 0},
      {"A sip:h SIP/2.0\r\nl: 3\r\n\r\nabc",
       "message text OK A sip:h SIP/2.0 (28)\n", 0},
      {"A sip:h SIP/2.0\r\nl: 1\r\n\r\nabc",
       "message text CUT A sip:h SIP/2.0 (26)\n", 2},
      {"A sip:h SIP/2.0\r\n" SHORT_LEN,
       "message text SHORT_REQUEST A sip:h SIP/2.0 (41)\n", 0},
      {"SIP/2.0 200 OK\r\n" SHORT_LEN,
       "message text SHORT_RESPONSE SIP/2.0 200 OK (40)\n", 0},
      {"A sip:h SIP/2.0\r\nl: -1\r\n\r\nabc",
       "message text BAD_LENGTH A sip:h SIP/2.0 (29)\n", 0},
      {"hello", "message text NOT_SIP hello\n", 0},
      {"", "message text NOT_SIP \n", 0},
      {"\r\n" OPTIONS, "message text NOT_SIP  (41)\n", 0},
  };
  size_t i;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    side_config(&side, face);
    side_limit(&side, SIPWS_LIMIT_NOT_SIP, 0);
    side_adopt(&side, SIPWS_SERVER, "sip");
    for (i = 0; i < ROWS(rows); i++) {
      side_feed_frame(&side, 0x81, rows[i].msg);
      assert_log(&side, rows[i].log);
      assert_int_equal(sipws_conn_cut(side.conn), rows[i].cut);
    }
    assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_OPEN);
    side_free(&side);
  }
}

static void test_conn_message_leading_crlf_by_policy(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_policy(&side, SIPWS_POLICY_LEADING_CRLF);
  side_adopt(&side, SIPWS_CLIENT, "sip");
  side_feed_frame(&side, 0x81, "\r\n\r\n" OPTIONS);
  side_feed_frame(&side, 0x82, "\r\nA sip:h SIP/2.0\r\nl: 1\r\n\r\nabc");
  assert_log(&side, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"
                    "message binary CUT A sip:h SIP/2.0 (26)\n");
  assert_int_equal(sipws_conn_cut(side.conn), 2);
  side_free(&side);
}

static void test_conn_message_not_sip_in_a_row_ends_with_1008(void **state) {
  static const struct {
    uint32_t limit;
    const char *feeds; /* n: not SIP, s: SIP, k: keep-alive */
    int closed;
  } rows[] = {{3, "nn", 0},     {3, "nnn", 1}, {3, "nnsnn", 0},
              {3, "nnsnnn", 1}, {1, "sn", 1},  {0, "nnnnnnnnnn", 0}};
  size_t i;
  const char *feed;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_NOT_SIP, rows[i].limit);
    side_adopt(&side, SIPWS_SERVER, "sip");
    for (feed = rows[i].feeds; *feed != '\0'; feed++) {
      side_forget(&side);
      side_feed_frame(&side, 0x81, *feed == 'n' ? "no" : OPTIONS);
    }
    assert_int_equal(sipws_conn_error(side.conn),
                     rows[i].closed ? SIPWS_ERR_POLICY : 0);
    if (rows[i].closed) {
      assert_log(&side,
                 "message text NOT_SIP no\n"); /* delivered all the same */
      assert_int_equal(side_fed(&side), SIPWS_ERR_POLICY);
      assert_wire(&side, "close 1008\n");
    }
    side_free(&side);
  }
}

static void test_conn_message_opaque_passes_all(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_adopt(&side, SIPWS_SERVER, "echo");
  side_feed_frame(&side, 0x81, "");
  side_feed_frame(&side, 0x82, "\r\n\r\n");
  side_feed_frame(&side, 0x81, "hello");
  assert_log(&side, "message text UNCHECKED \n"
                    "message binary UNCHECKED  (4)\n"
                    "message text UNCHECKED hello\n");
  assert_wire(&side, ""); /* no CRLF answer */
  assert_int_equal(sipws_conn_send(side.conn, NULL, 0, 0, 0, NULL), 0);
  assert_int_equal(sipws_conn_send(side.conn, "\xff", 1, 0, 0, NULL), 0);
  assert_int_equal(sipws_conn_send(side.conn, "x", 1, 2, 0, NULL), 0);
  assert_wire(&side, "text\nbinary  (1)\nbinary x\n");
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 0), SIPWS_ERR_STATE);
  side_free(&side);
}

/* ---- keep-alives ---- */

static void test_conn_message_crlf_keepalives(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  side_feed_frame(&side, 0x81, "\r\n\r\n");
  assert_wire(&side, "text  (2)\n");
  side_feed_frame(&side, 0x82, "\r\n\r\n"); /* answered in kind */
  assert_wire(&side, "binary  (2)\n");
  assert_log(&side, "keepalive crlf\nkeepalive crlf\n");
  /* a lone CRLF, or more than two, is never answered */
  side_feed_frame(&side, 0x81, "\r\n");
  side_feed_frame(&side, 0x81, "\r\n\r\n\r\n");
  assert_wire(&side, "");
  assert_log(&side, "keepalive crlf_pong\nkeepalive crlf_pong\n");
  wire_clear(&wire); /* in fragments */
  wire_frame(&wire, 0x01, 1, "\r\n\r", 3);
  wire_frame(&wire, 0x80, 1, "\n", 1);
  feed_wire(&side);
  assert_log(&side, "keepalive crlf\n");
  assert_wire(&side, "text  (2)\n");
  side_feed_frame(&side, 0x81, "\r\n\r");
  assert_log(&side, "message text NOT_SIP  (3)\n");
  side_free(&side);
}

static void test_conn_message_two_peers_never_loop(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_config(&other, SIDE_CALLBACKS);
  pair_open(&side, &other);
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 0), 0);
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 0), SIPWS_ERR_QUEUE_FULL);
  pair_move(&side, &other, 1); /* comes to an end */
  assert_log(&other, "keepalive crlf\n");
  assert_log(&side, "keepalive crlf_pong\n");
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 0), 0);
  side_free(&side);
  side_free(&other);
}

static void test_conn_message_crlf_awaited_tells_the_round_trip(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_policy(&side, SIPWS_POLICY_EXPECT_CRLF);
  side_adopt(&side, SIPWS_CLIENT, "sip");
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 100), 0);
  assert_wire(&side, "mask text  (4)\n");
  side.now = 142;
  side_feed_frame(&side, 0x81, "\r\n");
  assert_log(&side, "keepalive crlf_pong 42\n");
  side_free(&side);
}

static void test_conn_message_pings_are_answered_exactly(void **state) {
  char payload[126];
  size_t i;
  (void)state;
  side_open(&side, SIPWS_CLIENT);
  memset(payload, 'p', sizeof payload);
  for (i = 0; i <= 125; i += 25) {
    wire_clear(&wire);
    wire_frame(&wire, 0x89, 0, payload, i);
    wire_frame(&wire, 0x81, 0, OPTIONS, sizeof OPTIONS - 1);
    feed_wire(&side);
    assert_log(&side, "keepalive ping\n"
                      "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    wire_clear(&wire);
    wire_take(&wire, &side, 0);
    assert_int_equal(wire.len, 6 + i);
    assert_int_equal(wire.data[0], 0x8a);
  }
  side_free(&side);
}

static void test_conn_message_pong_tells_the_round_trip(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(sipws_conn_ping(side.conn, "abc", 3, 1000), 0);
  assert_int_equal(sipws_conn_ping(side.conn, "abc", 3, 1000),
                   SIPWS_ERR_QUEUE_FULL);
  assert_wire(&side, "ping abc\n");
  side.now = 1030;
  side_feed_frame(&side, 0x8a, "abx"); /* another's, or unsolicited */
  side.now = 1055;
  side_feed_frame(&side, 0x8a, "abc");
  side_feed_frame(&side, 0x8a, "abc");
  assert_log(&side, "keepalive pong\nkeepalive pong 55\nkeepalive pong\n");
  side_free(&side);
}

/* ---- sending ---- */

static void test_conn_message_goes_as_text_or_binary(void **state) {
  static const char latin[] = "A sip:h SIP/2.0\r\nl: 1\r\n\r\n\xe9";
  const size_t latin_len = sizeof latin - 1;
  const size_t len = sizeof OPTIONS - 1;
  int binary;
  (void)state;
  for (binary = 0; binary < 2; binary++) {
    side_config(&side, SIDE_CALLBACKS);
    side_policy(&side, binary ? SIPWS_POLICY_SEND_BINARY : 0);
    side_adopt(&side, SIPWS_SERVER, "sip");
    assert_int_equal(sipws_conn_send(side.conn, OPTIONS, len, 0, 0, NULL), 0);
    assert_wire(&side, binary ? "binary OPTIONS sip:a@h SIP/2.0 (39)\n"
                              : "text OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_int_equal(
        sipws_conn_send(side.conn, OPTIONS, len, SIPWS_SEND_BINARY, 0, NULL),
        0);
    assert_wire(&side, "binary OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_int_equal(
        sipws_conn_send(side.conn, OPTIONS, len, SIPWS_SEND_TEXT, 0, NULL), 0);
    assert_wire(&side, "text OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_int_equal(sipws_conn_send(side.conn, latin, latin_len, 0, 0, NULL),
                     0);
    assert_wire(&side, "binary A sip:h SIP/2.0 (26)\n");
    assert_int_equal(
        sipws_conn_send(side.conn, latin, latin_len, SIPWS_SEND_TEXT, 0, NULL),
        SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_send(side.conn, OPTIONS, len, 3, 0, NULL),
                     SIPWS_ERR_INVALID);
    assert_int_equal(sipws_conn_send(side.conn, OPTIONS, len, 8, 0, NULL),
                     SIPWS_ERR_INVALID);
    side_free(&side);
  }
}

/* The text is judged as a whole: a character may lie in two frames, and what is
 * wrong in one before the last. */
static void test_conn_message_in_frames_goes_as_text_or_binary(void **state) {
  static const char good[] = "A sip:h SIP/2.0\r\n\r\n1\xc3\xa9"
                             "456789";
  static const char bad[] = "A sip:h SIP/2.0\r\n\r\n1\xa9"
                            "3456789";
  const size_t len = sizeof good - 1;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, 21);
  side_adopt(&side, SIPWS_SERVER, "sip");
  assert_int_equal(sipws_conn_send(side.conn, good, len, 0, 0, NULL), 0);
  assert_wire(&side, "+text A sip:h SIP/2.0 (21)\ncont  (7)\n");
  assert_int_equal(sipws_conn_send(side.conn, bad, len, 0, 0, NULL), 0);
  assert_wire(&side, "+binary A sip:h SIP/2.0 (21)\ncont 3456789\n");
  assert_int_equal(
      sipws_conn_send(side.conn, bad, len, SIPWS_SEND_TEXT, 0, NULL),
      SIPWS_ERR_TEXT);
  assert_wire(&side, "");
  side_free(&side);
}

#define FORTY "1234567890123456789012345678901234567890"

static void test_conn_message_send_takes_one_sip_message(void **state) {
  static const struct {
    const char *msg;
    int err;
  } rows[] = {
      {"hello", SIPWS_ERR_NOT_SIP},
      {"", SIPWS_ERR_NOT_SIP},
      {"\r\n\r\n", SIPWS_ERR_NOT_SIP},
      {"A sip:h SIP/2.0\r\nl: 1\r\n\r\nabc", SIPWS_ERR_NOT_SIP},
      {"A sip:h SIP/2.0\r\nl: 9\r\n\r\nabc", SIPWS_ERR_NOT_SIP},
      {"A sip:h SIP/2.0\r\nl: x\r\n\r\nabc", SIPWS_ERR_NOT_SIP},
      {OPTIONS OPTIONS, 0}, /* without a length the body is the rest */
      {"SIP/2.0 200 OK\r\nl: 0\r\n\r\n", 0},
      {"A sips:h SIP/2.0\r\n\r\n", SIPWS_ERR_SIPS},
      {"A SIPS:h SIP/2.0\r\n\r\n", SIPWS_ERR_SIPS},
      {"A sip:sips:h SIP/2.0\r\n\r\n", 0},
      {"A sip:h SIP/2.0\r\nRoute: <sips:p;lr>\r\n\r\n", SIPWS_ERR_SIPS},
      {"A sip:h SIP/2.0\r\nRoute: <sip:p>, <sips:q>\r\n\r\n", 0},
      {"A sip:h SIP/2.0\r\nROUTE: <SIPS:p;lr>\r\n\r\n", SIPWS_ERR_SIPS},
      {"A sip:h SIP/2.0\r\nroute\t:\r\n <sips:p;lr>\r\n\r\n", SIPWS_ERR_SIPS},
      {"A sip:h SIP/2.0\r\nRoute: <sip:p>\r\nRoute: <sips:q>\r\n\r\n", 0},
      {"A sip:h SIP/2.0\r\nRoute:sips:p\r\n\r\n", SIPWS_ERR_SIPS},
      {"A sip:h SIP/2.0\r\nRoute:\r\nRoute: <sips:q>\r\n\r\n", SIPWS_ERR_SIPS},
      {"A sip:h SIP/2.0\r\nSubject: " FORTY "\r\nRoute: <sips:p;lr>\r\n"
       "User-Agent: " FORTY FORTY "\r\n\r\n",
       SIPWS_ERR_SIPS}, /* lines in the midst of a long message */
      {"SIP/2.0 200 OK\r\nRoute: <sips:p;lr>\r\n\r\n", 0},
  };
  size_t i;
  uint64_t seq = 77;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  for (i = 0; i < ROWS(rows); i++) {
    assert_int_equal(sipws_conn_send(side.conn, rows[i].msg,
                                     strlen(rows[i].msg), 0, 0, &seq),
                     rows[i].err);
    if (rows[i].err != 0) {
      assert_int_equal(sipws_conn_send(side.conn, rows[i].msg,
                                       strlen(rows[i].msg),
                                       SIPWS_SEND_UNCHECKED, 0, &seq),
                       0);
    }
    assert_int_equal(seq, i + 1); /* untouched by the error */
  }
  (void)sipws_conn_set_secure(side.conn, 1);
  assert_int_equal(
      sipws_conn_send(side.conn, "A sips:h SIP/2.0\r\n\r\n", 20, 0, 0, &seq),
      0);
  side_free(&side);
}

static void test_conn_message_size_limit_holds_exactly(void **state) {
  size_t len;
  const char *msg = sip_text(200, &len);
  size_t i;
  (void)state;
  for (i = len - 1; i <= len + 1; i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, (uint32_t)i);
    side_adopt(&side, SIPWS_SERVER, "sip");
    assert_int_equal(sipws_conn_room(side.conn), i);
    assert_int_equal(sipws_conn_send(side.conn, msg, len, 0, 0, NULL),
                     i < len ? SIPWS_ERR_TOO_BIG : 0);
    wire_clear(&wire);
    wire_frame(&wire, 0x81, 1, msg, len);
    feed_wire(&side);
    assert_int_equal(side_fed(&side), i < len ? SIPWS_ERR_PEER_TOO_BIG : 0);
    assert_wire(&side, i < len ? "close 1009\n"
                               : "text MESSAGE sip:a@h SIP/2.0 (260)\n");
    side_free(&side);
  }
}

static void test_conn_message_frame_size_cuts_fragments(void **state) {
  static const struct {
    size_t len;
    const char *frames;
  } rows[] = {{0, "text\n"},
              {3, "text abc\n"},
              {4, "text abcd\n"},
              {5, "+text abcd\ncont e\n"},
              {8, "+text abcd\ncont efgh\n"},
              {9, "+text abcd\n+cont efgh\ncont i\n"}};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, 4);
    side_adopt(&side, SIPWS_SERVER, "echo");
    assert_int_equal(
        sipws_conn_send(side.conn, "abcdefghi", rows[i].len, 0, 0, NULL), 0);
    assert_wire(&side, rows[i].frames);
    assert_log(&side, "sent 1\n");
    side_free(&side);
  }
}

/* ---- pause and stop ---- */

static void test_conn_message_pause_stops_before_data(void **state) {
  size_t taken, control;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wire_clear(&wire);
  wire_frame(&wire, 0x89, 1, "a", 1);
  wire_frame(&wire, 0x89, 1, "b", 1);
  control = wire.len;
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  assert_int_equal(sipws_conn_pause(side.conn, 0), 0);
  assert_int_equal(sipws_conn_pause(side.conn, 0), 0);
  assert_int_equal(sipws_conn_wants(side.conn), 0);
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   0);
  assert_int_equal(taken, control);
  assert_log(&side, "keepalive ping\nkeepalive ping\n");
  assert_int_equal(
      sipws_conn_keep(side.conn, wire.data + control, wire.len - control), 0);
  assert_int_equal(sipws_conn_feed(side.conn, "x", 1, 0, &taken), 0);
  assert_int_equal(taken, 0); /* kept ones go first */
  assert_int_equal(sipws_conn_wants(side.conn), SIPWS_WANT_WRITE);
  assert_int_equal(sipws_conn_resume(side.conn, 5), 0);
  assert_int_equal(sipws_conn_wants(side.conn),
                   SIPWS_WANT_READ | SIPWS_WANT_WRITE | SIPWS_WANT_FEED);
  assert_int_equal(sipws_conn_feed(side.conn, NULL, 0, 5, &taken), 0);
  assert_log(&side, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
  assert_int_equal(sipws_conn_kept(side.conn), 0);
  side_free(&side);
}

static int pause_at_message(struct side *self, int event) {
  if (event == SIPWS_EVENT_MESSAGE) {
    (void)sipws_conn_pause(self->conn, self->now);
  }
  return 0;
}

static void test_conn_message_pause_holds_inside_a_message(void **state) {
  size_t taken, cut;
  (void)state;
  for (cut = 1; cut < 8; cut++) {
    side_config(&side, SIDE_CALLBACKS);
    side_adopt(&side, SIPWS_SERVER, "sip");
    wire_clear(&wire);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    (void)side_feed(&side, wire.data, cut, 0);
    (void)sipws_conn_pause(side.conn, 0);
    (void)sipws_conn_feed(side.conn, wire.data + cut, 1, 0, &taken);
    assert_int_equal(taken, 0);
    side.then = pause_at_message;
    (void)sipws_conn_resume(side.conn, 0);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    (void)sipws_conn_feed(side.conn, wire.data + cut, wire.len - cut, 0,
                          &taken);
    assert_int_equal(taken, wire.len / 2 - cut); /* one, then the pause */
    assert_log(&side, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    side_free(&side);
  }
}

static int stop_at_message(struct side *self, int event) {
  (void)self;
  return event == SIPWS_EVENT_MESSAGE;
}

static void test_conn_message_callback_stops_feed(void **state) {
  size_t taken;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  side.then = stop_at_message;
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   SIPWS_ERR_CALLBACK);
  assert_int_equal(taken, wire.len / 2);
  assert_int_equal(
      sipws_conn_keep(side.conn, wire.data + taken, wire.len - taken), 0);
  assert_int_equal(sipws_conn_feed(side.conn, "x", 1, 0, &taken),
                   SIPWS_ERR_CALLBACK);
  assert_int_equal(taken, 0);
  assert_int_equal(sipws_conn_kept(side.conn), 0);
  assert_log(&side, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"
                    "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
  assert_int_equal(sipws_conn_error(side.conn), 0);
  side_free(&side);
}

static int keep_more(struct side *self, int event) {
  if (event == SIPWS_EVENT_MESSAGE && self->count <= 20) {
    assert_int_equal(sipws_conn_keep(self->conn, wire.data, wire.len), 0);
  }
  return 0;
}

/* The buffer of kept octets grows while they are worked on. */
static void test_conn_message_a_callback_may_keep_more(void **state) {
  size_t taken;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  side.then = keep_more;
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
  assert_int_equal(sipws_conn_feed(side.conn, NULL, 0, 0, &taken), 0);
  assert_int_equal(side.count, 21);
  assert_int_equal(sipws_conn_kept(side.conn), 0);
  side_free(&side);
}

static void test_conn_message_keep_has_a_limit(void **state) {
  static char octets[600];
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, 512);
  side_adopt(&side, SIPWS_SERVER, "sip");
  (void)sipws_conn_pause(side.conn, 0);
  assert_int_equal(sipws_conn_keep(side.conn, octets, 511), 0);
  assert_int_equal(sipws_conn_keep(side.conn, octets, 2), SIPWS_ERR_TOO_BIG);
  assert_int_equal(sipws_conn_keep(side.conn, octets, 1), 0);
  assert_int_equal(sipws_conn_kept(side.conn), 512);
  side_free(&side);
}

/* ---- cuts and faces ---- */

/* A dialogue of one direction with all that may come, and a failure behind. */
static void build_dialogue(int masked) {
  size_t len;
  const char *big = sip_text(3000, &len);
  wire_clear(&wire);
  wire_frame(&wire, 0x81, masked, OPTIONS, sizeof OPTIONS - 1);
  wire_frame(&wire, 0x89, masked, "ping", 4);
  wire_frame(&wire, 0x8a, masked, "", 0);
  wire_frame(&wire, 0x01, masked, "SIP/2.0 200 \xc3", 13);
  wire_frame(&wire, 0x89, masked, "", 0);
  wire_frame(&wire, 0x00, masked, "", 0);
  wire_frame(&wire, 0x80, masked, "\xa9\r\nl: 2\r\n\r\nabc", 14);
  wire_frame(&wire, 0x82, masked, "\r\n\r\n", 4);
  wire_frame(&wire, 0x81, masked, "\r\n", 2);
  wire_frame(&wire, 0x82, masked, big, len);
  wire_frame(&wire, 0x81, masked, "not sip", 7);
  wire_frame(&wire, 0x81, masked, "", 0);
  wire_frame(&wire, 0x81, masked, "bad \xff utf", 9);
  wire_put(&wire, "whatever");
}

static const char dialogue[] =
    "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"
    "keepalive ping\n"
    "keepalive pong\n"
    "keepalive ping\n"
    "message text CUT SIP/2.0 200  (26)\n"
    "keepalive crlf\n"
    "keepalive crlf_pong\n"
    "message binary OK MESSAGE sip:a@h SIP/2.0 (3061)\n"
    "message text NOT_SIP not sip\n"
    "message text NOT_SIP \n";

static void run_dialogue(int role, int face, size_t cut, uint32_t seed) {
  size_t done = 0;
  side_config(&side, face);
  side_adopt(&side, role, "sip");
  build_dialogue(role == SIPWS_SERVER);
  while (done < wire.len) {
    size_t step = cut;
    if (cut == 0) { /* at random */
      seed = seed * 1664525u + 1013904223u;
      step = 1 + (seed >> 24) % 97;
    }
    step = step < wire.len - done ? step : wire.len - done;
    assert_int_equal(side_feed(&side, wire.data + done, step, 0), step);
    done += step;
  }
  assert_string_equal(side.log, dialogue);
  assert_int_equal(side_fed(&side), SIPWS_ERR_UTF8);
  assert_string_equal(side_show(&side), role == SIPWS_SERVER
                                            ? "pong ping\npong\nbinary  (2)\n"
                                              "close 1007\n"
                                            : "mask pong ping\nmask pong\n"
                                              "mask binary  (2)\n"
                                              "mask close 1007\n");
  side_free(&side);
}

static void test_conn_message_every_cut_tells_the_same(void **state) {
  size_t cut;
  int role, face;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
      for (cut = 1; cut < 40; cut++) {
        run_dialogue(role, face, cut, 0);
      }
      run_dialogue(role, face, 100000, 0);
    }
  }
}

static void test_conn_message_random_cuts_tell_the_same(void **state) {
  uint32_t seed;
  (void)state;
  for (seed = 0; seed < 60; seed++) {
    run_dialogue((int)(seed % 2), (int)(seed % 3), 0, seed * 7919);
  }
}

/* Two pieces, cut at every octet of the whole. */
static void test_conn_message_every_split_tells_the_same(void **state) {
  size_t at;
  build_dialogue(1);
  (void)state;
  for (at = 0; at <= wire.len; at += at < 150 || at + 60 > wire.len ? 1 : 37) {
    side_config(&side, (int)(at % 3));
    side_adopt(&side, SIPWS_SERVER, "sip");
    build_dialogue(1);
    assert_int_equal(side_feed(&side, wire.data, at, 0), at);
    assert_int_equal(side_feed(&side, wire.data + at, wire.len - at, 0),
                     wire.len - at);
    assert_string_equal(side.log, dialogue);
    side_free(&side);
  }
}

static void test_conn_message_fed_octets_are_not_altered(void **state) {
  static struct wire before;
  size_t taken;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  build_dialogue(1);
  before = wire;
  (void)sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken);
  assert_memory_equal(before.data, wire.data, wire.len);
  side_free(&side);
}

static void test_conn_message_pulled_event_outlives_other_calls(void **state) {
  const char *msg;
  const uint8_t *out;
  size_t len, out_len, taken;
  int event, kind, verdict;
  (void)state;
  side_config(&side, SIDE_PULLS);
  side_timer(&side, SIPWS_TIMER_TRIM, 1);
  side_adopt(&side, SIPWS_SERVER, "sip");
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken);
  /* nothing is taken while an event waits */
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   0);
  assert_int_equal(taken, 0);
  assert_int_equal(sipws_conn_wants(side.conn) & SIPWS_WANT_READ, 0);
  assert_int_equal(sipws_conn_next_event(side.conn, &event), 0);
  assert_int_equal(event, SIPWS_EVENT_MESSAGE);
  (void)sipws_conn_keep(side.conn, wire.data, wire.len);
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 1, NULL);
  (void)sipws_conn_tick(side.conn, 100);
  (void)sipws_conn_pending(side.conn, 0, &out, &out_len);
  (void)sipws_conn_taken(side.conn, out_len, 101);
  (void)sipws_conn_close(side.conn, 1000, "", 0, SIPWS_CLOSE_GRACEFUL, 101);
  (void)sipws_conn_eof(side.conn, 102);
  (void)sipws_conn_lost(side.conn, 1, 102);
  assert_int_equal(
      sipws_conn_event_message(side.conn, &kind, &msg, &len, &verdict), 0);
  assert_text(msg, len, OPTIONS);
  assert_int_equal(sipws_conn_event_sent(side.conn, (uint64_t *)&len),
                   SIPWS_ERR_STATE);
  side_pull(&side);
  assert_log(&side, "sent 1\nclosed LOST 1006\n");
  side_free(&side);
}

static void test_conn_message_kept_octets_come_before_the_end(void **state) {
  size_t taken;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    side_config(&side, face);
    side_adopt(&side, SIPWS_SERVER, "sip");
    wire_clear(&wire);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    wire_frame(&wire, 0x89, 1, "", 0);
    (void)sipws_conn_pause(side.conn, 0);
    (void)sipws_conn_keep(side.conn, wire.data, wire.len);
    (void)sipws_conn_eof(side.conn, 1);
    assert_log(&side, "");
    assert_int_equal(sipws_conn_wants(side.conn), 0);
    (void)sipws_conn_resume(side.conn, 2);
    do {
      assert_true((sipws_conn_wants(side.conn) & SIPWS_WANT_FEED) != 0);
      (void)sipws_conn_feed(side.conn, NULL, 0, 2, &taken);
      side_pull(&side);
    } while (sipws_conn_state(side.conn) != SIPWS_STATE_CLOSED);
    assert_log(&side, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"
                      "keepalive ping\nclosed EOF 1006\n");
    side_free(&side);
  }
}

static void test_conn_message_pull_and_callbacks_exclude(void **state) {
  int event = 5;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(sipws_conn_next_event(side.conn, &event), SIPWS_ERR_STATE);
  assert_int_equal(event, 5);
  side_free(&side);
}

/* ---- trace ---- */

static void trace(const sipws_conn *conn, int outgoing, int what,
                  const uint8_t *data, size_t len, void *user) {
  (void)conn;
  side_note(user, "%s %d %.*s\n", outgoing ? "out" : "in", what,
            len < 20 ? (int)len : 20, data != NULL ? (const char *)data : "");
}

static void test_conn_message_trace_sees_what_passes(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  (void)sipws_config_set_trace(side.config, trace, &side);
  side_server(&side);
  (void)side_feed(&side, UPGRADE_SIP, sizeof UPGRADE_SIP - 1, 0);
  side_feed_frame(&side, 0x89, "hi");
  side_feed_frame(&side, 0x82, "A sip:h SIP/2.0\r\n\r\n");
  (void)sipws_conn_send(side.conn, "B sip:h SIP/2.0\r\n\r\n", 19, 0, 0, NULL);
  side_feed_frame(&side, 0x88, "\x03\xe8 bye");
  assert_log(&side, "in 0 GET /ws?x=1 HTTP/1.1\n"
                    "request GET /ws?x=1\n"
                    "out 0 HTTP/1.1 101 Switchi\n"
                    "open sip\n"
                    "in 9 hi\n"
                    "out 10 hi\n"
                    "keepalive ping\n"
                    "in 2 A sip:h SIP/2.0\r\n\r\n\n"
                    "message binary OK A sip:h SIP/2.0 (19)\n"
                    "out 1 B sip:h SIP/2.0\r\n\r\n\n"
                    "in 8 \x03\xe8 bye\n"
                    "out 8 \x03\xe8\n"
                    "PEER_CLOSES 1000\n");
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_message_verdicts_are_delivered),
      cmocka_unit_test(test_conn_message_leading_crlf_by_policy),
      cmocka_unit_test(test_conn_message_not_sip_in_a_row_ends_with_1008),
      cmocka_unit_test(test_conn_message_opaque_passes_all),
      cmocka_unit_test(test_conn_message_crlf_keepalives),
      cmocka_unit_test(test_conn_message_two_peers_never_loop),
      cmocka_unit_test(test_conn_message_crlf_awaited_tells_the_round_trip),
      cmocka_unit_test(test_conn_message_pings_are_answered_exactly),
      cmocka_unit_test(test_conn_message_pong_tells_the_round_trip),
      cmocka_unit_test(test_conn_message_goes_as_text_or_binary),
      cmocka_unit_test(test_conn_message_in_frames_goes_as_text_or_binary),
      cmocka_unit_test(test_conn_message_send_takes_one_sip_message),
      cmocka_unit_test(test_conn_message_size_limit_holds_exactly),
      cmocka_unit_test(test_conn_message_frame_size_cuts_fragments),
      cmocka_unit_test(test_conn_message_pause_stops_before_data),
      cmocka_unit_test(test_conn_message_pause_holds_inside_a_message),
      cmocka_unit_test(test_conn_message_callback_stops_feed),
      cmocka_unit_test(test_conn_message_a_callback_may_keep_more),
      cmocka_unit_test(test_conn_message_keep_has_a_limit),
      cmocka_unit_test(test_conn_message_every_cut_tells_the_same),
      cmocka_unit_test(test_conn_message_random_cuts_tell_the_same),
      cmocka_unit_test(test_conn_message_every_split_tells_the_same),
      cmocka_unit_test(test_conn_message_fed_octets_are_not_altered),
      cmocka_unit_test(test_conn_message_pulled_event_outlives_other_calls),
      cmocka_unit_test(test_conn_message_kept_octets_come_before_the_end),
      cmocka_unit_test(test_conn_message_pull_and_callbacks_exclude),
      cmocka_unit_test(test_conn_message_trace_sees_what_passes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
