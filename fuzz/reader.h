/* A strict reader of all that an endpoint wrote: an HTTP head, its body, and
 * frames; of its own, and it aborts at what breaks a rule. */
#ifndef SIPWS_FUZZ_READER_H
#define SIPWS_FUZZ_READER_H

#include "frames.h"

enum reader_part { READER_HEAD, READER_BODY, READER_FRAMES };

struct reader {
  struct frames frames;
  int part;
  int is_bodiless; /* the answer to a HEAD */
  int status;      /* of a head that is a response */
  char accept[28]; /* what a 101 has to say */
  uint64_t body;   /* of the body: octets announced and not seen */
  uint64_t digest; /* of all octets */
  size_t head_len;
  char head[8192];
};

void reader_begin(struct reader *reader, int is_client, int part);
void reader_read(struct reader *reader, const uint8_t *data, size_t len);

/* 1 when nothing of what was begun is missing. */
int reader_is_at_rest(const struct reader *reader);

/* A request with this key was received: what its 101 has to say. */
void reader_expect(struct reader *reader, const char *key, size_t len);

#endif /* SIPWS_FUZZ_READER_H */
