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
#include "proxy_front.h"
#include "proxy_registrar.h"
#include "proxy_relay.h"
#include "proxy_web.h"

enum {
  PROXY_PING_MS = 25000, /* shorter than what usually drops idle connections */
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
    "  --origins LIST      pages that may connect, https://app.example.com or\n"
    "                      https://*.example.com; default: any\n"
    "  --trust LIST        load balancers in front of us, 10.0.0.1 or\n"
    "                      10.0.0.0/8; their X-Forwarded-For is believed\n"
    "  --forwarded         instead, their Forwarded (RFC 7239)\n"
    "  --proxy-header      instead, the PROXY header that they send "
    "first\n" SECURE_SERVER_HELP
    "  --plain HOST:PORT   with --cert: listen here too, for ws\n"
    "  --name HOST[:PORT]  how clients reach us, if not as --listen says\n"
    "  --ping SECONDS      how often an idle client gets a ping (25)\n"
    "  --verbose           one line a client, registration or relayed request\n"
    "  --help              this text\n"
    "SIGINT or SIGTERM closes all connections; a second one ends at once.\n";

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

static void on_gone(struct net_peer *peer) {
  front_explain(peer);
  web_close(peer);
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

static int set_trust(struct proxy *proxy, const char *list) {
  sipws_span bad;
  if (sipws_trust_check(list, strlen(list), &bad) != 0) {
    fprintf(stderr, "--trust: %.*s is no address or network\n", (int)bad.len,
            list + bad.off);
    return -1;
  }
  proxy->trust = list;
  return 0;
}

static int set_ping(struct proxy *proxy, const char *seconds) {
  char *end;
  unsigned long value = strtoul(seconds, &end, 10);
  if (strspn(seconds, "0123456789") == 0 || *end != '\0' || value < 1 ||
      value > 86400) {
    fprintf(stderr, "--ping wants seconds, 1 to 86400, not %s\n", seconds);
    return -1;
  }
  proxy->ping_ms = (uint32_t)value * 1000;
  return 0;
}

static int set_option(struct proxy *proxy, const char *option,
                      const char *value, const char **listen) {
  if (strcmp(option, "--listen") == 0) {
    *listen = value;
  } else if (strcmp(option, "--web") == 0) {
    proxy->web_dir = value;
  } else if (strcmp(option, "--name") == 0) {
    return set_name(proxy, value);
  } else if (strcmp(option, "--plain") == 0) {
    proxy->plain = value;
  } else if (strcmp(option, "--origins") == 0) {
    proxy->origins = value;
  } else if (strcmp(option, "--trust") == 0) {
    return set_trust(proxy, value);
  } else if (strcmp(option, "--ping") == 0) {
    return set_ping(proxy, value);
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

/* One option: how many arguments it takes, or -1. */
static int read_option(struct proxy *proxy, char **argv, const char **listen) {
  int used = secure_option(&proxy->secure, argv[0], argv[1]);
  if (used != 0) {
    return used;
  }
  if (strcmp(argv[0], "--help") == 0) {
    fputs(usage, stdout);
    exit(0);
  }
  if (strcmp(argv[0], "--verbose") == 0) {
    proxy->verbose = 1;
    return 1;
  }
  if (strcmp(argv[0], "--forwarded") == 0) {
    proxy->told_by = SIPWS_CLIENT_FORWARDED;
    return 1;
  }
  if (strcmp(argv[0], "--proxy-header") == 0) {
    proxy->told_by = SIPWS_CLIENT_PROXY;
    return 1;
  }
  if (argv[1] == NULL) {
    fputs(usage, stderr);
    return -1;
  }
  return set_option(proxy, argv[0], argv[1], listen) == 0 ? 2 : -1;
}

static int read_options(struct proxy *proxy, int argc, char **argv,
                        const char **listen) {
  int i = 1;
  while (i < argc) {
    int used = read_option(proxy, argv + i, listen);
    if (used < 0) {
      return -1;
    }
    i += used;
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

static int serve(struct proxy *proxy, const char *listen) {
  char name[300];
  int status;
  proxy->server.listen_fd[0] = net_listen(listen, name, sizeof name);
  if (proxy->server.listen_fd[0] < 0 || listen_plain(proxy) != 0 ||
      (proxy->name[0] == '\0' && set_name(proxy, name) != 0)) {
    return -1;
  }
  if (secure_start(&proxy->secure, NULL) != 0 || configure(proxy) != 0 ||
      handle_signals() != 0) {
    fprintf(stderr, "proxy: cannot start\n");
    return -1;
  }
  proxy->server.config = proxy->config;
  proxy->server.on_new = front_attach;
  proxy->server.on_gone = on_gone;
  proxy->server.data = proxy;
  printf("listening on %s://%s/\n", secure_is_on(&proxy->secure) ? "wss" : "ws",
         name);
  fflush(stdout);
  status = run(proxy);
  return status == 0 ? drain(proxy) : status;
}

int main(int argc, char **argv) {
  struct proxy *proxy = calloc(1, sizeof *proxy);
  const char *listen = NULL;
  int status = 2;
  if (proxy == NULL) {
    return 1;
  }
  proxy->server.listen_fd[0] = -1;
  proxy->server.listen_fd[1] = -1;
  proxy->trust = "";
  proxy->told_by = SIPWS_CLIENT_X_FORWARDED;
  proxy->ping_ms = PROXY_PING_MS;
  if (read_options(proxy, argc, argv, &listen) == 0) {
    status = serve(proxy, listen) == 0 ? 0 : 1;
    net_server_free(&proxy->server);
  }
  bindings_free(proxy);
  auth_free(proxy);
  secure_free(&proxy->secure);
  sipws_config_free(proxy->config);
  free(proxy);
  return status;
}
