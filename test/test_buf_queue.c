/* buf, second part: the output queue, from the heap and in fixed memory. */
#include "support.h"

#include "sipws_buf_queue.h"

struct fixture {
  struct test_heap heap;
  struct sipws__mem mem;
  struct sipws__queue queue;
  void *arena;
  uint32_t put;   /* octets put in since the beginning; */
  uint32_t taken; /* and taken: each octet's value is its place */
};

/* |arena_len| octets in fixed memory, 0: from the heap. */
static void begin(struct fixture *f, size_t arena_len) {
  memset(f, 0, sizeof *f);
  sipws__mem_init(&f->mem, test_alloc, &f->heap);
  if (arena_len > 0) {
    f->queue.arena_size = sipws__queue_arena_size(arena_len);
    f->arena = malloc(f->queue.arena_size);
    assert_non_null(f->arena);
    f->queue.arena = f->arena;
  }
}

static void end(struct fixture *f) {
  sipws__queue_free(&f->queue, &f->mem);
  assert_int_equal(f->queue.len, 0);
  assert_int_equal(f->heap.live, 0);
  assert_int_equal(f->heap.blocks, 0);
  free(f->arena);
}

static uint8_t value_at(uint32_t place) {
  return (uint8_t)(place * 31 + (place >> 8));
}

/* 1 when there was room. */
static int put(struct fixture *f, size_t len) {
  uint8_t *room = sipws__queue_room(&f->queue, &f->mem, len);
  size_t i;
  if (room == NULL) {
    return 0;
  }
  for (i = 0; i < len; i++) {
    room[i] = value_at(f->put++);
  }
  sipws__queue_commit(&f->queue, len);
  return 1;
}

/* Looks at all that is lent, then takes |len| octets of it. */
static void check(struct fixture *f) {
  uint32_t place = f->taken;
  size_t skip = 0;
  const uint8_t *data;
  size_t len, i;
  assert_int_equal(f->queue.len, f->put - f->taken);
  for (;;) {
    sipws__queue_lend(&f->queue, skip, &data, &len);
    if (len == 0) {
      break;
    }
    for (i = 0; i < len; i++) {
      assert_int_equal(data[i], value_at(place));
      place++;
    }
    skip += len;
  }
  assert_int_equal(place, f->put);
  assert_int_equal(f->queue.lent, f->queue.len);
}

static void take(struct fixture *f, size_t len) {
  while (len > 0) {
    const uint8_t *data;
    size_t piece;
    sipws__queue_front(&f->queue, &data, &piece);
    assert_true(piece > 0);
    assert_int_equal(data[0], value_at(f->taken));
    piece = piece < len ? piece : len;
    sipws__queue_drop(&f->queue, &f->mem, piece);
    f->taken += (uint32_t)piece;
    len -= piece;
  }
}

static void test_queue_empty_lends_nothing(void **state) {
  struct fixture f;
  const uint8_t *data = (const uint8_t *)"";
  size_t len = 9;
  (void)state;
  begin(&f, 0);
  sipws__queue_lend(&f.queue, 0, &data, &len);
  assert_null(data);
  assert_int_equal(len, 0);
  sipws__queue_lend(&f.queue, 5, &data, &len);
  assert_int_equal(len, 0);
  sipws__queue_front(&f.queue, &data, &len);
  assert_int_equal(len, 0);
  sipws__queue_trim(&f.queue, &f.mem);
  assert_int_equal(f.heap.calls, 0);
  end(&f);
}

static void test_queue_what_is_put_in_comes_out_in_order(void **state) {
  static const size_t arenas[] = {0, 20000};
  static const size_t steps[] = {1, 7, 2016, 2017, 3, 1000, 1000, 1000, 5000};
  size_t a, i;
  (void)state;
  for (a = 0; a < 2; a++) {
    struct fixture f;
    begin(&f, arenas[a]);
    for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
      assert_true(put(&f, steps[i]));
      check(&f);
    }
    while (f.queue.len > 0) {
      take(&f, f.queue.len < 777 ? f.queue.len : 777);
      check(&f);
    }
    assert_null(f.queue.head);
    assert_null(f.queue.tail);
    end(&f);
  }
}

static void test_queue_what_is_put_in_at_once_is_one_piece(void **state) {
  struct fixture f;
  const uint8_t *data;
  size_t len;
  (void)state;
  begin(&f, 0);
  assert_true(put(&f, 2000));
  assert_true(put(&f, 1500));
  sipws__queue_lend(&f.queue, 2000, &data, &len);
  assert_int_equal(len, 1500);
  sipws__queue_lend(&f.queue, 0, &data, &len);
  assert_int_equal(len, 2000);
  end(&f);
}

static void test_queue_lent_octets_keep_their_address(void **state) {
  static const size_t arenas[] = {0, 30000};
  size_t a, i;
  (void)state;
  for (a = 0; a < 2; a++) {
    struct fixture f;
    const uint8_t *first, *again, *tail;
    size_t len;
    begin(&f, arenas[a]);
    assert_true(put(&f, 100));
    sipws__queue_lend(&f.queue, 0, &first, &len);
    assert_int_equal(len, 100);
    sipws__queue_lend(&f.queue, 60, &tail, &len);
    assert_ptr_equal(tail, first + 60);
    assert_int_equal(len, 40);
    for (i = 0; i < 50; i++) {
      assert_true(put(&f, 200 + i));
      sipws__queue_lend(&f.queue, 0, &again, &len);
      assert_ptr_equal(again, first);
    }
    take(&f, 60);
    sipws__queue_lend(&f.queue, 0, &again, &len);
    assert_ptr_equal(again, tail);
    check(&f);
    end(&f);
  }
}

static void test_queue_lent_counts_what_was_lent(void **state) {
  struct fixture f;
  const uint8_t *data;
  size_t len;
  (void)state;
  begin(&f, 0);
  assert_true(put(&f, 2000));
  assert_true(put(&f, 1500));
  sipws__queue_front(&f.queue, &data, &len);
  assert_int_equal(len, 2000);
  assert_int_equal(f.queue.lent, 0);
  sipws__queue_lend(&f.queue, 10, &data, &len);
  assert_int_equal(f.queue.lent, 2000);
  sipws__queue_lend(&f.queue, 0, &data, &len);
  assert_int_equal(f.queue.lent, 2000);
  sipws__queue_lend(&f.queue, 3500, &data, &len);
  assert_int_equal(len, 0);
  assert_int_equal(f.queue.lent, 2000);
  take(&f, 500);
  assert_int_equal(f.queue.lent, 1500);
  sipws__queue_lend(&f.queue, 2999, &data, &len);
  assert_int_equal(len, 1);
  assert_int_equal(f.queue.lent, 3000);
  take(&f, 3000);
  assert_int_equal(f.queue.lent, 0);
  end(&f);
}

static void test_queue_room_asked_and_not_used_passes_by(void **state) {
  struct fixture f;
  const uint8_t *data;
  size_t len;
  (void)state;
  begin(&f, 0);
  assert_non_null(sipws__queue_room(&f.queue, &f.mem, 100));
  sipws__queue_front(&f.queue, &data, &len);
  assert_int_equal(len, 0);
  assert_int_equal(f.queue.len, 0);
  assert_true(put(&f, 5000)); /* a chunk behind the one not used */
  check(&f);
  sipws__queue_front(&f.queue, &data, &len);
  assert_int_equal(len, 5000);
  take(&f, 5000);
  end(&f);
}

/* Behind 0, 16 and 3000 octets; short room and long; and in an arena, of which
 * all that is left can be had. */
static void test_queue_room_cancelled_is_as_if_never_asked(void **state) {
  static const size_t puts[] = {0, 16, 3000};
  static const size_t rooms[] = {1, 400, 3000};
  size_t i;
  (void)state;
  for (i = 0; i < 2 * 3 * 3; i++) {
    struct fixture f;
    size_t had = puts[i % 3];
    size_t left = 6000;
    size_t live, round;
    begin(&f, i < 9 ? 0 : 6000);
    assert_true(had == 0 || put(&f, had));
    live = f.heap.live;
    if (f.queue.arena != NULL) {
      left = f.queue.arena_size - sizeof(struct sipws__chunk) -
             (had == 0 ? 0 : sizeof(struct sipws__chunk) + had);
    }
    for (round = 0; round < 100; round++) {
      assert_non_null(sipws__queue_room(&f.queue, &f.mem, rooms[i / 3 % 3]));
      sipws__queue_cancel(&f.queue, &f.mem);
      assert_true(f.heap.live <= live);
    }
    assert_int_equal(f.queue.len, had);
    assert_true(put(&f, left));
    check(&f);
    take(&f, had + left);
    end(&f);
  }
}

static void test_queue_refused_memory_changes_nothing(void **state) {
  struct fixture f;
  (void)state;
  begin(&f, 0);
  f.heap.fail_at = 1;
  assert_false(put(&f, 10));
  assert_null(f.queue.head);
  assert_true(put(&f, 10));
  f.heap.fail_at = 3;
  assert_false(put(&f, 4000));
  check(&f);
  assert_true(put(&f, 4000));
  check(&f);
  end(&f);
}

static void test_queue_keeps_one_chunk_to_spare_until_trimmed(void **state) {
  struct fixture f;
  long calls;
  int i;
  (void)state;
  begin(&f, 0);
  assert_false(sipws__queue_has_slack(&f.queue));
  for (i = 0; i < 10; i++) {
    assert_true(put(&f, 2000));
  }
  assert_false(sipws__queue_has_slack(&f.queue));
  take(&f, 20000);
  assert_true(sipws__queue_has_slack(&f.queue));
  assert_int_equal(f.heap.blocks, 1);
  assert_in_range(f.heap.live, 2000, 2048);

  calls = f.heap.calls;
  for (i = 0; i < 10; i++) { /* steady traffic asks for nothing */
    assert_true(put(&f, 1900));
    take(&f, 1900);
  }
  assert_int_equal(f.heap.calls, calls);

  sipws__queue_trim(&f.queue, &f.mem);
  assert_false(sipws__queue_has_slack(&f.queue));
  assert_int_equal(f.heap.live, 0);
  assert_true(put(&f, 10));
  check(&f);
  end(&f);
}

/* Long messages ask for nothing either, whatever comes between them. */
static void test_queue_the_longer_of_two_chunks_is_kept(void **state) {
  struct fixture f;
  long calls;
  int i;
  (void)state;
  begin(&f, 0);
  assert_true(put(&f, 10));
  assert_true(put(&f, 65536));
  take(&f, 65546);
  assert_int_equal(f.heap.blocks, 1);
  assert_in_range(f.heap.live, 65536, 65536 + 64);
  calls = f.heap.calls;
  for (i = 0; i < 10; i++) {
    assert_true(put(&f, i % 2 == 0 ? 10 : 65536));
    take(&f, i % 2 == 0 ? 10 : 65536);
  }
  assert_int_equal(f.heap.calls, calls);
  /* one that is too short for what comes does not stay beside it */
  assert_true(put(&f, 70000));
  assert_int_equal(f.heap.blocks, 1);
  take(&f, 70000);
  assert_true(sipws__queue_has_slack(&f.queue));
  sipws__queue_trim(&f.queue, &f.mem);
  assert_int_equal(f.heap.live, 0);
  end(&f);
}

/* The preamble of sipws.h counts on it: half a chunk lost at worst. */
static void test_queue_memory_is_bounded_by_its_octets(void **state) {
  static const size_t pairs[][2] = {{1, 1},       {1009, 1009}, {2, 2015},
                                    {2, 2017},    {100, 1950},  {672, 673},
                                    {2016, 2016}, {2017, 2017}, {300, 60000}};
  size_t i;
  (void)state;
  for (i = 0; i < 3 * sizeof pairs / sizeof pairs[0]; i++) {
    uint32_t most = i % 3 == 0 ? 0 : 262144 / 16;
    struct fixture f;
    size_t n = 0;
    begin(&f, 0);
    f.queue.chunk_most = most;
    f.queue.is_brief = i % 3 == 2;
    while (f.queue.len < 262144) {
      assert_true(put(&f, pairs[i / 3][n++ % 2]));
      assert_true(f.heap.live <=
                  f.queue.len * 2 + f.queue.len / 16 + 4096 + most);
    }
    end(&f);
  }
}

/* One that is used at all has a short chunk; a burst is a few long ones. */
static void test_queue_burst_is_few_pieces(void **state) {
  struct fixture f;
  int i;
  (void)state;
  begin(&f, 0);
  f.queue.chunk_most = 16384;
  assert_true(put(&f, 100));
  assert_true(f.heap.live <= 2048);
  for (i = 0; i < 12; i++) {
    assert_true(put(&f, 1200));
  }
  assert_int_equal(f.heap.blocks, 2);
  end(&f);
}

/* One whose memory goes back at once begins with a long one. */
static void test_queue_brief_burst_is_one_piece(void **state) {
  struct fixture f;
  const uint8_t *data;
  size_t len;
  int i;
  (void)state;
  begin(&f, 0);
  f.queue.chunk_most = 12288;
  f.queue.is_brief = 1;
  for (i = 0; i < 8; i++) {
    assert_true(put(&f, 1204));
  }
  sipws__queue_lend(&f.queue, 0, &data, &len);
  assert_int_equal(len, 8 * 1204);
  assert_int_equal(f.heap.blocks, 1);
  assert_in_range(f.heap.live, 12288, 12288 + sizeof(struct sipws__chunk));
  end(&f);
}

/* Messages that waited too long are cut out of their chunks, wherever those
 * are; |keep| tells which of three stay. */
static void check_prune(size_t arena_len, int keep) {
  struct fixture f;
  struct sipws__chunk *chunk;
  size_t before;
  int i;
  begin(&f, arena_len);
  for (i = 0; i < 3; i++) {
    assert_true(put(&f, 3000));
  }
  before = f.heap.live;
  i = 0;
  for (chunk = f.queue.head; chunk != NULL; chunk = chunk->next) {
    if ((keep >> i++ & 1) == 0) {
      chunk->end = chunk->start;
      f.queue.len -= 3000;
    }
  }
  sipws__queue_prune(&f.queue, &f.mem);
  /* but one to spare */
  assert_int_equal(f.heap.live,
                   before / 3 * (f.queue.len / 3000 + (keep != 7)));
  i = 0;
  for (chunk = f.queue.head; chunk != NULL; chunk = chunk->next) {
    assert_int_equal(chunk->end - chunk->start, 3000);
    i++;
    assert_int_equal(chunk == f.queue.tail, chunk->next == NULL);
  }
  assert_int_equal(i, f.queue.len / 3000);
  assert_int_equal(f.queue.tail == NULL, keep == 0);
  assert_non_null(sipws__queue_room(&f.queue, &f.mem, 3000));
  end(&f);
}

static void test_queue_prune_gives_back_what_was_emptied(void **state) {
  int keep;
  (void)state;
  for (keep = 0; keep < 8; keep++) {
    check_prune(0, keep);
    check_prune(9000, keep);
  }
}

/* ---- fixed memory ---- */

static void test_queue_arena_holds_its_octets_in_any_pieces(void **state) {
  static const size_t pairs[][2] = {
      {1, 1}, {2, 513},   {257, 257}, {256, 256}, {512, 512},   {513, 513},
      {2, 2}, {200, 300}, {1, 512},   {130, 400}, {1000, 3000}, {16384, 16384}};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct fixture f;
    size_t n = 0;
    begin(&f, 16384);
    while (f.queue.len + pairs[i][n % 2] <= 16384) {
      assert_true(put(&f, pairs[i][n % 2]));
      n++;
    }
    check(&f);
    take(&f, f.queue.len);
    assert_true(put(&f, 16384));
    check(&f);
    assert_int_equal(f.heap.calls, 0);
    end(&f);
  }
}

static void test_queue_arena_full_says_so_and_goes_on(void **state) {
  struct fixture f;
  int refused = 0;
  (void)state;
  begin(&f, 4096);
  while (put(&f, 100)) {
    assert_true(f.queue.len <= f.queue.arena_size);
  }
  assert_true(f.queue.len >= 4096);
  check(&f);
  while (f.queue.len > 600) {
    take(&f, 100);
    refused += !put(&f, 50);
    check(&f);
  }
  assert_true(refused < 20); /* what was taken is of use again */
  take(&f, f.queue.len);
  assert_true(put(&f, 4096));
  check(&f);
  end(&f);
}

/* Round and round, pieces and takings of all lengths. */
static void test_queue_arena_wraps_and_keeps_order(void **state) {
  static const size_t lengths[] = {1, 2, 10, 100, 257, 500, 513, 700, 1200};
  struct fixture f;
  uint32_t seed = 1;
  uint8_t draw[2];
  int round;
  (void)state;
  begin(&f, 4096);
  for (round = 0; round < 3000; round++) {
    assert_int_equal(test_random(draw, sizeof draw, &seed), 0);
    if ((draw[0] & 1) != 0) {
      size_t len = lengths[draw[1] % 9];
      /* a third of its octets in it at most: then whatever comes fits */
      assert_true(put(&f, len) || f.queue.len + len > 4096 / 3);
    } else {
      size_t len = (size_t)draw[1] * 5;
      take(&f, len < f.queue.len ? len : f.queue.len);
    }
    check(&f);
  }
  assert_true(f.put > 100000);
  assert_int_equal(f.heap.calls, 0);
  end(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_queue_empty_lends_nothing),
      cmocka_unit_test(test_queue_what_is_put_in_comes_out_in_order),
      cmocka_unit_test(test_queue_what_is_put_in_at_once_is_one_piece),
      cmocka_unit_test(test_queue_lent_octets_keep_their_address),
      cmocka_unit_test(test_queue_lent_counts_what_was_lent),
      cmocka_unit_test(test_queue_room_asked_and_not_used_passes_by),
      cmocka_unit_test(test_queue_room_cancelled_is_as_if_never_asked),
      cmocka_unit_test(test_queue_refused_memory_changes_nothing),
      cmocka_unit_test(test_queue_keeps_one_chunk_to_spare_until_trimmed),
      cmocka_unit_test(test_queue_the_longer_of_two_chunks_is_kept),
      cmocka_unit_test(test_queue_memory_is_bounded_by_its_octets),
      cmocka_unit_test(test_queue_burst_is_few_pieces),
      cmocka_unit_test(test_queue_brief_burst_is_one_piece),
      cmocka_unit_test(test_queue_prune_gives_back_what_was_emptied),
      cmocka_unit_test(test_queue_arena_holds_its_octets_in_any_pieces),
      cmocka_unit_test(test_queue_arena_full_says_so_and_goes_on),
      cmocka_unit_test(test_queue_arena_wraps_and_keeps_order),
  };
  return cmocka_run_group_tests_name("buf_queue", tests, NULL, NULL);
}
