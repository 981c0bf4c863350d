/* A server that is fed with anything from its first octet on: requests, what
 * is no request, and frames behind a request; verdicts at once or later. */
#include "open.h"

static void make(struct side *side) {
  must(sipws_server_new(side->config, side, 0, &side->conn) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return open_run(data, size, SIPWS_SERVER, READER_HEAD, make);
}
