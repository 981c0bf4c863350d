#include "sipws_front_query.h"

#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

/* ---------------------------------------------------------------- pairs -- */

int sipws__pair_next(const char *text, sipws_span *list, char separator,
                     struct sipws__pair *pair) {
  uint32_t start = list->off;
  uint32_t end = start + list->len;
  uint32_t at = start;
  uint32_t equals = end; /* none yet */
  if (text == NULL || list->len == 0) {
    return SIPWS_ERR_NOT_FOUND;
  }
  while (at < end && text[at] != separator) {
    if (text[at] == '=' && equals == end) {
      equals = at;
    }
    at++;
  }
  pair->has_value = equals < end;
  pair->name = sipws__text_span(start, pair->has_value ? equals : at);
  pair->value = sipws__text_span(pair->has_value ? equals + 1 : at, at);
  *list = sipws__text_span(at < end ? at + 1 : end, end);
  return 0;
}

/* The next parameter of a query, empty pieces passed over. */
static int query_next(const char *text, sipws_span *query,
                      struct sipws__pair *pair) {
  int err;
  do {
    err = sipws__pair_next(text, query, '&', pair);
  } while (err == 0 && pair->name.len == 0 && !pair->has_value);
  return err;
}

int sipws_query_next(const char *text, sipws_span *query, sipws_span *name,
                     sipws_span *value) {
  struct sipws__pair pair;
  sipws_span rest;
  int err;
  if (text == NULL || query == NULL || name == NULL || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  rest = *query;
  err = query_next(text, &rest, &pair);
  if (err == 0) {
    *query = rest;
    *name = pair.name;
    *value = pair.value;
  }
  return err;
}

int sipws_cookie_next(const char *text, sipws_span *value_list,
                      sipws_span *name, sipws_span *value) {
  struct sipws__pair pair;
  sipws_span rest;
  int err;
  if (text == NULL || value_list == NULL || name == NULL || value == NULL) {
    return SIPWS_ERR_INVALID;
  }
  rest = *value_list;
  do {
    err = sipws__pair_next(text, &rest, ';', &pair);
  } while (err == 0 && !pair.has_value);
  if (err == 0) {
    *value_list = rest;
    *name = sipws__text_trim(text, pair.name, 0);
    *value = sipws__text_trim(text, pair.value, 0);
  }
  return err;
}

/* ----------------------------------------------------- percent-encoding -- */

/* The octet at |*at|, which moves behind it; -1 for a broken encoding. */
static int query_octet(const char *text, size_t len, size_t *at) {
  size_t i = *at;
  int high, low;
  if (text[i] != '%') {
    *at = i + 1;
    return (uint8_t)text[i];
  }
  if (len - i < 3) {
    return -1;
  }
  high = sipws__host_hex(text[i + 1]);
  low = sipws__host_hex(text[i + 2]);
  *at = i + 3;
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

int sipws_percent_decode(const char *text, size_t len, char *out,
                         size_t out_size, size_t *out_len) {
  size_t need = 0;
  size_t at = 0;
  if ((text == NULL && len > 0) || (out == NULL && out_size > 0) ||
      out_len == NULL || len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_INVALID;
  }
  while (at < len) {
    if (query_octet(text, len, &at) < 0) {
      return SIPWS_ERR_SYNTAX;
    }
    need++;
  }
  *out_len = need;
  if (out_size < need) {
    return SIPWS_ERR_BUFFER;
  }
  /* What is written never overtakes what is read. */
  for (need = 0, at = 0; at < len; need++) {
    out[need] = (char)query_octet(text, len, &at);
  }
  return 0;
}

/* 1 when |text| is |name| once decoded. */
static int query_is_name(const char *text, size_t len, const char *name,
                         size_t name_len) {
  size_t at = 0;
  size_t i = 0;
  while (at < len && i < name_len &&
         query_octet(text, len, &at) == (uint8_t)name[i]) {
    i++;
  }
  return at == len && i == name_len;
}

int sipws_query_get(const char *query, size_t len, const char *name,
                    size_t name_len, char *out, size_t out_size,
                    size_t *out_len) {
  struct sipws__pair pair;
  sipws_span rest;
  if ((query == NULL && len > 0) || (name == NULL && name_len > 0) ||
      (out == NULL && out_size > 0) || out_len == NULL ||
      len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_INVALID;
  }
  rest = sipws__text_span(0, len);
  while (query_next(query, &rest, &pair) == 0) {
    if (query_is_name(query + pair.name.off, pair.name.len, name, name_len)) {
      return sipws_percent_decode(query + pair.value.off, pair.value.len, out,
                                  out_size, out_len);
    }
  }
  return SIPWS_ERR_NOT_FOUND;
}
