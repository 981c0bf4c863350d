/* echo: the epoll loop of the servers that are compared, so that they differ in
 * what they do with the octets alone. One thread, one receive buffer for all
 * connections; a connection that is ready costs one recv and one send. */
#ifndef BENCH_ECHO_LOOP_H
#define BENCH_ECHO_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Octets read at once, at most. */
#define ECHO_INPUT 65536

/* A connection; a server's own struct begins with it. */
struct echo_peer {
  int fd;
  int waits; /* output waits for the socket; nothing is read meanwhile, so what
                a peer makes us hold is bounded by one read */
};

/* A server's own part. Functions that return int: -1 ends the connection. */
struct echo_server {
  size_t peer_size; /* of its struct; it comes with all else 0 */
  int (*start)(int argc, char **argv); /* options behind the port; or NULL */
  int (*open)(struct echo_peer *peer);
  int (*input)(struct echo_peer *peer, uint8_t *data, size_t len);
  /* Fills |pieces| with output, at most |most| of them: how many. Those of raw
   * TCP lie in the receive buffer until |taken|. */
  int (*lend)(struct echo_peer *peer, struct iovec *pieces, int most);
  int (*taken)(struct echo_peer *peer, size_t len);
  int (*settle)(struct echo_peer *peer); /* after each wake-up; or NULL */
  void (*close)(struct echo_peer *peer);
  uint64_t (*due_ms)(void); /* when |tick| is to be called; or NULL */
  void (*tick)(void);
  size_t (*heap)(void); /* octets its library asked for; or NULL */
};

/* Milliseconds, read once a wake-up. */
extern uint64_t echo_now_ms;

/* Writes what is lent; ends the connection if that fails. */
void echo_flush(struct echo_peer *peer);

/* Serves the port argv[1] on 127.0.0.1 until SIGTERM. SIGUSR1 has it print how
 * many connections it has and what they hold. Returns what main does. */
int echo_serve(int argc, char **argv, const struct echo_server *server);

#endif /* BENCH_ECHO_LOOP_H */
