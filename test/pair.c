#include "pair.h"

#include <stdarg.h>

/* ------------------------------------------------------------------ log -- */

void side_note(struct side *side, const char *format, ...) {
  size_t room = sizeof side->log - side->log_len;
  va_list args;
  int len;
  va_start(args, format);
  len = vsnprintf(side->log + side->log_len, room, format, args);
  va_end(args);
  assert_true(len >= 0 && (size_t)len < room);
  side->log_len += (size_t)len;
}

void side_forget(struct side *side) {
  side->log_len = 0;
  side->log[0] = '\0';
}

static const char *const verdict_names[] = {
    "OK",         "CUT",     "SHORT_REQUEST", "SHORT_RESPONSE",
    "BAD_LENGTH", "NOT_SIP", "UNCHECKED"};
static const char *const keepalive_names[] = {"?", "ping", "pong", "crlf",
                                              "crlf_pong"};
static const char *const notice_names[] = {
    "?", "MISSED_PONG", "MISSED_CRLF", "STALLED", "EXPIRED", "PEER_CLOSES"};
static const char *const cause_names[] = {
    "NONE",   "PEER_CLOSE", "OUR_CLOSE", "REFUSED",  "EOF",
    "LOST",   "TIMEOUT",    "PROTOCOL",  "MEMORY",   "ABORTED",
    "RANDOM", "TLS",        "PROXY",     "TRUNCATED"};

/* Length, and the octets up to the first that would not show. */
static void show_octets(char *out, size_t size, const char *data, size_t len) {
  size_t shown = 0;
  while (shown < len && shown < 40 && data[shown] >= ' ' && data[shown] < 127) {
    shown++;
  }
  if (shown == len) {
    snprintf(out, size, "%.*s", (int)shown, data);
  } else {
    snprintf(out, size, "%.*s (%lu)", (int)shown, data, (unsigned long)len);
  }
}

static int side_then(struct side *side, int event) {
  side->count++;
  return side->then != NULL ? side->then(side, event) : 0;
}

static int log_message(struct side *side, int kind, const char *msg, size_t len,
                       int verdict) {
  char text[80];
  show_octets(text, sizeof text, msg, len);
  side_note(side, "message %s %s %s\n", kind == SIPWS_TEXT ? "text" : "binary",
            verdict_names[verdict], text);
  return side_then(side, SIPWS_EVENT_MESSAGE);
}

static void log_keepalive(struct side *side, int kind, uint64_t rtt) {
  if (rtt != 0) {
    side_note(side, "keepalive %s %lu\n", keepalive_names[kind],
              (unsigned long)rtt);
  } else {
    side_note(side, "keepalive %s\n", keepalive_names[kind]);
  }
  (void)side_then(side, SIPWS_EVENT_KEEPALIVE);
}

static void log_number(struct side *side, int event, const char *what,
                       uint64_t number) {
  side_note(side, "%s %lu\n", what, (unsigned long)number);
  (void)side_then(side, event);
}

static void log_request(struct side *side) {
  sipws_request view;
  const char *text;
  size_t len;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_conn_request(side->conn, &text, &len, &view), 0);
  side_note(side, "request %.*s %.*s\n", (int)view.method.len,
            text + view.method.off, (int)view.target.len,
            text + view.target.off);
  (void)side_then(side, SIPWS_EVENT_REQUEST);
  if (side->verdict == SIDE_ACCEPT) {
    (void)sipws_conn_accept(side->conn, NULL, 0, side->now);
  } else if (side->verdict >= 200) {
    (void)sipws_conn_reject(side->conn, side->verdict, "no", 2, side->now);
  }
}

static void log_open(struct side *side) {
  const char *name;
  size_t len;
  assert_int_equal(sipws_conn_subprotocol(side->conn, &name, &len), 0);
  side_note(side, "open %.*s\n", (int)len, name != NULL ? name : "");
  (void)side_then(side, SIPWS_EVENT_OPEN);
}

static void log_refused(struct side *side) {
  const char *body;
  size_t len;
  assert_int_equal(sipws_conn_refusal_body(side->conn, &body, &len), 0);
  side_note(side, "refused %d %.*s\n", sipws_conn_http_status(side->conn),
            (int)len, body);
  (void)side_then(side, SIPWS_EVENT_REFUSED);
}

static void log_closed(struct side *side, int cause) {
  const char *reason;
  size_t len;
  assert_int_equal(sipws_conn_close_reason(side->conn, &reason, &len), 0);
  side_note(side, "closed %s %u%s%.*s\n", cause_names[cause],
            (unsigned)sipws_conn_close_code(side->conn), len > 0 ? " " : "",
            (int)len, len > 0 ? reason : "");
  (void)side_then(side, SIPWS_EVENT_CLOSED);
}

static void log_writable(struct side *side) {
  side_note(side, "writable\n");
  (void)side_then(side, SIPWS_EVENT_WRITABLE);
}

/* ------------------------------------------------------------ callbacks -- */

static void on_request(sipws_conn *conn, void *user) {
  (void)conn;
  log_request(user);
}

static void on_open(sipws_conn *conn, void *user) {
  (void)conn;
  log_open(user);
}

static void on_refused(sipws_conn *conn, void *user) {
  (void)conn;
  log_refused(user);
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  (void)conn;
  return log_message(user, kind, msg, len, verdict);
}

static void on_keepalive(sipws_conn *conn, int kind, uint64_t rtt, void *user) {
  (void)conn;
  log_keepalive(user, kind, rtt);
}

static void on_notice(sipws_conn *conn, int notice, uint64_t value,
                      void *user) {
  (void)conn;
  log_number(user, SIPWS_EVENT_NOTICE, notice_names[notice], value);
}

static void on_sent(sipws_conn *conn, uint64_t seq, void *user) {
  (void)conn;
  log_number(user, SIPWS_EVENT_SENT, "sent", seq);
}

static void on_writable(sipws_conn *conn, void *user) {
  (void)conn;
  log_writable(user);
}

static void on_closed(sipws_conn *conn, int cause, void *user) {
  (void)conn;
  log_closed(user, cause);
}

/* ----------------------------------------------------------------- pull -- */

static void pull_detail(struct side *side, int event) {
  const sipws_conn *conn = side->conn;
  const char *msg;
  size_t len;
  int kind, verdict;
  uint64_t value;
  switch (event) {
  case SIPWS_EVENT_MESSAGE:
    assert_int_equal(
        sipws_conn_event_message(conn, &kind, &msg, &len, &verdict), 0);
    (void)log_message(side, kind, msg, len, verdict);
    break;
  case SIPWS_EVENT_KEEPALIVE:
    assert_int_equal(sipws_conn_event_keepalive(conn, &kind, &value), 0);
    log_keepalive(side, kind, value);
    break;
  case SIPWS_EVENT_NOTICE:
    assert_int_equal(sipws_conn_event_notice(conn, &kind, &value), 0);
    log_number(side, event, notice_names[kind], value);
    break;
  case SIPWS_EVENT_SENT:
    assert_int_equal(sipws_conn_event_sent(conn, &value), 0);
    log_number(side, event, "sent", value);
    break;
  default:
    break;
  }
}

void side_pull(struct side *side) {
  int event = SIPWS_EVENT_NONE;
  if (side->face == SIDE_CALLBACKS || side->conn == NULL) {
    return;
  }
  for (;;) {
    assert_int_equal(sipws_conn_next_event(side->conn, &event), 0);
    switch (event) {
    case SIPWS_EVENT_NONE:
      return;
    case SIPWS_EVENT_REQUEST:
      log_request(side);
      break;
    case SIPWS_EVENT_OPEN:
      log_open(side);
      break;
    case SIPWS_EVENT_REFUSED:
      log_refused(side);
      break;
    case SIPWS_EVENT_WRITABLE:
      log_writable(side);
      break;
    case SIPWS_EVENT_CLOSED:
      log_closed(side, sipws_conn_cause(side->conn));
      break;
    default:
      pull_detail(side, event);
      break;
    }
  }
}

/* ------------------------------------------------------------- one side -- */

static int side_random(uint8_t *out, size_t len, void *user) {
  struct side *side = user;
  return side->random_fails ? 1 : test_random(out, len, &side->seed);
}

void side_config(struct side *side, int face) {
  struct test_heap heap = side->heap;
  memset(side, 0, sizeof *side);
  side->heap.fail_at = heap.fail_at;
  side->heap.fail_after = heap.fail_after;
  side->face = face;
  side->seed = 99;
  assert_int_equal(sipws_config_new(test_alloc, &side->heap, &side->config), 0);
  (void)sipws_config_set_random(side->config, side_random, side);
  if (face == SIDE_CALLBACKS) {
    (void)sipws_config_on_request(side->config, on_request);
    (void)sipws_config_on_open(side->config, on_open);
    (void)sipws_config_on_refused(side->config, on_refused);
    (void)sipws_config_on_message(side->config, on_message);
    (void)sipws_config_on_keepalive(side->config, on_keepalive);
    (void)sipws_config_on_notice(side->config, on_notice);
    (void)sipws_config_on_sent(side->config, on_sent);
    (void)sipws_config_on_writable(side->config, on_writable);
    (void)sipws_config_on_closed(side->config, on_closed);
  }
}

void side_limit(struct side *side, int limit, uint32_t value) {
  assert_int_equal(sipws_config_set_limit(side->config, limit, value), 0);
}

void side_timer(struct side *side, int timer, uint32_t ms) {
  assert_int_equal(sipws_config_set_timer(side->config, timer, ms), 0);
}

void side_policy(struct side *side, uint32_t policy) {
  assert_int_equal(sipws_config_set_policy(side->config, policy), 0);
}

void side_client(struct side *side, const char *url) {
  assert_int_equal(sipws_client_new(side->config, url, strlen(url), side,
                                    side->now, &side->conn),
                   0);
}

void side_server(struct side *side) {
  assert_int_equal(sipws_server_new(side->config, side, side->now, &side->conn),
                   0);
}

void side_adopt(struct side *side, int role, const char *subprotocol) {
  if (strcmp(subprotocol, "sip") != 0) {
    assert_int_equal(sipws_config_add_subprotocol(side->config, subprotocol,
                                                  strlen(subprotocol),
                                                  SIPWS_PROFILE_OPAQUE),
                     0);
  }
  assert_int_equal(sipws_adopt_new(side->config, role, subprotocol,
                                   strlen(subprotocol), side, side->now,
                                   &side->conn),
                   0);
}

void side_open(struct side *side, int role) {
  side_config(side, SIDE_CALLBACKS);
  side_adopt(side, role, "sip");
}

void side_free(struct side *side) {
  sipws_conn_free(side->conn);
  sipws_config_free(side->config);
  side->conn = NULL;
  side->config = NULL;
  assert_int_equal(side->heap.blocks, 0);
  assert_int_equal(side->heap.live, 0);
}

static int last_fed;

int side_fed(const struct side *side) {
  (void)side;
  return last_fed;
}

/* One call; 1 when something moved. */
static int feed_once(struct side *side, const uint8_t *data, size_t len,
                     size_t *taken) {
  size_t events = side->count;
  size_t step = 0;
  uint8_t *own;
  if (side->face == SIDE_PULLS_INPLACE) {
    own = test_guarded(data, len);
    last_fed = sipws_conn_feed_inplace(side->conn, own, len, side->now, &step);
    side_pull(side);
    test_guarded_free(own, len);
  } else {
    last_fed = sipws_conn_feed(side->conn, data, len, side->now, &step);
  }
  if (last_fed == SIPWS_ERR_FREED) {
    side->conn = NULL;
  }
  assert_true(step <= len);
  side_pull(side);
  *taken += step;
  return step > 0 || side->count > events;
}

size_t side_feed(struct side *side, const void *data, size_t len, size_t cut) {
  const uint8_t *octets = data;
  size_t done = 0;
  int moved = 1;
  while (moved && side->conn != NULL && done < len) {
    size_t step = cut == 0 || cut > len - done ? len - done : cut;
    moved = feed_once(side, octets + done, step, &done);
  }
  /* a stage takes octets and keeps what waits for an event to be pulled */
  while (moved && side->conn != NULL &&
         (sipws_conn_wants(side->conn) & SIPWS_WANT_FEED) != 0) {
    moved = feed_once(side, NULL, 0, &done);
  }
  return done;
}

uint64_t side_send(struct side *side, size_t len, int expected) {
  static char letters[70000];
  uint64_t seq = 0;
  assert_true(len <= sizeof letters);
  memset(letters, 'a', sizeof letters);
  assert_int_equal(sipws_conn_send(side->conn, letters, len, SIPWS_SEND_TEXT,
                                   side->now, &seq),
                   expected);
  return seq;
}

void side_take(struct side *side, size_t n) {
  const uint8_t *data;
  size_t len, skip = 0;
  do {
    assert_int_equal(sipws_conn_pending(side->conn, skip, &data, &len), 0);
    skip += len;
  } while (len > 0 && skip < n);
  assert_int_equal(sipws_conn_taken(side->conn, n, side->now), 0);
}

void side_tick(struct side *side, uint64_t now) {
  side->now = now;
  (void)sipws_conn_tick(side->conn, now);
  side_pull(side);
}

/* --------------------------------------------------------------- octets -- */

void wire_clear(struct wire *wire) {
  wire->len = 0;
}

void wire_add(struct wire *wire, const void *data, size_t len) {
  assert_true(len <= sizeof wire->data - wire->len);
  if (len > 0) {
    memcpy(wire->data + wire->len, data, len);
  }
  wire->len += len;
}

void wire_put(struct wire *wire, const char *text) {
  wire_add(wire, text, strlen(text));
}

void wire_frame(struct wire *wire, int first, int masked, const void *payload,
                size_t len) {
  static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  const uint8_t *octets = payload;
  uint8_t head[14];
  size_t have = 2, i;
  size_t wide = len < 126 ? 0 : len < 65536 ? 2 : 8;
  head[0] = (uint8_t)first;
  head[1] = (uint8_t)((masked ? 0x80 : 0) | (wide == 0   ? (int)len
                                             : wide == 2 ? 126
                                                         : 127));
  for (i = 0; i < wide; i++) {
    head[have++] = (uint8_t)((uint64_t)len >> (8 * (wide - 1 - i)));
  }
  if (masked) {
    memcpy(head + have, mask, 4);
    have += 4;
  }
  wire_add(wire, head, have);
  wire_add(wire, octets, len);
  for (i = 0; masked && i < len; i++) {
    wire->data[wire->len - len + i] ^= mask[i % 4];
  }
}

void side_feed_text(struct side *side, const char *text) {
  assert_int_equal(side_feed(side, text, strlen(text), 0), strlen(text));
}

void side_feed_frame(struct side *side, int first, const char *payload) {
  static struct wire wire;
  wire_clear(&wire);
  wire_frame(&wire, first, sipws_conn_role(side->conn) == SIPWS_SERVER, payload,
             strlen(payload));
  assert_int_equal(side_feed(side, wire.data, wire.len, 0), wire.len);
}

void wire_take(struct wire *wire, struct side *side, size_t most) {
  const uint8_t *data;
  size_t len;
  while (sipws_conn_pending(side->conn, 0, &data, &len) == 0 && len > 0) {
    len = most != 0 && most < len ? most : len;
    wire_add(wire, data, len);
    assert_int_equal(sipws_conn_taken(side->conn, len, side->now), 0);
    side_pull(side);
  }
}

static char shown[1 << 16];

static size_t show_head(size_t at, const struct wire *wire, size_t *used) {
  const char *text = (const char *)wire->data + *used;
  const char *end = memchr(text, '\r', wire->len - *used);
  assert_non_null(end);
  at += (size_t)snprintf(shown + at, sizeof shown - at, "%.*s\n",
                         (int)(end - text), text);
  while (memcmp(end, "\r\n\r\n", 4) != 0) {
    end++;
    assert_true((size_t)(end - (const char *)wire->data) + 4 <= wire->len);
  }
  *used = (size_t)(end - (const char *)wire->data) + 4;
  return at;
}

static size_t show_frame(size_t at, const struct wire *wire, size_t *used) {
  static const char *const names[] = {
      "cont",  "text", "binary", "?3",  "?4",  "?5",  "?6",  "?7",
      "close", "ping", "pong",   "?11", "?12", "?13", "?14", "?15"};
  static char payload[1 << 17];
  const uint8_t *frame = wire->data + *used;
  int opcode = frame[0] & 15;
  int masked = frame[1] >> 7;
  uint64_t len = frame[1] & 127;
  size_t have = 2, wide = len == 127 ? 8 : len == 126 ? 2 : 0, i;
  char text[80];
  char code[8] = "";
  for (i = 0, len = wide > 0 ? 0 : len; i < wide; i++) {
    len = len << 8 | frame[have++];
  }
  have += masked ? 4 : 0;
  assert_true(have + len <= wire->len - *used && len < sizeof payload);
  for (i = 0; i < len; i++) {
    payload[i] =
        (char)(frame[have + i] ^ (masked ? frame[have - 4 + i % 4] : 0));
  }
  *used += have + (size_t)len;
  i = 0;
  if (opcode == 8 && len >= 2) {
    snprintf(code, sizeof code, " %u",
             (unsigned)((uint8_t)payload[0] << 8 | (uint8_t)payload[1]));
    i = 2;
  }
  show_octets(text, sizeof text, payload + i, (size_t)len - i);
  return at + (size_t)snprintf(shown + at, sizeof shown - at, "%s%s%s%s%s%s\n",
                               frame[0] >> 7 ? "" : "+", masked ? "mask " : "",
                               names[opcode], code, text[0] != '\0' ? " " : "",
                               text);
}

const char *wire_show(const struct wire *wire) {
  size_t used = 0;
  size_t at = 0;
  shown[0] = '\0';
  while (used < wire->len && at < sizeof shown - 200) {
    uint8_t first = wire->data[used];
    at = first == 'G' || first == 'H' ? show_head(at, wire, &used)
                                      : show_frame(at, wire, &used);
  }
  return shown;
}

const char *side_output(struct side *side) {
  static struct wire wire;
  wire_clear(&wire);
  wire_take(&wire, side, 0);
  wire_add(&wire, "", 1);
  return (const char *)wire.data;
}

const char *side_show(struct side *side) {
  static struct wire wire;
  wire_clear(&wire);
  wire_take(&wire, side, 0);
  return wire_show(&wire);
}

/* ------------------------------------------------------------ two sides -- */

static size_t pair_pass(struct side *from, struct side *to, size_t cut) {
  static struct wire wire;
  wire_clear(&wire);
  if (from->conn != NULL) {
    wire_take(&wire, from, cut);
  }
  if (to->conn != NULL) {
    (void)side_feed(to, wire.data, wire.len, cut);
  }
  return wire.len;
}

void pair_move(struct side *a, struct side *b, size_t cut) {
  while (pair_pass(a, b, cut) + pair_pass(b, a, cut) > 0) {
  }
}

void pair_open(struct side *client, struct side *server) {
  side_client(client, "ws://h.example/ws");
  side_server(server);
  pair_move(client, server, 0);
  assert_int_equal(sipws_conn_state(client->conn), SIPWS_STATE_OPEN);
  assert_int_equal(sipws_conn_state(server->conn), SIPWS_STATE_OPEN);
  side_forget(client);
  side_forget(server);
}

/* --------------------------------------------------------------- memory -- */

size_t bound_of(const struct bound *b, size_t url_len, int in_handshake) {
  size_t frames = b->frame == 0 ? 1 : b->message / b->frame + 1;
  size_t bound = sipws_conn_footprint() + url_len + b->message + b->input +
                 b->message + 14 * frames + 8192;
  bound += 2 * (size_t)b->queue + 3 * (size_t)b->queue / 16;
  return in_handshake ? bound + 4 * (size_t)b->handshake + b->prefix + b->input
                      : bound;
}

/* ----------------------------------------------------------------- text -- */

const char *sip_text(size_t body_len, size_t *len) {
  static char text[1 << 18];
  int head = snprintf(text, sizeof text,
                      "MESSAGE sip:a@h SIP/2.0\r\nCall-ID: 1\r\n"
                      "Content-Length: %lu\r\n\r\n",
                      (unsigned long)body_len);
  assert_true((size_t)head + body_len <= sizeof text);
  memset(text + head, 'b', body_len);
  *len = (size_t)head + body_len;
  return text;
}
