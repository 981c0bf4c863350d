#include "sipws_buf.h"

#include <string.h>

#define BUF_FIRST_SIZE 256

int sipws__buf_reserve(struct sipws__buf *buf, const struct sipws__mem *mem,
                       size_t more, size_t max) {
  size_t size = buf->size;
  uint8_t *data;
  if (buf->len > max || more > max - buf->len) {
    return SIPWS_ERR_TOO_BIG;
  }
  if (more <= size - buf->len) {
    return 0;
  }
  if (buf->fixed) {
    return SIPWS_ERR_TOO_BIG;
  }
  size = size < BUF_FIRST_SIZE / 2 ? BUF_FIRST_SIZE : size * 2;
  if (size < buf->len + more) {
    size = buf->len + more;
  }
  if (size > max) {
    size = max;
  }
  data = sipws__mem_resize(mem, buf->data, buf->size, size);
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

void sipws__buf_free(struct sipws__buf *buf, const struct sipws__mem *mem) {
  buf->len = 0;
  if (buf->fixed) {
    return;
  }
  sipws__mem_free(mem, buf->data, buf->size);
  buf->data = NULL;
  buf->size = 0;
}
