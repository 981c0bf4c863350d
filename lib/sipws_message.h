/* message: frames become whole messages (RFC 6455 section 5.4), with control
 * frames between them and UTF-8 checked as it arrives. Input only; it answers
 * nothing. */
#ifndef SIPWS_MESSAGE_H
#define SIPWS_MESSAGE_H

#include "sipws_buf.h"
#include "sipws_frame.h"
#include "sipws_utf8.h"

struct sipws__message_limits {
  uint32_t size;      /* octets of a message */
  uint32_t fragments; /* frames of one */
};

enum sipws__item_kind {
  SIPWS__ITEM_NONE = 0,
  SIPWS__ITEM_TEXT = SIPWS__OP_TEXT,
  SIPWS__ITEM_BINARY = SIPWS__OP_BINARY,
  SIPWS__ITEM_CLOSE = SIPWS__OP_CLOSE,
  SIPWS__ITEM_PING = SIPWS__OP_PING,
  SIPWS__ITEM_PONG = SIPWS__OP_PONG
};

/* What feed found: a whole message or a whole control frame. */
struct sipws__item {
  int kind;
  const uint8_t *data; /* may be NULL when |len| is 0 */
  size_t len;
};

/* All zero but |role| and |codec.lane_max| at first. Where |data| is fixed,
 * |control| is lent too. */
struct sipws__message {
  struct sipws__frame frame;
  struct sipws__codec codec;
  struct sipws__buf data; /* of the message under way, or just delivered */
  uint8_t *control;       /* payload of the last control frame, or NULL */
  uint8_t *own_end;       /* input that ends here may be altered and lent
                           * (feed_inplace); NULL: none may */
  uint32_t fragments;     /* frames of the message under way */
  struct sipws__utf8 utf8;
  uint8_t control_len;
  uint8_t role;
  uint8_t kind; /* opcode of the message under way; 0: between messages */
};

/* Takes octets of one frame at most; |*item| is what became whole by them. It
 * lies in |data|, |control| or the caller's octets, until the next call. 0, or
 * SIPWS_ERR_PROTOCOL, SIPWS_ERR_UTF8, SIPWS_ERR_PEER_TOO_BIG, SIPWS_ERR_NOMEM;
 * after one of those do not go on. */
int sipws__message_feed(struct sipws__message *message,
                        const struct sipws__message_limits *limits,
                        const struct sipws__mem *mem, const uint8_t *in,
                        size_t len, size_t *used, struct sipws__item *item);

/* 1 when the next octet, |next|, belongs to a data frame: where a pause
 * stops. */
int sipws__message_is_data(const struct sipws__message *message, uint8_t next);

/* 1 when octets of a frame or a message came, and more are due. */
int sipws__message_is_under_way(const struct sipws__message *message);

/* Reads the payload of a Close: 1005 without one. SIPWS_ERR_PROTOCOL (one
 * octet, or a code that may not travel), SIPWS_ERR_UTF8 (the reason). */
int sipws__message_close(const uint8_t *payload, size_t len, uint16_t *code);

/* 1 when trim would give something back; |lends| 1: |data| is still lent. */
int sipws__message_has_slack(const struct sipws__message *message, int lends);
void sipws__message_trim(struct sipws__message *message,
                         const struct sipws__mem *mem, int lends);

void sipws__message_free(struct sipws__message *message,
                         const struct sipws__mem *mem);

#endif /* SIPWS_MESSAGE_H */
