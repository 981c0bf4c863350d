/* front_digest: answers to challenges, and their check, against the values
 * printed in RFC 7616 and its forerunners. */
#include "span.h"
#include "writer.h"

#include <sipws/front.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define NONCE_7616 "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define CNONCE_7616 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define OPAQUE_7616 "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
#define NONCE_2617 "dcd98b7102dd2f0e8b11d0f600bfb0c093"
#define MD5_7616 "8ca523f5e9506fed4657c9700eebdbec"

/* RFC 7616 section 3.9.1. */
#define MUFASA "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
#define CREDENTIALS_7616(algorithm, response)                                  \
  MUFASA "uri=\"/dir/index.html\", algorithm=" algorithm                       \
         ", nonce=\"" NONCE_7616 "\", nc=00000001, cnonce=\"" CNONCE_7616      \
         "\", qop=auth, response=\"" response "\", opaque=\"" OPAQUE_7616 "\""

/* ---- check ---- */

static int check(const char *value, const char *password) {
  size_t len = strlen(value);
  char *guarded = test_guarded(value, len);
  int err =
      sipws_auth_check(guarded, len, "GET", 3, password, strlen(password));
  test_guarded_free(guarded, len);
  return err;
}

static void test_digest_is_that_of_rfc_7616(void **state) {
  (void)state;
  assert_int_equal(check(CREDENTIALS_7616("MD5", MD5_7616), "Circle of Life"),
                   0);
  assert_int_equal(
      check(CREDENTIALS_7616("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10d"
                                        "af4496794697cf8db5856cb6c1"),
            "Circle of Life"),
      0);
}

/* RFC 2617 section 3.5. */
static void test_digest_is_that_of_rfc_2617(void **state) {
  static const char value[] =
      "Digest username=\"Mufasa\",\r\n"
      "                 realm=\"testrealm@host.com\",\r\n"
      "                 nonce=\"" NONCE_2617 "\",\r\n"
      "                 uri=\"/dir/index.html\",\r\n"
      "                 qop=auth,\r\n"
      "                 nc=00000001,\r\n"
      "                 cnonce=\"0a4f113b\",\r\n"
      "                 response=\"6629fae49393a05397450978507c4ef1\",\r\n"
      "                 opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
  (void)state;
  assert_int_equal(check(value, "Circle Of Life"), 0);
}

/* RFC 2069 section 2.4, with the response of its erratum. */
static void test_digest_without_qop_is_that_of_rfc_2069(void **state) {
  static const char value[] =
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
      "nonce=\"" NONCE_2617 "\", uri=\"/dir/index.html\", "
      "response=\"1949323746fe6a43ef61f9606e7febea\"";
  (void)state;
  assert_int_equal(check(value, "CircleOfLife"), 0);
}

static void test_digest_that_does_not_fit_is_tampered_with(void **state) {
  static const char good[] = CREDENTIALS_7616("MD5", MD5_7616);
  static const char *const changed[] = {
      "username=\"M", "realm=\"h", "uri=\"/", "nonce=\"7", "nc=0", "cnonce=\"f",
  };
  char value[sizeof good];
  const char *at;
  size_t i;
  (void)state;
  assert_int_equal(check(good, "Circle of life"), SIPWS_ERR_TAMPERED);
  assert_int_equal(check(good, ""), SIPWS_ERR_TAMPERED);
  assert_int_equal(
      sipws_auth_check(good, sizeof good - 1, "PUT", 3, "Circle of Life", 14),
      SIPWS_ERR_TAMPERED);
  for (i = 0; i < ROWS(changed); i++) {
    memcpy(value, good, sizeof good);
    at = strstr(good, changed[i]);
    assert_non_null(at);
    value[(size_t)(at - good) + strlen(changed[i]) - 1] ^= 1;
    assert_int_equal(check(value, "Circle of Life"), SIPWS_ERR_TAMPERED);
  }
  at = strstr(good, MD5_7616); /* each digit of the response */
  for (i = 0; i < 32; i++) {
    memcpy(value, good, sizeof good);
    value[(size_t)(at - good) + i] ^= 1;
    assert_int_equal(check(value, "Circle of Life"), SIPWS_ERR_TAMPERED);
  }
  assert_int_equal(check(CREDENTIALS_7616("MD5", ""), "Circle of Life"),
                   SIPWS_ERR_TAMPERED);
  assert_int_equal(
      check(CREDENTIALS_7616("MD5", MD5_7616 "0"), "Circle of Life"),
      SIPWS_ERR_TAMPERED);
  assert_int_equal(
      check(CREDENTIALS_7616("SHA-256", MD5_7616), "Circle of Life"),
      SIPWS_ERR_TAMPERED);
}

static void test_digest_of_another_kind_is_not_found(void **state) {
  static const char *const rows[] = {
      "",
      "Basic dTpw",
      "Bearer x",
      "Digestive username=\"Mufasa\"",
      CREDENTIALS_7616("SHA-512-256", MD5_7616),
      CREDENTIALS_7616("MD5-sessions", MD5_7616),
      MUFASA "uri=\"/\", nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth-int, "
             "response=\"" MD5_7616 "\"",
      MUFASA "uri=\"/\", nonce=\"n\", qop=\"\", response=\"" MD5_7616 "\"",
      MUFASA "uri=\"/\", nonce=\"n\", nc=00000001, cnonce=\"c\", qop=auth, "
             "userhash=true, response=\"" MD5_7616 "\"",
      MUFASA "uri=\"/\", nonce=\"n\", cnonce=\"c\", algorithm=MD5-sess, "
             "response=\"" MD5_7616 "\"",
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_int_equal(check(rows[i], "x"), SIPWS_ERR_NOT_FOUND);
  }
}

/* One of its parameters is missing each time. */
static void test_digest_that_lacks_a_parameter_is_refused(void **state) {
  static const char *const params[] = {
      "username=\"u\"", "realm=\"r\"",  "nonce=\"n\"", "uri=\"/\"",
      "nc=00000001",    "cnonce=\"c\"", "qop=auth",    "response=\"a\"",
  };
  size_t missing, i;
  (void)state;
  for (missing = 0; missing <= ROWS(params); missing++) {
    char value[200] = "Digest ";
    for (i = 0; i < ROWS(params); i++) {
      if (i != missing) {
        strcat(value, params[i]);
        strcat(value, i + 1 < ROWS(params) ? ", " : "");
      }
    }
    /* without qop it is one of RFC 2069, and only does not fit */
    assert_int_equal(check(value, "x"), missing == 6 || missing == ROWS(params)
                                            ? SIPWS_ERR_TAMPERED
                                            : SIPWS_ERR_SYNTAX);
  }
}

static void test_digest_that_breaks_the_grammar_is_refused(void **state) {
  static const char *const rows[] = {
      "Digest",
      "Digest username",
      "Digest username=\"u",
      "Digest username=\"u\" realm=\"r\"",
      MUFASA "nonce=\"n\", uri=\"/\", qop=auth, cnonce=\"c\", nc=1, "
             "response=\"a\"",
      MUFASA "nonce=\"n\", uri=\"/\", qop=auth, cnonce=\"c\", nc=0000000g, "
             "response=\"a\"",
      MUFASA "nonce=\"n\", uri=\"/\", qop=auth, cnonce=\"c\", nc=000000001, "
             "response=\"a\"",
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_int_equal(check(rows[i], "x"), SIPWS_ERR_SYNTAX);
  }
}

/* ---- answer ---- */

static const uint8_t seed[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                 8, 9, 10, 11, 12, 13, 14, 15};
#define CNONCE "000102030405060708090a0b0c0d0e0f"

struct answer {
  const char *method, *uri, *user, *password;
  uint32_t count;
};

static int write_answer(const void *how, const char *msg, size_t len, char *out,
                        size_t out_size, size_t *out_len) {
  const struct answer *a = how;
  return sipws_auth_answer(msg, len, a->method, strlen(a->method), a->uri,
                           strlen(a->uri), a->user, strlen(a->user),
                           a->password, strlen(a->password), seed, a->count,
                           out, out_size, out_len);
}

static const struct answer mufasa = {"GET", "/dir/index.html", "Mufasa",
                                     "Circle of Life", 1};

/* assert that |value| is the answer to |challenge|, and passes the check. */
static void assert_answer(const struct answer *how, const char *challenge,
                          const char *value) {
  size_t len = strlen(value);
  assert_sizes(write_answer, how, challenge, strlen(challenge), value);
  assert_int_equal(sipws_auth_check(value, len, how->method,
                                    strlen(how->method), how->password,
                                    strlen(how->password)),
                   0);
  assert_int_equal(sipws_auth_check(value, len, how->method,
                                    strlen(how->method), "another", 7),
                   SIPWS_ERR_TAMPERED);
}

#define CHALLENGE_7616(more)                                                   \
  "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "           \
  "nonce=\"" NONCE_7616 "\", opaque=\"" OPAQUE_7616 "\"" more
#define ANSWER_7616(response, algorithm)                                       \
  MUFASA "nonce=\"" NONCE_7616 "\", uri=\"/dir/index.html\", "                 \
         "response=\"" response "\"" algorithm ", opaque=\"" OPAQUE_7616       \
         "\", cnonce=\"" CNONCE "\", qop=auth, nc=00000001"

/* The responses were computed apart from the library. */
static void test_digest_answers_each_algorithm(void **state) {
  (void)state;
  assert_answer(&mufasa, CHALLENGE_7616(""),
                ANSWER_7616("22a54025bd6b0413979cc052ff96ef51", ""));
  assert_answer(
      &mufasa, CHALLENGE_7616(", algorithm=MD5"),
      ANSWER_7616("22a54025bd6b0413979cc052ff96ef51", ", algorithm=MD5"));
  assert_answer(
      &mufasa, CHALLENGE_7616(", algorithm=\"md5-SESS\""),
      ANSWER_7616("1fe251e6f25e9a5dab1c36ed72c859ed", ", algorithm=MD5-sess"));
  assert_answer(&mufasa, CHALLENGE_7616(",algorithm=SHA-256"),
                ANSWER_7616("0b0d4a13327dac1a6559ed32ec8b0e25"
                            "3408848220a55b1ed47b7288957c2057",
                            ", algorithm=SHA-256"));
  assert_answer(&mufasa, CHALLENGE_7616(", , algorithm = SHA-256-sess"),
                ANSWER_7616("550ca8d41d3d6e6e5314b52a060f7e06"
                            "592a07284af5824a556cb333aef54210",
                            ", algorithm=SHA-256-sess"));
}

static void test_digest_answers_without_qop(void **state) {
  (void)state;
  assert_answer(&mufasa,
                "Digest realm=\"http-auth@example.org\", nonce=\"" NONCE_7616
                "\"",
                MUFASA "nonce=\"" NONCE_7616 "\", uri=\"/dir/index.html\", "
                       "response=\"7b2cc3b30e75b4777ea31027084363fd\"");
}

static void test_digest_counts_in_hexadecimal(void **state) {
  static const struct answer again = {"GET", "/dir/index.html", "Mufasa",
                                      "Circle of Life", 0x89abcdef};
  (void)state;
  assert_answer(&again,
                "Digest realm=\"http-auth@example.org\", qop=auth, "
                "nonce=\"" NONCE_7616 "\"",
                MUFASA "nonce=\"" NONCE_7616 "\", uri=\"/dir/index.html\", "
                       "response=\"2cb89ef539e5661ee9864daa5ec09e49\", "
                       "cnonce=\"" CNONCE "\", qop=auth, nc=89abcdef");
}

/* What is quoted is echoed as it was written, and hashed as it was meant (RFC
 * 9110 section 5.6.4). */
static void test_digest_escapes_what_it_quotes(void **state) {
  static const struct answer quoted = {"REGISTER", "sip:b", "DOM\\al\"ice",
                                       "p:\"\\", 1};
  (void)state;
  assert_answer(&quoted,
                "Digest realm=\"a\\\"b\\\\c\", nonce=\"\\n\", qop=\"auth\"",
                "Digest username=\"DOM\\\\al\\\"ice\", realm=\"a\\\"b\\\\c\", "
                "nonce=\"\\n\", uri=\"sip:b\", "
                "response=\"826e162fccc0fce12a518ec836cffd0d\", "
                "cnonce=\"" CNONCE "\", qop=auth, nc=00000001");
}

static void test_digest_answers_what_is_empty(void **state) {
  static const struct answer empty = {"GET", "/", "", "", 1};
  (void)state;
  assert_answer(&empty, "Digest realm=\"\", nonce=n, opaque=\"\"",
                "Digest username=\"\", realm=\"\", nonce=\"n\", uri=\"/\", "
                "response=\"214cb0fab2269aacd91433ee05b88f64\", opaque=\"\"");
}

static void test_digest_folded_challenge_is_answered(void **state) {
  char out[400];
  size_t len;
  static const char folded[] = "Digest realm=\"r\",\r\n nonce=\"n\"\r\n\t, "
                               "qop=\r\n \"auth\"";
  static const char inside[] = "Digest realm=\"r\r\n x\", nonce=\"n\"";
  (void)state;
  assert_int_equal(
      write_answer(&mufasa, folded, sizeof folded - 1, out, sizeof out, &len),
      0);
  assert_null(memchr(out, '\n', len));
  assert_refused(write_answer, &mufasa, inside, SIPWS_ERR_TEXT);
}

static void test_digest_answers_basic_too(void **state) {
  static const struct answer colon = {"GET", "/", "a:b", "p", 1};
  (void)state;
  assert_sizes(write_answer, &mufasa, "Basic realm=\"a\", charset=\"UTF-8\"",
               32, "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl");
  assert_refused(write_answer, &colon, "Basic realm=\"a\"", SIPWS_ERR_TEXT);
}

static void test_digest_challenge_it_cannot_answer_is_refused(void **state) {
  static const struct {
    const char *challenge;
    int err;
  } rows[] = {
      {"", SIPWS_ERR_NOT_FOUND},
      {"Bearer realm=\"a\"", SIPWS_ERR_NOT_FOUND},
      {"Negotiate", SIPWS_ERR_NOT_FOUND},
      {"Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256",
       SIPWS_ERR_NOT_FOUND},
      {"Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"",
       SIPWS_ERR_NOT_FOUND},
      {"Digest realm=\"a\", nonce=\"n\", qop=\"authentic,xauth\"",
       SIPWS_ERR_NOT_FOUND},
      {"Digest realm=\"a\", nonce=\"n\", algorithm=MD5-sess",
       SIPWS_ERR_NOT_FOUND},
      {"Digest", SIPWS_ERR_SYNTAX},
      {"Digest realm=\"a\"", SIPWS_ERR_SYNTAX},
      {"Digest nonce=\"n\"", SIPWS_ERR_SYNTAX},
      {"Digest realm=\"a\", nonce=\"n", SIPWS_ERR_SYNTAX},
      {"Digest realm=\"a\", nonce=\"n\", opaque", SIPWS_ERR_SYNTAX},
      {"Digest realm=a\\, nonce=\"n\"", SIPWS_ERR_SYNTAX},
      {"Digest realm=\"a\", nonce=n\\n", SIPWS_ERR_SYNTAX},
      {"Digest realm=\"a\", nonce=\"n\", Basic realm=\"b\"", SIPWS_ERR_SYNTAX},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_refused(write_answer, &mufasa, rows[i].challenge, rows[i].err);
  }
}

static void test_digest_of_unfit_text_is_refused(void **state) {
  static const char challenge[] = "Digest realm=\"a\", nonce=\"n\"";
  static const struct answer bad[] = {
      {"GET", "/\r\n", "u", "p", 1},
      {"GET", "/", "u\n", "p", 1},
      {"GET", "/", "u", "p\n", 1},
      {"GET", "/", "u\t", "p", 1},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(bad); i++) {
    assert_refused(write_answer, &bad[i], challenge, SIPWS_ERR_TEXT);
  }
  assert_refused(write_answer, &mufasa, "Digest realm=\"a\", nonce=\"n\x01\"",
                 SIPWS_ERR_TEXT);
  assert_refused(write_answer, &mufasa,
                 "Digest realm=\"a\", nonce=\"n\", opaque=\"\x7f\"",
                 SIPWS_ERR_TEXT);
}

static void test_digest_wrong_arguments_are_invalid(void **state) {
  static const char challenge[] = "Digest realm=\"a\", nonce=\"n\"";
  static const struct answer never = {"GET", "/", "u", "p", 0};
  size_t len = sizeof challenge - 1;
  char out[300];
  size_t out_len;
  (void)state;
  assert_refused(write_answer, &never, challenge, SIPWS_ERR_INVALID);
#define ANSWER(challenge, len, method, uri, user, password, seed, out_len)     \
  sipws_auth_answer(challenge, len, method, 1, uri, 1, user, 1, password, 1,   \
                    seed, 1, out, sizeof out, out_len)
  assert_int_equal(ANSWER(challenge, len, "M", "/", "u", "p", seed, &out_len),
                   0);
  assert_int_equal(ANSWER(NULL, len, "M", "/", "u", "p", seed, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(ANSWER(challenge, len, NULL, "/", "u", "p", seed, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(ANSWER(challenge, len, "M", NULL, "u", "p", seed, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(ANSWER(challenge, len, "M", "/", NULL, "p", seed, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(ANSWER(challenge, len, "M", "/", "u", NULL, seed, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(ANSWER(challenge, len, "M", "/", "u", "p", NULL, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(ANSWER(challenge, len, "M", "/", "u", "p", seed, NULL),
                   SIPWS_ERR_INVALID);
#undef ANSWER
  assert_int_equal(sipws_auth_check(NULL, 1, "GET", 3, "", 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_check(challenge, len, NULL, 3, "", 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_check(challenge, len, "GET", 3, NULL, 1),
                   SIPWS_ERR_INVALID);
}

/* What a server writes a client answers, and the server takes. */
static void test_digest_challenge_answer_and_check_go_together(void **state) {
  static const int algorithms[] = {SIPWS_DIGEST_MD5, SIPWS_DIGEST_SHA256};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(algorithms); i++) {
    char challenge[200], value[500];
    size_t len, value_len;
    assert_int_equal(sipws_auth_challenge_digest(algorithms[i], "my \"house\"",
                                                 10, "n0nce", 5, 1, challenge,
                                                 sizeof challenge, &len),
                     0);
    assert_int_equal(
        write_answer(&mufasa, challenge, len, value, sizeof value, &value_len),
        0);
    assert_int_equal(
        sipws_auth_check(value, value_len, "GET", 3, "Circle of Life", 14), 0);
    assert_int_equal(
        sipws_auth_check(value, value_len, "GET", 3, "Circle of Lift", 14),
        SIPWS_ERR_TAMPERED);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_digest_is_that_of_rfc_7616),
      cmocka_unit_test(test_digest_is_that_of_rfc_2617),
      cmocka_unit_test(test_digest_without_qop_is_that_of_rfc_2069),
      cmocka_unit_test(test_digest_that_does_not_fit_is_tampered_with),
      cmocka_unit_test(test_digest_of_another_kind_is_not_found),
      cmocka_unit_test(test_digest_that_lacks_a_parameter_is_refused),
      cmocka_unit_test(test_digest_that_breaks_the_grammar_is_refused),
      cmocka_unit_test(test_digest_answers_each_algorithm),
      cmocka_unit_test(test_digest_answers_without_qop),
      cmocka_unit_test(test_digest_counts_in_hexadecimal),
      cmocka_unit_test(test_digest_escapes_what_it_quotes),
      cmocka_unit_test(test_digest_answers_what_is_empty),
      cmocka_unit_test(test_digest_folded_challenge_is_answered),
      cmocka_unit_test(test_digest_answers_basic_too),
      cmocka_unit_test(test_digest_challenge_it_cannot_answer_is_refused),
      cmocka_unit_test(test_digest_of_unfit_text_is_refused),
      cmocka_unit_test(test_digest_wrong_arguments_are_invalid),
      cmocka_unit_test(test_digest_challenge_answer_and_check_go_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
