/* conn: the upgrade, client: what it asks and what it makes of the answer. */
#include "pair.h"

static struct side client, server;
static struct wire wire;

/* The client's own key makes the Accept; so a real server answers, with extra
 * header lines. */
static void answer_client(const char *extra, const char *behind) {
  const char *text = side_output(&client);
  const char *end;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  side_feed_text(&server, text);
  text = side_output(&server);
  end = strstr(text, "\r\n\r\n");
  assert_non_null(end);
  assert_int_equal(side_feed(&client, text, (size_t)(end - text) + 2, 0),
                   (size_t)(end - text) + 2);
  side_feed_text(&client, extra);
  side_feed_text(&client, "\r\n");
  side_feed_text(&client, behind);
  side_free(&server);
}

/* ---- client: the request ---- */

static void test_conn_client_writes_what_was_set(void **state) {
  const char *text;
  size_t len;
  (void)state;
  side_config(&client, SIDE_CALLBACKS);
  side_client(&client, "wss://192.0.2.1:8443/ws?t=1");
  assert_int_equal(sipws_conn_set_secure(client.conn, 1), 0);
  assert_int_equal(sipws_conn_set_host(client.conn, "old.example", 11), 0);
  assert_int_equal(sipws_conn_set_host(client.conn, "h.example:8443", 14), 0);
  assert_int_equal(sipws_conn_set_origin(client.conn, "null", 4), 0);
  assert_int_equal(sipws_conn_add_header(client.conn, "X-A", 3, "1", 1), 0);
  assert_int_equal(sipws_conn_set_authorization(client.conn, "Basic eA==", 10),
                   0);
  assert_int_equal(sipws_conn_set_origin(client.conn, "https://o.example", 17),
                   0);
  assert_int_equal(sipws_conn_add_cookie(client.conn, "a", 1, "1", 1), 0);
  assert_int_equal(sipws_conn_add_cookie(client.conn, "b", 1, "\"2\"", 3), 0);
  assert_int_equal(sipws_conn_url(client.conn, &text, &len), 0);
  assert_text(text, len, "wss://192.0.2.1:8443/ws?t=1");
  text = side_output(&client);
  assert_int_equal(sipws_conn_set_host(client.conn, "h", 1), SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_set_origin(client.conn, "h", 1), SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_add_cookie(client.conn, "a", 1, "", 0),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_add_header(client.conn, "A", 1, "b", 1),
                   SIPWS_ERR_STATE);
  assert_memory_equal(text,
                      "GET /ws?t=1 HTTP/1.1\r\n"
                      "Host: h.example:8443\r\n"
                      "Upgrade: websocket\r\n"
                      "Connection: Upgrade\r\n"
                      "Sec-WebSocket-Key: ",
                      104);
  assert_non_null(strstr(text, "==\r\n"
                               "Sec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Protocol: sip\r\n"
                               "Cookie: a=1; b=\"2\"\r\n"
                               "X-A: 1\r\n"
                               "Authorization: Basic eA==\r\n"
                               "Origin: https://o.example\r\n"
                               "\r\n"));
  assert_null(strstr(text, "null"));
  side_free(&client);
}

/* RFC 7118 9.1: wss is TLS; nothing leaves in the clear by mistake. */
static void
test_conn_client_wss_lends_nothing_until_it_is_secure(void **state) {
  static const char call[] = "OPTIONS sips:a@h SIP/2.0\r\n\r\n";
  const uint8_t *data;
  size_t len;
  (void)state;
  side_config(&client, SIDE_CALLBACKS);
  side_client(&client, "wss://h.example/");
  assert_int_equal(sipws_conn_is_secure(client.conn), 0);
  /* it will be by the time the message leaves */
  assert_int_equal(
      sipws_conn_send(client.conn, call, sizeof call - 1, 0, 0, NULL), 0);
  assert_int_equal(sipws_conn_pending(client.conn, 0, &data, &len),
                   SIPWS_ERR_NOT_SECURE);
  assert_int_equal(len, 0);
  assert_int_equal(sipws_conn_state(client.conn), SIPWS_STATE_CONNECTING);
  assert_int_equal(sipws_conn_error(client.conn), 0);
  assert_int_equal(sipws_conn_set_host(client.conn, "h", 1), 0);
  assert_int_equal(sipws_conn_set_secure(client.conn, 1), 0);
  assert_wire(&client, "GET / HTTP/1.1\n");
  side_free(&client);
}

static void test_conn_client_no_setter_lets_a_line_in(void **state) {
  static const struct {
    const char *text;
    size_t len;
  } bad[] = {{"a\r\nX: y", 7}, {"a\ny", 3},   {"a\ry", 3},
             {"a\0y", 3},      {"a\x7fy", 3}, {"a\x01y", 3}};
  static const char *const own[] = {"Host",
                                    "upgrade",
                                    "Connection",
                                    "Sec-WebSocket-Key",
                                    "sec-websocket-extensions",
                                    "Content-Length",
                                    "Transfer-Encoding"};
  const char *before;
  char kept[400];
  size_t i;
  (void)state;
  side_config(&client, SIDE_CALLBACKS);
  side_client(&client, "ws://h/");
  for (i = 0; i < ROWS(bad); i++) {
    const char *text = bad[i].text;
    size_t len = bad[i].len;
    sipws_conn *conn = client.conn;
    assert_int_equal(sipws_conn_set_host(conn, text, len), SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_set_origin(conn, text, len), SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_set_authorization(conn, text, len),
                     SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_add_cookie(conn, "a", 1, text, len),
                     SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_add_cookie(conn, text, len, "a", 1),
                     SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_add_header(conn, "A", 1, text, len),
                     SIPWS_ERR_TEXT);
    assert_int_equal(sipws_conn_add_header(conn, text, len, "a", 1),
                     SIPWS_ERR_TEXT);
  }
  assert_int_equal(sipws_conn_add_cookie(client.conn, "a", 1, "b; c=d", 6),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_conn_add_header(client.conn, "A b", 3, "a", 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_conn_add_header(client.conn, "A:", 2, "a", 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_conn_add_header(client.conn, "", 0, "a", 1),
                   SIPWS_ERR_TEXT);
  for (i = 0; i < ROWS(own); i++) {
    assert_int_equal(
        sipws_conn_add_header(client.conn, own[i], strlen(own[i]), "a", 1),
        SIPWS_ERR_INVALID);
  }
  /* nothing of all that is in the request */
  before = side_output(&client);
  snprintf(kept, sizeof kept, "%.399s", before);
  side_free(&client);
  side_config(&client, SIDE_CALLBACKS);
  side_client(&client, "ws://h/");
  assert_string_equal(side_output(&client), kept);
  side_free(&client);
}

static void test_conn_client_request_keeps_to_its_limit(void **state) {
  static char text[600];
  int fixed;
  (void)state;
  memset(text, 'x', sizeof text);
  for (fixed = 0; fixed < 2; fixed++) {
    side_config(&client, SIDE_CALLBACKS);
    side_policy(&client, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
    side_limit(&client, SIPWS_LIMIT_HANDSHAKE_SIZE, 512);
    side_client(&client, "ws://h/"); /* 7 octets */
    assert_int_equal(sipws_conn_add_cookie(client.conn, "c", 1, text, 98), 0);
    assert_int_equal(sipws_conn_set_host(client.conn, text, 105), 0);
    /* 300 are left */
    assert_int_equal(sipws_conn_add_header(client.conn, "A", 1, text, 296),
                     SIPWS_ERR_TOO_BIG);
    assert_int_equal(sipws_conn_add_header(client.conn, "A", 1, text, 295), 0);
    assert_int_equal(sipws_conn_set_authorization(client.conn, text, 1),
                     SIPWS_ERR_TOO_BIG);
    assert_int_equal(sipws_conn_add_cookie(client.conn, "d", 1, "", 0),
                     SIPWS_ERR_TOO_BIG);
    assert_int_equal(sipws_conn_set_host(client.conn, text, 106),
                     SIPWS_ERR_TOO_BIG);
    assert_non_null(strstr(side_output(&client), "\r\nHost: xxx"));
    side_free(&client);
  }
}

/* ---- client: the answer ---- */

static int see_answer(struct side *side, int event) {
  const char *value;
  size_t len;
  if (event == SIPWS_EVENT_OPEN || event == SIPWS_EVENT_REFUSED) {
    assert_int_equal(
        sipws_conn_header(side->conn, "x-served-by", 11, 0, &value, &len), 0);
    side_note(side, "served by %.*s\n", (int)len, value);
    assert_int_equal(
        sipws_conn_cookie_at(side->conn, 0, &value, &len, &value, &len),
        SIPWS_ERR_STATE);
  }
  return 0;
}

static void test_conn_client_opens_and_goes_on(void **state) {
  const char *value;
  size_t len;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    side_config(&client, face);
    client.then = see_answer;
    side_client(&client, "ws://h/");
    assert_int_equal(sipws_conn_wants(client.conn),
                     SIPWS_WANT_READ | SIPWS_WANT_WRITE);
    assert_int_equal(sipws_conn_profile(client.conn), SIPWS_ERR_STATE);
    answer_client("X-Served-By: me\r\n", "\x89\x02hi\x8a");
    assert_log(&client, "open sip\nserved by me\nkeepalive ping\n");
    assert_int_equal(sipws_conn_http_status(client.conn), 101);
    assert_int_equal(
        sipws_conn_header(client.conn, "X-Served-By", 11, 0, &value, &len),
        SIPWS_ERR_STATE); /* octets were fed since */
    assert_wire(&client, "mask pong hi\n");
    side_free(&client);
  }
}

/* An asynchronous writer may tell late that the request left. */
static void test_conn_client_answer_may_outrun_taken(void **state) {
  static char request[400];
  const char *value;
  const uint8_t *data, *again;
  size_t len, again_len;
  int fixed;
  (void)state;
  for (fixed = 0; fixed < 2; fixed++) {
    side_config(&client, SIDE_CALLBACKS);
    side_policy(&client, fixed ? SIPWS_POLICY_FIXED_BUFFERS : 0);
    side_client(&client, "ws://h/");
    assert_int_equal(sipws_conn_pending(client.conn, 0, &data, &len), 0);
    memcpy(request, data, len);
    side_config(&server, SIDE_CALLBACKS);
    side_server(&server);
    (void)side_feed(&server, data, len, 0);
    side_feed_text(&client, side_output(&server));
    side_free(&server);
    assert_log(&client, "open sip\n");
    wire_clear(&wire);
    wire_frame(&wire, 0x81, 0, OPTIONS, sizeof OPTIONS - 1);
    (void)side_feed(&client, wire.data, wire.len, 0);
    assert_log(&client, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_int_equal(
        sipws_conn_header(client.conn, "Upgrade", 7, 0, &value, &again_len),
        SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_ping(client.conn, NULL, 0, 0), 0);
    assert_int_equal(sipws_conn_pending(client.conn, 0, &again, &again_len), 0);
    assert_ptr_equal(again, data);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, request, len);
    assert_int_equal(sipws_conn_taken(client.conn, len, 0), 0);
    assert_wire(&client, "mask ping\n");
    side_free(&client);
  }
}

/* The answer's head is readable still, but the request's credentials are
 * gone. */
static void test_conn_client_keeps_no_request_once_it_is_open(void **state) {
  static char value[3000];
  size_t before;
  (void)state;
  memset(value, 'a', sizeof value);
  side_config(&client, SIDE_CALLBACKS);
  client.then = see_answer;
  side_client(&client, "ws://h/");
  before = client.heap.live;
  assert_int_equal(
      sipws_conn_set_authorization(client.conn, value, sizeof value), 0);
  answer_client("X-Served-By: me\r\n", "");
  assert_log(&client, "open sip\nserved by me\n");
  assert_true(client.heap.live < before + 1000);
  side_free(&client);
}

static void test_conn_client_sees_the_refusal(void **state) {
  static const struct {
    const char *answer;
    const char *end; /* "eof", "lost", "time", or "" */
    const char *log;
  } rows[] = {
      {"HTTP/1.1 401 Unauthorized\r\nX-Served-By: me\r\n"
       "Content-Length: 4\r\n\r\nbodymore",
       "", "refused 401 body\nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 302 \r\nX-Served-By: me\r\nContent-Length: 0\r\n\r\n", "",
       "refused 302 \nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 403 F\r\nX-Served-By: me\r\n\r\n0123456789abcdef0123", "",
       "refused 403 0123456789abcdef\nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 403 F\r\nX-Served-By: me\r\n\r\n012", "eof",
       "refused 403 012\nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 403 F\r\nX-Served-By: me\r\n\r\n012", "lost",
       "refused 403 012\nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 403 F\r\nX-Served-By: me\r\n\r\n012", "time",
       "refused 403 012\nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 304 F\r\nX-Served-By: me\r\n\r\n", "",
       "refused 304 \nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 404 F\r\nX-Served-By: me\r\nContent-Length: 0\r\n\r\n",
       "", "refused 404 \nserved by me\nclosed REFUSED 1006\n"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0", "eof", "closed EOF 1006\n"},
      {"HTTP/1.1 2", "time", "closed TIMEOUT 1006\n"},
      {"HTTP/1.1 2", "lost", "closed LOST 1006\n"},
  };
  size_t i, cut;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    for (cut = 0; cut < 3; cut++) {
      side_config(&client, cut == 2 ? SIDE_PULLS : SIDE_CALLBACKS);
      client.then = see_answer;
      side_limit(&client, SIPWS_LIMIT_BODY_PREFIX, 16);
      side_client(&client, "ws://h/");
      (void)side_output(&client);
      assert_int_equal(
          side_feed(&client, rows[i].answer, strlen(rows[i].answer), cut),
          strlen(rows[i].answer));
      if (strcmp(rows[i].end, "eof") == 0) {
        (void)sipws_conn_eof(client.conn, 1);
      } else if (strcmp(rows[i].end, "lost") == 0) {
        (void)sipws_conn_lost(client.conn, 5, 1);
      } else if (strcmp(rows[i].end, "time") == 0) {
        side_tick(&client, 10000);
        assert_int_equal(sipws_conn_timer(client.conn),
                         sipws_conn_cause(client.conn) == SIPWS_CAUSE_TIMEOUT
                             ? SIPWS_TIMER_HANDSHAKE
                             : SIPWS_TIMER_NONE);
      }
      side_pull(&client);
      assert_log(&client, rows[i].log);
      assert_int_equal(sipws_conn_wants(client.conn), SIPWS_WANT_CLOSE);
      side_free(&client);
    }
  }
}

static void test_conn_client_fails_on_a_bad_answer(void **state) {
  static const char *const rows[] = {
      "\x15\x03\x01",
      "SSH-2.0-x\r\n",
      "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"
      "Sec-WebSocket-Protocol: sip\r\n\r\n",
      "HTTP/1.1 101\nUpgrade: websocket\n\n",
      "HTTP/2 200\r\n\r\n",
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    side_config(&client, SIDE_CALLBACKS);
    side_client(&client, "ws://h/");
    (void)side_output(&client);
    side_feed_text(&client, rows[i]);
    assert_int_equal(side_fed(&client), SIPWS_ERR_HANDSHAKE);
    assert_log(&client, "closed PROTOCOL 1006\n");
    assert_wire(&client, "");
    side_free(&client);
  }
}

static void test_conn_client_silence_is_taken_by_policy(void **state) {
  int lenient;
  (void)state;
  for (lenient = 0; lenient < 2; lenient++) {
    side_config(&client, SIDE_CALLBACKS);
    side_config(&server, SIDE_CALLBACKS);
    side_policy(&client, lenient ? SIPWS_POLICY_NO_SUBPROTOCOL : 0);
    (void)sipws_config_add_subprotocol(client.config, "x", 1,
                                       SIPWS_PROFILE_SIP);
    (void)sipws_config_add_subprotocol(server.config, "", 0,
                                       SIPWS_PROFILE_OPAQUE);
    side_client(&client, "ws://h/");
    side_server(&server);
    pair_move(&client, &server, 0);
    assert_log(&client, lenient ? "open \n" : "closed PROTOCOL 1006\n");
    assert_int_equal(sipws_conn_profile(client.conn),
                     lenient ? SIPWS_PROFILE_SIP : SIPWS_ERR_STATE);
    side_free(&client);
    side_free(&server);
  }
}

/* Of a refusal's body no more is kept than was asked for, and what is announced
 * reserves nothing. */
static void test_conn_client_keeps_a_bounded_part_of_a_body(void **state) {
  static const uint32_t prefixes[] = {0, 1, 9, 10, 11};
  const char *body;
  size_t len, i;
  (void)state;
  for (i = 0; i < ROWS(prefixes); i++) {
    side_config(&client, SIDE_CALLBACKS);
    side_limit(&client, SIPWS_LIMIT_BODY_PREFIX, prefixes[i]);
    side_client(&client, "ws://h/");
    (void)side_output(&client);
    (void)side_feed(&client,
                    "HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\n"
                    "0123456789and more",
                    57, 3);
    assert_int_equal(sipws_conn_state(client.conn), SIPWS_STATE_CLOSED);
    assert_int_equal(sipws_conn_refusal_body(client.conn, &body, &len), 0);
    assert_int_equal(len, prefixes[i] < 10 ? prefixes[i] : 10);
    assert_memory_equal(body, "0123456789", len);
    side_free(&client);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_client_writes_what_was_set),
      cmocka_unit_test(test_conn_client_wss_lends_nothing_until_it_is_secure),
      cmocka_unit_test(test_conn_client_no_setter_lets_a_line_in),
      cmocka_unit_test(test_conn_client_request_keeps_to_its_limit),
      cmocka_unit_test(test_conn_client_opens_and_goes_on),
      cmocka_unit_test(test_conn_client_answer_may_outrun_taken),
      cmocka_unit_test(test_conn_client_keeps_no_request_once_it_is_open),
      cmocka_unit_test(test_conn_client_sees_the_refusal),
      cmocka_unit_test(test_conn_client_fails_on_a_bad_answer),
      cmocka_unit_test(test_conn_client_silence_is_taken_by_policy),
      cmocka_unit_test(test_conn_client_keeps_a_bounded_part_of_a_body),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
