/* conn: the closing handshake, failure, and every way to the end. */
#include "pair.h"

static struct side side, other;
static struct wire wire;

static int send_options(struct side *from) {
  return sipws_conn_send(from->conn, OPTIONS, sizeof OPTIONS - 1, 0, from->now,
                         NULL);
}

static int close_side(struct side *from, int code, int mode) {
  return sipws_conn_close(from->conn, (uint16_t)code, "bye", 3, mode,
                          from->now);
}

/* ---- the closing handshake ---- */

static void test_conn_close_server_begins(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_config(&other, SIDE_CALLBACKS);
  pair_open(&side, &other);
  assert_int_equal(close_side(&other, 1000, SIPWS_CLOSE_GRACEFUL), 0);
  assert_int_equal(sipws_conn_our_close_code(other.conn), 1000);
  assert_int_equal(sipws_conn_state(other.conn), SIPWS_STATE_CLOSING);
  assert_int_equal(sipws_conn_wants(other.conn),
                   SIPWS_WANT_READ | SIPWS_WANT_WRITE);
  pair_move(&side, &other, 1);
  assert_log(&other, "closed OUR_CLOSE 1000\n");
  assert_int_equal(sipws_conn_wants(other.conn),
                   SIPWS_WANT_SHUT | SIPWS_WANT_CLOSE);
  /* RFC 6455 7.1.1: the client waits for the server's end */
  assert_log(&side, "PEER_CLOSES 1000\n");
  assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSING);
  assert_int_equal(sipws_conn_wants(side.conn), SIPWS_WANT_READ);
  (void)sipws_conn_eof(side.conn, 1);
  assert_log(&side, "closed PEER_CLOSE 1000 bye\n");
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_CLOSED);
  side_free(&side);
  side_free(&other);
}

static void test_conn_close_client_begins(void **state) {
  int end;
  (void)state;
  for (end = 0; end < 3; end++) {
    side_config(&side, end == 1 ? SIDE_PULLS : SIDE_CALLBACKS);
    side_config(&other, SIDE_CALLBACKS);
    pair_open(&side, &other);
    assert_int_equal(close_side(&side, 3000, SIPWS_CLOSE_GRACEFUL), 0);
    pair_move(&side, &other, 0);
    assert_log(&other, "PEER_CLOSES 3000\nclosed PEER_CLOSE 3000 bye\n");
    assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSING);
    /* eof, a reset or the deadline: it was complete */
    if (end == 0) {
      (void)sipws_conn_eof(side.conn, 1);
    } else if (end == 1) {
      (void)sipws_conn_lost(side.conn, 104, 1);
    } else {
      side_tick(&side, 4999);
      assert_log(&side, "");
      side_tick(&side, 5000);
      assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_NONE);
    }
    side_pull(&side);
    assert_log(&side, "closed OUR_CLOSE 3000\n");
    side_free(&side);
    side_free(&other);
  }
}

static void test_conn_close_codes_are_told_and_echoed(void **state) {
  static const struct {
    const char *payload;
    size_t len;
    const char *answer;
    uint16_t code;
    int err;
  } rows[] = {
      {"", 0, "close\n", 1005, 0},
      {"\x03\xe8", 2, "close 1000\n", 1000, 0},
      {"\x03\xf4", 2, "close 1012\n", 1012, 0},
      {"\x03\xf6", 2, "close 1014\n", 1014, 0},
      {"\x0b\xb8", 2, "close 3000\n", 3000, 0},
      {"\x13\x87why", 5, "close 4999\n", 4999, 0},
      {"\x03", 1, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x03\xe7", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x03\xec", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x03\xed", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x03\xee", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x03\xf7", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x0b\xb7", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x13\x88", 2, "close 1002\n", 1006, SIPWS_ERR_PROTOCOL},
      {"\x03\xe8\xff", 3, "close 1007\n", 1006, SIPWS_ERR_UTF8},
  };
  size_t i, cut;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    for (cut = 0; cut < 2; cut++) {
      side_open(&side, SIPWS_SERVER);
      assert_int_equal(sipws_conn_close_code(side.conn), 0);
      wire_clear(&wire);
      wire_frame(&wire, 0x88, 1, rows[i].payload, rows[i].len);
      (void)side_feed(&side, wire.data, wire.len, cut);
      assert_int_equal(side_fed(&side), rows[i].err);
      assert_wire(&side, rows[i].answer);
      (void)sipws_conn_eof(side.conn, 1);
      assert_int_equal(sipws_conn_close_code(side.conn), rows[i].code);
      assert_int_equal(sipws_conn_cause(side.conn), rows[i].err == 0
                                                        ? SIPWS_CAUSE_PEER_CLOSE
                                                        : SIPWS_CAUSE_PROTOCOL);
      side_free(&side);
    }
  }
}

static void test_conn_close_arguments_are_checked(void **state) {
  static const struct {
    int role, code;
    size_t len;
    const char *reason;
    int mode, err;
  } rows[] = {
      {SIPWS_SERVER, 1010, 0, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_CLIENT, 1010, 0, NULL, 0, 0},
      {SIPWS_SERVER, 999, 0, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 1005, 0, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 1006, 0, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 1015, 0, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 5000, 0, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 0, 1, "x", 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 0, 0, NULL, 0, 0},
      {SIPWS_SERVER, 1000, 1, NULL, 0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 1000, 1, "\xff", 0, SIPWS_ERR_TEXT},
      {SIPWS_SERVER, 1000, 0, NULL, 2, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 1000, 124,
       "0123456789012345678901234567890123456789012345678901234567890123456789"
       "012345678901234567890123456789012345678901234567890123",
       0, SIPWS_ERR_INVALID},
      {SIPWS_SERVER, 1000, 123,
       "0123456789012345678901234567890123456789012345678901234567890123456789"
       "012345678901234567890123456789012345678901234567890123",
       0, 0},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    side_open(&side, rows[i].role);
    assert_int_equal(sipws_conn_close(side.conn, (uint16_t)rows[i].code,
                                      rows[i].reason, rows[i].len, rows[i].mode,
                                      0),
                     rows[i].err);
    assert_int_equal(sipws_conn_state(side.conn),
                     rows[i].err == 0 ? SIPWS_STATE_CLOSING : SIPWS_STATE_OPEN);
    assert_int_equal(sipws_conn_our_close_code(side.conn),
                     rows[i].err == 0 ? rows[i].code : 0);
    side_free(&side);
  }
}

static void test_conn_close_crossing_closes(void **state) {
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    side_open(&side, role);
    assert_int_equal(close_side(&side, 1000, SIPWS_CLOSE_GRACEFUL), 0);
    side.now = 3000;
    side_feed_frame(&side, 0x88, "\x03\xe9");
    assert_log(&side, "");
    /* one Close each, and the deadline counts from our call */
    assert_int_equal(sipws_conn_deadline(side.conn), 5000);
    assert_wire(&side, role == SIPWS_SERVER ? "close 1000 bye\n"
                                            : "mask close 1000 bye\n");
    (void)sipws_conn_eof(side.conn, 3000);
    assert_log(&side, "closed OUR_CLOSE 1001\n");
    side_free(&side);
  }
}

static void test_conn_close_goes_behind_queued_data(void **state) {
  size_t len;
  const char *big = sip_text(600, &len);
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(sipws_conn_send(side.conn, big, len, 0, 0, NULL), 0);
  side_feed_frame(&side, 0x89, "a");
  side_feed_frame(&side, 0x89, "b"); /* waits for the slot; still answered */
  assert_int_equal(send_options(&side), 0);
  assert_int_equal(close_side(&side, 1001, SIPWS_CLOSE_GRACEFUL), 0);
  assert_int_equal(send_options(&side), SIPWS_ERR_CLOSED);
  assert_int_equal(sipws_conn_ping(side.conn, NULL, 0, 0), SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_room(side.conn), 0);
  side_feed_frame(&side, 0x89, "c"); /* nothing follows our Close */
  side_feed_frame(&side, 0x81, OPTIONS);
  assert_wire(&side, "text MESSAGE sip:a@h SIP/2.0 (660)\n"
                     "pong a\n"
                     "text OPTIONS sip:a@h SIP/2.0 (39)\n"
                     "pong b\n"
                     "close 1001 bye\n");
  assert_log(&side, "keepalive ping\nkeepalive ping\nkeepalive ping\n"
                    "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"
                    "sent 2\n");
  side_free(&side);
}

static void test_conn_close_peer_close_waits_for_queued_data(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(send_options(&side), 0);
  side_feed_frame(&side, 0x88, "\x03\xe8");
  assert_log(&side, "PEER_CLOSES 1000\n");
  assert_int_equal(send_options(&side), SIPWS_ERR_CLOSED);
  assert_wire(&side, "text OPTIONS sip:a@h SIP/2.0 (39)\nclose 1000\n");
  assert_log(&side, "sent 1\nclosed PEER_CLOSE 1000\n");
  side_free(&side);
}

static void test_conn_close_data_after_close_is_ignored(void **state) {
  size_t len;
  (void)state;
  side_open(&side, SIPWS_CLIENT);
  wire_clear(&wire);
  wire_frame(&wire, 0x88, 0, "\x03\xe8", 2);
  wire_frame(&wire, 0x81, 0, OPTIONS, sizeof OPTIONS - 1);
  wire_frame(&wire, 0x88, 0, "\x03\xe9", 2);
  wire_put(&wire, "\xff\xff garbage");
  (void)side_feed(&side, wire.data, wire.len, 0);
  len = side_feed(&side, "more", 4, 0);
  assert_int_equal(len, 4);
  assert_int_equal(side_fed(&side), 0);
  assert_wire(&side, "mask close 1000\n");
  (void)sipws_conn_eof(side.conn, 0);
  assert_log(&side, "PEER_CLOSES 1000\nclosed PEER_CLOSE 1000\n");
  side_free(&side);
}

static void test_conn_close_nowait_ends_with_our_close(void **state) {
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    side_open(&side, role);
    assert_int_equal(send_options(&side), 0);
    assert_int_equal(close_side(&side, 1001, SIPWS_CLOSE_NOWAIT), 0);
    side_feed_frame(&side, 0x81, OPTIONS);
    assert_log(&side, "");
    wire_clear(&wire);
    wire_take(&wire, &side, 1); /* to the last octet */
    assert_log(&side, "sent 1\nclosed OUR_CLOSE 1006\n");
    assert_int_equal(sipws_conn_wants(side.conn),
                     SIPWS_WANT_SHUT | SIPWS_WANT_CLOSE);
    side_free(&side);
  }
}

static void test_conn_close_deadline_ends_it(void **state) {
  int taken;
  (void)state;
  for (taken = 0; taken < 2; taken++) {
    side_open(&side, SIPWS_SERVER);
    side.now = 100;
    assert_int_equal(close_side(&side, 1000, SIPWS_CLOSE_GRACEFUL), 0);
    side.now = 4000;
    if (taken) {
      assert_wire(&side, "close 1000 bye\n"); /* does not move it */
    }
    side_tick(&side, 5099);
    assert_log(&side, "");
    assert_int_equal(sipws_conn_deadline(side.conn), 5100);
    side_tick(&side, 5100);
    assert_log(&side, "closed TIMEOUT 1006\n");
    assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_CLOSE);
    assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_TIMEOUT);
    assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    side_free(&side);
  }
}

static void test_conn_close_half_closed_peer_gets_our_close(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(send_options(&side), 0);
  side_feed_frame(&side, 0x88, "\x03\xe8");
  (void)sipws_conn_eof(side.conn, 0);
  assert_log(&side, "PEER_CLOSES 1000\n");
  assert_int_equal(sipws_conn_wants(side.conn), SIPWS_WANT_WRITE);
  assert_wire(&side, "text OPTIONS sip:a@h SIP/2.0 (39)\nclose 1000\n");
  assert_log(&side, "sent 1\nclosed PEER_CLOSE 1000\n");
  side_free(&side);
}

/* ---- failure ---- */

static void test_conn_close_failure_sends_its_code_then_discards(void **s) {
  static const struct {
    int first;
    const char *payload;
    int err;
    const char *close;
  } rows[] = {
      {0x83, "", SIPWS_ERR_PROTOCOL, "close 1002\n"},
      {0xc1, "", SIPWS_ERR_PROTOCOL, "close 1002\n"},
      {0x09, "", SIPWS_ERR_PROTOCOL, "close 1002\n"},
      {0x80, "", SIPWS_ERR_PROTOCOL, "close 1002\n"},
      {0x81, "\xff", SIPWS_ERR_UTF8, "close 1007\n"},
      {0x82, "0123456789", SIPWS_ERR_PEER_TOO_BIG, "close 1009\n"},
  };
  size_t i, taken;
  int face;
  (void)s;
  for (i = 0; i < ROWS(rows); i++) {
    for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
      side_config(&side, face);
      side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 9);
      side_adopt(&side, SIPWS_SERVER, "echo");
      assert_int_equal(sipws_conn_send(side.conn, "1", 1, 0, 0, NULL), 0);
      wire_clear(&wire);
      wire_frame(&wire, rows[i].first, 1, rows[i].payload,
                 strlen(rows[i].payload));
      wire_put(&wire, "more");
      assert_int_equal(
          sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
          rows[i].err);
      assert_int_equal(taken, wire.len);
      assert_int_equal(sipws_conn_feed(side.conn, "x", 1, 0, &taken),
                       rows[i].err);
      assert_int_equal(taken, 1);
      assert_int_equal(sipws_conn_send(side.conn, "1", 1, 0, 0, NULL),
                       rows[i].err);
      assert_int_equal(sipws_conn_tick(side.conn, 0), rows[i].err);
      assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSING);
      assert_int_equal(sipws_conn_cause(side.conn), SIPWS_CAUSE_NONE);
      assert_string_equal(side_show(&side) + strlen("text 1\n"), rows[i].close);
      assert_int_equal(sipws_conn_wants(side.conn),
                       SIPWS_WANT_READ | SIPWS_WANT_SHUT);
      side_pull(&side);
      assert_log(&side, "sent 1\n");
      if (face == SIDE_CALLBACKS) {
        (void)sipws_conn_eof(side.conn, 0);
      } else {
        side_tick(&side, 5000);
      }
      side_pull(&side);
      assert_log(&side, "closed PROTOCOL 1006\n");
      assert_int_equal(sipws_conn_error(side.conn), rows[i].err);
      side_free(&side);
    }
  }
}

/* In pull mode an event may wait when the failure strikes. */
static void test_conn_close_failure_takes_all_while_events_wait(void **state) {
  size_t taken;
  (void)state;
  side_config(&side, SIDE_PULLS);
  side_limit(&side, SIPWS_LIMIT_NOT_SIP, 1);
  side_adopt(&side, SIPWS_SERVER, "sip");
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, "no", 2);
  wire_put(&wire, "and more");
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   SIPWS_ERR_POLICY);
  assert_int_equal(taken, wire.len);
  side_pull(&side);
  assert_log(&side, "message text NOT_SIP no\n");
  side_free(&side);
}

static void test_conn_close_failure_after_our_close(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(close_side(&side, 1000, SIPWS_CLOSE_GRACEFUL), 0);
  side_feed_frame(&side, 0x83, "");
  assert_int_equal(side_fed(&side), SIPWS_ERR_PROTOCOL);
  assert_wire(&side, "close 1000 bye\n"); /* no second one */
  side_tick(&side, 5000);
  assert_log(&side, "closed PROTOCOL 1006\n");
  side_free(&side);
}

/* ---- every state, every end ---- */

enum ending { END_EOF, END_LOST, END_ABORT, END_FREE, END_COUNT };

/* Brings |side| to a state, numbered through; 0 past the last. */
static int bring(int number) {
  side_config(&side, SIDE_CALLBACKS);
  side.verdict = SIDE_LATER;
  switch (number) {
  case 0:
    side_client(&side, "ws://h/");
    return 1;
  case 1:
    side_server(&side);
    return 1;
  case 2:
    side_server(&side);
    (void)side_feed(&side, UPGRADE_SIP, sizeof UPGRADE_SIP - 1, 0);
    return 1;
  case 3:
    side_server(&side);
    (void)side_feed(&side, "x y\r\n\r\n", 7, 0);
    return 1;
  case 4:
  case 5:
    side_adopt(&side, number - 4, "sip");
    return 1;
  case 6:
  case 7:
    side_adopt(&side, number - 6, "sip");
    (void)close_side(&side, 1000, SIPWS_CLOSE_GRACEFUL);
    return 1;
  case 8:
  case 9:
    side_adopt(&side, number - 8, "sip");
    side_feed_frame(&side, 0x88, "");
    return 1;
  case 10:
    side_adopt(&side, SIPWS_SERVER, "sip");
    side_feed_frame(&side, 0x83, "");
    return 1;
  case 11:
    side_adopt(&side, SIPWS_SERVER, "sip");
    (void)sipws_conn_abort(side.conn, 0);
    return 1;
  default:
    return 0;
  }
}

static size_t count_closed(const char *log) {
  size_t count = 0;
  while ((log = strstr(log, "closed ")) != NULL) {
    count++;
    log++;
  }
  return count;
}

static void test_conn_close_every_state_ends_once_and_last(void **state) {
  int number, end;
  size_t closed;
  const char *last;
  (void)state;
  for (number = 0;; number++) {
    for (end = 0; end < END_COUNT; end++) {
      if (!bring(number)) {
        side_free(&side);
        return;
      }
      if (end == END_EOF) {
        assert_int_equal(sipws_conn_eof(side.conn, 1), 0);
      } else if (end == END_LOST) {
        assert_int_equal(sipws_conn_lost(side.conn, 7, 1), 0);
      } else if (end == END_ABORT) {
        assert_int_equal(sipws_conn_abort(side.conn, 1), 0);
      }
      if (end == END_EOF) { /* what can leave still may; then it is over */
        (void)side_show(&side);
      }
      if (end != END_FREE) {
        assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSED);
        assert_int_not_equal(sipws_conn_error(side.conn), 0);
        assert_int_not_equal(sipws_conn_cause(side.conn), SIPWS_CAUSE_NONE);
        /* nothing more happens, whatever is called */
        (void)sipws_conn_eof(side.conn, 2);
        (void)sipws_conn_lost(side.conn, 8, 2);
        (void)sipws_conn_abort(side.conn, 2);
        (void)side_feed(&side, "xyz", 3, 0);
        side_tick(&side, 1000000);
        assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
        assert_wire(&side, "");
        assert_int_equal(sipws_conn_queued(side.conn), 0);
        assert_true((sipws_conn_wants(side.conn) & SIPWS_WANT_CLOSE) != 0);
        last = strstr(side.log, "closed ");
        assert_non_null(last);
        assert_int_equal(strchr(last, '\n')[1], '\0');
      }
      closed = count_closed(side.log);
      assert_int_equal(closed, end == END_FREE && number != 11 ? 0 : 1);
      side_free(&side);
    }
  }
}

static void test_conn_close_causes_by_state(void **state) {
  static const struct {
    int number;
    const char *eof, *lost, *abort;
  } rows[] = {
      {0, "closed EOF 1006\n", "closed LOST 1006\n", "closed ABORTED 1006\n"},
      {1, "closed EOF 1006\n", "closed LOST 1006\n", "closed ABORTED 1006\n"},
      {3, "closed REFUSED 1006\n", "closed REFUSED 1006\n",
       "closed REFUSED 1006\n"},
      {4, "closed EOF 1006\n", "closed LOST 1006\n", "closed ABORTED 1006\n"},
      {5, "closed EOF 1006\n", "closed LOST 1006\n", "closed ABORTED 1006\n"},
      {6, "closed EOF 1006\n", "closed LOST 1006\n", "closed ABORTED 1006\n"},
      {7, "closed EOF 1006\n", "closed LOST 1006\n", "closed ABORTED 1006\n"},
      /* the peer's Close came, ours had not left */
      {8, "closed PEER_CLOSE 1005\n", "closed LOST 1005\n",
       "closed ABORTED 1005\n"},
      {9, "closed PEER_CLOSE 1005\n", "closed LOST 1005\n",
       "closed ABORTED 1005\n"},
      {10, "closed PROTOCOL 1006\n", "closed PROTOCOL 1006\n",
       "closed PROTOCOL 1006\n"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    (void)bring(rows[i].number);
    side_forget(&side);
    (void)sipws_conn_eof(side.conn, 1);
    (void)side_show(&side);
    assert_log(&side, rows[i].eof);
    side_free(&side);
    (void)bring(rows[i].number);
    side_forget(&side);
    (void)sipws_conn_lost(side.conn, 7, 1);
    assert_log(&side, rows[i].lost);
    side_free(&side);
    (void)bring(rows[i].number);
    side_forget(&side);
    (void)sipws_conn_abort(side.conn, 1);
    assert_log(&side, rows[i].abort);
    side_free(&side);
  }
}

static void test_conn_close_wants_at_every_state(void **state) {
  static const uint32_t wants[] = {SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_READ,
                                   SIPWS_WANT_READ,
                                   SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_READ,
                                   SIPWS_WANT_READ,
                                   SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_READ | SIPWS_WANT_WRITE,
                                   SIPWS_WANT_CLOSE};
  static const uint32_t drained[] = {SIPWS_WANT_READ,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_READ | SIPWS_WANT_SHUT,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_READ,
                                     SIPWS_WANT_SHUT | SIPWS_WANT_CLOSE,
                                     SIPWS_WANT_READ | SIPWS_WANT_SHUT,
                                     SIPWS_WANT_CLOSE};
  int number;
  (void)state;
  for (number = 0; bring(number); number++) {
    assert_int_equal(sipws_conn_wants(side.conn), wants[number]);
    (void)side_show(&side);
    assert_int_equal(sipws_conn_wants(side.conn), drained[number]);
    side_free(&side);
  }
  assert_int_equal(number, ROWS(wants));
  side_free(&side);
}

/* The end of a paused one is still seen once it closes. */
static void test_conn_close_paused_one_ends_too(void **state) {
  (void)state;
  side_open(&side, SIPWS_CLIENT);
  (void)sipws_conn_pause(side.conn, 0);
  side_feed_frame(&side, 0x88, "");
  assert_wire(&side, "mask close\n");
  assert_int_equal(sipws_conn_wants(side.conn), SIPWS_WANT_READ);
  (void)sipws_conn_eof(side.conn, 0);
  assert_log(&side, "PEER_CLOSES 1005\nclosed PEER_CLOSE 1005\n");
  side_free(&side);
}

static void test_conn_close_reason_lives_until_free(void **state) {
  const char *reason;
  size_t len;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  side_feed_frame(&side, 0x88, "\x03\xe8gone home");
  (void)side_show(&side);
  (void)side_feed(&side, "\x89\x80garbage", 9, 0);
  side_tick(&side, 1000000);
  assert_int_equal(sipws_conn_close_reason(side.conn, &reason, &len), 0);
  assert_text(reason, len, "gone home");
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_close_server_begins),
      cmocka_unit_test(test_conn_close_client_begins),
      cmocka_unit_test(test_conn_close_codes_are_told_and_echoed),
      cmocka_unit_test(test_conn_close_arguments_are_checked),
      cmocka_unit_test(test_conn_close_crossing_closes),
      cmocka_unit_test(test_conn_close_goes_behind_queued_data),
      cmocka_unit_test(test_conn_close_peer_close_waits_for_queued_data),
      cmocka_unit_test(test_conn_close_data_after_close_is_ignored),
      cmocka_unit_test(test_conn_close_nowait_ends_with_our_close),
      cmocka_unit_test(test_conn_close_deadline_ends_it),
      cmocka_unit_test(test_conn_close_half_closed_peer_gets_our_close),
      cmocka_unit_test(test_conn_close_failure_sends_its_code_then_discards),
      cmocka_unit_test(test_conn_close_failure_takes_all_while_events_wait),
      cmocka_unit_test(test_conn_close_failure_after_our_close),
      cmocka_unit_test(test_conn_close_every_state_ends_once_and_last),
      cmocka_unit_test(test_conn_close_causes_by_state),
      cmocka_unit_test(test_conn_close_wants_at_every_state),
      cmocka_unit_test(test_conn_close_paused_one_ends_too),
      cmocka_unit_test(test_conn_close_reason_lives_until_free),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
