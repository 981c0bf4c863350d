#include "proxy_edge.h"

int edge_set(struct proxy *proxy, const char *where) {
  return net_find(where, &proxy->registrar);
}

int edge_is(const struct proxy *proxy) {
  return proxy->registrar.len != 0;
}

/* RFC 5626 5.1: the flow's token, and ob from the first hop alone; not where
 * the flow is UDP, which nobody here keeps by STUN. */
static int edge_add_path(const struct message *request, struct draft *draft) {
  uint32_t vias = 0;
  int ob;
  if (sipws_via_count(request->text, request->len, &vias) != 0) {
    return 400;
  }
  ob = vias == 1 && !flow_is_udp(&request->from);
  return draft_prepend_route(draft, request->proxy, "Path", &request->from,
                             SIPWS_TRANSPORT_UDP, ob) == 0
             ? 0
             : 513;
}

int edge_locate(const struct message *request, struct draft *draft,
                struct flow *to) {
  flow_of_udp(request->proxy, &request->proxy->registrar, to);
  if (to->id == request->from.id) {
    return 404; /* the registrar knows no flow either */
  }
  if (!message_is(request, "REGISTER")) {
    return 0;
  }
  /* RFC 3327 5.2: without Path nobody would find the client. */
  return message_has_option(request, "Supported", "path")
             ? edge_add_path(request, draft)
             : 421;
}
