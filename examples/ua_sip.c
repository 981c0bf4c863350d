#include "ua_sip.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------- identity -- */

static int sip_uri(const char *text, sipws_uri *uri) {
  sipws_span all = {0, (uint32_t)strlen(text)};

  uri->struct_size = sizeof(*uri);
  return sipws_uri_parse(text, &all, uri) == 0 &&
                 uri->scheme != SIPWS_SCHEME_OTHER
             ? 0
             : -1;
}

int ua_sip_is_uri(const char *text) {
  sipws_uri uri;

  return sip_uri(text, &uri) == 0;
}

/* A random UUID (RFC 4122 section 4.4). One that lasts from run to run would
 * be better (RFC 5626 section 4.1); ua keeps nothing. */
static int sip_draw_instance(struct ua_sip *sip) {
  char word[UA_WORD_SIZE];

  if (ua_random_word(word, 16) != 0) {
    return -1;
  }
  snprintf(sip->instance, sizeof(sip->instance), "%.8s-%.4s-4%.3s-a%.3s-%.12s",
           word, word + 8, word + 13, word + 17, word + 20);
  return 0;
}

int ua_sip_init(struct ua_sip *sip, const char *aor, const char *username,
                const char *password) {
  struct ua_text registrar = {sip->registrar, sizeof(sip->registrar), 0, 0};
  struct ua_text contact = {sip->contact, sizeof(sip->contact), 0, 0};
  struct ua_text user = {sip->user, sizeof(sip->user), 0, 0};
  uint8_t seed[12];
  size_t len;
  sipws_uri uri;

  memset(sip, 0, sizeof(*sip));
  if (sip_uri(aor, &uri) != 0 || uri.user.len == 0) {
    fprintf(stderr, "ua: %s is not like sip:user@domain\n", aor);
    return -1;
  }
  sip->aor = aor;
  sip->password = password;
  /* RFC 7118 appendix B.1: a client that knows no address of its own. */
  if (sipws_os_random(seed, sizeof(seed), NULL) != 0 ||
      sipws_random_host(seed, sip->host, SIPWS_RANDOM_HOST_LEN, &len) != 0 ||
      ua_random_word(sip->register_id, 16) != 0 ||
      ua_random_word(sip->tag, 8) != 0 || sip_draw_instance(sip) != 0) {
    return -1;
  }
  ua_put(&user, "%.*s", UA_SPAN(aor, uri.user));
  ua_put(&registrar, "%.*s:%.*s", UA_SPAN(aor, uri.scheme_text),
         UA_SPAN(aor, uri.host));
  if (uri.port != 0) {
    ua_put(&registrar, ":%u", (unsigned)uri.port);
  }
  ua_put(&contact, "%.*s:%s@%s;transport=ws", UA_SPAN(aor, uri.scheme_text),
         sip->user, sip->host);
  sip->username = username != NULL ? username : sip->user;
  if (user.failed || registrar.failed || contact.failed) {
    fprintf(stderr, "ua: %s is too long\n", aor);
    return -1;
  }
  return 0;
}

/* ------------------------------------------------------------- requests -- */

static int request_is_register(const struct ua_request *request) {
  return strcmp(request->method, "REGISTER") == 0;
}

int ua_request_begin(struct ua_request *request, const struct ua_sip *sip,
                     const char *method, const char *target, const char *body,
                     uint32_t expires) {
  memset(request, 0, sizeof(*request));
  request->method = method;
  request->target = target;
  request->body = body;
  request->expires = expires;
  if (request_is_register(request)) {
    /* RFC 3261 section 10.2: one Call-ID for all of them. */
    memcpy(request->call_id, sip->register_id, sizeof(request->call_id));
    return 0;
  }
  return ua_random_word(request->call_id, 16);
}

/* Appends our Via, and keeps its branch to know the response by. */
static void request_put_via(struct ua_request *request,
                            const struct ua_sip *sip, struct ua_text *out) {
  struct ua_text branch = {request->branch, sizeof(request->branch), 0, 0};
  uint8_t seed[16];
  char value[160];
  sipws_span all = {0, 0};
  sipws_via via;
  size_t len;

  via.struct_size = sizeof(via);
  if (sipws_os_random(seed, sizeof(seed), NULL) != 0 ||
      sipws_via_build(sip->secure, sip->host, strlen(sip->host), seed, "", 0,
                      value, sizeof(value), &len) != 0) {
    out->failed = 1;
    return;
  }
  all.len = (uint32_t)len;
  if (sipws_via_parse(value, &all, &via) != 0) {
    out->failed = 1;
    return;
  }
  ua_put(&branch, "%.*s", UA_SPAN(value, via.branch));
  ua_put(out, "Via: %.*s\r\n", UA_SPAN(value, all));
  out->failed |= branch.failed;
}

/* Appends the credentials for each challenge known. */
static void request_put_auth(const struct ua_request *request,
                             struct ua_sip *sip, const char *uri,
                             struct ua_text *out) {
  static const char *const names[2] = {"Authorization", "Proxy-Authorization"};
  int i;

  for (i = 0; i < 2; i++) {
    if (sip->challenges[i].nonce[0] != '\0' &&
        ua_challenge_answer(&sip->challenges[i], names[i], sip->username,
                            sip->password, request->method, uri, out) != 0) {
      out->failed = 1;
    }
  }
}

int ua_request_write(struct ua_request *request, struct ua_sip *sip, char *out,
                     size_t out_size, size_t *out_len) {
  struct ua_text text = {out, out_size, 0, 0};
  const char *uri =
      request_is_register(request) ? sip->registrar : request->target;
  const char *body = request->body != NULL ? request->body : "";

  ua_put(&text, "%s %s SIP/2.0\r\n", request->method, uri);
  request_put_via(request, sip, &text);
  ua_put(&text, "Max-Forwards: 70\r\n");
  ua_put(&text, "From: <%s>;tag=%s\r\n", sip->aor, sip->tag);
  ua_put(&text, "To: <%s>\r\n", request->target);
  ua_put(&text, "Call-ID: %s\r\n", request->call_id);
  ua_put(&text, "CSeq: %u %s\r\n", (unsigned)++sip->cseq, request->method);
  if (request_is_register(request)) {
    /* RFC 5626 section 4.2.1. Other requests of ours need no Contact, and a
     * MESSAGE must have none (RFC 3428 section 4). */
    ua_put(&text, "Contact: <%s>;reg-id=1;+sip.instance=\"<urn:uuid:%s>\"\r\n",
           sip->contact, sip->instance);
    ua_put(&text, "Expires: %u\r\n", (unsigned)request->expires);
    ua_put(&text, "Supported: path, outbound, gruu\r\n");
  }
  request_put_auth(request, sip, uri, &text);
  ua_put(&text, "User-Agent: sipws ua\r\n");
  if (request->body != NULL) {
    ua_put(&text, "Content-Type: text/plain\r\n");
  }
  ua_put(&text, "Content-Length: %u\r\n\r\n%s", (unsigned)strlen(body), body);
  if (text.failed) {
    fprintf(stderr, "ua: %s to %s cannot be written\n", request->method,
            request->target);
    return -1;
  }
  *out_len = text.len;
  return 0;
}

/* ------------------------------------------------------------ responses -- */

/* 1 when the challenge of a 401 or 407 is worth an answer: each nonce gets one,
 * and a second challenge in a row only when the first nonce had become stale.
 * Else the password is wrong, and asking on could lock the account. */
static int request_is_challenged(struct ua_request *request, struct ua_sip *sip,
                                 const char *msg, size_t len,
                                 const sipws_sip_view *view) {
  int which = view->status == 407;
  struct ua_challenge fresh;

  if (sip->password == NULL || ua_challenge_take(&fresh, msg, len, view) != 0 ||
      strcmp(fresh.nonce, sip->challenges[which].nonce) == 0 ||
      request->answered[which] >= (fresh.stale ? 2U : 1U)) {
    return 0;
  }
  request->answered[which]++;
  sip->challenges[which] = fresh;
  return 1;
}

enum ua_reply ua_request_match(struct ua_request *request, struct ua_sip *sip,
                               const char *msg, size_t len,
                               const sipws_sip_view *view) {
  sipws_span method;
  sipws_via via;
  uint32_t number;
  uint32_t count;

  via.struct_size = sizeof(via);
  /* RFC 3261 section 18.1.2: the sent-by is ours; 8.1.3.3: the Via is alone. */
  if (sipws_via_at(msg, len, 0, &via) != 0 ||
      !sipws_via_is_sent_by(msg, &via, sip->host, strlen(sip->host), 0) ||
      sipws_via_count(msg, len, &count) != 0 || count != 1) {
    return UA_STRANGER;
  }
  /* RFC 3261 section 17.1.3. */
  if (sipws_sip_cseq(msg, len, view, &number, &method) != 0 ||
      !ua_is(msg, &via.branch, request->branch) ||
      !ua_is(msg, &method, request->method)) {
    return UA_STRANGER;
  }
  if (view->status < 200) {
    return UA_PROVISIONAL;
  }
  if ((view->status == 401 || view->status == 407) &&
      request_is_challenged(request, sip, msg, len, view)) {
    return UA_CHALLENGED;
  }
  return UA_FINAL;
}

/* 1 when the Contact |value| is the one that we registered. */
static int sip_is_contact(const struct ua_sip *sip, const char *msg,
                          const sipws_addr *contact) {
  sipws_uri theirs;
  sipws_uri ours;

  theirs.struct_size = sizeof(theirs);
  return sipws_uri_parse(msg, &contact->uri, &theirs) == 0 &&
         sip_uri(sip->contact, &ours) == 0 &&
         sipws_uri_equal(msg, &theirs, sip->contact, &ours);
}

uint32_t ua_request_granted(const struct ua_request *request,
                            const struct ua_sip *sip, const char *msg,
                            size_t len, const sipws_sip_view *view) {
  uint32_t granted = request->expires;
  sipws_span at = {0, 0};
  sipws_span value;
  sipws_addr contact;

  contact.struct_size = sizeof(contact);
  (void)sipws_sip_number(msg, len, view, "Expires", 7, &granted);
  /* The parameter of our own Contact goes first (RFC 3261 section 10.2.4). */
  while (sipws_sip_next_value(msg, len, view, "Contact", 7, &at, &value) == 0) {
    if (sipws_addr_parse(msg, &value, &contact) == 0 &&
        sip_is_contact(sip, msg, &contact) &&
        sipws_param(msg, &contact.params, "expires", 7, &value) == 0) {
      (void)sipws_span_number(msg, &value, &granted);
    }
  }
  return granted;
}

/* -------------------------------------------------------------- answers -- */

static int answer_status(const char *msg, const sipws_sip_view *view,
                         int is_extended) {
  /* RFC 3261 section 18.3. */
  if (view->verdict == SIPWS_SIP_SHORT_REQUEST ||
      view->verdict == SIPWS_SIP_BAD_LENGTH) {
    return 400;
  }
  if (ua_is(msg, &view->method, "CANCEL") || ua_is(msg, &view->method, "BYE")) {
    return 481; /* there are no calls */
  }
  /* RFC 3261 section 8.2.2.3: no extension is known here. */
  if (is_extended) {
    return 420;
  }
  if (ua_is(msg, &view->method, "OPTIONS") ||
      ua_is(msg, &view->method, "MESSAGE")) {
    return 200;
  }
  return ua_is(msg, &view->method, "INVITE") ? 486 : 405;
}

static const char *answer_reason(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 400:
    return "Bad Content-Length";
  case 405:
    return "Method Not Allowed";
  case 420:
    return "Bad Extension";
  case 481:
    return "Call/Transaction Does Not Exist";
  default:
    return "Busy Here";
  }
}

int ua_answer_write(const struct ua_sip *sip, const char *msg, size_t len,
                    const sipws_sip_view *view, char *out, size_t out_size,
                    size_t *out_len) {
  static const char allow[] = "OPTIONS, MESSAGE";
  sipws_span require;
  int is_extended =
      sipws_sip_header(msg, len, view, "Require", 7, 0, &require) == 0;
  int status = answer_status(msg, view, is_extended);
  const char *reason = answer_reason(status);

  if (ua_is(msg, &view->method, "ACK")) {
    return 0; /* RFC 3261 section 17: there is no response to it */
  }
  if (sipws_sip_respond(msg, len, status, reason, strlen(reason), sip->tag,
                        strlen(sip->tag), out, out_size, out_len) != 0 ||
      sipws_sip_set_header(out, *out_len, "Allow", 5, allow, strlen(allow), out,
                           out_size, out_len) != 0) {
    return 0;
  }
  if (status == 420) {
    (void)sipws_sip_set_header(out, *out_len, "Unsupported", 11,
                               msg + require.off, require.len, out, out_size,
                               out_len);
  }
  return status;
}
