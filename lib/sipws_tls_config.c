/* tls: a config's life and its plain settings. */
#include "sipws_tls.h"

#include <mbedtls/entropy.h>
#include <string.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3) || defined(MBEDTLS_USE_PSA_CRYPTO)
#define CONFIG_HAS_PSA 1
#include <psa/crypto.h>
#endif

#define CONFIG_LIFETIME 86400
/* RFC 8446 section 4.6.1: seven days. */
#define CONFIG_LIFETIME_MAX 604800

/* ---- what is negotiated ---- */

/* Forward secrecy and authenticated encryption only; the fastest first, as
 * measured in Debian's build with AES instructions (records of 1,200 octets:
 * 288, 160 and 152 MB/s). */
static const int config_suites[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0};

/* The last one is there for certificates: mbedTLS asks the same list. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
static const mbedtls_ecp_group_id config_groups[] = {
    MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1, MBEDTLS_ECP_DP_NONE};

/* 2.28 would sign with SHA-1 too (RFC 9155). */
static const int config_hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384,
                                    MBEDTLS_MD_SHA512, MBEDTLS_MD_NONE};

static void config_set_versions(mbedtls_ssl_config *ssl) {
  mbedtls_ssl_conf_min_version(ssl, MBEDTLS_SSL_MAJOR_VERSION_3,
                               MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_curves(ssl, config_groups);
  mbedtls_ssl_conf_sig_hashes(ssl, config_hashes);
}
#else
static const uint16_t config_groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

/* PKCS #1 ahead of PSS: 3.6.6 offers PSS to a server of TLS 1.2 and then does
 * not take it. */
static const uint16_t config_signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
    MBEDTLS_TLS1_3_SIG_NONE};

static void config_set_versions(mbedtls_ssl_config *ssl) {
  mbedtls_ssl_conf_min_tls_version(ssl, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_groups(ssl, config_groups);
  mbedtls_ssl_conf_sig_algs(ssl, config_signatures);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
  /* not by a ticket's key alone: that has no forward secrecy */
  mbedtls_ssl_conf_tls13_key_exchange_modes(
      ssl, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
#endif
}
#endif

/* RSA from 2,048 bits, ECDSA from 256, SHA-2. */
static const mbedtls_x509_crt_profile config_profile = {
    MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_RSA) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_RSASSA_PSS) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECKEY) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECDSA),
    MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1) |
        MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP521R1),
    2048};

int sipws__tls_random(void *user, unsigned char *out, size_t len) {
  const sipws_tls_config *config = user;
  return config->random(out, len, config->random_user) != 0
             ? MBEDTLS_ERR_ENTROPY_SOURCE_FAILED
             : 0;
}

/* ---- sessions ---- */

static int config_set_server_sessions(sipws_tls_config *config,
                                      uint32_t seconds) {
  mbedtls_ssl_config *ssl = &config->ssl;
  int ret = 0;
  mbedtls_ssl_conf_session_tickets_cb(ssl, NULL, NULL, NULL);
  mbedtls_ssl_conf_session_cache(ssl, NULL, NULL, NULL);
  mbedtls_ssl_ticket_free(&config->tickets);
  mbedtls_ssl_ticket_init(&config->tickets);
  if (seconds > 0) {
    ret = mbedtls_ssl_ticket_setup(&config->tickets, sipws__tls_random, config,
                                   MBEDTLS_CIPHER_AES_256_GCM, seconds);
  }
  if (seconds > 0 && ret == 0) {
    mbedtls_ssl_cache_set_timeout(&config->cache, (int)seconds);
    mbedtls_ssl_conf_session_tickets_cb(ssl, mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse,
                                        &config->tickets);
    mbedtls_ssl_conf_session_cache(ssl, &config->cache, mbedtls_ssl_cache_get,
                                   mbedtls_ssl_cache_set);
  }
  return ret;
}

static void config_set_client_sessions(mbedtls_ssl_config *ssl,
                                       uint32_t seconds) {
  mbedtls_ssl_conf_session_tickets(
      ssl, seconds > 0 ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                       : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
      ssl, seconds > 0
               ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
               : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
#endif
}

static int config_set_sessions(sipws_tls_config *config, uint32_t seconds) {
  int ret = 0;
  if (config->role == SIPWS_SERVER) {
    ret = config_set_server_sessions(config, seconds);
  } else {
    config_set_client_sessions(&config->ssl, seconds);
  }
  config->resumes = seconds > 0 && ret == 0;
  return ret;
}

/* ---- life ---- */

/* TLS 1.3 needs PSA's keys and random octets, which are the process's. */
static int config_start_psa(void) {
#if defined(CONFIG_HAS_PSA)
  psa_status_t status = psa_crypto_init();
  if (status != PSA_SUCCESS) {
    return status == PSA_ERROR_INSUFFICIENT_MEMORY ? SIPWS_ERR_NOMEM
                                                   : SIPWS_ERR_RANDOM;
  }
#endif
  return 0;
}

static int config_init(sipws_tls_config *config) {
  mbedtls_ssl_config *ssl = &config->ssl;
  int is_server = config->role == SIPWS_SERVER;
  int ret = mbedtls_ssl_config_defaults(
      ssl, is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
      MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  config_set_versions(ssl);
  mbedtls_ssl_conf_ciphersuites(ssl, config_suites);
  mbedtls_ssl_conf_cert_profile(ssl, &config_profile);
  mbedtls_ssl_conf_rng(ssl, sipws__tls_random, config);
  mbedtls_ssl_conf_ca_chain(ssl, &config->ca, NULL);
  config->protocols[0] = "http/1.1"; /* RFC 7301; RFC 6455 is HTTP/1.1 */
  if (ret == 0) {
    ret = mbedtls_ssl_conf_alpn_protocols(ssl, config->protocols);
  }
  if (is_server) {
    mbedtls_ssl_conf_sni(ssl, sipws__tls_choose, config);
  }
  return ret == 0 ? config_set_sessions(config, CONFIG_LIFETIME) : ret;
}

static void config_destroy(sipws_tls_config *config) {
  struct sipws__mem mem = config->mem;
  mbedtls_ssl_config_free(&config->ssl);
  mbedtls_ssl_ticket_free(&config->tickets);
  mbedtls_ssl_cache_free(&config->cache);
  sipws__tls_trust_free(config);
  sipws__tls_identity_free(config);
  sipws__mem_free(&mem, config, sizeof *config);
}

int sipws_tls_config_new(int role, sipws_alloc_fn alloc, void *alloc_user,
                         sipws_random_fn random, void *random_user,
                         sipws_tls_config **config) {
  struct sipws__mem mem;
  sipws_tls_config *made;
  int err;
  if (config == NULL || (role != SIPWS_CLIENT && role != SIPWS_SERVER)) {
    return SIPWS_ERR_INVALID;
  }
  if (random == NULL) {
    return SIPWS_ERR_NO_RANDOM;
  }
  err = config_start_psa();
  if (err != 0) {
    return err;
  }
  sipws__mem_init(&mem, alloc, alloc_user);
  made = sipws__mem_new(&mem, sizeof *made);
  if (made == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  memset(made, 0, sizeof *made);
  made->mem = mem;
  made->random = random;
  made->random_user = random_user;
  made->refs = 1;
  made->role = (uint8_t)role;
  mbedtls_ssl_config_init(&made->ssl);
  mbedtls_x509_crt_init(&made->ca);
  mbedtls_ssl_ticket_init(&made->tickets);
  mbedtls_ssl_cache_init(&made->cache);
  err = config_init(made);
  if (err != 0) {
    err = sipws__tls_config_fail(made, sipws__tls_reason_of_number(err), err);
    config_destroy(made);
    return err;
  }
  *config = made;
  return 0;
}

void sipws_tls_config_free(sipws_tls_config *config) {
  if (config != NULL) {
    sipws__tls_config_drop(config);
  }
}

/* ---- references: connections of any thread share a config ---- */

static uint32_t config_count(sipws_tls_config *config, uint32_t step) {
#if defined(__GNUC__)
  return __atomic_add_fetch(&config->refs, step, __ATOMIC_ACQ_REL);
#else
  return config->refs += step;
#endif
}

void sipws__tls_config_hold(sipws_tls_config *config) {
  (void)config_count(config, 1);
#if defined(__GNUC__)
  __atomic_store_n(&config->is_used, 1, __ATOMIC_RELAXED);
#else
  config->is_used = 1;
#endif
}

void sipws__tls_config_drop(sipws_tls_config *config) {
  if (config_count(config, UINT32_MAX) == 0) {
    config_destroy(config);
  }
}

/* ---- setters ---- */

int sipws__tls_config_check(const sipws_tls_config *config) {
  if (config == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return config->is_used ? SIPWS_ERR_STATE : 0;
}

int sipws__tls_config_fail(sipws_tls_config *config, int reason, int native) {
  config->reason = reason;
  config->native_error = native;
  return sipws__tls_error_of(reason);
}

int sipws__tls_config_is_ready(const sipws_tls_config *config) {
  if (config->role == SIPWS_CLIENT) {
    return config->has_ca || config->pin != NULL || config->is_insecure;
  }
  return config->identity != NULL &&
         (config->has_ca || config->client_cert != SIPWS_TLS_CLIENT_REQUIRED);
}

int sipws_tls_config_set_client_cert(sipws_tls_config *config, int mode) {
  static const int modes[] = {MBEDTLS_SSL_VERIFY_NONE,
                              MBEDTLS_SSL_VERIFY_OPTIONAL,
                              MBEDTLS_SSL_VERIFY_REQUIRED};
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (config->role != SIPWS_SERVER || mode < SIPWS_TLS_CLIENT_NONE ||
      mode > SIPWS_TLS_CLIENT_REQUIRED) {
    return SIPWS_ERR_INVALID;
  }
  config->client_cert = (uint8_t)mode;
  mbedtls_ssl_conf_authmode(&config->ssl, modes[mode]);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS)
  /* mbedTLS's tickets of TLS 1.3 do not tell whose they are */
  mbedtls_ssl_conf_new_session_tickets(&config->ssl,
                                       mode == SIPWS_TLS_CLIENT_NONE);
#endif
  return 0;
}

int sipws_tls_config_set_insecure_no_verification(sipws_tls_config *config,
                                                  int on) {
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (config->role != SIPWS_CLIENT || (on != 0 && on != 1)) {
    return SIPWS_ERR_INVALID;
  }
  config->is_insecure = (uint8_t)on;
  mbedtls_ssl_conf_authmode(&config->ssl, on ? MBEDTLS_SSL_VERIFY_NONE
                                             : MBEDTLS_SSL_VERIFY_REQUIRED);
  return 0;
}

int sipws_tls_config_set_session_lifetime(sipws_tls_config *config,
                                          uint32_t seconds) {
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (seconds > CONFIG_LIFETIME_MAX) {
    return SIPWS_ERR_INVALID;
  }
  err = config_set_sessions(config, seconds);
  return err == 0 ? 0
                  : sipws__tls_config_fail(
                        config, sipws__tls_reason_of_number(err), err);
}

int sipws_tls_config_reason(const sipws_tls_config *config) {
  return config == NULL ? SIPWS_ERR_INVALID : config->reason;
}

int sipws_tls_config_native_error(const sipws_tls_config *config) {
  return config == NULL ? SIPWS_ERR_INVALID : config->native_error;
}
