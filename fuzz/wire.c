#include "wire.h"

static size_t wire_least(size_t a, size_t b) {
  return a < b ? a : b;
}

static size_t wire_room(const struct wire *wire) {
  return sizeof wire->data - wire->len;
}

static void wire_add(struct wire *wire, const uint8_t *data, size_t len) {
  must(len <= wire_room(wire));
  memcpy(wire->data + wire->len, data, len);
  wire->len += len;
}

static void wire_drop(struct wire *wire, size_t len) {
  wire->len -= len;
  memmove(wire->data, wire->data + len, wire->len);
}

static void wire_on_output(struct side *side, const uint8_t *data, size_t len) {
  const struct wire_end *end = side->context;
  wire_add(end->out, data, len);
}

static size_t wire_takes(const struct side *side) {
  const struct wire_end *end = side->context;
  return wire_room(end->out);
}

/* ---- hooks ---- */

/* Tells what a hook returns; |n| gets the count. */
static int wire_break(int *fault, size_t len, size_t *n) {
  int now = *fault;
  *fault = WIRE_FINE;
  *n = now == WIRE_TOO_MANY ? len + 1 : 0;
  return now == WIRE_LOST ? SIPWS_ERR_LOST : now == WIRE_UNKNOWN ? 7 : 0;
}

static int wire_recv(uint8_t *buf, size_t len, size_t *got, void *user) {
  struct side *side = user;
  const struct wire_end *end = side->context;
  struct wire *wire = end->in;
  size_t step = wire_least(wire_least(len, wire->len), wire->recv_share);
  if (wire->recv_fault != WIRE_FINE) {
    return wire_break(&wire->recv_fault, len, got);
  }
  if (step == 0) {
    return wire->has_ended && wire->len == 0 ? SIPWS_ERR_EOF : SIPWS_ERR_AGAIN;
  }
  memcpy(buf, wire->data, step);
  wire_drop(wire, step);
  wire->recv_share -= step;
  *got = step;
  return 0;
}

static int wire_send(const uint8_t *data, size_t len, size_t *sent,
                     void *user) {
  struct side *side = user;
  const struct wire_end *end = side->context;
  struct wire *wire = end->out;
  size_t step = wire_least(wire_least(len, wire_room(wire)), wire->send_share);
  if (wire->send_fault != WIRE_FINE) {
    return wire_break(&wire->send_fault, len, sent);
  }
  if (step == 0) {
    return SIPWS_ERR_AGAIN;
  }
  side_see_output(side, data, step);
  wire->send_share -= step;
  *sent = step;
  return 0;
}

void wire_attach(struct side *side, struct wire_end *end) {
  side->context = end;
  side->on_output = wire_on_output;
  side->room = wire_takes;
  must(sipws_config_set_io(side->config, wire_recv, wire_send) == 0);
}

/* ---- moving ---- */

int wire_write(struct side *side, size_t share, int by_hooks) {
  const struct wire_end *end = side->context;
  size_t was = end->out->len;
  uint32_t wants;
  int err;
  if (side->conn == NULL) {
    return 0;
  }
  if (!by_hooks) {
    side_take(side, share);
    return end->out->len != was;
  }
  end->out->send_share = share;
  err = sipws_conn_writable(side->conn, side->now, &wants);
  must(wants == (err == SIPWS_ERR_FREED ? 0 : sipws_conn_wants(side->conn)));
  side_after(side, err);
  return end->out->len != was;
}

int wire_read(struct side *side, size_t share, int by_hooks) {
  static uint8_t piece[sizeof(struct wire)];
  const struct wire_end *end = side->context;
  size_t was = end->in->len;
  uint8_t *scratch;
  int err;
  if (side->conn == NULL) {
    return 0;
  }
  if (!by_hooks) {
    share = wire_least(share, was);
    memcpy(piece, end->in->data, share);
    wire_drop(end->in, share);
    side_feed(side, piece, share, NULL);
    return share > 0;
  }
  end->in->recv_share = share;
  scratch = malloc(512);
  must(scratch != NULL);
  err = sipws_conn_readable(side->conn, scratch, 512, side->now, NULL);
  must(err != SIPWS_ERR_STATE && err != SIPWS_ERR_BUSY);
  free(scratch); /* nothing of it may be needed afterwards */
  side_after(side, err);
  return end->in->len != was;
}
