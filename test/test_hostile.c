/* Hostile peers: what they can make a connection hold, and for how long. What
 * they can make it work is in long_hostile.sh. */
#include "hostile/hostile.h"
#include "pair.h"

static struct test_heap heap;
static struct hostile_text text;
static struct side side;

/* ---- memory ---- */

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  (void)conn, (void)kind, (void)msg, (void)len, (void)verdict, (void)user;
  return 0;
}

static sipws_config *make_config(const struct bound *b) {
  sipws_config *config;
  assert_int_equal(sipws_config_new(test_alloc, &heap, &config), 0);
  (void)sipws_config_set_random(config, test_random, NULL);
  (void)sipws_config_on_message(config, on_message);
  (void)sipws_config_add_subprotocol(config, "sip", 3, SIPWS_PROFILE_SIP);
  (void)sipws_config_add_subprotocol(config, "echo", 4, SIPWS_PROFILE_OPAQUE);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_MESSAGE_SIZE, b->message);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_QUEUE_SIZE, b->queue);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_HANDSHAKE_SIZE,
                               b->handshake);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_INPUT_SIZE, b->input);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_BODY_PREFIX, b->prefix);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_NOT_SIP, 0);
  return config;
}

/* The most that the peer made us hold, in octets. */
static size_t peak_of(const struct hostile_peer *peer, int role, size_t size,
                      const struct bound *b, size_t len, size_t cut) {
  sipws_config *config = make_config(b);
  size_t base = heap.live;
  sipws_conn *conn;
  size_t peak;
  assert_int_equal(hostile_peer_conn(peer, role, config, &conn), 0);
  heap.peak = heap.live; /* adopting has a handshake for a moment */
  hostile_peer_fill(&text, peer, role, size, len);
  (void)hostile_peer_feed(peer, conn, &text, cut);
  peak = heap.peak - base;
  sipws_conn_free(conn);
  sipws_config_free(config);
  assert_int_equal(heap.live, 0);
  return peak;
}

/* More of it makes us hold no more. */
static void check_no_growth(const struct hostile_peer *peer, int role) {
  static const struct bound b = {20000, 4000, 2000, 1000, 100, 0};
  size_t some = peak_of(peer, role, 0, &b, 100000, 0);
  assert_true(peak_of(peer, role, 0, &b, 400000, 0) <= some);
}

static void check_peer(const struct hostile_peer *peer, int role,
                       const struct bound *b) {
  static const size_t cuts[] = {0, 1448, 1};
  size_t cut_count = b->message > 30000 ? 2 : 3; /* single octets take long */
  size_t most = bound_of(b, 7, peer->subprotocol == NULL);
  size_t i, size;
  for (size = 0; size < hostile_peer_sizes(peer); size++) {
    for (i = 0; i < cut_count; i++) {
      size_t peak = peak_of(peer, role, size, b, 4 * b->message, cuts[i]);
      if (peak > most) {
        fail_msg("%s, role %d, size %lu, cut %lu: %lu octets, %lu at most",
                 peer->name, role, (unsigned long)size, (unsigned long)cuts[i],
                 (unsigned long)peak, (unsigned long)most);
      }
    }
  }
}

static void test_hostile_memory_is_within_the_formula(void **state) {
  static const struct bound bounds[] = {
      {65536, 262144, 16384, 16384, 1024, 0},
      {20000, 1000, 600, 512, 10, 0},
  };
  size_t i, j;
  int role;
  (void)state;
  for (i = 0; i < ROWS(bounds); i++) {
    for (j = 0; j < hostile_peer_count; j++) {
      for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
        if (hostile_peer_has(&hostile_peers[j], role)) {
          check_peer(&hostile_peers[j], role, &bounds[i]);
        }
      }
    }
  }
}

static void test_hostile_memory_does_not_grow_with_time(void **state) {
  size_t i;
  int role;
  (void)state;
  for (i = 0; i < hostile_peer_count; i++) {
    for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
      if (hostile_peer_has(&hostile_peers[i], role)) {
        check_no_growth(&hostile_peers[i], role);
      }
    }
  }
}

static void test_hostile_length_of_2_63_ends_at_its_last_octet(void **state) {
  static const uint8_t head[] = {0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0};
  size_t base, taken;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  base = side.heap.live;
  assert_int_equal(sipws_conn_feed(side.conn, head, sizeof head - 1, 0, &taken),
                   0);
  assert_true(side.heap.live - base < 1000);
  assert_int_equal(sipws_conn_feed(side.conn, head + 9, 1, 0, &taken),
                   SIPWS_ERR_PROTOCOL);
  assert_wire(&side, "close 1002\n");
  side_free(&side);
}

/* ---- limits ---- */

/* How many octets of the peer are looked at before it is sent away. */
static size_t looked_at(const char *name, int role, size_t size, int *err) {
  const struct hostile_peer *peer = NULL;
  sipws_config *config;
  sipws_conn *conn;
  size_t i, taken, at = 0;
  assert_int_equal(sipws_config_new(test_alloc, &heap, &config), 0);
  (void)sipws_config_set_random(config, test_random, NULL);
  (void)sipws_config_on_message(config, on_message);
  (void)sipws_config_add_subprotocol(config, "sip", 3, SIPWS_PROFILE_SIP);
  (void)sipws_config_add_subprotocol(config, "echo", 4, SIPWS_PROFILE_OPAQUE);
  for (i = 0; i < hostile_peer_count; i++) {
    if (hostile_peer_has(&hostile_peers[i], role) &&
        strcmp(hostile_peers[i].name, name) == 0) {
      peer = &hostile_peers[i];
    }
  }
  assert_non_null(peer);
  assert_int_equal(hostile_peer_conn(peer, role, config, &conn), 0);
  hostile_peer_fill(&text, peer, role, size, 1 << 20);
  while (at < text.len && sipws_conn_error(conn) == 0) {
    (void)sipws_conn_feed(conn, text.data + at, 1, 0, &taken);
    at += taken;
  }
  *err = sipws_conn_error(conn);
  sipws_conn_free(conn);
  sipws_config_free(config);
  return at;
}

static void test_hostile_floods_meet_their_limits(void **state) {
  static const struct {
    const char *name;
    int role;
    size_t size, most;
    int err;
  } rows[] = {
      {"target without end", SIPWS_SERVER, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"header name without end", SIPWS_SERVER, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"header value without end", SIPWS_SERVER, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"header lines", SIPWS_SERVER, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"empty header lines", SIPWS_SERVER, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"answer's empty lines", SIPWS_CLIENT, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"status line without end", SIPWS_CLIENT, 0, 16384, SIPWS_ERR_HANDSHAKE},
      {"answer's value without end", SIPWS_CLIENT, 0, 16384,
       SIPWS_ERR_HANDSHAKE},
      /* head, and 1,024 octets of body */
      {"refusal's body without end", SIPWS_CLIENT, 0, 1042, SIPWS_ERR_REFUSED},
      /* 256 frames and the next one's head */
      {"fragments", SIPWS_SERVER, 0, 257 * 6 + 1, SIPWS_ERR_PEER_TOO_BIG},
      {"fragments", SIPWS_SERVER, 1, 257 * 7, SIPWS_ERR_PEER_TOO_BIG},
      {"one long text", SIPWS_SERVER, 0, 14, SIPWS_ERR_PEER_TOO_BIG},
      /* three of them */
      {"garbage for SIP", SIPWS_SERVER, 1, 3 * 7, SIPWS_ERR_POLICY},
      {"garbage for SIP", SIPWS_SERVER, 0, 3 * 6, SIPWS_ERR_POLICY},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    int err;
    size_t at = looked_at(rows[i].name, rows[i].role, rows[i].size, &err);
    if (at > rows[i].most || err != rows[i].err) {
      fail_msg("%s: %lu octets, %d", rows[i].name, (unsigned long)at, err);
    }
  }
}

/* ---- time ---- */

/* |octets| arrive again and again, one a |ms|; when it is closed. */
static uint64_t closed_at(const char *octets, size_t len, uint64_t ms) {
  size_t i = 0;
  const uint8_t *data;
  size_t n;
  while (sipws_conn_state(side.conn) != SIPWS_STATE_CLOSED) {
    (void)side_feed(&side, octets + i % len, 1, 0);
    i++;
    while (sipws_conn_pending(side.conn, 0, &data, &n) == 0 && n > 0) {
      (void)sipws_conn_taken(side.conn, n, side.now);
    }
    side_forget(&side);
    side_tick(&side, side.now + ms);
    assert_true(side.now < 100000);
  }
  return side.now;
}

static void begin(int role) {
  side_config(&side, SIDE_CALLBACKS);
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
  if (role == SIPWS_CLIENT) {
    side_client(&side, "ws://h/");
  } else {
    side_server(&side);
  }
}

#define assert_timeout(which)                                                  \
  do {                                                                         \
    assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_TIMEOUT);          \
    assert_int_equal(sipws_conn_timer(side.conn), (which));                    \
    side_free(&side);                                                          \
  } while (0)

/* An octet at a time puts nothing off. */
static void test_hostile_slow_handshake_ends_with_its_timer(void **state) {
  static const char again[] = "HTTP/1.1 100 C\r\n\r\n";
  (void)state;
  begin(SIPWS_SERVER);
  assert_int_equal(closed_at("G", 1, 50), 10000);
  assert_timeout(SIPWS_TIMER_HANDSHAKE);
  begin(SIPWS_CLIENT);
  assert_int_equal(closed_at("H", 1, 50), 10000);
  assert_timeout(SIPWS_TIMER_HANDSHAKE);
  /* nor do interim answers */
  begin(SIPWS_CLIENT);
  assert_int_equal(closed_at(again, sizeof again - 1, 1), 10000);
  assert_timeout(SIPWS_TIMER_HANDSHAKE);
}

/* A refusal counts, however slowly its body comes. */
static void test_hostile_slow_refusal_ends_with_the_timer(void **state) {
  (void)state;
  begin(SIPWS_CLIENT);
  side_feed_text(&side, "HTTP/1.1 403 F\r\nContent-Length: 999\r\n\r\n");
  assert_int_equal(closed_at("b", 1, 50), 10000);
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_REFUSED);
  side_free(&side);
}

/* Pings and messages without end, but no Close. */
static void test_hostile_peer_that_never_closes_is_left(void **state) {
  static const char ping[] = "\x89\x80\0\0\0\0";
  (void)state;
  side_open(&side, SIPWS_SERVER);
  assert_int_equal(sipws_conn_close(side.conn, 1000, NULL, 0, 0, 0), 0);
  assert_int_equal(closed_at(ping, sizeof ping - 1, 1), 5000);
  assert_timeout(SIPWS_TIMER_CLOSE);
  /* nor the transport, after a failure */
  side_open(&side, SIPWS_SERVER);
  side_feed_text(&side, "\xff");
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_PROTOCOL);
  assert_int_equal(closed_at(ping, sizeof ping - 1, 1), 5000);
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_PROTOCOL);
  side_free(&side);
  /* nor, at a client, after both Closes */
  side_open(&side, SIPWS_CLIENT);
  side_feed_frame(&side, 0x88, "");
  assert_int_equal(closed_at(ping, sizeof ping - 1, 1), 5000);
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_CLOSED);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hostile_memory_is_within_the_formula),
      cmocka_unit_test(test_hostile_memory_does_not_grow_with_time),
      cmocka_unit_test(test_hostile_length_of_2_63_ends_at_its_last_octet),
      cmocka_unit_test(test_hostile_floods_meet_their_limits),
      cmocka_unit_test(test_hostile_slow_handshake_ends_with_its_timer),
      cmocka_unit_test(test_hostile_slow_refusal_ends_with_the_timer),
      cmocka_unit_test(test_hostile_peer_that_never_closes_is_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
