/* message: what frames mean together, told alike however the octets are cut. */
#include "support.h"

#include "sipws_message.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- a peer's octets ---- */

struct wire {
  uint8_t data[4096];
  size_t len;
  int role; /* of the one who reads them */
};

static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

/* Adds a frame with any first octet; by hand, not by what is under test. */
static void frame_octets(struct wire *wire, int first, const void *payload,
                         size_t len) {
  const uint8_t *octets = payload;
  int masked = wire->role == SIPWS_SERVER;
  size_t i;
  assert_true(len < 65536 && wire->len + len + 8 <= sizeof wire->data);
  wire->data[wire->len++] = (uint8_t)first;
  wire->data[wire->len++] =
      (uint8_t)((masked ? 0x80u : 0u) | (len < 126 ? len : 126u));
  if (len >= 126) {
    wire->data[wire->len++] = (uint8_t)(len >> 8);
    wire->data[wire->len++] = (uint8_t)len;
  }
  if (masked) {
    memcpy(wire->data + wire->len, key, 4);
    wire->len += 4;
  }
  for (i = 0; i < len; i++) {
    wire->data[wire->len++] = (uint8_t)(octets[i] ^ (masked ? key[i % 4] : 0));
  }
}

static void frame(struct wire *wire, int first, const char *payload) {
  frame_octets(wire, first, payload, strlen(payload));
}

/* "~" in a text stands for 200 letters. */
static void expand(char out[2000], const char *text) {
  size_t len = 0;
  for (; *text != '\0'; text++) {
    size_t step = *text == '~' ? 200 : 1;
    assert_true(len + step < 2000);
    memset(out + len, *text == '~' ? 'n' : *text, step);
    len += step;
  }
  out[len] = '\0';
}

/* Frames as text: "81 Hello|89 |80 lo", first octet, blank, payload. */
static void frames(struct wire *wire, int role, const char *short_script) {
  char expanded[2000];
  const char *script = expanded;
  expand(expanded, short_script);
  wire->len = 0;
  wire->role = role;
  while (*script != '\0') {
    int first = (int)strtol(script, NULL, 16);
    size_t len = strcspn(script + 3, "|");
    frame_octets(wire, first, script + 3, len);
    script += 3 + len;
    script += *script == '|';
  }
}

/* ---- a reader that writes down what it is told ---- */

struct reader {
  struct test_heap heap;
  struct sipws__mem mem;
  struct sipws__message message;
  struct sipws__message_limits limits;
  char told[4096]; /* "text(Hello) ping() error(SIPWS_ERR_UTF8)" */
  size_t used;     /* octets taken in all */
  int err;
};

static void reader_begin(struct reader *reader, int role) {
  memset(reader, 0, sizeof *reader);
  sipws__mem_init(&reader->mem, test_alloc, &reader->heap);
  reader->message.role = (uint8_t)role;
  reader->limits.size = 1000;
  reader->limits.fragments = 10;
}

static void reader_end(struct reader *reader) {
  sipws__message_free(&reader->message, &reader->mem);
  sipws__message_free(&reader->message, &reader->mem); /* nothing is left */
  assert_int_equal(reader->heap.live, 0);
  assert_int_equal(reader->heap.blocks, 0);
}

static const char *item_name(int item) {
  switch (item) {
  case SIPWS__ITEM_TEXT:
    return "text";
  case SIPWS__ITEM_BINARY:
    return "binary";
  case SIPWS__ITEM_CLOSE:
    return "close";
  case SIPWS__ITEM_PING:
    return "ping";
  case SIPWS__ITEM_PONG:
    return "pong";
  default:
    return "?";
  }
}

static void tell(struct reader *reader, const char *name, const void *payload,
                 size_t len) {
  size_t at = strlen(reader->told);
  int wrote =
      snprintf(reader->told + at, sizeof reader->told - at, "%s%s(%.*s)",
               at > 0 ? " " : "", name, (int)len, (const char *)payload);
  assert_true(wrote > 0 && (size_t)wrote < sizeof reader->told - at);
}

static void feed(struct reader *reader, const uint8_t *in, size_t len) {
  size_t at = 0;
  while (reader->err == 0 && at < len) {
    struct sipws__item item;
    size_t used;
    reader->err =
        sipws__message_feed(&reader->message, &reader->limits, &reader->mem,
                            in + at, len - at, &used, &item);
    at += used;
    if (reader->err != 0) {
      const char *name = sipws_error_name(reader->err);
      tell(reader, "error", name + 10, strlen(name + 10));
    } else if (item.kind != SIPWS__ITEM_NONE) {
      tell(reader, item_name(item.kind), item.data, item.len);
    } else {
      assert_true(used > 0); /* it gets on */
    }
  }
  reader->used += at;
}

/* The same from octets that may be altered; they end at an unreadable page. */
static void feed_own(struct reader *reader, const uint8_t *in, size_t len) {
  uint8_t *own = test_guarded(in, len);
  reader->message.own_end = own + len;
  feed(reader, own, len);
  reader->message.own_end = NULL;
  test_guarded_free(own, len);
}

/* Ways to read: all must tell the same. */
enum way { WAY_WSLAY, WAY_LANE, WAY_OWN, WAYS };

static void reader_begin_way(struct reader *reader, int role, int way) {
  reader_begin(reader, role);
  reader->message.codec.lane_max = way == WAY_WSLAY ? 0 : 1000;
}

/* Feeds |wire| cut before |a| and before |b|. */
static void read_cut(struct reader *reader, const struct wire *wire, size_t a,
                     size_t b, int way) {
  const size_t ends[] = {0, a, b, wire->len};
  size_t i;
  reader_begin_way(reader, wire->role, way);
  for (i = 0; i < 3; i++) {
    const uint8_t *part = wire->data + ends[i];
    size_t len = ends[i + 1] - ends[i];
    if (way == WAY_OWN) {
      feed_own(reader, part, len);
    } else {
      feed(reader, part, len);
    }
  }
}

/* What is told, at every cut in two and in three, and octet by octet. */
static void assert_told(int role, const char *script, const char *told,
                        int way) {
  struct wire wire;
  struct reader reader;
  char expected[2000];
  size_t a, b, i;
  expand(expected, told);
  frames(&wire, role, script);
  for (a = 0; a <= wire.len; a++) {
    size_t step = wire.len < 60 ? 1 : 17;
    for (b = a; b <= wire.len; b += step) {
      read_cut(&reader, &wire, a, b, way);
      assert_string_equal(reader.told, expected);
      reader_end(&reader);
    }
  }
  reader_begin_way(&reader, role, way);
  for (i = 0; i < wire.len; i++) {
    feed(&reader, wire.data + i, 1);
  }
  assert_string_equal(reader.told, expected);
  reader_end(&reader);
}

struct dialogue {
  const char *frames;
  const char *told;
};

static const struct dialogue dialogues[] = {
    {"81 Hello", "text(Hello)"},
    {"82 Hello", "binary(Hello)"},
    {"81 ", "text()"},
    {"81 one|82 two|81 three", "text(one) binary(two) text(three)"},
    {"81 ~~", "text(~~)"}, /* the long form of a length */
    {"81 ~~\xc3\xa4~", "text(~~\xc3\xa4~)"},
    {"82 ~\xff~|81 ~", "binary(~\xff~) text(~)"},
    /* RFC 6455 5.4: fragments, control frames between them */
    {"01 Hel|80 lo", "text(Hello)"},
    {"02 a|00 b|00 c|80 d", "binary(abcd)"},
    {"01 |00 |80 ", "text()"},
    {"01 |80 x", "text(x)"},
    {"01 Hel|89 p|80 lo", "ping(p) text(Hello)"},
    {"01 Hel|8a |00 l|88 \x03\xe8|80 o", "pong() close(\x03\xe8) text(Hello)"},
    {"89 |89 a|8a b", "ping() ping(a) pong(b)"},
    {"88 ", "close()"},
    {"81 x|01 y|80 z", "text(x) text(yz)"},
    /* a code point over two frames */
    {"01 \xe2\x82|80 \xac", "text(\xe2\x82\xac)"},
    {"01 \xe2|00 \x82|89 q|80 \xac", "ping(q) text(\xe2\x82\xac)"},
    {"81 \xe2\x82\xac|81 \xc3\xa4", "text(\xe2\x82\xac) text(\xc3\xa4)"},
    /* not UTF-8: text alone, control frames never (RFC 6455 8.1) */
    {"82 \xff", "binary(\xff)"},
    {"89 \xff", "ping(\xff)"},
    {"81 \xff", "error(UTF8)"},
    {"81 ab\xc3", "error(UTF8)"},
    {"01 ab\xc3|80 ", "error(UTF8)"},
    {"01 \xe2\x82|80 x", "error(UTF8)"},
    {"81 ok|81 \xed\xa0\x80", "text(ok) error(UTF8)"},
    {"81 ~|81 ~\xed\xa0\x80~", "text(~) error(UTF8)"},
    {"01 \xc3|89 x|80 \xc3", "ping(x) error(UTF8)"},
    {"02 \xc3|80 \xff|81 x", "binary(\xc3\xff) text(x)"},
    /* RFC 6455 5.4: a continuation of nothing, a message in a message */
    {"80 x", "error(PROTOCOL)"},
    {"00 x", "error(PROTOCOL)"},
    {"81 x|80 y", "text(x) error(PROTOCOL)"},
    {"01 x|81 y", "error(PROTOCOL)"},
    {"01 x|02 y", "error(PROTOCOL)"},
    {"01 x|89 |82 y", "ping() error(PROTOCOL)"},
    {"01 x|80 y|80 z", "text(xy) error(PROTOCOL)"},
    /* RFC 6455 5.2, 5.5 */
    {"c1 x", "error(PROTOCOL)"},
    {"83 x", "error(PROTOCOL)"},
    {"09 x", "error(PROTOCOL)"},
    {"89 ~", "error(PROTOCOL)"},
};

static void test_message_dialogues_are_told_alike_at_every_cut(void **state) {
  size_t i;
  int way;
  (void)state;
  for (i = 0; i < ROWS(dialogues); i++) {
    for (way = 0; way < WAYS; way++) {
      assert_told(SIPWS_CLIENT, dialogues[i].frames, dialogues[i].told, way);
      assert_told(SIPWS_SERVER, dialogues[i].frames, dialogues[i].told, way);
    }
  }
}

/* ---- UTF-8 ---- */

struct bad_text {
  const char *text;
  size_t wrong; /* the octet that cannot be */
};

static const struct bad_text bad_texts[] = {
    {"\xff", 0},
    {"abc\x80"
     "def",
     3},
    {"\xc3(", 1},
    {"\xc3( and more", 1},
    {"\xe2\x82(", 2},
    {"\xf0\x9f\x93(", 3},
    {"\xed\xa0\x80", 1},
    {"\xf4\x90\x80\x80", 1},
    {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80"
     "edited",
     12},
};

/* Noticed with the wrong octet, not at the end of frame or message; |cut|
 * parts the text into two frames. */
static void check_fail_fast(int role, const struct bad_text *bad, size_t cut,
                            int way) {
  struct wire wire;
  struct reader reader;
  size_t head = role == SIPWS_SERVER ? 6 : 2;
  size_t at = head + bad->wrong;
  size_t i;
  memset(&wire, 0, sizeof wire);
  wire.role = role;
  if (cut == 0) {
    frame(&wire, 0x81, bad->text);
  } else {
    frame_octets(&wire, 0x01, bad->text, cut);
    frame(&wire, 0x80, bad->text + cut);
    at += cut <= bad->wrong ? head : 0;
  }
  reader_begin_way(&reader, role, way);
  for (i = 0; i <= at; i++) {
    assert_int_equal(reader.err, 0);
    feed(&reader, wire.data + i, 1);
  }
  assert_int_equal(reader.err, SIPWS_ERR_UTF8);
  reader_end(&reader);
  /* with all up to the wrong octet at once, too */
  reader_begin_way(&reader, role, way);
  feed(&reader, wire.data, at);
  assert_int_equal(reader.err, 0);
  feed(&reader, wire.data + at, 1);
  assert_int_equal(reader.err, SIPWS_ERR_UTF8);
  reader_end(&reader);
}

static void test_message_wrong_utf8_is_noticed_at_its_octet(void **state) {
  size_t i, cut;
  int way;
  (void)state;
  for (i = 0; i < ROWS(bad_texts); i++) {
    for (cut = 0; cut < strlen(bad_texts[i].text); cut++) {
      for (way = WAY_WSLAY; way <= WAY_LANE; way++) {
        check_fail_fast(SIPWS_CLIENT, &bad_texts[i], cut, way);
        check_fail_fast(SIPWS_SERVER, &bad_texts[i], cut, way);
      }
    }
  }
}

/* ---- limits ---- */

/* The outcome of |script| with a limit of |size| octets, |count| fragments. */
static void assert_limited(uint32_t size, uint32_t count, const char *script,
                           const char *expected) {
  struct wire wire;
  struct reader reader;
  frames(&wire, SIPWS_SERVER, script);
  reader_begin(&reader, SIPWS_SERVER);
  reader.limits.size = size;
  reader.limits.fragments = count;
  feed(&reader, wire.data, wire.len);
  assert_string_equal(reader.told, expected);
  reader_end(&reader);
}

static void test_message_size_is_limited_at_n_plus_1(void **state) {
  (void)state;
  assert_limited(5, 9, "81 1234", "text(1234)");
  assert_limited(5, 9, "81 12345", "text(12345)");
  assert_limited(5, 9, "81 123456", "error(PEER_TOO_BIG)");
  assert_limited(5, 9, "01 123|80 4", "text(1234)");
  assert_limited(5, 9, "01 123|80 45", "text(12345)");
  assert_limited(5, 9, "01 123|80 456", "error(PEER_TOO_BIG)");
  assert_limited(5, 9, "01 12345|89 ping|80 ", "ping(ping) text(12345)");
  assert_limited(5, 9, "01 12345|80 6", "error(PEER_TOO_BIG)");
  assert_limited(1, 9, "82 1|82 2", "binary(1) binary(2)");
  assert_limited(1, 9, "82 12", "error(PEER_TOO_BIG)");
  /* each message by itself; control frames have their own */
  assert_limited(5, 9, "81 12345|81 12345", "text(12345) text(12345)");
  assert_limited(5, 9, "89 123456789", "ping(123456789)");
}

static void test_message_fragments_are_limited_at_n_plus_1(void **state) {
  (void)state;
  assert_limited(99, 3, "01 a|80 b", "text(ab)");
  assert_limited(99, 3, "01 a|00 b|80 c", "text(abc)");
  assert_limited(99, 3, "01 a|00 b|00 c|80 d", "error(PEER_TOO_BIG)");
  assert_limited(99, 3, "01 |00 |00 |80 ", "error(PEER_TOO_BIG)");
  assert_limited(99, 3, "01 a|89 |00 b|89 |80 c", "ping() ping() text(abc)");
  assert_limited(99, 1, "81 a|81 b", "text(a) text(b)");
  assert_limited(99, 1, "01 a|80 b", "error(PEER_TOO_BIG)");
}

/* RFC 6455 10.4: what is announced reserves nothing, and is refused before any
 * of it has come. */
static void test_message_too_long_is_refused_by_its_header(void **state) {
  static const uint8_t huge[] = {0x82, 0x7f, 0x7f, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff, 0xff};
  static const uint8_t large[] = {0x82, 0x7f, 0, 0, 0, 0, 0x3f, 0xff, 0, 0};
  struct reader reader;
  (void)state;
  reader_begin(&reader, SIPWS_CLIENT);
  reader.limits.size = 1u << 30;
  feed(&reader, huge, sizeof huge);
  assert_int_equal(reader.err, SIPWS_ERR_PEER_TOO_BIG);
  assert_int_equal(reader.heap.calls, 0);
  reader_end(&reader);

  reader_begin(&reader, SIPWS_CLIENT);
  reader.limits.size = 1u << 30;
  feed(&reader, large, sizeof large);
  assert_int_equal(reader.err, 0);
  feed(&reader, (const uint8_t *)"abc", 3);
  assert_int_equal(reader.err, 0);
  assert_true(reader.heap.live < 1000);
  reader_end(&reader);
}

/* A long header, cut before its last octet, takes that one alone. */
static void test_message_header_cut_late_ends_where_it_ends(void **state) {
  uint8_t in[13 + 27] = {0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0};
  struct reader reader;
  (void)state;
  memset(in + 10, 0x5a, sizeof in - 10);
  reader_begin(&reader, SIPWS_SERVER);
  reader.limits.size = 65536;
  feed(&reader, in, 13);
  feed(&reader, in + 13, 27);
  assert_int_equal(reader.err, 0);
  assert_int_equal(reader.used, sizeof in);
  assert_int_equal(reader.message.data.len, 26);
  assert_int_equal(reader.message.frame.left, 65536 - 26);
  reader_end(&reader);
}

/* ---- memory ---- */

static void test_message_each_refused_allocation_is_told(void **state) {
  struct wire wire;
  struct reader reader;
  long fail_at = 0;
  (void)state;
  frames(&wire, SIPWS_SERVER, "01 ~|89 p|00 ~~|80 end|88 \x03\xe8|81 ~~~");
  for (;;) {
    reader_begin(&reader, SIPWS_SERVER);
    reader.heap.fail_at = ++fail_at;
    feed(&reader, wire.data, wire.len);
    if (reader.heap.calls < fail_at) {
      break; /* it needs no more than that */
    }
    assert_int_equal(reader.err, SIPWS_ERR_NOMEM);
    reader_end(&reader);
  }
  assert_int_equal(reader.err, 0);
  assert_true(fail_at > 3);
  reader_end(&reader);
}

/* Fixed buffers: nothing is allocated, nothing given back. */
static void test_message_lent_memory_serves(void **state) {
  struct wire wire;
  struct reader reader;
  uint8_t data[10];
  uint8_t control[SIPWS__CONTROL_MAX];
  (void)state;
  frames(&wire, SIPWS_SERVER, "01 12345|89 ping|80 67890|81 abc");
  reader_begin(&reader, SIPWS_SERVER);
  reader.limits.size = 10;
  reader.message.data.data = data;
  reader.message.data.size = sizeof data;
  reader.message.data.fixed = 1;
  reader.message.control = control;
  feed(&reader, wire.data, wire.len);
  assert_string_equal(reader.told, "ping(ping) text(1234567890) text(abc)");
  assert_int_equal(reader.heap.calls, 0);
  reader.message.control_len = 0;
  sipws__message_trim(&reader.message, &reader.mem, 0);
  assert_false(sipws__message_has_slack(&reader.message, 0));
  assert_ptr_equal(reader.message.data.data, data);
  assert_ptr_equal(reader.message.control, control);
  reader_end(&reader);
}

static void test_message_trim_gives_back_what_nobody_needs(void **state) {
  struct wire wire;
  struct reader reader;
  struct sipws__message *message = &reader.message;
  (void)state;
  frames(&wire, SIPWS_SERVER, "89 ping|01 Hel|80 lo");
  reader_begin(&reader, SIPWS_SERVER);
  assert_false(sipws__message_has_slack(message, 0));
  feed(&reader, wire.data, wire.len);
  message->control_len = 0; /* its reader is done with it */
#ifndef SIPWS_NO_WSLAY
  assert_non_null(message->codec.context);
#endif

  /* the message is still lent */
  assert_true(sipws__message_has_slack(message, 1));
  sipws__message_trim(message, &reader.mem, 1);
  assert_null(message->codec.context);
  assert_null(message->control);
  assert_text(message->data.data, message->data.len, "Hello");
  assert_false(sipws__message_has_slack(message, 1));

  assert_true(sipws__message_has_slack(message, 0));
  sipws__message_trim(message, &reader.mem, 0);
  assert_int_equal(reader.heap.live, 0);
  assert_false(sipws__message_has_slack(message, 0));

  feed(&reader, wire.data, wire.len);
  assert_string_equal(reader.told,
                      "ping(ping) text(Hello) ping(ping) text(Hello)");
  reader_end(&reader);
}

static void test_message_buffer_of_one_octet_is_given_back(void **state) {
  struct wire wire;
  struct reader reader;
  (void)state;
  frames(&wire, SIPWS_SERVER, "81 x");
  reader_begin_way(&reader, SIPWS_SERVER, WAY_LANE);
  reader.limits.size = 1;
  feed(&reader, wire.data, wire.len);
  assert_string_equal(reader.told, "text(x)");
  assert_int_equal(reader.message.data.size, 1);
  assert_true(sipws__message_has_slack(&reader.message, 0));
  sipws__message_trim(&reader.message, &reader.mem, 0);
  assert_int_equal(reader.heap.live, 0);
  reader_end(&reader);
}

/* A control frame needs no context (but with LANE=0); one inside a message lets
 * the message go on with its own. */
static void test_message_context_is_not_for_control_frames(void **state) {
  struct wire wire;
  struct reader reader;
  (void)state;
  reader_begin(&reader, SIPWS_SERVER);
  frames(&wire, SIPWS_SERVER, "8a pong");
  feed(&reader, wire.data, wire.len);
#ifndef SIPWS_NO_LANE
  assert_null(reader.message.codec.context);
#endif
  frames(&wire, SIPWS_SERVER, "01 Hel|8a pong");
  feed(&reader, wire.data, wire.len);
#ifndef SIPWS_NO_WSLAY
  assert_non_null(reader.message.codec.context);
#endif
  frames(&wire, SIPWS_SERVER, "80 lo");
  feed(&reader, wire.data, wire.len);
  assert_string_equal(reader.told, "pong(pong) pong(pong) text(Hello)");
  reader_end(&reader);
}

/* ---- octets of the caller's ---- */

/* What is told, and whether it lies in the caller's octets; in |data| else. */
static void assert_lies(const char *script, size_t cut, int in_own,
                        const char *told) {
  struct wire wire;
  struct reader reader;
  struct sipws__item item;
  size_t at, used;
  int err;
  frames(&wire, SIPWS_SERVER, script);
  reader_begin_way(&reader, SIPWS_SERVER, WAY_LANE);
  feed(&reader, wire.data, cut);
  reader.message.own_end = wire.data + wire.len;
  for (at = cut; at < wire.len; at += used) {
    err = sipws__message_feed(&reader.message, &reader.limits, &reader.mem,
                              wire.data + at, wire.len - at, &used, &item);
    assert_int_equal(err, 0);
  }
  assert_int_equal(item.data >= wire.data && item.data < wire.data + wire.len,
                   in_own);
  assert_text(item.data, item.len, told);
  if (in_own) {
    assert_int_equal(reader.heap.calls, 0);
  }
  reader_end(&reader);
}

static void test_message_whole_in_the_callers_octets_stays_there(void **state) {
  (void)state;
  assert_lies("81 Hello", 0, 1, "Hello");
  assert_lies("82 0123456789abcdef0123456789abcdef0", 0, 1,
              "0123456789abcdef0123456789abcdef0");
  assert_lies("89 |81 Hello", 0, 1, "Hello");
  /* its header came before */
  assert_lies("81 Hello", 6, 1, "Hello");
  /* a part of it came before; fragments; control frames */
  assert_lies("81 Hello", 7, 0, "Hello");
  assert_lies("01 Hel|80 lo", 0, 0, "Hello");
  assert_lies("01 |80 Hello", 0, 0, "Hello");
  assert_lies("89 Hello", 0, 0, "Hello");
}

/* Only what is taken is altered. */
static void test_message_octets_not_taken_are_not_altered(void **state) {
  struct wire wire, before;
  struct reader reader;
  struct sipws__item item;
  size_t used;
  (void)state;
  frames(&wire, SIPWS_SERVER, "81 first|81 second");
  before = wire;
  reader_begin_way(&reader, SIPWS_SERVER, WAY_LANE);
  reader.message.own_end = wire.data + wire.len;
  assert_int_equal(sipws__message_feed(&reader.message, &reader.limits,
                                       &reader.mem, wire.data, wire.len, &used,
                                       &item),
                   0);
  assert_text(item.data, item.len, "first");
  assert_int_equal(used, 11);
  assert_memory_equal(wire.data + used, before.data + used, wire.len - used);
  /* from other octets than the caller's own it is copied */
  assert_int_equal(sipws__message_feed(&reader.message, &reader.limits,
                                       &reader.mem, before.data + used,
                                       before.len - used, &used, &item),
                   0);
  assert_text(item.data, item.len, "second");
  assert_ptr_equal(item.data, reader.message.data.data);
  reader_end(&reader);
}

/* The whole frame at once: one allocation of its size. In pieces it grows with
 * what came. */
static void test_message_buffer_is_reserved_once_for_a_frame(void **state) {
  static char script[] = "81 ~~~";
  struct wire wire;
  struct reader reader;
  size_t i;
  (void)state;
  frames(&wire, SIPWS_SERVER, script);
  reader_begin_way(&reader, SIPWS_SERVER, WAY_LANE);
  feed(&reader, wire.data, wire.len);
  assert_int_equal(reader.heap.calls, 1);
  assert_int_equal(reader.heap.live, 600);
  for (i = 0; i < 50; i++) {
    feed(&reader, wire.data, wire.len);
    reader.told[0] = '\0';
  }
  assert_int_equal(reader.heap.calls, 1); /* and none for those that follow */
  reader_end(&reader);
}

/* Trimmed before every octet, it tells the same. */
static void test_message_trim_never_takes_what_is_under_way(void **state) {
  struct wire wire;
  struct reader reader;
  size_t i;
  int role;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    frames(&wire, role, "01 Hel|89 ping|00 |8a |80 lo|88 \x03\xe8|82 more");
    reader_begin(&reader, role);
    for (i = 0; i < wire.len; i++) {
      sipws__message_trim(&reader.message, &reader.mem, 0);
      assert_false(sipws__message_has_slack(&reader.message, 0));
      feed(&reader, wire.data + i, 1);
    }
    assert_string_equal(reader.told, "ping(ping) pong() text(Hello) "
                                     "close(\x03\xe8) binary(more)");
    reader_end(&reader);
  }
}

/* ---- pausing ---- */

/* Where a pause stops: before each octet of a data frame. */
static void test_message_is_data_tells_whose_the_next_octet_is(void **state) {
  struct wire wire;
  struct reader reader;
  size_t i;
  (void)state;
  frames(&wire, SIPWS_SERVER, "01 Hel|89 ping|80 lo|8a |88 ");
  reader_begin(&reader, SIPWS_SERVER);
  for (i = 0; i < wire.len; i++) {
    /* 9 octets of data, 10 of ping, 8 of data, then control */
    int expected = i < 9 || (i >= 19 && i < 27);
    assert_int_equal(sipws__message_is_data(&reader.message, wire.data[i]),
                     expected);
    feed(&reader, wire.data + i, 1);
  }
  reader_end(&reader);
}

static void test_message_is_under_way_from_first_octet_to_last(void **state) {
  struct wire wire;
  struct reader reader;
  size_t i;
  (void)state;
  frames(&wire, SIPWS_SERVER, "01 Hel|89 p|80 lo|8a ");
  reader_begin(&reader, SIPWS_SERVER);
  for (i = 0; i <= wire.len; i++) {
    /* a message of 24 octets with a ping in it, then a pong of 6 */
    int expected = i != 0 && i != 24 && i != 30;
    assert_int_equal(sipws__message_is_under_way(&reader.message), expected);
    if (i < wire.len) {
      feed(&reader, wire.data + i, 1);
    }
  }
  assert_int_equal(wire.len, 30);
  reader_end(&reader);
}

/* ---- Close ---- */

static void test_message_close_without_code_is_1005(void **state) {
  uint16_t code = 7;
  (void)state;
  assert_int_equal(sipws__message_close(NULL, 0, &code), 0);
  assert_int_equal(code, 1005);
}

static void test_message_close_of_one_octet_is_refused(void **state) {
  uint16_t code = 7;
  uint8_t *octet = test_guarded("\x03", 1);
  (void)state;
  assert_int_equal(sipws__message_close(octet, 1, &code), SIPWS_ERR_PROTOCOL);
  assert_int_equal(code, 7);
  test_guarded_free(octet, 1);
}

static void test_message_close_code_must_be_one_that_travels(void **state) {
  uint8_t *octets = test_guarded("\0\0", 2);
  uint32_t value;
  (void)state;
  for (value = 0; value <= 65535; value++) {
    int is_good = sipws_close_code_is_valid((uint16_t)value);
    uint16_t code = 7;
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
    assert_int_equal(sipws__message_close(octets, 2, &code),
                     is_good ? 0 : SIPWS_ERR_PROTOCOL);
    assert_int_equal(code, is_good ? value : 7);
  }
  test_guarded_free(octets, 2);
}

static void test_message_close_reason_is_utf8(void **state) {
  char most[125];
  uint16_t code = 7;
  (void)state;
  memset(most, 'r', sizeof most);
  most[0] = '\x0f';
  most[1] = '\xa0';
  assert_int_equal(
      sipws__message_close((const uint8_t *)most, sizeof most, &code), 0);
  assert_int_equal(code, 4000);
  assert_int_equal(
      sipws__message_close((const uint8_t *)"\x03\xe8\xc3\xa4", 4, &code), 0);
  assert_int_equal(code, 1000);
  code = 7;
  assert_int_equal(
      sipws__message_close((const uint8_t *)"\x03\xe8\xc3", 3, &code),
      SIPWS_ERR_UTF8);
  assert_int_equal(
      sipws__message_close((const uint8_t *)"\x03\xe8\xff", 3, &code),
      SIPWS_ERR_UTF8);
  assert_int_equal(code, 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_message_dialogues_are_told_alike_at_every_cut),
      cmocka_unit_test(test_message_wrong_utf8_is_noticed_at_its_octet),
      cmocka_unit_test(test_message_size_is_limited_at_n_plus_1),
      cmocka_unit_test(test_message_fragments_are_limited_at_n_plus_1),
      cmocka_unit_test(test_message_too_long_is_refused_by_its_header),
      cmocka_unit_test(test_message_header_cut_late_ends_where_it_ends),
      cmocka_unit_test(test_message_each_refused_allocation_is_told),
      cmocka_unit_test(test_message_lent_memory_serves),
      cmocka_unit_test(test_message_trim_gives_back_what_nobody_needs),
      cmocka_unit_test(test_message_buffer_of_one_octet_is_given_back),
      cmocka_unit_test(test_message_context_is_not_for_control_frames),
      cmocka_unit_test(test_message_whole_in_the_callers_octets_stays_there),
      cmocka_unit_test(test_message_octets_not_taken_are_not_altered),
      cmocka_unit_test(test_message_buffer_is_reserved_once_for_a_frame),
      cmocka_unit_test(test_message_trim_never_takes_what_is_under_way),
      cmocka_unit_test(test_message_is_data_tells_whose_the_next_octet_is),
      cmocka_unit_test(test_message_is_under_way_from_first_octet_to_last),
      cmocka_unit_test(test_message_close_without_code_is_1005),
      cmocka_unit_test(test_message_close_of_one_octet_is_refused),
      cmocka_unit_test(test_message_close_code_must_be_one_that_travels),
      cmocka_unit_test(test_message_close_reason_is_utf8),
  };
  return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
