/* A reader of log records (RFC 6873) that asserts whatever a record must
 * keep. */
#ifndef SIPWS_TEST_CLF_RECORD_H
#define SIPWS_TEST_CLF_RECORD_H

#include "support.h"

/* Octets that any record of the tests fits in. */
#define RECORD_ROOM 65536

enum {
  CSEQ,
  STATUS,
  REQUEST_URI,
  DESTINATION,
  SOURCE,
  TO,
  TO_TAG,
  FROM,
  FROM_TAG,
  CALL_ID,
  SERVER_TXN,
  CLIENT_TXN,
  FIELDS
};

struct text {
  const char *text;
  size_t len;
};

struct optional {
  struct text id; /* tag@vendor */
  struct text base64;
  struct text value;
};

struct record {
  struct text time;
  struct text flags;
  struct text fields[FIELDS];
  struct optional optional[4];
  size_t optional_count;
};

static inline size_t hex(const char *digits, size_t len) {
  size_t sum = 0;
  size_t i;
  for (i = 0; i < len; i++) {
    const char *all = "0123456789ABCDEF";
    const char *digit = memchr(all, digits[i], 16);
    assert_non_null(digit);
    sum = sum * 16 + (size_t)(digit - all);
  }
  return sum;
}

/* The text up to the next of |marks|, which is passed too. */
static inline struct text part(const char **at, const char *marks) {
  struct text found;
  found.text = *at;
  found.len = strcspn(*at, marks);
  *at += found.len;
  assert_true(**at != '\0');
  (*at)++;
  return found;
}

static inline void read_optional(const char **at, struct optional *optional) {
  struct text len;
  optional->id = part(at, ",");
  assert_int_equal(optional->id.len, 11);
  assert_int_equal(optional->id.text[2], '@');
  len = part(at, ",");
  assert_int_equal(len.len, 4);
  optional->base64 = part(at, ",");
  optional->value = part(at, "\t\n");
  assert_int_equal(hex(len.text, 4), optional->value.len);
  assert_true(optional->value.len <= 4096);
}

/* Reads a record as text tools do (RFC 6873 section 6), and asserts that the
 * index says the same. |text| ends with a NUL. */
static inline void read_record(const char *text, size_t len,
                               struct record *record) {
  const char *at = text + 61;
  size_t i;
  memset(record, 0, sizeof *record);
  assert_int_equal(strlen(text), len);
  assert_int_equal(text[0], 'A');
  assert_int_equal(hex(text + 1, 6), len);
  assert_int_equal(text[7], ',');
  assert_int_equal(text[60], '\n');
  assert_ptr_equal(strchr(at, '\n'), text + len - 1);
  record->time = part(&at, "\t");
  assert_int_equal(record->time.len, 14);
  record->flags = part(&at, "\t");
  assert_int_equal(record->flags.len, 5);
  for (i = 0; i < FIELDS; i++) {
    assert_int_equal(hex(text + 8 + 4 * i, 4), at - text);
    record->fields[i] = part(&at, "\t\n");
    assert_in_range(record->fields[i].len, 1, 4096);
  }
  assert_int_equal(hex(text + 56, 4), at - 1 - text);
  while (at[-1] == '\t') {
    assert_true(record->optional_count < 4);
    read_optional(&at, &record->optional[record->optional_count++]);
  }
  assert_ptr_equal(at, text + len);
}

static inline void assert_field(const struct record *record, int field,
                                const char *expected) {
  assert_text(record->fields[field].text, record->fields[field].len, expected);
}

static inline void assert_optional(const struct record *record, size_t i,
                                   const char *id, const char *base64,
                                   const char *value) {
  const struct optional *optional = &record->optional[i];
  assert_true(i < record->optional_count);
  assert_text(optional->id.text, optional->id.len, id);
  assert_text(optional->base64.text, optional->base64.len, base64);
  assert_text(optional->value.text, optional->value.len, value);
}

#endif /* SIPWS_TEST_CLF_RECORD_H */
