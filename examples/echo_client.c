/* A client that sends every message back as it came until the server closes,
 * for conformance suites. The loop of net.h drives it: one made for servers
 * does as well with a connection that somebody dialled.
 * Run: build/examples/echo_client --raw ws://127.0.0.1:9001/ */
#include <unistd.h>

#include <sipws/sip.h>

#include "echo.h"

static const char usage[] =
    "usage: echo_client [options] ws://HOST[:PORT]/[PATH]\n"
    "Sends every WebSocket message back, until the server closes; 0 after a\n"
    "closing handshake.\n" ECHO_HELP;

static void on_gone(struct net_peer *peer) {
  int *status = peer->data;
  int cause = sipws_conn_cause(peer->conn);
  if (cause == SIPWS_CAUSE_PEER_CLOSE || cause == SIPWS_CAUSE_OUR_CLOSE) {
    *status = 0;
  } else {
    fprintf(stderr, "no closing handshake: %s (HTTP status %d)\n",
            sipws_cause_text(cause), sipws_conn_http_status(peer->conn));
  }
}

/* A socket connected to where |url| says; -1 with a message on stderr. */
static int dial(const char *url) {
  sipws_url view = {.struct_size = sizeof view};
  char host[256];
  if (sipws_url_parse(url, strlen(url), &view) != 0 ||
      view.host.len >= sizeof host) {
    fprintf(stderr, "%s: not a URL; write ws://HOST[:PORT]/[PATH]\n", url);
    return -1;
  }
  if (view.secure) {
    fprintf(stderr, "%s: this client has no TLS; write ws://\n", url);
    return -1;
  }
  snprintf(host, sizeof host, "%.*s", (int)view.host.len, url + view.host.off);
  return net_dial(host, (uint16_t)view.port, 5000);
}

static int run(struct echo *echo, const sipws_config *config, const char *url) {
  static const volatile int never = 0;
  struct net_server loop = {.config = config, .listen_fd = -1, .data = echo};
  struct net_peer *peer = calloc(1, sizeof *peer);
  int status = 1;
  int fd = dial(url);
  int error = fd < 0 ? SIPWS_ERR_LOST : peer == NULL ? SIPWS_ERR_NOMEM : 0;
  if (error == 0) {
    error = sipws_client_new(config, url, strlen(url), peer, net_now_ms(),
                             &peer->conn);
  }
  if (error != 0) {
    fprintf(stderr, "cannot start: %s\n", sipws_error_text(error));
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
  struct echo echo = {0, 65536, 256};
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
    return echo_misused("no URL", 0, usage);
  }
  config = echo_config(&echo, SIPWS_CLIENT);
  if (config != NULL) {
    status = run(&echo, config, url);
  }
  sipws_config_free(config);
  return status;
}
