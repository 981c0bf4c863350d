/* Load for one echo server: so many connections with so many messages
 * outstanding on each, for a while. Prints one line, fields parted by tabs:
 * server, connections, outstanding, octets, messages, CPU ns of the server a
 * message, messages a second, answers a read. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: load_echo [--raw] CONNECTIONS OUTSTANDING OCTETS MS SERVER [ARG]\n"
    "Starts SERVER, with a free port and ARG, and measures for MS.\n";

int main(int argc, char **argv) {
  struct load load;
  struct load_cost cost;
  int is_raw = argc > 1 && strcmp(argv[1], "--raw") == 0;
  char **arg = argv + 1 + is_raw;
  size_t connections, outstanding, octets;
  uint64_t ms;
  if (argc - is_raw < 6) {
    fputs(usage, stderr);
    return 2;
  }
  connections = strtoul(arg[0], NULL, 10);
  outstanding = strtoul(arg[1], NULL, 10);
  octets = strtoul(arg[2], NULL, 10);
  ms = strtoul(arg[3], NULL, 10);
  if (connections < 1 || outstanding < 1 || octets < 1 || octets > 65535 ||
      ms < 1) {
    fputs(usage, stderr);
    return 2;
  }
  load_start(&load, arg + 4, is_raw, connections, outstanding, octets);
  load_connect(&load, connections);
  load_prime(&load, connections * outstanding);
  load_run(&load, 100, &cost); /* until all is warm */
  load_run(&load, ms, &cost);
  load_drain(&load);
  printf("%s\t%zu\t%zu\t%zu\t%llu\t%.0f\t%.0f\t%.2f\n", load.name, connections,
         outstanding, octets, (unsigned long long)cost.messages,
         (double)cost.cpu_ns / (double)cost.messages,
         (double)cost.messages * 1e9 / (double)cost.wall_ns,
         (double)cost.messages / (double)cost.reads);
  load_stop(&load);
  return 0;
}
