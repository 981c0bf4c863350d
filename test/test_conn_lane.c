/* conn: messages that stay in the caller's octets, and no allocation a message
 * in either direction. */
#include "pair.h"

static struct side side;
static struct wire wire, before;

/* ---- fed in place ---- */

struct place {
  const char *msg; /* of the message seen last */
  size_t len;
  int busy; /* result of a feed from inside */
  int frees;
};

static struct place place;

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  uint8_t octet = 0x81;
  size_t taken;
  (void)kind;
  (void)verdict;
  (void)user;
  place.msg = msg;
  place.len = len;
  place.busy = sipws_conn_feed_inplace(conn, &octet, 1, 0, &taken);
  if (place.frees) {
    sipws_conn_free(conn);
    side.conn = NULL;
  }
  return 0;
}

static void lane_open(int face) {
  memset(&place, 0, sizeof place);
  side_config(&side, face);
  if (face == SIDE_CALLBACKS) {
    (void)sipws_config_on_message(side.config, on_message);
  }
  side_adopt(&side, SIPWS_SERVER, "sip");
}

/* A masked text frame; where its payload begins. */
static const char *put_message(const char *text) {
  wire_frame(&wire, 0x81, 1, text, strlen(text));
  before = wire;
  return (const char *)wire.data + wire.len - strlen(text);
}

static void feed_inplace(size_t off, size_t len, size_t expected) {
  size_t taken = 99;
  assert_int_equal(sipws_conn_feed_inplace(side.conn, wire.data + off, len,
                                           side.now, &taken),
                   0);
  assert_int_equal(taken, expected);
}

static void test_conn_lane_message_is_lent_where_it_lies(void **state) {
  long calls;
  const char *payload;
  (void)state;
  lane_open(SIDE_CALLBACKS);
  wire_clear(&wire);
  (void)put_message(OPTIONS);
  payload = put_message(OPTIONS);
  feed_inplace(0, wire.len, wire.len);
  calls = side.heap.calls; /* one, with the first octets */
  assert_ptr_equal(place.msg, payload);
  assert_text(place.msg, place.len, OPTIONS);
  assert_int_equal(place.busy, SIPWS_ERR_BUSY);
  /* its header came before */
  feed_inplace(wire.len, 0, 0);
  wire_clear(&wire);
  payload = put_message(OPTIONS);
  feed_inplace(0, 6, 6);
  feed_inplace(6, wire.len - 6, wire.len - 6);
  assert_ptr_equal(place.msg, payload);
  assert_int_equal(side.heap.calls, calls);
  side_free(&side);
}

/* Octets that are the library's own, or do not hold all of it, are no place. */
static void test_conn_lane_message_else_is_copied(void **state) {
  (void)state;
  lane_open(SIDE_CALLBACKS);
  wire_clear(&wire);
  (void)put_message(OPTIONS);
  feed_inplace(0, 20, 20);
  feed_inplace(20, wire.len - 20, wire.len - 20);
  assert_text(place.msg, place.len, OPTIONS);
  assert_true(place.msg < (char *)wire.data ||
              place.msg >= (char *)wire.data + wire.len);
  /* kept before */
  wire = before;
  place.len = 0;
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
  feed_inplace(0, wire.len, wire.len);
  assert_text(place.msg, place.len, OPTIONS);
  /* fed as octets that are not to be written */
  wire = before;
  place.len = 0;
  assert_int_equal(side_feed(&side, wire.data, wire.len, 0), wire.len);
  assert_text(place.msg, place.len, OPTIONS);
  assert_memory_equal(wire.data, before.data, wire.len);
  side_free(&side);
}

static void
test_conn_lane_connection_may_be_freed_by_the_message(void **state) {
  size_t taken;
  (void)state;
  lane_open(SIDE_CALLBACKS);
  place.frees = 1;
  wire_clear(&wire);
  (void)put_message(OPTIONS);
  assert_int_equal(
      sipws_conn_feed_inplace(side.conn, wire.data, wire.len, 0, &taken),
      SIPWS_ERR_FREED);
  assert_text(place.msg, place.len, OPTIONS);
  side_free(&side);
}

/* What it must live through, until the next feed, next_event or free. */
static void use_others(void) {
  (void)side_send(&side, 100, SIPWS_ERR_NOT_SIP);
  (void)sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
  (void)sipws_conn_tick(side.conn, 10000); /* the trim is due */
  (void)sipws_conn_ping(side.conn, "p", 1, 10000);
  side_take(&side, 10);
  (void)sipws_conn_close(side.conn, 1000, NULL, 0, 0, 10000);
}

static void test_conn_lane_pulled_message_lives_on(void **state) {
  const char *payload, *msg;
  size_t len;
  int event, kind, verdict;
  (void)state;
  lane_open(SIDE_PULLS);
  side_timer(&side, SIPWS_TIMER_PONG, 0);
  wire_clear(&wire);
  payload = put_message(OPTIONS);
  len = wire.len;
  (void)put_message(OPTIONS);
  feed_inplace(0, wire.len, len);
  assert_memory_equal(wire.data + len, before.data + len, wire.len - len);
  feed_inplace(len, wire.len - len, 0); /* not before it is pulled */
  assert_int_equal(sipws_conn_next_event(side.conn, &event), 0);
  assert_int_equal(event, SIPWS_EVENT_MESSAGE);
  use_others();
  assert_int_equal(
      sipws_conn_event_message(side.conn, &kind, &msg, &len, &verdict), 0);
  assert_ptr_equal(msg, payload);
  assert_text(msg, len, OPTIONS);
  side_free(&side);
}

/* ---- no allocation a message ---- */

/* One of each kind that travels all the time. */
static void exchange(size_t cut) {
  size_t len;
  int masked = sipws_conn_role(side.conn) == SIPWS_SERVER;
  const char *text = sip_text(1000, &len);
  wire_clear(&wire);
  wire_frame(&wire, 0x81, masked, text, len);
  wire_frame(&wire, 0x82, masked, text, len);
  wire_frame(&wire, 0x89, masked, "ping", 4);
  wire_frame(&wire, 0x01, masked, text, len - 500);
  wire_frame(&wire, 0x80, masked, text + len - 500, 500);
  wire_frame(&wire, 0x81, masked, "\r\n\r\n", 4);
  text = sip_text(20000, &len);
  wire_frame(&wire, 0x81, masked, text, len);
  assert_int_equal(side_feed(&side, wire.data, wire.len, cut), wire.len);
  text = sip_text(1000, &len);
  assert_int_equal(sipws_conn_send(side.conn, text, len, 0, 0, NULL), 0);
  assert_int_equal(sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1,
                                   SIPWS_SEND_BINARY, 0, NULL),
                   0);
  wire_clear(&wire);
  wire_take(&wire, &side, 0);
  side_forget(&side);
}

static void assert_steady(int face, int role, size_t cut) {
  long calls;
  int i;
  side_config(&side, face);
  side_adopt(&side, role, "sip");
  exchange(cut);
  exchange(cut);
  calls = side.heap.calls;
  for (i = 0; i < 20; i++) {
    exchange(cut);
  }
  assert_int_equal(side.heap.calls, calls);
  side_free(&side);
}

static void test_conn_lane_steady_traffic_allocates_nothing(void **state) {
  int face, role;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
    for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
      assert_steady(face, role, 0);
      assert_steady(face, role, 1448);
    }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_lane_message_is_lent_where_it_lies),
      cmocka_unit_test(test_conn_lane_message_else_is_copied),
      cmocka_unit_test(test_conn_lane_connection_may_be_freed_by_the_message),
      cmocka_unit_test(test_conn_lane_pulled_message_lives_on),
      cmocka_unit_test(test_conn_lane_steady_traffic_allocates_nothing),
  };
  return cmocka_run_group_tests_name("conn_lane", tests, NULL, NULL);
}
