/* What hostile peers send. */
#include "hostile.h"

#define FIN_TEXT 0x81
#define FIN_BINARY 0x82
#define TEXT 0x01
#define BINARY 0x02
#define MORE 0x10 /* a continuation; |first| 0 is no frame */
#define CLOSE 0x88
#define PING 0x89
#define PONG 0x8a
#define FOUR_OCTETS "\xf0\x9f\x98\x80"

#define UPGRADE                                                                \
  "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                   \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                            \
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define OK_101 "HTTP/1.1 101 S\r\n"
#define NO_403 "HTTP/1.1 403 F\r\n"
#define END_OF_HEAD "\r\n\r\n"

/* Our roles. */
#define SERVER (1u << SIPWS_SERVER)
#define CLIENT (1u << SIPWS_CLIENT)
#define BOTH (SERVER | CLIENT)

#define SIZES                                                                  \
  { 1, 2, 3, 5, 17, 126, 127, 1001 }
#define CONTROL_SIZES                                                          \
  { 1, 2, 3, 5, 17, 65, 126 }
#define NO_SIZES                                                               \
  { 0 }

/* A handshake. */
#define HEAD(name, roles, head, unit, tail)                                    \
  { name, roles, head, unit, tail, .ends = 1 }
/* Frames, again and again. */
#define FLOOD(name, roles, protocol, opcode, unit, lengths)                    \
  {                                                                            \
    name, roles, .subprotocol = protocol, .cycle = {{opcode, unit, 1}},        \
                 .sizes = lengths                                              \
  }
/* One SIP message of many of these behind "v:". */
#define SIP_LINES(name, roles, unit)                                           \
  {                                                                            \
    name, roles, "A b:c SIP/2.0\r\nv:", unit, END_OF_HEAD,                     \
        .subprotocol = "sip"                                                   \
  }

const struct hostile_peer hostile_peers[] = {
    /* handshakes, of clients */
    HEAD("target without end", SERVER, "GET /", "a", " HTTP/1.1\r\n" UPGRADE),
    HEAD("header name without end", SERVER, GET, "a", ":\r\n" UPGRADE),
    HEAD("header value without end", SERVER, GET "A:", "a", "\r\n" UPGRADE),
    HEAD("white space without end", SERVER, GET "A:", " ", "\r\n" UPGRADE),
    HEAD("empty header lines", SERVER, GET, "a:\r\n", UPGRADE),
    HEAD("header lines", SERVER, GET, "Abcdef: ghijkl\r\n", UPGRADE),
    HEAD("Cookie lines", SERVER, GET, "Cookie: a=b\r\n", UPGRADE),
    HEAD("offers", SERVER, GET "Sec-WebSocket-Protocol:", "a,",
         "a\r\n" UPGRADE),
    HEAD("offers of nothing", SERVER, GET "Sec-WebSocket-Protocol:", ",",
         "\r\n" UPGRADE),
    HEAD("offers, a line each", SERVER, GET, "Sec-WebSocket-Protocol:a\r\n",
         UPGRADE),
    HEAD("extensions", SERVER, GET "Sec-WebSocket-Extensions:", "a,",
         "a\r\n" UPGRADE),
    HEAD("Connection tokens", SERVER, GET "Connection:", "a,", "a\r\n" UPGRADE),
    HEAD("Upgrade tokens", SERVER, GET "Upgrade:", "a,", "a\r\n" UPGRADE),
    HEAD("Host lines", SERVER, GET, "Host:h\r\n", UPGRADE),
    HEAD("keys", SERVER, GET, "Sec-WebSocket-Key:\r\n", UPGRADE),
    HEAD("lone CR", SERVER, GET, "\r", UPGRADE),
    HEAD("LF", SERVER, "", "\n", UPGRADE),
    HEAD("CRLF first", SERVER, "", "\r\n", GET UPGRADE),
    HEAD("body of a request", SERVER, GET "Content-Length: 999999" END_OF_HEAD,
         "a", ""),
    /* answers, of servers */
    HEAD("status line without end", CLIENT, "HTTP/1.1 101 ", "a",
         "\r\n" END_OF_HEAD),
    HEAD("answers 100 without end", CLIENT, "", "HTTP/1.1 100 C\r\n\r\n", ""),
    HEAD("answer's name without end", CLIENT, OK_101, "a", ":" END_OF_HEAD),
    HEAD("answer's value without end", CLIENT, OK_101 "A:", "a", END_OF_HEAD),
    HEAD("answer's empty lines", CLIENT, OK_101, "a:\r\n", "\r\n"),
    HEAD("answer's Connection tokens", CLIENT, OK_101 "Connection:", "a,",
         "a" END_OF_HEAD),
    HEAD("refusal's body without end", CLIENT, NO_403 "\r\n", "a", ""),
    HEAD("refusal's cookies", CLIENT, NO_403, "Set-Cookie: a=b\r\n", "\r\n"),
    /* control frames */
    FLOOD("pings", BOTH, "sip", PING, "a", CONTROL_SIZES),
    FLOOD("pongs", BOTH, "sip", PONG, "a", CONTROL_SIZES),
    {"pings, we cannot write", BOTH, .subprotocol = "sip",
     .cycle = {{PING, "a", 1}}, .sizes = CONTROL_SIZES, .no_write = 1},
    {"Closes", BOTH, .subprotocol = "sip", .cycle = {{CLOSE, "\x03\xe8", 1}},
     .ends = 1},
    /* messages */
    FLOOD("text", BOTH, "echo", FIN_TEXT, "a", SIZES),
    FLOOD("binary", BOTH, "echo", FIN_BINARY, "a", SIZES),
    FLOOD("text of 4-octet characters", BOTH, "echo", FIN_TEXT, FOUR_OCTETS,
          SIZES),
    {"one long text", BOTH, .subprotocol = "echo",
     .once = {FIN_TEXT, "a", HOSTILE_REST}},
    {"one long text, 2-octet characters", SERVER, .subprotocol = "echo",
     .once = {FIN_TEXT, "\xc3\xa9", HOSTILE_REST}},
    {"one long text, mixed characters", SERVER, .subprotocol = "echo",
     .once = {FIN_TEXT, "a\xc3\xa9" FOUR_OCTETS, HOSTILE_REST}},
    /* fragments */
    {"fragments", BOTH, .subprotocol = "echo", .once = {TEXT, "a", 1},
     .cycle = {{MORE, "a", 1}}, .sizes = SIZES},
    {"fragments of characters cut", BOTH, .subprotocol = "echo",
     .once = {TEXT, "a", 1},
     .cycle = {{MORE, "\xf0\x9f\x98", 1}, {MORE, "\x80", 1}}},
    {"pings among fragments", BOTH, .subprotocol = "echo",
     .once = {TEXT, "a", 1}, .cycle = {{MORE, "a", 1}, {PING, "", 0}},
     .sizes = SIZES},
    {"messages in two empty fragments", BOTH, .subprotocol = "echo",
     .cycle = {{TEXT, "a", 0}, {0x80, "a", 0}}},
    /* SIP */
    FLOOD("garbage for SIP", BOTH, "sip", FIN_TEXT, "a", SIZES),
    FLOOD("garbage lines for SIP", SERVER, "sip", FIN_TEXT, "a:\r\n", SIZES),
    FLOOD("CRLFCRLF", BOTH, "sip", FIN_TEXT, "\r\n\r\n", NO_SIZES),
    FLOOD("CRLF", BOTH, "sip", FIN_TEXT, "\r\n", NO_SIZES),
    FLOOD("the shortest SIP", BOTH, "sip", FIN_TEXT, "A b:c SIP/2.0\r\n\r\n",
          NO_SIZES),
    SIP_LINES("SIP of empty lines", SERVER, "a:\r\n"),
    SIP_LINES("SIP of Vias", SERVER, "v:SIP/2.0/WS a\r\n"),
    SIP_LINES("SIP with Vias in a line", SERVER, "SIP/2.0/WS a,"),
    SIP_LINES("SIP of folds", SERVER, "\r\n "),
    SIP_LINES("SIP of folded lines", SERVER, "a:\r\n b\r\n"),
    SIP_LINES("SIP of lengths", SERVER, "l:0\r\n"),
    SIP_LINES("SIP of long lengths", SERVER, "Content-Length : 0\r\n"),
    SIP_LINES("SIP of codings", SERVER, "Transfer-Encoding:a\r\n"),
    SIP_LINES("SIP of short names", SERVER, "t:a\r\n"),
    SIP_LINES("SIP of lone LF", SERVER, "a:\n"),
};
const size_t hostile_peer_count =
    sizeof hostile_peers / sizeof hostile_peers[0];

static void put(struct hostile_text *out, const void *data, size_t len) {
  if (len > sizeof out->data - out->len) {
    len = sizeof out->data - out->len;
  }
  memcpy(out->data + out->len, data, len);
  out->len += len;
}

void hostile_repeat(struct hostile_text *out, const char *head,
                    const char *unit, const char *tail, size_t len) {
  size_t step = strlen(unit);
  put(out, head, strlen(head));
  while (step > 0 && out->len + step + strlen(tail) <= len) {
    put(out, unit, step);
  }
  put(out, tail, strlen(tail));
}

static void put_frame(struct hostile_text *out, int first, int masked,
                      const char *payload, size_t len) {
  static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  uint8_t head[14] = {0};
  size_t have = 2, i, start;
  head[0] = (uint8_t)(first == MORE ? 0 : first);
  if (len < 126) {
    head[1] = (uint8_t)len;
  } else if (len < 65536) {
    head[1] = 126;
    head[have++] = (uint8_t)(len >> 8);
    head[have++] = (uint8_t)len;
  } else {
    head[1] = 127;
    for (i = 0; i < 8; i++) {
      head[have++] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
    }
  }
  if (masked) {
    head[1] |= 0x80;
    memcpy(head + have, mask, 4);
    have += 4;
  }
  put(out, head, have);
  start = out->len;
  put(out, payload, len);
  for (i = start; masked && i < out->len; i++) {
    out->data[i] = (char)(out->data[i] ^ mask[(i - start) % 4]);
  }
}

static void put_hostile(struct hostile_text *out,
                        const struct hostile_frame *frame, uint32_t times,
                        int masked, size_t len) {
  static struct hostile_text payload;
  size_t unit = strlen(frame->unit);
  payload.len = 0;
  if (times == HOSTILE_REST) {
    hostile_repeat(&payload, "", frame->unit, "", len - out->len - 14);
  } else {
    hostile_repeat(&payload, "", frame->unit, "", times * unit);
  }
  put_frame(out, frame->first, masked, payload.data, payload.len);
}

int hostile_peer_has(const struct hostile_peer *peer, int role) {
  return (peer->roles >> role & 1) != 0;
}

size_t hostile_peer_sizes(const struct hostile_peer *peer) {
  size_t count = 0;
  while (count < 8 && peer->sizes[count] != 0) {
    count++;
  }
  return count > 0 ? count : 1;
}

/* One round of what comes again and again. */
static void put_cycle(struct hostile_text *out, const struct hostile_peer *peer,
                      int masked, uint32_t size, size_t len) {
  size_t i;
  for (i = 0; i < 3 && peer->cycle[i].first != 0; i++) {
    uint32_t times = i == 0 && size != 0 ? size - 1 : peer->cycle[i].times;
    put_hostile(out, &peer->cycle[i], times, masked, len);
  }
}

void hostile_peer_fill(struct hostile_text *out,
                       const struct hostile_peer *peer, int role, size_t size,
                       size_t len) {
  static struct hostile_text message;
  int masked = role == SIPWS_SERVER; /* all that clients send */
  size_t before, step;
  out->len = 0;
  message.len = 0;
  if (peer->subprotocol == NULL) {
    hostile_repeat(out, peer->head, peer->unit, peer->tail, len);
  } else if (peer->head != NULL) {
    hostile_repeat(&message, peer->head, peer->unit, peer->tail, len - 14);
    put_frame(out, FIN_TEXT, masked, message.data, message.len);
  } else if (peer->once.first != 0) {
    put_hostile(out, &peer->once, peer->once.times, masked, len);
  }
  step = 0;
  while (peer->cycle[0].first != 0 && out->len + step <= len) {
    before = out->len;
    put_cycle(out, peer, masked, peer->sizes[size], len);
    step = out->len - before;
  }
}

int hostile_peer_conn(const struct hostile_peer *peer, int role,
                      sipws_config *config, sipws_conn **conn) {
  if (peer->subprotocol != NULL) {
    return sipws_adopt_new(config, role, peer->subprotocol,
                           strlen(peer->subprotocol), NULL, 0, conn);
  }
  return role == SIPWS_SERVER
             ? sipws_server_new(config, NULL, 0, conn)
             : sipws_client_new(config, "ws://h/", 7, NULL, 0, conn);
}

int hostile_peer_feed(const struct hostile_peer *peer, sipws_conn *conn,
                      const struct hostile_text *text, size_t cut) {
  const uint8_t *data;
  size_t at = 0;
  size_t len, taken;
  while (at < text->len) {
    size_t step = cut == 0 || cut > text->len - at ? text->len - at : cut;
    if (sipws_conn_feed(conn, text->data + at, step, 0, &taken) != 0 ||
        taken == 0) {
      break;
    }
    at += taken;
    while (!peer->no_write && sipws_conn_pending(conn, 0, &data, &len) == 0 &&
           len > 0) {
      (void)sipws_conn_taken(conn, len, 0);
    }
  }
  return sipws_conn_error(conn);
}
