/* An allocator for sipws_config_new that counts, holds its user to a bound, and
 * fails when it is told to. |alloc_user| of fuzz_alloc. */
#ifndef SIPWS_FUZZ_HEAP_H
#define SIPWS_FUZZ_HEAP_H

#include "fuzz.h"

struct fuzz_heap {
  size_t live;      /* octets asked for and not given back */
  size_t blocks;    /* blocks not given back */
  size_t bound;     /* |live| must never pass it; 0: none */
  uint32_t fail_in; /* the allocation that fails, counted from 1; 0: none */
  int fails_on;     /* 1: and so do those after it */
};

void *fuzz_alloc(void *ptr, size_t old_size, size_t new_size, void *heap);

#endif /* SIPWS_FUZZ_HEAP_H */
