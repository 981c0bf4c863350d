/* A DNS zone as data, and a resolver that answers the questions of a search
 * from it, in whichever order a test wants. */
#ifndef SIPWS_TEST_ZONE_H
#define SIPWS_TEST_ZONE_H

#include "support.h"

#include <sipws/locate.h>

#include <arpa/inet.h>

/* One record. */
struct record {
  int type; /* sipws_question; 0 ends a zone */
  const char *owner;
  uint16_t first;  /* NAPTR: order; SRV: priority */
  uint16_t second; /* NAPTR: preference; SRV: weight */
  uint16_t port;
  const char *value; /* NAPTR: replacement; SRV: target; an address; NULL: the
                        lookup fails */
  const char *flags, *service, *regexp;
};

#define RULE(owner, order, preference, flags, service, regexp, value)          \
  {                                                                            \
    SIPWS_QUESTION_NAPTR, owner, order, preference, 0, value, flags, service,  \
        regexp                                                                 \
  }
#define NAPTR(owner, order, preference, service, value)                        \
  RULE(owner, order, preference, "s", service, "", value)
#define SRV(owner, priority, weight, port, value)                              \
  { SIPWS_QUESTION_SRV, owner, priority, weight, port, value, "", "", "" }
#define A(owner, value)                                                        \
  { SIPWS_QUESTION_A, owner, 0, 0, 0, value, "", "", "" }
#define AAAA(owner, value)                                                     \
  { SIPWS_QUESTION_AAAA, owner, 0, 0, 0, value, "", "", "" }
#define FAILURE(type, owner)                                                   \
  { SIPWS_QUESTION_##type, owner, 0, 0, 0, NULL, "", "", "" }
#define END                                                                    \
  { 0, NULL, 0, 0, 0, NULL, NULL, NULL, NULL }

/* Which of the open questions is answered at each step; {0} is the order in
 * which they were asked. */
struct zone_order {
  uint32_t step[64]; /* the choice … */
  uint32_t of[64];   /* … of so many */
  uint32_t count;
};

/* What a search asked and found: texts of lines "SRV _sip._ws.example.com" and
 * "ws example.com:80 192.0.2.1 edge.example.com". */
struct zone_result {
  char questions[8192];
  char targets[8192];
  uint32_t question_count;
  uint32_t target_count;
};

static inline void zone_add(sipws_locate *locate, uint32_t id,
                            const struct record *record) {
  const char *value = record->value;
  size_t len = strlen(value);
  /* the end of what is given cannot be read past */
  char *guarded = test_guarded(value, len);
  uint8_t addr[16];
  int is_ipv4 = record->type == SIPWS_QUESTION_A;
  switch (record->type) {
  case SIPWS_QUESTION_NAPTR:
    assert_int_equal(sipws_locate_add_naptr(
                         locate, id, record->first, record->second,
                         record->flags, strlen(record->flags), record->service,
                         strlen(record->service), record->regexp,
                         strlen(record->regexp), guarded, len),
                     0);
    break;
  case SIPWS_QUESTION_SRV:
    assert_int_equal(sipws_locate_add_srv(locate, id, record->first,
                                          record->second, record->port, guarded,
                                          len),
                     0);
    break;
  default:
    assert_int_equal(inet_pton(is_ipv4 ? AF_INET : AF_INET6, value, addr), 1);
    assert_int_equal(
        sipws_locate_add_address(locate, id, addr, is_ipv4 ? 4 : 16), 0);
  }
  test_guarded_free(guarded, len);
}

/* A question that was taken and not answered yet. */
struct zone_question {
  uint32_t id;
  int type;
  char name[256];
};

static inline void zone_answer(sipws_locate *locate, const struct record *zone,
                               const struct zone_question *question) {
  int failed = 0;
  for (; zone->type != 0; zone++) {
    if (zone->type == question->type &&
        strcmp(zone->owner, question->name) == 0) {
      if (zone->value == NULL) {
        failed = 1;
      } else {
        zone_add(locate, question->id, zone);
      }
    }
  }
  assert_int_equal(sipws_locate_answered(locate, question->id, failed), 0);
}

/* Takes the next question; 0 when there is none now. */
static inline int zone_next_question(sipws_locate *locate,
                                     struct zone_question *question) {
  const char *name;
  size_t len;
  int err = sipws_locate_next_question(locate, &question->id, &question->type,
                                       &name, &len);
  if (err != 0) {
    assert_int_equal(err, SIPWS_ERR_NOT_FOUND);
    return 0;
  }
  assert_in_range(len, 1, 253);
  memcpy(question->name, name, len);
  question->name[len] = '\0';
  return 1;
}

static inline void zone_note_question(struct zone_result *result,
                                      const struct zone_question *question) {
  size_t len = strlen(result->questions);
  const char *type = question->type == SIPWS_QUESTION_NAPTR  ? "NAPTR"
                     : question->type == SIPWS_QUESTION_SRV  ? "SRV"
                     : question->type == SIPWS_QUESTION_AAAA ? "AAAA"
                                                             : "A";
  snprintf(result->questions + len, sizeof result->questions - len, "%s %s\n",
           type, question->name);
  result->question_count++;
}

static inline void zone_note_target(struct zone_result *result,
                                    const sipws_target *target) {
  static const char *const transports[] = {"other", "udp", "tcp",
                                           "tls",   "ws",  "wss"};
  size_t len = strlen(result->targets);
  char addr[INET6_ADDRSTRLEN];
  assert_non_null(inet_ntop(target->addr_len == 4 ? AF_INET : AF_INET6,
                            target->addr, addr, sizeof addr));
  assert_in_range(target->transport, 1, 5);
  snprintf(result->targets + len, sizeof result->targets - len,
           "%s %.*s:%u %s %.*s\n", transports[target->transport],
           (int)target->host_len, target->host, (unsigned)target->port, addr,
           (int)target->server_len, target->server);
  result->target_count++;
}

/* Runs the search that was begun to its end. */
static inline void zone_run(sipws_locate *locate, const struct record *zone,
                            struct zone_order *order,
                            struct zone_result *result) {
  struct zone_question open[64];
  uint32_t count = 0;
  uint32_t steps = 0;
  sipws_target target;
  int err;
  memset(result, 0, sizeof *result);
  target.struct_size = sizeof target;
  for (;;) {
    while ((err = sipws_locate_next_target(locate, &target)) == 0) {
      zone_note_target(result, &target);
    }
    if (err == SIPWS_ERR_NOT_FOUND) {
      break;
    }
    assert_int_equal(err, SIPWS_ERR_AGAIN);
    while (zone_next_question(locate, &open[count])) {
      zone_note_question(result, &open[count++]);
      assert_in_range(count, 1, 63);
    }
    assert_int_not_equal(count, 0);
    order->step[steps] = steps < order->count ? order->step[steps] : 0;
    order->of[steps] = count;
    err = (int)order->step[steps++];
    zone_answer(locate, zone, &open[err]);
    memmove(open + err, open + err + 1,
            (--count - (uint32_t)err) * sizeof *open);
  }
  order->count = steps;
}

/* Goes on to the next order; 0 when all were tried. */
static inline int zone_next_order(struct zone_order *order) {
  while (order->count > 0) {
    uint32_t last = order->count - 1;
    if (order->step[last] + 1 < order->of[last]) {
      order->step[last]++;
      return 1;
    }
    order->count = last;
  }
  return 0;
}

#endif /* SIPWS_TEST_ZONE_H */
