#include "test_tls.h"

static struct end client, server;
static struct cert root, other_root;

static int make_certs(void **state) {
  (void)state;
  cert_make_root(&root, "CN=root");
  cert_make_root(&other_root, "CN=other root");
  return 0;
}

static int free_certs(void **state) {
  (void)state;
  cert_free(&root);
  cert_free(&other_root);
  return 0;
}

/* A server that shows |cert| and a client for |url| that trusts nobody yet. */
static void both_begin(const struct cert *cert) {
  end_config(&client, SIPWS_CLIENT);
  end_config(&server, SIPWS_SERVER);
  end_show(&server, cert);
}

static void both_run(const char *url) {
  end_client(&client, url);
  end_server(&server);
  pass_all(&client, &server);
}

static void both_free(void) {
  end_free(&client);
  end_free(&server);
}

/* assert that the client took the server, or refused it for |reason| and said
 * so with an alert. */
static void assert_outcome(int reason) {
  if (reason == SIPWS_TLS_OK) {
    assert_log(&client, "open\n");
    assert_int_equal(sipws_tls_is_verified(client.conn), 1);
    return;
  }
  assert_failed(&client, SIPWS_ERR_TLS, reason);
  assert_int_equal(sipws_conn_is_secure(client.conn), 0);
  assert_int_equal(sipws_tls_is_verified(client.conn), 0);
  assert_true(sipws_tls_native_error(client.conn) < 0);
  assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_ALERT);
  assert_true(sipws_tls_alert(server.conn) >= 42);
  end_eof(&client);
  assert_log(&client, "closed: TLS failed\n");
}

/* ---- names ---- */

static void test_tls_verify_names_follow_https(void **state) {
  static const struct {
    const char *names;
    const char *url;
    int reason;
  } all[] = {
      {"dns:h.example", "wss://h.example/", SIPWS_TLS_OK},
      {"dns:h.example", "wss://H.Example:8443/ws", SIPWS_TLS_OK},
      {"dns:H.EXAMPLE", "wss://h.example/", SIPWS_TLS_OK},
      {"dns:h.example", "wss://h.example./", SIPWS_TLS_OK},
      {"dns:h.example", "wss://i.example/", SIPWS_TLS_WRONG_NAME},
      {"dns:h.example", "wss://a.h.example/", SIPWS_TLS_WRONG_NAME},
      {"dns:h.example", "wss://example/", SIPWS_TLS_WRONG_NAME},
      {"dns:a.example dns:b.example dns:c.example", "wss://c.example/",
       SIPWS_TLS_OK},
      {"dns:*.example.com", "wss://a.example.com/", SIPWS_TLS_OK},
      {"dns:*.example.com", "wss://A.EXAMPLE.COM/", SIPWS_TLS_OK},
      {"dns:*.example.com", "wss://a.b.example.com/", SIPWS_TLS_WRONG_NAME},
      {"dns:*.example.com", "wss://example.com/", SIPWS_TLS_WRONG_NAME},
      {"uri:sip:h.example", "wss://h.example/", SIPWS_TLS_WRONG_NAME},
      /* addresses */
      {"ip:192.0.2.1", "wss://192.0.2.1/", SIPWS_TLS_OK},
      {"dns:a.example ip:192.0.2.1", "wss://192.0.2.1:8443/", SIPWS_TLS_OK},
      {"ip:192.0.2.1", "wss://192.0.2.2/", SIPWS_TLS_WRONG_NAME},
      {"dns:192.0.2.1", "wss://192.0.2.1/", SIPWS_TLS_WRONG_NAME},
      {"dns:*.0.2.1", "wss://192.0.2.1/", SIPWS_TLS_WRONG_NAME},
      {"ip:2001:db8::1", "wss://[2001:db8::1]/", SIPWS_TLS_OK},
      {"ip:2001:db8::1", "wss://[2001:DB8:0:0::0:1]:443/", SIPWS_TLS_OK},
      {"ip:2001:db8::1", "wss://[2001:db8::2]/", SIPWS_TLS_WRONG_NAME},
      {"ip:192.0.2.1", "wss://h.example/", SIPWS_TLS_WRONG_NAME},
      /* no addresses, though they look a bit like ones */
      {"dns:3.example", "wss://3.example/", SIPWS_TLS_OK},
      {"dns:192.0.2.example", "wss://192.0.2.example/", SIPWS_TLS_OK},
      {"dns:unix", "wss://unix/", SIPWS_TLS_OK},
  };
  size_t i;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    struct cert leaf;
    cert_make_leaf(&leaf, all[i].names, &root);
    both_begin(&leaf);
    end_trust(&client, &root);
    both_run(all[i].url);
    if (sipws_tls_reason(client.conn) != all[i].reason) {
      fail_msg("%s for %s: %s", all[i].names, all[i].url,
               sipws_tls_reason_text(sipws_tls_reason(client.conn)));
    }
    assert_outcome(all[i].reason);
    both_free();
    cert_free(&leaf);
  }
}

/* RFC 6066 section 3: names without the dot at the end, and no addresses. */
static void test_tls_verify_sni_is_the_name(void **state) {
  static const struct {
    const char *url;
    const char *sni;
  } all[] = {{"wss://h.example:8443/", "h.example"},
             {"wss://h.example./", "h.example"},
             {"wss://192.0.2.1/", ""},
             {"wss://[2001:db8::1]/", ""}};
  struct cert leaf;
  size_t i;
  (void)state;
  cert_make_leaf(&leaf, "dns:h.example ip:192.0.2.1 ip:2001:db8::1", &root);
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    const char *name = "?";
    size_t len = 99;
    both_begin(&leaf);
    end_trust(&client, &root);
    both_run(all[i].url);
    assert_outcome(SIPWS_TLS_OK);
    assert_int_equal(sipws_tls_server_name(server.conn, &name, &len), 0);
    assert_text(name, len, all[i].sni);
    both_free();
  }
  cert_free(&leaf);
}

static void test_tls_verify_name_can_be_another(void **state) {
  struct cert leaf;
  const char *name;
  size_t len;
  (void)state;
  cert_make_leaf(&leaf, "dns:h.example", &root);
  both_begin(&leaf);
  end_trust(&client, &root);
  end_client(&client, "wss://10.1.2.3/");
  assert_int_equal(sipws_tls_set_name(client.conn, "h.example", 9), 0);
  end_server(&server);
  pass_all(&client, &server);
  assert_outcome(SIPWS_TLS_OK);
  assert_int_equal(sipws_tls_server_name(server.conn, &name, &len), 0);
  assert_text(name, len, "h.example");
  assert_int_equal(sipws_tls_set_name(client.conn, "h.example", 9),
                   SIPWS_ERR_STATE);
  both_free();

  both_begin(&leaf);
  end_trust(&client, &root);
  end_client(&client, "wss://h.example/");
  assert_int_equal(sipws_tls_set_name(client.conn, "i.example", 9), 0);
  end_server(&server);
  pass_all(&client, &server);
  assert_outcome(SIPWS_TLS_WRONG_NAME);
  both_free();
  cert_free(&leaf);
}

static void test_tls_verify_name_that_is_none_is_refused(void **state) {
  static const char *const bad[] = {"",     ".",    "a b",      "a/b",
                                    "a,b",  "a@b",  "h:1",      "::1",
                                    "[::1", "a\nb", "\xc3\xa4", "192.0.2.0/8"};
  char longest[300];
  struct cert leaf;
  size_t i;
  (void)state;
  cert_make_leaf(&leaf, "dns:h.example", &root);
  both_begin(&leaf);
  end_trust(&client, &root);
  end_client(&client, "wss://h.example/");
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (sipws_tls_set_name(client.conn, bad[i], strlen(bad[i])) !=
        SIPWS_ERR_TEXT) {
      fail_msg("taken: %s", bad[i]);
    }
  }
  assert_int_equal(sipws_tls_set_name(client.conn, "a\0b", 3), SIPWS_ERR_TEXT);
  memset(longest, 'a', sizeof longest);
  assert_int_equal(sipws_tls_set_name(client.conn, longest, 254),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_tls_set_name(client.conn, longest, 253), 0);
  assert_int_equal(sipws_tls_set_name(client.conn, NULL, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_set_name(client.conn, "h.example", 9), 0);
  end_server(&server);
  assert_int_equal(sipws_tls_set_name(server.conn, "h.example", 9),
                   SIPWS_ERR_STATE);
  pass_all(&client, &server);
  assert_outcome(SIPWS_TLS_OK);
  both_free();
  cert_free(&leaf);
}

/* ---- certificates ---- */

static void check_plan(const struct cert_plan *plan, int reason) {
  struct cert leaf;
  cert_make(&leaf, plan);
  both_begin(&leaf);
  end_trust(&client, &root);
  both_run("wss://h.example/");
  assert_outcome(reason);
  both_free();
  cert_free(&leaf);
}

static void test_tls_verify_bad_certificates_are_refused(void **state) {
  static const struct cert_plan usual = {.subject = "CN=leaf",
                                         .names = "dns:h.example"};
  struct cert_plan plan = usual;
  (void)state;
  plan.issuer = &root;
  check_plan(&plan, SIPWS_TLS_OK);
  plan.to = "20210101000000";
  check_plan(&plan, SIPWS_TLS_EXPIRED);
  plan.to = NULL;
  plan.from = "20980101000000";
  check_plan(&plan, SIPWS_TLS_NOT_YET_VALID);
  plan.from = NULL;
  plan.purpose = "server";
  check_plan(&plan, SIPWS_TLS_OK);
  plan.purpose = NULL;
  plan.is_sha1 = 1;
  check_plan(&plan, SIPWS_TLS_WEAK);
  plan.is_sha1 = 0;
  plan.issuer = &other_root;
  check_plan(&plan, SIPWS_TLS_UNKNOWN_CA);
  plan.issuer = NULL;
  check_plan(&plan, SIPWS_TLS_SELF_SIGNED);
}

/* mbedTLS passes such a certificate over and verifies a blank one. */
static void test_tls_verify_unknown_signature_cannot_be_read(void **state) {
  static const uint8_t ecdsa_with_sha256[10] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                                0xce, 0x3d, 0x04, 0x03, 0x02};
  struct cert leaf;
  size_t found = 0;
  size_t i;
  (void)state;
  if (HAS_TLS13) {
    skip(); /* certificates travel encrypted */
  }
  cert_make_leaf(&leaf, "dns:h.example", &root);
  both_begin(&leaf);
  end_trust(&client, &root);
  end_client(&client, "wss://h.example/");
  end_server(&server);
  (void)pass(&client, &server);
  (void)end_take(&server);
  for (i = 0; i + sizeof ecdsa_with_sha256 <= server.wire.len; i++) {
    if (memcmp(server.wire.data + i, ecdsa_with_sha256,
               sizeof ecdsa_with_sha256) == 0) {
      server.wire.data[i + sizeof ecdsa_with_sha256 - 1] = 0x7f;
      found++;
    }
  }
  assert_int_equal(found, 2);
  pass_all(&client, &server);
  assert_outcome(SIPWS_TLS_BAD_CERTIFICATE);
  both_free();
  cert_free(&leaf);
}

static void test_tls_verify_rsa_of_2048_bits_is_taken(void **state) {
  struct cert_plan plan = {0};
  (void)state;
  plan.subject = "CN=leaf";
  plan.names = "dns:h.example";
  plan.issuer = &root;
  plan.key = CERT_RSA;
  check_plan(&plan, SIPWS_TLS_OK);
}

static void test_tls_verify_small_rsa_key_is_weak(void **state) {
  struct cert_plan plan = {0};
  (void)state;
  plan.subject = "CN=leaf";
  plan.names = "dns:h.example";
  plan.issuer = &root;
  plan.key = CERT_RSA_1024;
  check_plan(&plan, SIPWS_TLS_WEAK);
}

/* A small key in the middle of the chain. */
static void test_tls_verify_small_ec_key_is_weak(void **state) {
  struct cert_plan plan = {0};
  struct cert middle;
  (void)state;
  plan.subject = "CN=middle";
  plan.issuer = &root;
  plan.is_ca = 1;
  plan.key = CERT_EC_192;
  cert_make(&middle, &plan);
  memset(&plan, 0, sizeof plan);
  plan.subject = "CN=leaf";
  plan.names = "dns:h.example";
  plan.issuer = &middle;
  check_plan(&plan, SIPWS_TLS_WEAK);
  cert_free(&middle);
}

static void test_tls_verify_self_signed_can_be_trusted(void **state) {
  struct cert leaf;
  (void)state;
  cert_make_leaf(&leaf, "dns:h.example", NULL);
  both_begin(&leaf);
  end_trust(&client, &leaf);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_OK);
  both_free();
  cert_free(&leaf);
}

static void test_tls_verify_chain_needs_its_middle(void **state) {
  struct cert_plan plan = {0};
  struct cert middle, leaf;
  (void)state;
  plan.subject = "CN=middle";
  plan.issuer = &root;
  plan.is_ca = 1;
  cert_make(&middle, &plan);
  cert_make_leaf(&leaf, "dns:h.example", &middle);
  both_begin(&leaf);
  end_trust(&client, &root);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_OK);
  both_free();

  strcpy(leaf.chain, leaf.own);
  both_begin(&leaf);
  end_trust(&client, &root);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_UNKNOWN_CA);
  both_free();

  /* nor does the middle sign when it is no CA */
  cert_free(&middle);
  cert_free(&leaf);
  plan.is_ca = 0;
  cert_make(&middle, &plan);
  cert_make_leaf(&leaf, "dns:h.example", &middle);
  both_begin(&leaf);
  end_trust(&client, &root);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_UNKNOWN_CA);
  both_free();
  cert_free(&middle);
  cert_free(&leaf);
}

static void test_tls_verify_can_be_switched_off(void **state) {
  struct cert leaf;
  (void)state;
  cert_make_leaf(&leaf, "dns:else.example", NULL);
  both_begin(&leaf);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(client.tls, 1),
                   0);
  both_run("wss://h.example/");
  assert_log(&client, "open\n");
  assert_int_equal(sipws_conn_is_secure(client.conn), 1);
  assert_int_equal(sipws_tls_is_verified(client.conn), 0);
  both_free();

  both_begin(&leaf);
  end_trust(&client, &root);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(client.tls, 1),
                   0);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(client.tls, 0),
                   0);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_SELF_SIGNED);
  both_free();
  cert_free(&leaf);
}

/* ---- pins ---- */

static void pin(const struct cert *cert) {
  assert_int_equal(sipws_tls_config_add_pin(client.tls, cert->pin), 0);
}

static void test_tls_verify_pin_alone_decides(void **state) {
  struct cert_plan plan = {0};
  struct cert leaf, stranger;
  (void)state;
  plan.subject = "CN=leaf";
  plan.names = "dns:else.example";
  plan.to = "20210101000000";
  plan.issuer = &other_root;
  cert_make(&leaf, &plan);
  cert_make_leaf(&stranger, "dns:h.example", &other_root);
  both_begin(&leaf);
  pin(&stranger);
  pin(&leaf);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_OK);
  both_free();

  both_begin(&leaf);
  pin(&stranger);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_PIN);
  both_free();

  /* it does not help that the issuer is pinned, and sent along */
  strcat(leaf.chain, other_root.own);
  both_begin(&leaf);
  pin(&other_root);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_PIN);
  both_free();

  /* whoever sends it along does not hold its key */
  strcat(stranger.chain, leaf.own);
  both_begin(&stranger);
  pin(&leaf);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_PIN);
  both_free();
  cert_free(&leaf);
  cert_free(&stranger);
}

static void test_tls_verify_pin_and_ca_must_both_fit(void **state) {
  struct cert_plan plan = {0};
  struct cert middle, other_middle, leaf, stray;
  const struct cert *pins[3];
  size_t i;
  (void)state;
  plan.subject = "CN=middle";
  plan.issuer = &root;
  plan.is_ca = 1;
  cert_make(&middle, &plan);
  plan.subject = "CN=other middle";
  cert_make(&other_middle, &plan);
  cert_make_leaf(&leaf, "dns:h.example", &middle);
  pins[0] = &leaf;
  pins[1] = &middle;
  pins[2] = &root;
  for (i = 0; i < 3; i++) {
    both_begin(&leaf);
    end_trust(&client, &root);
    pin(pins[i]);
    both_run("wss://h.example/");
    assert_outcome(SIPWS_TLS_OK);
    both_free();
  }

  both_begin(&leaf);
  end_trust(&client, &root);
  pin(&other_middle);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_PIN);
  both_free();

  /* sent along, it is no part of the chain */
  strcat(leaf.chain, other_middle.own);
  both_begin(&leaf);
  end_trust(&client, &root);
  pin(&other_middle);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_PIN);
  both_free();

  both_begin(&leaf);
  end_trust(&client, &other_root);
  pin(&leaf);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_UNKNOWN_CA);
  both_free();

  cert_make_leaf(&stray, "dns:else.example", &root);
  both_begin(&stray);
  end_trust(&client, &root);
  pin(&stray);
  both_run("wss://h.example/");
  assert_outcome(SIPWS_TLS_WRONG_NAME);
  both_free();
  cert_free(&middle);
  cert_free(&other_middle);
  cert_free(&leaf);
  cert_free(&stray);
}

static void test_tls_verify_pin_of_the_peer_is_told(void **state) {
  struct cert leaf;
  uint8_t digest[32];
  (void)state;
  cert_make_leaf(&leaf, "dns:h.example", &root);
  both_begin(&leaf);
  end_trust(&client, &root);
  both_run("wss://h.example/");
  assert_int_equal(sipws_tls_peer_pin(client.conn, digest), 0);
  assert_memory_equal(digest, leaf.pin, sizeof digest);
  assert_int_equal(sipws_tls_peer_pin(client.conn, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_peer_pin(server.conn, digest),
                   SIPWS_ERR_NOT_FOUND);
  both_free();
  cert_free(&leaf);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_verify_names_follow_https),
      cmocka_unit_test(test_tls_verify_sni_is_the_name),
      cmocka_unit_test(test_tls_verify_name_can_be_another),
      cmocka_unit_test(test_tls_verify_name_that_is_none_is_refused),
      cmocka_unit_test(test_tls_verify_bad_certificates_are_refused),
      cmocka_unit_test(test_tls_verify_unknown_signature_cannot_be_read),
      cmocka_unit_test(test_tls_verify_rsa_of_2048_bits_is_taken),
      cmocka_unit_test(test_tls_verify_small_rsa_key_is_weak),
      cmocka_unit_test(test_tls_verify_small_ec_key_is_weak),
      cmocka_unit_test(test_tls_verify_self_signed_can_be_trusted),
      cmocka_unit_test(test_tls_verify_chain_needs_its_middle),
      cmocka_unit_test(test_tls_verify_can_be_switched_off),
      cmocka_unit_test(test_tls_verify_pin_alone_decides),
      cmocka_unit_test(test_tls_verify_pin_and_ca_must_both_fit),
      cmocka_unit_test(test_tls_verify_pin_of_the_peer_is_told),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
