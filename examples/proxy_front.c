#include "proxy_front.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "proxy_text.h"

void front_attach(struct net_peer *peer) {
  const struct proxy *proxy = peer->server->data;
  int error = 0;
  if (proxy->told_by == SIPWS_CLIENT_PROXY) {
    error =
        sipws_conn_expect_proxy(peer->conn, proxy->trust, strlen(proxy->trust));
  }
  if (error == 0 && peer->listener == 0) {
    error = secure_attach(&proxy->secure, peer->conn);
  }
  if (error != 0) {
    fprintf(stderr, "connection dropped: %s\n", sipws_error_text(error));
    (void)sipws_conn_abort(peer->conn, net_now_ms());
  }
}

static const char *front_address(const uint8_t *octets, size_t len,
                                 char out[INET6_ADDRSTRLEN]) {
  return len == 0 ? "an unknown address"
                  : inet_ntop(len == 4 ? AF_INET : AF_INET6, octets, out,
                              INET6_ADDRSTRLEN);
}

static void front_log(const struct proxy *proxy,
                      const sipws_client_info *client) {
  char addr[INET6_ADDRSTRLEN];
  char hop[INET6_ADDRSTRLEN];
  int is_direct = client->source == SIPWS_CLIENT_DIRECT;
  proxy_log(proxy, "client %s port %u over %s%s%s",
            front_address(client->addr, client->addr_len, addr),
            (unsigned)client->port, client->is_secure ? "TLS" : "TCP",
            is_direct ? "" : " behind ",
            is_direct
                ? ""
                : front_address(client->hop_addr, client->hop_addr_len, hop));
}

void front_find_client(const struct proxy *proxy, sipws_conn *conn) {
  sipws_client_info client;
  client.struct_size = sizeof client;
  if (sipws_conn_client(conn, proxy->trust, strlen(proxy->trust),
                        proxy->told_by, &client) != 0) {
    return;
  }
  if (client.source != SIPWS_CLIENT_DIRECT) {
    (void)sipws_conn_set_peer(conn, client.addr, client.addr_len,
                              (uint16_t)client.port);
    (void)sipws_conn_set_secure(conn, (int)client.is_secure);
  }
  front_log(proxy, &client);
}

void front_explain(const struct net_peer *peer) {
  const struct proxy *proxy = peer->server->data;
  int cause = sipws_conn_cause(peer->conn);
  const uint8_t *octets;
  char addr[INET6_ADDRSTRLEN];
  char who[sizeof addr + 32];
  uint16_t port;
  size_t len;
  if (proxy->verbose &&
      (cause == SIPWS_CAUSE_TLS || cause == SIPWS_CAUSE_PROXY) &&
      sipws_conn_peer(peer->conn, &octets, &len, &port) == 0) {
    snprintf(who, sizeof who, "client %s port %u",
             front_address(octets, len, addr), (unsigned)port);
    secure_explain(who, peer->conn);
  }
}

/* Cookies travel with a page of anybody's: its origin tells whose it is (RFC
 * 6455 section 10.2). A client without one is no browser. */
int front_is_welcome(const struct proxy *proxy, const sipws_request *view,
                     const char *text) {
  return proxy->origins == NULL || !view->has_origin ||
         sipws_origin_is_allowed(proxy->origins, strlen(proxy->origins),
                                 text + view->origin.off, view->origin.len);
}
