#include "ua_trace.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void ua_show(const char *indent, const char *text, size_t len) {
  int fresh = 1; /* at the begin of a line */
  size_t i;

  for (i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '\r' && i + 1 < len && text[i + 1] == '\n') {
      continue;
    }
    if (fresh && c != '\n') {
      fputs(indent, stdout);
    }
    /* C1 controls travel as 0xc2 and the control itself in UTF-8. */
    if (c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0) {
      i++;
      c = '?';
    }
    putchar((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '?' : c);
    fresh = c == '\n';
  }
  if (!fresh) {
    putchar('\n');
  }
}

/* The wall clock as 12:34:56.789012: fine enough to merge the traces of two
 * programs. */
static void trace_clock(char *out, size_t size) {
  struct timespec now;
  struct tm parts;
  size_t len;

  clock_gettime(CLOCK_REALTIME, &now);
  localtime_r(&now.tv_sec, &parts);
  len = strftime(out, size, "%H:%M:%S", &parts);
  snprintf(out + len, size - len, ".%06d", (int)(now.tv_nsec / 1000));
}

static void trace_color(const struct ua_trace *trace, const char *code) {
  if (trace->color) {
    printf("\033[%sm", code);
  }
}

/* The head of a message alone, or all of it below a line about its kind. */
static void trace_message(const struct ua_trace *trace, int what,
                          const char *text, size_t len) {
  static const char *const kinds[] = {"HTTP", "text", "binary"};
  size_t line = 0;

  if (trace->level == UA_TRACE_FULL) {
    printf("%s, %u octets\n", kinds[what], (unsigned)len);
    trace_color(trace, "0");
    ua_show("  ", text, len);
    return;
  }
  while (line < len && text[line] != '\r' && text[line] != '\n') {
    line++;
  }
  if (line == 0) {
    printf("CRLF keep-alive\n");
  } else {
    ua_show("", text, line);
  }
}

void ua_trace(const sipws_conn *conn, int outgoing, int what,
              const uint8_t *data, size_t len, void *trace_of_ua) {
  const struct ua_trace *trace = trace_of_ua;
  char clock_text[32];

  if (trace->level == UA_TRACE_NONE) {
    return;
  }
  trace_clock(clock_text, sizeof(clock_text));
  trace_color(trace, outgoing ? "32" : "36");
  printf("%s %s ", clock_text, outgoing ? "-->" : "<--");
  if (trace->has_flows) {
    printf("(flow %u) ", (unsigned)sipws_conn_id(conn));
  }
  if (what <= SIPWS_BINARY) {
    trace_message(trace, what, (const char *)data, len);
  } else if (what == 8 && len >= 2) {
    printf("Close %d\n", data[0] << 8 | data[1]);
  } else {
    printf("%s\n", what == 8 ? "Close" : what == 9 ? "ping" : "pong");
  }
  trace_color(trace, "0");
}
