/* front_retry: what front_cookie does for it. */
#ifndef SIPWS_FRONT_RETRY_H
#define SIPWS_FRONT_RETRY_H

#include <sipws/front.h>

/* Where the new connection goes. */
struct sipws__retry_target {
  const char *url;
  size_t url_len;
  sipws_url view;
  int is_secure;
};

/* Adds the cookies that came with the answer of |refused| to |again|. */
int sipws__retry_cookies(const sipws_conn *refused, sipws_conn *again,
                         const struct sipws__retry_target *target);

#endif /* SIPWS_FRONT_RETRY_H */
