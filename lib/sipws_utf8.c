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

/* ---- vectors ---- */

#if SIPWS__HAS_VECTORS

#define UTF8_VECTOR sizeof(sipws__vector)
/* Octets before a vector that tell what its first ones may be. */
#define UTF8_BACK 3

/* Not zero where |at| to its 16th octet break a rule, seen with the three octets
 * before: what utf8_begin and utf8_octet know, for each octet side by side. */
static sipws__vector utf8_wrong(const uint8_t *at) {
  sipws__vector now = sipws__vector_load(at);
  sipws__vector back1 = sipws__vector_load(at - 1);
  sipws__vector back2 = sipws__vector_load(at - 2);
  sipws__vector back3 = sipws__vector_load(at - 3);
  sipws__vector is_due = (sipws__vector)(back1 >= 0xc0) |
                         (sipws__vector)(back2 >= 0xe0) |
                         (sipws__vector)(back3 >= 0xf0);
  sipws__vector is_next = (sipws__vector)((now & 0xc0) == 0x80);
  sipws__vector is_none = (sipws__vector)((now & 0xfe) == 0xc0) |
                          (sipws__vector)(now >= 0xf5);
  return (is_due ^ is_next) | is_none |
         ((sipws__vector)(back1 == 0xe0) & (sipws__vector)(now < 0xa0)) |
         ((sipws__vector)(back1 == 0xed) & (sipws__vector)(now > 0x9f)) |
         ((sipws__vector)(back1 == 0xf0) & (sipws__vector)(now < 0x90)) |
         ((sipws__vector)(back1 == 0xf4) & (sipws__vector)(now > 0x8f));
}

/* 0 when an octet is wrong among |len| at |data|, at least 16, behind three that
 * may be read too. */
static int utf8_vectors(const uint8_t *data, size_t len) {
  sipws__vector wrong = utf8_wrong(data + len - UTF8_VECTOR);
  size_t i;
  for (i = 0; i + UTF8_VECTOR < len; i += UTF8_VECTOR) {
    sipws__vector seen = sipws__vector_load(data + i - UTF8_BACK) |
                         sipws__vector_load(data + i);
    if (!sipws__vector_is_ascii(seen)) {
      wrong |= utf8_wrong(data + i);
    }
  }
  /* what a comparison tells is all ones */
  return sipws__vector_is_ascii(wrong);
}

/* Octets at the end of a character that is not whole. */
static size_t utf8_open_end(const uint8_t *end) {
  return end[-1] >= 0xc0 ? 1 : end[-2] >= 0xe0 ? 2 : end[-3] >= 0xf0 ? 3 : 0;
}

/* Takes a begin of the text that leaves less than a vector, or none. 0: wrong. */
static int utf8_most(struct sipws__utf8 *utf8, const uint8_t *data, size_t len,
                     size_t *taken) {
  if (*taken < UTF8_BACK) {
    /* what the octets before left open is over here */
    if (!utf8_octets(utf8, data + *taken, UTF8_BACK - *taken)) {
      return 0;
    }
    *taken = UTF8_BACK;
  }
  if (!utf8_vectors(data + *taken, len - *taken)) {
    return 0;
  }
  utf8->need = 0;
  *taken = len - utf8_open_end(data + len);
  return 1;
}

#endif

int sipws__utf8_feed(struct sipws__utf8 *utf8, const uint8_t *data,
                     size_t len) {
  size_t taken = utf8->need == 0 ? sipws__octets_ascii(data, len) : 0;
#if SIPWS__HAS_VECTORS
  if (len - taken >= UTF8_BACK + UTF8_VECTOR &&
      !utf8_most(utf8, data, len, &taken)) {
    return 0;
  }
#endif
  return utf8_octets(utf8, data + taken, len - taken);
}

int sipws__utf8_is_valid(const uint8_t *data, size_t len) {
  struct sipws__utf8 utf8 = {0, 0, 0};
  return sipws__utf8_feed(&utf8, data, len) && sipws__utf8_is_whole(&utf8);
}
