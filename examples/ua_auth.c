#include "ua_auth.h"

#include <string.h>

/* Copies the parameter |name| of a challenge to a C string. */
static int challenge_text(const char *text, const sipws_span *header,
                          const char *name, char *out, size_t out_size) {
  sipws_span value;

  if (sipws_auth_param(text, header, name, strlen(name), &value) != 0 ||
      value.len >= out_size) {
    return -1;
  }
  memcpy(out, text + value.off, value.len);
  out[value.len] = '\0';
  return 0;
}

/* 1 when the list |qop| ("auth,auth-int") holds "auth". */
static int challenge_has_auth(const char *text, sipws_span qop) {
  sipws_span value;

  while (sipws_list_next(text, &qop, &value) == 0) {
    if (ua_is(text, &value, "auth")) {
      return 1;
    }
  }
  return 0;
}

/* Reads one WWW-Authenticate or Proxy-Authenticate value; -1 when it asks for
 * what we cannot do. */
static int challenge_read(struct ua_challenge *challenge, const char *text,
                          const sipws_span *header) {
  sipws_span value;

  memset(challenge, 0, sizeof(*challenge));
  if (sipws_auth_param(text, header, "", 0, &value) != 0 ||
      !ua_is(text, &value, "Digest") ||
      challenge_text(text, header, "realm", challenge->realm,
                     sizeof(challenge->realm)) != 0 ||
      challenge_text(text, header, "nonce", challenge->nonce,
                     sizeof(challenge->nonce)) != 0) {
    return -1;
  }
  if (sipws_auth_param(text, header, "opaque", 6, &value) == 0 &&
      challenge_text(text, header, "opaque", challenge->opaque,
                     sizeof(challenge->opaque)) != 0) {
    return -1;
  }
  if (sipws_auth_param(text, header, "algorithm", 9, &value) == 0) {
    challenge->has_algorithm = 1;
    if (ua_is(text, &value, "SHA-256")) {
      challenge->algorithm = DIGEST_SHA256;
    } else if (!ua_is(text, &value, "MD5")) {
      return -1;
    }
  }
  if (sipws_auth_param(text, header, "qop", 3, &value) == 0) {
    challenge->has_qop = 1;
    if (!challenge_has_auth(text, value)) {
      return -1;
    }
  }
  challenge->stale = sipws_auth_param(text, header, "stale", 5, &value) == 0 &&
                     ua_is(text, &value, "true");
  return 0;
}

int ua_challenge_take(struct ua_challenge *challenge, const char *msg,
                      size_t len, const sipws_sip_view *view) {
  const char *name =
      view->status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
  struct ua_challenge found;
  sipws_span at = {0, 0};
  sipws_span header;

  /* RFC 8760 section 2.4: the topmost of those that we support. */
  while (sipws_sip_next_named(msg, len, view, name, strlen(name), &at,
                              &header) == 0) {
    if (challenge_read(&found, msg, &header) == 0) {
      *challenge = found;
      return 0;
    }
  }
  return -1;
}

int ua_challenge_answer(struct ua_challenge *challenge, const char *name,
                        const char *username, const char *password,
                        const char *method, const char *uri,
                        struct ua_text *out) {
  char response[65];
  char cnonce[17];

  /* RFC 7616 section 3.4: nc counts the requests sent with this nonce. */
  challenge->nc++;
  if (ua_random_word(cnonce, 8) != 0 ||
      digest_response(challenge->algorithm, username, challenge->realm,
                      password, challenge->nonce, cnonce, challenge->nc,
                      challenge->has_qop ? "auth" : NULL, method, uri,
                      response) != 0) {
    return -1;
  }
  ua_put(out, "%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\"", name,
         username, challenge->realm, challenge->nonce);
  ua_put(out, ", uri=\"%s\", response=\"%s\"", uri, response);
  if (challenge->has_algorithm) {
    ua_put(out, ", algorithm=%s",
           challenge->algorithm == DIGEST_SHA256 ? "SHA-256" : "MD5");
  }
  if (challenge->has_qop) {
    ua_put(out, ", qop=auth, nc=%08x, cnonce=\"%s\"", challenge->nc, cnonce);
  }
  if (challenge->opaque[0] != '\0') {
    ua_put(out, ", opaque=\"%s\"", challenge->opaque);
  }
  ua_put(out, "\r\n");
  return 0;
}
