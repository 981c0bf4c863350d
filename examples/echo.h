/* What echo_server and echo_client share: options, and the echo itself. */
#ifndef EXAMPLES_ECHO_H
#define EXAMPLES_ECHO_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "secure.h"

#define ECHO_HELP                                                              \
  "  --raw               take any octets, with any subprotocol or none\n"      \
  "                      (those of sip; a server those of msrp, too)\n"        \
  "  --max-message N     take messages of at most N octets (65536)\n"          \
  "  --max-fragments N   take messages of at most N frames (256)\n"            \
  "  --frame-size N      send frames of N octets, not whole messages\n"        \
  "  --help              this text\n"

struct echo {
  int raw;
  uint32_t max_message;
  uint32_t max_fragments;
  uint32_t frame_size; /* 0: whole messages */
  struct secure secure;
};

/* Reads the number behind the option argv[i]; 0, or -1 with a message. */
static int echo_number(char **argv, int i, uint32_t max, uint32_t *number) {
  const char *text = argv[i + 1] != NULL ? argv[i + 1] : "";
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (strspn(text, "0123456789") != strlen(text) || value < 1 || value > max) {
    fprintf(stderr, "%s wants a number from 1 to %lu, not \"%s\"\n", argv[i],
            (unsigned long)max, text);
    return -1;
  }
  *number = (uint32_t)value;
  return 0;
}

/* Reads the option at argv[i]: how many arguments it takes, 0 when it is none
 * of these, or -1 with a message. */
static int echo_option(struct echo *echo, char **argv, int i) {
  if (strcmp(argv[i], "--raw") == 0) {
    echo->raw = 1;
    return 1;
  }
  if (strcmp(argv[i], "--max-message") == 0) {
    return echo_number(argv, i, 1u << 28, &echo->max_message) == 0 ? 2 : -1;
  }
  if (strcmp(argv[i], "--max-fragments") == 0) {
    return echo_number(argv, i, 1u << 31, &echo->max_fragments) == 0 ? 2 : -1;
  }
  if (strcmp(argv[i], "--frame-size") == 0) {
    return echo_number(argv, i, 1u << 28, &echo->frame_size) == 0 ? 2 : -1;
  }
  return secure_option(&echo->secure, argv[i], argv[i + 1]);
}

/* What main returns for an argument that is no option of its own. */
static int echo_misused(const char *argument, int used, const char *usage) {
  if (strcmp(argument, "--help") == 0) {
    fputs(usage, stdout);
    return 0;
  }
  if (used == 0) {
    fprintf(stderr,
            "%s: not an option here, or it wants a value; --help "
            "tells more\n",
            argument);
  }
  return 2;
}

/* Sends it back as it came. While one more might not fit into the queue the
 * connection pauses, which the peer comes to feel: none is lost. */
static int echo_on_message(sipws_conn *conn, int kind, const char *msg,
                           size_t len, int verdict, void *user) {
  const struct net_peer *peer = user;
  const struct echo *echo = peer->server->data;
  uint32_t flags = kind == SIPWS_TEXT ? SIPWS_SEND_TEXT : SIPWS_SEND_BINARY;
  uint64_t now_ms = net_now_ms();
  int error = sipws_conn_send(conn, msg, len, flags | SIPWS_SEND_UNCHECKED,
                              now_ms, NULL);
  (void)verdict;
  if (error != 0 && error != SIPWS_ERR_CLOSED) {
    fprintf(stderr, "no echo: %s\n", sipws_error_text(error));
    (void)sipws_conn_abort(conn, now_ms);
  } else if (error == 0 && sipws_conn_room(conn) < echo->max_message) {
    (void)sipws_conn_pause(conn, now_ms);
  }
  return 0;
}

static void echo_on_writable(sipws_conn *conn, void *user) {
  (void)user;
  (void)sipws_conn_resume(conn, net_now_ms());
}

/* Which subprotocols, and what each carries. A server speaks msrp beside sip on
 * the same port (RFC 7977): its chunks are taken as they are. */
static int echo_subprotocols(const struct echo *echo, int role,
                             sipws_config *config) {
  static const struct {
    int raw;
    int role;
    const char *name;
    int profile;
  } list[] = {{0, SIPWS_CLIENT, "sip", SIPWS_PROFILE_SIP},
              {0, SIPWS_SERVER, "sip", SIPWS_PROFILE_SIP},
              {0, SIPWS_SERVER, "msrp", SIPWS_PROFILE_OPAQUE},
              {1, SIPWS_CLIENT, "", SIPWS_PROFILE_OPAQUE},
              {1, SIPWS_SERVER, "", SIPWS_PROFILE_OPAQUE},
              {1, SIPWS_SERVER, "*", SIPWS_PROFILE_OPAQUE}};
  int error = 0;
  size_t i;
  for (i = 0; error == 0 && i < sizeof list / sizeof *list; i++) {
    if (list[i].raw == echo->raw && list[i].role == role) {
      error = sipws_config_add_subprotocol(
          config, list[i].name, strlen(list[i].name), list[i].profile);
    }
  }
  return error;
}

/* The config of a client or server that echoes; NULL with a message. */
static sipws_config *echo_config(const struct echo *echo, int role) {
  sipws_config *config = NULL;
  /* Twice the greatest message, so that the queue is above its high mark, and
   * writable comes, whenever it has no room for one. */
  uint32_t queue_size = 2 * echo->max_message + 4096;
  int error = sipws_config_new(NULL, NULL, &config);
  if (error == 0) {
    error = echo_subprotocols(echo, role, config);
  }
  if (error == 0 &&
      (sipws_config_set_random(config, sipws_os_random, NULL) != 0 ||
       sipws_config_set_io(config, net_recv, net_send) != 0 ||
       sipws_config_set_limit(config, SIPWS_LIMIT_MESSAGE_SIZE,
                              echo->max_message) != 0 ||
       sipws_config_set_limit(config, SIPWS_LIMIT_FRAGMENTS,
                              echo->max_fragments) != 0 ||
       sipws_config_set_limit(config, SIPWS_LIMIT_FRAME_SIZE,
                              echo->frame_size) != 0 ||
       sipws_config_set_limit(config, SIPWS_LIMIT_QUEUE_SIZE, queue_size) !=
           0 ||
       /* what is not SIP is echoed too, and nothing is sent but echoes */
       sipws_config_set_limit(config, SIPWS_LIMIT_NOT_SIP, 0) != 0 ||
       sipws_config_set_keepalive(config, SIPWS_KEEPALIVE_PING, 0) != 0 ||
       sipws_config_on_message(config, echo_on_message) != 0 ||
       sipws_config_on_writable(config, echo_on_writable) != 0)) {
    error = SIPWS_ERR_INVALID;
  }
  if (error != 0) {
    fprintf(stderr, "cannot start: %s\n", sipws_error_text(error));
    sipws_config_free(config);
    return NULL;
  }
  return config;
}

#endif /* EXAMPLES_ECHO_H */
