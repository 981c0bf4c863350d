/* Text helpers of ua: writing into a buffer of fixed size, random words, and
 * looking at spans. */
#ifndef EXAMPLES_UA_TEXT_H
#define EXAMPLES_UA_TEXT_H

#include <sipws/sip.h>

#if defined(__GNUC__)
#define UA_FORMAT __attribute__((format(printf, 2, 3)))
#else
#define UA_FORMAT
#endif

/* A text being written; set |at| and |size| only. */
struct ua_text {
  char *at; /* always NUL-terminated once written to */
  size_t size;
  size_t len;
  int failed; /* it did not fit */
};

/* Appends, as printf. */
void ua_put(struct ua_text *text, const char *format, ...) UA_FORMAT;

/* The arguments of "%.*s" for a span. */
#define UA_SPAN(text, span) (int)(span).len, (text) + (span).off

/* Writes |octets| random octets, up to 16, as hexadecimal and a NUL. 0, or -1
 * with a message on stderr. */
int ua_random_word(char *out, size_t octets);

/* 1 when |span| of |text| is the C string |word|, in any case. */
int ua_is(const char *text, const sipws_span *span, const char *word);

#endif /* EXAMPLES_UA_TEXT_H */
