/* One connection under fuzz: its settings, what its callbacks see and do, and
 * what must hold after every call. */
#ifndef SIPWS_FUZZ_SIDE_H
#define SIPWS_FUZZ_SIDE_H

#include "heap.h"
#include "reader.h"

/* What is chosen before a connection is made; the first octets of an input. */
struct side_settings {
  uint8_t kind;   /* SIDE_ bits */
  uint8_t limits; /* see side.c */
  uint8_t policy; /* SIPWS_POLICY_ bits, but fixed buffers */
  uint8_t turns;  /* low nibble: how many of |turns| follow the settings; … */
  uint8_t trims_at_once; /* … top bit; … */
  uint8_t is_stream;     /* … the one below: of a request handed over */
};

enum side_bit {
  SIDE_OPAQUE = 1,    /* the profile */
  SIDE_PULLS = 2,     /* events are pulled, else come as callbacks */
  SIDE_FIXED = 4,     /* fixed buffers */
  SIDE_KEEPALIVE = 8, /* short intervals and waits */
  SIDE_STARVES = 16,  /* an allocation may fail: nothing is the same then */
  SIDE_LATER = 32,    /* requests get no verdict in their event */
  SIDE_ANY_NAME = 64, /* the server takes any subprotocol; a client, none */
  SIDE_EXTRAS = 128   /* a client's request has all that may be added; a
                       * server's is handed over, see handed.h */
};

struct side {
  sipws_config *config;
  sipws_conn *conn; /* NULL once freed */
  struct fuzz_heap heap;
  size_t base; /* octets of the config */
  struct side_settings settings;
  struct reader reader; /* of what it writes */
  uint64_t now;
  uint64_t digest;  /* of the events */
  uint32_t random;  /* for the pieces of bodies */
  int random_fails; /* 1: from now on */
  int has_failed;   /* a hook was told to: what comes depends on the cuts */
  /* two octets each, an action and its argument: what is done when an event
   * comes, in turn */
  struct fuzz_input turns;
  uint32_t sent;  /* messages */
  uint64_t begun; /* begun_seq before the last tick */
  int in_event;
  uint64_t messages; /* received; the last one: */
  const char *message;
  size_t message_len;
  int stops; /* on_message returns non-zero, once */
  int is_paused;
  int has_paused; /* or stopped */
  int is_freed;   /* by an event */
  int is_closed;  /* closed was told */
  int was_state;
  int was_error;
  const uint8_t *lent; /* what pending lent last */
  size_t lent_len;
  uint64_t lent_digest;
  uint64_t body_off; /* of a refusal's body */
  /* for fuzz_pair; may be NULL */
  const struct side *peer; /* has the same profile */
  void (*on_event)(struct side *side, int event, uint64_t value);
  void (*on_send)(struct side *side, uint64_t seq, size_t len);
  void (*on_output)(struct side *side, const uint8_t *data, size_t len);
  size_t (*room)(const struct side *side); /* how much on_output takes */
  void *context;
  /* over stages; |reads| may be NULL */
  void (*reads)(struct side *side, const uint8_t *data, size_t len);
  size_t record_size; /* most that they emit at once */
  int holds;          /* output is held back: nothing need be whole */
};

#define SIDE_BODY_PREFIX 64

static inline int side_pulls(const struct side *side) {
  return (side->settings.kind & SIDE_PULLS) != 0;
}

uint32_t side_message_size(const struct side *side);

/* ---- side_config.c ---- */

/* Makes the config; |side| is zero. The connection comes next, then side_begin:
 * |part| is what the reader is to expect first. */
void side_config(struct side *side, struct fuzz_input *input, int role);
void side_begin(struct side *side, int role, int part);
/* Frees all; nothing is left. */
void side_end(struct side *side);

/* ---- side_event.c ---- */

void side_set_callbacks(sipws_config *config);
void side_pull(struct side *side);

/* ---- side.c ---- */

/* What follows every call: |err| is what it returned. */
void side_after(struct side *side, int err);

/* Gives octets: whole, or, |cuts| not NULL, in pieces drawn from it, copied or
 * in place. */
void side_feed(struct side *side, const uint8_t *data, size_t len,
               uint32_t *cuts);

/* Lends output without taking it; tells how much. */
size_t side_lend(struct side *side, const uint8_t **data);

/* Octets leave. */
void side_see_output(struct side *side, const uint8_t *data, size_t len);

/* Takes up to |most| octets of output through the strict reader. */
void side_take(struct side *side, size_t most);

/* When it takes nothing: it is paused, or waits for a verdict. */
void side_go_on(struct side *side);

/* What cannot be had now, is not asked for again and again: breaks it off. */
void side_give_up(struct side *side);

/* Output leaves, time passes, the peer ends: then it is closed. */
void side_finish(struct side *side);

/* ---- side_act.c ---- */

/* An action of a turn, or of a target; any octet names one. */
enum {
  SIDE_ACT_TAKE = 2,
  SIDE_ACT_TICK = 3,
  SIDE_ACT_PAUSE = 7, /* |arg| odd: resume */
  SIDE_ACT_CLOSE = 9,
  SIDE_ACT_EOF = 10
};
void side_act(struct side *side, uint8_t action, uint8_t arg);

/* A message of |len| octets at least, by its number: SIP, or anything. Tells
 * its length; |out| has SIDE_MESSAGE_MAX octets. */
#define SIDE_MESSAGE_MAX 4096
size_t side_message(char *out, uint32_t number, size_t len, int is_sip);

#endif /* SIPWS_FUZZ_SIDE_H */
