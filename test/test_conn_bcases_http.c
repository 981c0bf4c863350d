/* conn: the known faults of other implementations, continued: those of the
 * handshake. */
#include "pair.h"

static struct side side, other;
static struct wire wire;

#define OPTIONS_LOG "OPTIONS sip:a@h SIP/2.0 (39)\n"

static size_t feed_wire(size_t cut) {
  return side_feed(&side, wire.data, wire.len, cut);
}

/* ---- the handshake ---- */

#define KEY_LINE "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define REST KEY_LINE "Sec-WebSocket-Version: 13\r\n"
#define SIP_LINE "Sec-WebSocket-Protocol: sip\r\n"

/* What a server answers to a request. */
static const char *answer_to(const char *request) {
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  (void)side_feed(&side, request, strlen(request), 0);
  wire_clear(&wire);
  wire_take(&wire, &side, 0);
  wire_add(&wire, "", 1);
  side_free(&side);
  return (const char *)wire.data;
}

static int status_of(const char *request) {
  const char *answer = answer_to(request);
  return strlen(answer) > 12 ? atoi(answer + 9) : 0;
}

/* A client's fate when it is answered with |lines| and a right Accept in place
 * of the "@" in them. */
static const char *client_answered(const char *lines) {
  static struct wire answer;
  const char *accept, *at = strchr(lines, '@');
  side_config(&other, SIDE_CALLBACKS);
  side_client(&other, "ws://h/");
  wire_clear(&answer);
  wire_take(&answer, &other, 0);
  wire_add(&answer, "", 1);
  accept = strstr(answer_to((const char *)answer.data), "Accept: ") + 8;
  wire_clear(&answer);
  wire_add(&answer, lines, at != NULL ? (size_t)(at - lines) : strlen(lines));
  if (at != NULL) {
    wire_add(&answer, accept, 28);
    wire_put(&answer, at + 1);
  }
  (void)side_feed(&other, answer.data, answer.len, 0);
  side_free(&other);
  return other.log;
}

#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ACCEPT_LINE "Sec-WebSocket-Accept: @\r\n"
#define FAILED "closed PROTOCOL 1006\n"

static void test_conn_b24_connection_is_a_list(void **state) {
  static const char *const lines[] = {
      "Connection: keep-alive, Upgrade\r\n",
      "Connection: keep-alive\r\nConnection: upgrade\r\n",
      "CONNECTION:UPGRADE\r\n", "connection: \t uPgRaDe\t\r\n",
      "Connection: ,,Upgrade,\r\n"};
  char text[600];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(lines); i++) {
    snprintf(text, sizeof text,
             "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: "
             "websocket\r\n%s" REST SIP_LINE "\r\n",
             lines[i]);
    assert_int_equal(status_of(text), 101);
    snprintf(text, sizeof text,
             SWITCH "Upgrade: websocket\r\n%s" ACCEPT_LINE SIP_LINE "\r\n",
             lines[i]);
    assert_string_equal(client_answered(text), "open sip\n");
  }
}

static void test_conn_b25_upgrade_is_a_list_in_any_case(void **state) {
  (void)state;
  assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: h\r\n"
                             "Upgrade: h2c, WebSocket\r\n"
                             "Connection: Upgrade\r\n" REST SIP_LINE "\r\n"),
                   101);
}

static void test_conn_b26_substrings_match_nothing(void **state) {
  (void)state;
  assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: h\r\n"
                             "Upgrade: websocket\r\n"
                             "Connection: not-upgrade\r\n" REST SIP_LINE
                             "\r\n"),
                   400);
  assert_int_equal(
      status_of(UPGRADE "Sec-WebSocket-Protocol: sipx, notsip\r\n\r\n"), 400);
  assert_string_equal(client_answered(SWITCH UP ACCEPT_LINE
                                      "Sec-WebSocket-Protocol: sipx\r\n\r\n"),
                      FAILED);
}

static void test_conn_b27_offers_are_lists_and_echoed(void **state) {
  (void)state;
  assert_non_null(strstr(
      answer_to(UPGRADE "Sec-WebSocket-Protocol: foo, sip\r\n\r\n"), SIP_LINE));
  assert_non_null(strstr(answer_to(UPGRADE "Sec-WebSocket-Protocol: foo\r\n"
                                           "sec-websocket-protocol:bar,"
                                           " sip\r\n\r\n"),
                         SIP_LINE));
  assert_int_equal(status_of(UPGRADE "Sec-WebSocket-Protocol: SIP\r\n\r\n"),
                   400);
  assert_int_equal(status_of(UPGRADE "\r\n"), 400);
  assert_int_equal(status_of(UPGRADE "Sec-WebSocket-Protocol: foo\r\n\r\n"),
                   400);
}

static void test_conn_b28_unoffered_answer_fails(void **state) {
  (void)state;
  assert_string_equal(client_answered(SWITCH UP ACCEPT_LINE SIP_LINE "\r\n"),
                      "open sip\n");
  assert_string_equal(client_answered(SWITCH UP ACCEPT_LINE
                                      "Sec-WebSocket-Protocol: msrp\r\n\r\n"),
                      FAILED);
  assert_string_equal(client_answered(SWITCH UP ACCEPT_LINE "\r\n"), FAILED);
}

static void test_conn_b29_accept_is_compared_exactly(void **state) {
  static const char lines[] =
      SWITCH UP "Sec-WebSocket-Accept:@\t \r\n" SIP_LINE "\r\n";
  (void)state;
  assert_string_equal(client_answered(lines), "open sip\n");
  assert_string_equal(
      client_answered(SWITCH UP "Sec-WebSocket-Accept: @=\r\n" SIP_LINE "\r\n"),
      FAILED);
  assert_string_equal(
      client_answered(SWITCH UP "Sec-WebSocket-Accept: s3\r\n" SIP_LINE "\r\n"),
      FAILED);
  assert_string_equal(client_answered(SWITCH UP SIP_LINE "\r\n"), FAILED);
}

static void test_conn_b30_any_reason_phrase_will_do(void **state) {
  (void)state;
  assert_string_equal(client_answered("HTTP/1.1 101 Web Socket Protocol "
                                      "Handshake\r\n" UP ACCEPT_LINE SIP_LINE
                                      "\r\n"),
                      "open sip\n");
  assert_string_equal(
      client_answered("HTTP/1.1 101 \r\n" UP ACCEPT_LINE SIP_LINE "\r\n"),
      "open sip\n");
}

static void test_conn_b31_keys_are_16_octets(void **state) {
  static const char *const bad[] = {"MTIzNDU2Nzg=",               /* 8 */
                                    "dGhlIHNhbXBsZSBub25jZR==",   /* stray */
                                    "dGhlIHNhbXBsZSBub25jZSEhIQ", /* 19 */
                                    "!!!!"};
  char text[600];
  const char *key;
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(bad); i++) {
    snprintf(text, sizeof text,
             "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Key: %s\r\n"
             "Sec-WebSocket-Version: 13\r\n" SIP_LINE "\r\n",
             bad[i]);
    assert_int_equal(status_of(text), 400);
  }
  /* our own passes that test, and is never the same */
  for (i = 0; i < 20; i++) {
    static char before[30];
    side_config(&other, SIDE_CALLBACKS);
    other.seed = (uint32_t)i + 1;
    side_client(&other, "ws://h/");
    wire_clear(&wire);
    wire_take(&wire, &other, 0);
    wire_add(&wire, "", 1);
    snprintf(text, sizeof text, "%.500s", (const char *)wire.data);
    side_free(&other);
    key = strstr(text, "Key: ") + 5;
    assert_memory_equal(key + 22, "==\r\n", 4);
    assert_memory_not_equal(key, before, 22);
    memcpy(before, key, 22);
    assert_int_equal(status_of(text), 101);
  }
}

static int check_origin(struct side *self, int event) {
  sipws_request view;
  const char *text;
  size_t len;
  if (event == SIPWS_EVENT_REQUEST) {
    view.struct_size = sizeof view;
    (void)sipws_conn_request(self->conn, &text, &len, &view);
    side_note(self, "origin %d '%.*s'\n", (int)view.has_origin,
              (int)view.origin.len, text + view.origin.off);
  }
  return 0;
}

static void test_conn_b32_origin_is_optional_and_shown(void **state) {
  int with;
  (void)state;
  for (with = 0; with < 2; with++) {
    const char *text =
        with ? UPGRADE "Origin: https://o\r\n" SIP_LINE "\r\n" : UPGRADE_SIP;
    side_config(&side, SIDE_CALLBACKS);
    side.then = check_origin;
    side_server(&side);
    (void)side_feed(&side, text, strlen(text), 0);
    assert_log(&side, with ? "request GET /ws?x=1\norigin 1 'https://o'\n"
                             "open sip\n"
                           : "request GET /ws?x=1\norigin 0 ''\nopen sip\n");
    side_free(&side);
  }
}

static void test_conn_b33_sip_named_headers_are_http(void **state) {
  (void)state;
  assert_int_equal(status_of(UPGRADE "Via: 1.1 proxy.example\r\n"
                                     "To: nobody\r\nFrom: somebody\r\n"
                                     "v: x\r\nl: 99\r\nf: y\r\n"
                                     "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
                                     "Content-Length: 0\r\n" SIP_LINE "\r\n"),
                   101);
}

static void test_conn_b34_incomplete_upgrades_get_the_right_status(void **s) {
  (void)s;
  assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: h\r\n"
                             "Connection: Upgrade\r\n" REST SIP_LINE "\r\n"),
                   400);
  assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: h\r\n"
                             "Upgrade: websocket\r\n" REST SIP_LINE "\r\n"),
                   400);
  assert_int_equal(
      status_of("GET / HTTP/1.1\r\nHost: h\r\n" UP KEY_LINE SIP_LINE "\r\n"),
      426);
  assert_int_equal(status_of("GET / HTTP/1.1\r\n" UP REST SIP_LINE "\r\n"),
                   400);
  assert_int_equal(
      status_of("POST / HTTP/1.1\r\nHost: h\r\n" UP REST SIP_LINE "\r\n"), 405);
  assert_non_null(
      strstr(answer_to("GET / HTTP/1.1\r\nHost: h\r\n" UP KEY_LINE
                       "Sec-WebSocket-Version: 8\r\n" SIP_LINE "\r\n"),
             "Sec-WebSocket-Version: 13\r\n"));
}

static void test_conn_b35_frames_right_behind_the_head_count(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  wire_clear(&wire);
  wire_put(&wire, UPGRADE_SIP);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  assert_int_equal(feed_wire(0), wire.len);
  assert_log(&side, "request GET /ws?x=1\nopen sip\n"
                    "message text OK " OPTIONS_LOG);
  side_free(&side);
  assert_string_equal(client_answered(SWITCH UP ACCEPT_LINE SIP_LINE
                                      "\r\n\x81\x13"
                                      "A sip:h SIP/2.0\r\n\r\n"),
                      "open sip\nmessage text OK A sip:h SIP/2.0 (19)\n");
}

static void test_conn_b36_no_second_handshake(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  (void)side_feed(&side, UPGRADE_SIP UPGRADE_SIP, 2 * (sizeof UPGRADE_SIP - 1),
                  0);
  assert_log(&side, "request GET /ws?x=1\nopen sip\n");
  assert_wire(&side, "HTTP/1.1 101 Switching Protocols\nclose 1002\n");
  side_free(&side);
}

static void test_conn_b50_compression_is_declined_by_silence(void **state) {
  const char *answer =
      answer_to(UPGRADE "Sec-WebSocket-Extensions: permessage-deflate; "
                        "client_max_window_bits\r\n" SIP_LINE "\r\n");
  (void)state;
  assert_memory_equal(answer, "HTTP/1.1 101 ", 13);
  assert_null(strstr(answer, "Extensions"));
  assert_string_equal(
      client_answered(
          SWITCH UP ACCEPT_LINE
          "Sec-WebSocket-Extensions: permessage-deflate\r\n" SIP_LINE "\r\n"),
      FAILED);
}

/* One octet less than a limit passes, at it and above it is refused; nothing is
 * cut. */
static void test_conn_b23_long_heads_are_refused_whole(void **state) {
  static const char *const shapes[] = {UPGRADE SIP_LINE "Cookie: a=%s\r\n\r\n",
                                       UPGRADE SIP_LINE "X-%s: 1\r\n\r\n",
                                       "GET /%s HTTP/1.1\r\nHost: h\r\n\r\n"};
  static char filler[5000], text[6000];
  size_t i, len, base;
  (void)state;
  memset(filler, 'x', sizeof filler - 1);
  for (i = 0; i < ROWS(shapes); i++) {
    base = strlen(shapes[i]) - 2;
    for (len = 1023; len <= 1025; len++) {
      side_config(&side, SIDE_CALLBACKS);
      side_limit(&side, SIPWS_LIMIT_HANDSHAKE_SIZE, 1024);
      side_server(&side);
      filler[len - base] = '\0';
      snprintf(text, sizeof text, shapes[i], filler);
      filler[len - base] = 'x';
      assert_int_equal(strlen(text), len);
      (void)side_feed(&side, text, len, 7);
      assert_int_equal(sipws_conn_http_status(side.conn) == 431, len > 1024);
      side_free(&side);
    }
  }
}

/* A head that drips holds its place until the deadline, not longer. */
static void test_conn_b23_dripping_head_meets_the_deadline(void **state) {
  size_t taken;
  uint64_t now;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_server(&side);
  (void)sipws_conn_feed(side.conn, "GET /", 5, 0, &taken);
  for (now = 1000; now < 10000; now += 1000) {
    (void)sipws_conn_feed(side.conn, "x", 1, now, &taken);
    side_tick(&side, now);
    assert_log(&side, "");
  }
  side_tick(&side, 9999);
  assert_log(&side, "");
  side_tick(&side, 10000);
  assert_log(&side, "closed TIMEOUT 1006\n");
  side_free(&side);
}

/* A peer that neither reads nor answers stops nobody: each wait has its end. */
static void test_conn_b40_blocked_peer_meets_a_deadline(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_policy(&side, SIPWS_POLICY_FAIL_ON_STALL);
  side_adopt(&side, SIPWS_SERVER, "echo");
  assert_int_equal(side_send(&side, 40, 0), 1);
  side_tick(&side, 29999);
  assert_null(strstr(side.log, "STALLED"));
  side_tick(&side, 30000);
  assert_non_null(strstr(side.log, "STALLED 30000\n"));
  side_forget(&side);
  assert_int_equal(side_send(&side, 40, SIPWS_ERR_TIMEOUT), 0);
  side_tick(&side, 34999);
  assert_log(&side, "");
  side_tick(&side, 35000);
  assert_log(&side, "closed TIMEOUT 1006\n");
  side_free(&side);
}

/* A peer that leaves in the middle of a head leaves nothing behind. */
static void test_conn_b41_lost_handshake_leaves_no_memory(void **state) {
  size_t len;
  (void)state;
  for (len = 0; len < sizeof UPGRADE_SIP - 1; len++) {
    side_config(&side, SIDE_CALLBACKS);
    side_server(&side);
    (void)side_feed(&side, UPGRADE_SIP, len, 0);
    (void)sipws_conn_lost(side.conn, 104, 0);
    assert_log(&side, "closed LOST 1006\n");
    side_free(&side); /* asserts an empty heap */
  }
}

/* Host is what the user wrote, never an address it resolved to. */
static void test_conn_b49_host_comes_from_the_url(void **state) {
  static const uint8_t addr[4] = {192, 0, 2, 1};
  static const char *const urls[][2] = {
      {"ws://Sip.Example.com/ws", "Host: Sip.Example.com\r\n"},
      {"ws://sip.example.com:80/", "Host: sip.example.com\r\n"},
      {"wss://sip.example.com:8443/", "Host: sip.example.com:8443\r\n"},
      {"ws://[2001:db8::1]:5066/", "Host: [2001:db8::1]:5066\r\n"}};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(urls); i++) {
    side_config(&side, SIDE_CALLBACKS);
    side_client(&side, urls[i][0]);
    (void)sipws_conn_set_peer(side.conn, addr, 4, 80);
    (void)sipws_conn_set_secure(side.conn, 1);
    assert_non_null(strstr(side_output(&side), urls[i][1]));
    side_free(&side);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_b24_connection_is_a_list),
      cmocka_unit_test(test_conn_b25_upgrade_is_a_list_in_any_case),
      cmocka_unit_test(test_conn_b26_substrings_match_nothing),
      cmocka_unit_test(test_conn_b27_offers_are_lists_and_echoed),
      cmocka_unit_test(test_conn_b28_unoffered_answer_fails),
      cmocka_unit_test(test_conn_b29_accept_is_compared_exactly),
      cmocka_unit_test(test_conn_b30_any_reason_phrase_will_do),
      cmocka_unit_test(test_conn_b31_keys_are_16_octets),
      cmocka_unit_test(test_conn_b32_origin_is_optional_and_shown),
      cmocka_unit_test(test_conn_b33_sip_named_headers_are_http),
      cmocka_unit_test(test_conn_b34_incomplete_upgrades_get_the_right_status),
      cmocka_unit_test(test_conn_b35_frames_right_behind_the_head_count),
      cmocka_unit_test(test_conn_b36_no_second_handshake),
      cmocka_unit_test(test_conn_b23_long_heads_are_refused_whole),
      cmocka_unit_test(test_conn_b23_dripping_head_meets_the_deadline),
      cmocka_unit_test(test_conn_b40_blocked_peer_meets_a_deadline),
      cmocka_unit_test(test_conn_b41_lost_handshake_leaves_no_memory),
      cmocka_unit_test(test_conn_b49_host_comes_from_the_url),
      cmocka_unit_test(test_conn_b50_compression_is_declined_by_silence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
