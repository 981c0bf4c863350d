#include "proxy_draft.h"

#include <stdio.h>
#include <string.h>

enum { DRAFT_HOPS = 70 /* RFC 3261 16.6 step 3 */ };

/* Ends every edit: |error| is its result. */
static int draft_edited(struct draft *draft, int error) {
  draft->view.struct_size = sizeof draft->view;
  return error != 0 ? error
                    : sipws_sip_parse(draft->text, draft->len, &draft->view);
}

int draft_begin(struct draft *draft, const struct message *message) {
  draft->text = message->proxy->text;
  draft->len = message->len;
  if (message->len > PROXY_TEXT_SIZE) {
    return SIPWS_ERR_TOO_BIG;
  }
  memcpy(draft->text, message->text, message->len);
  return draft_edited(draft, 0);
}

int draft_set_uri(struct draft *draft, const char *uri) {
  return draft_edited(
      draft, sipws_replace(draft->text, draft->len, draft->view.uri.off,
                           draft->view.uri.len, uri, strlen(uri), draft->text,
                           PROXY_TEXT_SIZE, &draft->len));
}

int draft_prepend(struct draft *draft, const char *name, const char *value) {
  return draft_edited(draft, sipws_sip_prepend_header(
                                 draft->text, draft->len, name, strlen(name),
                                 value, strlen(value), draft->text,
                                 PROXY_TEXT_SIZE, &draft->len));
}

int draft_prepend_route(struct draft *draft, const struct proxy *proxy,
                        const char *name, const struct flow *flow,
                        int transport, int ob) {
  const struct proxy_name *ours =
      transport == SIPWS_TRANSPORT_UDP ? &proxy->udp : &proxy->ws;
  int is_sips = sipws_sip_is_sips(draft->text, draft->len, &draft->view);
  char token[FLOW_TOKEN_MAX + 1];
  char value[512];
  size_t len = 0;
  int error = flow_make(proxy, proxy->route_key, flow, token);
  if (error == 0) {
    error = sipws_route_build(is_sips ? SIPWS_SCHEME_SIPS : SIPWS_SCHEME_SIP,
                              token, strlen(token), ours->host,
                              strlen(ours->host), ours->port, transport, ob,
                              value, sizeof value - 1, &len);
  }
  if (error != 0) {
    return error;
  }
  value[len] = '\0';
  return draft_prepend(draft, name, value);
}

int draft_remove_top(struct draft *draft, const char *name) {
  return draft_edited(
      draft, sipws_sip_remove_top(draft->text, draft->len, name, strlen(name),
                                  draft->text, PROXY_TEXT_SIZE, &draft->len));
}

int draft_top_route(const struct draft *draft, sipws_uri *uri) {
  sipws_span value;
  sipws_name_addr addr;
  int error = sipws_sip_value_at(draft->text, draft->len, &draft->view, "Route",
                                 5, 0, &value);
  addr.struct_size = sizeof addr;
  uri->struct_size = sizeof *uri;
  if (error == 0) {
    error = sipws_name_addr_parse(draft->text, &value, &addr);
  }
  return error == 0 ? sipws_uri_parse(draft->text, &addr.uri, uri) : error;
}

int draft_count_hop(struct draft *draft) {
  uint32_t hops = DRAFT_HOPS + 1;
  char value[12];
  int error = sipws_sip_number(draft->text, draft->len, &draft->view,
                               "Max-Forwards", 12, &hops);
  if (error != 0 && error != SIPWS_ERR_NOT_FOUND) {
    return 400;
  }
  if (hops == 0) {
    return 483;
  }
  hops = hops > 255 ? 255 : hops; /* RFC 3261 20.22 */
  snprintf(value, sizeof value, "%u", (unsigned)(hops - 1));
  return draft_edited(draft, sipws_sip_set_header(
                                 draft->text, draft->len, "Max-Forwards", 12,
                                 value, strlen(value), draft->text,
                                 PROXY_TEXT_SIZE, &draft->len)) == 0
             ? 0
             : 513;
}

int draft_send(const struct draft *draft, const struct proxy *proxy,
               const struct flow *to, uint64_t now_ms) {
  /* RFC 7118 9.2: sips needs wss on every hop. */
  if (flow_is_udp(to) &&
      sipws_sip_is_sips(draft->text, draft->len, &draft->view)) {
    return 416;
  }
  switch (flow_send(proxy, to, draft->text, draft->len, now_ms)) {
  case 0:
    return 0;
  case SIPWS_ERR_TOO_BIG:
    return 513;
  case SIPWS_ERR_SIPS:
    return 416;
  case SIPWS_ERR_QUEUE_FULL:
    return 503;
  default:
    return 480;
  }
}
