/* uri: SIP URIs read and compared. What writing them needs beside
 * <sipws/sip.h>. */
#ifndef SIPWS_URI_H
#define SIPWS_URI_H

#include <sipws/sip.h>

/* 1 when it can stand in front of an "@", password apart. */
int sipws__uri_is_user(const char *text, sipws_span user);

/* 0 for well-formed ";name=value" pairs, no name twice, and not too many of
 * them with the |others| that stand beside; or SIPWS_ERR_SYNTAX. */
int sipws__uri_check_params(const char *text, sipws_span params, int others);

/* 1 when there is a parameter of that name, a C string; |value| is what it has,
 * or empty. */
int sipws__uri_find_param(const char *text, sipws_span params, const char *name,
                          sipws_span *value);

#endif /* SIPWS_URI_H */
