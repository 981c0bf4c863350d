/* The log of the proxy: a record of RFC 6873 for each SIP message, received or
 * sent, on either side. */
#ifndef EXAMPLES_PROXY_CLF_H
#define EXAMPLES_PROXY_CLF_H

#include "proxy.h"

/* Appends to |path| from now on. 0, or -1 with a message on stderr. */
int clf_open(struct proxy *proxy, const char *path);
void clf_close(struct proxy *proxy);

/* Logs a message of |conn|, or, where that is NULL, one from or to |udp|; does
 * nothing without a log, and for what is no SIP. */
void clf_log(const struct proxy *proxy, const sipws_conn *conn,
             const struct net_address *udp, int is_sent, const char *text,
             size_t len);

#endif /* EXAMPLES_PROXY_CLF_H */
