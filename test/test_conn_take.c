/* conn: a request that somebody else parsed, and a connection that somebody
 * else upgraded. */
#include "pair.h"

static struct side server;
static struct wire wire;

static void take(const char *name, const char *value) {
  assert_int_equal(sipws_conn_take_header(server.conn, name, strlen(name),
                                          value, strlen(value)),
                   0);
}

static void test_conn_take_a_request_over(void **state) {
  size_t taken;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  assert_int_equal(sipws_conn_take_header(server.conn, "a", 1, "b", 1),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_take_end(server.conn, 0), SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_take_request(server.conn, "GET", 3, "/a b", 4, 0),
                   SIPWS_ERR_TEXT);
  assert_int_equal(
      sipws_conn_take_request(server.conn, "GET\r\n", 5, "/", 1, 0),
      SIPWS_ERR_TEXT);
  assert_int_equal(
      sipws_conn_take_request(server.conn, "GET", 3, "/ws?x=1", 7, 0), 0);
  assert_int_equal(
      sipws_conn_take_request(server.conn, "GET", 3, "/ws?x=1", 7, 0),
      SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_take_header(server.conn, "A", 1, "b\r\nC: d", 7),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_conn_feed(server.conn, "x", 1, 0, &taken), 0);
  assert_int_equal(taken, 0);
  take("Host", "h");
  take("Upgrade", "websocket");
  take("Connection", "Upgrade");
  take("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  take("Sec-WebSocket-Version", "13");
  take("Sec-WebSocket-Protocol", "sip");
  assert_int_equal(sipws_conn_take_end(server.conn, 0), 0);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  assert_wire(&server, "HTTP/1.1 101 Switching Protocols\n");
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)side_feed(&server, wire.data, wire.len, 0);
  assert_log(&server, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
  side_free(&server);
}

/* Up to the limit, the empty line at the end with it: what was taken can be
 * ended. */
static void test_conn_take_over_what_can_be_ended(void **state) {
  static const size_t own = sizeof "GET / HTTP/1.1\r\nHost: h\r\n" - 1;
  char value[256];
  const char *found;
  size_t len, found_len;
  (void)state;
  memset(value, 'v', sizeof value);
  for (len = 256 - own - 2 - 5; len <= 256 - own - 5; len++) {
    int fits = own + 5 + len + 2 <= 256;
    side_config(&server, SIDE_CALLBACKS);
    side_limit(&server, SIPWS_LIMIT_HANDSHAKE_SIZE, 256);
    side_server(&server);
    assert_int_equal(
        sipws_conn_take_request(server.conn, "GET", 3, value, 240, 0),
        SIPWS_ERR_TOO_BIG);
    assert_int_equal(sipws_conn_take_request(server.conn, "GET", 3, "/", 1, 0),
                     0);
    take("Host", "h");
    assert_int_equal(sipws_conn_take_header(server.conn, "A", 1, value, len),
                     fits ? 0 : SIPWS_ERR_TOO_BIG);
    assert_int_equal(sipws_conn_take_end(server.conn, 0), 0);
    assert_log(&server, "request GET /\n");
    assert_int_equal(
        sipws_conn_header(server.conn, "A", 1, 0, &found, &found_len),
        fits ? 0 : SIPWS_ERR_NOT_FOUND);
    side_free(&server);
  }
}

/* Each step can be taken again. */
static void test_conn_take_without_memory_takes_nothing(void **state) {
  char value[600];
  size_t len;
  int refused = 0;
  (void)state;
  memset(value, 'v', sizeof value);
  for (len = 1; len <= sizeof value; len++) { /* the end may still fit */
    side_config(&server, SIDE_CALLBACKS);
    side_server(&server);
    server.heap.fail_at = server.heap.calls + 1;
    assert_int_equal(sipws_conn_take_request(server.conn, "GET", 3, "/", 1, 0),
                     SIPWS_ERR_NOMEM);
    assert_int_equal(sipws_conn_take_header(server.conn, "A", 1, "b", 1),
                     SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_take_request(server.conn, "GET", 3, "/", 1, 0),
                     0);
    take("Host", "h");
    assert_int_equal(sipws_conn_take_header(server.conn, "A", 1, value, len),
                     0);
    server.heap.fail_at = server.heap.calls + 1;
    if (sipws_conn_take_end(server.conn, 0) == SIPWS_ERR_NOMEM) {
      refused++;
      assert_log(&server, "");
      assert_int_equal(sipws_conn_take_end(server.conn, 0), 0);
    }
    server.heap.fail_at = 0;
    assert_log(&server, "request GET /\n");
    side_free(&server);
  }
  assert_in_range(refused, 1, sizeof value - 1);
}

/* Frames that are kept meanwhile wait, and nobody is asked to feed in vain. */
static void test_conn_take_over_lets_frames_wait(void **state) {
  size_t taken;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  side_limit(&server, SIPWS_LIMIT_INPUT_SIZE, 512);
  side_server(&server);
  assert_int_equal(
      sipws_conn_take_request(server.conn, "CONNECT", 7, "/ws", 3, 1), 0);
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  while (wire.len < 512) {
    wire_frame(&wire, 0x8a, 1, "", 0);
  }
  assert_int_equal(sipws_conn_keep(server.conn, wire.data, 511), 0);
  assert_int_equal(sipws_conn_wants(server.conn), SIPWS_WANT_READ);
  assert_int_equal(sipws_conn_keep(server.conn, wire.data + 511, 1), 0);
  assert_int_equal(sipws_conn_wants(server.conn), 0); /* full */
  take("Host", "h");
  take("Sec-WebSocket-Version", "13");
  take("Sec-WebSocket-Protocol", "sip");
  assert_int_equal(sipws_conn_take_end(server.conn, 0), 0);
  assert_log(&server, "request CONNECT /ws\nopen sip\n");
  assert_int_equal(sipws_conn_wants(server.conn),
                   SIPWS_WANT_READ | SIPWS_WANT_FEED);
  assert_int_equal(sipws_conn_feed(server.conn, "", 0, 0, &taken), 0);
  assert_non_null(strstr(server.log, "message text OK OPTIONS"));
  side_free(&server);
}

static void test_conn_take_a_stream_over(void **state) {
  int verdict;
  (void)state;
  for (verdict = 0; verdict < 3; verdict++) {
    side_config(&server, SIDE_CALLBACKS);
    server.verdict = verdict == 1 ? 403 : SIDE_ACCEPT;
    side_server(&server);
    assert_int_equal(
        sipws_conn_take_request(server.conn, "CONNECT", 7, "/ws", 3, 1), 0);
    take("Host", "h");
    take("Sec-WebSocket-Version", verdict == 2 ? "8" : "13");
    take("Sec-WebSocket-Protocol", "sip");
    assert_int_equal(sipws_conn_take_end(server.conn, 0),
                     verdict == 2 ? SIPWS_ERR_HANDSHAKE : 0);
    if (verdict == 0) {
      assert_log(&server, "request CONNECT /ws\nopen sip\n");
      assert_int_equal(sipws_conn_http_status(server.conn), 200);
      assert_wire(&server, "");
    } else {
      assert_log(&server, verdict == 1
                              ? "request CONNECT /ws\nclosed REFUSED 1006\n"
                              : "closed REFUSED 1006\n");
      assert_int_equal(sipws_conn_http_status(server.conn),
                       verdict == 1 ? 403 : 426);
      assert_wire(&server, "");
    }
    side_free(&server);
  }
  /* octets were fed already */
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  side_feed_text(&server, "G");
  assert_int_equal(sipws_conn_take_request(server.conn, "GET", 3, "/", 1, 0),
                   SIPWS_ERR_STATE);
  side_free(&server);
}

static void test_conn_take_adopts_what_was_upgraded(void **state) {
  sipws_conn *none = NULL;
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    side_open(&server, role);
    assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_OPEN);
    assert_int_equal(sipws_conn_role(server.conn), role);
    assert_log(&server, "");
    wire_clear(&wire);
    wire_frame(&wire, 0x82, role == SIPWS_SERVER, OPTIONS, sizeof OPTIONS - 1);
    (void)side_feed(&server, wire.data, wire.len, 3);
    assert_log(&server, "message binary OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_int_equal(
        sipws_adopt_new(server.config, role, "msrp", 4, NULL, 0, &none),
        SIPWS_ERR_NOT_FOUND);
    assert_int_equal(
        sipws_adopt_new(server.config, role, NULL, 0, NULL, 0, &none),
        SIPWS_ERR_NOT_FOUND);
    assert_int_equal(
        sipws_adopt_new(server.config, 2, "sip", 3, NULL, 0, &none),
        SIPWS_ERR_INVALID);
    assert_null(none);
    side_free(&server);
  }
  side_config(&server, SIDE_CALLBACKS);
  (void)sipws_config_add_subprotocol(server.config, "*", 1,
                                     SIPWS_PROFILE_OPAQUE);
  assert_int_equal(
      sipws_adopt_new(server.config, SIPWS_SERVER, "a\r\nb", 4, NULL, 0, &none),
      SIPWS_ERR_NOT_FOUND);
  side_free(&server);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_take_a_request_over),
      cmocka_unit_test(test_conn_take_over_what_can_be_ended),
      cmocka_unit_test(test_conn_take_without_memory_takes_nothing),
      cmocka_unit_test(test_conn_take_over_lets_frames_wait),
      cmocka_unit_test(test_conn_take_a_stream_over),
      cmocka_unit_test(test_conn_take_adopts_what_was_upgraded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
