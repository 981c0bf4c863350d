/* A connection under test with a log of its events, against another one or
 * against octets made by hand. Logs and wires are compared as text, so that a
 * dialogue reads like a transcript. */
#ifndef SIPWS_TEST_PAIR_H
#define SIPWS_TEST_PAIR_H

#include "support.h"

#include <sipws/sipws.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- one side ---- */

enum side_face { SIDE_CALLBACKS = 0, SIDE_PULLS = 1, SIDE_PULLS_INPLACE = 2 };

/* What a server does with a request; or a status of 200 and more. */
enum side_verdict { SIDE_ACCEPT = 0, SIDE_LATER = 1 };

struct side {
  sipws_config *config;
  sipws_conn *conn; /* NULL once freed */
  struct test_heap heap;
  uint32_t seed; /* of the random hook */
  int random_fails;
  int face;
  int verdict;
  uint64_t now;
  /* after an event was logged, if not NULL: |event| is a SIPWS_EVENT_ number;
   * its result is that of on_message */
  int (*then)(struct side *side, int event);
  void *context; /* of |then| */
  size_t count;  /* events so far */
  size_t log_len;
  char log[1 << 16];
};

/* A config with defaults, allocator and random hook; change it as you like,
 * then make the connection. */
void side_config(struct side *side, int face);
void side_client(struct side *side, const char *url);
void side_server(struct side *side);
/* Open from the start; subprotocol "sip", or "echo" (profile opaque). */
void side_adopt(struct side *side, int role, const char *subprotocol);
/* The three above after side_config with callbacks. */
void side_open(struct side *side, int role);
/* Frees all; nothing may be left in the heap. */
void side_free(struct side *side);

void side_limit(struct side *side, int limit, uint32_t value);
void side_timer(struct side *side, int timer, uint32_t ms);
void side_policy(struct side *side, uint32_t policy);

/* Gives octets in pieces of |cut| (0: one piece), pulling events as needed;
 * what is not taken is given again until nothing moves. Tells how many were
 * taken. */
size_t side_feed(struct side *side, const void *data, size_t len, size_t cut);
/* The same for all of a C string, and for a frame with one as payload, masked
 * as the peer has to; all has to be taken. */
void side_feed_text(struct side *side, const char *text);
void side_feed_frame(struct side *side, int first, const char *payload);
/* The result of the last feed. */
int side_fed(const struct side *side);
/* Pulls events until there is none (face SIDE_PULLS). */
void side_pull(struct side *side);
void side_tick(struct side *side, uint64_t now);
/* Queues a text of |len| letters; its number, or 0 when it is not taken. */
uint64_t side_send(struct side *side, size_t len, int expected);
/* Lends as much as needed, then takes |n| octets. */
void side_take(struct side *side, size_t n);
void side_note(struct side *side, const char *format, ...);

/* The log since the last look; lines end with a newline. */
#define assert_log(side, expected)                                             \
  do {                                                                         \
    assert_string_equal((side)->log, (expected));                              \
    side_forget(side);                                                         \
  } while (0)
void side_forget(struct side *side);

/* ---- octets ---- */

struct wire {
  size_t len;
  uint8_t data[1 << 19];
};

void wire_clear(struct wire *wire);
void wire_add(struct wire *wire, const void *data, size_t len);
void wire_put(struct wire *wire, const char *text);
/* A frame; |first| is its first octet, say 0x81. Masked when |masked|. */
void wire_frame(struct wire *wire, int first, int masked, const void *payload,
                size_t len);
/* All that is pending at |side|, at most |most| octets a lend, taken. */
void wire_take(struct wire *wire, struct side *side, size_t most);

/* What octets say: heads by their first line, frames as "text OPTIONS …",
 * "ping abcd", "close 1000 bye"; "+" before a frame that is not final, "mask "
 * before one that is masked. Payloads by length and first line when long. */
const char *wire_show(const struct wire *wire);

/* All that is pending at |side|, taken and shown. */
#define assert_wire(side, expected)                                            \
  assert_string_equal(side_show(side), (expected))
const char *side_show(struct side *side);
/* The octets themselves, as a C string. */
const char *side_output(struct side *side);

/* ---- two sides ---- */

/* Moves octets both ways in pieces of |cut| until nothing moves. */
void pair_move(struct side *a, struct side *b, size_t cut);
/* Client and server, open, logs forgotten. */
void pair_open(struct side *client, struct side *server);

/* ---- memory ---- */

/* Limits that memory goes by. */
struct bound {
  uint32_t message, queue, handshake, input, prefix, frame;
};

/* As the preamble of sipws.h has it. */
size_t bound_of(const struct bound *b, size_t url_len, int in_handshake);

/* ---- text ---- */

/* A SIP message with |body_len| octets of body; static memory. */
const char *sip_text(size_t body_len, size_t *len);

#define UPGRADE                                                                \
  "GET /ws?x=1 HTTP/1.1\r\n"                                                   \
  "Host: h.example\r\n"                                                        \
  "Upgrade: websocket\r\n"                                                     \
  "Connection: Upgrade\r\n"                                                    \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                            \
  "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE_SIP UPGRADE "Sec-WebSocket-Protocol: sip\r\n\r\n"

#define OPTIONS                                                                \
  "OPTIONS sip:a@h SIP/2.0\r\n"                                                \
  "Call-ID: 1\r\n"                                                             \
  "\r\n"

#endif /* SIPWS_TEST_PAIR_H */
