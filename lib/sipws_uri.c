#include "sipws_uri.h"

#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

/* More parameters or headers than any URI has. They are compared each with
 * each, so that their number is the peer's lever on our time. */
#define URI_PARTS_MAX 64

/* 1 when |part| holds unreserved characters, %HH and those of |more| alone
 * (RFC 3261 section 25.1). */
static int uri_is_made_of(const char *text, sipws_span part, const char *more) {
  uint32_t at = part.off;
  uint32_t end = part.off + part.len;
  size_t more_len = strlen(more);
  while (at < end) {
    char c = text[at];
    if (c == '%') {
      if (end - at < 3 || sipws__host_hex(text[at + 1]) < 0 ||
          sipws__host_hex(text[at + 2]) < 0) {
        return 0;
      }
      at += 3;
    } else if (sipws__host_is_alnum(c) || memchr("-_.!~*'()", c, 9) != NULL ||
               memchr(more, c, more_len) != NULL) {
      at++;
    } else {
      return 0;
    }
  }
  return 1;
}

int sipws__uri_is_user(const char *text, sipws_span user) {
  return uri_is_made_of(text, user, "&=+$,;?/");
}

/* One of the parts that |sep| separates; |value.off| is 0 when it has none. */
struct uri_part {
  sipws_span name;
  sipws_span value;
};

/* The part of |all| at |*pos|; 1, or 0 at the end. */
static int uri_next_part(const char *text, sipws_span all, char sep,
                         uint32_t *pos, struct uri_part *part) {
  uint32_t end = all.off + all.len;
  const char *found;
  uint32_t stop;
  if (*pos >= end) {
    return 0;
  }
  found = memchr(text + *pos, sep, end - *pos);
  stop = found != NULL ? (uint32_t)(found - text) : end;
  found = memchr(text + *pos, '=', stop - *pos);
  part->name =
      sipws__text_span(*pos, found != NULL ? (size_t)(found - text) : stop);
  part->value = sipws__text_span(0, 0);
  if (found != NULL) {
    part->value = sipws__text_span((size_t)(found - text) + 1, stop);
  }
  *pos = stop + 1;
  return 1;
}

/* |params| without the semicolon in front. */
static sipws_span uri_params_list(sipws_span params) {
  if (params.len > 0) {
    params.off++;
    params.len--;
  }
  return params;
}

/* The character at |*pos|. RFC 3261 19.1.4: %HH equals the character unless
 * that is reserved (RFC 2396 section 2.2); then it is told apart by + 256. */
static int uri_next_char(const char *text, uint32_t *pos) {
  int c = (uint8_t)text[*pos];
  if (c != '%') {
    (*pos)++;
    return c;
  }
  c = sipws__host_hex(text[*pos + 1]) * 16 + sipws__host_hex(text[*pos + 2]);
  *pos += 3;
  return c != 0 && memchr(";/?:@&=+$,", c, 10) != NULL ? c + 256 : c;
}

static int uri_lower(int c) {
  return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static int uri_same(const char *text_a, sipws_span a, const char *text_b,
                    sipws_span b, int any_case) {
  uint32_t a_pos = a.off;
  uint32_t b_pos = b.off;
  while (a_pos < a.off + a.len && b_pos < b.off + b.len) {
    int a_char = uri_next_char(text_a, &a_pos);
    int b_char = uri_next_char(text_b, &b_pos);
    if (any_case) {
      a_char = uri_lower(a_char);
      b_char = uri_lower(b_char);
    }
    if (a_char != b_char) {
      return 0;
    }
  }
  return a_pos == a.off + a.len && b_pos == b.off + b.len;
}

/* 1 when |params| has the parameter |name| of |name_text|. */
static int uri_find_param(const char *text, sipws_span params,
                          const char *name_text, sipws_span name,
                          struct uri_part *found) {
  uint32_t pos;
  params = uri_params_list(params);
  pos = params.off;
  while (uri_next_part(text, params, ';', &pos, found)) {
    if (uri_same(text, found->name, name_text, name, 1)) {
      return 1;
    }
  }
  return 0;
}

int sipws__uri_find_param(const char *text, sipws_span params, const char *name,
                          sipws_span *value) {
  struct uri_part found;
  if (!uri_find_param(text, params, name, sipws__text_span(0, strlen(name)),
                      &found)) {
    return 0;
  }
  *value = found.value;
  return 1;
}

int sipws__uri_check_params(const char *text, sipws_span params, int others) {
  sipws_span list = uri_params_list(params);
  struct uri_part part, first;
  uint32_t pos = list.off;
  int count = others;
  if (params.len > 0 && (text[params.off] != ';' || list.len == 0 ||
                         text[list.off + list.len - 1] == ';')) {
    return SIPWS_ERR_SYNTAX;
  }
  while (uri_next_part(text, list, ';', &pos, &part)) {
    if (++count > URI_PARTS_MAX || part.name.len == 0 ||
        (part.value.off > 0 && part.value.len == 0) ||
        !uri_is_made_of(text, part.name, "[]/:&+$") ||
        !uri_is_made_of(text, part.value, "[]/:&+$")) {
      return SIPWS_ERR_SYNTAX;
    }
    /* RFC 3261 19.1.1: no parameter twice. */
    if (uri_find_param(text, params, text, part.name, &first) &&
        first.name.off != part.name.off) {
      return SIPWS_ERR_SYNTAX;
    }
  }
  return 0;
}

static int uri_check_headers(const char *text, sipws_span headers) {
  struct uri_part part;
  uint32_t pos = headers.off;
  int count = 0;
  if (headers.len == 0 || text[headers.off + headers.len - 1] == '&') {
    return SIPWS_ERR_SYNTAX;
  }
  while (uri_next_part(text, headers, '&', &pos, &part)) {
    if (++count > URI_PARTS_MAX || part.name.len == 0 || part.value.off == 0 ||
        !uri_is_made_of(text, part.name, "[]/?:+$") ||
        !uri_is_made_of(text, part.value, "[]/?:+$")) {
      return SIPWS_ERR_SYNTAX;
    }
  }
  return 0;
}

static int uri_read_scheme(const char *text, uint32_t *pos, uint32_t end,
                           sipws_uri *view) {
  uint32_t at = *pos;
  while (at < end && (sipws__host_is_alnum(text[at]) || text[at] == '+' ||
                      text[at] == '-' || text[at] == '.')) {
    at++;
  }
  /* a letter comes first, and something behind the colon */
  if (at == *pos || text[*pos] < 'A' || end - at < 2 || text[at] != ':') {
    return SIPWS_ERR_SYNTAX;
  }
  view->scheme_text = sipws__text_span(*pos, at);
  if (sipws__text_is(text + *pos, at - *pos, "sip")) {
    view->scheme = SIPWS_SCHEME_SIP;
  } else if (sipws__text_is(text + *pos, at - *pos, "sips")) {
    view->scheme = SIPWS_SCHEME_SIPS;
  }
  *pos = at + 1;
  return 0;
}

static int uri_read_userinfo(const char *text, uint32_t *pos, uint32_t end,
                             sipws_uri *view) {
  const char *sign = memchr(text + *pos, '@', end - *pos);
  const char *colon;
  size_t stop;
  if (sign == NULL) {
    return 0;
  }
  stop = (size_t)(sign - text);
  colon = memchr(text + *pos, ':', stop - *pos);
  view->user =
      sipws__text_span(*pos, colon != NULL ? (size_t)(colon - text) : stop);
  if (colon != NULL) {
    view->password = sipws__text_span((size_t)(colon - text) + 1, stop);
  }
  if (view->user.len == 0 || !sipws__uri_is_user(text, view->user) ||
      !uri_is_made_of(text, view->password, "&=+$,")) {
    return SIPWS_ERR_SYNTAX;
  }
  *pos = (uint32_t)stop + 1;
  return 0;
}

/* Parameters and headers: all that is left. */
static int uri_read_rest(const char *text, uint32_t pos, uint32_t end,
                         sipws_uri *view) {
  sipws_span transport;
  const char *mark = memchr(text + pos, '?', end - pos);
  uint32_t stop = mark != NULL ? (uint32_t)(mark - text) : end;
  view->params = sipws__text_span(pos, stop);
  view->headers = sipws__text_span(stop, stop);
  if (mark != NULL) {
    view->headers = sipws__text_span(stop + 1, end);
    if (uri_check_headers(text, view->headers) != 0) {
      return SIPWS_ERR_SYNTAX;
    }
  }
  if (sipws__uri_check_params(text, view->params, 0) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  if (sipws__uri_find_param(text, view->params, "transport", &transport)) {
    view->has_transport = 1;
    view->transport = sipws__host_transport(text, transport);
  }
  return 0;
}

int sipws_uri_parse(const char *text, const sipws_span *uri, sipws_uri *view) {
  sipws_uri seen;
  uint32_t pos, end;
  int err;
  if (text == NULL || uri == NULL || view == NULL ||
      view->struct_size != sizeof *view) {
    return SIPWS_ERR_INVALID;
  }
  pos = uri->off;
  end = uri->off + uri->len;
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  err = uri_read_scheme(text, &pos, end, &seen);
  if (err == 0 && seen.scheme != SIPWS_SCHEME_OTHER) {
    err = uri_read_userinfo(text, &pos, end, &seen);
    if (err == 0) {
      err = sipws__host_read_with_port(text, &pos, end, &seen.host, &seen.port);
    }
    if (err == 0) {
      err = uri_read_rest(text, pos, end, &seen);
    }
  }
  if (err == 0) {
    *view = seen;
  }
  return err;
}

/* RFC 5954 section 4.2: IPv6 addresses are compared as numbers. */
static int uri_same_host(const char *text_a, sipws_span a, const char *text_b,
                         sipws_span b) {
  uint8_t addr_a[16], addr_b[16];
  if (a.len > 0 && text_a[a.off] == '[' && b.len > 0 && text_b[b.off] == '[') {
    return sipws__host_address(text_a, a, addr_a) == 16 &&
           sipws__host_address(text_b, b, addr_b) == 16 &&
           memcmp(addr_a, addr_b, 16) == 0;
  }
  return sipws__text_equal(text_a + a.off, a.len, text_b + b.off, b.len);
}

/* Whether the parameters of |a| allow it to equal |b|. */
static int uri_params_match(const char *text_a, sipws_span a,
                            const char *text_b, sipws_span b) {
  /* RFC 3261 19.1.4: these do not match when one side lacks them. */
  static const char firm[5][10] = {"user", "ttl", "method", "maddr",
                                   "transport"};
  sipws_span list = uri_params_list(a);
  struct uri_part part, other;
  uint32_t pos = list.off;
  size_t i;
  while (uri_next_part(text_a, list, ';', &pos, &part)) {
    if (uri_find_param(text_b, b, text_a, part.name, &other)) {
      if (!uri_same(text_a, part.value, text_b, other.value, 1)) {
        return 0;
      }
      continue;
    }
    for (i = 0; i < 5; i++) {
      if (uri_same(text_a, part.name, firm[i],
                   sipws__text_span(0, strlen(firm[i])), 1)) {
        return 0;
      }
    }
  }
  return 1;
}

/* How often |headers| holds |part|. What a value means depends on the header,
 * so that values are the same only letter for letter. */
static int uri_count_header(const char *text, sipws_span headers,
                            const char *part_text,
                            const struct uri_part *part) {
  struct uri_part other;
  uint32_t pos = headers.off;
  int count = 0;
  while (uri_next_part(text, headers, '&', &pos, &other)) {
    count += uri_same(text, other.name, part_text, part->name, 1) &&
             uri_same(text, other.value, part_text, part->value, 0);
  }
  return count;
}

/* Whether |b| has all headers of |a|. */
static int uri_headers_match(const char *text_a, sipws_span a,
                             const char *text_b, sipws_span b) {
  struct uri_part part;
  uint32_t pos = a.off;
  while (uri_next_part(text_a, a, '&', &pos, &part)) {
    if (uri_count_header(text_a, a, text_a, &part) !=
        uri_count_header(text_b, b, text_a, &part)) {
      return 0;
    }
  }
  return 1;
}

static int uri_is_there(sipws_span part) {
  return part.off > 0;
}

int sipws_uri_equal(const char *text_a, const sipws_uri *a, const char *text_b,
                    const sipws_uri *b) {
  if (text_a == NULL || a == NULL || text_b == NULL || b == NULL ||
      a->scheme == SIPWS_SCHEME_OTHER) {
    return 0;
  }
  return a->scheme == b->scheme && a->port == b->port &&
         uri_same(text_a, a->user, text_b, b->user, 0) &&
         uri_is_there(a->password) == uri_is_there(b->password) &&
         uri_same(text_a, a->password, text_b, b->password, 0) &&
         uri_same_host(text_a, a->host, text_b, b->host) &&
         uri_params_match(text_a, a->params, text_b, b->params) &&
         uri_params_match(text_b, b->params, text_a, a->params) &&
         uri_headers_match(text_a, a->headers, text_b, b->headers) &&
         uri_headers_match(text_b, b->headers, text_a, a->headers);
}

int sipws_uri_is_host(const char *text, const sipws_uri *uri, const char *host,
                      size_t host_len, uint32_t port) {
  return text != NULL && uri != NULL && host != NULL &&
         host_len <= SIPWS__SIP_MAX && uri->scheme != SIPWS_SCHEME_OTHER &&
         uri_same_host(text, uri->host, host, sipws__text_span(0, host_len)) &&
         (port == 0 || port == sipws_uri_ws_port(uri));
}

uint32_t sipws_uri_ws_port(const sipws_uri *uri) {
  if (uri == NULL || uri->scheme == SIPWS_SCHEME_OTHER) {
    return 0;
  }
  if (uri->port != 0) {
    return uri->port;
  }
  return uri->scheme == SIPWS_SCHEME_SIPS ||
                 uri->transport == SIPWS_TRANSPORT_WSS
             ? 443
             : 80;
}
