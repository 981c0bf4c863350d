#include "frames.h"

enum { FIN = 0x80, RSV = 0x70, MASK = 0x80 };
enum { CONT = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

/* ---- UTF-8 (RFC 3629 section 4) ---- */

static int utf8_takes(struct frames *frames, uint8_t octet) {
  if (frames->awaited > 0) {
    int good = octet >= frames->low && octet <= frames->high;
    frames->awaited--;
    frames->low = 0x80;
    frames->high = 0xbf;
    return good;
  }
  frames->awaited = (octet >= 0xc2) + (octet >= 0xe0) + (octet >= 0xf0);
  frames->low = octet == 0xe0 ? 0xa0 : octet == 0xf0 ? 0x90 : 0x80;
  frames->high = octet == 0xed ? 0x9f : octet == 0xf4 ? 0x8f : 0xbf;
  return octet < 0x80 || (octet >= 0xc2 && octet <= 0xf4);
}

static void utf8_read(struct frames *frames, uint8_t octet) {
  must(utf8_takes(frames, octet));
}

int frames_is_text(const char *text, size_t len) {
  struct frames frames = {0};
  while (len-- > 0) {
    if (!utf8_takes(&frames, (uint8_t)*text++)) {
      return 0;
    }
  }
  return frames.awaited == 0;
}

/* ---- Close (RFC 6455 sections 5.5.1 and 7.4) ---- */

/* 1010 too: a server's answer repeats it. */
static int close_may_travel(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

static void close_read(struct frames *frames) {
  unsigned code;
  size_t i;
  frames->has_closed = 1;
  must(frames->off != 1);
  if (frames->off == 0) {
    return;
  }
  code = (unsigned)(frames->control[0] << 8 | frames->control[1]);
  must(close_may_travel(code));
  frames->awaited = 0; /* a message may have been cut off in a character */
  for (i = 2; i < frames->off; i++) {
    utf8_read(frames, frames->control[i]);
  }
  must(frames->awaited == 0);
}

/* ---- frames (RFC 6455 section 5) ---- */

static size_t head_size(const struct frames *frames) {
  unsigned form = frames->head_len < 2 ? 0 : frames->head[1] & 0x7fu;
  size_t size = form == 127 ? 10 : form == 126 ? 4 : 2;
  return size + (frames->is_client ? 4 : 0);
}

static uint64_t head_length(const struct frames *frames) {
  unsigned form = frames->head[1] & 0x7fu;
  size_t octets = form == 127 ? 8 : form == 126 ? 2 : 0;
  uint64_t length = octets == 0 ? form : 0;
  size_t i;
  for (i = 0; i < octets; i++) {
    length = length << 8 | frames->head[2 + i];
  }
  must(form != 126 || length > 125); /* 5.2: the shortest form */
  must(form != 127 || (length > 0xffff && length >> 63 == 0));
  return length;
}

static void head_judge(struct frames *frames) {
  int is_final = (frames->head[0] & FIN) != 0;
  int opcode = frames->head[0] & 0x0f;
  must(!frames->has_closed); /* 5.5.1: nothing follows a Close */
  must((frames->head[0] & RSV) == 0);
  must((frames->head[1] & MASK) == (frames->is_client ? MASK : 0));
  frames->opcode = opcode;
  frames->left = head_length(frames);
  frames->off = 0;
  if (opcode >= CLOSE) {
    must(opcode <= PONG && is_final && frames->left <= 125);
    return;
  }
  must(opcode <= BINARY && (opcode == CONT) == (frames->message != 0));
  /* a CRLFCRLF is never cut */
  must(frames->piece == 0 || frames->left <= frames->piece ||
       frames->left <= 4);
  frames->message = opcode == CONT ? frames->message : opcode;
}

static void payload_read(struct frames *frames, uint8_t octet) {
  if (frames->is_client) {
    octet ^= frames->head[head_size(frames) - 4 + frames->off % 4];
  }
  if (frames->opcode >= CLOSE) {
    frames->control[frames->off] = octet;
  } else if (frames->message == TEXT) {
    utf8_read(frames, octet);
  }
  frames->off++;
  frames->left--;
}

static void frame_end(struct frames *frames) {
  frames->head_len = 0;
  if (frames->opcode == CLOSE) {
    close_read(frames);
  } else if (frames->opcode < CLOSE && (frames->head[0] & FIN) != 0) {
    must(frames->awaited == 0);
    frames->message = 0;
    frames->count++;
  }
}

void frames_read(struct frames *frames, const uint8_t *data, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    if (frames->head_len < head_size(frames)) {
      frames->head[frames->head_len++] = data[i];
      if (frames->head_len < head_size(frames)) {
        continue;
      }
      head_judge(frames);
    } else {
      payload_read(frames, data[i]);
    }
    if (frames->left == 0) {
      frame_end(frames);
    }
  }
}

int frames_are_whole(const struct frames *frames) {
  return frames->head_len == 0;
}
