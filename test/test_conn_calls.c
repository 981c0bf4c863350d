/* conn: calls that come when or as they should not: free and all others from
 * callbacks; NULL. */
#include "pair.h"

static struct side side;
static struct wire wire;

/* Asked for a refusal's body, which here is endless. */
static int body_of(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                   void *user) {
  (void)off;
  (void)user;
  memset(buf, 'x', len);
  *got = len;
  return 0;
}

/* ---- free from callbacks ---- */

static int free_at;

static int free_in_callback(struct side *self, int event) {
  if (event == free_at) {
    sipws_conn_free(self->conn);
    sipws_conn_free(self->conn); /* twice is once */
  }
  return 0;
}

/* Raises |event| in a connection whose callback frees it; the result of the
 * call in which that happened. */
static int raise_event(int event) {
  size_t taken = 0;
  const uint8_t *data;
  size_t len;
  static const char refusal[] =
      "HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\nmore";
  side_config(&side, SIDE_CALLBACKS);
  side.then = free_in_callback;
  free_at = event;
  side_limit(&side, SIPWS_LIMIT_QUEUE_HIGH, 1);
  if (event == SIPWS_EVENT_REQUEST || event == SIPWS_EVENT_OPEN) {
    side_server(&side);
    return sipws_conn_feed(side.conn, UPGRADE_SIP "\x89\x80", 2, 0, &taken) == 0
               ? sipws_conn_feed(side.conn, &UPGRADE_SIP[2],
                                 sizeof UPGRADE_SIP - 3, 0, &taken)
               : 0;
  }
  if (event == SIPWS_EVENT_REFUSED) {
    side_client(&side, "ws://h/");
    return sipws_conn_feed(side.conn, refusal, sizeof refusal - 1, 0, &taken);
  }
  side_adopt(&side, SIPWS_SERVER, "sip");
  switch (event) {
  case SIPWS_EVENT_MESSAGE:
  case SIPWS_EVENT_KEEPALIVE:
    wire_clear(&wire);
    wire_frame(&wire, event == SIPWS_EVENT_MESSAGE ? 0x81 : 0x89, 1, OPTIONS,
               sizeof OPTIONS - 1);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    (void)sipws_conn_keep(side.conn, wire.data, wire.len);
    return sipws_conn_feed(side.conn, "x", 1, 0, &taken);
  case SIPWS_EVENT_NOTICE:
    (void)sipws_conn_ping(side.conn, "", 0, 0);
    return sipws_conn_tick(side.conn, 10000);
  case SIPWS_EVENT_SENT:
  case SIPWS_EVENT_WRITABLE:
    (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
    (void)sipws_conn_pending(side.conn, 0, &data, &len);
    return sipws_conn_taken(side.conn, len, 0);
  default:
    return sipws_conn_abort(side.conn, 0);
  }
}

static void test_conn_calls_free_from_every_callback(void **state) {
  int event;
  (void)state;
  for (event = SIPWS_EVENT_REQUEST; event <= SIPWS_EVENT_CLOSED; event++) {
    assert_int_equal(raise_event(event), SIPWS_ERR_FREED);
    side.conn = NULL;
    side_free(&side); /* nothing is left, and nothing was told after */
  }
}

static void test_conn_calls_free_in_any_outer_call(void **state) {
  int call, err = 0;
  size_t taken;
  (void)state;
  for (call = 0; call < 6; call++) {
    side_config(&side, SIDE_CALLBACKS);
    side.then = free_in_callback;
    free_at = SIPWS_EVENT_CLOSED;
    side_adopt(&side, SIPWS_CLIENT, "sip");
    side.random_fails = 1; /* the next mask ends it */
    wire_clear(&wire);
    wire_frame(&wire, 0x89, 0, "", 0);
    switch (call) {
    case 0:
      err = sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
      while (err == 0) { /* what the pool has left */
        err =
            sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
      }
      break;
    case 1:
      err = sipws_conn_eof(side.conn, 0);
      break;
    case 2:
      err = sipws_conn_lost(side.conn, 0, 0);
      break;
    case 3:
      do {
        err = sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken);
        if (err == 0) {
          const uint8_t *data;
          size_t len;
          (void)sipws_conn_pending(side.conn, 0, &data, &len);
          (void)sipws_conn_taken(side.conn, len, 0);
        }
      } while (err == 0);
      break;
    case 4:
      do {
        err = sipws_conn_drain(side.conn, 1001, 0, 10, 0);
      } while (err == 0);
      break;
    default:
      side.random_fails = 0; /* time does */
      (void)sipws_conn_close(side.conn, 1000, NULL, 0, 0, 0);
      err = sipws_conn_tick(side.conn, 5000);
      break;
    }
    assert_int_equal(err, SIPWS_ERR_FREED);
    side.conn = NULL;
    side_free(&side);
  }
}

/* ---- every call from every callback ---- */

static void call_getters(const sipws_conn *conn) {
  const uint8_t *addr;
  const char *text, *value;
  size_t len, value_len;
  uint16_t port;
  sipws_request view;
  int kind, verdict;
  uint64_t number;
  view.struct_size = sizeof view;
  (void)sipws_conn_peer(conn, &addr, &len, &port);
  (void)sipws_conn_local(conn, &addr, &len, &port);
  (void)sipws_conn_is_secure(conn);
  (void)sipws_conn_id(conn);
  (void)sipws_conn_user(conn);
  (void)sipws_conn_request(conn, &text, &len, &view);
  (void)sipws_conn_header(conn, "A", 1, 0, &text, &len);
  (void)sipws_conn_header_at(conn, 0, &text, &len, &value, &value_len);
  (void)sipws_conn_cookie_at(conn, 0, &text, &len, &value, &value_len);
  (void)sipws_conn_offered_at(conn, 0, &text, &len);
  (void)sipws_conn_refusal_body(conn, &text, &len);
  (void)sipws_conn_kept(conn);
  (void)sipws_conn_wants(conn);
  (void)sipws_conn_event_message(conn, &kind, &text, &len, &verdict);
  (void)sipws_conn_event_keepalive(conn, &kind, &number);
  (void)sipws_conn_event_notice(conn, &kind, &number);
  (void)sipws_conn_event_sent(conn, &number);
  (void)sipws_conn_room(conn);
  (void)sipws_conn_queued(conn);
  (void)sipws_conn_deadline(conn);
  (void)sipws_conn_close_reason(conn, &text, &len);
  (void)sipws_conn_subprotocol(conn, &text, &len);
  (void)sipws_conn_profile(conn);
  (void)sipws_conn_url(conn, &text, &len);
  (void)sipws_conn_begun_seq(conn);
}

/* All that changes something; |how| tells which of those that end it. */
static void call_all(sipws_conn *conn, int how) {
  const uint8_t *data;
  size_t len, taken;
  int event;
  char scratch[512];
  assert_int_equal(sipws_conn_feed(conn, "x", 1, 5, &taken), SIPWS_ERR_BUSY);
  assert_int_equal(sipws_conn_feed_inplace(conn, scratch, 1, 5, &taken),
                   SIPWS_ERR_BUSY);
  assert_int_equal(sipws_conn_readable(conn, scratch, 512, 5, NULL),
                   SIPWS_ERR_BUSY);
  assert_int_equal(sipws_conn_writable(conn, 5, NULL), SIPWS_ERR_BUSY);
  assert_int_equal(sipws_conn_next_event(conn, &event), SIPWS_ERR_STATE);
  call_getters(conn);
  (void)sipws_conn_set_peer(conn, NULL, 0, 1);
  (void)sipws_conn_set_secure(conn, 0);
  (void)sipws_conn_set_id(conn, 7);
  (void)sipws_conn_set_keepalive(conn, SIPWS_KEEPALIVE_PING, 1000, 5);
  (void)sipws_conn_set_host(conn, "h", 1);
  (void)sipws_conn_add_cookie(conn, "a", 1, "b", 1);
  (void)sipws_conn_add_header(conn, "A", 1, "b", 1);
  (void)sipws_conn_take_request(conn, "GET", 3, "/", 1, 0);
  (void)sipws_conn_take_end(conn, 5);
  if (how == 1) {
    (void)sipws_conn_reject(conn, 403, "no", 2, 5);
  }
  (void)sipws_conn_accept(conn, NULL, 0, 5);
  (void)sipws_conn_keep(conn, "", 0);
  (void)sipws_conn_send(conn, OPTIONS, sizeof OPTIONS - 1, 0, 5, NULL);
  (void)sipws_conn_ping(conn, "a", 1, 5);
  (void)sipws_conn_ping_crlf(conn, 5);
  (void)sipws_conn_pause(conn, 5);
  (void)sipws_conn_resume(conn, 6);
  (void)sipws_conn_pending(conn, 0, &data, &len);
  (void)sipws_conn_taken(conn, len, 6);
  (void)sipws_conn_tick(conn, 7);
  if (how == 2) {
    (void)sipws_conn_close(conn, 1000, "bye", 3, SIPWS_CLOSE_NOWAIT, 7);
  } else if (how == 3) {
    (void)sipws_conn_drain(conn, 1001, 3, 0, 7);
    (void)sipws_conn_tick(conn, 7);
  } else if (how == 4) {
    (void)sipws_conn_lost(conn, 3, 7);
  } else if (how == 5) {
    (void)sipws_conn_eof(conn, 7);
  } else if (how == 6) {
    (void)sipws_conn_abort(conn, 7);
  }
}

static int call_how;

static int call_in_callback(struct side *self, int event) {
  (void)event;
  if (self->count < 40) { /* taken raises sent, which takes … */
    call_all(self->conn, call_how);
  }
  return 0;
}

static void test_conn_calls_every_call_from_every_callback(void **state) {
  static struct wire octets;
  int role;
  (void)state;
  for (call_how = 0; call_how <= 6; call_how++) {
    for (role = 0; role < 3; role++) {
      side_config(&side, SIDE_CALLBACKS);
      side.then = call_in_callback;
      side_limit(&side, SIPWS_LIMIT_QUEUE_HIGH, 1);
      wire_clear(&octets);
      if (role == 2) {
        side_client(&side, "ws://h/");
        wire_put(&octets, "HTTP/1.1 403 F\r\nContent-Length: 3\r\n\r\nabc");
      } else {
        if (role == 1) {
          side_adopt(&side, SIPWS_SERVER, "sip");
        } else {
          side_server(&side);
          wire_put(&octets, UPGRADE_SIP);
        }
        wire_frame(&octets, 0x89, 1, "one", 3);
        wire_frame(&octets, 0x89, 1, "two", 3);
        wire_frame(&octets, 0x81, 1, "\r\n\r\n", 4);
        wire_frame(&octets, 0x01, 1, OPTIONS, 9);
        wire_frame(&octets, 0x80, 1, &OPTIONS[9], sizeof OPTIONS - 10);
        wire_frame(&octets, 0x88, 1, "", 0);
      }
      (void)side_feed(&side, octets.data, octets.len, 0);
      side_tick(&side, 8);
      if (sipws_conn_state(side.conn) != SIPWS_STATE_CLOSED) {
        wire_take(&wire, &side, 0);
        side_tick(&side, 100000);
      }
      assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_CLOSED);
      /* closed came last */
      assert_non_null(strstr(side.log, "closed "));
      assert_int_equal(strchr(strstr(side.log, "closed "), '\n')[1], '\0');
      side_free(&side);
    }
  }
}

/* ---- NULL ---- */

#define INVALID(call) assert_int_equal((call), SIPWS_ERR_INVALID)

static void test_conn_calls_null_connection_is_invalid(void **state) {
  const uint8_t *data = NULL;
  const char *text = NULL;
  size_t len = 0;
  uint16_t port = 0;
  uint64_t number = 0;
  int kind = 0;
  sipws_request view;
  char scratch[512];
  (void)state;
  view.struct_size = sizeof view;
  sipws_conn_free(NULL);
  sipws_config_free(NULL);
  INVALID(sipws_conn_set_peer(NULL, NULL, 0, 0));
  INVALID(sipws_conn_set_local(NULL, NULL, 0, 0));
  INVALID(sipws_conn_set_secure(NULL, 0));
  INVALID(sipws_conn_set_id(NULL, 0));
  INVALID(sipws_conn_peer(NULL, &data, &len, &port));
  INVALID(sipws_conn_local(NULL, &data, &len, &port));
  INVALID(sipws_conn_is_secure(NULL));
  INVALID(sipws_conn_set_user(NULL, NULL));
  INVALID(sipws_conn_set_io_user(NULL, NULL));
  INVALID(sipws_conn_set_keepalive(NULL, 1, 0, 0));
  INVALID(sipws_conn_set_host(NULL, "h", 1));
  INVALID(sipws_conn_set_origin(NULL, "h", 1));
  INVALID(sipws_conn_add_cookie(NULL, "a", 1, "b", 1));
  INVALID(sipws_conn_set_authorization(NULL, "h", 1));
  INVALID(sipws_conn_add_header(NULL, "A", 1, "b", 1));
  INVALID(sipws_conn_request(NULL, &text, &len, &view));
  INVALID(sipws_conn_header(NULL, "A", 1, 0, &text, &len));
  INVALID(sipws_conn_header_at(NULL, 0, &text, &len, &text, &len));
  INVALID(sipws_conn_cookie_at(NULL, 0, &text, &len, &text, &len));
  INVALID(sipws_conn_offered_at(NULL, 0, &text, &len));
  INVALID(sipws_conn_refusal_body(NULL, &text, &len));
  INVALID(sipws_conn_accept(NULL, NULL, 0, 0));
  INVALID(sipws_conn_reject(NULL, 400, NULL, 0, 0));
  INVALID(sipws_conn_reject_from(NULL, 400, body_of, 0, NULL, 0));
  INVALID(sipws_conn_take_request(NULL, "GET", 3, "/", 1, 0));
  INVALID(sipws_conn_take_header(NULL, "A", 1, "b", 1));
  INVALID(sipws_conn_take_end(NULL, 0));
  INVALID(sipws_conn_feed(NULL, "", 0, 0, &len));
  INVALID(sipws_conn_feed_inplace(NULL, scratch, 0, 0, &len));
  INVALID(sipws_conn_keep(NULL, "", 0));
  INVALID(sipws_conn_eof(NULL, 0));
  INVALID(sipws_conn_lost(NULL, 0, 0));
  INVALID(sipws_conn_pending(NULL, 0, &data, &len));
  INVALID(sipws_conn_taken(NULL, 0, 0));
  INVALID(sipws_conn_readable(NULL, scratch, sizeof scratch, 0, NULL));
  INVALID(sipws_conn_writable(NULL, 0, NULL));
  INVALID(sipws_conn_next_event(NULL, &kind));
  INVALID(sipws_conn_event_message(NULL, &kind, &text, &len, &kind));
  INVALID(sipws_conn_event_keepalive(NULL, &kind, &number));
  INVALID(sipws_conn_event_notice(NULL, &kind, &number));
  INVALID(sipws_conn_event_sent(NULL, &number));
  INVALID(sipws_conn_send(NULL, "", 0, 0, 0, NULL));
  INVALID(sipws_conn_ping(NULL, NULL, 0, 0));
  INVALID(sipws_conn_ping_crlf(NULL, 0));
  INVALID(sipws_conn_pause(NULL, 0));
  INVALID(sipws_conn_resume(NULL, 0));
  INVALID(sipws_conn_close(NULL, 1000, NULL, 0, 0, 0));
  INVALID(sipws_conn_abort(NULL, 0));
  INVALID(sipws_conn_drain(NULL, 1001, 0, 0, 0));
  INVALID(sipws_conn_tick(NULL, 0));
  INVALID(sipws_conn_role(NULL));
  INVALID(sipws_conn_state(NULL));
  INVALID(sipws_conn_error(NULL));
  INVALID(sipws_conn_cause(NULL));
  INVALID(sipws_conn_timer(NULL));
  INVALID(sipws_conn_lost_reason(NULL));
  INVALID(sipws_conn_close_reason(NULL, &text, &len));
  INVALID(sipws_conn_http_status(NULL));
  INVALID(sipws_conn_subprotocol(NULL, &text, &len));
  INVALID(sipws_conn_profile(NULL));
  INVALID(sipws_conn_url(NULL, &text, &len));
  /* what has no error to return */
  assert_int_equal(sipws_conn_id(NULL), 0);
  assert_null(sipws_conn_user(NULL));
  assert_int_equal(sipws_conn_kept(NULL), 0);
  assert_int_equal(sipws_conn_wants(NULL), 0);
  assert_int_equal(sipws_conn_room(NULL), 0);
  assert_int_equal(sipws_conn_queued(NULL), 0);
  assert_int_equal(sipws_conn_deadline(NULL), UINT64_MAX);
  assert_int_equal(sipws_conn_close_code(NULL), 0);
  assert_int_equal(sipws_conn_our_close_code(NULL), 0);
  assert_int_equal(sipws_conn_cut(NULL), 0);
  assert_int_equal(sipws_conn_sent_seq(NULL), 0);
  assert_int_equal(sipws_conn_begun_seq(NULL), 0);
  assert_int_equal(sipws_conn_last_seq(NULL), 0);
}

/* In each state; so that no check hides behind another. */
static void null_arguments(sipws_conn *conn) {
  const uint8_t *data = NULL;
  const char *text = NULL;
  size_t len = 0;
  uint16_t port = 0;
  uint64_t number = 0;
  int kind = 0;
  sipws_request view;
  view.struct_size = sizeof view;
  INVALID(sipws_conn_set_peer(conn, NULL, 4, 0));
  INVALID(sipws_conn_set_local(conn, (const uint8_t *)"12345", 5, 0));
  INVALID(sipws_conn_peer(conn, NULL, &len, &port));
  INVALID(sipws_conn_peer(conn, &data, NULL, &port));
  INVALID(sipws_conn_local(conn, &data, &len, NULL));
  INVALID(sipws_conn_set_keepalive(conn, 0, 0, 0));
  INVALID(sipws_conn_set_keepalive(conn, 4, 0, 0));
  INVALID(sipws_conn_set_keepalive(conn, 1, 0x80000001u, 0));
  INVALID(sipws_conn_set_host(conn, NULL, 1));
  INVALID(sipws_conn_set_host(conn, "", 0));
  INVALID(sipws_conn_set_origin(conn, NULL, 0));
  INVALID(sipws_conn_set_authorization(conn, NULL, 0));
  INVALID(sipws_conn_add_cookie(conn, NULL, 1, "b", 1));
  INVALID(sipws_conn_add_cookie(conn, "a", 1, NULL, 1));
  INVALID(sipws_conn_add_header(conn, NULL, 1, "b", 1));
  INVALID(sipws_conn_add_header(conn, "A", 1, NULL, 1));
  INVALID(sipws_conn_request(conn, NULL, &len, &view));
  INVALID(sipws_conn_request(conn, &text, NULL, &view));
  INVALID(sipws_conn_request(conn, &text, &len, NULL));
  view.struct_size--;
  INVALID(sipws_conn_request(conn, &text, &len, &view));
  INVALID(sipws_conn_header(conn, NULL, 1, 0, &text, &len));
  INVALID(sipws_conn_header(conn, "A", 1, 0, NULL, &len));
  INVALID(sipws_conn_header(conn, "A", 1, 0, &text, NULL));
  INVALID(sipws_conn_header_at(conn, 0, NULL, &len, &text, &len));
  INVALID(sipws_conn_header_at(conn, 0, &text, &len, &text, NULL));
  INVALID(sipws_conn_cookie_at(conn, 0, NULL, &len, &text, &len));
  INVALID(sipws_conn_cookie_at(conn, 0, &text, &len, NULL, &len));
  INVALID(sipws_conn_offered_at(conn, 0, NULL, &len));
  INVALID(sipws_conn_offered_at(conn, 0, &text, NULL));
  INVALID(sipws_conn_refusal_body(conn, NULL, &len));
  INVALID(sipws_conn_refusal_body(conn, &text, NULL));
  INVALID(sipws_conn_accept(conn, NULL, 1, 0));
  INVALID(sipws_conn_reject(conn, 400, NULL, 1, 0));
  INVALID(sipws_conn_reject_from(conn, 400, NULL, 1, NULL, 0));
  INVALID(sipws_conn_reject_from(conn, 199, body_of, 1, NULL, 0));
  INVALID(sipws_conn_take_request(conn, NULL, 3, "/", 1, 0));
  INVALID(sipws_conn_take_request(conn, "GET", 3, NULL, 1, 0));
  INVALID(sipws_conn_take_header(conn, NULL, 1, "b", 1));
  INVALID(sipws_conn_take_header(conn, "A", 1, NULL, 1));
  INVALID(sipws_conn_feed(conn, NULL, 1, 0, &len));
  INVALID(sipws_conn_feed(conn, "", 0, 0, NULL));
  INVALID(sipws_conn_feed_inplace(conn, NULL, 1, 0, &len));
  INVALID(sipws_conn_feed_inplace(conn, NULL, 0, 0, NULL));
  INVALID(sipws_conn_keep(conn, NULL, 1));
  INVALID(sipws_conn_pending(conn, 0, NULL, &len));
  INVALID(sipws_conn_pending(conn, 0, &data, NULL));
  INVALID(sipws_conn_readable(conn, NULL, 512, 0, NULL));
  INVALID(sipws_conn_readable(conn, &view, 511, 0, NULL));
  INVALID(sipws_conn_next_event(conn, NULL));
  INVALID(sipws_conn_event_message(conn, NULL, &text, &len, &kind));
  INVALID(sipws_conn_event_message(conn, &kind, NULL, &len, &kind));
  INVALID(sipws_conn_event_message(conn, &kind, &text, NULL, &kind));
  INVALID(sipws_conn_event_message(conn, &kind, &text, &len, NULL));
  INVALID(sipws_conn_event_keepalive(conn, NULL, &number));
  INVALID(sipws_conn_event_keepalive(conn, &kind, NULL));
  INVALID(sipws_conn_event_notice(conn, NULL, &number));
  INVALID(sipws_conn_event_notice(conn, &kind, NULL));
  INVALID(sipws_conn_event_sent(conn, NULL));
  INVALID(sipws_conn_send(conn, NULL, 1, 0, 0, NULL));
  INVALID(sipws_conn_ping(conn, NULL, 1, 0));
  INVALID(sipws_conn_ping(conn, OPTIONS OPTIONS OPTIONS OPTIONS, 126, 0));
  INVALID(sipws_conn_close(conn, 1000, NULL, 1, 0, 0));
  INVALID(sipws_conn_drain(conn, 1002, 0, 0, 0));
  INVALID(sipws_conn_close_reason(conn, NULL, &len));
  INVALID(sipws_conn_close_reason(conn, &text, NULL));
  INVALID(sipws_conn_subprotocol(conn, NULL, &len));
  INVALID(sipws_conn_subprotocol(conn, &text, NULL));
  INVALID(sipws_conn_url(conn, NULL, &len));
  INVALID(sipws_conn_url(conn, &text, NULL));
}

static void test_conn_calls_null_arguments_are_invalid(void **state) {
  sipws_conn *conn = NULL;
  (void)state;
  side_config(&side, SIDE_PULLS);
  INVALID(sipws_client_new(NULL, "ws://h", 6, NULL, 0, &conn));
  INVALID(sipws_client_new(side.config, NULL, 6, NULL, 0, &conn));
  INVALID(sipws_client_new(side.config, "ws://h", 6, NULL, 0, NULL));
  INVALID(sipws_server_new(NULL, NULL, 0, &conn));
  INVALID(sipws_server_new(side.config, NULL, 0, NULL));
  INVALID(sipws_adopt_new(NULL, 0, "sip", 3, NULL, 0, &conn));
  INVALID(sipws_adopt_new(side.config, 0, NULL, 3, NULL, 0, &conn));
  INVALID(sipws_adopt_new(side.config, 0, "sip", 3, NULL, 0, NULL));
  assert_null(conn);
  side_client(&side, "ws://h/");
  null_arguments(side.conn);
  side_free(&side);
  side_config(&side, SIDE_CALLBACKS);
  side.verdict = SIDE_LATER;
  side_server(&side);
  null_arguments(side.conn);
  (void)side_feed(&side, UPGRADE_SIP, sizeof UPGRADE_SIP - 1, 0);
  null_arguments(side.conn);
  (void)sipws_conn_accept(side.conn, NULL, 0, 0);
  null_arguments(side.conn);
  (void)sipws_conn_abort(side.conn, 0);
  null_arguments(side.conn);
  side_free(&side);
}

static void test_conn_calls_creation_needs_random_and_a_url(void **state) {
  sipws_conn *conn = NULL;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  assert_int_equal(sipws_client_new(side.config, "http://h", 8, NULL, 0, &conn),
                   SIPWS_ERR_URL);
  assert_int_equal(
      sipws_client_new(side.config, "ws://h/#f", 9, NULL, 0, &conn),
      SIPWS_ERR_URL);
  side.random_fails = 1;
  assert_int_equal(sipws_client_new(side.config, "ws://h", 6, NULL, 0, &conn),
                   SIPWS_ERR_RANDOM);
  assert_int_equal(sipws_server_new(side.config, NULL, 0, &conn),
                   SIPWS_ERR_RANDOM);
  assert_int_equal(
      sipws_adopt_new(side.config, SIPWS_SERVER, "sip", 3, NULL, 0, &conn),
      SIPWS_ERR_RANDOM);
  (void)sipws_config_set_random(side.config, NULL, NULL);
  assert_int_equal(sipws_client_new(side.config, "ws://h", 6, NULL, 0, &conn),
                   SIPWS_ERR_NO_RANDOM);
  assert_int_equal(sipws_server_new(side.config, NULL, 0, &conn),
                   SIPWS_ERR_NO_RANDOM);
  assert_null(conn);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_calls_free_from_every_callback),
      cmocka_unit_test(test_conn_calls_free_in_any_outer_call),
      cmocka_unit_test(test_conn_calls_every_call_from_every_callback),
      cmocka_unit_test(test_conn_calls_null_connection_is_invalid),
      cmocka_unit_test(test_conn_calls_null_arguments_are_invalid),
      cmocka_unit_test(test_conn_calls_creation_needs_random_and_a_url),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
