/* locate: what the files of the search for a server share. */
#ifndef SIPWS_LOCATE_ROOM_H
#define SIPWS_LOCATE_ROOM_H

#include "sipws_config.h"

#include <sipws/locate.h>

#define SIPWS__LOCATE_SERVICES 8  /* services of the caller's */
#define SIPWS__LOCATE_ROUTES 8    /* names to ask SRV of */
#define SIPWS__LOCATE_PLACES 16   /* servers */
#define SIPWS__LOCATE_ADDRESSES 8 /* of one name and family */

/* Families, as indices; the last bit of sipws_families says which is first. */
#define SIPWS__LOCATE_IPV6 0u
#define SIPWS__LOCATE_IPV4 1u

/* Questions, as indices: NAPTR, SRV of each route, AAAA and A of each place. */
#define SIPWS__LOCATE_SRV 1u
#define SIPWS__LOCATE_ADDRESS (SIPWS__LOCATE_SRV + SIPWS__LOCATE_ROUTES)
#define SIPWS__LOCATE_QUESTIONS                                                \
  (SIPWS__LOCATE_ADDRESS + 2u * SIPWS__LOCATE_PLACES)

/* A domain name without its final dot: 253 octets (RFC 1035 section 2.3.4). */
struct sipws__locate_name {
  uint8_t len;
  char text[253];
};

struct sipws__locate_service {
  uint16_t port; /* its default one */
  uint8_t transport;
  uint8_t service_len;
  uint8_t label_len;
  char service[32];
  char label[64];
};

/* A way to servers: a transport, and the name to ask SRV of. */
struct sipws__locate_route {
  uint16_t order, preference; /* of its NAPTR record, if it has one */
  uint8_t service;            /* index */
  uint8_t is_denied;          /* a record with the target "." came */
  struct sipws__locate_name name;
};

/* A server: that of an SRV record, or the domain itself. */
struct sipws__locate_place {
  uint16_t priority, weight, port;
  uint8_t route; /* index */
  uint8_t host;  /* where in the order the first place of the same name is; it
                    has the addresses of both */
  uint8_t count[2];
  uint8_t addr[2][SIPWS__LOCATE_ADDRESSES][16]; /* by family */
  struct sipws__locate_name name;
};

enum sipws__locate_stage {
  SIPWS__LOCATE_IDLE = 0,     /* no search was begun */
  SIPWS__LOCATE_BY_NAPTR = 1, /* routes are gathered */
  SIPWS__LOCATE_BY_SRV = 2,   /* routes stand, places are gathered */
  SIPWS__LOCATE_BY_HOST = 3   /* places and their order stand */
};

/* Where a question stands. */
enum sipws__locate_asked {
  SIPWS__LOCATE_NEEDLESS = 0,
  SIPWS__LOCATE_TO_ASK = 1,
  SIPWS__LOCATE_ASKED = 2,
  SIPWS__LOCATE_ANSWERED = 3
};

struct sipws__locate_search {
  uint8_t stage;
  uint8_t transport; /* that the URI names, or SIPWS_TRANSPORT_OTHER */
  uint8_t secure;    /* secure services only */
  uint8_t asked[SIPWS__LOCATE_QUESTIONS];
  uint32_t failures;
  uint32_t draws[SIPWS__LOCATE_PLACES]; /* random, for weights */

  struct sipws__locate_name host; /* the TARGET of RFC 3263 section 4 */
  uint32_t route_count;
  struct sipws__locate_route routes[SIPWS__LOCATE_ROUTES]; /* in order */
  uint32_t place_count;
  uint8_t order[SIPWS__LOCATE_PLACES]; /* indices of places */
  struct sipws__locate_place places[SIPWS__LOCATE_PLACES];

  /* the next target */
  uint32_t at;      /* in |order| */
  uint32_t turn;    /* 0: of the first family; 1: of the other */
  uint32_t used[2]; /* addresses of that place handed out, by family */
};

struct sipws_locate {
  const sipws_config *config;
  uint32_t families;
  uint32_t has_own_services; /* the default list was replaced */
  uint32_t service_count;
  struct sipws__locate_service services[SIPWS__LOCATE_SERVICES];
  uint32_t generation; /* of the search; part of each id */
  struct sipws__locate_search search;
};

/* ---- sipws_locate.c ---- */

/* Sets |name|, dropping a final dot. SIPWS_ERR_SYNTAX if |text| is no name. */
int sipws__locate_set_name(struct sipws__locate_name *name, const char *text,
                           size_t len);

/* 1 for the transports inside TLS. */
int sipws__locate_is_secure(uint32_t transport);

/* The first service from |index| on with the transport, if that is not OTHER,
 * and the security given; service_count when there is none. */
uint32_t sipws__locate_find_service(const sipws_locate *locate, uint32_t index,
                                    uint32_t transport, int secure);

/* ---- sipws_locate_ask.c ---- */

/* Goes as far as the answers that are there allow; notes what is to be asked
 * next. */
void sipws__locate_advance(sipws_locate *locate);

/* 1 while the answer to question |index| is awaited. */
int sipws__locate_is_open(const struct sipws__locate_search *search,
                          uint32_t index);

/* ---- sipws_locate_order.c ---- */

/* Puts a route with a NAPTR record where it belongs, or drops it. */
void sipws__locate_keep_route(struct sipws__locate_search *search,
                              const struct sipws__locate_route *route);

/* Makes a place where it belongs, but for its weight; NULL when it is dropped
 * for better ones, or is there. */
struct sipws__locate_place *
sipws__locate_keep_place(sipws_locate *locate, uint32_t route,
                         uint16_t priority, uint16_t weight, uint16_t port,
                         const struct sipws__locate_name *name);

/* Orders places of one route and priority by weight. */
void sipws__locate_weigh(struct sipws__locate_search *search);

/* The place that is |at| in the order. */
struct sipws__locate_place *
sipws__locate_place_at(struct sipws__locate_search *search, uint32_t at);

#endif /* SIPWS_LOCATE_ROOM_H */
