#include "proxy_udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy_clf.h"

enum {
  UDP_PORT = 5060, /* of a Via that names none (RFC 3261 18.2.2) */
  UDP_DATAGRAM_MAX = 65536
};

int udp_open(struct proxy *proxy, const char *where, char *name,
             size_t name_size, void (*on_datagram)(struct net_server *server)) {
  struct sockaddr_storage end;
  socklen_t size = sizeof end;
  int fd = net_bind(where, name, name_size);
  if (fd < 0) {
    return -1;
  }
  if (getsockname(fd, (struct sockaddr *)&end, &size) != 0) {
    perror(where);
    close(fd);
    return -1;
  }
  net_read_address(&proxy->udp_address, &end);
  proxy->server.datagram_fd = fd;
  proxy->server.on_datagram = on_datagram;
  return 0;
}

void udp_close(struct proxy *proxy) {
  if (proxy->server.on_datagram != NULL) {
    close(proxy->server.datagram_fd);
    proxy->server.on_datagram = NULL;
  }
}

/* ------------------------------------------------------------- receive -- */

/* RFC 3261 18.2.1: received tells where a request came from. RFC 3581 4: so
 * does rport, where it was asked for. By both, or else the port of sent-by,
 * goes the answer (18.2.2): |from| becomes that. */
static int udp_stamp(struct proxy *proxy, size_t *len,
                     struct net_address *from) {
  sipws_via via;
  int error = sipws_via_stamp(proxy->datagram, *len, SIPWS_RECEIVED_ALWAYS,
                              from->octets, from->len, (uint16_t)from->port,
                              proxy->datagram, sizeof proxy->datagram, len);
  via.struct_size = sizeof via;
  if (error == 0) {
    error = sipws_via_at(proxy->datagram, *len, 0, &via);
  }
  if (error == 0 && !via.has_rport) {
    from->port = via.port != 0 ? via.port : UDP_PORT;
  }
  return error;
}

int udp_receive(struct proxy *proxy, size_t *len, struct net_address *from) {
  struct sockaddr_storage end;
  socklen_t size = sizeof end;
  sipws_sip_view view;
  size_t blank = 0;
  ssize_t count;
  do {
    count = recvfrom(proxy->server.datagram_fd, proxy->datagram,
                     UDP_DATAGRAM_MAX, 0, (struct sockaddr *)&end, &size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return -1;
  }
  net_read_address(from, &end);
  *len = (size_t)count;
  /* RFC 3261 7.5: empty lines in front mean nothing; alone they keep a NAT's
   * mapping alive. */
  while (blank < *len &&
         (proxy->datagram[blank] == '\r' || proxy->datagram[blank] == '\n')) {
    blank++;
  }
  *len -= blank;
  memmove(proxy->datagram, proxy->datagram + blank, *len);
  clf_log(proxy, NULL, from, 0, proxy->datagram, *len);
  view.struct_size = sizeof view;
  if (sipws_sip_parse(proxy->datagram, *len, &view) != 0 ||
      (view.is_request && udp_stamp(proxy, len, from) != 0)) {
    *len = 0;
  }
  return 0;
}

/* ---------------------------------------------------------------- send -- */

static socklen_t udp_end(const struct net_address *address,
                         struct sockaddr_storage *end) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)end;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)end;
  memset(end, 0, sizeof *end);
  if (address->len == 4) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)address->port);
    memcpy(&v4->sin_addr, address->octets, 4);
    return sizeof *v4;
  }
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons((uint16_t)address->port);
  memcpy(&v6->sin6_addr, address->octets, 16);
  return sizeof *v6;
}

/* RFC 3261 18.1.1 wants TCP for what has more than 1300 octets, as it may not
 * get through in one piece; without TCP here it is tried all the same. */
int udp_send(const struct proxy *proxy, const struct net_address *to,
             const char *text, size_t len) {
  struct sockaddr_storage end;
  socklen_t size = udp_end(to, &end);
  ssize_t count;
  do {
    count = sendto(proxy->server.datagram_fd, text, len, 0,
                   (const struct sockaddr *)&end, size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return errno == EMSGSIZE ? SIPWS_ERR_TOO_BIG
           : errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS
               ? SIPWS_ERR_QUEUE_FULL
               : SIPWS_ERR_LOST;
  }
  clf_log(proxy, NULL, to, 1, text, len);
  return 0;
}
