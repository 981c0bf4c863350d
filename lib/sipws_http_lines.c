/* http: the lines that the handshake asks for, noted in one walk. */
#include "sipws_http.h"
#include "sipws_text.h"

#include <string.h>

#define LINES_NAME(text)                                                       \
  { sizeof text - 1, text }

/* In the order of enum sipws__line. */
static const struct {
  uint8_t len;
  char text[25];
} lines_names[SIPWS__LINES] = {
    LINES_NAME("Host"),
    LINES_NAME("Origin"),
    LINES_NAME("Content-Length"),
    LINES_NAME("Transfer-Encoding"),
    LINES_NAME("Upgrade"),
    LINES_NAME("Connection"),
    LINES_NAME("Sec-WebSocket-Key"),
    LINES_NAME("Sec-WebSocket-Version"),
    LINES_NAME("Sec-WebSocket-Accept"),
    LINES_NAME("Sec-WebSocket-Protocol"),
    LINES_NAME("Sec-WebSocket-Extensions"),
};

void sipws__lines_begin(struct sipws__lines *lines, const char *text,
                        size_t len) {
  memset(lines, 0, sizeof *lines);
  lines->text = text;
  lines->len = len;
}

/* Which one is called |name|; SIPWS__LINES when none is. */
static uint32_t lines_which(const char *name, size_t len) {
  uint32_t i = 0;
  while (i < SIPWS__LINES && !sipws__text_equal(name, len, lines_names[i].text,
                                                lines_names[i].len)) {
    i++;
  }
  return i;
}

void sipws__lines_note(struct sipws__lines *lines, sipws_span name,
                       sipws_span value, uint32_t behind) {
  uint32_t i = lines_which(lines->text + name.off, name.len);
  if (i < SIPWS__LINES && lines->count[i]++ == 0) {
    lines->first[i] = value;
    lines->behind[i] = behind;
  }
}

void sipws__lines_list(const struct sipws__lines *lines, enum sipws__line which,
                       struct sipws__http_list *list) {
  list->name = lines_names[which].text;
  list->line = lines->first[which];
  list->pos = 0;
  /* Most have one line, and then there is nothing more to look for. */
  list->next_line =
      lines->count[which] > 1 ? lines->behind[which] : (uint32_t)lines->len;
}

int sipws__lines_have_token(const struct sipws__lines *lines,
                            enum sipws__line which, const char *token) {
  struct sipws__http_list list;
  sipws_span element;
  sipws__lines_list(lines, which, &list);
  while (sipws__http_list_next(lines->text, lines->len, &list, &element)) {
    if (sipws__text_is(lines->text + element.off, element.len, token)) {
      return 1;
    }
  }
  return 0;
}
