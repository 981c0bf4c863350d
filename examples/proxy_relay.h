/* The relay: forwards requests and responses without state (RFC 3261 section
 * 16.11), from flow to flow (RFC 7118, RFC 5626 section 5). It never dials out:
 * what names no flow of ours goes nowhere. */
#ifndef EXAMPLES_PROXY_RELAY_H
#define EXAMPLES_PROXY_RELAY_H

#include "proxy_sip.h"

void relay_request(const struct message *request);
void relay_response(const struct message *response);

#endif /* EXAMPLES_PROXY_RELAY_H */
