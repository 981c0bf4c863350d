/* front: the header of the PROXY protocol. */
#include "support.h"

#include <sipws/front.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Parses |len| octets that end at an unreadable page. */
static int parse(const void *data, size_t len, sipws_proxy_header *header) {
  void *guarded = test_guarded(data, len);
  int err;
  memset(header, 0x55, sizeof *header);
  header->struct_size = sizeof *header;
  err = sipws_proxy_header_parse(guarded, len, header);
  test_guarded_free(guarded, len);
  return err;
}

/* assert that |len| octets are a header, that nothing less is, and that what
 * stands behind makes no difference. */
static void assert_header(const void *data, size_t len,
                          sipws_proxy_header *header) {
  static uint8_t longer[SIPWS_PROXY_HEADER_MAX + 4];
  sipws_proxy_header other;
  size_t part;
  assert_true(len + 4 <= sizeof longer);
  for (part = 0; part < len; part++) {
    sipws_proxy_header untouched;
    memset(&untouched, 0x55, sizeof untouched);
    untouched.struct_size = sizeof untouched;
    assert_int_equal(parse(data, part, header), SIPWS_ERR_AGAIN);
    assert_memory_equal(header, &untouched, sizeof untouched);
  }
  memcpy(longer, data, len);
  memcpy(longer + len, "\r\nGE", 4);
  assert_int_equal(parse(longer, len + 4, &other), 0);
  assert_int_equal(parse(data, len, header), 0);
  assert_memory_equal(header, &other, sizeof other);
  assert_int_equal(header->len, len);
}

/* assert that it is told by the |at|th octet, counted from 1, and from then on,
 * that it is none. */
static void assert_none(const void *data, size_t len, size_t at, int expected) {
  sipws_proxy_header header;
  size_t part;
  assert_true(at <= len);
  for (part = 0; part <= len; part++) {
    int err = parse(data, part, &header);
    if (err != (part < at ? SIPWS_ERR_AGAIN : expected)) {
      fail_msg("%lu octets of \"%.20s\" give %s", (unsigned long)part,
               (const char *)data, sipws_error_name(err));
    }
  }
}

/* ---- version 1 ---- */

static void test_front_proxy_lines_are_read(void **state) {
  static const struct {
    const char *line;
    uint32_t addr_len;
    uint8_t peer[16], local[16];
    uint32_t peer_port, local_port;
  } rows[] = {
      {"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
       4,
       {192, 168, 0, 1},
       {192, 168, 0, 11},
       56324,
       443},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
       4,
       {255, 255, 255, 255},
       {255, 255, 255, 255},
       65535,
       65535},
      {"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", 4, {0}, {0}, 0, 0},
      {"PROXY TCP6 2001:db8::1 ::1 1 65535\r\n",
       16,
       {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
       {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
       1,
       65535},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
       "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF 65535 65535\r\n",
       16,
       {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255},
       {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255},
       65535,
       65535},
      {"PROXY TCP6 ::ffff:192.0.2.1 :: 5 6\r\n",
       16,
       {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1},
       {0},
       5,
       6},
      {"PROXY UNKNOWN\r\n", 0, {0}, {0}, 0, 0},
      {"PROXY UNKNOWN \r\n", 0, {0}, {0}, 0, 0},
      {"PROXY UNKNOWN 192.0.2.1 x \x01\xff -1\r\n", 0, {0}, {0}, 0, 0},
      {"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
       0,
       {0},
       {0},
       0,
       0},
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    sipws_proxy_header header;
    assert_header(rows[i].line, strlen(rows[i].line), &header);
    assert_int_equal(header.struct_size, sizeof header);
    assert_int_equal(header.version, 1);
    assert_int_equal(header.is_local, rows[i].addr_len == 0);
    assert_int_equal(header.addr_len, rows[i].addr_len);
    assert_memory_equal(header.peer, rows[i].peer, 16);
    assert_memory_equal(header.local, rows[i].local, 16);
    assert_int_equal(header.peer_port, rows[i].peer_port);
    assert_int_equal(header.local_port, rows[i].local_port);
    assert_int_equal(header.is_tls, 0);
    assert_int_equal(header.tlvs.len, 0);
    assert_int_equal(header.authority.len, 0);
  }
}

/* "|" stands behind the octet that shows it. */
static void test_front_proxy_lines_that_are_none_are_refused(void **state) {
  static const char *const rows[] = {
      "G|ET / HTTP/1.1\r\n",
      "\x16|\x03\x01",
      "p|roxy TCP4 ",
      "PROXY\t| TCP4 ",
      "PROXY  |TCP4 ",
      "PROXY t|cp4 ",
      "PROXY TCP5| ",
      "PROXY TCP |4",
      "PROXY TCP44| ",
      "PROXY TCP4\r|\n",
      "PROXY UD|P4 1.2.3.4 1.2.3.4 1 1\r\n",
      "PROXY UNKNOWN\n|",
      "PROXY UNKNOWNS|\r\n",
      "PROXY UNKNOWN 1\n|",
      "PROXY UNKNOWN\r\r|\n",
      "PROXY UNKNOWN x\rx|\r\n",
      "PROXY TCP4  |1.2.3.4 1.2.3.4 1 1\r\n",
      "PROXY TCP4 1.2.3.4  |1.2.3.4 1 1\r\n",
      "PROXY TCP4 1.2.3.4\t|",
      "PROXY TCP4 1.2.3.4,|",
      "PROXY TCP4 1.2.3 |4",
      "PROXY TCP4 1.2.3.256 |",
      "PROXY TCP4 1.2.3.04 |", /* no leading zeros */
      "PROXY TCP4 00.2.3.4 |",
      "PROXY TCP4 1.2.3.4.5 |",
      "PROXY TCP4 111.111.111.1111| ",
      "PROXY TCP4 :|:1 ",
      "PROXY TCP4 a|",
      "PROXY TCP4 1.2.3.4 1.2.3. |",
      "PROXY TCP4 1.2.3.4 1.2.3.4\r|\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4  |",
      "PROXY TCP4 1.2.3.4 1.2.3.4 01 |1",
      "PROXY TCP4 1.2.3.4 1.2.3.4 00 |",
      "PROXY TCP4 1.2.3.4 1.2.3.4 65536 |",
      "PROXY TCP4 1.2.3.4 1.2.3.4 000000|",
      "PROXY TCP4 1.2.3.4 1.2.3.4 -|1",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1\r|\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 \r|\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n|",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 1 |\r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r|\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 655350|\r\n",
      "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\r|\n",
      "PROXY TCP6 1.2.3.4 |::1 1 1\r\n",
      "PROXY TCP6 [|::1] ::1 1 1\r\n",
      "PROXY TCP6 ::1%|eth0 ::1 1 1\r\n",
      "PROXY TCP6 ::1::1 |::1 1 1\r\n",
      "PROXY TCP6 1:2:3:4:5:6:7 |",
      "PROXY TCP6 ::ffff:1.2.3.04 |",
      "PROXY TCP6 ::1 1.2.3.4 |1 1\r\n",
      "PROXY TCP6 g|",
      "PROXY TCP6 0000:0000:0000:0000:0000:0000:0000:00000| ",
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    const char *mark = strchr(rows[i], '|');
    size_t at = (size_t)(mark - rows[i]);
    char text[128];
    snprintf(text, sizeof text, "%.*s%s", (int)at, rows[i], mark + 1);
    assert_none(text, strlen(text), at, SIPWS_ERR_SYNTAX);
  }
  assert_none("PROXY TCP4 1.2\0.3", 17, 15, SIPWS_ERR_SYNTAX);
}

static void test_front_proxy_lines_have_at_most_107_octets(void **state) {
  char line[110];
  sipws_proxy_header header;
  size_t len;
  (void)state;
  for (len = 106; len <= 108; len++) {
    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    memcpy(line + len - 2, "\r\n", 2);
    if (len <= 107) {
      assert_header(line, len, &header);
    } else {
      /* CR and LF would no longer fit */
      assert_none(line, len, 106, SIPWS_ERR_SYNTAX);
    }
  }
}

/* ---- version 2 ---- */

static uint8_t octets[SIPWS_PROXY_HEADER_MAX + 64];
static size_t octets_len;

static void put(const void *data, size_t len) {
  assert_true(len <= sizeof octets - octets_len);
  memcpy(octets + octets_len, data, len);
  octets_len += len;
}

/* The first 16 octets, and a length for what follows them. */
static void put_head(int version, int family, size_t len) {
  uint8_t head[16] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                      0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
  head[12] = (uint8_t)version;
  head[13] = (uint8_t)family;
  head[14] = (uint8_t)(len >> 8);
  head[15] = (uint8_t)len;
  octets_len = 0;
  put(head, sizeof head);
}

#define IPV4 "\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x34\x01\xbb"

static void put_tlv(int type, const void *value, size_t len) {
  uint8_t head[3];
  head[0] = (uint8_t)type;
  head[1] = (uint8_t)(len >> 8);
  head[2] = (uint8_t)len;
  put(head, 3);
  put(value, len);
}

/* A relayed TCP connection over IPv4, for put_tlv; end_tlvs sets its length. */
static void begin_tlvs(void) {
  put_head(0x21, 0x11, 0);
  put(IPV4, 12);
}

static void end_tlvs(void) {
  octets[14] = (uint8_t)((octets_len - 16) >> 8);
  octets[15] = (uint8_t)(octets_len - 16);
}

/* What a haproxy 2.6 sent (send-proxy-v2, options crc32c, ssl, cert-cn,
 * ssl-cipher, authority, unique-id). */
static const uint8_t from_tls[] = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    0x21, 0x11, 0x00, 0x6e, 0x7f, 0x00, 0x00, 0x01, 0x7f, 0x00, 0x00, 0x01,
    0xd9, 0x4e, 0x48, 0x0b, 0x03, 0x00, 0x04, 0xf8, 0x72, 0xf9, 0x8e, 0x01,
    0x00, 0x08, 0x68, 0x74, 0x74, 0x70, 0x2f, 0x31, 0x2e, 0x31, 0x02, 0x00,
    0x0f, 0x73, 0x69, 0x70, 0x2e, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65,
    0x2e, 0x63, 0x6f, 0x6d, 0x05, 0x00, 0x08, 0x69, 0x64, 0x2d, 0x31, 0x33,
    0x32, 0x36, 0x36, 0x20, 0x00, 0x30, 0x07, 0x00, 0x00, 0x00, 0x00, 0x21,
    0x00, 0x07, 0x54, 0x4c, 0x53, 0x76, 0x31, 0x2e, 0x33, 0x22, 0x00, 0x05,
    0x61, 0x6c, 0x69, 0x63, 0x65, 0x23, 0x00, 0x16, 0x54, 0x4c, 0x53, 0x5f,
    0x41, 0x45, 0x53, 0x5f, 0x32, 0x35, 0x36, 0x5f, 0x47, 0x43, 0x4d, 0x5f,
    0x53, 0x48, 0x41, 0x33, 0x38, 0x34};
static const uint8_t from_ipv6[] = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    0x21, 0x21, 0x00, 0x36, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0xe2, 0xce, 0x46, 0xa6, 0x03, 0x00, 0x04, 0x16, 0x7c, 0x42, 0x99, 0x05,
    0x00, 0x00, 0x20, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00};
static const uint8_t from_check[] = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54,
    0x0a, 0x20, 0x00, 0x00, 0x0f, 0x03, 0x00, 0x04, 0x88, 0x9d, 0xa1,
    0xdf, 0x20, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00};

static void test_front_proxy_headers_of_haproxy_are_read(void **state) {
  static const uint8_t loopback[16] = {127, 0, 0, 1};
  static const uint8_t loopback6[16] = {0, 0, 0, 0, 0, 0, 0, 0,
                                        0, 0, 0, 0, 0, 0, 0, 1};
  const char *text = (const char *)from_tls;
  sipws_proxy_header header;
  (void)state;
  assert_header(from_tls, sizeof from_tls, &header);
  assert_int_equal(header.version, 2);
  assert_int_equal(header.is_local, 0);
  assert_int_equal(header.addr_len, 4);
  assert_memory_equal(header.peer, loopback, 16);
  assert_memory_equal(header.local, loopback, 16);
  assert_int_equal(header.peer_port, 55630);
  assert_int_equal(header.local_port, 18443);
  assert_int_equal(header.is_tls, 1);
  assert_span(text, header.alpn, "http/1.1");
  assert_span(text, header.authority, "sip.example.com");
  assert_span(text, header.cert_cn, "alice");
  assert_int_equal(header.tlvs.off, 28);
  assert_int_equal(header.tlvs.len, sizeof from_tls - 28);

  assert_header(from_ipv6, sizeof from_ipv6, &header);
  assert_int_equal(header.addr_len, 16);
  assert_memory_equal(header.peer, loopback6, 16);
  assert_memory_equal(header.local, loopback6, 16);
  assert_int_equal(header.peer_port, 58062);
  assert_int_equal(header.local_port, 18086);
  assert_int_equal(header.is_tls, 0);
  assert_int_equal(header.cert_cn.len, 0);

  assert_header(from_check, sizeof from_check, &header);
  assert_int_equal(header.is_local, 1);
  assert_int_equal(header.addr_len, 0);
  assert_int_equal(header.tlvs.len, 0);
}

static void test_front_proxy_wrong_checksum_is_refused(void **state) {
  size_t i;
  (void)state;
  /* behind the length each bit counts; TLVs may break in another way before */
  for (i = 16 * 8; i < sizeof from_tls * 8; i++) {
    sipws_proxy_header header;
    uint8_t changed[sizeof from_tls];
    memcpy(changed, from_tls, sizeof changed);
    changed[i / 8] = (uint8_t)(changed[i / 8] ^ 0x80 >> i % 8);
    if (i / 8 >= 28 && i / 8 < 31) {
      continue; /* the checksum's own type and length */
    }
    assert_int_equal(parse(changed, sizeof changed, &header), SIPWS_ERR_SYNTAX);
  }
}

static void test_front_proxy_checksum_has_four_octets(void **state) {
  size_t len;
  (void)state;
  for (len = 0; len <= 8; len++) {
    if (len != 4) {
      begin_tlvs();
      put_tlv(0x03, "\0\0\0\0\0\0\0", len);
      end_tlvs();
      assert_none(octets, octets_len, octets_len, SIPWS_ERR_SYNTAX);
    }
  }
}

/* Each octet of the first 14 with each value. */
static void test_front_proxy_first_octets_are_judged_at_once(void **state) {
  size_t at;
  int value;
  (void)state;
  for (at = 1; at < 14; at++) {
    for (value = 0; value < 256; value++) {
      sipws_proxy_header header;
      int fits;
      put_head(0x21, 0x11, 12);
      fits = at == 12   ? value == 0x20 || value == 0x21
             : at == 13 ? value < 0x40 && value % 16 <= 2
                        : value == octets[at];
      octets[at] = (uint8_t)value;
      assert_int_equal(parse(octets, at + 1, &header),
                       fits ? SIPWS_ERR_AGAIN : SIPWS_ERR_SYNTAX);
    }
  }
}

static void test_front_proxy_families_have_their_length(void **state) {
  static const struct {
    int version, family;
    size_t block; /* 0: any length will do */
    uint32_t addr_len;
  } rows[] = {
      {0x21, 0x11, 12, 4},  {0x21, 0x12, 12, 4},  {0x21, 0x21, 36, 16},
      {0x21, 0x22, 36, 16}, {0x21, 0x31, 216, 0}, {0x21, 0x32, 216, 0},
      {0x21, 0x00, 0, 0},   {0x21, 0x01, 0, 0},   {0x21, 0x10, 0, 0},
      {0x21, 0x20, 0, 0},   {0x21, 0x30, 0, 0},   {0x20, 0x00, 0, 0},
      {0x20, 0x11, 0, 0},   {0x20, 0x21, 0, 0},   {0x20, 0xff, 0, 0},
  };
  static const size_t lens[] = {0,  1,  11, 12,  13,  14,  15,  35, 36,
                                37, 38, 39, 215, 216, 217, 218, 219};
  static const uint8_t zeros[16];
  size_t i, k;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    for (k = 0; k < ROWS(lens); k++) {
      sipws_proxy_header header;
      size_t len = lens[k];
      size_t n;
      put_head(rows[i].version, rows[i].family, len);
      for (n = 0; n < len; n++) {
        put("\xff", 1); /* no TLV either */
      }
      if (len < rows[i].block) {
        assert_none(octets, octets_len, 16, SIPWS_ERR_SYNTAX);
      } else if (rows[i].block == 0 || len == rows[i].block) {
        assert_header(octets, octets_len, &header);
        assert_int_equal(header.addr_len, rows[i].addr_len);
        assert_int_equal(header.is_local, rows[i].addr_len == 0);
        assert_int_equal(header.tlvs.len, 0);
        if (header.is_local) {
          assert_memory_equal(header.peer, zeros, 16);
          assert_int_equal(header.peer_port, 0);
        }
      } else {
        /* too few for a TLV, or one that is too long: told by its head */
        n = 16 + rows[i].block + (len - rows[i].block < 3 ? 0 : 3);
        assert_none(octets, octets_len, n, SIPWS_ERR_SYNTAX);
      }
    }
  }
}

static void test_front_proxy_length_is_bounded(void **state) {
  static const uint8_t filler[SIPWS_PROXY_HEADER_MAX];
  size_t total;
  (void)state;
  for (total = SIPWS_PROXY_HEADER_MAX - 1; total <= SIPWS_PROXY_HEADER_MAX + 1;
       total++) {
    sipws_proxy_header header;
    begin_tlvs();
    put_tlv(0x04, filler, total - octets_len - 3);
    end_tlvs();
    assert_int_equal(octets_len, total);
    if (total <= SIPWS_PROXY_HEADER_MAX) {
      assert_int_equal(parse(octets, total - 1, &header), SIPWS_ERR_AGAIN);
      assert_int_equal(parse(octets, total, &header), 0);
    } else {
      assert_none(octets, 20, 16, SIPWS_ERR_TOO_BIG);
      assert_int_equal(parse(octets, total, &header), SIPWS_ERR_TOO_BIG);
    }
  }
  put_head(0x20, 0, 65535);
  assert_none(octets, 16, 16, SIPWS_ERR_TOO_BIG);
}

/* ---- TLVs ---- */

/* The SSL TLV: its first octet, its verify field, and a common name. */
static void put_ssl(int client, uint32_t verify, const char *name) {
  size_t begin = octets_len;
  uint8_t head[5];
  head[0] = (uint8_t)client;
  head[1] = (uint8_t)(verify >> 24);
  head[2] = (uint8_t)(verify >> 16);
  head[3] = (uint8_t)(verify >> 8);
  head[4] = (uint8_t)verify;
  put_tlv(0x20, head, sizeof head);
  put_tlv(0x21, "TLSv1.3", 7);
  put_tlv(0x22, name, strlen(name));
  octets[begin + 2] = (uint8_t)(octets_len - begin - 3);
}

static void test_front_proxy_certificate_counts_when_verified(void **state) {
  static const struct {
    int client;
    uint32_t verify;
    uint32_t is_tls;
    const char *name;
  } rows[] = {
      {0, 0, 0, ""},          {1, 0, 1, ""},          {2, 0, 0, ""},
      {3, 0, 1, "alice"},     {5, 0, 1, "alice"},     {7, 0, 1, "alice"},
      {6, 0, 0, ""},          {3, 1, 1, ""},          {3, 0x01000000, 1, ""},
      {3, 0x00010000, 1, ""}, {3, 0x00000100, 1, ""}, {0xff, 0, 1, "alice"},
      {0xf8, 0, 0, ""}};
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    sipws_proxy_header header;
    begin_tlvs();
    put_ssl(rows[i].client, rows[i].verify, "alice");
    end_tlvs();
    assert_header(octets, octets_len, &header);
    assert_int_equal(header.is_tls, rows[i].is_tls);
    assert_span((const char *)octets, header.cert_cn, rows[i].name);
  }
}

static void test_front_proxy_first_of_two_tlvs_counts(void **state) {
  const char *text = (const char *)octets;
  sipws_proxy_header header;
  (void)state;
  begin_tlvs();
  put_tlv(0x02, "a.example", 9);
  put_tlv(0x02, "b.example", 9);
  put_tlv(0x01, "", 0);
  put_tlv(0x01, "h2", 2);
  put_ssl(0, 1, "a");
  put_ssl(3, 0, "b");
  put_tlv(0xe0, "x", 1);
  put_tlv(0xe0, "x", 1);
  end_tlvs();
  assert_header(octets, octets_len, &header);
  assert_span(text, header.authority, "a.example");
  assert_int_equal(header.alpn.len, 0);
  assert_int_equal(header.is_tls, 0);
  assert_int_equal(header.cert_cn.len, 0);
  begin_tlvs();
  put_ssl(3, 0, "a");
  put_ssl(0, 1, "b");
  end_tlvs();
  assert_header(octets, octets_len, &header);
  assert_int_equal(header.is_tls, 1);
  assert_span(text, header.cert_cn, "a");
}

static void test_front_proxy_unix_client_has_tlvs_but_no_address(void **state) {
  static const uint8_t paths[216] = "/run/client";
  sipws_proxy_header header;
  (void)state;
  put_head(0x21, 0x31, 0);
  put(paths, sizeof paths);
  put_ssl(1, 1, "");
  end_tlvs();
  assert_header(octets, octets_len, &header);
  assert_int_equal(header.is_local, 1);
  assert_int_equal(header.addr_len, 0);
  assert_int_equal(header.is_tls, 1);
}

static void test_front_proxy_local_believes_nothing(void **state) {
  sipws_proxy_header header;
  (void)state;
  begin_tlvs();
  put_ssl(3, 0, "a");
  put_tlv(0x02, "a.example", 9);
  end_tlvs();
  octets[12] = 0x20;
  assert_header(octets, octets_len, &header);
  assert_int_equal(header.is_local, 1);
  assert_int_equal(header.is_tls, 0);
  assert_int_equal(header.authority.len, 0);
  assert_int_equal(header.cert_cn.len, 0);
}

static void test_front_proxy_broken_tlvs_are_refused(void **state) {
  static const struct {
    const char *tlvs;
    size_t len;
    size_t at; /* octets of them that show it */
  } rows[] = {
      {"\x04", 1, 0},                         /* too few for a TLV */
      {"\x04\x00", 2, 0},                     /* likewise */
      {"\x04\x00\x01", 3, 3},                 /* longer than the rest */
      {"\x04\xff\xffz", 4, 3},                /* likewise */
      {"\x04\x00\x00\x04", 4, 3},             /* the second is none */
      {"\x04\x00\x01z\x04\x00\x02z", 8, 7},   /* the second is longer */
      {"\x20\x00\x00", 3, 3},                 /* no room for its head */
      {"\x20\x00\x04\x01\x00\x00\x00", 7, 7}, /* likewise */
      {"\x20\x00\x06\x01\0\0\0\0\x22", 9, 9}, /* too few within */
      {"\x20\x00\x08\x01\0\0\0\0\x22\x00\x01", 11, 11}, /* longer, within */
  };
  size_t i;
  (void)state;
  for (i = 0; i < ROWS(rows); i++) {
    begin_tlvs();
    put(rows[i].tlvs, rows[i].len);
    end_tlvs();
    assert_none(octets, octets_len, 28 + rows[i].at, SIPWS_ERR_SYNTAX);
  }
}

/* Whatever comes, it is decided once, and more octets do not change it. */
static void test_front_proxy_decides_once(void **state) {
  uint32_t seed = 7;
  int round;
  (void)state;
  for (round = 0; round < 100; round++) {
    uint8_t changed[sizeof from_tls];
    uint8_t dice[4];
    sipws_proxy_header header;
    int decided = SIPWS_ERR_AGAIN;
    size_t len;
    memcpy(changed, from_tls, sizeof changed);
    test_random(dice, sizeof dice, &seed);
    if (round % 2 == 0) { /* without the checksum that would show it all */
      changed[28] = 0x04;
    }
    changed[dice[0] % sizeof changed] = dice[1];
    changed[28 + dice[2] % (sizeof changed - 28)] = dice[3];
    for (len = 0; len <= sizeof changed; len++) {
      int err = parse(changed, len, &header);
      assert_true(err == 0 || err == SIPWS_ERR_AGAIN ||
                  err == SIPWS_ERR_SYNTAX || err == SIPWS_ERR_TOO_BIG);
      assert_true(decided == SIPWS_ERR_AGAIN || err == decided);
      if (err == 0) {
        assert_true(header.len <= len);
        assert_true(header.tlvs.off + header.tlvs.len <= header.len);
        assert_true(header.cert_cn.off + header.cert_cn.len <= header.len);
        assert_true(header.authority.off + header.authority.len <= header.len);
      }
      decided = err;
    }
  }
}

/* ---- the walk ---- */

static void test_front_proxy_tlvs_are_walked(void **state) {
  static const struct {
    uint32_t type;
    uint32_t off, len;
  } rows[] = {{3, 31, 4}, {1, 38, 8}, {2, 49, 15}, {5, 67, 8}, {0x20, 78, 48}};
  uint8_t *guarded = test_guarded(from_tls, sizeof from_tls);
  sipws_proxy_header header;
  sipws_span at = {0, 0};
  sipws_span value;
  uint32_t type;
  size_t i;
  (void)state;
  assert_int_equal(parse(from_tls, sizeof from_tls, &header), 0);
  for (i = 0; i < ROWS(rows); i++) {
    assert_int_equal(
        sipws_proxy_header_next(guarded, &header, &at, &type, &value), 0);
    assert_int_equal(type, rows[i].type);
    assert_int_equal(value.off, rows[i].off);
    assert_int_equal(value.len, rows[i].len);
    assert_int_equal(at.off, rows[i].off - 3);
    assert_int_equal(at.len, rows[i].len + 3);
  }
  assert_int_equal(
      sipws_proxy_header_next(guarded, &header, &at, &type, &value),
      SIPWS_ERR_NOT_FOUND);
  test_guarded_free(guarded, sizeof from_tls);
}

static void test_front_proxy_header_without_tlvs_has_none(void **state) {
  static const char line[] = "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n";
  sipws_proxy_header header;
  sipws_span at = {0, 0};
  sipws_span value;
  uint32_t type;
  (void)state;
  assert_int_equal(parse(line, sizeof line - 1, &header), 0);
  assert_int_equal(sipws_proxy_header_next(line, &header, &at, &type, &value),
                   SIPWS_ERR_NOT_FOUND);
  assert_int_equal(parse(from_check, sizeof from_check, &header), 0);
  assert_int_equal(
      sipws_proxy_header_next(from_check, &header, &at, &type, &value),
      SIPWS_ERR_NOT_FOUND);
}

static void test_front_proxy_wrong_arguments_are_invalid(void **state) {
  sipws_proxy_header header;
  sipws_span at = {0, 0};
  sipws_span value;
  uint32_t type;
  (void)state;
  header.struct_size = sizeof header;
  assert_int_equal(sipws_proxy_header_parse(NULL, 0, &header), SIPWS_ERR_AGAIN);
  assert_int_equal(sipws_proxy_header_parse(NULL, 1, &header),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_proxy_header_parse("P", 1, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(parse(from_tls, sizeof from_tls, &header), 0);
  assert_int_equal(sipws_proxy_header_next(NULL, &header, &at, &type, &value),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_proxy_header_next(from_tls, NULL, &at, &type, &value),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_proxy_header_next(from_tls, &header, NULL, &type, &value),
      SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_proxy_header_next(from_tls, &header, &at, NULL, &value),
      SIPWS_ERR_INVALID);
  assert_int_equal(sipws_proxy_header_next(from_tls, &header, &at, &type, NULL),
                   SIPWS_ERR_INVALID);
  header.struct_size++;
  assert_int_equal(sipws_proxy_header_parse("P", 1, &header),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_proxy_header_next(from_tls, &header, &at, &type, &value),
      SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_front_proxy_lines_are_read),
      cmocka_unit_test(test_front_proxy_lines_that_are_none_are_refused),
      cmocka_unit_test(test_front_proxy_lines_have_at_most_107_octets),
      cmocka_unit_test(test_front_proxy_headers_of_haproxy_are_read),
      cmocka_unit_test(test_front_proxy_wrong_checksum_is_refused),
      cmocka_unit_test(test_front_proxy_checksum_has_four_octets),
      cmocka_unit_test(test_front_proxy_first_octets_are_judged_at_once),
      cmocka_unit_test(test_front_proxy_families_have_their_length),
      cmocka_unit_test(test_front_proxy_length_is_bounded),
      cmocka_unit_test(test_front_proxy_certificate_counts_when_verified),
      cmocka_unit_test(test_front_proxy_first_of_two_tlvs_counts),
      cmocka_unit_test(test_front_proxy_unix_client_has_tlvs_but_no_address),
      cmocka_unit_test(test_front_proxy_local_believes_nothing),
      cmocka_unit_test(test_front_proxy_broken_tlvs_are_refused),
      cmocka_unit_test(test_front_proxy_decides_once),
      cmocka_unit_test(test_front_proxy_tlvs_are_walked),
      cmocka_unit_test(test_front_proxy_header_without_tlvs_has_none),
      cmocka_unit_test(test_front_proxy_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
