/* front: a server that asks a slow checker who may come in, and lets others
 * come and go meanwhile. */
#include "pair.h"

#include <sipws/front.h>

#define DOORS 3
#define CHECK_MS 300

/* Both ends of each connection; the checker knows them by their id. */
static struct side clients[DOORS];
static struct side servers[DOORS];

/* ---- the checker: another thread, a database, an HTTP service ---- */

struct question {
  uint64_t id;
  uint64_t due_ms;
  char token[16];
  size_t len;
};

static struct question questions[DOORS];
static size_t question_count;

/* On a request: asks, and leaves the verdict for later. */
static int ask(struct side *side, int event) {
  struct question *question = &questions[question_count];
  const char *value;
  sipws_span token;
  size_t len;
  if (event != SIPWS_EVENT_REQUEST) {
    return 0;
  }
  side->verdict = SIDE_LATER;
  assert_int_equal(
      sipws_conn_header(side->conn, "Authorization", 13, 0, &value, &len), 0);
  assert_int_equal(sipws_auth_read_bearer(value, len, &token), 0);
  assert_true(token.len < sizeof question->token);
  memcpy(question->token, value + token.off, token.len);
  question->len = token.len;
  question->id = sipws_conn_id(side->conn);
  question->due_ms = side->now + CHECK_MS;
  question_count++;
  return 0;
}

static struct side *find(uint64_t id) {
  size_t i;
  for (i = 0; i < DOORS; i++) {
    if (servers[i].conn != NULL && sipws_conn_id(servers[i].conn) == id) {
      return &servers[i];
    }
  }
  return NULL;
}

static int conclude(struct side *side, const struct question *question) {
  char challenge[64];
  size_t len;
  if (question->len == 4 && memcmp(question->token, "good", 4) == 0) {
    return sipws_conn_accept(side->conn, NULL, 0, side->now);
  }
  assert_int_equal(sipws_auth_challenge(SIPWS_AUTH_BEARER, "a", 1, challenge,
                                        sizeof challenge, &len),
                   0);
  if (sipws_conn_add_header(side->conn, "WWW-Authenticate", 16, challenge,
                            len) != 0) {
    return SIPWS_ERR_STATE;
  }
  return sipws_conn_reject(side->conn, 401, NULL, 0, side->now);
}

/* Gives the answers that are due; tells how many verdicts they became. */
static size_t answer(uint64_t now) {
  size_t given = 0;
  size_t left = 0;
  size_t i;
  for (i = 0; i < question_count; i++) {
    struct question question = questions[i];
    struct side *side = find(question.id);
    if (question.due_ms > now) {
      questions[left++] = question;
    } else if (side != NULL && conclude(side, &question) == 0) {
      given++;
    }
  }
  question_count = left;
  return given;
}

/* ---- the doors ---- */

static void open_door(size_t i, const char *token) {
  char value[32];
  int len = snprintf(value, sizeof value, "Bearer %s", token);
  side_config(&servers[i], SIDE_CALLBACKS);
  servers[i].then = ask;
  side_server(&servers[i]);
  assert_int_equal(sipws_conn_set_id(servers[i].conn, 100 + i), 0);
  side_config(&clients[i], SIDE_CALLBACKS);
  side_client(&clients[i], "ws://h/");
  assert_int_equal(
      sipws_conn_set_authorization(clients[i].conn, value, (size_t)len), 0);
}

/* All that happens up to |now|. */
static void pass_time(uint64_t now) {
  size_t i;
  for (i = 0; i < DOORS; i++) {
    if (servers[i].conn != NULL) {
      side_tick(&servers[i], now);
      side_tick(&clients[i], now);
      pair_move(&clients[i], &servers[i], 0);
    }
  }
}

static void close_doors(void) {
  size_t i;
  for (i = 0; i < DOORS; i++) {
    side_free(&servers[i]);
    side_free(&clients[i]);
  }
  question_count = 0;
}

static void test_verdict_of_a_slow_checker_is_waited_for(void **state) {
  uint64_t now;
  (void)state;
  open_door(0, "good");
  open_door(1, "bad");
  open_door(2, "good");
  assert_int_equal(
      sipws_conn_send(clients[0].conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL),
      0);
  for (now = 0; now < CHECK_MS; now += 50) {
    pass_time(now);
    assert_int_equal(answer(now), 0);
    assert_int_equal(sipws_conn_state(servers[0].conn), SIPWS_STATE_VERDICT);
  }
  assert_int_equal(question_count, 3);
  assert_log(&servers[0], "request GET /\n");
  assert_log(&clients[0], "");
  assert_int_equal(answer(now), 3);
  pass_time(now);
  assert_log(&servers[0],
             "open sip\nmessage text OK OPTIONS sip:a@h SIP/2.0 (39"
             ")\n");
  assert_log(&clients[0], "open sip\nsent 1\n");
  assert_log(&clients[1], "refused 401 \nclosed REFUSED 1006\n");
  assert_log(&clients[2], "open sip\n");
  close_doors();
}

static void test_verdict_for_a_peer_that_left_is_dropped(void **state) {
  (void)state;
  open_door(0, "good");
  open_door(1, "bad");
  open_door(2, "good");
  pass_time(0);
  assert_int_equal(question_count, 3);
  /* the transports of the first two end; the first is freed at once */
  assert_int_equal(sipws_conn_eof(servers[0].conn, 100), 0);
  assert_int_equal(sipws_conn_lost(servers[1].conn, -104, 100), 0);
  assert_log(&servers[0], "request GET /\nclosed EOF 1006\n");
  assert_log(&servers[1], "request GET /\nclosed LOST 1006\n");
  side_free(&servers[0]);
  side_free(&clients[0]);
  servers[2].now = CHECK_MS;
  assert_int_equal(answer(CHECK_MS), 1);
  pass_time(CHECK_MS);
  assert_log(&servers[1], "");
  assert_log(&clients[2], "open sip\n");
  close_doors();
}

static void test_verdict_that_comes_too_late_is_dropped(void **state) {
  (void)state;
  open_door(0, "good");
  open_door(1, "good");
  open_door(2, "good");
  pass_time(0);
  questions[0].due_ms = 20000;
  assert_int_equal(sipws_conn_abort(clients[1].conn, 100), 0);
  assert_int_equal(sipws_conn_eof(servers[1].conn, 100), 0);
  pass_time(9999);
  assert_int_equal(answer(9999), 1);
  pass_time(10000); /* SIPWS_TIMER_VERDICT, and HANDSHAKE of the client */
  assert_int_equal(sipws_conn_timer(servers[0].conn), SIPWS_TIMER_VERDICT);
  assert_int_equal(sipws_conn_http_status(servers[0].conn), 503);
  assert_int_equal(answer(20000), 0);
  assert_int_equal(sipws_conn_state(servers[2].conn), SIPWS_STATE_OPEN);
  close_doors();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_verdict_of_a_slow_checker_is_waited_for),
      cmocka_unit_test(test_verdict_for_a_peer_that_left_is_dropped),
      cmocka_unit_test(test_verdict_that_comes_too_late_is_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
