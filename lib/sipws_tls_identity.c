/* tls: who we are. Of several, the client's SNI picks, and of those that it
 * picks mbedTLS takes the first whose key fits the suite. */
#include "sipws_tls.h"

#include <string.h>

/* ---- adding ---- */

static int identity_check(sipws_tls_config *config,
                          const struct sipws__tls_identity *identity) {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  int ret = mbedtls_pk_check_pair(&identity->chain.pk, &identity->key);
#else
  int ret = mbedtls_pk_check_pair(&identity->chain.pk, &identity->key,
                                  sipws__tls_random, config);
#endif
  return ret == 0 ? 0 : sipws__tls_load_fail(config, ret, SIPWS_TLS_MISMATCH);
}

/* Whether it stands for us where no SNI picks: the first one does, and at a
 * server those for the same name, with another kind of key. */
static int identity_is_default(const sipws_tls_config *config,
                               const struct sipws__tls_identity *identity) {
  const char *name;
  size_t len;
  uint32_t i;
  int kind;
  if (config->identity == NULL) {
    return 1;
  }
  for (i = 0;
       config->role == SIPWS_SERVER &&
       sipws__tls_name_at(&config->identity->chain, i, &kind, &name, &len);
       i++) {
    if (kind == SIPWS_TLS_NAME_DNS) {
      return sipws__tls_names_host(&identity->chain, name, len);
    }
  }
  return 0;
}

static int identity_link(sipws_tls_config *config,
                         struct sipws__tls_identity *identity) {
  struct sipws__tls_identity **place = &config->identity;
  int ret = 0;
  if (identity_is_default(config, identity)) {
    ret = mbedtls_ssl_conf_own_cert(&config->ssl, &identity->chain,
                                    &identity->key);
  }
  if (ret != 0) {
    return sipws__tls_config_fail(config, SIPWS_TLS_MEMORY, ret);
  }
  sipws__tls_trust_mix(config, identity->chain.raw.p, identity->chain.raw.len);
  while (*place != NULL) {
    place = &(*place)->next;
  }
  *place = identity;
  return 0;
}

static void identity_free_one(const sipws_tls_config *config,
                              struct sipws__tls_identity *identity) {
  mbedtls_x509_crt_free(&identity->chain);
  mbedtls_pk_free(&identity->key);
  sipws__mem_free(&config->mem, identity, sizeof *identity);
}

static int identity_add(sipws_tls_config *config,
                        const struct sipws__tls_source *chain,
                        const struct sipws__tls_source *key,
                        const struct sipws__tls_source *password) {
  struct sipws__tls_identity *identity;
  int err = sipws__tls_config_check(config);
  if (err != 0) {
    return err;
  }
  if (chain->text == NULL || key->text == NULL ||
      (password->text == NULL && password->len > 0)) {
    return SIPWS_ERR_INVALID;
  }
  identity = sipws__mem_new(&config->mem, sizeof *identity);
  if (identity == NULL) {
    return sipws__tls_config_fail(config, SIPWS_TLS_MEMORY, 0);
  }
  identity->next = NULL;
  mbedtls_x509_crt_init(&identity->chain);
  mbedtls_pk_init(&identity->key);
  err = sipws__tls_load_chain(config, chain, 0, &identity->chain);
  if (err == 0) {
    err = sipws__tls_load_key(config, key, password, &identity->key);
  }
  if (err == 0) {
    err = identity_check(config, identity);
  }
  if (err == 0) {
    err = identity_link(config, identity);
  }
  if (err != 0) {
    identity_free_one(config, identity);
  }
  return err;
}

int sipws_tls_config_add_identity(sipws_tls_config *config, const void *chain,
                                  size_t chain_len, const void *key,
                                  size_t key_len, const char *password,
                                  size_t password_len) {
  struct sipws__tls_source chain_source = {chain, chain_len, 0};
  struct sipws__tls_source key_source = {key, key_len, 0};
  struct sipws__tls_source secret = {password, password_len, 0};
  return identity_add(config, &chain_source, &key_source, &secret);
}

int sipws_tls_config_add_identity_files(
    sipws_tls_config *config, const char *chain_path, size_t chain_path_len,
    const char *key_path, size_t key_path_len, const char *password,
    size_t password_len) {
  struct sipws__tls_source chain_source = {chain_path, chain_path_len, 1};
  struct sipws__tls_source key_source = {key_path, key_path_len, 1};
  struct sipws__tls_source secret = {password, password_len, 0};
  return identity_add(config, &chain_source, &key_source, &secret);
}

void sipws__tls_identity_free(sipws_tls_config *config) {
  while (config->identity != NULL) {
    struct sipws__tls_identity *identity = config->identity;
    config->identity = identity->next;
    identity_free_one(config, identity);
  }
}

/* ---- choosing ---- */

int sipws__tls_choose(void *user, mbedtls_ssl_context *ssl,
                      const unsigned char *name, size_t len) {
  sipws_tls_config *config = user;
  struct sipws__tls *tls = (struct sipws__tls *)ssl;
  const char *host = (const char *)name;
  struct sipws__tls_identity *identity;
  int ret = 0;
  if (len > SIPWS__TLS_NAME_MAX) {
    return 0; /* nobody's: as without SNI (RFC 6066 section 3) */
  }
  if (sipws__tls_keep_name(tls, host, len) != 0) {
    return sipws__tls_fail(tls, SIPWS_TLS_MEMORY, 0);
  }
  for (identity = config->identity; identity != NULL && ret == 0;
       identity = identity->next) {
    if (sipws__tls_names_host(&identity->chain, host, len)) {
      ret = mbedtls_ssl_set_hs_own_cert(ssl, &identity->chain, &identity->key);
    }
  }
  return ret == 0 ? 0 : sipws__tls_fail(tls, SIPWS_TLS_MEMORY, ret);
}
