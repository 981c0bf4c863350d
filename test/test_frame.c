/* frame: headers judged at every split, payload through lane and wslay at every
 * cut, and what is sent. */
#include "support.h"

#include "sipws_frame.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define OCTETS(text) (const uint8_t *)(text), sizeof(text) - 1

/* ---- headers ---- */

struct verdict {
  int err;
  size_t used; /* up to the octet that settled it */
  struct sipws__frame frame;
};

/* A frame of which nobody asks whether it is ASCII. */
static size_t write_frame(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len) {
  int is_ascii;
  return sipws__frame_write(out, is_final, opcode, mask, payload, len,
                            &is_ascii);
}

/* Feeds |len| octets cut before |a| and before |b|. */
static struct verdict judge(const uint8_t *in, size_t len, size_t a, size_t b,
                            int role) {
  const size_t ends[] = {a, b, len};
  struct verdict verdict;
  size_t i;
  memset(&verdict, 0, sizeof verdict);
  for (i = 0; i < 3; i++) {
    size_t used;
    size_t at = verdict.used;
    verdict.err =
        sipws__frame_head(&verdict.frame, role, in + at, ends[i] - at, &used);
    verdict.used += used;
    if (verdict.err != 0 || verdict.frame.is_whole) {
      break;
    }
    assert_int_equal(verdict.used, ends[i]);
  }
  return verdict;
}

static void assert_same_frame(const struct sipws__frame *a,
                              const struct sipws__frame *b) {
  assert_true(a->len == b->len && a->left == b->left);
  assert_int_equal(a->have, b->have);
  assert_memory_equal(a->head, b->head, a->have);
  assert_int_equal(a->fin, b->fin);
  assert_int_equal(a->opcode, b->opcode);
  assert_int_equal(a->is_whole, b->is_whole);
}

/* The verdict, which no cut changes and for which no octet more is read. */
static struct verdict judge_all_cuts(const uint8_t *in, size_t len, int role) {
  struct verdict whole = judge(in, len, len, len, role);
  size_t need = whole.used;
  uint8_t *guarded = test_guarded(in, need);
  size_t a, b;
  for (a = 0; a <= need; a++) {
    for (b = a; b <= need; b++) {
      struct verdict cut = judge(guarded, need, a, b, role);
      assert_int_equal(cut.err, whole.err);
      assert_int_equal(cut.used, whole.used);
      assert_same_frame(&cut.frame, &whole.frame);
    }
  }
  test_guarded_free(guarded, need);
  return whole;
}

struct head_row {
  const char *in;
  size_t in_len;
  int role;
  int fin;
  int opcode;
  uint64_t len;
};

#define HEAD(text, role, fin, opcode, len)                                     \
  { text, sizeof text - 1, role, fin, opcode, len }
#define KEY "\x37\xfa\x21\x3d"

static const struct head_row good_heads[] = {
    HEAD("\x81\x00", SIPWS_CLIENT, 1, 1, 0),
    HEAD("\x82\x7d", SIPWS_CLIENT, 1, 2, 125),
    HEAD("\x01\x7d", SIPWS_CLIENT, 0, 1, 125),
    HEAD("\x00\x05", SIPWS_CLIENT, 0, 0, 5),
    HEAD("\x80\x05", SIPWS_CLIENT, 1, 0, 5),
    HEAD("\x88\x7d", SIPWS_CLIENT, 1, 8, 125),
    HEAD("\x89\x00", SIPWS_CLIENT, 1, 9, 0),
    HEAD("\x8a\x04", SIPWS_CLIENT, 1, 10, 4),
    HEAD("\x82\x7e\x00\x7e", SIPWS_CLIENT, 1, 2, 126),
    HEAD("\x82\x7e\x01\x00", SIPWS_CLIENT, 1, 2, 256),
    HEAD("\x82\x7e\xff\xff", SIPWS_CLIENT, 1, 2, 65535),
    HEAD("\x82\x7f\0\0\0\0\0\1\0\0", SIPWS_CLIENT, 1, 2, 65536),
    HEAD("\x82\x7f\0\0\0\0\0\1\0\1", SIPWS_CLIENT, 1, 2, 65537),
    HEAD("\x82\x7f\0\0\0\0\x80\0\0\0", SIPWS_CLIENT, 1, 2, 0x80000000u),
    HEAD("\x82\x7f\0\0\0\1\0\0\0\0", SIPWS_CLIENT, 1, 2, 0x100000000u),
    HEAD("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", SIPWS_CLIENT, 1, 2,
         INT64_MAX),
    HEAD("\x81\x80" KEY, SIPWS_SERVER, 1, 1, 0),
    HEAD("\x81\xfd" KEY, SIPWS_SERVER, 1, 1, 125),
    HEAD("\x88\xfd" KEY, SIPWS_SERVER, 1, 8, 125),
    HEAD("\x81\xfe\x00\x7e" KEY, SIPWS_SERVER, 1, 1, 126),
    HEAD("\x01\xfe\xff\xff" KEY, SIPWS_SERVER, 0, 1, 65535),
    HEAD("\x82\xff\0\0\0\0\0\1\0\0" KEY, SIPWS_SERVER, 1, 2, 65536),
    HEAD("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" KEY, SIPWS_SERVER, 1, 2,
         INT64_MAX),
};

static void test_frame_good_header_is_whole_at_its_last_octet(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(good_heads); i++) {
    const struct head_row *row = &good_heads[i];
    struct verdict got =
        judge_all_cuts((const uint8_t *)row->in, row->in_len, row->role);
    assert_int_equal(got.err, 0);
    assert_int_equal(got.used, row->in_len);
    assert_int_equal(got.frame.is_whole, 1);
    assert_int_equal(got.frame.fin, row->fin);
    assert_int_equal(got.frame.opcode, row->opcode);
    assert_true(got.frame.len == row->len);
    assert_true(got.frame.left == row->len);
  }
}

static void test_frame_header_takes_no_payload(void **state) {
  struct verdict got;
  (void)state;
  got = judge_all_cuts(OCTETS("\x81\x05Hello"), SIPWS_CLIENT);
  assert_int_equal(got.used, 2);
  got = judge_all_cuts(OCTETS("\x81\x85" KEY "Hello"), SIPWS_SERVER);
  assert_int_equal(got.used, 6);
  assert_int_equal(got.frame.left, 5);
}

static void test_frame_header_of_no_octets_is_not_begun(void **state) {
  struct sipws__frame frame;
  size_t used = 9;
  (void)state;
  memset(&frame, 0, sizeof frame);
  assert_int_equal(sipws__frame_head(&frame, SIPWS_CLIENT, NULL, 0, &used), 0);
  assert_int_equal(used, 0);
  assert_int_equal(frame.is_whole, 0);
  assert_int_equal(frame.have, 0);
}

/* Where the first or the second octet is wrong (0: neither is). */
static size_t first_wrong(uint8_t first, uint8_t second, int role) {
  int opcode = first & 0x0f;
  int is_known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
  int is_control = opcode >= 8;
  int is_masked = second >= 128;
  if ((first & 0x70) != 0 || !is_known || (is_control && first < 128)) {
    return 1; /* RSV, opcode, fragmented control frame */
  }
  if (is_masked != (role == SIPWS_SERVER) ||
      (is_control && (second & 0x7f) > 125)) {
    return 2; /* RFC 6455 5.1, 5.5 */
  }
  return 0;
}

static void test_frame_each_pair_of_first_octets_is_judged(void **state) {
  int role, first, second;
  (void)state;
  for (role = SIPWS_CLIENT; role <= SIPWS_SERVER; role++) {
    for (first = 0; first < 256; first++) {
      for (second = 0; second < 256; second++) {
        const uint8_t in[] = {(uint8_t)first, (uint8_t)second};
        size_t wrong = first_wrong(in[0], in[1], role);
        struct verdict got = judge_all_cuts(in, 2, role);
        assert_int_equal(got.err, wrong != 0 ? SIPWS_ERR_PROTOCOL : 0);
        assert_int_equal(got.used, wrong != 0 ? wrong : 2);
      }
    }
  }
}

static const struct head_row bad_lengths[] = {
    /* RFC 6455 5.2: the shortest form, the top bit 0; |len| is not used */
    HEAD("\x82\x7e\x00\x00", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7e\x00\x7d", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7f\0\0\0\0\0\0\0\0", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7f\0\0\0\0\0\0\0\x7d", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7f\0\0\0\0\0\0\xff\xff", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7f\x80\0\0\0\0\0\0\0", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7f\x80\0\0\0\0\1\0\0", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", SIPWS_CLIENT, 0, 0, 0),
    HEAD("\x82\xfe\x00\x7d", SIPWS_SERVER, 0, 0, 0),
    HEAD("\x82\xff\0\0\0\0\0\0\xff\xff", SIPWS_SERVER, 0, 0, 0),
    HEAD("\x82\xff\x80\0\0\0\0\0\0\0", SIPWS_SERVER, 0, 0, 0),
};

/* Refused before the mask is there. */
static void test_frame_bad_length_is_refused_at_its_last_octet(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(bad_lengths); i++) {
    const struct head_row *row = &bad_lengths[i];
    struct verdict got =
        judge_all_cuts((const uint8_t *)row->in, row->in_len, row->role);
    assert_int_equal(got.err, SIPWS_ERR_PROTOCOL);
    assert_int_equal(got.used, row->in_len);
    assert_int_equal(got.frame.is_whole, 0);
  }
}

/* ---- payload ---- */

/* Lane and wslay where the build has both; of one alone the same is asked. */
static const uint32_t lane_maxes[] = {0, 1000000};

static void codec_begin(struct sipws__codec *codec, uint32_t lane_max) {
  memset(codec, 0, sizeof *codec);
  codec->lane_max = lane_max;
}

struct payload {
  uint8_t data[70000];
  size_t len;
  size_t used; /* octets of frames taken, headers included */
};

static int is_ascii(const uint8_t *data, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    if (data[i] > 0x7f) {
      return 0;
    }
  }
  return 1;
}

/* Takes header, then payload, of what is there up to |end|. */
static void decode_part(struct sipws__codec *codec, struct sipws__frame *frame,
                        struct payload *got, const uint8_t *in, size_t end,
                        int role) {
  size_t used, len;
  uint8_t *place = got->data + got->len;
  int says_ascii = 7;
  if (!frame->is_whole) {
    assert_int_equal(
        sipws__frame_head(frame, role, in + got->used, end - got->used, &used),
        0);
    got->used += used;
  }
  len = end - got->used;
  if (!frame->is_whole || len == 0) {
    return;
  }
  assert_true(got->len + len <= sizeof got->data);
  assert_int_equal(sipws__frame_payload(codec, frame, in + got->used, len,
                                        place, &says_ascii),
                   0);
  assert_true(says_ascii == 0 || says_ascii == 1);
  if (says_ascii) {
    assert_true(is_ascii(place, len));
  }
  got->len += len;
  got->used += len;
}

/* Decodes one frame whose octets come in pieces that end before |cut| and then
 * every |step| octets. */
static void decode(struct sipws__codec *codec, struct payload *got,
                   const uint8_t *in, size_t len, size_t cut, size_t step,
                   int role) {
  struct sipws__frame frame;
  size_t end = cut > 0 && cut < len ? cut : len;
  memset(&frame, 0, sizeof frame);
  got->len = 0;
  got->used = 0;
  for (;;) {
    decode_part(codec, &frame, got, in, end, role);
    assert_int_equal(got->used, end);
    if (end == len) {
      break;
    }
    end = len - end > step ? end + step : len;
  }
  assert_int_equal(frame.is_whole, 1);
  assert_true(frame.left == 0);
  assert_true(frame.len == got->len);
}

struct vector {
  const char *in;
  size_t in_len;
  int role;
  const char *payload;
};

#define VECTOR(text, role, payload)                                            \
  { text, sizeof text - 1, role, payload }

/* RFC 6455 section 5.7 */
static const struct vector vectors[] = {
    VECTOR("\x81\x05\x48\x65\x6c\x6c\x6f", SIPWS_CLIENT, "Hello"),
    VECTOR("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", SIPWS_SERVER,
           "Hello"),
    VECTOR("\x01\x03\x48\x65\x6c", SIPWS_CLIENT, "Hel"),
    VECTOR("\x80\x02\x6c\x6f", SIPWS_CLIENT, "lo"),
    VECTOR("\x89\x05\x48\x65\x6c\x6c\x6f", SIPWS_CLIENT, "Hello"),
    VECTOR("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", SIPWS_SERVER,
           "Hello"),
};

static void test_frame_rfc_6455_section_5_7_is_decoded(void **state) {
  static struct payload got;
  struct sipws__codec codec;
  size_t i, cut, m;
  (void)state;
  for (m = 0; m < ROWS(lane_maxes); m++) {
    codec_begin(&codec, lane_maxes[m]);
    for (i = 0; i < ROWS(vectors); i++) {
      const struct vector *row = &vectors[i];
      uint8_t *in = test_guarded(row->in, row->in_len);
      for (cut = 0; cut < row->in_len; cut++) {
        decode(&codec, &got, in, row->in_len, cut, row->in_len, row->role);
        assert_text(got.data, got.len, row->payload);
      }
      decode(&codec, &got, in, row->in_len, 1, 1, row->role);
      assert_text(got.data, got.len, row->payload);
      test_guarded_free(in, row->in_len);
    }
    sipws__codec_free(&codec);
  }
}

static void fill(uint8_t *data, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    data[i] = (uint8_t)(i * 13 + i / 251);
  }
}

static const size_t lengths[] = {1,     7,     8,     9,     124,  125,  126,
                                 127,   255,   256,   4095,  4096, 4097, 8192,
                                 16384, 65534, 65535, 65536, 65537};

/* Both section 5.7's long ones (256, 65536) are among them; first octets of a
 * whole message and of a fragment. */
static void test_frame_each_length_is_decoded_at_each_cut(void **state) {
  static const size_t cuts[] = {0, 1, 2, 3, 4, 5, 9, 10, 11, 13, 14, 15, 4110};
  static const size_t steps[] = {70000, 4096, 1001};
  static uint8_t payload[65537];
  static uint8_t in[65537 + SIPWS__FRAME_HEAD_MAX];
  static struct payload got;
  struct sipws__codec codec;
  size_t i, c, s;
  int role, fin;
  (void)state;
  codec_begin(&codec, 1000000);
  fill(payload, sizeof payload);
  for (i = 0; i < ROWS(lengths) * 4; i++) {
    size_t payload_len = lengths[i / 4];
    size_t len;
    fin = (int)(i & 1);
    role = (i & 2) != 0 ? SIPWS_SERVER : SIPWS_CLIENT;
    len = write_frame(in, fin, SIPWS__OP_BINARY,
                      role == SIPWS_SERVER ? (const uint8_t *)KEY : NULL,
                      payload, payload_len);
    for (c = 0; c < ROWS(cuts); c++) {
      for (s = 0; s < ROWS(steps); s++) {
        decode(&codec, &got, in, len, cuts[c], steps[s], role);
        assert_int_equal(got.len, payload_len);
        assert_memory_equal(got.data, payload, payload_len);
      }
    }
  }
  sipws__codec_free(&codec);
}

/* Where it came, which the caller said may be altered. */
static void test_frame_payload_may_be_decoded_where_it_lies(void **state) {
  static uint8_t payload[5000];
  static uint8_t in[5000 + SIPWS__FRAME_HEAD_MAX];
  struct sipws__codec codec;
  struct sipws__frame frame;
  size_t m, len, used;
  int ascii;
  (void)state;
  fill(payload, sizeof payload);
  for (m = 0; m < ROWS(lane_maxes); m++) {
    codec_begin(&codec, lane_maxes[m]);
    memset(&frame, 0, sizeof frame);
    len = write_frame(in, 1, SIPWS__OP_BINARY, (const uint8_t *)KEY, payload,
                      sizeof payload);
    assert_int_equal(sipws__frame_head(&frame, SIPWS_SERVER, in, len, &used),
                     0);
    assert_int_equal(sipws__frame_payload(&codec, &frame, in + used, 4097,
                                          in + used, &ascii),
                     0);
    assert_int_equal(sipws__frame_payload(&codec, &frame, in + used + 4097, 903,
                                          in + used + 4097, &ascii),
                     0);
    assert_memory_equal(in + used, payload, sizeof payload);
    sipws__codec_free(&codec);
  }
}

/* Decodes a text frame of one octet by its own. */
static void take_small(struct sipws__codec *codec, int first) {
  const uint8_t in[] = {(uint8_t)first, 0x01, 'x'};
  struct sipws__frame frame;
  uint8_t out[1];
  size_t used;
  int ascii;
  memset(&frame, 0, sizeof frame);
  assert_int_equal(sipws__frame_head(&frame, SIPWS_CLIENT, in, 3, &used), 0);
  assert_int_equal(
      sipws__frame_payload(codec, &frame, in + used, 1, out, &ascii), 0);
  assert_int_equal(out[0], 'x');
}

/* No context is made before wslay is needed: for all but control frames and a
 * message of one frame up to the limit. */
static void test_frame_context_is_made_for_what_wslay_takes(void **state) {
  static const struct {
    int first;
    uint32_t lane_max;
    int by_wslay;
  } rows[] = {
      {0x81, 1, 0}, {0x82, 1, 0}, {0x81, 0, 1}, {0x01, 9, 1},
      {0x80, 9, 1}, {0x88, 0, 0}, {0x89, 0, 0}, {0x8a, 0, 0},
  };
  struct sipws__codec codec;
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    int by_wslay = rows[i].by_wslay;
#if defined(SIPWS_NO_WSLAY)
    by_wslay = 0;
#elif defined(SIPWS_NO_LANE)
    by_wslay = 1;
#endif
    codec_begin(&codec, rows[i].lane_max);
    take_small(&codec, rows[i].first);
    assert_int_equal(codec.context != NULL, by_wslay);
    sipws__codec_free(&codec);
    assert_null(codec.context);
    sipws__codec_free(&codec);
  }
}

/* ---- sending ---- */

static void test_frame_written_is_that_of_rfc_6455_section_5_7(void **state) {
  uint8_t out[300];
  uint8_t payload[256];
  (void)state;
  assert_int_equal(write_frame(out, 1, SIPWS__OP_TEXT, NULL, OCTETS("Hello")),
                   7);
  assert_memory_equal(out, "\x81\x05Hello", 7);
  assert_int_equal(write_frame(out, 1, SIPWS__OP_TEXT, (const uint8_t *)KEY,
                               OCTETS("Hello")),
                   11);
  assert_memory_equal(out, "\x81\x85" KEY "\x7f\x9f\x4d\x51\x58", 11);
  assert_int_equal(write_frame(out, 0, SIPWS__OP_TEXT, NULL, OCTETS("Hel")), 5);
  assert_memory_equal(out, "\x01\x03Hel", 5);
  assert_int_equal(write_frame(out, 1, SIPWS__OP_CONT, NULL, OCTETS("lo")), 4);
  assert_memory_equal(out, "\x80\x02lo", 4);
  fill(payload, 256);
  assert_int_equal(write_frame(out, 1, SIPWS__OP_BINARY, NULL, payload, 256),
                   260);
  assert_memory_equal(out, "\x82\x7e\x01\x00", 4);
  assert_memory_equal(out + 4, payload, 256);
}

/* With a mask or none; LANE=0 may not look. */
static void test_frame_written_tells_whether_it_is_ascii(void **state) {
  static const uint8_t *const masks[] = {NULL, (const uint8_t *)KEY};
  uint8_t out[64];
  size_t m;
  (void)state;
  for (m = 0; m < ROWS(masks); m++) {
    int is_ascii = -1;
    (void)sipws__frame_write(out, 1, SIPWS__OP_TEXT, masks[m],
                             OCTETS("B\xc3\xb6rge, to whom all is sent"),
                             &is_ascii);
    assert_int_equal(is_ascii, 0);
    (void)sipws__frame_write(out, 1, SIPWS__OP_TEXT, masks[m],
                             OCTETS("Boerge, to whom all is sent"), &is_ascii);
#ifdef SIPWS_NO_LANE
    assert_int_equal(is_ascii, 0);
#else
    assert_int_equal(is_ascii, 1);
#endif
  }
}

static void test_frame_opcode_of_a_frame_written_changes_alone(void **state) {
  uint8_t out[16];
  (void)state;
  (void)write_frame(out, 0, SIPWS__OP_TEXT, NULL, OCTETS("Hel"));
  sipws__frame_set_opcode(out, SIPWS__OP_BINARY);
  assert_memory_equal(out, "\x02\x03Hel", 5);
  (void)write_frame(out, 1, SIPWS__OP_TEXT, NULL, OCTETS("Hel"));
  sipws__frame_set_opcode(out, SIPWS__OP_BINARY);
  assert_memory_equal(out, "\x82\x03Hel", 5);
}

static void test_frame_empty_is_a_header_alone(void **state) {
  uint8_t out[6];
  (void)state;
  assert_int_equal(write_frame(out, 1, SIPWS__OP_PING, NULL, NULL, 0), 2);
  assert_memory_equal(out, "\x89\x00", 2);
  assert_int_equal(
      write_frame(out, 1, SIPWS__OP_CLOSE, (const uint8_t *)KEY, NULL, 0), 6);
  assert_memory_equal(out, "\x88\x80" KEY, 6);
}

/* Not one octet more than frame_size is written, none of |payload| altered. */
static void write_and_read_back(size_t len, int role, const uint8_t *payload,
                                const uint8_t *before) {
  const uint8_t *mask = role == SIPWS_CLIENT ? (const uint8_t *)KEY : NULL;
  size_t size = sipws__frame_size(len, mask != NULL);
  uint8_t *out = malloc(size + 1);
  int is_final, opcode;
  size_t i, head;
  assert_non_null(out);
  out[size] = 0xee;
  assert_int_equal(write_frame(out, 0, SIPWS__OP_BINARY, mask, payload, len),
                   size);
  assert_int_equal(out[size], 0xee);
  assert_memory_equal(payload, before, len);
  is_final = opcode = -1;
  assert_int_equal(sipws__frame_read_back(out, &is_final, &opcode), size);
  assert_int_equal(is_final, 0);
  assert_int_equal(opcode, SIPWS__OP_BINARY);
  head = size - len;
  assert_int_equal(head, (mask != NULL ? 4 : 0) + (len < 126     ? 2
                                                   : len < 65536 ? 4
                                                                 : 10));
  for (i = 0; i < len; i++) { /* RFC 6455 section 5.3, octet by octet */
    uint8_t expected = payload[i];
    if (mask != NULL) {
      expected ^= mask[i % 4];
    }
    if (out[head + i] != expected) {
      fail_msg("octet %zu of %zu", i, len);
    }
  }
  free(out);
}

static void test_frame_written_is_read_back(void **state) {
  static uint8_t payload[65537 + 8];
  static uint8_t before[65537 + 8];
  size_t i, shift;
  (void)state;
  fill(payload, sizeof payload);
  memcpy(before, payload, sizeof payload);
  for (shift = 0; shift < 8; shift++) { /* whatever the alignment */
    for (i = 0; i <= 40; i++) {
      write_and_read_back(i, SIPWS_CLIENT, payload + shift, before + shift);
    }
    for (i = 0; i < ROWS(lengths); i++) {
      write_and_read_back(lengths[i], SIPWS_CLIENT, payload + shift,
                          before + shift);
      write_and_read_back(lengths[i], SIPWS_SERVER, payload + shift,
                          before + shift);
    }
  }
}

static void test_frame_read_back_tells_final_and_opcode(void **state) {
  static const int opcodes[] = {0, 1, 2, 8, 9, 10};
  uint8_t out[32];
  size_t i;
  int flag;
  (void)state;
  for (i = 0; i < ROWS(opcodes); i++) {
    for (flag = 0; flag < 2; flag++) {
      int is_final = -1;
      int opcode = -1;
      size_t len = write_frame(out, flag, opcodes[i], NULL, OCTETS("payload"));
      assert_int_equal(sipws__frame_read_back(out, &is_final, &opcode), len);
      assert_int_equal(is_final, flag);
      assert_int_equal(opcode, opcodes[i]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_frame_good_header_is_whole_at_its_last_octet),
      cmocka_unit_test(test_frame_header_takes_no_payload),
      cmocka_unit_test(test_frame_header_of_no_octets_is_not_begun),
      cmocka_unit_test(test_frame_each_pair_of_first_octets_is_judged),
      cmocka_unit_test(test_frame_bad_length_is_refused_at_its_last_octet),
      cmocka_unit_test(test_frame_rfc_6455_section_5_7_is_decoded),
      cmocka_unit_test(test_frame_each_length_is_decoded_at_each_cut),
      cmocka_unit_test(test_frame_payload_may_be_decoded_where_it_lies),
      cmocka_unit_test(test_frame_context_is_made_for_what_wslay_takes),
      cmocka_unit_test(test_frame_written_is_that_of_rfc_6455_section_5_7),
      cmocka_unit_test(test_frame_written_tells_whether_it_is_ascii),
      cmocka_unit_test(test_frame_opcode_of_a_frame_written_changes_alone),
      cmocka_unit_test(test_frame_empty_is_a_header_alone),
      cmocka_unit_test(test_frame_written_is_read_back),
      cmocka_unit_test(test_frame_read_back_tells_final_and_opcode),
  };
  return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
