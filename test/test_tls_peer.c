/* Client certificates, and what is told of a peer's. */
#include "test_tls_both.h"
#include "writer.h"

static struct cert other_root, alice, stranger;

static int make_all(void **state) {
  struct cert_plan plan = {0};
  (void)make_certs(state);
  cert_make_root(&other_root, "CN=other root");
  plan.subject = "CN=alice,O=Example";
  plan.names = "dns:a.example uri:sip:alice@example.com email:alice@example.com"
               " ip:192.0.2.1 ip:2001:db8::1";
  plan.issuer = &root;
  cert_make(&alice, &plan);
  plan.issuer = &other_root;
  cert_make(&stranger, &plan);
  return 0;
}

static int free_all(void **state) {
  cert_free(&other_root);
  cert_free(&alice);
  cert_free(&stranger);
  return free_certs(state);
}

/* The server asks by |mode|; |cert| NULL: the client has none. */
static void both_ask(int mode, const struct cert *cert) {
  both_begin();
  end_trust(&server, &root);
  assert_int_equal(sipws_tls_config_set_client_cert(server.tls, mode), 0);
  if (cert != NULL) {
    end_show(&client, cert);
  }
}

static void both_run(void) {
  both_start();
  pass_all(&client, &server);
}

/* ---- none, optional, required ---- */

static void test_tls_peer_is_not_asked_by_default(void **state) {
  char subject[16];
  const uint8_t *der;
  const char *name;
  size_t len;
  int kind;
  (void)state;
  both_ask(SIPWS_TLS_CLIENT_NONE, &alice);
  both_run();
  assert_log(&server, "request\nopen\n");
  assert_int_equal(sipws_tls_is_verified(server.conn), 0);
  assert_int_equal(sipws_tls_peer_certificate(server.conn, &der, &len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(
      sipws_tls_peer_subject(server.conn, subject, sizeof subject, &len),
      SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_peer_name_at(server.conn, 0, &kind, &name, &len),
                   SIPWS_ERR_NOT_FOUND);
  both_free();
}

static void test_tls_peer_optional_goes_on(void **state) {
  static const struct {
    const struct cert *cert;
    int has_cert;
    int is_verified;
  } all[] = {{NULL, 0, 0}, {&alice, 1, 1}, {&stranger, 1, 0}};
  size_t i;
  (void)state;
  for (i = 0; i < 3; i++) {
    const uint8_t *der;
    size_t len;
    both_ask(SIPWS_TLS_CLIENT_OPTIONAL, all[i].cert);
    both_run();
    assert_log(&server, "request\nopen\n");
    assert_int_equal(sipws_tls_is_verified(server.conn), all[i].is_verified);
    assert_int_equal(sipws_tls_peer_certificate(server.conn, &der, &len),
                     all[i].has_cert ? 0 : SIPWS_ERR_NOT_FOUND);
    both_free();
  }
}

/* In TLS 1.3 mbedTLS's server encrypts such an alert with keys that the client
 * has done with, which takes it for a bad record. */
static void assert_client_refused(int alert) {
  if (HAS_TLS13) {
    assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_TLS);
  } else {
    assert_failed(&client, SIPWS_ERR_TLS, SIPWS_TLS_ALERT);
    assert_int_equal(sipws_tls_alert(client.conn), alert);
  }
}

static void test_tls_peer_required_is_refused_without(void **state) {
  struct cert_plan plan = {0};
  struct cert odd;
  (void)state;
  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &alice);
  both_run();
  assert_log(&server, "request\nopen\n");
  assert_int_equal(sipws_tls_is_verified(server.conn), 1);
  both_free();

  both_ask(SIPWS_TLS_CLIENT_REQUIRED, NULL);
  both_run();
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_NO_CERTIFICATE);
  assert_client_refused(40); /* handshake_failure */
  both_free();

  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &stranger);
  both_run();
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_UNKNOWN_CA);
  assert_client_refused(48); /* unknown_ca */
  both_free();

  plan.subject = "CN=odd";
  plan.issuer = &root;
  plan.purpose = "server";
  cert_make(&odd, &plan);
  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &odd);
  both_run();
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_BAD_USAGE);
  both_free();
  cert_free(&odd);

  plan.purpose = NULL;
  plan.to = "20210101000000";
  cert_make(&odd, &plan);
  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &odd);
  both_run();
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_EXPIRED);
  both_free();
  cert_free(&odd);
}

/* ---- in the request event, so that a verdict can rest on it ---- */

static void check_at_request(struct end *end) {
  char subject[64];
  size_t len;
  assert_int_equal(sipws_tls_is_verified(end->conn), 1);
  assert_int_equal(
      sipws_tls_peer_subject(end->conn, subject, sizeof subject, &len), 0);
  assert_text(subject, len, "CN=alice, O=Example");
}

static void test_tls_peer_is_there_at_the_request(void **state) {
  (void)state;
  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &alice);
  server.on_request = check_at_request;
  both_run();
  assert_log(&server, "request\nopen\n");
  both_free();
}

static void test_tls_peer_names_are_told_in_order(void **state) {
  static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                 0,    0,    0,    0,    0, 0, 0, 1};
  static const struct {
    int kind;
    const void *name;
    size_t len;
  } names[] = {{SIPWS_TLS_NAME_DNS, "a.example", 9},
               {SIPWS_TLS_NAME_URI, "sip:alice@example.com", 21},
               {SIPWS_TLS_NAME_EMAIL, "alice@example.com", 17},
               {SIPWS_TLS_NAME_IP, "\xc0\x00\x02\x01", 4},
               {SIPWS_TLS_NAME_IP, v6, 16}};
  const uint8_t *der;
  size_t der_len;
  const char *name;
  size_t len;
  uint32_t i;
  int kind;
  (void)state;
  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &alice);
  both_run();
  assert_int_equal(sipws_tls_peer_certificate(server.conn, &der, &der_len), 0);
  assert_int_equal(der_len, alice.der_len);
  assert_memory_equal(der, alice.der, der_len);
  for (i = 0; i < 5; i++) {
    assert_int_equal(sipws_tls_peer_name_at(server.conn, i, &kind, &name, &len),
                     0);
    assert_int_equal(kind, names[i].kind);
    assert_int_equal(len, names[i].len);
    assert_memory_equal(name, names[i].name, len);
    assert_true((const uint8_t *)name > der &&
                (const uint8_t *)name + len <= der + der_len);
  }
  assert_int_equal(sipws_tls_peer_name_at(server.conn, 5, &kind, &name, &len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(
      sipws_tls_peer_name_at(server.conn, UINT32_MAX, &kind, &name, &len),
      SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_peer_name_at(server.conn, 0, NULL, &name, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_peer_certificate(server.conn, NULL, &len),
                   SIPWS_ERR_INVALID);
  both_free();
}

/* ---- subject ---- */

static int write_subject(const void *how, const char *msg, size_t len,
                         char *out, size_t out_size, size_t *out_len) {
  (void)msg;
  (void)len;
  return sipws_tls_peer_subject(how, out, out_size, out_len);
}

static void check_subject(const char *subject, const char *expected) {
  struct cert_plan plan = {0};
  struct cert cert;
  size_t len;
  plan.subject = subject;
  plan.issuer = &root;
  cert_make(&cert, &plan);
  both_ask(SIPWS_TLS_CLIENT_REQUIRED, &cert);
  both_run();
  assert_open(&server);
  assert_sizes(write_subject, server.conn, NULL, 0, expected);
  assert_int_equal(sipws_tls_peer_subject(server.conn, NULL, 0, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_peer_subject(server.conn, NULL, 9, &len),
                   SIPWS_ERR_INVALID);
  both_free();
  cert_free(&cert);
}

static void test_tls_peer_subject_is_written(void **state) {
  (void)state;
  check_subject("CN=alice,O=Example", "CN=alice, O=Example");
  check_subject("C=DE,ST=B,L=B,O=Example,OU=x y,CN=a.example",
                "C=DE, ST=B, L=B, O=Example, OU=x y, CN=a.example");
  check_subject("CN=J\xc3\xbcrgen", "CN=J\xc3\xbcrgen");
}

/* Nobody gets another name by a comma in his own (RFC 4514 section 2.4). */
static void test_tls_peer_subject_is_escaped(void **state) {
  (void)state;
  check_subject("CN=a\\, O=Root", "CN=a\\, O\\=Root");
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  /* where the writer of 2.28 wants no backslash */
  check_subject("CN=\x01 \x7f", "CN=\\01 \\7F");
  check_subject("emailAddress=j\xfc@h", "emailAddress=j\\FC@h");
  check_subject("CN=a+b", "CN=a\\+b");
  check_subject("CN=#a", "CN=\\#a");
  check_subject("CN=a#;<>\"", "CN=a#\\;\\<\\>\\\"");
#else
  check_subject("CN=\\01 \\7F", "CN=\\01 \\7F");
  check_subject("emailAddress=j\\FC@h", "emailAddress=j\\FC@h");
  check_subject("CN=a\\+b", "CN=a\\+b");
  check_subject("CN=\\#a", "CN=\\#a");
  check_subject("CN=a\\#\\;\\<\\>\\\"", "CN=a#\\;\\<\\>\\\"");
#endif
}

static void test_tls_peer_wrong_arguments_are_refused(void **state) {
  sipws_config *config;
  sipws_conn *conn;
  char out[8];
  uint8_t pin[32];
  const uint8_t *der;
  const char *name;
  size_t len;
  int kind;
  (void)state;
  assert_int_equal(sipws_tls_peer_certificate(NULL, &der, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_peer_subject(NULL, out, 8, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_peer_name_at(NULL, 0, &kind, &name, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_peer_pin(NULL, pin), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_new(NULL, NULL, &config), 0);
  (void)sipws_config_set_random(config, test_random, NULL);
  assert_int_equal(sipws_server_new(config, NULL, 0, &conn), 0);
  assert_int_equal(sipws_tls_peer_certificate(conn, &der, &len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_peer_pin(conn, pin), SIPWS_ERR_NOT_FOUND);
  sipws_conn_free(conn);
  sipws_config_free(config);
  both_ask(SIPWS_TLS_CLIENT_NONE, NULL);
  end_client(&client, "wss://h.example/");
  end_server(&server);
  assert_int_equal(sipws_tls_peer_certificate(client.conn, &der, &len),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_peer_subject(client.conn, out, 8, &len),
                   SIPWS_ERR_STATE);
  both_free();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_peer_is_not_asked_by_default),
      cmocka_unit_test(test_tls_peer_optional_goes_on),
      cmocka_unit_test(test_tls_peer_required_is_refused_without),
      cmocka_unit_test(test_tls_peer_is_there_at_the_request),
      cmocka_unit_test(test_tls_peer_names_are_told_in_order),
      cmocka_unit_test(test_tls_peer_subject_is_written),
      cmocka_unit_test(test_tls_peer_subject_is_escaped),
      cmocka_unit_test(test_tls_peer_wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, make_all, free_all);
}
