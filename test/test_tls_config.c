#include "test_tls.h"

#include <sys/stat.h>
#include <unistd.h>

static struct cert root, leaf, twin, locked;
static sipws_tls_config *config;
static struct test_heap heap;
static char dir[64];
static char path[128];

/* A key, and the same one encrypted with "secret". */
static const char plain_key[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIB4E9bVDeZFNXERONOMT+hB93p4LKOv1hwOQkVZmBlH/oAoGCCqGSM49\n"
    "AwEHoUQDQgAEWx8sFiHZYxH5ipjHuhb6OOrUB43dETiqqKGEfSpHTD+4s5JyD6C6\n"
    "8g+N42pUyfEZjXNGmmzZPNzrQxrvJsTMCA==\n"
    "-----END EC PRIVATE KEY-----\n";
static const char locked_key[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,F5C1AE5EB49B467DF4D9A8FEE1F1BE0E\n"
    "\n"
    "DYzVYhMbXGOWuggTErJOrcyKpzJSocqH6BNJUCdSvqAZR78Ngd3w3BWexAE8LLSt\n"
    "7jfLN3PeEjpAPQ2rvmMPZaJp4EC2sfSBVK8HovHD1jEcIrdZNtlvUlU8CqIW6Mjk\n"
    "Wt2LzyDqR4Lo/e6DCwa3OrroAV9QmIwmVU3UFfFtFgA=\n"
    "-----END EC PRIVATE KEY-----\n";

static int make_certs(void **state) {
  struct cert_plan plan = {0};
  (void)state;
  cert_make_root(&root, "CN=root");
  cert_make_leaf(&leaf, "dns:h.example", &root);
  cert_make_leaf(&twin, "dns:h.example", &root);
  plan.subject = "CN=leaf";
  plan.names = "dns:h.example";
  plan.issuer = &root;
  plan.key_pem = plain_key;
  cert_make(&locked, &plan);
  strcpy(dir, "/tmp/sipws-test-XXXXXX");
  assert_non_null(mkdtemp(dir));
  return 0;
}

static int free_certs(void **state) {
  (void)state;
  cert_free(&root);
  cert_free(&leaf);
  cert_free(&twin);
  cert_free(&locked);
  return rmdir(dir);
}

static int make_config(int role) {
  uint32_t *seed = NULL;
  memset(&heap, 0, sizeof heap);
  return sipws_tls_config_new(role, test_alloc, &heap, test_random, seed,
                              &config);
}

static void begin(int role) {
  assert_int_equal(make_config(role), 0);
}

static void end(void) {
  sipws_tls_config_free(config);
  assert_int_equal(heap.live, 0);
  assert_int_equal(heap.blocks, 0);
}

/* A file in |dir|; |path| names it until the next one. */
static void write_file(const char *name, const void *data, size_t len) {
  FILE *file;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

/* assert that a setter failed, and why. */
#define assert_refused(call, why)                                              \
  do {                                                                         \
    assert_int_equal((call), SIPWS_ERR_TLS);                                   \
    assert_int_equal(sipws_tls_config_reason(config), (why));                  \
  } while (0)

static int add_ca(const char *text) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  int err = sipws_tls_config_add_ca(config, guarded, len);
  test_guarded_free(guarded, len);
  return err;
}

static int add_identity(const char *chain, const char *key,
                        const char *password) {
  size_t chain_len = strlen(chain), key_len = strlen(key);
  char *guarded_chain = test_guarded(chain, chain_len);
  char *guarded_key = test_guarded(key, key_len);
  int err = sipws_tls_config_add_identity(
      config, guarded_chain, chain_len, guarded_key, key_len, password,
      password != NULL ? strlen(password) : 0);
  test_guarded_free(guarded_chain, chain_len);
  test_guarded_free(guarded_key, key_len);
  return err;
}

/* ---- life ---- */

static void test_tls_config_needs_role_and_random(void **state) {
  (void)state;
  assert_int_equal(
      sipws_tls_config_new(2, NULL, NULL, test_random, NULL, &config),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_tls_config_new(-1, NULL, NULL, test_random, NULL, &config),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_tls_config_new(SIPWS_CLIENT, NULL, NULL, test_random, NULL, NULL),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_tls_config_new(SIPWS_CLIENT, NULL, NULL, NULL, NULL, &config),
      SIPWS_ERR_NO_RANDOM);
  assert_int_equal(sipws_tls_config_new(SIPWS_SERVER, NULL, NULL,
                                        sipws_os_random, NULL, &config),
                   0);
  assert_int_equal(sipws_tls_config_reason(config), SIPWS_TLS_OK);
  assert_int_equal(sipws_tls_config_native_error(config), 0);
  sipws_tls_config_free(config);
  sipws_tls_config_free(NULL);
}

static int no_random(uint8_t *out, size_t len, void *user) {
  (void)out;
  (void)len;
  (void)user;
  return 1;
}

static void test_tls_config_tells_that_random_failed(void **state) {
  (void)state;
  /* a server makes the keys of its tickets */
  assert_int_equal(
      sipws_tls_config_new(SIPWS_SERVER, NULL, NULL, no_random, NULL, &config),
      SIPWS_ERR_RANDOM);
}

/* ---- CAs ---- */

static void test_tls_config_takes_cas_in_any_form(void **state) {
  char two[4500];
  (void)state;
  begin(SIPWS_CLIENT);
  assert_int_equal(add_ca(root.own), 0);
  assert_int_equal(sipws_tls_config_add_ca(config, root.der, root.der_len), 0);
  snprintf(two, sizeof two, "# comment\r\n%sgarbage\n%s", root.own, leaf.own);
  assert_int_equal(add_ca(two), 0);
  write_file("ca.pem", two, strlen(two));
  assert_int_equal(sipws_tls_config_add_ca_file(config, path, strlen(path)), 0);
  assert_int_equal(unlink(path), 0);
  write_file("ca.der", root.der, root.der_len);
  assert_int_equal(sipws_tls_config_add_ca_file(config, path, strlen(path)), 0);
  /* the path needs no NUL */
  path[strlen(path)] = 'x';
  assert_int_equal(sipws_tls_config_add_ca_file(config, path, strlen(dir) + 7),
                   0);
  path[strlen(dir) + 7] = '\0';
  assert_int_equal(unlink(path), 0);
  assert_int_equal(sipws_tls_config_reason(config), SIPWS_TLS_OK);
  end();
}

/* Bundles have certificates that mbedTLS cannot read; the others count. */
static void test_tls_config_passes_over_bad_ones_of_several(void **state) {
  char two[4500];
  (void)state;
  begin(SIPWS_CLIENT);
  snprintf(two, sizeof two,
           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n%s",
           root.own);
  assert_int_equal(add_ca(two), 0);
  end();
}

static void test_tls_config_tells_what_is_wrong_with_a_ca(void **state) {
  char bad[2048];
  (void)state;
  begin(SIPWS_CLIENT);
  assert_refused(add_ca(""), SIPWS_TLS_NO_PEM);
  assert_refused(add_ca("hello"), SIPWS_TLS_NO_PEM);
  assert_refused(add_ca(leaf.key), SIPWS_TLS_NO_PEM);
  assert_true(sipws_tls_config_native_error(config) < 0);
  assert_refused(add_ca("-----BEGIN CERTIFICATE-----\nAAAA\n"
                        "-----END CERTIFICATE-----\n"),
                 SIPWS_TLS_NO_PEM);
  strcpy(bad, root.own);
  bad[strlen(bad) / 2] = '!';
  assert_refused(add_ca(bad), SIPWS_TLS_BAD_CERTIFICATE);
  assert_refused(sipws_tls_config_add_ca_file(config, "/none/such", 10),
                 SIPWS_TLS_FILE);
  assert_true(sipws_tls_config_native_error(config) < 0);
  assert_refused(sipws_tls_config_add_ca_file(config, "", 0), SIPWS_TLS_FILE);
  assert_refused(sipws_tls_config_add_ca_file(config, "/tmp\0/x", 7),
                 SIPWS_TLS_FILE);
  assert_int_equal(sipws_tls_config_add_ca(config, NULL, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_ca_file(config, NULL, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_ca_dir(config, NULL, 0),
                   SIPWS_ERR_INVALID);
  /* what failed left nothing: there is still nobody to trust */
  assert_int_equal(add_ca(root.own), 0);
  end();
}

static void test_tls_config_takes_every_file_of_a_directory(void **state) {
  (void)state;
  begin(SIPWS_CLIENT);
  assert_refused(sipws_tls_config_add_ca_dir(config, dir, strlen(dir)),
                 SIPWS_TLS_NO_PEM);
  write_file("readme", "hello", 5);
  assert_refused(sipws_tls_config_add_ca_dir(config, dir, strlen(dir)),
                 SIPWS_TLS_NO_PEM);
  write_file("a.pem", root.own, strlen(root.own));
  assert_int_equal(sipws_tls_config_add_ca_dir(config, dir, strlen(dir)), 0);
  assert_int_equal(unlink(path), 0);
  snprintf(path, sizeof path, "%s/readme", dir);
  assert_int_equal(unlink(path), 0);
  assert_refused(sipws_tls_config_add_ca_dir(config, "/none", 5),
                 SIPWS_TLS_FILE);
  end();
}

/* On a machine with CAs where Debian has them. */
static void test_tls_config_finds_the_systems_cas(void **state) {
  int is_there = access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0;
  (void)state;
  if (!is_there) {
    skip();
  }
  begin(SIPWS_CLIENT);
  assert_int_equal(sipws_tls_config_add_system_ca(config), 0);
  end();
}

/* ---- identities ---- */

static void test_tls_config_takes_identities_in_any_form(void **state) {
  char key_path[128];
  uint8_t key_der[2048];
  int len;
  (void)state;
  begin(SIPWS_SERVER);
  assert_int_equal(add_identity(leaf.chain, leaf.key, NULL), 0);
  len = mbedtls_pk_write_key_der(&leaf.pk, key_der, sizeof key_der);
  assert_true(len > 0);
  assert_int_equal(sipws_tls_config_add_identity(config, leaf.der, leaf.der_len,
                                                 key_der + sizeof key_der - len,
                                                 (size_t)len, NULL, 0),
                   0);
  assert_int_equal(add_identity(locked.chain, locked_key, "secret"), 0);
  write_file("key.pem", locked_key, strlen(locked_key));
  strcpy(key_path, path);
  write_file("chain.pem", locked.chain, strlen(locked.chain));
  assert_int_equal(
      sipws_tls_config_add_identity_files(config, path, strlen(path), key_path,
                                          strlen(key_path), "secretary", 6),
      0);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(unlink(key_path), 0);
  end();
}

static void test_tls_config_tells_what_is_wrong_with_an_identity(void **state) {
  char chain[8300];
  (void)state;
  begin(SIPWS_SERVER);
  assert_refused(add_identity("", leaf.key, NULL), SIPWS_TLS_NO_PEM);
  assert_refused(add_identity(leaf.key, leaf.key, NULL), SIPWS_TLS_NO_PEM);
  assert_refused(add_identity(leaf.chain, "", NULL), SIPWS_TLS_KEY);
  assert_refused(add_identity(leaf.chain, "hello", NULL), SIPWS_TLS_KEY);
  assert_refused(add_identity(leaf.chain, leaf.chain, NULL), SIPWS_TLS_KEY);
  assert_true(sipws_tls_config_native_error(config) < 0);
  assert_refused(add_identity(leaf.chain, twin.key, NULL), SIPWS_TLS_MISMATCH);
  assert_refused(add_identity(locked.chain, locked_key, NULL), SIPWS_TLS_KEY);
  assert_refused(add_identity(locked.chain, locked_key, "Secret"),
                 SIPWS_TLS_KEY);
  /* of a chain every certificate counts */
  snprintf(chain, sizeof chain,
           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n%s",
           leaf.chain);
  assert_refused(add_identity(chain, leaf.key, NULL),
                 SIPWS_TLS_BAD_CERTIFICATE);
  assert_refused(sipws_tls_config_add_identity_files(config, "/none", 5,
                                                     "/none", 5, NULL, 0),
                 SIPWS_TLS_FILE);
  write_file("chain.pem", leaf.chain, strlen(leaf.chain));
  assert_refused(sipws_tls_config_add_identity_files(config, path, strlen(path),
                                                     "/none", 5, NULL, 0),
                 SIPWS_TLS_FILE);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(
      sipws_tls_config_add_identity(config, NULL, 0, "", 0, NULL, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_tls_config_add_identity(config, "", 0, NULL, 0, NULL, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_identity(config, "", 0, "", 0, NULL, 1),
                   SIPWS_ERR_INVALID);
  end();
}

/* ---- other settings ---- */

static void test_tls_config_settings_are_for_one_role(void **state) {
  (void)state;
  begin(SIPWS_SERVER);
  assert_int_equal(sipws_tls_config_add_pin(config, leaf.pin),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(config, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_client_cert(config, 3),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_client_cert(config, -1),
                   SIPWS_ERR_INVALID);
  end();
  begin(SIPWS_CLIENT);
  assert_int_equal(
      sipws_tls_config_set_client_cert(config, SIPWS_TLS_CLIENT_OPTIONAL),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_pin(config, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(config, 2),
                   SIPWS_ERR_INVALID);
  end();
}

static void test_tls_config_without_object_is_invalid(void **state) {
  (void)state;
  assert_int_equal(sipws_tls_config_add_ca(NULL, "", 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_ca_file(NULL, "", 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_ca_dir(NULL, "", 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_system_ca(NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_identity(NULL, "", 0, "", 0, NULL, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_tls_config_add_identity_files(NULL, "", 0, "", 0, NULL, 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_add_pin(NULL, leaf.pin), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_client_cert(NULL, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(NULL, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_set_session_lifetime(NULL, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_reason(NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_config_native_error(NULL), SIPWS_ERR_INVALID);
}

/* ---- attach ---- */

static sipws_config *plain;
static sipws_conn *conn;

static void begin_conn(const char *url) {
  assert_int_equal(sipws_config_new(NULL, NULL, &plain), 0);
  (void)sipws_config_set_random(plain, test_random, NULL);
  assert_int_equal(
      url != NULL ? sipws_client_new(plain, url, strlen(url), NULL, 0, &conn)
                  : sipws_server_new(plain, NULL, 0, &conn),
      0);
}

static void end_conn(void) {
  sipws_conn_free(conn);
  sipws_config_free(plain);
}

static void test_tls_config_attach_wants_what_is_needed(void **state) {
  (void)state;
  begin(SIPWS_CLIENT);
  begin_conn("wss://h.example/");
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_add_pin(config, leaf.pin), 0);
  assert_int_equal(sipws_tls_attach(config, conn), 0);
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_STATE);
  end_conn();
  end();

  begin(SIPWS_SERVER);
  begin_conn(NULL);
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_STATE);
  assert_int_equal(add_identity(leaf.chain, leaf.key, NULL), 0);
  assert_int_equal(
      sipws_tls_config_set_client_cert(config, SIPWS_TLS_CLIENT_REQUIRED), 0);
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_STATE);
  assert_int_equal(add_ca(root.own), 0);
  assert_int_equal(sipws_tls_attach(config, conn), 0);
  end_conn();
  end();
}

static void test_tls_config_attach_fits_the_connection(void **state) {
  char url[400] = "wss://";
  size_t taken;
  (void)state;
  begin(SIPWS_CLIENT);
  assert_int_equal(add_ca(root.own), 0);
  begin_conn("ws://h.example/");
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_URL);
  assert_int_equal(sipws_tls_attach(NULL, conn), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_attach(config, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_reason(conn), SIPWS_ERR_NOT_FOUND);
  end_conn();
  begin_conn(NULL);
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_INVALID);
  end_conn();
  memset(url + 6, 'a', 254);
  begin_conn(url);
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_URL);
  end_conn();
  end();
  begin(SIPWS_SERVER);
  assert_int_equal(add_identity(leaf.chain, leaf.key, NULL), 0);
  begin_conn(NULL);
  assert_int_equal(sipws_conn_feed(conn, "GET", 3, 0, &taken), 0);
  assert_int_equal(sipws_tls_attach(config, conn), SIPWS_ERR_STATE);
  end_conn();
  end();
}

static void test_tls_config_is_settled_by_the_first_attach(void **state) {
  (void)state;
  begin(SIPWS_CLIENT);
  assert_int_equal(add_ca(root.own), 0);
  begin_conn("wss://h.example/");
  assert_int_equal(sipws_tls_attach(config, conn), 0);
  assert_int_equal(add_ca(root.own), SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_add_ca_dir(config, dir, strlen(dir)),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_add_system_ca(config), SIPWS_ERR_STATE);
  assert_int_equal(add_identity(leaf.chain, leaf.key, NULL), SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_add_pin(config, leaf.pin), SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_set_client_cert(config, 0),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_set_insecure_no_verification(config, 1),
                   SIPWS_ERR_STATE);
  assert_int_equal(sipws_tls_config_set_session_lifetime(config, 1),
                   SIPWS_ERR_STATE);
  end_conn();
  assert_int_equal(add_ca(root.own), SIPWS_ERR_STATE);
  end();
}

/* ---- no TLS there ---- */

static void test_tls_config_connection_without_tls_says_so(void **state) {
  const char *name;
  size_t len;
  (void)state;
  begin_conn("ws://h.example/");
  assert_int_equal(sipws_tls_reason(conn), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_native_error(conn), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_alert(conn), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_version(conn), SIPWS_ERR_NOT_FOUND);
  assert_null(sipws_tls_suite(conn));
  assert_int_equal(sipws_tls_is_resumed(conn), 0);
  assert_int_equal(sipws_tls_is_verified(conn), 0);
  assert_int_equal(sipws_tls_server_name(conn, &name, &len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_set_name(conn, "a", 1), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_tls_set_session(conn, "a", 1), SIPWS_ERR_NOT_FOUND);
  end_conn();
  assert_int_equal(sipws_tls_reason(NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_tls_version(NULL), SIPWS_ERR_INVALID);
  assert_null(sipws_tls_suite(NULL));
  assert_int_equal(sipws_tls_is_verified(NULL), 0);
}

/* ---- memory ---- */

/* All setters; the first error. */
static int set_everything(int role) {
  int err = sipws_tls_config_add_ca(config, root.own, strlen(root.own));
  if (err == 0) {
    err = sipws_tls_config_add_identity(config, locked.chain,
                                        strlen(locked.chain), locked_key,
                                        strlen(locked_key), "secret", 6);
  }
  if (err == 0) {
    err = sipws_tls_config_add_ca_dir(config, "/none", 5) == SIPWS_ERR_NOMEM
              ? SIPWS_ERR_NOMEM
              : 0;
  }
  if (err == 0 && role == SIPWS_CLIENT) {
    err = sipws_tls_config_add_pin(config, leaf.pin);
  }
  return err;
}

static void check_every_allocation(int role) {
  long n;
  int err = SIPWS_ERR_NOMEM;
  for (n = 1; err == SIPWS_ERR_NOMEM; n++) {
    memset(&heap, 0, sizeof heap);
    heap.fail_at = n;
    config = NULL;
    err = sipws_tls_config_new(role, test_alloc, &heap, test_random, NULL,
                               &config);
    if (err == 0) {
      err = set_everything(role);
      assert_int_equal(sipws_tls_config_reason(config),
                       err == 0 ? SIPWS_TLS_FILE : SIPWS_TLS_MEMORY);
      sipws_tls_config_free(config);
    } else {
      assert_null(config);
    }
    assert_int_equal(heap.live, 0);
    assert_int_equal(heap.blocks, 0);
  }
  assert_int_equal(err, 0);
  assert_true(n > 6);
}

static void test_tls_config_survives_every_failed_allocation(void **state) {
  (void)state;
  check_every_allocation(SIPWS_CLIENT);
  check_every_allocation(SIPWS_SERVER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_config_needs_role_and_random),
      cmocka_unit_test(test_tls_config_tells_that_random_failed),
      cmocka_unit_test(test_tls_config_takes_cas_in_any_form),
      cmocka_unit_test(test_tls_config_passes_over_bad_ones_of_several),
      cmocka_unit_test(test_tls_config_tells_what_is_wrong_with_a_ca),
      cmocka_unit_test(test_tls_config_takes_every_file_of_a_directory),
      cmocka_unit_test(test_tls_config_finds_the_systems_cas),
      cmocka_unit_test(test_tls_config_takes_identities_in_any_form),
      cmocka_unit_test(test_tls_config_tells_what_is_wrong_with_an_identity),
      cmocka_unit_test(test_tls_config_settings_are_for_one_role),
      cmocka_unit_test(test_tls_config_without_object_is_invalid),
      cmocka_unit_test(test_tls_config_attach_wants_what_is_needed),
      cmocka_unit_test(test_tls_config_attach_fits_the_connection),
      cmocka_unit_test(test_tls_config_is_settled_by_the_first_attach),
      cmocka_unit_test(test_tls_config_connection_without_tls_says_so),
      cmocka_unit_test(test_tls_config_survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
