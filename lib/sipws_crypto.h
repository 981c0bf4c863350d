/* crypto: hashes and base64 by mbedTLS. This room alone knows it. */
#ifndef SIPWS_CRYPTO_H
#define SIPWS_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define SIPWS__SHA1_LEN 20
#define SIPWS__SHA256_LEN 32

/* RFC 6455 uses SHA-1 as no security primitive (section 10.8): the Accept
 * value is its only use. 0, or SIPWS_ERR_NOMEM if mbedTLS lacks it. */
int sipws__sha1(const void *data, size_t len, uint8_t out[SIPWS__SHA1_LEN]);

/* HMAC-SHA-256 (RFC 2104) of up to 128 octets under a key of up to 64, without
 * allocation. 0, or SIPWS_ERR_INVALID. */
int sipws__hmac_sha256(const uint8_t *key, size_t key_len, const uint8_t *data,
                       size_t len, uint8_t out[SIPWS__SHA256_LEN]);

/* Octets of base64 with padding for |len| octets. */
#define SIPWS__BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Writes SIPWS__BASE64_LEN(len) octets, no NUL. |len| is 1 to 128. */
void sipws__base64(const uint8_t *data, size_t len, char *out);

/* Decodes canonical base64 of at most 128 octets of text; |out| holds 96. 0 and
 * |out_len|, or SIPWS_ERR_SYNTAX (also for stray bits in the last character,
 * RFC 4648 3.5). */
int sipws__base64_decode(const char *text, size_t len, uint8_t *out,
                         size_t *out_len);

/* The same with the alphabet of RFC 4648 section 5 and no padding; the length
 * written is (len * 4 + 2) / 3. */
void sipws__base64url(const uint8_t *data, size_t len, char *out);
int sipws__base64url_decode(const char *text, size_t len, uint8_t *out,
                            size_t *out_len);

/* 1 when equal, in a time that does not depend on where they differ. */
int sipws__crypto_equal(const void *a, const void *b, size_t len);

/* Overwrites secrets so that the compiler cannot leave it out. */
void sipws__crypto_wipe(void *data, size_t len);

#endif /* SIPWS_CRYPTO_H */
