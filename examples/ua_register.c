#include "ua_register.h"

#include <stdio.h>

#include "ua.h"

/* Sends the REGISTER, for the first time or with credentials. */
static void register_send(struct ua_flow *flow, uint64_t now_ms) {
  struct ua *ua = flow->ua;
  size_t len;

  if (ua_request_write(&flow->request, &flow->sip, ua->out, sizeof(ua->out),
                       &len) != 0) {
    ua_flow_close(flow, UA_EXIT_USAGE, now_ms);
    return;
  }
  /* RFC 7118 section 5: a reliable transport, so nothing is sent again; only
   * the end of the transaction is timed (RFC 3261 section 17.1.2.2). */
  flow->answer_by_ms = now_ms + (uint64_t)ua->options.timeout_s * 1000;
  ua_flow_send(flow, ua->out, len, now_ms);
}

static void register_ask(struct ua_flow *flow, uint32_t expires_s,
                         uint64_t now_ms) {
  if (ua_request_begin(&flow->request, &flow->sip, "REGISTER",
                       flow->ua->who.aor, NULL, expires_s) != 0) {
    ua_flow_close(flow, UA_EXIT_CONNECTION, now_ms);
    return;
  }
  register_send(flow, now_ms);
}

void ua_register_begin(struct ua_flow *flow, uint64_t now_ms) {
  flow->refresh_at_ms = UINT64_MAX;
  register_ask(flow, flow->ua->options.expires_s, now_ms);
}

void ua_register_leave(struct ua_flow *flow, uint64_t now_ms) {
  int is_asking = flow->answer_by_ms != UINT64_MAX;

  if (flow->step == UA_FLOW_OPEN && (flow->is_registered || is_asking)) {
    flow->step = UA_FLOW_LEAVING;
    /* RFC 3261 section 10.2: no REGISTER before the final response to the one
     * before, which may register what is to be removed. */
    if (!is_asking) {
      register_ask(flow, 0, now_ms);
    }
  } else if (flow->step != UA_FLOW_LEAVING) {
    ua_flow_close(flow, UA_EXIT_OK, now_ms);
  }
}

void ua_register_tick(struct ua_flow *flow, uint64_t now_ms) {
  if (now_ms >= flow->answer_by_ms) {
    fprintf(stderr, "%s: no response to REGISTER\n", flow->name);
    ua_flow_fail(flow, UA_EXIT_TIMEOUT, now_ms);
  } else if (flow->step == UA_FLOW_OPEN && now_ms >= flow->refresh_at_ms) {
    ua_register_begin(flow, now_ms);
  }
}

/* ------------------------------------------------------------ responses -- */

/* RFC 5626 sections 4.2.1 and 4.4: what the registrar promises of this flow,
 * and how often it wants to hear us. */
static void register_keep_alive(struct ua_flow *flow, int has_outbound,
                                const char *msg, size_t len,
                                const sipws_sip_view *view, uint64_t now_ms) {
  uint32_t bound_ms = has_outbound ? SIPWS_FLOW_BOUND_MS : 0;
  uint32_t timer_s;

  if (sipws_sip_number(msg, len, view, "Flow-Timer", 10, &timer_s) == 0 &&
      timer_s > 0 && timer_s <= 86400) {
    bound_ms = timer_s * 1000;
  }
  if (bound_ms != 0) {
    (void)sipws_conn_set_keepalive(flow->conn, SIPWS_KEEPALIVE_CRLF, bound_ms,
                                   now_ms);
  }
  (void)sipws_conn_expect_crlf(flow->conn,
                               has_outbound ? SIPWS_POLICY_FAIL_ON_CRLF : 0);
}

/* The registration was taken. */
static void register_taken(struct ua_flow *flow, const char *msg, size_t len,
                           const sipws_sip_view *view, uint64_t now_ms) {
  const struct ua *ua = flow->ua;
  int has_outbound =
      sipws_sip_has_value(msg, len, view, "Require", 7, "outbound", 8);
  uint32_t granted_s =
      ua_request_granted(&flow->request, &flow->sip, msg, len, view);

  flow->is_registered = 1;
  /* At half the time, and never in a hot loop. */
  flow->refresh_at_ms = now_ms + 1000 + (uint64_t)granted_s * 500;
  printf("registered %s for %u s", ua->who.aor, (unsigned)granted_s);
  if (ua->flow_count > 1) {
    printf(" over flow %u, %s%s", (unsigned)flow->number, flow->server,
           has_outbound ? "" : ", which may replace others: no outbound");
  }
  printf("\n");
  register_keep_alive(flow, has_outbound, msg, len, view, now_ms);
}

/* 1 when asking again later may help. */
static int register_is_recoverable(uint32_t status) {
  return status == 408 || status == 430 || status == 480 ||
         (status >= 500 && status < 600);
}

/* 1 when the response is to a REGISTER from before we left, and there is a
 * registration to take back now. */
static int register_is_left(const struct ua_flow *flow, uint32_t status) {
  return flow->request.expires != 0 && (status < 300 || flow->is_registered);
}

static void register_finish(struct ua_flow *flow, const char *msg, size_t len,
                            const sipws_sip_view *view, uint64_t now_ms) {
  uint32_t retry_after_s = 0;

  flow->answer_by_ms = UINT64_MAX;
  printf("REGISTER %u ", (unsigned)view->status);
  ua_show("", msg + view->reason.off, view->reason.len);
  if (flow->step == UA_FLOW_LEAVING) {
    if (register_is_left(flow, view->status)) {
      register_ask(flow, 0, now_ms);
    } else {
      ua_flow_close(flow, UA_EXIT_OK, now_ms);
    }
  } else if (view->status < 300) {
    register_taken(flow, msg, len, view, now_ms);
  } else if (flow->ua->keeps_flows && register_is_recoverable(view->status)) {
    /* RFC 5626 section 4.2.2: no reason to give up the connection. */
    flow->failures++;
    (void)sipws_sip_number(msg, len, view, "Retry-After", 11, &retry_after_s);
    flow->refresh_at_ms = now_ms + ua_flow_delay(flow);
    if (flow->refresh_at_ms < now_ms + (uint64_t)retry_after_s * 1000) {
      flow->refresh_at_ms = now_ms + (uint64_t)retry_after_s * 1000;
    }
  } else {
    flow->is_registered = 0;
    ua_flow_close(flow, UA_EXIT_REFUSED, now_ms);
  }
}

int ua_register_response(struct ua_flow *flow, const char *msg, size_t len,
                         const sipws_sip_view *view, uint64_t now_ms) {
  if (flow->answer_by_ms == UINT64_MAX) {
    return 0;
  }
  switch (ua_request_match(&flow->request, &flow->sip, msg, len, view)) {
  case UA_STRANGER:
    return 0;
  case UA_CHALLENGED:
    register_send(flow, now_ms);
    break;
  case UA_FINAL:
    register_finish(flow, msg, len, view, now_ms);
    break;
  case UA_PROVISIONAL:
    break;
  }
  return 1;
}
