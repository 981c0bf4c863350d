/* sip_edit: header lines put in, taken out, changed; all else stays. */
#include "writer.h"

#include <sipws/sip.h>

#define START "OPTIONS sip:a SIP/2.0\r\n"
#define BODY "\r\nbody\r\n\r\nVia: none"

/* ---- replace ---- */

struct replace {
  size_t off;
  size_t cut;
  const char *text;
};

static int replace(const void *how, const char *msg, size_t len, char *out,
                   size_t out_size, size_t *out_len) {
  const struct replace *r = how;
  return sipws_replace(msg, len, r->off, r->cut, r->text, strlen(r->text), out,
                       out_size, out_len);
}

static void assert_replaced(size_t off, size_t cut, const char *text,
                            const char *expected) {
  struct replace how;
  how.off = off;
  how.cut = cut;
  how.text = text;
  assert_edit(replace, &how, "0123456789", expected);
}

static void test_sip_edit_replace_grows_shrinks_and_keeps(void **state) {
  (void)state;
  assert_replaced(0, 0, "", "0123456789");
  assert_replaced(0, 0, "abc", "abc0123456789");
  assert_replaced(10, 0, "abc", "0123456789abc");
  assert_replaced(1, 0, "abc", "0abc123456789");
  assert_replaced(4, 0, "abc", "0123abc456789");
  assert_replaced(4, 3, "abc", "0123abc789");
  assert_replaced(4, 3, "", "0123789");
  assert_replaced(4, 3, "abcdefghijklmnop", "0123abcdefghijklmnop789");
  assert_replaced(0, 10, "", "");
  assert_replaced(0, 10, "x", "x");
  assert_replaced(8, 1, "xyz", "01234567xyz9");
  assert_replaced(9, 1, "xy", "012345678xy");
}

static void test_sip_edit_replace_out_of_range_is_invalid(void **state) {
  struct replace how = {11, 0, "x"};
  char out[32];
  size_t out_len = 77;
  (void)state;
  assert_refused(replace, &how, "0123456789", SIPWS_ERR_INVALID);
  how.off = 10;
  how.cut = 1;
  assert_refused(replace, &how, "0123456789", SIPWS_ERR_INVALID);
  how.off = 5;
  how.cut = SIZE_MAX;
  assert_refused(replace, &how, "0123456789", SIPWS_ERR_INVALID);
  how.off = SIZE_MAX;
  how.cut = 2;
  assert_refused(replace, &how, "0123456789", SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_replace(NULL, 1, 0, 0, "x", 1, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_replace("a", 1, 0, 0, NULL, 1, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_replace("a", 1, 0, 0, "x", 1, NULL, 1, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_replace("a", 1, 0, 0, "x", 1, out, sizeof out, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_replace("a", 0x80000000u, 0, 0, "x", 1, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(out_len, 77);
}

static void test_sip_edit_replace_past_31_bits_is_too_big(void **state) {
  char out[8];
  size_t out_len = 77;
  (void)state;
  /* refused before any of the text is looked at */
  assert_int_equal(
      sipws_replace("a", 1, 0, 0, "x", 0x7fffffff, out, sizeof out, &out_len),
      SIPWS_ERR_TOO_BIG);
  assert_int_equal(
      sipws_replace("a", 1, 0, 0, "x", SIZE_MAX, out, sizeof out, &out_len),
      SIPWS_ERR_TOO_BIG);
  assert_int_equal(out_len, 77);
  assert_int_equal(
      sipws_replace("a", 1, 0, 0, "x", 0x7ffffffe, out, sizeof out, &out_len),
      SIPWS_ERR_BUFFER);
  assert_int_equal(out_len, 0x7fffffff);
  out_len = 77;
  assert_int_equal(
      sipws_replace("a", 0x7fffffff, 0, 0, NULL, 0, out, sizeof out, &out_len),
      SIPWS_ERR_BUFFER);
  assert_int_equal(out_len, 0x7fffffff);
}

static void test_sip_edit_replace_of_nothing_needs_no_buffer(void **state) {
  size_t out_len = 77;
  (void)state;
  assert_int_equal(sipws_replace(NULL, 0, 0, 0, NULL, 0, NULL, 0, &out_len), 0);
  assert_int_equal(out_len, 0);
}

/* ---- header lines ---- */

struct field {
  const char *name;
  size_t name_len;
  const char *value;
  size_t value_len;
};

static int prepend(const void *how, const char *msg, size_t len, char *out,
                   size_t out_size, size_t *out_len) {
  const struct field *f = how;
  return sipws_sip_prepend_header(msg, len, f->name, f->name_len, f->value,
                                  f->value_len, out, out_size, out_len);
}

static int set(const void *how, const char *msg, size_t len, char *out,
               size_t out_size, size_t *out_len) {
  const struct field *f = how;
  return sipws_sip_set_header(msg, len, f->name, f->name_len, f->value,
                              f->value_len, out, out_size, out_len);
}

static int remove_top(const void *how, const char *msg, size_t len, char *out,
                      size_t out_size, size_t *out_len) {
  const struct field *f = how;
  return sipws_sip_remove_top(msg, len, f->name, f->name_len, out, out_size,
                              out_len);
}

static struct field field(const char *name, const char *value) {
  struct field f;
  f.name = name;
  f.name_len = strlen(name);
  f.value = value;
  f.value_len = strlen(value);
  return f;
}

static void assert_field_edit(writer_fn writer, const char *name,
                              const char *value, const char *msg,
                              const char *expected) {
  struct field f = field(name, value);
  assert_edit(writer, &f, msg, expected);
}

static void test_sip_edit_prepend_puts_a_line_on_top(void **state) {
  (void)state;
  assert_field_edit(prepend, "Via", "SIP/2.0/WS a", START "Via: b\r\n" BODY,
                    START "Via: SIP/2.0/WS a\r\nVia: b\r\n" BODY);
  assert_field_edit(prepend, "X", "", START BODY, START "X: \r\n" BODY);
  assert_field_edit(prepend, "X", "\t\xc3\xa4 b", "SIP/2.0 200 OK\r\n\r\n",
                    "SIP/2.0 200 OK\r\nX: \t\xc3\xa4 b\r\n\r\n");
}

static void test_sip_edit_set_replaces_the_first_line(void **state) {
  (void)state;
  assert_field_edit(set, "Expires", "60",
                    START "To: a\r\nexpires :\r\n 3600\r\nExpires: 1\r\n" BODY,
                    START "To: a\r\nexpires : 60\r\nExpires: 1\r\n" BODY);
  assert_field_edit(set, "Content-Length", "0", START "l: 5\r\n" BODY,
                    START "l: 0\r\n" BODY);
  assert_field_edit(set, "l", "0", START "Content-Length:5\r\n" BODY,
                    START "Content-Length: 0\r\n" BODY);
  assert_field_edit(set, "X", "1", START "X:\r\n" BODY, START "X: 1\r\n" BODY);
  assert_field_edit(set, "X", "", START "X: a:b\r\nY: 1\r\n" BODY,
                    START "X: \r\nY: 1\r\n" BODY);
}

static void test_sip_edit_empty_value_may_be_null(void **state) {
  struct field f = field("X", "");
  (void)state;
  f.value = NULL;
  assert_edit(prepend, &f, START BODY, START "X: \r\n" BODY);
  assert_edit(set, &f, START "X: a\r\n" BODY, START "X: \r\n" BODY);
}

static void test_sip_edit_set_adds_at_the_end_what_is_not_there(void **state) {
  (void)state;
  assert_field_edit(set, "Expires", "60", START "To: a\r\n" BODY,
                    START "To: a\r\nExpires: 60\r\n" BODY);
  assert_field_edit(set, "Expires", "60", START BODY,
                    START "Expires: 60\r\n" BODY);
}

static void test_sip_edit_remove_top_takes_one_value(void **state) {
  (void)state;
  assert_field_edit(remove_top, "Via", "",
                    START "To: x\r\nv:  a;b=\"1,2\" ,\r\n c\r\nVia: d\r\n" BODY,
                    START "To: x\r\nv:  c\r\nVia: d\r\n" BODY);
  assert_field_edit(remove_top, "v", "",
                    START "Via: a\r\n b\r\nVia: d\r\n" BODY,
                    START "Via: d\r\n" BODY);
  assert_field_edit(remove_top, "Route", "",
                    START "Route: <sip:a,b;lr>,<sip:c>, <sip:d>\r\n" BODY,
                    START "Route: <sip:c>, <sip:d>\r\n" BODY);
  assert_field_edit(remove_top, "Route", "",
                    START "Route: <sip:a;lr>,\r\n" BODY, START BODY);
  assert_field_edit(remove_top, "Route", "", START "Route: , a, b\r\n" BODY,
                    START "Route: , b\r\n" BODY);
}

static void test_sip_edit_remove_top_without_value_is_refused(void **state) {
  struct field f = field("Route", "");
  (void)state;
  assert_refused(remove_top, &f, START "Via: a\r\n" BODY, SIPWS_ERR_NOT_FOUND);
  assert_refused(remove_top, &f, START "Route:\r\nRoute: a\r\n" BODY,
                 SIPWS_ERR_SYNTAX);
  assert_refused(remove_top, &f, START "Route: ,\r\n" BODY, SIPWS_ERR_SYNTAX);
  assert_refused(remove_top, &f, START "Route: <a\r\n" BODY, SIPWS_ERR_SYNTAX);
  assert_refused(remove_top, &f, START "Route: a, \"b\r\n" BODY,
                 SIPWS_ERR_SYNTAX);
}

static void test_sip_edit_lines_that_would_smuggle_are_refused(void **state) {
  static const char *const values[] = {"a\r\nX: b", "a\rb",  "a\nb",
                                       "\r\n b",    "a\x01", "a\x7f"};
  static const char *const names[] = {"",    "a b", "a:",      "a\r\nb",
                                      "a\n", " a",  "\xc3\xa4"};
  struct field nul_value = {"X", 1, "a\0b", 3};
  struct field nul_name = {"X\0", 2, "a", 1};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof values / sizeof values[0]; i++) {
    struct field f = field("X", values[i]);
    assert_refused(prepend, &f, START BODY, SIPWS_ERR_TEXT);
    assert_refused(set, &f, START BODY, SIPWS_ERR_TEXT);
  }
  for (i = 0; i < sizeof names / sizeof names[0]; i++) {
    struct field f = field(names[i], "x");
    assert_refused(prepend, &f, START BODY, SIPWS_ERR_TEXT);
    assert_refused(set, &f, START BODY, SIPWS_ERR_TEXT);
  }
  assert_refused(prepend, &nul_value, START BODY, SIPWS_ERR_TEXT);
  assert_refused(set, &nul_value, START BODY, SIPWS_ERR_TEXT);
  assert_refused(prepend, &nul_name, START BODY, SIPWS_ERR_TEXT);
  assert_refused(set, &nul_name, START BODY, SIPWS_ERR_TEXT);
}

static void test_sip_edit_of_what_is_not_sip_is_refused(void **state) {
  struct field f = field("Via", "x");
  struct field null_name = {NULL, 0, "x", 1};
  struct field null_value = {"X", 1, NULL, 1};
  const char *whole = START "Via: a, b\r\nX: 1\r\n" BODY;
  size_t head = strlen(whole) - strlen(BODY) + 2;
  size_t n;
  (void)state;
  for (n = 0; n < head; n++) {
    char text[128];
    memcpy(text, whole, n);
    text[n] = '\0';
    assert_refused(prepend, &f, text, SIPWS_ERR_SYNTAX);
    assert_refused(set, &f, text, SIPWS_ERR_SYNTAX);
    assert_refused(remove_top, &f, text, SIPWS_ERR_SYNTAX);
  }
  assert_refused(prepend, &null_name, whole, SIPWS_ERR_INVALID);
  assert_refused(set, &null_name, whole, SIPWS_ERR_INVALID);
  assert_refused(remove_top, &null_name, whole, SIPWS_ERR_INVALID);
  assert_refused(prepend, &null_value, whole, SIPWS_ERR_INVALID);
  assert_refused(set, &null_value, whole, SIPWS_ERR_INVALID);
  assert_refused(prepend, &f, NULL, SIPWS_ERR_INVALID);
}

/* What is put on top and taken off again leaves the message as it was. */
static void test_sip_edit_remove_undoes_prepend(void **state) {
  static const char msg[] = START "Via: a , b\r\nTo: c\r\n" BODY;
  char text[256];
  size_t len;
  (void)state;
  assert_int_equal(sipws_sip_prepend_header(msg, sizeof msg - 1, "Via", 3, "x",
                                            1, text, sizeof text, &len),
                   0);
  assert_int_equal(
      sipws_sip_remove_top(text, len, "Via", 3, text, sizeof text, &len), 0);
  assert_text(text, len, msg);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_edit_replace_grows_shrinks_and_keeps),
      cmocka_unit_test(test_sip_edit_replace_out_of_range_is_invalid),
      cmocka_unit_test(test_sip_edit_replace_past_31_bits_is_too_big),
      cmocka_unit_test(test_sip_edit_replace_of_nothing_needs_no_buffer),
      cmocka_unit_test(test_sip_edit_prepend_puts_a_line_on_top),
      cmocka_unit_test(test_sip_edit_set_replaces_the_first_line),
      cmocka_unit_test(test_sip_edit_empty_value_may_be_null),
      cmocka_unit_test(test_sip_edit_set_adds_at_the_end_what_is_not_there),
      cmocka_unit_test(test_sip_edit_remove_top_takes_one_value),
      cmocka_unit_test(test_sip_edit_remove_top_without_value_is_refused),
      cmocka_unit_test(test_sip_edit_lines_that_would_smuggle_are_refused),
      cmocka_unit_test(test_sip_edit_of_what_is_not_sip_is_refused),
      cmocka_unit_test(test_sip_edit_remove_undoes_prepend),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
