/* clf: the log record of a message (RFC 6873, RFC 7355). */
#include "clf_record.h"
#include "folded.h"
#include "writer.h"

#include <sipws/clf.h>

static const uint8_t near4[4] = {192, 0, 2, 10};
static const uint8_t far4[4] = {192, 0, 2, 200};

/* A message received over WebSocket. */
static sipws_clf_facts received(void) {
  sipws_clf_facts facts;
  memset(&facts, 0, sizeof facts);
  facts.struct_size = sizeof facts;
  facts.time_ms = UINT64_C(1328821153010);
  facts.transport = SIPWS_TRANSPORT_WS;
  memcpy(facts.peer, far4, 4);
  facts.peer_len = 4;
  facts.peer_port = 56485;
  memcpy(facts.local, near4, 4);
  facts.local_len = 4;
  facts.local_port = 80;
  return facts;
}

/* Writes the record of |msg| and reads it; |record| is good until the next
 * call. */
static size_t write_len(const char *msg, size_t len,
                        const sipws_clf_facts *facts, struct record *record) {
  static char out[RECORD_ROOM];
  char *guarded = test_guarded(msg, len);
  size_t out_len;
  assert_int_equal(
      sipws_clf_write(guarded, len, facts, out, sizeof out - 1, &out_len), 0);
  test_guarded_free(guarded, len);
  out[out_len] = '\0';
  read_record(out, out_len, record);
  return out_len;
}

static void write_record(const char *msg, const sipws_clf_facts *facts,
                         struct record *record) {
  (void)write_len(msg, strlen(msg), facts, record);
}

static int write_sized(const void *how, const char *msg, size_t len, char *out,
                       size_t out_size, size_t *out_len) {
  return sipws_clf_write(msg, len, how, out, out_size, out_len);
}

#define REQUEST "INVITE sip:b@example.com SIP/2.0\r\n"
#define RESPONSE "SIP/2.0 404 Not Found\r\n"
#define END "\r\n"

/* ---- the samples of the RFCs ---- */

static void set_ids(sipws_clf_facts *facts) {
  facts->server_txn = "S1781761-88";
  facts->server_txn_len = 11;
  facts->client_txn = "C67651-11";
  facts->client_txn_len = 9;
}

/* |printed| is the index as the RFC has it. Its record length is right, its
 * pointers count from 1. */
static void assert_sample(const char *msg, const sipws_clf_facts *facts,
                          const char *printed, const char *line) {
  char expected[512];
  size_t i;
  int len = snprintf(expected, sizeof expected, "%.8s", printed);
  for (i = 0; i < 13; i++) {
    len += snprintf(expected + len, sizeof expected - (size_t)len, "%04X",
                    (unsigned)hex(printed + 8 + 4 * i, 4) - 1);
  }
  (void)snprintf(expected + len, sizeof expected - (size_t)len, "\n%s\n", line);
  assert_int_equal(strlen(expected), hex(printed + 1, 6));
  assert_sizes(write_sized, facts, msg, strlen(msg), expected);
}

/* RFC 6873 section 5: over TCP by its Via, over UDP by its flags. */
static void test_clf_sample_of_rfc_6873_is_written(void **state) {
  static const char msg[] =
      "INVITE sip:192.0.2.10 SIP/2.0\r\n"
      "To: <sip:192.0.2.10>\r\n"
      "Call-ID: DL70dff590c1-1079051554@example.com\r\n"
      "From: \"Alice\" <sip:1001@example.com:5060>;tag=DL88360fa5fc;epid=0x3"
      "\r\n"
      "CSeq: 1 INVITE\r\n"
      "Via: SIP/2.0/TCP 192.0.2.200:5060;branch=z9hG4bK-1f6be070c4-DL\r\n"
      "Content-Length: 4\r\n\r\nv=0\n";
  sipws_clf_facts facts = received();
  (void)state;
  facts.transport = SIPWS_TRANSPORT_UDP;
  facts.local_port = 5060;
  set_ids(&facts);
  assert_sample(msg, &facts,
                "A000100,0053005C005E006D007D008F009E00A000BA00C700EB00F70100",
                "1328821153.010\tRORUU\t1 INVITE\t-\tsip:192.0.2.10\t"
                "192.0.2.10:5060\t192.0.2.200:56485\tsip:192.0.2.10\t-\t"
                "sip:1001@example.com:5060\tDL88360fa5fc\t"
                "DL70dff590c1-1079051554@example.com\tS1781761-88\tC67651-11");
}

#define SAMPLE_7355(via)                                                       \
  "INVITE sip:bob@example.com SIP/2.0\r\n"                                     \
  "Via: SIP/2.0/" via " df7jal23ls0d.invalid;branch=z9hG4bK56sdasks\r\n"       \
  "From: sip:alice@example.com;tag=asdyka899\r\n"                              \
  "To: sip:bob@example.com\r\n"                                                \
  "Call-ID: asidkj3ss\r\n"                                                     \
  "CSeq: 1 INVITE\r\n\r\n"

/* RFC 7355 section 5. Both samples in Base64 end with a line feed too many, and
 * the one of 5.2 has U where section 4 wants E; the one to read there has a
 * port in From that neither its message nor its index has. */
static void test_clf_samples_of_rfc_7355_are_written(void **state) {
  sipws_clf_facts facts = received();
  (void)state;
  set_ids(&facts);
  assert_sample(SAMPLE_7355("WS"), &facts,
                "A0000E7,0053005C005E00720080009200A600A800BE00C800D200DE00E7",
                "1328821153.010\tRORWU\t1 INVITE\t-\tsip:bob@example.com\t"
                "192.0.2.10:80\t192.0.2.200:56485\tsip:bob@example.com\t-\t"
                "sip:alice@example.com\tasdyka899\tasidkj3ss\tS1781761-88\t"
                "C67651-11");
  facts.transport = SIPWS_TRANSPORT_WSS;
  facts.local_port = 443;
  assert_sample(SAMPLE_7355("WSS"), &facts,
                "A0000E8,0053005C005E00720081009300A700A900BF00C900D300DF00E8",
                "1328821153.010\tRORWE\t1 INVITE\t-\tsip:bob@example.com\t"
                "192.0.2.10:443\t192.0.2.200:56485\tsip:bob@example.com\t-\t"
                "sip:alice@example.com\tasdyka899\tasidkj3ss\tS1781761-88\t"
                "C67651-11");
}

/* ---- facts ---- */

/* RFC 6873 section 4.2; RFC 7355 section 4: W and U for ws, W and E for wss. */
static void test_clf_flags_tell_kind_way_and_transport(void **state) {
  static const char *const transports[] = {"UU", "TU", "TE", "WU", "WE"};
  uint32_t transport, transmission;
  int i;
  (void)state;
  for (i = 0; i < 4; i++) {
    for (transmission = 0; transmission < 3; transmission++) {
      for (transport = 0; transport < 5; transport++) {
        sipws_clf_facts facts = received();
        struct record record;
        char expected[6];
        facts.is_sent = i & 1;
        facts.transmission = transmission;
        facts.transport = SIPWS_TRANSPORT_UDP + transport;
        write_record(i & 2 ? RESPONSE END : REQUEST END, &facts, &record);
        (void)snprintf(expected, sizeof expected, "%c%c%c%s", "Rr"[i >> 1],
                       "ODS"[transmission], "RS"[i & 1], transports[transport]);
        assert_text(record.flags.text, record.flags.len, expected);
      }
    }
  }
}

/* RFC 6873 section 4.2: ten digits and three, with zeros in front. */
static void test_clf_time_is_ten_digits_and_three(void **state) {
  static const struct {
    uint64_t time_ms;
    const char *text;
  } all[] = {{0, "0000000000.000"},
             {1, "0000000000.001"},
             {UINT64_C(1700000000999), "1700000000.999"},
             {UINT64_C(4294967296050), "4294967296.050"},
             {UINT64_C(9999999999999), "9999999999.999"}};
  sipws_clf_facts facts = received();
  struct record record;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    facts.time_ms = all[i].time_ms;
    write_record(REQUEST END, &facts, &record);
    assert_text(record.time.text, record.time.len, all[i].text);
  }
  facts.time_ms++;
  assert_refused(write_sized, &facts, REQUEST END, SIPWS_ERR_INVALID);
}

/* RFC 6873 section 4.2: IPv6 by RFC 5952, in brackets. */
static void test_clf_addresses_are_written_with_ports(void **state) {
  static const uint8_t ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};
  static const uint8_t full[16] = {0x20, 1, 0x1d, 0xb8, 0x30, 1, 0x40, 1,
                                   0x50, 1, 0x60, 1,    0x70, 1, 0x80, 1};
  static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 255, 255, 255, 255};
  static const struct {
    const uint8_t *addr;
    uint32_t len;
    uint32_t port;
    const char *text;
  } all[] = {
      {near4, 4, 80, "192.0.2.10:80"},
      {ipv6, 16, 5060, "[2001:db8::9]:5060"},
      {full, 16, 65535, "[2001:1db8:3001:4001:5001:6001:7001:8001]:65535"},
      {mapped, 16, 0, "255.255.255.255:0"},
      {ipv6, 0, 5060, "-"}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    sipws_clf_facts facts = received();
    struct record record;
    memcpy(facts.peer, all[i].addr, all[i].len);
    facts.peer_len = all[i].len;
    facts.peer_port = all[i].port;
    write_record(REQUEST END, &facts, &record);
    assert_field(&record, SOURCE, all[i].text);
    assert_field(&record, DESTINATION, "192.0.2.10:80");
    facts.is_sent = 1;
    write_record(RESPONSE END, &facts, &record);
    assert_field(&record, DESTINATION, all[i].text);
    assert_field(&record, SOURCE, "192.0.2.10:80");
  }
}

/* RFC 6872 section 8.1 lets the branch be the id, section 8.2 tells whose. */
static void test_clf_branch_names_the_transaction_of_its_side(void **state) {
  static const char via[] = "Via: SIP/2.0/WS h;branch=z9hG4bK1\r\nVia: "
                            "SIP/2.0/UDP g;branch=2\r\n\r\n";
  char msgs[2][256];
  int i;
  (void)state;
  (void)snprintf(msgs[0], sizeof msgs[0], "%s%s", REQUEST, via);
  (void)snprintf(msgs[1], sizeof msgs[1], "%s%s", RESPONSE, via);
  for (i = 0; i < 4; i++) {
    int is_server = i == 0 || i == 3;
    sipws_clf_facts facts = received();
    struct record record;
    facts.is_sent = i & 1;
    write_record(msgs[i >> 1], &facts, &record);
    assert_field(&record, SERVER_TXN, is_server ? "z9hG4bK1" : "-");
    assert_field(&record, CLIENT_TXN, is_server ? "-" : "z9hG4bK1");
    facts.server_txn = "s";
    facts.server_txn_len = 1;
    write_record(msgs[i >> 1], &facts, &record);
    assert_field(&record, SERVER_TXN, "s");
    assert_field(&record, CLIENT_TXN, is_server ? "-" : "z9hG4bK1");
    facts.client_txn = "c";
    facts.client_txn_len = 1;
    write_record(msgs[i >> 1], &facts, &record);
    assert_field(&record, CLIENT_TXN, "c");
  }
}

static void test_clf_branch_that_is_not_there_is_a_dash(void **state) {
  static const struct {
    const char *msg;
    const char *expected;
  } all[] = {{REQUEST END, "-"},
             {REQUEST "Via: SIP/2.0/WS h\r\n" END, "-"},
             {REQUEST "Via: SIP/2.0/WS\r\n" END, "?"},
             {REQUEST "Via:\r\nVia: SIP/2.0/WS h;branch=x\r\n" END, "?"},
             {REQUEST "v: SIP/2.0/WS h;branch=-\r\n" END, "%2D"}};
  sipws_clf_facts facts = received();
  struct record record;
  size_t i;
  (void)state;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    write_record(all[i].msg, &facts, &record);
    assert_field(&record, SERVER_TXN, all[i].expected);
  }
}

static void test_clf_facts_out_of_range_are_invalid(void **state) {
  sipws_clf_facts facts = received();
  char out[512];
  size_t out_len = 77;
  (void)state;
#define REFUSED_WITH(member, value)                                            \
  do {                                                                         \
    sipws_clf_facts odd = received();                                          \
    odd.member = (value);                                                      \
    assert_refused(write_sized, &odd, REQUEST END, SIPWS_ERR_INVALID);         \
  } while (0)
  REFUSED_WITH(struct_size, sizeof facts + 1);
  REFUSED_WITH(transmission, 3);
  REFUSED_WITH(transport, SIPWS_TRANSPORT_OTHER);
  REFUSED_WITH(transport, SIPWS_TRANSPORT_WSS + 1);
  REFUSED_WITH(peer_len, 5);
  REFUSED_WITH(peer_port, 65536);
  REFUSED_WITH(local_len, 17);
  REFUSED_WITH(local_port, 65536);
  REFUSED_WITH(server_txn_len, 1);
  REFUSED_WITH(client_txn_len, 1);
#undef REFUSED_WITH
  assert_refused(write_sized, NULL, REQUEST END, SIPWS_ERR_INVALID);
  assert_refused(write_sized, &facts, NULL, SIPWS_ERR_INVALID);
  assert_refused(write_sized, &facts, "no SIP", SIPWS_ERR_SYNTAX);
  assert_int_equal(sipws_clf_write(REQUEST END, 36, &facts, NULL, 1, &out_len),
                   SIPWS_ERR_INVALID);
  assert_int_equal(
      sipws_clf_write(REQUEST END, 36, &facts, out, sizeof out, NULL),
      SIPWS_ERR_INVALID);
  assert_int_equal(out_len, 77);
}

/* ---- fields ---- */

/* RFC 6873 section 4.3: a dash for what is not there. */
static void test_clf_lacking_fields_are_dashes(void **state) {
  sipws_clf_facts facts = received();
  struct record record;
  int i;
  (void)state;
  facts.peer_len = 0;
  facts.local_len = 0;
  write_record(REQUEST END, &facts, &record);
  assert_field(&record, REQUEST_URI, "sip:b@example.com");
  for (i = 0; i < FIELDS; i++) {
    if (i != REQUEST_URI) {
      assert_field(&record, i, "-");
    }
  }
  write_record(RESPONSE END, &facts, &record);
  assert_field(&record, STATUS, "404");
  for (i = 0; i < FIELDS; i++) {
    if (i != STATUS) {
      assert_field(&record, i, "-");
    }
  }
  assert_int_equal(record.optional_count, 0);
}

/* RFC 6873 section 4.3: a lone mark that was in the message. */
static void test_clf_lone_marks_are_escaped(void **state) {
  sipws_clf_facts facts = received();
  struct record record;
  (void)state;
  facts.client_txn = "?";
  facts.client_txn_len = 1;
  write_record("INVITE - SIP/2.0\r\n"
               "To: <sip:b>;tag=-\r\n"
               "From: <sip:a>;tag=?\r\n"
               "Call-ID: ?\r\n"
               "CSeq: 1 -\r\n"
               "Via: SIP/2.0/WS h;branch=--\r\n\r\n",
               &facts, &record);
  assert_field(&record, REQUEST_URI, "%2D");
  assert_field(&record, TO_TAG, "%2D");
  assert_field(&record, FROM_TAG, "%3F");
  assert_field(&record, CALL_ID, "%3F");
  assert_field(&record, CSEQ, "1 -");
  assert_field(&record, SERVER_TXN, "--");
  assert_field(&record, CLIENT_TXN, "%3F");
}

/* RFC 6873 section 4.3: tabs become spaces; no line break is logged. */
static void test_clf_tabs_and_folds_become_spaces(void **state) {
  sipws_clf_facts facts = received();
  struct record record;
  (void)state;
  facts.client_txn = "\tc\r\nd";
  facts.client_txn_len = 5;
  write_record("INVITE sip:a\tb SIP/2.0\r\n"
               "To: <sip:b>;tag=\"x\ty\r\n \t z\"\r\n"
               "Call-ID: a\r\n\t b\tc\r\n"
               "CSeq:\t1\t\r\n INVITE\t\r\n\r\n",
               &facts, &record);
  assert_field(&record, REQUEST_URI, "sip:a b");
  assert_field(&record, TO_TAG, "x y z");
  assert_field(&record, CALL_ID, "a b c");
  assert_field(&record, CSEQ, "1 INVITE");
  assert_field(&record, CLIENT_TXN, " c d");
}

/* RFC 6873 sections 4.3 and 4.4; UTF-8 is printable. */
static void test_clf_unprintable_fields_are_question_marks(void **state) {
  static const char *const bad[] = {"a\x01", "\x1f",     "a\x7f",
                                    "\xff",  "\xc3(",    "a\xc3",
                                    "\x0b",  "\xc0\xaf", "\xed\xa0\x80"};
  sipws_clf_facts facts = received();
  struct record record;
  char msg[256];
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    (void)snprintf(msg, sizeof msg,
                   "INVITE sip:%s SIP/2.0\r\nCall-ID: %s\r\n"
                   "To: <sip:b>;tag=\"%s\"\r\n\r\n",
                   bad[i], bad[i], bad[i]);
    facts.client_txn = bad[i];
    facts.client_txn_len = strlen(bad[i]);
    write_record(msg, &facts, &record);
    assert_field(&record, REQUEST_URI, "?");
    assert_field(&record, CALL_ID, "?");
    assert_field(&record, TO_TAG, "?");
    assert_field(&record, CLIENT_TXN, "?");
  }
  facts.client_txn_len = 0;
  write_record("INVITE sip:\xc3\xa4@b SIP/2.0\r\nCall-ID: \xf0\x9f\x98\x80\r\n"
               "\r\n",
               &facts, &record);
  assert_field(&record, REQUEST_URI, "sip:\xc3\xa4@b");
  assert_field(&record, CALL_ID, "\xf0\x9f\x98\x80");
}

/* Puts a text of |len| octets at |msg|; returns where it ends. */
static char *fill(char *msg, const char *lead, char octet, size_t len,
                  const char *trail) {
  size_t lead_len = strlen(lead);
  size_t trail_len = strlen(trail);
  memcpy(msg, lead, lead_len);
  memset(msg + lead_len, octet, len);
  memcpy(msg + lead_len + len, trail, trail_len + 1);
  return msg + lead_len + len + trail_len;
}

/* RFC 6872 section 8: 4096 octets a field; pointers have four digits. */
static void test_clf_fields_are_cut_at_4096_octets(void **state) {
  static char msg[RECORD_ROOM];
  static char id[5000];
  size_t len;
  (void)state;
  memset(id, 'i', sizeof id);
  for (len = 4090; len <= 4102; len++) {
    sipws_clf_facts facts = received();
    size_t most = len < 4096 ? len : 4096;
    struct record record;
    char *at = msg;
    at = fill(at, "INVITE ", 'u', len, " SIP/2.0\r\n");
    at = fill(at, "To: <sip:", 'a', len - 4, ">;tag=");
    at = fill(at, "", 't', len, "\r\n");
    at = fill(at, "From: <sip:", 'b', len - 4, ">;tag=");
    at = fill(at, "", 'f', len, "\r\n");
    at = fill(at, "Call-ID: ", 'c', len, "\r\n");
    at = fill(at, "CSeq: 1234567890 ", 'm', len - 11, "\r\n");
    at = fill(at, "Via: SIP/2.0/WS h;branch=", 'v', len, "\r\n\r\n");
    facts.client_txn = id;
    facts.client_txn_len = len;
    assert_true(write_len(msg, (size_t)(at - msg), &facts, &record) <
                RECORD_ROOM);
    assert_int_equal(record.fields[REQUEST_URI].len, most);
    assert_int_equal(record.fields[TO].len, most);
    assert_int_equal(record.fields[TO_TAG].len, most);
    assert_int_equal(record.fields[FROM].len, most);
    assert_int_equal(record.fields[FROM_TAG].len, most);
    assert_int_equal(record.fields[CALL_ID].len, most);
    assert_int_equal(record.fields[CSEQ].len, most);
    assert_int_equal(record.fields[SERVER_TXN].len, most);
    assert_int_equal(record.fields[CLIENT_TXN].len, most);
    assert_memory_equal(record.fields[CSEQ].text, "1234567890 mm", 13);
  }
}

static void test_clf_cut_leaves_characters_whole(void **state) {
  static char msg[8192];
  sipws_clf_facts facts = received();
  struct record record;
  size_t lead;
  (void)state;
  for (lead = 4090; lead <= 4096; lead++) {
    char *at = fill(msg, REQUEST "Call-ID: ", 'c', lead,
                    "\xf0\x9f\x98\x80\xc3\xa4\r\n\r\n");
    size_t whole = lead + (lead <= 4092 ? 4 : 0) + (lead <= 4090 ? 2 : 0);
    (void)write_len(msg, (size_t)(at - msg), &facts, &record);
    assert_int_equal(record.fields[CALL_ID].len, whole);
  }
}

static void test_clf_of_a_folded_message_is_written(void **state) {
  sipws_clf_facts facts = received();
  struct record record;
  (void)state;
  write_record(folded, &facts, &record);
  assert_field(&record, CSEQ, "9 INVITE");
  assert_field(&record, STATUS, "-");
  assert_field(&record, REQUEST_URI,
               "sip:vivekg@chair-dnrc.example.com;unknownparam");
  assert_field(&record, TO, "sip:vivekg@chair-dnrc.example.com");
  assert_field(&record, TO_TAG, "1918181833n");
  assert_field(&record, FROM, "sip:jdrosen@example.com");
  assert_field(&record, FROM_TAG, "98asjd8");
  assert_field(&record, CALL_ID, "-");
  assert_field(&record, SERVER_TXN, "z9hG4bK9ikj8");
}

/* ---- round trip ---- */

struct end_line {
  const char *line; /* behind the name; NULL: no such header */
  const char *uri;
  const char *tag;
};

static const struct end_line end_lines[] = {
    {NULL, "-", "-"},
    {": sip:a@b", "sip:a@b", "-"},
    {":<sips:a@b;transport=ws;lr>;tag=x", "sips:a@b;transport=ws;lr", "x"},
    {" : \"J \\\"R\\\" <;tag=no>\" <sip:j@[2001:db8::1]:80?a=b> ;\r\n\ttag = "
     "9x ;q",
     "sip:j@[2001:db8::1]:80?a=b", "9x"},
    {":\r\n J R <tel:+1-201>;x=\"a;tag=no\";TAG=y;tag=z", "tel:+1-201", "y"},
    {": sip:a@b;tag=x.y-z;other", "sip:a@b", "x.y-z"},
    {": <sip:a@b>;tag", "sip:a@b", "?"},
    {":", "?", "?"},
    {": \"J <sip:a@b>;tag=x", "?", "?"},
    {": <sip:a@b;tag=x", "?", "?"},
};

struct line {
  const char *line;
  const char *field;
};

static const struct line cseq_lines[] = {
    {"", "-"},
    {"CSeq: 1 INVITE\r\n", "1 INVITE"},
    {"cseq :\r\n 0009\r\n\tX-Y\r\n", "9 X-Y"},
    {"CSeq: 2147483648 ACK\r\n", "?"},
    {"CSeq: one\r\n", "?"}};

static const struct line call_lines[] = {
    {"", "-"},
    {"Call-ID: a84b4c76@h\r\nCall-ID: second\r\n", "a84b4c76@h"},
    {"i:\r\n  x%ZK-!.*_+'@w`~)(><:\\/\"][?}{\r\n",
     "x%ZK-!.*_+'@w`~)(><:\\/\"][?}{"},
    {"CALL-ID:\r\n", "?"}};

static const struct line starts[] = {
    {"REGISTER sips:ex.com;transport=ws SIP/2.0\r\n",
     "sips:ex.com;transport=ws"},
    {"SIP/2.0 100 \r\n", "100"},
    {"SIP/2.0 699 A\tB\r\n", "699"}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_round_trip(const struct line *start, const struct line *cseq,
                              const struct line *call,
                              const struct end_line *to,
                              const struct end_line *from) {
  static const char *const to_names[] = {"To", "t", "TO"};
  static const char *const from_names[] = {"From", "F", "from"};
  sipws_clf_facts facts = received();
  int is_request = start->line[0] == 'R';
  size_t spelling = strlen(call->line) % 3;
  struct record record;
  char msg[1024];
  (void)snprintf(
      msg, sizeof msg, "%s%s%s%s%sContent-Length: 0\r\n%s%s%s%s\r\n",
      start->line, to->line != NULL ? to_names[spelling] : "",
      to->line != NULL ? to->line : "", to->line != NULL ? "\r\n" : "",
      cseq->line, call->line, from->line != NULL ? from_names[spelling] : "",
      from->line != NULL ? from->line : "", from->line != NULL ? "\r\n" : "");
  write_record(msg, &facts, &record);
  assert_field(&record, CSEQ, cseq->field);
  assert_field(&record, STATUS, is_request ? "-" : start->field);
  assert_field(&record, REQUEST_URI, is_request ? start->field : "-");
  assert_field(&record, TO, to->uri);
  assert_field(&record, TO_TAG, to->tag);
  assert_field(&record, FROM, from->uri);
  assert_field(&record, FROM_TAG, from->tag);
  assert_field(&record, CALL_ID, call->field);
}

static void test_clf_record_reads_back_as_the_message(void **state) {
  size_t start, cseq, call, to, from;
  (void)state;
  for (start = 0; start < COUNT(starts); start++) {
    for (cseq = 0; cseq < COUNT(cseq_lines); cseq++) {
      for (call = 0; call < COUNT(call_lines); call++) {
        for (to = 0; to < COUNT(end_lines); to++) {
          for (from = 0; from < COUNT(end_lines); from++) {
            assert_round_trip(&starts[start], &cseq_lines[cseq],
                              &call_lines[call], &end_lines[to],
                              &end_lines[from]);
          }
        }
      }
    }
  }
}

/* ---- of a connection ---- */

static void test_clf_facts_of_a_connection_are_its_own(void **state) {
  static const uint8_t peer[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};
  sipws_clf_facts facts = received();
  sipws_clf_facts before;
  sipws_config *config;
  sipws_conn *conn;
  struct record record;
  (void)state;
  assert_int_equal(sipws_config_new(NULL, NULL, &config), 0);
  assert_int_equal(sipws_config_set_random(config, test_random, NULL), 0);
  assert_int_equal(sipws_server_new(config, NULL, 0, &conn), 0);
  assert_int_equal(sipws_conn_set_peer(conn, peer, 16, 40000), 0);
  assert_int_equal(sipws_conn_set_local(conn, near4, 4, 443), 0);
  facts.is_sent = 1;
  assert_int_equal(sipws_conn_clf_facts(conn, &facts), 0);
  assert_int_equal(facts.transport, SIPWS_TRANSPORT_WS);
  assert_int_equal(facts.is_sent, 1);
  assert_int_equal(sipws_conn_set_secure(conn, 1), 0);
  assert_int_equal(sipws_conn_clf_facts(conn, &facts), 0);
  write_record(RESPONSE END, &facts, &record);
  assert_text(record.flags.text, record.flags.len, "rOSWE");
  assert_field(&record, DESTINATION, "[2001:db8::9]:40000");
  assert_field(&record, SOURCE, "192.0.2.10:443");
  facts.struct_size++;
  before = facts;
  assert_int_equal(sipws_conn_clf_facts(conn, &facts), SIPWS_ERR_INVALID);
  assert_int_equal(sipws_conn_clf_facts(conn, NULL), SIPWS_ERR_INVALID);
  facts.struct_size--;
  assert_int_equal(sipws_conn_clf_facts(NULL, &facts), SIPWS_ERR_INVALID);
  facts.struct_size++;
  assert_memory_equal(&facts, &before, sizeof facts);
  sipws_conn_free(conn);
  sipws_config_free(config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clf_sample_of_rfc_6873_is_written),
      cmocka_unit_test(test_clf_samples_of_rfc_7355_are_written),
      cmocka_unit_test(test_clf_flags_tell_kind_way_and_transport),
      cmocka_unit_test(test_clf_time_is_ten_digits_and_three),
      cmocka_unit_test(test_clf_addresses_are_written_with_ports),
      cmocka_unit_test(test_clf_branch_names_the_transaction_of_its_side),
      cmocka_unit_test(test_clf_branch_that_is_not_there_is_a_dash),
      cmocka_unit_test(test_clf_facts_out_of_range_are_invalid),
      cmocka_unit_test(test_clf_lacking_fields_are_dashes),
      cmocka_unit_test(test_clf_lone_marks_are_escaped),
      cmocka_unit_test(test_clf_tabs_and_folds_become_spaces),
      cmocka_unit_test(test_clf_unprintable_fields_are_question_marks),
      cmocka_unit_test(test_clf_fields_are_cut_at_4096_octets),
      cmocka_unit_test(test_clf_cut_leaves_characters_whole),
      cmocka_unit_test(test_clf_of_a_folded_message_is_written),
      cmocka_unit_test(test_clf_record_reads_back_as_the_message),
      cmocka_unit_test(test_clf_facts_of_a_connection_are_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
