/* A message being edited on its way through: a copy in the proxy's buffer, and
 * its view, which is read anew after each edit. */
#ifndef EXAMPLES_PROXY_DRAFT_H
#define EXAMPLES_PROXY_DRAFT_H

#include "proxy_sip.h"

struct draft {
  char *text;
  size_t len;
  sipws_sip_view view;
};

/* These return 0 or a SIPWS_ERR_ number. */

int draft_begin(struct draft *draft, const struct message *message);
int draft_set_uri(struct draft *draft, const char *uri);
int draft_prepend(struct draft *draft, const char *name, const char *value);
/* The value of a Record-Route or Path that leads to |flow| by way of us, at our
 * side |transport|; with ob if |ob|. */
int draft_prepend_route(struct draft *draft, const struct proxy *proxy,
                        const char *name, const struct flow *flow,
                        int transport, int ob);
int draft_remove_top(struct draft *draft, const char *name);
/* The URI of the topmost Route; SIPWS_ERR_NOT_FOUND when there is none. */
int draft_top_route(const struct draft *draft, sipws_uri *uri);

/* These return 0 or the status to answer. */

/* Max-Forwards: RFC 3261 16.3 step 3, 16.6 step 3. */
int draft_count_hop(struct draft *draft);
int draft_send(const struct draft *draft, const struct proxy *proxy,
               const struct flow *to, uint64_t now_ms);

#endif /* EXAMPLES_PROXY_DRAFT_H */
