/* http_list: lists of elements, and cookies. */
#include "support.h"

#include "sipws_http.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void parse(const char *text, struct sipws__http_head *head) {
  assert_int_equal(sipws__http_parse(text, strlen(text), 0, 100, head, NULL),
                   0);
}

/* Each element in brackets. */
static void list_elements(const char *text, char *out) {
  sipws_span list = {0, 0};
  sipws_span element;
  uint32_t pos = 0;
  char *guarded = test_guarded(text, strlen(text));
  list.len = (uint32_t)strlen(text);
  *out = '\0';
  while (sipws__http_next_element(guarded, list, &pos, &element)) {
    strcat(out, "[");
    strncat(out, guarded + element.off, element.len);
    strcat(out, "]");
  }
  assert_int_equal(sipws__http_next_element(guarded, list, &pos, &element), 0);
  test_guarded_free(guarded, list.len);
}

static void test_http_list_is_cut_at_commas(void **state) {
  static const struct {
    const char *list;
    const char *elements;
  } rows[] = {
      {"", ""},
      {"a", "[a]"},
      {"a,b", "[a][b]"},
      {" a ,\tb\t", "[a][b]"},
      {",, ,a,,", "[a]"},
      {", ,\t,", ""},
      {"a b, c", "[a b][c]"},
      {"a;x=\"1,2\", b", "[a;x=\"1,2\"][b]"},
      {"\"a\\\",b\", c", "[\"a\\\",b\"][c]"},
      {"\"a\\\\\", c", "[\"a\\\\\"][c]"},
      {"\"open, b", "[\"open, b]"},
      {"\"open\\", "[\"open\\]"},
      {"a\\, b", "[a\\][b]"},
  };
  char elements[100];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    list_elements(rows[i].list, elements);
    assert_string_equal(elements, rows[i].elements);
  }
}

#define LISTS                                                                  \
  "GET / HTTP/1.1\r\n"                                                         \
  "Sec-WebSocket-Protocol: foo , sip\r\n"                                      \
  "Connection: close\r\n"                                                      \
  "sec-websocket-protocol:\r\n"                                                \
  "SEC-WEBSOCKET-PROTOCOL: ,msrp,\r\n"                                         \
  "X-Behind: no, element, of, this, list\r\n"                                  \
  "\r\n"

static void test_http_list_is_that_of_all_lines_of_a_name(void **state) {
  static const char name[] = "Sec-WebSocket-Protocol";
  static const char *const names[] = {"foo", "sip", "msrp"};
  size_t len = strlen(LISTS);
  struct sipws__http_head head;
  struct sipws__http_list list;
  sipws_span element;
  uint32_t i;
  (void)state;
  parse(LISTS, &head);
  sipws__http_list_begin(&list, &head, name);
  for (i = 0; i < ROWS(names); i++) {
    assert_int_equal(sipws__http_element(LISTS, len, &head, name, i, &element),
                     1);
    assert_span(LISTS, element, names[i]);
    assert_int_equal(sipws__http_list_next(LISTS, len, &list, &element), 1);
    assert_span(LISTS, element, names[i]);
  }
  assert_int_equal(sipws__http_list_next(LISTS, len, &list, &element), 0);
  assert_int_equal(sipws__http_list_next(LISTS, len, &list, &element), 0);
  assert_int_equal(sipws__http_element(LISTS, len, &head, name, i, &element),
                   0);
  assert_int_equal(sipws__http_element(LISTS, len, &head, "X", 0, &element), 0);
}

static void test_http_list_cookies_of_all_lines_are_walked(void **state) {
  static const char text[] = "GET / HTTP/1.1\r\n"
                             "Cookie: a=1; b=\"two, 2\";;c==; d = e \r\n"
                             "Set-Cookie: no=cookie\r\n"
                             "Cookie:\r\n"
                             "cookie: alone;last=\r\n"
                             "Cookie: q=\"1;2\"\r\n"
                             "\r\n";
  /* RFC 6265 5.4: a semicolon parts them, in quotes too */
  static const char *const names[] = {"a", "b", "c", "d", "", "last", "q", ""};
  static const char *const values[] = {"1",     "\"two, 2\"", "=",   "e",
                                       "alone", "",           "\"1", "2\""};
  struct sipws__http_head head;
  sipws_span name, value;
  uint32_t i;
  (void)state;
  parse(text, &head);
  for (i = 0; i < ROWS(names); i++) {
    assert_int_equal(
        sipws__http_cookie(text, sizeof text - 1, &head, i, &name, &value), 1);
    assert_span(text, name, names[i]);
    assert_span(text, value, values[i]);
  }
  assert_int_equal(
      sipws__http_cookie(text, sizeof text - 1, &head, i, &name, &value), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_http_list_is_cut_at_commas),
      cmocka_unit_test(test_http_list_is_that_of_all_lines_of_a_name),
      cmocka_unit_test(test_http_list_cookies_of_all_lines_are_walked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
