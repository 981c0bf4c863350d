/* UTF-8 by vectors and by a second reader (RFC 3629 section 3, by ranges): what
 * is whole is the same for both, whatever the cut, and what is wrong is told no
 * later than the second reader tells it. The first octet is the cut. */
#include "fuzz.h"

#include "sipws_utf8.h"

/* Octets of the character at |at|, 0 when it is wrong, -1 when it is cut
 * off. */
static int character(const uint8_t *at, size_t len) {
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  int need = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  int i;
  if ((at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4) {
    return 0;
  }
  low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : low;
  high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : high;
  for (i = 1; i < need; i++) {
    if ((size_t)i == len) {
      return -1;
    }
    if (at[i] < low || at[i] > high) {
      return 0;
    }
    low = 0x80;
    high = 0xbf;
  }
  return need;
}

/* 1: whole; 0: wrong; -1: it ends inside a character. */
static int second(const uint8_t *text, size_t len) {
  size_t at = 0;
  while (at < len) {
    int n = character(text + at, len - at);
    if (n <= 0) {
      return n;
    }
    at += (size_t)n;
  }
  return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sipws__utf8 utf8 = {0, 0, 0};
  size_t at = 0;
  size_t cut;
  int is_good = 1;
  if (size == 0) {
    must(sipws__utf8_is_valid(NULL, 0));
    return 0;
  }
  cut = 1u + *data++;
  size--;
  while (at < size && is_good) {
    size_t n = size - at < cut ? size - at : cut;
    uint8_t *piece = (uint8_t *)fuzz_copy(data + at, n);
    is_good = sipws__utf8_feed(&utf8, piece, n);
    free(piece);
    at += n;
    must(is_good == (second(data, at) != 0)); /* as soon as it is there */
  }
  must(!is_good || sipws__utf8_is_whole(&utf8) == (second(data, at) == 1));
  must(sipws__utf8_is_valid(data, size) == (second(data, size) == 1));
  return 0;
}
