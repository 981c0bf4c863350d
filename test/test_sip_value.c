/* sip: values of header lines: lists, addresses, parameters. */
#include "span.h"
#include "support.h"

#include <sipws/sip.h>

/* ---- lists ---- */

static void assert_values(const char *text, const char *const *expected,
                          int err) {
  size_t len = strlen(text);
  char *list = test_guarded(text, len);
  sipws_span rest = *whole(text);
  sipws_span before, value;
  for (; *expected != NULL; expected++) {
    assert_int_equal(sipws_list_next(list, &rest, &value), 0);
    assert_span(list, value, *expected);
    assert_int_equal(rest.off + rest.len, len);
  }
  before = rest;
  assert_int_equal(sipws_list_next(list, &rest, &value), err);
  assert_memory_equal(&rest, &before, sizeof rest);
  test_guarded_free(list, len);
}

static void test_sip_value_list_splits_at_commas_outside(void **state) {
  static const char *const three[] = {"a", "b c", "d", NULL};
  static const char *const routes[] = {"<sip:a,b;lr>",
                                       "\"C, \\\"D\" <sip:e>;f=\",\"", NULL};
  static const char *const one[] = {"a;b=\"<\"", "c", NULL};
  static const char *const none[] = {NULL};
  (void)state;
  assert_values("a, b c\r\n ,\td", three, SIPWS_ERR_NOT_FOUND);
  assert_values("<sip:a,b;lr> , \"C, \\\"D\" <sip:e>;f=\",\"", routes,
                SIPWS_ERR_NOT_FOUND);
  assert_values("a;b=\"<\",c", one, SIPWS_ERR_NOT_FOUND);
  assert_values("", none, SIPWS_ERR_NOT_FOUND);
  assert_values(" \r\n ", none, SIPWS_ERR_NOT_FOUND);
}

static void test_sip_value_list_skips_empty_ones(void **state) {
  static const char *const two[] = {"a", "b", NULL};
  static const char *const none[] = {NULL};
  (void)state;
  /* RFC 7118 section 8.2 prints a Route with a comma behind it */
  assert_values(",a,, ,b,", two, SIPWS_ERR_NOT_FOUND);
  assert_values(" , ,", none, SIPWS_ERR_NOT_FOUND);
}

static void test_sip_value_list_refuses_what_has_no_end(void **state) {
  static const char *const none[] = {NULL};
  static const char *const one[] = {"a", NULL};
  (void)state;
  assert_values("\"Mr. J. User <sip:j.user@example.com>", none,
                SIPWS_ERR_SYNTAX); /* RFC 4475 3.1.2.6 */
  assert_values("a, <sip:b", one, SIPWS_ERR_SYNTAX);
  assert_values("a, \"b\\\"", one, SIPWS_ERR_SYNTAX);
  assert_values("\"\\", none, SIPWS_ERR_SYNTAX);
}

/* ---- addresses ---- */

static int read_addr(const char *text, sipws_name_addr *addr) {
  size_t len = strlen(text);
  char *value = test_guarded(text, len);
  int err;
  memset(addr, 0x55, sizeof *addr);
  addr->struct_size = sizeof *addr;
  err = sipws_name_addr_parse(value, whole(text), addr);
  test_guarded_free(value, len);
  return err;
}

static void assert_addr(const char *text, const char *display, const char *uri,
                        const char *params) {
  sipws_name_addr addr;
  assert_int_equal(read_addr(text, &addr), 0);
  assert_int_equal(addr.is_star, 0);
  assert_span(text, addr.display, display);
  assert_span(text, addr.uri, uri);
  assert_span(text, addr.params, params);
}

static void test_sip_value_addr_in_brackets_is_read(void **state) {
  (void)state;
  assert_addr("<sip:a@b>", "", "sip:a@b", "");
  assert_addr("Alice <sip:a@b;transport=ws?x=y>;tag=1", "Alice",
              "sip:a@b;transport=ws?x=y", ";tag=1");
  assert_addr(" The Operator \t <sip:o@b> ; tag = 1 ", "The Operator",
              "sip:o@b", "; tag = 1");
  assert_addr("token1~` token2'+_ token3*%!.- <sip:m@b>;fromParam''~+*_!.-%"
              "=\"\xd1\x80\";tag=_token~1'+`*%!-.",
              "token1~` token2'+_ token3*%!.-", "sip:m@b",
              ";fromParam''~+*_!.-%=\"\xd1\x80\";tag=_token~1'+`*%!-.");
  assert_addr("\"Anonymous\"<sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
              "Anonymous", "sip:c8oqz84zk7z@privacy.org", ";tag=hyh8");
  assert_addr("\"<J, \\\"\\\\ >\"\r\n <sips:j@e>\r\n ;x", "<J, \\\"\\\\ >",
              "sips:j@e", ";x");
  assert_addr("\"\" <tel:+1-201>", "", "tel:+1-201", "");
  assert_addr("<urn:service:sos>", "", "urn:service:sos", "");
  assert_addr("<a:b>", "", "a:b", "");
  assert_addr("<Z1+:b>", "", "Z1+:b", "");
}

static void
test_sip_value_addr_without_brackets_gives_params_away(void **state) {
  (void)state;
  assert_addr("sip:a@b", "", "sip:a@b", "");
  assert_addr("sip:a@b;tag=1;x", "", "sip:a@b", ";tag=1;x");
  assert_addr("sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n", "",
              "sip:vivekg@chair-dnrc.example.com", ";   tag    = 1918181833n");
  assert_addr("sip:a@b;x=\"<sip:c>\"", "", "sip:a@b", ";x=\"<sip:c>\"");
}

static void test_sip_value_addr_star_stands_alone(void **state) {
  sipws_name_addr addr;
  (void)state;
  assert_int_equal(read_addr(" * ", &addr), 0);
  assert_int_equal(addr.is_star, 1);
  assert_int_equal(addr.uri.len, 0);
  assert_int_equal(read_addr("*;expires=0", &addr), SIPWS_ERR_SYNTAX);
  assert_int_equal(read_addr("**", &addr), SIPWS_ERR_SYNTAX);
}

static void
test_sip_value_addr_that_breaks_the_grammar_is_refused(void **state) {
  static const char *const bad[] = {
      "",
      " ",
      "<>",
      "<sip:>",
      "<a@b>",
      "<:a>",
      "<1:a>",
      "<`:a>",
      "<{:a>",
      "<~:a>",
      "<@:a>",
      "<s/p:a>",
      "sip",
      "sip:",
      ":",
      "alice",
      "Alice sip:a@b",
      "<sip:a@b",
      "sip:a@b>",
      "<sip:a@b>>",
      "<<sip:a@b>>",
      "<sip:a b>",
      "< sip:t.watson@example.org >",
      "<sip:a@b\t>",
      "\"A <sip:a@b>",
      "\"A\" sip:a@b",
      "\"A\"",
      "\"A\" B <sip:a>",
      "Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
      "A \"B\" <sip:a>",
      "A:B <sip:a>",
      "<sip:a@b> x",
      "<sip:a@b>,",
      "\"Joe\" <sip:joe@example.org>;;;;",
      "<sip:a@b>;",
      "<sip:a@b>;=1",
      "<sip:a@b>;x=",
      "<sip:a@b>;x=\"1",
      "<sip:a@b>;x=1 2",
      "<sip:a@b>;x,y",
      "sip:user@example.com?Route=%3Csip:sip.example.com%3E",
      "sip:a@b,sip:c@d",
      "sip:a@b sip:c",
      "<sip:a\x7f>",
      "<sip:a\"b>"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sipws_name_addr addr, before;
    memset(&before, 0x55, sizeof before);
    before.struct_size = sizeof before;
    if (read_addr(bad[i], &addr) != SIPWS_ERR_SYNTAX) {
      fail_msg("taken: %s", bad[i]);
    }
    assert_memory_equal(&addr, &before, sizeof addr);
  }
}

static void test_sip_value_addr_wrong_arguments_are_invalid(void **state) {
  sipws_name_addr addr;
  (void)state;
  addr.struct_size = sizeof addr;
  assert_int_equal(sipws_name_addr_parse(NULL, whole("a"), &addr),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_name_addr_parse("a", NULL, &addr), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_name_addr_parse("a", whole("a"), NULL),
                   SIPWS_ERR_INVALID);
  addr.struct_size = sizeof addr + 8;
  assert_int_equal(sipws_name_addr_parse("sip:a", whole("sip:a"), &addr),
                   SIPWS_ERR_INVALID);
}

/* ---- parameters ---- */

static void assert_param(const char *text, const char *name, int err,
                         const char *expected) {
  size_t len = strlen(text);
  char *params = test_guarded(text, len);
  sipws_span value;
  assert_int_equal(sipws_param(params, whole(text), name, strlen(name), &value),
                   err);
  if (err == 0) {
    assert_span(params, value, expected);
  }
  test_guarded_free(params, len);
}

static void test_sip_value_param_is_found_in_any_case(void **state) {
  static const char text[] =
      "; Tag = a1 ;lr;x=\"q;lr2=\\\"1\\\"\";\r\n y = [::1]";
  (void)state;
  assert_param(text, "tag", 0, "a1");
  assert_param(text, "TAG", 0, "a1");
  assert_param(text, "lr", 0, "");
  assert_param(text, "x", 0, "q;lr2=\\\"1\\\"");
  assert_param(text, "y", 0, "[::1]");
  assert_param(text, "lr2", SIPWS_ERR_NOT_FOUND, NULL);
  assert_param(text, "ta", SIPWS_ERR_NOT_FOUND, NULL);
  assert_param("", "a", SIPWS_ERR_NOT_FOUND, NULL);
  assert_param(" ", "a", SIPWS_ERR_NOT_FOUND, NULL);
  assert_param(";a=\"\"", "a", 0, "");
  assert_param(";a=b=c/d==", "a", 0, "b=c/d==");
  assert_param(";+sip.instance=\"<urn:uuid:0>\";reg-id=1", "+SIP.instance", 0,
               "<urn:uuid:0>");
  assert_param(";a=1;a=2", "a", 0, "1");
}

static void
test_sip_value_param_behind_broken_ones_is_not_reached(void **state) {
  (void)state;
  assert_param("a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";a=", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";a=\"1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=\"c;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=\"c\\", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b c;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=c,;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=c<;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=c>;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=c\x7f;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";b=\"c\"d;a=1", "a", SIPWS_ERR_SYNTAX, NULL);
  assert_param(";", "a", SIPWS_ERR_SYNTAX, NULL);
}

static void assert_auth(const char *text, const char *name, int err,
                        const char *expected) {
  size_t len = strlen(text);
  char *header = test_guarded(text, len);
  sipws_span value;
  assert_int_equal(
      sipws_auth_param(header, whole(text), name, strlen(name), &value), err);
  if (err == 0) {
    assert_span(header, value, expected);
  }
  test_guarded_free(header, len);
}

static void test_sip_value_auth_param_is_found(void **state) {
  static const char text[] =
      "Digest realm=\"a, b=\\\"c\\\"\",\r\n nonce = \"84a4\""
      " , QOP=auth,stale=FALSE, uri=\"sip:b\", opaque=\"\"";
  (void)state;
  assert_auth(text, "", 0, "Digest");
  assert_auth(text, "realm", 0, "a, b=\\\"c\\\"");
  assert_auth(text, "Nonce", 0, "84a4");
  assert_auth(text, "qop", 0, "auth");
  assert_auth(text, "stale", 0, "FALSE");
  assert_auth(text, "opaque", 0, "");
  assert_auth(text, "b", SIPWS_ERR_NOT_FOUND, NULL);
  assert_auth(" Digest\tx=1", "x", 0, "1");
  assert_auth("Digest x=1,,y=2,", "y", 0, "2");
  assert_auth("Digest x=1,,y=2,", "z", SIPWS_ERR_NOT_FOUND, NULL);
  assert_auth("Digest", "x", SIPWS_ERR_NOT_FOUND, NULL);
  assert_auth("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "", 0, "Basic");
  assert_auth("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "x", SIPWS_ERR_NOT_FOUND,
              NULL);
}

static void test_sip_value_auth_scheme_needs_no_name(void **state) {
  static const char text[] = "Digest x=1";
  sipws_span value;
  (void)state;
  assert_int_equal(sipws_auth_param(text, whole(text), NULL, 0, &value), 0);
  assert_span(text, value, "Digest");
}

static void test_sip_value_auth_param_of_broken_text_is_refused(void **state) {
  (void)state;
  assert_auth("", "", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("\"Digest\" x=1", "", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("Digest,x=1", "x", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("Digest y, x=1", "x", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("Digest y=\"1, x=1", "x", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("Digest y=1 x=1", "x", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("Digest y=1; x=1", "x", SIPWS_ERR_SYNTAX, NULL);
  assert_auth("Basic QWxhZGRpbjpvcGVu", "x", SIPWS_ERR_SYNTAX, NULL);
}

/* ---- spans ---- */

static void test_sip_value_span_is_a_word_in_any_case(void **state) {
  static const char text[] = "x-OutBound[`{";
  char *guarded = test_guarded(text, 10);
  sipws_span span = {2, 8};
  sipws_span empty = {10, 0};
  sipws_span marks = {10, 3};
  (void)state;
  assert_int_equal(sipws_span_is(guarded, &span, "outbound", 8), 1);
  assert_int_equal(sipws_span_is(guarded, &span, "OUTBOUND", 8), 1);
  assert_int_equal(sipws_span_is(guarded, &span, "outbounds", 9), 0);
  assert_int_equal(sipws_span_is(guarded, &span, "outbounds", 8), 1);
  assert_int_equal(sipws_span_is(guarded, &span, "outboun", 7), 0);
  assert_int_equal(sipws_span_is(guarded, &span, "outbounx", 8), 0);
  assert_int_equal(sipws_span_is(guarded, &empty, "", 0), 1);
  assert_int_equal(sipws_span_is(guarded, &empty, NULL, 0), 1);
  assert_int_equal(sipws_span_is(text, &marks, "{@[", 3), 0);
  assert_int_equal(sipws_span_is(NULL, &span, "outbound", 8), 0);
  assert_int_equal(sipws_span_is(guarded, NULL, "outbound", 8), 0);
  assert_int_equal(sipws_span_is(guarded, &span, NULL, 8), 0);
  test_guarded_free(guarded, 10);
}

static void test_sip_value_span_number_is_32_bits_of_digits(void **state) {
  static const char *const bad[] = {"",     "4294967296",           "1 ", "-1",
                                    "0x10", "36893488147419103232", "one"};
  uint32_t number = 77;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(sipws_span_number(bad[i], whole(bad[i]), &number),
                     SIPWS_ERR_SYNTAX);
    assert_int_equal(number, 77);
  }
  assert_int_equal(
      sipws_span_number("4294967295", whole("4294967295"), &number), 0);
  assert_int_equal(number, UINT32_MAX);
  assert_int_equal(sipws_span_number("007", whole("007"), &number), 0);
  assert_int_equal(number, 7);
  assert_int_equal(sipws_span_number(NULL, whole("1"), &number),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_span_number("1", NULL, &number), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_span_number("1", whole("1"), NULL), SIPWS_ERR_INVALID);
}

static void test_sip_value_wrong_arguments_are_invalid(void **state) {
  sipws_span span = {0, 1};
  (void)state;
  assert_int_equal(sipws_list_next(NULL, &span, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_list_next("a", NULL, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_list_next("a", &span, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_param(NULL, &span, "a", 1, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_param("a", NULL, "a", 1, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_param("a", &span, NULL, 1, &span), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_param("a", &span, "a", 1, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_param(NULL, &span, "a", 1, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_param("a", NULL, "a", 1, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_param("a", &span, NULL, 1, &span),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_param("a", &span, "a", 1, NULL),
                   SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_value_list_splits_at_commas_outside),
      cmocka_unit_test(test_sip_value_list_skips_empty_ones),
      cmocka_unit_test(test_sip_value_list_refuses_what_has_no_end),
      cmocka_unit_test(test_sip_value_addr_in_brackets_is_read),
      cmocka_unit_test(test_sip_value_addr_without_brackets_gives_params_away),
      cmocka_unit_test(test_sip_value_addr_star_stands_alone),
      cmocka_unit_test(test_sip_value_addr_that_breaks_the_grammar_is_refused),
      cmocka_unit_test(test_sip_value_addr_wrong_arguments_are_invalid),
      cmocka_unit_test(test_sip_value_param_is_found_in_any_case),
      cmocka_unit_test(test_sip_value_param_behind_broken_ones_is_not_reached),
      cmocka_unit_test(test_sip_value_auth_param_is_found),
      cmocka_unit_test(test_sip_value_auth_scheme_needs_no_name),
      cmocka_unit_test(test_sip_value_auth_param_of_broken_text_is_refused),
      cmocka_unit_test(test_sip_value_span_is_a_word_in_any_case),
      cmocka_unit_test(test_sip_value_span_number_is_32_bits_of_digits),
      cmocka_unit_test(test_sip_value_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
