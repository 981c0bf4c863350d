/* One hostile input, given to a connection or a function, and what it made the
 * library work. */
#ifndef SIPWS_TEST_TRIAL_H
#define SIPWS_TEST_TRIAL_H

#include "records.h"

enum trial_kind { TRIAL_PEER, TRIAL_WSS, TRIAL_TEXT };

struct trial {
  int kind;
  char name[200];
  /* a peer, over TCP or TLS, to our |role| */
  struct hostile_peer peer;
  int role;
  size_t size; /* of the peer's sizes, which one */
  size_t cut;  /* octets in a TCP segment or a TLS record; 0: all, the most */
  int suite;
  int empties; /* TLS records without octets before each with some */
  /* a text, for a function */
  struct hostile_function function;
  size_t len; /* octets, about */
};

struct outcome {
  size_t octets; /* of input */
  /* those, and 40 of IP and TCP for each segment: a feed is one */
  size_t wire;
  uint64_t instructions; /* ours */
  uint64_t mbedtls;      /* what bare mbedTLS takes to read the records */
};

/* Where callgrind writes: the name that --callgrind-out-file gave. */
int trial_init(const char *part);
void trial_free(void);

/* 0, or 1 when the input was not worked on to its end. */
int trial_run(const struct trial *trial, struct outcome *outcome);

/* Gives it its name, by which one knows what it is. */
void trial_name(struct trial *trial);

/* For each octet on the wire, with mbedTLS. */
double outcome_cost(const struct outcome *outcome);

#endif /* SIPWS_TEST_TRIAL_H */
