/* The first, second, third … allocation fails, and draw of random octets, in two
 * connections over TLS, of which the second resumes the first's session; large
 * messages go both ways in each. */
#include "test_tls_both.h"

#define MESSAGE_LEN 20000

static char message[MESSAGE_LEN];

static int make_all(void **state) {
  int head = snprintf(message, sizeof message,
                      "MESSAGE sip:a@h SIP/2.0\r\nCall-ID: 1\r\n\r\n");
  memset(message + head, 'b', sizeof message - (size_t)head);
  return make_certs(state);
}

/* What may fail, one at a time. */
enum part {
  CLIENT_HEAP = 0,
  SERVER_HEAP,
  CLIENT_TLS_HEAP,
  SERVER_TLS_HEAP,
  CLIENT_RANDOM,
  SERVER_RANDOM,
  PARTS
};

static struct test_heap *heap_of(enum part part) {
  switch (part) {
  case CLIENT_HEAP:
    return &client.heap;
  case SERVER_HEAP:
    return &server.heap;
  case CLIENT_TLS_HEAP:
    return &client.tls_heap;
  default:
    return &server.tls_heap;
  }
}

static struct end *struck_of(enum part part) {
  return part % 2 == 0 ? &client : &server;
}

static long calls_of(enum part part) {
  return part < CLIENT_RANDOM ? heap_of(part)->calls : struck_of(part)->draws;
}

/* |at| 0: nothing fails. */
static void arm(enum part part, long at) {
  if (part < CLIENT_RANDOM) {
    heap_of(part)->fail_at = at == 0 ? 0 : calls_of(part) + at;
  } else {
    struck_of(part)->random_fail_at = at == 0 ? 0 : calls_of(part) + at;
  }
}

/* What a call says that lacked memory or random octets. */
static int is_want(int err) {
  return err == SIPWS_ERR_NOMEM || err == SIPWS_ERR_RANDOM;
}

static int make(struct end *end, int role) {
  int err = role == SIPWS_CLIENT
                ? sipws_client_new(end->config, "wss://h.example/", 16, end,
                                   end->now, &end->conn)
                : sipws_server_new(end->config, end, end->now, &end->conn);
  if (err == 0) {
    err = sipws_tls_attach(end->tls, end->conn);
  }
  assert_true(err == 0 || is_want(err));
  return err;
}

/* Queues the message; 1 when it was taken. */
static int say(struct end *end) {
  int err = sipws_conn_send(end->conn, message, sizeof message, 0, 0, NULL);
  assert_true(err == 0 || is_want(err) || err == SIPWS_ERR_STATE ||
              err == sipws_conn_error(end->conn));
  return err == 0;
}

/* From handshake to Close. Messages that were taken and not heard are told of:
 * one side then has another error than SIPWS_ERR_CLOSED. */
static int talk(void) {
  int taken, heard, is_clean;
  pass_all(&client, &server);
  taken = say(&client) + say(&server);
  pass_all(&client, &server);
  (void)sipws_conn_close(client.conn, 1000, NULL, 0, 0, 0);
  pass_all(&client, &server);
  end_eof(&server);
  pass_all(&client, &server);
  end_eof(&client);
  heard = (strstr(client.log, "message ") != NULL) +
          (strstr(server.log, "message ") != NULL);
  is_clean = sipws_conn_error(client.conn) == SIPWS_ERR_CLOSED &&
             sipws_conn_error(server.conn) == SIPWS_ERR_CLOSED;
  assert_true(heard == taken || (heard < taken && !is_clean));
  return is_clean && heard == 2;
}

/* The first connection, which gives |session|, and the one that resumes it; 1
 * when all went well. */
static int talk_twice(void) {
  static uint8_t session[8192];
  size_t len = 0;
  int err;
  if (make(&client, SIPWS_CLIENT) != 0 || make(&server, SIPWS_SERVER) != 0 ||
      !talk()) {
    return 0;
  }
  err = sipws_tls_session(client.conn, session, sizeof session, &len);
  assert_true(err == 0 || is_want(err) || err == SIPWS_ERR_NOT_FOUND);
  end_drop(&client);
  end_drop(&server);
  if (make(&client, SIPWS_CLIENT) != 0 || make(&server, SIPWS_SERVER) != 0) {
    return 0;
  }
  if (err == 0) {
    err = sipws_tls_set_session(client.conn, session, len);
    assert_true(err == 0 || is_want(err));
  }
  return talk() && err == 0 && sipws_tls_is_resumed(client.conn);
}

/* mbedTLS has another number for it at some steps, and does without at some. Who
 * could queue no Close is cut off. */
static void check_told(enum part part) {
  const struct end *end = struck_of(part);
  if (end->conn != NULL && sipws_conn_error(end->conn) != 0) {
    int err = sipws_conn_error(end->conn);
    assert_true(is_want(err) || err == SIPWS_ERR_TLS ||
                err == SIPWS_ERR_CLOSED || err == SIPWS_ERR_EOF ||
                err == SIPWS_ERR_TRUNCATED);
    assert_true(err != SIPWS_ERR_NOMEM ||
                sipws_conn_cause(end->conn) == SIPWS_CAUSE_MEMORY ||
                sipws_conn_cause(end->conn) == SIPWS_CAUSE_NONE);
  }
}

/* Tells how often |part| was asked. */
static long fail_each(enum part part) {
  long at = 0;
  int was_struck = 1;
  while (was_struck) {
    long before;
    int went_well;
    both_begin();
    (void)sipws_config_set_limit(client.config, SIPWS_LIMIT_FRAME_SIZE, 3000);
    before = calls_of(part);
    arm(part, ++at);
    went_well = talk_twice();
    was_struck = calls_of(part) - before >= at;
    assert_true(went_well || was_struck);
    check_told(part);
    arm(part, 0);
    both_free();
  }
  return at - 1;
}

static void test_fail_tls_memory_of_connections_is_told(void **state) {
  long tried;
  (void)state;
  tried = fail_each(CLIENT_HEAP) + fail_each(SERVER_HEAP);
  print_message("%ld allocations failed, one at a time\n", tried);
  assert_true(tried > 40);
}

static void test_fail_tls_memory_of_tls_is_told(void **state) {
  (void)state;
  assert_true(fail_each(CLIENT_TLS_HEAP) >= 4);
  assert_true(fail_each(SERVER_TLS_HEAP) >= 2);
}

static void test_fail_tls_random_is_told(void **state) {
  (void)state;
  assert_true(fail_each(CLIENT_RANDOM) + fail_each(SERVER_RANDOM) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_tls_memory_of_connections_is_told),
      cmocka_unit_test(test_fail_tls_memory_of_tls_is_told),
      cmocka_unit_test(test_fail_tls_random_is_told),
  };
  return cmocka_run_group_tests(tests, make_all, free_certs);
}
