/* net, second part: a server's poll loop. */
#include "net.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  NET_SCRATCH = 16384,
  /* What is polled in front of the peers: the listeners, then datagrams. */
  NET_SOCKETS = NET_LISTENERS + 1,
  /* The longest poll: a signal that comes just before it is noticed then. */
  NET_NAP_MS = 500
};

static void server_add(struct net_server *server, int listener, int fd) {
  struct net_peer *peer = calloc(1, sizeof *peer);
  int error = peer == NULL ? SIPWS_ERR_NOMEM : 0;
  if (error == 0) {
    error = sipws_server_new(server->config, peer, net_now_ms(), &peer->conn);
  }
  if (error != 0) {
    fprintf(stderr, "connection dropped: %s\n", sipws_error_text(error));
    free(peer);
    close(fd);
    return;
  }
  peer->fd = fd;
  peer->listener = listener;
  peer->server = server;
  peer->next = server->peers;
  server->peers = peer;
  (void)sipws_conn_set_io_user(peer->conn, &peer->fd);
  net_set_addresses(peer->conn, fd);
  if (server->on_new != NULL) {
    server->on_new(peer);
  }
}

/* Takes all that wait; -1 when the system has no room for another. */
static int server_accept(struct net_server *server, int listener) {
  for (;;) {
    int fd = accept(server->listen_fd[listener], NULL, NULL);
    if (fd >= 0 && net_prepare(fd) == 0) {
      server_add(server, listener, fd);
    } else if (fd >= 0) {
      close(fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
               errno == ENOMEM) {
      return -1;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return 0;
    }
  }
}

static void server_remove(struct net_server *server, struct net_peer **link) {
  struct net_peer *peer = *link;
  if (server->on_gone != NULL) {
    server->on_gone(peer);
  }
  *link = peer->next;
  sipws_conn_free(peer->conn);
  close(peer->fd);
  free(peer);
}

/* What the connection returns is not looked at here: it remembers an error
 * itself, and sipws_conn_wants tells what is left to do. */
static void peer_serve(struct net_peer *peer, short revents, uint8_t *scratch) {
  uint64_t now_ms = net_now_ms();
  uint32_t wants = sipws_conn_wants(peer->conn);
  if ((wants & SIPWS_WANT_FEED) != 0 ||
      ((wants & SIPWS_WANT_READ) != 0 && revents != 0)) {
    (void)sipws_conn_readable(peer->conn, scratch, NET_SCRATCH, now_ms, NULL);
  } else if ((revents & (POLLHUP | POLLERR)) != 0) {
    (void)sipws_conn_lost(peer->conn, ECONNRESET, now_ms);
  }
  (void)sipws_conn_tick(peer->conn, now_ms);
  (void)sipws_conn_writable(peer->conn, now_ms, NULL);
  if ((sipws_conn_wants(peer->conn) & SIPWS_WANT_SHUT) != 0) {
    (void)shutdown(peer->fd, SHUT_WR);
  }
}

static int server_listens(const struct net_server *server) {
  int i;
  for (i = 0; i < NET_LISTENERS; i++) {
    if (server->listen_fd[i] >= 0) {
      return 1;
    }
  }
  return 0;
}

static int server_socket(const struct net_server *server, int i) {
  if (i < NET_LISTENERS) {
    return server->listen_fd[i];
  }
  return server->on_datagram != NULL ? server->datagram_fd : -1;
}

/* Fills |fds|, the peers last; how long to poll, in ms. */
static int server_prepare(const struct net_server *server, struct pollfd *fds,
                          uint64_t until_ms) {
  uint64_t now_ms = net_now_ms();
  uint64_t wake_ms = now_ms + NET_NAP_MS;
  const struct net_peer *peer;
  int i;
  for (i = 0; i < NET_SOCKETS; i++) {
    fds->fd = server_socket(server, i); /* poll passes over a negative one */
    fds->events = POLLIN;
    fds++->revents = 0;
  }
  if (until_ms != 0 && until_ms < wake_ms) {
    wake_ms = until_ms;
  }
  for (peer = server->peers; peer != NULL; peer = peer->next) {
    uint32_t wants = sipws_conn_wants(peer->conn);
    uint64_t deadline_ms = sipws_conn_deadline(peer->conn);
    fds->fd = peer->fd;
    fds->events = 0;
    fds->revents = 0;
    if ((wants & SIPWS_WANT_READ) != 0) {
      fds->events |= POLLIN;
    }
    if ((wants & SIPWS_WANT_WRITE) != 0) {
      fds->events |= POLLOUT;
    }
    if ((wants & (SIPWS_WANT_CLOSE | SIPWS_WANT_FEED)) != 0) {
      deadline_ms = now_ms;
    }
    if (deadline_ms < wake_ms) {
      wake_ms = deadline_ms;
    }
    fds++;
  }
  return wake_ms > now_ms ? (int)(wake_ms - now_ms) : 0;
}

/* Room for all sockets, in |fds|; -1 when there is none. */
static int server_room(const struct net_server *server, struct pollfd **fds,
                       size_t *room, nfds_t *count) {
  const struct net_peer *peer;
  size_t needed = NET_SOCKETS;
  struct pollfd *more;
  for (peer = server->peers; peer != NULL; peer = peer->next) {
    needed++;
  }
  *count = (nfds_t)needed;
  if (needed <= *room) {
    return 0;
  }
  more = realloc(*fds, 2 * needed * sizeof *more);
  if (more == NULL) {
    return -1;
  }
  *fds = more;
  *room = 2 * needed;
  return 0;
}

static void server_serve(struct net_server *server, const struct pollfd *fds) {
  uint8_t scratch[NET_SCRATCH];
  struct net_peer *peer;
  struct net_peer **link = &server->peers;
  fds += NET_SOCKETS;
  for (peer = server->peers; peer != NULL; peer = peer->next) {
    peer_serve(peer, (fds++)->revents, scratch);
  }
  while (*link != NULL) {
    if ((sipws_conn_wants((*link)->conn) & SIPWS_WANT_CLOSE) != 0) {
      server_remove(server, link);
    } else {
      link = &(*link)->next;
    }
  }
}

static void server_accept_all(struct net_server *server,
                              const struct pollfd *fds) {
  int i;
  for (i = 0; i < NET_LISTENERS; i++) {
    if ((fds[i].revents & POLLIN) != 0 && server->listen_fd[i] >= 0 &&
        server_accept(server, i) != 0) {
      /* Those that wait keep the listener readable: do not spin on them. */
      (void)poll(NULL, 0, NET_NAP_MS / 10);
    }
  }
}

int net_server_run(struct net_server *server, const volatile int *stop,
                   uint64_t until_ms) {
  struct pollfd *fds = NULL;
  size_t room = 0;
  nfds_t count = 0;
  int result = 0;
  while (!*stop && (until_ms == 0 || net_now_ms() < until_ms) &&
         (server_listens(server) || server->peers != NULL)) {
    int timeout_ms;
    if (server_room(server, &fds, &room, &count) != 0) {
      fprintf(stderr, "out of memory\n");
      result = -1;
      break;
    }
    timeout_ms = server_prepare(server, fds, until_ms);
    if (poll(fds, count, timeout_ms) < 0 && errno != EINTR) {
      perror("poll");
      result = -1;
      break;
    }
    server_serve(server, fds);
    server_accept_all(server, fds);
    if ((fds[NET_LISTENERS].revents & POLLIN) != 0) {
      server->on_datagram(server);
    }
  }
  free(fds);
  return result;
}

void net_server_deafen(struct net_server *server) {
  int i;
  for (i = 0; i < NET_LISTENERS; i++) {
    if (server->listen_fd[i] >= 0) {
      close(server->listen_fd[i]);
      server->listen_fd[i] = -1;
    }
  }
}

void net_server_free(struct net_server *server) {
  while (server->peers != NULL) {
    server_remove(server, &server->peers);
  }
  net_server_deafen(server);
}
