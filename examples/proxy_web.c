#include "proxy_web.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file on its way out; the peer's data. */
struct web_file {
  int fd;
};

static int web_read(uint8_t *buf, size_t len, uint64_t off, size_t *got,
                    void *user) {
  const struct web_file *file = user;
  ssize_t count;
  do {
    count = pread(file->fd, buf, len, (off_t)off);
  } while (count < 0 && errno == EINTR);
  *got = count > 0 ? (size_t)count : 0; /* 0: it shrank meanwhile */
  return count > 0 ? 0 : -1;
}

void web_close(struct net_peer *peer) {
  struct web_file *file = peer->data;
  if (file != NULL) {
    close(file->fd);
    free(file);
    peer->data = NULL;
  }
}

static const char *web_type(const char *path) {
  static const struct {
    const char *ending;
    const char *type;
  } types[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".wasm", "application/wasm"},
  };
  const char *ending = strrchr(path, '.');
  size_t i;
  for (i = 0; ending != NULL && i < sizeof types / sizeof *types; i++) {
    if (strcmp(ending, types[i].ending) == 0) {
      return types[i].type;
    }
  }
  return "application/octet-stream";
}

/* Writes the path below the folder. Only plain names are taken: letters,
 * digits, "-", "_" and ".", and none begins with a ".", so neither ".." nor
 * hidden files are reached, and nothing needs decoding. */
static int web_path(const char *folder, const char *path, size_t len, char *out,
                    size_t out_size) {
  const char *index = len > 0 && path[len - 1] == '/' ? "index.html" : "";
  char before = 'a';
  size_t i;
  int written;
  for (i = 0; i < len; i++) {
    char c = path[i];
    int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9');
    if ((!is_letter && (c == '\0' || strchr("-_./", c) == NULL)) ||
        (i == 0 && c != '/') || (c == '.' && before == '/')) {
      return -1;
    }
    before = c;
  }
  written = snprintf(out, out_size, "%s%.*s%s", folder, (int)len, path, index);
  return len > 0 && written > 0 && (size_t)written < out_size ? 0 : -1;
}

static struct web_file *web_open(const char *path, uint64_t *size) {
  struct web_file *file;
  struct stat stat;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return NULL;
  }
  file = malloc(sizeof *file);
  if (file == NULL || fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
    free(file);
    close(fd);
    return NULL;
  }
  file->fd = fd;
  *size = (uint64_t)stat.st_size;
  return file;
}

static void web_header(sipws_conn *conn, const char *name, const char *value) {
  (void)sipws_conn_add_header(conn, name, strlen(name), value, strlen(value));
}

void web_answer(struct net_peer *peer, const sipws_request *view,
                const char *text, uint64_t now_ms) {
  static const char missing[] = "There is no such page.\n";
  const struct proxy *proxy = peer->server->data;
  struct web_file *file = NULL;
  uint64_t size = 0;
  char path[1024];
  if (proxy->web_dir != NULL &&
      web_path(proxy->web_dir, text + view->path.off, view->path.len, path,
               sizeof path) == 0) {
    file = web_open(path, &size);
  }
  peer->data = file;
  web_header(peer->conn, "Content-Type",
             web_type(file == NULL ? "missing.txt" : path));
  web_header(peer->conn, "X-Content-Type-Options", "nosniff");
  web_header(peer->conn, "Referrer-Policy", "no-referrer");
  web_header(peer->conn, "Cache-Control", "no-cache");
  /* The scheme alone where 'self' does not cover ws and wss (older Safari). */
  web_header(peer->conn, "Content-Security-Policy",
             "default-src 'self'; connect-src 'self' ws: wss:; "
             "img-src 'self' data:; "
             "object-src 'none'; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'none'");
  if (file == NULL) {
    (void)sipws_conn_reject(peer->conn, 404, missing, sizeof missing - 1,
                            now_ms);
  } else {
    (void)sipws_conn_reject_from(peer->conn, 200, web_read, size, file, now_ms);
  }
}
