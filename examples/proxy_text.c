#include "proxy_text.h"

#include <mbedtls/md.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void proxy_log(const struct proxy *proxy, const char *format, ...) {
  char line[512];
  va_list arguments;
  char *c;
  if (!proxy->verbose) {
    return;
  }
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  for (c = line; *c != '\0'; c++) {
    if (*c < ' ' || *c > '~') {
      *c = '?';
    }
  }
  printf("%s\n", line);
  fflush(stdout);
}

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
