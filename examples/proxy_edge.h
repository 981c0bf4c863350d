/* The edge: with --registrar somebody else registers our clients, and the proxy
 * keeps their flows alone (RFC 5626 section 5, RFC 3327). */
#ifndef EXAMPLES_PROXY_EDGE_H
#define EXAMPLES_PROXY_EDGE_H

#include "proxy_draft.h"

/* Reads the registrar's HOST:PORT. 0, or -1 with a message on stderr. */
int edge_set(struct proxy *proxy, const char *where);

/* 1 when there is such a registrar. */
int edge_is(const struct proxy *proxy);

/* Where a request goes that names no flow: to the registrar, a REGISTER with
 * our Path. 0, or the status to answer. */
int edge_locate(const struct message *request, struct draft *draft,
                struct flow *to);

#endif /* EXAMPLES_PROXY_EDGE_H */
