#include "sipws_crypto.h"

#include <sipws/sipws.h>

#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#define CRYPTO_BLOCK_LEN 64
#define CRYPTO_DATA_MAX 128
#define CRYPTO_TEXT_MAX 128

/* Base64 goes in steps of so many octets, and so much text. */
#define CRYPTO_STEP_DATA 96
#define CRYPTO_STEP_TEXT 128

/* mbedtls_md in one shot reads the same in mbedTLS 2.28 and 3.6. */
static int crypto_hash(mbedtls_md_type_t type, const void *data, size_t len,
                       uint8_t *out) {
  static const uint8_t none[1];
  const mbedtls_md_info_t *info = mbedtls_md_info_from_type(type);
  if (info == NULL || mbedtls_md(info, len > 0 ? data : none, len, out) != 0) {
    return SIPWS_ERR_NOMEM;
  }
  return 0;
}

int sipws__sha1(const void *data, size_t len, uint8_t out[SIPWS__SHA1_LEN]) {
  return crypto_hash(MBEDTLS_MD_SHA1, data, len, out);
}

/* Hash of the key masked with |pad|, then |data| (RFC 2104 section 2). */
static int crypto_hmac_pass(const uint8_t *key, size_t key_len, uint8_t pad,
                            const uint8_t *data, size_t len, uint8_t *out) {
  uint8_t text[CRYPTO_BLOCK_LEN + CRYPTO_DATA_MAX];
  size_t i;
  int err;
  memset(text, pad, CRYPTO_BLOCK_LEN);
  for (i = 0; i < key_len; i++) {
    text[i] = (uint8_t)(text[i] ^ key[i]);
  }
  if (len > 0) {
    memcpy(text + CRYPTO_BLOCK_LEN, data, len);
  }
  err = crypto_hash(MBEDTLS_MD_SHA256, text, CRYPTO_BLOCK_LEN + len, out);
  sipws__crypto_wipe(text, sizeof text);
  return err;
}

int sipws__hmac_sha256(const uint8_t *key, size_t key_len, const uint8_t *data,
                       size_t len, uint8_t out[SIPWS__SHA256_LEN]) {
  uint8_t inner[SIPWS__SHA256_LEN];
  int err;
  if (key_len > CRYPTO_BLOCK_LEN || len > CRYPTO_DATA_MAX) {
    return SIPWS_ERR_INVALID;
  }
  err = crypto_hmac_pass(key, key_len, 0x36, data, len, inner);
  if (err == 0) {
    err = crypto_hmac_pass(key, key_len, 0x5c, inner, sizeof inner, out);
  }
  sipws__crypto_wipe(inner, sizeof inner);
  return err;
}

/* -------------------------------------------------------------- digests -- */

/* As mbedtls_md_update, but of a quoted-string no backslash that only says that
 * the octet behind it is meant (RFC 9110 section 5.6.4). */
static int crypto_update(mbedtls_md_context_t *md,
                         const struct sipws__hash_text *text) {
  size_t start = 0;
  size_t i;
  int err = 0;
  for (i = 0; text->is_quoted && i + 1 < text->len; i++) {
    if (text->at[i] == '\\') {
      err |=
          mbedtls_md_update(md, (const uint8_t *)text->at + start, i - start);
      start = ++i;
    }
  }
  if (text->len > start) {
    err |= mbedtls_md_update(md, (const uint8_t *)text->at + start,
                             text->len - start);
  }
  return err;
}

int sipws__hash_texts(int hash, const struct sipws__hash_text *texts,
                      size_t count, char out[SIPWS__HASH_HEX_MAX]) {
  uint8_t octets[SIPWS__SHA256_LEN];
  mbedtls_md_context_t md;
  size_t i;
  int err;
  mbedtls_md_init(&md);
  err = mbedtls_md_setup(&md,
                         mbedtls_md_info_from_type(hash == SIPWS__HASH_MD5
                                                       ? MBEDTLS_MD_MD5
                                                       : MBEDTLS_MD_SHA256),
                         0) != 0 ||
        mbedtls_md_starts(&md) != 0;
  for (i = 0; err == 0 && i < count; i++) {
    err = (i > 0 && mbedtls_md_update(&md, (const uint8_t *)":", 1) != 0) ||
          crypto_update(&md, &texts[i]) != 0;
  }
  if (err == 0) {
    err = mbedtls_md_finish(&md, octets);
  }
  mbedtls_md_free(&md); /* wipes it too */
  if (err != 0) {
    return SIPWS_ERR_NOMEM;
  }
  sipws__hex(octets, sipws__hash_hex_len(hash) / 2, out);
  sipws__crypto_wipe(octets, sizeof octets);
  return 0;
}

size_t sipws__hash_hex_len(int hash) {
  return 2 * (hash == SIPWS__HASH_MD5 ? SIPWS__MD5_LEN : SIPWS__SHA256_LEN);
}

/* ------------------------------------------------------- octets as text -- */

void sipws__hex(const uint8_t *data, size_t len, char *out) {
  static const char digits[] = "0123456789abcdef";
  size_t i;
  for (i = 0; i < len; i++) {
    out[2 * i] = digits[data[i] >> 4];
    out[2 * i + 1] = digits[data[i] & 15];
  }
}

void sipws__base64(const uint8_t *data, size_t len, char *out) {
  uint8_t text[CRYPTO_STEP_TEXT + 1]; /* ends with a NUL */
  size_t text_len;
  while (len > 0) {
    size_t step = len < CRYPTO_STEP_DATA ? len : CRYPTO_STEP_DATA;
    if (mbedtls_base64_encode(text, sizeof text, &text_len, data, step) == 0) {
      memcpy(out, text, text_len);
    }
    data += step;
    out += SIPWS__BASE64_LEN(step);
    len -= step;
  }
  sipws__crypto_wipe(text, sizeof text);
}

/* Decodes one step; |out| holds |len| / 4 * 3. */
static int crypto_base64_step(const char *text, size_t len, uint8_t *out,
                              size_t *out_len) {
  char again[CRYPTO_STEP_TEXT];
  int same;
  /* mbedTLS passes over line breaks and bits that say nothing. */
  if (mbedtls_base64_decode(out, len / 4 * 3, out_len, (const uint8_t *)text,
                            len) != 0 ||
      *out_len == 0 || SIPWS__BASE64_LEN(*out_len) != len) {
    return SIPWS_ERR_SYNTAX;
  }
  sipws__base64(out, *out_len, again);
  same = memcmp(text, again, len) == 0;
  sipws__crypto_wipe(again, sizeof again);
  return same ? 0 : SIPWS_ERR_SYNTAX;
}

int sipws__base64_decode(const char *text, size_t len, uint8_t *out,
                         size_t *out_len) {
  size_t got = CRYPTO_STEP_DATA;
  size_t sum = 0;
  if (len == 0) {
    return SIPWS_ERR_SYNTAX;
  }
  while (len > 0) {
    size_t step = len < CRYPTO_STEP_TEXT ? len : CRYPTO_STEP_TEXT;
    /* Padding stands in the last step alone. */
    if (got != CRYPTO_STEP_DATA ||
        crypto_base64_step(text, step, out + sum, &got) != 0) {
      return SIPWS_ERR_SYNTAX;
    }
    sum += got;
    text += step;
    len -= step;
  }
  *out_len = sum;
  return 0;
}

void sipws__base64url(const uint8_t *data, size_t len, char *out) {
  char text[SIPWS__BASE64_LEN(CRYPTO_DATA_MAX)];
  size_t text_len = (len * 4 + 2) / 3;
  size_t i;
  sipws__base64(data, len, text);
  for (i = 0; i < text_len; i++) {
    out[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
  }
}

int sipws__base64url_decode(const char *text, size_t len, uint8_t *out,
                            size_t *out_len) {
  char padded[CRYPTO_TEXT_MAX];
  size_t i;
  if (len > CRYPTO_TEXT_MAX) {
    return SIPWS_ERR_SYNTAX;
  }
  for (i = 0; i < len; i++) {
    if (text[i] == '+' || text[i] == '/' || text[i] == '=') {
      return SIPWS_ERR_SYNTAX;
    }
    padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
  }
  while (i % 4 != 0) {
    padded[i++] = '=';
  }
  return sipws__base64_decode(padded, i, out, out_len);
}

int sipws__crypto_equal(const void *a, const void *b, size_t len) {
  const volatile uint8_t *left = a;
  const volatile uint8_t *right = b;
  uint32_t differ = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    differ |= (uint32_t)(left[i] ^ right[i]);
  }
  return differ == 0;
}

void sipws__crypto_wipe(void *data, size_t len) {
  mbedtls_platform_zeroize(data, len);
}
