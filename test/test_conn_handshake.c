/* conn: the upgrade, both roles. */
#include "pair.h"

static struct side client, server;
static struct wire wire;

/* ---- server: the request ---- */

static int see_request(struct side *side, int event) {
  sipws_request view;
  const char *text, *name, *value;
  size_t len, name_len, value_len;
  if (event != SIPWS_EVENT_REQUEST) {
    return 0;
  }
  view.struct_size = sizeof view;
  assert_int_equal(sipws_conn_request(side->conn, &text, &len, &view), 0);
  assert_int_equal(view.is_upgrade, 1);
  assert_int_equal(view.has_origin, 1);
  assert_span(text, view.path, "/ws");
  assert_span(text, view.query, "x=1");
  assert_span(text, view.host, "h.example");
  assert_span(text, view.origin, "https://o.example");
  assert_int_equal(sipws_conn_header(side->conn, "cookie", 6, 0, &value, &len),
                   0);
  assert_text(value, len, "a=1; b=\"2\"");
  assert_int_equal(sipws_conn_header(side->conn, "cookie", 6, 1, &value, &len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(
      sipws_conn_header_at(side->conn, 0, &name, &name_len, &value, &len), 0);
  assert_text(name, name_len, "Host");
  assert_text(value, len, "h.example");
  assert_int_equal(
      sipws_conn_header_at(side->conn, 8, &name, &name_len, &value, &len),
      SIPWS_ERR_NOT_FOUND);
  assert_int_equal(
      sipws_conn_cookie_at(side->conn, 1, &name, &name_len, &value, &value_len),
      0);
  assert_text(name, name_len, "b");
  assert_text(value, value_len, "\"2\"");
  assert_int_equal(
      sipws_conn_cookie_at(side->conn, 2, &name, &name_len, &value, &value_len),
      SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_conn_offered_at(side->conn, 1, &name, &name_len), 0);
  assert_text(name, name_len, "sip");
  assert_int_equal(sipws_conn_offered_at(side->conn, 2, &name, &name_len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(
      sipws_conn_add_header(side->conn, "Set-Cookie", 10, "c=3", 3), 0);
  return 0;
}

static void test_conn_handshake_server_sees_the_request(void **state) {
  static const char *const lines =
      UPGRADE "Origin: https://o.example\r\n"
              "Cookie: a=1; b=\"2\"\r\n"
              "Sec-WebSocket-Protocol: token.x, sip\r\n\r\n";
  const char *text;
  size_t len;
  sipws_request view;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  server.then = see_request;
  side_server(&server);
  view.struct_size = sizeof view;
  assert_int_equal(sipws_conn_request(server.conn, &text, &len, &view),
                   SIPWS_ERR_STATE);
  side_feed_text(&server, lines);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  assert_int_equal(sipws_conn_http_status(server.conn), 101);
  /* the view is gone with the verdict */
  assert_int_equal(sipws_conn_request(server.conn, &text, &len, &view),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_header(server.conn, "Host", 4, 0, &text, &len),
                   SIPWS_ERR_STATE);
  assert_string_equal(side_output(&server),
                      "HTTP/1.1 101 Switching Protocols\r\n"
                      "Upgrade: websocket\r\n"
                      "Connection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                      "Sec-WebSocket-Protocol: sip\r\n"
                      "Set-Cookie: c=3\r\n"
                      "\r\n");
  side_free(&server);
}

static void test_conn_handshake_every_cut_gives_the_same(void **state) {
  size_t cut;
  (void)state;
  for (cut = 1; cut < sizeof UPGRADE_SIP + 12; cut++) {
    wire_clear(&wire);
    wire_put(&wire, UPGRADE_SIP);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    side_config(&server, cut % 3 == 0 ? SIDE_PULLS : SIDE_CALLBACKS);
    side_server(&server);
    assert_int_equal(side_feed(&server, wire.data, wire.len, cut), wire.len);
    assert_log(&server, "request GET /ws?x=1\nopen sip\n"
                        "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_wire(&server, "HTTP/1.1 101 Switching Protocols\n");
    side_free(&server);
  }
}

/* ---- server: automatic refusals ---- */

static void test_conn_handshake_refuses_by_itself(void **state) {
  static const struct {
    const char *request;
    const char *status;
  } rows[] = {
      {"\x16\x03\x01", "HTTP/1.1 400 Bad Request\n"},
      {"GET /\r\n\r\n", "HTTP/1.1 400 Bad Request\n"},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\n"},
      {"GET / HTTP/1.1\nHost: h\n\n", "HTTP/1.1 400 Bad Request\n"},
      {"POST / HTTP/1.1\r\nHost: h\r\n\r\n",
       "HTTP/1.1 405 Method Not Allowed\n"},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n",
       "HTTP/1.1 413 Content Too Large\n"},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n",
       "HTTP/1.1 505 HTTP Version Not Supported\n"},
      {UPGRADE "\r\n", "HTTP/1.1 400 Bad Request\n"},
      {UPGRADE "Sec-WebSocket-Protocol: sipx\r\n\r\n",
       "HTTP/1.1 400 Bad Request\n"},
      {"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
       "Connection: Upgrade\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
       "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
       "HTTP/1.1 426 Upgrade Required\n"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    side_config(&server, SIDE_CALLBACKS);
    side_server(&server);
    side_feed_text(&server, rows[i].request);
    assert_int_equal(side_fed(&server), SIPWS_ERR_HANDSHAKE);
    assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_REFUSING);
    assert_int_equal(sipws_conn_http_status(server.conn),
                     atoi(rows[i].status + 9));
    assert_wire(&server, rows[i].status);
    assert_int_equal(sipws_conn_wants(server.conn),
                     SIPWS_WANT_SHUT | SIPWS_WANT_READ);
    assert_log(&server, "");
    (void)sipws_conn_eof(server.conn, 1);
    assert_log(&server, "closed REFUSED 1006\n");
    side_free(&server);
  }
}

static void test_conn_handshake_refusal_is_written_whole(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  side_feed_text(&server,
                 "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Version: 8\r\n"
                 "\r\n");
  assert_string_equal(side_output(&server), "HTTP/1.1 426 Upgrade Required\r\n"
                                            "Content-Length: 0\r\n"
                                            "Connection: close, Upgrade\r\n"
                                            "Upgrade: websocket\r\n"
                                            "Sec-WebSocket-Version: 13\r\n"
                                            "\r\n");
  side_free(&server);
}

static void test_conn_handshake_head_limits_hold_exactly(void **state) {
  static char head[600];
  int more;
  (void)state;
  for (more = -1; more <= 1; more++) {
    size_t len = (size_t)(512 + more);
    memset(head, 'x', sizeof head);
    memcpy(head, UPGRADE, sizeof UPGRADE - 1);
    memcpy(head + sizeof UPGRADE - 1, "A: ", 3);
    memcpy(head + len - 33, "\r\nSec-WebSocket-Protocol: sip\r\n\r\n", 33);
    side_config(&server, SIDE_CALLBACKS);
    side_limit(&server, SIPWS_LIMIT_HANDSHAKE_SIZE, 512);
    side_server(&server);
    assert_int_equal(side_feed(&server, head, len, 7), len);
    assert_wire(&server, more == 1
                             ? "HTTP/1.1 431 Request Header Fields Too Large\n"
                             : "HTTP/1.1 101 Switching Protocols\n");
    side_free(&server);
  }
}

static void test_conn_handshake_an_empty_line_may_come_first(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  side_feed_text(&server, "\r\n" UPGRADE_SIP);
  assert_log(&server, "request GET /ws?x=1\nopen sip\n");
  side_free(&server);
}

/* ---- server: verdicts ---- */

static void test_conn_handshake_later_waits_for_the_verdict(void **state) {
  static const uint8_t frame[] = {0x89, 0x80, 1, 2, 3, 4};
  size_t taken = 9;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    side_config(&server, face);
    server.verdict = SIDE_LATER;
    side_server(&server);
    side_feed_text(&server, UPGRADE_SIP);
    assert_log(&server, "request GET /ws?x=1\n");
    assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_VERDICT);
    /* what follows waits, kept if wanted */
    assert_int_equal(
        sipws_conn_feed(server.conn, frame, sizeof frame, 1, &taken), 0);
    assert_int_equal(taken, 0);
    assert_int_equal(sipws_conn_keep(server.conn, frame, sizeof frame), 0);
    assert_int_equal(sipws_conn_kept(server.conn), sizeof frame);
    assert_int_equal(sipws_conn_wants(server.conn), SIPWS_WANT_READ);
    assert_int_equal(
        sipws_conn_send(server.conn, OPTIONS, sizeof OPTIONS - 1, 0, 1, NULL),
        SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_room(server.conn), 0);
    assert_int_equal(sipws_conn_accept(server.conn, "sip", 3, 2), 0);
    side_pull(&server);
    assert_log(&server, "open sip\n");
    assert_int_equal(sipws_conn_accept(server.conn, "sip", 3, 2),
                     SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_reject(server.conn, 404, NULL, 0, 2),
                     SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_feed(server.conn, NULL, 0, 3, &taken), 0);
    side_pull(&server);
    assert_log(&server, "keepalive ping\n");
    assert_int_equal(sipws_conn_kept(server.conn), 0);
    assert_wire(&server, "HTTP/1.1 101 Switching Protocols\npong\n");
    side_free(&server);
  }
}

static void test_conn_handshake_verdict_deadline_answers_503(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_timer(&server, SIPWS_TIMER_HANDSHAKE, 100);
  side_timer(&server, SIPWS_TIMER_VERDICT, 700);
  side_server(&server);
  assert_int_equal(sipws_conn_deadline(server.conn), 100);
  server.now = 60;
  side_feed_text(&server, UPGRADE_SIP);
  assert_int_equal(sipws_conn_deadline(server.conn), 760);
  side_tick(&server, 759);
  assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_VERDICT);
  side_tick(&server, 760);
  assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_REFUSING);
  assert_int_equal(sipws_conn_accept(server.conn, NULL, 0, 760),
                   SIPWS_ERR_STATE);
  assert_wire(&server, "HTTP/1.1 503 Service Unavailable\n");
  assert_int_equal(sipws_conn_timer(server.conn), SIPWS_TIMER_VERDICT);
  assert_int_equal(sipws_conn_deadline(server.conn), 5760);
  side_forget(&server);
  side_tick(&server, 5760);
  assert_log(&server, "closed TIMEOUT 1006\n");
  assert_int_equal(sipws_conn_error(server.conn), SIPWS_ERR_TIMEOUT);
  side_free(&server);
}

static void test_conn_handshake_peer_leaves_while_verdict_is_due(void **s) {
  int how;
  (void)s;
  for (how = 0; how < 3; how++) {
    side_config(&server, SIDE_CALLBACKS);
    server.verdict = SIDE_LATER;
    side_server(&server);
    side_feed_text(&server, UPGRADE_SIP);
    side_forget(&server);
    if (how == 0) {
      (void)sipws_conn_keep(server.conn, "abc", 3);
      (void)sipws_conn_eof(server.conn, 1);
      assert_log(&server, "closed EOF 1006\n");
    } else if (how == 1) {
      (void)sipws_conn_lost(server.conn, -104, 1);
      assert_log(&server, "closed LOST 1006\n");
      assert_int_equal(sipws_conn_lost_reason(server.conn), -104);
    } else {
      (void)sipws_conn_abort(server.conn, 1);
      assert_log(&server, "closed ABORTED 1006\n");
    }
    assert_int_equal(sipws_conn_accept(server.conn, NULL, 0, 2),
                     SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_reject(server.conn, 403, "x", 1, 2),
                     SIPWS_ERR_STATE);
    assert_int_equal(sipws_conn_wants(server.conn), SIPWS_WANT_CLOSE);
    assert_int_equal(sipws_conn_deadline(server.conn), UINT64_MAX);
    assert_log(&server, "");
    side_free(&server);
  }
}

static void test_conn_handshake_reject_lends_the_body(void **state) {
  static const char body[] = "forbidden fruit";
  const uint8_t *data, *more;
  size_t len, more_len;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_server(&server);
  side_feed_text(&server, UPGRADE_SIP);
  assert_int_equal(sipws_conn_add_header(server.conn, "WWW-Authenticate", 16,
                                         "Basic realm=\"x\"", 15),
                   0);
  assert_int_equal(sipws_conn_reject(server.conn, 199, body, 4, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_reject(server.conn, 600, body, 4, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_reject(server.conn, 401, body, 15, 1), 0);
  assert_int_equal(sipws_conn_pending(server.conn, 0, &data, &len), 0);
  assert_int_equal(sipws_conn_pending(server.conn, len, &more, &more_len), 0);
  assert_ptr_equal(more, body); /* lent, not copied */
  assert_int_equal(more_len, 15);
  assert_int_equal(sipws_conn_pending(server.conn, len + 5, &more, &more_len),
                   0);
  assert_ptr_equal(more, body + 5);
  assert_string_equal(side_output(&server),
                      "HTTP/1.1 401 Unauthorized\r\n"
                      "Content-Length: 15\r\n"
                      "Connection: close\r\n"
                      "WWW-Authenticate: Basic realm=\"x\"\r\n"
                      "\r\n"
                      "forbidden fruit");
  side_free(&server);
}

/* A body of the letters a, b, c …, never more than 1000 at once. */
static size_t body_fails_at;

static int letters(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                   void *user) {
  size_t i;
  *got = len < 1000 ? len : 1000;
  *(uint64_t *)user += *got;
  for (i = 0; i < *got; i++) {
    buf[i] = (uint8_t)('a' + (off + i) % 26);
  }
  return body_fails_at != 0 && off >= body_fails_at;
}

static void test_conn_handshake_reject_from_pulls_the_body(void **state) {
  uint64_t pulled = 0;
  size_t body, i;
  int cut;
  (void)state;
  for (cut = 0; cut < 6; cut++) {
    body_fails_at = 0;
    pulled = 0;
    side_config(&server, SIDE_CALLBACKS);
    if (cut >= 3) { /* with less room than is asked for elsewhere */
      side_policy(&server, SIPWS_POLICY_FIXED_BUFFERS);
      side_limit(&server, SIPWS_LIMIT_HANDSHAKE_SIZE, 256);
    }
    server.verdict = SIDE_LATER;
    side_server(&server);
    side_feed_text(&server, "GET /page HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(
        sipws_conn_reject_from(server.conn, 200, letters, 9500, &pulled, 1), 0);
    wire_clear(&wire);
    wire_take(&wire, &server, cut % 3 == 0 ? 0 : cut % 3 == 1 ? 1 : 777);
    assert_int_equal(pulled, 9500);
    body = wire.len - 9500;
    assert_memory_equal(wire.data, "HTTP/1.1 200 OK\r\n", 17);
    assert_memory_equal(wire.data + body - 4, "\r\n\r\n", 4);
    for (i = 0; i < 9500; i++) {
      assert_int_equal(wire.data[body + i], 'a' + i % 26);
    }
    side_free(&server);
  }
}

static void test_conn_handshake_a_failing_body_aborts(void **state) {
  uint64_t pulled = 0;
  const uint8_t *data;
  size_t len;
  (void)state;
  body_fails_at = 2000;
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_server(&server);
  side_feed_text(&server, "GET /page HTTP/1.1\r\nHost: h\r\n\r\n");
  side_forget(&server);
  assert_int_equal(
      sipws_conn_reject_from(server.conn, 200, letters, 9500, &pulled, 1), 0);
  do {
    assert_int_equal(sipws_conn_pending(server.conn, 0, &data, &len), 0);
    assert_int_equal(sipws_conn_taken(server.conn, len, 2), 0);
  } while (pulled < 2000);
  assert_int_equal(sipws_conn_pending(server.conn, 0, &data, &len),
                   SIPWS_ERR_HOOK);
  assert_int_equal(pulled, 3000); /* asked no more */
  assert_int_equal(sipws_conn_pending(server.conn, 0, &data, &len), 0);
  assert_int_equal(pulled, 3000);
  assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_CLOSED);
  /* closed was not told yet: whoever frees it now would miss that */
  assert_int_equal(sipws_conn_wants(server.conn), 0);
  assert_true(sipws_conn_deadline(server.conn) <= 2);
  side_tick(&server, 2);
  assert_int_equal(sipws_conn_wants(server.conn), SIPWS_WANT_CLOSE);
  assert_log(&server, "closed ABORTED 1006\n");
  /* what was told before is sticky */
  assert_int_equal(sipws_conn_error(server.conn), SIPWS_ERR_REFUSED);
  body_fails_at = 0;
  side_free(&server);
}

static void test_conn_handshake_head_gets_no_body(void **state) {
  static const struct {
    const char *method;
    int status;
    const char *answer;
  } rows[] = {
      {"HEAD", 200,
       "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"},
      {"GET", 200,
       "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"},
      {"GET", 204, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"},
      {"GET", 304, "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"},
  };
  char request[80];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: h\r\n\r\n",
             rows[i].method);
    side_config(&server, SIDE_CALLBACKS);
    server.verdict = SIDE_LATER;
    side_server(&server);
    side_feed_text(&server, request);
    assert_int_equal(sipws_conn_accept(server.conn, NULL, 0, 1),
                     SIPWS_ERR_INVALID);
    assert_int_equal(
        sipws_conn_reject(server.conn, rows[i].status, "abc", 3, 1), 0);
    assert_string_equal(side_output(&server), rows[i].answer);
    side_free(&server);
  }
}

static void test_conn_handshake_without_on_request_all_are_answered(void **s) {
  (void)s;
  side_config(&server, SIDE_CALLBACKS);
  (void)sipws_config_on_request(server.config, NULL);
  side_server(&server);
  side_feed_text(&server, UPGRADE_SIP);
  assert_log(&server, "open sip\n");
  side_free(&server);
  side_config(&server, SIDE_CALLBACKS);
  (void)sipws_config_on_request(server.config, NULL);
  side_server(&server);
  side_feed_text(&server, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_wire(&server, "HTTP/1.1 426 Upgrade Required\n");
  side_free(&server);
}

static void test_conn_handshake_a_slow_page_may_take_its_time(void **state) {
  uint64_t pulled = 0;
  const uint8_t *data;
  size_t len;
  int i;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_server(&server);
  side_feed_text(&server, "GET /page HTTP/1.1\r\nHost: h\r\n\r\n");
  side_forget(&server);
  (void)sipws_conn_reject_from(server.conn, 200, letters, 9500, &pulled, 0);
  for (i = 1; i < 6; i++) {
    side_tick(&server, (uint64_t)i * 4999 - 1);
    assert_int_equal(sipws_conn_pending(server.conn, 0, &data, &len), 0);
    assert_true(len > 0);
    server.now = (uint64_t)i * 4999;
    assert_int_equal(sipws_conn_taken(server.conn, 1, server.now), 0);
  }
  side_tick(&server, 5 * 4999 + 5000); /* and then nothing was taken */
  assert_log(&server, "closed REFUSED 1006\n");
  side_free(&server);
}

static void test_conn_handshake_half_closed_peer_gets_the_answer(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = 404;
  side_server(&server);
  side_feed_text(&server, UPGRADE_SIP);
  side_forget(&server);
  (void)sipws_conn_eof(server.conn, 1);
  assert_int_equal(sipws_conn_wants(server.conn), SIPWS_WANT_WRITE);
  assert_log(&server, "");
  assert_string_equal(side_output(&server), "HTTP/1.1 404 Not Found\r\n"
                                            "Content-Length: 2\r\n"
                                            "Connection: close\r\n"
                                            "\r\nno");
  assert_log(&server, "closed REFUSED 1006\n");
  side_free(&server);
}

/* ---- server: subprotocols and lenient policies ---- */

static void test_conn_handshake_subprotocols_are_agreed(void **state) {
  static const struct {
    const char *list; /* ours, by spaces; "-" is the empty entry */
    uint32_t policy;
    const char *offer;  /* header lines */
    const char *choice; /* of accept */
    int result;         /* of accept; 1: refused before */
    const char *agreed;
    int profile;
  } rows[] = {
      {"sip", 0, "sip", "", 0, "sip", SIPWS_PROFILE_SIP},
      {"sip msrp", 0, "foo, msrp, sip", "", 0, "msrp", SIPWS_PROFILE_OPAQUE},
      {"sip msrp", 0, "foo, msrp, sip", "sip", 0, "sip", SIPWS_PROFILE_SIP},
      {"sip msrp", 0, "msrp", "sip", SIPWS_ERR_NOT_FOUND, "", 0},
      {"sip", 0, "foo, sip", "foo", SIPWS_ERR_NOT_FOUND, "", 0},
      {"sip *", 0, "foo, bar", "", 0, "foo", SIPWS_PROFILE_OPAQUE},
      {"sip *", 0, "foo, bar", "bar", 0, "bar", SIPWS_PROFILE_OPAQUE},
      {"sip -", 0, NULL, "", 0, "", SIPWS_PROFILE_OPAQUE},
      {"sip", 0, NULL, "", 1, "", 0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, NULL, "", 0, "", SIPWS_PROFILE_SIP},
      {"sip", 0, "SIP", "", 1, "", 0},
      {"sip", SIPWS_POLICY_ANY_CASE, "SIP", "", 0, "SIP", SIPWS_PROFILE_SIP},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    const char *name = rows[i].list;
    size_t len;
    side_config(&server, SIDE_CALLBACKS);
    while (*name != '\0') {
      len = strcspn(name, " ");
      assert_int_equal(sipws_config_add_subprotocol(
                           server.config, name, *name == '-' ? 0 : len,
                           strncmp(name, "sip", 3) == 0 ? SIPWS_PROFILE_SIP
                                                        : SIPWS_PROFILE_OPAQUE),
                       0);
      name += len;
      name += *name == ' ';
    }
    side_policy(&server, rows[i].policy);
    server.verdict = SIDE_LATER;
    side_server(&server);
    side_feed_text(&server, UPGRADE);
    if (rows[i].offer != NULL) {
      side_feed_text(&server, "Sec-WebSocket-Protocol: ");
      side_feed_text(&server, rows[i].offer);
      side_feed_text(&server, "\r\n");
    }
    side_feed_text(&server, "\r\n");
    if (rows[i].result == 1) {
      assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_REFUSING);
    } else {
      assert_int_equal(sipws_conn_accept(server.conn, rows[i].choice,
                                         strlen(rows[i].choice), 1),
                       rows[i].result);
    }
    if (rows[i].result == 0) {
      assert_int_equal(sipws_conn_subprotocol(server.conn, &name, &len), 0);
      assert_text(name, len, rows[i].agreed);
      assert_int_equal(sipws_conn_profile(server.conn), rows[i].profile);
    }
    side_free(&server);
  }
}

/* Another spelling is copied: a second verdict may be longer than the first. */
static void test_conn_handshake_a_verdict_may_be_given_again(void **state) {
  const char *name;
  size_t len;
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  (void)sipws_config_add_subprotocol(server.config, "*", 1,
                                     SIPWS_PROFILE_OPAQUE);
  server.verdict = SIDE_LATER;
  side_server(&server);
  side_feed_text(&server,
                 UPGRADE "Sec-WebSocket-Protocol: a, "
                         "a-name-that-is-longer-than-the-other-one\r\n\r\n");
  server.heap.fail_at = server.heap.calls + 2; /* the 101's memory */
  assert_int_equal(sipws_conn_accept(server.conn, "a", 1, 1), SIPWS_ERR_NOMEM);
  server.heap.fail_at = 0;
  assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_VERDICT);
  assert_int_equal(sipws_conn_accept(server.conn,
                                     "a-name-that-is-longer-than-the-other-one",
                                     40, 1),
                   0);
  assert_int_equal(sipws_conn_subprotocol(server.conn, &name, &len), 0);
  assert_text(name, len, "a-name-that-is-longer-than-the-other-one");
  side_free(&server);
}

/* ---- both ends, every cut ---- */

static void test_conn_handshake_pair_opens_at_every_cut(void **state) {
  size_t cut;
  (void)state;
  for (cut = 1; cut < 260; cut += cut < 20 ? 1 : 23) {
    side_config(&client, cut % 2 == 0 ? SIDE_PULLS : SIDE_CALLBACKS);
    side_config(&server, cut % 3 == 0 ? SIDE_PULLS : SIDE_CALLBACKS);
    side_client(&client, "ws://h/");
    side_server(&server);
    assert_int_equal(
        sipws_conn_send(client.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL),
        0);
    assert_wire(&client, "GET / HTTP/1.1\n"); /* no frame before the 101 */
    side_free(&client);
    side_config(&client, cut % 2 == 0 ? SIDE_PULLS : SIDE_CALLBACKS);
    side_client(&client, "ws://h/");
    (void)sipws_conn_send(client.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
    pair_move(&client, &server, cut);
    assert_log(&client, "open sip\nsent 1\n");
    assert_log(&server, "request GET /\nopen sip\n"
                        "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    side_free(&client);
    side_free(&server);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_handshake_server_sees_the_request),
      cmocka_unit_test(test_conn_handshake_every_cut_gives_the_same),
      cmocka_unit_test(test_conn_handshake_refuses_by_itself),
      cmocka_unit_test(test_conn_handshake_refusal_is_written_whole),
      cmocka_unit_test(test_conn_handshake_head_limits_hold_exactly),
      cmocka_unit_test(test_conn_handshake_an_empty_line_may_come_first),
      cmocka_unit_test(test_conn_handshake_later_waits_for_the_verdict),
      cmocka_unit_test(test_conn_handshake_verdict_deadline_answers_503),
      cmocka_unit_test(test_conn_handshake_peer_leaves_while_verdict_is_due),
      cmocka_unit_test(test_conn_handshake_reject_lends_the_body),
      cmocka_unit_test(test_conn_handshake_reject_from_pulls_the_body),
      cmocka_unit_test(test_conn_handshake_a_failing_body_aborts),
      cmocka_unit_test(test_conn_handshake_head_gets_no_body),
      cmocka_unit_test(test_conn_handshake_without_on_request_all_are_answered),
      cmocka_unit_test(test_conn_handshake_a_slow_page_may_take_its_time),
      cmocka_unit_test(test_conn_handshake_half_closed_peer_gets_the_answer),
      cmocka_unit_test(test_conn_handshake_subprotocols_are_agreed),
      cmocka_unit_test(test_conn_handshake_a_verdict_may_be_given_again),
      cmocka_unit_test(test_conn_handshake_pair_opens_at_every_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
