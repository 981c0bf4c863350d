#include "proxy_bindings.h"

#include <stdlib.h>
#include <string.h>

int aor_read(struct aor *aor, const char *text, const sipws_uri *uri) {
  struct writer writer = {aor->text, sizeof aor->text, 0};
  sipws_span whole = {0, 0};
  if (uri->scheme == SIPWS_SCHEME_OTHER || uri->user.len == 0) {
    return -1;
  }
  write_format(&writer, "sip:");
  write_span(&writer, text, &uri->user);
  write_format(&writer, "@");
  write_span(&writer, text, &uri->host);
  whole.len = (uint32_t)writer.len;
  return writer_is_full(&writer) ? -1 : read_uri(aor->text, &whole, &aor->uri);
}

int aor_same(const struct aor *a, const struct aor *b) {
  return sipws_uri_equal(a->text, &a->uri, b->text, &b->uri);
}

/* RFC 5626 6: instance and reg-id tell a flow; without them the URI does. */
static int binding_same(const struct binding *a, const struct binding *b) {
  if (!aor_same(&a->aor, &b->aor)) {
    return 0;
  }
  if (a->reg_id != 0 && b->reg_id != 0) {
    return a->reg_id == b->reg_id && strcmp(a->instance, b->instance) == 0;
  }
  return sipws_uri_equal(a->contact, &a->contact_uri, b->contact,
                         &b->contact_uri);
}

static void binding_remove(struct proxy *proxy, struct binding **link) {
  struct binding *binding = *link;
  *link = binding->next;
  proxy->binding_count--;
  free(binding);
}

void bindings_free(struct proxy *proxy) {
  while (proxy->bindings != NULL) {
    binding_remove(proxy, &proxy->bindings);
  }
}

/* Removes what expired and, if |dead|, what lost its connection. That is kept
 * while there is room, so that callers learn 480 and not 404. */
static void bindings_sweep(struct proxy *proxy, uint64_t now_ms, int dead) {
  struct binding **link = &proxy->bindings;
  while (*link != NULL) {
    if ((*link)->until_ms <= now_ms ||
        (dead && !flow_is_alive(proxy, &(*link)->flow))) {
      binding_remove(proxy, link);
    } else {
      link = &(*link)->next;
    }
  }
}

struct binding *bindings_next(const struct proxy *proxy, const struct aor *aor,
                              uint64_t now_ms, struct binding *binding) {
  binding = binding == NULL ? proxy->bindings : binding->next;
  while (binding != NULL &&
         (binding->until_ms <= now_ms || !aor_same(&binding->aor, aor))) {
    binding = binding->next;
  }
  return binding;
}

struct binding *bindings_match(const struct proxy *proxy,
                               const struct binding *contact, uint64_t now_ms) {
  struct binding *binding = NULL;
  do {
    binding = bindings_next(proxy, &contact->aor, now_ms, binding);
  } while (binding != NULL && !binding_same(binding, contact));
  return binding;
}

/* 1 when another binding of |aor| may be added. */
static int bindings_have_room(struct proxy *proxy, const struct aor *aor,
                              uint64_t now_ms) {
  struct binding *binding = NULL;
  int count = 0;
  bindings_sweep(proxy, now_ms, proxy->binding_count >= BINDINGS_MAX);
  while ((binding = bindings_next(proxy, aor, now_ms, binding)) != NULL) {
    count++;
  }
  if (count >= BINDINGS_PER_AOR) {
    bindings_sweep(proxy, now_ms, 1);
    count = 0;
    while ((binding = bindings_next(proxy, aor, now_ms, binding)) != NULL) {
      count++;
    }
  }
  return count < BINDINGS_PER_AOR && proxy->binding_count < BINDINGS_MAX;
}

int bindings_put(struct proxy *proxy, const struct binding *contact,
                 uint64_t now_ms) {
  struct binding *binding = bindings_match(proxy, contact, now_ms);
  struct binding *next;
  if (contact->until_ms <= now_ms) {
    if (binding != NULL) {
      binding->until_ms = 0;
      bindings_sweep(proxy, now_ms, 0);
    }
    return 0;
  }
  if (binding == NULL) {
    if (!bindings_have_room(proxy, &contact->aor, now_ms)) {
      return 503;
    }
    binding = malloc(sizeof *binding);
    if (binding == NULL) {
      return 503;
    }
    binding->next = proxy->bindings;
    proxy->bindings = binding;
    proxy->binding_count++;
  }
  next = binding->next;
  *binding = *contact;
  binding->next = next;
  return 0;
}

/* Orders by q: the values, "0.5" or "1.000", sort as text. */
static int binding_is_better(const struct binding *a, const struct binding *b) {
  return strcmp(a->q[0] == '\0' ? "1" : a->q, b->q[0] == '\0' ? "1" : b->q) > 0;
}

int bindings_find(const struct proxy *proxy, const char *text,
                  const sipws_uri *uri, uint64_t now_ms,
                  const struct binding **found) {
  struct aor aor;
  struct binding *binding = NULL;
  int status = 404;
  if (aor_read(&aor, text, uri) != 0) {
    return 404;
  }
  while ((binding = bindings_next(proxy, &aor, now_ms, binding)) != NULL) {
    if (status == 404) {
      status = 480;
    }
    /* A stateless proxy takes one and the same (RFC 3261 16.11): the first of
     * the highest q; the list begins with the newest. */
    if (flow_is_alive(proxy, &binding->flow) &&
        (status != 0 || binding_is_better(binding, *found))) {
      status = 0;
      *found = binding;
    }
  }
  return status;
}

int bindings_has(const struct proxy *proxy, const char *text,
                 const sipws_uri *uri, const struct flow *flow,
                 uint64_t now_ms) {
  struct aor aor;
  struct binding *binding = NULL;
  if (aor_read(&aor, text, uri) != 0) {
    return 0;
  }
  do {
    binding = bindings_next(proxy, &aor, now_ms, binding);
  } while (binding != NULL && binding->flow.id != flow->id);
  return binding != NULL;
}
