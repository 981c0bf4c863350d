/* conn: credentials. Neither those it was given nor those it received are in
 * memory that it gives back or moves, or in its own once it is open. */
#include "stage.h"

#define SECRET "QWxhZGRpbjpvcGVuIHNlc2FtZQ"
#define INTERIM "HTTP/1.1 103 Hints\r\nSet-Cookie: sid=" SECRET "\r\n\r\n"
#define FORBIDDEN                                                              \
  "HTTP/1.1 403 Forbidden\r\n"                                                 \
  "Set-Cookie: sid=" SECRET "\r\n"                                             \
  "Content-Length: 4\r\n"                                                      \
  "\r\n"                                                                       \
  "body"

static struct side client, server;
static struct wire wire;

static const uint32_t policies[] = {0, SIPWS_POLICY_TRIM_AT_ONCE,
                                    SIPWS_POLICY_FIXED_BUFFERS};

/* How octets reach a connection, … */
enum way { FED, FED_SINGLY, KEPT, KEPT_FOR_A_STAGE, THROUGH_A_STAGE, WAYS };

/* … and what becomes of it. */
enum end { OPENS, IS_REFUSED, IS_BROKEN, IS_LEFT, ENDS };

static void begin(struct side *side, uint32_t policy) {
  side_config(side, SIDE_CALLBACKS);
  side_policy(side, policy);
  side_limit(side, SIPWS_LIMIT_QUEUE_SIZE, 16384);
  side->heap.secret = SECRET;
}

static void end(struct side *side) {
  side_free(side);
  assert_int_equal(side->heap.found, 0);
}

/* With fixed buffers all of its memory is one block, of |size|. */
static void assert_own_is_clean(const struct side *side, uint32_t policy,
                                size_t size) {
  if (policy == SIPWS_POLICY_FIXED_BUFFERS) {
    assert_false(test_holds(side->conn, size, SECRET));
  }
}

/* ---- ways ---- */

struct lent_stage {
  struct prologue prologue;
  struct script script;
};

/* One that finishes at once, or one that passes on what it gets. */
static void add_stage(struct side *side, struct lent_stage *below,
                      enum way way) {
  if (way == KEPT_FOR_A_STAGE) {
    prologue_add(side, &below->prologue, NULL, 0);
  } else if (way == THROUGH_A_STAGE) {
    script_add(side, &below->script);
  }
}

/* Gives it the wire. */
static void give(struct side *side, enum way way) {
  size_t at, step, taken;
  if (way != KEPT && way != KEPT_FOR_A_STAGE) {
    (void)side_feed(side, wire.data, wire.len, way == FED_SINGLY ? 1 : 700);
    return;
  }
  for (at = 0; at < wire.len; at += step) {
    step = wire.len - at < 100 ? wire.len - at : 100;
    assert_int_equal(sipws_conn_keep(side->conn, wire.data + at, step), 0);
  }
  (void)sipws_conn_feed(side->conn, NULL, 0, 0, &taken);
}

/* With each policy, in each way, to each end. */
static void live_each(void (*lives)(uint32_t policy, enum way way,
                                    enum end how)) {
  size_t i;
  int way, how;
  for (i = 0; i < ROWS(policies); i++) {
    for (way = FED; way < WAYS; way++) {
      for (how = OPENS; how < ENDS; how++) {
        lives(policies[i], (enum way)way, (enum end)how);
      }
    }
  }
}

/* ---- a server ---- */

/* Long, so that what holds it grows behind the credentials. */
static void write_request(enum end how) {
  char line[64];
  int i;
  wire_clear(&wire);
  wire_put(&wire, UPGRADE "Authorization: Basic " SECRET "==\r\n"
                          "Cookie: sid=" SECRET "\r\n");
  for (i = 0; i < 60; i++) {
    (void)snprintf(line, sizeof line, "X-%d: %040d\r\n", i, i);
    wire_put(&wire, line);
  }
  wire_put(&wire, how == IS_BROKEN ? "Host: another\r\n" : "");
  wire_put(&wire, "Sec-WebSocket-Protocol: sip\r\n\r\n");
}

static void server_lives(uint32_t policy, enum way way, enum end how) {
  struct lent_stage below;
  size_t size;
  begin(&server, policy);
  server.verdict = how == IS_REFUSED ? 403 : SIDE_LATER;
  size = server.heap.live;
  side_server(&server);
  size = server.heap.live - size;
  add_stage(&server, &below, way);
  write_request(how);
  give(&server, way);
  if (how == OPENS) {
    assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_VERDICT);
    assert_int_equal(sipws_conn_accept(server.conn, NULL, 0, 0), 0);
    (void)side_output(&server);
    side_feed_frame(&server, 0x81, OPTIONS);
    assert_non_null(strstr(server.log, "message text OK OPTIONS"));
    assert_own_is_clean(&server, policy, size);
  } else if (how != IS_LEFT) {
    assert_int_equal(sipws_conn_http_status(server.conn),
                     how == IS_REFUSED ? 403 : 400);
    (void)side_output(&server);
  }
  end(&server);
}

static void test_conn_secret_received_head_is_wiped(void **state) {
  (void)state;
  live_each(server_lives);
}

static void test_conn_secret_head_that_was_handed_over_is_wiped(void **state) {
  static const char name[] = "Authorization";
  static const char value[] = "Basic " SECRET "==";
  int i;
  (void)state;
  begin(&server, 0);
  side_server(&server);
  assert_int_equal(sipws_conn_take_request(server.conn, "GET", 3, "/", 1, 0),
                   0);
  for (i = 0; i < 20; i++) {
    assert_int_equal(sipws_conn_take_header(server.conn, name, sizeof name - 1,
                                            value, sizeof value - 1),
                     0);
  }
  assert_int_equal(sipws_conn_take_end(server.conn, 0), SIPWS_ERR_HANDSHAKE);
  end(&server);
}

/* Input may fail with part of a head in a stage's hands. */
static void test_conn_secret_that_a_stage_took_back_is_wiped(void **state) {
  struct script script;
  (void)state;
  begin(&server, 0);
  side_server(&server);
  script_add(&server, &script);
  script.is_wrong = 1;
  script.breach = SCRIPT_INPUT_ANSWERS;
  script.answer = SIPWS_ERR_TLS;
  write_request(OPENS);
  give(&server, FED);
  assert_int_equal(sipws_conn_error(server.conn), SIPWS_ERR_TLS);
  end(&server);
}

/* ---- a client ---- */

/* Again and again, so that what holds it grows, and is replaced. */
static void set_credentials(struct side *side) {
  static const char value[] = "Basic " SECRET "==";
  char name[8];
  int i;
  for (i = 0; i < 20; i++) {
    (void)snprintf(name, sizeof name, "X-%d", i);
    (void)sipws_conn_add_header(side->conn, name, strlen(name), SECRET,
                                sizeof SECRET - 1);
    (void)sipws_conn_add_cookie(side->conn, name, strlen(name), SECRET,
                                sizeof SECRET - 1);
    (void)sipws_conn_set_authorization(side->conn, value, sizeof value - 1);
  }
}

/* The peer accepts, and sets a cookie as it does. */
static void write_answer(uint32_t policy) {
  static const char value[] = "sid=" SECRET;
  size_t size;
  begin(&server, policy);
  size = server.heap.live;
  server.verdict = SIDE_LATER;
  side_server(&server);
  size = server.heap.live - size;
  assert_int_equal(side_feed(&server, wire.data, wire.len, 300), wire.len);
  assert_int_equal(sipws_conn_add_header(server.conn, "Set-Cookie", 10, value,
                                         sizeof value - 1),
                   0);
  assert_int_equal(sipws_conn_accept(server.conn, NULL, 0, 0), 0);
  wire_clear(&wire);
  wire_take(&wire, &server, 0);
  assert_own_is_clean(&server, policy, size);
  end(&server);
}

static void client_lives(uint32_t policy, enum way way, enum end how) {
  struct lent_stage below;
  const uint8_t *data;
  size_t size, len;
  begin(&client, policy);
  size = client.heap.live;
  side_client(&client, "ws://h.example/");
  size = client.heap.live - size;
  add_stage(&client, &below, way);
  set_credentials(&client);
  assert_int_equal(sipws_conn_pending(client.conn, 0, &data, &len), 0);
  assert_true(test_holds(data, len, SECRET));
  if (how != IS_LEFT) {
    wire_clear(&wire);
    wire_take(&wire, &client, 0);
  }
  if (how == OPENS) {
    write_answer(policy);
    give(&client, way);
    side_feed_frame(&client, 0x81, OPTIONS);
    assert_non_null(strstr(client.log, "message text OK OPTIONS"));
    assert_own_is_clean(&client, policy, size);
  } else if (how == IS_REFUSED || how == IS_BROKEN) {
    wire_clear(&wire);
    wire_put(&wire, how == IS_BROKEN ? INTERIM "Broken: " SECRET : FORBIDDEN);
    give(&client, way);
    (void)sipws_conn_eof(client.conn, 0);
    assert_int_equal(sipws_conn_http_status(client.conn),
                     how == IS_REFUSED ? 403 : 0);
  }
  end(&client);
}

static void test_conn_secret_request_and_answer_are_wiped(void **state) {
  (void)state;
  live_each(client_lives);
}

/* ---- messages ---- */

/* With fixed buffers a message comes where the answer's head was; here while
 * the request is not yet told as taken. */
static void test_conn_secret_wiping_spares_messages(void **state) {
  const uint8_t *data;
  size_t len;
  (void)state;
  begin(&client, SIPWS_POLICY_FIXED_BUFFERS);
  side_client(&client, "ws://h.example/");
  assert_int_equal(sipws_conn_pending(client.conn, 0, &data, &len), 0);
  wire_clear(&wire);
  wire_add(&wire, data, len);
  write_answer(0);
  give(&client, FED);
  side_feed_frame(&client, 0x01, "OPTIONS sip:a@h SIP/2.0\r\n");
  assert_int_equal(sipws_conn_taken(client.conn, len, 0), 0);
  side_feed_frame(&client, 0x80, "Call-ID: 1\r\n\r\n");
  assert_non_null(strstr(client.log, "message text OK OPTIONS"));
  end(&client);
}

/* They are no credentials of the connection's, and cost nothing more. */
static void messages_are_kept(enum way way) {
  struct lent_stage below;
  int i;
  begin(&server, 0);
  side_server(&server);
  add_stage(&server, &below, way);
  write_request(OPENS);
  give(&server, way);
  server.heap.found = 0;
  for (i = 0; i < 200; i++) {
    assert_int_equal(
        sipws_conn_keep(server.conn, "message " SECRET, sizeof SECRET + 7), 0);
  }
  assert_true(server.heap.found > 0);
  server.heap.found = 0;
  server.heap.secret = NULL;
  end(&server);
}

static void test_conn_secret_messages_are_not_wiped(void **state) {
  (void)state;
  messages_are_kept(KEPT);
  messages_are_kept(THROUGH_A_STAGE);
}

/* ---- all ---- */

static void test_conn_secret_is_wiped_where_memory_fails(void **state) {
  long fail_at;
  int more = 1;
  const uint8_t *data;
  size_t len;
  (void)state;
  for (fail_at = 1; more; fail_at++) {
    begin(&client, 0);
    side_client(&client, "ws://h.example/");
    client.heap.fail_at = client.heap.calls + fail_at;
    set_credentials(&client);
    (void)sipws_conn_pending(client.conn, 0, &data, &len);
    more = client.heap.calls >= client.heap.fail_at;
    client.heap.fail_at = 0;
    end(&client);
  }
  assert_true(fail_at > 5);
}

static void test_conn_secret_url_is_wiped(void **state) {
  (void)state;
  begin(&client, 0);
  side_client(&client, "ws://h.example/?token=" SECRET);
  assert_non_null(strstr(side_output(&client), SECRET));
  end(&client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_secret_received_head_is_wiped),
      cmocka_unit_test(test_conn_secret_head_that_was_handed_over_is_wiped),
      cmocka_unit_test(test_conn_secret_that_a_stage_took_back_is_wiped),
      cmocka_unit_test(test_conn_secret_request_and_answer_are_wiped),
      cmocka_unit_test(test_conn_secret_wiping_spares_messages),
      cmocka_unit_test(test_conn_secret_messages_are_not_wiped),
      cmocka_unit_test(test_conn_secret_is_wiped_where_memory_fails),
      cmocka_unit_test(test_conn_secret_url_is_wiped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
