/* What TLS asks for, and what it does without. */
#include "test_tls_both.h"

#include <mbedtls/ssl.h>

/* Everything there is in a connection's life. */
static void both_live(void) {
  pass_all(&client, &server);
  (void)sipws_conn_send(client.conn, OPTIONS, strlen(OPTIONS), 0, 0, NULL);
  (void)sipws_conn_send(server.conn, OPTIONS, strlen(OPTIONS), 0, 0, NULL);
  pass_all(&client, &server);
  (void)sipws_conn_close(client.conn, 1000, NULL, 0, 0, 0);
  pass_all(&client, &server);
}

/* ---- how much ---- */

static void test_tls_memory_of_an_idle_connection_is_small(void **state) {
  size_t client_before, server_before, client_all, server_all;
  (void)state;
  both_begin();
  client_before = client.tls_heap.live;
  server_before = server.tls_heap.live;
  both_start();
  pass_all(&client, &server);
  assert_open(&client);
  assert_open(&server);
  client_all = client.tls_heap.live - client_before;
  server_all = server.tls_heap.live - server_before;
  /* mbedTLS's own context is a part of it */
  assert_true(client_all < 1000);
  assert_true(server_all < 1000);
  assert_true(client_all - sizeof(mbedtls_ssl_context) < 160);
  assert_true(server_all - sizeof(mbedtls_ssl_context) < 160);
  /* nor does it grow with use */
  end_send(&client, OPTIONS);
  end_send(&server, OPTIONS);
  pass_all(&client, &server);
  assert_int_equal(client.tls_heap.live - client_before, client_all);
  assert_int_equal(server.tls_heap.live - server_before, server_all);
  print_message(
      "of one connection: %lu octets, %lu of them mbedTLS's context\n",
      (unsigned long)client_all, (unsigned long)sizeof(mbedtls_ssl_context));
  both_free();
}

static void
test_tls_memory_is_given_back_with_the_last_connection(void **state) {
  (void)state;
  both_begin();
  both_start();
  sipws_tls_config_free(client.tls);
  client.tls = NULL;
  assert_true(client.tls_heap.live > 0);
  pass_all(&client, &server);
  assert_open(&client);
  end_drop(&client);
  assert_int_equal(client.tls_heap.live, 0);
  both_free();
}

/* ---- too little ---- */

static void test_tls_memory_lacking_at_attach_is_told(void **state) {
  long n;
  int err = SIPWS_ERR_NOMEM;
  (void)state;
  both_begin();
  for (n = 1; err == SIPWS_ERR_NOMEM; n++) {
    size_t live = client.tls_heap.live;
    assert_int_equal(sipws_client_new(client.config, "wss://h.example/", 16,
                                      NULL, 0, &client.conn),
                     0);
    client.tls_heap.calls = 0;
    client.tls_heap.fail_at = n;
    err = sipws_tls_attach(client.tls, client.conn);
    client.tls_heap.fail_at = 0;
    if (err == 0) {
      client.tls_heap.calls = 0;
      client.tls_heap.fail_at = 1;
      assert_int_equal(sipws_tls_set_name(client.conn, "i.example", 9),
                       SIPWS_ERR_NOMEM);
      client.tls_heap.fail_at = 0;
    }
    end_drop(&client);
    assert_int_equal(client.tls_heap.live, live);
  }
  assert_int_equal(err, 0);
  assert_true(n > 2);
  both_free();
}

static void test_tls_memory_lacking_at_any_step_is_survived(void **state) {
  struct test_heap *heaps[4];
  size_t i;
  (void)state;
  heaps[0] = &client.heap;
  heaps[1] = &server.heap;
  heaps[2] = &client.tls_heap;
  heaps[3] = &server.tls_heap;
  for (i = 0; i < 4; i++) {
    int has_failed = 1;
    long n;
    for (n = 1; has_failed; n++) {
      const struct end *who = i % 2 == 0 ? &client : &server;
      both_begin();
      both_start();
      heaps[i]->calls = 0;
      heaps[i]->fail_at = n;
      both_live();
      has_failed = heaps[i]->calls >= n;
      heaps[i]->fail_at = 0;
      if (!has_failed) {
        assert_non_null(strstr(server.log, "closed: the peer closed it"));
      } else if (sipws_conn_error(who->conn) == SIPWS_ERR_NOMEM &&
                 !sipws_conn_is_secure(who->conn)) {
        assert_int_equal(sipws_conn_cause(who->conn) == SIPWS_CAUSE_MEMORY ||
                             sipws_conn_cause(who->conn) == SIPWS_CAUSE_NONE,
                         1);
      }
      both_free();
    }
    if (i < 2) {
      assert_true(n > 5);
    }
  }
}

/* The stage's own: what it emits finds no room. */
static void test_tls_memory_lacking_for_output_is_told(void **state) {
  (void)state;
  both_begin();
  both_start();
  client.heap.calls = 0;
  client.heap.fail_at = 1;
  client.heap.fail_after = 1;
  assert_int_equal(end_take(&client), 0);
  assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_tls_reason(client.conn), SIPWS_TLS_MEMORY);
  assert_int_equal(sipws_tls_native_error(client.conn), -0x7f00);
  client.heap.fail_at = 0;
  both_free();
}

/* The name in the SNI finds none. */
static void test_tls_memory_lacking_for_the_sni_is_told(void **state) {
  (void)state;
  both_begin();
  both_start();
  server.tls_heap.calls = 0;
  server.tls_heap.fail_at = 1;
  pass_all(&client, &server);
  assert_failed(&server, SIPWS_ERR_NOMEM, SIPWS_TLS_MEMORY);
  both_free();
}

/* ---- random octets ---- */

/* mbedTLS goes on without a ticket, and at some steps has another number for
 * it. */
static void check_random_failed(const sipws_conn *conn, long draw) {
  int err = sipws_conn_error(conn);
  int is_told = err == SIPWS_ERR_RANDOM;
  if (draw == 1) {
    assert_true(is_told);
  }
  if (is_told && !sipws_conn_is_secure(conn)) {
    assert_int_equal(sipws_tls_reason(conn), SIPWS_TLS_RANDOM);
  }
  assert_true(is_told || err == SIPWS_ERR_TLS || err == SIPWS_ERR_CLOSED);
}

static void test_tls_memory_random_failing_at_any_step_is_told(void **state) {
  struct end *ends[2];
  size_t i;
  (void)state;
  ends[0] = &client;
  ends[1] = &server;
  for (i = 0; i < 2; i++) {
    int has_failed = 1;
    long n;
    for (n = 1; has_failed; n++) {
      both_begin();
      both_start();
      ends[i]->draws = 0;
      ends[i]->random_fail_at = n;
      both_live();
      has_failed = ends[i]->draws >= n;
      if (has_failed) {
        check_random_failed(ends[i]->conn, n);
      }
      both_free();
    }
    assert_true(n > 2);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tls_memory_of_an_idle_connection_is_small),
      cmocka_unit_test(test_tls_memory_is_given_back_with_the_last_connection),
      cmocka_unit_test(test_tls_memory_lacking_at_attach_is_told),
      cmocka_unit_test(test_tls_memory_lacking_at_any_step_is_survived),
      cmocka_unit_test(test_tls_memory_lacking_for_output_is_told),
      cmocka_unit_test(test_tls_memory_lacking_for_the_sni_is_told),
      cmocka_unit_test(test_tls_memory_random_failing_at_any_step_is_told),
  };
  return cmocka_run_group_tests(tests, make_certs, free_certs);
}
