/* What is agreed on, and with whom nothing can be. */
#include "test_tls_both.h"
#include "test_tls_raw.h"

static struct raw raw;

static void begin_server(void) {
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &leaf);
  end_server(&server);
  raw_begin(&raw, SIPWS_CLIENT);
}

static void begin_client(void) {
  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &root);
  end_client(&client, "wss://h.example/");
  raw_begin(&raw, SIPWS_SERVER);
  raw_show(&raw, &leaf);
}

static void free_server(void) {
  raw_free(&raw);
  end_free(&server);
}

static void free_client(void) {
  raw_free(&raw);
  end_free(&client);
}

/* ---- versions ---- */

static void
test_tls_agree_on_tls_1_2_with_those_who_know_no_other(void **state) {
  (void)state;
  begin_server();
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_int_equal(sipws_tls_version(server.conn), 0x0303);
  free_server();
  begin_client();
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &client), 0);
  assert_int_equal(sipws_tls_version(client.conn), 0x0303);
  assert_int_equal(sipws_tls_is_verified(client.conn), 1);
  free_client();
}

/* ClientHello of TLS 1.1 with TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA. */
static void test_tls_agree_with_no_client_of_tls_1_1(void **state) {
  static const uint8_t head[] = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2};
  static const uint8_t tail[] = {0, 0, 2, 0xc0, 9, 1, 0};
  uint8_t hello[11 + 32 + 7];
  (void)state;
  begin_server();
  memcpy(hello, head, 11);
  memset(hello + 11, 5, 32);
  memcpy(hello + 43, tail, 7);
  end_feed(&server, hello, sizeof hello);
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_VERSION);
  (void)end_take(&server);
  assert_int_equal(server.wire.len, 7);
  assert_int_equal(server.wire.data[6], 70); /* protocol_version */
  free_server();
}

static void test_tls_agree_with_no_server_of_tls_1_1(void **state) {
  static const uint8_t head[] = {22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2};
  static const uint8_t tail[] = {0, 0xc0, 9, 0};
  uint8_t hello[11 + 32 + 4];
  (void)state;
  begin_client();
  memcpy(hello, head, 11);
  memset(hello + 11, 5, 32);
  memcpy(hello + 43, tail, 4);
  (void)end_take(&client);
  end_feed(&client, hello, sizeof hello);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_VERSION);
  free_client();
}

/* ---- suites and curves ---- */

static void check_suite_at_server(int suite, int is_taken) {
  int suites[2] = {0, 0};
  suites[0] = suite;
  begin_server();
  mbedtls_ssl_conf_ciphersuites(&raw.conf, suites);
  raw_start(&raw);
  if (is_taken) {
    assert_int_equal(raw_shake(&raw, &server), 0);
    assert_string_equal(sipws_tls_suite(server.conn),
                        mbedtls_ssl_get_ciphersuite(&raw.ssl));
  } else {
    assert_int_equal(raw_shake(&raw, &server),
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_NO_SUITE);
  }
  free_server();
}

static void test_tls_agree_on_suites_with_forward_secrecy_alone(void **state) {
  (void)state;
  check_suite_at_server(MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 1);
  check_suite_at_server(MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 1);
  check_suite_at_server(MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                        1);
  check_suite_at_server(MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, 0);
  check_suite_at_server(MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM, 0);
  check_suite_at_server(MBEDTLS_TLS_RSA_WITH_AES_128_GCM_SHA256, 0);
  check_suite_at_server(MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, 0);
}

/* The server's order counts, not the client's. */
static void test_tls_agree_on_the_fastest_suite(void **state) {
  static const int suites[] = {
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, 0};
  (void)state;
  begin_server();
  mbedtls_ssl_conf_ciphersuites(&raw.conf, suites);
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_string_equal(sipws_tls_suite(server.conn),
                      "TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256");
  free_server();
}

static void test_tls_agree_on_no_suite_at_the_client(void **state) {
  static const int suites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
                               0};
  (void)state;
  begin_client();
  mbedtls_ssl_conf_ciphersuites(&raw.conf, suites);
  raw_start(&raw);
  assert_int_not_equal(raw_shake(&raw, &client), 0);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_NO_SUITE);
  assert_int_equal(sipws_tls_alert(client.conn), 40); /* handshake_failure */
  free_client();
}

static void test_tls_agree_on_no_curve(void **state) {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  static const mbedtls_ecp_group_id groups[] = {MBEDTLS_ECP_DP_BP256R1,
                                                MBEDTLS_ECP_DP_NONE};
#else
  static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_BP256R1,
                                    MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
#endif
  (void)state;
  begin_server();
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  mbedtls_ssl_conf_curves(&raw.conf, groups);
#else
  mbedtls_ssl_conf_groups(&raw.conf, groups);
#endif
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server),
                   MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_NO_SUITE);
  free_server();
}

/* ---- ALPN (RFC 7301) ---- */

static void test_tls_agree_on_http_1_1(void **state) {
  static const char *both[] = {"h2", "http/1.1", NULL};
  (void)state;
  begin_server();
  assert_int_equal(mbedtls_ssl_conf_alpn_protocols(&raw.conf, both), 0);
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_string_equal(mbedtls_ssl_get_alpn_protocol(&raw.ssl), "http/1.1");
  free_server();
  begin_client();
  assert_int_equal(mbedtls_ssl_conf_alpn_protocols(&raw.conf, both), 0);
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &client), 0);
  assert_string_equal(mbedtls_ssl_get_alpn_protocol(&raw.ssl), "http/1.1");
  free_client();
}

static void test_tls_agree_on_no_other_protocol(void **state) {
  static const char *h2[] = {"h2", NULL};
  (void)state;
  begin_server();
  assert_int_equal(mbedtls_ssl_conf_alpn_protocols(&raw.conf, h2), 0);
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server),
                   MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_ALPN);
  free_server();
  begin_client();
  assert_int_equal(mbedtls_ssl_conf_alpn_protocols(&raw.conf, h2), 0);
  raw_start(&raw);
  assert_int_not_equal(raw_shake(&raw, &client), 0);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_ALPN);
  free_client();
}

/* ---- alerts ---- */

static void test_tls_agree_alerts_are_told(void **state) {
  static const struct {
    uint8_t description;
    int reason;
  } all[] = {{40, SIPWS_TLS_NO_SUITE}, {70, SIPWS_TLS_VERSION},
             {71, SIPWS_TLS_NO_SUITE}, {80, SIPWS_TLS_ALERT},
             {112, SIPWS_TLS_ALERT},   {120, SIPWS_TLS_ALPN}};
  uint8_t alert[7] = {21, 3, 3, 0, 2, 2, 0};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    begin_client();
    client.cut = i % 2;
    (void)end_take(&client);
    alert[6] = all[i].description;
    end_feed(&client, alert, sizeof alert);
    assert_failed(&client, SIPWS_ERR_TLS, all[i].reason);
    assert_int_equal(sipws_tls_alert(client.conn), all[i].description);
    assert_int_equal(sipws_tls_native_error(client.conn), -0x7780);
    free_client();
  }
}

/* A server that says goodbye in the middle. */
static void test_tls_agree_close_notify_in_the_handshake_ends_it(void **state) {
  static const uint8_t alert[] = {21, 3, 3, 0, 2, 1, 0};
  (void)state;
  begin_client();
  (void)end_take(&client);
  end_feed(&client, alert, sizeof alert);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_TRUNCATED);
  free_client();
}

/* ---- after the handshake ---- */

/* No renegotiation, and no endless talk about it (TLS 1.2). */
static void test_tls_agree_renegotiation_is_refused(void **state) {
  size_t i;
  (void)state;
  begin_client();
  mbedtls_ssl_conf_renegotiation(&raw.conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &client), 0);
  for (i = 0; i < 8; i++) {
    assert_int_equal(sipws_conn_error(client.conn), 0);
    assert_int_equal(mbedtls_ssl_renegotiate(&raw.ssl), 0);
    (void)raw_pass(&raw, &client);
  }
  assert_int_equal(sipws_conn_error(client.conn), 0);
  assert_int_equal(mbedtls_ssl_renegotiate(&raw.ssl), 0);
  (void)raw_pass(&raw, &client);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_BAD_RECORD);
  free_client();
}

static void test_tls_agree_empty_records_are_passed_over(void **state) {
  static const char request[] =
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
  const unsigned char *text = (const unsigned char *)request;
  size_t half = sizeof request / 2;
  (void)state;
  begin_server();
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_int_equal(mbedtls_ssl_write(&raw.ssl, text, 0), 0);
  assert_int_equal(mbedtls_ssl_write(&raw.ssl, text, half), half);
  assert_int_equal(mbedtls_ssl_write(&raw.ssl, text, 0), 0);
  assert_int_equal(mbedtls_ssl_write(&raw.ssl, text, 0), 0);
  assert_int_equal(
      mbedtls_ssl_write(&raw.ssl, text + half, sizeof request - 1 - half),
      sizeof request - 1 - half);
  (void)raw_pass(&raw, &server);
  assert_log(&server, "request\nopen\n");
  free_server();
}

/* The peer's close_notify without a Close: the connection ended, TLS well. */
static void test_tls_agree_close_notify_alone_is_an_end(void **state) {
  (void)state;
  begin_server();
  raw_start(&raw);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_int_equal(mbedtls_ssl_close_notify(&raw.ssl), 0);
  (void)raw_pass(&raw, &server);
  end_eof(&server);
  assert_int_equal(sipws_conn_cause(server.conn), SIPWS_CAUSE_EOF);
  assert_int_equal(sipws_tls_reason(server.conn), SIPWS_TLS_OK);
  free_server();
}

/* ---- texts ---- */

static void test_tls_agree_reasons_have_texts(void **state) {
  int i, j;
  (void)state;
  for (i = SIPWS_TLS_OK; i <= SIPWS_TLS_BAD_CRL; i++) {
    for (j = SIPWS_TLS_OK; j < i; j++) {
      assert_string_not_equal(sipws_tls_reason_text(i),
                              sipws_tls_reason_text(j));
    }
    assert_string_not_equal(sipws_tls_reason_text(i), "unknown reason");
  }
  assert_string_equal(sipws_tls_reason_text(SIPWS_TLS_BAD_CRL + 1),
                      "unknown reason");
  assert_string_equal(sipws_tls_reason_text(-1), "unknown reason");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_agree_on_tls_1_2_with_those_who_know_no_other),
      cmocka_unit_test(test_tls_agree_with_no_client_of_tls_1_1),
      cmocka_unit_test(test_tls_agree_with_no_server_of_tls_1_1),
      cmocka_unit_test(test_tls_agree_on_suites_with_forward_secrecy_alone),
      cmocka_unit_test(test_tls_agree_on_the_fastest_suite),
      cmocka_unit_test(test_tls_agree_on_no_suite_at_the_client),
      cmocka_unit_test(test_tls_agree_on_no_curve),
      cmocka_unit_test(test_tls_agree_on_http_1_1),
      cmocka_unit_test(test_tls_agree_on_no_other_protocol),
      cmocka_unit_test(test_tls_agree_alerts_are_told),
      cmocka_unit_test(test_tls_agree_close_notify_in_the_handshake_ends_it),
      cmocka_unit_test(test_tls_agree_renegotiation_is_refused),
      cmocka_unit_test(test_tls_agree_empty_records_are_passed_over),
      cmocka_unit_test(test_tls_agree_close_notify_alone_is_an_end),
      cmocka_unit_test(test_tls_agree_reasons_have_texts),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
