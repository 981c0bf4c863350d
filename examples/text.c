#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void write_format(struct writer *writer, const char *format, ...) {
  size_t room = writer->len < writer->size ? writer->size - writer->len : 0;
  char *out = room == 0 ? NULL : writer->out + writer->len;
  va_list arguments;
  int len;
  va_start(arguments, format);
  len = vsnprintf(out, room, format, arguments);
  va_end(arguments);
  writer->len += len < 0 ? writer->size : (size_t)len;
}

void write_span(struct writer *writer, const char *text,
                const sipws_span *span) {
  write_format(writer, "%.*s", SPAN(text, *span));
}

int writer_is_full(const struct writer *writer) {
  return writer->len >= writer->size;
}

void write_hex(const uint8_t *data, size_t len, char *out) {
  size_t i;
  for (i = 0; i < len; i++) {
    snprintf(out + 2 * i, 3, "%02x", (unsigned)data[i]);
  }
}

int span_is(const char *text, const sipws_span *span, const char *word) {
  return span->len == strlen(word) &&
         memcmp(text + span->off, word, span->len) == 0;
}

int span_copy(const char *text, const sipws_span *span, char *out,
              size_t out_size) {
  if (span->len >= out_size) {
    return -1;
  }
  memcpy(out, text + span->off, span->len);
  out[span->len] = '\0';
  return 0;
}
