/* Inputs that are made to hurt: what hostile peers send, as data, and texts for
 * the pure functions. test_hostile.c measures memory and time with them,
 * hostile.c instructions. */
#ifndef SIPWS_TEST_HOSTILE_H
#define SIPWS_TEST_HOSTILE_H

#include <sipws/sipws.h>

#include <string.h>

struct hostile_text {
  size_t len;
  char data[1 << 21];
};

/* |head|, |unit| again and again, and |tail|: |len| octets, or a few less. */
void hostile_repeat(struct hostile_text *out, const char *head,
                    const char *unit, const char *tail, size_t len);

/* ---- peers ---- */

/* A frame; |times| HOSTILE_REST: as long as all that is left to send. */
#define HOSTILE_REST 0xffffffffu
struct hostile_frame {
  int first; /* octet: FIN and opcode; 0: no frame */
  const char *unit;
  uint32_t times; /* |unit| in the payload */
};

struct hostile_peer {
  const char *name;
  unsigned roles; /* the set of ours, 1 << SIPWS_SERVER … */
  /* a handshake of |head|, |unit| over and over, and |tail|; with a
   * |subprotocol| one text message of that */
  const char *head, *unit, *tail;
  /* else frames in an open connection: |once|, then |cycle| over and over */
  const char *subprotocol;
  struct hostile_frame once, cycle[3];
  /* a family to search: each is 1 more than what replaces cycle[0].times */
  uint32_t sizes[8];
  int no_write; /* 1: nothing that we send is ever taken */
  int ends;     /* 1: a rule or limit of ours may end it */
};

extern const struct hostile_peer hostile_peers[];
extern const size_t hostile_peer_count;

/* 1 when we meet it in |role|, SIPWS_CLIENT or SIPWS_SERVER. */
int hostile_peer_has(const struct hostile_peer *peer, int role);

/* How many of |sizes| there are, at least 1; what the |i|th is. */
size_t hostile_peer_sizes(const struct hostile_peer *peer);

/* About |len| octets of what the peer sends, with the |size|th of its sizes. */
void hostile_peer_fill(struct hostile_text *out,
                       const struct hostile_peer *peer, int role, size_t size,
                       size_t len);

/* A connection for it. */
int hostile_peer_conn(const struct hostile_peer *peer, int role,
                      sipws_config *config, sipws_conn **conn);

/* Gives it all |text| in pieces of |cut| octets, 0: at once, and takes what is
 * sent; the connection's error then. */
int hostile_peer_feed(const struct hostile_peer *peer, sipws_conn *conn,
                      const struct hostile_text *text, size_t cut);

/* ---- texts ---- */

struct hostile_function {
  const char *name;
  const char *head, *unit, *tail;
  void (*run)(const char *text, size_t len);
};

extern const struct hostile_function hostile_functions[];
extern const size_t hostile_function_count;

#endif /* SIPWS_TEST_HOSTILE_H */
