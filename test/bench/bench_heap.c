/* What one more idle connection holds, once messages went both ways and it has
 * been silent for long:
 *
 *   heap CODEC.so…
 *
 * Lines are codec, octets, blocks: all that was asked of malloc, whatever asked
 * for it. */
#include "heap.h"
#include "work.h"

#include <stdio.h>

/* By its frames in memory, else by its sockets; with reads that cut frames. */
static const struct work traffic[] = {{"echo", 4000, 1448},
                                      {"echo-socket", 4000, 0}};

static int measure(const struct bench_codec *codec, struct heap *more) {
  static struct job first, job;
  const struct work *work =
      &traffic[job_is_offered(codec, &traffic[0]) ? 0 : 1];
  struct heap before;
  /* what all connections share comes with the first */
  if (job_begin(&first, codec, work) != 0) {
    return -1;
  }
  before = heap_live();
  if (job_begin(&job, codec, work) != 0 || job_run(&job, 20) != 0 ||
      codec->rest(job.conn) != 0) {
    return -1;
  }
  more->octets = heap_live().octets - before.octets;
  more->blocks = heap_live().blocks - before.blocks;
  job_end(&job);
  job_end(&first);
  return 0;
}

int main(int argc, char **argv) {
  int i;
  for (i = 1; i < argc; i++) {
    const struct bench_codec *codec = codec_load(argv[i]);
    struct heap more;
    if (codec->rest == NULL) {
      continue;
    }
    if (measure(codec, &more) != 0) {
      return 1;
    }
    printf("%s %zu %zu\n", codec->name, more.octets, more.blocks);
  }
  return 0;
}
