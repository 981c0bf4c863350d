/* front_retry: a client answers the 401 to its handshake on a new connection
 * (RFC 7118 section 7). */
#include "refusal.h"

#define DIGEST "Digest realm=\"r\", qop=\"auth\", "
#define MD5 DIGEST "nonce=\"md5\", algorithm=MD5"
#define SHA DIGEST "nonce=\"sha\", algorithm=SHA-256"
#define BASIC "Basic realm=\"b, Digest realm=\"" /* a quoted comma */
#define LINE(challenges) "WWW-Authenticate: " challenges "\r\n"
#define BASIC_ANSWER "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl"

/* The nonce that an answer names, "basic", or the whole of it. */
static const char *answered(const char *authorization) {
  static char nonce[64];
  const char *at = strstr(authorization, "nonce=\"");
  if (strcmp(authorization, BASIC_ANSWER) == 0) {
    return "basic";
  }
  if (strncmp(authorization, "Digest username=\"Mufasa\"", 24) != 0 ||
      at == NULL) {
    return authorization;
  }
  snprintf(nonce, sizeof nonce, "%.*s", (int)strcspn(at + 7, "\""), at + 7);
  return nonce;
}

static void test_retry_answers_the_strongest_challenge(void **state) {
  static const struct {
    const char *lines, *answered;
  } rows[] = {
      {LINE("Basic realm=\"a\""), "basic"},
      {LINE("Basic"), "basic"},
      {LINE(MD5), "md5"},
      {LINE(SHA), "sha"},
      {LINE(BASIC) LINE(MD5) LINE(SHA), "sha"},
      {LINE(SHA) LINE(MD5) LINE(BASIC), "sha"},
      {LINE(MD5) LINE(BASIC), "md5"},
      {LINE(BASIC ", " MD5 ", " SHA), "sha"},
      {LINE(SHA ", " MD5 "," BASIC), "sha"},
      {LINE(MD5 ",basic realm=x"), "md5"},
      {LINE(MD5 " , Basic"), "md5"},
      {LINE(BASIC ", " MD5) LINE("Negotiate, " SHA), "sha"},
      {LINE("Negotiate, " MD5), "md5"},
      {LINE("Negotiate a87421000492aa874209af8bc028==, " MD5), "md5"},
      {LINE("NTLM TlRMTVNTUAAC=, Basic realm=\"a\""), "basic"},
      {LINE("New type=1, title=\"Basic, \\\"Digest\\\" x\", " MD5), "md5"},
      {LINE(MD5 ", Negotiate"), "md5"},
      {LINE(", , " MD5 " ,, " BASIC ","), "md5"},
      {LINE(DIGEST "nonce = \"spaced\" , algorithm\t=\tMD5"), "spaced"},
      {LINE("Digest\trealm=\"r\",nonce=\"tab\""), "tab"},
      {LINE(DIGEST "nonce=\"1st\"") LINE(MD5), "1st"}, /* of equals */
      {LINE(DIGEST "nonce=\"s\", algorithm=SHA-256-sess, " MD5), "s"},
      {LINE(DIGEST "nonce=\"x\", algorithm=SHA-512-256, " MD5), "md5"},
      {LINE("Digest realm=\"r\", nonce=\"int\", qop=\"auth-int\", " BASIC),
       "basic"},
      {LINE("Digest realm=\"r\", nonce=\"unended, " MD5) LINE(BASIC), "basic"},
      {LINE("realm=\"r\", nonce=\"n\"") LINE(BASIC), "basic"},
      {"www-authenticate: " MD5 "\r\nX: y\r\n" LINE(BASIC), "md5"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    refusal_begin("wss://h.example/ws", 401, rows[i].lines);
    assert_int_equal(refusal_retry(0), 0);
    assert_string_equal(answered(refusal_sent("Authorization")),
                        rows[i].answered);
    refusal_end();
  }
}

static void test_retry_without_a_known_challenge_is_not_found(void **state) {
  static const char *const rows[] = {
      "",
      LINE(""),
      LINE("Negotiate"),
      LINE("Bearer realm=\"a\""),
      LINE("Digest realm=\"a\""),
      LINE(DIGEST "nonce=\"x\", algorithm=SHA-512-256"),
      "Proxy-Authenticate: " MD5 "\r\n",
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    refusal_begin("wss://h.example/ws", 401, rows[i]);
    assert_int_equal(refusal_retry(0), SIPWS_ERR_NOT_FOUND);
    assert_string_equal(refusal_sent("Authorization"), "");
    refusal_end();
  }
}

static void test_retry_keeps_basic_from_the_clear(void **state) {
  static const struct {
    const char *url;
    const char *lines;
    int is_secure;
    uint32_t flags;
    int err;
  } rows[] = {
      {"ws://h/", LINE(BASIC), 0, 0, SIPWS_ERR_NOT_SECURE},
      {"ws://h/", LINE(BASIC), 0, 2, SIPWS_ERR_NOT_SECURE},
      {"ws://h/", LINE(BASIC), 0, SIPWS_RETRY_BASIC_IN_CLEAR, 0},
      {"ws://h/", LINE(BASIC), 1, 0, 0}, /* TLS of the application's */
      {"wss://h/", LINE(BASIC), 0, 0, 0},
      {"ws://h/", LINE(MD5), 0, 0, 0},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    refusal_begin(rows[i].url, 401, rows[i].lines);
    assert_int_equal(sipws_conn_set_secure(again.conn, rows[i].is_secure), 0);
    assert_int_equal(refusal_retry(rows[i].flags), rows[i].err);
    assert_int_equal(strlen(refusal_sent("Authorization")) > 0,
                     rows[i].err == 0);
    refusal_end();
  }
}

/* What the Digest names is what the request asks for (RFC 7616 3.4.6). */
static void test_retry_names_the_request_target(void **state) {
  static const char *const rows[][2] = {
      {"wss://h", "/"},
      {"wss://h/", "/"},
      {"wss://h:8443/ws", "/ws"},
      {"wss://h/ws?", "/ws"},
      {"wss://h?x=1", "/?x=1"},
      {"wss://h/ws?x=1&y=%20;z?", "/ws?x=1&y=%20;z?"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    char start[64], uri[64];
    const char *value;
    refusal_begin(rows[i][0], 401, LINE(SHA));
    assert_int_equal(refusal_retry(0), 0);
    value = refusal_sent("Authorization");
    snprintf(uri, sizeof uri, ", uri=\"%s\", ", rows[i][1]);
    assert_non_null(strstr(value, uri));
    assert_int_equal(
        sipws_auth_check(value, strlen(value), "GET", 3, "Circle of Life", 14),
        0);
    refusal_end();
    refusal_client(&again, rows[i][0]);
    (void)sipws_conn_set_secure(again.conn, 1);
    snprintf(start, sizeof start, "GET %s HTTP/1.1\r\n", rows[i][1]);
    assert_memory_equal(side_output(&again), start, strlen(start));
    side_free(&again);
  }
}

static void test_retry_goes_up_to_its_bounds(void **state) {
  static char url[2100] = "wss://h/";
  static char lines[4000];
  size_t len;
  (void)state;
  memset(url + 8, 'a', sizeof url - 9);
  for (len = 2047; len <= 2050; len++) { /* of the request target */
    url[7 + len] = '\0';
    refusal_begin(url, 401, LINE(BASIC));
    assert_int_equal(refusal_retry(0), len <= 2048 ? 0 : SIPWS_ERR_TOO_BIG);
    refusal_end();
    url[7 + len] = 'a';
  }
  for (len = 1000; len <= 3000; len += 1000) { /* of the answer */
    snprintf(lines, sizeof lines, LINE(MD5 ", opaque=\"%0*d\""), (int)len, 0);
    refusal_begin("wss://h/", 401, lines);
    assert_int_equal(refusal_retry(0), len < 2000 ? 0 : SIPWS_ERR_TOO_BIG);
    refusal_end();
  }
}

static void test_retry_replaces_an_older_authorization(void **state) {
  (void)state;
  refusal_begin("wss://h/", 401, LINE(BASIC));
  assert_int_equal(sipws_conn_set_authorization(again.conn, "Bearer x", 8), 0);
  assert_int_equal(refusal_retry(0), 0);
  assert_string_equal(refusal_sent("Authorization"), BASIC_ANSWER);
  refusal_end();
}

static int retry_at_once(struct side *side, int event) {
  (void)side;
  if (event == SIPWS_EVENT_REFUSED) {
    assert_int_equal(refusal_retry(0), 0);
  }
  return 0;
}

static void test_retry_from_the_refused_event_works(void **state) {
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
    side_config(&refused, face);
    side_client(&refused, "ws://h/");
    refusal_client(&again, "ws://h/");
    refused.then = retry_at_once;
    (void)side_output(&refused);
    side_feed_text(&refused, "HTTP/1.1 401 No\r\n" LINE(SHA) "\r\n");
    (void)sipws_conn_eof(refused.conn, 0);
    side_pull(&refused);
    assert_log(&refused, "refused 401 \nclosed REFUSED 1006\n");
    assert_string_equal(answered(refusal_sent("Authorization")), "sha");
    refusal_end();
  }
}

static void test_retry_in_the_wrong_state_is_refused(void **state) {
  static const int statuses[] = {200, 301, 403, 407, 503};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(statuses); i++) {
    refusal_begin("wss://h/", statuses[i], LINE(MD5));
    assert_int_equal(refusal_retry(0), SIPWS_ERR_STATE);
    refusal_end();
  }
  refusal_begin("wss://h/", 401, LINE(MD5));
  (void)refusal_sent(""); /* its request is on the way */
  assert_int_equal(refusal_retry(0), SIPWS_ERR_STATE);
  assert_int_equal(
      sipws_conn_retry(again.conn, refused.conn, "u", 1, "p", 1, seed, 0),
      SIPWS_ERR_STATE);
  assert_int_equal(
      sipws_conn_retry(refused.conn, refused.conn, "u", 1, "p", 1, seed, 0),
      SIPWS_ERR_STATE);
  refusal_end();
}

/* A server that refused with 401 is no client that was. */
static void test_retry_of_a_server_is_refused(void **state) {
  (void)state;
  refusal_begin("ws://h/", 401, LINE(MD5));
  side_free(&refused);
  side_config(&refused, SIDE_CALLBACKS);
  refused.verdict = 401;
  side_server(&refused);
  side_feed_text(&refused, UPGRADE_SIP);
  assert_int_equal(sipws_conn_http_status(refused.conn), 401);
  assert_int_equal(refusal_retry(0), SIPWS_ERR_STATE);
  refusal_end();
}

static void test_retry_wrong_arguments_are_invalid(void **state) {
  (void)state;
  refusal_begin("wss://h/", 401, LINE(MD5));
  assert_int_equal(sipws_conn_retry(NULL, again.conn, "u", 1, "p", 1, seed, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_conn_retry(refused.conn, NULL, "u", 1, "p", 1, seed, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_conn_retry(refused.conn, again.conn, NULL, 1, "p", 1, seed, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_conn_retry(refused.conn, again.conn, "u", 1, NULL, 1, seed, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_conn_retry(refused.conn, again.conn, "u", 1, "p", 1, NULL, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_conn_retry(refused.conn, again.conn, "u\n", 2, "p", 1, seed, 0),
      SIPWS_ERR_TEXT);
  side_free(&again);
  refusal_client(&again, "wss://other/"); /* not who asked */
  assert_int_equal(refusal_retry(0), SIPWS_ERR_INVALID);
  assert_string_equal(refusal_sent("Authorization"), "");
  refusal_end();
}

static void test_retry_without_memory_fails_cleanly(void **state) {
  long calls;
  long i;
  (void)state;
  refusal_begin("wss://h/", 401, LINE(MD5) "Set-Cookie: a=b\r\n");
  calls = again.heap.calls;
  assert_int_equal(refusal_retry(0), 0);
  calls = again.heap.calls - calls;
  assert_true(calls >= 2); /* header line, cookie */
  refusal_end();
  for (i = 1; i <= calls; i++) {
    refusal_begin("wss://h/", 401, LINE(MD5) "Set-Cookie: a=b\r\n");
    again.heap.fail_at = again.heap.calls + i;
    assert_int_equal(refusal_retry(0), SIPWS_ERR_NOMEM);
    refusal_end();
    again.heap.fail_at = 0; /* side_config keeps it */
  }
}

/* ---- against a server ---- */

static struct side server;

/* Takes who proves to be Mufasa; challenges others in both ways. */
static int guard(struct side *side, int event) {
  const char *value;
  size_t len;
  if (event != SIPWS_EVENT_REQUEST) {
    return 0;
  }
  side->verdict = 401;
  if (sipws_conn_header(side->conn, "Authorization", 13, 0, &value, &len) ==
          0 &&
      sipws_auth_check(value, len, "GET", 3, "Circle of Life", 14) == 0 &&
      sipws_conn_header(side->conn, "Cookie", 6, 0, &value, &len) == 0) {
    side_note(side, "cookie %.*s\n", (int)len, value);
    side->verdict = SIDE_ACCEPT;
  } else {
    const char *const lines[][2] = {{"WWW-Authenticate", BASIC},
                                    {"WWW-Authenticate", MD5 ", " SHA},
                                    {"Set-Cookie", "sid=1; HttpOnly"}};
    size_t i;
    for (i = 0; i < ROWS(lines); i++) {
      assert_int_equal(sipws_conn_add_header(side->conn, lines[i][0],
                                             strlen(lines[i][0]), lines[i][1],
                                             strlen(lines[i][1])),
                       0);
    }
  }
  return 0;
}

static void guarded_server(void) {
  side_config(&server, SIDE_CALLBACKS);
  server.then = guard;
  side_server(&server);
}

static void test_retry_passes_a_server_that_asks(void **state) {
  size_t cut;
  (void)state;
  for (cut = 0; cut < 3; cut++) {
    refusal_client(&refused, "ws://h.example/ws?x=1");
    guarded_server();
    pair_move(&refused, &server, cut);
    assert_log(&refused, "refused 401 no\nclosed REFUSED 1006\n");
    assert_log(&server, "request GET /ws?x=1\n");
    side_free(&server);
    refusal_client(&again, "ws://h.example/ws?x=1");
    guarded_server();
    assert_int_equal(refusal_retry(0), 0);
    pair_move(&again, &server, cut);
    assert_log(&again, "open sip\n");
    assert_log(&server, "request GET /ws?x=1\ncookie sid=1\nopen sip\n");
    side_free(&server);
    refusal_end();
  }
}

static void test_retry_with_a_wrong_password_is_refused_again(void **state) {
  (void)state;
  refusal_client(&refused, "ws://h/");
  guarded_server();
  pair_move(&refused, &server, 0);
  side_free(&server);
  refusal_client(&again, "ws://h/");
  guarded_server();
  assert_int_equal(sipws_conn_retry(refused.conn, again.conn, "Mufasa", 6,
                                    "wrong", 5, seed, 0),
                   0);
  pair_move(&again, &server, 0);
  assert_log(&again, "refused 401 no\nclosed REFUSED 1006\n");
  side_free(&server);
  refusal_end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_answers_the_strongest_challenge),
      cmocka_unit_test(test_retry_without_a_known_challenge_is_not_found),
      cmocka_unit_test(test_retry_keeps_basic_from_the_clear),
      cmocka_unit_test(test_retry_names_the_request_target),
      cmocka_unit_test(test_retry_goes_up_to_its_bounds),
      cmocka_unit_test(test_retry_replaces_an_older_authorization),
      cmocka_unit_test(test_retry_from_the_refused_event_works),
      cmocka_unit_test(test_retry_in_the_wrong_state_is_refused),
      cmocka_unit_test(test_retry_of_a_server_is_refused),
      cmocka_unit_test(test_retry_wrong_arguments_are_invalid),
      cmocka_unit_test(test_retry_without_memory_fails_cleanly),
      cmocka_unit_test(test_retry_passes_a_server_that_asks),
      cmocka_unit_test(test_retry_with_a_wrong_password_is_refused_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
