/* soak: thousands of connections over loopback TCP, client and server ends in
 * one process, with mixed traffic, random kills and restarts. Every message has
 * to arrive once and in order while its connection lives, and to be accounted
 * for when it dies; the heap has to be as large at the end as in the beginning.
 *
 *   soak [CONNECTIONS] [SECONDS] [SEED]
 *
 * Now and then everything is left alone until the buffers are given back; what
 * is asked of the allocator then is compared. */
#include "soak_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
  PAUSE_MS = 300,
  REST_EVERY_MS = 45000, /* between two comparisons of the heap */
  REST_MAX_MS = 70000,
  SAYS_A_STEP = 20 /* ends that say something, per step */
};

static size_t heap_first, heap_most;

static void pair_kill(struct soak_pair *pair) {
  struct soak_end *end = soak_draw(2) ? pair->client : pair->server;
  pair->fate = 1 + (int)soak_draw(SOAK_FATES - 1);
  pair->killer = end->role;
  (void)sipws_conn_resume(pair->client->conn, soak.now);
  (void)sipws_conn_resume(pair->server->conn, soak.now);
  switch (pair->fate) {
  case SOAK_CLOSED:
    soak_need(sipws_conn_close(end->conn, 1000, "soak", 4, SIPWS_CLOSE_GRACEFUL,
                               soak.now) == 0,
              "close", pair);
    break;
  case SOAK_ABORTED:
    (void)sipws_conn_abort(end->conn, soak.now);
    break;
  case SOAK_CUT:
    (void)sipws_conn_lost(end->conn, 0, soak.now);
    break;
  default:
    (void)shutdown(end->fd, SHUT_WR);
    break;
  }
  soak_serve(end);
}

static size_t some_length(void) {
  uint32_t kind = soak_draw(100);
  return kind == 0   ? 20000 + soak_draw(40000)
         : kind < 20 ? soak_draw(200)
                     : soak_draw(3000);
}

/* One end says something: messages, a ping, or that it reads no more for a
 * while. */
static void pair_stir(struct soak_pair *pair) {
  struct soak_end *end = soak_draw(2) ? pair->client : pair->server;
  uint32_t kind = soak_draw(40);
  uint32_t count = 1 + soak_draw(8);
  if (kind == 0) {
    (void)sipws_conn_ping(end->conn, "soak", 4, soak.now);
  } else if (kind == 1) {
    (void)sipws_conn_ping_crlf(end->conn, soak.now);
  } else if (kind == 2) {
    (void)sipws_conn_pause(end->conn, soak.now);
    end->resume_at = soak.now + soak_draw(PAUSE_MS) + 1;
  }
  while (count-- > 0) {
    int err = soak_say(end, some_length(), soak.now);
    soak_need(err == 0 || err == SIPWS_ERR_QUEUE_FULL, "send", pair);
  }
  soak_serve(end);
}

/* 1 when it is up and has nothing more to say. An end that never heard anything
 * still holds the other's handshake, so each says something. */
static int pair_rests(struct soak_pair *pair) {
  struct soak_end *ends[2];
  int i;
  if (!soak_is_up(pair)) {
    return 0;
  }
  ends[0] = pair->client;
  ends[1] = pair->server;
  for (i = 0; i < 2; i++) {
    if (ends[i]->given == 0) {
      soak_need(soak_say(ends[i], 0, soak.now) == 0, "send", pair);
      soak_serve(ends[i]);
    }
  }
  return sipws_conn_queued(pair->client->conn) == 0 &&
         sipws_conn_queued(pair->server->conn) == 0;
}

/* Waits until all are open, have said all, and gave their buffers back. */
static void rest(void) {
  uint64_t until = soak.now + REST_MAX_MS;
  uint64_t quiet_since = soak.now;
  const struct soak_pair *restless = NULL;
  unsigned i;
  while (soak.now < quiet_since + 2 * SOAK_TRIM_MS) {
    soak_need(soak.now < until, "it does not come to rest", restless);
    soak_step();
    for (i = 0; i < soak.pair_count; i++) {
      if (!pair_rests(&soak.pairs[i])) {
        quiet_since = soak.now;
        restless = &soak.pairs[i];
      }
    }
  }
  for (i = 0; i < soak.pair_count; i++) {
    soak_all_arrived(&soak.pairs[i]);
  }
}

static void tell(const char *what, uint64_t began) {
  uint64_t died = 0;
  int fate;
  for (fate = 1; fate < SOAK_FATES; fate++) {
    died += soak.sum.over[fate];
  }
  fprintf(stderr, "soak: %4llu s, %s: %llu opened, %llu died, heap %zu\n",
          (unsigned long long)(soak.now - began) / 1000, what,
          (unsigned long long)soak.sum.opened, (unsigned long long)died,
          soak.heap);
}

static void check_heap(uint64_t began) {
  rest();
  tell("at rest", began);
  if (heap_first == 0) {
    heap_first = soak.heap;
  }
  if (soak.heap > heap_most) {
    heap_most = soak.heap;
  }
  /* A path may be a digit longer than it was: nothing else may grow. */
  soak_need(soak.heap <= heap_first + 16 * (size_t)soak.pair_count,
            "the heap grows", NULL);
}

static void run(uint64_t duration_ms) {
  uint64_t began = soak.now;
  uint64_t rest_at = soak.now;
  uint64_t tell_at = soak.now + 10000;
  while (soak.now < began + duration_ms) {
    unsigned i;
    if (soak.now >= rest_at) {
      check_heap(began);
      rest_at = soak.now + REST_EVERY_MS;
    }
    for (i = 0; i < SAYS_A_STEP; i++) {
      struct soak_pair *pair = &soak.pairs[soak_draw(soak.pair_count)];
      if (soak_is_up(pair)) {
        pair_stir(pair);
        if (soak_draw(40) == 0) {
          pair_kill(pair);
        }
      }
    }
    soak_step();
    if (soak.now >= tell_at) {
      tell("busy", began);
      tell_at = soak.now + 10000;
    }
  }
  check_heap(began);
}

static void report(void) {
  const struct soak_sum *sum = &soak.sum;
  printf("%u connections, %llu opened; ended: %llu by Close, %llu aborted, "
         "%llu cut, %llu half-closed; messages: %llu given, %llu arrived, "
         "%llu unknown, %llu told unsent; heap at rest %zu at first, %zu at "
         "most\n",
         soak.pair_count, (unsigned long long)sum->opened,
         (unsigned long long)sum->over[SOAK_CLOSED],
         (unsigned long long)sum->over[SOAK_ABORTED],
         (unsigned long long)sum->over[SOAK_CUT],
         (unsigned long long)sum->over[SOAK_HALF],
         (unsigned long long)sum->given, (unsigned long long)sum->got,
         (unsigned long long)sum->unknown, (unsigned long long)sum->unsent,
         heap_first, heap_most);
}

int main(int argc, char **argv) {
  int connections = argc > 1 ? atoi(argv[1]) : 500;
  int seconds = argc > 2 ? atoi(argv[2]) : 60;
  soak.seed = argc > 3 ? (uint32_t)atoi(argv[3]) : 1;
  if (connections < 1 || seconds < 1) {
    fprintf(stderr, "usage: soak [CONNECTIONS [SECONDS [SEED]]], from 1\n");
    return 2;
  }
  soak_begin((unsigned)connections);
  run((uint64_t)seconds * 1000);
  soak_finish();
  report();
  soak_need(soak.sum.got > 0, "no message arrived", NULL);
  return 0;
}
