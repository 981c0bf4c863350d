/* conn: the upgrade at a server, up to the verdict and its answer. */
#include "sipws_conn_handshake.h"

/* Octets of a pulled body asked for at once. */
#define UPGRADE_BODY_STEP 4096

/* ---- refusal ---- */

static int upgrade_write_refusal(sipws_conn *conn, int status,
                                 uint64_t body_len) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  uint32_t retry = status == 503 && conn->is_draining ? conn->retry_s : 0;
  int err;
  if (!upgrade->is_stream) {
    err = sipws__upgrade_reserve_head(conn);
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

void sipws__upgrade_refuse_broken(sipws_conn *conn, int status) {
  conn->error = SIPWS_ERR_HANDSHAKE;
  conn->cause = SIPWS_CAUSE_REFUSED;
  sipws__upgrade_refuse(conn, status);
}

int sipws__upgrade_refill_body(sipws_conn *conn) {
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

/* ---- request ---- */

void sipws__upgrade_judge_request(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  const sipws_config *config = conn->config;
  struct sipws__request *request = &upgrade->as.request;
  sipws__request_judge(sipws__upgrade_text(upgrade), upgrade->head_len,
                       &config->protos, config->policy, config->headers,
                       upgrade->is_stream, request);
  sipws__conn_trace(conn, 0, 0, upgrade->head.data, upgrade->head_len);
  if (request->status != 0) {
    sipws__upgrade_refuse_broken(conn, request->status);
  } else if (conn->is_draining) {
    sipws__upgrade_refuse(conn, 503);
  } else {
    sipws__conn_set_state(conn, SIPWS_STATE_VERDICT);
    sipws__conn_raise(conn, SIPWS_EVENT_REQUEST);
  }
}

/* ---- verdict ---- */

static int upgrade_write_101(sipws_conn *conn,
                             const struct sipws__request *request) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  int err = sipws__upgrade_reserve_head(conn);
  if (err == 0) {
    err = sipws__request_write_101(sipws__upgrade_text(upgrade), request,
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
  text = sipws__upgrade_text(upgrade);
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
  sipws__upgrade_drop_head(conn);
  sipws__upgrade_open(conn, upgrade->is_stream ? 200 : 101);
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
