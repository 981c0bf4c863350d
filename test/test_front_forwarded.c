/* front: Forwarded and X-Forwarded-For. */
#include "support.h"

#include <sipws/front.h>

typedef int (*next_fn)(const char *text, sipws_span *list,
                       sipws_forwarded *element);

/* What an element says, as text: "192.0.2.1:80", "[2001:db8::1]", "?node" when
 * it has no address; " by=", " host=", " proto=" as far as there are some, and
 * "!" when that is a secure one. */
static void show(const char *text, const sipws_forwarded *element, char *out) {
  static const uint8_t ipv6[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0,
                                   0,    0, 0,   0,    0, 0, 0, 1};
  const uint8_t *addr = element->addr;
  const sipws_span *spans[3];
  static const char names[3][8] = {" by=", " host=", " proto="};
  size_t i;
  spans[0] = &element->by;
  spans[1] = &element->host;
  spans[2] = &element->proto;
  assert_int_equal(element->struct_size, sizeof *element);
  if (element->addr_len == 4) {
    out += sprintf(out, "%u.%u.%u.%u", addr[0], addr[1], addr[2], addr[3]);
  } else if (element->addr_len == 16) {
    assert_memory_equal(addr, ipv6, 16);
    out += sprintf(out, "[2001:db8::1]");
  } else {
    assert_int_equal(element->addr_len, 0);
    assert_int_equal(element->port, 0);
    out += sprintf(out, "?%.*s", (int)element->for_node.len,
                   text + element->for_node.off);
  }
  if (element->port != 0) {
    out += sprintf(out, ":%u", element->port);
  }
  for (i = 0; i < 3; i++) {
    if (spans[i]->len > 0) {
      out += sprintf(out, "%s%.*s", names[i], (int)spans[i]->len,
                     text + spans[i]->off);
    }
  }
  assert_true(element->has_proto || element->proto.len == 0);
  sprintf(out, "%s", element->is_secure ? "!" : "");
}

/* All elements, " | " between them, and how the walk ended: "." or "SYNTAX". */
static const char *walk(next_fn next, const char *text) {
  static char all[1024];
  size_t len = strlen(text);
  char *guarded = test_guarded(text, len);
  sipws_span list;
  sipws_forwarded element;
  char one[256];
  int err;
  list.off = 0;
  list.len = (uint32_t)len;
  all[0] = '\0';
  memset(&element, 0x55, sizeof element);
  element.struct_size = sizeof element;
  while ((err = next(guarded, &list, &element)) == 0) {
    show(guarded, &element, one);
    strcat(strcat(all, one), " | ");
    memset(&element, 0x55, sizeof element);
    element.struct_size = sizeof element;
  }
  test_guarded_free(guarded, len);
  assert_true(err == SIPWS_ERR_NOT_FOUND || err == SIPWS_ERR_SYNTAX);
  return strcat(all, err == SIPWS_ERR_SYNTAX ? "SYNTAX" : ".");
}

struct row {
  const char *text;
  const char *expected;
};

static void assert_rows(next_fn next, const struct row *rows, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) {
    const char *found = walk(next, rows[i].text);
    if (strcmp(found, rows[i].expected) != 0) {
      fail_msg("%s\n  gives    %s\n  in place of %s", rows[i].text, found,
               rows[i].expected);
    }
  }
}

#define ASSERT_ROWS(next, rows)                                                \
  assert_rows((next), (rows), sizeof(rows) / sizeof((rows)[0]))

/* ---- Forwarded ---- */

static void test_front_forwarded_elements_are_read(void **state) {
  static const struct row rows[] = {
      {"", "."},
      {" \t,, ,", "."},
      {"for=192.0.2.43", "192.0.2.43 | ."},
      {"for=192.0.2.43:47011", "192.0.2.43:47011 | ."},
      {"for=\"192.0.2.43:47011\"", "192.0.2.43:47011 | ."},
      /* RFC 7239 4, 6.1, 7.1 */
      {"for=\"_gazonk\"", "?_gazonk | ."},
      {"For=\"[2001:db8::1]:4711\"", "[2001:db8::1]:4711 | ."},
      {"for=192.0.2.60;proto=http;by=203.0.113.43",
       "192.0.2.60 by=203.0.113.43 proto=http | ."},
      {"for=192.0.2.43, for=198.51.100.17", "192.0.2.43 | 198.51.100.17 | ."},
      {"for=_hidden, for=_SEVKISEK", "?_hidden | ?_SEVKISEK | ."},
      {"for=192.0.2.43,for=\"[2001:db8::1]\",for=unknown",
       "192.0.2.43 | [2001:db8::1] | ?unknown | ."},
      /* by and host */
      {"host=\"h.example:443\";by=_x;for=192.0.2.1",
       "192.0.2.1 by=_x host=h.example:443 | ."},
      /* the scheme */
      {"proto=https", "? proto=https! | ."},
      {"proto=HTTPS", "? proto=HTTPS! | ."},
      {"proto=wss;for=192.0.2.1", "192.0.2.1 proto=wss! | ."},
      {"proto=ws", "? proto=ws | ."},
      {"proto=httpsx", "? proto=httpsx | ."},
      {"proto=\"https\"", "? proto=https! | ."},
      {"proto=\"https \"", "? proto=https  | ."},
      {"proto=\"\"", "? | ."},
      /* each its own */
      {"for=192.0.2.1;proto=https,for=192.0.2.2",
       "192.0.2.1 proto=https! | 192.0.2.2 | ."},
      /* empty pairs and elements, extensions, white space */
      {";", "? | ."},
      {";for=192.0.2.1;;", "192.0.2.1 | ."},
      {",,for=192.0.2.1,,for=192.0.2.2, ,", "192.0.2.1 | 192.0.2.2 | ."},
      {"secret=egah2CGj;x=\",;=\";x=1;for=192.0.2.1", "192.0.2.1 | ."},
      {"\tfor=192.0.2.1 ; proto=http , for=192.0.2.2 ",
       "192.0.2.1 proto=http | 192.0.2.2 | ."},
      /* commas and semicolons in quotes are no separators */
      {"for=\"a,for=192.0.2.1;proto=https\"",
       "?a,for=192.0.2.1;proto=https | ."},
      {"for=\"\\\",for=192.0.2.1\"", "?\\\",for=192.0.2.1 | ."},
  };
  (void)state;
  ASSERT_ROWS(sipws_forwarded_next, rows);
}

static void test_front_forwarded_broken_lines_end_the_walk(void **state) {
  static const struct row rows[] = {
      {"for", "SYNTAX"},
      {"for=", "SYNTAX"},
      {"=192.0.2.1", "SYNTAX"},
      {"for =\"192.0.2.1", "SYNTAX"},
      {"for=\"192.0.2.1\\\"", "SYNTAX"},
      {"for=\"192.0.2.1\\", "SYNTAX"},
      {"for=\"", "SYNTAX"},
      {"for=192.0.2.1 for=192.0.2.2", "SYNTAX"},
      {"for=192.0.2.1 x", "SYNTAX"},
      {"for=\"192.0.2.1\"x", "SYNTAX"},
      {"192.0.2.1", "SYNTAX"},
      {"for:192.0.2.1", "SYNTAX"},
      {"for=192.0.2.1,for", "192.0.2.1 | SYNTAX"},
      /* RFC 7239 4: once each */
      {"for=192.0.2.1;for=192.0.2.2", "SYNTAX"},
      {"for=192.0.2.1;FOR=192.0.2.1", "SYNTAX"},
      {"proto=http;proto=https", "SYNTAX"},
      {"by=a;by=a", "SYNTAX"},
      {"host=a;proto=http;host=a", "SYNTAX"},
      {"for=\"\";for=192.0.2.1", "SYNTAX"},
      {"for=\"192.0.2.1\x01\"", "SYNTAX"},
      {"for=\"a\r\nb\"", "SYNTAX"},
      {"for\r\n=192.0.2.1", "SYNTAX"},
  };
  (void)state;
  ASSERT_ROWS(sipws_forwarded_next, rows);
}

/* ---- nodes ---- */

static void test_front_forwarded_nodes_are_addresses_or_none(void **state) {
  static const struct {
    const char *node;
    const char *expected; /* NULL: no address */
  } rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1:1", "192.0.2.1:1"},
      {"192.0.2.1:65535", "192.0.2.1:65535"},
      {"192.0.2.1:0", "192.0.2.1"},
      {"192.0.2.1:_obf", "192.0.2.1"},
      {"[2001:db8::1]", "[2001:db8::1]"},
      {"[2001:db8::1]:65535", "[2001:db8::1]:65535"},
      {"[2001:DB8:0:0:0:0:0:1]:_x", "[2001:db8::1]"},
      /* without brackets there is no port */
      {"2001:db8::1", "[2001:db8::1]"},
      {"2001:db8:0:0:0:0:0:1:80", NULL},
      {"192.0.2.1:65536", NULL},
      {"192.0.2.1:99999", NULL},
      {"192.0.2.1:", NULL},
      {"192.0.2.1:x", NULL},
      {"192.0.2.1:-1", NULL},
      {"192.0.2.1:80:80", NULL},
      {"192.0.2.1]", NULL},
      {"[192.0.2.1]", NULL},
      {"[192.0.2.1]:80", NULL},
      {"[2001:db8::1", NULL},
      {"2001:db8::1]:80", NULL},
      {"[2001:db8::1]80", NULL},
      {"[2001:db8::1]:", NULL},
      {"[2001:db8::1]:65536", NULL},
      {"[[2001:db8::1]]", NULL},
      {"[]", NULL},
      {"[", NULL},
      {"]", NULL},
      {":", NULL},
      {":80", NULL},
      {"[]:80", NULL},
      {"192.0.2.01", NULL}, /* octal to some */
      {"0300.0.2.1", NULL},
      {"192.0.2", NULL},
      {"192.0.2.1.1", NULL},
      {"192.0.2.256", NULL},
      {"3221225985", NULL},
      {"0xc0000201", NULL},
      {"unknown", NULL},
      {"unknown:80", NULL},
      {"unix:", NULL},
      {"_hidden", NULL},
      {"h.example", NULL},
      {"fe80::1%eth0", NULL},
  };
  size_t i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char text[64];
    char expected[64];
    sprintf(expected, "%s%s | .", rows[i].expected != NULL ? "" : "?",
            rows[i].expected != NULL ? rows[i].expected : rows[i].node);
    assert_string_equal(walk(sipws_x_forwarded_next, rows[i].node), expected);
    sprintf(text, "for=\"%s\"", rows[i].node);
    assert_string_equal(walk(sipws_forwarded_next, text), expected);
  }
}

/* ---- X-Forwarded-For ---- */

static void test_front_forwarded_x_elements_are_read(void **state) {
  static const struct row rows[] = {
      {"", "."},
      {" ,\t,", "."},
      {"192.0.2.1", "192.0.2.1 | ."},
      {"192.0.2.1,192.0.2.2", "192.0.2.1 | 192.0.2.2 | ."},
      {" 192.0.2.1 ,\t[2001:db8::1]:80\t, 2001:db8::1 ",
       "192.0.2.1 | [2001:db8::1]:80 | [2001:db8::1] | ."},
      {",,192.0.2.1,,", "192.0.2.1 | ."},
      {"unknown, 192.0.2.1", "?unknown | 192.0.2.1 | ."},
      {"a b, 192.0.2.1", "?a b | 192.0.2.1 | ."},
      {"for=192.0.2.1", "?for=192.0.2.1 | ."},
      /* there are no quotes: one left open hides nobody */
      {"\", 192.0.2.1", "?\" | 192.0.2.1 | ."},
      {"\"192.0.2.1\"", "?\"192.0.2.1\" | ."},
      {"192.0.2.1 192.0.2.2", "?192.0.2.1 192.0.2.2 | ."},
      {"\x01, 192.0.2.1", "?\x01 | 192.0.2.1 | ."},
  };
  (void)state;
  ASSERT_ROWS(sipws_x_forwarded_next, rows);
}

/* ---- the call ---- */

static void test_front_forwarded_spans_count_from_the_text(void **state) {
  static const char text[] = "xxfor=a;proto=ws, for=byyy";
  sipws_span list = {2, 21};
  sipws_forwarded element;
  (void)state;
  element.struct_size = sizeof element;
  assert_int_equal(sipws_forwarded_next(text, &list, &element), 0);
  assert_int_equal(element.for_node.off, 6);
  assert_span(text, element.proto, "ws");
  assert_int_equal(sipws_forwarded_next(text, &list, &element), 0);
  assert_span(text, element.for_node, "b");
  assert_int_equal(sipws_forwarded_next(text, &list, &element),
                   SIPWS_ERR_NOT_FOUND);
}

static void test_front_forwarded_failure_changes_nothing(void **state) {
  static const char text[] = "for=a;for=b";
  sipws_span list = {0, sizeof text - 1};
  sipws_forwarded element, before;
  (void)state;
  memset(&element, 0x55, sizeof element);
  element.struct_size = sizeof element;
  before = element;
  assert_int_equal(sipws_forwarded_next(text, &list, &element),
                   SIPWS_ERR_SYNTAX);
  assert_memory_equal(&element, &before, sizeof element);
  assert_int_equal(list.off, 0);
  assert_int_equal(list.len, sizeof text - 1);
}

static void test_front_forwarded_wrong_arguments_are_invalid(void **state) {
  static const next_fn all[] = {sipws_forwarded_next, sipws_x_forwarded_next};
  sipws_span list = {0, 1};
  sipws_forwarded element;
  size_t i;
  (void)state;
  for (i = 0; i < 2; i++) {
    element.struct_size = sizeof element;
    assert_int_equal(all[i](NULL, &list, &element), SIPWS_ERR_INVALID);
    assert_int_equal(all[i]("a", NULL, &element), SIPWS_ERR_INVALID);
    assert_int_equal(all[i]("a", &list, NULL), SIPWS_ERR_INVALID);
    element.struct_size++;
    assert_int_equal(all[i]("a", &list, &element), SIPWS_ERR_INVALID);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_front_forwarded_elements_are_read),
      cmocka_unit_test(test_front_forwarded_broken_lines_end_the_walk),
      cmocka_unit_test(test_front_forwarded_nodes_are_addresses_or_none),
      cmocka_unit_test(test_front_forwarded_x_elements_are_read),
      cmocka_unit_test(test_front_forwarded_spans_count_from_the_text),
      cmocka_unit_test(test_front_forwarded_failure_changes_nothing),
      cmocka_unit_test(test_front_forwarded_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
