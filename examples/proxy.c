/* proxy: a SIP registrar and stateless proxy for WebSocket clients, and a web
 * server for their page, on one port; phones on UDP beside them. It shows a
 * server made with the library: who asks is admitted (on_request), SIP goes
 * from connection to connection (on_message), and a signal ends it without
 * losing anybody (drain).
 *
 *   proxy --listen 127.0.0.1:8080 --web build/web
 */
#include "proxy.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proxy_auth.h"
#include "proxy_bindings.h"
#include "proxy_clf.h"
#include "proxy_edge.h"
#include "proxy_front.h"
#include "proxy_options.h"
#include "proxy_registrar.h"
#include "proxy_relay.h"
#include "proxy_udp.h"
#include "proxy_web.h"

enum {
  PROXY_DRAIN_MS = 1000, /* over which closes are spread at the end */
  PROXY_CLOSE_MS = 2000, /* for the peer's Close */
  PROXY_RETRY_S = 5,     /* Retry-After while going down */
  PROXY_BURST = 64       /* datagrams taken before connections have a turn */
};

static volatile int stopping;
static volatile int awake; /* a signal came: the loop looks why */

/* A second signal does not wait for peers. SIGHUP: new certificates. */
static void on_signal(int number) {
  if (stopping && number != SIGHUP) {
    _exit(1);
  }
  stopping = stopping || number != SIGHUP;
  awake = 1;
}

/* ----------------------------------------------------------- callbacks -- */

static void on_request(sipws_conn *conn, void *user) {
  struct net_peer *peer = user;
  const struct proxy *proxy = peer->server->data;
  uint64_t now_ms = net_now_ms();
  sipws_request view;
  const char *text;
  size_t len;
  view.struct_size = sizeof view;
  if (sipws_conn_request(conn, &text, &len, &view) != 0) {
    return;
  }
  front_find_client(proxy, conn);
  if (!view.is_upgrade) {
    web_answer(peer, &view, text, now_ms);
  } else if (front_is_welcome(proxy, &view, text)) {
    (void)sipws_conn_accept(conn, NULL, 0, now_ms);
  } else {
    (void)sipws_conn_reject(conn, 403, NULL, 0, now_ms);
  }
}

/* A message came, over either side. */
static void take(struct proxy *proxy, const struct flow *from, const char *text,
                 size_t len) {
  struct message message;
  int status = message_read(&message, proxy, from, text, len);
  if (status < 0) {
    return;
  }
  if (!message.view.is_request) {
    relay_response(&message);
  } else if (status != 0) {
    message_reply(&message, status, "");
  } else if (message_is(&message, "REGISTER") && !edge_is(proxy)) {
    registrar_register(&message);
  } else {
    relay_request(&message);
  }
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct net_peer *peer = user;
  struct proxy *proxy = peer->server->data;
  struct flow from;
  (void)kind;
  (void)verdict; /* the view has it */
  clf_log(proxy, conn, NULL, 0, msg, len);
  flow_of_peer(peer, &from);
  take(proxy, &from, msg, len);
  return 0;
}

static void on_datagram(struct net_server *server) {
  struct proxy *proxy = server->data;
  struct net_address address;
  struct flow from;
  size_t len;
  int i;
  for (i = 0; i < PROXY_BURST && udp_receive(proxy, &len, &address) == 0; i++) {
    flow_of_udp(proxy, &address, &from);
    take(proxy, &from, proxy->datagram, len);
  }
}

static void on_gone(struct net_peer *peer) {
  front_explain(peer);
  web_close(peer);
}

/* --------------------------------------------------------------- life -- */

static int configure(struct proxy *proxy) {
  sipws_config *config;
  if (sipws_os_random(proxy->route_key, PROXY_KEY_LEN, NULL) != 0 ||
      sipws_os_random(proxy->via_key, PROXY_KEY_LEN, NULL) != 0 ||
      sipws_os_random(proxy->hash_key, PROXY_KEY_LEN, NULL) != 0 ||
      sipws_config_new(NULL, NULL, &proxy->config) != 0) {
    return -1;
  }
  config = proxy->config;
  /* A phone that went away unheard must not keep its registration. */
  if (sipws_config_set_policy(config, SIPWS_POLICY_FAIL_ON_PONG |
                                          SIPWS_POLICY_FAIL_ON_STALL) != 0 ||
      sipws_config_set_timer(config, SIPWS_TIMER_CLOSE, PROXY_CLOSE_MS) != 0 ||
      sipws_config_set_keepalive(config, SIPWS_KEEPALIVE_PING,
                                 proxy->ping_ms) != 0 ||
      sipws_config_set_random(config, sipws_os_random, NULL) != 0 ||
      sipws_config_set_io(config, net_recv, net_send) != 0 ||
      sipws_config_on_request(config, on_request) != 0 ||
      sipws_config_on_message(config, on_message) != 0) {
    return -1;
  }
  return 0;
}

static int handle_signals(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  return sigaction(SIGINT, &action, NULL) != 0 ||
                 sigaction(SIGTERM, &action, NULL) != 0 ||
                 sigaction(SIGHUP, &action, NULL) != 0
             ? -1
             : 0;
}

/* Closes every connection, spread over a moment, and waits for the last. */
static int drain(struct proxy *proxy) {
  static const volatile int never = 0;
  uint64_t now_ms = net_now_ms();
  struct net_peer *peer;
  net_server_deafen(&proxy->server);
  for (peer = proxy->server.peers; peer != NULL; peer = peer->next) {
    (void)sipws_conn_drain(peer->conn, 1001, PROXY_RETRY_S, PROXY_DRAIN_MS,
                           now_ms);
  }
  return net_server_run(&proxy->server, &never,
                        now_ms + PROXY_DRAIN_MS + PROXY_CLOSE_MS);
}

/* Until a signal ends it. SIGHUP reads the certificates anew for connections to
 * come; those that are there go on. */
static int run(struct proxy *proxy) {
  int status = 0;
  while (!stopping && status == 0) {
    status = net_server_run(&proxy->server, &awake, 0);
    if (awake && !stopping) {
      awake = 0;
      printf("certificates %s\n",
             secure_start(&proxy->secure, NULL) == 0 ? "read" : "kept");
      fflush(stdout);
    }
  }
  return status;
}

static int listen_first(struct proxy *proxy, char *name, size_t name_size) {
  proxy->server.listen_fd[0] = net_listen(proxy->listen, name, name_size);
  if (proxy->server.listen_fd[0] < 0) {
    fprintf(stderr,
            "proxy: choose another with --listen HOST:PORT; make serve has "
            "LISTEN=HOST:PORT\n");
    return -1;
  }
  return 0;
}

/* ws beside wss: a listener without TLS. */
static int listen_plain(struct proxy *proxy) {
  char name[300];
  if (proxy->plain == NULL) {
    return 0;
  }
  proxy->server.listen_fd[1] = net_listen(proxy->plain, name, sizeof name);
  if (proxy->server.listen_fd[1] < 0) {
    return -1;
  }
  printf("listening on ws://%s/ too\n", name);
  return 0;
}

/* Phones on UDP find us at the same host as those on WebSocket, if that has a
 * name. */
static int listen_udp(struct proxy *proxy) {
  char name[300];
  struct writer writer = {name, sizeof name, 0};
  if (proxy->datagrams == NULL) {
    return 0;
  }
  if (udp_open(proxy, proxy->datagrams, name, sizeof name, on_datagram) != 0) {
    return -1;
  }
  printf("listening on udp %s too\n", name);
  if (proxy->ws.text[0] != '\0') {
    write_format(&writer, "%s:%u", proxy->ws.host,
                 (unsigned)proxy->udp_address.port);
  }
  return options_set_name(&proxy->udp, name);
}

/* The address of every interface is where to listen, and nobody's to reach. */
static void warn_of_name(const char *name) {
  if (strncmp(name, "0.0.0.0:", 8) == 0 || strncmp(name, "[::]:", 5) == 0) {
    fprintf(stderr,
            "proxy: SIP will say we are at %s; --name HOST[:PORT] mends that\n",
            name);
  }
}

static int serve(struct proxy *proxy) {
  char name[300];
  int status;
  if (listen_first(proxy, name, sizeof name) != 0 || listen_plain(proxy) != 0 ||
      listen_udp(proxy) != 0 ||
      (proxy->ws.text[0] == '\0' && options_set_name(&proxy->ws, name) != 0)) {
    return -1;
  }
  if (secure_start(&proxy->secure, NULL) != 0 || configure(proxy) != 0 ||
      handle_signals() != 0) {
    fprintf(stderr, "proxy: cannot start\n");
    return -1;
  }
  warn_of_name(proxy->ws.text);
  proxy->server.config = proxy->config;
  proxy->server.on_new = front_attach;
  proxy->server.on_gone = on_gone;
  proxy->server.data = proxy;
  printf("listening on %s://%s/\n", secure_is_on(&proxy->secure) ? "wss" : "ws",
         name);
  if (proxy->web_dir != NULL) {
    printf("open http%s://%s/ in two browser windows; Ctrl-C ends\n",
           secure_is_on(&proxy->secure) ? "s" : "", name);
  }
  fflush(stdout);
  status = run(proxy);
  return status == 0 ? drain(proxy) : status;
}

int main(int argc, char **argv) {
  struct proxy *proxy = calloc(1, sizeof *proxy);
  int status = 2;
  if (proxy == NULL) {
    return 1;
  }
  proxy->server.listen_fd[0] = -1;
  proxy->server.listen_fd[1] = -1;
  if (options_read(proxy, argc, argv) == 0) {
    status = serve(proxy) == 0 ? 0 : 1;
    net_server_free(&proxy->server);
    udp_close(proxy);
  }
  clf_close(proxy);
  bindings_free(proxy);
  auth_free(proxy);
  secure_free(&proxy->secure);
  sipws_config_free(proxy->config);
  free(proxy);
  return status;
}
