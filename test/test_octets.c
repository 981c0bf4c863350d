/* octets: what vectors do is what one octet after the other would, at each
 * address and length. */
#include "support.h"

#include "sipws_octets.h"

#define LONGEST 300

static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

static void fill(uint8_t *data, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    data[i] = (uint8_t)(i * 7 + i / 31);
  }
}

/* RFC 6455 section 5.3 by the letter. */
static void mask_slowly(uint8_t *out, const uint8_t *in, size_t len,
                        size_t phase) {
  size_t i;
  for (i = 0; i < len; i++) {
    out[i] = in[i] ^ key[(phase + i) % 4];
  }
}

/* Neither before nor behind what is asked is read or written. */
static void test_octets_unmask_each_length_phase_and_address(void **state) {
  uint8_t data[LONGEST], expected[LONGEST], out[LONGEST + 16];
  size_t len, phase, at;
  (void)state;
  fill(data, LONGEST);
  for (len = 0; len <= LONGEST; len += len < 90 ? 1 : 13) {
    uint8_t *in = test_guarded(data, len);
    for (phase = 0; phase < 8; phase++) {
      mask_slowly(expected, data, len, phase);
      for (at = 0; at < 16; at += 1 + phase % 4) {
        memset(out, 0xee, sizeof out);
        (void)sipws__octets_unmask(out + at, in, len, key, phase);
        assert_memory_equal(out + at, expected, len);
        assert_true(at == 0 || out[at - 1] == 0xee);
        assert_int_equal(out[at + len], 0xee);
      }
    }
    assert_memory_equal(in, data, len);
    test_guarded_free(in, len);
  }
}

static void test_octets_unmask_in_place_is_the_same(void **state) {
  uint8_t data[LONGEST], expected[LONGEST];
  size_t len, phase;
  (void)state;
  fill(data, LONGEST);
  for (len = 0; len <= LONGEST; len++) {
    for (phase = 0; phase < 4; phase++) {
      uint8_t *own = test_guarded(data, len);
      mask_slowly(expected, data, len, phase);
      (void)sipws__octets_unmask(own, own, len, key, phase);
      assert_memory_equal(own, expected, len);
      test_guarded_free(own, len);
    }
  }
}

/* In pieces, the phase carried on. */
static void test_octets_unmask_may_be_cut_anywhere(void **state) {
  uint8_t data[LONGEST], expected[LONGEST], out[LONGEST];
  size_t a, b;
  (void)state;
  fill(data, LONGEST);
  mask_slowly(expected, data, LONGEST, 0);
  for (a = 0; a <= LONGEST; a += 3) {
    for (b = a; b <= LONGEST; b += 7) {
      (void)sipws__octets_unmask(out, data, a, key, 0);
      (void)sipws__octets_unmask(out + a, data + a, b - a, key, a);
      (void)sipws__octets_unmask(out + b, data + b, LONGEST - b, key, b);
      assert_memory_equal(out, expected, LONGEST);
    }
  }
}

/* One octet above 0x7f is seen wherever it is written, none when there is none;
 * what it was before does not count. */
static void test_octets_unmask_tells_ascii(void **state) {
  uint8_t data[200], in[200], out[200];
  size_t len, at;
  (void)state;
  for (len = 1; len <= sizeof data; len++) {
    memset(data, 'a', sizeof data);
    mask_slowly(in, data, len, 0);
    assert_true(sipws__octets_unmask(out, in, len, key, 0));
    for (at = 0; at < len; at++) {
      in[at] ^= 0x80;
      assert_false(sipws__octets_unmask(out, in, len, key, 0));
      in[at] ^= 0x80;
    }
  }
  assert_true(sipws__octets_unmask(out, in, 0, key, 0));
}

/* As unmask does, from the key's first octet on; and what counts as ASCII is
 * what was there before. */
static void test_octets_mask_tells_ascii_of_what_is_read(void **state) {
  uint8_t data[200], expected[200], out[200];
  size_t len, at;
  (void)state;
  memset(data, 'a', sizeof data);
  for (len = 0; len <= sizeof data; len++) {
    uint8_t *in = test_guarded(data, len);
    mask_slowly(expected, data, len, 0);
    assert_true(sipws__octets_mask(out, in, len, key));
    assert_memory_equal(out, expected, len);
    for (at = 0; at < len; at++) {
      in[at] ^= 0x80;
      assert_false(sipws__octets_mask(out, in, len, key));
      in[at] ^= 0x80;
    }
    test_guarded_free(in, len);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_octets_unmask_each_length_phase_and_address),
      cmocka_unit_test(test_octets_unmask_in_place_is_the_same),
      cmocka_unit_test(test_octets_unmask_may_be_cut_anywhere),
      cmocka_unit_test(test_octets_unmask_tells_ascii),
      cmocka_unit_test(test_octets_mask_tells_ascii_of_what_is_read),
  };
  return cmocka_run_group_tests_name("octets", tests, NULL, NULL);
}
