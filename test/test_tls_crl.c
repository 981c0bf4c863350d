/* tls: what was revoked. */
#include "test_tls.h"

#include <mbedtls/x509_crl.h>
#include <unistd.h>

#define LONG "491231235959Z"
#define PAST "210101000000Z"

static struct end client, server;
static struct cert root, impostor, leaf, other;

static char crl[1024]; /* the root's, which revokes |leaf| */

static int make_certs(void **state) {
  (void)state;
  cert_make_root(&root, "CN=root");
  cert_make_root(&impostor, "CN=root");
  cert_make_leaf(&leaf, "dns:h.example", &root);
  cert_make_leaf(&other, "dns:h.example", &root);
  cert_make_crl(crl, sizeof crl, &root, &leaf, LONG);
  return 0;
}

static int free_certs(void **state) {
  (void)state;
  cert_free(&other);
  cert_free(&leaf);
  cert_free(&impostor);
  cert_free(&root);
  return 0;
}

static int add_crl(struct end *end, const char *text) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  int err = sipws_tls_config_add_crl(end->tls, guarded, len);
  test_guarded_free(guarded, len);
  return err;
}

/* A client that trusts the root, with the CRL if there is one. */
static void client_begin(const char *text) {
  end_config(&client, SIPWS_CLIENT);
  end_trust(&client, &root);
  if (text != NULL) {
    assert_int_equal(add_crl(&client, text), 0);
  }
}

/* Lets the client meet a server that shows |cert|; frees both. */
static void assert_meets(const struct cert *cert, int reason) {
  end_config(&server, SIPWS_SERVER);
  end_show(&server, cert);
  end_client(&client, "wss://h.example/");
  end_server(&server);
  pass_all(&client, &server);
  assert_int_equal(sipws_tls_reason(client.conn), reason);
  assert_int_equal(sipws_tls_is_verified(client.conn), reason == SIPWS_TLS_OK);
  assert_int_equal(sipws_conn_state(client.conn) == SIPWS_STATE_OPEN,
                   reason == SIPWS_TLS_OK);
  if (reason == SIPWS_TLS_REVOKED) {
    assert_int_equal(sipws_tls_alert(server.conn), 44); /* RFC 8446 6.2 */
  }
  end_free(&client);
  end_free(&server);
}

/* ---- what a CRL does ---- */

static void test_tls_crl_refuses_a_revoked_server(void **state) {
  (void)state;
  client_begin(NULL);
  assert_meets(&leaf, SIPWS_TLS_OK);
  client_begin(crl);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);
  client_begin(crl);
  assert_meets(&other, SIPWS_TLS_OK);
}

static void test_tls_crl_refuses_a_revoked_client(void **state) {
  int mode;
  (void)state;
  for (mode = SIPWS_TLS_CLIENT_OPTIONAL; mode <= SIPWS_TLS_CLIENT_REQUIRED;
       mode++) {
    client_begin(NULL);
    end_show(&client, &leaf);
    end_config(&server, SIPWS_SERVER);
    end_show(&server, &other);
    end_trust(&server, &root);
    assert_int_equal(add_crl(&server, crl), 0);
    assert_int_equal(sipws_tls_config_set_client_cert(server.tls, mode), 0);
    end_client(&client, "wss://h.example/");
    end_server(&server);
    pass_all(&client, &server);
    assert_int_equal(sipws_tls_is_verified(server.conn), 0);
    if (mode == SIPWS_TLS_CLIENT_OPTIONAL) {
      assert_open(&server);
    } else {
      assert_failed(&server, SIPWS_ERR_TLS, SIPWS_TLS_REVOKED);
    }
    end_free(&client);
    end_free(&server);
  }
}

/* The root's CRL, below it those of the CAs between. */
static void test_tls_crl_counts_at_every_link(void **state) {
  struct cert_plan plan = {0};
  struct cert between, below, elsewhere;
  char text[1024];
  (void)state;
  plan.subject = "CN=between";
  plan.is_ca = 1;
  plan.issuer = &root;
  cert_make(&between, &plan);
  cert_make_leaf(&below, "dns:h.example", &between);
  cert_make_root(&elsewhere, "CN=elsewhere");

  cert_make_crl(text, sizeof text, &root, &between, LONG);
  client_begin(text);
  assert_meets(&below, SIPWS_TLS_REVOKED);
  cert_make_crl(text, sizeof text, &between, &below, LONG);
  client_begin(text);
  assert_meets(&below, SIPWS_TLS_REVOKED);
  /* another CA may give the same number */
  cert_make_crl(text, sizeof text, &elsewhere, &below, LONG);
  client_begin(text);
  assert_meets(&below, SIPWS_TLS_OK);

  cert_free(&elsewhere);
  cert_free(&below);
  cert_free(&between);
}

static void test_tls_crl_that_is_bad_refuses_all(void **state) {
  char text[1024];
  (void)state;
  cert_make_crl(text, sizeof text, &root, NULL, PAST);
  client_begin(text);
  assert_meets(&other, SIPWS_TLS_BAD_CRL);
  cert_make_crl(text, sizeof text, &impostor, NULL, LONG);
  client_begin(text);
  assert_meets(&other, SIPWS_TLS_BAD_CRL);
  /* what it lists stays revoked */
  cert_make_crl(text, sizeof text, &root, &leaf, PAST);
  client_begin(text);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);
}

/* A session stands for a check that knew of no CRL. */
static void test_tls_crl_outdates_sessions(void **state) {
  static uint8_t session[8192];
  size_t len;
  (void)state;
  client_begin(NULL);
  end_config(&server, SIPWS_SERVER);
  end_show(&server, &leaf);
  end_client(&client, "wss://h.example/");
  end_server(&server);
  pass_all(&client, &server);
  assert_int_equal(
      sipws_tls_session(client.conn, session, sizeof session, &len), 0);
  end_free(&client);
  end_free(&server);
  client_begin(NULL); /* as before: it is taken */
  end_client(&client, "wss://h.example/");
  assert_int_equal(sipws_tls_set_session(client.conn, session, len), 0);
  end_free(&client);
  client_begin(crl);
  end_client(&client, "wss://h.example/");
  assert_int_equal(sipws_tls_set_session(client.conn, session, len),
                   SIPWS_ERR_TLS);
  end_free(&client);
}

/* ---- what is read ---- */

static void test_tls_crl_comes_in_any_form(void **state) {
  char path[] = "/tmp/sipws_crl_XXXXXX";
  char two[2100], empty[1024];
  mbedtls_x509_crl parsed;
  int fd = mkstemp(path);
  (void)state;
  assert_int_equal(write(fd, crl, strlen(crl)), strlen(crl));
  (void)close(fd);
  client_begin(NULL);
  assert_int_equal(
      sipws_tls_config_add_crl_file(client.tls, path, strlen(path)), 0);
  (void)unlink(path);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);

  mbedtls_x509_crl_init(&parsed);
  assert_int_equal(
      mbedtls_x509_crl_parse(&parsed, (unsigned char *)crl, strlen(crl) + 1),
      0);
  client_begin(NULL);
  assert_int_equal(
      sipws_tls_config_add_crl(client.tls, parsed.raw.p, parsed.raw.len), 0);
  mbedtls_x509_crl_free(&parsed);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);

  /* several of one CA, in one text or one by one */
  cert_make_crl(empty, sizeof empty, &root, NULL, LONG);
  snprintf(two, sizeof two, "of today:\n%s\nof the root:\n%s", empty, crl);
  client_begin(two);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);
  client_begin(two);
  assert_int_equal(add_crl(&client, empty), 0);
  assert_int_equal(add_crl(&client, empty), 0);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);
  client_begin(empty);
  assert_int_equal(add_crl(&client, two), 0);
  assert_meets(&leaf, SIPWS_TLS_REVOKED);
}

#define assert_refused(call, why)                                              \
  do {                                                                         \
    assert_int_equal((call), SIPWS_ERR_TLS);                                   \
    assert_int_equal(sipws_tls_config_reason(client.tls), (why));              \
  } while (0)

/* Nothing was added then, not even what was good in front of it. */
static void test_tls_crl_tells_what_is_wrong_with_one(void **state) {
  char text[2048];
  (void)state;
  client_begin(NULL);
  assert_refused(add_crl(&client, ""), SIPWS_TLS_NO_PEM);
  assert_refused(add_crl(&client, "hello"), SIPWS_TLS_NO_PEM);
  assert_refused(add_crl(&client, root.own), SIPWS_TLS_NO_PEM);
  strcpy(text, crl);
  *strstr(text, "-----END") = '\0';
  assert_refused(add_crl(&client, text), SIPWS_TLS_NO_PEM);
  snprintf(text, sizeof text, "%s%s", crl, "-----BEGIN X509 CRL-----\nMAA=\n");
  assert_refused(add_crl(&client, text), SIPWS_TLS_BAD_CRL);
  strcat(text, "-----END X509 CRL-----\n"); /* an empty sequence */
  assert_refused(add_crl(&client, text), SIPWS_TLS_NO_PEM);
  assert_refused(sipws_tls_config_add_crl_file(client.tls, "/none/such", 10),
                 SIPWS_TLS_FILE);
  assert_int_equal(sipws_tls_config_add_crl(client.tls, NULL, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_crl_file(client.tls, NULL, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_crl(NULL, "", 0), SIPWS_ERR_INVALID);
  end_client(&client, "wss://h.example/");
  assert_int_equal(add_crl(&client, crl), SIPWS_ERR_STATE);
  end_drop(&client);
  assert_meets(&leaf, SIPWS_TLS_OK);
}

static void test_tls_crl_survives_every_failed_allocation(void **state) {
  long n;
  int err = SIPWS_ERR_NOMEM;
  (void)state;
  for (n = 1; err == SIPWS_ERR_NOMEM; n++) {
    client_begin(NULL);
    client.tls_heap.fail_at = client.tls_heap.calls + n;
    err = add_crl(&client, crl);
    client.tls_heap.fail_at = 0;
    assert_meets(&leaf, err == 0 ? SIPWS_TLS_REVOKED : SIPWS_TLS_OK);
  }
  assert_int_equal(err, 0);
  assert_true(n > 2);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_crl_refuses_a_revoked_server),
      cmocka_unit_test(test_tls_crl_refuses_a_revoked_client),
      cmocka_unit_test(test_tls_crl_counts_at_every_link),
      cmocka_unit_test(test_tls_crl_that_is_bad_refuses_all),
      cmocka_unit_test(test_tls_crl_outdates_sessions),
      cmocka_unit_test(test_tls_crl_comes_in_any_form),
      cmocka_unit_test(test_tls_crl_tells_what_is_wrong_with_one),
      cmocka_unit_test(test_tls_crl_survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
