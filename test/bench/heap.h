/* Counts what is asked of malloc and not given back, by whatever part of the
 * program: linking heap.c replaces the C library's functions (glibc). */
#ifndef SIPWS_BENCH_HEAP_H
#define SIPWS_BENCH_HEAP_H

#include <stddef.h>

struct heap {
  size_t octets, blocks;
};

struct heap heap_live(void);

#endif /* SIPWS_BENCH_HEAP_H */
