/* buf: octets that grow with what is put in, up to a bound the caller keeps.
 * What may hold credentials is marked secret, and leaves none in memory given
 * back. */
#ifndef SIPWS_BUF_H
#define SIPWS_BUF_H

#include "sipws_mem.h"

struct sipws__buf {
  uint8_t *data;
  size_t len;     /* octets in it */
  size_t size;    /* octets there is room for */
  uint8_t fixed;  /* 1: |data| is lent, never grows and is never freed */
  uint8_t secret; /* 1: its memory is wiped before it moves, and by free */
};

/* Makes room for |more| octets behind those in it, at least doubling, never
 * past |max| in all. SIPWS_ERR_TOO_BIG, SIPWS_ERR_NOMEM. grow: the same
 * where that room is not there yet. */
int sipws__buf_grow(struct sipws__buf *buf, const struct sipws__mem *mem,
                    size_t more, size_t max);

static inline int sipws__buf_reserve(struct sipws__buf *buf,
                                     const struct sipws__mem *mem, size_t more,
                                     size_t max) {
  return buf->len <= max && more <= max - buf->len &&
                 more <= buf->size - buf->len
             ? 0
             : sipws__buf_grow(buf, mem, more, max);
}

/* Adds octets; errors as reserve, then nothing was added. */
int sipws__buf_add(struct sipws__buf *buf, const struct sipws__mem *mem,
                   const void *data, size_t len, size_t max);

/* Drops the first |len| octets. */
void sipws__buf_drop(struct sipws__buf *buf, size_t len);

/* From here on its octets are no secret; those it held before are wiped. */
void sipws__buf_declassify(struct sipws__buf *buf);

/* Empties it and gives its memory back. */
void sipws__buf_free(struct sipws__buf *buf, const struct sipws__mem *mem);

#endif /* SIPWS_BUF_H */
