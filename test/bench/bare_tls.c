#include "bare_tls.h"

#include "support.h"

#include <string.h>

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

/* As libsipws-tls has them. */
static const int suites[] = {
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0};
#if MBEDTLS_VERSION_NUMBER < 0x03000000
static const mbedtls_ecp_group_id groups[] = {
    MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
#else
static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
                                  MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                  MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
#endif
static const char *protocols[] = {"http/1.1", NULL};

static int bare_random(void *user, unsigned char *out, size_t len) {
  (void)user;
  return test_random(out, len, NULL);
}

static int pipe_send(void *user, const unsigned char *data, size_t len) {
  struct bare_pipe *pipe = user;
  if (pipe->begin == pipe->end) {
    pipe->begin = pipe->end = 0;
  }
  if (len > sizeof pipe->data - pipe->end) {
    return MBEDTLS_ERR_SSL_WANT_WRITE;
  }
  memcpy(pipe->data + pipe->end, data, len);
  pipe->end += len;
  return (int)len;
}

static int pipe_recv(struct bare_pipe *pipe, unsigned char *out, size_t len) {
  if (len > pipe->end - pipe->begin) {
    len = pipe->end - pipe->begin;
  }
  if (len == 0) {
    return MBEDTLS_ERR_SSL_WANT_READ;
  }
  memcpy(out, pipe->data + pipe->begin, len);
  pipe->begin += len;
  return (int)len;
}

static int client_send(void *user, const unsigned char *data, size_t len) {
  return pipe_send(&((struct bare_tls *)user)->to_server, data, len);
}
static int server_send(void *user, const unsigned char *data, size_t len) {
  return pipe_send(&((struct bare_tls *)user)->to_client, data, len);
}
static int client_recv(void *user, unsigned char *out, size_t len) {
  return pipe_recv(&((struct bare_tls *)user)->to_client, out, len);
}
static int server_recv(void *user, unsigned char *out, size_t len) {
  return pipe_recv(&((struct bare_tls *)user)->to_server, out, len);
}

static void conf_init(mbedtls_ssl_config *conf, int role) {
  mbedtls_ssl_config_init(conf);
  mbedtls_ssl_config_defaults(conf, role, MBEDTLS_SSL_TRANSPORT_STREAM,
                              MBEDTLS_SSL_PRESET_DEFAULT);
  mbedtls_ssl_conf_rng(conf, bare_random, NULL);
  mbedtls_ssl_conf_ciphersuites(conf, suites);
  mbedtls_ssl_conf_alpn_protocols(conf, protocols);
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  mbedtls_ssl_conf_curves(conf, groups);
#else
  mbedtls_ssl_conf_groups(conf, groups);
#endif
}

void bare_init(struct bare_tls *bare) {
  memset(bare, 0, sizeof *bare);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  (void)psa_crypto_init();
#endif
  cert_make_root(&bare->root, "CN=root");
  cert_make_leaf(&bare->leaf, "dns:h.example", &bare->root);
  mbedtls_x509_crt_init(&bare->ca);
  mbedtls_x509_crt_init(&bare->chain);
  mbedtls_pk_init(&bare->key);
  mbedtls_x509_crt_parse(&bare->ca, (const unsigned char *)bare->root.own,
                         strlen(bare->root.own) + 1);
  mbedtls_x509_crt_parse(&bare->chain, (const unsigned char *)bare->leaf.chain,
                         strlen(bare->leaf.chain) + 1);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  mbedtls_pk_parse_key(&bare->key, (const unsigned char *)bare->leaf.key,
                       strlen(bare->leaf.key) + 1, NULL, 0, bare_random, NULL);
#else
  mbedtls_pk_parse_key(&bare->key, (const unsigned char *)bare->leaf.key,
                       strlen(bare->leaf.key) + 1, NULL, 0);
#endif
  conf_init(&bare->client_conf, MBEDTLS_SSL_IS_CLIENT);
  mbedtls_ssl_conf_ca_chain(&bare->client_conf, &bare->ca, NULL);
  conf_init(&bare->server_conf, MBEDTLS_SSL_IS_SERVER);
  mbedtls_ssl_conf_own_cert(&bare->server_conf, &bare->chain, &bare->key);
  mbedtls_ssl_ticket_init(&bare->tickets);
  mbedtls_ssl_ticket_setup(&bare->tickets, bare_random, NULL,
                           MBEDTLS_CIPHER_AES_256_GCM, 86400);
  mbedtls_ssl_conf_session_tickets_cb(&bare->server_conf,
                                      mbedtls_ssl_ticket_write,
                                      mbedtls_ssl_ticket_parse, &bare->tickets);
  mbedtls_ssl_session_init(&bare->session);
}

void bare_free(struct bare_tls *bare) {
  mbedtls_ssl_session_free(&bare->session);
  mbedtls_ssl_config_free(&bare->client_conf);
  mbedtls_ssl_config_free(&bare->server_conf);
  mbedtls_ssl_ticket_free(&bare->tickets);
  mbedtls_x509_crt_free(&bare->ca);
  mbedtls_x509_crt_free(&bare->chain);
  mbedtls_pk_free(&bare->key);
  cert_free(&bare->leaf);
  cert_free(&bare->root);
}

static int is_waiting(int ret) {
  return ret == MBEDTLS_ERR_SSL_WANT_READ || ret == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* Runs both handshakes; counts what the server sends. */
static int bare_handshake(struct bare_tls *bare, size_t *server_octets) {
  int client, server;
  *server_octets = 0;
  do {
    client = mbedtls_ssl_handshake(&bare->client);
    server = mbedtls_ssl_handshake(&bare->server);
    *server_octets += bare->to_client.end - bare->to_client.begin;
  } while ((client != 0 || server != 0) &&
           (client == 0 || is_waiting(client)) &&
           (server == 0 || is_waiting(server)));
  return client != 0 ? client : server;
}

int bare_open(struct bare_tls *bare) {
  size_t octets;
  int ret;
  mbedtls_ssl_init(&bare->client);
  mbedtls_ssl_init(&bare->server);
  bare->to_client.begin = bare->to_client.end = 0;
  bare->to_server.begin = bare->to_server.end = 0;
  ret = mbedtls_ssl_setup(&bare->client, &bare->client_conf);
  if (ret == 0) {
    ret = mbedtls_ssl_setup(&bare->server, &bare->server_conf);
  }
  if (ret == 0) {
    ret = mbedtls_ssl_set_hostname(&bare->client, "h.example");
  }
  if (ret == 0 && bare->has_session) {
    ret = mbedtls_ssl_set_session(&bare->client, &bare->session);
  }
  if (ret != 0) {
    return ret;
  }
  mbedtls_ssl_set_bio(&bare->client, bare, client_send, client_recv, NULL);
  mbedtls_ssl_set_bio(&bare->server, bare, server_send, server_recv, NULL);
  ret = bare_handshake(bare, &octets);
  /* without certificates it was resumed */
  bare->is_resumed = octets < 600;
  return ret;
}

void bare_close(struct bare_tls *bare) {
  mbedtls_ssl_free(&bare->client);
  mbedtls_ssl_free(&bare->server);
}

int bare_learn(struct bare_tls *bare) {
  int ret;
  bare->has_session = 0;
  ret = bare_open(bare);
  if (ret == 0) {
    mbedtls_ssl_session_free(&bare->session);
    mbedtls_ssl_session_init(&bare->session);
    ret = mbedtls_ssl_get_session(&bare->client, &bare->session);
  }
  bare_close(bare);
  bare->has_session = ret == 0;
  return ret;
}

int bare_move(struct bare_tls *bare, const void *data, size_t len) {
  unsigned char in[2048];
  int ret = mbedtls_ssl_write(&bare->client, data, len);
  if (ret != (int)len) {
    return ret == 0 ? -1 : ret;
  }
  ret = mbedtls_ssl_read(&bare->server, in, sizeof in);
  if (ret != (int)len) {
    return ret == 0 ? -1 : ret;
  }
  /* as the reader of a stream has to, to know that there is no more */
  ret = mbedtls_ssl_read(&bare->server, in, sizeof in);
  return ret == MBEDTLS_ERR_SSL_WANT_READ ? 0 : -1;
}
