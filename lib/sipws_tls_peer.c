/* tls: the peer's certificate. */
#include "sipws_tls.h"

#include <mbedtls/oid.h>
#include <string.h>

static int peer_find(const sipws_conn *conn, const mbedtls_x509_crt **crt) {
  struct sipws__tls *tls;
  int err = sipws__tls_find_done(conn, &tls);
  if (err != 0) {
    return err;
  }
  *crt = mbedtls_ssl_get_peer_cert(&tls->ssl);
  return *crt == NULL ? SIPWS_ERR_NOT_FOUND : 0;
}

int sipws_tls_peer_certificate(const sipws_conn *conn, const uint8_t **der,
                               size_t *len) {
  const mbedtls_x509_crt *crt;
  int err = peer_find(conn, &crt);
  if (err != 0) {
    return err;
  }
  if (der == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *der = crt->raw.p;
  *len = crt->raw.len;
  return 0;
}

int sipws_tls_peer_name_at(const sipws_conn *conn, uint32_t index, int *kind,
                           const char **name, size_t *len) {
  const mbedtls_x509_crt *crt;
  int err = peer_find(conn, &crt);
  if (err != 0) {
    return err;
  }
  if (kind == NULL || name == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return sipws__tls_name_at(crt, index, kind, name, len) ? 0
                                                         : SIPWS_ERR_NOT_FOUND;
}

int sipws_tls_peer_pin(const sipws_conn *conn, uint8_t *sha256) {
  const mbedtls_x509_crt *crt;
  int err = peer_find(conn, &crt);
  if (err != 0) {
    return err;
  }
  if (sha256 == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__tls_digest(crt->pk_raw.p, crt->pk_raw.len, sha256);
  return 0;
}

/* ---- subject: by ourselves, as mbedTLS loses what is not ASCII or longer than
 * 255 octets ---- */

struct peer_text {
  char *out;
  size_t size;
  size_t len; /* may pass |size|: it is counted, not written */
};

static void peer_put(struct peer_text *text, char c) {
  if (text->len < text->size) {
    text->out[text->len] = c;
  }
  text->len++;
}

static void peer_put_all(struct peer_text *text, const char *string) {
  while (*string != '\0') {
    peer_put(text, *string++);
  }
}

static void peer_put_hex(struct peer_text *text, uint8_t octet) {
  static const char digits[] = "0123456789ABCDEF";
  peer_put(text, '\\');
  peer_put(text, digits[octet >> 4]);
  peer_put(text, digits[octet & 15]);
}

static void peer_put_type(struct peer_text *text, const mbedtls_asn1_buf *oid) {
  const char *name;
  char number[64];
  if (mbedtls_oid_get_attr_short_name(oid, &name) == 0) {
    peer_put_all(text, name);
  } else if (mbedtls_oid_get_numeric_string(number, sizeof number, oid) > 0) {
    peer_put_all(text, number);
  }
  peer_put(text, '=');
}

/* RFC 4514 section 2.4; octets above 127 as they are in UTF-8 alone. */
static void peer_put_value(struct peer_text *text,
                           const mbedtls_asn1_buf *value) {
  int is_utf8 = value->tag == MBEDTLS_ASN1_UTF8_STRING;
  size_t i;
  for (i = 0; i < value->len; i++) {
    uint8_t octet = value->p[i];
    int is_edge = i == 0 || i == value->len - 1;
    if (octet < ' ' || octet == 127 || (octet > 127 && !is_utf8)) {
      peer_put_hex(text, octet);
      continue;
    }
    if (strchr(",+\"\\<>;=", octet) != NULL || (octet == ' ' && is_edge) ||
        (octet == '#' && i == 0)) {
      peer_put(text, '\\');
    }
    peer_put(text, (char)octet);
  }
}

static void peer_put_subject(struct peer_text *text,
                             const mbedtls_x509_name *name) {
  for (; name != NULL && name->oid.p != NULL; name = name->next) {
    peer_put_type(text, &name->oid);
    peer_put_value(text, &name->val);
    if (name->next != NULL) {
      peer_put_all(text, name->MBEDTLS_PRIVATE(next_merged) ? " + " : ", ");
    }
  }
}

int sipws_tls_peer_subject(const sipws_conn *conn, char *out, size_t out_size,
                           size_t *out_len) {
  struct peer_text text = {NULL, 0, 0};
  const mbedtls_x509_crt *crt;
  int err = peer_find(conn, &crt);
  if (err != 0) {
    return err;
  }
  if ((out == NULL && out_size > 0) || out_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  peer_put_subject(&text, &crt->subject);
  *out_len = text.len;
  if (text.len > out_size) {
    return SIPWS_ERR_BUFFER;
  }
  text.out = out;
  text.size = out_size;
  text.len = 0;
  peer_put_subject(&text, &crt->subject);
  return 0;
}
