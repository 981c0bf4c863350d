/* handshake, server: requests good and bad, and the answers to them. */
#include "handshake.h"

#define GET "GET /ws HTTP/1.1\r\n"
#define HOST "Host: example.com\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define SEC_KEY "Sec-WebSocket-Key: " KEY "\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define SIP "Sec-WebSocket-Protocol: sip\r\n"
#define END "\r\n"
/* A good request in two halves, for what is put between or said otherwise. */
#define FIELDS UPGRADE CONNECTION SEC_KEY VERSION
#define GOOD GET HOST FIELDS SIP

/* Judges a copy that ends at an unreadable page; spans are into |text|. */
static void judge(const char *text, size_t len,
                  const struct sipws__protos *protos, uint32_t policy,
                  int is_stream, struct sipws__request *request) {
  char *guarded = test_guarded(text, len);
  sipws__request_judge(guarded, len, protos, policy, 100, is_stream, request);
  test_guarded_free(guarded, len);
}

struct row {
  const char *text;
  int status;
  int is_upgrade;
};

static void check_rows(const struct row *rows, size_t count, int is_stream) {
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  size_t i;
  for (i = 0; i < count; i++) {
    judge(rows[i].text, strlen(rows[i].text), &protos, 0, is_stream, &request);
    if (request.status != rows[i].status ||
        request.is_upgrade != rows[i].is_upgrade) {
      fail_msg("%d, upgrade %d for:\n%s", request.status, request.is_upgrade,
               rows[i].text);
    }
  }
}

/* ---------------------------------------------------- what is taken -- */

static void test_handshake_server_takes_real_clients(void **state) {
  static const struct row rows[] = {
      {GOOD END, 0, 1},
      /* a Chromium page */
      {"GET /?transport=ws HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
       "Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
       "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
       "Upgrade: websocket\r\nOrigin: http://127.0.0.1:8080\r\n"
       "Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\n"
       "Accept-Language: en-US,en;q=0.9\r\nCookie: a=b; c=\"d,e\"\r\n" SEC_KEY
       "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
       "\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
       0, 1},
      /* a Firefox page */
      {GET HOST "Accept: */*\r\nSec-WebSocket-Version: 13\r\n"
                "Origin: null\r\nSec-WebSocket-Protocol: sip\r\n"
                "Sec-WebSocket-Extensions: permessage-deflate\r\n" SEC_KEY
                "Connection: keep-alive, Upgrade\r\n"
                "Sec-Fetch-Mode: websocket\r\nUpgrade: websocket\r\n\r\n",
       0, 1},
      /* libre: "upgrade", no port in Host */
      {GET "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
           "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n" SIP VERSION END,
       0, 1},
      /* Safari offered this name for the same extension */
      {GOOD "Sec-WebSocket-Extensions: x-webkit-deflate-frame, "
            "permessage-deflate\r\n" END,
       0, 1},
      /* headers whose names SIP uses too */
      {GOOD "Via: 1.1 proxy\r\nFrom: a@example.com\r\nTo: x\r\nv: y\r\n"
            "Date: now\r\nContent-Length: 0\r\nl: 7\r\n" END,
       0, 1},
      {"\r\n" GOOD END, 0, 1},
  };
  (void)state;
  check_rows(rows, ROWS(rows), 0);
}

static void test_handshake_server_takes_every_spelling(void **state) {
  static const struct row rows[] = {
      {"GET /ws HTTP/1.9\r\n" HOST FIELDS SIP END, 0, 1},
      {GET "hOST:\texample.com \r\nupgrade:WebSocket\r\nCONNECTION:UPGRADE\r\n"
           "sec-websocket-key:" KEY "\r\nsec-websocket-version:\t13\t\r\n"
           "sec-websocket-protocol:sip\r\n" END,
       0, 1},
      {GET HOST "Upgrade: h2c, WEBSOCKET\r\nConnection: HTTP2-Settings\r\n"
                "Connection: x,,Upgrade ,y\r\n" SEC_KEY VERSION SIP END,
       0, 1},
      {GET HOST "Upgrade: h2c\r\nUpgrade: websocket\r\n" CONNECTION SEC_KEY
           VERSION SIP END,
       0, 1},
      {GET SIP VERSION SEC_KEY CONNECTION UPGRADE HOST END, 0, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: foo, sip\r\n" END, 0, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: foo\r\n" SIP END, 0, 1},
      {GOOD "Sec-WebSocket-Extensions: a;b=\"c\"\r\n"
            "Sec-WebSocket-Extensions: d\r\n" END,
       0, 1},
      {GOOD "Content-Length: 000\r\n" END, 0, 1},
  };
  (void)state;
  check_rows(rows, ROWS(rows), 0);
}

/* -------------------------------------------------- what is refused -- */

static void test_handshake_server_refuses_bad_http(void **state) {
  static const struct row rows[] = {
      {GOOD " folded\r\n" END, 400, 0},
      {GOOD "X : y\r\n" END, 400, 0},
      {GOOD "X: y\n" END, 400, 0},
      {GOOD "X: \x01\r\n" END, 400, 0},
      {GOOD, 400, 0},
      {GOOD END "\x81\x80", 400, 0},
      /* Host: RFC 9112 3.2 */
      {GET FIELDS SIP END, 400, 0},
      {GET HOST HOST FIELDS SIP END, 400, 0},
      {GET "Host:\r\n" FIELDS SIP END, 400, 0},
      {GET "Host: a b\r\n" FIELDS SIP END, 400, 0},
      {GET "Host: user@h\r\n" FIELDS SIP END, 400, 0},
      {GET "Host: h/ws\r\n" FIELDS SIP END, 400, 0},
      {GET "Host: a, b\r\n" FIELDS SIP END, 400, 0},
      {"POST / HTTP/1.1\r\n\r\n", 400, 0},
      {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, 0},
      /* the version comes before what another version may say otherwise */
      {"PRI * HTTP/2.0\r\n\r\n", 505, 0},
      {"GET /ws HTTP/0.9\r\n" HOST FIELDS SIP END, 505, 0},
      {"GET /ws HTTP/2.0\r\n" HOST FIELDS SIP END, 505, 0},
      /* methods */
      {"POST /ws HTTP/1.1\r\n" HOST FIELDS SIP END, 405, 0},
      {"get /ws HTTP/1.1\r\n" HOST FIELDS SIP END, 405, 0},
      {"GETS /ws HTTP/1.1\r\n" HOST FIELDS SIP END, 405, 0},
      {"OPTIONS * HTTP/1.1\r\n" HOST END, 405, 0},
      {"CONNECT example.com:443 HTTP/1.1\r\n" HOST END, 405, 0},
      {"CONNECT /ws HTTP/1.1\r\n" HOST VERSION SIP END, 405, 0},
      {"HEAD /ws HTTP/1.1\r\n" HOST FIELDS SIP END, 400, 1},
      /* bodies */
      {GOOD "Content-Length: 1\r\n" END, 413, 0},
      {GOOD "Content-Length: 99999999999999999999999\r\n" END, 413, 0},
      {GOOD "Transfer-Encoding: chunked\r\n" END, 413, 0},
      {GOOD "Content-Length: -1\r\n" END, 400, 0},
      {GOOD "Content-Length: +0\r\n" END, 400, 0},
      {GOOD "Content-Length: 0x0\r\n" END, 400, 0},
      {GOOD "Content-Length: 0, 0\r\n" END, 400, 0},
      {GOOD "Content-Length:\r\n" END, 400, 0},
      {GOOD "Content-Length: 0\r\nContent-Length: 0\r\n" END, 400, 0},
      {GOOD "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n" END, 400, 0},
      {GOOD "Origin: http://a\r\nOrigin: http://b\r\n" END, 400, 0},
  };
  (void)state;
  check_rows(rows, ROWS(rows), 0);
}

#define LONG_KEY "dGhlIHNhbXBsZSBub25jZWVldGhlIHNh"

static void test_handshake_server_refuses_broken_rules(void **state) {
  static const struct row rows[] = {
      {GET HOST CONNECTION SEC_KEY VERSION SIP END, 400, 1},
      {GET HOST UPGRADE SEC_KEY VERSION SIP END, 400, 1},
      {GET HOST UPGRADE CONNECTION VERSION SIP END, 400, 1},
      {GET HOST FIELDS END, 400, 1},
      /* one of the three is an attempt */
      {GET HOST UPGRADE END, 426, 1},
      {GET HOST SEC_KEY END, 426, 1},
      {GET HOST VERSION END, 400, 1},
      /* substrings and lookalikes */
      {GET HOST "Upgrade: websockets\r\n" CONNECTION SEC_KEY VERSION SIP END,
       400, 1},
      {GET HOST "Upgrade: h2c\r\n" CONNECTION SEC_KEY VERSION SIP END, 400, 1},
      {GET HOST "Upgrade: \"websocket\"\r\n" CONNECTION SEC_KEY VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE "Connection: not-upgrade\r\n" SEC_KEY VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE "Connection: close\r\n" SEC_KEY VERSION SIP END, 400,
       1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: sipx\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: notsip\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: SIP\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: sip foo\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: sip, f/o\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: \"sip\"\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol:\r\n" END, 400, 1},
      {GET HOST FIELDS "Sec-WebSocket-Protocol: ,\r\n" END, 400, 1},
      /* keys */
      {GET HOST UPGRADE CONNECTION SEC_KEY SEC_KEY VERSION SIP END, 400, 1},
      {GET HOST UPGRADE CONNECTION "Sec-WebSocket-Key:\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: dGhlIHNhbXBs\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=\r\n" VERSION SIP END,
       400, 1}, /* 17 octets */
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWVl\r\n" VERSION SIP END,
       400, 1}, /* 18 octets */
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: " LONG_KEY LONG_KEY LONG_KEY LONG_KEY
       "\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION /* erratum 3150: bits that say nothing */
       "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==\r\n" VERSION SIP END,
       400, 1},
      {GET HOST UPGRADE CONNECTION
       "Sec-WebSocket-Key: \"dGhlIHNhbXBsZSBub25jZ==\"\r\n" VERSION SIP END,
       400, 1},
      /* versions */
      {GET HOST UPGRADE CONNECTION SEC_KEY SIP END, 426, 1},
      {GET HOST UPGRADE CONNECTION SEC_KEY
       "Sec-WebSocket-Version: 8\r\n" SIP END,
       426, 1},
      {GET HOST UPGRADE CONNECTION SEC_KEY
       "Sec-WebSocket-Version: 25\r\n" SIP END,
       426, 1},
      {GET HOST UPGRADE CONNECTION SEC_KEY
       "Sec-WebSocket-Version: 130\r\n" SIP END,
       426, 1},
      {GET HOST UPGRADE CONNECTION SEC_KEY "Sec-WebSocket-Version:\r\n" SIP END,
       426, 1},
      {GET HOST FIELDS VERSION SIP END, 400, 1},
      {GET HOST UPGRADE CONNECTION SEC_KEY
       "Sec-WebSocket-Version: 13, 8\r\n" SIP END,
       400, 1},
      {GET HOST "Upgrade: WebSocket\r\n" CONNECTION
                "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n" END,
       426, 1}, /* a draft of 2010 */
      /* extensions */
      {GOOD "Sec-WebSocket-Extensions:\r\n" END, 400, 1},
      {GOOD "Sec-WebSocket-Extensions: foo;\r\n" END, 400, 1},
      {GOOD "Sec-WebSocket-Extensions: foo; a=\"b c\"\r\n" END, 400, 1},
      {GOOD "Sec-WebSocket-Extensions: foo\r\n"
            "Sec-WebSocket-Extensions: b@r\r\n" END,
       400, 1},
  };
  (void)state;
  check_rows(rows, ROWS(rows), 0);
}

static void test_handshake_server_limits_header_lines(void **state) {
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  (void)state;
  sipws__request_judge(GOOD END, strlen(GOOD END), &protos, 0, 5, 0, &request);
  assert_int_equal(request.status, 431);
  sipws__request_judge(GOOD END, strlen(GOOD END), &protos, 0, 6, 0, &request);
  assert_int_equal(request.status, 0);
}

static void test_handshake_server_limits_subprotocols(void **state) {
  static const char text[] =
      GET HOST FIELDS "Sec-WebSocket-Protocol: a,b,c,d,e,,,f,sip\r\n" END;
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  (void)state;
  sipws__request_judge(text, sizeof text - 1, &protos, 0, 6, 0, &request);
  assert_int_equal(request.status, 431);
  sipws__request_judge(text, sizeof text - 1, &protos, 0, 7, 0, &request);
  assert_int_equal(request.status, 0);
}

static void test_handshake_server_refuses_a_cut_request(void **state) {
  static const char text[] = GOOD END;
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  size_t len;
  (void)state;
  for (len = 0; len < sizeof text - 1; len++) {
    judge(text, len, &protos, 0, 0, &request);
    assert_int_equal(request.status, 400);
    assert_int_equal(sipws__http_end(text, len, 0), 0);
  }
}

/* ------------------------------------------------------- plain HTTP -- */

static void test_handshake_server_sees_plain_http(void **state) {
  static const struct row rows[] = {
      {"GET / HTTP/1.1\r\n" HOST END, 0, 0},
      {"HEAD /page HTTP/1.1\r\n" HOST END, 0, 0},
      {"GET / HTTP/1.0\r\n\r\n", 0, 0},
      {"GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\n"
       "Connection: Upgrade, HTTP2-Settings\r\n" END,
       0, 0},
      {"GET / HTTP/1.1\r\n" HOST "Upgrade: notwebsocket\r\n" END, 0, 0},
      {"GET / HTTP/1.1\r\n" HOST SIP END, 0, 0},
      /* RFC 9110 7.8: Upgrade in HTTP/1.0 is ignored */
      {"GET /ws HTTP/1.0\r\n" HOST FIELDS SIP END, 0, 0},
  };
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  (void)state;
  check_rows(rows, ROWS(rows), 0);
  judge(rows[1].text, strlen(rows[1].text), &protos, 0, 0, &request);
  assert_int_equal(request.is_head, 1);
  assert_span(rows[1].text, request.path, "/page");
  assert_null(request.proto);
  judge(rows[2].text, strlen(rows[2].text), &protos, 0, 0, &request);
  assert_int_equal(request.is_head, 0);
  assert_int_equal(request.host.len, 0);
}

/* ----------------------------------------------------------- target -- */

static void test_handshake_server_reads_the_target(void **state) {
  static const struct {
    const char *target;
    const char *path; /* NULL: 400 */
    const char *query;
    const char *host;
  } rows[] = {
      {"/", "/", "", "example.com"},
      {"/ws", "/ws", "", "example.com"},
      {"/ws?", "/ws", "", "example.com"},
      {"/ws?a=b?c/d", "/ws", "a=b?c/d", "example.com"},
      {"//x//?%00", "//x//", "%00", "example.com"},
      {"/http://x", "/http://x", "", "example.com"},
      /* RFC 9112 3.2.2: the Host header is ignored */
      {"http://other:81/a?b", "/a", "b", "other:81"},
      {"HTTPS://other", "/", "", "other"},
      {"http://other?q", "/", "q", "other"},
      {"https://[::1]:80/?q", "/", "q", "[::1]:80"},
      {"*", NULL, NULL, NULL},
      {"ws", NULL, NULL, NULL},
      {"?a", NULL, NULL, NULL},
      {"/ws#f", NULL, NULL, NULL},
      {"/ws?a#", NULL, NULL, NULL},
      {"http:", NULL, NULL, NULL},
      {"http:/a", NULL, NULL, NULL},
      {"https:/", NULL, NULL, NULL},
      {"https:/a", NULL, NULL, NULL},
      {"http://", NULL, NULL, NULL},
      {"http:///a", NULL, NULL, NULL},
      {"https://", NULL, NULL, NULL},
      {"http://user@other/", NULL, NULL, NULL},
      {"http://other:x/", NULL, NULL, NULL},
      {"httpx://other/", NULL, NULL, NULL},
      {"ws://other/", NULL, NULL, NULL},
      {"wss://other/", NULL, NULL, NULL},
      {"example.com:80", NULL, NULL, NULL},
  };
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  char text[400];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST FIELDS SIP END,
             rows[i].target);
    judge(text, strlen(text), &protos, 0, 0, &request);
    if (request.status != (rows[i].path == NULL ? 400 : 0)) {
      fail_msg("%s: %d", rows[i].target, request.status);
    }
    if (rows[i].path != NULL) {
      assert_span(text, request.path, rows[i].path);
      assert_span(text, request.query, rows[i].query);
      assert_span(text, request.host, rows[i].host);
      assert_span(text, request.head.target, rows[i].target);
    }
  }
}

/* ------------------------------------------------------ subprotocol -- */

static void test_handshake_server_chooses_by_the_clients_order(void **state) {
  static const struct {
    const char *list;
    uint32_t policy;
    const char *lines;
    const char *chosen; /* NULL: 400 */
    int entry;
  } rows[] = {
      {"sip msrp", 0, "Sec-WebSocket-Protocol: x, msrp, sip\r\n", "msrp", 1},
      {"sip", 0, "Sec-WebSocket-Protocol: x\r\n" SIP, "sip", 0},
      {"sip", SIPWS_POLICY_ANY_CASE, "Sec-WebSocket-Protocol: SIP\r\n", "SIP",
       0},
      {"sip", 0, "", NULL, 0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "", "", 0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "Sec-WebSocket-Protocol: x\r\n",
       NULL, 0},
      {"sip", SIPWS_POLICY_NO_SUBPROTOCOL, "Sec-WebSocket-Protocol:\r\n", NULL,
       0},
      {"sip -", 0, "", "", 1},
      {"sip -", 0, "Sec-WebSocket-Protocol: x\r\n", "", 1},
      {"sip -", 0, "Sec-WebSocket-Protocol: x, sip\r\n", "sip", 0},
      {"sip *", 0, "Sec-WebSocket-Protocol: x, sip\r\n", "x", 1},
      {"*", 0, "", NULL, 0},
  };
  struct sipws__request request;
  char text[400];
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    struct sipws__protos protos = protos_of(rows[i].list);
    snprintf(text, sizeof text, GET HOST FIELDS "%s" END, rows[i].lines);
    judge(text, strlen(text), &protos, rows[i].policy, 0, &request);
    if (request.status != (rows[i].chosen == NULL ? 400 : 0)) {
      fail_msg("%s for %s: %d", rows[i].list, rows[i].lines, request.status);
    }
    if (rows[i].chosen != NULL) {
      assert_span(text, request.subprotocol, rows[i].chosen);
      assert_ptr_equal(request.proto, &protos.list[rows[i].entry]);
    }
  }
}

static void test_handshake_server_choice_is_one_of_those_offered(void **state) {
  static const char text[] =
      GET HOST FIELDS "Sec-WebSocket-Protocol: sip, MSRP\r\n"
                      "Sec-WebSocket-Protocol: other, Zrtp\r\n" END;
  static const struct {
    uint32_t policy;
    const char *name;
    int err;
    const char *chosen; /* after it */
  } rows[] = {
      {0, "msrp", SIPWS_ERR_NOT_FOUND, "sip"},
      {0, "other", SIPWS_ERR_NOT_FOUND, "sip"}, /* offered, but not ours */
      {0, "xmpp", SIPWS_ERR_NOT_FOUND, "sip"},  /* ours, but not offered */
      {0, "si", SIPWS_ERR_NOT_FOUND, "sip"},
      {0, "", SIPWS_ERR_NOT_FOUND, "sip"},
      {0, "zrtp", SIPWS_ERR_NOT_FOUND, "sip"},
      {0, "Zrtp", 0, "Zrtp"},
      {SIPWS_POLICY_ANY_CASE, "msrp", 0, "MSRP"},
      {0, "sip", 0, "sip"},
  };
  struct sipws__protos protos = protos_of("sip msrp xmpp - Zrtp");
  struct sipws__request request;
  size_t i;
  (void)state;
  judge(text, sizeof text - 1, &protos, 0, 0, &request);
  for (i = 0; i < ROWS(rows); i++) {
    assert_int_equal(sipws__request_choose(text, sizeof text - 1, &protos,
                                           rows[i].policy, &request,
                                           rows[i].name, strlen(rows[i].name)),
                     rows[i].err);
    assert_span(text, request.subprotocol, rows[i].chosen);
  }
  assert_ptr_equal(request.proto, &protos.list[0]);
}

/* ----------------------------------------------------------- stream -- */

/* RFC 8441 section 5 */
static void test_handshake_server_judges_a_stream(void **state) {
#define STREAM "CONNECT /ws HTTP/1.1\r\n"
  static const struct row rows[] = {
      {STREAM VERSION SIP END, 0, 1},
      {STREAM HOST VERSION SIP "Origin: https://example.com\r\n" END, 0, 1},
      {STREAM "Host:\r\n" VERSION SIP END, 400, 0},
      {STREAM SIP END, 426, 1},
      {STREAM VERSION END, 400, 1},
      {STREAM VERSION SIP "Sec-WebSocket-Extensions: ;\r\n" END, 400, 1},
      {STREAM VERSION SIP "Content-Length: 5\r\n" END, 413, 0},
      {GOOD END, 405, 0},
  };
  (void)state;
  check_rows(rows, ROWS(rows), 1);
}

/* ----------------------------------------------------------- answers -- */

static void test_handshake_server_writes_the_101(void **state) {
  static const char text[] =
      GET HOST FIELDS "Sec-WebSocket-Protocol: S\r\n" END;
  static char line[] = "Set-Cookie: a=b\r\n";
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__protos protos = protos_of("s");
  struct sipws__buf extra = buf_of(line);
  struct sipws__buf out;
  struct sipws__request request;
  (void)state;
  memset(&out, 0, sizeof out);
  judge(text, sizeof text - 1, &protos, SIPWS_POLICY_ANY_CASE, 0, &request);
  assert_int_equal(sipws__request_write_101(text, &request, &extra, &mem, &out),
                   0);
  assert_text(out.data, out.len,
              "HTTP/1.1 101 Switching Protocols\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Accept: " ACCEPT "\r\n"
              "Sec-WebSocket-Protocol: S\r\n"
              "Set-Cookie: a=b\r\n"
              "\r\n");
  sipws__buf_free(&out, &mem);
}

static void test_handshake_server_101_has_no_empty_subprotocol(void **state) {
  static const char text[] = GET HOST FIELDS END;
  static char none[] = "";
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__protos protos = protos_of("-");
  struct sipws__buf extra = buf_of(none);
  struct sipws__buf out;
  struct sipws__request request;
  (void)state;
  memset(&out, 0, sizeof out);
  judge(text, sizeof text - 1, &protos, 0, 0, &request);
  assert_int_equal(sipws__request_write_101(text, &request, &extra, &mem, &out),
                   0);
  assert_text(out.data, out.len,
              "HTTP/1.1 101 Switching Protocols\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Accept: " ACCEPT "\r\n"
              "\r\n");
  sipws__buf_free(&out, &mem);
}

static void test_handshake_server_writes_refusals(void **state) {
  static const struct {
    int status;
    uint64_t body_len;
    uint32_t retry_s;
    const char *text;
  } rows[] = {
      {400, 0, 0,
       "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
       "Connection: close\r\nX: y\r\n\r\n"},
      {200, 245760, 0,
       "HTTP/1.1 200 OK\r\nContent-Length: 245760\r\n"
       "Connection: close\r\nX: y\r\n\r\n"},
      {405, 0, 0,
       "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n"
       "Connection: close\r\nAllow: GET, HEAD\r\nX: y\r\n\r\n"},
      {426, 0, 0,
       "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n"
       "Connection: close, Upgrade\r\nUpgrade: websocket\r\n"
       "Sec-WebSocket-Version: 13\r\nX: y\r\n\r\n"},
      {503, 0, 4294967295u,
       "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
       "Connection: close\r\nRetry-After: 4294967295\r\nX: y\r\n\r\n"},
      {429, 0, 1,
       "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n"
       "Connection: close\r\nRetry-After: 1\r\nX: y\r\n\r\n"},
      {499, UINT64_MAX, 0,
       "HTTP/1.1 499 Client Error\r\nContent-Length: 18446744073709551615\r\n"
       "Connection: close\r\nX: y\r\n\r\n"},
      {204, 0, 0,
       "HTTP/1.1 204 No Content\r\nConnection: close\r\nX: y\r\n\r\n"},
      {304, 0, 0,
       "HTTP/1.1 304 Not Modified\r\nConnection: close\r\nX: y\r\n\r\n"},
  };
  static char line[] = "X: y\r\n";
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__buf extra = buf_of(line);
  struct sipws__http_head head;
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    struct sipws__buf out;
    memset(&out, 0, sizeof out);
    assert_int_equal(
        sipws__request_write_refusal(rows[i].status, rows[i].body_len,
                                     rows[i].retry_s, &extra, &mem, &out),
        0);
    assert_text(out.data, out.len, rows[i].text);
    assert_int_equal(
        sipws__http_parse((char *)out.data, out.len, 1, 10, &head, NULL), 0);
    sipws__buf_free(&out, &mem);
  }
}

/* The first, second, third … allocation fails. */
static void test_handshake_server_answers_whole_or_not_at_all(void **state) {
  static const char text[] = GOOD END;
  static char lines[2000];
  struct test_heap heap;
  struct sipws__mem mem = mem_of(&heap);
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  struct sipws__buf extra, out;
  long fail_at;
  int err = SIPWS_ERR_NOMEM;
  int refusal;
  (void)state;
  memset(lines, 'x', sizeof lines - 1);
  extra = buf_of(lines);
  judge(text, sizeof text - 1, &protos, 0, 0, &request);
  for (refusal = 0; refusal < 2; refusal++) {
    for (fail_at = 1; fail_at < 10; fail_at++) {
      memset(&out, 0, sizeof out);
      assert_int_equal(sipws__buf_add(&out, &mem, "before", 6, 6), 0);
      heap.calls = 0;
      heap.fail_at = fail_at;
      err = refusal
                ? sipws__request_write_refusal(426, 0, 9, &extra, &mem, &out)
                : sipws__request_write_101(text, &request, &extra, &mem, &out);
      heap.fail_at = 0;
      if (err == 0) {
        assert_true(out.len > 2000);
      } else {
        assert_int_equal(err, SIPWS_ERR_NOMEM);
        assert_text(out.data, out.len, "before");
      }
      sipws__buf_free(&out, &mem);
      assert_int_equal(heap.blocks, 0);
      if (err == 0) {
        break;
      }
    }
    assert_int_equal(err, 0);
    assert_true(fail_at > 2); /* it grew more than once */
  }
}

/* -------------------------------------------------------- mutations -- */

static void check_span(sipws_span span, size_t len) {
  assert_true(span.off <= len && span.len <= len - span.off);
}

/* Each octet of a request changed in turn to each there is: nothing is read out
 * of bounds, and what is taken has all that an answer needs. */
static void test_handshake_server_survives_changed_requests(void **state) {
  static const char text[] =
      "GET http://h/p?q HTTP/1.1\r\nHost: h\r\nOrigin: o\r\n" FIELDS SIP
      "Sec-WebSocket-Extensions: a;b=\"c\\d\"\r\nContent-Length: 0\r\n" END;
  size_t len = sizeof text - 1;
  char *guarded = test_guarded(text, len);
  struct sipws__protos protos = protos_of("sip");
  struct sipws__request request;
  size_t upgrades = 0;
  size_t at;
  (void)state;
  for (at = 0; at < len; at++) {
    int c;
    for (c = 0; c < 256; c++) {
      guarded[at] = (char)c;
      sipws__request_judge(guarded, len, &protos, 0, 100, 0, &request);
      check_span(request.path, len);
      check_span(request.query, len);
      check_span(request.host, len);
      check_span(request.origin, len);
      if (request.status == 0 && request.head.minor > 0) {
        assert_true(request.path.len > 0 && request.host.len > 0);
        assert_int_equal(guarded[request.path.off], '/');
        assert_int_equal(request.is_upgrade, 1);
        assert_int_equal(request.key.len, SIPWS__KEY_LEN);
        assert_span(guarded, request.subprotocol, "sip");
        assert_ptr_equal(request.proto, protos.list);
        upgrades++;
      }
    }
    guarded[at] = text[at];
  }
  assert_true(upgrades > len);
  test_guarded_free(guarded, len);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_handshake_server_takes_real_clients),
      cmocka_unit_test(test_handshake_server_takes_every_spelling),
      cmocka_unit_test(test_handshake_server_refuses_bad_http),
      cmocka_unit_test(test_handshake_server_refuses_broken_rules),
      cmocka_unit_test(test_handshake_server_limits_header_lines),
      cmocka_unit_test(test_handshake_server_limits_subprotocols),
      cmocka_unit_test(test_handshake_server_refuses_a_cut_request),
      cmocka_unit_test(test_handshake_server_sees_plain_http),
      cmocka_unit_test(test_handshake_server_reads_the_target),
      cmocka_unit_test(test_handshake_server_chooses_by_the_clients_order),
      cmocka_unit_test(test_handshake_server_choice_is_one_of_those_offered),
      cmocka_unit_test(test_handshake_server_judges_a_stream),
      cmocka_unit_test(test_handshake_server_writes_the_101),
      cmocka_unit_test(test_handshake_server_101_has_no_empty_subprotocol),
      cmocka_unit_test(test_handshake_server_writes_refusals),
      cmocka_unit_test(test_handshake_server_answers_whole_or_not_at_all),
      cmocka_unit_test(test_handshake_server_survives_changed_requests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
