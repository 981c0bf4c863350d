/* The command line of ua. */
#ifndef EXAMPLES_UA_OPTIONS_H
#define EXAMPLES_UA_OPTIONS_H

#include "secure.h"
#include "ua_trace.h"

enum { UA_FLOWS = 4 }; /* RFC 5626 section 4.2.1: two at least, better four */

/* An example for messages that ask for --server. */
#define UA_A_SERVER "--server ws://127.0.0.1:8080/"

/* Exit statuses; the help tells them. */
enum ua_exit {
  UA_EXIT_OK = 0,
  UA_EXIT_REFUSED = 1,
  UA_EXIT_USAGE = 2,
  UA_EXIT_CONNECTION = 3,
  UA_EXIT_TIMEOUT = 4
};

enum ua_command { UA_REGISTER, UA_OPTIONS, UA_MESSAGE, UA_LISTEN };

struct ua_options {
  const char *servers[UA_FLOWS]; /* ws or wss URLs */
  uint32_t server_count;         /* 0: the DNS tells where one is */
  const char *dns; /* the DNS server to ask; NULL: those of the system */
  struct secure secure;
  const char *aor;
  const char *username; /* NULL: the user part of |aor| */
  const char *password; /* NULL: none */
  const char *state;    /* file that keeps the instance; NULL: none */
  const char *origin;   /* NULL: none */
  uint32_t expires_s;
  uint32_t timeout_s;    /* for a response */
  uint32_t retry_s;      /* base of delays; 0: those of RFC 5626 */
  uint32_t listen_count; /* 0: any number */
  uint32_t listen_s;     /* 0: for ever */
  enum ua_trace_level trace;
  enum ua_command command;
  const char *target; /* of options and message */
  const char *text;   /* of message */
};

/* 0; 1 when the help was asked and printed; -1 with a message on stderr. */
int ua_options_read(struct ua_options *options, int argc, char **argv);

#endif /* EXAMPLES_UA_OPTIONS_H */
