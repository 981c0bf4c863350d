/* An echo server on wslay's event level, in the loop of the others. Its output
 * is gathered too: one send a wake-up, where wslay by itself makes two a
 * message. The handshake, which wslay leaves to others, is sipws's. */
#include "echo_loop.h"

#include <sipws/sipws.h>
#include <wslay/wslay.h>

#include <stdlib.h>
#include <string.h>

struct slay_peer {
  struct echo_peer peer;
  sipws_conn *handshake; /* NULL once it is over */
  wslay_event_context_ptr context;
  const uint8_t *input; /* what wslay has not read yet */
  size_t input_len;
  uint8_t *output;
  size_t output_len, output_size, taken;
};

static sipws_config *slay_config;

static ssize_t slay_recv(wslay_event_context_ptr context, uint8_t *buf,
                         size_t len, int flags, void *user) {
  struct slay_peer *slay = user;
  size_t step = len < slay->input_len ? len : slay->input_len;
  (void)flags;
  if (step == 0) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  memcpy(buf, slay->input, step);
  slay->input += step;
  slay->input_len -= step;
  return (ssize_t)step;
}

static int slay_add(struct slay_peer *slay, const uint8_t *data, size_t len) {
  size_t need = slay->output_len + len;
  if (need > slay->output_size) {
    uint8_t *output = realloc(slay->output, 2 * need);
    if (output == NULL) {
      return -1;
    }
    slay->output = output;
    slay->output_size = 2 * need;
  }
  memcpy(slay->output + slay->output_len, data, len);
  slay->output_len = need;
  return 0;
}

static ssize_t slay_send(wslay_event_context_ptr context, const uint8_t *data,
                         size_t len, int flags, void *user) {
  (void)flags;
  if (slay_add(user, data, len) != 0) {
    wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
  }
  return (ssize_t)len;
}

static void slay_on_message(wslay_event_context_ptr context,
                            const struct wslay_event_on_msg_recv_arg *arg,
                            void *user) {
  struct wslay_event_msg message;
  (void)user;
  if (wslay_is_ctrl_frame(arg->opcode)) {
    return;
  }
  message.opcode = arg->opcode;
  message.msg = arg->msg;
  message.msg_length = arg->msg_length;
  (void)wslay_event_queue_msg(context, &message);
}

static int slay_start(int argc, char **argv) {
  (void)argc, (void)argv;
  if (sipws_config_new(NULL, NULL, &slay_config) != 0 ||
      sipws_config_set_random(slay_config, sipws_os_random, NULL) != 0 ||
      sipws_config_add_subprotocol(slay_config, "", 0, SIPWS_PROFILE_OPAQUE)) {
    return -1;
  }
  return 0;
}

static int slay_open(struct echo_peer *peer) {
  struct slay_peer *slay = (struct slay_peer *)peer;
  struct wslay_event_callbacks callbacks;
  memset(&callbacks, 0, sizeof callbacks);
  callbacks.recv_callback = slay_recv;
  callbacks.send_callback = slay_send;
  callbacks.on_msg_recv_callback = slay_on_message;
  if (sipws_server_new(slay_config, NULL, echo_now_ms, &slay->handshake) != 0) {
    return -1;
  }
  if (wslay_event_context_server_init(&slay->context, &callbacks, slay) != 0) {
    sipws_conn_free(slay->handshake);
    return -1;
  }
  return 0;
}

/* Octets behind the request would be frames; the load client sends none. */
static int slay_shake_hands(struct slay_peer *slay, const uint8_t *data,
                            size_t len) {
  const uint8_t *answer;
  size_t taken = 0;
  int event, result = 0;
  (void)sipws_conn_feed(slay->handshake, data, len, echo_now_ms, &taken);
  while (result == 0 && sipws_conn_next_event(slay->handshake, &event) == 0 &&
         event != SIPWS_EVENT_NONE) {
    if (event == SIPWS_EVENT_REQUEST) {
      result = sipws_conn_accept(slay->handshake, NULL, 0, echo_now_ms);
    }
  }
  if (result == 0 && sipws_conn_state(slay->handshake) == SIPWS_STATE_OPEN &&
      sipws_conn_pending(slay->handshake, 0, &answer, &len) == 0) {
    result = slay_add(slay, answer, len);
    sipws_conn_free(slay->handshake);
    slay->handshake = NULL;
  }
  return result == 0 ? 0 : -1;
}

static int slay_input(struct echo_peer *peer, uint8_t *data, size_t len) {
  struct slay_peer *slay = (struct slay_peer *)peer;
  if (slay->handshake != NULL) {
    return slay_shake_hands(slay, data, len);
  }
  slay->input = data;
  slay->input_len = len;
  if (wslay_event_recv(slay->context) != 0 ||
      wslay_event_send(slay->context) != 0 ||
      wslay_event_get_close_sent(slay->context)) {
    return -1;
  }
  return 0;
}

static int slay_lend(struct echo_peer *peer, struct iovec *pieces, int most) {
  struct slay_peer *slay = (struct slay_peer *)peer;
  (void)most;
  pieces->iov_base = slay->output + slay->taken;
  pieces->iov_len = slay->output_len - slay->taken;
  return pieces->iov_len > 0;
}

static int slay_taken(struct echo_peer *peer, size_t len) {
  struct slay_peer *slay = (struct slay_peer *)peer;
  slay->taken += len;
  if (slay->taken == slay->output_len) {
    slay->taken = 0;
    slay->output_len = 0;
  }
  return 0;
}

static void slay_close(struct echo_peer *peer) {
  struct slay_peer *slay = (struct slay_peer *)peer;
  sipws_conn_free(slay->handshake);
  wslay_event_context_free(slay->context);
  free(slay->output);
}

int main(int argc, char **argv) {
  static const struct echo_server server = {.peer_size =
                                                sizeof(struct slay_peer),
                                            .start = slay_start,
                                            .open = slay_open,
                                            .input = slay_input,
                                            .lend = slay_lend,
                                            .taken = slay_taken,
                                            .close = slay_close};
  return echo_serve(argc, argv, &server);
}
