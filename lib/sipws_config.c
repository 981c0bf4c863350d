#include "sipws_config.h"

#include "sipws_text.h"

#include <string.h>

static void config_set_defaults(sipws_config *config) {
  config->message.size = 65536;
  config->message.fragments = 256;
  config->handshake_size = 16384;
  config->headers = 100;
  config->body_prefix = 1024;
  config->queue_size = 262144;
  config->input_size = 16384;
  config->not_sip = 3;
  config->timer[SIPWS_TIMER_HANDSHAKE] = 10000;
  config->timer[SIPWS_TIMER_VERDICT] = 10000;
  config->timer[SIPWS_TIMER_PONG] = 10000;
  config->timer[SIPWS_TIMER_CRLF] = 10000;
  config->timer[SIPWS_TIMER_CLOSE] = 5000;
  config->timer[SIPWS_TIMER_STALL] = 30000;
  config->timer[SIPWS_TIMER_TRIM] = 5000;
  config->keepalive[SIPWS_KEEPALIVE_PING] = 25000;
  config->protos.count = 1;
  config->protos.list[0].profile = SIPWS_PROFILE_SIP;
  config->protos.list[0].len = 3;
  memcpy(config->protos.list[0].name, "sip", 3);
}

int sipws_config_new(sipws_alloc_fn alloc, void *alloc_user,
                     sipws_config **config) {
  struct sipws__mem mem;
  sipws_config *made;
  if (config == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__mem_init(&mem, alloc, alloc_user);
  made = sipws__mem_new(&mem, sizeof *made);
  if (made == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->mem = mem;
  config_set_defaults(made);
  *config = made;
  return 0;
}

void sipws_config_free(sipws_config *config) {
  if (config != NULL) {
    struct sipws__mem mem = config->mem;
    sipws__mem_free(&mem, config, sizeof *config);
  }
}

int sipws_config_set_random(sipws_config *config, sipws_random_fn random,
                            void *user) {
  if (config == NULL) {
    return SIPWS_ERR_INVALID;
  }
  config->random = random;
  config->random_user = user;
  return 0;
}

int sipws_config_set_io(sipws_config *config, sipws_recv_fn recv,
                        sipws_send_fn send) {
  if (config == NULL) {
    return SIPWS_ERR_INVALID;
  }
  config->recv = recv;
  config->send = send;
  return 0;
}

int sipws_config_set_trace(sipws_config *config, sipws_trace_fn trace,
                           void *user) {
  if (config == NULL) {
    return SIPWS_ERR_INVALID;
  }
  config->trace = trace;
  config->trace_user = user;
  return 0;
}

/* ---- callbacks ---- */

static void config_note_callbacks(sipws_config *config) {
  config->has_callbacks =
      config->on_request != NULL || config->on_open != NULL ||
      config->on_refused != NULL || config->on_writable != NULL ||
      config->on_message != NULL || config->on_keepalive != NULL ||
      config->on_notice != NULL || config->on_sent != NULL ||
      config->on_closed != NULL;
}

#define CONFIG_CALLBACK(name, type)                                            \
  int sipws_config_##name(sipws_config *config, type fn) {                     \
    if (config == NULL) {                                                      \
      return SIPWS_ERR_INVALID;                                                \
    }                                                                          \
    config->name = fn;                                                         \
    config_note_callbacks(config);                                             \
    return 0;                                                                  \
  }

CONFIG_CALLBACK(on_request, sipws_on_event_fn)
CONFIG_CALLBACK(on_open, sipws_on_event_fn)
CONFIG_CALLBACK(on_refused, sipws_on_event_fn)
CONFIG_CALLBACK(on_message, sipws_on_message_fn)
CONFIG_CALLBACK(on_keepalive, sipws_on_keepalive_fn)
CONFIG_CALLBACK(on_notice, sipws_on_notice_fn)
CONFIG_CALLBACK(on_sent, sipws_on_sent_fn)
CONFIG_CALLBACK(on_writable, sipws_on_event_fn)
CONFIG_CALLBACK(on_closed, sipws_on_closed_fn)

/* ---- numbers ---- */

static uint32_t *config_limit(sipws_config *config, int limit, uint32_t *min,
                              uint32_t *max) {
  *min = 0;
  *max = 1u << 30;
  switch (limit) {
  case SIPWS_LIMIT_MESSAGE_SIZE:
    *min = 1;
    return &config->message.size;
  case SIPWS_LIMIT_FRAGMENTS:
    *min = 1;
    *max = 1u << 31;
    return &config->message.fragments;
  case SIPWS_LIMIT_HANDSHAKE_SIZE:
    *min = 256;
    *max = 1u << 20;
    return &config->handshake_size;
  case SIPWS_LIMIT_HEADERS:
    *min = 8;
    *max = 10000;
    return &config->headers;
  case SIPWS_LIMIT_BODY_PREFIX:
    *max = 1u << 20;
    return &config->body_prefix;
  case SIPWS_LIMIT_QUEUE_SIZE:
    *min = 256;
    return &config->queue_size;
  case SIPWS_LIMIT_QUEUE_HIGH:
    return &config->queue_high;
  case SIPWS_LIMIT_QUEUE_LOW:
    return &config->queue_low;
  case SIPWS_LIMIT_INPUT_SIZE:
    *min = 512;
    *max = 1u << 20;
    return &config->input_size;
  case SIPWS_LIMIT_FRAME_SIZE:
    return &config->frame_size;
  case SIPWS_LIMIT_NOT_SIP:
    *max = 255;
    return &config->not_sip;
  default:
    return NULL;
  }
}

int sipws_config_set_limit(sipws_config *config, int limit, uint32_t value) {
  uint32_t min, max;
  uint32_t *place;
  if (config == NULL) {
    return SIPWS_ERR_INVALID;
  }
  place = config_limit(config, limit, &min, &max);
  if (place == NULL || value < min || value > max) {
    return SIPWS_ERR_INVALID;
  }
  *place = value;
  return 0;
}

int sipws_config_set_timer(sipws_config *config, int timer, uint32_t ms) {
  if (config == NULL || timer < SIPWS_TIMER_HANDSHAKE ||
      timer > SIPWS_TIMER_TRIM || ms > SIPWS__MS_MAX) {
    return SIPWS_ERR_INVALID;
  }
  config->timer[timer] = ms;
  return 0;
}

int sipws__config_check_keepalive(int kind, uint32_t ms) {
  return kind < SIPWS_KEEPALIVE_PING || kind > SIPWS_KEEPALIVE_CRLF ||
                 ms > SIPWS__MS_MAX
             ? SIPWS_ERR_INVALID
             : 0;
}

int sipws_config_set_keepalive(sipws_config *config, int kind, uint32_t ms) {
  if (config == NULL || sipws__config_check_keepalive(kind, ms) != 0) {
    return SIPWS_ERR_INVALID;
  }
  config->keepalive[kind] = ms;
  return 0;
}

int sipws_config_set_policy(sipws_config *config, uint32_t policy) {
  if (config == NULL || policy >= 2 * SIPWS_POLICY_TRIM_AT_ONCE) {
    return SIPWS_ERR_INVALID;
  }
  config->policy = policy;
  return 0;
}

/* ---- subprotocols ---- */

static int config_has_protocol(const struct sipws__protos *protos,
                               const char *name, size_t len) {
  uint32_t i;
  for (i = 0; i < protos->count; i++) {
    if (sipws__text_same(protos->list[i].name, protos->list[i].len, name,
                         len)) {
      return 1;
    }
  }
  return 0;
}

int sipws_config_add_subprotocol(sipws_config *config, const char *name,
                                 size_t len, int profile) {
  struct sipws__protos *protos;
  struct sipws__proto *proto;
  if (config == NULL || (name == NULL && len > 0) ||
      (profile != SIPWS_PROFILE_SIP && profile != SIPWS_PROFILE_OPAQUE)) {
    return SIPWS_ERR_INVALID;
  }
  if (len > 0 && !sipws__text_is_token(name, len)) {
    return SIPWS_ERR_TEXT;
  }
  if (len > SIPWS__PROTO_NAME_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  protos = &config->protos;
  if (!config->has_own_protos) {
    protos->count = 0;
    config->has_own_protos = 1;
  }
  if (protos->count == SIPWS__PROTO_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  if (config_has_protocol(protos, name, len)) {
    return SIPWS_ERR_INVALID;
  }
  proto = &protos->list[protos->count++];
  proto->profile = (uint8_t)profile;
  proto->len = (uint8_t)len;
  if (len > 0) {
    memcpy(proto->name, name, len);
  }
  return 0;
}
