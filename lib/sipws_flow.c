/* flow: tokens that lead back to a connection (RFC 5626 section 5.2). */
#include "sipws_crypto.h"
#include "sipws_sip.h"

#include <string.h>

/*
 * A token is base64url of
 *   8 octets   the connection's id, network byte order
 *   4 octets   first of an HMAC over the two addresses and ports: tells an id
 *              given out again from the connection meant, and shows no address
 *   10 octets  first of an HMAC over those 12 (RFC 5626 section 5.2 has 80
 *              bits of HMAC too)
 */
#define FLOW_ID_LEN 8
#define FLOW_PEERS_LEN 4
#define FLOW_BODY_LEN (FLOW_ID_LEN + FLOW_PEERS_LEN)
#define FLOW_LEN 22

/* The first octet of what is hashed keeps the two uses of the key apart. */
#define FLOW_FOR_PEERS 'a'
#define FLOW_FOR_TOKEN 't'

/* The two ends of a connection. */
struct flow_ends {
  const uint8_t *addr[2];
  size_t addr_len[2];
  uint16_t port[2];
};

static int flow_is_key(const uint8_t *key, size_t key_len) {
  return key != NULL && key_len >= 16 && key_len <= 64;
}

static int flow_set_end(struct flow_ends *ends, int i, const uint8_t *addr,
                        size_t addr_len, uint16_t port) {
  ends->addr[i] = addr;
  ends->addr_len[i] = addr_len;
  ends->port[i] = port;
  return (addr_len == 0 || addr_len == 4 || addr_len == 16) &&
         (addr != NULL || addr_len == 0);
}

/* Writes the first |out_len| octets of the HMAC of |data|. */
static int flow_mac(const uint8_t *key, size_t key_len, const uint8_t *data,
                    size_t len, uint8_t *out, size_t out_len) {
  uint8_t mac[SIPWS__SHA256_LEN];
  int err = sipws__hmac_sha256(key, key_len, data, len, mac);
  if (err == 0) {
    memcpy(out, mac, out_len);
  }
  sipws__crypto_wipe(mac, sizeof mac);
  return err;
}

static int flow_peers_mac(const uint8_t *key, size_t key_len,
                          const struct flow_ends *ends,
                          uint8_t out[FLOW_PEERS_LEN]) {
  uint8_t data[1 + 2 * (1 + 16 + 2)];
  size_t len = 0;
  int i;
  data[len++] = FLOW_FOR_PEERS;
  for (i = 0; i < 2; i++) {
    data[len++] = (uint8_t)ends->addr_len[i];
    if (ends->addr_len[i] > 0) {
      memcpy(data + len, ends->addr[i], ends->addr_len[i]);
      len += ends->addr_len[i];
    }
    data[len++] = (uint8_t)(ends->port[i] >> 8);
    data[len++] = (uint8_t)ends->port[i];
  }
  return flow_mac(key, key_len, data, len, out, FLOW_PEERS_LEN);
}

static int flow_token_mac(const uint8_t *key, size_t key_len,
                          const uint8_t body[FLOW_BODY_LEN],
                          uint8_t out[FLOW_LEN - FLOW_BODY_LEN]) {
  uint8_t data[1 + FLOW_BODY_LEN];
  data[0] = FLOW_FOR_TOKEN;
  memcpy(data + 1, body, FLOW_BODY_LEN);
  return flow_mac(key, key_len, data, sizeof data, out,
                  FLOW_LEN - FLOW_BODY_LEN);
}

int sipws_flow_token(const uint8_t *key, size_t key_len, uint64_t id,
                     const uint8_t *peer, size_t peer_len, uint16_t peer_port,
                     const uint8_t *local, size_t local_len,
                     uint16_t local_port, char *out, size_t out_size,
                     size_t *out_len) {
  struct sipws__sip_piece piece;
  char text[SIPWS_FLOW_TOKEN_LEN];
  uint8_t token[FLOW_LEN];
  struct flow_ends ends;
  size_t i;
  int err;
  if (!flow_is_key(key, key_len) ||
      !flow_set_end(&ends, 0, peer, peer_len, peer_port) ||
      !flow_set_end(&ends, 1, local, local_len, local_port)) {
    return SIPWS_ERR_INVALID;
  }
  for (i = 0; i < FLOW_ID_LEN; i++) {
    token[i] = (uint8_t)(id >> (56 - 8 * i));
  }
  err = flow_peers_mac(key, key_len, &ends, token + FLOW_ID_LEN);
  if (err == 0) {
    err = flow_token_mac(key, key_len, token, token + FLOW_BODY_LEN);
  }
  if (err != 0) {
    return err;
  }
  sipws__base64url(token, sizeof token, text);
  piece.text = text;
  piece.len = sizeof text;
  return sipws__sip_write(&piece, 1, out, out_size, out_len);
}

/* Decodes and checks a token. */
static int flow_open(const uint8_t *key, size_t key_len, const char *text,
                     size_t len, uint8_t body[FLOW_BODY_LEN], uint64_t *id) {
  uint8_t token[SIPWS_FLOW_TOKEN_LEN];
  uint8_t mac[FLOW_LEN - FLOW_BODY_LEN];
  size_t token_len;
  size_t i;
  int err;
  if (len != SIPWS_FLOW_TOKEN_LEN ||
      sipws__base64url_decode(text, len, token, &token_len) != 0) {
    return SIPWS_ERR_TAMPERED;
  }
  err = flow_token_mac(key, key_len, token, mac);
  if (err != 0) {
    return err;
  }
  if (!sipws__crypto_equal(token + FLOW_BODY_LEN, mac, sizeof mac)) {
    return SIPWS_ERR_TAMPERED;
  }
  memcpy(body, token, FLOW_BODY_LEN);
  *id = 0;
  for (i = 0; i < FLOW_ID_LEN; i++) {
    *id = *id << 8 | token[i];
  }
  return 0;
}

int sipws_flow_check(const uint8_t *key, size_t key_len, const char *token,
                     size_t len, uint64_t *id) {
  uint8_t body[FLOW_BODY_LEN];
  if (!flow_is_key(key, key_len) || (token == NULL && len > 0) || id == NULL) {
    return SIPWS_ERR_INVALID;
  }
  return flow_open(key, key_len, token, len, body, id);
}

int sipws_flow_match(const uint8_t *key, size_t key_len, const char *token,
                     size_t len, uint64_t id, const uint8_t *peer,
                     size_t peer_len, uint16_t peer_port, const uint8_t *local,
                     size_t local_len, uint16_t local_port) {
  uint8_t body[FLOW_BODY_LEN];
  uint8_t mac[FLOW_PEERS_LEN];
  struct flow_ends ends;
  uint64_t found;
  int err;
  if (!flow_is_key(key, key_len) || (token == NULL && len > 0) ||
      !flow_set_end(&ends, 0, peer, peer_len, peer_port) ||
      !flow_set_end(&ends, 1, local, local_len, local_port)) {
    return SIPWS_ERR_INVALID;
  }
  err = flow_open(key, key_len, token, len, body, &found);
  if (err == 0) {
    err = flow_peers_mac(key, key_len, &ends, mac);
  }
  if (err != 0) {
    return err;
  }
  return found == id && sipws__crypto_equal(body + FLOW_ID_LEN, mac, sizeof mac)
             ? 0
             : SIPWS_ERR_DEAD;
}

/* Between |low| and |high|, as far up as |random| is up to 2^32 - 1. */
static uint32_t flow_draw(uint32_t low, uint32_t high, uint32_t random) {
  return low +
         (uint32_t)(((uint64_t)(high - low) * random + 0x80000000u) >> 32);
}

uint32_t sipws_flow_retry_ms(uint32_t failures, uint32_t base_ms,
                             uint32_t max_ms, uint32_t random) {
  uint64_t bound = base_ms;
  /* 32 doublings pass any 32-bit maximum */
  bound <<= failures < 32 ? failures : 32;
  if (bound > max_ms) {
    bound = max_ms;
  }
  return flow_draw((uint32_t)bound - (uint32_t)bound / 2, (uint32_t)bound,
                   random);
}

uint32_t sipws_flow_interval_ms(uint32_t bound_ms, uint32_t random) {
  return flow_draw(bound_ms - bound_ms / 5, bound_ms, random);
}
