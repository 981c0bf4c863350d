#include "sipws_frame.h"

#include <wslay/wslay.h>

#include <string.h>

/* ---- headers ---- */

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

int sipws__frame_head(struct sipws__frame *frame, int role, const uint8_t *in,
                      size_t len, size_t *used) {
  size_t mask = role == SIPWS_SERVER ? 4 : 0;
  size_t i = 0;
  int err = 0;
  while (i < len && !frame->is_whole && err == 0) {
    size_t length_end;
    frame->head[frame->have++] = in[i++];
    if (frame->have == 1) {
      err = frame_judge_first(frame);
      continue;
    }
    length_end = 2 + frame_length_octets(frame);
    if (frame->have == 2) {
      err = frame_judge_second(frame, role);
    }
    if (err == 0 && frame->have == length_end) {
      err = frame_judge_length(frame);
    }
    if (err == 0 && frame->have == length_end + mask) {
      frame->is_whole = 1;
      frame->left = frame->len;
    }
  }
  *used = i;
  return err;
}

/* ---- payload ---- */

static ssize_t frame_read_in(uint8_t *buf, size_t len, int flags, void *user) {
  struct sipws__codec *codec = user;
  (void)flags;
  if (len > codec->in_len) {
    len = codec->in_len;
  }
  if (len == 0) {
    return -1; /* would block, in wslay's words */
  }
  memcpy(buf, codec->in, len);
  codec->in += len;
  codec->in_len -= len;
  return (ssize_t)len;
}

static int codec_open(struct sipws__codec *codec) {
  struct wslay_frame_callbacks callbacks;
  wslay_frame_context_ptr context;
  if (codec->context != NULL) {
    return 0;
  }
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.recv_callback = frame_read_in;
  if (wslay_frame_context_init(&context, &callbacks, codec) != 0) {
    return SIPWS_ERR_NOMEM;
  }
  codec->context = context;
  return 0;
}

/* Gives wslay the next octets of a frame, from its header on. */
static int codec_run(struct sipws__codec *codec, const uint8_t *in, size_t len,
                     const uint8_t **out, size_t *out_len) {
  struct wslay_frame_iocb iocb;
  ssize_t got;
  memset(&iocb, 0, sizeof iocb);
  codec->in = in;
  codec->in_len = len;
  got = wslay_frame_recv(codec->context, &iocb);
  *out = iocb.data;
  *out_len = got > 0 ? (size_t)got : 0;
  return got > 0 || got == WSLAY_ERR_WANT_READ ? 0 : SIPWS_ERR_PROTOCOL;
}

int sipws__frame_payload(struct sipws__codec *codec, struct sipws__frame *frame,
                         const uint8_t *in, size_t len, size_t *used,
                         const uint8_t **out, size_t *out_len) {
  int err;
  *used = 0;
  *out = NULL;
  *out_len = 0;
  if (len > frame->left) {
    len = (size_t)frame->left;
  }
  if (len == 0) {
    return 0;
  }
  err = codec_open(codec);
  if (err == 0 && frame->left == frame->len) {
    err = codec_run(codec, frame->head, frame->have, out, out_len);
  }
  if (err == 0) {
    err = codec_run(codec, in, len, out, out_len);
    *used = len - codec->in_len;
    frame->left -= *used;
  }
  return err;
}

void sipws__codec_free(struct sipws__codec *codec) {
  if (codec->context != NULL) {
    wslay_frame_context_free(codec->context);
    codec->context = NULL;
  }
}
