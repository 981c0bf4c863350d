/* contact: the instance of RFC 5626 and what a Contact tells of its flow. */
#include "sipws_crypto.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

#define CONTACT_UUID_LEN 16

int sipws_instance_build(const uint8_t *seed, char *out, size_t out_size,
                         size_t *out_len) {
  /* octets of each group (RFC 9562 section 4) */
  static const size_t groups[5] = {4, 2, 2, 2, 6};
  struct sipws__sip_piece piece;
  char text[SIPWS_INSTANCE_LEN] = "urn:uuid:";
  uint8_t uuid[CONTACT_UUID_LEN];
  size_t len = 9;
  size_t off = 0;
  size_t i;
  if (seed == NULL) {
    return SIPWS_ERR_INVALID;
  }
  memcpy(uuid, seed, sizeof uuid);
  /* RFC 9562 section 5.4: version and variant */
  uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
  uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
  for (i = 0; i < 5; i++) {
    if (i > 0) {
      text[len++] = '-';
    }
    /* RFC 5626 4.1: compared octet for octet, so always in lower case */
    sipws__hex(uuid + off, groups[i], text + len);
    len += 2 * groups[i];
    off += groups[i];
  }
  piece.text = text;
  piece.len = len;
  return sipws__sip_write(&piece, 1, out, out_size, out_len);
}

/* Takes the URN out of "<urn:…>". */
static int contact_read_urn(const char *text, sipws_span *urn) {
  uint32_t i;
  if (urn->len < 7 || text[urn->off] != '<' ||
      text[urn->off + urn->len - 1] != '>' ||
      !sipws__text_is(text + urn->off + 1, 4, "urn:")) {
    return SIPWS_ERR_SYNTAX;
  }
  urn->off++;
  urn->len -= 2;
  for (i = 0; i < urn->len; i++) {
    char c = text[urn->off + i];
    if (c < 0x21 || c > 0x7e || c == '<' || c == '>' || c == '\\') {
      return SIPWS_ERR_SYNTAX;
    }
  }
  return 0;
}

int sipws_contact_flow(const char *text, const sipws_name_addr *contact,
                       sipws_span *instance, uint32_t *reg_id) {
  sipws_span urn = {0, 0};
  sipws_span value;
  uint32_t number = 0;
  int err;
  if (text == NULL || contact == NULL || instance == NULL || reg_id == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws_param(text, &contact->params, "reg-id", 6, &value);
  if (err == 0) {
    /* RFC 5626 section 10: from 1 to 2^31 - 1 */
    err = sipws__text_number(text + value.off, value.len, SIPWS__SIP_MAX,
                             &number);
    if (err != 0 || number == 0) {
      return SIPWS_ERR_SYNTAX;
    }
  } else if (err != SIPWS_ERR_NOT_FOUND) {
    return err;
  }
  err = sipws_param(text, &contact->params, "+sip.instance", 13, &urn);
  if (err == 0) {
    err = contact_read_urn(text, &urn);
  } else if (err == SIPWS_ERR_NOT_FOUND) {
    number = 0; /* RFC 5626 section 6: without an instance it is ignored */
    err = 0;
  }
  if (err == 0) {
    *instance = urn;
    *reg_id = number;
  }
  return err;
}
