/* load: what the load clients share. They start the server as a process of its
 * own, keep messages outstanding on many connections, compare every octet of
 * the answers, and read what CPU time the server used. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

/* A side's messages on every connection, one behind the other: a handful of
 * different ones over and over, so that a place in them tells what comes next,
 * and an answer that is lost, wrong, or out of order shows. */
struct load_stream {
  uint8_t *octets; /* two periods: any one of them lies in one piece */
  size_t message;  /* octets of one message */
  size_t period;   /* octets until they repeat */
};

struct load_conn {
  int fd;
  uint32_t sent;   /* place in the questions */
  uint32_t credit; /* octets to be sent */
  uint32_t got;    /* place in the answers */
  uint32_t waits;  /* 1: the socket took no more */
};

struct load {
  const char *name; /* of the server's program, without its directory */
  pid_t pid;
  FILE *told; /* its standard output */
  clockid_t cpu;
  uint16_t port;
  int is_raw; /* no WebSocket: questions come back as they are */
  int epoll;
  struct load_stream questions, answers;
  struct load_conn *conns;
  size_t count, most;
  int rotates; /* an answer is followed by a question on the connection whose
                       turn it is, in place of its own */
  size_t turn; /* the one */
  size_t under_way;         /* questions without answer */
  uint64_t messages, reads; /* answers; recv calls that brought some */
};

/* What a stretch of traffic cost. */
struct load_cost {
  uint64_t messages, reads;
  uint64_t cpu_ns; /* of the server */
  uint64_t wall_ns;
};

/* All end the program with a message when something goes wrong. */
void load_fail(const char *what);
uint64_t load_clock(clockid_t clock);
void load_sleep(uint64_t ms);

/* Starts |command| with a free port behind its name, for up to |most|
 * connections with |outstanding| messages of |octets| each, on one CPU with
 * us. */
void load_start(struct load *load, char **command, int is_raw, size_t most,
                size_t outstanding, size_t octets);

/* Connects until there are |count|, handshake done. */
void load_connect(struct load *load, size_t count);

/* Puts that many messages on the way, spread evenly over the connections. */
void load_prime(struct load *load, size_t messages);

/* Traffic for |ms|, what it cost. */
void load_run(struct load *load, uint64_t ms, struct load_cost *cost);

/* Awaits the answers that are outstanding. */
void load_drain(struct load *load);

/* Between the two parts: writes both streams; has epoll watch connection
 * |i|. */
void load_write(struct load *load, size_t outstanding, size_t octets);
void load_watch(const struct load *load, int operation, size_t i,
                uint32_t events);

/* Asks the server what it holds (echo_loop.h). */
void load_ask(struct load *load, size_t *application, size_t *library);

/* Resets the connections and ends the server. */
void load_stop(struct load *load);

#endif /* BENCH_LOAD_H */
