/* conn_handshake: what the files of the upgrade share among them. */
#ifndef SIPWS_CONN_HANDSHAKE_H
#define SIPWS_CONN_HANDSHAKE_H

#include "sipws_conn.h"

/* The peer's head. */
const char *sipws__upgrade_text(const struct sipws__upgrade *upgrade);

/* Makes room in |out| for a head that is about to be written, and no more. */
int sipws__upgrade_reserve_head(sipws_conn *conn);

/* Gives back the peer's head. */
void sipws__upgrade_drop_head(sipws_conn *conn);

/* Gives back the head that was sent and what it was made of. */
void sipws__upgrade_drop_out(sipws_conn *conn);

/* The connection is open, by an answer of |status|. */
void sipws__upgrade_open(sipws_conn *conn, int status);

/* ---- conn_handshake_client ---- */

/* Builds the request in |out|. */
int sipws__upgrade_build_request(sipws_conn *conn);

/* Judges the head that is whole. The connection's error. */
int sipws__upgrade_judge_answer(sipws_conn *conn);

/* Takes octets of a refusal's body. */
int sipws__upgrade_feed_body(sipws_conn *conn, const uint8_t *in, size_t len,
                             size_t *used);

/* ---- conn_handshake_server ---- */

/* Refuses by our own judgement: the peer broke a rule. */
void sipws__upgrade_refuse_broken(sipws_conn *conn, int status);

/* Pulls more of a refusal's body, once all before it was taken. */
int sipws__upgrade_refill_body(sipws_conn *conn);

#endif /* SIPWS_CONN_HANDSHAKE_H */
