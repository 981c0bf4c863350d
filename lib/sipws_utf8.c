#include "sipws_utf8.h"

#include <string.h>

#define UTF8_HIGH_BITS UINT64_C(0x8080808080808080)

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

/* How many octets of ASCII |data| begins with, in whole words. */
static size_t utf8_ascii_words(const uint8_t *data, size_t len) {
  size_t i = 0;
  uint64_t a, b;
  while (len - i >= 16) {
    memcpy(&a, data + i, 8);
    memcpy(&b, data + i + 8, 8);
    if (((a | b) & UTF8_HIGH_BITS) != 0) {
      return i;
    }
    i += 16;
  }
  return i;
}

int sipws__utf8_feed(struct sipws__utf8 *utf8, const uint8_t *data,
                     size_t len) {
  size_t i = 0;
  while (i < len) {
    uint8_t octet = data[i];
    if (utf8->need > 0) {
      if (octet < utf8->low || octet > utf8->high) {
        return 0;
      }
      utf8->low = 0x80;
      utf8->high = 0xbf;
      utf8->need--;
    } else if (octet < 0x80 && len - i >= 16) {
      size_t ascii = utf8_ascii_words(data + i, len - i);
      i += ascii > 0 ? ascii : 1;
      continue;
    } else if (!utf8_begin(utf8, octet)) {
      return 0;
    }
    i++;
  }
  return 1;
}

int sipws__utf8_is_whole(const struct sipws__utf8 *utf8) {
  return utf8->need == 0;
}

int sipws__utf8_is_valid(const uint8_t *data, size_t len) {
  struct sipws__utf8 utf8 = {0, 0, 0};
  return sipws__utf8_feed(&utf8, data, len) && sipws__utf8_is_whole(&utf8);
}
