/* What ua's command does with its flows: a client that goes from step to step
 * as responses come. */
#ifndef EXAMPLES_UA_CLIENT_H
#define EXAMPLES_UA_CLIENT_H

#include "ua.h"

/* Sets up |ua|, whose options are read, and the callbacks and trace of
 * ua->config. 0, or -1 with a message on stderr. */
int ua_client_init(struct ua *ua);

/* Does what is due. |interrupted| 1: the user wants to end. */
void ua_client_tick(struct ua *ua, int interrupted, uint64_t now_ms);

/* 1 when no flow is left to wait for; |result| then gets the exit status. */
int ua_client_is_done(const struct ua *ua, int *result);

#endif /* EXAMPLES_UA_CLIENT_H */
