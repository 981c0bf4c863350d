/* Hill climbing: from each of the worst inputs, in turn, a step to a random
 * neighbour, kept if it costs no less. The same seed takes the same steps. */
#include "search.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define STARTS 20
#define UNIT_MAX 32
#define TIMES_MAX 1500
#define CUT_MAX 64
/* Shorter ones would show what a connection or a call costs, not an octet. */
#define LEN_FIRST 2048
#define LEN_MIN 1024
#define LEN_MAX 32768

/* A trial with texts of its own, which change. */
struct point {
  struct trial trial;
  char unit[UNIT_MAX + 1];
  char once[UNIT_MAX + 1];
  char cycle[3][UNIT_MAX + 1];
  double begun, cost; /* at the start, and now */
};

static struct point tops[STARTS];
static size_t top_count;
static uint32_t state;

/* 0 to |n| - 1 */
static uint32_t any(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)state * n) >> 32);
}

/* ---- points ---- */

static void copy(char *own, const char *unit) {
  (void)snprintf(own, UNIT_MAX + 1, "%s", unit != NULL ? unit : "");
}

static void point_init(struct point *point, const struct search_start *start) {
  const struct trial *trial = &start->trial;
  struct hostile_peer *peer = &point->trial.peer;
  int i;
  point->trial = *trial;
  point->trial.len = LEN_FIRST;
  point->begun = start->cost;
  point->cost = start->cost;
  copy(point->unit,
       trial->kind == TRIAL_TEXT ? trial->function.unit : trial->peer.unit);
  copy(point->once, peer->once.unit);
  for (i = 0; i < 3; i++) {
    copy(point->cycle[i], peer->cycle[i].unit);
  }
  if (peer->sizes[trial->size] != 0) {
    peer->cycle[0].times = peer->sizes[trial->size] - 1;
  }
  memset(peer->sizes, 0, sizeof peer->sizes);
  point->trial.size = 0;
  peer->ends = 1; /* what is against the rules costs little */
}

/* Its texts lie elsewhere than those of the point it was copied from. */
static void point_bind(struct point *point) {
  struct hostile_peer *peer = &point->trial.peer;
  int i;
  if (point->trial.kind == TRIAL_TEXT) {
    point->trial.function.unit = point->unit;
  } else {
    peer->unit = point->unit;
  }
  peer->once.unit = point->once;
  for (i = 0; i < 3; i++) {
    peer->cycle[i].unit = point->cycle[i];
  }
}

/* ---- steps ---- */

static void step_unit(char *unit) {
  static const char octets[] = "aZ09:;,\"<>\\\r\n\t =/.%@?&[-\xc3\xa9\xf0\x80";
  size_t len = strlen(unit);
  size_t at = any((uint32_t)len + 1);
  char octet = octets[any(sizeof octets - 1)];
  uint32_t how = any(3);
  if (how == 0 && len < UNIT_MAX) {
    memmove(unit + at + 1, unit + at, len + 1 - at);
    unit[at] = octet;
  } else if (how == 1 && at < len && len > 1) {
    memmove(unit + at, unit + at + 1, len - at);
  } else if (at < len) {
    unit[at] = octet;
  }
}

static uint32_t step_number(uint32_t number, uint32_t min, uint32_t max) {
  switch (any(4)) {
  case 0:
    number = number + 1;
    break;
  case 1:
    number = number > 0 ? number - 1 : 0;
    break;
  case 2:
    number = any(2) ? number * 2 : number / 2;
    break;
  default:
    number = any(max + 1);
    break;
  }
  return number < min ? min : number > max ? max : number;
}

static void step_frame(struct hostile_frame *frame, char *unit) {
  /* FIN and opcode; 0x10 is a fragment that goes on, 0 no frame */
  static const uint8_t firsts[] = {0x81, 0x82, 0x01, 0x02, 0x10,
                                   0x80, 0x88, 0x89, 0x8a, 0};
  switch (any(3)) {
  case 0:
    frame->first = firsts[any(sizeof firsts)];
    break;
  case 1:
    if (frame->times != HOSTILE_REST) {
      frame->times = step_number(frame->times, 0, TIMES_MAX);
    }
    break;
  default:
    step_unit(unit);
    break;
  }
}

/* What is given: a frame, or a piece of a text. */
static void step_input(struct point *point) {
  struct hostile_peer *peer = &point->trial.peer;
  uint32_t i;
  if (point->trial.kind == TRIAL_TEXT || point->unit[0] != '\0') {
    step_unit(point->unit);
  } else if (peer->once.first != 0 && any(3) == 0) {
    step_frame(&peer->once, point->once);
  } else if (peer->cycle[0].first != 0) {
    i = any(3);
    step_frame(&peer->cycle[i], point->cycle[i]);
  }
}

/* How much, and how it comes. */
static void step_manner(struct trial *trial) {
  uint32_t which = any(4);
  if (which == 0 || trial->kind == TRIAL_TEXT) {
    trial->len = step_number((uint32_t)trial->len, LEN_MIN, LEN_MAX);
  } else if (which == 1 && trial->kind == TRIAL_WSS) {
    trial->suite = (int)any(RECORDS_SUITES);
  } else if (which == 2 && trial->kind == TRIAL_WSS) {
    trial->empties = (int)any(4); /* mbedTLS takes no more at once */
  } else {
    trial->cut = step_number((uint32_t)trial->cut, 0, CUT_MAX);
  }
}

static int try_step(struct point *top) {
  struct point next = *top;
  struct outcome outcome;
  uint32_t steps = 1 + any(3);
  while (steps-- > 0) {
    if (any(3) > 0) {
      step_input(&next);
    } else {
      step_manner(&next.trial);
    }
  }
  point_bind(&next);
  if (trial_run(&next.trial, &outcome) != 0 || outcome.wire < LEN_MIN / 2) {
    return 0;
  }
  next.cost = outcome_cost(&outcome);
  if (next.cost >= top->cost) {
    *top = next;
  }
  return 1;
}

/* ---- the search ---- */

static int by_cost(const void *a, const void *b) {
  double x = ((const struct search_start *)a)->cost;
  double y = ((const struct search_start *)b)->cost;
  return x > y ? -1 : x < y;
}

/* The worst of each kind, each family once. */
static void choose(const struct search_start *starts, size_t count) {
  size_t left[] = {8, 4, 8}; /* of each trial_kind: STARTS together */
  size_t i, j;
  for (i = 0; i < count; i++) {
    const struct trial *trial = &starts[i].trial;
    for (j = 0; j < top_count; j++) {
      if (strcmp(tops[j].trial.name, trial->name) == 0) {
        break;
      }
    }
    if (j == top_count && left[trial->kind] > 0) {
      left[trial->kind]--;
      point_init(&tops[top_count++], &starts[i]);
    }
  }
}

static void put(char *out, size_t size, const char *unit) {
  size_t len = strlen(out);
  for (; *unit != '\0' && len + 6 < size; unit++) {
    int plain = *unit > ' ' && *unit <= '~' && *unit != '|' && *unit != '\\';
    len += (size_t)snprintf(out + len, size - len, plain ? "%c" : "\\x%02x",
                            (unsigned char)*unit);
  }
}

static void put_frame(char *out, size_t size, const struct hostile_frame *f) {
  size_t len = strlen(out);
  if (f->first == 0 || len + 40 > size) {
    return;
  }
  (void)snprintf(out + len, size - len, " %02x ", (unsigned)f->first);
  put(out, size, f->unit);
  len = strlen(out);
  if (f->times != HOSTILE_REST && len + 12 < size) {
    (void)snprintf(out + len, size - len, "*%u", (unsigned)f->times);
  }
}

/* A name that says what it is: enough to make it again. */
static void name_it(struct trial *trial) {
  char *name = trial->name;
  size_t size = sizeof trial->name;
  size_t len;
  int i;
  trial_name(trial);
  len = strlen(name);
  len += (size_t)snprintf(name + len, size - len, "; found:");
  if (trial->kind == TRIAL_TEXT || trial->peer.unit[0] != '\0') {
    name[len++] = ' ';
    name[len] = '\0';
    put(name, size,
        trial->kind == TRIAL_TEXT ? trial->function.unit : trial->peer.unit);
    return;
  }
  put_frame(name, size, &trial->peer.once);
  for (i = 0; i < 3 && trial->peer.cycle[i].first != 0; i++) {
    put_frame(name, size, &trial->peer.cycle[i]);
  }
}

void search(struct search_start *starts, size_t count, unsigned seconds,
            uint32_t seed, void (*found)(const struct trial *trial)) {
  time_t end = time(NULL) + (time_t)seconds;
  time_t told = time(NULL);
  unsigned long tried = 0;
  size_t i, worst = 0;
  state = seed;
  qsort(starts, count, sizeof *starts, by_cost);
  choose(starts, count);
  for (i = 0; time(NULL) < end && top_count > 0; i = (i + 1) % top_count) {
    tried += (unsigned long)try_step(&tops[i]);
    worst = tops[i].cost > tops[worst].cost ? i : worst;
    if (time(NULL) >= told + 5) {
      told = time(NULL);
      fprintf(stderr, "searching: %lu tried, the worst %.1f an octet, %s\n",
              tried, tops[worst].cost, tops[worst].trial.name);
    }
  }
  for (i = 0; i < top_count; i++) {
    if (tops[i].cost > tops[i].begun) {
      point_bind(&tops[i]);
      name_it(&tops[i].trial);
      found(&tops[i].trial);
    }
  }
  fprintf(stderr, "searched from %lu inputs, seed %lu: %lu tried\n",
          (unsigned long)top_count, (unsigned long)seed, tried);
}
