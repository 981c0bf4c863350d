/* One flow of ua (RFC 5626): a connection to a server, which is opened anew
 * when it is lost (ua_dial.h), and the registration over it (ua_register.h). */
#ifndef EXAMPLES_UA_FLOW_H
#define EXAMPLES_UA_FLOW_H

#include <poll.h>

#include "ua_place.h"
#include "ua_sip.h"

struct ua;

enum ua_flow_step {
  UA_FLOW_WAITING,    /* until retry_at_ms, and for its turn to connect */
  UA_FLOW_CONNECTING, /* TCP */
  UA_FLOW_OPENING,    /* TLS, HTTP proxy, WebSocket handshake */
  UA_FLOW_OPEN,
  UA_FLOW_LEAVING, /* unregistering */
  UA_FLOW_CLOSING, /* as we wish */
  UA_FLOW_OVER     /* for good */
};

struct ua_flow {
  struct ua *ua;
  uint32_t number; /* from 1 on; also its reg-id */
  char name[16];   /* in messages */
  const char *server;
  enum ua_flow_step step;
  int result; /* an exit status: of its last failure, or 0 */

  struct ua_places places; /* all the server's, and … */
  int place;               /* … the one being tried */
  sipws_conn *conn;        /* NULL while waiting */
  int fd;
  sipws_conn *again; /* NULL, or the one to try after a 401, … */
  int is_retry;      /* … which is done once */
  uint64_t retry_at_ms;
  uint32_t failures; /* to register, in a row */
  int is_proven;     /* registered, and a keep-alive was answered */

  struct ua_sip sip;
  struct ua_request request; /* the REGISTER under way, or the last */
  int is_registered;
  uint64_t answer_by_ms; /* UINT64_MAX: no response to it is awaited */
  uint64_t refresh_at_ms;
};

/* Flow |number| of |ua|. 0, or -1 with a message on stderr. */
int ua_flow_init(struct ua_flow *flow, struct ua *ua, uint32_t number,
                 const char *server);

/* What to poll for; |until_ms| becomes earlier when something is due before. */
void ua_flow_poll(const struct ua_flow *flow, struct pollfd *wait,
                  uint64_t *until_ms);

/* Does what poll showed, and what is due, once TCP is connected. */
void ua_flow_serve(struct ua_flow *flow, short revents, uint64_t now_ms);

/* Queues a message. If that fails the connection is dropped, which shows in the
 * next ua_flow_serve. */
void ua_flow_send(struct ua_flow *flow, const char *text, size_t len,
                  uint64_t now_ms);

/* Ends it for good, in order if it is open; |result| is that of the flow. */
void ua_flow_close(struct ua_flow *flow, int result, uint64_t now_ms);

/* Frees the connection and its socket; not from a callback. */
void ua_flow_drop(struct ua_flow *flow);

/* The same because it failed: it is tried again later, or over for good. */
void ua_flow_fail(struct ua_flow *flow, int result, uint64_t now_ms);

/* Until the next attempt, in ms, after flow->failures. */
uint32_t ua_flow_delay(const struct ua_flow *flow);

/* Callbacks of the connection, whose user is the flow. */
void ua_flow_on_open(sipws_conn *conn, void *flow);
void ua_flow_on_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms,
                          void *flow);

#endif /* EXAMPLES_UA_FLOW_H */
