/* The PROXY header, versions 1 and 2. A longer piece of the same octets never
 * changes a verdict, so no cut does; nothing is taken past the header; what a
 * second writer writes reads back, and with its checksum no octet can change.
 * A connection reads it in pieces as from one. */
#include "fuzz.h"

#include <sipws/front.h>

#define PREFIXES 600

/* CRC-32c by a table of half octets; the library goes bit by bit. */
static uint32_t crc32c(const uint8_t *data, size_t len) {
  static const uint32_t half[16] = {
      0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
      0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
      0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
  uint32_t crc = 0xffffffff;
  while (len-- > 0) {
    crc ^= *data++;
    crc = crc >> 4 ^ half[crc & 15];
    crc = crc >> 4 ^ half[crc & 15];
  }
  return ~crc;
}

static int parse(const uint8_t *data, size_t len, sipws_proxy_header *header) {
  memset(header, 0, sizeof *header);
  header->struct_size = sizeof *header;
  return sipws_proxy_header_parse(data, len, header);
}

/* The shortest piece that decides tells what all longer ones do. */
static void must_ignore_cuts(const uint8_t *data, size_t len) {
  sipws_proxy_header header, whole;
  int decided = SIPWS_ERR_AGAIN;
  int err = parse(data, len, &whole);
  size_t i;
  for (i = 0; i <= len && i < PREFIXES; i++) {
    uint8_t *piece = (uint8_t *)fuzz_copy(data, i);
    int now = parse(piece, i, &header);
    free(piece);
    must(now == decided || decided == SIPWS_ERR_AGAIN);
    must(now != 0 || memcmp(&header, &whole, sizeof header) == 0);
    must(now != 0 || header.len == i || decided == 0);
    decided = now;
  }
  must(decided == SIPWS_ERR_AGAIN || decided == err);
}

static void must_tell_what_is_there(const uint8_t *data, size_t len) {
  sipws_proxy_header header;
  sipws_span at = {0, 0};
  sipws_span value;
  uint32_t type;
  size_t used = 0;
  if (parse(data, len, &header) != 0) {
    return;
  }
  must(header.version == 1 || header.version == 2);
  must(header.len <= len && header.len <= SIPWS_PROXY_HEADER_MAX);
  must(header.version == 2 || header.len <= 107);
  must(header.addr_len == 4 || header.addr_len == 16 || header.is_local);
  must(header.peer_port <= 65535 && header.local_port <= 65535);
  must_lie(header.authority, header.len);
  must_lie(header.alpn, header.len);
  must_lie(header.cert_cn, header.len);
  must_lie(header.tlvs, header.len);
  must(header.cert_cn.len == 0 || header.is_tls);
  while (sipws_proxy_header_next(data, &header, &at, &type, &value) == 0) {
    must_lie(at, header.len);
    must(type <= 255 && value.len + 3 == at.len);
    used += at.len;
  }
  must(used == header.tlvs.len);
}

/* Writes a version 2 header: addresses, a name, a checksum, by choices. */
static size_t write_v2(struct fuzz_input *input, uint8_t *out, int family,
                       size_t *name_len) {
  size_t len = family == 1 ? 28 : 52;
  const uint8_t *name;
  uint32_t crc;
  size_t i;
  memcpy(out, "\r\n\r\n\0\r\nQUIT\n\x21", 13);
  out[13] = (uint8_t)(family << 4 | 1);
  for (i = 16; i < len; i++) {
    out[i] = fuzz_octet(input);
  }
  name = fuzz_octets(input, 1u + fuzz_octet(input), name_len);
  out[len++] = 0x02; /* authority */
  out[len++] = (uint8_t)(*name_len >> 8);
  out[len++] = (uint8_t)*name_len;
  for (i = 0; i < *name_len; i++) {
    out[len++] = name[i];
  }
  memcpy(out + len, "\x03\x00\x04\0\0\0\0", 7);
  len += 7;
  out[14] = (uint8_t)((len - 16) >> 8);
  out[15] = (uint8_t)(len - 16);
  crc = crc32c(out, len);
  for (i = 0; i < 4; i++) {
    out[len - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
  }
  return len;
}

static void must_read_back(struct fuzz_input *input) {
  uint8_t octets[512];
  int family = 1 + (fuzz_octet(input) & 1);
  size_t at = fuzz_octet(input);
  uint8_t mask = fuzz_octet(input);
  size_t addr_len = family == 1 ? 4 : 16;
  size_t name_len;
  size_t len = write_v2(input, octets, family, &name_len);
  sipws_proxy_header header;
  must(parse(octets, len, &header) == 0 && header.len == len);
  must(header.addr_len == addr_len && header.authority.len == name_len);
  must(memcmp(header.peer, octets + 16, addr_len) == 0);
  must(memcmp(header.local, octets + 16 + addr_len, addr_len) == 0);
  must(header.local_port ==
       (uint32_t)(octets[18 + 2 * addr_len] << 8 | octets[19 + 2 * addr_len]));
  /* An octet of the addresses or the name, or of the checksum itself. */
  at = 16 + at % (2 * addr_len + 4 + name_len + 4);
  at += at >= 20 + 2 * addr_len ? 3 : 0;
  at += at >= 23 + 2 * addr_len + name_len ? 3 : 0;
  octets[at] ^= mask;
  must(parse(octets, len, &header) == (mask == 0 ? 0 : SIPWS_ERR_SYNTAX));
}

/* A request behind it shows whom the header named, and by whose word. */
static void must_be_told(const sipws_conn *conn) {
  sipws_client_info client;
  client.struct_size = sizeof client;
  if (sipws_conn_client(conn, "10.0.0.0/8", 10, SIPWS_CLIENT_PROXY, &client) ==
      0) {
    must(client.hop_addr_len == 4 && client.hop_addr[0] == 10 &&
         client.hop_port == 1);
    must(client.source == SIPWS_CLIENT_PROXY ||
         (client.source == SIPWS_CLIENT_DIRECT && client.addr[0] == 10));
  }
}

/* What a connection makes of it that is fed |cut| octets at a time. */
static int feed(const uint8_t *data, size_t len, size_t cut,
                sipws_config *config, uint8_t peer[18]) {
  static const uint8_t hop[4] = {10, 0, 0, 1};
  const uint8_t *addr;
  size_t at, addr_len, taken;
  uint16_t port;
  sipws_conn *conn;
  int err = 0;
  must(sipws_server_new(config, NULL, 0, &conn) == 0);
  must(sipws_conn_set_peer(conn, hop, 4, 1) == 0);
  must(sipws_conn_expect_proxy(conn, "10.0.0.0/8", 10) == 0);
  for (at = 0; at < len && err == 0; at += cut) {
    size_t n = len - at < cut ? len - at : cut;
    err = sipws_conn_feed(conn, data + at, n, 0, &taken);
  }
  must(sipws_conn_peer(conn, &addr, &addr_len, &port) == 0);
  must_be_told(conn);
  memset(peer, 0, 18);
  memcpy(peer, addr, addr_len);
  peer[16] = (uint8_t)(port >> 8);
  peer[17] = (uint8_t)port;
  sipws_conn_free(conn);
  return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  uint8_t peer[18], same[18];
  sipws_config *config;
  size_t cut;
  int err;
  if (size > SIPWS_PROXY_HEADER_MAX + 64) {
    return 0;
  }
  cut = 1u + fuzz_octet(&input);
  must_ignore_cuts(input.at, input.left);
  must_tell_what_is_there(input.at, input.left);
  must(sipws_config_new(NULL, NULL, &config) == 0);
  must(sipws_config_set_random(config, fuzz_same, NULL) == 0);
  err = feed(input.at, input.left, input.left + 1, config, same);
  must(feed(input.at, input.left, cut, config, peer) == err);
  must(memcmp(peer, same, sizeof peer) == 0);
  sipws_config_free(config);
  must_read_back(&input);
  return 0;
}
