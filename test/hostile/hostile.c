/* Counts the instructions that hostile inputs make the library execute: for
 * callgrind, which writes a part for each measurement, named
 * "kind|name|parameter|octets a feed|octets". long_hostile.sh reads them. */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#define SHORT 32768
#define LONG (2 * SHORT)

static struct hostile_text text;
static int failed;

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  (void)conn, (void)kind, (void)msg, (void)len, (void)verdict, (void)user;
  return 0;
}

/* Always moves, so that counts do not hang on what lies behind a block. */
static void *moving_alloc(void *ptr, size_t old_size, size_t new_size,
                          void *user) {
  void *moved = new_size > 0 ? malloc(new_size) : NULL;
  (void)user;
  if (ptr != NULL && moved != NULL) {
    memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
  }
  if (moved != NULL || new_size == 0) {
    free(ptr);
  }
  return moved;
}

static int no_random(uint8_t *out, size_t len, void *user) {
  (void)user;
  memset(out, 0x5c, len);
  return 0;
}

static void must(int good, const char *what) {
  if (!good) {
    fprintf(stderr, "%s\n", what);
    failed = 1;
  }
}

/* Limits that let the input in whole, so that it is worked on to its end. */
static sipws_config *wide_config(void) {
  sipws_config *config = NULL;
  must(sipws_config_new(moving_alloc, NULL, &config) == 0, "no config");
  (void)sipws_config_set_random(config, no_random, NULL);
  (void)sipws_config_on_message(config, on_message);
  (void)sipws_config_add_subprotocol(config, "sip", 3, SIPWS_PROFILE_SIP);
  (void)sipws_config_add_subprotocol(config, "echo", 4, SIPWS_PROFILE_OPAQUE);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_MESSAGE_SIZE, 1 << 20);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_FRAGMENTS, 1u << 31);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_HANDSHAKE_SIZE, 1 << 20);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_HEADERS, 10000);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_NOT_SIP, 0);
  return config;
}

static void measure_peer(const struct hostile_peer *peer, int role, size_t size,
                         size_t len, size_t cut) {
  sipws_config *config = wide_config();
  sipws_conn *conn = NULL;
  char label[200];
  int err;
  hostile_peer_fill(&text, peer, role, size, len);
  must(hostile_peer_conn(peer, role, config, &conn) == 0, peer->name);
  (void)snprintf(label, sizeof label, "peer|%s: %s|%d|%lu|%lu",
                 role == SIPWS_SERVER ? "server" : "client", peer->name,
                 (int)peer->sizes[size] - 1, (unsigned long)cut,
                 (unsigned long)text.len);
  CALLGRIND_ZERO_STATS;
  err = hostile_peer_feed(peer, conn, &text, cut);
  CALLGRIND_DUMP_STATS_AT(label);
  must(err == 0 || peer->ends, label);
  sipws_conn_free(conn);
  sipws_config_free(config);
}

static void measure_sizes(const struct hostile_peer *peer, int role) {
  size_t size;
  for (size = 0; size < hostile_peer_sizes(peer); size++) {
    measure_peer(peer, role, size, SHORT, 0);
    measure_peer(peer, role, size, LONG, 0);
    measure_peer(peer, role, size, SHORT, 1);
    measure_peer(peer, role, size, LONG, 1);
  }
}

static void measure_function(const struct hostile_function *function,
                             size_t len) {
  char label[200];
  text.len = 0;
  hostile_repeat(&text, function->head, function->unit, function->tail, len);
  (void)snprintf(label, sizeof label, "text|%s|-1|0|%lu", function->name,
                 (unsigned long)text.len);
  CALLGRIND_ZERO_STATS;
  function->run(text.data, text.len);
  CALLGRIND_DUMP_STATS_AT(label);
}

int main(void) {
  size_t i;
  int role;
  for (i = 0; i < hostile_peer_count; i++) {
    for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
      if (hostile_peer_has(&hostile_peers[i], role)) {
        measure_sizes(&hostile_peers[i], role);
      }
    }
  }
  for (i = 0; i < hostile_function_count; i++) {
    measure_function(&hostile_functions[i], SHORT);
    measure_function(&hostile_functions[i], LONG);
  }
  return failed;
}
