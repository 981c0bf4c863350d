#include "ua_identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ua_sip.h"

/* ------------------------------------------------------------- instance -- */

/* Draws an instance, and keeps it in the file |path| if that is not NULL. */
static int instance_make(const char *path, char *instance) {
  uint8_t seed[16];
  size_t len;
  FILE *file;
  int failed;

  if (sipws_os_random(seed, sizeof(seed), NULL) != 0 ||
      sipws_instance_build(seed, instance, SIPWS_INSTANCE_LEN, &len) != 0) {
    fprintf(stderr, "ua: no random octets from the system\n");
    return -1;
  }
  instance[len] = '\0';
  if (path == NULL) {
    return 0;
  }
  file = fopen(path, "w");
  failed = file == NULL || fprintf(file, "%s\n", instance) < 0;
  if (file != NULL) {
    failed |= fclose(file) != 0;
  }
  if (failed) {
    fprintf(stderr, "ua: %s cannot be written: %s\n", path, strerror(errno));
    return -1;
  }
  return 0;
}

/* What instance_make wrote, and nothing else: it goes into a header. */
static int instance_read(const char *path, FILE *file, char *instance) {
  char line[SIPWS_INSTANCE_LEN + 2] = "";

  if (fgets(line, sizeof(line), file) == NULL ||
      strncmp(line, "urn:uuid:", 9) != 0 ||
      strspn(line + 9, "0123456789abcdef-") != SIPWS_INSTANCE_LEN - 9 ||
      line[SIPWS_INSTANCE_LEN] != '\n') {
    fprintf(stderr, "ua: %s holds no urn:uuid:…\n", path);
    return -1;
  }
  memcpy(instance, line, SIPWS_INSTANCE_LEN);
  instance[SIPWS_INSTANCE_LEN] = '\0';
  return 0;
}

static int instance_init(const char *path, char *instance) {
  FILE *file = path == NULL ? NULL : fopen(path, "r");
  int status;

  if (path != NULL && file == NULL && errno != ENOENT) {
    fprintf(stderr, "ua: %s cannot be read: %s\n", path, strerror(errno));
    return -1;
  }
  if (file == NULL) {
    return instance_make(path, instance);
  }
  status = instance_read(path, file, instance);
  fclose(file);
  return status;
}

/* ------------------------------------------------------------- identity -- */

/* The host and the URIs. |who| is all zeros: each text stays terminated, as its
 * last octet is left alone. 0, or a SIPWS_ERR_ number. */
static int identity_build(struct ua_identity *who, const sipws_uri *aor) {
  uint8_t seed[12];
  size_t len;
  int error = sipws_os_random(seed, sizeof(seed), NULL);

  /* RFC 7118 appendix B.1: a client that knows no address of its own. */
  if (error == 0) {
    error = sipws_random_host(seed, who->host, sizeof(who->host) - 1, &len);
  }
  if (error == 0) {
    error =
        sipws_uri_build((int)aor->scheme, who->user, strlen(who->user),
                        who->host, strlen(who->host), 0, SIPWS_TRANSPORT_WS, "",
                        0, who->contact, sizeof(who->contact) - 1, &len);
  }
  if (error == 0) {
    error =
        sipws_uri_build((int)aor->scheme, "", 0, who->aor + aor->host.off,
                        aor->host.len, aor->port, SIPWS_TRANSPORT_OTHER, "", 0,
                        who->registrar, sizeof(who->registrar) - 1, &len);
  }
  return error;
}

int ua_identity_init(struct ua_identity *who, const char *aor,
                     const char *username, const char *password,
                     const char *state) {
  sipws_uri uri;
  int error;

  memset(who, 0, sizeof(*who));
  if (ua_uri_read(aor, &uri) != 0 || uri.user.len == 0) {
    fprintf(stderr, "ua: %s is not like sip:user@domain\n", aor);
    return -1;
  }
  if (span_copy(aor, &uri.user, who->user, sizeof(who->user)) != 0) {
    fprintf(stderr, "ua: %s is too long\n", aor);
    return -1;
  }
  who->aor = aor;
  who->username = username != NULL ? username : who->user;
  who->password = password;
  error = identity_build(who, &uri);
  if (error != 0) {
    fprintf(stderr, "ua: %s: %s\n", aor, sipws_error_text(error));
    return -1;
  }
  return instance_init(state, who->instance);
}
