/* host: hosts, ports and addresses as text. */
#include "span.h"
#include "support.h"

#include "sipws_host.h"

/* assert that |text| is an address that is written as |expected|. */
static void assert_address(const char *text, const char *expected) {
  size_t len = strlen(text);
  char *host = test_guarded(text, len);
  char out[SIPWS__ADDRESS_MAX];
  uint8_t addr[16];
  size_t addr_len = sipws__host_address(host, *whole(text), addr);
  if (addr_len == 0) {
    fail_msg("refused: %s", text);
  }
  len = sipws__host_write_address(addr, addr_len, out);
  assert_text(out, len, expected);
  test_guarded_free(host, strlen(text));
}

/* RFC 4291 section 2.2, RFC 5952 section 4. */
static void test_host_addresses_are_read_and_written(void **state) {
  (void)state;
  assert_address("0.0.0.0", "0.0.0.0");
  assert_address("255.255.255.255", "255.255.255.255");
  assert_address("192.0.2.001", "192.0.2.1");
  assert_address("::", "::");
  assert_address("[::]", "::");
  assert_address("::1", "::1");
  assert_address("1::", "1::");
  assert_address("[2001:DB8::1]", "2001:db8::1");
  assert_address("2001:0db8:0:0:0:0:2:1", "2001:db8::2:1");
  assert_address("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
  assert_address("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
  assert_address("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
  assert_address("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
  assert_address("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8");
  assert_address("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
  assert_address("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
  assert_address("2001:db8:1234:5678:9abc:def0:1234:5678",
                 "2001:db8:1234:5678:9abc:def0:1234:5678");
  assert_address("::192.0.2.1", "::c000:201");
  assert_address("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
  assert_address("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201");
  assert_address("[::ffff:192.0.2.10]", "192.0.2.10");
  assert_address("::FFFF:c000:20a", "192.0.2.10");
  assert_address("2001:db8::10:5070", "2001:db8::10:5070"); /* RFC 5118 4.3 */
  assert_address("[2001:db8:::192.0.2.1]", "2001:db8::c000:201"); /* 4.10 */
  assert_address(":::192.0.2.1", "::c000:201");
}

static void test_host_what_is_no_address_is_a_name(void **state) {
  static const char *const bad[] = {"",
                                    "a",
                                    "1",
                                    "1.2.3",
                                    "1.2.3.4.5",
                                    "1.2.3.256",
                                    "1.2.3.",
                                    ".1.2.3",
                                    "1..2.3",
                                    "1.2.3.4 ",
                                    " 1.2.3.4",
                                    "1.2.3.4a",
                                    "0x1.2.3.4",
                                    "1.2.3.0004",
                                    "[1.2.3.4]",
                                    ":",
                                    ":::",
                                    "::::",
                                    "1:",
                                    ":1",
                                    "1::2::3",
                                    "1:2:3:4:5:6:7",
                                    "1:2:3:4:5:6:7:8:9",
                                    "1:2:3:4:5:6:7:8::",
                                    "::1:2:3:4:5:6:7:8",
                                    "1:2:3:4::5:6:7:8",
                                    "12345::",
                                    "g::",
                                    "::1%1",
                                    "[::1",
                                    "::1]",
                                    "[]",
                                    "::1.2.3",
                                    "::1.2.3.4:5",
                                    "::1.2.3.4.5",
                                    "1:2:3:4:5:6:7:1.2.3.4",
                                    "::1:2:3:4:5:6:7:1.2.3.4",
                                    "1:::2",
                                    "::::1.2.3.4",
                                    "1:::x",
                                    ":1.2.3.4",
                                    "1.2.3.4::"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    size_t len = strlen(bad[i]);
    char *host = test_guarded(bad[i], len);
    uint8_t addr[16];
    if (sipws__host_address(host, *whole(bad[i]), addr) != 0) {
      fail_msg("taken: %s", bad[i]);
    }
    test_guarded_free(host, len);
  }
}

/* Every address reads back as it was. */
static void test_host_addresses_survive_being_written(void **state) {
  uint32_t seed = 3;
  int i, group;
  (void)state;
  for (i = 0; i < 20000; i++) {
    uint8_t addr[16], again[16];
    uint8_t mask;
    char text[SIPWS__ADDRESS_MAX];
    sipws_span span = {0, 0};
    assert_int_equal(test_random(addr, 16, &seed), 0);
    assert_int_equal(test_random(&mask, 1, &seed), 0);
    for (group = 0; group < 8; group++) {
      if ((mask >> group & 1) != 0) {
        addr[2 * group] = 0;
        addr[2 * group + 1] = (uint8_t)(i % 3 == 0 ? 1 : 0);
      }
    }
    span.len = (uint32_t)sipws__host_write_address(addr, 16, text);
    assert_int_equal(sipws__host_address(text, span, again), 16);
    assert_memory_equal(again, addr, 16);
  }
}

static void assert_read(const char *text, int err, const char *expected,
                        uint32_t expected_port) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  sipws_span host;
  uint32_t port = 0;
  uint32_t pos = 0;
  assert_int_equal(
      sipws__host_read_with_port(guarded, &pos, (uint32_t)len, &host, &port),
      err);
  if (err == 0) {
    assert_span(guarded, host, expected);
    assert_int_equal(port, expected_port);
  }
  test_guarded_free(guarded, len);
}

static void test_host_and_port_are_read(void **state) {
  (void)state;
  assert_read("a", 0, "a", 0);
  assert_read("a-b_c.D9.;x", 0, "a-b_c.D9.", 0);
  assert_read("a:1", 0, "a", 1);
  assert_read("a:65535/", 0, "a", 65535);
  assert_read("1.2.3.4:00080", 0, "1.2.3.4", 80);
  assert_read("[::1]:80", 0, "[::1]", 80);
  assert_read("[::1]x", 0, "[::1]", 0);
  assert_read("::1", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read(".a", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("@", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("[", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("[::1", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("[a]", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("a:", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("a:0", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("a:65536", SIPWS_ERR_SYNTAX, NULL, 0);
  assert_read("a:x", SIPWS_ERR_SYNTAX, NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_host_addresses_are_read_and_written),
      cmocka_unit_test(test_host_what_is_no_address_is_a_name),
      cmocka_unit_test(test_host_addresses_survive_being_written),
      cmocka_unit_test(test_host_and_port_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
