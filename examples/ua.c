/*
 * ua: a SIP client over WebSocket for the command line.
 *
 * Shows the callbacks of the library at work: one socket, one poll loop, the
 * transport hooks, and a client that goes from step to step as responses come.
 *
 *   ua --server ws://127.0.0.1:8080/ --aor sip:alice@example.com listen
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "ua_client.h"

enum {
  UA_NAP_MS = 250 /* the longest poll: the client's own timers and signals that
                     come just before it are seen then */
};

static volatile sig_atomic_t ua_interrupted;

static void ua_interrupt(int signal_number) {
  (void)signal_number;
  ua_interrupted = 1;
}

/* ----------------------------------------------------------------- loop -- */

/* How long to poll, in ms. */
static int ua_patience(const sipws_conn *conn) {
  uint64_t now_ms = net_now_ms();
  uint64_t until_ms = now_ms + UA_NAP_MS;
  uint64_t deadline_ms = sipws_conn_deadline(conn);

  if (deadline_ms < until_ms) {
    until_ms = deadline_ms;
  }
  return until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
}

/* Until the connection is over. What the calls return is not looked at: the
 * connection keeps a fatal error, and on_closed tells of it. */
static void ua_loop(struct ua *ua, int fd) {
  sipws_conn *conn = ua->conn;
  uint8_t scratch[16384];
  uint32_t wants = sipws_conn_wants(conn);
  int again = 0;

  while ((wants & SIPWS_WANT_CLOSE) == 0) {
    struct pollfd wait = {fd, 0, 0};
    uint64_t now_ms;
    wait.events = (short)((wants & SIPWS_WANT_READ ? POLLIN : 0) |
                          (wants & SIPWS_WANT_WRITE ? POLLOUT : 0));
    (void)poll(&wait, 1, again ? 0 : ua_patience(conn));
    now_ms = net_now_ms();
    if ((wants & SIPWS_WANT_READ) == 0 && (wait.revents & POLLHUP) != 0) {
      (void)sipws_conn_lost(conn, ECONNRESET, now_ms);
    } else if (again || (wait.revents & ~POLLOUT) != 0) {
      again = sipws_conn_readable(conn, scratch, sizeof(scratch), now_ms,
                                  NULL) == SIPWS_ERR_AGAIN;
    }
    (void)sipws_conn_tick(conn, now_ms);
    ua_client_tick(ua, ua_interrupted, now_ms);
    (void)sipws_conn_writable(conn, now_ms, NULL);
    wants = sipws_conn_wants(conn);
    if ((wants & SIPWS_WANT_SHUT) != 0) {
      (void)shutdown(fd, SHUT_WR);
    }
  }
}

/* Connects ua->conn, and runs to its end; the exit status. */
static int ua_connect(struct ua *ua) {
  const struct secure *secure = &ua->options.secure;
  int fd = secure_dial(secure, ua->options.server);
  int error;

  if (fd < 0) {
    return UA_EXIT_CONNECTION;
  }
  error = secure_attach(secure, ua->conn);
  if (error == 0) {
    net_set_addresses(ua->conn, fd);
    (void)sipws_conn_set_io_user(ua->conn, &fd);
    ua_loop(ua, fd);
  } else {
    fprintf(stderr, "ua: %s\n", sipws_error_text(error));
    ua->result = UA_EXIT_USAGE;
  }
  close(fd);
  return ua->result;
}

static int ua_run(struct ua *ua) {
  int status = UA_EXIT_USAGE;

  ua->conn = ua_client_new(ua);
  while (ua->conn != NULL) {
    ua->step = OPENING;
    status = ua_connect(ua);
    sipws_conn_free(ua->conn);
    ua->conn = ua->again;
    ua->again = NULL;
  }
  return status;
}

/* Ctrl-C ends listening in good order; other commands are short. */
static void ua_catch(void) {
  struct sigaction interrupt;

  memset(&interrupt, 0, sizeof(interrupt));
  interrupt.sa_handler = ua_interrupt;
  (void)sigaction(SIGINT, &interrupt, NULL);
  (void)sigaction(SIGTERM, &interrupt, NULL);
}

int main(int argc, char **argv) {
  static struct ua ua;
  sipws_config *config;
  int status = ua_options_read(&ua.options, argc, argv);

  if (status != 0) {
    return status > 0 ? UA_EXIT_OK : UA_EXIT_USAGE;
  }
  if (sipws_config_new(NULL, NULL, &config) != 0) {
    fprintf(stderr, "ua: out of memory\n");
    return UA_EXIT_CONNECTION;
  }
  (void)sipws_config_set_random(config, sipws_os_random, NULL);
  (void)sipws_config_set_io(config, net_recv, net_send);
  /* Who reads the output through a file or pipe sees each line at once. */
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  if (ua.options.command == UA_LISTEN) {
    ua_catch();
  }
  status = UA_EXIT_USAGE;
  if (ua_client_init(&ua, config) == 0 &&
      secure_start(&ua.options.secure, ua.options.server) == 0) {
    status = ua_run(&ua);
  }
  secure_free(&ua.options.secure);
  sipws_config_free(config);
  return status;
}
