/* conn: octets out, second part: lent, taken, dropped. Frame headers in the
 * queue tell which messages those octets settle: none needs a record. */
#include "sipws_conn.h"

#include <string.h>

/* ---- pending and taken ---- */

/* RFC 6455 4.1: a client's frames wait for the 101. */
static int send_may_lend_frames(const sipws_conn *conn) {
  return conn->state == SIPWS_STATE_OPEN || conn->state == SIPWS_STATE_CLOSING;
}

int sipws__conn_has_plain(const sipws_conn *conn) {
  return conn->state != SIPWS_STATE_CLOSED && !sipws__stage_has_failed(conn) &&
         (sipws__upgrade_has_out(conn) ||
          (sipws__busy_of(conn)->out.len > 0 && send_may_lend_frames(conn)));
}

int sipws__conn_has_output(const sipws_conn *conn) {
  return sipws__conn_has_plain(conn) ||
         (conn->state != SIPWS_STATE_CLOSED && sipws__stage_wire_len(conn) > 0);
}

static int lend_frames(sipws_conn *conn, size_t skip, const uint8_t **data,
                       size_t *len) {
  if (conn->busy != NULL && send_may_lend_frames(conn)) {
    sipws__queue_lend(&conn->busy->out, skip, data, len);
  }
  return 0;
}

/* The handshake's octets go first. */
static int lend_upgrade(sipws_conn *conn, size_t skip, const uint8_t **data,
                        size_t *len) {
  int err = sipws__upgrade_prepare_out(conn);
  size_t ahead = sipws__upgrade_out_len(conn);
  if (err != 0) {
    /* told by the next call that has a time */
    sipws__conn_break(conn, err,
                      err == SIPWS_ERR_HOOK ? SIPWS_CAUSE_ABORTED
                                            : SIPWS_CAUSE_MEMORY);
    return err;
  }
  if (skip < ahead) {
    sipws__upgrade_lend(conn, skip, data, len);
    return 0;
  }
  return lend_frames(conn, skip - ahead, data, len);
}

int sipws__conn_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                     size_t *len) {
  return conn->upgrade != NULL ? lend_upgrade(conn, skip, data, len)
                               : lend_frames(conn, skip, data, len);
}

static int pending_plain(sipws_conn *conn, size_t skip, const uint8_t **data,
                         size_t *len) {
  if (conn->must_be_secure && !conn->is_secure) {
    return SIPWS_ERR_NOT_SECURE; /* RFC 7118 9.1, RFC 6455 4.1 step 5 */
  }
  return sipws__conn_lend(conn, skip, data, len);
}

/* What stages emitted goes first. */
static int pending_staged(sipws_conn *conn, size_t skip, const uint8_t **data,
                          size_t *len) {
  int err = sipws__stage_prepare_out(conn);
  size_t ahead = sipws__stage_wire_len(conn);
  if (skip < ahead && conn->state != SIPWS_STATE_CLOSED) {
    sipws__stage_lend(conn, skip, data, len);
    return 0;
  }
  if (err != 0 || sipws__stage_is_in_charge(conn)) {
    return err;
  }
  return pending_plain(conn, skip - ahead, data, len);
}

int sipws_conn_pending(sipws_conn *conn, size_t skip, const uint8_t **data,
                       size_t *len) {
  if (conn == NULL || data == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *data = NULL;
  *len = 0;
  if (conn->state == SIPWS_STATE_CLOSED) {
    return 0;
  }
  return conn->chain != NULL ? pending_staged(conn, skip, data, len)
                             : pending_plain(conn, skip, data, len);
}

/* The next message's number, over the gap that expired ones left. */
static uint64_t send_after(const struct sipws__busy *busy, uint64_t seq) {
  return (busy->gap_to != 0 && seq == busy->gap_after ? busy->gap_to : seq) + 1;
}

/* 1 for a CRLF: a data frame, but no message of the application's. */
static int send_is_own_data(const struct sipws__busy *busy, uint64_t end) {
  return end == busy->own_end[SIPWS__OWN_CRLF_ANSWER] ||
         end == busy->own_end[SIPWS__OWN_CRLF_PING];
}

/* A frame's first octet is about to be taken. */
static void taken_begin_frame(struct sipws__busy *busy) {
  const uint8_t *frame;
  size_t len;
  int is_final, opcode;
  sipws__queue_front(&busy->out, &frame, &len);
  busy->frame_left = sipws__frame_read_back(frame, &is_final, &opcode);
  busy->frame_is_app = opcode < SIPWS__OP_CLOSE &&
                       !send_is_own_data(busy, busy->taken + busy->frame_left);
  busy->frame_counts = busy->frame_is_app && is_final;
}

/* One of ours: its slot is free again. */
static void taken_end_own(struct sipws__busy *busy) {
  int own;
  for (own = 0; own < SIPWS__OWN_COUNT; own++) {
    if (busy->own_end[own] == busy->taken) {
      busy->own_end[own] = 0;
    }
  }
}

static void taken_end_frame(sipws_conn *conn) {
  struct sipws__busy *busy = conn->busy;
  if (!busy->frame_is_app) {
    taken_end_own(busy);
  }
  if (busy->frame_counts) {
    conn->sent_seq = send_after(busy, conn->sent_seq);
    if (busy->gap_to < conn->sent_seq) {
      busy->gap_to = 0;
    }
    sipws__conn_raise(conn, SIPWS_EVENT_SENT);
  }
}

static void taken_frames(sipws_conn *conn, size_t n) {
  struct sipws__busy *busy = conn->busy;
  while (n > 0) {
    size_t step;
    if (busy->frame_left == 0) {
      taken_begin_frame(busy);
    }
    step = n < busy->frame_left ? n : busy->frame_left;
    sipws__queue_drop(&busy->out, sipws__conn_mem(conn), step);
    busy->taken += step;
    busy->frame_left -= step;
    n -= step;
    if (busy->frame_left == 0) {
      taken_end_frame(conn);
    }
  }
}

/* The low mark, once a crossing. */
static void taken_check_low(sipws_conn *conn) {
  const sipws_config *config = conn->config;
  struct sipws__busy *busy = conn->busy;
  size_t low;
  if (!busy->is_high) {
    return;
  }
  low = config->queue_low != 0 ? config->queue_low : config->queue_size / 4;
  if (busy->out.len <= low) {
    busy->is_high = 0;
    sipws__conn_raise(conn, SIPWS_EVENT_WRITABLE);
  }
}

/* What waited for the queue to move. */
static void taken_settle_queue(sipws_conn *conn) {
  struct sipws__busy *busy = conn->busy;
  if (busy->pong_waits || busy->crlf_waits != 0) {
    sipws__conn_send_waiting(conn);
  }
  if (busy->out.len == 0) {
    busy->mark_seq = 0;
  }
  taken_check_low(conn);
}

static void taken_settle(sipws_conn *conn) {
  conn->taken_at = conn->now;
  conn->is_stalled = 0;
  if (conn->state == SIPWS_STATE_REFUSING) {
    sipws__conn_set_state(conn, SIPWS_STATE_REFUSING); /* it makes progress */
  }
  if (conn->busy != NULL) {
    taken_settle_queue(conn);
  }
  if (conn->upgrade != NULL && conn->role == SIPWS_SERVER &&
      !sipws__stage_has_failed(conn)) {
    /* a client's shows the answer still, and a request that is lent waits for
     * its verdict when a stage fails */
    sipws__upgrade_release(conn);
  }
  sipws__conn_settle_close(conn);
}

/* How much may be taken: without a stage in charge the connection lends its
 * own. */
static size_t taken_most(const sipws_conn *conn) {
  size_t most = sipws__stage_lent(conn);
  if (!sipws__stage_is_in_charge(conn)) {
    most += sipws__busy_of(conn)->out.lent;
    most += conn->upgrade != NULL ? sipws__upgrade_lent(conn) : 0;
  }
  return most;
}

int sipws_conn_taken(sipws_conn *conn, size_t n, uint64_t now_ms) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->state == SIPWS_STATE_CLOSED || n == 0) {
    return 0; /* what was lent is of no more account */
  }
  if (n > taken_most(conn)) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  if (conn->chain != NULL) {
    size_t plain = sipws__stage_take(conn, &n);
    n += plain;
  }
  if (conn->upgrade != NULL) {
    n -= sipws__upgrade_take(conn, n);
  }
  taken_frames(conn, n);
  taken_settle(conn);
  return sipws__conn_leave(conn, 0);
}

/* ---- walking the queue ---- */

/* One frame in the queue, its place told by |off|, octets behind the front. */
struct send_walk {
  struct sipws__chunk *chunk;
  size_t in_chunk; /* where in it the frame lies */
  uint64_t off;
  size_t total;
  int is_final;
  int opcode;
};

static void walk_begin(const struct sipws__busy *busy, struct send_walk *walk) {
  memset(walk, 0, sizeof *walk);
  walk->chunk = busy->out.head;
  walk->in_chunk = walk->chunk != NULL ? walk->chunk->start : 0;
}

/* 1 and the frame there, 0 at the end. The rest of a frame taken in part comes
 * first, as |total| octets with opcode -1. */
static int walk_next(const struct sipws__busy *busy, struct send_walk *walk) {
  walk->in_chunk += walk->total;
  walk->off += walk->total;
  while (walk->chunk != NULL && walk->in_chunk == walk->chunk->end) {
    walk->chunk = walk->chunk->next;
    walk->in_chunk = walk->chunk != NULL ? walk->chunk->start : 0;
  }
  if (walk->chunk == NULL) {
    return 0;
  }
  if (walk->off == 0 && busy->frame_left > 0) {
    walk->total = busy->frame_left;
    walk->opcode = -1;
    walk->is_final = busy->frame_counts;
    return 1;
  }
  walk->total =
      sipws__frame_read_back(sipws__chunk_data(walk->chunk) + walk->in_chunk,
                             &walk->is_final, &walk->opcode);
  return 1;
}

static int walk_is_app(const struct sipws__busy *busy,
                       const struct send_walk *walk) {
  if (walk->opcode == -1) {
    return busy->frame_is_app;
  }
  return walk->opcode < SIPWS__OP_CLOSE &&
         !send_is_own_data(busy, busy->taken + walk->off + walk->total);
}

/* Goes over what was lent: |*seq|, the last message taken, becomes the last of
 * it. Messages are put in and lent whole, fragmented or not. 1 when the walk
 * stopped at a frame that was not lent. */
static int walk_lent(const struct sipws__busy *busy, struct send_walk *walk,
                     uint64_t *seq) {
  walk_begin(busy, walk);
  while (walk_next(busy, walk)) {
    if (walk->off >= busy->out.lent) {
      return 1;
    }
    if (walk_is_app(busy, walk) && walk->is_final) {
      *seq = send_after(busy, *seq);
    }
  }
  return 0;
}

uint64_t sipws_conn_begun_seq(const sipws_conn *conn) {
  struct send_walk walk;
  uint64_t seq;
  if (conn == NULL) {
    return 0;
  }
  seq = conn->sent_seq; /* once closed, the queue is as it was then */
  (void)walk_lent(sipws__busy_of(conn), &walk, &seq);
  return seq;
}

/* ---- max_wait ---- */

/* Drops the frame at |walk| and moves what follows it in its chunk. */
static void expire_drop(struct sipws__busy *busy, struct send_walk *walk) {
  struct sipws__chunk *chunk = walk->chunk;
  uint8_t *at = sipws__chunk_data(chunk) + walk->in_chunk;
  uint64_t end = busy->taken + walk->off + walk->total;
  int own;
  memmove(at, at + walk->total, chunk->end - walk->in_chunk - walk->total);
  chunk->end -= walk->total;
  busy->out.len -= walk->total;
  for (own = 0; own < SIPWS__OWN_COUNT; own++) {
    if (busy->own_end[own] > end) {
      busy->own_end[own] -= walk->total;
    }
  }
  walk->total = 0; /* the next frame lies in its place */
}

void sipws__conn_expire(sipws_conn *conn, uint64_t upto) {
  struct sipws__busy *busy = conn->busy;
  struct send_walk walk;
  uint64_t begun = conn->sent_seq;
  uint64_t seq;
  int more = walk_lent(busy, &walk, &begun);
  if (busy->gap_to != 0 && begun != busy->gap_after) {
    return; /* one gap at a time: wait until the queue is past it */
  }
  seq = send_after(busy, begun) - 1; /* dropped before */
  while (more && seq < upto) {
    if (walk_is_app(busy, &walk)) {
      seq += walk.is_final != 0;
      expire_drop(busy, &walk);
    }
    more = walk_next(busy, &walk);
  }
  if (seq > begun && seq > busy->gap_to) {
    busy->gap_after = begun;
    busy->gap_to = seq;
    sipws__conn_raise_notice(conn, SIPWS_NOTICE_EXPIRED, seq);
    sipws__queue_prune(&busy->out, sipws__conn_mem(conn));
    taken_check_low(conn);
  }
}
