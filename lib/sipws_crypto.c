#include "sipws_crypto.h"

#include <sipws/sipws.h>

#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#define CRYPTO_BLOCK_LEN 64
#define CRYPTO_DATA_MAX 128
#define CRYPTO_TEXT_MAX 128

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

void sipws__base64(const uint8_t *data, size_t len, char *out) {
  uint8_t text[SIPWS__BASE64_LEN(CRYPTO_DATA_MAX) + 1]; /* ends with a NUL */
  size_t text_len;
  if (mbedtls_base64_encode(text, sizeof text, &text_len, data, len) == 0) {
    memcpy(out, text, text_len);
  }
}

int sipws__base64_decode(const char *text, size_t len, uint8_t *out,
                         size_t *out_len) {
  uint8_t data[CRYPTO_TEXT_MAX / 4 * 3];
  char again[CRYPTO_TEXT_MAX];
  size_t data_len;
  if (len > CRYPTO_TEXT_MAX ||
      mbedtls_base64_decode(data, sizeof data, &data_len, (const uint8_t *)text,
                            len) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  /* mbedTLS passes over line breaks and bits that say nothing. */
  if (data_len == 0 || SIPWS__BASE64_LEN(data_len) != len) {
    return SIPWS_ERR_SYNTAX;
  }
  sipws__base64(data, data_len, again);
  if (memcmp(text, again, len) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  memcpy(out, data, data_len);
  *out_len = data_len;
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
