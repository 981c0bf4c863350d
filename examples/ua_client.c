#include "ua_client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net.h"

/* ---------------------------------------------------------------- steps -- */

static void ua_close(struct ua *ua, int result, uint64_t now_ms) {
  ua->step = CLOSING;
  ua->result = result;
  ua->answer_by_ms = UINT64_MAX;
  (void)sipws_conn_close(ua->conn, 1000, "", 0, SIPWS_CLOSE_GRACEFUL, now_ms);
}

static void ua_send(struct ua *ua, size_t len, uint64_t now_ms) {
  int error = sipws_conn_send(ua->conn, ua->out, len, 0, now_ms, NULL);

  if (error != 0) {
    fprintf(stderr, "ua: cannot send: %s\n", sipws_error_text(error));
    ua_close(ua, UA_EXIT_CONNECTION, now_ms);
  }
}

/* Sends the request under way, for the first time or with credentials. */
static void ua_send_request(struct ua *ua, uint64_t now_ms) {
  size_t len;

  if (ua_request_write(&ua->request, &ua->sip, ua->out, sizeof(ua->out),
                       &len) != 0) {
    ua_close(ua, UA_EXIT_USAGE, now_ms);
    return;
  }
  /* RFC 7118 section 5: a reliable transport, so nothing is sent again; only
   * the end of the transaction is timed (RFC 3261 section 17.1.2.2). */
  ua->answer_by_ms = now_ms + (uint64_t)ua->options.timeout_s * 1000;
  ua_send(ua, len, now_ms);
}

static void ua_ask(struct ua *ua, enum ua_step step, const char *method,
                   const char *target, const char *body, uint32_t expires_s,
                   uint64_t now_ms) {
  ua->step = step;
  if (ua_request_begin(&ua->request, &ua->sip, method, target, body,
                       expires_s) != 0) {
    ua_close(ua, UA_EXIT_CONNECTION, now_ms);
    return;
  }
  ua_send_request(ua, now_ms);
}

static void ua_register(struct ua *ua, uint64_t now_ms) {
  ua_ask(ua, REGISTERING, "REGISTER", ua->options.aor, NULL,
         ua->options.expires_s, now_ms);
}

/* Ends with |result|, and first the registration, if there is one. */
static void ua_leave(struct ua *ua, int result, uint64_t now_ms) {
  if (!ua->is_registered) {
    ua_close(ua, result, now_ms);
    return;
  }
  ua->result = result;
  ua_ask(ua, UNREGISTERING, "REGISTER", ua->options.aor, NULL, 0, now_ms);
}

static void ua_listen(struct ua *ua, uint32_t granted_s, uint64_t now_ms) {
  ua->step = LISTENING;
  /* At half the time, and never in a hot loop. */
  ua->refresh_at_ms = now_ms + 1000 + (uint64_t)granted_s * 500;
  if (ua->listen_until_ms == UINT64_MAX && ua->options.listen_s > 0) {
    ua->listen_until_ms = now_ms + (uint64_t)ua->options.listen_s * 1000;
  }
}

/* The registration was taken. */
static void ua_registered(struct ua *ua, const char *msg, size_t len,
                          const sipws_sip_view *view, uint64_t now_ms) {
  const struct ua_options *options = &ua->options;
  uint32_t granted_s =
      ua_request_granted(&ua->request, &ua->sip, msg, len, view);
  uint32_t timer_s;

  ua->is_registered = 1;
  printf("registered %s for %u s\n", options->aor, (unsigned)granted_s);
  /* RFC 5626 section 4.4: the registrar tells how often it wants to hear us. */
  if (sipws_sip_number(msg, len, view, "Flow-Timer", 10, &timer_s) == 0 &&
      timer_s <= 86400) {
    (void)sipws_conn_set_keepalive(ua->conn, SIPWS_KEEPALIVE_CRLF,
                                   timer_s * 1000, now_ms);
  }
  if (options->command == UA_LISTEN) {
    ua_listen(ua, granted_s, now_ms);
  } else if (options->command == UA_MESSAGE) {
    ua_ask(ua, ASKING, "MESSAGE", options->target, options->text, 0, now_ms);
  } else {
    ua_close(ua, UA_EXIT_OK, now_ms);
  }
}

/* The final response to the request under way. */
static void ua_finish(struct ua *ua, const char *msg, size_t len,
                      const sipws_sip_view *view, uint64_t now_ms) {
  int result = view->status < 300 ? UA_EXIT_OK : UA_EXIT_REFUSED;

  ua->answer_by_ms = UINT64_MAX;
  printf("%s %u ", ua->request.method, (unsigned)view->status);
  ua_show("", msg + view->reason.off, view->reason.len);
  if (ua->step == UNREGISTERING) {
    ua_close(ua, ua->result, now_ms);
  } else if (ua->step == ASKING) {
    ua_leave(ua, result, now_ms);
  } else if (result == UA_EXIT_OK) {
    ua_registered(ua, msg, len, view, now_ms);
  } else {
    ua_close(ua, result, now_ms);
  }
}

/* 1 when there is nothing left to listen for. */
static int ua_heard_all(const struct ua *ua, uint64_t now_ms) {
  uint32_t count = ua->options.listen_count;

  return (count > 0 && ua->messages >= count) || now_ms >= ua->listen_until_ms;
}

void ua_client_tick(struct ua *ua, int interrupted, uint64_t now_ms) {
  if (now_ms >= ua->answer_by_ms) {
    fprintf(stderr, "ua: no response to %s\n", ua->request.method);
    ua_close(ua, UA_EXIT_TIMEOUT, now_ms);
  } else if (ua->step < UNREGISTERING &&
             (interrupted || ua_heard_all(ua, now_ms))) {
    ua_leave(ua,
             ua->is_registered && ua->messages >= ua->options.listen_count
                 ? UA_EXIT_OK
                 : UA_EXIT_TIMEOUT,
             now_ms);
  } else if (ua->step == LISTENING && now_ms >= ua->refresh_at_ms) {
    ua_register(ua, now_ms);
  }
}

/* ------------------------------------------------------------ callbacks -- */

static void on_open(sipws_conn *conn, void *user) {
  struct ua *ua = user;

  ua->sip.secure = sipws_conn_is_secure(conn);
  if (ua->options.command == UA_OPTIONS) {
    ua_ask(ua, ASKING, "OPTIONS", ua->options.target, NULL, 0, net_now_ms());
  } else {
    ua_register(ua, net_now_ms());
  }
}

sipws_conn *ua_client_new(struct ua *ua) {
  const struct ua_options *options = &ua->options;
  sipws_conn *conn = NULL;
  int error =
      sipws_client_new(ua->config, options->server, strlen(options->server), ua,
                       net_now_ms(), &conn);

  if (error == 0 && options->origin != NULL) {
    error =
        sipws_conn_set_origin(conn, options->origin, strlen(options->origin));
  }
  if (error != 0) {
    fprintf(stderr, "ua: %s\n", sipws_error_text(error));
    sipws_conn_free(conn);
    return NULL;
  }
  return conn;
}

/* RFC 7118 section 7: a 401 to the handshake is answered, once, on a new
 * connection. */
static int ua_try_again(struct ua *ua, const sipws_conn *refused) {
  const char *user = ua->sip.username;
  const char *password = ua->options.password;
  uint8_t seed[16];
  int error = SIPWS_ERR_NOT_FOUND;

  if (sipws_conn_http_status(refused) != 401 || password == NULL ||
      ua->is_retry || sipws_os_random(seed, sizeof(seed), NULL) != 0) {
    return -1;
  }
  ua->is_retry = 1;
  ua->again = ua_client_new(ua);
  if (ua->again != NULL) {
    error = sipws_conn_retry(refused, ua->again, user, strlen(user), password,
                             strlen(password), seed, 0);
  }
  if (error != 0) {
    fprintf(stderr, "ua: cannot answer the challenge: %s\n",
            sipws_error_text(error));
    sipws_conn_free(ua->again);
    ua->again = NULL;
    return -1;
  }
  return 0;
}

static void on_refused(sipws_conn *conn, void *user) {
  if (ua_try_again(user, conn) != 0) {
    fprintf(stderr, "ua: the handshake was refused: HTTP status %d\n",
            sipws_conn_http_status(conn));
  }
}

/* Shows the body of a MESSAGE, and from whom it is. */
static void ua_show_message(const char *msg, size_t len,
                            const sipws_sip_view *view) {
  sipws_addr from;
  sipws_span value;

  from.struct_size = sizeof(from);
  if (sipws_sip_header(msg, len, view, "From", 4, 0, &value) != 0 ||
      sipws_addr_parse(msg, &value, &from) != 0) {
    return;
  }
  printf("message from ");
  ua_show("", msg + from.uri.off, from.uri.len);
  ua_show("  ", msg + view->body.off, view->body.len);
}

static void ua_answer(struct ua *ua, const char *msg, size_t len,
                      const sipws_sip_view *view, uint64_t now_ms) {
  size_t out_len;
  int status = ua_answer_write(&ua->sip, msg, len, view, ua->out,
                               sizeof(ua->out), &out_len);

  if (status == 0) {
    return;
  }
  ua_send(ua, out_len, now_ms);
  if (status == 200 && ua_is(msg, &view->method, "MESSAGE")) {
    ua->messages++;
    ua_show_message(msg, len, view);
  }
}

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct ua *ua = user;
  sipws_sip_view view;

  (void)conn;
  (void)kind;
  view.struct_size = sizeof(view);
  if (verdict == SIPWS_SIP_NOT_SIP || sipws_sip_parse(msg, len, &view) != 0) {
    return 0;
  }
  if (view.is_request) {
    ua_answer(ua, msg, len, &view, net_now_ms());
    return 0;
  }
  /* RFC 3261 section 18.3: a response whose body is not all there is dropped;
   * so is one that nobody waits for. */
  if ((verdict != SIPWS_SIP_OK && verdict != SIPWS_SIP_CUT) ||
      ua->answer_by_ms == UINT64_MAX) {
    return 0;
  }
  switch (ua_request_match(&ua->request, &ua->sip, msg, len, &view)) {
  case UA_CHALLENGED:
    ua_send_request(ua, net_now_ms());
    break;
  case UA_FINAL:
    ua_finish(ua, msg, len, &view, net_now_ms());
    break;
  default:
    break;
  }
  return 0;
}

static void on_closed(sipws_conn *conn, int cause, void *user) {
  struct ua *ua = user;

  if (ua->step == CLOSING) {
    return; /* it was our wish */
  }
  ua->step = CLOSING;
  ua->answer_by_ms = UINT64_MAX;
  ua->result = UA_EXIT_CONNECTION;
  if (cause != SIPWS_CAUSE_REFUSED) {
    secure_explain("ua", conn);
  }
}

int ua_client_init(struct ua *ua, sipws_config *config) {
  const struct ua_options *options = &ua->options;

  ua->config = config;
  ua->result = UA_EXIT_CONNECTION;
  ua->answer_by_ms = UINT64_MAX;
  ua->listen_until_ms = UINT64_MAX;
  ua->trace.level = options->trace;
  ua->trace.color = isatty(STDOUT_FILENO);
  (void)sipws_config_set_trace(config, ua_trace, &ua->trace);
  (void)sipws_config_on_open(config, on_open);
  (void)sipws_config_on_refused(config, on_refused);
  (void)sipws_config_on_message(config, on_message);
  (void)sipws_config_on_closed(config, on_closed);
  return ua_sip_init(&ua->sip, options->aor, options->username,
                     options->password);
}
