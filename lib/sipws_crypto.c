#include "sipws_crypto.h"

#include <sipws/sipws.h>

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

/* |result| when |value| is from |first| to |last|, else 0; told without a
 * branch or a table, for passwords come by here. */
static uint32_t crypto_within(uint32_t value, uint32_t first, uint32_t last,
                              uint32_t result) {
  uint32_t outside = (value - first) | (last - value); /* then negative */
  return ((outside >> 31) - 1) & result;
}

/* RFC 4648 section 4: the character of the low six bits, … */
static char crypto_base64_char(uint32_t bits) {
  uint32_t six = bits & 63;
  return (char)(crypto_within(six, 0, 25, 'A' + six) |
                crypto_within(six, 26, 51, 'a' + six - 26) |
                crypto_within(six, 52, 61, '0' + six - 52) |
                crypto_within(six, 62, 62, '+') |
                crypto_within(six, 63, 63, '/'));
}

/* … and one more than the six bits of a character; 0 when it is none. */
static uint32_t crypto_base64_bits(char c) {
  uint32_t octet = (uint8_t)c;
  return crypto_within(octet, 'A', 'Z', octet - 'A' + 1) |
         crypto_within(octet, 'a', 'z', octet - 'a' + 27) |
         crypto_within(octet, '0', '9', octet - '0' + 53) |
         crypto_within(octet, '+', '+', 63) |
         crypto_within(octet, '/', '/', 64);
}

void sipws__base64(const uint8_t *data, size_t len, char *out) {
  uint32_t bits = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    bits = bits << 8 | data[i];
    *out++ = crypto_base64_char(bits >> (i % 3 * 2 + 2));
    if (i % 3 == 2) {
      *out++ = crypto_base64_char(bits);
    }
  }
  if (len % 3 > 0) {
    *out++ = crypto_base64_char(bits << (6 - len % 3 * 2));
    for (i = len % 3; i < 3; i++) {
      *out++ = '=';
    }
  }
}

int sipws__base64_decode(const char *text, size_t len, uint8_t *out,
                         size_t *out_len) {
  size_t chars = len; /* without padding */
  uint32_t bits = 0;
  int is_bad = len == 0 || len % 4 != 0;
  size_t i;
  while (chars > 0 && len - chars < 2 && text[chars - 1] == '=') {
    chars--;
  }
  for (i = 0; i < chars && !is_bad; i++) {
    uint32_t six = crypto_base64_bits(text[i]);
    is_bad = six == 0;
    bits = bits << 6 | (six - 1);
    if (i % 4 > 0) {
      *out++ = (uint8_t)(bits >> (6 - i % 4 * 2));
    }
  }
  /* bits that padding leaves over */
  if (is_bad || (chars % 4 > 0 && (bits & (0xffu >> chars % 4 * 2)) != 0)) {
    return SIPWS_ERR_SYNTAX;
  }
  *out_len = chars * 3 / 4;
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
