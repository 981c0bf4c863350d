#include "work.h"

#include <stdio.h>
#include <sys/socket.h>

const struct work works[] = {
    {"decode", 403, 0},
    {"decode", 1161, 0},
    {"decode", 3964, 0},
    {"decode", 15888, 0},
    {"decode-1448", 1161, 1448},
    {"decode-1448", 3964, 1448},
    {"decode-1448", 15888, 1448},
    {"decode-utf8", 1200, 0},
    {"encode-plain", 1200, 0},
    {"encode-plain", 4000, 0},
    {"encode-plain", 16000, 0},
    {"encode-masked", 1200, 0},
    {"encode-masked", 4000, 0},
    {"encode-masked", 16000, 0},
    {"echo", 1200, 0},
    {"echo-socket", 1200, 0},
    {"handshake", 0, 0},
    {"handshake-client", 0, 0},
    {NULL, 0, 0},
};

static const struct kind kinds[] = {
    {"decode", DECODE, BENCH_SERVER},
    {"decode-1448", DECODE, BENCH_SERVER},
    {"decode-utf8", DECODE, BENCH_SERVER},
    {"encode-plain", ENCODE, BENCH_SERVER},
    {"encode-masked", ENCODE, BENCH_CLIENT},
    {"echo", ECHO, BENCH_SERVER},
    {"echo-socket", ECHO_SOCKET, BENCH_SERVER},
    {"handshake", HANDSHAKE, BENCH_SERVER},
    {"handshake-client", HANDSHAKE, BENCH_CLIENT},
};

const struct kind *work_kind(const struct work *work) {
  size_t i = 0;
  while (strcmp(kinds[i].name, work->name) != 0) {
    i++;
  }
  return &kinds[i];
}

int job_is_offered(const struct bench_codec *codec, const struct work *work) {
  switch (work_kind(work)->way) {
  case DECODE:
    return codec->begin != NULL && codec->decode != NULL;
  case ENCODE:
    return codec->begin != NULL && codec->encode != NULL;
  case ECHO:
    return codec->begin != NULL && codec->decode != NULL &&
           codec->encode != NULL;
  case ECHO_SOCKET:
    return codec->serve != NULL ||
           (codec->decode != NULL && codec->encode != NULL);
  case HANDSHAKE:
    return codec->handshake != NULL;
  }
  return 0;
}

/* What a read of a socket brings: the frame, over and over. */
static void job_receive(struct job *job, uint8_t *in, size_t len) {
  while (len > 0) {
    size_t step = job->frame_len - job->at;
    if (step > len) {
      step = len;
    }
    memcpy(in, job->frame + job->at, step);
    in += step;
    len -= step;
    job->at = (job->at + step) % job->frame_len;
  }
}

static WORK_PAGE uint8_t read_buffer[WORK_MIDDLE + FRAME_MAX + BENCH_PADDING];

static int run_decode(struct job *job, long count) {
  size_t left = (size_t)count * job->frame_len;
  size_t read = job->work->read != 0 ? job->work->read : job->frame_len;
  uint8_t *in = read_buffer + WORK_MIDDLE;
  while (left > 0) {
    size_t len = left < read ? left : read;
    job_receive(job, in, len);
    if (job->codec->decode(job->conn, in, len, &job->in) != 0) {
      return job_fail(job, "does not decode");
    }
    left -= len;
  }
  return 0;
}

static int run_encode(struct job *job, long count) {
  while (count-- > 0) {
    if (job->codec->encode(job->conn, (const uint8_t *)job->msg,
                           job->work->octets, &job->out) != 0) {
      return job_fail(job, "does not encode");
    }
    job->in.count++;
  }
  return 0;
}

void job_echo(void *user, const void *octets, size_t len) {
  struct job *job = user;
  if (job->codec->encode(job->conn, octets, len, &job->out) != 0) {
    job->failed = 1;
  }
}

void job_send(void *user, const void *octets, size_t len) {
  struct job *job = user;
  if (send(job->fd, octets, len, MSG_NOSIGNAL) != (ssize_t)len) {
    job->failed = 1;
  }
}

/* The peer sends the frame, the codec's side answers, the peer reads. */
static int run_socket(struct job *job, long count) {
  uint8_t *in = read_buffer + WORK_MIDDLE;
  size_t reply = job->codec->is_raw ? job->frame_len : job->work->octets + 4;
  while (count-- > 0) {
    size_t have = 0;
    ssize_t len;
    if (send(job->peer_fd, job->frame, job->frame_len, MSG_NOSIGNAL) !=
        (ssize_t)job->frame_len) {
      return job_fail(job, "the socket takes no frame");
    }
    if (job->codec->serve != NULL) {
      job->failed |= job->codec->serve(job->conn) != 0;
      job->in.count++;
    } else {
      len = recv(job->fd, in, FRAME_MAX, 0);
      if (len <= 0 ||
          job->codec->decode(job->conn, in, (size_t)len, &job->in) != 0) {
        return job_fail(job, "does not decode");
      }
    }
    while (have < reply) {
      len = job->failed
                ? -1
                : recv(job->peer_fd, job->reply + have, reply - have, 0);
      if (len <= 0) {
        return job_fail(job, "does not answer");
      }
      have += (size_t)len;
    }
  }
  return 0;
}

static int run_handshake(struct job *job, long count) {
  while (count-- > 0) {
    if (job->codec->handshake(job->kind->role, job->frame, job->frame_len,
                              &job->out) != 0) {
      return job_fail(job, "does not open");
    }
    job->in.count++;
  }
  return 0;
}

int job_run(struct job *job, long count) {
  size_t before = job->in.count;
  int err = 0;
  switch (job->kind->way) {
  case DECODE:
  case ECHO:
    err = run_decode(job, count);
    break;
  case ENCODE:
    err = run_encode(job, count);
    break;
  case ECHO_SOCKET:
    err = run_socket(job, count);
    break;
  case HANDSHAKE:
    err = run_handshake(job, count);
    break;
  }
  if (err == 0 && job->failed) {
    err = job_fail(job, "failed in a callback");
  }
  if (err == 0 && !job->codec->is_raw &&
      job->in.count - before != (size_t)count) {
    err = job_fail(job, "messages are missing");
  }
  return err;
}
