/* conn: memory. Every allocation fails once; the bound of the header holds;
 * fixed buffers; free and all other calls from callbacks; NULL. */
#include "pair.h"

static struct side side, other;
static struct wire wire;

/* ---- failing allocations ---- */

/* What a call may return in a connection whose memory fails. */
static void check(int err) {
  switch (err) {
  case 0:
  case SIPWS_ERR_NOMEM:
    return;
  default: /* it ended before, for want of memory on this side */
    assert_true(side.conn != NULL);
    assert_true(err == sipws_conn_error(side.conn) || err == SIPWS_ERR_STATE ||
                err == SIPWS_ERR_CLOSED || err == SIPWS_ERR_QUEUE_FULL);
  }
}

static void check_feed(const char *text, size_t len, size_t cut) {
  size_t done = 0;
  while (done < len) {
    size_t step = cut < len - done ? cut : len - done;
    size_t taken;
    check(sipws_conn_feed(side.conn, text + done, step, side.now, &taken));
    side_pull(&side);
    if (taken == 0) {
      check(sipws_conn_keep(side.conn, text + done, step));
      taken = step;
    }
    done += taken;
  }
}

static void check_output(void) {
  const uint8_t *data;
  size_t len;
  for (;;) {
    check(sipws_conn_pending(side.conn, 0, &data, &len));
    if (len == 0) {
      return;
    }
    check(sipws_conn_taken(side.conn, len, side.now));
    side_pull(&side);
  }
}

static void build_traffic(int masked) {
  size_t len;
  const char *big = sip_text(2000, &len);
  wire_clear(&wire);
  wire_frame(&wire, 0x89, masked, "one", 3);
  wire_frame(&wire, 0x89, masked, "two", 3);
  wire_frame(&wire, 0x81, masked, "\r\n\r\n", 4);
  wire_frame(&wire, 0x01, masked, big, len - 500);
  wire_frame(&wire, 0x80, masked, big + len - 500, 500);
  wire_frame(&wire, 0x81, masked, OPTIONS, sizeof OPTIONS - 1);
}

/* What is the same for both roles once it is open. */
static void run_open(void) {
  size_t len;
  const char *big;
  int masked = sipws_conn_role(side.conn) == SIPWS_SERVER;
  build_traffic(masked);
  check(sipws_conn_pause(side.conn, side.now));
  check(sipws_conn_keep(side.conn, wire.data, 300));
  check(sipws_conn_resume(side.conn, side.now));
  check_feed((const char *)wire.data + 300, wire.len - 300, 70);
  big = sip_text(5000, &len);
  check(sipws_conn_send(side.conn, big, len, 0, side.now, NULL));
  check(sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, side.now,
                        NULL));
  check(sipws_conn_ping(side.conn, "p", 1, side.now));
  check(sipws_conn_ping_crlf(side.conn, side.now));
  check_output();
  side_tick(&side, side.now + 60000);
  check(sipws_conn_close(side.conn, 1000, "bye", 3, 0, side.now));
  wire_clear(&wire);
  wire_frame(&wire, 0x88, masked, "\x03\xe8", 2);
  check_feed((const char *)wire.data, wire.len, 1);
  check_output();
  check(sipws_conn_eof(side.conn, side.now));
  side_tick(&side, side.now + 60000);
}

/* The client's answer; |bad| is not 0 when it is refused. */
static const char *answer_of(const uint8_t *request, size_t len, int bad) {
  static char answer[600];
  static struct wire out;
  size_t taken;
  if (bad) {
    return "HTTP/1.1 403 Forbidden\r\nContent-Length: 600\r\n\r\nbody";
  }
  side_config(&other, SIDE_CALLBACKS);
  side_server(&other);
  (void)sipws_conn_feed(other.conn, request, len, 0, &taken);
  wire_clear(&out);
  wire_take(&out, &other, 0);
  memcpy(answer, out.data, out.len);
  answer[out.len] = '\0';
  side_free(&other);
  return answer;
}

static int run_client(uint32_t policy, int bad) {
  static struct wire request;
  const uint8_t *data;
  size_t len;
  const char *answer;
  side_policy(&side, policy);
  if (sipws_client_new(side.config, "ws://h.example/", 15, &side, 0,
                       &side.conn) != 0) {
    return 0;
  }
  check(sipws_conn_set_host(side.conn, "h", 1));
  check(sipws_conn_set_origin(side.conn, "null", 4));
  check(sipws_conn_set_origin(side.conn, "null", 4));
  check(sipws_conn_set_authorization(side.conn, "Basic eA==", 10));
  check(sipws_conn_add_cookie(side.conn, "a", 1, "b", 1));
  check(sipws_conn_add_header(side.conn, "A", 1, "b", 1));
  check(sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL));
  wire_clear(&request);
  check(sipws_conn_pending(side.conn, 0, &data, &len));
  wire_add(&request, data, len);
  check(sipws_conn_taken(side.conn, len, 0));
  if (request.len > 0) {
    answer = answer_of(request.data, request.len, bad);
    check_feed(answer, strlen(answer), 50);
  }
  run_open();
  return 1;
}

static char big_body[5000];

static int body_of(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                   void *user) {
  (void)off;
  (void)user;
  memset(buf, 'x', len);
  *got = len;
  return 0;
}

static int run_server(uint32_t policy, int bad) {
  static const char list[] =
      UPGRADE "Sec-WebSocket-Protocol: other, sip\r\n\r\n";
  side_policy(&side, policy);
  (void)sipws_config_add_subprotocol(side.config, "*", 1, SIPWS_PROFILE_SIP);
  side.verdict = SIDE_LATER;
  if (sipws_server_new(side.config, &side, 0, &side.conn) != 0) {
    return 0;
  }
  check_feed(list, sizeof list - 1, 60);
  check(sipws_conn_add_header(side.conn, "A", 1, "b", 1));
  if (bad == 0) {
    check(sipws_conn_accept(side.conn, NULL, 0, 0));
  } else if (bad == 1) {
    check(sipws_conn_reject(side.conn, 403, big_body, sizeof big_body, 0));
  } else {
    check(sipws_conn_reject_from(side.conn, 200, body_of, 20000, NULL, 0));
  }
  check_output();
  run_open();
  return 1;
}

/* The first, second, third … allocation fails, until none is left to fail. */
static void fail_each(int (*run)(uint32_t, int), int face, int bad,
                      int fail_after) {
  long fail_at = 0;
  int more = 1;
  while (more) {
    side.heap.fail_at = 0;
    side_config(&side, face);
    side.heap.fail_at = ++fail_at + side.heap.calls;
    side.heap.fail_after = fail_after;
    if (run(0, bad)) {
      assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSED);
      assert_non_null(strstr(side.log, "closed "));
    }
    more = side.heap.calls >= side.heap.fail_at;
    side_free(&side);
    assert_true(fail_at < 200);
  }
  side.heap.fail_at = 0;
  side.heap.fail_after = 0;
  assert_true(fail_at > 3);
}

static void test_conn_memory_every_allocation_may_fail(void **state) {
  int face, after, bad;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    for (after = 0; after < 2; after++) {
      for (bad = 0; bad < 3; bad++) {
        fail_each(run_server, face, bad, after);
        fail_each(run_client, face, bad, after);
      }
    }
  }
}

/* Where it strikes while input is read it is fatal, and told as such. */
static void test_conn_memory_failure_while_reading_is_fatal(void **state) {
  size_t taken;
  (void)state;
  side_open(&side, SIPWS_SERVER);
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  build_traffic(1);
  side.heap.fail_at = side.heap.calls + 1;
  assert_int_equal(sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken),
                   SIPWS_ERR_NOMEM);
  assert_int_equal(taken, wire.len);
  assert_wire(&side, "text OPTIONS sip:a@h SIP/2.0 (39)\nclose 1011\n");
  (void)sipws_conn_eof(side.conn, 0);
  assert_log(&side, "sent 1\nclosed MEMORY 1006\n");
  side.heap.fail_at = 0;
  side_free(&side);
  /* send says so and goes on */
  side_open(&side, SIPWS_SERVER);
  side.heap.fail_at = side.heap.calls + 1;
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL),
      SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_last_seq(side.conn), 0);
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
  side.heap.fail_at = 0;
  side_free(&side);
}

/* PEER_CLOSE says that the peer's Close was answered. */
static void test_conn_memory_failure_to_answer_a_close_is_told(void **state) {
  int is_answered = 0;
  long n;
  (void)state;
  for (n = 1; !is_answered; n++) {
    side_open(&side, SIPWS_SERVER);
    side.heap.fail_at = side.heap.calls + n;
    side.heap.fail_after = 1;
    side_feed_frame(&side, 0x88, "\x03\xe8");
    is_answered = strcmp(side_show(&side), "close 1000\n") == 0;
    assert_int_equal(sipws_conn_error(side.conn),
                     is_answered ? SIPWS_ERR_CLOSED : SIPWS_ERR_NOMEM);
    assert_int_equal(sipws_conn_cause(side.conn),
                     is_answered ? SIPWS_CAUSE_PEER_CLOSE : SIPWS_CAUSE_MEMORY);
    side.heap.fail_at = 0;
    side.heap.fail_after = 0;
    side_free(&side);
  }
  assert_true(n > 2);
}

/* ---- fixed buffers ---- */

static void test_conn_memory_fixed_buffers_are_one_allocation(void **state) {
  int face, bad, run;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    for (bad = 0; bad < 3; bad++) {
      for (run = 0; run < 2; run++) {
        side_config(&side, face);
        side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, 16384);
        assert_true((run == 0 ? run_server
                              : run_client)(SIPWS_POLICY_FIXED_BUFFERS, bad));
        assert_int_equal(side.heap.calls, 2); /* config and connection */
        assert_int_equal(side.heap.blocks, 2);
        if (bad == 0) {
          assert_non_null(strstr(side.log, "open "));
          assert_non_null(strstr(side.log, "sent "));
          assert_non_null(strstr(side.log, "(2061)\nmessage text OK OPTIONS"));
          assert_non_null(strstr(side.log, "closed OUR_CLOSE 1000"));
        }
        side_free(&side);
      }
    }
  }
}

/* ---- the bound ---- */

static const struct bound bounds[] = {
    {65536, 262144, 16384, 16384, 1024, 0},   {1, 256, 256, 512, 0, 0},
    {300, 2000, 512, 512, 4000, 0},           {3000, 4000, 600, 1000, 10, 1},
    {10000, 4194304, 1000, 70000, 1024, 300}, {1, 256, 256, 70000, 0, 0},
};

static void config_bound(const struct bound *b) {
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, b->message);
  side_limit(&side, SIPWS_LIMIT_QUEUE_SIZE, b->queue);
  side_limit(&side, SIPWS_LIMIT_HANDSHAKE_SIZE, b->handshake);
  side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, b->input);
  side_limit(&side, SIPWS_LIMIT_BODY_PREFIX, b->prefix);
  side_limit(&side, SIPWS_LIMIT_FRAME_SIZE, b->frame);
  side_limit(&side, SIPWS_LIMIT_FRAGMENTS, 1u << 20);
}

static void fill_kept(const struct bound *b, const char *octets) {
  size_t i;
  for (i = 0; i < b->input; i += 100) {
    (void)sipws_conn_keep(side.conn, octets,
                          b->input - i < 100 ? b->input - i : 100);
  }
}

/* A front piece of which one octet is left, then messages of |len| to the brim;
 * the peer sends the greatest message and pings, and what may be kept is. */
static void fill_all(const struct bound *b, size_t len) {
  static char octets[70000];
  const uint8_t *data;
  size_t lent, i;
  int masked = sipws_conn_role(side.conn) == SIPWS_SERVER;
  assert_true(b->message <= sizeof octets);
  memset(octets, 'a', sizeof octets);
  len = len < b->message ? len : b->message;
  /* what was sent before may have left its memory behind */
  while (sipws_conn_send(side.conn, octets, b->message, 0, 0, NULL) == 0) {
  }
  while (sipws_conn_pending(side.conn, 0, &data, &lent) == 0 && lent > 0) {
    (void)sipws_conn_taken(side.conn, lent, 0);
  }
  (void)sipws_conn_send(side.conn, octets, b->message, 0, 0, NULL);
  if (sipws_conn_pending(side.conn, 0, &data, &lent) == 0 && lent > 1) {
    (void)sipws_conn_taken(side.conn, lent - 1, 0);
  }
  while (sipws_conn_send(side.conn, octets, len, 0, 0, NULL) == 0) {
  }
  (void)sipws_conn_ping(side.conn, octets, 125, 0);
  wire_clear(&wire);
  wire_frame(&wire, 0x89, masked, octets, 125);
  wire_frame(&wire, 0x89, masked, octets, 125);
  for (i = 0; i < b->message; i += 1000) {
    wire_frame(&wire, i == 0 ? 0x02 : 0x00, masked, octets,
               b->message - i < 1000 ? b->message - i : 1000);
  }
  (void)side_feed(&side, wire.data, wire.len, 0);
  (void)sipws_conn_pause(side.conn, 0);
  fill_kept(b, octets);
  side_forget(&side);
}

static void check_bound(const struct bound *b, size_t len, int role,
                        uint32_t policy) {
  size_t base;
  config_bound(b);
  side_policy(&side, policy);
  base = side.heap.live;
  side_adopt(&side, role, "echo");
  side.heap.peak = 0; /* adopt had a handshake for a moment */
  fill_all(b, len);
  if (side.heap.peak - base > bound_of(b, 0, 0)) {
    fail_msg("row %lu, messages of %lu, policy %lu: %lu octets, bound %lu",
             (unsigned long)(b - bounds), (unsigned long)len,
             (unsigned long)policy, (unsigned long)(side.heap.peak - base),
             (unsigned long)bound_of(b, 0, 0));
  }
  side_free(&side);
}

static void test_conn_memory_bound_holds_when_open(void **state) {
  static const size_t lens[] = {0,    1,    100,  600,  1003,
                                1007, 1009, 1012, 2015, 2020};
  size_t i, j;
  int role;
  (void)state;
  for (i = 0; i < ROWS(bounds); i++) {
    for (j = 0; j < ROWS(lens); j++) {
      for (role = 0; role < 2; role++) {
        check_bound(&bounds[i], lens[j], role, 0);
        check_bound(&bounds[i], lens[j], role, SIPWS_POLICY_TRIM_AT_ONCE);
      }
    }
  }
}

/* They have the handshake's share for good. */
static void test_conn_memory_bound_holds_with_fixed_buffers(void **state) {
  size_t i, base;
  (void)state;
  for (i = 0; i < ROWS(bounds); i++) {
    config_bound(&bounds[i]);
    side_policy(&side, SIPWS_POLICY_FIXED_BUFFERS);
    base = side.heap.live;
    side_adopt(&side, SIPWS_SERVER, "echo");
    fill_all(&bounds[i], 100);
    assert_in_range(side.heap.peak - base, 1, bound_of(&bounds[i], 0, 1));
    assert_int_equal(side.heap.live, side.heap.peak);
    side_free(&side);
  }
}

static size_t repeat(char *out, char c, size_t len) {
  memset(out, c, len);
  return len;
}

static void test_conn_memory_bound_holds_in_the_handshake(void **state) {
  static char text[20000], url[20000];
  size_t i, base, len, url_len;
  const uint8_t *data;
  (void)state;
  for (i = 0; i < ROWS(bounds); i++) {
    const struct bound *b = &bounds[i];
    config_bound(b);
    base = side.heap.live;
    url_len = 7 + repeat(url + 7, 'u', b->handshake / 3);
    memcpy(url, "ws://h/", 7);
    url[url_len] = '\0';
    side_client(&side, url);
    /* the peer speaks first, and at length */
    len = (size_t)snprintf(text, sizeof text, "HTTP/1.1 403 Forbidden\r\nX: ");
    (void)side_feed(&side, text, len, 0);
    (void)repeat(text, 'x', sizeof text);
    (void)side_feed(&side, text, b->handshake - len - 4, 9);
    while (sipws_conn_add_header(side.conn, "A", 1, text, 40) == 0) {
    }
    while (sipws_conn_add_cookie(side.conn, "c", 1, text, 5) == 0) {
    }
    (void)sipws_conn_pending(side.conn, 0, &data, &len);
    (void)side_feed(&side, "\r\n\r\n", 4, 0);
    (void)side_feed(&side, text, b->prefix / 2, 1);
    while (sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1,
                           SIPWS_SEND_UNCHECKED, 0, NULL) == 0) {
    }
    assert_true(side.heap.peak - base <= bound_of(b, url_len, 1));
    side_free(&side);
    /* a server whose answer is as long as may be */
    config_bound(b);
    side.verdict = SIDE_LATER;
    base = side.heap.live;
    side_server(&side);
    (void)side_feed(&side, UPGRADE, sizeof UPGRADE - 1, 0);
    (void)side_feed(&side, "X: ", 3, 0);
    if (b->handshake > sizeof UPGRADE + 40) {
      (void)side_feed(&side, text, b->handshake - sizeof UPGRADE - 40, 3);
    }
    (void)side_feed(&side, "\r\nSec-WebSocket-Protocol: sip\r\n\r\n", 33, 0);
    while (sipws_conn_add_header(side.conn, "A", 1, text, 40) == 0) {
    }
    (void)sipws_conn_accept(side.conn, NULL, 0, 0);
    fill_all(b, 1009);
    assert_true(side.heap.peak - base <= bound_of(b, 0, 1));
    side_free(&side);
    /* one that is given its request late */
    config_bound(b);
    base = side.heap.live;
    side_server(&side);
    fill_kept(b, text);
    assert_true(side.heap.peak - base <= bound_of(b, 0, 1));
    side_free(&side);
  }
}

/* What the handshake needed is given back: by a server once the 101 is taken,
 * by a client with the next octets. */
static void test_conn_memory_handshake_is_given_back(void **state) {
  size_t server_base, client_base, client_open;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_config(&other, SIDE_CALLBACKS);
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
  server_base = other.heap.live + sipws_conn_footprint();
  client_base = side.heap.live + sipws_conn_footprint();
  pair_open(&side, &other);
  assert_true(other.heap.live < server_base);
  client_open = side.heap.live;
  (void)sipws_conn_ping(other.conn, "", 0, 0);
  pair_move(&side, &other, 0);
  side_tick(&side, 60000);
  assert_true(side.heap.live < client_open);
  assert_true(side.heap.live < client_base);
  side_free(&side);
  side_free(&other);
}

/* A peer that announces much and sends little makes nothing grow. */
static void test_conn_memory_announced_octets_reserve_nothing(void **state) {
  static const uint8_t head[] = {0x82, 0xff, 0,    0, 0, 0, 0x3f,
                                 0xff, 0xff, 0xff, 1, 2, 3, 4};
  size_t before;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_MESSAGE_SIZE, 1u << 30);
  side_adopt(&side, SIPWS_SERVER, "echo");
  before = side.heap.live;
  (void)side_feed(&side, head, sizeof head, 0);
  (void)side_feed(&side, "some octets", 11, 0);
  assert_int_equal(sipws_conn_error(side.conn), 0);
  assert_true(side.heap.live - before < 1000);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_memory_every_allocation_may_fail),
      cmocka_unit_test(test_conn_memory_failure_while_reading_is_fatal),
      cmocka_unit_test(test_conn_memory_failure_to_answer_a_close_is_told),
      cmocka_unit_test(test_conn_memory_fixed_buffers_are_one_allocation),
      cmocka_unit_test(test_conn_memory_bound_holds_when_open),
      cmocka_unit_test(test_conn_memory_bound_holds_with_fixed_buffers),
      cmocka_unit_test(test_conn_memory_bound_holds_in_the_handshake),
      cmocka_unit_test(test_conn_memory_handshake_is_given_back),
      cmocka_unit_test(test_conn_memory_announced_octets_reserve_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
