/* handshake: what both roles share, and one role against the other. */
#include "handshake.h"

/* -------------------------------------------------------- subprotocols -- */

#define NAME_16 "a-name-of-16-oct"
#define NAME_64 NAME_16 NAME_16 NAME_16 NAME_16

static void test_handshake_subprotocol_is_matched_by_list_and_policy(void **s) {
  static const struct {
    const char *list;
    uint32_t policy;
    const char *name;
    int entry; /* -1: none */
  } rows[] = {
      {"sip", 0, "sip", 0},
      {"sip", 0, "SIP", -1},
      {"sip", 0, "sipx", -1},
      {"sip", 0, "si", -1},
      {"sip", 0, "msrp", -1},
      {"sip", 0, "", -1},
      {"sip", SIPWS_POLICY_ANY_CASE, "SIP", 0},
      {"sip", SIPWS_POLICY_ANY_CASE, "", -1},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "", 0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "msrp", -1},
      {"sip msrp", 0, "msrp", 1},
      {"SIP sip", SIPWS_POLICY_ANY_CASE, "sip", 1},
      {"SIP sip", SIPWS_POLICY_ANY_CASE, "Sip", 0},
      {"sip -", 0, "", 1},
      {"sip -", SIPWS_POLICY_NO_SUBPROTOCOL, "", 1},
      {"sip -", 0, "msrp", -1},
      {"* sip", 0, "sip", 1},
      {"* sip", 0, "SIP", 0},
      {"* sip", SIPWS_POLICY_ANY_CASE, "SIP", 1},
      {"*", 0, "*", 0},
      {"*", 0, "", -1},
      {"*", 0, NAME_64, 0},
      {"*", 0, NAME_64 "x", -1},
      {"", SIPWS_POLICY_NO_SUBPROTOCOL, "", -1},
  };
  size_t i;
  (void)s;
  for (i = 0; i < ROWS(rows); i++) {
    struct sipws__protos protos = protos_of(rows[i].list);
    const struct sipws__proto *proto = sipws__protos_match(
        &protos, rows[i].policy, rows[i].name, strlen(rows[i].name));
    int entry = proto == NULL ? -1 : (int)(proto - protos.list);
    if (entry != rows[i].entry) {
      fail_msg("%s in %s: %d", rows[i].name, rows[i].list, entry);
    }
  }
}

/* -------------------------------------------------------------- accept -- */

static void test_handshake_accept_is_the_one_of_the_rfc(void **state) {
  char out[SIPWS__ACCEPT_LEN];
  (void)state;
  assert_int_equal(sipws__handshake_accept(KEY, strlen(KEY), out), 0);
  assert_text(out, sizeof out, ACCEPT);
  /* the key of erratum 3150 */
  assert_int_equal(
      sipws__handshake_accept("AQIDBAUGBwgJCgsMDQ4PEA==", SIPWS__KEY_LEN, out),
      0);
  assert_text(out, sizeof out, "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=");
  assert_int_equal(sipws__handshake_accept(KEY "x", SIPWS__KEY_LEN + 1, out),
                   SIPWS_ERR_INVALID);
}

/* ---------------------------------------------------------------- host -- */

static void test_handshake_host_is_a_host_and_perhaps_a_port(void **state) {
  static const char *const good[] = {"h",
                                     "example.com",
                                     "example.com:8088",
                                     "192.0.2.1:80",
                                     "[::1]",
                                     "[::1]:443",
                                     "[2001:db8::1]",
                                     "h:",
                                     "xn--e.x",
                                     "a_b~c",
                                     "%41.example:00080",
                                     "[v1.x:y]",
                                     "h:0189",
                                     "0.9",
                                     "a:",
                                     "Z9"};
  static const char *const bad[] = {
      "",         ":80",    "h:80a",     "h:8 0",  "a b",    "a@b", "a/b",
      "a,b c",    "[::1",   "[]",        "::1",    "[::1]x", "h?x", "h#",
      "\"h\"",    "h:80:1", "[::1%eth0", "a\\b",   "<h>",    "h\t", "\xc3\xa9",
      "[g/h]",    "h:-1",   "[::1]:a",   "[::1]]", "a|b",    "[",   "[:",
      "[::1]:8:", "h:/",    "[]:80",     "[/::1]"};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(good); i++) {
    char *guarded = test_guarded(good[i], strlen(good[i]));
    if (!sipws__handshake_is_host(guarded, strlen(good[i]))) {
      fail_msg("refused: %s", good[i]);
    }
    test_guarded_free(guarded, strlen(good[i]));
  }
  for (i = 0; i < ROWS(bad); i++) {
    char *guarded = test_guarded(bad[i], strlen(bad[i]));
    if (sipws__handshake_is_host(guarded, strlen(bad[i]))) {
      fail_msg("taken: %s", bad[i]);
    }
    test_guarded_free(guarded, strlen(bad[i]));
  }
  assert_int_equal(sipws__handshake_is_host("h\0h", 3), 0);
}

/* ---------------------------------------------------------- extensions -- */

static void test_handshake_extension_keeps_its_grammar(void **state) {
  static const char *const good[] = {
      "permessage-deflate",
      "permessage-deflate; client_max_window_bits",
      "permessage-deflate;server_max_window_bits=10;x",
      "foo; a = b ; c\t=\t\"d\"",
      "foo; a=\"\\b\\c\"",
      "foo;a=1;a=2",
      "foo; a=b \t",
      "foo \t",
  };
  static const char *const bad[] = {
      "",         "foo;",      "foo; ;x",      ";a",         "foo=1",
      "foo bar",  "foo; a b",  "foo; =b",      "foo; a=",    "foo; a=;",
      "foo; a==", "foo; a=\"", "foo; a=\"\"",  "foo; a=\"b", "foo; a=\"b c\"",
      "\"foo\"",  "foo/1",     "foo; a=\"\\",  "foo; a=b=c", "foo; a=\"b\"c",
      "f(o)o",    "foo; a=b/", "foo; \"a\"=b", "foo, bar",   "foo; a=\"b,c\""};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(good); i++) {
    char *guarded = test_guarded(good[i], strlen(good[i]));
    if (!sipws__handshake_is_extension(guarded, strlen(good[i]))) {
      fail_msg("refused: %s", good[i]);
    }
    test_guarded_free(guarded, strlen(good[i]));
  }
  for (i = 0; i < ROWS(bad); i++) {
    char *guarded = test_guarded(bad[i], strlen(bad[i]));
    if (sipws__handshake_is_extension(guarded, strlen(bad[i]))) {
      fail_msg("taken: %s", bad[i]);
    }
    test_guarded_free(guarded, strlen(bad[i]));
  }
}

/* -------------------------------------------------------- header lines -- */

static void test_handshake_header_that_injects_is_refused(void **state) {
  static const struct {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
    int err;
  } rows[] = {
      {"X-Token", 7, "abc", 3, 0},
      {"X-Token", 7, "", 0, 0},
      {"X-Token", 7, NULL, 0, 0},
      {"X-Token", 7, "tab\there, \xc3\xa9", 12, 0},
      {"Cookie", 6, "a=b", 3, 0},
      {"Sec-WebSocke", 12, "x", 1, 0},
      {"Hos", 3, "x", 1, 0},
      {"Hosts", 5, "x", 1, 0},
      {"", 0, "x", 1, SIPWS_ERR_TEXT},
      {"X Y", 3, "x", 1, SIPWS_ERR_TEXT},
      {"X:", 2, "x", 1, SIPWS_ERR_TEXT},
      {"X\r\nHost", 7, "x", 1, SIPWS_ERR_TEXT},
      {"X\0", 2, "x", 1, SIPWS_ERR_TEXT},
      {"\xc3\xa9", 2, "x", 1, SIPWS_ERR_TEXT},
      {"X", 1, "a\r\nHost: evil", 13, SIPWS_ERR_TEXT},
      {"X", 1, "a\rb", 3, SIPWS_ERR_TEXT},
      {"X", 1, "a\nb", 3, SIPWS_ERR_TEXT},
      {"X", 1, "a\r\n", 3, SIPWS_ERR_TEXT},
      {"X", 1, "\n", 1, SIPWS_ERR_TEXT},
      {"X", 1, "a\0b", 3, SIPWS_ERR_TEXT},
      {"X", 1, "\x7f", 1, SIPWS_ERR_TEXT},
      {"X", 1, "\x1b", 1, SIPWS_ERR_TEXT},
      {"Host", 4, "x", 1, SIPWS_ERR_INVALID},
      {"uPGRADE", 7, "x", 1, SIPWS_ERR_INVALID},
      {"connection", 10, "x", 1, SIPWS_ERR_INVALID},
      {"Content-Length", 14, "1", 1, SIPWS_ERR_INVALID},
      {"Transfer-Encoding", 17, "chunked", 7, SIPWS_ERR_INVALID},
      {"Sec-WebSocket-Key", 17, "x", 1, SIPWS_ERR_INVALID},
      {"sec-websocket-new", 17, "x", 1, SIPWS_ERR_INVALID},
      {"Sec-WebSocket-", 14, "x", 1, SIPWS_ERR_INVALID},
      {"Sec-WebSocket-", 13, "x", 1, 0},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    int err = sipws__handshake_check_header(rows[i].name, rows[i].name_len,
                                            rows[i].value, rows[i].value_len);
    if (err != rows[i].err) {
      fail_msg("%s: %d", rows[i].name, err);
    }
  }
}

static void test_handshake_line_is_added_whole_or_not(void **state) {
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__buf out;
  (void)state;
  memset(&out, 0, sizeof out);
  assert_int_equal(sipws__handshake_add_line(&out, &mem, "A", 1, "b", 1, 6), 0);
  assert_text(out.data, out.len, "A: b\r\n");
  assert_int_equal(sipws__handshake_add_line(&out, &mem, "CD", 2, NULL, 0, 11),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(
      sipws__handshake_add_line(&out, &mem, "CD", SIZE_MAX, "", SIZE_MAX, 12),
      SIPWS_ERR_TOO_BIG);
  /* with ": " and CRLF these would be few octets again */
  assert_int_equal(
      sipws__handshake_add_line(&out, &mem, "CD", SIZE_MAX, "", 0, 12),
      SIPWS_ERR_TOO_BIG);
  assert_int_equal(
      sipws__handshake_add_line(&out, &mem, "CD", 2, "", SIZE_MAX, 12),
      SIPWS_ERR_TOO_BIG);
  heap.fail_at = heap.calls + 1;
  assert_int_equal(sipws__handshake_add_line(&out, &mem, "CD", 2, NULL, 0, 12),
                   SIPWS_ERR_NOMEM);
  assert_text(out.data, out.len, "A: b\r\n");
  assert_int_equal(sipws__handshake_add_line(&out, &mem, "CD", 2, NULL, 0, 12),
                   0);
  assert_text(out.data, out.len, "A: b\r\nCD: \r\n");
  sipws__buf_free(&out, &mem);
  assert_int_equal(heap.blocks, 0);
}

/* --------------------------------------------------- one and the other -- */

static void test_handshake_of_both_roles_agrees(void **state) {
  static const char url_text[] = "ws://example.com:8088/ws?token=a%20b";
  static char cookie[] = "a=b";
  static char none[] = "";
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__protos protos = protos_of("msrp sip");
  struct sipws__protos ours = protos_of("sip");
  struct sipws__buf cookies = buf_of(cookie);
  struct sipws__buf empty = buf_of(none);
  struct sipws__buf request_text, answer_text;
  struct sipws__request request;
  struct sipws__answer answer;
  sipws_url url;
  (void)state;
  memset(&request_text, 0, sizeof request_text);
  memset(&answer_text, 0, sizeof answer_text);
  url.struct_size = sizeof url;
  assert_int_equal(sipws_url_parse(url_text, sizeof url_text - 1, &url), 0);
  assert_int_equal(sipws__client_write_request(url_text, &url, KEY, &protos,
                                               &empty, &cookies, &empty, &mem,
                                               &request_text),
                   0);
  sipws__request_judge((char *)request_text.data, request_text.len, &ours, 0, 8,
                       0, &request);
  assert_int_equal(request.status, 0);
  assert_int_equal(request.is_upgrade, 1);
  assert_span((char *)request_text.data, request.host, "example.com:8088");
  assert_span((char *)request_text.data, request.path, "/ws");
  assert_span((char *)request_text.data, request.query, "token=a%20b");
  assert_int_equal(sipws__request_write_101((char *)request_text.data, &request,
                                            &empty, &mem, &answer_text),
                   0);
  assert_int_equal(sipws__client_judge((char *)answer_text.data,
                                       answer_text.len, KEY, &protos, 0, 8,
                                       &answer),
                   0);
  assert_span((char *)answer_text.data, answer.subprotocol, "sip");
  assert_ptr_equal(answer.proto, &protos.list[1]);
  sipws__buf_free(&request_text, &mem);
  sipws__buf_free(&answer_text, &mem);
  assert_int_equal(heap.blocks, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(
          test_handshake_subprotocol_is_matched_by_list_and_policy),
      cmocka_unit_test(test_handshake_accept_is_the_one_of_the_rfc),
      cmocka_unit_test(test_handshake_host_is_a_host_and_perhaps_a_port),
      cmocka_unit_test(test_handshake_extension_keeps_its_grammar),
      cmocka_unit_test(test_handshake_header_that_injects_is_refused),
      cmocka_unit_test(test_handshake_line_is_added_whole_or_not),
      cmocka_unit_test(test_handshake_of_both_roles_agrees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
