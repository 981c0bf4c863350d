/* pump: the transport hooks, kept and broken, and what callbacks may do inside
 * readable and writable. */
#include "support.h"

#include "sipws_frame.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- a transport after a script ---- */

enum breach { KEEPS = 0, COUNTS_NONE, COUNTS_TOO_MANY };

struct side {
  size_t most;   /* octets a call; 0: all */
  size_t budget; /* octets in all before |end|; what recv has, it gives */
  int end;       /* the answer then */
  int breach;    /* the answer then is 0 and a wrong count */
  int calls;
  size_t asked; /* the longest |len| of a call */
};

struct transport {
  struct side recv, send;
  uint8_t in[200000], out[200000];
  size_t in_len, in_at, out_len;
};

/* What callbacks do, besides writing down that they were called. */
enum act { NOTHING = 0, PAUSE, STOP, FREE, CLOSE, PUMP };

struct fixture {
  struct transport transport;
  struct test_heap heap;
  sipws_config *config;
  sipws_conn *conn;
  uint32_t wants;
  int act;
  int act_on;       /* the event on which */
  int hooks_at_act; /* calls of the hooks before */
  char told[4000];  /* "request Hello sent closed(4) " */
  uint8_t scratch[20000];
  size_t scratch_len;
};

static size_t side_step(struct side *side, size_t len, size_t left) {
  side->calls++;
  side->asked = len > side->asked ? len : side->asked;
  len = side->most != 0 && side->most < len ? side->most : len;
  return len < left ? len : left;
}

static int side_end(const struct side *side, size_t len, size_t *count) {
  if (side->breach == KEEPS) {
    return side->end;
  }
  *count = side->breach == COUNTS_NONE ? 0 : len + 1;
  return 0;
}

static int script_recv(uint8_t *buf, size_t len, size_t *got, void *user) {
  struct transport *t = user;
  size_t step = side_step(&t->recv, len, t->in_len - t->in_at);
  assert_true(len > 0);
  if (step == 0) {
    return side_end(&t->recv, len, got);
  }
  memcpy(buf, t->in + t->in_at, step);
  t->in_at += step;
  *got = step;
  return 0;
}

static int script_send(const uint8_t *data, size_t len, size_t *sent,
                       void *user) {
  struct transport *t = user;
  size_t step = side_step(&t->send, len, t->send.budget);
  assert_true(len > 0);
  if (step == 0) {
    return side_end(&t->send, len, sent);
  }
  assert_true(t->out_len + step <= sizeof t->out);
  memcpy(t->out + t->out_len, data, step);
  t->out_len += step;
  t->send.budget -= step;
  *sent = step;
  return 0;
}

static void arrive(struct fixture *f, const void *data, size_t len) {
  assert_true(f->transport.in_len + len <= sizeof f->transport.in);
  memcpy(f->transport.in + f->transport.in_len, data, len);
  f->transport.in_len += len;
}

/* A client's frame arrives. */
static void arrive_frame(struct fixture *f, int opcode, const char *payload) {
  static const uint8_t mask[4] = {1, 2, 3, 4};
  uint8_t frame[2000];
  int is_ascii;
  arrive(f, frame,
         sipws__frame_write(frame, 1, opcode, mask, (const uint8_t *)payload,
                            strlen(payload), &is_ascii));
}

/* ---- callbacks ---- */

static void tell(struct fixture *f, const char *text, size_t len) {
  size_t at = strlen(f->told);
  assert_true(at + len + 1 < sizeof f->told);
  memcpy(f->told + at, text, len);
  f->told[at + len] = '\0';
}

static int act(struct fixture *f, sipws_conn *conn, int event) {
  size_t share = 512;
  if (f->act == NOTHING || f->act_on != event) {
    return 0;
  }
  f->hooks_at_act = f->transport.recv.calls + f->transport.send.calls;
  switch (f->act) {
  case PAUSE:
    assert_int_equal(sipws_conn_pause(conn, 0), 0);
    return 0;
  case FREE:
    sipws_conn_free(conn);
    f->conn = NULL;
    return 0;
  case CLOSE:
    assert_int_equal(
        sipws_conn_close(conn, 1000, NULL, 0, SIPWS_CLOSE_NOWAIT, 0), 0);
    return 0;
  case PUMP:
    assert_int_equal(sipws_conn_readable(conn, f->scratch, share, 0, NULL),
                     SIPWS_ERR_BUSY);
    assert_int_equal(sipws_conn_writable(conn, 0, NULL), SIPWS_ERR_BUSY);
    return 0;
  default:
    return 1; /* STOP */
  }
}

static void on_request(sipws_conn *conn, void *user) {
  struct fixture *f = user;
  tell(f, "request ", 8);
  (void)act(f, conn, SIPWS_EVENT_REQUEST);
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct fixture *f = user;
  (void)kind, (void)verdict;
  tell(f, msg, len < 10 ? len : 10);
  tell(f, " ", 1);
  return act(f, conn, SIPWS_EVENT_MESSAGE);
}

static void on_sent(sipws_conn *conn, uint64_t seq, void *user) {
  struct fixture *f = user;
  (void)seq;
  tell(f, "sent ", 5);
  (void)act(f, conn, SIPWS_EVENT_SENT);
}

static void on_closed(sipws_conn *conn, int cause, void *user) {
  struct fixture *f = user;
  char text[20];
  (void)snprintf(text, sizeof text, "closed(%d) ", cause);
  tell(f, text, strlen(text));
  (void)act(f, conn, SIPWS_EVENT_CLOSED);
}

/* ---- set up ---- */

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  *state = f;
  f->scratch_len = sizeof f->scratch;
  f->transport.recv.end = SIPWS_ERR_AGAIN;
  f->transport.send.end = SIPWS_ERR_AGAIN;
  f->transport.send.budget = sizeof f->transport.out;
  assert_int_equal(sipws_config_new(test_alloc, &f->heap, &f->config), 0);
  assert_int_equal(sipws_config_set_random(f->config, test_random, NULL), 0);
  assert_int_equal(sipws_config_set_io(f->config, script_recv, script_send), 0);
  return sipws_config_add_subprotocol(f->config, "msrp", 4,
                                      SIPWS_PROFILE_OPAQUE);
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  int leaked;
  sipws_conn_free(f->conn);
  sipws_config_free(f->config);
  leaked = f->heap.live != 0;
  free(f);
  return leaked;
}

/* An open server's connection of frames. */
static void open_pulled(struct fixture *f) {
  assert_int_equal(
      sipws_adopt_new(f->config, SIPWS_SERVER, "msrp", 4, f, 0, &f->conn), 0);
  assert_int_equal(sipws_conn_set_io_user(f->conn, &f->transport), 0);
}

static void set_callbacks(struct fixture *f) {
  assert_int_equal(sipws_config_on_request(f->config, on_request), 0);
  assert_int_equal(sipws_config_on_message(f->config, on_message), 0);
  assert_int_equal(sipws_config_on_sent(f->config, on_sent), 0);
  assert_int_equal(sipws_config_on_closed(f->config, on_closed), 0);
}

static struct fixture *open_with_callbacks(void **state) {
  struct fixture *f = *state;
  set_callbacks(f);
  open_pulled(f);
  return f;
}

static int readable(struct fixture *f) {
  return sipws_conn_readable(f->conn, f->scratch, f->scratch_len, 0, &f->wants);
}

static int writable(struct fixture *f) {
  return sipws_conn_writable(f->conn, 0, &f->wants);
}

static void send_text(struct fixture *f, const char *text) {
  assert_int_equal(
      sipws_conn_send(f->conn, text, strlen(text), SIPWS_SEND_TEXT, 0, NULL),
      0);
}

/* ---- receiving ---- */

static void test_pump_short_counts_change_nothing(void **state) {
  static const size_t most[] = {0, 1, 2, 3, 7, 600};
  struct fixture *f = open_with_callbacks(state);
  size_t i;
  for (i = 0; i < ROWS(most); i++) {
    f->transport.recv.most = most[i];
    f->told[0] = '\0';
    arrive_frame(f, 1, "one");
    arrive_frame(f, 2, "two");
    arrive_frame(f, 1, "three");
    assert_int_equal(readable(f), 0);
    assert_string_equal(f->told, "one two three ");
    assert_int_equal(f->wants, SIPWS_WANT_READ);
    assert_int_equal(f->transport.in_at, f->transport.in_len);
  }
}

static void test_pump_would_block_is_no_error(void **state) {
  struct fixture *f = open_with_callbacks(state);
  assert_int_equal(readable(f), 0);
  assert_int_equal(f->transport.recv.calls, 1);
  assert_int_equal(f->wants, SIPWS_WANT_READ);
  assert_string_equal(f->told, "");
}

static void test_pump_end_of_the_transport_closes(void **state) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "last");
  f->transport.recv.end = SIPWS_ERR_EOF;
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "last closed(4) ");
  assert_int_equal(sipws_conn_cause(f->conn), SIPWS_CAUSE_EOF);
  assert_int_equal(f->wants, SIPWS_WANT_CLOSE);
  f->transport.recv.calls = 0;
  (void)readable(f);
  assert_int_equal(f->transport.recv.calls, 0);
  assert_string_equal(f->told, "last closed(4) ");
}

static void test_pump_loss_of_the_transport_is_told(void **state) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "last");
  f->transport.recv.end = SIPWS_ERR_LOST;
  assert_int_equal(readable(f), SIPWS_ERR_LOST);
  assert_string_equal(f->told, "last closed(5) ");
  assert_int_equal(sipws_conn_lost_reason(f->conn), SIPWS_ERR_LOST);
  assert_int_equal(f->wants, SIPWS_WANT_CLOSE);
}

struct broken {
  int end;
  int breach;
  int reason; /* as sipws_conn_lost_reason tells it */
};

static void check_recv_breach(void **state, const struct broken *broken) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "before");
  f->transport.recv.end = broken->end;
  f->transport.recv.breach = broken->breach;
  assert_int_equal(readable(f), SIPWS_ERR_HOOK);
  assert_string_equal(f->told, "before closed(5) ");
  assert_int_equal(sipws_conn_lost_reason(f->conn), broken->reason);
  assert_int_equal(f->wants, SIPWS_WANT_CLOSE);
  assert_int_equal(f->transport.recv.calls, 2);
}

static void test_pump_recv_that_breaks_its_contract_is_told(void **state) {
  static const struct broken broken[] = {
      {0, COUNTS_NONE, SIPWS_ERR_HOOK},
      {0, COUNTS_TOO_MANY, SIPWS_ERR_HOOK},
      {5, KEEPS, 5},
      {-32, KEEPS, -32},
      {SIPWS_ERR_FREED, KEEPS, SIPWS_ERR_FREED},
      {SIPWS_ERR_BUSY, KEEPS, SIPWS_ERR_BUSY}};
  size_t i;
  for (i = 0; i < ROWS(broken); i++) {
    check_recv_breach(state, &broken[i]);
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
  }
}

static void test_pump_scratch_and_arguments_are_checked(void **state) {
  struct fixture *f = open_with_callbacks(state);
  f->wants = 77;
  assert_int_equal(sipws_conn_readable(NULL, f->scratch, 512, 0, &f->wants),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_readable(f->conn, NULL, 512, 0, &f->wants),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_readable(f->conn, f->scratch, 511, 0, &f->wants),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_writable(NULL, 0, &f->wants), SIPWS_ERR_INVALID);
  assert_int_equal(f->wants, 77);
  assert_int_equal(sipws_conn_readable(f->conn, f->scratch, 512, 0, NULL), 0);
  assert_int_equal(f->transport.recv.asked, 512);
  assert_int_equal(sipws_conn_writable(f->conn, 0, NULL), 0);
}

static void test_pump_without_hooks_says_so(void **state) {
  struct fixture *f = *state;
  assert_int_equal(sipws_config_set_io(f->config, NULL, NULL), 0);
  open_pulled(f);
  assert_int_equal(readable(f), SIPWS_ERR_STATE);
  assert_int_equal(writable(f), SIPWS_ERR_STATE);
}

static void test_pump_one_connection_reads_a_fair_share(void **state) {
  struct fixture *f = open_with_callbacks(state);
  char payload[1001];
  size_t read = 0;
  int calls = 0;
  memset(payload, 'p', 1000);
  payload[1000] = '\0';
  while (f->transport.in_len < 190000) {
    arrive_frame(f, 2, payload);
  }
  for (;;) {
    int err;
    f->told[0] = '\0';
    err = sipws_conn_readable(f->conn, f->scratch, 1000, 0, &f->wants);
    calls++;
    assert_in_range(f->transport.in_at - read, 1, 65536 + 1000);
    read = f->transport.in_at;
    if (err != SIPWS_ERR_AGAIN) {
      assert_int_equal(err, 0);
      break;
    }
    assert_true(f->transport.in_at < f->transport.in_len);
  }
  assert_int_equal(read, f->transport.in_len);
  assert_int_equal(calls, 3);
}

/* ---- what is kept ---- */

static void test_pump_pause_keeps_the_rest(void **state) {
  struct fixture *f = open_with_callbacks(state);
  int calls;
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  arrive_frame(f, 1, "three");
  f->act = PAUSE;
  f->act_on = SIPWS_EVENT_MESSAGE;
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "one ");
  assert_int_equal(f->wants & SIPWS_WANT_READ, 0);
  assert_int_equal(sipws_conn_kept(f->conn), 9 + 11);

  calls = f->transport.recv.calls;
  assert_int_equal(readable(f), 0);
  assert_int_equal(f->transport.recv.calls, calls);
  assert_string_equal(f->told, "one ");

  assert_int_equal(sipws_conn_resume(f->conn, 0), 0);
  assert_int_equal(readable(f), 0); /* pauses again with the second */
  assert_string_equal(f->told, "one two ");
  f->act = NOTHING;
  arrive_frame(f, 1, "four");
  assert_int_equal(sipws_conn_resume(f->conn, 0), 0);
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "one two three four ");
  assert_int_equal(sipws_conn_kept(f->conn), 0);
}

static void test_pump_stop_by_on_message_keeps_the_rest(void **state) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  f->act = STOP;
  f->act_on = SIPWS_EVENT_MESSAGE;
  assert_int_equal(readable(f), SIPWS_ERR_CALLBACK);
  assert_string_equal(f->told, "one ");
  assert_int_equal(sipws_conn_kept(f->conn), 9);
  f->act = NOTHING;
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "one two ");
}

static const char request[] = "GET / HTTP/1.1\r\nHost: example.com\r\n"
                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Protocol: msrp\r\n\r\n";

/* A client's octets behind its request wait, as many as input_size. */
static void test_pump_verdict_keeps_what_comes_behind(void **state) {
  struct fixture *f = *state;
  size_t first;
  char large[1001];
  int i;
  set_callbacks(f);
  assert_int_equal(
      sipws_config_set_limit(f->config, SIPWS_LIMIT_INPUT_SIZE, 2000), 0);
  assert_int_equal(sipws_server_new(f->config, f, 0, &f->conn), 0);
  assert_int_equal(sipws_conn_set_io_user(f->conn, &f->transport), 0);
  arrive(f, request, sizeof request - 1);
  arrive_frame(f, 1, "hasty");
  first = f->transport.in_len;
  memset(large, 'l', 1000);
  large[1000] = '\0';
  for (i = 0; i < 3; i++) {
    arrive_frame(f, 1, large);
  }
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "request ");
  assert_int_equal(sipws_conn_kept(f->conn), 2000);
  assert_int_equal(f->transport.in_at, first - 11 + 2000);
  assert_int_equal(f->wants, 0);
  assert_int_equal(readable(f), 0);
  assert_int_equal(f->transport.in_at, first - 11 + 2000);

  assert_int_equal(sipws_conn_accept(f->conn, NULL, 0, 0), 0);
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told,
                      "request hasty llllllllll llllllllll llllllllll ");
  assert_int_equal(sipws_conn_kept(f->conn), 0);
}

static void test_pump_event_to_be_pulled_asks_for_another_call(void **state) {
  struct fixture *f = *state;
  int kind, verdict, event;
  const char *msg;
  size_t len;
  int rounds = 0;
  open_pulled(f);
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  arrive_frame(f, 1, "three");
  while (readable(f) == SIPWS_ERR_AGAIN) {
    assert_int_equal(f->wants & SIPWS_WANT_READ, 0);
    assert_int_equal(sipws_conn_next_event(f->conn, &event), 0);
    assert_int_equal(event, SIPWS_EVENT_MESSAGE);
    assert_int_equal(
        sipws_conn_event_message(f->conn, &kind, &msg, &len, &verdict), 0);
    tell(f, msg, len);
    assert_true(++rounds <= 3);
  }
  assert_string_equal(f->told, "onetwothree");
  assert_int_equal(f->wants, SIPWS_WANT_READ);
}

/* Octets that could not be kept are lost: it may not go on behind the gap. */
static void test_pump_no_memory_to_keep_fails_the_connection(void **state) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  assert_int_equal(readable(f), 0);
  arrive_frame(f, 1, "three");
  arrive_frame(f, 1, "four");
  f->act = PAUSE;
  f->act_on = SIPWS_EVENT_MESSAGE;
  f->heap.fail_at = f->heap.calls + 1; /* the buffer of what is kept */
  assert_int_equal(readable(f), SIPWS_ERR_NOMEM);
  assert_string_equal(f->told, "one two three ");
  assert_int_equal(sipws_conn_error(f->conn), SIPWS_ERR_NOMEM);
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->transport.out_len, 4);
  assert_memory_equal(f->transport.out, "\x88\x02\x03\xf3", 4); /* 1011 */
  f->transport.recv.end = SIPWS_ERR_EOF;
  (void)readable(f);
  assert_string_equal(f->told, "one two three closed(8) ");
}

static void test_pump_no_memory_at_all_ends_it_at_once(void **state) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "one");
  assert_int_equal(readable(f), 0);
  arrive_frame(f, 1, "two");
  arrive_frame(f, 1, "three");
  f->act = STOP;
  f->act_on = SIPWS_EVENT_MESSAGE;
  /* neither what is kept nor a Close finds memory: it is over at once */
  f->heap.fail_at = f->heap.calls + 1;
  f->heap.fail_after = 1;
  assert_int_equal(readable(f), SIPWS_ERR_NOMEM);
  assert_string_equal(f->told, "one two closed(8) ");
  assert_int_equal(f->wants, SIPWS_WANT_CLOSE);
}

/* RFC 6455 7.1.7: a Close leaves, and what still arrives is read away, so that
 * the transport's end shows. */
static void test_pump_failure_is_told_and_reads_to_the_end(void **state) {
  struct fixture *f = open_with_callbacks(state);
  int i;
  f->transport.recv.most = 600;
  arrive_frame(f, 3, "reserved opcode");
  for (i = 0; i < 300; i++) {
    arrive_frame(f, 1, "never seen");
  }
  assert_int_equal(readable(f), SIPWS_ERR_PROTOCOL);
  assert_int_equal(f->transport.in_at, f->transport.in_len);
  assert_string_equal(f->told, "");
  assert_int_equal(f->wants, SIPWS_WANT_READ | SIPWS_WANT_WRITE);
  assert_int_equal(writable(f), 0);
  assert_memory_equal(f->transport.out, "\x88\x02\x03\xea", 4); /* 1002 */
  assert_int_equal(f->wants, SIPWS_WANT_READ | SIPWS_WANT_SHUT);
  f->transport.recv.end = SIPWS_ERR_EOF;
  (void)readable(f);
  assert_string_equal(f->told, "closed(7) ");
  assert_int_equal(f->wants & SIPWS_WANT_CLOSE, SIPWS_WANT_CLOSE);
}

/* ---- sending ---- */

static void test_pump_sends_all_in_counts_of_any_length(void **state) {
  static const size_t most[] = {0, 1, 2, 3, 7};
  struct fixture *f = open_with_callbacks(state);
  size_t i;
  for (i = 0; i < ROWS(most); i++) {
    f->transport.send.most = most[i];
    f->transport.out_len = 0;
    send_text(f, "one");
    send_text(f, "two");
    assert_int_equal(writable(f), 0);
    assert_text(f->transport.out, f->transport.out_len,
                "\x81\x03one\x81\x03two");
    assert_int_equal(f->wants, SIPWS_WANT_READ);
  }
  assert_int_equal(sipws_conn_sent_seq(f->conn), 10);
}

static void test_pump_goes_on_where_the_transport_blocked(void **state) {
  struct fixture *f = open_with_callbacks(state);
  f->transport.send.budget = 3;
  send_text(f, "one");
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->wants, SIPWS_WANT_READ | SIPWS_WANT_WRITE);
  assert_string_equal(f->told, "");
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->transport.out_len, 3);
  f->transport.send.budget = 100;
  assert_int_equal(writable(f), 0);
  assert_text(f->transport.out, f->transport.out_len, "\x81\x03one");
  assert_string_equal(f->told, "sent ");
}

static void test_pump_nothing_to_send_calls_no_hook(void **state) {
  struct fixture *f = open_with_callbacks(state);
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->transport.send.calls, 0);
  assert_int_equal(f->wants, SIPWS_WANT_READ);
}

static void test_pump_loss_while_sending_is_told(void **state) {
  struct fixture *f = open_with_callbacks(state);
  f->transport.send.budget = 3;
  f->transport.send.end = SIPWS_ERR_LOST;
  send_text(f, "one");
  assert_int_equal(writable(f), SIPWS_ERR_LOST);
  assert_string_equal(f->told, "closed(5) ");
  assert_int_equal(f->wants, SIPWS_WANT_CLOSE);
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->transport.send.calls, 2);
}

/* Else nobody would hear of it: wants says that all is done. */
static void test_pump_no_memory_for_the_request_is_told(void **state) {
  struct fixture *f = *state;
  set_callbacks(f);
  assert_int_equal(sipws_client_new(f->config, "ws://h/", 7, f, 0, &f->conn),
                   0);
  assert_int_equal(sipws_conn_set_io_user(f->conn, &f->transport), 0);
  f->heap.fail_at = f->heap.calls + 1;
  assert_int_equal(writable(f), SIPWS_ERR_NOMEM);
  assert_string_equal(f->told, "closed(8) ");
  assert_int_equal(f->wants, SIPWS_WANT_CLOSE);
}

/* The hooks get the user of the callbacks, until told otherwise. */
static void test_pump_user_is_changed_for_both_or_one(void **state) {
  static struct transport other;
  struct fixture *f = *state;
  other.send.budget = sizeof other.out;
  set_callbacks(f);
  assert_int_equal(
      sipws_adopt_new(f->config, SIPWS_SERVER, "msrp", 4, NULL, 0, &f->conn),
      0);
  assert_int_equal(sipws_conn_set_user(f->conn, f), 0); /* the transport, too */
  send_text(f, "one");
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->transport.send.calls, 1);
  assert_int_equal(sipws_conn_set_io_user(f->conn, &other), 0);
  assert_int_equal(sipws_conn_set_user(f->conn, NULL), 0);
  assert_int_equal(sipws_conn_set_user(f->conn, f), 0);
  send_text(f, "two");
  assert_int_equal(writable(f), 0);
  assert_int_equal(f->transport.send.calls, 1);
  assert_int_equal(other.send.calls, 1);
  assert_string_equal(f->told, "sent sent ");
}

static void test_pump_send_that_breaks_its_contract_is_told(void **state) {
  static const struct broken broken[] = {{0, COUNTS_NONE, SIPWS_ERR_HOOK},
                                         {0, COUNTS_TOO_MANY, SIPWS_ERR_HOOK},
                                         {SIPWS_ERR_EOF, KEEPS, SIPWS_ERR_EOF},
                                         {1, KEEPS, 1},
                                         {-104, KEEPS, -104}};
  size_t i;
  for (i = 0; i < ROWS(broken); i++) {
    struct fixture *f = open_with_callbacks(state);
    f->transport.send.budget = 0;
    f->transport.send.end = broken[i].end;
    f->transport.send.breach = broken[i].breach;
    send_text(f, "one");
    assert_int_equal(writable(f), SIPWS_ERR_HOOK);
    assert_string_equal(f->told, "closed(5) ");
    assert_int_equal(sipws_conn_lost_reason(f->conn), broken[i].reason);
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
  }
}

/* ---- callbacks ---- */

static void test_pump_is_busy_inside_its_callbacks(void **state) {
  struct fixture *f = open_with_callbacks(state);
  f->act = PUMP;
  f->act_on = SIPWS_EVENT_MESSAGE;
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "one two ");
  f->act_on = SIPWS_EVENT_SENT;
  send_text(f, "three");
  assert_int_equal(writable(f), 0);
  assert_string_equal(f->told, "one two sent ");
}

/* Afterwards nothing is left, and no hook was called any more. */
static void assert_freed(struct fixture *f, int err) {
  assert_int_equal(err, SIPWS_ERR_FREED);
  assert_null(f->conn);
  assert_int_equal(f->wants, 0);
  assert_int_equal(f->transport.recv.calls + f->transport.send.calls,
                   f->hooks_at_act);
  assert_int_equal(f->heap.blocks, 1); /* the config */
}

static struct fixture *open_and_free_on(void **state, int event) {
  struct fixture *f = open_with_callbacks(state);
  f->act = FREE;
  f->act_on = event;
  f->wants = 77;
  return f;
}

static void test_pump_freed_by_on_message_touches_nothing(void **state) {
  struct fixture *f = open_and_free_on(state, SIPWS_EVENT_MESSAGE);
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  assert_freed(f, readable(f));
  assert_string_equal(f->told, "one ");
}

static void test_pump_freed_while_working_on_what_is_kept(void **state) {
  struct fixture *f = open_with_callbacks(state);
  arrive_frame(f, 1, "one");
  arrive_frame(f, 1, "two");
  f->act = PAUSE;
  f->act_on = SIPWS_EVENT_MESSAGE;
  assert_int_equal(readable(f), 0);
  assert_int_equal(sipws_conn_resume(f->conn, 0), 0);
  f->act = FREE;
  assert_freed(f, readable(f));
  assert_string_equal(f->told, "one two ");
}

static void test_pump_freed_by_on_closed_touches_nothing(void **state) {
  static const int ends[] = {SIPWS_ERR_EOF, SIPWS_ERR_LOST, 5};
  size_t i;
  for (i = 0; i < ROWS(ends); i++) {
    struct fixture *f = open_and_free_on(state, SIPWS_EVENT_CLOSED);
    f->transport.recv.end = ends[i];
    assert_freed(f, readable(f));
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);

    f = open_and_free_on(state, SIPWS_EVENT_CLOSED);
    send_text(f, "one");
    f->transport.send.budget = 0;
    f->transport.send.end = ends[i];
    assert_freed(f, writable(f));
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
  }
}

static void test_pump_freed_by_on_sent_touches_nothing(void **state) {
  struct fixture *f = open_and_free_on(state, SIPWS_EVENT_SENT);
  send_text(f, "one");
  send_text(f, "two");
  f->transport.send.most = 3;
  assert_freed(f, writable(f));
  assert_string_equal(f->told, "sent ");
}

static void test_pump_freed_once_its_close_is_taken(void **state) {
  struct fixture *f = open_and_free_on(state, SIPWS_EVENT_CLOSED);
  assert_int_equal(
      sipws_conn_close(f->conn, 1000, NULL, 0, SIPWS_CLOSE_NOWAIT, 0), 0);
  assert_freed(f, writable(f));
  assert_memory_equal(f->transport.out, "\x88\x02\x03\xe8", 4);
}

static void test_pump_close_from_a_callback_leaves_with_writable(void **state) {
  struct fixture *f = open_with_callbacks(state);
  f->act = CLOSE;
  f->act_on = SIPWS_EVENT_MESSAGE;
  arrive_frame(f, 1, "bye");
  arrive_frame(f, 1, "never seen");
  assert_int_equal(readable(f), 0);
  assert_string_equal(f->told, "bye ");
  assert_int_equal(writable(f), 0);
  assert_string_equal(f->told, "bye closed(2) ");
  assert_memory_equal(f->transport.out, "\x88\x02\x03\xe8", 4);
  assert_int_equal(f->wants & SIPWS_WANT_CLOSE, SIPWS_WANT_CLOSE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_pump_short_counts_change_nothing),
      TEST(test_pump_would_block_is_no_error),
      TEST(test_pump_end_of_the_transport_closes),
      TEST(test_pump_loss_of_the_transport_is_told),
      TEST(test_pump_recv_that_breaks_its_contract_is_told),
      TEST(test_pump_scratch_and_arguments_are_checked),
      TEST(test_pump_without_hooks_says_so),
      TEST(test_pump_one_connection_reads_a_fair_share),
      TEST(test_pump_pause_keeps_the_rest),
      TEST(test_pump_stop_by_on_message_keeps_the_rest),
      TEST(test_pump_verdict_keeps_what_comes_behind),
      TEST(test_pump_event_to_be_pulled_asks_for_another_call),
      TEST(test_pump_no_memory_to_keep_fails_the_connection),
      TEST(test_pump_no_memory_at_all_ends_it_at_once),
      TEST(test_pump_failure_is_told_and_reads_to_the_end),
      TEST(test_pump_sends_all_in_counts_of_any_length),
      TEST(test_pump_goes_on_where_the_transport_blocked),
      TEST(test_pump_nothing_to_send_calls_no_hook),
      TEST(test_pump_loss_while_sending_is_told),
      TEST(test_pump_no_memory_for_the_request_is_told),
      TEST(test_pump_user_is_changed_for_both_or_one),
      TEST(test_pump_send_that_breaks_its_contract_is_told),
      TEST(test_pump_is_busy_inside_its_callbacks),
      TEST(test_pump_freed_by_on_message_touches_nothing),
      TEST(test_pump_freed_while_working_on_what_is_kept),
      TEST(test_pump_freed_by_on_closed_touches_nothing),
      TEST(test_pump_freed_by_on_sent_touches_nothing),
      TEST(test_pump_freed_once_its_close_is_taken),
      TEST(test_pump_close_from_a_callback_leaves_with_writable),
  };
  return cmocka_run_group_tests_name("pump", tests, NULL, NULL);
}
