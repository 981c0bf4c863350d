/* conn: the upgrade. The handshake room judges and writes; here is what waits
 * for octets and for output to be taken. */
#include "sipws_conn_handshake.h"

#include "sipws_text.h"

#include <string.h>

/* ---- life ---- */

void sipws__upgrade_begin(sipws_conn *conn, struct sipws__upgrade *upgrade) {
  memset(upgrade, 0, sizeof *upgrade);
  /* Authorization and cookies are in them */
  upgrade->head.secret = 1;
  upgrade->lines.secret = 1;
  upgrade->cookies.secret = 1;
  upgrade->out.secret = 1;
  conn->upgrade = upgrade;
}

int sipws__upgrade_new(sipws_conn *conn) {
  struct sipws__upgrade *upgrade =
      sipws__mem_new(sipws__conn_mem(conn), sizeof *upgrade);
  if (upgrade == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  sipws__upgrade_begin(conn, upgrade);
  return 0;
}

void sipws__upgrade_drop_out(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct sipws__upgrade *upgrade = conn->upgrade;
  sipws__buf_free(&upgrade->lines, mem);
  sipws__buf_free(&upgrade->cookies, mem);
  sipws__buf_free(&upgrade->host, mem);
  sipws__buf_free(&upgrade->out, mem);
  upgrade->out_taken = 0;
}

void sipws__upgrade_drop_head(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  sipws__buf_free(&upgrade->head, sipws__conn_mem(conn));
  upgrade->head.secret = 0; /* fixed memory: messages come in its place */
  upgrade->head_len = 0;
}

void sipws__upgrade_free(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct sipws__upgrade *upgrade = conn->upgrade;
  if (upgrade == NULL) {
    return;
  }
  sipws__upgrade_drop_out(conn);
  sipws__upgrade_drop_head(conn);
  if (!conn->is_fixed) {
    sipws__mem_free(mem, upgrade, sizeof *upgrade);
  }
  conn->upgrade = NULL;
}

void sipws__upgrade_release(sipws_conn *conn) {
  if (conn->upgrade == NULL || conn->state < SIPWS_STATE_OPEN) {
    return;
  }
  if (sipws__upgrade_has_out(conn)) {
    sipws__upgrade_drop_head(conn);
  } else {
    sipws__upgrade_free(conn);
  }
}

/* ---- output ---- */

static int upgrade_must_build(const sipws_conn *conn) {
  const struct sipws__upgrade *upgrade = conn->upgrade;
  return upgrade != NULL && conn->role == SIPWS_CLIENT &&
         conn->state == SIPWS_STATE_CONNECTING && upgrade->out.len == 0;
}

static int upgrade_may_refill(const struct sipws__upgrade *upgrade) {
  return upgrade->body_fn != NULL && upgrade->body_left > 0 &&
         upgrade->out_taken == upgrade->out.len;
}

static size_t upgrade_head_left(const struct sipws__upgrade *upgrade) {
  return upgrade->out.len - upgrade->out_taken;
}

size_t sipws__upgrade_out_len(const sipws_conn *conn) {
  const struct sipws__upgrade *upgrade = conn->upgrade;
  if (upgrade == NULL) {
    return 0;
  }
  return upgrade_head_left(upgrade) +
         (upgrade->body != NULL ? (size_t)upgrade->body_left : 0);
}

int sipws__upgrade_has_out(const sipws_conn *conn) {
  return sipws__upgrade_out_len(conn) > 0 || upgrade_must_build(conn) ||
         (conn->upgrade != NULL && upgrade_may_refill(conn->upgrade));
}

int sipws__upgrade_reserve_head(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  return sipws__buf_reserve(&upgrade->out, sipws__conn_mem(conn),
                            conn->url_len + upgrade->lines.len +
                                upgrade->cookies.len + upgrade->host.len +
                                SIPWS__HEAD_OWN,
                            SIZE_MAX);
}

int sipws__upgrade_prepare_out(sipws_conn *conn) {
  if (upgrade_must_build(conn)) {
    return sipws__upgrade_build_request(conn);
  }
  if (conn->upgrade != NULL && upgrade_may_refill(conn->upgrade)) {
    return sipws__upgrade_refill_body(conn);
  }
  return 0;
}

void sipws__upgrade_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                         size_t *len) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t head = upgrade_head_left(upgrade);
  if (skip < head) {
    *data = upgrade->out.data + upgrade->out_taken + skip;
    *len = head - skip;
  } else {
    *data = (const uint8_t *)upgrade->body + (skip - head);
    *len = (size_t)upgrade->body_left - (skip - head);
  }
  if (skip + *len > upgrade->out_lent) {
    upgrade->out_lent = skip + *len;
  }
}

size_t sipws__upgrade_lent(const sipws_conn *conn) {
  return conn->upgrade == NULL ? 0 : conn->upgrade->out_lent;
}

size_t sipws__upgrade_take(sipws_conn *conn, size_t n) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t head, body;
  if (upgrade == NULL) {
    return 0;
  }
  n = n < upgrade->out_lent ? n : upgrade->out_lent;
  head = upgrade_head_left(upgrade);
  head = n < head ? n : head;
  body = n - head;
  upgrade->out_taken += head;
  upgrade->out_lent -= n;
  if (body > 0) {
    upgrade->body += body;
    upgrade->body_left -= body;
  }
  return n;
}

/* ---- both ---- */

const char *sipws__upgrade_text(const struct sipws__upgrade *upgrade) {
  return (const char *)upgrade->head.data;
}

/* What is kept are messages from here on. */
static void upgrade_declassify(sipws_conn *conn) {
  if (conn->busy != NULL) {
    sipws__buf_declassify(&conn->busy->kept);
  }
  if (conn->chain != NULL) {
    sipws__buf_declassify(&conn->chain->raw);
  }
}

void sipws__upgrade_open(sipws_conn *conn, int status) {
  conn->status = (uint16_t)status;
  sipws__conn_set_state(conn, SIPWS_STATE_OPEN);
  upgrade_declassify(conn);
  conn->taken_at = conn->now;
  sipws__conn_start_timers(conn);
  sipws__conn_raise(conn, SIPWS_EVENT_OPEN);
}

/* ---- octets in ---- */

/* No head begins so: TLS on a plain port, say. Told at once, not at the
 * deadline. RFC 9112 2.2: an empty line may come before a request. */
static int upgrade_is_no_head(const sipws_conn *conn, uint8_t first) {
  return conn->role == SIPWS_CLIENT
             ? first != 'H'
             : first != '\r' && !sipws__text_is_token_char((char)first);
}

/* Octets copied before an end is looked for: what stands behind it is copied in
 * vain, again after each interim answer. */
#define UPGRADE_STEP 512

/* A head that breaks the grammar or a limit. */
static int upgrade_broken(sipws_conn *conn, int status) {
  if (conn->role == SIPWS_CLIENT) {
    return SIPWS_ERR_HANDSHAKE;
  }
  sipws__upgrade_refuse_broken(conn, status);
  return 0;
}

int sipws__upgrade_feed(sipws_conn *conn, const uint8_t *in, size_t len,
                        size_t *used) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t limit = conn->config->handshake_size;
  size_t begin = upgrade->head.len;
  size_t most = limit - begin < UPGRADE_STEP ? limit - begin : UPGRADE_STEP;
  size_t step = len < most ? len : most;
  int err;
  if (upgrade->is_taken_over) {
    return 0; /* frames, for after the request that is being handed over */
  }
  if (upgrade->is_refused) {
    return sipws__upgrade_feed_body(conn, in, len, used);
  }
  if (begin == 0 && upgrade_is_no_head(conn, in[0])) {
    *used = 1;
    return upgrade_broken(conn, 400);
  }
  err = sipws__buf_add(&upgrade->head, sipws__conn_mem(conn), in, step, limit);
  if (err != 0) {
    return err;
  }
  upgrade->head_len = sipws__http_end(sipws__upgrade_text(upgrade),
                                      upgrade->head.len, upgrade->searched);
  upgrade->searched = upgrade->head.len;
  if (upgrade->head_len == 0) {
    *used = step;
    return upgrade->head.len < limit ? 0 : upgrade_broken(conn, 431);
  }
  *used = upgrade->head_len - begin; /* what follows is not the head's */
  upgrade->head.len = upgrade->head_len;
  if (conn->role == SIPWS_CLIENT) {
    return sipws__upgrade_judge_answer(conn);
  }
  sipws__upgrade_judge_request(conn);
  return 0;
}
