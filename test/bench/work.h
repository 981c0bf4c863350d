/* The works that codecs are measured by, each a loop over the calls of
 * codec.h. */
#ifndef SIPWS_BENCH_WORK_H
#define SIPWS_BENCH_WORK_H

#include "codec.h"
#include "message.h"

/* Where octets lie matters to memcpy: on some processors a copy to an address
 * that is, modulo 4096, a little above that of its source takes 25 times as
 * long. So texts begin a page here, and what they are copied to its middle. */
#define WORK_PAGE __attribute__((aligned(4096)))
#define WORK_MIDDLE 2048

/* A row of the tables. */
struct work {
  const char *name;
  size_t octets; /* of a message, or of the peer's HTTP head */
  size_t read;   /* octets a read brings; 0: one frame */
};

/* All rows; the last has no name. */
extern const struct work works[];

enum way { DECODE, ENCODE, ECHO, ECHO_SOCKET, HANDSHAKE };

/* What the name of a work means. */
struct kind {
  const char *name;
  enum way way;
  int role;
};

const struct kind *work_kind(const struct work *work);

/* One codec at one work. */
struct job {
  const struct bench_codec *codec;
  const struct work *work;
  const struct kind *kind;
  void *conn;
  struct bench_sink in, out; /* messages decoded, octets to be sent */
  int failed;                /* inside a call of the codec */
  int fd, peer_fd;           /* echo-socket: both ends, -1: none */
  WORK_PAGE char msg[MESSAGE_MAX];
  size_t frame_len; /* of the peer's frame, or HTTP head */
  size_t at;        /* octets of the frame that were read */
  WORK_PAGE uint8_t frame[FRAME_MAX];
  uint8_t reply[FRAME_MAX]; /* echo-socket: the last one */
};

/* The codec of a shared object; without one the program ends. */
const struct bench_codec *codec_load(const char *path);

/* 1 when |codec| can do |work|. */
int job_is_offered(const struct bench_codec *codec, const struct work *work);

/* Begins, and checks every octet that a few times of it bring. 0, or -1 with
 * the reason on stderr. */
int job_begin(struct job *job, const struct bench_codec *codec,
              const struct work *work);

/* Does it |count| times. 0, or -1 likewise. */
int job_run(struct job *job, long count);

void job_end(struct job *job);

/* Tells |what| is wrong, and which job it is; -1. */
int job_fail(const struct job *job, const char *what);

/* Give what a codec lends or sends on; |user| is the job. */
void job_echo(void *user, const void *octets, size_t len);
void job_send(void *user, const void *octets, size_t len);

#endif /* SIPWS_BENCH_WORK_H */
