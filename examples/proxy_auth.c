#include "proxy_auth.h"

#include <inttypes.h>
#include <sipws/front.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  AUTH_NONCE_MS = 300000,
  AUTH_NONCE_LEN = 48 /* end of its life and hash, in hexadecimal */
};

struct auth_user {
  struct auth_user *next;
  const char *name;
  const char *realm; /* NULL: any */
  const char *password;
  char line[]; /* where the three are */
};

/* --------------------------------------------------------------- users -- */

static int auth_add(struct proxy *proxy, const char *line) {
  size_t size = strlen(line) + 1;
  struct auth_user *user = malloc(sizeof *user + size);
  char *colon;
  if (user == NULL) {
    return -1;
  }
  memcpy(user->line, line, size);
  user->name = user->line;
  user->realm = NULL;
  colon = strchr(user->line, ':');
  if (colon == NULL || colon == user->line) {
    free(user);
    return -1;
  }
  *colon = '\0';
  user->password = colon + 1;
  colon = strchr(colon + 1, ':');
  if (colon != NULL) {
    *colon = '\0';
    user->realm = user->password;
    user->password = colon + 1;
  }
  user->next = proxy->users;
  proxy->users = user;
  return 0;
}

int auth_load(struct proxy *proxy, const char *path) {
  char line[512];
  unsigned number = 0;
  int status = 0;
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return -1;
  }
  while (status == 0 && fgets(line, sizeof line, file) != NULL) {
    size_t len = strcspn(line, "\r\n");
    int whole = line[len] != '\0' || feof(file);
    line[len] = '\0';
    number++;
    if (!whole || (len != 0 && line[0] != '#' && auth_add(proxy, line) != 0)) {
      fprintf(stderr, "%s:%u: not user:password or user:realm:password\n", path,
              number);
      status = -1;
    }
  }
  if (status == 0 && proxy->users == NULL) {
    fprintf(stderr, "%s: no users in it\n", path);
    status = -1;
  }
  fclose(file);
  return status;
}

void auth_free(struct proxy *proxy) {
  while (proxy->users != NULL) {
    struct auth_user *user = proxy->users;
    proxy->users = user->next;
    free(user);
  }
}

static const struct auth_user *auth_find(const struct message *request,
                                         const sipws_span *name,
                                         const char *realm) {
  const struct auth_user *user = request->proxy->users;
  sipws_span whole = {0, (uint32_t)strlen(realm)};
  while (user != NULL &&
         (!span_is(request->text, name, user->name) ||
          (user->realm != NULL &&
           !sipws_span_is(realm, &whole, user->realm, strlen(user->realm))))) {
    user = user->next;
  }
  return user;
}

/* -------------------------------------------------------------- nonces -- */

/* A nonce says when its life ends and proves that we said so, for one realm on
 * one flow: a reader of it can use it nowhere else. */
static void nonce_make(const struct message *request, const char *realm,
                       uint64_t until_ms, char out[AUTH_NONCE_LEN + 1]) {
  struct piece pieces[3];
  uint8_t hash[32];
  pieces[0].data = &until_ms;
  pieces[0].len = sizeof until_ms;
  pieces[1].data = realm;
  pieces[1].len = strlen(realm);
  pieces[2].data = &request->from.id;
  pieces[2].len = sizeof request->from.id;
  proxy_hash(request->proxy, "nonce", pieces, 3, hash);
  snprintf(out, 17, "%016" PRIx64, until_ms);
  write_hex(hash, 16, out + 16);
}

/* In a time that does not depend on where they differ. */
static int same(const char *a, const char *b, size_t len) {
  unsigned differ = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    differ |= (unsigned)(a[i] ^ b[i]);
  }
  return differ == 0;
}

enum nonce_state { NONCE_GOOD, NONCE_STALE, NONCE_FOREIGN };

static enum nonce_state nonce_check(const struct message *request,
                                    const char *realm,
                                    const sipws_span *nonce) {
  const char *theirs = request->text + nonce->off;
  char ours[AUTH_NONCE_LEN + 1];
  char digits[17];
  uint64_t until_ms;
  if (nonce->len != AUTH_NONCE_LEN) {
    return NONCE_FOREIGN;
  }
  memcpy(digits, theirs, 16);
  digits[16] = '\0';
  until_ms = strtoull(digits, NULL, 16);
  nonce_make(request, realm, until_ms, ours);
  if (!same(ours, theirs, AUTH_NONCE_LEN)) {
    return NONCE_FOREIGN;
  }
  return request->now_ms < until_ms ? NONCE_GOOD : NONCE_STALE;
}

/* --------------------------------------------------------- credentials -- */

/* An Authorization value, as far as the library does not judge it. */
struct credentials {
  sipws_span username;
  sipws_span realm;
  sipws_span nonce;
  sipws_span uri;
  sipws_span qop;
};

static int credentials_find(const struct message *request,
                            const sipws_span *header, const char *name,
                            sipws_span *value) {
  return sipws_auth_param(request->text, header, name, strlen(name), value) ==
         0;
}

/* 1 when all of them are there. */
static int credentials_read(const struct message *request,
                            const sipws_span *header,
                            struct credentials *read) {
  return credentials_find(request, header, "username", &read->username) &&
         credentials_find(request, header, "realm", &read->realm) &&
         credentials_find(request, header, "nonce", &read->nonce) &&
         credentials_find(request, header, "uri", &read->uri) &&
         credentials_find(request, header, "qop", &read->qop);
}

/* 1 when the response is the one that the password gives. */
static int credentials_hold(const struct message *request,
                            const sipws_span *header,
                            const struct credentials *given,
                            const char *realm) {
  const struct auth_user *user = auth_find(request, &given->username, realm);
  const sipws_span *uri = &request->view.uri;
  /* RFC 8760 2.6: qop is mandatory. RFC 7616 3.4.6: uri is that of the
   * request. */
  return user != NULL && span_is(request->text, &given->qop, "auth") &&
         given->uri.len == uri->len &&
         memcmp(request->text + given->uri.off, request->text + uri->off,
                uri->len) == 0 &&
         sipws_auth_check(request->text + header->off, header->len, "REGISTER",
                          8, user->password, strlen(user->password)) == 0;
}

/* RFC 8760 2.4: the challenge preferred most comes first. */
static void auth_challenge(const struct message *request, const char *realm,
                           int stale) {
  static const int algorithms[] = {SIPWS_DIGEST_SHA256, SIPWS_DIGEST_MD5};
  char nonce[AUTH_NONCE_LEN + 1];
  char value[512];
  char headers[1100];
  struct writer writer = {headers, sizeof headers, 0};
  size_t len;
  int i;
  nonce_make(request, realm, request->now_ms + AUTH_NONCE_MS, nonce);
  for (i = 0; i < 2; i++) {
    if (sipws_auth_challenge_digest(algorithms[i], realm, strlen(realm), nonce,
                                    AUTH_NONCE_LEN, stale, value, sizeof value,
                                    &len) == 0) {
      write_format(&writer, "WWW-Authenticate: %.*s\r\n", (int)len, value);
    }
  }
  message_reply(request, 401, headers);
}

int auth_passes(const struct message *request, const char *user,
                const char *realm) {
  struct credentials given;
  sipws_span at = {0, 0};
  sipws_span header;
  int stale = 0;
  while (sipws_sip_next_named(request->text, request->len, &request->view,
                              "Authorization", 13, &at, &header) == 0) {
    enum nonce_state nonce;
    if (!credentials_read(request, &header, &given) ||
        !span_is(request->text, &given.realm, realm)) {
      continue; /* for somebody else, RFC 3261 22.3 */
    }
    nonce = nonce_check(request, realm, &given.nonce);
    if (nonce == NONCE_FOREIGN ||
        !credentials_hold(request, &header, &given, realm)) {
      continue;
    }
    if (nonce == NONCE_GOOD && !span_is(request->text, &given.username, user)) {
      message_reply(request, 403, ""); /* right, but another's address */
      return 0;
    }
    if (nonce == NONCE_GOOD) {
      return 1;
    }
    stale = 1;
  }
  auth_challenge(request, realm, stale);
  return 0;
}
