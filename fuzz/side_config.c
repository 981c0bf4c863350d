#include "side.h"

#define SIDE_HANDSHAKE_SIZE 1024
#define SIDE_URL_MAX 64

static const uint32_t side_messages[] = {2048, 1, 300, 16384};
static const uint32_t side_frames[] = {0, 125, 500, 1};

uint32_t side_message_size(const struct side *side) {
  return side_messages[side->settings.limits & 3];
}

static uint32_t side_frame_size(const struct side *side) {
  return side_frames[side->settings.limits >> 2 & 3];
}

static uint32_t side_queue_size(const struct side *side) {
  return (side->settings.limits & 16) != 0 ? 256 : 8192;
}

static uint32_t side_input_size(const struct side *side) {
  return (side->settings.limits & 32) != 0 ? 512 : 2048;
}

/* As the preamble of sipws.h has it. */
static size_t side_bound(const struct side *side) {
  size_t message = side_message_size(side);
  size_t frame = side_frame_size(side);
  size_t frames = frame == 0 ? 1 : message / frame + 1;
  size_t queue = side_queue_size(side);
  return sipws_conn_footprint() + SIDE_URL_MAX + message + message +
         14 * frames + 2 * queue + queue / 16 + 8192 + side_input_size(side);
}

static void side_limit(struct side *side, int limit, uint32_t value) {
  must(sipws_config_set_limit(side->config, limit, value) == 0);
}

static void side_set_limits(struct side *side) {
  uint8_t bits = side->settings.limits;
  side_limit(side, SIPWS_LIMIT_MESSAGE_SIZE, side_message_size(side));
  side_limit(side, SIPWS_LIMIT_FRAME_SIZE, side_frame_size(side));
  side_limit(side, SIPWS_LIMIT_QUEUE_SIZE, side_queue_size(side));
  side_limit(side, SIPWS_LIMIT_INPUT_SIZE, side_input_size(side));
  side_limit(side, SIPWS_LIMIT_FRAGMENTS, (bits & 64) != 0 ? 3 : 256);
  side_limit(side, SIPWS_LIMIT_NOT_SIP, (bits & 128) != 0 ? 0 : 3);
  side_limit(side, SIPWS_LIMIT_HANDSHAKE_SIZE, SIDE_HANDSHAKE_SIZE);
  side_limit(side, SIPWS_LIMIT_BODY_PREFIX, SIDE_BODY_PREFIX);
}

static void side_set_times(sipws_config *config) {
  must(sipws_config_set_keepalive(config, SIPWS_KEEPALIVE_PING, 1000) == 0);
  must(sipws_config_set_keepalive(config, SIPWS_KEEPALIVE_CRLF, 700) == 0);
  must(sipws_config_set_timer(config, SIPWS_TIMER_PONG, 500) == 0);
  must(sipws_config_set_timer(config, SIPWS_TIMER_CRLF, 500) == 0);
  must(sipws_config_set_timer(config, SIPWS_TIMER_STALL, 900) == 0);
  must(sipws_config_set_timer(config, SIPWS_TIMER_IDLE, 5000) == 0);
  must(sipws_config_set_timer(config, SIPWS_TIMER_WAIT, 300) == 0);
}

static void side_set_names(struct side *side, int role) {
  sipws_config *config = side->config;
  int profile = (side->settings.kind & SIDE_OPAQUE) != 0 ? SIPWS_PROFILE_OPAQUE
                                                         : SIPWS_PROFILE_SIP;
  must(sipws_config_add_subprotocol(config, "sip", 3, profile) == 0);
  if ((side->settings.kind & SIDE_ANY_NAME) != 0) {
    must(sipws_config_add_subprotocol(config, role == SIPWS_SERVER ? "*" : "",
                                      role == SIPWS_SERVER, profile) == 0);
  }
}

/* Every client's key is that of RFC 6455 section 1.3, so that an input can hold
 * the answer to it. All else is the same octet: when the library asks, and for
 * how many, is its own affair and may depend on the cuts. */
static int side_random(uint8_t *out, size_t len, void *user) {
  const struct side *side = user;
  if (side->random_fails) {
    return -1;
  }
  memset(out, 0x5a, len);
  if (len == 16) {
    memcpy(out, "the sample nonce", len);
  }
  return 0;
}

static void side_draw_settings(struct side *side, struct fuzz_input *input) {
  struct side_settings *settings = &side->settings;
  settings->kind = fuzz_octet(input);
  if (side->peer != NULL) {
    settings->kind = (uint8_t)((settings->kind & ~SIDE_OPAQUE) |
                               (side->peer->settings.kind & SIDE_OPAQUE));
  }
  settings->limits = fuzz_octet(input);
  settings->policy = fuzz_octet(input);
  settings->turns = fuzz_octet(input);
  settings->trims_at_once = settings->turns >> 7;
  settings->is_stream = settings->turns >> 6 & 1;
  settings->turns &= 15;
  side->turns.at = fuzz_octets(input, 2u * settings->turns, &side->turns.left);
}

void side_config(struct side *side, struct fuzz_input *input, int role) {
  uint32_t policy;
  side_draw_settings(side, input);
  policy = side->settings.policy;
  if ((side->settings.kind & SIDE_FIXED) != 0) {
    policy |= SIPWS_POLICY_FIXED_BUFFERS;
  }
  if (side->settings.trims_at_once) {
    policy |= SIPWS_POLICY_TRIM_AT_ONCE;
  }
  must(sipws_config_new(fuzz_alloc, &side->heap, &side->config) == 0);
  must(sipws_config_set_random(side->config, side_random, side) == 0);
  must(sipws_config_set_policy(side->config, policy) == 0);
  side_set_limits(side);
  side_set_names(side, role);
  if ((side->settings.kind & SIDE_KEEPALIVE) != 0) {
    side_set_times(side->config);
  }
  if ((side->settings.kind & SIDE_PULLS) == 0) {
    side_set_callbacks(side->config);
  }
  side->base = side->heap.live;
  side->random = 1;
  side->digest = FUZZ_DIGEST;
}

void side_begin(struct side *side, int role, int part) {
  must(side->conn != NULL);
  reader_begin(&side->reader, role == SIPWS_CLIENT, part);
  side->reader.frames.piece = side_frame_size(side);
  side->heap.bound = side->base + side_bound(side);
  /* the handshake's share; fixed buffers have it for good */
  if (part == READER_HEAD || (side->settings.kind & SIDE_FIXED) != 0) {
    side->heap.bound += 4 * SIDE_HANDSHAKE_SIZE + SIDE_BODY_PREFIX;
  }
  if (side->reads != NULL) {
    side->heap.bound += side_input_size(side) + side->record_size;
  }
  must(side->heap.live <= side->heap.bound);
}

void side_end(struct side *side) {
  sipws_conn_free(side->conn);
  side->conn = NULL;
  must(side->heap.live == side->base);
  sipws_config_free(side->config);
  must(side->heap.live == 0 && side->heap.blocks == 0);
}
