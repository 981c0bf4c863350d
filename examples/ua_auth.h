/* Digest challenges as a SIP client meets them (RFC 3261 section 22, RFC 8760):
 * taking one from a 401 or 407, and writing the credentials that answer it. */
#ifndef EXAMPLES_UA_AUTH_H
#define EXAMPLES_UA_AUTH_H

#include "text.h"

struct ua_challenge {
  char text[1024];  /* the header's value */
  size_t len;       /* 0: there was no challenge yet */
  int stale;        /* the nonce before was too old, the password is right */
  uint32_t nc;      /* of the next answer (RFC 7616 section 3.4) */
  uint8_t seed[16]; /* of the cnonce of all answers to it */
};

/* Takes from the response |msg| the challenge to answer. 0, or -1 when there is
 * none that we can. */
int ua_challenge_take(struct ua_challenge *challenge, const char *msg,
                      size_t len, const sipws_sip_view *view);

/* 1 when both have the same nonce. */
int ua_challenge_is_same(const struct ua_challenge *a,
                         const struct ua_challenge *b);

/* Appends the header line |name| (Authorization or Proxy-Authorization) that
 * answers it. 0, or -1. */
int ua_challenge_answer(struct ua_challenge *challenge, const char *name,
                        const char *username, const char *password,
                        const char *method, const char *uri,
                        struct writer *out);

#endif /* EXAMPLES_UA_AUTH_H */
