#include "sipws_text_scan.h"

/* By octet; a table, for it is asked of every header name. */
const uint8_t sipws__text_token_chars[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1,
    0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0,
};

size_t sipws__text_token_len(const char *text, size_t len) {
  return scan_token(text, text + len);
}

const char *sipws__text_crlf(const char *text, const char *end) {
  while (text < end && *text != '\r' && *text != '\n' && *text != '\0') {
    text++;
  }
  return end - text >= 2 && text[0] == '\r' && text[1] == '\n' ? text + 2
                                                               : NULL;
}
