/* libwebsockets, which parses frames only on sockets of its own: a server in
 * this process, each connection a socketpair whose one end it adopts. */
#include "codec.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <sys/socket.h>

#define MOST 20000 /* octets of a message */

static const char request[] = "GET / HTTP/1.1\r\n"
                              "Host: h.example\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Protocol: echo\r\n"
                              "\r\n";

/* One for all connections, for ever. */
static struct lws_context *context;

/* A connection's, made by lws: the message as it comes. */
struct session {
  size_t len; /* of it, so far */
  uint8_t *text;
};

static int is_open, answers; /* since somebody last looked */

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t len) {
  struct session *session = user;
  switch (reason) {
  case LWS_CALLBACK_ESTABLISHED:
    is_open = 1;
    break;
  case LWS_CALLBACK_RECEIVE:
    if (session->text == NULL) {
      session->text = malloc(LWS_PRE + MOST);
      session->len = 0;
    }
    if (session->text == NULL || len > MOST - session->len) {
      return -1;
    }
    memcpy(session->text + LWS_PRE + session->len, in, len);
    session->len += len;
    if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
      lws_callback_on_writable(wsi);
    }
    break;
  case LWS_CALLBACK_SERVER_WRITEABLE:
    if (session->text != NULL) {
      int wrote =
          lws_write(wsi, session->text + LWS_PRE, session->len, LWS_WRITE_TEXT);
      free(session->text);
      session->text = NULL;
      answers++;
      return wrote < 0 ? -1 : 0;
    }
    break;
  case LWS_CALLBACK_CLOSED:
    free(session->text);
    break;
  default:
    break;
  }
  return 0;
}

static struct lws_context *context_make(void) {
  static const struct lws_protocols protocols[] = {
      {.name = "echo",
       .callback = on_event,
       .per_session_data_size = sizeof(struct session)},
      {.name = NULL}};
  struct lws_context_creation_info info;
  memset(&info, 0, sizeof info);
  lws_set_log_level(LLL_ERR, NULL);
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = protocols;
  info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
  return lws_create_context(&info);
}

static void *codec_begin_socket(int *peer_fd) {
  char answer[1024];
  struct lws *wsi;
  int fds[2];
  int turns = 0;
  if (context == NULL) {
    context = context_make();
  }
  if (context == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) {
    return NULL;
  }
  wsi = lws_adopt_socket(context, fds[0]);
  is_open = 0;
  if (wsi == NULL || send(fds[1], request, sizeof request - 1, 0) < 0) {
    return NULL;
  }
  while (!is_open && turns++ < 100) {
    lws_service(context, 0);
  }
  if (!is_open || recv(fds[1], answer, sizeof answer, 0) <= 0) {
    return NULL;
  }
  *peer_fd = fds[1];
  return wsi;
}

static int codec_serve(void *wsi) {
  (void)wsi;
  answers = 0;
  while (answers == 0) {
    if (lws_service(context, 0) < 0) {
      return 1;
    }
  }
  return 0;
}

static int codec_rest(void *wsi) {
  (void)wsi;
  return 0;
}

/* It ends with its socket, which the caller closes. */
static void codec_end(void *wsi) {
  (void)wsi;
}

const struct bench_codec bench_codec = {
    .name = "lws",
    .end = codec_end,
    .rest = codec_rest,
    .begin_socket = codec_begin_socket,
    .serve = codec_serve,
};
