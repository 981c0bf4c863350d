/* via: reading, building and stamping Via, and the hosts of clients. */
#include "span.h"
#include "writer.h"

#include <sipws/sip.h>

#define START "INVITE sip:a SIP/2.0\r\n"
#define BODY "\r\nVia: body"

static int read_via(const char *text, sipws_via *via) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  int err;
  memset(via, 0x55, sizeof *via);
  via->struct_size = sizeof *via;
  err = sipws_via_parse(guarded, whole(text), via);
  test_guarded_free(guarded, len);
  return err;
}

static int via_at(const char *msg, uint32_t index, sipws_via *via) {
  size_t len = strlen(msg);
  char *guarded = test_guarded(msg, len);
  int err;
  via->struct_size = sizeof *via;
  err = sipws_via_at(guarded, len, index, via);
  test_guarded_free(guarded, len);
  return err;
}

/* ---- reading ---- */

static void test_via_parts_are_read(void **state) {
  static const char text[] = " SIP/2.0/WSS df7jal23ls0d.invalid:443;branch="
                             "z9hG4bKa;rport=5060;received=192.0.2.1;keep=30;x"
                             "=\"y\" ";
  sipws_via via;
  (void)state;
  assert_int_equal(read_via(text, &via), 0);
  assert_int_equal(via.struct_size, sizeof via);
  assert_int_equal(via.transport, SIPWS_TRANSPORT_WSS);
  assert_span(text, via.token, "WSS");
  assert_span(text, via.host, "df7jal23ls0d.invalid");
  assert_int_equal(via.port, 443);
  assert_int_equal(via.value.off, 1);
  assert_int_equal(via.value.len, strlen(text) - 2);
  assert_span(text, via.params,
              ";branch=z9hG4bKa;rport=5060;received=192.0.2.1;keep=30;x=\"y\"");
  assert_span(text, via.branch, "z9hG4bKa");
  assert_span(text, via.received, "192.0.2.1");
  assert_int_equal(via.has_rport, 1);
  assert_span(text, via.rport, "5060");
  assert_int_equal(via.has_keep, 1);
  assert_span(text, via.keep, "30");
}

static void test_via_without_params_is_read(void **state) {
  sipws_via via;
  (void)state;
  assert_int_equal(read_via("SIP/2.0/ws a", &via), 0);
  assert_int_equal(via.transport, SIPWS_TRANSPORT_WS);
  assert_int_equal(via.port, 0);
  assert_int_equal(via.params.len, 0);
  assert_int_equal(via.branch.len, 0);
  assert_int_equal(via.received.len, 0);
  assert_int_equal(via.has_rport, 0);
  assert_int_equal(via.has_keep, 0);
}

static void test_via_flags_need_no_value(void **state) {
  sipws_via via;
  (void)state;
  assert_int_equal(read_via("SIP/2.0/WS a;RPORT;Keep;ob", &via), 0);
  assert_int_equal(via.has_rport, 1);
  assert_int_equal(via.rport.len, 0);
  assert_int_equal(via.has_keep, 1);
  assert_int_equal(via.keep.len, 0);
  /* the first of two counts */
  assert_int_equal(
      read_via("SIP/2.0/WS a;rport;rport=1;branch=x;branch=y", &via), 0);
  assert_int_equal(via.rport.len, 0);
  assert_span("SIP/2.0/WS a;rport;rport=1;branch=x;branch=y", via.branch, "x");
}

/* RFC 3261 20.42 and 25.1: white space, lines folded; Kamailio's two spaces. */
static void test_via_white_space_is_passed_over(void **state) {
  static const char *const odd[] = {"SIP / 2.0 / WS  host : 5060 ; branch = x",
                                    "SIP/2.0/WS  host:5060;branch=x",
                                    "SIP\r\n /\t2.0 \r\n /WS\r\n host\r\n "
                                    ":\r\n 5060\r\n ;\r\n branch\r\n =\r\n"
                                    " x\r\n ",
                                    "\tSIP/2.0/WS\thost\t:5060 ;branch= x"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    sipws_via via;
    assert_int_equal(read_via(odd[i], &via), 0);
    assert_int_equal(via.transport, SIPWS_TRANSPORT_WS);
    assert_span(odd[i], via.host, "host");
    assert_int_equal(via.port, 5060);
    assert_span(odd[i], via.branch, "x");
  }
}

/* RFC 4475 3.1.1.10. */
static void test_via_unknown_transport_is_fine(void **state) {
  static const struct {
    const char *text;
    uint32_t transport;
  } all[] = {{"SIP/2.0/UDP a", SIPWS_TRANSPORT_UDP},
             {"SIP/2.0/tcp a", SIPWS_TRANSPORT_TCP},
             {"SIP/2.0/TLS a", SIPWS_TRANSPORT_TLS},
             {"SIP/2.0/Ws a", SIPWS_TRANSPORT_WS},
             {"sip/2.0/wSS a", SIPWS_TRANSPORT_WSS},
             {"SIP/2.0/SCTP a", SIPWS_TRANSPORT_OTHER},
             {"SIP/2.0/UNKNOWN a", SIPWS_TRANSPORT_OTHER},
             {"SIP/2.0/WSX a", SIPWS_TRANSPORT_OTHER}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    sipws_via via;
    assert_int_equal(read_via(all[i].text, &via), 0);
    assert_int_equal(via.transport, all[i].transport);
  }
}

/* RFC 5118 section 4.5: with and without brackets. */
static void test_via_received_may_be_ipv6(void **state) {
  static const char bare[] = "SIP/2.0/WS [2001:db8::9:1];received=2001:db8::9:"
                             "255;branch=x";
  static const char boxed[] = "SIP/2.0/WS [2001:db8::9:1]:80;received=[2001:db8"
                              "::9:255]";
  sipws_via via;
  (void)state;
  assert_int_equal(read_via(bare, &via), 0);
  assert_span(bare, via.host, "[2001:db8::9:1]");
  assert_int_equal(via.port, 0);
  assert_span(bare, via.received, "2001:db8::9:255");
  assert_span(bare, via.branch, "x");
  assert_int_equal(read_via(boxed, &via), 0);
  assert_int_equal(via.port, 80);
  assert_span(boxed, via.received, "[2001:db8::9:255]");
}

static void test_via_that_breaks_the_grammar_is_refused(void **state) {
  static const char *const bad[] = {"",
                                    " ",
                                    "SIP",
                                    "SIP/2.0",
                                    "SIP/2.0/",
                                    "SIP/2.0/WS",
                                    "SIP/2.0/WS ",
                                    "SIP/2.0 WS a",
                                    "SIP/2.0/WS;a",
                                    "SIP/2.0/WS[::1]",
                                    "/2.0/WS a",
                                    "SIP//WS a",
                                    "SIP/2.0/ a",
                                    "SIP/2.0/WS/a b",
                                    "SIP 2.0/WS a",
                                    "SIP/2.0/WS a b",
                                    "SIP/2.0/WS a:",
                                    "SIP/2.0/WS a:0",
                                    "SIP/2.0/WS a:65536",
                                    "SIP/2.0/WS a:x",
                                    "SIP/2.0/WS a:1:2",
                                    "SIP/2.0/WS :1",
                                    "SIP/2.0/WS a@b",
                                    "SIP/2.0/WS 2001:db8::1",
                                    "SIP/2.0/WS [::1",
                                    "SIP/2.0/WS []",
                                    "SIP/2.0/WS [::1]a",
                                    "SIP/2.0/WS a;",
                                    "SIP/2.0/WS a;;b",
                                    "SIP/2.0/WS a;b=",
                                    "SIP/2.0/WS a;b=\"",
                                    "SIP/2.0/WS a;=b",
                                    "SIP/2.0/WS a;b c",
                                    "SIP/2.0/WS a,b",
                                    "SIP/2.0/WS a;b,c",
                                    "SIP/2.0/WS a;b=c,SIP/2.0/WS d",
                                    "SIP/2.0/WS \xc3\xa4",
                                    "SIP/2.0/WS <a>"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sipws_via via, before;
    memset(&before, 0x55, sizeof before);
    before.struct_size = sizeof before;
    if (read_via(bad[i], &via) != SIPWS_ERR_SYNTAX) {
      fail_msg("taken: %s", bad[i]);
    }
    assert_memory_equal(&via, &before, sizeof via);
  }
}

static void test_via_cut_anywhere_is_not_misread(void **state) {
  static const char text[] =
      "SIP/2.0/WSS [2001:db8::1]:8443;branch=z9hG4bK;keep;x=\"a\\\"b\"";
  size_t n;
  (void)state;
  for (n = 0; n < sizeof text - 1; n++) {
    char *cut = test_guarded(text, n);
    sipws_span span = {0, 0};
    sipws_via via;
    span.len = (uint32_t)n;
    via.struct_size = sizeof via;
    if (sipws_via_parse(cut, &span, &via) == 0) {
      assert_span(text, via.host, "[2001:db8::1]");
      assert_int_equal(via.transport, SIPWS_TRANSPORT_WSS);
      assert_int_equal(via.value.len, n);
    }
    test_guarded_free(cut, n);
  }
}

static const char several[] =
    START "To: x\r\n"
          "v: SIP/2.0/WS a;x=\"1,2\" ,\r\n SIP/2.0/UDP b\r\n"
          "From: y\r\n"
          "VIA : SIP/2.0/UNKNOWN c,,SIP/2.0/WSS d,\r\n" BODY;

static void test_via_at_counts_across_lines(void **state) {
  static const char *const hosts[] = {"a", "b", "c", "d"};
  sipws_via via;
  uint32_t count = 0;
  uint32_t i;
  (void)state;
  for (i = 0; i < 4; i++) {
    assert_int_equal(via_at(several, i, &via), 0);
    assert_span(several, via.host, hosts[i]);
  }
  assert_int_equal(via_at(several, 4, &via), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(via_at(several, UINT32_MAX, &via), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_via_count(several, sizeof several - 1, &count), 0);
  assert_int_equal(count, 4);
  assert_int_equal(sipws_via_count(START BODY, strlen(START BODY), &count), 0);
  assert_int_equal(count, 0);
}

static void test_via_line_without_value_is_refused(void **state) {
  static const char empty[] = START "Via:\r\nVia: SIP/2.0/WS a\r\n" BODY;
  static const char open[] = START "Via: SIP/2.0/WS a, \"\r\n" BODY;
  sipws_via via;
  uint32_t count = 77;
  (void)state;
  assert_int_equal(via_at(empty, 0, &via), SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws_via_count(empty, sizeof empty - 1, &count),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(via_at(open, 0, &via), 0);
  assert_int_equal(via_at(open, 1, &via), SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws_via_count(open, sizeof open - 1, &count),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(via_at("no SIP\r\n\r\n", 0, &via), SIPWS_ERR_SYNTAX);
  assert_int_equal(count, 77);
}

static void test_via_wrong_arguments_are_invalid(void **state) {
  sipws_via via;
  (void)state;
  via.struct_size = sizeof via;
  assert_int_equal(sipws_via_parse(NULL, whole("a"), &via), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_via_parse("a", NULL, &via), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_via_parse("a", whole("a"), NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_via_at(NULL, 4, 0, &via), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_via_at("a", 1, 0, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_via_count("a", 1, NULL), SIPWS_ERR_INVALID);
  via.struct_size++;
  assert_int_equal(sipws_via_parse("a", whole("a"), &via), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_via_at(several, sizeof several - 1, 0, &via),
                   SIPWS_ERR_INVALID);
}

static void test_via_sent_by_is_compared_with_its_port(void **state) {
  static const char text[] = "SIP/2.0/WS Host.invalid;branch=x";
  static const char port[] = "SIP/2.0/WS host.invalid:80;branch=x";
  sipws_via via;
  (void)state;
  assert_int_equal(read_via(text, &via), 0);
  assert_true(sipws_via_is_sent_by(text, &via, "hOST.INVALID", 12, 0));
  assert_false(sipws_via_is_sent_by(text, &via, "host.invalid", 12, 80));
  assert_false(sipws_via_is_sent_by(text, &via, "host.invali", 11, 0));
  assert_false(sipws_via_is_sent_by(text, &via, "other.invali", 12, 0));
  assert_int_equal(read_via(port, &via), 0);
  assert_true(sipws_via_is_sent_by(port, &via, "host.invalid", 12, 80));
  assert_false(sipws_via_is_sent_by(port, &via, "host.invalid", 12, 0));
  assert_false(sipws_via_is_sent_by(port, NULL, "host.invalid", 12, 80));
}

/* ---- building ---- */

static const uint8_t seed[16] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
                                 0x06, 0x07, 0x89, 0x9a, 0xab, 0xbc,
                                 0xcd, 0xde, 0xef, 0xff};

struct build {
  int secure;
  const char *host;
  const char *params;
};

static int build(const void *how, const char *msg, size_t len, char *out,
                 size_t out_size, size_t *out_len) {
  const struct build *b = how;
  (void)msg;
  (void)len;
  return sipws_via_build(b->secure, b->host, strlen(b->host), seed, b->params,
                         b->params != NULL ? strlen(b->params) : 0, out,
                         out_size, out_len);
}

static void assert_built(int secure, const char *host, const char *params,
                         const char *expected) {
  struct build b;
  sipws_via via;
  b.secure = secure;
  b.host = host;
  b.params = params;
  assert_sizes(build, &b, NULL, 0, expected);
  assert_int_equal(read_via(expected, &via), 0);
  assert_int_equal(via.transport,
                   secure ? SIPWS_TRANSPORT_WSS : SIPWS_TRANSPORT_WS);
  assert_span(expected, via.branch, "z9hG4bK0001020304050607899aabbccddeefff");
  /* where the header says that it is */
  assert_int_equal(via.branch.len, SIPWS_BRANCH_LEN);
  assert_int_equal(via.branch.off + via.branch.len,
                   strlen(expected) - (params != NULL ? strlen(params) : 0));
  assert_int_equal(via.params.off + via.params.len, strlen(expected));
}

static void test_via_is_built(void **state) {
  (void)state;
  assert_built(0, "a.invalid", "",
               "SIP/2.0/WS a.invalid;branch="
               "z9hG4bK0001020304050607899aabbccddeefff");
  assert_built(1, "a.example:443", ";keep;x=\"y\"",
               "SIP/2.0/WSS a.example:443;branch="
               "z9hG4bK0001020304050607899aabbccddeefff;keep;x=\"y\"");
  assert_built(0, "a", " ; x = \" \"",
               "SIP/2.0/WS a;branch="
               "z9hG4bK0001020304050607899aabbccddeefff ; x = \" \"");
  assert_built(1, "[2001:db8::1]", NULL,
               "SIP/2.0/WSS [2001:db8::1];branch="
               "z9hG4bK0001020304050607899aabbccddeefff");
}

static void test_via_build_refuses_unfit_parts(void **state) {
  static const struct build bad[] = {
      {0, "", ""},
      {0, "a b", ""},
      {0, "a;b", ""},
      {0, "a\r\n", ""},
      {0, "::1", ""},
      {0, "a:", ""},
      {0, "a:0", ""},
      {0, "a:1x", ""},
      {0, "a:1:2", ""},
      {0, "a", "keep"},
      {0, "a", ";"},
      {0, "a", ";a=\"b"},
      {0, "a", ";a\r\n"},
      {0, "a", ";a, b"},
      {0, "a", ";a=\"\r\n\""},
      /* a reader takes it for what stands around the value */
      {0, "a", ";keep "},
      {0, "a", ";a=b\t"},
      {0, "a", " "}};
  char out[8];
  size_t out_len;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_refused(build, &bad[i], NULL, SIPWS_ERR_TEXT);
  }
  assert_int_equal(
      sipws_via_build(0, NULL, 0, seed, "", 0, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_via_build(0, "a", 1, NULL, "", 0, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_via_build(0, "a", 1, seed, NULL, 1, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_via_build(0, "a", 1, seed, "", 0, out, sizeof out, NULL),
      SIPWS_ERR_INVALID);
}

static int random_host(const void *how, const char *msg, size_t len, char *out,
                       size_t out_size, size_t *out_len) {
  (void)msg;
  (void)len;
  return sipws_random_host(how, out, out_size, out_len);
}

static void test_via_random_host_is_a_label_of_twelve(void **state) {
  char out[SIPWS_RANDOM_HOST_LEN];
  uint8_t octets[12];
  size_t len;
  int c;
  (void)state;
  assert_sizes(random_host, seed, NULL, 0, "abcdefghj2l4.invalid");
  assert_refused(random_host, NULL, NULL, SIPWS_ERR_INVALID);
  for (c = 0; c < 256; c++) {
    size_t i;
    memset(octets, c, sizeof octets);
    assert_int_equal(sipws_random_host(octets, out, sizeof out, &len), 0);
    assert_int_equal(len, SIPWS_RANDOM_HOST_LEN);
    for (i = 0; i < 12; i++) {
      assert_true((out[i] >= 'a' && out[i] <= 'z') ||
                  (out[i] >= '0' && out[i] <= '9'));
    }
  }
}

/* ---- editing ---- */

struct param {
  const char *name;
  const char *value;
  size_t value_len;
};

static int set_param(const void *how, const char *msg, size_t len, char *out,
                     size_t out_size, size_t *out_len) {
  const struct param *p = how;
  return sipws_via_set_param(msg, len, p->name, strlen(p->name), p->value,
                             p->value_len, out, out_size, out_len);
}

static int prepend(const void *how, const char *msg, size_t len, char *out,
                   size_t out_size, size_t *out_len) {
  const char *via = how;
  return sipws_via_prepend(msg, len, via, strlen(via), out, out_size, out_len);
}

static int remove_via(const void *how, const char *msg, size_t len, char *out,
                      size_t out_size, size_t *out_len) {
  (void)how;
  return sipws_via_remove(msg, len, out, out_size, out_len);
}

/* Vias around the one that is edited. */
#define AROUND(via) START "To: x\r\nv: " via " , SIP/2.0/UDP b;rport\r\n" BODY

static void assert_param_set(const char *name, const char *value,
                             const char *msg, const char *expected) {
  struct param p;
  p.name = name;
  p.value = value;
  p.value_len = strlen(value);
  assert_edit(set_param, &p, msg, expected);
}

static void test_via_set_param_adds_or_replaces(void **state) {
  (void)state;
  assert_param_set("keep", "", AROUND("SIP/2.0/WS a"),
                   AROUND("SIP/2.0/WS a;keep"));
  assert_param_set("keep", "30", AROUND("SIP/2.0/WS  A : 80 ; branch = x"),
                   AROUND("SIP/2.0/WS  A : 80 ; branch = x;keep=30"));
  assert_param_set("keep", "30", AROUND("SIP/2.0/WS a;keep;branch=x"),
                   AROUND("SIP/2.0/WS a;keep=30;branch=x"));
  assert_param_set("KEEP", "30", AROUND("SIP/2.0/WS a;keep = \"1\" ;x"),
                   AROUND("SIP/2.0/WS a;keep=30 ;x"));
  assert_param_set("keep", "", AROUND("SIP/2.0/WS a;keep=30;x"),
                   AROUND("SIP/2.0/WS a;keep;x"));
  assert_param_set("rport", "1", AROUND("SIP/2.0/WS a;rport"),
                   AROUND("SIP/2.0/WS a;rport=1"));
  assert_param_set("x", "\"a;b, c\"", AROUND("SIP/2.0/WS a;xy"),
                   AROUND("SIP/2.0/WS a;xy;x=\"a;b, c\""));
  assert_param_set("received", "2001:db8::1", AROUND("SIP/2.0/WS a"),
                   AROUND("SIP/2.0/WS a;received=2001:db8::1"));
}

static void test_via_set_param_refuses_unfit_parts(void **state) {
  static const struct param bad[] = {
      {"", "a", 1},       {"a b", "a", 1},     {"a=", "a", 1},
      {"a", "b;c", 3},    {"a", "b,c", 3},     {"a", "b c", 3},
      {"a", "b\r\nc", 4}, {"a", "\"b", 2},     {"a", "\"b\\\"", 4},
      {"a", "\"b\"c", 4}, {"a", "b\"c\"", 4},  {"a", "<b>", 3},
      {"a", "b\0c", 3},   {"a", "\"b\nc\"", 5}};
  static const struct param fine = {"a", "b", 1};
  static const struct param null_value = {"a", NULL, 1};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_refused(set_param, &bad[i], AROUND("SIP/2.0/WS a"), SIPWS_ERR_TEXT);
  }
  assert_refused(set_param, &null_value, AROUND("SIP/2.0/WS a"),
                 SIPWS_ERR_INVALID);
  assert_refused(set_param, &fine, START BODY, SIPWS_ERR_NOT_FOUND);
  assert_refused(set_param, &fine, AROUND("SIP/2.0/WS"), SIPWS_ERR_SYNTAX);
  assert_refused(set_param, &fine, AROUND("SIP/2.0/WS a;"), SIPWS_ERR_SYNTAX);
}

static void test_via_prepend_and_remove_undo_each_other(void **state) {
  static const char before[] = START "To: x\r\nVia: SIP/2.0/UDP b\r\n" BODY;
  static const char after[] =
      START "Via: SIP/2.0/WS a\r\nTo: x\r\nVia: SIP/2.0/UDP b\r\n" BODY;
  (void)state;
  assert_edit(prepend, "SIP/2.0/WS a", before, after);
  assert_edit(remove_via, NULL, after, before);
  assert_edit(remove_via, NULL, before, START "To: x\r\n" BODY);
  assert_refused(remove_via, NULL, START BODY, SIPWS_ERR_NOT_FOUND);
  assert_refused(prepend, "a\r\nb", before, SIPWS_ERR_TEXT);
}

static void test_via_remove_takes_the_first_of_several(void **state) {
  (void)state;
  assert_edit(remove_via, NULL, AROUND("SIP/2.0/WS a"),
              START "To: x\r\nv: SIP/2.0/UDP b;rport\r\n" BODY);
}

/* ---- stamping ---- */

struct stamp {
  int policy;
  const uint8_t *addr;
  size_t addr_len;
  uint16_t port;
};

static int stamp(const void *how, const char *msg, size_t len, char *out,
                 size_t out_size, size_t *out_len) {
  const struct stamp *s = how;
  return sipws_via_stamp(msg, len, s->policy, s->addr, s->addr_len, s->port,
                         out, out_size, out_len);
}

static const uint8_t ipv4[4] = {192, 0, 2, 1};
static const uint8_t ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1};

static void assert_stamped(int policy, const uint8_t *addr, size_t addr_len,
                           const char *msg, const char *expected) {
  struct stamp s;
  s.policy = policy;
  s.addr = addr;
  s.addr_len = addr_len;
  s.port = 40000;
  assert_edit(stamp, &s, msg, expected);
}

/* RFC 7118 section 5.3. */
static void test_via_stamp_hide_adds_nothing(void **state) {
  static const char msg[] = AROUND("SIP/2.0/WS a.invalid;rport");
  (void)state;
  assert_stamped(SIPWS_RECEIVED_HIDE, ipv4, 4, msg, msg);
}

static void test_via_stamp_always_adds_received(void **state) {
  (void)state;
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4, AROUND("SIP/2.0/WS a.invalid"),
                 AROUND("SIP/2.0/WS a.invalid;received=192.0.2.1"));
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4,
                 AROUND("SIP/2.0/WS 192.0.2.1;branch=x"),
                 AROUND("SIP/2.0/WS 192.0.2.1;branch=x;received=192.0.2.1"));
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv6, 16, AROUND("SIP/2.0/WS a"),
                 AROUND("SIP/2.0/WS a;received=2001:db8::1"));
  assert_stamped(SIPWS_RECEIVED_ALWAYS, mapped, 16, AROUND("SIP/2.0/WS a"),
                 AROUND("SIP/2.0/WS a;received=192.0.2.1"));
}

/* RFC 3581 section 4: an empty rport asks for both, one with a value does not
 * ask. */
static void test_via_stamp_fills_rport_when_asked(void **state) {
  (void)state;
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4,
                 AROUND("SIP/2.0/WS a;rport;branch=x"),
                 AROUND("SIP/2.0/WS a;rport=40000;branch=x;received=192.0.2."
                        "1"));
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4, AROUND("SIP/2.0/WS a;rport"),
                 AROUND("SIP/2.0/WS a;rport=40000;received=192.0.2.1"));
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4, AROUND("SIP/2.0/WS a;rport=1"),
                 AROUND("SIP/2.0/WS a;rport=1;received=192.0.2.1"));
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv4, 4,
                 AROUND("SIP/2.0/WS 192.0.2.1;rport"),
                 AROUND("SIP/2.0/WS 192.0.2.1;rport=40000;received=192.0.2.1"));
}

static void test_via_stamp_different_compares_addresses(void **state) {
  static const char same[] = AROUND("SIP/2.0/WS 192.0.2.1:80;branch=x");
  static const char same6[] = AROUND("SIP/2.0/WS [2001:DB8:0:0::1]");
  static const char same_mapped[] = AROUND("SIP/2.0/WS [::ffff:192.0.2.1]");
  (void)state;
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv4, 4, same, same);
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, mapped, 16, same, same);
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv6, 16, same6, same6);
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv4, 4, same_mapped, same_mapped);
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv4, 4,
                 AROUND("SIP/2.0/WS 192.0.2.2"),
                 AROUND("SIP/2.0/WS 192.0.2.2;received=192.0.2.1"));
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv6, 16, same,
                 AROUND("SIP/2.0/WS 192.0.2.1:80;branch=x;received=2001:db8::"
                        "1"));
  assert_stamped(SIPWS_RECEIVED_DIFFERENT, ipv4, 4,
                 AROUND("SIP/2.0/WS a.invalid"),
                 AROUND("SIP/2.0/WS a.invalid;received=192.0.2.1"));
}

/* A client cannot say itself where it is. */
static void test_via_stamp_replaces_a_received_that_is_there(void **state) {
  (void)state;
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4,
                 AROUND("SIP/2.0/WS a;received=10.0.0.1;x"),
                 AROUND("SIP/2.0/WS a;received=192.0.2.1;x"));
  assert_stamped(
      SIPWS_RECEIVED_ALWAYS, ipv4, 4,
      AROUND("SIP/2.0/WS a;received=[2001:db8:1111:2222:3333::1];rport;x"),
      AROUND("SIP/2.0/WS a;received=192.0.2.1;rport=40000;x"));
  assert_stamped(
      SIPWS_RECEIVED_ALWAYS, ipv4, 4,
      AROUND("SIP/2.0/WS a;rport;received=[2001:db8:1111:2222:3333::1];x"),
      AROUND("SIP/2.0/WS a;rport=40000;received=192.0.2.1;x"));
  assert_stamped(SIPWS_RECEIVED_ALWAYS, ipv4, 4,
                 AROUND("SIP/2.0/WS a;rport;received"),
                 AROUND("SIP/2.0/WS a;rport=40000;received=192.0.2.1"));
}

static void test_via_stamp_refuses_what_cannot_be(void **state) {
  struct stamp s = {SIPWS_RECEIVED_ALWAYS, ipv4, 4, 1};
  (void)state;
  assert_refused(stamp, &s, START BODY, SIPWS_ERR_NOT_FOUND);
  assert_refused(stamp, &s, AROUND("SIP/2.0/WS"), SIPWS_ERR_SYNTAX);
  assert_refused(stamp, &s, "no SIP", SIPWS_ERR_SYNTAX);
  s.addr_len = 5;
  assert_refused(stamp, &s, AROUND("SIP/2.0/WS a"), SIPWS_ERR_INVALID);
  s.addr_len = 4;
  s.policy = 3;
  assert_refused(stamp, &s, AROUND("SIP/2.0/WS a"), SIPWS_ERR_INVALID);
  s.policy = -1;
  assert_refused(stamp, &s, AROUND("SIP/2.0/WS a"), SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_via_stamp("", 0, SIPWS_RECEIVED_ALWAYS, ipv4, 4, 1, NULL, 0, NULL),
      SIPWS_ERR_INVALID);
  s.policy = SIPWS_RECEIVED_HIDE;
  s.addr = NULL;
  assert_refused(stamp, &s, AROUND("SIP/2.0/WS a"), SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_via_parts_are_read),
      cmocka_unit_test(test_via_without_params_is_read),
      cmocka_unit_test(test_via_flags_need_no_value),
      cmocka_unit_test(test_via_white_space_is_passed_over),
      cmocka_unit_test(test_via_unknown_transport_is_fine),
      cmocka_unit_test(test_via_received_may_be_ipv6),
      cmocka_unit_test(test_via_that_breaks_the_grammar_is_refused),
      cmocka_unit_test(test_via_cut_anywhere_is_not_misread),
      cmocka_unit_test(test_via_at_counts_across_lines),
      cmocka_unit_test(test_via_line_without_value_is_refused),
      cmocka_unit_test(test_via_wrong_arguments_are_invalid),
      cmocka_unit_test(test_via_sent_by_is_compared_with_its_port),
      cmocka_unit_test(test_via_is_built),
      cmocka_unit_test(test_via_build_refuses_unfit_parts),
      cmocka_unit_test(test_via_random_host_is_a_label_of_twelve),
      cmocka_unit_test(test_via_set_param_adds_or_replaces),
      cmocka_unit_test(test_via_set_param_refuses_unfit_parts),
      cmocka_unit_test(test_via_prepend_and_remove_undo_each_other),
      cmocka_unit_test(test_via_remove_takes_the_first_of_several),
      cmocka_unit_test(test_via_stamp_hide_adds_nothing),
      cmocka_unit_test(test_via_stamp_always_adds_received),
      cmocka_unit_test(test_via_stamp_fills_rport_when_asked),
      cmocka_unit_test(test_via_stamp_different_compares_addresses),
      cmocka_unit_test(test_via_stamp_replaces_a_received_that_is_there),
      cmocka_unit_test(test_via_stamp_refuses_what_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
