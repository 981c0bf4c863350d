#include "sipws_host.h"

#include "sipws_text.h"

#include <string.h>

static int host_is_digit(char c) {
  return c >= '0' && c <= '9';
}

int sipws__host_is_alnum(char c) {
  return host_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int sipws__host_hex(char c) {
  if (host_is_digit(c)) {
    return c - '0';
  }
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int host_parse_ipv4(const char *text, size_t len, uint8_t addr[4]) {
  size_t start = 0;
  size_t at, n;
  for (n = 0; n < 4; n++) {
    uint32_t number;
    at = start;
    while (at < len && host_is_digit(text[at])) {
      at++;
    }
    if (at - start > 3 ||
        sipws__text_number(text + start, at - start, 255, &number) != 0 ||
        (n < 3 ? at == len || text[at] != '.' : at != len)) {
      return 0;
    }
    addr[n] = (uint8_t)number;
    start = at + 1;
  }
  return 1;
}

/* RFC 4291 section 2.2, without a zone. */
static int host_parse_ipv6(const char *text, size_t len, uint8_t addr[16]) {
  size_t at = 0;
  size_t n = 0;          /* octets read */
  size_t gap = SIZE_MAX; /* where "::" stands; SIZE_MAX: nowhere */
  uint8_t ipv4[4];
  if (len >= 2 && text[0] == ':' && text[1] == ':') {
    gap = 0;
    at = 2;
  }
  while (at < len) {
    size_t start;
    uint32_t group = 0;
    /* RFC 5118 4.10: the grammar of RFC 3261 puts a third colon in front of an
     * IPv4 part, and such is to be taken. */
    if (gap == n && text[at] == ':' &&
        host_parse_ipv4(text + at + 1, len - at - 1, ipv4)) {
      at++;
    }
    start = at;
    while (at < len && at - start < 4 && sipws__host_hex(text[at]) >= 0) {
      group = group * 16 + (uint32_t)sipws__host_hex(text[at++]);
    }
    if (at < len && text[at] == '.') {
      if (n > 12 || !host_parse_ipv4(text + start, len - start, addr + n)) {
        return 0;
      }
      n += 4;
      break;
    }
    if (at == start || n > 14) {
      return 0;
    }
    addr[n++] = (uint8_t)(group >> 8);
    addr[n++] = (uint8_t)group;
    if (at == len) {
      break;
    }
    if (text[at] != ':' || ++at == len) {
      return 0;
    }
    if (text[at] == ':') {
      if (gap != SIZE_MAX) {
        return 0;
      }
      gap = n;
      at++;
    }
  }
  if (gap == SIZE_MAX) {
    return n == 16;
  }
  if (n > 14) {
    return 0;
  }
  memmove(addr + 16 - (n - gap), addr + gap, n - gap);
  memset(addr + gap, 0, 16 - n);
  return 1;
}

size_t sipws__host_address(const char *text, sipws_span host,
                           uint8_t addr[16]) {
  const char *start = text + host.off;
  size_t len = host.len;
  if (len >= 2 && start[0] == '[' && start[len - 1] == ']') {
    start++;
    len -= 2;
  } else if (len == 0 || memchr(start, ':', len) == NULL) {
    return host_parse_ipv4(start, len, addr) ? 4 : 0;
  }
  return host_parse_ipv6(start, len, addr) ? 16 : 0;
}

static size_t host_write_ipv4(const uint8_t *addr, char *out) {
  size_t len = 0;
  size_t i;
  for (i = 0; i < 4; i++) {
    if (i > 0) {
      out[len++] = '.';
    }
    len += sipws__text_digits(addr[i], out + len);
  }
  return len;
}

static size_t host_write_group(uint32_t group, char *out) {
  size_t len = 0;
  int shift;
  for (shift = 12; shift >= 0; shift -= 4) {
    uint32_t digit = (group >> shift) & 15;
    if (len > 0 || digit > 0 || shift == 0) {
      out[len++] = "0123456789abcdef"[digit];
    }
  }
  return len;
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952
 * section 4.2); returns its length and sets |*first|. */
static size_t host_zero_run(const uint8_t *addr, size_t *first) {
  size_t best = 1;
  size_t run = 0;
  size_t i;
  *first = 8;
  for (i = 0; i < 8; i++) {
    run = addr[2 * i] == 0 && addr[2 * i + 1] == 0 ? run + 1 : 0;
    if (run > best) {
      best = run;
      *first = i + 1 - run;
    }
  }
  return *first < 8 ? best : 0;
}

int sipws__host_is_mapped(const uint8_t *addr) {
  static const uint8_t prefix[SIPWS__MAPPED_PREFIX] = {0, 0, 0, 0, 0,    0,
                                                       0, 0, 0, 0, 0xff, 0xff};
  return memcmp(addr, prefix, sizeof prefix) == 0;
}

size_t sipws__host_write_address(const uint8_t *addr, size_t addr_len,
                                 char out[SIPWS__ADDRESS_MAX]) {
  size_t first, run;
  size_t len = 0;
  size_t i = 0;
  if (addr_len == 4) {
    return host_write_ipv4(addr, out);
  }
  if (sipws__host_is_mapped(addr)) {
    return host_write_ipv4(addr + SIPWS__MAPPED_PREFIX, out);
  }
  run = host_zero_run(addr, &first);
  while (i < 8) {
    if (i == first) {
      out[len++] = ':';
      i += run;
      if (i == 8) {
        out[len++] = ':';
      }
      continue;
    }
    if (i > 0) {
      out[len++] = ':';
    }
    len += host_write_group((uint32_t)addr[2 * i] << 8 | addr[2 * i + 1],
                            out + len);
    i++;
  }
  return len;
}

int sipws__host_read(const char *text, uint32_t *pos, uint32_t end,
                     sipws_span *host) {
  uint32_t at = *pos;
  uint8_t addr[16];
  if (at < end && text[at] == '[') {
    const char *close = memchr(text + at, ']', end - at);
    if (close == NULL) {
      return SIPWS_ERR_SYNTAX;
    }
    *host = sipws__text_span(at, (size_t)(close - text) + 1);
    if (!host_parse_ipv6(text + at + 1, host->len - 2, addr)) {
      return SIPWS_ERR_SYNTAX;
    }
  } else {
    /* The underscore is in no grammar, but in many a zone. */
    while (at < end && (sipws__host_is_alnum(text[at]) || text[at] == '.' ||
                        text[at] == '-' || text[at] == '_')) {
      at++;
    }
    if (at == *pos || text[*pos] == '.') {
      return SIPWS_ERR_SYNTAX;
    }
    *host = sipws__text_span(*pos, at);
  }
  *pos = host->off + host->len;
  return 0;
}

int sipws__host_read_port(const char *text, uint32_t *pos, uint32_t end,
                          uint32_t *port) {
  uint32_t at = *pos;
  uint32_t number;
  while (at < end && host_is_digit(text[at])) {
    at++;
  }
  if (sipws__text_number(text + *pos, at - *pos, 65535, &number) != 0 ||
      number == 0) {
    return SIPWS_ERR_SYNTAX;
  }
  *port = number;
  *pos = at;
  return 0;
}

int sipws__host_read_with_port(const char *text, uint32_t *pos, uint32_t end,
                               sipws_span *host, uint32_t *port) {
  int err = sipws__host_read(text, pos, end, host);
  if (err == 0 && *pos < end && text[*pos] == ':') {
    (*pos)++;
    err = sipws__host_read_port(text, pos, end, port);
  }
  return err;
}

uint32_t sipws__host_transport(const char *text, sipws_span name) {
  static const char names[6][4] = {"", "udp", "tcp", "tls", "ws", "wss"};
  uint32_t i;
  for (i = SIPWS_TRANSPORT_UDP; i <= SIPWS_TRANSPORT_WSS; i++) {
    if (sipws__text_is(text + name.off, name.len, names[i])) {
      return i;
    }
  }
  return SIPWS_TRANSPORT_OTHER;
}
