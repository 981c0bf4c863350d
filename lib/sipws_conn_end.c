/* conn: its states, failure, closing, and the end. */
#include "sipws_conn.h"

/* ---- state (RFC 6455 sections 4 and 7.1) ---- */

static const uint8_t conn_moves[] = {
    /* CONNECTING: 4.2.1 done; 4.2.2 refused; 4.1 and 4.2.2 open; a stage failed
     * and its last words leave; 7.1.7 */
    1u << SIPWS_STATE_VERDICT | 1u << SIPWS_STATE_REFUSING |
        1u << SIPWS_STATE_OPEN | 1u << SIPWS_STATE_CLOSING |
        1u << SIPWS_STATE_CLOSED,
    /* VERDICT */
    1u << SIPWS_STATE_REFUSING | 1u << SIPWS_STATE_OPEN |
        1u << SIPWS_STATE_CLOSING | 1u << SIPWS_STATE_CLOSED,
    /* REFUSING */
    1u << SIPWS_STATE_CLOSED,
    /* OPEN: 7.1.3 a Close was sent or received; 7.1.4 */
    1u << SIPWS_STATE_CLOSING | 1u << SIPWS_STATE_CLOSED,
    /* CLOSING: 7.1.4 */
    1u << SIPWS_STATE_CLOSED,
    /* CLOSED */
    0};

static int conn_state_timer(int state) {
  switch (state) {
  case SIPWS_STATE_CONNECTING:
    return SIPWS_TIMER_HANDSHAKE;
  case SIPWS_STATE_VERDICT:
    return SIPWS_TIMER_VERDICT;
  case SIPWS_STATE_REFUSING:
  case SIPWS_STATE_CLOSING:
    return SIPWS_TIMER_CLOSE;
  default:
    return SIPWS_TIMER_NONE;
  }
}

void sipws__conn_set_state(sipws_conn *conn, int state) {
  uint32_t ms;
  if (conn->state != state && (conn_moves[conn->state] >> state & 1) == 0) {
    return;
  }
  conn->state = (uint8_t)state;
  conn->life_timer = (uint8_t)conn_state_timer(state);
  ms = conn->config->timer[conn->life_timer];
  conn->life_at = ms == 0 ? SIPWS__NEVER : conn->now + ms;
  if (ms != 0 && conn->life_at > conn->drain_end) {
    conn->life_at = conn->drain_end;
  }
}

/* ---- failure and end ---- */

int sipws__conn_is_deaf(const sipws_conn *conn) {
  return conn->close_received || conn->close_nowait || conn->error != 0 ||
         conn->state == SIPWS_STATE_REFUSING ||
         conn->state == SIPWS_STATE_CLOSED;
}

void sipws__conn_fail(sipws_conn *conn, int err, int cause) {
  if (conn->error != 0 || conn->state == SIPWS_STATE_CLOSED) {
    return;
  }
  conn->error = err;
  conn->cause = (uint8_t)cause;
  if (conn->state == SIPWS_STATE_OPEN) {
    /* RFC 6455 7.1.7: a Close first, then no input is looked at. Without mask
     * or memory for it there is none. */
    if (sipws__conn_queue_close(conn, sipws_error_close_code(err), NULL, 0) !=
        0) {
      sipws__conn_finish(conn, cause);
      return;
    }
    sipws__conn_set_state(conn, SIPWS_STATE_CLOSING);
    sipws__conn_settle_close(conn);
  } else if (conn->state != SIPWS_STATE_CLOSING &&
             !sipws__stage_last_word(conn, err, cause)) {
    sipws__conn_finish(conn, cause);
  }
}

static int conn_end_error(int cause) {
  switch (cause) {
  case SIPWS_CAUSE_REFUSED:
    return SIPWS_ERR_REFUSED;
  case SIPWS_CAUSE_EOF:
    return SIPWS_ERR_EOF;
  case SIPWS_CAUSE_LOST:
    return SIPWS_ERR_LOST;
  case SIPWS_CAUSE_TIMEOUT:
    return SIPWS_ERR_TIMEOUT;
  case SIPWS_CAUSE_MEMORY:
    return SIPWS_ERR_NOMEM;
  default:
    return SIPWS_ERR_CLOSED;
  }
}

void sipws__conn_finish(sipws_conn *conn, int cause) {
  if (conn->state == SIPWS_STATE_CLOSED) {
    return;
  }
  if (conn->error == 0) {
    conn->cause = (uint8_t)cause; /* else the failure's own stands */
    conn->error = conn_end_error(cause);
  }
  sipws__conn_set_state(conn, SIPWS_STATE_CLOSED);
  sipws__conn_raise(conn, SIPWS_EVENT_CLOSED);
}

void sipws__conn_break(sipws_conn *conn, int err, int cause) {
  if (conn->error == 0) {
    conn->error = err; /* sticky */
  }
  conn->cause = (uint8_t)cause;
  sipws__conn_finish(conn, cause);
}

/* The closing handshake is complete (RFC 6455 7.1.4). */
static int conn_clean_cause(const sipws_conn *conn) {
  return conn->we_began ? SIPWS_CAUSE_OUR_CLOSE : SIPWS_CAUSE_PEER_CLOSE;
}

/* The answer to a client came and its body may end with the transport. */
static int conn_awaits_refusal(const sipws_conn *conn) {
  return conn->state == SIPWS_STATE_CONNECTING && conn->upgrade->is_refused;
}

/* Transport or time ends it, for |cause| unless the answer had come or the
 * closing handshake was complete by then. */
static void conn_cut_off(sipws_conn *conn, int cause) {
  if (conn_awaits_refusal(conn)) {
    sipws__upgrade_refused(conn);
  } else if (conn->state == SIPWS_STATE_CLOSING && conn->close_received &&
             !sipws__conn_has_plain(conn)) {
    sipws__conn_finish(conn, conn_clean_cause(conn));
  } else {
    sipws__conn_finish(conn, cause);
  }
}

static int conn_is_ending(const sipws_conn *conn) {
  return conn->state == SIPWS_STATE_REFUSING ||
         conn->state == SIPWS_STATE_CLOSING;
}

void sipws__conn_settle_close(sipws_conn *conn) {
  if (!conn_is_ending(conn) || sipws__conn_has_output(conn)) {
    return;
  }
  if (sipws__conn_is_deaf(conn) && sipws__stage_shut(conn)) {
    return; /* nothing more is sent: TLS says so first */
  }
  /* RFC 6455 7.1.1: the server ends TCP at once, the client waits for it */
  if (conn->state == SIPWS_STATE_CLOSING && conn->error == 0 &&
      (conn->close_nowait ||
       (conn->close_received && conn->role == SIPWS_SERVER))) {
    sipws__conn_finish(conn, conn_clean_cause(conn));
  } else if (conn->is_eof) {
    conn_cut_off(conn, SIPWS_CAUSE_EOF);
  }
}

void sipws__conn_end_of_input(sipws_conn *conn) {
  conn->is_eof = 1;
  if (sipws_conn_kept(conn) > 0 && conn->state != SIPWS_STATE_VERDICT) {
    return; /* they go first, unless nobody will ask for them any more */
  }
  if (!sipws__conn_is_deaf(conn) && !conn_awaits_refusal(conn)) {
    sipws__stage_end(conn);
  }
  if (conn_is_ending(conn)) {
    sipws__conn_settle_close(conn); /* a half-closed peer still reads */
  } else if (conn_awaits_refusal(conn) ||
             !sipws__stage_last_word(conn, SIPWS_ERR_EOF, SIPWS_CAUSE_EOF)) {
    conn_cut_off(conn, SIPWS_CAUSE_EOF); /* unless a stage did */
  }
}

static void conn_close_drained(sipws_conn *conn) {
  int err =
      sipws__conn_close(conn, conn->drain_code, NULL, 0, SIPWS_CLOSE_GRACEFUL);
  if (err != 0) {
    sipws__conn_fail(conn, err, SIPWS_CAUSE_MEMORY);
  }
}

void sipws__conn_end_of_life(sipws_conn *conn) {
  int timer = conn->life_timer;
  conn->life_at = SIPWS__NEVER;
  if (conn->state == SIPWS_STATE_OPEN) {
    conn_close_drained(conn);
  } else if (conn->state == SIPWS_STATE_VERDICT) {
    conn->error = SIPWS_ERR_TIMEOUT;
    conn->cause = SIPWS_CAUSE_TIMEOUT;
    sipws__upgrade_refuse(conn, 503);
  } else {
    conn_cut_off(conn, SIPWS_CAUSE_TIMEOUT);
  }
  if (conn->cause == SIPWS_CAUSE_TIMEOUT &&
      conn->end_timer == SIPWS_TIMER_NONE) {
    conn->end_timer = (uint8_t)timer;
  }
}

int sipws_conn_lost(sipws_conn *conn, int reason, uint64_t now_ms) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (conn->state != SIPWS_STATE_CLOSED) {
    conn->lost_reason = reason;
    conn_cut_off(conn, SIPWS_CAUSE_LOST);
  }
  return sipws__conn_leave(conn, 0);
}

int sipws_conn_abort(sipws_conn *conn, uint64_t now_ms) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  sipws__conn_finish(conn, SIPWS_CAUSE_ABORTED);
  return sipws__conn_leave(conn, 0);
}

/* ---- closing ---- */

static int conn_close_early(sipws_conn *conn) {
  if (conn->role == SIPWS_SERVER && conn->state != SIPWS_STATE_REFUSING) {
    conn->error = SIPWS_ERR_CLOSED;
    conn->cause = SIPWS_CAUSE_OUR_CLOSE;
    sipws__upgrade_refuse(conn, 503);
  } else if (conn->role == SIPWS_CLIENT) {
    sipws__conn_finish(conn, SIPWS_CAUSE_OUR_CLOSE);
  } else {
    return SIPWS_ERR_STATE;
  }
  return 0;
}

int sipws__conn_close(sipws_conn *conn, uint16_t code, const char *reason,
                      size_t len, int mode) {
  int err;
  if (conn->state < SIPWS_STATE_OPEN) {
    return conn_close_early(conn);
  }
  if (conn->state != SIPWS_STATE_OPEN) {
    return SIPWS_ERR_STATE;
  }
  err = sipws__conn_queue_close(conn, code, reason, len);
  if (err != 0) {
    return err;
  }
  conn->we_began = 1;
  conn->close_nowait = mode == SIPWS_CLOSE_NOWAIT;
  sipws__conn_set_state(conn, SIPWS_STATE_CLOSING);
  return 0;
}

int sipws_conn_close(sipws_conn *conn, uint16_t code, const char *reason,
                     size_t len, int mode, uint64_t now_ms) {
  int err;
  if (conn == NULL || (reason == NULL && len > 0) ||
      len > SIPWS__CONTROL_MAX - 2 || (code == 0 && len > 0) ||
      (code != 0 && !sipws_close_code_is_valid(code)) ||
      (code == 1010 && conn->role == SIPWS_SERVER) || /* RFC 6455 7.4.1 */
      (mode != SIPWS_CLOSE_GRACEFUL && mode != SIPWS_CLOSE_NOWAIT)) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__utf8_is_valid((const uint8_t *)reason, len)) {
    return SIPWS_ERR_TEXT;
  }
  sipws__conn_enter(conn, now_ms);
  err = sipws__conn_close(conn, code, reason, len, mode);
  return sipws__conn_leave(conn, err);
}

/* At a moment of its own, so that not all clients return at once. */
static int conn_drain_open(sipws_conn *conn, uint16_t code,
                           uint32_t window_ms) {
  uint32_t delay;
  int err = sipws__conn_draw(conn, window_ms, &delay);
  if (err != 0) {
    return err;
  }
  conn->drain_code = code;
  conn->life_at = conn->now + delay;
  return 0;
}

int sipws_conn_drain(sipws_conn *conn, uint16_t code, uint32_t retry_s,
                     uint32_t window_ms, uint64_t now_ms) {
  uint32_t wait_ms;
  int err = 0;
  if (conn == NULL || (code != 1001 && code != 1012) ||
      window_ms > 0x7fffffffu) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  wait_ms = conn->config->timer[SIPWS_TIMER_CLOSE];
  conn->is_draining = 1;
  conn->retry_s = retry_s;
  conn->drain_end =
      wait_ms == 0 ? SIPWS__NEVER : conn->now + window_ms + wait_ms;
  if (conn->state == SIPWS_STATE_OPEN) {
    err = conn_drain_open(conn, code, window_ms);
  } else if (conn->state == SIPWS_STATE_VERDICT ||
             (conn->state == SIPWS_STATE_CONNECTING &&
              conn->role == SIPWS_CLIENT)) {
    (void)conn_close_early(conn);
  } else if (conn->state != SIPWS_STATE_CLOSED &&
             conn->life_at > conn->drain_end) {
    conn->life_at = conn->drain_end; /* a request may still come: 503 */
  }
  return sipws__conn_leave(conn, err);
}
