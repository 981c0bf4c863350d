/* Growth: the same traffic over more and more live connections, and what they
 * hold. Prints lines, fields parted by tabs:
 *   connect SERVER COUNT CPU             CPU ns of the server a handshake
 *   traffic SERVER COUNT MESSAGES CPU    CPU ns of the server a message
 *   memory SERVER COUNT WHEN APPLICATION LIBRARY RSS SLAB BUFFERS
 *                                        octets a connection beyond those of
 *                                        none; WHEN is busy or idle
 *   slab NAME OBJECTS OCTETS             of the kernel, an end of a connection
 *   ping SERVER COUNT PINGS CPU MS       CPU ns of the server a ping */
#include "load.h"
#include "load_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* Messages on the way, however many connections there are. */
enum { MANY_OUTSTANDING = 500, MANY_OCTETS = 1200 };

static const char usage[] =
    "usage: load_many [--raw] [--rest MS | --ping MS] MS COUNTS SERVER [ARG]\n"
    "  COUNTS     such as 1000,5000: connections, growing\n"
    "  MS         of traffic at each\n"
    "  --rest MS  of silence after it, then tells what idle connections hold\n"
    "  --ping MS  no traffic: answers the server's pings for so long\n";

struct many {
  struct load load;
  int is_raw;
  uint64_t rest_ms, ping_ms, ms;
  struct load_memory none; /* without connections */
};

static void many_tell_memory(struct many *many, const char *when) {
  struct load *load = &many->load;
  struct load_memory now;
  size_t application, library;
  double count = (double)load->count;
  load_memory_read(load->pid, &now);
  load_ask(load, &application, &library);
  printf("memory\t%s\t%zu\t%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n", load->name,
         load->count, when, (double)application / count,
         (double)library / count,
         ((double)now.rss - (double)many->none.rss) / count,
         ((double)now.slab - (double)many->none.slab) / count,
         ((double)now.buffers - (double)many->none.buffers) / count);
}

static void many_connect(struct many *many, size_t count) {
  struct load *load = &many->load;
  size_t before = load->count;
  uint64_t cpu = load_clock(load->cpu);
  load_connect(load, count);
  if (many->is_raw) {
    load_sleep(200); /* nobody waited until the last were accepted */
  }
  printf("connect\t%s\t%zu\t%.0f\n", load->name, count,
         (double)(load_clock(load->cpu) - cpu) / (double)(count - before));
}

static void many_run(struct many *many) {
  struct load *load = &many->load;
  struct load_cost cost;
  load_prime(load, MANY_OUTSTANDING);
  load_run(load, 100, &cost); /* until all is warm */
  load_run(load, many->ms, &cost);
  load_drain(load);
  printf("traffic\t%s\t%zu\t%llu\t%.0f\n", load->name, load->count,
         (unsigned long long)cost.messages,
         (double)cost.cpu_ns / (double)cost.messages);
}

/* Answers one ping, all that a server sends by itself (RFC 6455 section 5.5.2):
 * a header and four octets, as the library makes them. */
static void many_pong(int fd) {
  uint8_t ping[6];
  uint8_t pong[10] = {0x8a, 0x84, 0, 0, 0, 0};
  if (recv(fd, ping, sizeof ping, MSG_WAITALL) != sizeof ping ||
      ping[0] != 0x89 || ping[1] != 4) {
    load_fail("what came is no ping");
  }
  memcpy(pong + 6, ping + 2, 4); /* masked by zeros */
  if (send(fd, pong, sizeof pong, MSG_NOSIGNAL) != sizeof pong) {
    load_fail("send");
  }
}

/* Answers pings for |ms|: how many. */
static uint64_t many_answer(const struct load *load, uint64_t ms) {
  struct epoll_event events[64];
  uint64_t end = load_clock(CLOCK_MONOTONIC) + ms * 1000000;
  uint64_t pings = 0;
  while (load_clock(CLOCK_MONOTONIC) < end) {
    int count = epoll_wait(load->epoll, events, 64, 10);
    int i;
    for (i = 0; i < count; i++) {
      many_pong(load->conns[events[i].data.u64].fd);
      pings++;
    }
  }
  return pings;
}

static void many_ping(struct many *many) {
  struct load *load = &many->load;
  uint64_t cpu, begin, pings;
  (void)many_answer(load, 1000); /* those that came while we connected */
  begin = load_clock(CLOCK_MONOTONIC);
  cpu = load_clock(load->cpu);
  pings = many_answer(load, many->ping_ms);
  cpu = load_clock(load->cpu) - cpu;
  printf("ping\t%s\t%zu\t%llu\t%.0f\t%.0f\n", load->name, load->count,
         (unsigned long long)pings, (double)cpu / (double)pings,
         (double)(load_clock(CLOCK_MONOTONIC) - begin) / 1e6);
}

static void many_step(struct many *many, size_t count) {
  many_connect(many, count);
  if (many->ping_ms > 0) {
    many_ping(many);
  } else {
    many_run(many);
  }
  if (many->rest_ms > 0) {
    many_tell_memory(many, "busy");
    load_sleep(many->rest_ms);
    many_tell_memory(many, "idle");
  }
}

static size_t many_last(const char *counts) {
  const char *comma = strrchr(counts, ',');
  return strtoul(comma != NULL ? comma + 1 : counts, NULL, 10);
}

static char **many_options(struct many *many, char **arg) {
  while (*arg != NULL && strncmp(*arg, "--", 2) == 0) {
    uint64_t *ms = strcmp(*arg, "--rest") == 0   ? &many->rest_ms
                   : strcmp(*arg, "--ping") == 0 ? &many->ping_ms
                                                 : NULL;
    if (ms != NULL && arg[1] != NULL) {
      *ms = strtoul(*++arg, NULL, 10);
    } else if (strcmp(*arg, "--raw") == 0) {
      many->is_raw = 1;
    }
    arg++;
  }
  return arg;
}

int main(int argc, char **argv) {
  static struct many many;
  char **arg = many_options(&many, argv + 1);
  char *counts;
  size_t count;
  if (argc < 4 || argv + argc - arg < 3) {
    fputs(usage, stderr);
    return 2;
  }
  many.ms = strtoul(arg[0], NULL, 10);
  counts = arg[1];
  load_start(&many.load, arg + 2, many.is_raw, many_last(counts),
             MANY_OUTSTANDING, MANY_OCTETS);
  many.load.rotates = 1;
  load_memory_read(many.load.pid, &many.none);
  if (many.rest_ms > 0) {
    (void)load_slabs_begin();
  }
  while ((count = strtoul(counts, &counts, 10)) > many.load.count) {
    many_step(&many, count);
    fflush(stdout);
    counts += *counts == ',';
  }
  if (many.rest_ms > 0) {
    load_slabs_print(2 * many.load.count); /* both ends are here */
  }
  load_stop(&many.load);
  return 0;
}
