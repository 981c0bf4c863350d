/* A strict reader of the frames that an endpoint wrote, of its own: nothing of
 * the library is used. It aborts at the first octet that breaks RFC 6455. */
#ifndef SIPWS_FUZZ_FRAMES_H
#define SIPWS_FUZZ_FRAMES_H

#include "fuzz.h"

struct frames {
  int is_client; /* who wrote them */
  size_t piece;  /* a data frame has at most so much; 0: any */
  uint8_t head[14];
  size_t head_len;
  int opcode;    /* of the frame whose payload is being read */
  uint64_t left; /* of that payload */
  uint64_t off;  /* in it */
  int message;   /* opcode of the message that is not whole yet; 0: none */
  int has_closed;
  uint8_t control[125];
  /* UTF-8: octets awaited, and between what the next must lie */
  int awaited;
  uint8_t low, high;
  uint64_t count; /* whole messages */
};

void frames_read(struct frames *frames, const uint8_t *data, size_t len);

/* 1 for UTF-8. */
int frames_is_text(const char *text, size_t len);

/* 1 between two frames. */
int frames_are_whole(const struct frames *frames);

#endif /* SIPWS_FUZZ_FRAMES_H */
