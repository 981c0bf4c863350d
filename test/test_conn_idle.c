/* conn: a connection on which nothing moves. It is small, forgets nothing, and
 * wakes up, or tells that there is no memory for it. */
#include "pair.h"

static struct side client, server, side;
static struct wire wire;

#define QUIET 60000 /* longer than any trim, shorter than what fails it */

/* Neither keeps the other awake. */
static void config_quiet(struct side *one, int face) {
  side_config(one, face);
  (void)sipws_config_set_keepalive(one->config, SIPWS_KEEPALIVE_PING, 0);
}

static void send_sip(struct side *one, size_t body_len) {
  size_t len;
  const char *msg = sip_text(body_len, &len);
  assert_int_equal(sipws_conn_send(one->conn, msg, len, 0, one->now, NULL), 0);
}

/* ---- how small ---- */

/* Messages, small and large, and keep-alives, both ways. */
static void move_all_kinds(struct side *from, struct side *to) {
  send_sip(from, 100);
  send_sip(from, 20000);
  assert_int_equal(sipws_conn_ping(from->conn, "ping", 4, from->now), 0);
  assert_int_equal(sipws_conn_ping_crlf(from->conn, from->now), 0);
  pair_move(from, to, 1448);
  assert_non_null(strstr(to->log, "message text OK MESSAGE"));
  assert_non_null(strstr(to->log, "keepalive ping"));
  assert_non_null(strstr(from->log, "keepalive pong"));
  side_forget(from);
  side_forget(to);
}

/* What their configs take, before there are connections. */
static struct test_heap client_base, server_base;

static void open_both(void) {
  client_base = client.heap;
  server_base = server.heap;
  pair_open(&client, &server);
}

static void check_small(const struct side *one, const struct test_heap *base) {
  size_t live = one->heap.live - base->live;
  size_t blocks = one->heap.blocks - base->blocks;
  if (live > 400 || blocks > 2) {
    fail_msg("face %d: %lu octets in %lu allocations", one->face,
             (unsigned long)live, (unsigned long)blocks);
  }
}

static void check_both_small(void) {
  check_small(&client, &client_base);
  check_small(&server, &server_base);
  assert_int_equal(sipws_conn_deadline(client.conn), UINT64_MAX);
}

static void test_conn_idle_takes_400_octets_at_most(void **state) {
  uint64_t now;
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
    config_quiet(&client, face);
    config_quiet(&server, face);
    open_both();
    for (now = 0; now < 3 * QUIET; now += QUIET) {
      client.now = now;
      server.now = now;
      move_all_kinds(&client, &server); /* a second time: it has woken up */
      move_all_kinds(&server, &client);
      assert_true(client.heap.live - client_base.live > 400);
      side_tick(&client, now + QUIET - 1);
      side_tick(&server, now + QUIET - 1);
      check_both_small();
    }
    side_free(&client);
    side_free(&server);
  }
}

/* By policy nothing waits for the trim. */
static void test_conn_idle_gives_back_at_once(void **state) {
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS_INPLACE; face++) {
    config_quiet(&client, face);
    config_quiet(&server, face);
    side_policy(&client, SIPWS_POLICY_TRIM_AT_ONCE);
    side_policy(&server, SIPWS_POLICY_TRIM_AT_ONCE);
    open_both();
    move_all_kinds(&client, &server);
    move_all_kinds(&server, &client);
    check_both_small();
    /* what waits is held */
    send_sip(&client, 100);
    side_take(&client, 10);
    assert_true(client.heap.live - client_base.live > 400);
    side_take(&client, sipws_conn_queued(client.conn));
    side_pull(&client);
    check_small(&client, &client_base);
    side_free(&client);
    side_free(&server);
  }
}

/* So nothing is lost when the answers to one read lie in one piece. */
static void test_conn_idle_at_once_burst_is_one_piece(void **state) {
  const uint8_t *data;
  size_t len, live;
  int i;
  (void)state;
  config_quiet(&side, SIDE_CALLBACKS);
  side_policy(&side, SIPWS_POLICY_TRIM_AT_ONCE);
  side_adopt(&side, SIPWS_SERVER, "echo");
  live = side.heap.live;
  for (i = 0; i < 8; i++) {
    (void)side_send(&side, 1200, 0);
  }
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
  assert_int_equal(len, 8 * 1204);
  assert_int_equal(sipws_conn_taken(side.conn, len, 0), 0);
  assert_int_equal(side.heap.live, live);
  side_free(&side);
}

/* In place too, under callbacks; and a Close's reason lives until free. */
static void test_conn_idle_at_once_leaves_what_is_lent(void **state) {
  const char *reason;
  size_t taken, len;
  (void)state;
  config_quiet(&side, SIDE_CALLBACKS);
  side_policy(&side, SIPWS_POLICY_TRIM_AT_ONCE);
  side_adopt(&side, SIPWS_SERVER, "echo");
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, "hello", 5);
  assert_int_equal(
      sipws_conn_feed_inplace(side.conn, wire.data, wire.len, 0, &taken), 0);
  assert_int_equal(taken, wire.len);
  assert_log(&side, "message text UNCHECKED hello\n");
  side_feed_frame(&side, 0x88, "\x03\xe8why");
  (void)side_show(&side);
  assert_int_equal(sipws_conn_close_reason(side.conn, &reason, &len), 0);
  assert_text(reason, len, "why");
  side_free(&side);
}

/* ---- what it still knows ---- */

static void test_conn_idle_forgets_nothing(void **state) {
  const char *text;
  size_t len;
  (void)state;
  config_quiet(&client, SIDE_CALLBACKS);
  config_quiet(&server, SIDE_CALLBACKS);
  side_timer(&client, SIPWS_TIMER_PONG, 2 * QUIET);
  pair_open(&client, &server);
  send_sip(&client, 0);
  send_sip(&client, 0);
  pair_move(&client, &server, 0);
  side_feed_frame(&client, 0x81,
                  "OPTIONS sip:a@h SIP/2.0\r\nContent-Length: 1\r\n\r\nbcut");
  assert_int_equal(sipws_conn_ping(client.conn, "p", 1, 0), 0);
  side_take(&client, 7);
  side_forget(&client);
  side_tick(&client, QUIET);
  assert_int_equal(sipws_conn_last_seq(client.conn), 2);
  assert_int_equal(sipws_conn_sent_seq(client.conn), 2);
  assert_int_equal(sipws_conn_begun_seq(client.conn), 2);
  assert_int_equal(sipws_conn_queued(client.conn), 0);
  assert_int_equal(sipws_conn_kept(client.conn), 0);
  assert_int_equal(sipws_conn_room(client.conn), 65536);
  assert_int_equal(sipws_conn_cut(client.conn), 3);
  assert_int_equal(sipws_conn_url(client.conn, &text, &len), 0);
  assert_text(text, len, "ws://h.example/ws");
  /* a pong that comes late is that of the ping */
  side_feed_frame(&client, 0x8a, "p");
  assert_log(&client, "keepalive pong 60000\n");
  send_sip(&client, 0);
  pair_move(&client, &server, 0);
  assert_log(&client, "sent 3\n");
  side_free(&client);
  side_free(&server);
}

/* Numbers of messages that expired stand for ever. */
static void test_conn_idle_counts_what_expired(void **state) {
  (void)state;
  config_quiet(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_WAIT, 100);
  side_adopt(&side, SIPWS_SERVER, "echo");
  (void)side_send(&side, 10, 0);
  side_tick(&side, 100);
  assert_log(&side, "EXPIRED 1\n");
  side_tick(&side, QUIET);
  (void)side_send(&side, 1, 0);
  assert_wire(&side, "text a\n");
  assert_log(&side, "sent 2\n");
  side_free(&side);
}

/* ---- what keeps it awake ---- */

static int tick_late(struct side *one, int event) {
  (void)event;
  one->now += QUIET;
  (void)sipws_conn_tick(one->conn, one->now);
  return 0;
}

/* A callback whose clock jumps pulls no ground from under the call around
 * it. */
static void test_conn_idle_begins_behind_the_outer_call(void **state) {
  size_t taken;
  (void)state;
  config_quiet(&side, SIDE_CALLBACKS);
  side_adopt(&side, SIPWS_SERVER, "sip");
  side.then = tick_late;
  wire_clear(&wire);
  wire_frame(&wire, 0x8a, 1, "one", 3);
  wire_frame(&wire, 0x8a, 1, "two", 3);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  assert_int_equal(sipws_conn_keep(side.conn, wire.data, 20), 0);
  assert_int_equal(side_feed(&side, wire.data + 20, wire.len - 20, 0),
                   wire.len - 20);
  assert_log(&side, "keepalive pong\nkeepalive pong\n"
                    "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
  assert_int_equal(
      sipws_conn_feed_inplace(side.conn, wire.data, 18, side.now, &taken), 0);
  assert_log(&side, "keepalive pong\nkeepalive pong\n");
  side_free(&side);
}

/* Nor what was lent, or kept, or waits to be pulled. */
static void test_conn_idle_is_not_while_octets_wait(void **state) {
  const uint8_t *data;
  size_t len;
  int event;
  (void)state;
  config_quiet(&side, SIDE_PULLS);
  side_timer(&side, SIPWS_TIMER_STALL, 0);
  side_adopt(&side, SIPWS_SERVER, "echo");
  (void)side_send(&side, 3, 0);
  assert_int_equal(sipws_conn_pending(side.conn, 0, &data, &len), 0);
  side_tick(&side, QUIET);
  assert_memory_equal(data,
                      "\x81\x03"
                      "aaa",
                      5);
  assert_wire(&side, "text aaa\n");
  side_forget(&side);
  assert_int_equal(sipws_conn_keep(side.conn, "\x8a", 1), 0);
  side_tick(&side, 2 * QUIET);
  assert_int_equal(sipws_conn_kept(side.conn), 1);
  (void)sipws_conn_feed(side.conn, "\x80\0\0\0\0", 5, 3 * QUIET, &len);
  (void)sipws_conn_tick(side.conn, 4 * QUIET);
  assert_int_equal(sipws_conn_next_event(side.conn, &event), 0);
  assert_int_equal(event, SIPWS_EVENT_KEEPALIVE);
  side_free(&side);
}

/* ---- no memory to wake up ---- */

static void open_failing(void) {
  side_open(&side, SIPWS_SERVER);
  side.heap.fail_at = side.heap.calls + 1;
  side.heap.fail_after = 1;
}

static void close_failing(void) {
  side.heap.fail_at = 0;
  side.heap.fail_after = 0;
  side_free(&side);
}

static void test_conn_idle_tells_that_it_has_no_memory(void **state) {
  size_t taken;
  (void)state;
  open_failing();
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL),
      SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_ping(side.conn, "p", 1, 0), SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_ping_crlf(side.conn, 0), SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_close(side.conn, 1000, NULL, 0, 0, 0),
                   SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_keep(side.conn, "\x81", 1), SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_pause(side.conn, 0), 0);
  assert_int_equal(sipws_conn_resume(side.conn, 0), 0);
  assert_int_equal(sipws_conn_last_seq(side.conn), 0);
  assert_int_equal(sipws_conn_state(side.conn), SIPWS_STATE_OPEN);
  side.heap.fail_at = 0; /* and all goes on */
  assert_int_equal(
      sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL), 0);
  assert_wire(&side, "text OPTIONS sip:a@h SIP/2.0 (39)\n");
  close_failing();
  /* while input is read it is fatal */
  open_failing();
  assert_int_equal(sipws_conn_feed(side.conn, "\x8a", 1, 0, &taken),
                   SIPWS_ERR_NOMEM);
  assert_int_equal(taken, 1);
  assert_log(&side, "closed MEMORY 1006\n");
  close_failing();
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_idle_takes_400_octets_at_most),
      cmocka_unit_test(test_conn_idle_gives_back_at_once),
      cmocka_unit_test(test_conn_idle_at_once_burst_is_one_piece),
      cmocka_unit_test(test_conn_idle_at_once_leaves_what_is_lent),
      cmocka_unit_test(test_conn_idle_forgets_nothing),
      cmocka_unit_test(test_conn_idle_counts_what_expired),
      cmocka_unit_test(test_conn_idle_begins_behind_the_outer_call),
      cmocka_unit_test(test_conn_idle_is_not_while_octets_wait),
      cmocka_unit_test(test_conn_idle_tells_that_it_has_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
