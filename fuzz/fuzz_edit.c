/* The editors of sip.h: what they write is a message to the second reader too,
 * differs from the one given only as asked, is the same in place as elsewhere,
 * and is not begun when it does not fit. The first octets choose the edit, a
 * header name, and the text to write. */
#include "strict.h"

#define MSG_MAX 4096
#define OUT_SIZE 16384

enum { PREPEND, SET, REMOVE, BODY, LENGTH, RESPOND, EDITS };

static const struct {
  const char *name;
  char letter;
} names[] = {{"Via", 'v'},       {"Contact", 'm'},        {"Route", 0},
             {"To", 't'},        {"From", 'f'},           {"CSeq", 0},
             {"Expires", 0},     {"Supported", 'k'},      {"X-Other", 0},
             {"Call-ID", 'i'},   {"Content-Length", 'l'}, {"Timestamp", 0},
             {"Record-Route", 0}};

/* What is asked for. */
struct edit {
  int kind;
  const char *name;
  char letter;
  char *text; /* the value of a header, a body, a reason; may be unfit */
  size_t text_len;
};

static const char *msg;
static size_t len;
static sipws_sip_view view;
static struct strict before, after;

static int edit_call(const struct edit *edit, const char *from, char *out,
                     size_t out_size, size_t *out_len) {
  const char *name = edit->name;
  size_t name_len = strlen(name);
  switch (edit->kind) {
  case PREPEND:
    return sipws_sip_prepend_header(from, len, name, name_len, edit->text,
                                    edit->text_len, out, out_size, out_len);
  case SET:
    return sipws_sip_set_header(from, len, name, name_len, edit->text,
                                edit->text_len, out, out_size, out_len);
  case REMOVE:
    return sipws_sip_remove_top(from, len, name, name_len, out, out_size,
                                out_len);
  case BODY:
    return sipws_sip_set_body(from, len, name,
                              edit->text_len > 0 ? name_len : 0, edit->text,
                              edit->text_len, out, out_size, out_len);
  case LENGTH:
    return sipws_sip_set_length(from, len, out, out_size, out_len);
  default:
    return sipws_sip_respond(from, len, 100 + (int)(edit->text_len % 600),
                             edit->text, edit->text_len, name, name_len, out,
                             out_size, out_len);
  }
}

/* The lines of |after| from |first| on are those of |before| that |drops| does
 * not name. Tells how many they are. */
static size_t must_keep(size_t first, const char *drops, char letter,
                        const char *also, char also_letter) {
  size_t at = first;
  size_t i;
  for (i = 0; i < before.count; i++) {
    const struct strict_line *line = &before.lines[i];
    if (!strict_is_named(line, drops, letter) &&
        !strict_is_named(line, also, also_letter)) {
      must(at < after.count && strict_same(line, &after.lines[at]));
      at++;
    }
  }
  return at - first;
}

static void must_have_body(const char *body, size_t body_len) {
  const struct strict_line *last = &after.lines[after.count - 1];
  char digits[20];
  size_t at = sizeof digits;
  size_t number = body_len;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  must(strict_is_named(last, "Content-Length", 0));
  must(strict_has(last, digits + at, sizeof digits - at));
  must(after.body_len == body_len &&
       (body_len == 0 || memcmp(after.body, body, body_len) == 0));
}

/* The To that got a tag is one that has it. */
static void must_have_tag(const struct strict_line *line, const char *tag) {
  sipws_span value = {0, (uint32_t)line->value_len};
  sipws_name_addr addr;
  addr.struct_size = sizeof addr;
  must(sipws_name_addr_parse(line->value, &value, &addr) == 0);
  must(sipws_param(line->value, &addr.params, "tag", 3, &value) == 0);
  must(sipws_span_is(line->value, &value, tag, strlen(tag)));
}

/* Every line but the last is one of the request's; a To may have a tag more. */
static void must_answer(const struct edit *edit) {
  size_t at = 0;
  size_t i;
  must_have_body("", 0);
  for (i = 0; i < after.count - 1; i++) {
    const struct strict_line *line = &after.lines[i];
    while (at < before.count && !strict_same(&before.lines[at], line) &&
           !strict_is_named(&before.lines[at], "To", 't')) {
      at++;
    }
    must(at < before.count);
    if (!strict_same(&before.lines[at], line)) {
      must(line->len > before.lines[at].value_len + strlen(edit->name) &&
           memcmp(line->value, before.lines[at].value,
                  before.lines[at].value_len) == 0);
      must_have_tag(line, edit->name);
    }
    at++;
  }
}

/* One value less; the others stand as they stood. */
static void must_lose_one(const struct edit *edit, const char *out,
                          size_t out_len) {
  size_t name_len = strlen(edit->name);
  sipws_span at = {0, 0};
  sipws_span out_at = {0, 0};
  sipws_span value, out_value;
  sipws_sip_view out_view;
  int err, out_err;
  out_view.struct_size = sizeof out_view;
  must(sipws_sip_parse(out, out_len, &out_view) == 0);
  must(sipws_sip_next_value(msg, len, &view, edit->name, name_len, &at,
                            &value) == 0);
  do {
    err = sipws_sip_next_value(msg, len, &view, edit->name, name_len, &at,
                               &value);
    out_err = sipws_sip_next_value(out, out_len, &out_view, edit->name,
                                   name_len, &out_at, &out_value);
    must(err == out_err);
    must(err != 0 ||
         (value.len == out_value.len &&
          memcmp(msg + value.off, out + out_value.off, value.len) == 0));
  } while (err == 0);
}

static void must_differ(const struct edit *edit, const char *out,
                        size_t out_len) {
  const char *name = edit->name;
  size_t i = 0;
  must(strict_read(out, out_len, &after));
  must(edit->kind == RESPOND || (before.start_len == after.start_len &&
                                 memcmp(msg, out, before.start_len) == 0));
  switch (edit->kind) {
  case PREPEND:
    must(strict_is_named(&after.lines[0], name, 0) &&
         strict_has(&after.lines[0], edit->text, edit->text_len));
    must(must_keep(1, "", 0, "", 0) + 1 == after.count);
    break;
  case SET:
    while (i < before.count &&
           !strict_is_named(&before.lines[i], name, edit->letter)) {
      i++;
    }
    must(strict_is_named(&after.lines[i], name, edit->letter) &&
         strict_has(&after.lines[i], edit->text, edit->text_len));
    must(after.count == before.count + (i == before.count));
    before.lines[i] = after.lines[i];
    must(must_keep(0, "", 0, "", 0) == before.count);
    break;
  case REMOVE:
    must_lose_one(edit, out, out_len);
    break;
  case BODY:
    i = must_keep(0, "Content-Length", 'l', "Content-Type", 'c');
    must(after.count == i + 1 + (edit->text_len > 0));
    must_have_body(edit->text, edit->text_len);
    return;
  case LENGTH:
    must(must_keep(0, "Content-Length", 'l', "", 0) + 1 == after.count);
    must_have_body(msg + view.body.off, view.body.len);
    return;
  default:
    must_answer(edit);
    return;
  }
  must(after.body_len == before.body_len &&
       memcmp(after.body, before.body, after.body_len) == 0);
}

/* 1 when |edit| has to be refused for what it would write. */
static int is_unfit(const struct edit *edit) {
  int has_text =
      edit->kind == PREPEND || edit->kind == SET || edit->kind == RESPOND;
  return has_text && !strict_is_value(edit->text, edit->text_len);
}

static void check(const struct edit *edit) {
  static char out[OUT_SIZE], inside[OUT_SIZE];
  size_t need = 0;
  size_t out_len = 0;
  int err = edit_call(edit, msg, NULL, 0, &need);
  if (err != SIPWS_ERR_BUFFER) {
    must(err != 0);
    must((err == SIPWS_ERR_TEXT) == is_unfit(edit));
    must(err != SIPWS_ERR_SYNTAX || edit->kind == REMOVE);
    return;
  }
  must(!is_unfit(edit) && need > 0 && need <= OUT_SIZE);
  memset(out, 0x55, need);
  must(edit_call(edit, msg, out, need - 1, &out_len) == SIPWS_ERR_BUFFER);
  must(out_len == need && out[0] == 0x55 && out[need - 1] == 0x55);
  must(edit_call(edit, msg, out, need, &out_len) == 0 && out_len == need);
  must_differ(edit, out, out_len);
  if (edit->kind != RESPOND) {
    memcpy(inside, msg, len);
    must(edit_call(edit, inside, inside, OUT_SIZE, &out_len) == 0);
    must(out_len == need && memcmp(out, inside, need) == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct edit edit;
  const uint8_t *text;
  size_t i;
  char *copy;
  if (size > MSG_MAX) {
    return 0;
  }
  edit.kind = fuzz_octet(&input) % EDITS;
  i = fuzz_octet(&input) % (sizeof names / sizeof names[0]);
  edit.name = names[i].name;
  edit.letter = names[i].letter;
  text = fuzz_octets(&input, fuzz_octet(&input), &edit.text_len);
  edit.text = fuzz_copy(text, edit.text_len);
  len = input.left;
  copy = fuzz_copy(input.at, len);
  msg = copy;
  view.struct_size = sizeof view;
  if (sipws_sip_parse(msg, len, &view) == 0) {
    must(strict_read(msg, len, &before));
    check(&edit);
  }
  free(copy);
  free(edit.text);
  return 0;
}
