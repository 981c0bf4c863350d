/* conn: what of it lives while octets move, and is given back when it is
 * idle. */
#include "sipws_conn.h"

#include <string.h>

const struct sipws__busy sipws__busy_none;

void sipws__busy_begin(sipws_conn *conn, struct sipws__busy *busy) {
  memset(busy, 0, sizeof *busy);
  busy->in.role = conn->role;
  busy->in.codec.lane_max = conn->config->input_size;
  busy->kept.secret = conn->state < SIPWS_STATE_OPEN;
  busy->out.chunk_most = conn->config->queue_size / 16;
  busy->out.is_brief = sipws__busy_is_brief(conn);
  conn->busy = busy;
}

int sipws__busy_new(sipws_conn *conn) {
  struct sipws__busy *busy =
      sipws__mem_new(sipws__conn_mem(conn), sizeof *busy);
  if (busy == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  sipws__busy_begin(conn, busy);
  return 0;
}

void sipws__busy_free(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct sipws__busy *busy = conn->busy;
  if (busy == NULL) {
    return;
  }
  sipws__message_free(&busy->in, mem);
  sipws__queue_free(&busy->out, mem);
  sipws__buf_free(&busy->kept, mem);
  if (!conn->is_fixed) {
    sipws__mem_free(mem, busy->pong, SIPWS__CONTROL_MAX);
    sipws__mem_free(mem, busy, sizeof *busy);
    conn->busy = NULL;
  }
}

static int busy_lends_message(const sipws_conn *conn) {
  return conn->current == SIPWS_EVENT_MESSAGE ||
         (conn->events >> SIPWS_EVENT_MESSAGE & 1) != 0;
}

static int busy_kept_is_idle(const struct sipws__busy *busy) {
  return busy->kept.size > 0 && busy->kept.len == 0 && !busy->kept.fixed;
}

static int busy_pong_is_idle(const sipws_conn *conn) {
  return conn->busy->pong != NULL && !conn->busy->pong_waits && !conn->is_fixed;
}

/* Nothing of it is of account any more. */
static int busy_is_over(const sipws_conn *conn) {
  const struct sipws__busy *busy = conn->busy;
  return !conn->is_fixed && conn->events == 0 && !busy_lends_message(conn) &&
         !sipws__message_is_under_way(&busy->in) && busy->kept.len == 0 &&
         busy->out.len == 0 && busy->gap_to == 0;
}

void sipws__busy_settle(sipws_conn *conn) {
  /* from within a callback, the call that made it is at work in there */
  if (conn->busy != NULL && conn->depth <= 1 && busy_is_over(conn)) {
    sipws__busy_free(conn);
  }
}

int sipws__busy_has_slack(const sipws_conn *conn) {
  const struct sipws__busy *busy = conn->busy;
  return busy != NULL &&
         (busy_is_over(conn) ||
          sipws__message_has_slack(&busy->in, busy_lends_message(conn)) ||
          sipws__queue_has_slack(&busy->out) || busy_kept_is_idle(busy) ||
          busy_pong_is_idle(conn));
}

void sipws__busy_trim(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct sipws__busy *busy;
  sipws__busy_settle(conn);
  busy = conn->busy;
  if (busy == NULL) {
    return;
  }
  sipws__message_trim(&busy->in, mem, busy_lends_message(conn));
  sipws__queue_trim(&busy->out, mem);
  if (busy_kept_is_idle(busy)) {
    sipws__buf_free(&busy->kept, mem);
  }
  if (busy_pong_is_idle(conn)) {
    sipws__mem_free(mem, busy->pong, SIPWS__CONTROL_MAX);
    busy->pong = NULL;
  }
}
