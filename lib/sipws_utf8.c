#include "sipws_utf8.h"

#include "sipws_octets.h"

/* ---- octet by octet ---- */

/* Takes the octet that begins a character (RFC 3629 section 4); 0: none. */
static int utf8_begin(struct sipws__utf8 *utf8, uint8_t octet) {
  utf8->low = 0x80;
  utf8->high = 0xbf;
  if (octet < 0x80) {
    return 1;
  }
  if (octet < 0xc2) {
    return 0; /* a continuation octet, or overlong in two octets */
  }
  if (octet < 0xe0) {
    utf8->need = 1;
    return 1;
  }
  if (octet < 0xf0) {
    utf8->need = 2;
    if (octet == 0xe0) {
      utf8->low = 0xa0; /* below: overlong */
    } else if (octet == 0xed) {
      utf8->high = 0x9f; /* above: surrogates */
    }
    return 1;
  }
  if (octet < 0xf5) {
    utf8->need = 3;
    if (octet == 0xf0) {
      utf8->low = 0x90; /* below: overlong */
    } else if (octet == 0xf4) {
      utf8->high = 0x8f; /* above: past U+10FFFF */
    }
    return 1;
  }
  return 0;
}

static int utf8_octet(struct sipws__utf8 *utf8, uint8_t octet) {
  if (utf8->need == 0) {
    return utf8_begin(utf8, octet);
  }
  if (octet < utf8->low || octet > utf8->high) {
    return 0;
  }
  utf8->low = 0x80;
  utf8->high = 0xbf;
  utf8->need--;
  return 1;
}

static int utf8_octets(struct sipws__utf8 *utf8, const uint8_t *data,
                       size_t len) {
  size_t i = 0;
  while (i < len) {
    if (data[i] < 0x80 && utf8->need == 0 && len - i >= sizeof(sipws__vector) &&
        sipws__vector_is_ascii(sipws__vector_load(data + i))) {
      i += sizeof(sipws__vector);
    } else if (!utf8_octet(utf8, data[i++])) {
      return 0;
    }
  }
  return 1;
}

/* ---- by vectors ---- */

#if SIPWS__HAS_VECTORS

#define UTF8_VECTOR sizeof(sipws__vector)
/* Octets before a vector that tell what its first ones may be. */
#define UTF8_BACK 3

/* What a comparison tells: all ones where it holds. */
#define UTF8_WHERE(comparison) ((sipws__vector)(comparison))

/* The rules of utf8_begin but for the number of octets: a lead that never is,
 * or the octet after one out of its bounds. */
static sipws__vector utf8_rare_wrong(sipws__vector lead, sipws__vector next) {
  return UTF8_WHERE((lead & 0xfe) == 0xc0) | UTF8_WHERE(lead >= 0xf5) |
         (UTF8_WHERE(lead == 0xe0) & UTF8_WHERE(next < 0xa0)) |
         (UTF8_WHERE(lead == 0xed) & UTF8_WHERE(next > 0x9f)) |
         (UTF8_WHERE(lead == 0xf0) & UTF8_WHERE(next < 0x90)) |
         (UTF8_WHERE(lead == 0xf4) & UTF8_WHERE(next > 0x8f));
}

/* High bits where a vector at |at| breaks a rule, given the octets before. A
 * wrong lead shows one octet later. */
static sipws__vector utf8_wrong(const uint8_t *at) {
  typedef int8_t numbers __attribute__((vector_size(SIPWS__VECTOR_SIZE)));
  sipws__vector here = sipws__vector_load(at);
  sipws__vector back1 = sipws__vector_load(at - 1);
  sipws__vector back2 = sipws__vector_load(at - 2);
  sipws__vector back3 = sipws__vector_load(at - 3);
  sipws__vector is_due = UTF8_WHERE((back1 & 0xc0) == 0xc0) |
                         UTF8_WHERE((back2 & 0xe0) == 0xe0) |
                         UTF8_WHERE((back3 & 0xf0) == 0xf0);
  sipws__vector is_next = UTF8_WHERE((numbers)here < -64); /* 80 to BF */
  sipws__vector is_rare = UTF8_WHERE((back1 & 0xfe) == 0xc0) |
                          UTF8_WHERE(back1 == 0xe0) | UTF8_WHERE(back1 >= 0xed);
  sipws__vector wrong = is_due ^ is_next;
  if (!sipws__vector_is_ascii(is_rare)) {
    wrong |= utf8_rare_wrong(back1, here);
  }
  return wrong;
}

/* Octets of ASCII at |data|, in steps of four vectors. */
static size_t utf8_ascii(const uint8_t *data, size_t len) {
  size_t i = 0;
  while (
      i + 4 * UTF8_VECTOR <= len &&
      sipws__vector_is_ascii(sipws__vector_load(data + i) |
                             sipws__vector_load(data + i + UTF8_VECTOR) |
                             sipws__vector_load(data + i + 2 * UTF8_VECTOR) |
                             sipws__vector_load(data + i + 3 * UTF8_VECTOR))) {
    i += 4 * UTF8_VECTOR;
  }
  return i;
}

/* 0 when an octet is wrong among |len|, a vector at least, at |data|; three
 * before it may be read too. */
static int utf8_vectors(const uint8_t *data, size_t len) {
  size_t last = len - UTF8_VECTOR;
  sipws__vector wrong = {0};
  size_t i = 0;
  for (;;) {
    size_t step = UTF8_VECTOR;
    sipws__vector seen =
        sipws__vector_load(data + i - UTF8_BACK) | sipws__vector_load(data + i);
    if (!sipws__vector_is_ascii(seen)) {
      wrong |= utf8_wrong(data + i);
    } else {
      step += utf8_ascii(data + i + UTF8_VECTOR, last - i);
    }
    if (i == last) {
      return sipws__vector_is_ascii(wrong);
    }
    i = last - i > step ? i + step : last;
  }
}

/* Octets at the end of a character that is not whole. */
static size_t utf8_open_end(const uint8_t *end) {
  return end[-1] >= 0xc0 ? 1 : end[-2] >= 0xe0 ? 2 : end[-3] >= 0xf0 ? 3 : 0;
}

/* Takes all but an open end. */
static int utf8_most(struct sipws__utf8 *utf8, const uint8_t *data, size_t len,
                     size_t *taken) {
  /* what the octets before left open is over after three */
  if (!utf8_octets(utf8, data, UTF8_BACK) ||
      !utf8_vectors(data + UTF8_BACK, len - UTF8_BACK)) {
    return 0;
  }
  utf8->need = 0;
  *taken = len - utf8_open_end(data + len);
  return 1;
}

#endif

int sipws__utf8_feed(struct sipws__utf8 *utf8, const uint8_t *data,
                     size_t len) {
  size_t taken = 0;
  if (len == 0) {
    return 1; /* it may lie nowhere */
  }
#if SIPWS__HAS_VECTORS
  if (len >= UTF8_BACK + UTF8_VECTOR && !utf8_most(utf8, data, len, &taken)) {
    return 0;
  }
#endif
  return utf8_octets(utf8, data + taken, len - taken);
}

int sipws__utf8_is_valid(const uint8_t *data, size_t len) {
  struct sipws__utf8 utf8 = {0, 0, 0};
  return sipws__utf8_feed(&utf8, data, len) && sipws__utf8_is_whole(&utf8);
}
