/* front_cookie: which cookies of a refusal go back with the retry (RFC 6265
 * section 5). */
#include "refusal.h"

#define CHALLENGE "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
#define SET(cookie) "Set-Cookie: " cookie "\r\n"

struct row {
  const char *lines;
  const char *cookies; /* the value of the Cookie header; "": there is none */
};

static void assert_rows(const char *url, const struct row *rows, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) {
    char lines[512];
    snprintf(lines, sizeof lines, CHALLENGE "%s", rows[i].lines);
    refusal_begin(url, 401, lines);
    assert_int_equal(refusal_retry(0), 0);
    assert_string_equal(refusal_sent("Cookie"), rows[i].cookies);
    refusal_end();
  }
}

static void test_cookie_goes_back_without_its_attributes(void **state) {
  static const struct row rows[] = {
      {"", ""},
      {SET("sid=31d4"), "sid=31d4"},
      {SET("sid=31d4; Path=/; HttpOnly; SameSite=Lax"), "sid=31d4"},
      {SET(" sid = 31d4 ;x"), "sid=31d4"},
      {SET("a=1") SET("b=2"), "a=1; b=2"},
      {SET("a=\"1\""), "a=\"1\""},
      {SET("a=b=c"), "a=b=c"},
      {SET("a="), "a="},
      {"set-cookie: a=1\r\nCookie: b=2\r\n", "a=1"},
      /* dates have commas: lines are not to be joined */
      {SET("a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT"), "a=1"},
  };
  (void)state;
  assert_rows("wss://h.example/ws", rows, ROWS(rows));
}

static void test_cookie_that_is_none_is_left_out(void **state) {
  static const struct row rows[] = {
      {SET(""), ""},
      {SET("a"), ""},
      {SET("=1"), ""},
      {SET("; a=1"), ""},
      {SET("Secure; a=1"), ""},
      {SET("a b=1") SET("c=2"), "c=2"}, /* no token */
      {SET("a=1 2") SET("c=2"), "c=2"}, /* RFC 6265 4.1.1 */
      {SET("a=1,2") SET("c=2"), "c=2"},
  };
  (void)state;
  assert_rows("wss://h.example/ws", rows, ROWS(rows));
}

static void test_cookie_past_its_max_age_is_dropped(void **state) {
  static const struct row rows[] = {
      {SET("a=1; Max-Age=1"), "a=1"},
      {SET("a=1; max-age = 3600"), "a=1"},
      {SET("a=1; Max-Age=99999999999999999999999"), "a=1"},
      {SET("a=1; Max-Age=0"), ""},
      {SET("a=1; MAX-AGE=000"), ""},
      {SET("a=1; Max-Age=-1"), ""},
      {SET("a=1; Max-Age=-99999999999999999999999"), ""},
      {SET("a=1; Max-Age=010"), "a=1"},
      /* no numbers; RFC 6265 5.2.2 */
      {SET("a=1; Max-Age"), "a=1"},
      {SET("a=1; Max-Age="), "a=1"},
      {SET("a=1; Max-Age=0x"), "a=1"},
      {SET("a=1; Max-Age=x0"), "a=1"},
      {SET("a=1; Max-Age=-x"), "a=1"},
      {SET("a=1; Max-Age=\"0\""), "a=1"},
      {SET("a=1; X-Max-Age=0"), "a=1"},
      /* the last of two */
      {SET("a=1; Max-Age=0; Max-Age=1"), "a=1"},
      {SET("a=1; Max-Age=1; Max-Age=0"), ""},
  };
  (void)state;
  assert_rows("wss://h.example/ws", rows, ROWS(rows));
}

static void test_cookie_replaces_an_earlier_of_its_name(void **state) {
  static const struct row rows[] = {
      {SET("a=1") SET("b=2") SET("a=3"), "a=3; b=2"},
      {SET("a=1") SET("A=2"), "a=1; A=2"},
      {SET("a=1") SET("a=2; Max-Age=0"), ""},
      {SET("a=1; Max-Age=0") SET("a=2"), "a=2"},
      {SET("a=1") SET("a=2; Domain=other.example"), "a=1"},
      {SET("a=1") SET("a=2; Path=/other; Max-Age=0"), "a=1"},
  };
  (void)state;
  assert_rows("wss://h.example/ws", rows, ROWS(rows));
}

static void test_cookie_that_is_secure_goes_over_tls_alone(void **state) {
  static const struct row tls[] = {
      {SET("a=1; Secure"), "a=1"},
      {SET("a=1;SECURE=x") SET("b=2"), "a=1; b=2"},
  };
  static const struct row clear[] = {
      {SET("a=1; Secure"), ""},
      {SET("a=1;SECURE=x") SET("b=2"), "b=2"},
      {SET("a=1; Secured"), "a=1"},
  };
  (void)state;
  assert_rows("wss://h.example/ws", tls, ROWS(tls));
  assert_rows("ws://h.example/ws", clear, ROWS(clear));
  /* TLS of the application's */
  refusal_begin("ws://h/", 401, CHALLENGE SET("a=1; Secure"));
  assert_int_equal(sipws_conn_set_secure(again.conn, 1), 0);
  assert_int_equal(refusal_retry(0), 0);
  assert_string_equal(refusal_sent("Cookie"), "a=1");
  refusal_end();
}

static void test_cookie_of_another_domain_is_left_out(void **state) {
  static const struct row name[] = {
      {SET("a=1; Domain=sip.h.example"), "a=1"},
      {SET("a=1; Domain=H.Example"), "a=1"},
      {SET("a=1; Domain=.h.example"), "a=1"},
      {SET("a=1; domain=example"), "a=1"},
      {SET("a=1; Domain="), "a=1"},
      {SET("a=1; Domain"), "a=1"},
      {SET("a=1; Domain=."), "a=1"},
      {SET("a=1; Domain=x.sip.h.example"), ""},
      {SET("a=1; Domain=ip.h.example"), ""},
      {SET("a=1; Domain=other.example"), ""},
      {SET("a=1; Domain=..h.example"), ""},
      {SET("a=1; Domain=h.example; Domain=other"), ""},
      {SET("a=1; Domain=other; Domain=h.example"), "a=1"},
  };
  static const struct row ipv4[] = {
      {SET("a=1; Domain=192.0.2.1"), "a=1"},
      {SET("a=1; Domain=0.2.1"), ""}, /* RFC 6265 5.1.3: names alone */
      {SET("a=1"), "a=1"},
  };
  static const struct row ipv6[] = {
      {SET("a=1; Domain=[::1]"), "a=1"},
      {SET("a=1; Domain=1]"), ""},
  };
  (void)state;
  assert_rows("wss://sip.h.example:8443/ws", name, ROWS(name));
  assert_rows("wss://192.0.2.1/ws", ipv4, ROWS(ipv4));
  assert_rows("wss://[::1]/ws", ipv6, ROWS(ipv6));
}

static void test_cookie_of_another_path_is_left_out(void **state) {
  static const struct row deep[] = {
      {SET("a=1; Path=/"), "a=1"},
      {SET("a=1; Path=/a"), "a=1"},
      {SET("a=1; Path=/a/"), "a=1"},
      {SET("a=1; Path=/a/ws"), "a=1"},
      {SET("a=1; Path="), "a=1"},
      {SET("a=1; Path"), "a=1"},
      {SET("a=1; Path=other"), "a=1"}, /* RFC 6265 5.2.4: as if not there */
      {SET("a=1; Path=/a/w"), ""},
      {SET("a=1; Path=/a/ws/"), ""},
      {SET("a=1; Path=/a/ws/x"), ""},
      {SET("a=1; Path=/A"), ""},
      {SET("a=1; Path=/b"), ""},
      {SET("a=1; Path=/a/ws?x=1"), ""},
      {SET("a=1; Path=/b; Path=/a"), "a=1"},
      {SET("a=1; Path=/a; Path=/b"), ""},
  };
  static const struct row root[] = {
      {SET("a=1; Path=/"), "a=1"},
      {SET("a=1; Path=/a"), ""},
      {SET("a=1"), "a=1"},
  };
  (void)state;
  assert_rows("wss://h/a/ws?x=1", deep, ROWS(deep));
  assert_rows("wss://h", root, ROWS(root));
  assert_rows("wss://h?x=1", root, ROWS(root));
}

static void test_cookie_joins_those_that_were_set(void **state) {
  (void)state;
  refusal_begin("wss://h/", 401, CHALLENGE SET("b=2"));
  assert_int_equal(sipws_conn_add_cookie(again.conn, "a", 1, "1", 1), 0);
  assert_int_equal(refusal_retry(0), 0);
  assert_string_equal(refusal_sent("Cookie"), "a=1; b=2");
  refusal_end();
}

/* RFC 6265 section 6.1; a server may set what it likes, we keep 50. */
static void test_cookie_beyond_the_fiftieth_is_left_out(void **state) {
  static char lines[8192];
  const char *value;
  size_t len = (size_t)snprintf(lines, sizeof lines, CHALLENGE);
  size_t count = 1;
  int i;
  (void)state;
  for (i = 1; i <= 51; i++) {
    len += (size_t)snprintf(lines + len, sizeof lines - len, SET("c%d=x"), i);
  }
  snprintf(lines + len, sizeof lines - len, SET("c50=y"));
  refusal_begin("wss://h/", 401, lines);
  assert_int_equal(refusal_retry(0), 0);
  value = refusal_sent("Cookie");
  assert_memory_equal(value, "c1=x; c2=x; ", 12);
  assert_string_equal(value + strlen(value) - 12, "c49=x; c50=y");
  for (; *value != '\0'; value++) {
    count += *value == ';';
  }
  assert_int_equal(count, 50);
  refusal_end();
}

static void test_cookie_too_long_for_the_handshake_is_told(void **state) {
  static char lines[2000];
  (void)state;
  snprintf(lines, sizeof lines, CHALLENGE SET("a=%01000d"), 0);
  refusal_begin("wss://h/", 401, lines);
  side_free(&again);
  side_config(&again, SIDE_CALLBACKS);
  side_limit(&again, SIPWS_LIMIT_HANDSHAKE_SIZE, 512);
  side_client(&again, "wss://h/");
  assert_int_equal(refusal_retry(0), SIPWS_ERR_TOO_BIG);
  refusal_end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cookie_goes_back_without_its_attributes),
      cmocka_unit_test(test_cookie_that_is_none_is_left_out),
      cmocka_unit_test(test_cookie_past_its_max_age_is_dropped),
      cmocka_unit_test(test_cookie_replaces_an_earlier_of_its_name),
      cmocka_unit_test(test_cookie_that_is_secure_goes_over_tls_alone),
      cmocka_unit_test(test_cookie_of_another_domain_is_left_out),
      cmocka_unit_test(test_cookie_of_another_path_is_left_out),
      cmocka_unit_test(test_cookie_joins_those_that_were_set),
      cmocka_unit_test(test_cookie_beyond_the_fiftieth_is_left_out),
      cmocka_unit_test(test_cookie_too_long_for_the_handshake_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
