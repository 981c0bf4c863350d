/* wslay by its event level: whole messages, UTF-8 checked, no SIP. */
#include "codec.h"

#include <stdlib.h>
#include <wslay/wslay.h>

struct conn {
  wslay_event_context_ptr context;
  struct bench_sink *sink;
  const uint8_t *in; /* not read yet */
  size_t in_len;
};

static ssize_t on_recv(wslay_event_context_ptr context, uint8_t *buf,
                       size_t len, int flags, void *user) {
  struct conn *conn = user;
  (void)flags;
  if (conn->in_len == 0) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  if (len > conn->in_len) {
    len = conn->in_len;
  }
  memcpy(buf, conn->in, len);
  conn->in += len;
  conn->in_len -= len;
  return (ssize_t)len;
}

static ssize_t on_send(wslay_event_context_ptr context, const uint8_t *data,
                       size_t len, int flags, void *user) {
  struct conn *conn = user;
  (void)context;
  (void)flags;
  bench_take(conn->sink, data, len);
  return (ssize_t)len;
}

static int on_mask(wslay_event_context_ptr context, uint8_t *buf, size_t len,
                   void *user) {
  (void)context;
  (void)user;
  bench_random(buf, len);
  return 0;
}

static void on_message(wslay_event_context_ptr context,
                       const struct wslay_event_on_msg_recv_arg *arg,
                       void *user) {
  struct conn *conn = user;
  (void)context;
  if (arg->opcode == WSLAY_TEXT_FRAME) {
    bench_take(conn->sink, arg->msg, arg->msg_length);
  }
}

static void *codec_begin(int role) {
  static const struct wslay_event_callbacks callbacks = {
      .recv_callback = on_recv,
      .send_callback = on_send,
      .genmask_callback = on_mask,
      .on_msg_recv_callback = on_message,
  };
  struct conn *conn = calloc(1, sizeof *conn);
  int err;
  if (conn == NULL) {
    return NULL;
  }
  err = role == BENCH_SERVER
            ? wslay_event_context_server_init(&conn->context, &callbacks, conn)
            : wslay_event_context_client_init(&conn->context, &callbacks, conn);
  if (err != 0) {
    free(conn);
    return NULL;
  }
  return conn;
}

static void codec_end(void *user) {
  struct conn *conn = user;
  wslay_event_context_free(conn->context);
  free(conn);
}

static int codec_decode(void *user, uint8_t *in, size_t len,
                        struct bench_sink *sink) {
  struct conn *conn = user;
  conn->sink = sink;
  conn->in = in;
  conn->in_len = len;
  return wslay_event_recv(conn->context) != 0 || conn->in_len != 0;
}

static int codec_encode(void *user, const uint8_t *msg, size_t len,
                        struct bench_sink *sink) {
  struct conn *conn = user;
  struct wslay_event_msg message;
  struct bench_sink *outer = conn->sink; /* of a decode under way */
  int err;
  message.opcode = WSLAY_TEXT_FRAME;
  message.msg = msg;
  message.msg_length = len;
  conn->sink = sink;
  err = wslay_event_queue_msg(conn->context, &message) != 0 ||
        wslay_event_send(conn->context) != 0;
  conn->sink = outer;
  return err;
}

static int codec_rest(void *user) {
  (void)user;
  return 0;
}

const struct bench_codec bench_codec = {
    .name = "wslay",
    .begin = codec_begin,
    .end = codec_end,
    .decode = codec_decode,
    .encode = codec_encode,
    .rest = codec_rest,
};
