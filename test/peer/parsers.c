/* Our parsers beside those of libosip2 and sofia-sip, on some hundreds of
 * messages put together from the shapes of parsers_shapes.h: each shape alone
 * in an ordinary message, then several in one by a fixed sequence. What a peer
 * reads in another way is listed with its reason in parsers_differences.h; a
 * difference that is not listed fails, and so does one listed that is none. */
#include "parsers_readers.h"
#include "parsers_shapes.h"

enum peer { OSIP, SOFIA, PEERS };

#include "parsers_differences.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
  const char *name;
  const struct shape *shapes;
  size_t count;
} parts[PARTS] = {
    {"start lines", start_shapes, COUNT(start_shapes)},
    {"Via", via_shapes, COUNT(via_shapes)},
    {"From", from_shapes, COUNT(from_shapes)},
    {"Contact", contact_shapes, COUNT(contact_shapes)},
    {"CSeq", cseq_shapes, COUNT(cseq_shapes)},
    {"Call-ID", call_id_shapes, COUNT(call_id_shapes)},
    {"Content-Length and body", length_shapes, COUNT(length_shapes)},
    {"Route, and lines nobody asks for", route_shapes, COUNT(route_shapes)},
};

static const struct {
  const char *name;
  void (*read)(struct reading *reading, const char *msg, size_t len);
} peers[PEERS] = {{"libosip2", osip_read}, {"sofia-sip", sofia_read}};

/* ---- messages ---- */

#define MESSAGE_SIZE 16384

/* Which shape each part has. */
struct recipe {
  size_t shape[PARTS];
};

static size_t add_line(char *out, size_t len, const char *line) {
  const char *mark = line != NULL ? strchr(line, '%') : NULL;
  if (line == NULL) {
    return len;
  }
  /* "%4000": so many letters */
  if (mark != NULL && strcmp(mark, "%4000") == 0) {
    memcpy(out + len, line, (size_t)(mark - line));
    len += (size_t)(mark - line);
    memset(out + len, 'x', 4000);
    len += 4000;
    line = "";
  }
  return len + (size_t)sprintf(out + len, "%s\r\n", line);
}

static size_t cook(const struct recipe *recipe, char *out) {
  static const int order[PARTS] = {PART_START,   PART_VIA,   PART_FROM,
                                   PART_CALL_ID, PART_CSEQ,  PART_CONTACT,
                                   PART_ROUTE,   PART_LENGTH};
  size_t len = 0;
  size_t i;
  for (i = 0; i < PARTS; i++) {
    int part = order[i];
    len = add_line(out, len, parts[part].shapes[recipe->shape[part]].text);
    if (part == PART_VIA) {
      len = add_line(out, len, "Max-Forwards: 70");
    } else if (part == PART_FROM) {
      len = add_line(out, len, "To: <sip:bob@example.com>");
      len = add_line(out, len, "Content-Type: text/plain");
    }
  }
  len = add_line(out, len, "");
  return len + (size_t)sprintf(out + len, "body: 12345\r\n54321\r\n");
}

/* The |index|th recipe; 0 when there is none. */
static int next_recipe(size_t index, struct recipe *recipe) {
  static uint32_t random = 1;
  size_t part;
  int i;
  memset(recipe, 0, sizeof *recipe);
  for (part = 0; part < PARTS; part++) {
    if (index < parts[part].count) {
      recipe->shape[part] = index;
      return 1;
    }
    index -= parts[part].count;
  }
  for (i = 0; i < 3; i++) {
    random = random * 1664525u + 1013904223u;
    part = (random >> 16) % PARTS;
    random = random * 1664525u + 1013904223u;
    recipe->shape[part] = (random >> 16) % parts[part].count;
  }
  return index < 400;
}

/* ---- the comparison ---- */

static const char *shape_name(const struct recipe *recipe, int part) {
  return parts[part].shapes[recipe->shape[part]].name;
}

/* The same words, but that "?" and "-" are one: nothing was read. */
static int is_same(const char *ours, const char *theirs) {
  while (*ours != '\0' && *theirs != '\0') {
    size_t len = strcspn(ours, " ");
    size_t their_len = strcspn(theirs, " ");
    int is_nothing = len == 1 && their_len == 1 &&
                     strchr("-?", *ours) != NULL &&
                     strchr("-?", *theirs) != NULL;
    if (!is_nothing && (len != their_len || memcmp(ours, theirs, len) != 0)) {
      return 0;
    }
    ours += len + strspn(ours + len, " ");
    theirs += their_len + strspn(theirs + their_len, " ");
  }
  return *ours == *theirs;
}

static int used[COUNT(differences)]; /* by which peers */

/* 1 when it is listed that the peer reads this shape as |theirs|. */
static int is_listed(int peer, int part, const char *shape,
                     const char *theirs) {
  size_t i;
  for (i = 0; i < COUNT(differences); i++) {
    const struct difference *d = &differences[i];
    if ((d->peers & 1 << peer) != 0 && d->part == part &&
        strcmp(d->shape, shape) == 0 && strcmp(d->theirs, theirs) == 0) {
      used[i] |= 1 << peer;
      return 1;
    }
  }
  return 0;
}

static unsigned compared[PEERS][PARTS];
static unsigned differing[PEERS][PARTS];
static unsigned failed[PEERS][PARTS];

static void fail(int peer, int part, const struct recipe *recipe,
                 const char *ours, const char *theirs) {
  failed[peer][part]++;
  printf("# %s, %s \"%s\":\n#   ours   %s\n#   theirs %s\n", peers[peer].name,
         parts[part].name, shape_name(recipe, part), ours, theirs);
}

/* One takes the message, the other does not: a shape of it has to be known for
 * that. */
static void compare_refusal(int peer, const struct recipe *recipe,
                            int is_refused) {
  const char *theirs = is_refused ? REFUSED : TAKEN;
  int found = 0;
  int part;
  for (part = 0; part < PARTS; part++) {
    found |= is_listed(peer, part, shape_name(recipe, part), theirs);
  }
  for (part = 0; part < PARTS && !found; part++) {
    if (recipe->shape[part] != 0) {
      fail(peer, part, recipe, is_refused ? TAKEN : REFUSED, theirs);
    }
  }
}

static void compare(int peer, const struct recipe *recipe,
                    const struct reading *ours, const struct reading *theirs) {
  int part;
  if (theirs->is_refused || ours->is_refused) {
    if (theirs->is_refused != ours->is_refused) {
      compare_refusal(peer, recipe, theirs->is_refused);
    }
    return;
  }
  for (part = 0; part < PARTS; part++) {
    compared[peer][part]++;
    if (!is_same(ours->text[part], theirs->text[part])) {
      differing[peer][part]++;
      if (!is_listed(peer, part, shape_name(recipe, part),
                     theirs->text[part])) {
        fail(peer, part, recipe, ours->text[part], theirs->text[part]);
      }
    }
  }
}

static void read_and_compare(const struct recipe *recipe) {
  static char msg[MESSAGE_SIZE];
  static struct reading ours, theirs;
  size_t len = cook(recipe, msg);
  int peer;
  reading_begin(&ours);
  ours_read(&ours, msg, len);
  reading_end(&ours);
  for (peer = 0; peer < PEERS; peer++) {
    reading_begin(&theirs);
    peers[peer].read(&theirs, msg, len);
    reading_end(&theirs);
    compare(peer, recipe, &ours, &theirs);
  }
}

/* Says a line a peer and part; returns how many failed. */
static int report_parts(void) {
  int bad = 0;
  int peer, part;
  for (peer = 0; peer < PEERS; peer++) {
    for (part = 0; part < PARTS; part++) {
      int has_failed = failed[peer][part] > 0 || compared[peer][part] == 0;
      printf("%s %s reads %s as we do (%u messages; %u by a listed "
             "difference)\n",
             has_failed ? "not ok" : "ok", peers[peer].name, parts[part].name,
             compared[peer][part], differing[peer][part]);
      bad += has_failed;
    }
  }
  return bad;
}

/* And for the list, which tells of nothing that is not so. */
static int report_list(void) {
  int bad = 0;
  size_t i;
  for (i = 0; i < COUNT(differences); i++) {
    if (used[i] != differences[i].peers) {
      printf("# not so: %s, \"%s\", \"%s\"\n", parts[differences[i].part].name,
             differences[i].shape, differences[i].theirs);
      bad = 1;
    }
  }
  printf("%s the %u listed differences are there\n", bad ? "not ok" : "ok",
         (unsigned)COUNT(differences));
  return bad;
}

int main(void) {
  struct recipe recipe;
  size_t count = 0;
  int bad;
  if (osip_begin() != 0) {
    return 1;
  }
  while (next_recipe(count, &recipe)) {
    read_and_compare(&recipe);
    count++;
  }
  printf("# %u messages\n", (unsigned)count);
  bad = report_parts();
  bad += report_list();
  return bad != 0;
}
