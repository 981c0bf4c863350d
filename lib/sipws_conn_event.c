/* conn: events. One pull; callbacks are a loop over it. */
#include "sipws_conn.h"

void sipws__conn_raise(sipws_conn *conn, int event) {
  if (conn->is_freed ||
      (conn->state == SIPWS_STATE_CLOSED && event != SIPWS_EVENT_CLOSED)) {
    return; /* closed is the last one */
  }
  conn->events = (uint16_t)(conn->events | 1u << event);
}

void sipws__conn_raise_notice(sipws_conn *conn, int notice, uint64_t value) {
  conn->notices = (uint8_t)(conn->notices | 1u << notice);
  conn->notice_value[notice - 1] = value;
  sipws__conn_raise(conn, SIPWS_EVENT_NOTICE);
}

void sipws__conn_raise_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms) {
  conn->busy->keepalive_kind = (uint8_t)kind;
  conn->busy->rtt_ms = rtt_ms;
  sipws__conn_raise(conn, SIPWS_EVENT_KEEPALIVE);
}

int sipws__conn_must_pull(const sipws_conn *conn) {
  return conn->events != 0 && !conn->config->has_callbacks;
}

int sipws__conn_must_tell(const sipws_conn *conn) {
  return conn->events != 0 && conn->config->has_callbacks;
}

static void event_pop_notice(sipws_conn *conn) {
  int notice = 1;
  while ((conn->notices >> notice & 1) == 0) {
    notice++;
  }
  conn->notices = (uint8_t)(conn->notices & ~(1u << notice));
  conn->current_kind = (uint8_t)notice;
  conn->current_value = conn->notice_value[notice - 1];
  if (conn->notices != 0) {
    conn->events = (uint16_t)(conn->events | 1u << SIPWS_EVENT_NOTICE);
  }
}

/* Takes the first event off; its details become the current ones. */
static int event_pop(sipws_conn *conn) {
  unsigned events = conn->events;
  int event = SIPWS_EVENT_REQUEST;
  if (events == 0) {
    conn->current = SIPWS_EVENT_NONE;
    return SIPWS_EVENT_NONE;
  }
  while ((events >> event & 1) == 0) {
    event++;
  }
  conn->events = (uint16_t)(events & ~(1u << event));
  conn->current = (uint8_t)event;
  switch (event) {
  case SIPWS_EVENT_NOTICE:
    event_pop_notice(conn);
    break;
  case SIPWS_EVENT_KEEPALIVE:
    conn->current_kind = conn->busy->keepalive_kind;
    conn->current_value = conn->busy->rtt_ms;
    break;
  case SIPWS_EVENT_SENT:
    conn->current_value = conn->sent_seq;
    break;
  default:
    break;
  }
  return event;
}

int sipws_conn_next_event(sipws_conn *conn, int *event) {
  if (conn == NULL || event == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->config->has_callbacks) {
    return SIPWS_ERR_STATE;
  }
  if (conn->events == 0) {
    sipws__stage_settle(conn);
  }
  if (conn->events == 0 && conn->is_eof) {
    sipws__conn_end_of_input(conn); /* it waited for the others to be pulled */
  }
  *event = event_pop(conn);
  if (*event == SIPWS_EVENT_NONE) {
    sipws__busy_end_of_call(conn);
  }
  return 0;
}

static void event_call_plain(sipws_conn *conn, sipws_on_event_fn fn) {
  if (fn != NULL) {
    fn(conn, conn->user);
  }
}

static void event_call_message(sipws_conn *conn) {
  sipws_on_message_fn fn = conn->config->on_message;
  if (fn != NULL &&
      fn(conn, conn->busy->kind, conn->busy->message, conn->busy->message_len,
         conn->busy->verdict, conn->user) != 0) {
    conn->stop = 1;
  }
}

/* Without a callback for requests an upgrade is taken, and plain HTTP is told
 * what is served here. */
static void event_call_request(sipws_conn *conn) {
  if (conn->config->on_request != NULL) {
    conn->config->on_request(conn, conn->user);
  } else if (conn->upgrade->as.request.is_upgrade) {
    (void)sipws_conn_accept(conn, NULL, 0, conn->now);
  } else {
    (void)sipws_conn_reject(conn, 426, NULL, 0, conn->now);
  }
}

static void event_call(sipws_conn *conn, int event) {
  const sipws_config *config = conn->config;
  switch (event) {
  case SIPWS_EVENT_REQUEST:
    event_call_request(conn);
    break;
  case SIPWS_EVENT_OPEN:
    event_call_plain(conn, config->on_open);
    break;
  case SIPWS_EVENT_REFUSED:
    event_call_plain(conn, config->on_refused);
    break;
  case SIPWS_EVENT_MESSAGE:
    event_call_message(conn);
    break;
  case SIPWS_EVENT_KEEPALIVE:
    if (config->on_keepalive != NULL) {
      config->on_keepalive(conn, conn->current_kind, conn->current_value,
                           conn->user);
    }
    break;
  case SIPWS_EVENT_NOTICE:
    if (config->on_notice != NULL) {
      config->on_notice(conn, conn->current_kind, conn->current_value,
                        conn->user);
    }
    break;
  case SIPWS_EVENT_SENT:
    if (config->on_sent != NULL) {
      config->on_sent(conn, conn->current_value, conn->user);
    }
    break;
  case SIPWS_EVENT_WRITABLE:
    event_call_plain(conn, config->on_writable);
    break;
  case SIPWS_EVENT_CLOSED:
    if (config->on_closed != NULL) {
      config->on_closed(conn, conn->cause, conn->user);
    }
    break;
  default:
    break;
  }
}

void sipws__conn_dispatch(sipws_conn *conn) {
  if (!sipws__conn_must_tell(conn)) {
    return;
  }
  while (conn->events != 0 && !conn->is_freed) {
    event_call(conn, event_pop(conn));
  }
  conn->current = SIPWS_EVENT_NONE;
}

/* ---- details ---- */

int sipws_conn_event_message(const sipws_conn *conn, int *kind,
                             const char **msg, size_t *len, int *verdict) {
  if (conn == NULL || kind == NULL || msg == NULL || len == NULL ||
      verdict == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->current != SIPWS_EVENT_MESSAGE) {
    return SIPWS_ERR_STATE;
  }
  *kind = conn->busy->kind;
  *msg = conn->busy->message;
  *len = conn->busy->message_len;
  *verdict = conn->busy->verdict;
  return 0;
}

static int event_numbers(const sipws_conn *conn, int event, int *kind,
                         uint64_t *value) {
  if (conn == NULL || kind == NULL || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->current != event) {
    return SIPWS_ERR_STATE;
  }
  *kind = conn->current_kind;
  *value = conn->current_value;
  return 0;
}

int sipws_conn_event_keepalive(const sipws_conn *conn, int *kind,
                               uint64_t *rtt_ms) {
  return event_numbers(conn, SIPWS_EVENT_KEEPALIVE, kind, rtt_ms);
}

int sipws_conn_event_notice(const sipws_conn *conn, int *notice,
                            uint64_t *value) {
  return event_numbers(conn, SIPWS_EVENT_NOTICE, notice, value);
}

int sipws_conn_event_sent(const sipws_conn *conn, uint64_t *seq) {
  int kind;
  return event_numbers(conn, SIPWS_EVENT_SENT, &kind, seq);
}
