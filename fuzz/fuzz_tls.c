/* TLS, a client and a server against each other, with a hand on the wire: the
 * input changes, drops, repeats and adds octets, cuts the stream off, and
 * chooses the pieces that arrive. What is delivered is what was sent, in order,
 * or nothing; a wire left alone delivers all; an end without close_notify is
 * told apart; a failure stays; nothing is left in the heaps. Certificates are
 * made once; most handshakes resume a session, which is much faster. */
#include "heap.h"

#include "../test/certs.h"

#include <sipws/tls.h>

#define URL "wss://example.com/"
#define MESSAGES 4
#define EDITS 4
#define WIRE_SIZE 65536

enum { CHANGE, DROP, ADD, REPEAT, CUT, EDIT_KINDS };

/* A change to the octets that one side wrote, |at| octets from the first. */
struct edit {
  uint32_t kind;
  size_t at;
  uint8_t octet;
};

struct end {
  sipws_conn *conn;
  uint32_t role;
  uint32_t sent;
  uint32_t got;
  int is_open; /* it once was */
  int error;   /* the first one that feed told */
  int is_cut;  /* what it writes goes nowhere any more */
  size_t written;
  size_t edit_count;
  struct edit edits[EDITS];
  size_t len, used; /* of |wire|, which flows to the other end */
  uint8_t wire[WIRE_SIZE];
};

static sipws_config *config;
static sipws_tls_config *client_tls, *server_tls;
static uint8_t session[8192];
static size_t session_len;
static struct fuzz_heap heap;
static uint32_t random_state;

static int draw(uint8_t *out, size_t len, void *user) {
  (void)user;
  while (len-- > 0) {
    *out++ = (uint8_t)fuzz_draw(&random_state);
  }
  return 0;
}

/* The |number|th message of a side. */
static size_t message(uint32_t role, uint32_t number, char out[64]) {
  size_t len = 53;
  memcpy(out, "OPTIONS sip:a@h SIP/2.0\r\nCall-ID: 0.0\r\nSubject: x\r\n\r\n",
         len + 1);
  out[34] = (char)('0' + role);
  out[36] = (char)('0' + number);
  return len + 1;
}

static void send_all(struct end *end) {
  char text[64];
  while (end->sent < MESSAGES) {
    size_t len = message(end->role, end->sent, text);
    if (sipws_conn_send(end->conn, text, len, 0, 0, NULL) != 0) {
      return;
    }
    end->sent++;
  }
}

static void got_message(struct end *end) {
  char text[64];
  size_t len = message(1 - end->role, end->got, text);
  size_t msg_len;
  const char *msg;
  int kind, verdict;
  must(sipws_conn_event_message(end->conn, &kind, &msg, &msg_len, &verdict) ==
       0);
  must(end->got < MESSAGES && msg_len == len && memcmp(msg, text, len) == 0);
  end->got++;
  if (end->role == SIPWS_CLIENT && end->got == MESSAGES) {
    (void)sipws_conn_close(end->conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 0);
  }
}

static void pull(struct end *end) {
  int event;
  do {
    must(sipws_conn_next_event(end->conn, &event) == 0);
    switch (event) {
    case SIPWS_EVENT_REQUEST:
      (void)sipws_conn_accept(end->conn, NULL, 0, 0);
      break;
    case SIPWS_EVENT_OPEN:
      end->is_open = 1;
      send_all(end);
      break;
    case SIPWS_EVENT_MESSAGE:
      must(end->is_open);
      got_message(end);
      break;
    default:
      break;
    }
  } while (event != SIPWS_EVENT_NONE);
}

static void put(struct end *end, uint8_t octet) {
  if (!end->is_cut && end->len < WIRE_SIZE) {
    end->wire[end->len++] = octet;
  }
}

/* Writes an octet, after what the input does to it. */
static void write_octet(struct end *end, uint8_t octet) {
  size_t i, from, stop;
  int drop = 0;
  for (i = 0; i < end->edit_count; i++) {
    const struct edit *edit = &end->edits[i];
    if (edit->at != end->written) {
      continue;
    }
    octet ^= edit->kind == CHANGE ? edit->octet : 0;
    drop |= edit->kind == DROP;
    end->is_cut |= edit->kind == CUT;
    if (edit->kind == ADD) {
      put(end, edit->octet);
    }
    from = end->len > edit->octet ? end->len - edit->octet : 0;
    stop = edit->kind == REPEAT ? end->len : from;
    while (from < stop) {
      put(end, end->wire[from++]);
    }
  }
  end->written++;
  if (!drop) {
    put(end, octet);
  }
}

static void take(struct end *end) {
  const uint8_t *data;
  size_t len, i;
  while (sipws_conn_pending(end->conn, 0, &data, &len) == 0 && len > 0) {
    for (i = 0; i < len; i++) {
      write_octet(end, data[i]);
    }
    must(sipws_conn_taken(end->conn, len, 0) == 0);
  }
}

/* Feeds |to| what is on the wire, in pieces. 1 while something moves. */
static int deliver(struct end *from, struct end *to, uint32_t *cuts) {
  size_t before = from->used;
  size_t taken;
  int err;
  do {
    size_t most = 1 + fuzz_draw(cuts) % (1u << fuzz_draw(cuts) % 12);
    size_t len = from->len - from->used;
    uint8_t *piece;
    len = len < most ? len : most;
    piece = (uint8_t *)fuzz_copy(from->wire + from->used, len);
    err = sipws_conn_feed(to->conn, piece, len, 0, &taken);
    free(piece);
    must(to->error == 0 || err == to->error); /* a failure stays */
    to->error = err;
    must(taken <= len);
    from->used += taken;
    pull(to);
  } while (from->used < from->len ||
           (sipws_conn_wants(to->conn) & SIPWS_WANT_FEED) != 0);
  return from->used > before;
}

static void begin(struct end *end, uint32_t role, int resume) {
  end->role = role;
  if (role == SIPWS_CLIENT) {
    must(sipws_client_new(config, URL, strlen(URL), end, 0, &end->conn) == 0);
    must(sipws_tls_attach(client_tls, end->conn) == 0);
    must(!resume ||
         sipws_tls_set_session(end->conn, session, session_len) == 0);
    send_all(end);
  } else {
    must(sipws_server_new(config, end, 0, &end->conn) == 0);
    must(sipws_tls_attach(server_tls, end->conn) == 0);
  }
}

/* The transport ends. What TLS did not end is told. */
static void end_of(struct end *end) {
  int is_open = sipws_conn_state(end->conn) == SIPWS_STATE_OPEN;
  must(sipws_conn_eof(end->conn, 0) == 0);
  pull(end);
  if (is_open) {
    must(sipws_conn_error(end->conn) == SIPWS_ERR_TRUNCATED &&
         sipws_conn_cause(end->conn) == SIPWS_CAUSE_TRUNCATED);
  }
  must(sipws_conn_state(end->conn) == SIPWS_STATE_CLOSED);
  must(sipws_conn_error(end->conn) != SIPWS_ERR_TLS ||
       sipws_tls_reason(end->conn) != SIPWS_TLS_OK);
}

static void run(struct end *client, struct end *server, int resume,
                uint32_t cuts) {
  begin(client, SIPWS_CLIENT, resume);
  begin(server, SIPWS_SERVER, 0);
  do {
    take(client);
    take(server);
  } while (deliver(client, server, &cuts) + deliver(server, client, &cuts) > 0);
}

/* What start made goes at the end, and nothing else is left then. */
static void stop(void) {
  sipws_config_free(config);
  sipws_tls_config_free(client_tls);
  sipws_tls_config_free(server_tls);
  must(heap.blocks == 0);
}

static void start(void) {
  static struct cert root, leaf;
  static struct end client, server;
  cert_make_root(&root, "CN=root");
  cert_make_leaf(&leaf, "dns:example.com", &root);
  must(atexit(stop) == 0);
  must(sipws_config_new(fuzz_alloc, &heap, &config) == 0);
  must(sipws_config_set_random(config, draw, NULL) == 0);
  must(sipws_tls_config_new(SIPWS_CLIENT, fuzz_alloc, &heap, draw, NULL,
                            &client_tls) == 0);
  must(sipws_tls_config_new(SIPWS_SERVER, fuzz_alloc, &heap, draw, NULL,
                            &server_tls) == 0);
  must(sipws_tls_config_add_ca(client_tls, root.own, strlen(root.own)) == 0);
  must(sipws_tls_config_add_identity(server_tls, leaf.chain, strlen(leaf.chain),
                                     leaf.key, strlen(leaf.key), NULL, 0) == 0);
  cert_free(&root);
  cert_free(&leaf);
  run(&client, &server, 0, 0);
  must(client.got == MESSAGES && server.got == MESSAGES);
  must(sipws_tls_session(client.conn, session, sizeof session, &session_len) ==
       0);
  sipws_conn_free(client.conn);
  sipws_conn_free(server.conn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct end client, server;
  struct fuzz_input input = {data, size};
  size_t before, i;
  int flags;
  uint32_t cuts;
  if (size > 2 + 5 * EDITS) {
    return 0; /* nothing reads on */
  }
  if (config == NULL) {
    start();
  }
  memset(&client, 0, sizeof client);
  memset(&server, 0, sizeof server);
  flags = fuzz_octet(&input);
  random_state = cuts = fuzz_octet(&input);
  for (i = 0; i < EDITS && input.left > 0; i++) {
    int where = fuzz_octet(&input);
    struct end *end = where & 1 ? &client : &server;
    struct edit *edit = &end->edits[end->edit_count++];
    edit->kind = (uint32_t)(where >> 1) % EDIT_KINDS;
    edit->at = (size_t)fuzz_octet(&input) << 8;
    edit->at |= fuzz_octet(&input);
    edit->octet = fuzz_octet(&input);
  }
  before = heap.live;
  run(&client, &server, (flags & 31) != 0, cuts);
  if (size <= 2) {
    must(client.got == MESSAGES && server.got == MESSAGES);
    must(sipws_tls_is_resumed(client.conn) == ((flags & 31) != 0));
  }
  end_of(&client);
  end_of(&server);
  if (size <= 2) {
    must(sipws_conn_cause(client.conn) == SIPWS_CAUSE_OUR_CLOSE &&
         sipws_conn_cause(server.conn) == SIPWS_CAUSE_PEER_CLOSE);
  }
  sipws_conn_free(client.conn);
  sipws_conn_free(server.conn);
  must(heap.live == before);
  return 0;
}
