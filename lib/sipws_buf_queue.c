#include "sipws_buf_queue.h"

#include <string.h>

/* A chunk with its header is one page's half: several SIP messages of usual
 * size, little when idle. */
#define QUEUE_CHUNK_SIZE (2048 - sizeof(struct sipws__chunk))
/* Those behind it, where |chunk_most| lets them: a burst is a few pieces. */
#define QUEUE_CHUNK_MOST (16384 - sizeof(struct sipws__chunk))
/* In an arena chunks are as long as what they hold; short pieces share one of
 * up to this size. */
#define QUEUE_ARENA_CHUNK 512
#define QUEUE_ALIGN sizeof(void *)

static size_t queue_footprint(size_t size) {
  return (sizeof(struct sipws__chunk) + size + QUEUE_ALIGN - 1) / QUEUE_ALIGN *
         QUEUE_ALIGN;
}

/* Chunks of an arena follow one another and wrap at its end, so the free space
 * is what lies between tail and head, in one or two pieces. Where the piece
 * behind the tail ends: */
static uint8_t *queue_free_end(const struct sipws__queue *queue) {
  return queue->head > queue->tail ? (uint8_t *)queue->head
                                   : queue->arena + queue->arena_size;
}

static struct sipws__chunk *queue_carve(const struct sipws__queue *queue,
                                        size_t size) {
  size_t need = queue_footprint(size);
  uint8_t *at = queue->arena;
  uint8_t *limit = queue_free_end(queue);
  if (queue->tail != NULL) {
    at = (uint8_t *)queue->tail + queue_footprint(queue->tail->size);
    if (need > (size_t)(limit - at) && queue->head <= queue->tail) {
      at = queue->arena;
      limit = (uint8_t *)queue->head;
    }
  }
  if (need > (size_t)(limit - at)) {
    return NULL;
  }
  return (struct sipws__chunk *)(void *)at;
}

/* Makes the last chunk of an arena longer, so that |len| octets fit. */
static int queue_stretch(struct sipws__queue *queue, size_t len) {
  struct sipws__chunk *tail = queue->tail;
  if (queue->arena == NULL || len > QUEUE_ARENA_CHUNK ||
      tail->end + len > QUEUE_ARENA_CHUNK ||
      queue_footprint(tail->end + len) >
          (size_t)(queue_free_end(queue) - (uint8_t *)tail)) {
    return 0;
  }
  tail->size = tail->end + len;
  return 1;
}

/* ---- empty chunks ---- */

static void queue_free_chunk(const struct sipws__mem *mem,
                             struct sipws__chunk *chunk) {
  if (chunk != NULL) {
    sipws__mem_free(mem, chunk, sizeof *chunk + chunk->size);
  }
}

/* One is kept, the longer of two: messages of any size find room in it. */
static void queue_give_back(struct sipws__queue *queue,
                            const struct sipws__mem *mem,
                            struct sipws__chunk *chunk) {
  struct sipws__chunk *other = queue->spare;
  if (queue->arena != NULL) {
    return;
  }
  if (other != NULL && other->size >= chunk->size) {
    other = chunk;
  } else {
    queue->spare = chunk;
  }
  queue_free_chunk(mem, other);
}

/* Takes empty chunks off the front. */
static void queue_shed(struct sipws__queue *queue,
                       const struct sipws__mem *mem) {
  struct sipws__chunk *chunk;
  while ((chunk = queue->head) != NULL && chunk->start == chunk->end) {
    queue->head = chunk->next;
    if (queue->head == NULL) {
      queue->tail = NULL;
    }
    queue_give_back(queue, mem, chunk);
  }
}

void sipws__queue_trim(struct sipws__queue *queue,
                       const struct sipws__mem *mem) {
  if (queue->len == 0) {
    queue_shed(queue, mem);
  }
  queue_free_chunk(mem, queue->spare);
  queue->spare = NULL;
}

int sipws__queue_has_slack(const struct sipws__queue *queue) {
  return queue->spare != NULL || (queue->len == 0 && queue->head != NULL);
}

/* ---- putting in and taking out ---- */

/* The usual size of the next chunk. */
static size_t queue_usual(const struct sipws__queue *queue) {
  if ((queue->tail == NULL && !queue->is_brief) ||
      queue->chunk_most < QUEUE_CHUNK_SIZE) {
    return QUEUE_CHUNK_SIZE;
  }
  return queue->chunk_most < QUEUE_CHUNK_MOST ? queue->chunk_most
                                              : QUEUE_CHUNK_MOST;
}

static struct sipws__chunk *queue_new_chunk(struct sipws__queue *queue,
                                            const struct sipws__mem *mem,
                                            size_t len) {
  size_t usual = queue_usual(queue);
  size_t size = len > usual ? len : usual;
  struct sipws__chunk *chunk = queue->spare;
  if (queue->arena != NULL) {
    size = len;
    chunk = queue_carve(queue, size);
  } else if (chunk != NULL && chunk->size >= len) {
    queue->spare = NULL;
    size = chunk->size;
  } else {
    sipws__queue_trim(queue, mem); /* two are not kept */
    chunk = sipws__mem_new(mem, sizeof *chunk + size);
  }
  if (chunk != NULL) {
    chunk->next = NULL;
    chunk->size = size;
    chunk->start = 0;
    chunk->end = 0;
  }
  return chunk;
}

uint8_t *sipws__queue_grow(struct sipws__queue *queue,
                           const struct sipws__mem *mem, size_t len) {
  struct sipws__chunk *chunk;
  if (queue->len == 0) {
    queue_shed(queue, mem);
  }
  chunk = queue->tail;
  if (chunk == NULL || !queue_stretch(queue, len)) {
    chunk = queue_new_chunk(queue, mem, len);
    if (chunk == NULL) {
      return NULL;
    }
    if (queue->tail != NULL) {
      queue->tail->next = chunk;
    } else {
      queue->head = chunk;
    }
    queue->tail = chunk;
  }
  return sipws__chunk_data(chunk) + chunk->end;
}

void sipws__queue_cancel(struct sipws__queue *queue,
                         const struct sipws__mem *mem) {
  struct sipws__chunk *tail = queue->tail;
  struct sipws__chunk *before = NULL;
  struct sipws__chunk **link = &queue->head;
  if (tail->start < tail->end) {
    tail->size = queue->arena != NULL ? tail->end : tail->size;
    return;
  }
  while (*link != tail) {
    before = *link;
    link = &before->next;
  }
  *link = NULL;
  queue->tail = before;
  if (queue->arena == NULL) {
    queue_free_chunk(mem, tail);
  }
}

void sipws__queue_lend(struct sipws__queue *queue, size_t skip,
                       const uint8_t **data, size_t *len) {
  struct sipws__chunk *chunk = queue->head;
  size_t upto = skip;
  while (chunk != NULL && skip >= chunk->end - chunk->start) {
    skip -= chunk->end - chunk->start;
    chunk = chunk->next;
  }
  if (chunk == NULL) {
    *data = NULL;
    *len = 0;
    return;
  }
  *data = sipws__chunk_data(chunk) + chunk->start + skip;
  *len = chunk->end - chunk->start - skip;
  upto += *len;
  if (upto > queue->lent) {
    queue->lent = upto;
  }
}

void sipws__queue_drop(struct sipws__queue *queue, const struct sipws__mem *mem,
                       size_t len) {
  struct sipws__chunk *chunk = queue->head;
  chunk->start += len;
  queue->len -= len;
  queue->lent -= len < queue->lent ? len : queue->lent;
  if (chunk->start < chunk->end) {
    return;
  }
  if (chunk == queue->tail && queue->spare == NULL && queue->arena == NULL) {
    chunk->start = 0; /* filled again where it is */
    chunk->end = 0;
  } else {
    queue_shed(queue, mem);
  }
}

void sipws__queue_prune(struct sipws__queue *queue,
                        const struct sipws__mem *mem) {
  struct sipws__chunk **link = &queue->head;
  struct sipws__chunk *chunk;
  queue->tail = NULL;
  while ((chunk = *link) != NULL) {
    if (chunk->start == chunk->end) {
      *link = chunk->next;
      queue_give_back(queue, mem, chunk);
    } else {
      queue->tail = chunk;
      link = &chunk->next;
    }
  }
}

void sipws__queue_free(struct sipws__queue *queue,
                       const struct sipws__mem *mem) {
  struct sipws__chunk *chunk;
  while ((chunk = queue->head) != NULL) {
    queue->head = chunk->next;
    if (queue->arena == NULL) {
      queue_free_chunk(mem, chunk);
    }
  }
  queue->tail = NULL;
  queue->len = 0;
  queue->lent = 0;
  sipws__queue_trim(queue, mem);
}

size_t sipws__queue_arena_size(size_t len) {
  /* a piece that fits nowhere at the end wastes less than its own length */
  return 2 * queue_footprint(len);
}
