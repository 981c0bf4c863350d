/* front: lists of trusted addresses. */
#include "support.h"

#include <sipws/front.h>

/* Checks |list|: 0 or an error, and then |bad| gets the text at fault. */
static int check(const char *list, char bad[64]) {
  size_t len = strlen(list);
  char *guarded = test_guarded(list, len);
  sipws_span span = {7777, 7777};
  int err = sipws_trust_check(guarded, len, &span);
  if (err == SIPWS_ERR_SYNTAX) {
    assert_true(span.off + span.len <= len && span.len < 64);
    memcpy(bad, list + span.off, span.len);
    bad[span.len] = '\0';
  } else {
    assert_int_equal(span.off, 7777);
  }
  assert_int_equal(sipws_trust_check(guarded, len, NULL), err);
  test_guarded_free(guarded, len);
  return err;
}

/* An address as text, in the few forms that the rows below use, as octets. */
static size_t octets_of(const char *text, uint8_t addr[16]) {
  static const struct {
    const char *text;
    size_t len;
    uint8_t addr[16];
  } all[] = {
      {"unix", 0, {0}},
      {"0.0.0.0", 4, {0}},
      {"9.255.255.255", 4, {9, 255, 255, 255}},
      {"10.0.0.0", 4, {10, 0, 0, 0}},
      {"10.1.2.3", 4, {10, 1, 2, 3}},
      {"10.255.255.255", 4, {10, 255, 255, 255}},
      {"11.0.0.0", 4, {11, 0, 0, 0}},
      {"192.0.2.6", 4, {192, 0, 2, 6}},
      {"192.0.2.7", 4, {192, 0, 2, 7}},
      {"192.0.2.8", 4, {192, 0, 2, 8}},
      {"255.255.255.255", 4, {255, 255, 255, 255}},
      {"::", 16, {0}},
      {"::1", 16, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
      {"::192.0.2.7", 16, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 7}},
      {"::ffff:192.0.2.7",
       16,
       {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}},
      {"::fffe:192.0.2.7",
       16,
       {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 192, 0, 2, 7}},
      {"2001:db8::5",
       16,
       {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}},
      {"2001:db9::",
       16,
       {0x20, 1, 0xd, 0xb9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
  };
  size_t i;
  for (i = 0; strcmp(all[i].text, text) != 0; i++) {
    assert_true(i + 1 < sizeof all / sizeof all[0]);
  }
  memcpy(addr, all[i].addr, 16);
  return all[i].len;
}

static int has(const char *list, const char *addr_text) {
  uint8_t addr[16];
  size_t addr_len = octets_of(addr_text, addr);
  size_t len = strlen(list);
  char *guarded = test_guarded(list, len);
  uint8_t *guarded_addr = test_guarded(addr, addr_len);
  int answer = sipws_trust_has(guarded, len, guarded_addr, addr_len);
  test_guarded_free(guarded_addr, addr_len);
  test_guarded_free(guarded, len);
  return answer;
}

static void test_front_trust_lists_in_order_are_taken(void **state) {
  static const char *const good[] = {"",
                                     " ,\t\r\n,",
                                     "192.0.2.7",
                                     "192.0.2.7/32",
                                     "0.0.0.0/0",
                                     "10.0.0.0/8,,\n::1\t2001:db8::/32 unix",
                                     "::/0",
                                     "::1/128",
                                     "UNIX",
                                     "::ffff:10.0.0.0/104",
                                     "::ffff:0.0.0.0/96",
                                     "128.0.0.0/1",
                                     "fe80::/10"};
  char bad[64];
  size_t i;
  (void)state;
  for (i = 0; i < sizeof good / sizeof good[0]; i++) {
    if (check(good[i], bad) != 0) {
      fail_msg("refused: %s", good[i]);
    }
  }
  assert_int_equal(sipws_trust_check(NULL, 0, NULL), 0);
}

static void test_front_trust_entries_at_fault_are_named(void **state) {
  static const struct {
    const char *list;
    const char *bad;
  } rows[] = {{"x", "x"},
              {"::1, example.com ,y", "example.com"},
              {"10.0.0.1/8", "10.0.0.1/8"}, /* bits behind the prefix */
              {"10.0.0.0/6", "10.0.0.0/6"},
              {"0.0.0.1/31", "0.0.0.1/31"},
              {"::1/127", "::1/127"},
              {"2001:db8::/28", "2001:db8::/28"},
              {"::ffff:10.0.0.0/95", "::ffff:10.0.0.0/95"},
              {"::ffff:10.0.0.0/102", "::ffff:10.0.0.0/102"},
              {"0.0.0.0/33", "0.0.0.0/33"},
              {"::/129", "::/129"},
              {"10.0.0.0/", "10.0.0.0/"},
              {"10.0.0.0/8/8", "10.0.0.0/8/8"},
              {"10.0.0.0/+8", "10.0.0.0/+8"},
              {"10.0.0.0/8x", "10.0.0.0/8x"},
              {"/8", "/8"},
              {"10.0.0.0 /8", "/8"},
              {"10.0.0", "10.0.0"},
              {"10.0.0.0.0", "10.0.0.0.0"},
              {"256.0.0.0", "256.0.0.0"},
              {"010.0.0.1", "010.0.0.1"}, /* octal to some */
              {"10.0.00.0/8", "10.0.00.0/8"},
              {"::ffff:010.0.0.1", "::ffff:010.0.0.1"},
              {"[::1]", "[::1]"},
              {"::1]", "::1]"},
              {"fe80::1%eth0", "fe80::1%eth0"},
              {":::", ":::"},
              {"1:2:3:4:5:6:7", "1:2:3:4:5:6:7"},
              {"unix/0", "unix/0"},
              {"unixx", "unixx"},
              {"10.0.0.1;10.0.0.2", "10.0.0.1;10.0.0.2"},
              {"10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"},
              {"*", "*"}};
  char bad[64];
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (check(rows[i].list, bad) != SIPWS_ERR_SYNTAX) {
      fail_msg("taken: %s", rows[i].list);
    }
    assert_string_equal(bad, rows[i].bad);
  }
}

static void test_front_trust_addresses_are_found(void **state) {
  static const struct {
    const char *list;
    const char *addr;
    int found;
  } rows[] = {
      {"192.0.2.7", "192.0.2.7", 1},
      {"192.0.2.7", "192.0.2.6", 0},
      {"192.0.2.7", "192.0.2.8", 0},
      {"192.0.2.7/32", "192.0.2.7", 1},
      {"192.0.2.7/32", "192.0.2.6", 0},
      {"192.0.2.6/31", "192.0.2.6", 1},
      {"192.0.2.6/31", "192.0.2.7", 1},
      {"192.0.2.6/31", "192.0.2.8", 0},
      {"10.0.0.0/8", "9.255.255.255", 0},
      {"10.0.0.0/8", "10.0.0.0", 1},
      {"10.0.0.0/8", "10.255.255.255", 1},
      {"10.0.0.0/8", "11.0.0.0", 0},
      {"10.0.0.0/7", "11.0.0.0", 1},
      {"0.0.0.0/0", "0.0.0.0", 1},
      {"0.0.0.0/0", "255.255.255.255", 1},
      {"128.0.0.0/1", "255.255.255.255", 1},
      {"128.0.0.0/1", "10.1.2.3", 0},
      /* the families are apart, … */
      {"0.0.0.0/0", "::", 0},
      {"0.0.0.0/0", "::192.0.2.7", 0},
      {"::/0", "192.0.2.7", 0},
      {"::/0", "::1", 1},
      /* … and a mapped address is IPv4 */
      {"::/0", "::ffff:192.0.2.7", 0},
      {"0.0.0.0/0", "::ffff:192.0.2.7", 1},
      {"192.0.2.7", "::ffff:192.0.2.7", 1},
      {"192.0.2.7", "::fffe:192.0.2.7", 0},
      {"::ffff:192.0.2.7", "192.0.2.7", 1},
      {"::ffff:192.0.2.7", "::ffff:192.0.2.7", 1},
      {"::ffff:c000:207", "192.0.2.7", 1},
      {"::ffff:10.0.0.0/104", "10.1.2.3", 1},
      {"::ffff:10.0.0.0/104", "11.0.0.0", 0},
      {"::ffff:0.0.0.0/96", "192.0.2.8", 1},
      {"::1", "::1", 1},
      {"::1/128", "::1", 1},
      {"::1", "::", 0},
      {"2001:db8::/32", "2001:db8::5", 1},
      {"2001:DB8:0:0::/32", "2001:db8::5", 1},
      {"2001:db8::/32", "2001:db9::", 0},
      {"2001:db8::/31", "2001:db9::", 1},
      /* a peer without address */
      {"unix", "unix", 1},
      {"Unix", "unix", 1},
      {"0.0.0.0/0 ::/0", "unix", 0},
      {"unix", "0.0.0.0", 0},
      {"unix", "::", 0},
      {"unix", "::1", 0},
      /* lists; entries at fault match nothing and hide none */
      {"", "unix", 0},
      {"", "0.0.0.0", 0},
      {"::1,192.0.2.7", "192.0.2.7", 1},
      {"\t::1 \r\n unix ,, 192.0.2.7 ", "192.0.2.7", 1},
      {"x 10.0.0.1/8 192.0.2.7", "192.0.2.7", 1},
      {"10.0.0.1/8", "10.1.2.3", 0},
      {"10.0.0.1/8", "10.0.0.0", 0},
      {"10.0.0.0/33", "10.0.0.0", 0},
      {"10.1.2.3/", "10.1.2.3", 0},
      {"010.1.2.3", "10.1.2.3", 0},
      {"/0", "unix", 0},
      {"unix/0", "unix", 0},
      {"192.0.2.70", "192.0.2.7", 0},
      {"192.0.2.7 /0", "10.1.2.3", 0},
  };
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (has(rows[i].list, rows[i].addr) != rows[i].found) {
      fail_msg("%s in \"%s\"", rows[i].addr, rows[i].list);
    }
  }
}

/* Each prefix length against each single bit that differs. */
static void test_front_trust_every_prefix_counts_its_bits(void **state) {
  unsigned bits, flipped;
  (void)state;
  for (bits = 0; bits <= 128; bits++) {
    for (flipped = 0; flipped < 128; flipped++) {
      uint8_t addr[16] = {0};
      char list[16];
      snprintf(list, sizeof list, "::/%u", bits);
      addr[flipped / 8] = (uint8_t)(0x80 >> flipped % 8);
      assert_int_equal(sipws_trust_has(list, strlen(list), addr, 16),
                       flipped >= bits);
      if (bits <= 32 && flipped < 32) {
        snprintf(list, sizeof list, "0.0.0.0/%u", bits);
        assert_int_equal(sipws_trust_has(list, strlen(list), addr, 4),
                         flipped >= bits);
      }
    }
  }
}

/* An answer that is not 0 would be taken for a yes. */
static void test_front_trust_wrong_arguments_trust_nobody(void **state) {
  static const uint8_t addr[17] = {10, 0, 0, 1};
  static const char all[] = "0.0.0.0/0 ::/0 unix";
  sipws_span bad;
  size_t len;
  (void)state;
  for (len = 0; len <= 17; len++) {
    assert_int_equal(sipws_trust_has(all, sizeof all - 1, addr, len),
                     len == 0 || len == 4 || len == 16);
  }
  assert_int_equal(sipws_trust_has(NULL, 1, addr, 4), 0);
  assert_int_equal(sipws_trust_has(NULL, 0, addr, 4), 0);
  assert_int_equal(sipws_trust_has(all, sizeof all - 1, NULL, 4), 0);
  assert_int_equal(sipws_trust_has(all, sizeof all - 1, NULL, 0), 1);
  assert_int_equal(sipws_trust_has(all, (size_t)0x80000000u, addr, 4), 0);
  assert_int_equal(sipws_trust_check(NULL, 1, &bad), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_trust_check(all, (size_t)0x80000000u, &bad),
                   SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_front_trust_lists_in_order_are_taken),
      cmocka_unit_test(test_front_trust_entries_at_fault_are_named),
      cmocka_unit_test(test_front_trust_addresses_are_found),
      cmocka_unit_test(test_front_trust_every_prefix_counts_its_bits),
      cmocka_unit_test(test_front_trust_wrong_arguments_trust_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
