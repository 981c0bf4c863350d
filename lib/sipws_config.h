/* config: limits, timers, policy, hooks and callbacks; plain data that a
 * connection reads. */
#ifndef SIPWS_CONFIG_H
#define SIPWS_CONFIG_H

#include "sipws_handshake.h"
#include "sipws_message.h"

struct sipws_config {
  struct sipws__mem mem;
  struct sipws__message_limits message;
  uint32_t handshake_size;
  uint32_t headers;
  uint32_t body_prefix;
  uint32_t queue_size, queue_high, queue_low;
  uint32_t input_size;
  uint32_t frame_size;
  uint32_t not_sip;
  uint32_t timer[SIPWS_TIMER_TRIM + 1];         /* ms, by sipws_timer */
  uint32_t keepalive[SIPWS_KEEPALIVE_CRLF + 1]; /* ms, by sipws_keepalive */
  uint32_t policy;
  struct sipws__protos protos;
  int has_own_protos; /* the default list was replaced */

  sipws_random_fn random;
  void *random_user;
  sipws_recv_fn recv;
  sipws_send_fn send;
  sipws_trace_fn trace;
  void *trace_user;

  int has_callbacks; /* events come as callbacks, not by next_event */
  sipws_on_event_fn on_request, on_open, on_refused, on_writable;
  sipws_on_message_fn on_message;
  sipws_on_keepalive_fn on_keepalive;
  sipws_on_notice_fn on_notice;
  sipws_on_sent_fn on_sent;
  sipws_on_closed_fn on_closed;
};

/* The greatest time that may be set, in ms. */
#define SIPWS__MS_MAX 0x80000000u

/* The policies that a connection may have of its own. */
#define SIPWS__POLICY_CRLF                                                     \
  ((uint32_t)(SIPWS_POLICY_EXPECT_CRLF | SIPWS_POLICY_FAIL_ON_CRLF))

/* Checks a keep-alive's kind and interval. */
int sipws__config_check_keepalive(int kind, uint32_t ms);

#endif /* SIPWS_CONFIG_H */
