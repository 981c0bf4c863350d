/* octets: many at a time, by vectors of 32 or 16 where the compiler has them
 * for AVX2, SSE2 or NEON, else by words of 8; the results are the same.
 * SIPWS_PORTABLE forces words. */
#ifndef SIPWS_OCTETS_H
#define SIPWS_OCTETS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && (defined(__SSE2__) || defined(__ARM_NEON)) &&         \
    !defined(SIPWS_PORTABLE)
#define SIPWS__HAS_VECTORS 1
#if defined(__AVX2__)
#define SIPWS__VECTOR_SIZE 32
#else
#define SIPWS__VECTOR_SIZE 16
#endif
typedef uint8_t sipws__vector __attribute__((vector_size(SIPWS__VECTOR_SIZE)));
#else
#define SIPWS__HAS_VECTORS 0
typedef uint64_t sipws__vector;
#endif

/* |octets| may lie at any address. */
static inline sipws__vector sipws__vector_load(const uint8_t *octets) {
  sipws__vector vector;
  memcpy(&vector, octets, sizeof vector);
  return vector;
}

/* 1 when no octet of it is above 0x7f. */
static inline int sipws__vector_is_ascii(sipws__vector vector) {
#if SIPWS__HAS_VECTORS && defined(__AVX2__)
  typedef char octets __attribute__((vector_size(32)));
  return __builtin_ia32_pmovmskb256((octets)vector) == 0;
#elif SIPWS__HAS_VECTORS && defined(__SSE2__)
  typedef char octets __attribute__((vector_size(16)));
  return __builtin_ia32_pmovmskb128((octets)vector) == 0;
#else
  uint64_t words[sizeof vector / 8];
  uint64_t high = 0;
  size_t i;
  memcpy(words, &vector, sizeof vector);
  for (i = 0; i < sizeof vector / 8; i++) {
    high |= words[i];
  }
  return (high & UINT64_C(0x8080808080808080)) == 0;
#endif
}

/* Copies |len| octets, each XORed with one of the four of |key| in turn (RFC
 * 6455 5.3). |out| may be |in|; else they lie apart. 1 when what was read is
 * ASCII. */
int sipws__octets_mask(uint8_t *out, const uint8_t *in, size_t len,
                       const uint8_t *key);

/* The same, beginning with key[phase % 4]. 1 when what was written is ASCII. */
int sipws__octets_unmask(uint8_t *out, const uint8_t *in, size_t len,
                         const uint8_t *key, size_t phase);

#endif /* SIPWS_OCTETS_H */
