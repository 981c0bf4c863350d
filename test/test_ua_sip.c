/* The SIP side of examples/ua: what it writes, which responses it takes, which
 * challenges it answers, and how it answers others. */
#include "support.h"

#include "../examples/ua_sip.h"

#define ALICE "sip:alice@example.com"
#define BOB "sip:bob@example.com"

struct world {
  struct ua_identity who;
  struct ua_sip sip;
  struct ua_request request;
  char out[4096]; /* the request written last */
  size_t len;
  char in[4096]; /* the response to it */
};

/* Begins and writes a request of alice's. */
static void ask(struct world *world, const char *method, const char *target,
                const char *body) {
  assert_int_equal(
      ua_request_begin(&world->request, &world->sip, method, target, body, 600),
      0);
  assert_int_equal(ua_request_write(&world->request, &world->sip, world->out,
                                    sizeof(world->out), &world->len),
                   0);
}

static void again(struct world *world) {
  assert_int_equal(ua_request_write(&world->request, &world->sip, world->out,
                                    sizeof(world->out), &world->len),
                   0);
}

/* The start of a world in which alice has registered once, unanswered. */
static void begin(struct world *world, const char *password) {
  struct ua_identity who = {.aor = ALICE,
                            .username = "alice",
                            .password = password,
                            .registrar = "sip:example.com",
                            .host = "a1.invalid",
                            .contact = "sip:alice@a1.invalid;transport=ws",
                            .instance = "urn:uuid:1"};

  world->who = who;
  assert_int_equal(ua_sip_init(&world->sip, &world->who, 3), 0);
  ask(world, "REGISTER", ALICE, NULL);
}

/* Takes a response with these parts. */
static enum ua_reply answer_with(struct world *world, const char *via,
                                 const char *start, const char *cseq,
                                 const char *headers) {
  sipws_sip_view view;

  snprintf(world->in, sizeof(world->in),
           "SIP/2.0 %s\r\n%sTo: <" BOB ">;tag=1\r\nFrom: <" ALICE ">;tag=%s\r\n"
           "Call-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: 0\r\n\r\n",
           start, via, world->sip.tag, world->request.call_id, world->sip.cseq,
           cseq, headers);
  view.struct_size = sizeof(view);
  assert_int_equal(sipws_sip_parse(world->in, strlen(world->in), &view), 0);
  return ua_request_match(&world->request, &world->sip, world->in,
                          strlen(world->in), &view);
}

/* Takes a response with our own Via. */
static enum ua_reply answer(struct world *world, const char *start,
                            const char *headers) {
  char via[200];

  snprintf(via, sizeof(via), "Via: SIP/2.0/WS %s;branch=%s\r\n",
           world->who.host, world->request.branch);
  return answer_with(world, via, start, world->request.method, headers);
}

/* The value of a header of the request written last; "" if there is none. */
static const char *sent(struct world *world, const char *name) {
  static char text[600];
  sipws_sip_view view;
  sipws_span value;

  view.struct_size = sizeof(view);
  assert_int_equal(sipws_sip_parse(world->out, world->len, &view), 0);
  text[0] = '\0';
  if (sipws_sip_header(world->out, world->len, &view, name, strlen(name), 0,
                       &value) == 0) {
    snprintf(text, sizeof(text), "%.*s", SPAN(world->out, value));
  }
  return text;
}

/* ------------------------------------------------------------- requests -- */

static void test_ua_register_names_its_flow(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_string_equal(sent(&world, "Contact"),
                      "<sip:alice@a1.invalid;transport=ws>;reg-id=3;"
                      "+sip.instance=\"<urn:uuid:1>\"");
  assert_memory_equal(world.out, "REGISTER sip:example.com SIP/2.0\r\n", 34);
  assert_string_equal(sent(&world, "To"), "<" ALICE ">");
  assert_string_equal(sent(&world, "Expires"), "600");
  assert_string_equal(sent(&world, "Supported"), "path, outbound, gruu");
}

static void test_ua_message_has_a_body_and_no_contact(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  ask(&world, "MESSAGE", BOB, "hello");
  assert_memory_equal(world.out, "MESSAGE " BOB " SIP/2.0\r\n", 37);
  assert_string_equal(sent(&world, "Contact"), "");
  assert_string_equal(sent(&world, "Content-Type"), "text/plain");
  assert_string_equal(sent(&world, "Content-Length"), "5");
  assert_memory_equal(world.out + world.len - 9, "\r\n\r\nhello", 9);
}

static void test_ua_via_tells_whether_it_is_secure(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_memory_equal(sent(&world, "Via"), "SIP/2.0/WS ", 11);
  world.sip.secure = 1;
  again(&world);
  assert_memory_equal(sent(&world, "Via"), "SIP/2.0/WSS ", 12);
}

static void test_ua_each_try_has_its_own_branch_and_number(void **state) {
  struct world world;
  char branch[64];
  (void)state;
  begin(&world, NULL);
  assert_string_equal(sent(&world, "CSeq"), "1 REGISTER");
  strcpy(branch, world.request.branch);
  again(&world);
  assert_string_equal(sent(&world, "CSeq"), "2 REGISTER");
  assert_string_not_equal(branch, world.request.branch);
}

static void test_ua_too_long_a_request_is_refused(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(ua_request_write(&world.request, &world.sip, world.out,
                                    world.len, &world.len),
                   -1);
}

/* ------------------------------------------------------------ responses -- */

static void test_ua_response_ends_the_request(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(answer(&world, "100 Trying", ""), UA_PROVISIONAL);
  assert_int_equal(answer(&world, "200 OK", ""), UA_FINAL);
  assert_int_equal(answer(&world, "404 Not Found", ""), UA_FINAL);
}

static void test_ua_response_of_another_is_dropped(void **state) {
  struct world world;
  char via[400];
  const char *host;
  const char *branch;
  (void)state;
  begin(&world, NULL);
  host = world.who.host;
  branch = world.request.branch;
  snprintf(via, sizeof(via), "Via: SIP/2.0/WS a.invalid;branch=%s\r\n", branch);
  assert_int_equal(answer_with(&world, via, "200 OK", "REGISTER", ""),
                   UA_STRANGER);
  snprintf(via, sizeof(via), "Via: SIP/2.0/WS %s:80;branch=%s\r\n", host,
           branch);
  assert_int_equal(answer_with(&world, via, "200 OK", "REGISTER", ""),
                   UA_STRANGER);
  snprintf(via, sizeof(via), "Via: SIP/2.0/WS %s;branch=%s0\r\n", host, branch);
  assert_int_equal(answer_with(&world, via, "200 OK", "REGISTER", ""),
                   UA_STRANGER);
  snprintf(via, sizeof(via),
           "Via: SIP/2.0/WS %s;branch=%s\r\nVia: SIP/2.0/UDP b\r\n", host,
           branch);
  assert_int_equal(answer_with(&world, via, "200 OK", "REGISTER", ""),
                   UA_STRANGER);
  snprintf(via, sizeof(via), "Via: SIP/2.0/WS %s;branch=%s\r\n", host, branch);
  assert_int_equal(answer_with(&world, via, "200 OK", "OPTIONS", ""),
                   UA_STRANGER);
  assert_int_equal(answer_with(&world, "", "200 OK", "REGISTER", ""),
                   UA_STRANGER);
  assert_int_equal(answer_with(&world, via, "200 OK", "REGISTER", ""),
                   UA_FINAL);
}

/* How many seconds a 200 with these headers grants. */
static uint32_t granted(struct world *world, const char *headers) {
  sipws_sip_view view = {.struct_size = sizeof(view)};

  assert_int_equal(answer(world, "200 OK", headers), UA_FINAL);
  assert_int_equal(sipws_sip_parse(world->in, strlen(world->in), &view), 0);
  return ua_request_granted(&world->request, &world->sip, world->in,
                            strlen(world->in), &view);
}

static void test_ua_granted_time_is_that_of_our_contact(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(
      granted(&world, "Expires: 500\r\n"
                      "Contact: <sip:alice@a1.invalid;transport=ws;alias=1>;"
                      "expires=300, "
                      "<sip:alice@other.invalid;transport=ws>;expires=10\r\n"),
      300);
  assert_int_equal(granted(&world, "Expires: 500\r\n"), 500);
}

static void test_ua_granted_time_is_that_of_our_flow(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(
      granted(&world, "Contact: <sip:alice@a1.invalid;transport=ws>;reg-id=3;"
                      "expires=300\r\n"
                      "Contact: <sip:alice@a1.invalid;transport=ws>;reg-id=2;"
                      "expires=10\r\n"),
      300);
}

/* ----------------------------------------------------------- challenges -- */

#define CHALLENGE(nonce, more)                                                 \
  "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"" nonce             \
  "\", qop=\"auth-int,auth\"" more "\r\n"

static void test_ua_wrong_password_is_tried_once(void **state) {
  struct world world;
  (void)state;
  begin(&world, "wonderland");
  assert_string_equal(sent(&world, "Authorization"), "");
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", "")),
                   UA_CHALLENGED);
  again(&world);
  assert_non_null(strstr(sent(&world, "Authorization"), "nonce=\"n1\""));
  assert_non_null(strstr(sent(&world, "Authorization"), "nc=00000001"));
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n2", "")), UA_FINAL);
}

static void test_ua_stale_nonce_is_replaced_once(void **state) {
  struct world world;
  (void)state;
  begin(&world, "wonderland");
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", "")),
                   UA_CHALLENGED);
  again(&world);
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n2", ", stale=TRUE")),
                   UA_CHALLENGED);
  again(&world);
  assert_non_null(strstr(sent(&world, "Authorization"), "nonce=\"n2\""));
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n3", ", stale=true")),
                   UA_FINAL);
}

static void test_ua_nonce_is_answered_once(void **state) {
  struct world world;
  (void)state;
  begin(&world, "wonderland");
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", "")),
                   UA_CHALLENGED);
  again(&world);
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", ", stale=true")),
                   UA_FINAL);
}

static void test_ua_later_requests_count_on(void **state) {
  struct world world;
  (void)state;
  begin(&world, "wonderland");
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", "")),
                   UA_CHALLENGED);
  again(&world);
  assert_int_equal(answer(&world, "200 OK", ""), UA_FINAL);
  ask(&world, "REGISTER", ALICE, NULL);
  assert_non_null(strstr(sent(&world, "Authorization"), "nc=00000002"));
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n2", "")),
                   UA_CHALLENGED);
  again(&world);
  assert_non_null(strstr(sent(&world, "Authorization"), "nc=00000001"));
}

static void test_ua_without_password_answers_no_challenge(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", "")), UA_FINAL);
}

static void test_ua_proxy_and_server_are_both_answered(void **state) {
  struct world world;
  (void)state;
  begin(&world, "wonderland");
  assert_int_equal(answer(&world, "407 No",
                          "Proxy-Authenticate: Digest realm=\"p\", "
                          "nonce=\"np\", opaque=\"o\"\r\n"),
                   UA_CHALLENGED);
  again(&world);
  assert_string_equal(sent(&world, "Authorization"), "");
  assert_non_null(strstr(sent(&world, "Proxy-Authorization"), "realm=\"p\""));
  assert_non_null(strstr(sent(&world, "Proxy-Authorization"), "opaque=\"o\""));
  assert_null(strstr(sent(&world, "Proxy-Authorization"), "qop"));
  assert_int_equal(answer(&world, "401 No", CHALLENGE("n1", "")),
                   UA_CHALLENGED);
  again(&world);
  assert_non_null(strstr(sent(&world, "Authorization"), "nonce=\"n1\""));
  assert_non_null(strstr(sent(&world, "Proxy-Authorization"), "nonce=\"np\""));
}

static void test_ua_topmost_challenge_that_it_can_is_answered(void **state) {
  struct world world;
  (void)state;
  begin(&world, "wonderland");
  assert_int_equal(
      answer(&world, "401 No",
             "WWW-Authenticate: Basic realm=\"example.com\"\r\n" CHALLENGE(
                 "n1", ", algorithm=SHA-512-256")
                 CHALLENGE("n2", ", algorithm=SHA-256") CHALLENGE("n3", "")),
      UA_CHALLENGED);
  again(&world);
  assert_non_null(strstr(sent(&world, "Authorization"), "nonce=\"n2\""));
  assert_non_null(strstr(sent(&world, "Authorization"), "algorithm=SHA-256"));
}

static void test_ua_challenge_that_it_cannot_is_final(void **state) {
  static const char *const headers[] = {
      "", "WWW-Authenticate: Basic realm=\"a\"\r\n",
      "WWW-Authenticate: Digest realm=\"a\"\r\n",
      "WWW-Authenticate: Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"\r\n",
      ("WWW-Authenticate: Digest realm=\"a\", nonce=\"n\", "
       "algorithm=MD5-sess\r\n")};
  struct world world;
  size_t i;
  (void)state;
  begin(&world, "wonderland");
  for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
    assert_int_equal(answer(&world, "401 No", headers[i]), UA_FINAL);
  }
}

/* -------------------------------------------------------------- answers -- */

/* What ua answers to a request of this method; its answer is in |world|. */
static int answered(struct world *world, const char *method,
                    const char *headers) {
  sipws_sip_view view;

  snprintf(world->in, sizeof(world->in),
           "%s sip:alice@a.invalid SIP/2.0\r\nVia: SIP/2.0/WS b;branch=z9hG4bKb"
           "\r\nFrom: <" BOB ">;tag=1\r\nTo: <" ALICE ">\r\nCall-ID: c\r\n"
           "CSeq: 7 %s\r\n%s\r\n",
           method, method, headers);
  view.struct_size = sizeof(view);
  assert_int_equal(sipws_sip_parse(world->in, strlen(world->in), &view), 0);
  return ua_answer_write(&world->sip, world->in, strlen(world->in), &view,
                         world->out, sizeof(world->out), &world->len);
}

static void test_ua_answers_what_it_knows_and_declines_the_rest(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(answered(&world, "OPTIONS", ""), 200);
  assert_string_equal(sent(&world, "Allow"), "OPTIONS, MESSAGE");
  assert_non_null(strstr(sent(&world, "To"), world.sip.tag));
  assert_string_equal(sent(&world, "CSeq"), "7 OPTIONS");
  assert_int_equal(answered(&world, "MESSAGE", ""), 200);
  assert_int_equal(answered(&world, "INVITE", ""), 486);
  assert_int_equal(answered(&world, "ACK", ""), 0);
  assert_int_equal(answered(&world, "BYE", ""), 481);
  assert_int_equal(answered(&world, "CANCEL", ""), 481);
  assert_int_equal(answered(&world, "SUBSCRIBE", ""), 405);
  assert_string_equal(sent(&world, "Allow"), "OPTIONS, MESSAGE");
}

static void test_ua_unknown_extension_is_named(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(answered(&world, "MESSAGE", "Require: fly, swim\r\n"), 420);
  assert_string_equal(sent(&world, "Unsupported"), "fly, swim");
}

static void test_ua_short_body_is_a_bad_request(void **state) {
  struct world world;
  (void)state;
  begin(&world, NULL);
  assert_int_equal(answered(&world, "MESSAGE", "Content-Length: 9\r\n"), 400);
  assert_int_equal(answered(&world, "MESSAGE", "Content-Length: x\r\n"), 400);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ua_register_names_its_flow),
      cmocka_unit_test(test_ua_message_has_a_body_and_no_contact),
      cmocka_unit_test(test_ua_via_tells_whether_it_is_secure),
      cmocka_unit_test(test_ua_each_try_has_its_own_branch_and_number),
      cmocka_unit_test(test_ua_too_long_a_request_is_refused),
      cmocka_unit_test(test_ua_response_ends_the_request),
      cmocka_unit_test(test_ua_response_of_another_is_dropped),
      cmocka_unit_test(test_ua_granted_time_is_that_of_our_contact),
      cmocka_unit_test(test_ua_granted_time_is_that_of_our_flow),
      cmocka_unit_test(test_ua_wrong_password_is_tried_once),
      cmocka_unit_test(test_ua_stale_nonce_is_replaced_once),
      cmocka_unit_test(test_ua_nonce_is_answered_once),
      cmocka_unit_test(test_ua_later_requests_count_on),
      cmocka_unit_test(test_ua_without_password_answers_no_challenge),
      cmocka_unit_test(test_ua_proxy_and_server_are_both_answered),
      cmocka_unit_test(test_ua_topmost_challenge_that_it_can_is_answered),
      cmocka_unit_test(test_ua_challenge_that_it_cannot_is_final),
      cmocka_unit_test(test_ua_answers_what_it_knows_and_declines_the_rest),
      cmocka_unit_test(test_ua_unknown_extension_is_named),
      cmocka_unit_test(test_ua_short_body_is_a_bad_request),
  };
  return cmocka_run_group_tests_name("ua_sip", tests, NULL, NULL);
}
