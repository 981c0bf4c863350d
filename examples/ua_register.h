/* The registration over a flow of ua: made when it is open, refreshed, taken
 * back. */
#ifndef EXAMPLES_UA_REGISTER_H
#define EXAMPLES_UA_REGISTER_H

#include "ua_flow.h"

/* Registers over an open flow. */
void ua_register_begin(struct ua_flow *flow, uint64_t now_ms);

/* Refreshes it in time, and waits for a response no longer than --timeout. */
void ua_register_tick(struct ua_flow *flow, uint64_t now_ms);

/* 1 when the response |msg| was that to our REGISTER, and is dealt with. */
int ua_register_response(struct ua_flow *flow, const char *msg, size_t len,
                         const sipws_sip_view *view, uint64_t now_ms);

/* Takes the registration back, if there is one or a REGISTER is not answered
 * yet, then closes the flow. */
void ua_register_leave(struct ua_flow *flow, uint64_t now_ms);

#endif /* EXAMPLES_UA_REGISTER_H */
