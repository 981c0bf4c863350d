/*
 * ua: a SIP client over WebSocket for the command line.
 *
 * Shows the callbacks of the library at work: a socket for each server, one
 * poll loop, the transport hooks, and a client that goes from step to step as
 * responses come. From the bottom up: ua_place and ua_locate find addresses,
 * ua_flow keeps a connection that ua_dial makes, ua_register a registration
 * over it, ua_client does what the command says; ua_sip and ua_auth write and
 * read messages.
 *
 *   ua --server ws://127.0.0.1:8080/ --aor sip:alice@example.com listen
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "net.h"
#include "ua_client.h"
#include "ua_dial.h"

enum {
  UA_NAP_MS = 250 /* the longest poll: the client's own timers and signals that
                     come just before it are seen then */
};

static volatile sig_atomic_t ua_interrupted;

static void ua_interrupt(int signal_number) {
  (void)signal_number;
  ua_interrupted = 1;
}

/* Until no flow is left; the exit status. */
static int ua_run(struct ua *ua) {
  struct pollfd waits[UA_FLOWS];
  int result = UA_EXIT_USAGE;

  ua_client_tick(ua, 0, net_now_ms());
  while (!ua_client_is_done(ua, &result)) {
    uint64_t now_ms = net_now_ms();
    uint64_t until_ms = now_ms + UA_NAP_MS;
    uint32_t i;
    for (i = 0; i < ua->flow_count; i++) {
      ua_flow_poll(&ua->flows[i], &waits[i], &until_ms);
    }
    (void)poll(waits, ua->flow_count,
               until_ms > now_ms ? (int)(until_ms - now_ms) : 0);
    now_ms = net_now_ms();
    for (i = 0; i < ua->flow_count; i++) {
      ua_dial_serve(&ua->flows[i], waits[i].revents, now_ms);
      ua_flow_serve(&ua->flows[i], waits[i].revents, now_ms);
    }
    ua_client_tick(ua, ua_interrupted, now_ms);
  }
  return result;
}

/* Ctrl-C ends listening in good order; other commands are short. */
static void ua_catch(void) {
  struct sigaction interrupt;

  memset(&interrupt, 0, sizeof(interrupt));
  interrupt.sa_handler = ua_interrupt;
  (void)sigaction(SIGINT, &interrupt, NULL);
  (void)sigaction(SIGTERM, &interrupt, NULL);
}

/* TLS, if one of the servers is for wss, or one that is found may be. 0, or -1
 * with a message on stderr. */
static int ua_secure(struct ua *ua) {
  struct secure *secure = &ua->options.secure;
  int status = 0;
  uint32_t i;

  for (i = 0; i < ua->flow_count && status == 0 && !secure_is_on(secure); i++) {
    const char *url = ua->flows[i].server;
    status = secure_start(secure, url != NULL ? url : "wss://found.invalid/");
  }
  return status;
}

int main(int argc, char **argv) {
  static struct ua ua;
  int status = ua_options_read(&ua.options, argc, argv);

  if (status != 0) {
    return status > 0 ? UA_EXIT_OK : UA_EXIT_USAGE;
  }
  if (sipws_config_new(NULL, NULL, &ua.config) != 0) {
    fprintf(stderr, "ua: out of memory\n");
    return UA_EXIT_CONNECTION;
  }
  (void)sipws_config_set_random(ua.config, sipws_os_random, NULL);
  (void)sipws_config_set_io(ua.config, net_recv, net_send);
  /* Who reads the output through a file or pipe sees each line at once. */
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  if (ua.options.command == UA_LISTEN) {
    ua_catch();
  }
  status = UA_EXIT_USAGE;
  if (ua_client_init(&ua) == 0 && ua_secure(&ua) == 0) {
    status = ua_run(&ua);
  }
  secure_free(&ua.options.secure);
  sipws_config_free(ua.config);
  return status;
}
