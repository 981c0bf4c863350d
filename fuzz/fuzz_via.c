/* Via: what is read lies in its value and reads the same alone; what is built
 * reads back; prepend and remove undo one another; a parameter that was set is
 * there, the rest as before; a stamp says where the request came from, and a
 * second one changes nothing. The first octets choose all but the message. */
#include "strict.h"

#define OUT_SIZE 16384

static const uint8_t seed[16] = {1, 2, 3};

/* What the input asks for. */
struct plan {
  int choice;
  const uint8_t *addr;
  size_t addr_len;
  uint16_t port;
  char *text; /* host and params, or a parameter's value */
  size_t text_len;
  size_t cut; /* of |text|: what is the host */
};

static const char *msg;
static size_t len;

/* Tells what the parameter |name| of |via| is; NULL when it is not there. */
static const char *param(const char *text, const sipws_via *via,
                         const char *name, sipws_span *value) {
  return sipws_param(text, &via->params, name, strlen(name), value) == 0
             ? text + value->off
             : NULL;
}

static void read_via(const sipws_via *via) {
  char *alone = fuzz_copy(msg + via->value.off, via->value.len);
  sipws_span whole;
  sipws_via same;
  sipws_span value;
  whole.off = 0;
  whole.len = via->value.len;
  same.struct_size = sizeof same;
  must_lie(via->value, len);
  must(sipws_via_parse(alone, &whole, &same) == 0);
  must(same.transport == via->transport && same.port == via->port);
  must(same.host.off + via->value.off == via->host.off &&
       same.host.len == via->host.len && same.params.len == via->params.len);
  must(same.has_rport == via->has_rport && same.rport.len == via->rport.len);
  must(same.branch.len == via->branch.len && same.keep.len == via->keep.len);
  must(sipws_via_is_sent_by(msg, via, alone + same.host.off, same.host.len,
                            same.port) == 1);
  must(sipws_via_is_sent_by(msg, via, alone + same.host.off, same.host.len,
                            same.port + 1) == 0);
  must((param(alone, &same, "rport", &value) != NULL) == (int)same.has_rport);
  must((param(alone, &same, "keep", &value) != NULL) == (int)same.has_keep);
  must(same.port <= 65535 && same.host.len > 0);
  free(alone);
}

static void read_all(void) {
  uint32_t count = 0;
  uint32_t i;
  sipws_via via;
  via.struct_size = sizeof via;
  if (sipws_via_count(msg, len, &count) != 0) {
    return;
  }
  must(sipws_via_at(msg, len, count, &via) == SIPWS_ERR_NOT_FOUND);
  for (i = 0; i < count && i < 16; i++) {
    if (sipws_via_at(msg, len, i, &via) == 0) {
      read_via(&via);
    }
  }
}

/* A host made up from the input is one. */
static void make_host(const struct plan *plan) {
  static const char head[] = "SIP/2.0/WS ";
  char value[64];
  sipws_span whole;
  sipws_via via;
  size_t host_len;
  if (plan->addr_len != 16) {
    return;
  }
  memcpy(value, head, sizeof head - 1);
  must(sipws_random_host(plan->addr, value + sizeof head - 1, 40, &host_len) ==
       0);
  must(host_len == SIPWS_RANDOM_HOST_LEN);
  whole.off = 0;
  whole.len = (uint32_t)(sizeof head - 1 + host_len);
  via.struct_size = sizeof via;
  must(sipws_via_parse(value, &whole, &via) == 0 && via.host.len == host_len);
}

/* Builds a value, and puts it on top and off again. */
static void build(const struct plan *plan) {
  static char value[OUT_SIZE], out[OUT_SIZE], again[OUT_SIZE];
  size_t value_len, out_len, again_len;
  uint32_t count = 0;
  uint32_t more = 0;
  sipws_via via;
  via.struct_size = sizeof via;
  if (sipws_via_build(plan->choice & 1, plan->text, plan->cut, seed,
                      plan->text + plan->cut, plan->text_len - plan->cut, value,
                      OUT_SIZE, &value_len) != 0) {
    return;
  }
  must(sipws_via_prepend(msg, len, value, value_len, out, OUT_SIZE, &out_len) ==
       0);
  must(sipws_via_at(out, out_len, 0, &via) == 0);
  must(via.transport ==
       ((plan->choice & 1) != 0 ? SIPWS_TRANSPORT_WSS : SIPWS_TRANSPORT_WS));
  must(via.branch.len == SIPWS_BRANCH_LEN && via.host.len <= plan->cut &&
       memcmp(out + via.host.off, plan->text, via.host.len) == 0);
  must(via.params.len == 8 + SIPWS_BRANCH_LEN + plan->text_len - plan->cut);
  must(sipws_via_remove(out, out_len, again, OUT_SIZE, &again_len) == 0);
  must(again_len == len && memcmp(again, msg, len) == 0);
  if (sipws_via_count(msg, len, &count) == 0) {
    must(sipws_via_count(out, out_len, &more) == 0 && more == count + 1);
  }
}

static void set_param(const struct plan *plan) {
  static char out[OUT_SIZE], again[OUT_SIZE];
  const char *name = (plan->choice & 2) != 0 ? "keep" : "x-flow";
  size_t name_len = strlen(name);
  size_t out_len, again_len;
  sipws_via via, old;
  sipws_span value;
  via.struct_size = sizeof via;
  old.struct_size = sizeof old;
  if (sipws_via_set_param(msg, len, name, name_len, plan->text, plan->text_len,
                          out, OUT_SIZE, &out_len) != 0) {
    return;
  }
  must(sipws_via_at(msg, len, 0, &old) == 0);
  must(sipws_via_at(out, out_len, 0, &via) == 0);
  must(via.value.off == old.value.off && via.host.off == old.host.off &&
       via.host.len == old.host.len && via.branch.len == old.branch.len);
  must(param(out, &via, name, &value) != NULL);
  must(value.len == plan->text_len ||
       (plan->text[0] == '"' && value.len + 2 == plan->text_len));
  must(sipws_via_set_param(out, out_len, name, name_len, plan->text,
                           plan->text_len, again, OUT_SIZE, &again_len) == 0);
  must(again_len == out_len && memcmp(again, out, out_len) == 0);
}

static void stamp(const struct plan *plan) {
  static char out[OUT_SIZE], again[OUT_SIZE];
  int policy = plan->choice % 3;
  size_t addr_len = (plan->choice & 4) != 0 ? 4 : 16;
  size_t out_len, again_len;
  sipws_via via, old;
  via.struct_size = sizeof via;
  old.struct_size = sizeof old;
  if (plan->addr_len != 16 ||
      sipws_via_stamp(msg, len, policy, plan->addr, addr_len, plan->port, out,
                      OUT_SIZE, &out_len) != 0) {
    return;
  }
  must(sipws_via_stamp(out, out_len, policy, plan->addr, addr_len, plan->port,
                       again, OUT_SIZE, &again_len) == 0);
  must(again_len == out_len && memcmp(again, out, out_len) == 0);
  memset(again, 0x55, out_len);
  must(sipws_via_stamp(msg, len, policy, plan->addr, addr_len, plan->port,
                       again, out_len - 1, &again_len) == SIPWS_ERR_BUFFER);
  must(again_len == out_len && again[0] == 0x55);
  if (policy == SIPWS_RECEIVED_HIDE) {
    must(out_len == len && memcmp(out, msg, len) == 0);
    return;
  }
  must(sipws_via_at(msg, len, 0, &old) == 0);
  must(sipws_via_at(out, out_len, 0, &via) == 0);
  must(via.has_rport == old.has_rport && via.host.len == old.host.len &&
       via.branch.len == old.branch.len);
  must(!via.has_rport || via.rport.len > 0);
  must(via.received.len > 0 || policy == SIPWS_RECEIVED_DIFFERENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct plan plan;
  const uint8_t *text;
  sipws_sip_view view;
  char *copy;
  if (size > 4096) {
    return 0;
  }
  plan.choice = fuzz_octet(&input);
  plan.port = (uint16_t)(fuzz_octet(&input) << 8);
  plan.addr = fuzz_octets(&input, 16, &plan.addr_len);
  plan.cut = fuzz_octet(&input);
  text = fuzz_octets(&input, fuzz_octet(&input), &plan.text_len);
  plan.text = fuzz_copy(text, plan.text_len);
  plan.cut = plan.cut < plan.text_len ? plan.cut : plan.text_len;
  len = input.left;
  copy = fuzz_copy(input.at, len);
  msg = copy;
  view.struct_size = sizeof view;
  if (sipws_sip_parse(msg, len, &view) == 0) {
    read_all();
    make_host(&plan);
    build(&plan);
    set_param(&plan);
    stamp(&plan);
  }
  free(copy);
  free(plan.text);
  return 0;
}
