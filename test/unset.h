/* What an allocator's memory holds before it is written to: a pattern that is
 * seen where it is used. MemorySanitizer still takes it for never written; for
 * valgrind, which would not, -DRAW_HEAP leaves the pattern out. Where one of
 * the two looks on, SEES_UNSET is defined. */
#ifndef SIPWS_TEST_UNSET_H
#define SIPWS_TEST_UNSET_H

#include <stddef.h>
#include <string.h>

#ifdef RAW_HEAP
#define SEES_UNSET
#endif
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define HAS_MSAN
#define SEES_UNSET
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
