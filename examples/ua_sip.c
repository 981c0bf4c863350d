#include "ua_sip.h"

#include <stdio.h>
#include <string.h>

int ua_is(const char *text, const sipws_span *span, const char *word) {
  return sipws_span_is(text, span, word, strlen(word));
}

int ua_uri_read(const char *text, sipws_uri *uri) {
  sipws_span all = {0, (uint32_t)strlen(text)};

  uri->struct_size = sizeof(*uri);
  return sipws_uri_parse(text, &all, uri) == 0 &&
                 uri->scheme != SIPWS_SCHEME_OTHER
             ? 0
             : -1;
}

/* Writes |octets| random octets, up to 16, as hexadecimal and a NUL. 0, or -1
 * with a message on stderr. */
static int sip_random_word(char *out, size_t octets) {
  uint8_t seed[16];

  if (octets > sizeof(seed) || sipws_os_random(seed, octets, NULL) != 0) {
    fprintf(stderr, "ua: no random octets from the system\n");
    return -1;
  }
  write_hex(seed, octets, out);
  return 0;
}

int ua_sip_init(struct ua_sip *sip, const struct ua_identity *who,
                uint32_t reg_id) {
  memset(sip, 0, sizeof(*sip));
  sip->who = who;
  sip->reg_id = reg_id;
  return sip_random_word(sip->register_id, 16) != 0 ||
                 sip_random_word(sip->tag, 8) != 0
             ? -1
             : 0;
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
    /* RFC 3261 section 10.2: one Call-ID for all of them, but (RFC 5626 section
     * 4.2.1) of this flow alone. */
    memcpy(request->call_id, sip->register_id, sizeof(request->call_id));
    return 0;
  }
  return sip_random_word(request->call_id, 16);
}

/* Appends our Via, and keeps its branch to know the response by. 0, or -1. */
static int request_write_via(struct ua_request *request,
                             const struct ua_sip *sip, struct writer *out) {
  const char *host = sip->who->host;
  uint8_t seed[16];
  char value[160];
  size_t len;

  if (sipws_os_random(seed, sizeof(seed), NULL) != 0 ||
      sipws_via_build(sip->secure, host, strlen(host), seed, "", 0, value,
                      sizeof(value), &len) != 0) {
    return -1;
  }
  write_format(out, "Via: %.*s\r\n", (int)len, value);
  memcpy(request->branch, value + len - SIPWS_BRANCH_LEN, SIPWS_BRANCH_LEN);
  return 0;
}

/* Appends the credentials for each challenge known. 0, or -1. */
static int request_write_auth(const struct ua_request *request,
                              struct ua_sip *sip, const char *uri,
                              struct writer *out) {
  static const char *const names[2] = {"Authorization", "Proxy-Authorization"};
  int i;

  for (i = 0; i < 2; i++) {
    if (sip->challenges[i].len != 0 &&
        ua_challenge_answer(&sip->challenges[i], names[i], sip->who->username,
                            sip->who->password, request->method, uri,
                            out) != 0) {
      return -1;
    }
  }
  return 0;
}

int ua_request_write(struct ua_request *request, struct ua_sip *sip, char *out,
                     size_t out_size, size_t *out_len) {
  struct writer text = {out, out_size, 0};
  const struct ua_identity *who = sip->who;
  const char *uri =
      request_is_register(request) ? who->registrar : request->target;
  const char *body = request->body != NULL ? request->body : "";
  int failed;

  write_format(&text, "%s %s SIP/2.0\r\n", request->method, uri);
  failed = request_write_via(request, sip, &text);
  write_format(&text, "Max-Forwards: 70\r\n");
  write_format(&text, "From: <%s>;tag=%s\r\n", who->aor, sip->tag);
  write_format(&text, "To: <%s>\r\n", request->target);
  write_format(&text, "Call-ID: %s\r\n", request->call_id);
  write_format(&text, "CSeq: %u %s\r\n", (unsigned)++sip->cseq,
               request->method);
  if (request_is_register(request)) {
    /* RFC 5626 section 4.2.1. Other requests of ours need no Contact, and a
     * MESSAGE must have none (RFC 3428 section 4). */
    write_format(&text, "Contact: <%s>;reg-id=%u;+sip.instance=\"<%s>\"\r\n",
                 who->contact, (unsigned)sip->reg_id, who->instance);
    write_format(&text, "Expires: %u\r\n", (unsigned)request->expires);
    write_format(&text, "Supported: path, outbound, gruu\r\n");
  }
  failed |= request_write_auth(request, sip, uri, &text);
  write_format(&text, "User-Agent: sipws ua\r\n");
  if (request->body != NULL) {
    write_format(&text, "Content-Type: text/plain\r\n");
  }
  write_format(&text, "Content-Length: %u\r\n\r\n%s", (unsigned)strlen(body),
               body);
  if (failed || writer_is_full(&text)) {
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

  if (sip->who->password == NULL ||
      ua_challenge_take(&fresh, msg, len, view) != 0 ||
      ua_challenge_is_same(&fresh, &sip->challenges[which]) ||
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
      !sipws_via_is_sent_by(msg, &via, sip->who->host, strlen(sip->who->host),
                            0) ||
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

/* 1 when it is the Contact that we registered on this connection: a flow beside
 * it has the same URI and another reg-id. */
static int sip_is_contact(const struct ua_sip *sip, const char *msg,
                          const sipws_name_addr *contact) {
  sipws_uri theirs;
  sipws_uri ours;
  sipws_span value;
  uint32_t reg_id = sip->reg_id; /* also where none is told */

  theirs.struct_size = sizeof(theirs);
  if (sipws_param(msg, &contact->params, "reg-id", 6, &value) == 0) {
    (void)sipws_span_number(msg, &value, &reg_id);
  }
  return reg_id == sip->reg_id &&
         sipws_uri_parse(msg, &contact->uri, &theirs) == 0 &&
         ua_uri_read(sip->who->contact, &ours) == 0 &&
         sipws_uri_equal(msg, &theirs, sip->who->contact, &ours);
}

uint32_t ua_request_granted(const struct ua_request *request,
                            const struct ua_sip *sip, const char *msg,
                            size_t len, const sipws_sip_view *view) {
  uint32_t granted = request->expires;
  sipws_span at = {0, 0};
  sipws_span value;
  sipws_name_addr contact;

  contact.struct_size = sizeof(contact);
  (void)sipws_sip_number(msg, len, view, "Expires", 7, &granted);
  /* The parameter of our own Contact goes first (RFC 3261 section 10.2.4). */
  while (sipws_sip_next_value(msg, len, view, "Contact", 7, &at, &value) == 0) {
    if (sipws_name_addr_parse(msg, &value, &contact) == 0 &&
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
