/* What the functions of <sipws/sip.h> understand of a message, told in lines: a
 * fact a line, unfolded. */
#ifndef SIPWS_TEST_TALE_H
#define SIPWS_TEST_TALE_H

#include "support.h"

#include <sipws/sip.h>

#define TALE_ROOM 65536

struct tale {
  const char *msg;
  size_t len;
  sipws_sip_view view;
  size_t told_len;
  char told[TALE_ROOM];
};

static inline void tell(struct tale *tale, const char *format, ...) {
  size_t room = sizeof tale->told - tale->told_len;
  va_list args;
  int n;
  va_start(args, format);
  n = vsnprintf(tale->told + tale->told_len, room, format, args);
  va_end(args);
  assert_true(n >= 0 && (size_t)n < room);
  tale->told_len += (size_t)n;
}

/* A span as the arguments of "%.*s"; "-" when it is empty. */
#define SAID(text, span)                                                       \
  (span).len > 0 ? (int)(span).len : 1,                                        \
      (span).len > 0 ? (text) + (span).off : "-"

static inline void tell_uri(struct tale *tale, const char *what,
                            sipws_span span) {
  const char *msg = tale->msg;
  sipws_uri uri;
  uri.struct_size = sizeof uri;
  if (sipws_uri_parse(msg, &span, &uri) != 0) {
    tell(tale, "%s ?\n", what);
  } else if (uri.scheme == SIPWS_SCHEME_OTHER) {
    tell(tale, "%s of %.*s\n", what, SAID(msg, uri.scheme_text));
  } else {
    tell(tale, "%s %.*s at %.*s %u%.*s%s\n", what, SAID(msg, uri.user),
         SAID(msg, uri.host), (unsigned)uri.port, (int)uri.params.len,
         msg + uri.params.off, uri.headers.len > 0 ? " with headers" : "");
  }
}

/* The values of a header that holds addresses. */
static inline void tell_addresses(struct tale *tale, const char *name) {
  const char *msg = tale->msg;
  sipws_span at = {0, 0};
  sipws_span list, value;
  sipws_name_addr addr;
  addr.struct_size = sizeof addr;
  while (sipws_sip_next_named(msg, tale->len, &tale->view, name, strlen(name),
                              &at, &list) == 0) {
    int err;
    while ((err = sipws_list_next(msg, &list, &value)) == 0) {
      if (sipws_name_addr_parse(msg, &value, &addr) != 0) {
        tell(tale, "%s ?\n", name);
        continue;
      }
      tell(tale, "%s \"%.*s\" %.*s\n", name, (int)addr.display.len,
           msg + addr.display.off, SAID(msg, addr.params));
      tell_uri(tale, name, addr.uri);
    }
    if (err != SIPWS_ERR_NOT_FOUND) {
      tell(tale, "%s ?\n", name);
    }
  }
}

static inline void tell_vias(struct tale *tale) {
  const char *msg = tale->msg;
  uint32_t i;
  sipws_via via;
  int err;
  via.struct_size = sizeof via;
  for (i = 0; (err = sipws_via_at(msg, tale->len, i, &via)) == 0; i++) {
    tell(tale, "via %.*s %.*s %u %.*s %.*s\n", SAID(msg, via.token),
         SAID(msg, via.host), (unsigned)via.port, SAID(msg, via.branch),
         SAID(msg, via.received));
  }
  tell(tale, err == SIPWS_ERR_NOT_FOUND ? "via %u\n" : "via ?\n", (unsigned)i);
}

static inline void tell_number(struct tale *tale, const char *name) {
  uint32_t number;
  int err = sipws_sip_number(tale->msg, tale->len, &tale->view, name,
                             strlen(name), &number);
  if (err == 0) {
    tell(tale, "%s %u\n", name, (unsigned)number);
  } else {
    tell(tale, err == SIPWS_ERR_NOT_FOUND ? "no %s\n" : "%s ?\n", name);
  }
}

static inline void tell_cseq(struct tale *tale) {
  sipws_span method;
  uint32_t number;
  int err = sipws_sip_cseq(tale->msg, tale->len, &tale->view, &number, &method);
  if (err == 0) {
    tell(tale, "CSeq %u %.*s\n", (unsigned)number, SAID(tale->msg, method));
  } else {
    tell(tale, err == SIPWS_ERR_NOT_FOUND ? "no CSeq\n" : "CSeq ?\n");
  }
}

/* How many lines there are of a header that may be there once. */
static inline void tell_lines(struct tale *tale, const char *name) {
  sipws_span at = {0, 0};
  sipws_span value;
  unsigned count = 0;
  while (sipws_sip_next_named(tale->msg, tale->len, &tale->view, name,
                              strlen(name), &at, &value) == 0) {
    count++;
  }
  tell(tale, "%u %s\n", count, name);
}

static inline void tell_body(struct tale *tale) {
  static const char *const verdicts[] = {"whole", "cut", "short request",
                                         "short response", "of no length"};
  tell(tale, "body %u %s\n", (unsigned)tale->view.body.len,
       verdicts[tale->view.verdict]);
}

static inline void tell_start(struct tale *tale) {
  const sipws_sip_view *view = &tale->view;
  if (view->is_request) {
    tell(tale, "request %.*s\n", SAID(tale->msg, view->method));
    tell_uri(tale, "to", view->uri);
  } else {
    tell(tale, "response %u %.*s\n", (unsigned)view->status,
         SAID(tale->msg, view->reason));
  }
}

/* Folds become a space. */
static inline void tale_unfold(struct tale *tale) {
  const char *from = tale->told;
  char *to = tale->told;
  while (*from != '\0') {
    if (from[0] == '\r' && from[1] == '\n') {
      from += 2 + strspn(from + 2, " \t");
      *to++ = ' ';
    } else {
      *to++ = *from++;
    }
  }
  *to = '\0';
}

/* Tells all of a message. */
static inline void tell_message(struct tale *tale, const char *msg,
                                size_t len) {
  tale->msg = msg;
  tale->len = len;
  tale->told_len = 0;
  tale->view.struct_size = sizeof tale->view;
  if (sipws_sip_parse(msg, len, &tale->view) != 0) {
    tell(tale, "not SIP\n");
    return;
  }
  tell_start(tale);
  tell_vias(tale);
  tell_cseq(tale);
  tell_addresses(tale, "From");
  tell_addresses(tale, "To");
  tell_addresses(tale, "Contact");
  tell_addresses(tale, "Route");
  tell_number(tale, "Max-Forwards");
  tell_number(tale, "Expires");
  tell_lines(tale, "Call-ID");
  tell_lines(tale, "From");
  tell_body(tale);
  tale_unfold(tale);
}

#endif /* SIPWS_TEST_TALE_H */
