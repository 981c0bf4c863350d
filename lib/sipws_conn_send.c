/* conn: octets out. The queue holds frames alone, whole and one behind the
 * other, so their headers tell which messages were taken: no message needs a
 * record of its own. */
#include "sipws_conn.h"

#include "sipws_sip.h"

#include <string.h>

/* ---- putting frames in ---- */

static int send_is_client(const sipws_conn *conn) {
  return conn->role == SIPWS_CLIENT;
}

/* Output that waits from now on: the stall clock starts. */
static void send_note_begin(sipws_conn *conn) {
  if (conn->busy->out.len == 0) {
    conn->taken_at = conn->now;
  }
}

/* In fixed memory there is always room for a Close behind the last piece; the
 * allocator's needs no such thing. */
static size_t send_reserve(const sipws_conn *conn, int opcode) {
  return conn->is_fixed && opcode != SIPWS__OP_CLOSE ? SIPWS__CLOSE_RESERVE : 0;
}

/* Octets of the frames with at most |piece| octets of payload each (0: one):
 * the last one and those before it, which are full. */
static size_t send_size(size_t len, size_t piece, int is_masked) {
  size_t before;
  if (piece == 0 || len <= piece) {
    return sipws__frame_size(len, is_masked);
  }
  before = (len - 1) / piece;
  return before * sipws__frame_size(piece, is_masked) +
         sipws__frame_size(len - before * piece, is_masked);
}

/* Writes one message or control frame at |at|, cut into frames of at most
 * |piece| octets (0: one). 0 or SIPWS_ERR_RANDOM. */
static int send_write(sipws_conn *conn, uint8_t *at, int opcode,
                      const uint8_t *payload, size_t len, size_t piece,
                      int *is_ascii) {
  int is_masked = send_is_client(conn);
  size_t off = 0;
  uint8_t mask[4];
  if (len == 0) {
    payload = mask; /* NULL is fine, arithmetic on it is not */
  }
  *is_ascii = 1;
  do { /* at least one frame, an empty one too */
    size_t step = len - off < piece || piece == 0 ? len - off : piece;
    int is_ascii_here;
    if (is_masked && sipws__conn_random(conn, mask, sizeof mask) != 0) {
      return SIPWS_ERR_RANDOM;
    }
    at += sipws__frame_write(
        at, off + step == len, off == 0 ? opcode : SIPWS__OP_CONT,
        is_masked ? mask : NULL, payload + off, step, &is_ascii_here);
    *is_ascii &= is_ascii_here;
    off += step;
  } while (off < len);
  return 0;
}

/* Queues what send_write writes, all or nothing. A text that turns out to be
 * none while it is copied travels as binary (RFC 7118 4.2), or with
 * SIPWS_SEND_TEXT not at all. */
static int send_queue(sipws_conn *conn, int opcode, const uint8_t *payload,
                      size_t len, size_t piece, uint32_t flags) {
  size_t room = send_size(len, piece, send_is_client(conn));
  struct sipws__queue *out;
  uint8_t *at;
  int is_ascii, err;
  if (sipws__busy_wake(conn) != 0) {
    return SIPWS_ERR_NOMEM;
  }
  out = &conn->busy->out;
  at = sipws__queue_room(out, sipws__conn_mem(conn),
                         room + send_reserve(conn, opcode));
  if (at == NULL) {
    return conn->is_fixed ? SIPWS_ERR_QUEUE_FULL : SIPWS_ERR_NOMEM;
  }
  err = send_write(conn, at, opcode, payload, len, piece, &is_ascii);
  if (err != 0) {
    return err; /* nothing was committed, and the connection is over */
  }
  if (opcode == SIPWS__OP_TEXT && !is_ascii &&
      !sipws__utf8_is_valid(payload, len)) {
    if ((flags & SIPWS_SEND_TEXT) != 0) {
      sipws__queue_cancel(out, sipws__conn_mem(conn));
      return SIPWS_ERR_TEXT;
    }
    opcode = SIPWS__OP_BINARY;
    sipws__frame_set_opcode(at, opcode);
  }
  send_note_begin(conn);
  sipws__queue_commit(out, room);
  if (conn->is_fixed) {
    out->tail->size = out->tail->end; /* the reserve stays free */
  }
  sipws__conn_trace(conn, 1, opcode, payload, len);
  return 0;
}

/* 1 while a frame of ours of that kind is queued. */
static int send_has_own(const sipws_conn *conn, int own) {
  return sipws__busy_of(conn)->own_end[own] != 0;
}

static int send_own(sipws_conn *conn, int own, int opcode,
                    const uint8_t *payload, size_t len) {
  int err = send_queue(conn, opcode, payload, len, 0, 0);
  if (err == 0) {
    conn->busy->own_end[own] = conn->busy->taken + conn->busy->out.len;
  }
  return err;
}

uint32_t sipws__conn_hash(const uint8_t *payload, size_t len) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  size_t i;
  for (i = 0; i < len; i++) {
    hash = (hash ^ payload[i]) * 16777619u;
  }
  return hash;
}

int sipws__conn_send_ping(sipws_conn *conn, const uint8_t *payload,
                          size_t len) {
  int err;
  if (send_has_own(conn, SIPWS__OWN_PING)) {
    return SIPWS_ERR_QUEUE_FULL;
  }
  err = send_own(conn, SIPWS__OWN_PING, SIPWS__OP_PING, payload, len);
  if (err == 0) {
    conn->ping_waits = 1;
    conn->ping_at = conn->now;
    conn->ping_hash = sipws__conn_hash(payload, len);
  }
  return err;
}

int sipws__conn_send_pong(sipws_conn *conn) {
  if (send_has_own(conn, SIPWS__OWN_PING)) {
    return SIPWS_ERR_QUEUE_FULL;
  }
  return send_own(conn, SIPWS__OWN_PING, SIPWS__OP_PONG, NULL, 0);
}

static int send_crlf_opcode(const sipws_conn *conn) {
  return (conn->config->policy & SIPWS_POLICY_SEND_BINARY) != 0
             ? SIPWS__OP_BINARY
             : SIPWS__OP_TEXT;
}

int sipws__conn_send_crlf(sipws_conn *conn) {
  int err;
  if (send_has_own(conn, SIPWS__OWN_CRLF_PING)) {
    return SIPWS_ERR_QUEUE_FULL;
  }
  err = send_own(conn, SIPWS__OWN_CRLF_PING, send_crlf_opcode(conn),
                 (const uint8_t *)"\r\n\r\n", 4);
  if (err == 0) {
    conn->crlf_at = conn->now;
    conn->crlf_awaits = conn->crlf_policy != 0;
  }
  return err;
}

/* ---- answers: one slot each, so that no peer makes us queue for ever ---- */

/* RFC 6455 5.5.3 asks for one pong alone, to the newest ping; others join it
 * while all that waits is less than this, so that pings which came at once are
 * each answered and a flood is not. */
#define SEND_PONGS 512

static int send_has_slot(const sipws_conn *conn, int own, size_t len) {
  return !send_has_own(conn, own) ||
         (own == SIPWS__OWN_PONG &&
          conn->busy->out.len + sipws__frame_size(len, send_is_client(conn)) <=
              SEND_PONGS);
}

/* 1 when it is queued; 0: it has to wait for its slot, or for fixed memory. */
static int send_answer(sipws_conn *conn, int own, int opcode,
                       const uint8_t *payload, size_t len) {
  int err;
  if (!send_has_slot(conn, own, len)) {
    return 0;
  }
  err = send_own(conn, own, opcode, payload, len);
  if (err == SIPWS_ERR_NOMEM) {
    sipws__conn_fail(conn, SIPWS_ERR_NOMEM, SIPWS_CAUSE_MEMORY);
  }
  return err != SIPWS_ERR_QUEUE_FULL;
}

void sipws__conn_send_waiting(sipws_conn *conn) {
  struct sipws__busy *busy = conn->busy;
  if (conn->close_queued) {
    return; /* nothing follows our Close */
  }
  if (busy->pong_waits) {
    busy->pong_waits = !send_answer(conn, SIPWS__OWN_PONG, SIPWS__OP_PONG,
                                    busy->pong, busy->pong_len);
  }
  if (busy->crlf_waits != 0 &&
      send_answer(conn, SIPWS__OWN_CRLF_ANSWER, busy->crlf_waits,
                  (const uint8_t *)"\r\n", 2)) {
    busy->crlf_waits = 0;
  }
}

void sipws__conn_answer_ping(sipws_conn *conn, const uint8_t *payload,
                             size_t len) {
  struct sipws__busy *busy = conn->busy;
  if (conn->close_queued) {
    return; /* RFC 6455 5.5.2 */
  }
  /* RFC 6455 5.5.3: of those that wait, the newest ping is answered */
  busy->pong_waits = 0;
  if (send_answer(conn, SIPWS__OWN_PONG, SIPWS__OP_PONG, payload, len)) {
    return;
  }
  if (len > 0 && busy->pong == NULL) {
    busy->pong = sipws__mem_new(sipws__conn_mem(conn), SIPWS__CONTROL_MAX);
    if (busy->pong == NULL) {
      sipws__conn_fail(conn, SIPWS_ERR_NOMEM, SIPWS_CAUSE_MEMORY);
      return;
    }
  }
  if (len > 0) {
    memcpy(busy->pong, payload, len);
  }
  busy->pong_len = (uint8_t)len;
  busy->pong_waits = 1;
}

void sipws__conn_answer_crlf(sipws_conn *conn, int opcode) {
  conn->busy->crlf_waits = (uint8_t)opcode;
  sipws__conn_send_waiting(conn);
}

int sipws__conn_queue_close(sipws_conn *conn, uint16_t code, const char *reason,
                            size_t len) {
  uint8_t payload[SIPWS__CONTROL_MAX];
  size_t size = 0;
  int err;
  if (code != 0) {
    payload[0] = (uint8_t)(code >> 8);
    payload[1] = (uint8_t)code;
    size = 2 + len;
    if (len > 0) {
      memcpy(payload + 2, reason, len);
    }
  }
  if (sipws__busy_of(conn)->pong_waits) {
    /* a ping came before: answered ahead of the Close, if memory allows */
    conn->busy->pong_waits = 0;
    (void)send_queue(conn, SIPWS__OP_PONG, conn->busy->pong,
                     conn->busy->pong_len, 0, 0);
  }
  err = send_queue(conn, SIPWS__OP_CLOSE, payload, size, 0, 0);
  if (err == 0) {
    conn->close_queued = 1;
    conn->our_code = code;
  }
  return err;
}

/* ---- send ---- */

/* Before open the profile is known only if all that are offered have the
 * same. */
static int send_profile(const sipws_conn *conn, int *profile) {
  const struct sipws__protos *protos = &conn->config->protos;
  uint32_t i;
  if (conn->proto != NULL) {
    *profile = conn->proto->profile;
    return 0;
  }
  for (i = 1; i < protos->count; i++) {
    if (protos->list[i].profile != protos->list[0].profile) {
      return SIPWS_ERR_STATE;
    }
  }
  *profile = protos->list[0].profile;
  return 0;
}

static int send_check_sip(const sipws_conn *conn, const char *msg, size_t len) {
  sipws_sip_view view;
  int may_be_sips;
  if (sipws__sip_outline(msg, len, &view, &may_be_sips) != 0 ||
      view.verdict != SIPWS_SIP_OK) {
    return SIPWS_ERR_NOT_SIP;
  }
  /* RFC 7118 9.2: a sips path needs secure hops */
  if (!conn->is_secure && !conn->must_be_secure && may_be_sips &&
      sipws_sip_is_sips(msg, len, &view)) {
    return SIPWS_ERR_SIPS;
  }
  return 0;
}

static int send_opcode(const sipws_conn *conn, int profile, uint32_t flags) {
  int is_binary =
      (flags & SIPWS_SEND_BINARY) != 0 ||
      ((flags & SIPWS_SEND_TEXT) == 0 && profile == SIPWS_PROFILE_SIP &&
       (conn->config->policy & SIPWS_POLICY_SEND_BINARY) != 0);
  return is_binary ? SIPWS__OP_BINARY : SIPWS__OP_TEXT;
}

static int send_check_state(const sipws_conn *conn) {
  if (conn->error != 0) {
    return conn->error;
  }
  if (conn->close_queued) {
    return SIPWS_ERR_CLOSED;
  }
  if (conn->state == SIPWS_STATE_OPEN ||
      (conn->state == SIPWS_STATE_CONNECTING && send_is_client(conn))) {
    return 0;
  }
  return SIPWS_ERR_STATE;
}

uint64_t sipws__conn_wire_size(const sipws_config *config, size_t len) {
  size_t piece = config->frame_size;
  uint64_t frames = piece == 0 ? 1 : len / piece + 1;
  return len + frames * SIPWS__FRAME_HEAD_MAX;
}

/* The longest message of at most |octets| on the wire: the reverse. */
static size_t send_longest(const sipws_config *config, size_t octets) {
  size_t piece = config->frame_size;
  size_t whole = piece + SIPWS__FRAME_HEAD_MAX;
  size_t rest;
  if (octets < SIPWS__FRAME_HEAD_MAX) {
    return 0;
  }
  octets -= SIPWS__FRAME_HEAD_MAX;
  if (piece == 0) {
    return octets;
  }
  rest = octets % whole;
  return octets / whole * piece + (rest < piece ? rest : piece - 1);
}

static int send_fits(const sipws_conn *conn, size_t len) {
  size_t limit = conn->config->queue_size;
  size_t queued = sipws__busy_of(conn)->out.len;
  /* one of maximum size always fits an empty queue */
  return queued == 0 ||
         (queued < limit &&
          sipws__conn_wire_size(conn->config, len) <= limit - queued);
}

static size_t send_high(const sipws_config *config) {
  return config->queue_high != 0 ? config->queue_high : config->queue_size / 2;
}

/* A message was queued. */
static void send_count(sipws_conn *conn, uint64_t *seq) {
  struct sipws__busy *busy = conn->busy;
  conn->last_seq++;
  if (seq != NULL) {
    *seq = conn->last_seq;
  }
  if (busy->out.len >= send_high(conn->config)) {
    busy->is_high = 1;
  }
  if (busy->mark_seq == 0) {
    busy->mark_at = conn->now;
    busy->mark_seq = conn->last_seq;
  }
}

static int send_message(sipws_conn *conn, const void *msg, size_t len,
                        uint32_t flags, uint64_t *seq) {
  int profile = SIPWS_PROFILE_SIP;
  int err = send_check_state(conn);
  if (err == 0) {
    err = send_profile(conn, &profile);
  }
  if (err == 0 && len > conn->config->message.size) {
    err = SIPWS_ERR_TOO_BIG;
  }
  if (err == 0 && profile == SIPWS_PROFILE_SIP &&
      (flags & SIPWS_SEND_UNCHECKED) == 0) {
    err = send_check_sip(conn, msg, len);
  }
  if (err == 0 && !send_fits(conn, len)) {
    err = SIPWS_ERR_QUEUE_FULL;
  }
  if (err == 0) {
    err = send_queue(conn, send_opcode(conn, profile, flags), msg, len,
                     conn->config->frame_size, flags);
  }
  if (err == SIPWS_ERR_QUEUE_FULL) {
    conn->busy->is_high = 1;
  }
  if (err == 0) {
    send_count(conn, seq);
  }
  return err;
}

int sipws_conn_send(sipws_conn *conn, const void *msg, size_t len,
                    uint32_t flags, uint64_t now_ms, uint64_t *seq) {
  int err;
  if (conn == NULL || (msg == NULL && len > 0) || flags > 7 ||
      (flags & 3) == 3) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  err = send_message(conn, msg, len, flags, seq);
  return sipws__conn_leave(conn, err);
}

size_t sipws_conn_room(const sipws_conn *conn) {
  size_t limit, queued;
  int profile;
  if (conn == NULL || send_check_state(conn) != 0 ||
      send_profile(conn, &profile) != 0) {
    return 0;
  }
  if (send_fits(conn, conn->config->message.size)) {
    return conn->config->message.size;
  }
  limit = conn->config->queue_size;
  queued = sipws__busy_of(conn)->out.len;
  return send_longest(conn->config, limit > queued ? limit - queued : 0);
}

size_t sipws_conn_queued(const sipws_conn *conn) {
  return conn == NULL || conn->state == SIPWS_STATE_CLOSED
             ? 0
             : sipws__busy_of(conn)->out.len;
}

int sipws_conn_ping(sipws_conn *conn, const void *data, size_t len,
                    uint64_t now_ms) {
  int err;
  if (conn == NULL || (data == NULL && len > 0) || len > SIPWS__CONTROL_MAX) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  err = conn->state == SIPWS_STATE_OPEN ? sipws__conn_send_ping(conn, data, len)
                                        : SIPWS_ERR_STATE;
  return sipws__conn_leave(conn, err);
}

int sipws_conn_ping_crlf(sipws_conn *conn, uint64_t now_ms) {
  int err = SIPWS_ERR_STATE;
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (conn->state == SIPWS_STATE_OPEN &&
      conn->proto->profile == SIPWS_PROFILE_SIP) {
    err = sipws__conn_send_crlf(conn);
  }
  return sipws__conn_leave(conn, err);
}
