#include "proxy_relay.h"

#include <stdio.h>
#include <string.h>

#include "proxy_bindings.h"
#include "proxy_edge.h"

/* ----------------------------------------------------------------- Via -- */

/* A Via of ours for the side that |transport| is. */
static int via_build(const struct proxy *proxy, int transport,
                     const uint8_t *seed, const char *params, char *out,
                     size_t out_size, size_t *out_len) {
  struct writer writer = {out, out_size, 0};
  char branch[33];
  if (transport != SIPWS_TRANSPORT_UDP) {
    return sipws_via_build(transport == SIPWS_TRANSPORT_WSS, proxy->ws.text,
                           strlen(proxy->ws.text), seed, params, strlen(params),
                           out, out_size, out_len);
  }
  write_hex(seed, 16, branch);
  write_format(&writer, "SIP/2.0/UDP %s;branch=z9hG4bK%s%s", proxy->udp.text,
               branch, params);
  *out_len = writer.len;
  return writer_is_full(&writer) ? SIPWS_ERR_BUFFER : 0;
}

/* Our Via on a message between two flows. Its parameter flow names the one to
 * answer on: a connection, or the address that the Via below tells (RFC 3261
 * 18.2.2). Its branch binds that to the request, known by the Via below,
 * Call-ID and CSeq number, and to both flows: ACK and CANCEL get the branch of
 * their INVITE (RFC 3261 16.11), and a response with the right branch can only
 * come from where the request went. Not so over UDP: answers may come from any
 * port there, but only from somebody who has seen the branch. */
static int relay_via(const struct message *message, const sipws_via *below,
                     const struct flow *caller, const struct flow *callee,
                     char *out, size_t out_size, size_t *out_len) {
  const struct proxy *proxy = message->proxy;
  uint64_t ids[2];
  struct piece pieces[5];
  uint8_t hash[32];
  char token[FLOW_TOKEN_MAX + 1];
  char params[FLOW_TOKEN_MAX + 8];
  int error = flow_make(proxy, proxy->via_key, caller, token);
  if (error != 0) {
    return error;
  }
  ids[0] = caller->id;
  ids[1] = flow_is_udp(callee) ? 0 : callee->id;
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
  return via_build(proxy, flow_transport(proxy, callee), hash, params, out,
                   out_size, out_len);
}

/* ------------------------------------------------------------- request -- */

/* 1 when |uri| names this proxy (RFC 3261 16.4). */
static int route_is_ours(const struct proxy *proxy, const char *text,
                         const sipws_uri *uri) {
  return sipws_uri_is_host(text, uri, proxy->ws.host, strlen(proxy->ws.host),
                           0) ||
         sipws_uri_is_host(text, uri, proxy->udp.host, strlen(proxy->udp.host),
                           0) ||
         proxy_serves(proxy, text, uri);
}

/* RFC 3261 16.4, RFC 5626 5.3.1: takes off the Route values that are ours, one
 * for each of the two flows. The last one names the flow to take; the one above
 * only led here, so it may be dead: its client is back on another. One alone
 * that names where the request came from leads nowhere. |found| becomes 0 if
 * the Request-URI decides. 0, or the status to answer. */
static int request_pop_routes(const struct message *request,
                              struct draft *draft, struct flow *to,
                              int *found) {
  const struct proxy *proxy = request->proxy;
  sipws_uri uri;
  int tokens = 0;
  int routes;
  int error = 0;
  for (routes = 0; routes < 2; routes++) {
    int syntax = draft_top_route(draft, &uri);
    if (syntax == SIPWS_ERR_NOT_FOUND) {
      break;
    }
    if (syntax != 0) {
      return 400;
    }
    if (!route_is_ours(proxy, draft->text, &uri)) {
      break;
    }
    if (uri.user.len != 0) {
      tokens++;
      error = flow_find(proxy, proxy->route_key, draft->text, &uri.user, to);
      if (error == SIPWS_ERR_TAMPERED) {
        return 403;
      }
    }
    if (draft_remove_top(draft, "Route") != 0) {
      return 400;
    }
  }
  if (error != 0) {
    return 430;
  }
  *found = tokens == 2 || (tokens == 1 && to->id != request->from.id);
  return 0;
}

/* 1 when From is who registered from this flow (RFC 7118 A.2); asked where
 * REGISTER is authenticated. Within a dialog the other end knows both. */
static int request_is_honest(const struct message *request, int has_flow) {
  sipws_span value;
  sipws_name_addr from;
  sipws_uri uri;
  from.struct_size = sizeof from;
  return request->proxy->users == NULL ||
         (has_flow && sipws_param(request->text, &request->to.params, "tag", 3,
                                  &value) == 0) ||
         (sipws_sip_header(request->text, request->len, &request->view, "From",
                           4, 0, &value) == 0 &&
          sipws_name_addr_parse(request->text, &value, &from) == 0 &&
          read_uri(request->text, &from.uri, &uri) == 0 &&
          bindings_has(request->proxy, request->text, &uri, &request->from,
                       request->now_ms));
}

/* Finds by the Request-URI where to go, and rewrites it. 0, or the status to
 * answer. */
static int request_locate(const struct message *request, struct draft *draft,
                          struct flow *to) {
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
  if (draft_top_route(draft, &route) != SIPWS_ERR_NOT_FOUND) {
    return 403; /* to somebody else's proxy */
  }
  if (!proxy_serves(request->proxy, draft->text, &uri)) {
    return 404;
  }
  status = bindings_find(request->proxy, draft->text, &uri, request->now_ms,
                         &binding);
  if (status != 0) {
    return status;
  }
  *to = binding->flow;
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
                                struct draft *draft, const struct flow *flow) {
  const struct proxy *proxy = request->proxy;
  return draft_prepend_route(draft, proxy, "Record-Route", flow,
                             flow_transport(proxy, flow), 0);
}

/* Stays in the way of what makes a dialog, and writes our Via. What came over
 * WebSocket gets neither received nor rport (RFC 7118 5.3). 0, or the status to
 * answer. */
static int request_sign(const struct message *request, struct draft *draft,
                        const struct flow *to) {
  char via[512];
  size_t via_len = 0;
  int makes_dialog = message_is(request, "INVITE") ||
                     message_is(request, "SUBSCRIBE") ||
                     message_is(request, "REFER");
  /* RFC 5658 5: one for each side; the upper one is the callee's. */
  if (makes_dialog &&
      (request_record_route(request, draft, &request->from) != 0 ||
       request_record_route(request, draft, to) != 0)) {
    return 513;
  }
  if (relay_via(request, &request->via, &request->from, to, via, sizeof via - 1,
                &via_len) != 0) {
    return 500;
  }
  via[via_len] = '\0';
  return draft_prepend(draft, "Via", via) == 0 ? 0 : 513;
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
  struct flow to;
  int found = 0;
  int status;
  if (message_lacks_option(request, "Proxy-Require", known)) {
    return;
  }
  status = draft_begin(&draft, request) == 0 ? 0 : 513;
  if (status == 0) {
    status = request_pop_routes(request, &draft, &to, &found);
  }
  if (status == 0 && !found && request_is_for_us(request, &draft)) {
    message_reply(request, 200,
                  "Allow: REGISTER, OPTIONS\r\nSupported: path, outbound\r\n");
    return;
  }
  if (status == 0 && !request_is_honest(request, found)) {
    status = 403;
  }
  if (status == 0) {
    status = draft_count_hop(&draft);
  }
  if (status == 0 && !found) {
    status = edge_is(request->proxy) ? edge_locate(request, &draft, &to)
                                     : request_locate(request, &draft, &to);
  }
  if (status == 0) {
    status = request_sign(request, &draft, &to);
  }
  if (status == 0) {
    status = draft_send(&draft, request->proxy, &to, request->now_ms);
  }
  if (status != 0) {
    message_reply(request, status, status == 421 ? "Require: path\r\n" : "");
  } else if (message_is(request, "INVITE") && !flow_is_udp(&request->from)) {
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

/* Finds the flow that the response goes to, if its top Via is one that we wrote
 * for exactly this request and sent to exactly this peer. 0, or -1. */
static int response_target(const struct message *response, struct flow *to) {
  const struct proxy *proxy = response->proxy;
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
      flow_find(proxy, proxy->via_key, response->text, &token, to) != 0 ||
      sipws_via_at(response->text, response->len, 1, &below) != 0 ||
      relay_via(response, &below, to, &response->from, via, sizeof via,
                &via_len) != 0) {
    return -1;
  }
  whole.len = (uint32_t)via_len;
  if (sipws_via_parse(via, &whole, &ours) != 0 ||
      ours.branch.len != response->via.branch.len ||
      memcmp(via + ours.branch.off, response->text + response->via.branch.off,
             ours.branch.len) != 0) {
    return -1;
  }
  return 0;
}

/* RFC 3261 16.11, 18.2.2; RFC 7118 5.3: back on the connection that the request
 * came on or not at all. */
void relay_response(const struct message *response) {
  struct draft draft;
  struct flow to;
  if (response_target(response, &to) != 0 ||
      draft_begin(&draft, response) != 0 ||
      draft_remove_top(&draft, "Via") != 0) {
    return;
  }
  /* Who called over WebSocket had a 100 of ours. */
  if (response->view.status != 100 || flow_is_udp(&to)) {
    (void)draft_send(&draft, response->proxy, &to, response->now_ms);
  }
}
