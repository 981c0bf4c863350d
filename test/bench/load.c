#define _GNU_SOURCE /* sched_setaffinity, IP_BIND_ADDRESS_NO_PORT */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  LOAD_PER_ADDRESS = 10000, /* connections from one address */
  LOAD_START_MS = 5000      /* until a server listens */
};

void load_fail(const char *what) {
  fprintf(stderr, "load: %s%s%s\n", what, errno != 0 ? ": " : "",
          errno != 0 ? strerror(errno) : "");
  exit(1);
}

uint64_t load_clock(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) {
    load_fail("the server's CPU clock; has it died?");
  }
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void load_sleep(uint64_t ms) {
  struct timespec span;
  span.tv_sec = (time_t)(ms / 1000);
  span.tv_nsec = (long)(ms % 1000) * 1000000;
  (void)nanosleep(&span, NULL);
}

/* --------------------------------------------------------------- server -- */

static struct sockaddr_in load_address(uint32_t host, uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
  address.sin_port = htons(port);
  return address;
}

static uint16_t load_free_port(void) {
  struct sockaddr_in address = load_address(0, 0);
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
    load_fail("a free port");
  }
  close(fd);
  return ntohs(address.sin_port);
}

/* Client and server take turns on one CPU, and neither interrupts the other: so
 * the server finds all that was asked, as one does that has no idle moment, and
 * no CPU is put to sleep and woken, which in a virtual machine costs more than
 * any message. */
static void load_share_cpu(void) {
  struct sched_param none = {0};
  int cpu = sched_getcpu();
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu < 0 ? 0 : (size_t)cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0 ||
      sched_setscheduler(0, SCHED_BATCH, &none) != 0) {
    load_fail("one CPU for both");
  }
}

/* In the child: becomes the server, which ends when the client does. */
static void load_become(char **command, uint16_t port, int out) {
  char *argv[8];
  char text[8];
  int i;
  snprintf(text, sizeof text, "%u", (unsigned)port);
  argv[0] = command[0];
  argv[1] = text;
  for (i = 1; i < 6 && command[i] != NULL; i++) {
    argv[i + 1] = command[i];
  }
  argv[i + 1] = NULL;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)dup2(out, STDOUT_FILENO);
  execv(command[0], argv);
  load_fail(command[0]);
}

/* A socket connected from 127.0.0.|host|, or -1. The port is picked by the pair
 * of addresses, so each source address has its own range. */
static int load_dial(const struct load *load, uint32_t host) {
  struct sockaddr_in from = load_address(host, 0);
  struct sockaddr_in to = load_address(0, load->port);
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) {
    load_fail("socket (ulimit -n)");
  }
  (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
      connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

/* The first connection tells whether it listens; it is not used otherwise. */
static void load_await(struct load *load) {
  int waited = 0;
  int fd;
  while ((fd = load_dial(load, 0)) < 0) {
    if (waited++ == LOAD_START_MS / 10 || waitpid(load->pid, NULL, WNOHANG)) {
      load_fail("the server does not listen");
    }
    load_sleep(10);
  }
  close(fd);
}

void load_start(struct load *load, char **command, int is_raw, size_t most,
                size_t outstanding, size_t octets) {
  const char *slash = strrchr(command[0], '/');
  int out[2];
  memset(load, 0, sizeof *load);
  load->name = slash != NULL ? slash + 1 : command[0];
  load->is_raw = is_raw;
  load->most = most;
  load->conns = calloc(most, sizeof *load->conns);
  load->epoll = epoll_create1(EPOLL_CLOEXEC);
  load->port = load_free_port();
  if (load->conns == NULL || load->epoll < 0 || pipe(out) != 0) {
    load_fail("start");
  }
  load_write(load, outstanding, octets);
  load_share_cpu();
  load->pid = fork();
  if (load->pid == 0) {
    load_become(command, load->port, out[1]);
  }
  close(out[1]);
  load->told = fdopen(out[0], "r");
  if (load->pid < 0 || load->told == NULL ||
      clock_getcpuclockid(load->pid, &load->cpu) != 0) {
    load_fail("start");
  }
  load_await(load);
}

void load_ask(struct load *load, size_t *application, size_t *library) {
  size_t count;
  if (kill(load->pid, SIGUSR1) != 0 ||
      fscanf(load->told, " connections %zu application %zu library %zu", &count,
             application, library) != 3 ||
      count != load->count) {
    errno = 0;
    load_fail("the server does not tell what it holds");
  }
}

/* By a reset: closing would leave 15,000 ports waiting for a minute. */
void load_stop(struct load *load) {
  struct linger at_once = {1, 0};
  size_t i;
  for (i = 0; i < load->count; i++) {
    (void)setsockopt(load->conns[i].fd, SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof at_once);
    close(load->conns[i].fd);
  }
  (void)kill(load->pid, SIGTERM);
  (void)waitpid(load->pid, NULL, 0);
  close(load->epoll);
  fclose(load->told);
  free(load->conns);
  free(load->questions.octets);
  free(load->answers.octets);
}

/* ---------------------------------------------------------- connections -- */

/* One after the other, blocking; the answer has no body and no frame behind
 * it. */
static void load_shake_hands(const struct load *load, int fd) {
  char text[1024];
  size_t len = 0;
  int size = snprintf(text, sizeof text,
                      "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n",
                      (unsigned)load->port);
  if (send(fd, text, (size_t)size, MSG_NOSIGNAL) != size) {
    load_fail("the handshake's request");
  }
  do {
    ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
    if (got <= 0) {
      load_fail("the handshake's answer");
    }
    len += (size_t)got;
    text[len] = '\0';
  } while (len < 4 || strcmp(text + len - 4, "\r\n\r\n") != 0);
  if (strncmp(text, "HTTP/1.1 101 ", 13) != 0 ||
      strstr(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == NULL) {
    errno = 0;
    load_fail("the handshake was refused");
  }
}

void load_watch(const struct load *load, int operation, size_t i,
                uint32_t events) {
  struct epoll_event event;
  event.events = events;
  event.data.u64 = i;
  if (epoll_ctl(load->epoll, operation, load->conns[i].fd, &event) != 0) {
    load_fail("epoll");
  }
}

void load_connect(struct load *load, size_t count) {
  while (load->count < count) {
    struct load_conn *conn = &load->conns[load->count];
    conn->fd = load_dial(load, 1 + (uint32_t)(load->count / LOAD_PER_ADDRESS));
    if (conn->fd < 0) {
      load_fail("connect");
    }
    if (!load->is_raw) {
      load_shake_hands(load, conn->fd);
    }
    load_watch(load, EPOLL_CTL_ADD, load->count++, EPOLLIN);
  }
}
