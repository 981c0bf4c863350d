/* front: lists of origins that are welcome (RFC 6454). */
#include "sipws_front_trust.h"

#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

/* 1 for one label or more. */
static int origin_is_name(const char *text, size_t len) {
  size_t label = 0; /* octets of the one at hand */
  size_t i;
  for (i = 0; i < len; i++) {
    if (text[i] == '.') {
      if (label == 0) {
        return 0;
      }
      label = 0;
    } else if (sipws__host_is_alnum(text[i]) || text[i] == '-' ||
               text[i] == '_') {
      label++;
    } else {
      return 0;
    }
  }
  return label > 0;
}

/* A star in |entry| stands for the labels that |origin| begins its host
 * with. */
static int origin_matches(const char *entry, size_t len, const char *origin,
                          size_t origin_len) {
  const char *star = memchr(entry, '*', len);
  const char *rest; /* ".example.com:8443" */
  size_t head, rest_len;
  if (star == NULL) {
    return sipws__text_equal(entry, len, origin, origin_len);
  }
  head = (size_t)(star - entry);
  rest = star + 1;
  rest_len = len - head - 1;
  if (head < 4 || memcmp(star - 3, "://", 3) != 0 || rest_len < 2 ||
      rest[0] != '.' || memchr(rest, '*', rest_len) != NULL ||
      origin_len < head + rest_len) {
    return 0;
  }
  return sipws__text_equal(entry, head, origin, head) &&
         sipws__text_equal(rest, rest_len, origin + origin_len - rest_len,
                           rest_len) &&
         origin_is_name(origin + head, origin_len - head - rest_len);
}

int sipws_origin_is_allowed(const char *list, size_t len, const char *origin,
                            size_t origin_len) {
  sipws_span entry;
  size_t pos = 0;
  if (list == NULL || len > SIPWS__SIP_MAX || origin == NULL ||
      origin_len == 0) {
    return 0;
  }
  while (sipws__front_next_entry(list, len, &pos, &entry)) {
    if (origin_matches(list + entry.off, entry.len, origin, origin_len)) {
      return 1;
    }
  }
  return 0;
}
