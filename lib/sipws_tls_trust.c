/* tls: whom to trust, and what a peer's chain is judged by. */
#include "sipws_tls.h"

#include <mbedtls/md.h>
#include <string.h>

/* ---- a digest of all that a verification rests on ---- */

void sipws__tls_digest(const void *data, size_t len,
                       uint8_t digest[SIPWS__TLS_DIGEST]) {
  /* cannot fail; mbedtls_md reads the same in 2.28 and 3.6 */
  (void)mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), data, len,
                   digest);
}

void sipws__tls_trust_mix(sipws_tls_config *config, const void *data,
                          size_t len) {
  uint8_t both[2 * SIPWS__TLS_DIGEST];
  memcpy(both, config->trust, SIPWS__TLS_DIGEST);
  sipws__tls_digest(data, len, both + SIPWS__TLS_DIGEST);
  sipws__tls_digest(both, sizeof both, config->trust);
}

/* ---- CAs ---- */

static const mbedtls_x509_crt *trust_last(const sipws_tls_config *config) {
  const mbedtls_x509_crt *crt = &config->ca;
  while (crt->next != NULL) {
    crt = crt->next;
  }
  return crt;
}

/* What was added behind |last|, or began the chain. */
static const mbedtls_x509_crt *trust_news(const sipws_tls_config *config,
                                          const mbedtls_x509_crt *last) {
  if (config->has_ca) {
    return last->next;
  }
  return config->ca.version != 0 ? &config->ca : NULL;
}

static int trust_add(sipws_tls_config *config,
                     const struct sipws__tls_source *source, int is_dir) {
  const mbedtls_x509_crt *crt;
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (source->text == NULL) {
    return SIPWS_ERR_INVALID;
  }
  crt = trust_last(config);
  err = is_dir ? sipws__tls_load_dir(config, source, &config->ca)
               : sipws__tls_load_chain(config, source, 1, &config->ca);
  if (err != 0) {
    return err;
  }
  crt = trust_news(config, crt);
  if (crt == NULL) {
    return sipws__tls_config_fail(config, SIPWS_TLS_NO_PEM, 0);
  }
  for (; crt != NULL; crt = crt->next) {
    sipws__tls_trust_mix(config, crt->raw.p, crt->raw.len);
  }
  config->has_ca = 1;
  return 0;
}

int sipws_tls_config_add_ca(sipws_tls_config *config, const void *data,
                            size_t len) {
  struct sipws__tls_source source = {data, len, 0};
  return trust_add(config, &source, 0);
}

int sipws_tls_config_add_ca_file(sipws_tls_config *config, const char *path,
                                 size_t len) {
  struct sipws__tls_source source = {path, len, 1};
  return trust_add(config, &source, 0);
}

int sipws_tls_config_add_ca_dir(sipws_tls_config *config, const char *path,
                                size_t len) {
  struct sipws__tls_source source = {path, len, 1};
  return trust_add(config, &source, 1);
}

int sipws_tls_config_add_system_ca(sipws_tls_config *config) {
  static const char *const paths[] = {
      "/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Gentoo, Alpine */
      "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
      "/etc/ssl/ca-bundle.pem",             /* SUSE */
      "/etc/ssl/cert.pem",                  /* Alpine, the BSDs, macOS */
      "/usr/local/share/certs/ca-root-nss.crt", /* FreeBSD */
      "/usr/local/etc/ssl/cert.pem"};
  int err = SIPWS_ERR_TLS;
  size_t i;
  for (i = 0; err == SIPWS_ERR_TLS && i < sizeof paths / sizeof paths[0]; i++) {
    err = sipws_tls_config_add_ca_file(config, paths[i], strlen(paths[i]));
  }
  return err;
}

/* ---- CRLs ---- */

static int trust_add_crl(sipws_tls_config *config,
                         const struct sipws__tls_source *source) {
  struct sipws__tls_crl *crl;
  mbedtls_x509_crl *each;
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (source->text == NULL) {
    return SIPWS_ERR_INVALID;
  }
  crl = sipws__mem_new(&config->mem, sizeof *crl);
  if (crl == NULL) {
    return sipws__tls_config_fail(config, SIPWS_TLS_MEMORY, 0);
  }
  mbedtls_x509_crl_init(&crl->first);
  err = sipws__tls_load_crl(config, source, &crl->first);
  if (err != 0) {
    sipws__mem_free(&config->mem, crl, sizeof *crl);
    return err;
  }
  for (each = &crl->first; each != NULL; each = each->next) {
    sipws__tls_trust_mix(config, each->raw.p, each->raw.len);
    crl->last = each;
  }
  crl->last->next = config->crl != NULL ? &config->crl->first : NULL;
  crl->next = config->crl;
  config->crl = crl;
  mbedtls_ssl_conf_ca_chain(&config->ssl, &config->ca, &crl->first);
  return 0;
}

int sipws_tls_config_add_crl(sipws_tls_config *config, const void *data,
                             size_t len) {
  struct sipws__tls_source source = {data, len, 0};
  return trust_add_crl(config, &source);
}

int sipws_tls_config_add_crl_file(sipws_tls_config *config, const char *path,
                                  size_t len) {
  struct sipws__tls_source source = {path, len, 1};
  return trust_add_crl(config, &source);
}

/* ---- pins ---- */

int sipws_tls_config_add_pin(sipws_tls_config *config, const uint8_t *sha256) {
  struct sipws__tls_pin *pin;
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (sha256 == NULL || config->role != SIPWS_CLIENT) {
    return SIPWS_ERR_INVALID;
  }
  pin = sipws__mem_new(&config->mem, sizeof *pin);
  if (pin == NULL) {
    return sipws__tls_config_fail(config, SIPWS_TLS_MEMORY, 0);
  }
  memcpy(pin->digest, sha256, sizeof pin->digest);
  pin->next = config->pin;
  config->pin = pin;
  sipws__tls_trust_mix(config, pin->digest, sizeof pin->digest);
  return 0;
}

static int trust_has_pin(const sipws_tls_config *config,
                         const mbedtls_x509_crt *crt) {
  const struct sipws__tls_pin *pin = config->pin;
  uint8_t digest[SIPWS__TLS_DIGEST];
  sipws__tls_digest(crt->pk_raw.p, crt->pk_raw.len, digest);
  while (pin != NULL && memcmp(pin->digest, digest, sizeof digest) != 0) {
    pin = pin->next;
  }
  return pin != NULL;
}

void sipws__tls_trust_free(sipws_tls_config *config) {
  while (config->crl != NULL) {
    struct sipws__tls_crl *crl = config->crl;
    config->crl = crl->next;
    crl->last->next = NULL; /* those behind it are not mbedTLS's to free */
    mbedtls_x509_crl_free(&crl->first);
    sipws__mem_free(&config->mem, crl, sizeof *crl);
  }
  while (config->pin != NULL) {
    struct sipws__tls_pin *pin = config->pin;
    config->pin = pin->next;
    sipws__mem_free(&config->mem, pin, sizeof *pin);
  }
  mbedtls_x509_crt_free(&config->ca);
}

/* ---- verification ---- */

/* A key of the chain that was verified, not of any certificate sent along: an
 * attacker may append those of others. */
static void trust_judge_pins(struct sipws__tls *tls,
                             const mbedtls_x509_crt *crt, int depth,
                             uint32_t *flags) {
  const sipws_tls_config *config = tls->config;
  int is_pinned = trust_has_pin(config, crt);
  if (is_pinned) {
    tls->is_pinned = 1;
  }
  if (!config->has_ca) {
    /* the leaf's own key decides, and nothing else */
    *flags = depth == 0 && !is_pinned ? MBEDTLS_X509_BADCERT_OTHER : 0;
  } else if (depth == 0 && !tls->is_pinned) {
    *flags |= MBEDTLS_X509_BADCERT_OTHER;
  }
}

/* Called from the root to the leaf, which has depth 0. */
int sipws__tls_verify(void *user, mbedtls_x509_crt *crt, int depth,
                      uint32_t *flags) {
  struct sipws__tls *tls = user;
  /* what mbedTLS makes of one whose signature algorithm it does not know */
  if (crt->raw.len == 0) {
    return MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG;
  }
  if (depth == 0) {
    tls->is_self_signed =
        crt->issuer_raw.len == crt->subject_raw.len &&
        memcmp(crt->issuer_raw.p, crt->subject_raw.p, crt->issuer_raw.len) == 0;
  }
  /* mbedTLS checks DNS names; 2.28 knows no addresses */
  if (depth == 0 && tls->config->role == SIPWS_CLIENT &&
      sipws__tls_is_address(tls->name, tls->name_len) &&
      !sipws__tls_names_address(crt, tls->name, tls->name_len)) {
    *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
  if (tls->config->pin != NULL) {
    trust_judge_pins(tls, crt, depth, flags);
  }
  return 0;
}
