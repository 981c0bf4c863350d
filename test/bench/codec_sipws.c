/* sipws by its public calls, as a program with callbacks uses it. Built three
 * times: as it is; with profile opaque (BENCH_OPAQUE), which carries any text
 * and judges no SIP; and with a library that leaves all to wslay (LANE=0). */
#include "codec.h"

#include <sipws/sipws.h>

#ifndef BENCH_NAME
#define BENCH_NAME "sipws"
#endif
#ifdef BENCH_OPAQUE
#define PROTOCOL "echo"
#define VERDICT SIPWS_SIP_UNCHECKED
#define FLAGS SIPWS_SEND_TEXT
#else
#define PROTOCOL "sip"
#define VERDICT SIPWS_SIP_OK
#define FLAGS 0
#endif
#define URL "ws://h.example/ws"

/* One for all connections, for ever, as in a program. */
static sipws_config *config;

static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  struct bench_sink *sink = user;
  (void)conn;
  if (kind != SIPWS_TEXT || verdict != VERDICT) {
    return 1;
  }
  bench_take(sink, msg, len);
  return 0;
}

static int on_random(uint8_t *out, size_t len, void *user) {
  (void)user;
  bench_random(out, len);
  return 0;
}

static sipws_config *config_make(sipws_random_fn random) {
  sipws_config *made;
  if (sipws_config_new(NULL, NULL, &made) != 0) {
    return NULL;
  }
  if (sipws_config_set_random(made, random, NULL) != 0 ||
      sipws_config_on_message(made, on_message) != 0) {
    sipws_config_free(made);
    return NULL;
  }
#ifdef BENCH_OPAQUE
  if (sipws_config_add_subprotocol(made, PROTOCOL, strlen(PROTOCOL),
                                   SIPWS_PROFILE_OPAQUE) != 0) {
    sipws_config_free(made);
    return NULL;
  }
#endif
  return made;
}

static void *codec_begin(int role) {
  sipws_conn *conn;
  if (config == NULL) {
    config = config_make(on_random);
  }
  if (config == NULL ||
      sipws_adopt_new(config,
                      role == BENCH_SERVER ? SIPWS_SERVER : SIPWS_CLIENT,
                      PROTOCOL, strlen(PROTOCOL), NULL, 0, &conn) != 0) {
    return NULL;
  }
  return conn;
}

static void codec_end(void *conn) {
  sipws_conn_free(conn);
}

static int codec_decode(void *conn, uint8_t *in, size_t len,
                        struct bench_sink *sink) {
  size_t taken;
  (void)sipws_conn_set_user(conn, sink);
  return sipws_conn_feed_inplace(conn, in, len, 0, &taken) != 0 || taken != len;
}

static int codec_send(sipws_conn *conn, struct bench_sink *sink) {
  const uint8_t *out;
  size_t len;
  int err = 0;
  while (err == 0 && sipws_conn_pending(conn, 0, &out, &len) == 0 && len > 0) {
    bench_take(sink, out, len);
    err = sipws_conn_taken(conn, len, 0);
  }
  return err;
}

static int codec_encode(void *conn, const uint8_t *msg, size_t len,
                        struct bench_sink *sink) {
  int err = sipws_conn_send(conn, msg, len, FLAGS, 0, NULL);
  return err != 0 ? err : codec_send(conn, sink);
}

/* Past SIPWS_TIMER_TRIM and before the first ping. */
static int codec_rest(void *conn) {
  return sipws_conn_tick(conn, 10000);
}

#ifndef BENCH_OPAQUE
/* The handshake that is read was written for a key of zeros. */
static int no_random(uint8_t *out, size_t len, void *user) {
  (void)user;
  memset(out, 0, len);
  return 0;
}

static int codec_handshake(int role, const uint8_t *head, size_t len,
                           struct bench_sink *sink) {
  static sipws_config *keyed;
  sipws_conn *conn;
  size_t taken;
  int err;
  if (keyed == NULL) {
    keyed = config_make(no_random);
  }
  if (keyed == NULL) {
    return 1;
  }
  err = role == BENCH_SERVER
            ? sipws_server_new(keyed, sink, 0, &conn)
            : sipws_client_new(keyed, URL, strlen(URL), sink, 0, &conn);
  if (err != 0) {
    return err;
  }
  if (role == BENCH_CLIENT) {
    err = codec_send(conn, sink);
  }
  if (err == 0) {
    err = sipws_conn_feed(conn, head, len, 0, &taken);
  }
  if (err == 0 && role == BENCH_SERVER) {
    err = codec_send(conn, sink);
  }
  if (err == 0) {
    err = sipws_conn_state(conn) != SIPWS_STATE_OPEN;
  }
  sipws_conn_free(conn);
  return err;
}
#endif

const struct bench_codec bench_codec = {
    .name = BENCH_NAME,
    .begin = codec_begin,
    .end = codec_end,
    .decode = codec_decode,
    .encode = codec_encode,
    .rest = codec_rest,
#ifndef BENCH_OPAQUE
    .handshake = codec_handshake,
#endif
};
