#include "resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h> /* ares.h speaks of fd_set */

/* What the calls here are to be replaced by, c-ares 1.18 (Debian 12) lacks. */
#define CARES_NO_DEPRECATED 1
#include <ares.h>

struct resolve {
  ares_channel channel;
};

enum {
  RESOLVE_TIMEOUT_MS = 1500, /* for one try; c-ares doubles it for the next */
  RESOLVE_TRIES = 2,
  RESOLVE_CLASS_IN = 1,
  RESOLVE_ADDRESSES = 16 /* more than a search keeps */
};

/* -------------------------------------------------------------- answers -- */

/* A question on its way. */
struct resolve_question {
  sipws_locate *locate;
  uint32_t id;
  int type;
};

static int resolve_naptr(const struct resolve_question *question,
                         const unsigned char *answer, int len) {
  struct ares_naptr_reply *list = NULL;
  const struct ares_naptr_reply *at;
  int status = ares_parse_naptr_reply(answer, len, &list);

  for (at = list; at != NULL; at = at->next) {
    const char *flags = (const char *)at->flags;
    const char *service = (const char *)at->service;
    const char *regexp = (const char *)at->regexp;
    (void)sipws_locate_add_naptr(question->locate, question->id, at->order,
                                 at->preference, flags, strlen(flags), service,
                                 strlen(service), regexp, strlen(regexp),
                                 at->replacement, strlen(at->replacement));
  }
  ares_free_data(list);
  return status;
}

static int resolve_srv(const struct resolve_question *question,
                       const unsigned char *answer, int len) {
  struct ares_srv_reply *list = NULL;
  const struct ares_srv_reply *at;
  int status = ares_parse_srv_reply(answer, len, &list);

  for (at = list; at != NULL; at = at->next) {
    (void)sipws_locate_add_srv(question->locate, question->id, at->priority,
                               at->weight, at->port, at->host,
                               strlen(at->host));
  }
  ares_free_data(list);
  return status;
}

static int resolve_a(const struct resolve_question *question,
                     const unsigned char *answer, int len) {
  struct ares_addrttl list[RESOLVE_ADDRESSES];
  int count = RESOLVE_ADDRESSES;
  int status = ares_parse_a_reply(answer, len, NULL, list, &count);
  int i;

  for (i = 0; status == ARES_SUCCESS && i < count; i++) {
    (void)sipws_locate_add_address(question->locate, question->id,
                                   (const uint8_t *)&list[i].ipaddr, 4);
  }
  return status;
}

static int resolve_aaaa(const struct resolve_question *question,
                        const unsigned char *answer, int len) {
  struct ares_addr6ttl list[RESOLVE_ADDRESSES];
  int count = RESOLVE_ADDRESSES;
  int status = ares_parse_aaaa_reply(answer, len, NULL, list, &count);
  int i;

  for (i = 0; status == ARES_SUCCESS && i < count; i++) {
    (void)sipws_locate_add_address(question->locate, question->id,
                                   (const uint8_t *)&list[i].ip6addr, 16);
  }
  return status;
}

/* Called by c-ares, once for each question. */
static void resolve_on_answer(void *user, int status, int timeouts,
                              unsigned char *answer, int len) {
  struct resolve_question *question = user;
  (void)timeouts;

  if (status == ARES_SUCCESS) {
    switch (question->type) {
    case SIPWS_QUESTION_NAPTR:
      status = resolve_naptr(question, answer, len);
      break;
    case SIPWS_QUESTION_SRV:
      status = resolve_srv(question, answer, len);
      break;
    case SIPWS_QUESTION_A:
      status = resolve_a(question, answer, len);
      break;
    default:
      status = resolve_aaaa(question, answer, len);
    }
  }
  (void)sipws_locate_answered(question->locate, question->id,
                              status != ARES_SUCCESS &&
                                  status != ARES_ENODATA &&
                                  status != ARES_ENOTFOUND);
  free(question);
}

/* ------------------------------------------------------------ questions -- */

/* Sends all questions that there are now; 0, or -1 without memory. */
static int resolve_ask(const struct resolve *resolve, sipws_locate *locate) {
  const char *name;
  size_t len;
  uint32_t id;
  int type;

  while (sipws_locate_next_question(locate, &id, &type, &name, &len) == 0) {
    struct resolve_question *question = malloc(sizeof(*question));
    char text[256];
    if (question == NULL) {
      return -1;
    }
    question->locate = locate;
    question->id = id;
    question->type = type;
    snprintf(text, sizeof(text), "%.*s", (int)len, name);
    ares_query(resolve->channel, text, RESOLVE_CLASS_IN, type,
               resolve_on_answer, question);
  }
  return 0;
}

/* Sleeps until something can be read, written or is overdue, and does it. */
static void resolve_wait(ares_channel channel) {
  ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
  struct pollfd waits[ARES_GETSOCK_MAXNUM];
  int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
  struct timeval most = {1, 0};
  struct timeval room;
  const struct timeval *nap = ares_timeout(channel, &most, &room);
  int nap_ms = (int)(nap->tv_sec * 1000 + nap->tv_usec / 1000) + 1;
  nfds_t count = 0;
  nfds_t i;

  while (count < ARES_GETSOCK_MAXNUM && (ARES_GETSOCK_READABLE(bits, count) ||
                                         ARES_GETSOCK_WRITABLE(bits, count))) {
    waits[count].fd = sockets[count];
    waits[count].events =
        (short)((ARES_GETSOCK_READABLE(bits, count) ? POLLIN : 0) |
                (ARES_GETSOCK_WRITABLE(bits, count) ? POLLOUT : 0));
    count++;
  }
  if (poll(waits, count, nap_ms) <= 0) {
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    return;
  }
  for (i = 0; i < count; i++) {
    int can_write = (waits[i].revents & POLLOUT) != 0;
    int can_read = (waits[i].revents & ~POLLOUT) != 0;
    ares_process_fd(channel, can_read ? waits[i].fd : ARES_SOCKET_BAD,
                    can_write ? waits[i].fd : ARES_SOCKET_BAD);
  }
}

int resolve_next(struct resolve *resolve, sipws_locate *locate,
                 sipws_target *target) {
  int error;

  while ((error = sipws_locate_next_target(locate, target)) ==
         SIPWS_ERR_AGAIN) {
    if (resolve_ask(resolve, locate) != 0) {
      return SIPWS_ERR_NOMEM;
    }
    resolve_wait(resolve->channel);
  }
  return error;
}

/* -------------------------------------------------------------- channel -- */

static int resolve_set_up(ares_channel *channel, const char *server) {
  struct ares_options options;
  int status;

  memset(&options, 0, sizeof(options));
  options.timeout = RESOLVE_TIMEOUT_MS;
  options.tries = RESOLVE_TRIES;
  status =
      ares_init_options(channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (status == ARES_SUCCESS && server != NULL) {
    status = ares_set_servers_ports_csv(*channel, server);
    if (status != ARES_SUCCESS) {
      ares_destroy(*channel);
    }
  }
  return status;
}

struct resolve *resolve_open(const char *server) {
  struct resolve *resolve = malloc(sizeof(*resolve));
  int status =
      resolve != NULL ? ares_library_init(ARES_LIB_INIT_ALL) : ARES_ENOMEM;

  if (status == ARES_SUCCESS) {
    status = resolve_set_up(&resolve->channel, server);
    if (status == ARES_SUCCESS) {
      return resolve;
    }
    ares_library_cleanup();
  }
  fprintf(stderr, "resolver: %s%s%s\n", server != NULL ? server : "",
          server != NULL ? ": " : "", ares_strerror(status));
  free(resolve);
  return NULL;
}

void resolve_close(struct resolve *resolve) {
  if (resolve != NULL) {
    ares_destroy(resolve->channel);
    ares_library_cleanup();
    free(resolve);
  }
}
