/* conn: a request that somebody else parsed, handed over. It is written down as
 * a head, so that it is judged as one that was fed. */
#include "sipws_conn.h"

#include "sipws_text.h"

#include <string.h>

/* The empty line at the end. Lines leave room for it: a head that was handed
 * over in full can be ended. */
#define TAKE_END "\r\n"
#define TAKE_END_LEN 2

static size_t take_most(const sipws_conn *conn) {
  return conn->config->handshake_size - TAKE_END_LEN;
}

static int take_first_line(sipws_conn *conn, const char *method,
                           size_t method_len, const char *target,
                           size_t target_len) {
  const char *pieces[] = {method, " ", target, " HTTP/1.1\r\n"};
  size_t lens[] = {method_len, 1, target_len, 11};
  struct sipws__buf *head = &conn->upgrade->head;
  size_t i;
  int err = 0;
  for (i = 0; i < 4 && err == 0; i++) {
    err = sipws__buf_add(head, sipws__conn_mem(conn), pieces[i], lens[i],
                         take_most(conn));
  }
  if (err != 0) {
    head->len = 0;
  }
  return err;
}

static int take_may(const sipws_conn *conn, int begun) {
  return conn->role == SIPWS_SERVER && conn->state == SIPWS_STATE_CONNECTING &&
         conn->upgrade->is_taken_over == begun &&
         (begun || conn->upgrade->head.len == 0);
}

int sipws_conn_take_request(sipws_conn *conn, const char *method,
                            size_t method_len, const char *target,
                            size_t target_len, int stream) {
  int err;
  if (conn == NULL || method == NULL || target == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (!take_may(conn, 0)) {
    return SIPWS_ERR_STATE;
  }
  if (!sipws__text_is_token(method, method_len) || target_len == 0 ||
      memchr(target, ' ', target_len) != NULL ||
      !sipws__text_is_value(target, target_len)) {
    return SIPWS_ERR_TEXT;
  }
  err = take_first_line(conn, method, method_len, target, target_len);
  if (err == 0) {
    conn->upgrade->is_taken_over = 1;
    conn->upgrade->is_stream = stream != 0;
  }
  return err;
}

int sipws_conn_take_header(sipws_conn *conn, const char *name, size_t name_len,
                           const char *value, size_t value_len) {
  if (conn == NULL || name == NULL || (value == NULL && value_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (!take_may(conn, 1)) {
    return SIPWS_ERR_STATE;
  }
  if (!sipws__text_is_token(name, name_len) ||
      !sipws__text_is_value(value, value_len)) {
    return SIPWS_ERR_TEXT;
  }
  return sipws__handshake_add_line(&conn->upgrade->head, sipws__conn_mem(conn),
                                   name, name_len, value, value_len,
                                   take_most(conn));
}

int sipws_conn_take_end(sipws_conn *conn, uint64_t now_ms) {
  int err;
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (!take_may(conn, 1)) {
    return SIPWS_ERR_STATE;
  }
  err = sipws__buf_add(&conn->upgrade->head, sipws__conn_mem(conn), TAKE_END,
                       TAKE_END_LEN, conn->config->handshake_size);
  if (err != 0) {
    return err;
  }
  sipws__conn_enter(conn, now_ms);
  conn->upgrade->head_len = conn->upgrade->head.len;
  sipws__upgrade_judge_request(conn);
  err = conn->error;
  if (err != 0 && err != SIPWS_ERR_NOMEM) {
    err = SIPWS_ERR_HANDSHAKE; /* refused: a rule was broken, or it drains */
  }
  return sipws__conn_leave(conn, err);
}
