/* Log records (RFC 6873) of hostile messages and facts, read by a second
 * reader: two lines and no more, every pointer at its field, no control
 * character from the message, lengths and Base64 right; optional fields are
 * added behind those that are there, in place as elsewhere. The first octets
 * are the facts. */
#include "fuzz.h"

#include <sipws/clf.h>

#define RECORD_MAX 131072
#define FIELDS 12
#define MSG_MAX 4096

static const char *const headers[] = {"Reason-Phrase", "Contact", "X", "a b"};

struct field {
  const char *text;
  size_t len;
};

static size_t hex(const char *digits, size_t count) {
  size_t sum = 0;
  while (count-- > 0) {
    const char *all = "0123456789ABCDEF";
    const char *digit = memchr(all, *digits++, 16);
    must(digit != NULL);
    sum = sum * 16 + (size_t)(digit - all);
  }
  return sum;
}

/* Reads what every record has; tells where the optional fields begin. */
static size_t read_record(const char *record, size_t len,
                          struct field fields[FIELDS]) {
  size_t i, begin, end;
  must(len > 82 && record[0] == 'A' && record[7] == ',');
  must(hex(record + 1, 6) == len);
  for (i = 0; i < len; i++) {
    uint8_t octet = (uint8_t)record[i];
    must((octet >= 0x20 && octet != 0x7f) || octet == '\t' ||
         (octet == '\n' && (i == 60 || i == len - 1)));
  }
  must(record[60] == '\n' && record[len - 1] == '\n');
  must(record[71] == '.' && record[75] == '\t' && record[81] == '\t');
  must(hex(record + 8, 4) == 82);
  for (i = 0; i < FIELDS; i++) {
    begin = hex(record + 8 + 4 * i, 4);
    end = hex(record + 12 + 4 * i, 4) - (i < FIELDS - 1);
    must(begin < end && end < len && end - begin <= SIPWS_CLF_FIELD_MAX);
    must(record[end] == '\t' || (i == FIELDS - 1 && end == len - 1));
    must(memchr(record + begin, '\t', end - begin) == NULL);
    fields[i].text = record + begin;
    fields[i].len = end - begin;
  }
  return end;
}

static int is_printable(const char *text, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    if (text[i] <= 0x20 || text[i] >= 0x7f) {
      return 0;
    }
  }
  return len > 0;
}

/* What can stand in a record as it is does. */
static void must_be(const struct field *field, const char *text, size_t len) {
  int is_sign = len == 1 && (*text == '-' || *text == '?');
  if (is_printable(text, len) && len <= SIPWS_CLF_FIELD_MAX && !is_sign) {
    must(field->len == len && memcmp(field->text, text, len) == 0);
  }
}

static void must_tell(const char *msg, size_t len,
                      const struct field fields[FIELDS]) {
  sipws_sip_view view;
  sipws_span value;
  view.struct_size = sizeof view;
  must(sipws_sip_parse(msg, len, &view) == 0);
  if (view.is_request) {
    must(fields[1].len == 1 && *fields[1].text == '-');
    must_be(&fields[2], msg + view.uri.off, view.uri.len);
  } else {
    must(fields[1].len == 3 && fields[2].len == 1 && *fields[2].text == '-');
  }
  if (sipws_sip_header(msg, len, &view, "Call-ID", 7, 0, &value) == 0) {
    must_be(&fields[9], msg + value.off, value.len);
  } else {
    must(fields[9].len == 1 && *fields[9].text == '-');
  }
}

/* |text| in Base64 begins |value|. */
static void must_decode(const char *text, size_t len, const char *value,
                        size_t value_len) {
  const char *digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0;
  size_t out = 0;
  size_t i;
  must(len % 4 == 0 && len > 0);
  for (i = 0; i < len; i++) {
    const char *digit = memchr(digits, text[i], 64);
    must(digit != NULL || (text[i] == '=' && i + 2 >= len));
    bits = bits << 6 | (digit != NULL ? (uint32_t)(digit - digits) : 0);
    if (i % 4 > 0 && digit != NULL) {
      must(out < value_len &&
           (uint8_t)value[out] == (uint8_t)(bits >> (6 - 2 * (i % 4))));
      out++;
    }
  }
  must(out == value_len || len > SIPWS_CLF_FIELD_MAX - 4 - 16);
}

/* Adds one to |record|, which becomes longer by it. */
static void add(char *record, size_t *len, int choice, const char *value,
                size_t value_len) {
  static char other[RECORD_MAX];
  struct field fields[FIELDS];
  uint32_t tag = (uint32_t)choice % 3;
  uint32_t vendor = choice & 64 ? 12345 : 0;
  const char *name = tag == SIPWS_CLF_HEADER ? headers[choice >> 3 & 3]
                     : tag == SIPWS_CLF_BODY ? "text/plain"
                                             : "";
  size_t name_len = vendor != 0 ? 0 : strlen(name);
  size_t at = *len - 1;
  size_t other_len, text, skip;
  int err = sipws_clf_add(record, *len, tag, vendor, name, name_len, value,
                          value_len, other, RECORD_MAX, &other_len);
  must((err == 0) == (name_len == 0 || strchr(name, ' ') == NULL));
  if (err != 0) {
    return;
  }
  must(memcmp(other + 7, record + 7, at - 7) == 0);
  must(sipws_clf_add(record, *len, tag, vendor, name, name_len, value,
                     value_len, record, RECORD_MAX, len) == 0);
  must(*len == other_len && memcmp(record, other, *len) == 0);
  (void)read_record(record, *len, fields);
  text = at + 21; /* tab, tag@vendor, length, flag, commas */
  must(record[at] == '\t' && record[at + 3] == '@' && record[text - 1] == ',');
  must(hex(record + at + 13, 4) == *len - 1 - text);
  must(*len - 1 - text <= SIPWS_CLF_FIELD_MAX);
  skip = name_len == 0 ? 0 : name_len + (tag == SIPWS_CLF_HEADER ? 2 : 1);
  must(memcmp(record + text, name, name_len) == 0);
  if (record[text - 2] == '1') {
    must(!is_printable(value, value_len));
    must_decode(record + text + skip, *len - 1 - text - skip, value, value_len);
  } else if (is_printable(value, value_len)) {
    must(memcmp(record + text + skip, value, *len - 1 - text - skip) == 0);
  }
}

/* Facts from the input; some are out of range, and then refused. */
static int read_facts(struct fuzz_input *input, sipws_clf_facts *facts) {
  static const uint32_t lens[4] = {0, 4, 16, 5};
  int flags = fuzz_octet(input);
  int i;
  memset(facts, 0, sizeof *facts);
  facts->struct_size = sizeof *facts;
  facts->time_ms = fuzz_octet(input) & 15;
  for (i = 0; i < 5; i++) {
    facts->time_ms = facts->time_ms << 8 | fuzz_octet(input);
  }
  facts->is_sent = flags & 1;
  facts->transmission = flags >> 1 & 3;
  facts->transport = flags >> 3 & 7;
  facts->peer_len = lens[flags >> 6 & 3];
  facts->local_len = lens[1 + (flags & 1)];
  facts->peer_port = (uint32_t)fuzz_octet(input) << 8;
  for (i = 0; i < 16; i++) {
    facts->peer[i] = facts->local[15 - i] = fuzz_octet(input);
  }
  return facts->time_ms <= UINT64_C(9999999999999) &&
         facts->transmission <= SIPWS_CLF_STATELESS &&
         facts->transport >= SIPWS_TRANSPORT_UDP &&
         facts->transport <= SIPWS_TRANSPORT_WSS && facts->peer_len != 5;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char record[RECORD_MAX];
  struct field fields[FIELDS];
  struct fuzz_input input = {data, size};
  sipws_clf_facts facts;
  char *id, *msg;
  const uint8_t *octets;
  size_t id_len, len, end;
  int fits, choice, err;
  if (size > MSG_MAX) {
    return 0;
  }
  /* most texts are no record; what is one gets a longer one */
  if (sipws_clf_add((const char *)data, size, SIPWS_CLF_MESSAGE, 0, NULL, 0,
                    "x", 1, record, RECORD_MAX, &len) == 0) {
    must(len == size + 22 && hex(record + 1, 6) == len);
  }
  fits = read_facts(&input, &facts);
  choice = fuzz_octet(&input);
  octets = fuzz_octets(&input, fuzz_octet(&input), &id_len);
  id = fuzz_copy(octets, id_len);
  msg = fuzz_copy(input.at, input.left);
  facts.server_txn = id;
  facts.server_txn_len = id_len;
  err = sipws_clf_write(msg, input.left, &facts, record, RECORD_MAX, &len);
  must((err == SIPWS_ERR_INVALID) == !fits);
  if (err == 0) {
    end = read_record(record, len, fields);
    must(end == len - 1);
    must_tell(msg, input.left, fields);
    must_be(&fields[10], id, id_len);
    must(sipws_clf_write(msg, input.left, &facts, record, len - 1, &end) ==
             SIPWS_ERR_BUFFER &&
         end == len);
    add(record, &len, choice, msg, input.left);
    add(record, &len, choice >> 1, id, id_len);
    add(record, &len, 2, msg, input.left);
  }
  free(msg);
  free(id);
  return 0;
}
