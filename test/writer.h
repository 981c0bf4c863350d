/* What every function that writes a text promises, checked for each size of its
 * buffer. */
#ifndef SIPWS_TEST_WRITER_H
#define SIPWS_TEST_WRITER_H

#include "support.h"

#include <sipws/sipws.h>

/* Calls the function under test; |msg| is NULL for one that edits nothing. */
typedef int (*writer_fn)(const void *how, const char *msg, size_t len,
                         char *out, size_t out_size, size_t *out_len);

#define WRITER_ROOM 4096

/* assert that with each size of |out| the length needed is told, |out| is left
 * alone while too small, and nothing is read or written past an end. */
static inline void assert_sizes(writer_fn writer, const void *how,
                                const char *msg, size_t len,
                                const char *expected) {
  size_t need = strlen(expected);
  char *in = msg != NULL ? test_guarded(msg, len) : NULL;
  char untouched[WRITER_ROOM];
  size_t size, counted;
  assert_true(need + 2 < sizeof untouched);
  memset(untouched, 0x5a, sizeof untouched);
  /* it counts without a buffer, too */
  assert_int_equal(writer(how, in, len, NULL, 0, &counted),
                   need > 0 ? SIPWS_ERR_BUFFER : 0);
  assert_int_equal(counted, need);
  for (size = 0; size <= need + 2; size++) {
    char *out = test_guarded(untouched, size);
    size_t out_len = 77777;
    int err = writer(how, in, len, out, size, &out_len);
    assert_int_equal(err, size < need ? SIPWS_ERR_BUFFER : 0);
    assert_int_equal(out_len, need);
    if (size < need) {
      assert_memory_equal(out, untouched, size);
    } else {
      assert_memory_equal(out, expected, need);
      assert_memory_equal(out + need, untouched, size - need);
    }
    test_guarded_free(out, size);
  }
  if (in != NULL) {
    assert_memory_equal(in, msg, len);
    test_guarded_free(in, len);
  }
}

/* assert the same for an edit, and that |out| may be the message. */
static inline void assert_edit(writer_fn writer, const void *how,
                               const char *msg, const char *expected) {
  size_t len = strlen(msg);
  size_t need = strlen(expected);
  size_t room = len > need ? len : need;
  char text[WRITER_ROOM];
  char *out;
  size_t out_len = 77777;
  assert_sizes(writer, how, msg, len, expected);
  memset(text, 0x5a, sizeof text);
  assert_true(room <= sizeof text);
  memcpy(text, msg, len);
  out = test_guarded(text, room);
  assert_int_equal(writer(how, out, len, out, room, &out_len), 0);
  assert_int_equal(out_len, need);
  assert_memory_equal(out, expected, need);
  test_guarded_free(out, room);
}

/* assert that it fails with |err| and touches nothing. */
static inline void assert_refused(writer_fn writer, const void *how,
                                  const char *msg, int err) {
  size_t len = msg != NULL ? strlen(msg) : 0;
  char *in = msg != NULL ? test_guarded(msg, len) : NULL;
  char untouched[WRITER_ROOM];
  char out[WRITER_ROOM];
  size_t out_len = 77777;
  memset(untouched, 0x5a, sizeof untouched);
  memset(out, 0x5a, sizeof out);
  assert_int_equal(writer(how, in, len, out, sizeof out, &out_len), err);
  assert_int_equal(out_len, 77777);
  assert_memory_equal(out, untouched, sizeof out);
  if (in != NULL) {
    test_guarded_free(in, len);
  }
}

#endif /* SIPWS_TEST_WRITER_H */
