/* sip: outlines of messages, and where they end. */
#include "folded.h"
#include "support.h"

#include "sipws_sip.h"
#include "sipws_text.h"

#include <sipws/sip.h>

/* ---- help ---- */

static int parse(const char *msg, size_t len, sipws_sip_view *view) {
  memset(view, 0x55, sizeof *view);
  view->struct_size = sizeof *view;
  return sipws_sip_parse(msg, len, view);
}

static void assert_outline_fails(const char *text, size_t len) {
  char *msg = test_guarded(text, len);
  sipws_sip_view view, before;
  memset(&before, 0x55, sizeof before);
  before.struct_size = sizeof before;
  assert_int_equal(parse(msg, len, &view), SIPWS_ERR_SYNTAX);
  assert_memory_equal(&view, &before, sizeof view);
  test_guarded_free(msg, len);
}

static void assert_syntax(const char *text) {
  assert_outline_fails(text, strlen(text));
}

/* Reads |text| that must be fine; |*view| tells of it. */
static void outline(const char *text, sipws_sip_view *view) {
  size_t len = strlen(text);
  char *msg = test_guarded(text, len);
  assert_int_equal(parse(msg, len, view), 0);
  test_guarded_free(msg, len);
}

static void assert_verdict(const char *text, uint32_t verdict,
                           const char *body) {
  sipws_sip_view view;
  outline(text, &view);
  assert_int_equal(view.verdict, verdict);
  assert_span(text, view.body, body);
}

/* ---- start lines ---- */

static void test_sip_request_line_is_read(void **state) {
  static const char text[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
                             "To: b\r\nFrom: a\r\n\r\nhello";
  sipws_sip_view view;
  (void)state;
  outline(text, &view);
  assert_int_equal(view.struct_size, sizeof view);
  assert_int_equal(view.is_request, 1);
  assert_int_equal(view.status, 0);
  assert_int_equal(view.verdict, SIPWS_SIP_OK);
  assert_int_equal(view.has_length, 0);
  assert_int_equal(view.has_coding, 0);
  assert_int_equal(view.length, 0);
  assert_int_equal(view.cut, 0);
  assert_span(text, view.method, "INVITE");
  assert_span(text, view.uri, "sip:bob@example.com");
  assert_int_equal(view.reason.len, 0);
  assert_span(text, view.headers, "To: b\r\nFrom: a\r\n");
  assert_span(text, view.body, "hello");
}

static void test_sip_status_line_is_read(void **state) {
  static const char text[] = "SIP/2.0 480 Temporarily  not there\r\n\r\n";
  sipws_sip_view view;
  (void)state;
  outline(text, &view);
  assert_int_equal(view.is_request, 0);
  assert_int_equal(view.status, 480);
  assert_span(text, view.reason, "Temporarily  not there");
  assert_int_equal(view.method.len, 0);
  assert_int_equal(view.uri.len, 0);
  assert_int_equal(view.headers.len, 0);
  assert_int_equal(view.body.len, 0);
}

static void test_sip_status_is_100_to_699(void **state) {
  sipws_sip_view view;
  (void)state;
  outline("SIP/2.0 100 x\r\n\r\n", &view);
  assert_int_equal(view.status, 100);
  outline("SIP/2.0 699 x\r\n\r\n", &view);
  assert_int_equal(view.status, 699);
  assert_syntax("SIP/2.0 099 x\r\n\r\n");
  assert_syntax("SIP/2.0 700 x\r\n\r\n");
  assert_syntax("SIP/2.0 999 x\r\n\r\n");
  assert_syntax("SIP/2.0 4294967301 better not break the receiver\r\n\r\n");
  assert_syntax("SIP/2.0 20 OK\r\n\r\n");
  assert_syntax("SIP/2.0 \r\n"); /* it ends where its code would stand */
  assert_syntax("SIP/2.0 2000 OK\r\n\r\n");
  assert_syntax("SIP/2.0 2 0 OK\r\n\r\n");
  assert_syntax("SIP/2.0 -99 OK\r\n\r\n");
}

static void test_sip_reason_may_be_empty_behind_its_space(void **state) {
  sipws_sip_view view;
  (void)state;
  outline("SIP/2.0 100 \r\n\r\n", &view);
  assert_int_equal(view.reason.len, 0);
  assert_syntax("SIP/2.0 100\r\n\r\n");
  /* RFC 4475 3.1.1.12: any UTF-8 */
  outline("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\n\r\n", &view);
  assert_int_equal(view.status, 200);
}

static void test_sip_version_is_2_0_in_any_case(void **state) {
  sipws_sip_view view;
  (void)state;
  outline("OPTIONS sip:a sip/2.0\r\n\r\n", &view);
  assert_int_equal(view.is_request, 1);
  outline("sIp/2.0 200 OK\r\n\r\n", &view);
  assert_int_equal(view.is_request, 0);
  assert_syntax("OPTIONS sip:a SIP/7.0\r\n\r\n"); /* RFC 4475 3.1.2.16 */
  assert_syntax("OPTIONS sip:a SIP/2.1\r\n\r\n");
  assert_syntax("OPTIONS sip:a SIP/2.00\r\n\r\n");
  assert_syntax("OPTIONS sip:a HTTP/1.1\r\n\r\n");
  assert_syntax("OPTIONS sip:a\r\n\r\n");
  assert_syntax("SIP/3.0 200 OK\r\n\r\n");
  assert_syntax("HTTP/1.1 200 OK\r\n\r\n");
  assert_syntax("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void test_sip_request_line_has_single_spaces(void **state) {
  (void)state;
  /* RFC 4475 3.1.2.8 to 3.1.2.10 */
  assert_syntax("INVITE sip:user@example.com; lr SIP/2.0\r\n\r\n");
  assert_syntax("INVITE  sip:user@example.com SIP/2.0\r\n\r\n");
  assert_syntax("INVITE sip:user@example.com  SIP/2.0\r\n\r\n");
  assert_syntax("INVITE sip:user@example.com SIP/2.0  \r\n\r\n");
  assert_syntax(" INVITE sip:user@example.com SIP/2.0\r\n\r\n");
  assert_syntax("INVITE  SIP/2.0\r\n\r\n");
  assert_syntax("INVITE SIP/2.0\r\n\r\n");
  assert_syntax("INVITE sip:aSIP/2.0\r\n\r\n");
  assert_syntax("INVITE\tsip:user@example.com\tSIP/2.0\r\n\r\n");
  assert_syntax("SIP/2.0  200 OK\r\n\r\n");
}

static void test_sip_method_is_a_token(void **state) {
  static const char text[] =
      "!interesting-Method0123456789_*+`.%indeed'~ sip:a SIP/2.0\r\n\r\n";
  sipws_sip_view view;
  (void)state;
  outline(text, &view); /* RFC 4475 3.1.1.2 */
  assert_span(text, view.method, "!interesting-Method0123456789_*+`.%indeed'~");
  outline("M u SIP/2.0\r\n\r\n", &view);
  assert_int_equal(view.method.len, 1);
  assert_int_equal(view.uri.len, 1);
  assert_syntax("INV:ITE sip:a SIP/2.0\r\n\r\n");
  assert_syntax("INV(ITE sip:a SIP/2.0\r\n\r\n");
  assert_syntax("\xc3\x84NDERE sip:a SIP/2.0\r\n\r\n");
}

static void test_sip_start_line_is_never_folded(void **state) {
  (void)state;
  assert_syntax("INVITE sip:a\r\n SIP/2.0\r\n\r\n");
  assert_syntax("INVITE sip:a SIP/2.0\r\n folded\r\n\r\n");
  assert_syntax("SIP/2.0 200 OK\r\n folded\r\n\r\n");
  assert_syntax("\r\nINVITE sip:a SIP/2.0\r\n\r\n");
}

/* ---- header lines ---- */

static void test_sip_line_ends_are_crlf_alone(void **state) {
  static const char nul[] = "A sip:a SIP/2.0\r\nTo: a\0b\r\n\r\n";
  static const char nul_start[] = "A sip:\0a SIP/2.0\r\nTo: b\r\n\r\n";
  static const char nul_body[] = "A sip:a SIP/2.0\r\nTo: b\r\n\r\na\0b\r\n\n";
  sipws_sip_view view;
  (void)state;
  assert_syntax("A sip:a SIP/2.0\nTo: a\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\r\n\n");
  assert_syntax("A sip:a SIP/2.0\n\nTo: a");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\rb\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\nb\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\r\r\n\r\n");
  assert_syntax("A sip:\ra SIP/2.0\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\n\r\r\n");
  assert_syntax("A sip:a SIP/2.0\r\rTo: a\r\n\r\n");
  assert_outline_fails(nul, sizeof nul - 1);
  assert_outline_fails(nul_start, sizeof nul_start - 1);
  /* the body may hold anything */
  assert_int_equal(parse(nul_body, sizeof nul_body - 1, &view), 0);
  assert_int_equal(view.body.len, 6);
}

static void test_sip_message_without_empty_line_is_refused(void **state) {
  (void)state;
  assert_syntax("");
  assert_syntax("\r\n");
  assert_syntax("\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0");
  assert_syntax("A sip:a SIP/2.0\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo: a\r\n \r\n");
}

static void test_sip_header_name_is_a_token_before_a_colon(void **state) {
  (void)state;
  assert_syntax("A sip:a SIP/2.0\r\nno colon here\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\n: no name\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\n folds nothing: a\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTwo words: a\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nN\xc3\xa4me: a\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo\r\n : a\r\n\r\n");
  assert_syntax("A sip:a SIP/2.0\r\nTo\x0b: a\r\n\r\n");
}

static void test_sip_field_of_the_empty_line_has_no_name(void **state) {
  static const char text[] = "\r\nbody";
  struct sipws__sip_field field;
  (void)state;
  assert_int_equal(sipws__sip_read_field(text, text + sizeof text - 1, &field),
                   0);
  assert_ptr_equal(field.name, text);
  assert_int_equal(field.name_len, 0);
  assert_ptr_equal(field.next, text + 2);
}

/* ---- where a message ends ---- */

#define REQUEST "A sip:a SIP/2.0\r\n"
#define RESPONSE "SIP/2.0 200 OK\r\n"

static void test_sip_body_without_length_runs_to_the_end(void **state) {
  (void)state;
  assert_verdict(REQUEST "\r\n12345", SIPWS_SIP_OK, "12345");
  assert_verdict(REQUEST "\r\n", SIPWS_SIP_OK, "");
  assert_verdict(RESPONSE "\r\n\r\n\r\n", SIPWS_SIP_OK, "\r\n\r\n");
}

static void test_sip_body_is_judged_by_its_length(void **state) {
  sipws_sip_view view;
  (void)state;
  assert_verdict(REQUEST "l: 4\r\n\r\n12345", SIPWS_SIP_CUT, "1234");
  assert_verdict(folded, SIPWS_SIP_OK, " body");
  assert_verdict(REQUEST "l: 5\r\n\r\n12345", SIPWS_SIP_OK, "12345");
  assert_verdict(REQUEST "l: 6\r\n\r\n12345", SIPWS_SIP_SHORT_REQUEST, "12345");
  assert_verdict(RESPONSE "l: 6\r\n\r\n12345", SIPWS_SIP_SHORT_RESPONSE,
                 "12345");
  assert_verdict(REQUEST "l: 1\r\n\r\n", SIPWS_SIP_SHORT_REQUEST, "");
  assert_verdict(REQUEST "l: 0\r\n\r\n", SIPWS_SIP_OK, "");
  outline(REQUEST "CONTENT-length \t:\r\n 2 \r\n\r\n12345", &view);
  assert_int_equal(view.has_length, 1);
  assert_int_equal(view.length, 2);
  assert_int_equal(view.cut, 3);
}

/* RFC 4475 3.1.1.8: a datagram with a second request behind the first. */
static void test_sip_second_message_is_cut_off(void **state) {
  static const char first[] =
      "REGISTER sip:example.com SIP/2.0\r\nl: 0\r\n\r\n";
  static const char second[] = "INVITE sip:a SIP/2.0\r\nl: 0\r\n\r\n";
  char text[128];
  sipws_sip_view view;
  (void)state;
  snprintf(text, sizeof text, "%s%s", first, second);
  outline(text, &view);
  assert_int_equal(view.verdict, SIPWS_SIP_CUT);
  assert_int_equal(view.cut, strlen(second));
  assert_span(text, view.method, "REGISTER");
}

/* RFC 4475 3.1.2.2, 3.1.2.3, 3.3.9. */
static void test_sip_bad_length_leaves_the_body_whole(void **state) {
  static const char *const bad[] = {
      "-999",       "five",       "",    "99999999999",
      "2147483648", "4294967301", "1 1", "1,1",
      "+1",         "0x1",        "1;a", "18446744073709551617"};
  size_t i;
  sipws_sip_view view;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char text[96];
    snprintf(text, sizeof text, REQUEST "Content-Length: %s\r\n\r\nbody",
             bad[i]);
    assert_verdict(text, SIPWS_SIP_BAD_LENGTH, "body");
    outline(text, &view);
    assert_int_equal(view.has_length, 1);
    assert_int_equal(view.length, 0);
    assert_int_equal(view.cut, 0);
  }
  assert_verdict(REQUEST "l: 9999\r\n\r\nbody", SIPWS_SIP_SHORT_REQUEST,
                 "body");
  assert_verdict(REQUEST "l: 2147483647\r\n\r\nbody", SIPWS_SIP_SHORT_REQUEST,
                 "body");
  assert_verdict(REQUEST "l: 00000000000000000004\r\n\r\nbody", SIPWS_SIP_OK,
                 "body");
}

static void test_sip_several_lengths_must_agree(void **state) {
  (void)state;
  assert_verdict(REQUEST "l: 4\r\nContent-Length: 04\r\n\r\nbody", SIPWS_SIP_OK,
                 "body");
  assert_verdict(REQUEST "l: 4\r\nTo: a\r\nContent-Length: 5\r\n\r\nbody",
                 SIPWS_SIP_BAD_LENGTH, "body");
  assert_verdict(REQUEST "l: 5\r\nl: 4\r\n\r\nbody", SIPWS_SIP_BAD_LENGTH,
                 "body");
  assert_verdict(REQUEST "l: x\r\nl: 4\r\n\r\nbody", SIPWS_SIP_BAD_LENGTH,
                 "body");
  assert_verdict(REQUEST "l: 4\r\nl: x\r\n\r\nbody", SIPWS_SIP_BAD_LENGTH,
                 "body");
  assert_verdict(REQUEST "l: x\r\nl: 0\r\n\r\nbody", SIPWS_SIP_BAD_LENGTH,
                 "body");
}

static void test_sip_neighbours_of_length_are_not_taken_for_it(void **state) {
  sipws_sip_view view;
  (void)state;
  outline(REQUEST "Content-Lengthy: 1\r\nX-Content-Length: 1\r\nContent-Lengt:"
                  " 1\r\nContent_Length: 1\r\nll: 1\r\nContent-Format: 1\r\n"
                  "i: 1\r\nTo: Content-Length: 1\r\n l: 1\r\n\r\nbody",
          &view);
  assert_int_equal(view.has_length, 0);
  assert_int_equal(view.verdict, SIPWS_SIP_OK);
}

static void test_sip_transfer_encoding_is_flagged(void **state) {
  sipws_sip_view view;
  (void)state;
  outline(REQUEST "transfer-ENCODING: chunked\r\n\r\n", &view);
  assert_int_equal(view.has_coding, 1);
  outline(REQUEST "Transfer-Encodinx: chunked\r\n\r\n", &view);
  assert_int_equal(view.has_coding, 0);
}

/* ---- every cut ---- */

/* A message cut anywhere is no message until its empty line is there, and from
 * there on its length tells what lacks. */
static void assert_cuts(const char *text, uint32_t short_verdict) {
  size_t len = strlen(text);
  size_t n, i;
  sipws_sip_view whole_view, view;
  assert_int_equal(parse(text, len, &whole_view), 0);
  for (n = 0; n < len; n++) {
    char *msg = test_guarded(text, n);
    int err = parse(msg, n, &view);
    if (n < whole_view.body.off) {
      assert_int_equal(err, SIPWS_ERR_SYNTAX);
    } else {
      assert_int_equal(err, 0);
      assert_int_equal(view.verdict, short_verdict);
      assert_int_equal(view.body.len, n - whole_view.body.off);
    }
    test_guarded_free(msg, n);
  }
  /* and no octet of it, changed, leads astray */
  for (i = 0; i < len; i++) {
    static const char others[] = "\r\n \t:\"<>,;=\\\0\xff/0";
    size_t k;
    for (k = 0; k < sizeof others - 1; k++) {
      char *msg = test_guarded(text, len);
      msg[i] = others[k];
      if (parse(msg, len, &view) == 0) {
        sipws_span name, value, part;
        sipws_span at = {0, 0};
        assert_true(view.headers.off + view.headers.len + 2 == view.body.off);
        assert_true(view.body.off + view.body.len + view.cut == len);
        while (sipws_sip_next_header(msg, len, &view, &at, &name, &value) ==
               0) {
          sipws_span list = value;
          sipws_name_addr addr;
          assert_true(value.off + value.len <= view.body.off - 4);
          addr.struct_size = sizeof addr;
          (void)sipws_name_addr_parse(msg, &value, &addr);
          (void)sipws_auth_param(msg, &value, "x", 1, &part);
          while (sipws_list_next(msg, &list, &part) == 0) {
            assert_true(part.len > 0);
            assert_true(part.off >= value.off);
            assert_true(part.off + part.len <= value.off + value.len);
          }
        }
        if (view.headers.len > 0) {
          assert_int_equal(at.off + at.len,
                           view.headers.off + view.headers.len);
        }
      }
      test_guarded_free(msg, len);
    }
  }
}

static void test_sip_cut_or_changed_message_is_never_misread(void **state) {
  (void)state;
  assert_cuts(folded, SIPWS_SIP_SHORT_REQUEST);
  assert_cuts("SIP/2.0 200 OK\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK1\r\n"
              "Contact: \"A, B\" <sip:a@b;transport=ws>;q=1, <sip:c>\r\n"
              "Content-Length: 4\r\n\r\nbody",
              SIPWS_SIP_SHORT_RESPONSE);
}

/* ---- lines passed over by the block ---- */

/* The octet behind the header line at |at|, folded lines and all, by the letter
 * of RFC 3261 7.3.1 and 25.1; 0: there is none. */
static size_t slow_line(const char *text, size_t len, size_t at) {
  size_t begin = at;
  while (at < len && sipws__text_is_token_char(text[at])) {
    at++;
  }
  if (at == begin) {
    return 0;
  }
  while (at < len && (text[at] == ' ' || text[at] == '\t')) {
    at++;
  }
  if (at == len || text[at] != ':') {
    return 0;
  }
  for (;; at++) {
    if (len - at < 2 || text[at] == '\n' || text[at] == '\0') {
      return 0;
    }
    if (text[at] == '\r') {
      if (text[++at] != '\n') {
        return 0;
      }
      if (at + 1 == len || (text[at + 1] != ' ' && text[at + 1] != '\t')) {
        return at + 1;
      }
    }
  }
}

/* Where the empty line begins, when lines begin at |at|; 0: nowhere. */
static size_t slow_headers(const char *text, size_t len, size_t at) {
  while (at != 0 && (len - at < 2 || memcmp(text + at, "\r\n", 2) != 0)) {
    at = slow_line(text, len, at);
  }
  return at;
}

static void assert_as_slowly(const char *text, size_t len) {
  size_t end = slow_headers(text, len, sizeof REQUEST - 1);
  char *msg = test_guarded(text, len);
  sipws_sip_view view;
  int err = parse(msg, len, &view);
  assert_int_equal(err, end == 0 ? SIPWS_ERR_SYNTAX : 0);
  if (err == 0) {
    assert_int_equal(view.headers.off + view.headers.len, end);
    assert_int_equal(view.body.off, end + 2);
  }
  test_guarded_free(msg, len);
}

/* The same lines, moved by one octet after the other against the blocks. */
static void test_sip_lines_are_passed_over_as_octet_by_octet(void **state) {
  static const char others[] = "\r\n \t:\0\"@[`{\x0e\x80\xff";
  char text[400];
  size_t pad, at, k;
  (void)state;
  for (pad = 0; pad < 66; pad++) {
    size_t len = (size_t)snprintf(
        text, sizeof text,
        REQUEST "To:%*s\r\nX-Y_z.1: a\r\nFrom: \"J\xc3\xbcrgen\" <a@b>\r\n"
                "A-Name-Of-Sixtee: \tb\r\n\tc\r\nA-Name-Of-Seventee: d\r\n"
                "Subject: e\r\n f\r\nContent-Type: %*s\r\nTo: g\r\n\r\nh",
        (int)pad, "", (int)(pad % 7) * 20, "");
    assert_as_slowly(text, len);
    for (at = sizeof REQUEST - 1; at < len; at++) {
      char was = text[at];
      for (k = pad % 4; k < sizeof others - 1; k += 4) {
        text[at] = others[k];
        assert_as_slowly(text, len);
      }
      text[at] = was;
    }
    for (at = sizeof REQUEST - 1; at < len; at += 1 + pad % 3) {
      assert_as_slowly(text, at);
    }
  }
}

/* Fields that tell the length, amid lines that are passed over by the block. */
static void test_sip_length_is_found_among_many_lines(void **state) {
  static const struct {
    const char *field;
    uint32_t verdict, length;
  } rows[] = {{"Content-Length: 4", SIPWS_SIP_OK, 4},
              {"CONTENT-length:04", SIPWS_SIP_OK, 4},
              {"l:\t3 ", SIPWS_SIP_CUT, 3},
              {"L : 5", SIPWS_SIP_SHORT_REQUEST, 5},
              {"Content-Length:\r\n 4", SIPWS_SIP_OK, 4},
              {"Content-Length: 4\r\n 4", SIPWS_SIP_BAD_LENGTH, 0},
              {"Content-Length: 4\r\nl: 5", SIPWS_SIP_BAD_LENGTH, 0},
              {"Content-Length: 4\r\nTo: a\r\n\tb", SIPWS_SIP_OK, 4},
              {"To: a\r\n l: 3\r\nl: 4", SIPWS_SIP_OK, 4},
              {"Content-Lengtx: 3\r\nx: 3\r\nl: 4", SIPWS_SIP_OK, 4}};
  char text[400];
  size_t pad, i;
  (void)state;
  for (i = 0; i < sizeof rows / sizeof *rows; i++) {
    for (pad = 0; pad < 130; pad++) {
      sipws_sip_view view;
      snprintf(text, sizeof text,
               REQUEST "From: %*s\r\n%s\r\nTo: %90s\r\n\r\nbody", (int)pad, "",
               rows[i].field, "");
      outline(text, &view);
      assert_int_equal(view.verdict, rows[i].verdict);
      assert_int_equal(view.length, rows[i].length);
    }
  }
}

static void test_sip_wrong_arguments_are_invalid(void **state) {
  static const char text[] = REQUEST "CSeq: 1 A\r\n\r\n";
  static const char broken[64] = "\n"; /* nothing behind that is looked at */
  size_t len = sizeof text - 1;
  sipws_sip_view view;
  (void)state;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(NULL, len, &view), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_sip_parse(text, len, NULL), SIPWS_ERR_INVALID);
  view.struct_size = sizeof view - 1;
  assert_int_equal(sipws_sip_parse(text, len, &view), SIPWS_ERR_INVALID);
  view.struct_size = sizeof view + 1;
  assert_int_equal(sipws_sip_parse(text, len, &view), SIPWS_ERR_INVALID);
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(text, 0x80000000u, &view),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_sip_parse(broken, 0x7fffffff, &view),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws_sip_parse(text, len, &view), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_request_line_is_read),
      cmocka_unit_test(test_sip_status_line_is_read),
      cmocka_unit_test(test_sip_status_is_100_to_699),
      cmocka_unit_test(test_sip_reason_may_be_empty_behind_its_space),
      cmocka_unit_test(test_sip_version_is_2_0_in_any_case),
      cmocka_unit_test(test_sip_request_line_has_single_spaces),
      cmocka_unit_test(test_sip_method_is_a_token),
      cmocka_unit_test(test_sip_start_line_is_never_folded),
      cmocka_unit_test(test_sip_line_ends_are_crlf_alone),
      cmocka_unit_test(test_sip_message_without_empty_line_is_refused),
      cmocka_unit_test(test_sip_header_name_is_a_token_before_a_colon),
      cmocka_unit_test(test_sip_field_of_the_empty_line_has_no_name),
      cmocka_unit_test(test_sip_body_without_length_runs_to_the_end),
      cmocka_unit_test(test_sip_body_is_judged_by_its_length),
      cmocka_unit_test(test_sip_second_message_is_cut_off),
      cmocka_unit_test(test_sip_bad_length_leaves_the_body_whole),
      cmocka_unit_test(test_sip_several_lengths_must_agree),
      cmocka_unit_test(test_sip_neighbours_of_length_are_not_taken_for_it),
      cmocka_unit_test(test_sip_transfer_encoding_is_flagged),
      cmocka_unit_test(test_sip_cut_or_changed_message_is_never_misread),
      cmocka_unit_test(test_sip_lines_are_passed_over_as_octet_by_octet),
      cmocka_unit_test(test_sip_length_is_found_among_many_lines),
      cmocka_unit_test(test_sip_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
