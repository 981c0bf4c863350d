/* conn: one connection. Its files:
 *   conn            creation, free, what surrounds a call
 *   conn_busy       what lives while octets move
 *   conn_end        states, failure, closing, the end
 *   conn_event      events and callbacks
 *   conn_handshake  the upgrade, and its two roles: _client, _server
 *   conn_take       requests handed over
 *   conn_head       header lines: those to add, those of the peer
 *   conn_input      octets in: feed, keep, eof
 *   conn_send       octets out: send, ping, Close
 *   conn_taken      octets out: pending, taken, what was settled or expired
 *   conn_timer      deadline and tick
 *   conn_stage      what stands between it and its transport
 *   conn_get        other getters and setters
 */
#ifndef SIPWS_CONN_H
#define SIPWS_CONN_H

#include "sipws_buf_queue.h"
#include "sipws_config.h"
#include "sipws_crypto.h"

#include <sipws/stage.h>

#define SIPWS__RANDOM_POOL 32
#define SIPWS__NEVER UINT64_MAX
#define SIPWS__WIRE_MAX 0x80000000u
#define SIPWS__NOTICES SIPWS_NOTICE_PEER_CLOSES
#define SIPWS__KEEPALIVES SIPWS_KEEPALIVE_CRLF /* kinds that have intervals */
/* Octets, at most, that the handshake itself writes around what was set. */
#define SIPWS__HEAD_OWN 1024
/* Octets of fixed memory that a Close needs, at most. */
#define SIPWS__CLOSE_RESERVE                                                   \
  (sizeof(struct sipws__chunk) + sizeof(void *) + SIPWS__FRAME_HEAD_MAX +      \
   SIPWS__CONTROL_MAX)

/* Frames that the library queues by itself, at most one of each. */
enum sipws__own {
  SIPWS__OWN_PONG = 0,        /* the answer to a ping */
  SIPWS__OWN_PING = 1,        /* ping, or unsolicited pong */
  SIPWS__OWN_CRLF_ANSWER = 2, /* data frames from here on */
  SIPWS__OWN_CRLF_PING = 3,
  SIPWS__OWN_COUNT = 4
};

/* What only the handshake needs; freed once it is over and nothing of it is
 * lent any more. */
struct sipws__upgrade {
  struct sipws__buf head;    /* the peer's head; a client: then the body */
  size_t head_len;           /* 0 until it is whole */
  size_t searched;           /* octets looked at for its end */
  struct sipws__buf lines;   /* header lines that the application added */
  struct sipws__buf cookies; /* client */
  struct sipws__buf host;    /* client */
  struct sipws__buf out;     /* head to send */
  size_t out_taken;
  size_t out_lent;
  const char *body; /* refusal: lent by the application, or pulled */
  sipws_body_fn body_fn;
  void *body_user;
  uint64_t body_left; /* octets not taken (|body|) or not yet pulled */
  uint64_t body_off;
  uint64_t prefix_left; /* client: octets of the refusal's body still wanted */
  union {
    struct sipws__request request; /* server, once the head is whole */
    struct sipws__answer answer;   /* client */
  } as;
  char key[SIPWS__KEY_LEN]; /* client */
  uint8_t is_taken_over;    /* server: take_request began */
  uint8_t is_stream;        /* server: RFC 8441, nothing of ours is written */
  uint8_t is_refused;       /* client: the status is not 101 */
};

/* Stages; only there when some were added. */
#define SIPWS__STAGES 4

struct sipws__link {
  const sipws_stage *stage;
  void *state;
};

struct sipws__chain {
  struct sipws__link links[SIPWS__STAGES];
  uint8_t count;
  uint8_t current;          /* in charge; |count|: none is any more */
  uint8_t is_begun;         /* the one in charge was called */
  uint8_t is_blocked;       /* it took no octets; input may change that */
  uint8_t is_ended;         /* its peer sends no more */
  uint8_t is_shut;          /* nothing is given to it any more */
  uint8_t is_failed;        /* only what was emitted still leaves */
  int failure;              /* of its input, not told yet; 0: none */
  size_t plain;             /* octets of the connection's that |wire| carries */
  struct sipws__queue wire; /* octets for the transport */
  struct sipws__buf raw;    /* octets of the transport, by keep */
};

/* What only lives while octets move: made when they begin to, and given back by
 * the trim once nothing of it is of account. All zero at first but for what
 * |in| needs. */
struct sipws__busy {
  /* input */
  struct sipws__message in;
  struct sipws__buf kept;
  const char *message; /* in |in| or, fed in place, in the caller's octets */
  size_t message_len;
  uint64_t rtt_ms;        /* of the keep-alive event that waits, … */
  uint8_t keepalive_kind; /* … and its kind */
  uint8_t kind, verdict;  /* of |message| */

  /* output */
  uint8_t frame_counts; /* the queue's front frame ends a message of the
                         * application's */
  uint8_t frame_is_app; /* it belongs to one */
  uint8_t is_high;      /* writable is armed */
  uint8_t pong_waits;   /* a ping came while a pong was queued; newest only */
  uint8_t crlf_waits;   /* likewise a CRLFCRLF: opcode of the answer */
  uint8_t pong_len;
  uint8_t pool_left;
  uint8_t pool[SIPWS__RANDOM_POOL]; /* for mask keys */
  uint8_t *pong;     /* its payload, SIPWS__CONTROL_MAX, or NULL */
  size_t frame_left; /* octets of the frame at the queue's front */
  struct sipws__queue out;
  uint64_t taken; /* octets taken of the queue since it was made */
  uint64_t own_end[SIPWS__OWN_COUNT]; /* where a frame of ours ends, or 0 */
  uint64_t mark_at;   /* max_wait: those up to mark_seq are at least so old */
  uint64_t mark_seq;  /* 0: no mark */
  uint64_t gap_after; /* behind this number come those dropped … */
  uint64_t gap_to;    /* … up to this one; 0: none behind sent_seq */
};

/* One connection. Many are idle at a time: what does not outlive a silence is
 * in |upgrade| and |busy|. Many move in turn: what a message needs, and the
 * look at the deadline behind it, stands first, in three cache lines. */
struct sipws_conn {
  const sipws_config *config;
  void *user;
  struct sipws__upgrade *upgrade; /* while the handshake lasts, or NULL */
  struct sipws__busy *busy;       /* NULL when idle: see sipws__busy_of */
  struct sipws__chain *chain;     /* NULL without stages */
  const struct sipws__proto *proto;

  /* numbers of messages */
  uint64_t last_seq; /* given */
  uint64_t sent_seq; /* taken */

  /* time, all in the caller's clock; SIPWS__NEVER when not set */
  uint64_t now;
  uint64_t life_at; /* the state's own deadline; an open one's: its drain */
  uint64_t received_at;
  uint64_t taken_at;                   /* or since when output waits */
  uint64_t next_at[SIPWS__KEEPALIVES]; /* by kind, the first at 0 */

  /* events: details of the one pulled last */
  uint64_t current_value;
  uint32_t cut; /* octets of the message delivered last */

  uint32_t idle_ms;
  int error;       /* sticky */
  uint16_t events; /* bit 1 << SIPWS_EVENT_ */
  uint8_t role;
  uint8_t state;
  uint8_t depth;        /* public calls under way, one in the other */
  uint8_t not_sip;      /* in a row */
  uint8_t current;      /* event pulled or called back last */
  uint8_t current_kind; /* keep-alive or notice pulled last */
  uint8_t is_fixed;     /* all its memory lies behind it */
  uint8_t is_secure;
  uint8_t must_be_secure; /* a wss URL */
  uint8_t is_freed;       /* free was called from a callback */
  uint8_t is_paused;
  uint8_t is_draining;
  uint8_t stop;           /* on_message asked to stop */
  uint8_t is_stalled;     /* told already */
  uint8_t ping_waits;     /* a pong is awaited */
  uint8_t crlf_awaits;    /* a CRLF is awaited */
  uint8_t close_received; /* the peer's Close came: input is over */
  uint8_t close_queued;   /* ours is in the queue or gone */
  uint8_t close_nowait;
  uint8_t is_eof;   /* the peer ended; acted on once kept octets are used */
  uint8_t we_began; /* our Close came before the peer's */

  /* what few of its calls need; by size */
  void *io_user;
  uint64_t id;
  char *subprotocol; /* its spelling where the list has another, room for
                      * SIPWS__PROTO_NAME_MAX; or NULL */
  uint64_t ping_at;  /* last one sent */
  uint64_t crlf_at;  /* likewise */
  uint64_t paused_at;
  uint64_t drain_end;                    /* no state's own deadline is later */
  uint64_t notice_value[SIPWS__NOTICES]; /* by number, the first at 0 */
  uint32_t keepalive[SIPWS__KEEPALIVES]; /* intervals, by kind likewise */
  uint32_t retry_s;
  uint32_t ping_hash; /* of its payload */
  uint32_t ping_number;
  int lost_reason;
  uint16_t status; /* HTTP */
  uint16_t peer_port, local_port;
  uint16_t peer_code; /* of the peer's Close */
  uint16_t our_code;
  uint16_t drain_code;
  uint8_t peer[16], local[16];
  uint8_t peer_len, local_len;
  uint8_t subprotocol_len;
  uint8_t has_subprotocol; /* one was agreed on */
  uint8_t crlf_policy;     /* a subset of SIPWS__POLICY_CRLF */
  uint8_t life_timer;      /* which timer |life_at| is */
  uint8_t end_timer;       /* which timer failed it */
  uint8_t cause;
  uint8_t notices; /* bit 1 << SIPWS_NOTICE_ */

  uint32_t url_len;
  char url[]; /* a client's, not terminated */
};

/* ---- conn ---- */

/* Every public call with a time is between these two. leave delivers events
 * when it is the outermost, frees the connection if a callback asked for it,
 * and returns |result|, or SIPWS_ERR_FREED. */
static inline void sipws__conn_enter(sipws_conn *conn, uint64_t now_ms) {
  if (now_ms > conn->now) {
    conn->now = now_ms;
  }
  conn->depth++;
}
int sipws__conn_leave(sipws_conn *conn, int result);

static inline const struct sipws__mem *sipws__conn_mem(const sipws_conn *conn) {
  return &conn->config->mem;
}

/* The one place that changes the state; sets the deadline of the new one. */
void sipws__conn_set_state(sipws_conn *conn, int state);

/* Random octets from the pool; fails the connection when the hook does. */
int sipws__conn_random(sipws_conn *conn, uint8_t *out, size_t len);

/* The same, a number from 0 to |most|, below 2^32 - 1. */
int sipws__conn_draw(sipws_conn *conn, uint32_t most, uint32_t *number);

/* A rule was broken or a resource failed: sticky |err|, and a Close where one
 * may leave. */
void sipws__conn_fail(sipws_conn *conn, int err, int cause);

/* It is over: output is dropped, the closed event raised. */
void sipws__conn_finish(sipws_conn *conn, int cause);

/* The same because no answer can leave, whatever struck before: that error
 * stays, the cause is this one. */
void sipws__conn_break(sipws_conn *conn, int err, int cause);

/* Takes the closing steps that are due, after output was taken, or a Close or
 * the end of input came. */
void sipws__conn_settle_close(sipws_conn *conn);

/* The peer sends no more; the state's own deadline has come. */
void sipws__conn_end_of_input(sipws_conn *conn);
void sipws__conn_end_of_life(sipws_conn *conn);

/* What was agreed, in the spelling |name|. SIPWS_ERR_NOMEM. */
int sipws__conn_set_proto(sipws_conn *conn, const struct sipws__proto *proto,
                          const char *name, size_t len);

/* 1 when input is not looked at any more. */
int sipws__conn_is_deaf(const sipws_conn *conn);

void sipws__conn_trace(const sipws_conn *conn, int outgoing, int what,
                       const void *data, size_t len);

/* The close calls without enter and leave. */
int sipws__conn_close(sipws_conn *conn, uint16_t code, const char *reason,
                      size_t len, int mode);

/* ---- conn_busy ---- */

/* Makes it. SIPWS_ERR_NOMEM. */
int sipws__busy_new(sipws_conn *conn);

/* The same, before it is written to, if it is not there. */
static inline int sipws__busy_wake(sipws_conn *conn) {
  return conn->busy != NULL ? 0 : sipws__busy_new(conn);
}

/* The same in memory that is lent (fixed buffers). */
void sipws__busy_begin(sipws_conn *conn, struct sipws__busy *busy);

/* To look at it: all zero where there is none. */
extern const struct sipws__busy sipws__busy_none;

static inline const struct sipws__busy *sipws__busy_of(const sipws_conn *conn) {
  return conn->busy != NULL ? conn->busy : &sipws__busy_none;
}

/* 1 when the policy is that it does not wait for the trim. */
static inline int sipws__busy_is_brief(const sipws_conn *conn) {
  return (conn->config->policy & SIPWS_POLICY_TRIM_AT_ONCE) != 0;
}

/* 1 when trim would give something back: buffers, or all of it. */
int sipws__busy_has_slack(const sipws_conn *conn);
void sipws__busy_trim(sipws_conn *conn);
/* Gives all of it back if nothing of it is of account; … */
void sipws__busy_settle(sipws_conn *conn);
void sipws__busy_free(sipws_conn *conn);

/* … at the end of a call, if the policy is that this does not wait for the
 * trim. The reason of a Close lives until free, as with the trim. */
static inline void sipws__busy_end_of_call(sipws_conn *conn) {
  if (sipws__busy_is_brief(conn) && conn->state == SIPWS_STATE_OPEN) {
    sipws__busy_settle(conn);
  }
}

/* ---- conn_event ---- */

void sipws__conn_raise(sipws_conn *conn, int event);
void sipws__conn_raise_notice(sipws_conn *conn, int notice, uint64_t value);
void sipws__conn_raise_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms);

/* Calls back for all that waits. */
void sipws__conn_dispatch(sipws_conn *conn);

/* 1 when feed has to stop until events were pulled. */
int sipws__conn_must_pull(const sipws_conn *conn);

/* 1 when a call without time left events to call back for. */
int sipws__conn_must_tell(const sipws_conn *conn);

/* ---- conn_handshake ---- */

int sipws__upgrade_new(sipws_conn *conn);

/* The same in memory that is lent (fixed buffers). */
void sipws__upgrade_begin(sipws_conn *conn, struct sipws__upgrade *upgrade);

void sipws__upgrade_free(sipws_conn *conn);

/* Drops it if it is over and nothing of it is lent. */
void sipws__upgrade_release(sipws_conn *conn);

/* Takes octets of the peer's head (or of a refusal's body). */
int sipws__upgrade_feed(sipws_conn *conn, const uint8_t *in, size_t len,
                        size_t *used);

/* Server: judges the head that is whole, for a verdict or a refusal. */
void sipws__upgrade_judge_request(sipws_conn *conn);

/* Server: refuses by itself. */
void sipws__upgrade_refuse(sipws_conn *conn, int status);

/* Client: tells the refusal, with as much of its body as came. */
void sipws__upgrade_refused(sipws_conn *conn);

/* Builds a client's request once; refills a pulled body. */
int sipws__upgrade_prepare_out(sipws_conn *conn);

/* Output of the handshake: what is left of it, lend and take, as the
 * queue's. */
size_t sipws__upgrade_out_len(const sipws_conn *conn);
void sipws__upgrade_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                         size_t *len);
size_t sipws__upgrade_lent(const sipws_conn *conn);
size_t sipws__upgrade_take(sipws_conn *conn, size_t n);
/* 1 when pending would lend something of it, now or after preparing. */
int sipws__upgrade_has_out(const sipws_conn *conn);

/* Octets are frames for later: a verdict is to come, or the rest of a request
 * that is handed over. */
static inline int sipws__conn_only_keeps(const sipws_conn *conn) {
  return conn->state == SIPWS_STATE_VERDICT ||
         (conn->state == SIPWS_STATE_CONNECTING &&
          conn->upgrade->is_taken_over);
}

/* ---- conn_input ---- */

/* Keeps octets behind those that are. */
int sipws__conn_keep(sipws_conn *conn, const void *data, size_t len);

/* ---- conn_send ---- */

/* Octets of the frames, at most, that carry a message of |len|. No connection
 * is made whose longest message needs more than SIPWS__WIRE_MAX: all sizes of
 * output fit 32 bits. */
uint64_t sipws__conn_wire_size(const sipws_config *config, size_t len);

/* Queue a Close, a pong, a CRLF answer behind all that is there. */
int sipws__conn_queue_close(sipws_conn *conn, uint16_t code, const char *reason,
                            size_t len);
void sipws__conn_answer_ping(sipws_conn *conn, const uint8_t *payload,
                             size_t len);
void sipws__conn_answer_crlf(sipws_conn *conn, int opcode);

/* Keep-alives of ours; nothing when one of the kind is still queued. */
int sipws__conn_send_ping(sipws_conn *conn, const uint8_t *payload, size_t len);
int sipws__conn_send_pong(sipws_conn *conn);
int sipws__conn_send_crlf(sipws_conn *conn);

/* Queues answers that waited for their slot. */
void sipws__conn_send_waiting(sipws_conn *conn);

/* What a ping's payload is remembered by. */
uint32_t sipws__conn_hash(const uint8_t *payload, size_t len);

/* ---- conn_taken ---- */

/* Drops the messages up to |upto| that were not lent. */
void sipws__conn_expire(sipws_conn *conn, uint64_t upto);

/* 1 when there is output that pending lends, now or when a stage is ready; … */
int sipws__conn_has_output(const sipws_conn *conn);
/* … the connection's own. */
int sipws__conn_has_plain(const sipws_conn *conn);

/* Lends the connection's own octets, as pending without stages; |*len| is
 * untouched when there are none. */
int sipws__conn_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                     size_t *len);

/* ---- conn_stage ---- */

static inline int sipws__stage_is_in_charge(const sipws_conn *conn) {
  return conn->chain != NULL && conn->chain->current < conn->chain->count;
}

/* It failed and its last words leave. */
static inline int sipws__stage_has_failed(const sipws_conn *conn) {
  return conn->chain != NULL && conn->chain->is_failed;
}

/* Gives octets to the stage in charge, which may be another one after that;
 * what it gives in turn is kept. 0 when nothing moved. */
int sipws__stage_input(sipws_conn *conn, const uint8_t *in, size_t len,
                       size_t *taken);
/* Its failure is told once all that came before it was. */
void sipws__stage_settle(sipws_conn *conn);
/* Octets of the transport that wait for the stage. */
int sipws__stage_keep(sipws_conn *conn, const void *data, size_t len);
size_t sipws__stage_kept(const sipws_conn *conn);
/* They are looked at no more. */
void sipws__stage_forget(sipws_conn *conn);
/* The transport ended; that may fail the connection. */
void sipws__stage_end(sipws_conn *conn);

/* Has the stage in charge emit what it can. The connection's error if that
 * failed, though something may still have been emitted. */
int sipws__stage_prepare_out(sipws_conn *conn);
static inline size_t sipws__stage_wire_len(const sipws_conn *conn) {
  return conn->chain != NULL ? conn->chain->wire.len : 0;
}

static inline size_t sipws__stage_lent(const sipws_conn *conn) {
  return conn->chain != NULL ? conn->chain->wire.lent : 0;
}

void sipws__stage_lend(sipws_conn *conn, size_t skip, const uint8_t **data,
                       size_t *len);
/* Takes what of |*n| it emitted; returns how many of the connection's octets
 * are settled by that. */
size_t sipws__stage_take(sipws_conn *conn, size_t *n);
/* The connection sends no more. 1 when the stage has a last word. */
int sipws__stage_shut(sipws_conn *conn);
/* It is over without a Close, for |err| and |cause|. 1 when the stage has a
 * last word, and the connection ends once that is taken (RFC 5246 7.2.1:
 * whoever ends its side says close_notify, and that is answered by one). */
int sipws__stage_last_word(sipws_conn *conn, int err, int cause);
/* Whether pending would lend, when the connection itself has output. */
int sipws__stage_wants_write(const sipws_conn *conn, int has_plain);

int sipws__stage_has_slack(const sipws_conn *conn);
void sipws__stage_trim(sipws_conn *conn);
void sipws__stage_free(sipws_conn *conn);

/* ---- conn_timer ---- */

void sipws__conn_start_timers(sipws_conn *conn); /* on open */
void sipws__conn_arm_keepalive(sipws_conn *conn, int kind);

#endif /* SIPWS_CONN_H */
