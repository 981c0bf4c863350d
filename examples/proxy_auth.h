/* Who is who: a file of users, and digest challenges to REGISTER (RFC 3261
 * section 22, RFC 7616, RFC 8760) without any state kept between them. */
#ifndef EXAMPLES_PROXY_AUTH_H
#define EXAMPLES_PROXY_AUTH_H

#include "proxy_sip.h"

/*
 * Reads the users, one a line; empty lines and those that begin with # are
 * passed over:
 *   user:password          at any domain; the password has no colon
 *   user:realm:password    at the domain |realm| alone; the rest of the line
 *                          is the password
 * 0, or -1 with a message on stderr.
 */
int auth_load(struct proxy *proxy, const char *path);
void auth_free(struct proxy *proxy);

/* 1 when |request| proves to come from |user| at |realm|; else it is answered,
 * with a challenge or 403. */
int auth_passes(const struct message *request, const char *user,
                const char *realm);

#endif /* EXAMPLES_PROXY_AUTH_H */
