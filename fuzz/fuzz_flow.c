/* Flow tokens and what else a flow has: a token is good for its connection and
 * its key as it was written, and after any change, be it of one bit, for
 * nothing; delays keep their bounds; an instance is read back from the Contact
 * that carries it. */
#include "fuzz.h"

#include <sipws/front.h>
#include <sipws/sip.h>

#define PART 32

/* A connection's ends and its id, from the input. */
struct flow {
  uint64_t id;
  uint8_t octets[PART]; /* peer and local address */
  size_t addr_len;
  uint16_t port;
};

static uint32_t number(struct fuzz_input *input) {
  uint32_t sum = 0;
  int i;
  for (i = 0; i < 4; i++) {
    sum = sum << 8 | fuzz_octet(input);
  }
  return sum;
}

static void fill(struct fuzz_input *input, uint8_t *out, size_t out_len) {
  size_t i;
  for (i = 0; i < out_len; i++) {
    out[i] = fuzz_octet(input);
  }
}

static int match(const uint8_t *key, size_t key_len, const char *token,
                 size_t len, const struct flow *flow) {
  return sipws_flow_match(key, key_len, token, len, flow->id, flow->octets,
                          flow->addr_len, flow->port, flow->octets + 16,
                          flow->addr_len, 443);
}

static void tokens(struct fuzz_input *input) {
  static const size_t lens[3] = {0, 4, 16};
  uint8_t key[64];
  size_t key_len = 16 + fuzz_octet(input) % 49;
  char token[SIPWS_FLOW_TOKEN_LEN], changed[SIPWS_FLOW_TOKEN_LEN];
  struct flow flow, other;
  uint64_t id = 0;
  size_t len, at, i;
  fill(input, key, sizeof key);
  memset(&flow, 0, sizeof flow);
  flow.id = (uint64_t)number(input) << 32 | number(input);
  flow.addr_len = lens[fuzz_octet(input) % 3];
  flow.port = (uint16_t)number(input);
  fill(input, flow.octets, sizeof flow.octets);
  must(sipws_flow_token(key, key_len, flow.id, flow.octets, flow.addr_len,
                        flow.port, flow.octets + 16, flow.addr_len, 443, token,
                        sizeof token, &len) == 0);
  must(len == sizeof token);
  must(sipws_flow_check(key, key_len, token, len, &id) == 0 && id == flow.id);
  must(match(key, key_len, token, len, &flow) == 0);
  /* another connection */
  other = flow;
  other.id ^= (uint64_t)1 << (fuzz_octet(input) & 63);
  must(match(key, key_len, token, len, &other) == SIPWS_ERR_DEAD);
  other = flow;
  other.port ^= (uint16_t)(1u << (fuzz_octet(input) & 15));
  must(match(key, key_len, token, len, &other) == SIPWS_ERR_DEAD);
  /* another text: up to four octets changed, or cut */
  memcpy(changed, token, len);
  for (i = 0; i < 4; i++) {
    at = fuzz_octet(input) % len;
    changed[at] = (char)(changed[at] ^ fuzz_octet(input));
  }
  must(sipws_flow_check(key, key_len, changed, len, &id) ==
       (memcmp(changed, token, len) == 0 ? 0 : SIPWS_ERR_TAMPERED));
  must(sipws_flow_check(key, key_len, token, at, &id) == SIPWS_ERR_TAMPERED);
  /* another key */
  key[at % key_len] ^= 1;
  must(sipws_flow_check(key, key_len, token, len, &id) == SIPWS_ERR_TAMPERED);
}

/* |base| doubled |times| times, at most |max|, without overflow. */
static uint64_t doubled(uint64_t base, uint32_t times, uint64_t max) {
  while (times > 0 && base < max && base > 0) {
    base *= 2;
    times--;
  }
  return base < max ? base : max;
}

static void delays(struct fuzz_input *input) {
  uint32_t failures = number(input);
  uint32_t base = number(input);
  uint32_t max = number(input);
  uint32_t random = number(input);
  uint64_t most = doubled(base, failures, max);
  uint32_t ms = sipws_flow_retry_ms(failures, base, max, random);
  must(ms <= most && ms >= most / 2);
  ms = sipws_flow_interval_ms(base, random);
  must(ms <= base && ms >= (uint64_t)base * 8 / 10);
  ms = sipws_backoff_ms(failures, base, max, random);
  most = doubled(base, failures > 0 ? failures - 1 : 0, max);
  must(failures == 0 ? ms == 0 : ms <= most);
  must(failures < 2 || ms >= most / 2);
}

/* "<sip:a@b>;+sip.instance=…;reg-id=…" as built, and as the input has it. */
static void contact(struct fuzz_input *input) {
  char text[128] = "<sip:a@b>;+sip.instance=\"<";
  uint8_t seed[16];
  char *copy;
  size_t len = 26;
  size_t urn_len;
  sipws_span value, instance;
  sipws_name_addr addr;
  uint32_t reg_id;
  fill(input, seed, sizeof seed);
  must(sipws_instance_build(seed, text + len, sizeof text - len, &urn_len) ==
       0);
  must(urn_len == SIPWS_INSTANCE_LEN);
  memcpy(text + len + urn_len, ">\";reg-id=7", 11);
  value.off = 0;
  value.len = (uint32_t)(len + urn_len + 11);
  addr.struct_size = sizeof addr;
  must(sipws_name_addr_parse(text, &value, &addr) == 0);
  must(sipws_contact_flow(text, &addr, &instance, &reg_id) == 0);
  must(reg_id == 7 && instance.off == len && instance.len == urn_len);
  value.len = (uint32_t)input->left;
  copy = fuzz_copy(input->at, input->left);
  if (sipws_name_addr_parse(copy, &value, &addr) == 0 &&
      sipws_contact_flow(copy, &addr, &instance, &reg_id) == 0) {
    must_lie(instance, input->left);
    must(reg_id <= 0x7fffffff && (reg_id == 0 || instance.len > 4));
    must(instance.len == 0 || (copy[instance.off] | 0x20) == 'u');
  }
  free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  tokens(&input);
  delays(&input);
  contact(&input);
  return 0;
}
