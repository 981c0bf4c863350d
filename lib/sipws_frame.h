/* frame: RFC 6455 section 5. Headers are judged here, the moment they are
 * complete; payload is unmasked by the express lane or by wslay's frame level,
 * which this room alone knows. What frames mean together is the message room's.
 * Its files:
 *   frame        headers received
 *   frame_codec  payload received; what the lane takes and what wslay
 *   frame_send   frames written
 *   frame_wslay  wslay
 */
#ifndef SIPWS_FRAME_H
#define SIPWS_FRAME_H

#include <sipws/sipws.h>

enum sipws__opcode {
  SIPWS__OP_CONT = 0,
  SIPWS__OP_TEXT = 1,
  SIPWS__OP_BINARY = 2,
  SIPWS__OP_CLOSE = 8,
  SIPWS__OP_PING = 9,
  SIPWS__OP_PONG = 10
};

#define SIPWS__FRAME_HEAD_MAX 14
#define SIPWS__CONTROL_MAX 125

/* The frame being received. All zero before a frame. */
struct sipws__frame {
  uint64_t len;  /* payload octets, once the header is complete */
  uint64_t left; /* of them, those still to come */
  uint8_t head[SIPWS__FRAME_HEAD_MAX + 2]; /* 16, which one move copies */
  uint8_t have;                            /* octets of head received */
  uint8_t fin;
  uint8_t opcode;
  uint8_t is_whole; /* 1: the header is complete */
};

/* Takes octets of a header. 0 with |*used| told: look at is_whole. Or
 * SIPWS_ERR_PROTOCOL as soon as the octets that show it are there: RSV bits,
 * unknown opcode, a mask missing at a server (|role|) or present at a client,
 * a control frame fragmented or over 125 octets, a length not in its shortest
 * form or with its top bit set. */
int sipws__frame_head(struct sipws__frame *frame, int role, const uint8_t *in,
                      size_t len, size_t *used);

/* ---- payload (sipws_frame_codec.c) ---- */

/* The payload decoder; all zero but |lane_max| at first. */
struct sipws__codec {
  void *context;     /* wslay's, from the first need on until given back */
  const uint8_t *in; /* what the context may read next */
  size_t in_len;
  uint32_t lane_max; /* octets of the longest frame for the express lane */
};

/* Decodes the next |len| octets of payload, at most those left of |frame|,
 * whose header is complete, into |out|, which may be |in|. |*is_ascii| 1: they
 * are ASCII; 0: nobody looked, or they are not. 0, SIPWS_ERR_NOMEM. */
int sipws__frame_payload(struct sipws__codec *codec, struct sipws__frame *frame,
                         const uint8_t *in, size_t len, uint8_t *out,
                         int *is_ascii);

/* Gives the context back; not in the middle of a frame. */
void sipws__codec_free(struct sipws__codec *codec);

/* ---- sending (sipws_frame_send.c) ---- */

/* Octets of a whole frame with |len| of payload. */
size_t sipws__frame_size(size_t len, int is_masked);

/* Writes one; |mask| is 4 octets, or NULL for none. |payload| is not altered;
 * |*is_ascii| 1: it is ASCII; 0: nobody looked, or it is not. Returns its
 * octets, as sipws__frame_size. */
size_t sipws__frame_write(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len, int *is_ascii);

/* Gives a frame so written another opcode. */
static inline void sipws__frame_set_opcode(uint8_t *frame, int opcode) {
  frame[0] = (uint8_t)((frame[0] & 0xf0) | opcode);
}

/* Reads back the header of a frame written so: its octets in all. */
size_t sipws__frame_read_back(const uint8_t *frame, int *is_final, int *opcode);

/* ---- wslay (sipws_frame_wslay.c) ---- */

/* As sipws__frame_payload. */
int sipws__wslay_payload(struct sipws__codec *codec,
                         const struct sipws__frame *frame, const uint8_t *in,
                         size_t len, uint8_t *out);

/* As sipws__frame_write; 0 when there is no memory for a context. In builds
 * with LANE=0 alone. */
size_t sipws__wslay_write(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len);

void sipws__wslay_free(struct sipws__codec *codec);

#endif /* SIPWS_FRAME_H */
