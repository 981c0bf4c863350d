#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t net_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ------------------------------------------------------------- sockets -- */

static int net_copy(char *out, size_t out_size, const char *text, size_t len) {
  if (len == 0 || len >= out_size) {
    return -1;
  }
  memcpy(out, text, len);
  out[len] = '\0';
  return 0;
}

int net_split(const char *text, char *host, size_t host_size, char *port,
              size_t port_size) {
  const char *colon = strrchr(text, ':');
  const char *begin = text;
  const char *end = colon;
  if (colon != NULL && text[0] == '[') {
    begin++;
    end--;
  }
  if (colon == NULL || end < begin || (begin != text && *end != ']') ||
      (begin == text && strchr(text, ':') != colon) ||
      net_copy(host, host_size, begin, (size_t)(end - begin)) != 0 ||
      net_copy(port, port_size, colon + 1, strlen(colon + 1)) != 0 ||
      strspn(port, "0123456789") != strlen(port) || strlen(port) > 5 ||
      atoi(port) > 65535) {
    fprintf(stderr,
            "%s: not an address; write HOST:PORT, as 127.0.0.1:8080 or "
            "[::1]:8080\n",
            text);
    return -1;
  }
  return 0;
}

int net_prepare(int fd) {
  int on = 1;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return -1;
  }
  /* Messages are written whole, so waiting for more only delays them. Not
   * every socket knows the option. */
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return 0;
}

static struct addrinfo *net_resolve(const char *host, const char *port,
                                    int type, int flags) {
  struct addrinfo hints;
  struct addrinfo *list = NULL;
  int error;
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = type;
  hints.ai_flags = flags | AI_NUMERICSERV;
  error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return NULL;
  }
  return list;
}

static unsigned net_port(const struct sockaddr_storage *address) {
  if (address->ss_family == AF_INET6) {
    return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
  }
  return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static int net_open_on(const struct addrinfo *where) {
  int is_stream = where->ai_socktype == SOCK_STREAM;
  int on = 1;
  int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
  if (fd < 0) {
    return -1;
  }
  /* With datagrams it would let a second socket share the address. */
  if ((is_stream &&
       setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) ||
      net_prepare(fd) != 0 || bind(fd, where->ai_addr, where->ai_addrlen) ||
      (is_stream && listen(fd, SOMAXCONN) != 0)) {
    close(fd);
    return -1;
  }
  return fd;
}

static int net_open(const char *text, int type, char *name, size_t name_size) {
  char host[256];
  char port[8];
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  struct addrinfo *list;
  struct addrinfo *where;
  int fd = -1;
  int written;
  if (net_split(text, host, sizeof host, port, sizeof port) != 0) {
    return -1;
  }
  list = net_resolve(host, port, type, AI_PASSIVE);
  if (list == NULL) {
    return -1;
  }
  for (where = list; where != NULL && fd < 0; where = where->ai_next) {
    fd = net_open_on(where);
  }
  freeaddrinfo(list);
  if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
    fprintf(stderr, "cannot listen on %s: %s%s\n", text, strerror(errno),
            errno == EADDRINUSE ? "; take another port, or 0: any free one"
                                : "");
    if (fd >= 0) {
      close(fd);
    }
    return -1;
  }
  written = snprintf(name, name_size, text[0] == '[' ? "[%s]:%u" : "%s:%u",
                     host, net_port(&address));
  if (written < 0 || (size_t)written >= name_size) {
    fprintf(stderr, "%s: the host's name is too long\n", text);
    close(fd);
    return -1;
  }
  return fd;
}

int net_listen(const char *text, char *name, size_t name_size) {
  return net_open(text, SOCK_STREAM, name, name_size);
}

int net_bind(const char *text, char *name, size_t name_size) {
  return net_open(text, SOCK_DGRAM, name, name_size);
}

/* Waits until |fd| is connected; 0, or an errno number. */
static int net_await(int fd, uint64_t until_ms) {
  struct pollfd wait = {fd, POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof error;
  int ready;
  do {
    uint64_t now_ms = net_now_ms();
    ready = poll(&wait, 1, now_ms < until_ms ? (int)(until_ms - now_ms) : 0);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) {
    return ETIMEDOUT;
  }
  if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    return errno;
  }
  return error;
}

static int net_connect(const struct addrinfo *where, uint64_t until_ms) {
  int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
  int error = 0;
  if (fd < 0) {
    return -1;
  }
  if (net_prepare(fd) != 0) {
    error = errno;
  } else if (connect(fd, where->ai_addr, where->ai_addrlen) != 0) {
    error = errno == EINPROGRESS ? net_await(fd, until_ms) : errno;
  }
  if (error != 0) {
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

int net_dial(const char *host, uint16_t port, int timeout_ms) {
  char name[256];
  char service[8];
  uint64_t until_ms = net_now_ms() + (uint64_t)timeout_ms;
  size_t bracket = host[0] == '[' ? 1 : 0;
  struct addrinfo *list;
  struct addrinfo *where;
  int fd = -1;
  if (strlen(host) < 2 * bracket || net_copy(name, sizeof name, host + bracket,
                                             strlen(host) - 2 * bracket) != 0) {
    fprintf(stderr, "%s: not a host\n", host);
    return -1;
  }
  snprintf(service, sizeof service, "%u", (unsigned)port);
  list = net_resolve(name, service, SOCK_STREAM, 0);
  if (list == NULL) {
    return -1;
  }
  for (where = list; where != NULL && fd < 0; where = where->ai_next) {
    fd = net_connect(where, until_ms);
  }
  if (fd < 0) {
    fprintf(stderr, "cannot connect to %s port %u: %s\n", host, (unsigned)port,
            strerror(errno));
  }
  freeaddrinfo(list);
  return fd;
}

void net_read_address(struct net_address *address,
                      const struct sockaddr_storage *from) {
  memset(address, 0, sizeof *address);
  if (from->ss_family == AF_INET) {
    address->len = 4;
    memcpy(address->octets, &((const struct sockaddr_in *)from)->sin_addr, 4);
  } else if (from->ss_family == AF_INET6) {
    address->len = 16;
    memcpy(address->octets, &((const struct sockaddr_in6 *)from)->sin6_addr,
           16);
  }
  address->port = address->len != 0 ? net_port(from) : 0;
}

int net_find(const char *text, struct net_address *address) {
  char host[256];
  char port[8];
  struct sockaddr_storage end;
  struct addrinfo *list;
  if (net_split(text, host, sizeof host, port, sizeof port) != 0) {
    return -1;
  }
  list = net_resolve(host, port, SOCK_DGRAM, 0);
  if (list == NULL) {
    return -1;
  }
  memset(&end, 0, sizeof end);
  memcpy(&end, list->ai_addr, list->ai_addrlen);
  net_read_address(address, &end);
  freeaddrinfo(list);
  return 0;
}

void net_set_addresses(sipws_conn *conn, int fd) {
  struct sockaddr_storage end;
  socklen_t size = sizeof end;
  struct net_address address;
  if (getpeername(fd, (struct sockaddr *)&end, &size) == 0) {
    net_read_address(&address, &end);
    (void)sipws_conn_set_peer(conn, address.octets, address.len,
                              (uint16_t)address.port);
  }
  size = sizeof end;
  if (getsockname(fd, (struct sockaddr *)&end, &size) == 0) {
    net_read_address(&address, &end);
    (void)sipws_conn_set_local(conn, address.octets, address.len,
                               (uint16_t)address.port);
  }
}

/* --------------------------------------------------------------- hooks -- */

static int net_status(void) {
  return errno == EAGAIN || errno == EWOULDBLOCK ? SIPWS_ERR_AGAIN
                                                 : SIPWS_ERR_LOST;
}

int net_recv(uint8_t *buf, size_t len, size_t *got, void *user) {
  const int *fd = user;
  ssize_t count;
  do {
    count = recv(*fd, buf, len, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return net_status();
  }
  if (count == 0) {
    return SIPWS_ERR_EOF;
  }
  *got = (size_t)count;
  return 0;
}

int net_send(const uint8_t *data, size_t len, size_t *sent, void *user) {
  const int *fd = user;
  ssize_t count;
  do {
    count = send(*fd, data, len, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return net_status();
  }
  *sent = (size_t)count;
  return 0;
}
