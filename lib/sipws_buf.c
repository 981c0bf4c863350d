#include "sipws_buf.h"

#include "sipws_crypto.h"

#include <string.h>

#define BUF_FIRST_SIZE 256

/* Resizes without leaving a copy behind. */
static uint8_t *buf_move(const struct sipws__buf *buf,
                         const struct sipws__mem *mem, size_t size) {
  uint8_t *data = sipws__mem_new(mem, size);
  if (data != NULL && buf->size > 0) {
    memcpy(data, buf->data, buf->len);
    sipws__crypto_wipe(buf->data, buf->size);
    sipws__mem_free(mem, buf->data, buf->size);
  }
  return data;
}

int sipws__buf_grow(struct sipws__buf *buf, const struct sipws__mem *mem,
                    size_t more, size_t max) {
  size_t size = buf->size;
  uint8_t *data;
  if (buf->len > max || more > max - buf->len || buf->fixed) {
    return SIPWS_ERR_TOO_BIG;
  }
  size = size < BUF_FIRST_SIZE / 2 ? BUF_FIRST_SIZE : size * 2;
  if (size < buf->len + more) {
    size = buf->len + more;
  }
  if (size > max) {
    size = max;
  }
  data = buf->secret ? buf_move(buf, mem, size)
                     : sipws__mem_resize(mem, buf->data, buf->size, size);
  if (data == NULL) {
    return SIPWS_ERR_NOMEM;
  }
  buf->data = data;
  buf->size = size;
  return 0;
}

int sipws__buf_add(struct sipws__buf *buf, const struct sipws__mem *mem,
                   const void *data, size_t len, size_t max) {
  int err = sipws__buf_reserve(buf, mem, len, max);
  if (err != 0) {
    return err;
  }
  if (len > 0) {
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
  }
  return 0;
}

void sipws__buf_drop(struct sipws__buf *buf, size_t len) {
  buf->len -= len;
  if (buf->len > 0) {
    memmove(buf->data, buf->data + len, buf->len);
  }
}

void sipws__buf_declassify(struct sipws__buf *buf) {
  if (buf->secret && buf->size > buf->len) {
    sipws__crypto_wipe(buf->data + buf->len, buf->size - buf->len);
  }
  buf->secret = 0;
}

void sipws__buf_free(struct sipws__buf *buf, const struct sipws__mem *mem) {
  if (buf->secret) {
    sipws__crypto_wipe(buf->data, buf->size);
  }
  buf->len = 0;
  if (buf->fixed) {
    return;
  }
  sipws__mem_free(mem, buf->data, buf->size);
  buf->data = NULL;
  buf->size = 0;
}
