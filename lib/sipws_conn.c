#include "sipws_conn.h"

#include "sipws_text.h"

#include <string.h>

/* ---- memory ---- */

/* Fixed buffers: everything lies behind the struct, in one allocation. */
struct conn_layout {
  size_t busy, upgrade, data, kept, arena, lines, cookies, host, out, control,
      pong, subprotocol, size;
  size_t data_len, head_len, arena_len, lines_len, cookies_len, out_len;
};

#define CONN_HOST_LEN 256
#define CONN_ALIGN 16

static size_t layout_place(size_t *size, size_t len) {
  size_t at = *size;
  *size = (at + len + CONN_ALIGN - 1) / CONN_ALIGN * CONN_ALIGN;
  return at;
}

static void layout_plan(struct conn_layout *plan, const sipws_config *config,
                        int is_fixed, size_t url_len) {
  size_t frame = (size_t)sipws__conn_wire_size(config, config->message.size);
  size_t size = 0;
  plan->head_len = (size_t)config->handshake_size + config->body_prefix;
  plan->data_len = config->message.size > plan->head_len ? config->message.size
                                                         : plan->head_len;
  /* one of maximum size has the empty arena for itself: it needs no double */
  frame += 2 * SIPWS__CLOSE_RESERVE;
  plan->arena_len =
      sipws__queue_arena_size(config->queue_size + SIPWS__CLOSE_RESERVE);
  if (plan->arena_len < frame) {
    plan->arena_len = frame;
  }
  plan->lines_len = config->handshake_size;
  plan->cookies_len = config->handshake_size / 4;
  plan->out_len = (size_t)config->handshake_size + SIPWS__HEAD_OWN;
  (void)layout_place(&size, sizeof(sipws_conn) + url_len);
  plan->busy = layout_place(&size, sizeof(struct sipws__busy));
  plan->upgrade = layout_place(&size, sizeof(struct sipws__upgrade));
  plan->data = layout_place(&size, plan->data_len);
  plan->kept = layout_place(&size, config->input_size);
  plan->arena = layout_place(&size, plan->arena_len);
  plan->lines = layout_place(&size, plan->lines_len);
  plan->cookies = layout_place(&size, plan->cookies_len);
  plan->host = layout_place(&size, CONN_HOST_LEN);
  plan->out = layout_place(&size, plan->out_len);
  plan->control = layout_place(&size, SIPWS__CONTROL_MAX);
  plan->pong = layout_place(&size, SIPWS__CONTROL_MAX);
  plan->subprotocol = layout_place(&size, SIPWS__PROTO_NAME_MAX);
  plan->size = is_fixed ? size : sizeof(sipws_conn) + url_len;
}

static void layout_lend(struct sipws__buf *buf, uint8_t *data, size_t size) {
  buf->data = data;
  buf->size = size;
  buf->fixed = 1;
}

static void layout_apply(const struct conn_layout *plan, sipws_conn *conn) {
  uint8_t *base = (uint8_t *)conn;
  struct sipws__upgrade *upgrade = (void *)(base + plan->upgrade);
  struct sipws__busy *busy = (void *)(base + plan->busy);
  sipws__upgrade_begin(conn, upgrade);
  sipws__busy_begin(conn, busy);
  layout_lend(&busy->in.data, base + plan->data, plan->data_len);
  /* the head is over before the first message */
  layout_lend(&upgrade->head, base + plan->data, plan->head_len);
  layout_lend(&busy->kept, base + plan->kept, conn->config->input_size);
  layout_lend(&upgrade->lines, base + plan->lines, plan->lines_len);
  layout_lend(&upgrade->cookies, base + plan->cookies, plan->cookies_len);
  layout_lend(&upgrade->host, base + plan->host, CONN_HOST_LEN);
  layout_lend(&upgrade->out, base + plan->out, plan->out_len);
  busy->out.arena = base + plan->arena;
  busy->out.arena_size = plan->arena_len;
  busy->in.control = base + plan->control;
  busy->pong = base + plan->pong;
  conn->subprotocol = (char *)base + plan->subprotocol;
}

static int conn_allocate(const sipws_config *config, int role, const char *url,
                         size_t url_len, sipws_conn **conn) {
  int is_fixed = (config->policy & SIPWS_POLICY_FIXED_BUFFERS) != 0;
  struct conn_layout plan;
  sipws_conn *made;
  int err = 0;
  layout_plan(&plan, config, is_fixed, url_len);
  made = sipws__mem_new(&config->mem, plan.size);
  if (made == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->config = config;
  made->role = (uint8_t)role;
  made->is_fixed = (uint8_t)is_fixed;
  made->url_len = (uint32_t)url_len;
  if (url_len > 0) {
    memcpy(made->url, url, url_len);
  }
  if (is_fixed) {
    layout_apply(&plan, made);
  } else {
    err = sipws__upgrade_new(made);
  }
  if (err != 0) {
    sipws__mem_free(&config->mem, made, plan.size);
    return err;
  }
  *conn = made;
  return 0;
}

static void conn_destroy(sipws_conn *conn) {
  const struct sipws__mem *mem = sipws__conn_mem(conn);
  struct conn_layout plan;
  layout_plan(&plan, conn->config, conn->is_fixed, conn->url_len);
  sipws__stage_free(conn);
  sipws__upgrade_free(conn);
  sipws__busy_free(conn);
  if (!conn->is_fixed) {
    sipws__mem_free(mem, conn->subprotocol, SIPWS__PROTO_NAME_MAX);
  }
  sipws__crypto_wipe(conn->url, conn->url_len); /* a token may be in it */
  sipws__mem_free(mem, conn, plan.size);
}

/* ---- calls and callbacks ---- */

int sipws__conn_leave(sipws_conn *conn, int result) {
  if (conn->events != 0 && conn->depth == 1) {
    sipws__conn_dispatch(conn);
  }
  sipws__busy_end_of_call(conn);
  conn->depth--;
  if (conn->is_freed && conn->depth == 0) {
    conn_destroy(conn);
    return SIPWS_ERR_FREED;
  }
  return result;
}

void sipws_conn_free(sipws_conn *conn) {
  if (conn == NULL) {
    return;
  }
  if (conn->depth > 0) {
    conn->is_freed = 1;
    conn->events = 0;
    return;
  }
  conn_destroy(conn);
}

/* ---- creation ---- */

static void conn_init(sipws_conn *conn, void *user, uint64_t now_ms) {
  int kind;
  conn->user = user;
  conn->io_user = user;
  conn->now = now_ms;
  conn->received_at = now_ms;
  conn->taken_at = now_ms;
  conn->paused_at = SIPWS__NEVER;
  conn->drain_end = SIPWS__NEVER;
  for (kind = SIPWS_KEEPALIVE_PING; kind <= SIPWS_KEEPALIVE_CRLF; kind++) {
    conn->next_at[kind - 1] = SIPWS__NEVER;
    conn->keepalive[kind - 1] = conn->config->keepalive[kind];
  }
  conn->idle_ms = conn->config->timer[SIPWS_TIMER_IDLE];
  conn->crlf_policy = (uint8_t)(conn->config->policy & SIPWS__POLICY_CRLF);
  sipws__conn_set_state(conn, SIPWS_STATE_CONNECTING);
}

static int conn_new(const sipws_config *config, int role, const char *url,
                    size_t url_len, void *user, uint64_t now_ms,
                    sipws_conn **conn) {
  sipws_conn *made = NULL;
  int err;
  if (config->random == NULL) {
    return SIPWS_ERR_NO_RANDOM;
  }
  if (sipws__conn_wire_size(config, config->message.size) > SIPWS__WIRE_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  err = conn_allocate(config, role, url, url_len, &made);
  if (err != 0) {
    return err;
  }
  conn_init(made, user, now_ms);
  err = config->random((uint8_t *)&made->id, sizeof made->id,
                       config->random_user) != 0
            ? SIPWS_ERR_RANDOM
            : 0;
  if (err != 0) {
    conn_destroy(made);
    return err;
  }
  *conn = made;
  return 0;
}

int sipws_server_new(const sipws_config *config, void *user, uint64_t now_ms,
                     sipws_conn **conn) {
  if (config == NULL || conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return conn_new(config, SIPWS_SERVER, NULL, 0, user, now_ms, conn);
}

/* RFC 6455 4.1: 16 fresh octets in base64 */
static int conn_make_key(sipws_conn *conn) {
  uint8_t nonce[16];
  const sipws_config *config = conn->config;
  if (config->random(nonce, sizeof nonce, config->random_user) != 0) {
    return SIPWS_ERR_RANDOM;
  }
  sipws__base64(nonce, sizeof nonce, conn->upgrade->key);
  return 0;
}

int sipws_client_new(const sipws_config *config, const char *url,
                     size_t url_len, void *user, uint64_t now_ms,
                     sipws_conn **conn) {
  sipws_url parsed;
  sipws_conn *made;
  int err;
  if (config == NULL || url == NULL || conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  parsed.struct_size = sizeof parsed;
  if (url_len > config->handshake_size ||
      sipws_url_parse(url, url_len, &parsed) != 0) {
    return SIPWS_ERR_URL;
  }
  err = conn_new(config, SIPWS_CLIENT, url, url_len, user, now_ms, &made);
  if (err != 0) {
    return err;
  }
  made->must_be_secure = parsed.secure != 0;
  err = conn_make_key(made);
  if (err != 0) {
    conn_destroy(made);
    return err;
  }
  *conn = made;
  return 0;
}

int sipws_adopt_new(const sipws_config *config, int role,
                    const char *subprotocol, size_t len, void *user,
                    uint64_t now_ms, sipws_conn **conn) {
  const struct sipws__proto *proto;
  sipws_conn *made;
  int err;
  if (config == NULL || conn == NULL || (subprotocol == NULL && len > 0) ||
      (role != SIPWS_CLIENT && role != SIPWS_SERVER)) {
    return SIPWS_ERR_INVALID;
  }
  proto =
      sipws__protos_match(&config->protos, config->policy, subprotocol, len);
  if (proto == NULL || len > SIPWS__PROTO_NAME_MAX ||
      (len > 0 && !sipws__text_is_token(subprotocol, len))) {
    return SIPWS_ERR_NOT_FOUND;
  }
  err = conn_new(config, role, NULL, 0, user, now_ms, &made);
  if (err != 0) {
    return err;
  }
  err = sipws__conn_set_proto(made, proto, subprotocol, len);
  if (err == 0) {
    sipws__upgrade_free(made);
    sipws__conn_set_state(made, SIPWS_STATE_OPEN);
    sipws__conn_start_timers(made);
    err = made->error;
  }
  if (err != 0) {
    conn_destroy(made);
    return err;
  }
  *conn = made;
  return 0;
}

int sipws__conn_set_proto(sipws_conn *conn, const struct sipws__proto *proto,
                          const char *name, size_t len) {
  conn->proto = proto;
  conn->has_subprotocol = len > 0;
  conn->subprotocol_len = 0;
  if (len == 0 || (len == proto->len && memcmp(name, proto->name, len) == 0)) {
    return 0;
  }
  /* spelt otherwise, or any ("*") */
  if (conn->subprotocol == NULL) {
    conn->subprotocol =
        sipws__mem_new(sipws__conn_mem(conn), SIPWS__PROTO_NAME_MAX);
    if (conn->subprotocol == NULL) {
      return SIPWS_ERR_NOMEM;
    }
  }
  memcpy(conn->subprotocol, name, len);
  conn->subprotocol_len = (uint8_t)len;
  return 0;
}

/* ---- hooks ---- */

static int conn_ask_random(sipws_conn *conn, uint8_t *out, size_t len) {
  const sipws_config *config = conn->config;
  if (config->random(out, len, config->random_user) != 0) {
    sipws__conn_fail(conn, SIPWS_ERR_RANDOM, SIPWS_CAUSE_RANDOM);
    return SIPWS_ERR_RANDOM;
  }
  return 0;
}

int sipws__conn_random(sipws_conn *conn, uint8_t *out, size_t len) {
  struct sipws__busy *busy = conn->busy;
  if (busy == NULL) {
    return conn_ask_random(conn, out, len);
  }
  if (busy->pool_left < len) {
    int err = conn_ask_random(conn, busy->pool, SIPWS__RANDOM_POOL);
    if (err != 0) {
      return err;
    }
    busy->pool_left = SIPWS__RANDOM_POOL;
  }
  busy->pool_left = (uint8_t)(busy->pool_left - len);
  memcpy(out, busy->pool + busy->pool_left, len);
  return 0;
}

int sipws__conn_draw(sipws_conn *conn, uint32_t most, uint32_t *number) {
  uint8_t octets[4];
  int err = sipws__conn_random(conn, octets, sizeof octets);
  if (err == 0) {
    *number = ((uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 |
               (uint32_t)octets[2] << 8 | octets[3]) %
              (most + 1);
  }
  return err;
}

void sipws__conn_trace(const sipws_conn *conn, int outgoing, int what,
                       const void *data, size_t len) {
  const sipws_config *config = conn->config;
  if (config->trace != NULL) {
    config->trace(conn, outgoing, what, data, len, config->trace_user);
  }
}
