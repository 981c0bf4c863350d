/* A client that gets any answer to its request, and frames behind it. */
#include "open.h"

#define URL "ws://h.example:8080/ws?x=1"

static void make(struct side *side) {
  const uint8_t *data;
  sipws_conn *conn;
  must(sipws_client_new(side->config, URL, sizeof URL - 1, side, 0, &conn) ==
       0);
  side->conn = conn;
  if ((side->settings.kind & SIDE_EXTRAS) != 0) {
    must(sipws_conn_set_host(conn, "h2.example", 10) == 0);
    must(sipws_conn_set_origin(conn, "https://h.example", 17) == 0);
    must(sipws_conn_add_cookie(conn, "a", 1, "b", 1) == 0);
    must(sipws_conn_add_cookie(conn, "c", 1, "d", 1) == 0);
    must(sipws_conn_set_authorization(conn, "Bearer x", 8) == 0);
    must(sipws_conn_add_header(conn, "X-Fuzz", 6, "y", 1) == 0);
  }
  /* nobody has the right answer before the key was lent */
  must(side_lend(side, &data) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return open_run(data, size, SIPWS_CLIENT, READER_HEAD, make);
}
