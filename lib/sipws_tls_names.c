/* tls: the subject alternative names of a certificate (RFC 5280 section
 * 4.2.1.6). */
#include "sipws_tls.h"

#include <sipws/front.h>

#include <string.h>

/* ---- the list ---- */

int sipws__tls_name_at(const mbedtls_x509_crt *crt, uint32_t index, int *kind,
                       const char **name, size_t *len) {
  const mbedtls_x509_sequence *at;
  for (at = &crt->subject_alt_names; at != NULL && at->buf.p != NULL;
       at = at->next) {
    int tag = at->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
    if (tag != SIPWS_TLS_NAME_DNS && tag != SIPWS_TLS_NAME_URI &&
        tag != SIPWS_TLS_NAME_EMAIL && tag != SIPWS_TLS_NAME_IP) {
      continue;
    }
    if (index-- == 0) {
      *kind = tag;
      *name = (const char *)at->buf.p;
      *len = at->buf.len;
      return 1;
    }
  }
  return 0;
}

/* ---- DNS names ---- */

static char names_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int names_equal(const char *a, const char *b, size_t len) {
  size_t i = 0;
  while (i < len && names_lower(a[i]) == names_lower(b[i])) {
    i++;
  }
  return i == len;
}

/* "*" stands for one whole label, the first (RFC 9110 section 4.3.4, RFC 6125
 * section 6.4.3). */
static int names_match(const char *pattern, size_t pattern_len,
                       const char *host, size_t len) {
  if (pattern_len >= 2 && pattern[0] == '*' && pattern[1] == '.') {
    const char *dot = memchr(host, '.', len);
    size_t label = dot != NULL ? (size_t)(dot - host) : 0;
    if (label == 0) {
      return 0;
    }
    pattern++;
    pattern_len--;
    host += label;
    len -= label;
  }
  return pattern_len == len && names_equal(pattern, host, len);
}

int sipws__tls_names_host(const mbedtls_x509_crt *crt, const char *host,
                          size_t len) {
  const char *name;
  size_t name_len;
  uint32_t i;
  int kind;
  for (i = 0; sipws__tls_name_at(crt, i, &kind, &name, &name_len); i++) {
    if (kind == SIPWS_TLS_NAME_DNS && names_match(name, name_len, host, len)) {
      return 1;
    }
  }
  return 0;
}

/* ---- addresses: read by a list of trusted ones, with one entry ---- */

/* IPv6 without its brackets. */
static const char *names_bare(const char *host, size_t *len) {
  if (*len >= 2 && host[0] == '[') {
    *len -= 2;
    return host + 1;
  }
  return host;
}

int sipws__tls_is_address(const char *host, size_t len) {
  int is_likely = host[0] == '[' || (host[0] >= '0' && host[0] <= '9');
  const char *bare = names_bare(host, &len);
  return is_likely && sipws_trust_check(bare, len, NULL) == 0;
}

int sipws__tls_names_address(const mbedtls_x509_crt *crt, const char *host,
                             size_t len) {
  const char *bare = names_bare(host, &len);
  const char *name;
  size_t name_len;
  uint32_t i;
  int kind;
  for (i = 0; sipws__tls_name_at(crt, i, &kind, &name, &name_len); i++) {
    if (kind == SIPWS_TLS_NAME_IP && (name_len == 4 || name_len == 16) &&
        sipws_trust_has(bare, len, (const uint8_t *)name, name_len)) {
      return 1;
    }
  }
  return 0;
}
