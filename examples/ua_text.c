#include "ua_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ua_put(struct ua_text *text, const char *format, ...) {
  va_list args;
  int n;

  if (text->failed) {
    return;
  }
  va_start(args, format);
  n = vsnprintf(text->at + text->len, text->size - text->len, format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= text->size - text->len) {
    text->failed = 1;
    return;
  }
  text->len += (size_t)n;
}

int ua_random_word(char *out, size_t octets) {
  uint8_t seed[16];
  size_t i;

  if (octets > sizeof(seed) || sipws_os_random(seed, octets, NULL) != 0) {
    fprintf(stderr, "ua: no random octets from the system\n");
    return -1;
  }
  for (i = 0; i < octets; i++) {
    snprintf(out + 2 * i, 3, "%02x", seed[i]);
  }
  return 0;
}

int ua_is(const char *text, const sipws_span *span, const char *word) {
  return sipws_span_is(text, span, word, strlen(word));
}
