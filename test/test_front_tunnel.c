/* front: a client's way through an HTTP proxy. */
#include "pair.h"

#include <sipws/front.h>
#include <sipws/stage.h>

static struct side client;
static struct wire wire;

/* Its end is told by its state: the log is for what comes before. */
static void begin(const char *url) {
  side_config(&client, SIDE_CALLBACKS);
  (void)sipws_config_on_closed(client.config, NULL);
  side_client(&client, url);
}

static int add(const char *user, const char *password) {
  return sipws_conn_add_tunnel(client.conn, user, strlen(user), password,
                               strlen(password));
}

#define ASK "CONNECT h.example:80 HTTP/1.1\r\nHost: h.example:80\r\n\r\n"
#define GET "GET / HTTP/1.1\n"

/* A tunnel to h.example that was asked for. */
static void ask(void) {
  begin("ws://h.example/");
  assert_int_equal(add("", ""), 0);
  assert_string_equal(side_output(&client), ASK);
  assert_int_equal(sipws_conn_tunnel_status(client.conn), 0);
}

static void assert_refused(int status) {
  assert_int_equal(side_fed(&client), SIPWS_ERR_PROXY);
  assert_int_equal(sipws_conn_state(client.conn), SIPWS_STATE_CLOSED);
  assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_PROXY);
  assert_int_equal(sipws_conn_cause(client.conn), SIPWS_CAUSE_PROXY);
  assert_int_equal(sipws_conn_tunnel_status(client.conn), status);
  assert_int_equal(sipws_conn_http_status(client.conn), 0);
  assert_log(&client, "");
  assert_wire(&client, "");
}

/* ---- the request ---- */

static void test_front_tunnel_asks_for_host_and_port(void **state) {
  static const struct {
    const char *url;
    const char *request;
  } rows[] = {
      {"ws://h.example/ws?x=1", ASK},
      {"wss://h.example/",
       "CONNECT h.example:443 HTTP/1.1\r\nHost: h.example:443\r\n\r\n"},
      {"ws://192.0.2.1:65535",
       "CONNECT 192.0.2.1:65535 HTTP/1.1\r\nHost: 192.0.2.1:65535\r\n\r\n"},
      {"wss://[2001:db8::1]/",
       "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443"
       "\r\n\r\n"},
      {"ws://[::1]:8080/",
       "CONNECT [::1]:8080 HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    begin(rows[i].url);
    assert_int_equal(add("", "unused"), 0);
    assert_int_equal(sipws_conn_wants(client.conn),
                     SIPWS_WANT_READ | SIPWS_WANT_WRITE);
    assert_string_equal(side_output(&client), rows[i].request);
    assert_int_equal(sipws_conn_wants(client.conn), SIPWS_WANT_READ);
    side_free(&client);
  }
}

static void test_front_tunnel_shows_its_credentials(void **state) {
  (void)state;
  begin("ws://h.example/");
  assert_int_equal(add("Aladdin", "open sesame"), 0); /* RFC 7617 2 */
  assert_string_equal(
      side_output(&client),
      "CONNECT h.example:80 HTTP/1.1\r\nHost: h.example:80\r\n"
      "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
  side_free(&client);
  begin("ws://h.example/");
  assert_int_equal(add("u", ""), 0);
  assert_string_equal(side_output(&client),
                      "CONNECT h.example:80 HTTP/1.1\r\nHost: h.example:80\r\n"
                      "Proxy-Authorization: Basic dTo=\r\n\r\n");
  side_free(&client);
}

/* The longest that Basic takes. */
static void test_front_tunnel_credentials_are_bounded(void **state) {
  char user[513];
  size_t len;
  (void)state;
  memset(user, 'u', sizeof user);
  for (len = 511; len <= 513; len++) {
    begin("ws://h.example/");
    assert_int_equal(sipws_conn_add_tunnel(client.conn, user, len, "", 0),
                     len <= 512 ? 0 : SIPWS_ERR_TOO_BIG);
    if (len <= 512) {
      /* "Basic " and a third more than user and colon */
      assert_int_equal(strlen(side_output(&client)),
                       sizeof ASK - 1 + 23 + 6 + 684);
    }
    side_free(&client);
  }
}

/* Not emitted for want of memory, emitted, lent, or taken. */
static void test_front_tunnel_credentials_are_wiped(void **state) {
  static const char url[] = "ws://h.example/";
  struct test_heap heap;
  sipws_config *config;
  sipws_conn *conn;
  const uint8_t *data;
  size_t len;
  long fail_at;
  int is_taken;
  (void)state;
  for (fail_at = 3; fail_at >= -1; fail_at--) {
    is_taken = fail_at < 0;
    memset(&heap, 0, sizeof heap);
    heap.secret = "QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_int_equal(sipws_config_new(test_alloc, &heap, &config), 0);
    (void)sipws_config_set_random(config, test_random, NULL);
    assert_int_equal(
        sipws_client_new(config, url, sizeof url - 1, NULL, 0, &conn), 0);
    if (fail_at > 0) {
      heap.fail_at = heap.calls + fail_at;
    }
    /* its state, its request, the chain */
    assert_int_equal(
        sipws_conn_add_tunnel(conn, "Aladdin", 7, "open sesame", 11),
        fail_at > 0 ? SIPWS_ERR_NOMEM : 0);
    if (fail_at <= 0) {
      assert_int_equal(sipws_conn_pending(conn, 0, &data, &len), 0);
      assert_true(test_holds(data, len, heap.secret));
      assert_int_equal(sipws_conn_taken(conn, is_taken ? len : 0, 0), 0);
      assert_int_equal(test_holds(data, len, heap.secret), !is_taken);
    }
    sipws_conn_free(conn);
    sipws_config_free(config);
    assert_int_equal(heap.blocks, 0);
    assert_int_equal(heap.found, 0);
  }
}

static void test_front_tunnel_goes_ahead_of_the_handshake(void **state) {
  (void)state;
  begin("ws://h.example/");
  assert_int_equal(add("", ""), 0);
  assert_string_equal(side_output(&client), ASK);
  assert_wire(&client, "");
  side_feed_text(&client, "HTTP/1.1 200 OK\r\n\r\n");
  assert_wire(&client, GET);
  side_free(&client);
}

/* The proxy need not wait for all of the request. */
static void test_front_tunnel_answer_may_come_first(void **state) {
  (void)state;
  begin("ws://h.example/");
  assert_int_equal(add("", ""), 0);
  side_feed_text(&client, "HTTP/1.1 200 OK\r\n\r\n");
  assert_int_equal(sipws_conn_tunnel_status(client.conn), 200);
  wire_clear(&wire);
  wire_take(&wire, &client, 7);
  wire_add(&wire, "", 1);
  assert_memory_equal(wire.data, ASK "GET / HTTP/1.1\r\n", sizeof ASK - 1 + 16);
  side_free(&client);
}

/* ---- the answer ---- */

static void test_front_tunnel_stands_after_any_2xx(void **state) {
  static const struct {
    const char *answer;
    int status;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\n\r\n", 200},
      {"HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy"
       "\r\n\r\n",
       200},
      {"HTTP/1.1 200\r\n\r\n", 200},
      {"HTTP/1.1 299 \r\nA: b\r\n\r\n", 299},
      /* RFC 9110 9.3.6: it has no body, whatever it says */
      {"HTTP/1.1 204 No\r\nContent-Length: 9\r\nTransfer-Encoding: chunked"
       "\r\n\r\n",
       204},
      /* interim answers are passed over */
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
       "HTTP/1.1 201 x\r\n\r\n",
       201},
  };
  size_t i, cut;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    size_t len = strlen(rows[i].answer);
    for (cut = 0; cut <= len; cut++) {
      ask();
      assert_int_equal(side_feed(&client, rows[i].answer, len - 1, cut),
                       len - 1);
      assert_int_equal(sipws_conn_tunnel_status(client.conn), 0);
      assert_wire(&client, "");
      side_feed_text(&client, "\n");
      assert_int_equal(sipws_conn_tunnel_status(client.conn), rows[i].status);
      assert_wire(&client, GET);
      assert_int_equal(sipws_conn_state(client.conn), SIPWS_STATE_CONNECTING);
      side_free(&client);
    }
  }
}

static void test_front_tunnel_refusal_is_told_with_its_status(void **state) {
  static const struct {
    const char *answer;
    int status;
  } rows[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\n"
       "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nno",
       407},
      {"HTTP/1.0 403 Forbidden\r\n\r\n", 403},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\n\r\n", 502},
      {"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", 302},
      {"HTTP/1.1 300 x\r\n\r\n", 300},
      {"HTTP/1.1 999 x\r\n\r\n", 999},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101},
  };
  size_t i, cut;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    size_t len = strlen(rows[i].answer);
    for (cut = 0; cut <= len; cut++) {
      ask();
      assert_int_equal(side_feed(&client, rows[i].answer, len, cut), len);
      assert_refused(rows[i].status);
      side_free(&client);
    }
  }
}

/* "|" stands behind the octet that shows it. */
static void test_front_tunnel_answer_that_is_none_ends_it(void **state) {
  static const char *const rows[] = {
      "S|SH-2.0-x\r\n",
      "\x05|\x01",
      "HTTP/2|.0 200 OK\r\n\r\n",
      "h|ttp/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n|",
      "HTTP/1.1 2000 OK\r\n\r\n|",
      "HTTP/1.1  200 OK\r\n\r\n|",
      "HTTP/1.1 200 OK\n\n|",
      "HTTP/1.1 200 OK\r\n\n|",
      "HTTP/1.1 200 OK\r\nA : b\r\n\r\n|",
      "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n|",
      "HTTP/1.1 100 C\r\n\r\nG|ET",
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    const char *mark = strchr(rows[i], '|');
    size_t at = (size_t)(mark - rows[i]);
    ask();
    assert_int_equal(side_feed(&client, rows[i], at - 1, 1), at - 1);
    if (at > 1) {
      assert_int_equal(side_fed(&client), 0);
    }
    assert_int_equal(side_feed(&client, rows[i] + at - 1, 1, 0), 1);
    assert_refused(0);
    side_free(&client);
  }
}

/* |len| octets of a head that says |first|. */
static void put_head(const char *first, size_t len) {
  size_t end = wire.len + len;
  wire_put(&wire, first);
  wire_put(&wire, "\r\nA: ");
  while (wire.len < end - 4) {
    wire_add(&wire, "a", 1);
  }
  wire_put(&wire, "\r\n\r\n");
}

static void test_front_tunnel_answer_has_at_most_16_kib(void **state) {
  size_t len, split;
  (void)state;
  for (len = 16383; len <= 16385; len++) {
    for (split = 0; split < 2; split++) { /* interim answers count as well */
      int cut;
      wire_clear(&wire);
      if (split) {
        put_head("HTTP/1.1 100 x", 9000);
        put_head("HTTP/1.1 200 x", len - 9000);
      } else {
        put_head("HTTP/1.1 200 x", len);
      }
      for (cut = 0; cut <= 1000; cut += 1000) {
        ask();
        assert_int_equal(side_feed(&client, wire.data, wire.len, (size_t)cut),
                         wire.len);
        if (len <= 16384) {
          assert_int_equal(sipws_conn_tunnel_status(client.conn), 200);
        } else {
          assert_refused(0);
        }
        side_free(&client);
      }
    }
  }
}

static void test_front_tunnel_endless_answers_end_it(void **state) {
  static const char interim[] = "HTTP/1.1 100 x\r\n\r\n";
  int count = 0;
  (void)state;
  ask();
  do {
    side_feed_text(&client, interim);
    count++;
  } while (side_fed(&client) == 0);
  assert_int_equal(count, 16384 / (sizeof interim - 1) + 1);
  assert_refused(0);
  side_free(&client);
}

static void test_front_tunnel_answer_has_at_most_100_lines(void **state) {
  int lines;
  (void)state;
  for (lines = 99; lines <= 101; lines++) {
    int i;
    wire_clear(&wire);
    wire_put(&wire, "HTTP/1.1 200 x\r\n");
    for (i = 0; i < lines; i++) {
      wire_put(&wire, "A: b\r\n");
    }
    wire_put(&wire, "\r\n");
    ask();
    assert_int_equal(side_feed(&client, wire.data, wire.len, 0), wire.len);
    if (lines <= 100) {
      assert_int_equal(sipws_conn_tunnel_status(client.conn), 200);
    } else {
      assert_refused(0);
    }
    side_free(&client);
  }
}

static void test_front_tunnel_cut_off_ends_it(void **state) {
  static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n";
  size_t len;
  (void)state;
  for (len = 0; len < sizeof answer - 1; len++) {
    ask();
    assert_int_equal(side_feed(&client, answer, len, 0), len);
    (void)sipws_conn_eof(client.conn, client.now);
    assert_int_equal(sipws_conn_state(client.conn), SIPWS_STATE_CLOSED);
    assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_PROXY);
    assert_int_equal(sipws_conn_tunnel_status(client.conn), 0);
    side_free(&client);
  }
}

/* The handshake's deadline covers it. */
static void test_front_tunnel_silence_times_out(void **state) {
  (void)state;
  ask();
  side_tick(&client, 9999);
  assert_int_equal(sipws_conn_error(client.conn), 0);
  side_tick(&client, 10000);
  assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_TIMEOUT);
  assert_int_equal(sipws_conn_timer(client.conn), SIPWS_TIMER_HANDSHAKE);
  side_free(&client);
}

static void test_front_tunnel_memory_is_given_back(void **state) {
  size_t before;
  (void)state;
  wire_clear(&wire);
  put_head("HTTP/1.1 200 x", 5000);
  ask();
  before = client.heap.live;
  assert_int_equal(side_feed(&client, wire.data, wire.len - 1, 0),
                   wire.len - 1);
  assert_true(client.heap.live > before + 4000);
  side_feed_text(&client, "\n");
  assert_true(client.heap.live <= before);
  side_free(&client);
}

/* ---- what comes behind ---- */

static struct wire seen;

static int see_input(sipws_conn *conn, const uint8_t *data, size_t len,
                     size_t *taken, uint8_t *out, size_t out_size,
                     size_t *given, void *stage_state) {
  (void)conn;
  (void)out;
  (void)out_size;
  (void)given;
  (void)stage_state;
  wire_add(&seen, data, len);
  *taken = len;
  return 0;
}

static const sipws_stage see_stage = {
    sizeof see_stage, see_input, NULL, NULL, NULL, NULL};

/* Octets behind the head are the next stage's, TLS's say, in the same read. */
static void test_front_tunnel_passes_on_what_is_behind(void **state) {
  static const char octets[] = "HTTP/1.1 100 C\r\n\r\n"
                               "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
                               "\x16\x03\x01\r\n\r\nHTTP/1.1 407 x\r\n\r\n";
  size_t cut;
  (void)state;
  for (cut = 0; cut < sizeof octets; cut++) {
    begin("ws://h.example/");
    wire_clear(&seen);
    assert_int_equal(add("", ""), 0);
    assert_int_equal(sipws_conn_add_stage(client.conn, &see_stage, NULL), 0);
    assert_string_equal(side_output(&client), ASK);
    assert_int_equal(side_feed(&client, octets, sizeof octets - 1, cut),
                     sizeof octets - 1);
    assert_int_equal(sipws_conn_tunnel_status(client.conn), 200);
    wire_add(&seen, "", 1);
    assert_string_equal((const char *)seen.data,
                        "\x16\x03\x01\r\n\r\nHTTP/1.1 407 x\r\n\r\n");
    side_free(&client);
  }
}

static void test_front_tunnel_carries_a_connection(void **state) {
  static struct side server;
  size_t cut;
  (void)state;
  for (cut = 0; cut < 5; cut++) {
    ask();
    side_config(&server, SIDE_CALLBACKS);
    side_server(&server);
    side_feed_text(&client, "HTTP/1.1 200 OK\r\n\r\n");
    pair_move(&client, &server, cut);
    assert_log(&client, "open sip\n");
    (void)sipws_conn_send(server.conn, OPTIONS, sizeof OPTIONS - 1, 0, 0, NULL);
    pair_move(&client, &server, cut);
    assert_log(&client, "message text OK OPTIONS sip:a@h SIP/2.0 (39)\n");
    assert_int_equal(sipws_conn_tunnel_status(client.conn), 200);
    side_free(&client);
    side_free(&server);
  }
}

/* ---- the call ---- */

static void test_front_tunnel_want_of_memory_is_told(void **state) {
  long fail_at;
  (void)state;
  for (fail_at = 1; fail_at <= 3; fail_at++) {
    begin("ws://h.example/");
    client.heap.fail_at = client.heap.calls + fail_at;
    assert_int_equal(add("u", "p"), SIPWS_ERR_NOMEM);
    client.heap.fail_at = 0;
    assert_int_equal(add("u", "p"), 0);
    side_free(&client);
  }
  begin("ws://h.example/");
  assert_int_equal(add("u", "p"), 0);
  client.heap.fail_at = client.heap.calls + 1;
  assert_string_equal(side_output(&client), "");
  assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_NOMEM);
  client.heap.fail_at = 0;
  side_free(&client);
  ask();
  client.heap.fail_at = client.heap.calls + 1;
  side_feed_text(&client, "HTTP/1.1 200 OK\r\n");
  client.heap.fail_at = 0;
  assert_int_equal(sipws_conn_error(client.conn), SIPWS_ERR_NOMEM);
  assert_int_equal(sipws_conn_tunnel_status(client.conn), 0);
  side_free(&client);
}

static void test_front_tunnel_unfit_credentials_are_refused(void **state) {
  (void)state;
  begin("ws://h.example/");
  assert_int_equal(add("a:b", "c"), SIPWS_ERR_TEXT);
  assert_int_equal(add("a\r\nb", "c"), SIPWS_ERR_TEXT);
  assert_int_equal(add("a", "c\n"), SIPWS_ERR_TEXT);
  assert_wire(&client, GET); /* none was added */
  side_free(&client);
}

static void test_front_tunnel_is_for_the_beginning(void **state) {
  (void)state;
  ask();
  assert_int_equal(add("", ""), SIPWS_ERR_STATE); /* a second one */
  side_free(&client);

  begin("ws://h.example/");
  assert_wire(&client, GET);
  assert_int_equal(add("", ""), SIPWS_ERR_STATE);
  assert_int_equal(sipws_conn_tunnel_status(client.conn), 0);
  side_free(&client);

  begin("ws://h.example/");
  assert_int_equal(sipws_conn_add_tunnel(NULL, "", 0, "", 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_add_tunnel(client.conn, NULL, 1, "", 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_add_tunnel(client.conn, "u", 1, NULL, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_tunnel_status(NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_add_tunnel(client.conn, NULL, 0, NULL, 0), 0);
  side_free(&client);

  side_config(&client, SIDE_CALLBACKS);
  side_server(&client);
  assert_int_equal(add("", ""), SIPWS_ERR_INVALID);
  side_free(&client);

  side_open(&client, SIPWS_CLIENT);
  assert_int_equal(add("", ""), SIPWS_ERR_STATE);
  side_free(&client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_front_tunnel_asks_for_host_and_port),
      cmocka_unit_test(test_front_tunnel_shows_its_credentials),
      cmocka_unit_test(test_front_tunnel_credentials_are_bounded),
      cmocka_unit_test(test_front_tunnel_credentials_are_wiped),
      cmocka_unit_test(test_front_tunnel_goes_ahead_of_the_handshake),
      cmocka_unit_test(test_front_tunnel_answer_may_come_first),
      cmocka_unit_test(test_front_tunnel_stands_after_any_2xx),
      cmocka_unit_test(test_front_tunnel_refusal_is_told_with_its_status),
      cmocka_unit_test(test_front_tunnel_answer_that_is_none_ends_it),
      cmocka_unit_test(test_front_tunnel_answer_has_at_most_16_kib),
      cmocka_unit_test(test_front_tunnel_endless_answers_end_it),
      cmocka_unit_test(test_front_tunnel_answer_has_at_most_100_lines),
      cmocka_unit_test(test_front_tunnel_cut_off_ends_it),
      cmocka_unit_test(test_front_tunnel_silence_times_out),
      cmocka_unit_test(test_front_tunnel_memory_is_given_back),
      cmocka_unit_test(test_front_tunnel_passes_on_what_is_behind),
      cmocka_unit_test(test_front_tunnel_carries_a_connection),
      cmocka_unit_test(test_front_tunnel_want_of_memory_is_told),
      cmocka_unit_test(test_front_tunnel_unfit_credentials_are_refused),
      cmocka_unit_test(test_front_tunnel_is_for_the_beginning),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
