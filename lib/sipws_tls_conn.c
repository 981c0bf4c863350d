/* tls: one connection's, from attach to free. */
#include "sipws_tls.h"

#include <sipws/sip.h>

#include <string.h>

/* ---- life ---- */

void sipws__tls_free(struct sipws__tls *tls) {
  sipws_tls_config *config = tls->config;
  struct sipws__mem mem = config->mem;
  mbedtls_ssl_free(&tls->ssl);
  sipws__mem_free(&mem, tls->name, tls->name_len + 1);
  sipws__mem_free(&mem, tls, sizeof *tls);
  sipws__tls_config_drop(config);
}

static int conn_new(sipws_tls_config *config, sipws_conn *conn,
                    struct sipws__tls **tls) {
  struct sipws__tls *made = sipws__mem_new(&config->mem, sizeof *made);
  if (made == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->conn = conn;
  made->alert = -1;
  made->config = config;
  sipws__tls_config_hold(config);
  mbedtls_ssl_init(&made->ssl);
  if (mbedtls_ssl_setup(&made->ssl, &config->ssl) != 0) {
    sipws__tls_free(made);
    return SIPWS_ERR_NOMEM; /* it does nothing else that can fail */
  }
  mbedtls_ssl_set_bio(&made->ssl, made, sipws__tls_send, sipws__tls_recv, NULL);
  mbedtls_ssl_set_verify(&made->ssl, sipws__tls_verify, made);
  *tls = made;
  return 0;
}

/* ---- names ---- */

int sipws__tls_keep_name(struct sipws__tls *tls, const char *name, size_t len) {
  const struct sipws__mem *mem = &tls->config->mem;
  char *copy = sipws__mem_new(mem, len + 1);
  if (copy == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memcpy(copy, name, len);
  copy[len] = '\0';
  sipws__mem_free(mem, tls->name, tls->name_len + 1);
  tls->name = copy;
  tls->name_len = len;
  return 0;
}

/* Whom the server's certificate must name. */
static int conn_set_name(struct sipws__tls *tls, const char *name, size_t len) {
  const char *sni;
  int err;
  if (len > 0 && name[len - 1] == '.') {
    len--; /* RFC 6066 section 3 */
  }
  if (len == 0 || len > SIPWS__TLS_NAME_MAX) {
    return SIPWS_ERR_TEXT;
  }
  err = sipws__tls_keep_name(tls, name, len);
  if (err != 0) {
    return err;
  }
  /* RFC 6066 section 3: no address in the SNI; the verify callback checks it */
  sni = sipws__tls_is_address(tls->name, len) ? NULL : tls->name;
  return mbedtls_ssl_set_hostname(&tls->ssl, sni) != 0 ? SIPWS_ERR_NOMEM : 0;
}

static int conn_name_from_url(struct sipws__tls *tls) {
  sipws_url view;
  const char *url;
  size_t len;
  int err = sipws_conn_url(tls->conn, &url, &len);
  if (err != 0) {
    return err;
  }
  view.struct_size = sizeof view;
  err = sipws_url_parse(url, len, &view);
  if (err == 0 && !view.secure) {
    err = SIPWS_ERR_URL;
  }
  if (err == 0) {
    err = conn_set_name(tls, url + view.host.off, view.host.len);
  }
  return err == SIPWS_ERR_TEXT ? SIPWS_ERR_URL : err;
}

/* ---- attach ---- */

int sipws_tls_attach(sipws_tls_config *config, sipws_conn *conn) {
  struct sipws__tls *tls = NULL;
  int err;
  if (config == NULL || conn == NULL || sipws_conn_role(conn) != config->role) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__tls_config_is_ready(config)) {
    return SIPWS_ERR_STATE;
  }
  err = conn_new(config, conn, &tls);
  if (err != 0) {
    return err;
  }
  if (config->role == SIPWS_CLIENT) {
    err = conn_name_from_url(tls);
  }
  if (err == 0) {
    err = sipws_conn_add_stage(conn, &sipws__tls_stage, tls);
  }
  if (err != 0) {
    sipws__tls_free(tls);
  }
  return err;
}

int sipws__tls_find(const sipws_conn *conn, struct sipws__tls **tls) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *tls = sipws_conn_stage_state(conn, &sipws__tls_stage);
  return *tls == NULL ? SIPWS_ERR_NOT_FOUND : 0;
}

int sipws__tls_find_done(const sipws_conn *conn, struct sipws__tls **tls) {
  int err = sipws__tls_find(conn, tls);
  return err == 0 && !(*tls)->is_done ? SIPWS_ERR_STATE : err;
}

int sipws__tls_find_fresh(const sipws_conn *conn, struct sipws__tls **tls) {
  int err = sipws__tls_find(conn, tls);
  return err == 0 && ((*tls)->is_begun || (*tls)->config->role != SIPWS_CLIENT)
             ? SIPWS_ERR_STATE
             : err;
}

int sipws_tls_set_name(sipws_conn *conn, const char *name, size_t len) {
  struct sipws__tls *tls;
  size_t url_len;
  int err;
  if (name == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws__tls_find_fresh(conn, &tls);
  if (err == 0 && tls->has_session) {
    err = SIPWS_ERR_STATE; /* it may stand for the check of this name alone */
  }
  if (err != 0) {
    return err;
  }
  /* a host is what fits into a URL */
  err = sipws_url_build(1, name, len, 0, NULL, 0, NULL, 0, &url_len);
  return err == SIPWS_ERR_BUFFER ? conn_set_name(tls, name, len)
                                 : SIPWS_ERR_TEXT;
}

/* ---- what happened ---- */

int sipws_tls_reason(const sipws_conn *conn) {
  struct sipws__tls *tls;
  int err = sipws__tls_find(conn, &tls);
  return err != 0 ? err : tls->reason;
}

int sipws_tls_native_error(const sipws_conn *conn) {
  struct sipws__tls *tls;
  int err = sipws__tls_find(conn, &tls);
  return err != 0 ? err : tls->native_error;
}

int sipws_tls_alert(const sipws_conn *conn) {
  struct sipws__tls *tls;
  int err = sipws__tls_find(conn, &tls);
  return err != 0 ? err : tls->alert;
}

/* ---- what was agreed ---- */

int sipws_tls_version(const sipws_conn *conn) {
  struct sipws__tls *tls;
  int err = sipws__tls_find_done(conn, &tls);
  if (err != 0) {
    return err;
  }
  return strcmp(mbedtls_ssl_get_version(&tls->ssl), "TLSv1.3") == 0 ? 0x0304
                                                                    : 0x0303;
}

const char *sipws_tls_suite(const sipws_conn *conn) {
  struct sipws__tls *tls;
  return sipws__tls_find_done(conn, &tls) != 0
             ? NULL
             : mbedtls_ssl_get_ciphersuite(&tls->ssl);
}

int sipws_tls_is_resumed(const sipws_conn *conn) {
  struct sipws__tls *tls;
  return sipws__tls_find_done(conn, &tls) == 0 && !tls->is_full;
}

int sipws_tls_is_verified(const sipws_conn *conn) {
  struct sipws__tls *tls;
  if (sipws__tls_find_done(conn, &tls) != 0 ||
      mbedtls_ssl_get_verify_result(&tls->ssl) != 0) {
    return 0;
  }
  if (tls->config->role == SIPWS_CLIENT) {
    return !tls->config->is_insecure;
  }
  /* a resumption in TLS 1.3 counts as verified, whoever the client is */
  return mbedtls_ssl_get_peer_cert(&tls->ssl) != NULL;
}

int sipws_tls_server_name(const sipws_conn *conn, const char **name,
                          size_t *len) {
  struct sipws__tls *tls;
  int err;
  if (name == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws__tls_find_done(conn, &tls);
  if (err != 0) {
    return err;
  }
  *name = tls->name;
  *len = tls->name_len;
  return 0;
}
