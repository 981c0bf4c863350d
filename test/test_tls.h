/* What the tests of TLS share: two connections with TLS below, the octets that
 * pass between them, and a log of events. */
#ifndef SIPWS_TEST_TLS_H
#define SIPWS_TEST_TLS_H

#include "certs.h"
#include "support.h"

#include <sipws/sipws.h>
#include <sipws/tls.h>

#include <mbedtls/version.h>

#define HAS_TLS13 (MBEDTLS_VERSION_NUMBER >= 0x03000000)

#define OPTIONS                                                                \
  "OPTIONS sip:a@h SIP/2.0\r\n"                                                \
  "Call-ID: 1\r\n"                                                             \
  "\r\n"

struct octets {
  size_t len;
  uint8_t data[1 << 18];
};

/* One side. Events are pulled; a request is accepted. */
struct end {
  sipws_config *config;
  sipws_tls_config *tls;
  sipws_conn *conn;
  struct test_heap heap;     /* of the connection */
  struct test_heap tls_heap; /* of TLS */
  uint32_t seed;
  long draws;          /* of random octets so far */
  long random_fail_at; /* the draw that fails, counted from 1; 0: none */
  uint64_t now;
  size_t cut; /* octets fed at once; 0: all */
  int fed;    /* the result of the last feed */
  void (*on_request)(struct end *end);
  size_t log_len;
  char log[4096];
  struct octets wire; /* what left and was not fed to the other yet */
};

/* ---- one side ---- */

static inline int end_random(uint8_t *out, size_t len, void *user) {
  struct end *end = user;
  end->draws++;
  return end->draws == end->random_fail_at ? 1
                                           : test_random(out, len, &end->seed);
}

/* Configs for |role|, without anything set. */
static inline void end_config(struct end *end, int role) {
  memset(end, 0, sizeof *end);
  end->seed = role == SIPWS_CLIENT ? 1 : 2;
  assert_int_equal(sipws_config_new(test_alloc, &end->heap, &end->config), 0);
  assert_int_equal(sipws_config_set_random(end->config, end_random, end), 0);
  assert_int_equal(sipws_tls_config_new(role, test_alloc, &end->tls_heap,
                                        end_random, end, &end->tls),
                   0);
}

static inline void end_trust(struct end *end, const struct cert *ca) {
  assert_int_equal(sipws_tls_config_add_ca(end->tls, ca->own, strlen(ca->own)),
                   0);
}

static inline void end_show(struct end *end, const struct cert *cert) {
  assert_int_equal(sipws_tls_config_add_identity(end->tls, cert->chain,
                                                 strlen(cert->chain), cert->key,
                                                 strlen(cert->key), NULL, 0),
                   0);
}

/* The connection with TLS below. */
static inline void end_client(struct end *end, const char *url) {
  assert_int_equal(sipws_client_new(end->config, url, strlen(url), end,
                                    end->now, &end->conn),
                   0);
  assert_int_equal(sipws_tls_attach(end->tls, end->conn), 0);
}

static inline void end_server(struct end *end) {
  assert_int_equal(sipws_server_new(end->config, end, end->now, &end->conn), 0);
  assert_int_equal(sipws_tls_attach(end->tls, end->conn), 0);
}

/* Drops the connection, for another with the same configs. */
static inline void end_drop(struct end *end) {
  sipws_conn_free(end->conn);
  end->conn = NULL;
  end->wire.len = 0;
  end->log_len = 0;
  end->log[0] = '\0';
}

static inline void end_free(struct end *end) {
  sipws_conn_free(end->conn);
  sipws_tls_config_free(end->tls);
  sipws_config_free(end->config);
  assert_int_equal(end->heap.live, 0);
  assert_int_equal(end->heap.blocks, 0);
  assert_int_equal(end->tls_heap.live, 0);
  assert_int_equal(end->tls_heap.blocks, 0);
}

/* ---- events ---- */

static inline void end_note(struct end *end, const char *text, const char *more,
                            size_t len) {
  int n = snprintf(end->log + end->log_len, sizeof end->log - end->log_len,
                   "%s%.*s\n", text, (int)len, more);
  assert_true(n >= 0 && (size_t)n < sizeof end->log - end->log_len);
  end->log_len += (size_t)n;
}

static inline void end_note_message(struct end *end) {
  const char *msg;
  size_t len;
  int kind, verdict;
  assert_int_equal(
      sipws_conn_event_message(end->conn, &kind, &msg, &len, &verdict), 0);
  end_note(end, "message ", msg, strcspn(msg, "\r"));
}

static inline void end_pull(struct end *end) {
  int event;
  do {
    assert_int_equal(sipws_conn_next_event(end->conn, &event), 0);
    switch (event) {
    case SIPWS_EVENT_REQUEST:
      end_note(end, "request", "", 0);
      if (end->on_request != NULL) {
        end->on_request(end);
      }
      (void)sipws_conn_accept(end->conn, NULL, 0, end->now);
      break;
    case SIPWS_EVENT_OPEN:
      end_note(end, "open", "", 0);
      break;
    case SIPWS_EVENT_MESSAGE:
      end_note_message(end);
      break;
    case SIPWS_EVENT_CLOSED: {
      const char *why = sipws_cause_text(sipws_conn_cause(end->conn));
      end_note(end, "closed: ", why, strlen(why));
      break;
    }
    default:
      break;
    }
  } while (event != SIPWS_EVENT_NONE);
}

#define assert_log(end, expected)                                              \
  do {                                                                         \
    assert_string_equal((end)->log, (expected));                               \
    (end)->log_len = 0;                                                        \
    (end)->log[0] = '\0';                                                      \
  } while (0)

/* ---- octets ---- */

/* What is pending joins |end|'s wire. Returns how many octets did. */
static inline size_t end_take(struct end *end) {
  size_t before = end->wire.len;
  const uint8_t *data;
  size_t len;
  while (sipws_conn_pending(end->conn, 0, &data, &len) == 0 && len > 0) {
    assert_true(len <= sizeof end->wire.data - end->wire.len);
    memcpy(end->wire.data + end->wire.len, data, len);
    end->wire.len += len;
    assert_int_equal(sipws_conn_taken(end->conn, len, end->now), 0);
  }
  end_pull(end);
  return end->wire.len - before;
}

/* Feeds once; returns how many octets were taken. */
static inline size_t end_feed_once(struct end *end, const uint8_t *data,
                                   size_t len) {
  uint8_t *guarded = test_guarded(data, len);
  size_t taken = 0;
  end->fed = sipws_conn_feed(end->conn, guarded, len, end->now, &taken);
  test_guarded_free(guarded, len);
  end_pull(end);
  return taken;
}

/* Feeds octets in pieces of end->cut, each again until all is taken and nothing
 * is kept that could be worked on. */
static inline void end_feed(struct end *end, const uint8_t *data, size_t len) {
  size_t cut = end->cut != 0 ? end->cut : len;
  size_t rounds = 0;
  while (len > 0 || (sipws_conn_wants(end->conn) & SIPWS_WANT_FEED) != 0) {
    size_t taken = end_feed_once(end, data, cut < len ? cut : len);
    data += taken;
    len -= taken;
    rounds = taken == 0 ? rounds + 1 : 0;
    assert_true(rounds < 100);
  }
}

/* Moves what |from| has to |to|. Returns how many octets did. */
static inline size_t pass(struct end *from, struct end *to) {
  size_t len;
  (void)end_take(from);
  len = from->wire.len;
  from->wire.len = 0;
  end_feed(to, from->wire.data, len);
  return len;
}

/* The transport ended. */
static inline void end_eof(struct end *end) {
  (void)sipws_conn_eof(end->conn, end->now);
  end_pull(end);
}

/* Moves octets both ways until nothing moves. */
static inline void pass_all(struct end *a, struct end *b) {
  while (pass(a, b) + pass(b, a) > 0) {
  }
}

/* How many records of |type| (23: data, 21: alert, 22: handshake) |octets|
 * hold; they end with a whole one. */
static inline size_t count_records(const struct octets *octets, int type) {
  size_t count = 0;
  size_t at = 0;
  while (at < octets->len) {
    assert_true(at + 5 <= octets->len);
    count += octets->data[at] == type;
    at += 5 + (size_t)(octets->data[at + 3] << 8 | octets->data[at + 4]);
  }
  assert_int_equal(at, octets->len);
  return count;
}

/* 1 when |text| stands in |octets|. */
static inline int shows(const struct octets *octets, const char *text) {
  size_t len = strlen(text);
  size_t i;
  for (i = 0; i + len <= octets->len; i++) {
    if (memcmp(octets->data + i, text, len) == 0) {
      return 1;
    }
  }
  return 0;
}

static inline void end_send(struct end *end, const char *text) {
  assert_int_equal(
      sipws_conn_send(end->conn, text, strlen(text), 0, end->now, NULL), 0);
}

#define assert_open(end)                                                       \
  assert_int_equal(sipws_conn_state((end)->conn), SIPWS_STATE_OPEN)

/* assert that |end| failed with the SIPWS_ERR_ and for the SIPWS_TLS_ told. */
#define assert_failed(end, err, why)                                           \
  do {                                                                         \
    assert_int_equal(sipws_conn_error((end)->conn), (err));                    \
    assert_int_equal(sipws_tls_reason((end)->conn), (why));                    \
  } while (0)

#endif /* SIPWS_TEST_TLS_H */
