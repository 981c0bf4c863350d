/* utf8: RFC 3629, however the text is cut. */
#ifndef SIPWS_UTF8_H
#define SIPWS_UTF8_H

#include <stddef.h>
#include <stdint.h>

struct sipws__utf8 {
  uint8_t need; /* continuation octets still due; 0 at the start of a text */
  uint8_t low;  /* the next one is at least this, … */
  uint8_t high; /* … at most that; meaningful while |need| > 0 */
};

/* Takes more of the text. 1: good so far; 0: no text that begins so is UTF-8
 * (then the text is lost; do not go on). Overlong forms, surrogates and what
 * lies above U+10FFFF are refused at their first wrong octet. */
int sipws__utf8_feed(struct sipws__utf8 *utf8, const uint8_t *data, size_t len);

/* 1 when the text may end here, or go on with ASCII. */
static inline int sipws__utf8_is_whole(const struct sipws__utf8 *utf8) {
  return utf8->need == 0;
}

/* 1 when all of it is UTF-8. */
int sipws__utf8_is_valid(const uint8_t *data, size_t len);

#endif /* SIPWS_UTF8_H */
