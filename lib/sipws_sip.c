#include "sipws_sip.h"

#include "sipws_text.h"
#include "sipws_text_scan.h"

#include <string.h>

#define SIP_VERSION "SIP/2.0"
#define SIP_VERSION_LEN 7

sipws_span sipws__sip_span(size_t off, size_t end) {
  sipws_span span;
  span.off = (uint32_t)off;
  span.len = (uint32_t)(end - off);
  return span;
}

static inline int sip_is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* Inlined where messages are parsed: the vectors it compares with stay in
 * registers from line to line. */
#if defined(__GNUC__) && !defined(__OPTIMIZE_SIZE__)
__attribute__((always_inline))
#endif
static inline int
sip_read_field(const char *start, const char *stop,
               struct sipws__sip_field *field) {
  size_t name_len = scan_token(start, stop);
  const char *at = start + name_len;
  field->name = start;
  field->name_len = name_len;
  if (name_len == 0) {
    field->next = scan_crlf(start, stop);
    return field->next == start + 2 ? 0 : SIPWS_ERR_SYNTAX;
  }
  while (at < stop && *at != ':') {
    /* HCOLON: white space may stand before the colon, a line break not. */
    if (!sip_is_blank(*at)) {
      return SIPWS_ERR_SYNTAX;
    }
    at++;
  }
  if (at == stop) {
    return SIPWS_ERR_SYNTAX;
  }
  field->value = at + 1;
  do {
    at = scan_crlf(at + 1, stop);
  } while (at != NULL && at < stop && sip_is_blank(*at)); /* folded */
  field->next = at;
  return at != NULL ? 0 : SIPWS_ERR_SYNTAX;
}

int sipws__sip_read_field(const char *start, const char *stop,
                          struct sipws__sip_field *field) {
  return sip_read_field(start, stop, field);
}

sipws_span sipws__sip_field_value(const char *msg,
                                  const struct sipws__sip_field *field) {
  sipws_span value = sipws__sip_span((size_t)(field->value - msg),
                                     (size_t)(field->next - msg) - 2);
  return sipws__text_trim(msg, value, 1);
}

/* In its usual spelling almost always; RFC 3261 7.1 takes any case. */
static int sip_is_version(const char *text) {
  return memcmp(text, SIP_VERSION, SIP_VERSION_LEN) == 0 ||
         sipws__text_is(text, SIP_VERSION_LEN, SIP_VERSION);
}

static int sip_status_line(const char *msg, size_t end, sipws_sip_view *view) {
  const char *code = msg + SIP_VERSION_LEN + 1;
  if (end < SIP_VERSION_LEN + 5 || msg[SIP_VERSION_LEN] != ' ' ||
      code[3] != ' ' || sipws__text_number(code, 3, 699, &view->status) != 0 ||
      view->status < 100) {
    return SIPWS_ERR_SYNTAX;
  }
  view->reason = sipws__sip_span(SIP_VERSION_LEN + 5, end);
  return 0;
}

static int sip_request_line(const char *msg, size_t end, sipws_sip_view *view) {
  const char *space = memchr(msg, ' ', end);
  size_t method_end, uri_end;
  if (space == NULL) {
    return SIPWS_ERR_SYNTAX;
  }
  method_end = (size_t)(space - msg);
  space = memchr(space + 1, ' ', end - method_end - 1);
  if (space == NULL) {
    return SIPWS_ERR_SYNTAX;
  }
  uri_end = (size_t)(space - msg);
  if (uri_end == method_end + 1 || !sipws__text_is_token(msg, method_end) ||
      end - uri_end - 1 != SIP_VERSION_LEN || !sip_is_version(space + 1)) {
    return SIPWS_ERR_SYNTAX;
  }
  view->is_request = 1;
  view->method = sipws__sip_span(0, method_end);
  view->uri = sipws__sip_span(method_end + 1, uri_end);
  return 0;
}

static int sip_start_line(const char *msg, size_t end, sipws_sip_view *view) {
  if (end >= SIP_VERSION_LEN && sip_is_version(msg)) {
    return sip_status_line(msg, end, view);
  }
  return sip_request_line(msg, end, view);
}

/* Notes the fields that decide where the message ends; they are told from most
 * others by the length of their names. */
static void sip_note_field(const char *msg,
                           const struct sipws__sip_field *field,
                           sipws_sip_view *view) {
  const char *name = field->name;
  size_t len = field->name_len;
  uint32_t length = 0;
  sipws_span value;
  if (len == 17 && sipws__text_is(name, 17, "Transfer-Encoding")) {
    view->has_coding = 1;
  }
  if (!(len == 1 && (name[0] | 0x20) == 'l') &&
      !(len == 14 && (memcmp(name, "Content-Length", 14) == 0 ||
                      sipws__text_is(name, 14, "Content-Length")))) {
    return;
  }
  value = sipws__sip_field_value(msg, field);
  /* RFC 4475 3.1.2.3 and 3.3.9: not a number, too large a one, or two that
   * differ, leave no length to go by. */
  if (sipws__text_number(msg + value.off, value.len, SIPWS__SIP_MAX, &length) !=
          0 ||
      (view->has_length && length != view->length)) {
    view->verdict = SIPWS_SIP_BAD_LENGTH;
  }
  view->has_length = 1;
  view->length = length;
}

/* RFC 3261 section 18.3, for transports that keep message boundaries. */
static void sip_note_body(size_t off, size_t len, sipws_sip_view *view) {
  uint32_t there = (uint32_t)(len - off);
  view->body = sipws__sip_span(off, len);
  if (view->verdict == SIPWS_SIP_BAD_LENGTH) {
    view->length = 0;
  } else if (view->has_length && view->length < there) {
    view->verdict = SIPWS_SIP_CUT;
    view->body.len = view->length;
    view->cut = there - view->length;
  } else if (view->has_length && view->length > there) {
    view->verdict =
        view->is_request ? SIPWS_SIP_SHORT_REQUEST : SIPWS_SIP_SHORT_RESPONSE;
  }
}

int sipws_sip_parse(const char *msg, size_t len, sipws_sip_view *view) {
  sipws_sip_view seen;
  struct sipws__sip_field field;
  const char *stop;
  if (msg == NULL || view == NULL || view->struct_size != sizeof *view ||
      len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_INVALID;
  }
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  stop = msg + len;
  field.next = scan_crlf(msg, stop);
  if (field.next == NULL ||
      sip_start_line(msg, (size_t)(field.next - msg) - 2, &seen) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  seen.headers.off = (uint32_t)(field.next - msg);
  while (sip_read_field(field.next, stop, &field) == 0) {
    if (field.name_len == 0) {
      size_t end = (size_t)(field.name - msg);
      seen.headers.len = (uint32_t)end - seen.headers.off;
      sip_note_body(end + 2, len, &seen);
      *view = seen;
      return 0;
    }
    if (field.name_len == 1 || field.name_len >= 14) {
      sip_note_field(msg, &field, &seen);
    }
  }
  return SIPWS_ERR_SYNTAX;
}

int sipws__sip_outline(const char *msg, size_t len, sipws_sip_view *view) {
  view->struct_size = sizeof *view;
  return sipws_sip_parse(msg, len, view);
}
