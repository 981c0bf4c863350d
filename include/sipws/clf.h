/*
 * sipws: the Common Log Format of SIP (RFC 6873, for WebSocket RFC 7355).
 *
 * A record is two lines of text: an index with the place of each field, and the
 * fields, separated by tabs. Pure functions, by the rules of sip.h. The caller
 * appends the records to a file, the name and age of which are its own concern.
 *
 * Three spots of RFC 6873 contradict one another; a record here keeps to this:
 *   - Pointers count octets from 0 (section 4.1: "therefore >=82", and its
 *     figures). In the samples they count from 1.
 *   - The length of an optional field is that of the value as it stands in the
 *     record, escapes included.
 *   - The Base64 flag is two digits, as in all samples, and Base64 has no line
 *     breaks (RFC 4648 section 3.1).
 *
 * Since 0.1.
 */
#ifndef SIPWS_CLF_H
#define SIPWS_CLF_H

#include <sipws/sip.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The longest field; longer ones are cut, between characters. */
#define SIPWS_CLF_FIELD_MAX 4096

/** Whether a message was sent or received before. */
enum sipws_clf_transmission {
  SIPWS_CLF_ORIGINAL = 0,
  SIPWS_CLF_DUPLICATE = 1,
  SIPWS_CLF_STATELESS = 2 /* nobody looks for duplicates */
};

/**
 * What a message does not tell of itself. Begin with all octets 0; most of it
 * is the same for all messages of a connection (sipws_conn_clf_facts). |peer|
 * and |local| are the far and the near end of the transport: which of them is
 * the source follows from |is_sent|.
 *
 * An id that is empty is the branch of the top Via where that names the
 * transaction: the server's when a request is received or a response sent, the
 * client's when a request is sent or a response received; else "-". The other
 * one is what a proxy has to add (RFC 6872 section 8.2).
 */
typedef struct sipws_clf_facts {
  size_t struct_size;
  uint64_t time_ms;      /* since 1970-01-01 00:00 UTC */
  uint32_t is_sent;      /* 1: sent; 0: received */
  uint32_t transmission; /* sipws_clf_transmission */
  uint32_t transport;    /* sipws_transport, but OTHER; TLS and WSS count as
                            encrypted (RFC 7355 section 4) */
  uint32_t peer_len;     /* octets of |peer|: 4, 16, or 0: not known */
  uint32_t peer_port;
  uint32_t local_len;
  uint32_t local_port;
  uint8_t peer[16];
  uint8_t local[16];
  const char *server_txn; /* transaction ids; may be empty */
  size_t server_txn_len;
  const char *client_txn;
  size_t client_txn_len;
} sipws_clf_facts;

/**
 * Writes the record of |msg|, ending in a line feed. A field that is not there
 * is "-", one that breaks the grammar or has something unprintable (section
 * 4.4) is "?"; tabs and line breaks become spaces. URIs keep their parameters.
 * Errors: SIPWS_ERR_SYNTAX when it is no SIP message at all, SIPWS_ERR_INVALID
 * also for a time past 9,999,999,999 seconds.
 */
SIPWS_API int sipws_clf_write(const char *msg, size_t len,
                              const sipws_clf_facts *facts, char *out,
                              size_t out_size, size_t *out_len);

/** Optional fields that RFC 6873 itself defines: |tag| with |vendor| 0. */
enum sipws_clf_tag {
  SIPWS_CLF_HEADER = 0, /* |name|: a header's, or "Reason-Phrase" */
  SIPWS_CLF_BODY = 1,   /* |name|: its Content-Type */
  SIPWS_CLF_MESSAGE = 2 /* |name|: empty */
};

/**
 * Adds an optional field to a record, behind those that are there. |vendor| is
 * a private enterprise number, and |tag|, up to 99, its own choice; |name| is
 * empty then. Tabs become spaces, line breaks "%0D%0A" (in a header a space);
 * a |value| that has anything else unprintable goes in Base64 (section 4.4).
 * One body and one message at most: the caller's to keep, as is the question
 * whether a log may hold them. |out| may be |record|.
 *
 * Errors: SIPWS_ERR_SYNTAX when |record| is none, SIPWS_ERR_TEXT for a |name|
 * that does not fit its tag, SIPWS_ERR_TOO_BIG for a record of 2^24 octets.
 */
SIPWS_API int sipws_clf_add(const char *record, size_t len, uint32_t tag,
                            uint32_t vendor, const char *name, size_t name_len,
                            const char *value, size_t value_len, char *out,
                            size_t out_size, size_t *out_len);

/** Sets transport, peer and local of |facts| to those of |conn|; the rest
 *  stays. */
SIPWS_API int sipws_conn_clf_facts(const sipws_conn *conn,
                                   sipws_clf_facts *facts);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_CLF_H */
