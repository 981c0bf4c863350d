#include "dialogue.h"

#include <sipws/front.h>

#define THREE_DAYS_MS 259200000u

/* ---- where it goes wrong ---- */

/* Counts the call; 1 when it is the one that goes wrong. */
static int strikes(struct party *party, enum point point) {
  const struct fault *fault = &party->dialogue->fault;
  long call = ++party->calls[point];
  return fault->kind != FAULT_NONE && fault->role == party->role &&
         fault->point == point &&
         (call == fault->at || (fault->stays && call > fault->at));
}

static int party_random(uint8_t *out, size_t len, void *user) {
  struct party *party = user;
  return strikes(party, POINT_RANDOM)
             ? 1
             : test_random(out, len, &party->side.seed);
}

static int breach(enum fault_kind kind, size_t len, size_t *count) {
  switch (kind) {
  case FAULT_AGAIN:
    return SIPWS_ERR_AGAIN;
  case FAULT_EOF:
    return SIPWS_ERR_EOF;
  case FAULT_LOST:
    return SIPWS_ERR_LOST;
  case FAULT_STRANGE:
    return -7777;
  default:
    *count = kind == FAULT_COUNT_OVER ? len + 1 : 0;
    return 0;
  }
}

static int party_recv(uint8_t *buf, size_t len, size_t *got, void *user) {
  struct party *party = user;
  struct stream *in = &party->in;
  size_t left = in->len - in->at;
  assert_true(len > 0);
  if (strikes(party, POINT_RECV)) {
    if (party->dialogue->fault.kind != FAULT_SHORT) {
      party->dialogue->moves++;
      return breach(party->dialogue->fault.kind, len, got);
    }
    len = 1;
  }
  if (left == 0) {
    return in->ended ? SIPWS_ERR_EOF : SIPWS_ERR_AGAIN;
  }
  *got = len < left ? len : left;
  memcpy(buf, in->data + in->at, *got);
  in->at += *got;
  party->dialogue->moves++;
  return 0;
}

static void stream_put(struct stream *to, const void *data, size_t len) {
  assert_true(len <= sizeof to->data - to->len);
  memcpy(to->data + to->len, data, len);
  to->len += len;
}

static void stream_put_text(struct stream *to, const char *text) {
  stream_put(to, text, strlen(text));
}

/* The HTTP proxy in the middle, which tells the server by a PROXY header. */
static void tunnel_put(struct party *client, const uint8_t *data, size_t len) {
  struct dialogue *d = client->dialogue;
  assert_true(d->tunnel_len - 1 + len < sizeof d->tunnel);
  memcpy(d->tunnel + d->tunnel_len - 1, data, len);
  d->tunnel_len += len;
  d->tunnel[d->tunnel_len - 1] = '\0';
  if (strstr(d->tunnel, "\r\n\r\n") != NULL) {
    assert_memory_equal(d->tunnel, "CONNECT h.example:80 ", 21);
    stream_put_text(&client->in, "HTTP/1.1 200 OK\r\n\r\n");
    stream_put_text(&client->peer->in,
                    "PROXY TCP4 192.0.2.1 192.0.2.2 9 80\r\n");
    d->tunnel_len = 0;
  }
}

static int party_send(const uint8_t *data, size_t len, size_t *sent,
                      void *user) {
  struct party *party = user;
  struct dialogue *d = party->dialogue;
  assert_true(len > 0);
  d->moves++;
  if (strikes(party, POINT_SEND)) {
    if (d->fault.kind != FAULT_SHORT) {
      return breach(d->fault.kind, len, sent);
    }
    len = 1;
  }
  if (party->role == SIPWS_CLIENT && d->tunnel_len > 0) {
    tunnel_put(party, data, len);
  } else {
    stream_put(&party->peer->in, data, len);
  }
  *sent = len;
  return 0;
}

uint64_t party_now(struct party *party) {
  uint64_t now;
  int hit = strikes(party, POINT_CLOCK);
  enum fault_kind kind = hit ? party->dialogue->fault.kind : FAULT_NONE;
  party->clock += kind == FAULT_STILL   ? 0
                  : kind == FAULT_AHEAD ? THREE_DAYS_MS
                                        : 1;
  now = kind == FAULT_BACK ? party->clock - THREE_DAYS_MS : party->clock;
  party->side.now = now;
  return now;
}

static int body_of(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                   void *user) {
  (void)off, (void)user;
  memset(buf, 'x', len);
  *got = len < 700 ? len : 700;
  return 0;
}

/* ---- calls ---- */

/* Ended by itself, or freed from a callback. */
static int party_is_over(const struct party *party) {
  return party->side.conn == NULL ||
         sipws_conn_state(party->side.conn) == SIPWS_STATE_CLOSED;
}

/* What any call may return that is not wrong by itself. */
static void settle(struct party *party, int err) {
  party->err = err;
  switch (err) {
  case 0:
  case SIPWS_ERR_AGAIN:
  case SIPWS_ERR_CALLBACK:
  case SIPWS_ERR_NOMEM:
  case SIPWS_ERR_STATE:
  case SIPWS_ERR_QUEUE_FULL:
    return;
  case SIPWS_ERR_FREED:
    party->side.conn = NULL;
    return;
  case SIPWS_ERR_LOST:
  case SIPWS_ERR_HOOK:
    assert_true(party_is_over(party));
    return;
  case SIPWS_ERR_CLOSED: /* send: once closing has begun */
    assert_true(sipws_conn_state(party->side.conn) >= SIPWS_STATE_CLOSING ||
                sipws_conn_error(party->side.conn) == err);
    return;
  default: /* fatal, and sticky */
    assert_non_null(party->side.conn);
    assert_int_equal(err, sipws_conn_error(party->side.conn));
    assert_true(sipws_error_is_fatal(err));
  }
}

static int is_worth_another(const struct party *party, int err) {
  return err == SIPWS_ERR_NOMEM && party->dialogue->again &&
         party->side.conn != NULL && sipws_conn_error(party->side.conn) == 0;
}

/* Makes a call of a party that still has a connection. */
#define CALL(party, call)                                                      \
  do {                                                                         \
    if ((party)->side.conn != NULL) {                                          \
      int err_ = (call);                                                       \
      if (is_worth_another((party), err_)) {                                   \
        err_ = (call);                                                         \
        assert_int_not_equal(err_, SIPWS_ERR_NOMEM);                           \
      }                                                                        \
      settle((party), err_);                                                   \
    }                                                                          \
  } while (0)

void party_say(struct party *party, size_t len) {
  static char text[40000];
  uint64_t seq = 0;
  int head = snprintf(text, sizeof text,
                      "MESSAGE sip:%d@h SIP/2.0\r\nCall-ID: 1\r\n"
                      "Content-Length: %lu\r\n\r\n",
                      ++party->tries, (unsigned long)len);
  assert_true((size_t)head + len <= sizeof text);
  memset(text + head, 'b', len);
  party->err = SIPWS_ERR_STATE;
  CALL(party, sipws_conn_send(party->side.conn, text, (size_t)head + len, 0,
                              party_now(party), &seq));
  if (party->err == 0) {
    assert_true((size_t)party->said_count < ROWS(party->said));
    party->said[party->said_count++] = party->tries;
    assert_int_equal(seq, party->said_count);
  } else {
    assert_int_equal(seq, 0);
  }
}

/* ---- moving octets ---- */

/* How it stood at the end; a free from a callback leaves what was last seen. */
static void look(struct party *party) {
  const sipws_conn *conn = party->side.conn;
  if (conn != NULL) {
    party->sent_seq = sipws_conn_sent_seq(conn);
    party->begun_seq = sipws_conn_begun_seq(conn);
    assert_true(party->sent_seq <= party->begun_seq);
    assert_true(party->begun_seq <= sipws_conn_last_seq(conn));
    party->error = sipws_conn_error(conn);
    party->cause = sipws_conn_cause(conn);
    party->lost_reason = sipws_conn_lost_reason(conn);
    party->was_closed = sipws_conn_state(conn) == SIPWS_STATE_CLOSED;
  }
}

/* What is done is not due again: no loop turns in vain. */
static void tick_due(struct party *party) {
  uint64_t now = party_now(party);
  int ticks = 0;
  while (party->side.conn != NULL &&
         sipws_conn_deadline(party->side.conn) <= now) {
    CALL(party, sipws_conn_tick(party->side.conn, now));
    side_pull(&party->side);
    assert_true(++ticks < 4);
  }
}

/* All that an event loop does for one connection; 1 when there is more to do
 * without waiting. */
static int step(struct party *party) {
  static uint8_t scratch[4096];
  sipws_conn **conn = &party->side.conn;
  uint32_t wants = 0;
  int is_again;
  CALL(party, sipws_conn_readable(*conn, scratch, sizeof scratch,
                                  party_now(party), &wants));
  is_again = party->err == SIPWS_ERR_AGAIN;
  side_pull(&party->side);
  CALL(party, sipws_conn_writable(*conn, party_now(party), &wants));
  side_pull(&party->side);
  /* who is told that all is done was told closed, too */
  assert_true((wants & SIPWS_WANT_CLOSE) == 0 ||
              strstr(party->side.log, "closed ") != NULL);
  tick_due(party);
  wants = sipws_conn_wants(*conn);
  if (party_is_over(party) ||
      (wants & (SIPWS_WANT_SHUT | SIPWS_WANT_WRITE)) == SIPWS_WANT_SHUT) {
    party->peer->in.ended = 1;
  }
  look(party);
  return is_again || (wants & SIPWS_WANT_FEED) != 0 ||
         (*conn != NULL && sipws_conn_deadline(*conn) <= party->clock);
}

static void move(struct dialogue *d) {
  struct party *client = &d->party[SIPWS_CLIENT];
  struct party *server = &d->party[SIPWS_SERVER];
  size_t before;
  int rounds = 0;
  int more;
  do {
    before = d->moves + client->side.count + server->side.count +
             (size_t)(client->in.ended + server->in.ended);
    more = step(client);
    more = step(server) || more;
    assert_true(++rounds < 20000);
  } while (more || before != d->moves + client->side.count +
                                 server->side.count +
                                 (size_t)(client->in.ended + server->in.ended));
}

static void wait_ms(struct dialogue *d, uint64_t ms) {
  d->party[SIPWS_CLIENT].clock += ms;
  d->party[SIPWS_SERVER].clock += ms;
  move(d);
}

/* ---- scenes ---- */

static int on_event(struct side *side, int event) {
  struct party *party = side->context;
  struct dialogue *d = party->dialogue;
  if (event == SIPWS_EVENT_REQUEST) {
    CALL(party, sipws_conn_add_header(side->conn, "A", 1, "b", 1));
    if (d->scene == SCENE_REFUSED) {
      CALL(party, sipws_conn_reject_from(side->conn, 403, body_of, 5000, NULL,
                                         party_now(party)));
    } else {
      CALL(party, sipws_conn_accept(side->conn, NULL, 0, party_now(party)));
    }
  }
  return strikes(party, POINT_EVENT) ? d->act(party, event) : 0;
}

static void party_begin(struct dialogue *d, int role, int face) {
  struct party *party = &d->party[role];
  struct side *side = &party->side;
  side->heap.fail_at = 0;
  side->heap.fail_after = 0;
  side_config(side, face);
  side->then = on_event;
  side->context = party;
  side->verdict = SIDE_LATER; /* on_event has it */
  side_limit(side, SIPWS_LIMIT_QUEUE_HIGH, 1000);
  side_limit(side, SIPWS_LIMIT_QUEUE_LOW, 500);
  if (role == SIPWS_CLIENT) {
    side_limit(side, SIPWS_LIMIT_FRAME_SIZE, 500);
  }
  (void)sipws_config_set_keepalive(side->config, SIPWS_KEEPALIVE_PING,
                                   role == SIPWS_CLIENT ? 15000 : 0);
  (void)sipws_config_set_random(side->config, party_random, party);
  (void)sipws_config_set_io(side->config, party_recv, party_send);
  party->dialogue = d;
  party->peer = &d->party[1 - role];
  party->role = role;
  party->in.at = party->in.len = 0;
  party->in.ended = 0;
  party->clock = 2 * (uint64_t)THREE_DAYS_MS;
  memset(party->calls, 0, sizeof party->calls);
  party->tries = party->said_count = 0;
  party->sent_seq = party->begun_seq = 0;
  party->was_closed = party->error = party->cause = party->lost_reason = 0;
  party->alloc_base = side->heap.calls;
  if (d->fault.point == POINT_ALLOC && d->fault.role == role &&
      d->fault.kind == FAULT_FAILS) {
    side->heap.fail_at = side->heap.calls + d->fault.at;
    side->heap.fail_after = d->fault.stays;
  }
}

static int make(struct party *party) {
  static const char url[] = "ws://h.example/ws";
  sipws_conn **conn = &party->side.conn;
  uint64_t now = party->clock; /* what comes first is no going back */
  return party->role == SIPWS_CLIENT
             ? sipws_client_new(party->side.config, url, sizeof url - 1,
                                &party->side, now, conn)
             : sipws_server_new(party->side.config, &party->side, now, conn);
}

static void party_make(struct party *party) {
  int err = make(party);
  if (err == SIPWS_ERR_NOMEM && party->dialogue->again) {
    assert_null(party->side.conn);
    err = make(party);
    assert_int_equal(err, 0);
  }
  assert_true(err == 0 || err == SIPWS_ERR_NOMEM || err == SIPWS_ERR_RANDOM);
  party->made = err;
  CALL(party, sipws_conn_set_io_user(party->side.conn, party));
}

static void make_both(struct dialogue *d) {
  static const uint8_t local[4] = {127, 0, 0, 1};
  struct party *client = &d->party[SIPWS_CLIENT];
  struct party *server = &d->party[SIPWS_SERVER];
  sipws_conn *conn;
  party_make(client);
  party_make(server);
  conn = client->side.conn;
  CALL(client, sipws_conn_set_origin(conn, "https://h.example", 17));
  CALL(client, sipws_conn_add_cookie(conn, "one", 3, "1", 1));
  CALL(client, sipws_conn_add_cookie(conn, "two", 3, "2", 1));
  CALL(client, sipws_conn_set_authorization(conn, "Basic eA==", 10));
  d->tunnel_len = 0;
  if (d->scene == SCENE_FRONT) {
    CALL(client, sipws_conn_add_tunnel(conn, "user", 4, "secret", 6));
    d->tunnel_len = client->err == 0;
    conn = server->side.conn;
    CALL(server, sipws_conn_set_peer(conn, local, 4, 1));
    CALL(server, sipws_conn_expect_proxy(conn, "127.0.0.1", 9));
  }
}

static void talk(struct dialogue *d) {
  struct party *client = &d->party[SIPWS_CLIENT];
  struct party *server = &d->party[SIPWS_SERVER];
  party_say(client, 1200); /* in fragments */
  party_say(server, 30000);
  CALL(client, sipws_conn_ping(client->side.conn, "p", 1, party_now(client)));
  CALL(client, sipws_conn_ping_crlf(client->side.conn, party_now(client)));
  move(d);
  CALL(server, sipws_conn_ping(server->side.conn, "", 0, party_now(server)));
  CALL(server, sipws_conn_pause(server->side.conn, party_now(server)));
  party_say(client, 5000);
  party_say(client, 0);
  move(d);
  CALL(server, sipws_conn_resume(server->side.conn, party_now(server)));
  move(d);
  wait_ms(d, 8000); /* what is not needed is given back … */
  party_say(client, 300);
  party_say(server, 0);
  move(d);
  wait_ms(d, 30000); /* … and a ping is due */
}

static void finish(struct dialogue *d, int role) {
  struct party *party = &d->party[role];
  int i;
  if (role == SIPWS_CLIENT) {
    CALL(party, sipws_conn_close(party->side.conn, 1000, "bye", 3,
                                 SIPWS_CLOSE_GRACEFUL, party_now(party)));
  } else {
    CALL(party,
         sipws_conn_drain(party->side.conn, 1012, 3, 100, party_now(party)));
    wait_ms(d, 200);
  }
  for (i = 0; i < 10 && !(party_is_over(party) && party_is_over(party->peer));
       i++) {
    move(d);
    /* those whom an act paused */
    CALL(party, sipws_conn_resume(party->side.conn, party_now(party)));
    CALL(party->peer,
         sipws_conn_resume(party->peer->side.conn, party_now(party->peer)));
    move(d);
    wait_ms(d, 20000);
    party = party->peer;
    /* who could not close, for want of memory, gives up */
    if (i > 4) {
      CALL(party, sipws_conn_abort(party->side.conn, party_now(party)));
    }
  }
}

/* ---- what must hold ---- */

/* closed came once, and last. */
static void check_closed(const struct party *party) {
  const char *closed = strstr(party->side.log, "closed ");
  if (party->was_closed) {
    assert_non_null(closed);
    assert_int_equal(strchr(closed, '\n')[1], '\0');
  }
}

/* What arrived is what was taken, from the first on and without a gap; and all
 * that left, if both closed by Close frames. */
static void check_messages(const struct party *from) {
  static const char shown[] = "message text OK MESSAGE sip:";
  const struct party *to = from->peer;
  const char *line = to->side.log;
  int count = 0;
  int is_clean = strstr(to->side.log, "_CLOSE ") != NULL &&
                 strstr(from->side.log, "_CLOSE ") != NULL;
  while ((line = strstr(line, shown)) != NULL) {
    line += sizeof shown - 1;
    assert_true(count < from->said_count);
    assert_int_equal(strtol(line, NULL, 10), from->said[count]);
    count++;
  }
  if (from->was_closed) {
    assert_true((uint64_t)count <= from->begun_seq);
    assert_true(from->dialogue->may_lose || !is_clean ||
                (uint64_t)count >= from->sent_seq);
  }
}

/* The last sent event tells of all that was wholly taken. */
static void check_sent(const struct party *party) {
  const char *line = party->side.log;
  unsigned long last = 0;
  while ((line = strstr(line, "sent ")) != NULL) {
    unsigned long seq = strtoul(line + 5, NULL, 10);
    assert_true(seq > last);
    last = seq;
    line++;
  }
  if (party->was_closed) {
    assert_int_equal(last, party->sent_seq);
  }
}

void dialogue_play(struct dialogue *d, enum scene scene, int face,
                   const struct fault *fault) {
  static const struct fault none;
  int role;
  d->scene = scene;
  d->fault = fault != NULL ? *fault : none;
  d->moves = 0;
  party_begin(d, SIPWS_CLIENT, face);
  party_begin(d, SIPWS_SERVER, face);
  make_both(d);
  party_say(&d->party[SIPWS_CLIENT], 10); /* waits for the handshake */
  move(d);
  if (scene == SCENE_MESSAGES) {
    talk(d);
  }
  finish(d, scene == SCENE_DRAINED ? SIPWS_SERVER : SIPWS_CLIENT);
  for (role = 0; role < 2; role++) {
    struct party *party = &d->party[role];
    if (party->side.conn != NULL) {
      assert_int_equal(sipws_conn_state(party->side.conn), SIPWS_STATE_CLOSED);
    }
    look(party);
    party->calls[POINT_ALLOC] = party->side.heap.calls - party->alloc_base;
    side_free(&party->side);
    check_closed(party);
    check_sent(party);
    check_messages(party->peer);
  }
}

/* What |party| was told, as dialogue_check_calm compares it. */
static void heard(const struct party *party, char *out, size_t size) {
  const char *line, *end;
  for (line = party->side.log; *line != '\0'; line = end + 1) {
    size_t len;
    end = strchr(line, '\n');
    len = (size_t)(end - line);
    if (strncmp(line, "sent ", 5) == 0 || strncmp(line, "writable", 8) == 0) {
      continue;
    }
    if (strncmp(line, "keepalive pong", 14) == 0) {
      len = 14;
    }
    assert_true(len + 2 <= size);
    memcpy(out, line, len);
    out[len] = '\n';
    out += len + 1;
    size -= len + 1;
  }
  *out = '\0';
}

void dialogue_check_calm(const struct dialogue *d) {
  static char now[1 << 13];
  int role;
  for (role = 0; role < 2; role++) {
    heard(&d->party[role], now, sizeof now);
    assert_string_equal(now, d->calm[role]);
  }
}

const struct party *dialogue_struck(const struct dialogue *d) {
  return &d->party[d->fault.role];
}

/* The dialogue without faults; how often |fault|'s point was called in it. */
static long play_calm(struct dialogue *d, enum scene scene, int face,
                      const struct fault *fault) {
  int role;
  dialogue_play(d, scene, face, NULL);
  for (role = 0; role < 2; role++) {
    heard(&d->party[role], d->calm[role], sizeof d->calm[role]);
  }
  return d->party[fault->role].calls[fault->point];
}

long dialogue_play_each(struct dialogue *d, enum point point,
                        enum fault_kind kind, int stays,
                        void (*check)(const struct dialogue *d)) {
  struct fault fault = {0, point, kind, 0, stays};
  long tried = 0;
  int scene, face;
  for (scene = 0; scene < SCENES; scene++) {
    for (face = SIDE_CALLBACKS; face <= SIDE_PULLS; face++) {
      for (fault.role = 0; fault.role < 2; fault.role++) {
        long calls = play_calm(d, (enum scene)scene, face, &fault);
        for (fault.at = 1; fault.at <= calls; fault.at++) {
          dialogue_play(d, (enum scene)scene, face, &fault);
          check(d);
        }
        tried += calls;
      }
    }
  }
  return tried;
}
