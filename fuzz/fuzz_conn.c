/* A connection fed with anything, twice: whole, and cut as the input says. Both
 * runs must tell the same events and write the same octets. The first octet
 * chooses role, profile, policies and whether the upgrade is over; the second
 * seeds the cuts and what the callbacks do. */
#include <sipws/sipws.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
  uint64_t hash;   /* of all that was seen */
  uint32_t random; /* the random hook's state */
  uint32_t choice; /* the callbacks' */
};

static void run_see(struct run *run, const void *data, size_t len) {
  const uint8_t *octets = data;
  size_t i;
  for (i = 0; i < len; i++) {
    run->hash = (run->hash ^ octets[i]) * 1099511628211u;
  }
}

static void run_see_number(struct run *run, uint64_t number) {
  run_see(run, &number, sizeof number);
}

static uint32_t run_draw(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 16;
}

static int run_random(uint8_t *out, size_t len, void *user) {
  uint32_t *state = user;
  while (len-- > 0) {
    *out++ = (uint8_t)run_draw(state);
  }
  return 0;
}

static int run_on_message(sipws_conn *conn, int kind, const char *msg,
                          size_t len, int verdict, void *user) {
  struct run *run = user;
  run_see_number(run, (uint64_t)kind << 8 | (uint64_t)verdict);
  run_see(run, msg, len);
  run_see_number(run, sipws_conn_cut(conn));
  switch (run_draw(&run->choice) % 8) {
  case 0:
    (void)sipws_conn_send(conn, msg, len, SIPWS_SEND_UNCHECKED, 2, NULL);
    break;
  case 1:
    (void)sipws_conn_close(conn, 1000, "x", 1, SIPWS_CLOSE_GRACEFUL, 2);
    break;
  case 2:
    (void)sipws_conn_ping(conn, "?", 1, 2);
    break;
  default:
    break;
  }
  return 0;
}

static void run_on_request(sipws_conn *conn, void *user) {
  struct run *run = user;
  sipws_request view;
  const char *text;
  size_t len;
  view.struct_size = sizeof view;
  if (sipws_conn_request(conn, &text, &len, &view) == 0) {
    run_see(run, text, len);
    run_see(run, text + view.path.off, view.path.len);
  }
  if (sipws_conn_accept(conn, NULL, 0, 1) != 0) {
    (void)sipws_conn_reject(conn, 404, "no", 2, 1);
  }
}

static void run_on_keepalive(sipws_conn *conn, int kind, uint64_t rtt_ms,
                             void *user) {
  (void)conn;
  run_see_number(user, (uint64_t)kind << 32 | rtt_ms);
}

static void run_on_closed(sipws_conn *conn, int cause, void *user) {
  run_see_number(user, (uint64_t)cause << 32 | sipws_conn_close_code(conn));
  run_see_number(user, sipws_conn_begun_seq(conn));
}

static sipws_config *run_config(struct run *run, uint8_t settings) {
  sipws_config *config;
  if (sipws_config_new(NULL, NULL, &config) != 0) {
    abort();
  }
  (void)sipws_config_set_random(config, run_random, &run->random);
  (void)sipws_config_on_request(config, run_on_request);
  (void)sipws_config_on_message(config, run_on_message);
  (void)sipws_config_on_keepalive(config, run_on_keepalive);
  (void)sipws_config_on_closed(config, run_on_closed);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_MESSAGE_SIZE, 2048);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_FRAGMENTS, 8);
  (void)sipws_config_set_limit(config, SIPWS_LIMIT_HANDSHAKE_SIZE, 1024);
  if ((settings & 4) != 0) {
    (void)sipws_config_add_subprotocol(config, "", 0, SIPWS_PROFILE_OPAQUE);
  }
  if ((settings & 8) != 0) {
    (void)sipws_config_set_policy(
        config, SIPWS_POLICY_ANY_CASE | SIPWS_POLICY_NO_SUBPROTOCOL |
                    SIPWS_POLICY_LEADING_CRLF |
                    ((settings & 16) != 0 ? SIPWS_POLICY_FIXED_BUFFERS : 0));
  }
  return config;
}

static sipws_conn *run_conn(const sipws_config *config, struct run *run,
                            uint8_t settings) {
  sipws_conn *conn = NULL;
  int role = settings & 1;
  int err;
  if ((settings & 2) != 0) {
    err = sipws_adopt_new(config, role, (settings & 4) != 0 ? "" : "sip",
                          (settings & 4) != 0 ? 0 : 3, run, 0, &conn);
  } else if (role == SIPWS_SERVER) {
    err = sipws_server_new(config, run, 0, &conn);
  } else {
    err = sipws_client_new(config, "ws://h/", 7, run, 0, &conn);
  }
  if (err != 0) {
    abort();
  }
  return conn;
}

static void run_output(sipws_conn *conn, struct run *run) {
  const uint8_t *out;
  size_t len;
  while (sipws_conn_pending(conn, 0, &out, &len) == 0 && len > 0) {
    run_see(run, out, len);
    (void)sipws_conn_taken(conn, len, 3);
  }
}

static uint64_t run_all(const uint8_t *data, size_t size, uint8_t settings,
                        uint32_t choice, int is_cut) {
  struct run run = {14695981039346656037u, 7, choice};
  sipws_config *config = run_config(&run, settings);
  sipws_conn *conn = run_conn(config, &run, settings);
  uint32_t cuts = choice ^ 0x9e3779b9u;
  size_t off = 0;
  while (off < size) {
    size_t step = is_cut ? 1 + run_draw(&cuts) % 9 : size;
    size_t taken;
    int err;
    step = step < size - off ? step : size - off;
    err = sipws_conn_feed(conn, data + off, step, 1, &taken);
    if (taken != step || (err != 0 && err != sipws_conn_error(conn))) {
      abort(); /* nothing pauses here: feed takes all, and failure is sticky */
    }
    off += step;
  }
  run_output(conn, &run);
  (void)sipws_conn_eof(conn, 4);
  run_output(conn, &run);
  run_see_number(&run, (uint64_t)sipws_conn_state(conn));
  sipws_conn_free(conn);
  sipws_config_free(config);
  return run.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size >= 2 && run_all(data + 2, size - 2, data[0], data[1], 0) !=
                       run_all(data + 2, size - 2, data[0], data[1], 1)) {
    abort();
  }
  return 0;
}
