/* front: the header of the PROXY protocol; sections are those of its
 * specification, proxy-protocol.txt of haproxy. */
#include "sipws_front_trust.h"
#include "sipws_host.h"
#include "sipws_text.h"

#include <string.h>

/* ---- version 1: a line (section 2.1) ---- */

#define PROXY_LINE_MAX 107

/* What there is of the line, and how far it is read. The functions below
 * return 0, SIPWS_ERR_AGAIN when it ends too early, or SIPWS_ERR_SYNTAX. */
struct proxy_line {
  const char *text;
  size_t len;
  size_t pos;
};

static int proxy_literal(struct proxy_line *line, const char *literal) {
  for (; *literal != '\0'; literal++, line->pos++) {
    if (line->pos == line->len) {
      return SIPWS_ERR_AGAIN;
    }
    if (line->text[line->pos] != *literal) {
      return SIPWS_ERR_SYNTAX;
    }
  }
  return 0;
}

/* One to |max| octets of |set|, and |stop|. */
static int proxy_word(struct proxy_line *line, const char *set, size_t max,
                      char stop, sipws_span *word) {
  size_t set_len = strlen(set);
  size_t at = line->pos;
  while (at < line->len && at - line->pos < max &&
         memchr(set, line->text[at], set_len) != NULL) {
    at++;
  }
  if (at == line->len) {
    return SIPWS_ERR_AGAIN;
  }
  if (at == line->pos || line->text[at] != stop) {
    return SIPWS_ERR_SYNTAX;
  }
  *word = sipws__text_span(line->pos, at);
  line->pos = at + 1;
  return 0;
}

/* The family tells which of the two it is. */
static int proxy_address(struct proxy_line *line, uint32_t addr_len,
                         uint8_t addr[16]) {
  sipws_span word;
  int err = addr_len == 4 ? proxy_word(line, "0123456789.", 15, ' ', &word)
                          : proxy_word(line, "0123456789abcdefABCDEF:.",
                                       SIPWS__ADDRESS_MAX, ' ', &word);
  if (err == 0 && sipws__front_address(line->text, word, addr) != addr_len) {
    err = SIPWS_ERR_SYNTAX;
  }
  return err;
}

static int proxy_port(struct proxy_line *line, char stop, uint32_t *port) {
  sipws_span word;
  int err = proxy_word(line, "0123456789", 5, stop, &word);
  if (err != 0) {
    return err;
  }
  if (word.len > 1 && line->text[word.off] == '0') {
    return SIPWS_ERR_SYNTAX; /* no leading zeros */
  }
  return sipws__text_number(line->text + word.off, word.len, 65535, port);
}

static int proxy_family(struct proxy_line *line, uint32_t *addr_len) {
  int err = proxy_literal(line, "TCP");
  if (err == 0 && line->pos < line->len && line->text[line->pos] == '6') {
    *addr_len = 16;
    return proxy_literal(line, "6 ");
  }
  *addr_len = 4;
  return err == 0 ? proxy_literal(line, "4 ") : err;
}

/* Whatever stands behind UNKNOWN is to be passed over, up to CRLF. */
static int proxy_unknown(struct proxy_line *line) {
  int err = proxy_literal(line, "UNKNOWN");
  if (err == 0 && line->pos < line->len && line->text[line->pos] != '\r') {
    err = proxy_literal(line, " ");
  }
  if (err != 0) {
    return err;
  }
  while (line->pos < line->len && line->text[line->pos] != '\r') {
    /* CR and LF have to fit behind it. */
    if (line->text[line->pos] == '\n' || line->pos + 3 > PROXY_LINE_MAX) {
      return SIPWS_ERR_SYNTAX;
    }
    line->pos++;
  }
  return proxy_literal(line, "\r\n");
}

static int proxy_v1(const char *text, size_t len, sipws_proxy_header *header) {
  struct proxy_line line = {NULL, 0, 0};
  int err;
  line.text = text;
  line.len = len;
  header->version = 1;
  err = proxy_literal(&line, "PROXY ");
  if (err == 0 && line.pos < len && text[line.pos] == 'U') {
    header->is_local = 1;
    err = proxy_unknown(&line);
  } else if (err == 0) {
    err = proxy_family(&line, &header->addr_len);
    if (err == 0) {
      err = proxy_address(&line, header->addr_len, header->peer);
    }
    if (err == 0) {
      err = proxy_address(&line, header->addr_len, header->local);
    }
    if (err == 0) {
      err = proxy_port(&line, ' ', &header->peer_port);
    }
    if (err == 0) {
      err = proxy_port(&line, '\r', &header->local_port);
    }
    if (err == 0) {
      err = proxy_literal(&line, "\n");
    }
  }
  header->len = (uint32_t)line.pos;
  return err;
}

/* ---- version 2: binary (section 2.2) ---- */

#define PROXY_HEAD_LEN 16u /* up to the length, which counts the rest */

static const uint8_t proxy_signature[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                            0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

/* By family: octets of both addresses and ports. */
enum { PROXY_UNSPEC = 0, PROXY_INET = 1, PROXY_INET6 = 2, PROXY_UNIX = 3 };
static const uint8_t proxy_block_len[4] = {0, 12, 36, 216};

/* TLVs that are read (section 2.2, 2.2.6). */
enum {
  PROXY_ALPN = 0x01,
  PROXY_AUTHORITY = 0x02,
  PROXY_CRC32C = 0x03,
  PROXY_SSL = 0x20,
  PROXY_SSL_CN = 0x22
};

#define PROXY_SSL_HEAD_LEN 5
#define PROXY_SSL_CLIENT 1u /* bits of its first octet */
#define PROXY_SSL_CERT_CONN 2u
#define PROXY_SSL_CERT_SESS 4u

static uint32_t proxy_number(const uint8_t *data, size_t len) {
  uint32_t number = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    number = number << 8 | data[i];
  }
  return number;
}

/* Reads the TLV at |*pos| of those that go on to |end|; |len| octets are there.
 * 0, SIPWS_ERR_NOT_FOUND at the end, SIPWS_ERR_AGAIN or SIPWS_ERR_SYNTAX. */
static int proxy_read_tlv(const uint8_t *data, size_t len, size_t end,
                          size_t *pos, uint32_t *type, sipws_span *value) {
  size_t at = *pos;
  size_t size;
  if (at == end) {
    return SIPWS_ERR_NOT_FOUND;
  }
  if (end - at < 3) {
    return SIPWS_ERR_SYNTAX;
  }
  if (len < at + 3) {
    return SIPWS_ERR_AGAIN;
  }
  size = proxy_number(data + at + 1, 2);
  if (size > end - at - 3) {
    return SIPWS_ERR_SYNTAX;
  }
  if (len < at + 3 + size) {
    return SIPWS_ERR_AGAIN;
  }
  *type = data[at];
  *value = sipws__text_span(at + 3, at + 3 + size);
  *pos = at + 3 + size;
  return 0;
}

static int proxy_note_ssl(const uint8_t *data, sipws_span ssl,
                          sipws_proxy_header *header) {
  const uint8_t *head = data + ssl.off;
  size_t end = (size_t)ssl.off + ssl.len;
  size_t pos = (size_t)ssl.off + PROXY_SSL_HEAD_LEN;
  int is_verified;
  uint32_t type;
  sipws_span value;
  int err;
  if (ssl.len < PROXY_SSL_HEAD_LEN) {
    return SIPWS_ERR_SYNTAX;
  }
  header->is_tls = (head[0] & PROXY_SSL_CLIENT) != 0;
  /* Verify is 0 as well when there is no certificate at all. */
  is_verified = header->is_tls &&
                (head[0] & (PROXY_SSL_CERT_CONN | PROXY_SSL_CERT_SESS)) != 0 &&
                proxy_number(head + 1, 4) == 0;
  while ((err = proxy_read_tlv(data, end, end, &pos, &type, &value)) == 0) {
    if (type == PROXY_SSL_CN && is_verified && header->cert_cn.len == 0) {
      header->cert_cn = value;
    }
  }
  return err == SIPWS_ERR_NOT_FOUND ? 0 : err;
}

/* Section 2.2.3: CRC-32c (RFC 4960 appendix B) of the whole header, with zeros
 * in place of the checksum at |hole|. */
static uint32_t proxy_crc32c(const uint8_t *data, size_t len, size_t hole) {
  uint32_t crc = 0xffffffff;
  size_t i;
  int bit;
  for (i = 0; i < len; i++) {
    if (i < hole || i >= hole + 4) {
      crc ^= data[i];
    }
    for (bit = 0; bit < 8; bit++) {
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
  }
  return ~crc;
}

static int proxy_note_tlv(const uint8_t *data, uint32_t type, sipws_span value,
                          size_t *checksum, sipws_proxy_header *header) {
  switch (type) {
  case PROXY_ALPN:
    header->alpn = value;
    return 0;
  case PROXY_AUTHORITY:
    header->authority = value;
    return 0;
  case PROXY_CRC32C:
    *checksum = value.off;
    return value.len == 4 ? 0 : SIPWS_ERR_SYNTAX;
  case PROXY_SSL:
    return proxy_note_ssl(data, value, header);
  default:
    return 0;
  }
}

/* All TLVs; of those that come twice the first counts. */
static int proxy_read_tlvs(const uint8_t *data, size_t len,
                           sipws_proxy_header *header) {
  size_t pos = header->tlvs.off;
  size_t checksum = 0;
  uint64_t known = 0; /* types, as bits */
  uint32_t type;
  sipws_span value;
  int err;
  while ((err = proxy_read_tlv(data, len, header->len, &pos, &type, &value)) ==
         0) {
    if (type < 64 && (known >> type & 1) == 0) {
      known |= (uint64_t)1 << type;
      err = proxy_note_tlv(data, type, value, &checksum, header);
      if (err != 0) {
        return err;
      }
    }
  }
  if (err != SIPWS_ERR_NOT_FOUND) {
    return err;
  }
  if (checksum != 0 && proxy_crc32c(data, header->len, checksum) !=
                           proxy_number(data + checksum, 4)) {
    return SIPWS_ERR_SYNTAX;
  }
  return 0;
}

/* The first 16 octets. |family| is UNSPEC when what follows is to be passed
 * over. */
static int proxy_v2_head(const uint8_t *data, size_t len, uint32_t *family,
                         sipws_proxy_header *header) {
  size_t there = len < sizeof proxy_signature ? len : sizeof proxy_signature;
  int is_relayed;
  if (memcmp(data, proxy_signature, there) != 0) {
    return SIPWS_ERR_SYNTAX;
  }
  if (len > 12 && data[12] != 0x20 && data[12] != 0x21) {
    return SIPWS_ERR_SYNTAX; /* version 2, LOCAL or PROXY */
  }
  is_relayed = len > 12 && data[12] == 0x21;
  if (is_relayed && len > 13 &&
      (data[13] >> 4 > PROXY_UNIX || (data[13] & 15) > 2)) {
    return SIPWS_ERR_SYNTAX;
  }
  if (len < PROXY_HEAD_LEN) {
    return SIPWS_ERR_AGAIN;
  }
  header->len = PROXY_HEAD_LEN + proxy_number(data + 14, 2);
  if (header->len > SIPWS_PROXY_HEADER_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  /* LOCAL has the family ignored; no transport, the addresses. */
  *family = is_relayed && (data[13] & 15) != 0 ? data[13] >> 4 : PROXY_UNSPEC;
  return header->len < PROXY_HEAD_LEN + proxy_block_len[*family]
             ? SIPWS_ERR_SYNTAX
             : 0;
}

static void proxy_v2_addresses(const uint8_t *data, uint32_t family,
                               sipws_proxy_header *header) {
  const uint8_t *at = data + PROXY_HEAD_LEN;
  size_t len = family == PROXY_INET ? 4 : 16;
  if (family != PROXY_INET && family != PROXY_INET6) {
    header->is_local = 1;
    return;
  }
  header->addr_len = (uint32_t)len;
  memcpy(header->peer, at, len);
  memcpy(header->local, at + len, len);
  header->peer_port = proxy_number(at + 2 * len, 2);
  header->local_port = proxy_number(at + 2 * len + 2, 2);
}

static int proxy_v2(const uint8_t *data, size_t len,
                    sipws_proxy_header *header) {
  uint32_t family;
  size_t body;
  int err = proxy_v2_head(data, len, &family, header);
  if (err != 0) {
    return err;
  }
  header->version = 2;
  body = PROXY_HEAD_LEN + proxy_block_len[family];
  if (family == PROXY_UNSPEC) {
    body = header->len;
  }
  if (len < body) {
    return SIPWS_ERR_AGAIN;
  }
  proxy_v2_addresses(data, family, header);
  header->tlvs = sipws__text_span(body, header->len);
  return proxy_read_tlvs(data, len, header);
}

/* ---- either ---- */

int sipws_proxy_header_parse(const void *data, size_t len,
                             sipws_proxy_header *header) {
  const uint8_t *octets = data;
  sipws_proxy_header seen;
  int err;
  if ((data == NULL && len > 0) || header == NULL ||
      header->struct_size != sizeof *header) {
    return SIPWS_ERR_INVALID;
  }
  if (len == 0) {
    return SIPWS_ERR_AGAIN;
  }
  memset(&seen, 0, sizeof seen);
  seen.struct_size = sizeof seen;
  err = octets[0] == proxy_signature[0] ? proxy_v2(octets, len, &seen)
                                        : proxy_v1(data, len, &seen);
  if (err == 0) {
    *header = seen;
  }
  return err;
}

int sipws_proxy_header_next(const void *data, const sipws_proxy_header *header,
                            sipws_span *at, uint32_t *type, sipws_span *value) {
  size_t begin, end, pos;
  int err;
  if (data == NULL || header == NULL || at == NULL || type == NULL ||
      value == NULL || header->struct_size != sizeof *header) {
    return SIPWS_ERR_INVALID;
  }
  end = (size_t)header->tlvs.off + header->tlvs.len;
  begin = at->len > 0 ? (size_t)at->off + at->len : header->tlvs.off;
  pos = begin;
  err = proxy_read_tlv(data, end, end, &pos, type, value);
  if (err == 0) {
    *at = sipws__text_span(begin, pos);
  }
  return err;
}
