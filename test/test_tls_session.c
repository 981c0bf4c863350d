#include "test_tls_both.h"
#include "test_tls_raw.h"

static struct raw raw;
static struct cert other_root, alice;
static uint8_t session[8192];
static size_t session_len;

static int make_all(void **state) {
  (void)state;
  cert_make_root(&root, "CN=root");
  cert_make_root(&other_root, "CN=other root");
  cert_make_leaf(&leaf, "dns:h.example dns:i.example", &root);
  cert_make_leaf(&alice, "uri:sip:alice@example.com", &root);
  return 0;
}

static int free_all(void **state) {
  cert_free(&other_root);
  cert_free(&alice);
  return free_certs(state);
}

static void both_drop(void) {
  end_drop(&client);
  end_drop(&server);
}

static void keep_session(void) {
  assert_int_equal(
      sipws_tls_session(client.conn, session, sizeof session, &session_len), 0);
}

/* A first connection whose session is kept, and a second one not begun. */
static void both_again(void) {
  both_start();
  pass_all(&client, &server);
  assert_open(&client);
  keep_session();
  both_drop();
  both_start();
}

static void assert_resumed(int is_resumed) {
  pass_all(&client, &server);
  assert_open(&client);
  assert_open(&server);
  assert_int_equal(sipws_tls_is_resumed(client.conn), is_resumed);
  assert_int_equal(sipws_tls_is_resumed(server.conn), is_resumed);
}

/* ---- resumption ---- */

static void test_tls_session_is_resumed(void **state) {
  size_t i;
  (void)state;
  both_begin();
  both_again();
  for (i = 0; i < 3; i++) {
    assert_int_equal(sipws_tls_set_session(client.conn, session, session_len),
                     0);
    assert_resumed(1);
    assert_int_equal(sipws_tls_is_verified(client.conn), 1);
    assert_int_equal(sipws_tls_is_verified(server.conn), 0);
    end_send(&client, OPTIONS);
    pass_all(&client, &server);
    assert_log(&server, "request\nopen\nmessage OPTIONS sip:a@h SIP/2.0\n");
    keep_session(); /* the next one */
    both_drop();
    both_start();
  }
  both_free();
}

static void test_tls_session_cut_in_single_octets_is_resumed(void **state) {
  (void)state;
  both_begin();
  client.cut = 1;
  server.cut = 1;
  both_again();
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  assert_resumed(1);
  both_free();
}

/* Without tickets TLS 1.2 has session ids. */
static void test_tls_session_is_resumed_by_its_id(void **state) {
  mbedtls_ssl_session kept;
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &leaf);
  raw_begin(&raw, SIPWS_CLIENT);
  mbedtls_ssl_conf_session_tickets(&raw.conf,
                                   MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  raw_start(&raw);
  end_server(&server);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_int_equal(sipws_tls_is_resumed(server.conn), 0);
  mbedtls_ssl_session_init(&kept);
  assert_int_equal(mbedtls_ssl_get_session(&raw.ssl, &kept), 0);
  end_drop(&server);

  assert_int_equal(mbedtls_ssl_session_reset(&raw.ssl), 0);
  assert_int_equal(mbedtls_ssl_set_session(&raw.ssl, &kept), 0);
  raw.in.len = raw.in_used = raw.out.len = 0;
  end_server(&server);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_int_equal(sipws_tls_is_resumed(server.conn), 1);
  mbedtls_ssl_session_free(&kept);
  raw_free(&raw);
  end_free(&server);
}

/* A server that was started anew knows nothing of it. */
static void test_tls_session_of_another_config_is_not_resumed(void **state) {
  (void)state;
  both_begin();
  both_again();
  both_drop();
  end_free(&server);
  end_config(&server, SIPWS_SERVER);
  server.seed = 99;
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 86400), 0);
  end_show(&server, &leaf);
  both_start();
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  assert_resumed(0);
  both_free();
}

static void test_tls_session_lifetime_0_resumes_nothing(void **state) {
  (void)state;
  both_begin();
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 0), 0);
  both_start();
  pass_all(&client, &server);
  if (!HAS_TLS13) {
    keep_session();
    both_drop();
    both_start();
    assert_int_equal(sipws_tls_set_session(client.conn, session, session_len),
                     0);
    assert_resumed(0);
  } else {
    assert_int_equal(
        sipws_tls_session(client.conn, session, sizeof session, &session_len),
        SIPWS_ERR_NOT_FOUND);
  }
  both_free();

  both_begin();
  assert_int_equal(sipws_tls_config_set_session_lifetime(client.tls, 0), 0);
  both_start();
  pass_all(&client, &server);
  assert_open(&client);
  assert_int_equal(
      sipws_tls_session(client.conn, session, sizeof session, &session_len),
      SIPWS_ERR_NOT_FOUND);
  both_free();
}

static void test_tls_session_lifetime_has_bounds(void **state) {
  (void)state;
  both_begin();
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 604801),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 604800),
                   0);
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 0), 0);
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 60), 0);
  both_again();
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  assert_resumed(1);
  assert_int_equal(sipws_tls_config_set_session_lifetime(server.tls, 60),
                   SIPWS_ERR_STATE);
  both_free();
}

/* Whoever was verified then is told now, or verified anew. */
static void test_tls_session_keeps_who_the_client_is(void **state) {
  const char *name;
  size_t len;
  int kind;
  (void)state;
  both_begin();
  end_show(&client, &alice);
  end_trust(&server, &root);
  assert_int_equal(
      sipws_tls_config_set_client_cert(server.tls, SIPWS_TLS_CLIENT_REQUIRED),
      0);
  both_start();
  pass_all(&client, &server);
  if (HAS_TLS13) {
    assert_int_equal(
        sipws_tls_session(client.conn, session, sizeof session, &session_len),
        SIPWS_ERR_NOT_FOUND);
  } else {
    keep_session();
    both_drop();
    both_start();
    assert_int_equal(sipws_tls_set_session(client.conn, session, session_len),
                     0);
    assert_resumed(1);
  }
  assert_int_equal(sipws_tls_is_verified(server.conn), 1);
  assert_int_equal(sipws_tls_peer_name_at(server.conn, 0, &kind, &name, &len),
                   0);
  assert_text(name, len, "sip:alice@example.com");
  both_free();
}

/* ---- what it stands for ---- */

/* assert that the next connection of |client| does not take the session. */
static void assert_not_taken(void) {
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len),
                   SIPWS_ERR_TLS);
}

static void test_tls_session_is_of_one_name(void **state) {
  (void)state;
  both_begin();
  both_again();
  both_drop();
  end_client(&client, "wss://i.example/");
  end_server(&server);
  assert_not_taken();
  assert_resumed(0);
  both_drop();

  /* nor is the name changed behind it */
  both_start();
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  assert_int_equal(sipws_tls_set_name(client.conn, "i.example", 9),
                   SIPWS_ERR_STATE);
  assert_resumed(1);
  both_drop();

  end_client(&client, "wss://i.example/");
  end_server(&server);
  assert_int_equal(sipws_tls_set_name(client.conn, "h.example", 9), 0);
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  assert_resumed(1);
  both_free();
}

/* One made without verification is no way around it; nor one made with other
 * CAs, pins, or as somebody else. */
static void test_tls_session_is_of_one_check(void **state) {
  (void)state;
  both_begin();
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(client.tls, 1),
                   0);
  both_again();
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  assert_resumed(1);
  assert_int_equal(sipws_tls_is_verified(client.conn), 0);
  both_drop();

  end_free(&client);
  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &root);
  both_start();
  assert_not_taken();
  both_drop();

  end_free(&client);
  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &root);
  both_again();
  end_free(&client);
  end_drop(&server);

  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &other_root);
  both_start();
  assert_not_taken();
  pass_all(&client, &server);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_UNKNOWN_CA);
  end_free(&client);
  end_drop(&server);

  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &root);
  assert_int_equal(sipws_tls_config_add_pin(client.tls, leaf.pin), 0);
  both_start();
  assert_not_taken();
  end_free(&client);
  end_drop(&server);

  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &root);
  end_show(&client, &alice);
  both_start();
  assert_not_taken();
  assert_resumed(0);
  both_free();
}

/* One that says itself that the server was not verified (TLS 1.2: the flags of
 * the verification stand behind the master secret). */
static void test_tls_session_with_flags_is_refused(void **state) {
  size_t flags = 32 + 5 + 8 + 36 + 48;
  (void)state;
  if (HAS_TLS13) {
    skip(); /* there is no such thing in it */
  }
  both_begin();
  both_again();
  session[flags + 3] = MBEDTLS_X509_BADCERT_EXPIRED;
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len), 0);
  pass_all(&client, &server);
  assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_EXPIRED);
  assert_log(&server, "");
  both_free();
}

/* ---- octets ---- */

static void test_tls_session_length_is_told(void **state) {
  uint8_t *out;
  size_t len = 0;
  size_t n;
  (void)state;
  both_begin();
  both_start();
  pass_all(&client, &server);
  keep_session();
  assert_true(session_len > 100);
  assert_int_equal(sipws_tls_session(client.conn, NULL, 0, &len),
                   SIPWS_ERR_BUFFER);
  assert_int_equal(len, session_len);
  for (n = 0; n < session_len; n += 13) {
    out = test_guarded(session, n);
    len = 0;
    assert_int_equal(sipws_tls_session(client.conn, out, n, &len),
                     SIPWS_ERR_BUFFER);
    assert_int_equal(len, session_len);
    test_guarded_free(out, n);
  }
  out = test_guarded(session, session_len);
  assert_int_equal(sipws_tls_session(client.conn, out, session_len, &len), 0);
  assert_memory_equal(out, session, session_len);
  test_guarded_free(out, session_len);
  assert_int_equal(sipws_tls_session(client.conn, session, 1, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_session(client.conn, NULL, 1, &len),
                   SIPWS_ERR_INVALID);
  both_free();
}

static void test_tls_session_cut_short_is_not_taken(void **state) {
  size_t n;
  (void)state;
  both_begin();
  both_again();
  for (n = 0; n < session_len; n++) {
    uint8_t *cut = test_guarded(session, n);
    assert_int_equal(sipws_tls_set_session(client.conn, cut, n), SIPWS_ERR_TLS);
    test_guarded_free(cut, n);
  }
  assert_int_equal(sipws_tls_set_session(client.conn, NULL, 0),
                   SIPWS_ERR_INVALID);
  session[0] ^= 1;
  assert_not_taken();
  assert_resumed(0); /* no harm done */
  both_free();
}

/* TLS 1.3: a ticket is read at once, nothing has to follow it. */
static void test_tls_session_is_there_with_the_ticket(void **state) {
  const uint8_t *record;
  (void)state;
  if (!HAS_TLS13) {
    skip();
  }
  both_begin();
  both_start();
  (void)pass(&client, &server);
  (void)pass(&server, &client);
  (void)pass(&client, &server);
  (void)end_take(&server);
  assert_int_equal(
      sipws_tls_session(client.conn, session, sizeof session, &session_len),
      SIPWS_ERR_NOT_FOUND);
  record = server.wire.data;
  end_feed(&client, record, 5 + (size_t)(record[3] << 8 | record[4]));
  keep_session();
  both_free();
}

static void test_tls_session_has_its_time(void **state) {
  size_t len;
  (void)state;
  both_begin();
  both_start();
  assert_int_equal(
      sipws_tls_session(client.conn, session, sizeof session, &len),
      SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_set_session(server.conn, session, 100),
                   SIPWS_ERR_STATE);
  pass_all(&client, &server);
  keep_session();
  assert_int_equal(sipws_tls_set_session(client.conn, session, session_len),
                   SIPWS_ERR_STATE);
  assert_int_equal(
      sipws_tls_session(server.conn, session, sizeof session, &len),
      SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_session(NULL, session, sizeof session, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_set_session(NULL, session, session_len),
                   SIPWS_ERR_INVALID);
  both_free();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_session_is_resumed),
      cmocka_unit_test(test_tls_session_cut_in_single_octets_is_resumed),
      cmocka_unit_test(test_tls_session_is_resumed_by_its_id),
      cmocka_unit_test(test_tls_session_of_another_config_is_not_resumed),
      cmocka_unit_test(test_tls_session_lifetime_0_resumes_nothing),
      cmocka_unit_test(test_tls_session_lifetime_has_bounds),
      cmocka_unit_test(test_tls_session_keeps_who_the_client_is),
      cmocka_unit_test(test_tls_session_is_of_one_name),
      cmocka_unit_test(test_tls_session_is_of_one_check),
      cmocka_unit_test(test_tls_session_with_flags_is_refused),
      cmocka_unit_test(test_tls_session_length_is_told),
      cmocka_unit_test(test_tls_session_cut_short_is_not_taken),
      cmocka_unit_test(test_tls_session_is_there_with_the_ticket),
      cmocka_unit_test(test_tls_session_has_its_time),
  };
  return cmocka_run_group_tests(tests, make_all, free_all);
}
