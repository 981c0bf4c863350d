/* conn: time. One pure function a timer tells when it is due; the deadline is
 * the least of them, and tick acts on those that have come. */
#include "sipws_conn.h"

/* ---- when ---- */

static uint64_t timer_after(const sipws_conn *conn, uint64_t begin, int timer) {
  uint32_t ms = conn->config->timer[timer];
  return ms == 0 ? SIPWS__NEVER : begin + ms;
}

static uint64_t timer_later(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

static int timer_is_open(const sipws_conn *conn) {
  return conn->state == SIPWS_STATE_OPEN;
}

/* Any traffic shows life; so the wait for a pong counts from the last. */
static uint64_t timer_pong(const sipws_conn *conn) {
  if (!timer_is_open(conn) || !conn->ping_waits || conn->is_paused) {
    return SIPWS__NEVER;
  }
  return timer_after(conn, timer_later(conn->ping_at, conn->received_at),
                     SIPWS_TIMER_PONG);
}

/* RFC 5626 4.4.1: the CRLF itself has to come, or the flow has failed, but for
 * a message being received when the time is up, which goes first. It may be all
 * that will ever come: its silence counts too. */
static uint64_t timer_crlf(const sipws_conn *conn) {
  uint64_t since;
  if (!timer_is_open(conn) || !conn->crlf_awaits || conn->is_paused) {
    return SIPWS__NEVER;
  }
  since = conn->crlf_at;
  if (sipws__message_is_under_way(&sipws__busy_of(conn)->in)) {
    since = timer_later(since, conn->received_at);
  }
  return timer_after(conn, since, SIPWS_TIMER_CRLF);
}

static uint64_t timer_idle(const sipws_conn *conn) {
  if (!timer_is_open(conn) || conn->is_paused || conn->idle_ms == 0) {
    return SIPWS__NEVER;
  }
  return conn->received_at + conn->idle_ms;
}

static uint64_t timer_stall(const sipws_conn *conn) {
  if (conn->is_stalled || conn->error != 0 || !sipws__conn_has_output(conn)) {
    return SIPWS__NEVER;
  }
  return timer_after(conn, conn->taken_at, SIPWS_TIMER_STALL);
}

static uint64_t timer_wait(const sipws_conn *conn) {
  const struct sipws__busy *busy = sipws__busy_of(conn);
  if (busy->mark_seq == 0 || conn->close_queued ||
      conn->state == SIPWS_STATE_CLOSED) {
    return SIPWS__NEVER;
  }
  return timer_after(conn, busy->mark_at, SIPWS_TIMER_WAIT);
}

static uint64_t timer_keepalive(const sipws_conn *conn, int kind) {
  return timer_is_open(conn) ? conn->next_at[kind - 1] : SIPWS__NEVER;
}

static uint64_t timer_trim(const sipws_conn *conn) {
  if (!timer_is_open(conn) ||
      (!sipws__busy_has_slack(conn) && !sipws__stage_has_slack(conn))) {
    return SIPWS__NEVER;
  }
  return timer_after(conn, timer_later(conn->received_at, conn->taken_at),
                     SIPWS_TIMER_TRIM);
}

static void timer_least(uint64_t *least, uint64_t when) {
  if (when < *least) {
    *least = when;
  }
}

uint64_t sipws_conn_deadline(const sipws_conn *conn) {
  uint64_t least = SIPWS__NEVER;
  int kind;
  if (conn == NULL) {
    return least;
  }
  if (sipws__conn_must_tell(conn)) {
    return conn->now;
  }
  timer_least(&least, conn->life_at);
  timer_least(&least, timer_pong(conn));
  timer_least(&least, timer_crlf(conn));
  timer_least(&least, timer_idle(conn));
  timer_least(&least, timer_stall(conn));
  timer_least(&least, timer_wait(conn));
  timer_least(&least, timer_trim(conn));
  for (kind = SIPWS_KEEPALIVE_PING; kind <= SIPWS_KEEPALIVE_CRLF; kind++) {
    timer_least(&least, timer_keepalive(conn, kind));
  }
  return least;
}

/* ---- what ---- */

void sipws__conn_arm_keepalive(sipws_conn *conn, int kind) {
  uint32_t ms = conn->keepalive[kind - 1];
  uint32_t spread = ms / 5;
  /* RFC 5626 4.4.1: 80 to 100 % of what was asked for a CRLF */
  uint32_t width = kind == SIPWS_KEEPALIVE_CRLF ? spread : 2 * spread;
  uint32_t draw = 0;
  conn->next_at[kind - 1] = SIPWS__NEVER;
  if (ms == 0 || (kind == SIPWS_KEEPALIVE_CRLF &&
                  conn->proto->profile != SIPWS_PROFILE_SIP)) {
    return;
  }
  if (spread > 0 && sipws__conn_draw(conn, width, &draw) != 0) {
    return;
  }
  conn->next_at[kind - 1] = conn->now + ms - spread + draw;
}

void sipws__conn_start_timers(sipws_conn *conn) {
  int kind;
  conn->received_at = conn->now;
  for (kind = SIPWS_KEEPALIVE_PING; kind <= SIPWS_KEEPALIVE_CRLF; kind++) {
    sipws__conn_arm_keepalive(conn, kind);
  }
}

int sipws_conn_set_keepalive(sipws_conn *conn, int kind, uint32_t ms,
                             uint64_t now_ms) {
  if (conn == NULL || sipws__config_check_keepalive(kind, ms) != 0) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  conn->keepalive[kind - 1] = ms;
  if (timer_is_open(conn)) {
    sipws__conn_arm_keepalive(conn, kind);
  }
  return sipws__conn_leave(conn, 0);
}

int sipws_conn_expect_crlf(sipws_conn *conn, uint32_t policy) {
  if (conn == NULL || (policy & ~SIPWS__POLICY_CRLF) != 0) {
    return SIPWS_ERR_INVALID;
  }
  conn->crlf_policy = (uint8_t)policy;
  if (policy == 0) {
    conn->crlf_awaits = 0;
  }
  return 0;
}

int sipws_conn_set_idle(sipws_conn *conn, uint32_t ms) {
  if (conn == NULL || ms > SIPWS__MS_MAX) {
    return SIPWS_ERR_INVALID;
  }
  conn->idle_ms = ms;
  return 0;
}

static void tick_ping(sipws_conn *conn) {
  uint8_t payload[4];
  uint32_t number = conn->ping_number++;
  int i;
  for (i = 0; i < 4; i++) {
    payload[i] = (uint8_t)(number >> (24 - 8 * i));
  }
  /* while one is awaited its deadline stands, if there is one; no memory for it
   * now: the next interval tries again */
  if (!conn->ping_waits || conn->config->timer[SIPWS_TIMER_PONG] == 0) {
    (void)sipws__conn_send_ping(conn, payload, sizeof payload);
  }
}

static void tick_keepalive(sipws_conn *conn, int kind) {
  if (conn->now < timer_keepalive(conn, kind)) {
    return;
  }
  if (kind == SIPWS_KEEPALIVE_PING) {
    tick_ping(conn);
  } else if (kind == SIPWS_KEEPALIVE_PONG) {
    (void)sipws__conn_send_pong(conn);
  } else if (!conn->crlf_awaits || conn->config->timer[SIPWS_TIMER_CRLF] == 0) {
    (void)sipws__conn_send_crlf(conn);
  }
  sipws__conn_arm_keepalive(conn, kind);
}

/* A timer fails the connection. */
static void tick_fail(sipws_conn *conn, int timer) {
  conn->end_timer = (uint8_t)timer;
  sipws__conn_fail(conn, SIPWS_ERR_TIMEOUT, SIPWS_CAUSE_TIMEOUT);
}

static void tick_missed(sipws_conn *conn) {
  if (conn->now >= timer_pong(conn)) {
    conn->ping_waits = 0;
    sipws__conn_raise_notice(conn, SIPWS_NOTICE_MISSED_PONG,
                             conn->now - conn->ping_at);
    if ((conn->config->policy & SIPWS_POLICY_FAIL_ON_PONG) != 0) {
      tick_fail(conn, SIPWS_TIMER_PONG);
    }
  }
  if (conn->now >= timer_crlf(conn)) {
    conn->crlf_awaits = 0;
    sipws__conn_raise_notice(conn, SIPWS_NOTICE_MISSED_CRLF,
                             conn->now - conn->crlf_at);
    if ((conn->crlf_policy & SIPWS_POLICY_FAIL_ON_CRLF) != 0) {
      tick_fail(conn, SIPWS_TIMER_CRLF);
    }
  }
  if (conn->now >= timer_idle(conn)) {
    tick_fail(conn, SIPWS_TIMER_IDLE);
  }
}

static void tick_output(sipws_conn *conn) {
  if (conn->now >= timer_wait(conn)) {
    struct sipws__busy *busy = conn->busy;
    sipws__conn_expire(conn, busy->mark_seq);
    /* those that wait on do so under a mark of their own */
    busy->mark_at = conn->now;
    busy->mark_seq =
        timer_later(sipws_conn_begun_seq(conn), busy->gap_to) < conn->last_seq
            ? conn->last_seq
            : 0;
  }
  if (conn->now >= timer_stall(conn)) {
    conn->is_stalled = 1;
    sipws__conn_raise_notice(conn, SIPWS_NOTICE_STALLED,
                             conn->now - conn->taken_at);
    if ((conn->config->policy & SIPWS_POLICY_FAIL_ON_STALL) != 0) {
      tick_fail(conn, SIPWS_TIMER_STALL);
    }
  }
}

static void tick_trim(sipws_conn *conn) {
  if (conn->now >= timer_trim(conn)) {
    sipws__busy_trim(conn);
    sipws__stage_trim(conn);
  }
}

int sipws_conn_tick(sipws_conn *conn, uint64_t now_ms) {
  int kind;
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (conn->now >= conn->life_at) {
    sipws__conn_end_of_life(conn);
  }
  tick_missed(conn);
  tick_output(conn);
  for (kind = SIPWS_KEEPALIVE_PING; kind <= SIPWS_KEEPALIVE_CRLF; kind++) {
    tick_keepalive(conn, kind);
  }
  tick_trim(conn);
  return sipws__conn_leave(conn, conn->error);
}
