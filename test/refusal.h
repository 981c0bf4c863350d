/* A client that was refused with 401, and the one that tries again. */
#ifndef SIPWS_TEST_REFUSAL_H
#define SIPWS_TEST_REFUSAL_H

#include "pair.h"

#include <sipws/front.h>

static struct side refused;
static struct side again;

static const uint8_t seed[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                 8, 9, 10, 11, 12, 13, 14, 15};

static inline void refusal_client(struct side *side, const char *url) {
  side_config(side, SIDE_CALLBACKS);
  side_client(side, url);
}

/* |refused| got |status| with these header lines, |again| waits for its try;
 * both were made for |url|. */
static inline void refusal_begin(const char *url, int status,
                                 const char *lines) {
  static char answer[1 << 14];
  int len =
      snprintf(answer, sizeof answer,
               "HTTP/1.1 %d No\r\n%sContent-Length: 0\r\n\r\n", status, lines);
  assert_true(len > 0 && (size_t)len < sizeof answer);
  refusal_client(&refused, url);
  refusal_client(&again, url);
  /* TLS that is the application's; |again| has none yet */
  assert_int_equal(sipws_conn_set_secure(refused.conn, url[2] == 's'), 0);
  (void)side_output(&refused);
  side_feed_text(&refused, answer);
  assert_int_equal(sipws_conn_http_status(refused.conn), status);
}

static inline int refusal_retry(uint32_t flags) {
  return sipws_conn_retry(refused.conn, again.conn, "Mufasa", 6,
                          "Circle of Life", 14, seed, flags);
}

static inline void refusal_end(void) {
  side_free(&refused);
  side_free(&again);
}

/* The value of the one header line |name| of the request that |again| sends; ""
 * when there is none. */
static inline const char *refusal_sent(const char *name) {
  static char value[1 << 13];
  char line[64];
  const char *output, *at;
  int len = snprintf(line, sizeof line, "\r\n%s: ", name);
  assert_int_equal(sipws_conn_set_secure(again.conn, 1), 0);
  output = side_output(&again);
  assert_non_null(strstr(output, "\r\n\r\n"));
  at = strstr(output, line);
  if (at == NULL) {
    return "";
  }
  assert_null(strstr(at + 1, line));
  at += len;
  snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
  return value;
}

#endif /* SIPWS_TEST_REFUSAL_H */
