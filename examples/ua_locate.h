/* Finding a server by the DNS (RFC 3263), where the command line names none. */
#ifndef EXAMPLES_UA_LOCATE_H
#define EXAMPLES_UA_LOCATE_H

#include "ua_place.h"

/* Finds those that serve the domain of the address of record, best first; waits
 * for the DNS, seconds at worst. 0, or -1 with a message on stderr. */
int ua_locate(struct ua_places *places, const struct ua_options *options,
              const sipws_config *config);

#endif /* EXAMPLES_UA_LOCATE_H */
