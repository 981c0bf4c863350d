/* handshake, client: the request, and answers good and bad. */
#include "handshake.h"

#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define SEC_ACCEPT "Sec-WebSocket-Accept: " ACCEPT "\r\n"
#define SIP "Sec-WebSocket-Protocol: sip\r\n"
#define END "\r\n"
#define GOOD SWITCH UPGRADE CONNECTION SEC_ACCEPT SIP

/* ------------------------------------------------------------- request -- */

/* All that write_request takes beside the list of subprotocols. */
struct order {
  const char *url_text;
  sipws_url url;
  struct sipws__buf host, cookies, extra;
};

static struct order order_of(const char *url_text, char *host, char *cookies,
                             char *extra) {
  struct order order;
  memset(&order, 0, sizeof order);
  order.url_text = url_text;
  order.url.struct_size = sizeof order.url;
  assert_int_equal(sipws_url_parse(url_text, strlen(url_text), &order.url), 0);
  order.host = buf_of(host);
  order.cookies = buf_of(cookies);
  order.extra = buf_of(extra);
  return order;
}

static int write_request(const struct order *order,
                         const struct sipws__protos *protos,
                         const struct sipws__mem *mem, struct sipws__buf *out) {
  return sipws__client_write_request(order->url_text, &order->url, KEY, protos,
                                     &order->host, &order->cookies,
                                     &order->extra, mem, out);
}

static void test_handshake_client_writes_the_request(void **state) {
  static char host[] = "sip.example.com";
  static char cookies[] = "a=b; c=\"d\"";
  static char extra[] = "Origin: https://example.com\r\n"
                        "Authorization: Basic Og==\r\n";
  struct order order =
      order_of("wss://192.0.2.1/ws/a?token=x%20y", host, cookies, extra);
  struct sipws__protos protos = protos_of("sip msrp");
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__buf out;
  (void)state;
  memset(&out, 0, sizeof out);
  assert_int_equal(write_request(&order, &protos, &mem, &out), 0);
  assert_text(out.data, out.len,
              "GET /ws/a?token=x%20y HTTP/1.1\r\n"
              "Host: sip.example.com\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Key: " KEY "\r\n"
              "Sec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Protocol: sip, msrp\r\n"
              "Cookie: a=b; c=\"d\"\r\n"
              "Origin: https://example.com\r\n"
              "Authorization: Basic Og==\r\n"
              "\r\n");
  sipws__buf_free(&out, &mem);
}

static void test_handshake_client_writes_what_is_one_octet_long(void **state) {
  static char host[] = "o";
  static char cookies[] = "c";
  static char none[] = "";
  struct order order = order_of("ws://h", host, cookies, none);
  struct sipws__protos protos = protos_of("s");
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__buf out;
  (void)state;
  memset(&out, 0, sizeof out);
  assert_int_equal(write_request(&order, &protos, &mem, &out), 0);
  assert_text(out.data, out.len,
              "GET / HTTP/1.1\r\n"
              "Host: o\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Key: " KEY "\r\n"
              "Sec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Protocol: s\r\n"
              "Cookie: c\r\n"
              "\r\n");
  sipws__buf_free(&out, &mem);
}

static void test_handshake_client_takes_target_and_host_of_the_url(void **s) {
  static const struct {
    const char *url;
    const char *start;
  } rows[] = {
      {"ws://h", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"ws://h/", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"WSS://H", "GET / HTTP/1.1\r\nHost: H\r\n"},
      {"ws://h?x=1", "GET /?x=1 HTTP/1.1\r\nHost: h\r\n"},
      {"ws://h/?", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"ws://h/?x", "GET /?x HTTP/1.1\r\nHost: h\r\n"},
      {"ws://h/a/?b?c", "GET /a/?b?c HTTP/1.1\r\nHost: h\r\n"},
      {"ws://h:80/", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"ws://h:443/", "GET / HTTP/1.1\r\nHost: h:443\r\n"},
      {"wss://h:443/", "GET / HTTP/1.1\r\nHost: h\r\n"},
      {"wss://h:80/", "GET / HTTP/1.1\r\nHost: h:80\r\n"},
      {"ws://h:8088/", "GET / HTTP/1.1\r\nHost: h:8088\r\n"},
      {"ws://h:65535", "GET / HTTP/1.1\r\nHost: h:65535\r\n"},
      {"ws://[::1]/", "GET / HTTP/1.1\r\nHost: [::1]\r\n"},
      {"wss://[2001:db8::1]:8443/",
       "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n"},
  };
  static char none[] = "";
  struct sipws__protos protos = protos_of("sip");
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  size_t i;
  (void)s;
  for (i = 0; i < ROWS(rows); i++) {
    struct order order = order_of(rows[i].url, none, none, none);
    struct sipws__buf out;
    memset(&out, 0, sizeof out);
    assert_int_equal(write_request(&order, &protos, &mem, &out), 0);
    assert_true(out.len > strlen(rows[i].start));
    if (memcmp(out.data, rows[i].start, strlen(rows[i].start)) != 0) {
      fail_msg("%s: %.*s", rows[i].url, (int)out.len, (char *)out.data);
    }
    sipws__buf_free(&out, &mem);
  }
}

static void test_handshake_client_offers_names_alone(void **state) {
  static const struct {
    const char *list;
    const char *end; /* of the request, behind the version */
  } rows[] = {
      {"sip", "Sec-WebSocket-Protocol: sip\r\n\r\n"},
      {"- msrp * sip", "Sec-WebSocket-Protocol: msrp, sip\r\n\r\n"},
      {"* a *b", "Sec-WebSocket-Protocol: a, *b\r\n\r\n"},
      {"-", "\r\n"},
      {"* -", "\r\n"},
      {"", "\r\n"},
  };
  static char none[] = "";
  struct order order = order_of("ws://h", none, none, none);
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    static const char before[] = "Sec-WebSocket-Version: 13\r\n";
    struct sipws__protos protos = protos_of(rows[i].list);
    struct sipws__buf out;
    const char *end;
    memset(&out, 0, sizeof out);
    assert_int_equal(write_request(&order, &protos, &mem, &out), 0);
    assert_int_equal(sipws__buf_add(&out, &mem, "", 1, SIZE_MAX), 0);
    end = strstr((char *)out.data, before);
    assert_non_null(end);
    assert_string_equal(end + strlen(before), rows[i].end);
    sipws__buf_free(&out, &mem);
  }
}

/* The first, second, third … allocation fails. */
static void test_handshake_client_asks_whole_or_not_at_all(void **state) {
  static char host[600], cookies[1200], extra[2400];
  struct sipws__protos protos = protos_of("sip");
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct order order;
  int err = SIPWS_ERR_NOMEM;
  (void)state;
  memset(host, 'h', sizeof host - 1);
  memset(cookies, 'c', sizeof cookies - 1);
  memset(extra, 'e', sizeof extra - 1);
  order = order_of("ws://h", host, cookies, extra);
  for (heap.fail_at = 1; heap.fail_at < 10; heap.fail_at++) {
    struct sipws__buf out;
    memset(&out, 0, sizeof out);
    heap.calls = 0;
    err = write_request(&order, &protos, &mem, &out);
    if (err == 0) {
      assert_true(out.len > sizeof host + sizeof cookies + sizeof extra);
    } else {
      assert_int_equal(err, SIPWS_ERR_NOMEM);
      assert_int_equal(out.len, 0);
    }
    sipws__buf_free(&out, &mem);
    assert_int_equal(heap.blocks, 0);
    if (err == 0) {
      break;
    }
  }
  assert_int_equal(err, 0);
  assert_true(heap.fail_at > 3); /* it grew more than twice */
}

/* -------------------------------------------------------------- answer -- */

struct row {
  const char *text;
  int err;
};

static int judge(const char *text, size_t len,
                 const struct sipws__protos *protos, uint32_t policy,
                 struct sipws__answer *answer) {
  char *guarded = test_guarded(text, len);
  int err = sipws__client_judge(guarded, len, KEY, protos, policy, 100, answer);
  test_guarded_free(guarded, len);
  return err;
}

static void check_rows(const struct row *rows, size_t count) {
  struct sipws__protos protos = protos_of("sip");
  struct sipws__answer answer;
  size_t i;
  for (i = 0; i < count; i++) {
    int err;
    memset(&answer, 0x5a, sizeof answer);
    err = judge(rows[i].text, strlen(rows[i].text), &protos, 0, &answer);
    if (err != rows[i].err) {
      fail_msg("%d for:\n%s", err, rows[i].text);
    }
    if (err == 0) {
      assert_span(rows[i].text, answer.subprotocol, "sip");
      assert_ptr_equal(answer.proto, protos.list);
    } else {
      assert_null(answer.proto);
    }
  }
}

static void test_handshake_client_takes_good_answers(void **state) {
  static const struct row rows[] = {
      {GOOD END, 0},
      {"HTTP/1.1 101\r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END, 0},
      {"HTTP/1.1 101 \r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END, 0},
      {"HTTP/1.1 101 WebSocket Protocol Handshake\r\n" UPGRADE CONNECTION
           SEC_ACCEPT SIP END,
       0},
      {"HTTP/1.2 101 x\r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END, 0},
      {SWITCH "upgrade:WEBSOCKET\r\nconnection:keep-alive,upgrade\r\n"
              "sec-websocket-accept:" ACCEPT "\r\n"
              "sec-websocket-protocol:\tsip \r\n" END,
       0},
      {SWITCH SIP SEC_ACCEPT "Connection: x\r\n" CONNECTION UPGRADE END, 0},
      /* Kamailio 5.6 */
      {"HTTP/1.1 101 Switching Protocols\r\n"
       "Sia: SIP/2.0/TCP 127.0.0.1:40000\r\n" SIP UPGRADE CONNECTION SEC_ACCEPT
       "Server: kamailio\r\nContent-Length: 0\r\n" END,
       0},
  };
  (void)state;
  check_rows(rows, ROWS(rows));
}

static void test_handshake_client_fails_bad_answers(void **state) {
  static const struct row rows[] = {
      /* HTTP */
      {GOOD " folded\r\n" END, SIPWS_ERR_HANDSHAKE},
      {GOOD "X : y\r\n" END, SIPWS_ERR_HANDSHAKE},
      {GOOD "X: y\n" END, SIPWS_ERR_HANDSHAKE},
      {GOOD END "\x81", SIPWS_ERR_HANDSHAKE},
      {"HTTP/1.0 101 x\r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {"HTTP/2.0 101 x\r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {"HTTP/0.9 404 x\r\n\r\n", SIPWS_ERR_HANDSHAKE},
      {"SIP/2.0 101 x\r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      /* Upgrade */
      {SWITCH CONNECTION SEC_ACCEPT SIP END, SIPWS_ERR_HANDSHAKE},
      {SWITCH "Upgrade: h2c\r\n" CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH "Upgrade: websocket, h2c\r\n" CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH "Upgrade: websocket/13\r\n" CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE UPGRADE CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      /* Connection */
      {SWITCH UPGRADE SEC_ACCEPT SIP END, SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE "Connection: close\r\n" SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE "Connection: not-upgrade\r\n" SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      /* Accept */
      {SWITCH UPGRADE CONNECTION SIP END, SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT SEC_ACCEPT SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION "Sec-WebSocket-Accept:\r\n" SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION
       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r\n" SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION
       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo==\r\n" SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION
       "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=\r\n" SIP END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION "Sec-WebSocket-Accept: " KEY "\r\n" SIP END,
       SIPWS_ERR_HANDSHAKE},
      /* extensions, none of which was offered */
      {GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n" END,
       SIPWS_ERR_HANDSHAKE},
      {GOOD "Sec-WebSocket-Extensions:\r\n" END, SIPWS_ERR_HANDSHAKE},
      /* subprotocols */
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT END, SIPWS_ERR_HANDSHAKE},
      {GOOD SIP END, SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT
       "Sec-WebSocket-Protocol: sip, foo\r\n" END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT
       "Sec-WebSocket-Protocol: sip,\r\n" END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT
       "Sec-WebSocket-Protocol: msrp\r\n" END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT
       "Sec-WebSocket-Protocol: SIP\r\n" END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT
       "Sec-WebSocket-Protocol: sipx\r\n" END,
       SIPWS_ERR_HANDSHAKE},
      {SWITCH UPGRADE CONNECTION SEC_ACCEPT "Sec-WebSocket-Protocol:\r\n" END,
       SIPWS_ERR_HANDSHAKE},
  };
  (void)state;
  check_rows(rows, ROWS(rows));
}

static void test_handshake_client_reads_other_statuses(void **state) {
  static const struct row rows[] = {
      {"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n",
       SIPWS_ERR_REFUSED},
      {"HTTP/1.0 404\r\n\r\n", SIPWS_ERR_REFUSED},
      {"HTTP/1.1 302 Found\r\nLocation: ws://b/\r\n\r\n", SIPWS_ERR_REFUSED},
      {"HTTP/1.1 200 OK\r\n" UPGRADE CONNECTION SEC_ACCEPT SIP END,
       SIPWS_ERR_REFUSED},
      {"HTTP/1.1 426 x\r\nSec-WebSocket-Version: 8\r\n"
       "Sec-WebSocket-Version: 7\r\n\r\n",
       SIPWS_ERR_REFUSED},
      /* RFC 9110 15.2: interim answers */
      {"HTTP/1.1 100 Continue\r\n\r\n", SIPWS_ERR_AGAIN},
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", SIPWS_ERR_AGAIN},
      {"HTTP/1.1 102 x\r\n\r\n", SIPWS_ERR_AGAIN},
      {"HTTP/1.1 199 x\r\n\r\n", SIPWS_ERR_AGAIN},
      {"HTTP/1.1 999 x\r\n\r\n", SIPWS_ERR_REFUSED},
      {"HTTP/1.1 404 x\r\nX y\r\n\r\n", SIPWS_ERR_HANDSHAKE},
  };
  struct sipws__protos protos = protos_of("sip");
  struct sipws__answer answer;
  (void)state;
  check_rows(rows, ROWS(rows));
  assert_int_equal(
      judge(rows[0].text, strlen(rows[0].text), &protos, 0, &answer),
      SIPWS_ERR_REFUSED);
  assert_int_equal(answer.head.status, 401);
  assert_int_equal(answer.head.count, 1);
}

static void test_handshake_client_matches_what_it_offered(void **state) {
  static const struct {
    const char *list;
    uint32_t policy;
    const char *lines;
    const char *chosen; /* NULL: SIPWS_ERR_HANDSHAKE */
    int entry;
  } rows[] = {
      {"msrp sip", 0, SIP, "sip", 1},
      {"sip", SIPWS_POLICY_ANY_CASE, "Sec-WebSocket-Protocol: SIP\r\n", "SIP",
       0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "", "", 0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "Sec-WebSocket-Protocol:\r\n", NULL,
       0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "Sec-WebSocket-Protocol: x\r\n",
       NULL, 0},
      {"sip -", 0, "", "", 1},
      {"sip -", 0, "Sec-WebSocket-Protocol: x\r\n", NULL, 0},
      {"-", 0, "", "", 0},
      {"-", 0, SIP, NULL, 0},
      {"-", 0, "Sec-WebSocket-Protocol:\r\n", NULL, 0},
      /* "*" is for servers: it offered nothing */
      {"* sip", 0, "Sec-WebSocket-Protocol: x\r\n", NULL, 0},
      {"* sip", 0, "Sec-WebSocket-Protocol: *\r\n", NULL, 0},
      {"* sip", 0, SIP, "sip", 1},
  };
  struct sipws__answer answer;
  char text[400];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    struct sipws__protos protos = protos_of(rows[i].list);
    int err;
    snprintf(text, sizeof text, SWITCH UPGRADE CONNECTION SEC_ACCEPT "%s" END,
             rows[i].lines);
    err = judge(text, strlen(text), &protos, rows[i].policy, &answer);
    if (err != (rows[i].chosen != NULL ? 0 : SIPWS_ERR_HANDSHAKE)) {
      fail_msg("%s for %s: %d", rows[i].list, rows[i].lines, err);
    }
    if (err == 0) {
      assert_span(text, answer.subprotocol, rows[i].chosen);
      assert_ptr_equal(answer.proto, &protos.list[rows[i].entry]);
    }
  }
}

static void test_handshake_client_limits_header_lines(void **state) {
  struct sipws__protos protos = protos_of("sip");
  struct sipws__answer answer;
  (void)state;
  assert_int_equal(sipws__client_judge(GOOD END, strlen(GOOD END), KEY, &protos,
                                       0, 3, &answer),
                   SIPWS_ERR_HANDSHAKE);
  assert_int_equal(sipws__client_judge(GOOD END, strlen(GOOD END), KEY, &protos,
                                       0, 4, &answer),
                   0);
}

static void test_handshake_client_fails_a_cut_answer(void **state) {
  static const char text[] = GOOD END;
  struct sipws__protos protos = protos_of("sip");
  struct sipws__answer answer;
  size_t len;
  (void)state;
  for (len = 0; len < sizeof text - 1; len++) {
    assert_int_equal(judge(text, len, &protos, 0, &answer),
                     SIPWS_ERR_HANDSHAKE);
    assert_int_equal(sipws__http_end(text, len, 0), 0);
  }
}

/* Each octet of an answer changed in turn to each there is: what is taken has
 * the right Accept and a subprotocol that was offered. */
static void test_handshake_client_survives_changed_answers(void **state) {
  static const char text[] = GOOD "Content-Length: 0\r\n" END;
  size_t len = sizeof text - 1;
  char *guarded = test_guarded(text, len);
  const char *accept = strstr(text, ACCEPT);
  struct sipws__protos protos = protos_of("sip");
  struct sipws__answer answer;
  size_t opened = 0;
  size_t at;
  (void)state;
  for (at = 0; at < len; at++) {
    int c;
    for (c = 0; c < 256; c++) {
      guarded[at] = (char)c;
      if (sipws__client_judge(guarded, len, KEY, &protos, 0, 100, &answer) ==
          0) {
        assert_int_equal(answer.head.status, 101);
        assert_memory_equal(guarded + (accept - text), ACCEPT, strlen(ACCEPT));
        assert_span(guarded, answer.subprotocol, "sip");
        opened++;
      }
    }
    guarded[at] = text[at];
  }
  assert_true(opened > len);
  test_guarded_free(guarded, len);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_handshake_client_writes_the_request),
      cmocka_unit_test(test_handshake_client_writes_what_is_one_octet_long),
      cmocka_unit_test(test_handshake_client_takes_target_and_host_of_the_url),
      cmocka_unit_test(test_handshake_client_offers_names_alone),
      cmocka_unit_test(test_handshake_client_asks_whole_or_not_at_all),
      cmocka_unit_test(test_handshake_client_takes_good_answers),
      cmocka_unit_test(test_handshake_client_fails_bad_answers),
      cmocka_unit_test(test_handshake_client_reads_other_statuses),
      cmocka_unit_test(test_handshake_client_matches_what_it_offered),
      cmocka_unit_test(test_handshake_client_limits_header_lines),
      cmocka_unit_test(test_handshake_client_fails_a_cut_answer),
      cmocka_unit_test(test_handshake_client_survives_changed_answers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
