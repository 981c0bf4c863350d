/* Trials, and their instructions by callgrind. */
#include "trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

/* IPv4 and TCP without options (RFC 791 3.1, RFC 9293 3.1): what a segment has
 * on the wire beside its octets, at the least. */
#define SEGMENT_HEADERS 40

static struct hostile_text text, records;
static const char *part_name;
static unsigned part_number;

/* ---- instructions ---- */

static void begin(void) {
  CALLGRIND_ZERO_STATS;
}

/* Those since then; callgrind writes a file, "NAME.1" and so on. */
static uint64_t counted(void) {
  char name[400], line[200];
  uint64_t count = 0;
  int found = 0;
  FILE *part;
  CALLGRIND_DUMP_STATS;
  (void)snprintf(name, sizeof name, "%s.%u", part_name, ++part_number);
  part = fopen(name, "r");
  while (part != NULL && !found &&
         fgets(line, (int)sizeof line, part) != NULL) {
    found = sscanf(line, "summary: %" SCNu64, &count) == 1;
  }
  if (!found) {
    fprintf(stderr, "no counts in %s: test/long_hostile.sh runs this\n", name);
    exit(1);
  }
  (void)fclose(part);
  (void)remove(name);
  return count;
}

int trial_init(const char *part) {
  part_name = part;
  (void)counted();
  return records_init();
}

void trial_free(void) {
  records_free();
}

double outcome_cost(const struct outcome *outcome) {
  return (double)(outcome->instructions + outcome->mbedtls) /
         (double)outcome->wire;
}

/* ---- connections ---- */

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

/* Limits that let the input in whole, so that it is worked on to its end. */
static sipws_config *wide_config(void) {
  sipws_config *config = NULL;
  if (sipws_config_new(moving_alloc, NULL, &config) != 0) {
    return NULL;
  }
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

/* ---- trials ---- */

void trial_name(struct trial *trial) {
  const char *name = trial->peer.name;
  size_t size = sizeof trial->name;
  if (trial->kind == TRIAL_TEXT) {
    (void)snprintf(trial->name, size, "%s", trial->function.name);
  } else if (trial->kind == TRIAL_WSS) {
    (void)snprintf(trial->name, size, "wss: %s, %s, %d empty", name,
                   trial->suite == RECORDS_GCM ? "AES-GCM" : "ChaCha20",
                   trial->empties);
  } else {
    (void)snprintf(trial->name, size, "%s: %s",
                   trial->role == SIPWS_SERVER ? "server" : "client", name);
  }
}

static int run_peer(const struct trial *trial, sipws_config *config,
                    struct outcome *outcome) {
  const struct hostile_peer *peer = &trial->peer;
  sipws_conn *conn = NULL;
  size_t segments;
  int err;
  hostile_peer_fill(&text, peer, trial->role, trial->size, trial->len);
  if (hostile_peer_conn(peer, trial->role, config, &conn) != 0) {
    return 1;
  }
  begin();
  err = hostile_peer_feed(peer, conn, &text, trial->cut);
  outcome->instructions = counted();
  segments = trial->cut == 0 ? 1 : (text.len + trial->cut - 1) / trial->cut;
  outcome->octets = text.len;
  outcome->wire = text.len + SEGMENT_HEADERS * segments;
  sipws_conn_free(conn);
  return err != 0 && !peer->ends;
}

/* The same octets in records, all in one feed. */
static int run_wss(const struct trial *trial, sipws_config *config,
                   struct outcome *outcome) {
  const struct hostile_peer *peer = &trial->peer;
  sipws_conn *conn = NULL;
  uint64_t all;
  int err;
  hostile_peer_fill(
      &text, peer, SIPWS_SERVER, trial->size,
      records_plain_len(trial->len, trial->suite, trial->cut, trial->empties));
  if (records_put(&records, &text, trial->suite, 1, trial->cut,
                  trial->empties) != 0 ||
      sipws_server_new(config, NULL, 0, &conn) != 0) {
    return 1;
  }
  begin();
  if (records_read_bare(trial->suite, &records) != 0) {
    fprintf(stderr, "bare mbedTLS does not read the records\n");
    exit(1);
  }
  outcome->mbedtls = counted();
  err = records_open(conn, trial->suite, peer->subprotocol);
  if (err == 0) {
    err = records_put(&records, &text, trial->suite, 0, trial->cut,
                      trial->empties);
  }
  begin();
  if (err == 0) {
    err = hostile_peer_feed(peer, conn, &records, 0);
    err = peer->ends ? 0 : err;
  }
  all = counted();
  outcome->instructions = all > outcome->mbedtls ? all - outcome->mbedtls : 0;
  outcome->octets = text.len;
  outcome->wire = records.len + SEGMENT_HEADERS;
  sipws_conn_free(conn);
  return err != 0;
}

static int run_text(const struct trial *trial, struct outcome *outcome) {
  const struct hostile_function *function = &trial->function;
  text.len = 0;
  hostile_repeat(&text, function->head, function->unit, function->tail,
                 trial->len);
  begin();
  function->run(text.data, text.len);
  outcome->instructions = counted();
  outcome->octets = text.len;
  outcome->wire = text.len;
  return 0;
}

int trial_run(const struct trial *trial, struct outcome *outcome) {
  sipws_config *config;
  int bad;
  memset(outcome, 0, sizeof *outcome);
  if (trial->kind == TRIAL_TEXT) {
    return run_text(trial, outcome);
  }
  config = wide_config();
  bad = config == NULL ||
        (trial->kind == TRIAL_WSS ? run_wss(trial, config, outcome)
                                  : run_peer(trial, config, outcome));
  sipws_config_free(config);
  return bad;
}
