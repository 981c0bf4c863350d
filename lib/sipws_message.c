#include "sipws_message.h"

#include <string.h>

static int message_is_control(const struct sipws__message *message) {
  return message->frame.opcode >= SIPWS__OP_CLOSE;
}

/* The rules between frames, and the limits, before a payload octet is kept. */
static int message_begin_data(struct sipws__message *message,
                              const struct sipws__message_limits *limits) {
  struct sipws__frame *frame = &message->frame;
  if ((frame->opcode == SIPWS__OP_CONT) != (message->kind != 0)) {
    return SIPWS_ERR_PROTOCOL; /* RFC 6455 5.4: orphan, or interleaved */
  }
  if (message->kind == 0) {
    message->data.len = 0;
    message->kind = frame->opcode;
    message->fragments = 0;
  }
  message->fragments++;
  /* RFC 6455 10.4: refused by what is announced, not after it was stored */
  if (message->fragments > limits->fragments ||
      frame->len > limits->size - message->data.len) {
    return SIPWS_ERR_PEER_TOO_BIG;
  }
  return 0;
}

static int message_begin(struct sipws__message *message,
                         const struct sipws__message_limits *limits,
                         const struct sipws__mem *mem) {
  if (!message_is_control(message)) {
    return message_begin_data(message, limits);
  }
  message->control_len = 0;
  if (message->frame.len > 0 && message->control == NULL) {
    message->control = sipws__mem_new(mem, SIPWS__CONTROL_MAX);
    if (message->control == NULL) {
      return SIPWS_ERR_NOMEM;
    }
  }
  return 0;
}

/* The place for the next |len| octets of payload. |own| is where they lie now
 * if they may be altered, else NULL. */
static int message_place(struct sipws__message *message,
                         const struct sipws__message_limits *limits,
                         const struct sipws__mem *mem, size_t len, uint8_t *own,
                         uint8_t **place) {
  int err;
  if (message_is_control(message)) {
    *place = message->control + message->control_len;
    return 0;
  }
  /* a whole message in one piece stays where it is */
  if (own != NULL && message->frame.fin && message->fragments == 1 &&
      len == message->frame.len) {
    *place = own;
    return 0;
  }
  err = sipws__buf_reserve(&message->data, mem, len, limits->size);
  if (err == 0) {
    *place = message->data.data + message->data.len;
  }
  return err;
}

/* RFC 6455 8.1: text is UTF-8, which is noticed before the frame has ended. */
static int message_check_text(struct sipws__message *message,
                              const uint8_t *text, size_t len, int is_ascii) {
  int is_good = is_ascii ? sipws__utf8_is_whole(&message->utf8)
                         : sipws__utf8_feed(&message->utf8, text, len);
  return is_good ? 0 : SIPWS_ERR_UTF8;
}

/* Takes octets of payload. */
static int message_payload(struct sipws__message *message,
                           const struct sipws__message_limits *limits,
                           const struct sipws__mem *mem, const uint8_t *in,
                           size_t len, size_t *used, struct sipws__item *item) {
  uint8_t *own = message->own_end == in + len ? message->own_end - len : NULL;
  uint8_t *place;
  int is_ascii;
  int err;
  if (len > message->frame.left) {
    len = (size_t)message->frame.left;
  }
  *used += len;
  err = message_place(message, limits, mem, len, own, &place);
  if (err == 0) {
    err = sipws__frame_payload(&message->codec, &message->frame, in, len, place,
                               &is_ascii);
  }
  if (err != 0) {
    return err;
  }
  if (message_is_control(message)) {
    message->control_len = (uint8_t)(message->control_len + len);
    return 0;
  }
  if (place == own) {
    item->data = own;
    item->len = len;
  } else {
    message->data.len += len;
  }
  return message->kind == SIPWS__OP_TEXT
             ? message_check_text(message, place, len, is_ascii)
             : 0;
}

static void message_end_control(struct sipws__message *message,
                                struct sipws__item *item) {
  item->kind = message->frame.opcode;
  item->data = message->control;
  item->len = message->control_len;
}

static int message_end_data(struct sipws__message *message,
                            struct sipws__item *item) {
  if (message->kind == SIPWS__OP_TEXT &&
      !sipws__utf8_is_whole(&message->utf8)) {
    return SIPWS_ERR_UTF8;
  }
  if (item->data == NULL) {
    item->data = message->data.data;
    item->len = message->data.len;
  }
  item->kind = message->kind;
  message->kind = 0;
  return 0;
}

/* The frame is whole. */
static int message_end(struct sipws__message *message,
                       struct sipws__item *item) {
  int err = 0;
  if (message_is_control(message)) {
    message_end_control(message, item);
  } else if (message->frame.fin) {
    err = message_end_data(message, item);
  }
  memset(&message->frame, 0, sizeof message->frame);
  return err;
}

int sipws__message_feed(struct sipws__message *message,
                        const struct sipws__message_limits *limits,
                        const struct sipws__mem *mem, const uint8_t *in,
                        size_t len, size_t *used, struct sipws__item *item) {
  struct sipws__frame *frame = &message->frame;
  int err = 0;
  *used = 0;
  item->kind = SIPWS__ITEM_NONE;
  item->data = NULL;
  if (!frame->is_whole) {
    err = sipws__frame_head(frame, message->role, in, len, used);
    if (err != 0 || !frame->is_whole) {
      return err;
    }
    err = message_begin(message, limits, mem);
  }
  if (err == 0 && frame->left > 0 && len > *used) {
    err = message_payload(message, limits, mem, in + *used, len - *used, used,
                          item);
  }
  if (err == 0 && frame->left == 0) {
    err = message_end(message, item);
  }
  return err;
}

int sipws__message_is_data(const struct sipws__message *message, uint8_t next) {
  uint8_t first = message->frame.have > 0 ? message->frame.head[0] : next;
  return (first & 0x0f) < SIPWS__OP_CLOSE;
}

int sipws__message_is_under_way(const struct sipws__message *message) {
  return message->kind != 0 || message->frame.have > 0;
}

int sipws__message_close(const uint8_t *payload, size_t len, uint16_t *code) {
  uint16_t value;
  if (len == 0) {
    *code = 1005; /* RFC 6455 7.1.5 */
    return 0;
  }
  if (len == 1) {
    return SIPWS_ERR_PROTOCOL; /* RFC 6455 5.5.1 */
  }
  value = (uint16_t)(payload[0] << 8 | payload[1]);
  if (!sipws_close_code_is_valid(value)) {
    return SIPWS_ERR_PROTOCOL;
  }
  if (!sipws__utf8_is_valid(payload + 2, len - 2)) {
    return SIPWS_ERR_UTF8;
  }
  *code = value;
  return 0;
}

/* The codec may go between frames, and as long as no octet of a payload went
 * through it. */
static int message_codec_is_idle(const struct sipws__message *message) {
  return message->codec.context != NULL &&
         (!message->frame.is_whole ||
          message->frame.left == message->frame.len);
}

static int message_data_is_idle(const struct sipws__message *message,
                                int lends) {
  return message->data.size > 0 && !message->data.fixed && message->kind == 0 &&
         !lends;
}

static int message_control_is_idle(const struct sipws__message *message) {
  return message->control != NULL && message->control_len == 0 &&
         !message->data.fixed && !message->frame.is_whole;
}

int sipws__message_has_slack(const struct sipws__message *message, int lends) {
  return message_codec_is_idle(message) ||
         message_data_is_idle(message, lends) ||
         message_control_is_idle(message);
}

void sipws__message_trim(struct sipws__message *message,
                         const struct sipws__mem *mem, int lends) {
  if (message_codec_is_idle(message)) {
    sipws__codec_free(&message->codec);
  }
  if (message_data_is_idle(message, lends)) {
    sipws__buf_free(&message->data, mem);
  }
  if (message_control_is_idle(message)) {
    sipws__mem_free(mem, message->control, SIPWS__CONTROL_MAX);
    message->control = NULL;
  }
}

void sipws__message_free(struct sipws__message *message,
                         const struct sipws__mem *mem) {
  sipws__codec_free(&message->codec);
  if (!message->data.fixed) {
    sipws__mem_free(mem, message->control, SIPWS__CONTROL_MAX);
  }
  sipws__buf_free(&message->data, mem);
  message->control = NULL;
}
