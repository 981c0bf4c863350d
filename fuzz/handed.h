/* A server's request that somebody else read, handed over line by line. */
#ifndef SIPWS_FUZZ_HANDED_H
#define SIPWS_FUZZ_HANDED_H

#include "side.h"

/* The lines that |input| begins with, up to an empty one, are a request,
 * without the version. |cuts| not NULL: they are fed instead, in pieces, as the
 * library would write them; it makes no difference, unless a line was
 * refused. */
void handed_request(struct side *side, struct fuzz_input *input, int is_stream,
                    uint32_t *cuts);

#endif /* SIPWS_FUZZ_HANDED_H */
