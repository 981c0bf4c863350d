/* url: ws and wss URLs. */
#include "writer.h"

#include <sipws/sip.h>

static int read_url(const char *text, sipws_url *url) {
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  int err;
  memset(url, 0x55, sizeof *url);
  url->struct_size = sizeof *url;
  err = sipws_url_parse(guarded, len, url);
  test_guarded_free(guarded, len);
  return err;
}

static void assert_url(const char *text, uint32_t secure, const char *host,
                       uint32_t port, uint32_t has_port, const char *path,
                       const char *query) {
  sipws_url url;
  assert_int_equal(read_url(text, &url), 0);
  assert_int_equal(url.secure, secure);
  assert_span(text, url.host, host);
  assert_int_equal(url.port, port);
  assert_int_equal(url.has_port, has_port);
  assert_span(text, url.path, path);
  assert_span(text, url.query, query);
}

static void test_url_is_read(void **state) {
  (void)state;
  assert_url("ws://h", 0, "h", 80, 0, "", "");
  assert_url("WSS://H", 1, "H", 443, 0, "", "");
  assert_url("wSs://h/", 1, "h", 443, 0, "/", "");
  assert_url("ws://h?x=1", 0, "h", 80, 0, "", "x=1");
  assert_url("ws://h/?", 0, "h", 80, 0, "/", "");
  assert_url("ws://h:1/a/b?c=d/e?f", 0, "h", 1, 1, "/a/b", "c=d/e?f");
  assert_url("wss://edge.example.com:65535/ws%23;x=y", 1, "edge.example.com",
             65535, 1, "/ws%23;x=y", "");
  assert_url("wss://[2001:db8::1]:8443/", 1, "[2001:db8::1]", 8443, 1, "/", "");
  assert_url("ws://192.0.2.1?", 0, "192.0.2.1", 80, 0, "", "");
  assert_url("ws://h/@:", 0, "h", 80, 0, "/@:", "");
}

static void test_url_that_is_none_is_refused(void **state) {
  static const char *const bad[] = {"",
                                    "ws",
                                    "ws:",
                                    "ws:/",
                                    "ws://",
                                    "wss://",
                                    "ws:///a",
                                    "ws://?a",
                                    "ws:h",
                                    "ws:/h",
                                    "http://h",
                                    "https://h",
                                    "wsss://h",
                                    "ws ://h",
                                    " ws://h",
                                    "ws://h ",
                                    "ws://u@h",
                                    "ws://u:p@h",
                                    "ws://h#f",
                                    "ws://h/a#b",
                                    "ws://h/#",
                                    "ws://h:",
                                    "ws://h:/",
                                    "ws://h:0",
                                    "ws://h:65536",
                                    "ws://h:x",
                                    "ws://h:8x",
                                    "ws://h:-1",
                                    "ws://:80",
                                    "ws://h/a b",
                                    "ws://h/\xc3\xa4",
                                    "ws://\xc3\xa4",
                                    "ws://h/<",
                                    "ws://h/>",
                                    "ws://h/\"",
                                    "ws://h/{",
                                    "ws://h/}",
                                    "ws://h/|",
                                    "ws://h/\\",
                                    "ws://h/^",
                                    "ws://h/`",
                                    "ws://h/\x7f",
                                    "ws://h/\r\n",
                                    "ws://h\\a",
                                    "ws://::1",
                                    "ws://[::1",
                                    "ws://[::1]a",
                                    "ws://[x]",
                                    "ws://h,i",
                                    "ws://h%41"};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sipws_url url, before;
    memset(&before, 0x55, sizeof before);
    before.struct_size = sizeof before;
    if (read_url(bad[i], &url) != SIPWS_ERR_URL) {
      fail_msg("taken: %s", bad[i]);
    }
    assert_memory_equal(&url, &before, sizeof url);
  }
}

static void test_url_octets_are_judged_one_by_one(void **state) {
  int c;
  (void)state;
  for (c = 0; c < 256; c++) {
    char text[] = "ws://h/ab";
    sipws_url url;
    int expected = c > 0x20 && c < 0x7f && strchr("<>\"{}|\\^`#", c) == NULL;
    text[8] = (char)c;
    url.struct_size = sizeof url;
    assert_int_equal(sipws_url_parse(text, 9, &url),
                     expected ? 0 : SIPWS_ERR_URL);
  }
}

struct build {
  int secure;
  const char *host;
  uint32_t port;
  const char *resource;
};

static int build(const void *how, const char *msg, size_t len, char *out,
                 size_t out_size, size_t *out_len) {
  const struct build *b = how;
  (void)msg;
  (void)len;
  return sipws_url_build(
      b->secure, b->host, strlen(b->host), b->port, b->resource,
      b->resource != NULL ? strlen(b->resource) : 0, out, out_size, out_len);
}

static void assert_built(int secure, const char *host, uint32_t port,
                         const char *resource, const char *expected) {
  struct build b;
  sipws_url url;
  b.secure = secure;
  b.host = host;
  b.port = port;
  b.resource = resource;
  assert_sizes(build, &b, NULL, 0, expected);
  assert_int_equal(read_url(expected, &url), 0);
  assert_int_equal(url.secure, secure);
}

static void test_url_is_built(void **state) {
  (void)state;
  assert_built(0, "h", 0, "", "ws://h/");
  assert_built(1, "h", 0, NULL, "wss://h/");
  assert_built(1, "h.example", 443, "/ws?a=b", "wss://h.example:443/ws?a=b");
  assert_built(0, "[::1]", 65535, "?a", "ws://[::1]:65535/?a");
  assert_built(0, "1.2.3.4", 1, "/", "ws://1.2.3.4:1/");
}

static void test_url_build_refuses_unfit_parts(void **state) {
  static const struct build bad[] = {
      {0, "", 0, ""},       {0, "a b", 0, ""},   {0, "u@h", 0, ""},
      {0, "h:1", 0, ""},    {0, "::1", 0, ""},   {0, "h/", 0, ""},
      {0, "h", 0, "a"},     {0, "h", 0, "/#"},   {0, "h", 0, "/ "},
      {0, "h", 0, "/\r\n"}, {0, "h\r\n", 0, ""}, {0, "h", 0, "@i/"}};
  struct build port = {0, "h", 65536, ""};
  char out[8];
  size_t out_len;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_refused(build, &bad[i], NULL, SIPWS_ERR_URL);
  }
  assert_refused(build, &port, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_url_build(0, NULL, 0, 0, "", 0, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_url_build(0, "h", 1, 0, NULL, 1, out, sizeof out, &out_len),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_url_build(0, "h", 1, 0, "", 0, out, sizeof out, NULL),
                   SIPWS_ERR_INVALID);
}

static void test_url_wrong_arguments_are_invalid(void **state) {
  sipws_url url;
  (void)state;
  url.struct_size = sizeof url;
  assert_int_equal(sipws_url_parse(NULL, 1, &url), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_url_parse("a", 1, NULL), SIPWS_ERR_INVALID);
  url.struct_size++;
  assert_int_equal(sipws_url_parse("ws://a", 6, &url), SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_url_is_read),
      cmocka_unit_test(test_url_that_is_none_is_refused),
      cmocka_unit_test(test_url_octets_are_judged_one_by_one),
      cmocka_unit_test(test_url_is_built),
      cmocka_unit_test(test_url_build_refuses_unfit_parts),
      cmocka_unit_test(test_url_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
