/* sip: what the URIs of a message say of it: sips, and from whom. */
#include "sipws_sip.h"
#include "sipws_text.h"

/* 1 when |uri| of |text| is a sips URI, or would be one. */
static int sip_is_secure(const char *text, sipws_span uri) {
  return uri.len > 5 && sipws__text_is(text + uri.off, 5, "sips:");
}

int sipws_sip_is_sips(const char *msg, size_t len, const sipws_sip_view *view) {
  sipws_span route;
  sipws_name_addr addr;
  if (msg == NULL || view == NULL || !view->is_request) {
    return 0;
  }
  if (sip_is_secure(msg, view->uri)) {
    return 1;
  }
  addr.struct_size = sizeof addr;
  return sipws_sip_value_at(msg, len, view, "Route", 5, 0, &route) == 0 &&
         sipws_name_addr_parse(msg, &route, &addr) == 0 &&
         sip_is_secure(msg, addr.uri);
}

/* The value of From. Of two, somebody behind us might read the other one. */
static int sip_only_from(const char *msg, size_t len,
                         const sipws_sip_view *view, sipws_span *value) {
  sipws_span at = {0, 0};
  sipws_span other;
  int err = sipws_sip_next_named(msg, len, view, "From", 4, &at, value);
  if (err == 0 && sipws_sip_next_named(msg, len, view, "From", 4, &at,
                                       &other) != SIPWS_ERR_NOT_FOUND) {
    err = SIPWS_ERR_SYNTAX;
  }
  return err;
}

/* |view| becomes the address of record: what names the user, and no way to one
 * device (RFC 3261 section 10.3 step 5). A sips URI names the same one as the
 * sip URI does (section 19.1). */
static int sip_read_user(const char *text, const sipws_span *uri,
                         sipws_uri *view) {
  int err;
  view->struct_size = sizeof *view;
  err = sipws_uri_parse(text, uri, view);
  if (err == 0 && view->scheme == SIPWS_SCHEME_SIPS) {
    view->scheme = SIPWS_SCHEME_SIP;
  }
  view->params.len = 0;
  view->headers.len = 0;
  return err;
}

int sipws_sip_is_from(const char *msg, size_t len, const sipws_sip_view *view,
                      const char *uri, size_t uri_len) {
  sipws_span whole, value;
  sipws_name_addr from;
  sipws_uri theirs, ours;
  if (uri == NULL || uri_len > SIPWS__SIP_MAX) {
    return 0;
  }
  whole = sipws__text_span(0, uri_len);
  from.struct_size = sizeof from;
  return sip_only_from(msg, len, view, &value) == 0 &&
         sipws_name_addr_parse(msg, &value, &from) == 0 &&
         sip_read_user(msg, &from.uri, &theirs) == 0 &&
         sip_read_user(uri, &whole, &ours) == 0 &&
         sipws_uri_equal(msg, &theirs, uri, &ours);
}
