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
          (conn->out.len > 0 && send_may_lend_frames(conn)));
}

int sipws__conn_has_output(const sipws_conn *conn) {
  return sipws__conn_has_plain(conn) ||
         (conn->state != SIPWS_STATE_CLOSED && sipws__stage_wire_len(conn) > 0);
}

int sipws__conn_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                     size_t *len) {
  size_t ahead;
  int err = sipws__upgrade_prepare_out(conn);
  *data = NULL;
  *len = 0;
  if (err != 0) {
    /* told by the next call that has a time */
    sipws__conn_break(conn, err,
                      err == SIPWS_ERR_HOOK ? SIPWS_CAUSE_ABORTED
                                            : SIPWS_CAUSE_MEMORY);
    return err;
  }
  ahead = sipws__upgrade_out_len(conn);
  if (skip < ahead) {
    sipws__upgrade_lend(conn, skip, data, len);
  } else if (send_may_lend_frames(conn)) {
    sipws__queue_lend(&conn->out, skip - ahead, data, len);
  }
  return 0;
}

int sipws_conn_pending(sipws_conn *conn, size_t skip, const uint8_t **data,
                       size_t *len) {
  size_t ahead;
  int err;
  if (conn == NULL || data == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *data = NULL;
  *len = 0;
  if (conn->state == SIPWS_STATE_CLOSED) {
    return 0;
  }
  err = sipws__stage_prepare_out(conn);
  ahead = sipws__stage_wire_len(conn);
  if (skip < ahead && conn->state != SIPWS_STATE_CLOSED) {
    sipws__stage_lend(conn, skip, data, len);
    return 0;
  }
  if (err != 0 || sipws__stage_is_in_charge(conn)) {
    return err;
  }
  if (conn->must_be_secure && !conn->is_secure) {
    return SIPWS_ERR_NOT_SECURE; /* RFC 7118 9.1, RFC 6455 4.1 step 5 */
  }
  return sipws__conn_lend(conn, skip - ahead, data, len);
}

/* The next message's number, over the gap that expired ones left. */
static uint64_t send_after(const sipws_conn *conn, uint64_t seq) {
  return (conn->gap_to != 0 && seq == conn->gap_after ? conn->gap_to : seq) + 1;
}

/* 1 for a CRLF: a data frame, but no message of the application's. */
static int send_is_own_data(const sipws_conn *conn, uint64_t end) {
  return end == conn->own_end[SIPWS__OWN_CRLF_ANSWER] ||
         end == conn->own_end[SIPWS__OWN_CRLF_PING];
}

/* A frame's first octet is about to be taken. */
static void taken_begin_frame(sipws_conn *conn, const uint8_t *frame) {
  int is_final, opcode;
  conn->frame_left = sipws__frame_read_back(frame, &is_final, &opcode);
  conn->frame_is_app = opcode < SIPWS__OP_CLOSE &&
                       !send_is_own_data(conn, conn->taken + conn->frame_left);
  conn->frame_counts = conn->frame_is_app && is_final;
}

static void taken_end_frame(sipws_conn *conn) {
  if (conn->frame_counts) {
    conn->sent_seq = send_after(conn, conn->sent_seq);
    if (conn->gap_to < conn->sent_seq) {
      conn->gap_to = 0;
    }
    sipws__conn_raise(conn, SIPWS_EVENT_SENT);
  }
}

static void taken_frames(sipws_conn *conn, size_t n) {
  while (n > 0) {
    const uint8_t *data;
    size_t len, step;
    sipws__queue_front(&conn->out, &data, &len);
    if (conn->frame_left == 0) {
      taken_begin_frame(conn, data);
    }
    step = n < conn->frame_left ? n : conn->frame_left;
    sipws__queue_drop(&conn->out, sipws__conn_mem(conn), step);
    conn->taken += step;
    conn->frame_left -= step;
    n -= step;
    if (conn->frame_left == 0) {
      taken_end_frame(conn);
    }
  }
}

/* The low mark, once a crossing. */
static void taken_check_low(sipws_conn *conn) {
  const sipws_config *config = conn->config;
  size_t low =
      config->queue_low != 0 ? config->queue_low : config->queue_size / 4;
  if (conn->is_high && conn->out.len <= low) {
    conn->is_high = 0;
    sipws__conn_raise(conn, SIPWS_EVENT_WRITABLE);
  }
}

static void taken_settle(sipws_conn *conn) {
  int own;
  conn->taken_at = conn->now;
  conn->is_stalled = 0;
  for (own = 0; own < SIPWS__OWN_COUNT; own++) {
    if (conn->own_end[own] <= conn->taken) {
      conn->own_end[own] = 0;
    }
  }
  if (conn->state == SIPWS_STATE_REFUSING) {
    sipws__conn_set_state(conn, SIPWS_STATE_REFUSING); /* it makes progress */
  }
  sipws__conn_send_waiting(conn);
  if (conn->mark_at != SIPWS__NEVER && conn->out.len == 0) {
    conn->mark_at = SIPWS__NEVER;
  }
  taken_check_low(conn);
  if (conn->role == SIPWS_SERVER && !sipws__stage_has_failed(conn)) {
    /* a client's shows the answer still, and a request that is lent waits for
     * its verdict when a stage fails */
    sipws__upgrade_release(conn);
  }
  sipws__conn_settle_close(conn);
}

/* How much may be taken: without a stage in charge the connection lends its
 * own. */
static size_t taken_most(const sipws_conn *conn) {
  size_t wire = sipws__stage_lent(conn);
  return sipws__stage_is_in_charge(conn)
             ? wire
             : wire + sipws__upgrade_lent(conn) + conn->out.lent;
}

int sipws_conn_taken(sipws_conn *conn, size_t n, uint64_t now_ms) {
  size_t plain;
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
  plain = sipws__stage_take(conn, &n);
  plain += n;
  plain -= sipws__upgrade_take(conn, plain);
  taken_frames(conn, plain);
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

static void walk_begin(const sipws_conn *conn, struct send_walk *walk) {
  memset(walk, 0, sizeof *walk);
  walk->chunk = conn->out.head;
  walk->in_chunk = walk->chunk != NULL ? walk->chunk->start : 0;
}

/* 1 and the frame there, 0 at the end. The rest of a frame taken in part comes
 * first, as |total| octets with opcode -1. */
static int walk_next(const sipws_conn *conn, struct send_walk *walk) {
  walk->in_chunk += walk->total;
  walk->off += walk->total;
  while (walk->chunk != NULL && walk->in_chunk == walk->chunk->end) {
    walk->chunk = walk->chunk->next;
    walk->in_chunk = walk->chunk != NULL ? walk->chunk->start : 0;
  }
  if (walk->chunk == NULL) {
    return 0;
  }
  if (walk->off == 0 && conn->frame_left > 0) {
    walk->total = conn->frame_left;
    walk->opcode = -1;
    walk->is_final = conn->frame_counts;
    return 1;
  }
  walk->total = sipws__frame_read_back((const uint8_t *)(walk->chunk + 1) +
                                           walk->in_chunk,
                                       &walk->is_final, &walk->opcode);
  return 1;
}

static int walk_is_app(const sipws_conn *conn, const struct send_walk *walk) {
  if (walk->opcode == -1) {
    return conn->frame_is_app;
  }
  return walk->opcode < SIPWS__OP_CLOSE &&
         !send_is_own_data(conn, conn->taken + walk->off + walk->total);
}

/* Goes over what was lent: |seq| is the last message of it. Messages are put in
 * and lent whole, fragmented or not. 1 when the walk stopped at a frame that was
 * not lent. */
static int walk_lent(const sipws_conn *conn, struct send_walk *walk,
                     uint64_t *seq) {
  *seq = conn->sent_seq;
  walk_begin(conn, walk);
  while (walk_next(conn, walk)) {
    if (walk->off >= conn->out.lent) {
      return 1;
    }
    if (walk_is_app(conn, walk) && walk->is_final) {
      *seq = send_after(conn, *seq);
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
  if (conn->state == SIPWS_STATE_CLOSED) {
    return conn->begun_seq;
  }
  (void)walk_lent(conn, &walk, &seq);
  return seq;
}

/* ---- max_wait ---- */

/* Drops the frame at |walk| and moves what follows it in its chunk. */
static void expire_drop(sipws_conn *conn, struct send_walk *walk) {
  struct sipws__chunk *chunk = walk->chunk;
  uint8_t *at = (uint8_t *)(chunk + 1) + walk->in_chunk;
  uint64_t end = conn->taken + walk->off + walk->total;
  int own;
  memmove(at, at + walk->total, chunk->end - walk->in_chunk - walk->total);
  chunk->end -= walk->total;
  conn->out.len -= walk->total;
  for (own = 0; own < SIPWS__OWN_COUNT; own++) {
    if (conn->own_end[own] > end) {
      conn->own_end[own] -= walk->total;
    }
  }
  walk->total = 0; /* the next frame lies in its place */
}

void sipws__conn_expire(sipws_conn *conn, uint64_t upto) {
  struct send_walk walk;
  uint64_t begun, seq;
  int more = walk_lent(conn, &walk, &begun);
  if (conn->gap_to != 0 && begun != conn->gap_after) {
    return; /* one gap at a time: wait until the queue is past it */
  }
  seq = send_after(conn, begun) - 1; /* dropped before */
  while (more && seq < upto) {
    if (walk_is_app(conn, &walk)) {
      seq += walk.is_final != 0;
      expire_drop(conn, &walk);
    }
    more = walk_next(conn, &walk);
  }
  if (seq > begun && seq > conn->gap_to) {
    conn->gap_after = begun;
    conn->gap_to = seq;
    sipws__conn_raise_notice(conn, SIPWS_NOTICE_EXPIRED, seq);
    sipws__queue_prune(&conn->out, sipws__conn_mem(conn));
    taken_check_low(conn);
  }
}
