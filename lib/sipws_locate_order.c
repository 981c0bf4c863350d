/* Which servers are kept, and in which order they are handed out. */
#include "sipws_locate.h"

#include "sipws_text.h"

#include <string.h>

void sipws__locate_keep_route(struct sipws__locate_search *search,
                              const struct sipws__locate_route *route) {
  struct sipws__locate_route *routes = search->routes;
  uint32_t at;
  /* RFC 3403 4.1: where a record of one order is of use, those of a higher one
   * must not be considered. */
  if (search->route_count > 0 && route->order != routes[0].order) {
    if (route->order > routes[0].order) {
      return;
    }
    search->route_count = 0;
  }
  at = search->route_count;
  while (at > 0 && routes[at - 1].preference > route->preference) {
    at--;
  }
  if (at == SIPWS__LOCATE_ROUTES) {
    return;
  }
  if (search->route_count < SIPWS__LOCATE_ROUTES) {
    search->route_count++;
  }
  memmove(routes + at + 1, routes + at,
          (search->route_count - 1 - at) * sizeof *routes);
  routes[at] = *route;
}

struct sipws__locate_place *
sipws__locate_place_at(struct sipws__locate_search *search, uint32_t at) {
  return &search->places[search->order[at]];
}

static uint32_t order_transport(const sipws_locate *locate, uint32_t route) {
  return locate->services[locate->search.routes[route].service].transport;
}

/* Where in the order the server is that is already there; place_count if it is
 * new. */
static uint32_t order_find(sipws_locate *locate, uint32_t route, uint16_t port,
                           const struct sipws__locate_name *name) {
  struct sipws__locate_search *search = &locate->search;
  uint32_t at;
  for (at = 0; at < search->place_count; at++) {
    const struct sipws__locate_place *place =
        sipws__locate_place_at(search, at);
    if (place->port == port &&
        order_transport(locate, place->route) ==
            order_transport(locate, route) &&
        sipws__text_equal(place->name.text, place->name.len, name->text,
                          name->len)) {
      break;
    }
  }
  return at;
}

/* 1 when |place| comes behind the route and priority given. */
static int order_is_behind(const struct sipws__locate_place *place,
                           uint32_t route, uint16_t priority) {
  return place->route > route ||
         (place->route == route && place->priority > priority);
}

struct sipws__locate_place *
sipws__locate_keep_place(sipws_locate *locate, uint32_t route,
                         uint16_t priority, uint16_t weight, uint16_t port,
                         const struct sipws__locate_name *name) {
  struct sipws__locate_search *search = &locate->search;
  uint32_t at = order_find(locate, route, port, name);
  struct sipws__locate_place *place;
  uint8_t index;
  if (at == search->place_count && at < SIPWS__LOCATE_PLACES) {
    search->order[at] = (uint8_t)at;
    search->place_count++;
  } else {
    /* It takes the turn of itself or, when all are taken, of the last. */
    at = at < search->place_count ? at : at - 1;
    if (!order_is_behind(sipws__locate_place_at(search, at), route, priority)) {
      return NULL;
    }
  }
  index = search->order[at];
  for (; at > 0 && order_is_behind(sipws__locate_place_at(search, at - 1),
                                   route, priority);
       at--) {
    search->order[at] = search->order[at - 1];
  }
  search->order[at] = index;
  place = &search->places[index];
  memset(place, 0, sizeof *place);
  place->route = (uint8_t)route;
  place->priority = priority;
  place->weight = weight;
  place->port = port;
  place->name = *name;
  return place;
}

/* The one of places |first| to |end| - 1 that RFC 2782 ("Weight") selects by
 * |draw|, a number of 32 random bits. */
static uint32_t order_pick(struct sipws__locate_search *search, uint32_t first,
                           uint32_t end, uint32_t draw) {
  uint32_t total = 0;
  uint32_t sum = 0;
  uint32_t number;
  uint32_t at;
  for (at = first; at < end; at++) {
    total += sipws__locate_place_at(search, at)->weight;
  }
  number = (uint32_t)((uint64_t)draw * (total + 1) >> 32); /* 0 to total */
  for (at = first; at < end; at++) {
    uint32_t weight = sipws__locate_place_at(search, at)->weight;
    sum += weight;
    /* Those of weight 0 count as first in the list: 0 selects one of them. */
    if (number == 0 ? weight == 0 : sum >= number) {
      return at;
    }
  }
  return first; /* 0, and none has weight 0 */
}

void sipws__locate_weigh(struct sipws__locate_search *search) {
  uint32_t first = 0;
  uint32_t end = 0;
  while (first < search->place_count) {
    const struct sipws__locate_place *place =
        sipws__locate_place_at(search, first);
    uint8_t picked;
    uint32_t at;
    while (end < search->place_count &&
           !order_is_behind(sipws__locate_place_at(search, end), place->route,
                            place->priority)) {
      end++;
    }
    at = order_pick(search, first, end, search->draws[first]);
    picked = search->order[at];
    memmove(search->order + first + 1, search->order + first, at - first);
    search->order[first++] = picked;
  }
}

/* ---- targets ---- */

static void order_fill(const sipws_locate *locate,
                       const struct sipws__locate_place *place, uint32_t family,
                       const uint8_t *addr, sipws_target *target) {
  const struct sipws__locate_name *host = &locate->search.host;
  memset(target, 0, sizeof *target);
  target->struct_size = sizeof *target;
  target->transport = order_transport(locate, place->route);
  target->port = place->port;
  target->addr_len = family == SIPWS__LOCATE_IPV6 ? 16 : 4;
  memcpy(target->addr, addr, target->addr_len);
  target->host_len = host->len;
  memcpy(target->host, host->text, host->len);
  target->server_len = place->name.len;
  memcpy(target->server, place->name.text, place->name.len);
}

int sipws_locate_next_target(sipws_locate *locate, sipws_target *target) {
  struct sipws__locate_search *search;
  int looked;
  if (locate == NULL || target == NULL ||
      target->struct_size != sizeof *target) {
    return SIPWS_ERR_INVALID;
  }
  search = &locate->search;
  if (search->stage != SIPWS__LOCATE_BY_HOST) {
    return search->stage == SIPWS__LOCATE_IDLE ? SIPWS_ERR_STATE
                                               : SIPWS_ERR_AGAIN;
  }
  while (search->at < search->place_count) {
    const struct sipws__locate_place *place =
        sipws__locate_place_at(search, search->at);
    const struct sipws__locate_place *host =
        sipws__locate_place_at(search, place->host);
    for (looked = 0; looked < 2; looked++) {
      /* RFC 8305 section 4: the families take turns. */
      uint32_t family = search->turn ^ (locate->families & 1u);
      if (sipws__locate_is_open(search, SIPWS__LOCATE_ADDRESS +
                                            2u * place->host + family)) {
        return SIPWS_ERR_AGAIN;
      }
      search->turn ^= 1;
      if (search->used[family] < host->count[family]) {
        order_fill(locate, place, family,
                   host->addr[family][search->used[family]++], target);
        return 0;
      }
    }
    search->at++;
    search->turn = 0;
    memset(search->used, 0, sizeof search->used);
  }
  return SIPWS_ERR_NOT_FOUND;
}
