/* What the fuzz targets share: properties that must hold, and the input as a
 * stream of choices. */
#ifndef SIPWS_FUZZ_H
#define SIPWS_FUZZ_H

#include <sipws/sipws.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property: a fuzzer takes its breach for a crash. */
#define must(good) ((good) ? (void)0 : fuzz_breach(#good, __FILE__, __LINE__))

static inline void fuzz_breach(const char *what, const char *file, int line) {
  fprintf(stderr, "%s:%d: must hold: %s\n", file, line, what);
  abort();
}

/* What a view tells of must be there. */
static inline void must_lie(sipws_span span, size_t len) {
  must(span.off <= len && span.len <= len - span.off);
}

/* A copy of its own length, never NULL, so that a sanitizer sees a read past
 * the end; freed by the caller. */
static inline char *fuzz_copy(const void *data, size_t len) {
  char *copy = malloc(len > 0 ? len : 1);
  must(copy != NULL);
  if (len > 0) {
    memcpy(copy, data, len);
  }
  return copy;
}

/* Choices are taken from the input's front; once it is used up they are 0. */
struct fuzz_input {
  const uint8_t *at;
  size_t left;
};

static inline uint8_t fuzz_octet(struct fuzz_input *input) {
  if (input->left == 0) {
    return 0;
  }
  input->left--;
  return *input->at++;
}

/* Lends up to |most| octets of it. */
static inline const uint8_t *fuzz_octets(struct fuzz_input *input, size_t most,
                                         size_t *len) {
  const uint8_t *octets = input->at;
  *len = most < input->left ? most : input->left;
  input->at += *len;
  input->left -= *len;
  return octets;
}

/* The next of a row of pseudo-random numbers, below 65536. */
static inline uint32_t fuzz_draw(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 16;
}

/* A random hook that always says the same. */
static inline int fuzz_same(uint8_t *out, size_t len, void *user) {
  (void)user;
  memset(out, 7, len);
  return 0;
}

/* What was seen, to be compared: FNV-1a. */
#define FUZZ_DIGEST 14695981039346656037u

static inline void fuzz_digest(uint64_t *digest, const void *data, size_t len) {
  const uint8_t *octets = data;
  size_t i;
  for (i = 0; i < len; i++) {
    *digest = (*digest ^ octets[i]) * 1099511628211u;
  }
}

#endif /* SIPWS_FUZZ_H */
