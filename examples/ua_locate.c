#include "ua_locate.h"

#include <stdio.h>
#include <string.h>

#include "resolve.h"
#include "ua_sip.h"

static void locate_address(struct ua_place *place, const sipws_target *target) {
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&place->address;
  struct sockaddr_in *four = (struct sockaddr_in *)&place->address;

  memset(&place->address, 0, sizeof(place->address));
  if (target->addr_len == 16) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)target->port);
    memcpy(&six->sin6_addr, target->addr, 16);
    place->len = sizeof(*six);
  } else {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)target->port);
    memcpy(&four->sin_addr, target->addr, 4);
    place->len = sizeof(*four);
  }
}

/* Nothing tells the path of the URL: it is "/". 0, or a SIPWS_ERR_ number. */
static int locate_place(struct ua_place *place, const sipws_target *target) {
  int secure = target->transport == SIPWS_TRANSPORT_WSS;
  uint32_t port = target->port == (secure ? 443U : 80U) ? 0 : target->port;
  size_t len;
  int error = sipws_url_build(secure, target->host, target->host_len, port, "",
                              0, place->url, sizeof(place->url) - 1, &len);

  place->url[error == 0 ? len : 0] = '\0';
  locate_address(place, target);
  return error;
}

/* All targets, up to UA_PLACES. 0, or a SIPWS_ERR_ number. */
static int locate_all(struct ua_places *places, const char *aor,
                      sipws_locate *locate, struct resolve *resolve) {
  sipws_target target = {.struct_size = sizeof(target)};
  sipws_uri uri;
  int error = ua_uri_read(aor, &uri) == 0
                  ? sipws_locate_uri(locate, aor, &uri, 0)
                  : SIPWS_ERR_SYNTAX;

  while (error == 0 && places->count < UA_PLACES) {
    error = resolve_next(resolve, locate, &target);
    if (error == 0) {
      error = locate_place(&places->list[places->count++], &target);
    }
  }
  return error == SIPWS_ERR_NOT_FOUND && places->count > 0 ? 0 : error;
}

int ua_locate(struct ua_places *places, const struct ua_options *options,
              const sipws_config *config) {
  struct resolve *resolve = resolve_open(options->dns);
  sipws_locate *locate = NULL;
  int error;

  places->count = 0;
  if (resolve == NULL) {
    return -1;
  }
  error = sipws_locate_new(config, &locate);
  if (error == 0) {
    error = locate_all(places, options->aor, locate, resolve);
  }
  if (error != 0) {
    fprintf(stderr, "ua: no server for %s: %s; name one, as %s\n", options->aor,
            locate != NULL && sipws_locate_failures(locate) > 0
                ? "the DNS gives no answer"
                : sipws_error_text(error),
            UA_A_SERVER);
  }
  resolve_close(resolve);
  sipws_locate_free(locate);
  return error == 0 ? 0 : -1;
}
