/* A second reader of SIP messages, which shares no line with the library's: it
 * goes octet by octet, and takes nothing that RFC 3261 section 25.1 does not
 * write so. What it and the library read must be the same. */
#ifndef SIPWS_STRICT_H
#define SIPWS_STRICT_H

#include "fuzz.h"

#include <sipws/sip.h>

#include <strings.h>

#define STRICT_LINES 2048

struct strict_line {
  const char *text; /* with its CRLF, and the folded lines behind it */
  size_t len;
  size_t name_len;
  const char *value; /* without white space around it */
  size_t value_len;
};

struct strict {
  size_t start_len; /* of the start line, with its CRLF */
  size_t count;
  struct strict_line lines[STRICT_LINES];
  const char *body; /* all behind the empty line */
  size_t body_len;
};

static inline int strict_is_token(const char *text, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    int letter = (text[i] >= 'a' && text[i] <= 'z') ||
                 (text[i] >= 'A' && text[i] <= 'Z') ||
                 (text[i] >= '0' && text[i] <= '9');
    if (!letter && (text[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", text[i]))) {
      return 0;
    }
  }
  return len > 0;
}

/* 1 for what may be written into a line: no control character but tab. */
static inline int strict_is_value(const char *text, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    uint8_t octet = (uint8_t)text[i];
    if ((octet < 0x20 && octet != '\t') || octet == 0x7f) {
      return 0;
    }
  }
  return 1;
}

static inline int strict_is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Octets of the line at |text| with its CRLF; 0 when it is none. */
static inline size_t strict_line_len(const char *text, size_t len) {
  size_t i;
  for (i = 0; i + 1 < len; i++) {
    if (text[i] == '\r' && text[i + 1] == '\n') {
      return i + 2;
    }
    if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0') {
      return 0;
    }
  }
  return 0;
}

/* |len| without the CRLF. */
static inline int strict_is_start(const char *text, size_t len) {
  size_t method = 0;
  if (len >= 7 && strncasecmp(text, "SIP/2.0", 7) == 0) {
    return len >= 12 && text[7] == ' ' && text[8] >= '1' && text[8] <= '6' &&
           text[9] >= '0' && text[9] <= '9' && text[10] >= '0' &&
           text[10] <= '9' && text[11] == ' ';
  }
  while (method < len && text[method] != ' ') {
    method++;
  }
  return strict_is_token(text, method) && len >= method + 10 &&
         text[len - 8] == ' ' &&
         strncasecmp(text + len - 7, "SIP/2.0", 7) == 0 &&
         memchr(text + method + 1, ' ', len - method - 9) == NULL;
}

static inline int strict_read_line(const char *text, size_t len,
                                   struct strict_line *line) {
  const char *end;
  line->text = text;
  line->len = 0;
  do {
    size_t more = strict_line_len(text + line->len, len - line->len);
    line->len += more;
    if (more == 0) {
      return 0;
    }
  } while (line->len < len &&
           (text[line->len] == ' ' || text[line->len] == '\t'));
  line->value = memchr(text, ':', line->len);
  if (line->value == NULL) {
    return 0;
  }
  line->name_len = (size_t)(line->value - text);
  while (line->name_len > 0 && (text[line->name_len - 1] == ' ' ||
                                text[line->name_len - 1] == '\t')) {
    line->name_len--;
  }
  line->value++;
  end = text + line->len;
  while (line->value < end && strict_is_space(*line->value)) {
    line->value++;
  }
  while (end > line->value && strict_is_space(end[-1])) {
    end--;
  }
  line->value_len = (size_t)(end - line->value);
  return strict_is_token(text, line->name_len);
}

/* 1 when |msg| is one; |strict| points into it. */
static inline int strict_read(const char *msg, size_t len,
                              struct strict *strict) {
  const char *at = msg;
  size_t left = len;
  strict->start_len = strict_line_len(msg, len);
  if (strict->start_len == 0 || !strict_is_start(msg, strict->start_len - 2)) {
    return 0;
  }
  at += strict->start_len;
  left -= strict->start_len;
  strict->count = 0;
  while (left < 2 || at[0] != '\r' || at[1] != '\n') {
    struct strict_line *line = &strict->lines[strict->count++];
    must(strict->count < STRICT_LINES);
    if (!strict_read_line(at, left, line)) {
      return 0;
    }
    at += line->len;
    left -= line->len;
  }
  strict->body = at + 2;
  strict->body_len = left - 2;
  return 1;
}

static inline int strict_same(const struct strict_line *a,
                              const struct strict_line *b) {
  return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* 1 when |line| is named |name|, or |letter|, its compact form if not 0. */
static inline int strict_is_named(const struct strict_line *line,
                                  const char *name, char letter) {
  return (line->name_len == strlen(name) &&
          strncasecmp(line->text, name, line->name_len) == 0) ||
         (letter != 0 && line->name_len == 1 &&
          (line->text[0] | 0x20) == letter);
}

/* 1 when the value of |line| is |value|, apart from white space around it. */
static inline int strict_has(const struct strict_line *line, const char *value,
                             size_t len) {
  while (len > 0 && strict_is_space(*value)) {
    value++;
    len--;
  }
  while (len > 0 && strict_is_space(value[len - 1])) {
    len--;
  }
  return line->value_len == len && memcmp(line->value, value, len) == 0;
}

/* The comma-separated value at |*at| of a text that ends at |end|, without
 * white space around it; |*at| moves behind it. 1; 0 at the end; -1 for a
 * quoted string or an angle bracket that is left open. */
static inline int strict_next_value(const char **at, const char *end,
                                    const char **value, size_t *len) {
  const char *p = *at;
  char open = 0; /* what closes the part at hand, if one is open */
  while (p < end && (strict_is_space(*p) || *p == ',')) {
    p++;
  }
  *value = p;
  for (; p < end && (open != 0 || *p != ','); p++) {
    if (open == '"' && *p == '\\') {
      p++;
    } else if (open != 0) {
      open = *p == open ? 0 : open;
    } else if (*p == '"' || *p == '<') {
      open = *p == '"' ? '"' : '>';
    }
  }
  *at = p;
  if (open != 0) {
    return -1;
  }
  while (p > *value && strict_is_space(p[-1])) {
    p--;
  }
  *len = (size_t)(p - *value);
  return *len > 0;
}

#endif /* SIPWS_STRICT_H */
