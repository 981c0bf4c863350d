/* sip: what stands in a header's value: lists, parameters, name-addr. */
#include "sipws_sip.h"

#include "sipws_text.h"

#include <string.h>

/* ----------------------------------------------------------------- spans -- */

int sipws_span_is(const char *text, const sipws_span *span, const char *other,
                  size_t other_len) {
  return text != NULL && span != NULL && (other != NULL || other_len == 0) &&
         sipws__text_equal(text + span->off, span->len, other, other_len);
}

int sipws_span_number(const char *text, const sipws_span *span,
                      uint32_t *number) {
  if (text == NULL || span == NULL || number == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return sipws__text_number(text + span->off, span->len, UINT32_MAX, number);
}

/* ---------------------------------------------------------------- values -- */

uint32_t sipws__sip_skip_space(const char *text, uint32_t pos, uint32_t end) {
  while (pos < end && (text[pos] == ' ' || text[pos] == '\t' ||
                       text[pos] == '\r' || text[pos] == '\n')) {
    pos++;
  }
  return pos;
}

/* Passes the quoted string at |*pos| (RFC 3261 section 25.1). */
static int sip_value_skip_quoted(const char *text, uint32_t *pos,
                                 uint32_t end) {
  uint32_t at = *pos + 1;
  while (at < end && text[at] != '"') {
    at += text[at] == '\\' ? 2 : 1;
  }
  if (at >= end) {
    return SIPWS_ERR_SYNTAX;
  }
  *pos = at + 1;
  return 0;
}

int sipws_list_next(const char *text, sipws_span *list, sipws_span *value) {
  uint32_t at, start, end;
  if (text == NULL || list == NULL || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  end = list->off + list->len;
  at = sipws__sip_skip_space(text, list->off, end);
  /* RFC 7118 section 8 itself prints a comma too many. */
  while (at < end && text[at] == ',') {
    at = sipws__sip_skip_space(text, at + 1, end);
  }
  if (at == end) {
    return SIPWS_ERR_NOT_FOUND;
  }
  start = at;
  while (at < end && text[at] != ',') {
    if (text[at] == '"') {
      if (sip_value_skip_quoted(text, &at, end) != 0) {
        return SIPWS_ERR_SYNTAX;
      }
    } else if (text[at] == '<') {
      const char *close = memchr(text + at, '>', end - at);
      if (close == NULL) {
        return SIPWS_ERR_SYNTAX;
      }
      at = (uint32_t)(close - text) + 1;
    } else {
      at++;
    }
  }
  *value = sipws__text_trim(text, sipws__text_span(start, at), 1);
  *list = sipws__text_span(at, end);
  return 0;
}

/* ------------------------------------------------------------ parameters -- */

/* Values are taken as they come: besides tokens and hosts, peers write base64
 * and URIs without quotes. */
static int sip_value_is_char(char c) {
  uint8_t octet = (uint8_t)c;
  return octet > 0x20 && octet != 0x7f && memchr("\",;<>", c, 5) == NULL;
}

int sipws__sip_read_value(const char *text, uint32_t *pos, uint32_t end) {
  uint32_t at = *pos;
  if (at < end && text[at] == '"') {
    return sip_value_skip_quoted(text, pos, end);
  }
  while (at < end && sip_value_is_char(text[at])) {
    at++;
  }
  if (at == *pos) {
    return SIPWS_ERR_SYNTAX;
  }
  *pos = at;
  return 0;
}

int sipws__sip_read_param(const char *text, uint32_t *pos, uint32_t end,
                          struct sipws__sip_param *param) {
  uint32_t at = *pos;
  uint32_t start;
  while (at < end && sipws__text_is_token_char(text[at])) {
    at++;
  }
  if (at == *pos) {
    return SIPWS_ERR_SYNTAX;
  }
  param->name = sipws__text_span(*pos, at);
  param->value = sipws__text_span(at, at);
  at = sipws__sip_skip_space(text, at, end);
  if (at < end && text[at] == '=') {
    at = sipws__sip_skip_space(text, at + 1, end);
    start = at;
    if (sipws__sip_read_value(text, &at, end) != 0) {
      return SIPWS_ERR_SYNTAX;
    }
    param->value = sipws__text_span(start, at);
    at = sipws__sip_skip_space(text, at, end);
  }
  *pos = at;
  return 0;
}

int sipws__sip_next_param(const char *text, sipws_span params, uint32_t *pos,
                          struct sipws__sip_param *param) {
  uint32_t end = params.off + params.len;
  *pos = sipws__sip_skip_space(text, *pos, end);
  if (*pos == end) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (text[*pos] != ';') {
    return SIPWS_ERR_SYNTAX;
  }
  *pos = sipws__sip_skip_space(text, *pos + 1, end);
  return sipws__sip_read_param(text, pos, end, param);
}

int sipws__sip_check_params(const char *text, sipws_span params) {
  struct sipws__sip_param param;
  uint32_t pos = params.off;
  int err;
  do {
    err = sipws__sip_next_param(text, params, &pos, &param);
  } while (err == 0);
  return err == SIPWS_ERR_NOT_FOUND ? 0 : err;
}

sipws_span sipws__sip_unquote(const char *text, sipws_span value) {
  if (value.len >= 2 && text[value.off] == '"') {
    value.off++;
    value.len -= 2;
  }
  return value;
}

int sipws_param(const char *text, const sipws_span *params, const char *name,
                size_t name_len, sipws_span *value) {
  struct sipws__sip_param param;
  uint32_t pos;
  int err;
  if (text == NULL || params == NULL || name == NULL || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  pos = params->off;
  while ((err = sipws__sip_next_param(text, *params, &pos, &param)) == 0) {
    if (sipws__text_equal(text + param.name.off, param.name.len, name,
                          name_len)) {
      *value = sipws__sip_unquote(text, param.value);
      return 0;
    }
  }
  return err;
}

int sipws_auth_param(const char *text, const sipws_span *header,
                     const char *name, size_t name_len, sipws_span *value) {
  struct sipws__sip_param param;
  uint32_t end, pos, start;
  if (text == NULL || header == NULL || (name == NULL && name_len > 0) ||
      value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  end = header->off + header->len;
  start = sipws__sip_skip_space(text, header->off, end);
  pos = start;
  while (pos < end && sipws__text_is_token_char(text[pos])) {
    pos++;
  }
  if (pos == start) {
    return SIPWS_ERR_SYNTAX;
  }
  if (name_len == 0) {
    *value = sipws__text_span(start, pos);
    return 0;
  }
  pos = sipws__sip_skip_space(text, pos, end);
  while (pos < end) {
    if (sipws__sip_read_param(text, &pos, end, &param) != 0 ||
        param.value.len == 0 || (pos < end && text[pos] != ',')) {
      return SIPWS_ERR_SYNTAX;
    }
    if (sipws__text_equal(text + param.name.off, param.name.len, name,
                          name_len)) {
      *value = sipws__sip_unquote(text, param.value);
      return 0;
    }
    while (pos < end && text[pos] == ',') {
      pos = sipws__sip_skip_space(text, pos + 1, end);
    }
  }
  return SIPWS_ERR_NOT_FOUND;
}

/* ------------------------------------------------------------- addresses -- */

/* 1 when it begins with "scheme:" and has something behind that. */
static int sip_value_has_scheme(const char *text, sipws_span uri) {
  const char *colon;
  size_t i, len;
  if (uri.len == 0 || (text[uri.off] | 0x20) < 'a' ||
      (text[uri.off] | 0x20) > 'z') {
    return 0;
  }
  colon = memchr(text + uri.off, ':', uri.len);
  if (colon == NULL) {
    return 0;
  }
  len = (size_t)(colon - text) - uri.off;
  for (i = 0; i < len; i++) {
    if (!sipws__text_is_token_char(text[uri.off + i])) {
      return 0;
    }
  }
  return len + 1 < uri.len;
}

/* Passes what may stand in a URI, up to one of |stops| or white space. */
static uint32_t sip_value_skip_uri(const char *text, uint32_t pos, uint32_t end,
                                   const char *stops) {
  size_t stops_len = strlen(stops);
  while (pos < end && (uint8_t)text[pos] > 0x20 && text[pos] != 0x7f &&
         memchr(stops, text[pos], stops_len) == NULL) {
    pos++;
  }
  return pos;
}

/* Reads a display name up to its "<", or none: |*pos| stays. */
static int sip_value_read_display(const char *text, uint32_t *pos, uint32_t end,
                                  sipws_span *display) {
  uint32_t at = *pos;
  if (text[at] == '"') {
    if (sip_value_skip_quoted(text, &at, end) != 0) {
      return SIPWS_ERR_SYNTAX;
    }
    *display = sipws__text_span(*pos + 1, at - 1);
    *pos = sipws__sip_skip_space(text, at, end);
    return *pos < end && text[*pos] == '<' ? 0 : SIPWS_ERR_SYNTAX;
  }
  while (at < end && text[at] != '<') {
    uint32_t next = sipws__sip_skip_space(text, at, end);
    if (next == at && !sipws__text_is_token_char(text[at])) {
      return 0; /* no display name: a URI without angle brackets */
    }
    at = next > at ? next : at + 1;
  }
  if (at < end) {
    *display = sipws__text_trim(text, sipws__text_span(*pos, at), 1);
    *pos = at;
  }
  return 0;
}

int sipws_name_addr_parse(const char *text, const sipws_span *value,
                          sipws_name_addr *addr) {
  sipws_name_addr seen;
  sipws_span whole;
  uint32_t pos, start, end;
  if (text == NULL || value == NULL || addr == NULL ||
      addr->struct_size != sizeof *addr) {
    return SIPWS_ERR_INVALID;
  }
  whole = sipws__text_trim(text, *value, 1);
  if (whole.len == 0) {
    return SIPWS_ERR_SYNTAX;
  }
  pos = whole.off;
  end = whole.off + whole.len;
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  if (whole.len == 1 && text[pos] == '*') {
    seen.is_star = 1;
    *addr = seen;
    return 0;
  }
  if (sip_value_read_display(text, &pos, end, &seen.display) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  if (text[pos] == '<') {
    start = pos + 1;
    pos = sip_value_skip_uri(text, start, end, "<>\"");
    if (pos == end || text[pos] != '>') {
      return SIPWS_ERR_SYNTAX;
    }
    seen.uri = sipws__text_span(start, pos);
    pos++;
  } else {
    /* RFC 3261 section 20: without brackets no comma or question mark. */
    start = pos;
    pos = sip_value_skip_uri(text, start, end, "<>\",?;");
    seen.uri = sipws__text_span(start, pos);
  }
  seen.params = sipws__text_span(sipws__sip_skip_space(text, pos, end), end);
  if (!sip_value_has_scheme(text, seen.uri) ||
      sipws__sip_check_params(text, seen.params) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  *addr = seen;
  return 0;
}
