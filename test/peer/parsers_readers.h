/* What sipws, libosip2 and sofia-sip read in a message, told in the same words.
 */
#ifndef SIPWS_PEER_PARSERS_READERS_H
#define SIPWS_PEER_PARSERS_READERS_H

#include <sipws/sip.h>

#include <osipparser2/osip_parser.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/url.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum part {
  PART_START,
  PART_VIA,
  PART_FROM,
  PART_CONTACT,
  PART_CSEQ,
  PART_CALL_ID,
  PART_LENGTH,
  PART_ROUTE,
  PARTS
};

/* ---- what one reads ---- */

#define TEXT_SIZE 2048

/* A line a part: "-" for what is not there, "?" for what cannot be read. */
struct reading {
  int is_refused; /* the message as a whole */
  char text[PARTS][TEXT_SIZE];
};

static void put(struct reading *reading, int part, const char *format, ...) {
  char *text = reading->text[part];
  size_t len = strlen(text);
  va_list args;
  va_start(args, format);
  vsnprintf(text + len, TEXT_SIZE - len, format, args);
  va_end(args);
}

/* Between the values of a list. */
static void put_next(struct reading *reading, int part) {
  if (reading->text[part][0] != '\0') {
    put(reading, part, " | ");
  }
}

/* In brackets or without: an IPv6 address is told without. */
static void put_word(struct reading *reading, int part, const char *word) {
  if (word == NULL || word[0] == '\0') {
    word = "-";
  }
  if (word[0] == '[') {
    put(reading, part, " %.*s", (int)strcspn(word + 1, "]"), word + 1);
  } else {
    put(reading, part, " %s", word);
  }
}

struct uri_words {
  const char *scheme, *user, *password, *host, *port, *transport;
};

static void put_uri(struct reading *reading, int part,
                    const struct uri_words *uri) {
  put(reading, part, "%s:", uri->scheme);
  if (strcasecmp(uri->scheme, "sip") == 0 ||
      strcasecmp(uri->scheme, "sips") == 0) {
    put_word(reading, part, uri->user);
    put_word(reading, part, uri->password);
    put_word(reading, part, uri->host);
    put_word(reading, part, uri->port);
    put_word(reading, part, uri->transport);
  }
}

struct via_words {
  const char *transport, *host, *port, *branch, *received, *rport;
};

static void put_via(struct reading *reading, const struct via_words *via) {
  put_next(reading, PART_VIA);
  put(reading, PART_VIA, "%s", via->transport);
  put_word(reading, PART_VIA, via->host);
  put_word(reading, PART_VIA, via->port);
  put_word(reading, PART_VIA, via->branch);
  put_word(reading, PART_VIA, via->received);
  put_word(reading, PART_VIA, via->rport);
}

static void reading_begin(struct reading *reading) {
  memset(reading, 0, sizeof *reading);
}

/* Of the other parts nothing was read. */
static void reading_end(struct reading *reading) {
  int part;
  for (part = 0; part < PARTS; part++) {
    if (reading->text[part][0] == '\0') {
      put(reading, part, "-");
    }
  }
}

/* ---- ours ---- */

#define WORD_SIZE 512

/* A span as a C string; |out| has WORD_SIZE octets. */
static const char *ours_word(char *out, const char *text, sipws_span span) {
  snprintf(out, WORD_SIZE, "%.*s", (int)span.len, text + span.off);
  return out;
}

static const char *ours_port(char *out, uint32_t port) {
  snprintf(out, WORD_SIZE, port > 0 ? "%u" : "-", (unsigned)port);
  return out;
}

static void ours_uri(struct reading *reading, int part, const char *text,
                     const sipws_span *span) {
  char words[6][WORD_SIZE];
  struct uri_words said;
  sipws_uri uri;
  sipws_span transport = {0, 0};
  uri.struct_size = sizeof uri;
  if (sipws_uri_parse(text, span, &uri) != 0) {
    put(reading, part, "?");
    return;
  }
  (void)sipws_param(text, &uri.params, "transport", 9, &transport);
  said.scheme = ours_word(words[0], text, uri.scheme_text);
  said.user = ours_word(words[1], text, uri.user);
  said.password = ours_word(words[2], text, uri.password);
  said.host = ours_word(words[3], text, uri.host);
  said.port = ours_port(words[4], uri.port);
  said.transport = ours_word(words[5], text, transport);
  put_uri(reading, part, &said);
}

static void ours_vias(struct reading *reading, const char *msg, size_t len) {
  char words[6][WORD_SIZE];
  struct via_words said;
  sipws_via via;
  uint32_t i;
  int err;
  via.struct_size = sizeof via;
  for (i = 0; (err = sipws_via_at(msg, len, i, &via)) == 0; i++) {
    said.transport = ours_word(words[0], msg, via.token);
    said.host = ours_word(words[1], msg, via.host);
    said.port = ours_port(words[2], via.port);
    said.branch = ours_word(words[3], msg, via.branch);
    said.received = ours_word(words[4], msg, via.received);
    said.rport = ours_word(words[5], msg, via.rport);
    if (via.has_rport && via.rport.len == 0) {
      said.rport = "asked";
    }
    put_via(reading, &said);
  }
  if (err != SIPWS_ERR_NOT_FOUND) {
    put_next(reading, PART_VIA);
    put(reading, PART_VIA, "?");
  }
}

static void ours_from(struct reading *reading, const char *msg, size_t len,
                      const sipws_sip_view *view) {
  char word[WORD_SIZE];
  sipws_span tag = {0, 0};
  sipws_span value;
  sipws_name_addr addr;
  addr.struct_size = sizeof addr;
  if (sipws_sip_header(msg, len, view, "From", 4, 0, &value) != 0 ||
      sipws_name_addr_parse(msg, &value, &addr) != 0) {
    return;
  }
  ours_uri(reading, PART_FROM, msg, &addr.uri);
  (void)sipws_param(msg, &addr.params, "tag", 3, &tag);
  put_word(reading, PART_FROM, ours_word(word, msg, tag));
}

/* The values of a header that holds a list of addresses. */
static void ours_list(struct reading *reading, int part, const char *name,
                      const char *msg, size_t len, const sipws_sip_view *view) {
  sipws_span at = {0, 0};
  sipws_span value;
  sipws_name_addr addr;
  int err;
  addr.struct_size = sizeof addr;
  while ((err = sipws_sip_next_value(msg, len, view, name, strlen(name), &at,
                                     &value)) == 0) {
    put_next(reading, part);
    if (sipws_name_addr_parse(msg, &value, &addr) != 0) {
      put(reading, part, "?");
    } else if (addr.is_star) {
      put(reading, part, "*");
    } else {
      ours_uri(reading, part, msg, &addr.uri);
    }
  }
  if (err != SIPWS_ERR_NOT_FOUND) {
    put_next(reading, part);
    put(reading, part, "?");
  }
}

static void ours_lines(struct reading *reading, const char *msg, size_t len,
                       const sipws_sip_view *view) {
  char word[WORD_SIZE];
  sipws_span value;
  uint32_t number;
  int err = sipws_sip_cseq(msg, len, view, &number, &value);
  if (err == 0) {
    put(reading, PART_CSEQ, "%u %s", (unsigned)number,
        ours_word(word, msg, value));
  }
  if (sipws_sip_header(msg, len, view, "Call-ID", 7, 0, &value) == 0) {
    put(reading, PART_CALL_ID, "%s", ours_word(word, msg, value));
  }
  if (view->verdict == SIPWS_SIP_BAD_LENGTH) {
    put(reading, PART_LENGTH, "?");
  } else if (view->has_length) {
    put(reading, PART_LENGTH, "%u", (unsigned)view->length);
  } else {
    put(reading, PART_LENGTH, "-");
  }
  put(reading, PART_LENGTH, " body %u", (unsigned)view->body.len);
}

static void ours_read(struct reading *reading, const char *msg, size_t len) {
  char word[WORD_SIZE];
  sipws_sip_view view;
  view.struct_size = sizeof view;
  if (sipws_sip_parse(msg, len, &view) != 0) {
    reading->is_refused = 1;
    return;
  }
  if (view.is_request) {
    put(reading, PART_START, "%s ", ours_word(word, msg, view.method));
    ours_uri(reading, PART_START, msg, &view.uri);
  } else {
    put(reading, PART_START, "%u", (unsigned)view.status);
  }
  ours_vias(reading, msg, len);
  ours_from(reading, msg, len, &view);
  ours_list(reading, PART_CONTACT, "Contact", msg, len, &view);
  ours_list(reading, PART_ROUTE, "Route", msg, len, &view);
  ours_lines(reading, msg, len, &view);
}

/* ---- libosip2 ---- */

/* It takes names that it does not change as char *. */
static char osip_transport[] = "transport";
static char osip_tag[] = "tag";
static char osip_branch[] = "branch";
static char osip_received[] = "received";
static char osip_rport[] = "rport";

static void osip_say_nothing(const char *file, int line,
                             osip_trace_level_t level, const char *format,
                             va_list args) {
  (void)file;
  (void)line;
  (void)level;
  (void)format;
  (void)args;
}

static int osip_begin(void) {
  osip_trace_initialize_func(END_TRACE_LEVEL, osip_say_nothing);
  return parser_init();
}

static void osip_read_uri(struct reading *reading, int part, osip_uri_t *uri) {
  struct uri_words said;
  osip_uri_param_t *transport = NULL;
  if (uri == NULL || uri->scheme == NULL) {
    put(reading, part, "?");
    return;
  }
  (void)osip_uri_param_get_byname(&uri->url_params, osip_transport, &transport);
  said.scheme = uri->scheme;
  said.user = uri->username;
  said.password = uri->password;
  said.host = uri->host;
  said.port = uri->port;
  said.transport = transport != NULL ? transport->gvalue : NULL;
  put_uri(reading, part, &said);
}

/* The parameter of a Via: NULL, "asked" without a value, or it. */
static const char *osip_via_word(osip_via_t *via, char *name) {
  osip_generic_param_t *param = NULL;
  (void)osip_generic_param_get_byname(&via->via_params, name, &param);
  if (param == NULL) {
    return NULL;
  }
  return param->gvalue != NULL ? param->gvalue : "asked";
}

static void osip_read_vias(struct reading *reading, const osip_message_t *sip) {
  struct via_words said;
  osip_via_t *via;
  int i;
  for (i = 0; (via = osip_list_get(&sip->vias, i)) != NULL; i++) {
    said.transport = via->protocol;
    said.host = via->host;
    said.port = via->port;
    said.branch = osip_via_word(via, osip_branch);
    said.received = osip_via_word(via, osip_received);
    said.rport = osip_via_word(via, osip_rport);
    put_via(reading, &said);
  }
}

static void osip_read_list(struct reading *reading, int part,
                           const osip_list_t *list) {
  osip_from_t *address;
  int i;
  for (i = 0; (address = osip_list_get(list, i)) != NULL; i++) {
    put_next(reading, part);
    if (address->displayname != NULL &&
        strncmp(address->displayname, "*", 1) == 0) {
      put(reading, part, "*");
    } else {
      osip_read_uri(reading, part, address->url);
    }
  }
}

static void osip_read_lines(struct reading *reading,
                            const osip_message_t *sip) {
  const osip_call_id_t *id = sip->call_id;
  osip_body_t *body = osip_list_get(&sip->bodies, 0);
  if (sip->cseq != NULL && sip->cseq->number != NULL) {
    put(reading, PART_CSEQ, "%s %s", sip->cseq->number, sip->cseq->method);
  }
  if (id != NULL && id->number != NULL) {
    put(reading, PART_CALL_ID, "%s%s%s", id->number,
        id->host != NULL ? "@" : "", id->host != NULL ? id->host : "");
  }
  put(reading, PART_LENGTH, "%s body %u",
      sip->content_length != NULL ? sip->content_length->value : "-",
      body != NULL ? (unsigned)body->length : 0);
}

static void osip_read(struct reading *reading, const char *msg, size_t len) {
  osip_generic_param_t *tag = NULL;
  osip_message_t *sip;
  if (osip_message_init(&sip) != 0) {
    abort();
  }
  if (osip_message_parse(sip, msg, len) != 0) {
    reading->is_refused = 1;
    osip_message_free(sip);
    return;
  }
  if (sip->sip_method != NULL) {
    put(reading, PART_START, "%s ", sip->sip_method);
    osip_read_uri(reading, PART_START, sip->req_uri);
  } else {
    put(reading, PART_START, "%d", sip->status_code);
  }
  osip_read_vias(reading, sip);
  if (sip->from != NULL) {
    osip_read_uri(reading, PART_FROM, sip->from->url);
    (void)osip_generic_param_get_byname(&sip->from->gen_params, osip_tag, &tag);
    put_word(reading, PART_FROM, tag != NULL ? tag->gvalue : NULL);
  }
  osip_read_list(reading, PART_CONTACT, &sip->contacts);
  osip_read_list(reading, PART_ROUTE, &sip->routes);
  osip_read_lines(reading, sip);
  osip_message_free(sip);
}

/* ---- sofia-sip ---- */

static void sofia_read_uri(struct reading *reading, int part,
                           const url_t *url) {
  char transport[WORD_SIZE] = "";
  struct uri_words said;
  if (url->url_type == url_any) {
    put(reading, part, "*");
    return;
  }
  if (url->url_params != NULL) {
    (void)url_param(url->url_params, "transport", transport, sizeof transport);
  }
  said.scheme = url->url_scheme != NULL ? url->url_scheme : "?";
  said.user = url->url_user;
  said.password = url->url_password;
  said.host = url->url_host;
  said.port = url->url_port;
  said.transport = transport;
  put_uri(reading, part, &said);
}

static void sofia_read_vias(struct reading *reading, const sip_t *sip) {
  struct via_words said;
  const sip_via_t *via;
  for (via = sip->sip_via; via != NULL; via = via->v_next) {
    said.transport = strrchr(via->v_protocol, '/') + 1;
    said.host = via->v_host;
    said.port = via->v_port;
    said.branch = via->v_branch;
    said.received = via->v_received;
    said.rport = via->v_rport != NULL && via->v_rport[0] == '\0' ? "asked"
                                                                 : via->v_rport;
    put_via(reading, &said);
  }
}

static void sofia_read_lines(struct reading *reading, const sip_t *sip) {
  const sip_contact_t *contact;
  const sip_route_t *route;
  if (sip->sip_from != NULL) {
    sofia_read_uri(reading, PART_FROM, sip->sip_from->a_url);
    put_word(reading, PART_FROM, sip->sip_from->a_tag);
  }
  for (contact = sip->sip_contact; contact != NULL; contact = contact->m_next) {
    put_next(reading, PART_CONTACT);
    sofia_read_uri(reading, PART_CONTACT, contact->m_url);
  }
  for (route = sip->sip_route; route != NULL; route = route->r_next) {
    put_next(reading, PART_ROUTE);
    sofia_read_uri(reading, PART_ROUTE, route->r_url);
  }
  if (sip->sip_cseq != NULL) {
    put(reading, PART_CSEQ, "%u %s", (unsigned)sip->sip_cseq->cs_seq,
        sip->sip_cseq->cs_method_name);
  }
  if (sip->sip_call_id != NULL) {
    put(reading, PART_CALL_ID, "%s", sip->sip_call_id->i_id);
  }
  if (sip->sip_content_length != NULL) {
    put(reading, PART_LENGTH, "%lu",
        (unsigned long)sip->sip_content_length->l_length);
  } else {
    put(reading, PART_LENGTH, "-");
  }
  put(reading, PART_LENGTH, " body %u",
      sip->sip_payload != NULL ? (unsigned)sip->sip_payload->pl_len : 0);
}

static void sofia_read(struct reading *reading, const char *msg, size_t len) {
  msg_t *message = msg_make(sip_default_mclass(), 0, msg, (ssize_t)len);
  const sip_t *sip = message != NULL ? sip_object(message) : NULL;
  if (sip == NULL || (sip->sip_request == NULL && sip->sip_status == NULL)) {
    reading->is_refused = 1;
  } else {
    if (sip->sip_request != NULL) {
      put(reading, PART_START, "%s ", sip->sip_request->rq_method_name);
      sofia_read_uri(reading, PART_START, sip->sip_request->rq_url);
    } else {
      put(reading, PART_START, "%d", sip->sip_status->st_status);
    }
    sofia_read_vias(reading, sip);
    sofia_read_lines(reading, sip);
  }
  msg_destroy(message);
}

#endif /* SIPWS_PEER_PARSERS_READERS_H */
