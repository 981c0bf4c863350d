/* http: the elements of lists (RFC 9110 section 5.6.1), and cookies. */
#include "sipws_http.h"
#include "sipws_text.h"

#include <string.h>

/* ------------------------------------------------------------ elements -- */

/* The end of the piece that begins at |from|; RFC 9110 5.6.4 for quotes. */
static uint32_t http_piece_end(const char *text, uint32_t from, uint32_t end,
                               char separator, int quotes) {
  int quoted = 0;
  while (from < end && (quoted || text[from] != separator)) {
    if (quoted && text[from] == '\\' && from + 1 < end) {
      from++;
    } else if (quotes && text[from] == '"') {
      quoted = !quoted;
    }
    from++;
  }
  return from;
}

/* The next piece of |list| that is not empty (RFC 9110 5.6.1.2). */
static int http_next_piece(const char *text, sipws_span list, char separator,
                           int quotes, uint32_t *pos, sipws_span *piece) {
  uint32_t end = list.off + list.len;
  while (*pos < list.len) {
    uint32_t from = list.off + *pos;
    uint32_t to = http_piece_end(text, from, end, separator, quotes);
    sipws_span found = sipws__text_trim(text, sipws__text_span(from, to), 0);
    *pos = to - list.off + 1;
    if (found.len > 0) {
      *piece = found;
      return 1;
    }
  }
  return 0;
}

int sipws__http_next_element(const char *text, sipws_span list, uint32_t *pos,
                             sipws_span *element) {
  return http_next_piece(text, list, ',', 1, pos, element);
}

void sipws__http_list_begin(struct sipws__http_list *list,
                            const struct sipws__http_head *head,
                            const char *name) {
  memset(list, 0, sizeof *list);
  list->name = name;
  list->next_line = head->fields;
}

int sipws__http_list_next(const char *text, size_t len,
                          struct sipws__http_list *list, sipws_span *element) {
  while (!sipws__http_next_element(text, list->line, &list->pos, element)) {
    if (!sipws__http_next_named(text, len, &list->next_line, list->name,
                                strlen(list->name), &list->line)) {
      list->line.len = 0;
      return 0;
    }
    list->pos = 0;
  }
  return 1;
}

int sipws__http_element(const char *text, size_t len,
                        const struct sipws__http_head *head, const char *name,
                        uint32_t index, sipws_span *element) {
  struct sipws__http_list list;
  sipws_span found;
  sipws__http_list_begin(&list, head, name);
  while (sipws__http_list_next(text, len, &list, &found)) {
    if (index == 0) {
      *element = found;
      return 1;
    }
    index--;
  }
  return 0;
}

/* ------------------------------------------------------------- cookies -- */

int sipws__http_cookie(const char *text, size_t len,
                       const struct sipws__http_head *head, uint32_t index,
                       sipws_span *name, sipws_span *value) {
  static const char cookie[] = "Cookie";
  uint32_t pos = head->fields;
  sipws_span line, pair;
  while (sipws__http_next_named(text, len, &pos, cookie, sizeof cookie - 1,
                                &line)) {
    uint32_t at = 0;
    while (http_next_piece(text, line, ';', 0, &at, &pair)) {
      uint32_t end = pair.off + pair.len;
      const char *mark = memchr(text + pair.off, '=', pair.len);
      uint32_t equals = mark != NULL ? (uint32_t)(mark - text) : end;
      if (index > 0) {
        index--;
        continue;
      }
      /* Browsers send a cookie that has no name as its value alone. */
      *name = sipws__text_span(pair.off, equals < end ? equals : pair.off);
      *name = sipws__text_trim(text, *name, 0);
      *value = sipws__text_span(equals < end ? equals + 1 : pair.off, end);
      *value = sipws__text_trim(text, *value, 0);
      return 1;
    }
  }
  return 0;
}
