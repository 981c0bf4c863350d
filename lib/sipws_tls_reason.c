/* tls: mbedTLS's numbers, alerts and verify flags become reasons. */
#include "sipws_tls.h"

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#include <mbedtls/rsa.h>
#include <stddef.h>

/* ---- texts ---- */

const char *sipws_tls_reason_text(int reason) {
  static const char *const texts[] = {
      "no error",
      "its issuer is not trusted: add that CA, or have the whole chain sent",
      "the certificate is self-signed: add it as a CA, or pin its key",
      "the certificate has expired: renew it",
      "the certificate is not valid yet: look at both clocks",
      "the certificate names another host: connect by a name that it has",
      "a key is too small or a hash broken: issue the certificate anew",
      "the certificate was revoked",
      "the certificate is not meant for this use",
      "the certificate cannot be read, or is bad in another way",
      "the peer shows no certificate",
      "none of the pinned keys stands in the peer's chain",
      "the peer does not speak TLS: look at scheme and port",
      "the peer knows no TLS from version 1.2 on",
      "no cipher suite or curve in common",
      "the peer insists on another protocol than http/1.1",
      "the peer refused with an alert: its description says why",
      "a record or message is damaged, forged or out of order",
      "no memory",
      "no random octets",
      "a file cannot be read: look at its path and rights",
      "there is no certificate in it, or no CRL",
      "not a private key, or the password is wrong",
      "the private key is not the certificate's",
      "TLS failed: see the native error",
      "the transport ended before TLS did",
      "a CRL is out of date, or bad in another way: get the CA's latest"};
  return reason >= 0 && (size_t)reason < sizeof texts / sizeof texts[0]
             ? texts[reason]
             : "unknown reason";
}

int sipws__tls_error_of(int reason) {
  return reason == SIPWS_TLS_MEMORY   ? SIPWS_ERR_NOMEM
         : reason == SIPWS_TLS_RANDOM ? SIPWS_ERR_RANDOM
                                      : SIPWS_ERR_TLS;
}

/* ---- numbers ---- */

struct reason_entry {
  int native;
  int reason;
};

/* What 2.28 and 3.6 name differently has the same number in both, but where the
 * name is asked for: there it means something else in the other. */
static const struct reason_entry reason_numbers[] = {
    {MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, SIPWS_TLS_NO_CERTIFICATE},
    {MBEDTLS_ERR_SSL_INVALID_MAC, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_INVALID_RECORD, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_UNEXPECTED_RECORD, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_RSA_VERIFY_FAILED, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_ECP_VERIFY_FAILED, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_X509_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_PK_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_PEM_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_ECP_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_MD_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_CIPHER_ALLOC_FAILED, SIPWS_TLS_MEMORY},
    {MBEDTLS_ERR_RSA_RNG_FAILED, SIPWS_TLS_RANDOM},
    {MBEDTLS_ERR_ECP_RANDOM_FAILED, SIPWS_TLS_RANDOM},
#if defined(MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION) /* 3.6 */
    {MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, SIPWS_TLS_VERSION},
    {MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, SIPWS_TLS_NO_SUITE},
    {MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL, SIPWS_TLS_ALPN},
    {MBEDTLS_ERR_SSL_DECODE_ERROR, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, SIPWS_TLS_BAD_RECORD},
#endif
#if defined(MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION) /* 2.28 */
    {MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION, SIPWS_TLS_VERSION},
    {MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN, SIPWS_TLS_NO_SUITE},
    {MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE, SIPWS_TLS_NO_SUITE},
    {MBEDTLS_ERR_SSL_BAD_HS_CLIENT_HELLO, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_BAD_HS_SERVER_HELLO, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_BAD_HS_SERVER_KEY_EXCHANGE, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_BAD_HS_CLIENT_KEY_EXCHANGE, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE_VERIFY, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_BAD_HS_CHANGE_CIPHER_SPEC, SIPWS_TLS_BAD_RECORD},
    {MBEDTLS_ERR_SSL_BAD_HS_FINISHED, SIPWS_TLS_BAD_RECORD},
#endif
};

/* mbedTLS adds the number of a low-level module, 1 to 127, to that of a high
 * level one, which is a multiple of 128. */
int sipws__tls_number_high(int native) {
  return -(-native & ~0x7f);
}

int sipws__tls_reason_of_number(int native) {
  int high = sipws__tls_number_high(native);
  int low = native - high;
  size_t i;
  if (low == MBEDTLS_ERR_ENTROPY_SOURCE_FAILED) {
    return SIPWS_TLS_RANDOM;
  }
  if (low == MBEDTLS_ERR_MPI_ALLOC_FAILED ||
      low == MBEDTLS_ERR_ASN1_ALLOC_FAILED) {
    return SIPWS_TLS_MEMORY;
  }
  for (i = 0; i < sizeof reason_numbers / sizeof reason_numbers[0]; i++) {
    if (reason_numbers[i].native == high) {
      return reason_numbers[i].reason;
    }
  }
  return SIPWS_TLS_OTHER;
}

/* ---- verification ---- */

/* The first that matches is told: what must be seen to before the others. */
static const struct {
  uint32_t flags;
  int reason;
} reason_flags[] = {
    {MBEDTLS_X509_BADCERT_OTHER, SIPWS_TLS_PIN}, /* set by us alone */
    {MBEDTLS_X509_BADCERT_MISSING, SIPWS_TLS_NO_CERTIFICATE},
    {MBEDTLS_X509_BADCERT_NOT_TRUSTED, SIPWS_TLS_UNKNOWN_CA},
    {MBEDTLS_X509_BADCERT_REVOKED, SIPWS_TLS_REVOKED},
    {MBEDTLS_X509_BADCERT_EXPIRED, SIPWS_TLS_EXPIRED},
    {MBEDTLS_X509_BADCERT_FUTURE, SIPWS_TLS_NOT_YET_VALID},
    {MBEDTLS_X509_BADCERT_CN_MISMATCH, SIPWS_TLS_WRONG_NAME},
    {MBEDTLS_X509_BADCERT_BAD_KEY | MBEDTLS_X509_BADCERT_BAD_MD |
         MBEDTLS_X509_BADCERT_BAD_PK,
     SIPWS_TLS_WEAK},
    {MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
         MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
     SIPWS_TLS_BAD_USAGE},
    {MBEDTLS_X509_BADCRL_NOT_TRUSTED | MBEDTLS_X509_BADCRL_EXPIRED |
         MBEDTLS_X509_BADCRL_FUTURE | MBEDTLS_X509_BADCRL_BAD_MD |
         MBEDTLS_X509_BADCRL_BAD_PK | MBEDTLS_X509_BADCRL_BAD_KEY,
     SIPWS_TLS_BAD_CRL},
};

static int reason_of_verification(const struct sipws__tls *tls) {
  uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);
  size_t i;
  if (flags == UINT32_MAX) {
    return SIPWS_TLS_BAD_CERTIFICATE; /* it was not even looked at */
  }
  for (i = 0; i < sizeof reason_flags / sizeof reason_flags[0]; i++) {
    if ((flags & reason_flags[i].flags) != 0) {
      return reason_flags[i].reason == SIPWS_TLS_UNKNOWN_CA &&
                     tls->is_self_signed
                 ? SIPWS_TLS_SELF_SIGNED
                 : reason_flags[i].reason;
    }
  }
  return SIPWS_TLS_BAD_CERTIFICATE;
}

/* The peer's certificate was refused, or could not be parsed. */
static int reason_is_certificate(int native) {
  int high = sipws__tls_number_high(native);
  return high == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED ||
#if defined(MBEDTLS_ERR_SSL_BAD_CERTIFICATE)
         high == MBEDTLS_ERR_SSL_BAD_CERTIFICATE ||
#else
         high == MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE ||
#endif
         (high <= MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE &&
          high >= MBEDTLS_ERR_X509_FATAL_ERROR);
}

/* ---- alerts ---- */

/* A server that has nothing in common with us says handshake_failure in place
 * of its first message (RFC 5246 section 7.2.2). */
static int reason_of_alert(const struct sipws__tls *tls) {
  switch (tls->alert) {
  case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
    return tls->ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_HELLO
               ? SIPWS_TLS_NO_SUITE
               : SIPWS_TLS_ALERT;
  case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION:
    return SIPWS_TLS_VERSION;
  case MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY:
    return SIPWS_TLS_NO_SUITE;
  case MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL:
    return SIPWS_TLS_ALPN;
  default:
    return SIPWS_TLS_ALERT;
  }
}

int sipws__tls_reason_of(const struct sipws__tls *tls, int native) {
  int reason = sipws__tls_reason_of_number(native);
  if (tls->alert >= 0) {
    return reason_of_alert(tls);
  }
  /* 2.28 has no number of its own for it */
  if (tls->alert_told == MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL) {
    return SIPWS_TLS_ALPN;
  }
  return reason != SIPWS_TLS_MEMORY && reason != SIPWS_TLS_RANDOM &&
                 reason_is_certificate(native)
             ? reason_of_verification(tls)
             : reason;
}
