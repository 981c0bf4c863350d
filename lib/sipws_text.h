/* text: what the grammars of HTTP and SIP share. */
#ifndef SIPWS_TEXT_H
#define SIPWS_TEXT_H

#include <sipws/sipws.h>

/* 1 for a token character (sipws_text_scan.h). */
int sipws__text_is_token_char(char c);

/* 1 when it is one or more of them. */
int sipws__text_is_token(const char *text, size_t len);

/* 1 when equal, ASCII letters compared without case. */
int sipws__text_equal(const char *a, size_t a_len, const char *b, size_t b_len);

/* The same against a C string constant. */
int sipws__text_is(const char *text, size_t len, const char *constant);

/* 1 when equal octet for octet. */
int sipws__text_same(const char *a, size_t a_len, const char *b, size_t b_len);

/* The octets from |off| up to |end|. */
static inline sipws_span sipws__text_span(size_t off, size_t end) {
  sipws_span span;
  span.off = (uint32_t)off;
  span.len = (uint32_t)(end - off);
  return span;
}

/* |span| of |text| without spaces and tabs at both ends; CR and LF too when
 * |folds| is 1 (SIP header values may be folded). */
sipws_span sipws__text_trim(const char *text, sipws_span span, int folds);

/* One or more decimal digits up to |max|. SIPWS_ERR_SYNTAX otherwise. */
int sipws__text_number(const char *text, size_t len, uint32_t max,
                       uint32_t *number);

/* Writes decimal digits to |out| (20 octets are enough, 10 for 32 bits);
 * returns how many. */
size_t sipws__text_digits(uint64_t number, char *out);

/* 1 when it holds no control character but tab: fit for a header value. */
int sipws__text_is_value(const char *text, size_t len);

#endif /* SIPWS_TEXT_H */
