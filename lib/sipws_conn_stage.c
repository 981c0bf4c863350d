/* conn: stages between it and the transport. One is in charge at a time; what
 * it gives goes to the kept octets, what it emits to the wire. */
#include "sipws_conn.h"

#include <string.h>

/* What is asked of a stage at once; a record of TLS may need several. */
#define STAGE_PIECE 4096

static struct sipws__link *stage_in_charge(const sipws_conn *conn) {
  return sipws__stage_is_in_charge(conn)
             ? &conn->chain->links[conn->chain->current]
             : NULL;
}

/* ---- adding ---- */

static int stage_may_add(const sipws_conn *conn, const struct sipws__chain *c) {
  int is_fresh = conn->state == SIPWS_STATE_CONNECTING &&
                 conn->upgrade->head.len == 0 && conn->upgrade->out.len == 0 &&
                 sipws__busy_of(conn)->kept.len == 0;
  if (!is_fresh || c == NULL) {
    return is_fresh;
  }
  return c->current == 0 && !c->is_begun && c->count < SIPWS__STAGES &&
         c->links[c->count - 1].stage->output == NULL;
}

int sipws_conn_add_stage(sipws_conn *conn, const sipws_stage *stage,
                         void *state) {
  struct sipws__link *link;
  if (conn == NULL || stage == NULL || stage->input == NULL ||
      stage->struct_size != sizeof *stage) {
    return SIPWS_ERR_INVALID;
  }
  if (!stage_may_add(conn, conn->chain)) {
    return SIPWS_ERR_STATE;
  }
  if (conn->chain == NULL) {
    conn->chain = sipws__mem_new(sipws__conn_mem(conn), sizeof *conn->chain);
    if (conn->chain == NULL) {
      return SIPWS_ERR_NOMEM;
    }
    memset(conn->chain, 0, sizeof *conn->chain);
    conn->chain->raw.secret = 1;
  }
  link = &conn->chain->links[conn->chain->count++];
  link->stage = stage;
  link->state = state;
  return 0;
}

void *sipws_conn_stage_state(const sipws_conn *conn, const sipws_stage *stage) {
  const struct sipws__chain *chain = conn != NULL ? conn->chain : NULL;
  unsigned i;
  for (i = 0; chain != NULL && i < chain->count; i++) {
    if (chain->links[i].stage == stage) {
      return chain->links[i].state;
    }
  }
  return NULL;
}

void sipws__stage_free(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct sipws__chain *chain = conn->chain;
  size_t all = SIZE_MAX;
  unsigned i;
  if (chain == NULL) {
    return;
  }
  for (i = 0; i < chain->count; i++) {
    if (chain->links[i].stage->free != NULL) {
      chain->links[i].stage->free(chain->links[i].state);
    }
  }
  (void)sipws__stage_take(conn, &all); /* wiped as if it had left */
  sipws__queue_free(&chain->wire, mem);
  sipws__buf_free(&chain->raw, mem);
  sipws__mem_free(mem, chain, sizeof *chain);
  conn->chain = NULL;
}

/* ---- failing ---- */

/* Of the errors that a stage may tell, the cause of each. */
static int stage_cause(int *err) {
  switch (*err) {
  case SIPWS_ERR_TLS:
    return SIPWS_CAUSE_TLS;
  case SIPWS_ERR_PROXY:
    return SIPWS_CAUSE_PROXY;
  case SIPWS_ERR_TRUNCATED:
    return SIPWS_CAUSE_TRUNCATED;
  case SIPWS_ERR_NOMEM:
    return SIPWS_CAUSE_MEMORY;
  case SIPWS_ERR_RANDOM:
    return SIPWS_CAUSE_RANDOM;
  default:
    *err = SIPWS_ERR_HOOK;
    return SIPWS_CAUSE_ABORTED;
  }
}

/* It is over, and nothing passes any more but what was emitted. */
static void stage_leave(sipws_conn *conn, int err, int cause) {
  conn->chain->is_failed = 1;
  if (conn->error == 0) {
    conn->error = err;
  }
  conn->cause = (uint8_t)cause;
  sipws__conn_set_state(conn, SIPWS_STATE_CLOSING);
}

/* It failed: an alert may still leave. */
static void stage_fail(sipws_conn *conn, int err) {
  int cause = stage_cause(&err);
  conn->chain->is_shut = 1;
  if (conn->chain->wire.len == 0 || conn->state == SIPWS_STATE_CLOSED) {
    sipws__conn_break(conn, err, cause);
  } else {
    stage_leave(conn, err, cause);
  }
}

/* What came before a failure may wait: for an event to be pulled, or for the
 * next feed. A verdict may be long in coming, and does not count. */
static int stage_is_ahead(const sipws_conn *conn) {
  return sipws__conn_must_pull(conn) ||
         (sipws__busy_of(conn)->kept.len > 0 && !sipws__conn_only_keeps(conn));
}

void sipws__stage_settle(sipws_conn *conn) {
  int err = conn->chain != NULL ? conn->chain->failure : 0;
  if (err == 0 || (stage_is_ahead(conn) && !sipws__conn_is_deaf(conn))) {
    return;
  }
  conn->chain->failure = 0;
  if (conn->error == 0) {
    stage_fail(conn, err);
  } else {
    sipws__conn_finish(conn, conn->cause); /* its Close has no way out */
  }
}

/* ---- octets in ---- */

/* Room for what the stage gives of |len| octets, at the end of the kept ones.
 * One that finishes gives nothing, nor does one that only begins. */
static int stage_room(sipws_conn *conn, const sipws_stage *stage, size_t len,
                      size_t *room) {
  size_t free_octets =
      conn->config->input_size - sipws__busy_of(conn)->kept.len;
  int err;
  *room = 0;
  if (stage->output == NULL || (len == 0 && !conn->chain->is_begun)) {
    return 0;
  }
  *room = free_octets < STAGE_PIECE ? free_octets : STAGE_PIECE;
  err = sipws__busy_wake(conn);
  return err != 0 ? err
                  : sipws__buf_reserve(&conn->busy->kept, sipws__conn_mem(conn),
                                       *room, conn->config->input_size);
}

/* What the stage's answer to a call says. */
static void stage_answer(sipws_conn *conn, int answer) {
  struct sipws__chain *chain = conn->chain;
  if (answer == SIPWS_STAGE_DONE) {
    chain->current++;
    chain->is_begun = 0;
  } else if (answer == SIPWS_ERR_EOF) {
    chain->is_ended = 1;
    conn->is_eof = 1;
  } else if (answer != 0) {
    chain->failure = answer;
    chain->is_ended = 1;
    chain->is_shut = 1;
    sipws__stage_settle(conn);
  }
}

/* 1 when what |input| says cannot be; one that moves nothing where it could
 * would wait for ever. */
static int stage_breaks(const sipws_stage *stage, int answer, size_t used,
                        size_t len, size_t given, size_t room) {
  return used > len || given > room ||
         (answer == SIPWS_STAGE_DONE && stage->output != NULL) ||
         (answer == 0 && len > 0 && used == 0 && given == 0);
}

/* Calls the stage in charge once; tells whether anything moved. */
static int stage_call(sipws_conn *conn, const uint8_t *in, size_t len,
                      size_t *used) {
  struct sipws__chain *chain = conn->chain;
  const struct sipws__link *link = &chain->links[chain->current];
  size_t room;
  size_t given = 0;
  int answer = stage_room(conn, link->stage, len, &room);
  chain->is_begun = 1;
  if (answer == 0) {
    answer = link->stage->input(
        conn, in, len, used,
        room > 0 ? conn->busy->kept.data + conn->busy->kept.len : NULL, room,
        &given, link->state);
  }
  if (stage_breaks(link->stage, answer, *used, len, given, room)) {
    *used = 0;
    given = 0;
    answer = SIPWS_ERR_HOOK;
  }
  if (given > 0 && (answer == 0 || answer == SIPWS_ERR_EOF)) {
    conn->busy->kept.len += given;
  }
  chain->is_blocked = 0;
  stage_answer(conn, answer);
  return *used > 0 || given > 0 || answer == SIPWS_STAGE_DONE;
}

/* Octets kept for a stage that finished are what comes next. */
static int stage_pass_on(sipws_conn *conn) {
  struct sipws__buf *raw = &conn->chain->raw;
  if (raw->len == 0) {
    return 0;
  }
  if (sipws__conn_keep(conn, raw->data, raw->len) != 0) {
    stage_fail(conn, SIPWS_ERR_NOMEM);
  }
  sipws__buf_free(raw, sipws__conn_mem(conn));
  return 1;
}

int sipws__stage_input(sipws_conn *conn, const uint8_t *in, size_t len,
                       size_t *taken) {
  struct sipws__chain *chain = conn->chain;
  size_t used = 0;
  int moved;
  sipws__stage_settle(conn);
  if (chain == NULL || sipws__conn_is_deaf(conn)) {
    return 0;
  }
  if (!sipws__stage_is_in_charge(conn)) {
    return stage_pass_on(conn);
  }
  if (sipws__busy_of(conn)->kept.len == conn->config->input_size) {
    return 0;
  }
  if (chain->is_ended) {
    sipws__stage_forget(conn); /* behind the peer's end: of no account */
    *taken = len;
    return 0;
  }
  if (chain->raw.len > 0) {
    moved = stage_call(conn, chain->raw.data, chain->raw.len, &used);
    sipws__buf_drop(&chain->raw, used);
    return moved;
  }
  /* with 0 octets, too: there may be more inside than there was room for */
  moved = stage_call(conn, len > 0 ? in + *taken : NULL, len - *taken, &used);
  *taken += used;
  return moved;
}

int sipws__stage_keep(sipws_conn *conn, const void *data, size_t len) {
  return sipws__buf_add(&conn->chain->raw, sipws__conn_mem(conn), data, len,
                        conn->config->input_size);
}

size_t sipws__stage_kept(const sipws_conn *conn) {
  return conn->chain != NULL ? conn->chain->raw.len : 0;
}

void sipws__stage_forget(sipws_conn *conn) {
  if (conn->chain != NULL) {
    conn->chain->raw.len = 0;
  }
}

void sipws__stage_end(sipws_conn *conn) {
  const struct sipws__link *link = stage_in_charge(conn);
  int err;
  if (link == NULL) {
    return;
  }
  err = conn->chain->failure;
  if (!conn->chain->is_ended) {
    err = link->stage->end == NULL ? SIPWS_ERR_PROXY
                                   : link->stage->end(conn, link->state);
  }
  conn->chain->is_ended = 1;
  conn->chain->failure = 0;
  if (err != 0) {
    stage_fail(conn, err);
  }
}

/* ---- octets out ---- */

int sipws_stage_emit(sipws_conn *conn, const void *data, size_t len) {
  uint8_t *room;
  if (conn == NULL || conn->chain == NULL || (data == NULL && len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (len == 0) {
    return 0;
  }
  room = sipws__queue_room(&conn->chain->wire, sipws__conn_mem(conn), len);
  if (room == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memcpy(room, data, len);
  sipws__queue_commit(&conn->chain->wire, len);
  return 0;
}

/* 1 when the stage in charge would take octets of the connection's now. One
 * piece at a time: what waits stays in the connection's own queue. Nothing of a
 * wss one leaves before the stage, or the caller, made it secure. */
static int stage_may_write(const sipws_conn *conn) {
  const struct sipws__link *link = stage_in_charge(conn);
  return link != NULL && conn->chain->wire.len == 0 &&
         !conn->chain->is_blocked && !conn->chain->is_shut &&
         (conn->is_secure || !conn->must_be_secure);
}

static int stage_write(sipws_conn *conn) {
  struct sipws__chain *chain = conn->chain;
  const struct sipws__link *link = &chain->links[chain->current];
  const uint8_t *data;
  size_t len = 0;
  size_t taken = 0;
  int err = sipws__conn_lend(conn, 0, &data, &len);
  if (err != 0 || len == 0) {
    return err;
  }
  if (link->stage->output != NULL) {
    err = link->stage->output(conn, data, len, &taken, link->state);
  }
  if (err == 0 && (taken > len || (taken > 0 && chain->wire.len == 0))) {
    err = SIPWS_ERR_HOOK;
  }
  if (err != 0) {
    stage_fail(conn, err);
    return conn->error;
  }
  if (sipws__busy_of(conn)->out.lent > taken) {
    conn->busy->out.lent = taken; /* the rest was lent to nobody outside */
  }
  chain->plain = taken;
  chain->is_blocked = taken == 0;
  if (chain->is_blocked && conn->error != 0) {
    sipws__conn_finish(conn, conn->cause); /* input is looked at no more */
  }
  return 0;
}

int sipws__stage_prepare_out(sipws_conn *conn) {
  size_t used = 0;
  while (sipws__stage_is_in_charge(conn) && !conn->chain->is_begun) {
    (void)stage_call(conn, NULL, 0, &used);
    if (conn->error != 0) {
      return conn->error;
    }
  }
  return stage_may_write(conn) ? stage_write(conn) : 0;
}

void sipws__stage_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                       size_t *len) {
  sipws__queue_lend(&conn->chain->wire, skip, data, len);
}

size_t sipws__stage_take(sipws_conn *conn, size_t *n) {
  struct sipws__chain *chain = conn->chain;
  size_t plain;
  while (*n > 0 && chain->wire.len > 0) {
    struct sipws__chunk *chunk = chain->wire.head;
    size_t len = chunk->end - chunk->start;
    len = len < *n ? len : *n;
    if (conn->upgrade != NULL) { /* a tunnel's credentials, say */
      sipws__crypto_wipe(sipws__chunk_data(chunk) + chunk->start, len);
    }
    sipws__queue_drop(&chain->wire, sipws__conn_mem(conn), len);
    *n -= len;
  }
  if (chain->wire.len > 0) {
    return 0;
  }
  plain = chain->plain;
  chain->plain = 0;
  return plain;
}

int sipws__stage_shut(sipws_conn *conn) {
  const struct sipws__link *link = stage_in_charge(conn);
  if (link == NULL || conn->chain->is_shut || !conn->chain->is_begun) {
    return 0;
  }
  conn->chain->is_shut = 1;
  if (link->stage->shut != NULL) {
    link->stage->shut(conn, link->state);
  }
  return conn->chain->wire.len > 0;
}

int sipws__stage_last_word(sipws_conn *conn, int err, int cause) {
  if (conn->state == SIPWS_STATE_CLOSED || !sipws__stage_shut(conn)) {
    return 0;
  }
  stage_leave(conn, err, cause);
  return 1;
}

int sipws__stage_wants_write(const sipws_conn *conn, int has_plain) {
  const struct sipws__chain *chain = conn->chain;
  if (!sipws__stage_is_in_charge(conn)) {
    return has_plain || sipws__stage_wire_len(conn) > 0;
  }
  return chain->wire.len > 0 || (!chain->is_begun && !chain->is_failed) ||
         (has_plain && stage_may_write(conn));
}

/* ---- memory ---- */

int sipws__stage_has_slack(const sipws_conn *conn) {
  const struct sipws__chain *chain = conn->chain;
  return chain != NULL && (sipws__queue_has_slack(&chain->wire) ||
                           (chain->raw.size > 0 && chain->raw.len == 0));
}

void sipws__stage_trim(sipws_conn *conn) {
  struct sipws__chain *chain = conn->chain;
  if (chain == NULL) {
    return;
  }
  sipws__queue_trim(&chain->wire, sipws__conn_mem(conn));
  if (chain->raw.len == 0) {
    sipws__buf_free(&chain->raw, sipws__conn_mem(conn));
  }
}
