/* A client's way in through a hostile HTTP proxy and a server that asks who it
 * is. Nothing but CONNECT leaves before the proxy agreed; any cut of what comes
 * ends the same; a retry writes a request that a strict second reader takes,
 * with no line that the answer made up, and without Basic where it could be
 * read. The first octets choose; the rest is what comes. */
#include "strict.h"

#include <sipws/front.h>

#define HEAD_MAX 65536

static const char *const urls[] = {"ws://example.com/a/b?c",
                                   "wss://example.com:8443/",
                                   "ws://[2001:db8::1]:81"};

/* How it went. */
struct outcome {
  int error, cause, state, tunnel_status, http_status, retried;
  size_t retry_len; /* octets of the request that followed a 401 */
};

static int flags;
static sipws_config *config;

static sipws_conn *new_client(void) {
  const char *url = urls[(flags >> 2) % 3];
  sipws_conn *conn;
  must(sipws_client_new(config, url, strlen(url), NULL, 0, &conn) == 0);
  if (url[2] == 's') {
    must(sipws_conn_set_secure(conn, 1) == 0);
  }
  return conn;
}

/* What is pending joins |out|. */
static void take(sipws_conn *conn, char *out, size_t *len) {
  const uint8_t *data;
  size_t more;
  while (sipws_conn_pending(conn, 0, &data, &more) == 0 && more > 0) {
    must(more <= HEAD_MAX - *len);
    memcpy(out + *len, data, more);
    *len += more;
    must(sipws_conn_taken(conn, more, 0) == 0);
  }
}

/* Octets of the head that |text| begins with; every line of it is a field, and
 * its name stands in |names|, separated by spaces. */
static size_t must_be_head(const char *text, size_t len, const char *names) {
  struct strict_line line;
  size_t at = strict_line_len(text, len);
  must(at > 0 && strict_is_value(text, at - 2));
  while (len - at < 2 || memcmp(text + at, "\r\n", 2) != 0) {
    const char *found = names;
    must(strict_read_line(text + at, len - at, &line));
    must(strict_is_value(line.value, line.value_len));
    while (found != NULL && (strncmp(found, line.text, line.name_len) != 0 ||
                             found[line.name_len] != ' ')) {
      found = strchr(found, ' ');
      found = found != NULL ? found + 1 : NULL;
    }
    must(found != NULL);
    at += line.len;
  }
  return at + 2;
}

/* Once more, as the 401 asks. */
static void retry(const sipws_conn *refused, struct outcome *outcome) {
  static const uint8_t seed[16] = {1};
  static char out[HEAD_MAX];
  sipws_conn *again = new_client();
  outcome->retried =
      sipws_conn_retry(refused, again, "alice", 5, "secret", 6, seed,
                       flags & 2 ? SIPWS_RETRY_BASIC_IN_CLEAR : 0);
  outcome->retry_len = 0;
  must(outcome->retried != 0 || sipws_conn_http_status(refused) == 401);
  if (outcome->retried == 0) {
    take(again, out, &outcome->retry_len);
    must(must_be_head(out, outcome->retry_len,
                      "Host Upgrade Connection Sec-WebSocket-Key Origin "
                      "Sec-WebSocket-Version Sec-WebSocket-Protocol Cookie "
                      "Authorization ") == outcome->retry_len);
    out[outcome->retry_len] = '\0';
    must(sipws_conn_is_secure(again) == 1 || (flags & 2) != 0 ||
         strstr(out, "\r\nAuthorization: Basic") == NULL);
  }
  sipws_conn_free(again);
}

static void pull(sipws_conn *conn, struct outcome *outcome) {
  int event;
  do {
    must(sipws_conn_next_event(conn, &event) == 0);
    if (event == SIPWS_EVENT_REFUSED) {
      retry(conn, outcome);
    }
  } while (event != SIPWS_EVENT_NONE);
}

/* Before the proxy agreed, what left is its CONNECT alone. */
static void must_be_connect(const char *out, size_t len) {
  must(len >= 8 && memcmp(out, "CONNECT ", 8) == 0);
  must(must_be_head(out, len, "Host Proxy-Authorization ") == len);
}

static void run(const char *data, size_t len, size_t cut,
                struct outcome *outcome) {
  static char out[HEAD_MAX];
  sipws_conn *conn = new_client();
  size_t out_len = 0;
  size_t idle = 0;
  size_t at = 0;
  size_t taken, n;
  memset(outcome, 0, sizeof *outcome);
  if (flags & 1) {
    must(sipws_conn_add_tunnel(conn, "user", 4, "p:w", 3) == 0);
  }
  take(conn, out, &out_len);
  while (at < len && idle < 3) {
    char *piece;
    n = len - at < cut ? len - at : cut;
    piece = fuzz_copy(data + at, n);
    outcome->error = sipws_conn_feed(conn, piece, n, 0, &taken);
    free(piece);
    at += taken;
    idle = taken > 0 ? 0 : idle + 1;
    pull(conn, outcome);
    take(conn, out, &out_len);
    outcome->tunnel_status = sipws_conn_tunnel_status(conn);
    if ((flags & 1) != 0 && outcome->tunnel_status / 100 != 2) {
      must_be_connect(out, out_len);
    }
  }
  must(sipws_conn_eof(conn, 0) == 0);
  pull(conn, outcome);
  outcome->error = sipws_conn_error(conn);
  outcome->cause = sipws_conn_cause(conn);
  outcome->state = sipws_conn_state(conn);
  outcome->http_status = sipws_conn_http_status(conn);
  must((flags & 1) != 0 || outcome->tunnel_status == 0);
  must(outcome->tunnel_status == 0 || outcome->tunnel_status >= 101);
  must(outcome->error != SIPWS_ERR_PROXY || outcome->http_status == 0);
  sipws_conn_free(conn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct outcome whole, pieces;
  const char *octets;
  size_t cut;
  if (size > 4096) {
    return 0;
  }
  flags = fuzz_octet(&input);
  cut = 1u + fuzz_octet(&input);
  octets = (const char *)input.at;
  must(sipws_config_new(NULL, NULL, &config) == 0);
  must(sipws_config_set_random(config, fuzz_same, NULL) == 0);
  run(octets, input.left, input.left + 1, &whole);
  run(octets, input.left, cut, &pieces);
  must(memcmp(&whole, &pieces, sizeof whole) == 0);
  sipws_config_free(config);
  return 0;
}
