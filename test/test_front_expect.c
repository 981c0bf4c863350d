/* front: a server behind a proxy that sends a PROXY header. */
#include "pair.h"

#include <sipws/front.h>

#define TRUST "10.0.0.0/8 unix"
#define LINE "PROXY TCP4 192.0.2.1 192.0.2.2 4660 443\r\n"
#define V2(command, len)                                                       \
  "\r\n\r\n\0\r\nQUIT\n" command "\x11\0" len                                  \
  "\xc0\0\x02\x01\xc0\0\x02\x02\x12\x34\x01\xbb"
#define TLS_TLV "\x20\0\x05\x01\0\0\0\0"

static const uint8_t hop_addr[4] = {10, 0, 0, 1};
static const uint8_t client_addr[4] = {192, 0, 2, 1};
static const uint8_t other_addr[4] = {192, 0, 2, 2};

static struct side server;
static struct wire wire;

/* A server's connection from 10.0.0.1 that expects a header of those whom
 * |list| names. Its end is told by its state: the log is for what comes
 * before. */
static void begin(const char *list) {
  side_config(&server, SIDE_CALLBACKS);
  (void)sipws_config_on_closed(server.config, NULL);
  side_server(&server);
  assert_int_equal(sipws_conn_set_peer(server.conn, hop_addr, 4, 99), 0);
  assert_int_equal(sipws_conn_set_local(server.conn, hop_addr, 4, 80), 0);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, list, strlen(list)), 0);
}

static void assert_peer(const uint8_t *expected, size_t expected_port) {
  const uint8_t *addr;
  size_t len;
  uint16_t port;
  assert_int_equal(sipws_conn_peer(server.conn, &addr, &len, &port), 0);
  assert_int_equal(len, 4);
  assert_memory_equal(addr, expected, 4);
  assert_int_equal(port, expected_port);
}

static void assert_failed(int err) {
  assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_CLOSED);
  assert_int_equal(sipws_conn_error(server.conn), err);
  assert_int_equal(sipws_conn_cause(server.conn), err == SIPWS_ERR_NOMEM
                                                      ? SIPWS_CAUSE_MEMORY
                                                      : SIPWS_CAUSE_PROXY);
  assert_log(&server, "");
  assert_wire(&server, "");
}

static const struct {
  const char *octets;
  size_t len;
  int tells_client, is_secure;
} headers[] = {
    {LINE, sizeof LINE - 1, 1, 0},
    {"PROXY UNKNOWN\r\n", 15, 0, 0},
    {V2("\x21", "\x0c"), 28, 1, 0},
    {V2("\x21", "\x14") TLS_TLV, 36, 1, 1},
    {V2("\x20", "\x14") TLS_TLV, 36, 0, 0}, /* LOCAL */
};

/* Header, handshake and a message in one stream, however it is cut. */
static void test_front_expect_header_goes_before_the_handshake(void **state) {
  size_t i, cut;
  (void)state;
  for (i = 0; i < ROWS(headers); i++) {
    wire_clear(&wire);
    wire_add(&wire, headers[i].octets, headers[i].len);
    wire_put(&wire, UPGRADE_SIP);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    for (cut = 0; cut < headers[i].len + 4; cut++) {
      begin(TRUST);
      assert_int_equal(side_feed(&server, wire.data, wire.len, cut), wire.len);
      assert_log(&server, "request GET /ws?x=1\nopen sip\n"
                          "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
      assert_wire(&server, "HTTP/1.1 101 Switching Protocols\n");
      assert_int_equal(sipws_conn_is_secure(server.conn), headers[i].is_secure);
      if (headers[i].tells_client) {
        assert_peer(client_addr, 4660);
      } else {
        assert_peer(hop_addr, 99);
      }
      side_free(&server);
    }
  }
}

static void test_front_expect_header_tells_where_we_are(void **state) {
  const uint8_t *addr;
  size_t len;
  uint16_t port;
  (void)state;
  begin(TRUST);
  side_feed_text(&server, LINE);
  assert_int_equal(sipws_conn_local(server.conn, &addr, &len, &port), 0);
  assert_int_equal(len, 4);
  assert_memory_equal(addr, other_addr, 4);
  assert_int_equal(port, 443);
  side_free(&server);
}

/* Nothing is known of the client before the header is whole. */
static void test_front_expect_header_counts_when_it_is_whole(void **state) {
  (void)state;
  begin(TRUST);
  assert_int_equal(side_feed(&server, LINE, sizeof LINE - 2, 1),
                   sizeof LINE - 2);
  assert_peer(hop_addr, 99);
  assert_wire(&server, "");
  assert_int_equal(sipws_conn_wants(server.conn), SIPWS_WANT_READ);
  side_feed_text(&server, "\n");
  assert_peer(client_addr, 4660);
  side_free(&server);
}

/* Who is not on the list gets no stage: its header is no HTTP. */
static void test_front_expect_header_of_a_stranger_is_refused(void **state) {
  static const char *const lists[] = {"", "192.0.2.0/24", "unix", "10.0.0.1/8"};
  size_t i, k;
  (void)state;
  for (i = 0; i < ROWS(lists); i++) {
    for (k = 0; k < ROWS(headers); k++) {
      wire_clear(&wire);
      wire_add(&wire, headers[k].octets, headers[k].len);
      wire_put(&wire, UPGRADE_SIP);
      begin(lists[i]);
      assert_int_equal(side_feed(&server, wire.data, wire.len, 1), wire.len);
      assert_int_equal(sipws_conn_http_status(server.conn), 400);
      assert_log(&server, "");
      assert_peer(hop_addr, 99);
      assert_int_equal(sipws_conn_is_secure(server.conn), 0);
      side_free(&server);
    }
  }
}

static void test_front_expect_stranger_without_header_is_served(void **state) {
  (void)state;
  begin("192.0.2.0/24");
  side_feed_text(&server, UPGRADE_SIP);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  assert_peer(hop_addr, 99);
  side_free(&server);
}

static void test_front_expect_peer_without_address_is_unix(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, "unix", 4), 0);
  side_feed_text(&server, LINE UPGRADE_SIP);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  assert_peer(client_addr, 4660);
  side_free(&server);
}

/* A proxy that is trusted has to send one: else whoever reaches us through it
 * would be taken for it. */
static void test_front_expect_missing_header_ends_it(void **state) {
  static const struct {
    const char *octets;
    size_t len;
    size_t taken; /* octets until it is told */
  } rows[] = {
      {UPGRADE_SIP, sizeof UPGRADE_SIP - 1, 1},
      {"\x16\x03\x01\x02", 4, 1},
      {"PROXY TCP4 1.2.3.4 1.2.3.4 1 x", 30, 30},
      {"\r\n\r\n\0\r\nQUIT\n\x21\x41", 14, 14},
      {"\r\n\r\n\0\r\nQUIT\n\x21\x11\x10\0", 16, 16},
      {"\r\n\r\nGET", 7, 5},
  };
  size_t i, n;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    begin(TRUST);
    for (n = 0; n + 1 < rows[i].taken; n++) {
      size_t taken;
      assert_int_equal(sipws_conn_feed(server.conn, rows[i].octets + n, 1,
                                       server.now, &taken),
                       0);
    }
    assert_int_equal(side_feed(&server, rows[i].octets + n, rows[i].len - n, 0),
                     rows[i].len - n);
    assert_int_equal(side_fed(&server), SIPWS_ERR_PROXY);
    assert_failed(SIPWS_ERR_PROXY);
    assert_peer(hop_addr, 99);
    side_free(&server);
  }
}

static void test_front_expect_header_cut_off_ends_it(void **state) {
  size_t len;
  (void)state;
  for (len = 0; len < sizeof LINE - 1; len++) {
    begin(TRUST);
    assert_int_equal(side_feed(&server, LINE, len, 0), len);
    (void)sipws_conn_eof(server.conn, server.now);
    assert_failed(SIPWS_ERR_PROXY);
    side_free(&server);
  }
}

/* As long as may be, octet by octet; its memory is given back. */
static void test_front_expect_longest_header_leaves_no_memory(void **state) {
  size_t before;
  (void)state;
  wire_clear(&wire);
  wire_add(&wire, "\r\n\r\n\0\r\nQUIT\n\x21\x11\x0f\xf0", 16);
  wire_add(&wire, headers[2].octets + 16, 12); /* the addresses */
  wire_add(&wire, "\x04\x0f\xe1", 3);
  while (wire.len < SIPWS_PROXY_HEADER_MAX) {
    wire_add(&wire, "z", 1);
  }
  begin(TRUST);
  before = server.heap.live;
  assert_int_equal(side_feed(&server, wire.data, wire.len - 1, 1),
                   wire.len - 1);
  assert_int_equal(server.heap.live, before + SIPWS_PROXY_HEADER_MAX);
  side_feed_text(&server, "z");
  assert_peer(client_addr, 4660);
  assert_int_equal(server.heap.live, before);
  side_feed_text(&server, UPGRADE_SIP);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  side_free(&server);
}

/* What was announced reserves nothing. */
static void test_front_expect_memory_grows_with_what_arrived(void **state) {
  size_t before;
  (void)state;
  begin(TRUST);
  before = server.heap.live;
  assert_int_equal(
      side_feed(&server, "\r\n\r\n\0\r\nQUIT\n\x21\x11\x0f\xf0", 16, 0), 16);
  assert_true(server.heap.live <= before + 256);
  side_free(&server);
}

static void test_front_expect_want_of_memory_is_told(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  (void)sipws_config_on_closed(server.config, NULL);
  side_server(&server);
  server.heap.fail_at = server.heap.calls + 1;
  assert_int_equal(sipws_conn_expect_proxy(server.conn, "unix", 4),
                   SIPWS_ERR_NOMEM);
  server.heap.fail_at = server.heap.calls + 2;
  assert_int_equal(sipws_conn_expect_proxy(server.conn, "unix", 4),
                   SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, "unix", 4), 0);
  server.heap.fail_at = server.heap.calls + 1;
  (void)side_feed(&server, LINE, 3, 0);
  server.heap.fail_at = 0;
  assert_failed(SIPWS_ERR_NOMEM);
  side_free(&server);
}

static void test_front_expect_is_for_the_beginning(void **state) {
  (void)state;
  begin(TRUST);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, TRUST, 15),
                   SIPWS_ERR_STATE); /* a second one */
  side_free(&server);

  begin("");
  side_feed_text(&server, "G");
  assert_int_equal(sipws_conn_expect_proxy(server.conn, TRUST, 15),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, "", 0), 0);
  side_free(&server);

  begin("");
  assert_int_equal(sipws_conn_expect_proxy(NULL, TRUST, 15), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, NULL, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_expect_proxy(server.conn, NULL, 0), 0);
  side_free(&server);

  side_config(&server, SIDE_CALLBACKS);
  side_client(&server, "ws://h.example/");
  assert_int_equal(sipws_conn_expect_proxy(server.conn, "unix", 4),
                   SIPWS_ERR_INVALID);
  side_free(&server);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_front_expect_header_goes_before_the_handshake),
      cmocka_unit_test(test_front_expect_header_tells_where_we_are),
      cmocka_unit_test(test_front_expect_header_counts_when_it_is_whole),
      cmocka_unit_test(test_front_expect_header_of_a_stranger_is_refused),
      cmocka_unit_test(test_front_expect_stranger_without_header_is_served),
      cmocka_unit_test(test_front_expect_peer_without_address_is_unix),
      cmocka_unit_test(test_front_expect_missing_header_ends_it),
      cmocka_unit_test(test_front_expect_header_cut_off_ends_it),
      cmocka_unit_test(test_front_expect_longest_header_leaves_no_memory),
      cmocka_unit_test(test_front_expect_memory_grows_with_what_arrived),
      cmocka_unit_test(test_front_expect_want_of_memory_is_told),
      cmocka_unit_test(test_front_expect_is_for_the_beginning),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
