/* Who ua is: the names that all its flows have in common. */
#ifndef EXAMPLES_UA_IDENTITY_H
#define EXAMPLES_UA_IDENTITY_H

#include <sipws/sip.h>

struct ua_identity {
  const char *aor; /* address of record: a sip or sips URI */
  const char *username;
  const char *password;                  /* NULL: challenges are not answered */
  char user[128];                        /* the user part of |aor| */
  char registrar[256];                   /* Request-URI of every REGISTER */
  char contact[256];                     /* our URI */
  char host[SIPWS_RANDOM_HOST_LEN + 1];  /* its host, and our Vias' sent-by */
  char instance[SIPWS_INSTANCE_LEN + 1]; /* a URN (RFC 5626 section 4.1) */
};

/* Draws the random names. |username| NULL: the user part of |aor|. |state| is
 * the file that keeps the instance from run to run, made when it is missing;
 * NULL: a new one for this run. 0, or -1 with a message on stderr. */
int ua_identity_init(struct ua_identity *who, const char *aor,
                     const char *username, const char *password,
                     const char *state);

#endif /* EXAMPLES_UA_IDENTITY_H */
