/* The files of one folder over plain HTTP, on the port of the proxy. */
#ifndef EXAMPLES_PROXY_WEB_H
#define EXAMPLES_PROXY_WEB_H

#include "proxy.h"

/* Answers a GET or HEAD that is no upgrade. */
void web_answer(struct net_peer *peer, const sipws_request *view,
                const char *text, uint64_t now_ms);

/* The connection is about to be freed: closes its file, if any. */
void web_close(struct net_peer *peer);

#endif /* EXAMPLES_PROXY_WEB_H */
