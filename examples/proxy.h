/* What the parts of proxy share. */
#ifndef EXAMPLES_PROXY_H
#define EXAMPLES_PROXY_H

#include "net.h"
#include "secure.h"

#define PROXY_KEY_LEN 32
#define PROXY_DOMAINS 16
/* A whole message and what we add to it. */
#define PROXY_TEXT_SIZE (2 * 65536)

struct auth_user;
struct binding;

struct proxy {
  struct net_server server;
  sipws_config *config;
  struct secure secure;
  const char *plain;   /* a second listener, or NULL */
  const char *trust;   /* who may stand in front; "": nobody */
  int told_by;         /* sipws_client_source: where those tell of the client */
  uint32_t ping_ms;    /* to an idle client */
  const char *origins; /* NULL: any page may call */
  const char *web_dir; /* NULL: no files are served */
  const char *domains[PROXY_DOMAINS]; /* none: every domain is ours */
  int domain_count;
  int verbose;
  char name[300]; /* HOST:PORT of our Via and of the URIs that lead to us */
  char host[300]; /* HOST alone, IPv6 with brackets */

  /* One key a purpose, so that what is made for one is worth nothing for
   * another; drawn at start. */
  uint8_t route_key[PROXY_KEY_LEN]; /* flow tokens in Record-Route */
  uint8_t via_key[PROXY_KEY_LEN];   /* flow tokens in Via */
  uint8_t hash_key[PROXY_KEY_LEN];  /* branches, tags, nonces */

  struct auth_user *users; /* NULL: nobody is asked who they are */
  struct binding *bindings;
  unsigned binding_count;
  char text[PROXY_TEXT_SIZE]; /* the message that is being written */
};

#endif /* EXAMPLES_PROXY_H */
