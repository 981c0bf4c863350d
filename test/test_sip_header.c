/* sip_header: header lines and their values, found and walked. */
#include "folded.h"
#include "support.h"

#include <sipws/sip.h>

#define START "A sip:a SIP/2.0\r\n"

/* ---- help ---- */

static void outline(const char *msg, size_t len, sipws_sip_view *view) {
  view->struct_size = sizeof *view;
  assert_int_equal(sipws_sip_parse(msg, len, view), 0);
}

typedef int (*find_fn)(const char *msg, size_t len, const sipws_sip_view *view,
                       const char *name, size_t name_len, uint32_t index,
                       sipws_span *value);
typedef int (*walk_fn)(const char *msg, size_t len, const sipws_sip_view *view,
                       const char *name, size_t name_len, sipws_span *at,
                       sipws_span *value);

static void assert_found(find_fn find, const char *text, const char *name,
                         uint32_t index, int err, const char *expected) {
  sipws_sip_view view;
  sipws_span value = {77, 77};
  size_t len = strlen(text);
  char *msg = test_guarded(text, len);
  outline(msg, len, &view);
  assert_int_equal(find(msg, len, &view, name, strlen(name), index, &value),
                   err);
  if (err == 0) {
    assert_span(msg, value, expected);
  } else {
    assert_int_equal(value.off, 77);
    assert_int_equal(value.len, 77);
  }
  test_guarded_free(msg, len);
}

static void assert_header(const char *text, const char *name, uint32_t index,
                          const char *expected) {
  assert_found(sipws_sip_header, text, name, index,
               expected != NULL ? 0 : SIPWS_ERR_NOT_FOUND, expected);
}

/* assert that a walk sees |expected|, up to NULL, and ends with |err|, again
 * and again; and that the search by index sees the same. */
static void assert_walk(walk_fn walk, find_fn find, const char *text,
                        const char *name, const char *const *expected,
                        int err) {
  sipws_sip_view view;
  sipws_span at = {0, 0};
  sipws_span before, value;
  size_t len = strlen(text);
  char *msg = test_guarded(text, len);
  size_t name_len = strlen(name);
  uint32_t i;
  outline(msg, len, &view);
  for (i = 0; expected[i] != NULL; i++) {
    assert_int_equal(walk(msg, len, &view, name, name_len, &at, &value), 0);
    assert_span(msg, value, expected[i]);
    assert_found(find, text, name, i, 0, expected[i]);
  }
  before = at;
  assert_int_equal(walk(msg, len, &view, name, name_len, &at, &value), err);
  assert_int_equal(walk(msg, len, &view, name, name_len, &at, &value), err);
  assert_memory_equal(&at, &before, sizeof at);
  assert_found(find, text, name, i, err, NULL);
  test_guarded_free(msg, len);
}

static void assert_lines(const char *text, const char *name,
                         const char *const *expected) {
  assert_walk(sipws_sip_next_named, sipws_sip_header, text, name, expected,
              SIPWS_ERR_NOT_FOUND);
}

static void assert_values(const char *text, const char *name,
                          const char *const *expected, int err) {
  assert_walk(sipws_sip_next_value, sipws_sip_value_at, text, name, expected,
              err);
}

/* ---- lines ---- */

static void test_sip_header_is_found_folded_and_compact(void **state) {
  (void)state;
  assert_header(folded, "To", 0,
                "sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n");
  assert_header(folded, "t", 0,
                "sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n");
  assert_header(folded, "FROM", 0,
                "\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n"
                "  ;\r\n  tag = 98asjd8");
  assert_header(folded, "max-forwards", 0, "0068");
  assert_header(folded, "Subject", 0, "");
  assert_header(folded, "Subject", 1, NULL);
  assert_header(folded, "newfangledheader", 0,
                "newfangled value\r\n continued newfangled value");
  assert_header(folded, "Via", 1, "SIP /2.0/UDP 192.0.2.2;branch=390skdjuw");
  assert_header(folded, "v", 1, "SIP /2.0/UDP 192.0.2.2;branch=390skdjuw");
  assert_header(folded, "Via", 2, NULL);
  assert_header(folded, "Content-Length", 0, "5");
  assert_header(folded, "Route", 0, NULL);
  assert_header(folded, "", 0, NULL);
}

static void test_sip_header_compact_names_are_those_registered(void **state) {
  static const char *const names[26] = {"Accept-Contact",
                                        "Referred-By",
                                        "Content-Type",
                                        "Request-Disposition",
                                        "Content-Encoding",
                                        "From",
                                        NULL,
                                        NULL,
                                        "Call-ID",
                                        "Reject-Contact",
                                        "Supported",
                                        "Content-Length",
                                        "Contact",
                                        "Identity-Info",
                                        "Event",
                                        NULL,
                                        NULL,
                                        "Refer-To",
                                        "Subject",
                                        "To",
                                        "Allow-Events",
                                        "Via",
                                        NULL,
                                        "Session-Expires",
                                        "Identity",
                                        NULL};
  int i;
  (void)state;
  for (i = 0; i < 26; i++) {
    char text[64];
    char letter[2] = {0, 0};
    snprintf(text, sizeof text, "A sip:a SIP/2.0\r\n%c: 0\r\n\r\n", 'A' + i);
    letter[0] = (char)('a' + i);
    assert_header(text, letter, 0, "0");
    if (names[i] != NULL) {
      assert_header(text, names[i], 0, "0");
      snprintf(text, sizeof text, "A sip:a SIP/2.0\r\n%s: 0\r\n\r\n", names[i]);
      assert_header(text, letter, 0, "0");
    } else {
      assert_header(text, "", 0, NULL);
    }
    /* a neighbour's letter is another header */
    letter[0] = (char)('a' + (i + 1) % 26);
    assert_header(text, letter, 0, NULL);
  }
  assert_header("A sip:a SIP/2.0\r\n1: x\r\n\r\n", "1", 0, "x");
  assert_header("A sip:a SIP/2.0\r\n`: x\r\n\r\n", "`", 0, "x");
  assert_header("A sip:a SIP/2.0\r\n`: x\r\n\r\n", "{", 0, NULL);
}

static void test_sip_header_walk_sees_every_line(void **state) {
  static const char text[] = START "One: 1\r\nTwo :\r\n\t2\r\n"
                                   "Three:\r\n\r\nFour: 4\r\n";
  static const char *const lines[] = {"One: 1\r\n", "Two :\r\n\t2\r\n",
                                      "Three:\r\n"};
  static const char *const names[] = {"One", "Two", "Three"};
  static const char *const values[] = {"1", "2", ""};
  size_t len = sizeof text - 1;
  sipws_sip_view view;
  sipws_span at = {0, 0};
  sipws_span name, value;
  int i;
  (void)state;
  outline(text, len, &view);
  for (i = 0; i < 3; i++) {
    assert_int_equal(
        sipws_sip_next_header(text, len, &view, &at, &name, &value), 0);
    assert_span(text, at, lines[i]);
    assert_span(text, name, names[i]);
    assert_span(text, value, values[i]);
  }
  for (i = 0; i < 2; i++) {
    assert_int_equal(
        sipws_sip_next_header(text, len, &view, &at, &name, &value),
        SIPWS_ERR_NOT_FOUND);
    assert_span(text, at, lines[2]);
  }
}

static void test_sip_header_walk_of_a_message_without_lines_ends(void **state) {
  static const char *const none[] = {NULL};
  sipws_span at = {0, 0};
  sipws_sip_view view;
  sipws_span name, value;
  (void)state;
  outline(START "\r\n", sizeof START + 1, &view);
  assert_int_equal(sipws_sip_next_header(START "\r\n", sizeof START + 1, &view,
                                         &at, &name, &value),
                   SIPWS_ERR_NOT_FOUND);
  assert_lines(START "\r\nTo: body", "To", none);
  assert_values(START "\r\nTo: body", "To", none, SIPWS_ERR_NOT_FOUND);
}

static void test_sip_header_walk_by_name_sees_its_lines(void **state) {
  static const char text[] =
      START "m: <sip:a>, <sip:b>\r\nTo: c\r\nCONTACT :\r\n <sip:d>\r\n"
            "Contacts: e\r\nm:\r\nx: m: f\r\n\r\nm: body";
  static const char *const contacts[] = {"<sip:a>, <sip:b>", "<sip:d>", "",
                                         NULL};
  static const char *const to[] = {"c", NULL};
  static const char *const none[] = {NULL};
  (void)state;
  assert_lines(text, "Contact", contacts);
  assert_lines(text, "M", contacts);
  assert_lines(text, "t", to);
  assert_lines(text, "Route", none);
}

static void test_sip_header_walk_gives_lines_to_remove(void **state) {
  static const char msg[] =
      START "m: a\r\nTo: b\r\nContact: c\r\n\td\r\nX: e\r\n\r\nm: f";
  char text[sizeof msg];
  size_t len = sizeof msg - 1;
  sipws_sip_view view;
  sipws_span value;
  (void)state;
  memcpy(text, msg, sizeof msg);
  for (;;) {
    sipws_span at = {0, 0};
    outline(text, len, &view);
    if (sipws_sip_next_named(text, len, &view, "Contact", 7, &at, &value) !=
        0) {
      break;
    }
    assert_int_equal(sipws_replace(text, len, at.off, at.len, NULL, 0, text,
                                   sizeof text, &len),
                     0);
  }
  assert_text(text, len, START "To: b\r\nX: e\r\n\r\nm: f");
}

/* ---- values ---- */

static void test_sip_header_values_are_walked_across_lines(void **state) {
  static const char text[] =
      START "Route: <sip:a,b;lr>,\r\n <sip:c>\r\nTo: x, y\r\n"
            "route: \"d, \\\"\" <sip:d> , ,\r\nRoute:\r\nRoute: \r\n ,\r\n"
            "Routes: z\r\nRoute:<sip:e>\r\n\r\nRoute: body";
  static const char *const routes[] = {"<sip:a,b;lr>", "<sip:c>",
                                       "\"d, \\\"\" <sip:d>", "<sip:e>", NULL};
  static const char *const to[] = {"x", "y", NULL};
  static const char *const none[] = {NULL};
  (void)state;
  assert_values(text, "Route", routes, SIPWS_ERR_NOT_FOUND);
  assert_values(text, "To", to, SIPWS_ERR_NOT_FOUND);
  assert_values(text, "Path", none, SIPWS_ERR_NOT_FOUND);
  assert_values(START "k:\r\nSupported:path\r\n\r\n", "Supported",
                (const char *const[]){"path", NULL}, SIPWS_ERR_NOT_FOUND);
  assert_values(START "Supported:\r\n\r\n", "k", none, SIPWS_ERR_NOT_FOUND);
}

static void test_sip_header_values_without_end_stop_the_walk(void **state) {
  static const char *const two[] = {"a", "b", NULL};
  (void)state;
  assert_values(START "Route: a\r\nRoute: b, <c\r\nRoute: d>\r\n\r\n", "Route",
                two, SIPWS_ERR_SYNTAX);
  assert_values(START "Route: a, b, \"c\r\nRoute: \"d\r\n\r\n", "Route", two,
                SIPWS_ERR_SYNTAX);
}

/* As many lines as fit, and as many values: a walk that began anew for each of
 * them would take minutes. */
/* RFC 3261 8.2.2.3, RFC 5626 4.2.1: an option tag, wherever it stands. */
static void test_sip_header_option_is_found_among_values(void **state) {
  static const char text[] =
      START "k: path,\r\n Outbound\r\nRequire:\r\nSupported: ,gruu , \"x, y\""
            "\r\nX: replaces\r\n\r\nSupported: body";
  static const struct {
    const char *name;
    const char *value;
    int expected;
  } rows[] = {{"Supported", "path", 1},
              {"Supported", "outBOUND", 1},
              {"k", "gruu", 1},
              {"Supported", "\"x, y\"", 1},
              {"Supported", "replaces", 0},
              {"Supported", "out", 0},
              {"Supported", "outbounds", 0},
              {"Supported", "y\"", 0},
              {"Supported", "", 0},
              {"Require", "path", 0},
              {"Require", "", 0},
              {"Supported", "body", 0},
              {"X", "replaces", 1},
              {"Y", "path", 0}};
  size_t len = sizeof text - 1;
  char *msg = test_guarded(text, len);
  sipws_sip_view view;
  size_t i;
  (void)state;
  outline(msg, len, &view);
  for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (sipws_sip_has_value(msg, len, &view, rows[i].name, strlen(rows[i].name),
                            rows[i].value,
                            strlen(rows[i].value)) != rows[i].expected) {
      fail_msg("%s: %s", rows[i].name, rows[i].value);
    }
  }
  assert_false(sipws_sip_has_value(NULL, len, &view, "k", 1, "path", 4));
  assert_false(sipws_sip_has_value(msg, len, NULL, "k", 1, "path", 4));
  assert_false(sipws_sip_has_value(msg, len, &view, NULL, 1, "path", 4));
  assert_false(sipws_sip_has_value(msg, len, &view, "k", 1, NULL, 4));
  test_guarded_free(msg, len);
}

static void test_sip_header_walks_are_linear(void **state) {
  enum { LINES = 400000 };
  static const char line[] = "m: a\r\n";
  size_t start = sizeof START - 1;
  size_t len = start + LINES * (sizeof line - 1) + 2;
  char *msg = malloc(len);
  sipws_span at = {0, 0};
  sipws_span value;
  sipws_sip_view view;
  uint32_t count = 0;
  size_t i;
  (void)state;
  assert_non_null(msg);
  memcpy(msg, START, start);
  for (i = 0; i < LINES; i++) {
    memcpy(msg + start + i * (sizeof line - 1), line, sizeof line - 1);
  }
  memcpy(msg + len - 2, "\r\n", 2);
  outline(msg, len, &view);
  while (sipws_sip_next_value(msg, len, &view, "Contact", 7, &at, &value) ==
         0) {
    count++;
  }
  assert_int_equal(count, LINES);
  /* now one line: every line break becomes a comma and a space */
  for (i = 0; i + 1 < LINES; i++) {
    memcpy(msg + start + (i + 1) * (sizeof line - 1) - 2, ",   ", 4);
  }
  outline(msg, len, &view);
  at.off = 0;
  at.len = 0;
  count = 0;
  while (sipws_sip_next_value(msg, len, &view, "Contact", 7, &at, &value) ==
         0) {
    count++;
  }
  assert_int_equal(count, LINES);
  free(msg);
}

/* ---- numbers ---- */

static void assert_number(const char *header, const char *name, int err,
                          uint32_t expected) {
  char text[128];
  sipws_sip_view view;
  uint32_t number = 77;
  size_t len;
  char *msg;
  snprintf(text, sizeof text, START "%s\r\n\r\n", header);
  len = strlen(text);
  msg = test_guarded(text, len);
  outline(msg, len, &view);
  assert_int_equal(
      sipws_sip_number(msg, len, &view, name, strlen(name), &number), err);
  assert_int_equal(number, err == 0 ? expected : 77);
  test_guarded_free(msg, len);
}

static void test_sip_header_number_is_digits_alone(void **state) {
  (void)state;
  assert_number("Expires: 3600", "Expires", 0, 3600);
  assert_number("EXPIRES:\r\n 0060 ", "expires", 0, 60);
  assert_number("l: 5", "Content-Length", 0, 5);
  assert_number("Expires: 1\r\nExpires: 2", "Expires", 0, 1);
  assert_number("Expires: 4294967295", "Expires", 0, UINT32_MAX);
  assert_number("Expires: 4294967296", "Expires", SIPWS_ERR_SYNTAX, 0);
  assert_number("Expires:", "Expires", SIPWS_ERR_SYNTAX, 0);
  assert_number("Expires: -1", "Expires", SIPWS_ERR_SYNTAX, 0);
  assert_number("Expires: 1;x", "Expires", SIPWS_ERR_SYNTAX, 0);
  assert_number("Expires: 1, 2", "Expires", SIPWS_ERR_SYNTAX, 0);
  assert_number("Expires: x\r\nExpires: 2", "Expires", SIPWS_ERR_SYNTAX, 0);
  assert_number("Min-Expires: 1", "Expires", SIPWS_ERR_NOT_FOUND, 0);
}

/* ---- CSeq ---- */

static void assert_cseq(const char *value, int err, uint32_t expected,
                        const char *expected_method) {
  char text[128];
  sipws_sip_view view;
  sipws_span method;
  uint32_t number = 77;
  snprintf(text, sizeof text, START "%s\r\n\r\n", value);
  outline(text, strlen(text), &view);
  assert_int_equal(sipws_sip_cseq(text, strlen(text), &view, &number, &method),
                   err);
  if (err == 0) {
    assert_int_equal(number, expected);
    assert_span(text, method, expected_method);
  } else {
    assert_int_equal(number, 77);
  }
}

static void test_sip_header_cseq_is_number_and_method(void **state) {
  (void)state;
  assert_cseq("CSeq: 1 INVITE", 0, 1, "INVITE");
  assert_cseq("cseq: 0009\r\n  INVITE ", 0, 9, "INVITE");
  assert_cseq("CSeq: 0 \t ACK", 0, 0, "ACK");
  assert_cseq("CSeq: 2147483647 A", 0, 2147483647, "A");
  assert_cseq("CSeq: 2147483648 A", SIPWS_ERR_SYNTAX, 0, NULL);
  /* RFC 4475 3.1.2.4 */
  assert_cseq("CSeq: 36893488147419103232 REGISTER", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("CSeq: INVITE", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("CSeq: 1", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("CSeq: 1INVITE", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("CSeq: 1 INVITE BYE", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("CSeq: -1 INVITE", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("CSeq:", SIPWS_ERR_SYNTAX, 0, NULL);
  assert_cseq("To: a", SIPWS_ERR_NOT_FOUND, 0, NULL);
}

/* ---- what does not belong together ---- */

static void test_sip_header_view_of_another_text_is_harmless(void **state) {
  sipws_sip_view view;
  sipws_span at = {0, 0};
  sipws_span name, value;
  char *other = test_guarded("not a SIP message at all, but long", 34);
  static const char text[] = START "One: 1\r\nTwo: 2\r\n\r\n";
  (void)state;
  outline(text, sizeof text - 1, &view);
  assert_int_equal(sipws_sip_header(other, 32, &view, "To", 2, 0, &value),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_sip_header(other, 34, &view, "To", 2, 0, &value),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws_sip_next_header(other, 34, &view, &at, &name, &value),
                   SIPWS_ERR_SYNTAX);
  test_guarded_free(other, 34);
  /* headers at the very end, and one octet behind it */
  view.headers.off = sizeof text - 1;
  view.headers.len = 0;
  assert_int_equal(
      sipws_sip_next_header(text, sizeof text - 1, &view, &at, &name, &value),
      SIPWS_ERR_NOT_FOUND);
  view.headers.off = sizeof text;
  assert_int_equal(
      sipws_sip_next_header(text, sizeof text - 1, &view, &at, &name, &value),
      SIPWS_ERR_INVALID);
}

/* Whatever the cursor, nothing outside of the headers is read. */
static void test_sip_header_foreign_cursor_is_harmless(void **state) {
  static const char text[] = START "One: 1, \"2\r\nTwo: <2\r\n\r\n";
  size_t len = sizeof text - 1;
  size_t end = len - 2;
  char *msg = test_guarded(text, len);
  sipws_sip_view view;
  sipws_span at, name, value;
  uint32_t off, n;
  (void)state;
  outline(msg, len, &view);
  for (off = 0; off < 50; off++) {
    for (n = 0; n < 50; n++) {
      int is_inside = off >= sizeof START - 1 && off + n <= end;
      int err, err_named, err_value;
      at.off = off;
      at.len = n;
      err = sipws_sip_next_header(msg, len, &view, &at, &name, &value);
      at.off = off;
      at.len = n;
      err_named = sipws_sip_next_named(msg, len, &view, "Two", 3, &at, &value);
      at.off = off;
      at.len = n;
      err_value = sipws_sip_next_value(msg, len, &view, "Two", 3, &at, &value);
      if (off + n > 0 && !is_inside) {
        assert_int_equal(err, SIPWS_ERR_INVALID);
        assert_int_equal(err_named, SIPWS_ERR_INVALID);
        assert_int_equal(err_value, SIPWS_ERR_INVALID);
      }
      assert_true(at.off + at.len <= end || !is_inside);
    }
  }
  at.off = UINT32_MAX;
  at.len = 2;
  assert_int_equal(sipws_sip_next_header(msg, len, &view, &at, &name, &value),
                   SIPWS_ERR_INVALID);
  at.off = sizeof START;
  at.len = UINT32_MAX;
  assert_int_equal(sipws_sip_next_value(msg, len, &view, "Two", 3, &at, &value),
                   SIPWS_ERR_INVALID);
  test_guarded_free(msg, len);
}

static void test_sip_header_wrong_arguments_are_invalid(void **state) {
  static const char text[] = START "CSeq: 1 A\r\n\r\n";
  size_t len = sizeof text - 1;
  sipws_sip_view view;
  sipws_span at = {0, 0};
  sipws_span span;
  uint32_t number;
  const find_fn finds[] = {sipws_sip_header, sipws_sip_value_at};
  const walk_fn walks[] = {sipws_sip_next_named, sipws_sip_next_value};
  size_t i;
  (void)state;
  outline(text, len, &view);
#define INVALID(call) assert_int_equal((call), SIPWS_ERR_INVALID)
  for (i = 0; i < 2; i++) {
    INVALID(finds[i](NULL, len, &view, "a", 1, 0, &span));
    INVALID(finds[i](text, len, NULL, "a", 1, 0, &span));
    INVALID(finds[i](text, len, &view, NULL, 1, 0, &span));
    INVALID(finds[i](text, len, &view, "a", 1, 0, NULL));
    INVALID(walks[i](NULL, len, &view, "a", 1, &at, &span));
    INVALID(walks[i](text, len, NULL, "a", 1, &at, &span));
    INVALID(walks[i](text, len, &view, NULL, 1, &at, &span));
    INVALID(walks[i](text, len, &view, "a", 1, NULL, &span));
    INVALID(walks[i](text, len, &view, "a", 1, &at, NULL));
  }
  INVALID(sipws_sip_next_header(NULL, len, &view, &at, &span, &span));
  INVALID(sipws_sip_next_header(text, len, NULL, &at, &span, &span));
  INVALID(sipws_sip_next_header(text, len, &view, NULL, &span, &span));
  INVALID(sipws_sip_next_header(text, len, &view, &at, NULL, &span));
  INVALID(sipws_sip_next_header(text, len, &view, &at, &span, NULL));
  INVALID(sipws_sip_cseq(text, len, &view, NULL, &span));
  INVALID(sipws_sip_cseq(text, len, &view, &number, NULL));
  INVALID(sipws_sip_number(text, len, &view, NULL, 1, &number));
  INVALID(sipws_sip_number(text, len, &view, "CSeq", 4, NULL));
  view.struct_size = 0;
  INVALID(sipws_sip_cseq(text, len, &view, &number, &span));
  INVALID(sipws_sip_next_header(text, len, &view, &at, &span, &span));
#undef INVALID
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_header_is_found_folded_and_compact),
      cmocka_unit_test(test_sip_header_compact_names_are_those_registered),
      cmocka_unit_test(test_sip_header_walk_sees_every_line),
      cmocka_unit_test(test_sip_header_walk_of_a_message_without_lines_ends),
      cmocka_unit_test(test_sip_header_walk_by_name_sees_its_lines),
      cmocka_unit_test(test_sip_header_walk_gives_lines_to_remove),
      cmocka_unit_test(test_sip_header_values_are_walked_across_lines),
      cmocka_unit_test(test_sip_header_values_without_end_stop_the_walk),
      cmocka_unit_test(test_sip_header_option_is_found_among_values),
      cmocka_unit_test(test_sip_header_walks_are_linear),
      cmocka_unit_test(test_sip_header_number_is_digits_alone),
      cmocka_unit_test(test_sip_header_cseq_is_number_and_method),
      cmocka_unit_test(test_sip_header_view_of_another_text_is_harmless),
      cmocka_unit_test(test_sip_header_foreign_cursor_is_harmless),
      cmocka_unit_test(test_sip_header_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
