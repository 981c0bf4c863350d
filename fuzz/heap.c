#include "heap.h"

#include "../test/unset.h"

/* In front of each block: what was asked for it. */
union heap_front {
  size_t size;
  uint64_t align[2];
};

static int heap_fails(struct fuzz_heap *heap) {
  if (heap->fail_in == 0) {
    return 0;
  }
  if (heap->fail_in > 1) {
    heap->fail_in--;
    return 0;
  }
  heap->fail_in = heap->fails_on ? 1 : 0;
  return 1;
}

static void heap_free(void *ptr, struct fuzz_heap *heap) {
  union heap_front *front = ptr;
  if (ptr != NULL) {
    heap->live -= front[-1].size;
    heap->blocks--;
    free(front - 1);
  }
}

/* Always moves, so that a pointer kept across growth shows. */
void *fuzz_alloc(void *ptr, size_t old_size, size_t new_size, void *user) {
  struct fuzz_heap *heap = user;
  union heap_front *front = ptr;
  union heap_front *moved;
  must(old_size == (ptr != NULL ? front[-1].size : 0));
  if (new_size == 0) {
    heap_free(ptr, heap);
    return NULL;
  }
  if (heap_fails(heap)) {
    return NULL;
  }
  moved = malloc(sizeof *moved + new_size);
  must(moved != NULL);
  moved->size = new_size;
  unset(moved + 1, new_size);
  if (ptr != NULL) {
    memcpy(moved + 1, ptr, old_size < new_size ? old_size : new_size);
  }
  heap_free(ptr, heap);
  heap->live += new_size;
  heap->blocks++;
  must(heap->bound == 0 || heap->live <= heap->bound);
  return moved + 1;
}
