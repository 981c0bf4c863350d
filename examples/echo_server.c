/* A server that sends every message back as it came, for conformance suites
 * and load. Run: build/examples/echo_server --raw --listen 127.0.0.1:9001 */
#include <signal.h>
#include <unistd.h>

#include "echo.h"

static const char usage[] =
    "usage: echo_server [--listen HOST:PORT] [options]\n"
    "Sends every WebSocket message back, on any path, until interrupted.\n"
    "  --listen HOST:PORT  where to listen (127.0.0.1:0); port 0: any free "
    "one\n" ECHO_HELP SECURE_SERVER_HELP;

static volatile int stop;

static void on_signal(int number) {
  (void)number;
  stop = 1;
}

/* Tells every peer that we go (1001), and gives them a second to answer. */
static void say_goodbye(struct net_server *server) {
  static const volatile int never = 0;
  uint64_t now_ms = net_now_ms();
  struct net_peer *peer;
  net_server_deafen(server);
  for (peer = server->peers; peer != NULL; peer = peer->next) {
    (void)sipws_conn_drain(peer->conn, 1001, 0, 0, now_ms);
  }
  (void)net_server_run(server, &never, now_ms + 1000);
}

/* A connection came: TLS goes below it, if there is any. */
static void on_new(struct net_peer *peer) {
  const struct echo *echo = peer->server->data;
  int error = secure_attach(&echo->secure, peer->conn);
  if (error != 0) {
    fprintf(stderr, "connection dropped: %s\n", sipws_error_text(error));
    (void)sipws_conn_abort(peer->conn, net_now_ms());
  }
}

static int serve(struct echo *echo, const char *where) {
  struct net_server server = {
      .listen_fd = {-1, -1}, .on_new = on_new, .data = echo};
  struct sigaction action = {.sa_handler = on_signal};
  char name[300];
  int status = -1;
  sipws_config *config = echo_config(echo, SIPWS_SERVER);
  if (config != NULL && secure_start(&echo->secure, NULL) == 0) {
    server.config = config;
    server.listen_fd[0] = net_listen(where, name, sizeof name);
  }
  if (server.listen_fd[0] >= 0 && sigaction(SIGINT, &action, NULL) == 0 &&
      sigaction(SIGTERM, &action, NULL) == 0) {
    printf("listening on %s://%s/\n",
           secure_is_on(&echo->secure) ? "wss" : "ws", name);
    fflush(stdout);
    status = net_server_run(&server, &stop, 0);
    say_goodbye(&server);
  }
  net_server_free(&server);
  secure_free(&echo->secure);
  sipws_config_free(config);
  return status == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  struct echo echo = {.max_message = 65536, .max_fragments = 256};
  const char *where = "127.0.0.1:0";
  int i = 1;
  while (i < argc) {
    int used = echo_option(&echo, argv, i);
    if (used == 0 && strcmp(argv[i], "--listen") == 0 && i + 1 < argc) {
      where = argv[i + 1];
      used = 2;
    }
    if (used <= 0) {
      return echo_misused(argv[i], used, usage);
    }
    i += used;
  }
  return serve(&echo, where);
}
