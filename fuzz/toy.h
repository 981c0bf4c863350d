/* Toy stages below a connection: up to three that finish, then one that stays.
 * It reads and writes records, holds octets back, gives and takes them in small
 * pieces, and does as words in its input tell: speaks, blocks, ends, fails.
 *
 * A record is its length and as many octets, xor 0x5a. Behind a length of 0
 * comes one octet, a word: 's' is answered by the same; 'b' holds output back,
 * and once more gives it free; 'e' is the end in due form; 'f' fails with an
 * alert, 'm' mutely; 'o' makes output fail. Any other is nothing. */
#ifndef SIPWS_FUZZ_TOY_H
#define SIPWS_FUZZ_TOY_H

#include "side.h"

/* Adds them to a fresh connection. |choice|: how many finish (2 bits), how long
 * pieces are (3), how many octets each of those takes (3). */
void toy_add(struct side *side, uint8_t choice);

/* What was added was freed, once. */
void toy_must_be_freed(void);

#endif /* SIPWS_FUZZ_TOY_H */
