/* Certificates for tests, made in memory by mbedTLS. */
#ifndef SIPWS_TEST_CERTS_H
#define SIPWS_TEST_CERTS_H

#include <mbedtls/pk.h>
#include <stddef.h>
#include <stdint.h>

enum cert_key { CERT_EC = 0, CERT_EC_192, CERT_RSA, CERT_RSA_1024 };

struct cert {
  char own[2048];   /* PEM of it alone */
  char chain[8192]; /* and of its issuers, without the root */
  char key[2048];   /* PEM */
  char subject[256];
  uint8_t der[1536];
  size_t der_len;
  uint8_t pin[32]; /* SHA-256 of its SubjectPublicKeyInfo */
  int is_root;
  mbedtls_pk_context pk;
};

/* What a certificate shall be; all but |subject| may be zero. */
struct cert_plan {
  const char *subject; /* "CN=alice,O=Example" */
  const char *names;   /* "dns:a.example ip:192.0.2.1 uri:sip:a@b …" */
  struct cert *issuer; /* NULL: itself */
  int key;             /* a cert_key */
  int is_ca;
  int is_sha1;
  const char *purpose;   /* "client" or "server", in Extended Key Usage */
  const char *from, *to; /* "20200131000000"; NULL: valid for long */
  const char *key_pem;   /* in place of a key made anew */
};

void cert_make(struct cert *cert, const struct cert_plan *plan);
void cert_free(struct cert *cert);

/* The usual ones: a root, and a leaf below it named |names|. */
void cert_make_root(struct cert *cert, const char *subject);
void cert_make_leaf(struct cert *cert, const char *names, struct cert *issuer);

/* Writes |issuer|'s CRL, PEM, in force up to |until| ("491231235959Z"), which
 * lists |revoked| unless that is NULL. Its key is ECDSA. */
void cert_make_crl(char *pem, size_t size, struct cert *issuer,
                   const struct cert *revoked, const char *until);

#endif /* SIPWS_TEST_CERTS_H */
