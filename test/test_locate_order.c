/* locate: the order of servers, answers that come as they like, and limits. */
#include "span.h"
#include "zone.h"

struct fixture {
  struct test_heap heap;
  sipws_config *config;
  sipws_locate *locate;
  uint32_t seed;
};

/* A random hook whose octets are all |user|. */
static int same_octets(uint8_t *out, size_t len, void *user) {
  memset(out, *(const int *)user, len);
  return 0;
}

static int no_random(uint8_t *out, size_t len, void *user) {
  (void)out;
  (void)len;
  (void)user;
  return 1;
}

static int set_up(void **state) {
  static struct fixture f;
  int err;
  memset(&f, 0, sizeof f);
  f.seed = 2782;
  *state = &f;
  err = sipws_config_new(test_alloc, &f.heap, &f.config);
  if (err == 0) {
    err = sipws_config_set_random(f.config, test_random, &f.seed);
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

/* Begins a search of the domain "d" with |transport|, 0 for none. */
static void begin(struct fixture *f, int transport) {
  assert_int_equal(sipws_locate_host(f->locate, "d", 1, 0, transport, 0), 0);
}

static void run(struct fixture *f, const struct record *zone,
                struct zone_result *result) {
  struct zone_order order;
  memset(&order, 0, sizeof order);
  zone_run(f->locate, zone, &order, result);
}

/* The order of the servers found, one letter each. */
static const char *order_of(struct fixture *f, const struct record *zone) {
  static char letters[64];
  struct zone_result result;
  const char *line;
  size_t len = 0;
  begin(f, SIPWS_TRANSPORT_WS);
  run(f, zone, &result);
  for (line = result.targets; *line != '\0'; line = strchr(line, '\n') + 1) {
    letters[len++] = strchr(line, '\n')[-1];
  }
  letters[len] = '\0';
  return letters;
}

static struct zone_question take(struct fixture *f, int type,
                                 const char *name) {
  struct zone_question question;
  assert_true(zone_next_question(f->locate, &question));
  assert_int_equal(question.type, type);
  assert_string_equal(question.name, name);
  return question;
}

static int next_port(struct fixture *f) {
  sipws_target target;
  int err;
  target.struct_size = sizeof target;
  err = sipws_locate_next_target(f->locate, &target);
  return err == 0 ? (int)target.port : err;
}

static int add_srv(struct fixture *f, uint32_t id, uint16_t priority,
                   uint16_t port, const char *target) {
  return sipws_locate_add_srv(f->locate, id, priority, 0, port, target,
                              strlen(target));
}

static int answered(struct fixture *f, uint32_t id) {
  return sipws_locate_answered(f->locate, id, 0);
}

static int add_a(struct fixture *f, uint32_t id, uint8_t last) {
  uint8_t addr[4] = {192, 0, 2, 0};
  addr[3] = last;
  return sipws_locate_add_address(f->locate, id, addr, 4);
}

/* ---- priority and weight ---- */

#define SRV_TO(name, priority, weight)                                         \
  SRV("_sip._ws.d", priority, weight, 1, name)

/* RFC 2782, "Priority": the lowest number first. */
static void test_locate_srv_goes_by_priority(void **state) {
  static const struct record zone[] = {SRV_TO("c", 65535, 65535),
                                       SRV_TO("a", 0, 1),
                                       SRV_TO("b", 256, 0),
                                       A("a", "192.0.2.1"),
                                       A("b", "192.0.2.2"),
                                       A("c", "192.0.2.3"),
                                       END};
  struct fixture *f = *state;
  int i;
  for (i = 0; i < 50; i++) {
    assert_string_equal(order_of(f, zone), "abc");
  }
}

/* RFC 2782, "Weight": the running sum that first reaches the number drawn;
 * those of weight 0 stand first. */
static void test_locate_weight_draws_at_both_ends(void **state) {
  static const struct record zone[] = {SRV_TO("a", 0, 10),
                                       SRV_TO("b", 0, 0),
                                       SRV_TO("c", 0, 65535),
                                       SRV_TO("d", 0, 0),
                                       SRV_TO("e", 1, 1),
                                       A("a", "192.0.2.1"),
                                       A("b", "192.0.2.1"),
                                       A("c", "192.0.2.1"),
                                       A("d", "192.0.2.1"),
                                       A("e", "192.0.2.1"),
                                       END};
  static const struct record ones[] = {SRV_TO("a", 0, 1), SRV_TO("b", 0, 1),
                                       A("a", "192.0.2.1"), A("b", "192.0.2.1"),
                                       END};
  struct fixture *f = *state;
  int octet = 0;
  assert_int_equal(sipws_config_set_random(f->config, same_octets, &octet), 0);
  /* the number is 0: those of weight 0, then the first */
  assert_string_equal(order_of(f, zone), "bdace");
  /* the number is the sum: the last of weight */
  octet = 0xff;
  assert_string_equal(order_of(f, zone), "cabde");
  assert_string_equal(order_of(f, ones), "ba");
}

/* Weights of 0 alone leave the order of the answer. */
static void
test_locate_without_weight_the_order_of_the_answer_stays(void **state) {
  static const struct record zone[] = {SRV_TO("c", 0, 0),
                                       SRV_TO("a", 0, 0),
                                       SRV_TO("b", 0, 0),
                                       A("a", "192.0.2.1"),
                                       A("b", "192.0.2.1"),
                                       A("c", "192.0.2.1"),
                                       END};
  struct fixture *f = *state;
  int i;
  for (i = 0; i < 50; i++) {
    assert_string_equal(order_of(f, zone), "cab");
  }
}

/* RFC 2782, "Weight": shares over many searches. Of 101 numbers 0 draws d; a,
 * b and c have 10, 30 and 60. Behind c, of 41 numbers b has 30. */
static void test_locate_weights_are_the_shares_drawn(void **state) {
  static const struct record zone[] = {
      SRV_TO("a", 0, 10),  SRV_TO("b", 0, 30),  SRV_TO("c", 0, 60),
      SRV_TO("d", 0, 0),   A("a", "192.0.2.1"), A("b", "192.0.2.1"),
      A("c", "192.0.2.1"), A("d", "192.0.2.1"), END};
  enum { RUNS = 10100 };
  struct fixture *f = *state;
  int first[4] = {0, 0, 0, 0};
  int second = 0;
  int i;
  for (i = 0; i < RUNS; i++) {
    const char *order = order_of(f, zone);
    assert_int_equal(strlen(order), 4);
    first[order[0] - 'a']++;
    second += order[0] == 'c' && order[1] == 'b';
  }
  /* 100 a number; four standard deviations either way */
  assert_in_range(first[0], 1000 - 120, 1000 + 120);
  assert_in_range(first[1], 3000 - 185, 3000 + 185);
  assert_in_range(first[2], 6000 - 200, 6000 + 200);
  assert_in_range(first[3], 100 - 40, 100 + 40);
  assert_in_range(second * 41, first[2] * 29, first[2] * 31);
}

/* ---- answers in any order ---- */

/* Two SRV answers given record by record in turns, the later one first. */
static void test_locate_answers_may_be_interleaved(void **state) {
  struct fixture *f = *state;
  struct zone_question first, second, a;
  assert_int_equal(
      sipws_locate_host(f->locate, "d", 1, 0, SIPWS_TRANSPORT_WSS, 0), 0);
  first = take(f, SIPWS_QUESTION_SRV, "_sips._ws.d");
  second = take(f, SIPWS_QUESTION_SRV, "_sips._wss.d");
  assert_int_equal(add_srv(f, second.id, 0, 3, "s"), 0);
  assert_int_equal(add_srv(f, first.id, 9, 2, "s"), 0);
  assert_int_equal(add_srv(f, second.id, 1, 4, "s"), 0);
  assert_int_equal(answered(f, second.id), 0);
  assert_int_equal(next_port(f), SIPWS_ERR_AGAIN);
  assert_int_equal(add_srv(f, first.id, 8, 1, "s"), 0);
  assert_int_equal(answered(f, first.id), 0);
  (void)take(f, SIPWS_QUESTION_AAAA, "s");
  a = take(f, SIPWS_QUESTION_A, "s");
  assert_int_equal(add_a(f, a.id, 1), 0);
  assert_int_equal(answered(f, a.id), 0);
  assert_int_equal(next_port(f), SIPWS_ERR_AGAIN);
  assert_int_equal(answered(f, a.id - 1), 0);
  assert_int_equal(next_port(f), 1);
  assert_int_equal(next_port(f), 2);
  assert_int_equal(next_port(f), 3);
  assert_int_equal(next_port(f), 4);
  assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
}

/* A target is there as soon as all ahead of it is, whatever is awaited. */
static void test_locate_target_does_not_wait_for_those_behind(void **state) {
  struct fixture *f = *state;
  struct zone_question srv, first[2], second[2];
  static const uint8_t ipv6[16] = {0x20, 1};
  begin(f, SIPWS_TRANSPORT_WS);
  srv = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
  assert_int_equal(add_srv(f, srv.id, 2, 2, "b"), 0);
  assert_int_equal(add_srv(f, srv.id, 1, 1, "a"), 0);
  assert_int_equal(answered(f, srv.id), 0);
  first[0] = take(f, SIPWS_QUESTION_AAAA, "a");
  first[1] = take(f, SIPWS_QUESTION_A, "a");
  second[0] = take(f, SIPWS_QUESTION_AAAA, "b");
  second[1] = take(f, SIPWS_QUESTION_A, "b");
  assert_int_equal(add_a(f, second[1].id, 9), 0);
  assert_int_equal(answered(f, second[0].id), 0);
  assert_int_equal(answered(f, second[1].id), 0);
  assert_int_equal(next_port(f), SIPWS_ERR_AGAIN);
  assert_int_equal(sipws_locate_add_address(f->locate, first[0].id, ipv6, 16),
                   0);
  /* half an answer is none */
  assert_int_equal(next_port(f), SIPWS_ERR_AGAIN);
  assert_int_equal(answered(f, first[0].id), 0);
  assert_int_equal(next_port(f), 1);
  assert_int_equal(next_port(f), SIPWS_ERR_AGAIN);
  assert_int_equal(answered(f, first[1].id), 0);
  assert_int_equal(next_port(f), 2);
  assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
}

/* Servers of the same name, in any case, are asked for once. */
static void test_locate_name_is_asked_once(void **state) {
  static const struct record zone[] = {SRV("_sip._ws.d", 1, 0, 1, "Edge.D."),
                                       SRV("_sip._ws.d", 2, 0, 2, "edge.d"),
                                       SRV("_sip._ws.d", 2, 0, 2, "eDGE.d"),
                                       SRV("_sip._ws.d", 3, 0, 1, "edge.d"),
                                       A("Edge.D", "192.0.2.1"),
                                       END};
  struct fixture *f = *state;
  struct zone_result result;
  begin(f, SIPWS_TRANSPORT_WS);
  run(f, zone, &result);
  assert_string_equal(result.questions,
                      "SRV _sip._ws.d\nAAAA Edge.D\nA Edge.D\n");
  assert_string_equal(result.targets, "ws d:1 192.0.2.1 Edge.D\n"
                                      "ws d:2 192.0.2.1 edge.d\n");
}

/* An answer to a former search, or one that nobody asked for, does nothing. */
static void test_locate_stray_answers_do_nothing(void **state) {
  struct fixture *f = *state;
  struct zone_question old, now;
  uint32_t i;
  begin(f, SIPWS_TRANSPORT_WS);
  old = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
  begin(f, SIPWS_TRANSPORT_WS);
  /* nor one that was not taken yet */
  assert_int_equal(add_srv(f, old.id, 0, 1, "a"), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(answered(f, old.id), SIPWS_ERR_NOT_FOUND);
  now = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
  assert_int_not_equal(now.id, old.id);
  for (i = 0; i < 4096; i++) {
    if (i != now.id) {
      assert_int_equal(answered(f, i), SIPWS_ERR_NOT_FOUND);
      assert_int_equal(add_srv(f, i, 0, 1, "a"), SIPWS_ERR_NOT_FOUND);
      assert_int_equal(add_a(f, i, 1), SIPWS_ERR_NOT_FOUND);
    }
  }
  assert_int_equal(answered(f, now.id), 0);
  assert_int_equal(answered(f, now.id), SIPWS_ERR_NOT_FOUND);
  assert_int_equal(add_srv(f, now.id, 0, 1, "a"), SIPWS_ERR_NOT_FOUND);
  (void)take(f, SIPWS_QUESTION_AAAA, "d");
  (void)take(f, SIPWS_QUESTION_A, "d");
}

static void test_locate_record_of_another_type_is_invalid(void **state) {
  struct fixture *f = *state;
  struct zone_question question;
  static const uint8_t addr[16] = {0};
  sipws_locate *l = f->locate;
  begin(f, 0);
  question = take(f, SIPWS_QUESTION_NAPTR, "d");
  assert_int_equal(add_srv(f, question.id, 0, 1, "a"), SIPWS_ERR_INVALID);
  assert_int_equal(add_a(f, question.id, 1), SIPWS_ERR_INVALID);
  assert_int_equal(answered(f, question.id), 0);
  question = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
  assert_int_equal(sipws_locate_add_naptr(l, question.id, 1, 1, "s", 1,
                                          "SIP+D2W", 7, NULL, 0, "x", 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(answered(f, question.id), 0);
  question = take(f, SIPWS_QUESTION_AAAA, "d");
  assert_int_equal(add_a(f, question.id, 1), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_address(l, question.id, addr, 15),
                   SIPWS_ERR_INVALID);
  question = take(f, SIPWS_QUESTION_A, "d");
  assert_int_equal(sipws_locate_add_address(l, question.id, addr, 16),
                   SIPWS_ERR_INVALID);
}

/* ---- limits ---- */

/* Adds SRV records |from| to |to| - 1 with priorities falling, or else rising;
 * the port tells them apart, the name by half of it. */
static void add_many(struct fixture *f, uint32_t id, int from, int to,
                     int falling) {
  char name[16];
  int i;
  for (i = from; i < to; i++) {
    int port = falling ? from + to - 1 - i : i;
    snprintf(name, sizeof name, "s%d", port);
    assert_int_equal(add_srv(f, id, (uint16_t)port, (uint16_t)port, name), 0);
  }
}

/* 16 servers are kept, the best ones, in whichever order they come. */
static void test_locate_keeps_sixteen_servers(void **state) {
  struct fixture *f = *state;
  struct zone_question question;
  int falling, i;
  for (falling = 0; falling <= 1; falling++) {
    begin(f, SIPWS_TRANSPORT_WS);
    question = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
    add_many(f, question.id, 1, 41, falling);
    assert_int_equal(answered(f, question.id), 0);
    for (i = 1; i <= 16; i++) {
      char name[16];
      snprintf(name, sizeof name, "s%d", i);
      question = take(f, SIPWS_QUESTION_AAAA, name);
      assert_int_equal(answered(f, question.id), 0);
      question = take(f, SIPWS_QUESTION_A, name);
      assert_int_equal(add_a(f, question.id, 1), 0);
      assert_int_equal(answered(f, question.id), 0);
      assert_int_equal(next_port(f), i);
    }
    assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
  }
}

/* Nor does it matter which of several answers fills the room first; of equal
 * records those count that came first. */
static void test_locate_sixteen_are_the_same_for_any_order(void **state) {
  struct fixture *f = *state;
  int later_first, i;
  for (later_first = 0; later_first <= 1; later_first++) {
    struct zone_question question[2];
    assert_int_equal(
        sipws_locate_host(f->locate, "d", 1, 0, SIPWS_TRANSPORT_WSS, 0), 0);
    question[0] = take(f, SIPWS_QUESTION_SRV, "_sips._ws.d");
    question[1] = take(f, SIPWS_QUESTION_SRV, "_sips._wss.d");
    if (later_first) {
      add_many(f, question[1].id, 100, 120, 0);
    }
    for (i = 1; i <= 14; i++) {
      assert_int_equal(add_srv(f, question[0].id, 7, (uint16_t)i, "s"), 0);
    }
    if (!later_first) {
      add_many(f, question[1].id, 100, 120, 0);
    }
    assert_int_equal(answered(f, question[0].id), 0);
    assert_int_equal(answered(f, question[1].id), 0);
    while (zone_next_question(f->locate, &question[0])) {
      if (question[0].type == SIPWS_QUESTION_A) {
        assert_int_equal(add_a(f, question[0].id, 1), 0);
      }
      assert_int_equal(answered(f, question[0].id), 0);
    }
    for (i = 1; i <= 14; i++) {
      assert_int_equal(next_port(f), i);
    }
    assert_int_equal(next_port(f), 100);
    assert_int_equal(next_port(f), 101);
    assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
  }
}

/* 8 NAPTR records, the best ones; and with 16 servers 41 questions. */
static void test_locate_asks_41_questions_at_most(void **state) {
  struct fixture *f = *state;
  struct zone_question question, srv[8];
  char name[16];
  uint32_t count = 0;
  uint16_t i;
  begin(f, 0);
  question = take(f, SIPWS_QUESTION_NAPTR, "d");
  for (i = 0; i < 30; i++) {
    uint16_t preference = (uint16_t)(i * 7 % 30);
    int len = snprintf(name, sizeof name, "n%u", (unsigned)preference);
    assert_int_equal(sipws_locate_add_naptr(f->locate, question.id, 1,
                                            preference, "s", 1, "SIP+D2W", 7,
                                            NULL, 0, name, (size_t)len),
                     0);
  }
  assert_int_equal(answered(f, question.id), 0);
  for (i = 0; i < 8; i++) {
    snprintf(name, sizeof name, "n%u", (unsigned)i);
    srv[i] = take(f, SIPWS_QUESTION_SRV, name);
  }
  for (i = 0; i < 8; i++) {
    add_many(f, srv[i].id, 1 + 10 * i, 11 + 10 * i, i % 2);
    assert_int_equal(answered(f, srv[i].id), 0);
  }
  while (zone_next_question(f->locate, &question)) {
    assert_int_equal(answered(f, question.id), 0);
    count++;
  }
  assert_int_equal(1 + 8 + count, 41);
  assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
}

/* 8 addresses of a family; one that comes again counts once. */
static void test_locate_keeps_eight_addresses_of_a_family(void **state) {
  struct fixture *f = *state;
  struct zone_question aaaa, a;
  sipws_target target;
  uint8_t addr[16] = {0x20, 1};
  uint8_t i;
  assert_int_equal(sipws_locate_host(f->locate, "d", 1, 5, 0, 0), 0);
  aaaa = take(f, SIPWS_QUESTION_AAAA, "d");
  a = take(f, SIPWS_QUESTION_A, "d");
  for (i = 0; i < 24; i++) {
    addr[15] = i / 2;
    assert_int_equal(sipws_locate_add_address(f->locate, aaaa.id, addr, 16), 0);
    assert_int_equal(add_a(f, a.id, i / 2), 0);
  }
  assert_int_equal(answered(f, a.id), 0);
  assert_int_equal(answered(f, aaaa.id), 0);
  target.struct_size = sizeof target;
  for (i = 0; i < 16; i++) {
    assert_int_equal(sipws_locate_next_target(f->locate, &target), 0);
    assert_int_equal(target.addr_len, i % 2 ? 4 : 16);
    assert_int_equal(target.addr[target.addr_len - 1], i / 2);
  }
  assert_int_equal(next_port(f), SIPWS_ERR_NOT_FOUND);
}

/* RFC 1035 2.3.4: labels of 63 octets, names of 253. */
static void test_locate_names_have_their_limits(void **state) {
  struct fixture *f = *state;
  struct zone_question question;
  sipws_locate *l = f->locate;
  char name[256];
  size_t i;
  for (i = 0; i < sizeof name; i++) {
    name[i] = i % 64 == 63 ? '.' : 'x';
  }
  assert_int_equal(sipws_locate_host(l, name, 253, 1, 0, 0), 0);
  assert_true(zone_next_question(l, &question));
  assert_int_equal(strlen(question.name), 253);
  assert_memory_equal(question.name, name, 253);
  assert_int_equal(sipws_locate_host(l, name, 254, 1, 0, 0), SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws_locate_host(l, name, SIZE_MAX, 1, 0, 0),
                   SIPWS_ERR_SYNTAX);
  name[253] = '.';
  assert_int_equal(sipws_locate_host(l, name, 254, 1, 0, 0), 0);
  /* "_sip._ws." still fits before 244 octets; a longer name has no SRV */
  assert_int_equal(sipws_locate_host(l, name, 244, 0, SIPWS_TRANSPORT_WS, 0),
                   0);
  assert_true(zone_next_question(l, &question));
  assert_int_equal(question.type, SIPWS_QUESTION_SRV);
  assert_int_equal(strlen(question.name), 253);
  assert_int_equal(sipws_locate_host(l, name, 245, 0, SIPWS_TRANSPORT_WS, 0),
                   0);
  assert_true(zone_next_question(l, &question));
  assert_int_equal(question.type, SIPWS_QUESTION_AAAA);
  name[63] = 'x';
  assert_int_equal(sipws_locate_host(l, name, 63, 1, 0, 0), 0);
  assert_int_equal(sipws_locate_host(l, name, 64, 1, 0, 0), SIPWS_ERR_SYNTAX);
}

/* ---- hostile answers ---- */

static void test_locate_names_that_are_none_are_passed_over(void **state) {
  static const char *const bad[] = {
      "..",   ".a",  "a..b",  "a..",    "a b",  "a\r\nb", "a/b",
      "a:80", "a@b", "[::1]", "\\046a", "\x80", "a%00b",  "192.0.2.1/"};
  struct fixture *f = *state;
  struct zone_question question;
  size_t i;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(
        sipws_locate_host(f->locate, bad[i], strlen(bad[i]), 1, 0, 0),
        strcmp(bad[i], "[::1]") == 0 ? 0 : SIPWS_ERR_SYNTAX);
  }
  begin(f, SIPWS_TRANSPORT_WS);
  question = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(add_srv(f, question.id, 0, 1, bad[i]), 0);
  }
  assert_int_equal(
      sipws_locate_add_srv(f->locate, question.id, 0, 0, 1, "a\0b", 3), 0);
  /* port 0 */
  assert_int_equal(add_srv(f, question.id, 0, 0, "a"), 0);
  assert_int_equal(add_srv(f, question.id, 9, 65535, "good"), 0);
  assert_int_equal(answered(f, question.id), 0);
  (void)take(f, SIPWS_QUESTION_AAAA, "good");
  (void)take(f, SIPWS_QUESTION_A, "good");
  assert_false(zone_next_question(f->locate, &question));
}

/* A zone that names itself, at every step, ends all the same. */
static void test_locate_circles_end(void **state) {
  static const struct record zone[] = {NAPTR("d", 1, 1, "SIP+D2W", "d"),
                                       SRV("d", 1, 1, 80, "d"),
                                       A("d", "192.0.2.1"), END};
  struct fixture *f = *state;
  struct zone_result result;
  begin(f, 0);
  run(f, zone, &result);
  assert_string_equal(result.questions, "NAPTR d\nSRV d\nAAAA d\nA d\n");
  assert_string_equal(result.targets, "ws d:80 192.0.2.1 d\n");
}

static uint32_t draw(struct fixture *f, uint32_t below) {
  uint8_t octets[2];
  (void)test_random(octets, 2, &f->seed);
  return ((uint32_t)octets[0] << 8 | octets[1]) % below;
}

/* Any calls in any order: no question is asked twice or past the limit, none is
 * asked after the last target, and the result is one of those published. */
static void test_locate_any_calls_keep_the_limits(void **state) {
  static const char *const names[] = {"a", "b", "c.d", ".", "", "A.", "x y"};
  struct fixture *f = *state;
  int run_count, i;
  for (run_count = 0; run_count < 2000; run_count++) {
    uint32_t ids[64];
    uint32_t asked = 0;
    sipws_target target;
    target.struct_size = sizeof target;
    begin(f, draw(f, 2) == 0 ? 0 : SIPWS_TRANSPORT_WSS);
    for (i = 0; i < 200; i++) {
      uint32_t id = asked > 0 ? ids[draw(f, asked)] : draw(f, 65536);
      const char *name = names[draw(f, 7)];
      struct zone_question question;
      int err = 0;
      switch (draw(f, 6)) {
      case 0:
        if (zone_next_question(f->locate, &question)) {
          assert_in_range(asked, 0, 40);
          ids[asked++] = question.id;
        }
        break;
      case 1:
        err = sipws_locate_add_naptr(
            f->locate, id, (uint16_t)draw(f, 3), (uint16_t)draw(f, 3), "s", 1,
            draw(f, 2) == 0 ? "SIP+D2W" : "SIPS+D2W", 7 + draw(f, 2), NULL, 0,
            name, strlen(name));
        break;
      case 2:
        err = sipws_locate_add_srv(f->locate, id, (uint16_t)draw(f, 3),
                                   (uint16_t)draw(f, 65536),
                                   (uint16_t)draw(f, 3), name, strlen(name));
        break;
      case 3:
        err = add_a(f, id, (uint8_t)draw(f, 20));
        break;
      case 4:
        err = sipws_locate_answered(f->locate, id, (int)draw(f, 2));
        break;
      default:
        err = sipws_locate_next_target(f->locate, &target);
        if (err == SIPWS_ERR_NOT_FOUND) {
          assert_false(zone_next_question(f->locate, &question));
        } else if (err == 0) {
          assert_in_range(target.port, 1, 443);
        }
        err = err == SIPWS_ERR_AGAIN ? 0 : err;
      }
      assert_true(err == 0 || err == SIPWS_ERR_NOT_FOUND ||
                  err == SIPWS_ERR_INVALID);
    }
  }
}

/* ---- the object ---- */

static void test_locate_memory_is_asked_once(void **state) {
  static const struct record zone[] = {A("d", "192.0.2.1"), END};
  struct fixture *f = *state;
  struct zone_result result;
  sipws_locate *other = NULL;
  size_t live = f->heap.live;
  long calls = f->heap.calls;
  begin(f, 0);
  run(f, zone, &result);
  assert_int_equal(result.target_count, 1);
  assert_int_equal(f->heap.calls, calls);
  assert_int_equal(sipws_locate_new(f->config, &other), 0);
  assert_int_equal(f->heap.live - live, sipws_locate_footprint());
  assert_in_range(sipws_locate_footprint(), 1, 13000);
  sipws_locate_free(other);
  f->heap.fail_at = f->heap.calls + 1;
  other = NULL;
  assert_int_equal(sipws_locate_new(f->config, &other), SIPWS_ERR_NOMEM);
  assert_null(other);
  sipws_locate_free(NULL);
}

static void test_locate_without_random_fails_and_changes_nothing(void **state) {
  struct fixture *f = *state;
  sipws_locate *other = NULL;
  struct zone_question question;
  begin(f, SIPWS_TRANSPORT_WS);
  assert_int_equal(sipws_config_set_random(f->config, no_random, NULL), 0);
  assert_int_equal(sipws_locate_host(f->locate, "e", 1, 0, 0, 0),
                   SIPWS_ERR_RANDOM);
  question = take(f, SIPWS_QUESTION_SRV, "_sip._ws.d");
  assert_int_equal(answered(f, question.id), 0);
  assert_int_equal(sipws_config_set_random(f->config, NULL, NULL), 0);
  assert_int_equal(sipws_locate_new(f->config, &other), SIPWS_ERR_NO_RANDOM);
  assert_null(other);
}

static void test_locate_wrong_arguments_are_invalid(void **state) {
  struct fixture *f = *state;
  sipws_locate *l = f->locate;
  sipws_locate *other;
  static const char uri_text[] = "tel:+1";
  sipws_uri uri;
  sipws_target target, before;
  uint32_t id;
  int type;
  const char *name;
  size_t len;
  memset(&target, 0x55, sizeof target);
  before = target;
  assert_int_equal(sipws_locate_next_target(l, &target), SIPWS_ERR_INVALID);
  target.struct_size = before.struct_size = sizeof target;
  assert_int_equal(sipws_locate_next_target(l, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_target(NULL, &target), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_target(l, &target), SIPWS_ERR_STATE);
  assert_memory_equal(&target, &before, sizeof target);
  assert_int_equal(sipws_locate_next_question(l, &id, &type, &name, &len),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(sipws_locate_next_question(NULL, &id, &type, &name, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_question(l, NULL, &type, &name, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_question(l, &id, NULL, &name, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_question(l, &id, &type, NULL, &len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_question(l, &id, &type, &name, NULL),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_new(NULL, &other), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_new(f->config, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_host(NULL, "d", 1, 0, 0, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_host(l, NULL, 1, 0, 0, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_host(l, "d", 1, 0, -1, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_host(l, "d", 1, 0, 6, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_host(l, "", 0, 0, 0, 0), SIPWS_ERR_SYNTAX);
  uri.struct_size = sizeof uri;
  assert_int_equal(sipws_uri_parse(uri_text, whole(uri_text), &uri), 0);
  assert_int_equal(sipws_locate_uri(l, uri_text, &uri, 0), SIPWS_ERR_INVALID);
  uri.scheme = SIPWS_SCHEME_SIP;
  assert_int_equal(sipws_locate_uri(NULL, uri_text, &uri, 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_uri(l, NULL, &uri, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_uri(l, uri_text, NULL, 0), SIPWS_ERR_INVALID);
  uri.struct_size--;
  assert_int_equal(sipws_locate_uri(l, uri_text, &uri, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_next_target(l, &target), SIPWS_ERR_STATE);
  assert_int_equal(
      sipws_locate_add_naptr(NULL, 0, 0, 0, "", 0, "", 0, "", 0, "", 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_locate_add_naptr(l, 0, 0, 0, NULL, 1, "", 0, "", 0, "", 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_locate_add_naptr(l, 0, 0, 0, "", 0, NULL, 1, "", 0, "", 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_locate_add_naptr(l, 0, 0, 0, "", 0, "", 0, NULL, 1, "", 0),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_locate_add_naptr(l, 0, 0, 0, "", 0, "", 0, "", 0, NULL, 1),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_srv(NULL, 0, 0, 0, 0, "", 0),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_srv(l, 0, 0, 0, 0, NULL, 1),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_locate_add_address(NULL, 0, (const uint8_t *)"abcd", 4),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_add_address(l, 0, NULL, 4), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_answered(NULL, 0, 0), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_locate_answered(l, 0, 0), SIPWS_ERR_NOT_FOUND);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_locate_srv_goes_by_priority),
      TEST(test_locate_weight_draws_at_both_ends),
      TEST(test_locate_without_weight_the_order_of_the_answer_stays),
      TEST(test_locate_weights_are_the_shares_drawn),
      TEST(test_locate_answers_may_be_interleaved),
      TEST(test_locate_target_does_not_wait_for_those_behind),
      TEST(test_locate_name_is_asked_once),
      TEST(test_locate_stray_answers_do_nothing),
      TEST(test_locate_record_of_another_type_is_invalid),
      TEST(test_locate_keeps_sixteen_servers),
      TEST(test_locate_sixteen_are_the_same_for_any_order),
      TEST(test_locate_asks_41_questions_at_most),
      TEST(test_locate_keeps_eight_addresses_of_a_family),
      TEST(test_locate_names_have_their_limits),
      TEST(test_locate_names_that_are_none_are_passed_over),
      TEST(test_locate_circles_end),
      TEST(test_locate_any_calls_keep_the_limits),
      TEST(test_locate_memory_is_asked_once),
      TEST(test_locate_without_random_fails_and_changes_nothing),
      TEST(test_locate_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
