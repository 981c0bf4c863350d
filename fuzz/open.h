/* Two runs of one input over one connection, whole and cut: fuzz_server,
 * fuzz_client and the handshakes. */
#ifndef SIPWS_FUZZ_OPEN_H
#define SIPWS_FUZZ_OPEN_H

#include "side.h"

/* Makes side->conn; told when it is NULL: no memory. */
typedef void (*open_new_fn)(struct side *side);

/* The input: settings and turns (side_config.c); how many actions there are and
 * what the cuts are drawn from; the actions, three octets each: how many octets
 * of the wire go before it, what, and its argument; the wire. Both runs must
 * tell the same. */
int open_run(const uint8_t *data, size_t size, int role, int part,
             open_new_fn make);

#endif /* SIPWS_FUZZ_OPEN_H */
