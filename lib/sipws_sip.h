/* sip: SIP text outlined. What the rooms above need beside <sipws/sip.h>. */
#ifndef SIPWS_SIP_ROOM_H
#define SIPWS_SIP_ROOM_H

#include <sipws/sip.h>

/* The longest text that an offset of a view can address. */
#define SIPWS__SIP_MAX 0x7fffffffu

/* sipws_sip_parse into a |view| not yet set, and of no use after an error.
 * |may_be_sips|, unless NULL: 0 when sipws_sip_is_sips is. */
int sipws__sip_outline(const char *msg, size_t len, sipws_sip_view *view,
                       int *may_be_sips);

/* A header line with the folded lines that continue it (RFC 3261 section
 * 7.3.1). The empty line reads as one without a name, and has no |value|. */
struct sipws__sip_field {
  const char *name;
  size_t name_len;
  const char *value; /* behind its colon */
  const char *next;  /* the line behind it */
};

/* Reads the one at |start|. 0 or SIPWS_ERR_SYNTAX. */
int sipws__sip_read_field(const char *start, const char *stop,
                          struct sipws__sip_field *field);

/* Its value, without the white space around it. */
sipws_span sipws__sip_field_value(const char *msg,
                                  const struct sipws__sip_field *field);

/* Makes a compact |*name| the long one. */
void sipws__sip_expand(const char **name, size_t *len);

/* 1 when both name the same header, each in compact or long form. */
int sipws__sip_is_name(const char *name, size_t name_len, const char *other,
                       size_t other_len);

/* A piece of a text to be written. */
struct sipws__sip_piece {
  const char *text;
  size_t len;
};

/* Writes |count| pieces one after the other, as the writers of <sipws/sip.h>
 * do; SIPWS_ERR_TOO_BIG past 2^31 - 1 octets. */
int sipws__sip_write(const struct sipws__sip_piece *pieces, size_t count,
                     char *out, size_t out_size, size_t *out_len);

/* Replaces |cut| octets of |msg| at |off| by |count| pieces. |out| may be
 * |msg|; the pieces must not lie in |out|. */
int sipws__sip_splice(const char *msg, size_t len, size_t off, size_t cut,
                      const struct sipws__sip_piece *pieces, size_t count,
                      char *out, size_t out_size, size_t *out_len);

/* The first position from |pos| on that holds no white space or line break
 * (LWS, RFC 3261 section 25.1), at most |end|. */
uint32_t sipws__sip_skip_space(const char *text, uint32_t pos, uint32_t end);

struct sipws__sip_param {
  sipws_span name;
  sipws_span value; /* as written, with quotes; empty: it has none */
};

/* Reads "name[=value]" and the white space behind it from |pos| on, at most to
 * |end|. 0 or SIPWS_ERR_SYNTAX. */
int sipws__sip_read_param(const char *text, uint32_t *pos, uint32_t end,
                          struct sipws__sip_param *param);

/* Passes the value of a parameter at |*pos|: a quoted string, or whatever comes
 * up to white space, a quote or one of ,;<>. 0 or SIPWS_ERR_SYNTAX. */
int sipws__sip_read_value(const char *text, uint32_t *pos, uint32_t end);

/* Walks a text of ";name=value" pairs; |pos| is params->off at first. 0,
 * SIPWS_ERR_NOT_FOUND at the end, or SIPWS_ERR_SYNTAX. */
int sipws__sip_next_param(const char *text, sipws_span params, uint32_t *pos,
                          struct sipws__sip_param *param);

/* 0 when all of |params| can be walked, else SIPWS_ERR_SYNTAX. */
int sipws__sip_check_params(const char *text, sipws_span params);

/* |value| of a parameter without its quotes. */
sipws_span sipws__sip_unquote(const char *text, sipws_span value);

#endif /* SIPWS_SIP_ROOM_H */
