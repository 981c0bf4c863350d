/* proxy: a SIP registrar and stateless proxy for WebSocket clients, and a web
 * server for their page, on one port. It shows a server made with the library:
 * who asks is admitted (on_request), SIP goes from connection to connection
 * (on_message), and a signal ends it without losing anybody (drain).
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
#include "proxy_registrar.h"
#include "proxy_relay.h"
#include "proxy_web.h"

enum {
  PROXY_DRAIN_MS = 1000, /* over which closes are spread at the end */
  PROXY_CLOSE_MS = 2000, /* for the peer's Close */
  PROXY_RETRY_S = 5      /* Retry-After while going down */
};

static const char usage[] =
    "usage: proxy --listen HOST:PORT [options]\n"
    "A SIP registrar and relay for WebSocket clients (RFC 7118).\n"
    "  --listen HOST:PORT  where to listen; port 0: any free one\n"
    "  --web DIR           serve the files of DIR over HTTP on the same port\n"
    "  --domain NAME       serve this domain; may be repeated; default: all\n"
    "  --users FILE        ask for passwords at REGISTER; lines of FILE are\n"
    "                      user:password (password without colon) or\n"
    "                      user:realm:password; the realm is the domain\n"
    "  --name HOST[:PORT]  how clients reach us, if not as --listen says\n"
    "  --verbose           one line a registration or relayed request\n"
    "  --help              this text\n"
    "SIGINT or SIGTERM closes all connections; a second one ends at once.\n";

static volatile int stopping;

/* A second signal does not wait for peers. */
static void on_signal(int number) {
  (void)number;
  if (stopping) {
    _exit(1);
  }
  stopping = 1;
}

/* ----------------------------------------------------------- callbacks -- */

static void on_request(sipws_conn *conn, void *user) {
  struct net_peer *peer = user;
  uint64_t now_ms = net_now_ms();
  sipws_request view;
  const char *text;
  size_t len;
  view.struct_size = sizeof view;
  if (sipws_conn_request(conn, &text, &len, &view) != 0) {
    return;
  }
  if (view.is_upgrade) {
    (void)sipws_conn_accept(conn, NULL, 0, now_ms);
  } else {
    web_answer(peer, &view, text, now_ms);
  }
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct message message;
  int status = message_read(&message, user, msg, len);
  (void)conn;
  (void)kind;
  (void)verdict; /* the view has it */
  if (status < 0) {
    return 0;
  }
  if (!message.view.is_request) {
    relay_response(&message);
  } else if (status != 0) {
    message_reply(&message, status, "");
  } else if (message_is(&message, "REGISTER")) {
    registrar_register(&message);
  } else {
    relay_request(&message);
  }
  return 0;
}

/* ------------------------------------------------------------- options -- */

/* Sets how we call ourselves: HOST, HOST:PORT. */
static int set_name(struct proxy *proxy, const char *name) {
  char text[sizeof proxy->name + 4];
  sipws_span whole = {0, 0};
  sipws_uri uri;
  int len = snprintf(text, sizeof text, "sip:%s", name);
  whole.len = (uint32_t)len;
  if (len >= (int)sizeof text || read_uri(text, &whole, &uri) != 0 ||
      uri.user.len != 0 || uri.params.len != 0 || uri.headers.len != 0) {
    fprintf(stderr, "%s: not HOST or HOST:PORT\n", name);
    return -1;
  }
  strcpy(proxy->name, name);
  return span_copy(text, &uri.host, proxy->host, sizeof proxy->host);
}

static int set_option(struct proxy *proxy, const char *option,
                      const char *value, const char **listen) {
  if (strcmp(option, "--listen") == 0) {
    *listen = value;
  } else if (strcmp(option, "--web") == 0) {
    proxy->web_dir = value;
  } else if (strcmp(option, "--name") == 0) {
    return set_name(proxy, value);
  } else if (strcmp(option, "--users") == 0) {
    return auth_load(proxy, value);
  } else if (strcmp(option, "--domain") == 0 &&
             proxy->domain_count < PROXY_DOMAINS) {
    proxy->domains[proxy->domain_count++] = value;
  } else {
    fputs(usage, stderr);
    return -1;
  }
  return 0;
}

static int read_options(struct proxy *proxy, int argc, char **argv,
                        const char **listen) {
  int i;
  for (i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) {
      fputs(usage, stdout);
      exit(0);
    } else if (strcmp(argv[i], "--verbose") == 0) {
      proxy->verbose = 1;
    } else if (i + 1 == argc ||
               set_option(proxy, argv[i], argv[i + 1], listen) != 0) {
      if (i + 1 == argc) {
        fputs(usage, stderr);
      }
      return -1;
    } else {
      i++;
    }
  }
  if (*listen == NULL) {
    fputs(usage, stderr);
    return -1;
  }
  return 0;
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
                 sigaction(SIGTERM, &action, NULL) != 0
             ? -1
             : 0;
}

/* Closes every connection, spread over a moment, and waits for the last. */
static int drain(struct proxy *proxy) {
  static const volatile int never = 0;
  uint64_t now_ms = net_now_ms();
  struct net_peer *peer;
  close(proxy->server.listen_fd);
  proxy->server.listen_fd = -1;
  for (peer = proxy->server.peers; peer != NULL; peer = peer->next) {
    (void)sipws_conn_drain(peer->conn, 1001, PROXY_RETRY_S, PROXY_DRAIN_MS,
                           now_ms);
  }
  return net_server_run(&proxy->server, &never,
                        now_ms + PROXY_DRAIN_MS + PROXY_CLOSE_MS);
}

static int serve(struct proxy *proxy, const char *listen) {
  char name[300];
  int status;
  proxy->server.listen_fd = net_listen(listen, name, sizeof name);
  if (proxy->server.listen_fd < 0 ||
      (proxy->name[0] == '\0' && set_name(proxy, name) != 0)) {
    return -1;
  }
  if (configure(proxy) != 0 || handle_signals() != 0) {
    fprintf(stderr, "proxy: cannot start\n");
    return -1;
  }
  proxy->server.config = proxy->config;
  proxy->server.on_gone = web_close;
  proxy->server.data = proxy;
  printf("listening on ws://%s/\n", name);
  fflush(stdout);
  status = net_server_run(&proxy->server, &stopping, 0);
  return status == 0 ? drain(proxy) : status;
}

int main(int argc, char **argv) {
  struct proxy *proxy = calloc(1, sizeof *proxy);
  const char *listen = NULL;
  int status = 2;
  if (proxy == NULL) {
    return 1;
  }
  proxy->server.listen_fd = -1;
  if (read_options(proxy, argc, argv, &listen) == 0) {
    status = serve(proxy, listen) == 0 ? 0 : 1;
    net_server_free(&proxy->server);
  }
  bindings_free(proxy);
  auth_free(proxy);
  sipws_config_free(proxy->config);
  free(proxy);
  return status;
}
