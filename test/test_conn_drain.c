/* conn: giving up before it is open, and servers going down. */
#include "pair.h"

static struct side client, server;

static void test_conn_drain_close_before_open_gives_up(void **state) {
  (void)state;
  side_config(&client, SIDE_CALLBACKS);
  side_client(&client, "ws://h/");
  assert_int_equal(
      sipws_conn_close(client.conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 1), 0);
  assert_log(&client, "closed OUR_CLOSE 1006\n");
  assert_int_equal(
      sipws_conn_close(client.conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 1),
      SIPWS_ERR_STATE);
  side_free(&client);
  side_config(&server, SIDE_CALLBACKS);
  server.verdict = SIDE_LATER;
  side_server(&server);
  side_feed_text(&server, UPGRADE_SIP);
  assert_int_equal(
      sipws_conn_close(server.conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 1), 0);
  assert_int_equal(
      sipws_conn_close(server.conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 1),
      SIPWS_ERR_STATE);
  assert_string_equal(side_output(&server),
                      "HTTP/1.1 503 Service Unavailable\r\n"
                      "Content-Length: 0\r\n"
                      "Connection: close\r\n\r\n");
  side_forget(&server);
  (void)sipws_conn_eof(server.conn, 2);
  assert_log(&server, "closed OUR_CLOSE 1006\n");
  side_free(&server);
}

static void test_conn_drain_refuses_with_retry_after(void **state) {
  static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                "Content-Length: 0\r\n"
                                "Connection: close\r\n"
                                "Retry-After: 30\r\n\r\n";
  int early;
  (void)state;
  for (early = 0; early < 2; early++) {
    side_config(&server, SIDE_CALLBACKS);
    server.verdict = SIDE_LATER;
    side_server(&server);
    if (early) { /* before the request came: it is still answered */
      side_feed_text(&server, "GET ");
      assert_int_equal(sipws_conn_drain(server.conn, 1001, 30, 1000, 100), 0);
      assert_int_equal(sipws_conn_deadline(server.conn), 6100);
      side_feed_text(&server, &UPGRADE_SIP[4]);
      assert_log(&server, "");
    } else {
      side_feed_text(&server, UPGRADE_SIP);
      side_forget(&server);
      assert_int_equal(sipws_conn_drain(server.conn, 1012, 30, 1000, 100), 0);
    }
    server.now = 3000; /* one deadline, whatever is taken when */
    assert_string_equal(side_output(&server), refusal);
    assert_true(sipws_conn_deadline(server.conn) <= 6100);
    side_tick(&server, 6100);
    assert_int_equal(sipws_conn_state(server.conn), SIPWS_STATE_CLOSED);
    side_free(&server);
  }
}

static void test_conn_drain_closes_within_the_window(void **state) {
  uint64_t at, first = 0;
  int i, differ = 0;
  (void)state;
  for (i = 0; i < 20; i++) {
    side_config(&server, SIDE_CALLBACKS);
    server.seed = (uint32_t)i * 7919;
    side_timer(&server, SIPWS_TIMER_IDLE, 0);
    (void)sipws_config_set_keepalive(server.config, SIPWS_KEEPALIVE_PING, 0);
    side_adopt(&server, SIPWS_SERVER, "sip");
    assert_int_equal(sipws_conn_drain(server.conn, 1000, 1, 1, 0),
                     SIPWS_ERR_INVALID);
    assert_int_equal(sipws_conn_drain(server.conn, 1012, 1, 1000, 100), 0);
    at = sipws_conn_deadline(server.conn);
    assert_true(at >= 100 && at <= 1100);
    first = i == 0 ? at : first;
    differ |= at != first;
    side_tick(&server, at - 1);
    assert_wire(&server, "");
    /* late: the end is where it was */
    side_tick(&server, 3000);
    assert_wire(&server, "close 1012\n");
    assert_int_equal(sipws_conn_deadline(server.conn), 6100);
    side_tick(&server, 6100);
    assert_log(&server, "closed TIMEOUT 1006\n");
    side_free(&server);
  }
  assert_true(differ);
}

static void test_conn_drain_deadline_ends_a_silent_peer(void **state) {
  (void)state;
  side_config(&server, SIDE_CALLBACKS);
  side_server(&server);
  side_feed_text(&server, "GET / HT");
  side_tick(&server, 9999);
  assert_log(&server, "");
  server.now = 9999;
  side_feed_text(&server, "T"); /* dripping does not help */
  side_tick(&server, 10000);
  assert_log(&server, "closed TIMEOUT 1006\n");
  assert_int_equal(sipws_conn_timer(server.conn), SIPWS_TIMER_HANDSHAKE);
  side_free(&server);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_drain_close_before_open_gives_up),
      cmocka_unit_test(test_conn_drain_refuses_with_retry_after),
      cmocka_unit_test(test_conn_drain_closes_within_the_window),
      cmocka_unit_test(test_conn_drain_deadline_ends_a_silent_peer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
