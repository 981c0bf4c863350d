/* What most tests of TLS begin with: a client that trusts a root, and a server
 * that shows a leaf below it. */
#ifndef SIPWS_TEST_TLS_BOTH_H
#define SIPWS_TEST_TLS_BOTH_H

#include "test_tls.h"

static struct end client, server;
static struct cert root, leaf;

/* For a group of tests, before the first and behind the last. */
static inline int make_certs(void **state) {
  (void)state;
  cert_make_root(&root, "CN=root");
  cert_make_leaf(&leaf, "dns:h.example", &root);
  return 0;
}

static inline int free_certs(void **state) {
  (void)state;
  cert_free(&root);
  cert_free(&leaf);
  return 0;
}

/* Configs, for what else a test sets in them. */
static inline void both_begin(void) {
  end_config(&client, SIPWS_CLIENT);
  end_config(&server, SIPWS_SERVER);
  end_trust(&client, &root);
  end_show(&server, &leaf);
}

static inline void both_start(void) {
  end_client(&client, "wss://h.example/");
  end_server(&server);
}

static inline void both_free(void) {
  end_free(&client);
  end_free(&server);
}

#endif /* SIPWS_TEST_TLS_BOTH_H */
