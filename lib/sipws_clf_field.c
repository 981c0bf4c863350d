/* clf_field: how a text stands in a record, and the optional fields. */
#include "sipws_clf.h"
#include "sipws_crypto.h"
#include "sipws_text.h"
#include "sipws_utf8.h"

#include <string.h>

#define CLF_RECORD_MAX 0xffffffu /* what six hexadecimal digits tell */
#define CLF_TAG_MAX 99u
#define CLF_VENDOR_MAX 99999999u

/* The shortest record: fields of one octet, and the line feed. */
#define CLF_RECORD_MIN (SIPWS__CLF_FIELDS_AT + 12 * 2 + 1)

/* An optional field up to its value: tab, tag@vendor, length, Base64 flag, each
 * with its separator. */
#define CLF_OPTIONAL_LEN 21

/* ----------------------------------------------------------------- texts -- */

void sipws__clf_number(uint64_t number, uint32_t base, size_t width,
                       char *out) {
  while (width > 0) {
    out[--width] = "0123456789ABCDEF"[number % base];
    number /= base;
  }
}

int sipws__clf_is_plain(const char *text, size_t len) {
  size_t i = 0;
  while (i < len) {
    uint8_t octet = (uint8_t)text[i];
    if (octet == '\r' && i + 1 < len && text[i + 1] == '\n') {
      i++;
    } else if ((octet < 0x20 && octet != '\t') || octet == 0x7f) {
      return 0;
    }
    i++;
  }
  return sipws__utf8_is_valid((const uint8_t *)text, len);
}

/* How many octets of a plain text belong together at |at|: those of a
 * character, or a line break and, where it folds, the white space behind it. */
static size_t clf_unit(const char *text, size_t len, size_t at,
                       enum sipws__clf_break how) {
  size_t end = at + 1;
  if (text[at] == '\r') {
    end++;
    while (how == SIPWS__CLF_FOLD && end < len &&
           (text[end] == ' ' || text[end] == '\t')) {
      end++;
    }
  } else {
    while (end < len && ((uint8_t)text[end] & 0xc0) == 0x80) {
      end++;
    }
  }
  return end - at;
}

void sipws__clf_put(struct sipws__clf_writer *writer, const char *text,
                    size_t len, enum sipws__clf_break how) {
  size_t at = 0;
  while (at < len) {
    const char *unit = text + at;
    size_t unit_len = clf_unit(text, len, at, how);
    at += unit_len;
    if (*unit == '\r' && how == SIPWS__CLF_ESCAPE) {
      unit = "%0D%0A";
      unit_len = 6;
    } else if (*unit == '\r' || *unit == '\t') {
      unit = " ";
      unit_len = 1;
    }
    if (unit_len > writer->end - writer->len) {
      return;
    }
    if (writer->out != NULL) {
      memcpy(writer->out + writer->len, unit, unit_len);
    }
    writer->len += unit_len;
  }
}

/* Adds as much of |text| in Base64 as the field takes. */
static void clf_put_base64(struct sipws__clf_writer *writer, const char *text,
                           size_t len) {
  size_t most = (writer->end - writer->len) / 4 * 3;
  if (len > most) {
    len = most;
  }
  if (writer->out != NULL) {
    sipws__base64((const uint8_t *)text, len, writer->out + writer->len);
  }
  writer->len += SIPWS__BASE64_LEN(len);
}

/* ------------------------------------------------------- optional fields -- */

struct clf_optional {
  uint32_t tag;
  uint32_t vendor;
  const char *name;
  size_t name_len;
  const char *value;
  size_t value_len;
  int is_base64;
};

static int clf_is_tag(const struct clf_optional *field, uint32_t tag) {
  return field->vendor == 0 && field->tag == tag;
}

static int clf_is_name(const struct clf_optional *field) {
  if (clf_is_tag(field, SIPWS_CLF_HEADER)) {
    return sipws__text_is_token(field->name, field->name_len);
  }
  if (clf_is_tag(field, SIPWS_CLF_BODY)) {
    return field->name_len > 0 &&
           sipws__clf_is_plain(field->name, field->name_len);
  }
  return field->name_len == 0;
}

/* Adds what section 4.4 calls the value; its name is never in Base64. */
static void clf_put_value(struct sipws__clf_writer *writer,
                          const struct clf_optional *field) {
  enum sipws__clf_break how = SIPWS__CLF_ESCAPE;
  sipws__clf_put(writer, field->name, field->name_len, SIPWS__CLF_FOLD);
  if (clf_is_tag(field, SIPWS_CLF_HEADER)) {
    sipws__clf_put(writer, ": ", 2, SIPWS__CLF_FOLD);
    how = SIPWS__CLF_FOLD;
  } else if (clf_is_tag(field, SIPWS_CLF_BODY)) {
    sipws__clf_put(writer, " ", 1, SIPWS__CLF_FOLD);
  }
  if (field->is_base64) {
    clf_put_base64(writer, field->value, field->value_len);
  } else {
    sipws__clf_put(writer, field->value, field->value_len, how);
  }
}

static void clf_write_optional(const struct clf_optional *field, size_t len,
                               char *out) {
  struct sipws__clf_writer writer;
  out[0] = '\t';
  sipws__clf_number(field->tag, 10, 2, out + 1);
  out[3] = '@';
  sipws__clf_number(field->vendor, 10, 8, out + 4);
  out[12] = ',';
  sipws__clf_number(len, 16, 4, out + 13);
  memcpy(out + 17, field->is_base64 ? ",01," : ",00,", 4);
  writer.out = out;
  writer.len = CLF_OPTIONAL_LEN;
  writer.end = CLF_OPTIONAL_LEN + SIPWS_CLF_FIELD_MAX;
  clf_put_value(&writer, field);
}

/* 1 when it is as long as it says, and ends as a record ends. */
static int clf_is_record(const char *record, size_t len) {
  char digits[6];
  if (len < CLF_RECORD_MIN || len > CLF_RECORD_MAX || record[0] != 'A' ||
      record[len - 1] != '\n') {
    return 0;
  }
  sipws__clf_number(len, 16, 6, digits);
  return memcmp(record + SIPWS__CLF_LENGTH_AT, digits, 6) == 0;
}

/* Puts |field| in place of the line feed, and a new one behind it. */
static int clf_add(const char *record, size_t len,
                   const struct clf_optional *field, char *out, size_t out_size,
                   size_t *out_len) {
  struct sipws__clf_writer measure = {NULL, 0, SIPWS_CLF_FIELD_MAX};
  size_t need;
  clf_put_value(&measure, field);
  need = len + CLF_OPTIONAL_LEN + measure.len;
  if (need > CLF_RECORD_MAX) {
    return SIPWS_ERR_TOO_BIG;
  }
  *out_len = need;
  if (out == NULL || out_size < need) {
    return SIPWS_ERR_BUFFER;
  }
  if (out != record) {
    memmove(out, record, len - 1);
  }
  clf_write_optional(field, measure.len, out + len - 1);
  out[need - 1] = '\n';
  sipws__clf_number(need, 16, 6, out + SIPWS__CLF_LENGTH_AT);
  return 0;
}

int sipws_clf_add(const char *record, size_t len, uint32_t tag, uint32_t vendor,
                  const char *name, size_t name_len, const char *value,
                  size_t value_len, char *out, size_t out_size,
                  size_t *out_len) {
  struct clf_optional field;
  if (record == NULL || tag > CLF_TAG_MAX || vendor > CLF_VENDOR_MAX ||
      (vendor == 0 && tag > SIPWS_CLF_MESSAGE) ||
      (name == NULL && name_len > 0) || (value == NULL && value_len > 0) ||
      (out == NULL && out_size > 0) || out_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  field.tag = tag;
  field.vendor = vendor;
  field.name = name;
  field.name_len = name_len;
  field.value = value;
  field.value_len = value_len;
  field.is_base64 = !sipws__clf_is_plain(value, value_len);
  if (!clf_is_name(&field)) {
    return SIPWS_ERR_TEXT;
  }
  if (!clf_is_record(record, len)) {
    return SIPWS_ERR_SYNTAX;
  }
  return clf_add(record, len, &field, out, out_size, out_len);
}
