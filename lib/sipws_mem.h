/* mem: the allocator hook. This room alone knows malloc. */
#ifndef SIPWS_MEM_H
#define SIPWS_MEM_H

#include <sipws/sipws.h>

struct sipws__mem {
  sipws_alloc_fn alloc;
  void *user;
};

/* The C library's allocator when |alloc| is NULL. */
void sipws__mem_init(struct sipws__mem *mem, sipws_alloc_fn alloc, void *user);

/* NULL when refused. The octets are not set. */
void *sipws__mem_new(const struct sipws__mem *mem, size_t size);

/* NULL when refused, and then |ptr| is as it was. */
void *sipws__mem_resize(const struct sipws__mem *mem, void *ptr,
                        size_t old_size, size_t new_size);

/* NULL is fine. */
void sipws__mem_free(const struct sipws__mem *mem, void *ptr, size_t size);

#endif /* SIPWS_MEM_H */
