/*
 * sipws: SIP over WebSocket (RFC 7118 on RFC 6455), client and server.
 *
 * The library carries whole SIP messages over WebSocket connections. It opens
 * no socket, starts no thread, reads no clock and prints nothing: octets and
 * time are its inputs, octets and events its outputs.
 *
 * Objects
 *   sipws_config  limits, policy, timers, hooks and callbacks. Set it up once;
 *                 it is not written while a connection uses it. One serves any
 *                 number of connections on any number of threads.
 *   sipws_conn    one connection, created when its transport (a TCP or TLS
 *                 stream) is connected or accepted. The caller owns the
 *                 transport: it gives what arrived to feed, writes what
 *                 pending lends, reports that with taken, and calls tick when
 *                 deadline has come.
 *
 * Two faces, equal in power
 *   Memory calls    feed, pending, taken, eof, tick, deadline, wants.
 *   Transport hooks readable and writable drive the memory calls through a
 *                   receive and a send function of the caller's.
 *   Events come as callbacks when the config has any, else by next_event; then
 *   feed stops after the octets that completed one event.
 *
 * Conventions
 *   Results     int: 0, or a negative SIPWS_ERR_ number; then what pointer
 *               arguments name is untouched unless said otherwise.
 *   Text        pointer and length, octets, never NUL-terminated by promise.
 *               A pointer may be NULL where its length is 0.
 *   Ownership   what is passed in is copied before return unless said
 *               otherwise; what is lent out says how long it lives.
 *   Time        now_ms: milliseconds of any steady clock, 64 bits. A time
 *               earlier than the last one seen counts as the last one.
 *   Threads     one call at a time per connection; the caller's lock, if any,
 *               covers every call on it. Different connections run in
 *               parallel. There is no global state. Allocator and random hooks
 *               of a config used on several threads must be thread-safe.
 *   Callbacks   run inside calls that take now_ms; 0 does as now_ms there (an
 *               earlier time counts as the last). Everything may be called but
 *               feed, feed_inplace, readable and writable (SIPWS_ERR_BUSY);
 *               free is put off until the outer call returns. What a callback
 *               is lent dies when it returns.
 *   Input cuts  results never depend on how the input was cut.
 *
 * Memory of one connection, at worst, in octets; in capitals: SIPWS_LIMIT_ …
 *     S + U + MESSAGE_SIZE + F + 35/16 * QUEUE_SIZE + 8,192
 *     + INPUT_SIZE + H while the handshake lasts, with fixed buffers for good
 *   S: sipws_conn_footprint(); U: the URL's length (client); F: MESSAGE_SIZE
 *   + 14 for each frame it goes out in (one, unless FRAME_SIZE cuts it); H:
 *   four times HANDSHAKE_SIZE, BODY_PREFIX and INPUT_SIZE. With a stage, such
 *   as TLS: INPUT_SIZE and one record more. Outside the allocator hook: a wslay
 *   frame context (about 4.3 KiB) from a fragment or a frame over INPUT_SIZE on
 *   until SIPWS_TIMER_TRIM; mbedTLS hashes on the stack. What a peer announces
 *   reserves nothing: buffers grow with what arrived. After SIPWS_TIMER_TRIM an
 *   open one has 352 + U left (x86-64).
 *
 * SIPWS_ERR_INVALID is returned by any function for a NULL handle or required
 * pointer, or a number out of the range given; SIPWS_ERR_FREED when a callback
 * freed the connection, SIPWS_ERR_RANDOM when that hook fails the call. They
 * are not repeated below.
 */
#ifndef SIPWS_SIPWS_H
#define SIPWS_SIPWS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SIPWS_API __attribute__((visibility("default")))
#else
#define SIPWS_API
#endif

/* ------------------------------------------------------------- version -- */

#define SIPWS_VERSION_MAJOR 0
#define SIPWS_VERSION_MINOR 1
#define SIPWS_VERSION_PATCH 0

/** The version of the library linked: major * 65536 + minor * 256 + patch.
 *  Since 0.1, as everything below that names no other version. */
SIPWS_API uint32_t sipws_version_number(void);

/* -------------------------------------------------- handles and numbers -- */

typedef struct sipws_config sipws_config;
typedef struct sipws_conn sipws_conn;

/** A piece of a text: octets |off| to |off| + |len| - 1. */
typedef struct sipws_span {
  uint32_t off;
  uint32_t len;
} sipws_span;

enum sipws_role { SIPWS_CLIENT = 0, SIPWS_SERVER = 1 };

/** RFC 6455 section 4, with the two steps of a server's answer told apart. */
enum sipws_state {
  SIPWS_STATE_CONNECTING = 0, /* the handshake is under way */
  SIPWS_STATE_VERDICT = 1,    /* server: accept or reject is awaited */
  SIPWS_STATE_REFUSING = 2,   /* server: an HTTP answer other than 101 leaves */
  SIPWS_STATE_OPEN = 3,
  SIPWS_STATE_CLOSING = 4, /* a Close was sent or received, or it failed */
  SIPWS_STATE_CLOSED = 5   /* over; free it */
};

/** Kinds of message; the values are those of the opcode. */
enum sipws_kind { SIPWS_TEXT = 1, SIPWS_BINARY = 2 };

/** What a subprotocol carries. */
enum sipws_profile {
  SIPWS_PROFILE_SIP = 0,   /* one SIP message or one CRLF keep-alive each */
  SIPWS_PROFILE_OPAQUE = 1 /* octets of any meaning (msrp, or none) */
};

/**
 * How a received message keeps the Content-Length rules (RFC 3261 section
 * 18.3, the message-oriented branch; RFC 7118 section 5). The library drops
 * no message by its verdict.
 */
enum sipws_verdict {
  SIPWS_SIP_OK = 0,             /* no Content-Length, or it fits exactly */
  SIPWS_SIP_CUT = 1,            /* smaller: octets after the body were cut */
  SIPWS_SIP_SHORT_REQUEST = 2,  /* larger: answer 400 */
  SIPWS_SIP_SHORT_RESPONSE = 3, /* larger: drop it */
  SIPWS_SIP_BAD_LENGTH = 4,     /* negative, not a number, or in conflict */
  SIPWS_SIP_NOT_SIP = 5,        /* no SIP start line, or a broken header */
  SIPWS_SIP_UNCHECKED = 6       /* profile opaque */
};

/** What a connection wants of its caller: a set of these bits. */
enum sipws_want {
  SIPWS_WANT_READ = 1,  /* octets from the peer */
  SIPWS_WANT_WRITE = 2, /* pending lends octets */
  SIPWS_WANT_SHUT = 4,  /* half-close the transport: send FIN; once is enough,
                           the bit stays */
  SIPWS_WANT_CLOSE = 8, /* done, and on_closed was called (pulled events may
                           wait still): close the transport, free it */
  SIPWS_WANT_FEED = 16  /* octets are kept that can be worked on now: feed with
                           len 0, or readable, without waiting */
};

/** Events, in the order in which those of one moment are delivered. */
enum sipws_event {
  SIPWS_EVENT_NONE = 0,
  SIPWS_EVENT_REQUEST = 1,   /* server: a request awaits accept or reject */
  SIPWS_EVENT_OPEN = 2,      /* the handshake succeeded */
  SIPWS_EVENT_REFUSED = 3,   /* client: the status is not 101 */
  SIPWS_EVENT_MESSAGE = 4,   /* one message; never coalesced */
  SIPWS_EVENT_KEEPALIVE = 5, /* see sipws_keepalive */
  SIPWS_EVENT_NOTICE = 6,    /* see sipws_notice */
  SIPWS_EVENT_SENT = 7,      /* messages up to a number were wholly taken */
  SIPWS_EVENT_WRITABLE = 8,  /* the queue fell below its low mark */
  SIPWS_EVENT_CLOSED = 9     /* exactly once, and last */
};

/** Keep-alives; also names the intervals that can be set. */
enum sipws_keepalive {
  SIPWS_KEEPALIVE_PING = 1,     /* RFC 6455 5.5.2; received, or interval */
  SIPWS_KEEPALIVE_PONG = 2,     /* RFC 6455 5.5.3; received, or unsolicited */
  SIPWS_KEEPALIVE_CRLF = 3,     /* CRLFCRLF received (RFC 5626), or interval */
  SIPWS_KEEPALIVE_CRLF_PONG = 4 /* CRLF received */
};

/** Things worth knowing that end nothing by themselves, each with a value. */
enum sipws_notice {
  SIPWS_NOTICE_MISSED_PONG = 1, /* no pong came; ms since the ping */
  SIPWS_NOTICE_MISSED_CRLF = 2, /* no CRLF came; ms since the CRLFCRLF */
  SIPWS_NOTICE_STALLED = 3,     /* nothing was taken; ms since it was */
  SIPWS_NOTICE_EXPIRED = 4,     /* SIPWS_TIMER_WAIT: last number dropped */
  SIPWS_NOTICE_PEER_CLOSES = 5  /* its Close came first, closed follows; code */
};

/** Why a connection closed. */
enum sipws_cause {
  SIPWS_CAUSE_NONE = 0,       /* it has not */
  SIPWS_CAUSE_PEER_CLOSE = 1, /* the peer's Close, answered */
  SIPWS_CAUSE_OUR_CLOSE = 2,  /* our Close */
  SIPWS_CAUSE_REFUSED = 3,    /* the handshake, by either side */
  SIPWS_CAUSE_EOF = 4,        /* the transport ended without a Close */
  SIPWS_CAUSE_LOST = 5,       /* the transport died: sipws_conn_lost_reason */
  SIPWS_CAUSE_TIMEOUT = 6,    /* which: sipws_conn_timer */
  SIPWS_CAUSE_PROTOCOL = 7,   /* the peer broke a rule: sipws_conn_error */
  SIPWS_CAUSE_MEMORY = 8,     /* the allocator refused */
  SIPWS_CAUSE_ABORTED = 9,    /* sipws_conn_abort */
  SIPWS_CAUSE_RANDOM = 10,    /* the random hook failed */
  SIPWS_CAUSE_TLS = 11,       /* sipws_tls_reason of tls.h */
  SIPWS_CAUSE_PROXY = 12,     /* what stands in front: PROXY header, CONNECT */
  SIPWS_CAUSE_TRUNCATED = 13  /* TLS was cut off: maybe an attack */
};

/** Timers, for sipws_conn_timer and sipws_config_set_timer. */
enum sipws_timer {
  SIPWS_TIMER_NONE = 0,
  SIPWS_TIMER_HANDSHAKE = 1, /* creation to open; 10,000 */
  SIPWS_TIMER_VERDICT = 2,   /* request to accept or reject; 10,000 */
  SIPWS_TIMER_PONG = 3,      /* ping to pong; 10,000 */
  SIPWS_TIMER_CRLF = 4,      /* CRLFCRLF to CRLF (RFC 5626 4.4.1); 10,000 */
  SIPWS_TIMER_CLOSE = 5,     /* close or failure to the end; 5,000 */
  SIPWS_TIMER_STALL = 6,     /* output pending and nothing taken; 30,000 */
  SIPWS_TIMER_IDLE = 7,      /* nothing received; 0: off */
  SIPWS_TIMER_WAIT = 8,      /* message queued but not begun; 0: off */
  SIPWS_TIMER_TRIM = 9       /* silence until buffers are given back; 5,000 */
};

/* -------------------------------------------------------------- errors -- */

/** Every error. Values are never renumbered or reused. */
enum sipws_error {
  SIPWS_OK = 0,
  /* wait, then try again */
  SIPWS_ERR_AGAIN = -101,      /* hook: would block; pump: call again */
  SIPWS_ERR_QUEUE_FULL = -102, /* until output was taken */
  /* the connection ended, or will; fatal, sticky */
  SIPWS_ERR_HANDSHAKE = -201,    /* the peer's handshake breaks a rule */
  SIPWS_ERR_REFUSED = -202,      /* the handshake was refused with a status */
  SIPWS_ERR_PROTOCOL = -203,     /* framing: close 1002 */
  SIPWS_ERR_UTF8 = -204,         /* text that is not UTF-8: close 1007 */
  SIPWS_ERR_POLICY = -205,       /* not SIP too often: close 1008 */
  SIPWS_ERR_PEER_TOO_BIG = -206, /* the peer passed a limit: close 1009 */
  SIPWS_ERR_TIMEOUT = -207,      /* a timer failed it */
  SIPWS_ERR_EOF = -208,          /* hook: clean end; else: the peer ended */
  SIPWS_ERR_LOST = -209,         /* hook: failure; else: the transport died */
  SIPWS_ERR_CLOSED = -210,       /* closed by either side's Close, or abort */
  SIPWS_ERR_TLS = -211,          /* TLS failed; sipws_tls_reason tells why */
  SIPWS_ERR_PROXY = -212,        /* no PROXY header, or CONNECT refused */
  SIPWS_ERR_TRUNCATED = -213,    /* the transport ended before TLS did */
  /* the call is wrong; nothing changed */
  SIPWS_ERR_INVALID = -301,    /* NULL or out of range */
  SIPWS_ERR_STATE = -302,      /* not in this state */
  SIPWS_ERR_TOO_BIG = -303,    /* longer than a limit of ours */
  SIPWS_ERR_BUFFER = -304,     /* caller's buffer too small; length is told */
  SIPWS_ERR_NO_RANDOM = -305,  /* no random hook is set */
  SIPWS_ERR_TEXT = -306,       /* CR, LF, NUL or another unfit octet */
  SIPWS_ERR_URL = -307,        /* not a ws or wss URL */
  SIPWS_ERR_NOT_FOUND = -308,  /* no such header, parameter, event … */
  SIPWS_ERR_NOT_SIP = -309,    /* send: not exactly one SIP message */
  SIPWS_ERR_SIPS = -310,       /* sips on a connection that is not secure */
  SIPWS_ERR_SYNTAX = -311,     /* SIP text that cannot be parsed */
  SIPWS_ERR_TAMPERED = -312,   /* flow token (403) or digest (401): wrong */
  SIPWS_ERR_DEAD = -313,       /* flow token: its connection is gone (430) */
  SIPWS_ERR_NOT_SECURE = -314, /* wss without TLS: attach it, or set_secure */
  /* a callback or hook */
  SIPWS_ERR_CALLBACK = -401, /* on_message returned non-zero */
  SIPWS_ERR_RANDOM = -402,   /* the random hook failed; fatal */
  SIPWS_ERR_HOOK = -403,     /* a transport hook broke its contract; fatal */
  SIPWS_ERR_BUSY = -404,     /* not from inside a callback */
  SIPWS_ERR_FREED = -405,    /* freed from a callback: the handle is gone */
  /* memory */
  SIPWS_ERR_NOMEM = -501 /* fatal when it strikes while input is read */
};

/** The name of |err| as written above ("SIPWS_ERR_UTF8"), a static C string;
 *  "unknown" for any other number. */
SIPWS_API const char *sipws_error_name(int err);

/** One line on |err| for a person, a static C string. */
SIPWS_API const char *sipws_error_text(int err);

/** One line on why a connection closed, a SIPWS_CAUSE_ number, likewise. */
SIPWS_API const char *sipws_cause_text(int cause);

/** 1 when a connection that returned |err| can only be drained and freed; but
 *  SIPWS_ERR_NOMEM has ended it only if sipws_conn_error says so. */
SIPWS_API int sipws_error_is_fatal(int err);

/** The close code that goes with |err| (RFC 6455 section 7.4.1), 0 if none. */
SIPWS_API uint16_t sipws_error_close_code(int err);

/** 1 when |code| may stand in a Close frame: 1000 to 1003, 1007 to 1014, 3000
 *  to 4999 (RFC 6455 section 7.4 and the registry made by it). */
SIPWS_API int sipws_close_code_is_valid(uint16_t code);

/* --------------------------------------------------------------- hooks -- */

/**
 * The one allocator. |new_size| 0 frees |ptr| and returns NULL. |ptr| NULL
 * allocates. Otherwise resizes; on failure returns NULL and leaves |ptr|.
 * |old_size| is what was asked for |ptr|, 0 when it is NULL.
 */
typedef void *(*sipws_alloc_fn)(void *ptr, size_t old_size, size_t new_size,
                                void *user);

/** Fills |out| with |len| unpredictable octets; non-zero: it failed. */
typedef int (*sipws_random_fn)(uint8_t *out, size_t len, void *user);

/**
 * Reads up to |len| octets from the transport into |buf| and tells how many
 * through |got|. 0 with *got > 0, SIPWS_ERR_AGAIN (would block), SIPWS_ERR_EOF
 * (clean end) or SIPWS_ERR_LOST. |user| is the connection's io user.
 */
typedef int (*sipws_recv_fn)(uint8_t *buf, size_t len, size_t *got, void *user);

/** Writes up to |len| octets; as sipws_recv_fn, without SIPWS_ERR_EOF. */
typedef int (*sipws_send_fn)(const uint8_t *data, size_t len, size_t *sent,
                             void *user);

/**
 * Sees what passes, unmasked: |what| is 0 for an HTTP head, else the opcode
 * (1 text, 2 binary, 8 Close, 9 ping, 10 pong); |outgoing| 1 when ours. May not
 * call the library on |conn| but for its const functions. Heads may hold
 * credentials.
 */
typedef void (*sipws_trace_fn)(const sipws_conn *conn, int outgoing, int what,
                               const uint8_t *data, size_t len, void *user);

/* Event callbacks; |user| is the connection's. See the events above. */
typedef void (*sipws_on_event_fn)(sipws_conn *conn, void *user);
/** |msg| lives until return. Non-zero stops feed behind this message, which
 *  does not come again, with SIPWS_ERR_CALLBACK; the next feed goes on. */
typedef int (*sipws_on_message_fn)(sipws_conn *conn, int kind, const char *msg,
                                   size_t len, int verdict, void *user);
typedef void (*sipws_on_keepalive_fn)(sipws_conn *conn, int kind,
                                      uint64_t rtt_ms, void *user);
typedef void (*sipws_on_notice_fn)(sipws_conn *conn, int notice, uint64_t value,
                                   void *user);
typedef void (*sipws_on_sent_fn)(sipws_conn *conn, uint64_t seq, void *user);
typedef void (*sipws_on_closed_fn)(sipws_conn *conn, int cause, void *user);

/** Fills |buf| with up to |len| octets of a refusal's body, from offset |off|,
 *  and tells how many; non-zero or a count of 0 aborts the connection. Runs
 *  inside pending and may not call the library on the connection. */
typedef int (*sipws_body_fn)(uint8_t *buf, size_t len, uint64_t off,
                             size_t *got, void *user);

/* ------------------------------------------------------- configuration -- */

/** Makes a config with the defaults told at each setter. |alloc| NULL: the C
 *  library's allocator. It serves the config and every connection made with it.
 *  Errors: SIPWS_ERR_NOMEM. */
SIPWS_API int sipws_config_new(sipws_alloc_fn alloc, void *alloc_user,
                               sipws_config **config);

/** Frees it; every connection made with it was freed before. NULL is fine. */
SIPWS_API void sipws_config_free(sipws_config *config);

/** The source of mask keys, handshake keys and jitter. No default: without it
 *  sipws_client_new and the like fail. sipws_os_random is the system's. */
SIPWS_API int sipws_config_set_random(sipws_config *config,
                                      sipws_random_fn random, void *user);

/** Fills |out| from the operating system; a sipws_random_fn. |user| is not
 *  used. Not there in builds without an operating system. */
SIPWS_API int sipws_os_random(uint8_t *out, size_t len, void *user);

/** The transport hooks for sipws_conn_readable and sipws_conn_writable. */
SIPWS_API int sipws_config_set_io(sipws_config *config, sipws_recv_fn recv,
                                  sipws_send_fn send);

/** The trace hook, with a context of its own. Default none. */
SIPWS_API int sipws_config_set_trace(sipws_config *config, sipws_trace_fn trace,
                                     void *user);

/* Callbacks, each NULL by default. With one or more set, events come as
 * callbacks (those without a function pass by, but a request: without
 * on_request an upgrade is accepted and plain HTTP answered 426); with none,
 * by next_event. */
SIPWS_API int sipws_config_on_request(sipws_config *config,
                                      sipws_on_event_fn fn);
SIPWS_API int sipws_config_on_open(sipws_config *config, sipws_on_event_fn fn);
SIPWS_API int sipws_config_on_refused(sipws_config *config,
                                      sipws_on_event_fn fn);
SIPWS_API int sipws_config_on_message(sipws_config *config,
                                      sipws_on_message_fn fn);
SIPWS_API int sipws_config_on_keepalive(sipws_config *config,
                                        sipws_on_keepalive_fn fn);
SIPWS_API int sipws_config_on_notice(sipws_config *config,
                                     sipws_on_notice_fn fn);
SIPWS_API int sipws_config_on_sent(sipws_config *config, sipws_on_sent_fn fn);
SIPWS_API int sipws_config_on_writable(sipws_config *config,
                                       sipws_on_event_fn fn);
SIPWS_API int sipws_config_on_closed(sipws_config *config,
                                     sipws_on_closed_fn fn);

/** Limits, for sipws_config_set_limit; octets unless said otherwise. */
enum sipws_limit {
  SIPWS_LIMIT_MESSAGE_SIZE = 1,   /* received or sent; 1 to 2^30; 65,536 */
  SIPWS_LIMIT_FRAGMENTS = 2,      /* frames of a message; 1 to 2^31; 256 */
  SIPWS_LIMIT_HANDSHAKE_SIZE = 3, /* HTTP head; 256 to 2^20; 16,384 */
  SIPWS_LIMIT_HEADERS = 4,        /* HTTP header lines; 8 to 10,000; 100 */
  SIPWS_LIMIT_BODY_PREFIX = 5,    /* kept of a refusal; 0 to 2^20; 1,024 */
  SIPWS_LIMIT_QUEUE_SIZE = 6,     /* queued output; 256 to 2^30; 262,144 */
  SIPWS_LIMIT_QUEUE_HIGH = 7, /* arms writable; 0 (half of the queue) to 2^30 */
  SIPWS_LIMIT_QUEUE_LOW = 8,  /* fires it; 0 (a quarter of it) to 2^30; a send
                                 refused with QUEUE_FULL arms it too */
  SIPWS_LIMIT_INPUT_SIZE = 9, /* input kept, see keep; 512 to 2^20; 16,384 */
  SIPWS_LIMIT_FRAME_SIZE = 10, /* sent payload a frame; 0 (never fragment) */
  SIPWS_LIMIT_NOT_SIP = 11 /* in a row until close 1008; 0 (never) to 255; 3 */
};

/** Sets one limit. A message of the greatest size always fits an empty queue,
 *  whatever the queue's limit. */
SIPWS_API int sipws_config_set_limit(sipws_config *config, int limit,
                                     uint32_t value);

/** Sets one timer in ms, 0 (off) to 2^31; defaults stand at sipws_timer. */
SIPWS_API int sipws_config_set_timer(sipws_config *config, int timer,
                                     uint32_t ms);

/**
 * How often a keep-alive goes out, in ms, 0 (off) to 2^31, each interval drawn
 * anew within 20 % below to 20 % above for PING and PONG, and 20 % below to
 * exactly for CRLF (RFC 5626 4.4.1). |kind|: PING (25,000), PONG (unsolicited;
 * 0) or CRLF (0; profile SIP alone).
 */
SIPWS_API int sipws_config_set_keepalive(sipws_config *config, int kind,
                                         uint32_t ms);

/** Policies, for sipws_config_set_policy: sets of these bits; all off. */
enum sipws_policy {
  /* A subprotocol may be spelt in another case ("SIP", some SBCs); a server
   * echoes the client's spelling. Risk: RFC 7936 compares exactly. */
  SIPWS_POLICY_ANY_CASE = 1,
  /* A handshake without subprotocol is taken as the first of our list. Risk:
   * RFC 7118 4.1 says MUST, the peer may not speak SIP at all. */
  SIPWS_POLICY_NO_SUBPROTOCOL = 2,
  /* CRLFs before the start line are skipped. Risk: RFC 3261 7.5 allows it on
   * streams only. */
  SIPWS_POLICY_LEADING_CRLF = 4,
  /* A missed pong fails the connection. Risk: some stacks never answer. */
  SIPWS_POLICY_FAIL_ON_PONG = 8,
  /* A CRLF promised (outbound, keep, RFC 6223) is waited for, be there other
   * traffic or not, but after a message under way; missing it is a notice. */
  SIPWS_POLICY_EXPECT_CRLF = 16,
  /* Likewise, and missing it fails the connection (RFC 5626 4.4.1). */
  SIPWS_POLICY_FAIL_ON_CRLF = 32,
  /* A stalled peer fails the connection. */
  SIPWS_POLICY_FAIL_ON_STALL = 64,
  /* Send SIP as binary messages always (RFC 7118 4.2 prefers text). */
  SIPWS_POLICY_SEND_BINARY = 128,
  /* Input, message and output memory comes with the connection in one
   * allocation and never grows: for systems without a heap to spare. */
  SIPWS_POLICY_FIXED_BUFFERS = 256,
  /* Buffers go back once nothing moves, not after SIPWS_TIMER_TRIM: with very
   * many connections memory in use stays in the cache, but messages allocate,
   * and output that waits takes a 16th of SIPWS_LIMIT_QUEUE_SIZE at least
   * (2,048 to 16,384) in place of 2,048. */
  SIPWS_POLICY_TRIM_AT_ONCE = 512
};

/** Replaces the set of policies. */
SIPWS_API int sipws_config_set_policy(sipws_config *config, uint32_t policy);

/**
 * Adds a subprotocol, in order of preference; the first call replaces the
 * default list, which is "sip" with SIPWS_PROFILE_SIP. |name| is an HTTP token
 * of 1 to 64 octets not yet in the list; or empty: a handshake without
 * subprotocol is taken (a client then offers the others and takes silence); or
 * "*", servers only: any offered one of such a length is taken. At most 8.
 * Errors: SIPWS_ERR_TEXT, SIPWS_ERR_TOO_BIG (the list is full), NOMEM.
 */
SIPWS_API int sipws_config_add_subprotocol(sipws_config *config,
                                           const char *name, size_t len,
                                           int profile);

/* ----------------------------------------------------- connection life -- */

/**
 * A client's connection to |url|: ws or wss, host (a name, IPv4, or IPv6 in
 * brackets), optional port, path and query; no userinfo, no fragment (RFC 6455
 * section 3). The transport is connected already. For wss, attach TLS (tls.h),
 * or call sipws_conn_set_secure if TLS is yours; else pending fails with
 * SIPWS_ERR_NOT_SECURE, so that nothing leaves in the clear.
 * Errors: SIPWS_ERR_URL, also when longer than SIPWS_LIMIT_HANDSHAKE_SIZE,
 * SIPWS_ERR_NO_RANDOM, SIPWS_ERR_RANDOM, NOMEM, SIPWS_ERR_TOO_BIG (a message of
 * the greatest size, with 14 for each frame, would be over 2^31 octets).
 */
SIPWS_API int sipws_client_new(const sipws_config *config, const char *url,
                               size_t url_len, void *user, uint64_t now_ms,
                               sipws_conn **conn);

/** A server's connection, its transport just accepted. Errors as above. */
SIPWS_API int sipws_server_new(const sipws_config *config, void *user,
                               uint64_t now_ms, sipws_conn **conn);

/**
 * Takes over a connection whose upgrade was done elsewhere (an HTTP server, an
 * HTTP/2 stream, RFC 8441): it is open from the start, without an open event.
 * |subprotocol| is the one agreed, which must fit the config's list.
 * Errors: as above, SIPWS_ERR_NOT_FOUND (subprotocol).
 */
SIPWS_API int sipws_adopt_new(const sipws_config *config, int role,
                              const char *subprotocol, size_t len, void *user,
                              uint64_t now_ms, sipws_conn **conn);

/** Frees it at once, without events; from one of its callbacks, when the outer
 *  call returns. NULL is fine. */
SIPWS_API void sipws_conn_free(sipws_conn *conn);

/* Facts about the transport, told by the caller. They feed flow tokens and the
 * application; nothing is read from a socket. |addr| is 0, 4 or 16 octets in
 * network order, |port| a number in the host's. |secure| is 1 when octets
 * travel inside TLS that is the caller's or ended in front of us; TLS that is
 * attached sets it. |id| defaults to 64 random bits. */
SIPWS_API int sipws_conn_set_peer(sipws_conn *conn, const uint8_t *addr,
                                  size_t addr_len, uint16_t port);
SIPWS_API int sipws_conn_set_local(sipws_conn *conn, const uint8_t *addr,
                                   size_t addr_len, uint16_t port);
SIPWS_API int sipws_conn_set_secure(sipws_conn *conn, int secure);
SIPWS_API int sipws_conn_set_id(sipws_conn *conn, uint64_t id);
SIPWS_API int sipws_conn_peer(const sipws_conn *conn, const uint8_t **addr,
                              size_t *addr_len, uint16_t *port);
SIPWS_API int sipws_conn_local(const sipws_conn *conn, const uint8_t **addr,
                               size_t *addr_len, uint16_t *port);
SIPWS_API int sipws_conn_is_secure(const sipws_conn *conn);
SIPWS_API uint64_t sipws_conn_id(const sipws_conn *conn);

/** The context of callbacks, and that of the transport hooks (default: the
 *  same one). */
SIPWS_API int sipws_conn_set_user(sipws_conn *conn, void *user);
SIPWS_API void *sipws_conn_user(const sipws_conn *conn);
SIPWS_API int sipws_conn_set_io_user(sipws_conn *conn, void *io_user);

/** This connection's interval of a keep-alive in place of the config's, from
 *  now on; |kind|, |ms| as sipws_config_set_keepalive. A Flow-Timer of RFC 5626
 *  arrives here. */
SIPWS_API int sipws_conn_set_keepalive(sipws_conn *conn, int kind, uint32_t ms,
                                       uint64_t now_ms);

/** Whether a CRLF is awaited here, in place of the config's policy: |policy| is
 *  SIPWS_POLICY_EXPECT_CRLF or SIPWS_POLICY_FAIL_ON_CRLF, as from the next
 *  CRLFCRLF, or 0. To be set when the answer to a registration promises it (RFC
 *  5626 section 4.4, RFC 6223 section 4.3). */
SIPWS_API int sipws_conn_expect_crlf(sipws_conn *conn, uint32_t policy);

/** SIPWS_TIMER_IDLE of this connection in place of the config's, 0 (off) to
 *  2^31. One that was told a Flow-Timer is given more than that (RFC 5626
 *  section 5.4). */
SIPWS_API int sipws_conn_set_idle(sipws_conn *conn, uint32_t ms);

/* ----------------------------------------------------------- handshake -- */

/*
 * A client's request. Until pending first lent a part of it, else
 * SIPWS_ERR_STATE; SIPWS_ERR_TEXT for CR, LF, NUL and other octets that do not
 * belong in a header; SIPWS_ERR_TOO_BIG past SIPWS_LIMIT_HANDSHAKE_SIZE; NOMEM.
 */

/** The Host header in place of the URL's host and port. */
SIPWS_API int sipws_conn_set_host(sipws_conn *conn, const char *host,
                                  size_t len);
/** The Origin header; by default none is sent (RFC 6455 section 4.1). */
SIPWS_API int sipws_conn_set_origin(sipws_conn *conn, const char *origin,
                                    size_t len);
/** Adds a cookie; all travel in one Cookie header (RFC 6265 section 5.4). */
SIPWS_API int sipws_conn_add_cookie(sipws_conn *conn, const char *name,
                                    size_t name_len, const char *value,
                                    size_t value_len);
/** The Authorization header's value, such as "Basic …" or "Bearer …". */
SIPWS_API int sipws_conn_set_authorization(sipws_conn *conn, const char *value,
                                           size_t len);
/**
 * Adds a header line; also a server's, to the coming 101 or refusal, while the
 * verdict is awaited. Not for those the handshake itself writes (Host, Upgrade,
 * Connection, Sec-WebSocket-*, Content-Length, Transfer-Encoding):
 * SIPWS_ERR_INVALID.
 */
SIPWS_API int sipws_conn_add_header(sipws_conn *conn, const char *name,
                                    size_t name_len, const char *value,
                                    size_t value_len);

/** A request as the server sees it: spans into the text that
 *  sipws_conn_request lends. Set |struct_size| before the call. */
typedef struct sipws_request {
  size_t struct_size;
  uint32_t is_upgrade; /* 1: WebSocket handshake; 0: plain HTTP */
  uint32_t has_origin; /* 0: no browser, by RFC 6455 section 4.2.1 */
  sipws_span method;   /* GET or HEAD */
  sipws_span target;   /* as sent */
  sipws_span path;     /* up to "?", not decoded; never empty */
  sipws_span query;    /* after "?" */
  sipws_span host;     /* of an absolute target, else of the Host header; may
                          be empty in HTTP/1.0 */
  sipws_span origin;   /* of the Origin header */
} sipws_request;

/** The request that awaits a verdict; readable until accept or reject returns.
 *  |text| is the whole head. Errors: SIPWS_ERR_STATE. */
SIPWS_API int sipws_conn_request(const sipws_conn *conn, const char **text,
                                 size_t *text_len, sipws_request *view);

/*
 * The peer's head: the request's at a server (until accept or reject returns),
 * the answer's at a client (from open or refused until the next feed,
 * next_event or free). SIPWS_ERR_NOT_FOUND past the last; SIPWS_ERR_STATE when
 * there is none.
 */

/** The value of the |index|th header line named |name|, in any case. */
SIPWS_API int sipws_conn_header(const sipws_conn *conn, const char *name,
                                size_t name_len, uint32_t index,
                                const char **value, size_t *value_len);
/** The |index|th header line of all. */
SIPWS_API int sipws_conn_header_at(const sipws_conn *conn, uint32_t index,
                                   const char **name, size_t *name_len,
                                   const char **value, size_t *value_len);
/** Server: the |index|th cookie, of all Cookie headers; quotes are kept. */
SIPWS_API int sipws_conn_cookie_at(const sipws_conn *conn, uint32_t index,
                                   const char **name, size_t *name_len,
                                   const char **value, size_t *value_len);
/** Server: the |index|th subprotocol that the client offers. */
SIPWS_API int sipws_conn_offered_at(const sipws_conn *conn, uint32_t index,
                                    const char **name, size_t *name_len);
/** The body's first part that came with a refusal (client). */
SIPWS_API int sipws_conn_refusal_body(const sipws_conn *conn, const char **body,
                                      size_t *len);

/**
 * Server: takes the handshake. Called from on_request, or at any time until
 * SIPWS_TIMER_VERDICT; a database may be asked meanwhile. |subprotocol|, if
 * |len| is not 0, is one of those offered; else the first offered one of our
 * list. Then answers 101 and is open; the open event follows.
 * Errors: SIPWS_ERR_STATE (no request awaits a verdict, or the peer left),
 * SIPWS_ERR_NOT_FOUND (subprotocol), SIPWS_ERR_INVALID (plain HTTP), NOMEM.
 */
SIPWS_API int sipws_conn_accept(sipws_conn *conn, const char *subprotocol,
                                size_t len, uint64_t now_ms);

/**
 * Server: answers with |status|, 200 to 599, headers added before, and |body|,
 * which is lent until closed; then closes. Also the way to answer plain HTTP
 * (200, with a page). HEAD gets no body. Errors: SIPWS_ERR_STATE, NOMEM.
 */
SIPWS_API int sipws_conn_reject(sipws_conn *conn, int status, const char *body,
                                size_t body_len, uint64_t now_ms);

/** The same with a body of |body_len| octets pulled from |body| as output is
 *  taken. |body_user| must live until closed. */
SIPWS_API int sipws_conn_reject_from(sipws_conn *conn, int status,
                                     sipws_body_fn body, uint64_t body_len,
                                     void *body_user, uint64_t now_ms);

/**
 * Server: a request that somebody else parsed, handed over in place of feeding
 * it: begin, one call a header, end. It is judged like one that was fed, and
 * raises the request event. |stream| 1: extended CONNECT of HTTP/2 or HTTP/3
 * (RFC 8441): no Key is needed, and accept and reject write no HTTP answer;
 * the caller does (200, or the status). Octets fed later are frames.
 * Errors: SIPWS_ERR_STATE (octets were fed already), SIPWS_ERR_TEXT, TOO_BIG,
 * NOMEM: the line is not taken. End: NOMEM, or SIPWS_ERR_HANDSHAKE when the
 * request was refused (the answer is pending; see sipws_conn_http_status).
 */
SIPWS_API int sipws_conn_take_request(sipws_conn *conn, const char *method,
                                      size_t method_len, const char *target,
                                      size_t target_len, int stream);
SIPWS_API int sipws_conn_take_header(sipws_conn *conn, const char *name,
                                     size_t name_len, const char *value,
                                     size_t value_len);
SIPWS_API int sipws_conn_take_end(sipws_conn *conn, uint64_t now_ms);

/* ------------------------------------------- octets in and octets out -- */

/**
 * Gives octets from the transport (cipher octets, with TLS). Takes all unless
 * an event waits to be pulled (pull until NONE, then feed), a verdict or the
 * rest of a request handed over is awaited, it is paused, or on_message stopped
 * it; |taken| tells how many, on failure too. Those left are given again,
 * first. Octets kept (see keep) go before them; |len| 0 works on those alone.
 * |data| is not written, nor read later.
 * Returns 0, SIPWS_ERR_CALLBACK, SIPWS_ERR_BUSY, SIPWS_ERR_FREED, or the fatal
 * error of the connection; then all octets count as taken and are ignored (RFC
 * 6455 section 7.1.7).
 */
SIPWS_API int sipws_conn_feed(sipws_conn *conn, const void *data, size_t len,
                              uint64_t now_ms, size_t *taken);

/** The same, but may alter the octets it takes, and may lend messages that lie
 *  in |data|: keep it until the event was pulled. The way without a copy. */
SIPWS_API int sipws_conn_feed_inplace(sipws_conn *conn, void *data, size_t len,
                                      uint64_t now_ms, size_t *taken);

/** Keeps a copy of octets that feed did not take, so that the caller's buffer
 *  is free (one buffer for all connections). They go first in the next feed.
 *  Errors: SIPWS_ERR_TOO_BIG (over SIPWS_LIMIT_INPUT_SIZE in all), NOMEM. */
SIPWS_API int sipws_conn_keep(sipws_conn *conn, const void *data, size_t len);

/** How many octets are kept. */
SIPWS_API size_t sipws_conn_kept(const sipws_conn *conn);

/** The transport ended cleanly: the peer sends no more. */
SIPWS_API int sipws_conn_eof(sipws_conn *conn, uint64_t now_ms);

/** The transport died; output is dropped. |reason| is the caller's number. */
SIPWS_API int sipws_conn_lost(sipws_conn *conn, int reason, uint64_t now_ms);

/**
 * Lends output: the octets after the first |skip| that were lent and not taken
 * yet. *len is 0 when there is none, and on errors. Each lent octet keeps
 * address and value until taken or free, whatever else is called, so a loop
 * over |skip| fills an iovec. Errors: SIPWS_ERR_NOT_SECURE, and these, which
 * are fatal: SIPWS_ERR_NOMEM, SIPWS_ERR_HOOK of a refusal's body, those of a
 * stage (TLS).
 */
SIPWS_API int sipws_conn_pending(sipws_conn *conn, size_t skip,
                                 const uint8_t **data, size_t *len);

/** |n| octets of what pending lent were written. */
SIPWS_API int sipws_conn_taken(sipws_conn *conn, size_t n, uint64_t now_ms);

/** What it wants now: a set of sipws_want bits, computed, never stored. */
SIPWS_API uint32_t sipws_conn_wants(const sipws_conn *conn);

/* ---------------------------------------------------------- hook pump -- */

/**
 * The transport is readable: receives through the hook into |scratch| (at least
 * 512 octets, the caller's, one a thread) and feeds, until the hook would block
 * or feed takes no more; what is not taken is kept. Call it also when
 * wants says FEED. |wants| gets sipws_conn_wants, on errors too (0 with
 * SIPWS_ERR_FREED); it may be NULL.
 * Returns 0; SIPWS_ERR_STATE without hooks; SIPWS_ERR_AGAIN: input is left,
 * call again without waiting for the transport (a fair share was read, or an
 * event waits); an error of feed; what the hook failed with: SIPWS_ERR_LOST, or
 * SIPWS_ERR_HOOK when it broke its contract.
 */
SIPWS_API int sipws_conn_readable(sipws_conn *conn, void *scratch,
                                  size_t scratch_len, uint64_t now_ms,
                                  uint32_t *wants);

/** The transport is writable: sends what is pending through the hook until it
 *  would block. Call it also after any call that may have made output. Returns
 *  as readable, with an error of pending in place of feed's, and not AGAIN. */
SIPWS_API int sipws_conn_writable(sipws_conn *conn, uint64_t now_ms,
                                  uint32_t *wants);

/* -------------------------------------------------------------- events -- */

/**
 * Pulls the next event: a SIPWS_EVENT_ number, NONE when there is none. What it
 * lends lives until the next feed, next_event or free; send, close, tick,
 * pending and taken leave it alone. Errors: SIPWS_ERR_STATE when the config has
 * callbacks.
 */
SIPWS_API int sipws_conn_next_event(sipws_conn *conn, int *event);

/* Details of the event pulled last; SIPWS_ERR_STATE when it is another. */
SIPWS_API int sipws_conn_event_message(const sipws_conn *conn, int *kind,
                                       const char **msg, size_t *len,
                                       int *verdict);
SIPWS_API int sipws_conn_event_keepalive(const sipws_conn *conn, int *kind,
                                         uint64_t *rtt_ms);
SIPWS_API int sipws_conn_event_notice(const sipws_conn *conn, int *notice,
                                      uint64_t *value);
SIPWS_API int sipws_conn_event_sent(const sipws_conn *conn, uint64_t *seq);

/* ------------------------------------------------------------ messages -- */

/** Flags of send. By default SIP goes as text if it is UTF-8, else as binary
 *  (RFC 7118 section 4.2). */
enum sipws_send_flag {
  SIPWS_SEND_TEXT = 1,
  SIPWS_SEND_BINARY = 2,
  SIPWS_SEND_UNCHECKED = 4 /* do not parse it: the caller did, or wants to */
};

/**
 * Queues one message. |msg| is |len| octets (opaque: 0 is fine), copied before
 * return and never altered. With profile SIP it must be exactly one SIP
 * message. A client may send from creation on; nothing leaves before the 101
 * (RFC 6455 section 4.1). |seq|, which may be NULL, gets its number, counted
 * from 1: a message is settled by the sent event that reaches it, by
 * SIPWS_NOTICE_EXPIRED, or by closed, once.
 * Returns 0, or one of these, and then nothing was queued:
 *   SIPWS_ERR_STATE       not open (a server before accept, or a client that
 *                         offers several profiles before open)
 *   SIPWS_ERR_QUEUE_FULL  wait for writable
 *   SIPWS_ERR_TOO_BIG     longer than SIPWS_LIMIT_MESSAGE_SIZE
 *   SIPWS_ERR_NOT_SIP     not one SIP message, or its Content-Length is wrong
 *   SIPWS_ERR_SIPS        sipws_sip_is_sips (sip.h) on a connection not secure
 *   SIPWS_ERR_TEXT        SIPWS_SEND_TEXT, it fits, and it is not UTF-8
 *   SIPWS_ERR_NOMEM       the allocator refused
 *   a fatal error         SIPWS_ERR_CLOSED once closing has begun
 */
SIPWS_API int sipws_conn_send(sipws_conn *conn, const void *msg, size_t len,
                              uint32_t flags, uint64_t now_ms, uint64_t *seq);

/** The longest message that send would take now; 0 while it takes none. With
 *  fixed buffers it may take less: pieces do not wrap. */
SIPWS_API size_t sipws_conn_room(const sipws_conn *conn);

/** Octets queued and not taken yet. */
SIPWS_API size_t sipws_conn_queued(const sipws_conn *conn);

/** Sends a ping with |len| octets, 0 to 125; its pong raises a keep-alive event
 *  with the round trip. One at a time: SIPWS_ERR_QUEUE_FULL while one of ours
 *  is still queued. Errors: SIPWS_ERR_STATE, NOMEM. */
SIPWS_API int sipws_conn_ping(sipws_conn *conn, const void *data, size_t len,
                              uint64_t now_ms);

/** Sends a CRLFCRLF (RFC 5626 section 3.5.1). Errors as ping. */
SIPWS_API int sipws_conn_ping_crlf(sipws_conn *conn, uint64_t now_ms);

/**
 * Stops delivery: no further message is delivered or taken, and READ is not
 * wanted; control frames fed ahead of the next data frame are still handled.
 * Pong, CRLF and idle deadlines stand still; those of close and stall run.
 * Pausing twice is pausing once.
 */
SIPWS_API int sipws_conn_pause(sipws_conn *conn, uint64_t now_ms);
/** Ends it; then feed again, or readable if octets are kept. */
SIPWS_API int sipws_conn_resume(sipws_conn *conn, uint64_t now_ms);

/* ------------------------------------------------------------- closing -- */

enum sipws_close_mode {
  SIPWS_CLOSE_GRACEFUL = 0, /* input is delivered until the peer's Close */
  SIPWS_CLOSE_NOWAIT = 1    /* done once our Close is taken */
};

/**
 * Starts the closing handshake, behind all data queued before. |code| as
 * sipws_close_code_is_valid, not 1010 at a server, or 0 for a Close without
 * one; |reason| is UTF-8 of 0 to 123 octets. SIPWS_TIMER_CLOSE counts from
 * here. Before open it gives up: a client's connection closes at once, a
 * server's answers 503 if it can. Errors: SIPWS_ERR_STATE (closing already),
 * SIPWS_ERR_TEXT, NOMEM.
 */
SIPWS_API int sipws_conn_close(sipws_conn *conn, uint16_t code,
                               const char *reason, size_t len, int mode,
                               uint64_t now_ms);

/** Drops everything at once; the closed event follows. */
SIPWS_API int sipws_conn_abort(sipws_conn *conn, uint64_t now_ms);

/**
 * Server going down. One not open yet answers 503 with Retry-After:
 * |retry_s| to its upgrade; an open one closes gracefully with |code| (1001 or
 * 1012) at a random moment within |window_ms|, so that not all clients return
 * at once. All is over |window_ms| and SIPWS_TIMER_CLOSE from now.
 */
SIPWS_API int sipws_conn_drain(sipws_conn *conn, uint16_t code,
                               uint32_t retry_s, uint32_t window_ms,
                               uint64_t now_ms);

/* ---------------------------------------------------------------- time -- */

/** The next moment at which tick has something to do, in the caller's clock;
 *  UINT64_MAX for none. It may move later unannounced. */
SIPWS_API uint64_t sipws_conn_deadline(const sipws_conn *conn);

/** Does all that is due. Early or late is harmless. Returns 0, or the fatal
 *  error of the connection. */
SIPWS_API int sipws_conn_tick(sipws_conn *conn, uint64_t now_ms);

/* ------------------------------------------------------- introspection -- */

SIPWS_API int sipws_conn_role(const sipws_conn *conn);
SIPWS_API int sipws_conn_state(const sipws_conn *conn);
/** What feed and send return from now on: 0 while it lives, then the error that
 *  struck first; SIPWS_ERR_CLOSED after a closing handshake. See the cause. */
SIPWS_API int sipws_conn_error(const sipws_conn *conn);
/** A SIPWS_CAUSE_ number. */
SIPWS_API int sipws_conn_cause(const sipws_conn *conn);
/** The timer that failed it (cause TIMEOUT), a SIPWS_TIMER_ number. */
SIPWS_API int sipws_conn_timer(const sipws_conn *conn);
/** The number given to lost, or returned by the transport hook that failed. */
SIPWS_API int sipws_conn_lost_reason(const sipws_conn *conn);
/** RFC 6455 section 7.1.5: of the first Close received; 1005 if it had none;
 *  1006 if no Close came. 0 while none came and it is not over. */
SIPWS_API uint16_t sipws_conn_close_code(const sipws_conn *conn);
/** The reason in that Close, UTF-8; not to be shown to end users (RFC 6455
 *  section 5.5.1). Lives until free. */
SIPWS_API int sipws_conn_close_reason(const sipws_conn *conn,
                                      const char **reason, size_t *len);
/** The code of the Close that we sent or queued, 0 if none. */
SIPWS_API uint16_t sipws_conn_our_close_code(const sipws_conn *conn);
/** The status of the handshake's answer, theirs or ours; 0 before. */
SIPWS_API int sipws_conn_http_status(const sipws_conn *conn);
/** The subprotocol agreed; empty if none. Lives until free. */
SIPWS_API int sipws_conn_subprotocol(const sipws_conn *conn, const char **name,
                                     size_t *len);
/** Its SIPWS_PROFILE_ number. */
SIPWS_API int sipws_conn_profile(const sipws_conn *conn);
/** The URL of a client, as given, written back from its parts (a proxy
 *  configuration script asks for it, RFC 6455 section 4.1). */
SIPWS_API int sipws_conn_url(const sipws_conn *conn, const char **url,
                             size_t *len);
/** Octets cut from the message delivered last (SIPWS_SIP_CUT). */
SIPWS_API size_t sipws_conn_cut(const sipws_conn *conn);
/** The last message wholly taken; 0 if none. */
SIPWS_API uint64_t sipws_conn_sent_seq(const sipws_conn *conn);
/** The last message of which an octet was lent. After closed: up to sent_seq
 *  it left; above begun_seq it never did and is safe to send elsewhere;
 *  between, nobody knows. */
SIPWS_API uint64_t sipws_conn_begun_seq(const sipws_conn *conn);
/** The last sequence number given. */
SIPWS_API uint64_t sipws_conn_last_seq(const sipws_conn *conn);
/** Octets of one connection's own structures, without its buffers. */
SIPWS_API size_t sipws_conn_footprint(void);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_SIPWS_H */
