/* Certificates and keys as somebody wrote them: what is loaded or refused
 * leaves nothing behind, and a refusal has its reason; the names in a
 * certificate lie in it, and a host is named by it exactly when a second reader
 * says so. The first octet cuts the rest into a host and the certificate, DER
 * or PEM. */
#include "heap.h"

#include "sipws_tls.h"

#include <mbedtls/x509_crt.h>

/* 1 when it was taken. */
static int must_have_reason(const sipws_tls_config *tls, int err) {
  must(err == 0 || err == SIPWS_ERR_TLS);
  must(err == 0 || sipws_tls_config_reason(tls) != SIPWS_TLS_OK);
  must(sipws_tls_reason_text(sipws_tls_config_reason(tls)) != NULL);
  return err == 0;
}

static void load(const void *data, size_t len) {
  struct fuzz_heap heap = {0};
  sipws_tls_config *client, *server;
  must(sipws_tls_config_new(SIPWS_CLIENT, fuzz_alloc, &heap, fuzz_same, NULL,
                            &client) == 0);
  must(sipws_tls_config_new(SIPWS_SERVER, fuzz_alloc, &heap, fuzz_same, NULL,
                            &server) == 0);
  (void)must_have_reason(client, sipws_tls_config_add_ca(client, data, len));
  (void)must_have_reason(
      server,
      sipws_tls_config_add_identity(server, data, len, data, len, "secret", 6));
  sipws_tls_config_free(client);
  sipws_tls_config_free(server);
  must(heap.live == 0 && heap.blocks == 0);
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* From the right, to the star if there is one (RFC 6125 section 6.4.3). */
static int is_named(const char *pattern, size_t len, const char *host,
                    size_t host_len) {
  size_t star = len > 1 && pattern[0] == '*' && pattern[1] == '.';
  while (len > star && host_len > 0 &&
         lower(pattern[len - 1]) == lower(host[host_len - 1])) {
    len--;
    host_len--;
  }
  if (len > star) {
    return 0;
  }
  return star ? host_len > 0 && memchr(host, '.', host_len) == NULL
              : host_len == 0;
}

static void names(const mbedtls_x509_crt *crt, const char *host, size_t len) {
  const uint8_t *end = crt->raw.p + crt->raw.len;
  const mbedtls_x509_sequence *at = &crt->subject_alt_names;
  int is_any = 0;
  uint32_t i;
  const char *name;
  size_t name_len;
  int kind;
  for (i = 0; sipws__tls_name_at(crt, i, &kind, &name, &name_len); i++) {
    must((const uint8_t *)name >= crt->raw.p &&
         name_len <= (size_t)(end - (const uint8_t *)name));
  }
  for (; at != NULL && at->buf.p != NULL; at = at->next) {
    if ((at->buf.tag & 31) == SIPWS_TLS_NAME_DNS) {
      is_any |= is_named((const char *)at->buf.p, at->buf.len, host, len);
    }
  }
  must(sipws__tls_names_host(crt, host, len) == is_any);
  if (sipws__tls_is_address(host, len)) {
    (void)sipws__tls_names_address(crt, host, len);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  mbedtls_x509_crt crt;
  const uint8_t *octets;
  char *host, *copy;
  size_t len;
  if (size > 4096) {
    return 0;
  }
  octets = fuzz_octets(&input, 1u + fuzz_octet(&input) % 64, &len);
  host = fuzz_copy(octets, len);
  copy = fuzz_copy(input.at, input.left);
  load(copy, input.left);
  mbedtls_x509_crt_init(&crt);
  if (len > 0 && mbedtls_x509_crt_parse_der(&crt, (const uint8_t *)copy,
                                            input.left) == 0) {
    names(&crt, host, len);
  }
  mbedtls_x509_crt_free(&crt);
  free(copy);
  free(host);
  return 0;
}
