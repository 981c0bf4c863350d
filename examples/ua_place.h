/* Where a server is: the addresses behind a URL, and connecting to one without
 * waiting for it. */
#ifndef EXAMPLES_UA_PLACE_H
#define EXAMPLES_UA_PLACE_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "ua_options.h"

enum { UA_PLACES = 8, UA_URL_SIZE = 512 };

struct ua_place {
  char url[UA_URL_SIZE];
  struct sockaddr_storage address; /* the server's, or the HTTP proxy's */
  socklen_t len;
};

struct ua_places {
  struct ua_place list[UA_PLACES]; /* in the order in which to try them */
  int count;
};

/* Finds those of |url|; a name is looked up, which may take seconds. 0, or -1
 * with a message on stderr. */
int ua_places_find(struct ua_places *places, const struct ua_options *options,
                   const char *url);

/* 1 when both have the same address and port. */
int ua_place_is_same(const struct ua_place *a, const struct ua_place *b);

/* A non-blocking socket on its way to |place|: writable when it is connected or
 * failed. -1 and errno when it failed already. */
int ua_place_connect(const struct ua_place *place);

/* What became of it: 0, or an errno number. */
int ua_place_connected(int fd);

#endif /* EXAMPLES_UA_PLACE_H */
