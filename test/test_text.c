/* text: characters, comparisons, numbers that HTTP and SIP share. */
#include "support.h"

#include "sipws_text.h"
#include "sipws_text_scan.h"

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static void test_text_token_char_is_that_of_rfc_9110(void **state) {
  int c;
  (void)state;
  for (c = 0; c < 256; c++) {
    int expected = c != 0 && (strchr(letters, c) != NULL ||
                              strchr("!#$%&'*+-.^_`|~", c) != NULL);
    assert_int_equal(sipws__text_is_token_char((char)c), expected);
  }
}

static void test_text_token_needs_one_character_and_no_other(void **state) {
  static const char *const bad[] = {"",    " ",   "a b", "a:",       "(a)",
                                    "a\t", "a,b", "a/b", "\"a\"",    "a\r",
                                    "a@b", "[a]", "a;b", "\xc3\xa4", "a\x7f"};
  size_t i;
  (void)state;
  assert_true(sipws__text_is_token("a", 1));
  assert_true(sipws__text_is_token("!in-Meth_0*+`.%'~", 17));
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_false(sipws__text_is_token(bad[i], strlen(bad[i])));
  }
  assert_false(sipws__text_is_token("a\0b", 3));
}

static void test_text_token_ends_before_what_is_none(void **state) {
  (void)state;
  assert_int_equal(sipws__text_token_len("Via: x", 6), 3);
  assert_int_equal(sipws__text_token_len("Via", 2), 2);
  assert_int_equal(sipws__text_token_len(": x", 3), 0);
  assert_int_equal(sipws__text_token_len("", 0), 0);
}

static void test_text_token_reads_no_octet_too_far(void **state) {
  char *text = test_guarded("token", 5);
  (void)state;
  assert_int_equal(sipws__text_token_len(text, 5), 5);
  assert_true(sipws__text_is_token(text, 5));
  assert_true(sipws__text_is_value(text, 5));
  assert_true(sipws__text_equal(text, 5, "TOKEN", 5));
  test_guarded_free(text, 5);
}

static void test_text_equal_ignores_the_case_of_ascii_letters(void **state) {
  int a, b;
  (void)state;
  for (a = 0; a < 256; a++) {
    for (b = 0; b < 256; b++) {
      char left = (char)a;
      char right = (char)b;
      int a_low = a >= 'A' && a <= 'Z' ? a + 32 : a;
      int b_low = b >= 'A' && b <= 'Z' ? b + 32 : b;
      assert_int_equal(sipws__text_equal(&left, 1, &right, 1), a_low == b_low);
      assert_int_equal(sipws__text_same(&left, 1, &right, 1), a == b);
    }
  }
}

static void test_text_equal_compares_whole_lengths(void **state) {
  (void)state;
  assert_true(sipws__text_equal(NULL, 0, NULL, 0));
  assert_true(sipws__text_same(NULL, 0, "x", 0));
  assert_false(sipws__text_equal("via", 3, "vi", 2));
  assert_false(sipws__text_equal("vi", 2, "via", 3));
  assert_false(sipws__text_same("via", 3, "vi", 2));
  assert_true(sipws__text_is("cOnTeNt", 7, "Content"));
  assert_false(sipws__text_is("Content", 7, "Content-Length"));
  assert_false(sipws__text_is("Content-Length", 14, "Content"));
  assert_true(sipws__text_is("Contented", 7, "content"));
}

static void assert_trimmed(const char *text, int folds, const char *expected) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  sipws_span span;
  span.off = 0;
  span.len = (uint32_t)len;
  span = sipws__text_trim(guarded, span, folds);
  assert_span(guarded, span, expected);
  test_guarded_free(guarded, len);
}

static void test_text_trim_takes_space_off_both_ends(void **state) {
  (void)state;
  assert_trimmed("", 0, "");
  assert_trimmed("a", 0, "a");
  assert_trimmed(" \t a b\t ", 0, "a b");
  assert_trimmed(" \t ", 0, "");
  assert_trimmed("\r\n a\r\n ", 0, "\r\n a\r\n");
  assert_trimmed("\r\n a\r\n b\r\n ", 1, "a\r\n b");
  assert_trimmed("\r\n \r\n ", 1, "");
}

static void assert_number(const char *text, uint32_t max, int err,
                          uint32_t expected) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  uint32_t number = 77;
  assert_int_equal(sipws__text_number(guarded, len, max, &number), err);
  assert_int_equal(number, err == 0 ? expected : 77);
  test_guarded_free(guarded, len);
}

static void test_text_number_stops_at_its_limit(void **state) {
  (void)state;
  assert_number("254", 255, 0, 254);
  assert_number("255", 255, 0, 255);
  assert_number("256", 255, SIPWS_ERR_SYNTAX, 0);
  assert_number("260", 255, SIPWS_ERR_SYNTAX, 0);
  assert_number("1000", 255, SIPWS_ERR_SYNTAX, 0);
  assert_number("4", 3, SIPWS_ERR_SYNTAX, 0);
  assert_number("3", 3, 0, 3);
  assert_number("0", 0, 0, 0);
  assert_number("4294967294", UINT32_MAX, 0, 4294967294u);
  assert_number("4294967295", UINT32_MAX, 0, 4294967295u);
  assert_number("4294967296", UINT32_MAX, SIPWS_ERR_SYNTAX, 0);
  assert_number("4294967305", UINT32_MAX, SIPWS_ERR_SYNTAX, 0);
  assert_number("99999999999999999999", UINT32_MAX, SIPWS_ERR_SYNTAX, 0);
  assert_number("00000000000000000000000000005", 9, 0, 5);
}

static void test_text_number_takes_digits_alone(void **state) {
  static const char *const bad[] = {"",   "-1", "+1",  " 1",   "1 ",
                                    "1.", "0x", "1e3", "five", "1\r\n"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_number(bad[i], UINT32_MAX, SIPWS_ERR_SYNTAX, 0);
  }
}

static void test_text_digits_are_what_printf_writes(void **state) {
  static const uint64_t numbers[] = {
      0,         1,          9,          10,
      11,        99,         100,        123,
      1000,      65535,      65536,      100000,
      999999999, 1000000000, UINT32_MAX, UINT64_C(4294967296),
      UINT64_MAX};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    char expected[21];
    char out[20];
    size_t len;
    snprintf(expected, sizeof expected, "%llu", (unsigned long long)numbers[i]);
    len = sipws__text_digits(numbers[i], out);
    assert_text(out, len, expected);
  }
}

/* Every octet at every place of texts around one and two words of eight. */
static void test_text_value_has_no_control_character_but_tab(void **state) {
  char text[20] = {0};
  size_t len, at;
  int c;
  (void)state;
  assert_true(sipws__text_is_value(NULL, 0));
  for (len = 1; len <= sizeof text; len++) {
    char *guarded = test_guarded(text, len);
    for (at = 0; at < len; at++) {
      for (c = 0; c < 256; c++) {
        int expected = c == '\t' || (c >= 0x20 && c != 0x7f);
        memset(guarded, at % 2 == 0 ? ' ' : 0xff, len);
        guarded[at] = (char)c;
        assert_int_equal(sipws__text_is_value(guarded, len), expected);
      }
    }
    test_guarded_free(guarded, len);
  }
}

/* ---- searching by vectors: the same as octet by octet ---- */

/* Every octet at every place of lines around one and two vectors. */
static void test_text_line_end_is_found_wherever_it_stands(void **state) {
  char line[40];
  size_t len, at;
  int c;
  (void)state;
  for (len = 2; len <= sizeof line; len++) {
    char *text = test_guarded(line, len);
    for (at = 0; at < len; at++) {
      for (c = 0; c < 256; c++) {
        const char *expected;
        memset(text, 'x', len);
        memcpy(text + len - 2, "\r\n", 2);
        text[at] = (char)c;
        expected = sipws__text_crlf(text, text + len);
        assert_ptr_equal(scan_crlf(text, text + len), expected);
        if (at < len - 2 && c != '\r' && c != '\n' && c != '\0') {
          assert_ptr_equal(expected, text + len);
        }
      }
    }
    test_guarded_free(text, len);
  }
}

static void test_text_line_ends_by_crlf_alone(void **state) {
  static const struct {
    const char *text;
    int end; /* -1: none */
  } rows[] = {{"\r\n", 2},
              {"ab\r\ncd\r\n", 4},
              {"a line of more than sixteen octets\r\nand more", 36},
              {"a\tline\twith\ttabs in it, and long\r\n", 34},
              {"a\rb\r\n", -1},
              {"a\nb\r\n", -1},
              {"ab\r", -1},
              {"ab", -1},
              {"", -1},
              {"a line of more than sixteen\rand a lone CR\r\n", -1}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t len = strlen(rows[i].text);
    char *text = test_guarded(rows[i].text, len);
    const char *end = scan_crlf(text, text + len);
    assert_int_equal(end == NULL ? -1 : (int)(end - text), rows[i].end);
    test_guarded_free(text, len);
  }
}

/* Each octet at each place, among neighbours that are low and that are not. */
static void test_text_block_has_a_bit_for_each_low_octet(void **state) {
  static const char others[] = {'x', '\0', '\x0e', '\xff'};
  char line[SCAN_BLOCK];
  size_t at, k;
  int c;
  (void)state;
  for (at = 0; at < SCAN_BLOCK; at++) {
    for (k = 0; k < sizeof others; k++) {
      uint64_t rest = others[k] == '\0' ? UINT64_MAX : 0;
      uint64_t bit = UINT64_C(1) << at;
      char *text;
      memset(line, others[k], SCAN_BLOCK);
      text = test_guarded(line, SCAN_BLOCK);
      for (c = 0; c < 256; c++) {
        text[at] = (char)c;
        assert_true(scan_block(text) ==
                    (c <= SCAN_LOW ? rest | bit : rest & ~bit));
      }
      test_guarded_free(text, SCAN_BLOCK);
    }
    assert_int_equal(scan_first(UINT64_MAX << at), at);
  }
}

static void test_text_token_is_as_long_as_octet_by_octet(void **state) {
  char line[24];
  size_t len, at;
  int c;
  (void)state;
  for (len = 1; len <= sizeof line; len++) {
    char *text = test_guarded(line, len);
    for (at = 0; at < len; at++) {
      for (c = 0; c < 256; c++) {
        size_t expected = 0;
        memset(text, 'x', len);
        text[at] = (char)c;
        while (expected < len && sipws__text_is_token_char(text[expected])) {
          expected++;
        }
        assert_int_equal(sipws__text_token_len(text, len), expected);
      }
    }
    test_guarded_free(text, len);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_text_token_char_is_that_of_rfc_9110),
      cmocka_unit_test(test_text_token_needs_one_character_and_no_other),
      cmocka_unit_test(test_text_token_ends_before_what_is_none),
      cmocka_unit_test(test_text_token_reads_no_octet_too_far),
      cmocka_unit_test(test_text_equal_ignores_the_case_of_ascii_letters),
      cmocka_unit_test(test_text_equal_compares_whole_lengths),
      cmocka_unit_test(test_text_trim_takes_space_off_both_ends),
      cmocka_unit_test(test_text_number_stops_at_its_limit),
      cmocka_unit_test(test_text_number_takes_digits_alone),
      cmocka_unit_test(test_text_digits_are_what_printf_writes),
      cmocka_unit_test(test_text_value_has_no_control_character_but_tab),
      cmocka_unit_test(test_text_line_end_is_found_wherever_it_stands),
      cmocka_unit_test(test_text_line_ends_by_crlf_alone),
      cmocka_unit_test(test_text_block_has_a_bit_for_each_low_octet),
      cmocka_unit_test(test_text_token_is_as_long_as_octet_by_octet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
