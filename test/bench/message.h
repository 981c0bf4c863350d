/* What the benchmark moves: INVITEs of any length, the frames around them, and
 * the heads of a handshake. */
#ifndef SIPWS_BENCH_MESSAGE_H
#define SIPWS_BENCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX (1 << 16)
#define FRAME_MAX (MESSAGE_MAX + 14)

/* Writes an INVITE of exactly |len| octets, 400 or more: 15 header lines, and
 * SDP that grows with it. |is_utf8|: its names are not ASCII (900 or more). 0,
 * or -1 when |len| does not suit. */
int message_write(char *out, size_t len, int is_utf8);

/* Writes a whole text frame around it, masked if it comes from a client; tells
 * its octets. */
size_t message_frame(uint8_t *out, const char *msg, size_t len, int is_masked);

/* 1 when |frame| is exactly one text frame around |msg|. Octet by octet: it
 * judges the codecs. */
int message_is_frame(const uint8_t *frame, size_t frame_len, const char *msg,
                     size_t len, int is_masked);

/* The request of a browser, and the answer to one whose key is of zeros. */
extern const char message_request[];
extern const char message_answer[];

#endif /* SIPWS_BENCH_MESSAGE_H */
