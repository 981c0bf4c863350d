/* The least that any codec does: one copy of the octets. */
#include "work.h"

static WORK_PAGE uint8_t out[WORK_MIDDLE + FRAME_MAX];

static void *copy_begin(int role) {
  (void)role;
  return out + WORK_MIDDLE;
}

static void copy_end(void *conn) {
  (void)conn;
}

/* The octets were copied already, from the socket to |in|. */
static int copy_decode(void *conn, uint8_t *in, size_t len,
                       struct bench_sink *sink) {
  (void)conn;
  bench_take(sink, in, len);
  return 0;
}

static int copy_encode(void *conn, const uint8_t *msg, size_t len,
                       struct bench_sink *sink) {
  memcpy(conn, msg, len);
  bench_take(sink, conn, len);
  return 0;
}

const struct bench_codec bench_codec = {
    .name = "copy",
    .is_raw = 1,
    .begin = copy_begin,
    .end = copy_end,
    .decode = copy_decode,
    .encode = copy_encode,
};
