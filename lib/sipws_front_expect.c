/* front: the stage that reads a PROXY header ahead of all else. */
#include "sipws_buf.h"
#include "sipws_conn.h"
#include "sipws_front_trust.h"

#include <string.h>

struct expect {
  const struct sipws__mem *mem;
  struct sipws__buf header; /* its octets so far */
  struct sipws__front_hop hop;
  int is_read;
};

/* Notes who sent the header, then believes what it says. */
static void expect_believe(sipws_conn *conn, const sipws_proxy_header *header,
                           struct expect *expect) {
  struct sipws__front_hop *hop = &expect->hop;
  const uint8_t *addr;
  size_t addr_len;
  (void)sipws_conn_peer(conn, &addr, &addr_len, &hop->port);
  memcpy(hop->addr, addr, addr_len);
  hop->addr_len = (uint8_t)addr_len;
  hop->was_secure = sipws_conn_is_secure(conn) == 1;
  hop->told_tls = header->is_tls != 0;
  hop->told_client = !header->is_local;
  if (hop->told_client) {
    (void)sipws_conn_set_peer(conn, header->peer, header->addr_len,
                              (uint16_t)header->peer_port);
    (void)sipws_conn_set_local(conn, header->local, header->addr_len,
                               (uint16_t)header->local_port);
  }
  if (hop->told_tls) {
    (void)sipws_conn_set_secure(conn, 1);
  }
  expect->is_read = 1;
}

static int expect_input(sipws_conn *conn, const uint8_t *data, size_t len,
                        size_t *taken, uint8_t *out, size_t out_size,
                        size_t *given, void *state) {
  struct expect *expect = state;
  struct sipws__buf *kept = &expect->header;
  size_t before = kept->len;
  size_t room = SIPWS_PROXY_HEADER_MAX - before;
  size_t more = len < room ? len : room;
  sipws_proxy_header header;
  int err =
      sipws__buf_add(kept, expect->mem, data, more, SIPWS_PROXY_HEADER_MAX);
  (void)out;
  (void)out_size;
  (void)given;
  if (err != 0) {
    return err;
  }
  header.struct_size = sizeof header;
  err = sipws_proxy_header_parse(kept->data, kept->len, &header);
  if (err == SIPWS_ERR_AGAIN) {
    *taken = more;
    return 0;
  }
  if (err != 0) {
    return SIPWS_ERR_PROXY;
  }
  *taken = header.len - before;
  expect_believe(conn, &header, expect);
  sipws__buf_free(kept, expect->mem);
  return SIPWS_STAGE_DONE;
}

static void expect_free(void *state) {
  struct expect *expect = state;
  const struct sipws__mem *mem = expect->mem;
  sipws__buf_free(&expect->header, mem);
  sipws__mem_free(mem, expect, sizeof *expect);
}

static const sipws_stage expect_stage = {
    sizeof expect_stage, expect_input, NULL, NULL, NULL, expect_free};

int sipws_conn_expect_proxy(sipws_conn *conn, const char *list, size_t len) {
  struct expect *expect;
  const struct sipws__mem *mem;
  const uint8_t *addr;
  size_t addr_len;
  uint16_t port;
  int err;
  if (conn == NULL || (list == NULL && len > 0) ||
      sipws_conn_role(conn) != SIPWS_SERVER) {
    return SIPWS_ERR_INVALID;
  }
  if (sipws_conn_stage_state(conn, &expect_stage) != NULL) {
    return SIPWS_ERR_STATE;
  }
  err = sipws_conn_peer(conn, &addr, &addr_len, &port);
  if (err != 0 || !sipws_trust_has(list, len, addr, addr_len)) {
    return err;
  }
  mem = sipws__conn_mem(conn);
  expect = sipws__mem_new(mem, sizeof *expect);
  if (expect == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(expect, 0, sizeof *expect);
  expect->mem = mem;
  err = sipws_conn_add_stage(conn, &expect_stage, expect);
  if (err != 0) {
    expect_free(expect);
  }
  return err;
}

const struct sipws__front_hop *sipws__front_hop(const sipws_conn *conn) {
  const struct expect *expect = sipws_conn_stage_state(conn, &expect_stage);
  return expect != NULL && expect->is_read ? &expect->hop : NULL;
}
