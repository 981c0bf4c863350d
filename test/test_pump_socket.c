/* pump over a real socket: a client and a server in two processes, each a loop
 * of poll, readable and writable. */
#include "support.h"

#include <sipws/sipws.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int socket_recv(uint8_t *buf, size_t len, size_t *got, void *user) {
  ssize_t n = recv(*(int *)user, buf, len, MSG_DONTWAIT);
  *got = n > 0 ? (size_t)n : 0;
  return n > 0 ? 0 : n == 0 ? SIPWS_ERR_EOF : SIPWS_ERR_AGAIN;
}

static int socket_send(const uint8_t *data, size_t len, size_t *sent,
                       void *user) {
  ssize_t n = send(*(int *)user, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
  *sent = n > 0 ? (size_t)n : 0;
  return n > 0 ? 0 : SIPWS_ERR_AGAIN;
}

static void run(sipws_conn *conn, int fd) {
  uint8_t scratch[600];
  uint32_t wants = sipws_conn_wants(conn);
  struct pollfd ready = {fd, 0, 0};
  while ((wants & SIPWS_WANT_CLOSE) == 0) {
    ready.events = (short)((wants & SIPWS_WANT_READ ? POLLIN : 0) |
                           (wants & SIPWS_WANT_WRITE ? POLLOUT : 0));
    (void)poll(&ready, 1, 5000);
    (void)sipws_conn_readable(conn, scratch, sizeof scratch, 0, &wants);
    (void)sipws_conn_writable(conn, 0, &wants);
  }
}

static const char question[] =
    "OPTIONS sip:example.com SIP/2.0\r\nCall-ID: 1@phone.invalid\r\n\r\n";
static const char answer[] =
    "SIP/2.0 200 OK\r\nCall-ID: 1@phone.invalid\r\n\r\n";

static int server_answers(sipws_conn *conn, int kind, const char *msg,
                          size_t len, int verdict, void *user) {
  (void)kind, (void)verdict, (void)user;
  return len == sizeof question - 1 && memcmp(msg, question, len) == 0
             ? sipws_conn_send(conn, answer, sizeof answer - 1, 0, 0, NULL)
             : -1;
}

static int client_closes(sipws_conn *conn, int kind, const char *msg,
                         size_t len, int verdict, void *user) {
  (void)kind, (void)verdict, (void)user;
  return len == sizeof answer - 1 && memcmp(msg, answer, len) == 0
             ? sipws_conn_close(conn, 1000, NULL, 0, SIPWS_CLOSE_GRACEFUL, 0)
             : -1;
}

static sipws_config *socket_config(sipws_on_message_fn fn) {
  sipws_config *config = NULL;
  assert_int_equal(sipws_config_new(NULL, NULL, &config), 0);
  assert_int_equal(sipws_config_set_random(config, sipws_os_random, NULL), 0);
  assert_int_equal(sipws_config_set_io(config, socket_recv, socket_send), 0);
  assert_int_equal(sipws_config_on_message(config, fn), 0);
  return config;
}

/* The other process: 0 when its end was clean. */
static int serve(int fd) {
  sipws_config *config = socket_config(server_answers);
  sipws_conn *conn = NULL;
  int failed;
  assert_int_equal(sipws_server_new(config, &fd, 0, &conn), 0);
  run(conn, fd);
  failed = sipws_conn_cause(conn) != SIPWS_CAUSE_PEER_CLOSE;
  sipws_conn_free(conn);
  sipws_config_free(config);
  return failed;
}

static void test_pump_client_and_server_talk_over_a_socket(void **state) {
  static const char url[] = "ws://example.com/";
  sipws_config *config;
  sipws_conn *conn = NULL;
  int ends[2];
  int status = -1;
  pid_t child;
  (void)state;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    alarm(20);
    (void)close(ends[0]);
    _exit(serve(ends[1]));
  }
  alarm(20);
  (void)close(ends[1]);
  config = socket_config(client_closes);
  assert_int_equal(
      sipws_client_new(config, url, sizeof url - 1, &ends[0], 0, &conn), 0);
  assert_int_equal(
      sipws_conn_send(conn, question, sizeof question - 1, 0, 0, NULL), 0);
  run(conn, ends[0]);
  assert_int_equal(sipws_conn_cause(conn), SIPWS_CAUSE_OUR_CLOSE);
  assert_int_equal(sipws_conn_close_code(conn), 1000);
  assert_int_equal(sipws_conn_lost_reason(conn), 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  alarm(0);
  (void)close(ends[0]);
  sipws_conn_free(conn);
  sipws_config_free(config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pump_client_and_server_talk_over_a_socket),
  };
  return cmocka_run_group_tests_name("pump_socket", tests, NULL, NULL);
}
