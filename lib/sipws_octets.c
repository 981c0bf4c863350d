#include "sipws_octets.h"

#define OCTETS_SIZE sizeof(sipws__vector)

static void octets_store(uint8_t *octets, sipws__vector vector) {
  memcpy(octets, &vector, sizeof vector);
}

/* A vector of one word again and again. */
static sipws__vector octets_repeat(uint32_t word) {
#if SIPWS__HAS_VECTORS
  typedef uint32_t words __attribute__((vector_size(16)));
  return (sipws__vector)(words){word, word, word, word};
#else
  return (uint64_t)word << 32 | word;
#endif
}

/* The key in turn from |phase| on; |twice| is the key two times. */
static sipws__vector octets_key(const uint8_t *twice, size_t phase) {
  uint32_t word;
  memcpy(&word, twice + phase % 4, 4);
  return octets_repeat(word);
}

/* Fewer octets than a vector has. */
static int octets_mask_few(uint8_t *out, const uint8_t *in, size_t len,
                           const uint8_t *key, size_t phase) {
  uint8_t seen = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    out[i] = in[i] ^ key[(phase + i) % 4];
    seen |= out[i];
  }
  return seen < 0x80;
}

int sipws__octets_mask(uint8_t *out, const uint8_t *in, size_t len,
                       const uint8_t *key, size_t phase) {
  uint8_t twice[8];
  uint32_t once;
  uint64_t both;
  sipws__vector turn, last, seen;
  size_t i = 0;
  if (len < OCTETS_SIZE) {
    return octets_mask_few(out, in, len, key, phase);
  }
  memcpy(&once, key, 4);
  both = (uint64_t)once << 32 | once; /* stored in one, it is soon read back */
  memcpy(twice, &both, 8);
  turn = octets_key(twice, phase);
  /* the last vector may overlap the one before: read it while it is masked */
  last = sipws__vector_load(in + len - OCTETS_SIZE) ^
         octets_key(twice, phase + len);
  seen = last;
  for (; i + 4 * OCTETS_SIZE <= len; i += 4 * OCTETS_SIZE) {
    sipws__vector a = sipws__vector_load(in + i) ^ turn;
    sipws__vector b = sipws__vector_load(in + i + OCTETS_SIZE) ^ turn;
    sipws__vector c = sipws__vector_load(in + i + 2 * OCTETS_SIZE) ^ turn;
    sipws__vector d = sipws__vector_load(in + i + 3 * OCTETS_SIZE) ^ turn;
    octets_store(out + i, a);
    octets_store(out + i + OCTETS_SIZE, b);
    octets_store(out + i + 2 * OCTETS_SIZE, c);
    octets_store(out + i + 3 * OCTETS_SIZE, d);
    seen |= a | b | c | d;
  }
  for (; i + OCTETS_SIZE < len; i += OCTETS_SIZE) {
    sipws__vector a = sipws__vector_load(in + i) ^ turn;
    octets_store(out + i, a);
    seen |= a;
  }
  octets_store(out + len - OCTETS_SIZE, last);
  return sipws__vector_is_ascii(seen);
}
