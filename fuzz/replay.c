/* Replays a corpus through a fuzz target without a fuzzer: every file of
 * fuzz/corpus/NAME, or those named. Reports as the tests do. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path) {
  static uint8_t data[1u << 20];
  FILE *file = fopen(path, "rb");
  size_t size;
  if (file == NULL) {
    perror(path);
    return 1;
  }
  size = fread(data, 1, sizeof data, file);
  fclose(file);
  printf("[ RUN      ] %s\n", path);
  fflush(stdout);
  if (LLVMFuzzerTestOneInput(data, size) != 0) {
    return 1;
  }
  printf("[       OK ] %s\n", path);
  return 0;
}

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  char folder[256], path[1024];
  struct dirent *entry;
  DIR *dir;
  int bad = 0;
  int i;
  for (i = 1; i < argc; i++) {
    bad |= replay_file(argv[i]);
  }
  if (argc > 1) {
    return bad;
  }
  snprintf(folder, sizeof folder, "fuzz/corpus/%s",
           slash != NULL ? slash + 1 : argv[0]);
  dir = opendir(folder);
  if (dir == NULL) {
    perror(folder);
    return 1;
  }
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
      bad |= replay_file(path);
    }
  }
  closedir(dir);
  return bad;
}
