/* tls: certificates, CRLs and keys, PEM or DER, from memory or files. */
#include "sipws_tls.h"

#include <mbedtls/pem.h>
#include <mbedtls/platform_util.h>
#include <string.h>

/* ---- texts with a NUL, as mbedTLS wants paths, PEM and passwords ---- */

static char *load_copy(const sipws_tls_config *config,
                       const struct sipws__tls_source *source) {
  char *copy = sipws__mem_new(&config->mem, source->len + 1);
  if (copy != NULL) {
    if (source->len > 0) {
      memcpy(copy, source->text, source->len);
    }
    copy[source->len] = '\0';
  }
  return copy;
}

/* They may be secret. */
static void load_free(const sipws_tls_config *config,
                      const struct sipws__tls_source *source, char *copy) {
  if (copy != NULL) {
    mbedtls_platform_zeroize(copy, source->len);
    sipws__mem_free(&config->mem, copy, source->len + 1);
  }
}

/* mbedTLS tells PEM from DER by whether the NUL is counted. */
static size_t load_len(const struct sipws__tls_source *source,
                       const char *copy) {
  return source->len + (strstr(copy, "-----BEGIN ") != NULL);
}

/* ---- mbedTLS ---- */

static int load_chain_file(mbedtls_x509_crt *chain, const char *path) {
#if defined(MBEDTLS_FS_IO)
  return mbedtls_x509_crt_parse_file(chain, path);
#else
  return MBEDTLS_ERR_PK_FILE_IO_ERROR;
#endif
}

static int load_crl_file(mbedtls_x509_crl *crl, const char *path) {
#if defined(MBEDTLS_FS_IO)
  return mbedtls_x509_crl_parse_file(crl, path);
#else
  return MBEDTLS_ERR_PK_FILE_IO_ERROR;
#endif
}

static int load_key_file(sipws_tls_config *config, mbedtls_pk_context *key,
                         const char *path, const char *password) {
#if !defined(MBEDTLS_FS_IO)
  return MBEDTLS_ERR_PK_FILE_IO_ERROR;
#elif MBEDTLS_VERSION_NUMBER < 0x03000000
  (void)config;
  return mbedtls_pk_parse_keyfile(key, path, password);
#else
  return mbedtls_pk_parse_keyfile(key, path, password, sipws__tls_random,
                                  config);
#endif
}

static int load_key_text(sipws_tls_config *config, mbedtls_pk_context *key,
                         const char *text, size_t len, const char *password) {
  const unsigned char *octets = (const unsigned char *)text;
  const unsigned char *secret = (const unsigned char *)password;
  size_t secret_len = password != NULL ? strlen(password) : 0;
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  (void)config;
  return mbedtls_pk_parse_key(key, octets, len, secret, secret_len);
#else
  return mbedtls_pk_parse_key(key, octets, len, secret, secret_len,
                              sipws__tls_random, config);
#endif
}

/* ---- what failed ---- */

int sipws__tls_load_fail(sipws_tls_config *config, int native, int otherwise) {
  int reason = sipws__tls_reason_of_number(native);
  if (native == MBEDTLS_ERR_PK_FILE_IO_ERROR ||
      native == MBEDTLS_ERR_X509_FILE_IO_ERROR) {
    reason = SIPWS_TLS_FILE;
  } else if (reason != SIPWS_TLS_MEMORY && reason != SIPWS_TLS_RANDOM) {
    reason = otherwise;
  }
  return sipws__tls_config_fail(config, reason, native);
}

/* What has no PEM header is taken for DER, and fails in its first octets. */
static int load_reason(int native, int otherwise) {
  int high = sipws__tls_number_high(native);
  return high == MBEDTLS_ERR_X509_CERT_UNKNOWN_FORMAT ||
                 high == MBEDTLS_ERR_X509_INVALID_FORMAT ||
                 high == MBEDTLS_ERR_X509_BAD_INPUT_DATA
             ? SIPWS_TLS_NO_PEM
             : otherwise;
}

/* A copy of |source|, or NULL, and then |err| is set. */
static char *load_begin(sipws_tls_config *config,
                        const struct sipws__tls_source *source, int *err) {
  char *copy;
  if (source->is_path &&
      (source->len == 0 || memchr(source->text, 0, source->len) != NULL)) {
    *err = sipws__tls_config_fail(config, SIPWS_TLS_FILE, 0);
    return NULL;
  }
  copy = load_copy(config, source);
  if (copy == NULL) {
    *err = sipws__tls_config_fail(config, SIPWS_TLS_MEMORY, 0);
  }
  return copy;
}

/* ---- certificates ---- */

int sipws__tls_load_chain(sipws_tls_config *config,
                          const struct sipws__tls_source *source, int some,
                          mbedtls_x509_crt *chain) {
  int err = 0;
  int ret;
  char *copy = load_begin(config, source, &err);
  if (copy == NULL) {
    return err;
  }
  ret = source->is_path ? load_chain_file(chain, copy)
                        : mbedtls_x509_crt_parse(chain, (unsigned char *)copy,
                                                 load_len(source, copy));
  load_free(config, source, copy);
  if (ret > 0) {
    /* so many are bad, the others were added */
    return some ? 0
                : sipws__tls_config_fail(config, SIPWS_TLS_BAD_CERTIFICATE, 0);
  }
  return ret < 0 ? sipws__tls_load_fail(
                       config, ret, load_reason(ret, SIPWS_TLS_BAD_CERTIFICATE))
                 : 0;
}

int sipws__tls_load_dir(sipws_tls_config *config,
                        const struct sipws__tls_source *source,
                        mbedtls_x509_crt *chain) {
  int err = 0;
  int ret = MBEDTLS_ERR_X509_FILE_IO_ERROR;
  char *copy = load_begin(config, source, &err);
  if (copy == NULL) {
    return err;
  }
#if defined(MBEDTLS_FS_IO)
  ret = mbedtls_x509_crt_parse_path(chain, copy);
#endif
  load_free(config, source, copy);
  /* files that are no certificates are counted, and no failure */
  return ret < 0 ? sipws__tls_load_fail(config, ret, SIPWS_TLS_FILE) : 0;
}

/* ---- CRLs ---- */

int sipws__tls_load_crl(sipws_tls_config *config,
                        const struct sipws__tls_source *source,
                        mbedtls_x509_crl *crl) {
  int err = 0;
  int ret;
  char *copy = load_begin(config, source, &err);
  if (copy == NULL) {
    return err;
  }
  ret = source->is_path ? load_crl_file(crl, copy)
                        : mbedtls_x509_crl_parse(crl, (unsigned char *)copy,
                                                 load_len(source, copy));
  load_free(config, source, copy);
  if (ret != 0) {
    mbedtls_x509_crl_free(crl);
    return sipws__tls_load_fail(config, ret,
                                load_reason(ret, SIPWS_TLS_BAD_CRL));
  }
  return 0;
}

/* ---- keys ---- */

int sipws__tls_load_key(sipws_tls_config *config,
                        const struct sipws__tls_source *source,
                        const struct sipws__tls_source *password,
                        mbedtls_pk_context *key) {
  int err = 0;
  int ret;
  char *copy = load_begin(config, source, &err);
  char *secret = NULL;
  if (copy == NULL) {
    return err;
  }
  if (password->len > 0) {
    secret = load_begin(config, password, &err);
  }
  if (err == 0) {
    ret = source->is_path ? load_key_file(config, key, copy, secret)
                          : load_key_text(config, key, copy,
                                          load_len(source, copy), secret);
    err = ret != 0 ? sipws__tls_load_fail(config, ret, SIPWS_TLS_KEY) : 0;
  }
  load_free(config, password, secret);
  load_free(config, source, copy);
  return err;
}
