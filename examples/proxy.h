/* What the parts of proxy share. */
#ifndef EXAMPLES_PROXY_H
#define EXAMPLES_PROXY_H

#include <stdio.h>

#include "net.h"
#include "secure.h"

#define PROXY_KEY_LEN 32
#define PROXY_DOMAINS 16
/* A whole message and what we add to it. */
#define PROXY_TEXT_SIZE (2 * 65536)
/* A whole datagram and what its Via gets. */
#define PROXY_DATAGRAM_SIZE (65536 + 256)

struct auth_user;
struct binding;

/* How one of our two sides is called in Via and in the URIs that lead to it. */
struct proxy_name {
  char text[300]; /* HOST:PORT, or HOST */
  char host[300]; /* IPv6 with brackets */
  uint32_t port;  /* 0: none */
};

struct proxy {
  struct net_server server;
  sipws_config *config;
  struct secure secure;
  const char *listen;    /* HOST:PORT */
  const char *plain;     /* likewise, a second one without TLS, or NULL */
  const char *datagrams; /* where to listen for UDP, or NULL */
  const char *trust;     /* who may stand in front; "": nobody */
  int told_by;         /* sipws_client_source: where those tell of the client */
  uint32_t ping_ms;    /* to an idle client */
  const char *origins; /* NULL: any page may call */
  const char *web_dir; /* NULL: no files are served */
  const char *domains[PROXY_DOMAINS]; /* none: every domain is ours */
  int domain_count;
  int verbose;
  struct proxy_name ws;
  struct proxy_name udp; /* empty: there is no UDP */
  struct net_address udp_address;
  struct net_address registrar; /* somebody else's; none: we are it */
  FILE *clf;                    /* the log of all messages, or NULL */

  /* One key a purpose, so that what is made for one is worth nothing for
   * another; drawn at start. */
  uint8_t route_key[PROXY_KEY_LEN]; /* flow tokens in Record-Route */
  uint8_t via_key[PROXY_KEY_LEN];   /* flow tokens in Via */
  uint8_t hash_key[PROXY_KEY_LEN];  /* branches, tags, nonces */

  struct auth_user *users; /* NULL: nobody is asked who they are */
  struct binding *bindings;
  unsigned binding_count;
  char text[PROXY_TEXT_SIZE];         /* the message that is being written */
  char datagram[PROXY_DATAGRAM_SIZE]; /* the one received last */
};

#endif /* EXAMPLES_PROXY_H */
