/* contact: instances, and the flow that a Contact asks for. */
#include "span.h"
#include "writer.h"

#include <sipws/sip.h>

static int build(const void *how, const char *msg, size_t len, char *out,
                 size_t out_size, size_t *out_len) {
  (void)msg;
  (void)len;
  return sipws_instance_build(how, out, out_size, out_len);
}

/* RFC 9562 sections 4 and 5.4; RFC 5626 section 4.1. */
static void test_contact_instance_is_a_random_uuid(void **state) {
  static const uint8_t seed[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
                                   0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98,
                                   0x76, 0x54, 0x32, 0x10};
  static const uint8_t zeros[16] = {0};
  uint8_t ones[16];
  (void)state;
  memset(ones, 0xff, sizeof ones);
  assert_sizes(build, seed, NULL, 0,
               "urn:uuid:01234567-89ab-4def-bedc-ba9876543210");
  assert_sizes(build, zeros, NULL, 0,
               "urn:uuid:00000000-0000-4000-8000-000000000000");
  assert_sizes(build, ones, NULL, 0,
               "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert_refused(build, NULL, NULL, SIPWS_ERR_INVALID);
  assert_int_equal(strlen("urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff"),
                   SIPWS_INSTANCE_LEN);
}

/* 0 with |instance| and |reg_id|; or the error, with both untouched. */
static int read_flow(const char *params, sipws_span *instance,
                     uint32_t *reg_id) {
  char text[512];
  size_t len =
      (size_t)snprintf(text, sizeof text, "<sip:a@b;reg-id=7>%s", params);
  char *guarded = test_guarded(text, len);
  sipws_name_addr contact;
  int err;
  instance->off = 77;
  instance->len = 0;
  *reg_id = 77;
  contact.struct_size = sizeof contact;
  assert_int_equal(sipws_name_addr_parse(guarded, whole(text), &contact), 0);
  err = sipws_contact_flow(guarded, &contact, instance, reg_id);
  if (err == 0 && instance->len > 0) {
    instance->off -= 18; /* as a span of |params| */
  }
  test_guarded_free(guarded, len);
  return err;
}

static void assert_flow(const char *params, const char *instance,
                        uint32_t reg_id) {
  sipws_span found;
  uint32_t number;
  if (read_flow(params, &found, &number) != 0) {
    fail_msg("refused: %s", params);
  }
  assert_int_equal(found.len, strlen(instance));
  if (found.len > 0) {
    assert_span(params, found, instance);
  }
  assert_int_equal(number, reg_id);
}

#define UUID "urn:uuid:00000000-0000-1000-8000-000A95A0E128"

/* RFC 5626 sections 4.2.1 and 6; the instances of RFC 7118 8.1 (no UUID) and of
 * RFC 7254 (no UUID either). */
static void test_contact_flow_is_instance_and_reg_id(void **state) {
  (void)state;
  assert_flow(";reg-id=1;+sip.instance=\"<" UUID ">\"", UUID, 1);
  assert_flow(" ;\r\n +SIP.Instance = \"<" UUID ">\" ; REG-ID = 2147483647",
              UUID, 2147483647);
  assert_flow(";+sip.instance=\"<urn:uuid:f81-7dec-14a06cf1>\";reg-id=2",
              "urn:uuid:f81-7dec-14a06cf1", 2);
  assert_flow(";+sip.instance=\"<URN:gsma:imei:90420156-025763-0>\";reg-id=01",
              "URN:gsma:imei:90420156-025763-0", 1);
  assert_flow(";reg-id=1;reg-id=0;+sip.instance=\"<urn:x:y>\"", "urn:x:y", 1);
}

/* An instance alone is one for a GRUU; a reg-id alone is ignored (RFC 5626
 * section 6). */
static void test_contact_flow_needs_both(void **state) {
  (void)state;
  assert_flow("", "", 0);
  assert_flow(";expires=60;q=1", "", 0);
  assert_flow(";+sip.instance=\"<" UUID ">\"", UUID, 0);
  assert_flow(";reg-id=3", "", 0);
  assert_flow(";x=\";reg-id=3\";+sip.instances=\"<" UUID ">\"", "", 0);
}

static void test_contact_flow_that_is_none_is_refused(void **state) {
  static const char *const bad[] = {
      ";reg-id=0;+sip.instance=\"<urn:x:y>\"",
      ";reg-id=2147483648;+sip.instance=\"<urn:x:y>\"",
      ";reg-id=99999999999;+sip.instance=\"<urn:x:y>\"",
      ";reg-id=-1;+sip.instance=\"<urn:x:y>\"",
      ";reg-id=1x;+sip.instance=\"<urn:x:y>\"",
      ";reg-id;+sip.instance=\"<urn:x:y>\"",
      ";reg-id=0",
      ";+sip.instance",
      ";+sip.instance=\"\"",
      ";+sip.instance=\"<>\"",
      ";+sip.instance=\"<urn:>\"",
      ";+sip.instance=\"urn:x:y\"",
      ";+sip.instance=urn:x:y",
      ";+sip.instance=\"<urn:x:y\"",
      ";+sip.instance=\"urn:x:y>\"",
      ";+sip.instance=\"<uuid:x:y>\"",
      ";+sip.instance=\"<urn:x y>\"",
      ";+sip.instance=\"<urn:x<y>\"",
      ";+sip.instance=\"<urn:x\\\"y>\"",
      ";+sip.instance=\"<urn:\xc3\xa4:y>\""};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sipws_span instance;
    uint32_t reg_id;
    if (read_flow(bad[i], &instance, &reg_id) != SIPWS_ERR_SYNTAX) {
      fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(instance.off, 77);
    assert_int_equal(reg_id, 77);
  }
}

/* RFC 5626 section 4.2.3: "*" has nothing of it. */
static void test_contact_flow_of_a_star_is_none(void **state) {
  sipws_span instance;
  uint32_t reg_id = 77;
  sipws_name_addr contact;
  (void)state;
  contact.struct_size = sizeof contact;
  assert_int_equal(sipws_name_addr_parse("*", whole("*"), &contact), 0);
  assert_int_equal(sipws_contact_flow("*", &contact, &instance, &reg_id), 0);
  assert_int_equal(instance.len, 0);
  assert_int_equal(reg_id, 0);
}

static void test_contact_flow_wrong_arguments_are_invalid(void **state) {
  sipws_name_addr contact = {sizeof contact, 0, {0, 0}, {0, 0}, {0, 0}};
  sipws_span instance;
  uint32_t reg_id;
  (void)state;
  assert_int_equal(sipws_contact_flow(NULL, &contact, &instance, &reg_id),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_contact_flow("", NULL, &instance, &reg_id),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_contact_flow("", &contact, NULL, &reg_id),
                   SIPWS_ERR_INVALID);
  assert_int_equal(sipws_contact_flow("", &contact, &instance, NULL),
                   SIPWS_ERR_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contact_instance_is_a_random_uuid),
      cmocka_unit_test(test_contact_flow_is_instance_and_reg_id),
      cmocka_unit_test(test_contact_flow_needs_both),
      cmocka_unit_test(test_contact_flow_that_is_none_is_refused),
      cmocka_unit_test(test_contact_flow_of_a_star_is_none),
      cmocka_unit_test(test_contact_flow_wrong_arguments_are_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
