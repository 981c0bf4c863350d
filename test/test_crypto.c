/* crypto: known answers, texts as Digest hashes them, and base64 in its one
 * canonical form. */
#include "support.h"

#include "sipws_crypto.h"

#include <sipws/sipws.h>

static void assert_hex(const uint8_t *data, size_t len, const char *hex) {
  char text[129];
  size_t i;
  assert_true(len <= 64);
  for (i = 0; i < len; i++) {
    snprintf(text + 2 * i, 3, "%02x", data[i]);
  }
  assert_string_equal(text, hex);
}

/* FIPS 180-2, appendix A. */
static void test_crypto_sha1_gives_known_answers(void **state) {
  static const char two[] =
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  uint8_t out[SIPWS__SHA1_LEN];
  (void)state;
  assert_int_equal(sipws__sha1("abc", 3, out), 0);
  assert_hex(out, sizeof out, "a9993e364706816aba3e25717850c26c9cd0d89d");
  assert_int_equal(sipws__sha1(two, sizeof two - 1, out), 0);
  assert_hex(out, sizeof out, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  assert_int_equal(sipws__sha1(NULL, 0, out), 0);
  assert_hex(out, sizeof out, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

/* RFC 6455 section 1.3, and the key of its erratum 3150. */
static void test_crypto_accept_value_is_that_of_rfc_6455(void **state) {
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  char text[24 + 36];
  char out[28];
  uint8_t hash[SIPWS__SHA1_LEN];
  (void)state;
  memcpy(text, "dGhlIHNhbXBsZSBub25jZQ==", 24);
  memcpy(text + 24, guid, 36);
  assert_int_equal(sipws__sha1(text, sizeof text, hash), 0);
  sipws__base64(hash, sizeof hash, out);
  assert_text(out, sizeof out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  memcpy(text, "AQIDBAUGBwgJCgsMDQ4PEA==", 24);
  assert_int_equal(sipws__sha1(text, sizeof text, hash), 0);
  sipws__base64(hash, sizeof hash, out);
  assert_text(out, sizeof out, "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=");
}

/* RFC 4231 section 4, the cases whose key is no longer than a block. */
static void test_crypto_hmac_gives_answers_of_rfc_4231(void **state) {
  uint8_t key[25];
  uint8_t data[50];
  uint8_t out[SIPWS__SHA256_LEN];
  size_t i;
  (void)state;
  memset(key, 0x0b, 20);
  assert_int_equal(
      sipws__hmac_sha256(key, 20, (const uint8_t *)"Hi There", 8, out), 0);
  assert_hex(
      out, sizeof out,
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  assert_int_equal(
      sipws__hmac_sha256((const uint8_t *)"Jefe", 4,
                         (const uint8_t *)"what do ya want for nothing?", 28,
                         out),
      0);
  assert_hex(
      out, sizeof out,
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  memset(key, 0xaa, 20);
  memset(data, 0xdd, sizeof data);
  assert_int_equal(sipws__hmac_sha256(key, 20, data, 50, out), 0);
  assert_hex(
      out, sizeof out,
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  for (i = 0; i < 25; i++) {
    key[i] = (uint8_t)(i + 1);
  }
  memset(data, 0xcd, sizeof data);
  assert_int_equal(sipws__hmac_sha256(key, 25, data, 50, out), 0);
  assert_hex(
      out, sizeof out,
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

static void test_crypto_hmac_keeps_its_bounds(void **state) {
  uint8_t octets[129] = {0};
  uint8_t out[SIPWS__SHA256_LEN];
  (void)state;
  assert_int_equal(sipws__hmac_sha256(octets, 64, octets, 128, out), 0);
  assert_int_equal(sipws__hmac_sha256(octets, 65, octets, 128, out),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws__hmac_sha256(octets, 64, octets, 129, out),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws__hmac_sha256(octets, 16, NULL, 0, out), 0);
}

/* ---- texts with colons in between ---- */

static struct sipws__hash_text hash_text(const char *at, int is_quoted) {
  struct sipws__hash_text text;
  text.at = at;
  text.len = strlen(at);
  text.is_quoted = is_quoted;
  return text;
}

/* RFC 1321 section A.5, FIPS 180-2 appendix B. */
static void test_crypto_hash_of_texts_gives_known_answers(void **state) {
  static const struct {
    int hash;
    const char *text, *hex;
  } rows[] = {
      {SIPWS__HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
      {SIPWS__HASH_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {SIPWS__HASH_SHA256, "",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {SIPWS__HASH_SHA256, "abc",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
  };
  char out[SIPWS__HASH_HEX_MAX];
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct sipws__hash_text text = hash_text(rows[i].text, 0);
    assert_int_equal(sipws__hash_texts(rows[i].hash, &text, 1, out), 0);
    assert_text(out, sipws__hash_hex_len(rows[i].hash), rows[i].hex);
  }
}

/* 1 when |count| texts hash as |whole| does. */
static int hashes_as(const struct sipws__hash_text *texts, size_t count,
                     const char *whole) {
  struct sipws__hash_text text = hash_text(whole, 0);
  char out[SIPWS__HASH_HEX_MAX];
  char expected[SIPWS__HASH_HEX_MAX];
  assert_int_equal(sipws__hash_texts(SIPWS__HASH_MD5, texts, count, out), 0);
  assert_int_equal(sipws__hash_texts(SIPWS__HASH_MD5, &text, 1, expected), 0);
  return memcmp(out, expected, 32) == 0;
}

static void test_crypto_hash_puts_colons_between_texts(void **state) {
  struct sipws__hash_text texts[4];
  (void)state;
  texts[0] = hash_text("a", 0);
  texts[1] = hash_text("bc", 0);
  texts[2] = hash_text("", 0);
  texts[3] = hash_text("d", 0);
  assert_true(hashes_as(texts, 1, "a"));
  assert_true(hashes_as(texts, 2, "a:bc"));
  assert_true(hashes_as(texts, 3, "a:bc:"));
  assert_true(hashes_as(texts, 4, "a:bc::d"));
  texts[2].at = NULL;
  assert_true(hashes_as(texts, 4, "a:bc::d"));
}

static void test_crypto_hash_of_quoted_text_drops_escapes(void **state) {
  static const char *const rows[][2] = {
      {"abc", "abc"},         {"a\\\"b", "a\"b"},
      {"\\\"a\\\"", "\"a\""}, {"\\\\", "\\"},
      {"\\\\\\\\", "\\\\"},   {"a\\bc\\d", "abcd"},
      {"\\\\\\\"", "\\\""},   {"", ""},
  };
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct sipws__hash_text text = hash_text(rows[i][0], 1);
    assert_true(hashes_as(&text, 1, rows[i][1]));
    text.is_quoted = 0;
    assert_true(hashes_as(&text, 1, rows[i][0]));
  }
}

static void test_crypto_hash_may_replace_one_of_its_texts(void **state) {
  char out[SIPWS__HASH_HEX_MAX] = "a";
  struct sipws__hash_text text = hash_text(out, 0);
  (void)state;
  assert_int_equal(sipws__hash_texts(SIPWS__HASH_MD5, &text, 1, out), 0);
  assert_text(out, 32, "0cc175b9c0f1b6a831c399e269772661");
}

static void test_crypto_hex_is_in_lower_case(void **state) {
  static const uint8_t data[] = {0x00, 0x19, 0xaf, 0xff};
  char out[9] = "--------!";
  (void)state;
  sipws__hex(data, sizeof data, out);
  assert_text(out, sizeof out, "0019afff!");
  sipws__hex(data, 0, out);
  assert_int_equal(out[0], '0');
}

/* ---- base64 ---- */

struct pair {
  const char *data;
  const char *text;
};

/* RFC 4648 section 10. */
static const struct pair pairs[] = {
    {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
};

static void test_crypto_base64_gives_answers_of_rfc_4648(void **state) {
  size_t i;
  (void)state;
  for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    size_t len = strlen(pairs[i].data);
    size_t text_len = strlen(pairs[i].text);
    char text[8];
    uint8_t out[96];
    size_t out_len = 0;
    assert_int_equal(SIPWS__BASE64_LEN(len), text_len);
    sipws__base64((const uint8_t *)pairs[i].data, len, text);
    assert_text(text, text_len, pairs[i].text);
    assert_int_equal(sipws__base64_decode(text, text_len, out, &out_len), 0);
    assert_text(out, out_len, pairs[i].data);
  }
}

/* RFC 4648 section 4. */
static void test_crypto_base64_knows_its_alphabet_and_no_more(void **state) {
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char text[4] = "AAAA";
  int octet;
  (void)state;
  for (octet = 0; octet < 256; octet++) {
    const char *at = octet == 0 ? NULL : strchr(alphabet, octet);
    uint8_t out[3] = {0};
    char again[4];
    size_t len = 0;
    text[3] = (char)octet;
    assert_int_equal(sipws__base64_decode(text, 4, out, &len),
                     at != NULL || octet == '=' ? 0 : SIPWS_ERR_SYNTAX);
    if (at != NULL) {
      assert_int_equal(len, 3);
      assert_int_equal(out[2], at - alphabet);
      sipws__base64(out, 3, again);
      assert_memory_equal(again, text, 4);
    }
  }
}

static void test_crypto_base64_round_trips_at_any_length(void **state) {
  uint8_t data[800];
  uint32_t seed = 7;
  size_t len;
  (void)state;
  assert_int_equal(test_random(data, sizeof data, &seed), 0);
  for (len = 1; len <= sizeof data; len++) {
    size_t text_len = SIPWS__BASE64_LEN(len);
    char *text = malloc(text_len);
    uint8_t *out = malloc(text_len / 4 * 3);
    size_t out_len = 0;
    sipws__base64(data, len, text);
    assert_int_equal(sipws__base64_decode(text, text_len, out, &out_len), 0);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, data, len);
    free(text);
    free(out);
  }
}

static void test_crypto_base64url_round_trips_up_to_its_bound(void **state) {
  uint8_t data[128];
  uint32_t seed = 7;
  size_t len;
  (void)state;
  assert_int_equal(test_random(data, sizeof data, &seed), 0);
  for (len = 1; len <= sizeof data; len++) {
    size_t url_len = (len * 4 + 2) / 3;
    char *url = malloc(url_len);
    uint8_t out[96];
    size_t out_len = 0;
    int err;
    sipws__base64url(data, len, url);
    err = sipws__base64url_decode(url, url_len, out, &out_len);
    assert_int_equal(err, len <= 96 ? 0 : SIPWS_ERR_SYNTAX);
    if (len <= 96) {
      assert_int_equal(out_len, len);
      assert_memory_equal(out, data, len);
    }
    free(url);
  }
}

/* Padding inside a long text. */
static void test_crypto_base64_is_padded_at_its_end_alone(void **state) {
  uint8_t data[97];
  uint8_t out[3 * 96];
  char text[264];
  size_t out_len = 777;
  (void)state;
  memset(data, 'a', sizeof data);
  sipws__base64(data, 94, text); /* 128 octets of text, two of them "=" */
  sipws__base64(data, 96, text + 128);
  assert_int_equal(sipws__base64_decode(text, 256, out, &out_len),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws__base64_decode(text, 132, out, &out_len),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(out_len, 777);
  sipws__base64(data, 96, text);
  sipws__base64(data, 97, text + 128);
  assert_int_equal(sipws__base64_decode(text, 260, out, &out_len), 0);
  assert_int_equal(out_len, 96 + 97);
  assert_int_equal(sipws__base64_decode(text, 259, out, &out_len),
                   SIPWS_ERR_SYNTAX);
}

static void test_crypto_base64url_has_its_own_alphabet(void **state) {
  static const uint8_t data[] = {0xfb, 0xff, 0xbf, 0xff};
  char text[8];
  uint8_t out[96];
  size_t len = 0;
  (void)state;
  sipws__base64(data, 4, text);
  assert_text(text, 8, "+/+//w==");
  sipws__base64url(data, 4, text);
  assert_text(text, 6, "-_-__w");
  assert_int_equal(sipws__base64url_decode("-_-__w", 6, out, &len), 0);
  assert_int_equal(len, 4);
  assert_memory_equal(out, data, 4);
  assert_int_equal(sipws__base64url_decode("+/+//w", 6, out, &len),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws__base64url_decode("-_-__w==", 8, out, &len),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws__base64_decode("-_-__w==", 8, out, &len),
                   SIPWS_ERR_SYNTAX);
}

static void test_crypto_base64_that_is_not_canonical_is_refused(void **state) {
  static const char *const bad[] = {
      "",         "A",        "AA",
      "AAA",      "AAAA=",    "=",
      "====",     "A===",     "AA=A",
      "AAA=AAAA", "AB==",     "AI==",
      "AAB=",     "AAC=",     "AA==\r\n",
      "AA\r\nAA", "A A A A ", " AAA",
      "AAA ",     "AAA*",     "AQIDBAUGBwgJCgsMDQ4PEC==",
      "\n\n\n\n", "AAAAA===", "Zg==Zg=="};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    size_t len = strlen(bad[i]);
    char *text = test_guarded(bad[i], len);
    uint8_t out[96];
    size_t out_len = 777;
    assert_int_equal(sipws__base64_decode(text, len, out, &out_len),
                     SIPWS_ERR_SYNTAX);
    assert_int_equal(out_len, 777);
    test_guarded_free(text, len);
  }
}

static void
test_crypto_base64url_that_is_not_canonical_is_refused(void **state) {
  static const char *const bad[] = {"",      "A",    "AB",   "AAB",
                                    "AAAAA", "AA A", "AA\n", "AA=="};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    uint8_t out[96];
    size_t out_len = 777;
    assert_int_equal(
        sipws__base64url_decode(bad[i], strlen(bad[i]), out, &out_len),
        SIPWS_ERR_SYNTAX);
    assert_int_equal(out_len, 777);
  }
}

static void test_crypto_equal_sees_every_bit(void **state) {
  uint8_t a[22] = {0};
  uint8_t b[22] = {0};
  size_t i;
  (void)state;
  assert_true(sipws__crypto_equal(a, b, sizeof a));
  assert_true(sipws__crypto_equal(a, b, 0));
  for (i = 0; i < 8 * sizeof a; i++) {
    b[i / 8] = (uint8_t)(1u << i % 8);
    assert_false(sipws__crypto_equal(a, b, sizeof a));
    b[i / 8] = 0;
  }
}

static void test_crypto_wipe_leaves_zeros(void **state) {
  uint8_t secret[9];
  static const uint8_t zeros[8];
  (void)state;
  memset(secret, 0xaa, sizeof secret);
  sipws__crypto_wipe(secret, 8);
  assert_memory_equal(secret, zeros, 8);
  assert_int_equal(secret[8], 0xaa);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_crypto_sha1_gives_known_answers),
      cmocka_unit_test(test_crypto_accept_value_is_that_of_rfc_6455),
      cmocka_unit_test(test_crypto_hmac_gives_answers_of_rfc_4231),
      cmocka_unit_test(test_crypto_hmac_keeps_its_bounds),
      cmocka_unit_test(test_crypto_hash_of_texts_gives_known_answers),
      cmocka_unit_test(test_crypto_hash_puts_colons_between_texts),
      cmocka_unit_test(test_crypto_hash_of_quoted_text_drops_escapes),
      cmocka_unit_test(test_crypto_hash_may_replace_one_of_its_texts),
      cmocka_unit_test(test_crypto_hex_is_in_lower_case),
      cmocka_unit_test(test_crypto_base64_gives_answers_of_rfc_4648),
      cmocka_unit_test(test_crypto_base64_knows_its_alphabet_and_no_more),
      cmocka_unit_test(test_crypto_base64_round_trips_at_any_length),
      cmocka_unit_test(test_crypto_base64url_round_trips_up_to_its_bound),
      cmocka_unit_test(test_crypto_base64_is_padded_at_its_end_alone),
      cmocka_unit_test(test_crypto_base64url_has_its_own_alphabet),
      cmocka_unit_test(test_crypto_base64_that_is_not_canonical_is_refused),
      cmocka_unit_test(test_crypto_base64url_that_is_not_canonical_is_refused),
      cmocka_unit_test(test_crypto_equal_sees_every_bit),
      cmocka_unit_test(test_crypto_wipe_leaves_zeros),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
