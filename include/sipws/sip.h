/*
 * sipws: the SIP rules of RFC 7118 as pure functions on text.
 *
 * Nothing is allocated, nothing is kept, and no connection is needed but by the
 * two that ask one for its id and addresses (sipws_conn_flow_token, _match).
 * Texts are at most 2^31 - 1 octets; spans given are taken to lie within their
 * text.
 *
 * Views hold offsets into the caller's text, never pointers, so they stay valid
 * when the text is copied or moved. Set |struct_size| before the call
 * (SIPWS_ERR_INVALID for a size this version does not know); the rest need not
 * be set:
 *
 *     sipws_via via;
 *     via.struct_size = sizeof via;
 *     error = sipws_via_at(msg, len, 0, &via);
 *
 * A walk keeps its place in a span, the cursor, {0, 0} at first. A call takes
 * no longer for what came before; NOT_FOUND, as any error, ends the loop. A
 * walk stays with one message, one function and one name:
 *
 *     sipws_span at = {0, 0};
 *     while (sipws_sip_next_value(msg, len, &view, "Route", 5, &at, &route) ==
 *            0) { … }
 *
 * Functions that write a text take |out|, |out_size| and |out_len|. |out_len|
 * gets the length needed when the result is 0 or SIPWS_ERR_BUFFER; the latter
 * says that |out_size| is smaller, and |out| is untouched. Those that edit a
 * message say whether |out| may be the message itself; other arguments must not
 * lie in |out|, nor may |out| overlap the message in another way.
 *
 * Errors beside those told at a function: SIPWS_ERR_INVALID for a NULL pointer
 * or a number out of range, SIPWS_ERR_SYNTAX for text that breaks the grammar,
 * SIPWS_ERR_NOT_FOUND for what is not there, SIPWS_ERR_TOO_BIG for a result of
 * more than 2^31 - 1 octets. Since 0.1.
 */
#ifndef SIPWS_SIP_H
#define SIPWS_SIP_H

#include <sipws/sipws.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------- spans -- */

/** 1 when |span| of |text| is |other|, ASCII letters compared without case. */
SIPWS_API int sipws_span_is(const char *text, const sipws_span *span,
                            const char *other, size_t other_len);

/** The decimal number that |span| is. SIPWS_ERR_SYNTAX for anything but digits,
 *  and for more than 2^32 - 1. */
SIPWS_API int sipws_span_number(const char *text, const sipws_span *span,
                                uint32_t *number);

/* ------------------------------------------------------------ messages -- */

/** A SIP message in outline. */
typedef struct sipws_sip_view {
  size_t struct_size;
  uint32_t is_request; /* 1: request; 0: response */
  uint32_t status;     /* response: 100 to 699; request: 0 */
  uint32_t verdict;    /* sipws_verdict, never NOT_SIP or UNCHECKED */
  uint32_t has_length; /* 1: there is a Content-Length (or l) */
  uint32_t has_coding; /* 1: a Transfer-Encoding (RFC 3261 7.4.2 forbids it) */
  uint32_t length;     /* its value, if verdict is not BAD_LENGTH */
  uint32_t cut;        /* octets behind the body (verdict CUT) */
  sipws_span method;   /* request */
  sipws_span uri;      /* request: the Request-URI */
  sipws_span reason;   /* response: the reason phrase, may be empty */
  sipws_span headers;  /* the header lines, each with its CRLF */
  sipws_span body;     /* by Content-Length, or to the end (RFC 3261 18.3) */
} sipws_sip_view;

/**
 * Reads start line, header lines and Content-Length in one pass. The message
 * ends where |len| ends: the WebSocket message's boundary (RFC 7118 section 5).
 * SIPWS_ERR_SYNTAX: not SIP (start line, a line without colon, no empty line,
 * NUL or lone CR or LF in the header). A header line may be folded (RFC 3261
 * section 7.3.1), a start line never is.
 */
SIPWS_API int sipws_sip_parse(const char *msg, size_t len,
                              sipws_sip_view *view);

/*
 * Header lines are found by |name| in compact or long form and any case (RFC
 * 3261 section 7.3). A |value| is without surrounding white space; a folded one
 * keeps its line breaks.
 */

/** Walks all header lines. |at| becomes the line, with its CRLF: what
 *  sipws_replace takes to remove it. */
SIPWS_API int sipws_sip_next_header(const char *msg, size_t len,
                                    const sipws_sip_view *view, sipws_span *at,
                                    sipws_span *name, sipws_span *value);

/** Walks the header lines named |name|; |at| becomes the line. */
SIPWS_API int sipws_sip_next_named(const char *msg, size_t len,
                                   const sipws_sip_view *view, const char *name,
                                   size_t name_len, sipws_span *at,
                                   sipws_span *value);

/** Walks the comma-separated values of the header |name| (Route, Contact,
 *  Supported …), be they on one line or on several; |at| becomes what is left
 *  of the line. Lines without a value are passed over. */
SIPWS_API int sipws_sip_next_value(const char *msg, size_t len,
                                   const sipws_sip_view *view, const char *name,
                                   size_t name_len, sipws_span *at,
                                   sipws_span *value);

/** 1 when |value| is one of the values of the header |name|, letters compared
 *  without case: an option tag of Supported, Require, Proxy-Require. */
SIPWS_API int sipws_sip_has_value(const char *msg, size_t len,
                                  const sipws_sip_view *view, const char *name,
                                  size_t name_len, const char *value,
                                  size_t value_len);

/** The |index|th header line named |name|; 0 is the top. A loop over |index|
 *  reads the header each time: walk instead. */
SIPWS_API int sipws_sip_header(const char *msg, size_t len,
                               const sipws_sip_view *view, const char *name,
                               size_t name_len, uint32_t index,
                               sipws_span *value);

/** The |index|th value of the header |name|, across its lines; likewise. */
SIPWS_API int sipws_sip_value_at(const char *msg, size_t len,
                                 const sipws_sip_view *view, const char *name,
                                 size_t name_len, uint32_t index,
                                 sipws_span *value);

/** The decimal number that the first header line named |name| is (Expires,
 *  Max-Forwards …), as sipws_span_number reads it. */
SIPWS_API int sipws_sip_number(const char *msg, size_t len,
                               const sipws_sip_view *view, const char *name,
                               size_t name_len, uint32_t *number);

/** Number and method of the CSeq header. */
SIPWS_API int sipws_sip_cseq(const char *msg, size_t len,
                             const sipws_sip_view *view, uint32_t *number,
                             sipws_span *method);

/** 1 when a request needs secure hops from here on: its Request-URI or its top
 *  Route is a sips URI (RFC 3261 16.6 step 4, RFC 7118 9.2). sipws_conn_send
 *  refuses such on a connection that is not secure. */
SIPWS_API int sipws_sip_is_sips(const char *msg, size_t len,
                                const sipws_sip_view *view);

/** 1 when From names the user that |uri| names, an address of record such as
 *  the handshake bound to a connection (RFC 7118 appendix A): equal by RFC 3261
 *  19.1.4, but sip or sips, and without parameters and headers. 0 also when
 *  there is more than one From, or none. */
SIPWS_API int sipws_sip_is_from(const char *msg, size_t len,
                                const sipws_sip_view *view, const char *uri,
                                size_t uri_len);

/** A value of From, To, Contact, Route, Record-Route or Path. */
typedef struct sipws_name_addr {
  size_t struct_size;
  uint32_t is_star;   /* Contact: * */
  sipws_span display; /* without quotes; may be empty */
  sipws_span uri;     /* without angle brackets */
  sipws_span params;  /* what follows, from its ";"; may be empty */
} sipws_name_addr;

/** Reads one name-addr or addr-spec (RFC 3261 section 25.1). In the form
 *  without angle brackets, parameters belong to the header. */
SIPWS_API int sipws_name_addr_parse(const char *text, const sipws_span *value,
                                    sipws_name_addr *addr);

/** Takes the first of the comma-separated values off |list|, a span of |text|;
 *  commas in quotes and angle brackets are left alone. |list| is the cursor of
 *  this walk. */
SIPWS_API int sipws_list_next(const char *text, sipws_span *list,
                              sipws_span *value);

/** The first parameter |name| (any case) in |params|, a text of ";name=value"
 *  pairs; |value| without quotes, empty when it has none. */
SIPWS_API int sipws_param(const char *text, const sipws_span *params,
                          const char *name, size_t name_len, sipws_span *value);

/** The parameter |name| of an Authorization or WWW-Authenticate value ("Digest
 *  realm=…, nonce=…"); |value| without quotes. |name_len| 0: the scheme. */
SIPWS_API int sipws_auth_param(const char *text, const sipws_span *header,
                               const char *name, size_t name_len,
                               sipws_span *value);

/* ------------------------------------------------------------- editing -- */

/**
 * Replaces |cut| octets at |off| by |text|; the primitive of every edit. |out|
 * may be |msg|.
 */
SIPWS_API int sipws_replace(const char *msg, size_t len, size_t off, size_t cut,
                            const char *text, size_t text_len, char *out,
                            size_t out_size, size_t *out_len);

/** Inserts a header line above all others. |out| may be |msg|. Errors:
 *  SIPWS_ERR_TEXT for a |name| that is no token, and for control characters but
 *  tab (CR, LF, NUL …) in |value|. */
SIPWS_API int sipws_sip_prepend_header(const char *msg, size_t len,
                                       const char *name, size_t name_len,
                                       const char *value, size_t value_len,
                                       char *out, size_t out_size,
                                       size_t *out_len);

/** Removes the first value of the first header line named |name| (a whole line
 *  if it was its only one): the top Via, the top Route. |out| may be |msg|.
 *  Errors: SIPWS_ERR_SYNTAX also when that line has no value. */
SIPWS_API int sipws_sip_remove_top(const char *msg, size_t len,
                                   const char *name, size_t name_len, char *out,
                                   size_t out_size, size_t *out_len);

/** Replaces the value of the first header line named |name|, or adds one at
 *  the end of the headers. |out| may be |msg|. Errors: SIPWS_ERR_TEXT. */
SIPWS_API int sipws_sip_set_header(const char *msg, size_t len,
                                   const char *name, size_t name_len,
                                   const char *value, size_t value_len,
                                   char *out, size_t out_size, size_t *out_len);

/**
 * Makes |type| and |body| the body of a message: all its Content-Type and
 * Content-Length lines go, new ones come at the end of the headers. No body,
 * |body_len| 0, may have no type, |type_len| 0; then there is no Content-Type.
 * Other headers that tell of the body (Content-Encoding …) are the caller's.
 * |out| may be |msg|. Errors: SIPWS_ERR_TEXT as for sipws_sip_prepend_header.
 */
SIPWS_API int sipws_sip_set_body(const char *msg, size_t len, const char *type,
                                 size_t type_len, const char *body,
                                 size_t body_len, char *out, size_t out_size,
                                 size_t *out_len);

/**
 * Gives a message exactly one Content-Length, that of its body as the view
 * tells it, at the end of the headers: for a gateway to TCP, where it must be
 * there and right (RFC 3261 section 20.14; over WebSocket it need not, RFC 7118
 * section 5). Octets behind the body go. A message cut short or of a bad length
 * becomes one that is in order: judge by its verdict first. |out| may be |msg|.
 */
SIPWS_API int sipws_sip_set_length(const char *msg, size_t len, char *out,
                                   size_t out_size, size_t *out_len);

/**
 * Writes a response without body to the request |msg| (RFC 3261 section 8.2.6):
 * |status|, 100 to 699, |reason|, which may be empty, and, line for line as
 * they are and in their order, Via, From, To, Call-ID and CSeq, as far as they
 * are there; Timestamp to a 100; Record-Route where a dialog may begin: to
 * INVITE, SUBSCRIBE and REFER with 101 to 299 (section 12.1.1); at the end
 * Content-Length: 0. A To without tag gets |tag|, a token; pass none for a 100.
 * A To that breaks the grammar is left alone. Add what else there is to say by
 * sipws_sip_set_header and sipws_sip_set_body. An ACK is never answered: that
 * is for the caller to know. |out| must not be |msg|.
 *
 * Errors: SIPWS_ERR_INVALID also when |msg| is a response, SIPWS_ERR_NOT_FOUND
 * when it has no Via, SIPWS_ERR_TEXT for control characters in |reason| or a
 * |tag| that is no token.
 */
SIPWS_API int sipws_sip_respond(const char *msg, size_t len, int status,
                                const char *reason, size_t reason_len,
                                const char *tag, size_t tag_len, char *out,
                                size_t out_size, size_t *out_len);

/* ----------------------------------------------------------------- Via -- */

enum sipws_transport {
  SIPWS_TRANSPORT_OTHER = 0,
  SIPWS_TRANSPORT_UDP = 1,
  SIPWS_TRANSPORT_TCP = 2,
  SIPWS_TRANSPORT_TLS = 3,
  SIPWS_TRANSPORT_WS = 4,
  SIPWS_TRANSPORT_WSS = 5
};

/** One Via value (RFC 3261 section 20.42, RFC 7118 section 5.1). */
typedef struct sipws_via {
  size_t struct_size;
  uint32_t transport; /* sipws_transport */
  uint32_t port;      /* of sent-by, 0 if none is written */
  uint32_t has_rport; /* 1: rport is there, with or without value */
  uint32_t has_keep;  /* 1: keep is there, with or without value (RFC 6223) */
  sipws_span value;   /* the whole via-parm */
  sipws_span token;   /* the transport as written */
  sipws_span host;    /* of sent-by, IPv6 with brackets */
  sipws_span params;  /* from the first ";"; may be empty */
  sipws_span branch;
  sipws_span received;
  sipws_span rport; /* empty when it has no value */
  sipws_span keep;  /* likewise */
} sipws_via;

/** Reads one via-parm; unknown transports and parameters are fine. Of
 *  parameters that come twice the first counts. */
SIPWS_API int sipws_via_parse(const char *text, const sipws_span *value,
                              sipws_via *via);

/** The |index|th Via of a message, across header lines; 0 is the top.
 *  SIPWS_ERR_SYNTAX also for a Via line above it that has no value. */
SIPWS_API int sipws_via_at(const char *msg, size_t len, uint32_t index,
                           sipws_via *via);

/** How many there are. RFC 3261 8.1.3.3: a user agent drops a response that
 *  has not exactly one. */
SIPWS_API int sipws_via_count(const char *msg, size_t len, uint32_t *count);

/** Octets of a branch that sipws_via_build writes. */
#define SIPWS_BRANCH_LEN 39

/**
 * Writes a Via value: "SIP/2.0/WS host;branch=z9hG4bK…", WSS when |secure|, the
 * branch from |seed|, 16 random octets, in hexadecimal; it is the last
 * SIPWS_BRANCH_LEN octets in front of |params|. |host| is what sent-by
 * shall be: a name such as sipws_random_host makes, or an address, IPv6 in
 * brackets. A port is never added to it; the caller may write ":port" behind.
 * |params| is added as it is (";keep"), may be empty. Errors: SIPWS_ERR_TEXT
 * for a |host| or |params| that would not be read back as such.
 */
SIPWS_API int sipws_via_build(int secure, const char *host, size_t host_len,
                              const uint8_t *seed, const char *params,
                              size_t params_len, char *out, size_t out_size,
                              size_t *out_len);

/** Inserts a Via line above all others. |out| may be |msg|. */
SIPWS_API int sipws_via_prepend(const char *msg, size_t len, const char *via,
                                size_t via_len, char *out, size_t out_size,
                                size_t *out_len);

/** Removes the top Via. |out| may be |msg|. */
SIPWS_API int sipws_via_remove(const char *msg, size_t len, char *out,
                               size_t out_size, size_t *out_len);

/** Sets a parameter of the top Via; |value_len| 0: without value. sent-by and
 *  the rest stay octet for octet. |out| may be |msg|. Errors: SIPWS_ERR_TEXT.
 */
SIPWS_API int sipws_via_set_param(const char *msg, size_t len, const char *name,
                                  size_t name_len, const char *value,
                                  size_t value_len, char *out, size_t out_size,
                                  size_t *out_len);

/** 1 when the sent-by of |via| is |host| (any case) and |port| (0: none is
 *  written). RFC 3261 18.1.2: a response whose top sent-by is not ours is
 *  dropped. */
SIPWS_API int sipws_via_is_sent_by(const char *text, const sipws_via *via,
                                   const char *host, size_t host_len,
                                   uint32_t port);

/** How a server fills received and rport (RFC 3261 18.2.1, RFC 3581, RFC 7118
 *  5.3). */
enum sipws_received {
  SIPWS_RECEIVED_HIDE = 0,     /* neither: the topology stays hidden */
  SIPWS_RECEIVED_ALWAYS = 1,   /* received, and rport when asked */
  SIPWS_RECEIVED_DIFFERENT = 2 /* received when sent-by is a name or another
                                  address; both when rport is asked */
};

/** Stamps a request that came from |addr| (4 or 16 octets) and |port|; copies
 *  it when the policy adds nothing. A received that is already there, which may
 *  be forged, is replaced; an rport that has a value stays. IPv4 mapped into
 *  IPv6 is written as IPv4. |out| may be |msg|. */
SIPWS_API int sipws_via_stamp(const char *msg, size_t len, int policy,
                              const uint8_t *addr, size_t addr_len,
                              uint16_t port, char *out, size_t out_size,
                              size_t *out_len);

/** Octets that sipws_random_host writes. */
#define SIPWS_RANDOM_HOST_LEN 20

/** Makes "xxxxxxxxxxxx.invalid" from 12 random octets (RFC 7118 appendix B.1):
 *  a host for Via and Contact of a client that knows no address of its own. */
SIPWS_API int sipws_random_host(const uint8_t *seed, char *out, size_t out_size,
                                size_t *out_len);

/* ---------------------------------------------------------- URI and URL -- */

enum sipws_scheme {
  SIPWS_SCHEME_OTHER = 0,
  SIPWS_SCHEME_SIP = 1,
  SIPWS_SCHEME_SIPS = 2
};

/** A SIP or SIPS URI (RFC 3261 section 19.1); of others only |scheme_text|. */
typedef struct sipws_uri {
  size_t struct_size;
  uint32_t scheme;        /* sipws_scheme */
  uint32_t port;          /* 0 if none is written */
  uint32_t transport;     /* sipws_transport; OTHER also when there is none */
  uint32_t has_transport; /* 1: a transport parameter is there */
  sipws_span scheme_text;
  sipws_span user; /* escaped as written; empty if none */
  sipws_span password;
  sipws_span host;    /* IPv6 with brackets */
  sipws_span params;  /* from the first ";"; may be empty */
  sipws_span headers; /* after "?"; may be empty */
} sipws_uri;

/** Reads |uri|, a span of |text|. SIPWS_ERR_SYNTAX also for a parameter that
 *  comes twice (RFC 3261 19.1.1) and for more than 64 parameters or headers.
 *  transport=wss, which no RFC defines but some write, reads as WSS; the
 *  library itself writes ws alone. A sips URI with transport=udp, which RFC
 *  3261 19.1.1 forbids, is read too: who refuses it has to answer it. */
SIPWS_API int sipws_uri_parse(const char *text, const sipws_span *uri,
                              sipws_uri *view);

/** 1 when two URIs are equal by RFC 3261 19.1.4; 0 when one is neither sip nor
 *  sips. */
SIPWS_API int sipws_uri_equal(const char *text_a, const sipws_uri *a,
                              const char *text_b, const sipws_uri *b);

/** The port that a URI with transport=ws means: its own, else 80 for sip and
 *  443 for sips (RFC 7118 section 5.5), and for transport=wss. There is no
 *  default for sip on a secure connection: it is written out, as
 *  sipws_uri_build does. 0 for other schemes. */
SIPWS_API uint32_t sipws_uri_ws_port(const sipws_uri *uri);

/** 1 when the host of |uri| is |host|, names in any case and IPv6 as addresses,
 *  and its port, by sipws_uri_ws_port, is |port|; 0: be it any. So a Route or a
 *  Request-URI is known to name this proxy (RFC 3261 section 16.4); the user of
 *  such a Route is the flow token. */
SIPWS_API int sipws_uri_is_host(const char *text, const sipws_uri *uri,
                                const char *host, size_t host_len,
                                uint32_t port);

/**
 * Writes "sip:user@host:port;transport=ws" and |params| (";x=y", may be empty)
 * behind it. |scheme| is SIPWS_SCHEME_SIP or SIPS; |user|, escaped as a URI has
 * it, may be empty; |host| is a name or an address, IPv6 in brackets; |port| 0
 * leaves it out. |transport|: WS and WSS write "ws" (RFC 7118 section 5.2), WSS
 * also port 443 for sip where |port| is 0 (section 5.5 has no default for it),
 * UDP and TCP write theirs, OTHER none. A Contact at a host that nobody dials
 * (sipws_random_host) is written with WS.
 *
 * Errors: SIPWS_ERR_INVALID also for TLS (RFC 3261 26.2.2) and for sips with
 * UDP (19.1.1), SIPWS_ERR_TEXT for parts that would not be read back as such,
 * and for |params| with a transport when |transport| writes one.
 */
SIPWS_API int sipws_uri_build(int scheme, const char *user, size_t user_len,
                              const char *host, size_t host_len, uint32_t port,
                              int transport, const char *params,
                              size_t params_len, char *out, size_t out_size,
                              size_t *out_len);

/** Writes a value of Record-Route or Path: the URI that sipws_uri_build writes,
 *  in angle brackets, with ";lr", and with ";ob" when |ob|: in a Path, by the
 *  first hop alone (RFC 5626 section 5.1). |user| is a flow token, or empty. In
 *  a Record-Route |scheme| is SIPS when sipws_sip_is_sips (RFC 3261 16.6 step
 *  4). Errors as there. */
SIPWS_API int sipws_route_build(int scheme, const char *user, size_t user_len,
                                const char *host, size_t host_len,
                                uint32_t port, int transport, int ob, char *out,
                                size_t out_size, size_t *out_len);

/** A ws or wss URL (RFC 6455 section 3). */
typedef struct sipws_url {
  size_t struct_size;
  uint32_t secure;   /* 1: wss */
  uint32_t port;     /* as written, or 80 or 443 */
  uint32_t has_port; /* 1: written */
  sipws_span host;   /* IPv6 with brackets */
  sipws_span path;   /* may be empty: "/" is meant */
  sipws_span query;  /* after "?"; may be empty */
} sipws_url;

/** Reads a URL. SIPWS_ERR_URL: another scheme, userinfo, a fragment, no host,
 *  a port that is none, the empty one of "host:" included, or octets that no
 *  URL has. */
SIPWS_API int sipws_url_parse(const char *url, size_t len, sipws_url *view);

/** Writes one; |port| 0 leaves it out; |resource| is path and query, empty for
 *  "/". */
SIPWS_API int sipws_url_build(int secure, const char *host, size_t host_len,
                              uint32_t port, const char *resource,
                              size_t resource_len, char *out, size_t out_size,
                              size_t *out_len);

/* ---------------------------------------------------------------- flow -- */

/** Octets of a flow token's text. */
#define SIPWS_FLOW_TOKEN_LEN 30

/**
 * A flow token (RFC 5626 section 5.2): names a connection in the user part of a
 * Path or Record-Route URI, unforgeable without |key| (16 to 64 octets), and
 * tells nothing of addresses (RFC 7118 section 5.3). |id| is the connection's;
 * |peer| and |local| are address octets and port, as the connection's.
 * Base64url, SIPWS_FLOW_TOKEN_LEN octets.
 */
SIPWS_API int sipws_flow_token(const uint8_t *key, size_t key_len, uint64_t id,
                               const uint8_t *peer, size_t peer_len,
                               uint16_t peer_port, const uint8_t *local,
                               size_t local_len, uint16_t local_port, char *out,
                               size_t out_size, size_t *out_len);

/** Checks a token, in constant time, and tells its connection's id; a caller
 *  that finds no such connection has SIPWS_ERR_DEAD (430). Errors:
 *  SIPWS_ERR_TAMPERED (403). */
SIPWS_API int sipws_flow_check(const uint8_t *key, size_t key_len,
                               const char *token, size_t len, uint64_t *id);

/** Checks also that the connection found is the one the token was made for:
 *  SIPWS_ERR_DEAD when the id was given to another since. */
SIPWS_API int sipws_flow_match(const uint8_t *key, size_t key_len,
                               const char *token, size_t len, uint64_t id,
                               const uint8_t *peer, size_t peer_len,
                               uint16_t peer_port, const uint8_t *local,
                               size_t local_len, uint16_t local_port);

/** sipws_flow_token by the id and the addresses of |conn|. */
SIPWS_API int sipws_conn_flow_token(const sipws_conn *conn, const uint8_t *key,
                                    size_t key_len, char *out, size_t out_size,
                                    size_t *out_len);

/** sipws_flow_match by the id and the addresses of |conn|. */
SIPWS_API int sipws_conn_flow_match(const sipws_conn *conn, const uint8_t *key,
                                    size_t key_len, const char *token,
                                    size_t len);

/** Octets that sipws_instance_build writes. */
#define SIPWS_INSTANCE_LEN 45

/** Makes "urn:uuid:…", a random UUID (RFC 9562 section 5.4) from 16 random
 *  octets: the +sip.instance of a user agent, in "<" and ">" and quotes, which
 *  stays the same for its whole life (RFC 5626 section 4.1). */
SIPWS_API int sipws_instance_build(const uint8_t *seed, char *out,
                                   size_t out_size, size_t *out_len);

/** What a Contact in a REGISTER says of its flow (RFC 5626 section 6):
 *  |instance|, the URN in its +sip.instance, empty when there is none, and
 *  |reg_id|, 0 when there is none that counts: without an instance it does not,
 *  nor may it where the client does not support outbound. URNs of any kind are
 *  fine, and compared octet for octet (section 4.1). SIPWS_ERR_SYNTAX: a reg-id
 *  not from 1 to 2^31 - 1, an instance that is no URN in "<" and ">". */
SIPWS_API int sipws_contact_flow(const char *text,
                                 const sipws_name_addr *contact,
                                 sipws_span *instance, uint32_t *reg_id);

/** Times of RFC 5626 sections 4.4.1 and 4.5, in ms: the bounds of CRLF
 *  keep-alives where no Flow-Timer was told, and on battery; the bases, when
 *  all flows failed and when not, and the maximum of sipws_flow_retry_ms. */
#define SIPWS_FLOW_BOUND_MS 120000
#define SIPWS_FLOW_BOUND_BATTERY_MS 840000
#define SIPWS_FLOW_BASE_ALL_MS 30000
#define SIPWS_FLOW_BASE_MS 90000
#define SIPWS_FLOW_MAX_MS 1800000

/** Delay before the next registration after |failures| in a row, in ms (RFC
 *  5626 section 4.5): 50 to 100 % of |base_ms| doubled as often, at most of
 *  |max_ms|; |random| is any 32-bit number, by which they are drawn. */
SIPWS_API uint32_t sipws_flow_retry_ms(uint32_t failures, uint32_t base_ms,
                                       uint32_t max_ms, uint32_t random);

/** Interval of a keep-alive that must come at least every |bound_ms|: 80 to
 *  100 % of it, drawn by |random| (RFC 5626 section 4.4). */
SIPWS_API uint32_t sipws_flow_interval_ms(uint32_t bound_ms, uint32_t random);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_SIP_H */
