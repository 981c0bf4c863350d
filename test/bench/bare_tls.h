/* Bare mbedTLS, client and server in memory: what libsipws-tls is measured
 * against. The same suites, certificates and random numbers. */
#ifndef SIPWS_BENCH_BARE_TLS_H
#define SIPWS_BENCH_BARE_TLS_H

#include "certs.h"

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

/* Octets on their way to one side. */
struct bare_pipe {
  size_t begin, end;
  uint8_t data[1 << 16];
};

struct bare_tls {
  struct cert root, leaf;
  mbedtls_ssl_config client_conf, server_conf;
  mbedtls_ssl_context client, server;
  mbedtls_x509_crt ca, chain;
  mbedtls_pk_context key;
  mbedtls_ssl_ticket_context tickets;
  mbedtls_ssl_session session;
  int has_session;
  int is_resumed;
  struct bare_pipe to_client, to_server;
};

void bare_init(struct bare_tls *bare);
void bare_free(struct bare_tls *bare);

/* A handshake, which resumes the session learnt if |has_session|. 0, or an
 * error of mbedTLS. */
int bare_open(struct bare_tls *bare);
void bare_close(struct bare_tls *bare);

/* A handshake whose session the next ones resume. */
int bare_learn(struct bare_tls *bare);

/* Moves |len| octets from client to server, in one record. */
int bare_move(struct bare_tls *bare, const void *data, size_t len);

#endif /* SIPWS_BENCH_BARE_TLS_H */
