#include "reader.h"

#include "sipws_crypto.h"

#include <strings.h>

/* ---- a head, line by line (RFC 9112) ---- */

static int head_is_token(char c) {
  return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

/* The line at |at|, without its CRLF; |*at| moves behind it. */
static const char *head_line(const char **at, size_t *len) {
  const char *line = *at;
  const char *end = strchr(line, '\r');
  must(end != NULL && end[1] == '\n');
  *len = (size_t)(end - line);
  *at = end + 2;
  must(memchr(line, '\n', *len) == NULL);
  return line;
}

/* The value of the one header named |name|, as a C string; NULL if there is
 * none. |head| begins with the first line. */
static const char *head_find(const char *head, const char *name) {
  static char value[8192];
  size_t len, name_len = strlen(name);
  int found = 0;
  (void)head_line(&head, &len);
  for (;;) {
    const char *line = head_line(&head, &len);
    if (len == 0) {
      return found ? value : NULL;
    }
    if (len > name_len && line[name_len] == ':' &&
        strncasecmp(line, name, name_len) == 0) {
      must(!found);
      found = 1;
      line += name_len + 1;
      len -= name_len + 1;
      must(len > 0 && *line == ' ');
      memcpy(value, line + 1, len - 1);
      value[len - 1] = '\0';
    }
  }
}

static void head_must_say(const char *head, const char *name,
                          const char *expected) {
  const char *value = head_find(head, name);
  must(value != NULL && strcasecmp(value, expected) == 0);
}

/* Grammar of the header lines. */
static void head_check_lines(const char *head) {
  size_t len, i, name_len;
  (void)head_line(&head, &len);
  for (;;) {
    const char *line = head_line(&head, &len);
    if (len == 0) {
      break;
    }
    for (name_len = 0; head_is_token(line[name_len]);) {
      name_len++;
    }
    must(name_len > 0 && line[name_len] == ':');
    for (i = name_len + 1; i < len; i++) {
      must((uint8_t)line[i] >= ' ' || line[i] == '\t');
      must(line[i] != 0x7f);
    }
  }
  must(*head == '\0');
}

/* ---- the two heads ---- */

/* RFC 6455 4.1 */
static void request_check(const char *head) {
  const char *key;
  size_t len;
  const char *at = head;
  const char *line = head_line(&at, &len);
  must(len >= 14 && memcmp(line, "GET /", 5) == 0 &&
       memcmp(line + len - 9, " HTTP/1.1", 9) == 0);
  must(memchr(line + 4, ' ', len - 13) == NULL);
  must(head_find(head, "Host") != NULL);
  head_must_say(head, "Upgrade", "websocket");
  head_must_say(head, "Connection", "Upgrade");
  head_must_say(head, "Sec-WebSocket-Version", "13");
  key = head_find(head, "Sec-WebSocket-Key");
  must(key != NULL && strlen(key) == 24 && strspn(key, "=") == 0 &&
       strcmp(key + 22, "==") == 0);
  (void)head_find(head, "Sec-WebSocket-Protocol");
  must(head_find(head, "Sec-WebSocket-Extensions") == NULL);
  must(head_find(head, "Content-Length") == NULL);
}

/* RFC 6455 4.2.2, RFC 9110 8.6; RFC 9112 9.6 */
static void response_check(struct reader *reader) {
  const char *head = reader->head;
  const char *value;
  char *end;
  must(strncmp(head, "HTTP/1.1 ", 9) == 0 && head[12] == ' ');
  reader->status = (int)strtol(head + 9, &end, 10);
  must(end == head + 12);
  if (reader->status == 101) {
    head_must_say(head, "Upgrade", "websocket");
    head_must_say(head, "Connection", "Upgrade");
    value = head_find(head, "Sec-WebSocket-Accept");
    must(value != NULL && strlen(value) == sizeof reader->accept &&
         memcmp(value, reader->accept, sizeof reader->accept) == 0);
    must(head_find(head, "Content-Length") == NULL);
    must(head_find(head, "Sec-WebSocket-Extensions") == NULL);
    (void)head_find(head, "Sec-WebSocket-Protocol");
    reader->part = READER_FRAMES;
    return;
  }
  must(reader->status >= 200 && reader->status <= 599);
  head_must_say(head, "Connection",
                reader->status == 426 ? "close, Upgrade" : "close");
  value = head_find(head, "Content-Length");
  reader->part = READER_BODY;
  if (reader->status == 204 || reader->status == 304) {
    must(value == NULL);
    return;
  }
  must(value != NULL && *value >= '0' && *value <= '9');
  reader->body = strtoull(value, &end, 10);
  must(*end == '\0');
  if (reader->is_bodiless) {
    reader->body = 0;
  }
}

/* ---- octets ---- */

void reader_begin(struct reader *reader, int is_client, int part) {
  memset(reader, 0, sizeof *reader);
  reader->frames.is_client = is_client;
  reader->part = part;
  reader->digest = FUZZ_DIGEST;
}

/* RFC 6455 4.2.2 step 5.4 */
void reader_expect(struct reader *reader, const char *key, size_t len) {
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  char text[24 + sizeof guid];
  uint8_t hash[SIPWS__SHA1_LEN];
  if (len != 24) {
    return; /* no 101 follows */
  }
  memcpy(text, key, len);
  memcpy(text + len, guid, sizeof guid - 1);
  must(sipws__sha1(text, len + sizeof guid - 1, hash) == 0);
  sipws__base64(hash, sizeof hash, reader->accept);
}

static void reader_head(struct reader *reader, uint8_t octet) {
  must(octet != 0 && reader->head_len + 1 < sizeof reader->head);
  reader->head[reader->head_len++] = (char)octet;
  if (reader->head_len < 4 ||
      memcmp(reader->head + reader->head_len - 4, "\r\n\r\n", 4) != 0) {
    return;
  }
  reader->head[reader->head_len] = '\0';
  head_check_lines(reader->head);
  if (reader->frames.is_client) {
    request_check(reader->head);
    reader->part = READER_FRAMES;
  } else {
    response_check(reader);
  }
}

void reader_read(struct reader *reader, const uint8_t *data, size_t len) {
  fuzz_digest(&reader->digest, data, len);
  while (len > 0 && reader->part == READER_HEAD) {
    reader_head(reader, *data++);
    len--;
  }
  if (len > 0 && reader->part == READER_BODY) {
    must(len <= reader->body);
    reader->body -= len;
  } else if (len > 0) {
    frames_read(&reader->frames, data, len);
  }
}

int reader_is_at_rest(const struct reader *reader) {
  return reader->part == READER_HEAD
             ? reader->head_len == 0
             : reader->body == 0 && frames_are_whole(&reader->frames);
}
