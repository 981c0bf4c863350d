/* conn_flow: flow tokens of a connection, by its public getters. */
#include <sipws/sip.h>

/* The two ends of a connection. */
struct flow_ends {
  const uint8_t *peer;
  const uint8_t *local;
  size_t peer_len;
  size_t local_len;
  uint16_t peer_port;
  uint16_t local_port;
};

static int flow_ends(const sipws_conn *conn, struct flow_ends *ends) {
  int err =
      sipws_conn_peer(conn, &ends->peer, &ends->peer_len, &ends->peer_port);
  if (err == 0) {
    err = sipws_conn_local(conn, &ends->local, &ends->local_len,
                           &ends->local_port);
  }
  return err;
}

int sipws_conn_flow_token(const sipws_conn *conn, const uint8_t *key,
                          size_t key_len, char *out, size_t out_size,
                          size_t *out_len) {
  struct flow_ends ends;
  int err = flow_ends(conn, &ends);
  if (err != 0) {
    return err;
  }
  return sipws_flow_token(key, key_len, sipws_conn_id(conn), ends.peer,
                          ends.peer_len, ends.peer_port, ends.local,
                          ends.local_len, ends.local_port, out, out_size,
                          out_len);
}

int sipws_conn_flow_match(const sipws_conn *conn, const uint8_t *key,
                          size_t key_len, const char *token, size_t len) {
  struct flow_ends ends;
  int err = flow_ends(conn, &ends);
  if (err != 0) {
    return err;
  }
  return sipws_flow_match(key, key_len, token, len, sipws_conn_id(conn),
                          ends.peer, ends.peer_len, ends.peer_port, ends.local,
                          ends.local_len, ends.local_port);
}
