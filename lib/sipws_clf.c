#include "sipws_clf.h"

#include "sipws_host.h"
#include "sipws_sip.h"
#include "sipws_text.h"

#include <string.h>

#define CLF_ADDRESS_MAX (SIPWS__ADDRESS_MAX + 8) /* brackets, colon, port */

/* The mandatory fields, in the order of RFC 6873 section 4.1. */
enum clf_field {
  CLF_CSEQ,
  CLF_STATUS,
  CLF_REQUEST_URI,
  CLF_DESTINATION,
  CLF_SOURCE,
  CLF_TO,
  CLF_TO_TAG,
  CLF_FROM,
  CLF_FROM_TAG,
  CLF_CALL_ID,
  CLF_SERVER_TXN,
  CLF_CLIENT_TXN,
  CLF_FIELDS
};

/* ------------------------------------------------------ mandatory fields -- */

struct clf_text {
  const char *text;
  size_t len;
};

/* All that goes into a record. */
struct clf_record {
  struct clf_text fields[CLF_FIELDS]; /* of CSeq, the method */
  char cseq[11];                      /* its number and a space, … */
  size_t cseq_len;                    /* … or nothing */
  char status[10];
  char peer[CLF_ADDRESS_MAX];
  char local[CLF_ADDRESS_MAX];
};

static void clf_set_text(struct clf_record *record, enum clf_field field,
                         const char *text, size_t len) {
  record->fields[field].text = text;
  record->fields[field].len = len;
}

/* RFC 6873 section 4.3: what is not there, what failed to parse, and what only
 * looks like these. |err| is that of the look-up. */
static void clf_set(struct clf_record *record, enum clf_field field, int err,
                    const char *text, size_t len) {
  if (err == SIPWS_ERR_NOT_FOUND) {
    clf_set_text(record, field, "-", 1);
  } else if (err != 0 || len == 0 || !sipws__clf_is_plain(text, len)) {
    clf_set_text(record, field, "?", 1);
  } else if (len == 1 && (*text == '-' || *text == '?')) {
    clf_set_text(record, field, *text == '-' ? "%2D" : "%3F", 3);
  } else {
    clf_set_text(record, field, text, len);
  }
}

static void clf_set_span(struct clf_record *record, enum clf_field field,
                         int err, const char *msg, sipws_span span) {
  clf_set(record, field, err, msg + span.off, span.len);
}

/* Sets the URI of |name| to |field|, its tag to the next one. */
static void clf_set_addr(struct clf_record *record, enum clf_field field,
                         const char *msg, size_t len,
                         const sipws_sip_view *view, const char *name) {
  sipws_name_addr addr;
  sipws_span value;
  sipws_span tag = {0, 0};
  int err = sipws_sip_header(msg, len, view, name, strlen(name), 0, &value);
  memset(&addr, 0, sizeof addr);
  addr.struct_size = sizeof addr;
  if (err == 0) {
    err = sipws_name_addr_parse(msg, &value, &addr);
  }
  clf_set_span(record, field, err, msg, addr.uri);
  if (err == 0) {
    err = sipws_param(msg, &addr.params, "tag", 3, &tag);
  }
  clf_set_span(record, (enum clf_field)(field + 1), err, msg, tag);
}

static void clf_set_cseq(struct clf_record *record, const char *msg, size_t len,
                         const sipws_sip_view *view) {
  sipws_span method;
  uint32_t number;
  int err = sipws_sip_cseq(msg, len, view, &number, &method);
  record->cseq_len = 0;
  if (err != 0) {
    clf_set(record, CLF_CSEQ, err, NULL, 0);
    return;
  }
  record->cseq_len = sipws__text_digits(number, record->cseq);
  record->cseq[record->cseq_len++] = ' ';
  clf_set_text(record, CLF_CSEQ, msg + method.off, method.len);
}

/* Sets "address:port", IPv6 in brackets. */
static void clf_set_end(struct clf_record *record, enum clf_field field,
                        const uint8_t *addr, size_t addr_len, uint32_t port,
                        char out[CLF_ADDRESS_MAX]) {
  size_t len = 0;
  if (addr_len > 0) {
    len = sipws__host_write_address(addr, addr_len, out);
    if (memchr(out, ':', len) != NULL) {
      memmove(out + 1, out, len++);
      out[0] = '[';
      out[len++] = ']';
    }
    out[len++] = ':';
    len += sipws__text_digits(port, out + len);
  }
  clf_set(record, field, addr_len > 0 ? 0 : SIPWS_ERR_NOT_FOUND, out, len);
}

/* Sets an id of the caller's, else, if |is_ours|, the branch of the top Via. */
static void clf_set_txn(struct clf_record *record, enum clf_field field,
                        const char *id, size_t id_len, int is_ours,
                        const char *msg, size_t len) {
  sipws_via via;
  int err = SIPWS_ERR_NOT_FOUND;
  if (id_len > 0) {
    clf_set(record, field, 0, id, id_len);
    return;
  }
  memset(&via, 0, sizeof via);
  via.struct_size = sizeof via;
  if (is_ours) {
    err = sipws_via_at(msg, len, 0, &via);
    if (err == 0 && via.branch.len == 0) {
      err = SIPWS_ERR_NOT_FOUND;
    }
  }
  clf_set_span(record, field, err, msg, via.branch);
}

static void clf_read(const char *msg, size_t len, const sipws_sip_view *view,
                     const sipws_clf_facts *facts, struct clf_record *record) {
  /* RFC 6872 section 8.2: a request received, a response sent */
  int is_server = (facts->is_sent != 0) != (view->is_request != 0);
  sipws_span value = {0, 0};
  int err;
  clf_set_cseq(record, msg, len, view);
  clf_set(record, CLF_STATUS, view->is_request ? SIPWS_ERR_NOT_FOUND : 0,
          record->status, sipws__text_digits(view->status, record->status));
  clf_set_span(record, CLF_REQUEST_URI,
               view->is_request ? 0 : SIPWS_ERR_NOT_FOUND, msg, view->uri);
  clf_set_end(record, facts->is_sent ? CLF_DESTINATION : CLF_SOURCE,
              facts->peer, facts->peer_len, facts->peer_port, record->peer);
  clf_set_end(record, facts->is_sent ? CLF_SOURCE : CLF_DESTINATION,
              facts->local, facts->local_len, facts->local_port, record->local);
  clf_set_addr(record, CLF_TO, msg, len, view, "To");
  clf_set_addr(record, CLF_FROM, msg, len, view, "From");
  err = sipws_sip_header(msg, len, view, "Call-ID", 7, 0, &value);
  clf_set_span(record, CLF_CALL_ID, err, msg, value);
  clf_set_txn(record, CLF_SERVER_TXN, facts->server_txn, facts->server_txn_len,
              is_server, msg, len);
  clf_set_txn(record, CLF_CLIENT_TXN, facts->client_txn, facts->client_txn_len,
              !is_server, msg, len);
}

/* ---------------------------------------------------------------- record -- */

static int clf_is_end(uint32_t addr_len, uint32_t port) {
  return (addr_len == 0 || addr_len == 4 || addr_len == 16) && port <= 65535;
}

static int clf_are_facts(const sipws_clf_facts *facts) {
  return facts != NULL && facts->struct_size == sizeof *facts &&
         facts->time_ms <= UINT64_C(9999999999999) &&
         facts->transmission <= SIPWS_CLF_STATELESS &&
         facts->transport >= SIPWS_TRANSPORT_UDP &&
         facts->transport <= SIPWS_TRANSPORT_WSS &&
         clf_is_end(facts->peer_len, facts->peer_port) &&
         clf_is_end(facts->local_len, facts->local_port) &&
         (facts->server_txn != NULL || facts->server_txn_len == 0) &&
         (facts->client_txn != NULL || facts->client_txn_len == 0);
}

/* Writes what has a fixed place. */
static void clf_write_head(const sipws_clf_facts *facts, uint32_t is_request,
                           size_t len, char *out) {
  /* by sipws_transport; RFC 7355 section 4: W for both, told apart by U, E */
  static const char transports[6][3] = {"", "UU", "TU", "TE", "WU", "WE"};
  out[0] = 'A';
  sipws__clf_number(len, 16, 6, out + SIPWS__CLF_LENGTH_AT);
  out[7] = ',';
  out[60] = '\n';
  sipws__clf_number(facts->time_ms / 1000, 10, 10, out + 61);
  out[71] = '.';
  sipws__clf_number(facts->time_ms % 1000, 10, 3, out + 72);
  out[75] = '\t';
  out[76] = is_request ? 'R' : 'r';
  out[77] = "ODS"[facts->transmission];
  out[78] = facts->is_sent ? 'S' : 'R';
  memcpy(out + 79, transports[facts->transport], 2);
}

/* Writes the fields and their pointers, or measures; returns the record's
 * length. The limit of a field keeps all pointers within four digits. */
static size_t clf_put_fields(const struct clf_record *record, char *out) {
  struct sipws__clf_writer writer = {NULL, SIPWS__CLF_FIELDS_AT, 0};
  size_t i;
  writer.out = out;
  for (i = 0; i < CLF_FIELDS; i++) {
    const struct clf_text *field = &record->fields[i];
    if (out != NULL) {
      out[writer.len] = '\t';
      sipws__clf_number(writer.len + 1, 16, 4,
                        out + SIPWS__CLF_POINTERS_AT + 4 * i);
    }
    writer.len++;
    writer.end = writer.len + SIPWS_CLF_FIELD_MAX;
    if (i == CLF_CSEQ) {
      sipws__clf_put(&writer, record->cseq, record->cseq_len, SIPWS__CLF_FOLD);
    }
    sipws__clf_put(&writer, field->text, field->len, SIPWS__CLF_FOLD);
  }
  if (out != NULL) {
    out[writer.len] = '\n';
    sipws__clf_number(writer.len, 16, 4,
                      out + SIPWS__CLF_POINTERS_AT + 4 * CLF_FIELDS);
  }
  return writer.len + 1;
}

int sipws_clf_write(const char *msg, size_t len, const sipws_clf_facts *facts,
                    char *out, size_t out_size, size_t *out_len) {
  struct clf_record record;
  sipws_sip_view view;
  size_t need;
  int err;
  if (!clf_are_facts(facts) || (out == NULL && out_size > 0) ||
      out_len == NULL) {
    return SIPWS_ERR_INVALID;
  }
  err = sipws__sip_outline(msg, len, &view, NULL);
  if (err != 0) {
    return err;
  }
  clf_read(msg, len, &view, facts, &record);
  need = clf_put_fields(&record, NULL);
  *out_len = need;
  if (out == NULL || out_size < need) {
    return SIPWS_ERR_BUFFER;
  }
  clf_write_head(facts, view.is_request, need, out);
  (void)clf_put_fields(&record, out);
  return 0;
}
