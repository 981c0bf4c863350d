/* What stands in front of a server: trust and Origin lists hold what one of
 * their entries holds; Forwarded, X-Forwarded-For, queries and cookies are
 * walked to their end, and an element alone reads as in its list;
 * percent-encoding decodes to what was encoded; a client is taken from a header
 * only by leave of the list. The first octets hold an address and cut the rest
 * in two. */
#include "fuzz.h"

#include <sipws/front.h>

#include <stdio.h>

#define OUT_SIZE 16384

struct text {
  char *at;
  size_t len;
};

static uint8_t addr[16];
static size_t addr_len;

/* The entries of |list|, one at a time, by another reader than the
 * library's. */
static size_t entry_at(const struct text *list, size_t *at) {
  size_t len = 0;
  while (*at < list->len && memchr(", \t\r\n", list->at[*at], 5) != NULL) {
    (*at)++;
  }
  while (*at + len < list->len &&
         memchr(", \t\r\n", list->at[*at + len], 5) == NULL) {
    len++;
  }
  return len;
}

static void lists(const struct text *list, const struct text *origin) {
  uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  sipws_span bad = {0, 0};
  int has = 0;
  int allowed = 0;
  size_t at = 0;
  size_t len;
  memcpy(mapped + 12, addr, 4);
  while ((len = entry_at(list, &at)) > 0) {
    has |= sipws_trust_has(list->at + at, len, addr, addr_len);
    allowed |=
        sipws_origin_is_allowed(list->at + at, len, origin->at, origin->len);
    at += len;
  }
  must(sipws_trust_has(list->at, list->len, addr, addr_len) == has);
  must(addr_len != 4 ||
       sipws_trust_has(list->at, list->len, mapped, 16) == has);
  must(sipws_origin_is_allowed(list->at, list->len, origin->at, origin->len) ==
       allowed);
  if (sipws_trust_check(list->at, list->len, &bad) != 0) {
    must_lie(bad, list->len);
    must(sipws_trust_has(list->at + bad.off, bad.len, addr, addr_len) == 0);
  }
}

typedef int next_fn(const char *text, sipws_span *list,
                    sipws_forwarded *element);

static void must_be_same(const sipws_forwarded *a, const sipws_forwarded *b) {
  must(a->addr_len == b->addr_len && a->port == b->port &&
       memcmp(a->addr, b->addr, a->addr_len) == 0);
  must(a->is_secure == b->is_secure && a->has_proto == b->has_proto &&
       a->for_node.len == b->for_node.len && a->host.len == b->host.len &&
       a->by.len == b->by.len && a->proto.len == b->proto.len);
}

static void elements(const struct text *text, next_fn *next) {
  sipws_forwarded element, same;
  sipws_span list = {0, 0};
  size_t before = 0;
  list.len = (uint32_t)text->len;
  element.struct_size = sizeof element;
  same.struct_size = sizeof same;
  while (next(text->at, &list, &element) == 0) {
    char *alone = fuzz_copy(text->at + before, list.off - before);
    sipws_span all = {0, 0};
    all.len = (uint32_t)(list.off - before);
    must(list.off > before && list.off + list.len == text->len);
    must(next(alone, &all, &same) == 0);
    must_be_same(&element, &same);
    must(next(alone, &all, &same) == SIPWS_ERR_NOT_FOUND);
    must_lie(element.for_node, text->len);
    must_lie(element.by, text->len);
    must_lie(element.host, text->len);
    must_lie(element.proto, text->len);
    must(element.port <= 65535 && (element.addr_len > 0 || element.port == 0));
    must(!element.is_secure || element.has_proto);
    before = list.off;
    free(alone);
  }
}

/* An address as a proxy writes it is that address. */
static void written(uint16_t port) {
  char text[80];
  sipws_forwarded element;
  sipws_span list = {0, 0};
  int len;
  if (addr_len == 0) {
    return;
  }
  len = addr_len == 4
            ? snprintf(text, sizeof text, "For=\"%u.%u.%u.%u:%u\"", addr[0],
                       addr[1], addr[2], addr[3], port)
            : snprintf(text, sizeof text,
                       "for=\"[%x:%x:%x:%x:%x:%x:%u.%u.%u.%u]:%u\"",
                       addr[0] << 8 | addr[1], addr[2] << 8 | addr[3],
                       addr[4] << 8 | addr[5], addr[6] << 8 | addr[7],
                       addr[8] << 8 | addr[9], addr[10] << 8 | addr[11],
                       addr[12], addr[13], addr[14], addr[15], port);
  list.len = (uint32_t)len;
  element.struct_size = sizeof element;
  must(sipws_forwarded_next(text, &list, &element) == 0);
  must(element.addr_len == addr_len && element.port == port &&
       memcmp(element.addr, addr, addr_len) == 0);
}

static void pairs(const struct text *text) {
  static char out[OUT_SIZE];
  sipws_span query = {0, 0};
  sipws_span cookies = {0, 0};
  sipws_span name, value;
  size_t out_len;
  query.len = cookies.len = (uint32_t)text->len;
  while (sipws_query_next(text->at, &query, &name, &value) == 0) {
    must_lie(name, text->len);
    must_lie(value, text->len);
    must(name.off + name.len <= value.off || value.len == 0);
    must(memchr(text->at + name.off, '&', name.len) == NULL);
    if (sipws_percent_decode(text->at + name.off, name.len, out, OUT_SIZE,
                             &out_len) == 0) {
      size_t need;
      char *wanted = fuzz_copy(out, out_len);
      must(sipws_query_get(text->at, text->len, wanted, out_len, out, OUT_SIZE,
                           &need) != SIPWS_ERR_NOT_FOUND);
      free(wanted);
    }
  }
  while (sipws_cookie_next(text->at, &cookies, &name, &value) == 0) {
    must_lie(name, text->len);
    must_lie(value, text->len);
    must(memchr(text->at + value.off, ';', value.len) == NULL);
    must(memchr(text->at + name.off, '=', name.len) == NULL);
  }
}

static void percent(const struct text *text) {
  static char encoded[OUT_SIZE];
  size_t i, len;
  for (i = 0; i < text->len; i++) {
    snprintf(encoded + 3 * i, 4, i % 2 ? "%%%02x" : "%%%02X",
             (uint8_t)text->at[i]);
  }
  must(sipws_percent_decode(encoded, 3 * i, encoded, OUT_SIZE, &len) == 0);
  must(len == text->len && memcmp(encoded, text->at, len) == 0);
}

/* A server asks who its client is. */
static void client(const struct text *list, const struct text *header) {
  static const char *const head[] = {"Host",      "h",          "Upgrade",
                                     "websocket", "Connection", "Upgrade"};
  sipws_config *config;
  sipws_conn *conn;
  sipws_client_info told;
  int source, i, err;
  must(sipws_config_new(NULL, NULL, &config) == 0);
  must(sipws_config_set_random(config, fuzz_same, NULL) == 0);
  must(sipws_server_new(config, NULL, 0, &conn) == 0);
  must(sipws_conn_set_peer(conn, addr, addr_len, 5060) == 0);
  must(sipws_conn_take_request(conn, "GET", 3, "/", 1, 0) == 0);
  for (i = 0; i < 6; i += 2) {
    must(sipws_conn_take_header(conn, head[i], strlen(head[i]), head[i + 1],
                                strlen(head[i + 1])) == 0);
  }
  err = sipws_conn_take_header(conn, "Forwarded", 9, header->at, header->len);
  if (err == 0) {
    must(sipws_conn_take_header(conn, "X-Forwarded-For", 15, header->at,
                                header->len) == 0);
    must(sipws_conn_take_header(conn, "X-Forwarded-Proto", 17, header->at,
                                header->len) == 0);
    must(sipws_conn_take_header(conn, "Sec-WebSocket-Key", 17,
                                "dGhlIHNhbXBsZSBub25jZQ==", 24) == 0);
    must(sipws_conn_take_header(conn, "Sec-WebSocket-Version", 21, "13", 2) ==
         0);
    must(sipws_conn_take_header(conn, "Sec-WebSocket-Protocol", 22, "sip", 3) ==
         0);
    must(sipws_conn_take_end(conn, 0) == 0);
  }
  for (source = 1; err == 0 && source <= 3; source++) {
    told.struct_size = sizeof told;
    must(sipws_conn_client(conn, list->at, list->len, source, &told) == 0);
    must(told.hop_addr_len == addr_len &&
         memcmp(told.hop_addr, addr, addr_len) == 0);
    must(told.source == SIPWS_CLIENT_DIRECT ||
         sipws_trust_has(list->at, list->len, addr, addr_len));
    must(told.source != SIPWS_CLIENT_DIRECT ||
         (told.addr_len == addr_len && told.port == 5060 && !told.is_secure));
  }
  sipws_conn_free(conn);
  sipws_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const size_t lens[4] = {4, 16, 0, 4};
  struct fuzz_input input = {data, size};
  struct text a, b;
  const uint8_t *octets;
  uint16_t port;
  size_t i;
  if (size > 2048) {
    return 0;
  }
  addr_len = lens[fuzz_octet(&input) & 3];
  for (i = 0; i < 16; i++) {
    addr[i] = fuzz_octet(&input);
  }
  port = (uint16_t)(fuzz_octet(&input) << 8 | 1);
  octets = fuzz_octets(&input, fuzz_octet(&input), &a.len);
  a.at = fuzz_copy(octets, a.len);
  b.len = input.left;
  b.at = fuzz_copy(input.at, b.len);
  lists(&a, &b);
  elements(&b, sipws_forwarded_next);
  elements(&b, sipws_x_forwarded_next);
  written(port);
  pairs(&b);
  percent(&b);
  client(&a, &b);
  free(a.at);
  free(b.at);
  return 0;
}
