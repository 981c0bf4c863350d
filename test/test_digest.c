/* Digest responses against the values printed in RFC 7616 and its forerunners.
 */
#include "support.h"

#include "../examples/digest.h"

#define NONCE_7616 "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define CNONCE_7616 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define NONCE_2617 "dcd98b7102dd2f0e8b11d0f600bfb0c093"

/* RFC 7616 section 3.9.1. */
static int respond_7616(enum digest_algorithm algorithm, unsigned nc,
                        char out[65]) {
  return digest_response(algorithm, "Mufasa", "http-auth@example.org",
                         "Circle of Life", NONCE_7616, CNONCE_7616, nc, "auth",
                         "GET", "/dir/index.html", out);
}

static void test_digest_md5_is_that_of_rfc_7616(void **state) {
  char out[65];
  (void)state;
  assert_int_equal(respond_7616(DIGEST_MD5, 1, out), 0);
  assert_string_equal(out, "8ca523f5e9506fed4657c9700eebdbec");
}

static void test_digest_sha256_is_that_of_rfc_7616(void **state) {
  char out[65];
  (void)state;
  assert_int_equal(respond_7616(DIGEST_SHA256, 1, out), 0);
  assert_string_equal(
      out, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

static void test_digest_counter_changes_the_response(void **state) {
  char first[65];
  char second[65];
  (void)state;
  assert_int_equal(respond_7616(DIGEST_MD5, 1, first), 0);
  assert_int_equal(respond_7616(DIGEST_MD5, 2, second), 0);
  assert_string_not_equal(first, second);
}

/* RFC 2617 section 3.5. */
static void test_digest_md5_is_that_of_rfc_2617(void **state) {
  char out[65];
  (void)state;
  assert_int_equal(digest_response(DIGEST_MD5, "Mufasa", "testrealm@host.com",
                                   "Circle Of Life", NONCE_2617, "0a4f113b", 1,
                                   "auth", "GET", "/dir/index.html", out),
                   0);
  assert_string_equal(out, "6629fae49393a05397450978507c4ef1");
}

/* RFC 2069 section 2.4, with the response of its erratum. */
static void test_digest_without_qop_is_that_of_rfc_2069(void **state) {
  char out[65];
  (void)state;
  assert_int_equal(digest_response(DIGEST_MD5, "Mufasa", "testrealm@host.com",
                                   "CircleOfLife", NONCE_2617, NULL, 0, NULL,
                                   "GET", "/dir/index.html", out),
                   0);
  assert_string_equal(out, "1949323746fe6a43ef61f9606e7febea");
}

static void test_digest_of_an_endless_text_is_refused(void **state) {
  static char text[5000];
  char out[65];
  (void)state;
  memset(text, 'a', sizeof(text) - 1);
  assert_int_equal(digest_response(DIGEST_MD5, text, "r", "p", "n", "c", 1,
                                   "auth", "GET", "/", out),
                   -1);
  assert_int_equal(digest_response(DIGEST_MD5, "u", "r", "p", text, "c", 1,
                                   "auth", "GET", "/", out),
                   -1);
  assert_int_equal(digest_response(DIGEST_MD5, "u", "r", "p", "n", "c", 1,
                                   "auth", "GET", text, out),
                   -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_digest_md5_is_that_of_rfc_7616),
      cmocka_unit_test(test_digest_sha256_is_that_of_rfc_7616),
      cmocka_unit_test(test_digest_counter_changes_the_response),
      cmocka_unit_test(test_digest_md5_is_that_of_rfc_2617),
      cmocka_unit_test(test_digest_without_qop_is_that_of_rfc_2069),
      cmocka_unit_test(test_digest_of_an_endless_text_is_refused),
  };
  return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
