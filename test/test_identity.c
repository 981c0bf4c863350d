/* Who a connection belongs to (RFC 7118 section 7, appendix A): the upgrade
 * tells it, each request is held against it, and it may be revoked. Functions
 * of sipws.h, sip.h and front.h as a server uses them together. */
#include <sipws/front.h>
#include <sipws/sip.h>

#include "pair.h"

#define ALICE "sip:alice@example.com"

static struct side client, server;
static char identity[64]; /* bound to the server's connection; a C string */

/* A.2: identity and session token are parameters of the URL. */
static int is_known_by_query(const char *text, const sipws_request *view) {
  const char *query = text + view->query.off;
  char token[16];
  size_t token_len = 0;
  size_t len = 0;
  if (sipws_query_get(query, view->query.len, "identity", 8, identity,
                      sizeof identity - 1, &len) != 0 ||
      sipws_query_get(query, view->query.len, "token", 5, token, sizeof token,
                      &token_len) != 0) {
    return 0;
  }
  /* By lengths: what was decoded may hold any octet. */
  identity[len] = '\0';
  return len == strlen(ALICE) && memcmp(identity, ALICE, len) == 0 &&
         token_len == 4 && memcmp(token, "good", 4) == 0;
}

/* A.3: the cookie that the web server gave after its login. */
static int is_known_by_cookie(const sipws_conn *conn) {
  const char *name, *value;
  size_t name_len, value_len;
  uint32_t i;
  for (i = 0;
       sipws_conn_cookie_at(conn, i, &name, &name_len, &value, &value_len) == 0;
       i++) {
    if (name_len == 7 && memcmp(name, "session", 7) == 0 && value_len == 4 &&
        memcmp(value, "good", 4) == 0) {
      strcpy(identity, ALICE);
      return 1;
    }
  }
  return 0;
}

static void admit(struct side *side) {
  sipws_request view;
  const char *text;
  size_t len;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_conn_request(side->conn, &text, &len, &view), 0);
  side->verdict =
      is_known_by_query(text, &view) || is_known_by_cookie(side->conn)
          ? SIDE_ACCEPT
          : 403;
}

/* Answers 200 to requests in the name of the identity, to others 403. */
static void judge(struct side *side) {
  sipws_sip_view view;
  char answer[1024];
  const char *msg;
  size_t len, answer_len;
  int kind, verdict, status;
  view.struct_size = sizeof view;
  assert_int_equal(
      sipws_conn_event_message(side->conn, &kind, &msg, &len, &verdict), 0);
  assert_int_equal(sipws_sip_parse(msg, len, &view), 0);
  status = sipws_sip_is_from(msg, len, &view, identity, strlen(identity)) ? 200
                                                                          : 403;
  assert_int_equal(sipws_sip_respond(msg, len, status, "", 0, "t", 1, answer,
                                     sizeof answer, &answer_len),
                   0);
  assert_int_equal(
      sipws_conn_send(side->conn, answer, answer_len, 0, side->now, NULL), 0);
}

static int serve(struct side *side, int event) {
  if (event == SIPWS_EVENT_REQUEST) {
    admit(side);
  } else if (event == SIPWS_EVENT_MESSAGE) {
    judge(side);
  }
  return 0;
}

/* A client at |url|, with a cookie unless that is NULL; 1: it was let in. */
static int enters(const char *url, const char *cookie) {
  identity[0] = '\0';
  side_config(&client, SIDE_CALLBACKS);
  side_config(&server, SIDE_PULLS);
  server.then = serve;
  side_client(&client, url);
  side_server(&server);
  if (cookie != NULL) {
    assert_int_equal(sipws_conn_add_cookie(client.conn, "session", 7, cookie,
                                           strlen(cookie)),
                     0);
  }
  pair_move(&client, &server, 0);
  return sipws_conn_state(client.conn) == SIPWS_STATE_OPEN;
}

static void leave(void) {
  side_free(&client);
  side_free(&server);
}

#define GOOD_URL "ws://h/?identity=sip%3Aalice%40example.com&token=good"

static void test_identity_of_the_url_is_let_in_with_its_token(void **state) {
  static const char *const strangers[] = {
      "ws://h/",
      "ws://h/?identity=sip%3Aalice%40example.com",
      "ws://h/?identity=sip%3Aalice%40example.com&token=goods",
      "ws://h/?identity=sip%3Abob%40example.com&token=good",
      "ws://h/?identity=sip%3Aalice%40example.com%00&token=good",
  };
  size_t i;
  (void)state;
  assert_true(enters(GOOD_URL, NULL));
  assert_string_equal(identity, ALICE);
  leave();
  for (i = 0; i < ROWS(strangers); i++) {
    assert_false(enters(strangers[i], NULL));
    assert_int_equal(sipws_conn_http_status(client.conn), 403);
    leave();
  }
}

static void test_identity_of_a_cookie_is_let_in(void **state) {
  (void)state;
  assert_true(enters("ws://h/", "good"));
  assert_string_equal(identity, ALICE);
  leave();
  assert_false(enters("ws://h/", "bad"));
  assert_int_equal(sipws_conn_http_status(client.conn), 403);
  leave();
}

/* Sends a request with that From; the status of the answer. */
static int status_for(const char *from) {
  char text[512];
  const char *answer;
  int len = snprintf(text, sizeof text,
                     "MESSAGE sip:bob@example.com SIP/2.0\r\n"
                     "Via: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n"
                     "From: %s;tag=1\r\nTo: <sip:bob@example.com>\r\n"
                     "Call-ID: 1\r\nCSeq: 1 MESSAGE\r\n\r\n",
                     from);
  side_forget(&client);
  assert_int_equal(
      sipws_conn_send(client.conn, text, (size_t)len, 0, client.now, NULL), 0);
  pair_move(&client, &server, 0);
  answer = strstr(client.log, "SIP/2.0 ");
  assert_non_null(answer);
  return atoi(answer + 8);
}

static void test_identity_is_the_only_from_allowed(void **state) {
  (void)state;
  assert_true(enters(GOOD_URL, NULL));
  assert_int_equal(status_for("<sip:alice@example.com>"), 200);
  assert_int_equal(status_for("Alice <sips:alice@EXAMPLE.com;x=y>"), 200);
  assert_int_equal(status_for("<sip:bob@example.com>"), 403);
  assert_int_equal(status_for("\"sip:alice@example.com\" <sip:bob@b>"), 403);
  assert_int_equal(status_for("<sip:alice@example.com:5070>"), 403);
  assert_int_equal(status_for("<tel:+1>"), 403);
  leave();
}

/* A.2: who logs out of the web has the connection revoked and closed. */
static void test_identity_revoked_closes_with_code_and_reason(void **state) {
  (void)state;
  assert_true(enters(GOOD_URL, NULL));
  side_forget(&client);
  assert_int_equal(sipws_conn_close(server.conn, 1008, "logged out", 10,
                                    SIPWS_CLOSE_NOWAIT, server.now),
                   0);
  assert_int_equal(sipws_conn_send(server.conn, OPTIONS, sizeof OPTIONS - 1, 0,
                                   server.now, NULL),
                   SIPWS_ERR_CLOSED);
  pair_move(&client, &server, 0);
  (void)sipws_conn_eof(client.conn, client.now);
  assert_non_null(strstr(client.log, "closed PEER_CLOSE 1008 logged out\n"));
  assert_int_equal(sipws_conn_close_code(client.conn), 1008);
  leave();
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_identity_of_the_url_is_let_in_with_its_token),
      cmocka_unit_test(test_identity_of_a_cookie_is_let_in),
      cmocka_unit_test(test_identity_is_the_only_from_allowed),
      cmocka_unit_test(test_identity_revoked_closes_with_code_and_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
