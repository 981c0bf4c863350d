/* load: what connections hold, as the system tells. */
#ifndef BENCH_LOAD_MEMORY_H
#define BENCH_LOAD_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Octets. */
struct load_memory {
  uint64_t rss;     /* of the server */
  uint64_t slab;    /* of the kernel, for whatever */
  uint64_t buffers; /* of the kernel, for octets in TCP sockets */
};

void load_memory_read(pid_t server, struct load_memory *memory);

/* Remembers what each slab cache of the kernel holds; 0, or -1: not allowed to
 * (root alone may). */
int load_slabs_begin(void);

/* Prints those that grew by an object or more for each of |ends| sockets: lines
 * "slab NAME OBJECTS OCTETS", of one socket. */
void load_slabs_print(size_t ends);

#endif /* BENCH_LOAD_MEMORY_H */
