/*
 * sipws: locating a SIP server (RFC 3263, RFC 7984) that speaks WebSocket (RFC
 * 7118 section 5.5): from the next hop's URI to addresses, ports and
 * transports, in the order in which to try them.
 *
 * A state machine that knows no resolver: it tells which DNS questions to ask,
 * is told the answers, in any order, and hands out targets as soon as their
 * place in the order is certain. CNAMEs are the resolver's to follow.
 *
 *     sipws_locate_new(config, &locate);
 *     sipws_locate_uri(locate, text, &uri, 0);
 *     target.struct_size = sizeof target;
 *     while ((error = sipws_locate_next_target(locate, &target)) ==
 *            SIPWS_ERR_AGAIN) {
 *       while (sipws_locate_next_question(locate, &id, &type, &name, &len) ==
 *              0) { … ask it … }
 *       … wait for an answer: sipws_locate_add_srv (and the like) for each
 *       record, then sipws_locate_answered …
 *     }
 *     … connect; if that fails, or the request does (RFC 3263 section 4.3: a
 *     503, or no response), go back to the loop for the next target …
 *
 * How it goes
 *   Numeric host    no question: the host's address, the URI's port or the
 *                   default one.
 *   Explicit port   A and AAAA of the host, that port.
 *   transport=ws    SRV of the host under the labels of that transport; when
 *                   there are none, A and AAAA and the default port.
 *   None of these   NAPTR first. What it names goes to SRV; without a record
 *                   that is of use, SRV under the labels of every transport.
 *   Transport that nothing decides: that of the first service which suits. (RFC
 *   3263 says UDP for sip, TCP for sips: list such a service first.)
 *   A sips URI is served by secure services alone; no answer changes that. Of
 *   NAPTR records, whose order is binding (RFC 3403 section 4.1), those of the
 *   lowest order that are of use count, by preference. SRV records go by
 *   priority, then by weight (RFC 2782), drawn by the config's random hook. One
 *   whose target is "." says that the service is not there: then no default
 *   port is tried.
 *
 * Limits, so that hostile answers cost little: one search asks at most 41
 * questions, 32 at a time: 1 NAPTR, 8 SRV, A and AAAA of 16 servers. Of more
 * NAPTR records than 8, or SRV records than 16 in all, those that come first in
 * the order above are kept, of equal ones those added first; of the addresses
 * of one name 8 of each family. Records with a name that is none, with port 0,
 * or with a rule that is not for RFC 3263 (flags other than "s", a regular
 * expression) are passed over, as is a server that comes again.
 *
 * Memory: sipws_locate_footprint() octets, asked for once. An object serves one
 * search after another. Conventions are those of sipws.h; one call at a time
 * per object. Since 0.1.
 */
#ifndef SIPWS_LOCATE_H
#define SIPWS_LOCATE_H

#include <sipws/sip.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sipws_locate sipws_locate;

/* -------------------------------------------------------------- making -- */

/** Makes one with the allocator and the random hook of |config|, which outlives
 *  it. Errors: SIPWS_ERR_NO_RANDOM, SIPWS_ERR_NOMEM. */
SIPWS_API int sipws_locate_new(const sipws_config *config,
                               sipws_locate **locate);

/** Frees it; no answer may come after. NULL is fine. */
SIPWS_API void sipws_locate_free(sipws_locate *locate);

/** Octets of one. */
SIPWS_API size_t sipws_locate_footprint(void);

/**
 * Adds a service that the caller supports, in order of preference. The first
 * call replaces the default list:
 *
 *     SIP+D2W     _sip._ws      WS    80
 *     SIPS+D2W    _sips._ws     WSS   443
 *     SIPS+D2W    _sips._wss    WSS   443
 *
 * |service| is what NAPTR calls it (RFC 7118 section 10.2), 1 to 32 octets;
 * |label| stands before the domain in an SRV question, 1 to 64 octets. RFC 7118
 * names no label; those above are RFC 3263's pattern, and what many deploy.
 * |transport| is a SIPWS_TRANSPORT_ number, of which TLS and WSS are secure;
 * |port| its default one. At most 8, before the first search.
 * Errors: SIPWS_ERR_TEXT, SIPWS_ERR_TOO_BIG (the list is full),
 * SIPWS_ERR_STATE.
 */
SIPWS_API int sipws_locate_add_service(sipws_locate *locate,
                                       const char *service, size_t service_len,
                                       const char *label, size_t label_len,
                                       int transport, uint16_t port);

/** In which order the addresses of one name are tried. */
enum sipws_families {
  SIPWS_FAMILIES_IPV6_FIRST = 0, /* then by turns (RFC 8305 section 4) */
  SIPWS_FAMILIES_IPV4_FIRST = 1, /* likewise */
  SIPWS_FAMILIES_IPV6_ONLY = 2,  /* A is not asked */
  SIPWS_FAMILIES_IPV4_ONLY = 3   /* AAAA is not asked */
};

/** Default SIPWS_FAMILIES_IPV6_FIRST. A numeric host is tried whatever is set.
 *  Errors: SIPWS_ERR_STATE after the first search has begun. */
SIPWS_API int sipws_locate_set_families(sipws_locate *locate, int families);

/* ------------------------------------------------------------ searches -- */

/**
 * Begins a search for the next hop |uri|, a sip or sips URI of |text|: its
 * maddr if it has one, else its host. |secure| 1: a sip URI too is to be
 * reached securely, as if it were sips (so is one for which all services that
 * suit are secure). A search under way is forgotten, and answers to it, should
 * they still come, do nothing.
 * Errors, and then the search before goes on: SIPWS_ERR_NOT_FOUND: no service
 * suits the URI's transport and security; SIPWS_ERR_SYNTAX: its host is no
 * domain name (RFC 1035 section 2.3.1, underscores allowed), or its parameters
 * cannot be read; SIPWS_ERR_RANDOM; SIPWS_ERR_INVALID also for another scheme.
 */
SIPWS_API int sipws_locate_uri(sipws_locate *locate, const char *text,
                               const sipws_uri *uri, int secure);

/** The same for |host|, a name or an address, IPv6 with brackets or without;
 *  |port| 0: none; |transport| 0, SIPWS_TRANSPORT_OTHER: none. */
SIPWS_API int sipws_locate_host(sipws_locate *locate, const char *host,
                                size_t host_len, uint16_t port, int transport,
                                int secure);

/* ----------------------------------------------------------- questions -- */

/** The numbers are those of the DNS (class IN). */
enum sipws_question {
  SIPWS_QUESTION_A = 1,
  SIPWS_QUESTION_AAAA = 28,
  SIPWS_QUESTION_SRV = 33,
  SIPWS_QUESTION_NAPTR = 35
};

/**
 * A question to be asked, each once; in the order in which answers are wanted.
 * |id| goes with its answer. |name| is absolute, without the final dot, and
 * lent until the next search begins. SIPWS_ERR_NOT_FOUND: no question now; more
 * may come with an answer.
 */
SIPWS_API int sipws_locate_next_question(sipws_locate *locate, uint32_t *id,
                                         int *type, const char **name,
                                         size_t *name_len);

/*
 * Answers: each of its records, then sipws_locate_answered. Names are absolute,
 * with the final dot or without. SIPWS_ERR_NOT_FOUND: |id| is no question that
 * awaits an answer, as when it is of a former search; that is harmless.
 * SIPWS_ERR_INVALID also for a record that is not of the question's type.
 */

SIPWS_API int sipws_locate_add_naptr(sipws_locate *locate, uint32_t id,
                                     uint16_t order, uint16_t preference,
                                     const char *flags, size_t flags_len,
                                     const char *service, size_t service_len,
                                     const char *regexp, size_t regexp_len,
                                     const char *replacement,
                                     size_t replacement_len);

/** |target| "." and empty are the same. */
SIPWS_API int sipws_locate_add_srv(sipws_locate *locate, uint32_t id,
                                   uint16_t priority, uint16_t weight,
                                   uint16_t port, const char *target,
                                   size_t target_len);

/** |addr_len| 4 for A, 16 for AAAA. */
SIPWS_API int sipws_locate_add_address(sipws_locate *locate, uint32_t id,
                                       const uint8_t *addr, size_t addr_len);

/** The answer is whole: all records there are, be it none. |failed| 1: there is
 *  no answer (a timeout, SERVFAIL …); the search goes on with what was added.
 */
SIPWS_API int sipws_locate_answered(sipws_locate *locate, uint32_t id,
                                    int failed);

/* ------------------------------------------------------------- targets -- */

/** Where to connect to. Texts are not NUL-terminated. */
typedef struct sipws_target {
  size_t struct_size;
  uint32_t transport;  /* sipws_transport; TLS and WSS are secure */
  uint32_t port;       /* 1 to 65535 */
  uint32_t addr_len;   /* of |addr|: 4 or 16 */
  uint32_t host_len;   /* of |host| */
  uint32_t server_len; /* of |server| */
  uint8_t addr[16];
  char host[256];   /* the next hop's, IPv6 in brackets: for the ws URL, and the
                       name that the certificate must hold (RFC 6455 section
                       4.1). No answer changes it: DNS proves nothing */
  char server[256]; /* the name that |addr| is the address of */
} sipws_target;

/**
 * The next target. Errors: SIPWS_ERR_AGAIN: answers are awaited;
 * SIPWS_ERR_NOT_FOUND: there is none, or no more; SIPWS_ERR_STATE: no search
 * was begun. Errors leave |target| alone.
 */
SIPWS_API int sipws_locate_next_target(sipws_locate *locate,
                                       sipws_target *target);

/** How many questions of this search failed. When it is not 0 and no target is
 *  found, it may be worth a search later. */
SIPWS_API uint32_t sipws_locate_failures(const sipws_locate *locate);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_LOCATE_H */
