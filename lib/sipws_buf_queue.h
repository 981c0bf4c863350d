/* buf, second part: the output queue. What is lent never moves: octets lie in
 * chunks that are added and given back whole. What is put in at once lies in
 * one piece, so that a message is one send, and one TLS record. */
#ifndef SIPWS_BUF_QUEUE_H
#define SIPWS_BUF_QUEUE_H

#include "sipws_mem.h"

struct sipws__chunk {
  struct sipws__chunk *next;
  size_t size;  /* octets of room behind this header */
  size_t start; /* up to here they are taken */
  size_t end;   /* up to here they are put in */
};

struct sipws__queue {
  struct sipws__chunk *head, *tail;
  struct sipws__chunk *spare; /* one empty chunk kept for the next need */
  size_t len;                 /* octets put in and not taken */
  size_t lent;                /* of these, from the front, how many were lent */
  uint8_t *arena;             /* fixed memory in place of the allocator; or */
  size_t arena_size;          /* NULL. Chunks lie in it first in, first out. */
  uint32_t chunk_most;        /* octets of those behind the first, about; 0: all
                               * are alike */
  int is_brief; /* nothing is kept once it is empty: the first one may be as
                 * long as they */
};

static inline uint8_t *sipws__chunk_data(struct sipws__chunk *chunk) {
  return (uint8_t *)(chunk + 1);
}

/* Room for |len| octets in one piece at the end, or NULL: no memory. They count
 * once sipws__queue_commit says so. grow: where the last chunk has none. */
uint8_t *sipws__queue_grow(struct sipws__queue *queue,
                           const struct sipws__mem *mem, size_t len);

static inline uint8_t *sipws__queue_room(struct sipws__queue *queue,
                                         const struct sipws__mem *mem,
                                         size_t len) {
  struct sipws__chunk *tail = queue->tail;
  return tail != NULL && tail->size - tail->end >= len
             ? sipws__chunk_data(tail) + tail->end
             : sipws__queue_grow(queue, mem, len);
}

static inline void sipws__queue_commit(struct sipws__queue *queue, size_t len) {
  queue->tail->end += len;
  queue->len += len;
}

/* Nothing is put into the room that was asked for last: it goes again. */
void sipws__queue_cancel(struct sipws__queue *queue,
                         const struct sipws__mem *mem);

/* Lends a piece behind the first |skip| octets; 0 octets at the end. */
void sipws__queue_lend(struct sipws__queue *queue, size_t skip,
                       const uint8_t **data, size_t *len);

/* The piece at the front, which is not marked as lent. */
static inline void sipws__queue_front(const struct sipws__queue *queue,
                                      const uint8_t **data, size_t *len) {
  struct sipws__chunk *chunk = queue->head;
  *data = chunk == NULL ? NULL : sipws__chunk_data(chunk) + chunk->start;
  *len = chunk == NULL ? 0 : chunk->end - chunk->start;
}

/* |len| octets at the front, at most those of the piece there, are taken. */
void sipws__queue_drop(struct sipws__queue *queue, const struct sipws__mem *mem,
                       size_t len);

/* Gives back chunks that were emptied behind the front, by hand. */
void sipws__queue_prune(struct sipws__queue *queue,
                        const struct sipws__mem *mem);

/* Gives back what is empty. */
void sipws__queue_trim(struct sipws__queue *queue,
                       const struct sipws__mem *mem);

/* 1 when trim would give something back. */
int sipws__queue_has_slack(const struct sipws__queue *queue);

/* Gives back all. */
void sipws__queue_free(struct sipws__queue *queue,
                       const struct sipws__mem *mem);

/* Octets of arena that hold |len| octets whatever their pieces. */
size_t sipws__queue_arena_size(size_t len);

#endif /* SIPWS_BUF_QUEUE_H */
