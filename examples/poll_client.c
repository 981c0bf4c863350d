/* A client in a poll loop: sends one OPTIONS, prints the answer, closes.
 * Run: build/examples/poll_client ws://127.0.0.1:8080/ */
#include <poll.h>
#include <sipws/sip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"

static void must(int error) {
  if (error != 0) {
    fprintf(stderr, "poll_client: %s\n", sipws_error_text(error));
    exit(1);
  }
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  (void)kind, (void)verdict, (void)user;
  printf("%.*s", (int)len, msg);
  return sipws_conn_close(conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL,
                          net_now_ms());
}

static void send_options(sipws_conn *conn) {
  uint8_t seed[28]; /* 12 for the host's name, 16 for the branch */
  char host[SIPWS_RANDOM_HOST_LEN], via[128], text[512];
  size_t host_len, via_len;
  must(sipws_os_random(seed, sizeof seed, NULL));
  must(sipws_random_host(seed, host, sizeof host, &host_len));
  must(sipws_via_build(0, host, host_len, seed + 12, NULL, 0, via, sizeof via,
                       &via_len));
  snprintf(text, sizeof text,
           "OPTIONS sip:server.invalid SIP/2.0\r\nVia: %.*s\r\n"
           "From: <sip:me.invalid>;tag=%.8s\r\nTo: <sip:server.invalid>\r\n"
           "Call-ID: %.*s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n",
           (int)via_len, via, host, (int)host_len, host);
  must(sipws_conn_send(conn, text, strlen(text), 0, net_now_ms(), NULL));
}

int main(int argc, char **argv) {
  const char *text = argc == 2 ? argv[1] : "";
  sipws_url url = {.struct_size = sizeof url};
  struct pollfd wait = {.fd = -1};
  char host[256], scratch[4096];
  sipws_config *config;
  sipws_conn *conn;
  uint32_t wants;
  if (sipws_url_parse(text, strlen(text), &url) != 0 || url.secure) {
    fprintf(stderr, "usage: poll_client URL, as ws://127.0.0.1:8080/\n");
    return 1;
  }
  snprintf(host, sizeof host, "%.*s", (int)url.host.len, text + url.host.off);
  wait.fd = net_dial(host, (uint16_t)url.port, 5000);
  must(wait.fd < 0 ? SIPWS_ERR_LOST : 0);
  must(sipws_config_new(NULL, NULL, &config));
  must(sipws_config_set_random(config, sipws_os_random, NULL));
  must(sipws_config_set_io(config, net_recv, net_send));
  must(sipws_config_set_timer(config, SIPWS_TIMER_IDLE, 15000));
  must(sipws_config_on_message(config, on_message));
  must(sipws_client_new(config, text, strlen(text), &wait.fd, net_now_ms(),
                        &conn));
  send_options(conn);
  while (!((wants = sipws_conn_wants(conn)) & SIPWS_WANT_CLOSE)) {
    uint64_t now_ms = net_now_ms(), until_ms = sipws_conn_deadline(conn);
    uint64_t wait_ms = until_ms > now_ms ? until_ms - now_ms : 0;
    wait.events = (short)((wants & SIPWS_WANT_READ ? POLLIN : 0) |
                          (wants & SIPWS_WANT_WRITE ? POLLOUT : 0));
    poll(&wait, 1, wait_ms < 1000 ? (int)wait_ms : 1000);
    sipws_conn_tick(conn, net_now_ms());
    sipws_conn_readable(conn, scratch, sizeof scratch, net_now_ms(), NULL);
    sipws_conn_writable(conn, net_now_ms(), NULL);
  }
  if (sipws_conn_cause(conn) != SIPWS_CAUSE_OUR_CLOSE) {
    must(sipws_conn_error(conn)); /* it ended before the answer */
  }
  sipws_conn_free(conn);
  sipws_config_free(config);
  return close(wait.fd);
}
