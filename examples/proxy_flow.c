#include "proxy_flow.h"

struct net_peer *flow_by_id(const struct proxy *proxy, uint64_t id) {
  struct net_peer *peer = proxy->server.peers;
  while (peer != NULL && sipws_conn_id(peer->conn) != id) {
    peer = peer->next;
  }
  if (peer != NULL && sipws_conn_state(peer->conn) != SIPWS_STATE_OPEN) {
    return NULL;
  }
  return peer;
}

int flow_make(const uint8_t *key, const struct net_peer *peer,
              char out[SIPWS_FLOW_TOKEN_LEN + 1]) {
  size_t len;
  int error = sipws_conn_flow_token(peer->conn, key, PROXY_KEY_LEN, out,
                                    SIPWS_FLOW_TOKEN_LEN, &len);
  out[error == 0 ? SIPWS_FLOW_TOKEN_LEN : 0] = '\0';
  return error;
}

int flow_find(const struct proxy *proxy, const uint8_t *key, const char *text,
              const sipws_span *span, struct net_peer **peer) {
  const char *token = text + span->off;
  struct net_peer *found;
  uint64_t id;
  int error = sipws_flow_check(key, PROXY_KEY_LEN, token, span->len, &id);
  if (error != 0) {
    return error;
  }
  found = flow_by_id(proxy, id);
  if (found == NULL) {
    return SIPWS_ERR_DEAD;
  }
  error =
      sipws_conn_flow_match(found->conn, key, PROXY_KEY_LEN, token, span->len);
  if (error == 0) {
    *peer = found;
  }
  return error;
}
