#include "message.h"

#include <stdio.h>
#include <string.h>

/* In compact form, for the shortest. */
static const char short_head[] = "INVITE sip:bob@h.example SIP/2.0\r\n"
                                 "v:SIP/2.0/WS a.invalid;branch=z9hG4bK7\r\n"
                                 "Max-Forwards:70\r\n"
                                 "t:<sip:bob@h.example>\r\n"
                                 "f:<sip:al@h.example>;tag=1\r\n"
                                 "i:4711\r\n"
                                 "CSeq:1 INVITE\r\n"
                                 "m:<sip:a@a.invalid;transport=ws;ob>\r\n"
                                 "k:outbound,path\r\n"
                                 "Allow:ACK,BYE\r\n"
                                 "User-Agent:x\r\n"
                                 "s:Hi\r\n"
                                 "Accept:*/*\r\n"
                                 "Priority:normal\r\n"
                                 "c:application/sdp\r\n"
                                 "l:";

/* As a browser's stack writes it; %s are names. */
static const char long_head[] =
    "INVITE sip:bob@h.example SIP/2.0\r\n"
    "Via: SIP/2.0/WSS q3f0bs8njd2k.invalid;branch=z9hG4bK5620354\r\n"
    "Max-Forwards: 69\r\n"
    "To: %s <sip:bob@h.example>\r\n"
    "From: %s <sip:alice@h.example>;tag=ub3m5a4j1c\r\n"
    "Call-ID: c1kva2u5q7ks9e4pls2g\r\n"
    "CSeq: 7261 INVITE\r\n"
    "Contact: %s <sip:alice@q3f0bs8njd2k.invalid;transport=ws;ob>\r\n"
    "Route: <sip:edge.h.example;transport=ws;lr>\r\n"
    "Session-Expires: 90\r\n"
    "Allow: INVITE,ACK,CANCEL,BYE,UPDATE,MESSAGE,OPTIONS,REFER,INFO,NOTIFY\r\n"
    "Supported: timer,ice,replaces,outbound\r\n"
    "User-Agent: browser 1.0\r\n"
    "Subject: %s\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: ";

static const char *const ascii_names[] = {
    "\"Bob Example\"", "\"Alice Example\"", "\"Alice at home\"",
    "what we spoke of on Monday"};
/* Müller, 北京 …: two, three and four octets a character */
static const char *const utf8_names[] = {
    "\"B\xc3\xb6rge \xc3\x98yvind M\xc3\xbcller\"",
    "\"\xe5\x8c\x97\xe4\xba\xac \xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e\"",
    "\"\xd0\x9d\xd0\xb0\xd1\x82\xd0\xb0\xd0\xbb\xd1\x8c\xd1\x8f\"",
    "\xf0\x9f\x93\x9e \xce\xba\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad"};

static const char sdp_head[] = "v=0\r\n"
                               "o=- 1 1 IN IP4 0.0.0.0\r\n"
                               "s=-\r\n"
                               "t=0 0\r\n";
static const char sdp_line[] =
    "a=candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host\r\n";

/* Lines until |len| octets are there, the last one as long as it must be. */
static void body_write(char *out, size_t len) {
  size_t line = sizeof sdp_line - 1;
  memcpy(out, sdp_head, sizeof sdp_head - 1);
  out += sizeof sdp_head - 1;
  len -= sizeof sdp_head - 1;
  while (len >= line + 4) {
    memcpy(out, sdp_line, line);
    out += line;
    len -= line;
  }
  if (len >= 4) {
    memset(out, 'x', len);
    memcpy(out, "a=", 2);
    memcpy(out + len - 2, "\r\n", 2);
  } else {
    memset(out, ' ', len);
  }
}

int message_write(char *out, size_t len, int is_utf8) {
  const char *const *names = is_utf8 ? utf8_names : ascii_names;
  char head[1200];
  size_t fixed, body, digits;
  int wrote;
  if (len < 900) {
    wrote = snprintf(head, sizeof head, "%s", short_head);
  } else {
    wrote = snprintf(head, sizeof head, long_head, names[0], names[1], names[2],
                     names[3]);
  }
  fixed = (size_t)wrote + 4; /* two line ends after the length */
  for (digits = 1; digits <= 5; digits++) {
    char number[24];
    if (len < fixed + digits + sizeof sdp_head - 1) {
      return -1;
    }
    body = len - fixed - digits;
    if ((size_t)snprintf(number, sizeof number, "%u\r\n\r\n", (unsigned)body) ==
        digits + 4) {
      memcpy(out, head, (size_t)wrote);
      memcpy(out + wrote, number, digits + 4);
      body_write(out + fixed + digits, body);
      return 0;
    }
  }
  return -1;
}

size_t message_frame(uint8_t *out, const char *msg, size_t len, int is_masked) {
  static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
  uint8_t mask = is_masked ? 0x80 : 0;
  size_t head = 2, i;
  out[0] = 0x81;
  if (len < 126) {
    out[1] = (uint8_t)(mask | len);
  } else if (len < 65536) {
    out[1] = (uint8_t)(mask | 126);
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    head = 4;
  } else {
    out[1] = (uint8_t)(mask | 127);
    for (i = 0; i < 8; i++) {
      out[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
    }
    head = 10;
  }
  if (is_masked) {
    memcpy(out + head, key, 4);
    head += 4;
  }
  for (i = 0; i < len; i++) {
    out[head + i] = (uint8_t)((uint8_t)msg[i] ^ (is_masked ? key[i % 4] : 0));
  }
  return head + len;
}

int message_is_frame(const uint8_t *frame, size_t frame_len, const char *msg,
                     size_t len, int is_masked) {
  static uint8_t own[FRAME_MAX];
  static const uint8_t no_key[4] = {0, 0, 0, 0};
  size_t own_len = message_frame(own, msg, len, is_masked);
  size_t head = own_len - len;
  const uint8_t *key = is_masked ? frame + head - 4 : no_key;
  size_t i;
  if (frame_len != own_len ||
      memcmp(frame, own, is_masked ? head - 4 : head) != 0) {
    return 0;
  }
  for (i = 0; i < len; i++) {
    if ((frame[head + i] ^ key[i % 4]) != (uint8_t)msg[i]) {
      return 0;
    }
  }
  return 1;
}

const char message_request[] =
    "GET /ws HTTP/1.1\r\n"
    "Host: h.example\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
    "like Gecko) Chrome/120.0.0.0 Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://h.example\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: session=f3a9c1d27b\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "Sec-WebSocket-Protocol: sip\r\n"
    "\r\n";

const char message_answer[] =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n"
    "Sec-WebSocket-Protocol: sip\r\n"
    "\r\n";
