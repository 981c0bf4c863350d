/* sip_build: responses to requests, and bodies put in. */
#include "writer.h"

#include <sipws/sip.h>

/* ---- responses ---- */

struct answer {
  int status;
  const char *reason;
  size_t reason_len;
  const char *tag;
  size_t tag_len;
};

static int respond(const void *how, const char *msg, size_t len, char *out,
                   size_t out_size, size_t *out_len) {
  const struct answer *a = how;
  return sipws_sip_respond(msg, len, a->status, a->reason, a->reason_len,
                           a->tag, a->tag_len, out, out_size, out_len);
}

static struct answer answer(int status, const char *reason, const char *tag) {
  struct answer a;
  a.status = status;
  a.reason = reason;
  a.reason_len = strlen(reason);
  a.tag = tag;
  a.tag_len = strlen(tag);
  return a;
}

static void assert_response(int status, const char *reason, const char *tag,
                            const char *request, const char *expected) {
  struct answer a = answer(status, reason, tag);
  assert_sizes(respond, &a, request, strlen(request), expected);
}

#define VIAS                                                                   \
  "Via: SIP/2.0/WS b;branch=z9hG4bK2\r\n"                                      \
  "v : SIP/2.0/WSS a\r\n ;branch=z9hG4bK1, SIP/2.0/TCP c\r\n"
#define NAMES                                                                  \
  "f: <sip:a@x>;tag=1\r\n"                                                     \
  "To: \"B\" <sip:b@x>"
#define REST "\r\nCall-ID: 1@x\r\n"
#define END "Content-Length: 0\r\n\r\n"

static void test_sip_build_response_repeats_what_it_must(void **state) {
  (void)state;
  assert_response(200, "OK", "t",
                  "OPTIONS sip:b SIP/2.0\r\n" VIAS
                  "Max-Forwards: 70\r\n" NAMES REST "CSeq: 1 OPTIONS\r\n"
                  "Record-Route: <sip:r>\r\nTimestamp: 5\r\nContact: <sip:a>"
                  "\r\nContent-Length: 4\r\n\r\nbody",
                  "SIP/2.0 200 OK\r\n" VIAS NAMES ";tag=t" REST
                  "CSeq: 1 OPTIONS\r\n" END);
  assert_response(699, "", "", "A sip:b SIP/2.0\r\nv: x\r\n\r\n",
                  "SIP/2.0 699 \r\nv: x\r\n" END);
  assert_response(404, "\xd0\xbd\xd0\xb5\tthere", "t",
                  "A sip:b SIP/2.0\r\nV: x\r\nT: <sip:b>\r\nI: y\r\n\r\n",
                  "SIP/2.0 404 \xd0\xbd\xd0\xb5\tthere\r\nV: x\r\n"
                  "T: <sip:b>;tag=t\r\nI: y\r\n" END);
}

static void test_sip_build_response_tags_a_to_once(void **state) {
  static const struct {
    const char *to;
    const char *expected;
  } rows[] = {
      {"To: <sip:b>", "To: <sip:b>;tag=t"},
      {"to:sip:b;x=\"tag=1\"  ", "to:sip:b;x=\"tag=1\";tag=t"},
      {"t :\r\n <sip:b>\r\n ;x\r\n ", "t :\r\n <sip:b>\r\n ;x;tag=t"},
      {"To: <sip:b;tag=1>", "To: <sip:b;tag=1>;tag=t"},
      {"To: <sip:b>;TAG=1", "To: <sip:b>;TAG=1"},
      {"To: <sip:b>;x;\r\n tag = 1 ", "To: <sip:b>;x;\r\n tag = 1 "},
      /* what cannot be read may have one */
      {"To: <sip:b>;;tag=1", "To: <sip:b>;;tag=1"},
      {"To:", "To:"},
      {"To: \"b", "To: \"b"},
      {"To: *", "To: *"}, /* which is for Contact, and takes no parameter */
  };
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char request[128], expected[160];
    snprintf(request, sizeof request, "A sip:b SIP/2.0\r\nVia: x\r\n%s\r\n\r\n",
             rows[i].to);
    snprintf(expected, sizeof expected,
             "SIP/2.0 480 No\r\nVia: x\r\n%s\r\n" END, rows[i].expected);
    assert_response(480, "No", "t", request, expected);
    snprintf(expected, sizeof expected,
             "SIP/2.0 480 No\r\nVia: x\r\n%s\r\n" END, rows[i].to);
    assert_response(480, "No", "", request, expected);
  }
}

/* RFC 3261 section 12.1.1. */
static void test_sip_build_response_keeps_the_route_of_a_dialog(void **state) {
  static const struct {
    const char *method;
    int status;
    int has_route;
  } rows[] = {{"INVITE", 100, 0}, {"INVITE", 101, 1},    {"INVITE", 180, 1},
              {"INVITE", 200, 1}, {"INVITE", 299, 1},    {"INVITE", 300, 0},
              {"INVITE", 486, 0}, {"SUBSCRIBE", 200, 1}, {"REFER", 202, 1},
              {"BYE", 200, 0},    {"MESSAGE", 200, 0},   {"invite", 200, 0},
              {"INVITED", 200, 0}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char request[128], expected[160];
    snprintf(request, sizeof request,
             "%s sip:b SIP/2.0\r\nrecord-route: <sip:1>, <sip:2>\r\nVia: x\r\n"
             "Record-Route:\r\n <sip:3>\r\n\r\n",
             rows[i].method);
    snprintf(expected, sizeof expected, "SIP/2.0 %d \r\n%sVia: x\r\n%s" END,
             rows[i].status,
             rows[i].has_route ? "record-route: <sip:1>, <sip:2>\r\n" : "",
             rows[i].has_route ? "Record-Route:\r\n <sip:3>\r\n" : "");
    assert_response(rows[i].status, "", "t", request, expected);
  }
}

/* RFC 3261 section 8.2.6.1. */
static void test_sip_build_response_of_100_tells_the_time(void **state) {
  static const char request[] =
      "INVITE sip:b SIP/2.0\r\nTimestamp: 54\r\nVia: x\r\nTo: <sip:b>\r\n\r\n";
  (void)state;
  assert_response(100, "Trying", "", request,
                  "SIP/2.0 100 Trying\r\nTimestamp: 54\r\nVia: x\r\n"
                  "To: <sip:b>\r\n" END);
  assert_response(101, "", "", request,
                  "SIP/2.0 101 \r\nVia: x\r\nTo: <sip:b>\r\n" END);
}

static void test_sip_build_response_that_would_smuggle_is_refused(void **s) {
  static const char request[] = "A sip:b SIP/2.0\r\nVia: x\r\n\r\n";
  static const char *const reasons[] = {"a\r\nX: b", "a\r", "\n", "\x7f"};
  static const char *const tags[] = {"a\r\nX: b", "a\r", "\n", "a b",
                                     "a;x",       "a,",  "=",  "\"a\""};
  struct answer nul = answer(200, "OK", "t");
  size_t i;
  (void)s;
  for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    struct answer a = answer(200, reasons[i], "t");
    assert_refused(respond, &a, request, SIPWS_ERR_TEXT);
  }
  for (i = 0; i < sizeof tags / sizeof tags[0]; i++) {
    struct answer a = answer(200, "OK", tags[i]);
    assert_refused(respond, &a, request, SIPWS_ERR_TEXT);
  }
  nul.reason_len = 3;
  assert_refused(respond, &nul, request, SIPWS_ERR_TEXT);
  nul.reason_len = 2;
  nul.tag_len = 2;
  assert_refused(respond, &nul, request, SIPWS_ERR_TEXT);
}

static void test_sip_build_response_needs_a_request_with_via(void **state) {
  static const char whole[] = "A sip:b SIP/2.0\r\nVia: x\r\n\r\n";
  struct answer a = answer(200, "OK", "t");
  size_t n;
  (void)state;
  for (n = 0; n < sizeof whole - 1; n++) {
    char text[sizeof whole];
    memcpy(text, whole, n);
    text[n] = '\0';
    assert_refused(respond, &a, text, SIPWS_ERR_SYNTAX);
  }
  assert_refused(respond, &a, "A sip:b SIP/2.0\r\nTo: x\r\n\r\nVia: y",
                 SIPWS_ERR_NOT_FOUND);
  assert_refused(respond, &a, "SIP/2.0 200 OK\r\nVia: x\r\n\r\n",
                 SIPWS_ERR_INVALID);
}

static void test_sip_build_response_wrong_arguments_are_invalid(void **state) {
  static const char msg[] = "A sip:b SIP/2.0\r\nVia: x\r\n\r\n";
  static const int statuses[] = {-200, 0, 99, 700, 65736};
  struct answer a;
  char out[64];
  size_t out_len = 77;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    a = answer(statuses[i], "OK", "t");
    assert_refused(respond, &a, msg, SIPWS_ERR_INVALID);
  }
  a = answer(200, "OK", "t");
  assert_refused(respond, &a, NULL, SIPWS_ERR_INVALID);
  a.reason = NULL;
  assert_refused(respond, &a, msg, SIPWS_ERR_INVALID);
  a.reason_len = 1;
  assert_refused(respond, &a, msg, SIPWS_ERR_INVALID);
  a = answer(200, "OK", "t");
  a.tag = NULL;
  assert_refused(respond, &a, msg, SIPWS_ERR_INVALID);
  a.tag_len = 0;
  a.reason = NULL;
  a.reason_len = 0;
  assert_sizes(respond, &a, msg, sizeof msg - 1,
               "SIP/2.0 200 \r\nVia: x\r\n" END);
  assert_int_equal(sipws_sip_respond(msg, sizeof msg - 1, 200, "", 0, "", 0,
                                     NULL, 64, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(out_len, 77);
  assert_int_equal(sipws_sip_respond(msg, sizeof msg - 1, 200, "", 0, "", 0,
                                     out, sizeof out, NULL),
                   SIPWS_ERR_INVALID);
}

/* ---- bodies ---- */

struct content {
  const char *type;
  size_t type_len;
  const char *body;
  size_t body_len;
};

static int set_body(const void *how, const char *msg, size_t len, char *out,
                    size_t out_size, size_t *out_len) {
  const struct content *c = how;
  return sipws_sip_set_body(msg, len, c->type, c->type_len, c->body,
                            c->body_len, out, out_size, out_len);
}

static struct content content(const char *type, const char *body) {
  struct content c;
  c.type = type;
  c.type_len = strlen(type);
  c.body = body;
  c.body_len = strlen(body);
  return c;
}

static void assert_body(const char *type, const char *body, const char *msg,
                        const char *expected) {
  struct content c = content(type, body);
  sipws_sip_view view;
  assert_edit(set_body, &c, msg, expected);
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(expected, strlen(expected), &view), 0);
  assert_int_equal(view.verdict, SIPWS_SIP_OK);
  assert_span(expected, view.body, body);
}

#define START "SIP/2.0 200 OK\r\n"

static void test_sip_build_body_replaces_what_told_of_the_old(void **state) {
  (void)state;
  assert_body("text/plain", "hello",
              START "Via: x\r\nContent-Length: 0\r\n\r\n",
              START "Via: x\r\nContent-Type: text/plain\r\n"
                    "Content-Length: 5\r\n\r\nhello");
  assert_body("a/b;x=\"y\"", "1234567890",
              START "c: text/html\r\nTo: a\r\nl : 3\r\nContent-Encoding: z\r\n"
                    "content-type:\r\n x/y\r\nContent-Length: 4\r\nX:\r\n 1\r\n"
                    "\r\nabc",
              START "To: a\r\nContent-Encoding: z\r\nX:\r\n 1\r\n"
                    "Content-Type: a/b;x=\"y\"\r\nContent-Length: 10\r\n\r\n"
                    "1234567890");
  assert_body("t", "x", START "\r\n",
              START "Content-Type: t\r\nContent-Length: 1\r\n\r\nx");
  assert_body("a/b", "x", START "\r\n",
              START "Content-Type: a/b\r\nContent-Length: 1\r\n\r\nx");
  assert_body("a/b", "x",
              START "Content-Type: multipart/mixed;boundary=a-long-one\r\n\r\n"
                    "a body longer than the new one, by far",
              START "Content-Type: a/b\r\nContent-Length: 1\r\n\r\nx");
}

static void test_sip_build_body_may_be_none(void **state) {
  static const struct content none = {NULL, 0, NULL, 0};
  (void)state;
  assert_edit(set_body, &none, START "To: a\r\n\r\nx",
              START "To: a\r\nContent-Length: 0\r\n\r\n");
  assert_body("", "", START "Content-Type: a/b\r\nTo: a\r\nl: 1\r\n\r\nx",
              START "To: a\r\nContent-Length: 0\r\n\r\n");
  assert_body("a/b", "", START "\r\n",
              START "Content-Type: a/b\r\nContent-Length: 0\r\n\r\n");
}

static void test_sip_build_body_may_hold_anything(void **state) {
  static const char body[] = "\0\r\n\xff\r\n\r\n";
  static const char expected[] =
      START "Content-Type: a/b\r\nContent-Length: 8\r\n\r\n"
            "\0\r\n\xff\r\n\r\n";
  static const char msg[] = START "\r\n";
  char out[128];
  size_t out_len;
  (void)state;
  assert_int_equal(sipws_sip_set_body(msg, sizeof msg - 1, "a/b", 3, body,
                                      sizeof body - 1, out, sizeof out,
                                      &out_len),
                   0);
  assert_int_equal(out_len, sizeof expected - 1);
  assert_memory_equal(out, expected, out_len);
}

static void test_sip_build_body_past_31_bits_is_too_big(void **state) {
  static const char msg[] = START "\r\n";
  /* headers and body, without the body's octets */
  size_t head = sizeof START "Content-Type: a/b\r\nContent-Length: 2147483591"
                             "\r\n\r\n" -
                1;
  char out[8];
  size_t out_len = 77;
  (void)state;
  /* refused before any of the text is looked at */
  assert_int_equal(sipws_sip_set_body(msg, sizeof msg - 1, "a/b", 3, "x",
                                      0x80000000u - head, out, sizeof out,
                                      &out_len),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(sipws_sip_set_body(msg, sizeof msg - 1, "a/b", 3, "x",
                                      SIZE_MAX, out, sizeof out, &out_len),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(out_len, 77);
  assert_int_equal(sipws_sip_set_body(msg, sizeof msg - 1, "a/b", 3, "x",
                                      0x7fffffffu - head, out, sizeof out,
                                      &out_len),
                   SIPWS_ERR_BUFFER);
  assert_int_equal(out_len, 0x7fffffff);
}

static void test_sip_build_body_that_is_none_is_refused(void **state) {
  static const char msg[] = START "Via: x\r\n\r\n";
  struct content c = content("a/b\r\nX: y", "x");
  size_t n;
  (void)state;
  assert_refused(set_body, &c, msg, SIPWS_ERR_TEXT);
  c = content("a\n", "x");
  assert_refused(set_body, &c, msg, SIPWS_ERR_TEXT);
  c = content("", "x"); /* RFC 3261 section 20.15 */
  assert_refused(set_body, &c, msg, SIPWS_ERR_INVALID);
  c = content("a/b", "x");
  for (n = 0; n < sizeof msg - 1; n++) {
    char text[sizeof msg];
    memcpy(text, msg, n);
    text[n] = '\0';
    assert_refused(set_body, &c, text, SIPWS_ERR_SYNTAX);
  }
  assert_refused(set_body, &c, NULL, SIPWS_ERR_INVALID);
  c.type = NULL;
  assert_refused(set_body, &c, msg, SIPWS_ERR_INVALID);
  c.type_len = 1;
  assert_refused(set_body, &c, msg, SIPWS_ERR_INVALID);
  c = content("a/b", "x");
  c.body = NULL;
  assert_refused(set_body, &c, msg, SIPWS_ERR_INVALID);
}

/* ---- lengths ---- */

static int set_length(const void *how, const char *msg, size_t len, char *out,
                      size_t out_size, size_t *out_len) {
  (void)how;
  return sipws_sip_set_length(msg, len, out, out_size, out_len);
}

/* RFC 3261 sections 18.3 and 20.14: one that is there and right. */
static void assert_length(const char *msg, const char *expected) {
  sipws_sip_view view;
  assert_edit(set_length, NULL, msg, expected);
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(expected, strlen(expected), &view), 0);
  assert_int_equal(view.verdict, SIPWS_SIP_OK);
  assert_int_equal(view.has_length, 1);
}

static void test_sip_build_length_is_put_in_or_right(void **state) {
  (void)state;
  assert_length(START "Via: x\r\n\r\n12345",
                START "Via: x\r\nContent-Length: 5\r\n\r\n12345");
  assert_length(START "\r\n", START "Content-Length: 0\r\n\r\n");
  assert_length(START "l: 2\r\n\r\nab", START "Content-Length: 2\r\n\r\nab");
  /* no number, too great, in conflict: the body is all there is */
  assert_length(START "l: five\r\nTo: a\r\n\r\n12345",
                START "To: a\r\nContent-Length: 5\r\n\r\n12345");
  assert_length(START "Content-Length: -999\r\n\r\n12345",
                START "Content-Length: 5\r\n\r\n12345");
  assert_length(START "l: 9999\r\n\r\n12345",
                START "Content-Length: 5\r\n\r\n12345");
  assert_length(START "CONTENT-LENGTH :\r\n 13\r\nTo: a\r\nl: 5\r\n\r\n"
                      "1234567890",
                START "To: a\r\nContent-Length: 10\r\n\r\n1234567890");
  /* the rest is as it was */
  assert_length(START "c: a/b\r\nl:1\r\nX:\r\n 1\r\nContent-Type: c/d\r\n"
                      "\r\nx",
                START "c: a/b\r\nX:\r\n 1\r\nContent-Type: c/d\r\n"
                      "Content-Length: 1\r\n\r\nx");
}

/* RFC 4475 3.1.1.8: or a stream would carry a second request. */
static void test_sip_build_length_cuts_what_is_behind_the_body(void **state) {
  (void)state;
  assert_length(START "l: 2\r\n\r\nab" START "\r\n",
                START "Content-Length: 2\r\n\r\nab");
  assert_length(START "Content-Length: 0\r\nTo: a\r\n\r\n" START "\r\n",
                START "To: a\r\nContent-Length: 0\r\n\r\n");
}

static void test_sip_build_length_body_may_hold_anything(void **state) {
  static const char msg[] = START "\r\n\0\r\n\xff\r\n\r\n";
  static const char expected[] =
      START "Content-Length: 8\r\n\r\n\0\r\n\xff\r\n\r\n";
  char out[sizeof expected];
  size_t out_len;
  (void)state;
  memcpy(out, msg, sizeof msg - 1);
  assert_int_equal(
      sipws_sip_set_length(out, sizeof msg - 1, out, sizeof out, &out_len), 0);
  assert_int_equal(out_len, sizeof expected - 1);
  assert_memory_equal(out, expected, out_len);
}

static void test_sip_build_length_of_no_message_is_refused(void **state) {
  static const char msg[] = START "Via: x\r\n\r\n";
  char out[64];
  size_t n;
  (void)state;
  for (n = 0; n < sizeof msg - 1; n++) {
    char text[sizeof msg];
    memcpy(text, msg, n);
    text[n] = '\0';
    assert_refused(set_length, NULL, text, SIPWS_ERR_SYNTAX);
  }
  assert_refused(set_length, NULL, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_sip_set_length(msg, sizeof msg - 1, out, sizeof out, NULL),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_sip_set_length(msg, sizeof msg - 1, NULL, 9, &n),
                   SIPWS_ERR_INVALID);
}

/* ---- both ---- */

static void test_sip_build_response_can_be_added_to(void **state) {
  static const char request[] =
      "MESSAGE sip:b SIP/2.0\r\nVia: x\r\nTo: <sip:b>\r\n\r\nhi";
  char out[256];
  size_t len;
  (void)state;
  assert_int_equal(sipws_sip_respond(request, sizeof request - 1, 200, "OK", 2,
                                     "t", 1, out, sizeof out, &len),
                   0);
  assert_int_equal(sipws_sip_set_header(out, len, "Allow", 5, "MESSAGE", 7, out,
                                        sizeof out, &len),
                   0);
  assert_int_equal(
      sipws_sip_set_body(out, len, "a/b", 3, "yo", 2, out, sizeof out, &len),
      0);
  assert_text(out, len,
              "SIP/2.0 200 OK\r\nVia: x\r\nTo: <sip:b>;tag=t\r\n"
              "Allow: MESSAGE\r\nContent-Type: a/b\r\nContent-Length: 2\r\n"
              "\r\nyo");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_build_response_repeats_what_it_must),
      cmocka_unit_test(test_sip_build_response_tags_a_to_once),
      cmocka_unit_test(test_sip_build_response_keeps_the_route_of_a_dialog),
      cmocka_unit_test(test_sip_build_response_of_100_tells_the_time),
      cmocka_unit_test(test_sip_build_response_that_would_smuggle_is_refused),
      cmocka_unit_test(test_sip_build_response_needs_a_request_with_via),
      cmocka_unit_test(test_sip_build_response_wrong_arguments_are_invalid),
      cmocka_unit_test(test_sip_build_body_replaces_what_told_of_the_old),
      cmocka_unit_test(test_sip_build_body_may_be_none),
      cmocka_unit_test(test_sip_build_body_may_hold_anything),
      cmocka_unit_test(test_sip_build_body_past_31_bits_is_too_big),
      cmocka_unit_test(test_sip_build_body_that_is_none_is_refused),
      cmocka_unit_test(test_sip_build_length_is_put_in_or_right),
      cmocka_unit_test(test_sip_build_length_cuts_what_is_behind_the_body),
      cmocka_unit_test(test_sip_build_length_body_may_hold_anything),
      cmocka_unit_test(test_sip_build_length_of_no_message_is_refused),
      cmocka_unit_test(test_sip_build_response_can_be_added_to),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
