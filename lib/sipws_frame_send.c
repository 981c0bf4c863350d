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
  uint8_t mask_bit = is_masked ? 0x80 : 0;
  size_t i;
  out[0] = (uint8_t)((is_final ? 0x80 : 0) | opcode);
  if (len < 126) {
    out[1] = (uint8_t)(mask_bit | len);
    return 2;
  }
  if (len < 65536) {
    out[1] = mask_bit | 126;
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    return 4;
  }
  out[1] = mask_bit | 127;
  for (i = 0; i < 8; i++) {
    out[2 + i] = (uint8_t)(len >> (56 - 8 * i));
  }
  return 10;
}

size_t sipws__frame_write(uint8_t *out, int is_final, int opcode,
                          const uint8_t *mask, const uint8_t *payload,
                          size_t len, int *is_ascii) {
  /* copied as if masked, so that it is looked at */
  static const uint8_t no_mask[4] = {0, 0, 0, 0};
  size_t head;
#ifdef SIPWS_NO_LANE
  *is_ascii = 0;
  head = sipws__wslay_write(out, is_final, opcode, mask, payload, len);
  if (head != 0) {
    return head;
  }
#endif
  head = frame_write_head(out, is_final, opcode, mask != NULL, len);
  if (mask != NULL) {
    memcpy(out + head, mask, 4);
    head += 4;
  } else {
    mask = no_mask;
  }
  *is_ascii = sipws__octets_mask(out + head, payload, len, mask);
  return head + len;
}

size_t sipws__frame_read_back(const uint8_t *frame, int *is_final,
                              int *opcode) {
  size_t head = (frame[1] & 0x80) != 0 ? 6 : 2;
  size_t len = frame[1] & 0x7f;
  size_t i;
  *is_final = frame[0] >> 7;
  *opcode = frame[0] & 0x0f;
  if (len < 126) {
    return head + len;
  }
  if (len == 126) {
    return head + 2 + (size_t)(frame[2] << 8 | frame[3]);
  }
  len = 0;
  for (i = 0; i < 8; i++) {
    len = len << 8 | frame[2 + i];
  }
  return head + 8 + len;
}
