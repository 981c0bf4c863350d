/*
 * sipws: the front door. What stands in front of a server (load balancers,
 * reverse proxies), who may come in, and a client's way through an HTTP proxy.
 *
 * But for the functions on a connection, at the end, all are pure functions on
 * text: nothing is allocated, nothing kept; they follow the rules of sip.h for
 * views, cursors, |out|, and errors. Since 0.1.
 *
 * Nothing here believes a peer by itself: what a header says of the client
 * counts only when the address it came from is on the caller's list.
 */
#ifndef SIPWS_FRONT_H
#define SIPWS_FRONT_H

#include <sipws/sip.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------- trust -- */

/*
 * A list of addresses, separated by commas or white space: "192.0.2.7",
 * "10.0.0.0/8", "::1", "2001:db8::/32", "unix" (a peer without an address, on a
 * local socket). IPv4 mapped into IPv6 counts as IPv4, and is not in "::/0". An
 * empty list trusts nobody.
 */

/** Checks the syntax. SIPWS_ERR_SYNTAX: |bad|, which may be NULL, gets the
 *  entry at fault. Bits behind the prefix must be 0. */
SIPWS_API int sipws_trust_check(const char *list, size_t len, sipws_span *bad);

/** 1 when |addr|, 4 or 16 octets, or 0 for "unix", is on the list; else 0, on
 *  wrong arguments too. Entries that are at fault match nothing. */
SIPWS_API int sipws_trust_has(const char *list, size_t len, const uint8_t *addr,
                              size_t addr_len);

/* -------------------------------------------------------- PROXY header -- */

/** The header of the PROXY protocol, version 1 (a line) or 2 (binary), that
 *  haproxy, nginx, Envoy, and cloud load balancers send ahead of all else. */
typedef struct sipws_proxy_header {
  size_t struct_size;
  uint32_t version;   /* 1 or 2 */
  uint32_t len;       /* octets of the whole header; what follows is the
                         client's */
  uint32_t is_local;  /* 1: a health check of the proxy itself (LOCAL, UNKNOWN;
                         the rest is passed over), or a family without
                         addresses, such as UNIX */
  uint32_t addr_len;  /* of |peer| and |local|: 4, 16, or 0 */
  uint32_t peer_port; /* the client's */
  uint32_t local_port;
  uint32_t is_tls; /* version 2: 1 when the client came over TLS */
  uint8_t peer[16];
  uint8_t local[16];    /* where the client connected to */
  sipws_span authority; /* version 2: the name in its SNI; may be empty */
  sipws_span alpn;      /* version 2; may be empty */
  sipws_span cert_cn;   /* version 2: of its certificate, which the proxy
                           verified; may be empty */
  sipws_span tlvs;      /* version 2: all of them */
} sipws_proxy_header;

/** Longest header that is taken: version 1 has 107 octets at most, version 2 is
 *  bounded by us. */
#define SIPWS_PROXY_HEADER_MAX 4096

/**
 * Reads a header at the beginning of |data|. SIPWS_ERR_AGAIN: more octets are
 * needed. SIPWS_ERR_SYNTAX: it is none; told by the first octet that shows it,
 * but of an address or a port by its end. SIPWS_ERR_TOO_BIG: longer than
 * SIPWS_PROXY_HEADER_MAX. A checksum (CRC-32c) that is there must be right. Of
 * TLVs that come twice the first counts.
 */
SIPWS_API int sipws_proxy_header_parse(const void *data, size_t len,
                                       sipws_proxy_header *header);

/** Walks the TLVs of a version 2 header. |at|, the cursor, becomes the TLV. */
SIPWS_API int sipws_proxy_header_next(const void *data,
                                      const sipws_proxy_header *header,
                                      sipws_span *at, uint32_t *type,
                                      sipws_span *value);

/* ----------------------------------------------------------- Forwarded -- */

/** One node of a Forwarded (RFC 7239) or X-Forwarded-For value. */
typedef struct sipws_forwarded {
  size_t struct_size;
  uint32_t addr_len;   /* of |addr|: 4, 16, or 0: unknown or obfuscated */
  uint32_t port;       /* 0 if none is written */
  uint32_t is_secure;  /* 1: proto is https or wss */
  uint32_t has_proto;  /* 1: there is one */
  uint8_t addr[16];    /* for= */
  sipws_span for_node; /* as written, without quotes */
  sipws_span by;       /* likewise; may be empty, as may be … */
  sipws_span host;     /* … the Host that was asked for */
  sipws_span proto;    /* http, https, ws, wss */
} sipws_forwarded;

/** Takes the next element off a Forwarded value, |list|. White space around ";"
 *  and an IPv6 address without brackets are taken too; a parameter that comes
 *  twice is SIPWS_ERR_SYNTAX. */
SIPWS_API int sipws_forwarded_next(const char *text, sipws_span *list,
                                   sipws_forwarded *element);

/** Takes the next element off an X-Forwarded-For value, |list|; an address may
 *  have a port (IPv6 then in brackets). What is no address is no error. */
SIPWS_API int sipws_x_forwarded_next(const char *text, sipws_span *list,
                                     sipws_forwarded *element);

/* -------------------------------------------------------------- Origin -- */

/**
 * 1 when |origin|, the value of an Origin header, is on |list|, separated by
 * commas or white space: "https://app.example.com", written as browsers write
 * it (RFC 6454 section 6.2: no path, and no port that is the scheme's own), or
 * "null"; compared in any case. In place of a host, "*.example.com" stands for
 * every name below example.com, by one label or more, but not for itself; a
 * star elsewhere makes an entry that nothing is on. RFC 6455 section 10.2:
 * refuse others with 403. An empty origin is on no list.
 */
SIPWS_API int sipws_origin_is_allowed(const char *list, size_t len,
                                      const char *origin, size_t origin_len);

/* ---------------------------------------------------- query and cookie -- */

/** Takes the next "name=value" off |query|, the part after "?"; still
 *  percent-encoded, |value| empty when there is none. "&" alone parts them;
 *  empty pieces are passed over. |query| is the cursor of this walk. */
SIPWS_API int sipws_query_next(const char *text, sipws_span *query,
                               sipws_span *name, sipws_span *value);

/** The first parameter that is |name| once decoded, octet for octet; its value
 *  is decoded into |out|. SIPWS_ERR_SYNTAX for a "%" in the value without two
 *  hexadecimal digits. "+" stays "+" (RFC 3986). The result may hold any octet.
 */
SIPWS_API int sipws_query_get(const char *query, size_t len, const char *name,
                              size_t name_len, char *out, size_t out_size,
                              size_t *out_len);

/** Decodes percent-encoding. |out| may be |text|. SIPWS_ERR_SYNTAX as above. */
SIPWS_API int sipws_percent_decode(const char *text, size_t len, char *out,
                                   size_t out_size, size_t *out_len);

/** Takes the next pair off the value of a Cookie header (RFC 6265 section
 *  4.2.1); quotes are kept. Pairs without "=" are passed over. |value_list| is
 *  the cursor of this walk. */
SIPWS_API int sipws_cookie_next(const char *text, sipws_span *value_list,
                                sipws_span *name, sipws_span *value);

/* ------------------------------------------------------ authentication -- */

/*
 * HTTP and SIP share Basic, Bearer and Digest (RFC 7617, 6750, 7616, 8760; in
 * SIP, Basic is forbidden). Digest: MD5, MD5-sess, SHA-256, SHA-256-sess; qop
 * auth or, but for -sess, none; no auth-int, no userhash. While it hashes,
 * mbedTLS takes some 100 octets of its own heap: SIPWS_ERR_NOMEM.
 */

enum sipws_auth_scheme {
  SIPWS_AUTH_OTHER = 0,
  SIPWS_AUTH_BASIC = 1,
  SIPWS_AUTH_BEARER = 2,
  SIPWS_AUTH_DIGEST = 3
};

enum sipws_digest_algorithm { SIPWS_DIGEST_MD5 = 1, SIPWS_DIGEST_SHA256 = 2 };

/** The SIPWS_AUTH_ number of the scheme that an Authorization or
 *  WWW-Authenticate value begins with. */
SIPWS_API int sipws_auth_scheme_of(const char *value, size_t len);

/** Writes "Basic …" (RFC 7617). Errors: SIPWS_ERR_TEXT for a colon in |user|
 *  or a control character; SIPWS_ERR_TOO_BIG for more than 512 octets in both
 *  together. */
SIPWS_API int sipws_auth_basic(const char *user, size_t user_len,
                               const char *password, size_t password_len,
                               char *out, size_t out_size, size_t *out_len);

/** Reads "Basic …": |out| gets "user:password", |user_len| what of it is the
 *  user. Errors: SIPWS_ERR_NOT_FOUND (another scheme), SIPWS_ERR_SYNTAX (not
 *  that in canonical base64, or control characters in it), SIPWS_ERR_TOO_BIG as
 *  above. Wipe |out| after use. */
SIPWS_API int sipws_auth_read_basic(const char *value, size_t len, char *out,
                                    size_t out_size, size_t *out_len,
                                    size_t *user_len);

/** The token of "Bearer …". Errors: SIPWS_ERR_NOT_FOUND (another scheme),
 *  SIPWS_ERR_SYNTAX (RFC 6750 section 2.1). */
SIPWS_API int sipws_auth_read_bearer(const char *value, size_t len,
                                     sipws_span *token);

/** Writes a WWW-Authenticate value: "Basic realm=…, charset=…" or "Bearer
 *  realm=…". |scheme| is a SIPWS_AUTH_ number, not DIGEST. Errors:
 *  SIPWS_ERR_TEXT for control characters in |realm|. */
SIPWS_API int sipws_auth_challenge(int scheme, const char *realm,
                                   size_t realm_len, char *out, size_t out_size,
                                   size_t *out_len);

/** Writes "Digest realm=…, qop="auth", algorithm=…, nonce=…", with |stale| 1
 *  ", stale=true". |nonce| is the caller's to make and to remember. Errors:
 *  SIPWS_ERR_TEXT for control characters, and for quotes and backslashes in
 *  |nonce|. */
SIPWS_API int sipws_auth_challenge_digest(int algorithm, const char *realm,
                                          size_t realm_len, const char *nonce,
                                          size_t nonce_len, int stale,
                                          char *out, size_t out_size,
                                          size_t *out_len);

/**
 * Writes the Authorization value that answers |challenge|, one WWW-Authenticate
 * or Proxy-Authenticate value with one challenge, Basic or Digest. |method|
 * ("GET", "REGISTER") and |uri| (HTTP: the request target; SIP: the
 * Request-URI) go into a Digest; |seed| is 16 random octets for its cnonce, for
 * -sess the same ones as long as the nonce is; |count| is the nonce count, 1
 * for a nonce's first use. |out| must not overlap |challenge|.
 * Errors: SIPWS_ERR_NOT_FOUND: another scheme, algorithm or qop than those
 * above. SIPWS_ERR_SYNTAX, also when realm or nonce is missing. SIPWS_ERR_TEXT:
 * a control character in what would be written, or in |password|. Basic: as
 * sipws_auth_basic.
 */
SIPWS_API int sipws_auth_answer(const char *challenge, size_t len,
                                const char *method, size_t method_len,
                                const char *uri, size_t uri_len,
                                const char *user, size_t user_len,
                                const char *password, size_t password_len,
                                const uint8_t *seed, uint32_t count, char *out,
                                size_t out_size, size_t *out_len);

/**
 * Server: checks a "Digest …" Authorization value against the password; where
 * the two responses differ does not show in the time it takes. Realm, nonce,
 * nonce count and uri (sipws_auth_param, which leaves escapes as they are) are
 * for the caller to compare with its own, and that there is a qop where it must
 * be (SIP, RFC 8760 section 2.6).
 * Errors: SIPWS_ERR_NOT_FOUND (another scheme, algorithm or qop, or userhash),
 * SIPWS_ERR_SYNTAX, also when a parameter is missing, SIPWS_ERR_TAMPERED (it
 * does not fit: 401).
 */
SIPWS_API int sipws_auth_check(const char *value, size_t len,
                               const char *method, size_t method_len,
                               const char *password, size_t password_len);

/* ------------------------------------------------------------ back-off -- */

/**
 * Delay before the next attempt to connect, in ms, after |failures| in a row,
 * the loss of a connection that stood included (RFC 6455 section 7.2.3): none
 * after 0; after the first from 0 to |first_ms| (5,000 by the RFC); after the
 * nth 50 to 100 % of |first_ms| doubled n - 1 times. |max_ms| bounds each, none
 * overflows. |random|, any 32-bit number, draws it. For registrations see
 * sipws_flow_retry_ms.
 */
SIPWS_API uint32_t sipws_backoff_ms(uint32_t failures, uint32_t first_ms,
                                    uint32_t max_ms, uint32_t random);

/* ----------------------------------------------------- on a connection -- */

/**
 * Server, before octets are fed: a PROXY header stands ahead of all else. Only
 * when the connection's peer (sipws_conn_set_peer) is on the trust list |list|;
 * else nothing is added, the result is 0, and a header that comes is refused as
 * the bad request it then is. Once it is read, sipws_conn_peer and
 * sipws_conn_local tell what it says, and the connection counts as secure if
 * the client came over TLS. |list| is not copied nor needed after return.
 * A header that is missing or broken ends the connection: SIPWS_ERR_PROXY.
 * Errors: as sipws_conn_add_stage, SIPWS_ERR_STATE also for a second one;
 * SIPWS_ERR_INVALID at a client.
 */
SIPWS_API int sipws_conn_expect_proxy(sipws_conn *conn, const char *list,
                                      size_t len);

/** Where a server's client is, as far as trusted parties tell. */
enum sipws_client_source {
  SIPWS_CLIENT_DIRECT = 0,     /* the transport's peer itself */
  SIPWS_CLIENT_PROXY = 1,      /* PROXY header */
  SIPWS_CLIENT_FORWARDED = 2,  /* Forwarded */
  SIPWS_CLIENT_X_FORWARDED = 3 /* X-Forwarded-For, X-Forwarded-Proto */
};

/** The hop that talks to us, and the client behind it. */
typedef struct sipws_client_info {
  size_t struct_size;
  uint32_t source;       /* sipws_client_source: what |addr| rests on */
  uint32_t addr_len;     /* 4, 16, or 0: not known */
  uint32_t port;         /* 0: not known */
  uint32_t is_secure;    /* 1: the client's own hop is, as far as is told */
  uint32_t hop_addr_len; /* the transport's peer */
  uint32_t hop_port;
  uint32_t hop_is_secure; /* 1: TLS ends here; not told apart, and 0, when a
                             PROXY header says the client came over TLS */
  uint8_t addr[16];
  uint8_t hop_addr[16];
} sipws_client_info;

/**
 * Server, while the request awaits a verdict: who is it? |source| says which
 * header the trusted parties write: SIPWS_CLIENT_FORWARDED or _X_FORWARDED; or
 * SIPWS_CLIENT_PROXY, none. The other one is not looked at: who does not write
 * it may pass it on as the client made it up.
 *
 * Its nodes are read from the right for as long as the one before, beginning
 * with our peer, is on |list|: the client is the first that is not, or the
 * leftmost. One that is no address, or a line that breaks the grammar, ends it
 * too: the client is then not known. The scheme is that of the same element
 * (X-Forwarded-Proto: its last value), and not secure where none is told.
 *
 * To let it count for the connection, give it to sipws_conn_set_peer and
 * sipws_conn_set_secure. Errors: SIPWS_ERR_STATE (no request).
 */
SIPWS_API int sipws_conn_client(const sipws_conn *conn, const char *list,
                                size_t len, int source,
                                sipws_client_info *client);

/**
 * Client, before output was lent: through an HTTP proxy. The transport is
 * connected to the proxy; a CONNECT for the URL's host and port goes first
 * (RFC 9110 section 9.3.6), with Basic credentials when |user_len| is not 0.
 * What follows, TLS first, travels inside. Add it before TLS. A proxy that
 * refuses ends the connection: SIPWS_ERR_PROXY, and sipws_conn_tunnel_status.
 * Errors: as sipws_conn_add_stage and sipws_auth_basic, SIPWS_ERR_STATE also
 * for a second one; SIPWS_ERR_INVALID at a server.
 */
SIPWS_API int sipws_conn_add_tunnel(sipws_conn *conn, const char *user,
                                    size_t user_len, const char *password,
                                    size_t password_len);

/** The status of the HTTP proxy's answer, 200 to 299 when the tunnel stands;
 *  0 while none came, or without a tunnel. */
SIPWS_API int sipws_conn_tunnel_status(const sipws_conn *conn);

/** For |flags| of sipws_conn_retry. */
enum sipws_retry_flag {
  SIPWS_RETRY_BASIC_IN_CLEAR = 1 /* answer Basic also when |again| is not
                                    secure. Risk: the password is readable on
                                    the way */
};

/**
 * Client: |again|, a new connection to the same URL, shall answer the 401 that
 * |refused| got (RFC 7118 section 7 says MUST): of its challenges the strongest
 * that is known (SHA-256, MD5, Basic), and with the cookies that came with it
 * (RFC 6265 section 5): those of this host and path, Secure ones only over TLS,
 * none whose Max-Age is over; a later one replaces an earlier of its name.
 * There is no clock, so Expires counts for nothing; 50 names are kept. |seed|:
 * as for sipws_auth_answer. |refused| must still show its answer, as for
 * sipws_conn_header. Once is enough: what is refused again, without stale=true,
 * has the wrong password.
 *
 * Errors: SIPWS_ERR_STATE (not refused with 401, or output of |again| was
 * lent), SIPWS_ERR_INVALID, also when the URLs differ, SIPWS_ERR_NOT_FOUND (no
 * challenge that can be answered), SIPWS_ERR_NOT_SECURE (Basic alone is asked
 * for, and |again| is neither wss nor secure), SIPWS_ERR_TOO_BIG (request
 * target or answer of more than 2,048 octets, or past
 * SIPWS_LIMIT_HANDSHAKE_SIZE), those of sipws_auth_answer. After one |again|
 * may have a part of it: free it.
 */
SIPWS_API int sipws_conn_retry(const sipws_conn *refused, sipws_conn *again,
                               const char *user, size_t user_len,
                               const char *password, size_t password_len,
                               const uint8_t *seed, uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_FRONT_H */
