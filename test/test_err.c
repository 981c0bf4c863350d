/* err: numbers never change; name, text and close code fit each. */
#include "support.h"

#include <sipws/sipws.h>

struct row {
  int err;
  int value;
  const char *name;
  int is_fatal;
  int close_code; /* RFC 6455 section 7.4.1 */
};

#define ROW(err, value, is_fatal, close_code)                                  \
  { err, value, #err, is_fatal, close_code }

static const struct row rows[] = {
    ROW(SIPWS_OK, 0, 0, 0),
    ROW(SIPWS_ERR_AGAIN, -101, 0, 0),
    ROW(SIPWS_ERR_QUEUE_FULL, -102, 0, 0),
    ROW(SIPWS_ERR_HANDSHAKE, -201, 1, 0),
    ROW(SIPWS_ERR_REFUSED, -202, 1, 0),
    ROW(SIPWS_ERR_PROTOCOL, -203, 1, 1002),
    ROW(SIPWS_ERR_UTF8, -204, 1, 1007),
    ROW(SIPWS_ERR_POLICY, -205, 1, 1008),
    ROW(SIPWS_ERR_PEER_TOO_BIG, -206, 1, 1009),
    ROW(SIPWS_ERR_TIMEOUT, -207, 1, 1001),
    ROW(SIPWS_ERR_EOF, -208, 1, 0),
    ROW(SIPWS_ERR_LOST, -209, 1, 0),
    ROW(SIPWS_ERR_CLOSED, -210, 1, 0),
    ROW(SIPWS_ERR_TLS, -211, 1, 0),
    ROW(SIPWS_ERR_PROXY, -212, 1, 0),
    ROW(SIPWS_ERR_TRUNCATED, -213, 1, 0),
    ROW(SIPWS_ERR_INVALID, -301, 0, 0),
    ROW(SIPWS_ERR_STATE, -302, 0, 0),
    ROW(SIPWS_ERR_TOO_BIG, -303, 0, 0),
    ROW(SIPWS_ERR_BUFFER, -304, 0, 0),
    ROW(SIPWS_ERR_NO_RANDOM, -305, 0, 0),
    ROW(SIPWS_ERR_TEXT, -306, 0, 0),
    ROW(SIPWS_ERR_URL, -307, 0, 0),
    ROW(SIPWS_ERR_NOT_FOUND, -308, 0, 0),
    ROW(SIPWS_ERR_NOT_SIP, -309, 0, 0),
    ROW(SIPWS_ERR_SIPS, -310, 0, 0),
    ROW(SIPWS_ERR_SYNTAX, -311, 0, 0),
    ROW(SIPWS_ERR_TAMPERED, -312, 0, 0),
    ROW(SIPWS_ERR_DEAD, -313, 0, 0),
    ROW(SIPWS_ERR_NOT_SECURE, -314, 0, 0),
    ROW(SIPWS_ERR_CALLBACK, -401, 0, 0),
    ROW(SIPWS_ERR_RANDOM, -402, 1, 1011),
    ROW(SIPWS_ERR_HOOK, -403, 1, 0),
    ROW(SIPWS_ERR_BUSY, -404, 0, 0),
    ROW(SIPWS_ERR_FREED, -405, 0, 0),
    ROW(SIPWS_ERR_NOMEM, -501, 1, 1011),
};

#define ROWS (sizeof rows / sizeof rows[0])

static void test_err_value_and_name_are_those_published(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < ROWS; i++) {
    assert_int_equal(rows[i].err, rows[i].value);
    assert_string_equal(sipws_error_name(rows[i].err), rows[i].name);
  }
}

static void test_err_text_is_one_line_of_its_own(void **state) {
  size_t i, k;
  (void)state;
  for (i = 0; i < ROWS; i++) {
    const char *text = sipws_error_text(rows[i].err);
    assert_in_range(strlen(text), 5, 79);
    assert_null(strchr(text, '\n'));
    assert_string_not_equal(text, sipws_error_text(1));
    for (k = 0; k < i; k++) {
      assert_string_not_equal(text, sipws_error_text(rows[k].err));
    }
  }
}

static void test_err_causes_have_texts_of_their_own(void **state) {
  int cause, other;
  (void)state;
  for (cause = SIPWS_CAUSE_NONE; cause <= SIPWS_CAUSE_TRUNCATED; cause++) {
    for (other = SIPWS_CAUSE_NONE - 1; other < cause; other++) {
      assert_string_not_equal(sipws_cause_text(cause), sipws_cause_text(other));
    }
  }
  assert_string_equal(sipws_cause_text(SIPWS_CAUSE_PEER_CLOSE),
                      "the peer closed it");
  assert_string_equal(sipws_cause_text(SIPWS_CAUSE_TRUNCATED + 1),
                      "unknown cause");
}

static void test_err_other_numbers_are_unknown(void **state) {
  size_t known = 0;
  int err;
  (void)state;
  for (err = -1000; err <= 1000; err++) {
    known += strcmp(sipws_error_name(err), "unknown") != 0;
  }
  assert_int_equal(known, ROWS);
  assert_string_equal(sipws_error_name(-2147483647), "unknown");
  assert_non_null(sipws_error_text(-2147483647));
  assert_int_equal(sipws_error_close_code(-1), 0);
}

static void test_err_fatal_ones_and_their_close_codes(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < ROWS; i++) {
    assert_int_equal(sipws_error_is_fatal(rows[i].err), rows[i].is_fatal);
    assert_int_equal(sipws_error_close_code(rows[i].err), rows[i].close_code);
    assert_true(rows[i].close_code == 0 ||
                sipws_close_code_is_valid((uint16_t)rows[i].close_code));
  }
}

static void test_err_close_codes_that_may_travel(void **state) {
  static const uint16_t edges[] = {1000, 1003, 1007, 1014, 3000, 4999};
  uint32_t code;
  size_t i;
  (void)state;
  for (code = 0; code <= 65535; code++) {
    int is_good = 0;
    for (i = 0; i < sizeof edges / sizeof edges[0]; i += 2) {
      is_good |= code >= edges[i] && code <= edges[i + 1];
    }
    assert_int_equal(sipws_close_code_is_valid((uint16_t)code), is_good);
  }
}

static void test_err_version_is_that_of_the_header(void **state) {
  (void)state;
  assert_int_equal(sipws_version_number() >> 16, SIPWS_VERSION_MAJOR);
  assert_int_equal(sipws_version_number() >> 8 & 0xff, SIPWS_VERSION_MINOR);
  assert_int_equal(sipws_version_number() & 0xff, SIPWS_VERSION_PATCH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_err_value_and_name_are_those_published),
      cmocka_unit_test(test_err_text_is_one_line_of_its_own),
      cmocka_unit_test(test_err_causes_have_texts_of_their_own),
      cmocka_unit_test(test_err_other_numbers_are_unknown),
      cmocka_unit_test(test_err_fatal_ones_and_their_close_codes),
      cmocka_unit_test(test_err_close_codes_that_may_travel),
      cmocka_unit_test(test_err_version_is_that_of_the_header),
  };
  return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
