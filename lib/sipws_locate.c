#include "sipws_locate.h"

#include "sipws_host.h"
#include "sipws_text.h"

#include <string.h>

/* ---- names ---- */

/* RFC 1035 section 2.3.4: a label has 63 octets at most. */
static int locate_is_name(const char *text, size_t len) {
  size_t label = 0; /* its octets so far */
  size_t i;
  for (i = 0; i < len; i++) {
    if (text[i] == '.') {
      if (label == 0) {
        return 0;
      }
      label = 0;
    } else if (++label > 63 || !(sipws__host_is_alnum(text[i]) ||
                                 text[i] == '-' || text[i] == '_')) {
      return 0;
    }
  }
  return label > 0;
}

int sipws__locate_set_name(struct sipws__locate_name *name, const char *text,
                           size_t len) {
  if (len > 0 && len <= sizeof name->text + 1 && text[len - 1] == '.') {
    len--;
  }
  if (len > sizeof name->text || !locate_is_name(text, len)) {
    return SIPWS_ERR_SYNTAX;
  }
  memcpy(name->text, text, len);
  name->len = (uint8_t)len;
  return 0;
}

/* ---- services ---- */

int sipws__locate_is_secure(uint32_t transport) {
  return transport == SIPWS_TRANSPORT_TLS || transport == SIPWS_TRANSPORT_WSS;
}

/* What is below TLS, or the transport itself. */
static uint32_t locate_plain(uint32_t transport) {
  return sipws__locate_is_secure(transport) ? transport == SIPWS_TRANSPORT_TLS
                                                  ? SIPWS_TRANSPORT_TCP
                                                  : SIPWS_TRANSPORT_WS
                                            : transport;
}

uint32_t sipws__locate_find_service(const sipws_locate *locate, uint32_t index,
                                    uint32_t transport, int secure) {
  while (index < locate->service_count) {
    uint32_t its = locate->services[index].transport;
    if (sipws__locate_is_secure(its) == secure &&
        (transport == SIPWS_TRANSPORT_OTHER ||
         locate_plain(its) == locate_plain(transport))) {
      break;
    }
    index++;
  }
  return index;
}

static int locate_add(sipws_locate *locate, const char *service,
                      size_t service_len, const char *label, size_t label_len,
                      uint8_t transport, uint16_t port) {
  struct sipws__locate_service *added;
  if (locate->service_count == SIPWS__LOCATE_SERVICES) {
    return SIPWS_ERR_TOO_BIG;
  }
  added = &locate->services[locate->service_count++];
  added->port = port;
  added->transport = transport;
  added->service_len = (uint8_t)service_len;
  added->label_len = (uint8_t)label_len;
  memcpy(added->service, service, service_len);
  memcpy(added->label, label, label_len);
  return 0;
}

int sipws_locate_add_service(sipws_locate *locate, const char *service,
                             size_t service_len, const char *label,
                             size_t label_len, int transport, uint16_t port) {
  if (locate == NULL || service == NULL || label == NULL ||
      transport <= SIPWS_TRANSPORT_OTHER || transport > SIPWS_TRANSPORT_WSS ||
      port == 0) {
    return SIPWS_ERR_INVALID;
  }
  if (locate->search.stage != SIPWS__LOCATE_IDLE) {
    return SIPWS_ERR_STATE;
  }
  if (service_len > sizeof locate->services[0].service ||
      label_len > sizeof locate->services[0].label ||
      !sipws__text_is_token(service, service_len) ||
      !locate_is_name(label, label_len)) {
    return SIPWS_ERR_TEXT;
  }
  if (!locate->has_own_services) {
    locate->has_own_services = 1;
    locate->service_count = 0;
  }
  return locate_add(locate, service, service_len, label, label_len,
                    (uint8_t)transport, port);
}

/* RFC 7118 section 5.5 has services and ports; labels it has none. */
static void locate_add_defaults(sipws_locate *locate) {
  (void)locate_add(locate, "SIP+D2W", 7, "_sip._ws", 8, SIPWS_TRANSPORT_WS, 80);
  (void)locate_add(locate, "SIPS+D2W", 8, "_sips._ws", 9, SIPWS_TRANSPORT_WSS,
                   443);
  (void)locate_add(locate, "SIPS+D2W", 8, "_sips._wss", 10, SIPWS_TRANSPORT_WSS,
                   443);
}

/* ---- making ---- */

int sipws_locate_new(const sipws_config *config, sipws_locate **locate) {
  sipws_locate *made;
  if (config == NULL || locate == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (config->random == NULL) {
    return SIPWS_ERR_NO_RANDOM;
  }
  made = sipws__mem_new(&config->mem, sizeof *made);
  if (made == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->config = config;
  locate_add_defaults(made);
  *locate = made;
  return 0;
}

void sipws_locate_free(sipws_locate *locate) {
  if (locate != NULL) {
    sipws__mem_free(&locate->config->mem, locate, sizeof *locate);
  }
}

size_t sipws_locate_footprint(void) {
  return sizeof(sipws_locate);
}

int sipws_locate_set_families(sipws_locate *locate, int families) {
  if (locate == NULL || families < SIPWS_FAMILIES_IPV6_FIRST ||
      families > SIPWS_FAMILIES_IPV4_ONLY) {
    return SIPWS_ERR_INVALID;
  }
  if (locate->search.stage != SIPWS__LOCATE_IDLE) {
    return SIPWS_ERR_STATE;
  }
  locate->families = (uint32_t)families;
  return 0;
}

/* ---- searches ---- */

/* The next hop. */
struct locate_hop {
  struct sipws__locate_name host; /* an address as in a URL */
  uint8_t addr[16];
  size_t addr_len; /* 0: |host| is a name */
  uint16_t port;   /* 0: none */
  uint32_t transport;
  int secure;
};

/* Longer than any address is as text. */
#define LOCATE_ADDRESS_MAX 64

static int locate_set_host(struct locate_hop *hop, const char *text,
                           size_t len) {
  char *out = hop->host.text;
  size_t at = 0;
  int is_bare;
  hop->addr_len = 0;
  if (len <= LOCATE_ADDRESS_MAX) {
    hop->addr_len =
        sipws__host_address(text, sipws__text_span(0, len), hop->addr);
  }
  if (hop->addr_len == 0) {
    return sipws__locate_set_name(&hop->host, text, len);
  }
  is_bare = hop->addr_len == 16 && text[0] != '[';
  if (is_bare) {
    out[at++] = '[';
  }
  memcpy(out + at, text, len);
  at += len;
  if (is_bare) {
    out[at++] = ']';
  }
  hop->host.len = (uint8_t)at;
  return 0;
}

/* Forgets the search before and sets out; |service| is the first that suits. */
static void locate_begin(sipws_locate *locate, const struct locate_hop *hop,
                         uint32_t service, const uint32_t *draws) {
  struct sipws__locate_search *search = &locate->search;
  memset(search, 0, sizeof *search);
  locate->generation++;
  memcpy(search->draws, draws, sizeof search->draws);
  search->host = hop->host;
  search->transport = (uint8_t)hop->transport;
  search->secure = (uint8_t)hop->secure;
  if (hop->addr_len > 0 || hop->port > 0) {
    /* RFC 3263 4.2: no SRV for an address, nor beside a port. */
    struct sipws__locate_place *place;
    search->stage = SIPWS__LOCATE_BY_SRV;
    search->route_count = 1;
    search->routes[0].service = (uint8_t)service;
    place = sipws__locate_keep_place(
        locate, 0, 0, 0,
        hop->port > 0 ? hop->port : locate->services[service].port,
        &search->host);
    if (hop->addr_len > 0) {
      uint32_t family =
          hop->addr_len == 16 ? SIPWS__LOCATE_IPV6 : SIPWS__LOCATE_IPV4;
      place->count[family] = 1;
      memcpy(place->addr[family][0], hop->addr, hop->addr_len);
    }
  } else {
    search->stage = SIPWS__LOCATE_BY_NAPTR;
    /* RFC 3263 4.1: a transport that is named is used. */
    search->asked[0] = hop->transport == SIPWS_TRANSPORT_OTHER
                           ? SIPWS__LOCATE_TO_ASK
                           : SIPWS__LOCATE_NEEDLESS;
  }
  sipws__locate_advance(locate);
}

static int locate_search(sipws_locate *locate, struct locate_hop *hop) {
  uint32_t draws[SIPWS__LOCATE_PLACES];
  uint32_t service;
  hop->secure |= sipws__locate_is_secure(hop->transport);
  service = sipws__locate_find_service(locate, 0, hop->transport, hop->secure);
  if (service == locate->service_count) {
    /* RFC 3263 4.2: a client may wish for TLS with a sip URI, and one that has
     * nothing else does. */
    hop->secure = 1;
    service = sipws__locate_find_service(locate, 0, hop->transport, 1);
  }
  if (service == locate->service_count) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (locate->config->random((uint8_t *)draws, sizeof draws,
                             locate->config->random_user) != 0) {
    return SIPWS_ERR_RANDOM;
  }
  locate_begin(locate, hop, service, draws);
  return 0;
}

int sipws_locate_host(sipws_locate *locate, const char *host, size_t host_len,
                      uint16_t port, int transport, int secure) {
  struct locate_hop hop;
  int err;
  if (locate == NULL || host == NULL || transport < SIPWS_TRANSPORT_OTHER ||
      transport > SIPWS_TRANSPORT_WSS) {
    return SIPWS_ERR_INVALID;
  }
  memset(&hop, 0, sizeof hop);
  hop.port = port;
  hop.transport = (uint32_t)transport;
  hop.secure = secure != 0;
  err = locate_set_host(&hop, host, host_len);
  return err != 0 ? err : locate_search(locate, &hop);
}

int sipws_locate_uri(sipws_locate *locate, const char *text,
                     const sipws_uri *uri, int secure) {
  sipws_span target;
  int err;
  if (locate == NULL || text == NULL || uri == NULL ||
      uri->struct_size != sizeof *uri || uri->scheme == SIPWS_SCHEME_OTHER) {
    return SIPWS_ERR_INVALID;
  }
  if (uri->has_transport && uri->transport == SIPWS_TRANSPORT_OTHER) {
    return SIPWS_ERR_NOT_FOUND; /* one that no service can have */
  }
  /* RFC 3263 section 4: TARGET is maddr, if it is there, else the host. */
  err = sipws_param(text, &uri->params, "maddr", 5, &target);
  if (err == SIPWS_ERR_NOT_FOUND) {
    target = uri->host;
  } else if (err != 0) {
    return err;
  }
  return sipws_locate_host(locate, text + target.off, target.len,
                           (uint16_t)uri->port, (int)uri->transport,
                           secure || uri->scheme == SIPWS_SCHEME_SIPS);
}
