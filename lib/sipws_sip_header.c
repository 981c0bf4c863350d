/* sip: header lines and the values in them found by name. */
#include "sipws_sip.h"

#include "sipws_text.h"

#include <string.h>

/* ----------------------------------------------------------------- names -- */

/* The registry of compact forms, by letter. */
static const char header_compact[26][20] = {
    "Accept-Contact",      /* a */
    "Referred-By",         /* b */
    "Content-Type",        /* c */
    "Request-Disposition", /* d */
    "Content-Encoding",    /* e */
    "From",                /* f */
    "",                    /* g */
    "",                    /* h */
    "Call-ID",             /* i */
    "Reject-Contact",      /* j */
    "Supported",           /* k */
    "Content-Length",      /* l */
    "Contact",             /* m */
    "Identity-Info",       /* n */
    "Event",               /* o */
    "",                    /* p */
    "",                    /* q */
    "Refer-To",            /* r */
    "Subject",             /* s */
    "To",                  /* t */
    "Allow-Events",        /* u */
    "Via",                 /* v */
    "",                    /* w */
    "Session-Expires",     /* x */
    "Identity",            /* y */
    "",                    /* z */
};

void sipws__sip_expand(const char **name, size_t *len) {
  int letter;
  if (*len != 1) {
    return;
  }
  letter = (**name | 0x20) - 'a';
  if (letter >= 0 && letter < 26 && header_compact[letter][0] != '\0') {
    *name = header_compact[letter];
    *len = strlen(*name);
  }
}

int sipws__sip_is_name(const char *name, size_t name_len, const char *other,
                       size_t other_len) {
  sipws__sip_expand(&name, &name_len);
  sipws__sip_expand(&other, &other_len);
  return sipws__text_equal(name, name_len, other, other_len);
}

/* ----------------------------------------------------------------- walks -- */

static int header_is_view(const char *msg, size_t len,
                          const sipws_sip_view *view) {
  return msg != NULL && view != NULL && view->struct_size == sizeof *view &&
         view->headers.off <= len &&
         view->headers.len <= len - view->headers.off;
}

/* 1 for a cursor that a walk may have left: at the beginning, or on lines. */
static int header_is_cursor(const sipws_sip_view *view, const sipws_span *at) {
  size_t end = (size_t)view->headers.off + view->headers.len;
  return (at->off == 0 && at->len == 0) ||
         (at->off >= view->headers.off && at->off <= end &&
          at->len <= end - at->off);
}

/* The line behind |*at|, which becomes that line. */
static int header_walk(const char *msg, const sipws_sip_view *view,
                       sipws_span *at, struct sipws__sip_field *field) {
  const char *stop = msg + view->headers.off + view->headers.len;
  const char *start = msg + at->off + at->len;
  if (at->off == 0) {
    start = msg + view->headers.off;
  }
  if (start == stop) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (sipws__sip_read_field(start, stop, field) != 0 || field->name_len == 0) {
    return SIPWS_ERR_SYNTAX;
  }
  *at = sipws__text_span((size_t)(start - msg), (size_t)(field->next - msg));
  return 0;
}

int sipws_sip_next_header(const char *msg, size_t len,
                          const sipws_sip_view *view, sipws_span *at,
                          sipws_span *name, sipws_span *value) {
  struct sipws__sip_field field;
  int err;
  if (!header_is_view(msg, len, view) || at == NULL ||
      !header_is_cursor(view, at) || name == NULL || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = header_walk(msg, view, at, &field);
  if (err == 0) {
    *name = sipws__text_span(at->off, at->off + field.name_len);
    *value = sipws__sip_field_value(msg, &field);
  }
  return err;
}

int sipws_sip_next_named(const char *msg, size_t len,
                         const sipws_sip_view *view, const char *name,
                         size_t name_len, sipws_span *at, sipws_span *value) {
  struct sipws__sip_field field;
  sipws_span line;
  int err;
  if (!header_is_view(msg, len, view) || name == NULL || at == NULL ||
      !header_is_cursor(view, at) || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  line = *at;
  do {
    err = header_walk(msg, view, &line, &field);
  } while (err == 0 &&
           !sipws__sip_is_name(field.name, field.name_len, name, name_len));
  if (err == 0) {
    *at = line;
    *value = sipws__sip_field_value(msg, &field);
  }
  return err;
}

int sipws_sip_next_value(const char *msg, size_t len,
                         const sipws_sip_view *view, const char *name,
                         size_t name_len, sipws_span *at, sipws_span *value) {
  sipws_span rest, list;
  int err;
  if (!header_is_view(msg, len, view) || name == NULL || at == NULL ||
      !header_is_cursor(view, at) || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  rest = *at;
  while ((err = sipws_list_next(msg, &rest, value)) == SIPWS_ERR_NOT_FOUND) {
    err = sipws_sip_next_named(msg, len, view, name, name_len, &rest, &list);
    if (err != 0) {
      return err;
    }
    rest = sipws__text_span(list.off, (size_t)rest.off + rest.len);
  }
  if (err == 0) {
    *at = rest;
  }
  return err;
}

int sipws_sip_has_value(const char *msg, size_t len, const sipws_sip_view *view,
                        const char *name, size_t name_len, const char *value,
                        size_t value_len) {
  sipws_span at = {0, 0};
  sipws_span found;
  while (sipws_sip_next_value(msg, len, view, name, name_len, &at, &found) ==
         0) {
    if (sipws_span_is(msg, &found, value, value_len)) {
      return 1;
    }
  }
  return 0;
}

/* --------------------------------------------------------- single values -- */

int sipws_sip_header(const char *msg, size_t len, const sipws_sip_view *view,
                     const char *name, size_t name_len, uint32_t index,
                     sipws_span *value) {
  sipws_span at = {0, 0};
  sipws_span found;
  int err;
  if (value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  do {
    err = sipws_sip_next_named(msg, len, view, name, name_len, &at, &found);
  } while (err == 0 && index-- > 0);
  if (err == 0) {
    *value = found;
  }
  return err;
}

int sipws_sip_value_at(const char *msg, size_t len, const sipws_sip_view *view,
                       const char *name, size_t name_len, uint32_t index,
                       sipws_span *value) {
  sipws_span at = {0, 0};
  sipws_span found;
  int err;
  if (value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  do {
    err = sipws_sip_next_value(msg, len, view, name, name_len, &at, &found);
  } while (err == 0 && index-- > 0);
  if (err == 0) {
    *value = found;
  }
  return err;
}

int sipws_sip_number(const char *msg, size_t len, const sipws_sip_view *view,
                     const char *name, size_t name_len, uint32_t *number) {
  sipws_span value;
  int err = sipws_sip_header(msg, len, view, name, name_len, 0, &value);
  return err != 0 ? err : sipws_span_number(msg, &value, number);
}

int sipws_sip_cseq(const char *msg, size_t len, const sipws_sip_view *view,
                   uint32_t *number, sipws_span *method) {
  sipws_span value;
  uint32_t end, digits, start;
  int err;
  if (number == NULL || method == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws_sip_header(msg, len, view, "CSeq", 4, 0, &value);
  if (err != 0) {
    return err;
  }
  end = value.off + value.len;
  digits = value.off;
  while (digits < end && msg[digits] >= '0' && msg[digits] <= '9') {
    digits++;
  }
  start = sipws__sip_skip_space(msg, digits, end);
  /* RFC 3261 section 8.1.1.5: less than 2^31. */
  if (start == digits || !sipws__text_is_token(msg + start, end - start) ||
      sipws__text_number(msg + value.off, digits - value.off, SIPWS__SIP_MAX,
                         number) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  *method = sipws__text_span(start, end);
  return 0;
}
