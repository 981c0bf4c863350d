/* Frames of any kind into an open connection, in every way there is: copied and
 * in place, by callbacks and pulled, whole and cut as the input says. All must
 * tell the same. lane_digest is what they tell: test/check_lane.sh compares it
 * between the builds of the frame room. The first octet chooses role, profile
 * and limits, the second the cuts. */
#include "fuzz.h"

uint64_t lane_digest(const uint8_t *data, size_t size);

enum { LANE_CUT = 1, LANE_INPLACE = 2, LANE_PULL = 4, LANE_WAYS = 8 };

struct lane {
  uint64_t digest;
  uint32_t random; /* the random hook's state */
};

static void lane_see(struct lane *lane, const void *data, size_t len) {
  fuzz_digest(&lane->digest, data, len);
}

/* The same on every machine. */
static void lane_see_number(struct lane *lane, uint64_t number) {
  int i;
  for (i = 0; i < 8; i++) {
    uint8_t octet = (uint8_t)(number >> (8 * i));
    lane_see(lane, &octet, 1);
  }
}

static int lane_random(uint8_t *out, size_t len, void *user) {
  struct lane *lane = user;
  while (len-- > 0) {
    *out++ = (uint8_t)fuzz_draw(&lane->random);
  }
  return 0;
}

/* ---- events ---- */

/* Sends it back, so that frames are written too. */
static int lane_on_message(sipws_conn *conn, int kind, const char *msg,
                           size_t len, int verdict, void *user) {
  lane_see_number(user, (uint64_t)SIPWS_EVENT_MESSAGE << 32 |
                            (uint64_t)kind << 8 | (uint64_t)verdict);
  lane_see_number(user, len);
  lane_see(user, msg, len);
  lane_see_number(user, sipws_conn_cut(conn));
  (void)sipws_conn_send(conn, msg, len, SIPWS_SEND_UNCHECKED, 1, NULL);
  return 0;
}

static void lane_on_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms,
                              void *user) {
  (void)conn;
  lane_see_number(user, (uint64_t)SIPWS_EVENT_KEEPALIVE << 32 |
                            (uint64_t)kind << 16 | rtt_ms);
}

static void lane_on_notice(sipws_conn *conn, int notice, uint64_t value,
                           void *user) {
  (void)conn;
  lane_see_number(user, (uint64_t)SIPWS_EVENT_NOTICE << 32 |
                            (uint64_t)notice << 16 | value);
}

static void lane_on_closed(sipws_conn *conn, int cause, void *user) {
  const char *reason;
  size_t len;
  lane_see_number(user, (uint64_t)SIPWS_EVENT_CLOSED << 32 |
                            (uint64_t)cause << 16 |
                            sipws_conn_close_code(conn));
  if (sipws_conn_close_reason(conn, &reason, &len) == 0 && len > 0) {
    lane_see(user, reason, len);
  }
}

/* 1 when there was one. */
static int lane_pull(sipws_conn *conn, struct lane *lane) {
  const char *msg;
  size_t len;
  uint64_t value;
  int event, kind, verdict;
  if (sipws_conn_next_event(conn, &event) != 0 || event == SIPWS_EVENT_NONE) {
    return 0;
  }
  if (sipws_conn_event_message(conn, &kind, &msg, &len, &verdict) == 0) {
    (void)lane_on_message(conn, kind, msg, len, verdict, lane);
  } else if (sipws_conn_event_keepalive(conn, &kind, &value) == 0) {
    lane_on_keepalive(conn, kind, value, lane);
  } else if (sipws_conn_event_notice(conn, &kind, &value) == 0) {
    lane_on_notice(conn, kind, value, lane);
  } else if (event == SIPWS_EVENT_CLOSED) {
    lane_on_closed(conn, sipws_conn_cause(conn), lane);
  }
  return 1;
}

/* ---- one run ---- */

static sipws_conn *lane_conn(struct lane *lane, uint8_t settings, int way,
                             sipws_config **config) {
  const char *name = (settings & 2) != 0 ? "" : "sip";
  sipws_conn *conn;
  must(sipws_config_new(NULL, NULL, config) == 0);
  (void)sipws_config_set_random(*config, lane_random, lane);
  if ((way & LANE_PULL) == 0) {
    (void)sipws_config_on_message(*config, lane_on_message);
    (void)sipws_config_on_keepalive(*config, lane_on_keepalive);
    (void)sipws_config_on_notice(*config, lane_on_notice);
    (void)sipws_config_on_closed(*config, lane_on_closed);
  }
  (void)sipws_config_set_limit(*config, SIPWS_LIMIT_INPUT_SIZE,
                               (settings & 4) != 0 ? 512 : 4096);
  (void)sipws_config_set_limit(*config, SIPWS_LIMIT_MESSAGE_SIZE,
                               (settings & 8) != 0 ? 1200 : 10000);
  (void)sipws_config_set_limit(*config, SIPWS_LIMIT_FRAGMENTS, 8);
  (void)sipws_config_set_limit(*config, SIPWS_LIMIT_NOT_SIP, 0);
  (void)sipws_config_set_limit(*config, SIPWS_LIMIT_FRAME_SIZE,
                               (settings & 32) != 0 ? 500 : 0);
  if ((settings & 16) != 0) {
    (void)sipws_config_set_policy(*config, SIPWS_POLICY_FIXED_BUFFERS);
  }
  if (*name == '\0') {
    (void)sipws_config_add_subprotocol(*config, "", 0, SIPWS_PROFILE_OPAQUE);
  }
  must(sipws_adopt_new(*config, settings & 1, name, strlen(name), lane, 0,
                       &conn) == 0);
  return conn;
}

/* Feeds |len| octets of a copy of its own; tells how many were taken. */
static size_t lane_feed(sipws_conn *conn, const uint8_t *data, size_t len,
                        int way, struct lane *lane) {
  uint8_t *own = (uint8_t *)fuzz_copy(data, len);
  size_t taken = 0;
  int err = (way & LANE_INPLACE) != 0
                ? sipws_conn_feed_inplace(conn, own, len, 1, &taken)
                : sipws_conn_feed(conn, own, len, 1, &taken);
  must(taken <= len && err == sipws_conn_error(conn)); /* failure is sticky */
  must(memcmp(own + taken, data + taken, len - taken) == 0);
  must((way & LANE_INPLACE) != 0 || memcmp(own, data, len) == 0);
  while ((way & LANE_PULL) != 0 && lane_pull(conn, lane)) {
  }
  free(own);
  return taken;
}

static uint64_t lane_run(const uint8_t *data, size_t size, uint8_t settings,
                         uint32_t cuts, int way) {
  struct lane lane = {FUZZ_DIGEST, 7};
  sipws_config *config;
  sipws_conn *conn = lane_conn(&lane, settings, way, &config);
  const uint8_t *out;
  size_t off = 0, len;
  while (off < size) {
    size_t step = (way & LANE_CUT) != 0 ? 1 + fuzz_draw(&cuts) % 300 : size;
    size_t taken;
    step = fuzz_draw(&cuts) % 4 == 0 && step < size ? 1 + step % 5 : step;
    step = step < size - off ? step : size - off;
    taken = lane_feed(conn, data + off, step, way, &lane);
    must(taken > 0);
    off += taken;
  }
  (void)sipws_conn_eof(conn, 2);
  while (sipws_conn_pending(conn, 0, &out, &len) == 0 && len > 0) {
    lane_see(&lane, out, len);
    (void)sipws_conn_taken(conn, len, 3);
  }
  while ((way & LANE_PULL) != 0 && lane_pull(conn, &lane)) {
  }
  lane_see_number(&lane, (uint64_t)sipws_conn_state(conn) << 32 |
                             (uint32_t)sipws_conn_error(conn));
  sipws_conn_free(conn);
  sipws_config_free(config);
  return lane.digest;
}

uint64_t lane_digest(const uint8_t *data, size_t size) {
  uint64_t digest;
  int way;
  if (size < 2) {
    return 0;
  }
  digest = lane_run(data + 2, size - 2, data[0], data[1], 0);
  for (way = 1; way < LANE_WAYS; way++) {
    must(lane_run(data + 2, size - 2, data[0], data[1], way) == digest);
  }
  return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  (void)lane_digest(data, size);
  return 0;
}
