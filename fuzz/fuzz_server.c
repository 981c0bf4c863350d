/* A server's open connection, fed with anything, with any settings, callbacks
 * and actions. */
#include "open.h"

static void make(struct side *side) {
  must(sipws_adopt_new(side->config, SIPWS_SERVER, "sip", 3, side, 0,
                       &side->conn) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return open_run(data, size, SIPWS_SERVER, READER_FRAMES, make);
}
