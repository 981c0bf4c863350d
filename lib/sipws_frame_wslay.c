/* frame, fourth part: wslay 1.1.1 at its frame level. */
#include "sipws_frame.h"

#include <wslay/wslay.h>

#include <string.h>

/* ---- receiving ---- */

static ssize_t wslay_on_recv(uint8_t *buf, size_t len, int flags, void *user) {
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

static int wslay_open(struct sipws__codec *codec) {
  struct wslay_frame_callbacks callbacks;
  wslay_frame_context_ptr context;
  if (codec->context != NULL) {
    return 0;
  }
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.recv_callback = wslay_on_recv;
  if (wslay_frame_context_init(&context, &callbacks, codec) != 0) {
    return SIPWS_ERR_NOMEM;
  }
  codec->context = context;
  return 0;
}

/* Gives wslay the next octets of a frame, from its header on, and copies what
 * it decodes out of its own buffer, which is short. */
static int wslay_run(struct sipws__codec *codec, const uint8_t *in, size_t len,
                     uint8_t *out) {
  codec->in = in;
  codec->in_len = len;
  while (codec->in_len > 0) {
    struct wslay_frame_iocb iocb;
    ssize_t got = wslay_frame_recv(codec->context, &iocb);
    if (got > 0) {
      memcpy(out, iocb.data, (size_t)got);
      out += got;
    } else if (got != WSLAY_ERR_WANT_READ) {
      return SIPWS_ERR_PROTOCOL;
    }
  }
  return 0;
}

int sipws__wslay_payload(struct sipws__codec *codec,
                         const struct sipws__frame *frame, const uint8_t *in,
                         size_t len, uint8_t *out) {
  int err = wslay_open(codec);
  if (err == 0 && frame->left == frame->len) {
    err = wslay_run(codec, frame->head, frame->have, out);
  }
  if (err == 0) {
    err = wslay_run(codec, in, len, out);
  }
  return err;
}

void sipws__wslay_free(struct sipws__codec *codec) {
  if (codec->context != NULL) {
    wslay_frame_context_free(codec->context);
    codec->context = NULL;
  }
}

#ifdef SIPWS_NO_LANE

/* ---- sending ---- */

/* Where a frame is written, and with what key. */
struct wslay_writer {
  uint8_t *out;
  size_t len;
  const uint8_t *mask;
};

static ssize_t wslay_on_send(const uint8_t *data, size_t len, int flags,
                             void *user) {
  struct wslay_writer *writer = user;
  (void)flags;
  memcpy(writer->out + writer->len, data, len);
  writer->len += len;
  return (ssize_t)len;
}

static int wslay_on_mask(uint8_t *buf, size_t len, void *user) {
  const struct wslay_writer *writer = user;
  memcpy(buf, writer->mask, len);
  return 0;
}

size_t sipws__wslay_write(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len) {
  static const struct wslay_frame_callbacks callbacks = {wslay_on_send, NULL,
                                                         wslay_on_mask};
  struct wslay_writer writer;
  struct wslay_frame_iocb iocb;
  wslay_frame_context_ptr context;
  writer.out = out;
  writer.len = 0;
  writer.mask = mask;
  if (wslay_frame_context_init(&context, &callbacks, &writer) != 0) {
    return 0;
  }
  memset(&iocb, 0, sizeof iocb);
  iocb.fin = is_final != 0;
  iocb.opcode = (uint8_t)opcode;
  iocb.mask = mask != NULL;
  iocb.payload_length = len;
  iocb.data = payload;
  iocb.data_length = len;
  (void)wslay_frame_send(context, &iocb); /* its callbacks never fail */
  wslay_frame_context_free(context);
  return writer.len;
}

#endif
