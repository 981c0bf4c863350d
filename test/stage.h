/* Toy stages. A cipher with all that TLS has: a handshake, records, an end in
 * due form, alerts. A prologue of one line each way. And one that does what it
 * is told, right or wrong. */
#ifndef SIPWS_TEST_STAGE_H
#define SIPWS_TEST_STAGE_H

#include "pair.h"

#include <sipws/stage.h>

/* ---- cipher ---- */

/* A record is its type, two octets of length, and the payload xor 0x5a. Types:
 * 'H' handshake ("one" of the client, "two" of the server, "three" of the
 * client; later "again", which is answered by the same), 'D' data, 'E' end, 'A'
 * alert. */
#define CIPHER_HEAD 3
#define CIPHER_MOST 20000

struct cipher {
  int is_server;
  int is_begun, is_ready;
  int is_mute;                /* fails without an alert */
  int fails_output;           /* what output returns, behind an alert, or 0 */
  size_t piece;               /* octets that a record takes, at most */
  size_t gives;               /* octets given a call, at most; 0: all */
  size_t plain_at, plain_end; /* in |record|: still to be given */
  size_t have;
  uint8_t record[CIPHER_HEAD + CIPHER_MOST];
  int shuts, frees; /* calls of shut and of free */
};

extern const sipws_stage cipher_stage;

/* Puts a fresh one below |side|; a |piece| is 1,000. */
void cipher_add(struct side *side, struct cipher *cipher);

/* The same, then plays the peer through the handshake of the cipher. */
void cipher_shake_hands(struct side *side, struct cipher *cipher);

/* A server over one whose client's request awaits its verdict. */
void cipher_await_verdict(struct side *side, struct cipher *cipher);

/* Client and server, open, logs forgotten; one of them, the peer gone. */
void cipher_pair(struct side *client, struct cipher *at_client,
                 struct side *server, struct cipher *at_server);
void cipher_open(struct side *side, struct cipher *cipher, int role);

/* The same behind side_config with |face|. */
void cipher_start(struct side *side, struct cipher *cipher, int role, int face);

/* side_free, and the cipher was freed once. */
void cipher_stop(struct side *side, const struct cipher *cipher);

/* Adds a record as the peer writes it; one with a C string. */
void wire_record(struct wire *wire, char type, const void *payload, size_t len);
void wire_word(struct wire *wire, char type, const char *word);

/* Adds a data record with |count| messages of a client. */
void wire_messages(struct wire *wire, size_t count, size_t body_len);
#define MESSAGE_LOG                                                            \
  "message text OK MESSAGE sip:a@h SIP/2.0 (260)\n" /* of 200 */

/* Feeds such a record; a data record with a frame of the peer's. All has to be
 * taken. */
void side_feed_record(struct side *side, char type, const char *payload);
void side_feed_secret(struct side *side, int first, const char *payload);

/* What records say: "H one", "E"; data records in a row as wire_show. */
const char *records_show(const struct wire *wire);

/* All that is pending at |side|, taken and shown. */
#define assert_records(side, expected)                                         \
  assert_string_equal(side_records(side), (expected))
const char *side_records(struct side *side);

/* ---- one side ---- */

#define READ SIPWS_WANT_READ
#define WRITE SIPWS_WANT_WRITE
#define SHUT SIPWS_WANT_SHUT
#define CLOSE SIPWS_WANT_CLOSE
#define FEED SIPWS_WANT_FEED

#define assert_wants(side, wants)                                              \
  assert_int_equal(sipws_conn_wants((side)->conn), (wants))
#define assert_state(side, state)                                              \
  assert_int_equal(sipws_conn_state((side)->conn), (state))
#define assert_error(side, err)                                                \
  assert_int_equal(sipws_conn_error((side)->conn), (err))

/* Sends one SIP message, which is taken; its number. */
uint64_t side_send_sip(struct side *side, size_t body_len);
/* Begins to close with 1000, gracefully. */
void side_close(struct side *side);
/* The transport ends. */
void side_eof(struct side *side);

/* ---- prologue ---- */

struct prologue {
  const char *says; /* a line, written first; or NULL */
  int reads;        /* then a line is read: "ok", or it fails */
  int is_begun;
  size_t line_len;
  char line[20];
  int frees;
};

extern const sipws_stage prologue_stage;

void prologue_add(struct side *side, struct prologue *prologue,
                  const char *says, int reads);

/* ---- script ---- */

/* How it goes wrong once |is_wrong|; before, it passes octets as they are. */
enum script_breach {
  SCRIPT_INPUT_ANSWERS, /* |answer| */
  SCRIPT_INPUT_TAKES_TOO_MUCH,
  SCRIPT_INPUT_GIVES_TOO_MUCH,
  SCRIPT_INPUT_TAKES_NOTHING,
  SCRIPT_OUTPUT_ANSWERS,
  SCRIPT_OUTPUT_TAKES_TOO_MUCH,
  SCRIPT_OUTPUT_EMITS_NOTHING,
  SCRIPT_END_ANSWERS
};

struct script {
  int is_wrong;
  enum script_breach breach;
  int answer;
  const char *emits; /* before it answers, if not NULL */
  int frees;
};

extern const sipws_stage script_stage;

/* Puts a fresh one below |side|; it still keeps its contract. */
void script_add(struct side *side, struct script *script);

#endif /* SIPWS_TEST_STAGE_H */
