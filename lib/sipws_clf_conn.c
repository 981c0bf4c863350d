/* clf_conn: the facts that a connection tells, by its public getters. */
#include <sipws/clf.h>

#include <string.h>

int sipws_conn_clf_facts(const sipws_conn *conn, sipws_clf_facts *facts) {
  const uint8_t *peer;
  const uint8_t *local;
  size_t peer_len, local_len;
  uint16_t peer_port, local_port;
  int err;
  if (facts == NULL || facts->struct_size != sizeof *facts) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws_conn_peer(conn, &peer, &peer_len, &peer_port);
  if (err == 0) {
    err = sipws_conn_local(conn, &local, &local_len, &local_port);
  }
  if (err != 0) {
    return err;
  }
  facts->transport =
      sipws_conn_is_secure(conn) ? SIPWS_TRANSPORT_WSS : SIPWS_TRANSPORT_WS;
  facts->peer_len = (uint32_t)peer_len;
  facts->peer_port = peer_port;
  facts->local_len = (uint32_t)local_len;
  facts->local_port = local_port;
  memcpy(facts->peer, peer, peer_len);
  memcpy(facts->local, local, local_len);
  return 0;
}
