/* What libsipws-tls costs beyond mbedTLS: the same work by a WebSocket alone
 * (ws), by one over TLS (wss), and by bare mbedTLS that moves the same octets
 * (mbedtls). Everything happens in memory, client and server in one process.
 *
 *   bench_tls              a table of times, the three interleaved
 *   bench_tls WORK CODEC N does it N times: for instruction counts
 *
 * WORK is handshake, resumed or message; CODEC is ws, wss or mbedtls. */
#include "bare_tls.h"
#include "certs.h"
#include "support.h"

#include <sipws/sip.h>
#include <sipws/tls.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MESSAGE_LEN 1161

enum work { HANDSHAKE, RESUMED, MESSAGE, WORKS };
enum codec { WS, WSS, MBEDTLS, CODECS };
static const char *const work_names[] = {"handshake", "resumed", "message"};
static const char *const codec_names[] = {"ws", "wss", "mbedtls"};

/* ---- a pair of connections ---- */

struct pair {
  sipws_config *config;
  sipws_tls_config *client_tls, *server_tls;
  sipws_conn *client, *server;
  uint8_t session[4096];
  size_t session_len; /* 0: none to resume */
  size_t received;    /* messages */
  char message[MESSAGE_LEN];
};

static void need(int error, const char *what) {
  if (error != 0) {
    fprintf(stderr, "bench_tls: %s: %d\n", what, error);
    exit(1);
  }
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct pair *pair = user;
  (void)conn;
  (void)kind;
  (void)msg;
  need(verdict != SIPWS_SIP_OK || len != MESSAGE_LEN, "another message");
  pair->received++;
  return 0;
}

static size_t move(sipws_conn *from, sipws_conn *to) {
  const uint8_t *data;
  size_t len, taken;
  size_t moved = 0;
  while (sipws_conn_pending(from, 0, &data, &len) == 0 && len > 0) {
    need(sipws_conn_feed(to, data, len, 0, &taken), "feed");
    need(sipws_conn_taken(from, len, 0), "taken");
    moved += len;
  }
  return moved;
}

static void pair_init(struct pair *pair, const struct bare_tls *bare) {
  const struct cert *cert = &bare->leaf;
  const struct cert *root = &bare->root;
  int head;
  memset(pair, 0, sizeof *pair);
  need(sipws_config_new(NULL, NULL, &pair->config), "config");
  need(sipws_config_set_random(pair->config, test_random, NULL), "random");
  need(sipws_config_on_message(pair->config, on_message), "on_message");
  need(sipws_tls_config_new(SIPWS_CLIENT, NULL, NULL, test_random, NULL,
                            &pair->client_tls),
       "client's TLS");
  need(sipws_tls_config_new(SIPWS_SERVER, NULL, NULL, test_random, NULL,
                            &pair->server_tls),
       "server's TLS");
  need(sipws_tls_config_add_ca(pair->client_tls, root->own, strlen(root->own)),
       "CA");
  need(sipws_tls_config_add_identity(pair->server_tls, cert->chain,
                                     strlen(cert->chain), cert->key,
                                     strlen(cert->key), NULL, 0),
       "identity");
  head = snprintf(pair->message, sizeof pair->message,
                  "MESSAGE sip:bob@example.com SIP/2.0\r\n"
                  "Via: SIP/2.0/WSS x.invalid;branch=z9hG4bK1\r\n\r\n");
  memset(pair->message + head, 'x', sizeof pair->message - (size_t)head);
}

static void pair_open(struct pair *pair, int is_tls) {
  const char *url = is_tls ? "wss://h.example/" : "ws://h.example/";
  need(sipws_client_new(pair->config, url, strlen(url), pair, 0, &pair->client),
       "client");
  need(sipws_server_new(pair->config, pair, 0, &pair->server), "server");
  if (is_tls) {
    need(sipws_tls_attach(pair->client_tls, pair->client), "attach");
    need(sipws_tls_attach(pair->server_tls, pair->server), "attach");
    if (pair->session_len > 0) {
      need(
          sipws_tls_set_session(pair->client, pair->session, pair->session_len),
          "session");
    }
  }
  while (move(pair->client, pair->server) + move(pair->server, pair->client) >
         0) {
  }
  need(sipws_conn_state(pair->client) != SIPWS_STATE_OPEN, "not open");
  need(sipws_conn_state(pair->server) != SIPWS_STATE_OPEN, "not open");
}

static void pair_close(struct pair *pair) {
  sipws_conn_free(pair->client);
  sipws_conn_free(pair->server);
}

static void pair_free(struct pair *pair) {
  sipws_tls_config_free(pair->client_tls);
  sipws_tls_config_free(pair->server_tls);
  sipws_config_free(pair->config);
}

/* ---- the work ---- */

/* Learns a session, so that the next handshakes resume it. */
static void learn(struct pair *pair, struct bare_tls *bare, enum codec codec) {
  if (codec == WSS) {
    pair_open(pair, 1);
    need(sipws_tls_session(pair->client, pair->session, sizeof pair->session,
                           &pair->session_len),
         "session");
    pair_close(pair);
  } else if (codec == MBEDTLS) {
    need(bare_learn(bare), "session");
  }
}

static void run_handshakes(struct pair *pair, struct bare_tls *bare,
                           enum codec codec, int resumed, long count) {
  pair->session_len = 0;
  bare->has_session = 0;
  if (resumed) {
    learn(pair, bare, codec);
  }
  while (count-- > 0) {
    if (codec == MBEDTLS) {
      need(bare_open(bare), "handshake");
      need(resumed != bare->is_resumed, "resumed");
      bare_close(bare);
    } else {
      pair_open(pair, codec == WSS);
      if (codec == WSS) {
        need(resumed != sipws_tls_is_resumed(pair->client), "resumed");
      }
      pair_close(pair);
    }
  }
}

/* The frame around a message: two octets, two of length, four of mask. */
#define FRAME_LEN (MESSAGE_LEN + 8)

static void run_messages(struct pair *pair, struct bare_tls *bare,
                         enum codec codec, long count) {
  long i;
  pair->session_len = 0;
  bare->has_session = 0;
  if (codec == MBEDTLS) {
    need(bare_open(bare), "handshake");
    for (i = 0; i < count; i++) {
      need(bare_move(bare, pair->message, FRAME_LEN), "record");
    }
    bare_close(bare);
    return;
  }
  pair_open(pair, codec == WSS);
  pair->received = 0;
  for (i = 0; i < count; i++) {
    need(sipws_conn_send(pair->client, pair->message, MESSAGE_LEN, 0, 0, NULL),
         "send");
    (void)move(pair->client, pair->server);
  }
  need(pair->received != (size_t)count, "messages lost");
  pair_close(pair);
}

static void run(struct pair *pair, struct bare_tls *bare, enum work work,
                enum codec codec, long count) {
  if (work == MESSAGE) {
    run_messages(pair, bare, codec, count);
  } else {
    run_handshakes(pair, bare, codec, work == RESUMED, count);
  }
}

/* ---- the table ---- */

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

#define ROUNDS 9

static void print_table(struct pair *pair, struct bare_tls *bare) {
  static const long counts[] = {30, 60, 2000};
  double ns[CODECS][ROUNDS];
  int work, codec, round;
  printf("%-10s %14s %14s %14s %10s\n", "work", "ws, 1/s", "wss, 1/s",
         "mbedtls, 1/s", "wss/mbedtls");
  for (work = HANDSHAKE; work < WORKS; work++) {
    for (round = 0; round < ROUNDS; round++) {
      for (codec = WS; codec < CODECS; codec++) {
        double begin = now_ns();
        run(pair, bare, (enum work)work, (enum codec)codec, counts[work]);
        ns[codec][round] = (now_ns() - begin) / (double)counts[work];
      }
    }
    for (codec = WS; codec < CODECS; codec++) {
      qsort(ns[codec], ROUNDS, sizeof(double), by_size);
    }
    printf("%-10s %14.0f %14.0f %14.0f %10.3f\n", work_names[work],
           1e9 / ns[WS][ROUNDS / 2], 1e9 / ns[WSS][ROUNDS / 2],
           1e9 / ns[MBEDTLS][ROUNDS / 2],
           ns[WSS][ROUNDS / 2] / ns[MBEDTLS][ROUNDS / 2]);
  }
  printf("medians of %d interleaved rounds; one core; client and server\n",
         ROUNDS);
}

static int find(const char *name, const char *const *names, int count) {
  int i;
  for (i = 0; i < count; i++) {
    if (strcmp(name, names[i]) == 0) {
      return i;
    }
  }
  fprintf(stderr, "bench_tls: what is \"%s\"?\n", name);
  exit(2);
}

int main(int argc, char **argv) {
  static struct bare_tls bare;
  static struct pair pair;
  bare_init(&bare);
  pair_init(&pair, &bare);
  if (argc == 4) {
    run(&pair, &bare, (enum work)find(argv[1], work_names, WORKS),
        (enum codec)find(argv[2], codec_names, CODECS),
        strtol(argv[3], NULL, 10));
  } else {
    print_table(&pair, &bare);
  }
  pair_free(&pair);
  bare_free(&bare);
  return 0;
}
