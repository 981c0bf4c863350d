/* handshake: a client's request, and its judgement of the answer. */
#include "sipws_handshake.h"
#include "sipws_text.h"

#include <string.h>

/* ------------------------------------------------------------- request -- */

/* RFC 6455 section 3: the path or "/", and the query unless it is empty. */
static void client_write_target(struct sipws__head_writer *writer,
                                const char *text, const sipws_url *url) {
  if (url->path.len > 0) {
    sipws__head_octets(writer, text + url->path.off, url->path.len);
  } else {
    sipws__head_text(writer, "/");
  }
  if (url->query.len > 0) {
    sipws__head_text(writer, "?");
    sipws__head_octets(writer, text + url->query.off, url->query.len);
  }
}

/* RFC 6455 4.1 item 4: the port unless it is the scheme's own. */
static void client_write_host(struct sipws__head_writer *writer,
                              const char *text, const sipws_url *url,
                              const struct sipws__buf *host) {
  char digits[10];
  if (host->len > 0) {
    sipws__head_octets(writer, host->data, host->len);
    return;
  }
  sipws__head_octets(writer, text + url->host.off, url->host.len);
  if (url->port != (url->secure ? 443 : 80)) {
    sipws__head_text(writer, ":");
    sipws__head_octets(writer, digits, sipws__text_digits(url->port, digits));
  }
}

static void client_write_protocols(struct sipws__head_writer *writer,
                                   const struct sipws__protos *protos) {
  const char *before = "Sec-WebSocket-Protocol: ";
  const char *after = "";
  uint32_t i;
  for (i = 0; i < protos->count; i++) {
    const struct sipws__proto *proto = &protos->list[i];
    if (sipws__proto_is_name(proto)) {
      sipws__head_text(writer, before);
      sipws__head_octets(writer, proto->name, proto->len);
      before = ", ";
      after = "\r\n";
    }
  }
  sipws__head_text(writer, after);
}

int sipws__client_write_request(
    const char *url_text, const sipws_url *url, const char *key,
    const struct sipws__protos *protos, const struct sipws__buf *host,
    const struct sipws__buf *cookies, const struct sipws__buf *extra,
    const struct sipws__mem *mem, struct sipws__buf *out) {
  struct sipws__head_writer writer;
  sipws__head_begin(&writer, mem, out);
  sipws__head_text(&writer, "GET ");
  client_write_target(&writer, url_text, url);
  sipws__head_text(&writer, " HTTP/1.1\r\n"
                            "Host: ");
  client_write_host(&writer, url_text, url, host);
  sipws__head_text(&writer, "\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Key: ");
  sipws__head_octets(&writer, key, SIPWS__KEY_LEN);
  sipws__head_text(&writer, "\r\n"
                            "Sec-WebSocket-Version: 13\r\n");
  client_write_protocols(&writer, protos);
  if (cookies->len > 0) {
    sipws__head_text(&writer, "Cookie: ");
    sipws__head_octets(&writer, cookies->data, cookies->len);
    sipws__head_text(&writer, "\r\n");
  }
  sipws__head_octets(&writer, extra->data, extra->len);
  sipws__head_text(&writer, "\r\n");
  return sipws__head_end(&writer);
}

/* -------------------------------------------------------------- answer -- */

/* RFC 6455 4.1, answer items 2, 3 and 5 */
static int client_is_upgrade(const struct sipws__lines *lines,
                             const struct sipws__http_head *head) {
  sipws_span upgrade = lines->first[SIPWS__LINE_UPGRADE];
  return head->minor > 0 && /* RFC 9110 7.8: not in HTTP/1.0 */
         lines->count[SIPWS__LINE_UPGRADE] == 1 &&
         sipws__text_is(lines->text + upgrade.off, upgrade.len, "websocket") &&
         sipws__lines_have_token(lines, SIPWS__LINE_CONNECTION, "upgrade") &&
         /* nothing was offered, so nothing can be agreed */
         lines->count[SIPWS__LINE_EXTENSIONS] == 0;
}

/* Item 4: compared octet for octet, once (11.3.3). */
static int client_check_accept(const struct sipws__lines *lines,
                               const char *key) {
  sipws_span accept = lines->first[SIPWS__LINE_ACCEPT];
  char expected[SIPWS__ACCEPT_LEN];
  int err;
  if (lines->count[SIPWS__LINE_ACCEPT] != 1) {
    return SIPWS_ERR_HANDSHAKE;
  }
  err = sipws__handshake_accept(key, SIPWS__KEY_LEN, expected);
  if (err != 0) {
    return err;
  }
  return sipws__text_same(lines->text + accept.off, accept.len, expected,
                          sizeof expected)
             ? 0
             : SIPWS_ERR_HANDSHAKE;
}

/* Item 6: one of those offered, in one line (11.3.4). RFC 7118 4.1: none is no
 * SIP WebSocket, unless the list or the policy says otherwise. */
static int client_check_protocol(const struct sipws__lines *lines,
                                 const struct sipws__protos *protos,
                                 uint32_t policy,
                                 struct sipws__answer *answer) {
  sipws_span value = lines->first[SIPWS__LINE_PROTOCOL];
  const char *name = lines->text + value.off;
  const struct sipws__proto *proto;
  if (lines->count[SIPWS__LINE_PROTOCOL] == 0) {
    proto = sipws__protos_match(protos, policy, NULL, 0);
  } else {
    if (lines->count[SIPWS__LINE_PROTOCOL] > 1 ||
        !sipws__text_is_token(name, value.len)) {
      return SIPWS_ERR_HANDSHAKE;
    }
    proto = sipws__protos_match(protos, policy, name, value.len);
    if (proto != NULL && !sipws__proto_is_name(proto)) {
      proto = NULL;
    }
  }
  if (proto == NULL) {
    return SIPWS_ERR_HANDSHAKE;
  }
  answer->subprotocol = value;
  answer->proto = proto;
  return 0;
}

int sipws__client_judge(const char *text, size_t len, const char *key,
                        const struct sipws__protos *protos, uint32_t policy,
                        uint32_t max_fields, struct sipws__answer *answer) {
  struct sipws__http_head *head = &answer->head;
  struct sipws__lines lines;
  int err;
  memset(answer, 0, sizeof *answer);
  if (sipws__http_parse(text, len, 1, max_fields, head, &lines) != 0 ||
      head->major != 1) {
    return SIPWS_ERR_HANDSHAKE;
  }
  if (head->status != 101) {
    return head->status < 200 ? SIPWS_ERR_AGAIN : SIPWS_ERR_REFUSED;
  }
  if (!client_is_upgrade(&lines, head)) {
    return SIPWS_ERR_HANDSHAKE;
  }
  err = client_check_accept(&lines, key);
  if (err != 0) {
    return err;
  }
  return client_check_protocol(&lines, protos, policy, answer);
}
