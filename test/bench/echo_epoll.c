/* An echo server on the library, as one writes a fast one: messages are fed
 * from one receive buffer and read where they lie, all answers of a wake-up
 * leave by one system call, and deadlines stand in a heap.
 * echo_epoll PORT [PING_MS]: pings every PING_MS, 0 (the default) none. */
#include "echo_loop.h"
#include "echo_timer.h"

#include <sipws/sipws.h>

#include <stdlib.h>
#include <sys/socket.h>

struct ws_peer {
  struct echo_peer peer;
  struct echo_timer timer;
  sipws_conn *conn;
};

static sipws_config *ws_config;
static size_t ws_octets; /* that the library holds */

static void *ws_allocate(void *ptr, size_t old_size, size_t new_size,
                         void *user) {
  void *made = NULL;
  (void)user;
  if (new_size == 0) {
    free(ptr);
  } else {
    made = realloc(ptr, new_size);
  }
  if (new_size == 0 || made != NULL) {
    ws_octets += new_size - old_size;
  }
  return made;
}

static size_t ws_heap(void) {
  return ws_octets;
}

static int ws_on_message(sipws_conn *conn, int kind, const char *msg,
                         size_t len, int verdict, void *user) {
  uint32_t flags = kind == SIPWS_TEXT ? SIPWS_SEND_TEXT : SIPWS_SEND_BINARY;
  (void)verdict, (void)user;
  return sipws_conn_send(conn, msg, len, flags, echo_now_ms, NULL);
}

static int ws_start(int argc, char **argv) {
  uint32_t ping_ms = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
  if (sipws_config_new(ws_allocate, NULL, &ws_config) != 0 ||
      sipws_config_set_random(ws_config, sipws_os_random, NULL) != 0 ||
      sipws_config_add_subprotocol(ws_config, "", 0, SIPWS_PROFILE_OPAQUE) !=
          0 ||
      sipws_config_set_policy(ws_config, SIPWS_POLICY_TRIM_AT_ONCE) != 0 ||
      sipws_config_set_keepalive(ws_config, SIPWS_KEEPALIVE_PING, ping_ms) !=
          0 ||
      sipws_config_on_message(ws_config, ws_on_message) != 0) {
    return -1;
  }
  return 0;
}

static int ws_open(struct echo_peer *peer) {
  struct ws_peer *ws = (struct ws_peer *)peer;
  if (echo_timer_add(&ws->timer) != 0) {
    return -1;
  }
  if (sipws_server_new(ws_config, ws, echo_now_ms, &ws->conn) != 0) {
    echo_timer_remove(&ws->timer);
    return -1;
  }
  echo_timer_set(&ws->timer, sipws_conn_deadline(ws->conn));
  return 0;
}

/* Nothing here pauses or pulls, so all is taken unless on_message failed. */
static int ws_input(struct echo_peer *peer, uint8_t *data, size_t len) {
  struct ws_peer *ws = (struct ws_peer *)peer;
  size_t taken = 0;
  (void)sipws_conn_feed_inplace(ws->conn, data, len, echo_now_ms, &taken);
  return taken == len ? 0 : -1;
}

static int ws_lend(struct echo_peer *peer, struct iovec *pieces, int most) {
  struct ws_peer *ws = (struct ws_peer *)peer;
  const uint8_t *data;
  size_t skip = 0;
  size_t len;
  int count = 0;
  while (count < most && sipws_conn_pending(ws->conn, skip, &data, &len) == 0 &&
         len > 0) {
    pieces[count].iov_base = (void *)(uintptr_t)data; /* writev only reads */
    pieces[count].iov_len = len;
    skip += len;
    count++;
  }
  return count;
}

static int ws_taken(struct echo_peer *peer, size_t len) {
  struct ws_peer *ws = (struct ws_peer *)peer;
  return sipws_conn_taken(ws->conn, len, echo_now_ms);
}

/* The deadline may have come nearer; and the connection may be over. */
static int ws_settle(struct echo_peer *peer) {
  struct ws_peer *ws = (struct ws_peer *)peer;
  uint64_t due_ms = sipws_conn_deadline(ws->conn);
  uint32_t wants = sipws_conn_wants(ws->conn);
  if (due_ms < echo_timer_due(&ws->timer)) {
    echo_timer_set(&ws->timer, due_ms);
  }
  if ((wants & SIPWS_WANT_SHUT) != 0) {
    (void)shutdown(peer->fd, SHUT_WR);
  }
  return (wants & SIPWS_WANT_CLOSE) != 0 ? -1 : 0;
}

static void ws_close(struct echo_peer *peer) {
  struct ws_peer *ws = (struct ws_peer *)peer;
  echo_timer_remove(&ws->timer);
  sipws_conn_free(ws->conn);
}

static struct ws_peer *ws_first(void) {
  struct echo_timer *timer = echo_timer_first();
  return timer == NULL
             ? NULL
             : (struct ws_peer *)(void *)((char *)timer -
                                          offsetof(struct ws_peer, timer));
}

static uint64_t ws_due_ms(void) {
  struct ws_peer *ws = ws_first();
  return ws == NULL ? UINT64_MAX : echo_timer_due(&ws->timer);
}

static void ws_tick(void) {
  while (ws_due_ms() <= echo_now_ms) {
    struct ws_peer *ws = ws_first();
    (void)sipws_conn_tick(ws->conn, echo_now_ms);
    echo_timer_set(&ws->timer, sipws_conn_deadline(ws->conn));
    echo_flush(&ws->peer);
  }
}

int main(int argc, char **argv) {
  static const struct echo_server server = {.peer_size = sizeof(struct ws_peer),
                                            .start = ws_start,
                                            .open = ws_open,
                                            .input = ws_input,
                                            .lend = ws_lend,
                                            .taken = ws_taken,
                                            .settle = ws_settle,
                                            .close = ws_close,
                                            .due_ms = ws_due_ms,
                                            .tick = ws_tick,
                                            .heap = ws_heap};
  return echo_serve(argc, argv, &server);
}
