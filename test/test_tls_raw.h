/* A peer made of mbedTLS alone, for what ours never does: other suites, older
 * ways to resume, renegotiation, a wrong protocol. */
#ifndef SIPWS_TEST_TLS_RAW_H
#define SIPWS_TEST_TLS_RAW_H

#include "test_tls.h"

#include <mbedtls/ssl.h>

struct raw {
  mbedtls_ssl_config conf;
  mbedtls_ssl_context ssl;
  mbedtls_x509_crt crt;
  mbedtls_pk_context key;
  uint32_t seed;
  struct octets in;
  size_t in_used;
  struct octets out;
};

static inline int raw_random(void *user, unsigned char *out, size_t len) {
  struct raw *raw = user;
  return test_random(out, len, &raw->seed);
}

static inline int raw_recv(void *user, unsigned char *out, size_t len) {
  struct raw *raw = user;
  size_t n = raw->in.len - raw->in_used;
  n = n < len ? n : len;
  memcpy(out, raw->in.data + raw->in_used, n);
  raw->in_used += n;
  return n > 0 ? (int)n : MBEDTLS_ERR_SSL_WANT_READ;
}

static inline int raw_send(void *user, const unsigned char *data, size_t len) {
  struct raw *raw = user;
  assert_true(len <= sizeof raw->out.data - raw->out.len);
  memcpy(raw->out.data + raw->out.len, data, len);
  raw->out.len += len;
  return (int)len;
}

/* TLS 1.2 without any check; change raw->conf as you like before raw_start. */
static inline void raw_begin(struct raw *raw, int role) {
  memset(raw, 0, sizeof *raw);
  raw->seed = 77;
  mbedtls_ssl_config_init(&raw->conf);
  mbedtls_ssl_init(&raw->ssl);
  mbedtls_x509_crt_init(&raw->crt);
  mbedtls_pk_init(&raw->key);
  assert_int_equal(
      mbedtls_ssl_config_defaults(
          &raw->conf,
          role == SIPWS_CLIENT ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
          MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
      0);
  mbedtls_ssl_conf_rng(&raw->conf, raw_random, raw);
  mbedtls_ssl_conf_authmode(&raw->conf, MBEDTLS_SSL_VERIFY_NONE);
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  mbedtls_ssl_conf_max_version(&raw->conf, 3, 3);
#else
  mbedtls_ssl_conf_max_tls_version(&raw->conf, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
}

static inline void raw_show(struct raw *raw, const struct cert *cert) {
  const unsigned char *chain = (const unsigned char *)cert->chain;
  const unsigned char *key = (const unsigned char *)cert->key;
  assert_int_equal(
      mbedtls_x509_crt_parse(&raw->crt, chain, strlen(cert->chain) + 1), 0);
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  assert_int_equal(
      mbedtls_pk_parse_key(&raw->key, key, strlen(cert->key) + 1, NULL, 0), 0);
#else
  assert_int_equal(mbedtls_pk_parse_key(&raw->key, key, strlen(cert->key) + 1,
                                        NULL, 0, raw_random, raw),
                   0);
#endif
  assert_int_equal(mbedtls_ssl_conf_own_cert(&raw->conf, &raw->crt, &raw->key),
                   0);
}

static inline void raw_start(struct raw *raw) {
  assert_int_equal(mbedtls_ssl_setup(&raw->ssl, &raw->conf), 0);
  mbedtls_ssl_set_bio(&raw->ssl, raw, raw_send, raw_recv, NULL);
}

static inline void raw_free(struct raw *raw) {
  mbedtls_ssl_free(&raw->ssl);
  mbedtls_ssl_config_free(&raw->conf);
  mbedtls_x509_crt_free(&raw->crt);
  mbedtls_pk_free(&raw->key);
}

/* Both ways, once. */
static inline size_t raw_pass(struct raw *raw, struct end *end) {
  size_t moved = raw->out.len;
  raw->out.len = 0;
  end_feed(end, raw->out.data, moved);
  moved += end_take(end);
  memmove(raw->in.data, raw->in.data + raw->in_used,
          raw->in.len - raw->in_used);
  raw->in.len -= raw->in_used;
  raw->in_used = 0;
  assert_true(end->wire.len <= sizeof raw->in.data - raw->in.len);
  memcpy(raw->in.data + raw->in.len, end->wire.data, end->wire.len);
  raw->in.len += end->wire.len;
  end->wire.len = 0;
  return moved;
}

/* The handshake, as far as it comes; the last answer of mbedTLS's. */
static inline int raw_shake(struct raw *raw, struct end *end) {
  int ret;
  do {
    ret = mbedtls_ssl_handshake(&raw->ssl);
  } while (raw_pass(raw, end) > 0 &&
           (ret == MBEDTLS_ERR_SSL_WANT_READ || ret == 0));
  return ret;
}

#endif /* SIPWS_TEST_TLS_RAW_H */
