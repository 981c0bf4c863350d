/*
 * sipws: wss, by mbedTLS (2.28 or 3.6). A library of its own, libsipws-tls, so
 * that libsipws needs no TLS.
 *
 * A TLS config is made once; attaching it to a connection puts TLS between that
 * connection and its transport (see sipws/stage.h). Nothing else of a caller's
 * loop changes: feed and pending then speak of cipher octets.
 *
 *     sipws_tls_config_new(SIPWS_CLIENT, NULL, NULL, sipws_os_random, NULL,
 *                          &tls);
 *     sipws_tls_config_add_system_ca(tls);
 *     …
 *     sipws_client_new(config, "wss://sip.example.com/", 22, user, now, &conn);
 *     sipws_tls_attach(tls, conn);
 *
 * What is checked, by default: a client takes a server whose certificate chain
 * ends at a CA it was given, is in its time, has keys of 2048 (RSA) or 256 bits
 * (ECDSA) or more and hashes of SHA-2, and names the host of the connection's
 * URL, DNS name or address (RFC 7118 section 9.1: as HTTPS does, not RFC 5922).
 * TLS 1.2 at least, 1.3 where mbedTLS has it; suites with forward secrecy and
 * authenticated encryption only; ALPN http/1.1; no renegotiation, no
 * compression.
 *
 * A failure is SIPWS_ERR_TLS with the cause SIPWS_CAUSE_TLS, and
 * sipws_tls_reason says what a person can do about it; without memory or random
 * octets it is SIPWS_ERR_NOMEM or SIPWS_ERR_RANDOM, where mbedTLS tells that: a
 * signature it had no memory to check is one that does not hold. A transport
 * that ended without close_notify is SIPWS_ERR_TRUNCATED (RFC 8446 section
 * 6.1).
 *
 * Memory: beside what libsipws says, a connection asks the config's allocator
 * for mbedTLS's context (736 octets with 2.28, 568 with 3.6, on 64 bits), 80
 * more and the host's name, and while output waits for one record; mbedTLS
 * takes its own from the C library's (some 35 KiB a connection with Debian's
 * 2.28, 41 with 3.6). Dates are checked by the C library's clock where mbedTLS
 * has one.
 *
 * Random octets come from the config's hook, but for TLS 1.3, where mbedTLS
 * takes keys from its own PSA generator, which the system seeds;
 * sipws_tls_config_new calls psa_crypto_init for that, which is harmless if the
 * program has done so.
 *
 * Threads: as for sipws.h: a TLS config is not written while connections use
 * it, its setters are called before. Tickets, sessions and RSA keys are shared;
 * mbedTLS guards them, and PSA, when it is built with threads, as Debian's is
 * and 3.6 by itself is not.
 *
 * Functions on a connection return SIPWS_ERR_NOT_FOUND when no TLS is attached,
 * and SIPWS_ERR_STATE before the handshake is done, unless said otherwise.
 * Since 0.1.
 */
#ifndef SIPWS_TLS_H
#define SIPWS_TLS_H

#include <sipws/sipws.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sipws_tls_config sipws_tls_config;

/** What went wrong, for a person. */
enum sipws_tls_reason {
  SIPWS_TLS_OK = 0,
  /* the peer's certificate */
  SIPWS_TLS_UNKNOWN_CA = 1,  /* its chain ends at no CA we were given */
  SIPWS_TLS_SELF_SIGNED = 2, /* likewise: it vouches for itself */
  SIPWS_TLS_EXPIRED = 3,
  SIPWS_TLS_NOT_YET_VALID = 4, /* or our clock is wrong */
  SIPWS_TLS_WRONG_NAME = 5,    /* it names another host */
  SIPWS_TLS_WEAK = 6,          /* key too small, or a hash that is broken */
  SIPWS_TLS_REVOKED = 7,
  SIPWS_TLS_BAD_USAGE = 8,       /* not for this purpose */
  SIPWS_TLS_BAD_CERTIFICATE = 9, /* it cannot be read, or is bad otherwise */
  SIPWS_TLS_NO_CERTIFICATE = 10, /* the peer sent none */
  SIPWS_TLS_PIN = 11,            /* none of the pinned keys is in its chain */
  /* the negotiation */
  SIPWS_TLS_NOT_TLS = 12,    /* the peer speaks something else */
  SIPWS_TLS_VERSION = 13,    /* no version in common: it knows none from 1.2 */
  SIPWS_TLS_NO_SUITE = 14,   /* no suite or curve in common */
  SIPWS_TLS_ALPN = 15,       /* it insists on another protocol than http/1.1 */
  SIPWS_TLS_ALERT = 16,      /* the peer refused: sipws_tls_alert says why */
  SIPWS_TLS_BAD_RECORD = 17, /* forged, damaged, or out of order */
  /* ourselves */
  SIPWS_TLS_MEMORY = 18,
  SIPWS_TLS_RANDOM = 19,
  SIPWS_TLS_FILE = 20,      /* config: it cannot be opened or read */
  SIPWS_TLS_NO_PEM = 21,    /* config: nothing of the kind in it */
  SIPWS_TLS_KEY = 22,       /* config: not a key, or its password is wrong */
  SIPWS_TLS_MISMATCH = 23,  /* config: the key is not the certificate's */
  SIPWS_TLS_OTHER = 24,     /* see sipws_tls_native_error */
  SIPWS_TLS_TRUNCATED = 25, /* the transport ended before TLS did */
  SIPWS_TLS_BAD_CRL = 26    /* a CRL is out of date, or bad in another way */
};

/** One line on |reason| for a person, with what to do; a static C string. */
SIPWS_API const char *sipws_tls_reason_text(int reason);

/* -------------------------------------------------------------- config -- */

/**
 * Makes a config for one role. |alloc| NULL: the C library's; |random| is
 * required (sipws_os_random). Errors: SIPWS_ERR_NO_RANDOM, SIPWS_ERR_RANDOM,
 * SIPWS_ERR_NOMEM.
 */
SIPWS_API int sipws_tls_config_new(int role, sipws_alloc_fn alloc,
                                   void *alloc_user, sipws_random_fn random,
                                   void *random_user,
                                   sipws_tls_config **config);

/**
 * Gives it up. Connections that use it go on; the memory goes with the last of
 * them. So a server changes certificates without dropping anybody: it makes a
 * new config for connections to come and frees the old one at once. NULL is
 * fine.
 */
SIPWS_API void sipws_tls_config_free(sipws_tls_config *config);

/*
 * Setters; to be called before the first attach, else SIPWS_ERR_STATE; one that
 * is for the other role is SIPWS_ERR_INVALID. Texts are PEM or DER, copied;
 * paths need no NUL. Errors: SIPWS_ERR_TLS, and then sipws_tls_config_reason
 * and sipws_tls_config_native_error tell more, and nothing was added;
 * SIPWS_ERR_NOMEM.
 */

/**
 * Whom to trust: CAs from memory, from a file, from every file of a directory,
 * or from where Debian, Fedora, Alpine, FreeBSD … keep those of the system
 * (SIPWS_TLS_FILE if none of these is there). Those that cannot be read are
 * passed over if others can. A client needs one of these, or a pin, and a
 * server that requires client certificates too, or attach fails with
 * SIPWS_ERR_STATE.
 */
SIPWS_API int sipws_tls_config_add_ca(sipws_tls_config *config,
                                      const void *data, size_t len);
SIPWS_API int sipws_tls_config_add_ca_file(sipws_tls_config *config,
                                           const char *path, size_t len);
SIPWS_API int sipws_tls_config_add_ca_dir(sipws_tls_config *config,
                                          const char *path, size_t len);
SIPWS_API int sipws_tls_config_add_system_ca(sipws_tls_config *config);

/**
 * What these CAs, and those below them, revoked: CRLs (RFC 5280 section 5) from
 * memory or from a file, where nothing may stand behind the last one. A CA
 * without one has revoked nothing. One whose CRL is out of date or not signed
 * by it vouches for nobody (SIPWS_TLS_BAD_CRL): fetch them in time, and make a
 * new config. mbedTLS reads none with critical extensions, as those have that
 * list a part of the certificates or what changed.
 */
SIPWS_API int sipws_tls_config_add_crl(sipws_tls_config *config,
                                       const void *data, size_t len);
SIPWS_API int sipws_tls_config_add_crl_file(sipws_tls_config *config,
                                            const char *path, size_t len);

/**
 * Who we are: a certificate chain, leaf first, and its key, RSA or ECDSA;
 * |password| decrypts the key (2.28 reads those of "openssl ec -aes128", but
 * not PKCS #8 with AES). A server needs at least one, or attach fails with
 * SIPWS_ERR_STATE; of several the client's SNI picks those that have it among
 * their DNS names, or without a match the first of all, with those for the same
 * name; and of these the first whose kind of key the client can check. A client
 * shows its first when asked (RFC 7118 section 7).
 */
SIPWS_API int sipws_tls_config_add_identity(sipws_tls_config *config,
                                            const void *chain, size_t chain_len,
                                            const void *key, size_t key_len,
                                            const char *password,
                                            size_t password_len);
SIPWS_API int sipws_tls_config_add_identity_files(
    sipws_tls_config *config, const char *chain_path, size_t chain_path_len,
    const char *key_path, size_t key_path_len, const char *password,
    size_t password_len);

enum sipws_tls_client_cert {
  SIPWS_TLS_CLIENT_NONE = 0,     /* do not ask; the default */
  SIPWS_TLS_CLIENT_OPTIONAL = 1, /* ask; without one, or with one that fails
                                    the checks, the handshake goes on:
                                    sipws_tls_is_verified tells */
  SIPWS_TLS_CLIENT_REQUIRED = 2  /* refuse without a good one */
};

/** Server: whether clients show a certificate; CAs as above. TLS 1.3 then
 *  resumes no sessions: mbedTLS would not know any more whose they are. */
SIPWS_API int sipws_tls_config_set_client_cert(sipws_tls_config *config,
                                               int mode);

/**
 * Client: a key that must stand in the server's chain: the SHA-256 of a
 * SubjectPublicKeyInfo, 32 octets. Of several, one must. With CAs set, both
 * must fit; without, the pin of the leaf's own key alone decides, and name and
 * dates are not looked at.
 */
SIPWS_API int sipws_tls_config_add_pin(sipws_tls_config *config,
                                       const uint8_t *sha256);

/**
 * Client: takes any server, without any check. Whoever stands in between reads
 * and changes all. For tests alone. |on| 1; 0 takes it back.
 */
SIPWS_API int
sipws_tls_config_set_insecure_no_verification(sipws_tls_config *config, int on);

/** Server: lifetime of session tickets in seconds, and of sessions kept by id
 *  (the latest 50); 0 (no resumption) to 604,800 (RFC 8446 section 4.6.1);
 *  86,400. Client: 0 takes no session. Errors: SIPWS_ERR_RANDOM too. */
SIPWS_API int sipws_tls_config_set_session_lifetime(sipws_tls_config *config,
                                                    uint32_t seconds);

/** The reason of the last setter that failed, and mbedTLS's number for it (0 if
 *  it is not its). */
SIPWS_API int sipws_tls_config_reason(const sipws_tls_config *config);
SIPWS_API int sipws_tls_config_native_error(const sipws_tls_config *config);

/* ---------------------------------------------------------- connection -- */

/**
 * Puts TLS below |conn|, whose role must be the config's. A client's URL must
 * be a wss one: its host is the SNI (if it is a name) and what the certificate
 * must name. When the handshake is done the connection counts as secure.
 * Errors: SIPWS_ERR_URL (a ws URL), SIPWS_ERR_STATE (see above, or as
 * sipws_conn_add_stage), SIPWS_ERR_INVALID (another role), SIPWS_ERR_NOMEM.
 */
SIPWS_API int sipws_tls_attach(sipws_tls_config *config, sipws_conn *conn);

/** Client, right after attach: another host than the URL's, for SNI and the
 *  check, written as there. Errors: SIPWS_ERR_TEXT (no host), SIPWS_ERR_STATE
 *  (also after set_session), NOMEM. */
SIPWS_API int sipws_tls_set_name(sipws_conn *conn, const char *name,
                                 size_t len);

/**
 * Client, right after attach: a session of an earlier connection to the same
 * server, to be resumed if the server still knows it. As it stands for the
 * check done then, it is bound to the name, the CAs, CRLs, pins and identities
 * of the config, in their order, and to whether there was a check. One that is
 * for others, or does not fit this library, is SIPWS_ERR_TLS, and does no harm.
 */
SIPWS_API int sipws_tls_set_session(sipws_conn *conn, const void *session,
                                    size_t len);

/** Client: this connection's session for set_session. It holds secrets, and
 *  whoever changes it passes for the server: keep it as you keep a key. Take it
 *  late: with TLS 1.3 the server tells it after the handshake. Errors:
 *  SIPWS_ERR_BUFFER (|out_len| is told), SIPWS_ERR_NOT_FOUND: none yet. */
SIPWS_API int sipws_tls_session(const sipws_conn *conn, void *out,
                                size_t out_size, size_t *out_len);

/* What happened; any time, also after closed. */
SIPWS_API int sipws_tls_reason(const sipws_conn *conn);
/** mbedTLS's own number, 0 if none, such as -0x2700. */
SIPWS_API int sipws_tls_native_error(const sipws_conn *conn);
/** The description in the fatal alert received (RFC 8446 section 6), -1 if none
 *  came. */
SIPWS_API int sipws_tls_alert(const sipws_conn *conn);

/* What was agreed. */
/** 0x0303: TLS 1.2; 0x0304: TLS 1.3. */
SIPWS_API int sipws_tls_version(const sipws_conn *conn);
/** The suite's name, a static C string; NULL before. */
SIPWS_API const char *sipws_tls_suite(const sipws_conn *conn);
/** 1 when a session was resumed; 0 in any other case, errors included. */
SIPWS_API int sipws_tls_is_resumed(const sipws_conn *conn);
/** 1 when the peer's certificate passed all checks asked for; 0 in any other
 *  case, errors included. */
SIPWS_API int sipws_tls_is_verified(const sipws_conn *conn);
/** Server: the name in the client's SNI, empty if none; from the request event
 *  on. Lives as long as the connection. */
SIPWS_API int sipws_tls_server_name(const sipws_conn *conn, const char **name,
                                    size_t *len);

/* The peer's certificate: at a server from the request event on, so that a
 * verdict can rest on it. SIPWS_ERR_NOT_FOUND: it has shown none (or, resumed,
 * mbedTLS did not keep it). Believe it only when sipws_tls_is_verified. */

/** Its DER; lives as long as the connection. */
SIPWS_API int sipws_tls_peer_certificate(const sipws_conn *conn,
                                         const uint8_t **der, size_t *len);
/** Its subject, as "CN=alice, O=Example", in UTF-8, with what is special
 *  escaped (RFC 4514 section 2.4); SIPWS_ERR_BUFFER as in sip.h. */
SIPWS_API int sipws_tls_peer_subject(const sipws_conn *conn, char *out,
                                     size_t out_size, size_t *out_len);

enum sipws_tls_name_kind {
  SIPWS_TLS_NAME_DNS = 2,
  SIPWS_TLS_NAME_URI = 6, /* "sip:alice@example.com" */
  SIPWS_TLS_NAME_EMAIL = 1,
  SIPWS_TLS_NAME_IP = 7 /* 4 or 16 octets */
};

/** The |index|th of its subject alternative names of the kinds above, which
 *  |kind| tells; it lies in the DER. SIPWS_ERR_NOT_FOUND past the last. */
SIPWS_API int sipws_tls_peer_name_at(const sipws_conn *conn, uint32_t index,
                                     int *kind, const char **name, size_t *len);

/** The SHA-256 of its SubjectPublicKeyInfo, 32 octets, for add_pin. */
SIPWS_API int sipws_tls_peer_pin(const sipws_conn *conn, uint8_t *sha256);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_TLS_H */
