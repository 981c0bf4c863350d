/* The command line of the proxy. */
#ifndef EXAMPLES_PROXY_OPTIONS_H
#define EXAMPLES_PROXY_OPTIONS_H

#include "proxy.h"

/* Sets what the arguments say; the files that they name are read, or open. 0,
 * or -1 with a message on stderr; --help ends the program. */
int options_read(struct proxy *proxy, int argc, char **argv);

/* Reads HOST or HOST:PORT, as Via and URIs have it. 0, or -1 with a message on
 * stderr. */
int options_set_name(struct proxy_name *ours, const char *name);

#endif /* EXAMPLES_PROXY_OPTIONS_H */
