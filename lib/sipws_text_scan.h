/* text_scan: searching, sixteen octets at a time where the processor
 * can. Every header line is gone over by these; they are inline because that is
 * most of what reading a message costs. */
#ifndef SIPWS_TEXT_SCAN_H
#define SIPWS_TEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* By octet, 1 for the token characters of RFC 9110 5.6.2 and RFC 3261 25.1:
 * letters, digits and !#$%&'*+-.^_`|~ (RFC 3261 lacks # $ & ^ |; nobody minds). */
extern const uint8_t sipws__text_token_chars[256];

/* How many of them |text| begins with. */
size_t sipws__text_token_len(const char *text, size_t len);

/* The octet behind the CRLF that ends the line at |text|; NULL when it ends with
 * none, or another CR or LF, or a NUL, comes before. Octet by octet. */
const char *sipws__text_crlf(const char *text, const char *end);

#if defined(__SSE2__) && !defined(SIPWS_PORTABLE)
#include <emmintrin.h>

/* How many letters, digits and hyphens the 16 octets at |text| begin with. */
static inline size_t scan_name(const char *text) {
  __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)text);
  __m128i letter = _mm_sub_epi8(_mm_or_si128(octets, _mm_set1_epi8(0x20)),
                                _mm_set1_epi8('a'));
  __m128i digit = _mm_sub_epi8(octets, _mm_set1_epi8('0'));
  __m128i fits = _mm_or_si128(
      _mm_or_si128(
          _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter),
          _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)),
      _mm_cmpeq_epi8(octets, _mm_set1_epi8('-')));
  return (size_t)__builtin_ctz(~(unsigned)_mm_movemask_epi8(fits));
}

/* Which of the 16 octets at |text| are below 0x0e, the first by the lowest bit. */
static inline unsigned scan_controls(const char *text) {
  __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)text);
  __m128i low =
      _mm_cmpeq_epi8(_mm_min_epu8(octets, _mm_set1_epi8(0x0d)), octets);
  return (unsigned)_mm_movemask_epi8(low);
}

static inline size_t scan_first(unsigned set) {
  return (size_t)__builtin_ctz(set);
}

#else

static inline size_t scan_name(const char *text) {
  (void)text;
  return 0; /* one by one */
}

#define SCAN_LOWS UINT64_C(0x0e0e0e0e0e0e0e0e)
#define SCAN_TOPS UINT64_C(0x8080808080808080)

/* Not 0 when one of the 16 octets at |text| may be below 0x0e. */
static inline unsigned scan_controls(const char *text) {
  uint64_t words[2];
  memcpy(words, text, 16);
  return (((words[0] - SCAN_LOWS) & ~words[0]) |
          ((words[1] - SCAN_LOWS) & ~words[1])) &
                 SCAN_TOPS
             ? 1
             : 0;
}

static inline size_t scan_first(unsigned set) {
  (void)set;
  return 0; /* from the first one on */
}

#endif

/* How many token characters |text| begins with, at most up to |end|. */
static inline size_t scan_token(const char *text, const char *end) {
  const char *at = text;
  if (end - text >= 16) {
    at += scan_name(text);
    if (at < text + 16 && *at == ':') {
      return (size_t)(at - text); /* most names */
    }
  }
  while (at < end && sipws__text_token_chars[(uint8_t)*at]) {
    at++;
  }
  return (size_t)(at - text);
}

/* sipws__text_crlf, faster. */
static inline const char *scan_crlf(const char *text, const char *end) {
  for (; end - text >= 18; text += 16) {
    unsigned set = scan_controls(text);
    if (set != 0) {
      const char *at = text + scan_first(set);
      if (at[0] == '\r' && at[1] == '\n') {
        return at + 2;
      }
      break;
    }
  }
  return sipws__text_crlf(text, end);
}

#endif /* SIPWS_TEXT_SCAN_H */
