#include "proxy_options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proxy_auth.h"
#include "proxy_clf.h"
#include "proxy_edge.h"

/* Shorter than what usually drops idle connections. */
enum { OPTIONS_PING_MS = 25000 };

static const char usage[] =
    "usage: proxy --listen HOST:PORT [options]\n"
    "A SIP registrar and relay for WebSocket clients (RFC 7118), as\n"
    "  proxy --listen 127.0.0.1:8080 --web build/web\n"
    "  --listen HOST:PORT  where to listen; port 0: any free one\n"
    "  --web DIR           serve the files of DIR over HTTP on the same port;\n"
    "                      make web makes build/web\n"
    "  --domain NAME       serve this domain; may be repeated; default: all\n"
    "  --users FILE        ask for passwords at REGISTER; lines of FILE are\n"
    "                      user:password (password without colon) or\n"
    "                      user:realm:password; the realm is the domain\n"
    "  --origins LIST      pages that may connect, https://app.example.com or\n"
    "                      https://*.example.com; default: any\n"
    "  --trust LIST        load balancers in front of us, 10.0.0.1 or\n"
    "                      10.0.0.0/8; their X-Forwarded-For is believed\n"
    "  --forwarded         with --trust: instead, their Forwarded (RFC 7239)\n"
    "  --proxy-header      with --trust: instead, the PROXY header that they\n"
    "                      send first\n" SECURE_SERVER_HELP
    "  --plain HOST:PORT   with --cert: listen here too, for ws\n"
    "  --udp HOST:PORT     relay to and from phones on UDP, too\n"
    "  --registrar H:P     with --udp: be an edge proxy; registrations and\n"
    "                      what is in no dialog go to that server, over UDP\n"
    "  --name HOST[:PORT]  how clients reach us, if not as --listen says;\n"
    "                      phones on UDP at the same HOST\n"
    "  --ping SECONDS      how often an idle client gets a ping (25)\n"
    "  --clf FILE          append a record for each SIP message (RFC 6873)\n"
    "  --verbose           one line a client, registration or relayed request\n"
    "  --help              this text\n"
    "SIGINT or SIGTERM closes all connections; a second one ends at once.\n"
    "SIGHUP reads certificates, keys and CRLs anew, for connections to come.\n";

static int options_misused(const char *option, const char *what) {
  fprintf(stderr, "proxy: %s: %s; proxy --help tells more\n", option, what);
  return -1;
}

int options_set_name(struct proxy_name *ours, const char *name) {
  char text[sizeof ours->text + 4];
  sipws_span whole = {0, 0};
  sipws_uri uri;
  int len = snprintf(text, sizeof text, "sip:%s", name);
  whole.len = (uint32_t)len;
  if (len >= (int)sizeof text || read_uri(text, &whole, &uri) != 0 ||
      uri.user.len != 0 || uri.params.len != 0 || uri.headers.len != 0) {
    fprintf(stderr, "%s: not HOST or HOST:PORT\n", name);
    return -1;
  }
  strcpy(ours->text, name);
  ours->port = uri.port;
  return span_copy(text, &uri.host, ours->host, sizeof ours->host);
}

/* With a word that no browser sends on the list, every page would be
 * refused. */
static int options_set_origins(struct proxy *proxy, const char *list) {
  static const char gaps[] = ", \t";
  const char *at = list + strspn(list, gaps);
  while (*at != '\0') {
    size_t len = strcspn(at, gaps);
    const char *scheme_end = strstr(at, "://");
    int has_scheme = scheme_end != NULL && scheme_end < at + len;
    if ((!has_scheme && (len != 4 || memcmp(at, "null", 4) != 0)) ||
        at[len - 1] == '/') {
      fprintf(stderr,
              "--origins: %.*s is no origin; write https://app.example.com\n",
              (int)len, at);
      return -1;
    }
    at += len;
    at += strspn(at, gaps);
  }
  proxy->origins = list;
  return 0;
}

static int options_set_web(struct proxy *proxy, const char *folder) {
  struct stat facts;
  if (stat(folder, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    fprintf(stderr, "--web: there is no folder %s; make web makes build/web\n",
            folder);
    return -1;
  }
  proxy->web_dir = folder;
  return 0;
}

static int options_set_trust(struct proxy *proxy, const char *list) {
  sipws_span bad;
  if (sipws_trust_check(list, strlen(list), &bad) != 0) {
    fprintf(stderr, "--trust: %.*s is no address or network\n", (int)bad.len,
            list + bad.off);
    return -1;
  }
  proxy->trust = list;
  return 0;
}

static int options_set_ping(struct proxy *proxy, const char *seconds) {
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

/* An option that has a value. */
static int options_set(struct proxy *proxy, const char *option,
                       const char *value) {
  if (strcmp(option, "--listen") == 0) {
    proxy->listen = value;
  } else if (strcmp(option, "--udp") == 0) {
    proxy->datagrams = value;
  } else if (strcmp(option, "--registrar") == 0) {
    return edge_set(proxy, value);
  } else if (strcmp(option, "--clf") == 0) {
    return clf_open(proxy, value);
  } else if (strcmp(option, "--web") == 0) {
    return options_set_web(proxy, value);
  } else if (strcmp(option, "--name") == 0) {
    return options_set_name(&proxy->ws, value);
  } else if (strcmp(option, "--plain") == 0) {
    proxy->plain = value;
  } else if (strcmp(option, "--origins") == 0) {
    return options_set_origins(proxy, value);
  } else if (strcmp(option, "--trust") == 0) {
    return options_set_trust(proxy, value);
  } else if (strcmp(option, "--ping") == 0) {
    return options_set_ping(proxy, value);
  } else if (strcmp(option, "--users") == 0) {
    return auth_load(proxy, value);
  } else if (strcmp(option, "--domain") == 0) {
    if (proxy->domain_count == PROXY_DOMAINS) {
      return options_misused(option, "too many of them");
    }
    proxy->domains[proxy->domain_count++] = value;
  } else {
    return options_misused(option, "no such option");
  }
  return 0;
}

/* One option: how many arguments it takes, or -1. */
static int options_read_one(struct proxy *proxy, char **argv) {
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
    return options_misused(argv[0], "no such option, or its value is missing");
  }
  return options_set(proxy, argv[0], argv[1]) == 0 ? 2 : -1;
}

int options_read(struct proxy *proxy, int argc, char **argv) {
  int i = 1;
  proxy->trust = "";
  proxy->told_by = SIPWS_CLIENT_X_FORWARDED;
  proxy->ping_ms = OPTIONS_PING_MS;
  while (i < argc) {
    int used = options_read_one(proxy, argv + i);
    if (used < 0) {
      return -1;
    }
    i += used;
  }
  if (proxy->listen == NULL) {
    return options_misused("--listen", "it is needed, with HOST:PORT");
  }
  if (edge_is(proxy) && proxy->datagrams == NULL) {
    fprintf(stderr, "--registrar needs --udp\n");
    return -1;
  }
  return 0;
}
