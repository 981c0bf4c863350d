/* uri: SIP URIs and Routes written. */
#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"
#include "sipws_uri.h"

#include <string.h>

/* What a URI is made of. */
struct uri_plan {
  int scheme;
  const char *user;
  size_t user_len;
  const char *host;
  size_t host_len;
  uint32_t port;
  int transport;
  const char *params;
  size_t params_len;
};

/* Pieces that one takes, and what the port needs beside. */
#define URI_PIECES 7
#define URI_PORT_MAX 6

static struct sipws__sip_piece uri_piece(const char *text, size_t len) {
  struct sipws__sip_piece piece;
  piece.text = text;
  piece.len = len;
  return piece;
}

static struct sipws__sip_piece uri_constant(const char *text) {
  return uri_piece(text, strlen(text));
}

/* RFC 7118 section 5.2: ws, be the hop secure or not. */
static const char *uri_transport(int transport) {
  switch (transport) {
  case SIPWS_TRANSPORT_UDP:
    return ";transport=udp";
  case SIPWS_TRANSPORT_TCP:
    return ";transport=tcp";
  case SIPWS_TRANSPORT_WS:
  case SIPWS_TRANSPORT_WSS:
    return ";transport=ws";
  default:
    return "";
  }
}

/* RFC 7118 section 5.5: sip has no default port on a secure hop. */
static uint32_t uri_port(const struct uri_plan *plan) {
  return plan->port == 0 && plan->scheme == SIPWS_SCHEME_SIP &&
                 plan->transport == SIPWS_TRANSPORT_WSS
             ? 443
             : plan->port;
}

/* RFC 3261 26.2.2: secure is the scheme, there is no transport=tls to write;
 * 19.1.1: sips goes over reliable transports. */
static int uri_is_transport(const struct uri_plan *plan) {
  return plan->transport >= SIPWS_TRANSPORT_OTHER &&
         plan->transport <= SIPWS_TRANSPORT_WSS &&
         plan->transport != SIPWS_TRANSPORT_TLS &&
         !(plan->transport == SIPWS_TRANSPORT_UDP &&
           plan->scheme == SIPWS_SCHEME_SIPS);
}

/* 1 when each text will be read back as what it is here. */
static int uri_is_text(const struct uri_plan *plan) {
  sipws_span params = sipws__text_span(0, plan->params_len);
  int others = plan->transport != SIPWS_TRANSPORT_OTHER; /* one is written */
  sipws_span host, transport;
  uint32_t pos = 0;
  if (sipws__host_read(plan->host, &pos, (uint32_t)plan->host_len, &host) !=
          0 ||
      pos != plan->host_len) {
    return 0;
  }
  return sipws__uri_is_user(plan->user, sipws__text_span(0, plan->user_len)) &&
         sipws__uri_check_params(plan->params, params, others) == 0 &&
         (others == 0 || !sipws__uri_find_param(plan->params, params,
                                                "transport", &transport));
}

static int uri_check(const struct uri_plan *plan) {
  if (plan->host == NULL || (plan->user == NULL && plan->user_len > 0) ||
      (plan->params == NULL && plan->params_len > 0) || plan->port > 65535 ||
      (plan->scheme != SIPWS_SCHEME_SIP && plan->scheme != SIPWS_SCHEME_SIPS) ||
      !uri_is_transport(plan)) {
    return SIPWS_ERR_INVALID;
  }
  if (plan->user_len > SIPWS__SIP_MAX || plan->host_len > SIPWS__SIP_MAX ||
      plan->params_len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  return uri_is_text(plan) ? 0 : SIPWS_ERR_TEXT;
}

/* |port| holds what the pieces lend of it. */
static void uri_put(const struct uri_plan *plan, char port[URI_PORT_MAX],
                    struct sipws__sip_piece pieces[URI_PIECES]) {
  uint32_t number = uri_port(plan);
  size_t port_len = 0;
  if (number != 0) {
    port[0] = ':';
    port_len = 1 + sipws__text_digits(number, port + 1);
  }
  pieces[0] =
      uri_constant(plan->scheme == SIPWS_SCHEME_SIPS ? "sips:" : "sip:");
  pieces[1] = uri_piece(plan->user, plan->user_len);
  pieces[2] = uri_constant(plan->user_len > 0 ? "@" : "");
  pieces[3] = uri_piece(plan->host, plan->host_len);
  pieces[4] = uri_piece(port, port_len);
  pieces[5] = uri_constant(uri_transport(plan->transport));
  pieces[6] = uri_piece(plan->params, plan->params_len);
}

int sipws_uri_build(int scheme, const char *user, size_t user_len,
                    const char *host, size_t host_len, uint32_t port,
                    int transport, const char *params, size_t params_len,
                    char *out, size_t out_size, size_t *out_len) {
  struct uri_plan plan = {scheme, user,      user_len, host,      host_len,
                          port,   transport, params,   params_len};
  struct sipws__sip_piece pieces[URI_PIECES];
  char digits[URI_PORT_MAX];
  int err = uri_check(&plan);
  if (err != 0) {
    return err;
  }
  uri_put(&plan, digits, pieces);
  return sipws__sip_write(pieces, URI_PIECES, out, out_size, out_len);
}

int sipws_route_build(int scheme, const char *user, size_t user_len,
                      const char *host, size_t host_len, uint32_t port,
                      int transport, int ob, char *out, size_t out_size,
                      size_t *out_len) {
  struct uri_plan plan = {scheme, user,      user_len, host, host_len,
                          port,   transport, NULL,     0};
  struct sipws__sip_piece pieces[URI_PIECES + 2];
  char digits[URI_PORT_MAX];
  int err = uri_check(&plan);
  if (err != 0) {
    return err;
  }
  pieces[0] = uri_constant("<");
  uri_put(&plan, digits, pieces + 1);
  pieces[URI_PIECES + 1] = uri_constant(ob ? ";lr;ob>" : ";lr>");
  return sipws__sip_write(pieces, URI_PIECES + 2, out, out_size, out_len);
}
