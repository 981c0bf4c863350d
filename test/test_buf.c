/* buf: octets that grow up to a bound, from the allocator or from memory
 * lent. */
#include "support.h"

#include "sipws_buf.h"

struct fixture {
  struct test_heap heap;
  struct sipws__mem mem;
  struct sipws__buf buf;
};

static void begin(struct fixture *f) {
  memset(f, 0, sizeof *f);
  sipws__mem_init(&f->mem, test_alloc, &f->heap);
}

/* What leaves no memory behind. */
static void end(struct fixture *f) {
  sipws__buf_free(&f->buf, &f->mem);
  assert_int_equal(f->heap.live, 0);
  assert_int_equal(f->heap.blocks, 0);
}

static int add(struct fixture *f, const char *text, size_t max) {
  return sipws__buf_add(&f->buf, &f->mem, text, strlen(text), max);
}

static void test_buf_keeps_octets_across_growth(void **state) {
  struct fixture f;
  uint8_t octet;
  size_t i;
  (void)state;
  begin(&f);
  for (i = 0; i < 5000; i++) {
    octet = (uint8_t)(i * 7);
    assert_int_equal(sipws__buf_add(&f.buf, &f.mem, &octet, 1, 5000), 0);
  }
  assert_int_equal(f.buf.len, 5000);
  for (i = 0; i < 5000; i++) {
    assert_int_equal(f.buf.data[i], (uint8_t)(i * 7));
  }
  /* doubling: a handful of allocations, not one an octet */
  assert_in_range(f.heap.calls, 1, 10);
  end(&f);
}

static void test_buf_never_takes_memory_past_its_bound(void **state) {
  static const size_t bounds[] = {1, 255, 256, 257, 300, 511, 513, 1000};
  size_t i;
  (void)state;
  for (i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
    struct fixture f;
    size_t max = bounds[i];
    size_t n;
    begin(&f);
    for (n = 0; n < max; n++) {
      assert_int_equal(sipws__buf_add(&f.buf, &f.mem, "x", 1, max), 0);
    }
    assert_int_equal(sipws__buf_add(&f.buf, &f.mem, "x", 1, max),
                     SIPWS_ERR_TOO_BIG);
    assert_int_equal(f.buf.len, max);
    assert_true(f.buf.size <= max);
    end(&f);
  }
}

static void test_buf_bound_is_met_at_n_and_passed_at_n_plus_1(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  assert_int_equal(add(&f, "abcd", 4), 0);
  assert_int_equal(add(&f, "", 4), 0);
  assert_int_equal(add(&f, "e", 4), SIPWS_ERR_TOO_BIG);
  assert_text(f.buf.data, f.buf.len, "abcd");
  assert_int_equal(add(&f, "e", 5), 0);
  assert_text(f.buf.data, f.buf.len, "abcde");
  /* a bound below what is in it already; a length that would wrap */
  assert_int_equal(add(&f, "", 4), SIPWS_ERR_TOO_BIG);
  assert_int_equal(sipws__buf_reserve(&f.buf, &f.mem, SIZE_MAX, SIZE_MAX),
                   SIPWS_ERR_TOO_BIG);
  assert_text(f.buf.data, f.buf.len, "abcde");
  end(&f);
}

static void test_buf_nothing_added_takes_no_memory(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  assert_int_equal(sipws__buf_add(&f.buf, &f.mem, NULL, 0, 10), 0);
  assert_int_equal(sipws__buf_add(&f.buf, &f.mem, NULL, 0, 0), 0);
  sipws__buf_drop(&f.buf, 0);
  assert_int_equal(f.heap.calls, 0);
  end(&f);
}

static void test_buf_refused_memory_changes_nothing(void **state) {
  struct fixture f;
  char many[1000];
  (void)state;
  begin(&f);
  memset(many, 'm', sizeof many);
  f.heap.fail_at = 1;
  assert_int_equal(add(&f, "abc", 2000), SIPWS_ERR_NOMEM);
  assert_int_equal(f.buf.len, 0);
  assert_int_equal(add(&f, "abc", 2000), 0);
  f.heap.fail_at = 3;
  assert_int_equal(sipws__buf_add(&f.buf, &f.mem, many, 1000, 2000),
                   SIPWS_ERR_NOMEM);
  assert_text(f.buf.data, f.buf.len, "abc");
  assert_int_equal(sipws__buf_add(&f.buf, &f.mem, many, 1000, 2000), 0);
  assert_int_equal(f.buf.len, 1003);
  end(&f);
}

static void test_buf_reserve_promises_room(void **state) {
  struct fixture f;
  long calls;
  (void)state;
  begin(&f);
  assert_int_equal(sipws__buf_reserve(&f.buf, &f.mem, 700, 1000), 0);
  assert_true(f.buf.size >= 700);
  assert_int_equal(f.buf.len, 0);
  calls = f.heap.calls;
  memset(f.buf.data, 'r', 700);
  f.buf.len = 700;
  assert_int_equal(sipws__buf_reserve(&f.buf, &f.mem, 0, 1000), 0);
  assert_int_equal(f.heap.calls, calls);
  end(&f);
}

static void test_buf_drop_takes_from_the_front(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  assert_int_equal(add(&f, "0123456789", 100), 0);
  sipws__buf_drop(&f.buf, 0);
  assert_text(f.buf.data, f.buf.len, "0123456789");
  sipws__buf_drop(&f.buf, 3);
  assert_text(f.buf.data, f.buf.len, "3456789");
  assert_int_equal(add(&f, "ab", 100), 0);
  sipws__buf_drop(&f.buf, 8);
  assert_text(f.buf.data, f.buf.len, "b");
  sipws__buf_drop(&f.buf, 1);
  assert_int_equal(f.buf.len, 0);
  end(&f);
}

static void test_buf_lent_memory_never_grows_and_is_never_freed(void **state) {
  struct fixture f;
  uint8_t lent[4];
  (void)state;
  begin(&f);
  f.buf.data = lent;
  f.buf.size = sizeof lent;
  f.buf.fixed = 1;
  assert_int_equal(add(&f, "abc", 100), 0);
  assert_int_equal(add(&f, "de", 100), SIPWS_ERR_TOO_BIG);
  assert_text(lent, f.buf.len, "abc");
  assert_int_equal(add(&f, "d", 3), SIPWS_ERR_TOO_BIG);
  assert_int_equal(add(&f, "d", 100), 0);
  sipws__buf_free(&f.buf, &f.mem);
  assert_int_equal(f.buf.len, 0);
  assert_ptr_equal(f.buf.data, lent);
  assert_int_equal(f.buf.size, sizeof lent);
  assert_int_equal(f.heap.calls, 0);
  end(&f);
}

static void test_buf_is_of_use_again_after_free(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  assert_int_equal(add(&f, "first", 100), 0);
  sipws__buf_free(&f.buf, &f.mem);
  assert_int_equal(f.heap.live, 0);
  assert_int_equal(f.buf.size, 0);
  assert_int_equal(add(&f, "second", 100), 0);
  assert_text(f.buf.data, f.buf.len, "second");
  end(&f);
}

static void fill_with_secrets(struct fixture *f, size_t count) {
  while (count-- > 0) {
    assert_int_equal(add(f, "open sesame", 5000), 0);
  }
}

static void test_buf_secret_one_leaves_nothing_behind(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  f.heap.secret = "open sesame";
  f.buf.secret = 1;
  fill_with_secrets(&f, 100);
  assert_in_range(f.heap.calls, 3, 10); /* it grew */
  assert_int_equal(f.buf.len, 1100);
  assert_memory_equal(f.buf.data + 1089, "open sesame", 11);
  assert_int_equal(f.heap.found, 0);
  sipws__buf_drop(&f.buf, 1090); /* most of it is still behind what is left */
  end(&f);
  assert_int_equal(f.heap.found, 0);
}

static void
test_buf_secret_one_keeps_its_octets_where_memory_fails(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  f.buf.secret = 1;
  fill_with_secrets(&f, 23); /* 253 of 256 octets */
  f.heap.fail_at = f.heap.calls + 1;
  assert_int_equal(add(&f, "more", 5000), SIPWS_ERR_NOMEM);
  assert_int_equal(f.buf.len, 253);
  assert_memory_equal(f.buf.data + 242, "open sesame", 11);
  assert_int_equal(add(&f, "more", 5000), 0);
  assert_memory_equal(f.buf.data + 242, "open sesamemore", 15);
  end(&f);
}

static void test_buf_declassified_one_wipes_what_it_held(void **state) {
  struct fixture f;
  (void)state;
  begin(&f);
  f.heap.secret = "open sesame";
  f.buf.secret = 1;
  fill_with_secrets(&f, 20);
  sipws__buf_drop(&f.buf, 219);
  sipws__buf_declassify(&f.buf);
  assert_text(f.buf.data, f.buf.len, "e");
  assert_false(test_holds(f.buf.data, f.buf.size, "open sesame"));
  /* from here on nothing is wiped */
  fill_with_secrets(&f, 1);
  end(&f);
  assert_int_equal(f.heap.found, 1);
}

static void test_buf_lent_and_secret_is_wiped_where_it_is(void **state) {
  uint8_t memory[64] = {0};
  struct fixture f;
  (void)state;
  begin(&f);
  f.buf.data = memory;
  f.buf.size = sizeof memory;
  f.buf.fixed = 1;
  f.buf.secret = 1;
  fill_with_secrets(&f, 5);
  sipws__buf_drop(&f.buf, 50);
  sipws__buf_free(&f.buf, &f.mem);
  assert_false(test_holds(memory, sizeof memory, "sesame"));
  end(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_buf_keeps_octets_across_growth),
      cmocka_unit_test(test_buf_never_takes_memory_past_its_bound),
      cmocka_unit_test(test_buf_bound_is_met_at_n_and_passed_at_n_plus_1),
      cmocka_unit_test(test_buf_nothing_added_takes_no_memory),
      cmocka_unit_test(test_buf_refused_memory_changes_nothing),
      cmocka_unit_test(test_buf_reserve_promises_room),
      cmocka_unit_test(test_buf_drop_takes_from_the_front),
      cmocka_unit_test(test_buf_lent_memory_never_grows_and_is_never_freed),
      cmocka_unit_test(test_buf_is_of_use_again_after_free),
      cmocka_unit_test(test_buf_secret_one_leaves_nothing_behind),
      cmocka_unit_test(test_buf_secret_one_keeps_its_octets_where_memory_fails),
      cmocka_unit_test(test_buf_declassified_one_wipes_what_it_held),
      cmocka_unit_test(test_buf_lent_and_secret_is_wiped_where_it_is),
  };
  return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
