/* front: what HTTP proxies write of those they speak for: Forwarded (RFC 7239)
 * and X-Forwarded-For. */
#include "sipws_front_trust.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

/* ---- nodes ---- */

/* Takes the port off the end of |node|, if there is one. 1 unless it is
 * none. */
static int forwarded_port(const char *text, sipws_span *node, uint32_t *port) {
  uint32_t end = node->off + node->len;
  uint32_t at = end;
  while (at > node->off && text[at - 1] != ':' && text[at - 1] != ']') {
    at--;
  }
  if (at == node->off || text[at - 1] != ':') {
    return 1;
  }
  node->len = at - 1 - node->off;
  /* RFC 7239 6.2: it may be obfuscated. */
  return (at < end && text[at] == '_') ||
         sipws__text_number(text + at, end - at, 65535, port) == 0;
}

/* Reads a node (RFC 7239 section 6). Many write an IPv6 address without
 * brackets; then it has no port. What else there is ("unknown", "_hidden", a
 * name) is no address. */
static void forwarded_node(const char *text, sipws_span node,
                           sipws_forwarded *element) {
  sipws_span host = node;
  uint32_t port = 0;
  size_t expected = 4;
  element->for_node = node;
  element->addr_len = (uint32_t)sipws__front_address(text, node, element->addr);
  if (element->addr_len > 0 || !forwarded_port(text, &host, &port)) {
    return;
  }
  if (host.len >= 2 && text[host.off] == '[' &&
      text[host.off + host.len - 1] == ']') {
    host.off++;
    host.len -= 2;
    expected = 16;
  } else if (host.len == node.len) {
    return; /* no port was cut off: it is no address still */
  }
  if (sipws__front_address(text, host, element->addr) == expected) {
    element->addr_len = (uint32_t)expected;
    element->port = port;
  }
}

/* ---- elements ---- */

static int forwarded_begin(const char *text, const sipws_span *list,
                           const sipws_forwarded *element,
                           sipws_forwarded *seen) {
  if (text == NULL || list == NULL || element == NULL ||
      element->struct_size != sizeof *element) {
    return SIPWS_ERR_INVALID;
  }
  memset(seen, 0, sizeof *seen);
  seen->struct_size = sizeof *seen;
  return 0;
}

/* Passes commas and white space: elements may be empty (RFC 9110 5.6.1.2). */
static uint32_t forwarded_skip(const char *text, sipws_span list) {
  uint32_t at = list.off;
  uint32_t end = list.off + list.len;
  while (at < end && (text[at] == ',' || text[at] == ' ' || text[at] == '\t')) {
    at++;
  }
  return at;
}

int sipws__front_is_secure(const char *text, sipws_span proto) {
  return sipws__text_is(text + proto.off, proto.len, "https") ||
         sipws__text_is(text + proto.off, proto.len, "wss");
}

/* The parameters that we know, in the order of |names|. */
enum { FORWARDED_FOR, FORWARDED_BY, FORWARDED_HOST, FORWARDED_PROTO };

/* |known|: those that came. */
static int forwarded_note(const char *text,
                          const struct sipws__sip_param *param, uint32_t *known,
                          sipws_forwarded *seen) {
  static const char names[4][6] = {"for", "by", "host", "proto"};
  sipws_span value = sipws__sip_unquote(text, param->value);
  uint32_t i = 0;
  while (i < 4 &&
         !sipws__text_is(text + param->name.off, param->name.len, names[i])) {
    i++;
  }
  /* RFC 7239 4: none comes twice. */
  if (*known >> i & 1) {
    return SIPWS_ERR_SYNTAX;
  }
  switch (i) {
  case FORWARDED_FOR:
    forwarded_node(text, value, seen);
    break;
  case FORWARDED_BY:
    seen->by = value;
    break;
  case FORWARDED_HOST:
    seen->host = value;
    break;
  case FORWARDED_PROTO:
    seen->proto = value;
    seen->has_proto = 1;
    seen->is_secure = (uint32_t)sipws__front_is_secure(text, value);
    break;
  default:
    return 0; /* an extension (RFC 7239 5.5) */
  }
  *known |= (uint32_t)1 << i;
  return 0;
}

int sipws_forwarded_next(const char *text, sipws_span *list,
                         sipws_forwarded *element) {
  struct sipws__sip_param param;
  sipws_forwarded seen;
  uint32_t at, start, end;
  uint32_t known = 0;
  int err = forwarded_begin(text, list, element, &seen);
  if (err != 0) {
    return err;
  }
  end = list->off + list->len;
  start = forwarded_skip(text, *list);
  if (start == end) {
    return SIPWS_ERR_NOT_FOUND;
  }
  at = start;
  while (at < end && text[at] != ',') {
    if (text[at] == ';' || text[at] == ' ' || text[at] == '\t') {
      at++; /* RFC 7239 4: pairs may be empty */
    } else if (sipws__sip_read_param(text, &at, end, &param) != 0 ||
               param.value.len == 0 ||
               (at < end && text[at] != ';' && text[at] != ',') ||
               forwarded_note(text, &param, &known, &seen) != 0) {
      return SIPWS_ERR_SYNTAX;
    }
  }
  if (!sipws__text_is_value(text + start, at - start)) {
    return SIPWS_ERR_SYNTAX;
  }
  *list = sipws__text_span(at, end);
  *element = seen;
  return 0;
}

int sipws_x_forwarded_next(const char *text, sipws_span *list,
                           sipws_forwarded *element) {
  const char *comma;
  sipws_forwarded seen;
  uint32_t start, end;
  int err = forwarded_begin(text, list, element, &seen);
  if (err != 0) {
    return err;
  }
  end = list->off + list->len;
  start = forwarded_skip(text, *list);
  if (start == end) {
    return SIPWS_ERR_NOT_FOUND;
  }
  comma = memchr(text + start, ',', end - start);
  *list = sipws__text_span(comma != NULL ? (size_t)(comma - text) : end, end);
  forwarded_node(text,
                 sipws__text_trim(text, sipws__text_span(start, list->off), 0),
                 &seen);
  *element = seen;
  return 0;
}
