/* A server in a poll loop, all in the open: takes up to 64 connections and
 * answers OPTIONS. Run: build/examples/poll_server 127.0.0.1:8080, then
 * build/examples/poll_client ws://127.0.0.1:8080/; Ctrl-C ends it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include <sipws/sip.h>

enum { SLOTS = 65 };
static struct pollfd fds[SLOTS]; /* the listener's, then the connections' */
static sipws_conn *conns[SLOTS]; /* NULL where a slot is free */
static volatile sig_atomic_t stop;

static void on_signal(int number) {
  (void)number;
  stop = 1;
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  static char answer[65536];
  char tag[17];
  sipws_sip_view view;
  (void)kind, (void)verdict, (void)user;
  view.struct_size = sizeof view;
  if (sipws_sip_parse(msg, len, &view) != 0 || view.method.len != 7 ||
      memcmp(msg + view.method.off, "OPTIONS", 7) != 0) {
    return 0;
  }
  snprintf(tag, sizeof tag, "%lx", (unsigned long)sipws_conn_id(conn));
  if (sipws_sip_respond(msg, len, 200, "OK", 2, tag, strlen(tag), answer,
                        sizeof answer, &len) != 0 ||
      sipws_conn_send(conn, answer, len, 0, net_now_ms(), NULL) != 0) {
    fprintf(stderr, "poll_server: a request went without answer\n");
  }
  return 0;
}

static void close_slot(size_t i) {
  sipws_conn_free(conns[i]);
  conns[i] = NULL;
  close(fds[i].fd);
}

static void open_slot(size_t i, const sipws_config *config) {
  fds[i].fd = accept(fds[0].fd, NULL, NULL); /* may find nobody */
  fds[i].events = POLLIN;
  if (fds[i].fd < 0 || fcntl(fds[i].fd, F_SETFL, O_NONBLOCK) != 0 ||
      sipws_server_new(config, &fds[i].fd, net_now_ms(), &conns[i]) != 0) {
    close_slot(i);
  }
}

/* What goes wrong with a connection shows in what it wants. */
static void serve_slot(size_t i, uint64_t now_ms) {
  uint8_t scratch[4096];
  uint32_t wants = 0;
  (void)sipws_conn_readable(conns[i], scratch, sizeof scratch, now_ms, NULL);
  (void)sipws_conn_tick(conns[i], now_ms);
  (void)sipws_conn_writable(conns[i], now_ms, &wants);
  fds[i].events = (short)((wants & SIPWS_WANT_READ ? POLLIN : 0) |
                          (wants & SIPWS_WANT_WRITE ? POLLOUT : 0));
  if (wants & SIPWS_WANT_SHUT) {
    (void)shutdown(fds[i].fd, SHUT_WR);
  }
  if (wants & SIPWS_WANT_CLOSE) {
    close_slot(i);
  }
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = on_signal};
  sipws_config *config = NULL;
  char name[300];
  size_t i;
  fds[0].fd = argc == 2 ? net_listen(argv[1], name, sizeof name) : -1;
  if (fds[0].fd < 0 || sigaction(SIGINT, &action, NULL) != 0 ||
      sigaction(SIGTERM, &action, NULL) != 0 ||
      sipws_config_new(NULL, NULL, &config) != 0 ||
      sipws_config_set_random(config, sipws_os_random, NULL) != 0 ||
      sipws_config_set_io(config, net_recv, net_send) != 0 ||
      sipws_config_on_message(config, on_message) != 0) {
    fprintf(stderr, "cannot start; usage: poll_server HOST:PORT\n");
    return 1;
  }
  printf("listening on ws://%s/\n", name);
  fflush(stdout);
  while (!stop) {
    /* No longer than half a second: a signal may come just before poll. */
    uint64_t now_ms = net_now_ms(), wake_ms = now_ms + 500;
    fds[0].events = 0; /* while all slots are taken */
    for (i = 1; i < SLOTS; i++) {
      if (conns[i] == NULL) {
        fds[i].fd = -1; /* poll passes over it */
        fds[0].events = POLLIN;
      } else if (sipws_conn_deadline(conns[i]) < wake_ms) {
        wake_ms = sipws_conn_deadline(conns[i]);
      }
    }
    (void)poll(fds, SLOTS, wake_ms > now_ms ? (int)(wake_ms - now_ms) : 0);
    for (i = 1; i < SLOTS; i++) {
      if (conns[i] != NULL) {
        serve_slot(i, net_now_ms());
      } else if (fds[0].revents != 0) {
        open_slot(i, config);
      }
    }
  }
  for (i = 0; i < SLOTS; i++) {
    close_slot(i);
  }
  sipws_config_free(config);
  return 0;
}
