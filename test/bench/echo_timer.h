/* echo: deadlines in a binary heap, the earliest first. A deadline that moves
 * later, as most do with every message, may stay where it is: it is looked at
 * again when its turn comes. So a message costs one comparison. */
#ifndef BENCH_ECHO_TIMER_H
#define BENCH_ECHO_TIMER_H

#include <stddef.h>
#include <stdint.h>

struct echo_timer {
  size_t slot; /* where in the heap it stands */
};

/* Adds one that is never due; 0, or -1: out of memory. */
int echo_timer_add(struct echo_timer *timer);
void echo_timer_remove(struct echo_timer *timer);

/* It is due at |due_ms|, be that sooner or later than before. */
void echo_timer_set(struct echo_timer *timer, uint64_t due_ms);
uint64_t echo_timer_due(const struct echo_timer *timer);

/* The earliest, NULL if there is none. */
struct echo_timer *echo_timer_first(void);

#endif /* BENCH_ECHO_TIMER_H */
