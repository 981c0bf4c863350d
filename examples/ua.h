/* What the parts of ua share. */
#ifndef EXAMPLES_UA_H
#define EXAMPLES_UA_H

#include "ua_flow.h"

struct ua {
  struct ua_options options;
  struct ua_identity who;
  struct ua_trace trace;
  sipws_config *config;
  struct ua_flow flows[UA_FLOWS];
  uint32_t flow_count;
  int keeps_flows; /* those that are lost are opened anew */
  char out[65536]; /* the request or answer being written */

  /* What the command came to. */
  int is_leaving;
  int result;                /* the exit status, once it leaves */
  struct ua_request request; /* OPTIONS or MESSAGE, … */
  struct ua_flow *asked;     /* … the flow it is under way on, or NULL */
  uint64_t answer_by_ms;
  uint32_t messages; /* that came */
  uint64_t listen_until_ms;
};

#endif /* EXAMPLES_UA_H */
