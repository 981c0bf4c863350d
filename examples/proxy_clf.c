#include "proxy_clf.h"

#include <sipws/clf.h>
#include <string.h>
#include <time.h>

/* Twelve fields of the longest kind, and what stands around them. */
#define CLF_RECORD_SIZE (12 * SIPWS_CLF_FIELD_MAX + 256)

int clf_open(struct proxy *proxy, const char *path) {
  clf_close(proxy);
  proxy->clf = fopen(path, "a");
  if (proxy->clf == NULL) {
    perror(path);
    return -1;
  }
  return 0;
}

void clf_close(struct proxy *proxy) {
  if (proxy->clf != NULL) {
    fclose(proxy->clf);
    proxy->clf = NULL;
  }
}

static uint64_t clf_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void clf_add_udp(const struct proxy *proxy,
                        const struct net_address *udp, sipws_clf_facts *facts) {
  facts->transport = SIPWS_TRANSPORT_UDP;
  memcpy(facts->peer, udp->octets, sizeof facts->peer);
  facts->peer_len = udp->len;
  facts->peer_port = udp->port;
  memcpy(facts->local, proxy->udp_address.octets, sizeof facts->local);
  facts->local_len = proxy->udp_address.len;
  facts->local_port = proxy->udp_address.port;
}

/* Where the top Via is ours, the one below names the transaction that this
 * message belongs to on the other side: who reads the log joins the two by it
 * (RFC 6872 section 8.2). */
static void clf_add_server(const char *text, size_t len,
                           sipws_clf_facts *facts) {
  sipws_sip_view view;
  sipws_via below;
  view.struct_size = sizeof view;
  below.struct_size = sizeof below;
  if (sipws_sip_parse(text, len, &view) == 0 &&
      view.is_request == facts->is_sent &&
      sipws_via_at(text, len, 1, &below) == 0) {
    facts->server_txn = text + below.branch.off;
    facts->server_txn_len = below.branch.len;
  }
}

void clf_log(const struct proxy *proxy, const sipws_conn *conn,
             const struct net_address *udp, int is_sent, const char *text,
             size_t len) {
  char record[CLF_RECORD_SIZE];
  sipws_clf_facts facts;
  size_t record_len;
  int error = 0;
  if (proxy->clf == NULL) {
    return;
  }
  memset(&facts, 0, sizeof facts);
  facts.struct_size = sizeof facts;
  facts.time_ms = clf_now_ms();
  facts.is_sent = (uint32_t)is_sent;
  facts.transmission = SIPWS_CLF_STATELESS;
  if (conn != NULL) {
    error = sipws_conn_clf_facts(conn, &facts);
  } else {
    clf_add_udp(proxy, udp, &facts);
  }
  clf_add_server(text, len, &facts);
  if (error == 0 && sipws_clf_write(text, len, &facts, record, sizeof record,
                                    &record_len) == 0) {
    fwrite(record, 1, record_len, proxy->clf);
    fflush(proxy->clf); /* whoever reads along sees whole records */
  }
}
