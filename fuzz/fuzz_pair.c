/* A client against a server, through the public calls, by memory calls or
 * transport hooks: the input chooses both sides' settings, what their callbacks
 * do, and a row of steps. While both live nothing is lost, doubled or changes
 * places; of what was under way when one ended, each side's numbers tell. */
#include "wire.h"

#define PAIR_MESSAGES 256

/* What a side sent, by sequence number. */
struct ledger {
  uint16_t lens[PAIR_MESSAGES];
  uint8_t dropped[PAIR_MESSAGES]; /* SIPWS_NOTICE_EXPIRED told so */
  uint64_t sent;                  /* accepted by send */
  uint64_t received;              /* by the other side, the last one */
};

static struct side sides[2];
static struct wire wires[2]; /* from each side */
static struct ledger ledgers[2];

static struct side *pair_other(const struct side *side) {
  return &sides[side == &sides[0]];
}

/* ---- accounts ---- */

static void pair_on_send(struct side *side, uint64_t seq, size_t len) {
  struct ledger *ledger = &ledgers[side - sides];
  must(seq == ledger->sent + 1 && seq < PAIR_MESSAGES);
  ledger->sent = seq;
  ledger->lens[seq] = (uint16_t)len;
}

/* Those that were not begun when the clock moved on. */
static void pair_expired(struct side *side, uint64_t last) {
  struct ledger *ledger = &ledgers[side - sides];
  uint64_t seq;
  must(last <= ledger->sent);
  for (seq = side->begun + 1; seq <= last; seq++) {
    ledger->dropped[seq] = 1;
  }
}

/* The next message after |seq| that was not dropped. */
static uint64_t pair_next(const struct ledger *ledger, uint64_t seq) {
  do {
    seq++;
  } while (seq <= ledger->sent && ledger->dropped[seq]);
  return seq;
}

static void pair_received(struct side *side) {
  char expected[SIDE_MESSAGE_MAX];
  const struct side *from = pair_other(side);
  struct ledger *ledger = &ledgers[from - sides];
  uint64_t seq = pair_next(ledger, ledger->received);
  size_t len;
  must(seq <= ledger->sent);
  if (from->conn != NULL) {
    must(seq <= sipws_conn_begun_seq(from->conn));
  }
  len = side_message(expected, (uint32_t)seq, ledger->lens[seq],
                     (from->settings.kind & SIDE_OPAQUE) == 0);
  must(len == side->message_len && memcmp(expected, side->message, len) == 0);
  ledger->received = seq;
}

static void pair_closed(struct side *side, uint64_t cause) {
  const struct ledger *ledger = &ledgers[pair_other(side) - sides];
  must(sipws_conn_last_seq(side->conn) == ledgers[side - sides].sent);
  must(ledgers[side - sides].received <= sipws_conn_begun_seq(side->conn));
  if (cause == SIPWS_CAUSE_PEER_CLOSE) { /* a Close overtakes nothing */
    must(pair_next(ledger, ledger->received) == ledger->sent + 1);
  }
}

static void pair_on_event(struct side *side, int event, uint64_t value) {
  if (event == SIPWS_EVENT_MESSAGE) {
    pair_received(side);
  } else if (event == SIPWS_EVENT_CLOSED) {
    pair_closed(side, value);
  } else if (event == SIPWS_EVENT_NOTICE &&
             (value & 0xff) == SIPWS_NOTICE_EXPIRED) {
    pair_expired(side, value >> 8);
  }
}

/* ---- steps ---- */

enum { STEP_WRITE = 24, STEP_READ = 26, STEP_BREAK = 28, STEP_COUNT = 29 };

/* The transport of one that is over ends, or half of it. */
static void pair_end_wires(void) {
  int i;
  for (i = 0; i < 2; i++) {
    wires[i].has_ended =
        sides[i].conn == NULL || (sipws_conn_wants(sides[i].conn) &
                                  (SIPWS_WANT_SHUT | SIPWS_WANT_CLOSE)) != 0;
  }
}

static void pair_step(struct side *side, uint8_t what, uint8_t arg) {
  struct wire *out = &wires[side - sides];
  struct wire *in = &wires[pair_other(side) - sides];
  what %= STEP_COUNT;
  pair_end_wires();
  if (what == STEP_BREAK) {
    out->send_fault = arg & 3;
    in->recv_fault = arg >> 2 & 3;
  } else if (what >= STEP_READ) {
    (void)wire_read(side, 3u * arg, what & 1);
  } else if (what >= STEP_WRITE) {
    (void)wire_write(side, 3u * arg, what & 1);
  } else {
    side_act(side, what, arg);
  }
}

/* Everything moves until nothing does. */
static void pair_settle(void) {
  int i, moved, rounds = 0;
  do {
    moved = 0;
    for (i = 0; i < 2; i++) {
      struct side *side = &sides[i];
      pair_end_wires();
      wires[i].recv_fault = wires[i].send_fault = WIRE_FINE;
      if (side->conn != NULL) {
        side_go_on(side);
      } else {
        wires[1 - i].len = 0; /* nobody reads it */
      }
      moved |= wire_write(side, SIZE_MAX, rounds & 1);
      moved |= wire_read(side, SIZE_MAX, rounds & 1);
      moved |= (sipws_conn_wants(side->conn) & SIPWS_WANT_WRITE) != 0;
      moved |= sipws_conn_kept(side->conn) > 0; /* it may have paused anew */
    }
    must(rounds++ < 1000);
  } while (moved);
}

static int pair_is_open(void) {
  return sides[0].conn != NULL && sides[1].conn != NULL &&
         sipws_conn_state(sides[0].conn) == SIPWS_STATE_OPEN &&
         sipws_conn_state(sides[1].conn) == SIPWS_STATE_OPEN;
}

static void pair_make(struct fuzz_input *input) {
  static struct wire_end ends[2] = {{&wires[1], &wires[0]},
                                    {&wires[0], &wires[1]}};
  int role;
  memset(sides, 0, sizeof sides);
  memset(ledgers, 0, sizeof ledgers);
  for (role = 0; role < 2; role++) {
    struct side *side = &sides[role];
    memset(&wires[role], 0, offsetof(struct wire, data));
    side->peer = role == SIPWS_CLIENT ? NULL : &sides[SIPWS_CLIENT];
    side_config(side, input, role);
    wire_attach(side, &ends[role]);
    side->on_event = pair_on_event;
    side->on_send = pair_on_send;
    must((role == SIPWS_CLIENT
              ? sipws_client_new(side->config, "ws://h/", 7, side, 0,
                                 &side->conn)
              : sipws_server_new(side->config, side, 0, &side->conn)) == 0);
    side_begin(side, role, READER_HEAD);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  int i;
  pair_make(&input);
  while (input.left > 0) {
    uint8_t what = fuzz_octet(&input);
    pair_step(&sides[what >> 7], what & 127, fuzz_octet(&input));
  }
  pair_settle();
  if (pair_is_open()) {
    for (i = 0; i < 2; i++) {
      must(pair_next(&ledgers[i], ledgers[i].received) == ledgers[i].sent + 1);
    }
    side_act(&sides[0], SIDE_ACT_CLOSE, 1);
    pair_settle();
  }
  for (i = 0; i < 2; i++) {
    side_finish(&sides[i]);
    side_end(&sides[i]);
  }
  return 0;
}
