/* Flows: where a message came from or goes to, and the tokens that name them in
 * messages (RFC 5626 section 5.2). */
#ifndef EXAMPLES_PROXY_FLOW_H
#define EXAMPLES_PROXY_FLOW_H

#include <sipws/sip.h>

#include "proxy.h"

/* A connection, or an address over UDP. */
struct flow {
  uint64_t id;            /* the connection's; else a hash of the address */
  struct net_address udp; /* none: a connection */
};

void flow_of_peer(const struct net_peer *peer, struct flow *flow);
void flow_of_udp(const struct proxy *proxy, const struct net_address *udp,
                 struct flow *flow);

int flow_is_udp(const struct flow *flow);

/* 1 when a message can go there: the connection is open. */
int flow_is_alive(const struct proxy *proxy, const struct flow *flow);

/* SIPWS_TRANSPORT_UDP, WS or WSS. */
int flow_transport(const struct proxy *proxy, const struct flow *flow);

/* 0, or a SIPWS_ERR_ number. */
int flow_send(const struct proxy *proxy, const struct flow *to,
              const char *text, size_t len, uint64_t now_ms);

/* The longest token: of a connection, or with an address in hexadecimal, for
 * nothing else remembers it. */
#define FLOW_TOKEN_MAX (SIPWS_FLOW_TOKEN_LEN + 2 * (16 + 2))

/* The token of |flow| under one of the proxy's keys, NUL-terminated. 0, or a
 * SIPWS_ERR_ number. */
int flow_make(const struct proxy *proxy, const uint8_t *key,
              const struct flow *flow, char out[FLOW_TOKEN_MAX + 1]);

/* The flow that the token in |span| names. 0, or SIPWS_ERR_TAMPERED or
 * SIPWS_ERR_DEAD. */
int flow_find(const struct proxy *proxy, const uint8_t *key, const char *text,
              const sipws_span *span, struct flow *flow);

#endif /* EXAMPLES_PROXY_FLOW_H */
