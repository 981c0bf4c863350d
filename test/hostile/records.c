/* Hostile TLS records. */
#include "records.h"

#include "certs.h"
#include "support.h"

#include <mbedtls/ssl.h>
#include <sipws/tls.h>

#define GET                                                                    \
  "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                            \
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "

/* One side of bare mbedTLS, and what is on its way. */
struct end {
  mbedtls_ssl_context ssl;
  mbedtls_ssl_config config;
  const char *in;
  size_t in_len;
  struct hostile_text *out;
};

static const int suites[RECORDS_SUITES][2] = {
    {MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0},
    {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0}};

/* Header, explicit nonce and tag (RFC 5246 6.2.3.3, RFC 7905 2). */
static const size_t overheads[RECORDS_SUITES] = {5 + 16, 5 + 8 + 16};

static struct cert root, leaf;
static mbedtls_x509_crt chain;
static sipws_tls_config *tls;
/* the client of our connection; a handshake is resumed, which is faster */
static struct end client;
static mbedtls_ssl_session sessions[RECORDS_SUITES];
static int has_session[RECORDS_SUITES];
/* the client of the bare server, and that; open for good */
static struct end bare[RECORDS_SUITES][2];
static struct hostile_text ways[2];

/* ---- mbedTLS ---- */

static int end_random(void *user, unsigned char *out, size_t len) {
  static uint32_t seed = 1;
  (void)user;
  return test_random(out, len, &seed);
}

static int end_send(void *user, const unsigned char *data, size_t len) {
  struct hostile_text *out = ((struct end *)user)->out;
  if (len > sizeof out->data - out->len) {
    return MBEDTLS_ERR_SSL_WANT_WRITE;
  }
  memcpy(out->data + out->len, data, len);
  out->len += len;
  return (int)len;
}

static int end_recv(void *user, unsigned char *out, size_t len) {
  struct end *end = user;
  len = len < end->in_len ? len : end->in_len;
  if (len == 0) {
    return MBEDTLS_ERR_SSL_WANT_READ;
  }
  memcpy(out, end->in, len);
  end->in += len;
  end->in_len -= len;
  return (int)len;
}

static int end_init(struct end *end, int role, int suite,
                    struct hostile_text *out) {
  int ret;
  end->in_len = 0;
  end->out = out;
  out->len = 0;
  mbedtls_ssl_init(&end->ssl);
  mbedtls_ssl_config_init(&end->config);
  ret = mbedtls_ssl_config_defaults(&end->config, role,
                                    MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT);
  mbedtls_ssl_conf_rng(&end->config, end_random, NULL);
  mbedtls_ssl_conf_ciphersuites(&end->config, suites[suite]);
  mbedtls_ssl_conf_authmode(&end->config, MBEDTLS_SSL_VERIFY_NONE);
  if (ret == 0 && role == MBEDTLS_SSL_IS_SERVER) {
    ret = mbedtls_ssl_conf_own_cert(&end->config, &chain, &leaf.pk);
  }
  if (ret == 0) {
    ret = mbedtls_ssl_setup(&end->ssl, &end->config);
  }
  mbedtls_ssl_set_bio(&end->ssl, end, end_send, end_recv, NULL);
  return ret;
}

static void end_free(struct end *end) {
  mbedtls_ssl_free(&end->ssl);
  mbedtls_ssl_config_free(&end->config);
}

/* ---- both servers ---- */

static void give(struct end *end, const struct hostile_text *octets) {
  end->in = octets->data;
  end->in_len = octets->len;
}

static int bare_open(int suite) {
  struct end *from = &bare[suite][0], *to = &bare[suite][1];
  int a = end_init(from, MBEDTLS_SSL_IS_CLIENT, suite, &ways[0]);
  int b = end_init(to, MBEDTLS_SSL_IS_SERVER, suite, &ways[1]);
  if (a != 0 || b != 0) {
    return a != 0 ? a : b;
  }
  do {
    ways[0].len = 0;
    a = mbedtls_ssl_handshake(&from->ssl);
    give(to, &ways[0]);
    ways[1].len = 0;
    b = mbedtls_ssl_handshake(&to->ssl);
    give(from, &ways[1]);
  } while ((a == 0 || a == MBEDTLS_ERR_SSL_WANT_READ) &&
           (b == 0 || b == MBEDTLS_ERR_SSL_WANT_READ) && (a != 0 || b != 0));
  return a != 0 ? a : b;
}

int records_init(void) {
  int ret =
      sipws_tls_config_new(SIPWS_SERVER, NULL, NULL, test_random, NULL, &tls);
  int suite;
  cert_make_root(&root, "CN=root");
  cert_make_leaf(&leaf, "dns:h.example", &root);
  mbedtls_x509_crt_init(&chain);
  if (ret == 0) {
    ret = mbedtls_x509_crt_parse_der(&chain, leaf.der, leaf.der_len);
  }
  if (ret == 0) {
    ret = sipws_tls_config_add_identity(tls, leaf.chain, strlen(leaf.chain),
                                        leaf.key, strlen(leaf.key), NULL, 0);
  }
  for (suite = 0; suite < RECORDS_SUITES && ret == 0; suite++) {
    mbedtls_ssl_session_init(&sessions[suite]);
    ret = bare_open(suite);
  }
  return ret;
}

void records_free(void) {
  int suite;
  for (suite = 0; suite < RECORDS_SUITES; suite++) {
    mbedtls_ssl_session_free(&sessions[suite]);
    end_free(&bare[suite][0]);
    end_free(&bare[suite][1]);
  }
  end_free(&client);
  sipws_tls_config_free(tls);
  mbedtls_x509_crt_free(&chain);
  cert_free(&leaf);
  cert_free(&root);
}

/* To our server what the client said, to it what the server says. */
static int exchange(sipws_conn *conn, struct hostile_text *answer) {
  const uint8_t *data;
  size_t len, taken;
  int err = 0;
  if (client.out->len > 0) {
    err = sipws_conn_feed(conn, client.out->data, client.out->len, 0, &taken);
    client.out->len = 0;
  }
  answer->len = 0;
  while (err == 0 && sipws_conn_pending(conn, 0, &data, &len) == 0 && len > 0) {
    memcpy(answer->data + answer->len, data, len);
    answer->len += len;
    err = sipws_conn_taken(conn, len, 0);
  }
  give(&client, answer);
  return err;
}

int records_open(sipws_conn *conn, int suite, const char *subprotocol) {
  char request[400];
  int len, ret;
  end_free(&client);
  ret = end_init(&client, MBEDTLS_SSL_IS_CLIENT, suite, &ways[0]);
  if (ret == 0 && has_session[suite]) {
    ret = mbedtls_ssl_set_session(&client.ssl, &sessions[suite]);
  }
  ret = ret != 0 ? ret : sipws_tls_attach(tls, conn);
  if (ret != 0) {
    return ret;
  }
  do {
    ret = mbedtls_ssl_handshake(&client.ssl);
    if (exchange(conn, &ways[1]) != 0) {
      return sipws_conn_error(conn);
    }
  } while (ret == MBEDTLS_ERR_SSL_WANT_READ);
  if (ret == 0 && !has_session[suite]) {
    ret = mbedtls_ssl_get_session(&client.ssl, &sessions[suite]);
    has_session[suite] = ret == 0;
  }
  if (ret != 0 || subprotocol == NULL) {
    return ret;
  }
  len = snprintf(request, sizeof request, GET "%s\r\n\r\n", subprotocol);
  ret = mbedtls_ssl_write(&client.ssl, (const unsigned char *)request,
                          (size_t)len);
  if (ret == len) {
    ret = exchange(conn, &ways[1]);
  }
  return ret != 0 || sipws_conn_state(conn) == SIPWS_STATE_OPEN ? ret : -1;
}

/* ---- records ---- */

size_t records_plain_len(size_t len, int suite, size_t cut, int empties) {
  size_t more = overheads[suite] * (size_t)(1 + empties);
  return cut == 0 ? len : len * cut / (cut + more);
}

int records_put(struct hostile_text *out, const struct hostile_text *plain,
                int suite, int is_bare, size_t cut, int empties) {
  struct end *from = is_bare ? &bare[suite][0] : &client;
  const unsigned char *data = (const unsigned char *)plain->data;
  size_t at = 0;
  int i;
  from->out = out;
  out->len = 0;
  while (at < plain->len) {
    size_t rest = plain->len - at;
    int ret = 0;
    for (i = 0; i < empties && ret == 0; i++) {
      ret = mbedtls_ssl_write(&from->ssl, data, 0);
    }
    if (ret == 0) {
      ret = mbedtls_ssl_write(&from->ssl, data + at,
                              cut == 0 || cut > rest ? rest : cut);
    }
    if (ret <= 0) {
      return -1;
    }
    at += (size_t)ret;
  }
  return 0;
}

int records_read_bare(int suite, const struct hostile_text *records) {
  static unsigned char out[MBEDTLS_SSL_OUT_CONTENT_LEN];
  struct end *to = &bare[suite][1];
  int ret;
  give(to, records);
  do {
    ret = mbedtls_ssl_read(&to->ssl, out, sizeof out); /* empty ones: 0 */
  } while (ret >= 0);
  return ret == MBEDTLS_ERR_SSL_WANT_READ && to->in_len == 0 ? 0 : -1;
}
