/* front: the cookies that came with a refusal (RFC 6265 section 5), as far as
 * one more request to the same URL needs them. */
#include "sipws_front_query.h"
#include "sipws_front_retry.h"
#include "sipws_host.h"
#include "sipws_text.h"

#include <string.h>

/* RFC 6265 section 6.1: as many of one domain have to be kept. */
#define COOKIE_COUNT_MAX 50

/* One cookie; all lies in the head that |refused| lends. */
struct cookie {
  const char *name;
  size_t name_len;
  const char *value;
  size_t value_len;
  int is_over; /* its Max-Age is; it deletes what came before */
};

/* Of different names each. */
struct cookie_jar {
  struct cookie list[COOKIE_COUNT_MAX];
  size_t count;
};

/* ----------------------------------------------------------- attributes -- */

/* RFC 6265 5.2.2: what is no number counts for nothing. */
static int cookie_is_over(const char *age, size_t len) {
  size_t i;
  int is_zero = 1;
  for (i = len > 0 && age[0] == '-'; i < len; i++) {
    if (age[i] < '0' || age[i] > '9') {
      return 0;
    }
    is_zero = is_zero && age[i] == '0';
  }
  return len > 0 && (age[0] == '-' || is_zero);
}

/* RFC 6265 5.1.3, and 5.2.3: a dot ahead is passed over. */
static int cookie_is_domain(const struct sipws__retry_target *target,
                            const char *domain, size_t len) {
  const char *host = target->url + target->view.host.off;
  size_t host_len = target->view.host.len;
  uint8_t addr[16];
  if (len > 0 && domain[0] == '.') {
    domain++;
    len--;
  }
  if (len == 0 || sipws__text_equal(host, host_len, domain, len)) {
    return 1;
  }
  return host_len > len && host[host_len - len - 1] == '.' &&
         sipws__text_equal(host + host_len - len, len, domain, len) &&
         sipws__host_address(target->url, target->view.host, addr) == 0;
}

/* RFC 6265 5.1.4, and 5.2.4: other than an absolute path it is the default
 * one, that of the URL. */
static int cookie_is_path(const struct sipws__retry_target *target,
                          const char *path, size_t len) {
  const char *ours = target->url + target->view.path.off;
  size_t ours_len = target->view.path.len;
  if (len <= 1 || path[0] != '/') {
    return 1;
  }
  return ours_len >= len && memcmp(ours, path, len) == 0 &&
         (ours_len == len || path[len - 1] == '/' || ours[len] == '/');
}

/* Reads the attributes of a cookie; of those that come twice the last counts
 * (RFC 6265 section 5.3). 1 when it may go to |target|. */
static int cookie_read_attributes(const char *text, sipws_span rest,
                                  const struct sipws__retry_target *target,
                                  struct cookie *cookie) {
  struct sipws__pair pair;
  int is_domain = 1;
  int is_path = 1;
  int is_for_tls = 0;
  cookie->is_over = 0;
  while (sipws__pair_next(text, &rest, ';', &pair) == 0) {
    sipws_span name = sipws__text_trim(text, pair.name, 0);
    sipws_span span = sipws__text_trim(text, pair.value, 0);
    const char *value = text + span.off;
    if (sipws__text_is(text + name.off, name.len, "Max-Age")) {
      cookie->is_over = cookie_is_over(value, span.len);
    } else if (sipws__text_is(text + name.off, name.len, "Domain")) {
      is_domain = cookie_is_domain(target, value, span.len);
    } else if (sipws__text_is(text + name.off, name.len, "Path")) {
      is_path = cookie_is_path(target, value, span.len);
    } else if (sipws__text_is(text + name.off, name.len, "Secure")) {
      is_for_tls = 1;
    }
  }
  return is_domain && is_path && (!is_for_tls || target->is_secure);
}

/* Reads a Set-Cookie value. 1 when it is for |target|. */
static int cookie_read(const char *text, size_t len,
                       const struct sipws__retry_target *target,
                       struct cookie *cookie) {
  sipws_span rest = sipws__text_span(0, len);
  struct sipws__pair pair;
  if (sipws__pair_next(text, &rest, ';', &pair) != 0 || !pair.has_value) {
    return 0;
  }
  pair.name = sipws__text_trim(text, pair.name, 0);
  pair.value = sipws__text_trim(text, pair.value, 0);
  cookie->name = text + pair.name.off;
  cookie->name_len = pair.name.len;
  cookie->value = text + pair.value.off;
  cookie->value_len = pair.value.len;
  return cookie_read_attributes(text, rest, target, cookie);
}

/* ------------------------------------------------------------------ jar -- */

/* Keeps |cookie| in place of one of its name. */
static void cookie_keep(struct cookie_jar *jar, const struct cookie *cookie) {
  size_t i = 0;
  while (i < jar->count &&
         !sipws__text_same(jar->list[i].name, jar->list[i].name_len,
                           cookie->name, cookie->name_len)) {
    i++;
  }
  if (i < COOKIE_COUNT_MAX) {
    jar->list[i] = *cookie;
    jar->count += i == jar->count;
  }
}

int sipws__retry_cookies(const sipws_conn *refused, sipws_conn *again,
                         const struct sipws__retry_target *target) {
  struct cookie_jar jar;
  struct cookie cookie;
  const char *value;
  size_t len, i;
  uint32_t line = 0;
  int err = 0;
  jar.count = 0;
  while (sipws_conn_header(refused, "Set-Cookie", 10, line++, &value, &len) ==
         0) {
    if (cookie_read(value, len, target, &cookie)) {
      cookie_keep(&jar, &cookie);
    }
  }
  for (i = 0; err == 0 && i < jar.count; i++) {
    const struct cookie *kept = &jar.list[i];
    if (!kept->is_over) {
      err = sipws_conn_add_cookie(again, kept->name, kept->name_len,
                                  kept->value, kept->value_len);
    }
    if (err == SIPWS_ERR_TEXT) {
      err = 0; /* no Cookie header can carry it: do without */
    }
  }
  return err;
}
