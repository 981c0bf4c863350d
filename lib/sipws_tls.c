#include "sipws_tls.h"

#include <string.h>

/* A peer may ask for a renegotiation again and again (RFC 5246 section
 * 7.4.1.1), and each time a refusal leaves: so many and no more. */
#define TLS_REPLIES_MAX 8

/* RFC 8446 section 5.1; RFC 5246 section 6.2.1. */
#define TLS_RECORD_ALERT 21
#define TLS_RECORD_HANDSHAKE 22

/* ---- failing ---- */

int sipws__tls_fail(struct sipws__tls *tls, int reason, int native) {
  if (tls->error == 0) {
    tls->reason = (uint8_t)reason;
    tls->native_error = native;
    tls->error = sipws__tls_error_of(reason);
  }
  return tls->error;
}

/* The description in a fatal alert that made mbedTLS answer |ret|, or -1. A
 * client of TLS 1.3 that refuses our certificate may have no keys to encrypt
 * its alert with yet, and mbedTLS finds that one's MAC wrong. */
static int16_t tls_alert_behind(const struct sipws__tls *tls, int ret) {
  const uint8_t *last = tls->last;
  if (ret == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
    return tls->ssl.MBEDTLS_PRIVATE(in_msg)[1];
  }
  return ret == MBEDTLS_ERR_SSL_INVALID_MAC && !tls->is_done &&
                 last[0] == TLS_RECORD_ALERT && last[3] == 0 && last[4] == 2
             ? last[6]
             : -1;
}

/* What |ret|, an answer of mbedTLS's to reading, is as the stage's. */
static int tls_answer(struct sipws__tls *tls, int ret) {
  if (ret >= 0 || ret == MBEDTLS_ERR_SSL_WANT_READ) {
    return 0;
  }
  if (ret == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    return tls->is_done ? SIPWS_ERR_EOF
                        : sipws__tls_fail(tls, SIPWS_TLS_TRUNCATED, ret);
  }
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  if (ret == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE) {
    /* 2.28 goes without a word (RFC 5246 section 7.4.6) */
    (void)mbedtls_ssl_send_alert_message(
        &tls->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
        MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
  }
#endif
  tls->alert = tls_alert_behind(tls, ret);
  return sipws__tls_fail(tls, sipws__tls_reason_of(tls, ret), ret);
}

/* ---- what mbedTLS reads and writes ---- */

static void tls_remember(struct sipws__tls *tls, const uint8_t *data,
                         size_t len) {
  size_t n = len < sizeof tls->last ? len : sizeof tls->last;
  memmove(tls->last, tls->last + n, sizeof tls->last - n);
  memcpy(tls->last + sizeof tls->last - n, data + len - n, n);
}

int sipws__tls_recv(void *user, unsigned char *out, size_t len) {
  struct sipws__tls *tls = user;
  size_t n = len < tls->in_len ? len : tls->in_len;
  if (n == 0) {
    tls->is_starved = 1;
    return MBEDTLS_ERR_SSL_WANT_READ;
  }
  memcpy(out, tls->in, n);
  tls_remember(tls, out, n);
  tls->in += n;
  tls->in_len -= n;
  return (int)n; /* mbedTLS asks for one record at most */
}

int sipws__tls_send(void *user, const unsigned char *data, size_t len) {
  struct sipws__tls *tls = user;
  if (len == SIPWS__TLS_ALERT_LEN && data[0] == TLS_RECORD_ALERT) {
    tls->alert_told = data[SIPWS__TLS_ALERT_LEN - 1];
  }
  if (tls->is_reading && ++tls->replies > TLS_REPLIES_MAX) {
    return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
  }
  if (sipws_stage_emit(tls->conn, data, len) != 0) {
    return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  }
  return (int)len;
}

/* TLS 1.3 tells the session after the handshake: that is no failure. */
static int tls_takes_ticket(struct sipws__tls *tls, int ret) {
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
  if (ret == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
    tls->has_ticket = 1;
    return 1;
  }
#else
  (void)tls;
  (void)ret;
#endif
  return 0;
}

/* ---- octets in ---- */

/* HTTP and SIP on the TLS port, or a server without TLS: told by the first
 * octet, before mbedTLS calls it a bad record. */
static int tls_is_foreign(struct sipws__tls *tls) {
  uint8_t first;
  if (tls->is_seen || tls->in_len == 0) {
    return 0;
  }
  tls->is_seen = 1;
  first = tls->in[0];
  return first != TLS_RECORD_HANDSHAKE &&
         (first != TLS_RECORD_ALERT || tls->config->role == SIPWS_SERVER);
}

/* mbedTLS refuses in the handshake what is not verified; a session that was
 * resumed has its flags from then. */
static int tls_check_verified(struct sipws__tls *tls) {
  const sipws_tls_config *config = tls->config;
  return config->role == SIPWS_CLIENT && !config->is_insecure &&
                 mbedtls_ssl_get_verify_result(&tls->ssl) != 0
             ? MBEDTLS_ERR_X509_CERT_VERIFY_FAILED
             : 0;
}

static int tls_handshake(struct sipws__tls *tls) {
  const mbedtls_ssl_context *ssl = &tls->ssl;
  int ret = 0;
  while (!tls->is_done && ret == 0) {
    int state;
    tls->is_starved = 0;
    ret = mbedtls_ssl_handshake_step(&tls->ssl);
    if (ret == MBEDTLS_ERR_SSL_WANT_READ && !tls->is_starved) {
      ret = 0;
    }
    state = ssl->MBEDTLS_PRIVATE(state);
    /* a resumption has no certificates */
    tls->is_full |= state == MBEDTLS_SSL_SERVER_CERTIFICATE;
    if (ret == 0 && state == MBEDTLS_SSL_HANDSHAKE_OVER) {
      ret = tls_check_verified(tls);
      tls->is_done = ret == 0;
    }
  }
  if (ret == 0) {
    (void)sipws_conn_set_secure(tls->conn, 1);
  }
  return ret;
}

/* One record a call: if the next one is bad, what came before has been given
 * by then, however the input was cut. */
static int tls_read(struct sipws__tls *tls, uint8_t *out, size_t size,
                    size_t *given) {
  int ret = 0;
  tls->is_reading = 1;
  while (*given < size) {
    tls->is_starved = 0;
    ret = mbedtls_ssl_read(&tls->ssl, out + *given, size - *given);
    if (ret > 0) {
      *given += (size_t)ret;
      if (mbedtls_ssl_get_bytes_avail(&tls->ssl) == 0) {
        break;
      }
    } else if (ret < 0 && !tls_takes_ticket(tls, ret) &&
               (ret != MBEDTLS_ERR_SSL_WANT_READ || tls->is_starved)) {
      break;
    }
  }
  tls->is_reading = 0;
  return ret;
}

static int tls_input(sipws_conn *conn, const uint8_t *data, size_t len,
                     size_t *taken, uint8_t *out, size_t out_size,
                     size_t *given, void *state) {
  struct sipws__tls *tls = state;
  int ret;
  (void)conn;
  tls->is_begun = 1;
  if (tls->error != 0) {
    return tls->error;
  }
  tls->in = data;
  tls->in_len = len;
  if (tls_is_foreign(tls)) {
    return sipws__tls_fail(tls, SIPWS_TLS_NOT_TLS, 0);
  }
  ret = tls->is_done ? 0 : tls_handshake(tls);
  if (ret == 0) {
    ret = tls_read(tls, out, out_size, given);
  }
  *taken = len - tls->in_len;
  tls->in_len = 0;
  return tls_answer(tls, ret);
}

static int tls_end(sipws_conn *conn, void *state) {
  struct sipws__tls *tls = state;
  (void)conn;
  if (tls->error == 0) {
    (void)sipws__tls_fail(tls, SIPWS_TLS_TRUNCATED, 0);
    if (tls->is_done) {
      tls->error = SIPWS_ERR_TRUNCATED;
    }
  }
  return tls->error;
}

/* ---- octets out ---- */

/* One record: what the connection gives in one piece leaves in one. */
static int tls_output(sipws_conn *conn, const uint8_t *data, size_t len,
                      size_t *taken, void *state) {
  struct sipws__tls *tls = state;
  int ret;
  (void)conn;
  if (tls->error != 0 || !tls->is_done) {
    return tls->error;
  }
  do {
    ret = mbedtls_ssl_write(&tls->ssl, data, len);
  } while (tls_takes_ticket(tls, ret));
  if (ret >= 0) {
    *taken = (size_t)ret;
  }
  return tls_answer(tls, ret);
}

static void tls_shut(sipws_conn *conn, void *state) {
  struct sipws__tls *tls = state;
  (void)conn;
  if (tls->error == 0 && tls->is_done) {
    (void)mbedtls_ssl_close_notify(&tls->ssl);
  }
}

static void tls_free(void *state) {
  sipws__tls_free(state);
}

const sipws_stage sipws__tls_stage = {
    sizeof(sipws_stage), tls_input, tls_output, tls_end, tls_shut, tls_free};
