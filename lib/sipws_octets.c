#include "sipws_octets.h"

#define OCTETS_SIZE sizeof(sipws__vector)

/* A constant argument makes another function of it. */
#if defined(__GNUC__)
#define OCTETS_IN_EACH static inline __attribute__((always_inline))
#else
#define OCTETS_IN_EACH static inline
#endif

static void octets_store(uint8_t *octets, sipws__vector vector) {
  memcpy(octets, &vector, sizeof vector);
}

/* A vector of one word again and again. */
static sipws__vector octets_repeat(uint32_t word) {
#if SIPWS__HAS_VECTORS
  typedef uint32_t words __attribute__((vector_size(SIPWS__VECTOR_SIZE)));
  return (sipws__vector)((words){0} + word);
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
                           const uint8_t *key, size_t phase, int of_input) {
  uint8_t seen = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    uint8_t octet = in[i];
    out[i] = octet ^ key[(phase + i) % 4];
    seen |= of_input ? octet : out[i];
  }
  return seen < 0x80;
}

/* One vector; what is seen of it. */
static inline sipws__vector octets_step(uint8_t *out, const uint8_t *in,
                                        sipws__vector turn, int of_input) {
  sipws__vector before = sipws__vector_load(in);
  sipws__vector after = before ^ turn;
  octets_store(out, after);
  return of_input ? before : after;
}

/* Both functions of the header: |of_input| 1 looks for ASCII in what is read, 0
 * in what is written. */
OCTETS_IN_EACH int octets_run(uint8_t *out, const uint8_t *in, size_t len,
                              const uint8_t *key, size_t phase, int of_input) {
  uint8_t twice[8];
  uint32_t once;
  uint64_t both;
  sipws__vector turn, last, seen;
  size_t i = 0;
  if (len < OCTETS_SIZE) {
    return octets_mask_few(out, in, len, key, phase, of_input);
  }
  memcpy(&once, key, 4);
  both = (uint64_t)once << 32 | once; /* stored in one, it is soon read back */
  memcpy(twice, &both, 8);
  turn = octets_key(twice, phase);
  /* the last vector may overlap the one before: read it while it is masked */
  seen = sipws__vector_load(in + len - OCTETS_SIZE);
  last = seen ^ octets_key(twice, phase + len);
  seen = of_input ? seen : last;
  for (; i + 4 * OCTETS_SIZE <= len; i += 4 * OCTETS_SIZE) {
    const uint8_t *from = in + i;
    uint8_t *to = out + i;
    seen |= octets_step(to, from, turn, of_input);
    seen |= octets_step(to + OCTETS_SIZE, from + OCTETS_SIZE, turn, of_input);
    seen |= octets_step(to + 2 * OCTETS_SIZE, from + 2 * OCTETS_SIZE, turn,
                        of_input);
    seen |= octets_step(to + 3 * OCTETS_SIZE, from + 3 * OCTETS_SIZE, turn,
                        of_input);
  }
  for (; i + OCTETS_SIZE < len; i += OCTETS_SIZE) {
    seen |= octets_step(out + i, in + i, turn, of_input);
  }
  octets_store(out + len - OCTETS_SIZE, last);
  return sipws__vector_is_ascii(seen);
}

int sipws__octets_mask(uint8_t *out, const uint8_t *in, size_t len,
                       const uint8_t *key) {
  return octets_run(out, in, len, key, 0, 1);
}

int sipws__octets_unmask(uint8_t *out, const uint8_t *in, size_t len,
                         const uint8_t *key, size_t phase) {
  return octets_run(out, in, len, key, phase, 0);
}
