/* flow: tokens that name a connection, and the pace of trying again. */
#include "writer.h"

#include <sipws/sip.h>

static const uint8_t key[64] =
    "a key of sixty-four octets, of which some tests "
    "use a part only";
static const uint8_t peer[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                 0,    0,    0,    0,    0, 0, 0, 1};
static const uint8_t local[4] = {192, 0, 2, 1};

#define ID UINT64_C(0x0123456789abcdef)

struct make {
  const uint8_t *key;
  size_t key_len;
  uint64_t id;
  const uint8_t *peer;
  size_t peer_len;
  uint16_t peer_port;
  const uint8_t *local;
  size_t local_len;
  uint16_t local_port;
};

static const struct make usual = {key, 32, ID, peer, 16, 40000, local, 4, 443};

static int make(const void *how, const char *msg, size_t len, char *out,
                size_t out_size, size_t *out_len) {
  const struct make *m = how;
  (void)msg;
  (void)len;
  return sipws_flow_token(m->key, m->key_len, m->id, m->peer, m->peer_len,
                          m->peer_port, m->local, m->local_len, m->local_port,
                          out, out_size, out_len);
}

static int match(const struct make *m, const char *token, size_t len) {
  return sipws_flow_match(m->key, m->key_len, token, len, m->id, m->peer,
                          m->peer_len, m->peer_port, m->local, m->local_len,
                          m->local_port);
}

/* The token of |m|, with a NUL behind it. */
static void token_of(const struct make *m,
                     char token[SIPWS_FLOW_TOKEN_LEN + 1]) {
  size_t len = 0;
  assert_int_equal(make(m, NULL, 0, token, SIPWS_FLOW_TOKEN_LEN, &len), 0);
  assert_int_equal(len, SIPWS_FLOW_TOKEN_LEN);
  token[len] = '\0';
}

static void test_flow_token_keeps_to_its_buffer(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  (void)state;
  token_of(&usual, token);
  assert_sizes(make, &usual, NULL, 0, token);
}

/* Computed apart from this library: HMAC-SHA-256 of "a", 16, the peer, 9c40, 4,
 * the local address, 01bb; then of "t", the id and the first four octets. */
static void test_flow_token_is_a_known_answer(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  (void)state;
  token_of(&usual, token);
  assert_string_equal(token, "ASNFZ4mrze9SLo3HTLpo3UaxcHhMyg");
}

static void test_flow_token_is_fit_for_a_user_part(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  struct make m = usual;
  (void)state;
  for (m.id = 0; m.id < 500; m.id++) {
    char text[64];
    sipws_span span;
    sipws_uri uri;
    token_of(&m, token);
    snprintf(text, sizeof text, "sip:%s@a;lr", token);
    span.off = 0;
    span.len = (uint32_t)strlen(text);
    uri.struct_size = sizeof uri;
    assert_int_equal(sipws_uri_parse(text, &span, &uri), 0);
    assert_span(text, uri.user, token);
  }
}

static void test_flow_check_tells_the_id(void **state) {
  static const uint64_t ids[] = {0, 1, ID, UINT64_MAX};
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  size_t i;
  (void)state;
  for (i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    struct make m = usual;
    uint64_t id = 77;
    char *guarded;
    m.id = ids[i];
    token_of(&m, token);
    guarded = test_guarded(token, SIPWS_FLOW_TOKEN_LEN);
    assert_int_equal(
        sipws_flow_check(key, 32, guarded, SIPWS_FLOW_TOKEN_LEN, &id), 0);
    assert_true(id == ids[i]);
    assert_int_equal(match(&m, guarded, SIPWS_FLOW_TOKEN_LEN), 0);
    test_guarded_free(guarded, SIPWS_FLOW_TOKEN_LEN);
  }
}

static void test_flow_changed_token_is_tampered(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  uint64_t id = 77;
  size_t i;
  int c;
  (void)state;
  token_of(&usual, token);
  for (i = 0; i < SIPWS_FLOW_TOKEN_LEN; i++) {
    char kept = token[i];
    for (c = 0; c < 256; c++) {
      token[i] = (char)c;
      if (token[i] != kept) {
        assert_int_equal(sipws_flow_check(key, 32, token, 30, &id),
                         SIPWS_ERR_TAMPERED);
        assert_int_equal(match(&usual, token, 30), SIPWS_ERR_TAMPERED);
      }
    }
    token[i] = kept;
  }
  assert_true(id == 77);
}

static void test_flow_token_of_wrong_length_is_tampered(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  uint64_t id = 77;
  size_t len;
  (void)state;
  token_of(&usual, token);
  for (len = 0; len < SIPWS_FLOW_TOKEN_LEN; len++) {
    char *cut = test_guarded(token, len);
    assert_int_equal(sipws_flow_check(key, 32, cut, len, &id),
                     SIPWS_ERR_TAMPERED);
    test_guarded_free(cut, len);
  }
  token[SIPWS_FLOW_TOKEN_LEN] = 'A';
  assert_int_equal(sipws_flow_check(key, 32, token, 31, &id),
                   SIPWS_ERR_TAMPERED);
  assert_int_equal(sipws_flow_check(key, 32, NULL, 0, &id), SIPWS_ERR_TAMPERED);
  assert_true(id == 77);
}

static void test_flow_token_of_another_key_is_tampered(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  uint8_t other[64];
  uint64_t id;
  size_t i;
  (void)state;
  token_of(&usual, token);
  assert_int_equal(sipws_flow_check(key, 33, token, 30, &id),
                   SIPWS_ERR_TAMPERED);
  assert_int_equal(sipws_flow_check(key, 31, token, 30, &id),
                   SIPWS_ERR_TAMPERED);
  for (i = 0; i < 32; i++) {
    memcpy(other, key, sizeof other);
    other[i] = (uint8_t)(other[i] ^ 1);
    assert_int_equal(sipws_flow_check(other, 32, token, 30, &id),
                     SIPWS_ERR_TAMPERED);
  }
}

static void test_flow_key_is_16_to_64_octets(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  uint8_t long_key[65] = {0};
  struct make m = usual;
  uint64_t id;
  (void)state;
  m.key = long_key;
  m.key_len = 16;
  token_of(&m, token);
  m.key_len = 64;
  token_of(&m, token);
  assert_int_equal(sipws_flow_check(long_key, 64, token, 30, &id), 0);
  m.key_len = 15;
  assert_refused(make, &m, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(sipws_flow_check(long_key, 15, token, 30, &id),
                   SIPWS_ERR_INVALID);
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_INVALID);
  m.key_len = 65;
  assert_refused(make, &m, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(sipws_flow_check(long_key, 65, token, 30, &id),
                   SIPWS_ERR_INVALID);
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_INVALID);
  m.key = NULL;
  m.key_len = 32;
  assert_refused(make, &m, NULL, SIPWS_ERR_INVALID);
}

static void test_flow_wrong_arguments_are_invalid(void **state) {
  struct make m = usual;
  uint64_t id;
  (void)state;
  m.peer_len = 5;
  assert_refused(make, &m, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(match(&m, "x", 1), SIPWS_ERR_INVALID);
  m = usual;
  m.local_len = 17;
  assert_refused(make, &m, NULL, SIPWS_ERR_INVALID);
  m = usual;
  m.peer = NULL;
  assert_refused(make, &m, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(sipws_flow_check(key, 32, NULL, 30, &id), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_flow_check(key, 32, "x", 1, NULL), SIPWS_ERR_INVALID);
}

/* Whatever differs in the connection found, it is not the one meant. */
static void test_flow_match_of_another_connection_is_dead(void **state) {
  static const uint8_t other[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                    0,    0,    0,    0,    0, 0, 0, 2};
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  struct make m = usual;
  (void)state;
  token_of(&usual, token);
  assert_int_equal(match(&m, token, 30), 0);
  m.id++;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
  m = usual;
  m.peer = other;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
  m = usual;
  m.peer_len = 4;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
  m = usual;
  m.peer_port++;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
  m = usual;
  m.local = other;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
  m = usual;
  m.local_len = 0;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
  m = usual;
  m.local_port++;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
}

static void test_flow_addresses_may_be_unknown(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  struct make m = {key, 16, 5, NULL, 0, 0, NULL, 0, 0};
  (void)state;
  token_of(&m, token);
  assert_int_equal(match(&m, token, 30), 0);
  m.peer = local;
  m.peer_len = 4;
  assert_int_equal(match(&m, token, 30), SIPWS_ERR_DEAD);
}

/* RFC 5626 section 4.5. */
/* ---- of a connection ---- */

struct conn_key {
  const sipws_conn *conn;
  size_t key_len;
};

static int make_of_conn(const void *how, const char *msg, size_t len, char *out,
                        size_t out_size, size_t *out_len) {
  const struct conn_key *k = how;
  (void)msg;
  (void)len;
  return sipws_conn_flow_token(k->conn, key, k->key_len, out, out_size,
                               out_len);
}

static void open_conn(sipws_config **config, sipws_conn **conn) {
  assert_int_equal(sipws_config_new(NULL, NULL, config), 0);
  assert_int_equal(sipws_config_set_random(*config, test_random, NULL), 0);
  assert_int_equal(sipws_server_new(*config, NULL, 0, conn), 0);
  assert_int_equal(sipws_conn_set_id(*conn, ID), 0);
  assert_int_equal(sipws_conn_set_peer(*conn, peer, 16, 40000), 0);
  assert_int_equal(sipws_conn_set_local(*conn, local, 4, 443), 0);
}

static void test_flow_token_of_a_connection_is_that_of_its_ends(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  struct conn_key k;
  sipws_config *config;
  sipws_conn *conn;
  (void)state;
  open_conn(&config, &conn);
  k.conn = conn;
  k.key_len = 32;
  token_of(&usual, token);
  assert_sizes(make_of_conn, &k, NULL, 0, token);
  k.key_len = 15;
  assert_refused(make_of_conn, &k, NULL, SIPWS_ERR_INVALID);
  k.conn = NULL;
  k.key_len = 32;
  assert_refused(make_of_conn, &k, NULL, SIPWS_ERR_INVALID);
  sipws_conn_free(conn);
  sipws_config_free(config);
}

static void test_flow_match_of_a_connection_asks_for_all_of_it(void **state) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  sipws_config *config;
  sipws_conn *conn;
  (void)state;
  open_conn(&config, &conn);
  token_of(&usual, token);
#define MATCH() sipws_conn_flow_match(conn, key, 32, token, 30)
  assert_int_equal(MATCH(), 0);
  (void)sipws_conn_set_id(conn, ID + 1);
  assert_int_equal(MATCH(), SIPWS_ERR_DEAD);
  (void)sipws_conn_set_id(conn, ID);
  (void)sipws_conn_set_peer(conn, peer, 16, 40001);
  assert_int_equal(MATCH(), SIPWS_ERR_DEAD);
  (void)sipws_conn_set_peer(conn, peer, 4, 40000);
  assert_int_equal(MATCH(), SIPWS_ERR_DEAD);
  (void)sipws_conn_set_peer(conn, peer, 16, 40000);
  (void)sipws_conn_set_local(conn, local, 4, 444);
  assert_int_equal(MATCH(), SIPWS_ERR_DEAD);
  (void)sipws_conn_set_local(conn, NULL, 0, 443);
  assert_int_equal(MATCH(), SIPWS_ERR_DEAD);
  (void)sipws_conn_set_local(conn, local, 4, 443);
  assert_int_equal(MATCH(), 0);
  token[7] = token[7] == 'A' ? 'B' : 'A';
  assert_int_equal(MATCH(), SIPWS_ERR_TAMPERED);
#undef MATCH
  assert_int_equal(sipws_conn_flow_match(NULL, key, 32, token, 30),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_flow_match(conn, NULL, 32, token, 30),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_flow_match(conn, key, 32, NULL, 30),
                   SIPWS_ERR_INVALID);
  sipws_conn_free(conn);
  sipws_config_free(config);
}

/* ---- pace ---- */

/* When all flows failed. */
static uint32_t retry_ms(uint32_t failures, uint32_t random) {
  return sipws_flow_retry_ms(failures, SIPWS_FLOW_BASE_ALL_MS,
                             SIPWS_FLOW_MAX_MS, random);
}

/* RFC 5626 section 4.5: 30 or 90 seconds, doubled up to 1800. */
static void test_flow_retry_doubles_up_to_its_maximum(void **state) {
  static const uint32_t thirty[] = {30000,  60000,  120000,  240000,
                                    480000, 960000, 1800000, 1800000};
  uint32_t n;
  (void)state;
  for (n = 0; n < 8; n++) {
    assert_int_equal(retry_ms(n, UINT32_MAX), thirty[n]);
    assert_int_equal(retry_ms(n, 0), thirty[n] / 2);
  }
  assert_int_equal(retry_ms(3, 0x80000000u), 180000);
  assert_int_equal(
      sipws_flow_retry_ms(1, SIPWS_FLOW_BASE_MS, SIPWS_FLOW_MAX_MS, UINT32_MAX),
      180000);
  for (n = 31; n < 70; n++) {
    assert_int_equal(retry_ms(n, UINT32_MAX), 1800000);
  }
  assert_int_equal(sipws_flow_retry_ms(UINT32_MAX, 1, UINT32_MAX, UINT32_MAX),
                   UINT32_MAX);
  assert_int_equal(sipws_flow_retry_ms(UINT32_MAX, 1, UINT32_MAX, 0),
                   0x80000000u);
  assert_int_equal(sipws_flow_retry_ms(5, 0, 1800000, UINT32_MAX), 0);
  assert_int_equal(sipws_flow_retry_ms(0, 90000, 1000, UINT32_MAX), 1000);
}

/* RFC 5626 section 4.4.1: 95 to 120 and 672 to 840 seconds in its text. */
static void test_flow_interval_is_80_to_100_percent(void **state) {
  uint32_t random = 1;
  int n;
  (void)state;
  assert_int_equal(sipws_flow_interval_ms(SIPWS_FLOW_BOUND_MS, 0), 96000);
  assert_int_equal(sipws_flow_interval_ms(SIPWS_FLOW_BOUND_MS, UINT32_MAX),
                   120000);
  assert_int_equal(sipws_flow_interval_ms(SIPWS_FLOW_BOUND_BATTERY_MS, 0),
                   672000);
  assert_int_equal(
      sipws_flow_interval_ms(SIPWS_FLOW_BOUND_BATTERY_MS, UINT32_MAX), 840000);
  assert_int_equal(sipws_flow_interval_ms(100, 0x80000000u), 90);
  assert_int_equal(sipws_flow_interval_ms(0, UINT32_MAX), 0);
  assert_int_equal(sipws_flow_interval_ms(1, 0), 1);
  assert_int_equal(sipws_flow_interval_ms(UINT32_MAX, UINT32_MAX), UINT32_MAX);
  for (n = 0; n < 1000; n++) {
    uint32_t ms;
    random = random * 1664525u + 1013904223u;
    ms = sipws_flow_interval_ms(29999, random);
    assert_true(ms >= 24000 && ms <= 29999);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_flow_token_keeps_to_its_buffer),
      cmocka_unit_test(test_flow_token_is_a_known_answer),
      cmocka_unit_test(test_flow_token_is_fit_for_a_user_part),
      cmocka_unit_test(test_flow_check_tells_the_id),
      cmocka_unit_test(test_flow_changed_token_is_tampered),
      cmocka_unit_test(test_flow_token_of_wrong_length_is_tampered),
      cmocka_unit_test(test_flow_token_of_another_key_is_tampered),
      cmocka_unit_test(test_flow_key_is_16_to_64_octets),
      cmocka_unit_test(test_flow_wrong_arguments_are_invalid),
      cmocka_unit_test(test_flow_match_of_another_connection_is_dead),
      cmocka_unit_test(test_flow_addresses_may_be_unknown),
      cmocka_unit_test(test_flow_token_of_a_connection_is_that_of_its_ends),
      cmocka_unit_test(test_flow_match_of_a_connection_asks_for_all_of_it),
      cmocka_unit_test(test_flow_retry_doubles_up_to_its_maximum),
      cmocka_unit_test(test_flow_interval_is_80_to_100_percent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
