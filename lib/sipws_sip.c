#include "sipws_sip.h"

#include "sipws_text.h"
#include "sipws_text_scan.h"

#include <string.h>

#define SIP_VERSION "SIP/2.0"
#define SIP_VERSION_LEN 7

static inline int sip_is_blank(char c) {
  return c == ' ' || c == '\t';
}

int sipws__sip_read_field(const char *start, const char *stop,
                          struct sipws__sip_field *field) {
  const char *at;
  field->name = start;
  field->name_len = 0;
  if (stop - start >= 2 && scan_is_crlf(start)) {
    field->next = start + 2;
    return 0;
  }
  field->name_len = scan_token(start, stop);
  at = start + field->name_len;
  /* HCOLON: white space may stand before the colon, a line break not. */
  while (at < stop && sip_is_blank(*at)) {
    at++;
  }
  if (field->name_len == 0 || at == stop || *at != ':') {
    return SIPWS_ERR_SYNTAX;
  }
  field->value = at + 1;
  do {
    at = scan_crlf(at + 1, stop);
  } while (at != NULL && at < stop && sip_is_blank(*at)); /* folded */
  field->next = at;
  return at != NULL ? 0 : SIPWS_ERR_SYNTAX;
}

sipws_span sipws__sip_field_value(const char *msg,
                                  const struct sipws__sip_field *field) {
  sipws_span value = sipws__text_span((size_t)(field->value - msg),
                                      (size_t)(field->next - msg) - 2);
  return sipws__text_trim(msg, value, 1);
}

/* sipws__text_is; in its usual spelling almost always. */
static inline int sip_is(const char *text, size_t len, const char *usual) {
  return memcmp(text, usual, len) == 0 || sipws__text_is(text, len, usual);
}

/* RFC 3261 7.1: in any case. */
static int sip_is_version(const char *text) {
  return sip_is(text, SIP_VERSION_LEN, SIP_VERSION);
}

static int sip_status_line(const char *msg, size_t end, sipws_sip_view *view) {
  const char *code = msg + SIP_VERSION_LEN + 1;
  if (end < SIP_VERSION_LEN + 5 || !sip_is_version(msg) ||
      msg[SIP_VERSION_LEN] != ' ' || code[3] != ' ' ||
      sipws__text_number(code, 3, 699, &view->status) != 0 ||
      view->status < 100) {
    return SIPWS_ERR_SYNTAX;
  }
  view->reason = sipws__text_span(SIP_VERSION_LEN + 5, end);
  return 0;
}

/* |method_end| octets of a token stand before the first space. */
static int sip_request_line(const char *msg, size_t method_end, size_t end,
                            sipws_sip_view *view) {
  size_t uri = method_end + 1;
  size_t version = end - SIP_VERSION_LEN;
  /* spaces are single, and none is in the URI (RFC 3261 25.1) */
  if (method_end == 0 || end < uri + 1 + 1 + SIP_VERSION_LEN ||
      memchr(msg + uri, ' ', version - uri) != msg + version - 1 ||
      !sip_is_version(msg + version)) {
    return SIPWS_ERR_SYNTAX;
  }
  view->is_request = 1;
  view->method = sipws__text_span(0, method_end);
  view->uri = sipws__text_span(uri, version - 1);
  return 0;
}

/* No token has the slash of a status line's version. */
static int sip_start_line(const char *msg, size_t end, sipws_sip_view *view) {
  size_t token_end = scan_token(msg, msg + end);
  if (token_end < end && msg[token_end] == ' ') {
    return sip_request_line(msg, token_end, end, view);
  }
  return sip_status_line(msg, end, view);
}

/* Passes the white space and line breaks at |at|. */
static const char *sip_pass_space(const char *at, const char *end) {
  while (at < end && (sip_is_blank(*at) || *at == '\r' || *at == '\n')) {
    at++;
  }
  return at;
}

/* Reads digits with white space around them, all up to |end|. */
static int sip_read_length(const char *at, const char *end, uint32_t *length) {
  uint64_t sum = 0;
  const char *digits = sip_pass_space(at, end);
  for (at = digits; at < end && *at >= '0' && *at <= '9'; at++) {
    sum = sum * 10 + (uint32_t)(*at - '0');
    if (sum > SIPWS__SIP_MAX) {
      return SIPWS_ERR_SYNTAX;
    }
  }
  *length = (uint32_t)sum;
  return at > digits && sip_pass_space(at, end) == end ? 0 : SIPWS_ERR_SYNTAX;
}

/* 1 when the scheme stands in |text|. */
static int sip_names_sips(const char *text, const char *end) {
  const char *at = text;
  while ((at = memchr(at, ':', (size_t)(end - at))) != NULL) {
    if (at - text >= 4 && sipws__text_is(at - 4, 4, "sips")) {
      return 1;
    }
    at++;
  }
  return 0;
}

/* By the length of its name, 1 for a field that sip_note_field may know, or
 * that has no name. */
#define SIP_MAY_TELL (1u << 0 | 1u << 1 | 1u << 14)
#define SIP_MAY_BE_ROUTE (1u << 5)

/* What is noted of a message while its lines are passed. */
struct sip_notes {
  sipws_sip_view *view;
  uint32_t tell; /* SIP_MAY_TELL, with SIP_MAY_BE_ROUTE where Route matters */
  int may_be_sips;
};

/* Notes the fields that decide where the message ends, and whether a Route may
 * be sips; they are told from most others by the length of their names. */
static void sip_note_field(const struct sipws__sip_field *field,
                           struct sip_notes *notes) {
  sipws_sip_view *view = notes->view;
  const char *name = field->name;
  size_t len = field->name_len;
  uint32_t length = 0;
  if (len == 5 && sip_is(name, 5, "Route") &&
      sip_names_sips(field->value, field->next)) {
    notes->may_be_sips = 1;
  }
  if (len == 17 && sip_is(name, 17, "Transfer-Encoding")) {
    view->has_coding = 1;
  }
  if (!(len == 1 && (name[0] | 0x20) == 'l') &&
      !(len == 14 && sip_is(name, 14, "Content-Length"))) {
    return;
  }
  /* RFC 4475 3.1.2.3 and 3.3.9: not a number, too large a one, or two that
   * differ, leave no length to go by. */
  if (sip_read_length(field->value, field->next - 2, &length) != 0 ||
      (view->has_length && length != view->length)) {
    view->verdict = SIPWS_SIP_BAD_LENGTH;
  }
  view->has_length = 1;
  view->length = length;
}

/* Octets of a line that are looked at for its name, the colon included. */
#define SIP_NAME_ROOM 17

/* Takes the line from |line| to |at|, if it is one of usual form. */
static inline int sip_take_line(const char *line, const char *at,
                                struct sip_notes *notes) {
  size_t name_len = scan_name(line);
  struct sipws__sip_field field;
  if (line[name_len] != ':' || !scan_is_crlf(at)) {
    return 0;
  }
  if ((notes->tell >> name_len & 1) != 0) {
    if (name_len == 0 || sip_is_blank(at[2])) { /* at[2]: folded */
      return 0;
    }
    field.name = line;
    field.name_len = name_len;
    field.value = line + name_len + 1;
    field.next = at + 2;
    sip_note_field(&field, notes);
  }
  return 1;
}

/* The same of the lines from |*line| on that end in |block|: most lines, at a
 * fraction of what reading them one by one costs. |*before| is the last one of
 * them. 0: the next line is of another form, or a CRLF is parted by blocks. */
static inline int sip_take_lines(const char *block, const char **line,
                                 const char **before, struct sip_notes *notes) {
  uint64_t lows = scan_block(block);
  while (lows != 0) {
    const char *at = block + scan_first(lows);
    if (!sip_take_line(*line, at, notes)) {
      return 0;
    }
    *before = *line;
    *line = at + 2;
    lows &= lows - 1; /* the CR */
    lows &= lows - 1; /* the LF */
  }
  return 1;
}

/* Reads the header lines from |line| on that sip_note_field may know, and
 * passes over the others. The empty line, or NULL when there is none. */
static const char *sip_header_lines(const char *line, const char *stop,
                                    struct sip_notes *notes) {
  struct sipws__sip_field field;
  do {
    const char *block = line;
    const char *before = NULL;
    while (stop - block >= SCAN_BLOCK + SIP_NAME_ROOM &&
           sip_take_lines(block, &line, &before, notes)) {
      block += SCAN_BLOCK;
    }
    /* a folded line belongs to the one before */
    if (before != NULL && sip_is_blank(*line)) {
      line = before;
    }
    if (sipws__sip_read_field(line, stop, &field) != 0) {
      return NULL;
    }
    sip_note_field(&field, notes);
    line = field.next;
  } while (field.name_len > 0);
  return field.name;
}

/* RFC 3261 section 18.3, for transports that keep message boundaries. */
static void sip_note_body(size_t off, size_t len, sipws_sip_view *view) {
  uint32_t there = (uint32_t)(len - off);
  view->body = sipws__text_span(off, len);
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

int sipws__sip_outline(const char *msg, size_t len, sipws_sip_view *view,
                       int *may_be_sips) {
  struct sip_notes notes;
  const char *line, *stop;
  size_t end;
  if (msg == NULL || len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_INVALID;
  }
  stop = msg + len;
  memset(view, 0, sizeof *view);
  view->struct_size = sizeof *view;
  notes.view = view;
  notes.tell = SIP_MAY_TELL;
  if (may_be_sips != NULL) {
    notes.tell |= SIP_MAY_BE_ROUTE;
  }
  notes.may_be_sips = 0;
  line = scan_crlf(msg, stop);
  if (line == NULL ||
      sip_start_line(msg, (size_t)(line - msg) - 2, view) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  view->headers.off = (uint32_t)(line - msg);
  line = sip_header_lines(line, stop, &notes);
  if (line == NULL) {
    return SIPWS_ERR_SYNTAX;
  }
  end = (size_t)(line - msg);
  view->headers.len = (uint32_t)end - view->headers.off;
  sip_note_body(end + 2, len, view);
  if (may_be_sips != NULL) {
    *may_be_sips =
        view->is_request &&
        (notes.may_be_sips || sip_names_sips(msg, msg + view->headers.off));
  }
  return 0;
}

int sipws_sip_parse(const char *msg, size_t len, sipws_sip_view *view) {
  sipws_sip_view seen;
  int err;
  if (view == NULL || view->struct_size != sizeof *view) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws__sip_outline(msg, len, &seen, NULL);
  if (err == 0) {
    *view = seen;
  }
  return err;
}
