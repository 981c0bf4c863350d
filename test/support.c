#define _GNU_SOURCE /* memmem */
#include "support.h"

#include "unset.h"

#include <sys/mman.h>
#include <unistd.h>

int test_holds(const void *data, size_t len, const char *text) {
  return memmem(data, len, text, strlen(text)) != NULL;
}

/* A block is given back, or moved. */
static void heap_search(struct test_heap *heap, const void *ptr, size_t size) {
  if (ptr != NULL && heap->secret != NULL) {
    heap->found += test_holds(ptr, size, heap->secret);
  }
}

void *test_alloc(void *ptr, size_t old_size, size_t new_size, void *user) {
  struct test_heap *heap = user;
  void *moved;
  assert_true(ptr != NULL || old_size == 0);
  if (new_size == 0) {
    heap_search(heap, ptr, old_size);
    if (ptr != NULL) {
      heap->live -= old_size;
      heap->blocks--;
    }
    free(ptr);
    return NULL;
  }
  heap->calls++;
  if (heap->fail_at != 0 &&
      (heap->calls == heap->fail_at ||
       (heap->fail_after && heap->calls > heap->fail_at))) {
    return NULL;
  }
  heap_search(heap, ptr, old_size);
  /* always moved, so that a pointer kept across growth shows */
  moved = malloc(new_size);
  assert_non_null(moved);
  unset(moved, new_size);
  if (heap->secret != NULL) {
    memset(moved, 0, new_size); /* it will be looked through */
  }
  if (ptr != NULL) {
    memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
    memset(ptr, 0x5a, old_size);
    free(ptr);
  } else {
    heap->blocks++;
  }
  heap->live += new_size - old_size;
  if (heap->live > heap->peak) {
    heap->peak = heap->live;
  }
  return moved;
}

int test_random(uint8_t *out, size_t len, void *user) {
  uint32_t own = 12345;
  uint32_t *state = user != NULL ? user : &own;
  size_t i;
  for (i = 0; i < len; i++) {
    *state = *state * 1664525u + 1013904223u;
    out[i] = (uint8_t)(*state >> 24);
  }
  return 0;
}

static size_t guarded_pages(size_t len, size_t page) {
  return (len + page - 1) / page + 1;
}

void *test_guarded(const void *data, size_t len) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t pages = guarded_pages(len, page);
  uint8_t *map = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint8_t *start;
  assert_true(map != MAP_FAILED);
  assert_int_equal(mprotect(map + (pages - 1) * page, page, PROT_NONE), 0);
  start = map + (pages - 1) * page - len;
  if (len > 0) {
    memcpy(start, data, len);
  }
  return start;
}

void test_guarded_free(void *guarded, size_t len) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t pages = guarded_pages(len, page);
  uint8_t *map = (uint8_t *)guarded + len - (pages - 1) * page;
  munmap(map, pages * page);
}
