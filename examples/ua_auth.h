/* Digest challenges as a SIP client meets them (RFC 3261 section 22, RFC 8760):
 * reading one from a 401 or 407, and writing the credentials that answer it. */
#ifndef EXAMPLES_UA_AUTH_H
#define EXAMPLES_UA_AUTH_H

#include "digest.h"
#include "ua_text.h"

struct ua_challenge {
  enum digest_algorithm algorithm;
  int has_algorithm; /* it named one */
  int has_qop;       /* it offered qop=auth */
  int stale;         /* the nonce was too old, the password is right */
  unsigned nc;       /* how often its nonce was answered */
  char realm[256];   /* as written, escapes included */
  char nonce[512];   /* likewise; empty: there was no challenge yet */
  char opaque[256];  /* likewise; empty: none */
};

/* Takes from the response |msg| the challenge to answer. 0, or -1 when there is
 * none that we can. */
int ua_challenge_take(struct ua_challenge *challenge, const char *msg,
                      size_t len, const sipws_sip_view *view);

/* Appends the header line |name| (Authorization or Proxy-Authorization) that
 * answers it. 0, or -1. */
int ua_challenge_answer(struct ua_challenge *challenge, const char *name,
                        const char *username, const char *password,
                        const char *method, const char *uri,
                        struct ua_text *out);

#endif /* EXAMPLES_UA_AUTH_H */
