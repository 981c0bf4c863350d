/* front_query: query parameters, percent-encoding, cookies. */
#include "span.h"
#include "writer.h"

#include <sipws/front.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

typedef int (*next_fn)(const char *text, sipws_span *list, sipws_span *name,
                       sipws_span *value);

/* The pairs that a walk tells, as "[name|value]" each. */
static const char *walked(next_fn next, const char *text) {
  static char out[256];
  size_t text_len = strlen(text);
  char *guarded = test_guarded(text, text_len);
  sipws_span list = *whole(text);
  sipws_span name, value;
  size_t len = 0;
  int err;
  out[0] = '\0';
  while ((err = next(guarded, &list, &name, &value)) == 0) {
    len += (size_t)snprintf(out + len, sizeof out - len, "[%.*s|%.*s]",
                            (int)name.len, guarded + name.off, (int)value.len,
                            guarded + value.off);
    assert_true(len < sizeof out);
  }
  assert_int_equal(err, SIPWS_ERR_NOT_FOUND);
  test_guarded_free(guarded, text_len);
  return out;
}

struct row {
  const char *text;
  const char *pairs;
};

static void test_query_is_walked(void **state) {
  static const struct row rows[] = {
      {"", ""},
      {"a=1", "[a|1]"},
      {"a=1&b=2", "[a|1][b|2]"},
      {"a=1&b=2;c=3", "[a|1][b|2;c=3]"},
      {"a", "[a|]"},
      {"a&b", "[a|][b|]"},
      {"a=", "[a|]"},
      {"=1", "[|1]"},
      {"=", "[|]"},
      {"&&a=1&&&b&", "[a|1][b|]"},
      {"&", ""},
      {"a==1=", "[a|=1=]"},
      {"a%3D1=%26&+ = ", "[a%3D1|%26][+ | ]"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_string_equal(walked(sipws_query_next, rows[i].text), rows[i].pairs);
  }
}

/* RFC 6265 section 4.2.1 */
static void test_cookies_are_walked(void **state) {
  static const struct row rows[] = {
      {"", ""},
      {"SID=31d4d96e", "[SID|31d4d96e]"},
      {"SID=31d4; lang=en-US", "[SID|31d4][lang|en-US]"},
      {" SID = 31d4 ;lang=en-US;", "[SID|31d4][lang|en-US]"},
      {"a=\"1; b=2\"", "[a|\"1][b|2\"]"}, /* quotes mean nothing */
      {"a=\"1\"", "[a|\"1\"]"},
      {"nameless; a=1; ; ;b=2;x", "[a|1][b|2]"},
      {"a=b=c&d", "[a|b=c&d]"},
      {"a=1; a=2", "[a|1][a|2]"},
      {"=1; a=", "[|1][a|]"},
      {";;", ""},
      {"a", ""},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_string_equal(walked(sipws_cookie_next, rows[i].text), rows[i].pairs);
  }
}

static void test_walk_that_ends_touches_nothing(void **state) {
  static const char text[] = "&&;;";
  sipws_span list = {0, 2};
  sipws_span name = {7, 7};
  sipws_span value = {8, 8};
  (void)state;
  assert_int_equal(sipws_query_next(text, &list, &name, &value),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(list.len, 2);
  assert_int_equal(name.off, 7);
  assert_int_equal(value.off, 8);
  list.off = 2;
  assert_int_equal(sipws_cookie_next(text, &list, &name, &value),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(list.off, 2);
  assert_int_equal(name.off, 7);
  assert_int_equal(value.off, 8);
}

static void test_walk_of_a_part_keeps_to_it(void **state) {
  static const char text[] = "x=0&a=1&b=2&y=3";
  sipws_span list = {4, 7};
  sipws_span name, value;
  (void)state;
  assert_int_equal(sipws_query_next(text, &list, &name, &value), 0);
  assert_span(text, name, "a");
  assert_int_equal(sipws_query_next(text, &list, &name, &value), 0);
  assert_span(text, name, "b");
  assert_span(text, value, "2");
  assert_int_equal(sipws_query_next(text, &list, &name, &value),
                   SIPWS_ERR_NOT_FOUND);
}

/* ---- decoding ---- */

static int decode(const void *how, const char *msg, size_t len, char *out,
                  size_t out_size, size_t *out_len) {
  (void)how;
  return sipws_percent_decode(msg, len, out, out_size, out_len);
}

static void test_percent_is_decoded(void **state) {
  static const struct row rows[] = {
      {"", ""},
      {"abc", "abc"},
      {"%41", "A"},
      {"a%20b", "a b"},
      {"%2f%2F%25%26", "//%&"},
      {"a+b", "a+b"},
      {"%c3%a4", "\xc3\xa4"},
      {"\xc3\xa4", "\xc3\xa4"},
      {"%2541", "%41"}, /* once */
      {"%ff%01", "\xff\x01"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_edit(decode, NULL, rows[i].text, rows[i].pairs);
  }
}

static void test_percent_of_every_octet_is_decoded(void **state) {
  int c;
  (void)state;
  for (c = 0; c < 256; c++) {
    char text[4];
    char out = 0;
    size_t len = 0;
    snprintf(text, sizeof text, c % 2 ? "%%%02x" : "%%%02X", (unsigned)c);
    assert_int_equal(sipws_percent_decode(text, 3, &out, 1, &len), 0);
    assert_int_equal(len, 1);
    assert_int_equal((uint8_t)out, c);
  }
}

static void test_percent_that_is_broken_is_refused(void **state) {
  static const char *const bad[] = {"%",   "%4",   "a%",   "a%4",   "%%41",
                                    "%4g", "%g4",  "%-1",  "% 41",  "%x41",
                                    "%4%", "%41%", "ab%2", "%u0041"};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(bad); i++) {
    assert_refused(decode, NULL, bad[i], SIPWS_ERR_SYNTAX);
  }
}

/* ---- parameters by name ---- */

static int get(const void *name, const char *msg, size_t len, char *out,
               size_t out_size, size_t *out_len) {
  return sipws_query_get(msg, len, name, strlen(name), out, out_size, out_len);
}

static void test_query_parameter_is_found_and_decoded(void **state) {
  static const struct {
    const char *query, *name, *value;
  } rows[] = {
      {"a=1&b=2", "b", "2"},
      {"a=1&a=2", "a", "1"},
      {"aa=1&a=2", "a", "2"},
      {"a=1&aa=2", "aa", "2"},
      {"A=1&a=2", "a", "2"},
      {"user=al%20ice&x", "user", "al ice"},
      {"us%65r=alice", "user", "alice"},
      {"%75%73%65%72=alice", "user", "alice"},
      {"a%26b=1", "a&b", "1"},
      {"x&token", "token", ""},
      {"token=", "token", ""},
      {"token=a=b", "token", "a=b"},
      {"=1", "", "1"},
      {"%zz=1&a=2", "a", "2"}, /* somebody else's */
      {"a%zz=1&a=2", "a", "2"},
      {"a+b=1", "a+b", "1"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_sizes(get, rows[i].name, rows[i].query, strlen(rows[i].query),
                 rows[i].value);
  }
}

static void test_query_parameter_that_is_not_there_is_not_found(void **state) {
  static const struct row rows[] = {
      {"", "a"},     {"b=1", "a"},    {"a=1", ""},    {"ab=1", "a"},
      {"a=1", "ab"}, {"&&", ""},      {"x=a", "a"},   {"a%=1", "a"},
      {"%61", "b"},  {"a%2=1", "a%"}, {"b;a=1", "a"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_refused(get, rows[i].pairs, rows[i].text, SIPWS_ERR_NOT_FOUND);
  }
}

static void test_query_parameter_that_is_broken_is_refused(void **state) {
  (void)state;
  assert_refused(get, "a", "a=%", SIPWS_ERR_SYNTAX);
  assert_refused(get, "a", "b=1&a=1%4&c", SIPWS_ERR_SYNTAX);
  assert_refused(get, "a", "a=%&a=1", SIPWS_ERR_SYNTAX);
}

static void test_query_wrong_arguments_are_invalid(void **state) {
  sipws_span span = {0, 0};
  char out[4];
  size_t len;
  (void)state;
  assert_int_equal(sipws_query_next(NULL, &span, &span, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_query_next("", NULL, &span, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_query_next("", &span, NULL, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_query_next("", &span, &span, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_cookie_next(NULL, &span, &span, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_cookie_next("", NULL, &span, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_cookie_next("", &span, NULL, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_cookie_next("", &span, &span, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_percent_decode(NULL, 1, out, 4, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_percent_decode("a", 1, NULL, 4, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_percent_decode("a", 1, out, 4, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_percent_decode(NULL, 0, NULL, 0, &len), 0);
  assert_int_equal(sipws_query_get(NULL, 1, "a", 1, out, 4, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_query_get("a", 1, NULL, 1, out, 4, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_query_get("a", 1, "a", 1, NULL, 4, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_query_get("a", 1, "a", 1, out, 4, NULL),
                   SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_query_is_walked),
      cmocka_unit_test(test_cookies_are_walked),
      cmocka_unit_test(test_walk_that_ends_touches_nothing),
      cmocka_unit_test(test_walk_of_a_part_keeps_to_it),
      cmocka_unit_test(test_percent_is_decoded),
      cmocka_unit_test(test_percent_of_every_octet_is_decoded),
      cmocka_unit_test(test_percent_that_is_broken_is_refused),
      cmocka_unit_test(test_query_parameter_is_found_and_decoded),
      cmocka_unit_test(test_query_parameter_that_is_not_there_is_not_found),
      cmocka_unit_test(test_query_parameter_that_is_broken_is_refused),
      cmocka_unit_test(test_query_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
