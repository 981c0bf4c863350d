/* Measures codecs (codec.h) at works (work.h).
 *
 *   bench time ROUNDS CODEC.so…             ns of each row, interleaved
 *   bench count WORK OCTETS TIMES CODEC.so  does it so often: for instructions
 *
 * Rows are lines of words: work, codec, octets, read, and ns if timed. */
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST_CODECS 16
#define MOST_ROUNDS 2001
#define BATCH_NS 400000.0

static size_t work_octets(const struct work *work) {
  if (work->octets != 0) {
    return work->octets;
  }
  return strlen(work_kind(work)->role == BENCH_SERVER ? message_request
                                                      : message_answer);
}

static void print_row(const struct work *work,
                      const struct bench_codec *codec) {
  size_t octets = work_octets(work);
  printf("%s %s %zu %zu", work->name, codec->name, octets,
         work->read != 0 ? work->read : octets);
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double job_ns(struct job *job, long count) {
  double begin = now_ns();
  if (job_run(job, count) != 0) {
    exit(1);
  }
  return (now_ns() - begin) / (double)count;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* How many times of it fill a batch; also warms it up. */
static long job_batch(struct job *job) {
  long count = 1;
  double ns = job_ns(job, count);
  while (ns * (double)count < BATCH_NS) {
    count *= 2;
    ns = job_ns(job, count);
  }
  return count;
}

/* One work by all codecs in turn; who begins a round goes round, too. */
static void time_work(const struct work *work,
                      const struct bench_codec *const *codecs, int count,
                      int rounds) {
  static struct job jobs[MOST_CODECS];
  static double ns[MOST_CODECS][MOST_ROUNDS];
  long batch[MOST_CODECS];
  int n = 0, round, i;
  for (i = 0; i < count; i++) {
    if (job_is_offered(codecs[i], work)) {
      if (job_begin(&jobs[n], codecs[i], work) != 0) {
        exit(1);
      }
      batch[n] = job_batch(&jobs[n]);
      n++;
    }
  }
  for (round = 0; round < rounds; round++) {
    for (i = 0; i < n; i++) {
      int k = (round + i) % n;
      ns[k][round] = job_ns(&jobs[k], batch[k]);
    }
  }
  for (i = 0; i < n; i++) {
    qsort(ns[i], (size_t)rounds, sizeof(double), by_size);
    print_row(work, jobs[i].codec);
    printf(" %.2f\n", ns[i][rounds / 2]);
    job_end(&jobs[i]);
  }
  fflush(stdout);
}

static int count_one(const char *name, size_t octets, long times,
                     const struct bench_codec *codec) {
  static struct job job;
  const struct work *work = works;
  while (work->name != NULL &&
         (strcmp(work->name, name) != 0 || work_octets(work) != octets)) {
    work++;
  }
  if (work->name == NULL || !job_is_offered(codec, work)) {
    fprintf(stderr, "bench: no work %s of %zu octets\n", name, octets);
    return 2;
  }
  if (job_begin(&job, codec, work) != 0 || job_run(&job, times) != 0) {
    return 1;
  }
  job_end(&job);
  return 0;
}

int main(int argc, char **argv) {
  const struct bench_codec *codecs[MOST_CODECS];
  const char *what = argc > 1 ? argv[1] : "";
  const struct work *work;
  int count = 0;
  int rounds, i;
  if (strcmp(what, "count") == 0 && argc == 6) {
    return count_one(argv[2], strtoul(argv[3], NULL, 10),
                     strtol(argv[4], NULL, 10), codec_load(argv[5]));
  }
  rounds = strcmp(what, "time") == 0 && argc > 3 ? atoi(argv[2]) : 0;
  if (rounds < 1 || rounds > MOST_ROUNDS || argc - 3 > MOST_CODECS) {
    fprintf(stderr, "usage: bench time ROUNDS CODEC.so…\n"
                    "       bench count WORK OCTETS TIMES CODEC.so\n");
    return 2;
  }
  for (i = 3; i < argc; i++) {
    codecs[count++] = codec_load(argv[i]);
  }
  for (work = works; work->name != NULL; work++) {
    time_work(work, codecs, count, rounds);
  }
  return 0;
}
