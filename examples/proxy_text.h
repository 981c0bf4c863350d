/* Small tools of the proxy: spans, a writer, a keyed hash, the log. */
#ifndef EXAMPLES_PROXY_TEXT_H
#define EXAMPLES_PROXY_TEXT_H

#include "proxy.h"

/* 1 when equal, letters in the same case (else sipws_span_is). */
int span_is(const char *text, const sipws_span *span, const char *word);

/* A NUL-terminated copy; 0, or -1 when it does not fit. */
int span_copy(const char *text, const sipws_span *span, char *out,
              size_t out_size);

/* Text in pieces; |len| counts on when |size| is too small. Always
 * NUL-terminated. */
struct writer {
  char *out;
  size_t size;
  size_t len;
};
void write_span(struct writer *writer, const char *text,
                const sipws_span *span);
void write_format(struct writer *writer, const char *format, ...);
int writer_is_full(const struct writer *writer);

/* HMAC-SHA-256 over |count| texts, each with its length; |purpose| keeps one
 * use apart from another. */
struct piece {
  const void *data;
  size_t len;
};
void proxy_hash(const struct proxy *proxy, const char *purpose,
                const struct piece *pieces, int count, uint8_t out[32]);
void write_hex(const uint8_t *data, size_t len, char *out);

/* One line on stdout with --verbose; octets that could steer a terminal become
 * question marks. */
void proxy_log(const struct proxy *proxy, const char *format, ...);

#endif /* EXAMPLES_PROXY_TEXT_H */
