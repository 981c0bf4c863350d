/* What the tests share: an allocator that counts and fails on demand, a random
 * hook that repeats, and buffers that end at an unreadable page. */
#ifndef SIPWS_TEST_SUPPORT_H
#define SIPWS_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A heap for sipws_config_new: |alloc_user| of test_alloc. */
struct test_heap {
  size_t live;    /* octets asked for and not given back */
  size_t peak;    /* the most of them so far */
  size_t blocks;  /* blocks not given back */
  long calls;     /* allocations asked so far, growth included */
  long fail_at;   /* the call that fails, counted from 1; 0: none */
  int fail_after; /* 1: so do all after it */
  /* looked for in each block given back or moved, or NULL */
  const char *secret;
  int found; /* in how many it was */
};
void *test_alloc(void *ptr, size_t old_size, size_t new_size, void *heap);

/* 1 when the C string |text| is somewhere in |len| octets. */
int test_holds(const void *data, size_t len, const char *text);

/* A sipws_random_fn that gives the same octets each run; |user| is a uint32_t
 * seed, or NULL for a constant one (then each call gives the same). */
int test_random(uint8_t *out, size_t len, void *user);

/* A copy of |len| octets whose last one is the last readable one. */
void *test_guarded(const void *data, size_t len);
void test_guarded_free(void *guarded, size_t len);

/* assert that |len| octets at |data| are the C string |expected|. */
#define assert_text(data, len, expected)                                       \
  do {                                                                         \
    const char *expected_text_ = (expected);                                   \
    assert_int_equal((len), strlen(expected_text_));                           \
    assert_memory_equal((data), expected_text_, strlen(expected_text_));       \
  } while (0)

/* assert that a span of |text| is the C string |expected|. */
#define assert_span(text, span, expected)                                      \
  assert_text((text) + (span).off, (span).len, (expected))

#endif /* SIPWS_TEST_SUPPORT_H */
