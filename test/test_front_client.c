/* front: who a server's client is, behind those that are trusted. */
#include "pair.h"

#include <sipws/front.h>

#define TRUST "10.0.0.0/8 ::1 unix"
#define X SIPWS_CLIENT_X_FORWARDED
#define F SIPWS_CLIENT_FORWARDED

static struct side server;

static size_t show_addr(char *out, const uint8_t *addr, uint32_t len,
                        uint32_t port) {
  assert_true(len == 0 || len == 4 || len == 16);
  if (len == 0) {
    return (size_t)sprintf(out, "?:%u", port);
  }
  return (size_t)sprintf(out, "%s%u.%u.%u.%u:%u", len == 16 ? "v6/" : "",
                         addr[len - 4], addr[len - 3], addr[len - 2],
                         addr[len - 1], port);
}

/* "source address:port secure | hop", "?" for no address, "!" for secure. */
static const char *show_client(const char *list, int source) {
  static const char names[4][12] = {"DIRECT", "PROXY", "FORWARDED",
                                    "X_FORWARDED"};
  static char text[160];
  sipws_client_info client;
  char *out = text;
  memset(&client, 0x55, sizeof client);
  client.struct_size = sizeof client;
  assert_int_equal(
      sipws_conn_client(server.conn, list, strlen(list), source, &client), 0);
  assert_int_equal(client.struct_size, sizeof client);
  assert_true(client.source < 4 && client.is_secure < 2 &&
              client.hop_is_secure < 2);
  out += sprintf(out, "%s ", names[client.source]);
  out += show_addr(out, client.addr, client.addr_len, client.port);
  out += sprintf(out, "%s | ", client.is_secure ? "!" : "");
  out += show_addr(out, client.hop_addr, client.hop_addr_len, client.hop_port);
  sprintf(out, "%s", client.hop_is_secure ? "!" : "");
  return text;
}

/* A server's connection whose request waits for a verdict, with |lines| in it
 * and a PROXY header ahead of it, if |ahead_len| is not 0. */
static void begin(const char *peer, size_t peer_len, const char *ahead,
                  size_t ahead_len, const char *lines, int secure) {
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_server(&server);
  (void)sipws_conn_set_peer(server.conn, (const uint8_t *)peer, peer_len, 99);
  (void)sipws_conn_set_secure(server.conn, secure);
  if (ahead_len > 0) {
    assert_int_equal(sipws_conn_expect_proxy(server.conn, TRUST, strlen(TRUST)),
                     0);
    assert_int_equal(side_feed(&server, ahead, ahead_len, 0), ahead_len);
  }
  side_feed_text(&server, UPGRADE);
  side_feed_text(&server, lines);
  side_feed_text(&server, "Sec-WebSocket-Protocol: sip\r\n\r\n");
  assert_log(&server, "request GET /ws?x=1\n");
}

/* The request of 10.0.0.1, which is trusted. */
static void assert_client(int source, const char *lines, const char *expected) {
  const char *found;
  begin("\x0a\0\0\x01", 4, NULL, 0, lines, 0);
  found = show_client(TRUST, source);
  if (strcmp(found, expected) != 0) {
    fail_msg("%s\n  gives    %s\n  in place of %s", lines, found, expected);
  }
  side_free(&server);
}

#define HOP " | 10.0.0.1:99"
#define XFF "X-Forwarded-For: "
#define XFP "X-Forwarded-Proto: "
#define FWD "Forwarded: "
#define NL "\r\n"

/* ---- the walk ---- */

static void test_front_client_walk_ends_at_the_first_stranger(void **state) {
  static const struct {
    const char *lines;
    const char *expected;
  } rows[] = {
      {"", "DIRECT 10.0.0.1:99" HOP},
      {XFF "" NL, "DIRECT 10.0.0.1:99" HOP},
      {XFF " , ," NL, "DIRECT 10.0.0.1:99" HOP},
      {XFF "192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.1:1234" NL, "X_FORWARDED 192.0.2.1:1234" HOP},
      {XFF "[2001:db8::5]:1234" NL, "X_FORWARDED v6/0.0.0.5:1234" HOP},
      {XFF "2001:db8::5" NL, "X_FORWARDED v6/0.0.0.5:0" HOP},
      /* what a client writes itself stands to the left of what a proxy adds */
      {XFF "192.0.2.66, 192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "10.0.0.9, 192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.66" NL XFF "192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "x, \", (, 192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "\", 192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "unknown" NL "x-forwarded-FOR: 192.0.2.1" NL,
       "X_FORWARDED 192.0.2.1:0" HOP},
      /* through several that are trusted */
      {XFF "192.0.2.1, 10.0.0.2, 10.0.0.3" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.66, 192.0.2.1, 10.0.0.2" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.66, 192.0.2.1" NL XFF "10.0.0.2" NL XFF "::1" NL,
       "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.66, 10.0.0.2, 192.0.2.1, 10.0.0.3" NL,
       "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.1, ::ffff:10.0.0.2" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      /* all are trusted: the leftmost */
      {XFF "10.0.0.4:5, 10.0.0.3" NL XFF "10.0.0.2" NL,
       "X_FORWARDED 10.0.0.4:5" HOP},
      /* a node without address is nobody that is trusted, "unix" or not */
      {XFF "192.0.2.66, unknown" NL, "X_FORWARDED ?:0" HOP},
      {XFF "192.0.2.66, unix, 10.0.0.2" NL, "X_FORWARDED ?:0" HOP},
      {XFF "192.0.2.66, unix:" NL, "X_FORWARDED ?:0" HOP},
      {XFF "192.0.2.66, 010.0.0.2" NL, "X_FORWARDED ?:0" HOP},
      {XFF "192.0.2.66, 10.0.0.2:99999" NL, "X_FORWARDED ?:0" HOP},
      {XFF "_hidden" NL, "X_FORWARDED ?:0" HOP},
      /* names that are not the header's */
      {"X-Forwarded-Fo: 192.0.2.1" NL "X-Forwarded-Fors: 192.0.2.1" NL,
       "DIRECT 10.0.0.1:99" HOP},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_client(X, rows[i].lines, rows[i].expected);
  }
}

static void test_front_client_forwarded_is_walked_likewise(void **state) {
  static const struct {
    const char *lines;
    const char *expected;
  } rows[] = {
      {FWD "for=192.0.2.1" NL, "FORWARDED 192.0.2.1:0" HOP},
      {FWD "for=\"[2001:db8::5]:4711\";proto=wss" NL,
       "FORWARDED v6/0.0.0.5:4711!" HOP},
      {FWD "for=192.0.2.66;proto=https, for=192.0.2.1" NL,
       "FORWARDED 192.0.2.1:0" HOP},
      {FWD "for=192.0.2.66" NL FWD "for=192.0.2.1, for=10.0.0.2" NL,
       "FORWARDED 192.0.2.1:0" HOP},
      {FWD "for=10.0.0.4;proto=https, for=10.0.0.3;proto=http" NL,
       "FORWARDED 10.0.0.4:0!" HOP},
      {FWD "for=192.0.2.1;proto=https, for=10.0.0.3;proto=http" NL,
       "FORWARDED 192.0.2.1:0!" HOP},
      {FWD "for=192.0.2.66, for=_hidden, for=10.0.0.2" NL, "FORWARDED ?:0" HOP},
      {FWD "for=192.0.2.66, proto=https" NL, "FORWARDED ?:0!" HOP},
      /* a quote left open by the client hides what the proxy added … */
      {FWD "for=\"192.0.2.66, for=192.0.2.1" NL, "FORWARDED ?:0" HOP},
      {FWD "for=192.0.2.66;x=\", for=192.0.2.1" NL, "FORWARDED ?:0" HOP},
      {FWD "for=192.0.2.66;for=10.0.0.1, for=192.0.2.1" NL,
       "FORWARDED ?:0" HOP},
      {FWD "for=192.0.2.1, for=\"10.0.0.2" NL, "FORWARDED ?:0" HOP},
      /* … unless that stands on a line of its own */
      {FWD "for=\"192.0.2.66" NL FWD "for=192.0.2.1" NL,
       "FORWARDED 192.0.2.1:0" HOP},
      {FWD "for=\"192.0.2.66" NL FWD "for=10.0.0.2" NL, "FORWARDED ?:0" HOP},
      {FWD ",," NL, "DIRECT 10.0.0.1:99" HOP},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_client(F, rows[i].lines, rows[i].expected);
  }
}

/* A proxy that writes one header passes the other on as the client made it. */
static void test_front_client_other_header_is_not_looked_at(void **state) {
  static const char both[] =
      FWD "for=192.0.2.66;proto=https" NL XFF "192.0.2.1" NL;
  (void)state;
  assert_client(X, both, "X_FORWARDED 192.0.2.1:0" HOP);
  assert_client(F, XFF "192.0.2.66" NL XFP "https" NL FWD "for=192.0.2.1" NL,
                "FORWARDED 192.0.2.1:0" HOP);
  assert_client(X, FWD "for=192.0.2.66;proto=https" NL,
                "DIRECT 10.0.0.1:99" HOP);
  assert_client(F, XFF "192.0.2.66" NL XFP "https" NL,
                "DIRECT 10.0.0.1:99" HOP);
  assert_client(SIPWS_CLIENT_PROXY, both, "DIRECT 10.0.0.1:99" HOP);
  assert_client(SIPWS_CLIENT_DIRECT, both, "DIRECT 10.0.0.1:99" HOP);
}

static void test_front_client_stranger_is_not_believed(void **state) {
  static const char lines[] =
      XFF "192.0.2.1" NL XFP "https" NL FWD "for=192.0.2.1;proto=https" NL;
  static const char *const lists[] = {"", "10.0.0.2", "unix", "10.0.0.1/8"};
  size_t i;
  (void)state;
  begin("\x0a\0\0\x01", 4, NULL, 0, lines, 0);
  for (i = 0; i < ROWS(lists); i++) {
    assert_string_equal(show_client(lists[i], X), "DIRECT 10.0.0.1:99" HOP);
    assert_string_equal(show_client(lists[i], F), "DIRECT 10.0.0.1:99" HOP);
  }
  side_free(&server);
}

static void test_front_client_peer_may_be_unix_or_ipv6(void **state) {
  static const char lines[] = XFF "192.0.2.1" NL;
  (void)state;
  begin("", 0, NULL, 0, lines, 0);
  assert_string_equal(show_client(TRUST, X), "X_FORWARDED 192.0.2.1:0 | ?:99");
  assert_string_equal(show_client("0.0.0.0/0", X), "DIRECT ?:99 | ?:99");
  side_free(&server);
  begin("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16, NULL, 0, lines, 0);
  assert_string_equal(show_client(TRUST, X),
                      "X_FORWARDED 192.0.2.1:0 | v6/0.0.0.1:99");
  side_free(&server);
  begin("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01", 16, NULL, 0, lines, 0);
  assert_string_equal(show_client(TRUST, X),
                      "X_FORWARDED 192.0.2.1:0 | v6/10.0.0.1:99");
  side_free(&server);
}

/* ---- the scheme ---- */

static void test_front_client_scheme_is_the_last_told(void **state) {
  static const struct {
    const char *lines;
    const char *expected;
  } rows[] = {
      {XFP "https" NL XFF "192.0.2.1" NL, "X_FORWARDED 192.0.2.1:0!" HOP},
      {XFF "192.0.2.1" NL XFP "wss" NL, "X_FORWARDED 192.0.2.1:0!" HOP},
      {XFF "192.0.2.1" NL XFP "HTTPS" NL, "X_FORWARDED 192.0.2.1:0!" HOP},
      {XFF "192.0.2.1" NL XFP "http" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.1" NL XFP "httpss" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.1" NL XFP "https http" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.1" NL XFP "https, http" NL, "X_FORWARDED 192.0.2.1:0" HOP},
      {XFF "192.0.2.1" NL XFP "http ,https" NL, "X_FORWARDED 192.0.2.1:0!" HOP},
      {XFP "https" NL XFF "192.0.2.1" NL XFP "http" NL,
       "X_FORWARDED 192.0.2.1:0" HOP},
      {XFP "http" NL XFP "https" NL XFF "192.0.2.1" NL,
       "X_FORWARDED 192.0.2.1:0!" HOP},
      {XFF "192.0.2.1" NL XFP NL, "X_FORWARDED 192.0.2.1:0" HOP},
      /* without X-Forwarded-For */
      {XFP "https" NL, "DIRECT 10.0.0.1:99!" HOP},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_client(X, rows[i].lines, rows[i].expected);
  }
}

/* TLS that ends here is the hop's: it tells nothing of the client's. */
static void test_front_client_our_tls_is_the_hops(void **state) {
  (void)state;
  begin("\x0a\0\0\x01", 4, NULL, 0, XFF "192.0.2.1" NL, 1);
  assert_string_equal(show_client(TRUST, X), "X_FORWARDED 192.0.2.1:0" HOP "!");
  assert_string_equal(show_client("", X), "DIRECT 10.0.0.1:99!" HOP "!");
  side_free(&server);
  begin("\x0a\0\0\x01", 4, NULL, 0, XFP "http" NL, 1);
  assert_string_equal(show_client(TRUST, X), "DIRECT 10.0.0.1:99" HOP "!");
  side_free(&server);
}

/* ---- behind a PROXY header ---- */

#define V2(command, len)                                                       \
  "\r\n\r\n\0\r\nQUIT\n" command "\x11\0" len                                  \
  "\xc0\0\x02\x01\xc0\0\x02\x02\x12\x34\x01\xbb"
#define TLS_TLV "\x20\0\x05\x01\0\0\0\0"

static void test_front_client_proxy_header_tells_client_and_hop(void **state) {
  (void)state;
  begin("\x0a\0\0\x01", 4, V2("\x21", "\x0c"), 28, "", 0);
  assert_string_equal(show_client("", X), "PROXY 192.0.2.1:4660" HOP);
  side_free(&server);
  begin("\x0a\0\0\x01", 4, V2("\x21", "\x14") TLS_TLV, 36, "", 0);
  assert_string_equal(show_client("", X), "PROXY 192.0.2.1:4660!" HOP);
  side_free(&server);
  begin("\x0a\0\0\x01", 4, "PROXY UNKNOWN\r\n", 15, "", 0);
  assert_string_equal(show_client("", X), "DIRECT 10.0.0.1:99" HOP);
  side_free(&server);
}

static void test_front_client_tls_behind_a_proxy_header_is_ours(void **state) {
  (void)state;
  /* TLS of ours, known before the header came */
  begin("\x0a\0\0\x01", 4, V2("\x21", "\x14") TLS_TLV, 36, "", 1);
  assert_string_equal(show_client("", X), "PROXY 192.0.2.1:4660!" HOP "!");
  side_free(&server);
  /* TLS of ours behind the header, … */
  begin("\x0a\0\0\x01", 4, V2("\x21", "\x0c"), 28, "", 0);
  (void)sipws_conn_set_secure(server.conn, 1);
  assert_string_equal(show_client("", X), "PROXY 192.0.2.1:4660!" HOP "!");
  side_free(&server);
  /* … which cannot be told from TLS that the header spoke of */
  begin("\x0a\0\0\x01", 4, V2("\x21", "\x14") TLS_TLV, 36, "", 0);
  (void)sipws_conn_set_secure(server.conn, 1);
  assert_string_equal(show_client("", X), "PROXY 192.0.2.1:4660!" HOP);
  side_free(&server);
}

/* The chain goes on from whom the header names, if that one is trusted. */
static void test_front_client_headers_go_on_where_proxy_ends(void **state) {
  static const char lines[] = XFF "192.0.2.77" NL XFP "https" NL;
  (void)state;
  begin("\x0a\0\0\x01", 4, V2("\x21", "\x0c"), 28, lines, 0);
  assert_string_equal(show_client(TRUST, X), "PROXY 192.0.2.1:4660" HOP);
  assert_string_equal(show_client("192.0.2.1", X),
                      "X_FORWARDED 192.0.2.77:0!" HOP);
  side_free(&server);
}

/* ---- the call ---- */

static void test_front_client_needs_a_request(void **state) {
  sipws_client_info client;
  (void)state;
  client.struct_size = sizeof client;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  assert_int_equal(sipws_conn_client(server.conn, "", 0, X, &client),
                   SIPWS_ERR_STATE);
  side_feed_text(&server, UPGRADE_SIP);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  assert_int_equal(sipws_conn_client(server.conn, "", 0, X, &client),
                   SIPWS_ERR_STATE);
  side_free(&server);
  side_config(&server, SIDE_CALLBACKS);
  side_client(&server, "ws://h.example/");
  assert_int_equal(sipws_conn_client(server.conn, "", 0, X, &client),
                   SIPWS_ERR_STATE);
  side_free(&server);
}

static void test_front_client_reads_a_request_handed_over(void **state) {
  static const uint8_t peer[4] = {10, 0, 0, 1};
  static const struct {
    const char *name;
    const char *value;
  } lines[] = {{"Host", "h.example"},
               {"X-Forwarded-For", "192.0.2.66, 192.0.2.1"},
               {"Sec-WebSocket-Version", "13"},
               {"Sec-WebSocket-Protocol", "sip"}};
  size_t i;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_server(&server);
  (void)sipws_conn_set_peer(server.conn, peer, 4, 99);
  assert_int_equal(
      sipws_conn_take_request(server.conn, "CONNECT", 7, "/ws", 3, 1), 0);
  for (i = 0; i < ROWS(lines); i++) {
    assert_int_equal(sipws_conn_take_header(
                         server.conn, lines[i].name, strlen(lines[i].name),
                         lines[i].value, strlen(lines[i].value)),
                     0);
  }
  assert_int_equal(sipws_conn_take_end(server.conn, server.now), 0);
  assert_string_equal(show_client(TRUST, X), "X_FORWARDED 192.0.2.1:0" HOP);
  side_free(&server);
}

static void test_front_client_wrong_arguments_are_invalid(void **state) {
  sipws_client_info client;
  (void)state;
  client.struct_size = sizeof client;
  begin("\x0a\0\0\x01", 4, NULL, 0, "", 0);
  assert_int_equal(sipws_conn_client(NULL, "", 0, X, &client),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_client(server.conn, NULL, 1, X, &client),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_client(server.conn, NULL, 0, X, &client), 0);
  assert_int_equal(sipws_conn_client(server.conn, "", 0, X, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_client(server.conn, "", 0, -1, &client),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_client(server.conn, "", 0, 4, &client),
                   SIPWS_ERR_INVALID);
  client.struct_size--;
  assert_int_equal(sipws_conn_client(server.conn, "", 0, X, &client),
                   SIPWS_ERR_INVALID);
  side_free(&server);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_front_client_walk_ends_at_the_first_stranger),
      cmocka_unit_test(test_front_client_forwarded_is_walked_likewise),
      cmocka_unit_test(test_front_client_other_header_is_not_looked_at),
      cmocka_unit_test(test_front_client_stranger_is_not_believed),
      cmocka_unit_test(test_front_client_peer_may_be_unix_or_ipv6),
      cmocka_unit_test(test_front_client_scheme_is_the_last_told),
      cmocka_unit_test(test_front_client_our_tls_is_the_hops),
      cmocka_unit_test(test_front_client_proxy_header_tells_client_and_hop),
      cmocka_unit_test(test_front_client_tls_behind_a_proxy_header_is_ours),
      cmocka_unit_test(test_front_client_headers_go_on_where_proxy_ends),
      cmocka_unit_test(test_front_client_needs_a_request),
      cmocka_unit_test(test_front_client_reads_a_request_handed_over),
      cmocka_unit_test(test_front_client_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
