/* Text of ua and proxy: writing into a buffer of fixed size, hexadecimal, and
 * looking at spans. */
#ifndef EXAMPLES_TEXT_H
#define EXAMPLES_TEXT_H

#include <sipws/sip.h>

#if defined(__GNUC__)
#define TEXT_FORMAT __attribute__((format(printf, 2, 3)))
#else
#define TEXT_FORMAT
#endif

/* Text in pieces; |len| counts on when |size| is too small. Always
 * NUL-terminated once written to. */
struct writer {
  char *out;
  size_t size;
  size_t len;
};
void write_format(struct writer *writer, const char *format, ...) TEXT_FORMAT;
void write_span(struct writer *writer, const char *text,
                const sipws_span *span);
int writer_is_full(const struct writer *writer);

/* 2 * |len| digits in lower case, and a NUL. */
void write_hex(const uint8_t *data, size_t len, char *out);

/* The arguments of "%.*s" for a span. */
#define SPAN(text, span) (int)(span).len, (text) + (span).off

/* 1 when equal, letters in the same case (else sipws_span_is). */
int span_is(const char *text, const sipws_span *span, const char *word);

/* A NUL-terminated copy; 0, or -1 when it does not fit. */
int span_copy(const char *text, const sipws_span *span, char *out,
              size_t out_size);

#endif /* EXAMPLES_TEXT_H */
