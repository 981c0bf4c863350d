/* What the examples need for wss: the command line's words on certificates, a
 * TLS config made from them, the way through an HTTP proxy, and reasons that a
 * person can act on. */
#ifndef EXAMPLES_SECURE_H
#define EXAMPLES_SECURE_H

#include <sipws/front.h>
#include <sipws/tls.h>

#define SECURE_SERVER_HELP                                                     \
  "  --cert FILE         serve wss with this certificate chain (PEM) …\n"    \
  "  --key FILE          … and its key\n"                                    \
  "  --ca FILE           ask clients for a certificate of this CA\n"           \
  "  --crl FILE          its CRL: refuse those that it revoked\n"

#define SECURE_CLIENT_HELP                                                      \
  "  --ca FILE           CA to trust for wss, a file or a directory; "          \
  "default:\n"                                                                  \
  "                      those of the system\n"                                 \
  "  --crl FILE          CRLs of CAs: refuse certificates that they revoked\n"  \
  "  --cert FILE         show this certificate (PEM) to the server, with …\n" \
  "  --key FILE          … its key\n"                                         \
  "  --proxy HOST:PORT   go through this HTTP proxy (CONNECT); "                \
  "USER:PASSWORD@\n"                                                            \
  "                      may stand before it\n"                                 \
  "  --insecure-no-verification\n"                                              \
  "                      take any server for the right one; for tests alone\n"

/* All zero at first; texts are the command line's. */
struct secure {
  const char *cert;
  const char *key;
  const char *ca;
  const char *crl;
  const char *proxy;
  int insecure;
  sipws_tls_config *tls;
};

/* Takes the option |name| ("--cert") with its |value|, which may be NULL: how
 * many arguments that was, 0 when it is none of these, -1 when the value is
 * missing, with a message on stderr. */
int secure_option(struct secure *secure, const char *name, const char *value);

/* Makes the TLS config: of a server (|url| NULL) if there is a certificate, of
 * a client if |url| is a wss one. Called again it replaces it, and connections
 * that use the old one go on. 0, or -1 with a message on stderr and the old one
 * kept. */
int secure_start(struct secure *secure, const char *url);

/* 1 when a server has TLS. */
int secure_is_on(const struct secure *secure);

/* Where the HTTP proxy of --proxy is, which must be given; as net_split. */
int secure_proxy_place(const struct secure *secure, char *host,
                       size_t host_size, char *port, size_t port_size);

/* A socket connected to where a client's |url| says, or to the HTTP proxy;
 * -1 with a message on stderr. */
int secure_dial(const struct secure *secure, const char *url);

/* Puts below a new connection what there has to be: CONNECT, TLS. A SIPWS_ERR_
 * number. */
int secure_attach(const struct secure *secure, sipws_conn *conn);

/* Writes to stderr why a connection that is closed ended, the reason of TLS or
 * the HTTP proxy's status included. */
void secure_explain(const char *who, const sipws_conn *conn);

void secure_free(struct secure *secure);

#endif /* EXAMPLES_SECURE_H */
