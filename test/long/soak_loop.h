/* soak: sockets, ends and pairs in one epoll loop. */
#ifndef SOAK_LOOP_H
#define SOAK_LOOP_H

#include "soak_end.h"

enum { SOAK_TRIM_MS = 2000 };

/* All there is, made by soak_begin. */
struct soak {
  struct soak_pair *pairs;
  unsigned pair_count;
  uint64_t now;
  uint32_t seed;
  size_t heap; /* octets that the library asked for and did not give back */
  struct soak_sum sum;
};
extern struct soak soak;

/* A number from 0 to |below| - 1. */
uint32_t soak_draw(uint32_t below);

/* Makes room for |count| pairs, which come up in the first second; or tells why
 * not, and exits. */
void soak_begin(unsigned count);

/* Serves sockets and timers for a few milliseconds. Pairs that are down come up
 * again after a while. */
void soak_step(void);

/* 1 when both ends are open and nobody kills it. */
int soak_is_up(const struct soak_pair *pair);

/* Does what the connection wants; it may be over, and gone, after that. */
void soak_serve(struct soak_end *end);

/* Accounts for all pairs, which are up, and frees everything. */
void soak_finish(void);

#endif /* SOAK_LOOP_H */
