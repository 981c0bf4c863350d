/* pump: the memory calls driven through the transport hooks. Nothing here is
 * impossible from outside. */
#include "sipws_conn.h"

#define PUMP_SCRATCH_MIN 512
/* A fair share: octets read for one connection before others get their turn. */
#define PUMP_SHARE 65536

static int pump_answer(const sipws_conn *conn, int err, uint32_t *wants) {
  if (wants != NULL) {
    *wants = err == SIPWS_ERR_FREED ? 0 : sipws_conn_wants(conn);
  }
  return err;
}

/* Feeds, and keeps what is not taken. Events that are pulled later may not lie
 * in the scratch, which others use meanwhile. */
static int pump_feed(sipws_conn *conn, uint8_t *data, size_t len,
                     uint64_t now_ms) {
  size_t taken;
  int err = conn->config->has_callbacks
                ? sipws_conn_feed_inplace(conn, data, len, now_ms, &taken)
                : sipws_conn_feed(conn, data, len, now_ms, &taken);
  if (err == SIPWS_ERR_FREED || taken == len ||
      sipws_conn_keep(conn, data + taken, len - taken) == 0) {
    return err;
  }
  /* those octets are lost, and with them where the next frame begins */
  sipws__conn_enter(conn, now_ms);
  sipws__conn_fail(conn, SIPWS_ERR_NOMEM, SIPWS_CAUSE_MEMORY);
  return sipws__conn_leave(conn, SIPWS_ERR_NOMEM);
}

/* How much may be received now, so that it can be kept if it is not taken. */
static size_t pump_room(const sipws_conn *conn, size_t scratch_len) {
  size_t kept = sipws_conn_kept(conn);
  size_t room = conn->config->input_size - kept;
  if ((sipws_conn_wants(conn) & SIPWS_WANT_READ) == 0) {
    return 0;
  }
  return room < scratch_len ? room : scratch_len;
}

/* A hook told of a failure, or broke its contract. */
static int pump_lost(sipws_conn *conn, int err, uint64_t now_ms) {
  int reason = err != 0 ? err : SIPWS_ERR_HOOK;
  int freed = sipws_conn_lost(conn, reason, now_ms);
  if (freed == SIPWS_ERR_FREED) {
    return freed;
  }
  return err == SIPWS_ERR_LOST ? err : SIPWS_ERR_HOOK;
}

/* Receives once. */
static int pump_receive(sipws_conn *conn, void *scratch, size_t room,
                        uint64_t now_ms, size_t *share) {
  size_t got = 0;
  int err = conn->config->recv(scratch, room, &got, conn->io_user);
  if (err == 0 && got > 0 && got <= room) {
    *share += got;
    return pump_feed(conn, scratch, got, now_ms);
  }
  if (err == SIPWS_ERR_AGAIN) {
    return err;
  }
  if (err == SIPWS_ERR_EOF) {
    err = sipws_conn_eof(conn, now_ms);
    return err == SIPWS_ERR_FREED ? err : SIPWS_ERR_AGAIN;
  }
  return pump_lost(conn, err, now_ms);
}

/* After the connection's own failure reading goes on: the end of the transport
 * is still to come. */
static int pump_goes_on(const sipws_conn *conn, int err) {
  return err == 0 || (err != SIPWS_ERR_FREED && err == conn->error);
}

static int pump_read(sipws_conn *conn, void *scratch, size_t scratch_len,
                     uint64_t now_ms) {
  size_t share = 0;
  size_t room;
  int result = 0;
  if (sipws_conn_kept(conn) > 0) {
    result = pump_feed(conn, scratch, 0, now_ms);
  }
  while (pump_goes_on(conn, result) &&
         (room = pump_room(conn, scratch_len)) > 0) {
    int err = share < PUMP_SHARE
                  ? pump_receive(conn, scratch, room, now_ms, &share)
                  : SIPWS_ERR_AGAIN;
    if (err == SIPWS_ERR_AGAIN) {
      /* the transport has no more, or others have their turn */
      return share < PUMP_SHARE ? result : err;
    }
    result = err;
  }
  return result;
}

/* Input is left that the next call would work on. */
static int pump_has_more(const sipws_conn *conn) {
  return conn->state != SIPWS_STATE_CLOSED &&
         (sipws__conn_must_pull(conn) ||
          (sipws_conn_wants(conn) & SIPWS_WANT_FEED) != 0);
}

int sipws_conn_readable(sipws_conn *conn, void *scratch, size_t scratch_len,
                        uint64_t now_ms, uint32_t *wants) {
  int err;
  if (conn == NULL || scratch == NULL || scratch_len < PUMP_SCRATCH_MIN) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->depth > 0) {
    return SIPWS_ERR_BUSY;
  }
  if (conn->config->recv == NULL) {
    return SIPWS_ERR_STATE;
  }
  err = pump_read(conn, scratch, scratch_len, now_ms);
  if (err == 0 && pump_has_more(conn)) {
    err = SIPWS_ERR_AGAIN;
  }
  return pump_answer(conn, err, wants);
}

int sipws_conn_writable(sipws_conn *conn, uint64_t now_ms, uint32_t *wants) {
  const uint8_t *data;
  size_t len, sent;
  int err;
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  if (conn->depth > 0) {
    return SIPWS_ERR_BUSY;
  }
  if (conn->config->send == NULL) {
    return SIPWS_ERR_STATE;
  }
  for (;;) {
    err = sipws_conn_pending(conn, 0, &data, &len);
    if (err != 0 || len == 0) {
      /* what ended it there, without a time, is told here */
      sipws__conn_enter(conn, now_ms);
      err = sipws__conn_leave(conn, err);
      break;
    }
    sent = 0;
    err = conn->config->send(data, len, &sent, conn->io_user);
    if (err == 0 && sent > 0 && sent <= len) {
      err = sipws_conn_taken(conn, sent, now_ms);
      if (err != 0) {
        break;
      }
      continue;
    }
    err = err == SIPWS_ERR_AGAIN ? 0 : pump_lost(conn, err, now_ms);
    break;
  }
  return pump_answer(conn, err, wants);
}
