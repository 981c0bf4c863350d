/* forged flow|md5|sha256 first|last COUNT: has a forged flow token, or forged
 * Digest credentials, judged so often. What they are checked by is right but
 * for its first octet, or its last. */
#include <sipws/front.h>
#include <sipws/sip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t key[16] = "0123456789abcdef";

/* Another character that the text may have there. */
static void forge(char *at) {
  *at = *at == '1' ? '2' : '1';
}

static int judge_flow(int is_last, long count) {
  static const uint8_t peer[4] = {192, 0, 2, 1};
  char token[SIPWS_FLOW_TOKEN_LEN];
  size_t len;
  uint64_t id;
  if (sipws_flow_token(key, sizeof key, 7, peer, 4, 5060, peer, 4, 80, token,
                       sizeof token, &len) != 0 ||
      sipws_flow_check(key, sizeof key, token, len, &id) != 0) {
    return -1;
  }
  /* 12 octets, then the HMAC; the last two characters share its last octet */
  forge(token + (is_last ? len - 2 : 16));
  while (count-- > 0) {
    if (sipws_flow_check(key, sizeof key, token, len, &id) !=
        SIPWS_ERR_TAMPERED) {
      return -1;
    }
  }
  return 0;
}

static int judge_digest(int algorithm, int is_last, long count) {
  char challenge[200], answer[500];
  char *response;
  size_t len;
  if (sipws_auth_challenge_digest(algorithm, "realm", 5, "nonce", 5, 0,
                                  challenge, sizeof challenge, &len) != 0 ||
      sipws_auth_answer(challenge, len, "GET", 3, "/", 1, "user", 4, "secret",
                        6, key, 1, answer, sizeof answer - 1, &len) != 0 ||
      sipws_auth_check(answer, len, "GET", 3, "secret", 6) != 0) {
    return -1;
  }
  answer[len] = '\0';
  response = strstr(answer, "response=\"") + 10;
  forge(is_last ? strchr(response, '"') - 1 : response);
  while (count-- > 0) {
    if (sipws_auth_check(answer, len, "GET", 3, "secret", 6) !=
        SIPWS_ERR_TAMPERED) {
      return -1;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc == 4 ? argv[1] : "";
  int is_last = argc == 4 && strcmp(argv[2], "last") == 0;
  long count = argc == 4 ? atol(argv[3]) : 0;
  int err = -1;
  if (strcmp(what, "flow") == 0) {
    err = judge_flow(is_last, count);
  } else if (strcmp(what, "md5") == 0) {
    err = judge_digest(SIPWS_DIGEST_MD5, is_last, count);
  } else if (strcmp(what, "sha256") == 0) {
    err = judge_digest(SIPWS_DIGEST_SHA256, is_last, count);
  }
  if (err != 0) {
    fprintf(stderr, "forged: flow|md5|sha256 first|last COUNT; %s fails\n",
            what);
  }
  return err != 0;
}
