/* URIs and URLs, two at a time: equality is reflexive and symmetric; what is
 * built from the parts of a URI is that URI, or its equal; a URL too. A text
 * that is no SIP URI has no equal. The first octet says where the second one
 * begins. */
#include "fuzz.h"

#include <sipws/sip.h>

#define OUT_SIZE 8192

struct text {
  char *at;
  size_t len;
  sipws_uri uri;
  int is_uri;
};

static void put(char *out, size_t *out_len, const char *text, size_t len) {
  memcpy(out + *out_len, text, len);
  *out_len += len;
}

static sipws_span whole(size_t len) {
  sipws_span span;
  span.off = 0;
  span.len = (uint32_t)len;
  return span;
}

/* Its parts put together again. |build| writes no password and no headers. */
static void rebuild(const struct text *text) {
  static char out[OUT_SIZE];
  const sipws_uri *uri = &text->uri;
  size_t out_len;
  sipws_uri same;
  sipws_span span;
  same.struct_size = sizeof same;
  if (uri->password.off != 0) {
    return;
  }
  must(sipws_uri_build((int)uri->scheme, text->at + uri->user.off,
                       uri->user.len, text->at + uri->host.off, uri->host.len,
                       uri->port, SIPWS_TRANSPORT_OTHER,
                       text->at + uri->params.off, uri->params.len, out,
                       OUT_SIZE / 2, &out_len) == 0);
  if (uri->headers.len > 0) {
    put(out, &out_len, "?", 1);
    put(out, &out_len, text->at + uri->headers.off, uri->headers.len);
  }
  span = whole(out_len);
  must(sipws_uri_parse(out, &span, &same) == 0);
  must(sipws_uri_equal(out, &same, text->at, uri) == 1);
  must(same.port == uri->port && same.user.len == uri->user.len &&
       same.params.len == uri->params.len && same.transport == uri->transport);
}

/* A Route to its host names this host, and has what a Route needs. */
static void route(const struct text *text, int choice) {
  static char out[OUT_SIZE];
  const sipws_uri *uri = &text->uri;
  int transport = choice % 6;
  size_t out_len;
  sipws_name_addr addr;
  sipws_uri same;
  sipws_span span;
  int err = sipws_route_build((int)uri->scheme, text->at + uri->user.off,
                              uri->user.len, text->at + uri->host.off,
                              uri->host.len, uri->port, transport, choice & 64,
                              out, OUT_SIZE, &out_len);
  must((err == 0) ==
       (transport != SIPWS_TRANSPORT_TLS &&
        (transport != SIPWS_TRANSPORT_UDP || uri->scheme == SIPWS_SCHEME_SIP)));
  if (err != 0) {
    return;
  }
  addr.struct_size = sizeof addr;
  same.struct_size = sizeof same;
  span = whole(out_len);
  must(sipws_name_addr_parse(out, &span, &addr) == 0 && addr.params.len == 0);
  must(sipws_uri_parse(out, &addr.uri, &same) == 0);
  must(sipws_param(out, &same.params, "lr", 2, &span) == 0);
  must((sipws_param(out, &same.params, "ob", 2, &span) == 0) ==
       ((choice & 64) != 0));
  must(sipws_uri_is_host(text->at, uri, out + same.host.off, same.host.len,
                         0) == 1);
  must(sipws_uri_is_host(out, &same, text->at + uri->host.off, uri->host.len,
                         sipws_uri_ws_port(&same)) == 1);
}

/* Parts of any kind are refused, or read back as what they are. */
static void build(const struct text *a, const struct text *b, int choice) {
  static char out[OUT_SIZE];
  size_t cut = (size_t)choice % (b->len + 1);
  size_t out_len;
  sipws_uri uri;
  sipws_url url;
  sipws_span span;
  uri.struct_size = sizeof uri;
  url.struct_size = sizeof url;
  if (sipws_uri_build(1 + (choice & 1), a->at, a->len, b->at, cut, 5060,
                      (choice >> 1) % 6, b->at + cut, b->len - cut, out,
                      OUT_SIZE, &out_len) == 0) {
    span = whole(out_len);
    must(sipws_uri_parse(out, &span, &uri) == 0);
    must(uri.user.len == a->len && uri.host.len == cut && uri.port == 5060);
    must(uri.headers.len == 0 && uri.params.len >= b->len - cut);
  }
  if (sipws_url_build(choice & 1, b->at, cut, 0, b->at + cut, b->len - cut, out,
                      OUT_SIZE, &out_len) == 0) {
    must(sipws_url_parse(out, out_len, &url) == 0);
    must(url.host.len == cut && url.has_port == 0 && url.path.len > 0);
  }
}

static void read_uri(struct text *text) {
  sipws_span span = whole(text->len);
  text->uri.struct_size = sizeof text->uri;
  text->is_uri = sipws_uri_parse(text->at, &span, &text->uri) == 0;
  if (!text->is_uri) {
    return;
  }
  must_lie(text->uri.scheme_text, text->len);
  if (text->uri.scheme == SIPWS_SCHEME_OTHER) {
    must(!sipws_uri_equal(text->at, &text->uri, text->at, &text->uri));
    must(sipws_uri_ws_port(&text->uri) == 0);
    return;
  }
  must_lie(text->uri.user, text->len);
  must_lie(text->uri.password, text->len);
  must_lie(text->uri.host, text->len);
  must_lie(text->uri.params, text->len);
  must_lie(text->uri.headers, text->len);
  must(text->uri.host.len > 0 && text->uri.port <= 65535);
  must(sipws_uri_equal(text->at, &text->uri, text->at, &text->uri) == 1);
  must(sipws_uri_ws_port(&text->uri) > 0);
  rebuild(text);
}

static void read_url(const struct text *text) {
  static char out[OUT_SIZE];
  sipws_url url, same;
  size_t resource, out_len;
  url.struct_size = sizeof url;
  same.struct_size = sizeof same;
  if (sipws_url_parse(text->at, text->len, &url) != 0) {
    return;
  }
  must_lie(url.host, text->len);
  must_lie(url.path, text->len);
  must_lie(url.query, text->len);
  must(url.port > 0 && url.port <= 65535 && url.host.len > 0);
  resource = text->len - url.path.off;
  must(sipws_url_build((int)url.secure, text->at + url.host.off, url.host.len,
                       url.has_port ? url.port : 0, text->at + url.path.off,
                       resource, out, OUT_SIZE, &out_len) == 0);
  must(sipws_url_parse(out, out_len, &same) == 0);
  must(same.secure == url.secure && same.port == url.port &&
       same.has_port == url.has_port && same.query.len == url.query.len);
  must(same.path.len == (url.path.len > 0 ? url.path.len : 1));
}

/* The character at |*at| of an escaped text; above 255 for one that is reserved
 * and escaped, which is another than the bare one (RFC 3261 19.1.4). */
static int unescape(const char *text, size_t *at) {
  char digits[3] = {0, 0, 0};
  int c = (uint8_t)text[(*at)++];
  if (c == '%') {
    memcpy(digits, text + *at, 2);
    *at += 2;
    c = (int)strtol(digits, NULL, 16);
    c += c != 0 && strchr(";/?:@&=+$,", c) != NULL ? 256 : 0;
  }
  return c;
}

static int same_user(const struct text *a, const struct text *b) {
  const char *left = a->at + a->uri.user.off;
  const char *right = b->at + b->uri.user.off;
  size_t i = 0;
  size_t j = 0;
  while (i < a->uri.user.len && j < b->uri.user.len) {
    if (unescape(left, &i) != unescape(right, &j)) {
      return 0;
    }
  }
  return i == a->uri.user.len && j == b->uri.user.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct text a, b;
  const uint8_t *octets;
  int choice;
  if (size > 2048) {
    return 0;
  }
  choice = fuzz_octet(&input);
  octets = fuzz_octets(&input, fuzz_octet(&input), &a.len);
  a.at = fuzz_copy(octets, a.len);
  b.len = input.left;
  b.at = fuzz_copy(input.at, b.len);
  read_uri(&a);
  read_uri(&b);
  read_url(&a);
  build(&a, &b, choice);
  if (a.is_uri && a.uri.scheme != SIPWS_SCHEME_OTHER) {
    route(&a, choice);
  }
  if (a.is_uri && b.is_uri) {
    int equal = sipws_uri_equal(a.at, &a.uri, b.at, &b.uri);
    must(equal == sipws_uri_equal(b.at, &b.uri, a.at, &a.uri));
    must(!equal || same_user(&a, &b));
    must(!equal || sipws_uri_is_host(a.at, &a.uri, b.at + b.uri.host.off,
                                     b.uri.host.len, 0));
  }
  free(a.at);
  free(b.at);
  return 0;
}
