#include "sipws_text.h"

#include "sipws_text_scan.h"

#include <string.h>

int sipws__text_is_token_char(char c) {
  return sipws__text_token_chars[(uint8_t)c];
}

int sipws__text_is_token(const char *text, size_t len) {
  return len > 0 && sipws__text_token_len(text, len) == len;
}

static uint8_t text_lower(char c) {
  uint8_t octet = (uint8_t)c;
  return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
}

int sipws__text_equal(const char *a, size_t a_len, const char *b,
                      size_t b_len) {
  size_t i;
  if (a_len != b_len) {
    return 0;
  }
  for (i = 0; i < a_len; i++) {
    if (a[i] != b[i] && text_lower(a[i]) != text_lower(b[i])) {
      return 0;
    }
  }
  return 1;
}

int sipws__text_is(const char *text, size_t len, const char *constant) {
  return sipws__text_equal(text, len, constant, strlen(constant));
}

int sipws__text_same(const char *a, size_t a_len, const char *b, size_t b_len) {
  return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static int text_is_space(char c, int folds) {
  return c == ' ' || c == '\t' || (folds && (c == '\r' || c == '\n'));
}

sipws_span sipws__text_trim(const char *text, sipws_span span, int folds) {
  while (span.len > 0 && text_is_space(text[span.off], folds)) {
    span.off++;
    span.len--;
  }
  while (span.len > 0 && text_is_space(text[span.off + span.len - 1], folds)) {
    span.len--;
  }
  return span;
}

int sipws__text_number(const char *text, size_t len, uint32_t max,
                       uint32_t *number) {
  uint32_t sum = 0;
  size_t i;
  if (len == 0) {
    return SIPWS_ERR_SYNTAX;
  }
  for (i = 0; i < len; i++) {
    uint32_t digit;
    if (text[i] < '0' || text[i] > '9') {
      return SIPWS_ERR_SYNTAX;
    }
    digit = (uint32_t)(text[i] - '0');
    if (digit > max || sum > (max - digit) / 10) {
      return SIPWS_ERR_SYNTAX;
    }
    sum = sum * 10 + digit;
  }
  *number = sum;
  return 0;
}

size_t sipws__text_digits(uint64_t number, char *out) {
  char reversed[20];
  size_t len = 0;
  size_t i;
  do {
    reversed[len++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  for (i = 0; i < len; i++) {
    out[i] = reversed[len - 1 - i];
  }
  return len;
}

#define TEXT_EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

/* 0 when none of the eight octets at |text| is below 0x20 or 0x7f: of the
 * octets below, and of those that are 0 once 0x7f is taken off by XOR, a
 * subtraction borrows the top bit. Any header value is gone over by this. */
static uint64_t text_controls(const char *text) {
  uint64_t octets, marks;
  memcpy(&octets, text, sizeof octets);
  marks = octets ^ TEXT_EACH(0x7f);
  return (((octets - TEXT_EACH(0x20)) & ~octets) |
          ((marks - TEXT_EACH(1)) & ~marks)) &
         TEXT_EACH(0x80);
}

int sipws__text_is_value(const char *text, size_t len) {
  size_t i = 0;
  while (i < len) {
    uint8_t octet = (uint8_t)text[i];
    if (len - i >= 8 && text_controls(text + i) == 0) {
      i += 8;
      continue;
    }
    if ((octet < 0x20 && octet != '\t') || octet == 0x7f) {
      return 0;
    }
    i++;
  }
  return 1;
}
