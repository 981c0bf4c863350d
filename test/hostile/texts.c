/* Texts that are made to hurt the pure functions. */
#include "hostile.h"

#include <sipws/front.h>
#include <sipws/sip.h>

#define START "OPTIONS sip:a@h SIP/2.0\r\n"
#define REST                                                                   \
  "Via: SIP/2.0/WS a\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n"            \
  "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"

static char out[1 << 18];
static size_t out_len;

/* ---- messages ---- */

static sipws_sip_view parsed(const char *msg, size_t len) {
  sipws_sip_view view;
  view.struct_size = sizeof view;
  (void)sipws_sip_parse(msg, len, &view);
  return view;
}

static void run_parse(const char *msg, size_t len) {
  (void)parsed(msg, len);
}

static void run_next_header(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  sipws_span at = {0, 0}, name, value;
  while (sipws_sip_next_header(msg, len, &view, &at, &name, &value) == 0) {
  }
}

static void run_next_named(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  sipws_span at = {0, 0}, value;
  while (sipws_sip_next_named(msg, len, &view, "Via", 3, &at, &value) == 0) {
  }
}

static void run_next_value(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  sipws_span at = {0, 0}, value;
  while (sipws_sip_next_value(msg, len, &view, "Route", 5, &at, &value) == 0) {
  }
}

static void run_has_value(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  (void)sipws_sip_has_value(msg, len, &view, "Route", 5, "outbound", 8);
}

static void run_last_header(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  sipws_span value;
  (void)sipws_sip_header(msg, len, &view, "Via", 3, 0xffffffffu, &value);
}

static void run_last_value(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  sipws_span value;
  (void)sipws_sip_value_at(msg, len, &view, "Route", 5, 0xffffffffu, &value);
}

static void run_facts(const char *msg, size_t len) {
  sipws_sip_view view = parsed(msg, len);
  sipws_span method;
  uint32_t number;
  (void)sipws_sip_number(msg, len, &view, "Expires", 7, &number);
  (void)sipws_sip_cseq(msg, len, &view, &number, &method);
  (void)sipws_sip_is_sips(msg, len, &view);
  (void)sipws_sip_is_from(msg, len, &view, "sip:a@h", 7);
}

static void run_remove_top(const char *msg, size_t len) {
  (void)sipws_sip_remove_top(msg, len, "Via", 3, out, sizeof out, &out_len);
}

static void run_set_header(const char *msg, size_t len) {
  (void)sipws_sip_set_header(msg, len, "Expires", 7, "1", 1, out, sizeof out,
                             &out_len);
}

static void run_set_body(const char *msg, size_t len) {
  (void)sipws_sip_set_body(msg, len, "a/b", 3, "c", 1, out, sizeof out,
                           &out_len);
}

static void run_set_length(const char *msg, size_t len) {
  (void)sipws_sip_set_length(msg, len, out, sizeof out, &out_len);
}

static void run_respond(const char *msg, size_t len) {
  (void)sipws_sip_respond(msg, len, 200, "OK", 2, "tag", 3, out, sizeof out,
                          &out_len);
}

static void run_via_last(const char *msg, size_t len) {
  sipws_via via;
  via.struct_size = sizeof via;
  (void)sipws_via_at(msg, len, 0xffffffffu, &via);
}

static void run_via_count(const char *msg, size_t len) {
  uint32_t count;
  (void)sipws_via_count(msg, len, &count);
}

static void run_via_stamp(const char *msg, size_t len) {
  static const uint8_t addr[4] = {192, 0, 2, 1};
  (void)sipws_via_stamp(msg, len, SIPWS_RECEIVED_ALWAYS, addr, 4, 9, out,
                        sizeof out, &out_len);
}

static void run_via_set_param(const char *msg, size_t len) {
  (void)sipws_via_set_param(msg, len, "x", 1, "y", 1, out, sizeof out,
                            &out_len);
}

static void run_via_remove(const char *msg, size_t len) {
  (void)sipws_via_remove(msg, len, out, sizeof out, &out_len);
}

/* ---- values ---- */

static sipws_span whole(size_t len) {
  sipws_span span;
  span.off = 0;
  span.len = (uint32_t)len;
  return span;
}

static void run_via_parse(const char *text, size_t len) {
  sipws_span value = whole(len);
  sipws_via via;
  via.struct_size = sizeof via;
  (void)sipws_via_parse(text, &value, &via);
}

static void run_addr(const char *text, size_t len) {
  sipws_span value = whole(len), instance;
  sipws_name_addr addr;
  uint32_t reg_id;
  addr.struct_size = sizeof addr;
  if (sipws_name_addr_parse(text, &value, &addr) == 0) {
    (void)sipws_contact_flow(text, &addr, &instance, &reg_id);
  }
}

static void run_list(const char *text, size_t len) {
  sipws_span list = whole(len), value;
  while (sipws_list_next(text, &list, &value) == 0) {
  }
}

static void run_param(const char *text, size_t len) {
  sipws_span params = whole(len), value;
  (void)sipws_param(text, &params, "last", 4, &value);
}

static void run_auth_param(const char *text, size_t len) {
  sipws_span header = whole(len), value;
  (void)sipws_auth_param(text, &header, "last", 4, &value);
}

static void run_auth_check(const char *text, size_t len) {
  (void)sipws_auth_check(text, len, "GET", 3, "secret", 6);
}

static void run_auth_answer(const char *text, size_t len) {
  static const uint8_t seed[16];
  (void)sipws_auth_answer(text, len, "GET", 3, "/", 1, "a", 1, "b", 1, seed, 1,
                          out, sizeof out, &out_len);
}

static void run_uri(const char *text, size_t len) {
  sipws_span uri = whole(len);
  sipws_uri view;
  view.struct_size = sizeof view;
  if (sipws_uri_parse(text, &uri, &view) == 0) {
    (void)sipws_uri_equal(text, &view, text, &view);
  }
}

static void run_url(const char *text, size_t len) {
  sipws_url view;
  view.struct_size = sizeof view;
  (void)sipws_url_parse(text, len, &view);
}

/* ---- the front door ---- */

static void run_query(const char *text, size_t len) {
  sipws_span query = whole(len), name, value;
  while (sipws_query_next(text, &query, &name, &value) == 0) {
  }
  (void)sipws_query_get(text, len, "last", 4, out, sizeof out, &out_len);
}

static void run_percent(const char *text, size_t len) {
  (void)sipws_percent_decode(text, len, out, sizeof out, &out_len);
}

static void run_cookie(const char *text, size_t len) {
  sipws_span list = whole(len), name, value;
  while (sipws_cookie_next(text, &list, &name, &value) == 0) {
  }
}

static void run_forwarded(const char *text, size_t len) {
  sipws_span list = whole(len);
  sipws_forwarded element;
  element.struct_size = sizeof element;
  while (sipws_forwarded_next(text, &list, &element) == 0) {
  }
}

static void run_x_forwarded(const char *text, size_t len) {
  sipws_span list = whole(len);
  sipws_forwarded element;
  element.struct_size = sizeof element;
  while (sipws_x_forwarded_next(text, &list, &element) == 0) {
  }
}

static void run_origin(const char *text, size_t len) {
  static const char list[] =
      "https://a.example https://*.example.com null http://b.example";
  (void)sipws_origin_is_allowed(list, sizeof list - 1, text, len);
}

static void run_proxy(const char *text, size_t len) {
  sipws_proxy_header header;
  sipws_span at = {0, 0}, value;
  uint32_t type;
  header.struct_size = sizeof header;
  if (sipws_proxy_header_parse(text, len, &header) == 0) {
    while (sipws_proxy_header_next(text, &header, &at, &type, &value) == 0) {
    }
  }
}

const struct hostile_function hostile_functions[] = {
    {"sip_parse, empty lines", START, "a:\r\n", "\r\n", run_parse},
    {"sip_parse, lines", START, "Abcdef: ghijkl\r\n", "\r\n", run_parse},
    {"sip_parse, folded lines", START "a:", "\r\n ", "\r\n\r\n", run_parse},
    {"sip_parse, lengths", START, "l:1\r\n", "\r\n", run_parse},
    {"sip_parse, a long name", START, "a", ":\r\n\r\n", run_parse},
    {"sip_parse, spaces before a colon", START "a", " ", ":\r\n\r\n",
     run_parse},
    {"sip_next_header", START, "a:\r\n", "\r\n", run_next_header},
    {"sip_next_header, folds", START "a:", "\r\n ", "\r\n\r\n",
     run_next_header},
    {"sip_next_named, Vias", START, "v:a\r\n", "\r\n", run_next_named},
    {"sip_next_named, no Via", START, "a:\r\n", "\r\n", run_next_named},
    {"sip_next_value, one line", START "Route:", "a,", "a\r\n\r\n",
     run_next_value},
    {"sip_next_value, empty values", START "Route:", ",", "a\r\n\r\n",
     run_next_value},
    {"sip_next_value, lines", START, "Route:a\r\n", "\r\n", run_next_value},
    {"sip_next_value, empty lines", START, "Route:\r\n", "\r\n",
     run_next_value},
    {"sip_next_value, open quotes", START "Route:", "\",", "\r\n\r\n",
     run_next_value},
    {"sip_next_value, open brackets", START "Route:", "<,", "\r\n\r\n",
     run_next_value},
    {"sip_has_value", START "Route:", "o,", "a\r\n\r\n", run_has_value},
    {"sip_header, the last", START, "v:a\r\n", "\r\n", run_last_header},
    {"sip_value_at, the last", START "Route:", "a,", "a\r\n\r\n",
     run_last_value},
    {"sip_number, sip_cseq, is_sips, is_from", START, "a:\r\n", REST,
     run_facts},
    {"sip_is_from, Froms", START, "f:<sip:a@h>\r\n", REST, run_facts},
    {"sip_remove_top", START "Via:", "a,", "a\r\n\r\n", run_remove_top},
    {"sip_set_header", START, "a:\r\n", "\r\n", run_set_header},
    {"sip_set_body, types and lengths", START, "c:a/b\r\nl:0\r\n", "\r\n",
     run_set_body},
    {"sip_set_length, lengths", START, "l:0\r\n", "\r\n", run_set_length},
    {"sip_respond, Vias", START, "v:a\r\n", REST, run_respond},
    {"sip_respond, Record-Routes", START, "Record-Route:<a>\r\n", REST,
     run_respond},
    {"sip_respond, empty lines", START, "a:\r\n", REST, run_respond},
    {"sip_respond, names of no letter", START, ".:\r\n", REST, run_respond},
    {"via_at, Vias in a line", START "Via:", "SIP/2.0/WS a,",
     "SIP/2.0/WS a\r\n\r\n", run_via_last},
    {"via_at, Vias in lines", START, "v:SIP/2.0/WS a\r\n", "\r\n",
     run_via_last},
    {"via_at, folds", START "v:SIP/2.0/WS a", "\r\n ", "\r\n\r\n",
     run_via_last},
    {"via_count", START "Via:", "a,", "a\r\n\r\n", run_via_count},
    {"via_stamp, parameters", START "v:SIP/2.0/WS a", ";a", "\r\n\r\n",
     run_via_stamp},
    {"via_stamp, values", START "v:SIP/2.0/WS a", ",a", "\r\n\r\n",
     run_via_stamp},
    {"via_set_param, parameters", START "v:SIP/2.0/WS a", ";a", "\r\n\r\n",
     run_via_set_param},
    {"via_remove, values", START "v:SIP/2.0/WS a", ",a", "\r\n\r\n",
     run_via_remove},
    {"via_parse, parameters", "SIP/2.0/WS a", ";a", "", run_via_parse},
    {"via_parse, branches", "SIP/2.0/WS a", ";branch=b", "", run_via_parse},
    {"via_parse, quotes", "SIP/2.0/WS a;b=\"", "\\\"", "\"", run_via_parse},
    {"via_parse, spaces", "SIP/2.0/WS", " ", "a", run_via_parse},
    {"via_parse, a long host", "SIP/2.0/WS ", "a.", "a", run_via_parse},
    {"addr_parse, display", "", "a ", "<sip:a@h>", run_addr},
    {"addr_parse, quotes", "\"", "\\\"", "\" <sip:a@h>", run_addr},
    {"addr_parse, parameters", "<sip:a@h>", ";a", "", run_addr},
    {"addr_parse, instances", "<sip:a@h>", ";reg-id=1", "", run_addr},
    {"list_next", "", "a,", "a", run_list},
    {"list_next, quotes", "", "\"\",", "a", run_list},
    {"list_next, open quotes", "", "\"", "", run_list},
    {"list_next, open brackets", "", "<", "", run_list},
    {"list_next, spaces", "", " ", "a", run_list},
    {"param", "", ";a", ";last=1", run_param},
    {"param, values", "", ";a=\"b\"", ";last=1", run_param},
    {"auth_param", "Digest ", "a=b,", "last=1", run_auth_param},
    {"auth_param, quotes", "Digest ", "a=\"\\\"\",", "last=1", run_auth_param},
    {"auth_param, commas", "Digest ", ",", "last=1", run_auth_param},
    {"auth_check, unknown parameters",
     "Digest username=\"a\",realm=\"b\",nonce=\"c\",uri=\"/\",", "a=b,",
     "response=\"00000000000000000000000000000000\"", run_auth_check},
    {"auth_check, a long nonce",
     "Digest username=\"a\",realm=\"b\",uri=\"/\",response="
     "\"00000000000000000000000000000000\",nonce=\"",
     "a", "\"", run_auth_check},
    {"auth_answer, a long realm", "Digest nonce=\"a\",qop=\"auth\",realm=\"",
     "a", "\"", run_auth_answer},
    {"auth_answer, qops", "Digest nonce=\"a\",realm=\"b\",qop=\"", "a,",
     "auth\"", run_auth_answer},
    {"uri_parse, uri_equal, a long user", "sip:", "%61", "@h", run_uri},
    {"uri_parse, uri_equal, a long host", "sip:a@", "a.", "a", run_uri},
    {"uri_parse, uri_equal, a long name", "sip:a@h;", "a", "", run_uri},
    {"uri_parse, uri_equal, a long value", "sip:a@h;b=", "%61", "", run_uri},
    {"uri_parse, parameters", "sip:a@h", ";a", "", run_uri},
    {"url_parse", "ws://h/", "a", "", run_url},
    {"url_parse, a long host", "ws://", "a.", "a", run_url},
    {"query_next, query_get", "", "a=b&", "last=1", run_query},
    {"query_next, query_get, nothing", "", "&", "last=1", run_query},
    {"query_next, query_get, escapes", "", "%6c&", "last=1", run_query},
    {"percent_decode", "", "%61", "", run_percent},
    {"cookie_next", "", "a=b;", "a=b", run_cookie},
    {"cookie_next, none", "", "a;", "a=b", run_cookie},
    {"cookie_next, nothing", "", ";", "a=b", run_cookie},
    {"forwarded_next", "", "for=a,", "for=b", run_forwarded},
    {"forwarded_next, parameters", "for=a", ";", "host=h", run_forwarded},
    {"forwarded_next, quotes", "for=\"", "\\a", "\"", run_forwarded},
    {"x_forwarded_next", "", "a,", "b", run_x_forwarded},
    {"x_forwarded_next, digits", "", ",0", "", run_x_forwarded},
    {"x_forwarded_next, dots", "", ",0.", "", run_x_forwarded},
    {"x_forwarded_next, nothing", "", ",", "b", run_x_forwarded},
    {"origin_is_allowed", "https://", "a.", "example.com", run_origin},
    {"proxy_header_parse, line", "PROXY ", "a", "", run_proxy},
};
const size_t hostile_function_count =
    sizeof hostile_functions / sizeof hostile_functions[0];
