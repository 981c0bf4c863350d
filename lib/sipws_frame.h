/* frame: RFC 6455 section 5. Headers are judged here, the moment they are
 * complete; payload is unmasked by wslay's frame level, which this room alone
 * knows. What frames mean together is the message room's. */
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
  uint8_t head[SIPWS__FRAME_HEAD_MAX];
  uint8_t have; /* octets of head received */
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

/* The payload decoder; all zero at first. It holds a wslay context from the
 * first payload on until trimmed. The express lane will sit beside it. */
struct sipws__codec {
  void *context;
  const uint8_t *in; /* what the context may read next */
  size_t in_len;
};

/* Decodes payload of |frame|, whose header is complete: takes octets of |in|,
 * lends some of them decoded (until the next call). 0, SIPWS_ERR_NOMEM. */
int sipws__frame_payload(struct sipws__codec *codec, struct sipws__frame *frame,
                         const uint8_t *in, size_t len, size_t *used,
                         const uint8_t **out, size_t *out_len);

/* Gives the context back; not in the middle of a frame. */
void sipws__codec_free(struct sipws__codec *codec);

/* ---- sending (sipws_frame_send.c) ---- */

/* Octets of a whole frame with |len| of payload. */
size_t sipws__frame_size(size_t len, int is_masked);

/* Writes one; |mask| is 4 octets, or NULL for none. |payload| is not altered.
 * Returns its octets, as sipws__frame_size. */
size_t sipws__frame_write(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len);

/* Reads back the header of a frame written so: its octets in all. */
size_t sipws__frame_read_back(const uint8_t *frame, int *is_final, int *opcode);

#endif /* SIPWS_FRAME_H */
