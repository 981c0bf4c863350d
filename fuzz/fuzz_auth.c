/* HTTP and SIP authentication: who answers a challenge, be it hostile, passes
 * the check with the password and with no other; Basic reads back, and only
 * what would be written so is read; nothing written holds a control character.
 * The first octets cut the rest into a user, a password and a challenge. */
#include "strict.h"

#include <sipws/front.h>

#define OUT_SIZE 16384

static const uint8_t seed[16] = {9, 8, 7};

/* A text of the input's. */
struct text {
  char *at;
  size_t len;
};

static struct text user, password, challenge;

static struct text take(struct fuzz_input *input, size_t most) {
  struct text text;
  const uint8_t *octets = fuzz_octets(input, most, &text.len);
  text.at = fuzz_copy(octets, text.len);
  return text;
}

static int check(const char *value, size_t len, const char *method,
                 const char *secret, size_t secret_len) {
  return sipws_auth_check(value, len, method, strlen(method), secret,
                          secret_len);
}

/* Answers |text| and lets the answer be checked. */
static void answer(const char *text, size_t len) {
  static char out[OUT_SIZE];
  sipws_span whole, value;
  size_t out_len;
  int err = sipws_auth_answer(text, len, "REGISTER", 8, "sip:h", 5, user.at,
                              user.len, password.at, password.len, seed, 1, out,
                              OUT_SIZE, &out_len);
  if (err != 0) {
    return;
  }
  must(strict_is_value(out, out_len));
  whole.off = 0;
  whole.len = (uint32_t)out_len;
  must(sipws_auth_scheme_of(out, out_len) == sipws_auth_scheme_of(text, len));
  if (sipws_auth_scheme_of(out, out_len) != SIPWS_AUTH_DIGEST) {
    return;
  }
  must(check(out, out_len, "REGISTER", password.at, password.len) == 0);
  must(check(out, out_len, "INVITE", password.at, password.len) ==
       SIPWS_ERR_TAMPERED);
  must(check(out, out_len, "REGISTER", password.at, password.len / 2) ==
       (password.len == 0 ? 0 : SIPWS_ERR_TAMPERED));
  must(sipws_auth_param(out, &whole, "uri", 3, &value) == 0 && value.len == 5);
  must(sipws_auth_param(out, &whole, "response", 8, &value) == 0);
  /* one digit of the response more or less */
  out[value.off] = out[value.off] == '0' ? '1' : '0';
  must(check(out, out_len, "REGISTER", password.at, password.len) ==
       SIPWS_ERR_TAMPERED);
}

/* Ours reads back, and can be answered. */
static void challenge_ours(int algorithm, int stale) {
  static char out[OUT_SIZE];
  sipws_span whole, value;
  size_t len;
  int scheme =
      algorithm == SIPWS_DIGEST_MD5 ? SIPWS_AUTH_BASIC : SIPWS_AUTH_BEARER;
  if (sipws_auth_challenge_digest(algorithm, user.at, user.len, challenge.at,
                                  challenge.len, stale, out, OUT_SIZE,
                                  &len) == 0) {
    must(strict_is_value(out, len));
    whole.off = 0;
    whole.len = (uint32_t)len;
    must(sipws_auth_param(out, &whole, "nonce", 5, &value) == 0);
    must(sipws_span_is(out, &value, challenge.at, challenge.len));
    must(sipws_auth_param(out, &whole, "stale", 5, &value) ==
         (stale ? 0 : SIPWS_ERR_NOT_FOUND));
    answer(out, len);
  }
  if (sipws_auth_challenge(scheme, user.at, user.len, out, OUT_SIZE, &len) ==
      0) {
    must(strict_is_value(out, len));
    must(sipws_auth_scheme_of(out, len) == scheme);
  }
}

static int is_user(const struct text *text) {
  return strict_is_value(text->at, text->len) &&
         memchr(text->at, '\t', text->len) == NULL &&
         memchr(text->at, ':', text->len) == NULL;
}

static void basic(void) {
  static char out[OUT_SIZE], plain[OUT_SIZE];
  size_t len, plain_len, user_len;
  int err = sipws_auth_basic(user.at, user.len, password.at, password.len, out,
                             OUT_SIZE, &len);
  if (err == 0) {
    must(is_user(&user) && strict_is_value(password.at, password.len));
    must(sipws_auth_read_basic(out, len, plain, OUT_SIZE, &plain_len,
                               &user_len) == 0);
    must(user_len == user.len && plain_len == user.len + 1 + password.len);
    must(memcmp(plain, user.at, user.len) == 0 &&
         memcmp(plain + user.len + 1, password.at, password.len) == 0);
  }
  if (sipws_auth_read_basic(challenge.at, challenge.len, plain, OUT_SIZE,
                            &plain_len, &user_len) == 0) {
    must(user_len < plain_len && plain[user_len] == ':');
    must(sipws_auth_basic(plain, user_len, plain + user_len + 1,
                          plain_len - user_len - 1, out, OUT_SIZE, &len) == 0);
    must(len <= challenge.len);
  }
}

static void bearer(void) {
  sipws_span token;
  size_t i;
  if (sipws_auth_read_bearer(challenge.at, challenge.len, &token) == 0) {
    must_lie(token, challenge.len);
    must(token.len > 0);
    for (i = 0; i < token.len; i++) {
      must(challenge.at[token.off + i] > ' ' &&
           challenge.at[token.off + i] != ',');
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  int choice, err;
  size_t user_most, password_most;
  if (size > 3072) {
    return 0;
  }
  choice = fuzz_octet(&input);
  user_most = fuzz_octet(&input);
  password_most = fuzz_octet(&input);
  user = take(&input, user_most);
  password = take(&input, password_most);
  challenge = take(&input, input.left);
  answer(challenge.at, challenge.len);
  challenge_ours(1 + (choice & 1), choice & 2);
  basic();
  bearer();
  /* nobody guesses a response */
  err = check(challenge.at, challenge.len, "GET", "secret", 6);
  must(err == SIPWS_ERR_SYNTAX || err == SIPWS_ERR_NOT_FOUND ||
       err == SIPWS_ERR_TAMPERED);
  free(user.at);
  free(password.at);
  free(challenge.at);
  return 0;
}
