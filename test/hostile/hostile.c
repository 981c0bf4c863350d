/* Counts the instructions that hostile inputs make the library execute, and
 * searches for worse ones: hostile PART SECONDS SEED, under callgrind, whose
 * files are named PART. A line each, for long_hostile.sh:
 * kind|name|size|cut|length|octets|wire|instructions|of mbedTLS beside. */
#include "search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What is measured, and twice that. Few octets a segment cost more of them. */
#define LEN 32768
#define LEN_OF_FEW 8192
#define STARTS_MAX 2000

static struct search_start starts[STARTS_MAX];
static size_t start_count;
static unsigned measured;
static time_t told;
static int failed;

static struct outcome measure(const struct trial *trial) {
  static const char *const kinds[] = {"peer", "wss", "text"};
  struct outcome outcome;
  if (trial_run(trial, &outcome) != 0) {
    fprintf(stderr, "%s, cut %lu: not worked on to its end\n", trial->name,
            (unsigned long)trial->cut);
    failed = 1;
  }
  printf("%s|%s|%d|%lu|%lu|%lu|%lu|%" PRIu64 "|%" PRIu64 "\n",
         kinds[trial->kind], trial->name,
         (int)trial->peer.sizes[trial->size] - 1, (unsigned long)trial->cut,
         (unsigned long)trial->len, (unsigned long)outcome.octets,
         (unsigned long)outcome.wire, outcome.instructions, outcome.mbedtls);
  measured++;
  if (time(NULL) >= told + 5) {
    told = time(NULL);
    fprintf(stderr, "measured %u: %s\n", measured, trial->name);
  }
  return outcome;
}

/* At a length and twice that. */
static void measure_both(const struct trial *trial) {
  struct trial twice = *trial;
  struct outcome outcome;
  twice.len *= 2;
  (void)measure(trial);
  outcome = measure(&twice);
  if (start_count < STARTS_MAX) {
    starts[start_count].trial = *trial;
    starts[start_count++].cost = outcome_cost(&outcome);
  }
}

static void measure_peer(const struct hostile_peer *peer, int role) {
  static const size_t segments[] = {0, 1, 2, 6, 14};
  struct trial trial = {.kind = TRIAL_PEER, .peer = *peer, .role = role};
  size_t i;
  trial_name(&trial);
  for (trial.size = 0; trial.size < hostile_peer_sizes(peer); trial.size++) {
    for (i = 0; i < sizeof segments / sizeof segments[0]; i++) {
      trial.cut = segments[i];
      trial.len = trial.cut == 0 ? LEN : LEN_OF_FEW;
      measure_both(&trial);
    }
  }
}

/* Of a peer's sizes the first does here: the search tries others. mbedTLS takes
 * no more than three empty records in a row. Lengths are of the wire: much less
 * is inside, and has to be longer than a handshake's last lines. */
static void measure_wss(const struct hostile_peer *peer) {
  static const struct {
    int suite, empties;
    size_t cut, len;
  } ways[] = {{RECORDS_CHACHA, 0, 0, LEN},
              {RECORDS_CHACHA, 0, 1, LEN / 2},
              {RECORDS_CHACHA, 3, 1, LEN},
              {RECORDS_GCM, 0, 1, LEN / 2}};
  struct trial trial = {.kind = TRIAL_WSS, .peer = *peer};
  size_t i;
  trial.role = SIPWS_SERVER;
  for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    trial.suite = ways[i].suite;
    trial.empties = ways[i].empties;
    trial.cut = ways[i].cut;
    trial.len = ways[i].len;
    trial_name(&trial);
    measure_both(&trial);
  }
}

static void measure_function(const struct hostile_function *function) {
  struct trial trial = {.kind = TRIAL_TEXT, .function = *function};
  trial.len = LEN;
  trial_name(&trial);
  measure_both(&trial);
}

static void measure_all(void) {
  size_t i;
  int role;
  for (i = 0; i < hostile_peer_count; i++) {
    for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
      if (hostile_peer_has(&hostile_peers[i], role)) {
        measure_peer(&hostile_peers[i], role);
      }
    }
    if (hostile_peer_has(&hostile_peers[i], SIPWS_SERVER)) {
      measure_wss(&hostile_peers[i]);
    }
  }
  for (i = 0; i < hostile_function_count; i++) {
    measure_function(&hostile_functions[i]);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "hostile: sh test/long_hostile.sh runs this\n");
    return 2;
  }
  told = time(NULL);
  if (trial_init(argv[1]) != 0) {
    fprintf(stderr, "hostile: no TLS\n");
    return 1;
  }
  measure_all();
  search(starts, start_count, (unsigned)strtoul(argv[2], NULL, 10),
         (uint32_t)strtoul(argv[3], NULL, 10), measure_both);
  trial_free();
  return failed;
}
