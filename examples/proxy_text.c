#include "proxy_text.h"

#include <mbedtls/md.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- spans -- */

int span_is(const char *text, const sipws_span *span, const char *word) {
  return span->len == strlen(word) &&
         memcmp(text + span->off, word, span->len) == 0;
}

int span_copy(const char *text, const sipws_span *span, char *out,
              size_t out_size) {
  if (span->len >= out_size) {
    return -1;
  }
  memcpy(out, text + span->off, span->len);
  out[span->len] = '\0';
  return 0;
}

/* ------------------------------------------------------------- writing -- */

static void write_arguments(struct writer *writer, const char *format,
                            va_list arguments) {
  size_t room = writer->len < writer->size ? writer->size - writer->len : 0;
  char *out = room == 0 ? NULL : writer->out + writer->len;
  int len = vsnprintf(out, room, format, arguments);
  writer->len += len < 0 ? writer->size : (size_t)len;
}

void write_format(struct writer *writer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_arguments(writer, format, arguments);
  va_end(arguments);
}

void write_span(struct writer *writer, const char *text,
                const sipws_span *span) {
  if (writer->len < writer->size && span->len < writer->size - writer->len) {
    memcpy(writer->out + writer->len, text + span->off, span->len);
    writer->out[writer->len + span->len] = '\0';
  }
  writer->len += span->len;
}

int writer_is_full(const struct writer *writer) {
  return writer->len >= writer->size;
}

void write_hex(const uint8_t *data, size_t len, char *out) {
  size_t i;
  for (i = 0; i < len; i++) {
    snprintf(out + 2 * i, 3, "%02x", (unsigned)data[i]);
  }
}

void proxy_log(const struct proxy *proxy, const char *format, ...) {
  char line[512];
  struct writer writer = {line, sizeof line, 0};
  va_list arguments;
  char *c;
  if (!proxy->verbose) {
    return;
  }
  va_start(arguments, format);
  write_arguments(&writer, format, arguments);
  va_end(arguments);
  for (c = line; *c != '\0'; c++) {
    if (*c < ' ' || *c > '~') {
      *c = '?';
    }
  }
  printf("%s\n", line);
  fflush(stdout);
}

/* ---------------------------------------------------------------- hash -- */

void proxy_hash(const struct proxy *proxy, const char *purpose,
                const struct piece *pieces, int count, uint8_t out[32]) {
  mbedtls_md_context_t md;
  int error;
  int i;
  mbedtls_md_init(&md);
  error =
      mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1);
  if (error == 0) {
    error = mbedtls_md_hmac_starts(&md, proxy->hash_key, PROXY_KEY_LEN);
  }
  if (error == 0) {
    error = mbedtls_md_hmac_update(&md, (const uint8_t *)purpose,
                                   strlen(purpose) + 1);
  }
  for (i = 0; error == 0 && i < count; i++) {
    /* The lengths keep "ab" + "c" apart from "a" + "bc". */
    uint64_t len = pieces[i].len;
    error = mbedtls_md_hmac_update(&md, (const uint8_t *)&len, sizeof len);
    if (error == 0 && len != 0) {
      error = mbedtls_md_hmac_update(&md, pieces[i].data, pieces[i].len);
    }
  }
  if (error == 0) {
    error = mbedtls_md_hmac_finish(&md, out);
  }
  mbedtls_md_free(&md);
  if (error != 0) {
    fprintf(stderr, "no memory for a hash\n");
    exit(1);
  }
}
