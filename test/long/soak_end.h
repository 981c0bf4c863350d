/* soak: one end of a connection, and what its dialogue with the other end
 * adds up to. Nothing here knows of sockets. */
#ifndef SOAK_END_H
#define SOAK_END_H

#include <sipws/sipws.h>

#include <stddef.h>
#include <stdint.h>

/* How a connection is brought to its end, by the end that |killer| names. */
enum soak_fate {
  SOAK_LIVES = 0,
  SOAK_CLOSED,  /* Close behind all that it queued */
  SOAK_ABORTED, /* sipws_conn_abort */
  SOAK_CUT,     /* the socket is closed, as by a crash */
  SOAK_HALF,    /* the socket sends no more */
  SOAK_FATES
};

struct soak_pair;

struct soak_end {
  struct soak_pair *pair; /* a server's: NULL until its request came */
  sipws_conn *conn;
  int role;
  int fd; /* -1: closed */
  uint32_t events;
  int is_open, is_over;
  uint64_t given;   /* messages queued; sipws numbers them the same */
  uint64_t settled; /* by sent events */
  uint64_t got;     /* messages of the other end, in order */
  uint64_t resume_at;
};

struct soak_pair {
  uint32_t number;
  uint32_t life; /* how often it was made anew */
  struct soak_end *client, *server;
  int fate, killer;
  uint64_t retry_at;
};

/* What all pairs did. */
struct soak_sum {
  uint64_t opened, over[SOAK_FATES];
  uint64_t given, got;
  uint64_t unknown; /* begun, and the connection died before they arrived */
  uint64_t unsent;  /* never left, told so by sipws_conn_begun_seq */
};

/* A rule broken: told, and the program ends. */
void soak_need(int good, const char *what, const struct soak_pair *pair);

/* Queues a message of about |len| octets; tells sipws_conn_send's result. */
int soak_say(struct soak_end *end, size_t len, uint64_t now);

/* It came: it must be the next one of the other end of this life. */
void soak_hear(struct soak_end *end, const char *msg, size_t len, int verdict);

/* Both ends are over: every message must be accounted for. */
void soak_account(const struct soak_pair *pair, struct soak_sum *sum);

/* Nothing moves any more and both live: everything must have arrived. */
void soak_all_arrived(const struct soak_pair *pair);

#endif /* SOAK_END_H */
