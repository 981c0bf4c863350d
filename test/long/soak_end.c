#include "soak_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 60000

void soak_need(int good, const char *what, const struct soak_pair *pair) {
  if (!good) {
    fprintf(stderr, "soak: %s", what);
    if (pair != NULL) {
      fprintf(stderr, " (pair %u, life %u, fate %d by %d)", pair->number,
              pair->life, pair->fate, pair->killer);
    }
    fputc('\n', stderr);
    exit(1);
  }
}

/* ---- messages: they say whose they are, and end in counted octets ---- */

static int soak_head(char *out, size_t size, const struct soak_pair *pair,
                     int role, uint64_t number) {
  return snprintf(out, size,
                  "MESSAGE sip:soak.example SIP/2.0\r\n"
                  "Via: SIP/2.0/WS x.invalid;branch=z9hG4bK1\r\n"
                  "Call-ID: %u-%u-%d\r\nCSeq: %llu MESSAGE\r\n\r\n",
                  pair->number, pair->life, role, (unsigned long long)number);
}

static char soak_octet(uint64_t number, size_t at) {
  return (char)('!' + (number + at) % 90);
}

int soak_say(struct soak_end *end, size_t len, uint64_t now) {
  static char text[MESSAGE_MAX + 1024];
  uint64_t number = end->given + 1;
  uint64_t seq = 0;
  size_t at =
      (size_t)soak_head(text, sizeof text, end->pair, end->role, number);
  size_t i;
  int err;
  for (i = 0; at < len && at < MESSAGE_MAX; i++) {
    text[at++] = soak_octet(number, i);
  }
  err = sipws_conn_send(end->conn, text, at, 0, now, &seq);
  if (err == 0) {
    soak_need(seq == number, "a message has another number", end->pair);
    end->given = number;
  }
  return err;
}

void soak_hear(struct soak_end *end, const char *msg, size_t len, int verdict) {
  char head[256];
  uint64_t number = end->got + 1;
  size_t at, i;
  soak_need(end->pair != NULL, "a message before the handshake", NULL);
  soak_need(verdict == SIPWS_SIP_OK, "a message is not SIP", end->pair);
  at = (size_t)soak_head(head, sizeof head, end->pair, !end->role, number);
  soak_need(len >= at && memcmp(msg, head, at) == 0,
            "a message is lost, twice there, or out of order", end->pair);
  for (i = 0; at + i < len; i++) {
    soak_need(msg[at + i] == soak_octet(number, i), "a message is damaged",
              end->pair);
  }
  end->got = number;
}

/* ---- accounts ---- */

static void soak_account_way(const struct soak_pair *pair,
                             const struct soak_end *from,
                             const struct soak_end *to, struct soak_sum *sum) {
  uint64_t sent = sipws_conn_sent_seq(from->conn);
  uint64_t begun = sipws_conn_begun_seq(from->conn);
  uint64_t got = to != NULL ? to->got : 0;
  soak_need(sipws_conn_last_seq(from->conn) == from->given,
            "the last number is not that of the last message", pair);
  soak_need(from->settled == sent, "sent events do not add up", pair);
  soak_need(sent <= begun && begun <= from->given,
            "sent, begun and given are out of order", pair);
  soak_need(got <= begun, "a message arrived that never left", pair);
  soak_need(pair->fate != SOAK_CLOSED || pair->killer != from->role ||
                got == from->given,
            "a message queued before Close is lost", pair);
  sum->given += from->given;
  sum->got += got;
  sum->unknown += begun - got;
  sum->unsent += from->given - begun;
}

void soak_account(const struct soak_pair *pair, struct soak_sum *sum) {
  soak_account_way(pair, pair->client, pair->server, sum);
  if (pair->server != NULL) {
    soak_account_way(pair, pair->server, pair->client, sum);
  }
  sum->over[pair->fate]++;
}

void soak_all_arrived(const struct soak_pair *pair) {
  soak_need(pair->client->given == pair->server->got &&
                pair->server->given == pair->client->got,
            "a message of a living connection is lost", pair);
}
