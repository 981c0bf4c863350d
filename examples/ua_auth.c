#include "ua_auth.h"

#include <sipws/front.h>
#include <string.h>

static int challenge_write(const struct ua_challenge *challenge,
                           const char *username, const char *password,
                           const char *method, const char *uri, char *out,
                           size_t out_size, size_t *out_len) {
  return sipws_auth_answer(
      challenge->text, challenge->len, method, strlen(method), uri, strlen(uri),
      username, strlen(username), password, strlen(password), challenge->seed,
      challenge->nc, out, out_size, out_len);
}

/* Reads one WWW-Authenticate or Proxy-Authenticate value; -1 when it asks for
 * what we cannot do. Basic is forbidden in SIP (RFC 3261 section 22.4). */
static int challenge_read(struct ua_challenge *challenge, const char *text,
                          const sipws_span *header) {
  sipws_span value;
  size_t len;

  memset(challenge, 0, sizeof(*challenge));
  if (span_copy(text, header, challenge->text, sizeof(challenge->text)) != 0 ||
      sipws_auth_scheme_of(text + header->off, header->len) !=
          SIPWS_AUTH_DIGEST) {
    return -1;
  }
  challenge->len = header->len;
  challenge->nc = 1;
  challenge->stale = sipws_auth_param(text, header, "stale", 5, &value) == 0 &&
                     sipws_span_is(text, &value, "true", 4);
  /* one that can be answered only lacks the room */
  return challenge_write(challenge, "", "", "", "", NULL, 0, &len) ==
                 SIPWS_ERR_BUFFER
             ? 0
             : -1;
}

int ua_challenge_take(struct ua_challenge *challenge, const char *msg,
                      size_t len, const sipws_sip_view *view) {
  const char *name =
      view->status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
  sipws_span at = {0, 0};
  sipws_span header;

  /* RFC 8760 section 2.4: the topmost of those that we support. */
  while (sipws_sip_next_named(msg, len, view, name, strlen(name), &at,
                              &header) == 0) {
    if (challenge_read(challenge, msg, &header) == 0) {
      return sipws_os_random(challenge->seed, sizeof(challenge->seed), NULL) ==
                     0
                 ? 0
                 : -1;
    }
  }
  return -1;
}

static int challenge_nonce(const struct ua_challenge *challenge,
                           sipws_span *nonce) {
  sipws_span all = {0, (uint32_t)challenge->len};

  return sipws_auth_param(challenge->text, &all, "nonce", 5, nonce);
}

int ua_challenge_is_same(const struct ua_challenge *a,
                         const struct ua_challenge *b) {
  sipws_span ours;
  sipws_span theirs;

  return challenge_nonce(a, &ours) == 0 && challenge_nonce(b, &theirs) == 0 &&
         ours.len == theirs.len &&
         memcmp(a->text + ours.off, b->text + theirs.off, ours.len) == 0;
}

int ua_challenge_answer(struct ua_challenge *challenge, const char *name,
                        const char *username, const char *password,
                        const char *method, const char *uri,
                        struct writer *out) {
  size_t len;

  write_format(out, "%s: ", name);
  if (writer_is_full(out) ||
      challenge_write(challenge, username, password, method, uri,
                      out->out + out->len, out->size - out->len, &len) != 0) {
    return -1;
  }
  out->len += len;
  challenge->nc++;
  write_format(out, "\r\n");
  return 0;
}
