/* What lies between two sides of fuzz_pair: octets under way, in order, in
 * pieces and as late as the input says; by memory calls or transport hooks. */
#ifndef SIPWS_FUZZ_WIRE_H
#define SIPWS_FUZZ_WIRE_H

#include "side.h"

enum wire_fault {
  WIRE_FINE,
  WIRE_LOST,    /* the hook tells so */
  WIRE_UNKNOWN, /* it returns a number that it may not */
  WIRE_NONE,    /* 0 octets, and no reason */
  WIRE_TOO_MANY /* more octets than there were */
};

/* One way. */
struct wire {
  size_t len;
  size_t send_share; /* what the send hook takes until it would block */
  size_t recv_share;
  int send_fault; /* of the hook's next call */
  int recv_fault;
  int has_ended; /* no octet will follow */
  uint8_t data[1u << 16];
};

/* An end of two wires: |context| of a side. */
struct wire_end {
  struct wire *in;
  struct wire *out;
};

/* Output of |side| is to go out there, however it is taken. */
void wire_attach(struct side *side, struct wire_end *end);

/* Moves up to |share| octets out of, and into, |side|, by memory calls or
 * hooks. Tells whether any moved. */
int wire_write(struct side *side, size_t share, int by_hooks);
int wire_read(struct side *side, size_t share, int by_hooks);

#endif /* SIPWS_FUZZ_WIRE_H */
