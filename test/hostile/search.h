/* A search for inputs worse than those at hand. */
#ifndef SIPWS_TEST_SEARCH_H
#define SIPWS_TEST_SEARCH_H

#include "trial.h"

/* A trial that may become a start of the search, and its cost. */
struct search_start {
  struct trial trial;
  double cost;
};

/* Climbs from the worst of |starts|, which it sorts, for |seconds|; then tells
 * |found| what is worse than its start. */
void search(struct search_start *starts, size_t count, unsigned seconds,
            uint32_t seed, void (*found)(const struct trial *trial));

#endif /* SIPWS_TEST_SEARCH_H */
