#include "proxy_relay.h"

#include <stdio.h>
#include <string.h>

#include "proxy_bindings.h"
#include "proxy_draft.h"
#include "proxy_flow.h"

/* ----------------------------------------------------------------- Via -- */

/* Our Via on a message between two connections. Its parameter flow names the
 * one to answer on. Its branch binds that to the request, known by the Via
 * below, Call-ID and CSeq number, and to both connections: ACK and CANCEL get
 * the branch of their INVITE (RFC 3261 16.11), and a response with the right
 * branch can only come from where the request went. */
static int relay_via(const struct message *message, const sipws_via *below,
                     const struct net_peer *caller,
                     const struct net_peer *callee, char *out, size_t out_size,
                     size_t *out_len) {
  const struct proxy *proxy = message->proxy;
  uint64_t ids[2];
  struct piece pieces[5];
  uint8_t hash[32];
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  char params[SIPWS_FLOW_TOKEN_LEN + 8];
  int error = flow_make(proxy->via_key, caller, token);
  if (error != 0) {
    return error;
  }
  ids[0] = sipws_conn_id(caller->conn);
  ids[1] = sipws_conn_id(callee->conn);
  pieces[0].data = message->text + below->branch.off;
  pieces[0].len = below->branch.len;
  pieces[1].data = message->text + below->host.off;
  pieces[1].len = below->host.len;
  pieces[2].data = message->text + message->call_id.off;
  pieces[2].len = message->call_id.len;
  pieces[3].data = &message->cseq;
  pieces[3].len = sizeof message->cseq;
  pieces[4].data = ids;
  pieces[4].len = sizeof ids;
  proxy_hash(proxy, "branch", pieces, 5, hash);
  snprintf(params, sizeof params, ";flow=%s", token);
  return sipws_via_build(sipws_conn_is_secure(callee->conn), proxy->name,
                         strlen(proxy->name), hash, params, strlen(params), out,
                         out_size, out_len);
}

/* ------------------------------------------------------------- request -- */

/* RFC 3261 16.4, RFC 5626 5.3.1: takes off the Route values that are ours, one
 * for each of the two flows. The last one names the connection to take; the one
 * above only led here, so it may be dead: its client is back on another. One
 * alone that names where the request came from leads nowhere. |to| stays NULL
 * if the Request-URI decides. 0, or the status to answer. */
static int request_pop_routes(const struct message *request,
                              struct draft *draft, struct net_peer **to) {
  const struct proxy *proxy = request->proxy;
  struct net_peer *flow = NULL;
  sipws_uri uri;
  int tokens = 0;
  int routes;
  int error;
  for (routes = 0; routes < 2; routes++) {
    error = draft_top_route(draft, &uri);
    if (error == SIPWS_ERR_NOT_FOUND) {
      break;
    }
    if (error != 0) {
      return 400;
    }
    if (!sipws_span_is(draft->text, &uri.host, proxy->host,
                       strlen(proxy->host)) &&
        !proxy_serves(proxy, draft->text, &uri)) {
      break;
    }
    if (uri.user.len != 0) {
      flow = NULL;
      tokens++;
      if (flow_find(proxy, proxy->route_key, draft->text, &uri.user, &flow) ==
          SIPWS_ERR_TAMPERED) {
        return 403;
      }
    }
    if (draft_remove_top(draft, "Route") != 0) {
      return 400;
    }
  }
  if (tokens != 0 && flow == NULL) {
    return 430;
  }
  *to = tokens == 1 && flow == request->from ? NULL : flow;
  return 0;
}

/* 1 when From is who registered on this connection (RFC 7118 A.2); asked where
 * REGISTER is authenticated. */
static int request_is_honest(const struct message *request) {
  sipws_span value;
  sipws_addr from;
  sipws_uri uri;
  from.struct_size = sizeof from;
  return request->proxy->users == NULL ||
         (sipws_sip_header(request->text, request->len, &request->view, "From",
                           4, 0, &value) == 0 &&
          sipws_addr_parse(request->text, &value, &from) == 0 &&
          read_uri(request->text, &from.uri, &uri) == 0 &&
          bindings_has(request->proxy, request->text, &uri, request->from,
                       request->now_ms));
}

/* Finds by the Request-URI where to go, and rewrites it. 0, or the status to
 * answer. */
static int request_locate(const struct message *request, struct draft *draft,
                          struct net_peer **to) {
  const struct binding *binding = NULL;
  sipws_uri route;
  sipws_uri uri;
  int status;
  if (read_uri(draft->text, &draft->view.uri, &uri) != 0) {
    return 400;
  }
  if (uri.scheme == SIPWS_SCHEME_OTHER) {
    return 416;
  }
  if (draft_top_route(draft, &route) != SIPWS_ERR_NOT_FOUND ||
      !request_is_honest(request)) {
    return 403; /* to somebody else's proxy, or in somebody else's name */
  }
  if (!proxy_serves(request->proxy, draft->text, &uri)) {
    return 404;
  }
  status = bindings_find(request->proxy, draft->text, &uri, request->now_ms,
                         &binding, to);
  if (status != 0) {
    return status;
  }
  if (uri.scheme == SIPWS_SCHEME_SIPS &&
      binding->contact_uri.scheme != SIPWS_SCHEME_SIPS) {
    return 480; /* RFC 5630 5.3: never downgraded */
  }
  if (draft_set_uri(draft, binding->contact) != 0 ||
      (binding->path[0] != '\0' &&
       draft_prepend(draft, "Route", binding->path) != 0)) {
    return 500;
  }
  return 0;
}

static int request_record_route(const struct message *request,
                                struct draft *draft,
                                const struct net_peer *flow) {
  char token[SIPWS_FLOW_TOKEN_LEN + 1];
  char value[400];
  int error = flow_make(request->proxy->route_key, flow, token);
  if (error != 0) {
    return error;
  }
  snprintf(value, sizeof value, "<sip:%s@%s;transport=ws;lr>", token,
           request->proxy->name);
  return draft_prepend(draft, "Record-Route", value);
}

/* Stays in the way of what makes a dialog, and writes our Via. Neither received
 * nor rport is added (RFC 7118 5.3). 0, or the status to answer. */
static int request_sign(const struct message *request, struct draft *draft,
                        const struct net_peer *to) {
  char via[512];
  size_t via_len;
  int makes_dialog = message_is(request, "INVITE") ||
                     message_is(request, "SUBSCRIBE") ||
                     message_is(request, "REFER");
  /* RFC 7118 8.2: one for each side; the upper one is the callee's. */
  if (makes_dialog &&
      (request_record_route(request, draft, request->from) != 0 ||
       request_record_route(request, draft, to) != 0)) {
    return 513;
  }
  if (relay_via(request, &request->via, request->from, to, via, sizeof via,
                &via_len) != 0) {
    return 500;
  }
  return sipws_via_prepend(draft->text, draft->len, via, via_len, draft->text,
                           PROXY_TEXT_SIZE, &draft->len) == 0
             ? 0
             : 513;
}

static int request_is_for_us(const struct message *request,
                             const struct draft *draft) {
  sipws_uri uri;
  return message_is(request, "OPTIONS") &&
         read_uri(draft->text, &draft->view.uri, &uri) == 0 &&
         uri.user.len == 0 && proxy_serves(request->proxy, draft->text, &uri);
}

void relay_request(const struct message *request) {
  static const char *const known[] = {NULL};
  struct draft draft;
  struct net_peer *to = NULL;
  int status;
  if (message_lacks_option(request, "Proxy-Require", known)) {
    return;
  }
  status = draft_begin(&draft, request) == 0 ? 0 : 513;
  if (status == 0) {
    status = request_pop_routes(request, &draft, &to);
  }
  if (status == 0 && to == NULL && request_is_for_us(request, &draft)) {
    message_reply(request, 200,
                  "Allow: REGISTER, OPTIONS\r\nSupported: path, outbound\r\n");
    return;
  }
  if (status == 0) {
    status = draft_count_hop(&draft);
  }
  if (status == 0 && to == NULL) {
    status = request_locate(request, &draft, &to);
  }
  if (status == 0) {
    status = request_sign(request, &draft, to);
  }
  if (status == 0) {
    status = draft_send(&draft, to, request->now_ms);
  }
  if (status != 0) {
    message_reply(request, status, "");
  } else if (message_is(request, "INVITE")) {
    /* Over a reliable transport nobody repeats an INVITE, so saying that it
     * was passed on keeps no state and spares the caller's timer. */
    message_reply(request, 100, "");
  }
  proxy_log(request->proxy, "%.*s %.*s: %s", (int)request->view.method.len,
            request->text + request->view.method.off,
            (int)request->view.uri.len, request->text + request->view.uri.off,
            status == 0 ? "relayed" : reason_of(status));
}

/* ------------------------------------------------------------ response -- */

/* The connection that the response goes to, if its top Via is one that we wrote
 * for exactly this request and sent to exactly this peer; else NULL. */
static struct net_peer *response_target(const struct message *response) {
  const struct proxy *proxy = response->proxy;
  struct net_peer *to;
  sipws_via below;
  sipws_via ours;
  sipws_span token;
  sipws_span whole = {0, 0};
  char via[512];
  size_t via_len;
  below.struct_size = sizeof below;
  ours.struct_size = sizeof ours;
  if (sipws_param(response->text, &response->via.params, "flow", 4, &token) !=
          0 ||
      flow_find(proxy, proxy->via_key, response->text, &token, &to) != 0 ||
      sipws_via_at(response->text, response->len, 1, &below) != 0 ||
      relay_via(response, &below, to, response->from, via, sizeof via,
                &via_len) != 0) {
    return NULL;
  }
  whole.len = (uint32_t)via_len;
  if (sipws_via_parse(via, &whole, &ours) != 0 ||
      ours.branch.len != response->via.branch.len ||
      memcmp(via + ours.branch.off, response->text + response->via.branch.off,
             ours.branch.len) != 0) {
    return NULL;
  }
  return to;
}

/* RFC 3261 16.11, 18.2.2; RFC 7118 5.3: back on the connection that the request
 * came on or not at all. */
void relay_response(const struct message *response) {
  struct draft draft;
  struct net_peer *to;
  if (response->view.status == 100) {
    return; /* for this hop alone, which had its own (RFC 3261 16.7 step 5) */
  }
  to = response_target(response);
  if (to == NULL || draft_begin(&draft, response) != 0 ||
      sipws_via_remove(draft.text, draft.len, draft.text, PROXY_TEXT_SIZE,
                       &draft.len) != 0) {
    return;
  }
  (void)draft_send(&draft, to, response->now_ms);
}
