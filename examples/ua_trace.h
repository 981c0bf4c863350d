/* What ua shows: the trace of a connection, and texts of strangers. */
#ifndef EXAMPLES_UA_TRACE_H
#define EXAMPLES_UA_TRACE_H

#include <sipws/sipws.h>

enum ua_trace_level {
  UA_TRACE_NONE,
  UA_TRACE_BRIEF, /* one line a message */
  UA_TRACE_FULL
};

struct ua_trace {
  enum ua_trace_level level;
  int color;
  int has_flows; /* the connection's id, a flow's number, is shown */
};

/* A sipws_trace_fn; |trace| is a struct ua_trace. Writes to stdout. */
void ua_trace(const sipws_conn *conn, int outgoing, int what,
              const uint8_t *data, size_t len, void *trace);

/* Writes text to stdout, each line after |indent|; control characters, which
 * could steer a terminal, become "?". Ends with a line break. */
void ua_show(const char *indent, const char *text, size_t len);

#endif /* EXAMPLES_UA_TRACE_H */
