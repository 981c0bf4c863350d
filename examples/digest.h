/* Digest authentication of SIP and HTTP (RFC 7616, RFC 8760) with the hashes
 * of mbedTLS. */
#ifndef EXAMPLES_DIGEST_H
#define EXAMPLES_DIGEST_H

enum digest_algorithm { DIGEST_MD5, DIGEST_SHA256 };

/* The response value, hexadecimal, NUL-terminated: MD5 writes 32 characters,
 * SHA-256 64. |qop| is "auth", or NULL for none (then |cnonce| and |nc| are not
 * used). 0, or -1 when a text is too long. */
int digest_response(enum digest_algorithm algorithm, const char *username,
                    const char *realm, const char *password, const char *nonce,
                    const char *cnonce, unsigned nc, const char *qop,
                    const char *method, const char *uri, char out[65]);

#endif /* EXAMPLES_DIGEST_H */
