#include "sipws_front_auth.h"

#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"
#include "sipws_text_scan.h"

#include <string.h>

/* User and password together; both go through the stack. */
#define AUTH_BASIC_MAX 512

int sipws__auth_is_plain(const char *text, size_t len) {
  return sipws__text_is_value(text, len) &&
         (len == 0 || memchr(text, '\t', len) == NULL);
}

/* -------------------------------------------------------------- writing -- */

void sipws__auth_put(struct sipws__auth_writer *writer, const char *text,
                     size_t len) {
  if (len > SIPWS__SIP_MAX - writer->len) {
    writer->is_too_big = 1;
    return;
  }
  if (writer->out != NULL && len > 0) {
    memcpy(writer->out + writer->len, text, len);
  }
  writer->len += len;
}

void sipws__auth_put_constant(struct sipws__auth_writer *writer,
                              const char *constant) {
  sipws__auth_put(writer, constant, strlen(constant));
}

void sipws__auth_put_quoted(struct sipws__auth_writer *writer, const char *name,
                            const struct sipws__hash_text *text) {
  size_t start = 0;
  size_t i;
  sipws__auth_put_constant(writer, name);
  sipws__auth_put_constant(writer, "\"");
  for (i = 0; i < text->len && !text->is_quoted; i++) {
    if (text->at[i] == '"' || text->at[i] == '\\') {
      sipws__auth_put(writer, text->at + start, i - start);
      sipws__auth_put_constant(writer, "\\");
      start = i;
    }
  }
  if (text->len > start) {
    sipws__auth_put(writer, text->at + start, text->len - start);
  }
  sipws__auth_put_constant(writer, "\"");
}

int sipws__auth_write(sipws__auth_put_fn put, const void *what, char *out,
                      size_t out_size, size_t *out_len) {
  struct sipws__auth_writer writer = {NULL, 0, 0};
  if ((out == NULL && out_size > 0) || out_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  put(&writer, what);
  if (writer.is_too_big) {
    return SIPWS_ERR_TOO_BIG;
  }
  *out_len = writer.len;
  if (out_size < writer.len) {
    return SIPWS_ERR_BUFFER;
  }
  writer.out = out;
  writer.len = 0;
  put(&writer, what);
  return 0;
}

/* -------------------------------------------------------------- schemes -- */

/* The SIPWS_AUTH_ number of the scheme that |value| begins with; |rest| becomes
 * what is behind it (RFC 9110 section 11.4). */
static int auth_scheme(const char *value, size_t len, sipws_span *rest) {
  size_t token = len > 0 ? sipws__text_token_len(value, len) : 0;
  sipws_span behind = sipws__text_span(token, len);
  *rest = sipws__text_trim(value, behind, 1);
  if (behind.len > 0 && rest->off == behind.off) {
    return SIPWS_AUTH_OTHER; /* no white space behind the token */
  }
  if (sipws__text_is(value, token, "Basic")) {
    return SIPWS_AUTH_BASIC;
  }
  if (sipws__text_is(value, token, "Bearer")) {
    return SIPWS_AUTH_BEARER;
  }
  return sipws__text_is(value, token, "Digest") ? SIPWS_AUTH_DIGEST
                                                : SIPWS_AUTH_OTHER;
}

int sipws_auth_scheme_of(const char *value, size_t len) {
  sipws_span rest;
  if ((value == NULL && len > 0) || len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_INVALID;
  }
  return auth_scheme(value, len, &rest);
}

/* ---------------------------------------------------------------- Basic -- */

int sipws_auth_basic(const char *user, size_t user_len, const char *password,
                     size_t password_len, char *out, size_t out_size,
                     size_t *out_len) {
  struct sipws__sip_piece pieces[2] = {{"Basic ", 6}, {NULL, 0}};
  uint8_t plain[AUTH_BASIC_MAX + 1];
  char text[SIPWS__BASE64_LEN(sizeof plain)];
  int err;
  if ((user == NULL && user_len > 0) ||
      (password == NULL && password_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (user_len > AUTH_BASIC_MAX || password_len > AUTH_BASIC_MAX - user_len) {
    return SIPWS_ERR_TOO_BIG;
  }
  /* RFC 7617 section 2 */
  if (!sipws__auth_is_plain(user, user_len) ||
      !sipws__auth_is_plain(password, password_len) ||
      (user_len > 0 && memchr(user, ':', user_len) != NULL)) {
    return SIPWS_ERR_TEXT;
  }
  if (user_len > 0) {
    memcpy(plain, user, user_len);
  }
  plain[user_len] = ':';
  if (password_len > 0) {
    memcpy(plain + user_len + 1, password, password_len);
  }
  sipws__base64(plain, user_len + 1 + password_len, text);
  pieces[1].text = text;
  pieces[1].len = SIPWS__BASE64_LEN(user_len + 1 + password_len);
  err = sipws__sip_write(pieces, 2, out, out_size, out_len);
  sipws__crypto_wipe(plain, sizeof plain);
  sipws__crypto_wipe(text, sizeof text);
  return err;
}

/* Decodes "user:password" into |plain|, which holds what |len| asks for. */
static int auth_decode_basic(const char *text, size_t len, char *plain,
                             size_t *plain_len, size_t *user_len) {
  const char *colon;
  if (sipws__base64_decode(text, len, (uint8_t *)plain, plain_len) != 0 ||
      !sipws__auth_is_plain(plain, *plain_len)) {
    return SIPWS_ERR_SYNTAX;
  }
  colon = memchr(plain, ':', *plain_len);
  if (colon == NULL) {
    return SIPWS_ERR_SYNTAX;
  }
  *user_len = (size_t)(colon - plain);
  return 0;
}

int sipws_auth_read_basic(const char *value, size_t len, char *out,
                          size_t out_size, size_t *out_len, size_t *user_len) {
  char plain[AUTH_BASIC_MAX + 1];
  struct sipws__sip_piece piece;
  sipws_span rest;
  size_t user;
  int err;
  if ((value == NULL && len > 0) || len > SIPWS__SIP_MAX || user_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (auth_scheme(value, len, &rest) != SIPWS_AUTH_BASIC) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (rest.len > SIPWS__BASE64_LEN(sizeof plain)) {
    return SIPWS_ERR_TOO_BIG;
  }
  err = auth_decode_basic(value + rest.off, rest.len, plain, &piece.len, &user);
  if (err == 0) {
    piece.text = plain;
    err = sipws__sip_write(&piece, 1, out, out_size, out_len);
  }
  sipws__crypto_wipe(plain, sizeof plain);
  if (err == 0) {
    *user_len = user;
  }
  return err;
}

/* --------------------------------------------------------------- Bearer -- */

/* b64token of RFC 6750 section 2.1, the token68 of RFC 9110 */
static int auth_is_token68(const char *text, size_t len) {
  size_t i = 0;
  while (i < len && (sipws__host_is_alnum(text[i]) ||
                     memchr("-._~+/", text[i], 6) != NULL)) {
    i++;
  }
  if (i == 0) {
    return 0;
  }
  while (i < len && text[i] == '=') {
    i++;
  }
  return i == len;
}

int sipws_auth_read_bearer(const char *value, size_t len, sipws_span *token) {
  sipws_span rest;
  if ((value == NULL && len > 0) || len > SIPWS__SIP_MAX || token == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (len == 0 || auth_scheme(value, len, &rest) != SIPWS_AUTH_BEARER) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (!auth_is_token68(value + rest.off, rest.len)) {
    return SIPWS_ERR_SYNTAX;
  }
  *token = rest;
  return 0;
}

/* ----------------------------------------------------------- challenges -- */

struct auth_challenge {
  int scheme;
  int algorithm; /* Digest */
  int stale;     /* Digest */
  struct sipws__hash_text realm;
  struct sipws__hash_text nonce; /* Digest */
};

static void auth_put_challenge(struct sipws__auth_writer *writer,
                               const void *what) {
  const struct auth_challenge *challenge = what;
  if (challenge->scheme == SIPWS_AUTH_DIGEST) {
    sipws__auth_put_quoted(writer, "Digest realm=", &challenge->realm);
    sipws__auth_put_constant(writer, ", qop=\"auth\", algorithm=");
    sipws__auth_put_constant(
        writer, challenge->algorithm == SIPWS_DIGEST_MD5 ? "MD5" : "SHA-256");
    sipws__auth_put_quoted(writer, ", nonce=", &challenge->nonce);
    sipws__auth_put_constant(writer, challenge->stale ? ", stale=true" : "");
  } else if (challenge->scheme == SIPWS_AUTH_BASIC) {
    sipws__auth_put_quoted(writer, "Basic realm=", &challenge->realm);
    sipws__auth_put_constant(writer, ", charset=\"UTF-8\"");
  } else {
    sipws__auth_put_quoted(writer, "Bearer realm=", &challenge->realm);
  }
}

int sipws_auth_challenge(int scheme, const char *realm, size_t realm_len,
                         char *out, size_t out_size, size_t *out_len) {
  struct auth_challenge challenge = {0};
  if ((realm == NULL && realm_len > 0) ||
      (scheme != SIPWS_AUTH_BASIC && scheme != SIPWS_AUTH_BEARER)) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__auth_is_plain(realm, realm_len)) {
    return SIPWS_ERR_TEXT;
  }
  challenge.scheme = scheme;
  challenge.realm.at = realm;
  challenge.realm.len = realm_len;
  return sipws__auth_write(auth_put_challenge, &challenge, out, out_size,
                           out_len);
}

int sipws_auth_challenge_digest(int algorithm, const char *realm,
                                size_t realm_len, const char *nonce,
                                size_t nonce_len, int stale, char *out,
                                size_t out_size, size_t *out_len) {
  struct auth_challenge challenge = {0};
  if ((realm == NULL && realm_len > 0) || nonce == NULL || nonce_len == 0 ||
      (algorithm != SIPWS_DIGEST_MD5 && algorithm != SIPWS_DIGEST_SHA256)) {
    return SIPWS_ERR_INVALID;
  }
  /* A nonce without escapes is the same in every text that quotes it. */
  if (!sipws__auth_is_plain(realm, realm_len) ||
      !sipws__auth_is_plain(nonce, nonce_len) ||
      memchr(nonce, '"', nonce_len) != NULL ||
      memchr(nonce, '\\', nonce_len) != NULL) {
    return SIPWS_ERR_TEXT;
  }
  challenge.scheme = SIPWS_AUTH_DIGEST;
  challenge.algorithm = algorithm;
  challenge.stale = stale;
  challenge.realm.at = realm;
  challenge.realm.len = realm_len;
  challenge.nonce.at = nonce;
  challenge.nonce.len = nonce_len;
  return sipws__auth_write(auth_put_challenge, &challenge, out, out_size,
                           out_len);
}
