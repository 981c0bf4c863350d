#include "proxy_sip.h"

#include <string.h>

/* ------------------------------------------------------------- reading -- */

static int has_header(const struct message *message, const char *name,
                      sipws_span *value) {
  return sipws_sip_header(message->text, message->len, &message->view, name,
                          strlen(name), 0, value) == 0;
}

/* What RFC 3261 8.1.1 demands of every request. */
static int request_check(struct message *message) {
  sipws_span value;
  if (message->view.verdict == SIPWS_SIP_SHORT_REQUEST ||
      message->view.verdict == SIPWS_SIP_BAD_LENGTH ||
      !has_header(message, "From", &value) ||
      !has_header(message, "To", &value) ||
      sipws_name_addr_parse(message->text, &value, &message->to) != 0 ||
      message->call_id.len == 0 ||
      sipws_sip_cseq(message->text, message->len, &message->view,
                     &message->cseq, &message->cseq_method) != 0 ||
      message->cseq_method.len != message->view.method.len ||
      memcmp(message->text + message->cseq_method.off,
             message->text + message->view.method.off,
             message->view.method.len) != 0) {
    return 400;
  }
  return 0;
}

/* RFC 3261 18.3: a response cut short is dropped. */
static int response_check(struct message *message) {
  if (message->view.verdict == SIPWS_SIP_SHORT_RESPONSE ||
      message->view.verdict == SIPWS_SIP_BAD_LENGTH ||
      message->call_id.len == 0 ||
      sipws_sip_cseq(message->text, message->len, &message->view,
                     &message->cseq, &message->cseq_method) != 0) {
    return -1;
  }
  return 0;
}

int message_read(struct message *message, struct proxy *proxy,
                 const struct flow *from, const char *text, size_t len) {
  memset(message, 0, sizeof *message);
  message->view.struct_size = sizeof message->view;
  message->via.struct_size = sizeof message->via;
  message->to.struct_size = sizeof message->to;
  message->proxy = proxy;
  message->from = *from;
  message->text = text;
  message->now_ms = net_now_ms();
  if (sipws_sip_parse(text, len, &message->view) != 0) {
    return -1;
  }
  /* RFC 3261 18.3: octets behind the body of a datagram go. Those of a
   * WebSocket message are gone already. */
  message->len = len - message->view.cut;
  /* Without a Via there is nowhere to send an answer. */
  if (sipws_via_at(text, len, 0, &message->via) != 0) {
    return -1;
  }
  (void)has_header(message, "Call-ID", &message->call_id);
  return message->view.is_request ? request_check(message)
                                  : response_check(message);
}

int message_is(const struct message *message, const char *method) {
  return span_is(message->text, &message->view.method, method);
}

int message_next_value(const struct message *message, const char *name,
                       sipws_span *at, sipws_span *value) {
  return sipws_sip_next_value(message->text, message->len, &message->view, name,
                              strlen(name), at, value);
}

int message_has_option(const struct message *message, const char *name,
                       const char *option) {
  return sipws_sip_has_value(message->text, message->len, &message->view, name,
                             strlen(name), option, strlen(option)) == 1;
}

int read_uri(const char *text, const sipws_span *span, sipws_uri *uri) {
  uri->struct_size = sizeof *uri;
  return sipws_uri_parse(text, span, uri) == 0 ? 0 : -1;
}

int proxy_serves(const struct proxy *proxy, const char *text,
                 const sipws_uri *uri) {
  int i;
  for (i = 0; i < proxy->domain_count; i++) {
    const char *domain = proxy->domains[i];
    if (sipws_span_is(text, &uri->host, domain, strlen(domain))) {
      return 1;
    }
  }
  return proxy->domain_count == 0;
}

/* ----------------------------------------------------------- answering -- */

const char *reason_of(int status) {
  static const struct {
    int status;
    const char *reason;
  } reasons[] = {
      {100, "Trying"},
      {200, "OK"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {416, "Unsupported URI Scheme"},
      {420, "Bad Extension"},
      {421, "Extension Required"},
      {430, "Flow Failed"},
      {439, "First Hop Lacks Outbound Support"},
      {480, "Temporarily Unavailable"},
      {483, "Too Many Hops"},
      {500, "Server Internal Error"},
      {503, "Service Unavailable"},
      {513, "Message Too Large"},
  };
  size_t i;
  for (i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    if (reasons[i].status == status) {
      return reasons[i].reason;
    }
  }
  return "";
}

/* RFC 3261 8.2.7: without state, the same request gets the same tag. */
static void reply_tag(const struct message *request, char tag[17]) {
  struct piece pieces[2];
  uint8_t hash[32];
  pieces[0].data = request->text + request->via.branch.off;
  pieces[0].len = request->via.branch.len;
  pieces[1].data = request->text + request->call_id.off;
  pieces[1].len = request->call_id.len;
  proxy_hash(request->proxy, "tag", pieces, 2, hash);
  write_hex(hash, 8, tag);
}

void message_reply(const struct message *request, int status,
                   const char *headers) {
  const char *reason = reason_of(status);
  char *text = request->proxy->text;
  char tag[17];
  size_t len;
  if (message_is(request, "ACK")) {
    return;
  }
  reply_tag(request, tag);
  /* One that cannot leave is lost: there is no other way to its sender. The
   * headers go in front of the empty line. */
  if (sipws_sip_respond(request->text, request->len, status, reason,
                        strlen(reason), tag, status == 100 ? 0 : strlen(tag),
                        text, PROXY_TEXT_SIZE, &len) == 0 &&
      sipws_replace(text, len, len - 2, 0, headers, strlen(headers), text,
                    PROXY_TEXT_SIZE, &len) == 0) {
    (void)flow_send(request->proxy, &request->from, text, len, request->now_ms);
  }
}

int message_lacks_option(const struct message *request, const char *name,
                         const char *const *known) {
  sipws_span at = {0, 0};
  char headers[300];
  struct writer writer = {headers, sizeof headers, 0};
  sipws_span value;
  while (message_next_value(request, name, &at, &value) == 0) {
    const char *const *option = known;
    while (*option != NULL &&
           !sipws_span_is(request->text, &value, *option, strlen(*option))) {
      option++;
    }
    if (*option == NULL) {
      write_format(&writer, "Unsupported: ");
      write_span(&writer, request->text, &value);
      write_format(&writer, "\r\n");
      message_reply(request, 420, writer_is_full(&writer) ? "" : headers);
      return 1;
    }
  }
  return 0;
}
