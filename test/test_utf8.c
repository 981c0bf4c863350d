/* utf8: what RFC 3629 allows, refused at the first wrong octet, cut anyhow. */
#include "support.h"

#include "sipws_utf8.h"

struct sample {
  const char *text;
  size_t len;
  int good;  /* 1: whole UTF-8; 0: not */
  int wrong; /* the first octet that cannot be; -1: none, it is only cut */
};

#define GOOD(text)                                                             \
  { text, sizeof text - 1, 1, -1 }
#define CUT(text)                                                              \
  { text, sizeof text - 1, 0, -1 }
#define BAD(text, wrong)                                                       \
  { text, sizeof text - 1, 0, wrong }

static const struct sample samples[] = {
    GOOD(""),
    GOOD("\0"),
    GOOD("plain ASCII, longer than two machine words\r\n\x7f"),
    GOOD("\xc2\x80"),
    GOOD("\xdf\xbf"),
    GOOD("\xe0\xa0\x80"),
    GOOD("\xed\x9f\xbf"),
    GOOD("\xee\x80\x80"),
    GOOD("\xef\xbf\xbf"),
    GOOD("\xf0\x90\x80\x80"),
    GOOD("\xf4\x8f\xbf\xbf"),
    GOOD("J\xc3\xbcrgen \xe2\x82\xac \xf0\x9f\x93\x9e rings, and rings again"),
    GOOD("sixteen octets..\xc3\xa4 then more than sixteen octets"),
    CUT("\xc3"),
    CUT("abc\xe2\x82"),
    CUT("\xf0\x9f\x93"),
    CUT("a long line of ASCII before what is cut \xf4\x8f"),
    BAD("\x80", 0),
    BAD("\xbf", 0),
    BAD("abc\x80", 3),
    BAD("sixteen octets..\xff then more than sixteen octets", 16),
    BAD("\xc0\x80", 0),         /* overlong */
    BAD("\xc1\xbf", 0),         /* overlong */
    BAD("\xe0\x80\x80", 1),     /* overlong */
    BAD("\xe0\x9f\xbf", 1),     /* overlong */
    BAD("\xf0\x80\x80\x80", 1), /* overlong */
    BAD("\xf0\x8f\xbf\xbf", 1), /* overlong */
    BAD("\xed\xa0\x80", 1),     /* surrogate */
    BAD("\xed\xbf\xbf", 1),     /* surrogate */
    BAD("\xf4\x90\x80\x80", 1), /* above U+10FFFF */
    BAD("\xf5\x80\x80\x80", 0),
    BAD("\xf8\x88\x80\x80\x80", 0),
    BAD("\xfe", 0),
    BAD("\xff", 0),
    BAD("\xc3(", 1),
    BAD("\xc3\xc3\xa4", 1),
    BAD("\xe2\x82(", 2),
    BAD("\xe2(\xa1", 1),
    BAD("\xf0\x9f\x93(", 3),
    BAD("ok \xf0\x9f\x93\x9e\x9e", 7),
    BAD("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
        "edited",
        12),
};

#define SAMPLES (sizeof samples / sizeof samples[0])

static void test_utf8_whole_text_is_judged(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < SAMPLES; i++) {
    uint8_t *data = test_guarded(samples[i].text, samples[i].len);
    assert_int_equal(sipws__utf8_is_valid(data, samples[i].len),
                     samples[i].good);
    test_guarded_free(data, samples[i].len);
  }
}

/* Under clang's UBSan it also shows that nothing is added to a NULL. */
static void test_utf8_nothing_is_valid(void **state) {
  (void)state;
  assert_int_equal(sipws__utf8_is_valid(NULL, 0), 1);
}

static void test_utf8_every_split_in_three_is_judged_the_same(void **state) {
  size_t i, a, b;
  (void)state;
  for (i = 0; i < SAMPLES; i++) {
    size_t len = samples[i].len;
    uint8_t *data = test_guarded(samples[i].text, len);
    for (a = 0; a <= len; a++) {
      for (b = a; b <= len; b++) {
        struct sipws__utf8 utf8 = {0, 0, 0};
        int good = sipws__utf8_feed(&utf8, data, a) &&
                   sipws__utf8_feed(&utf8, data + a, b - a) &&
                   sipws__utf8_feed(&utf8, data + b, len - b);
        assert_int_equal(good, samples[i].wrong < 0);
        if (good) {
          assert_int_equal(sipws__utf8_is_whole(&utf8), samples[i].good);
        }
      }
    }
    test_guarded_free(data, len);
  }
}

static void test_utf8_wrong_octet_is_refused_when_it_comes(void **state) {
  size_t i, n;
  (void)state;
  for (i = 0; i < SAMPLES; i++) {
    struct sipws__utf8 utf8 = {0, 0, 0};
    const uint8_t *data = (const uint8_t *)samples[i].text;
    for (n = 0; n < samples[i].len; n++) {
      int good = sipws__utf8_feed(&utf8, data + n, 1);
      assert_int_equal(good, (int)n != samples[i].wrong);
      if (!good) {
        break;
      }
    }
  }
}

/* An independent decoder, by value: 1 when |len| octets are one character in
 * the only form allowed. */
static int is_one_character(const uint8_t *data, size_t len) {
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  uint32_t value = data[0];
  size_t due = value < 0x80                    ? 1
               : value >= 0xc0 && value < 0xe0 ? 2
               : value >= 0xe0 && value < 0xf0 ? 3
               : value >= 0xf0 && value < 0xf8 ? 4
                                               : 0;
  size_t i;
  if (due != len) {
    return 0;
  }
  if (len > 1) {
    value &= 0x7fu >> len;
  }
  for (i = 1; i < len; i++) {
    if ((data[i] & 0xc0) != 0x80) {
      return 0;
    }
    value = value << 6 | (data[i] & 0x3fu);
  }
  return value >= least[len] && value <= 0x10ffff &&
         (value < 0xd800 || value > 0xdfff);
}

/* 1 when |len| octets are whole characters one after the other. */
static int is_text(const uint8_t *data, size_t len) {
  size_t at = 0;
  while (at < len) {
    size_t n = 1;
    while (n <= 4 && at + n <= len && !is_one_character(data + at, n)) {
      n++;
    }
    if (n > 4 || at + n > len) {
      return 0;
    }
    at += n;
  }
  return 1;
}

static void test_utf8_all_of_one_to_three_octets_are_judged(void **state) {
  uint32_t n;
  uint32_t wrong = 0;
  uint8_t data[3];
  (void)state;
  for (n = 0; n < 0x1000000; n++) {
    data[0] = (uint8_t)(n >> 16);
    data[1] = (uint8_t)(n >> 8);
    data[2] = (uint8_t)n;
    wrong += sipws__utf8_is_valid(data, 3) != is_text(data, 3);
    if (data[2] == 0) {
      wrong += sipws__utf8_is_valid(data, 2) != is_text(data, 2);
    }
    if (data[2] == 0 && data[1] == 0) {
      wrong += sipws__utf8_is_valid(data, 1) != is_text(data, 1);
    }
  }
  assert_int_equal(wrong, 0);
}

static void test_utf8_bounds_of_four_octets_are_judged(void **state) {
  static const uint8_t later[] = {0x00, 0x7f, 0x80, 0x81, 0x8f, 0x90,
                                  0x9f, 0xa0, 0xbe, 0xbf, 0xc0, 0xff};
  size_t count = sizeof later;
  size_t b, c, d;
  int a;
  (void)state;
  for (a = 0; a < 256; a++) {
    for (b = 0; b < count; b++) {
      for (c = 0; c < count; c++) {
        for (d = 0; d < count; d++) {
          uint8_t data[4];
          data[0] = (uint8_t)a;
          data[1] = later[b];
          data[2] = later[c];
          data[3] = later[d];
          assert_int_equal(sipws__utf8_is_valid(data, 4), is_text(data, 4));
        }
      }
    }
  }
}

/* The fast way over ASCII must see a wrong octet at each place of a word. */
static void test_utf8_wrong_octet_anywhere_in_ascii_is_seen(void **state) {
  uint8_t data[70];
  size_t at, len;
  (void)state;
  for (len = 1; len <= sizeof data; len++) {
    for (at = 0; at < len; at++) {
      uint8_t *guarded;
      memset(data, 'a', sizeof data);
      data[at] = 0xff;
      guarded = test_guarded(data, len);
      assert_false(sipws__utf8_is_valid(guarded, len));
      guarded[at] = 0x7f;
      assert_true(sipws__utf8_is_valid(guarded, len));
      test_guarded_free(guarded, len);
    }
  }
}

/* ---- many octets at a time ---- */

/* Characters of each length, alone and in rows, between ASCII of some
 * length. */
static const char mixed[] =
    "From: \"J\xc3\xbcrgen\" <sip:a@h>\r\nTo: \xe5\x8c\x97\xe4\xba\xac\xe5\xa4"
    "\xa7\xe5\xad\xa6\xe5\x8c\x97\xe4\xba\xac\xe5\xa4\xa7\r\nSubject: "
    "\xf0\x9f\x93\x9e\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf "
    "rings\xed\x9f"
    "\xbf\xee\x80\x80\xe0\xa0\x80, and a line of ASCII that is longer than "
    "four "
    "vectors of 16 octets have room for, then \xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd"
    "\xc2\x80\xdf\xbf.";

/* The octet that is wrong in itself or by those before; |len| if none is. */
static size_t first_wrong(const uint8_t *data, size_t len) {
  struct sipws__utf8 utf8 = {0, 0, 0};
  size_t i;
  for (i = 0; i < len && sipws__utf8_feed(&utf8, data + i, 1); i++) {
  }
  return i;
}

/* In two pieces: the first one with a wrong octet is refused. */
static void check_pieces(const uint8_t *data, size_t len, size_t wrong,
                         size_t cut) {
  struct sipws__utf8 utf8 = {0, 0, 0};
  int good = sipws__utf8_feed(&utf8, data, cut);
  assert_int_equal(good, cut <= wrong);
  if (good) {
    assert_int_equal(sipws__utf8_feed(&utf8, data + cut, len - cut),
                     wrong == len);
  }
}

static void test_utf8_wrong_octet_anywhere_in_text_is_seen(void **state) {
  static const uint8_t others[] = {0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                   0xc1, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5};
  uint8_t data[sizeof mixed];
  size_t len = sizeof mixed - 1;
  size_t at, i, cut;
  (void)state;
  assert_true(is_text((const uint8_t *)mixed, len));
  for (at = 0; at < len; at++) {
    for (i = 0; i < sizeof others; i++) {
      size_t wrong;
      memcpy(data, mixed, len);
      data[at] = others[i];
      wrong = first_wrong(data, len);
      assert_int_equal(sipws__utf8_is_valid(data, len), is_text(data, len));
      for (cut = i % 7; cut <= len; cut += 7) {
        check_pieces(data, len, wrong, cut);
      }
    }
  }
}

static void test_utf8_text_may_be_cut_in_three_anywhere(void **state) {
  const uint8_t *data = (const uint8_t *)mixed;
  size_t len = sizeof mixed - 1;
  size_t a, b;
  (void)state;
  for (a = 0; a <= len; a++) {
    for (b = a; b <= len; b++) {
      struct sipws__utf8 utf8 = {0, 0, 0};
      assert_true(sipws__utf8_feed(&utf8, data, a) &&
                  sipws__utf8_feed(&utf8, data + a, b - a) &&
                  sipws__utf8_feed(&utf8, data + b, len - b));
      assert_true(sipws__utf8_is_whole(&utf8));
    }
  }
}

/* A text that ends inside a character is not whole, whatever its length. */
static void test_utf8_open_end_of_each_length_is_told(void **state) {
  size_t len = sizeof mixed - 1;
  size_t n;
  (void)state;
  for (n = 0; n <= len; n++) {
    uint8_t *data = test_guarded(mixed, n);
    struct sipws__utf8 utf8 = {0, 0, 0};
    assert_true(sipws__utf8_feed(&utf8, data, n));
    assert_int_equal(sipws__utf8_is_whole(&utf8), is_text(data, n));
    test_guarded_free(data, n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_utf8_whole_text_is_judged),
      cmocka_unit_test(test_utf8_nothing_is_valid),
      cmocka_unit_test(test_utf8_every_split_in_three_is_judged_the_same),
      cmocka_unit_test(test_utf8_wrong_octet_is_refused_when_it_comes),
      cmocka_unit_test(test_utf8_all_of_one_to_three_octets_are_judged),
      cmocka_unit_test(test_utf8_bounds_of_four_octets_are_judged),
      cmocka_unit_test(test_utf8_wrong_octet_anywhere_in_ascii_is_seen),
      cmocka_unit_test(test_utf8_wrong_octet_anywhere_in_text_is_seen),
      cmocka_unit_test(test_utf8_text_may_be_cut_in_three_anywhere),
      cmocka_unit_test(test_utf8_open_end_of_each_length_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
