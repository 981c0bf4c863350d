/* http_lines: where the header lines stand that a handshake is judged by.
 * The heads end at an unreadable page. */
#include "support.h"

#include "sipws_http.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define START "GET / HTTP/1.1\r\n"

struct noted {
  char *text;
  size_t len;
  struct sipws__lines lines;
};

static void note(const char *text, struct noted *noted) {
  struct sipws__http_head head;
  noted->len = strlen(text);
  noted->text = test_guarded(text, noted->len);
  assert_int_equal(
      sipws__http_parse(noted->text, noted->len, 0, 100, &head, &noted->lines),
      0);
}

static void forget(struct noted *noted) {
  test_guarded_free(noted->text, noted->len);
}

static void test_http_lines_are_known_by_name_in_any_case(void **state) {
  static const char text[] = START "SEC-WEBSOCKET-EXTENSIONS: 10\r\n"
                                   "X-Host: no\r\n"
                                   "sec-websocket-protocol: 9\r\n"
                                   "Sec-WebSocket-Accept: 8\r\n"
                                   "Sec-WebSocket-Version: 7\r\n"
                                   "Sec-WebSocket-Key: 6\r\n"
                                   "Sec-WebSocket-Keys: no\r\n"
                                   "Connection: 5\r\n"
                                   "Upgrade: 4\r\n"
                                   "Upgrad: no\r\n"
                                   "Transfer-Encoding: 3\r\n"
                                   "Content-Length: 2\r\n"
                                   "Origin: 1\r\n"
                                   "Host: 0\r\n\r\n";
  struct noted noted;
  char number[12];
  int i;
  (void)state;
  note(text, &noted);
  for (i = 0; i < SIPWS__LINES; i++) {
    snprintf(number, sizeof number, "%d", i);
    assert_int_equal(noted.lines.count[i], 1);
    assert_span(noted.text, noted.lines.first[i], number);
  }
  forget(&noted);
}

static void test_http_lines_that_are_missing_are_zero(void **state) {
  struct noted noted;
  int i;
  (void)state;
  note(START "X: y\r\n\r\n", &noted);
  for (i = 0; i < SIPWS__LINES; i++) {
    assert_int_equal(noted.lines.count[i], 0);
    assert_int_equal(noted.lines.first[i].off, 0);
    assert_int_equal(noted.lines.first[i].len, 0);
    assert_false(
        sipws__lines_have_token(&noted.lines, (enum sipws__line)i, "y"));
  }
  forget(&noted);
}

static void test_http_lines_are_counted_and_the_first_kept(void **state) {
  struct noted noted;
  (void)state;
  note(START "Origin: a\r\nHost:\r\norigin: b\r\nHOST: c\r\nhost: d\r\n\r\n",
       &noted);
  assert_int_equal(noted.lines.count[SIPWS__LINE_ORIGIN], 2);
  assert_span(noted.text, noted.lines.first[SIPWS__LINE_ORIGIN], "a");
  assert_int_equal(noted.lines.count[SIPWS__LINE_HOST], 3);
  assert_span(noted.text, noted.lines.first[SIPWS__LINE_HOST], "");
  forget(&noted);
}

#define LISTS                                                                  \
  START "Connection: keep-alive, UPGRADE\r\n"                                  \
        "Sec-WebSocket-Protocol:\r\n"                                          \
        "Connection: not-close\r\n"                                            \
        "sec-websocket-protocol: foo , sip\r\n"                                \
        "SEC-WEBSOCKET-PROTOCOL: ,msrp,\r\n\r\n"

static void test_http_lines_of_one_name_are_one_list(void **state) {
  static const char *const names[] = {"foo", "sip", "msrp"};
  struct sipws__http_list list;
  struct noted noted;
  sipws_span element;
  size_t i;
  (void)state;
  note(LISTS, &noted);
  sipws__lines_list(&noted.lines, SIPWS__LINE_PROTOCOL, &list);
  for (i = 0; i < ROWS(names); i++) {
    assert_true(sipws__http_list_next(noted.text, noted.len, &list, &element));
    assert_span(noted.text, element, names[i]);
  }
  assert_false(sipws__http_list_next(noted.text, noted.len, &list, &element));
  assert_false(sipws__http_list_next(noted.text, noted.len, &list, &element));
  forget(&noted);
}

static void test_http_lines_token_is_a_whole_element(void **state) {
  static const struct {
    const char *token;
    int has;
  } rows[] = {{"upgrade", 1}, {"Keep-Alive", 1}, {"not-close", 1}, {"close", 0},
              {"keep", 0},    {"upgrad", 0},     {"upgrade,", 0}};
  struct noted noted;
  size_t i;
  (void)state;
  note(LISTS, &noted);
  for (i = 0; i < ROWS(rows); i++) {
    assert_int_equal(sipws__lines_have_token(
                         &noted.lines, SIPWS__LINE_CONNECTION, rows[i].token),
                     rows[i].has);
  }
  forget(&noted);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_http_lines_are_known_by_name_in_any_case),
      cmocka_unit_test(test_http_lines_that_are_missing_are_zero),
      cmocka_unit_test(test_http_lines_are_counted_and_the_first_kept),
      cmocka_unit_test(test_http_lines_of_one_name_are_one_list),
      cmocka_unit_test(test_http_lines_token_is_a_whole_element),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
