/* front: lists of trusted addresses. */
#include "sipws_front_trust.h"
#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

/* ---- addresses ---- */

/* What follows the last colon: all of an IPv4 address, or the part of an IPv6
 * address that may be decimal. */
static sipws_span trust_tail(const char *text, sipws_span span) {
  uint32_t end = span.off + span.len;
  uint32_t at = end;
  while (at > span.off && text[at - 1] != ':') {
    at--;
  }
  return sipws__text_span(at, end);
}

size_t sipws__front_address(const char *text, sipws_span span,
                            uint8_t addr[16]) {
  char canonical[SIPWS__ADDRESS_MAX];
  uint8_t decimals[16];
  sipws_span tail;
  size_t len;
  if (span.len == 0 || text[span.off] == '[') {
    return 0;
  }
  tail = trust_tail(text, span);
  if (sipws__host_address(text, tail, decimals) == 4) {
    len = sipws__host_write_address(decimals, 4, canonical);
    if (!sipws__text_same(text + tail.off, tail.len, canonical, len)) {
      return 0;
    }
  }
  return sipws__host_address(text, span, addr);
}

/* A network; of a single address |bits| are all it has. No octets: "unix". */
struct trust_net {
  uint8_t addr[16];
  size_t len;
  uint32_t bits;
};

static uint32_t trust_bit(const uint8_t *addr, uint32_t i) {
  return (uint32_t)addr[i / 8] >> (7 - i % 8) & 1;
}

static void trust_unmap(struct trust_net *net) {
  if (net->len == 16 && sipws__host_is_mapped(net->addr)) {
    memmove(net->addr, net->addr + SIPWS__MAPPED_PREFIX, 4);
    net->len = 4;
    net->bits -= 8 * SIPWS__MAPPED_PREFIX;
  }
}

/* ---- entries ---- */

static int trust_is_separator(char c) {
  return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int sipws__front_next_entry(const char *list, size_t len, size_t *pos,
                            sipws_span *entry) {
  size_t at = *pos;
  size_t start;
  while (at < len && trust_is_separator(list[at])) {
    at++;
  }
  start = at;
  while (at < len && !trust_is_separator(list[at])) {
    at++;
  }
  *pos = at;
  *entry = sipws__text_span(start, at);
  return at > start;
}

/* 1 when |entry| is in order. */
static int trust_read(const char *list, sipws_span entry,
                      struct trust_net *net) {
  const char *slash = memchr(list + entry.off, '/', entry.len);
  uint32_t end = entry.off + entry.len;
  uint32_t i;
  memset(net, 0, sizeof *net);
  if (sipws__text_is(list + entry.off, entry.len, "unix")) {
    return 1;
  }
  if (slash != NULL) {
    entry = sipws__text_span(entry.off, (size_t)(slash - list));
  }
  net->len = sipws__front_address(list, entry, net->addr);
  net->bits = 8 * (uint32_t)net->len;
  if (net->len == 0 ||
      (slash != NULL &&
       sipws__text_number(slash + 1, (size_t)(list + end - slash) - 1,
                          net->bits, &net->bits) != 0)) {
    return 0;
  }
  for (i = net->bits; i < 8 * net->len; i++) {
    if (trust_bit(net->addr, i)) {
      return 0;
    }
  }
  /* Mapped addresses have bits set up to the 96th: a prefix is no shorter. */
  trust_unmap(net);
  return 1;
}

static int trust_holds(const struct trust_net *net,
                       const struct trust_net *peer) {
  uint32_t i;
  if (net->len != peer->len) {
    return 0;
  }
  for (i = 0; i < net->bits; i++) {
    if (trust_bit(net->addr, i) != trust_bit(peer->addr, i)) {
      return 0;
    }
  }
  return 1;
}

/* ---- lists ---- */

int sipws_trust_check(const char *list, size_t len, sipws_span *bad) {
  struct trust_net net;
  sipws_span entry;
  size_t pos = 0;
  if ((list == NULL && len > 0) || len > SIPWS__SIP_MAX) {
    return SIPWS_ERR_INVALID;
  }
  while (sipws__front_next_entry(list, len, &pos, &entry)) {
    if (!trust_read(list, entry, &net)) {
      if (bad != NULL) {
        *bad = entry;
      }
      return SIPWS_ERR_SYNTAX;
    }
  }
  return 0;
}

int sipws_trust_has(const char *list, size_t len, const uint8_t *addr,
                    size_t addr_len) {
  struct trust_net net, peer;
  sipws_span entry;
  size_t pos = 0;
  if ((list == NULL && len > 0) || len > SIPWS__SIP_MAX ||
      (addr == NULL && addr_len > 0) ||
      (addr_len != 0 && addr_len != 4 && addr_len != 16)) {
    return 0;
  }
  memset(&peer, 0, sizeof peer);
  if (addr_len > 0) {
    memcpy(peer.addr, addr, addr_len);
  }
  peer.len = addr_len;
  peer.bits = 8 * (uint32_t)addr_len;
  trust_unmap(&peer);
  while (sipws__front_next_entry(list, len, &pos, &entry)) {
    if (trust_read(list, entry, &net) && trust_holds(&net, &peer)) {
      return 1;
    }
  }
  return 0;
}
