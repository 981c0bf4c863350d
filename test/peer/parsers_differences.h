/* Where a peer reads a shape in another way than we do: what it reads, and why
 * we do not. Sections are those of RFC 3261 where no other RFC is named. */
#ifndef SIPWS_PEER_PARSERS_DIFFERENCES_H
#define SIPWS_PEER_PARSERS_DIFFERENCES_H

#define BY_OSIP (1 << OSIP)
#define BY_SOFIA (1 << SOFIA)
#define BY_BOTH (BY_OSIP | BY_SOFIA)

/* What a peer makes of the message as a whole, where we do the opposite. */
#define REFUSED "refused"
#define TAKEN "taken"

struct difference {
  int peers;
  int part;
  const char *shape;
  const char *theirs;
  const char *why;
};

#define STRICT_LINE "RFC 4475 3.1.2.9, 3.1.2.10: both ways are fine"
#define CODES "7.2: three digits, and 21 knows 1xx to 6xx"
#define NO_PORT "25.1 with RFC 3986 3.2.3: such a port cannot be dialled"
#define NO_URI "19.1.1: no URI; we tell so, the message is read"
#define IPV6 "RFC 5118 4.2: IPv6 stands in brackets, and is checked there"
#define LATER                                                                  \
  "a bad header field is the caller's to judge (8.2), not the message"
#define AS_TEXT "it keeps the text and leaves the number to its caller"
#define NO_LENGTH                                                              \
  "RFC 4475 3.1.2.3: no number; the body is what the transport brought (18.3)"
#define ONE_LENGTH "7.3.1: a header without list stands once; same is no harm"
#define TOO_LONG "18.3: told by the verdict, for a 400 or to be dropped"

static const struct difference differences[] = {
    /* start lines */
    {BY_BOTH, PART_START, "two spaces", TAKEN, STRICT_LINE},
    {BY_SOFIA, PART_START, "space at the end", TAKEN, STRICT_LINE},
    {BY_SOFIA, PART_START, "space in front", TAKEN, STRICT_LINE},
    {BY_BOTH, PART_START, "version 7", TAKEN,
     "7.1: SIP/2.0 alone is SIP to us; a 505 is for who knows others"},
    {BY_SOFIA, PART_START, "odd method", REFUSED,
     "its methods have no + and `, which are token characters (25.1)"},
    {BY_BOTH, PART_START, "status 099", TAKEN, CODES},
    {BY_BOTH, PART_START, "status 700", TAKEN, CODES},
    {BY_BOTH, PART_START, "status of four digits", TAKEN, CODES},
    {BY_OSIP, PART_START, "status overlarge", TAKEN, CODES},
    {BY_OSIP, PART_START, "status of letters", TAKEN, CODES},
    {BY_OSIP, PART_START, "uri empty password", REFUSED,
     "25.1: a password may be empty"},
    {BY_OSIP, PART_START, "uri escapes",
     "INVITE sip: bob c@d - example.com - -",
     "it undoes escapes; ours stay, so that b%40c can be told from b@c"},
    {BY_SOFIA, PART_START, "uri escapes",
     "INVITE sip: bob%20c%40d - example.com - -",
     "it undoes those that stand for unreserved characters"},
    {BY_OSIP, PART_START, "uri in brackets", REFUSED, NO_URI},
    {BY_SOFIA, PART_START, "uri in brackets", "INVITE <sip:", NO_URI},
    {BY_OSIP, PART_START, "uri bare ipv6", "INVITE sip: - - 2001:db8: 1 -",
     IPV6},
    {BY_SOFIA, PART_START, "uri bare ipv6", REFUSED, NO_URI},
    {BY_OSIP, PART_START, "uri broken ipv6", "INVITE sip: - - 2001:db8: 1 -",
     IPV6},
    {BY_SOFIA, PART_START, "uri broken ipv6", REFUSED, NO_URI},
    {BY_BOTH, PART_START, "uri no ipv6", "INVITE sip: bob - 2001:xyz::1 - -",
     IPV6},
    {BY_BOTH, PART_START, "uri port 0", "INVITE sip: bob - example.com 0 -",
     NO_PORT},
    {BY_BOTH, PART_START, "uri port 65536",
     "INVITE sip: bob - example.com 65536 -", NO_PORT},
    {BY_OSIP, PART_START, "uri port of letters",
     "INVITE sip: bob - example.com http -", NO_PORT},
    {BY_SOFIA, PART_START, "uri port of letters", REFUSED, NO_URI},
    {BY_BOTH, PART_START, "uri without host", REFUSED, NO_URI},
    {BY_BOTH, PART_START, "uri without user", "INVITE sip: - - example.com - -",
     "25.1: in front of an @ there is a user"},
    {BY_BOTH, PART_START, "uri param twice",
     "INVITE sip: bob - example.com - -", "19.1.1: no parameter stands twice"},
    {BY_OSIP, PART_START, "uri bad escape",
     "INVITE sip: b\004gob - example.com - -", "25.1: two hexadecimal digits"},
    {BY_SOFIA, PART_START, "uri bad escape", REFUSED, NO_URI},

    /* Via */
    {BY_OSIP, PART_VIA, "tab", REFUSED, "25.1: LWS may be a tab"},
    {BY_SOFIA, PART_VIA, "branch twice", "WS a.invalid - z9hG4bK2 - -",
     "7.3.1 forbids two; we take the first, it the last"},
    {BY_OSIP, PART_VIA, "empty params", REFUSED, LATER},
    {BY_OSIP, PART_VIA, "semicolon at the end",
     "UDP a.example.com - z9hG4bK1 - -", "25.1: a parameter has a name"},
    {BY_OSIP, PART_VIA, "no host", REFUSED, LATER},
    {BY_OSIP, PART_VIA, "no host but params", REFUSED, LATER},
    {BY_OSIP, PART_VIA, "no transport", REFUSED, LATER},
    {BY_OSIP, PART_VIA, "bare ipv6", "WS 2001 db8::9:1 z9hG4bK1 - -", IPV6},
    {BY_BOTH, PART_VIA, "port 0", "WS a.invalid 0 z9hG4bK1 - -", NO_PORT},
    {BY_OSIP, PART_VIA, "port 65536", "WS a.invalid 65536 z9hG4bK1 - -",
     NO_PORT},
    {BY_OSIP, PART_VIA, "port missing", REFUSED, LATER},
    {BY_OSIP, PART_VIA, "open quotes", "WS a.invalid - - - -",
     "25.1: a quoted string ends; else a Via hides in it"},
    {BY_BOTH, PART_VIA, "comment", "UDP a.example.com - z9hG4bK1 - -",
     "RFC 2543 had comments in Via, 20.42 has not"},
    {BY_OSIP, PART_VIA, "words",
     "UDP a.example.com b.example.com - z9hG4bK1 - -",
     "25.1: a host has no space"},

    /* From */
    {BY_OSIP, PART_FROM, "open quotes", REFUSED, LATER},
    {BY_OSIP, PART_FROM, "spaces in brackets", REFUSED, LATER},
    {BY_SOFIA, PART_FROM, "spaces in brackets", "  sip: 1928",
     "RFC 4475 3.1.2.14: no URI"},
    {BY_OSIP, PART_FROM, "comma in a name", REFUSED, LATER},
    {BY_OSIP, PART_FROM, "open bracket", REFUSED, LATER},
    {BY_OSIP, PART_FROM, "no scheme", REFUSED, LATER},
    {BY_SOFIA, PART_FROM, "no scheme", "?: 1928",
     "25.1: a URI begins with its scheme"},

    /* Contact */
    {BY_OSIP, PART_CONTACT, "empty params", REFUSED, LATER},
    {BY_OSIP, PART_CONTACT, "no brackets but headers",
     "sip: alice - 192.0.2.1 - -", "20: a URI with a ? stands in brackets"},
    {BY_OSIP, PART_CONTACT, "spaces in brackets", REFUSED, LATER},
    {BY_SOFIA, PART_CONTACT, "spaces in brackets",
     " sip:", "RFC 4475 3.1.2.14: no URI"},

    /* CSeq */
    {BY_OSIP, PART_CSEQ, "zeros", "0004711 INVITE", AS_TEXT},
    {BY_SOFIA, PART_CSEQ, "odd method", "-",
     "its methods have no + and `, which are token characters (25.1)"},
    {BY_BOTH, PART_CSEQ, "2^31", "2147483648 INVITE",
     "8.1.1.5: less than 2^31"},
    {BY_OSIP, PART_CSEQ, "2^32 + 1", "4294967297 INVITE", AS_TEXT},
    {BY_OSIP, PART_CSEQ, "2^64 + 1", "18446744073709551617 INVITE", AS_TEXT},
    {BY_OSIP, PART_CSEQ, "negative", "-1 INVITE", AS_TEXT},
    {BY_OSIP, PART_CSEQ, "letters behind the number", "1a INVITE", AS_TEXT},
    {BY_OSIP, PART_CSEQ, "no number", REFUSED, LATER},
    {BY_OSIP, PART_CSEQ, "no method", REFUSED, LATER},
    {BY_OSIP, PART_CSEQ, "words", "1 INVITE OPTIONS",
     "25.1: the method is one token"},
    {BY_SOFIA, PART_CSEQ, "words", "1 INVITE", "25.1: nothing follows it"},

    /* Content-Length */
    {BY_OSIP, PART_LENGTH, "none", "20 body 20",
     "it writes in what was not there"},
    {BY_OSIP, PART_LENGTH, "no value", "20 body 20", NO_LENGTH},
    {BY_OSIP, PART_LENGTH, "zeros", "00020 body 20", AS_TEXT},
    {BY_OSIP, PART_LENGTH, "twice the same", REFUSED, ONE_LENGTH},
    {BY_OSIP, PART_LENGTH, "twice, in conflict", REFUSED, LATER},
    {BY_SOFIA, PART_LENGTH, "twice, in conflict", "5 body 5",
     "RFC 4475 3.3.9: which of them is right nobody knows; it takes the first"},
    {BY_OSIP, PART_LENGTH, "twice, the other way", REFUSED, LATER},
    {BY_SOFIA, PART_LENGTH, "twice, the other way", "20 body 20",
     "RFC 4475 3.3.9: likewise"},
    {BY_OSIP, PART_LENGTH, "greater", REFUSED, TOO_LONG},
    {BY_SOFIA, PART_LENGTH, "greater", "21 body 0", TOO_LONG},
    {BY_OSIP, PART_LENGTH, "far greater", REFUSED, TOO_LONG},
    {BY_SOFIA, PART_LENGTH, "far greater", "9999 body 0", TOO_LONG},
    {BY_OSIP, PART_LENGTH, "2^32 + 20", "4294967316 body 20",
     "it reads 32 bits of the number, and finds 20"},
    {BY_OSIP, PART_LENGTH, "2^64 + 20", "18446744073709551636 body 0",
     NO_LENGTH},
    {BY_OSIP, PART_LENGTH, "negative", "-999 body 0", NO_LENGTH},
    {BY_OSIP, PART_LENGTH, "signed", "+20 body 20", NO_LENGTH},
    {BY_OSIP, PART_LENGTH, "letters", "five body 0", NO_LENGTH},
    {BY_OSIP, PART_LENGTH, "letters behind", "20x body 20", NO_LENGTH},
    {BY_OSIP, PART_LENGTH, "two numbers", "20 20 body 20", NO_LENGTH},

    /* lines that are none */
    {BY_BOTH, PART_ROUTE, "space in the name", TAKEN,
     "7.3.1: a line without token and colon is no header field; who takes it "
     "may see another message than we do"},
    {BY_SOFIA, PART_ROUTE, "no colon", TAKEN, "7.3.1: likewise"},
    {BY_SOFIA, PART_ROUTE, "no name", TAKEN, "7.3.1: likewise"},
};

#endif /* SIPWS_PEER_PARSERS_DIFFERENCES_H */
