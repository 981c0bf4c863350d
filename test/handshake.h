/* What the tests of both roles of the handshake share. */
#ifndef SIPWS_TEST_HANDSHAKE_H
#define SIPWS_TEST_HANDSHAKE_H

#include "support.h"

#include "sipws_handshake.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* RFC 6455 section 1.3 */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/* A list of names parted by spaces, in which "-" is the empty entry. Only "sip"
 * has the profile SIP. Behind the last, entries of the name "msrp" wait for one
 * who looks too far. */
static inline struct sipws__protos protos_of(const char *names) {
  struct sipws__protos protos;
  uint32_t i;
  memset(&protos, 0, sizeof protos);
  for (i = 0; i < SIPWS__PROTO_MAX; i++) {
    protos.list[i].len = 4;
    memcpy(protos.list[i].name, "msrp", 4);
  }
  while (*names != '\0') {
    struct sipws__proto *proto = &protos.list[protos.count++];
    size_t len = strcspn(names, " ");
    assert_true(protos.count <= SIPWS__PROTO_MAX);
    memcpy(proto->name, names, len);
    proto->len = names[0] != '-' ? (uint8_t)len : 0;
    proto->profile = len == 3 && memcmp(names, "sip", 3) == 0
                         ? SIPWS_PROFILE_SIP
                         : SIPWS_PROFILE_OPAQUE;
    names += len;
    names += *names == ' ';
  }
  return protos;
}

static inline struct sipws__mem mem_of(struct test_heap *heap) {
  struct sipws__mem mem;
  memset(heap, 0, sizeof *heap);
  sipws__mem_init(&mem, test_alloc, heap);
  return mem;
}

/* A buffer that holds |text| and is not to be freed. */
static inline struct sipws__buf buf_of(char *text) {
  struct sipws__buf buf;
  memset(&buf, 0, sizeof buf);
  buf.data = (uint8_t *)text;
  buf.len = strlen(text);
  buf.size = buf.len;
  buf.fixed = 1;
  return buf;
}

#endif /* SIPWS_TEST_HANDSHAKE_H */
