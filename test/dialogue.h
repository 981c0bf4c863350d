/* A client and a server of this library in a whole dialogue over transport
 * hooks, in which one thing goes wrong: the nth call of a hook, the nth reading
 * of a clock, the nth event. What must hold whatever it was, is asserted here:
 * calls return what the header tells of them, closed comes once and last, no
 * message is lost in silence, no memory is. */
#ifndef SIPWS_TEST_DIALOGUE_H
#define SIPWS_TEST_DIALOGUE_H

#include "pair.h"

/* What is said; each scene ends with both closed. */
enum scene {
  SCENE_MESSAGES = 0, /* of all kinds, with cookies, pings, a pause, a Close */
  SCENE_DRAINED,      /* short, and the server drains */
  SCENE_REFUSED,      /* 403 with a body that is streamed */
  SCENE_FRONT,        /* short, through CONNECT and a PROXY header */
  SCENES
};

/* Where things go wrong: at calls that one party makes or is asked for. */
enum point {
  POINT_ALLOC = 0,
  POINT_RECV,
  POINT_SEND,
  POINT_RANDOM,
  POINT_CLOCK,
  POINT_EVENT,
  POINTS
};

enum fault_kind {
  FAULT_NONE = 0,
  FAULT_FAILS, /* alloc, random */
  FAULT_ACTS,  /* event: dialogue.act is called */
  FAULT_AGAIN, /* recv, send … */
  FAULT_SHORT,
  FAULT_EOF,
  FAULT_LOST,
  FAULT_STRANGE,    /* an answer that is none */
  FAULT_COUNT_NONE, /* 0, and a count of 0 */
  FAULT_COUNT_OVER, /* 0, and more than asked for */
  FAULT_AHEAD,      /* clock: by three days, once */
  FAULT_BACK,       /* by three days, once */
  FAULT_STILL       /* it stands */
};

struct fault {
  int role;
  enum point point;
  enum fault_kind kind;
  long at;   /* the call, counted from 1 */
  int stays; /* 1: all after it too */
};

struct stream {
  size_t at, len;
  int ended;
  uint8_t data[1 << 19];
};

struct dialogue;

struct party {
  struct side side;
  struct dialogue *dialogue;
  struct party *peer;
  int role;
  struct stream in; /* on its way here */
  uint64_t clock;
  long calls[POINTS];
  long alloc_base;
  int err;        /* of the last call */
  int tries;      /* messages so far */
  int said_count; /* those that send took … */
  int said[64];   /* … by their number */
  int made;       /* the result of its making */
  int was_closed; /* as it was seen last, like those below */
  int error, cause, lost_reason;
  uint64_t sent_seq, begun_seq;
};

struct dialogue {
  struct party party[2]; /* by role */
  enum scene scene;
  struct fault fault;
  /* 1: a call that memory failed and that did not end the connection is made
   * again, and then must work */
  int again;
  int may_lose; /* 1: a message taken may be lost though both closed cleanly */
  /* its result is that of on_message */
  int (*act)(struct party *party, int event);
  size_t moves;
  size_t tunnel_len; /* SCENE_FRONT: of the CONNECT so far; 0: none awaited */
  char tunnel[1024];
  char calm[2][1 << 13]; /* what was heard in the dialogue without faults */
};

/* Plays a scene to its end, |face| a side_face for both. All is freed; what is
 * left to look at are logs and counts. */
void dialogue_play(struct dialogue *d, enum scene scene, int face,
                   const struct fault *fault);

/* Plays every scene with both faces, each time with |kind| at the next call of
 * |point| at one party, until all calls of the dialogue without faults had it;
 * |check| looks at each. Tells how many there were. */
long dialogue_play_each(struct dialogue *d, enum point point,
                        enum fault_kind kind, int stays,
                        void (*check)(const struct dialogue *d));

/* Both were told what they are without faults. Logs are compared without sent
 * and writable, which go by the transport's counts, and without times. */
void dialogue_check_calm(const struct dialogue *d);

/* The party at which it went wrong. */
const struct party *dialogue_struck(const struct dialogue *d);

/* Queues a message with a body of |len| octets. */
void party_say(struct party *party, size_t len);
uint64_t party_now(struct party *party);

#endif /* SIPWS_TEST_DIALOGUE_H */
