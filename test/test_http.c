/* http: heads whole, cut and malformed. All of them end at an unreadable
 * page. */
#include "support.h"

#include "sipws_http.h"

#define REQUEST                                                                \
  "GET /chat?room=1 HTTP/1.1\r\n"                                              \
  "Host: example.com\r\n"                                                      \
  "Empty:\r\n"                                                                 \
  "X-Blank: \t \r\n"                                                           \
  "X-Trim: \t two words \t\r\n"                                                \
  "x-trim:again\r\n"                                                           \
  "\r\n"
#define RESPONSE                                                               \
  "HTTP/1.1 404 Not Found\r\n"                                                 \
  "Content-Length: 0\r\n"                                                      \
  "\r\n"

/* A text that may hold NULs. */
struct text {
  const char *octets;
  size_t len;
};
#define TEXT(constant)                                                         \
  { (constant), sizeof(constant) - 1 }
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static int parse(const char *text, size_t len, int is_response, uint32_t max,
                 struct sipws__http_head *head) {
  char *guarded = test_guarded(text, len);
  int err = sipws__http_parse(guarded, len, is_response, max, head, NULL);
  test_guarded_free(guarded, len);
  return err;
}

static void parse_good(const char *text, int is_response,
                       struct sipws__http_head *head) {
  assert_int_equal(parse(text, strlen(text), is_response, 100, head), 0);
}

/* ----------------------------------------------------------------- end -- */

static void test_http_end_is_found_at_every_split(void **state) {
  static const char head[] = REQUEST "octets of something else\r\n\r\n";
  size_t whole = strlen(REQUEST);
  size_t cut;
  (void)state;
  for (cut = 0; cut <= sizeof head - 1; cut++) {
    char *guarded = test_guarded(head, cut);
    size_t end = sipws__http_end(guarded, cut, 0);
    test_guarded_free(guarded, cut);
    assert_int_equal(end, cut < whole ? 0 : whole);
    if (cut < whole) {
      assert_int_equal(sipws__http_end(head, sizeof head - 1, cut), whole);
    }
  }
}

static void test_http_end_is_found_octet_by_octet(void **state) {
  static const char head[] = RESPONSE;
  size_t len;
  (void)state;
  for (len = 0; len < sizeof head - 1; len++) {
    assert_int_equal(sipws__http_end(head, len, len > 0 ? len - 1 : 0), 0);
  }
  assert_int_equal(sipws__http_end(head, len, len - 1), len);
  assert_int_equal(sipws__http_end(NULL, 0, 0), 0);
}

static void test_http_end_of_bare_lines_is_found_and_refused(void **state) {
  static const char *const heads[] = {
      "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHost: h\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\n\n", "\r\n\r\n"};
  struct sipws__http_head head;
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(heads); i++) {
    size_t len = strlen(heads[i]);
    assert_int_equal(sipws__http_end(heads[i], len, 0), len);
    assert_int_equal(parse(heads[i], len, 0, 100, &head), SIPWS_ERR_SYNTAX);
  }
  /* CRs alone end nothing, nor does one behind a line */
  assert_int_equal(sipws__http_end("GET / HTTP/1.1\r\n\rX: y\r\n", 23, 0), 0);
  assert_int_equal(sipws__http_end("GET / HTTP/1.1\r\r\r\r", 18, 0), 0);
}

/* --------------------------------------------------------------- parse -- */

static void test_http_request_is_read(void **state) {
  struct sipws__http_head head;
  (void)state;
  parse_good(REQUEST, 0, &head);
  assert_int_equal(head.major, 1);
  assert_int_equal(head.minor, 1);
  assert_span(REQUEST, head.method, "GET");
  assert_span(REQUEST, head.target, "/chat?room=1");
  assert_int_equal(head.count, 5);
  assert_int_equal(head.fields, strlen("GET /chat?room=1 HTTP/1.1\r\n"));
}

static void test_http_request_after_an_empty_line_is_read(void **state) {
  static const char text[] = "\r\nGET / HTTP/1.0\r\n\r\n";
  struct sipws__http_head head;
  (void)state;
  parse_good(text, 0, &head);
  assert_span(text, head.method, "GET");
  assert_int_equal(head.minor, 0);
  assert_int_equal(head.count, 0);
  assert_int_equal(sipws__http_end(text, sizeof text - 1, 0), sizeof text - 1);
}

static void test_http_response_is_read(void **state) {
  static const struct {
    const char *text;
    uint32_t status;
    const char *reason;
  } rows[] = {
      {RESPONSE, 404, "Not Found"},
      {"HTTP/1.1 101 \r\n\r\n", 101, ""},
      {"HTTP/1.1 101\r\n\r\n", 101, ""},
      {"HTTP/1.1 200 WebSocket: \xc3\xa9\ttab\r\n\r\n", 200,
       "WebSocket: \xc3\xa9\ttab"},
      {"HTTP/1.0 999 x\r\n\r\n", 999, "x"},
  };
  struct sipws__http_head head;
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    parse_good(rows[i].text, 1, &head);
    assert_int_equal(head.status, rows[i].status);
    assert_span(rows[i].text, head.reason, rows[i].reason);
  }
}

static void test_http_malformed_request_is_refused(void **state) {
  static const struct text rows[] = {
      TEXT(""),
      TEXT("\r\n"),
      TEXT("\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
      TEXT("\r\rGET / HTTP/1.1\r\n\r\n"),
      TEXT("\nGET / HTTP/1.1\r\n\r\n"),
      TEXT("\nGET / HTTP/1.1\r\n\r\n"),
      TEXT(" GET / HTTP/1.1\r\n\r\n"),
      TEXT("GET\r\n\r\n"),
      TEXT("GET /\r\n\r\n"),
      TEXT("GET / \r\n\r\n"),
      TEXT("GET  / HTTP/1.1\r\n\r\n"),
      TEXT("GET /  HTTP/1.1\r\n\r\n"),
      TEXT("GET  HTTP/1.1\r\n\r\n"),
      TEXT("GET\t/\tHTTP/1.1\r\n\r\n"),
      TEXT("GET / HTTP/1.1 \r\n\r\n"),
      TEXT("GET /a b HTTP/1.1\r\n\r\n"),
      TEXT("GET /\xc3\xa9 HTTP/1.1\r\n\r\n"),
      TEXT("GET /\0 HTTP/1.1\r\n\r\n"),
      TEXT("GET /\x7f HTTP/1.1\r\n\r\n"),
      TEXT("G(T / HTTP/1.1\r\n\r\n"),
      TEXT("GET / http/1.1\r\n\r\n"),
      TEXT("GET / HTTP/1\r\n\r\n"),
      TEXT("GET / HTTP/11\r\n\r\n"),
      TEXT("GET / HTTP/1.10\r\n\r\n"),
      TEXT("GET / HTTP.1.1\r\n\r\n"),
      TEXT("GET / HTTP/a.1\r\n\r\n"),
      TEXT("GET / HTTP/1,1\r\n\r\n"),
      TEXT("GET / HTTP/1.b\r\n\r\n"),
      TEXT("GET / HTTP/1.1\n\r\n"),
      TEXT("GET / HTTP/1.1\r\r\n\r\n"),
      TEXT("GET /\r HTTP/1.1\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\n\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost:\rh\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\n\r"),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\n\r\n "),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\n\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\r\n\tfolded: x\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost : h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost\t: h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\n: h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\n \r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nH st: h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: h\0h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHo\0st: h\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nHost: \x1b[1m\r\n\r\n"),
      TEXT("GET / HTTP/1.1\r\nH\xc3\xa9: h\r\n\r\n"),
      TEXT(RESPONSE),
  };
  struct sipws__http_head head, before;
  size_t i;
  (void)state;
  memset(&head, 0x77, sizeof head);
  before = head;
  for (i = 0; i < ROWS(rows); i++) {
    int err = parse(rows[i].octets, rows[i].len, 0, 100, &head);
    if (err != SIPWS_ERR_SYNTAX) {
      fail_msg("%d for: %s", err, rows[i].octets);
    }
    assert_memory_equal(&head, &before, sizeof head);
  }
}

static void test_http_malformed_response_is_refused(void **state) {
  static const struct text rows[] = {
      TEXT(""),
      TEXT("\r\n" RESPONSE),
      TEXT("HTTP/1.1\r\n\r\n"),
      TEXT("HTTP/1.1 \r\n\r\n"),
      TEXT("HTTP/1.1 10\r\n\r\n"),
      TEXT("HTTP/1.1 10 x\r\n\r\n"),
      TEXT("HTTP/1.1 1010\r\n\r\n"),
      TEXT("HTTP/1.1 099 x\r\n\r\n"),
      TEXT("HTTP/1.1 1x1 x\r\n\r\n"),
      TEXT("HTTP/1.1 -10 x\r\n\r\n"),
      TEXT("HTTP/1.1  101 x\r\n\r\n"),
      TEXT("HTTP/1.1\t101 x\r\n\r\n"),
      TEXT("HTTP/1.1 101\tx\r\n\r\n"),
      TEXT("HTTP/1.1 101 \0\r\n\r\n"),
      TEXT("HTTP/1.1 101 a\rb\r\n\r\n"),
      TEXT("http/1.1 101 x\r\n\r\n"),
      TEXT("HTTP/1.1.101 x\r\n\r\n"),
      TEXT("ICY 200 OK\r\n\r\n"),
      TEXT("HTTP/1.1 101 x\r\nUpgrade : websocket\r\n\r\n"),
      TEXT("HTTP/1.1 101 x\r\nA: b\r\n c\r\n\r\n"),
      TEXT(REQUEST),
  };
  struct sipws__http_head head;
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    int err = parse(rows[i].octets, rows[i].len, 1, 100, &head);
    if (err != SIPWS_ERR_SYNTAX) {
      fail_msg("%d for: %s", err, rows[i].octets);
    }
  }
}

static void test_http_head_cut_anywhere_is_refused(void **state) {
  struct sipws__http_head head;
  size_t len;
  (void)state;
  for (len = 0; len < strlen(REQUEST); len++) {
    assert_int_equal(parse(REQUEST, len, 0, 100, &head), SIPWS_ERR_SYNTAX);
  }
  for (len = 0; len < strlen(RESPONSE); len++) {
    assert_int_equal(parse(RESPONSE, len, 1, 100, &head), SIPWS_ERR_SYNTAX);
  }
}

/* Each octet there is, in each place where another set of them is good. */
static void test_http_octets_are_judged_by_their_place(void **state) {
  static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const char text[] = "GxT /x HTTP/1.1\r\nNxme: vxlue\r\n\r\n";
  size_t method = 1, target = 5, name = 18, value = 24;
  struct sipws__http_head head;
  char changed[sizeof text];
  int c;
  (void)state;
  for (c = 0; c < 256; c++) {
    int is_token = c != 0 && strchr(token, c) != NULL;
    int is_value = c == '\t' || (c >= 0x20 && c != 0x7f);
    const struct {
      size_t at;
      int good;
    } places[] = {{method, is_token},
                  {target, c > 0x20 && c < 0x7f},
                  {name, is_token || c == ':'},
                  {value, is_value}};
    size_t i;
    for (i = 0; i < ROWS(places); i++) {
      memcpy(changed, text, sizeof text);
      assert_int_equal(changed[places[i].at], 'x');
      changed[places[i].at] = (char)c;
      assert_int_equal(parse(changed, sizeof text - 1, 0, 100, &head),
                       places[i].good ? 0 : SIPWS_ERR_SYNTAX);
    }
  }
}

static void test_http_header_lines_are_limited(void **state) {
  struct sipws__http_head head;
  size_t len = strlen(REQUEST);
  (void)state;
  assert_int_equal(parse(REQUEST, len, 0, 4, &head), SIPWS_ERR_TOO_BIG);
  assert_int_equal(parse(REQUEST, len, 0, 5, &head), 0);
  assert_int_equal(parse(REQUEST, len, 0, 6, &head), 0);
}

static void test_http_longest_head_is_read_and_one_more_is_not(void **state) {
  static const char start[] = "GET / HTTP/1.1\r\nX: ";
  size_t len = SIPWS__HTTP_HEAD_MAX + 1;
  char *text = malloc(len);
  struct sipws__http_head head;
  (void)state;
  assert_non_null(text);
  memset(text, 'x', len);
  memcpy(text, start, sizeof start - 1);
  memcpy(text + len - 4, "\r\n\r\n", 4);
  assert_int_equal(parse(text, len, 0, 100, &head), SIPWS_ERR_TOO_BIG);
  memcpy(text + len - 5, "\r\n\r\n", 4);
  assert_int_equal(parse(text, len - 1, 0, 100, &head), 0);
  free(text);
}

/* -------------------------------------------------------------- fields -- */

static void test_http_next_walks_all_lines(void **state) {
  static const char *const names[] = {"Host", "Empty", "X-Blank", "X-Trim",
                                      "x-trim"};
  static const char *const values[] = {"example.com", "", "", "two words",
                                       "again"};
  struct sipws__http_head head;
  sipws_span name, value;
  uint32_t pos;
  size_t i;
  (void)state;
  parse_good(REQUEST, 0, &head);
  pos = head.fields;
  for (i = 0; i < ROWS(names); i++) {
    assert_int_equal(
        sipws__http_next(REQUEST, strlen(REQUEST), &pos, &name, &value), 1);
    assert_span(REQUEST, name, names[i]);
    assert_span(REQUEST, value, values[i]);
  }
  assert_int_equal(
      sipws__http_next(REQUEST, strlen(REQUEST), &pos, &name, &value), 0);
  assert_int_equal(
      sipws__http_next(REQUEST, strlen(REQUEST), &pos, &name, &value), 0);
}

static void test_http_find_takes_any_case(void **state) {
  size_t len = strlen(REQUEST);
  struct sipws__http_head head;
  sipws_span value = {1, 2};
  (void)state;
  parse_good(REQUEST, 0, &head);
  assert_int_equal(sipws__http_find(REQUEST, len, &head, "X-Tri", 5, 0, &value),
                   0);
  assert_int_equal(
      sipws__http_find(REQUEST, len, &head, "X-Trimm", 7, 0, &value), 0);
  assert_int_equal(
      sipws__http_find(REQUEST, len, &head, "X-Trim", 6, 2, &value), 0);
  assert_int_equal(value.off, 1);
  assert_int_equal(value.len, 2);
  assert_int_equal(
      sipws__http_find(REQUEST, len, &head, "x-TRIM", 6, 1, &value), 1);
  assert_span(REQUEST, value, "again");
}

/* ---------------------------------------------------------------- rest -- */

/* What parse takes, the walks agree on; each octet of a head changed in turn
 * to each there is. */
static void test_http_changed_heads_are_walked_within_bounds(void **state) {
  static const char text[] = "GET / HTTP/1.1\r\nA: \"x\\y\" , z\r\n"
                             "Cookie: c=d; e\r\n\r\n";
  size_t len = sizeof text - 1;
  char *guarded = test_guarded(text, len);
  struct sipws__http_head head;
  size_t taken = 0;
  size_t at;
  (void)state;
  for (at = 0; at < len; at++) {
    int c;
    for (c = 0; c < 256; c++) {
      guarded[at] = (char)c;
      if (sipws__http_parse(guarded, len, 0, 100, &head, NULL) == 0) {
        uint32_t pos = head.fields;
        uint32_t count = 0;
        sipws_span name, value;
        while (sipws__http_next(guarded, len, &pos, &name, &value)) {
          uint32_t in = 0;
          count++;
          assert_true(value.off + value.len <= len - 4);
          while (sipws__http_next_element(guarded, value, &in, &name)) {
            assert_true(name.len > 0 && name.off >= value.off);
            assert_true(name.off + name.len <= value.off + value.len);
          }
        }
        assert_int_equal(count, head.count);
        assert_int_equal(sipws__http_end(guarded, len, 0), len);
        (void)sipws__http_cookie(guarded, len, &head, 1, &name, &value);
        taken++;
      }
    }
    guarded[at] = text[at];
  }
  assert_true(taken > len); /* it was not all refused */
  test_guarded_free(guarded, len);
}

/* Those of the registry that an application may answer with, and of every other
 * status the one of its class (RFC 9110 15). */
static void test_http_reason_is_that_of_the_registry(void **state) {
  static const struct {
    int first, last; /* of a status, the first row that fits */
    const char *reason;
  } rows[] = {
      {101, 101, "Switching Protocols"},
      {200, 200, "OK"},
      {201, 201, "Created"},
      {202, 202, "Accepted"},
      {204, 204, "No Content"},
      {206, 206, "Partial Content"},
      {301, 301, "Moved Permanently"},
      {302, 302, "Found"},
      {303, 303, "See Other"},
      {304, 304, "Not Modified"},
      {307, 307, "Temporary Redirect"},
      {308, 308, "Permanent Redirect"},
      {400, 400, "Bad Request"},
      {401, 401, "Unauthorized"},
      {403, 403, "Forbidden"},
      {404, 404, "Not Found"},
      {405, 405, "Method Not Allowed"},
      {406, 406, "Not Acceptable"},
      {408, 408, "Request Timeout"},
      {409, 409, "Conflict"},
      {410, 410, "Gone"},
      {413, 413, "Content Too Large"},
      {414, 414, "URI Too Long"},
      {421, 421, "Misdirected Request"},
      {426, 426, "Upgrade Required"},
      {429, 429, "Too Many Requests"},
      {431, 431, "Request Header Fields Too Large"},
      {500, 500, "Internal Server Error"},
      {501, 501, "Not Implemented"},
      {502, 502, "Bad Gateway"},
      {503, 503, "Service Unavailable"},
      {504, 504, "Gateway Timeout"},
      {505, 505, "HTTP Version Not Supported"},
      {-1, 99, "Unknown"},
      {100, 199, "Informational"},
      {200, 299, "Success"},
      {300, 399, "Redirection"},
      {400, 499, "Client Error"},
      {500, 599, "Server Error"},
      {600, 1000, "Unknown"},
  };
  int status;
  (void)state;
  for (status = -1; status <= 1000; status++) {
    size_t i = 0;
    while (status < rows[i].first || status > rows[i].last) {
      i++;
    }
    assert_string_equal(sipws__http_reason(status), rows[i].reason);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_http_end_is_found_at_every_split),
      cmocka_unit_test(test_http_end_is_found_octet_by_octet),
      cmocka_unit_test(test_http_end_of_bare_lines_is_found_and_refused),
      cmocka_unit_test(test_http_request_is_read),
      cmocka_unit_test(test_http_request_after_an_empty_line_is_read),
      cmocka_unit_test(test_http_response_is_read),
      cmocka_unit_test(test_http_malformed_request_is_refused),
      cmocka_unit_test(test_http_malformed_response_is_refused),
      cmocka_unit_test(test_http_head_cut_anywhere_is_refused),
      cmocka_unit_test(test_http_octets_are_judged_by_their_place),
      cmocka_unit_test(test_http_header_lines_are_limited),
      cmocka_unit_test(test_http_longest_head_is_read_and_one_more_is_not),
      cmocka_unit_test(test_http_next_walks_all_lines),
      cmocka_unit_test(test_http_find_takes_any_case),
      cmocka_unit_test(test_http_changed_heads_are_walked_within_bounds),
      cmocka_unit_test(test_http_reason_is_that_of_the_registry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
