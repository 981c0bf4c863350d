/* tls: a client's session as octets. Behind a tag comes what mbedTLS writes.
 * The tag says what the server was checked for: the session resumes in the
 * place of such a check, so it is taken only where the same one is asked. */
#include "sipws_tls.h"

#include <string.h>

static void session_tag(const struct sipws__tls *tls,
                        uint8_t tag[SIPWS__TLS_DIGEST]) {
  uint8_t parts[2 * SIPWS__TLS_DIGEST + 1];
  memcpy(parts, tls->config->trust, SIPWS__TLS_DIGEST);
  sipws__tls_digest(tls->name, tls->name_len, parts + SIPWS__TLS_DIGEST);
  parts[2 * SIPWS__TLS_DIGEST] = tls->config->is_insecure;
  sipws__tls_digest(parts, sizeof parts, tag);
}

int sipws_tls_set_session(sipws_conn *conn, const void *session, size_t len) {
  const uint8_t *octets = session;
  uint8_t tag[SIPWS__TLS_DIGEST];
  mbedtls_ssl_session loaded;
  struct sipws__tls *tls;
  int err = sipws__tls_find_fresh(conn, &tls);
  int ret;
  if (err != 0) {
    return err;
  }
  if (session == NULL) {
    return SIPWS_ERR_INVALID;
  }
  session_tag(tls, tag);
  if (len < sizeof tag || memcmp(octets, tag, sizeof tag) != 0) {
    return SIPWS_ERR_TLS;
  }
  mbedtls_ssl_session_init(&loaded);
  ret =
      mbedtls_ssl_session_load(&loaded, octets + sizeof tag, len - sizeof tag);
  if (ret == 0) {
    ret = mbedtls_ssl_set_session(&tls->ssl, &loaded);
  }
  mbedtls_ssl_session_free(&loaded);
  if (ret == 0) {
    tls->has_session = 1;
    return 0;
  }
  return sipws__tls_reason_of_number(ret) == SIPWS_TLS_MEMORY ? SIPWS_ERR_NOMEM
                                                              : SIPWS_ERR_TLS;
}

/* With TLS 1.3 there is one once a ticket came. */
static int session_is_there(const struct sipws__tls *tls,
                            const sipws_conn *conn) {
  return tls->config->resumes &&
         (tls->has_ticket || sipws_tls_version(conn) == 0x0303);
}

int sipws_tls_session(const sipws_conn *conn, void *out, size_t out_size,
                      size_t *out_len) {
  struct sipws__tls *tls;
  const mbedtls_ssl_context *ssl;
  uint8_t *octets = out;
  size_t room = 0;
  size_t len = 0;
  int err = sipws__tls_find_done(conn, &tls);
  int ret;
  if (err != 0) {
    return err;
  }
  if ((out == NULL && out_size > 0) || out_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (tls->config->role != SIPWS_CLIENT) {
    return SIPWS_ERR_STATE;
  }
  if (!session_is_there(tls, conn)) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (out_size > SIPWS__TLS_DIGEST) {
    room = out_size - SIPWS__TLS_DIGEST;
    octets += SIPWS__TLS_DIGEST;
  }
  ssl = &tls->ssl;
  ret = mbedtls_ssl_session_save(ssl->MBEDTLS_PRIVATE(session), octets, room,
                                 &len);
  if (ret == 0 || ret == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL) {
    *out_len = SIPWS__TLS_DIGEST + len;
  }
  if (ret != 0) {
    return ret == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL ? SIPWS_ERR_BUFFER
                                                   : SIPWS_ERR_NOT_FOUND;
  }
  session_tag(tls, out);
  return 0;
}
