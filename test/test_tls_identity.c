#include "test_tls_raw.h"

static struct end client, server;
static struct raw raw;
static struct cert root, a_ec, a_rsa, b_ec, wild;

static int make_certs(void **state) {
  struct cert_plan plan = {0};
  (void)state;
  cert_make_root(&root, "CN=root");
  cert_make_leaf(&a_ec, "dns:a.example", &root);
  cert_make_leaf(&b_ec, "dns:b.example dns:c.example", &root);
  cert_make_leaf(&wild, "dns:*.example", &root);
  plan.subject = "CN=leaf";
  plan.names = "dns:A.example";
  plan.issuer = &root;
  plan.key = CERT_RSA;
  cert_make(&a_rsa, &plan);
  return 0;
}

static int free_certs(void **state) {
  (void)state;
  cert_free(&root);
  cert_free(&a_ec);
  cert_free(&a_rsa);
  cert_free(&b_ec);
  cert_free(&wild);
  return 0;
}

/* assert that a client for |url| was shown |cert|. */
static void assert_shown(const char *url, const struct cert *cert) {
  const uint8_t *der;
  size_t len;
  end_config(&client, SIPWS_CLIENT);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(client.tls, 1),
                   0);
  end_client(&client, url);
  end_server(&server);
  pass_all(&client, &server);
  assert_open(&client);
  assert_int_equal(sipws_tls_peer_certificate(client.conn, &der, &len), 0);
  assert_int_equal(len, cert->der_len);
  assert_memory_equal(der, cert->der, len);
  end_free(&client);
  end_drop(&server);
}

static void test_tls_identity_is_picked_by_sni(void **state) {
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_ec);
  end_show(&server, &b_ec);
  end_show(&server, &wild);
  assert_shown("wss://a.example/", &a_ec);
  assert_shown("wss://b.example/", &b_ec);
  assert_shown("wss://C.Example/", &b_ec);
  assert_shown("wss://d.example/", &wild);
  /* without a match, the first */
  assert_shown("wss://d.d.example/", &a_ec);
  assert_shown("wss://example/", &a_ec);
  assert_shown("wss://b.exampl/", &a_ec);
  assert_shown("wss://b.example.net/", &a_ec);
  assert_shown("wss://192.0.2.1/", &a_ec);
  end_free(&server);
}

static void test_tls_identity_of_several_first_that_fits(void **state) {
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &wild);
  end_show(&server, &a_ec);
  assert_shown("wss://a.example/", &wild);
  assert_shown("wss://b.example/", &wild);
  end_free(&server);
}

/* A client of TLS 1.2 that knows one kind of key. */
static void assert_kind_shown(const char *sni, int is_rsa,
                              mbedtls_pk_type_t type) {
  static const int rsa[] = {MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 0};
  static const int ecdsa[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                              0};
  const mbedtls_x509_crt *crt;
  raw_begin(&raw, SIPWS_CLIENT);
  mbedtls_ssl_conf_ciphersuites(&raw.conf, is_rsa ? rsa : ecdsa);
  raw_start(&raw);
  assert_int_equal(mbedtls_ssl_set_hostname(&raw.ssl, sni), 0);
  end_server(&server);
  assert_int_equal(raw_shake(&raw, &server), 0);
  crt = mbedtls_ssl_get_peer_cert(&raw.ssl);
  assert_non_null(crt);
  assert_int_equal(mbedtls_pk_get_type(&crt->pk), type);
  raw_free(&raw);
  end_drop(&server);
}

/* With a name, and without one: then those for the first's name. */
static void test_tls_identity_kind_of_key_fits_the_client(void **state) {
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_ec);
  end_show(&server, &b_ec);
  end_show(&server, &a_rsa);
  assert_kind_shown("a.example", 0, MBEDTLS_PK_ECKEY);
  assert_kind_shown("a.example", 1, MBEDTLS_PK_RSA);
  assert_kind_shown(NULL, 0, MBEDTLS_PK_ECKEY);
  assert_kind_shown(NULL, 1, MBEDTLS_PK_RSA);
  end_free(&server);
}

/* Without a match the first counts, though mbedTLS would rather use a suite for
 * the other's kind of key. */
static void test_tls_identity_first_one_is_the_default(void **state) {
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_rsa);
  end_show(&server, &b_ec);
  assert_shown("wss://z.example/", &a_rsa);
  assert_shown("wss://b.example/", &b_ec);
  end_free(&server);
}

/* A label of a wildcard's has at least one letter. */
static void test_tls_identity_wildcard_wants_a_label(void **state) {
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_rsa);
  end_show(&server, &wild);
  assert_kind_shown("z.example", 0, MBEDTLS_PK_ECKEY);
  assert_kind_shown(".example", 1, MBEDTLS_PK_RSA);
  end_free(&server);
}

static void test_tls_identity_rsa_serves_everybody(void **state) {
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_rsa);
  assert_shown("wss://a.example/", &a_rsa);
  end_free(&server);
}

/* |sni| may hold anything. */
static void check_server_name(const char *sni, const char *expected) {
  const char *name = "?";
  size_t len = 99;
  raw_begin(&raw, SIPWS_CLIENT);
  raw_start(&raw);
  assert_int_equal(mbedtls_ssl_set_hostname(&raw.ssl, sni), 0);
  end_server(&server);
  assert_int_equal(sipws_tls_server_name(server.conn, &name, &len),
                   SIPWS_ERR_STATE);
  assert_int_equal(raw_shake(&raw, &server), 0);
  assert_int_equal(sipws_tls_server_name(server.conn, &name, &len), 0);
  assert_text(name, len, expected);
  assert_int_equal(sipws_tls_server_name(server.conn, NULL, &len),
                   SIPWS_ERR_INVALID);
  raw_free(&raw);
  end_drop(&server);
}

static void test_tls_identity_server_name_is_told(void **state) {
  char longest[256];
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_ec);
  check_server_name("b.example", "b.example");
  check_server_name("B.Example", "B.Example");
  check_server_name("a b\r\n\x80", "a b\r\n\x80");
  check_server_name(NULL, "");
  memset(longest, 'a', sizeof longest);
  longest[253] = '\0';
  check_server_name(longest, longest);
  longest[253] = 'a';
  longest[254] = '\0';
  check_server_name(longest, ""); /* no host has such a name */
  end_free(&server);
}

/* A new config for connections to come; those of the old one go on. */
static void test_tls_identity_can_be_replaced_hot(void **state) {
  static struct end old_client;
  sipws_tls_config *fresh;
  sipws_conn *old_conn;
  (void)state;
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &a_ec);
  end_config(&old_client, SIPWS_CLIENT);
  end_trust(&old_client, &root);
  end_client(&old_client, "wss://a.example/");
  end_server(&server);
  /* half a handshake is as good as a whole one */
  (void)pass(&old_client, &server);
  sipws_tls_config_free(old_client.tls);
  old_client.tls = NULL;

  assert_int_equal(sipws_tls_config_new(SIPWS_SERVER, test_alloc,
                                        &server.tls_heap, end_random, &server,
                                        &fresh),
                   0);
  sipws_tls_config_free(server.tls);
  server.tls = fresh;
  end_show(&server, &b_ec);
  pass_all(&old_client, &server);
  assert_open(&old_client);
  assert_log(&server, "request\nopen\n");
  old_conn = server.conn;

  assert_shown("wss://b.example/", &b_ec);
  server.conn = old_conn;
  end_send(&old_client, OPTIONS);
  end_send(&server, OPTIONS);
  pass_all(&old_client, &server);
  assert_log(&server, "message OPTIONS sip:a@h SIP/2.0\n");
  end_free(&old_client);
  end_free(&server);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_identity_is_picked_by_sni),
      cmocka_unit_test(test_tls_identity_of_several_first_that_fits),
      cmocka_unit_test(test_tls_identity_kind_of_key_fits_the_client),
      cmocka_unit_test(test_tls_identity_first_one_is_the_default),
      cmocka_unit_test(test_tls_identity_wildcard_wants_a_label),
      cmocka_unit_test(test_tls_identity_rsa_serves_everybody),
      cmocka_unit_test(test_tls_identity_server_name_is_told),
      cmocka_unit_test(test_tls_identity_can_be_replaced_hot),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
