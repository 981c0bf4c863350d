/* RFC 3263 against a DNS that the input invents: what a question is answered
 * with depends on its name and type and on the input, so that answers may loop,
 * flood, and contradict. Asked in any order, the search asks each question once
 * and not too many, ends, and finds the same targets; it lives in one
 * allocation. */
#include "heap.h"

#include <sipws/locate.h>

#define QUESTIONS_MAX 41
#define OPEN_MAX 32
#define TARGETS_MAX (16 * 16)

static const char *const names[] = {"example.com",
                                    "a.example.com",
                                    "_sip._ws.example.com",
                                    "b.example.com.",
                                    ".",
                                    "",
                                    "x..y",
                                    "c.example.net",
                                    "_sips._wss.example.com",
                                    "EXAMPLE.com",
                                    "-",
                                    "_sips._ws.example.com",
                                    "a.b.c.d.e.f.test",
                                    "192.0.2.1",
                                    "_tcp.example.com",
                                    "host"};
static const char *const services[] = {"SIP+D2W", "SIPS+D2W", "sip+d2w",
                                       "SIP+D2U", "",         "SIPS+D2T"};
static const char *const uris[] = {
    "sip:a@example.com",           "sips:a@example.com",
    "sip:a.example.com:5062",      "sip:example.com;transport=ws",
    "sip:[2001:db8::1]",           "sips:example.com;transport=ws",
    "sip:192.0.2.7;transport=tcp", "sip:b.example.com;maddr=example.com"};

/* The zone: octets of the input, walked in circles. */
struct zone {
  const uint8_t *octets;
  size_t len;
};

struct search {
  sipws_locate *locate;
  const struct zone *zone;
  uint32_t asked;
  uint32_t open_count;
  struct {
    uint32_t id;
    int type;
    const char *name;
    size_t name_len;
  } open[OPEN_MAX];
  uint32_t found;
  sipws_target targets[TARGETS_MAX];
};

/* The same draws each time. */
static int draw(uint8_t *out, size_t len, void *user) {
  const struct zone *zone = user;
  size_t i;
  for (i = 0; i < len; i++) {
    out[i] = zone->len > 0 ? zone->octets[i % zone->len] : 0;
  }
  return 0;
}

/* The priority of a server in this DNS, so that order can be told by the
 * targets alone. */
static uint16_t priority(size_t name_len, uint32_t port) {
  return (uint16_t)((name_len + port) & 3);
}

static void add_record(struct search *search, uint32_t id, int type,
                       uint32_t *row) {
  uint32_t what = fuzz_draw(row);
  const char *name = names[what % 16];
  uint16_t first = (uint16_t)(what >> 4 & 3);
  uint16_t second = (uint16_t)(what >> 6 & 3);
  uint8_t addr[16];
  memset(addr, (int)(what & 15), sizeof addr);
  if (type == SIPWS_QUESTION_NAPTR) {
    const char *service = services[fuzz_draw(row) % 6];
    const char *flags = (what >> 8 & 7) != 0 ? "s" : "a";
    must(sipws_locate_add_naptr(search->locate, id, first, second, flags, 1,
                                service, strlen(service), "!",
                                (what >> 11 & 7) == 7, name,
                                strlen(name)) == 0);
  } else if (type == SIPWS_QUESTION_SRV) {
    uint16_t port = (uint16_t)(what >> 8 & 3);
    size_t len = strlen(name);
    first = priority(len - (len > 0 && name[len - 1] == '.'), port);
    must(sipws_locate_add_srv(search->locate, id, first, second, port, name,
                              len) == 0);
  } else {
    must(sipws_locate_add_address(search->locate, id, addr,
                                  type == SIPWS_QUESTION_A ? 4 : 16) == 0);
  }
}

/* Gives the |at|th open question its answer, which the zone and its text make.
 */
static void answer(struct search *search, uint32_t at) {
  const struct zone *zone = search->zone;
  uint32_t id = search->open[at].id;
  uint32_t row = (uint32_t)search->open[at].type;
  uint32_t count;
  size_t i;
  for (i = 0; i < search->open[at].name_len; i++) {
    row = row * 31 + (uint8_t)(search->open[at].name[i] | 0x20);
  }
  row ^= zone->len > 0 ? (uint32_t)zone->octets[row % zone->len] << 8 : 0;
  count = fuzz_draw(&row);
  count = (count & 15) == 15 ? count >> 4 & 63 : count & 7;
  while (count-- > 0) {
    add_record(search, id, search->open[at].type, &row);
  }
  must(sipws_locate_answered(search->locate, id, fuzz_draw(&row) % 8 == 0) ==
       0);
  must(sipws_locate_answered(search->locate, id, 0) == SIPWS_ERR_NOT_FOUND);
  search->open[at] = search->open[--search->open_count];
}

static void ask(struct search *search) {
  uint32_t id;
  int type;
  const char *name;
  size_t len, i;
  while (sipws_locate_next_question(search->locate, &id, &type, &name, &len) ==
         0) {
    must(++search->asked <= QUESTIONS_MAX && search->open_count < OPEN_MAX);
    must(len > 0 && len <= 253 && name[len - 1] != '.');
    for (i = 0; i < search->open_count; i++) {
      must(search->open[i].id != id);
    }
    search->open[search->open_count].id = id;
    search->open[search->open_count].type = type;
    search->open[search->open_count].name = name;
    search->open[search->open_count++].name_len = len;
  }
}

static void must_be_ordered(const struct search *search) {
  uint32_t i;
  for (i = 1; i < search->found; i++) {
    const sipws_target *a = &search->targets[i - 1];
    const sipws_target *b = &search->targets[i];
    must(priority(a->server_len, a->port) <= priority(b->server_len, b->port));
  }
}

/* Searches; |order| chooses which open question is answered next. */
static void run(struct search *search, const char *text, int secure,
                struct fuzz_input *order) {
  sipws_target target;
  sipws_span span;
  sipws_uri uri;
  int err;
  span.off = 0;
  span.len = (uint32_t)strlen(text);
  uri.struct_size = sizeof uri;
  target.struct_size = sizeof target;
  search->asked = search->open_count = search->found = 0;
  must(sipws_uri_parse(text, &span, &uri) == 0);
  err = sipws_locate_uri(search->locate, text, &uri, secure);
  if (err != 0) {
    must(err == SIPWS_ERR_NOT_FOUND);
    return;
  }
  do {
    err = sipws_locate_next_target(search->locate, &target);
    if (err == 0) {
      must(search->found < TARGETS_MAX);
      must(target.port > 0 && target.port <= 65535);
      must(target.addr_len == 4 || target.addr_len == 16);
      must((!secure && uri.scheme == SIPWS_SCHEME_SIP) ||
           target.transport == SIPWS_TRANSPORT_WSS ||
           target.transport == SIPWS_TRANSPORT_TLS);
      search->targets[search->found++] = target;
    } else if (err == SIPWS_ERR_AGAIN) {
      ask(search);
      must(search->open_count > 0);
      answer(search, fuzz_octet(order) % search->open_count);
    }
  } while (err == 0 || err == SIPWS_ERR_AGAIN);
  must(err == SIPWS_ERR_NOT_FOUND);
  must(sipws_locate_failures(search->locate) <= search->asked);
  if (uri.has_transport && !secure && uri.scheme == SIPWS_SCHEME_SIP) {
    must_be_ordered(search); /* one SRV question, so one order */
  }
}

static void must_be_same(const struct search *a, const struct search *b) {
  uint32_t i;
  must(a->found == b->found);
  for (i = 0; i < a->found; i++) {
    const sipws_target *x = &a->targets[i];
    const sipws_target *y = &b->targets[i];
    must(x->transport == y->transport && x->port == y->port &&
         x->addr_len == y->addr_len &&
         memcmp(x->addr, y->addr, x->addr_len) == 0);
    must(x->host_len == y->host_len && x->server_len == y->server_len &&
         memcmp(x->server, y->server, x->server_len) == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct search first, second;
  struct fuzz_heap heap = {0};
  struct fuzz_input input, none;
  struct zone zone;
  sipws_config *config;
  const char *uri;
  size_t base;
  int secure;
  input.at = data;
  input.left = size;
  none.left = 0;
  uri = uris[fuzz_octet(&input) & 7];
  secure = fuzz_octet(&input) & 1;
  zone.octets = fuzz_octets(&input, fuzz_octet(&input), &zone.len);
  must(sipws_config_new(fuzz_alloc, &heap, &config) == 0);
  must(sipws_config_set_random(config, draw, &zone) == 0);
  base = heap.live;
  heap.bound = base + sipws_locate_footprint();
  must(sipws_locate_new(config, &first.locate) == 0);
  must(heap.live == heap.bound); /* and nothing beside it from now on */
  if (input.left & 4) {
    must(sipws_locate_add_service(first.locate, "SIP+D2W", 7, "_sip._ws", 8,
                                  SIPWS_TRANSPORT_WS, 8080) == 0);
    must(sipws_locate_add_service(first.locate, "SIPS+D2T", 8, "_sips._tcp", 10,
                                  SIPWS_TRANSPORT_TLS, 5061) == 0);
  }
  must(sipws_locate_set_families(first.locate, (int)(input.left & 3)) == 0);
  first.zone = second.zone = &zone;
  second.locate = first.locate;
  run(&first, uri, secure, &none);
  run(&second, uri, secure, &input);
  must_be_same(&first, &second);
  sipws_locate_free(first.locate);
  must(heap.live == base);
  sipws_config_free(config);
  return 0;
}
