/* clf: the log records of RFC 6873. What its files share. */
#ifndef SIPWS_CLF_ROOM_H
#define SIPWS_CLF_ROOM_H

#include <sipws/clf.h>

/* Where things stand in every record (RFC 6873 sections 4.1 and 4.2). */
#define SIPWS__CLF_LENGTH_AT 1   /* six hexadecimal digits */
#define SIPWS__CLF_POINTERS_AT 8 /* 13 of four digits */
#define SIPWS__CLF_FIELDS_AT 81  /* the tab ahead of the first field */

/* Writes |width| digits, with zeros in front. */
void sipws__clf_number(uint64_t number, uint32_t base, size_t width, char *out);

/* 1 for what can be written as it is once tabs and line breaks are replaced;
 * section 4.4 calls the rest unprintable. */
int sipws__clf_is_plain(const char *text, size_t len);

/* A record in the making. */
struct sipws__clf_writer {
  char *out;  /* NULL: it is only measured */
  size_t len; /* octets so far */
  size_t end; /* where the field at hand has to end */
};

/* How a line break is written. */
enum sipws__clf_break {
  SIPWS__CLF_FOLD,  /* in a header: a space, for it and the white space behind
                       it (RFC 3261 section 7.3.1) */
  SIPWS__CLF_ESCAPE /* elsewhere: %0D%0A */
};

/* Adds a plain text, as many whole characters as the field takes. */
void sipws__clf_put(struct sipws__clf_writer *writer, const char *text,
                    size_t len, enum sipws__clf_break how);

#endif /* SIPWS_CLF_ROOM_H */
