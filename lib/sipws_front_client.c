/* front: who a server's client is, as far as trusted parties tell. */
#include "sipws_front_trust.h"
#include "sipws_http.h"
#include "sipws_text.h"

#include <string.h>

/* ---- what the request says ---- */

/* Its header lines; |pos| is where those are that were not walked yet. */
struct client_head {
  const char *text;
  size_t len;
  uint32_t fields;
  uint32_t pos;
};

static int client_read_head(const sipws_conn *conn, struct client_head *head) {
  struct sipws__http_head parsed;
  sipws_request view;
  int err;
  view.struct_size = sizeof view;
  err = sipws_conn_request(conn, &head->text, &head->len, &view);
  if (err == 0) {
    err =
        sipws__http_parse(head->text, head->len, 0, UINT32_MAX, &parsed, NULL);
  }
  if (err == 0) {
    head->fields = parsed.fields;
    head->pos = parsed.fields;
  }
  return err;
}

/* The next line of that name. 1, or 0 at the end; then it begins anew. */
static int client_next_line(struct client_head *head, const char *wanted,
                            sipws_span *value) {
  sipws_span name;
  while (sipws__http_next(head->text, head->len, &head->pos, &name, value)) {
    if (sipws__text_is(head->text + name.off, name.len, wanted)) {
      return 1;
    }
  }
  head->pos = head->fields;
  return 0;
}

/* A list of addresses that are believed. */
struct client_trust {
  const char *list;
  size_t len;
};

/* A node that has no address is none of ours, though the list may say
 * "unix". */
static int client_is_trusted(const struct client_trust *trust,
                             const sipws_forwarded *node) {
  return node->addr_len > 0 &&
         sipws_trust_has(trust->list, trust->len, node->addr, node->addr_len);
}

typedef int (*client_next_fn)(const char *text, sipws_span *list,
                              sipws_forwarded *element);

/* The rightmost node that is not trusted, else the leftmost: each hop adds its
 * own peer at the end, so what stands further left is hearsay. In one walk from
 * the left, since lines have no end of their own to begin at. 1, or 0 when
 * there is no node. */
static int client_find(struct client_head *head, const char *name,
                       client_next_fn next, const struct client_trust *trust,
                       sipws_forwarded *client) {
  sipws_forwarded node;
  sipws_span line;
  int found = 0;
  int err;
  while (client_next_line(head, name, &line)) {
    node.struct_size = sizeof node;
    while ((err = next(head->text, &line, &node)) == 0) {
      if (!found || !client_is_trusted(trust, &node)) {
        *client = node;
      }
      found = 1;
    }
    if (err != SIPWS_ERR_NOT_FOUND) {
      /* It may hide anybody, a client's quote left open the client itself. */
      memset(client, 0, sizeof *client);
      found = 1;
    }
  }
  return found;
}

/* The last value of X-Forwarded-Proto: 1 when it is a secure one, 0 when not,
 * |unless| when there is none. */
static uint32_t client_x_proto(struct client_head *head, uint32_t unless) {
  sipws_forwarded value;
  sipws_span line;
  value.struct_size = sizeof value;
  while (client_next_line(head, "X-Forwarded-Proto", &line)) {
    while (sipws_x_forwarded_next(head->text, &line, &value) == 0) {
      unless = (uint32_t)sipws__front_is_secure(head->text, value.for_node);
    }
  }
  return unless;
}

/* ---- whom it comes from ---- */

/* The hop, and the client if nobody says more. */
static void client_from_transport(const sipws_conn *conn,
                                  sipws_client_info *client) {
  const struct sipws__front_hop *hop = sipws__front_hop(conn);
  const uint8_t *addr;
  size_t addr_len;
  uint16_t port;
  (void)sipws_conn_peer(conn, &addr, &addr_len, &port);
  memcpy(client->addr, addr, addr_len);
  client->addr_len = (uint32_t)addr_len;
  client->port = port;
  client->is_secure = sipws_conn_is_secure(conn) == 1;
  if (hop == NULL) {
    memcpy(client->hop_addr, addr, addr_len);
    client->hop_addr_len = (uint32_t)addr_len;
    client->hop_port = port;
    client->hop_is_secure = client->is_secure;
    return;
  }
  client->source = hop->told_client ? SIPWS_CLIENT_PROXY : SIPWS_CLIENT_DIRECT;
  memcpy(client->hop_addr, hop->addr, hop->addr_len);
  client->hop_addr_len = hop->addr_len;
  client->hop_port = hop->port;
  client->hop_is_secure =
      hop->was_secure || (client->is_secure && !hop->told_tls);
}

/* What its peer, which is trusted, wrote into the request. */
static void client_from_header(struct client_head *head, uint32_t source,
                               const struct client_trust *trust,
                               sipws_client_info *client) {
  sipws_forwarded node;
  int is_x = source == SIPWS_CLIENT_X_FORWARDED;
  int found = client_find(head, is_x ? "X-Forwarded-For" : "Forwarded",
                          is_x ? sipws_x_forwarded_next : sipws_forwarded_next,
                          trust, &node);
  if (found) {
    client->source = source;
    client->addr_len = node.addr_len;
    client->port = node.port;
    memcpy(client->addr, node.addr, sizeof client->addr);
    client->is_secure = node.is_secure;
  }
  if (is_x) {
    client->is_secure = client_x_proto(head, client->is_secure);
  }
}

int sipws_conn_client(const sipws_conn *conn, const char *list, size_t len,
                      int source, sipws_client_info *client) {
  struct client_trust trust;
  struct client_head head;
  sipws_client_info seen;
  int err;
  if (conn == NULL || (list == NULL && len > 0) ||
      source < SIPWS_CLIENT_DIRECT || source > SIPWS_CLIENT_X_FORWARDED ||
      client == NULL || client->struct_size != sizeof *client) {
    return SIPWS_ERR_INVALID;
  }
  err = client_read_head(conn, &head);
  if (err != 0) {
    return err;
  }
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  client_from_transport(conn, &seen);
  trust.list = list;
  trust.len = len;
  if (source >= SIPWS_CLIENT_FORWARDED &&
      sipws_trust_has(list, len, seen.addr, seen.addr_len)) {
    client_from_header(&head, (uint32_t)source, &trust, &seen);
  }
  *client = seen;
  return 0;
}
