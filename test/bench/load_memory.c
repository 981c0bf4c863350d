#include "load_memory.h"

#include "load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SLABS = 512 };

static struct load_slab {
  char name[64];
  unsigned long objects;
} slabs[SLABS];
static size_t slab_count;

/* The number behind |what| in a file of lines "… what number …". */
static uint64_t memory_find(const char *path, const char *what) {
  char line[256];
  unsigned long number = 0;
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    load_fail(path);
  }
  while (fgets(line, sizeof line, file) != NULL) {
    const char *at = strstr(line, what);
    if (at != NULL && sscanf(at + strlen(what), "%lu", &number) == 1) {
      break;
    }
  }
  fclose(file);
  return number;
}

void load_memory_read(pid_t server, struct load_memory *memory) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/status", (long)server);
  memory->rss = memory_find(path, "VmRSS:") * 1024;
  memory->slab = memory_find("/proc/meminfo", "Slab:") * 1024;
  memory->buffers = memory_find("/proc/net/sockstat", " mem ") *
                    (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The next cache in the file; 0 at the end. */
static int slab_read(FILE *file, struct load_slab *slab, unsigned long *size) {
  char line[256];
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "%63s %lu %*u %lu", slab->name, &slab->objects, size) ==
        3) {
      return 1; /* not one of the two lines of head */
    }
  }
  return 0;
}

int load_slabs_begin(void) {
  FILE *file = fopen("/proc/slabinfo", "r");
  unsigned long size;
  if (file == NULL) {
    return -1;
  }
  while (slab_count < SLABS && slab_read(file, &slabs[slab_count], &size)) {
    slab_count++;
  }
  fclose(file);
  return 0;
}

static unsigned long slab_before(const char *name) {
  size_t i;
  for (i = 0; i < slab_count; i++) {
    if (strcmp(slabs[i].name, name) == 0) {
      return slabs[i].objects;
    }
  }
  return 0;
}

void load_slabs_print(size_t ends) {
  FILE *file = fopen("/proc/slabinfo", "r");
  struct load_slab slab;
  unsigned long size;
  if (file == NULL) {
    return;
  }
  while (slab_read(file, &slab, &size)) {
    double objects =
        ((double)slab.objects - (double)slab_before(slab.name)) / (double)ends;
    /* whoever lists /proc/PID/fd makes one of these for each descriptor */
    if (objects > 0.9 && strcmp(slab.name, "proc_inode_cache") != 0) {
      printf("slab\t%s\t%.2f\t%.0f\n", slab.name, objects,
             objects * (double)size);
    }
  }
  fclose(file);
}
