/* SIP messages by the library and by a second reader: they take the same texts,
 * and see the same lines in them and the same end. Readers tell only of octets
 * that are there, and walks end. The first octet chooses a header name. */
#include "strict.h"

#include "sipws_sip.h"

/* The long and the compact form of a name, and the one to look for. */
static const struct name {
  const char *text;
  char letter;
  const char *asked;
} names[] = {
    {"Via", 'v', "Via"},         {"Via", 'v', "V"},
    {"Contact", 'm', "contact"}, {"Contact", 'm', "m"},
    {"Route", 0, "Route"},       {"To", 't', "To"},
    {"Expires", 0, "Expires"},   {"Supported", 'k', "Supported"},
    {"CSeq", 0, "CSeq"},         {"From", 'f', "f"},
    {"Require", 0, "Require"},   {"Authorization", 0, "Authorization"}};

static const char *msg;
static size_t len;
static sipws_sip_view view;
static struct strict strict;

/* RFC 3261 section 18.3 by the lines of the second reader: what the view should
 * tell of the body. */
static void must_end_right(void) {
  int is_bad = 0;
  uint64_t length = UINT64_MAX;
  size_t i, j;
  for (i = 0; i < strict.count; i++) {
    const struct strict_line *line = &strict.lines[i];
    uint64_t number = 0;
    if (!strict_is_named(line, "Content-Length", 'l')) {
      continue;
    }
    for (j = 0; j < line->value_len && number < UINT32_MAX; j++) {
      int digit = line->value[j] - '0';
      number =
          digit >= 0 && digit <= 9 ? number * 10 + (uint64_t)digit : UINT64_MAX;
    }
    is_bad |= line->value_len == 0 || number > 0x7fffffff ||
              (length != UINT64_MAX && number != length);
    length = number;
  }
  must(view.body.off == (size_t)(strict.body - msg));
  must(view.has_length == (length != UINT64_MAX || is_bad));
  must((view.verdict == SIPWS_SIP_BAD_LENGTH) == is_bad);
  if (is_bad || length == UINT64_MAX) {
    length = strict.body_len;
  }
  must((view.verdict == SIPWS_SIP_CUT) == (length < strict.body_len));
  must(view.body.len == (length < strict.body_len ? length : strict.body_len));
  must(view.cut == strict.body_len - view.body.len);
}

static void must_have_lines(void) {
  sipws_span at = {0, 0};
  sipws_span name, value;
  size_t i;
  for (i = 0; i < strict.count; i++) {
    const struct strict_line *line = &strict.lines[i];
    must(sipws_sip_next_header(msg, len, &view, &at, &name, &value) == 0);
    must(msg + at.off == line->text && at.len == line->len);
    must(name.off == at.off && name.len == line->name_len);
    must(value.len == line->value_len &&
         (value.len == 0 || msg + value.off == line->value));
  }
  must(sipws_sip_next_header(msg, len, &view, &at, &name, &value) ==
       SIPWS_ERR_NOT_FOUND);
}

/* One value of a header, as an address and as credentials. */
static void read_value(const sipws_span *value) {
  sipws_name_addr addr;
  sipws_span found, instance;
  uint32_t reg_id;
  addr.struct_size = sizeof addr;
  if (sipws_auth_param(msg, value, "nonce", 5, &found) == 0) {
    must_lie(found, len);
    must(sipws_auth_param(msg, value, NULL, 0, &found) == 0);
    must(strict_is_token(msg + found.off, found.len));
  }
  if (sipws_name_addr_parse(msg, value, &addr) != 0) {
    return;
  }
  must_lie(addr.uri, len);
  must_lie(addr.params, len);
  must_lie(addr.display, len);
  must(addr.is_star || addr.uri.len > 2);
  if (sipws_param(msg, &addr.params, "tag", 3, &found) == 0) {
    must_lie(found, len);
  }
  if (sipws_contact_flow(msg, &addr, &instance, &reg_id) == 0) {
    must_lie(instance, len);
    must(reg_id <= 0x7fffffff && (reg_id == 0 || instance.len > 4));
  }
}

/* The walk finds what the second reader finds in the lines, and no more. */
static void read_values(const struct name *name) {
  size_t name_len = strlen(name->asked);
  sipws_span at = {0, 0};
  sipws_span value;
  size_t i, theirs_len;
  const char *theirs;
  int err = 0;
  for (i = 0; i < strict.count && err == 0; i++) {
    const struct strict_line *line = &strict.lines[i];
    const char *rest = line->value;
    const char *end = line->value + line->value_len;
    int more;
    if (!strict_is_named(line, name->text, name->letter)) {
      continue;
    }
    while (err == 0 &&
           (more = strict_next_value(&rest, end, &theirs, &theirs_len)) != 0) {
      err = sipws_sip_next_value(msg, len, &view, name->asked, name_len, &at,
                                 &value);
      must((err == 0) == (more > 0));
      if (err == 0) {
        must(msg + value.off == theirs && value.len == theirs_len);
        must(sipws_sip_has_value(msg, len, &view, name->asked, name_len, theirs,
                                 theirs_len) == 1);
        read_value(&value);
      }
    }
  }
  must(err != 0 || sipws_sip_next_value(msg, len, &view, name->asked, name_len,
                                        &at, &value) == SIPWS_ERR_NOT_FOUND);
}

/* Questions about the whole message. */
static void read_rest(void) {
  uint32_t number;
  sipws_sip_view other;
  sipws_span value;
  sipws_name_addr from;
  sipws_uri uri;
  int may_be_sips;
  from.struct_size = sizeof from;
  uri.struct_size = sizeof uri;
  if (sipws_sip_cseq(msg, len, &view, &number, &value) == 0) {
    must_lie(value, len);
    must(number <= 0x7fffffff && strict_is_token(msg + value.off, value.len));
  }
  if (sipws_sip_number(msg, len, &view, "Expires", 7, &number) == 0) {
    must(sipws_sip_header(msg, len, &view, "Expires", 7, 0, &value) == 0);
  }
  must(sipws__sip_outline(msg, len, &other, &may_be_sips) == 0);
  must(!sipws_sip_is_sips(msg, len, &view) || (view.is_request && may_be_sips));
  if (sipws_sip_header(msg, len, &view, "From", 4, 0, &value) == 0 &&
      sipws_name_addr_parse(msg, &value, &from) == 0 &&
      sipws_uri_parse(msg, &from.uri, &uri) == 0) {
    /* whoever is named is the one named, unless two are */
    int is_one = uri.scheme != SIPWS_SCHEME_OTHER &&
                 sipws_sip_header(msg, len, &view, "From", 4, 1, &value) != 0;
    must(sipws_sip_is_from(msg, len, &view, msg + from.uri.off, from.uri.len) ==
         is_one);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  const struct name *name;
  char *copy;
  int err;
  if (size > 4096) {
    return 0;
  }
  name = &names[fuzz_octet(&input) % (sizeof names / sizeof names[0])];
  len = input.left;
  copy = fuzz_copy(input.at, len);
  msg = copy;
  view.struct_size = sizeof view;
  err = sipws_sip_parse(msg, len, &view);
  must((err == 0) == strict_read(msg, len, &strict));
  if (err == 0) {
    must_lie(view.headers, len);
    must_end_right();
    must_have_lines();
    read_values(name);
    read_rest();
  }
  free(copy);
  return 0;
}
