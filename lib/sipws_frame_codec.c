/* frame, second part: payload received. What unmasks it is chosen when the
 * library is built, here and, for sending, in sipws_frame_send.c:
 *   make          the express lane messages of one frame and control frames,
 *                 of which a flood is cheap to send; wslay all the rest
 *   make WSLAY=0  the lane everything; wslay is not linked
 *   make LANE=0   wslay everything, both ways: the reference
 * All three deliver the same. */
#include "sipws_frame.h"

#include "sipws_octets.h"

#ifdef SIPWS_NO_LANE
#define CODEC_HAS_LANE 0
#else
#define CODEC_HAS_LANE 1
#endif

/* 1 when the express lane takes |frame|: a control frame, or a whole message of
 * usual size. */
static int codec_is_express(const struct sipws__codec *codec,
                            const struct sipws__frame *frame) {
  return CODEC_HAS_LANE && (frame->opcode >= SIPWS__OP_CLOSE ||
                            (frame->fin && frame->opcode != SIPWS__OP_CONT &&
                             frame->len <= codec->lane_max));
}

/* The lane; 1 when it saw ASCII alone. */
static int codec_lane(const struct sipws__frame *frame, const uint8_t *in,
                      size_t len, uint8_t *out) {
  static const uint8_t no_key[4] = {0, 0, 0, 0};
  int is_masked = (frame->head[1] & 0x80) != 0;
  const uint8_t *key = is_masked ? frame->head + frame->have - 4 : no_key;
  /* RFC 6455 5.3: after a cut the key's turn goes on */
  size_t phase = (size_t)((frame->len - frame->left) % 4);
  return sipws__octets_unmask(out, in, len, key, phase);
}

/* All that is not express. */
static int codec_rest(struct sipws__codec *codec,
                      const struct sipws__frame *frame, const uint8_t *in,
                      size_t len, uint8_t *out) {
#ifdef SIPWS_NO_WSLAY
  (void)codec;
  (void)codec_lane(frame, in, len, out);
  return 0;
#else
  return sipws__wslay_payload(codec, frame, in, len, out);
#endif
}

int sipws__frame_payload(struct sipws__codec *codec, struct sipws__frame *frame,
                         const uint8_t *in, size_t len, uint8_t *out,
                         int *is_ascii) {
  int err = 0;
  *is_ascii = 0;
  if (codec_is_express(codec, frame)) {
    *is_ascii = codec_lane(frame, in, len, out);
  } else {
    err = codec_rest(codec, frame, in, len, out);
  }
  frame->left -= len;
  return err;
}

void sipws__codec_free(struct sipws__codec *codec) {
#ifdef SIPWS_NO_WSLAY
  (void)codec;
#else
  sipws__wslay_free(codec);
#endif
}
