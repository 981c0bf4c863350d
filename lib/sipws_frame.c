#include "sipws_frame.h"

#include <string.h>

static int frame_judge_first(struct sipws__frame *frame) {
  uint8_t first = frame->head[0];
  frame->fin = (uint8_t)(first >> 7);
  frame->opcode = first & 0x0f;
  if ((first & 0x70) != 0) {
    return SIPWS_ERR_PROTOCOL; /* RFC 6455 5.2: no extension defines RSV */
  }
  switch (frame->opcode) {
  case SIPWS__OP_CONT:
  case SIPWS__OP_TEXT:
  case SIPWS__OP_BINARY:
    return 0;
  case SIPWS__OP_CLOSE:
  case SIPWS__OP_PING:
  case SIPWS__OP_PONG:
    return frame->fin ? 0 : SIPWS_ERR_PROTOCOL; /* RFC 6455 5.5 */
  default:
    return SIPWS_ERR_PROTOCOL; /* RFC 6455 5.2: reserved opcode */
  }
}

static int frame_judge_second(const struct sipws__frame *frame, int role) {
  uint8_t len = frame->head[1] & 0x7f;
  int is_masked = (frame->head[1] & 0x80) != 0;
  if (is_masked != (role == SIPWS_SERVER)) {
    return SIPWS_ERR_PROTOCOL; /* RFC 6455 5.1 */
  }
  if (frame->opcode >= SIPWS__OP_CLOSE && len > SIPWS__CONTROL_MAX) {
    return SIPWS_ERR_PROTOCOL; /* RFC 6455 5.5 */
  }
  return 0;
}

/* Octets of the length behind the first two. */
static size_t frame_length_octets(const struct sipws__frame *frame) {
  uint8_t len = frame->head[1] & 0x7f;
  return len == 127 ? 8 : len == 126 ? 2 : 0;
}

static int frame_judge_length(struct sipws__frame *frame) {
  size_t octets = frame_length_octets(frame);
  uint64_t len = 0;
  size_t i;
  if (octets == 0) {
    frame->len = frame->head[1] & 0x7f;
    return 0;
  }
  for (i = 0; i < octets; i++) {
    len = len << 8 | frame->head[2 + i];
  }
  /* RFC 6455 5.2: shortest form, top bit zero */
  if (len < (octets == 2 ? 126u : 65536u) || len >> 63 != 0) {
    return SIPWS_ERR_PROTOCOL;
  }
  frame->len = len;
  return 0;
}

/* Judges a header of which |there| octets are there, and maybe more behind it.
 * |*end| gets how many of them it takes to say so, or to say more. */
static int frame_judge(struct sipws__frame *frame, int role, size_t there,
                       size_t *end) {
  int err = frame_judge_first(frame);
  *end = 1;
  if (err != 0 || there < 2) {
    return err;
  }
  err = frame_judge_second(frame, role);
  *end = 2;
  if (err != 0) {
    return err;
  }
  *end += frame_length_octets(frame);
  if (there < *end) {
    return 0;
  }
  err = frame_judge_length(frame);
  if (err != 0) {
    return err;
  }
  *end += role == SIPWS_SERVER ? 4 : 0;
  if (there >= *end) {
    frame->is_whole = 1;
    frame->left = frame->len;
  }
  return 0;
}

int sipws__frame_head(struct sipws__frame *frame, int role, const uint8_t *in,
                      size_t len, size_t *used) {
  size_t had = frame->have;
  int is_long = len >= sizeof frame->head;
  size_t there, end;
  int err;
  *used = 0;
  if (len == 0) {
    return 0;
  }
  if (len > SIPWS__FRAME_HEAD_MAX - had) {
    len = SIPWS__FRAME_HEAD_MAX - had;
  }
  there = had + len;
  if (had == 0 && is_long) {
    memcpy(frame->head, in, sizeof frame->head);
  } else {
    memcpy(frame->head + had, in, len);
  }
  err = frame_judge(frame, role, there, &end);
  if (there > end) {
    there = end; /* what is behind it is not its own */
  }
  frame->have = (uint8_t)there;
  *used = there - had;
  return err;
}
