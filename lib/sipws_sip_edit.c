/* sip: header lines put in, taken out, replaced. */
#include "sipws_sip.h"

#include "sipws_text.h"

#include <string.h>

/* ------------------------------------------------------------- splicing -- */

int sipws__sip_splice(const char *msg, size_t len, size_t off, size_t cut,
                      const struct sipws__sip_piece *pieces, size_t count,
                      char *out, size_t out_size, size_t *out_len) {
  size_t need, tail, i;
  if ((msg == NULL && len > 0) || (out == NULL && out_size > 0) ||
      out_len == NULL || len > SIPWS__SIP_MAX || off > len || cut > len - off) {
    return SIPWS_ERR_INVALID;
  }
  need = len - cut;
  tail = need - off;
  for (i = 0; i < count; i++) {
    if (pieces[i].text == NULL && pieces[i].len > 0) {
      return SIPWS_ERR_INVALID;
    }
    if (pieces[i].len > SIPWS__SIP_MAX - need) {
      return SIPWS_ERR_TOO_BIG;
    }
    need += pieces[i].len;
  }
  *out_len = need;
  if (need == 0) {
    return 0;
  }
  if (out == NULL || out_size < need) {
    return SIPWS_ERR_BUFFER;
  }
  /* The tail moves before anything is written over it. */
  if (tail > 0) {
    memmove(out + need - tail, msg + off + cut, tail);
  }
  if (off > 0 && out != msg) {
    memmove(out, msg, off);
  }
  for (i = 0; i < count; i++) {
    if (pieces[i].len > 0) {
      memcpy(out + off, pieces[i].text, pieces[i].len);
      off += pieces[i].len;
    }
  }
  return 0;
}

int sipws__sip_write(const struct sipws__sip_piece *pieces, size_t count,
                     char *out, size_t out_size, size_t *out_len) {
  return sipws__sip_splice(NULL, 0, 0, 0, pieces, count, out, out_size,
                           out_len);
}

int sipws_replace(const char *msg, size_t len, size_t off, size_t cut,
                  const char *text, size_t text_len, char *out, size_t out_size,
                  size_t *out_len) {
  struct sipws__sip_piece piece;
  piece.text = text;
  piece.len = text_len;
  return sipws__sip_splice(msg, len, off, cut, &piece, 1, out, out_size,
                           out_len);
}

/* --------------------------------------------------------- header lines -- */

static int sip_edit_check(const char *name, size_t name_len, const char *value,
                          size_t value_len) {
  if (name == NULL || (value == NULL && value_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__text_is_token(name, name_len) ||
      !sipws__text_is_value(value, value_len)) {
    return SIPWS_ERR_TEXT;
  }
  return 0;
}

/* Inserts "name: value" as a line at |off|. */
static int sip_edit_insert(const char *msg, size_t len, size_t off,
                           const char *name, size_t name_len, const char *value,
                           size_t value_len, char *out, size_t out_size,
                           size_t *out_len) {
  struct sipws__sip_piece pieces[4] = {
      {NULL, 0}, {": ", 2}, {NULL, 0}, {"\r\n", 2}};
  pieces[0].text = name;
  pieces[0].len = name_len;
  pieces[2].text = value;
  pieces[2].len = value_len;
  return sipws__sip_splice(msg, len, off, 0, pieces, 4, out, out_size, out_len);
}

int sipws_sip_prepend_header(const char *msg, size_t len, const char *name,
                             size_t name_len, const char *value,
                             size_t value_len, char *out, size_t out_size,
                             size_t *out_len) {
  sipws_sip_view view;
  int err = sip_edit_check(name, name_len, value, value_len);
  if (err == 0) {
    err = sipws__sip_outline(msg, len, &view, NULL);
  }
  if (err != 0) {
    return err;
  }
  return sip_edit_insert(msg, len, view.headers.off, name, name_len, value,
                         value_len, out, out_size, out_len);
}

int sipws_sip_remove_top(const char *msg, size_t len, const char *name,
                         size_t name_len, char *out, size_t out_size,
                         size_t *out_len) {
  sipws_sip_view view;
  sipws_span cut = {0, 0};
  sipws_span list, first, second;
  int err;
  if (name == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws__sip_outline(msg, len, &view, NULL);
  if (err == 0) {
    err = sipws_sip_next_named(msg, len, &view, name, name_len, &cut, &list);
  }
  if (err != 0) {
    return err;
  }
  if (sipws_list_next(msg, &list, &first) != 0) {
    return SIPWS_ERR_SYNTAX; /* a line without a value has no top */
  }
  err = sipws_list_next(msg, &list, &second);
  if (err == 0) {
    cut.off = first.off;
    cut.len = second.off - first.off;
  } else if (err != SIPWS_ERR_NOT_FOUND) {
    return err;
  }
  return sipws__sip_splice(msg, len, cut.off, cut.len, NULL, 0, out, out_size,
                           out_len);
}

int sipws_sip_set_header(const char *msg, size_t len, const char *name,
                         size_t name_len, const char *value, size_t value_len,
                         char *out, size_t out_size, size_t *out_len) {
  struct sipws__sip_piece pieces[2] = {{" ", 1}, {NULL, 0}};
  sipws_sip_view view;
  sipws_span line = {0, 0};
  sipws_span old;
  int err = sip_edit_check(name, name_len, value, value_len);
  size_t off;
  if (err == 0) {
    err = sipws__sip_outline(msg, len, &view, NULL);
  }
  if (err != 0) {
    return err;
  }
  err = sipws_sip_next_named(msg, len, &view, name, name_len, &line, &old);
  if (err == SIPWS_ERR_NOT_FOUND) {
    return sip_edit_insert(msg, len,
                           (size_t)view.headers.off + view.headers.len, name,
                           name_len, value, value_len, out, out_size, out_len);
  }
  /* all between the colon and the CRLF */
  off = line.off;
  while (msg[off] != ':') {
    off++;
  }
  off++;
  pieces[1].text = value;
  pieces[1].len = value_len;
  return sipws__sip_splice(msg, len, off, line.off + line.len - 2 - off, pieces,
                           2, out, out_size, out_len);
}
