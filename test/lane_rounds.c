/* Prints the digest of fuzz/fuzz_lane.c for dialogues drawn at random: valid
 * ones, fragmented ones and hostile ones. "lane_rounds 100 7" draws 100 of them
 * from seed 7; with the names of files it reads those instead. Run by
 * test/check_lane.sh once for each build of the frame room. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t lane_digest(const uint8_t *data, size_t size);

struct octets {
  size_t len;
  uint8_t data[1 << 16];
};

static uint32_t state;

static uint32_t draw(uint32_t below) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % below;
}

static void put(struct octets *octets, const void *data, size_t len) {
  if (len <= sizeof octets->data - octets->len) {
    memcpy(octets->data + octets->len, data, len);
    octets->len += len;
  }
}

static void put_octet(struct octets *octets, uint32_t octet) {
  uint8_t value = (uint8_t)octet;
  put(octets, &value, 1);
}

/* ---- payload ---- */

static const char *const pieces[] = {
    "plain ASCII ",
    "J\xc3\xbcrgen ",
    "\xe5\x8c\x97\xe4\xba\xac",
    "\xf0\x9f\x93\x9e",
    "\xed\x9f\xbf\xee\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "a line that is longer than four vectors of sixteen octets are, all ASCII",
};

static const char *const wrongs[] = {
    "\xff",         "\x80",     "\xc0\xaf",         "\xed\xa0\x80",
    "\xf4\x90\x80", "\xe0\x9f", "\xf0\x8f\x80\x80", "\xc3(",
};

static void put_text(struct octets *text, size_t len, int is_wrong) {
  size_t wrong_at = is_wrong ? draw((uint32_t)len + 1) : len + 1;
  while (text->len < len) {
    const char *piece = pieces[draw(sizeof pieces / sizeof pieces[0])];
    if (text->len >= wrong_at) {
      piece = wrongs[draw(sizeof wrongs / sizeof wrongs[0])];
      wrong_at = len + 1;
    }
    put(text, piece, strlen(piece));
  }
}

static void put_sip(struct octets *text, size_t len) {
  char head[200];
  int wrote = snprintf(head, sizeof head,
                       "MESSAGE sip:a@h SIP/2.0\r\nFrom: \"J\xc3\xbcrgen\" "
                       "<sip:j@h>\r\nContent-Length: %u\r\n\r\n",
                       (unsigned)len + draw(3) - 1);
  put(text, head, (size_t)wrote);
  put_text(text, text->len + len, 0);
}

static void put_payload(struct octets *text, size_t len) {
  uint32_t kind = draw(12);
  text->len = 0;
  if (kind == 0) {
    put(text, "\r\n\r\n", draw(2) == 0 ? 4 : 2);
  } else if (kind < 3) {
    put_sip(text, len);
  } else if (kind == 3) {
    while (text->len < len) {
      put_octet(text, draw(256));
    }
  } else {
    put_text(text, len, kind == 4);
    if (kind == 5 && text->len > len) {
      text->len = len; /* maybe inside a character */
    }
  }
}

/* ---- frames ---- */

/* The length in its shortest form, or in a longer one. */
static void put_head(struct octets *wire, uint32_t first, int is_masked,
                     uint64_t len, int is_long) {
  size_t wide = len < 126 ? 0 : len < 65536 ? 2 : 8;
  uint32_t mask = is_masked ? 0x80 : 0;
  if (is_long) {
    wide = wide == 0 ? 2 : 8;
  }
  put_octet(wire, first);
  put_octet(wire, mask | (wide == 0 ? (uint32_t)len : wide == 2 ? 126 : 127));
  while (wide-- > 0) {
    put_octet(wire, (uint32_t)(len >> (8 * wide)) & 0xff);
  }
}

static void put_frame(struct octets *wire, uint32_t first, int is_masked,
                      const uint8_t *payload, size_t len, int is_long) {
  uint8_t key[4] = {0, 0, 0, 0};
  size_t i;
  put_head(wire, first, is_masked, len, is_long);
  if (is_masked) {
    for (i = 0; i < 4; i++) {
      key[i] = draw(8) == 0 ? 0 : (uint8_t)draw(256);
    }
    put(wire, key, 4);
  }
  for (i = 0; i < len; i++) {
    put_octet(wire, payload[i] ^ key[i % 4]);
  }
}

static size_t draw_len(void) {
  static const uint16_t lens[] = {0,    1,    2,    7,    16,   31,  124, 125,
                                  126,  127,  300,  511,  512,  513, 999, 1000,
                                  1001, 1161, 4095, 4096, 4097, 9000};
  return lens[draw(sizeof lens / sizeof lens[0])];
}

static void put_control(struct octets *wire, int is_masked) {
  static const uint8_t firsts[] = {0x89, 0x8a, 0x89, 0x8a, 0x88};
  uint32_t first = firsts[draw(draw(20) == 0 ? 5 : 4)];
  uint8_t payload[125];
  size_t len = draw(126), i;
  for (i = 0; i < len; i++) {
    payload[i] = (uint8_t)('a' + draw(20));
  }
  payload[0] = 0x03;
  payload[1] = 0xe8;
  put_frame(wire, first, is_masked, payload, len, 0);
}

/* One message, in one frame or more, maybe with control frames between. */
static void put_message(struct octets *wire, int is_masked) {
  static struct octets text;
  uint32_t opcode = draw(3) == 0 ? 2 : 1;
  uint32_t frames = draw(3) == 0 ? 1 + draw(10) : 1;
  size_t off = 0;
  put_payload(&text, draw_len());
  while (frames-- > 0) {
    size_t left = text.len - off;
    size_t len = frames == 0 ? left : draw((uint32_t)left + 1);
    put_frame(wire, (frames == 0 ? 0x80 : 0) | opcode, is_masked,
              text.data + off, len, 0);
    off += len;
    opcode = 0;
    if (frames > 0 && draw(3) == 0) {
      put_control(wire, is_masked);
    }
  }
}

/* What no peer may send. */
static void put_hostile(struct octets *wire, int is_masked) {
  static const uint8_t text[200] = "hostile";
  switch (draw(6)) {
  case 0:
    put_frame(wire, draw(256), is_masked, text, draw(200), 0);
    break;
  case 1:
    put_frame(wire, 0x81, !is_masked, text, 7, 0);
    break;
  case 2:
    put_frame(wire, 0x81, is_masked, text, draw(200), 1);
    break;
  case 3:
    put_head(wire, 0x82, is_masked, (uint64_t)draw(1u << 24) << draw(41), 0);
    break;
  case 4:
    put_frame(wire, draw(2) == 0 ? 0x80 : 0x00, is_masked, text, 7, 0);
    break;
  default:
    put_frame(wire, 0x89, is_masked, text, 120 + draw(20), 0);
    break;
  }
}

static void put_dialogue(struct octets *wire) {
  uint32_t settings = draw(64);
  int is_masked = (settings & 1) != 0;
  uint32_t parts = 1 + draw(8);
  wire->len = 0;
  put_octet(wire, settings);
  put_octet(wire, draw(256));
  while (parts-- > 0) {
    uint32_t kind = draw(40);
    if (kind == 0) {
      put_hostile(wire, is_masked);
    } else if (kind < 10) {
      put_control(wire, is_masked);
    } else {
      put_message(wire, is_masked);
    }
  }
  if (draw(10) == 0) {
    wire->len = 2 + draw((uint32_t)wire->len - 1);
  }
}

/* ---- main ---- */

static int digest_file(const char *path) {
  static struct octets octets;
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  octets.len = fread(octets.data, 1, sizeof octets.data, file);
  fclose(file);
  printf("%s %016llx\n", path,
         (unsigned long long)lane_digest(octets.data, octets.len));
  return 0;
}

int main(int argc, char **argv) {
  static struct octets wire;
  unsigned long rounds, seed, i;
  int bad = 0;
  if (argc != 3 || (rounds = strtoul(argv[1], NULL, 10)) == 0) {
    for (i = 1; i < (unsigned long)argc; i++) {
      bad |= digest_file(argv[i]);
    }
    return bad;
  }
  seed = strtoul(argv[2], NULL, 10);
  for (i = 0; i < rounds; i++) {
    state = (uint32_t)(seed + i) * 2654435761u;
    put_dialogue(&wire);
    printf("%lu %016llx\n", seed + i,
           (unsigned long long)lane_digest(wire.data, wire.len));
    fflush(stdout);
  }
  return 0;
}
