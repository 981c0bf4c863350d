#include "proxy_auth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"

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

static const struct auth_user *auth_find(const struct proxy *proxy,
                                         const char *name, const char *realm) {
  const struct auth_user *user = proxy->users;
  sipws_span whole = {0, (uint32_t)strlen(realm)};
  while (user != NULL &&
         (strcmp(user->name, name) != 0 ||
          (user->realm != NULL &&
           !sipws_span_is(realm, &whole, user->realm, strlen(user->realm))))) {
    user = user->next;
  }
  return user;
}

/* -------------------------------------------------------------- nonces -- */

/* A nonce says when its life ends and proves that we said so, for one realm on
 * one connection: a reader of it can use it nowhere else. */
static void nonce_make(const struct message *request, const char *realm,
                       uint64_t until_ms, char out[AUTH_NONCE_LEN + 1]) {
  uint64_t id = sipws_conn_id(request->from->conn);
  struct piece pieces[3];
  uint8_t hash[32];
  pieces[0].data = &until_ms;
  pieces[0].len = sizeof until_ms;
  pieces[1].data = realm;
  pieces[1].len = strlen(realm);
  pieces[2].data = &id;
  pieces[2].len = sizeof id;
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
                                    const char *realm, const char *nonce) {
  char ours[AUTH_NONCE_LEN + 1];
  char digits[17];
  uint64_t until_ms;
  if (strlen(nonce) != AUTH_NONCE_LEN) {
    return NONCE_FOREIGN;
  }
  memcpy(digits, nonce, 16);
  digits[16] = '\0';
  until_ms = strtoull(digits, NULL, 16);
  nonce_make(request, realm, until_ms, ours);
  if (!same(ours, nonce, AUTH_NONCE_LEN)) {
    return NONCE_FOREIGN;
  }
  return request->now_ms < until_ms ? NONCE_GOOD : NONCE_STALE;
}

/* --------------------------------------------------------- credentials -- */

struct credentials {
  char username[128];
  char realm[280];
  char nonce[AUTH_NONCE_LEN + 1];
  char uri[512];
  char response[65];
  char algorithm[16]; /* empty: MD5, RFC 7616 3.3 */
  char cnonce[256];
  char nc[9];
  char qop[8];
};

static int credentials_text(const struct message *request,
                            const sipws_span *header, const char *name,
                            char *out, size_t out_size) {
  sipws_span value;
  out[0] = '\0';
  if (sipws_auth_param(request->text, header, name, strlen(name), &value) !=
      0) {
    return 0;
  }
  return span_copy(request->text, &value, out, out_size);
}

/* Reads an Authorization value; 0, or -1 when one of ours is not so. */
static int credentials_read(const struct message *request,
                            const sipws_span *header,
                            struct credentials *read) {
  sipws_span scheme;
  if (sipws_auth_param(request->text, header, "", 0, &scheme) != 0 ||
      !sipws_span_is(request->text, &scheme, "Digest", 6)) {
    return -1;
  }
#define CREDENTIALS_TEXT(name)                                                 \
  credentials_text(request, header, #name, read->name, sizeof read->name)
  return CREDENTIALS_TEXT(username) | CREDENTIALS_TEXT(realm) |
         CREDENTIALS_TEXT(nonce) | CREDENTIALS_TEXT(uri) |
         CREDENTIALS_TEXT(response) | CREDENTIALS_TEXT(algorithm) |
         CREDENTIALS_TEXT(cnonce) | CREDENTIALS_TEXT(nc) |
         CREDENTIALS_TEXT(qop);
#undef CREDENTIALS_TEXT
}

/* 1 when the response is the one that the password gives. */
static int credentials_hold(const struct message *request,
                            const struct credentials *given) {
  const struct auth_user *user =
      auth_find(request->proxy, given->username, given->realm);
  enum digest_algorithm algorithm = DIGEST_MD5;
  char expected[65];
  if (strcmp(given->algorithm, "SHA-256") == 0) {
    algorithm = DIGEST_SHA256;
  } else if (given->algorithm[0] != '\0' &&
             strcmp(given->algorithm, "MD5") != 0) {
    return 0;
  }
  /* RFC 8760 2.6: qop is mandatory. RFC 7616 3.4.6: uri is that of the
   * request. */
  if (user == NULL || strcmp(given->qop, "auth") != 0 ||
      strlen(given->nc) != 8 ||
      !span_is(request->text, &request->view.uri, given->uri) ||
      digest_response(algorithm, user->name, given->realm, user->password,
                      given->nonce, given->cnonce,
                      (unsigned)strtoul(given->nc, NULL, 16), given->qop,
                      "REGISTER", given->uri, expected) != 0) {
    return 0;
  }
  return strlen(expected) == strlen(given->response) &&
         same(expected, given->response, strlen(expected));
}

/* RFC 8760 2.4: the challenge preferred most comes first. */
static void auth_challenge(const struct message *request, const char *realm,
                           int stale) {
  static const char *const algorithms[] = {"SHA-256", "MD5"};
  char nonce[AUTH_NONCE_LEN + 1];
  char headers[1024];
  struct writer writer = {headers, sizeof headers, 0};
  int i;
  nonce_make(request, realm, request->now_ms + AUTH_NONCE_MS, nonce);
  for (i = 0; i < 2; i++) {
    write_format(&writer,
                 "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", "
                 "algorithm=%s, qop=\"auth\"%s\r\n",
                 realm, nonce, algorithms[i], stale ? ", stale=true" : "");
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
    if (credentials_read(request, &header, &given) != 0 ||
        strcmp(given.realm, realm) != 0) {
      continue; /* for somebody else, RFC 3261 22.3 */
    }
    nonce = nonce_check(request, realm, given.nonce);
    if (nonce == NONCE_FOREIGN || !credentials_hold(request, &given)) {
      continue;
    }
    if (nonce == NONCE_GOOD && strcmp(given.username, user) != 0) {
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
