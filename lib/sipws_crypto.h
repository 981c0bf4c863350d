/* crypto: hashes by mbedTLS, and octets as text: base64, hexadecimal. This room
 * alone of libsipws knows mbedTLS. */
#ifndef SIPWS_CRYPTO_H
#define SIPWS_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define SIPWS__MD5_LEN 16
#define SIPWS__SHA1_LEN 20
#define SIPWS__SHA256_LEN 32

/* RFC 6455 uses SHA-1 as no security primitive (section 10.8): the Accept
 * value is its only use. 0, or SIPWS_ERR_NOMEM if mbedTLS lacks it. */
int sipws__sha1(const void *data, size_t len, uint8_t out[SIPWS__SHA1_LEN]);

/* HMAC-SHA-256 (RFC 2104) of up to 128 octets under a key of up to 64, without
 * allocation. 0, or SIPWS_ERR_INVALID. */
int sipws__hmac_sha256(const uint8_t *key, size_t key_len, const uint8_t *data,
                       size_t len, uint8_t out[SIPWS__SHA256_LEN]);

/* The hashes that HTTP Digest knows. */
enum sipws__hash { SIPWS__HASH_MD5 = 1, SIPWS__HASH_SHA256 = 2 };

struct sipws__hash_text {
  const char *at;
  size_t len;
  int is_quoted; /* what stands between the quotes of a quoted-string: a
                    backslash means the octet behind it (RFC 9110 5.6.4) */
};

#define SIPWS__HASH_HEX_MAX (2 * SIPWS__SHA256_LEN)

/* The hash of |count| texts with a colon between each two, as Digest hashes all
 * that it hashes (RFC 7616 section 3.4): sipws__hash_hex_len() hexadecimal
 * digits in lower case. |out| may be one of the texts. mbedTLS allocates its
 * state, some 100 octets, outside our hook. 0, or SIPWS_ERR_NOMEM: it could
 * not, or lacks that hash. */
int sipws__hash_texts(int hash, const struct sipws__hash_text *texts,
                      size_t count, char out[SIPWS__HASH_HEX_MAX]);
size_t sipws__hash_hex_len(int hash);

/* Writes 2 * |len| hexadecimal digits in lower case, no NUL. */
void sipws__hex(const uint8_t *data, size_t len, char *out);

/* Octets of base64 with padding for |len| octets. */
#define SIPWS__BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Writes SIPWS__BASE64_LEN(len) octets, no NUL. */
void sipws__base64(const uint8_t *data, size_t len, char *out);

/* Decodes canonical base64; |out| holds |len| / 4 * 3 octets, which may be
 * written also when it fails. 0 and |out_len|, or SIPWS_ERR_SYNTAX (also for
 * stray bits in the last character, RFC 4648 3.5, and for no text at all). */
int sipws__base64_decode(const char *text, size_t len, uint8_t *out,
                         size_t *out_len);

/* The same with the alphabet of RFC 4648 section 5 and no padding, up to 128
 * octets and 128 of text; the length written is (len * 4 + 2) / 3. */
void sipws__base64url(const uint8_t *data, size_t len, char *out);
int sipws__base64url_decode(const char *text, size_t len, uint8_t *out,
                            size_t *out_len);

/* 1 when equal, in a time that does not depend on where they differ. */
int sipws__crypto_equal(const void *a, const void *b, size_t len);

/* Overwrites secrets so that the compiler cannot leave it out. */
void sipws__crypto_wipe(void *data, size_t len);

#endif /* SIPWS_CRYPTO_H */
