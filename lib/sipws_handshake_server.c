/* handshake: a server's judgement of the request. */
#include "sipws_crypto.h"
#include "sipws_handshake.h"
#include "sipws_text.h"

#include <string.h>

#define SERVER_KEY_OCTETS 16

/* Each judge returns the status to refuse with, or 0. */

/* --------------------------------------------------------------- HTTP -- */

/* The value of the one line of that name: 400 for a second one. */
static int server_judge_single(const struct sipws__lines *lines,
                               enum sipws__line which, sipws_span *value) {
  *value = lines->first[which];
  return lines->count[which] > 1 ? 400 : 0;
}

/* RFC 9112 3.2: two Host lines or one that names no host are refused always,
 * none in HTTP/1.1. A stream has the host in its :authority. */
static int server_judge_host(const struct sipws__lines *lines,
                             struct sipws__request *request) {
  int optional = request->is_stream || request->head.minor == 0;
  sipws_span *host = &request->host;
  if (server_judge_single(lines, SIPWS__LINE_HOST, host) != 0) {
    return 400;
  }
  if (lines->count[SIPWS__LINE_HOST] == 0) {
    return optional ? 0 : 400;
  }
  return sipws__handshake_is_host(lines->text + host->off, host->len) ? 0 : 400;
}

static sipws_span server_cut(sipws_span span, uint32_t len) {
  span.off += len;
  span.len -= len;
  return span;
}

static uint32_t server_until(const char *text, sipws_span span,
                             const char *stops) {
  uint32_t i = 0;
  while (i < span.len && strchr(stops, text[span.off + i]) == NULL) {
    i++;
  }
  return i;
}

/* Octets of the scheme and its "://" that |rest| begins with, or 0. */
static uint32_t server_scheme_len(const char *text, sipws_span rest) {
  const char *target = text + rest.off;
  if (rest.len >= 7 && sipws__text_is(target, 7, "http://")) {
    return 7;
  }
  return rest.len >= 8 && sipws__text_is(target, 8, "https://") ? 8 : 0;
}

/* Takes scheme and authority of an absolute target off |rest|. */
static int server_judge_absolute(const char *text, sipws_span *rest,
                                 struct sipws__request *request) {
  uint32_t scheme = server_scheme_len(text, *rest);
  if (scheme == 0) {
    return 400;
  }
  *rest = server_cut(*rest, scheme);
  /* RFC 9112 3.2.2: its host counts, not that of the Host header. */
  request->host = *rest;
  request->host.len = server_until(text, *rest, "/?");
  *rest = server_cut(*rest, request->host.len);
  /* RFC 9110 4.2.3: an empty path means "/"; the one of "://" stands in. */
  request->path.off = request->host.off - 1;
  request->path.len = 1;
  return sipws__handshake_is_host(text + request->host.off, request->host.len)
             ? 0
             : 400;
}

/* Origin form or absolute form (RFC 6455 4.1, RFC 9112 3.2). */
static int server_judge_target(const char *text,
                               struct sipws__request *request) {
  sipws_span rest = request->head.target;
  uint32_t len;
  /* RFC 6455 section 3: a fragment does not travel. */
  if (memchr(text + rest.off, '#', rest.len) != NULL) {
    return 400;
  }
  if (text[rest.off] != '/' &&
      server_judge_absolute(text, &rest, request) != 0) {
    return 400;
  }
  len = server_until(text, rest, "?");
  if (len > 0) {
    request->path = rest;
    request->path.len = len;
  }
  rest = server_cut(rest, len);
  if (rest.len > 0) {
    request->query = server_cut(rest, 1);
  }
  return 0;
}

/* A body would be read as frames, or frames as a body: none is taken. How it
 * would be delimited must be plain all the same (RFC 9112 6.3), since somebody
 * in front of us may have read it otherwise. */
static int server_judge_body(const struct sipws__lines *lines) {
  int is_coded = lines->count[SIPWS__LINE_TRANSFER_ENCODING] > 0;
  int has_body = 0;
  const char *digits;
  sipws_span length;
  uint32_t i;
  if (server_judge_single(lines, SIPWS__LINE_CONTENT_LENGTH, &length) != 0) {
    return 400;
  }
  if (lines->count[SIPWS__LINE_CONTENT_LENGTH] == 0) {
    return is_coded ? 413 : 0;
  }
  if (is_coded || length.len == 0) {
    return 400;
  }
  digits = lines->text + length.off;
  for (i = 0; i < length.len; i++) {
    if (digits[i] < '0' || digits[i] > '9') {
      return 400;
    }
    has_body |= digits[i] != '0';
  }
  return has_body ? 413 : 0;
}

static int server_judge_http(const struct sipws__lines *lines,
                             struct sipws__request *request) {
  const struct sipws__http_head *head = &request->head;
  const char *method = lines->text + head->method.off;
  size_t method_len = head->method.len;
  int is_get = sipws__text_same(method, method_len, "GET", 3);
  int is_connect = sipws__text_same(method, method_len, "CONNECT", 7);
  int err;
  request->is_head = sipws__text_same(method, method_len, "HEAD", 4);
  if (head->major != 1) {
    return 505;
  }
  err = server_judge_host(lines, request);
  if (err != 0) {
    return err;
  }
  if (request->is_stream ? !is_connect : !is_get && !request->is_head) {
    return 405;
  }
  err = server_judge_target(lines->text, request);
  if (err != 0) {
    return err;
  }
  /* RFC 6454 7.3: one Origin line. With two, a check could see the wrong. */
  err = server_judge_single(lines, SIPWS__LINE_ORIGIN, &request->origin);
  if (err != 0) {
    return err;
  }
  return server_judge_body(lines);
}

/* ---------------------------------------------------------- extensions -- */

/* RFC 6455 9.1: what is malformed fails; what is well-formed is declined by
 * silence, since no extension is known here. */
static int server_judge_extensions(const struct sipws__lines *lines) {
  struct sipws__http_list list;
  sipws_span element;
  int found = 0;
  sipws__lines_list(lines, SIPWS__LINE_EXTENSIONS, &list);
  while (sipws__http_list_next(lines->text, lines->len, &list, &element)) {
    if (!sipws__handshake_is_extension(lines->text + element.off,
                                       element.len)) {
      return 400;
    }
    found = 1;
  }
  return found || lines->count[SIPWS__LINE_EXTENSIONS] == 0 ? 0 : 400;
}

/* --------------------------------------------------------- subprotocol -- */

/* RFC 9110 5.3: a list is lines joined, so their limit holds for it. The
 * application walks this one by index: its work grows with the square. */
static int server_judge_offer(const struct sipws__lines *lines,
                              uint32_t max_fields) {
  struct sipws__http_list list;
  sipws_span name;
  uint32_t count = 0;
  sipws__lines_list(lines, SIPWS__LINE_PROTOCOL, &list);
  while (sipws__http_list_next(lines->text, lines->len, &list, &name)) {
    if (count == max_fields) {
      return 431;
    }
    count++;
  }
  return 0;
}

/* RFC 6455 4.2.2 and RFC 7118 4.1: the client's order decides. */
static int server_judge_protocol(const struct sipws__lines *lines,
                                 const struct sipws__protos *protos,
                                 uint32_t policy,
                                 struct sipws__request *request) {
  struct sipws__http_list list;
  sipws_span name;
  int offered = 0;
  sipws__lines_list(lines, SIPWS__LINE_PROTOCOL, &list);
  while (sipws__http_list_next(lines->text, lines->len, &list, &name)) {
    const char *chars = lines->text + name.off;
    if (!sipws__text_is_token(chars, name.len)) {
      return 400;
    }
    offered = 1;
    if (request->proto == NULL) {
      request->subprotocol = name;
      request->proto = sipws__protos_match(protos, policy, chars, name.len);
    }
  }
  /* RFC 6455 4.3: a list has one element at least. */
  if (!offered && lines->count[SIPWS__LINE_PROTOCOL] > 0) {
    return 400;
  }
  if (request->proto == NULL) {
    request->subprotocol.len = 0;
    request->proto = sipws__protos_match(protos, offered ? 0 : policy, NULL, 0);
  }
  return request->proto != NULL ? 0 : 400;
}

int sipws__request_choose(const char *text, size_t len,
                          const struct sipws__protos *protos, uint32_t policy,
                          struct sipws__request *request, const char *name,
                          size_t name_len) {
  const struct sipws__proto *proto;
  struct sipws__http_list list;
  sipws_span offer;
  sipws__http_list_begin(&list, &request->head, "Sec-WebSocket-Protocol");
  while (sipws__http_list_next(text, len, &list, &offer)) {
    const char *chars = text + offer.off;
    int same = (policy & SIPWS_POLICY_ANY_CASE) != 0
                   ? sipws__text_equal(chars, offer.len, name, name_len)
                   : sipws__text_same(chars, offer.len, name, name_len);
    proto = same ? sipws__protos_match(protos, policy, chars, offer.len) : NULL;
    if (proto != NULL) {
      request->subprotocol = offer;
      request->proto = proto;
      return 0;
    }
  }
  return SIPWS_ERR_NOT_FOUND;
}

/* ------------------------------------------------------------- upgrade -- */

static int server_is_attempt(const struct sipws__lines *lines) {
  return sipws__lines_have_token(lines, SIPWS__LINE_UPGRADE, "websocket") ||
         lines->count[SIPWS__LINE_KEY] > 0 ||
         lines->count[SIPWS__LINE_VERSION] > 0;
}

/* RFC 6455 4.2.2 and 4.4: any other version is answered with the one we speak.
 * One line at most (11.3.5), and a list is two lines that a proxy joined. */
static int server_judge_version(const struct sipws__lines *lines) {
  sipws_span span;
  const char *version;
  if (server_judge_single(lines, SIPWS__LINE_VERSION, &span) != 0) {
    return 400;
  }
  version = lines->text + span.off;
  if (memchr(version, ',', span.len) != NULL) {
    return 400;
  }
  return sipws__text_is(version, span.len, "13") ? 0 : 426;
}

/* RFC 6455 4.2.1, items 3 to 5 */
static int server_judge_fields(const struct sipws__lines *lines,
                               struct sipws__request *request) {
  uint8_t nonce[SIPWS__KEY_LEN / 4 * 3];
  size_t nonce_len;
  sipws_span *key = &request->key;
  if (!sipws__lines_have_token(lines, SIPWS__LINE_UPGRADE, "websocket") ||
      !sipws__lines_have_token(lines, SIPWS__LINE_CONNECTION, "upgrade") ||
      server_judge_single(lines, SIPWS__LINE_KEY, key) != 0) {
    return 400;
  }
  if (key->len != SIPWS__KEY_LEN ||
      sipws__base64_decode(lines->text + key->off, key->len, nonce,
                           &nonce_len) != 0 ||
      nonce_len != SERVER_KEY_OCTETS) {
    return 400;
  }
  return 0;
}

static int server_judge_upgrade(const struct sipws__lines *lines,
                                const struct sipws__protos *protos,
                                uint32_t policy,
                                struct sipws__request *request) {
  int err;
  if (request->is_head) {
    return 400; /* RFC 6455 4.2.1 item 1: GET */
  }
  err = server_judge_version(lines);
  /* RFC 8441 section 5: a stream has no Upgrade, Connection or Key. */
  if (err == 0 && !request->is_stream) {
    err = server_judge_fields(lines, request);
  }
  if (err == 0) {
    err = server_judge_extensions(lines);
  }
  if (err == 0) {
    err = server_judge_protocol(lines, protos, policy, request);
  }
  return err;
}

void sipws__request_judge(const char *text, size_t len,
                          const struct sipws__protos *protos, uint32_t policy,
                          uint32_t max_fields, int is_stream,
                          struct sipws__request *request) {
  struct sipws__lines lines;
  int err;
  memset(request, 0, sizeof *request);
  request->is_stream = is_stream;
  err = sipws__http_parse(text, len, 0, max_fields, &request->head, &lines);
  if (err != 0) {
    request->status = err == SIPWS_ERR_TOO_BIG ? 431 : 400;
    return;
  }
  request->status = server_judge_http(&lines, request);
  if (request->status == 0) {
    request->status = server_judge_offer(&lines, max_fields);
  }
  if (request->status != 0) {
    return;
  }
  /* RFC 9110 7.8: Upgrade in HTTP/1.0 is ignored. */
  request->is_upgrade =
      is_stream || (request->head.minor > 0 && server_is_attempt(&lines));
  if (request->is_upgrade) {
    request->status = server_judge_upgrade(&lines, protos, policy, request);
  }
}
