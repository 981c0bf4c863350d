/* What ua does with its connection: a client that goes from step to step as
 * responses come. */
#ifndef EXAMPLES_UA_CLIENT_H
#define EXAMPLES_UA_CLIENT_H

#include "ua_options.h"
#include "ua_sip.h"

enum ua_step {
  OPENING,
  REGISTERING,
  ASKING, /* OPTIONS or MESSAGE was sent */
  LISTENING,
  UNREGISTERING,
  CLOSING
};

struct ua {
  struct ua_options options;
  struct ua_trace trace;
  struct ua_sip sip;
  struct ua_request request; /* the one under way, or the last */
  const sipws_config *config;
  sipws_conn *conn;
  sipws_conn *again; /* NULL, or the one to try after a 401, … */
  int is_retry;      /* … which is done once */
  enum ua_step step;
  int result; /* the exit status */
  int is_registered;
  uint32_t messages;     /* that came */
  uint64_t answer_by_ms; /* UINT64_MAX: no response is awaited */
  uint64_t refresh_at_ms;
  uint64_t listen_until_ms;
  char out[65536]; /* the request or answer being written */
};

/* Sets up |ua|, whose options are read, and the callbacks and trace of
 * |config|. The user of the connection must be |ua|. 0, or -1 with a message on
 * stderr. */
int ua_client_init(struct ua *ua, sipws_config *config);

/* Makes the connection's object, its request's headers included; NULL with a
 * message on stderr. */
sipws_conn *ua_client_new(struct ua *ua);

/* Does what is due. |interrupted| 1: the user wants to end. */
void ua_client_tick(struct ua *ua, int interrupted, uint64_t now_ms);

#endif /* EXAMPLES_UA_CLIENT_H */
