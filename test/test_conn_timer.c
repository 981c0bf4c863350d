/* conn: time. Each timer one ms early and on time; nothing else asks the
 * time. */
#include "pair.h"

static struct side side;
static struct wire wire;

/* Open at time 1000 with every timer and keep-alive off; |timer| set. */
static void open_with(int timer, uint32_t ms, uint32_t policy) {
  int i;
  side_config(&side, SIDE_CALLBACKS);
  for (i = SIPWS_TIMER_HANDSHAKE; i <= SIPWS_TIMER_TRIM; i++) {
    side_timer(&side, i, i == timer ? ms : 0);
  }
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
  side_policy(&side, policy);
  side.now = 1000;
  side_adopt(&side, SIPWS_SERVER, "sip");
}

/* Nothing is due before |when|; then tick at it. */
static void due(uint64_t when) {
  assert_int_equal(sipws_conn_deadline(side.conn), when);
  if (when > side.now) {
    side_tick(&side, when - 1);
    assert_string_equal(side.log, "");
    assert_int_equal(sipws_conn_deadline(side.conn), when);
  }
  side_tick(&side, when);
  assert_true(sipws_conn_deadline(side.conn) > when); /* no busy loop */
}

static int send_options(void) {
  return sipws_conn_send(side.conn, OPTIONS, sizeof OPTIONS - 1, 0, side.now,
                         NULL);
}

static void test_conn_timer_all_off_is_never(void **state) {
  (void)state;
  open_with(0, 0, 0);
  (void)sipws_conn_ping(side.conn, "x", 1, 1000);
  (void)send_options();
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  (void)sipws_conn_close(side.conn, 1000, NULL, 0, 0, 1000);
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side_tick(&side, UINT64_MAX / 2);
  assert_log(&side, "");
  side_free(&side);
}

static void test_conn_timer_pong(void **state) {
  int fails;
  (void)state;
  for (fails = 0; fails < 2; fails++) {
    open_with(SIPWS_TIMER_PONG, 300, fails ? SIPWS_POLICY_FAIL_ON_PONG : 0);
    (void)sipws_conn_ping(side.conn, "x", 1, 1010);
    due(1310);
    assert_log(&side, "MISSED_PONG 300\n");
    assert_int_equal(sipws_conn_error(side.conn),
                     fails ? SIPWS_ERR_TIMEOUT : 0);
    assert_int_equal(sipws_conn_timer(side.conn), fails ? SIPWS_TIMER_PONG : 0);
    assert_wire(&side, fails ? "ping x\nclose 1001\n" : "ping x\n");
    if (fails) {
      (void)sipws_conn_eof(side.conn, 2000);
      assert_log(&side, "closed TIMEOUT 1006\n");
    }
    side_free(&side);
  }
}

static void test_conn_timer_any_traffic_puts_the_pong_off(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_PONG, 300, 0);
  (void)sipws_conn_ping(side.conn, "x", 1, 1010);
  side.now = 1200;
  side_feed_frame(&side, 0x81, OPTIONS);
  side_forget(&side);
  due(1500);
  assert_log(&side, "MISSED_PONG 490\n");
  (void)side_show(&side);
  (void)sipws_conn_ping(side.conn, "y", 1, 1600);
  side.now = 1700;
  side_feed_frame(&side, 0x8a, "y");
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side_free(&side);
}

static void test_conn_timer_crlf(void **state) {
  int fails;
  (void)state;
  for (fails = 0; fails < 2; fails++) {
    open_with(SIPWS_TIMER_CRLF, 300,
              fails ? SIPWS_POLICY_FAIL_ON_CRLF : SIPWS_POLICY_EXPECT_CRLF);
    (void)sipws_conn_ping_crlf(side.conn, 1010);
    due(1310);
    assert_log(&side, "MISSED_CRLF 300\n");
    assert_int_equal(sipws_conn_error(side.conn),
                     fails ? SIPWS_ERR_TIMEOUT : 0);
    assert_int_equal(sipws_conn_timer(side.conn), fails ? SIPWS_TIMER_CRLF : 0);
    side_free(&side);
  }
  open_with(SIPWS_TIMER_CRLF, 300, 0); /* nobody promised one */
  (void)sipws_conn_ping_crlf(side.conn, 1010);
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side_free(&side);
}

/* RFC 5626 section 4.4.1: the CRLF itself, whatever else comes; but a message
 * that is being received when the time is up goes first, as long as it does. */
static void test_conn_timer_crlf_is_put_off_by_no_traffic(void **state) {
  int fails;
  (void)state;
  for (fails = 0; fails < 2; fails++) {
    open_with(SIPWS_TIMER_CRLF, 300,
              fails ? SIPWS_POLICY_FAIL_ON_CRLF : SIPWS_POLICY_EXPECT_CRLF);
    (void)sipws_conn_ping_crlf(side.conn, 1010);
    side.now = 1200;
    side_feed_frame(&side, 0x81, OPTIONS);
    side_feed_frame(&side, 0x89, "x");
    side_feed_frame(&side, 0x8a, "x");
    side_forget(&side);
    due(1310);
    assert_log(&side, "MISSED_CRLF 300\n");
    assert_int_equal(sipws_conn_error(side.conn),
                     fails ? SIPWS_ERR_TIMEOUT : 0);
    side_free(&side);
  }
}

static void test_conn_timer_crlf_waits_for_a_message_under_way(void **state) {
  size_t cut;
  (void)state;
  wire_clear(&wire);
  wire_frame(&wire, 0x01, 1, OPTIONS, 10);
  wire_frame(&wire, 0x80, 1, &OPTIONS[10], sizeof OPTIONS - 11);
  for (cut = 1; cut < wire.len; cut++) {
    open_with(SIPWS_TIMER_CRLF, 300, SIPWS_POLICY_FAIL_ON_CRLF);
    (void)sipws_conn_ping_crlf(side.conn, 1010);
    side.now = 1250;
    (void)side_feed(&side, wire.data, cut, 0);
    side_tick(&side, 1310);
    assert_log(&side, "");
    assert_int_equal(sipws_conn_deadline(side.conn), 1550);
    side.now = 1540;
    (void)side_feed(&side, wire.data + cut, wire.len - cut, 0);
    side_forget(&side);
    assert_true(sipws_conn_deadline(side.conn) <= 1540);
    side_tick(&side, 1540);
    assert_log(&side, "MISSED_CRLF 530\n");
    assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_CRLF);
    side_free(&side);
  }
  /* of one that stops coming the silence counts */
  open_with(SIPWS_TIMER_CRLF, 300, SIPWS_POLICY_FAIL_ON_CRLF);
  (void)sipws_conn_ping_crlf(side.conn, 1010);
  side.now = 1250;
  (void)side_feed(&side, wire.data, 12, 0);
  due(1550);
  assert_log(&side, "MISSED_CRLF 540\n");
  side_free(&side);
}

/* RFC 5626 section 4.4: it may be expected of who promised it. */
static void test_conn_timer_crlf_may_be_expected_of_one(void **state) {
  static const struct {
    uint32_t config, own;
    int is_awaited, fails;
  } rows[] = {{0, SIPWS_POLICY_EXPECT_CRLF, 1, 0},
              {0, SIPWS_POLICY_FAIL_ON_CRLF, 1, 1},
              {SIPWS_POLICY_FAIL_ON_CRLF, SIPWS_POLICY_EXPECT_CRLF, 1, 0},
              {SIPWS_POLICY_EXPECT_CRLF, SIPWS_POLICY_FAIL_ON_CRLF, 1, 1},
              {SIPWS_POLICY_FAIL_ON_CRLF, 0, 0, 0},
              {SIPWS_POLICY_EXPECT_CRLF, 0, 0, 0}};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    open_with(SIPWS_TIMER_CRLF, 300, rows[i].config);
    assert_int_equal(sipws_conn_expect_crlf(side.conn, rows[i].own), 0);
    (void)sipws_conn_ping_crlf(side.conn, 1010);
    if (rows[i].is_awaited) {
      due(1310);
      assert_log(&side, "MISSED_CRLF 300\n");
    }
    assert_int_equal(sipws_conn_error(side.conn),
                     rows[i].fails ? SIPWS_ERR_TIMEOUT : 0);
    if (!rows[i].fails) {
      assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    }
    side_free(&side);
  }
}

static void test_conn_timer_crlf_under_way_may_be_let_go(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_CRLF, 300, SIPWS_POLICY_FAIL_ON_CRLF);
  (void)sipws_conn_ping_crlf(side.conn, 1010);
  assert_int_equal(sipws_conn_expect_crlf(side.conn, 0), 0);
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  assert_int_equal(sipws_conn_expect_crlf(NULL, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_expect_crlf(side.conn, 1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_expect_crlf(side.conn, UINT32_MAX),
                   SIPWS_ERR_INVALID);
  side_free(&side);
}

static void test_conn_timer_idle(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_IDLE, 300, 0);
  side.now = 1299;
  side_feed_frame(&side, 0x8a, "");
  side_forget(&side);
  due(1599);
  assert_int_equal(sipws_conn_error(side.conn), SIPWS_ERR_TIMEOUT);
  assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_IDLE);
  assert_wire(&side, "close 1001\n");
  side_free(&side);
}

/* RFC 5626 section 5.4: longer than the Flow-Timer that one was told. */
static void test_conn_timer_idle_may_be_set_for_one(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_IDLE, 300, 0);
  assert_int_equal(sipws_conn_set_idle(side.conn, 500), 0);
  due(1500);
  assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_IDLE);
  side_free(&side);
  open_with(SIPWS_TIMER_IDLE, 300, 0);
  assert_int_equal(sipws_conn_set_idle(side.conn, 0), 0);
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  assert_int_equal(sipws_conn_set_idle(side.conn, 0x80000000u), 0);
  assert_int_equal(sipws_conn_deadline(side.conn), 0x80000000u + 1000ull);
  assert_int_equal(sipws_conn_set_idle(side.conn, 0x80000001u),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_set_idle(NULL, 1), SIPWS_ERR_INVALID);
  side_free(&side);
}

static void test_conn_timer_stall(void **state) {
  const uint8_t *data;
  size_t len;
  int fails;
  (void)state;
  for (fails = 0; fails < 2; fails++) {
    open_with(SIPWS_TIMER_STALL, 300, fails ? SIPWS_POLICY_FAIL_ON_STALL : 0);
    assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    side.now = 1100;
    (void)send_options();
    side.now = 1350;
    (void)send_options(); /* more of it does not put it off */
    assert_int_equal(sipws_conn_deadline(side.conn), 1400);
    (void)sipws_conn_pending(side.conn, 0, &data, &len);
    assert_int_equal(sipws_conn_taken(side.conn, 1, 1390), 0);
    due(1690);
    assert_log(&side, "STALLED 300\n");
    assert_int_equal(sipws_conn_error(side.conn),
                     fails ? SIPWS_ERR_TIMEOUT : 0);
    assert_int_equal(sipws_conn_timer(side.conn),
                     fails ? SIPWS_TIMER_STALL : 0);
    if (!fails) { /* told once, until something was taken */
      assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
      assert_int_equal(sipws_conn_taken(side.conn, 1, 1800), 0);
      due(2100);
      assert_log(&side, "STALLED 300\n");
    }
    side_free(&side);
  }
}

static void test_conn_timer_stall_counts_from_the_output_on(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_STALL, 300);
  side_timer(&side, SIPWS_TIMER_HANDSHAKE, 0);
  side_client(&side, "ws://h/");
  due(300); /* the request */
  assert_log(&side, "STALLED 300\n");
  side_free(&side);
  open_with(SIPWS_TIMER_STALL, 300, 0);
  side.now = 9000; /* long after the open */
  side_feed_frame(&side, 0x89, "");
  side_forget(&side);
  due(9300);
  side_free(&side);
}

static void test_conn_timer_wait(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_WAIT, 300, 0);
  side.now = 1100;
  (void)send_options();
  due(1400);
  assert_log(&side, "EXPIRED 1\n");
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side.now = 1500;
  (void)send_options();
  (void)side_show(&side);
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side_free(&side);
}

static void test_conn_timer_handshake_and_close(void **state) {
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side.now = 50;
  side_client(&side, "ws://h/");
  due(10050);
  assert_log(&side, "closed TIMEOUT 1006\n");
  side_free(&side);
  open_with(SIPWS_TIMER_CLOSE, 300, 0);
  (void)sipws_conn_close(side.conn, 1000, NULL, 0, 0, 1000);
  due(1300);
  assert_log(&side, "closed TIMEOUT 1006\n");
  side_free(&side);
}

/* ---- keep-alives ---- */

static void test_conn_timer_keepalives_stay_within_their_jitter(void **state) {
  static const struct {
    int kind;
    uint64_t least, most;
    const char *frame;
  } rows[] = {{SIPWS_KEEPALIVE_PING, 800, 1200, "ping"},
              {SIPWS_KEEPALIVE_PONG, 800, 1200, "pong\n"},
              {SIPWS_KEEPALIVE_CRLF, 800, 1000, "text  (2)\n"}};
  size_t i;
  int round;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    uint64_t shortest = UINT64_MAX, longest = 0;
    open_with(0, 0, 0);
    assert_int_equal(
        sipws_conn_set_keepalive(side.conn, rows[i].kind, 1000, 1000), 0);
    for (round = 0; round < 300; round++) {
      uint64_t wait = sipws_conn_deadline(side.conn) - side.now;
      shortest = wait < shortest ? wait : shortest;
      longest = wait > longest ? wait : longest;
      due(side.now + wait);
      (void)side_show(&side);
    }
    assert_true(shortest >= rows[i].least && shortest < rows[i].least + 20);
    assert_true(longest <= rows[i].most && longest > rows[i].most - 20);
    assert_int_equal(
        sipws_conn_set_keepalive(side.conn, rows[i].kind, 0, side.now), 0);
    assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    side_free(&side);
  }
}

static void test_conn_timer_keepalives_by_default(void **state) {
  uint64_t wait;
  (void)state;
  side_open(&side, SIPWS_CLIENT);
  wait = sipws_conn_deadline(side.conn);
  assert_true(wait >= 20000 && wait <= 30000);
  side_tick(&side, wait);
  assert_string_equal(side_show(&side), "mask ping  (4)\n");
  side_free(&side);
}

static void test_conn_timer_crlf_goes_out_with_profile_sip_alone(void **s) {
  (void)s;
  side_config(&side, SIDE_CALLBACKS);
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_CRLF, 1000);
  side_adopt(&side, SIPWS_SERVER, "echo");
  assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
  side_free(&side);
}

/* Pings go on where nobody waits for the pong; one at a time where one does. */
static void test_conn_timer_pings_without_pongs_go_on(void **state) {
  int waits, i;
  (void)state;
  for (waits = 0; waits < 2; waits++) {
    size_t pings = 0;
    open_with(SIPWS_TIMER_PONG, waits ? 10000 : 0, 0);
    (void)sipws_conn_set_keepalive(side.conn, SIPWS_KEEPALIVE_PING, 1000, 1000);
    for (i = 0; i < 5; i++) {
      side_tick(&side, sipws_conn_deadline(side.conn));
      pings += side_show(&side)[0] != '\0';
    }
    assert_int_equal(pings, waits ? 1 : 5);
    side_free(&side);
  }
}

static void test_conn_timer_late_ticks_do_not_burst(void **state) {
  (void)state;
  open_with(0, 0, 0);
  (void)sipws_conn_set_keepalive(side.conn, SIPWS_KEEPALIVE_PONG, 1000, 1000);
  side_tick(&side, 100000);
  assert_wire(&side, "pong\n");
  side_tick(&side, 100000);
  assert_wire(&side, "");
  assert_true(sipws_conn_deadline(side.conn) >= 100800);
  side_free(&side);
}

/* ---- pause ---- */

static void test_conn_timer_pause_stops_pong_and_idle(void **state) {
  static const int timers[] = {SIPWS_TIMER_PONG, SIPWS_TIMER_IDLE,
                               SIPWS_TIMER_CRLF};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(timers); i++) {
    open_with(timers[i], 300, SIPWS_POLICY_EXPECT_CRLF);
    (void)sipws_conn_ping(side.conn, "x", 1, 1000);
    (void)sipws_conn_ping_crlf(side.conn, 1000);
    (void)sipws_conn_pause(side.conn, 1200);
    (void)sipws_conn_pause(side.conn, 1900);
    assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    side_tick(&side, 5000);
    assert_log(&side, "");
    (void)sipws_conn_resume(side.conn, 6000);
    (void)sipws_conn_resume(side.conn, 6050);
    side.now = 6050;
    due(6100); /* the 100 ms that were left */
    assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    side_free(&side);
  }
}

static void test_conn_timer_pause_shifts_no_clock_ahead(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_PONG, 300, 0);
  (void)sipws_conn_pause(side.conn, 1000);
  (void)sipws_conn_ping(side.conn, "x", 1, 1900); /* while it is paused */
  (void)sipws_conn_resume(side.conn, 2000);
  side.now = 2050;
  side_feed_frame(&side, 0x8a, "x");
  assert_log(&side, "keepalive pong 50\n");
  side_free(&side);
}

static void test_conn_timer_pause_leaves_close_and_stall(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_STALL, 300, 0);
  (void)send_options();
  (void)sipws_conn_pause(side.conn, 1000);
  due(1300);
  assert_log(&side, "STALLED 300\n");
  side_free(&side);
  open_with(SIPWS_TIMER_CLOSE, 300, 0);
  (void)sipws_conn_pause(side.conn, 1000);
  (void)sipws_conn_close(side.conn, 1000, NULL, 0, 0, 1000);
  due(1300);
  side_free(&side);
}

/* ---- the clock ---- */

static void test_conn_timer_time_never_goes_back(void **state) {
  (void)state;
  open_with(SIPWS_TIMER_IDLE, 300, 0);
  side.now = 1250;
  side_feed_frame(&side, 0x8a, "");
  side.now = 10; /* counts as 1250 */
  side_feed_frame(&side, 0x8a, "");
  side_forget(&side);
  assert_int_equal(sipws_conn_deadline(side.conn), 1550);
  side_tick(&side, 0);
  side_tick(&side, 1250);
  side_tick(&side, 1250);
  assert_log(&side, "");
  due(1550);
  side_free(&side);
}

static void test_conn_timer_early_ticks_do_nothing(void **state) {
  uint64_t now;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_IDLE, 3000);
  side_timer(&side, SIPWS_TIMER_WAIT, 400);
  side_adopt(&side, SIPWS_SERVER, "sip");
  (void)send_options();
  for (now = 0; now < 400; now += 7) {
    side_tick(&side, now);
  }
  assert_log(&side, "");
  assert_int_equal(sipws_conn_deadline(side.conn), 400);
  side_free(&side);
}

/* The deadline is the least of all: walking from one to the next sees each. */
static void test_conn_timer_deadline_is_the_least(void **state) {
  const uint8_t *data;
  size_t len;
  uint64_t when, before = 0;
  (void)state;
  side_config(&side, SIDE_CALLBACKS);
  side_timer(&side, SIPWS_TIMER_WAIT, 100);
  side_timer(&side, SIPWS_TIMER_PONG, 200);
  side_timer(&side, SIPWS_TIMER_CRLF, 300);
  side_timer(&side, SIPWS_TIMER_STALL, 400);
  side_timer(&side, SIPWS_TIMER_IDLE, 500);
  side_timer(&side, SIPWS_TIMER_CLOSE, 600);
  side_timer(&side, SIPWS_TIMER_TRIM, 0);
  (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
  side_policy(&side, SIPWS_POLICY_EXPECT_CRLF);
  side_adopt(&side, SIPWS_SERVER, "sip");
  (void)sipws_conn_ping(side.conn, "x", 1, 0);
  (void)sipws_conn_ping_crlf(side.conn, 0);
  (void)sipws_conn_pending(side.conn, 0, &data, &len);
  (void)send_options(); /* behind what was lent */
  while ((when = sipws_conn_deadline(side.conn)) != UINT64_MAX) {
    assert_true(when > before || before == 0);
    before = when;
    side_note(&side, "%lu:\n", (unsigned long)when);
    side_tick(&side, when);
  }
  assert_log(&side, "100:\nEXPIRED 1\n"
                    "200:\nMISSED_PONG 200\n"
                    "300:\nMISSED_CRLF 300\n"
                    "400:\nSTALLED 400\n"
                    "500:\n"
                    "1100:\nclosed TIMEOUT 1006\n");
  assert_int_equal(sipws_conn_timer(side.conn), SIPWS_TIMER_IDLE);
  side_free(&side);
}

/* ---- trim ---- */

static void test_conn_timer_trim_gives_memory_back(void **state) {
  size_t len, before, grown;
  const char *msg = sip_text(9000, &len);
  int face;
  (void)state;
  for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
    side_config(&side, face);
    (void)sipws_config_set_keepalive(side.config, SIPWS_KEEPALIVE_PING, 0);
    side_adopt(&side, SIPWS_SERVER, "sip");
    before = side.heap.live;
    side.now = 100;
    wire_clear(&wire);
    wire_frame(&wire, 0x81, 1, msg, len);
    wire_frame(&wire, 0x89, 1, "one", 3);
    wire_frame(&wire, 0x89, 1, "two", 3);
    wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
    (void)side_feed(&side, wire.data, wire.len, 0);
    (void)sipws_conn_keep(side.conn, "\x8a\x80\0\0\0\0", 6);
    (void)side_feed(&side, "\x8a\x80\0\0\0\0", 6, 0);
    (void)send_options();
    (void)side_show(&side);
    grown = side.heap.live;
    assert_true(grown > before + 9000);
    assert_int_equal(sipws_conn_deadline(side.conn), 5100);
    side_tick(&side, 5099);
    assert_int_equal(side.heap.live, grown);
    side_tick(&side, 5100);
    assert_int_equal(side.heap.live, before);
    assert_int_equal(sipws_conn_deadline(side.conn), UINT64_MAX);
    side_forget(&side);
    (void)side_feed(&side, wire.data, wire.len, 1); /* and all works on */
    assert_non_null(strstr(side.log, "(9061)\nkeepalive ping\n"));
    side_free(&side);
  }
}

static void test_conn_timer_trim_leaves_what_is_under_way(void **state) {
  size_t cut;
  (void)state;
  wire_clear(&wire);
  wire_frame(&wire, 0x01, 1, OPTIONS, sizeof OPTIONS - 1);
  wire_frame(&wire, 0x89, 1, "ping", 4);
  wire_frame(&wire, 0x80, 1, "body", 4);
  for (cut = 1; cut < wire.len; cut++) {
    open_with(SIPWS_TIMER_TRIM, 1, 0);
    assert_int_equal(side_feed(&side, wire.data, cut, 0), cut);
    side_tick(&side, 2000);
    (void)side_feed(&side, wire.data + cut, wire.len - cut, 0);
    assert_log(&side, "keepalive ping\n"
                      "message text OK OPTIONS sip:a@h SIP/2.0 (43)\n");
    assert_wire(&side, "pong ping\n");
    side_free(&side);
  }
}

static void test_conn_timer_trim_leaves_what_is_lent(void **state) {
  const char *msg;
  size_t len, taken;
  int event, kind, verdict;
  (void)state;
  side_config(&side, SIDE_PULLS);
  side_timer(&side, SIPWS_TIMER_TRIM, 10);
  side_adopt(&side, SIPWS_SERVER, "sip");
  wire_clear(&wire);
  wire_frame(&wire, 0x81, 1, OPTIONS, sizeof OPTIONS - 1);
  (void)sipws_conn_feed(side.conn, wire.data, wire.len, 0, &taken);
  (void)sipws_conn_tick(side.conn, 100); /* waits to be pulled */
  (void)sipws_conn_next_event(side.conn, &event);
  (void)sipws_conn_event_message(side.conn, &kind, &msg, &len, &verdict);
  (void)sipws_conn_tick(side.conn, 200); /* pulled and lent */
  assert_text(msg, len, OPTIONS);
  assert_true(sipws_conn_deadline(side.conn) > 200);
  (void)sipws_conn_next_event(side.conn, &event);
  assert_int_equal(event, SIPWS_EVENT_NONE);
  assert_int_equal(sipws_conn_deadline(side.conn), 10);
  side_free(&side);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conn_timer_all_off_is_never),
      cmocka_unit_test(test_conn_timer_pong),
      cmocka_unit_test(test_conn_timer_any_traffic_puts_the_pong_off),
      cmocka_unit_test(test_conn_timer_crlf),
      cmocka_unit_test(test_conn_timer_crlf_is_put_off_by_no_traffic),
      cmocka_unit_test(test_conn_timer_crlf_waits_for_a_message_under_way),
      cmocka_unit_test(test_conn_timer_crlf_may_be_expected_of_one),
      cmocka_unit_test(test_conn_timer_crlf_under_way_may_be_let_go),
      cmocka_unit_test(test_conn_timer_idle),
      cmocka_unit_test(test_conn_timer_idle_may_be_set_for_one),
      cmocka_unit_test(test_conn_timer_stall),
      cmocka_unit_test(test_conn_timer_stall_counts_from_the_output_on),
      cmocka_unit_test(test_conn_timer_wait),
      cmocka_unit_test(test_conn_timer_handshake_and_close),
      cmocka_unit_test(test_conn_timer_keepalives_stay_within_their_jitter),
      cmocka_unit_test(test_conn_timer_keepalives_by_default),
      cmocka_unit_test(test_conn_timer_crlf_goes_out_with_profile_sip_alone),
      cmocka_unit_test(test_conn_timer_pings_without_pongs_go_on),
      cmocka_unit_test(test_conn_timer_late_ticks_do_not_burst),
      cmocka_unit_test(test_conn_timer_pause_stops_pong_and_idle),
      cmocka_unit_test(test_conn_timer_pause_shifts_no_clock_ahead),
      cmocka_unit_test(test_conn_timer_pause_leaves_close_and_stall),
      cmocka_unit_test(test_conn_timer_time_never_goes_back),
      cmocka_unit_test(test_conn_timer_early_ticks_do_nothing),
      cmocka_unit_test(test_conn_timer_deadline_is_the_least),
      cmocka_unit_test(test_conn_timer_trim_gives_memory_back),
      cmocka_unit_test(test_conn_timer_trim_leaves_what_is_under_way),
      cmocka_unit_test(test_conn_timer_trim_leaves_what_is_lent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
