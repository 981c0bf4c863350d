/* front_origin: which origins a list allows. */
#include "support.h"

#include <sipws/front.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static int allowed(const char *list, const char *origin) {
  size_t len = strlen(list);
  size_t origin_len = strlen(origin);
  char *guarded_list = test_guarded(list, len);
  char *guarded = test_guarded(origin, origin_len);
  int result = sipws_origin_is_allowed(guarded_list, len, guarded, origin_len);
  test_guarded_free(guarded_list, len);
  test_guarded_free(guarded, origin_len);
  return result;
}

struct row {
  const char *list;
  const char *origin;
};

static void assert_rows(const struct row *rows, size_t count, int expected) {
  size_t i;
  for (i = 0; i < count; i++) {
    if (allowed(rows[i].list, rows[i].origin) != expected) {
      fail_msg("\"%s\" and \"%s\"", rows[i].list, rows[i].origin);
    }
  }
}

static void test_origin_on_the_list_is_allowed(void **state) {
  static const struct row rows[] = {
      {"https://a.example", "https://a.example"},
      {"HTTPS://A.example", "https://a.EXAMPLE"},
      {"https://a.example:8443", "https://a.example:8443"},
      {"https://[2001:db8::1]:8443", "https://[2001:DB8::1]:8443"},
      {"null", "null"},
      {"moz-extension://0f1e", "moz-extension://0f1e"},
      {"https://a.example,https://b.example", "https://b.example"},
      {" ,\thttps://a.example ,\r\n https://b.example, ", "https://b.example"},
      {"https://a.example null", "null"},
      {"https://a.example https://b.example", "https://a.example"},
  };
  (void)state;
  assert_rows(rows, ROWS(rows), 1);
}

static void test_origin_off_the_list_is_not_allowed(void **state) {
  static const struct row rows[] = {
      {"", "https://a.example"},
      {" , ,", ","},
      {"https://a.example", ""},
      {"https://a.example", "http://a.example"},
      {"https://a.example", "https://a.example:443"},
      {"https://a.example:443", "https://a.example"},
      {"https://a.example:80", "https://a.example:8080"},
      {"https://a.example", "https://a.example.evil"},
      {"https://a.example", "https://evil-a.example"},
      {"https://a.example", "https://a.exampl"},
      {"https://a.example", "https://a.example/"},
      {"https://a.example", "https://a.example."},
      {"https://a.example", "a.example"},
      {"a.example", "https://a.example"},
      {"https://a.example", "null"},
      {"https://a.example,https://b.example",
       "https://a.example,https://b.example"},
      {"https://a.example https://b.example",
       "https://a.example https://b.example"}, /* RFC 6454: a list of two */
  };
  (void)state;
  assert_rows(rows, ROWS(rows), 0);
}

static void test_origin_star_stands_for_labels(void **state) {
  static const struct row good[] = {
      {"https://*.example.com", "https://a.example.com"},
      {"https://*.example.com", "https://a.b-c.d_e.9.example.com"},
      {"https://*.example.com", "HTTPS://A.Example.COM"},
      {"https://*.example.com:8443", "https://a.example.com:8443"},
      {"http://x https://*.example.com", "https://a.example.com"},
      {"https://*.example.com https://example.com", "https://example.com"},
  };
  static const struct row bad[] = {
      {"https://*.example.com", "https://example.com"},
      {"https://*.example.com", "https://.example.com"},
      {"https://*.example.com", "https://a..example.com"},
      {"https://*.example.com", "https://.a.example.com"},
      {"https://*.example.com", "https://aexample.com"},
      {"https://*.example.com", "http://a.example.com"},
      {"https://*.example.com", "other://a.example.com"},
      {"https://*.example.com", "https://a.example.com:8443"},
      {"https://*.example.com:8443", "https://a.example.com"},
      {"https://*.example.com", "https://a.example.com.evil"},
      {"https://*.example.com", "https://evil/.example.com"},
      {"https://*.example.com", "https://evil?.example.com"},
      {"https://*.example.com", "https://evil#.example.com"},
      {"https://*.example.com", "https://evil:80.example.com"},
      {"https://*.example.com", "https://u@a.example.com"},
      {"https://*.example.com", "https://[::1].example.com"},
      {"https://*.example.com", "https://a%2e.example.com"},
      {"https://*.example.com", "https://\xc3\xa4.example.com"},
      {"https://*.example.com", "https://*.example.com"},
      {"https://*.example.com", "https://"},
      {"https://*.example.com", "null"},
      {"https://*.example.com", "x.example.com"},
  };
  (void)state;
  assert_rows(good, ROWS(good), 1);
  assert_rows(bad, ROWS(bad), 0);
}

static void test_origin_star_elsewhere_takes_nothing(void **state) {
  static const char *const lists[] = {
      "*",
      "https://*",
      "https://*.",
      "https://*a.example.com",
      "https://a*.example.com",
      "https://a.*.example.com",
      "https://*.*.example.com",
      "https://*.*",
      "*://a.example.com",
      "://*.example.com",
      "*.example.com",
      "//*.example.com",
      "https:/*.example.com",
      "https://a.example.com:*",
  };
  static const char *const origins[] = {"https://a.example.com",
                                        "https://a.b.example.com",
                                        "https://xa.example.com",
                                        "https://a.example.com:1",
                                        "https://a.*.example.com",
                                        "https://a.",
                                        "://a.example.com",
                                        "a.example.com",
                                        "https://*"};
  size_t i, j;
  (void)state;
  for (i = 0; i < ROWS(lists); i++) {
    for (j = 0; j < ROWS(origins); j++) {
      if (allowed(lists[i], origins[j])) {
        fail_msg("%s takes %s", lists[i], origins[j]);
      }
    }
    if (allowed(lists[i], lists[i])) {
      fail_msg("%s takes itself", lists[i]);
    }
  }
}

/* Only letters, digits, "-", "_" and "." stand where the star is. */
static void test_origin_star_takes_octets_of_names_alone(void **state) {
  char origin[] = "https://a?b.example.com";
  int c;
  (void)state;
  for (c = 1; c < 256; c++) {
    int good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    origin[9] = (char)c;
    assert_int_equal(allowed("https://*.example.com", origin), good);
  }
}

static void test_origin_without_text_is_not_allowed(void **state) {
  (void)state;
  assert_int_equal(sipws_origin_is_allowed(NULL, 0, "a", 1), 0);
  assert_int_equal(sipws_origin_is_allowed("a", 1, NULL, 0), 0);
  assert_int_equal(sipws_origin_is_allowed("a", 1, "a", 0), 0);
  assert_int_equal(sipws_origin_is_allowed("a", 0, "a", 1), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_origin_on_the_list_is_allowed),
      cmocka_unit_test(test_origin_off_the_list_is_not_allowed),
      cmocka_unit_test(test_origin_star_stands_for_labels),
      cmocka_unit_test(test_origin_star_elsewhere_takes_nothing),
      cmocka_unit_test(test_origin_star_takes_octets_of_names_alone),
      cmocka_unit_test(test_origin_without_text_is_not_allowed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
