/* front_auth: what its files share: front_auth (Basic, Bearer, challenges),
 * front_digest, front_retry. */
#ifndef SIPWS_FRONT_AUTH_H
#define SIPWS_FRONT_AUTH_H

#include "sipws_crypto.h"

#include <sipws/front.h>

/* 1 when it holds no control character, tab included (RFC 7617 section 2). */
int sipws__auth_is_plain(const char *text, size_t len);

/* How good an answer |challenge|, one alone, can get: 0 for none, 1 for Basic,
 * more for a Digest, the more the better its hash. */
int sipws__auth_rank(const char *challenge, size_t len);

/* A text that is put together twice: to be counted, then into its place. */
struct sipws__auth_writer {
  char *out; /* NULL: counted only */
  size_t len;
  int is_too_big;
};
typedef void (*sipws__auth_put_fn)(struct sipws__auth_writer *writer,
                                   const void *what);

/* Writes what |put| puts, as the writers of <sipws/sip.h> do. */
int sipws__auth_write(sipws__auth_put_fn put, const void *what, char *out,
                      size_t out_size, size_t *out_len);

void sipws__auth_put(struct sipws__auth_writer *writer, const char *text,
                     size_t len);
void sipws__auth_put_constant(struct sipws__auth_writer *writer,
                              const char *constant);
/* Puts |name| and the quoted-string of |text| behind it. */
void sipws__auth_put_quoted(struct sipws__auth_writer *writer, const char *name,
                            const struct sipws__hash_text *text);

#endif /* SIPWS_FRONT_AUTH_H */
