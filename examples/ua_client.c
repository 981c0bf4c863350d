#include "ua_client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "ua_dial.h"
#include "ua_register.h"

/* --------------------------------------------------------------- leaving */

/* Why a flow failed, of the first that did; or 0. */
static int client_flows_result(const struct ua *ua) {
  int result = UA_EXIT_OK;
  uint32_t i;

  for (i = 0; i < ua->flow_count && result == UA_EXIT_OK; i++) {
    result = ua->flows[i].result;
  }
  return result;
}

/* Ends with |result|: closes the flows, and with |unregister| takes back their
 * registrations first. What fails from here on counts, too. */
static void client_leave(struct ua *ua, int result, int unregister,
                         uint64_t now_ms) {
  uint32_t i;

  ua->is_leaving = 1;
  ua->result = result;
  ua->asked = NULL;
  for (i = 0; i < ua->flow_count; i++) {
    ua->flows[i].result = UA_EXIT_OK;
    if (unregister) {
      ua_register_leave(&ua->flows[i], now_ms);
    } else {
      ua_flow_close(&ua->flows[i], UA_EXIT_OK, now_ms);
    }
  }
}

int ua_client_is_done(const struct ua *ua, int *result) {
  uint32_t i;

  for (i = 0; i < ua->flow_count; i++) {
    if (ua->flows[i].step != UA_FLOW_OVER) {
      return 0;
    }
  }
  *result = ua->result != UA_EXIT_OK ? ua->result : client_flows_result(ua);
  return 1;
}

/* --------------------------------------------------------------- commands */

static int flow_is_usable(const struct ua_flow *flow) {
  return flow->step == UA_FLOW_OPEN &&
         (flow->is_registered || flow->ua->options.command == UA_OPTIONS);
}

static struct ua_flow *client_usable_flow(struct ua *ua) {
  uint32_t i;

  for (i = 0; i < ua->flow_count; i++) {
    if (flow_is_usable(&ua->flows[i])) {
      return &ua->flows[i];
    }
  }
  return NULL;
}

/* When each flow is registered or failed. */
static void client_tick_register(struct ua *ua, uint64_t now_ms) {
  uint32_t i;

  for (i = 0; i < ua->flow_count; i++) {
    if (!flow_is_usable(&ua->flows[i]) && ua->flows[i].step < UA_FLOW_CLOSING) {
      return;
    }
  }
  client_leave(ua, client_flows_result(ua), 0, now_ms);
}

/* Sends the request over ua->asked, for the first time, with credentials, or
 * because another flow was lost. */
static void client_send(struct ua *ua, uint64_t now_ms) {
  size_t len;

  if (ua_request_write(&ua->request, &ua->asked->sip, ua->out, sizeof(ua->out),
                       &len) != 0) {
    client_leave(ua, UA_EXIT_USAGE, 1, now_ms);
    return;
  }
  ua->answer_by_ms = now_ms + (uint64_t)ua->options.timeout_s * 1000;
  ua_flow_send(ua->asked, ua->out, len, now_ms);
}

/* OPTIONS or MESSAGE goes over the first flow that stands. When that is lost
 * before the response came, which is as if 503 came (RFC 3261 section 8.1.3.1),
 * it goes over another (RFC 3263 section 4.3). */
static void client_tick_ask(struct ua *ua, uint64_t now_ms) {
  if (ua->asked != NULL && flow_is_usable(ua->asked)) {
    if (now_ms >= ua->answer_by_ms) {
      fprintf(stderr, "ua: no response to %s\n", ua->request.method);
      client_leave(ua, UA_EXIT_TIMEOUT, 1, now_ms);
    }
    return;
  }
  ua->asked = client_usable_flow(ua);
  if (ua->asked != NULL) {
    client_send(ua, now_ms);
  }
}

/* The final response to it. */
static void client_finish(struct ua *ua, const char *msg,
                          const sipws_sip_view *view, uint64_t now_ms) {
  printf("%s %u ", ua->request.method, (unsigned)view->status);
  ua_show("", msg + view->reason.off, view->reason.len);
  client_leave(ua, view->status < 300 ? UA_EXIT_OK : UA_EXIT_REFUSED, 1,
               now_ms);
}

static void client_tick_listen(struct ua *ua, int interrupted,
                               uint64_t now_ms) {
  const struct ua_options *options = &ua->options;
  int is_registered = client_usable_flow(ua) != NULL;

  /* The time to listen begins when there is, or was, something to hear. */
  if (ua->listen_until_ms == UINT64_MAX && options->listen_s > 0 &&
      (is_registered || client_flows_result(ua) != UA_EXIT_OK)) {
    ua->listen_until_ms = now_ms + (uint64_t)options->listen_s * 1000;
  }
  if (interrupted || now_ms >= ua->listen_until_ms ||
      (options->listen_count > 0 && ua->messages >= options->listen_count)) {
    client_leave(ua,
                 is_registered && ua->messages >= options->listen_count
                     ? UA_EXIT_OK
                     : UA_EXIT_TIMEOUT,
                 1, now_ms);
  }
}

void ua_client_tick(struct ua *ua, int interrupted, uint64_t now_ms) {
  uint32_t i;

  for (i = 0; i < ua->flow_count; i++) {
    ua_register_tick(&ua->flows[i], now_ms);
    ua_dial_tick(&ua->flows[i], now_ms);
  }
  if (ua->is_leaving) {
    return;
  }
  if (ua->options.command == UA_LISTEN) {
    client_tick_listen(ua, interrupted, now_ms);
  } else if (ua->options.command == UA_REGISTER) {
    client_tick_register(ua, now_ms);
  } else {
    client_tick_ask(ua, now_ms);
  }
}

/* --------------------------------------------------------------- messages */

/* Shows the body of a MESSAGE, and from whom it is. */
static void client_show_message(const char *msg, size_t len,
                                const sipws_sip_view *view) {
  sipws_name_addr from;
  sipws_span value;

  from.struct_size = sizeof(from);
  if (sipws_sip_header(msg, len, view, "From", 4, 0, &value) != 0 ||
      sipws_name_addr_parse(msg, &value, &from) != 0) {
    return;
  }
  printf("message from ");
  ua_show("", msg + from.uri.off, from.uri.len);
  ua_show("  ", msg + view->body.off, view->body.len);
}

static void client_answer(struct ua_flow *flow, const char *msg, size_t len,
                          const sipws_sip_view *view, uint64_t now_ms) {
  struct ua *ua = flow->ua;
  size_t out_len;
  int status = ua_answer_write(&flow->sip, msg, len, view, ua->out,
                               sizeof(ua->out), &out_len);

  if (status == 0) {
    return;
  }
  ua_flow_send(flow, ua->out, out_len, now_ms);
  if (status == 200 && ua_is(msg, &view->method, "MESSAGE")) {
    ua->messages++;
    client_show_message(msg, len, view);
  }
}

static void client_response(struct ua_flow *flow, const char *msg, size_t len,
                            const sipws_sip_view *view, uint64_t now_ms) {
  struct ua *ua = flow->ua;

  if (ua_register_response(flow, msg, len, view, now_ms) || ua->asked != flow) {
    return;
  }
  switch (ua_request_match(&ua->request, &flow->sip, msg, len, view)) {
  case UA_CHALLENGED:
    client_send(ua, now_ms);
    break;
  case UA_FINAL:
    client_finish(ua, msg, view, now_ms);
    break;
  default: /* drop it, or wait on */
    break;
  }
}

/* -------------------------------------------------------------- callbacks */

static void on_open(sipws_conn *conn, void *user) {
  struct ua_flow *flow = user;

  ua_flow_on_open(conn, flow);
  if (flow->ua->options.command != UA_OPTIONS) {
    ua_register_begin(flow, net_now_ms());
  }
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct ua_flow *flow = user;
  sipws_sip_view view;

  (void)conn;
  (void)kind;
  view.struct_size = sizeof(view);
  if (verdict == SIPWS_SIP_NOT_SIP || sipws_sip_parse(msg, len, &view) != 0) {
    return 0;
  }
  if (view.is_request) {
    client_answer(flow, msg, len, &view, net_now_ms());
  } else if (verdict == SIPWS_SIP_OK || verdict == SIPWS_SIP_CUT) {
    /* RFC 3261 section 18.3: a response whose body is not all there is
     * dropped. */
    client_response(flow, msg, len, &view, net_now_ms());
  }
  return 0;
}

/* The request of the command, if it is one of requests. */
static int client_init_request(struct ua *ua) {
  const struct ua_options *options = &ua->options;

  if (options->command != UA_OPTIONS && options->command != UA_MESSAGE) {
    return 0;
  }
  return ua_request_begin(&ua->request, &ua->flows[0].sip,
                          options->command == UA_OPTIONS ? "OPTIONS"
                                                         : "MESSAGE",
                          options->target, options->text, 0);
}

int ua_client_init(struct ua *ua) {
  const struct ua_options *options = &ua->options;
  uint32_t i;

  ua->flow_count = options->server_count > 0 ? options->server_count : 1;
  ua->keeps_flows = options->command == UA_LISTEN && ua->flow_count > 1;
  ua->listen_until_ms = UINT64_MAX;
  ua->trace.level = options->trace;
  ua->trace.color = isatty(STDOUT_FILENO);
  ua->trace.has_flows = ua->flow_count > 1;
  (void)sipws_config_set_trace(ua->config, ua_trace, &ua->trace);
  (void)sipws_config_on_open(ua->config, on_open);
  (void)sipws_config_on_refused(ua->config, ua_dial_on_refused);
  (void)sipws_config_on_message(ua->config, on_message);
  (void)sipws_config_on_keepalive(ua->config, ua_flow_on_keepalive);
  if (ua_identity_init(&ua->who, options->aor, options->username,
                       options->password, options->state) != 0) {
    return -1;
  }
  for (i = 0; i < ua->flow_count; i++) {
    if (ua_flow_init(&ua->flows[i], ua, i + 1, options->servers[i]) != 0) {
      return -1;
    }
  }
  return client_init_request(ua);
}
