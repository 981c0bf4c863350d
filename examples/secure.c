#include "secure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "net.h"

enum { SECURE_DIAL_MS = 10000 };

/* ------------------------------------------------------------- options -- */

int secure_option(struct secure *secure, const char *name, const char *value) {
  const struct {
    const char *name;
    const char **place;
  } options[] = {{"--cert", &secure->cert},
                 {"--key", &secure->key},
                 {"--ca", &secure->ca},
                 {"--crl", &secure->crl},
                 {"--proxy", &secure->proxy}};
  size_t i;
  if (strcmp(name, "--insecure-no-verification") == 0) {
    secure->insecure = 1;
    return 1;
  }
  for (i = 0; i < sizeof options / sizeof *options; i++) {
    if (strcmp(name, options[i].name) == 0) {
      if (value == NULL) {
        fprintf(stderr, "%s wants a value\n", name);
        return -1;
      }
      *options[i].place = value;
      return 2;
    }
  }
  return 0;
}

/* ---------------------------------------------------------- TLS config -- */

static int secure_is_wss(const char *url, size_t len) {
  sipws_url view = {.struct_size = sizeof view};
  return sipws_url_parse(url, len, &view) == 0 && view.secure;
}

/* ": reason (mbedTLS -0x1234)", the number only if there is one. */
static void secure_print_reason(int reason, int native) {
  fprintf(stderr, ": %s", sipws_tls_reason_text(reason));
  if (native != 0) {
    fprintf(stderr, " (mbedTLS -0x%04x)", (unsigned)-native);
  }
}

static int secure_fail(const sipws_tls_config *tls, const char *what,
                       int error) {
  fputs(what, stderr);
  if (error == SIPWS_ERR_TLS) {
    secure_print_reason(sipws_tls_config_reason(tls),
                        sipws_tls_config_native_error(tls));
  } else {
    fprintf(stderr, ": %s", sipws_error_text(error));
  }
  fputs("\n", stderr);
  return -1;
}

/* Options that would go by without a word, and with them TLS. */
static int secure_check(const struct secure *secure, int role) {
  if (secure->cert == NULL && secure->key != NULL) {
    fprintf(stderr, "--key wants a --cert too\n");
    return -1;
  }
  if (role == SIPWS_SERVER && secure->cert == NULL && secure->ca != NULL) {
    fprintf(stderr, "--ca wants --cert and --key too\n");
    return -1;
  }
  if (role == SIPWS_SERVER && secure->ca == NULL && secure->crl != NULL) {
    fprintf(stderr, "--crl wants a --ca too\n");
    return -1;
  }
  if (role == SIPWS_SERVER && (secure->proxy != NULL || secure->insecure)) {
    fprintf(stderr, "%s is for clients\n",
            secure->proxy != NULL ? "--proxy" : "--insecure-no-verification");
    return -1;
  }
  return 0;
}

/* Who we are. */
static int secure_identity(const struct secure *secure, sipws_tls_config *tls) {
  int error;
  if (secure->cert == NULL) {
    return 0;
  }
  if (secure->key == NULL) {
    fprintf(stderr, "--cert wants a --key too\n");
    return -1;
  }
  error = sipws_tls_config_add_identity_files(tls, secure->cert,
                                              strlen(secure->cert), secure->key,
                                              strlen(secure->key), NULL, 0);
  if (error != 0) {
    fprintf(stderr, "--cert %s, --key %s", secure->cert, secure->key);
    return secure_fail(tls, "", error);
  }
  return 0;
}

/* Whom we trust. */
static int secure_trust(const struct secure *secure, sipws_tls_config *tls,
                        int role) {
  struct stat facts;
  int error = 0;
  if (secure->insecure) {
    error = sipws_tls_config_set_insecure_no_verification(tls, 1);
  } else if (secure->ca == NULL) {
    error = role == SIPWS_CLIENT ? sipws_tls_config_add_system_ca(tls) : 0;
  } else if (stat(secure->ca, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    error = sipws_tls_config_add_ca_dir(tls, secure->ca, strlen(secure->ca));
  } else {
    error = sipws_tls_config_add_ca_file(tls, secure->ca, strlen(secure->ca));
  }
  if (error == 0 && role == SIPWS_SERVER && secure->ca != NULL) {
    error = sipws_tls_config_set_client_cert(tls, SIPWS_TLS_CLIENT_REQUIRED);
  }
  return error == 0
             ? 0
             : secure_fail(tls,
                           secure->ca != NULL ? secure->ca : "the system's CAs",
                           error);
}

/* Whom no longer. */
static int secure_revoke(const struct secure *secure, sipws_tls_config *tls) {
  int error = 0;
  if (secure->crl != NULL) {
    error =
        sipws_tls_config_add_crl_file(tls, secure->crl, strlen(secure->crl));
  }
  return error == 0 ? 0 : secure_fail(tls, secure->crl, error);
}

int secure_start(struct secure *secure, const char *url) {
  int role = url == NULL ? SIPWS_SERVER : SIPWS_CLIENT;
  sipws_tls_config *tls = NULL;
  int error;
  if (secure_check(secure, role) != 0) {
    return -1;
  }
  if (url == NULL ? secure->cert == NULL : !secure_is_wss(url, strlen(url))) {
    return 0;
  }
  error = sipws_tls_config_new(role, NULL, NULL, sipws_os_random, NULL, &tls);
  if (error != 0) {
    return secure_fail(NULL, "TLS", error);
  }
  if (secure_identity(secure, tls) != 0 ||
      secure_trust(secure, tls, role) != 0 || secure_revoke(secure, tls) != 0) {
    sipws_tls_config_free(tls);
    return -1;
  }
  sipws_tls_config_free(secure->tls);
  secure->tls = tls;
  return 0;
}

int secure_is_on(const struct secure *secure) {
  return secure->tls != NULL;
}

void secure_free(struct secure *secure) {
  sipws_tls_config_free(secure->tls);
  secure->tls = NULL;
}

/* ---------------------------------------------------------- connection -- */

/* What of --proxy is "USER:PASSWORD", if anything: its length. */
static size_t secure_proxy_login(const struct secure *secure) {
  const char *at = strrchr(secure->proxy, '@');
  return at == NULL ? 0 : (size_t)(at - secure->proxy);
}

int secure_proxy_place(const struct secure *secure, char *host,
                       size_t host_size, char *port, size_t port_size) {
  const char *at = strrchr(secure->proxy, '@');
  return net_split(at != NULL ? at + 1 : secure->proxy, host, host_size, port,
                   port_size);
}

static int secure_dial_proxy(const struct secure *secure) {
  char host[256];
  char port[8];
  if (secure_proxy_place(secure, host, sizeof host, port, sizeof port) != 0) {
    return -1;
  }
  return net_dial(host, (uint16_t)strtoul(port, NULL, 10), SECURE_DIAL_MS);
}

int secure_dial(const struct secure *secure, const char *url) {
  sipws_url view = {.struct_size = sizeof view};
  char host[256];
  if (sipws_url_parse(url, strlen(url), &view) != 0 ||
      view.host.len >= sizeof host) {
    fprintf(stderr, "%s: not a URL; write ws://HOST[:PORT]/[PATH] or wss://…\n",
            url);
    return -1;
  }
  if (secure->proxy != NULL) {
    return secure_dial_proxy(secure);
  }
  snprintf(host, sizeof host, "%.*s", (int)view.host.len, url + view.host.off);
  return net_dial(host, (uint16_t)view.port, SECURE_DIAL_MS);
}

static int secure_add_tunnel(const struct secure *secure, sipws_conn *conn) {
  size_t login = secure_proxy_login(secure);
  const char *colon = memchr(secure->proxy, ':', login);
  size_t user = colon == NULL ? login : (size_t)(colon - secure->proxy);
  size_t password = user < login ? user + 1 : login;
  return sipws_conn_add_tunnel(conn, secure->proxy, user,
                               secure->proxy + password, login - password);
}

static int secure_is_wanted(const struct secure *secure,
                            const sipws_conn *conn) {
  const char *url;
  size_t len;
  if (sipws_conn_role(conn) == SIPWS_SERVER) {
    return secure_is_on(secure);
  }
  return sipws_conn_url(conn, &url, &len) == 0 && secure_is_wss(url, len);
}

int secure_attach(const struct secure *secure, sipws_conn *conn) {
  int error = 0;
  if (secure->proxy != NULL) {
    error = secure_add_tunnel(secure, conn);
  }
  if (error == 0 && secure_is_wanted(secure, conn)) {
    error = sipws_tls_attach(secure->tls, conn);
  }
  return error;
}

void secure_explain(const char *who, const sipws_conn *conn) {
  int cause = sipws_conn_cause(conn);
  fprintf(stderr, "%s: %s", who, sipws_cause_text(cause));
  if (cause == SIPWS_CAUSE_TLS) {
    secure_print_reason(sipws_tls_reason(conn), sipws_tls_native_error(conn));
    if (sipws_tls_alert(conn) >= 0) {
      fprintf(stderr, ", alert %d", sipws_tls_alert(conn));
    }
  } else if (cause == SIPWS_CAUSE_PROXY &&
             sipws_conn_tunnel_status(conn) != 0) {
    fprintf(stderr, ": status %d", sipws_conn_tunnel_status(conn));
  } else if (cause == SIPWS_CAUSE_REFUSED) {
    fprintf(stderr, ": HTTP status %d", sipws_conn_http_status(conn));
  } else {
    fprintf(stderr, ": close code %u, %s",
            (unsigned)sipws_conn_close_code(conn),
            sipws_error_text(sipws_conn_error(conn)));
  }
  fputs("\n", stderr);
}
