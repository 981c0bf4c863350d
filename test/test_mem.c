/* mem: what the allocator hook is told. */
#include "support.h"

#include "sipws_mem.h"

struct call {
  void *ptr;
  size_t old_size;
  size_t new_size;
};

struct record {
  struct call last;
  int calls;
  void *answer;
};

static void *record_call(void *ptr, size_t old_size, size_t new_size,
                         void *user) {
  struct record *record = user;
  record->last.ptr = ptr;
  record->last.old_size = old_size;
  record->last.new_size = new_size;
  record->calls++;
  return record->answer;
}

static void test_mem_hook_is_told_sizes_and_user(void **state) {
  struct record record = {{NULL, 0, 0}, 0, NULL};
  struct sipws__mem mem;
  char old[7], moved[11];
  (void)state;
  sipws__mem_init(&mem, record_call, &record);
  record.answer = old;
  assert_ptr_equal(sipws__mem_new(&mem, 7), old);
  assert_null(record.last.ptr);
  assert_int_equal(record.last.old_size, 0);
  assert_int_equal(record.last.new_size, 7);

  record.answer = moved;
  assert_ptr_equal(sipws__mem_resize(&mem, old, 7, 11), moved);
  assert_ptr_equal(record.last.ptr, old);
  assert_int_equal(record.last.old_size, 7);
  assert_int_equal(record.last.new_size, 11);

  sipws__mem_free(&mem, moved, 11);
  assert_ptr_equal(record.last.ptr, moved);
  assert_int_equal(record.last.old_size, 11);
  assert_int_equal(record.last.new_size, 0);
  assert_int_equal(record.calls, 3);
}

static void test_mem_null_is_not_given_back(void **state) {
  struct record record = {{NULL, 0, 0}, 0, NULL};
  struct sipws__mem mem;
  (void)state;
  sipws__mem_init(&mem, record_call, &record);
  sipws__mem_free(&mem, NULL, 5);
  assert_int_equal(record.calls, 0);
}

static void test_mem_refusal_leaves_the_block(void **state) {
  struct test_heap heap;
  struct sipws__mem mem;
  char *block;
  (void)state;
  memset(&heap, 0, sizeof heap);
  sipws__mem_init(&mem, test_alloc, &heap);
  block = sipws__mem_new(&mem, 4);
  assert_non_null(block);
  memcpy(block, "kept", 4);
  heap.fail_at = 2;
  assert_null(sipws__mem_resize(&mem, block, 4, 400));
  assert_memory_equal(block, "kept", 4);
  sipws__mem_free(&mem, block, 4);
  assert_int_equal(heap.live, 0);
}

/* Without a hook, |user| is of no account. */
static void test_mem_default_is_the_c_library(void **state) {
  struct sipws__mem mem;
  char *block;
  (void)state;
  sipws__mem_init(&mem, NULL, &mem);
  assert_null(mem.user);
  block = sipws__mem_new(&mem, 3);
  assert_non_null(block);
  memcpy(block, "abc", 3);
  block = sipws__mem_resize(&mem, block, 3, 100000);
  assert_non_null(block);
  assert_memory_equal(block, "abc", 3);
  block[99999] = 'z';
  /* valgrind and LeakSanitizer see whether it is given back */
  sipws__mem_free(&mem, block, 100000);
  assert_null(mem.alloc(NULL, 0, 0, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mem_hook_is_told_sizes_and_user),
      cmocka_unit_test(test_mem_null_is_not_given_back),
      cmocka_unit_test(test_mem_refusal_leaves_the_block),
      cmocka_unit_test(test_mem_default_is_the_c_library),
  };
  return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
