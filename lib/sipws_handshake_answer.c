/* handshake: what a server answers. */
#include "sipws_handshake.h"
#include "sipws_text.h"

int sipws__request_write_101(const char *text,
                             const struct sipws__request *request,
                             const struct sipws__buf *extra,
                             const struct sipws__mem *mem,
                             struct sipws__buf *out) {
  struct sipws__head_writer writer;
  char accept[SIPWS__ACCEPT_LEN];
  int err = sipws__handshake_accept(text + request->key.off, request->key.len,
                                    accept);
  if (err != 0) {
    return err;
  }
  sipws__head_begin(&writer, mem, out);
  sipws__head_text(&writer, "HTTP/1.1 101 Switching Protocols\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: ");
  sipws__head_octets(&writer, accept, sizeof accept);
  sipws__head_text(&writer, "\r\n");
  /* RFC 6455 4.2.2: absent, never empty. */
  if (request->subprotocol.len > 0) {
    sipws__head_text(&writer, "Sec-WebSocket-Protocol: ");
    sipws__head_octets(&writer, text + request->subprotocol.off,
                       request->subprotocol.len);
    sipws__head_text(&writer, "\r\n");
  }
  sipws__head_octets(&writer, extra->data, extra->len);
  sipws__head_text(&writer, "\r\n");
  return sipws__head_end(&writer);
}

static void answer_write_number(struct sipws__head_writer *writer,
                                uint64_t number) {
  char digits[20];
  sipws__head_octets(writer, digits, sipws__text_digits(number, digits));
}

int sipws__request_write_refusal(int status, uint64_t body_len,
                                 uint32_t retry_s,
                                 const struct sipws__buf *extra,
                                 const struct sipws__mem *mem,
                                 struct sipws__buf *out) {
  struct sipws__head_writer writer;
  sipws__head_begin(&writer, mem, out);
  sipws__head_text(&writer, "HTTP/1.1 ");
  answer_write_number(&writer, (uint64_t)status);
  sipws__head_text(&writer, " ");
  sipws__head_text(&writer, sipws__http_reason(status));
  sipws__head_text(&writer, "\r\n");
  /* RFC 9110 8.6: never in a 204; in a 304 it would tell of another answer. */
  if (status != 204 && status != 304) {
    sipws__head_text(&writer, "Content-Length: ");
    answer_write_number(&writer, body_len);
    sipws__head_text(&writer, "\r\n");
  }
  /* RFC 9110 7.8: Upgrade is named in Connection. RFC 6455 4.4: the version. */
  sipws__head_text(&writer, status == 426 ? "Connection: close, Upgrade\r\n"
                                            "Upgrade: websocket\r\n"
                                            "Sec-WebSocket-Version: 13\r\n"
                                          : "Connection: close\r\n");
  if (status == 405) {
    sipws__head_text(&writer, "Allow: GET, HEAD\r\n");
  }
  if (retry_s > 0) {
    sipws__head_text(&writer, "Retry-After: ");
    answer_write_number(&writer, retry_s);
    sipws__head_text(&writer, "\r\n");
  }
  sipws__head_octets(&writer, extra->data, extra->len);
  sipws__head_text(&writer, "\r\n");
  return sipws__head_end(&writer);
}
