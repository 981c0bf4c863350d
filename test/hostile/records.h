/* TLS records as a hostile client may make them: of few octets, or empty. They
 * go to a server of ours; and to bare mbedTLS, to know its share of the
 * work. */
#ifndef SIPWS_TEST_RECORDS_H
#define SIPWS_TEST_RECORDS_H

#include "hostile.h"

enum records_suite { RECORDS_CHACHA, RECORDS_GCM, RECORDS_SUITES };

/* 0, or an error of mbedTLS or of ours. */
int records_init(void);
void records_free(void);

/* Puts TLS under |conn|, a new server, and makes the client's handshake with
 * it; that of WebSocket too, unless |subprotocol| is NULL. */
int records_open(sipws_conn *conn, int suite, const char *subprotocol);

/* How many octets are |len| on the wire, about, with |cut| in a record (0: as
 * many as one holds) and |empties| records without any before each. */
size_t records_plain_len(size_t len, int suite, size_t cut, int empties);

/* |plain| in such records, for the |conn| opened last or for bare mbedTLS. */
int records_put(struct hostile_text *out, const struct hostile_text *plain,
                int suite, int is_bare, size_t cut, int empties);

/* Bare mbedTLS reads what was put for it. */
int records_read_bare(int suite, const struct hostile_text *records);

#endif /* SIPWS_TEST_RECORDS_H */
