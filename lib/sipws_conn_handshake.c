/* conn: the upgrade. The handshake room judges and writes; here is what waits
 * for octets, for a verdict and for output to be taken. */
#include "sipws_conn.h"

#include "sipws_text.h"

#include <string.h>

/* Octets of a pulled body asked for at once. */
#define UPGRADE_BODY_STEP 4096

/* ---- life ---- */

int sipws__upgrade_new(sipws_conn *conn) {
  struct sipws__upgrade *upgrade =
      sipws__mem_new(sipws__conn_mem(conn), sizeof *upgrade);
  if (upgrade == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(upgrade, 0, sizeof *upgrade);
  conn->upgrade = upgrade;
  return 0;
}

void sipws__upgrade_free(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct sipws__upgrade *upgrade = conn->upgrade;
  if (upgrade == NULL) {
    return;
  }
  /* Authorization and cookies were in them */
  sipws__crypto_wipe(upgrade->lines.data, upgrade->lines.len);
  sipws__crypto_wipe(upgrade->cookies.data, upgrade->cookies.len);
  sipws__crypto_wipe(upgrade->out.data, upgrade->out.len);
  sipws__buf_free(&upgrade->head, mem);
  sipws__buf_free(&upgrade->lines, mem);
  sipws__buf_free(&upgrade->cookies, mem);
  sipws__buf_free(&upgrade->host, mem);
  sipws__buf_free(&upgrade->out, mem);
  if (!conn->in.data.fixed) {
    sipws__mem_free(mem, upgrade, sizeof *upgrade);
  }
  conn->upgrade = NULL;
}

void sipws__upgrade_release(sipws_conn *conn) {
  if (conn->upgrade == NULL || conn->state < SIPWS_STATE_OPEN) {
    return;
  }
  if (sipws__upgrade_has_out(conn)) {
    conn->upgrade->head_len = 0; /* fixed memory: messages come in its place */
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

/* Room for a head that is about to be written, and no more. */
static int upgrade_reserve_head(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  return sipws__buf_reserve(&upgrade->out, sipws__conn_mem(conn),
                            conn->url.len + upgrade->lines.len +
                                upgrade->cookies.len + upgrade->host.len +
                                SIPWS__HEAD_OWN,
                            SIZE_MAX);
}

static int upgrade_build_request(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  sipws_url url;
  int err;
  url.struct_size = sizeof url;
  err = sipws_url_parse((const char *)conn->url.data, conn->url.len, &url);
  if (err == 0) {
    err = upgrade_reserve_head(conn);
  }
  if (err == 0) {
    err = sipws__client_write_request(
        (const char *)conn->url.data, &url, upgrade->key, &conn->config->protos,
        &upgrade->host, &upgrade->cookies, &upgrade->lines,
        sipws__conn_mem(conn), &upgrade->out);
  }
  if (err != 0) {
    upgrade->out.len = 0;
    return err;
  }
  sipws__conn_trace(conn, 1, 0, upgrade->out.data, upgrade->out.len);
  return 0;
}

static int upgrade_refill(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t want = upgrade->body_left < UPGRADE_BODY_STEP
                    ? (size_t)upgrade->body_left
                    : UPGRADE_BODY_STEP;
  size_t got = 0;
  int err;
  upgrade->out.len = 0;
  upgrade->out_taken = 0;
  err =
      sipws__buf_reserve(&upgrade->out, sipws__conn_mem(conn), want, SIZE_MAX);
  if (err == SIPWS_ERR_TOO_BIG) { /* fixed: what there is */
    want = upgrade->out.size;
    err = 0;
  }
  if (err != 0) {
    return err;
  }
  if (upgrade->body_fn(upgrade->out.data, want, upgrade->body_off, &got,
                       upgrade->body_user) != 0 ||
      got == 0 || got > want) {
    return SIPWS_ERR_HOOK;
  }
  upgrade->out.len = got;
  upgrade->body_off += got;
  upgrade->body_left -= got;
  return 0;
}

int sipws__upgrade_prepare_out(sipws_conn *conn) {
  if (upgrade_must_build(conn)) {
    return upgrade_build_request(conn);
  }
  if (conn->upgrade != NULL && upgrade_may_refill(conn->upgrade)) {
    return upgrade_refill(conn);
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

/* ---- open ---- */

static void upgrade_open(sipws_conn *conn, int status) {
  conn->status = (uint16_t)status;
  sipws__conn_set_state(conn, SIPWS_STATE_OPEN);
  conn->taken_at = conn->now;
  sipws__conn_start_timers(conn);
  sipws__conn_raise(conn, SIPWS_EVENT_OPEN);
}

/* ---- server ---- */

static const char *upgrade_text(const struct sipws__upgrade *upgrade) {
  return (const char *)upgrade->head.data;
}

static int upgrade_write_refusal(sipws_conn *conn, int status,
                                 uint64_t body_len) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  uint32_t retry = status == 503 && conn->is_draining ? conn->retry_s : 0;
  int err;
  if (!upgrade->is_stream) {
    err = upgrade_reserve_head(conn);
    if (err == 0) {
      err =
          sipws__request_write_refusal(status, body_len, retry, &upgrade->lines,
                                       sipws__conn_mem(conn), &upgrade->out);
    }
    if (err != 0) {
      return err;
    }
    sipws__conn_trace(conn, 1, 0, upgrade->out.data, upgrade->out.len);
  }
  conn->status = (uint16_t)status;
  if (conn->error == 0) {
    conn->error = SIPWS_ERR_REFUSED;
    conn->cause = SIPWS_CAUSE_REFUSED;
  }
  conn->events = (uint16_t)(conn->events & ~(1u << SIPWS_EVENT_REQUEST));
  sipws__conn_set_state(conn, SIPWS_STATE_REFUSING);
  if (upgrade->is_stream) {
    sipws__conn_finish(conn, SIPWS_CAUSE_REFUSED); /* the caller answers */
  }
  return 0;
}

void sipws__upgrade_refuse(sipws_conn *conn, int status) {
  if (upgrade_write_refusal(conn, status, 0) != 0) {
    sipws__conn_break(conn, SIPWS_ERR_NOMEM, SIPWS_CAUSE_MEMORY);
  }
}

/* By our own judgement: the peer broke a rule. */
static void upgrade_refuse_broken(sipws_conn *conn, int status) {
  conn->error = SIPWS_ERR_HANDSHAKE;
  conn->cause = SIPWS_CAUSE_REFUSED;
  sipws__upgrade_refuse(conn, status);
}

void sipws__upgrade_judge_request(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  const sipws_config *config = conn->config;
  struct sipws__request *request = &upgrade->as.request;
  sipws__request_judge(upgrade_text(upgrade), upgrade->head_len,
                       &config->protos, config->policy, config->headers,
                       upgrade->is_stream, request);
  sipws__conn_trace(conn, 0, 0, upgrade->head.data, upgrade->head_len);
  if (request->status != 0) {
    upgrade_refuse_broken(conn, request->status);
  } else if (conn->is_draining) {
    sipws__upgrade_refuse(conn, 503);
  } else {
    sipws__conn_set_state(conn, SIPWS_STATE_VERDICT);
    sipws__conn_raise(conn, SIPWS_EVENT_REQUEST);
  }
}

static int upgrade_write_101(sipws_conn *conn,
                             const struct sipws__request *request) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  int err = upgrade_reserve_head(conn);
  if (err == 0) {
    err = sipws__request_write_101(upgrade_text(upgrade), request,
                                   &upgrade->lines, sipws__conn_mem(conn),
                                   &upgrade->out);
  }
  if (err == 0) {
    sipws__conn_trace(conn, 1, 0, upgrade->out.data, upgrade->out.len);
  }
  return err;
}

/* Nothing has changed when it fails, but for what was allocated. */
static int upgrade_accept(sipws_conn *conn, const char *subprotocol,
                          size_t len) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  const sipws_config *config = conn->config;
  struct sipws__request chosen;
  const char *text;
  int err = 0;
  if (conn->state != SIPWS_STATE_VERDICT) {
    return SIPWS_ERR_STATE;
  }
  chosen = upgrade->as.request;
  text = upgrade_text(upgrade);
  if (!chosen.is_upgrade) {
    return SIPWS_ERR_INVALID;
  }
  if (len > 0) {
    err = sipws__request_choose(text, upgrade->head_len, &config->protos,
                                config->policy, &chosen, subprotocol, len);
  }
  if (err == 0) {
    err =
        sipws__conn_set_proto(conn, chosen.proto, text + chosen.subprotocol.off,
                              chosen.subprotocol.len);
  }
  if (err == 0 && !upgrade->is_stream) {
    err = upgrade_write_101(conn, &chosen);
  }
  if (err != 0) {
    return err;
  }
  conn->events = (uint16_t)(conn->events & ~(1u << SIPWS_EVENT_REQUEST));
  sipws__buf_free(&upgrade->head, sipws__conn_mem(conn));
  upgrade->head_len = 0;
  upgrade_open(conn, upgrade->is_stream ? 200 : 101);
  return 0;
}

int sipws_conn_accept(sipws_conn *conn, const char *subprotocol, size_t len,
                      uint64_t now_ms) {
  int err;
  if (conn == NULL || (subprotocol == NULL && len > 0) ||
      len > SIPWS__PROTO_NAME_MAX) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  err = upgrade_accept(conn, subprotocol, len);
  return sipws__conn_leave(conn, err);
}

static int upgrade_reject(sipws_conn *conn, int status, const char *body,
                          sipws_body_fn body_fn, void *body_user,
                          uint64_t body_len) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  int err;
  if (conn->state != SIPWS_STATE_VERDICT) {
    return SIPWS_ERR_STATE;
  }
  err = upgrade_write_refusal(conn, status, body_len);
  if (err != 0) {
    return err;
  }
  /* RFC 9110 9.3.2, 15.3.5, 15.4.5: a head alone */
  if (!upgrade->as.request.is_head && status != 204 && status != 304) {
    upgrade->body = body;
    upgrade->body_fn = body_fn;
    upgrade->body_user = body_user;
    upgrade->body_left = body_len;
  }
  return 0;
}

int sipws_conn_reject(sipws_conn *conn, int status, const char *body,
                      size_t body_len, uint64_t now_ms) {
  int err;
  if (conn == NULL || (body == NULL && body_len > 0) || status < 200 ||
      status > 599) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  err = upgrade_reject(conn, status, body_len > 0 ? body : NULL, NULL, NULL,
                       body_len);
  return sipws__conn_leave(conn, err);
}

int sipws_conn_reject_from(sipws_conn *conn, int status, sipws_body_fn body,
                           uint64_t body_len, void *body_user,
                           uint64_t now_ms) {
  int err;
  if (conn == NULL || body == NULL || status < 200 || status > 599) {
    return SIPWS_ERR_INVALID;
  }
  sipws__conn_enter(conn, now_ms);
  err = upgrade_reject(conn, status, NULL, body, body_user, body_len);
  return sipws__conn_leave(conn, err);
}

/* ---- client ---- */

void sipws__upgrade_refused(sipws_conn *conn) {
  sipws__conn_raise(conn, SIPWS_EVENT_REFUSED);
  sipws__conn_finish(conn, SIPWS_CAUSE_REFUSED);
}

/* How much of the body is worth waiting for. */
static uint64_t upgrade_plan_prefix(const sipws_conn *conn) {
  const struct sipws__upgrade *upgrade = conn->upgrade;
  const struct sipws__http_head *head = &upgrade->as.answer.head;
  uint32_t most = conn->config->body_prefix;
  uint32_t length;
  sipws_span value;
  if (head->status == 204 || head->status == 304) {
    return 0; /* RFC 9112 6.3: a head alone */
  }
  if (!sipws__http_find(upgrade_text(upgrade), upgrade->head_len, head,
                        "Content-Length", 14, 0, &value) ||
      sipws__text_number(upgrade_text(upgrade) + value.off, value.len,
                         0x7fffffff, &length) != 0) {
    return most; /* up to the end of the transport */
  }
  return length < most ? length : most;
}

static int upgrade_judge_answer(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  const sipws_config *config = conn->config;
  struct sipws__answer *answer = &upgrade->as.answer;
  const char *text = upgrade_text(upgrade);
  int err = sipws__client_judge(text, upgrade->head_len, upgrade->key,
                                &config->protos, config->policy,
                                config->headers, answer);
  sipws__conn_trace(conn, 0, 0, text, upgrade->head_len);
  if (err == SIPWS_ERR_AGAIN) {
    upgrade->head.len =
        0; /* RFC 9110 15.2: an interim answer; on to the next */
    upgrade->head_len = 0;
    upgrade->searched = 0;
    return 0;
  }
  if (err == SIPWS_ERR_REFUSED) {
    conn->status = (uint16_t)answer->head.status;
    upgrade->is_refused = 1;
    upgrade->prefix_left = upgrade_plan_prefix(conn);
    if (upgrade->prefix_left == 0) {
      sipws__upgrade_refused(conn);
    }
    return 0;
  }
  if (err == 0) {
    err = sipws__conn_set_proto(conn, answer->proto,
                                text + answer->subprotocol.off,
                                answer->subprotocol.len);
  }
  if (err == 0) {
    upgrade_open(conn, 101);
  }
  return err;
}

static int upgrade_feed_body(sipws_conn *conn, const uint8_t *in, size_t len,
                             size_t *used) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t step = len < upgrade->prefix_left ? len : (size_t)upgrade->prefix_left;
  int err = sipws__buf_add(&upgrade->head, sipws__conn_mem(conn), in, step,
                           upgrade->head_len + conn->config->body_prefix);
  if (err != 0) {
    return err;
  }
  *used = step;
  upgrade->prefix_left -= step;
  if (upgrade->prefix_left == 0) {
    sipws__upgrade_refused(conn);
  }
  return 0;
}

/* ---- octets in ---- */

/* No head begins so: TLS on a plain port, say. Told at once, not at the
 * deadline. RFC 9112 2.2: an empty line may come before a request. */
static int upgrade_is_no_head(const sipws_conn *conn, uint8_t first) {
  return conn->role == SIPWS_CLIENT
             ? first != 'H'
             : first != '\r' && !sipws__text_is_token_char((char)first);
}

/* A head that breaks the grammar or a limit. */
static int upgrade_broken(sipws_conn *conn, int status) {
  if (conn->role == SIPWS_CLIENT) {
    return SIPWS_ERR_HANDSHAKE;
  }
  upgrade_refuse_broken(conn, status);
  return 0;
}

int sipws__upgrade_feed(sipws_conn *conn, const uint8_t *in, size_t len,
                        size_t *used) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t limit = conn->config->handshake_size;
  size_t begin = upgrade->head.len;
  size_t step = len < limit - begin ? len : limit - begin;
  int err;
  if (upgrade->is_taken_over) {
    return 0; /* frames, for after the request that is being handed over */
  }
  if (upgrade->is_refused) {
    return upgrade_feed_body(conn, in, len, used);
  }
  if (begin == 0 && upgrade_is_no_head(conn, in[0])) {
    *used = 1;
    return upgrade_broken(conn, 400);
  }
  err = sipws__buf_add(&upgrade->head, sipws__conn_mem(conn), in, step, limit);
  if (err != 0) {
    return err;
  }
  upgrade->head_len = sipws__http_end(upgrade_text(upgrade), upgrade->head.len,
                                      upgrade->searched);
  upgrade->searched = upgrade->head.len;
  if (upgrade->head_len == 0) {
    *used = step;
    return upgrade->head.len < limit ? 0 : upgrade_broken(conn, 431);
  }
  *used = upgrade->head_len - begin; /* what follows is not the head's */
  upgrade->head.len = upgrade->head_len;
  if (conn->role == SIPWS_CLIENT) {
    return upgrade_judge_answer(conn);
  }
  sipws__upgrade_judge_request(conn);
  return 0;
}
