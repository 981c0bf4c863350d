/* What TLS adds to a server's connection: heap, fresh and idle, and CPU time of
 * a handshake, full and resumed. In memory; the clients are freed, the servers
 * stay. Prints lines, fields parted by tabs: tls KIND FRESH IDLE CPU, octets of
 * heap and ns of the server's handshake. */
#include "certs.h"

#include <sipws/tls.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TLS_CONNS = 200, TLS_TRIM_MS = 6000 };

struct tls_bench {
  sipws_config *config;
  sipws_tls_config *client_tls, *server_tls; /* NULL: without TLS */
  uint8_t session[4096];
  size_t session_len; /* 0: none to resume */
  uint64_t cpu_ns;    /* of the server */
};

static void need(int error, const char *what) {
  if (error != 0) {
    fprintf(stderr, "many_tls: %s: %s\n", what, sipws_error_text(error));
    exit(1);
  }
}

static uint64_t cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Moves what is pending; what either call of the server takes counts. */
static size_t move(sipws_conn *from, sipws_conn *to, uint64_t *from_ns,
                   uint64_t *to_ns) {
  const uint8_t *data;
  size_t moved = 0;
  for (;;) {
    size_t len, taken;
    uint64_t begin = cpu_ns();
    need(sipws_conn_pending(from, 0, &data, &len), "pending");
    *from_ns += cpu_ns() - begin;
    if (len == 0) {
      return moved;
    }
    begin = cpu_ns();
    need(sipws_conn_feed(to, data, len, 0, &taken), "feed");
    *to_ns += cpu_ns() - begin;
    need(sipws_conn_taken(from, len, 0), "taken");
    moved += len;
  }
}

/* A server's connection that is open, and the client's for it. */
static void open_pair(struct tls_bench *bench, sipws_conn **client,
                      sipws_conn **server) {
  int is_tls = bench->server_tls != NULL;
  const char *url = is_tls ? "wss://h.example/" : "ws://h.example/";
  uint64_t client_ns = 0;
  need(sipws_client_new(bench->config, url, strlen(url), NULL, 0, client),
       "client");
  need(sipws_server_new(bench->config, NULL, 0, server), "server");
  if (is_tls) {
    need(sipws_tls_attach(bench->client_tls, *client), "client's TLS");
    need(sipws_tls_attach(bench->server_tls, *server), "server's TLS");
  }
  if (bench->session_len > 0) {
    need(sipws_tls_set_session(*client, bench->session, bench->session_len),
         "session");
  }
  while (move(*client, *server, &client_ns, &bench->cpu_ns) +
             move(*server, *client, &bench->cpu_ns, &client_ns) >
         0) {
  }
  if (sipws_conn_state(*server) != SIPWS_STATE_OPEN ||
      (is_tls && sipws_tls_is_resumed(*server) != (bench->session_len > 0))) {
    fprintf(stderr, "many_tls: not open, or not resumed\n");
    exit(1);
  }
}

static void measure(struct tls_bench *bench, const char *kind) {
  static sipws_conn *servers[TLS_CONNS];
  double fresh, idle;
  size_t before = mallinfo2().uordblks;
  int i;
  bench->cpu_ns = 0;
  for (i = 0; i < TLS_CONNS; i++) {
    sipws_conn *client;
    open_pair(bench, &client, &servers[i]);
    sipws_conn_free(client);
  }
  fresh = (double)(mallinfo2().uordblks - before) / TLS_CONNS;
  for (i = 0; i < TLS_CONNS; i++) {
    need(sipws_conn_tick(servers[i], TLS_TRIM_MS), "tick");
  }
  idle = (double)(mallinfo2().uordblks - before) / TLS_CONNS;
  printf("tls\t%s\t%.0f\t%.0f\t%.0f\n", kind, fresh, idle,
         (double)bench->cpu_ns / TLS_CONNS);
  for (i = 0; i < TLS_CONNS; i++) {
    sipws_conn_free(servers[i]);
  }
}

static void make_tls(struct tls_bench *bench) {
  static struct cert root, leaf;
  cert_make_root(&root, "CN=root");
  cert_make_leaf(&leaf, "dns:h.example", &root);
  need(sipws_tls_config_new(SIPWS_CLIENT, NULL, NULL, sipws_os_random, NULL,
                            &bench->client_tls),
       "client's TLS");
  need(sipws_tls_config_new(SIPWS_SERVER, NULL, NULL, sipws_os_random, NULL,
                            &bench->server_tls),
       "server's TLS");
  need(sipws_tls_config_add_ca(bench->client_tls, root.own, strlen(root.own)),
       "CA");
  need(sipws_tls_config_add_identity(bench->server_tls, leaf.chain,
                                     strlen(leaf.chain), leaf.key,
                                     strlen(leaf.key), NULL, 0),
       "identity");
  cert_free(&leaf);
  cert_free(&root);
}

/* A session for those to come. */
static void learn(struct tls_bench *bench) {
  sipws_conn *client, *server;
  open_pair(bench, &client, &server);
  need(sipws_tls_session(client, bench->session, sizeof bench->session,
                         &bench->session_len),
       "session");
  sipws_conn_free(client);
  sipws_conn_free(server);
}

/* With one callback nobody has to pull events. */
static void on_open(sipws_conn *conn, void *user) {
  (void)conn, (void)user;
}

int main(void) {
  static struct tls_bench bench;
  need(sipws_config_new(NULL, NULL, &bench.config), "config");
  need(sipws_config_set_random(bench.config, sipws_os_random, NULL), "random");
  need(sipws_config_on_open(bench.config, on_open), "on_open");
  measure(&bench, "ws");
  make_tls(&bench);
  measure(&bench, "wss");
  learn(&bench);
  measure(&bench, "resumed");
  sipws_tls_config_free(bench.client_tls);
  sipws_tls_config_free(bench.server_tls);
  sipws_config_free(bench.config);
  return 0;
}
