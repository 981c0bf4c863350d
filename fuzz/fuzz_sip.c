/* The pure functions of sip.h on anything. Readers may tell only of octets that
 * are there; what an editor writes reads back as what was asked for. The first
 * octet chooses a header name. */
#include "fuzz.h"

#include <sipws/sip.h>

#define OUT_SIZE 16384

static const char *const names[] = {"Via",     "v",      "Contact", "Route",
                                    "To",      "CSeq",   "Expires", "Supported",
                                    "X-Other", "Call-ID"};

static void read_addr(const char *msg, size_t len, const sipws_span *value) {
  sipws_addr addr;
  sipws_uri uri;
  sipws_span found;
  addr.struct_size = sizeof addr;
  if (sipws_addr_parse(msg, value, &addr) != 0) {
    return;
  }
  must_lie(addr.uri, len);
  must_lie(addr.params, len);
  must_lie(addr.display, len);
  if (sipws_param(msg, &addr.params, "tag", 3, &found) == 0) {
    must_lie(found, len);
  }
  uri.struct_size = sizeof uri;
  if (sipws_uri_parse(msg, &addr.uri, &uri) == 0) {
    must_lie(uri.host, len);
    must_lie(uri.params, len);
    must_lie(uri.headers, len);
    must(uri.scheme == SIPWS_SCHEME_OTHER ||
         sipws_uri_equal(msg, &uri, msg, &uri) == 1);
  }
}

static void read_values(const char *msg, size_t len, const sipws_sip_view *view,
                        const char *name) {
  sipws_span at = {0, 0};
  sipws_span value;
  uint32_t count = 0;
  while (sipws_sip_next_value(msg, len, view, name, strlen(name), &at,
                              &value) == 0) {
    must_lie(value, len);
    must(++count <= len);
    read_addr(msg, len, &value);
    (void)sipws_auth_param(msg, &value, "nonce", 5, &value);
  }
}

static void read_vias(const char *msg, size_t len) {
  sipws_via via;
  uint32_t count;
  via.struct_size = sizeof via;
  if (sipws_via_count(msg, len, &count) != 0 || count == 0) {
    return;
  }
  must(sipws_via_at(msg, len, 0, &via) != SIPWS_ERR_NOT_FOUND);
  must(sipws_via_at(msg, len, count, &via) != 0);
  if (sipws_via_at(msg, len, 0, &via) == 0) {
    must_lie(via.host, len);
    must_lie(via.params, len);
    must_lie(via.branch, len);
  }
}

static void edit(const char *msg, size_t len, const char *name) {
  static char out[OUT_SIZE], again[OUT_SIZE];
  sipws_sip_view view;
  sipws_span value;
  size_t out_len, again_len;
  view.struct_size = sizeof view;
  if (sipws_sip_set_header(msg, len, name, strlen(name), "sip:a@b", 7, out,
                           OUT_SIZE, &out_len) == 0) {
    must(sipws_sip_parse(out, out_len, &view) == 0);
    must(sipws_sip_header(out, out_len, &view, name, strlen(name), 0, &value) ==
             0 &&
         value.len == 7 && memcmp(out + value.off, "sip:a@b", 7) == 0);
  }
  if (sipws_via_prepend(msg, len, "SIP/2.0/WS h;branch=z", 21, out, OUT_SIZE,
                        &out_len) == 0 &&
      sipws_via_remove(out, out_len, again, OUT_SIZE, &again_len) == 0) {
    must(again_len == len && memcmp(again, msg, len) == 0);
  }
  if (sipws_sip_respond(msg, len, 200, "OK", 2, "tag", 3, out, OUT_SIZE,
                        &out_len) == 0) {
    must(sipws_sip_parse(out, out_len, &view) == 0 && !view.is_request &&
         view.status == 200 && view.verdict == SIPWS_SIP_OK);
  }
  (void)sipws_sip_remove_top(msg, len, name, strlen(name), out, OUT_SIZE,
                             &out_len);
  (void)sipws_via_set_param(msg, len, "rport", 5, "5060", 4, out, OUT_SIZE,
                            &out_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *msg, *name;
  sipws_sip_view view;
  sipws_url url;
  char *copy;
  size_t len;
  if (size < 1 || size > OUT_SIZE / 4) {
    return 0;
  }
  name = names[data[0] % (sizeof names / sizeof names[0])];
  len = size - 1;
  copy = fuzz_copy(data + 1, len);
  msg = copy;
  view.struct_size = sizeof view;
  url.struct_size = sizeof url;
  if (sipws_url_parse(msg, len, &url) == 0) {
    must_lie(url.host, len);
    must_lie(url.path, len);
  }
  if (sipws_sip_parse(msg, len, &view) == 0) {
    must_lie(view.headers, len);
    must_lie(view.body, len);
    must(view.body.len + view.cut <= len);
    read_values(msg, len, &view, name);
    read_vias(msg, len);
    edit(msg, len, name);
  }
  free(copy);
  return 0;
}
