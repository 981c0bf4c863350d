/* front: the stage that asks an HTTP proxy for a tunnel (RFC 9110 section
 * 9.3.6). */
#include "sipws_buf.h"
#include "sipws_conn.h"
#include "sipws_crypto.h"
#include "sipws_front_trust.h"
#include "sipws_http.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

#define TUNNEL_ANSWER_MAX 16384 /* octets of all its heads */
#define TUNNEL_LINES_MAX 100    /* header lines of each */
#define TUNNEL_BASIC_MAX 704    /* of sipws_auth_basic, for 512 octets */

struct tunnel {
  const struct sipws__mem *mem;
  char *request; /* NULL once it was emitted: it may hold a password */
  size_t request_len;
  struct sipws__buf answer; /* octets of the head at hand */
  size_t room;              /* octets that may still come */
  int status;
};

/* ---- the request ---- */

static void tunnel_drop_request(struct tunnel *tunnel) {
  if (tunnel->request != NULL) {
    sipws__crypto_wipe(tunnel->request, tunnel->request_len);
    sipws__mem_free(tunnel->mem, tunnel->request, tunnel->request_len);
    tunnel->request = NULL;
  }
}

static struct sipws__sip_piece tunnel_piece(const char *text, size_t len) {
  struct sipws__sip_piece piece;
  piece.text = text;
  piece.len = len;
  return piece;
}

/* Writes it, at once into memory of its size: growing would leave copies of
 * the password behind. |basic| may be empty. */
static int tunnel_write(const char *url, const sipws_url *view,
                        const char *basic, size_t basic_len,
                        struct tunnel *tunnel) {
  struct sipws__sip_piece pieces[9];
  char port[11] = ":";
  size_t len;
  pieces[0] = tunnel_piece("CONNECT ", 8);
  pieces[1] = tunnel_piece(url + view->host.off, view->host.len);
  /* RFC 9110 9.3.6: the port is never left out. */
  pieces[2] = tunnel_piece(port, 1 + sipws__text_digits(view->port, port + 1));
  pieces[3] = tunnel_piece(" HTTP/1.1\r\nHost: ", 17);
  pieces[4] = pieces[1];
  pieces[5] = pieces[2];
  pieces[6] = tunnel_piece("\r\nProxy-Authorization: ", basic_len > 0 ? 23 : 0);
  pieces[7] = tunnel_piece(basic, basic_len);
  pieces[8] = tunnel_piece("\r\n\r\n", 4);
  (void)sipws__sip_write(pieces, 9, NULL, 0, &len);
  tunnel->request = sipws__mem_new(tunnel->mem, len);
  tunnel->request_len = len;
  return tunnel->request == NULL
             ? SIPWS_ERR_NOMEM
             : sipws__sip_write(pieces, 9, tunnel->request, len, &len);
}

static int tunnel_build(const sipws_conn *conn, const char *user,
                        size_t user_len, const char *password,
                        size_t password_len, struct tunnel *tunnel) {
  char basic[TUNNEL_BASIC_MAX];
  size_t basic_len = 0;
  sipws_url view;
  const char *url;
  size_t url_len;
  int err = sipws_conn_url(conn, &url, &url_len);
  if (err != 0) {
    return err;
  }
  view.struct_size = sizeof view;
  err = sipws_url_parse(url, url_len, &view);
  if (err == 0 && user_len > 0) {
    err = sipws_auth_basic(user, user_len, password, password_len, basic,
                           sizeof basic, &basic_len);
  }
  if (err == 0) {
    err = tunnel_write(url, &view, basic, basic_len, tunnel);
  }
  sipws__crypto_wipe(basic, sizeof basic);
  return err;
}

/* ---- the answer ---- */

/* Whoever is no HTTP proxy is told by its first octets. */
static int tunnel_is_http(const struct sipws__buf *answer) {
  static const char version[7] = {'H', 'T', 'T', 'P', '/', '1', '.'};
  size_t len = answer->len < sizeof version ? answer->len : sizeof version;
  return memcmp(answer->data, version, len) == 0;
}

/* Judges a whole head. 0: another one follows. */
static int tunnel_judge(struct tunnel *tunnel) {
  struct sipws__http_head head;
  if (sipws__http_parse((const char *)tunnel->answer.data, tunnel->answer.len,
                        1, TUNNEL_LINES_MAX, &head, NULL) != 0) {
    return SIPWS_ERR_PROXY;
  }
  /* RFC 9110 15.2: any number of interim answers; 101 was not asked for. */
  if (head.status < 200 && head.status != 101) {
    return 0;
  }
  tunnel->status = (int)head.status;
  /* RFC 9110 9.3.6: the head alone; lengths told in it do not count. */
  return head.status / 100 == 2 ? SIPWS_STAGE_DONE : SIPWS_ERR_PROXY;
}

/* Takes octets up to the end of the head at hand, if it is among them. */
static int tunnel_read(const uint8_t *data, size_t len, size_t *taken,
                       struct tunnel *tunnel) {
  struct sipws__buf *answer = &tunnel->answer;
  size_t before = answer->len;
  size_t more = len < tunnel->room ? len : tunnel->room;
  size_t end;
  int err = sipws__buf_add(answer, tunnel->mem, data, more, TUNNEL_ANSWER_MAX);
  if (err != 0) {
    return err;
  }
  if (!tunnel_is_http(answer)) {
    return SIPWS_ERR_PROXY;
  }
  end = sipws__http_end((const char *)answer->data, answer->len, before);
  if (end > 0) {
    more = end - before;
    answer->len = end;
    err = tunnel_judge(tunnel);
    answer->len = 0;
  }
  *taken += more;
  tunnel->room -= more;
  return err == 0 && tunnel->room == 0 ? SIPWS_ERR_PROXY : err;
}

/* ---- the stage ---- */

static int tunnel_input(sipws_conn *conn, const uint8_t *data, size_t len,
                        size_t *taken, uint8_t *out, size_t out_size,
                        size_t *given, void *state) {
  struct tunnel *tunnel = state;
  int err = 0;
  (void)out;
  (void)out_size;
  (void)given;
  if (tunnel->request != NULL) {
    err = sipws_stage_emit(conn, tunnel->request, tunnel->request_len);
    tunnel_drop_request(tunnel);
  }
  while (err == 0 && *taken < len) {
    err = tunnel_read(data + *taken, len - *taken, taken, tunnel);
  }
  if (err != 0) {
    sipws__buf_free(&tunnel->answer, tunnel->mem);
  }
  return err;
}

static void tunnel_free(void *state) {
  struct tunnel *tunnel = state;
  const struct sipws__mem *mem = tunnel->mem;
  tunnel_drop_request(tunnel);
  sipws__buf_free(&tunnel->answer, mem);
  sipws__mem_free(mem, tunnel, sizeof *tunnel);
}

static const sipws_stage tunnel_stage = {
    sizeof tunnel_stage, tunnel_input, NULL, NULL, NULL, tunnel_free};

int sipws_conn_add_tunnel(sipws_conn *conn, const char *user, size_t user_len,
                          const char *password, size_t password_len) {
  struct tunnel *tunnel;
  const struct sipws__mem *mem;
  int err;
  if (conn == NULL || (user == NULL && user_len > 0) ||
      (password == NULL && password_len > 0) ||
      sipws_conn_role(conn) != SIPWS_CLIENT) {
    return SIPWS_ERR_INVALID;
  }
  if (sipws_conn_stage_state(conn, &tunnel_stage) != NULL) {
    return SIPWS_ERR_STATE;
  }
  mem = sipws__conn_mem(conn);
  tunnel = sipws__mem_new(mem, sizeof *tunnel);
  if (tunnel == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(tunnel, 0, sizeof *tunnel);
  tunnel->mem = mem;
  tunnel->room = TUNNEL_ANSWER_MAX;
  err = tunnel_build(conn, user, user_len, password, password_len, tunnel);
  if (err == 0) {
    err = sipws_conn_add_stage(conn, &tunnel_stage, tunnel);
  }
  if (err != 0) {
    tunnel_free(tunnel);
  }
  return err;
}

int sipws_conn_tunnel_status(const sipws_conn *conn) {
  const struct tunnel *tunnel = sipws_conn_stage_state(conn, &tunnel_stage);
  if (conn == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return tunnel != NULL ? tunnel->status : 0;
}
