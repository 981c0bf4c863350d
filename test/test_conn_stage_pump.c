/* conn: stages: whole dialogues, by memory calls and by hooks, and what the
 * pump says of input that is left. */
#include "stage.h"

static struct side side, other;
static struct cipher cipher, other_cipher;
static struct wire wire;

/* ---- whole dialogues ---- */

#define CLIENT_LOG                                                             \
  "open sip\n"                                                                 \
  "sent 1\n"                                                                   \
  "keepalive crlf_pong\n"                                                      \
  "keepalive ping\n"                                                           \
  "message text OK MESSAGE sip:a@h SIP/2.0 (5061)\n"                           \
  "closed OUR_CLOSE 1000\n"
#define SERVER_LOG                                                             \
  "request GET /ws\n"                                                          \
  "open sip\n"                                                                 \
  "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n"                             \
  "keepalive crlf\n"                                                           \
  "keepalive pong\n"                                                           \
  "sent 1\n"                                                                   \
  "PEER_CLOSES 1000\n"                                                         \
  "closed PEER_CLOSE 1000 bye\n"

/* From the first octet to the end, |side| the client; |move| moves octets. */
static void run_dialogue(void (*move)(size_t cut), size_t cut) {
  move(cut);
  assert_int_equal(sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0,
                                   side.now, NULL),
                   0);
  assert_int_equal(sipws_conn_ping_crlf(side.conn, side.now), 0);
  move(cut);
  assert_int_equal(sipws_conn_ping(other.conn, "p", 1, other.now), 0);
  move(cut);
  assert_int_equal(side_send_sip(&other, 5000), 1);
  move(cut);
  assert_int_equal(
      sipws_conn_close(side.conn, 1000, "bye", 3, SIPWS_CLOSE_GRACEFUL, 0), 0);
  move(cut);
  (void)sipws_conn_eof(side.conn, side.now);
  side_pull(&side);
  assert_log(&side, CLIENT_LOG);
  assert_log(&other, SERVER_LOG);
}

static void move_pair(size_t cut) {
  pair_move(&side, &other, cut);
}

static void test_conn_stage_dialogue_is_that_of_no_stage(void **state) {
  static const size_t cuts[] = {1, 2, 3, 7, 100, 0};
  size_t cut;
  int face, has_stage;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
    for (cut = 0; cut < ROWS(cuts); cut++) {
      for (has_stage = 0; has_stage < 2; has_stage++) {
        side_config(&side, face);
        side_config(&other, face);
        side_client(&side, "ws://h.example/ws");
        side_server(&other);
        if (has_stage) {
          cipher_add(&side, &cipher);
          cipher_add(&other, &other_cipher);
        }
        run_dialogue(move_pair, cuts[cut]);
        side_free(&side);
        side_free(&other);
      }
    }
  }
}

/* ---- by hooks ---- */

/* One way between the sides; it blocks each second time. */
struct pipe {
  size_t at, end;
  size_t most; /* octets a call */
  int turns;
  uint8_t data[1 << 16];
};

static struct pipe to_side, to_other;

static int pipe_blocks(struct pipe *pipe) {
  return ++pipe->turns % 2 == 0;
}

static int pipe_recv(uint8_t *buf, size_t len, size_t *got, void *user) {
  struct pipe *pipe = user == &side ? &to_side : &to_other;
  size_t step = pipe->end - pipe->at;
  step = step < pipe->most ? step : pipe->most;
  step = step < len ? step : len;
  if (step == 0 || pipe_blocks(pipe)) {
    return SIPWS_ERR_AGAIN;
  }
  memcpy(buf, pipe->data + pipe->at, step);
  pipe->at += step;
  *got = step;
  return 0;
}

static int pipe_send(const uint8_t *data, size_t len, size_t *sent,
                     void *user) {
  struct pipe *pipe = user == &side ? &to_other : &to_side;
  size_t step = len < pipe->most ? len : pipe->most;
  if (pipe_blocks(pipe)) {
    return SIPWS_ERR_AGAIN;
  }
  assert_true(pipe->end + step <= sizeof pipe->data);
  memcpy(pipe->data + pipe->end, data, step);
  pipe->end += step;
  *sent = step;
  return 0;
}

/* What a loop does: each call that is wanted; 1 if one was. */
static int pump(struct side *at, const struct pipe *in) {
  static uint8_t scratch[600];
  uint32_t wants = sipws_conn_wants(at->conn);
  int err = 0;
  int moved = 0;
  if ((wants & WRITE) != 0) {
    err = sipws_conn_writable(at->conn, at->now, &wants);
    assert_true(err == 0 || err == sipws_conn_error(at->conn));
    moved = 1;
  }
  side_pull(at);
  if ((wants & FEED) != 0 || ((wants & READ) != 0 && in->at < in->end)) {
    err = sipws_conn_readable(at->conn, scratch, sizeof scratch, at->now, NULL);
    assert_true(err == 0 || err == SIPWS_ERR_AGAIN ||
                err == sipws_conn_error(at->conn));
    moved = 1;
  }
  side_pull(at);
  return moved;
}

static void move_by_hooks(size_t cut) {
  int calls = 0;
  to_side.most = cut;
  to_other.most = cut;
  while (pump(&side, &to_side) + pump(&other, &to_other) > 0) {
    assert_true(++calls < 100000); /* nobody asks for calls in vain */
  }
}

static void test_conn_stage_dialogue_runs_by_hooks(void **state) {
  static const size_t cuts[] = {1, 7, 600, 6000};
  size_t cut;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    for (cut = 0; cut < ROWS(cuts); cut++) {
      memset(&to_side, 0, sizeof to_side);
      memset(&to_other, 0, sizeof to_other);
      side_config(&side, face);
      side_config(&other, face);
      (void)sipws_config_set_io(side.config, pipe_recv, pipe_send);
      (void)sipws_config_set_io(other.config, pipe_recv, pipe_send);
      side_client(&side, "wss://h.example/ws");
      side_server(&other);
      cipher_add(&side, &cipher);
      cipher_add(&other, &other_cipher);
      run_dialogue(move_by_hooks, cuts[cut]);
      side_free(&side);
      side_free(&other);
    }
  }
}

/* ---- what is left ---- */

/* An event that waits to be pulled stops the messages, not the cipher. */
static void test_conn_stage_pull_says_that_input_is_left(void **state) {
  static uint8_t scratch[600];
  int i, event;
  (void)state;
  memset(&to_side, 0, sizeof to_side);
  side_config(&side, SIDE_PULLS);
  (void)sipws_config_set_io(side.config, pipe_recv, pipe_send);
  cipher_open(&side, &cipher, SIPWS_SERVER);
  wire_clear(&wire);
  wire_messages(&wire, 2, 200);
  memcpy(to_side.data, wire.data, wire.len);
  to_side.end = wire.len;
  to_side.most = sizeof to_side.data;
  for (i = 0; i < 2; i++) {
    uint32_t wants;
    assert_int_equal(
        sipws_conn_readable(side.conn, scratch, sizeof scratch, 0, &wants),
        SIPWS_ERR_AGAIN);
    assert_int_equal(wants & (READ | FEED), 0);
    assert_int_equal(sipws_conn_next_event(side.conn, &event), 0);
    assert_int_equal(event, SIPWS_EVENT_MESSAGE);
    assert_int_equal(sipws_conn_wants(side.conn) & FEED, i == 0 ? FEED : 0);
  }
  assert_int_equal(
      sipws_conn_readable(side.conn, scratch, sizeof scratch, 0, NULL), 0);
  side_free(&side);
}

/* Octets that were kept are worked on though the transport has none. */
static void test_conn_stage_readable_works_on_kept_octets(void **state) {
  static uint8_t scratch[600];
  (void)state;
  memset(&to_side, 0, sizeof to_side);
  side_config(&side, SIDE_CALLBACKS);
  (void)sipws_config_set_io(side.config, pipe_recv, pipe_send);
  cipher_open(&side, &cipher, SIPWS_SERVER);
  wire_clear(&wire);
  wire_messages(&wire, 1, 200);
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, wire.len), 0);
  assert_int_equal(
      sipws_conn_readable(side.conn, scratch, sizeof scratch, 0, NULL), 0);
  assert_log(&side, MESSAGE_LOG);
  side_free(&side);
}

/* A record that began in one read and ends in the next gives more than was
 * read: what the pump cannot pass on is kept all the same. */
static void test_conn_stage_pump_loses_nothing_while_it_waits(void **state) {
  static uint8_t scratch[600];
  size_t first;
  int i;
  (void)state;
  memset(&to_side, 0, sizeof to_side);
  side_config(&side, SIDE_CALLBACKS);
  side_limit(&side, SIPWS_LIMIT_INPUT_SIZE, 512);
  cipher_await_verdict(&side, &cipher);
  (void)sipws_config_set_io(side.config, pipe_recv, pipe_send);
  wire_clear(&wire);
  wire_messages(&wire, 1, 430);
  first = wire.len - 100;
  wire_messages(&wire, 1, 30);
  wire_messages(&wire, 1, 200);
  assert_int_equal(side_feed(&side, wire.data, first, 0), first);
  memcpy(to_side.data, wire.data + first, wire.len - first);
  to_side.end = wire.len - first;
  to_side.most = sizeof to_side.data;
  for (i = 0; i < 4; i++) {
    assert_int_equal(
        sipws_conn_readable(side.conn, scratch, sizeof scratch, 0, NULL), 0);
    to_side.turns = 0;
  }
  assert_wants(&side, 0);
  assert_int_equal(sipws_conn_accept(side.conn, NULL, 0, 0), 0);
  assert_int_equal(
      sipws_conn_readable(side.conn, scratch, sizeof scratch, 0, NULL), 0);
  assert_int_equal(to_side.at, to_side.end);
  assert_log(&side, "open sip\n"
                    "message text OK MESSAGE sip:a@h SIP/2.0 (490)\n"
                    "message text OK MESSAGE sip:a@h SIP/2.0 (89)\n"
                    "message text OK MESSAGE sip:a@h SIP/2.0 (260)\n");
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_stage_dialogue_is_that_of_no_stage),
      cmocka_unit_test(test_conn_stage_dialogue_runs_by_hooks),
      cmocka_unit_test(test_conn_stage_pull_says_that_input_is_left),
      cmocka_unit_test(test_conn_stage_readable_works_on_kept_octets),
      cmocka_unit_test(test_conn_stage_pump_loses_nothing_while_it_waits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
