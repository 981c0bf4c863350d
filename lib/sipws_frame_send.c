/* frame, third part: sending. Header by hand, payload masked while copied. */
#include "sipws_frame.h"

#include "sipws_octets.h"

#include <string.h>

size_t sipws__frame_size(size_t len, int is_masked) {
  size_t head = len < 126 ? 2 : len < 65536 ? 4 : 10;
  return head + (is_masked ? 4 : 0) + len;
}

static size_t frame_write_head(uint8_t *out, int is_final, int opcode,
                               int is_masked, uint64_t len) {
  size_t octets = len < 126 ? 0 : len < 65536 ? 2 : 8;
  uint8_t code = octets == 0 ? (uint8_t)len : octets == 2 ? 126 : 127;
  size_t i;
  out[0] = (uint8_t)((is_final ? 0x80 : 0) | opcode);
  out[1] = (uint8_t)((is_masked ? 0x80 : 0) | code);
  for (i = 0; i < octets; i++) {
    out[2 + i] = (uint8_t)(len >> (8 * (octets - 1 - i)));
  }
  return 2 + octets;
}

size_t sipws__frame_write(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len) {
  size_t head;
#ifdef SIPWS_NO_LANE
  head = sipws__wslay_write(out, is_final, opcode, mask, payload, len);
  if (head != 0) {
    return head;
  }
#endif
  head = frame_write_head(out, is_final, opcode, mask != NULL, len);
  if (mask != NULL) {
    memcpy(out + head, mask, 4);
    head += 4;
    (void)sipws__octets_mask(out + head, payload, len, mask, 0);
  } else if (len > 0) {
    memcpy(out + head, payload, len);
  }
  return head + len;
}

size_t sipws__frame_read_back(const uint8_t *frame, int *is_final,
                              int *opcode) {
  size_t code = frame[1] & 0x7f;
  size_t octets = code == 127 ? 8 : code == 126 ? 2 : 0;
  size_t len = octets == 0 ? code : 0;
  size_t i;
  for (i = 0; i < octets; i++) {
    len = len << 8 | frame[2 + i];
  }
  *is_final = frame[0] >> 7;
  *opcode = frame[0] & 0x0f;
  return 2 + octets + ((frame[1] & 0x80) != 0 ? 4 : 0) + len;
}
