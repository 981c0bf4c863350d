/* conn: the upgrade at a client, its request and what came of it. */
#include "sipws_conn_handshake.h"

#include "sipws_text.h"

/* ---- request ---- */

int sipws__upgrade_build_request(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  sipws_url url;
  int err;
  url.struct_size = sizeof url;
  err = sipws_url_parse(conn->url, conn->url_len, &url);
  if (err == 0) {
    err = sipws__upgrade_reserve_head(conn);
  }
  if (err == 0) {
    err = sipws__client_write_request(conn->url, &url, upgrade->key,
                                      &conn->config->protos, &upgrade->host,
                                      &upgrade->cookies, &upgrade->lines,
                                      sipws__conn_mem(conn), &upgrade->out);
  }
  if (err != 0) {
    upgrade->out.len = 0;
    return err;
  }
  sipws__conn_trace(conn, 1, 0, upgrade->out.data, upgrade->out.len);
  return 0;
}

/* ---- answer ---- */

void sipws__upgrade_refused(sipws_conn *conn) {
  sipws__conn_raise(conn, SIPWS_EVENT_REFUSED);
  sipws__conn_finish(conn, SIPWS_CAUSE_REFUSED);
}

/* All that is wanted of the answer is there: we end the transport. */
static void upgrade_turn_away(sipws_conn *conn) {
  sipws__conn_raise(conn, SIPWS_EVENT_REFUSED);
  if (!sipws__stage_last_word(conn, SIPWS_ERR_REFUSED, SIPWS_CAUSE_REFUSED)) {
    sipws__conn_finish(conn, SIPWS_CAUSE_REFUSED);
  }
}

/* How much of the body is worth waiting for. */
static uint64_t upgrade_plan_prefix(const sipws_conn *conn) {
  const struct sipws__upgrade *upgrade = conn->upgrade;
  const struct sipws__http_head *head = &upgrade->as.answer.head;
  uint32_t most = conn->config->body_prefix;
  uint32_t length;
  sipws_span value;
  if (head->status == 204 || head->status == 304) {
    return 0; /* RFC 9112 6.3: a head alone */
  }
  if (!sipws__http_find(sipws__upgrade_text(upgrade), upgrade->head_len, head,
                        "Content-Length", 14, 0, &value) ||
      sipws__text_number(sipws__upgrade_text(upgrade) + value.off, value.len,
                         0x7fffffff, &length) != 0) {
    return most; /* up to the end of the transport */
  }
  return length < most ? length : most;
}

int sipws__upgrade_judge_answer(sipws_conn *conn) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  const sipws_config *config = conn->config;
  struct sipws__answer *answer = &upgrade->as.answer;
  const char *text = sipws__upgrade_text(upgrade);
  int err = sipws__client_judge(text, upgrade->head_len, upgrade->key,
                                &config->protos, config->policy,
                                config->headers, answer);
  sipws__conn_trace(conn, 0, 0, text, upgrade->head_len);
  if (err == SIPWS_ERR_AGAIN) {
    /* RFC 9110 15.2: an interim answer; on to the next */
    upgrade->head.len = 0;
    upgrade->head_len = 0;
    upgrade->searched = 0;
    return 0;
  }
  if (err == SIPWS_ERR_REFUSED) {
    conn->status = (uint16_t)answer->head.status;
    upgrade->is_refused = 1;
    upgrade->prefix_left = upgrade_plan_prefix(conn);
    if (upgrade->prefix_left == 0) {
      upgrade_turn_away(conn);
    }
    return 0;
  }
  if (err == 0) {
    err = sipws__conn_set_proto(conn, answer->proto,
                                text + answer->subprotocol.off,
                                answer->subprotocol.len);
  }
  if (err == 0) {
    sipws__upgrade_open(conn, 101);
    if (!sipws__upgrade_has_out(conn)) { /* a writer may tell late */
      sipws__upgrade_drop_out(conn);
    }
  }
  return err;
}

int sipws__upgrade_feed_body(sipws_conn *conn, const uint8_t *in, size_t len,
                             size_t *used) {
  struct sipws__upgrade *upgrade = conn->upgrade;
  size_t step = len < upgrade->prefix_left ? len : (size_t)upgrade->prefix_left;
  int err = sipws__buf_add(&upgrade->head, sipws__conn_mem(conn), in, step,
                           upgrade->head_len + conn->config->body_prefix);
  if (err != 0) {
    return err;
  }
  *used = step;
  upgrade->prefix_left -= step;
  if (upgrade->prefix_left == 0) {
    upgrade_turn_away(conn);
  }
  return 0;
}
