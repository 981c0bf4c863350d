/* locate: the rules of RFC 3263 and RFC 7118 section 5.5, one after the other.
 * How servers are ordered and what is bounded: test_locate_order.c. */
#include "span.h"
#include "zone.h"

struct fixture {
  struct test_heap heap;
  sipws_config *config;
  sipws_locate *locate;
  struct zone_order order;
  struct zone_result found;
};

static int set_up(void **state) {
  static struct fixture f;
  int err;
  memset(&f, 0, sizeof f);
  *state = &f;
  err = sipws_config_new(test_alloc, &f.heap, &f.config);
  if (err == 0) {
    err = sipws_config_set_random(f.config, test_random, NULL);
  }
  return err != 0 ? err : sipws_locate_new(f.config, &f.locate);
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  sipws_locate_free(f->locate);
  sipws_config_free(f->config);
  return f->heap.live != 0 || f->heap.blocks != 0;
}

/* ---- helpers ---- */

static int begin(struct fixture *f, const char *text, int secure) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  sipws_uri uri;
  int err;
  uri.struct_size = sizeof uri;
  assert_int_equal(sipws_uri_parse(guarded, whole(text), &uri), 0);
  err = sipws_locate_uri(f->locate, guarded, &uri, secure);
  test_guarded_free(guarded, len);
  return err;
}

static void add_service(struct fixture *f, const char *service,
                        const char *label, int transport, uint16_t port) {
  assert_int_equal(sipws_locate_add_service(f->locate, service, strlen(service),
                                            label, strlen(label), transport,
                                            port),
                   0);
}

/* assert what is found, whichever order answers come in; the questions of the
 * first run stay in |found|. */
static void assert_found(struct fixture *f, const char *uri, int secure,
                         const struct record *zone, const char *targets) {
  struct zone_result other;
  memset(&f->order, 0, sizeof f->order);
  assert_int_equal(begin(f, uri, secure), 0);
  zone_run(f->locate, zone, &f->order, &f->found);
  assert_string_equal(f->found.targets, targets);
  while (zone_next_order(&f->order)) {
    assert_int_equal(begin(f, uri, secure), 0);
    zone_run(f->locate, zone, &f->order, &other);
    assert_string_equal(other.targets, targets);
  }
}

/* assert the same, and the questions. */
static void assert_search(struct fixture *f, const char *uri,
                          const struct record *zone, const char *questions,
                          const char *targets) {
  assert_found(f, uri, 0, zone, targets);
  assert_string_equal(f->found.questions, questions);
}

static const struct record nothing[] = {END};

/* ---- without SRV ---- */

/* RFC 3263 4.2: a numeric host is used as it is, with the URI's port or the
 * default one (RFC 7118 section 5.5: 80 and 443). */
static void test_locate_numeric_host_needs_no_question(void **state) {
  struct fixture *f = *state;
  assert_search(f, "sip:192.0.2.1;transport=ws", nothing, "",
                "ws 192.0.2.1:80 192.0.2.1 192.0.2.1\n");
  assert_search(f, "sips:192.0.2.1;transport=ws", nothing, "",
                "wss 192.0.2.1:443 192.0.2.1 192.0.2.1\n");
  assert_search(f, "sip:192.0.2.1:8080", nothing, "",
                "ws 192.0.2.1:8080 192.0.2.1 192.0.2.1\n");
  assert_search(f, "sips:[2001:db8::1]:8443", nothing, "",
                "wss [2001:db8::1]:8443 2001:db8::1 [2001:db8::1]\n");
}

/* An address stands in a URL with brackets, however it was given. */
static void test_locate_host_may_be_a_bare_address(void **state) {
  struct fixture *f = *state;
  assert_int_equal(
      sipws_locate_host(f->locate, "2001:db8::1", 11, 0, SIPWS_TRANSPORT_WS, 0),
      0);
  zone_run(f->locate, nothing, &f->order, &f->found);
  assert_string_equal(f->found.targets,
                      "ws [2001:db8::1]:80 2001:db8::1 [2001:db8::1]\n");
  assert_int_equal(sipws_locate_host(f->locate, "[::ffff:192.0.2.1]", 18, 8443,
                                     SIPWS_TRANSPORT_OTHER, 1),
                   0);
  zone_run(f->locate, nothing, &f->order, &f->found);
  assert_string_equal(
      f->found.targets,
      "wss [::ffff:192.0.2.1]:8443 ::ffff:192.0.2.1 [::ffff:192.0.2.1]\n");
  assert_string_equal(f->found.questions, "");
}

/* RFC 3263 4.2: with a port, addresses alone are asked. */
static void test_locate_explicit_port_asks_addresses_alone(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 1, 1, "SIP+D2W", "_sip._ws.example.com"),
      SRV("_sip._ws.example.com", 1, 1, 1, "wrong.example.com"),
      A("example.com", "192.0.2.1"), AAAA("example.com", "2001:db8::1"), END};
  struct fixture *f = *state;
  assert_search(f, "sip:example.com:8080;transport=ws", zone,
                "AAAA example.com\nA example.com\n",
                "ws example.com:8080 2001:db8::1 example.com\n"
                "ws example.com:8080 192.0.2.1 example.com\n");
  assert_search(f, "sips:example.com:8443", zone,
                "AAAA example.com\nA example.com\n",
                "wss example.com:8443 2001:db8::1 example.com\n"
                "wss example.com:8443 192.0.2.1 example.com\n");
}

/* RFC 3263 section 4: TARGET is the value of maddr, if there is one. */
static void test_locate_maddr_is_the_target(void **state) {
  struct fixture *f = *state;
  assert_search(f, "sip:example.com;maddr=192.0.2.9;transport=ws", nothing, "",
                "ws 192.0.2.9:80 192.0.2.9 192.0.2.9\n");
  assert_search(f, "sip:192.0.2.1:81;transport=ws;maddr=edge.example.net",
                nothing, "AAAA edge.example.net\nA edge.example.net\n", "");
}

static void test_locate_target_that_is_no_name_is_refused(void **state) {
  struct fixture *f = *state;
  assert_int_equal(begin(f, "sip:a..b;transport=ws", 0), SIPWS_ERR_SYNTAX);
  assert_int_equal(begin(f, "sip:a;maddr=b..c;transport=ws", 0),
                   SIPWS_ERR_SYNTAX);
  /* where maddr may hide */
  assert_int_equal(begin(f, "sip:a;x/y=z;maddr=b", 0), SIPWS_ERR_SYNTAX);
}

/* ---- SRV ---- */

/* RFC 3263 4.2: a transport that is named goes to its SRV records. */
static void test_locate_transport_asks_its_srv(void **state) {
  static const struct record zone[] = {
      SRV("_sip._ws.example.com", 1, 1, 8080, "edge.example.net"),
      SRV("_sips._ws.example.com", 1, 1, 8443, "edge.example.net."),
      A("edge.example.net", "192.0.2.1"),
      AAAA("edge.example.net", "2001:db8::1"), END};
  struct fixture *f = *state;
  assert_search(f, "sip:example.com;transport=ws", zone,
                "SRV _sip._ws.example.com\nAAAA edge.example.net\n"
                "A edge.example.net\n",
                "ws example.com:8080 2001:db8::1 edge.example.net\n"
                "ws example.com:8080 192.0.2.1 edge.example.net\n");
  assert_search(f, "sips:example.com.;transport=WS", zone,
                "SRV _sips._ws.example.com\nSRV _sips._wss.example.com\n"
                "AAAA edge.example.net\nA edge.example.net\n",
                "wss example.com:8443 2001:db8::1 edge.example.net\n"
                "wss example.com:8443 192.0.2.1 edge.example.net\n");
}

/* Labels that many deploy: the second is of use where the first has nothing,
 * and a server that has both comes once. */
static void test_locate_second_label_comes_after_the_first(void **state) {
  static const struct record second[] = {
      SRV("_sips._wss.example.com", 1, 1, 443, "b.example.com"),
      A("b.example.com", "192.0.2.2"), END};
  static const struct record both[] = {
      SRV("_sips._wss.example.com", 1, 1, 443, "b.example.com"),
      SRV("_sips._wss.example.com", 2, 1, 443, "a.example.com"),
      SRV("_sips._ws.example.com", 9, 1, 443, "A.example.com"),
      A("A.example.com", "192.0.2.1"),
      A("a.example.com", "192.0.2.1"),
      A("b.example.com", "192.0.2.2"),
      END};
  struct fixture *f = *state;
  assert_found(f, "sips:example.com;transport=ws", 0, second,
               "wss example.com:443 192.0.2.2 b.example.com\n");
  assert_found(f, "sips:example.com;transport=ws", 0, both,
               "wss example.com:443 192.0.2.1 A.example.com\n"
               "wss example.com:443 192.0.2.2 b.example.com\n");
}

/* RFC 3263 4.2: no SRV records: addresses of the domain, the default port. */
static void test_locate_without_srv_the_domain_is_taken(void **state) {
  static const struct record zone[] = {A("example.com", "192.0.2.1"), END};
  struct fixture *f = *state;
  assert_search(f, "sip:example.com;transport=ws", zone,
                "SRV _sip._ws.example.com\nAAAA example.com\nA example.com\n",
                "ws example.com:80 192.0.2.1 example.com\n");
  assert_found(f, "sips:example.com;transport=ws", 0, zone,
               "wss example.com:443 192.0.2.1 example.com\n");
}

/* RFC 2782, "Target": "." is a refusal, and no default port is tried. */
static void test_locate_root_target_denies_the_service(void **state) {
  static const struct record zone[] = {
      SRV("_sip._ws.example.com", 0, 0, 0, "."),
      SRV("_sips._ws.example.com", 0, 0, 1, ""), A("example.com", "192.0.2.1"),
      END};
  struct fixture *f = *state;
  assert_search(f, "sip:example.com;transport=ws", zone,
                "SRV _sip._ws.example.com\n", "");
  /* the refusal is of the transport, under whichever label */
  assert_found(f, "sips:example.com;transport=ws", 0, zone, "");
  assert_int_equal(sipws_locate_failures(f->locate), 0);
}

/* RFC 2782: "." means it when it is the only record. */
static void test_locate_root_target_beside_others_is_passed_over(void **state) {
  static const struct record zone[] = {
      SRV("_sip._ws.example.com", 0, 0, 80, "."),
      SRV("_sip._ws.example.com", 0, 0, 81, "a.example.com"),
      A("a.example.com", "192.0.2.1"), END};
  assert_found(*state, "sip:example.com;transport=ws", 0, zone,
               "ws example.com:81 192.0.2.1 a.example.com\n");
}

/* A transport denied leaves another one its default port. */
static void test_locate_denied_transport_leaves_another(void **state) {
  static const struct record zone[] = {
      SRV("_sip._ws.example.com", 0, 0, 0, "."), A("example.com", "192.0.2.1"),
      END};
  struct fixture *f = *state;
  add_service(f, "SIP+D2W", "_sip._ws", SIPWS_TRANSPORT_WS, 80);
  add_service(f, "SIP+D2T", "_sip._tcp", SIPWS_TRANSPORT_TCP, 5060);
  assert_found(f, "sip:example.com", 0, zone,
               "tcp example.com:5060 192.0.2.1 example.com\n");
}

/* RFC 2782: a server without address is passed over, the domain itself is no
 * stand-in for it. */
static void test_locate_srv_without_address_is_passed_over(void **state) {
  static const struct record zone[] = {
      SRV("_sip._ws.example.com", 1, 1, 80, "gone.example.com"),
      SRV("_sip._ws.example.com", 2, 1, 80, "here.example.com"),
      A("here.example.com", "192.0.2.1"), A("example.com", "192.0.2.9"), END};
  static const struct record gone[] = {
      SRV("_sip._ws.example.com", 1, 1, 80, "gone.example.com"),
      A("example.com", "192.0.2.9"), END};
  struct fixture *f = *state;
  assert_found(f, "sip:example.com;transport=ws", 0, zone,
               "ws example.com:80 192.0.2.1 here.example.com\n");
  assert_found(f, "sip:example.com;transport=ws", 0, gone, "");
}

/* ---- NAPTR ---- */

/* RFC 3263 4.1, RFC 7118 section 5.5: the way of the textbook. */
static void test_locate_naptr_leads_to_srv(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 50, 50, "SIPS+D2T", "_sips._tcp.example.com"),
      NAPTR("example.com", 90, 50, "sips+d2w", "_any.name.example.net."),
      NAPTR("example.com", 100, 50, "SIP+D2W", "_sip._ws.example.com"),
      SRV("_any.name.example.net", 1, 1, 8443, "edge.example.net"),
      A("edge.example.net", "192.0.2.1"),
      END};
  assert_search(*state, "sip:example.com", zone,
                "NAPTR example.com\nSRV _any.name.example.net\n"
                "AAAA edge.example.net\nA edge.example.net\n",
                "wss example.com:8443 192.0.2.1 edge.example.net\n");
}

/* RFC 3263 4.1: for a sips URI, services without SIPS are discarded, even the
 * only ones. */
static void test_locate_sips_takes_no_plain_service(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 1, 1, "SIP+D2W", "_sip._ws.example.com"),
      NAPTR("example.com", 2, 1, "SIPS+D2W", "_sips._ws.example.com"),
      SRV("_sip._ws.example.com", 1, 1, 80, "plain.example.com"),
      SRV("_sips._ws.example.com", 1, 1, 443, "edge.example.com"),
      A("plain.example.com", "192.0.2.1"),
      A("edge.example.com", "192.0.2.2"),
      END};
  static const struct record plain[] = {
      NAPTR("example.com", 1, 1, "SIP+D2W", "_sip._ws.example.com"),
      SRV("_sip._ws.example.com", 1, 1, 80, "plain.example.com"),
      A("plain.example.com", "192.0.2.1"), END};
  struct fixture *f = *state;
  assert_found(f, "sips:example.com", 0, zone,
               "wss example.com:443 192.0.2.2 edge.example.com\n");
  assert_found(f, "sips:example.com", 0, plain, "");
  /* RFC 3263 4.2: so does a client that wishes for TLS with a sip URI */
  assert_found(f, "sip:example.com", 1, zone,
               "wss example.com:443 192.0.2.2 edge.example.com\n");
  assert_found(f, "sip:example.com", 1, plain, "");
  assert_found(f, "sip:example.com", 0, plain,
               "ws example.com:80 192.0.2.1 plain.example.com\n");
}

/* RFC 3403 4.1: records of a higher order must not be considered, those of the
 * same order may be, by preference. */
static void test_locate_naptr_order_is_binding(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 20, 1, "SIP+D2W", "higher.example.com"),
      NAPTR("example.com", 10, 9, "SIP+D2W", "last.example.com"),
      NAPTR("example.com", 10, 5, "SIPS+D2W", "first.example.com"),
      NAPTR("example.com", 10, 5, "SIP+D2W", "second.example.com"),
      NAPTR("example.com", 1, 1, "SIP+D2U", "udp.example.com"),
      SRV("higher.example.com", 0, 0, 1, "h.example.com"),
      SRV("first.example.com", 9, 0, 2, "h.example.com"),
      SRV("last.example.com", 0, 0, 4, "h.example.com"),
      SRV("second.example.com", 5, 0, 3, "h.example.com"),
      A("h.example.com", "192.0.2.1"),
      END};
  assert_search(*state, "sip:example.com", zone,
                "NAPTR example.com\nSRV first.example.com\n"
                "SRV second.example.com\nSRV last.example.com\n"
                "AAAA h.example.com\nA h.example.com\n",
                "wss example.com:2 192.0.2.1 h.example.com\n"
                "ws example.com:3 192.0.2.1 h.example.com\n"
                "ws example.com:4 192.0.2.1 h.example.com\n");
}

/* RFC 3263 4.1: flag "s", no regular expression, a replacement. */
static void test_locate_naptr_of_another_kind_is_passed_over(void **state) {
  static const struct record zone[] = {
      RULE("example.com", 1, 1, "a", "SIP+D2W", "", "a.example.com"),
      RULE("example.com", 1, 1, "", "SIP+D2W", "", "example.com"),
      RULE("example.com", 1, 1, "ss", "SIP+D2W", "", "ss.example.com"),
      RULE("example.com", 1, 1, "u", "E2U+sip", "!^.*$!sip:a@b!", "."),
      RULE("example.com", 1, 1, "s", "SIP+D2W", "!^.*$!x!", "b.example.com"),
      RULE("example.com", 1, 1, "s", "SIP+D2W", "", "."),
      RULE("example.com", 1, 1, "s", "SIP+D2W", "", ""),
      RULE("example.com", 1, 1, "s", "SIP+D2WS", "", "c.example.com"),
      RULE("example.com", 1, 1, "s", "", "", "d.example.com"),
      RULE("example.com", 7, 1, "S", "SIP+D2W", "", "good.example.com"),
      END};
  assert_search(*state, "sip:example.com", zone,
                "NAPTR example.com\nSRV good.example.com\nAAAA example.com\n"
                "A example.com\n",
                "");
}

/* RFC 3263 4.1: no NAPTR records: SRV for each transport. */
static void test_locate_without_naptr_every_transport_is_asked(void **state) {
  static const struct record zone[] = {
      SRV("_sip._tcp.example.com", 0, 0, 5060, "t.example.com"),
      SRV("_sip._ws.example.com", 7, 0, 80, "w.example.com"),
      A("t.example.com", "192.0.2.1"), A("w.example.com", "192.0.2.2"), END};
  struct fixture *f = *state;
  add_service(f, "SIP+D2W", "_sip._ws", SIPWS_TRANSPORT_WS, 80);
  add_service(f, "SIPS+D2W", "_sips._ws", SIPWS_TRANSPORT_WSS, 443);
  add_service(f, "SIP+D2T", "_sip._tcp", SIPWS_TRANSPORT_TCP, 5060);
  add_service(f, "SIP+D2U", "_sip._udp", SIPWS_TRANSPORT_UDP, 5060);
  assert_search(f, "sip:example.com", zone,
                "NAPTR example.com\nSRV _sip._ws.example.com\n"
                "SRV _sip._tcp.example.com\nSRV _sip._udp.example.com\n"
                "AAAA w.example.com\nA w.example.com\n"
                "AAAA t.example.com\nA t.example.com\n",
                "ws example.com:80 192.0.2.2 w.example.com\n"
                "tcp example.com:5060 192.0.2.1 t.example.com\n");
}

/* One server on one port may have two transports. */
static void test_locate_transports_of_one_server_are_two_targets(void **state) {
  static const struct record zone[] = {
      SRV("_sip._tcp.example.com", 0, 0, 5060, "s.example.com"),
      SRV("_sip._udp.example.com", 0, 0, 5060, "s.example.com"),
      A("s.example.com", "192.0.2.1"), END};
  struct fixture *f = *state;
  add_service(f, "SIP+D2U", "_sip._udp", SIPWS_TRANSPORT_UDP, 5060);
  add_service(f, "SIP+D2T", "_sip._tcp", SIPWS_TRANSPORT_TCP, 5060);
  assert_found(f, "sip:example.com", 0, zone,
               "udp example.com:5060 192.0.2.1 s.example.com\n"
               "tcp example.com:5060 192.0.2.1 s.example.com\n");
}

/* NAPTR that names other transports alone is as none. */
static void test_locate_naptr_of_other_transports_is_as_none(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 1, 1, "SIP+D2U", "_sip._udp.example.com"),
      SRV("_sip._ws.example.com", 1, 1, 81, "edge.example.com"),
      A("edge.example.com", "192.0.2.1"), END};
  assert_found(*state, "sip:example.com", 0, zone,
               "ws example.com:81 192.0.2.1 edge.example.com\n");
}

/* RFC 3263 4.2: NAPTR told the transport, and SRV has nothing: the domain at
 * the default port of that transport. */
static void test_locate_naptr_without_srv_keeps_the_transport(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 1, 1, "SIPS+D2W", "_sips._ws.example.net"),
      A("example.com", "192.0.2.1"), END};
  assert_found(*state, "sip:example.com", 0, zone,
               "wss example.com:443 192.0.2.1 example.com\n");
}

/* A plain bootstrap: neither NAPTR nor SRV. */
static void
test_locate_without_any_service_record_asks_addresses(void **state) {
  static const struct record zone[] = {A("example.com", "192.0.2.1"), END};
  struct fixture *f = *state;
  assert_search(f, "sip:example.com", zone,
                "NAPTR example.com\nSRV _sip._ws.example.com\n"
                "AAAA example.com\nA example.com\n",
                "ws example.com:80 192.0.2.1 example.com\n");
  assert_found(f, "sips:example.com", 0, zone,
               "wss example.com:443 192.0.2.1 example.com\n");
}

/* ---- services ---- */

/* RFC 3263 4.1: the transport parameter is used, be it the caller's other
 * ones; tcp in a sips URI is TLS over TCP. */
static void test_locate_transport_selects_the_service(void **state) {
  static const struct {
    const char *uri;
    const char *target;
  } all[] = {{"sip:192.0.2.1;transport=udp", "udp 192.0.2.1:5060"},
             {"sip:192.0.2.1;transport=tcp", "tcp 192.0.2.1:5060"},
             {"sips:192.0.2.1;transport=tcp", "tls 192.0.2.1:5061"},
             {"sip:192.0.2.1;transport=tls", "tls 192.0.2.1:5061"},
             {"sip:192.0.2.1;transport=ws", "ws 192.0.2.1:80"},
             {"sip:192.0.2.1;transport=wss", "wss 192.0.2.1:443"},
             {"sips:192.0.2.1;transport=wss", "wss 192.0.2.1:443"},
             {"sips:192.0.2.1;transport=ws", "wss 192.0.2.1:443"},
             /* what nothing decides, the list does */
             {"sip:192.0.2.1", "udp 192.0.2.1:5060"},
             {"sips:192.0.2.1", "tls 192.0.2.1:5061"}};
  struct fixture *f = *state;
  char expected[128];
  size_t i;
  add_service(f, "SIP+D2U", "_sip._udp", SIPWS_TRANSPORT_UDP, 5060);
  add_service(f, "SIP+D2T", "_sip._tcp", SIPWS_TRANSPORT_TCP, 5060);
  add_service(f, "SIPS+D2T", "_sips._tcp", SIPWS_TRANSPORT_TLS, 5061);
  add_service(f, "SIP+D2W", "_sip._ws", SIPWS_TRANSPORT_WS, 80);
  add_service(f, "SIPS+D2W", "_sips._ws", SIPWS_TRANSPORT_WSS, 443);
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    snprintf(expected, sizeof expected, "%s 192.0.2.1 192.0.2.1\n",
             all[i].target);
    assert_found(f, all[i].uri, 0, nothing, expected);
  }
}

static void test_locate_service_that_nobody_has_is_not_found(void **state) {
  struct fixture *f = *state;
  assert_int_equal(begin(f, "sip:192.0.2.1;transport=udp", 0),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(begin(f, "sip:192.0.2.1;transport=sctp", 0),
                   SIPWS_ERR_NOT_FOUND);
  add_service(f, "SIP+D2W", "_sip._ws", SIPWS_TRANSPORT_WS, 80);
  assert_int_equal(begin(f, "sips:192.0.2.1", 0), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(begin(f, "sip:192.0.2.1;transport=wss", 0),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(begin(f, "sip:192.0.2.1", 1), SIPWS_ERR_NOT_FOUND);
}

/* RFC 3263 4.2: a client that can do nothing but TLS wishes for it. */
static void test_locate_secure_services_alone_serve_sip_too(void **state) {
  static const struct record zone[] = {
      NAPTR("example.com", 1, 1, "SIP+D2W", "_sip._ws.example.com"),
      SRV("_sips._ws.example.com", 1, 1, 443, "edge.example.com"),
      A("edge.example.com", "192.0.2.1"), END};
  struct fixture *f = *state;
  add_service(f, "SIPS+D2W", "_sips._ws", SIPWS_TRANSPORT_WSS, 443);
  assert_found(f, "sip:example.com", 0, zone,
               "wss example.com:443 192.0.2.1 edge.example.com\n");
  assert_found(f, "sip:192.0.2.1;transport=ws", 0, zone,
               "wss 192.0.2.1:443 192.0.2.1 192.0.2.1\n");
}

static void test_locate_services_are_checked(void **state) {
  struct fixture *f = *state;
  sipws_locate *l = f->locate;
  char text[66];
  int i;
  memset(text, 'a', sizeof text);
  text[31] = '.';
  assert_int_equal(sipws_locate_add_service(NULL, "a", 1, "b", 1, 4, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_service(l, NULL, 1, "b", 1, 4, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, NULL, 1, 4, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, "b", 1, 0, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, "b", 1, 6, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, "b", 1, 4, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_service(l, "", 0, "b", 1, 4, 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_locate_add_service(l, "a b", 3, "b", 1, 4, 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_locate_add_service(l, text + 33, 33, "b", 1, 4, 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, "", 0, 4, 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, "b.", 2, 4, 1),
                   SIPWS_ERR_TEXT);
  assert_int_equal(sipws_locate_add_service(l, "a", 1, text, 65, 4, 1),
                   SIPWS_ERR_TEXT);
  /* nothing changed: the default list still stands */
  assert_found(f, "sips:192.0.2.1", 0, nothing,
               "wss 192.0.2.1:443 192.0.2.1 192.0.2.1\n");
  assert_int_equal(sipws_locate_add_service(l, "a", 1, "b", 1, 4, 1),
                   SIPWS_ERR_STATE);
  sipws_locate_free(l);
  assert_int_equal(sipws_locate_new(f->config, &f->locate), 0);
  for (i = 0; i < 8; i++) {
    assert_int_equal(
        sipws_locate_add_service(f->locate, text + 33, 32, text, 64, 5, 65535),
        0);
  }
  assert_int_equal(sipws_locate_add_service(f->locate, "a", 1, "b", 1, 4, 1),
                   SIPWS_ERR_TOO_BIG);
}

/* ---- families ---- */

static const struct record dual[] = {
    A("example.com", "192.0.2.1"),      A("example.com", "192.0.2.2"),
    A("example.com", "192.0.2.3"),      AAAA("example.com", "2001:db8::1"),
    AAAA("example.com", "2001:db8::2"), END};

/* RFC 8305 section 4: IPv6 first, then by turns. */
static void test_locate_families_take_turns(void **state) {
  assert_found(*state, "sip:example.com:1", 0, dual,
               "ws example.com:1 2001:db8::1 example.com\n"
               "ws example.com:1 192.0.2.1 example.com\n"
               "ws example.com:1 2001:db8::2 example.com\n"
               "ws example.com:1 192.0.2.2 example.com\n"
               "ws example.com:1 192.0.2.3 example.com\n");
}

/* Each server begins anew. */
static void test_locate_first_family_is_first_of_each_server(void **state) {
  static const struct record zone[] = {
      SRV("_sip._ws.example.com", 1, 0, 80, "a.example.com"),
      SRV("_sip._ws.example.com", 2, 0, 80, "b.example.com"),
      AAAA("a.example.com", "2001:db8::a"),
      AAAA("b.example.com", "2001:db8::b"),
      A("b.example.com", "192.0.2.11"),
      END};
  assert_found(*state, "sip:example.com;transport=ws", 0, zone,
               "ws example.com:80 2001:db8::a a.example.com\n"
               "ws example.com:80 2001:db8::b b.example.com\n"
               "ws example.com:80 192.0.2.11 b.example.com\n");
}

static void test_locate_families_are_a_setting(void **state) {
  static const char *const ipv4_first =
      "ws example.com:1 192.0.2.1 example.com\n"
      "ws example.com:1 2001:db8::1 example.com\n"
      "ws example.com:1 192.0.2.2 example.com\n"
      "ws example.com:1 2001:db8::2 example.com\n"
      "ws example.com:1 192.0.2.3 example.com\n";
  struct fixture *f = *state;
  assert_int_equal(sipws_locate_set_families(f->locate, -1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_set_families(f->locate, 4), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_set_families(NULL, 0), SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_locate_set_families(f->locate, SIPWS_FAMILIES_IPV4_FIRST), 0);
  assert_found(f, "sip:example.com:1", 0, dual, ipv4_first);
  assert_int_equal(
      sipws_locate_set_families(f->locate, SIPWS_FAMILIES_IPV6_ONLY),
      SIPWS_ERR_STATE);
}

static void test_locate_family_alone_is_asked_alone(void **state) {
  struct fixture *f = *state;
  assert_int_equal(
      sipws_locate_set_families(f->locate, SIPWS_FAMILIES_IPV6_ONLY), 0);
  assert_search(f, "sip:example.com:1", dual, "AAAA example.com\n",
                "ws example.com:1 2001:db8::1 example.com\n"
                "ws example.com:1 2001:db8::2 example.com\n");
  assert_found(f, "sip:192.0.2.1:1", 0, dual,
               "ws 192.0.2.1:1 192.0.2.1 192.0.2.1\n");
  sipws_locate_free(f->locate);
  assert_int_equal(sipws_locate_new(f->config, &f->locate), 0);
  assert_int_equal(
      sipws_locate_set_families(f->locate, SIPWS_FAMILIES_IPV4_ONLY), 0);
  assert_search(f, "sip:example.com:1", dual, "A example.com\n",
                "ws example.com:1 192.0.2.1 example.com\n"
                "ws example.com:1 192.0.2.2 example.com\n"
                "ws example.com:1 192.0.2.3 example.com\n");
}

/* ---- failures ---- */

/* What cannot be asked is as if it were not there, but it is told. */
static void test_locate_failed_questions_are_counted(void **state) {
  static const struct record zone[] = {
      FAILURE(NAPTR, "example.com"), FAILURE(SRV, "_sip._ws.example.com"),
      FAILURE(AAAA, "example.com"), A("example.com", "192.0.2.1"), END};
  static const struct record dead[] = {FAILURE(A, "example.com"), END};
  struct fixture *f = *state;
  assert_found(f, "sip:example.com", 0, zone,
               "ws example.com:80 192.0.2.1 example.com\n");
  assert_int_equal(sipws_locate_failures(f->locate), 3);
  assert_found(f, "sip:example.com", 0, dead, "");
  assert_int_equal(sipws_locate_failures(f->locate), 1);
  assert_int_equal(begin(f, "sip:example.com", 0), 0);
  assert_int_equal(sipws_locate_failures(f->locate), 0);
  assert_int_equal(sipws_locate_failures(NULL), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_locate_numeric_host_needs_no_question),
      TEST(test_locate_host_may_be_a_bare_address),
      TEST(test_locate_explicit_port_asks_addresses_alone),
      TEST(test_locate_maddr_is_the_target),
      TEST(test_locate_target_that_is_no_name_is_refused),
      TEST(test_locate_transport_asks_its_srv),
      TEST(test_locate_second_label_comes_after_the_first),
      TEST(test_locate_without_srv_the_domain_is_taken),
      TEST(test_locate_root_target_denies_the_service),
      TEST(test_locate_root_target_beside_others_is_passed_over),
      TEST(test_locate_denied_transport_leaves_another),
      TEST(test_locate_srv_without_address_is_passed_over),
      TEST(test_locate_naptr_leads_to_srv),
      TEST(test_locate_sips_takes_no_plain_service),
      TEST(test_locate_naptr_order_is_binding),
      TEST(test_locate_naptr_of_another_kind_is_passed_over),
      TEST(test_locate_without_naptr_every_transport_is_asked),
      TEST(test_locate_transports_of_one_server_are_two_targets),
      TEST(test_locate_naptr_of_other_transports_is_as_none),
      TEST(test_locate_naptr_without_srv_keeps_the_transport),
      TEST(test_locate_without_any_service_record_asks_addresses),
      TEST(test_locate_transport_selects_the_service),
      TEST(test_locate_service_that_nobody_has_is_not_found),
      TEST(test_locate_secure_services_alone_serve_sip_too),
      TEST(test_locate_services_are_checked),
      TEST(test_locate_families_take_turns),
      TEST(test_locate_first_family_is_first_of_each_server),
      TEST(test_locate_families_are_a_setting),
      TEST(test_locate_family_alone_is_asked_alone),
      TEST(test_locate_failed_questions_are_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
