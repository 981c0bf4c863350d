/* Connections by number, and the tokens that name them in messages (RFC 5626
 * section 5.2). */
#ifndef EXAMPLES_PROXY_FLOW_H
#define EXAMPLES_PROXY_FLOW_H

#include <sipws/sip.h>

#include "proxy.h"

/* The connection with this id, if it is there and open; else NULL. */
struct net_peer *flow_by_id(const struct proxy *proxy, uint64_t id);

/* The token of |peer| under one of the proxy's keys, NUL-terminated. 0, or a
 * SIPWS_ERR_ number. */
int flow_make(const uint8_t *key, const struct net_peer *peer,
              char out[SIPWS_FLOW_TOKEN_LEN + 1]);

/* The connection that the token in |span| names. 0, or SIPWS_ERR_TAMPERED or
 * SIPWS_ERR_DEAD. */
int flow_find(const struct proxy *proxy, const uint8_t *key, const char *text,
              const sipws_span *span, struct net_peer **peer);

#endif /* EXAMPLES_PROXY_FLOW_H */
