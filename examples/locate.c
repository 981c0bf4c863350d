/* Where is the SIP server of a domain? Asks the DNS as RFC 3263 says and prints
 * the targets in the order in which a client tries them.
 * Run: build/examples/locate sip:example.com */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "resolve.h"
#include <sipws/sip.h>

enum { EXIT_NONE = 1, EXIT_USAGE = 2, EXIT_FAILED = 3 };

struct options {
  const char *server; /* NULL: the system's */
  const char *uri;
  int secure;
  int families;
};

static const char usage[] =
    "usage: locate [options] URI\n"
    "Prints URL, address and name of each WebSocket server of URI, sip:HOST "
    "or\n"
    "sips:HOST, in the order in which a client tries them (RFC 3263).\n"
    "  --server ADDRESS:PORT  the DNS server to ask (those of the system)\n"
    "  --secure               servers for wss alone\n"
    "  --ipv4-first           a server's IPv4 addresses before its others\n"
    "  --ipv4, --ipv6         addresses of that kind alone\n"
    "  --help                 this text\n"
    "Exit status: 0, or 1 when there is no server, 2 when the arguments are\n"
    "wrong, 3 when the DNS could not be asked.\n";

static int read_options(struct options *options, int argc, char **argv) {
  int i;

  memset(options, 0, sizeof(*options));
  for (i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--server") == 0 && i + 1 < argc) {
      options->server = argv[++i];
    } else if (strcmp(argv[i], "--secure") == 0) {
      options->secure = 1;
    } else if (strcmp(argv[i], "--ipv4-first") == 0) {
      options->families = SIPWS_FAMILIES_IPV4_FIRST;
    } else if (strcmp(argv[i], "--ipv4") == 0) {
      options->families = SIPWS_FAMILIES_IPV4_ONLY;
    } else if (strcmp(argv[i], "--ipv6") == 0) {
      options->families = SIPWS_FAMILIES_IPV6_ONLY;
    } else if (argv[i][0] != '-' && options->uri == NULL) {
      options->uri = argv[i];
    } else {
      return -1;
    }
  }
  return options->uri != NULL ? 0 : -1;
}

/* As "wss://example.com:8443/ [2001:db8::1]:8443 edge.example.com". */
static void print_target(const sipws_target *target) {
  int secure = target->transport == SIPWS_TRANSPORT_WSS;
  uint32_t port = target->port == (secure ? 443u : 80u) ? 0 : target->port;
  char url[512];
  char addr[INET6_ADDRSTRLEN];
  size_t len;

  if (sipws_url_build(secure, target->host, target->host_len, port, NULL, 0,
                      url, sizeof(url), &len) != 0 ||
      inet_ntop(target->addr_len == 4 ? AF_INET : AF_INET6, target->addr, addr,
                sizeof(addr)) == NULL) {
    return;
  }
  printf(target->addr_len == 4 ? "%.*s %s:%u %.*s\n" : "%.*s [%s]:%u %.*s\n",
         (int)len, url, addr, (unsigned)target->port, (int)target->server_len,
         target->server);
}

/* Prints all; a SIPWS_ERR_ number when something went wrong. */
static int print_targets(const struct options *options, struct resolve *resolve,
                         sipws_locate *locate, uint32_t *count) {
  sipws_span whole = {0, (uint32_t)strlen(options->uri)};
  sipws_uri uri = {.struct_size = sizeof(uri)};
  sipws_target target = {.struct_size = sizeof(target)};
  int error = sipws_uri_parse(options->uri, &whole, &uri);

  if (error == 0) {
    error = sipws_locate_set_families(locate, options->families);
  }
  if (error == 0) {
    error = sipws_locate_uri(locate, options->uri, &uri, options->secure);
  }
  while (error == 0) {
    error = resolve_next(resolve, locate, &target);
    if (error == 0) {
      print_target(&target);
      ++*count;
    }
  }
  return error == SIPWS_ERR_NOT_FOUND ? 0 : error;
}

int main(int argc, char **argv) {
  struct options options;
  sipws_config *config = NULL;
  sipws_locate *locate = NULL;
  struct resolve *resolve;
  uint32_t count = 0;
  int status = 0;
  int error;

  if (argc == 2 && strcmp(argv[1], "--help") == 0) {
    fputs(usage, stdout);
    return 0;
  }
  if (read_options(&options, argc, argv) != 0) {
    fputs(usage, stderr);
    return EXIT_USAGE;
  }
  resolve = resolve_open(options.server);
  if (resolve == NULL) {
    return EXIT_USAGE;
  }
  error = sipws_config_new(NULL, NULL, &config);
  if (error == 0) {
    (void)sipws_config_set_random(config, sipws_os_random, NULL);
    error = sipws_locate_new(config, &locate);
  }
  if (error == 0) {
    error = print_targets(&options, resolve, locate, &count);
  }
  if (error != 0) {
    fprintf(stderr, "locate: %s: %s\n", options.uri,
            error == SIPWS_ERR_SYNTAX || error == SIPWS_ERR_INVALID
                ? "not a SIP URI; write sip:HOST or sips:HOST"
                : sipws_error_text(error));
    status = EXIT_USAGE;
  } else if (count == 0) {
    int failed = sipws_locate_failures(locate) > 0;
    fprintf(stderr, "locate: %s\n",
            failed ? "the DNS gives no answer" : "no server");
    status = failed ? EXIT_FAILED : EXIT_NONE;
  }
  resolve_close(resolve);
  sipws_locate_free(locate);
  sipws_config_free(config);
  return status;
}
