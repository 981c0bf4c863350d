/* How a flow of ua gets its connection: TCP, the handshake's request, and the
 * answer to a server that asks who it is. */
#ifndef EXAMPLES_UA_DIAL_H
#define EXAMPLES_UA_DIAL_H

#include "ua_flow.h"

/* Begins to connect, if it is time and no other flow to there is about to. */
void ua_dial_tick(struct ua_flow *flow, uint64_t now_ms);

/* Goes on when poll shows that TCP is connected, or failed. */
void ua_dial_serve(struct ua_flow *flow, short revents, uint64_t now_ms);

/* Callback of the connection, whose user is the flow. */
void ua_dial_on_refused(sipws_conn *conn, void *flow);

#endif /* EXAMPLES_UA_DIAL_H */
