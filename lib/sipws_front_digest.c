/* front: Digest answers and their check (RFC 7616, RFC 8760). */
#include "sipws_front_auth.h"

#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

#define DIGEST_SEED_LEN 16
#define DIGEST_COUNT_LEN 8

/* All that a response is made of, and what else goes with it. */
struct digest {
  const char *algorithm; /* NULL: none was named, MD5 is meant */
  int hash;              /* sipws__hash */
  int is_session;        /* -sess */
  int has_qop;           /* auth; else the digest of RFC 2069 */
  struct sipws__hash_text user;
  struct sipws__hash_text realm;
  struct sipws__hash_text password;
  struct sipws__hash_text nonce;
  struct sipws__hash_text cnonce;
  struct sipws__hash_text count;
  struct sipws__hash_text method;
  struct sipws__hash_text uri;
  struct sipws__hash_text opaque;   /* challenge; |at| NULL: none */
  struct sipws__hash_text response; /* credentials, or written */
};

static struct sipws__hash_text digest_text(const char *at, size_t len) {
  struct sipws__hash_text text = {NULL, 0, 0};
  text.at = at;
  text.len = len;
  return text;
}

static struct sipws__hash_text digest_constant(const char *constant) {
  return digest_text(constant, strlen(constant));
}

/* -------------------------------------------------------------- reading -- */

/* A challenge or credentials, one alone. */
struct digest_source {
  const char *text;
  sipws_span all;
};

static int digest_find(const struct digest_source *source, const char *name,
                       sipws_span *value) {
  return sipws_auth_param(source->text, &source->all, name, strlen(name),
                          value);
}

/* A parameter that may be there; else |text| stays. */
static int digest_take(const struct digest_source *source, const char *name,
                       struct sipws__hash_text *text) {
  sipws_span value;
  int err = digest_find(source, name, &value);
  if (err != 0) {
    return err == SIPWS_ERR_NOT_FOUND ? 0 : err;
  }
  *text = digest_text(source->text + value.off, value.len);
  /* only quotes make a backslash an escape (RFC 9110 5.6.4), and no token has
   * one: repeated within quotes it would be */
  text->is_quoted = text->at[-1] == '"';
  return !text->is_quoted && memchr(text->at, '\\', text->len) != NULL
             ? SIPWS_ERR_SYNTAX
             : 0;
}

/* One that must. */
static int digest_need(const struct digest_source *source, const char *name,
                       struct sipws__hash_text *text) {
  int err = digest_take(source, name, text);
  return err == 0 && text->at == NULL ? SIPWS_ERR_SYNTAX : err;
}

static int digest_read_algorithm(const struct digest_source *source,
                                 struct digest *digest) {
  static const struct {
    const char *name;
    int hash;
    int is_session;
  } all[] = {{"MD5", SIPWS__HASH_MD5, 0},
             {"SHA-256", SIPWS__HASH_SHA256, 0},
             {"MD5-sess", SIPWS__HASH_MD5, 1},
             {"SHA-256-sess", SIPWS__HASH_SHA256, 1}};
  sipws_span value;
  size_t i;
  int err = digest_find(source, "algorithm", &value);
  if (err == SIPWS_ERR_NOT_FOUND) {
    digest->hash = SIPWS__HASH_MD5; /* RFC 7616 section 3.3 */
    return 0;
  }
  for (i = 0; err == 0 && i < sizeof all / sizeof all[0]; i++) {
    if (sipws__text_is(source->text + value.off, value.len, all[i].name)) {
      digest->algorithm = all[i].name;
      digest->hash = all[i].hash;
      digest->is_session = all[i].is_session;
      return 0;
    }
  }
  return err != 0 ? err : SIPWS_ERR_NOT_FOUND;
}

/* A challenge offers a list, credentials name one of it. */
static int digest_read_qop(const struct digest_source *source,
                           struct digest *digest) {
  sipws_span list, value;
  int err = digest_find(source, "qop", &list);
  if (err == SIPWS_ERR_NOT_FOUND) {
    /* RFC 7616 3.4.2: a session's key needs a cnonce, which only qop brings. */
    return digest->is_session ? SIPWS_ERR_NOT_FOUND : 0;
  }
  if (err != 0) {
    return err;
  }
  while ((err = sipws_list_next(source->text, &list, &value)) == 0) {
    if (sipws__text_is(source->text + value.off, value.len, "auth")) {
      digest->has_qop = 1;
      return 0;
    }
  }
  return err;
}

/* What challenges and credentials have in common. */
static int digest_read(const struct digest_source *source,
                       struct digest *digest) {
  int err;
  memset(digest, 0, sizeof *digest);
  if (source->all.len == 0 ||
      sipws_auth_scheme_of(source->text, source->all.len) !=
          SIPWS_AUTH_DIGEST) {
    return SIPWS_ERR_NOT_FOUND;
  }
  err = digest_read_algorithm(source, digest);
  if (err == 0) {
    err = digest_read_qop(source, digest);
  }
  if (err == 0) {
    err = digest_need(source, "realm", &digest->realm);
  }
  return err != 0 ? err : digest_need(source, "nonce", &digest->nonce);
}

int sipws__auth_rank(const char *challenge, size_t len) {
  struct digest_source source;
  struct digest digest;
  if (sipws_auth_scheme_of(challenge, len) == SIPWS_AUTH_BASIC) {
    return 1;
  }
  source.text = challenge;
  source.all = sipws__text_span(0, len);
  return digest_read(&source, &digest) == 0 ? 1 + digest.hash : 0;
}

/* ------------------------------------------------------------- response -- */

/* RFC 7616 sections 3.4.1 to 3.4.3; without qop, RFC 2617 section 3.2.2.1. */
static int digest_respond(const struct digest *digest,
                          char out[SIPWS__HASH_HEX_MAX]) {
  size_t hex_len = sipws__hash_hex_len(digest->hash);
  struct sipws__hash_text texts[6];
  char a1[SIPWS__HASH_HEX_MAX];
  char a2[SIPWS__HASH_HEX_MAX];
  size_t count = 0;
  int err;
  texts[0] = digest->user;
  texts[1] = digest->realm;
  texts[2] = digest->password;
  err = sipws__hash_texts(digest->hash, texts, 3, a1);
  if (err == 0 && digest->is_session) {
    texts[0] = digest_text(a1, hex_len);
    texts[1] = digest->nonce;
    texts[2] = digest->cnonce;
    err = sipws__hash_texts(digest->hash, texts, 3, a1);
  }
  if (err == 0) {
    texts[0] = digest->method;
    texts[1] = digest->uri;
    err = sipws__hash_texts(digest->hash, texts, 2, a2);
  }
  if (err == 0) {
    texts[count++] = digest_text(a1, hex_len);
    texts[count++] = digest->nonce;
    if (digest->has_qop) {
      texts[count++] = digest->count;
      texts[count++] = digest->cnonce;
      texts[count++] = digest_constant("auth");
    }
    texts[count++] = digest_text(a2, hex_len);
    err = sipws__hash_texts(digest->hash, texts, count, out);
  }
  sipws__crypto_wipe(a1, sizeof a1);
  return err;
}

/* --------------------------------------------------------------- answer -- */

static void digest_put(struct sipws__auth_writer *writer, const void *what) {
  const struct digest *digest = what;
  sipws__auth_put_quoted(writer, "Digest username=", &digest->user);
  sipws__auth_put_quoted(writer, ", realm=", &digest->realm);
  sipws__auth_put_quoted(writer, ", nonce=", &digest->nonce);
  sipws__auth_put_quoted(writer, ", uri=", &digest->uri);
  sipws__auth_put_quoted(writer, ", response=", &digest->response);
  if (digest->algorithm != NULL) {
    sipws__auth_put_constant(writer, ", algorithm=");
    sipws__auth_put_constant(writer, digest->algorithm);
  }
  if (digest->opaque.at != NULL) {
    sipws__auth_put_quoted(writer, ", opaque=", &digest->opaque);
  }
  if (digest->has_qop) {
    sipws__auth_put_quoted(writer, ", cnonce=", &digest->cnonce);
    sipws__auth_put_constant(writer, ", qop=auth, nc=");
    sipws__auth_put(writer, digest->count.at, digest->count.len);
  }
}

static int digest_is_plain(const struct sipws__hash_text *text) {
  return sipws__auth_is_plain(text->at, text->len);
}

/* Writes the answer to a challenge that was read, of which the rest is set. */
static int digest_answer(struct digest *digest, const uint8_t *seed,
                         uint32_t count, char *out, size_t out_size,
                         size_t *out_len) {
  char response[SIPWS__HASH_HEX_MAX];
  char cnonce[2 * DIGEST_SEED_LEN];
  char digits[DIGEST_COUNT_LEN];
  uint8_t octets[DIGEST_COUNT_LEN / 2];
  size_t i;
  int err;
  if (!digest_is_plain(&digest->user) || !digest_is_plain(&digest->realm) ||
      !digest_is_plain(&digest->password) || !digest_is_plain(&digest->nonce) ||
      !digest_is_plain(&digest->uri) || !digest_is_plain(&digest->opaque)) {
    return SIPWS_ERR_TEXT;
  }
  for (i = 0; i < sizeof octets; i++) {
    octets[i] = (uint8_t)(count >> (24 - 8 * i));
  }
  sipws__hex(octets, sizeof octets, digits);
  sipws__hex(seed, DIGEST_SEED_LEN, cnonce);
  digest->count = digest_text(digits, sizeof digits);
  digest->cnonce = digest_text(cnonce, sizeof cnonce);
  err = digest_respond(digest, response);
  if (err == 0) {
    digest->response = digest_text(response, sipws__hash_hex_len(digest->hash));
    err = sipws__auth_write(digest_put, digest, out, out_size, out_len);
  }
  sipws__crypto_wipe(response, sizeof response);
  return err;
}

int sipws_auth_answer(const char *challenge, size_t len, const char *method,
                      size_t method_len, const char *uri, size_t uri_len,
                      const char *user, size_t user_len, const char *password,
                      size_t password_len, const uint8_t *seed, uint32_t count,
                      char *out, size_t out_size, size_t *out_len) {
  struct digest_source source;
  struct digest digest;
  int scheme = sipws_auth_scheme_of(challenge, len);
  int err;
  if (scheme < 0 || method == NULL || uri == NULL ||
      (user == NULL && user_len > 0) ||
      (password == NULL && password_len > 0) || seed == NULL || count == 0) {
    return SIPWS_ERR_INVALID;
  }
  if (scheme == SIPWS_AUTH_BASIC) {
    return sipws_auth_basic(user, user_len, password, password_len, out,
                            out_size, out_len);
  }
  source.text = challenge;
  source.all = sipws__text_span(0, len);
  err = digest_read(&source, &digest);
  if (err == 0) {
    err = digest_take(&source, "opaque", &digest.opaque);
  }
  if (err != 0) {
    return err;
  }
  digest.method = digest_text(method, method_len);
  digest.uri = digest_text(uri, uri_len);
  digest.user = digest_text(user, user_len);
  digest.password = digest_text(password, password_len);
  return digest_answer(&digest, seed, count, out, out_size, out_len);
}

/* ---------------------------------------------------------------- check -- */

static int digest_is_count(const struct sipws__hash_text *count) {
  size_t i;
  for (i = 0; i < count->len; i++) {
    if (sipws__host_hex(count->at[i]) < 0) {
      return 0;
    }
  }
  return count->len == DIGEST_COUNT_LEN;
}

/* RFC 7616 section 3.4.4: what only credentials have. */
static int digest_read_credentials(const struct digest_source *source,
                                   struct digest *digest) {
  sipws_span value;
  int err = digest_read(source, digest);
  if (err == 0 && digest_find(source, "userhash", &value) == 0 &&
      sipws__text_is(source->text + value.off, value.len, "true")) {
    return SIPWS_ERR_NOT_FOUND; /* nobody asked for it */
  }
  if (err == 0) {
    err = digest_need(source, "username", &digest->user);
  }
  if (err == 0) {
    err = digest_need(source, "uri", &digest->uri);
  }
  if (err == 0) {
    err = digest_need(source, "response", &digest->response);
  }
  if (err == 0 && digest->has_qop) {
    err = digest_need(source, "cnonce", &digest->cnonce);
    if (err == 0) {
      err = digest_need(source, "nc", &digest->count);
    }
    if (err == 0 && !digest_is_count(&digest->count)) {
      err = SIPWS_ERR_SYNTAX;
    }
  }
  return err;
}

int sipws_auth_check(const char *value, size_t len, const char *method,
                     size_t method_len, const char *password,
                     size_t password_len) {
  char expected[SIPWS__HASH_HEX_MAX];
  struct digest_source source;
  struct digest digest;
  int err;
  if ((value == NULL && len > 0) || len > SIPWS__SIP_MAX || method == NULL ||
      (password == NULL && password_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  source.text = value;
  source.all = sipws__text_span(0, len);
  err = digest_read_credentials(&source, &digest);
  if (err != 0) {
    return err;
  }
  digest.method = digest_text(method, method_len);
  digest.password = digest_text(password, password_len);
  err = digest_respond(&digest, expected);
  if (err == 0 && (digest.response.len != sipws__hash_hex_len(digest.hash) ||
                   !sipws__crypto_equal(expected, digest.response.at,
                                        digest.response.len))) {
    err = SIPWS_ERR_TAMPERED;
  }
  sipws__crypto_wipe(expected, sizeof expected);
  return err;
}
