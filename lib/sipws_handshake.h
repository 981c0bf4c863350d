/* handshake: the HTTP upgrade of RFC 6455 section 4 with the subprotocol rules
 * of RFC 7118 section 4, both roles. Pure: judges whole heads, writes whole
 * heads; the connection holds the state. */
#ifndef SIPWS_HANDSHAKE_H
#define SIPWS_HANDSHAKE_H

#include "sipws_buf.h"
#include "sipws_http.h"

#include <sipws/sip.h>

/* ---- subprotocols ---- */

#define SIPWS__PROTO_MAX 8
#define SIPWS__PROTO_NAME_MAX 64

struct sipws__proto {
  uint8_t profile;
  uint8_t len; /* 0: a handshake without subprotocol */
  char name[SIPWS__PROTO_NAME_MAX];
};

struct sipws__protos {
  uint32_t count;
  struct sipws__proto list[SIPWS__PROTO_MAX];
};

/* 0 for the empty entry and for "*", which a client cannot offer. */
int sipws__proto_is_name(const struct sipws__proto *proto);

/* The entry that |name| falls under, or NULL: the one that is equal, else, with
 * SIPWS_POLICY_ANY_CASE, one that differs in case alone, else "*", which takes
 * every token. An empty |name| takes the empty entry, or with
 * SIPWS_POLICY_NO_SUBPROTOCOL the first of all. */
const struct sipws__proto *
sipws__protos_match(const struct sipws__protos *protos, uint32_t policy,
                    const char *name, size_t len);

/* ---- server (sipws_handshake_server.c) ---- */

struct sipws__request {
  int status;     /* 0: put it to the application; else refuse with this */
  int is_upgrade; /* a WebSocket handshake, else plain HTTP */
  int is_head;    /* method HEAD: an answer has no body */
  int is_stream;  /* extended CONNECT (RFC 8441): no Key, no Upgrade */
  struct sipws__http_head head; /* all zero when it could not be read */
  sipws_span path;              /* never empty: "/" at least */
  sipws_span query;             /* after "?" */
  sipws_span host;   /* of an absolute target, else of the Host header */
  sipws_span origin; /* empty when there is none */
  sipws_span key;    /* empty in a stream and in plain HTTP */
  /* the client's spelling of the one chosen; or empty */
  sipws_span subprotocol;
  const struct sipws__proto *proto; /* chosen; NULL for plain HTTP */
};

/* Judges a request's head. Refusals: 400 malformed or a handshake rule broken,
 * 405 method, 413 a body, 426 version missing or not 13, 431 too many headers
 * or subprotocols (|max_fields| each), 505 HTTP major version. What is no
 * attempt at a handshake (no Upgrade that lists websocket, no
 * Sec-WebSocket-Key, no Sec-WebSocket-Version), or is HTTP/1.0 (RFC 9110 7.8),
 * is plain HTTP. The chosen subprotocol is the client's first that the list
 * has. When there is none, the empty entry of the list admits it, or, if the
 * client offered none, the policy; else 400. Unknown headers and any extension
 * offer pass; a malformed Sec-WebSocket-Extensions is 400. A stream's method is
 * CONNECT, and its Host may be missing. */
void sipws__request_judge(const char *text, size_t len,
                          const struct sipws__protos *protos, uint32_t policy,
                          uint32_t max_fields, int is_stream,
                          struct sipws__request *request);

/* Chooses the offered subprotocol |name| instead. SIPWS_ERR_NOT_FOUND when it
 * is not offered or not in the list. */
int sipws__request_choose(const char *text, size_t len,
                          const struct sipws__protos *protos, uint32_t policy,
                          struct sipws__request *request, const char *name,
                          size_t name_len);

/* ---- its answers (sipws_handshake_answer.c) ---- */

/* Adds the 101 to |out|: status line with the exact words "Switching
 * Protocols", Upgrade, Connection, Accept, the subprotocol in the client's
 * spelling, then |extra| (whole header lines). SIPWS_ERR_NOMEM, or
 * SIPWS_ERR_TOO_BIG when |out| is fixed and full; then nothing was added, as
 * with the other two that write heads. */
int sipws__request_write_101(const char *text,
                             const struct sipws__request *request,
                             const struct sipws__buf *extra,
                             const struct sipws__mem *mem,
                             struct sipws__buf *out);

/* Adds the head of another answer: Content-Length (but for 204 and 304, which
 * have no body), Connection: close, what the status calls for (405: Allow; 426:
 * Upgrade and Sec-WebSocket-Version: 13), Retry-After when |retry_s| is not 0,
 * then |extra|. */
int sipws__request_write_refusal(int status, uint64_t body_len,
                                 uint32_t retry_s,
                                 const struct sipws__buf *extra,
                                 const struct sipws__mem *mem,
                                 struct sipws__buf *out);

/* ---- client (sipws_handshake_client.c) ---- */

#define SIPWS__KEY_LEN 24

/* Adds the GET for |url|. |key| is SIPWS__KEY_LEN octets of base64. |host|
 * replaces the URL's host and port unless its length is 0. |cookies| is the
 * value of the Cookie header, none when empty; |extra| whole header lines. */
int sipws__client_write_request(
    const char *url_text, const sipws_url *url, const char *key,
    const struct sipws__protos *protos, const struct sipws__buf *host,
    const struct sipws__buf *cookies, const struct sipws__buf *extra,
    const struct sipws__mem *mem, struct sipws__buf *out);

struct sipws__answer {
  struct sipws__http_head head;
  sipws_span subprotocol;           /* may be empty */
  const struct sipws__proto *proto; /* when 101 and good */
};

/* Judges the answer's head: 0 (open), SIPWS_ERR_REFUSED (well-formed, but not
 * 101), SIPWS_ERR_HANDSHAKE, or SIPWS_ERR_AGAIN: an interim answer, 1xx but not
 * 101, which has no body; drop this head and wait for the next (RFC 9110 15.2).
 * Any reason phrase, or none; any extension or subprotocol that was not offered
 * fails; two Accept or Protocol lines fail. SIPWS_ERR_NOMEM: no SHA-1. */
int sipws__client_judge(const char *text, size_t len, const char *key,
                        const struct sipws__protos *protos, uint32_t policy,
                        uint32_t max_fields, struct sipws__answer *answer);

/* ---- both (sipws_handshake.c) ---- */

#define SIPWS__ACCEPT_LEN 28

/* The Accept value of |key|, up to SIPWS__KEY_LEN octets. SIPWS_ERR_INVALID,
 * SIPWS_ERR_NOMEM (no SHA-1). */
int sipws__handshake_accept(const char *key, size_t key_len,
                            char out[SIPWS__ACCEPT_LEN]);

/* 1 for a host, not empty, with or without a port: fit for the Host header (RFC
 * 9110 section 7.2). */
int sipws__handshake_is_host(const char *text, size_t len);

/* 1 for one element of Sec-WebSocket-Extensions (RFC 6455 section 9.1): token
 * *( ";" token [ "=" ( token / quoted-string ) ] ) */
int sipws__handshake_is_extension(const char *text, size_t len);

/* Checks a header line that the application adds: SIPWS_ERR_TEXT (not a token,
 * or CR, LF, NUL and other control characters), SIPWS_ERR_INVALID (one that the
 * handshake itself writes). */
int sipws__handshake_check_header(const char *name, size_t name_len,
                                  const char *value, size_t value_len);

/* Adds "name: value CRLF" to |out|, at most |max| octets in all. */
int sipws__handshake_add_line(struct sipws__buf *out,
                              const struct sipws__mem *mem, const char *name,
                              size_t name_len, const char *value,
                              size_t value_len, size_t max);

/* Writes a head piece by piece; keeps the first error and then does nothing.
 * The end takes all of it back if there was one, and returns it. */
struct sipws__head_writer {
  struct sipws__buf *out;
  const struct sipws__mem *mem;
  size_t start; /* octets in |out| before */
  int err;
};

void sipws__head_begin(struct sipws__head_writer *writer,
                       const struct sipws__mem *mem, struct sipws__buf *out);
void sipws__head_text(struct sipws__head_writer *writer, const char *constant);
void sipws__head_octets(struct sipws__head_writer *writer, const void *data,
                        size_t len);
int sipws__head_end(struct sipws__head_writer *writer);

#endif /* SIPWS_HANDSHAKE_H */
