#include "digest.h"

#include <stdio.h>
#include <string.h>

#include <mbedtls/md.h>

/* The longest text that is hashed; a nonce may take most of it. */
#define TEXT_SIZE 2048

/* Hashes the C string |text| to lower-case hexadecimal. */
static int digest_hex(enum digest_algorithm algorithm, const char *text,
                      char out[65]) {
  static const char digits[] = "0123456789abcdef";
  unsigned char hash[32];
  const mbedtls_md_info_t *info = mbedtls_md_info_from_type(
      algorithm == DIGEST_SHA256 ? MBEDTLS_MD_SHA256 : MBEDTLS_MD_MD5);
  size_t len = algorithm == DIGEST_SHA256 ? 32 : 16;
  size_t i;

  if (info == NULL ||
      mbedtls_md(info, (const unsigned char *)text, strlen(text), hash) != 0) {
    return -1;
  }
  for (i = 0; i < len; i++) {
    out[2 * i] = digits[hash[i] >> 4];
    out[2 * i + 1] = digits[hash[i] & 15];
  }
  out[2 * len] = '\0';
  return 0;
}

/* 1 when snprintf wrote |n| characters into |size| octets without a cut. */
static int digest_fits(int n, size_t size) {
  return n >= 0 && (size_t)n < size;
}

int digest_response(enum digest_algorithm algorithm, const char *username,
                    const char *realm, const char *password, const char *nonce,
                    const char *cnonce, unsigned nc, const char *qop,
                    const char *method, const char *uri, char out[65]) {
  char text[TEXT_SIZE];
  char a1[65];
  char a2[65];
  int n;

  /* RFC 7616 section 3.4.2. */
  n = snprintf(text, sizeof(text), "%s:%s:%s", username, realm, password);
  if (!digest_fits(n, sizeof(text)) || digest_hex(algorithm, text, a1) != 0) {
    return -1;
  }
  /* RFC 7616 section 3.4.3, for qop=auth. */
  n = snprintf(text, sizeof(text), "%s:%s", method, uri);
  if (!digest_fits(n, sizeof(text)) || digest_hex(algorithm, text, a2) != 0) {
    return -1;
  }
  /* RFC 7616 section 3.4.1; without qop, RFC 2617 section 3.2.2.1. */
  if (qop != NULL) {
    n = snprintf(text, sizeof(text), "%s:%s:%08x:%s:%s:%s", a1, nonce, nc,
                 cnonce, qop, a2);
  } else {
    n = snprintf(text, sizeof(text), "%s:%s:%s", a1, nonce, a2);
  }
  if (!digest_fits(n, sizeof(text))) {
    return -1;
  }
  return digest_hex(algorithm, text, out);
}
