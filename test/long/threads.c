/* Many connections on many threads, for ThreadSanitizer: all share one config
 * of each role, and TLS configs too; a connection moves from thread to thread
 * under its caller's lock. Every message has to arrive, in order.
 *
 *   threads [SECONDS] [THREADS]
 */
#include "certs.h"

#include <sipws/sipws.h>
#include <sipws/tls.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAIRS 64
#define THREADS_MAX 64
#define BURST 8

/* Client and server with the octets between them moved at once. */
struct pair {
  pthread_mutex_t lock;
  int is_tls;
  sipws_conn *client, *server;
  unsigned long sent[2], got[2]; /* by role of the sender */
};

static struct pair pairs[PAIRS];
static sipws_config *config;
static sipws_tls_config *tls[2]; /* by role */
static time_t end;

static void need(int good, const char *what) {
  if (!good) {
    fprintf(stderr, "threads: %s\n", what);
    abort();
  }
}

/* ---- one pair; its lock is held ---- */

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct pair *pair = user;
  int from = conn == pair->client ? SIPWS_SERVER : SIPWS_CLIENT;
  char expected[32];
  int n = snprintf(expected, sizeof expected, "Call-ID: %lu\r\n",
                   pair->got[from]++);
  (void)kind;
  need(verdict == SIPWS_SIP_OK && len > (size_t)n + 4, "not the message");
  need(memcmp(msg + len - n - 2, expected, (size_t)n) == 0, "out of order");
  return 0;
}

static size_t pair_carry(sipws_conn *from, sipws_conn *to) {
  const uint8_t *data;
  size_t len, taken;
  size_t moved = 0;
  while (sipws_conn_state(to) != SIPWS_STATE_CLOSED &&
         sipws_conn_pending(from, 0, &data, &len) == 0 && len > 0) {
    need(sipws_conn_feed(to, data, len, 0, &taken) == 0 && taken == len,
         "feed");
    need(sipws_conn_taken(from, len, 0) == 0, "taken");
    moved += len;
  }
  return moved;
}

static void pair_move(struct pair *pair) {
  size_t moved;
  do {
    moved = pair_carry(pair->client, pair->server);
    moved += pair_carry(pair->server, pair->client);
  } while (moved > 0);
}

static void pair_open(struct pair *pair) {
  const char *url = pair->is_tls ? "wss://h.example/" : "ws://h.example/";
  need(sipws_client_new(config, url, strlen(url), pair, 0, &pair->client) == 0,
       "client");
  need(sipws_server_new(config, pair, 0, &pair->server) == 0, "server");
  if (pair->is_tls) {
    need(sipws_tls_attach(tls[SIPWS_CLIENT], pair->client) == 0, "attach");
    need(sipws_tls_attach(tls[SIPWS_SERVER], pair->server) == 0, "attach");
  }
  pair_move(pair);
  need(sipws_conn_state(pair->client) == SIPWS_STATE_OPEN, "not open");
}

static void pair_close(struct pair *pair) {
  int role;
  for (role = 0; role < 2; role++) {
    need(pair->sent[role] == pair->got[role], "messages lost");
    pair->sent[role] = pair->got[role] = 0;
  }
  need(sipws_conn_close(pair->client, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 0) ==
           0,
       "close");
  pair_move(pair);
  sipws_conn_free(pair->client);
  sipws_conn_free(pair->server);
  pair->client = pair->server = NULL;
}

static void pair_send(struct pair *pair, int role) {
  char msg[128];
  int len = snprintf(msg, sizeof msg,
                     "OPTIONS sip:a@h SIP/2.0\r\nCall-ID: %lu\r\n\r\n",
                     pair->sent[role]++);
  need(sipws_conn_send(role == SIPWS_CLIENT ? pair->client : pair->server, msg,
                       (size_t)len, 0, 0, NULL) == 0,
       "send");
}

/* Opens it, or talks, or now and then closes. */
static void pair_step(struct pair *pair, unsigned choice) {
  unsigned i;
  if (pair->client == NULL) {
    pair_open(pair);
    return;
  }
  for (i = 0; i < BURST; i++) {
    pair_send(pair, (choice >> i & 1) != 0 ? SIPWS_CLIENT : SIPWS_SERVER);
  }
  pair_move(pair);
  if (choice % 64 == 0) {
    pair_close(pair);
  }
}

/* ---- threads ---- */

struct worker {
  pthread_t thread;
  unsigned seed;
  unsigned long steps;
};

static void *work(void *user) {
  struct worker *worker = user;
  while (time(NULL) < end) {
    struct pair *pair;
    worker->seed = worker->seed * 1664525u + 1013904223u;
    pair = &pairs[(worker->seed >> 8) % PAIRS];
    pthread_mutex_lock(&pair->lock);
    pair_step(pair, worker->seed >> 16);
    pthread_mutex_unlock(&pair->lock);
    worker->steps++;
  }
  return NULL;
}

static void make_configs(struct cert *root, struct cert *leaf) {
  int role;
  cert_make_root(root, "CN=Root");
  cert_make_leaf(leaf, "dns:h.example", root);
  need(sipws_config_new(NULL, NULL, &config) == 0, "config");
  need(sipws_config_set_random(config, sipws_os_random, NULL) == 0, "random");
  need(sipws_config_on_message(config, on_message) == 0, "on_message");
  for (role = 0; role < 2; role++) {
    need(sipws_tls_config_new(role, NULL, NULL, sipws_os_random, NULL,
                              &tls[role]) == 0,
         "TLS config");
  }
  need(sipws_tls_config_add_ca(tls[SIPWS_CLIENT], root->own,
                               strlen(root->own)) == 0,
       "CA");
  need(sipws_tls_config_add_identity(tls[SIPWS_SERVER], leaf->chain,
                                     strlen(leaf->chain), leaf->key,
                                     strlen(leaf->key), NULL, 0) == 0,
       "identity");
}

int main(int argc, char **argv) {
  static struct worker workers[THREADS_MAX];
  static struct cert root, leaf;
  unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 8;
  unsigned long steps = 0;
  unsigned i;
  need(count > 0 && count <= THREADS_MAX, "THREADS is from 1 to 64");
  make_configs(&root, &leaf);
  for (i = 0; i < PAIRS; i++) {
    pthread_mutex_init(&pairs[i].lock, NULL);
    pairs[i].is_tls = i % 4 == 0;
  }
  end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
  for (i = 0; i < count; i++) {
    workers[i].seed = i;
    need(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0,
         "thread");
  }
  for (i = 0; i < count; i++) {
    pthread_join(workers[i].thread, NULL);
    steps += workers[i].steps;
  }
  for (i = 0; i < PAIRS; i++) {
    if (pairs[i].client != NULL) {
      pair_close(&pairs[i]);
    }
  }
  sipws_tls_config_free(tls[SIPWS_CLIENT]);
  sipws_tls_config_free(tls[SIPWS_SERVER]);
  sipws_config_free(config);
  cert_free(&leaf);
  cert_free(&root);
  printf("%u threads, %d pairs of connections, %lu steps of %d messages\n",
         count, PAIRS, steps, BURST);
  return steps > 1000 ? 0 : 1;
}
