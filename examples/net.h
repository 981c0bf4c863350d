/* What the examples need of the system: sockets, a clock, and a poll loop for
 * servers. The library itself has none of it. */
#ifndef EXAMPLES_NET_H
#define EXAMPLES_NET_H

#include <sipws/sipws.h>

struct sockaddr_storage;

/* Milliseconds of the monotonic clock. */
uint64_t net_now_ms(void);

/* Splits "HOST:PORT", "[IPV6]:PORT"; 0, or -1 with a message on stderr. */
int net_split(const char *text, char *host, size_t host_size, char *port,
              size_t port_size);

/* A non-blocking socket listening on HOST:PORT (port 0: any free one) and, in
 * |name|, "HOST:PORT" with the real port; or -1 with a message on stderr. */
int net_listen(const char *text, char *name, size_t name_size);

/* The same for datagrams. */
int net_bind(const char *text, char *name, size_t name_size);

/* A non-blocking socket connected to host and port within |timeout_ms|; or -1
 * with a message on stderr. |host| may be a name, an IPv4 or (with or without
 * brackets) an IPv6 address. */
int net_dial(const char *host, uint16_t port, int timeout_ms);

/* An address and a port; |octets| in network order. */
struct net_address {
  uint8_t octets[16];
  uint32_t len; /* of octets: 4, 16, or 0: none */
  uint32_t port;
};

/* The first address of HOST:PORT, for datagrams; 0, or -1 with a message on
 * stderr. */
int net_find(const char *text, struct net_address *address);

/* What a socket call told; |len| is 0 when it is of another family. */
void net_read_address(struct net_address *address,
                      const struct sockaddr_storage *from);

/* Tells |conn| the socket's addresses (set_peer, set_local). */
void net_set_addresses(sipws_conn *conn, int fd);

/* The transport hooks; |user| is a pointer to the descriptor. */
int net_recv(uint8_t *buf, size_t len, size_t *got, void *user);
int net_send(const uint8_t *data, size_t len, size_t *sent, void *user);

/* A server: one or two listening sockets, one config, any number of
 * connections. */
#define NET_LISTENERS 2

struct net_peer {
  sipws_conn *conn;
  int fd;
  int listener; /* the one it came to */
  struct net_server *server;
  struct net_peer *next;
  void *data; /* the application's */
};

struct net_server {
  const sipws_config *config;
  int listen_fd[NET_LISTENERS];           /* -1: none */
  void (*on_new)(struct net_peer *peer);  /* conn just made; may be NULL */
  void (*on_gone)(struct net_peer *peer); /* conn about to be freed; likewise */
  void *data;                             /* the application's */
  struct net_peer *peers; /* the library's user is the net_peer */

  /* Another socket to poll, which |on_datagram| reads from; NULL: none. */
  int datagram_fd;
  void (*on_datagram)(struct net_server *server);
};

/* Makes |fd| non-blocking; 0, or -1. */
int net_prepare(int fd);

/* Polls until |*stop| is set (by a signal handler, say) or |until_ms| (0: no
 * bound) has come, then returns; connections live on until net_server_free.
 * Also when there is no listener and no connection left. 0, or -1 with a
 * message on stderr. */
int net_server_run(struct net_server *server, const volatile int *stop,
                   uint64_t until_ms);

/* Accepts no more; the connections live on. */
void net_server_deafen(struct net_server *server);

/* Closes and frees all. */
void net_server_free(struct net_server *server);

#endif /* EXAMPLES_NET_H */
