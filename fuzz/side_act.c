#include "side.h"

/* ---- messages ---- */

size_t side_message(char *out, uint32_t number, size_t len, int is_sip) {
  int head = snprintf(out, SIDE_MESSAGE_MAX,
                      is_sip ? "MESSAGE sip:a@b SIP/2.0\r\n"
                               "Call-ID: %u\r\nl: %u\r\n\r\n"
                             : "%u, %u",
                      (unsigned)number, (unsigned)len);
  must(head > 0 && (size_t)head + len <= SIDE_MESSAGE_MAX);
  /* every third is no text */
  memset(out + head, number % 3 == 2 ? 0xff : 'a', len);
  return (size_t)head + len;
}

static int act_send(struct side *side, uint8_t arg) {
  static const size_t lens[] = {0, 1, 90, 300, 1000, 1900, 3000, 4000};
  char msg[SIDE_MESSAGE_MAX];
  int is_sip = (side->settings.kind & SIDE_OPAQUE) == 0;
  size_t len = side_message(msg, side->sent + 1, lens[arg & 7], is_sip);
  size_t room = sipws_conn_room(side->conn);
  uint64_t seq = 0;
  int err =
      sipws_conn_send(side->conn, msg, len, arg >> 3 & 7, side->now, &seq);
  if (err == 0) { /* room tells no less than what fits */
    must(len <= room && seq == sipws_conn_last_seq(side->conn));
    side->sent++;
    if (side->on_send != NULL) {
      side->on_send(side, seq, lens[arg & 7]);
    }
  }
  return err;
}

static int act_ping(struct side *side, uint8_t arg) {
  char payload[125];
  memset(payload, arg, sizeof payload);
  return sipws_conn_ping(side->conn, payload, arg % 126, side->now);
}

static int act_crlf(struct side *side, uint8_t arg) {
  (void)arg;
  return sipws_conn_ping_crlf(side->conn, side->now);
}

/* ---- octets and time ---- */

static int act_take(struct side *side, uint8_t arg) {
  side_take(side, arg == 255 ? SIZE_MAX : arg);
  return 0;
}

static int act_lend(struct side *side, uint8_t arg) {
  const uint8_t *data;
  (void)arg;
  (void)side_lend(side, &data);
  return 0;
}

/* No time passes in a callback: octets have come when they are fed, so cuts
 * would tell. */
static int act_tick(struct side *side, uint8_t arg) {
  if (!side->in_event) {
    side->now += (uint64_t)arg * arg;
    side->begun = sipws_conn_begun_seq(side->conn);
  }
  return sipws_conn_tick(side->conn, side->now);
}

/* In an event a stage may stand anywhere in a record, and some be kept. */
static int act_eof(struct side *side, uint8_t arg) {
  (void)arg;
  side->has_failed |= side->in_event &&
                      (side->reads != NULL || sipws_conn_kept(side->conn) > 0);
  return sipws_conn_eof(side->conn, side->now);
}

static int act_lost(struct side *side, uint8_t arg) {
  return sipws_conn_lost(side->conn, arg, side->now);
}

/* ---- pauses and timers ---- */

static int act_pause(struct side *side, uint8_t arg) {
  side->is_paused = (arg & 1) == 0;
  side->has_paused |= side->is_paused;
  return (arg & 1) == 0 ? sipws_conn_pause(side->conn, side->now)
                        : sipws_conn_resume(side->conn, side->now);
}

static int act_stop(struct side *side, uint8_t arg) {
  (void)arg;
  side->stops = side->in_event && !side_pulls(side);
  side->has_paused |= side->stops;
  return 0;
}

static int act_set_timers(struct side *side, uint8_t arg) {
  static const uint32_t policies[] = {0, SIPWS_POLICY_EXPECT_CRLF,
                                      SIPWS_POLICY_FAIL_ON_CRLF};
  must(sipws_conn_set_idle(side->conn, 100u * arg) == 0);
  must(sipws_conn_expect_crlf(side->conn, policies[arg % 3]) == 0);
  return sipws_conn_set_keepalive(side->conn, 1 + arg % 3, 10u * arg,
                                  side->now);
}

/* ---- the handshake ---- */

static int act_accept(struct side *side, uint8_t arg) {
  return sipws_conn_accept(side->conn, "sip", (arg & 1) != 0 ? 3 : 0,
                           side->now);
}

static const uint16_t act_statuses[] = {200, 204, 304, 401, 404, 426, 503, 302};

static int act_reject(struct side *side, uint8_t arg) {
  static const char body[32] = "a page, or why there is none";
  return sipws_conn_reject(side->conn, act_statuses[arg & 7], body, arg >> 3,
                           side->now);
}

/* A page that comes in pieces; some break off. */
static int act_body(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                    void *user) {
  struct side *side = user;
  must(len > 0 && off == side->body_off);
  if (side->random_fails) {
    return -1;
  }
  *got = 1 + fuzz_draw(&side->random) % (uint32_t)(len < 700 ? len : 700);
  memset(buf, 'p', *got);
  side->body_off += *got;
  return 0;
}

static int act_reject_from(struct side *side, uint8_t arg) {
  return sipws_conn_reject_from(side->conn, act_statuses[arg & 7], act_body,
                                11u * arg, side, side->now);
}

static int act_add_header(struct side *side, uint8_t arg) {
  char value[256];
  memset(value, 'v', sizeof value);
  return sipws_conn_add_header(side->conn, "X-Fuzz", 6, value, arg);
}

/* ---- the end ---- */

static int act_close(struct side *side, uint8_t arg) {
  static const uint16_t codes[] = {0, 1000, 1001, 1010, 1012, 3000, 4999, 1005};
  uint16_t code = codes[arg & 7];
  return sipws_conn_close(
      side->conn, code, "reason\xc3\xa9",
      code == 0 ? 0 : (size_t)(arg >> 3 & 15) % 9,
      (arg & 128) != 0 ? SIPWS_CLOSE_NOWAIT : SIPWS_CLOSE_GRACEFUL, side->now);
}

static int act_drain(struct side *side, uint8_t arg) {
  return sipws_conn_drain(side->conn, (arg & 1) != 0 ? 1001 : 1012, arg,
                          arg * 10u, side->now);
}

static int act_abort(struct side *side, uint8_t arg) {
  (void)arg;
  return sipws_conn_abort(side->conn, side->now);
}

static int act_free(struct side *side, uint8_t arg) {
  (void)arg;
  sipws_conn_free(side->conn);
  if (side->in_event && !side_pulls(side)) {
    side->is_freed = 1; /* when the outer call returns */
  } else {
    side->conn = NULL;
  }
  return 0;
}

/* ---- hooks that fail ---- */

static int act_starve(struct side *side, uint8_t arg) {
  if ((side->settings.kind & SIDE_STARVES) != 0) {
    side->heap.fail_in = 1 + (arg & 15);
    side->heap.fails_on = (arg & 16) != 0;
    side->has_failed = 1;
  }
  return 0;
}

static int act_fail_random(struct side *side, uint8_t arg) {
  side->random_fails = (arg & 1) == 0;
  side->has_failed = 1;
  return 0;
}

static int act_nothing(struct side *side, uint8_t arg) {
  (void)side;
  (void)arg;
  return 0;
}

/* By number: corpora name them, so new ones go to the end. */
static int (*const acts[])(struct side *side, uint8_t arg) = {
    act_nothing,     act_send,        act_take,       act_tick,   act_ping,
    act_crlf,        act_lend,        act_pause,      act_stop,   act_close,
    act_eof,         act_lost,        act_abort,      act_free,   act_drain,
    act_starve,      act_fail_random, act_set_timers, act_accept, act_reject,
    act_reject_from, act_add_header};

void side_act(struct side *side, uint8_t action, uint8_t arg) {
  int err;
  if (side->conn == NULL || side->is_freed) {
    return;
  }
  err = acts[action % (sizeof acts / sizeof acts[0])](side, arg);
  if (side->conn != NULL) {
    side_after(side, err);
  }
}
