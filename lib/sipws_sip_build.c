/* sip: responses, bodies and lengths written. */
#include "sipws_sip.h"

#include "sipws_text.h"

#include <string.h>

/* A text put together from parts, twice: counted while |out| is NULL, then
 * written. */
struct build {
  char *out;
  size_t len;
  int is_too_big;
};

static void build_put(struct build *build, const char *text, size_t len) {
  if (len > SIPWS__SIP_MAX - build->len) {
    build->is_too_big = 1;
    return;
  }
  /* |text| may be of the message that is being edited in place. */
  if (build->out != NULL && len > 0) {
    memmove(build->out + build->len, text, len);
  }
  build->len += len;
}

static void build_put_span(struct build *build, const char *text,
                           const sipws_span *span) {
  build_put(build, text + span->off, span->len);
}

/* Ends the counting; 0 when the writing shall follow. */
static int build_counted(struct build *build, char *out, size_t out_size,
                         size_t *out_len) {
  if (build->is_too_big) {
    return SIPWS_ERR_TOO_BIG;
  }
  *out_len = build->len;
  if (out_size < build->len) {
    return SIPWS_ERR_BUFFER;
  }
  build->out = out;
  build->len = 0;
  return 0;
}

static int build_is_out(const char *out, size_t out_size,
                        const size_t *out_len) {
  return (out != NULL || out_size == 0) && out_len != NULL;
}

/* ------------------------------------------------------------- responses -- */

/* What a response is made of. */
struct response {
  const char *msg; /* the request */
  size_t len;
  sipws_sip_view view;
  uint32_t status;
  const char *reason;
  size_t reason_len;
  const char *tag;
  size_t tag_len;
};

/* RFC 3261 section 12.1.1, RFC 6665 4.2.1 and RFC 3515 2.4.6: the requests
 * that make a dialog, and the responses that let it begin. */
static int response_may_begin_dialog(const struct response *response) {
  const char *method = response->msg + response->view.method.off;
  size_t len = response->view.method.len;
  return response->status > 100 && response->status < 300 &&
         (sipws__text_same(method, len, "INVITE", 6) ||
          sipws__text_same(method, len, "SUBSCRIBE", 9) ||
          sipws__text_same(method, len, "REFER", 5));
}

/* RFC 3261 sections 8.2.6.1, 8.2.6.2 and 12.1.1. */
static int response_repeats(const struct response *response, const char *name,
                            size_t len) {
  sipws__sip_expand(&name, &len); /* once for all */
  return sipws__sip_is_name(name, len, "Via", 3) ||
         sipws__sip_is_name(name, len, "From", 4) ||
         sipws__sip_is_name(name, len, "To", 2) ||
         sipws__sip_is_name(name, len, "Call-ID", 7) ||
         sipws__sip_is_name(name, len, "CSeq", 4) ||
         (response->status == 100 &&
          sipws__sip_is_name(name, len, "Timestamp", 9)) ||
         (sipws__sip_is_name(name, len, "Record-Route", 12) &&
          response_may_begin_dialog(response));
}

/* 1 when a To can take a tag: it has none, and can be read at all. */
static int response_lacks_tag(const char *msg, const sipws_span *to) {
  sipws_name_addr addr;
  sipws_span tag;
  addr.struct_size = sizeof addr;
  return sipws_name_addr_parse(msg, to, &addr) == 0 && !addr.is_star &&
         sipws_param(msg, &addr.params, "tag", 3, &tag) != 0;
}

static void response_put_start(struct build *build,
                               const struct response *response) {
  char code[10];
  size_t code_len = sipws__text_digits(response->status, code);
  build_put(build, "SIP/2.0 ", 8);
  build_put(build, code, code_len);
  build_put(build, " ", 1);
  build_put(build, response->reason, response->reason_len);
  build_put(build, "\r\n", 2);
}

static void response_put(struct build *build, const struct response *response) {
  const char *msg = response->msg;
  sipws_span line = {0, 0};
  sipws_span name, value;
  response_put_start(build, response);
  while (sipws_sip_next_header(msg, response->len, &response->view, &line,
                               &name, &value) == 0) {
    if (!response_repeats(response, msg + name.off, name.len)) {
      continue;
    }
    if (response->tag_len > 0 &&
        sipws__sip_is_name(msg + name.off, name.len, "To", 2) &&
        response_lacks_tag(msg, &value)) {
      build_put(build, msg + line.off, value.off + value.len - line.off);
      build_put(build, ";tag=", 5);
      build_put(build, response->tag, response->tag_len);
      build_put(build, "\r\n", 2);
    } else {
      build_put_span(build, msg, &line);
    }
  }
  build_put(build, "Content-Length: 0\r\n\r\n", 21);
}

int sipws_sip_respond(const char *msg, size_t len, int status,
                      const char *reason, size_t reason_len, const char *tag,
                      size_t tag_len, char *out, size_t out_size,
                      size_t *out_len) {
  struct build build = {NULL, 0, 0};
  struct response response;
  sipws_span via;
  int err;
  if (status < 100 || status > 699 || (reason == NULL && reason_len > 0) ||
      (tag == NULL && tag_len > 0) || !build_is_out(out, out_size, out_len)) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__text_is_value(reason, reason_len) ||
      (tag_len > 0 && !sipws__text_is_token(tag, tag_len))) {
    return SIPWS_ERR_TEXT;
  }
  response.msg = msg;
  response.len = len;
  response.status = (uint32_t)status;
  response.reason = reason;
  response.reason_len = reason_len;
  response.tag = tag;
  response.tag_len = tag_len;
  err = sipws__sip_outline(msg, len, &response.view, NULL);
  if (err == 0 && !response.view.is_request) {
    err = SIPWS_ERR_INVALID;
  }
  if (err == 0) {
    err = sipws_sip_header(msg, len, &response.view, "Via", 3, 0, &via);
  }
  if (err != 0) {
    return err;
  }
  response_put(&build, &response);
  err = build_counted(&build, out, out_size, out_len);
  if (err == 0) {
    response_put(&build, &response);
  }
  return err;
}

/* ---------------------------------------------------------------- bodies -- */

struct body {
  const char *msg;
  size_t len;
  sipws_sip_view view;
  int keeps_type; /* the Content-Type lines stay, and |type| is none */
  const char *type;
  size_t type_len;
  const char *text;
  size_t text_len;
};

static int body_drops(const struct body *body, const char *name, size_t len) {
  return sipws__sip_is_name(name, len, "Content-Length", 14) ||
         (!body->keeps_type &&
          sipws__sip_is_name(name, len, "Content-Type", 12));
}

/* In place this is safe: no line moves down, and what is new follows when all
 * that was kept has moved. */
static void body_put(struct build *build, const struct body *body) {
  sipws_span line = {0, 0};
  sipws_span name, value;
  char digits[10];
  size_t digits_len;
  build_put(build, body->msg, body->view.headers.off);
  while (sipws_sip_next_header(body->msg, body->len, &body->view, &line, &name,
                               &value) == 0) {
    if (!body_drops(body, body->msg + name.off, name.len)) {
      build_put_span(build, body->msg, &line);
    }
  }
  if (body->type_len > 0) {
    build_put(build, "Content-Type: ", 14);
    build_put(build, body->type, body->type_len);
    build_put(build, "\r\n", 2);
  }
  digits_len = sipws__text_digits((uint32_t)body->text_len, digits);
  build_put(build, "Content-Length: ", 16);
  build_put(build, digits, digits_len);
  build_put(build, "\r\n\r\n", 4);
  build_put(build, body->text, body->text_len);
}

int sipws_sip_set_body(const char *msg, size_t len, const char *type,
                       size_t type_len, const char *body, size_t body_len,
                       char *out, size_t out_size, size_t *out_len) {
  struct build build = {NULL, 0, 0};
  struct body whole;
  int err;
  /* RFC 3261 section 20.15: a body has a type. */
  if ((type == NULL && type_len > 0) || (body == NULL && body_len > 0) ||
      (type_len == 0 && body_len > 0) ||
      !build_is_out(out, out_size, out_len)) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__text_is_value(type, type_len)) {
    return SIPWS_ERR_TEXT;
  }
  whole.msg = msg;
  whole.len = len;
  whole.keeps_type = 0;
  whole.type = type;
  whole.type_len = type_len;
  whole.text = body;
  whole.text_len = body_len;
  err = sipws__sip_outline(msg, len, &whole.view, NULL);
  if (err != 0) {
    return err;
  }
  body_put(&build, &whole);
  err = build_counted(&build, out, out_size, out_len);
  if (err == 0) {
    body_put(&build, &whole);
  }
  return err;
}

int sipws_sip_set_length(const char *msg, size_t len, char *out,
                         size_t out_size, size_t *out_len) {
  struct build build = {NULL, 0, 0};
  struct body whole;
  size_t off;
  int err;
  if (!build_is_out(out, out_size, out_len)) {
    return SIPWS_ERR_INVALID;
  }
  whole.msg = msg;
  whole.len = len;
  whole.keeps_type = 1;
  whole.type_len = 0;
  err = sipws__sip_outline(msg, len, &whole.view, NULL);
  if (err != 0) {
    return err;
  }
  whole.text = msg + whole.view.body.off;
  whole.text_len = whole.view.body.len;
  body_put(&build, &whole);
  err = build_counted(&build, out, out_size, out_len);
  if (err != 0) {
    return err;
  }
  off = *out_len - whole.text_len;
  if (off > whole.view.body.off) {
    /* In place it goes first: the new line ends where it begins now. */
    memmove(out + off, whole.text, whole.text_len);
    whole.text = out + off;
  }
  body_put(&build, &whole);
  return 0;
}
