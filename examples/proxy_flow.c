#include "proxy_flow.h"

#include <string.h>

#include "proxy_clf.h"
#include "proxy_text.h"
#include "proxy_udp.h"

void flow_of_peer(const struct net_peer *peer, struct flow *flow) {
  memset(flow, 0, sizeof *flow);
  flow->id = sipws_conn_id(peer->conn);
}

void flow_of_udp(const struct proxy *proxy, const struct net_address *udp,
                 struct flow *flow) {
  struct piece piece = {udp, sizeof *udp};
  uint8_t hash[32];
  proxy_hash(proxy, "udp", &piece, 1, hash);
  memcpy(&flow->id, hash, sizeof flow->id);
  flow->udp = *udp;
}

int flow_is_udp(const struct flow *flow) {
  return flow->udp.len != 0;
}

/* The open connection that |flow| is, or NULL. */
static sipws_conn *flow_conn(const struct proxy *proxy,
                             const struct flow *flow) {
  const struct net_peer *peer = proxy->server.peers;
  while (peer != NULL && sipws_conn_id(peer->conn) != flow->id) {
    peer = peer->next;
  }
  return peer != NULL && sipws_conn_state(peer->conn) == SIPWS_STATE_OPEN
             ? peer->conn
             : NULL;
}

int flow_is_alive(const struct proxy *proxy, const struct flow *flow) {
  return flow_is_udp(flow) || flow_conn(proxy, flow) != NULL;
}

int flow_transport(const struct proxy *proxy, const struct flow *flow) {
  const sipws_conn *conn;
  if (flow_is_udp(flow)) {
    return SIPWS_TRANSPORT_UDP;
  }
  conn = flow_conn(proxy, flow);
  return conn != NULL && sipws_conn_is_secure(conn) ? SIPWS_TRANSPORT_WSS
                                                    : SIPWS_TRANSPORT_WS;
}

int flow_send(const struct proxy *proxy, const struct flow *to,
              const char *text, size_t len, uint64_t now_ms) {
  sipws_conn *conn;
  int error;
  if (flow_is_udp(to)) {
    return udp_send(proxy, &to->udp, text, len);
  }
  conn = flow_conn(proxy, to);
  if (conn == NULL) {
    return SIPWS_ERR_DEAD;
  }
  error = sipws_conn_send(conn, text, len, 0, now_ms, NULL);
  if (error == 0) {
    clf_log(proxy, conn, NULL, 1, text, len);
  }
  return error;
}

/* -------------------------------------------------------------- tokens -- */

static int flow_make_udp(const uint8_t *key, const struct flow *flow,
                         char out[FLOW_TOKEN_MAX + 1]) {
  uint8_t port[2] = {(uint8_t)(flow->udp.port >> 8), (uint8_t)flow->udp.port};
  char *at = out + SIPWS_FLOW_TOKEN_LEN;
  size_t len;
  write_hex(flow->udp.octets, flow->udp.len, at);
  write_hex(port, sizeof port, at + 2 * flow->udp.len);
  return sipws_flow_token(key, PROXY_KEY_LEN, flow->id, flow->udp.octets,
                          flow->udp.len, (uint16_t)flow->udp.port, NULL, 0, 0,
                          out, SIPWS_FLOW_TOKEN_LEN, &len);
}

int flow_make(const struct proxy *proxy, const uint8_t *key,
              const struct flow *flow, char out[FLOW_TOKEN_MAX + 1]) {
  const sipws_conn *conn;
  size_t len;
  if (flow_is_udp(flow)) {
    return flow_make_udp(key, flow, out);
  }
  conn = flow_conn(proxy, flow);
  out[SIPWS_FLOW_TOKEN_LEN] = '\0';
  return conn == NULL ? SIPWS_ERR_DEAD
                      : sipws_conn_flow_token(conn, key, PROXY_KEY_LEN, out,
                                              SIPWS_FLOW_TOKEN_LEN, &len);
}

/* Reads the address behind the token proper. 0, or -1. */
static int flow_read_address(const char *text, size_t len,
                             struct net_address *address) {
  static const char digits[] = "0123456789abcdef";
  uint8_t octets[16 + 2] = {0};
  size_t i;
  if (len != 2 * (4 + 2) && len != 2 * (16 + 2)) {
    return -1;
  }
  for (i = 0; i < len; i++) {
    const char *digit = memchr(digits, text[i], 16);
    if (digit == NULL) {
      return -1;
    }
    octets[i / 2] = (uint8_t)(octets[i / 2] << 4 | (digit - digits));
  }
  memset(address, 0, sizeof *address);
  address->len = (uint32_t)(len / 2 - 2);
  memcpy(address->octets, octets, address->len);
  address->port =
      (uint32_t)octets[address->len] << 8 | octets[address->len + 1];
  return 0;
}

/* Also the id is a hash with a key of ours: the token holds for this address
 * alone. */
static int flow_find_udp(const struct proxy *proxy, const uint8_t *key,
                         const char *token, size_t len, struct flow *flow) {
  struct net_address udp;
  if (flow_read_address(token + SIPWS_FLOW_TOKEN_LEN,
                        len - SIPWS_FLOW_TOKEN_LEN, &udp) != 0) {
    return SIPWS_ERR_TAMPERED;
  }
  flow_of_udp(proxy, &udp, flow);
  return sipws_flow_match(key, PROXY_KEY_LEN, token, SIPWS_FLOW_TOKEN_LEN,
                          flow->id, udp.octets, udp.len, (uint16_t)udp.port,
                          NULL, 0, 0) == 0
             ? 0
             : SIPWS_ERR_TAMPERED;
}

int flow_find(const struct proxy *proxy, const uint8_t *key, const char *text,
              const sipws_span *span, struct flow *flow) {
  const char *token = text + span->off;
  const sipws_conn *conn;
  int error;
  if (span->len > SIPWS_FLOW_TOKEN_LEN) {
    return flow_find_udp(proxy, key, token, span->len, flow);
  }
  memset(flow, 0, sizeof *flow);
  error = sipws_flow_check(key, PROXY_KEY_LEN, token, span->len, &flow->id);
  if (error != 0) {
    return error;
  }
  conn = flow_conn(proxy, flow);
  return conn == NULL ? SIPWS_ERR_DEAD
                      : sipws_conn_flow_match(conn, key, PROXY_KEY_LEN, token,
                                              span->len);
}
