/* What a codec has to offer to be measured: a shared object that exports
 * |bench_codec|. Those of this directory are sipws and its peers; "make bench
 * PEERS=dir" builds each dir/NAME.c and dir/NAME.cc, with the compiler's flags
 * in dir/NAME.flags if that file is there, and measures them beside these. C
 * and C++. */
#ifndef SIPWS_BENCH_CODEC_H
#define SIPWS_BENCH_CODEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_EXPORT __attribute__((visibility("default")))

/* Octets that a decoder may write before and after those it is given. */
#define BENCH_PADDING 64

enum bench_role { BENCH_CLIENT = 0, BENCH_SERVER = 1 };

/* Where messages and frames go: counted, and given to |then| if there is
 * one. */
struct bench_sink {
  size_t count; /* of bench_take */
  void (*then)(void *user, const void *octets, size_t len);
  void *user;
};

static inline void bench_take(struct bench_sink *sink, const void *octets,
                              size_t len) {
  sink->count++;
  if (sink->then != NULL) {
    sink->then(sink->user, octets, len);
  }
}

/* The random numbers of every codec: cheap, so that none is measured by its
 * system calls. */
static inline void bench_random(void *out, size_t len) {
  static uint32_t state = 1;
  uint8_t *octets = (uint8_t *)out;
  while (len-- > 0) {
    state = state * 1664525u + 1013904223u;
    *octets++ = (uint8_t)(state >> 24);
  }
}

/* Functions return 0, or anything else for a failure, which ends the run. Each
 * may be NULL: then the codec has no row of that work. */
struct bench_codec {
  const char *name;
  int is_raw; /* 1: copies octets, knows no frames */
  /* An open connection, |role| being ours; NULL: failure. */
  void *(*begin)(int role);
  void (*end)(void *conn);
  /* Octets from the peer, which may be altered; each message completed by them,
   * judged, goes to |sink|, from where it may be encoded at once. */
  int (*decode)(void *conn, uint8_t *in, size_t len, struct bench_sink *sink);
  /* One text message; the octets that a transport is to send go to |sink|. */
  int (*encode)(void *conn, const uint8_t *msg, size_t len,
                struct bench_sink *sink);
  /* The peer is silent for long: gives back what it can. */
  int (*rest)(void *conn);
  /* A connection of |role| from its making to its end, open in between: takes
   * the peer's HTTP head and sends ours to |sink|. */
  int (*handshake)(int role, const uint8_t *head, size_t len,
                   struct bench_sink *sink);
  /* For one that owns its sockets: a server's connection, |*peer_fd| the other
   * end of it; and what reads a message there and sends it back. */
  void *(*begin_socket)(int *peer_fd);
  int (*serve)(void *conn);
};

BENCH_EXPORT extern const struct bench_codec bench_codec;

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_BENCH_CODEC_H */
