#include "sipws_mem.h"

#include <stdlib.h>

static void *mem_system(void *ptr, size_t old_size, size_t new_size,
                        void *user) {
  (void)old_size;
  (void)user;
  if (new_size == 0) {
    free(ptr);
    return NULL;
  }
  return realloc(ptr, new_size);
}

void sipws__mem_init(struct sipws__mem *mem, sipws_alloc_fn alloc, void *user) {
  mem->alloc = alloc != NULL ? alloc : mem_system;
  mem->user = alloc != NULL ? user : NULL;
}

void *sipws__mem_new(const struct sipws__mem *mem, size_t size) {
  return mem->alloc(NULL, 0, size, mem->user);
}

void *sipws__mem_resize(const struct sipws__mem *mem, void *ptr,
                        size_t old_size, size_t new_size) {
  return mem->alloc(ptr, old_size, new_size, mem->user);
}

void sipws__mem_free(const struct sipws__mem *mem, void *ptr, size_t size) {
  if (ptr != NULL) {
    (void)mem->alloc(ptr, size, 0, mem->user);
  }
}
