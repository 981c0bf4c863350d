/* front: what its files share. */
#ifndef SIPWS_FRONT_TRUST_H
#define SIPWS_FRONT_TRUST_H

#include <sipws/front.h>

/* Walks a list of entries separated by commas or white space: the one at |*pos|
 * or behind it; |*pos|, 0 at first, moves behind that. 1, or 0 at the end. */
int sipws__front_next_entry(const char *list, size_t len, size_t *pos,
                            sipws_span *entry);

/* The address that |span| is, without brackets, and without leading zeros in
 * its decimals ("010" is 10 to some and 8 to others): 4 or 16, or 0 when it is
 * none. */
size_t sipws__front_address(const char *text, sipws_span span,
                            uint8_t addr[16]);

/* 1 when |proto| is https or wss. */
int sipws__front_is_secure(const char *text, sipws_span proto);

/* The hop that sent a PROXY header, and what it said of itself. */
struct sipws__front_hop {
  uint8_t addr[16]; /* the transport's peer */
  uint8_t addr_len;
  uint8_t was_secure;  /* the connection was secure before the header came */
  uint8_t told_tls;    /* the client came over TLS */
  uint8_t told_client; /* the connection's peer is what the header says */
  uint16_t port;
};

/* NULL when no PROXY header was read on |conn|. */
const struct sipws__front_hop *sipws__front_hop(const sipws_conn *conn);

#endif /* SIPWS_FRONT_TRUST_H */
