/* What ua says and understands in SIP: its requests, the responses to them,
 * and its answers to the requests of others. All texts are read through the
 * views of sipws/sip.h. */
#ifndef EXAMPLES_UA_SIP_H
#define EXAMPLES_UA_SIP_H

#include "ua_auth.h"
#include "ua_identity.h"

#define UA_WORD_SIZE 33 /* 16 random octets in hexadecimal, and a NUL */

/* One user at one connection. */
struct ua_sip {
  const struct ua_identity *who;
  uint32_t reg_id; /* tells its flows apart (RFC 5626 section 4.2.1) */
  int secure;      /* the connection is wss; set once there is one */
  char register_id[UA_WORD_SIZE]; /* Call-ID of every REGISTER */
  char tag[UA_WORD_SIZE];
  uint32_t cseq;
  struct ua_challenge challenges[2]; /* the last 401's, the last 407's */
};

/* One request, and its client transaction. */
struct ua_request {
  const char *method;
  const char *target; /* To; also Request-URI, unless it is a REGISTER */
  const char *body;   /* text/plain, or NULL */
  uint32_t expires;   /* of a REGISTER */
  char call_id[UA_WORD_SIZE];
  char branch[SIPWS_BRANCH_LEN + 1];
  unsigned answered[2]; /* 401s, 407s answered by writing it anew */
};

/* Draws the random words; |who| is lent. 0, or -1 with a message on stderr. */
int ua_sip_init(struct ua_sip *sip, const struct ua_identity *who,
                uint32_t reg_id);

/* Reads a sip or sips URI that is all of |text|. 0, or -1. */
int ua_uri_read(const char *text, sipws_uri *uri);

/* 1 when |span| of |text| is the C string |word|, in any case. */
int ua_is(const char *text, const sipws_span *span, const char *word);

/* Starts a request; the texts are lent until its final response. 0, or -1 with
 * a message on stderr. */
int ua_request_begin(struct ua_request *request, const struct ua_sip *sip,
                     const char *method, const char *target, const char *body,
                     uint32_t expires);

/* Writes it, each time with a new branch and CSeq number, and with credentials
 * when a challenge is known. 0, or -1 with a message on stderr. */
int ua_request_write(struct ua_request *request, struct ua_sip *sip, char *out,
                     size_t out_size, size_t *out_len);

enum ua_reply {
  UA_STRANGER,    /* no response to this request: drop it */
  UA_PROVISIONAL, /* 1xx: wait on */
  UA_CHALLENGED,  /* write the request anew */
  UA_FINAL
};

/* What the response |msg| is to |request|. */
enum ua_reply ua_request_match(struct ua_request *request, struct ua_sip *sip,
                               const char *msg, size_t len,
                               const sipws_sip_view *view);

/* How many seconds the 200 to a REGISTER keeps our Contact. */
uint32_t ua_request_granted(const struct ua_request *request,
                            const struct ua_sip *sip, const char *msg,
                            size_t len, const sipws_sip_view *view);

/* Writes the answer to the request |msg|. Returns its status; 0 when none is
 * due, to an ACK, or possible. */
int ua_answer_write(const struct ua_sip *sip, const char *msg, size_t len,
                    const sipws_sip_view *view, char *out, size_t out_size,
                    size_t *out_len);

#endif /* EXAMPLES_UA_SIP_H */
