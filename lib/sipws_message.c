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
    memset(&message->utf8, 0, sizeof message->utf8);
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

static int message_add(struct sipws__message *message,
                       const struct sipws__message_limits *limits,
                       const struct sipws__mem *mem, const uint8_t *data,
                       size_t len) {
  if (message_is_control(message)) {
    memcpy(message->control + message->control_len, data, len);
    message->control_len = (uint8_t)(message->control_len + len);
    return 0;
  }
  /* RFC 6455 8.1; noticed before the frame has ended */
  if (message->kind == SIPWS__OP_TEXT &&
      !sipws__utf8_feed(&message->utf8, data, len)) {
    return SIPWS_ERR_UTF8;
  }
  return sipws__buf_add(&message->data, mem, data, len, limits->size);
}

/* The frame is whole. */
static int message_end(struct sipws__message *message, int *item) {
  struct sipws__frame *frame = &message->frame;
  if (message_is_control(message)) {
    *item = frame->opcode;
  } else if (frame->fin) {
    if (message->kind == SIPWS__OP_TEXT &&
        !sipws__utf8_is_whole(&message->utf8)) {
      return SIPWS_ERR_UTF8;
    }
    *item = message->kind;
    message->kind = 0;
  }
  memset(frame, 0, sizeof *frame);
  return 0;
}

static int message_take(struct sipws__message *message,
                        const struct sipws__message_limits *limits,
                        const struct sipws__mem *mem, const uint8_t *in,
                        size_t len, size_t *used, int *item) {
  const uint8_t *out;
  size_t out_len;
  int err = 0;
  *used = 0;
  if (!message->frame.is_whole) {
    err = sipws__frame_head(&message->frame, message->role, in, len, used);
    if (err == 0 && message->frame.is_whole) {
      err = message_begin(message, limits, mem);
    }
  } else {
    err = sipws__frame_payload(&message->codec, &message->frame, in, len, used,
                               &out, &out_len);
    if (err == 0 && out_len > 0) {
      err = message_add(message, limits, mem, out, out_len);
    }
  }
  if (err == 0 && message->frame.is_whole && message->frame.left == 0) {
    err = message_end(message, item);
  }
  return err;
}

int sipws__message_feed(struct sipws__message *message,
                        const struct sipws__message_limits *limits,
                        const struct sipws__mem *mem, const uint8_t *in,
                        size_t len, size_t *used, int *item) {
  int err = 0;
  *used = 0;
  *item = SIPWS__ITEM_NONE;
  while (err == 0 && *item == SIPWS__ITEM_NONE && *used < len) {
    size_t step;
    err = message_take(message, limits, mem, in + *used, len - *used, &step,
                       item);
    *used += step;
  }
  return err;
}

int sipws__message_is_data(const struct sipws__message *message, uint8_t next) {
  uint8_t first = message->frame.have > 0 ? message->frame.head[0] : next;
  return (first & 0x0f) < SIPWS__OP_CLOSE;
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
