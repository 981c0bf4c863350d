#include "sipws_handshake.h"

#include "sipws_crypto.h"
#include "sipws_host.h"
#include "sipws_text.h"

#include <string.h>

/* -------------------------------------------------------- subprotocols -- */

int sipws__proto_is_name(const struct sipws__proto *proto) {
  return proto->len > 1 || (proto->len == 1 && proto->name[0] != '*');
}

const struct sipws__proto *
sipws__protos_match(const struct sipws__protos *protos, uint32_t policy,
                    const char *name, size_t len) {
  const struct sipws__proto *other = NULL;
  const struct sipws__proto *star = NULL;
  uint32_t i;
  for (i = 0; i < protos->count; i++) {
    const struct sipws__proto *proto = &protos->list[i];
    if (sipws__text_same(proto->name, proto->len, name, len)) {
      return proto;
    }
    /* RFC 7936 section 2: names are compared exactly. */
    if (other == NULL && (policy & SIPWS_POLICY_ANY_CASE) != 0 &&
        sipws__text_equal(proto->name, proto->len, name, len)) {
      other = proto;
    }
    if (star == NULL && proto->len > 0 && !sipws__proto_is_name(proto)) {
      star = proto;
    }
  }
  if (len == 0) {
    return (policy & SIPWS_POLICY_NO_SUBPROTOCOL) != 0 && protos->count > 0
               ? &protos->list[0]
               : NULL;
  }
  if (other != NULL) {
    return other;
  }
  /* "*" is any name that a connection can hold */
  return len <= SIPWS__PROTO_NAME_MAX ? star : NULL;
}

/* -------------------------------------------------------------- accept -- */

int sipws__handshake_accept(const char *key, size_t key_len,
                            char out[SIPWS__ACCEPT_LEN]) {
  /* RFC 6455 section 1.3 */
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  char text[SIPWS__KEY_LEN + sizeof guid];
  uint8_t hash[SIPWS__SHA1_LEN];
  int err;
  if (key_len > SIPWS__KEY_LEN) {
    return SIPWS_ERR_INVALID;
  }
  memcpy(text, key, key_len);
  memcpy(text + key_len, guid, sizeof guid - 1);
  err = sipws__sha1(text, key_len + sizeof guid - 1, hash);
  if (err != 0) {
    return err;
  }
  sipws__base64(hash, sizeof hash, out);
  return 0;
}

/* ---------------------------------------------------------------- host -- */

static int handshake_is_any(char c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

/* The octets of an IP literal in brackets, or of a name or IPv4 address (RFC
 * 3986 section 3.2.2), at the start of |text|; 0 if there is neither. */
static size_t handshake_host_len(const char *text, size_t len) {
  int literal = len > 0 && text[0] == '[';
  const char *marks = literal ? ".:" : "-._~%!$&'()*+,;=";
  size_t first = literal ? 1 : 0;
  size_t i = first;
  while (i < len &&
         (sipws__host_is_alnum(text[i]) || handshake_is_any(text[i], marks))) {
    i++;
  }
  if (!literal) {
    return i;
  }
  return i > first && i < len && text[i] == ']' ? i + 1 : 0;
}

int sipws__handshake_is_host(const char *text, size_t len) {
  size_t at = handshake_host_len(text, len);
  if (at == 0 || (at < len && text[at] != ':')) {
    return 0;
  }
  for (at++; at < len; at++) {
    if (text[at] < '0' || text[at] > '9') {
      return 0;
    }
  }
  return 1;
}

/* ---------------------------------------------------------- extensions -- */

static size_t handshake_skip_space(const char *text, size_t len, size_t at) {
  while (at < len && (text[at] == ' ' || text[at] == '\t')) {
    at++;
  }
  return at;
}

static size_t handshake_skip_token(const char *text, size_t len, size_t at) {
  while (at < len && sipws__text_is_token_char(text[at])) {
    at++;
  }
  return at;
}

/* RFC 6455 9.1: a quoted value must be a token once it is unquoted. */
static size_t handshake_skip_quoted(const char *text, size_t len,
                                    size_t start) {
  size_t at = start + 1;
  while (at < len && text[at] != '"') {
    if (text[at] == '\\') {
      at++;
    }
    if (at == len || !sipws__text_is_token_char(text[at])) {
      return start;
    }
    at++;
  }
  return at < len && at > start + 1 ? at + 1 : start;
}

int sipws__handshake_is_extension(const char *text, size_t len) {
  size_t at = 0;
  for (;;) {
    size_t start = at;
    at = handshake_skip_token(text, len, at);
    if (at == start) {
      return 0;
    }
    at = handshake_skip_space(text, len, at);
    if (at < len && text[at] == '=' && start > 0) {
      at = handshake_skip_space(text, len, at + 1);
      start = at;
      at = at < len && text[at] == '"' ? handshake_skip_quoted(text, len, at)
                                       : handshake_skip_token(text, len, at);
      if (at == start) {
        return 0;
      }
      at = handshake_skip_space(text, len, at);
    }
    if (at == len) {
      return 1;
    }
    if (text[at] != ';') {
      return 0;
    }
    at = handshake_skip_space(text, len, at + 1);
  }
}

/* -------------------------------------------------------- header lines -- */

int sipws__handshake_check_header(const char *name, size_t name_len,
                                  const char *value, size_t value_len) {
  static const char prefix[] = "Sec-WebSocket-";
  static const char own[][20] = {"Host", "Upgrade", "Connection",
                                 "Content-Length", "Transfer-Encoding"};
  size_t i;
  if (!sipws__text_is_token(name, name_len) ||
      !sipws__text_is_value(value, value_len)) {
    return SIPWS_ERR_TEXT;
  }
  for (i = 0; i < sizeof own / sizeof own[0]; i++) {
    if (sipws__text_is(name, name_len, own[i])) {
      return SIPWS_ERR_INVALID;
    }
  }
  if (name_len >= sizeof prefix - 1 &&
      sipws__text_is(name, sizeof prefix - 1, prefix)) {
    return SIPWS_ERR_INVALID;
  }
  return 0;
}

int sipws__handshake_add_line(struct sipws__buf *out,
                              const struct sipws__mem *mem, const char *name,
                              size_t name_len, const char *value,
                              size_t value_len, size_t max) {
  struct sipws__head_writer writer;
  int err;
  if (name_len > max || value_len > max - name_len) {
    return SIPWS_ERR_TOO_BIG;
  }
  err = sipws__buf_reserve(out, mem, name_len + value_len + 4, max);
  if (err != 0) {
    return err;
  }
  sipws__head_begin(&writer, mem, out);
  sipws__head_octets(&writer, name, name_len);
  sipws__head_text(&writer, ": ");
  sipws__head_octets(&writer, value, value_len);
  sipws__head_text(&writer, "\r\n");
  return sipws__head_end(&writer);
}

/* -------------------------------------------------------------- writer -- */

void sipws__head_begin(struct sipws__head_writer *writer,
                       const struct sipws__mem *mem, struct sipws__buf *out) {
  writer->out = out;
  writer->mem = mem;
  writer->start = out->len;
  writer->err = 0;
}

void sipws__head_text(struct sipws__head_writer *writer, const char *constant) {
  sipws__head_octets(writer, constant, strlen(constant));
}

void sipws__head_octets(struct sipws__head_writer *writer, const void *data,
                        size_t len) {
  if (writer->err == 0) {
    /* each piece is bounded by a limit of its own */
    writer->err = sipws__buf_add(writer->out, writer->mem, data, len, SIZE_MAX);
  }
}

int sipws__head_end(struct sipws__head_writer *writer) {
  if (writer->err != 0) {
    writer->out->len = writer->start;
  }
  return writer->err;
}
