#include "ua_place.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "text.h"

/* ------------------------------------------------------------- addresses */

/* Whom to connect to for |url|: its host, or the HTTP proxy. 0, or -1. */
static int place_host(const struct secure *secure, const char *url, char *host,
                      size_t host_size, char *port, size_t port_size) {
  sipws_url view = {.struct_size = sizeof(view)};
  size_t bracket;

  if (secure->proxy != NULL) {
    return secure_proxy_place(secure, host, host_size, port, port_size);
  }
  if (sipws_url_parse(url, strlen(url), &view) != 0) {
    return -1;
  }
  bracket = url[view.host.off] == '[';
  view.host.off += (uint32_t)bracket;
  view.host.len -= (uint32_t)(2 * bracket);
  snprintf(port, port_size, "%u", (unsigned)view.port);
  return span_copy(url, &view.host, host, host_size);
}

int ua_places_find(struct ua_places *places, const struct ua_options *options,
                   const char *url) {
  struct addrinfo hints;
  struct addrinfo *found = NULL;
  const struct addrinfo *at;
  char host[256];
  char port[8];
  int error;

  memset(&hints, 0, sizeof(hints));
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  places->count = 0;
  if (strlen(url) >= UA_URL_SIZE ||
      place_host(&options->secure, url, host, sizeof(host), port,
                 sizeof(port)) != 0) {
    fprintf(stderr, "ua: nobody can be connected to for %s\n", url);
    return -1;
  }
  error = getaddrinfo(host, port, &hints, &found);
  if (error != 0) {
    fprintf(stderr, "ua: %s: %s\n", host, gai_strerror(error));
    return -1;
  }
  for (at = found; at != NULL && places->count < UA_PLACES; at = at->ai_next) {
    struct ua_place *place = &places->list[places->count++];
    strcpy(place->url, url);
    memcpy(&place->address, at->ai_addr, at->ai_addrlen);
    place->len = at->ai_addrlen;
  }
  freeaddrinfo(found);
  return 0;
}

int ua_place_is_same(const struct ua_place *a, const struct ua_place *b) {
  return a->len == b->len && memcmp(&a->address, &b->address, a->len) == 0;
}

/* ------------------------------------------------------------ connecting */

int ua_place_connect(const struct ua_place *place) {
  int fd = socket(place->address.ss_family, SOCK_STREAM, 0);
  int error;

  if (fd < 0) {
    return -1;
  }
  if (net_prepare(fd) == 0 &&
      (connect(fd, (const struct sockaddr *)&place->address, place->len) == 0 ||
       errno == EINPROGRESS)) {
    return fd;
  }
  error = errno;
  close(fd);
  errno = error;
  return -1;
}

int ua_place_connected(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);

  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error
                                                                  : errno;
}
