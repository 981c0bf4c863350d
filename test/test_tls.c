#include "test_tls_both.h"

static void both_open(void) {
  both_begin();
  both_start();
  pass_all(&client, &server);
  assert_log(&client, "open\n");
  assert_log(&server, "request\nopen\n");
}

/* ---- the handshake, messages, records ---- */

static void test_tls_handshake_opens_and_messages_pass(void **state) {
  (void)state;
  both_begin();
  both_start();
  assert_int_equal(sipws_conn_is_secure(client.conn), 0);
  assert_int_equal(sipws_tls_version(client.conn), SIPWS_ERR_STATE);
  assert_null(sipws_tls_suite(client.conn));
  pass_all(&client, &server);
  assert_log(&client, "open\n");
  assert_log(&server, "request\nopen\n");
  assert_int_equal(sipws_conn_is_secure(client.conn), 1);
  assert_int_equal(sipws_conn_is_secure(server.conn), 1);
  assert_int_equal(sipws_tls_is_verified(client.conn), 1);
  assert_int_equal(sipws_tls_is_verified(server.conn), 0);
  assert_int_equal(sipws_tls_is_resumed(client.conn), 0);
  assert_int_equal(sipws_tls_version(client.conn), HAS_TLS13 ? 0x0304 : 0x0303);
  assert_int_equal(sipws_tls_version(server.conn), HAS_TLS13 ? 0x0304 : 0x0303);
  assert_string_equal(sipws_tls_suite(client.conn),
                      HAS_TLS13
                          ? "TLS1-3-CHACHA20-POLY1305-SHA256"
                          : "TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256");
  end_send(&client, OPTIONS);
  end_send(&server, OPTIONS);
  pass_all(&client, &server);
  assert_log(&client, "message OPTIONS sip:a@h SIP/2.0\n");
  assert_log(&server, "message OPTIONS sip:a@h SIP/2.0\n");
  assert_int_equal(sipws_tls_reason(client.conn), SIPWS_TLS_OK);
  assert_int_equal(sipws_tls_native_error(client.conn), 0);
  assert_int_equal(sipws_tls_alert(client.conn), -1);
  both_free();
}

static void test_tls_any_cut_makes_no_difference(void **state) {
  static const size_t cuts[] = {1, 2, 3, 5, 17, 64, 257, 1500, 4096};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
    both_begin();
    both_start();
    client.cut = cuts[i];
    server.cut = cuts[sizeof cuts / sizeof cuts[0] - 1 - i];
    pass_all(&client, &server);
    end_send(&client, OPTIONS);
    end_send(&client, OPTIONS);
    end_send(&server, OPTIONS);
    pass_all(&client, &server);
    assert_int_equal(
        sipws_conn_close(client.conn, 1000, NULL, 0, 0, client.now), 0);
    pass_all(&client, &server);
    end_eof(&client);
    assert_log(&client, "open\nmessage OPTIONS sip:a@h SIP/2.0\n"
                        "closed: we closed it\n");
    assert_log(&server, "request\nopen\nmessage OPTIONS sip:a@h SIP/2.0\n"
                        "message OPTIONS sip:a@h SIP/2.0\n"
                        "closed: the peer closed it\n");
    both_free();
  }
}

/* Several records come in one piece; each has its message. */
static void test_tls_many_records_at_once_are_read(void **state) {
  static const char line[] = "message OPTIONS sip:a@h SIP/2.0\n";
  size_t i;
  (void)state;
  both_open();
  for (i = 0; i < 50; i++) {
    end_send(&client, OPTIONS);
    (void)end_take(&client);
  }
  assert_int_equal(count_records(&client.wire, 23), 50);
  (void)pass(&client, &server);
  for (i = 0; i < 50; i++) {
    assert_memory_equal(server.log + i * (sizeof line - 1), line,
                        sizeof line - 1);
  }
  both_free();
}

static void send_text(struct end *end, size_t body) {
  static char text[70000];
  int head = snprintf(text, sizeof text,
                      "MESSAGE sip:a@h SIP/2.0\r\nContent-Length: %lu\r\n\r\n",
                      (unsigned long)body);
  assert_true((size_t)head + body < sizeof text);
  memset(text + head, 'b', body);
  assert_int_equal(
      sipws_conn_send(end->conn, text, (size_t)head + body, 0, end->now, NULL),
      0);
}

static void test_tls_one_message_is_one_record(void **state) {
  static const size_t bodies[] = {0, 100, 1200, 5000, 16000};
  size_t i;
  (void)state;
  both_open();
  for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    send_text(&client, bodies[i]);
    (void)end_take(&client);
    assert_int_equal(count_records(&client.wire, 23), 1);
    (void)pass(&client, &server);
    send_text(&server, bodies[i]);
    (void)end_take(&server);
    assert_int_equal(count_records(&server.wire, 23), 1);
    (void)pass(&server, &client);
  }
  /* a record holds 16,384 octets (RFC 8446 section 5.1) */
  send_text(&client, 60000);
  (void)end_take(&client);
  assert_int_equal(count_records(&client.wire, 23), 4);
  (void)pass(&client, &server);
  assert_non_null(strstr(server.log, "message MESSAGE sip:a@h SIP/2.0\n"));
  both_free();
}

static void test_tls_nothing_leaves_in_the_clear(void **state) {
  (void)state;
  both_begin();
  both_start();
  end_send(&client, OPTIONS);
  while (end_take(&client) + end_take(&server) > 0) {
    assert_false(shows(&client.wire, "GET "));
    assert_false(shows(&server.wire, "HTTP"));
    assert_false(shows(&client.wire, "OPTIONS"));
    (void)pass(&client, &server);
    (void)pass(&server, &client);
  }
  assert_log(&server, "request\nopen\nmessage OPTIONS sip:a@h SIP/2.0\n");
  both_free();
}

/* ---- not TLS ---- */

static void test_tls_http_at_the_server_is_told(void **state) {
  static const char *const texts[] = {"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                                      "OPTIONS sip:a@h SIP/2.0\r\n", "\r\n",
                                      "\x80", "\x15\x03\x03"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    both_begin();
    both_start();
    end_feed(&server, (const uint8_t *)texts[i], strlen(texts[i]));
    assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_NOT_TLS);
    assert_int_equal(server.fed, SIPWS_ERR_TLS);
    assert_int_equal(sipws_tls_native_error(server.conn), 0);
    assert_int_equal(end_take(&server), 0);
    assert_log(&server, "closed: TLS failed\n");
    both_free();
  }
}

static void test_tls_http_at_the_client_is_told(void **state) {
  static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  (void)state;
  both_begin();
  both_start();
  (void)end_take(&client);
  end_feed(&client, (const uint8_t *)text, 1);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_NOT_TLS);
  assert_log(&client, "closed: TLS failed\n");
  both_free();
}

/* ---- damage ---- */

static void test_tls_tampered_record_is_bad(void **state) {
  (void)state;
  both_open();
  end_send(&client, OPTIONS);
  (void)end_take(&client);
  client.wire.data[client.wire.len - 1] ^= 1;
  (void)pass(&client, &server);
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_BAD_RECORD);
  assert_int_equal(sipws_tls_native_error(server.conn), -0x7180);
  (void)pass(&server, &client);
  end_eof(&server);
  assert_log(&server, "closed: TLS failed\n");
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_ALERT);
  assert_int_equal(sipws_tls_alert(client.conn), 20); /* bad_record_mac */
  both_free();
}

/* Every octet of a record, its header included, counts. */
static void test_tls_every_octet_of_a_record_counts(void **state) {
  size_t len = 1;
  size_t i;
  (void)state;
  for (i = 0; i < len; i++) {
    both_open();
    end_send(&client, OPTIONS);
    (void)end_take(&client);
    len = client.wire.len;
    client.wire.data[i] ^= 0x40;
    (void)pass(&client, &server);
    /* one that seems longer is awaited */
    if (i != 3 && i != 4) {
      assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_BAD_RECORD);
    }
    assert_null(strstr(server.log, "message"));
    both_free();
  }
}

static void test_tls_what_came_before_a_bad_record_is_given(void **state) {
  static const size_t cuts[] = {0, 1, 40};
  size_t i;
  (void)state;
  for (i = 0; i < 3; i++) {
    both_open();
    server.cut = cuts[i];
    end_send(&client, OPTIONS);
    (void)end_take(&client);
    end_send(&client, OPTIONS);
    (void)end_take(&client);
    client.wire.data[client.wire.len - 1] ^= 1;
    (void)pass(&client, &server);
    assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_BAD_RECORD);
    (void)end_take(&server);
    assert_non_null(strstr(server.log, "message OPTIONS sip:a@h SIP/2.0\n"));
    both_free();
  }
}

/* 1 when the octet at |at| is of a record's payload, not of its header. */
static int is_payload(const struct octets *octets, size_t at) {
  size_t start = 0;
  size_t end = 0;
  while (end <= at) {
    start = end;
    end = start + 5 +
          (size_t)(octets->data[start + 3] << 8 | octets->data[start + 4]);
  }
  return at >= start + 5;
}

/* One octet of the handshake is changed on the way: at every step that nobody
 * believes it is done. */
static void test_tls_damaged_handshake_never_opens(void **state) {
  size_t len = 1;
  size_t at;
  (void)state;
  for (at = 5; at < len; at += 7) {
    both_begin();
    both_start();
    (void)end_take(&client);
    len = client.wire.len;
    client.wire.data[at] ^= 1;
    pass_all(&client, &server);
    assert_null(strstr(client.log, "open"));
    assert_null(strstr(server.log, "open"));
    both_free();
  }
  for (at = 5, len = 6; at < len; at += 11) {
    both_begin();
    both_start();
    (void)pass(&client, &server);
    (void)end_take(&server);
    len = server.wire.len;
    if (is_payload(&server.wire, at)) {
      server.wire.data[at] ^= 1;
      (void)pass(&server, &client);
      pass_all(&client, &server);
      assert_null(strstr(client.log, "open"));
      assert_null(strstr(server.log, "open"));
    }
    both_free();
  }
}

/* ---- the end ---- */

static void test_tls_end_in_a_record_is_truncation(void **state) {
  (void)state;
  both_open();
  end_send(&client, OPTIONS);
  (void)end_take(&client);
  client.wire.len /= 2;
  (void)pass(&client, &server);
  end_eof(&server);
  assert_failed(&server, SIPWS_ERR_TRUNCATED, SIPWS_TLS_TRUNCATED);
  assert_log(&server, "closed: TLS was cut off\n");
  both_free();
}

static void test_tls_end_without_close_notify_is_truncation(void **state) {
  (void)state;
  both_open();
  end_eof(&client);
  assert_failed(&client, SIPWS_ERR_TRUNCATED, SIPWS_TLS_TRUNCATED);
  assert_int_equal(sipws_conn_cause(client.conn), SIPWS_CAUSE_TRUNCATED);
  both_free();
}

static void test_tls_end_in_the_handshake_is_a_failure_of_tls(void **state) {
  (void)state;
  both_begin();
  both_start();
  (void)end_take(&client);
  client.wire.len /= 2;
  (void)pass(&client, &server);
  end_eof(&server);
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_TRUNCATED);
  assert_log(&server, "closed: TLS failed\n");
  both_free();
}

/* The last record of each side is a close_notify, so that the transport's end
 * is no truncation. */
static void test_tls_closing_says_so_both_ways(void **state) {
  (void)state;
  both_open();
  assert_int_equal(sipws_conn_close(client.conn, 1000, NULL, 0, 0, client.now),
                   0);
  (void)pass(&client, &server);
  (void)end_take(&server);
  /* Close, close_notify */
  if (HAS_TLS13) {
    assert_int_equal(count_records(&server.wire, 23), 2);
  } else {
    assert_int_equal(count_records(&server.wire, 23), 1);
    assert_int_equal(count_records(&server.wire, 21), 1);
  }
  (void)pass(&server, &client);
  assert_int_equal(end_take(&client) > 0, 1); /* its close_notify */
  assert_int_equal(count_records(&client.wire, HAS_TLS13 ? 23 : 21), 1);
  end_eof(&client);
  (void)pass(&client, &server);
  assert_log(&client, "closed: we closed it\n");
  assert_log(&server, "closed: the peer closed it\n");
  assert_int_equal(sipws_conn_close_code(client.conn), 1000);
  both_free();
}

/* A client that closes without waiting says Close and close_notify and is gone;
 * the server's own still leave. */
static void test_tls_half_closed_peer_still_gets_the_answer(void **state) {
  (void)state;
  both_open();
  assert_int_equal(sipws_conn_close(client.conn, 1001, NULL, 0,
                                    SIPWS_CLOSE_NOWAIT, client.now),
                   0);
  (void)end_take(&client);
  assert_true(client.wire.len > 0);
  (void)pass(&client, &server);
  end_eof(&server);
  assert_true(end_take(&server) > 0);
  assert_log(&server, "closed: the peer closed it\n");
  assert_int_equal(sipws_conn_close_code(server.conn), 1001);
  both_free();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_handshake_opens_and_messages_pass),
      cmocka_unit_test(test_tls_any_cut_makes_no_difference),
      cmocka_unit_test(test_tls_many_records_at_once_are_read),
      cmocka_unit_test(test_tls_one_message_is_one_record),
      cmocka_unit_test(test_tls_nothing_leaves_in_the_clear),
      cmocka_unit_test(test_tls_http_at_the_server_is_told),
      cmocka_unit_test(test_tls_http_at_the_client_is_told),
      cmocka_unit_test(test_tls_tampered_record_is_bad),
      cmocka_unit_test(test_tls_every_octet_of_a_record_counts),
      cmocka_unit_test(test_tls_what_came_before_a_bad_record_is_given),
      cmocka_unit_test(test_tls_damaged_handshake_never_opens),
      cmocka_unit_test(test_tls_end_in_a_record_is_truncation),
      cmocka_unit_test(test_tls_end_without_close_notify_is_truncation),
      cmocka_unit_test(test_tls_end_in_the_handshake_is_a_failure_of_tls),
      cmocka_unit_test(test_tls_closing_says_so_both_ways),
      cmocka_unit_test(test_tls_half_closed_peer_still_gets_the_answer),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
