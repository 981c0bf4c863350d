/* What an allocator's memory holds before it is written to: a pattern that is
 * seen where it is used. MemorySanitizer still takes it for never written; for
 * valgrind, which would not, -DRAW_HEAP leaves the pattern out. */
#ifndef SIPWS_TEST_UNSET_H
#define SIPWS_TEST_UNSET_H

#include <stddef.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define HAS_MSAN 1
#endif
#endif

static inline void unset(void *octets, size_t len) {
#ifndef RAW_HEAP
  memset(octets, 0xa5, len);
#endif
#ifdef HAS_MSAN
  __msan_allocated_memory(octets, len);
#endif
  (void)octets, (void)len;
}

#endif /* SIPWS_TEST_UNSET_H */
