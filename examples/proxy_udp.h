/* The UDP side of the proxy: one socket for all phones there.
 *
 * UDP may lose what it carries, and the proxy, which has no transactions, never
 * sends anything twice: what a phone repeats is passed on again, but a request
 * that came over WebSocket, where nobody repeats, goes out once. A carrier's
 * proxy would have transactions here (RFC 3261 section 17). */
#ifndef EXAMPLES_PROXY_UDP_H
#define EXAMPLES_PROXY_UDP_H

#include <sipws/sip.h>

#include "proxy.h"

/* Binds HOST:PORT, gives the name with the real port, and has the loop call
 * |on_datagram|. 0, or -1 with a message on stderr. */
int udp_open(struct proxy *proxy, const char *where, char *name,
             size_t name_size, void (*on_datagram)(struct net_server *server));
void udp_close(struct proxy *proxy);

/* Takes the next datagram into proxy->datagram; |len| is 0 when there is no SIP
 * in it. A request gets received and rport; |from| is the address for answers
 * to it. 0, or -1: there is none. */
int udp_receive(struct proxy *proxy, size_t *len, struct net_address *from);

/* 0, or SIPWS_ERR_TOO_BIG, SIPWS_ERR_QUEUE_FULL or SIPWS_ERR_LOST. */
int udp_send(const struct proxy *proxy, const struct net_address *to,
             const char *text, size_t len);

#endif /* EXAMPLES_PROXY_UDP_H */
