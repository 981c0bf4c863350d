/* url: of WebSocket (RFC 6455 section 3). */
#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

/* Octets that no URL has; a fragment is none of a ws URL (RFC 6455 section
 * 3). */
static int url_is_text(const char *text, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    char c = text[i];
    if (c < 0x21 || c > 0x7e || memchr("<>\"{}|\\^`#", c, 10) != NULL) {
      return 0;
    }
  }
  return 1;
}

int sipws_url_parse(const char *url, size_t len, sipws_url *view) {
  sipws_url seen;
  const char *mark;
  uint32_t pos, end, path;
  if (url == NULL || view == NULL || view->struct_size != sizeof *view) {
    return SIPWS_ERR_INVALID;
  }
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  if (len > SIPWS__SIP_MAX || !url_is_text(url, len)) {
    return SIPWS_ERR_URL;
  }
  end = (uint32_t)len;
  if (len > 5 && sipws__text_is(url, 5, "ws://")) {
    pos = 5;
  } else if (len > 6 && sipws__text_is(url, 6, "wss://")) {
    pos = 6;
    seen.secure = 1;
  } else {
    return SIPWS_ERR_URL;
  }
  if (sipws__host_read_with_port(url, &pos, end, &seen.host, &seen.port) != 0 ||
      (pos < end && url[pos] != '/' && url[pos] != '?')) {
    return SIPWS_ERR_URL;
  }
  seen.has_port = seen.port != 0;
  if (!seen.has_port) {
    seen.port = seen.secure ? 443 : 80;
  }
  mark = memchr(url + pos, '?', end - pos);
  path = mark != NULL ? (uint32_t)(mark - url) : end;
  seen.path = sipws__text_span(pos, path);
  seen.query = sipws__text_span(mark != NULL ? path + 1 : end, end);
  *view = seen;
  return 0;
}

int sipws_url_build(int secure, const char *host, size_t host_len,
                    uint32_t port, const char *resource, size_t resource_len,
                    char *out, size_t out_size, size_t *out_len) {
  struct sipws__sip_piece pieces[5];
  char digits[11] = ":";
  sipws_span span;
  uint32_t pos = 0;
  if (host == NULL || (resource == NULL && resource_len > 0) || port > 65535) {
    return SIPWS_ERR_INVALID;
  }
  if (host_len > SIPWS__SIP_MAX ||
      sipws__host_read(host, &pos, (uint32_t)host_len, &span) != 0 ||
      pos != host_len || !url_is_text(resource, resource_len) ||
      (resource_len > 0 && resource[0] != '/' && resource[0] != '?')) {
    return SIPWS_ERR_URL;
  }
  pieces[0].text = secure ? "wss://" : "ws://";
  pieces[0].len = secure ? 6 : 5;
  pieces[1].text = host;
  pieces[1].len = host_len;
  pieces[2].text = digits;
  pieces[2].len = port > 0 ? 1 + sipws__text_digits(port, digits + 1) : 0;
  pieces[3].text = "/";
  pieces[3].len = resource_len == 0 || resource[0] == '?' ? 1 : 0;
  pieces[4].text = resource;
  pieces[4].len = resource_len;
  return sipws__sip_write(pieces, 5, out, out_size, out_len);
}
