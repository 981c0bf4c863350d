/* A SIP client and a SIP server in one process, without a socket. */
#include <sipws/sipws.h>
#include <stdio.h>

static const char hello[] = "OPTIONS sip:example.com SIP/2.0\r\n"
                            "Via: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n\r\n";

/* Called for every whole SIP message. */
static int on_message(sipws_conn *conn, int kind, const char *msg, size_t len,
                      int verdict, void *user) {
  printf("got a message of kind %d, verdict %d:\n%.*s", kind, verdict, (int)len,
         msg);
  return sipws_conn_close(conn, 1000, user, 4, SIPWS_CLOSE_GRACEFUL, 0);
}

/* What a socket does: carries octets from one side to the other. */
static void carry(sipws_conn *from, sipws_conn *to) {
  const uint8_t *data;
  size_t len, taken;
  while (sipws_conn_pending(from, 0, &data, &len) == 0 && len > 0) {
    sipws_conn_feed(to, data, len, 0, &taken);
    sipws_conn_taken(from, taken, 0);
  }
}

int main(void) {
  sipws_config *config;
  sipws_conn *client, *server;
  char bye[] = "bye!";
  sipws_config_new(NULL, NULL, &config);
  sipws_config_set_random(config, sipws_os_random, NULL);
  sipws_config_on_message(config, on_message);
  sipws_server_new(config, bye, 0, &server);
  sipws_client_new(config, "ws://example.com/", 17, bye, 0, &client);
  sipws_conn_send(client, hello, sizeof hello - 1, 0, 0, NULL);
  while (sipws_conn_state(server) != SIPWS_STATE_CLOSED) {
    carry(client, server);
    carry(server, client);
  }
  printf("closed with code %u\n", sipws_conn_close_code(server));
  sipws_conn_free(client);
  sipws_conn_free(server);
  sipws_config_free(config);
  return 0;
}
