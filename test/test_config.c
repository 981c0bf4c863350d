/* config: every limit, timer and rule of the setters. */
#include "support.h"

#include "sipws_config.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

struct fixture {
  struct test_heap heap;
  sipws_config *config;
};

static int set_up(void **state) {
  static struct fixture f;
  memset(&f, 0, sizeof f);
  *state = &f;
  return sipws_config_new(test_alloc, &f.heap, &f.config);
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  sipws_config_free(f->config);
  return f->heap.live != 0 || f->heap.blocks != 0;
}

static sipws_config *config_of(void **state) {
  struct fixture *f = *state;
  return f->config;
}

/* ---- life ---- */

static void test_config_new_refused_memory_is_told(void **state) {
  struct test_heap heap;
  sipws_config *config = NULL;
  (void)state;
  memset(&heap, 0, sizeof heap);
  heap.fail_at = 1;
  assert_int_equal(sipws_config_new(test_alloc, &heap, &config),
                   SIPWS_ERR_NOMEM);
  assert_null(config);
  assert_int_equal(sipws_config_new(test_alloc, &heap, NULL),
                   SIPWS_ERR_INVALID);
  sipws_config_free(NULL);
}

static void test_config_default_allocator_serves(void **state) {
  sipws_config *config = NULL;
  (void)state;
  assert_int_equal(sipws_config_new(NULL, NULL, &config), 0);
  sipws_config_free(config);
}

static void test_config_defaults_are_those_published(void **state) {
  const sipws_config *config = config_of(state);
  static const uint32_t timers[] = {0,    10000, 10000, 10000, 10000,
                                    5000, 30000, 0,     0,     5000};
  size_t i;
  assert_int_equal(config->message.size, 65536);
  assert_int_equal(config->message.fragments, 256);
  assert_int_equal(config->handshake_size, 16384);
  assert_int_equal(config->headers, 100);
  assert_int_equal(config->body_prefix, 1024);
  assert_int_equal(config->queue_size, 262144);
  assert_int_equal(config->queue_high, 0);
  assert_int_equal(config->queue_low, 0);
  assert_int_equal(config->input_size, 16384);
  assert_int_equal(config->frame_size, 0);
  assert_int_equal(config->not_sip, 3);
  for (i = 0; i < ROWS(timers); i++) {
    assert_int_equal(config->timer[i], timers[i]);
  }
  assert_int_equal(config->keepalive[SIPWS_KEEPALIVE_PING], 25000);
  assert_int_equal(config->keepalive[SIPWS_KEEPALIVE_PONG], 0);
  assert_int_equal(config->keepalive[SIPWS_KEEPALIVE_CRLF], 0);
  assert_int_equal(config->policy, 0);
  assert_int_equal(config->protos.count, 1);
  assert_text(config->protos.list[0].name, config->protos.list[0].len, "sip");
  assert_int_equal(config->protos.list[0].profile, SIPWS_PROFILE_SIP);
  assert_null(config->random);
  assert_false(config->has_callbacks);
}

/* ---- numbers ---- */

struct limit_row {
  int limit;
  uint32_t min, max;
};

static const struct limit_row limits[] = {
    {SIPWS_LIMIT_MESSAGE_SIZE, 1, 1u << 30},
    {SIPWS_LIMIT_FRAGMENTS, 1, 1u << 31},
    {SIPWS_LIMIT_HANDSHAKE_SIZE, 256, 1u << 20},
    {SIPWS_LIMIT_HEADERS, 8, 10000},
    {SIPWS_LIMIT_BODY_PREFIX, 0, 1u << 20},
    {SIPWS_LIMIT_QUEUE_SIZE, 256, 1u << 30},
    {SIPWS_LIMIT_QUEUE_HIGH, 0, 1u << 30},
    {SIPWS_LIMIT_QUEUE_LOW, 0, 1u << 30},
    {SIPWS_LIMIT_INPUT_SIZE, 512, 1u << 20},
    {SIPWS_LIMIT_FRAME_SIZE, 0, 1u << 30},
    {SIPWS_LIMIT_NOT_SIP, 0, 255}};

static uint32_t limit_value(const sipws_config *config, int limit) {
  const uint32_t values[] = {0,
                             config->message.size,
                             config->message.fragments,
                             config->handshake_size,
                             config->headers,
                             config->body_prefix,
                             config->queue_size,
                             config->queue_high,
                             config->queue_low,
                             config->input_size,
                             config->frame_size,
                             config->not_sip};
  return values[limit];
}

static void test_config_limit_is_taken_within_its_range_alone(void **state) {
  sipws_config *config = config_of(state);
  size_t i;
  for (i = 0; i < ROWS(limits); i++) {
    const struct limit_row *row = &limits[i];
    assert_int_equal(sipws_config_set_limit(config, row->limit, row->min), 0);
    assert_int_equal(limit_value(config, row->limit), row->min);
    if (row->min > 0) {
      assert_int_equal(sipws_config_set_limit(config, row->limit, row->min - 1),
                       SIPWS_ERR_INVALID);
    }
    assert_int_equal(limit_value(config, row->limit), row->min);
    assert_int_equal(sipws_config_set_limit(config, row->limit, row->max), 0);
    assert_int_equal(sipws_config_set_limit(config, row->limit, row->max + 1),
                     SIPWS_ERR_INVALID);
    assert_int_equal(sipws_config_set_limit(config, row->limit, UINT32_MAX),
                     SIPWS_ERR_INVALID);
    assert_int_equal(limit_value(config, row->limit), row->max);
  }
  for (i = 0; i < ROWS(limits); i++) { /* none wrote another's place */
    assert_int_equal(limit_value(config, limits[i].limit), limits[i].max);
  }
}

static void test_config_unknown_limit_is_told(void **state) {
  sipws_config *config = config_of(state);
  assert_int_equal(sipws_config_set_limit(config, 0, 512), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_limit(config, -1, 512), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_limit(config, SIPWS_LIMIT_NOT_SIP + 1, 8),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_limit(NULL, SIPWS_LIMIT_HEADERS, 8),
                   SIPWS_ERR_INVALID);
}

static void test_config_timer_is_taken_within_its_range_alone(void **state) {
  sipws_config *config = config_of(state);
  int timer;
  for (timer = SIPWS_TIMER_HANDSHAKE; timer <= SIPWS_TIMER_TRIM; timer++) {
    assert_int_equal(sipws_config_set_timer(config, timer, 0), 0);
    assert_int_equal(config->timer[timer], 0);
    assert_int_equal(sipws_config_set_timer(config, timer, 0x80000000u), 0);
    assert_int_equal(sipws_config_set_timer(config, timer, 0x80000001u),
                     SIPWS_ERR_INVALID);
    assert_int_equal(sipws_config_set_timer(config, timer, UINT32_MAX),
                     SIPWS_ERR_INVALID);
    assert_int_equal(config->timer[timer], 0x80000000u);
    assert_int_equal(sipws_config_set_timer(config, timer, (uint32_t)timer * 7),
                     0);
  }
  for (timer = SIPWS_TIMER_HANDSHAKE; timer <= SIPWS_TIMER_TRIM; timer++) {
    assert_int_equal(config->timer[timer], timer * 7);
  }
  assert_int_equal(config->timer[SIPWS_TIMER_NONE], 0);
  assert_int_equal(sipws_config_set_timer(config, SIPWS_TIMER_NONE, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_timer(config, -1, 1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_timer(config, SIPWS_TIMER_TRIM + 1, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_timer(NULL, SIPWS_TIMER_TRIM, 1),
                   SIPWS_ERR_INVALID);
}

static void test_config_keepalive_is_taken_for_its_kinds_alone(void **state) {
  sipws_config *config = config_of(state);
  int kind;
  for (kind = SIPWS_KEEPALIVE_PING; kind <= SIPWS_KEEPALIVE_CRLF; kind++) {
    uint32_t ms = (uint32_t)kind * 1000;
    assert_int_equal(sipws_config_set_keepalive(config, kind, 0x80000000u), 0);
    assert_int_equal(sipws_config_set_keepalive(config, kind, 0x80000001u),
                     SIPWS_ERR_INVALID);
    assert_int_equal(config->keepalive[kind], 0x80000000u);
    assert_int_equal(sipws_config_set_keepalive(config, kind, ms), 0);
  }
  for (kind = SIPWS_KEEPALIVE_PING; kind <= SIPWS_KEEPALIVE_CRLF; kind++) {
    assert_int_equal(config->keepalive[kind], kind * 1000);
  }
  assert_int_equal(sipws_config_set_keepalive(config, 0, 1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_keepalive(config, -1, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_config_set_keepalive(config, SIPWS_KEEPALIVE_CRLF_PONG, 1),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_keepalive(NULL, SIPWS_KEEPALIVE_PING, 1),
                   SIPWS_ERR_INVALID);
}

static void test_config_policy_replaces_the_set(void **state) {
  sipws_config *config = config_of(state);
  uint32_t bit;
  for (bit = 1; bit <= SIPWS_POLICY_FIXED_BUFFERS; bit *= 2) {
    assert_int_equal(sipws_config_set_policy(config, bit), 0);
    assert_int_equal(config->policy, bit);
  }
  assert_int_equal(sipws_config_set_policy(config, 1023), 0);
  assert_int_equal(sipws_config_set_policy(config, 1024), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_policy(config, 0x80000001u),
                   SIPWS_ERR_INVALID);
  assert_int_equal(config->policy, 1023);
  assert_int_equal(sipws_config_set_policy(config, 0), 0);
  assert_int_equal(config->policy, 0);
  assert_int_equal(sipws_config_set_policy(NULL, 0), SIPWS_ERR_INVALID);
}

/* ---- hooks and callbacks ---- */

static int recv_none(uint8_t *buf, size_t len, size_t *got, void *user) {
  (void)buf, (void)len, (void)got, (void)user;
  return SIPWS_ERR_AGAIN;
}

static int send_none(const uint8_t *data, size_t len, size_t *sent,
                     void *user) {
  (void)data, (void)len, (void)sent, (void)user;
  return SIPWS_ERR_AGAIN;
}

static void trace_none(const sipws_conn *conn, int outgoing, int what,
                       const uint8_t *data, size_t len, void *user) {
  (void)conn, (void)outgoing, (void)what, (void)data, (void)len, (void)user;
}

static void test_config_hooks_are_set_and_taken_away(void **state) {
  sipws_config *config = config_of(state);
  int context;
  assert_int_equal(sipws_config_set_random(config, test_random, &context), 0);
  assert_true(config->random == test_random);
  assert_ptr_equal(config->random_user, &context);
  assert_int_equal(sipws_config_set_io(config, recv_none, send_none), 0);
  assert_true(config->recv == recv_none && config->send == send_none);
  assert_int_equal(sipws_config_set_trace(config, trace_none, &context), 0);
  assert_true(config->trace == trace_none);
  assert_ptr_equal(config->trace_user, &context);
  assert_false(config->has_callbacks); /* hooks are no callbacks */
  assert_int_equal(sipws_config_set_trace(config, NULL, NULL), 0);
  assert_true(config->trace == NULL);
  assert_int_equal(sipws_config_set_random(NULL, test_random, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_io(NULL, NULL, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_set_trace(NULL, NULL, NULL), SIPWS_ERR_INVALID);
}

static void on_event(sipws_conn *conn, void *user) {
  (void)conn, (void)user;
}
static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  (void)conn, (void)kind, (void)msg, (void)len, (void)verdict, (void)user;
  return 0;
}
static void on_number(sipws_conn *conn, int kind, uint64_t value, void *user) {
  (void)conn, (void)kind, (void)value, (void)user;
}
static void on_sent(sipws_conn *conn, uint64_t seq, void *user) {
  (void)conn, (void)seq, (void)user;
}
static void on_closed(sipws_conn *conn, int cause, void *user) {
  (void)conn, (void)cause, (void)user;
}

/* Each alone turns next_event off, and its going turns it on again. */
#define CHECK_CALLBACK(config, name, fn)                                       \
  do {                                                                         \
    assert_int_equal(sipws_config_##name((config), (fn)), 0);                  \
    assert_true((config)->name == (fn));                                       \
    assert_true((config)->has_callbacks);                                      \
    assert_int_equal(sipws_config_##name((config), NULL), 0);                  \
    assert_true((config)->name == NULL);                                       \
    assert_false((config)->has_callbacks);                                     \
    assert_int_equal(sipws_config_##name(NULL, (fn)), SIPWS_ERR_INVALID);      \
  } while (0)

static void test_config_any_callback_turns_pulling_off(void **state) {
  sipws_config *config = config_of(state);
  CHECK_CALLBACK(config, on_request, on_event);
  CHECK_CALLBACK(config, on_open, on_event);
  CHECK_CALLBACK(config, on_refused, on_event);
  CHECK_CALLBACK(config, on_message, on_message);
  CHECK_CALLBACK(config, on_keepalive, on_number);
  CHECK_CALLBACK(config, on_notice, on_number);
  CHECK_CALLBACK(config, on_sent, on_sent);
  CHECK_CALLBACK(config, on_writable, on_event);
  CHECK_CALLBACK(config, on_closed, on_closed);
}

/* ---- subprotocols ---- */

static int add(sipws_config *config, const char *name) {
  return sipws_config_add_subprotocol(config, name, strlen(name),
                                      SIPWS_PROFILE_OPAQUE);
}

static void test_config_first_subprotocol_replaces_the_default(void **state) {
  sipws_config *config = config_of(state);
  const struct sipws__protos *protos = &config->protos;
  assert_int_equal(add(config, "msrp"), 0);
  assert_int_equal(protos->count, 1);
  assert_text(protos->list[0].name, protos->list[0].len, "msrp");
  assert_int_equal(protos->list[0].profile, SIPWS_PROFILE_OPAQUE);
  assert_int_equal(
      sipws_config_add_subprotocol(config, "sip", 3, SIPWS_PROFILE_SIP), 0);
  assert_int_equal(add(config, ""), 0);
  assert_int_equal(add(config, "*"), 0);
  assert_int_equal(protos->count, 4);
  assert_text(protos->list[1].name, protos->list[1].len, "sip");
  assert_int_equal(protos->list[1].profile, SIPWS_PROFILE_SIP);
  assert_int_equal(protos->list[2].len, 0);
  assert_text(protos->list[3].name, protos->list[3].len, "*");
}

static void test_config_subprotocol_name_is_a_token(void **state) {
  static const char *const bad[] = {" ",     "a b", "a,b",       "a\r\n", "a/b",
                                    "\"a\"", "a\t", "s\xc3\xa4", "a\x7f"};
  sipws_config *config = config_of(state);
  size_t i;
  for (i = 0; i < ROWS(bad); i++) {
    assert_int_equal(add(config, bad[i]), SIPWS_ERR_TEXT);
  }
  assert_int_equal(sipws_config_add_subprotocol(config, "a\0b", 3, 0),
                   SIPWS_ERR_TEXT);
  assert_int_equal(config->protos.count, 1);
  assert_text(config->protos.list[0].name, config->protos.list[0].len, "sip");
}

static void test_config_subprotocol_name_has_64_octets_at_most(void **state) {
  sipws_config *config = config_of(state);
  char name[65];
  memset(name, 'n', sizeof name);
  /* refused, and the default list stands */
  assert_int_equal(sipws_config_add_subprotocol(config, name, 65, 0),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(config->protos.count, 1);
  assert_text(config->protos.list[0].name, config->protos.list[0].len, "sip");
  assert_int_equal(sipws_config_add_subprotocol(config, name, 64, 0), 0);
  assert_int_equal(sipws_config_add_subprotocol(config, name, 63, 0), 0);
  assert_int_equal(config->protos.list[0].len, 64);
  assert_memory_equal(config->protos.list[0].name, name, 64);
  assert_int_equal(config->protos.list[1].len, 63);
}

static void test_config_subprotocol_stands_once(void **state) {
  sipws_config *config = config_of(state);
  assert_int_equal(add(config, "sip"), 0); /* the default is no own entry */
  assert_int_equal(add(config, "sip"), SIPWS_ERR_INVALID);
  assert_int_equal(add(config, "SIP"), 0); /* RFC 7936: another one */
  assert_int_equal(add(config, ""), 0);
  assert_int_equal(add(config, ""), SIPWS_ERR_INVALID);
  assert_int_equal(add(config, "*"), 0);
  assert_int_equal(add(config, "*"), SIPWS_ERR_INVALID);
  assert_int_equal(config->protos.count, 4);
}

static void test_config_subprotocols_are_eight_at_most(void **state) {
  sipws_config *config = config_of(state);
  char name[2] = "a";
  int i;
  for (i = 0; i < 8; i++) {
    name[0] = (char)('a' + i);
    assert_int_equal(add(config, name), 0);
  }
  assert_int_equal(add(config, "i"), SIPWS_ERR_TOO_BIG);
  assert_int_equal(config->protos.count, 8);
  assert_text(config->protos.list[7].name, config->protos.list[7].len, "h");
}

static void test_config_subprotocol_arguments_are_checked(void **state) {
  sipws_config *config = config_of(state);
  assert_int_equal(sipws_config_add_subprotocol(NULL, "sip", 3, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_add_subprotocol(config, NULL, 3, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_add_subprotocol(config, "sip", 3, -1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_config_add_subprotocol(config, "sip", 3, 2),
                   SIPWS_ERR_INVALID);
  assert_int_equal(config->has_own_protos, 0);
  assert_int_equal(sipws_config_add_subprotocol(config, NULL, 0, 0), 0);
  assert_int_equal(config->protos.list[0].len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_config_new_refused_memory_is_told),
      cmocka_unit_test(test_config_default_allocator_serves),
      TEST(test_config_defaults_are_those_published),
      TEST(test_config_limit_is_taken_within_its_range_alone),
      TEST(test_config_unknown_limit_is_told),
      TEST(test_config_timer_is_taken_within_its_range_alone),
      TEST(test_config_keepalive_is_taken_for_its_kinds_alone),
      TEST(test_config_policy_replaces_the_set),
      TEST(test_config_hooks_are_set_and_taken_away),
      TEST(test_config_any_callback_turns_pulling_off),
      TEST(test_config_first_subprotocol_replaces_the_default),
      TEST(test_config_subprotocol_name_is_a_token),
      TEST(test_config_subprotocol_name_has_64_octets_at_most),
      TEST(test_config_subprotocol_stands_once),
      TEST(test_config_subprotocols_are_eight_at_most),
      TEST(test_config_subprotocol_arguments_are_checked),
  };
  return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
