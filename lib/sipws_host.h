/* host: hosts, ports and addresses as text, what Via, URI and URL share. */
#ifndef SIPWS_HOST_H
#define SIPWS_HOST_H

#include <sipws/sip.h>

/* Octets that an address takes as text: eight groups of four, seven colons. */
#define SIPWS__ADDRESS_MAX 39

/* 1 for ASCII letters and digits. */
int sipws__host_is_alnum(char c);

/* The value of a hexadecimal digit, or -1. */
int sipws__host_hex(char c);

/* Reads a host at |*pos|, at most to |end|: a name, an IPv4 address, or an IPv6
 * address in brackets. 0 or SIPWS_ERR_SYNTAX. */
int sipws__host_read(const char *text, uint32_t *pos, uint32_t end,
                     sipws_span *host);

/* Reads the digits of a port, 1 to 65535, at |*pos|. 0 or SIPWS_ERR_SYNTAX. */
int sipws__host_read_port(const char *text, uint32_t *pos, uint32_t end,
                          uint32_t *port);

/* Reads a host and, if a colon follows at once, a port; else |*port| stays. */
int sipws__host_read_with_port(const char *text, uint32_t *pos, uint32_t end,
                               sipws_span *host, uint32_t *port);

/* The address that |host| is, with or without brackets: returns 4 or 16, or 0
 * when it is a name. */
size_t sipws__host_address(const char *text, sipws_span host, uint8_t addr[16]);

/* Octets ahead of an IPv4 address mapped into IPv6. */
#define SIPWS__MAPPED_PREFIX 12

/* 1 when the 16 octets at |addr| are such a one: a socket for both families
 * shows an IPv4 peer so. */
int sipws__host_is_mapped(const uint8_t *addr);

/* Writes an address of 4 or 16 octets, IPv6 by RFC 5952 without brackets, an
 * IPv4 address mapped into IPv6 as IPv4; returns how many octets. */
size_t sipws__host_write_address(const uint8_t *addr, size_t addr_len,
                                 char out[SIPWS__ADDRESS_MAX]);

/* The sipws_transport of that name, in any case. */
uint32_t sipws__host_transport(const char *text, sipws_span name);

#endif /* SIPWS_HOST_H */
