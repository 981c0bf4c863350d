/* text_scan: searching, many octets at a time. Every header line is gone over
 * by these; they are inline because that is most of what reading a message
 * costs. */
#ifndef SIPWS_TEXT_SCAN_H
#define SIPWS_TEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* By octet, 1 for the token characters of RFC 9110 5.6.2 and RFC 3261 25.1:
 * letters, digits and !#$%&'*+-.^_`|~ (RFC 3261 lacks # $ & ^ |; nobody
 * minds). */
extern const uint8_t sipws__text_token_chars[256];

/* How many of them |text| begins with. */
size_t sipws__text_token_len(const char *text, size_t len);

/* The octet behind the CRLF that ends the line at |text|; NULL when it ends
 * with none, or another CR or LF, or a NUL, comes before. Octet by octet. */
const char *sipws__text_crlf(const char *text, const char *end);

/* CR, LF and NUL are not above it; of what else is not, only the tab stands in
 * messages. */
#define SCAN_LOW 0x0d

#if defined(__SSE2__) && !defined(SIPWS_PORTABLE)
#ifdef __AVX2__
#include <immintrin.h>
#else
#include <emmintrin.h>
#endif

static inline __m128i scan_load(const char *text) {
  return _mm_loadu_si128((const __m128i *)(const void *)text);
}

/* How many letters and hyphens the 16 octets at |text| begin with. */
static inline size_t scan_name(const char *text) {
  __m128i octets = scan_load(text);
  /* z, in lower case as all, becomes the greatest of signed numbers */
  __m128i moved = _mm_add_epi8(_mm_or_si128(octets, _mm_set1_epi8(0x20)),
                               _mm_set1_epi8(0x7f - 'z'));
  __m128i fits =
      _mm_or_si128(_mm_cmpgt_epi8(moved, _mm_set1_epi8(0x7f - ('z' - 'a') - 1)),
                   _mm_cmpeq_epi8(octets, _mm_set1_epi8('-')));
  return (unsigned)__builtin_ctz(~(unsigned)_mm_movemask_epi8(fits));
}

/* Which of the 16 octets at |text| are not above SCAN_LOW, the first by the
 * lowest bit. */
static inline uint32_t scan_lows(const char *text) {
  __m128i low = _mm_set1_epi8(SCAN_LOW);
  __m128i found = _mm_cmpeq_epi8(_mm_max_epu8(scan_load(text), low), low);
  return (uint32_t)_mm_movemask_epi8(found);
}

#else

static inline size_t scan_name(const char *text) {
  size_t len = 0;
  while (len < 16 && sipws__text_token_chars[(uint8_t)text[len]]) {
    len++;
  }
  return len;
}

#define SCAN_EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

/* A bit for each of the eight octets at |text|. */
static inline uint32_t scan_lows_8(const char *text) {
  const uint16_t one = 1;
  uint64_t word, lows;
  uint8_t is_little;
  memcpy(&is_little, &one, 1);
  memcpy(&word, text, sizeof word);
  /* the high bit of each octet that is low; a sum carries no further */
  lows = ~(((word & SCAN_EACH(0x7f)) + SCAN_EACH(0x7f - SCAN_LOW)) | word) &
         SCAN_EACH(0x80);
  /* which the product has side by side on top, the first octet's lowest */
  return (uint32_t)((lows >> 7) * (is_little ? UINT64_C(0x0102040810204080)
                                             : UINT64_C(0x8040201008040201)) >>
                    56);
}

static inline uint32_t scan_lows(const char *text) {
  return scan_lows_8(text + 8) << 8 | scan_lows_8(text);
}

#endif

/* The same of 32 octets. */
#if defined(__SSE2__) && defined(__AVX2__) && !defined(SIPWS_PORTABLE)
static inline uint32_t scan_lows_32(const char *text) {
  __m256i octets = _mm256_loadu_si256((const __m256i *)(const void *)text);
  __m256i low = _mm256_set1_epi8(SCAN_LOW);
  __m256i found = _mm256_cmpeq_epi8(_mm256_max_epu8(octets, low), low);
  return (uint32_t)_mm256_movemask_epi8(found);
}
#else
static inline uint32_t scan_lows_32(const char *text) {
  return scan_lows(text + 16) << 16 | scan_lows(text);
}
#endif

/* And of 64. */
#define SCAN_BLOCK 64
static inline uint64_t scan_block(const char *text) {
  return (uint64_t)scan_lows_32(text + 32) << 32 | scan_lows_32(text);
}

/* The lowest bit of |set|, which has one. */
static inline size_t scan_first(uint64_t set) {
#if defined(__GNUC__)
  uint32_t low = (uint32_t)set;
  return sizeof(void *) == 8 ? (unsigned)__builtin_ctzll(set)
         : low != 0          ? (unsigned)__builtin_ctz(low)
                    : 32 + (unsigned)__builtin_ctz((uint32_t)(set >> 32));
#else
  size_t i = 0;
  while ((set >> i & 1) == 0) {
    i++;
  }
  return i;
#endif
}

static inline int scan_is_crlf(const char *at) {
  return memcmp(at, "\r\n", 2) == 0;
}

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
  for (; end - text >= 16 + 2; text += 16) {
    uint32_t set = scan_lows(text);
    if (set != 0) {
      text += scan_first(set);
      if (scan_is_crlf(text)) {
        return text + 2;
      }
      break;
    }
  }
  return sipws__text_crlf(text, end);
}

#endif /* SIPWS_TEXT_SCAN_H */
