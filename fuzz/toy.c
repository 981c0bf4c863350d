#include "toy.h"

#include <sipws/stage.h>

#define TOYS 4
#define TOY_WORDS 64

enum { KEY = 0x5a };

struct toy {
  struct side *side;
  int is_begun;
  uint8_t left;     /* octets of the record, or until the stage is done */
  uint8_t has_word; /* the next octet is one */
  uint8_t most;     /* octets of a record, and given at once */
  uint8_t said;     /* words */
  uint8_t has_failed;
  uint8_t fails_output;
  uint8_t waits; /* a client's: nobody has an answer before the key has left */
  uint8_t held[100]; /* read and not yet given */
  size_t held_len;
};

static struct toy toys[TOYS];
static struct toy reading; /* how far the output's records are read */
static int live;           /* added and not freed */

static void toy_free(void *state) {
  (void)state;
  live--;
}

static int toy_say(sipws_conn *conn, struct toy *toy, uint8_t word) {
  const uint8_t record[2] = {0, word};
  toy->is_begun = 1;
  if (toy->said == TOY_WORDS) {
    return 0; /* what a stage emits is its own affair, no bound holds it */
  }
  toy->said++;
  return sipws_stage_emit(conn, record, sizeof record);
}

/* Output may be cut off anywhere. */
static int toy_fail(struct toy *toy, int err) {
  toy->has_failed = 1;
  toy->side->holds = 1;
  return err;
}

/* ---- one that finishes ---- */

static int first_input(sipws_conn *conn, const uint8_t *data, size_t len,
                       size_t *taken, uint8_t *out, size_t out_size,
                       size_t *given, void *state) {
  struct toy *toy = state;
  int err = toy->is_begun ? 0 : toy_say(conn, toy, 'p');
  (void)out;
  (void)given;
  must(out_size == 0);
  for (; err == 0 && toy->left > 0 && *taken < len; toy->left--) {
    err = data[(*taken)++] == 'f' ? toy_fail(toy, SIPWS_ERR_PROXY) : 0;
  }
  return err == 0 && toy->left == 0 ? SIPWS_STAGE_DONE : err;
}

/* ---- one that stays ---- */

/* 1 when a stage reads ahead, as far as the cuts let it: of events that wait to
 * be pulled, and of what a callback that stopped or paused left. */
static int toy_is_ahead(const struct side *side) {
  return side_pulls(side) || side->has_paused;
}

/* Ahead of others its words leave output alone. */
static int last_obey(sipws_conn *conn, struct toy *toy, uint8_t word) {
  switch (toy_is_ahead(toy->side) && strchr("sbo", word) ? 0 : word) {
  case 's':
    return toy_say(conn, toy, word);
  case 'b':
    toy->side->holds ^= 1;
    return 0;
  case 'e':
    return SIPWS_ERR_EOF;
  case 'f':
    (void)toy_say(conn, toy, word);
    return toy_fail(toy, SIPWS_ERR_TLS);
  case 'm':
    return toy_fail(toy, SIPWS_ERR_TLS);
  case 'o':
    toy->fails_output = 1;
    return 0;
  default:
    return 0;
  }
}

static void last_give(struct toy *toy, uint8_t *out, size_t room,
                      size_t *given) {
  size_t step = toy->held_len < toy->most ? toy->held_len : toy->most;
  step = step < room ? step : room;
  memcpy(out, toy->held, step);
  toy->held_len -= step;
  memmove(toy->held, toy->held + step, toy->held_len);
  *given = step;
}

/* A word waits until what came before it was given, and no more is held than
 * there is room for, so that no cut tells. */
static int last_input(sipws_conn *conn, const uint8_t *data, size_t len,
                      size_t *taken, uint8_t *out, size_t out_size,
                      size_t *given, void *state) {
  struct toy *toy = state;
  size_t most = out_size < sizeof toy->held ? out_size : sizeof toy->held;
  int err = 0;
  if (!toy->is_begun) {
    err = toy_say(conn, toy, 'p');
    must(sipws_conn_set_secure(conn, 1) == 0);
    toy->waits = sipws_conn_role(conn) == SIPWS_CLIENT;
  }
  while (err == 0 && *taken < len && toy->held_len < most &&
         !(toy->has_word && toy->held_len > 0)) {
    uint8_t octet = data[(*taken)++];
    if (toy->has_word) {
      toy->has_word = 0;
      err = last_obey(conn, toy, octet);
    } else if (toy->waits) {
      err = toy_fail(toy, SIPWS_ERR_TLS);
    } else if (toy->left > 0) {
      toy->left--;
      toy->held[toy->held_len++] = octet ^ KEY;
    } else {
      toy->left = octet;
      toy->has_word = octet == 0;
    }
  }
  if (err == 0 && toy->held_len > 0 && most > 0) {
    last_give(toy, out, out_size, given);
  }
  return err;
}

/* Some records a call. */
static int last_output(sipws_conn *conn, const uint8_t *data, size_t len,
                       size_t *taken, void *state) {
  struct toy *toy = state;
  size_t i;
  int err = toy->fails_output ? toy_fail(toy, SIPWS_ERR_RANDOM) : 0;
  while (err == 0 && !toy->side->holds && *taken < len &&
         *taken < 3u * toy->most) {
    uint8_t record[256];
    size_t step = len - *taken < toy->most ? len - *taken : toy->most;
    record[0] = (uint8_t)step;
    for (i = 0; i < step; i++) {
      record[1 + i] = data[*taken + i] ^ KEY;
    }
    err = sipws_stage_emit(conn, record, 1 + step);
    *taken += step;
    toy->waits = 0;
  }
  return err;
}

static int last_end(sipws_conn *conn, void *state) {
  struct toy *toy = state;
  (void)conn;
  return toy->left > 0 ? toy_fail(toy, SIPWS_ERR_TRUNCATED) : 0;
}

static void last_shut(sipws_conn *conn, void *state) {
  (void)toy_say(conn, state, 'e');
}

/* ---- what leaves, without its records ---- */

static void toy_unwrap(struct side *side, const uint8_t *data, size_t len) {
  for (; len > 0; len--, data++) {
    if (reading.has_word) {
      reading.has_word = 0;
    } else if (reading.left > 0) {
      uint8_t octet = *data ^ KEY;
      reading.left--;
      reader_read(&side->reader, &octet, 1);
    } else {
      reading.left = *data;
      reading.has_word = *data == 0;
    }
  }
}

/* A stage may have failed ahead of an event. What is done in that, and a Close
 * that it brings or that waits, has no way out then, as it has when the pieces
 * come alone. */
static void toy_on_event(struct side *side, int event, uint64_t value) {
  const struct toy *toy = side->context;
  int closes = event == SIPWS_EVENT_CLOSED
                   ? sipws_conn_error(side->conn) != SIPWS_ERR_TLS
                   : event == SIPWS_EVENT_NOTICE &&
                         (value & 0xff) == SIPWS_NOTICE_PEER_CLOSES;
  if (toy_is_ahead(side) && toy->has_failed &&
      (closes || side->turns.left > 0 ||
       sipws_conn_state(side->conn) == SIPWS_STATE_CLOSING ||
       sipws_conn_our_close_code(side->conn) != 0)) {
    side->has_failed = 1;
  }
}

/* ---- adding ---- */

static const sipws_stage first = {sizeof first, first_input, NULL,
                                  NULL,         NULL,        toy_free};
static const sipws_stage last = {sizeof last, last_input, last_output,
                                 last_end,    last_shut,  toy_free};

static void toy_add_one(struct side *side, int i, const sipws_stage *stage) {
  toys[i].side = side;
  must(sipws_conn_add_stage(side->conn, stage, &toys[i]) == 0);
  must(sipws_conn_stage_state(side->conn, stage) != NULL);
  live++;
}

void toy_add(struct side *side, uint8_t choice) {
  int i, count = choice & 3;
  must(live == 0);
  memset(toys, 0, sizeof toys);
  memset(&reading, 0, sizeof reading);
  for (i = 0; i < count; i++) {
    toys[i].left = (uint8_t)(choice >> 5);
    toy_add_one(side, i, &first);
  }
  toys[i].most = (uint8_t)(1 + (choice >> 2 & 7) * 30);
  toy_add_one(side, i, &last);
  must(sipws_conn_add_stage(side->conn, &first, NULL) == SIPWS_ERR_STATE);
  side->reads = toy_unwrap;
  side->on_event = toy_on_event;
  side->context = &toys[i];
  side->record_size = 3u * (1 + toys[i].most) + 2 * TOY_WORDS;
}

void toy_must_be_freed(void) {
  must(live == 0);
}
