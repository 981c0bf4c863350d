/* A handshake and what follows it, over stages: a client or a server that is
 * fed with their records. The first octet chooses the role, the second the
 * stages. A server's request may be handed over, see side.h. */
#include "toy.h"

#include "open.h"

#define URL "wss://h.example/"

static uint8_t role, choice;

static void make(struct side *side) {
  if (role == SIPWS_SERVER) {
    must(sipws_server_new(side->config, side, 0, &side->conn) == 0);
  } else {
    must(sipws_client_new(side->config, URL, sizeof URL - 1, side, 0,
                          &side->conn) == 0);
  }
  toy_add(side, choice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  role = fuzz_octet(&input) & 1;
  choice = fuzz_octet(&input);
  (void)open_run(input.at, input.left, role, READER_HEAD, make);
  toy_must_be_freed();
  return 0;
}
