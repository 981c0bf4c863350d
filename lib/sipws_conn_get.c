/* conn: what the application tells about a connection and asks of it. */
#include "sipws_conn.h"

#include <string.h>

/* ---- facts ---- */

static int get_set_address(uint8_t *place, uint8_t *place_len,
                           uint16_t *place_port, const uint8_t *addr,
                           size_t addr_len, uint16_t port) {
  if ((addr_len != 0 && addr_len != 4 && addr_len != 16) ||
      (addr == NULL && addr_len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  if (addr_len > 0) {
    memcpy(place, addr, addr_len);
  }
  *place_len = (uint8_t)addr_len;
  *place_port = port;
  return 0;
}

int sipws_conn_set_peer(sipws_conn *conn, const uint8_t *addr, size_t addr_len,
                        uint16_t port) {
  return conn == NULL ? SIPWS_ERR_INVALID
                      : get_set_address(conn->peer, &conn->peer_len,
                                        &conn->peer_port, addr, addr_len, port);
}

int sipws_conn_set_local(sipws_conn *conn, const uint8_t *addr, size_t addr_len,
                         uint16_t port) {
  return conn == NULL
             ? SIPWS_ERR_INVALID
             : get_set_address(conn->local, &conn->local_len, &conn->local_port,
                               addr, addr_len, port);
}

int sipws_conn_set_secure(sipws_conn *conn, int secure) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  conn->is_secure = secure != 0;
  return 0;
}

int sipws_conn_set_id(sipws_conn *conn, uint64_t id) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  conn->id = id;
  return 0;
}

int sipws_conn_set_user(sipws_conn *conn, void *user) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->io_user == conn->user) {
    conn->io_user = user; /* the same one, until told otherwise */
  }
  conn->user = user;
  return 0;
}

int sipws_conn_set_io_user(sipws_conn *conn, void *io_user) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  conn->io_user = io_user;
  return 0;
}

int sipws_conn_peer(const sipws_conn *conn, const uint8_t **addr,
                    size_t *addr_len, uint16_t *port) {
  if (conn == NULL || addr == NULL || addr_len == NULL || port == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *addr = conn->peer;
  *addr_len = conn->peer_len;
  *port = conn->peer_port;
  return 0;
}

int sipws_conn_local(const sipws_conn *conn, const uint8_t **addr,
                     size_t *addr_len, uint16_t *port) {
  if (conn == NULL || addr == NULL || addr_len == NULL || port == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *addr = conn->local;
  *addr_len = conn->local_len;
  *port = conn->local_port;
  return 0;
}

/* ---- numbers ---- */

int sipws_conn_is_secure(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->is_secure;
}

uint64_t sipws_conn_id(const sipws_conn *conn) {
  return conn == NULL ? 0 : conn->id;
}

void *sipws_conn_user(const sipws_conn *conn) {
  return conn == NULL ? NULL : conn->user;
}

int sipws_conn_role(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->role;
}

int sipws_conn_state(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->state;
}

int sipws_conn_error(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->error;
}

int sipws_conn_cause(const sipws_conn *conn) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return conn->state == SIPWS_STATE_CLOSED ? conn->cause : SIPWS_CAUSE_NONE;
}

int sipws_conn_timer(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->end_timer;
}

int sipws_conn_lost_reason(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->lost_reason;
}

uint16_t sipws_conn_close_code(const sipws_conn *conn) {
  if (conn == NULL) {
    return 0;
  }
  if (conn->close_received) {
    return conn->peer_code;
  }
  return conn->state == SIPWS_STATE_CLOSED ? 1006 : 0; /* RFC 6455 7.1.5 */
}

int sipws_conn_close_reason(const sipws_conn *conn, const char **reason,
                            size_t *len) {
  if (conn == NULL || reason == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *reason = NULL;
  *len = 0;
  if (conn->close_received && conn->busy->in.control_len > 2) {
    *reason = (const char *)conn->busy->in.control + 2;
    *len = (size_t)conn->busy->in.control_len - 2;
  }
  return 0;
}

uint16_t sipws_conn_our_close_code(const sipws_conn *conn) {
  return conn == NULL ? 0 : conn->our_code;
}

int sipws_conn_http_status(const sipws_conn *conn) {
  return conn == NULL ? SIPWS_ERR_INVALID : conn->status;
}

int sipws_conn_subprotocol(const sipws_conn *conn, const char **name,
                           size_t *len) {
  if (conn == NULL || name == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  *name = NULL;
  *len = 0;
  if (conn->subprotocol_len > 0) {
    *name = conn->subprotocol;
    *len = conn->subprotocol_len;
  } else if (conn->has_subprotocol) {
    *name = conn->proto->name;
    *len = conn->proto->len;
  }
  return 0;
}

int sipws_conn_profile(const sipws_conn *conn) {
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return conn->proto == NULL ? SIPWS_ERR_STATE : conn->proto->profile;
}

int sipws_conn_url(const sipws_conn *conn, const char **url, size_t *len) {
  if (conn == NULL || url == NULL || len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->url_len == 0) {
    return SIPWS_ERR_STATE;
  }
  *url = conn->url;
  *len = conn->url_len;
  return 0;
}

size_t sipws_conn_cut(const sipws_conn *conn) {
  return conn == NULL ? 0 : conn->cut;
}

uint64_t sipws_conn_sent_seq(const sipws_conn *conn) {
  return conn == NULL ? 0 : conn->sent_seq;
}

uint64_t sipws_conn_last_seq(const sipws_conn *conn) {
  return conn == NULL ? 0 : conn->last_seq;
}

size_t sipws_conn_footprint(void) {
  return sizeof(sipws_conn) + sizeof(struct sipws__busy) +
         sizeof(struct sipws__upgrade) + 2 * SIPWS__CONTROL_MAX +
         SIPWS__PROTO_NAME_MAX;
}

/* ---- what it wants ---- */

static int get_wants_read(const sipws_conn *conn) {
  if (conn->is_eof && sipws_conn_kept(conn) == 0) {
    return 0;
  }
  if (sipws__conn_is_deaf(conn)) {
    return 1; /* to see the peer's end */
  }
  return !conn->is_paused && !sipws__conn_must_pull(conn) &&
         (!sipws__conn_only_keeps(conn) ||
          sipws_conn_kept(conn) < conn->config->input_size);
}

uint32_t sipws_conn_wants(const sipws_conn *conn) {
  uint32_t wants = 0;
  if (conn == NULL ||
      (conn->state == SIPWS_STATE_CLOSED && sipws__conn_must_tell(conn))) {
    return 0; /* or it would be freed ahead of the closed event */
  }
  if (conn->state == SIPWS_STATE_CLOSED) {
    /* after a complete closing handshake the server half-closes first */
    return conn->close_queued && sipws__busy_of(conn)->out.len == 0
               ? SIPWS_WANT_SHUT | SIPWS_WANT_CLOSE
               : SIPWS_WANT_CLOSE;
  }
  if (sipws__stage_wants_write(conn, sipws__conn_has_plain(conn))) {
    wants |= SIPWS_WANT_WRITE;
  } else if (conn->state == SIPWS_STATE_REFUSING ||
             (conn->state == SIPWS_STATE_CLOSING && conn->error != 0)) {
    wants |= SIPWS_WANT_SHUT; /* then the peer's end, or the timer */
  }
  if (get_wants_read(conn)) {
    wants |= SIPWS_WANT_READ;
  }
  if (sipws_conn_kept(conn) > 0 && !conn->is_paused &&
      !sipws__conn_only_keeps(conn) && !sipws__conn_must_pull(conn)) {
    wants |= SIPWS_WANT_FEED;
  }
  return wants;
}
