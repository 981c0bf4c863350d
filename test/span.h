/* Texts as the spans that functions of <sipws/sip.h> take. */
#ifndef SIPWS_TEST_SPAN_H
#define SIPWS_TEST_SPAN_H

#include <string.h>

#include <sipws/sipws.h>

/* All of |text|; good until the next call. */
static inline const sipws_span *whole(const char *text) {
  static sipws_span span;
  span.off = 0;
  span.len = (uint32_t)strlen(text);
  return &span;
}

#endif /* SIPWS_TEST_SPAN_H */
