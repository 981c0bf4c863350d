/* The registrar: answers REGISTER (RFC 3261 section 10, RFC 5626 section 6). */
#ifndef EXAMPLES_PROXY_REGISTRAR_H
#define EXAMPLES_PROXY_REGISTRAR_H

#include "proxy_sip.h"

void registrar_register(const struct message *request);

#endif /* EXAMPLES_PROXY_REGISTRAR_H */
