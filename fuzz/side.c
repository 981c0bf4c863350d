#include "side.h"

/* ---- what holds always ---- */

/* After |error|, or once a Close was sent, nothing else is told. */
static void side_check_error(struct side *side, int error) {
  const uint8_t *data;
  size_t len;
  int err = sipws_conn_send(side->conn, "", 0, SIPWS_SEND_UNCHECKED, 0, NULL);
  if (side->is_freed) { /* in an event that a call without time had left */
    must(err == SIPWS_ERR_FREED);
    return;
  }
  must(err == error);
  must(sipws_conn_room(side->conn) == 0);
  if (sipws_conn_state(side->conn) == SIPWS_STATE_CLOSED) {
    must((sipws_conn_wants(side->conn) & ~(uint32_t)SIPWS_WANT_SHUT) ==
         SIPWS_WANT_CLOSE);
    must(sipws_conn_pending(side->conn, 0, &data, &len) == 0 && len == 0);
  }
}

static void side_check(struct side *side) {
  const sipws_conn *conn = side->conn;
  int state = sipws_conn_state(conn);
  int error = sipws_conn_error(conn);
  must(state >= side->was_state);
  must(side->was_error == 0 || error == side->was_error); /* it sticks */
  must(state != SIPWS_STATE_CLOSED || sipws_conn_cause(conn) != 0);
  must(sipws_conn_sent_seq(conn) <= sipws_conn_begun_seq(conn));
  must(sipws_conn_begun_seq(conn) <= sipws_conn_last_seq(conn));
  must(sipws_conn_room(conn) <= side_message_size(side));
  side->was_state = state;
  side->was_error = error;
  if (error != 0 || state == SIPWS_STATE_CLOSING) {
    side_check_error(side, error != 0 ? error : SIPWS_ERR_CLOSED);
  }
}

void side_after(struct side *side, int err) {
  must(strcmp(sipws_error_name(err), "unknown") != 0);
  if (side->in_event) {
    return;
  }
  must((err == SIPWS_ERR_FREED) == side->is_freed);
  if (!side->is_freed) {
    side_check(side);
  }
  if (side->is_freed) {
    side->conn = NULL;
    side->is_freed = 0;
    return;
  }
  if (side_pulls(side)) {
    side_pull(side);
  }
}

/* ---- octets in ---- */

/* Gives a copy of its own; tells how many octets were taken. */
static size_t side_feed_piece(struct side *side, const uint8_t *data,
                              size_t len, int in_place) {
  void *own = fuzz_copy(data, len);
  uint64_t messages = side->messages;
  int was = sipws_conn_error(side->conn);
  size_t taken;
  int err = in_place ? sipws_conn_feed_inplace(side->conn, own, len, side->now,
                                               &taken)
                     : sipws_conn_feed(side->conn, own, len, side->now, &taken);
  must(taken <= len);
  must(in_place || memcmp(own, data, len) == 0);
  must(memcmp((char *)own + taken, data + taken, len - taken) == 0);
  if (err != SIPWS_ERR_FREED && err != SIPWS_ERR_CALLBACK) {
    must(err == sipws_conn_error(side->conn));
  }
  if (was != 0) {
    must(err == was && taken == len && side->messages == messages);
  }
  side_after(side, err);
  free(own);
  return taken;
}

void side_give_up(struct side *side) {
  side->has_failed = 1;
  side_after(side, sipws_conn_abort(side->conn, side->now));
}

void side_go_on(struct side *side) {
  int err;
  if (sipws_conn_state(side->conn) != SIPWS_STATE_VERDICT) {
    side->is_paused = 0;
    err = sipws_conn_resume(side->conn, side->now);
  } else {
    err = sipws_conn_accept(side->conn, NULL, 0, side->now);
    if (err == SIPWS_ERR_INVALID) { /* plain HTTP */
      err = sipws_conn_reject(side->conn, 404, "no", 2, side->now);
    }
  }
  side_after(side, err);
  if (side->conn != NULL &&
      sipws_conn_state(side->conn) == SIPWS_STATE_VERDICT) {
    must(err == SIPWS_ERR_NOMEM);
    side_give_up(side);
  }
}

/* Times that nothing is taken in a row, each followed by side_go_on; callbacks
 * may pause it again, but have few turns. */
#define SIDE_VAIN 20

/* Goes on with what is kept, by itself or by stages, paused or not: a pause
 * would show where pieces end. A verdict is given if it |judges|. */
static void side_feed_kept(struct side *side, int judges) {
  int vain = 0;
  while (side->conn != NULL && sipws_conn_kept(side->conn) > 0 &&
         (judges || sipws_conn_state(side->conn) != SIPWS_STATE_VERDICT)) {
    size_t kept = sipws_conn_kept(side->conn);
    must(side->is_paused || sipws_conn_state(side->conn) != SIPWS_STATE_OPEN ||
         (sipws_conn_wants(side->conn) & SIPWS_WANT_FEED) != 0);
    (void)side_feed_piece(side, (const uint8_t *)"", 0, 0);
    if (side->conn != NULL && sipws_conn_kept(side->conn) == kept) {
      must(++vain < SIDE_VAIN);
      side_go_on(side);
    }
  }
}

/* Keeps what was not taken. */
static int side_keep(struct side *side, const uint8_t *data, size_t len) {
  if (sipws_conn_keep(side->conn, data, len) != 0) {
    return 0;
  }
  side_feed_kept(side, 1);
  return 1;
}

void side_feed(struct side *side, const uint8_t *data, size_t len,
               uint32_t *cuts) {
  int vain = 0;
  while (len > 0 && side->conn != NULL) {
    size_t step = cuts != NULL ? 1 + fuzz_draw(cuts) % 16 : len;
    int way = cuts != NULL ? (int)(fuzz_draw(cuts) % 4) : 0;
    size_t kept = sipws_conn_kept(side->conn);
    size_t taken;
    step = way == 3 ? 16 * step : step;
    step = step < len ? step : len;
    taken = side_feed_piece(side, data, step, way & 1);
    if (taken == 0 && side->conn != NULL) {
      if (way == 2 && side_keep(side, data, step)) {
        taken = step;
      } else {
        must(++vain < SIDE_VAIN);
        side_go_on(side);
      }
    }
    /* what is kept goes first */
    vain = taken > 0 || sipws_conn_kept(side->conn) < kept ? 0 : vain;
    data += taken;
    len -= taken;
  }
  side_feed_kept(side, 0);
}

/* ---- octets out ---- */

/* What was lent keeps address and value. */
static void side_check_lent(struct side *side, const uint8_t *data,
                            size_t len) {
  uint64_t digest = FUZZ_DIGEST;
  if (side->lent_len > 0) {
    fuzz_digest(&digest, side->lent, side->lent_len);
    must(digest == side->lent_digest);
    must(data == side->lent && len >= side->lent_len);
  }
}

static void side_note_lent(struct side *side, const uint8_t *data, size_t len) {
  side->lent = data;
  side->lent_len = len;
  side->lent_digest = FUZZ_DIGEST;
  fuzz_digest(&side->lent_digest, data, len);
}

/* It is over, a stage holds output back, or a client gave its request up. */
static int side_may_break_off(const struct side *side) {
  return sipws_conn_state(side->conn) == SIPWS_STATE_CLOSED || side->holds ||
         (side->reader.frames.is_client && side->reader.part == READER_HEAD &&
          sipws_conn_error(side->conn) != 0);
}

/* Lends without taking. */
size_t side_lend(struct side *side, const uint8_t **data) {
  size_t len;
  int err = sipws_conn_pending(side->conn, 0, data, &len);
  must(err == 0 || len == 0);
  if (len > 0) {
    must((sipws_conn_wants(side->conn) & SIPWS_WANT_WRITE) != 0);
    side_check_lent(side, *data, len);
    side_note_lent(side, *data, len);
  } else if (err == 0 && !side_may_break_off(side)) {
    must(reader_is_at_rest(&side->reader));
  }
  return len;
}

void side_see_output(struct side *side, const uint8_t *data, size_t len) {
  if (side->reads != NULL) {
    side->reads(side, data, len);
  } else {
    reader_read(&side->reader, data, len);
  }
  side->lent_len = 0;
  if (side->on_output != NULL) {
    side->on_output(side, data, len);
  }
}

void side_take(struct side *side, size_t most) {
  const uint8_t *data;
  size_t len;
  while (most > 0 && side->conn != NULL && !side->is_freed &&
         (len = side_lend(side, &data)) > 0) {
    size_t step = len < most ? len : most;
    /* asked each time: a callback may have taken some */
    if (side->room != NULL && side->room(side) < step) {
      most = step = side->room(side);
    }
    side_see_output(side, data, step);
    side_note_lent(side, data + step, len - step);
    most -= step;
    side_after(side, sipws_conn_taken(side->conn, step, side->now));
  }
}

/* ---- the end ---- */

/* Time alone ends all but an open connection, and that is ended by its peer. */
void side_finish(struct side *side) {
  int minute;
  for (minute = 0; minute < 4 && side->conn != NULL; minute++) {
    side_take(side, SIZE_MAX);
    side_act(side, SIDE_ACT_TICK, 255);
    side->turns.left = 0; /* nothing new begins any more */
    side->random_fails = 0;
    side->heap.fail_in = 0;
  }
  must(side->conn == NULL || side->was_state == SIPWS_STATE_OPEN ||
       side->was_state == SIPWS_STATE_CLOSED);
  side_act(side, SIDE_ACT_PAUSE, 1);
  side_act(side, SIDE_ACT_EOF, 0);
  side_take(side, SIZE_MAX);
  side_act(side, SIDE_ACT_TICK, 255);
  must(side->conn == NULL ||
       (side->is_closed && side->was_state == SIPWS_STATE_CLOSED));
}
