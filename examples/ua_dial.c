#include "ua_dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net.h"
#include "ua.h"
#include "ua_locate.h"
#include <sipws/front.h>

/* The connection's object, its request's headers included; NULL with a message
 * on stderr. */
static sipws_conn *dial_conn_new(struct ua_flow *flow, uint64_t now_ms) {
  const struct ua_options *options = &flow->ua->options;
  const char *url = flow->places.list[flow->place].url;
  sipws_conn *conn = NULL;
  int error =
      sipws_client_new(flow->ua->config, url, strlen(url), flow, now_ms, &conn);

  if (error == 0 && options->origin != NULL) {
    error =
        sipws_conn_set_origin(conn, options->origin, strlen(options->origin));
  }
  if (error == 0) {
    error = secure_attach(&options->secure, conn);
  }
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", flow->name, sipws_error_text(error));
    sipws_conn_free(conn);
    return NULL;
  }
  (void)sipws_conn_set_id(conn, flow->number); /* for the trace */
  return conn;
}

/* RFC 6455 section 4.1: while one connection to an address and port is in the
 * state CONNECTING, no other is begun. Behind an HTTP proxy, which alone knows
 * the servers' addresses, all count as the same. */
static int dial_must_wait(const struct ua_flow *flow) {
  const struct ua *ua = flow->ua;
  uint32_t i;

  for (i = 0; i < ua->flow_count; i++) {
    const struct ua_flow *other = &ua->flows[i];
    if ((other->step == UA_FLOW_CONNECTING || other->step == UA_FLOW_OPENING) &&
        ua_place_is_same(&other->places.list[other->place],
                         &flow->places.list[flow->place])) {
      return 1;
    }
  }
  return 0;
}

/* This place did not do: the next one, if there is one. */
static void dial_next_place(struct ua_flow *flow, int error, uint64_t now_ms) {
  const char *url = flow->places.list[flow->place].url;

  flow->place++;
  if (flow->place < flow->places.count) {
    ua_flow_drop(flow);
    flow->step = UA_FLOW_WAITING;
    return;
  }
  fprintf(stderr, "%s: cannot connect to %s: %s\n", flow->name, url,
          strerror(error));
  ua_flow_fail(flow, UA_EXIT_CONNECTION, now_ms);
}

/* Where the server is. 0, or -1 with a message on stderr. */
static int dial_find(struct ua_flow *flow) {
  const struct ua *ua = flow->ua;

  return flow->server != NULL
             ? ua_places_find(&flow->places, &ua->options, flow->server)
             : ua_locate(&flow->places, &ua->options, ua->config);
}

void ua_dial_tick(struct ua_flow *flow, uint64_t now_ms) {
  if (flow->step != UA_FLOW_WAITING || now_ms < flow->retry_at_ms) {
    return;
  }
  if (flow->place == flow->places.count) {
    flow->place = 0;
    if (dial_find(flow) != 0) {
      ua_flow_fail(flow, UA_EXIT_CONNECTION, now_ms);
      return;
    }
  }
  if (dial_must_wait(flow)) {
    return;
  }
  flow->conn = flow->again != NULL ? flow->again : dial_conn_new(flow, now_ms);
  flow->again = NULL;
  if (flow->conn == NULL) {
    flow->step = UA_FLOW_OVER;
    flow->result = UA_EXIT_USAGE;
    return;
  }
  flow->step = UA_FLOW_CONNECTING;
  flow->fd = ua_place_connect(&flow->places.list[flow->place]);
  if (flow->fd < 0) {
    dial_next_place(flow, errno, now_ms);
  }
}

void ua_dial_serve(struct ua_flow *flow, short revents, uint64_t now_ms) {
  int error = ETIMEDOUT;

  if (flow->step != UA_FLOW_CONNECTING) {
    return;
  }
  if (revents != 0) {
    error = ua_place_connected(flow->fd);
  } else if (sipws_conn_tick(flow->conn, now_ms) == 0) {
    return; /* its time for the handshake has begun, and goes on */
  }
  if (error != 0) {
    dial_next_place(flow, error, now_ms);
    return;
  }
  flow->step = UA_FLOW_OPENING;
  net_set_addresses(flow->conn, flow->fd);
  (void)sipws_conn_set_io_user(flow->conn, &flow->fd);
}

/* -------------------------------------------------------------- refusals */

/* RFC 7118 section 7: a 401 to the handshake is answered, once, on a new
 * connection. */
static int dial_again(struct ua_flow *flow, const sipws_conn *refused) {
  const struct ua_identity *who = &flow->ua->who;
  uint8_t seed[16];
  int error;

  if (sipws_conn_http_status(refused) != 401 || who->password == NULL ||
      flow->is_retry || sipws_os_random(seed, sizeof(seed), NULL) != 0) {
    return -1;
  }
  flow->is_retry = 1;
  flow->again = dial_conn_new(flow, net_now_ms());
  if (flow->again == NULL) {
    return -1;
  }
  error = sipws_conn_retry(refused, flow->again, who->username,
                           strlen(who->username), who->password,
                           strlen(who->password), seed, 0);
  if (error != 0) {
    fprintf(stderr, "%s: cannot answer the challenge: %s\n", flow->name,
            sipws_error_text(error));
    sipws_conn_free(flow->again);
    flow->again = NULL;
    return -1;
  }
  return 0;
}

void ua_dial_on_refused(sipws_conn *conn, void *user) {
  struct ua_flow *flow = user;

  if (dial_again(flow, conn) != 0) {
    fprintf(stderr, "%s: the handshake was refused: HTTP status %d\n",
            flow->name, sipws_conn_http_status(conn));
  }
}
