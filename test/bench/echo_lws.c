/* An echo server on libwebsockets, in the loop that comes with it. */
#include <libwebsockets.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct lws_piece {
  uint8_t *data; /* LWS_PRE octets of room, then the message */
  size_t len;
};

struct lws_peer {
  struct lws_ring *ring; /* messages that wait to be sent */
  struct lws_piece part; /* one that has not wholly come */
};

static volatile sig_atomic_t stop;

static void on_signal(int number) {
  (void)number;
  stop = 1;
}

static void piece_free(void *element) {
  free(((struct lws_piece *)element)->data);
}

/* A message comes in as many pieces as reads cut it into. */
static int on_receive(struct lws *wsi, struct lws_peer *peer, const void *in,
                      size_t len) {
  struct lws_piece *part = &peer->part;
  uint8_t *data = realloc(part->data, LWS_PRE + part->len + len);
  if (data == NULL) {
    return -1;
  }
  part->data = data;
  memcpy(data + LWS_PRE + part->len, in, len);
  part->len += len;
  if (lws_remaining_packet_payload(wsi) > 0 || !lws_is_final_fragment(wsi)) {
    return 0;
  }
  if (lws_ring_insert(peer->ring, part, 1) != 1) {
    return -1;
  }
  memset(part, 0, sizeof *part);
  lws_callback_on_writable(wsi);
  return 0;
}

/* One message a call is libwebsockets's rule. */
static int on_writable(struct lws *wsi, struct lws_peer *peer) {
  const struct lws_piece *piece = lws_ring_get_element(peer->ring, NULL);
  if (piece == NULL) {
    return 0;
  }
  if (lws_write(wsi, piece->data + LWS_PRE, piece->len, LWS_WRITE_TEXT) <
      (int)piece->len) {
    return -1;
  }
  (void)lws_ring_consume(peer->ring, NULL, NULL, 1);
  if (lws_ring_get_count_waiting_elements(peer->ring, NULL) > 0) {
    lws_callback_on_writable(wsi);
  }
  return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t len) {
  struct lws_peer *peer = user;
  switch (reason) {
  case LWS_CALLBACK_ESTABLISHED:
    peer->ring = lws_ring_create(sizeof(struct lws_piece), 64, piece_free);
    return peer->ring == NULL ? -1 : 0;
  case LWS_CALLBACK_CLOSED:
    lws_ring_destroy(peer->ring);
    free(peer->part.data);
    return 0;
  case LWS_CALLBACK_RECEIVE:
    return on_receive(wsi, peer, in, len);
  case LWS_CALLBACK_SERVER_WRITEABLE:
    return on_writable(wsi, peer);
  default:
    return 0;
  }
}

int main(int argc, char **argv) {
  static const struct lws_protocols protocols[] = {
      {.name = "echo",
       .callback = on_event,
       .per_session_data_size = sizeof(struct lws_peer),
       .rx_buffer_size = 65536},
      {.name = NULL}};
  struct lws_context_creation_info info;
  struct lws_context *context;
  if (argc < 2) {
    fprintf(stderr, "usage: echo_lws PORT\n");
    return 2;
  }
  lws_set_log_level(LLL_ERR, NULL);
  (void)signal(SIGTERM, on_signal);
  memset(&info, 0, sizeof info);
  info.port = atoi(argv[1]);
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.pt_serv_buf_size = 65536; /* as much at once as the others read */
  info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
  context = lws_create_context(&info);
  if (context == NULL) {
    return 1;
  }
  while (!stop && lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
  return 0;
}
