/* tls: wss, by mbedTLS. Its files:
 *   tls           the stage: octets in and out, the end
 *   tls_conn      attach, names, what was agreed
 *   tls_config    a config's life and its plain settings
 *   tls_load      PEM and DER from memory or files
 *   tls_trust     CAs, CRLs, pins, and what a chain is judged by
 *   tls_identity  who we are; SNI picks one of several
 *   tls_names     subject alternative names
 *   tls_session   resumption at the client
 *   tls_peer      the peer's certificate
 *   tls_reason    mbedTLS's numbers and flags become reasons
 */
#ifndef SIPWS_TLS_ROOM_H
#define SIPWS_TLS_ROOM_H

#include "sipws_mem.h"

#include <sipws/stage.h>
#include <sipws/tls.h>

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>

/* mbedTLS 3 hides members so. We read four for which both have no function:
 * state, session and in_msg of mbedtls_ssl_context, next_merged of a name. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define MBEDTLS_PRIVATE(member) member
#endif

#define SIPWS__TLS_DIGEST 32 /* SHA-256 */
/* An alert in the clear: five octets of header, level, description. */
#define SIPWS__TLS_ALERT_LEN 7
/* The longest host name (RFC 1035 section 2.3.4). */
#define SIPWS__TLS_NAME_MAX 253

struct sipws__tls_identity {
  struct sipws__tls_identity *next;
  mbedtls_x509_crt chain; /* leaf first */
  mbedtls_pk_context key;
};

/* CRLs that were added at once; mbedTLS sees them all as one list. */
struct sipws__tls_crl {
  struct sipws__tls_crl *next;
  mbedtls_x509_crl first;
  mbedtls_x509_crl *last;
};

struct sipws__tls_pin {
  struct sipws__tls_pin *next;
  uint8_t digest[SIPWS__TLS_DIGEST];
};

struct sipws_tls_config {
  struct sipws__mem mem;
  sipws_random_fn random;
  void *random_user;
  uint32_t refs;    /* its owner and its connections; atomic */
  uint32_t is_used; /* a connection was attached; atomic */
  uint8_t role;
  uint8_t client_cert;
  uint8_t is_insecure;
  uint8_t has_ca;
  uint8_t resumes; /* the session lifetime is not 0 */
  int reason;      /* of the last setter that failed */
  int native_error;
  mbedtls_ssl_config ssl;
  const char *protocols[2];             /* ALPN, ends with NULL */
  mbedtls_x509_crt ca;                  /* empty, or the first of the chain */
  struct sipws__tls_identity *identity; /* in the order added */
  struct sipws__tls_crl *crl;           /* the latest first */
  struct sipws__tls_pin *pin;
  mbedtls_ssl_ticket_context tickets; /* server */
  mbedtls_ssl_cache_context cache;    /* server */
  uint8_t trust[SIPWS__TLS_DIGEST];   /* of CAs, CRLs, pins, identities */
};

/* One connection's TLS: the state of the stage. */
struct sipws__tls {
  mbedtls_ssl_context ssl; /* first: mbedTLS gives us this one alone */
  sipws_conn *conn;
  sipws_tls_config *config;
  const uint8_t *in; /* what input was given and mbedTLS has not fetched */
  size_t in_len;
  char *name; /* client: whom the certificate must name; server: the SNI */
  size_t name_len;
  int error; /* sticky: what the stage answers from now on */
  int native_error;
  int16_t alert;                      /* received, -1: none */
  uint8_t last[SIPWS__TLS_ALERT_LEN]; /* octets that mbedTLS fetched */
  uint8_t reason;
  uint8_t alert_told;     /* the last one that left in the clear */
  uint8_t is_begun;       /* input was called */
  uint8_t is_seen;        /* the first octet was looked at */
  uint8_t is_starved;     /* mbedTLS asked for more than there is */
  uint8_t is_done;        /* the handshake */
  uint8_t is_full;        /* it was no resumption */
  uint8_t is_reading;     /* records after the handshake */
  uint8_t replies;        /* what was sent while reading them */
  uint8_t has_session;    /* one was given, for |name| */
  uint8_t has_ticket;     /* TLS 1.3: the server told a session */
  uint8_t is_pinned;      /* a pinned key stands in the chain */
  uint8_t is_self_signed; /* the peer's certificate vouches for itself */
};

/* ---- tls ---- */

extern const sipws_stage sipws__tls_stage;

/* How mbedTLS reads and writes; |user| is a sipws__tls. */
int sipws__tls_recv(void *user, unsigned char *out, size_t len);
int sipws__tls_send(void *user, const unsigned char *data, size_t len);

/* Records what struck first. Returns the stage's answer from now on. */
int sipws__tls_fail(struct sipws__tls *tls, int reason, int native);

/* ---- tls_conn ---- */

void sipws__tls_free(struct sipws__tls *tls);

/* That of |conn|: SIPWS_ERR_INVALID, SIPWS_ERR_NOT_FOUND. */
int sipws__tls_find(const sipws_conn *conn, struct sipws__tls **tls);

/* The same, and SIPWS_ERR_STATE before the handshake is done. */
int sipws__tls_find_done(const sipws_conn *conn, struct sipws__tls **tls);

/* The same for a client's that has not begun, else SIPWS_ERR_STATE. */
int sipws__tls_find_fresh(const sipws_conn *conn, struct sipws__tls **tls);

/* Replaces tls->name by a copy. SIPWS_ERR_NOMEM. */
int sipws__tls_keep_name(struct sipws__tls *tls, const char *name, size_t len);

/* ---- tls_config ---- */

/* 0 when a setter may go on; |config| may be NULL. */
int sipws__tls_config_check(const sipws_tls_config *config);

/* A setter failed: remembers why. SIPWS_ERR_TLS, SIPWS_ERR_NOMEM or
 * SIPWS_ERR_RANDOM. */
int sipws__tls_config_fail(sipws_tls_config *config, int reason, int native);

/* The random hook as mbedTLS calls it; |user| is the config. */
int sipws__tls_random(void *user, unsigned char *out, size_t len);

/* 1 when it has all that a connection needs. */
int sipws__tls_config_is_ready(const sipws_tls_config *config);

void sipws__tls_config_hold(sipws_tls_config *config);
/* Counts a connection; frees with the last reference. */
void sipws__tls_config_drop(sipws_tls_config *config);

/* ---- tls_load ---- */

/* PEM, DER, or the path of a file with either. */
struct sipws__tls_source {
  const char *text;
  size_t len;
  int is_path;
};

/* As sipws__tls_config_fail, by mbedTLS's number: a file, memory or random
 * octets if that is what it tells of, else |otherwise|. */
int sipws__tls_load_fail(sipws_tls_config *config, int native, int otherwise);

/* Adds the certificates in it to |chain|. |some| 1: those that cannot be read
 * are passed over if there is a good one. As sipws__tls_config_fail. */
int sipws__tls_load_chain(sipws_tls_config *config,
                          const struct sipws__tls_source *source, int some,
                          mbedtls_x509_crt *chain);

/* Adds the certificates in every file of a directory; maybe none. */
int sipws__tls_load_dir(sipws_tls_config *config,
                        const struct sipws__tls_source *source,
                        mbedtls_x509_crt *chain);

/* Reads CRLs to |crl|, which is empty; none, or all. */
int sipws__tls_load_crl(sipws_tls_config *config,
                        const struct sipws__tls_source *source,
                        mbedtls_x509_crl *crl);

/* |password| may be empty. */
int sipws__tls_load_key(sipws_tls_config *config,
                        const struct sipws__tls_source *source,
                        const struct sipws__tls_source *password,
                        mbedtls_pk_context *key);

/* ---- tls_trust ---- */

/* SHA-256 of |len| octets. */
void sipws__tls_digest(const void *data, size_t len,
                       uint8_t digest[SIPWS__TLS_DIGEST]);

/* Lets config->trust depend on |data| too. */
void sipws__tls_trust_mix(sipws_tls_config *config, const void *data,
                          size_t len);

/* The verify callback of mbedTLS; |user| is a sipws__tls. */
int sipws__tls_verify(void *user, mbedtls_x509_crt *crt, int depth,
                      uint32_t *flags);

void sipws__tls_trust_free(sipws_tls_config *config);

/* ---- tls_identity ---- */

/* The SNI callback of mbedTLS. */
int sipws__tls_choose(void *user, mbedtls_ssl_context *ssl,
                      const unsigned char *name, size_t len);

void sipws__tls_identity_free(sipws_tls_config *config);

/* ---- tls_names ---- */

/* The |index|th subject alternative name of a kind that we tell. 1, or 0. */
int sipws__tls_name_at(const mbedtls_x509_crt *crt, uint32_t index, int *kind,
                       const char **name, size_t *len);

/* 1 when |crt| names |host|, by a DNS name. */
int sipws__tls_names_host(const mbedtls_x509_crt *crt, const char *host,
                          size_t len);

/* 1 when |host|, as in a URL, is an address; and whether |crt| names it. */
int sipws__tls_is_address(const char *host, size_t len);
int sipws__tls_names_address(const mbedtls_x509_crt *crt, const char *host,
                             size_t len);

/* ---- tls_reason ---- */

/* The sipws_error that goes with a reason. */
int sipws__tls_error_of(int reason);

/* |native| without the number of a low-level module that mbedTLS adds. */
int sipws__tls_number_high(int native);

/* What a number of mbedTLS's means by itself, and on a connection, where alerts
 * and the flags of verification tell more. */
int sipws__tls_reason_of_number(int native);
int sipws__tls_reason_of(const struct sipws__tls *tls, int native);

#endif /* SIPWS_TLS_ROOM_H */
