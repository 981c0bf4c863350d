/* front_query: lists of "name=value" as query, Cookie and Set-Cookie have
 * them. */
#ifndef SIPWS_FRONT_QUERY_H
#define SIPWS_FRONT_QUERY_H

#include <sipws/front.h>

/* A piece of a list, cut at its first "=". */
struct sipws__pair {
  sipws_span name;
  sipws_span value; /* behind it; empty also when there is none */
  int has_value;    /* there is a "=" */
};

/* Takes the piece up to |separator| or the end off |list|; it may be empty. 0,
 * or SIPWS_ERR_NOT_FOUND when nothing is left. */
int sipws__pair_next(const char *text, sipws_span *list, char separator,
                     struct sipws__pair *pair);

#endif /* SIPWS_FRONT_QUERY_H */
