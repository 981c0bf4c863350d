#include "sipws_http.h"

#include "sipws_text.h"
#include "sipws_text_scan.h"

#include <string.h>

#define HTTP_VERSION_LEN 8 /* HTTP/1.1 */
#define HTTP_STATUS_LEN 3

size_t sipws__http_end(const char *text, size_t len, size_t from) {
  size_t at = from > 2 ? from - 2 : 0;
  /* Bare LFs end it as well: parse refuses them, and the peer is told at once
   * in place of being waited for. */
  while (at < len) {
    const char *lf = memchr(text + at, '\n', len - at);
    if (lf == NULL) {
      return 0;
    }
    at = (size_t)(lf - text) + 1;
    if (at < len && text[at] == '\n') {
      return at + 1;
    }
    if (len - at >= 2 && text[at] == '\r' && text[at + 1] == '\n') {
      return at + 2;
    }
  }
  return 0;
}

/* --------------------------------------------------------------- lines -- */

/* Where |c| stands first from |from| on, or |end|. */
static uint32_t http_until(const char *text, uint32_t from, uint32_t end,
                           char c) {
  while (from < end && text[from] != c) {
    from++;
  }
  return from;
}

/* The line at |pos| without its CRLF; |pos| moves behind it. 1, or 0. */
static int http_line(const char *text, size_t len, uint32_t *pos,
                     sipws_span *line) {
  const char *lf;
  uint32_t end;
  if (*pos >= len) {
    return 0;
  }
  lf = memchr(text + *pos, '\n', len - *pos);
  /* RFC 9112 2.2: lines end in CRLF. A bare LF, which one peer takes for an end
   * and another does not, smuggles headers; so does a bare CR, which is refused
   * as an octet that no part of a line may hold. */
  if (lf == NULL || lf == text + *pos || lf[-1] != '\r') {
    return 0;
  }
  end = (uint32_t)(lf - text);
  *line = sipws__text_span(*pos, end - 1);
  *pos = end + 1;
  return 1;
}

/* Cuts a line at its colon. RFC 9112 5.1: no white space before the colon, no
 * empty name; and 5.2: a folded line, which begins with white space, is refused
 * by the same test. */
static int http_field(const char *text, sipws_span line, sipws_span *name,
                      sipws_span *value) {
  uint32_t end = line.off + line.len;
  size_t name_len = sipws__text_token_len(text + line.off, line.len);
  uint32_t colon = line.off + (uint32_t)name_len;
  if (name_len == 0 || colon == end || text[colon] != ':') {
    return 0;
  }
  *name = sipws__text_span(line.off, colon);
  *value = sipws__text_trim(text, sipws__text_span(colon + 1, end), 0);
  return 1;
}

/* ---------------------------------------------------------- start line -- */

static int http_is_visible(const char *text, sipws_span span) {
  uint32_t i;
  for (i = 0; i < span.len; i++) {
    if (text[span.off + i] <= ' ' || text[span.off + i] > '~') {
      return 0;
    }
  }
  return span.len > 0;
}

static int http_is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* RFC 9112 2.3: the name is in upper case, each number one digit. */
static int http_version(const char *text, sipws_span span,
                        struct sipws__http_head *head) {
  const char *version = text + span.off;
  if (span.len != HTTP_VERSION_LEN || memcmp(version, "HTTP/", 5) != 0 ||
      !http_is_digit(version[5]) || version[6] != '.' ||
      !http_is_digit(version[7])) {
    return 0;
  }
  head->major = (uint32_t)(version[5] - '0');
  head->minor = (uint32_t)(version[7] - '0');
  return 1;
}

/* method SP request-target SP HTTP-version (RFC 9112 3) */
static int http_request_line(const char *text, sipws_span line,
                             struct sipws__http_head *head) {
  uint32_t end = line.off + line.len;
  uint32_t method_end = http_until(text, line.off, end, ' ');
  uint32_t target_end;
  if (method_end == end) {
    return 0;
  }
  target_end = http_until(text, method_end + 1, end, ' ');
  if (target_end == end) {
    return 0;
  }
  head->method = sipws__text_span(line.off, method_end);
  head->target = sipws__text_span(method_end + 1, target_end);
  return sipws__text_is_token(text + head->method.off, head->method.len) &&
         http_is_visible(text, head->target) &&
         http_version(text, sipws__text_span(target_end + 1, end), head);
}

/* HTTP-version SP status-code SP [reason] (RFC 9112 4). Without a reason the
 * last SP may be missing too: some servers leave it out. */
static int http_status_line(const char *text, sipws_span line,
                            struct sipws__http_head *head) {
  uint32_t end = line.off + line.len;
  uint32_t status = line.off + HTTP_VERSION_LEN + 1;
  uint32_t status_end = status + HTTP_STATUS_LEN;
  uint32_t i;
  if (status_end > end || text[status - 1] != ' ' || text[status] == '0' ||
      !http_version(text, sipws__text_span(line.off, status - 1), head)) {
    return 0;
  }
  for (i = status; i < status_end; i++) {
    if (!http_is_digit(text[i])) {
      return 0;
    }
    head->status = head->status * 10 + (uint32_t)(text[i] - '0');
  }
  if (status_end < end) {
    if (text[status_end] != ' ') {
      return 0;
    }
    head->reason = sipws__text_span(status_end + 1, end);
  }
  return sipws__text_is_value(text + head->reason.off, head->reason.len);
}

/* ---------------------------------------------------------------- head -- */

static int http_fields(const char *text, size_t len, uint32_t max_fields,
                       struct sipws__http_head *head,
                       struct sipws__lines *lines) {
  uint32_t pos = head->fields;
  sipws_span line, name, value;
  while (http_line(text, len, &pos, &line)) {
    if (line.len == 0) {
      return pos == len ? 0 : SIPWS_ERR_SYNTAX;
    }
    if (head->count == max_fields) {
      return SIPWS_ERR_TOO_BIG;
    }
    if (!http_field(text, line, &name, &value) ||
        !sipws__text_is_value(text + value.off, value.len)) {
      return SIPWS_ERR_SYNTAX;
    }
    if (lines != NULL) {
      sipws__lines_note(lines, name, value, pos);
    }
    head->count++;
  }
  return SIPWS_ERR_SYNTAX;
}

int sipws__http_parse(const char *text, size_t len, int is_response,
                      uint32_t max_fields, struct sipws__http_head *head,
                      struct sipws__lines *lines) {
  struct sipws__http_head found;
  sipws_span line;
  uint32_t pos = 0;
  int ok, err;
  if (len > SIPWS__HTTP_HEAD_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  memset(&found, 0, sizeof found);
  /* RFC 9112 2.2: one empty line ahead of a request is passed over. */
  if (!is_response && len >= 2 && memcmp(text, "\r\n", 2) == 0) {
    pos = 2;
  }
  ok = http_line(text, len, &pos, &line) &&
       (is_response ? http_status_line(text, line, &found)
                    : http_request_line(text, line, &found));
  if (!ok) {
    return SIPWS_ERR_SYNTAX;
  }
  found.fields = pos;
  if (lines != NULL) {
    sipws__lines_begin(lines, text, len);
  }
  err = http_fields(text, len, max_fields, &found, lines);
  if (err != 0) {
    return err;
  }
  *head = found;
  return 0;
}

/* -------------------------------------------------------------- fields -- */

int sipws__http_next(const char *text, size_t len, uint32_t *pos,
                     sipws_span *name, sipws_span *value) {
  sipws_span line;
  /* the empty line at the end has no name */
  return http_line(text, len, pos, &line) &&
         http_field(text, line, name, value);
}

int sipws__http_next_named(const char *text, size_t len, uint32_t *pos,
                           const char *name, size_t name_len,
                           sipws_span *value) {
  sipws_span found;
  while (sipws__http_next(text, len, pos, &found, value)) {
    if (sipws__text_equal(text + found.off, found.len, name, name_len)) {
      return 1;
    }
  }
  return 0;
}

int sipws__http_find(const char *text, size_t len,
                     const struct sipws__http_head *head, const char *name,
                     size_t name_len, uint32_t index, sipws_span *value) {
  uint32_t pos = head->fields;
  sipws_span found;
  while (sipws__http_next_named(text, len, &pos, name, name_len, &found)) {
    if (index == 0) {
      *value = found;
      return 1;
    }
    index--;
  }
  return 0;
}

/* ------------------------------------------------------------- reasons -- */

const char *sipws__http_reason(int status) {
  static const struct {
    int status;
    char reason[32];
  } reasons[] = {
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {421, "Misdirected Request"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  /* RFC 9110 15: an unknown status counts as the x00 of its class. */
  static const char classes[][16] = {"Informational", "Success", "Redirection",
                                     "Client Error", "Server Error"};
  size_t i;
  for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    if (reasons[i].status == status) {
      return reasons[i].reason;
    }
  }
  return status >= 100 && status < 600 ? classes[status / 100 - 1] : "Unknown";
}
