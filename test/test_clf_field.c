/* clf_field: optional fields of log records (RFC 6873 section 4.4). */
#include "clf_record.h"
#include "writer.h"

#include <sipws/clf.h>

#define RESPONSE "SIP/2.0 404 Not Found\r\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct addition {
  uint32_t tag;
  uint32_t vendor;
  const char *name;
  const char *value;
  size_t value_len;
};

static struct addition addition(uint32_t tag, uint32_t vendor, const char *name,
                                const char *value) {
  struct addition a;
  a.tag = tag;
  a.vendor = vendor;
  a.name = name;
  a.value = value;
  a.value_len = strlen(value);
  return a;
}

static int add(const void *how, const char *record, size_t len, char *out,
               size_t out_size, size_t *out_len) {
  const struct addition *a = how;
  return sipws_clf_add(record, len, a->tag, a->vendor, a->name, strlen(a->name),
                       a->value, a->value_len, out, out_size, out_len);
}

static char base_record[512];

static int make_base_record(void **state) {
  static const char msg[] = "INVITE sip:b@example.com SIP/2.0\r\n\r\n";
  sipws_clf_facts facts;
  size_t len;
  (void)state;
  memset(&facts, 0, sizeof facts);
  facts.struct_size = sizeof facts;
  facts.transport = SIPWS_TRANSPORT_WS;
  assert_int_equal(sipws_clf_write(msg, strlen(msg), &facts, base_record,
                                   sizeof base_record - 1, &len),
                   0);
  base_record[len] = '\0';
  return 0;
}

static void assert_added(const struct addition *a, const char *id,
                         const char *base64, const char *value) {
  static char out[RECORD_ROOM];
  struct addition guarded = *a;
  char *end = test_guarded(a->value, a->value_len);
  size_t len = strlen(base_record);
  struct record record;
  guarded.value = end;
  assert_int_equal(add(&guarded, base_record, len, out, sizeof out - 1, &len),
                   0);
  test_guarded_free(end, a->value_len);
  out[len] = '\0';
  read_record(out, len, &record);
  assert_int_equal(record.optional_count, 1);
  assert_optional(&record, 0, id, base64, value);
}

/* RFC 6873 section 4.4, examples 1, 2, 5, 6. */
static void test_clf_field_samples_are_written(void **state) {
  static const struct {
    uint32_t tag, vendor;
    const char *name, *value, *written;
  } all[] = {{0, 0, "Contact", "<sip:bob@192.0.2.4>",
              "\t00@00000000,001C,00,Contact: <sip:bob@192.0.2.4>\n"},
             {0, 0, "Reason-Phrase", "Ringing",
              "\t00@00000000,0016,00,Reason-Phrase: Ringing\n"},
             {3, 32473, "", "a=rtpmap:0 PCMU/8000",
              "\t03@00032473,0014,00,a=rtpmap:0 PCMU/8000\n"},
             /* printed with the length in decimal, 0016 */
             {7, 32473, "", "1877 example.com",
              "\t07@00032473,0010,00,1877 example.com\n"},
             {99, 99999999, "", "", "\t99@99999999,0000,00,\n"}};
  char expected[512];
  size_t i;
  (void)state;
  for (i = 0; i < COUNT(all); i++) {
    struct addition a =
        addition(all[i].tag, all[i].vendor, all[i].name, all[i].value);
    size_t len = strlen(base_record) - 1 + strlen(all[i].written);
    (void)snprintf(expected, sizeof expected, "A%06X%.*s%s", (unsigned)len,
                   (int)strlen(base_record) - 8, base_record + 7,
                   all[i].written);
    assert_edit(add, &a, base_record, expected);
  }
}

/* RFC 6873 section 4.4, example 3: printed with length 8B, which counts each
 * line break as one octet. */
static void test_clf_field_body_is_written_with_its_type(void **state) {
  struct addition a = addition(
      SIPWS_CLF_BODY, 0, "application/sdp",
      "v=0\r\no=alice 2890844526 2890844526 IN IP4 host.example.com\r\ns=-\r\n"
      "c=IN IP4 host.example.com\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0 8 97\r\n");
  (void)state;
  assert_added(&a, "01@00000000", "00",
               "application/sdp v=0%0D%0Ao=alice 2890844526 2890844526 IN IP4 "
               "host.example.com%0D%0As=-%0D%0Ac=IN IP4 host.example.com"
               "%0D%0At=0 0%0D%0Am=audio 49170 RTP/AVP 0 8 97%0D%0A");
  a = addition(SIPWS_CLF_BODY, 0, "text/plain;\r\n\t x=y", "a\tb%0D\r\n\r\n c");
  assert_added(&a, "01@00000000", "00", "text/plain; x=y a b%0D%0D%0A%0D%0A c");
  a = addition(SIPWS_CLF_BODY, 0, "text/plain", "");
  assert_added(&a, "01@00000000", "00", "text/plain ");
}

static void test_clf_field_whole_message_is_written(void **state) {
  struct addition a = addition(SIPWS_CLF_MESSAGE, 0, "",
                               RESPONSE "To: a\r\n b\r\n\r\n\xc3\xa4");
  (void)state;
  assert_added(&a, "02@00000000", "00",
               "SIP/2.0 404 Not Found%0D%0ATo: a%0D%0A b%0D%0A%0D%0A\xc3\xa4");
  a.value = RESPONSE "To: a\r\n\r\n\xc3";
  a.value_len = strlen(a.value);
  assert_added(&a, "02@00000000", "01",
               "U0lQLzIuMCA0MDQgTm90IEZvdW5kDQpUbzogYQ0KDQrD");
}

/* RFC 6873 section 4.4, tag 00: one line, tabs replaced. */
static void test_clf_field_header_is_unfolded(void **state) {
  struct addition a =
      addition(SIPWS_CLF_HEADER, 0, "Subject", "a\tb\r\n \t c\r\nd\r\n ");
  (void)state;
  assert_added(&a, "00@00000000", "00", "Subject: a b c d ");
  a = addition(SIPWS_CLF_HEADER, 0, "Subject", "");
  assert_added(&a, "00@00000000", "00", "Subject: ");
}

/* RFC 6873 section 4.4: what is not printable, and nothing else, is in Base64;
 * what names the value never is. */
static void test_clf_field_unprintable_value_is_base64(void **state) {
  static const struct {
    const char *value;
    size_t len;
    const char *expected; /* NULL: not in Base64 */
  } all[] = {{"a\x00", 2, "YQA="},        {"a\x1f", 2, "YR8="},
             {"a\x7f", 2, "YX8="},        {"\xff", 1, "/w=="},
             {"\xc3", 1, "ww=="},         {"a\n", 2, "YQo="},
             {"\r", 1, "DQ=="},           {"a\r", 2, "YQ0="},
             {"\n\r", 2, "Cg0="},         {"\r\r\n", 3, "DQ0K"},
             {"\xed\xa0\x80", 3, "7aCA"}, {"\t\xff", 2, "Cf8="},
             {"\xc3\xa4\x20~", 4, NULL},  {"\xf4\x8f\xbf\xbf", 4, NULL}};
  char expected[64];
  size_t i;
  (void)state;
  for (i = 0; i < COUNT(all); i++) {
    const char *is = all[i].expected != NULL ? "01" : "00";
    const char *as = all[i].expected != NULL ? all[i].expected : all[i].value;
    struct addition a = addition(SIPWS_CLF_HEADER, 0, "X", "");
    a.value = all[i].value;
    a.value_len = all[i].len;
    (void)snprintf(expected, sizeof expected, "X: %s", as);
    assert_added(&a, "00@00000000", is, expected);
    a.tag = SIPWS_CLF_BODY;
    a.name = "a/b";
    (void)snprintf(expected, sizeof expected, "a/b %s", as);
    assert_added(&a, "01@00000000", is, expected);
    a.tag = 4;
    a.vendor = 1;
    a.name = "";
    assert_added(&a, "04@00000001", is, as);
  }
}

static void test_clf_field_base64_has_no_seams(void **state) {
  char expected[4 * 200 + 1];
  char value[600];
  size_t i;
  (void)state;
  for (i = 0; i < 200; i++) {
    memcpy(value + 3 * i, "\xff\x00\x41", 3);
    memcpy(expected + 4 * i, "/wBB", 4);
  }
  expected[sizeof expected - 1] = '\0';
  for (i = 3; i <= sizeof value; i += 3) {
    struct addition a = addition(4, 1, "", "");
    char cut[4 * 200 + 1];
    a.value = value;
    a.value_len = i;
    (void)snprintf(cut, sizeof cut, "%.*s", (int)(i / 3 * 4), expected);
    assert_added(&a, "04@00000001", "01", cut);
  }
}

static void test_clf_field_many_are_added_in_order(void **state) {
  static const char *const ids[] = {"00@00000000", "00@00000000", "01@00000000",
                                    "12@00000007"};
  static const char *const values[] = {"Via: V1", "Via: V2", "a/b AA==", "x"};
  static const char *const base64[] = {"00", "00", "01", "00"};
  struct addition all[4];
  char record[512];
  struct record seen;
  size_t len = strlen(base_record);
  size_t i;
  (void)state;
  all[0] = addition(SIPWS_CLF_HEADER, 0, "Via", "V1");
  all[1] = addition(SIPWS_CLF_HEADER, 0, "Via", "V2");
  all[2] = addition(SIPWS_CLF_BODY, 0, "a/b", "");
  all[2].value_len = 1;
  all[3] = addition(12, 7, "", "x");
  memcpy(record, base_record, len);
  for (i = 0; i < 4; i++) {
    assert_int_equal(add(&all[i], record, len, record, sizeof record, &len), 0);
  }
  record[len] = '\0';
  read_record(record, len, &seen);
  assert_int_equal(seen.optional_count, 4);
  for (i = 0; i < 4; i++) {
    assert_optional(&seen, i, ids[i], base64[i], values[i]);
  }
}

/* Adds |len| octets of |unit|, repeated, as a body; returns the length of the
 * value. */
static size_t added_len(const char *name, const char *unit, size_t len,
                        struct record *record) {
  static char body[8192];
  static char out[RECORD_ROOM];
  size_t unit_len = strlen(unit);
  struct addition a = addition(SIPWS_CLF_BODY, 0, name, "");
  size_t i;
  for (i = 0; i < len; i++) {
    body[i] = unit[i % unit_len];
  }
  a.value = body;
  a.value_len = len;
  assert_int_equal(
      add(&a, base_record, strlen(base_record), out, sizeof out - 1, &i), 0);
  out[i] = '\0';
  read_record(out, i, record);
  return record->optional[0].value.len;
}

/* RFC 6873 section 4.4: at most 4096 octets, as they stand in the record. */
static void test_clf_field_long_value_is_cut(void **state) {
  struct record record;
  size_t n;
  (void)state;
  assert_int_equal(added_len("a/b", "x", 4091, &record), 4095);
  assert_int_equal(added_len("a/b", "x", 4092, &record), 4096);
  assert_int_equal(added_len("a/b", "x", 4093, &record), 4096);
  assert_int_equal(added_len("a/b", "x", 8192, &record), 4096);
  /* a line break takes six octets, and is not halved */
  assert_int_equal(added_len("a/b", "\r\n", 2 * 682, &record), 4096);
  assert_int_equal(added_len("a/bc", "\r\n", 2 * 682, &record), 4091);
  assert_int_equal(added_len("a/bc", "\r\n", 8192, &record), 4091);
  /* nor a character */
  assert_int_equal(added_len("a/b", "\xc3\xa4", 8192, &record), 4096);
  assert_int_equal(added_len("a/bc", "\xc3\xa4", 8192, &record), 4095);
  /* of Base64, whole groups of four */
  assert_int_equal(added_len("a/b", "\xff", 3069, &record), 4096);
  assert_int_equal(added_len("a/b", "\xff", 8192, &record), 4096);
  for (n = 0; n < 4; n++) {
    static const char *const names[] = {"a/bc", "a/bcd", "a/bcde", "a/bcdef"};
    size_t lead = strlen(names[n]) + 1;
    assert_int_equal(added_len(names[n], "\xff", 8192, &record),
                     lead + (4096 - lead) / 4 * 4);
  }
}

static void test_clf_field_refuses_what_cannot_be(void **state) {
  struct addition a = addition(SIPWS_CLF_HEADER, 0, "X", "y");
  size_t len = strlen(base_record);
  char broken[512];
  char out[512];
  size_t out_len = 77;
  (void)state;
  assert_refused(add, &a, NULL, SIPWS_ERR_INVALID);
  assert_refused(add, &a, "", SIPWS_ERR_SYNTAX);
  a.name = "";
  assert_refused(add, &a, base_record, SIPWS_ERR_TEXT);
  a.name = "X Y";
  assert_refused(add, &a, base_record, SIPWS_ERR_TEXT);
  a.tag = SIPWS_CLF_BODY;
  a.name = "";
  assert_refused(add, &a, base_record, SIPWS_ERR_TEXT);
  a.name = "a\n";
  assert_refused(add, &a, base_record, SIPWS_ERR_TEXT);
  a.tag = SIPWS_CLF_MESSAGE;
  a.name = "a";
  assert_refused(add, &a, base_record, SIPWS_ERR_TEXT);
  a.vendor = 1;
  assert_refused(add, &a, base_record, SIPWS_ERR_TEXT);
  a.name = "";
  a.tag = 100;
  assert_refused(add, &a, base_record, SIPWS_ERR_INVALID);
  a.tag = 3;
  a.vendor = 0;
  assert_refused(add, &a, base_record, SIPWS_ERR_INVALID);
  a.vendor = 100000000;
  assert_refused(add, &a, base_record, SIPWS_ERR_INVALID);
  a.vendor = 1;
  strcpy(broken, base_record);
  broken[0] = 'B';
  assert_refused(add, &a, broken, SIPWS_ERR_SYNTAX);
  broken[0] = 'A';
  broken[6] ^= 1;
  assert_refused(add, &a, broken, SIPWS_ERR_SYNTAX);
  broken[6] ^= 1;
  broken[len - 1] = '\t';
  assert_refused(add, &a, broken, SIPWS_ERR_SYNTAX);
#define ADD(name, name_len, value, value_len, out, out_len)                    \
  sipws_clf_add(base_record, len, 3, 1, name, name_len, value, value_len, out, \
                sizeof broken, out_len)
  assert_int_equal(ADD(NULL, 1, "", 0, out, &out_len), SIPWS_ERR_INVALID);
  assert_int_equal(ADD("", 0, NULL, 1, out, &out_len), SIPWS_ERR_INVALID);
  assert_int_equal(ADD("", 0, "", 0, NULL, &out_len), SIPWS_ERR_INVALID);
  assert_int_equal(ADD("", 0, "", 0, out, NULL), SIPWS_ERR_INVALID);
  assert_int_equal(out_len, 77);
  assert_int_equal(ADD(NULL, 0, NULL, 0, out, &out_len), 0);
#undef ADD
}

/* RFC 6873 section 4.1: six digits for the length. */
static void test_clf_field_record_ends_at_six_digits(void **state) {
  static char value[4096];
  const size_t room = 0xffffff;
  size_t len = strlen(base_record);
  char *record = malloc(room + 1 + sizeof base_record);
  struct addition a = addition(1, 1, "", "");
  (void)state;
  assert_non_null(record);
  memset(value, 'x', sizeof value);
  memcpy(record, base_record, len);
  a.value = value;
  a.value_len = sizeof value;
  while (room - len > 8400) {
    assert_int_equal(add(&a, record, len, record, room, &len), 0);
  }
  a.value_len = (room - len) / 2;
  assert_int_equal(add(&a, record, len, record, room, &len), 0);
  a.value_len = room - len - 21 + 1;
  assert_int_equal(add(&a, record, len, record, room + 1, &len),
                   SIPWS_ERR_TOO_BIG);
  a.value_len--;
  assert_int_equal(add(&a, record, len, record, room, &len), 0);
  assert_int_equal(len, room);
  assert_memory_equal(record, "AFFFFFF,", 8);
  /* one whose length agrees with its last six digits */
  len = room + 1 + strlen(base_record);
  memcpy(record, base_record, strlen(base_record));
  record[len - 1] = '\n';
  assert_int_equal(add(&a, record, len, NULL, 0, &len), SIPWS_ERR_SYNTAX);
  free(record);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clf_field_samples_are_written),
      cmocka_unit_test(test_clf_field_body_is_written_with_its_type),
      cmocka_unit_test(test_clf_field_whole_message_is_written),
      cmocka_unit_test(test_clf_field_header_is_unfolded),
      cmocka_unit_test(test_clf_field_unprintable_value_is_base64),
      cmocka_unit_test(test_clf_field_base64_has_no_seams),
      cmocka_unit_test(test_clf_field_many_are_added_in_order),
      cmocka_unit_test(test_clf_field_long_value_is_cut),
      cmocka_unit_test(test_clf_field_refuses_what_cannot_be),
      cmocka_unit_test(test_clf_field_record_ends_at_six_digits),
  };
  return cmocka_run_group_tests(tests, make_base_record, NULL);
}
