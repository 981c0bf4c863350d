/* Small tools of the proxy: a keyed hash, the log. */
#ifndef EXAMPLES_PROXY_TEXT_H
#define EXAMPLES_PROXY_TEXT_H

#include "proxy.h"
#include "text.h"

/* HMAC-SHA-256 over |count| texts, each with its length; |purpose| keeps one
 * use apart from another. */
struct piece {
  const void *data;
  size_t len;
};
void proxy_hash(const struct proxy *proxy, const char *purpose,
                const struct piece *pieces, int count, uint8_t out[32]);

/* One line on stdout with --verbose; octets that could steer a terminal become
 * question marks. */
void proxy_log(const struct proxy *proxy, const char *format, ...) TEXT_FORMAT;

#endif /* EXAMPLES_PROXY_TEXT_H */
