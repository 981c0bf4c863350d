#include "echo_timer.h"

#include <stdlib.h>

struct timer_entry {
  uint64_t due_ms;
  struct echo_timer *timer;
};

static struct timer_entry *timer_heap;
static size_t timer_count, timer_size;

static void timer_put(size_t slot, struct timer_entry entry) {
  timer_heap[slot] = entry;
  entry.timer->slot = slot;
}

/* Brings what stands at |slot| to its place. */
static void timer_settle(size_t slot) {
  struct timer_entry entry = timer_heap[slot];
  size_t child;
  while (slot > 0 && timer_heap[(slot - 1) / 2].due_ms > entry.due_ms) {
    timer_put(slot, timer_heap[(slot - 1) / 2]);
    slot = (slot - 1) / 2;
  }
  while ((child = 2 * slot + 1) < timer_count) {
    if (child + 1 < timer_count &&
        timer_heap[child + 1].due_ms < timer_heap[child].due_ms) {
      child++;
    }
    if (timer_heap[child].due_ms >= entry.due_ms) {
      break;
    }
    timer_put(slot, timer_heap[child]);
    slot = child;
  }
  timer_put(slot, entry);
}

int echo_timer_add(struct echo_timer *timer) {
  struct timer_entry entry;
  if (timer_count == timer_size) {
    size_t size = timer_size == 0 ? 1024 : 2 * timer_size;
    struct timer_entry *heap = realloc(timer_heap, size * sizeof *heap);
    if (heap == NULL) {
      return -1;
    }
    timer_heap = heap;
    timer_size = size;
  }
  entry.due_ms = UINT64_MAX;
  entry.timer = timer;
  timer_put(timer_count++, entry);
  return 0;
}

void echo_timer_remove(struct echo_timer *timer) {
  size_t slot = timer->slot;
  timer_count--;
  if (slot < timer_count) {
    timer_put(slot, timer_heap[timer_count]);
    timer_settle(slot);
  }
}

void echo_timer_set(struct echo_timer *timer, uint64_t due_ms) {
  timer_heap[timer->slot].due_ms = due_ms;
  timer_settle(timer->slot);
}

uint64_t echo_timer_due(const struct echo_timer *timer) {
  return timer_heap[timer->slot].due_ms;
}

struct echo_timer *echo_timer_first(void) {
  return timer_count > 0 ? timer_heap->timer : NULL;
}
