/* A client that sends every message back as it came until the server closes,
 * for conformance suites. The loop of net.h drives it: one made for servers
 * does as well with a connection that somebody dialled.
 * Run: build/examples/echo_client --raw ws://127.0.0.1:9001/ */
#include <unistd.h>

#include "echo.h"

static const char usage[] =
    "usage: echo_client [options] ws[s]://HOST[:PORT]/[PATH]\n"
    "Sends every WebSocket message back, until the server closes. Ends with\n"
    "status 0 after a closing handshake, else 1; 2: wrong usage.\n" ECHO_HELP
        SECURE_CLIENT_HELP;

static void on_gone(struct net_peer *peer) {
  int *status = peer->data;
  int cause = sipws_conn_cause(peer->conn);
  if (cause == SIPWS_CAUSE_PEER_CLOSE || cause == SIPWS_CAUSE_OUR_CLOSE) {
    *status = 0;
  } else {
    secure_explain("echo_client", peer->conn);
  }
}

static int run(struct echo *echo, const sipws_config *config, const char *url) {
  static const volatile int never = 0;
  struct net_server loop = {
      .config = config, .listen_fd = {-1, -1}, .data = echo};
  struct net_peer *peer;
  int status = 1;
  int error;
  int fd = secure_dial(&echo->secure, url);
  if (fd < 0) {
    return 1;
  }
  peer = calloc(1, sizeof *peer);
  error = peer == NULL ? SIPWS_ERR_NOMEM : 0;
  if (error == 0) {
    error = sipws_client_new(config, url, strlen(url), peer, net_now_ms(),
                             &peer->conn);
  }
  if (error == 0) {
    error = secure_attach(&echo->secure, peer->conn);
  }
  if (error != 0) {
    fprintf(stderr, "cannot start: %s\n", sipws_error_text(error));
    if (peer != NULL) {
      sipws_conn_free(peer->conn);
    }
    free(peer);
    close(fd);
    return 1;
  }
  peer->fd = fd;
  peer->server = &loop;
  peer->data = &status;
  (void)sipws_conn_set_io_user(peer->conn, &peer->fd);
  net_set_addresses(peer->conn, fd);
  loop.peers = peer;
  loop.on_gone = on_gone;
  (void)net_server_run(&loop, &never, 0); /* returns when no peer is left */
  net_server_free(&loop);
  return status;
}

int main(int argc, char **argv) {
  struct echo echo = {.max_message = 65536, .max_fragments = 256};
  const char *url = NULL;
  sipws_config *config;
  int status = 1;
  int i = 1;
  while (i < argc) {
    int used = echo_option(&echo, argv, i);
    if (used == 0 && argv[i][0] != '-' && url == NULL) {
      url = argv[i];
      used = 1;
    }
    if (used <= 0) {
      return echo_misused(argv[i], used, usage);
    }
    i += used;
  }
  if (url == NULL) {
    fputs(usage, stderr);
    return 2;
  }
  config = echo_config(&echo, SIPWS_CLIENT);
  if (config != NULL && secure_start(&echo.secure, url) == 0) {
    status = run(&echo, config, url);
  }
  secure_free(&echo.secure);
  sipws_config_free(config);
  return status;
}
