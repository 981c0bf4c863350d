/* The least an echo server can do: octets go back as they came. What it costs
 * is the kernel's share. */
#include "echo_loop.h"

#include <stdlib.h>
#include <string.h>

struct raw_peer {
  struct echo_peer peer;
  uint8_t *data; /* what is to be written; in the receive buffer, unless … */
  size_t len;
  uint8_t *kept; /* … the socket did not take it at once */
};

static int raw_open(struct echo_peer *peer) {
  (void)peer;
  return 0;
}

static int raw_input(struct echo_peer *peer, uint8_t *data, size_t len) {
  struct raw_peer *raw = (struct raw_peer *)peer;
  raw->data = data;
  raw->len = len;
  return 0;
}

static int raw_lend(struct echo_peer *peer, struct iovec *pieces, int most) {
  struct raw_peer *raw = (struct raw_peer *)peer;
  (void)most;
  pieces->iov_base = raw->data;
  pieces->iov_len = raw->len;
  return raw->len > 0;
}

static int raw_taken(struct echo_peer *peer, size_t len) {
  struct raw_peer *raw = (struct raw_peer *)peer;
  raw->data += len;
  raw->len -= len;
  if (raw->len == 0) {
    free(raw->kept);
    raw->kept = NULL;
  } else if (raw->kept == NULL) {
    raw->kept = malloc(raw->len);
    if (raw->kept == NULL) {
      return -1;
    }
    raw->data = memcpy(raw->kept, raw->data, raw->len);
  }
  return 0;
}

static void raw_close(struct echo_peer *peer) {
  free(((struct raw_peer *)peer)->kept);
}

int main(int argc, char **argv) {
  static const struct echo_server server = {.peer_size =
                                                sizeof(struct raw_peer),
                                            .open = raw_open,
                                            .input = raw_input,
                                            .lend = raw_lend,
                                            .taken = raw_taken,
                                            .close = raw_close};
  return echo_serve(argc, argv, &server);
}
