#include "side.h"

static void side_see(struct side *side, const void *data, size_t len) {
  uint64_t length = len;
  fuzz_digest(&side->digest, &length, sizeof length);
  fuzz_digest(&side->digest, data, len);
}

static void side_see_number(struct side *side, uint64_t number) {
  fuzz_digest(&side->digest, &number, sizeof number);
}

/* What every event has in common; |value| is what the event tells. */
static void side_event(struct side *side, int event, uint64_t value) {
  uint8_t action;
  size_t taken;
  must(side->conn != NULL && !side->is_freed && !side->is_closed);
  side->is_closed = event == SIPWS_EVENT_CLOSED;
  side_see_number(side, (uint64_t)event);
  side_see_number(side, value);
  if (side->on_event != NULL) {
    side->on_event(side, event, value);
  }
  side->in_event = 1;
  if (!side_pulls(side)) {
    must(sipws_conn_feed(side->conn, "", 0, 0, &taken) == SIPWS_ERR_BUSY);
  }
  action = fuzz_octet(&side->turns);
  side_act(side, action, fuzz_octet(&side->turns));
  side->in_event = 0;
}

/* The verdict; LATER leaves it to an action. */
static void side_on_request(sipws_conn *conn, void *user) {
  struct side *side = user;
  sipws_request view;
  const char *text, *value;
  size_t len;
  view.struct_size = sizeof view;
  must(sipws_conn_request(conn, &text, &len, &view) == 0);
  must_lie(view.path, len);
  must_lie(view.query, len);
  must_lie(view.host, len);
  must_lie(view.origin, len);
  side_see(side, text, len);
  side->reader.is_bodiless = view.method.len == 4;
  if (sipws_conn_header(conn, "Sec-WebSocket-Key", 17, 0, &value, &len) == 0) {
    reader_expect(&side->reader, value, len);
  }
  side_event(side, SIPWS_EVENT_REQUEST, view.is_upgrade);
  if ((side->settings.kind & SIDE_LATER) == 0 && side->conn != NULL &&
      !side->is_freed) {
    (void)sipws_conn_accept(conn, NULL, 0, side->now);
  }
}

static void side_on_open(sipws_conn *conn, void *user) {
  struct side *side = user;
  const char *name;
  size_t len;
  must(sipws_conn_subprotocol(conn, &name, &len) == 0);
  side_see(side, name, len);
  side_event(side, SIPWS_EVENT_OPEN, (uint64_t)sipws_conn_profile(conn));
}

static void side_on_refused(sipws_conn *conn, void *user) {
  struct side *side = user;
  const char *body;
  size_t len;
  must(sipws_conn_refusal_body(conn, &body, &len) == 0);
  must(len <= SIDE_BODY_PREFIX);
  side_see(side, body, len);
  side_event(side, SIPWS_EVENT_REFUSED, (uint64_t)sipws_conn_http_status(conn));
}

static int side_on_message(sipws_conn *conn, int kind, const char *msg,
                           size_t len, int verdict, void *user) {
  struct side *side = user;
  int stops;
  must(!side->is_paused || side_pulls(side)); /* there one may wait already */
  must(len + sipws_conn_cut(conn) <= side_message_size(side));
  must(sipws_conn_state(conn) >= SIPWS_STATE_OPEN);
  must((verdict == SIPWS_SIP_UNCHECKED) ==
       (sipws_conn_profile(conn) == SIPWS_PROFILE_OPAQUE));
  must(kind == SIPWS_BINARY || sipws_conn_cut(conn) > 0 ||
       frames_is_text(msg, len));
  side->messages++;
  side->message = msg;
  side->message_len = len;
  side_see(side, msg, len);
  side_event(side, SIPWS_EVENT_MESSAGE,
             (uint64_t)sipws_conn_cut(conn) << 16 | (uint64_t)kind << 8 |
                 (uint64_t)verdict);
  stops = side->stops;
  side->stops = 0;
  return stops;
}

static void side_on_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms,
                              void *user) {
  (void)conn;
  side_event(user, SIPWS_EVENT_KEEPALIVE, rtt_ms << 8 | (uint64_t)kind);
}

static void side_on_notice(sipws_conn *conn, int notice, uint64_t value,
                           void *user) {
  (void)conn;
  side_event(user, SIPWS_EVENT_NOTICE, value << 8 | (uint64_t)notice);
}

static void side_on_sent(sipws_conn *conn, uint64_t seq, void *user) {
  must(seq <= sipws_conn_sent_seq(conn));
  side_event(user, SIPWS_EVENT_SENT, seq);
}

static void side_on_writable(sipws_conn *conn, void *user) {
  side_event(user, SIPWS_EVENT_WRITABLE, sipws_conn_queued(conn));
}

static void side_on_closed(sipws_conn *conn, int cause, void *user) {
  struct side *side = user;
  const char *reason;
  size_t len;
  must(sipws_conn_state(conn) == SIPWS_STATE_CLOSED);
  must(cause != SIPWS_CAUSE_NONE && sipws_conn_error(conn) != 0);
  if (sipws_conn_close_reason(conn, &reason, &len) == 0) {
    side_see(side, reason, len);
  }
  side_see_number(side, sipws_conn_close_code(conn));
  side_see_number(side, sipws_conn_our_close_code(conn));
  side_see_number(side, sipws_conn_begun_seq(conn));
  side_see_number(side, sipws_conn_sent_seq(conn));
  side_event(side, SIPWS_EVENT_CLOSED, (uint64_t)cause);
}

void side_set_callbacks(sipws_config *config) {
  must(sipws_config_on_request(config, side_on_request) == 0);
  must(sipws_config_on_open(config, side_on_open) == 0);
  must(sipws_config_on_refused(config, side_on_refused) == 0);
  must(sipws_config_on_message(config, side_on_message) == 0);
  must(sipws_config_on_keepalive(config, side_on_keepalive) == 0);
  must(sipws_config_on_notice(config, side_on_notice) == 0);
  must(sipws_config_on_sent(config, side_on_sent) == 0);
  must(sipws_config_on_writable(config, side_on_writable) == 0);
  must(sipws_config_on_closed(config, side_on_closed) == 0);
}

/* ---- pulled ---- */

static void side_pulled(struct side *side, int event) {
  sipws_conn *conn = side->conn;
  const char *msg;
  size_t len;
  uint64_t value;
  int kind, verdict;
  switch (event) {
  case SIPWS_EVENT_REQUEST:
    side_on_request(conn, side);
    break;
  case SIPWS_EVENT_OPEN:
    side_on_open(conn, side);
    break;
  case SIPWS_EVENT_REFUSED:
    side_on_refused(conn, side);
    break;
  case SIPWS_EVENT_MESSAGE:
    must(sipws_conn_event_message(conn, &kind, &msg, &len, &verdict) == 0);
    (void)side_on_message(conn, kind, msg, len, verdict, side);
    break;
  case SIPWS_EVENT_KEEPALIVE:
    must(sipws_conn_event_keepalive(conn, &kind, &value) == 0);
    side_on_keepalive(conn, kind, value, side);
    break;
  case SIPWS_EVENT_NOTICE:
    must(sipws_conn_event_notice(conn, &kind, &value) == 0);
    side_on_notice(conn, kind, value, side);
    break;
  case SIPWS_EVENT_SENT:
    must(sipws_conn_event_sent(conn, &value) == 0);
    side_on_sent(conn, value, side);
    break;
  case SIPWS_EVENT_WRITABLE:
    side_on_writable(conn, side);
    break;
  default:
    must(event == SIPWS_EVENT_CLOSED);
    side_on_closed(conn, sipws_conn_cause(conn), side);
  }
}

void side_pull(struct side *side) {
  int event;
  while (side->conn != NULL) {
    must(sipws_conn_next_event(side->conn, &event) == 0);
    if (event == SIPWS_EVENT_NONE) {
      return;
    }
    side_pulled(side, event);
  }
}
