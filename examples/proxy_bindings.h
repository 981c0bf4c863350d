/* Who is reached by which flow (RFC 3261 section 10, RFC 5626 section 6): a
 * list in memory, to be read rather than to be fast. */
#ifndef EXAMPLES_PROXY_BINDINGS_H
#define EXAMPLES_PROXY_BINDINGS_H

#include "proxy_sip.h"

enum {
  BINDINGS_MAX = 10000, /* of all */
  BINDINGS_PER_AOR = 10
};

/* An address of record without what does not tell it apart (RFC 3261 10.3):
 * sip:user@host. */
struct aor {
  char text[300];
  sipws_uri uri; /* its view */
};

struct binding {
  struct binding *next;
  struct aor aor;
  char contact[512];
  sipws_uri contact_uri;
  char instance[128]; /* the URN of +sip.instance; empty: none */
  uint32_t reg_id;    /* 0: none, or the client has no outbound */
  char q[6];          /* empty: 1 */
  char path[512];     /* the Route to it (RFC 3327); empty: none */
  char call_id[256];  /* with cseq: the REGISTER that made it */
  uint32_t cseq;
  struct flow flow; /* where it was registered from, and is reached */
  uint64_t until_ms;
};

/* 0; -1 when the URI names no user, or is too long. */
int aor_read(struct aor *aor, const char *text, const sipws_uri *uri);
int aor_same(const struct aor *a, const struct aor *b);

/* Walks the bindings of |aor| that did not expire; |binding| NULL: the first;
 * NULL at the end. */
struct binding *bindings_next(const struct proxy *proxy, const struct aor *aor,
                              uint64_t now_ms, struct binding *binding);

/* The binding that |contact| would replace, or NULL. */
struct binding *bindings_match(const struct proxy *proxy,
                               const struct binding *contact, uint64_t now_ms);

/* Adds a copy, or replaces what it matches; removes that when |contact| has
 * expired. 0; 503: no room. */
int bindings_put(struct proxy *proxy, const struct binding *contact,
                 uint64_t now_ms);

/* The binding to take for a request to |uri|. 0; 404: the address is not
 * registered; 480: it is, but its connections are gone. */
int bindings_find(const struct proxy *proxy, const char *text,
                  const sipws_uri *uri, uint64_t now_ms,
                  const struct binding **found);

/* 1 when |uri| is registered from |flow|. */
int bindings_has(const struct proxy *proxy, const char *text,
                 const sipws_uri *uri, const struct flow *flow,
                 uint64_t now_ms);

void bindings_free(struct proxy *proxy);

#endif /* EXAMPLES_PROXY_BINDINGS_H */
