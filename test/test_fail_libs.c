/* What wslay and mbedTLS's hashes allocate by themselves, past our hook: the
 * linker (--wrap) hands us those of their functions that do. */
#include "pair.h"

#include <sipws/front.h>

#include <mbedtls/md.h>

/* ---- mbedTLS's hashes ---- */

static long hashes, hash_fail_at;

int __real_mbedtls_md_setup(mbedtls_md_context_t *md,
                            const mbedtls_md_info_t *info, int hmac);
int __wrap_mbedtls_md_setup(mbedtls_md_context_t *md,
                            const mbedtls_md_info_t *info, int hmac);

int __wrap_mbedtls_md_setup(mbedtls_md_context_t *md,
                            const mbedtls_md_info_t *info, int hmac) {
  return ++hashes == hash_fail_at ? MBEDTLS_ERR_MD_ALLOC_FAILED
                                  : __real_mbedtls_md_setup(md, info, hmac);
}

static int answer(char *out, size_t size, size_t *len) {
  static const char challenge[] =
      "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256-sess";
  static const uint8_t seed[16] = {0};
  return sipws_auth_answer(challenge, sizeof challenge - 1, "GET", 3, "/", 1,
                           "u", 1, "p", 1, seed, 1, out, size, len);
}

/* Four hashes make an answer, and four its check. */
static void test_fail_libs_memory_of_a_digest_is_told(void **state) {
  char value[400];
  size_t len = 0;
  long at;
  (void)state;
  for (at = 1; at <= 4; at++) {
    hash_fail_at = hashes + at;
    assert_int_equal(answer(value, sizeof value, &len), SIPWS_ERR_NOMEM);
  }
  assert_int_equal(answer(value, sizeof value, &len), 0);
  for (at = 1; at <= 4; at++) {
    hash_fail_at = hashes + at;
    assert_int_equal(sipws_auth_check(value, len, "GET", 3, "p", 1),
                     SIPWS_ERR_NOMEM);
  }
  assert_int_equal(sipws_auth_check(value, len, "GET", 3, "p", 1), 0);
}

/* ---- wslay ---- */

#ifndef SIPWS_NO_WSLAY
#include <wslay/wslay.h>

static int wslay_fails;

int __real_wslay_frame_context_init(
    wslay_frame_context_ptr *context,
    const struct wslay_frame_callbacks *callbacks, void *user);
int __wrap_wslay_frame_context_init(
    wslay_frame_context_ptr *context,
    const struct wslay_frame_callbacks *callbacks, void *user);

int __wrap_wslay_frame_context_init(
    wslay_frame_context_ptr *context,
    const struct wslay_frame_callbacks *callbacks, void *user) {
  return wslay_fails
             ? WSLAY_ERR_NOMEM
             : __real_wslay_frame_context_init(context, callbacks, user);
}

static struct side side;
static struct wire wire;

/* A fragment, which the lane leaves to wslay. */
static void test_fail_libs_memory_of_wslay_ends_the_connection(void **state) {
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    side_open(&side, role);
    wire_clear(&wire);
    wire_frame(&wire, 0x01, role == SIPWS_SERVER, "OPTIONS", 7);
    wslay_fails = 1;
    (void)side_feed(&side, wire.data, wire.len, 0);
    wslay_fails = 0;
    assert_int_equal(side_fed(&side), SIPWS_ERR_NOMEM);
    assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_NOMEM);
    assert_wire(&side,
                role == SIPWS_SERVER ? "close 1011\n" : "mask close 1011\n");
    assert_int_equal(sipws_conn_eof(side.conn, 0), 0);
    assert_log(&side, "closed MEMORY 1006\n");
    side_free(&side);
  }
}

/* The same octets are then written without it. */
static void test_fail_libs_memory_of_wslay_stops_no_sending(void **state) {
  (void)state;
  side_open(&side, SIPWS_SERVER);
  wslay_fails = 1;
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
  assert_string_equal(side_output(&side) + 2, OPTIONS);
  wslay_fails = 0;
  side_free(&side);
}
#endif

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_libs_memory_of_a_digest_is_told),
#ifndef SIPWS_NO_WSLAY
      cmocka_unit_test(test_fail_libs_memory_of_wslay_ends_the_connection),
      cmocka_unit_test(test_fail_libs_memory_of_wslay_stops_no_sending),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
