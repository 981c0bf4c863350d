#include "sipws_front_retry.h"

#include "sipws_front_auth.h"
#include "sipws_http.h"
#include "sipws_sip.h"
#include "sipws_text.h"
#include "sipws_text_scan.h"

#include <string.h>

/* Request target and answer go through the stack. */
#define RETRY_TEXT_MAX 2048

/* ----------------------------------------------------------- challenges -- */

/* The best one so far; in the head that |refused| lends. */
struct retry_challenge {
  const char *text;
  size_t len;
  int rank; /* 0: none */
};

static void retry_prefer(struct retry_challenge *best, const char *text,
                         size_t len) {
  int rank = sipws__auth_rank(text, len);
  if (rank > best->rank) {
    best->text = text;
    best->len = len;
    best->rank = rank;
  }
}

/* 1 when an element of a list of challenges begins one: a scheme, alone or with
 * white space and more behind it. Else it is a parameter of the one before, as
 * white space may stand around "=" (RFC 9110 sections 11.2 and 11.6.1). */
static int retry_begins(const char *text, sipws_span element) {
  size_t len = sipws__text_token_len(text + element.off, element.len);
  uint32_t behind = element.off + (uint32_t)len;
  uint32_t end = element.off + element.len;
  uint32_t at = sipws__sip_skip_space(text, behind, end);
  return len > 0 && (at == end || (at > behind && text[at] != '='));
}

/* Looks through the challenges of one header line. */
static void retry_read_line(struct retry_challenge *best, const char *line,
                            size_t len) {
  sipws_span list = sipws__text_span(0, len);
  sipws_span element;
  uint32_t pos = 0;
  size_t start = 0; /* of the challenge at hand */
  size_t end = 0;
  while (sipws__http_next_element(line, list, &pos, &element)) {
    if (retry_begins(line, element)) {
      retry_prefer(best, line + start, end - start);
      start = element.off;
    }
    end = (size_t)element.off + element.len;
  }
  retry_prefer(best, line + start, end - start);
}

/* The strongest of all challenges. */
static int retry_choose(const sipws_conn *refused,
                        struct retry_challenge *best) {
  const char *line;
  size_t len;
  uint32_t i = 0;
  int err;
  best->rank = 0;
  while ((err = sipws_conn_header(refused, "WWW-Authenticate", 16, i++, &line,
                                  &len)) == 0) {
    retry_read_line(best, line, len);
  }
  return best->rank > 0 ? 0 : err;
}

/* --------------------------------------------------------------- answer -- */

/* What the handshake asks for (RFC 6455 section 3). */
static int retry_write_request_target(const struct sipws__retry_target *target,
                                      char *out, size_t *out_len) {
  struct sipws__sip_piece pieces[4];
  const sipws_url *view = &target->view;
  pieces[0].text = target->url + view->path.off;
  pieces[0].len = view->path.len;
  pieces[1].text = "/";
  pieces[1].len = view->path.len == 0;
  pieces[2].text = "?";
  pieces[2].len = view->query.len > 0;
  pieces[3].text = target->url + view->query.off;
  pieces[3].len = view->query.len;
  return sipws__sip_write(pieces, 4, out, RETRY_TEXT_MAX, out_len);
}

static int retry_answer(sipws_conn *again,
                        const struct sipws__retry_target *target,
                        const struct retry_challenge *challenge,
                        const char *user, size_t user_len, const char *password,
                        size_t password_len, const uint8_t *seed) {
  char uri[RETRY_TEXT_MAX];
  char answer[RETRY_TEXT_MAX];
  size_t uri_len, len;
  int err = retry_write_request_target(target, uri, &uri_len);
  if (err == 0) {
    err = sipws_auth_answer(challenge->text, challenge->len, "GET", 3, uri,
                            uri_len, user, user_len, password, password_len,
                            seed, 1, answer, sizeof answer, &len);
  }
  if (err == 0) {
    err = sipws_conn_set_authorization(again, answer, len);
  }
  sipws__crypto_wipe(answer, sizeof answer); /* Basic */
  sipws__crypto_wipe(uri, sizeof uri);       /* its query may be a token */
  return err == SIPWS_ERR_BUFFER ? SIPWS_ERR_TOO_BIG : err;
}

/* Reads where |again| goes, which must be where |refused| went. */
static int retry_read_target(const sipws_conn *refused, const sipws_conn *again,
                             struct sipws__retry_target *target) {
  const char *url;
  size_t len;
  int err = sipws_conn_url(refused, &url, &len);
  if (err == 0) {
    err = sipws_conn_url(again, &target->url, &target->url_len);
  }
  if (err != 0) {
    return err;
  }
  if (!sipws__text_same(url, len, target->url, target->url_len)) {
    return SIPWS_ERR_INVALID;
  }
  target->view.struct_size = sizeof target->view;
  err = sipws_url_parse(target->url, target->url_len, &target->view);
  /* The TLS of a wss URL may not be attached yet: nothing leaves before. */
  target->is_secure = err == 0 && (target->view.secure != 0 ||
                                   sipws_conn_is_secure(again) == 1);
  return err;
}

int sipws_conn_retry(const sipws_conn *refused, sipws_conn *again,
                     const char *user, size_t user_len, const char *password,
                     size_t password_len, const uint8_t *seed, uint32_t flags) {
  struct sipws__retry_target target;
  struct retry_challenge challenge;
  int err;
  if (refused == NULL || again == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (sipws_conn_http_status(refused) != 401) {
    return SIPWS_ERR_STATE;
  }
  err = retry_read_target(refused, again, &target);
  if (err == 0) {
    err = retry_choose(refused, &challenge);
  }
  if (err == 0 && !target.is_secure &&
      (flags & SIPWS_RETRY_BASIC_IN_CLEAR) == 0 &&
      sipws_auth_scheme_of(challenge.text, challenge.len) == SIPWS_AUTH_BASIC) {
    err = SIPWS_ERR_NOT_SECURE;
  }
  if (err == 0) {
    err = retry_answer(again, &target, &challenge, user, user_len, password,
                       password_len, seed);
  }
  return err != 0 ? err : sipws__retry_cookies(refused, again, &target);
}
