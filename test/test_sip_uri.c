/* sip_uri: what the URIs of a message say of its path and of its sender. */
#include "support.h"

#include <sipws/sip.h>

static int is_sips(const char *text) {
  size_t len = strlen(text);
  char *msg = test_guarded(text, len);
  sipws_sip_view view;
  int result;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(msg, len, &view), 0);
  result = sipws_sip_is_sips(msg, len, &view);
  test_guarded_free(msg, len);
  return result;
}

/* RFC 3261 8.1.1.8 and 16.6 step 4, RFC 7118 9.2: Request-URI or top Route. */
static void test_sip_uri_sips_path_is_told(void **state) {
  static const struct {
    const char *text;
    int expected;
  } rows[] = {
      {"A sip:a SIP/2.0\r\n\r\n", 0},
      {"A sips:a SIP/2.0\r\n\r\n", 1},
      {"A SIPS:a SIP/2.0\r\n\r\n", 1},
      {"A sips: SIP/2.0\r\n\r\n", 0},
      {"A sipsy:a SIP/2.0\r\n\r\n", 0},
      {"A tel:1 SIP/2.0\r\n\r\n", 0},
      {"A sip:a SIP/2.0\r\nRoute: <sips:p;lr>\r\n\r\n", 1},
      {"A sip:a SIP/2.0\r\nROUTE :\r\n \"x, y\" <SIPS:p;lr>;z\r\n\r\n", 1},
      {"A sip:a SIP/2.0\r\nRoute: <sips:p;lr>, <sip:q;lr>\r\n\r\n", 1},
      {"A sip:a SIP/2.0\r\nRoute:\r\nRoute: ,<sips:p;lr>\r\n\r\n", 1},
      /* whose hop is not this one */
      {"A sip:a SIP/2.0\r\nRoute: <sip:p;lr>, <sips:q;lr>\r\n\r\n", 0},
      {"A sip:a SIP/2.0\r\nRoute: <sip:p;lr>\r\nRoute: <sips:q>\r\n\r\n", 0},
      {"A sip:a SIP/2.0\r\nRoute: \"sips:p\" <sip:p;lr>\r\n\r\n", 0},
      {"A sip:a SIP/2.0\r\nRoute: <sips:p\r\n\r\n", 0},
      {"A sip:a SIP/2.0\r\nRecord-Route: <sips:p;lr>\r\nContact: <sips:a>"
       "\r\n\r\n",
       0},
      {"A sip:a SIP/2.0\r\n\r\nRoute: <sips:p>\r\n", 0},
      {"SIP/2.0 200 OK\r\nRoute: <sips:p;lr>\r\n\r\n", 0}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (is_sips(rows[i].text) != rows[i].expected) {
      fail_msg("%s", rows[i].text);
    }
  }
}

static int is_from(const char *from, const char *uri) {
  char text[512];
  size_t len = (size_t)snprintf(text, sizeof text,
                                "A sip:a SIP/2.0\r\nTo: <sip:x@y>\r\n%s\r\n\r\n"
                                "From: <sip:body@x>\r\n",
                                from);
  char *msg = test_guarded(text, len);
  char *guarded = test_guarded(uri, strlen(uri));
  sipws_sip_view view;
  int result;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(msg, len, &view), 0);
  result = sipws_sip_is_from(msg, len, &view, guarded, strlen(uri));
  test_guarded_free(msg, len);
  test_guarded_free(guarded, strlen(uri));
  return result;
}

/* RFC 7118 appendix A.2; RFC 3261 sections 10.3 step 5, 19.1, 19.1.4. */
static void test_sip_uri_from_is_the_user_bound(void **state) {
  static const char *const rows[][2] = {
      {"From: <sip:alice@example.com>;tag=1", "sip:alice@example.com"},
      {"f : \"Bob, not Alice\"\r\n <SIP:%61lice@EXAMPLE.com>;tag=1",
       "sip:alice@example.com"},
      {"From: sip:alice@example.com;tag=1", "sip:alice@example.com"},
      {"From: <sips:alice@example.com>;tag=1", "sip:alice@example.com"},
      {"From: <sip:alice@example.com>", "sips:alice@example.com"},
      {"From: <sip:alice@example.com;transport=ws;gr=x?a=b>",
       "sip:alice@example.com;user=phone"},
      {"From: <sip:alice@[2001:DB8::1]>", "sip:alice@[2001:db8:0:0::1]"}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (!is_from(rows[i][0], rows[i][1])) {
      fail_msg("%s", rows[i][0]);
    }
  }
}

static void test_sip_uri_from_of_another_is_told(void **state) {
  static const char *const rows[][2] = {
      {"From: <sip:bob@example.com>;tag=1", "sip:alice@example.com"},
      {"From: <sip:ALICE@example.com>;tag=1", "sip:alice@example.com"},
      {"From: <sip:alice@example.org>;tag=1", "sip:alice@example.com"},
      {"From: <sip:alice@example.com:80>;tag=1", "sip:alice@example.com"},
      {"From: <sip:alice:pw@example.com>;tag=1", "sip:alice@example.com"},
      {"From: <sip:example.com>;tag=1", "sip:alice@example.com"},
      {"From: \"sip:alice@example.com\" <sip:bob@example.com>",
       "sip:alice@example.com"},
      {"From: <sip:bob@example.com>;x=\"sip:alice@example.com\"",
       "sip:alice@example.com"},
      {"From: <tel:+1>", "tel:+1"},
      {"From: *", "sip:alice@example.com"},
      {"From:", "sip:alice@example.com"},
      {"From: <sip:alice@example.com", "sip:alice@example.com"},
      {"From: <sip:alice@example.com>", "alice@example.com"},
      {"From: <sip:alice@example.com>", ""},
      {"X: y", "sip:alice@example.com"}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (is_from(rows[i][0], rows[i][1])) {
      fail_msg("%s", rows[i][0]);
    }
  }
}

/* RFC 4475 3.3.8: who reads on could take the other one for the sender. */
static void test_sip_uri_two_from_are_nobodys(void **state) {
  static const char *const rows[] = {"From: <sip:alice@x>\r\nFrom: <sip:bob@x>",
                                     "From: <sip:alice@x>\r\nf: <sip:alice@x>",
                                     "From: <sip:alice@x>, <sip:bob@x>",
                                     "From: <sip:alice@x>\r\nX: y\r\nf:"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_false(is_from(rows[i], "sip:alice@x"));
    assert_false(is_from(rows[i], "sip:bob@x"));
  }
}

static void test_sip_uri_wrong_arguments_are_no(void **state) {
  static const char msg[] = "A sips:a SIP/2.0\r\nFrom: <sip:a@b>\r\n\r\n";
  size_t len = sizeof msg - 1;
  sipws_sip_view view;
  (void)state;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(msg, len, &view), 0);
  assert_true(sipws_sip_is_sips(msg, len, &view));
  assert_true(sipws_sip_is_from(msg, len, &view, "sip:a@b", 7));
  assert_false(sipws_sip_is_sips(NULL, len, &view));
  assert_false(sipws_sip_is_sips(msg, len, NULL));
  assert_false(sipws_sip_is_from(NULL, len, &view, "sip:a@b", 7));
  assert_false(sipws_sip_is_from(msg, len, NULL, "sip:a@b", 7));
  assert_false(sipws_sip_is_from(msg, len, &view, NULL, 7));
  assert_false(sipws_sip_is_from(msg, len, &view, "sip:a@b", SIZE_MAX));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_uri_sips_path_is_told),
      cmocka_unit_test(test_sip_uri_from_is_the_user_bound),
      cmocka_unit_test(test_sip_uri_from_of_another_is_told),
      cmocka_unit_test(test_sip_uri_two_from_are_nobodys),
      cmocka_unit_test(test_sip_uri_wrong_arguments_are_no),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
