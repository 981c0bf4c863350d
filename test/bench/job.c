#include "work.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

const struct bench_codec *codec_load(const char *path) {
  void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const struct bench_codec *codec =
      object != NULL ? dlsym(object, "bench_codec") : NULL;
  if (codec == NULL) {
    fprintf(stderr, "bench: %s\n", dlerror());
    exit(2);
  }
  return codec;
}

int job_fail(const struct job *job, const char *what) {
  fprintf(stderr, "bench: %s %zu: %s: %s\n", job->work->name, job->work->octets,
          job->codec->name, what);
  return -1;
}

/* ---- checks ---- */

#define CHECKED 5 /* times of each job */

struct kept {
  size_t len;
  uint8_t octets[CHECKED * FRAME_MAX];
};
static struct kept kept_in, kept_out;

static void keep(void *user, const void *octets, size_t len) {
  struct kept *kept = user;
  if (len <= sizeof kept->octets - kept->len) {
    memcpy(kept->octets + kept->len, octets, len);
    kept->len += len;
  }
}

/* 1 when |kept| is what has to come, CHECKED times. */
static int kept_is(const struct kept *kept, const struct job *job, int is_frame,
                   int is_masked) {
  size_t each = kept->len / CHECKED;
  size_t len = job->work->octets;
  size_t i;
  for (i = 0; i < CHECKED; i++) {
    const uint8_t *at = kept->octets + i * each;
    if (is_frame ? !message_is_frame(at, each, job->msg, len, is_masked)
                 : each != len || memcmp(at, job->msg, len) != 0) {
      return 0;
    }
  }
  return each > 0 && kept->len == CHECKED * each;
}

static int job_check(struct job *job) {
  struct bench_sink in = job->in, out = job->out;
  int err;
  kept_in.len = kept_out.len = 0;
  if (job->in.then == NULL) {
    job->in.then = keep;
    job->in.user = &kept_in;
  }
  if (job->out.then == NULL) {
    job->out.then = keep;
    job->out.user = &kept_out;
  }
  err = job_run(job, CHECKED);
  job->in = in;
  job->out = out;
  if (err != 0 || job->codec->is_raw) {
    return err;
  }
  switch (job->kind->way) {
  case DECODE:
    return kept_is(&kept_in, job, 0, 0)
               ? 0
               : job_fail(job, "decodes another message");
  case ENCODE:
  case ECHO:
    return kept_is(&kept_out, job, 1, job->kind->role == BENCH_CLIENT)
               ? 0
               : job_fail(job, "encodes another frame");
  case ECHO_SOCKET:
    return message_is_frame(job->reply, job->work->octets + 4, job->msg,
                            job->work->octets, 0)
               ? 0
               : job_fail(job, "answers another frame");
  case HANDSHAKE:
    break; /* the codec tells that it opened */
  }
  return 0;
}

/* ---- begin and end ---- */

static int job_open(struct job *job) {
  static const struct timeval patience = {3, 0};
  const struct bench_codec *codec = job->codec;
  int fds[2];
  if (job->kind->way == ECHO || job->kind->way == ECHO_SOCKET) {
    job->in.then = job_echo;
    job->in.user = job;
  }
  if (job->kind->way == HANDSHAKE) {
    return 0;
  }
  if (job->kind->way == ECHO_SOCKET && codec->begin_socket != NULL) {
    job->conn = codec->begin_socket(&job->peer_fd);
  } else {
    if (job->kind->way == ECHO_SOCKET) {
      if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) {
        return job_fail(job, "no sockets");
      }
      job->fd = fds[0];
      job->peer_fd = fds[1];
      job->out.then = job_send;
      job->out.user = job;
    }
    job->conn = codec->begin(job->kind->role);
  }
  if (job->conn == NULL) {
    return job_fail(job, "does not begin");
  }
  if (job->peer_fd >= 0) { /* an answer that is too short is no wait for ever */
    (void)setsockopt(job->peer_fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
                     sizeof patience);
  }
  return 0;
}

int job_begin(struct job *job, const struct bench_codec *codec,
              const struct work *work) {
  int is_utf8 = strcmp(work->name, "decode-utf8") == 0;
  memset(job, 0, sizeof *job);
  job->codec = codec;
  job->work = work;
  job->kind = work_kind(work);
  job->fd = job->peer_fd = -1;
  if (job->kind->way == HANDSHAKE) {
    const char *head =
        job->kind->role == BENCH_SERVER ? message_request : message_answer;
    job->frame_len = strlen(head);
    memcpy(job->frame, head, job->frame_len);
  } else if (message_write(job->msg, work->octets, is_utf8) != 0) {
    return job_fail(job, "no message has this length");
  } else {
    job->frame_len = message_frame(job->frame, job->msg, work->octets, 1);
  }
  if (job_open(job) != 0 || job_check(job) != 0) {
    job_end(job);
    return -1;
  }
  return 0;
}

void job_end(struct job *job) {
  if (job->conn != NULL) {
    job->codec->end(job->conn);
  }
  if (job->fd >= 0) {
    close(job->fd);
  }
  if (job->peer_fd >= 0) {
    close(job->peer_fd);
  }
  job->conn = NULL;
  job->fd = job->peer_fd = -1;
}
