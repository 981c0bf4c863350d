/* front_auth: schemes, Basic, Bearer, and the challenges a server writes. */
#include "span.h"
#include "writer.h"

#include <sipws/front.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- schemes ---- */

static void test_auth_scheme_is_told_by_the_first_token(void **state) {
  static const struct {
    const char *value;
    int scheme;
  } rows[] = {
      {"Basic dTpw", SIPWS_AUTH_BASIC},
      {"basic", SIPWS_AUTH_BASIC},
      {"BASIC\trealm=\"a\"", SIPWS_AUTH_BASIC},
      {"Bearer  x", SIPWS_AUTH_BEARER},
      {"Digest\r\n realm=\"a\"", SIPWS_AUTH_DIGEST}, /* SIP: folded */
      {"digest ", SIPWS_AUTH_DIGEST},
      {"", SIPWS_AUTH_OTHER},
      {" Basic x", SIPWS_AUTH_OTHER},
      {"Negotiate", SIPWS_AUTH_OTHER},
      {"Basi c", SIPWS_AUTH_OTHER},
      {"Basics x", SIPWS_AUTH_OTHER},
      {"Basic=x", SIPWS_AUTH_OTHER},
      {"Basic, Digest", SIPWS_AUTH_OTHER},
      {"\"Basic\" x", SIPWS_AUTH_OTHER},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    size_t len = strlen(rows[i].value);
    char *value = test_guarded(rows[i].value, len);
    assert_int_equal(sipws_auth_scheme_of(value, len), rows[i].scheme);
    test_guarded_free(value, len);
  }
  assert_int_equal(sipws_auth_scheme_of(NULL, 0), SIPWS_AUTH_OTHER);
  assert_int_equal(sipws_auth_scheme_of(NULL, 1), SIPWS_ERR_INVALID);
}

/* ---- Basic ---- */

struct login {
  const char *user;
  const char *password;
};

static int write_basic(const void *how, const char *msg, size_t len, char *out,
                       size_t out_size, size_t *out_len) {
  const struct login *login = how;
  (void)msg;
  (void)len;
  return sipws_auth_basic(login->user, strlen(login->user), login->password,
                          strlen(login->password), out, out_size, out_len);
}

static int read_basic(const void *how, const char *msg, size_t len, char *out,
                      size_t out_size, size_t *out_len) {
  const struct login *login = how;
  size_t user_len = 77777;
  int err = sipws_auth_read_basic(msg, len, out, out_size, out_len, &user_len);
  assert_int_equal(user_len, err == 0 ? strlen(login->user) : 77777);
  return err;
}

static const struct {
  struct login login;
  const char *plain;
  const char *value;
} basics[] = {
    /* RFC 7617 sections 2 and 2.1 */
    {{"Aladdin", "open sesame"},
     "Aladdin:open sesame",
     "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    {{"test", "123\xc2\xa3"}, "test:123\xc2\xa3", "Basic dGVzdDoxMjPCow=="},
    {{"", ""}, ":", "Basic Og=="},
    {{"", "p"}, ":p", "Basic OnA="},
    {{"u", ""}, "u:", "Basic dTo="},
    {{"u", "a:b:"}, "u:a:b:", "Basic dTphOmI6"},
};

static void test_auth_basic_is_written_and_read(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(basics); i++) {
    const char *value = basics[i].value;
    assert_sizes(write_basic, &basics[i].login, NULL, 0, value);
    assert_sizes(read_basic, &basics[i].login, value, strlen(value),
                 basics[i].plain);
  }
  assert_sizes(read_basic, &basics[0].login,
               "bAsIc \t QWxhZGRpbjpvcGVuIHNlc2FtZQ== ", 37,
               "Aladdin:open sesame");
}

static void test_auth_basic_goes_up_to_its_bound(void **state) {
  static char user[600], password[600], value[800], plain[600];
  size_t user_len, len, plain_len, read_len;
  (void)state;
  memset(user, 'u', sizeof user);
  memset(password, 'p', sizeof password);
  for (user_len = 0; user_len <= 512; user_len++) {
    size_t password_len = 512 - user_len;
    assert_int_equal(sipws_auth_basic(user, user_len, password, password_len,
                                      value, sizeof value, &len),
                     0);
    assert_int_equal(sipws_auth_read_basic(value, len, plain, sizeof plain,
                                           &plain_len, &read_len),
                     0);
    assert_int_equal(plain_len, 513);
    assert_int_equal(read_len, user_len);
    assert_memory_equal(plain, user, user_len);
    assert_memory_equal(plain + user_len + 1, password, password_len);
    assert_int_equal(sipws_auth_basic(user, user_len, password,
                                      password_len + 1, value, sizeof value,
                                      &len),
                     SIPWS_ERR_TOO_BIG);
  }
  assert_int_equal(
      sipws_auth_basic(user, SIZE_MAX, password, 2, value, 1, &len),
      SIPWS_ERR_TOO_BIG);
  memset(value + 6, 'A', 688);
  assert_int_equal(sipws_auth_read_basic(value, 6 + 688, plain, sizeof plain,
                                         &plain_len, &read_len),
                   SIPWS_ERR_TOO_BIG);
}

static void test_auth_basic_of_unfit_text_is_refused(void **state) {
  static const struct login bad[] = {{"u:v", "p"},     {"u\n", "p"},
                                     {"u", "p\r\nX:"}, {"u", "\t"},
                                     {"\x7f", "p"},    {":", ""}};
  char out[64];
  size_t len;
  (void)state;
  assert_int_equal(sipws_auth_basic("u\0v", 3, "p", 1, out, sizeof out, &len),
                   SIPWS_ERR_TEXT);
  for (len = 0; len < ROWS(bad); len++) {
    assert_refused(write_basic, &bad[len], NULL, SIPWS_ERR_TEXT);
  }
}

static void test_auth_basic_that_is_none_is_refused(void **state) {
  static const struct {
    const char *value;
    int err;
  } rows[] = {
      {"", SIPWS_ERR_NOT_FOUND},
      {"Bearer dTpw", SIPWS_ERR_NOT_FOUND},
      {"Basic", SIPWS_ERR_SYNTAX},
      {"Basic ", SIPWS_ERR_SYNTAX},
      {"Basic dTp", SIPWS_ERR_SYNTAX},          /* cut */
      {"Basic dTpw ,Basic", SIPWS_ERR_SYNTAX},  /* more behind it */
      {"Basic dTpw dTpw", SIPWS_ERR_SYNTAX},    /* likewise */
      {"Basic realm=\"a\"", SIPWS_ERR_SYNTAX},  /* a challenge */
      {"Basic dQ==", SIPWS_ERR_SYNTAX},         /* no colon: "u" */
      {"Basic dToAcA==", SIPWS_ERR_SYNTAX},     /* "u:", NUL, "p" */
      {"Basic dTpwCg==", SIPWS_ERR_SYNTAX},     /* "u:p", LF */
      {"Basic Og", SIPWS_ERR_SYNTAX},           /* no padding */
      {"Basic Oh==", SIPWS_ERR_SYNTAX},         /* bits that say nothing */
      {"Basic dTpw\r\ndTpw", SIPWS_ERR_SYNTAX}, /* mbedTLS would take it */
  };
  static const struct login login = {"", ""};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    assert_refused(read_basic, &login, rows[i].value, rows[i].err);
  }
}

/* ---- Bearer ---- */

static void test_auth_bearer_token_is_read(void **state) {
  static const struct {
    const char *value, *token;
  } rows[] = {
      {"Bearer mF_9.B5f-4.1JqM", "mF_9.B5f-4.1JqM"}, /* RFC 6750 2.1 */
      {"bearer   a~+/9==  ", "a~+/9=="},
      {"BEARER\tx", "x"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    size_t len = strlen(rows[i].value);
    char *value = test_guarded(rows[i].value, len);
    sipws_span token;
    assert_int_equal(sipws_auth_read_bearer(value, len, &token), 0);
    assert_span(value, token, rows[i].token);
    test_guarded_free(value, len);
  }
}

static void test_auth_bearer_that_is_none_is_refused(void **state) {
  static const struct {
    const char *value;
    int err;
  } rows[] = {
      {"", SIPWS_ERR_NOT_FOUND},
      {"Basic dTpw", SIPWS_ERR_NOT_FOUND},
      {"Bearer", SIPWS_ERR_SYNTAX},
      {"Bearer ==", SIPWS_ERR_SYNTAX},
      {"Bearer a=b", SIPWS_ERR_SYNTAX},
      {"Bearer a b", SIPWS_ERR_SYNTAX},
      {"Bearer a,b", SIPWS_ERR_SYNTAX},
      {"Bearer \"a\"", SIPWS_ERR_SYNTAX},
      {"Bearer \xc3\xa4", SIPWS_ERR_SYNTAX},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    size_t len = strlen(rows[i].value);
    char *value = test_guarded(rows[i].value, len);
    sipws_span token = {7, 7};
    assert_int_equal(sipws_auth_read_bearer(value, len, &token), rows[i].err);
    assert_int_equal(token.off, 7);
    test_guarded_free(value, len);
  }
}

/* ---- challenges ---- */

struct challenge {
  int scheme;
  int algorithm;
  int stale;
  const char *realm;
  const char *nonce;
};

static int write_challenge(const void *how, const char *msg, size_t len,
                           char *out, size_t out_size, size_t *out_len) {
  const struct challenge *c = how;
  (void)msg;
  (void)len;
  if (c->scheme == SIPWS_AUTH_DIGEST) {
    return sipws_auth_challenge_digest(c->algorithm, c->realm, strlen(c->realm),
                                       c->nonce, strlen(c->nonce), c->stale,
                                       out, out_size, out_len);
  }
  return sipws_auth_challenge(c->scheme, c->realm, strlen(c->realm), out,
                              out_size, out_len);
}

static void test_auth_challenge_is_written(void **state) {
  static const struct {
    struct challenge challenge;
    const char *value;
  } rows[] = {
      {{SIPWS_AUTH_BASIC, 0, 0, "WallyWorld", NULL},
       "Basic realm=\"WallyWorld\", charset=\"UTF-8\""},
      {{SIPWS_AUTH_BEARER, 0, 0, "example", NULL}, "Bearer realm=\"example\""},
      {{SIPWS_AUTH_BEARER, 0, 0, "", NULL}, "Bearer realm=\"\""},
      {{SIPWS_AUTH_BASIC, 0, 0, "\"a\\b\", \xc3\xa4", NULL},
       "Basic realm=\"\\\"a\\\\b\\\", \xc3\xa4\", charset=\"UTF-8\""},
      {{SIPWS_AUTH_DIGEST, SIPWS_DIGEST_MD5, 0, "a", "n"},
       "Digest realm=\"a\", qop=\"auth\", algorithm=MD5, nonce=\"n\""},
      {{SIPWS_AUTH_DIGEST, SIPWS_DIGEST_SHA256, 1, "a\"", "n/+="},
       "Digest realm=\"a\\\"\", qop=\"auth\", algorithm=SHA-256, "
       "nonce=\"n/+=\", stale=true"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    sipws_span realm;
    assert_sizes(write_challenge, &rows[i].challenge, NULL, 0, rows[i].value);
    assert_int_equal(sipws_auth_scheme_of(rows[i].value, strlen(rows[i].value)),
                     rows[i].challenge.scheme);
    assert_int_equal(sipws_auth_param(rows[i].value, whole(rows[i].value),
                                      "realm", 5, &realm),
                     0);
  }
}

static void test_auth_challenge_of_unfit_text_is_refused(void **state) {
  static const struct challenge bad[] = {
      {SIPWS_AUTH_BASIC, 0, 0, "a\r\nX: y", NULL},
      {SIPWS_AUTH_BEARER, 0, 0, "\t", NULL},
      {SIPWS_AUTH_DIGEST, SIPWS_DIGEST_MD5, 0, "\n", "n"},
      {SIPWS_AUTH_DIGEST, SIPWS_DIGEST_MD5, 0, "a", "n\n"},
      {SIPWS_AUTH_DIGEST, SIPWS_DIGEST_MD5, 0, "a", "n\""},
      {SIPWS_AUTH_DIGEST, SIPWS_DIGEST_MD5, 0, "a", "\\n"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(bad); i++) {
    assert_refused(write_challenge, &bad[i], NULL, SIPWS_ERR_TEXT);
  }
}

static void test_auth_wrong_arguments_are_invalid(void **state) {
  static const struct challenge bad[] = {
      {SIPWS_AUTH_OTHER, 0, 0, "a", NULL},
      {SIPWS_AUTH_DIGEST + 1, 0, 0, "a", NULL},
      {SIPWS_AUTH_DIGEST, 0, 0, "a", "n"},
      {SIPWS_AUTH_DIGEST, 3, 0, "a", "n"},
      {SIPWS_AUTH_DIGEST, SIPWS_DIGEST_MD5, 0, "a", ""},
  };
  sipws_span token;
  char out[64];
  size_t len;
  (void)state;
  for (len = 0; len < ROWS(bad); len++) {
    assert_refused(write_challenge, &bad[len], NULL, SIPWS_ERR_INVALID);
  }
  assert_int_equal(
      sipws_auth_challenge(SIPWS_AUTH_DIGEST, "a", 1, out, sizeof out, &len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_auth_challenge(SIPWS_AUTH_BASIC, NULL, 1, out, sizeof out, &len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_auth_challenge(SIPWS_AUTH_BASIC, "a", 1, NULL, 1, &len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_auth_challenge(SIPWS_AUTH_BASIC, "a", 1, out, sizeof out, NULL),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_challenge_digest(SIPWS_DIGEST_MD5, "a", 1, NULL,
                                               1, 0, out, sizeof out, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_basic(NULL, 1, "", 0, out, sizeof out, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_basic("", 0, NULL, 1, out, sizeof out, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_basic("", 0, "", 0, out, sizeof out, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_read_basic(NULL, 1, out, sizeof out, &len, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_auth_read_basic("Basic Og==", 10, out, sizeof out, &len, NULL),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_read_bearer(NULL, 1, &token), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_auth_read_bearer("Bearer x", 8, NULL),
                   SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_auth_scheme_is_told_by_the_first_token),
      cmocka_unit_test(test_auth_basic_is_written_and_read),
      cmocka_unit_test(test_auth_basic_goes_up_to_its_bound),
      cmocka_unit_test(test_auth_basic_of_unfit_text_is_refused),
      cmocka_unit_test(test_auth_basic_that_is_none_is_refused),
      cmocka_unit_test(test_auth_bearer_token_is_read),
      cmocka_unit_test(test_auth_bearer_that_is_none_is_refused),
      cmocka_unit_test(test_auth_challenge_is_written),
      cmocka_unit_test(test_auth_challenge_of_unfit_text_is_refused),
      cmocka_unit_test(test_auth_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
