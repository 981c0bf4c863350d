/* What ua says and understands in SIP: its requests, the responses to them,
 * and its answers to the requests of others. All texts are read through the
 * views of sipws/sip.h. */
#ifndef EXAMPLES_UA_SIP_H
#define EXAMPLES_UA_SIP_H

#include "ua_auth.h"

#define UA_WORD_SIZE 33 /* 16 random octets in hexadecimal, and a NUL */

/* One user at one connection. */
struct ua_sip {
  const char *aor; /* address of record: a sip or sips URI */
  const char *username;
  const char *password; /* NULL: challenges are not answered */
  int secure;           /* the connection is wss; set once there is one */
  char user[128];       /* the user part of |aor| */
  char registrar[256];  /* Request-URI of every REGISTER */
  char register_id[UA_WORD_SIZE];       /* Call-ID of every REGISTER */
  char contact[256];                    /* our URI at this connection */
  char host[SIPWS_RANDOM_HOST_LEN + 1]; /* its host, and our Via's sent-by */
  char instance[UA_WORD_SIZE + 4];      /* a UUID */
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
  char branch[64];
  unsigned answered[2]; /* 401s, 407s answered by writing it anew */
};

/* Draws the random names. |username| NULL: the user part of |aor|. 0, or -1
 * with a message on stderr. */
int ua_sip_init(struct ua_sip *sip, const char *aor, const char *username,
                const char *password);

/* 1 when |text| is a sip or sips URI. */
int ua_sip_is_uri(const char *text);

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
