/* The questions of a search, and what their answers lead to. */
#include "sipws_locate.h"

#include "sipws_text.h"

#include <string.h>

int sipws__locate_is_open(const struct sipws__locate_search *search,
                          uint32_t index) {
  return search->asked[index] == SIPWS__LOCATE_TO_ASK ||
         search->asked[index] == SIPWS__LOCATE_ASKED;
}

/* ---- steps ---- */

/* RFC 3263 4.1 and 4.2: without NAPTR, a name for each service that suits. */
static void ask_make_routes(sipws_locate *locate) {
  struct sipws__locate_search *search = &locate->search;
  const struct sipws__locate_name *host = &search->host;
  uint32_t index = 0;
  while ((index = sipws__locate_find_service(locate, index, search->transport,
                                             search->secure)) <
         locate->service_count) {
    const struct sipws__locate_service *service = &locate->services[index];
    struct sipws__locate_route *route = &search->routes[search->route_count++];
    size_t len = service->label_len + 1u + host->len;
    route->service = (uint8_t)index++;
    /* A name too long for the DNS has no records, and is not asked for. */
    if (len <= sizeof route->name.text) {
      memcpy(route->name.text, service->label, service->label_len);
      route->name.text[service->label_len] = '.';
      memcpy(route->name.text + service->label_len + 1, host->text, host->len);
      route->name.len = (uint8_t)len;
    }
  }
}

/* 1 when some domain said that it does not offer the transport of |route| (RFC
 * 2782, "Target"). */
static int ask_is_denied(const sipws_locate *locate, uint32_t route) {
  const struct sipws__locate_search *search = &locate->search;
  uint32_t i;
  for (i = 0; i < search->route_count; i++) {
    if (search->routes[i].is_denied &&
        locate->services[search->routes[i].service].transport ==
            locate->services[search->routes[route].service].transport) {
      return 1;
    }
  }
  return 0;
}

/* RFC 3263 4.2: without SRV, the domain itself at the default port. */
static void ask_make_place(sipws_locate *locate) {
  struct sipws__locate_search *search = &locate->search;
  uint32_t i;
  for (i = 0; i < search->route_count; i++) {
    if (!ask_is_denied(locate, i)) {
      (void)sipws__locate_keep_place(
          locate, i, 0, 0, locate->services[search->routes[i].service].port,
          &search->host);
      return;
    }
  }
}

static void ask_srv(struct sipws__locate_search *search) {
  uint32_t i;
  for (i = 0; i < search->route_count; i++) {
    if (search->routes[i].name.len > 0) {
      search->asked[SIPWS__LOCATE_SRV + i] = SIPWS__LOCATE_TO_ASK;
    }
  }
}

/* RFC 7984: both families are asked, unless the caller has but one. */
static void ask_addresses(sipws_locate *locate) {
  struct sipws__locate_search *search = &locate->search;
  uint32_t at;
  for (at = 0; at < search->place_count; at++) {
    struct sipws__locate_place *place = sipws__locate_place_at(search, at);
    uint8_t *asked = &search->asked[SIPWS__LOCATE_ADDRESS + 2 * at];
    place->host = 0;
    while (place->host < at) {
      const struct sipws__locate_name *name =
          &sipws__locate_place_at(search, place->host)->name;
      if (sipws__text_equal(place->name.text, place->name.len, name->text,
                            name->len)) {
        break;
      }
      place->host++;
    }
    /* Not for a name asked already, nor for a numeric host. */
    if (place->host == at && place->count[0] + place->count[1] == 0) {
      if (locate->families != SIPWS_FAMILIES_IPV4_ONLY) {
        asked[SIPWS__LOCATE_IPV6] = SIPWS__LOCATE_TO_ASK;
      }
      if (locate->families != SIPWS_FAMILIES_IPV6_ONLY) {
        asked[SIPWS__LOCATE_IPV4] = SIPWS__LOCATE_TO_ASK;
      }
    }
  }
}

void sipws__locate_advance(sipws_locate *locate) {
  struct sipws__locate_search *search = &locate->search;
  uint32_t i;
  if (search->stage == SIPWS__LOCATE_BY_NAPTR &&
      !sipws__locate_is_open(search, 0)) {
    if (search->route_count == 0) {
      ask_make_routes(locate);
    }
    ask_srv(search);
    search->stage = SIPWS__LOCATE_BY_SRV;
  }
  if (search->stage == SIPWS__LOCATE_BY_SRV) {
    for (i = 0; i < search->route_count; i++) {
      if (sipws__locate_is_open(search, SIPWS__LOCATE_SRV + i)) {
        return;
      }
    }
    if (search->place_count == 0) {
      ask_make_place(locate);
    }
    sipws__locate_weigh(search);
    ask_addresses(locate);
    search->stage = SIPWS__LOCATE_BY_HOST;
  }
}

/* ---- questions ---- */

/* The id of a question holds the search's generation above its index. */
#define ASK_INDEX_BITS 6

static int ask_type(uint32_t index) {
  if (index < SIPWS__LOCATE_ADDRESS) {
    return index < SIPWS__LOCATE_SRV ? SIPWS_QUESTION_NAPTR
                                     : SIPWS_QUESTION_SRV;
  }
  return (index - SIPWS__LOCATE_ADDRESS) % 2 == SIPWS__LOCATE_IPV6
             ? SIPWS_QUESTION_AAAA
             : SIPWS_QUESTION_A;
}

static const struct sipws__locate_name *
ask_name(struct sipws__locate_search *search, uint32_t index) {
  if (index < SIPWS__LOCATE_SRV) {
    return &search->host;
  }
  if (index < SIPWS__LOCATE_ADDRESS) {
    return &search->routes[index - SIPWS__LOCATE_SRV].name;
  }
  return &sipws__locate_place_at(search, (index - SIPWS__LOCATE_ADDRESS) / 2)
              ->name;
}

int sipws_locate_next_question(sipws_locate *locate, uint32_t *id, int *type,
                               const char **name, size_t *name_len) {
  struct sipws__locate_search *search;
  const struct sipws__locate_name *its;
  uint32_t index = 0;
  if (locate == NULL || id == NULL || type == NULL || name == NULL ||
      name_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  search = &locate->search;
  while (index < SIPWS__LOCATE_QUESTIONS &&
         search->asked[index] != SIPWS__LOCATE_TO_ASK) {
    index++;
  }
  if (index == SIPWS__LOCATE_QUESTIONS) {
    return SIPWS_ERR_NOT_FOUND;
  }
  search->asked[index] = SIPWS__LOCATE_ASKED;
  its = ask_name(search, index);
  *id = locate->generation << ASK_INDEX_BITS | index;
  *type = ask_type(index);
  *name = its->text;
  *name_len = its->len;
  return 0;
}

/* Finds the question that awaits the answer |id|. */
static int ask_find(const sipws_locate *locate, uint32_t id, uint32_t *index) {
  *index = id & ((1u << ASK_INDEX_BITS) - 1);
  if (id != (locate->generation << ASK_INDEX_BITS | *index) ||
      *index >= SIPWS__LOCATE_QUESTIONS ||
      locate->search.asked[*index] != SIPWS__LOCATE_ASKED) {
    return SIPWS_ERR_NOT_FOUND;
  }
  return 0;
}

/* ---- answers ---- */

/* The same for one that must be of |type|. */
static int ask_find_type(const sipws_locate *locate, uint32_t id, int type,
                         uint32_t *index) {
  int err = ask_find(locate, id, index);
  return err == 0 && ask_type(*index) != type ? SIPWS_ERR_INVALID : err;
}

/* The service that a NAPTR record names; service_count if it is of no use. */
static uint32_t ask_service(const sipws_locate *locate, const char *text,
                            size_t len) {
  uint32_t i;
  for (i = 0; i < locate->service_count; i++) {
    const struct sipws__locate_service *service = &locate->services[i];
    /* RFC 3263 4.1: a sips URI takes no other than secure services; a sip URI
     * takes them too. */
    if (sipws__text_equal(service->service, service->service_len, text, len) &&
        (!locate->search.secure ||
         sipws__locate_is_secure(service->transport))) {
      break;
    }
  }
  return i;
}

int sipws_locate_add_naptr(sipws_locate *locate, uint32_t id, uint16_t order,
                           uint16_t preference, const char *flags,
                           size_t flags_len, const char *service,
                           size_t service_len, const char *regexp,
                           size_t regexp_len, const char *replacement,
                           size_t replacement_len) {
  struct sipws__locate_route route;
  uint32_t index;
  int err;
  if (locate == NULL || (flags == NULL && flags_len > 0) ||
      (service == NULL && service_len > 0) ||
      (regexp == NULL && regexp_len > 0) ||
      (replacement == NULL && replacement_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  err = ask_find_type(locate, id, SIPWS_QUESTION_NAPTR, &index);
  if (err != 0) {
    return err;
  }
  index = ask_service(locate, service, service_len);
  /* RFC 3263 4.1: "s", no regular expression, and a replacement to ask SRV of.
   * So no rule leads to another NAPTR, and none in a circle. */
  if (index == locate->service_count || regexp_len > 0 ||
      !sipws__text_is(flags, flags_len, "s") ||
      sipws__locate_set_name(&route.name, replacement, replacement_len) != 0) {
    return 0;
  }
  route.order = order;
  route.preference = preference;
  route.service = (uint8_t)index;
  route.is_denied = 0;
  sipws__locate_keep_route(&locate->search, &route);
  return 0;
}

int sipws_locate_add_srv(sipws_locate *locate, uint32_t id, uint16_t priority,
                         uint16_t weight, uint16_t port, const char *target,
                         size_t target_len) {
  struct sipws__locate_name name;
  uint32_t index;
  int err;
  if (locate == NULL || (target == NULL && target_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  err = ask_find_type(locate, id, SIPWS_QUESTION_SRV, &index);
  if (err != 0) {
    return err;
  }
  index -= SIPWS__LOCATE_SRV;
  if (target_len == 0 || (target_len == 1 && target[0] == '.')) {
    locate->search.routes[index].is_denied = 1;
  } else if (port > 0 &&
             sipws__locate_set_name(&name, target, target_len) == 0) {
    (void)sipws__locate_keep_place(locate, index, priority, weight, port,
                                   &name);
  }
  return 0;
}

int sipws_locate_add_address(sipws_locate *locate, uint32_t id,
                             const uint8_t *addr, size_t addr_len) {
  struct sipws__locate_place *place;
  uint32_t index, family, i;
  int err;
  if (locate == NULL || addr == NULL || (addr_len != 4 && addr_len != 16)) {
    return SIPWS_ERR_INVALID;
  }
  err = ask_find_type(locate, id,
                      addr_len == 4 ? SIPWS_QUESTION_A : SIPWS_QUESTION_AAAA,
                      &index);
  if (err != 0) {
    return err;
  }
  index -= SIPWS__LOCATE_ADDRESS;
  family = index % 2;
  place = sipws__locate_place_at(&locate->search, index / 2);
  for (i = 0; i < place->count[family]; i++) {
    if (memcmp(place->addr[family][i], addr, addr_len) == 0) {
      return 0;
    }
  }
  if (i < SIPWS__LOCATE_ADDRESSES) {
    memcpy(place->addr[family][i], addr, addr_len);
    place->count[family]++;
  }
  return 0;
}

int sipws_locate_answered(sipws_locate *locate, uint32_t id, int failed) {
  uint32_t index;
  int err;
  if (locate == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = ask_find(locate, id, &index);
  if (err == 0) {
    locate->search.asked[index] = SIPWS__LOCATE_ANSWERED;
    locate->search.failures += failed != 0;
    sipws__locate_advance(locate);
  }
  return err;
}

uint32_t sipws_locate_failures(const sipws_locate *locate) {
  return locate != NULL ? locate->search.failures : 0;
}
