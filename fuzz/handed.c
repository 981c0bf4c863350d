#include "handed.h"

/* A line without its CRLF, in two parts. */
struct line {
  const char *text; /* before the mark */
  size_t len;
  const char *rest; /* behind it, without one space */
  size_t rest_len;
};

static struct line line_read(struct fuzz_input *input, char mark) {
  struct line line = {0};
  const char *text = (const char *)input->at;
  const char *at = text;
  const char *end;
  size_t len = 0;
  while (len < input->left && (text[len] != '\r' || len + 1 == input->left ||
                               text[len + 1] != '\n')) {
    len++;
  }
  end = text + len;
  input->left -= len;
  input->at += len;
  (void)fuzz_octets(input, 2, &len);
  while (at < end && *at != mark) {
    at++;
  }
  line.text = text;
  line.len = (size_t)(at - text);
  at += at < end;
  at += at < end && *at == ' ';
  line.rest = at;
  line.rest_len = (size_t)(end - at);
  return line;
}

/* ---- handed over ---- */

/* A line may be refused, and then is not there. */
static void hand_result(struct side *side, int err) {
  must(err == 0 || err == SIPWS_ERR_TEXT || err == SIPWS_ERR_TOO_BIG ||
       err == SIPWS_ERR_NOMEM);
  side->has_failed |= err != 0;
  side_after(side, err);
  must((sipws_conn_wants(side->conn) & SIPWS_WANT_FEED) == 0); /* not yet */
}

static void hand_first(struct side *side, const struct line *line,
                       int is_stream) {
  int err;
  must(sipws_conn_take_header(side->conn, "a", 1, "b", 1) == SIPWS_ERR_STATE);
  must(sipws_conn_take_end(side->conn, side->now) == SIPWS_ERR_STATE);
  err = sipws_conn_take_request(side->conn, line->text, line->len, line->rest,
                                line->rest_len, is_stream);
  if (err == 0 && is_stream) {
    side->reader.part = READER_FRAMES; /* all that is written */
  }
  hand_result(side, err);
}

static void hand_header(struct side *side, const struct line *line) {
  int err = sipws_conn_take_header(side->conn, line->text, line->len,
                                   line->rest, line->rest_len);
  if (err != SIPWS_ERR_STATE) { /* the first line was refused */
    hand_result(side, err);
  }
}

static void hand_end(struct side *side) {
  int err = sipws_conn_take_end(side->conn, side->now);
  must(err != SIPWS_ERR_TOO_BIG); /* the lines left room */
  side_after(side, err);
  if (err == SIPWS_ERR_NOMEM) { /* or STATE: the first line was refused */
    side_give_up(side);
  }
}

/* ---- fed ---- */

static void feed_line(struct side *side, const struct line *line,
                      const char *mark, const char *end, uint32_t *cuts) {
  char text[4096]; /* longer ones are refused */
  int len = snprintf(text, sizeof text, "%.*s%s%.*s%s", (int)line->len,
                     line->text, mark, (int)line->rest_len, line->rest, end);
  side_feed(side, (const uint8_t *)text,
            (size_t)len < sizeof text ? (size_t)len : sizeof text - 1, cuts);
}

void handed_request(struct side *side, struct fuzz_input *input, int is_stream,
                    uint32_t *cuts) {
  struct line line = line_read(input, ' ');
  if (cuts == NULL) {
    hand_first(side, &line, is_stream);
  } else {
    feed_line(side, &line, " ", " HTTP/1.1\r\n", cuts);
  }
  for (line = line_read(input, ':'); line.len + line.rest_len > 0;
       line = line_read(input, ':')) {
    if (cuts == NULL) {
      hand_header(side, &line);
    } else {
      feed_line(side, &line, ": ", "\r\n", cuts);
    }
  }
  if (cuts == NULL) {
    hand_end(side);
  } else {
    feed_line(side, &line, "", "\r\n", cuts);
  }
}
