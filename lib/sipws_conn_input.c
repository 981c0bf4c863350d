/* conn: octets in. */
#include "sipws_conn.h"

#include "sipws_sip.h"

/* ---- messages ---- */

static void input_deliver(sipws_conn *conn, int kind, int verdict,
                          const char *msg, size_t len, size_t cut) {
  conn->busy->kind = (uint8_t)kind;
  conn->busy->verdict = (uint8_t)verdict;
  conn->busy->message = msg;
  conn->busy->message_len = len;
  conn->cut = (uint32_t)cut;
  sipws__conn_raise(conn, SIPWS_EVENT_MESSAGE);
}

/* Octets of CRLF pairs that |text| begins with. */
static size_t input_count_crlf(const char *text, size_t len) {
  size_t i = 0;
  while (len - i >= 2 && text[i] == '\r' && text[i + 1] == '\n') {
    i += 2;
  }
  return i;
}

/* A message of nothing but CRLFs is a keep-alive (RFC 7118 6, RFC 5626 3.5.1).
 * CRLFCRLF is answered; less or more never, or two peers would answer one
 * another without end. */
static void input_crlf(sipws_conn *conn, int kind, size_t len) {
  if (len == 4) {
    sipws__conn_raise_keepalive(conn, SIPWS_KEEPALIVE_CRLF, 0);
    sipws__conn_answer_crlf(conn, kind);
    return;
  }
  sipws__conn_raise_keepalive(conn, SIPWS_KEEPALIVE_CRLF_PONG,
                              conn->crlf_awaits ? conn->now - conn->crlf_at
                                                : 0);
  conn->crlf_awaits = 0;
}

static void input_not_sip(sipws_conn *conn, int kind, const char *text,
                          size_t len) {
  uint32_t most = conn->config->not_sip;
  input_deliver(conn, kind, SIPWS_SIP_NOT_SIP, text, len, 0);
  if (conn->not_sip < 255) {
    conn->not_sip++;
  }
  if (most != 0 && conn->not_sip >= most) {
    sipws__conn_fail(conn, SIPWS_ERR_POLICY, SIPWS_CAUSE_PROTOCOL);
  }
}

static void input_sip(sipws_conn *conn, int kind, const char *text,
                      size_t len) {
  sipws_sip_view view;
  size_t skip = input_count_crlf(text, len);
  size_t end;
  if (len > 0 && skip == len) {
    input_crlf(conn, kind, len);
    return;
  }
  if ((conn->config->policy & SIPWS_POLICY_LEADING_CRLF) == 0) {
    skip = 0;
  }
  if (sipws__sip_outline(text + skip, len - skip, &view, NULL) != 0) {
    input_not_sip(conn, kind, text, len);
    return;
  }
  conn->not_sip = 0;
  end = (size_t)view.body.off + view.body.len;
  input_deliver(conn, kind, (int)view.verdict, text + skip, end,
                len - skip - end);
}

static void input_message(sipws_conn *conn, const struct sipws__item *item) {
  /* an empty message may lie nowhere */
  const char *text = item->len > 0 ? (const char *)item->data : "";
  sipws__conn_trace(conn, 0, item->kind, text, item->len);
  if (conn->proto->profile == SIPWS_PROFILE_SIP) {
    input_sip(conn, item->kind, text, item->len);
  } else {
    input_deliver(conn, item->kind, SIPWS_SIP_UNCHECKED, text, item->len, 0);
  }
}

/* ---- control frames ---- */

static void input_pong(sipws_conn *conn, const uint8_t *payload, size_t len) {
  uint64_t rtt = 0;
  /* unsolicited ones are fine (RFC 6455 5.5.3) */
  if (conn->ping_waits && sipws__conn_hash(payload, len) == conn->ping_hash) {
    conn->ping_waits = 0;
    rtt = conn->now - conn->ping_at;
  }
  sipws__conn_raise_keepalive(conn, SIPWS_KEEPALIVE_PONG, rtt);
}

static void input_close(sipws_conn *conn, const uint8_t *payload, size_t len) {
  uint16_t code;
  int err = sipws__message_close(payload, len, &code);
  if (err != 0) {
    sipws__conn_fail(conn, err, SIPWS_CAUSE_PROTOCOL);
    return;
  }
  conn->close_received = 1;
  conn->peer_code = code;
  if (!conn->close_queued) {
    sipws__conn_raise_notice(conn, SIPWS_NOTICE_PEER_CLOSES, code);
    /* RFC 6455 5.5.1: the same code back, none for none */
    err = sipws__conn_queue_close(conn, code == 1005 ? 0 : code, NULL, 0);
    if (err != 0) {
      sipws__conn_fail(conn, err, SIPWS_CAUSE_MEMORY);
      return;
    }
  }
  if (conn->state == SIPWS_STATE_OPEN) { /* else the deadline stands */
    sipws__conn_set_state(conn, SIPWS_STATE_CLOSING);
  }
  sipws__conn_settle_close(conn);
}

static void input_control(sipws_conn *conn, const struct sipws__item *item) {
  const uint8_t *payload = item->data;
  size_t len = item->len;
  sipws__conn_trace(conn, 0, item->kind, payload, len);
  switch (item->kind) {
  case SIPWS__ITEM_PING:
    sipws__conn_raise_keepalive(conn, SIPWS_KEEPALIVE_PING, 0);
    sipws__conn_answer_ping(conn, payload, len);
    break;
  case SIPWS__ITEM_PONG:
    input_pong(conn, payload, len);
    break;
  default:
    input_close(conn, payload, len);
    return; /* the reason stays readable */
  }
  conn->busy->in.control_len = 0;
}

/* ---- feeding ---- */

/* sipws__conn_is_deaf, which an open connection never is. */
static int input_is_deaf(const sipws_conn *conn) {
  return conn->state != SIPWS_STATE_OPEN && sipws__conn_is_deaf(conn);
}

static int input_cause(int err) {
  return err == SIPWS_ERR_NOMEM ? SIPWS_CAUSE_MEMORY : SIPWS_CAUSE_PROTOCOL;
}

static void input_frames(sipws_conn *conn, const uint8_t *in, size_t len,
                         size_t *used) {
  struct sipws__item item;
  int err;
  if (conn->upgrade != NULL) {
    sipws__upgrade_release(conn);
  }
  err = sipws__busy_wake(conn);
  if (err != 0) {
    sipws__conn_fail(conn, err, SIPWS_CAUSE_MEMORY);
    return;
  }
  if (conn->is_paused && sipws__message_is_data(&conn->busy->in, in[0])) {
    return;
  }
  err = sipws__message_feed(&conn->busy->in, &conn->config->message,
                            sipws__conn_mem(conn), in, len, used, &item);
  if (err != 0) {
    sipws__conn_fail(conn, err, input_cause(err));
  } else if (item.kind == SIPWS__ITEM_TEXT || item.kind == SIPWS__ITEM_BINARY) {
    input_message(conn, &item);
  } else if (item.kind != SIPWS__ITEM_NONE) {
    input_control(conn, &item);
  }
}

/* Takes octets of the handshake. Those that were kept, as all are while any is,
 * are wiped: credentials are among them. */
static void input_handshake(sipws_conn *conn, const uint8_t *in, size_t len,
                            size_t *used) {
  struct sipws__busy *busy = conn->busy;
  int err = sipws__upgrade_feed(conn, in, len, used);
  if (busy != NULL && busy->kept.len > 0) {
    sipws__crypto_wipe(busy->kept.data + (in - busy->kept.data), *used);
  }
  if (err != 0) {
    sipws__conn_fail(conn, err, input_cause(err));
  }
}

/* Takes octets up to the next event, none if it may not. */
static void input_step(sipws_conn *conn, const uint8_t *in, size_t len,
                       size_t *used) {
  *used = 0;
  if (input_is_deaf(conn)) {
    *used = len; /* RFC 6455 7.1.7, 7.1.1: looked at no more */
  } else if (conn->state == SIPWS_STATE_CONNECTING) {
    input_handshake(conn, in, len, used);
  } else if (conn->state != SIPWS_STATE_VERDICT) {
    input_frames(conn, in, len, used);
  }
}

/* One step and the callbacks for it; 0 when input has to wait. */
static int input_advance(sipws_conn *conn, const uint8_t *in, size_t len,
                         size_t *taken) {
  size_t used;
  if (*taken == len || conn->is_freed || conn->stop ||
      sipws__conn_must_pull(conn)) {
    return 0;
  }
  input_step(conn, in + *taken, len - *taken, &used);
  *taken += used;
  sipws__conn_dispatch(conn);
  return used > 0;
}

static void input_run_kept(sipws_conn *conn) {
  size_t taken = 0;
  if (conn->busy == NULL) {
    return;
  }
  /* a callback may keep more, and so move them */
  while (input_advance(conn, conn->busy->kept.data, conn->busy->kept.len,
                       &taken)) {
  }
  sipws__buf_drop(&conn->busy->kept, taken);
}

/* What is kept goes first, and what stages make of |in|. */
static void input_feed_kept(sipws_conn *conn, const uint8_t *in, size_t len,
                            size_t *taken) {
  input_run_kept(conn);
  while (!conn->is_freed && sipws__stage_input(conn, in, len, taken)) {
    input_run_kept(conn);
  }
}

static void input_forget(sipws_conn *conn) {
  if (conn->busy != NULL) {
    conn->busy->kept.len = 0;
  }
}

static int input_feed(sipws_conn *conn, const uint8_t *in, size_t len,
                      size_t *taken) {
  if (len > 0) {
    conn->received_at = conn->now;
  }
  conn->stop = 0;
  if (sipws__busy_of(conn)->kept.len > 0 || conn->chain != NULL) {
    input_feed_kept(conn, in, len, taken);
  }
  while (sipws__busy_of(conn)->kept.len == 0 &&
         (conn->chain == NULL || !sipws__stage_is_in_charge(conn)) &&
         input_advance(conn, in, len, taken)) {
  }
  if (input_is_deaf(conn)) {
    sipws__stage_forget(conn);
    input_forget(conn); /* all count as taken, events waiting or not */
    *taken = len;
  }
  if (conn->is_eof && !sipws__conn_must_pull(conn)) {
    sipws__conn_end_of_input(conn);
  }
  return conn->stop ? SIPWS_ERR_CALLBACK : conn->error;
}

int sipws_conn_feed(sipws_conn *conn, const void *data, size_t len,
                    uint64_t now_ms, size_t *taken) {
  int err;
  if (conn == NULL || taken == NULL || (data == NULL && len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  *taken = 0;
  if (conn->depth > 0) {
    return SIPWS_ERR_BUSY;
  }
  sipws__conn_enter(conn, now_ms);
  err = input_feed(conn, data, len, taken);
  return sipws__conn_leave(conn, err);
}

int sipws_conn_feed_inplace(sipws_conn *conn, void *data, size_t len,
                            uint64_t now_ms, size_t *taken) {
  uint8_t *octets = data;
  int err;
  if (conn == NULL || octets == NULL || len == 0 || conn->depth > 0 ||
      sipws__busy_wake(conn) != 0) { /* feed tells that, if it matters */
    return sipws_conn_feed(conn, data, len, now_ms, taken);
  }
  conn->busy->in.own_end = octets + len;
  err = sipws_conn_feed(conn, data, len, now_ms, taken);
  if (err != SIPWS_ERR_FREED && conn->busy != NULL) {
    conn->busy->in.own_end = NULL;
  }
  return err;
}

int sipws_conn_keep(sipws_conn *conn, const void *data, size_t len) {
  if (conn == NULL || (data == NULL && len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (sipws__stage_is_in_charge(conn) || sipws__stage_kept(conn) > 0) {
    return sipws__stage_keep(conn, data, len);
  }
  return sipws__conn_keep(conn, data, len);
}

int sipws__conn_keep(sipws_conn *conn, const void *data, size_t len) {
  int err = sipws__busy_wake(conn);
  return err != 0 ? err
                  : sipws__buf_add(&conn->busy->kept, sipws__conn_mem(conn),
                                   data, len, conn->config->input_size);
}

size_t sipws_conn_kept(const sipws_conn *conn) {
  return conn == NULL
             ? 0
             : sipws__busy_of(conn)->kept.len + sipws__stage_kept(conn);
}

int sipws_conn_eof(sipws_conn *conn, uint64_t now_ms) {
  static const uint8_t nothing[1] = {0};
  size_t taken = 0;
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (conn->state != SIPWS_STATE_CLOSED) {
    sipws__conn_end_of_input(conn);
    /* what is kept goes first; a message that is lent out stays: then the next
     * feed goes on */
    if (conn->depth == 1 && conn->current != SIPWS_EVENT_MESSAGE) {
      (void)input_feed(conn, nothing, 0, &taken);
    }
  }
  return sipws__conn_leave(conn, 0);
}

int sipws_conn_pause(sipws_conn *conn, uint64_t now_ms) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (!conn->is_paused) {
    conn->is_paused = 1;
    conn->paused_at = conn->now;
  }
  return sipws__conn_leave(conn, 0);
}

/* A clock that stood still from the pause on, or since it was set. */
static void input_shift(const sipws_conn *conn, uint64_t *since) {
  *since += conn->now - (*since > conn->paused_at ? *since : conn->paused_at);
}

int sipws_conn_resume(sipws_conn *conn, uint64_t now_ms) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (conn->is_paused) {
    /* pong and idle deadlines stood still */
    conn->is_paused = 0;
    input_shift(conn, &conn->received_at);
    input_shift(conn, &conn->ping_at);
    input_shift(conn, &conn->crlf_at);
  }
  return sipws__conn_leave(conn, 0);
}
