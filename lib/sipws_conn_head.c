/* conn: the application's share of the heads: what it adds to ours, and what it
 * reads of the peer's. */
#include "sipws_conn.h"

#include "sipws_text.h"

#include <string.h>

/* ---- a client's request ---- */

static int head_may_set_request(const sipws_conn *conn) {
  return conn->role == SIPWS_CLIENT && conn->state == SIPWS_STATE_CONNECTING &&
         conn->upgrade->out.len == 0;
}

/* Octets that may still be added: all that was set, the URL included, keeps to
 * SIPWS_LIMIT_HANDSHAKE_SIZE. */
static size_t head_room(const sipws_conn *conn) {
  const struct sipws__upgrade *upgrade = conn->upgrade;
  size_t limit = conn->config->handshake_size;
  size_t used = conn->url_len + upgrade->lines.len + upgrade->cookies.len +
                upgrade->host.len;
  return used < limit ? limit - used : 0;
}

static int head_add_line(sipws_conn *conn, const char *name, size_t name_len,
                         const char *value, size_t value_len) {
  struct sipws__buf *lines = &conn->upgrade->lines;
  return sipws__handshake_add_line(lines, sipws__conn_mem(conn), name, name_len,
                                   value, value_len,
                                   lines->len + head_room(conn));
}

/* Octets of the header line at |at|. */
static size_t head_line_len(const struct sipws__buf *lines, size_t at) {
  const uint8_t *begin = lines->data + at;
  const uint8_t *end = memchr(begin, '\n', lines->len - at);
  return (size_t)(end - begin) + 1; /* added lines have one each */
}

/* Drops the lines named |name| among the first |upto| octets. */
static void head_drop_lines(struct sipws__buf *lines, size_t upto,
                            const char *name) {
  size_t name_len = strlen(name);
  size_t at = 0;
  while (at < upto) {
    uint8_t *line = lines->data + at;
    size_t len = head_line_len(lines, at);
    if (line[name_len < len ? name_len : 0] == ':' &&
        sipws__text_is((const char *)line, name_len, name)) {
      memmove(line, line + len, lines->len - at - len);
      lines->len -= len;
      upto -= len;
    } else {
      at += len;
    }
  }
}

static int head_check_value(const sipws_conn *conn, const char *value,
                            size_t len) {
  if (conn == NULL || value == NULL || len == 0) {
    return SIPWS_ERR_INVALID;
  }
  if (!head_may_set_request(conn)) {
    return SIPWS_ERR_STATE;
  }
  return sipws__text_is_value(value, len) ? 0 : SIPWS_ERR_TEXT;
}

/* One line of that name: it replaces an older one. */
static int head_set_line(sipws_conn *conn, const char *name, const char *value,
                         size_t len) {
  size_t before;
  int err = head_check_value(conn, value, len);
  if (err != 0) {
    return err;
  }
  before = conn->upgrade->lines.len;
  err = head_add_line(conn, name, strlen(name), value, len);
  if (err == 0) {
    head_drop_lines(&conn->upgrade->lines, before, name);
  }
  return err;
}

int sipws_conn_set_host(sipws_conn *conn, const char *host, size_t len) {
  struct sipws__buf *kept;
  size_t before;
  int err = head_check_value(conn, host, len);
  if (err == 0 && !sipws__handshake_is_host(host, len)) {
    err = SIPWS_ERR_TEXT;
  }
  if (err != 0) {
    return err;
  }
  kept = &conn->upgrade->host;
  before = kept->len;
  err = sipws__buf_add(kept, sipws__conn_mem(conn), host, len,
                       before + head_room(conn));
  if (err == 0) {
    sipws__buf_drop(kept, before);
  }
  return err;
}

int sipws_conn_set_origin(sipws_conn *conn, const char *origin, size_t len) {
  return head_set_line(conn, "Origin", origin, len);
}

int sipws_conn_set_authorization(sipws_conn *conn, const char *value,
                                 size_t len) {
  return head_set_line(conn, "Authorization", value, len);
}

/* RFC 6265 4.1.1: a token, "=", octets without separators */
static int head_is_cookie_value(const char *value, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    if (value[i] == ';' || value[i] == ' ' || value[i] == ',') {
      return 0;
    }
  }
  return sipws__text_is_value(value, len);
}

int sipws_conn_add_cookie(sipws_conn *conn, const char *name, size_t name_len,
                          const char *value, size_t value_len) {
  struct sipws__buf *cookies;
  const struct sipws__mem *mem;
  size_t begin, most;
  int err;
  if (conn == NULL || name == NULL || (value == NULL && value_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (!head_may_set_request(conn)) {
    return SIPWS_ERR_STATE;
  }
  if (!sipws__text_is_token(name, name_len) ||
      !head_is_cookie_value(value, value_len)) {
    return SIPWS_ERR_TEXT;
  }
  cookies = &conn->upgrade->cookies;
  mem = sipws__conn_mem(conn);
  begin = cookies->len;
  most = begin + head_room(conn);
  err = sipws__buf_add(cookies, mem, "; ", begin > 0 ? 2 : 0, most);
  if (err == 0) {
    err = sipws__buf_add(cookies, mem, name, name_len, most);
  }
  if (err == 0) {
    err = sipws__buf_add(cookies, mem, "=", 1, most);
  }
  if (err == 0) {
    err = sipws__buf_add(cookies, mem, value, value_len, most);
  }
  if (err != 0) {
    cookies->len = begin;
  }
  return err;
}

int sipws_conn_add_header(sipws_conn *conn, const char *name, size_t name_len,
                          const char *value, size_t value_len) {
  int err;
  if (conn == NULL || name == NULL || (value == NULL && value_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (!head_may_set_request(conn) && conn->state != SIPWS_STATE_VERDICT) {
    return SIPWS_ERR_STATE;
  }
  err = sipws__handshake_check_header(name, name_len, value, value_len);
  return err != 0 ? err : head_add_line(conn, name, name_len, value, value_len);
}

/* ---- the peer's head ---- */

static const struct sipws__http_head *head_of_peer(const sipws_conn *conn) {
  const struct sipws__upgrade *upgrade = conn->upgrade;
  if (upgrade == NULL || upgrade->head_len == 0) {
    return NULL;
  }
  if (conn->role == SIPWS_CLIENT) {
    return upgrade->is_refused || conn->status == 101 ? &upgrade->as.answer.head
                                                      : NULL;
  }
  return conn->state == SIPWS_STATE_VERDICT ? &upgrade->as.request.head : NULL;
}

static const char *head_text(const sipws_conn *conn) {
  return (const char *)conn->upgrade->head.data;
}

int sipws_conn_request(const sipws_conn *conn, const char **text,
                       size_t *text_len, sipws_request *view) {
  const struct sipws__request *request;
  if (conn == NULL || text == NULL || text_len == NULL || view == NULL ||
      view->struct_size != sizeof *view) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->state != SIPWS_STATE_VERDICT) {
    return SIPWS_ERR_STATE;
  }
  request = &conn->upgrade->as.request;
  *text = head_text(conn);
  *text_len = conn->upgrade->head_len;
  view->is_upgrade = request->is_upgrade != 0;
  view->has_origin = request->origin.len > 0;
  view->method = request->head.method;
  view->target = request->head.target;
  view->path = request->path;
  view->query = request->query;
  view->host = request->host;
  view->origin = request->origin;
  return 0;
}

static void head_span(const sipws_conn *conn, sipws_span span,
                      const char **text, size_t *len) {
  *text = head_text(conn) + span.off;
  *len = span.len;
}

int sipws_conn_header(const sipws_conn *conn, const char *name, size_t name_len,
                      uint32_t index, const char **value, size_t *value_len) {
  const struct sipws__http_head *head;
  sipws_span span;
  if (conn == NULL || name == NULL || value == NULL || value_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  head = head_of_peer(conn);
  if (head == NULL) {
    return SIPWS_ERR_STATE;
  }
  if (!sipws__http_find(head_text(conn), conn->upgrade->head_len, head, name,
                        name_len, index, &span)) {
    return SIPWS_ERR_NOT_FOUND;
  }
  head_span(conn, span, value, value_len);
  return 0;
}

int sipws_conn_header_at(const sipws_conn *conn, uint32_t index,
                         const char **name, size_t *name_len,
                         const char **value, size_t *value_len) {
  const struct sipws__http_head *head;
  sipws_span name_span, value_span;
  uint32_t pos;
  if (conn == NULL || name == NULL || name_len == NULL || value == NULL ||
      value_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  head = head_of_peer(conn);
  if (head == NULL) {
    return SIPWS_ERR_STATE;
  }
  pos = head->fields;
  do {
    if (!sipws__http_next(head_text(conn), conn->upgrade->head_len, &pos,
                          &name_span, &value_span)) {
      return SIPWS_ERR_NOT_FOUND;
    }
  } while (index-- > 0);
  head_span(conn, name_span, name, name_len);
  head_span(conn, value_span, value, value_len);
  return 0;
}

int sipws_conn_cookie_at(const sipws_conn *conn, uint32_t index,
                         const char **name, size_t *name_len,
                         const char **value, size_t *value_len) {
  const struct sipws__http_head *head;
  sipws_span name_span, value_span;
  if (conn == NULL || name == NULL || name_len == NULL || value == NULL ||
      value_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  head = head_of_peer(conn);
  if (head == NULL || conn->role != SIPWS_SERVER) {
    return SIPWS_ERR_STATE;
  }
  if (!sipws__http_cookie(head_text(conn), conn->upgrade->head_len, head, index,
                          &name_span, &value_span)) {
    return SIPWS_ERR_NOT_FOUND;
  }
  head_span(conn, name_span, name, name_len);
  head_span(conn, value_span, value, value_len);
  return 0;
}

int sipws_conn_offered_at(const sipws_conn *conn, uint32_t index,
                          const char **name, size_t *name_len) {
  const struct sipws__http_head *head;
  sipws_span span;
  if (conn == NULL || name == NULL || name_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  head = head_of_peer(conn);
  if (head == NULL || conn->role != SIPWS_SERVER) {
    return SIPWS_ERR_STATE;
  }
  if (!sipws__http_element(head_text(conn), conn->upgrade->head_len, head,
                           "Sec-WebSocket-Protocol", index, &span)) {
    return SIPWS_ERR_NOT_FOUND;
  }
  head_span(conn, span, name, name_len);
  return 0;
}

int sipws_conn_refusal_body(const sipws_conn *conn, const char **body,
                            size_t *len) {
  const struct sipws__upgrade *upgrade;
  if (conn == NULL || body == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  upgrade = conn->upgrade;
  if (upgrade == NULL || !upgrade->is_refused) {
    return SIPWS_ERR_STATE;
  }
  *body = head_text(conn) + upgrade->head_len;
  *len = upgrade->head.len - upgrade->head_len;
  return 0;
}
