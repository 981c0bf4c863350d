/* uri: SIP URIs, and which of them are equal. */
#include "span.h"
#include "support.h"

#include <sipws/sip.h>

/* ---- reading ---- */

static int read_uri(const char *text, sipws_uri *uri) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  int err;
  memset(uri, 0x55, sizeof *uri);
  uri->struct_size = sizeof *uri;
  err = sipws_uri_parse(guarded, whole(text), uri);
  test_guarded_free(guarded, len);
  return err;
}

static void assert_no_uri(const char *text) {
  sipws_uri uri, before;
  memset(&before, 0x55, sizeof before);
  before.struct_size = sizeof before;
  if (read_uri(text, &uri) != SIPWS_ERR_SYNTAX) {
    fail_msg("taken: %s", text);
  }
  assert_memory_equal(&uri, &before, sizeof uri);
}

static void test_uri_parts_are_read(void **state) {
  static const char text[] = "sips:alice:secret@[2001:db8::1]:5061;transport="
                             "TCP;lr;maddr=1.2.3.4?subject=a%20b&to=";
  sipws_uri uri;
  (void)state;
  assert_int_equal(read_uri(text, &uri), 0);
  assert_int_equal(uri.struct_size, sizeof uri);
  assert_int_equal(uri.scheme, SIPWS_SCHEME_SIPS);
  assert_span(text, uri.scheme_text, "sips");
  assert_span(text, uri.user, "alice");
  assert_span(text, uri.password, "secret");
  assert_span(text, uri.host, "[2001:db8::1]");
  assert_int_equal(uri.port, 5061);
  assert_int_equal(uri.has_transport, 1);
  assert_int_equal(uri.transport, SIPWS_TRANSPORT_TCP);
  assert_span(text, uri.params, ";transport=TCP;lr;maddr=1.2.3.4");
  assert_span(text, uri.headers, "subject=a%20b&to=");
}

static void test_uri_of_a_host_alone_is_read(void **state) {
  sipws_uri uri;
  (void)state;
  assert_int_equal(read_uri("SIP:a", &uri), 0);
  assert_int_equal(uri.scheme, SIPWS_SCHEME_SIP);
  assert_int_equal(uri.user.len, 0);
  assert_int_equal(uri.password.len, 0);
  assert_span("SIP:a", uri.host, "a");
  assert_int_equal(uri.port, 0);
  assert_int_equal(uri.has_transport, 0);
  assert_int_equal(uri.transport, SIPWS_TRANSPORT_OTHER);
  assert_int_equal(uri.params.len, 0);
  assert_int_equal(uri.headers.len, 0);
}

static void test_uri_inside_a_text_keeps_its_offsets(void **state) {
  static const char text[] = "To: <sip:bob@b.example;lr>;tag=1";
  sipws_span span = {5, 20};
  sipws_uri uri;
  (void)state;
  uri.struct_size = sizeof uri;
  assert_int_equal(sipws_uri_parse(text, &span, &uri), 0);
  assert_span(text, uri.user, "bob");
  assert_span(text, uri.host, "b.example");
  assert_span(text, uri.params, ";lr");
}

static void test_uri_of_another_scheme_gives_the_scheme_alone(void **state) {
  static const char *const others[] = {
      "tel:+1-201-555-0123",     "urn:service:sos", "ws://a/b",
      "nobodyKnowsThisScheme:x", "a+b-c.1:x",       "sipx:a"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof others / sizeof others[0]; i++) {
    sipws_uri uri;
    assert_int_equal(read_uri(others[i], &uri), 0);
    assert_int_equal(uri.scheme, SIPWS_SCHEME_OTHER);
    assert_int_equal(uri.scheme_text.len, strchr(others[i], ':') - others[i]);
    assert_int_equal(uri.host.len, 0);
    assert_int_equal(uri.user.len, 0);
  }
}

#define ODD_USER "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
#define ODD_PASSWORD "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"

/* RFC 4475 3.1.1.2 and 3.1.1.3, 3.1.1.4, 3.1.1.5; RFC 3261 section 19.1.3. */
static void test_uri_odd_but_valid_is_read(void **state) {
  static const char *const good[] = {
      "sip:" ODD_USER ":" ODD_PASSWORD "@example.com",
      "sip:sips%3Auser%40example.com@example.net",
      "sip:null-%00-null@example.com",
      "sip:%00@host5.example.com",
      "sip:user;par=u%40example.net@example.com",
      "sip:+1-212-555-1212:1234@gateway.com;user=phone",
      "sip:alice;day=tuesday@atlanta.com",
      "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
      "sip:alice:@a",
      "sip:a;x[]/:&+$=[]/:&+$",
      "sip:a?x[]/?:+$=[]/?:+$",
      "sip:a;transport=unknown",
      "sip:a_b.c",
      "sip:192.0.2.1:1",
      "sip:a:65535",
      "sip:a:05060",
      "sip:[::]",
      "sip:[::ffff:192.0.2.1]:5060"};
  size_t i;
  sipws_uri uri;
  (void)state;
  for (i = 0; i < sizeof good / sizeof good[0]; i++) {
    if (read_uri(good[i], &uri) != 0) {
      fail_msg("refused: %s", good[i]);
    }
  }
  assert_int_equal(read_uri(good[0], &uri), 0);
  assert_span(good[0], uri.user, ODD_USER);
  assert_span(good[0], uri.password, ODD_PASSWORD);
}

static void test_uri_that_breaks_the_grammar_is_refused(void **state) {
  static const char *const bad[] = {"",
                                    ":",
                                    "sip",
                                    "sip:",
                                    ":a",
                                    "1sip:a",
                                    "+sip:a",
                                    "s p:a",
                                    "sip :a",
                                    "sip:@host",
                                    "sip::@host",
                                    "sip:a@",
                                    "sip:a@b@c",
                                    "sip:a b@c",
                                    "sip:a@b c",
                                    "sip:<a>",
                                    "sip:a#b@c",
                                    "sip:a\"b@c",
                                    "sip:\xc3\xa4@c",
                                    "sip:a@\xc3\xa4",
                                    "sip:%@a",
                                    "sip:%4@a",
                                    "sip:%4g@a",
                                    "sip:a%",
                                    "sip:a@b%41",
                                    "sip:.a",
                                    "sip:a:",
                                    "sip:a:0",
                                    "sip:a:00",
                                    "sip:a:65536",
                                    "sip:a:99999999999",
                                    "sip:a:-1",
                                    "sip:a:5o60",
                                    "sip:a:5060:1",
                                    "sip:a:5060x",
                                    "sip:a: 5060",
                                    "sip:2001:db8::10",
                                    "sip:[2001:db8::10",
                                    "sip:2001:db8::10]",
                                    "sip:[]",
                                    "sip:[1.2.3.4]",
                                    "sip:[g::]",
                                    "sip:[::1%25eth0]",
                                    "sip:[::1]x",
                                    "sip:a;",
                                    "sip:a;;b",
                                    "sip:a;b;",
                                    "sip:a;=b",
                                    "sip:a;b=",
                                    "sip:a;b c",
                                    "sip:a;b=c=d",
                                    "sip:a;b=%",
                                    "sip:a;b=\"c\"",
                                    "sip:a;b,c",
                                    "sip:a ;b",
                                    "sip:a;lr;x;LR",
                                    "sip:a;transport=ws;transport=ws",
                                    "sip:a;transport=ws;TRANSPORT=tcp",
                                    "sip:a;lr;l%72",
                                    "sip:a;x=1;x=1",
                                    "sip:a?",
                                    "sip:a?b",
                                    "sip:a?b=c&",
                                    "sip:a?&b=c",
                                    "sip:a?=c",
                                    "sip:a?b=c&d",
                                    "sip:a?b=c;d",
                                    "sip:a?b=c d",
                                    "sip:a/b",
                                    "sip://a",
                                    "sips:"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_no_uri(bad[i]);
  }
}

static void test_uri_control_character_is_refused_everywhere(void **state) {
  static const char good[] = "sip:al:se@host:5060;lr=on;x?to=b&c=d";
  size_t len = sizeof good - 1;
  size_t i;
  int c;
  (void)state;
  for (i = 4; i < len; i++) {
    for (c = 0; c < 0x21; c++) {
      char *text = test_guarded(good, len);
      sipws_uri uri;
      text[i] = (char)c;
      uri.struct_size = sizeof uri;
      assert_int_equal(sipws_uri_parse(text, whole(good), &uri),
                       SIPWS_ERR_SYNTAX);
      test_guarded_free(text, len);
    }
  }
}

static void test_uri_cut_anywhere_is_not_misread(void **state) {
  static const char good[] =
      "sips:al%20:se@[2001:db8::192.0.2.1]:5060;transport=wss;x=%41?to=b&c=d";
  size_t n;
  (void)state;
  for (n = 0; n < sizeof good; n++) {
    char *text = test_guarded(good, n);
    sipws_span span = {0, 0};
    sipws_uri uri;
    span.len = (uint32_t)n;
    uri.struct_size = sizeof uri;
    if (sipws_uri_parse(text, &span, &uri) == 0 &&
        uri.scheme != SIPWS_SCHEME_OTHER && n > 14) {
      assert_span(text, uri.user, "al%20");
      assert_span(text, uri.host, "[2001:db8::192.0.2.1]");
    }
    test_guarded_free(text, n);
  }
}

static void test_uri_has_at_most_64_params_and_headers(void **state) {
  char text[1024];
  sipws_uri uri;
  int i, count;
  (void)state;
  for (count = 63; count <= 65; count++) {
    size_t len = 5;
    memcpy(text, "sip:a", 6);
    for (i = 0; i < count; i++) {
      len += (size_t)snprintf(text + len, sizeof text - len, ";p%d=1", i);
    }
    assert_int_equal(read_uri(text, &uri), count > 64 ? SIPWS_ERR_SYNTAX : 0);
    len = 5;
    for (i = 0; i < count; i++) {
      len += (size_t)snprintf(text + len, sizeof text - len, "%cp%d=1",
                              i == 0 ? '?' : '&', i);
    }
    assert_int_equal(read_uri(text, &uri), count > 64 ? SIPWS_ERR_SYNTAX : 0);
  }
}

static void test_uri_transport_is_told(void **state) {
  static const struct {
    const char *text;
    uint32_t transport;
  } all[] = {{"sip:a;transport=udp", SIPWS_TRANSPORT_UDP},
             {"sip:a;TRANSPORT=TCP", SIPWS_TRANSPORT_TCP},
             {"sip:a;x=y;transport=Tls;lr", SIPWS_TRANSPORT_TLS},
             {"sip:a;transport=ws", SIPWS_TRANSPORT_WS},
             {"sip:a;transport=WSS", SIPWS_TRANSPORT_WSS},
             {"sip:a;transport=sctp", SIPWS_TRANSPORT_OTHER},
             {"sip:a;transport", SIPWS_TRANSPORT_OTHER},
             {"sip:a;transport=wsss", SIPWS_TRANSPORT_OTHER}};
  size_t i;
  sipws_uri uri;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    assert_int_equal(read_uri(all[i].text, &uri), 0);
    assert_int_equal(uri.has_transport, 1);
    assert_int_equal(uri.transport, all[i].transport);
  }
  /* one in the user part is no parameter */
  assert_int_equal(read_uri("sip:u;transport=ws@a", &uri), 0);
  assert_int_equal(uri.has_transport, 0);
}

static void assert_ws_port(const char *text, uint32_t expected) {
  sipws_uri uri;
  assert_int_equal(read_uri(text, &uri), 0);
  assert_int_equal(sipws_uri_ws_port(&uri), expected);
}

static void test_uri_ws_port_is_80_or_443(void **state) {
  (void)state;
  assert_ws_port("sip:a;transport=ws", 80);
  assert_ws_port("sips:a;transport=ws", 443);
  assert_ws_port("sip:a:8443;transport=ws", 8443);
  assert_ws_port("sips:a:80;transport=ws", 80);
  /* baresip and OpenSIPS write it, and mean a secure hop */
  assert_ws_port("sip:a;transport=wss", 443);
  assert_ws_port("sip:a:80;transport=wss", 80);
  assert_ws_port("tel:1", 0);
  assert_int_equal(sipws_uri_ws_port(NULL), 0);
}

/* RFC 3261 section 16.4: is it ours? */
static void test_uri_host_and_port_are_compared(void **state) {
  static const struct {
    const char *uri;
    const char *host;
    uint32_t port;
    int expected;
  } rows[] = {{"sip:u@P.Example;lr", "p.eXAMPLE", 0, 1},
              {"sip:u@p.example;lr", "p.example", 80, 1},
              {"sip:u@p.example;lr", "p.example", 443, 0},
              {"sips:u@p.example;lr", "p.example", 443, 1},
              {"sip:u@p.example;transport=wss", "p.example", 443, 1},
              {"sip:u@p.example:443;lr", "p.example", 443, 1},
              {"sip:u@p.example:8443;lr", "p.example", 443, 0},
              {"sip:u@p.example:8443;lr", "p.example", 0, 1},
              {"sip:p.example", "p.exampl", 0, 0},
              {"sip:p.example", "p.example.", 0, 0},
              {"sip:p.example@other", "p.example", 0, 0},
              {"sip:[2001:DB8:0:0::1]:1", "[2001:db8::1]", 1, 1},
              {"sip:[2001:db8::1]", "[2001:db8::2]", 0, 0},
              {"sip:[2001:db8::1]", "2001:db8::1", 0, 0},
              {"tel:1", "", 0, 0}};
  sipws_uri uri;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_int_equal(read_uri(rows[i].uri, &uri), 0);
    if (sipws_uri_is_host(rows[i].uri, &uri, rows[i].host, strlen(rows[i].host),
                          rows[i].port) != rows[i].expected) {
      fail_msg("%s and %s", rows[i].uri, rows[i].host);
    }
  }
  assert_int_equal(read_uri("sip:a", &uri), 0);
  assert_false(sipws_uri_is_host(NULL, &uri, "a", 1, 0));
  assert_false(sipws_uri_is_host("sip:a", NULL, "a", 1, 0));
  assert_false(sipws_uri_is_host("sip:a", &uri, NULL, 1, 0));
  assert_false(sipws_uri_is_host("sip:a", &uri, "a", 0x80000001u, 0));
}

/* RFC 3261 19.1.1 forbids it; a server that answers so has to read it. */
static void test_uri_of_sips_over_udp_is_read(void **state) {
  sipws_uri uri;
  (void)state;
  assert_int_equal(read_uri("sips:a;transport=udp", &uri), 0);
  assert_int_equal(uri.scheme, SIPWS_SCHEME_SIPS);
  assert_int_equal(uri.transport, SIPWS_TRANSPORT_UDP);
}

static void test_uri_wrong_arguments_are_invalid(void **state) {
  sipws_uri uri;
  (void)state;
  uri.struct_size = sizeof uri;
  assert_int_equal(sipws_uri_parse(NULL, whole("a"), &uri), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_uri_parse("a", NULL, &uri), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_uri_parse("a", whole("a"), NULL), SIPWS_ERR_INVALID);
  uri.struct_size--;
  assert_int_equal(sipws_uri_parse("sip:a", whole("sip:a"), &uri),
                   SIPWS_ERR_INVALID);
}

/* ---- equal or not ---- */

static int equal(const char *a, const char *b) {
  sipws_uri left, right;
  size_t a_len = strlen(a);
  size_t b_len = strlen(b);
  char *a_text = test_guarded(a, a_len);
  char *b_text = test_guarded(b, b_len);
  int there, back;
  left.struct_size = sizeof left;
  right.struct_size = sizeof right;
  assert_int_equal(sipws_uri_parse(a_text, whole(a), &left), 0);
  assert_int_equal(sipws_uri_parse(b_text, whole(b), &right), 0);
  there = sipws_uri_equal(a_text, &left, b_text, &right);
  back = sipws_uri_equal(b_text, &right, a_text, &left);
  assert_int_equal(there, back);
  test_guarded_free(a_text, a_len);
  test_guarded_free(b_text, b_len);
  return there;
}

static void assert_pairs(const char *const pairs[][2], size_t count,
                         int expected) {
  size_t i;
  for (i = 0; i < count; i++) {
    if (equal(pairs[i][0], pairs[i][1]) != expected) {
      fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
    }
  }
}

/* The examples of RFC 3261 19.1.4, and more of each of its rules. */
static void test_uri_equal_ones_are_equal(void **state) {
  static const char *const pairs[][2] = {
      {"sip:%61lice@atlanta.com;transport=TCP",
       "sip:alice@AtLanTa.CoM;Transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
      {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
       "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
      {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
       "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
      {"SIPS:a", "sips:A"},
      {"sip:a;lr", "sip:a"},
      {"sip:a;x=AbC", "sip:a;X=aBc"},
      {"sip:a;%78=1", "sip:a;x=1"},
      {"sip:a%2cb@c", "sip:a%2Cb@c"},
      {"sip:~a@c", "sip:%7ea@c"},
      {"sip:a?To=b", "sip:a?tO=b"},
      {"sip:a?x=1&x=1&y=2", "sip:a?x=1&y=2&x=1"},
      {"sip:[2001:db8::1]", "sip:[2001:DB8:0:0:0:0:0:1]"},
      {"sip:[::ffff:1.2.3.4]:1", "sip:[::ffff:102:304]:1"}};
  (void)state;
  assert_pairs(pairs, sizeof pairs / sizeof pairs[0], 1);
}

static void test_uri_different_ones_are_not_equal(void **state) {
  static const char *const pairs[][2] = {
      {"SIP:ALICE@AtLanTa.CoM;Transport=udp",
       "sip:alice@AtLanTa.CoM;Transport=UDP"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
      {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
      {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security="
                                            "off"},
      {"sip:a", "sips:a"},
      {"sip:a", "sip:b@a"},
      {"sip:b:c@a", "sip:b@a"},
      {"sip:b:@a", "sip:b@a"},
      {"sip:b:c@a", "sip:b:C@a"},
      {"sip:a:80", "sip:a:81"},
      {"sip:a", "sip:ab"},
      {"sip:a;user=phone", "sip:a"},
      {"sip:a;ttl=1", "sip:a"},
      {"sip:a;method=INVITE", "sip:a"},
      {"sip:a;maddr=a", "sip:a"},
      {"sip:a;MADDR=a", "sip:a;lr"},
      {"sip:a;transport=ws", "sip:a;transport=wss"},
      {"sip:a;x", "sip:a;x=1"},
      {"sip:a%3Bb@c", "sip:a;b@c"},
      {"sip:a%2Cb@c", "sip:a,b@c"},
      {"sip:a%3B@c", "sip:a%3b%3b@c"},
      {"sip:a?x=1", "sip:a?x=1&x=1"},
      {"sip:a?x=1&y=2", "sip:a?x=1&y=3"},
      {"sip:a?x=a", "sip:a?x=A"},
      {"sip:[::1]", "sip:[::2]"},
      {"sip:[::1]", "sip:1"},
      {"sip:[::1.2.3.4]", "sip:1.2.3.4"}};
  (void)state;
  assert_pairs(pairs, sizeof pairs / sizeof pairs[0], 0);
}

static void test_uri_of_another_scheme_equals_none(void **state) {
  sipws_uri uri;
  (void)state;
  assert_false(equal("tel:1", "tel:1"));
  assert_int_equal(read_uri("sip:a", &uri), 0);
  assert_false(sipws_uri_equal(NULL, &uri, "sip:a", &uri));
  assert_false(sipws_uri_equal("sip:a", NULL, "sip:a", &uri));
  assert_false(sipws_uri_equal("sip:a", &uri, NULL, &uri));
  assert_false(sipws_uri_equal("sip:a", &uri, "sip:a", NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_uri_parts_are_read),
      cmocka_unit_test(test_uri_of_a_host_alone_is_read),
      cmocka_unit_test(test_uri_inside_a_text_keeps_its_offsets),
      cmocka_unit_test(test_uri_of_another_scheme_gives_the_scheme_alone),
      cmocka_unit_test(test_uri_odd_but_valid_is_read),
      cmocka_unit_test(test_uri_that_breaks_the_grammar_is_refused),
      cmocka_unit_test(test_uri_control_character_is_refused_everywhere),
      cmocka_unit_test(test_uri_cut_anywhere_is_not_misread),
      cmocka_unit_test(test_uri_has_at_most_64_params_and_headers),
      cmocka_unit_test(test_uri_transport_is_told),
      cmocka_unit_test(test_uri_ws_port_is_80_or_443),
      cmocka_unit_test(test_uri_host_and_port_are_compared),
      cmocka_unit_test(test_uri_of_sips_over_udp_is_read),
      cmocka_unit_test(test_uri_wrong_arguments_are_invalid),
      cmocka_unit_test(test_uri_equal_ones_are_equal),
      cmocka_unit_test(test_uri_different_ones_are_not_equal),
      cmocka_unit_test(test_uri_of_another_scheme_equals_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
