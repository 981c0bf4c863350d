/* The front door of the proxy: what stands below a new connection, who is at
 * its other end, and whether it may come in. */
#ifndef EXAMPLES_PROXY_FRONT_H
#define EXAMPLES_PROXY_FRONT_H

#include "proxy.h"

/* A connection came: puts TLS and the PROXY header below it, where the options
 * ask for them. */
void front_attach(struct net_peer *peer);

/* While the request awaits a verdict: finds the client behind those that are
 * trusted, lets it count for the connection, and logs it. */
void front_find_client(const struct proxy *proxy, sipws_conn *conn);

/* The connection is about to be freed: logs why TLS or a PROXY header
 * failed. */
void front_explain(const struct net_peer *peer);

/* 1 when the page that the request comes from may connect. */
int front_is_welcome(const struct proxy *proxy, const sipws_request *view,
                     const char *text);

#endif /* EXAMPLES_PROXY_FRONT_H */
