#include "ua_flow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "ua.h"
#include <sipws/front.h>

enum {
  FLOW_RECONNECT_MS = 5000, /* RFC 6455 section 7.2.3 */
  FLOW_SCRATCH = 16384
};

int ua_flow_init(struct ua_flow *flow, struct ua *ua, uint32_t number,
                 const char *server) {
  memset(flow, 0, sizeof(*flow));
  flow->ua = ua;
  flow->number = number;
  flow->server = server;
  flow->fd = -1;
  flow->answer_by_ms = UINT64_MAX;
  flow->refresh_at_ms = UINT64_MAX;
  snprintf(flow->name, sizeof(flow->name),
           ua->flow_count > 1 ? "ua: flow %u" : "ua", (unsigned)number);
  return ua_sip_init(&flow->sip, &ua->who, number);
}

/* -------------------------------------------------------------- failures */

/* 1 when none of the flows is registered (RFC 5626 section 4.5). */
static int flow_all_failed(const struct ua *ua) {
  uint32_t i = 0;

  while (i < ua->flow_count && !ua->flows[i].is_registered) {
    i++;
  }
  return i == ua->flow_count;
}

static uint32_t flow_base_ms(const struct ua_flow *flow) {
  uint32_t retry_s = flow->ua->options.retry_s;

  if (retry_s != 0) {
    return retry_s < SIPWS_FLOW_MAX_MS / 1000 ? retry_s * 1000
                                              : SIPWS_FLOW_MAX_MS;
  }
  return flow_all_failed(flow->ua) ? SIPWS_FLOW_BASE_ALL_MS
                                   : SIPWS_FLOW_BASE_MS;
}

uint32_t ua_flow_delay(const struct ua_flow *flow) {
  uint32_t random = 0;
  uint32_t base_ms = flow_base_ms(flow);

  (void)sipws_os_random((uint8_t *)&random, sizeof(random), NULL);
  /* RFC 5626 section 4.5 has no delay where a flow was lost that worked; RFC
   * 6455 section 7.2.3 has a short one, so that not all come back at once. */
  return flow->failures == 0
             ? sipws_backoff_ms(1, FLOW_RECONNECT_MS, base_ms, random)
             : sipws_flow_retry_ms(flow->failures, base_ms, SIPWS_FLOW_MAX_MS,
                                   random);
}

void ua_flow_drop(struct ua_flow *flow) {
  sipws_conn_free(flow->conn);
  flow->conn = NULL;
  if (flow->fd >= 0) {
    close(flow->fd);
  }
  flow->fd = -1;
  flow->is_registered = 0;
  flow->answer_by_ms = UINT64_MAX;
}

void ua_flow_fail(struct ua_flow *flow, int result, uint64_t now_ms) {
  uint32_t delay_ms;

  ua_flow_drop(flow);
  flow->result = result;
  if (!flow->ua->keeps_flows || flow->ua->is_leaving) {
    flow->step = UA_FLOW_OVER;
    return;
  }
  /* RFC 5626 section 4.5: one that was registered succeeded only if a
   * keep-alive was answered, too. */
  if (!flow->is_proven) {
    flow->failures++;
  }
  flow->is_proven = 0;
  delay_ms = ua_flow_delay(flow);
  fprintf(stderr, "%s: tried again in %u.%u s\n", flow->name,
          (unsigned)(delay_ms / 1000), (unsigned)(delay_ms / 100 % 10));
  flow->step = UA_FLOW_WAITING;
  flow->retry_at_ms = now_ms + delay_ms;
  flow->place = flow->places.count; /* look them up anew */
}

/* ---------------------------------------------------------------- serving */

/* The connection is over. */
static void flow_ended(struct ua_flow *flow, uint64_t now_ms) {
  int cause = sipws_conn_cause(flow->conn);
  int status = sipws_conn_http_status(flow->conn);

  if (flow->again != NULL) {
    ua_flow_drop(flow);
    flow->step = UA_FLOW_WAITING; /* for its turn alone */
  } else if (flow->step == UA_FLOW_CLOSING) {
    ua_flow_drop(flow);
    flow->step = UA_FLOW_OVER;
  } else if (cause == SIPWS_CAUSE_REFUSED && status == 401) {
    /* The password is wrong, and asking on could lock the account. */
    ua_flow_drop(flow);
    flow->step = UA_FLOW_OVER;
    flow->result = UA_EXIT_CONNECTION;
  } else {
    if (cause != SIPWS_CAUSE_REFUSED) {
      secure_explain(flow->name, flow->conn);
    }
    ua_flow_fail(flow, UA_EXIT_CONNECTION, now_ms);
  }
}

/* What the calls return is not looked at: the connection keeps a fatal error,
 * and its wants tell when it is over. */
static void flow_pump(struct ua_flow *flow, short revents, uint64_t now_ms) {
  sipws_conn *conn = flow->conn;
  uint32_t wants = sipws_conn_wants(conn);
  uint8_t scratch[FLOW_SCRATCH];

  if ((wants & SIPWS_WANT_FEED) != 0 ||
      ((wants & SIPWS_WANT_READ) != 0 && (revents & ~POLLOUT) != 0)) {
    (void)sipws_conn_readable(conn, scratch, sizeof(scratch), now_ms, NULL);
  } else if ((revents & (POLLHUP | POLLERR)) != 0) {
    (void)sipws_conn_lost(conn, ECONNRESET, now_ms);
  }
  (void)sipws_conn_tick(conn, now_ms);
  (void)sipws_conn_writable(conn, now_ms, &wants);
  if ((wants & SIPWS_WANT_SHUT) != 0) {
    (void)shutdown(flow->fd, SHUT_WR);
  }
}

void ua_flow_poll(const struct ua_flow *flow, struct pollfd *wait,
                  uint64_t *until_ms) {
  uint32_t wants = flow->conn != NULL ? sipws_conn_wants(flow->conn) : 0;
  uint64_t deadline_ms =
      flow->conn != NULL ? sipws_conn_deadline(flow->conn) : UINT64_MAX;

  wait->fd = flow->fd; /* poll passes over a negative one */
  wait->events = (short)((wants & SIPWS_WANT_READ ? POLLIN : 0) |
                         (wants & SIPWS_WANT_WRITE ? POLLOUT : 0));
  wait->revents = 0;
  if (flow->step == UA_FLOW_CONNECTING) {
    wait->events = POLLOUT;
  } else if ((wants & (SIPWS_WANT_FEED | SIPWS_WANT_CLOSE)) != 0) {
    deadline_ms = 0;
  }
  if (deadline_ms < *until_ms) {
    *until_ms = deadline_ms;
  }
}

void ua_flow_serve(struct ua_flow *flow, short revents, uint64_t now_ms) {
  if (flow->conn == NULL || flow->step == UA_FLOW_CONNECTING) {
    return;
  }
  flow_pump(flow, revents, now_ms);
  if ((sipws_conn_wants(flow->conn) & SIPWS_WANT_CLOSE) != 0) {
    flow_ended(flow, now_ms);
  }
}

/* ----------------------------------------------------------------- using */

void ua_flow_on_open(sipws_conn *conn, void *user) {
  struct ua_flow *flow = user;

  flow->step = UA_FLOW_OPEN;
  flow->is_retry = 0;
  flow->sip.secure = sipws_conn_is_secure(conn);
}

void ua_flow_on_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms,
                          void *user) {
  struct ua_flow *flow = user;

  (void)conn;
  (void)rtt_ms;
  if (flow->is_registered &&
      (kind == SIPWS_KEEPALIVE_PONG || kind == SIPWS_KEEPALIVE_CRLF_PONG)) {
    flow->is_proven = 1;
    flow->failures = 0;
  }
}

void ua_flow_send(struct ua_flow *flow, const char *text, size_t len,
                  uint64_t now_ms) {
  int error = sipws_conn_send(flow->conn, text, len, 0, now_ms, NULL);

  if (error != 0) {
    fprintf(stderr, "%s: cannot send: %s\n", flow->name,
            sipws_error_text(error));
    (void)sipws_conn_abort(flow->conn, now_ms);
  }
}

void ua_flow_close(struct ua_flow *flow, int result, uint64_t now_ms) {
  flow->result = result;
  flow->answer_by_ms = UINT64_MAX;
  if (flow->step == UA_FLOW_OPEN || flow->step == UA_FLOW_LEAVING) {
    flow->step = UA_FLOW_CLOSING;
    (void)sipws_conn_close(flow->conn, 1000, "", 0, SIPWS_CLOSE_GRACEFUL,
                           now_ms);
  } else if (flow->step != UA_FLOW_CLOSING) {
    ua_flow_drop(flow);
    sipws_conn_free(flow->again);
    flow->again = NULL;
    flow->step = UA_FLOW_OVER;
  }
}
