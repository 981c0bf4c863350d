/* uri_build: URIs and routes as they are written. */
#include "span.h"
#include "writer.h"

#include <sipws/sip.h>

struct plan {
  int scheme;
  const char *user;
  const char *host;
  uint32_t port;
  int transport;
  const char *params;
  int ob;
};

static size_t len_of(const char *text) {
  return text != NULL ? strlen(text) : 0;
}

static int build(const void *how, const char *msg, size_t len, char *out,
                 size_t out_size, size_t *out_len) {
  const struct plan *p = how;
  (void)msg;
  (void)len;
  return sipws_uri_build(p->scheme, p->user, len_of(p->user), p->host,
                         len_of(p->host), p->port, p->transport, p->params,
                         len_of(p->params), out, out_size, out_len);
}

static int build_route(const void *how, const char *msg, size_t len, char *out,
                       size_t out_size, size_t *out_len) {
  const struct plan *p = how;
  (void)msg;
  (void)len;
  return sipws_route_build(p->scheme, p->user, len_of(p->user), p->host,
                           len_of(p->host), p->port, p->transport, p->ob, out,
                           out_size, out_len);
}

#define SIP SIPWS_SCHEME_SIP
#define SIPS SIPWS_SCHEME_SIPS
#define WS SIPWS_TRANSPORT_WS
#define WSS SIPWS_TRANSPORT_WSS
#define OTHER SIPWS_TRANSPORT_OTHER

/* What is written reads back as what it was made of. */
static void assert_uri(const struct plan *p, const char *expected) {
  sipws_uri uri;
  assert_sizes(build, p, NULL, 0, expected);
  uri.struct_size = sizeof uri;
  assert_int_equal(sipws_uri_parse(expected, whole(expected), &uri), 0);
  assert_int_equal(uri.scheme, p->scheme);
  assert_span(expected, uri.user, p->user != NULL ? p->user : "");
  assert_span(expected, uri.host, p->host);
  assert_int_equal(uri.has_transport, p->transport != OTHER);
}

/* RFC 7118 section 5.2: ws, never wss. */
static void test_uri_build_writes_transport_ws_alone(void **state) {
  static const struct plan ws = {SIP, "alice", "a.invalid", 0, WS, NULL, 0};
  static const struct plan wss = {SIPS, "alice", "a.example", 0, WSS, NULL, 0};
  (void)state;
  assert_uri(&ws, "sip:alice@a.invalid;transport=ws");
  assert_uri(&wss, "sips:alice@a.example;transport=ws");
}

/* RFC 7118 section 5.5: 80 for sip and 443 for sips are meant by none; a secure
 * hop with sip has no default, and section 8 writes it out. */
static void test_uri_build_writes_443_where_none_would_be_meant(void **state) {
  static const struct {
    struct plan plan;
    const char *expected;
  } rows[] = {
      {{SIP, NULL, "h", 0, WS, NULL, 0}, "sip:h;transport=ws"},
      {{SIP, NULL, "h", 0, WSS, NULL, 0}, "sip:h:443;transport=ws"},
      {{SIPS, NULL, "h", 0, WSS, NULL, 0}, "sips:h;transport=ws"},
      {{SIPS, NULL, "h", 0, WS, NULL, 0}, "sips:h;transport=ws"},
      {{SIP, NULL, "h", 8443, WSS, NULL, 0}, "sip:h:8443;transport=ws"},
      {{SIP, NULL, "h", 80, WSS, NULL, 0}, "sip:h:80;transport=ws"},
      {{SIPS, NULL, "h", 443, WSS, NULL, 0}, "sips:h:443;transport=ws"},
      {{SIP, NULL, "h", 65535, WS, NULL, 0}, "sip:h:65535;transport=ws"}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    sipws_uri uri;
    assert_uri(&rows[i].plan, rows[i].expected);
    uri.struct_size = sizeof uri;
    assert_int_equal(
        sipws_uri_parse(rows[i].expected, whole(rows[i].expected), &uri), 0);
    /* and is read as the port of that hop */
    assert_int_equal(sipws_uri_ws_port(&uri),
                     rows[i].plan.port != 0 ? rows[i].plan.port
                     : rows[i].plan.transport == WS && uri.scheme == SIP ? 80
                                                                         : 443);
  }
}

/* RFC 5118: IPv6 in brackets. */
static void test_uri_build_puts_all_parts_in_order(void **state) {
  static const struct plan all = {
      SIP, "a%20b;c=d&e/?", "[2001:db8::1]", 8080, WS, ";lr;x=%41;y=[::1]:5",
      0};
  static const struct plan udp = {
      SIP, "b", "192.0.2.1", 5060, SIPWS_TRANSPORT_UDP, ";x", 0};
  static const struct plan tcp = {SIPS, "b", "h", 0, SIPWS_TRANSPORT_TCP,
                                  "",   0};
  static const struct plan none = {SIP,           "b", "h.example", 0, OTHER,
                                   ";user=phone", 0};
  static const struct plan own = {SIP, "b", "h", 0, OTHER, ";x=y", 0};
  (void)state;
  assert_uri(&all, "sip:a%20b;c=d&e/?@[2001:db8::1]:8080;transport=ws"
                   ";lr;x=%41;y=[::1]:5");
  assert_uri(&udp, "sip:b@192.0.2.1:5060;transport=udp;x");
  assert_uri(&tcp, "sips:b@h;transport=tcp");
  assert_uri(&none, "sip:b@h.example;user=phone");
  assert_uri(&own, "sip:b@h;x=y");
}

static void test_uri_build_refuses_parts_that_are_none(void **state) {
  static const struct plan bad[] = {
      {SIP, "a:b", "h", 0, WS, NULL, 0},
      {SIP, "a@b", "h", 0, WS, NULL, 0},
      {SIP, "a b", "h", 0, WS, NULL, 0},
      {SIP, "a%4", "h", 0, WS, NULL, 0},
      {SIP, "a<", "h", 0, WS, NULL, 0},
      {SIP, "\r\n", "h", 0, WS, NULL, 0},
      {SIP, "\xc3\xa4", "h", 0, WS, NULL, 0},
      {SIP, NULL, "", 0, WS, NULL, 0},
      {SIP, NULL, "h:80", 0, WS, NULL, 0},
      {SIP, NULL, "u@h", 0, WS, NULL, 0},
      {SIP, NULL, "h;x", 0, WS, NULL, 0},
      {SIP, NULL, "h h", 0, WS, NULL, 0},
      {SIP, NULL, "2001:db8::1", 0, WS, NULL, 0},
      {SIP, NULL, "[2001:db8::1", 0, WS, NULL, 0},
      {SIP, NULL, "h", 0, WS, "x", 0},
      {SIP, NULL, "h", 0, WS, "xy=z", 0},
      {SIP, NULL, "h", 0, WS, ";", 0},
      {SIP, NULL, "h", 0, WS, ";x;", 0},
      {SIP, NULL, "h", 0, WS, ";x;x", 0},
      {SIP, NULL, "h", 0, WS, ";x y", 0},
      {SIP, NULL, "h", 0, WS, ";x\r\n", 0},
      {SIP, NULL, "h", 0, WS, ";x>", 0},
      {SIP, NULL, "h", 0, WS, ";x?y=z", 0},
      {SIP, NULL, "h", 0, WS, ";transport=wss", 0},
      {SIP, NULL, "h", 0, WS, ";x;TRANS%70ort=ws", 0}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_refused(build, &bad[i], NULL, SIPWS_ERR_TEXT);
  }
}

/* The transport is one of the 64 parameters that sipws_uri_parse reads. */
static void test_uri_build_refuses_more_params_than_are_read(void **state) {
  static const struct {
    int count;
    int transport;
    int is_read;
  } rows[] = {{64, OTHER, 1}, {65, OTHER, 0}, {63, WS, 1}, {64, WS, 0}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char params[400], expected[420];
    struct plan plan = {SIP, NULL, "h", 0, OTHER, params, 0};
    size_t len = 0;
    int n;
    plan.transport = rows[i].transport;
    for (n = 0; n < rows[i].count; n++) {
      len += (size_t)snprintf(params + len, sizeof params - len, ";p%d", n);
    }
    if (rows[i].is_read) {
      snprintf(expected, sizeof expected, "sip:h%s%s",
               plan.transport == WS ? ";transport=ws" : "", params);
      assert_uri(&plan, expected);
    } else {
      assert_refused(build, &plan, NULL, SIPWS_ERR_TEXT);
    }
  }
}

static void test_uri_build_numbers_out_of_range_are_invalid(void **state) {
  static const struct plan bad[] = {
      {SIPWS_SCHEME_OTHER, "a", "h", 0, WS, NULL, 0},
      {3, "a", "h", 0, WS, NULL, 0},
      {-1, "a", "h", 0, WS, NULL, 0},
      {SIP, "a", "h", 65536, WS, NULL, 0},
      {SIP, "a", "h", 0, -1, NULL, 0},
      {SIP, "a", "h", 0, WSS + 1, NULL, 0},
      {SIP, "a", NULL, 0, WS, NULL, 0},
      /* RFC 3261 26.2.2, 19.1.1 */
      {SIP, "a", "h", 0, SIPWS_TRANSPORT_TLS, NULL, 0},
      {SIPS, "a", "h", 0, SIPWS_TRANSPORT_UDP, NULL, 0}};
  char out[64];
  size_t len;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_refused(build, &bad[i], NULL, SIPWS_ERR_INVALID);
    assert_refused(build_route, &bad[i], NULL, SIPWS_ERR_INVALID);
  }
  assert_int_equal(sipws_uri_build(SIP, NULL, 1, "h", 1, 0, WS, NULL, 0, out,
                                   sizeof out, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_uri_build(SIP, NULL, 0, "h", 1, 0, WS, NULL, 1, out,
                                   sizeof out, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_uri_build(SIP, NULL, 0, "h", 1, 0, WS, NULL, 0, out,
                                   sizeof out, NULL),
                   SIPWS_ERR_INVALID);
  /* refused before any of the text is looked at */
  assert_int_equal(sipws_uri_build(SIP, "u", SIZE_MAX, "h", 1, 0, WS, NULL, 0,
                                   out, sizeof out, &len),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(sipws_uri_build(SIP, "u", 1, "h", 0x80000000u, 0, WS, NULL,
                                   0, out, sizeof out, &len),
                   SIPWS_ERR_TOO_BIG);
  assert_int_equal(sipws_uri_build(SIP, "u", 1, "h", 1, 0, WS, ";", 0x80000000u,
                                   out, sizeof out, &len),
                   SIPWS_ERR_TOO_BIG);
}

#define TOKEN "AAECAwQFBgcICQoLDA0ODxAREhMUFQ"

/* RFC 3327 section 4: lr; RFC 5626 section 5.1: ob at the first hop; RFC 3261
 * 16.6 step 4: sips stays sips; RFC 7118 8.2: the port of a secure hop. */
static void test_uri_build_route_is_loose_and_names_the_flow(void **state) {
  static const struct {
    struct plan plan;
    const char *expected;
  } rows[] = {{{SIP, TOKEN, "p.example", 0, WSS, NULL, 0},
               "<sip:" TOKEN "@p.example:443;transport=ws;lr>"},
              {{SIP, TOKEN, "p.example", 0, WSS, NULL, 1},
               "<sip:" TOKEN "@p.example:443;transport=ws;lr;ob>"},
              {{SIPS, TOKEN, "p.example", 0, WSS, NULL, 1},
               "<sips:" TOKEN "@p.example;transport=ws;lr;ob>"},
              {{SIP, NULL, "[2001:db8::1]", 8080, WS, NULL, 0},
               "<sip:[2001:db8::1]:8080;transport=ws;lr>"},
              {{SIP, NULL, "192.0.2.1", 5060, OTHER, NULL, 0},
               "<sip:192.0.2.1:5060;lr>"}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *expected = rows[i].expected;
    sipws_name_addr addr;
    sipws_uri uri;
    sipws_span found;
    assert_sizes(build_route, &rows[i].plan, NULL, 0, expected);
    addr.struct_size = sizeof addr;
    uri.struct_size = sizeof uri;
    assert_int_equal(sipws_name_addr_parse(expected, whole(expected), &addr),
                     0);
    assert_int_equal(sipws_uri_parse(expected, &addr.uri, &uri), 0);
    assert_span(expected, uri.user,
                rows[i].plan.user != NULL ? rows[i].plan.user : "");
    assert_int_equal(sipws_param(expected, &uri.params, "lr", 2, &found), 0);
    assert_int_equal(sipws_param(expected, &uri.params, "ob", 2, &found),
                     rows[i].plan.ob ? 0 : SIPWS_ERR_NOT_FOUND);
  }
}

static void test_uri_build_route_refuses_what_is_no_token(void **state) {
  static const struct plan bad[] = {{SIP, "a>b", "h", 0, WS, NULL, 0},
                                    {SIP, "a", "h>", 0, WS, NULL, 0},
                                    {SIP, "a", "h:1", 0, WS, NULL, 0}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_refused(build_route, &bad[i], NULL, SIPWS_ERR_TEXT);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_uri_build_writes_transport_ws_alone),
      cmocka_unit_test(test_uri_build_writes_443_where_none_would_be_meant),
      cmocka_unit_test(test_uri_build_puts_all_parts_in_order),
      cmocka_unit_test(test_uri_build_refuses_parts_that_are_none),
      cmocka_unit_test(test_uri_build_refuses_more_params_than_are_read),
      cmocka_unit_test(test_uri_build_numbers_out_of_range_are_invalid),
      cmocka_unit_test(test_uri_build_route_is_loose_and_names_the_flow),
      cmocka_unit_test(test_uri_build_route_refuses_what_is_no_token),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
