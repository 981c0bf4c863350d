/* load, second part: what is asked, and what comes back. */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
  LOAD_KINDS = 16,        /* messages that differ */
  LOAD_SILENCE_MS = 10000 /* until an answer is given up */
};

/* ------------------------------------------------------------- messages -- */

static const uint8_t load_mask[4] = {0x5a, 0xc3, 0x17, 0x88};

/* A text frame's header, masked or not (RFC 6455 section 5.2). */
static size_t frame_head(uint8_t *at, size_t len, const uint8_t *mask) {
  size_t size = 2;
  at[0] = 0x81;
  at[1] = mask != NULL ? 0x80 : 0;
  if (len < 126) {
    at[1] = (uint8_t)(at[1] | len);
  } else {
    at[1] = (uint8_t)(at[1] | 126);
    at[2] = (uint8_t)(len >> 8);
    at[3] = (uint8_t)len;
    size = 4;
  }
  if (mask != NULL) {
    memcpy(at + size, mask, 4);
    size += 4;
  }
  return size;
}

static void stream_write(uint8_t *at, size_t number, size_t len,
                         int is_masked) {
  size_t i;
  at += frame_head(at, len, is_masked ? load_mask : NULL);
  for (i = 0; i < len; i++) {
    uint8_t octet = (uint8_t)('a' + (i * 7 + number) % 26);
    at[i] = is_masked ? octet ^ load_mask[i % 4] : octet;
  }
}

static void stream_make(struct load_stream *stream, size_t outstanding,
                        size_t octets, int is_masked) {
  size_t kinds = outstanding > LOAD_KINDS ? outstanding : LOAD_KINDS;
  uint8_t head[8];
  size_t i;
  stream->message =
      frame_head(head, octets, is_masked ? load_mask : NULL) + octets;
  stream->period = kinds * stream->message;
  stream->octets = malloc(2 * stream->period);
  if (stream->octets == NULL) {
    load_fail("messages");
  }
  for (i = 0; i < 2 * kinds; i++) {
    stream_write(stream->octets + i * stream->message, i % kinds, octets,
                 is_masked);
  }
}

void load_write(struct load *load, size_t outstanding, size_t octets) {
  stream_make(&load->questions, outstanding, octets, 1);
  stream_make(&load->answers, outstanding, octets, load->is_raw);
}

/* -------------------------------------------------------------- traffic -- */

static void load_put(struct load *load, size_t i) {
  struct load_conn *conn = &load->conns[i];
  ssize_t done = send(conn->fd, load->questions.octets + conn->sent,
                      conn->credit, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (done < 0 && errno != EAGAIN) {
    load_fail("send");
  }
  if (done > 0) {
    conn->credit -= (uint32_t)done;
    conn->sent =
        (uint32_t)((conn->sent + (size_t)done) % load->questions.period);
  }
  if (conn->waits != (conn->credit > 0)) {
    conn->waits = conn->credit > 0;
    load_watch(load, EPOLL_CTL_MOD, i, EPOLLIN | (conn->waits ? EPOLLOUT : 0));
  }
}

static void load_question(struct load *load, size_t i, size_t messages) {
  load->conns[i].credit += (uint32_t)(messages * load->questions.message);
  load->under_way += messages;
  load_put(load, i);
}

void load_prime(struct load *load, size_t messages) {
  size_t i;
  for (i = 0; i < load->count && messages > 0; i++) {
    size_t share = (messages + load->count - i - 1) / (load->count - i);
    load_question(load, i, share);
    messages -= share;
  }
}

/* How many answers ended with those octets. */
static size_t load_check(const struct load *load, struct load_conn *conn,
                         const uint8_t *data, size_t len) {
  const struct load_stream *answers = &load->answers;
  size_t ended = (conn->got % answers->message + len) / answers->message;
  while (len > 0) {
    size_t step = len < answers->period ? len : answers->period;
    if (memcmp(data, answers->octets + conn->got, step) != 0) {
      errno = 0;
      load_fail("an answer is not what was sent");
    }
    conn->got = (uint32_t)((conn->got + step) % answers->period);
    data += step;
    len -= step;
  }
  return ended;
}

/* Reads answers; with |asks| new questions follow. */
static void load_read(struct load *load, size_t i, int asks) {
  static uint8_t input[262144];
  struct load_conn *conn = &load->conns[i];
  ssize_t got = recv(conn->fd, input, sizeof input, MSG_DONTWAIT);
  size_t ended;
  if (got < 0 && errno == EAGAIN) {
    return;
  }
  if (got <= 0) {
    load_fail("a connection ended");
  }
  ended = load_check(load, conn, input, (size_t)got);
  load->under_way -= ended;
  load->messages += ended;
  load->reads++;
  if (asks && !load->rotates && ended > 0) {
    load_question(load, i, ended);
  }
  while (asks && load->rotates && ended > 0) {
    load_question(load, load->turn, 1);
    load->turn = (load->turn + 1) % load->count;
    ended--;
  }
}

static void load_step(struct load *load, int asks) {
  static struct epoll_event events[1024];
  int count = epoll_wait(load->epoll, events, 1024, LOAD_SILENCE_MS);
  int i;
  if (count <= 0) {
    load_fail("no answer came");
  }
  for (i = 0; i < count; i++) {
    if ((events[i].events & EPOLLOUT) != 0) {
      load_put(load, events[i].data.u64);
    }
    if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0) {
      load_read(load, events[i].data.u64, asks);
    }
  }
}

void load_run(struct load *load, uint64_t ms, struct load_cost *cost) {
  uint64_t begin = load_clock(CLOCK_MONOTONIC);
  uint64_t cpu = load_clock(load->cpu);
  uint64_t messages = load->messages, reads = load->reads;
  uint64_t now;
  do {
    load_step(load, 1);
    now = load_clock(CLOCK_MONOTONIC);
  } while (now - begin < ms * 1000000);
  cost->cpu_ns = load_clock(load->cpu) - cpu;
  cost->wall_ns = now - begin;
  cost->messages = load->messages - messages;
  cost->reads = load->reads - reads;
}

void load_drain(struct load *load) {
  while (load->under_way > 0) {
    load_step(load, 0);
  }
}
