#include "proxy_registrar.h"

#include <string.h>

#include "proxy_auth.h"
#include "proxy_bindings.h"

enum {
  REGISTRAR_EXPIRES_S = 3600,  /* the default, and the most that is granted */
  REGISTRAR_FLOW_TIMER_S = 120 /* how often an outbound client pings */
};

/* A REGISTER, read. */
struct registration {
  struct aor aor;
  struct binding contacts[BINDINGS_PER_AOR];
  int count;
  int is_star;
  int has_outbound;
  int has_reg_id;
  int hop_has_outbound; /* the first hop keeps the flow: us, or one with ob */
  char path[512];
};

/* ------------------------------------------------------------- reading -- */

/* How long it is wanted: its own parameter, else the header, else our default,
 * which RFC 3261 10.2.1.1 gives to broken values too. */
static uint32_t contact_expires(const struct message *request,
                                const sipws_name_addr *addr) {
  uint32_t expires = REGISTRAR_EXPIRES_S;
  sipws_span value;
  if (sipws_param(request->text, &addr->params, "expires", 7, &value) == 0) {
    (void)sipws_span_number(request->text, &value, &expires);
  } else {
    (void)sipws_sip_number(request->text, request->len, &request->view,
                           "Expires", 7, &expires);
  }
  return expires < REGISTRAR_EXPIRES_S ? expires : REGISTRAR_EXPIRES_S;
}

/* 0, or -1 when it is too long. */
static int contact_read_q(const struct message *request,
                          const sipws_name_addr *addr,
                          struct binding *contact) {
  sipws_span value;
  if (sipws_param(request->text, &addr->params, "q", 1, &value) != 0) {
    return 0;
  }
  return span_copy(request->text, &value, contact->q, sizeof contact->q);
}

static int contact_read(const struct message *request, struct registration *reg,
                        const sipws_name_addr *addr, struct binding *contact) {
  sipws_span whole = {0, addr->uri.len};
  sipws_span instance;
  memset(contact, 0, sizeof *contact);
  contact->aor = reg->aor;
  memcpy(contact->path, reg->path, sizeof contact->path);
  if (span_copy(request->text, &addr->uri, contact->contact,
                sizeof contact->contact) != 0 ||
      read_uri(contact->contact, &whole, &contact->contact_uri) != 0 ||
      contact->contact_uri.scheme == SIPWS_SCHEME_OTHER ||
      contact->contact_uri.headers.len != 0 ||
      sipws_contact_flow(request->text, addr, &instance, &contact->reg_id) !=
          0 ||
      span_copy(request->text, &instance, contact->instance,
                sizeof contact->instance) != 0 ||
      contact_read_q(request, addr, contact) != 0 ||
      span_copy(request->text, &request->call_id, contact->call_id,
                sizeof contact->call_id) != 0) {
    return 400;
  }
  /* RFC 5626 6: reg-id counts only where the client has outbound. */
  if (!reg->has_outbound) {
    contact->reg_id = 0;
  }
  if (contact->reg_id != 0) {
    reg->has_reg_id = 1;
  }
  contact->cseq = request->cseq;
  contact->flow = request->from;
  contact->until_ms =
      request->now_ms + (uint64_t)1000 * contact_expires(request, addr);
  return 0;
}

static int contacts_read(const struct message *request,
                         struct registration *reg) {
  sipws_span at = {0, 0};
  sipws_name_addr addr;
  sipws_span value;
  uint32_t expires;
  addr.struct_size = sizeof addr;
  while (message_next_value(request, "Contact", &at, &value) == 0) {
    if (sipws_name_addr_parse(request->text, &value, &addr) != 0 ||
        reg->is_star) {
      return 400;
    }
    if (addr.is_star) {
      /* RFC 3261 10.2.2: it removes all, and stands alone. */
      reg->is_star = 1;
      if (reg->count > 0 ||
          sipws_sip_number(request->text, request->len, &request->view,
                           "Expires", 7, &expires) != 0 ||
          expires != 0) {
        return 400;
      }
    } else if (reg->count == BINDINGS_PER_AOR ||
               contact_read(request, reg, &addr,
                            &reg->contacts[reg->count++]) != 0) {
      return 400;
    }
  }
  return 0;
}

/* RFC 3327: the Route of requests to these contacts. Whoever comes later stands
 * above, so the last one is the first hop's; RFC 5626 6 asks for its ob. */
static int path_read(const struct message *request, struct registration *reg) {
  sipws_span at = {0, 0};
  struct writer writer = {reg->path, sizeof reg->path, 0};
  uint32_t vias = 0;
  sipws_span value;
  sipws_span ob;
  sipws_name_addr addr;
  sipws_uri uri;
  addr.struct_size = sizeof addr;
  if (sipws_via_count(request->text, request->len, &vias) != 0) {
    return 400;
  }
  /* Over UDP a flow is kept by STUN (RFC 5626 4.4.2), which is not here. */
  reg->hop_has_outbound = vias == 1 && !flow_is_udp(&request->from);
  while (message_next_value(request, "Path", &at, &value) == 0) {
    if (sipws_name_addr_parse(request->text, &value, &addr) != 0 ||
        read_uri(request->text, &addr.uri, &uri) != 0) {
      return 400;
    }
    write_format(&writer, writer.len == 0 ? "" : ", ");
    write_span(&writer, request->text, &value);
    reg->hop_has_outbound =
        sipws_param(request->text, &uri.params, "ob", 2, &ob) == 0;
  }
  return writer_is_full(&writer) ? 400 : 0;
}

/* RFC 3261 10.3, steps 1 to 6, without authentication. */
static int registration_read(const struct message *request,
                             struct registration *reg) {
  sipws_uri uri;
  int status;
  memset(reg, 0, sizeof *reg);
  if (read_uri(request->text, &request->view.uri, &uri) != 0) {
    return 400;
  }
  if (uri.scheme == SIPWS_SCHEME_OTHER) {
    return 416;
  }
  if (!proxy_serves(request->proxy, request->text, &uri)) {
    return 404;
  }
  if (read_uri(request->text, &request->to.uri, &uri) != 0) {
    return 400;
  }
  if (!proxy_serves(request->proxy, request->text, &uri) ||
      aor_read(&reg->aor, request->text, &uri) != 0) {
    return 404;
  }
  reg->has_outbound = message_has_option(request, "Supported", "outbound");
  status = path_read(request, reg);
  if (status == 0) {
    status = contacts_read(request, reg);
  }
  if (status == 0 && reg->has_reg_id && !reg->hop_has_outbound) {
    return 439;
  }
  return status;
}

/* ------------------------------------------------------------ applying -- */

/* RFC 3261 10.3 step 7: a request that was overtaken changes nothing. */
static int binding_is_newer(const struct binding *binding,
                            const struct message *request) {
  return span_is(request->text, &request->call_id, binding->call_id) &&
         binding->cseq >= request->cseq;
}

static int registration_apply(const struct message *request,
                              const struct registration *reg) {
  struct proxy *proxy = request->proxy;
  struct binding *binding = NULL;
  int status = 0;
  int i;
  if (reg->is_star) {
    while ((binding = bindings_next(proxy, &reg->aor, request->now_ms,
                                    binding)) != NULL) {
      if (binding_is_newer(binding, request)) {
        return 500;
      }
    }
    while ((binding = bindings_next(proxy, &reg->aor, request->now_ms,
                                    binding)) != NULL) {
      binding->until_ms = request->now_ms;
    }
  }
  for (i = 0; i < reg->count; i++) {
    binding = bindings_match(proxy, &reg->contacts[i], request->now_ms);
    if (binding != NULL && binding_is_newer(binding, request)) {
      return 500;
    }
  }
  for (i = 0; i < reg->count && status == 0; i++) {
    status = bindings_put(proxy, &reg->contacts[i], request->now_ms);
  }
  return status;
}

/* The headers of the 200: what is registered now, and how many that are. */
static int registration_list(const struct message *request,
                             const struct registration *reg,
                             struct writer *writer) {
  struct binding *binding = NULL;
  int count = 0;
  while ((binding = bindings_next(request->proxy, &reg->aor, request->now_ms,
                                  binding)) != NULL) {
    if (!flow_is_alive(request->proxy, &binding->flow)) {
      continue;
    }
    count++;
    write_format(writer, "Contact: <%s>;expires=%u", binding->contact,
                 (unsigned)((binding->until_ms - request->now_ms) / 1000));
    if (binding->q[0] != '\0') {
      write_format(writer, ";q=%s", binding->q);
    }
    if (binding->instance[0] != '\0') {
      write_format(writer, ";+sip.instance=\"<%s>\"", binding->instance);
    }
    if (binding->reg_id != 0) {
      write_format(writer, ";reg-id=%u", (unsigned)binding->reg_id);
    }
    write_format(writer, "\r\n");
  }
  if (reg->path[0] != '\0') {
    write_format(writer, "Path: %s\r\n", reg->path);
  }
  write_format(writer, "Supported: path, outbound\r\n");
  if (reg->has_reg_id) {
    write_format(writer, "Require: outbound\r\nFlow-Timer: %d\r\n",
                 REGISTRAR_FLOW_TIMER_S);
  }
  return count;
}

static int registrar_authenticates(const struct message *request,
                                   const struct registration *reg) {
  char user[128];
  char realm[280];
  if (request->proxy->users == NULL) {
    return 1;
  }
  if (span_copy(reg->aor.text, &reg->aor.uri.user, user, sizeof user) != 0 ||
      span_copy(reg->aor.text, &reg->aor.uri.host, realm, sizeof realm) != 0) {
    message_reply(request, 400, "");
    return 0;
  }
  return auth_passes(request, user, realm);
}

void registrar_register(const struct message *request) {
  static const char *const known[] = {"path", "outbound", NULL};
  struct registration reg;
  char headers[16384];
  struct writer writer = {headers, sizeof headers, 0};
  int count;
  int status;
  if (message_lacks_option(request, "Require", known)) {
    return;
  }
  status = registration_read(request, &reg);
  if (status == 0 && !registrar_authenticates(request, &reg)) {
    return;
  }
  if (status == 0) {
    status = registration_apply(request, &reg);
  }
  if (status != 0) {
    message_reply(request, status, "");
    return;
  }
  count = registration_list(request, &reg, &writer);
  message_reply(request, 200, headers);
  proxy_log(request->proxy, "REGISTER %s: %d bound", reg.aor.text, count);
}
