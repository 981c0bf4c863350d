#include "open.h"

#include "handed.h"

#define OPEN_ACTIONS 15

/* Handed over whole, and fed to the same effect when it is cut: unless it is a
 * stream, which has no such octets, or they would be those of a stage. */
static void open_take_request(struct side *side, struct fuzz_input *input,
                              uint32_t *cuts) {
  int is_stream = side->settings.is_stream;
  handed_request(side, input, is_stream,
                 is_stream || side->reads != NULL ? NULL : cuts);
}

/* One run; |cut| 1: the wire is cut. Tells the digest of all that was seen, or
 * 0 when a hook failed: how often each is called may depend on the cuts. */
static uint64_t open_once(struct fuzz_input input, int role, int part,
                          open_new_fn make, int cut) {
  static struct side side;
  struct fuzz_input actions;
  const uint8_t *wire;
  uint8_t action;
  size_t len;
  uint32_t cuts;
  memset(&side, 0, sizeof side);
  side_config(&side, &input, role);
  cuts = fuzz_octet(&input);
  len = 3u * (cuts % (OPEN_ACTIONS + 1));
  actions.at = fuzz_octets(&input, len, &actions.left);
  make(&side);
  side_begin(&side, role, part);
  if (role == SIPWS_SERVER && part == READER_HEAD &&
      (side.settings.kind & SIDE_EXTRAS) != 0) {
    open_take_request(&side, &input, cut ? &cuts : NULL);
  }
  while (actions.left > 0) {
    wire = fuzz_octets(&input, fuzz_octet(&actions), &len);
    side_feed(&side, wire, len, cut ? &cuts : NULL);
    action = fuzz_octet(&actions);
    side_act(&side, action, fuzz_octet(&actions));
  }
  wire = fuzz_octets(&input, SIZE_MAX, &len);
  side_feed(&side, wire, len, cut ? &cuts : NULL);
  side_finish(&side);
  fuzz_digest(&side.digest, &side.reader.digest, sizeof side.reader.digest);
  side_end(&side);
  return side.has_failed ? 0 : side.digest;
}

int open_run(const uint8_t *data, size_t size, int role, int part,
             open_new_fn make) {
  struct fuzz_input input = {data, size};
  uint64_t whole = open_once(input, role, part, make, 0);
  uint64_t cut = open_once(input, role, part, make, 1);
  must(whole == cut || whole == 0 || cut == 0);
  return 0;
}
