#include "stage.h"

/* --------------------------------------------------------------- cipher -- */

static void cipher_xor(uint8_t *octets, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    octets[i] ^= 0x5a;
  }
}

static size_t record_write(uint8_t *out, char type, const void *payload,
                           size_t len) {
  assert_true(len <= CIPHER_MOST);
  out[0] = (uint8_t)type;
  out[1] = (uint8_t)(len >> 8);
  out[2] = (uint8_t)len;
  if (len > 0) {
    memcpy(out + CIPHER_HEAD, payload, len);
  }
  cipher_xor(out + CIPHER_HEAD, len);
  return CIPHER_HEAD + len;
}

static int cipher_emit(sipws_conn *conn, char type, const void *payload,
                       size_t len) {
  static uint8_t record[CIPHER_HEAD + CIPHER_MOST];
  return sipws_stage_emit(conn, record,
                          record_write(record, type, payload, len));
}

static int cipher_say(sipws_conn *conn, char type, const char *word) {
  return cipher_emit(conn, type, word, strlen(word));
}

static size_t record_len(const uint8_t *record) {
  return (size_t)record[1] << 8 | record[2];
}

/* An alert, and the error. */
static int cipher_fail(sipws_conn *conn, const struct cipher *cipher, int err) {
  if (!cipher->is_mute) {
    (void)cipher_say(conn, 'A', "bad");
  }
  return err;
}

static int cipher_shake(sipws_conn *conn, struct cipher *cipher,
                        const char *word, size_t len) {
  if (cipher->is_ready && len == 5 && memcmp(word, "again", 5) == 0) {
    return cipher_say(conn, 'H', "again");
  }
  if (cipher->is_server && len == 3 && memcmp(word, "one", 3) == 0) {
    return cipher_say(conn, 'H', "two");
  }
  if (cipher->is_server && len == 5 && memcmp(word, "three", 5) == 0) {
    cipher->is_ready = 1;
    return sipws_conn_set_secure(conn, 1);
  }
  if (!cipher->is_server && len == 3 && memcmp(word, "two", 3) == 0) {
    cipher->is_ready = 1;
    (void)sipws_conn_set_secure(conn, 1);
    return cipher_say(conn, 'H', "three");
  }
  return cipher_fail(conn, cipher, SIPWS_ERR_TLS);
}

/* The record is whole. */
static int cipher_judge(sipws_conn *conn, struct cipher *cipher) {
  uint8_t *payload = cipher->record + CIPHER_HEAD;
  size_t len = record_len(cipher->record);
  cipher->have = 0;
  cipher_xor(payload, len);
  switch (cipher->record[0]) {
  case 'H':
    return cipher_shake(conn, cipher, (const char *)payload, len);
  case 'D':
    cipher->plain_at = CIPHER_HEAD;
    cipher->plain_end = CIPHER_HEAD + len;
    return cipher->is_ready ? 0 : cipher_fail(conn, cipher, SIPWS_ERR_TLS);
  case 'E':
    return SIPWS_ERR_EOF;
  case 'A':
    return SIPWS_ERR_TLS;
  default:
    return cipher_fail(conn, cipher, SIPWS_ERR_TLS);
  }
}

static void cipher_give(struct cipher *cipher, uint8_t *out, size_t out_size,
                        size_t *given) {
  size_t step = cipher->plain_end - cipher->plain_at;
  step = step < out_size - *given ? step : out_size - *given;
  step = cipher->gives != 0 && cipher->gives < step ? cipher->gives : step;
  if (step > 0) {
    memcpy(out + *given, cipher->record + cipher->plain_at, step);
  }
  cipher->plain_at += step;
  *given += step;
}

/* Takes octets of one record; 1 when it is whole. */
static int cipher_gather(struct cipher *cipher, const uint8_t *data, size_t len,
                         size_t *taken) {
  while (*taken < len) {
    cipher->record[cipher->have++] = data[(*taken)++];
    if (cipher->have >= CIPHER_HEAD) {
      size_t whole = CIPHER_HEAD + record_len(cipher->record);
      assert_true(whole <= sizeof cipher->record);
      if (cipher->have == whole) {
        return 1;
      }
    }
  }
  return 0;
}

static int cipher_input(sipws_conn *conn, const uint8_t *data, size_t len,
                        size_t *taken, uint8_t *out, size_t out_size,
                        size_t *given, void *state) {
  struct cipher *cipher = state;
  int answer = 0;
  if (!cipher->is_begun) {
    cipher->is_begun = 1;
    answer = cipher->is_server ? 0 : cipher_say(conn, 'H', "one");
  }
  while (answer == 0) {
    cipher_give(cipher, out, out_size, given);
    /* a record a call: before one that is bad the good ones arrive */
    if (*given > 0 || cipher->plain_at < cipher->plain_end ||
        !cipher_gather(cipher, data, len, taken)) {
      return 0;
    }
    answer = cipher_judge(conn, cipher);
  }
  return answer;
}

static int cipher_output(sipws_conn *conn, const uint8_t *data, size_t len,
                         size_t *taken, void *state) {
  struct cipher *cipher = state;
  int err;
  if (cipher->fails_output != 0) {
    return cipher_fail(conn, cipher, cipher->fails_output);
  }
  if (!cipher->is_ready) {
    return 0;
  }
  len = len < cipher->piece ? len : cipher->piece;
  err = cipher_emit(conn, 'D', data, len);
  if (err == 0) {
    *taken = len;
  }
  return err;
}

static int cipher_end(sipws_conn *conn, void *state) {
  (void)conn;
  (void)state;
  return SIPWS_ERR_TRUNCATED;
}

static void cipher_shut(sipws_conn *conn, void *state) {
  struct cipher *cipher = state;
  cipher->shuts++;
  (void)cipher_emit(conn, 'E', NULL, 0);
}

static void cipher_free(void *state) {
  struct cipher *cipher = state;
  cipher->frees++;
}

const sipws_stage cipher_stage = {sizeof(sipws_stage), cipher_input,
                                  cipher_output,       cipher_end,
                                  cipher_shut,         cipher_free};

void cipher_add(struct side *side, struct cipher *cipher) {
  memset(cipher, 0, sizeof *cipher);
  cipher->is_server = sipws_conn_role(side->conn) == SIPWS_SERVER;
  cipher->piece = 1000;
  assert_int_equal(sipws_conn_add_stage(side->conn, &cipher_stage, cipher), 0);
}

/* -------------------------------------------------------------- records -- */

void wire_record(struct wire *wire, char type, const void *payload,
                 size_t len) {
  static uint8_t record[CIPHER_HEAD + CIPHER_MOST];
  wire_add(wire, record, record_write(record, type, payload, len));
}

void wire_word(struct wire *wire, char type, const char *word) {
  wire_record(wire, type, word, strlen(word));
}

/* Shows the plain octets gathered so far behind what |text| holds. */
static void show_plain(char *text, size_t size, struct wire *plain) {
  size_t at = strlen(text);
  (void)snprintf(text + at, size - at, "%s", wire_show(plain));
  wire_clear(plain);
}

const char *records_show(const struct wire *wire) {
  static char text[1 << 16];
  static struct wire plain;
  static uint8_t payload[CIPHER_MOST];
  size_t at = 0;
  text[0] = '\0';
  wire_clear(&plain);
  while (at < wire->len) {
    const uint8_t *record = wire->data + at;
    size_t len = record_len(record);
    size_t end = strlen(text);
    at += CIPHER_HEAD + len;
    assert_true(at <= wire->len);
    memcpy(payload, record + CIPHER_HEAD, len);
    cipher_xor(payload, len);
    if (record[0] == 'D') {
      wire_add(&plain, payload, len);
      continue;
    }
    show_plain(text, sizeof text, &plain);
    end = strlen(text);
    (void)snprintf(text + end, sizeof text - end, "%c%s%.*s\n", record[0],
                   len > 0 ? " " : "", (int)len, (const char *)payload);
  }
  show_plain(text, sizeof text, &plain);
  return text;
}

const char *side_records(struct side *side) {
  static struct wire wire;
  wire_clear(&wire);
  wire_take(&wire, side, 0);
  return records_show(&wire);
}

void wire_messages(struct wire *wire, size_t count, size_t body_len) {
  static struct wire plain;
  size_t len;
  const char *text = sip_text(body_len, &len);
  wire_clear(&plain);
  while (count-- > 0) {
    wire_frame(&plain, 0x81, 1, text, len);
  }
  wire_record(wire, 'D', plain.data, plain.len);
}

void side_feed_record(struct side *side, char type, const char *payload) {
  static struct wire wire;
  wire_clear(&wire);
  wire_word(&wire, type, payload);
  assert_int_equal(side_feed(side, wire.data, wire.len, 0), wire.len);
}

void side_feed_secret(struct side *side, int first, const char *payload) {
  static struct wire frame, wire;
  wire_clear(&frame);
  wire_frame(&frame, first, sipws_conn_role(side->conn) == SIPWS_SERVER,
             payload, strlen(payload));
  wire_clear(&wire);
  wire_record(&wire, 'D', frame.data, frame.len);
  assert_int_equal(side_feed(side, wire.data, wire.len, 0), wire.len);
}

/* ------------------------------------------------------------- one side -- */

uint64_t side_send_sip(struct side *side, size_t body_len) {
  size_t len;
  const char *text = sip_text(body_len, &len);
  uint64_t seq = 0;
  assert_int_equal(sipws_conn_send(side->conn, text, len, 0, side->now, &seq),
                   0);
  return seq;
}

void side_close(struct side *side) {
  assert_int_equal(sipws_conn_close(side->conn, 1000, NULL, 0,
                                    SIPWS_CLOSE_GRACEFUL, side->now),
                   0);
}

void side_eof(struct side *side) {
  (void)sipws_conn_eof(side->conn, side->now);
  side_pull(side);
}

/* ------------------------------------------------------ over the cipher -- */

void cipher_pair(struct side *client, struct cipher *at_client,
                 struct side *server, struct cipher *at_server) {
  side_client(client, "wss://h.example/ws");
  side_server(server);
  cipher_add(client, at_client);
  cipher_add(server, at_server);
  pair_move(client, server, 0);
  assert_int_equal(sipws_conn_state(client->conn), SIPWS_STATE_OPEN);
  assert_int_equal(sipws_conn_state(server->conn), SIPWS_STATE_OPEN);
  side_forget(client);
  side_forget(server);
}

void cipher_open(struct side *side, struct cipher *cipher, int role) {
  static struct side peer;
  static struct cipher at_peer;
  side_config(&peer, SIDE_CALLBACKS);
  if (role == SIPWS_CLIENT) {
    cipher_pair(side, cipher, &peer, &at_peer);
  } else {
    cipher_pair(&peer, &at_peer, side, cipher);
  }
  side_free(&peer);
}

void cipher_start(struct side *side, struct cipher *cipher, int role,
                  int face) {
  side_config(side, face);
  cipher_open(side, cipher, role);
}

void cipher_stop(struct side *side, const struct cipher *cipher) {
  side_free(side);
  assert_int_equal(cipher->frees, 1);
}

void cipher_shake_hands(struct side *side, struct cipher *cipher) {
  cipher_add(side, cipher);
  if (cipher->is_server) {
    side_feed_record(side, 'H', "one");
    assert_records(side, "H two\n");
    side_feed_record(side, 'H', "three");
  } else {
    assert_records(side, "H one\n");
    side_feed_record(side, 'H', "two");
    side_take(side, CIPHER_HEAD + 5); /* "three" */
  }
}

void cipher_await_verdict(struct side *side, struct cipher *cipher) {
  side->verdict = SIDE_LATER;
  side_server(side);
  cipher_shake_hands(side, cipher);
  side_feed_record(side, 'D', UPGRADE_SIP);
  assert_log(side, "request GET /ws?x=1\n");
}

/* ------------------------------------------------------------- prologue -- */

static int prologue_judge(struct prologue *prologue, char octet) {
  if (octet != '\n' && prologue->line_len < sizeof prologue->line) {
    prologue->line[prologue->line_len++] = octet;
    return 0;
  }
  return prologue->line_len == 2 && memcmp(prologue->line, "ok", 2) == 0
             ? SIPWS_STAGE_DONE
             : SIPWS_ERR_PROXY;
}

static int prologue_input(sipws_conn *conn, const uint8_t *data, size_t len,
                          size_t *taken, uint8_t *out, size_t out_size,
                          size_t *given, void *state) {
  struct prologue *prologue = state;
  int answer = 0;
  (void)out;
  (void)out_size;
  (void)given;
  if (!prologue->is_begun && prologue->says != NULL) {
    answer = sipws_stage_emit(conn, prologue->says, strlen(prologue->says));
  }
  prologue->is_begun = 1;
  if (answer == 0 && !prologue->reads) {
    return SIPWS_STAGE_DONE;
  }
  while (answer == 0 && *taken < len) {
    answer = prologue_judge(prologue, (char)data[(*taken)++]);
  }
  return answer;
}

static void prologue_free(void *state) {
  struct prologue *prologue = state;
  prologue->frees++;
}

const sipws_stage prologue_stage = {
    sizeof(sipws_stage), prologue_input, NULL, NULL, NULL, prologue_free};

void prologue_add(struct side *side, struct prologue *prologue,
                  const char *says, int reads) {
  memset(prologue, 0, sizeof *prologue);
  prologue->says = says;
  prologue->reads = reads;
  assert_int_equal(sipws_conn_add_stage(side->conn, &prologue_stage, prologue),
                   0);
}

/* --------------------------------------------------------------- script -- */

static int script_is(sipws_conn *conn, const struct script *script,
                     enum script_breach breach) {
  if (!script->is_wrong || script->breach != breach) {
    return 0;
  }
  if (script->emits != NULL) {
    (void)sipws_stage_emit(conn, script->emits, strlen(script->emits));
  }
  return 1;
}

static int script_input(sipws_conn *conn, const uint8_t *data, size_t len,
                        size_t *taken, uint8_t *out, size_t out_size,
                        size_t *given, void *state) {
  struct script *script = state;
  size_t step = len < out_size ? len : out_size;
  if (step > 0) {
    memcpy(out, data, step);
  }
  if (script_is(conn, script, SCRIPT_INPUT_ANSWERS)) {
    *taken = len;
    *given = step; /* of no account, with an error */
    return script->answer;
  }
  if (script_is(conn, script, SCRIPT_INPUT_TAKES_NOTHING)) {
    return 0;
  }
  *taken =
      script_is(conn, script, SCRIPT_INPUT_TAKES_TOO_MUCH) ? len + 1 : step;
  *given = script_is(conn, script, SCRIPT_INPUT_GIVES_TOO_MUCH) ? out_size + 1
                                                                : step;
  return 0;
}

static int script_output(sipws_conn *conn, const uint8_t *data, size_t len,
                         size_t *taken, void *state) {
  struct script *script = state;
  if (script_is(conn, script, SCRIPT_OUTPUT_ANSWERS)) {
    return script->answer;
  }
  *taken =
      script_is(conn, script, SCRIPT_OUTPUT_TAKES_TOO_MUCH) ? len + 1 : len;
  return script_is(conn, script, SCRIPT_OUTPUT_EMITS_NOTHING)
             ? 0
             : sipws_stage_emit(conn, data, len);
}

static int script_end(sipws_conn *conn, void *state) {
  struct script *script = state;
  return script_is(conn, script, SCRIPT_END_ANSWERS) ? script->answer : 0;
}

static void script_free(void *state) {
  struct script *script = state;
  script->frees++;
}

const sipws_stage script_stage = {
    sizeof(sipws_stage), script_input, script_output,
    script_end,          NULL,         script_free};

void script_add(struct side *side, struct script *script) {
  memset(script, 0, sizeof *script);
  assert_int_equal(sipws_conn_add_stage(side->conn, &script_stage, script), 0);
}
