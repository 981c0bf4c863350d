/* SIP messages as the proxy's parts meet them: read once, answered without
 * state. */
#ifndef EXAMPLES_PROXY_SIP_H
#define EXAMPLES_PROXY_SIP_H

#include "proxy_flow.h"
#include "proxy_text.h"

/* A message that just arrived; |text| is valid until the next one comes. */
struct message {
  struct proxy *proxy;
  struct flow from;
  const char *text;
  size_t len;
  sipws_sip_view view;
  sipws_via via; /* the top one */
  sipws_span call_id;
  sipws_span cseq_method;
  uint32_t cseq;
  sipws_name_addr to;
  uint64_t now_ms;
};

/* Reads it. 0; -1: drop it; else the status to answer a request. */
int message_read(struct message *message, struct proxy *proxy,
                 const struct flow *from, const char *text, size_t len);

/* Answers a request; |headers| are whole lines, each with its CRLF. An ACK is
 * never answered. */
void message_reply(const struct message *request, int status,
                   const char *headers);

/* The reason phrase of a status that we answer. */
const char *reason_of(int status);

int message_is(const struct message *message, const char *method);

/* sipws_sip_next_value. */
int message_next_value(const struct message *message, const char *name,
                       sipws_span *at, sipws_span *value);

/* sipws_sip_has_value. */
int message_has_option(const struct message *message, const char *name,
                       const char *option);

/* Answers 420 when a value of the header |name| (Require, Proxy-Require) is not
 * in |known|, a list that ends with NULL (RFC 3261 8.2.2.3). 1 if it did. */
int message_lacks_option(const struct message *request, const char *name,
                         const char *const *known);

/* Reads the URI that is |span|; 0, or -1. */
int read_uri(const char *text, const sipws_span *span, sipws_uri *uri);

/* 1 when the host of |uri| is one of our domains, or all are. */
int proxy_serves(const struct proxy *proxy, const char *text,
                 const sipws_uri *uri);

#endif /* EXAMPLES_PROXY_SIP_H */
