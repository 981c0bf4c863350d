#include "certs.h"

#include "support.h"

#include <arpa/inet.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/rsa.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

static int certs_random(void *user, unsigned char *out, size_t len) {
  static uint32_t seed = 4711;
  (void)user;
  return test_random(out, len, &seed);
}

/* ---- keys ---- */

static void certs_make_key(mbedtls_pk_context *pk, int kind) {
  int is_rsa = kind == CERT_RSA || kind == CERT_RSA_1024;
  mbedtls_pk_type_t type = is_rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
  assert_int_equal(mbedtls_pk_setup(pk, mbedtls_pk_info_from_type(type)), 0);
  if (is_rsa) {
    unsigned bits = kind == CERT_RSA ? 2048 : 1024;
    assert_int_equal(mbedtls_rsa_gen_key(mbedtls_pk_rsa(*pk), certs_random,
                                         NULL, bits, 65537),
                     0);
  } else {
    mbedtls_ecp_group_id group =
        kind == CERT_EC ? MBEDTLS_ECP_DP_SECP256R1 : MBEDTLS_ECP_DP_SECP192R1;
    assert_int_equal(
        mbedtls_ecp_gen_key(group, mbedtls_pk_ec(*pk), certs_random, NULL), 0);
  }
}

static void certs_read_key(mbedtls_pk_context *pk, const char *pem,
                           size_t len) {
  const unsigned char *text = (const unsigned char *)pem;
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  assert_int_equal(mbedtls_pk_parse_key(pk, text, len, NULL, 0), 0);
#else
  assert_int_equal(
      mbedtls_pk_parse_key(pk, text, len, NULL, 0, certs_random, NULL), 0);
#endif
}

static void certs_digest_key(struct cert *cert) {
  uint8_t der[1024];
  int len = mbedtls_pk_write_pubkey_der(&cert->pk, der, sizeof der);
  assert_true(len > 0);
  assert_int_equal(mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                              der + sizeof der - len, (size_t)len, cert->pin),
                   0);
}

/* ---- extensions ---- */

static size_t certs_put(uint8_t *out, int tag, const void *data, size_t len) {
  size_t head = 0;
  out[head++] = (uint8_t)tag;
  if (len > 127) {
    out[head++] = 0x81;
  }
  assert_true(len < 256);
  out[head++] = (uint8_t)len;
  memmove(out + head, data, len);
  return head + len;
}

static size_t certs_put_name(uint8_t *out, const char *name, size_t len) {
  char text[128];
  uint8_t addr[16];
  const char *value = memchr(name, ':', len);
  assert_non_null(value);
  value++;
  assert_true(len < sizeof text);
  memcpy(text, value, len - (size_t)(value - name));
  text[len - (size_t)(value - name)] = '\0';
  if (strncmp(name, "ip:", 3) == 0) {
    int is_v6 = strchr(text, ':') != NULL;
    assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, addr), 1);
    return certs_put(out, 0x87, addr, is_v6 ? 16 : 4);
  }
  return certs_put(out,
                   strncmp(name, "dns:", 4) == 0   ? 0x82
                   : strncmp(name, "uri:", 4) == 0 ? 0x86
                                                   : 0x81,
                   text, strlen(text));
}

static void certs_set_names(mbedtls_x509write_cert *write, const char *names) {
  uint8_t list[256], whole[260];
  size_t len = 0;
  while (*names != '\0') {
    size_t one = strcspn(names, " ");
    assert_true(len + one + 4 < sizeof list);
    len += certs_put_name(list + len, names, one);
    names += one + (names[one] == ' ');
  }
  len = certs_put(whole, 0x30, list, len);
  assert_int_equal(mbedtls_x509write_crt_set_extension(
                       write, MBEDTLS_OID_SUBJECT_ALT_NAME,
                       MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, whole,
                       len),
                   0);
}

static void certs_set_purpose(mbedtls_x509write_cert *write,
                              const char *purpose) {
  int is_client = strcmp(purpose, "client") == 0;
  uint8_t one[32], whole[40];
  size_t len = certs_put(
      one, 0x06, is_client ? MBEDTLS_OID_CLIENT_AUTH : MBEDTLS_OID_SERVER_AUTH,
      MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH));
  len = certs_put(whole, 0x30, one, len);
  assert_int_equal(mbedtls_x509write_crt_set_extension(
                       write, MBEDTLS_OID_EXTENDED_KEY_USAGE,
                       MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0,
                       whole, len),
                   0);
}

static void certs_set_serial(mbedtls_x509write_cert *write) {
  static unsigned char number = 0;
  number = (unsigned char)(number % 100 + 1);
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  {
    mbedtls_mpi serial;
    mbedtls_mpi_init(&serial);
    assert_int_equal(mbedtls_mpi_lset(&serial, number), 0);
    assert_int_equal(mbedtls_x509write_crt_set_serial(write, &serial), 0);
    mbedtls_mpi_free(&serial);
  }
#else
  assert_int_equal(mbedtls_x509write_crt_set_serial_raw(write, &number, 1), 0);
#endif
}

/* ---- certificates ---- */

/* The DER is read back: ECDSA would sign anew, differently. */
static void certs_read_der(struct cert *cert) {
  const unsigned char *pem = (const unsigned char *)cert->own;
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  assert_int_equal(mbedtls_x509_crt_parse(&crt, pem, strlen(cert->own) + 1), 0);
  assert_true(crt.raw.len <= sizeof cert->der);
  memcpy(cert->der, crt.raw.p, crt.raw.len);
  cert->der_len = crt.raw.len;
  mbedtls_x509_crt_free(&crt);
}

static void certs_write(struct cert *cert, const struct cert_plan *plan,
                        struct cert *issuer) {
  const char *from = plan->from != NULL ? plan->from : "20200101000000";
  const char *to = plan->to != NULL ? plan->to : "20991231235959";
  mbedtls_x509write_cert write;
  mbedtls_x509write_crt_init(&write);
  certs_set_serial(&write);
  mbedtls_x509write_crt_set_version(&write, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&write, plan->is_sha1 ? MBEDTLS_MD_SHA1
                                                         : MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&write, &cert->pk);
  mbedtls_x509write_crt_set_issuer_key(&write, &issuer->pk);
  assert_int_equal(
      mbedtls_x509write_crt_set_subject_name(&write, plan->subject), 0);
  assert_int_equal(
      mbedtls_x509write_crt_set_issuer_name(&write, issuer->subject), 0);
  assert_int_equal(mbedtls_x509write_crt_set_validity(&write, from, to), 0);
  if (plan->is_ca) {
    assert_int_equal(mbedtls_x509write_crt_set_basic_constraints(&write, 1, -1),
                     0);
  }
  if (plan->names != NULL) {
    certs_set_names(&write, plan->names);
  }
  if (plan->purpose != NULL) {
    certs_set_purpose(&write, plan->purpose);
  }
  assert_int_equal(mbedtls_x509write_crt_pem(&write, (unsigned char *)cert->own,
                                             sizeof cert->own, certs_random,
                                             NULL),
                   0);
  mbedtls_x509write_crt_free(&write);
}

void cert_make(struct cert *cert, const struct cert_plan *plan) {
  struct cert *issuer = plan->issuer != NULL ? plan->issuer : cert;
  memset(cert, 0, sizeof *cert);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
#endif
  mbedtls_pk_init(&cert->pk);
  if (plan->key_pem != NULL) {
    certs_read_key(&cert->pk, plan->key_pem, strlen(plan->key_pem) + 1);
  } else {
    certs_make_key(&cert->pk, plan->key);
  }
  assert_int_equal(mbedtls_pk_write_key_pem(
                       &cert->pk, (unsigned char *)cert->key, sizeof cert->key),
                   0);
  snprintf(cert->subject, sizeof cert->subject, "%s", plan->subject);
  cert->is_root = plan->issuer == NULL;
  certs_write(cert, plan, issuer);
  certs_read_der(cert);
  certs_digest_key(cert);
  strcpy(cert->chain, cert->own);
  if (!issuer->is_root) {
    assert_true(strlen(cert->chain) + strlen(issuer->chain) <
                sizeof cert->chain);
    strcat(cert->chain, issuer->chain);
  }
}

void cert_free(struct cert *cert) {
  mbedtls_pk_free(&cert->pk);
}

void cert_make_root(struct cert *cert, const char *subject) {
  struct cert_plan plan = {0};
  plan.subject = subject;
  plan.is_ca = 1;
  cert_make(cert, &plan);
}

void cert_make_leaf(struct cert *cert, const char *names, struct cert *issuer) {
  struct cert_plan plan = {0};
  plan.subject = "CN=leaf";
  plan.names = names;
  plan.issuer = issuer;
  cert_make(cert, &plan);
}

/* ---- CRLs (RFC 5280 section 5.1): mbedTLS reads them, and writes none ---- */

#define CERTS_SINCE "200101000000Z"

static void certs_parse(mbedtls_x509_crt *crt, const struct cert *cert) {
  mbedtls_x509_crt_init(crt);
  assert_int_equal(mbedtls_x509_crt_parse_der(crt, cert->der, cert->der_len),
                   0);
}

/* The field revokedCertificates, with one. */
static size_t certs_put_revoked(uint8_t *out, const struct cert *revoked) {
  mbedtls_x509_crt crt;
  uint8_t entry[64];
  size_t len;
  certs_parse(&crt, revoked);
  len = certs_put(entry, 0x02, crt.serial.p, crt.serial.len);
  len += certs_put(entry + len, 0x17, CERTS_SINCE, 13);
  mbedtls_x509_crt_free(&crt);
  len = certs_put(out, 0x30, entry, len);
  return certs_put(out, 0x30, memcpy(entry, out, len), len);
}

/* A BIT STRING: |issuer|'s signature on |data|. */
static size_t certs_put_signature(uint8_t *out, struct cert *issuer,
                                  const uint8_t *data, size_t data_len) {
  uint8_t hash[32], bits[128];
  size_t len;
  assert_int_equal(mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                              data, data_len, hash),
                   0);
  bits[0] = 0; /* none unused */
  assert_int_equal(mbedtls_pk_sign(&issuer->pk, MBEDTLS_MD_SHA256, hash,
                                   sizeof hash, bits + 1,
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
                                   sizeof bits - 1,
#endif
                                   &len, certs_random, NULL),
                   0);
  return certs_put(out, 0x03, bits, len + 1);
}

void cert_make_crl(char *pem, size_t size, struct cert *issuer,
                   const struct cert *revoked, const char *until) {
  static const uint8_t ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                         0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  mbedtls_x509_crt crt;
  uint8_t fields[256], list[512], whole[512];
  size_t len = certs_put(fields, 0x02, "\1", 1); /* v2 */
  memcpy(fields + len, ecdsa_sha256, sizeof ecdsa_sha256);
  len += sizeof ecdsa_sha256;
  certs_parse(&crt, issuer);
  assert_true(crt.subject_raw.len < 64);
  memcpy(fields + len, crt.subject_raw.p, crt.subject_raw.len);
  len += crt.subject_raw.len;
  mbedtls_x509_crt_free(&crt);
  len += certs_put(fields + len, 0x17, CERTS_SINCE, 13);
  len += certs_put(fields + len, 0x17, until, 13);
  if (revoked != NULL) {
    len += certs_put_revoked(fields + len, revoked);
  }
  len = certs_put(list, 0x30, fields, len);
  memcpy(list + len, ecdsa_sha256, sizeof ecdsa_sha256);
  len =
      len + sizeof ecdsa_sha256 +
      certs_put_signature(list + len + sizeof ecdsa_sha256, issuer, list, len);
  len = certs_put(whole, 0x30, list, len);
  assert_int_equal(mbedtls_pem_write_buffer(
                       "-----BEGIN X509 CRL-----\n", "-----END X509 CRL-----\n",
                       whole, len, (unsigned char *)pem, size, &len),
                   0);
}
