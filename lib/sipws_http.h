/* http: the head of an HTTP/1.1 message (RFC 9112), strict: no bare CR or LF,
 * no folded line, no NUL, no space before a colon. Whole heads only; nothing
 * is copied or allocated. A value keeps octets above 127 as they are. */
#ifndef SIPWS_HTTP_H
#define SIPWS_HTTP_H

#include <sipws/sipws.h>

/* The longest head that parse reads, so that offsets fit 32 bits. */
#define SIPWS__HTTP_HEAD_MAX ((size_t)1 << 20)

/* The octet behind the blank line that ends a head, looked for from |from|
 * (what was searched before; a few octets earlier is seen to here), or 0: not
 * there yet. An end made of bare LFs is found too, for parse to refuse. */
size_t sipws__http_end(const char *text, size_t len, size_t from);

struct sipws__http_head {
  uint32_t major, minor; /* HTTP version, a digit each */
  uint32_t status;       /* response; 100 to 999 */
  sipws_span method;     /* request */
  sipws_span target;     /* request; visible ASCII, form not judged */
  sipws_span reason;     /* response; empty also when missing */
  uint32_t fields;       /* offset of the first header line */
  uint32_t count;        /* header lines */
};

/* The header lines that a handshake is judged by. */
enum sipws__line {
  SIPWS__LINE_HOST,
  SIPWS__LINE_ORIGIN,
  SIPWS__LINE_CONTENT_LENGTH,
  SIPWS__LINE_TRANSFER_ENCODING,
  SIPWS__LINE_UPGRADE,
  SIPWS__LINE_CONNECTION,
  SIPWS__LINE_KEY, /* Sec-WebSocket-Key, and so on */
  SIPWS__LINE_VERSION,
  SIPWS__LINE_ACCEPT,
  SIPWS__LINE_PROTOCOL,
  SIPWS__LINE_EXTENSIONS,
  SIPWS__LINES
};

/* Where they stand in a head, by enum sipws__line. */
struct sipws__lines {
  const char *text; /* the head */
  size_t len;
  uint32_t count[SIPWS__LINES];   /* lines of that name */
  sipws_span first[SIPWS__LINES]; /* value of the first one, or all zero */
  uint32_t behind[SIPWS__LINES];  /* offset of the line behind that */
};

/* Reads a whole head, blank line included and nothing behind it, and checks
 * every line of it; notes |lines| unless that is NULL. SIPWS_ERR_SYNTAX;
 * SIPWS_ERR_TOO_BIG: more than |max_fields| lines or SIPWS__HTTP_HEAD_MAX
 * octets. */
int sipws__http_parse(const char *text, size_t len, int is_response,
                      uint32_t max_fields, struct sipws__http_head *head,
                      struct sipws__lines *lines);

/* Walks the header lines of a head that parse took. |pos| is head->fields at
 * first. 1 and the spans, or 0 at the end. */
int sipws__http_next(const char *text, size_t len, uint32_t *pos,
                     sipws_span *name, sipws_span *value);

/* The same for those that are named |name| (any case). */
int sipws__http_next_named(const char *text, size_t len, uint32_t *pos,
                           const char *name, size_t name_len,
                           sipws_span *value);

/* The |index|th value of |name|; 1, or 0 when there is none. */
int sipws__http_find(const char *text, size_t len,
                     const struct sipws__http_head *head, const char *name,
                     size_t name_len, uint32_t index, sipws_span *value);

/* The usual reason phrase of |status|, a static C string; never empty. */
const char *sipws__http_reason(int status);

/* ---- lists and cookies (sipws_http_list.c) ---- */

/* Walks a comma-separated list; empty elements are skipped, commas in quoted
 * strings left alone. |pos| is 0 at first. 1, or 0 at the end. */
int sipws__http_next_element(const char *text, sipws_span list, uint32_t *pos,
                             sipws_span *element);

/* A walk over the elements of all lines of one name, taken as one list (RFC
 * 9110 5.3). */
struct sipws__http_list {
  const char *name;
  uint32_t next_line; /* the header line to look at after |line| */
  sipws_span line;    /* the value being walked; empty before the first */
  uint32_t pos;       /* in it */
};

/* |name| must live as long as the walk. */
void sipws__http_list_begin(struct sipws__http_list *list,
                            const struct sipws__http_head *head,
                            const char *name);

/* 1 and the next element, or 0 at the end. */
int sipws__http_list_next(const char *text, size_t len,
                          struct sipws__http_list *list, sipws_span *element);

/* The |index|th element of all lines named |name|; 1, or 0 past the last. */
int sipws__http_element(const char *text, size_t len,
                        const struct sipws__http_head *head, const char *name,
                        uint32_t index, sipws_span *element);

/* The |index|th cookie of all Cookie lines (RFC 6265 section 5.4), in the order
 * sent; quotes are kept. One without "=" has an empty name. 1, or 0. */
int sipws__http_cookie(const char *text, size_t len,
                       const struct sipws__http_head *head, uint32_t index,
                       sipws_span *name, sipws_span *value);

/* ---- header lines noted (sipws_http_lines.c) ---- */

/* Begins with none; … */
void sipws__lines_begin(struct sipws__lines *lines, const char *text,
                        size_t len);

/* … and notes a line if it is one of them. |behind| is the offset behind it. */
void sipws__lines_note(struct sipws__lines *lines, sipws_span name,
                       sipws_span value, uint32_t behind);

/* Begins a walk over the elements of all lines of that name. */
void sipws__lines_list(const struct sipws__lines *lines, enum sipws__line which,
                       struct sipws__http_list *list);

/* 1 when |token| (any case) is a whole element of that list. */
int sipws__lines_have_token(const struct sipws__lines *lines,
                            enum sipws__line which, const char *token);

#endif /* SIPWS_HTTP_H */
