/* via: Via values read, written, stamped and removed (RFC 3261 section 18). */
#include "sipws_crypto.h"
#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

#define VIA_SEED_LEN 16
#define VIA_HOST_SEED_LEN 12

/* --------------------------------------------------------------- reading -- */

/* Passes a token of the sent-protocol, or |mark| when that is not 0, and the
 * white space behind it (RFC 3261 section 25.1: SLASH, COLON). */
static int via_read(const char *text, uint32_t *pos, uint32_t end, char mark,
                    sipws_span *token) {
  uint32_t at = *pos;
  if (mark != 0) {
    at += at < end && text[at] == mark;
  } else {
    while (at < end && sipws__text_is_token_char(text[at])) {
      at++;
    }
    token->off = *pos;
    token->len = at - *pos;
  }
  if (at == *pos) {
    return SIPWS_ERR_SYNTAX;
  }
  *pos = sipws__sip_skip_space(text, at, end);
  return 0;
}

/* SIP/2.0/WS, and white space. */
static int via_read_protocol(const char *text, uint32_t *pos, uint32_t end,
                             sipws_via *via) {
  sipws_span other;
  if (via_read(text, pos, end, 0, &other) != 0 ||
      via_read(text, pos, end, '/', NULL) != 0 ||
      via_read(text, pos, end, 0, &other) != 0 ||
      via_read(text, pos, end, '/', NULL) != 0 ||
      via_read(text, pos, end, 0, &via->token) != 0 ||
      *pos == via->token.off + via->token.len) {
    return SIPWS_ERR_SYNTAX;
  }
  via->transport = sipws__host_transport(text, via->token);
  return 0;
}

/* host [":" port], and white space. */
static int via_read_sent_by(const char *text, uint32_t *pos, uint32_t end,
                            sipws_via *via) {
  int err = sipws__host_read(text, pos, end, &via->host);
  if (err != 0) {
    return err;
  }
  *pos = sipws__sip_skip_space(text, *pos, end);
  if (via_read(text, pos, end, ':', NULL) == 0) {
    err = sipws__host_read_port(text, pos, end, &via->port);
    *pos = sipws__sip_skip_space(text, *pos, end);
  }
  return err;
}

/* Notes |param| if it is |name| and the first of that name. */
static void via_note(const char *text, const struct sipws__sip_param *param,
                     const char *name, uint32_t *has, sipws_span *value) {
  if (!*has && sipws__text_is(text + param->name.off, param->name.len, name)) {
    *has = 1;
    *value = sipws__sip_unquote(text, param->value);
  }
}

static int via_read_params(const char *text, sipws_via *via) {
  struct sipws__sip_param param;
  uint32_t has_branch = 0;
  uint32_t has_received = 0;
  uint32_t pos = via->params.off;
  int err;
  while ((err = sipws__sip_next_param(text, via->params, &pos, &param)) == 0) {
    via_note(text, &param, "branch", &has_branch, &via->branch);
    via_note(text, &param, "received", &has_received, &via->received);
    via_note(text, &param, "rport", &via->has_rport, &via->rport);
    via_note(text, &param, "keep", &via->has_keep, &via->keep);
  }
  return err == SIPWS_ERR_NOT_FOUND ? 0 : err;
}

int sipws_via_parse(const char *text, const sipws_span *value, sipws_via *via) {
  sipws_via seen;
  uint32_t pos, end;
  if (text == NULL || value == NULL || via == NULL ||
      via->struct_size != sizeof *via) {
    return SIPWS_ERR_INVALID;
  }
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  seen.value = sipws__text_trim(text, *value, 1);
  pos = seen.value.off;
  end = pos + seen.value.len;
  if (via_read_protocol(text, &pos, end, &seen) != 0 ||
      via_read_sent_by(text, &pos, end, &seen) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  seen.params.off = pos;
  seen.params.len = end - pos;
  if (via_read_params(text, &seen) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  *via = seen;
  return 0;
}

/* A walk over the Via values of a message. */
struct via_walk {
  sipws_sip_view view;
  sipws_span at;
  sipws_span list; /* what is left of the line at hand */
};

static int via_walk_begin(const char *msg, size_t len, struct via_walk *walk) {
  memset(walk, 0, sizeof *walk);
  return sipws__sip_outline(msg, len, &walk->view, NULL);
}

/* Other than sipws_sip_next_value it passes no line without a value: who comes
 * next is told by the topmost line, be it what it may. */
static int via_walk_next(const char *msg, size_t len, struct via_walk *walk,
                         sipws_span *value) {
  int err = sipws_list_next(msg, &walk->list, value);
  if (err != SIPWS_ERR_NOT_FOUND) {
    return err;
  }
  err = sipws_sip_next_named(msg, len, &walk->view, "Via", 3, &walk->at,
                             &walk->list);
  if (err != 0) {
    return err;
  }
  err = sipws_list_next(msg, &walk->list, value);
  return err == SIPWS_ERR_NOT_FOUND ? SIPWS_ERR_SYNTAX : err;
}

int sipws_via_at(const char *msg, size_t len, uint32_t index, sipws_via *via) {
  struct via_walk walk;
  sipws_span value;
  int err;
  if (via == NULL || via->struct_size != sizeof *via) {
    return SIPWS_ERR_INVALID;
  }
  err = via_walk_begin(msg, len, &walk);
  if (err != 0) {
    return err;
  }
  do {
    err = via_walk_next(msg, len, &walk, &value);
  } while (err == 0 && index-- > 0);
  return err == 0 ? sipws_via_parse(msg, &value, via) : err;
}

int sipws_via_count(const char *msg, size_t len, uint32_t *count) {
  struct via_walk walk;
  sipws_span value;
  uint32_t sum = 0;
  int err;
  if (count == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = via_walk_begin(msg, len, &walk);
  if (err != 0) {
    return err;
  }
  while ((err = via_walk_next(msg, len, &walk, &value)) == 0) {
    sum++;
  }
  if (err != SIPWS_ERR_NOT_FOUND) {
    return err;
  }
  *count = sum;
  return 0;
}

int sipws_via_is_sent_by(const char *text, const sipws_via *via,
                         const char *host, size_t host_len, uint32_t port) {
  return text != NULL && via != NULL && host != NULL && via->port == port &&
         sipws__text_equal(text + via->host.off, via->host.len, host, host_len);
}

/* --------------------------------------------------------------- writing -- */

static int via_is_sent_by_text(const char *text, size_t len) {
  sipws_span host;
  uint32_t port;
  uint32_t pos = 0;
  uint32_t end = (uint32_t)len;
  if (len > SIPWS__SIP_MAX || sipws__host_read(text, &pos, end, &host) != 0) {
    return 0;
  }
  if (pos < end && text[pos] == ':') {
    pos++;
    return sipws__host_read_port(text, &pos, end, &port) == 0 && pos == end;
  }
  return pos == end;
}

/* 1 when |params| can end a Via value and is read back whole: white space at
 * its end would be taken for what stands around the value. */
static int via_is_params(const char *params, size_t len) {
  return len == 0 ||
         (len <= SIPWS__SIP_MAX && sipws__text_is_value(params, len) &&
          sipws__sip_check_params(params, sipws__text_span(0, len)) == 0 &&
          params[len - 1] != ' ' && params[len - 1] != '\t');
}

int sipws_via_build(int secure, const char *host, size_t host_len,
                    const uint8_t *seed, const char *params, size_t params_len,
                    char *out, size_t out_size, size_t *out_len) {
  struct sipws__sip_piece pieces[5];
  char branch[SIPWS_BRANCH_LEN] = "z9hG4bK";
  if (host == NULL || seed == NULL || (params == NULL && params_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (!via_is_sent_by_text(host, host_len) ||
      !via_is_params(params, params_len)) {
    return SIPWS_ERR_TEXT;
  }
  /* Hexadecimal, since a branch may be compared without case (RFC 3261
   * 7.3.1). */
  sipws__hex(seed, VIA_SEED_LEN, branch + SIPWS_BRANCH_LEN - 2 * VIA_SEED_LEN);
  pieces[0].text = secure ? "SIP/2.0/WSS " : "SIP/2.0/WS ";
  pieces[0].len = secure ? 12 : 11;
  pieces[1].text = host;
  pieces[1].len = host_len;
  pieces[2].text = ";branch=";
  pieces[2].len = 8;
  pieces[3].text = branch;
  pieces[3].len = sizeof branch;
  pieces[4].text = params;
  pieces[4].len = params_len;
  return sipws__sip_write(pieces, 5, out, out_size, out_len);
}

int sipws_via_prepend(const char *msg, size_t len, const char *via,
                      size_t via_len, char *out, size_t out_size,
                      size_t *out_len) {
  return sipws_sip_prepend_header(msg, len, "Via", 3, via, via_len, out,
                                  out_size, out_len);
}

int sipws_via_remove(const char *msg, size_t len, char *out, size_t out_size,
                     size_t *out_len) {
  return sipws_sip_remove_top(msg, len, "Via", 3, out, out_size, out_len);
}

/* How a message is altered to set one parameter of its top Via. */
struct via_change {
  size_t off;
  size_t cut;
  struct sipws__sip_piece pieces[4];
  size_t first; /* of the pieces, and how many */
  size_t count;
};

static void via_plan(const char *msg, const sipws_via *via, const char *name,
                     size_t name_len, const char *value, size_t value_len,
                     struct via_change *change) {
  struct sipws__sip_param param;
  uint32_t pos = via->params.off;
  change->pieces[0].text = ";";
  change->pieces[0].len = 1;
  change->pieces[1].text = name;
  change->pieces[1].len = name_len;
  change->pieces[2].text = "=";
  change->pieces[2].len = value_len > 0;
  change->pieces[3].text = value;
  change->pieces[3].len = value_len;
  while (sipws__sip_next_param(msg, via->params, &pos, &param) == 0) {
    if (sipws__text_equal(msg + param.name.off, param.name.len, name,
                          name_len)) {
      uint32_t end = param.value.len > 0 ? param.value.off + param.value.len
                                         : param.name.off + param.name.len;
      change->off = (size_t)param.name.off + param.name.len;
      change->cut = end - change->off;
      change->first = 2;
      change->count = 2;
      return;
    }
  }
  change->off = (size_t)via->value.off + via->value.len;
  change->cut = 0;
  change->first = 0;
  change->count = 4;
}

static int via_apply(const char *msg, size_t len,
                     const struct via_change *change, char *out,
                     size_t out_size, size_t *out_len) {
  return sipws__sip_splice(msg, len, change->off, change->cut,
                           change->pieces + change->first, change->count, out,
                           out_size, out_len);
}

static size_t via_added(const struct via_change *change) {
  size_t sum = 0;
  size_t i;
  for (i = 0; i < change->count; i++) {
    sum += change->pieces[change->first + i].len;
  }
  return sum;
}

/* 1 when |value| can stand behind a "=" and is read back whole. */
static int via_is_param_value(const char *value, size_t len) {
  uint32_t pos = 0;
  return len == 0 ||
         (len <= SIPWS__SIP_MAX && sipws__text_is_value(value, len) &&
          sipws__sip_read_value(value, &pos, (uint32_t)len) == 0 && pos == len);
}

int sipws_via_set_param(const char *msg, size_t len, const char *name,
                        size_t name_len, const char *value, size_t value_len,
                        char *out, size_t out_size, size_t *out_len) {
  struct via_change change;
  sipws_via via;
  int err;
  if (name == NULL || (value == NULL && value_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (!sipws__text_is_token(name, name_len) ||
      !via_is_param_value(value, value_len)) {
    return SIPWS_ERR_TEXT;
  }
  via.struct_size = sizeof via;
  err = sipws_via_at(msg, len, 0, &via);
  if (err != 0) {
    return err;
  }
  via_plan(msg, &via, name, name_len, value, value_len, &change);
  return via_apply(msg, len, &change, out, out_size, out_len);
}

/* 1 when |host| is the address whose text is |addr|. */
static int via_is_address(const char *msg, sipws_span host, const char *addr,
                          size_t addr_len) {
  char text[SIPWS__ADDRESS_MAX];
  uint8_t octets[16];
  size_t len = sipws__host_address(msg, host, octets);
  if (len == 0) {
    return 0;
  }
  len = sipws__host_write_address(octets, len, text);
  return sipws__text_same(text, len, addr, addr_len);
}

/* Sets received, then rport if |port_len| is not 0. */
static int via_stamp_params(const char *msg, size_t len, const sipws_via *via,
                            const char *addr, size_t addr_len, const char *port,
                            size_t port_len, char *out, size_t out_size,
                            size_t *out_len) {
  struct via_change received, rport;
  size_t need;
  int err;
  via_plan(msg, via, "received", 8, addr, addr_len, &received);
  if (port_len == 0) {
    return via_apply(msg, len, &received, out, out_size, out_len);
  }
  via_plan(msg, via, "rport", 5, port, port_len, &rport);
  need = len - received.cut + via_added(&received) + via_added(&rport);
  if (out_size < need) {
    *out_len = need;
    return SIPWS_ERR_BUFFER;
  }
  if (rport.off > received.off) {
    rport.off = rport.off - received.cut + via_added(&received);
  }
  err = via_apply(msg, len, &received, out, out_size, out_len);
  if (err != 0) {
    return err;
  }
  return via_apply(out, *out_len, &rport, out, out_size, out_len);
}

int sipws_via_stamp(const char *msg, size_t len, int policy,
                    const uint8_t *addr, size_t addr_len, uint16_t port,
                    char *out, size_t out_size, size_t *out_len) {
  char addr_text[SIPWS__ADDRESS_MAX];
  char port_text[10];
  size_t addr_text_len;
  size_t port_text_len = 0;
  sipws_via via;
  int err;
  if (policy < SIPWS_RECEIVED_HIDE || policy > SIPWS_RECEIVED_DIFFERENT ||
      addr == NULL || (addr_len != 4 && addr_len != 16) || out_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  /* RFC 7118 section 5.3: a server may leave received out. */
  if (policy == SIPWS_RECEIVED_HIDE) {
    return sipws_replace(msg, len, 0, 0, NULL, 0, out, out_size, out_len);
  }
  via.struct_size = sizeof via;
  err = sipws_via_at(msg, len, 0, &via);
  if (err != 0) {
    return err;
  }
  /* RFC 3581 section 4: an rport without value asks for both. */
  if (via.has_rport && via.rport.len == 0) {
    port_text_len = sipws__text_digits(port, port_text);
  }
  addr_text_len = sipws__host_write_address(addr, addr_len, addr_text);
  if (policy == SIPWS_RECEIVED_DIFFERENT && port_text_len == 0 &&
      via_is_address(msg, via.host, addr_text, addr_text_len)) {
    return sipws_replace(msg, len, 0, 0, NULL, 0, out, out_size, out_len);
  }
  return via_stamp_params(msg, len, &via, addr_text, addr_text_len, port_text,
                          port_text_len, out, out_size, out_len);
}

int sipws_random_host(const uint8_t *seed, char *out, size_t out_size,
                      size_t *out_len) {
  struct sipws__sip_piece pieces[2];
  char label[VIA_HOST_SEED_LEN];
  size_t i;
  if (seed == NULL) {
    return SIPWS_ERR_INVALID;
  }
  /* 32 letters, so that each is as likely as any other */
  for (i = 0; i < VIA_HOST_SEED_LEN; i++) {
    label[i] = "abcdefghijklmnopqrstuvwxyz234567"[seed[i] & 31];
  }
  pieces[0].text = label;
  pieces[0].len = sizeof label;
  pieces[1].text = ".invalid";
  pieces[1].len = 8;
  return sipws__sip_write(pieces, 2, out, out_size, out_len);
}
