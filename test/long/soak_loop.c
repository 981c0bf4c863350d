#include "soak_loop.h"

#include "../../examples/net.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  STEP_MS = 5,
  SWEEP_MS = 50, /* timers; the library takes a late tick */
  EVENTS = 512
};

struct soak soak;
static sipws_config *config;
static int listener, poller;
static char address[64];
static uint16_t port;
static uint8_t scratch[65536];

/* Ends that were let go since the last look at epoll's events, which may name
 * them. */
static struct soak_end *gone[EVENTS * 4];
static unsigned gone_count;

uint32_t soak_draw(uint32_t below) {
  soak.seed = soak.seed * 1664525u + 1013904223u;
  return (uint32_t)((uint64_t)(soak.seed >> 8) * below >> 24);
}

static void *heap_alloc(void *ptr, size_t old_size, size_t new_size,
                        void *user) {
  (void)user;
  soak.heap += new_size - old_size;
  if (new_size == 0) {
    free(ptr);
    return NULL;
  }
  return realloc(ptr, new_size);
}

/* ---- ends and their sockets ---- */

static void end_watch(struct soak_end *end, int how, uint32_t events) {
  struct epoll_event event;
  event.events = events;
  event.data.ptr = end;
  if (events != end->events || how == EPOLL_CTL_ADD) {
    soak_need(epoll_ctl(poller, how, end->fd, &event) == 0, "epoll_ctl", NULL);
    end->events = events;
  }
}

static struct soak_end *end_new(struct soak_pair *pair, int role, int fd) {
  struct soak_end *end = calloc(1, sizeof *end);
  int size = soak_draw(2) ? 8192 : 65536;
  int on = 1, idle_s = 5;
  soak_need(end != NULL && fd >= 0, "no end", pair);
  end->pair = pair;
  end->role = role;
  end->fd = fd;
  /* Small buffers, so that queues build up and octets come in pieces. */
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  /* A reset behind octets that such a buffer dropped has not the number that it
   * must have, and is lost: TCP asks again (RFC 5961 section 3.2). */
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  end_watch(end, EPOLL_CTL_ADD, EPOLLIN);
  return end;
}

static void end_hang_up(struct soak_end *end) {
  if (end->fd >= 0) {
    close(end->fd);
    end->fd = -1;
  }
}

static void end_free(struct soak_end *end) {
  end_hang_up(end);
  sipws_conn_free(end->conn);
  end->conn = NULL;
  soak_need(gone_count < sizeof gone / sizeof gone[0], "too many at once",
            NULL);
  gone[gone_count++] = end;
}

static void gone_free(void) {
  while (gone_count > 0) {
    free(gone[--gone_count]);
  }
}

/* Both are over, or the server's end never learned whose it is. */
static void pair_settle(struct soak_pair *pair) {
  if (!pair->client->is_over ||
      (pair->server != NULL && !pair->server->is_over)) {
    return;
  }
  soak_need(pair->fate != SOAK_LIVES, "a connection ended by itself", pair);
  soak_account(pair, &soak.sum);
  end_free(pair->client);
  if (pair->server != NULL) {
    end_free(pair->server);
  }
  pair->client = pair->server = NULL;
  pair->retry_at = soak.now + soak_draw(500);
}

static void end_over(struct soak_end *end) {
  end->is_over = 1;
  end_hang_up(end);
  if (end->pair == NULL) {
    end_free(end);
  } else {
    pair_settle(end->pair);
  }
}

void soak_serve(struct soak_end *end) {
  uint32_t wants;
  if (end->is_over) {
    return;
  }
  wants = sipws_conn_wants(end->conn);
  if ((wants & SIPWS_WANT_WRITE) != 0) {
    (void)sipws_conn_writable(end->conn, soak.now, &wants);
  }
  if ((wants & SIPWS_WANT_SHUT) != 0) {
    (void)shutdown(end->fd, SHUT_WR);
  }
  if ((wants & SIPWS_WANT_CLOSE) != 0) {
    end_over(end);
    return;
  }
  end_watch(end, EPOLL_CTL_MOD,
            ((wants & SIPWS_WANT_READ) != 0 ? (uint32_t)EPOLLIN : 0) |
                ((wants & SIPWS_WANT_WRITE) != 0 ? (uint32_t)EPOLLOUT : 0));
}

static void end_read(struct soak_end *end) {
  uint32_t wants = 0;
  int err;
  do {
    err = sipws_conn_readable(end->conn, scratch, sizeof scratch, soak.now,
                              &wants);
  } while (err == SIPWS_ERR_AGAIN);
  soak_serve(end);
}

/* ---- callbacks ---- */

static void on_request(sipws_conn *conn, void *user) {
  struct soak_end *end = user;
  unsigned number = 0, life = 0;
  sipws_request view;
  const char *text;
  size_t len;
  char path[64];
  view.struct_size = sizeof view;
  soak_need(sipws_conn_request(conn, &text, &len, &view) == 0, "no request",
            NULL);
  snprintf(path, sizeof path, "%.*s", (int)view.path.len, text + view.path.off);
  soak_need(sscanf(path, "/%u/%u", &number, &life) == 2 &&
                number < soak.pair_count,
            "another path", NULL);
  if (soak.pairs[number].life != life || soak.pairs[number].client == NULL) {
    /* of a former life */
    (void)sipws_conn_reject(conn, 404, NULL, 0, soak.now);
    return;
  }
  end->pair = &soak.pairs[number];
  soak.pairs[number].server = end;
  soak_need(sipws_conn_accept(conn, NULL, 0, soak.now) == 0, "accept",
            end->pair);
}

static void on_open(sipws_conn *conn, void *user) {
  struct soak_end *end = user;
  (void)conn;
  end->is_open = 1;
  soak.sum.opened += end->role == SIPWS_SERVER;
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  (void)conn;
  (void)kind;
  soak_hear(user, msg, len, verdict);
  return 0;
}

static void on_sent(sipws_conn *conn, uint64_t seq, void *user) {
  struct soak_end *end = user;
  (void)conn;
  soak_need(seq > end->settled, "settled twice", end->pair);
  end->settled = seq;
}

/* ---- pairs ---- */

static void pair_begin(struct soak_pair *pair) {
  char url[128];
  int len;
  pair->life++;
  pair->fate = SOAK_LIVES;
  len = snprintf(url, sizeof url, "ws://%s/%u/%u", address, pair->number,
                 pair->life);
  pair->client = end_new(pair, SIPWS_CLIENT, net_dial("127.0.0.1", port, 5000));
  soak_need(sipws_client_new(config, url, (size_t)len, pair->client, soak.now,
                             &pair->client->conn) == 0,
            "client", pair);
  (void)sipws_conn_set_io_user(pair->client->conn, &pair->client->fd);
  soak_serve(pair->client);
}

static void accept_all(void) {
  int fd;
  while ((fd = accept(listener, NULL, NULL)) >= 0) {
    struct soak_end *end;
    soak_need(net_prepare(fd) == 0, "accept", NULL);
    end = end_new(NULL, SIPWS_SERVER, fd);
    soak_need(sipws_server_new(config, end, soak.now, &end->conn) == 0,
              "server", NULL);
    (void)sipws_conn_set_io_user(end->conn, &end->fd);
  }
}

int soak_is_up(const struct soak_pair *pair) {
  return pair->client != NULL && pair->server != NULL &&
         pair->client->is_open && pair->server->is_open &&
         pair->fate == SOAK_LIVES;
}

/* ---- the loop ---- */

static void end_sweep(struct soak_end *end) {
  if (end->is_over) {
    return;
  }
  if (end->resume_at != 0 && end->resume_at <= soak.now) {
    end->resume_at = 0;
    (void)sipws_conn_resume(end->conn, soak.now);
    end_read(end);
    return;
  }
  if (sipws_conn_deadline(end->conn) <= soak.now) {
    (void)sipws_conn_tick(end->conn, soak.now);
    soak_serve(end);
  }
}

static void sweep(void) {
  unsigned i;
  for (i = 0; i < soak.pair_count; i++) {
    struct soak_pair *pair = &soak.pairs[i];
    if (pair->client == NULL && pair->retry_at <= soak.now) {
      pair_begin(pair);
    }
    if (pair->client != NULL) {
      end_sweep(pair->client);
    }
    if (pair->server != NULL) {
      end_sweep(pair->server);
    }
    gone_free();
  }
}

void soak_step(void) {
  static struct epoll_event events[EVENTS];
  static uint64_t swept_at;
  int count = epoll_wait(poller, events, EVENTS, STEP_MS);
  int i;
  soak.now = net_now_ms();
  for (i = 0; i < count; i++) {
    struct soak_end *end = events[i].data.ptr;
    if (end == NULL) {
      accept_all();
    } else if (end->conn != NULL && !end->is_over) {
      if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0) {
        end_read(end);
      } else {
        soak_serve(end);
      }
    }
  }
  gone_free();
  if (soak.now >= swept_at + SWEEP_MS) {
    swept_at = soak.now;
    sweep();
  }
}

/* ---- from beginning to end ---- */

static void make_config(void) {
  sipws_config_new(heap_alloc, NULL, &config);
  sipws_config_set_random(config, sipws_os_random, NULL);
  sipws_config_set_io(config, net_recv, net_send);
  sipws_config_on_request(config, on_request);
  sipws_config_on_open(config, on_open);
  sipws_config_on_message(config, on_message);
  sipws_config_on_sent(config, on_sent);
  sipws_config_set_timer(config, SIPWS_TIMER_TRIM, SOAK_TRIM_MS);
  /* A full queue goes through small buffers before Close does. */
  sipws_config_set_timer(config, SIPWS_TIMER_CLOSE, 60000);
  /* Pings are part of the traffic; at rest there is silence. */
  sipws_config_set_keepalive(config, SIPWS_KEEPALIVE_PING, 0);
}

static void make_listener(unsigned connections) {
  struct epoll_event event;
  struct rlimit limit;
  limit.rlim_cur = limit.rlim_max = 2 * connections + 100;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
      limit.rlim_max < 2 * connections + 100) {
    fprintf(stderr,
            "soak: %u connections need %u descriptors, %llu are "
            "allowed: raise ulimit -n\n",
            connections, 2 * connections + 100,
            (unsigned long long)limit.rlim_max);
    exit(1);
  }
  limit.rlim_cur = limit.rlim_max;
  soak_need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit", NULL);
  poller = epoll_create1(0);
  listener = net_listen("127.0.0.1:0", address, sizeof address);
  soak_need(listener >= 0 && poller >= 0, "no listener", NULL);
  port = (uint16_t)atoi(strrchr(address, ':') + 1);
  event.events = EPOLLIN;
  event.data.ptr = NULL;
  soak_need(epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) == 0, "epoll",
            NULL);
}

void soak_begin(unsigned count) {
  unsigned i;
  make_listener(count);
  make_config();
  soak.pair_count = count;
  soak.pairs = calloc(count, sizeof *soak.pairs);
  soak_need(soak.pairs != NULL, "no memory", NULL);
  soak.now = net_now_ms();
  for (i = 0; i < count; i++) {
    soak.pairs[i].number = i;
    soak.pairs[i].retry_at = soak.now + soak_draw(1000);
  }
}

void soak_finish(void) {
  unsigned i;
  for (i = 0; i < soak.pair_count; i++) {
    soak_account(&soak.pairs[i], &soak.sum);
    end_free(soak.pairs[i].client);
    end_free(soak.pairs[i].server);
    gone_free();
  }
  free(soak.pairs);
  sipws_config_free(config);
  soak_need(soak.heap == 0, "memory is not given back", NULL);
}
