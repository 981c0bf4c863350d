#define _GNU_SOURCE /* accept4 */
#include "echo_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { LOOP_EVENTS = 1024, LOOP_PIECES = 64 };

uint64_t echo_now_ms;

static const struct echo_server *loop_server;
static int loop_epoll;
static int loop_listen;
static int loop_alarm; /* rings when |tick| is to be called */
static uint64_t loop_alarm_ms = UINT64_MAX;
static size_t loop_count; /* connections */
static volatile sig_atomic_t loop_stop;
static volatile sig_atomic_t loop_asked;

static void on_signal(int number) {
  if (number == SIGUSR1) {
    loop_asked = 1;
  } else {
    loop_stop = 1;
  }
}

static void loop_read_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  echo_now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int loop_watch(int operation, struct echo_peer *peer, uint32_t events) {
  struct epoll_event event;
  event.events = events;
  event.data.ptr = peer;
  return epoll_ctl(loop_epoll, operation, peer->fd, &event);
}

static void loop_end(struct echo_peer *peer) {
  loop_server->close(peer);
  close(peer->fd);
  free(peer);
  loop_count--;
}

/* All that wait: a burst of connections costs few wake-ups. */
static void loop_accept(void) {
  int on = 1;
  int fd;
  while ((fd = accept4(loop_listen, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    struct echo_peer *peer = calloc(1, loop_server->peer_size);
    if (peer == NULL || loop_server->open(peer) != 0) {
      fprintf(stderr, "connection dropped: out of memory\n");
      free(peer);
      close(fd);
      continue;
    }
    loop_count++;
    peer->fd = fd;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (loop_watch(EPOLL_CTL_ADD, peer, EPOLLIN) != 0) {
      loop_end(peer);
    }
  }
  if (errno != EAGAIN) {
    fprintf(stderr, "accept: %s\n", strerror(errno));
  }
}

/* One system call for all that is queued; plain send is the cheaper one. */
static ssize_t loop_write(const struct echo_peer *peer,
                          const struct iovec *pieces, int count) {
  ssize_t done;
  if (count == 1) {
    done = send(peer->fd, pieces->iov_base, pieces->iov_len, 0);
  } else {
    done = writev(peer->fd, pieces, count);
  }
  return done < 0 && errno == EAGAIN ? 0 : done;
}

static size_t loop_size(const struct iovec *pieces, int count) {
  size_t size = 0;
  int i;
  for (i = 0; i < count; i++) {
    size += pieces[i].iov_len;
  }
  return size;
}

/* 0, or -1: the connection is over. */
static int loop_put(struct echo_peer *peer) {
  struct iovec pieces[LOOP_PIECES];
  int waits = 0;
  int count;
  while (!waits && (count = loop_server->lend(peer, pieces, LOOP_PIECES)) > 0) {
    ssize_t done = loop_write(peer, pieces, count);
    if (done < 0) {
      return -1;
    }
    waits = (size_t)done < loop_size(pieces, count);
    if (loop_server->taken(peer, (size_t)done) != 0) {
      return -1;
    }
    if (count < LOOP_PIECES) {
      break; /* that was all */
    }
  }
  if (waits != peer->waits) {
    peer->waits = waits;
    return loop_watch(EPOLL_CTL_MOD, peer, waits ? EPOLLOUT : EPOLLIN);
  }
  return 0;
}

void echo_flush(struct echo_peer *peer) {
  if (loop_put(peer) != 0 ||
      (loop_server->settle != NULL && loop_server->settle(peer) != 0)) {
    loop_end(peer);
  }
}

static void loop_ready(struct echo_peer *peer) {
  static uint8_t input[ECHO_INPUT];
  ssize_t got;
  if (peer->waits) {
    echo_flush(peer);
    return;
  }
  got = recv(peer->fd, input, sizeof input, 0);
  if (got < 0 && errno == EAGAIN) {
    return;
  }
  if (got <= 0 || loop_server->input(peer, input, (size_t)got) != 0) {
    loop_end(peer);
    return;
  }
  echo_flush(peer);
}

/* Said in words that load_many reads. */
static void loop_tell(void) {
  loop_asked = 0;
  printf("connections %zu application %zu library %zu\n", loop_count,
         loop_count * loop_server->peer_size,
         loop_server->heap != NULL ? loop_server->heap() : 0);
  fflush(stdout);
}

/* Sets the alarm when the earliest deadline has come nearer; one that moved
 * later is found out when it rings. A timeout of epoll_wait would be set and
 * cleared with every sleep, for a good part of what a message costs. */
static void loop_set_alarm(void) {
  uint64_t due_ms = loop_server->due_ms();
  struct itimerspec at;
  if (due_ms >= loop_alarm_ms) {
    return;
  }
  memset(&at, 0, sizeof at);
  at.it_value.tv_sec = (time_t)(due_ms / 1000);
  at.it_value.tv_nsec = (long)(due_ms % 1000) * 1000000 + 1; /* 0 is: never */
  (void)timerfd_settime(loop_alarm, TFD_TIMER_ABSTIME, &at, NULL);
  loop_alarm_ms = due_ms;
}

static void loop_tick(void) {
  uint64_t times;
  (void)!read(loop_alarm, &times, sizeof times);
  loop_alarm_ms = UINT64_MAX;
  loop_server->tick();
}

static void loop_run(const sigset_t *while_asleep) {
  static struct epoll_event events[LOOP_EVENTS];
  while (!loop_stop) {
    int count = epoll_pwait(loop_epoll, events, LOOP_EVENTS, -1, while_asleep);
    int rings = 0;
    int i;
    loop_read_clock();
    for (i = 0; i < count; i++) {
      if (events[i].data.ptr == &loop_listen) {
        loop_accept();
      } else if (events[i].data.ptr == &loop_alarm) {
        rings = 1; /* last of all: it may end connections */
      } else {
        loop_ready(events[i].data.ptr);
      }
    }
    if (rings) {
      loop_tick();
    }
    if (loop_server->due_ms != NULL) {
      loop_set_alarm();
    }
    if (loop_asked) {
      loop_tell();
    }
  }
}

static int loop_add(int *fd) {
  struct epoll_event event;
  event.events = EPOLLIN;
  event.data.ptr = fd;
  return epoll_ctl(loop_epoll, EPOLL_CTL_ADD, *fd, &event);
}

static int loop_open(const char *port) {
  struct sockaddr_in where;
  int on = 1;
  memset(&where, 0, sizeof where);
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons((uint16_t)atoi(port));
  loop_listen = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  loop_epoll = epoll_create1(0);
  loop_alarm = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  if (loop_listen < 0 || loop_epoll < 0 || loop_alarm < 0 ||
      setsockopt(loop_listen, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(loop_listen, (const struct sockaddr *)&where, sizeof where) != 0 ||
      listen(loop_listen, SOMAXCONN) != 0 || loop_add(&loop_listen) != 0 ||
      loop_add(&loop_alarm) != 0) {
    return -1;
  }
  return 0;
}

/* Signals come while it sleeps and at no other time, so none is overlooked. */
static void loop_take_signals(sigset_t *while_asleep) {
  static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
  struct sigaction action;
  sigset_t ours;
  size_t i;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigemptyset(&ours);
  for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    (void)sigaction(numbers[i], &action, NULL);
    sigaddset(&ours, numbers[i]);
  }
  (void)signal(SIGPIPE, SIG_IGN);
  (void)sigprocmask(SIG_BLOCK, &ours, while_asleep);
}

int echo_serve(int argc, char **argv, const struct echo_server *server) {
  sigset_t while_asleep;
  loop_server = server;
  if (argc < 2 || (server->start != NULL && server->start(argc, argv) != 0)) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 2;
  }
  loop_read_clock();
  loop_take_signals(&while_asleep);
  if (loop_open(argv[1]) != 0) {
    fprintf(stderr, "port %s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  loop_run(&while_asleep);
  return 0;
}
