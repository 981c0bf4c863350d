/* A resolver for sipws_locate, by c-ares. */
#ifndef EXAMPLES_RESOLVE_H
#define EXAMPLES_RESOLVE_H

#include <sipws/locate.h>

struct resolve;

/* One that asks |server|, "192.0.2.53:53" or "[2001:db8::53]:53", or those of
 * the system if that is NULL. NULL with a message on stderr. */
struct resolve *resolve_open(const char *server);

/* sipws_locate_next_target, but for SIPWS_ERR_AGAIN: asks what is to be asked
 * and waits, some seconds at most for each step of the search. */
int resolve_next(struct resolve *resolve, sipws_locate *locate,
                 sipws_target *target);

/* Closes it, before |locate| is freed. NULL is fine. */
void resolve_close(struct resolve *resolve);

#endif /* EXAMPLES_RESOLVE_H */
